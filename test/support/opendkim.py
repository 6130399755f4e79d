"""Debian's opendkim on a unix socket: a second opinion on signatures."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from support.milter_client import MilterClient, judge
from support.waiting import wait_until


def missing():
    """Why no opendkim can run here, or None."""
    return None if shutil.which("opendkim") else "opendkim is not installed"


class OpenDkim:
    """Verifies with the TestPublicKeys file `public_keys`, or signs with `key`."""

    def __init__(self, directory, public_keys=None, key=None, settings=None):
        self.directory = Path(directory)
        self.directory.mkdir(exist_ok=True)
        self.socket = self.directory / "opendkim.sock"
        self._settings = {
            "Socket": f"local:{self.socket}",
            "Mode": "s" if key else "v",
            "AuthservID": "second.opinion",
            "AlwaysAddARHeader": "yes",
            "RequireSafeKeys": "no",
            "Canonicalization": "relaxed/relaxed",
            "Syslog": "no",
            "UMask": "000",
            "PidFile": self.directory / "opendkim.pid",
        }
        if public_keys:
            self._settings["TestPublicKeys"] = public_keys
        if key:
            self._settings.update(Domain=key.domain, Selector=key.selector, KeyFile=key.path,
                                  InternalHosts="192.0.2.7")
        self._settings.update(settings or {})
        self._process = None

    def start(self):
        config = self.directory / "opendkim.conf"
        config.write_text("".join(f"{name} {value}\n" for name, value in self._settings.items()))
        with open(self.directory / "opendkim.log", "wb") as log:
            self._process = subprocess.Popen(["opendkim", "-f", "-x", config], stdout=log,
                                             stderr=log, start_new_session=True)
        wait_until(self._listens, 20, "opendkim listens")
        return self

    def stop(self):
        if self._process:
            # It would take its libmilter five seconds to end by itself. With AutoRestart there are
            # two of it.
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    @property
    def pid(self):
        return self._process.pid

    def verify(self, raw):
        """The Authentication-Results value it puts on `raw` (CRLF bytes), unfolded."""
        values = judge(self.socket, raw).headers("Authentication-Results")
        return b"".join(values[:1]).decode("latin-1").replace("\n", "")

    def sign(self, raw, sender="sender@example.org"):
        """`raw` with the signature on top."""
        values = judge(self.socket, raw, sender=sender).headers("DKIM-Signature")
        if not values:
            raise AssertionError("opendkim did not sign")
        value = values[0].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        if not value.startswith(b" "):
            value = b" " + value
        return b"DKIM-Signature:" + value + b"\r\n" + raw

    def _listens(self):
        if self._process.poll() is not None:
            raise AssertionError((self.directory / "opendkim.log").read_text())
        try:
            MilterClient(self.socket).close()
            return True
        except OSError:
            return False
