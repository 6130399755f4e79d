"""Small messages with RSA-2048 signatures of several domains, and the DNS records to check them."""

import random
from dataclasses import dataclass
from pathlib import Path

from support.keys import make_key
from support.milter_client import MilterClient
from support.milterd import Milterd, stage

_WORDS = "time year people way day man thing woman life child world school state family group".split()


@dataclass(frozen=True)
class SignedMail:
    messages: list  # CRLF bytes, each with one signature
    unsigned: list
    records: dict   # name: [TXT]
    key: object     # of every domain


def make(directory, count, domains=20, size=4096):
    """Signs with milterd itself. opendkim verifies the same messages, so a mistake would show."""
    directory = Path(directory)
    key = make_key(directory, "s1")
    names = [f"d{number}.example" for number in range(domains)]
    unsigned = [_message(number, names[number % domains], size) for number in range(count)]
    signer = Milterd(directory / "signer", stage(
        "dkim", mode=["sign"], domain=names, selector="s1", key_file=key.path,
        internal_hosts=["192.0.2.7"]), log={"level": "warn"})
    signer.start()
    try:
        signed = [_sign(signer.socket_path, message, names[number % domains])
                  for number, message in enumerate(unsigned)]
    finally:
        signer.stop()
    records = {f"s1._domainkey.{name}": [key.record] for name in names}
    return SignedMail(signed, unsigned, records, key)


def _sign(address, message, domain):
    with MilterClient(address) as milter:
        milter.negotiate()
        milter.connect()
        milter.helo()
        answer = milter.message(message, sender=f"sender@{domain}")
        value = answer.headers("DKIM-Signature")[0]
        milter.quit()
    value = value.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return b"DKIM-Signature:" + (b"" if value.startswith(b" ") else b" ") + value + b"\r\n" + message


def _message(number, domain, size):
    source = random.Random(number)
    head = (f"Received: from a.{domain} (a.{domain} [192.0.2.9])\r\n"
            f"\tby b.{domain} (Postfix) with ESMTPS id 4QBENCH{number}\r\n"
            "\tfor <rcpt@example.net>; Sun, 22 Nov 2026 10:00:00 +0000 (UTC)\r\n"
            f"From: Sender <sender@{domain}>\r\nTo: Recipient <rcpt@example.net>\r\n"
            f"Subject: Message {number} of the benchmark\r\n"
            "Date: Sun, 22 Nov 2026 10:00:00 +0000\r\n"
            f"Message-ID: <{number}.bench@{domain}>\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n"
            "User-Agent: bench\r\n\r\n")
    body = ""
    while len(head) + len(body) < size:
        body += " ".join(source.choices(_WORDS, k=12)) + "\r\n"
    return (head + body).encode()
