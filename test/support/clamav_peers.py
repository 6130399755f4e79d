"""Debian's clamd, clamav-milter and clamscan: what milterd takes the place of, each in a directory of
its own and on unix sockets.
"""

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

from support.milter_client import judge
from support.waiting import wait_until


def missing():
    """Why they cannot run here, or None."""
    for program in ("clamd", "clamav-milter", "clamscan"):
        if not _program(program):
            return f"{program} is not installed"
    return None


def _program(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")


class _Daemon:
    def __init__(self, program, directory, settings):
        self.directory = Path(directory)
        self.directory.mkdir(exist_ok=True)
        self.socket = self.directory / "socket"
        self._program = program
        self._settings = settings
        self._process = None

    def start(self):
        config = self.directory / "configuration"
        config.write_text("".join(f"{name} {value}\n" for name, value in self._settings.items()))
        log = self.directory / "output"
        with open(log, "wb") as output:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", _program(self._program), "-c", config],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        wait_until(self._is_up, 120, f"{self._program} answers; it says:\n{log.read_text()}")
        return self

    def stop(self):
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def pid(self):
        return self._process.pid

    def _is_up(self):
        if self._process.poll() is not None:
            raise AssertionError((self.directory / "output").read_text())
        try:
            return self._answers()
        except OSError:
            return False


class Clamd(_Daemon):
    """As Debian configures it where `settings` do not say otherwise."""

    def __init__(self, directory, database, settings=None):
        super().__init__("clamd", directory, {})
        self._settings = {
            "LocalSocket": self.socket, "LocalSocketMode": "666", "Foreground": "yes",
            "DatabaseDirectory": database, "TemporaryDirectory": self.directory,
            "LogFile": self.directory / "clamd.log", "LogTime": "yes",
            "MaxScanSize": "100M", "MaxFileSize": "25M", "StreamMaxLength": "25M",
            "MaxRecursion": "16", "MaxThreads": "12", "SelfCheck": "3600",
            "BytecodeTimeout": "60000", "PCRERecMatchLimit": "5000", "PCREMaxFileSize": "25M",
            "MaxEmbeddedPE": "10M", "MaxHTMLNormalize": "10M", "MaxHTMLNoTags": "2M",
            "MaxScriptNormalize": "5M", **(settings or {})}

    def command(self, text, seconds=60):
        """clamd's answer to one of its commands, such as "PING" or "RELOAD"."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(seconds)
            client.connect(str(self.socket))
            client.sendall(b"n" + text.encode() + b"\n")
            return client.makefile().read().strip()

    def log(self):
        path = self.directory / "clamd.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _answers(self):
        return self.command("PING") == "PONG"


class ClamavMilter(_Daemon):
    """As Debian configures it where `settings` do not say otherwise."""

    def __init__(self, directory, clamd, settings=None):
        super().__init__("clamav-milter", directory, {})
        self._settings = {
            "MilterSocket": f"unix:{self.socket}", "MilterSocketMode": "666", "Foreground": "yes",
            "ClamdSocket": f"unix:{clamd.socket}", "OnInfected": "Reject", "OnFail": "Defer",
            "AddHeader": "Replace", "MaxFileSize": "25M", "TemporaryDirectory": self.directory,
            "LogFile": self.directory / "milter.log", **(settings or {})}

    def status_of(self, raw):
        """The X-Virus-Status that it puts on a message it accepts, or its answer's word."""
        answer = judge(self.socket, raw)
        values = answer.headers("X-Virus-Status")
        return values[0].decode().strip() if values else answer.word

    def log(self):
        path = self.directory / "milter.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _answers(self):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(self.socket))
        return True


def clamscan(database, directory, options=()):
    """{file name: name found in it, or "OK"} of all files right in `directory`."""
    done = subprocess.run(
        [_program("clamscan"), f"--database={database}", "--no-summary", *options, directory],
        capture_output=True, text=True, errors="replace", timeout=300, check=False)
    if done.returncode not in (0, 1):
        raise AssertionError(done.stderr)
    found = {}
    for line in done.stdout.splitlines():
        match = re.fullmatch(r"(.*): (?:(.*) FOUND|(OK))", line)
        if match:
            found[Path(match[1]).name] = match[2] or match[3]
    return found
