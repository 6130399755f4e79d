"""Mail at a steady rate, whatever the milter does, and what became of each message."""

import threading
import time
from dataclasses import dataclass, field

import milter_load


@dataclass
class Paced:
    seconds: list = field(default_factory=list)  # from when a message was due to its answer
    failed: list = field(default_factory=list)   # answers that `check` did not like
    lost: list = field(default_factory=list)     # errors in place of answers

    @property
    def sent(self):
        return len(self.seconds) + len(self.lost)

    @property
    def slowest(self):
        return max(self.seconds)


class PacedLoad:
    """From `start` to `stop`. A message whose turn it is while all connections wait for answers is
    late, and that counts as the milter's time."""

    def __init__(self, address, messages, check, rate=25, connections=12):
        self._address, self._messages, self._check, self._rate = address, messages, check, rate
        self._connections = connections
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._next = 0
        self._result = Paced()

    def __enter__(self):
        opened = [self._open() for _ in range(self._connections)]
        self._start = time.monotonic()
        self._threads = [threading.Thread(target=self._work, args=each) for each in opened]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """What became of the messages."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        return self._result

    def _open(self):
        connection = milter_load.Connection(self._address, "192.0.2.7")
        return connection, [connection.steps(message, "sender@example.org")
                            for message in self._messages]

    def _take(self):
        with self._lock:
            self._next += 1
            return self._next - 1

    def _work(self, connection, prepared):
        while True:
            number = self._take()
            due = self._start + number / self._rate
            if self._stop.wait(max(due - time.monotonic(), 0)):
                break
            try:
                letter, edits, _ = connection.run(prepared[number % len(prepared)])
            except (OSError, ValueError) as error:
                with self._lock:
                    self._result.lost.append(repr(error))
                try:
                    connection, prepared = self._open()
                    continue
                except OSError:
                    return
            took = time.monotonic() - due
            with self._lock:
                self._result.seconds.append(took)
                if not self._check(letter, edits):
                    self._result.failed.append((letter, edits))
        connection.quit()
