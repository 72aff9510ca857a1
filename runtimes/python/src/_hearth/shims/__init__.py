"""Stand-ins for what a WebAssembly sandbox does not have. The README beside the sources says why each of them is there."""

from _hearth.shims import anyio, event_loop, hashing, local_time, sockets, threads, tls


def install():
    """Puts whole modules in place, before anybody imports them."""
    tls.install()


def patch():
    """Replaces parts of modules that are imported by now, and arranges for those that users bring."""
    threads.patch()
    event_loop.patch()
    hashing.patch()
    sockets.patch()
    local_time.patch()
    anyio.arrange()
