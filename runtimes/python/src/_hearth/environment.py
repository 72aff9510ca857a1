"""What makes a fresh copy of the interpreter this environment's: done once, before the handler is imported."""

import gc
import importlib
import os
import random
import sys

from _hearth import logs

#: Where code is looked for, in Lambda's order: the function's, that of layers, the runtime's own.
_TASK = "/var/task"
_LAYERS = ("/opt/python/lib/python3.14/site-packages", "/opt/python")

#: Where bytecode lies that was compiled at deployment.
_BYTECODE = "/var/bytecode"

#: They belong together: who brings one brings those that fit.
_BOTO = frozenset({"boto3", "botocore", "s3transfer"})

_kept = frozenset()


def keep_modules(names):
    """Modules that no file of the user's hides, because Lambda's own runtime has imported them too before it looks."""
    global _kept
    _kept = frozenset(names)


def enter():
    """Makes files, streams, randomness and logs those of this environment."""
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True, write_through=True)
    sys.stderr.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True, write_through=True)
    # All environments have the same memory at first, and must not throw the same dice.
    random.seed()
    _find_modules()
    logs.set_up()
    _set_time_zone()
    # What was there before is not looked through ever again (see `preload`).
    gc.enable()


def _find_modules():
    own = sys.path[:]
    ahead = [_TASK, *os.environ.get("PYTHONPATH", "").split(":"), *_LAYERS]
    sys.path[:] = [path for path in ahead if path] + own
    sys.path_importer_cache.clear()
    sys.pycache_prefix = _BYTECODE
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    if os.path.isdir(_TASK):
        os.chdir(_TASK)
    forget_hidden(_provided(sys.path[: -len(own)] if own else sys.path))


def _provided(folders):
    """Names of the modules and packages that are in these folders."""
    names = set()
    for folder in folders:
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            name, dot, extension = entry.name.partition(".")
            if not dot and name in sys.modules:
                # A folder without this file is no package that would hide another one.
                if os.path.exists(f"{folder}/{name}/__init__.py"):
                    names.add(name)
            elif extension in ("py", "pyc"):
                names.add(name)
    return names


def forget_hidden(provided):
    """Forgets preloaded modules in whose place the user's are to be imported."""
    if not provided.isdisjoint(_BOTO):
        provided = provided | _BOTO
    hidden = {name for name in provided if name in sys.modules and name not in _kept}
    if not hidden:
        return
    for name in list(sys.modules):
        if name.partition(".")[0] in hidden:
            del sys.modules[name]


def _set_time_zone():
    # Not at the top: what is imported there, no file of the user's hides.
    from _hearth.shims import local_time

    if not local_time.tzset():
        print(f"HEARTH: TZ is {os.environ['TZ']!r}, which is no time zone: local time is UTC", file=sys.stderr)
