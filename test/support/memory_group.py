"""A control group with a memory limit, below the group that the test itself runs in."""

import os
import signal
from pathlib import Path

from support.waiting import wait_until

ROOT = Path("/sys/fs/cgroup")


def _own_group():
    """(its directory, whether it is of version 2) for memory, or None."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            return ROOT / "memory" / path.lstrip("/"), False
    group = ROOT / path.lstrip("/")  # of version 2, which comes last
    if (group / "cgroup.subtree_control").exists() and "memory" in (
            group / "cgroup.subtree_control").read_text().split():
        return group, True
    return None


def missing():
    """Why no group can be made here, or None."""
    own = _own_group()
    if own is None:
        return "no control group for memory may be made below this one"
    if not os.access(own[0], os.W_OK):
        return f"no right to make a control group in {own[0]}"
    return None


class MemoryGroup:
    def __enter__(self):
        parent, second = _own_group()
        self._directory = parent / f"milterd-test-{os.getpid()}"
        self._directory.mkdir()
        self._limit, self._used = (("memory.max", "memory.current") if second else
                                   ("memory.limit_in_bytes", "memory.usage_in_bytes"))
        self._unlimited = "max" if second else "-1"
        return self

    def __exit__(self, *_):
        for pid in self._members():
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not self._members(), 20, "the group's processes end")
        self._directory.rmdir()

    @property
    def prefix(self):
        """A command that starts another one inside."""
        return ("sh", "-c", 'echo $$ >"$0" && exec "$@"', str(self._directory / "cgroup.procs"))

    def limit(self, most):
        """Bytes; None: no limit."""
        (self._directory / self._limit).write_text(self._unlimited if most is None else str(most))

    def used(self):
        return int((self._directory / self._used).read_text())

    def _members(self):
        return [int(pid) for pid in (self._directory / "cgroup.procs").read_text().split()]
