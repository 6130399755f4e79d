"""Signature databases of realistic size, made on the spot: hashes, byte patterns, logical ones."""

import random
import sys
from pathlib import Path

from support import signature_database


def make(directory, millions):
    """About so many million signatures, EICAR's among them, in `directory`; their number."""
    directory = Path(directory)
    signature_database.make(directory)
    source = random.Random(1)

    def digits(size):
        return source.randbytes(size).hex()
    half, part = int(millions * 500_000), int(millions * 15_000)
    lines = {
        "bench.hsb": (f"{digits(32)}:{source.randrange(1000, 500000)}:Bench.Hsb.{number}:73"
                      for number in range(half)),
        "bench.hdb": (f"{digits(16)}:{source.randrange(1000, 500000)}:Bench.Hdb.{number}"
                      for number in range(half // 2)),
        "bench.mdb": (f"{source.randrange(1000, 500000)}:{digits(16)}:Bench.Mdb.{number}"
                      for number in range(half // 2)),
        "bench.ndb": (f"Bench.Ndb.{number}:{source.choice((0, 1, 3, 4))}:*:"
                      f"{digits(source.randrange(20, 60))}" for number in range(part)),
        "bench.ldb": (f"Bench.Ldb.{number};Engine:51-255,Target:{source.choice((0, 1, 3))};0&1;"
                      f"{digits(12)};{digits(16)}" for number in range(part)),
    }
    for name, each in lines.items():
        with open(directory / name, "w", encoding="ascii") as file:
            file.writelines(line + "\n" for line in each)
    return 2 * half + 2 * part + 1


def add(directory, name, content):
    """One more file, in place at once, as freshclam does: `name` is found in what holds `content`."""
    beside = Path(directory).with_name(f"{Path(directory).name}.{name}")
    beside.write_text(f"{name}:0:*:{content.hex()}\n", encoding="ascii")
    beside.rename(Path(directory) / f"{name}.ndb")


if __name__ == "__main__":
    print(make(sys.argv[1], float(sys.argv[2])), "signatures")
