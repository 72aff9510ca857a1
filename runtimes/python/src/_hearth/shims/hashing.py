"""hashlib: CPython takes `pbkdf2_hmac` from OpenSSL, which is not there."""

import hashlib
import hmac


def patch():
    if not hasattr(hashlib, "pbkdf2_hmac"):
        hashlib.pbkdf2_hmac = pbkdf2_hmac


def pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None):
    """PBKDF2 as RFC 8018 has it."""
    keyed = hmac.new(password, None, hash_name)
    size = keyed.digest_size
    length = size if dklen is None else dklen
    if iterations < 1 or length < 1:
        raise ValueError("iterations and key length must be greater than 0.")

    def digest(message):
        copy = keyed.copy()
        copy.update(message)
        return copy.digest()

    blocks = []
    for number in range(1, -(-length // size) + 1):
        last = digest(salt + number.to_bytes(4, "big"))
        block = int.from_bytes(last, "big")
        for _ in range(iterations - 1):
            last = digest(last)
            block ^= int.from_bytes(last, "big")
        blocks.append(block.to_bytes(size, "big"))
    return b"".join(blocks)[:length]
