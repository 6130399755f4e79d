"""The server's side of Dovecot's authentication protocol, for Postfix's smtpd_sasl_type = dovecot:
PLAIN, one user and password.
"""

import base64
import os
import socketserver
import threading


class _Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        self._say("VERSION", "1", "1")
        self._say("MECH", "PLAIN", "plaintext")
        self._say("SPID", str(os.getpid()))
        self._say("CUID", "1")
        self._say("COOKIE", "0123456789abcdef0123456789abcdef")
        self._say("DONE")
        for line in self.rfile:
            word, *fields = line.decode().rstrip("\n").split("\t")
            if word != "AUTH":
                continue
            number, _, *parameters = fields
            answers = [field[5:] for field in parameters if field.startswith("resp=")]
            _, user, password = base64.b64decode("".join(answers)).decode().split("\0")
            if (user, password) == self.server.account:
                self._say("OK", number, f"user={user}")
            else:
                self._say("FAIL", number, f"user={user}")

    def _say(self, *fields):
        self.wfile.write("\t".join(fields).encode() + b"\n")


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False


class SaslServer:
    """Listens on the unix socket `path` until stop()."""

    def __init__(self, path, user, password):
        self._server = _Server(str(path), _Conversation)
        self._server.account = (user, password)
        os.chmod(path, 0o666)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
