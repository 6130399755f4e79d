"""A message over a limit is unscanned, with the reason, where clamav-milter says Clean; a virus below
every limit is found.
"""

import base64
import io
import json
import random
import zipfile

from support import clamav_peers, signature_database
from support.mail_case import MailCase, main
from support.milter_client import judge
from support.milterd import run, stage

KIB = 1024


def noise(size, seed=1):
    """Text that does not compress to nothing, in lines."""
    source = random.Random(seed)
    words = [b"%08x" % source.getrandbits(32) for _ in range(size // 9 + 1)]
    text = b" ".join(words)[:size]
    return b"\r\n".join(text[at:at + 70] for at in range(0, len(text), 70))


def mail(*parts):
    lines = [b"From: <sender@example.org>", b"To: <rcpt@example.net>", b"Subject: limits",
             b"MIME-Version: 1.0", b'Content-Type: multipart/mixed; boundary="b"', b""]
    for kind, content in parts:
        lines += [b"--b", b"Content-Type: " + kind, b"Content-Transfer-Encoding: base64", b"",
                  base64.encodebytes(content).strip().replace(b"\n", b"\r\n")]
    return b"\r\n".join([*lines, b"--b--", b""])


def archive(*members, method=zipfile.ZIP_DEFLATED):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as file:
        for name, content in members:
            file.writestr(name, content)
    return packed.getvalue()


def nested(depth, content):
    for level in range(depth):
        content = archive((f"level{level}.zip", content))
    return content


def encrypted(content):
    """An archive that says of its member that it is encrypted; of that only the flag is looked at."""
    packed = bytearray(archive(("secret.txt", content), method=zipfile.ZIP_STORED))
    packed[6] |= 1
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    return bytes(packed)


ZIP = b"application/zip"
VIRUS = signature_database.EICAR

# name: (settings of milterd, of clamd, the message over the limit, the reason)
OVER = {
    "file size": (
        {"max_file_size": "100KiB"}, {"MaxFileSize": "100K", "StreamMaxLength": "100K"},
        mail((b"text/plain", noise(80 * KIB)), (ZIP, archive(("eicar.com", VIRUS)))),
        "max_file_size exceeded"),
    "scan size": (
        {"max_scan_size": "150KiB", "max_file_size": "150KiB"},
        {"MaxScanSize": "150K", "MaxFileSize": "150K"},
        mail((ZIP, archive(*[(f"{i}.txt", noise(40 * KIB, i)) for i in range(4)]))),
        "max_scan_size exceeded"),
    "recursion": (
        {"max_recursion": 6}, {"MaxRecursion": "6"},
        mail((ZIP, nested(8, VIRUS))), "max_recursion exceeded"),
    "files": (
        {"max_files": 10}, {"MaxFiles": "10"},
        mail((ZIP, archive(*[(f"{i}.txt", noise(200, i)) for i in range(30)]))),
        "max_files exceeded"),
    "time": (
        {"max_scan_time": "50ms", "max_scan_size": "1GiB"},
        {"MaxScanTime": "50", "MaxScanSize": "1000M"},
        mail(*[(ZIP, archive(("x", (b"%06d " % i) * 300_000))) for i in range(60)]),
        "max_scan_time exceeded"),
    "encrypted": ({}, {}, mail((ZIP, encrypted(noise(KIB)))), "encrypted part"),
}

# With a virus at the end, name: (key, clamd's name if it counts as we do, the message)
# Of sizes it does not: each filter puts a line of its own in front.
WITH_VIRUS_AT_THE_END = {
    "file size": ("max_file_size", None, mail((b"text/plain", noise(80 * KIB)),
                                              (ZIP, archive(("e.com", VIRUS))))),
    "scan size": ("max_scan_size", None, mail((ZIP, archive(
        *[(f"{i}.txt", noise(40 * KIB, i)) for i in range(4)], ("e.com", VIRUS))))),
    "recursion": ("max_recursion", "MaxRecursion", mail((ZIP, nested(8, VIRUS)))),
    "files": ("max_files", "MaxFiles", mail((ZIP, archive(
        *[(f"{i}.txt", noise(200, i)) for i in range(40)], ("e.com", VIRUS))))),
}


class ClamavLimits(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if reason := clamav_peers.missing():
            raise AssertionError(reason)
        cls.database = cls.directory / "database"
        signature_database.make(cls.database)

    def milterd(self, name, settings):
        return self.start_milterd(
            stage("clamav", database_directory=self.database, on_unscanned="accept", **settings),
            name=name)

    def peers(self, name, settings):
        clamd = clamav_peers.Clamd(self.directory / f"{name} clamd".replace(" ", "-"),
                                   self.database, settings)
        self.addCleanup(clamd.stop)
        milter = clamav_peers.ClamavMilter(self.directory / f"{name} milter".replace(" ", "-"),
                                           clamd.start())
        self.addCleanup(milter.stop)
        return milter.start()

    def test_over_a_limit_is_unscanned_where_clamav_milter_says_clean(self):
        for name, (ours, theirs, message, reason) in OVER.items():
            with self.subTest(name):
                milterd = self.milterd(name.replace(" ", "-"), ours)
                answer = judge(milterd.socket_path, message)
                self.assertEqual([value.strip() for value in answer.headers("X-Virus-Status")],
                                 [f"Unscanned ({reason})".encode()])
                self.assertEqual(answer.word, "continue")
                self.assertEqual(self.peers(name, theirs).status_of(message), "Clean")

    def test_below_every_limit_a_virus_at_the_end_is_found(self):
        milterd = self.milterd("below", {
            "max_file_size": "100KiB", "max_scan_size": "400KiB", "max_recursion": 12,
            "max_files": 60})
        below = {
            "size": mail((b"text/plain", noise(60 * KIB)), (ZIP, archive(("e.com", VIRUS)))),
            "recursion": mail((ZIP, nested(8, VIRUS))),
            "files": mail((ZIP, archive(*[(f"{i}.txt", noise(200, i)) for i in range(40)],
                                        ("eicar.com", VIRUS)))),
        }
        for name, message in below.items():
            with self.subTest(name):
                answer = judge(milterd.socket_path, message)
                self.assertEqual(answer.reply, "550 5.7.1 Infected with "
                                               + signature_database.EICAR_NAME)

    def detail(self, message, **settings):
        """What --check-message says of the scan."""
        file, config = self.directory / "message.eml", self.directory / "milterd.toml"
        file.write_bytes(message)
        config.write_text(stage("clamav", database_directory=self.database, **settings))
        done = run("--check-message", file, "--config", config, "--format", "json")
        return json.loads(done.stdout)["stages"][0]["detail"]

    def least_that_finds(self, key, message):
        """The least value of the limit with which the virus in `message` is found."""
        form = (lambda value: f"{value}B") if key.endswith("size") else (lambda value: value)
        too_low, enough = (KIB, 1024 * KIB) if key.endswith("size") else (1, 100)
        while enough - too_low > 1:
            middle = (enough + too_low) // 2
            if self.detail(message, **{key: form(middle)})["status"] == "infected":
                enough = middle
            else:
                too_low = middle
        below = self.detail(message, **{key: form(enough - 1)})
        self.assertEqual((below["status"], below["reason"]), ("unscanned", f"{key} exceeded"))
        above = self.detail(message, **{key: form(enough)})
        self.assertEqual(above["signature"], signature_database.EICAR_NAME)
        return enough

    def test_one_step_below_a_limit_a_virus_is_found_and_one_above_the_message_is_unscanned(self):
        for name, (key, theirs, message) in WITH_VIRUS_AT_THE_END.items():
            with self.subTest(name):
                least = self.least_that_finds(key, message)
                if theirs is None:
                    continue
                at, below = (self.peers(f"{name} {value}", {theirs: value}).status_of(message)
                             for value in (least, least - 1))
                self.assertEqual(at, f"Infected ({signature_database.EICAR_NAME})")
                self.assertEqual(below, "Clean")

    def test_each_reason_has_its_own_action(self):
        milterd = self.milterd("reasons", {
            "max_recursion": 6, "max_files": 10, "on_unscanned_recursion": "reject",
            "on_unscanned_files": "tempfail", "on_unscanned_encrypted": "quarantine"})
        self.assertEqual(judge(milterd.socket_path, OVER["recursion"][2]).reply,
                         "550 5.7.1 Message could not be scanned: max_recursion exceeded")
        self.assertEqual(judge(milterd.socket_path, OVER["files"][2]).reply,
                         "451 4.7.1 Message could not be scanned: max_files exceeded")
        held = judge(milterd.socket_path, OVER["encrypted"][2])
        self.assertIn(("quarantine", "unscanned: encrypted part"), held.edits)
        self.assertEqual(held.word, "continue")


if __name__ == "__main__":
    main()
