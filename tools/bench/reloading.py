"""One scanner, mail at a steady rate, and a signature that is added meanwhile."""

import threading
import time
from dataclasses import dataclass

import signatures
from paced_load import Paced, PacedLoad
from support import messages
from support.milter_client import judge

MEMORY_SLACK = 0.1  # of one engine's memory; what the allocator keeps
LONGEST = 300       # seconds that anything may take


@dataclass
class Reload:
    start: float          # seconds from the start of the process to its first finding
    quiet: Paced          # without a reload
    busy: Paced           # with one
    acting: float         # seconds from the new file to its first finding
    one_engine: int       # bytes before
    peak: int             # bytes at most
    settled: float        # seconds from the first finding until memory is that of one engine again


def is_clean(letter, edits):
    """Accepted, with one X-Virus-Status that says so."""
    statuses = [data for edit, data in edits if edit in b"hi" and b"X-Virus-Status\0" in data]
    return letter in b"ca" and len(statuses) == 1 and statuses[0].rstrip(b"\0").endswith(b"Clean")


def mail(count=100):
    """Different clean messages, every fifth with an attachment of 64 KiB."""
    ordinary = messages.ordinary(count)
    for number in range(0, count, 5):
        ordinary[number] = messages.attachment(
            "a.bin", b"%06d " % number * (64 * 1024 // 7), subject=f"with attachment {number}")
    return ordinary


def measure(stack, database, quiet_seconds, rate=25):
    """Starts the stack and leaves it running."""
    begin = time.monotonic()
    stack.start()
    _until_found(stack, messages.EICAR)
    start = time.monotonic() - begin
    with PacedLoad(stack.address, mail(), is_clean, rate) as load:
        time.sleep(quiet_seconds)
        quiet = load.stop()
    one_engine = stack.memory()
    with _Sampled(stack) as sampled, PacedLoad(stack.address, mail(), is_clean, rate) as load:
        time.sleep(1)
        marker = b"the marker of run %d" % time.monotonic_ns()
        added = time.monotonic()
        signatures.add(database, "Bench.Added", marker)
        stack.tell()
        _until_found(stack, marker)
        acting = time.monotonic() - added
        settled = sampled.seconds_until(one_engine * (1 + MEMORY_SLACK))
        # The same time as without: the slowest of more messages would be slower.
        time.sleep(max(quiet_seconds - (time.monotonic() - added), 0))
        busy = load.stop()
    return Reload(start, quiet, busy, acting, one_engine, sampled.peak, settled)


def _until_found(stack, content):
    message = messages.message("A probe", body=content + b"\r\n")
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        try:
            if judge(stack.address, message).letter in (b"y", b"r"):
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"not found within {LONGEST} s")


class _Sampled:
    """Memory, ten times a second."""

    def __init__(self, stack):
        self._stack = stack
        self._stop = threading.Event()
        self.peak = 0

    def __enter__(self):
        self._thread = threading.Thread(target=self._sample)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _sample(self):
        while not self._stop.wait(0.1):
            self.peak = max(self.peak, self._stack.memory())

    def seconds_until(self, most, seconds=30):
        """Until memory is down to `most` bytes; endless if it never is within `seconds`."""
        begin = time.monotonic()
        while time.monotonic() - begin < seconds:
            if self._stack.memory() <= most:
                return time.monotonic() - begin
            time.sleep(0.05)
        return float("inf")
