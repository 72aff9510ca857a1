"""socket: what of the C library does not work in a sandbox.

It asks the sandbox to resolve even addresses that need no resolving, and has no `socketpair`, in whose place the standard library
needs a port to listen on, which no guest is given. And what the sandbox refuses, it says in two words.
"""

import errno
import ipaddress
import socket

_resolve = socket.getaddrinfo
_connect = socket.socket.connect


def patch():
    socket.getaddrinfo = getaddrinfo
    socket.gethostbyname = gethostbyname
    socket.gethostbyname_ex = gethostbyname_ex
    socket.socketpair = socketpair
    socket.socket.connect = connect


def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):
    """Addresses, and the names that mean this machine, without asking anybody; other names if the manifest opens them."""
    address = _address(host)
    if address is None:
        try:
            return _resolve(host, port, family, type, proto, flags)
        except OSError as error:
            code = error.errno if isinstance(error, socket.gaierror) else socket.EAI_NONAME
            raise socket.gaierror(code, _no_such_name(_text(host), port)) from None
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


def gethostbyname(hostname):
    """The first of a name's addresses."""
    return gethostbyname_ex(hostname)[2][0]


def gethostbyname_ex(hostname):
    """All of a name's addresses; it has no other names."""
    found = getaddrinfo(hostname, None, socket.AF_INET, socket.SOCK_STREAM)
    return hostname, [], [target[0] for *_kind, target in found]


def connect(self, address):
    """As before, with words for a refusal."""
    try:
        return _connect(self, address)
    except PermissionError as error:
        raise PermissionError(error.errno, _closed(*address[:2])) from None


def socketpair(family=None, type=socket.SOCK_STREAM, proto=0):
    """Says that there is none."""
    raise OSError(errno.ENOSYS, "the Wasm Python runtime has no socket pairs")


def _address(host):
    """The address that a host is; None if it is a name."""
    host = _text(host)
    if host is None or host == "localhost" or host.endswith(".localhost"):
        return ipaddress.IPv4Address("127.0.0.1")
    try:
        return ipaddress.ip_address(host or "0.0.0.0")
    except ValueError:
        return None


def _text(host):
    return host.decode("ascii") if isinstance(host, bytes) else host


def _no_such_name(name, port):
    return f"the name {name!r} is not known, or not open to functions: {_how_to_open(name, port)}"


def _closed(host, port):
    place = f"[{host}]" if ":" in str(host) else host
    return f"functions may not connect to {place}:{port}: {_how_to_open(place, port)}"


def _how_to_open(host, port):
    endpoint = "Hearth's own endpoint (AWS_ENDPOINT_URL)"
    if str(port) in ("443", "https"):
        # Opened, it would only fail at the next step.
        return f"and there is no TLS in the Wasm Python runtime; they reach {endpoint}, or a proxy on this machine that speaks TLS"
    return f'they reach {endpoint}, and what hearth.toml opens at its top, such as network = ["{host}:{port or "*"}"]'
