"""--check-message and the daemon give the same verdict and the same edits."""

import json
import re

from support import messages, signature_database
from support.keys import make_key, write_test_public_keys
from support.mail_case import MailCase, main
from support.milter_client import MilterClient
from support.milterd import run, stage
from support.opendkim import OpenDkim, missing
from support.smtp_client import send

WIRE = {"add": "add_header", "insert": "insert_header", "change": "change_header"}
QUEUE_ID = "4QSAMEID"


def wire_edits(answer):
    """The daemon's edits in the form of the report's modifications."""
    edits = []
    for edit in answer.edits:
        if edit[0] not in WIRE:
            edits.append(edit)
            continue
        operation, name, value = WIRE[edit[0]], edit[-2], edit[-1].decode()
        if operation == "change_header" and not value:
            operation = "delete_header"
        index = edit[1] if edit[0] != "add" else 0
        edits.append((operation, name, index, value.removeprefix(" ").replace("\r\n", "\n")))
    return edits


def reported_edits(report):
    return [(edit["op"], edit["name"], edit["index"], edit["value"].replace("\r\n", "\n"))
            for edit in report["modifications"] if edit["op"] != "quarantine"]

HEAD = (b"From: sender@example.org\r\nTo: rcpt@example.net\r\nSubject: s\r\n"
        b"Date: Mon, 1 Jan 2026 00:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n")
ODD_MESSAGES = {
    "plain": HEAD + b"\r\nbody\r\n",
    "a bare CR": HEAD + b"\r\na\rb\r\n",
    "two CRs at the end of a line": HEAD + b"\r\nab\r\r\nc\r\n",
    "NUL": HEAD + b"\r\na\0b\r\n",
    "a line of 5000 bytes": HEAD + b"\r\n" + b"x" * 5000 + b"\r\n",
    "an empty body": HEAD + b"\r\n",
    "no body": HEAD,
    "a From line of a mailbox": b"From someone Mon Jan  1\r\n" + HEAD + b"\r\nbody\r\n",
    "a blank before the colon": HEAD.replace(b"Subject: s", b"Subject : s") + b"\r\nbody\r\n",
    "a line in the header that is none": HEAD + b"no header\r\nX-After: 1\r\n\r\nbody\r\n",
    "a CR in the header": HEAD.replace(b"Subject: s", b"Subject: a\rb") + b"\r\nbody\r\n",
    "NUL in the header": HEAD.replace(b"Subject: s", b"Subject: a\0b") + b"\r\nbody\r\n",
    "folds": HEAD.replace(b"Subject: s", b"Subject:\r\n a\r\n\tb ") + b"\r\nbody\r\n",
    "a blank fold": HEAD.replace(b"Subject: s", b"Subject: a\r\n  \r\n b") + b"\r\nbody\r\n",
    "blanks at line ends": HEAD.replace(b"Subject: s", b"Subject: a  ") + b"\r\nb  \r\n \r\n\r\n",
    "8-bit bytes": HEAD.replace(b"Subject: s", b"Subject: \xe9") + b"\r\n\xff\xfe\r\n",
}


class SameVerdict(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        database = cls.directory / "database"
        database.mkdir()
        signature_database.make(database)
        own = make_key(cls.directory, "s1")
        cls.foreign = make_key(cls.directory, "other", domain="example.com")
        cls.keys = write_test_public_keys(cls.directory / "keys.txt", [own, cls.foreign])
        cls.milterd = cls.start_milterd(
            stage("dkim", mode=["sign", "verify"], domain=["example.org"], selector="s1",
                  key_file=own.path, test_public_keys=cls.keys, internal_hosts=["192.0.2.7"])
            + stage("clamav", database_directory=database, on_infected="reject"))

    def compare(self, message, **from_whom):
        sender = from_whom.get("sender", "sender@example.org")
        with MilterClient(self.milterd.socket_path) as milter:
            milter.negotiate()
            milter.connect()
            milter.helo()
            daemon = milter.message(message, sender=sender, queue_id=QUEUE_ID)
            milter.quit()
        path = self.directory / "message.eml"
        path.write_bytes(message)
        signed = re.search(rb"\bt=(\d+);", b"".join(daemon.headers("DKIM-Signature")))
        time = ["--time", signed[1].decode()] if signed else []
        done = run("--check-message", path, "--config", self.milterd.config_path,
                   "--format", "json", "--client-address", "192.0.2.7",
                   "--client-name", "client.test", "--helo", "client.test",
                   "--mail-from", sender, "--rcpt", "rcpt@example.net",
                   "--macro", f"i={QUEUE_ID}", "--macro", "j=mx.test", *time)
        self.assertIn(done.returncode, (0, 1, 75), done.stderr.decode())
        report = json.loads(done.stdout)
        self.assertEqual(reported_edits(report), wire_edits(daemon))
        if daemon.letter == b"y":
            reply = report["reply"]
            self.assertEqual(daemon.reply.replace("%%", "%"),
                             f"{reply['code']} {reply['enhanced']} {reply['text']}")
            self.assertIn(report["action"], ("reject", "tempfail"))
        else:
            words = {"continue": ("accept", "quarantine"), "accept": ("accept", "quarantine"),
                     "discard": ("discard",)}
            self.assertIn(report["action"], words[daemon.word])
        return daemon, report

    def test_signed_mail(self):
        for message in messages.ordinary(24):
            daemon, report = self.compare(message)
            self.assertEqual(len(daemon.headers("DKIM-Signature")), 1)
            self.assertEqual(report["stages"][0]["detail"]["mode"], "sign")

    def test_verified_mail(self):
        if reason := missing():
            self.skipTest(reason)
        signer = OpenDkim(self.directory / "signer", key=self.foreign).start()
        self.addCleanup(signer.stop)
        for message in messages.ordinary(8, sender="sender@example.com"):
            signed = signer.sign(message)
            _, report = self.compare(signed, sender="sender@example.com")
            self.assertEqual([s["result"] for s in report["stages"][0]["detail"]["signatures"]],
                             ["pass"])
            _, report = self.compare(signed.replace(b"Message-ID: <", b"Message-ID: <x").replace(
                b"From: ", b"From: x"), sender="sender@example.com")
            self.assertEqual([s["result"] for s in report["stages"][0]["detail"]["signatures"]],
                             ["fail"])

    def test_forged_fields(self):
        self.compare(b"Authentication-Results: mx.test; dkim=pass\r\nX-Virus-Status: Clean\r\n"
                     b"Authentication-Results: MX.TEST; dkim=pass\r\nX-Virus-Status: Clean\r\n"
                     + messages.message(sender="sender@example.com"), sender="sender@example.com")

    def test_infected_mail(self):
        for make in (messages.eicar_plain, messages.eicar_attached, messages.eicar_zipped):
            daemon, report = self.compare(make())
            self.assertEqual(daemon.letter, b"y")
            self.assertEqual(report["decided_by"], "clamav")

    def test_odd_mail_through_postfix(self):
        """A signature of every byte, simple/simple, tells whether the file was read as Postfix sent it."""
        self.need_postfix()
        key = make_key(self.directory, "s2")
        milterd = self.start_milterd(
            stage("dkim", mode=["sign"], domain=["example.org"], selector="s2", key_file=key.path,
                  canonicalization="simple/simple"), name="signer")
        sink = self.start_sink()
        postfix = self.start_postfix(sink, milterd.milter_address)
        path = self.directory / "odd.eml"
        for name, message in ODD_MESSAGES.items():
            with self.subTest(name):
                sink.clear()
                self.assertEqual(send(postfix.port, message).code, 250)
                delivered = sink.wait_for("rcpt@example.net")
                made = re.search(rb"DKIM-Signature:(.*?)\r\n(?=\S)", delivered, re.S)[1]
                time = re.search(rb"\bt=(\d+)", made)[1].decode()
                path.write_bytes(message)
                done = run("--check-message", path, "--config", milterd.config_path, "--format",
                           "json", "--time", time)
                edits = [edit["value"] for edit in json.loads(done.stdout)["modifications"]]
                self.assertEqual(edits, [made.decode().replace("\r\n", "\n").strip()])


if __name__ == "__main__":
    main()
