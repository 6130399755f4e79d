"""milterd, and clamd with clamav-milter, with the same database: how each starts, is told of a new
signature, and what memory it takes."""

import os
import signal
from pathlib import Path

import process_cost
from support.clamav_peers import Clamd, ClamavMilter
from support.milterd import Milterd, stage


class MilterdStack:
    """`signalled`: told by SIGHUP, as by freshclam's OnUpdateExecute; else it sees for itself."""

    def __init__(self, directory, database, signalled=False):
        self._daemon = Milterd(directory, stage(
            "clamav", database_directory=Path(database), disable_cache=True, self_check="1h"))
        self._signalled = signalled

    def start(self):
        self._daemon.start()
        self.address = self._daemon.socket_path

    def tell(self):
        if self._signalled:
            os.kill(self._daemon.process.pid, signal.SIGHUP)

    def memory(self):
        return process_cost.memory(self._daemon.process.pid)

    def engines(self):
        """The most there were at once, as it logs them."""
        return max(int(fields["engines"])
                   for _, _, fields in self._daemon.events("clamav.database_loaded"))

    def stop(self):
        self._daemon.stop()


class ClamdStack:
    """Debian's settings; told by RELOAD, as by freshclam's NotifyClamd."""

    def __init__(self, directory, database):
        directory = Path(directory)
        directory.mkdir()
        self._clamd = Clamd(directory / "clamd", database, {"DisableCache": "yes"})
        self._milter = ClamavMilter(directory / "milter", self._clamd)

    def start(self):
        self._clamd.start()
        self._milter.start()
        self.address = self._milter.socket

    def tell(self):
        self._clamd.command("RELOAD")

    def memory(self):
        return process_cost.memory(self._clamd.pid) + process_cost.memory(self._milter.pid)

    def stop(self):
        self._milter.stop()
        self._clamd.stop()
