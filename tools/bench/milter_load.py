"""Mail through a milter, as Postfix sends it over connections that it keeps.

The bytes of a message are put together once, before the clock runs: what is measured is the milter.
"""

import struct
import threading
import time
from dataclasses import dataclass

from support.milter_client import MilterClient, split_message

# What may be answered with silence, and what need not be sent, by the negotiated flags.
_UNWANTED = {b"L": 0x20, b"N": 0x40, b"B": 0x10, b"T": 0x200}
_SILENT = {b"L": 0x80, b"M": 0x4000, b"R": 0x8000, b"T": 0x10000, b"N": 0x40000, b"B": 0x80000}
_LEADING_SPACE = 0x100000
_EDITS = b"hmib+2-eqp"
PIECE = 65535


@dataclass
class Load:
    """What came of it."""
    messages: int
    seconds: float
    latencies: list  # seconds from the end of each message to its answer
    wrong: list      # answers that `check` did not like, at most ten


class Connection(MilterClient):
    def __init__(self, address, client_address):
        super().__init__(address)
        self.negotiate()
        self.connect("client.test", client_address)
        self.helo("client.test")

    def steps(self, message, sender):
        """[(bytes, whether an answer is due)] up to the end of the message."""
        head, body = split_message(message)
        steps, pending = [], b""
        events = [(b"M", f"<{sender}>".encode() + b"\0"), (b"R", b"<rcpt@example.net>\0"),
                  (b"T", b"")]
        events += [(b"L", name.encode("latin-1") + b"\0" + self._value(value) + b"\0")
                   for name, value in head]
        events += [(b"N", b"")]
        events += [(b"B", body[at:at + PIECE]) for at in range(0, len(body), PIECE)]
        for letter, data in events:
            if self.protocol & _UNWANTED.get(letter, 0):
                continue
            pending += self._macros(letter) + _packet(letter, data)
            if not self.protocol & _SILENT.get(letter, 0):
                steps.append((pending, True))
                pending = b""
        steps.append((pending + self._macros(b"E") + _packet(b"E", b""), False))
        return steps

    def _value(self, value):
        if not self.protocol & _LEADING_SPACE and value.startswith(b" "):
            value = value[1:]
        return value.replace(b"\r\n", b"\n")

    @staticmethod
    def _macros(letter):
        values = {b"M": b"{mail_addr}\0sender@example.org\0", b"R": b"{rcpt_addr}\0rcpt@example.net\0",
                  b"T": b"i\x004QBENCH\0", b"E": b"i\x004QBENCH\0"}.get(letter)
        return _packet(b"D", letter + values) if values else b""

    def run(self, steps):
        """(the last letter, [(edit letter, data)], seconds of the end)."""
        for data, answer_due in steps[:-1]:
            self.raw(data)
            if answer_due:
                letter, _ = self.read()
                if letter not in b"cs":
                    return letter, [], 0.0
        start = time.monotonic()
        self.raw(steps[-1][0])
        edits = []
        while True:
            letter, data = self.read()
            if letter not in _EDITS:
                seconds = time.monotonic() - start
                self.raw(_packet(b"A", b""))
                return letter, edits, seconds
            edits.append((letter, data))


def _packet(letter, data):
    return struct.pack("!I", len(data) + 1) + letter + data


def run(address, messages, seconds, connections=4, check=None, client_address="192.0.2.7",
        sender="sender@example.org"):
    """Sends `messages` over and over for `seconds`; check(letter, edits) says whether an answer is
    right."""
    loads = [Load(0, 0.0, [], []) for _ in range(connections)]
    opened = [Connection(address, client_address) for _ in range(connections)]
    prepared = [[connection.steps(message, sender) for message in messages]
                for connection in opened]
    end = time.monotonic() + seconds

    def work(number):
        load, connection = loads[number], opened[number]
        at = number
        while time.monotonic() < end:
            letter, edits, took = connection.run(prepared[number][at % len(messages)])
            at += connections
            load.messages += 1
            load.latencies.append(took)
            if check and not check(letter, edits) and len(load.wrong) < 10:
                load.wrong.append((letter, edits))

    start = time.monotonic()
    threads = [threading.Thread(target=work, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - start
    for connection in opened:
        connection.quit()
    return Load(sum(load.messages for load in loads), took,
                [latency for load in loads for latency in load.latencies],
                [wrong for load in loads for wrong in load.wrong][:10])
