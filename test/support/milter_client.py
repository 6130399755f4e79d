"""The MTA's side of the milter protocol, version 6, as Postfix speaks it. Collects what the milter
answers and applies nothing.
"""

import socket
import struct
from dataclasses import dataclass, field

ALL_ACTIONS = 0x1FF
ALL_PROTOCOL = 0x1FFFFF

SKIP = 0x400
LEADING_SPACE = 0x100000
# The event's letter: "do not send it at all", "I shall not answer it".
_UNWANTED = {b"C": 0x1, b"H": 0x2, b"M": 0x4, b"R": 0x8, b"B": 0x10, b"L": 0x20, b"N": 0x40,
             b"U": 0x100, b"T": 0x200}
_SILENT = {b"L": 0x80, b"C": 0x1000, b"H": 0x2000, b"M": 0x4000, b"R": 0x8000, b"T": 0x10000,
           b"U": 0x20000, b"N": 0x40000, b"B": 0x80000}
_EDITS = b"hmib+2-eq"


@dataclass
class MilterAnswer:
    """The end of one message: the letter that ended it, the SMTP reply if 'y', the edits before."""
    letter: bytes
    reply: str = ""
    edits: list = field(default_factory=list)  # (operation, ...) in the order received
    progress: int = 0

    @property
    def word(self):
        return {b"c": "continue", b"a": "accept", b"r": "reject", b"t": "tempfail",
                b"d": "discard", b"y": "reply"}.get(self.letter, self.letter.decode("latin-1"))

    def headers(self, name):
        """Values that were added or inserted under `name`."""
        return [edit[-1] for edit in self.edits
                if edit[0] in ("add", "insert") and edit[-2].lower() == name.lower()]


class MilterClient:
    """`address` is a unix socket's path or a (host, port) pair."""

    def __init__(self, address, timeout=60):
        family = socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX
        self._socket = socket.socket(family)
        self._socket.settimeout(timeout)
        self._socket.connect(address if isinstance(address, tuple) else str(address))
        self.actions = self.protocol = self.version = 0
        self.macro_lists = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._socket.close()

    def raw(self, data):
        self._socket.sendall(data)

    def packet(self, letter, data=b""):
        self.raw(struct.pack("!I", len(data) + 1) + letter + data)

    def read(self):
        """The next packet: its letter and its data. ConnectionError when the milter has closed."""
        size = struct.unpack("!I", self._exactly(4))[0]
        packet = self._exactly(size)
        return packet[:1], packet[1:]

    def _exactly(self, size):
        data = bytearray()
        while len(data) < size:
            piece = self._socket.recv(size - len(data))
            if not piece:
                raise ConnectionError("the milter closed the connection")
            data += piece
        return bytes(data)

    def negotiate(self, actions=ALL_ACTIONS, protocol=ALL_PROTOCOL, version=6):
        self.packet(b"O", struct.pack("!III", version, actions, protocol))
        letter, data = self.read()
        if letter != b"O":
            raise ConnectionError(f"the milter answered {letter!r} to the negotiation")
        self.version, self.actions, self.protocol = struct.unpack("!III", data[:12])
        rest = data[12:]
        while len(rest) > 4:
            stage = struct.unpack("!I", rest[:4])[0]
            names, _, rest = rest[4:].partition(b"\0")
            self.macro_lists[stage] = names.decode().split()
        return self

    def macros(self, letter, **values):
        """Names of one letter go as they are, longer ones in braces."""
        data = b""
        for name, value in values.items():
            name = name if len(name) == 1 else "{" + name + "}"
            data += _string(name) + _string(value)
        self.packet(b"D", letter + data)

    def event(self, letter, data=b""):
        """Sends an event if it is wanted; the answer as (letter, data), or None if none is due."""
        if self.protocol & _UNWANTED.get(letter, 0):
            return None
        self.packet(letter, data)
        if self.protocol & _SILENT.get(letter, 0):
            return None
        return self.read()

    def connect(self, name="client.test", address="192.0.2.7", port=40000, **macros):
        self.macros(b"C", j="mx.test", daemon_name="smtpd", client_addr=address, client_name=name,
                    **macros)
        return self.event(b"C", _string(name) + b"4" + struct.pack("!H", port) + _string(address))

    def helo(self, name="client.test"):
        return self.event(b"H", _string(name))

    def mail(self, sender="sender@example.org", **macros):
        self.macros(b"M", mail_addr=sender, **macros)
        return self.event(b"M", _string(f"<{sender}>"))

    def rcpt(self, recipient="rcpt@example.net"):
        self.macros(b"R", rcpt_addr=recipient)
        return self.event(b"R", _string(f"<{recipient}>"))

    def data(self, queue_id="4QTEST"):
        self.macros(b"T", i=queue_id)
        return self.event(b"T")

    def header(self, name, value):
        if not self.protocol & LEADING_SPACE and value.startswith(b" "):
            value = value[1:]
        return self.event(b"L", _string(name) + _string(value.replace(b"\r\n", b"\n")))

    def body(self, body):
        skipped = False
        for start in range(0, len(body), 65535):
            if not skipped:
                answer = self.event(b"B", body[start:start + 65535])
                if answer and answer[0] not in b"cs":
                    return answer
                skipped = bool(answer) and answer[0] == b"s"
        return None

    def end_of_message(self, queue_id="4QTEST"):
        self.macros(b"E", i=queue_id)
        self.packet(b"E")
        edits, progress = [], 0
        while True:
            letter, data = self.read()
            if letter == b"p":
                progress += 1
            elif letter in _EDITS:
                edits.append(_edit(letter, data))
            else:
                reply = data.rstrip(b"\0").decode("latin-1")
                return MilterAnswer(letter, reply, edits, progress)

    def abort(self):
        self.packet(b"A")

    def quit(self):
        self.packet(b"Q")
        self.close()

    def message(self, raw, sender="sender@example.org", recipients=("rcpt@example.net",),
                queue_id="4QTEST", mail_macros=None):
        """A whole transaction over CRLF bytes, connect and HELO done before. A refusal on the way
        is the answer."""
        head, body = split_message(raw)
        steps = [lambda: self.mail(sender, **(mail_macros or {}))]
        steps += [lambda to=to: self.rcpt(to) for to in recipients]
        steps += [lambda: self.data(queue_id)]
        steps += [lambda name=name, value=value: self.header(name, value) for name, value in head]
        steps += [lambda: self.event(b"N"), lambda: self.body(body)]
        for step in steps:
            answer = step()
            if answer and answer[0] not in b"cs":
                self.abort()
                return MilterAnswer(answer[0], answer[1].rstrip(b"\0").decode("latin-1"))
        answer = self.end_of_message(queue_id)
        self.abort()
        return answer


def judge(address, raw, client="client.test", client_address="192.0.2.7", **options):
    """What the milter at `address` says to one message on a connection of its own."""
    with MilterClient(address) as milter:
        milter.negotiate()
        for answer in (milter.connect(client, client_address), milter.helo(client)):
            if answer and answer[0] != b"c":
                return MilterAnswer(answer[0], answer[1].rstrip(b"\0").decode("latin-1"))
        answer = milter.message(raw, **options)
        milter.quit()
        return answer


def split_message(raw):
    """[(name, value bytes after the colon, folds kept)], body; for CRLF bytes."""
    if raw.startswith(b"\r\n"):
        return [], raw[2:]
    head, _, body = raw.partition(b"\r\n\r\n")
    fields = []
    for line in head.split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and fields:
            fields[-1][1] += b"\r\n" + line
        else:
            name, _, value = line.partition(b":")
            fields.append([name.decode("latin-1"), value])
    return [tuple(field) for field in fields], body


def _string(text):
    return (text if isinstance(text, bytes) else text.encode("utf-8")) + b"\0"


def _edit(letter, data):
    if letter in b"mi":
        index = struct.unpack("!I", data[:4])[0]
        name, value = data[4:].split(b"\0")[:2]
        return ("insert" if letter == b"i" else "change", index, name.decode("latin-1"), value)
    if letter == b"h":
        name, value = data.split(b"\0")[:2]
        return ("add", name.decode("latin-1"), value)
    if letter == b"b":
        return ("body", data)
    words = {b"+": "add recipient", b"2": "add recipient", b"-": "delete recipient",
             b"e": "sender", b"q": "quarantine"}
    return (words[letter], *[part.decode("latin-1") for part in data.split(b"\0")[:-1]])
