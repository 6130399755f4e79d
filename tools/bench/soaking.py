"""One milterd at full rate for a while, and what it holds meanwhile."""

import statistics
import threading
import time
from dataclasses import dataclass
from typing import Callable

import milter_load
import process_cost

# What the allocator and the sessions' threads settle at varies by so much.
SLACK_BYTES = 4 * 2**20
SLACK_PART = 0.05


@dataclass
class Work:
    """Messages of one kind, and whether an answer to one of them is right."""
    messages: list
    check: Callable  # (letter, edits)
    client_address: str = "192.0.2.7"


@dataclass
class Soak:
    messages: int
    seconds: float
    memory: list      # bytes, sampled evenly
    open_files: list

    def growth(self):
        """Bytes that the last third holds more than the one before."""
        third = max(len(self.memory) // 3, 1)
        return statistics.median(self.memory[-third:]) - statistics.median(
            self.memory[-2 * third:-third] or self.memory[:1])

    def faults(self):
        third = max(len(self.memory) // 3, 1)
        allowed = max(SLACK_BYTES, SLACK_PART * statistics.median(self.memory))
        if self.growth() > allowed:
            yield f"memory grows: {self.growth() / 2**20:.1f} MiB from the second to the last third"
        before, after = max(self.open_files[:2 * third]), max(self.open_files[-third:])
        if after > before:
            yield f"open files grow from {before} to {after}"


def run(daemon, works, seconds, round_seconds=5.0, samples=60, before_round=lambda: None):
    """Starts the daemon and gives it each of `works` in turn, on new connections each round.
    AssertionError for a wrong answer or a daemon that does not end well."""
    daemon.start()
    soak = Soak(0, 0.0, [], [])
    stop = threading.Event()
    sampler = threading.Thread(target=_sample, args=(
        daemon.process.pid, soak, stop, max(seconds / samples, 0.2)))
    sampler.start()
    try:
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            before_round()
            for work in works:
                load = milter_load.run(daemon.socket_path, work.messages,
                                       round_seconds / len(works), check=work.check,
                                       client_address=work.client_address)
                assert not load.wrong, f"to {work.messages[0][:60]!r}: {load.wrong[0]}"
                soak.messages += load.messages
        soak.seconds = time.monotonic() - start
    finally:
        stop.set()
        sampler.join()
        code = daemon.stop()
    assert code == 0, f"milterd ended with {code}"
    return soak


def _sample(pid, soak, stop, interval):
    while not stop.wait(interval):
        soak.memory.append(process_cost.memory(pid))
        soak.open_files.append(process_cost.open_files(pid))
