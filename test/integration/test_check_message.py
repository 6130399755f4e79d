"""--check-message: forms of input, reports, exit status, --write-message."""

import json
import os
import re
import subprocess
from pathlib import Path

from support import messages, signature_database
from support.keys import make_key, write_test_public_keys
from support.mail_case import MailCase, main
from support.milterd import Milterd, binary, run, stage

REPORT = ["file", "size", "action", "decided_by", "reply", "stages", "modifications", "ms"]
STAGE = ["name", "plugin", "verdict", "reason", "ms", "detail"]
EDIT = ["stage", "op", "name", "value", "index"]
SIGNATURE = ["domain", "selector", "algorithm", "key_bits", "result", "reason", "header_b"]


class CheckMessage(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        database = cls.directory / "database"
        database.mkdir()
        signature_database.make(database)
        key = make_key(cls.directory, "s1")
        keys = write_test_public_keys(cls.directory / "keys.txt", [key])
        cls.dkim = stage("dkim", mode=["sign", "verify"], domain=["example.org"], selector="s1",
                         key_file=key.path, test_public_keys=keys)
        cls.clamav = stage("clamav", database_directory=database)
        cls.config = Milterd(cls.directory / "daemon", cls.dkim + cls.clamav).config_path

    def file(self, content, name="message.eml"):
        path = self.directory / name
        path.write_bytes(content)
        return path

    def check(self, *arguments, data=None, config=None):
        """(exit status, reports, standard error)."""
        done = run("--check-message", *arguments, "--config", config or self.config,
                   "--format", "json", data=data)
        reports = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode, reports, done.stderr.decode()

    def config_with(self, **clamav):
        return Milterd(self.directory / "other",
                       stage("clamav", database_directory=self.directory / "database",
                             **clamav)).config_path

    def test_the_report_has_its_members_in_their_order(self):
        path = self.file(messages.message())
        code, [report], _ = self.check(path, "--client-address", "198.51.100.9")
        self.assertEqual(code, 0)
        self.assertEqual(list(report), REPORT)
        self.assertEqual(report["file"], str(path))
        self.assertEqual(report["size"], len(messages.message()))
        self.assertEqual((report["action"], report["decided_by"], report["reply"]),
                         ("accept", None, None))
        self.assertEqual([list(s) for s in report["stages"]], [STAGE, STAGE])
        self.assertEqual([(s["name"], s["plugin"], s["verdict"]) for s in report["stages"]],
                         [("dkim", "dkim", "continue"), ("clamav", "clamav", "continue")])
        self.assertEqual(list(report["stages"][0]["detail"]), ["mode", "why", "signatures"])
        detail = report["stages"][1]["detail"]
        self.assertEqual(list(detail), ["status", "signature", "reason", "database"])
        self.assertEqual(list(detail["database"]), ["version", "signatures", "loaded"])
        self.assertEqual((detail["status"], detail["signature"]), ("clean", None))
        for edit in report["modifications"]:
            self.assertEqual(list(edit), EDIT)
            self.assertFalse(edit["value"].startswith(" "))

    def test_a_signature_made_is_reported(self):
        _, [report], _ = self.check(self.file(messages.message()))
        detail = report["stages"][0]["detail"]
        self.assertEqual(detail["mode"], "sign")
        self.assertEqual([list(s) for s in detail["signatures"]], [SIGNATURE])
        signature = detail["signatures"][0]
        self.assertEqual(
            (signature["domain"], signature["selector"], signature["algorithm"],
             signature["key_bits"], signature["result"]),
            ("example.org", "s1", "rsa-sha256", 2048, "signed"))

    def test_the_answer_is_the_same_every_time(self):
        path = self.file(messages.message())
        reports = []
        for _ in range(2):
            _, [report], _ = self.check(path, "--time", "1795341039")
            del report["ms"]
            for entry in report["stages"]:
                del entry["ms"]
            del report["stages"][1]["detail"]["database"]["loaded"]
            reports.append(report)
        self.assertEqual(reports[0], reports[1])
        signature = next(e for e in reports[0]["modifications"] if e["name"] == "DKIM-Signature")
        self.assertIn("t=1795341039;", signature["value"])

    def test_exit_status(self):
        clean, bad = self.file(messages.message()), self.file(messages.eicar_zipped(), "bad.eml")
        cases = {
            "accepted": (0, [clean], {}),
            "rejected": (1, [bad], {}),
            "one of two rejected": (1, [clean, bad], {}),
            "discarded": (1, [bad], {"on_infected": "discard"}),
            "quarantined": (1, [bad], {"on_infected": "quarantine"}),
            "temporary failure": (75, [clean, bad], {"on_infected": "tempfail"}),
            "passed with a mark": (0, [bad], {"on_infected": "accept"}),
            "unreadable": (66, [self.directory / "missing.eml"], {}),
        }
        for name, (wanted, files, keys) in cases.items():
            with self.subTest(name):
                code, reports, _ = self.check(*files, config=self.config_with(**keys))
                self.assertEqual(code, wanted, reports)
        code, _, text = self.check(clean, config=self.config_with(on_infekted="x"))
        self.assertEqual(code, 78, text)
        self.assertEqual(run("--check-message", clean, "--config", self.config,
                             "--time", "soon").returncode, 64)

    def test_a_refusal_is_reported(self):
        _, [report], _ = self.check(self.file(messages.eicar_plain()))
        self.assertEqual((report["action"], report["decided_by"]), ("reject", "clamav"))
        self.assertEqual(list(report["reply"]), ["code", "enhanced", "text"])
        self.assertEqual((report["reply"]["code"], report["reply"]["enhanced"]), (550, "5.7.1"))
        self.assertEqual(report["modifications"], [])
        self.assertEqual(report["stages"][1]["detail"]["status"], "infected")

    def clamav_detail(self, message, config=None):
        """(exit status, the clamav stage's detail) for one message."""
        code, [report], _ = self.check(self.file(message), config=config)
        return code, next(s["detail"] for s in report["stages"] if s["plugin"] == "clamav")

    def test_what_the_scanner_says_is_reported(self):
        code, infected = self.clamav_detail(messages.eicar_zipped())
        loaded = infected["database"].pop("loaded")
        self.assertRegex(loaded, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual((code, infected), (1, {
            "status": "infected", "signature": signature_database.EICAR_NAME, "reason": None,
            "database": {"version": 0, "signatures": 1}}))

        limited = self.config_with(max_files=1, on_unscanned="tempfail")
        code, unscanned = self.clamav_detail(messages.attachment("a", b"text"), limited)
        self.assertEqual(unscanned["database"]["signatures"], 1)
        del unscanned["database"]
        self.assertEqual((code, unscanned), (75, {
            "status": "unscanned", "signature": None, "reason": "max_files exceeded"}))

        exempt = self.config_with(local_net=["203.0.113.0/24"])
        code, [report], _ = self.check(self.file(messages.eicar_plain()), "--client-address",
                                       "203.0.113.9", config=exempt)
        detail = report["stages"][0]["detail"]
        self.assertEqual((code, detail["status"], detail["signature"]), (0, "skipped", None))
        self.assertIn("local_net", detail["reason"])

    def test_a_scanner_without_a_database_is_reported(self):
        for action, wanted in (("accept", 0), ("tempfail", 75), ("reject", 1)):
            with self.subTest(action):
                config = Milterd(self.directory / "none", stage(
                    "clamav", database_directory=self.directory / "nothing-here",
                    on_fail=action)).config_path
                code, detail = self.clamav_detail(messages.eicar_plain(), config)
                self.assertEqual(code, wanted)
                self.assertEqual((detail["status"], detail["signature"]), ("unscanned", None))
                self.assertTrue(detail["reason"].startswith("no database"), detail)
                self.assertEqual(detail["database"],
                                 {"version": 0, "signatures": 0, "loaded": None})

    def test_line_ends_make_no_difference(self):
        forms = {"crlf": messages.message(), "lf": messages.message().replace(b"\r\n", b"\n"),
                 "no last newline": messages.message()[:-2]}
        seen = set()
        for name, content in forms.items():
            _, [report], _ = self.check(self.file(content, f"{name}.eml"), "--time", "1795341039")
            seen.add(json.dumps(report["modifications"]))
        self.assertEqual(len(seen), 1)

    def test_standard_input(self):
        code, [report], _ = self.check("-", data=messages.eicar_plain())
        self.assertEqual((code, report["action"], report["file"]), (1, "reject", "-"))

    def test_a_maildir(self):
        maildir = self.directory / "Maildir"
        for folder, content in (("cur", messages.message()), ("new", messages.eicar_plain())):
            (maildir / folder).mkdir(parents=True)
            (maildir / folder / "1.host:2,S").write_bytes(content)
        (maildir / "tmp").mkdir()
        code, reports, _ = self.check(maildir)
        self.assertEqual(code, 1)
        self.assertEqual([(r["file"], r["action"]) for r in reports],
                         [(str(maildir / "cur/1.host:2,S"), "accept"),
                          (str(maildir / "new/1.host:2,S"), "reject")])

    def test_an_mbox(self):
        one, two = (m.replace(b"\r\n", b"\n") for m in (messages.message(), messages.eicar_plain()))
        mbox = (b"From a@example.org Sun Nov 22 10:00:00 2026\n" + one
                + b">From here on it is quoted\n\n"
                b"From b@example.org Sun Nov 22 10:00:01 2026\n" + two + b"\n")
        code, reports, _ = self.check("--mbox", self.file(mbox, "mail.mbox"))
        self.assertEqual(code, 1)
        self.assertEqual([r["action"] for r in reports], ["accept", "reject"])

    def test_only_the_stages_named_run(self):
        _, [report], _ = self.check(self.file(messages.eicar_plain()), "--stage", "dkim")
        self.assertEqual(report["action"], "accept")
        self.assertEqual({s["name"]: s["verdict"] for s in report["stages"]}.get("clamav",
                         "skipped"), "skipped")

    def test_write_message_writes_what_the_mta_would_hold(self):
        written = self.directory / "written.eml"
        message = messages.message()
        code, [report], _ = self.check(self.file(message), "--write-message", written)
        self.assertEqual(code, 0)
        content = written.read_bytes()
        for edit in report["modifications"]:
            value = edit["value"].encode()
            self.assertIn(edit["name"].encode() + b": " + value,
                          content.replace(b"\r\n", b"\n") if b"\r\n" not in value else content)
        plain = content.replace(b"\r\n", b"\n")
        original = message.replace(b"\r\n", b"\n")
        self.assertIn(original.partition(b"\n\n")[0], plain)
        self.assertEqual(plain.partition(b"\n\n")[2], original.partition(b"\n\n")[2])

    def test_a_written_message_verifies(self):
        written = self.directory / "signed.eml"
        self.check(self.file(messages.message()), "--write-message", written)
        _, [report], _ = self.check(written, "--client-address", "198.51.100.9")
        self.assertEqual([s["result"] for s in report["stages"][0]["detail"]["signatures"]],
                         ["pass"])

    def test_write_message_into_a_directory(self):
        folder = self.directory / "out"
        folder.mkdir()
        one, two = self.file(messages.message(), "1.eml"), self.file(messages.message("B"), "2.eml")
        code, _, _ = self.check(one, two, "--write-message", folder)
        self.assertEqual(code, 0)
        self.assertEqual(len(list(folder.iterdir())), 2)

    def test_text_for_people(self):
        done = run("--check-message", self.file(messages.eicar_plain()), "--config", self.config)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"reject", done.stdout)
        self.assertIn(b"Infected with", done.stdout)

    def test_without_a_configuration_the_built_in_one_serves(self):
        done = run("--check-message", self.file(messages.message(sender="a@invalid.test")),
                   "--format", "json")
        self.assertIn(done.returncode, (0, 75), done.stderr)
        self.assertEqual([s["name"] for s in json.loads(done.stdout)["stages"]],
                         ["dkim", "clamav", "header_checks"])

    def test_hostile_input_is_survived(self):
        for content in (b"", b"\n", b"\r\n\r\n", b":\n", b"no colon here\n\nbody", b"\0" * 100,
                        b"A" * 200000, b"X:" + b"\r\n y" * 5000, b"Subject: a\rb\r\n\r\nx\ry\n",
                        b"From: a\n" * 500 + b"\n", "Ä: ö\n\nü".encode(), b"Name : v\n\n"):
            code, reports, text = self.check(self.file(content))
            self.assertIn(code, (0, 1, 75), (content[:40], text))
            self.assertEqual(len(reports), 1)

    def test_libclamav_reads_its_files_through_our_hooks(self):
        """Else each byte of a database costs a lock. The dynamic linker says who calls whom."""
        file = self.file(messages.message())
        said = subprocess.run(
            [binary(), "--check-message", file, "--config", self.config],
            env={**os.environ, "LD_DEBUG": "bindings"}, capture_output=True, check=True).stderr
        bound = re.findall(rb"binding file \S*libclamav\S* \[0\] to (\S+) \[0\]: "
                           rb"normal symbol [`'](fgetc|feof)'", said)
        self.assertEqual({(Path(os.fsdecode(by)).name, name) for by, name in bound},
                         {("milterd", b"fgetc"), ("milterd", b"feof")})


if __name__ == "__main__":
    main()
