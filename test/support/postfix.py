"""A private Postfix instance: all that it writes lies in one directory, it listens on one free
loopback port, and relays what it accepts to an SmtpSink. The system's own Postfix is not touched.
"""

import grp
import json
import os
import pwd
import re
import signal
import socket
import subprocess
from pathlib import Path

from support.waiting import free_port, wait_until

DAEMONS = Path("/usr/lib/postfix/sbin")
_QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming",
           "private", "saved", "trace")
_SERVICES = """
{port}     inet  n - n - {processes} smtpd
pickup     unix  n - n 60 1 pickup
cleanup    unix  n - n - 0 cleanup{cleanup_options}
qmgr       unix  n - n 300 1 qmgr
rewrite    unix  - - n - - trivial-rewrite
bounce     unix  - - n - 0 bounce
defer      unix  - - n - 0 bounce
trace      unix  - - n - 0 bounce
verify     unix  - - n - 1 verify
flush      unix  n - n 1000? 0 flush
proxymap   unix  - - n - - proxymap
smtp       unix  - - n - - smtp
relay      unix  - - n - - smtp
showq      unix  n - n - - showq
error      unix  - - n - - error
retry      unix  - - n - - error
discard    unix  - - n - - discard
local      unix  - n n - - local
virtual    unix  - n n - - virtual
anvil      unix  - - n - 1 anvil
scache     unix  - - n - 1 scache
tlsmgr     unix  - - n 1000? 1 tlsmgr
postlog    unix-dgram n - n - 1 postlogd
"""


def missing():
    """Why no private Postfix can run here, or None."""
    if not (DAEMONS / "master").exists():
        return "postfix is not installed"
    if os.geteuid() != 0:
        return "Postfix needs root"
    return None


class Postfix:
    """`settings` are main.cf lines on top of those that make the instance private.
    `fresh_cleanup`: tables are read anew for each message."""

    def __init__(self, directory, sink_port, settings=None, processes=100, fresh_cleanup=False):
        self.directory = Path(directory)
        self.config = self.directory / "etc"
        self.spool = self.directory / "spool"
        self.log_path = self.directory / "mail.log"
        self.port = None
        self._processes = processes
        self._cleanup_options = " -o max_use=1" if fresh_cleanup else ""
        self._settings = {
            "compatibility_level": "3.6",
            "queue_directory": self.spool,
            "data_directory": self.directory / "lib",
            "maillog_file": self.log_path,
            "maillog_file_prefixes": self.directory,
            "syslog_name": "postfix",
            "myhostname": "mx.test",
            "mydestination": "",
            "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4",
            "mynetworks": "127.0.0.0/8",
            "alias_maps": "",
            "alias_database": "",
            "local_recipient_maps": "",
            "relayhost": f"[127.0.0.1]:{sink_port}",
            "smtp_host_lookup": "native",
            "smtp_dns_support_level": "disabled",
            "smtp_line_length_limit": "0",
            "disable_mime_output_conversion": "yes",
            "disable_dns_lookups": "yes",
            "smtpd_peername_lookup": "no",
            "smtpd_client_connection_rate_limit": "0",
            "smtpd_client_connection_count_limit": "0",
            "smtpd_error_sleep_time": "0",
            "smtpd_tls_security_level": "none",
            "minimal_backoff_time": "2s",
            "maximal_backoff_time": "4s",
            "queue_run_delay": "2s",
            "in_flow_delay": "0",
            "smtputf8_enable": "no",
            "biff": "no",
        }
        if sink_port is None:
            del self._settings["relayhost"]
        self._settings.update(settings or {})
        self._master = None

    def start(self, prefix=()):
        """`prefix` is a command that starts Postfix's master in its place."""
        for attempt in range(5):
            self.port = free_port()
            self._lay_out()
            self._master = subprocess.Popen(
                [*prefix, DAEMONS / "master", "-c", self.config, "-d"], start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env={"PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin"), "LANG": "C"})
            try:
                wait_until(self._answers, 20, "Postfix greets on its port")
                return self
            except AssertionError:
                self.stop()
                if attempt == 4:
                    raise AssertionError("Postfix does not start:\n" + self.log()) from None
        return self

    def stop(self):
        if self._master is None:
            return
        try:
            os.killpg(self._master.pid, signal.SIGTERM)
            self._master.wait(20)
        except ProcessLookupError:
            pass
        except subprocess.TimeoutExpired:
            os.killpg(self._master.pid, signal.SIGKILL)
            self._master.wait()
        self._master = None

    @property
    def pid(self):
        return self._master.pid

    def set(self, **settings):
        """Changes main.cf; new connections see it."""
        self._settings.update(settings)
        self._write_main()
        self._master.send_signal(signal.SIGHUP)

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def queue(self):
        """What postqueue -j tells, one dictionary a message."""
        listing = self._run("postqueue", "-c", self.config, "-j").decode("utf-8", "replace")
        return [json.loads(line) for line in listing.splitlines()]

    def flush(self):
        self._run("postqueue", "-c", self.config, "-f")

    def release(self, queue_id):
        """Takes a message out of the hold queue."""
        self._run("postsuper", "-c", self.config, "-H", queue_id)

    def queued_message(self, queue_id):
        """The message in the queue file as postcat shows it: header and body, LF lines."""
        return self._run("postcat", "-c", self.config, "-bh", "-q", queue_id)

    def queued(self, queue_id):
        """The envelope and the message in the queue file as postcat shows them."""
        whole = self._run("postcat", "-c", self.config, "-q", queue_id)
        envelope, rest = re.split(rb"^\*\*\* MESSAGE CONTENTS .* \*\*\*\n", whole, 1, re.M)
        message, _, extracted = rest.rpartition(b"*** HEADER EXTRACTED ")
        return envelope + extracted, message

    def _run(self, *command):
        done = subprocess.run(command, capture_output=True, timeout=60, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{command[0]} failed: {done.stderr.decode(errors='replace')}")
        return done.stdout

    def _answers(self):
        if self._master.poll() is not None:
            return False
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=15) as probe:
                return probe.recv(4) == b"220 "
        except OSError:
            return False

    def _lay_out(self):
        postfix = pwd.getpwnam("postfix").pw_uid
        postdrop = grp.getgrnam("postdrop").gr_gid
        for folder in (self.directory, self.config, self.spool, self.spool / "pid"):
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)
        for name in _QUEUES:
            _private(self.spool / name, 0o700, postfix, 0)
        _private(self.spool / "public", 0o2710, postfix, postdrop)
        _private(self.spool / "maildrop", 0o1730, postfix, postdrop)
        _private(self.directory / "lib", 0o700, postfix, 0)
        (self.config / "master.cf").write_text(
            _SERVICES.format(port=self.port, processes=self._processes,
                             cleanup_options=self._cleanup_options))
        self._write_main()

    def _write_main(self):
        (self.config / "main.cf").write_text(
            "".join(f"{name} = {value}\n" for name, value in self._settings.items()))


def _private(folder, mode, owner, group):
    folder.mkdir(exist_ok=True)
    os.chown(folder, owner, group)
    folder.chmod(mode)


