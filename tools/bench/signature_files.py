"""Signature databases of any size, that find nothing but what they are told to."""

import random
from pathlib import Path

from support import signature_database

_AT_ONCE = 50_000


def make(directory, count, seed=1):
    """EICAR, and `count` signatures: nine of ten are hashes of whole files, the others sequences of
    bytes, which are dearer to compile; random, so that they match nothing. Returns the bytes."""
    signature_database.make(directory)
    source = random.Random(seed)
    bodies = count // 10
    _write(Path(directory) / "many.hsb", count - bodies, lambda number: (
        f"{source.randbytes(16).hex()}:{1000 + number % 1_000_000}:Bench.Hash.{number}:73\n"))
    _write(Path(directory) / "many.ndb", bodies, lambda number: (
        f"Bench.Body.{number}:0:*:{source.randbytes(24).hex()}\n"))
    return sum(path.stat().st_size for path in Path(directory).iterdir())


def _write(path, count, line):
    with open(path, "w", encoding="ascii") as file:
        for begin in range(0, count, _AT_ONCE):
            file.write("".join(map(line, range(begin, min(begin + _AT_ONCE, count)))))


def add(directory, name, content):
    """One more file, in place at once, as freshclam does: `name` is found in what holds `content`."""
    beside = Path(directory).with_name(f"{Path(directory).name}.{name}")
    beside.write_text(f"{name}:0:*:{content.hex()}\n", encoding="ascii")
    beside.rename(Path(directory) / f"{name}.ndb")
