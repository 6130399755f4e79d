"""test/fixtures/test_milter as a child process: a libmilter filter that does what a script says."""

import os
import socket
import subprocess
from pathlib import Path

from support.waiting import wait_until


class TestMilter:
    __test__ = False

    def __init__(self, directory, name="child"):
        self.directory = Path(directory)
        self.directory.mkdir(exist_ok=True)
        self.directory.chmod(0o755)
        self.socket = self.directory / f"{name}.sock"
        self.address = f"unix:{self.socket}"
        self._script = self.directory / f"{name}.script"
        self._log = self.directory / f"{name}.log"
        self._process = None

    def start(self):
        self.script([])
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen([os.environ["TEST_MILTER"], self.address, self._script],
                                             stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(self._listens, 20, "the test milter listens")
        self.socket.chmod(0o777)
        return self

    def script(self, lines):
        """What it does in connections from now on."""
        fresh = self._script.with_suffix(".new")
        fresh.write_text("".join(line + "\n" for line in lines))
        fresh.replace(self._script)

    def complaints(self):
        """What it has said. Not that a sanitizer had no symbolizer for what it did not report."""
        lines = self._log.read_text(errors="replace").splitlines(keepends=True)
        return "".join(line for line in lines if "external symbolizer!" not in line)

    def stop(self):
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _listens(self):
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket)) == 0
