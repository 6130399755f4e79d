"""milterd as a child process, with a generated configuration."""

import json
import os
import re
import select
import signal
import subprocess
from pathlib import Path

from support.waiting import wait_until

_SANITIZER = re.compile(r"(ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:).*")
_LOG_LINE = re.compile(r"\d{4}-\d\d-\d\dT\S+ (\w+) (\S+)(.*)")
_LOG_FIELD = re.compile(r'([\w.-]+)=(?:([^"\s]\S*)|"((?:[^"\\]|\\.)*)")')


def binary():
    return Path(os.environ["MILTERD"]).resolve()


def toml(value):
    """A TOML value; JSON's form serves for all that is used here."""
    return json.dumps(value if not isinstance(value, Path) else str(value))


def stage(plugin, **keys):
    """A [[stage]] table."""
    lines = [f"{key} = {toml(value)}\n" for key, value in keys.items()]
    return f"\n[[stage]]\nplugin = {toml(plugin)}\n" + "".join(lines)


class Milterd:
    """`stages` is TOML text; the keyword arguments are keys of [milter]. Listens on a unix socket
    in `directory` unless `socket` says otherwise."""

    def __init__(self, directory, stages="", limits=None, log=None, dns=None, **milter):
        self.directory = Path(directory)
        self.directory.mkdir(exist_ok=True)
        self.directory.chmod(0o755)
        self.socket_path = self.directory / "milterd.sock"
        self.config_path = self.directory / "milterd.toml"
        self.log_path = self.directory / "milterd.log"
        self._tables = {
            "milter": {"socket": f"unix:{self.socket_path}", "socket_mode": "0666",
                       "authserv_id": "mx.test", **milter},
            "limits": limits or {},
            "log": log or {},
            "dns": dns or {},
        }
        self._log_start = 0
        self.process = None
        self.configure(stages)

    @property
    def milter_address(self):
        """For smtpd_milters."""
        return self._tables["milter"]["socket"]

    def configure(self, stages):
        text = ""
        for table, keys in self._tables.items():
            if keys:
                lines = [f"{key} = {toml(value)}\n" for key, value in keys.items()]
                text += f"[{table}]\n" + "".join(lines) + "\n"
        self.config_path.write_text(text + stages)

    def start(self, wait=True, environment=None, prefix=(), pass_fds=()):
        ready, said = os.pipe()
        command = [*prefix, str(binary()), "--config", str(self.config_path),
                   "--ready-fd", str(said)]
        self._log_start = self.log_path.stat().st_size if self.log_path.exists() else 0
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=(said, *pass_fds), env={**os.environ, **(environment or {})})
        os.close(said)
        try:
            if wait:
                self._wait_ready(ready)
        finally:
            os.close(ready)
        return self

    def _wait_ready(self, ready, seconds=60):
        readable, _, _ = select.select([ready], [], [], seconds)
        if not readable or os.read(ready, 1) != b"\n":
            code = self.process.wait(5) if readable else None
            if code is None:
                self.kill()
            raise AssertionError(f"milterd did not get ready (exit status {code}):\n{self.log()}")

    def log(self):
        """The text since the last start."""
        if not self.log_path.exists():
            return ""
        with open(self.log_path, "rb") as file:
            file.seek(self._log_start)
            return file.read().decode("utf-8", "replace")

    def events(self, name=None):
        """[(level, event, {key: value})] of the log, or those called `name`."""
        parsed = [event for event in map(parse_log_line, self.log().splitlines()) if event]
        return [event for event in parsed if name is None or event[1] == name]

    def wait_event(self, name, count=1, seconds=30):
        """The `count`-th event of that name."""
        wait_until(lambda: len(self.events(name)) >= count, seconds,
                   f"{count} log lines {name}; the log:\n{self.log()[-4000:]}")
        return self.events(name)[count - 1]

    def reload(self, wait=True, seconds=60):
        """SIGHUP; the event that says how it ended."""
        before = len(self._reloads())
        self.process.send_signal(signal.SIGHUP)
        if not wait:
            return None
        wait_until(lambda: len(self._reloads()) > before, seconds, "the reload ends")
        return self._reloads()[before]

    def _reloads(self):
        return [event for event in self.events() if event[1] in ("reload.done", "reload.failed")]

    def stop(self, seconds=60):
        """SIGTERM; the exit status. A sanitizer's report is a failure."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.wait(seconds)

    def wait(self, seconds=60):
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"milterd did not end within {seconds} s:\n{self.log()[-4000:]}")
        self.process = None
        report = _SANITIZER.search(self.log())
        if report:
            raise AssertionError("sanitizer report:\n" + self.log()[report.start():][:6000])
        return code

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def memory(self):
        """Resident bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024

    def open_files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def parse_log_line(line):
    """A line of the text form as (level, event, {key: value}), or None."""
    match = _LOG_LINE.match(line)
    if not match:
        return None
    fields = {key: quoted.replace('\\"', '"').replace("\\\\", "\\") if quoted else bare
              for key, bare, quoted in _LOG_FIELD.findall(match[3])}
    return match[1], match[2], fields


def run(*arguments, data=None, seconds=120):
    """milterd with `arguments`, to its end: CompletedProcess with bytes."""
    return subprocess.run([str(binary()), *map(str, arguments)], input=data, capture_output=True,
                          timeout=seconds, check=False)
