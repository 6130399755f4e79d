"""An SMTP client that puts exactly the bytes on the wire that it is given."""

import socket
from dataclasses import dataclass


@dataclass(frozen=True)
class SmtpReply:
    code: int
    text: str  # lines joined by "\n", without the codes

    def __str__(self):
        return f"{self.code} {self.text}"


class SmtpClient:
    def __init__(self, port, host="127.0.0.1", helo="client.test", timeout=60):
        self._socket = socket.create_connection((host, port), timeout=timeout)
        self._file = self._socket.makefile("rb")
        self.banner = self.reply()
        if helo:
            self.command(f"EHLO {helo}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def raw(self, data):
        self._socket.sendall(data)

    def reply(self):
        lines = []
        while True:
            line = self._file.readline()
            if not line:
                raise ConnectionError("SMTP server closed the connection")
            line = line.rstrip(b"\r\n").decode("latin-1")
            lines.append(line[4:])
            if line[3:4] != "-":
                return SmtpReply(int(line[:3]), "\n".join(lines))

    def command(self, line):
        self.raw(line.encode("utf-8") + b"\r\n")
        return self.reply()

    def envelope(self, sender, recipients):
        """MAIL and RCPT; the first refusal, or None."""
        reply = self.command(f"MAIL FROM:<{sender}>")
        if reply.code >= 400:
            return reply
        for recipient in recipients:
            reply = self.command(f"RCPT TO:<{recipient}>")
            if reply.code >= 400:
                return reply
        return None

    def begin_data(self, message):
        """DATA and the message's bytes, but not the final dot; the refusal of DATA, or None."""
        reply = self.command("DATA")
        if reply.code != 354:
            return reply
        self.raw(dot_stuffed(message))
        return None

    def end_data(self):
        self.raw(b".\r\n")
        return self.reply()

    def send(self, sender, recipients, message):
        """One transaction; the answer to its end, or the first refusal (then followed by RSET)."""
        refusal = self.envelope(sender, recipients) or self.begin_data(message)
        if refusal:
            self.command("RSET")
            return refusal
        return self.end_data()

    def quit(self):
        reply = self.command("QUIT")
        self.close()
        return reply

    def close(self):
        self._file.close()
        self._socket.close()


def dot_stuffed(message):
    """`message`, CRLF lines, as DATA carries it, with a last line end."""
    if not message.endswith(b"\r\n"):
        message += b"\r\n"
    stuffed = message.replace(b"\r\n.", b"\r\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


def send(port, message, sender="sender@example.org", recipients=("rcpt@example.net",), **options):
    """One message over a connection of its own."""
    with SmtpClient(port, **options) as client:
        answer = client.send(sender, recipients, message)
        client.quit()
        return answer
