"""A real nameserver (Debian's unbound) on a free loopback port, for tests."""

import os
import shutil
import signal
import socket
import subprocess

MOST_TRIES = 20
LONGEST_STRING = 255

HEAD = """\
server:
  interface: 127.0.0.1
  port: {port}
  chroot: ""
  username: ""
  directory: ""
  pidfile: ""
  use-syslog: no
  logfile: ""
  do-daemonize: no
  module-config: "iterator"
  local-zone: "." static
"""


class Nameserver:
    """Answers TXT questions for `records`; any other name does not exist.

    `records` is {
  "s1._domainkey.example.org" : ["v=DKIM1; p=..."]
}; a text longer than 255 bytes is
    served in several character-strings. It answers once the constructor returns. `address` is what
    milterd's nameservers setting takes, "127.0.0.1:12345". `extra` ends unbound.conf, its server
    clause first.
    """

    def __init__(self, records, directory, extra=""):
        self.configuration = os.path.join(directory, "unbound.conf")
        self.process = None
        self.port = 0
        for _ in range(MOST_TRIES):
            words = self._start(records, extra)
            if self.process is not None:
                return
        raise RuntimeError("unbound does not start: " + words)

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def freeze(self):
        """It stays there but says nothing; questions wait in its socket."""
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        """For good; the port is closed. May be called again."""
        if self.process is None:
            return
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()
        self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _start(self, records, extra):
        """What it said; self.process is set if it serves. Somebody else may take the port first."""
        self.port = _free_port()
        with open(self.configuration, "w", encoding="ascii") as file:
            file.write(HEAD.format(port=self.port))
            for name, texts in records.items():
                for text in texts:
                    file.write(f"  local-data: '{name} 60 IN TXT {_strings(text)}'\n")
            file.write(extra)
        program = shutil.which("unbound") or "/usr/sbin/unbound"
        self.process = subprocess.Popen([program, "-d", "-c", self.configuration],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        text=True)
        words = ""
        for line in self.process.stderr:
            words += line
            if "start of service" in line:
                return words
        self.stop()
        return words


def _strings(text):
    for character in "'\"\\\n":
        if character in text:
            raise ValueError(f"{character!r} has no place in a TXT record of a test: {text}")
    parts = [text[i:i + LONGEST_STRING] for i in range(0, len(text), LONGEST_STRING)] or [""]
    return " ".join(f'"{part}"' for part in parts)


def _free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
