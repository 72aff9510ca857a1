"""The module that handlers find as `ssl` (see `tls`)."""

import base64
import calendar
import collections
import enum
import os
import socket
import time

OPENSSL_VERSION = "OpenSSL 3.0.0 (a stand-in: there is no TLS in this runtime)"
OPENSSL_VERSION_INFO = (3, 0, 0, 0, 0)
OPENSSL_VERSION_NUMBER = 0x30000000

# Libraries ask for these to find out how to configure a context, and refuse to be imported with less.
HAS_SNI = HAS_ALPN = HAS_ECDH = HAS_TLSv1_2 = HAS_TLSv1_3 = HAS_NEVER_CHECK_COMMON_NAME = True
HAS_NPN = HAS_SSLv2 = HAS_SSLv3 = HAS_TLSv1 = HAS_TLSv1_1 = HAS_PSK = HAS_PHA = False
CHANNEL_BINDING_TYPES = []


class _SSLMethod(enum.IntEnum):
    PROTOCOL_TLS = PROTOCOL_SSLv23 = 2
    PROTOCOL_TLSv1 = 3
    PROTOCOL_TLSv1_1 = 4
    PROTOCOL_TLSv1_2 = 5
    PROTOCOL_TLS_CLIENT = 16
    PROTOCOL_TLS_SERVER = 17


class Options(enum.IntFlag):
    OP_ALL = 0x80000050
    OP_NO_SSLv2 = 0
    OP_NO_SSLv3 = 0x02000000
    OP_NO_TLSv1 = 0x04000000
    OP_NO_TLSv1_1 = 0x10000000
    OP_NO_TLSv1_2 = 0x08000000
    OP_NO_TLSv1_3 = 0x20000000
    OP_NO_COMPRESSION = 0x00020000
    OP_NO_TICKET = 0x00004000
    OP_NO_RENEGOTIATION = 0x40000000
    OP_SINGLE_DH_USE = 0
    OP_SINGLE_ECDH_USE = 0
    OP_CIPHER_SERVER_PREFERENCE = 0x00400000
    OP_ENABLE_MIDDLEBOX_COMPAT = 0x00100000
    OP_IGNORE_UNEXPECTED_EOF = 0x80
    OP_LEGACY_SERVER_CONNECT = 4


class VerifyMode(enum.IntEnum):
    CERT_NONE = 0
    CERT_OPTIONAL = 1
    CERT_REQUIRED = 2


class VerifyFlags(enum.IntFlag):
    VERIFY_DEFAULT = 0
    VERIFY_CRL_CHECK_LEAF = 4
    VERIFY_CRL_CHECK_CHAIN = 12
    VERIFY_X509_STRICT = 0x20
    VERIFY_X509_TRUSTED_FIRST = 0x8000
    VERIFY_X509_PARTIAL_CHAIN = 0x80000


class TLSVersion(enum.IntEnum):
    MINIMUM_SUPPORTED = -2
    SSLv3 = 768
    TLSv1 = 769
    TLSv1_1 = 770
    TLSv1_2 = 771
    TLSv1_3 = 772
    MAXIMUM_SUPPORTED = -1


class SSLErrorNumber(enum.IntEnum):
    SSL_ERROR_SSL = 1
    SSL_ERROR_WANT_READ = 2
    SSL_ERROR_WANT_WRITE = 3
    SSL_ERROR_WANT_X509_LOOKUP = 4
    SSL_ERROR_SYSCALL = 5
    SSL_ERROR_ZERO_RETURN = 6
    SSL_ERROR_WANT_CONNECT = 7
    SSL_ERROR_EOF = 8


for _kind in (_SSLMethod, Options, VerifyMode, VerifyFlags, SSLErrorNumber):
    globals().update(_kind.__members__)


class SSLError(OSError):
    """What goes wrong with TLS; here, that there is none."""

    library = reason = None


class SSLZeroReturnError(SSLError):
    pass


class SSLWantReadError(SSLError):
    pass


class SSLWantWriteError(SSLError):
    pass


class SSLSyscallError(SSLError):
    pass


class SSLEOFError(SSLError):
    pass


class SSLCertVerificationError(SSLError, ValueError):
    pass


CertificateError = SSLCertVerificationError
socket_error = OSError


class Purpose(enum.Enum):
    SERVER_AUTH = "1.3.6.1.5.5.7.3.1"
    CLIENT_AUTH = "1.3.6.1.5.5.7.3.2"


def _refuse(*_arguments, **_options):
    raise SSLError(
        SSLErrorNumber.SSL_ERROR_SSL,
        "there is no TLS in the Wasm Python runtime: use an http:// address (AWS_ENDPOINT_URL is one)",
    )


def _accept(*_arguments, **_options):
    return None


class SSLContext:
    """Can be configured in all ways, and connects nobody."""

    def __init__(self, protocol=_SSLMethod.PROTOCOL_TLS, *_arguments, **_options):
        is_client = protocol == _SSLMethod.PROTOCOL_TLS_CLIENT
        self.protocol = protocol
        self.options = Options(0)
        self.verify_mode = VerifyMode.CERT_REQUIRED if is_client else VerifyMode.CERT_NONE
        self.verify_flags = VerifyFlags(0)
        self.check_hostname = is_client
        self.hostname_checks_common_name = False
        self.minimum_version = TLSVersion.TLSv1_2
        self.maximum_version = TLSVersion.MAXIMUM_SUPPORTED
        self.post_handshake_auth = False
        self.keylog_filename = None
        self.sni_callback = None

    load_cert_chain = load_default_certs = load_dh_params = load_verify_locations = set_default_verify_paths = _accept
    set_alpn_protocols = set_ciphers = set_ecdh_curve = set_servername_callback = _accept
    wrap_bio = wrap_socket = _refuse

    def cert_store_stats(self):
        return {"x509": 0, "crl": 0, "x509_ca": 0}

    def get_ca_certs(self, binary_form=False):
        return []

    def get_ciphers(self):
        return []

    def session_stats(self):
        return {}


class SSLSocket(socket.socket):
    """Never made; there to be asked for with `isinstance`."""


class SSLObject:
    """Never made; there to be asked for with `isinstance`."""


class SSLSession:
    """Never made; there to be asked for with `isinstance`."""


class MemoryBIO:
    """A buffer, as libraries make one before they ask for TLS on top of it."""

    def __init__(self):
        self._content = bytearray()
        self._ended = False

    @property
    def pending(self):
        return len(self._content)

    @property
    def eof(self):
        return self._ended and not self._content

    def read(self, n=-1):
        end = len(self._content) if n < 0 else n
        part = bytes(self._content[:end])
        del self._content[:end]
        return part

    def write(self, content):
        self._content += content
        return len(content)

    def write_eof(self):
        self._ended = True


def create_default_context(purpose=Purpose.SERVER_AUTH, **_options):
    is_client = purpose is Purpose.SERVER_AUTH
    return SSLContext(_SSLMethod.PROTOCOL_TLS_CLIENT if is_client else _SSLMethod.PROTOCOL_TLS_SERVER)


def _create_unverified_context(*_arguments, **_options):
    context = SSLContext(_SSLMethod.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = VerifyMode.CERT_NONE
    return context


_create_default_https_context = create_default_context
_create_stdlib_context = _create_unverified_context
get_server_certificate = wrap_socket = _refuse


def RAND_bytes(n):
    return os.urandom(n)


def RAND_status():
    return True


RAND_add = _accept

DefaultVerifyPaths = collections.namedtuple(
    "DefaultVerifyPaths", "cafile capath openssl_cafile_env openssl_cafile openssl_capath_env openssl_capath"
)


def get_default_verify_paths():
    return DefaultVerifyPaths(None, None, "SSL_CERT_FILE", "", "SSL_CERT_DIR", "")


def cert_time_to_seconds(cert_time):
    return calendar.timegm(time.strptime(cert_time, "%b %d %H:%M:%S %Y GMT"))


_PEM_HEADER, _PEM_FOOTER = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def DER_cert_to_PEM_cert(der_cert_bytes):
    return f"{_PEM_HEADER}\n{base64.encodebytes(der_cert_bytes).decode()}{_PEM_FOOTER}\n"


def PEM_cert_to_DER_cert(pem_cert_string):
    text = pem_cert_string.strip()
    if not (text.startswith(_PEM_HEADER) and text.endswith(_PEM_FOOTER)):
        raise ValueError(f"Invalid PEM encoding: must start with {_PEM_HEADER} and end with {_PEM_FOOTER}")
    return base64.decodebytes(text[len(_PEM_HEADER) : -len(_PEM_FOOTER)].encode("ascii", "strict"))
