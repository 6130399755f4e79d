"""Stands in for opendkim's program in its own tests: translates the configuration that it is given,
and becomes milterd in the foreground.

    opendkim_shim.py -x FILE [-p SOCKET] [-n]     with $MILTERD
"""

import getopt
import os
import re
import subprocess
import sys
from pathlib import Path


def main():
    options = dict(getopt.getopt(sys.argv[1:], "Aflnp:x:")[0])
    milterd = os.environ["MILTERD"]
    source = Path(options["-x"])
    done = subprocess.run([milterd, "--import-opendkim", source], stdout=subprocess.PIPE, text=True,
                          check=False)
    if done.returncode != 0:
        return done.returncode
    config = source.with_suffix(".toml")
    config.write_text(with_socket(done.stdout, options.get("-p")))
    if "-n" in options:
        os.execv(milterd, [milterd, "--check-config", "--config", str(config)])
    os.execv(milterd, [milterd, "--config", str(config)])


def with_socket(toml, socket):
    """As opendkim, takes the command line's socket before the file's."""
    if socket is None:
        return toml
    toml = re.sub(r"^socket = .*\n", "", toml, flags=re.M)
    line = f'socket = "{socket}"\n'
    if "\n[milter]\n" in "\n" + toml:
        return re.sub(r"^\[milter\]\n", "[milter]\n" + line, toml, flags=re.M)
    return re.sub(r"^(?=\[)", "[milter]\n" + line + "\n", toml, count=1, flags=re.M)


if __name__ == "__main__":
    sys.exit(main())
