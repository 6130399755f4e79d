#!/usr/bin/env python3
"""The part of tools/quickstart that runs servers and sends mail. Exit status 1 if anything is not
as it should be."""

import os
import pwd
import shutil
import signal
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "test"))

from support import messages, signature_database
from support.keys import make_key, write_test_public_keys
from support.milterd import Milterd, stage
from support.opendkim import OpenDkim
from support.postfix import Postfix
from support.smtp_client import send
from support.waiting import wait_until

RECIPIENT = "you@example.net"
TABLE = "/^Subject:.*refuse me/ REJECT the subject is in the header table\n"
SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
SHOWN = ("DKIM-Signature", "Authentication-Results", "X-Virus-Scanned", "X-Virus-Status")


class Quickstart:
    """Everything that it writes lies in `directory`."""

    def __init__(self, directory):
        self.directory = directory
        self.directory.chmod(0o755)
        self.failures = 0
        database = self.directory / "database"
        database.mkdir()
        signature_database.make(database)
        table = self.directory / "header_checks.pcre"
        table.write_text(TABLE)
        key = make_key(self.directory, "quickstart")
        self.public_keys = write_test_public_keys(self.directory / "keys.txt", [key])
        self.milterd = Milterd(
            self.directory / "milterd",
            stage("dkim", mode=["sign", "verify"], domain=["example.org"], selector="quickstart",
                  key_file=key.path, test_public_keys=self.public_keys)
            + stage("clamav", database_directory=database)
            + stage("header_checks", header_checks=[f"pcre:{table}"]))
        self.postfix = Postfix(self.directory / "postfix", None, self.postfix_settings())

    def postfix_settings(self):
        nobody = pwd.getpwnam("nobody")
        self.mailbox = self.directory / "mail" / "inbox"
        self.mailbox.parent.mkdir()
        os.chown(self.mailbox.parent, nobody.pw_uid, nobody.pw_gid)
        return {
            "smtpd_milters": self.milterd.milter_address,
            "milter_default_action": "tempfail",
            "virtual_mailbox_domains": "example.net",
            "virtual_mailbox_base": self.mailbox.parent,
            "virtual_mailbox_maps": f"static:{self.mailbox.name}/",
            "virtual_uid_maps": f"static:{nobody.pw_uid}",
            "virtual_gid_maps": f"static:{nobody.pw_gid}",
            "default_transport": "error:this Postfix delivers to example.net only",
            "relay_transport": "error:this Postfix delivers to example.net only",
        }

    def start(self):
        self.milterd.start(prefix=("setsid",))
        self.postfix.start()

    def stop(self):
        self.postfix.stop()
        self.milterd.stop(10)

    def show_logs(self):
        for name, server in (("milterd", self.milterd), ("Postfix", self.postfix)):
            print(f"the end of {name}'s log:\n{server.log()[-4000:]}", file=sys.stderr)

    def expect(self, right, what):
        if not right:
            self.failures += 1
            print(f"  NOT AS EXPECTED: {what}")

    def delivered(self):
        """The one message in the mailbox as it came in by SMTP: CRLF, without the mailbox's own
        three fields."""
        new = self.mailbox / "new"
        files = wait_until(lambda: new.exists() and list(new.iterdir()), 30,
                           "the clean message is delivered")
        lines = files[0].read_bytes().splitlines(keepends=True)
        while lines[0].split(b":")[0] in (b"Return-Path", b"X-Original-To", b"Delivered-To"):
            del lines[0]
        return b"".join(lines).replace(b"\n", b"\r\n")

    def clean_message(self):
        answer = send(self.postfix.port, messages.message("A clean message"),
                      recipients=[RECIPIENT])
        print(f"clean message:           {answer}")
        self.expect(answer.code == 250, "a clean message is accepted")
        if answer.code != 250:
            return
        delivered = self.delivered()
        head = delivered.partition(b"\r\n\r\n")[0].decode("latin-1").replace("\r\n\t", " ")
        head = head.replace("\r\n ", " ")
        fields = dict(line.split(": ", 1) for line in head.split("\r\n"))
        for name in SHOWN:
            if name in fields:
                value = fields[name] if len(fields[name]) < 90 else fields[name][:87] + "..."
                print(f"  delivered with         {name}: {value}")
        verifier = OpenDkim(self.directory / "opendkim", public_keys=self.public_keys)
        try:
            verifier.start()
            verified = "dkim=pass" in verifier.verify(delivered)
        finally:
            verifier.stop()
        print(f"  opendkim says          the signature {'verifies' if verified else 'is WRONG'}")
        self.expect(verified, "the signature verifies")
        self.expect(fields.get("X-Virus-Status") == "Clean", "X-Virus-Status is Clean")

    def infected_message(self):
        answer = send(self.postfix.port, messages.eicar_zipped(), recipients=[RECIPIENT])
        print(f"infected message (zip):  {answer}")
        self.expect(answer.code == 550, "an infected message is refused with 550")

    def header_checked_message(self):
        answer = send(self.postfix.port, messages.message("Please refuse me"),
                      recipients=[RECIPIENT])
        print(f"header-checked message:  {answer}")
        events = [fields for _, _, fields in self.milterd.events("reject")]
        rule = events[-1].get("rule", "?") if events else "nobody"
        print(f"  decided by             {rule}")
        self.expect(answer.code == 550, "a message whose subject is in the table is refused")
        self.expect(rule.endswith("header_checks.pcre:1"), "milterd's stage refused it")

    def show_mail(self):
        try:
            self.start()
            self.clean_message()
            self.infected_message()
            self.header_checked_message()
        except (AssertionError, OSError):
            self.show_logs()
            raise
        if self.failures:
            self.show_logs()

    def tell_how_to_talk(self):
        postfix, milterd = self.postfix, self.milterd
        reload = f"kill -HUP {milterd.process.pid}"
        stop = f"kill {postfix.pid} {milterd.process.pid}; sleep 6; rm -r {self.directory}"
        if as_root := os.environ.get("AS_ROOT"):
            # kill is the shell's own: a small Debian has no program of that name.
            reload, stop = (f"{as_root} sh -c '{line}'" for line in (reload, stop))
        print(f"""
Both are running. Mail for anybody@example.net goes to {self.mailbox}/new
  send        /usr/sbin/smtp-source -f you@example.org -t {RECIPIENT} 127.0.0.1:{postfix.port}
              or: swaks --server 127.0.0.1:{postfix.port} --from you@example.org --to {RECIPIENT}
  logs        {milterd.log_path}
              {postfix.log_path}
  settings    {milterd.config_path}   (then: {reload})
  stop        {stop}""")


def ignore_signals():
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def main():
    keep = "--keep" in sys.argv[1:]
    for number in SIGNALS:
        signal.signal(number, signal.default_int_handler)
    os.umask(0o022)
    try:
        with ExitStack() as cleanup:
            # Not in TMPDIR: Postfix's own users must get there, and a socket's path is short.
            directory = Path(tempfile.mkdtemp(prefix="milterd-quickstart-", dir="/tmp"))
            cleanup.callback(shutil.rmtree, directory)
            quickstart = Quickstart(directory)
            cleanup.callback(quickstart.stop)
            cleanup.callback(ignore_signals)
            quickstart.show_mail()
            if keep:
                quickstart.tell_how_to_talk()
                cleanup.pop_all()
    except KeyboardInterrupt:
        print("tools/quickstart: interrupted; all that ran is stopped", file=sys.stderr)
        return 130
    except (AssertionError, OSError) as error:
        print(f"tools/quickstart: {error}", file=sys.stderr)
        return 1
    if not keep:
        print("both are stopped; nothing is left behind")
    return 1 if quickstart.failures else 0


if __name__ == "__main__":
    sys.exit(main())
