"""What a process has cost so far, from /proc."""

import os
import re
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """User and system time of all its threads, those that have ended included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def peak_memory(pid):
    """Resident bytes at most."""
    return _status(pid, "VmHWM") * 1024


def memory(pid):
    """Resident bytes now."""
    return _status(pid, "VmRSS") * 1024


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def _status(pid, name):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(name + r":\s+(\d+) kB", status).group(1))
