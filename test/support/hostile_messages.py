"""Messages that are meant to break who verifies them: {name: bytes}."""

_BH = "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
_B = "A" * 342 + "=="
_FROM = b"From: a@hostile.test\r\n"
_BODY = b"\r\nbody\r\n"


def signature(selector="s1", **tags):
    """A DKIM-Signature field; a tag given as None is left out."""
    values = {"v": "1", "a": "rsa-sha256", "c": "relaxed/relaxed", "d": "hostile.test",
              "s": selector, "h": "from", "bh": _BH, "b": _B, **tags}
    text = "; ".join(f"{tag.rstrip('_')}={value}" for tag, value in values.items()
                     if value is not None)
    return b"DKIM-Signature: " + text.encode("latin-1") + b"\r\n"


def _signed(**tags):
    return signature(**tags) + _FROM + _BODY


_ALGORITHMS = {"short-ed25519": "ed25519-sha256", "long-ed25519": "ed25519-sha256",
               "no-point-ed25519": "ed25519-sha256"}


def with_key(selector):
    return _signed(selector=selector, a=_ALGORITHMS.get(selector, "rsa-sha256"))


SIGNATURES = {
    "query that nobody knows": {"q": "foo"},
    "query list": {"q": "foo:bar:dns/txt:" + "x" * 5000},
    "identity ends in an open escape": {"i": "="},
    "identity ends in half an escape": {"i": "a=H"},
    "identity with half an escape and a domain": {"i": "x=4@hostile.test="},
    "identity of 300 bytes": {"i": "x" * 300 + "@hostile.test"},
    "identity of 300 bytes without a domain": {"i": "x" * 300},
    "64 KiB of b": {"b": "A" * 65536},
    "64 KiB of bh": {"bh": "A" * 65536},
    "64 KiB of d": {"d": "a." * 32768 + "test"},
    "64 KiB of s": {"s": "a" * 65536},
    "64 KiB of z": {"z": "From:a|" * 9000},
    "64 KiB of h": {"h": "from:" + "x:" * 32768 + "y"},
    "h names From 1,000 times": {"h": ":".join(["from"] * 1000)},
    "h with 10,000 colons": {"h": "from" + ":" * 10000},
    "h with nothing but blanks": {"h": "   "},
    "l of 20 digits": {"l": "18446744073709551615"},
    "l over 64 bits": {"l": "99999999999999999999"},
    "negative l": {"l": "-1"},
    "t overflows": {"t": "18446744073709551615"},
    "t over 64 bits": {"t": "184467440737095516150"},
    "x overflows": {"x": "18446744073709551615"},
    "x before t": {"t": "2000000000", "x": "1"},
    "t of zero": {"t": "0"},
    "no v": {"v": None},
    "v of 2": {"v": "2"},
    "algorithm that nobody knows": {"a": "rsa-md5"},
    "algorithm and hash swapped": {"a": "sha256-rsa"},
    "no d": {"d": None},
    "empty d": {"d": ""},
    "d is a dot": {"d": "."},
    "d with an at sign": {"d": "a@hostile.test"},
    "8-bit d": {"d": "b\xfccher.test"},
    "no b": {"b": None},
    "empty b": {"b": ""},
    "b is no base64": {"b": "!!!!"},
    "canonicalization that nobody knows": {"c": "simple/relaxed/nowsp"},
    "d of 300 labels": {"d": ".".join(["a"] * 300)},
    "selector with dots": {"s": "...."},
    "unknown tags": {f"x{number}": "y" * 100 for number in range(500)},
}

MESSAGES = {name: _signed(**tags) for name, tags in SIGNATURES.items()}
MESSAGES |= {
    "1,000 signatures": b"".join(signature(selector=f"s{n}") for n in range(1000)) + _FROM + _BODY,
    "300 signatures of 300 domains": b"".join(
        signature(selector="s", d=f"d{n}.hostile.test") for n in range(300)) + _FROM + _BODY,
    "1,000 malformed signatures": b"DKIM-Signature: ;=;\r\n" * 1000 + _FROM + _BODY,
    "an empty signature": b"DKIM-Signature:\r\n" + _FROM + _BODY,
    "a signature of blanks": b"DKIM-Signature:  \t \r\n" + _FROM + _BODY,
    "a signature of colons": b"DKIM-Signature: " + b":" * 10000 + b"\r\n" + _FROM + _BODY,
    "a signature of semicolons": b"DKIM-Signature: " + b";" * 60000 + b"\r\n" + _FROM + _BODY,
    "every byte folded": b"DKIM-Signature:" + b"\r\n ".join(
        bytes([byte]) for byte in signature()[15:-2] if byte != 32) + b"\r\n" + _FROM + _BODY,
    "double tags": signature()[:-2] + b"; d=other.test; b=AAAA\r\n" + _FROM + _BODY,
    "NUL in the signature": signature(d="hos\0tile.test") + _FROM + _BODY,
    "NUL in the header": signature() + _FROM + b"X-\0: a\0b\r\nX: \0\r\n" + _BODY,
    "NUL in the body": signature() + _FROM + b"\r\n\0\0\0body\0\r\n",
    "bare CR and LF in the body": signature() + _FROM + b"\r\na\rb\nc\r\r\n\n\rd\r",
    "bare CR in the header": signature() + _FROM + b"X: a\rb\r\n" + _BODY,
    "no header at all": _BODY,
    "no header and no body": b"\r\n",
    "no From": signature() + b"Subject: x\r\n" + _BODY,
    "only a signature": signature() + _BODY,
    "two Froms": signature() + _FROM * 2 + _BODY,
    "8-bit header names": signature() + b"\xfc\xe4: x\r\n" + _FROM + _BODY,
    "header names with blanks": signature() + b"X Y: x\r\nFrom : b@hostile.test\r\n" + _FROM + _BODY,
    "blanks in the name of the signature": b"DKIM-Signature " + signature()[14:] + _FROM + _BODY,
    "an empty header name": signature() + b": x\r\n" + _FROM + _BODY,
    "1,900 fields of a name": signature(h="from:x") + b"X: y\r\n" * 1900 + _FROM + _BODY,
    "10,000 colons": signature() + b":" * 10000 + b"\r\n" + _FROM + _BODY,
    # libopendkim writes beyond its list of fields then.
    **{f"h names all of {count} fields and more": signature(
        h="from:" + "x:" * (count - 2) + "dkim-signature:y:z") + _FROM + b"X: y\r\n" * (count - 2)
       + _BODY for count in range(2, 30)},
    "8-bit From": signature() + b"From: \xff\xfe <\x80@hostile.test>\r\n" + _BODY,
    "From with 1,000 comments": signature() + b"From: " + b"(" * 1000 + b")" * 1000
    + b" a@hostile.test\r\n" + _BODY,
    "From with 20,000 open comments": signature() + b"From: " + b"(" * 20000 + b"\r\n" + _BODY,
    "From with 5,000 addresses": signature() + b"From: " + b"a@hostile.test," * 5000 + b"\r\n" + _BODY,
    "1 MiB of empty lines": signature() + _FROM + b"\r\n" + b"\r\n" * 524288,
    "1 MiB line": signature() + _FROM + b"\r\n" + b"x" * 1048576 + b"\r\n",
    "1 MiB of blanks": signature() + _FROM + b"\r\n" + b" " * 1048576 + b"\r\n",
    "1 MiB of lines of blanks": signature(c="simple/simple") + _FROM + b"\r\n" + b" \r\n" * 349525,
}
