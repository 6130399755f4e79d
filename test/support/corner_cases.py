"""Messages made up of what canonicalization can get wrong (RFC 6376 section 3.4), the same ones in
every run.
"""

import random
from dataclasses import dataclass

_NAMES = ("To", "Cc", "Date", "Message-ID", "MIME-Version", "Content-Type", "Received", "X-Other",
          "References", "Reply-To", "LIST-ID", "subject", "Sender", "In-Reply-To", "X-\x7e!#$%&'*+")
_BLANKS = ("", " ", "  ", "\t", " \t ", "\r\n ", "\r\n\t\t", " \r\n \t", "\t\r\n  ")
_WORDS = ("a", "Hello", "x;y", "=?utf-8?Q?=C3=A4?=", "1.5", "(c)", '"q"', "h=From:To", "b=", ":",
          "Grüße", "東京", "=20", ".", "..", "<a@b.example>")
_LINE_ENDS = ("", " ", "\t", " \t \t", "   ")


@dataclass(frozen=True)
class CornerCase:
    raw: bytes  # CRLF lines
    recipients: tuple
    # Legal (RFC 5322 section 4.5), but opendkim reads no tab there, dkimpy nothing at all.
    blank_before_colon: str


def corner_cases(count, domain_of, seed=6376):
    """`count` messages; the From of number n is in domain_of(n)."""
    chance = random.Random(seed)
    return [_message(chance, domain_of(number)) for number in range(count)]


def _message(chance, domain):
    fields = [_field(chance, chance.choice(_NAMES)) for _ in range(chance.randint(0, 14))]
    if chance.random() < 0.8:
        fields.append(_field(chance, "Subject"))
    if fields and chance.random() < 0.3:
        fields += chance.choices(fields, k=chance.randint(1, 3))
    recipients = ["rcpt@example.net"]
    if chance.random() < 0.04:
        recipients = [f"rcpt{number}@example.net" for number in range(chance.randint(50, 150))]
        fields.append("To: " + ",\r\n\t".join(recipients))
    fields.append("From:" + chance.choice(_BLANKS) + f"Joe <joe@{domain}>"
                  + chance.choice(_LINE_ENDS))
    blank_before_colon = chance.choice((" ", "  ", "\t")) if chance.random() < 0.03 else ""
    if blank_before_colon:
        fields.append("X-Blank" + blank_before_colon + ": before the colon")
    chance.shuffle(fields)
    raw = "\r\n".join(fields).encode() + b"\r\n\r\n" + _body(chance)
    return CornerCase(raw, tuple(recipients), blank_before_colon)


def _field(chance, name):
    kind = chance.random()
    if kind < 0.08:
        return name + ":" + chance.choice(("", " ", "\t"))
    if kind < 0.12:
        return name + ": " + "long " * chance.randint(150, 400) + "line"
    text = "".join(chance.choice(_BLANKS) + chance.choice(_WORDS)
                   for _ in range(chance.randint(1, 9)))
    return name + ":" + text + chance.choice(_LINE_ENDS)


def _body(chance):
    kind = chance.random()
    if kind < 0.06:
        return b""
    if kind < 0.12:
        return b"\r\n" * chance.randint(1, 4)
    if kind < 0.18:  # nothing but blanks
        return b"".join(chance.choice((b" ", b"\t", b"")) * chance.randint(0, 3) + b"\r\n"
                        for _ in range(chance.randint(1, 5)))
    if kind < 0.22:
        return b"x" * chance.randint(900, 6000) + b"\r\n"
    if kind < 0.26:
        return bytes(chance.choice(b"\x80\xff\x0b\x0c\x7fabc \t") for _ in range(400)) + b"\r\n"
    body = "".join(_line(chance) + "\r\n" for _ in range(chance.randint(1, 10)))
    body += chance.choice(("", " ", "\t ")) + "\r\n" * chance.randint(0, 4)
    return body.encode() if body.endswith("\r\n") else body.encode() + b"\r\n"


def _line(chance):
    blank = ("", " ", "  ", "\t", " \t ")
    return "".join(chance.choice(blank) + chance.choice(_WORDS)
                   for _ in range(chance.randint(0, 7))) + chance.choice(_LINE_ENDS)
