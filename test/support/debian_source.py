"""Source packages, from the machine's own Debian sources."""

import re
import shutil
import subprocess
from pathlib import Path


class NoSource(Exception):
    """Why the source cannot be had here."""


def fetch(package, directory):
    """The unpacked source of the installed `package` below `directory`. apt checks signatures and
    checksums; the machine's own lists of packages stay as they are."""
    for command in ("apt-get", "dpkg-source"):
        if not shutil.which(command):
            raise NoSource(f"{command} is not installed")
    directory = Path(directory)
    for folder in ("lists/partial", "cache/archives/partial", "sources"):
        (directory / folder).mkdir(parents=True)
    for number, entry in enumerate(_debian_entries()):
        text = re.sub(r"^deb(?=\s)", "deb-src", entry.read_text(), flags=re.M)
        text = re.sub(r"^Types:.*$", "Types: deb-src", text, flags=re.M | re.I)
        (directory / "sources" / f"{number}{entry.suffix}").write_text(text)
    apt = ["apt-get", "-q", "-o", "Dir::Etc::sourcelist=/dev/null",
           "-o", f"Dir::Etc::sourceparts={directory / 'sources'}",
           "-o", f"Dir::State::lists={directory / 'lists'}",
           "-o", f"Dir::Cache={directory / 'cache'}",
           "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=2",
           "-o", "Acquire::http::Timeout=20"]
    version = _run(["dpkg-query", "-W", "-f", "${source:Package}=${source:Version}", package])
    _run([*apt, "update", "--error-on=any"])
    _run([*apt, "source", "--only-source", version], cwd=directory)
    found = [folder for folder in directory.glob(f"{version.partition('=')[0]}-*")
             if folder.is_dir()]
    if len(found) != 1:
        raise NoSource(f"apt-get source {version} unpacked {len(found)} folders")
    return found[0]


def _debian_entries():
    """The files that name Debian's own archives."""
    places = _run(["apt-get", "indextargets", "--format", "$(SOURCESENTRY)",
                   "Identifier: Packages", "Origin: Debian"])
    files = sorted({Path(place.rpartition(":")[0]) for place in places.split()})
    if not files:
        raise NoSource("apt has no lists of Debian's packages; apt-get update has not run")
    return files


def _run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False,
                          **options)
    if done.returncode != 0:
        last = (done.stderr or done.stdout).strip().rpartition("\n")[2]
        raise NoSource(f"{' '.join(map(str, command[:1] + command[-2:]))}: {last}")
    return done.stdout
