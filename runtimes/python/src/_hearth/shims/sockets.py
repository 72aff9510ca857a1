"""socket: what of the C library does not work in a sandbox.

Names are not resolved there, and neither are addresses that need no resolving. It has no `socketpair`, and what the standard library
does in its place needs a port to listen on, which no guest is given.
"""

import errno
import ipaddress
import socket


def patch():
    socket.getaddrinfo = getaddrinfo
    socket.socketpair = socketpair


def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
    """Addresses, and the names that mean this machine: nothing else can be reached."""
    address = _address(host)
    version = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    if family not in (0, version):
        raise socket.gaierror(socket.EAI_FAMILY, f"{host} is no address of the family that was asked for")
    port = int(port or 0)
    target = (str(address), port, 0, 0) if address.version == 6 else (str(address), port)
    kinds = {socket.SOCK_STREAM: socket.IPPROTO_TCP, socket.SOCK_DGRAM: socket.IPPROTO_UDP}
    return [
        (version, kind, protocol, "", target)
        for kind, protocol in kinds.items()
        if type in (0, kind) and proto in (0, protocol)
    ]


def _address(host):
    if isinstance(host, bytes):
        host = host.decode("ascii")
    if host is None or host == "localhost" or host.endswith(".localhost"):
        return ipaddress.IPv4Address("127.0.0.1")
    try:
        return ipaddress.ip_address(host or "0.0.0.0")
    except ValueError:
        reason = f"the sandbox resolves no names: {host!r} cannot be reached, only Hearth's own endpoint (AWS_ENDPOINT_URL)"
        raise socket.gaierror(socket.EAI_NONAME, reason) from None


def socketpair(family=None, type=socket.SOCK_STREAM, proto=0):
    """Says that there is none."""
    raise OSError(errno.ENOSYS, "the Wasm Python runtime has no socket pairs")
