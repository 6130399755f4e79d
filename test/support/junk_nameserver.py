"""A nameserver that means no good: what it answers is chosen by the first label asked for."""

import random
import socket
import struct
import threading


def _question(packet):
    """The labels, and where the question ends."""
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]])
        at += 1 + packet[at]
    return labels, at + 5


def _answer(packet, end, rdata, flags=0x8180, count=1):
    head = packet[:2] + struct.pack("!HHHHH", flags, 1, count, 0, 0)
    record = b"\xc0\x0c" + struct.pack("!HHIH", 16, 1, 60, len(rdata)) + rdata
    return head + packet[12:end] + record


_SOURCE = random.Random(5)
KINDS = {
    "noise": lambda packet, end: _SOURCE.randbytes(300),
    "short": lambda packet, end: packet[:7],
    "nothing": lambda packet, end: b"",
    "wrong-id": lambda packet, end: b"\0\0" + _answer(packet, end, b"\x04text")[2:],
    "echo": lambda packet, end: packet,
    "no-record": lambda packet, end: packet[:2] + struct.pack("!HHHHH", 0x8180, 1, 9, 9, 9)
    + packet[12:end],
    "loop": lambda packet, end: packet[:2] + struct.pack("!HHHHH", 0x8180, 1, 1, 0, 0)
    + packet[12:end] + struct.pack("!H", 0xC000 | end) + struct.pack("!HHIH", 16, 1, 60, 0),
    "long-string": lambda packet, end: _answer(packet, end, b"\xfftext"),
    "long-rdata": lambda packet, end: _answer(packet, end, b"\x04text")[:-3],
    "truncated": lambda packet, end: _answer(packet, end, b"", flags=0x8380, count=0),
}


class JunkNameserver:
    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self):
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self):
        while True:
            packet, peer = self._socket.recvfrom(65535)
            if not packet:
                return
            labels, end = _question(packet)
            kind = KINDS.get(labels[0].decode("latin-1"), KINDS["short"])
            self._socket.sendto(kind(packet, end), peer)
