"""Key records that no honest domain publishes, and a signature that one of them would let anybody
make."""

import base64
import hashlib
import random

_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
_RSA = bytes.fromhex("300d06092a864886f70d0101010500")


def _der(tag, content):
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def _integer(value):
    return _der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def rsa_record(modulus, exponent):
    """Nobody asks here whether the modulus is a product of two primes."""
    key = _der(0x30, _integer(modulus) + _integer(exponent))
    info = _der(0x30, _RSA + _der(3, b"\0" + key))
    return f"v=DKIM1; k=rsa; p={base64.b64encode(info).decode()}"


def odd_number(bits):
    return random.Random(bits).getrandbits(bits) | (1 << (bits - 1)) | 1


def forge(domain, selector, modulus):
    """A message from `domain` whose signature verifies with the exponent 1: it is the padded hash."""
    body = b"anybody could have sent this\r\n"
    field = (f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s={selector}; h=from; "
             f"bh={base64.b64encode(hashlib.sha256(body).digest()).decode()}; b=")
    signed = f"from:a@{domain}\r\ndkim-signature:{field}".encode()
    hashed = _SHA256_INFO + hashlib.sha256(signed).digest()
    size = (modulus.bit_length() + 7) // 8
    padded = b"\0\1" + b"\xff" * (size - 3 - len(hashed)) + b"\0" + hashed
    return (f"DKIM-Signature: {field}{base64.b64encode(padded).decode()}\r\n"
            f"From: a@{domain}\r\n\r\n").encode() + body


_MODULUS = odd_number(2048)

# Selector: the TXT records found there.
RECORDS = {
    "large": ["v=DKIM1; n=" + "x" * 60000 + "; p=AAAA"],
    "many": [f"v=DKIM1; p=AAAA{number}" for number in range(30)],
    "two": [rsa_record(_MODULUS, 65537), rsa_record(odd_number(2047), 65537)],
    "garbage": ["\x01\x02;;;;====v=DKIM2 p"],
    "empty": [""],
    "no-base64": ["v=DKIM1; p=!!!not*base64!!!"],
    "no-key": ["v=DKIM1; p=" + base64.b64encode(b"this is no key at all").decode()],
    "half-key": ["v=DKIM1; p=" + rsa_record(_MODULUS, 65537).split("p=")[1][:100]],
    "huge-rsa": [rsa_record(odd_number(16384), 65537)],
    "huge-exponent": [rsa_record(_MODULUS, odd_number(2040))],
    "exponent-1": [rsa_record(_MODULUS, 1)],
    "exponent-2": [rsa_record(_MODULUS, 2)],
    "even-modulus": [rsa_record(_MODULUS - 1, 65537)],
    "tiny-rsa": [rsa_record(odd_number(64), 3)],
    "zero-rsa": [rsa_record(0, 0)],
    "short-ed25519": ["v=DKIM1; k=ed25519; p=" + base64.b64encode(b"x" * 31).decode()],
    "long-ed25519": ["v=DKIM1; k=ed25519; p=" + base64.b64encode(b"x" * 33).decode()],
    "no-point-ed25519": ["v=DKIM1; k=ed25519; p=" + base64.b64encode(b"\xff" * 32).decode()],
    "double-tags": ["v=DKIM1; v=DKIM1; p=AAAA; p=BBBB"],
    "wrong-kind": ["v=DKIM1; k=dsa; p=AAAA"],
    "open-escape": ["v=DKIM1; n=abc=; p=AAAA"],
}
FORGED = forge("hostile.test", "exponent-1", _MODULUS)
