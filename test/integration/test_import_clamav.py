"""--import-clamav, beside clamd, clamav-milter and clamconf themselves."""

import os
import pwd
import re
import shutil
import subprocess
import unittest
from pathlib import Path

from support import signature_database
from support.mail_case import MailCase, main
from support.milterd import run

CLAMD = shutil.which("clamd", path="/usr/sbin:/usr/local/sbin")
MILTER = shutil.which("clamav-milter", path="/usr/sbin:/usr/local/sbin")
DEBIAN = (Path("/etc/clamav/clamd.conf"), Path("/etc/clamav/clamav-milter.conf"))
# Names that clamconf does not list, since clamd and clamav-milter have given them up.
GIVEN_UP = {
    "clamd": "AllowSupplementaryGroups ArchiveBlockMax ArchiveLimitMemoryUsage "
             "ArchiveMaxCompressionRatio ArchiveMaxFiles ArchiveMaxRecursion ArchiveMaxScanSize "
             "DetectBrokenExecutables MailFollowURLs MailMaxRecursion ScanOnAccess".split(),
    "clamav-milter": "AllowSupplementaryGroups ArchiveBlockEncrypted DatabaseDirectory Debug "
                     "DetectBrokenExecutables LeaveTemporaryFiles LocalSocket MailFollowURLs "
                     "MaxFiles MaxRecursion MaxScanSize PhishingSignatures ScanArchive ScanHTML "
                     "ScanMail ScanOLE2 ScanPE StreamMaxLength TCPAddr TCPSocket".split(),
}
CLAMD_LINES = (
    "ScanPE yes", "ScanPE YES", "ScanPE True", "ScanPE 0", "ScanPE on", "ScanPE", "ScanPE  ",
    "scanpe yes", "ScanPEX yes", "  ScanPE \t yes \t", "ScanPE yes # no", "#ScanPE on", "x", "xy",
    "ScanPE yes\r", "\r", "MaxFileSize 1g", "MaxFileSize 5M", "MaxFileSize 5T", "MaxFileSize -1",
    "MaxFileSize 08", "MaxFileSize 010", "MaxFileSize 0x10", "MaxFileSize 99999999999999999999",
    "MaxFiles 5", "MaxFiles 5M", "MaxFiles -5", "BytecodeMode auto", "BytecodeMode fast",
    "BytecodeSecurity None", "BytecodeSecurity paranoid", "TemporaryDirectory \"/a b\"",
    "TemporaryDirectory \"/a", "TemporaryDirectory \"\"", "TemporaryDirectory \"/a\"b\"c",
    "Example", "Examples yes", "ScanOnAccess on", "OnInfected Reject", "ScanPE no\nScanPE yes",
    "OnAccessCurlTimeout 10000L", "TemporaryDirectory /" + 490 * "x",
)
MILTER_LINES = (
    "OnInfected Reject", "OnInfected reject", "OnInfected Discard", "OnFail Quarantine",
    "OnFail defer", "AddHeader Yes", "AddHeader add", "AddHeader 1", "OnClean Blackhole",
    "SupportMultipleRecipients yes", "SupportMultipleRecipients maybe", "ScanPDF yes",
    "ScanPE yes", "MaxFileSize 25M", "MaxFileSize lots", "LocalNet local\nLocalNet 192.0.2.0/24",
)
EVERY_CLAMD_OPTION = """\
DatabaseDirectory {directory}/db
TemporaryDirectory {directory}
OfficialDatabaseOnly no
MaxScanSize 0
MaxFileSize 0
MaxEmbeddedPE 0
MaxHTMLNormalize 0
MaxHTMLNoTags 0
MaxScriptNormalize 0
MaxZipTypeRcg 0
PCREMaxFileSize 0
MaxScanTime 0
BytecodeTimeout 0
MaxFiles 0
MaxRecursion 0
MaxPartitions 0
MaxIconsPE 0
MaxRecHWP3 0
PCREMatchLimit 0
PCRERecMatchLimit 0
CacheSize 1000
StructuredDataDetection yes
StructuredMinCreditCardCount 2
StructuredMinSSNCount 2
StructuredSSNFormatNormal yes
StructuredSSNFormatStripped yes
DetectPUA yes
ExcludePUA NetTool
ExcludePUA PWTool
BytecodeMode ForceInterpreter
BytecodeSecurity Paranoid
VirusEvent /bin/true -x %v
User {user}
Debug yes
MaxThreads 4
MaxQueue 200
SelfCheck 600
FailIfCvdOlderThan 7
"""
EVERY_MILTER_OPTION = """\
MilterSocket {directory}/milter.sock
MilterSocketMode 660
OnInfected Reject
OnClean Accept
OnFail Defer
RejectMsg 100% sure: %v
AddHeader Add
ReportHostname mx.example.org
LogInfected Full
LogClean Basic
LogFile {directory}/milter.log
SupportMultipleRecipients yes
LocalNet local
LocalNet 192.0.2.0/24
LocalNet 2001:db8::/32
SkipAuthenticated ^(tom|dick|henry)$
AllowList {directory}/allowed
"""


def user():
    """Who may write to the test's directory."""
    return pwd.getpwuid(os.getuid()).pw_name


class ImportClamav(MailCase):
    def files(self, clamd, milter):
        paths = self.directory / "clamd.conf", self.directory / "clamav-milter.conf"
        for path, text in zip(paths, (clamd, milter)):
            path.write_bytes(text.encode())
        return paths

    def imported(self, clamd, milter):
        done = run("--import-clamav", *self.files(clamd, milter))
        self.assertEqual((done.returncode, done.stderr.decode()), (0, ""))
        path = self.directory / "milterd.toml"
        path.write_bytes(done.stdout)
        return path

    def assert_accepted(self, path):
        done = run("--check-config", "--config", path)
        self.assertEqual(done.returncode, 0, done.stderr.decode())

    def need(self, program):
        if program is None:
            self.skipTest("clamd and clamav-milter are not installed")

    @unittest.skipUnless(all(path.exists() for path in DEBIAN), "Debian's files are not there")
    def test_debians_own_files_are_taken_as_they_are(self):
        done = run("--import-clamav", *DEBIAN)
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    @unittest.skipUnless(all(path.exists() for path in DEBIAN), "Debian's files are not there")
    def test_what_comes_of_debians_own_files_is_accepted(self):
        database = self.directory / "db"
        signature_database.make(database)
        clamd, milter = (path.read_text() for path in DEBIAN)
        self.assertIn("/var/lib/clamav", clamd)
        clamd = clamd.replace("/var/lib/clamav", str(database))
        milter = milter.replace("/var/log/clamav", str(self.directory))
        milter = milter.replace("User clamav", f"User {user()}")
        self.assert_accepted(self.imported(clamd, milter))

    def test_what_comes_of_every_option_is_accepted(self):
        signature_database.make(self.directory / "db")
        (self.directory / "allowed").write_text("To:^<postmaster@example\\.org>$\n")
        switches = [name for name, value in self.listed("clamd.conf")
                    if value in ("yes", "no") and not name.startswith(("OnAccess", "Prelude"))]
        self.assertGreater(len(switches), 50)
        mentioned = EVERY_CLAMD_OPTION.split()
        switches = [name for name in switches if name not in mentioned]
        for value in ("yes", "no"):
            with self.subTest(switches=value):
                clamd = EVERY_CLAMD_OPTION + "".join(f"{name} {value}\n" for name in switches)
                self.assert_accepted(self.imported(
                    clamd.format(directory=self.directory, user=user()),
                    EVERY_MILTER_OPTION.format(directory=self.directory)))

    def listed(self, file):
        """The options that clamconf knows in `file`, with their defaults."""
        if shutil.which("clamconf") is None:
            self.skipTest("clamconf is not installed")
        text = subprocess.run(["clamconf", "-g", file], capture_output=True, text=True, timeout=60,
                              check=True).stdout
        options = re.findall(r"# Default: (.*)\n#([A-Z]\w+)", text)
        self.assertGreater(len(options), 30)
        return [(name, default) for default, name in options]

    def test_every_option_is_known_and_its_default_can_be_written(self):
        for file, program in (("clamd.conf", "clamd"), ("clamav-milter.conf", "clamav-milter")):
            text = "".join(
                f"{name} {'1' if default == 'disabled' else default}\n"
                for name, default in self.listed(file)
                if name not in ("Chroot", "LogFile", "MilterSocket", "IncludePUA", "LogInfected",
                                "LogClean"))
            text += "".join(f"{name} 1\n" for name in GIVEN_UP[program])
            if program == "clamd":
                done = run("--import-clamav", *self.files(text, ""))
            else:
                done = run("--import-clamav", *self.files("", text))
            self.assertEqual((done.returncode, done.stderr.decode()), (0, ""))

    def test_what_clamd_would_not_read_is_refused_and_the_rest_is_not(self):
        self.need(CLAMD)
        for line in CLAMD_LINES:
            clamd, milter = self.files(line + "\n", "")
            self.compare(line, CLAMD, "an't open/parse the config file", clamd, (clamd, milter))

    def test_what_clamav_milter_would_not_read_is_refused_and_the_rest_is_not(self):
        self.need(MILTER)
        for line in MILTER_LINES:
            clamd, milter = self.files("", line + "\n")
            self.compare(line, MILTER, "cannot parse config file", milter, (clamd, milter))

    def compare(self, line, program, complaint, path, paths):
        """Both stop, at the latest since no socket is named."""
        with self.subTest(line=line):
            theirs = subprocess.run([program, "-c", path], capture_output=True, timeout=60,
                                    check=False, stdin=subprocess.DEVNULL)
            self.assertNotEqual(theirs.returncode, 0)
            said = (theirs.stdout + theirs.stderr).decode(errors="replace")
            done = run("--import-clamav", *paths)
            self.assertEqual(done.returncode, 78 if complaint in said else 0, said)

    def test_what_is_wrong_is_told_and_the_rest_is_printed(self):
        clamd, milter = self.files("ScanPE no\nScanPDFs no\n", "Chroot /jail\nOnInfected Reject\n")
        done = run("--import-clamav", clamd, milter)
        self.assertEqual(done.returncode, 78)
        errors = done.stderr.decode().splitlines()
        self.assertEqual(errors[0], f"milterd: {clamd}:2: ScanPDFs no: refused: clamd has no such "
                                    "option; did you mean ScanPDF?")
        self.assertTrue(errors[1].startswith(f"milterd: {milter}:1: Chroot /jail: refused: "))
        self.assertEqual(len(errors), 2)
        self.assertIn(b"scan_pe = false\n", done.stdout)
        self.assertIn(b'on_infected = "reject"\n', done.stdout)

    def test_files_that_cannot_be_read_and_wrong_usage(self):
        clamd, milter = self.files("", "")
        missing = self.directory / "missing"
        for paths in ((missing, milter), (clamd, missing), (clamd, self.directory)):
            done = run("--import-clamav", *paths)
            self.assertEqual((done.returncode, done.stdout), (66, b""))
            self.assertIn(str(paths[0] if paths[0] == missing else paths[1]), done.stderr.decode())
        self.assertEqual(run("--import-clamav", clamd, "-").returncode, 0)
        self.assertEqual(run("--import-clamav", "-", milter).returncode, 0)
        for arguments in ((), (clamd,), (clamd, milter, milter), ("-", "-"), (clamd, ""),
                          (clamd, milter, "--config", clamd),
                          (clamd, milter, "--check-config")):
            self.assertEqual(run("--import-clamav", *arguments).returncode, 64, arguments)


if __name__ == "__main__":
    main()
