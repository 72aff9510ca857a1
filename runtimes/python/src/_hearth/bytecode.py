"""Bytecode of the user's code, made once at deployment, so that cold starts parse nothing."""

import importlib._bootstrap_external as _files
import importlib.util


def compile_source(path, source):
    """The content of a `.pyc` file for the source at `path`; None if it does not compile.

    Such a file is not checked against its source when it is loaded: neither of the two changes after deployment.
    """
    try:
        code = compile(source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None
    return bytes(_files._code_to_hash_pyc(code, importlib.util.source_hash(source), checked=False))
