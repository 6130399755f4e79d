"""A network of our own, with nothing but loopback.

opendkim hands its nameserver to libunbound, which asks no 127.0.0.1 unless a configuration file says
so; and opendkim reads that file anew for each question, with a parser that two threads must not enter
at once (it ends the process). So the nameserver gets an address that does not look like loopback.
"""

import os
import subprocess
import sys

ADDRESS = "192.0.2.53"
_INSIDE = "MILTERD_BENCH_NETWORK"


def enter():
    """Starts this program again inside, unless it is there already."""
    if _INSIDE not in os.environ:
        os.environ[_INSIDE] = "1"
        user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
        os.execvp("unshare", ["unshare", *user, "--net", sys.executable, *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["ip", "address", "add", f"{ADDRESS}/32", "dev", "lo"], check=True)
