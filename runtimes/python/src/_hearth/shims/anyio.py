"""anyio, which users bring (Starlette is made of it): its worker threads are not `threading`'s, but managed by a queue that would
never be served. Its function for running something in a thread runs it at once instead."""

import importlib.abc
import importlib.machinery
import sys

_MODULE = "anyio.to_thread"


def arrange():
    """Patches the module as soon as somebody has imported it."""
    sys.meta_path.insert(0, _Finder())


def patch(module):
    async def run_sync(func, *args, abandon_on_cancel=False, cancellable=None, limiter=None):
        return func(*args)

    module.run_sync = run_sync


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != _MODULE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(importlib.abc.Loader):
    def __init__(self, loader):
        self._loader = loader

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        self._loader.exec_module(module)
        patch(module)
