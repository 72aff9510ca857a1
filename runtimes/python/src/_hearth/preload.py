"""What is imported while the component is made.

Environments begin as a copy of this interpreter's memory. So a module that is imported here costs nothing at a cold start, and one
that is not is read from the files beside the component, which takes milliseconds.

While this runs, nothing may open a socket, resolve a name or write to standard output: the C library keeps what it opened for that
in memory, where it would be found at run time, closed.
"""

import gc
import importlib
import os
import shutil
import sys
import warnings

_STANDARD_LIBRARY = "/python"

#: Not imported: what this system has no use for, tools, and what opens something by being imported.
_LEFT_OUT = (
    "__phello__", "_aix_support", "_android_support", "_apple_support", "_ios_support", "_osx_support", "_pyrepl", "antigravity",
    "asyncio.__main__", "asyncio.tools", "asyncio.unix_events", "asyncio.windows_events", "asyncio.windows_utils", "cProfile",
    "concurrent.futures.interpreter", "concurrent.interpreters", "ctypes",
    "curses", "doctest", "encodings.mbcs", "encodings.oem", "ensurepip", "idlelib",
    "lib2to3", "multiprocessing", "nturl2path", "pdb", "profile", "profiling", "pty", "pydoc", "pydoc_data", "rlcompleter",
    "site-packages", "ssl", "string.templatelib", "tabnanny", "test", "this", "tkinter", "trace", "tty", "turtle", "turtledemo",
    "venv", "webbrowser", "wsgiref", "xmlrpc.server", "zipfile.__main__",
)  # fmt: skip

_BOTO = (
    "boto3.dynamodb.conditions", "boto3.dynamodb.table", "boto3.dynamodb.transform", "boto3.dynamodb.types", "boto3.ec2.createtags",
    "boto3.resources.factory", "boto3.s3.inject", "boto3.s3.transfer", "boto3.session", "botocore.args", "botocore.auth",
    "botocore.client", "botocore.compress", "botocore.config", "botocore.credentials", "botocore.docs", "botocore.endpoint_provider",
    "botocore.exceptions", "botocore.httpchecksum", "botocore.httpsession", "botocore.paginate", "botocore.parsers", "botocore.regions",
    "botocore.retries.adaptive", "botocore.retries.standard", "botocore.serialize", "botocore.signers", "botocore.stub",
    "botocore.waiter", "dateutil.parser", "dateutil.tz", "jmespath", "s3transfer.manager", "urllib3", "zoneinfo",
)  # fmt: skip

#: Services whose models are parsed here: a client of theirs takes a tenth of the time that others take.
_WARM_SERVICES = (
    "dynamodb", "events", "kinesis", "kms", "lambda", "logs", "s3", "scheduler", "secretsmanager", "sns", "sqs", "ssm", "stepfunctions",
    "sts",
)  # fmt: skip


def run():
    """Imports everything, and leaves the memory as an environment should find it."""
    from _hearth import shims

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shims.install()
        _import_standard_library()
        shims.patch()
        _import_boto()
        _import_time_zones()
    _copy_standard_library()
    sys.path_importer_cache.clear()
    # Objects that are never collected are never touched by the collector either, and so their pages stay shared.
    gc.collect()
    gc.freeze()
    gc.disable()
    _fillers.extend(fill_holes())


#: Memory that nobody gets (see `fill_holes`).
_fillers = []

#: Sizes that are tried: no hole that imports leave is larger.
_LARGEST, _SMALLEST = 1 << 20, 2


def fill_holes():
    """Takes the free memory between objects, so that environments get theirs in one piece.

    Imports leave holes everywhere, and whatever an environment put into one would make a page its own: four KiB for an object of thirty
    bytes. So all that is free below the end of the heap is taken, from large to small, each size until what comes lies beyond.
    """
    taken = []
    end = id(bytes(_LARGEST))
    size = _LARGEST
    while size >= _SMALLEST:
        filler = bytes(size)
        if id(filler) < end:
            taken.append(filler)
        else:
            size = size * 7 // 8 if size > 512 else size - 8
    # What is smaller than the smallest text.
    while id(filler := object()) < end:
        taken.append(filler)
    return taken


def standard_library():
    """The modules of the standard library that are to be imported, in the order of their names."""
    names = []
    for folder, folders, files in os.walk(_STANDARD_LIBRARY):
        package = os.path.relpath(folder, _STANDARD_LIBRARY).replace("/", ".").removeprefix(".")
        folders[:] = [name for name in folders if name.isidentifier() and name != "__pycache__"]
        for file in files:
            stem, extension = os.path.splitext(file)
            if extension == ".py" and stem.isidentifier():
                names.append(_join(package, stem))
    names = {name.removesuffix(".__init__") for name in names}
    return sorted(name for name in names if not _is_left_out(name))


def _join(package, name):
    return f"{package}.{name}" if package else name


def _is_left_out(name):
    parts = name.split(".")
    if parts[-1] == "__main__":
        return True
    return any(".".join(parts[:end]) in _LEFT_OUT for end in range(1, len(parts) + 1))


def _import_standard_library():
    for name in standard_library():
        try:
            importlib.import_module(name)
        except ImportError:
            # It needs something that WebAssembly has not, and says so to whoever imports it at run time too.
            continue


def _copy_standard_library():
    """Puts the files of the standard library where the build finds them: at run time they lie beside the component, for what was not
    imported, and for the lines in stack traces. The folder with this module is the build's own."""
    copy = os.path.join(os.path.dirname(__file__), "standard-library")
    if os.path.isdir(_STANDARD_LIBRARY):
        shutil.copytree(_STANDARD_LIBRARY, copy, ignore=shutil.ignore_patterns("__pycache__", "*.a", "*.so", "test", "tests"))


def _import_boto():
    import socket

    # urllib3 finds out whether there is IPv6 by opening a socket.
    socket.has_ipv6 = False
    for name in _BOTO:
        importlib.import_module(name)
    _share_models()
    import boto3.session

    session = boto3.session.Session("x", "x", region_name="us-east-1")
    for service in _WARM_SERVICES:
        session.client(service)
    session.resource("s3")
    session.resource("dynamodb")


def _import_time_zones():
    """Imports the packages in which `zoneinfo` looks for zones; the zones themselves are files."""
    import tzdata

    folder = os.path.dirname(tzdata.__file__)
    for inner, _folders, files in os.walk(folder):
        if "__init__.py" in files:
            importlib.import_module(os.path.relpath(inner, os.path.dirname(folder)).replace("/", "."))


def _share_models():
    """Makes botocore's sessions share what they have read of service models, as long as they read it from the same folder."""
    from botocore import loaders, session

    shared = loaders.create_loader()

    def register(self):
        def loader():
            elsewhere = self.get_config_variable("data_path")
            return loaders.create_loader(elsewhere) if elsewhere else shared

        self._components.lazy_register_component("data_loader", loader)

    session.Session._register_data_loader = register
