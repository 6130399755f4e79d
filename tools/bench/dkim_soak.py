"""One milterd that signs and verifies at full rate, and what it holds meanwhile."""

import statistics
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import dkim_mail
import milter_load
import process_cost
from support.milterd import Milterd, stage
from support.nameserver import Nameserver

# What the allocator and the sessions' threads settle at varies by so much.
SLACK_BYTES = 4 * 2**20
SLACK_PART = 0.05


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


def _is_pass(letter, edits):
    return letter == b"c" and any(b"dkim=pass" in data for _, data in edits)


def _is_signed(letter, edits):
    return letter == b"c" and any(b"DKIM-Signature\0" in data for _, data in edits)


def run(directory, seconds, round_seconds=5.0, samples=60, **milterd_options):
    """Verifies and signs in turn, on new connections each round. AssertionError for a wrong verdict
    or a daemon that does not end well."""
    directory = Path(directory)
    mail = dkim_mail.make(directory, 60)
    with Nameserver(mail.records, directory) as nameserver:
        daemon = Milterd(directory / "milterd", stage(
            "dkim", mode=["sign", "verify"], domain=["d0.example"], selector="s1",
            key_file=mail.key.path, internal_hosts=["192.0.2.8"]),
            dns={"nameservers": [nameserver.address]}, log={"level": "warn"}, **milterd_options)
        daemon.start()
        soak = Soak(0, 0.0, [], [])
        stop = threading.Event()
        sampler = threading.Thread(target=_sample, args=(
            daemon.process.pid, soak, stop, max(seconds / samples, 0.2)))
        sampler.start()
        try:
            start = time.monotonic()
            while time.monotonic() - start < seconds:
                _work(daemon.socket_path, mail, round_seconds, soak)
            soak.seconds = time.monotonic() - start
        finally:
            stop.set()
            sampler.join()
            code = daemon.stop()
        assert code == 0, f"milterd ended with {code}"
        return soak


def _work(address, mail, seconds, soak):
    for client, messages, check in (("192.0.2.7", mail.messages, _is_pass),
                                    ("192.0.2.8", mail.unsigned[::20], _is_signed)):
        load = milter_load.run(address, messages, seconds / 2, check=check, client_address=client)
        assert not load.wrong, load.wrong[0]
        soak.messages += load.messages


def _sample(pid, soak, stop, interval):
    while not stop.wait(interval):
        soak.memory.append(process_cost.memory(pid))
        soak.open_files.append(process_cost.open_files(pid))
