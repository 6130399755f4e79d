"""An SMTP server that keeps what is delivered to it, byte for byte."""

import socketserver
import threading
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Delivered:
    sender: str
    recipients: tuple
    data: bytes  # CRLF lines, dot-stuffing undone


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        self._say("220 sink ESMTP")
        sender, recipients = "", []
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"EHLO":
                self._say("250-sink\r\n250-8BITMIME\r\n250-PIPELINING\r\n250 SIZE 0")
            elif word == b"MAIL":
                sender, recipients = _address(line), []
                self._say("250 2.1.0 ok")
            elif word == b"RCPT":
                recipients.append(_address(line))
                self._say("250 2.1.5 ok")
            elif word == b"DATA":
                self._say("354 go on")
                data = self._data()
                if data is None:
                    return
                self.server.sink.keep(Delivered(sender, tuple(recipients), data))
                self._say("250 2.0.0 kept")
            elif word == b"QUIT":
                self._say("221 2.0.0 bye")
                return
            else:
                self._say("250 2.0.0 ok")

    def _data(self):
        lines = []
        while line := self.rfile.readline():
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)
        return None

    def _say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


def _address(line):
    return line[line.index(b"<") + 1:line.index(b">")].decode("latin-1")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 128
    block_on_close = False


class SmtpSink:
    """Listens on a free loopback port until stop()."""

    def __init__(self):
        self._changed = threading.Condition()
        self._kept = []
        self._server = _Server(("127.0.0.1", 0), _Conversation)
        self._server.sink = self
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def keep(self, delivered):
        with self._changed:
            self._kept.append(delivered)
            self._changed.notify_all()

    @property
    def messages(self):
        with self._changed:
            return list(self._kept)

    def clear(self):
        with self._changed:
            self._kept.clear()

    def wait(self, wanted, seconds=30, count=1):
        """The first `count` messages for which wanted(Delivered) holds."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                found = [message for message in self._kept if wanted(message)]
                if len(found) >= count:
                    return found[:count]
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(
                        f"{len(found)} of {count} messages were delivered within {seconds} s")
                self._changed.wait(left)

    def wait_for(self, recipient, seconds=30):
        """The message to `recipient`."""
        return self.wait(lambda message: recipient in message.recipients, seconds)[0].data
