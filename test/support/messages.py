"""Messages for tests, as bytes with CRLF lines."""

import base64
import io
import random
import zipfile
import zlib

# In two parts, so that this file is no virus.
EICAR = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*").encode()

_WORDS = ("time year people way day man thing woman life child world school state family "
          "student "
          "group country problem hand part place case week company system program question work "
          "Grüße naïve café Zoë 東京 résumé").split()


def message(subject="A test", sender="sender@example.org", to="rcpt@example.net",
            body=b"Hello,\r\n\r\nthis is a test.\r\n", extra=()):
    """A small message; `extra` are whole header lines."""
    identity = zlib.crc32(repr((subject, sender, to, body)).encode())
    lines = [f"From: Sender <{sender}>", f"To: <{to}>", f"Subject: {subject}",
             "Date: Sun, 22 Nov 2026 10:00:00 +0000", f"Message-ID: <{identity}@example.org>",
             *extra]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def attachment(name, content, subject="With attachment", **options):
    """A multipart message that carries `content` in base64."""
    encoded = base64.encodebytes(content).replace(b"\n", b"\r\n")
    body = (b"--=_b\r\nContent-Type: text/plain\r\n\r\nSee the attachment.\r\n--=_b\r\n"
            b"Content-Type: application/octet-stream; name=" + name.encode() + b"\r\n"
            b"Content-Transfer-Encoding: base64\r\n"
            b"Content-Disposition: attachment; filename=" + name.encode() + b"\r\n\r\n"
            + encoded + b"--=_b--\r\n")
    extra = ["MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="=_b"']
    return message(subject, body=body, extra=extra, **options)


def eicar_plain(**options):
    return message("Plain", body=EICAR + b"\r\n", **options)


def eicar_attached(**options):
    return attachment("eicar.com", EICAR, **options)


def eicar_zipped(**options):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eicar.com", EICAR.decode())
    return attachment("eicar.zip", packed.getvalue(), **options)


def ordinary(count, sender="sender@example.org", seed=1):
    """`count` different messages of the kinds that people and programs send."""
    source = random.Random(seed)
    kinds = (_text, _long_lines, _eight_bit, _multipart, _dots, _folded, _attached, _empty)
    return [kinds[number % len(kinds)](source, number, sender) for number in range(count)]


def _words(source, least, most):
    return " ".join(source.choice(_WORDS) for _ in range(source.randint(least, most)))


def _lines(source, count):
    return "".join(_words(source, 0, 12) + "\r\n" for _ in range(count)).encode()


def _ascii(source, least, most):
    return _words(source, least, most).encode("ascii", "ignore").decode()


def _head(source, number, sender, *extra):
    lines = [f"From: {_ascii(source, 1, 2)} <{sender}>", f"To: rcpt{number}@example.net",
             f"Subject: {_ascii(source, 1, 9)}", f"Message-ID: <ordinary.{number}@example.org>",
             "Date: Sun, 22 Nov 2026 10:00:00 +0000", *extra]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def _text(source, number, sender):
    return _head(source, number, sender) + _lines(source, source.randint(1, 60))


def _long_lines(source, number, sender):
    return _head(source, number, sender) + b"x" * 900 + b"\r\n" + b" trailing blanks  \t\r\n" * 3


def _eight_bit(source, number, sender):
    return _head(source, number, sender, "MIME-Version: 1.0",
                 "Content-Type: text/plain; charset=utf-8",
                 "Content-Transfer-Encoding: 8bit") + _lines(source, 20)


def _multipart(source, number, sender):
    boundary = f"=_{number}"
    parts = b"".join(
        f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n".encode()
        + _lines(source, 10) for kind in ("plain", "html"))
    return _head(source, number, sender, "MIME-Version: 1.0",
                 f'Content-Type: multipart/alternative;\r\n\tboundary="{boundary}"'
                 ) + b"preamble\r\n" + parts + f"--{boundary}--\r\n".encode() + b"end\r\n\r\n\r\n"


def _dots(source, number, sender):
    return _head(source, number, sender) + b".\r\n..\r\n.text\r\n" + _lines(source, 3) + b"...\r\n"


def _folded(source, number, sender):
    return _head(source, number, sender, "X-Folded: one\r\n two\r\n\tthree", "X-Empty:",
                 "x-CASE:no space", "X-Blanks:   three before, two after  ",
                 "List-Id: a list\r\n <list.example.org>") + _lines(source, 5)


def _attached(source, number, sender):
    return attachment(f"file{number}.bin", source.randbytes(source.randint(1, 50000)),
                      f"File {number}", sender=sender, to=f"rcpt{number}@example.net")


def _empty(source, number, sender):
    return _head(source, number, sender)
