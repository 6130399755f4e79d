"""ClamAV's own test files, wrapped as mail brings them: the same names as clamscan finds."""

import base64
import binascii
import hashlib
import io
import json
import os
import re
import zipfile
from pathlib import Path

from support import clamav_peers, signature_database
from support.mail_case import MailCase, main
from support.milterd import run, stage
from support.smtp_client import SmtpClient

FILES = Path("/usr/share/clamav-testfiles")
# Through Postfix in sanitizer builds: so many of the messages.
MOST_BY_SMTP = int(os.environ.get("CLAMAV_FILES_BY_SMTP", "1000"))
LEAST_FILES = 40
# Wrappings in which the same file is found are counted each.
LEAST_FOUND = 185
LEAST_NAMES = 8


def part(kind, encoding, content, name):
    return b"\r\n".join([
        b"--outer", b"Content-Type: " + kind + b'; name="' + name + b'"',
        b"Content-Transfer-Encoding: " + encoding, b"", content])


def mail(*parts):
    return b"\r\n".join([
        b"From: <sender@example.org>", b"To: <rcpt@example.net>", b"Subject: a file",
        b"MIME-Version: 1.0", b'Content-Type: multipart/mixed; boundary="outer"', b"", *parts,
        b"--outer--", b""])


def encoded(content):
    return base64.encodebytes(content).strip().replace(b"\n", b"\r\n")


def plain(content, name):
    """As it is, but for what Postfix makes of line ends: CRLF, and a CR for itself is a space."""
    lines = re.sub(rb"\r+\n", b"\n", content).replace(b"\r", b" ").replace(b"\n", b"\r\n")
    return mail(part(b"application/octet-stream", b"8bit", lines, name))


def attached(content, name):
    return mail(part(b"application/octet-stream", b"base64", encoded(content), name))


def uuencoded(content, name):
    lines = [binascii.b2a_uu(content[at:at + 45]).rstrip(b"\n")
             for at in range(0, len(content), 45)]
    return b"\r\n".join([
        b"From: <sender@example.org>", b"To: <rcpt@example.net>", b"Subject: a file", b"",
        b"begin 644 " + name, *lines, b"`", b"end", b""])


def zipped(content, name):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name.decode(), content)
    return attached(packed.getvalue(), name + b".zip")


def nested(content, name):
    inner = attached(content, name).replace(b"outer", b"inner")
    return mail(b"\r\n".join([b"--outer", b"Content-Type: message/rfc822", b"", inner]))


WRAPPINGS = {"plain": plain, "base64": attached, "uu": uuencoded, "zip": zipped, "nested": nested}


class ClamavFiles(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if reason := clamav_peers.missing():
            raise AssertionError(reason)
        cls.database = cls.directory / "database"
        signature_database.make(cls.database)
        program = (FILES / "clam.exe").read_bytes()
        # The file that is in all the others, by its hash and by its text; and every second of the
        # others by a hash of its own, so that it is seen which of two names wins.
        files = sorted(FILES.iterdir())
        known = {"ClamAV-Test-File": program}
        known |= {f"Sample-{file.name}": file.read_bytes() for file in files[::2]}
        (cls.database / "test.hdb").write_text("".join(
            f"{hashlib.md5(content).hexdigest()}:{len(content)}:{name}\n"
            for name, content in known.items()))
        text = b"[CLAMAV]"
        assert text in program
        (cls.database / "text.ndb").write_text(f"ClamAV-Test-Text:0:*:{text.hex()}\n")
        cls.mail = cls.directory / "mail"
        cls.mail.mkdir()
        for file in files:
            content = file.read_bytes()
            for wrapping, wrap in WRAPPINGS.items():
                (cls.mail / f"{file.name}.{wrapping}.eml").write_bytes(
                    wrap(content, file.name.encode()))
            if file.name in ("clam.mail", "clam.exe.mbox.base64", "clam.exe.mbox.uu"):
                whole = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
                if whole.startswith(b"From "):
                    whole = whole.partition(b"\r\n")[2]
                (cls.mail / f"{file.name}.whole.eml").write_bytes(whole)
        assert len(files) >= LEAST_FILES, files
        cls.expected = clamav_peers.clamscan(
            cls.database, cls.mail,
            ("--max-filesize=25M", "--max-scansize=100M", "--max-recursion=16"))
        cls.stages = stage("clamav", database_directory=cls.database)

    def test_check_message_finds_what_clamscan_finds(self):
        config = self.directory / "milterd.toml"
        config.write_text(self.stages)
        done = run("--check-message", self.mail, "--config", config, "--format", "json",
                   seconds=300)
        found = {}
        for line in done.stdout.splitlines():
            report = json.loads(line)
            detail = report["stages"][0]["detail"]
            found[Path(report["file"]).name] = detail["signature"] or detail["status"]
        self.assertEqual(set(found), set(self.expected))
        # clamscan calls "OK" what it could not look into, too.
        differ = {name: (said, self.expected[name]) for name, said in found.items()
                  if {"clean": "OK", "unscanned": "OK"}.get(said, said) != self.expected[name]}
        self.assertEqual(differ, {})
        self.assertGreaterEqual(sum(name != "OK" for name in self.expected.values()), LEAST_FOUND)
        self.assertGreaterEqual(len(set(self.expected.values())), LEAST_NAMES)

    def test_postfix_refuses_what_clamscan_finds(self):
        sink = self.start_sink()
        milterd = self.start_milterd(self.stages)
        postfix = self.start_postfix(sink, milterd.milter_address,
                                     smtpd_hard_error_limit="10000")
        names = sorted(self.expected)[::max(1, len(self.expected) // MOST_BY_SMTP)]
        wrong = {}
        with SmtpClient(postfix.port) as client:
            for name in names:
                answer = client.send("sender@example.org", ["rcpt@example.net"],
                                     (self.mail / name).read_bytes())
                found = self.expected[name]
                wanted = ("250 2.0.0 Ok" if found == "OK"
                          else f"550 5.7.1 Infected with {found}")
                if not str(answer).startswith(wanted):
                    wrong[name] = (str(answer), found)
        self.assertEqual(wrong, {})


if __name__ == "__main__":
    main()
