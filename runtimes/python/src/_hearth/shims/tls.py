"""ssl: CPython takes TLS from OpenSSL, which is not there, and a great many modules import `ssl` whether they need it or not.

This puts a module in its place that has the names, whose contexts can be made and configured, and that says what is missing when
somebody wants to connect.
"""

import importlib
import sys


def install():
    module = importlib.import_module("_hearth.shims.ssl")
    module.__name__ = "ssl"
    module.__spec__.name = "ssl"
    sys.modules["ssl"] = module
