#!/usr/bin/env python3
"""Checks who includes whom, and how long files are. Prints every fault; exit status 1 if any.

The rules: a folder of milterd/ includes itself and folders below it in LAYERS; a plugin includes
the public interface, plugins/common and its own folder; the public interface includes the standard
library alone; each third-party library is included by one folder only.

    tools/check_layers.py [ROOT]
"""

import re
import sys
from pathlib import Path

MOST_LINES = 500

# Each folder with those it may include beside itself and the public interface.
_BELOW_CHECK = ("util", "config", "log", "dns", "message", "auth_results", "pipeline")
LAYERS = {name: _BELOW_CHECK[:place] for place, name in enumerate(_BELOW_CHECK)}
LAYERS["check"] = _BELOW_CHECK
LAYERS["mta"] = _BELOW_CHECK
LAYERS["import"] = ("util", "config")
LAYERS["app"] = (*_BELOW_CHECK, "check", "mta", "import")

# Programs beside milterd: they stand on a plugin and on parts of the host.
COMMANDS = {
    "plugins/dkim/commands": ("plugins/dkim", "plugins/common", "milterd/config", "milterd/dns",
                              "milterd/util"),
}

# Parts of plugins that know nothing of the rest: they include the public interface and themselves.
PARTS = ("plugins/chained_milter/protocol",)

# Third-party headers by how they begin, with the folders that may include them.
THIRD_PARTY = {
    "clamav": ("plugins/clamav",),
    "dkim.h": ("plugins/dkim",),
    "dlfcn.h": ("milterd/pipeline",),
    "fmt/": ("milterd/log",),
    "libmilter/": ("milterd/mta",),
    "libpsl.h": ("plugins/dkim",),
    "nlohmann/": ("milterd/check", "milterd/log"),
    "opendkim/": ("plugins/dkim",),
    "openssl/": ("plugins/dkim",),
    "pcre2": ("plugins/header_checks",),
    "regex.h": ("plugins/common",),
    "spdlog/": ("milterd/log",),
    "systemd/": ("milterd/mta",),
    "toml++/": ("milterd/config",),
    "unbound.h": ("milterd/dns",),
}
POSIX_NAMES = {
    "arpa/inet.h", "dirent.h", "endian.h", "fcntl.h", "getopt.h", "glob.h", "grp.h", "iconv.h",
    "malloc.h", "net/if.h", "netdb.h", "netinet/in.h", "netinet/tcp.h", "poll.h", "pthread.h",
    "pwd.h", "regex.h", "sched.h", "signal.h", "spawn.h", "sysexits.h", "syslog.h", "termios.h", "time.h",
    "unistd.h",
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def folder_of(path):
    """The part of the tree whose rules hold for `path`: "include", "milterd/log"."""
    parts = path.parts
    if "/".join(parts[:3]) in (*COMMANDS, *PARTS):
        return "/".join(parts[:3])
    if parts[0] in ("milterd", "plugins"):
        return "/".join(parts[:2])
    return parts[0]


def project_fault(folder, header):
    """What is wrong with `#include "header"` in `folder`, or None."""
    parts = header.split("/")
    if parts[0] == "milterd" and len(parts) == 2:
        return None  # the public interface
    target = "/".join(parts[:3] if "/".join(parts[:3]) in (*COMMANDS, *PARTS) else parts[:2])
    if folder in ("test", "tools") or target == folder:
        return None
    if folder in COMMANDS:
        if target in COMMANDS[folder]:
            return None
        return f"{folder} includes itself and {', '.join(COMMANDS[folder])} only"
    if folder in PARTS:
        return f"{folder} includes include/ and itself only"
    if folder == "include":
        return "the public interface includes itself and the standard library only"
    if folder.startswith("plugins/"):
        if target == "plugins/common" or (target in PARTS and target.startswith(folder + "/")):
            return None
        return "a plugin includes include/, plugins/common and its own folder only"
    if parts[0] == "milterd" and folder.startswith("milterd/"):
        own, other = folder.split("/")[1], parts[1]
        if own not in LAYERS or other not in LAYERS:
            unknown = other if own in LAYERS else own
            return f"unknown folder milterd/{unknown}: give it a place in LAYERS"
        if other in LAYERS[own]:
            return None
        return f"milterd/{own} may not include milterd/{other}: it does not lie below it"
    return "project headers are included as \"milterd/...\" or \"plugins/...\" by those who may"


def system_fault(folder, header):
    """The same for `#include <header>`. Tests and tools look into everything."""
    if folder in ("test", "tools"):
        return None
    for prefix, folders in THIRD_PARTY.items():
        if header.startswith(prefix):
            if folder in folders:
                return None
            return f"only {' and '.join(folders)} may include <{header}>"
    if header in POSIX_NAMES or header.startswith("sys/"):
        return "no operating system in the public interface" if folder == "include" else None
    if re.fullmatch(r"[a-z0-9_]+", header):
        return None  # the standard library
    return f"<{header}> is new here: name the one folder that may include it in THIRD_PARTY"


def faults(root):
    for top in ("include", "milterd", "plugins", "test", "tools"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix not in (".hpp", ".cpp", ".py"):
                continue
            text = path.read_text(encoding="utf-8")
            name = path.relative_to(root)
            lines = text.count("\n")
            if lines > MOST_LINES:
                yield f"{name}: {lines} lines, the limit is {MOST_LINES}: split it by its jobs"
            if path.suffix == ".py":
                continue
            for match in INCLUDE.finditer(text):
                check = system_fault if match[1] == "<" else project_fault
                fault = check(folder_of(name), match[2])
                if fault:
                    line = text.count("\n", 0, match.start()) + 1
                    yield f"{name}:{line}: {fault}"


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    found = list(faults(root))
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
