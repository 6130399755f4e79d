"""A wrong configuration is told in full, with its places, and never starts."""

import os
import subprocess

from support import signature_database
from support.keys import make_key
from support.mail_case import MailCase, main
from support.milterd import binary, run, stage
from support.waiting import free_port

WRONG = """\
[milter]
socket = "inet:127.0.0.1:{port}"
soket_mode = "0660"

[limits]
header_size = 12
sessions = 0

[[stage]]
plugin = "clamav"
on_infected = "rejekt"
max_scan_size = "lots"

[[stage]]
plugin = "no_such_plugin"
"""


class ConfigErrors(MailCase):
    def write(self, text):
        path = self.directory / "milterd.toml"
        path.write_text(text)
        return path

    def check(self, text, *arguments):
        done = run(*(arguments or ("--check-config",)), "--config", self.write(text))
        return done.returncode, (done.stdout + done.stderr).decode()

    def print_config(self, text):
        done = run("--print-config", "--config", self.write(text))
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout.decode()

    def test_every_fault_is_told_in_one_run(self):
        code, text = self.check(WRONG.format(port=free_port()))
        self.assertEqual(code, 78, text)
        name = self.directory / "milterd.toml"
        for place in (":3:1: error:", ":6:15: error:", ":7:12: error:", ":11:15: error:",
                      ":12:17: error:", ":15:10: error:"):
            self.assertIn(f"{name}{place}", text)
        self.assertIn("socket_mode", text.partition("soket_mode")[2], "the nearest name")
        self.assertIn("   11 | on_infected = \"rejekt\"\n      |               ^", text)

    def test_a_resolver_that_cannot_start_hides_no_fault_of_a_stage(self):
        code, text = self.check('[dns]\ntrust_anchor_file = "/dev/null"\n'
                                + stage("dkim", domain="example.org", selector="s",
                                        key_file="/missing.pem"))
        self.assertEqual(code, 78, text)
        self.assertIn("cannot read trust_anchor_file '/dev/null'", text)
        self.assertIn("cannot read '/missing.pem': No such file or directory", text)

    def test_a_check_finds_what_a_start_would_fail_at(self):
        log = self.directory / "missing" / "milterd.log"
        for text, fault in (
                (f'[log]\ntarget = "{log}"\n', f"cannot open the log file '{log}'"),
                ('[dns]\ntrust_anchor_file = "/dev/null"\n',
                 "cannot read trust_anchor_file '/dev/null': Invalid argument"),
                ('[milter]\nuser = "no-such-user"\n', 'cannot become user "no-such-user"')):
            if os.geteuid() != 0 and "user" in fault:
                continue
            code, said = self.check(text)
            self.assertEqual(code, 78, said)
            self.assertIn(fault, said)

    def test_a_key_that_only_root_can_read_is_a_fault_where_user_is_set(self):
        if os.geteuid() != 0:
            self.skipTest("only root can become another user")
        key = make_key(self.directory, "root-only")
        text = '[milter]\nuser = "nobody"\n' + stage(
            "dkim", mode=["sign"], domain=["example.org"], selector="s", key_file=key.path)
        (self.directory / "milterd.toml").touch(0o644)
        code, said = self.check(text)
        self.assertEqual(code, 78, said)
        self.assertIn("root-only.pem", said)

    def test_what_standard_output_does_not_take_is_a_failure(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([binary(), "--version"], stdout=full, stderr=subprocess.PIPE,
                                  check=False)
        self.assertEqual(done.returncode, 74, done.stderr)

    def test_a_start_tells_the_same_and_serves_nothing(self):
        text = WRONG.format(port=free_port())
        _, checked = self.check(text)
        done = run("--config", self.write(text))
        self.assertEqual(done.returncode, 78)
        for line in checked.splitlines():
            if ": error:" in line:
                self.assertIn(line, done.stderr.decode())

    def test_a_syntax_error_has_its_place(self):
        code, text = self.check("[milter]\nsocket = \"inet:127.0.0.1:1\n")
        self.assertEqual(code, 78)
        self.assertIn("milterd.toml:2:", text)

    def test_a_missing_file(self):
        done = run("--check-config", "--config", self.directory / "missing.toml")
        self.assertEqual(done.returncode, 78)
        self.assertIn("missing.toml", done.stderr.decode())
        self.assertIn("No such file or directory", done.stderr.decode())

    def test_a_missing_key_file(self):
        code, text = self.check(stage("dkim", mode=["sign"], domain=["example.org"], selector="s",
                                      key_file="/no/such/key.pem"))
        self.assertEqual(code, 78)
        self.assertIn("/no/such/key.pem", text)

    def test_a_right_configuration_passes(self):
        database = self.directory / "database"
        database.mkdir(exist_ok=True)
        signature_database.make(database)
        code, text = self.check(stage("dkim", mode=["verify"])
                                + stage("clamav", database_directory=database))
        self.assertEqual((code, "error" in text), (0, False), text)

    def test_a_broken_plugin_is_refused_by_name(self):
        for name in ("wrong_abi", "wrong_build", "no_build", "no_entry", "null_table",
                     "entry_throws", "init_fails", "init_throws", "no_make", "wrong_name"):
            with self.subTest(name):
                code, text = self.check(f'[milter]\nplugin_directory = "{self.plugins()}"\n'
                                        + stage(name))
                self.assertEqual(code, 78, text)
                self.assertIn(
                    f"milterd.toml:5:10: error: plugin '{self.plugins()}/{name}.so'", text)

    def test_a_stage_that_cannot_be_made_is_an_error_at_its_place(self):
        for name in ("makes_nothing", "make_fails", "make_throws"):
            with self.subTest(name):
                code, text = self.check(f'[milter]\nplugin_directory = "{self.plugins()}"\n'
                                        + stage(name))
                self.assertEqual(code, 78, text)
                self.assertIn("milterd.toml:4:1: error:", text)

    def test_a_file_without_a_stage_is_right(self):
        self.assertEqual(self.check("")[0], 0)

    def test_the_printed_configuration_reads_back_to_itself(self):
        first = self.print_config("[limits]\nrecipients = 7\n" + stage("dkim", mode=["verify"])
                                  + stage("clamav", add_header="add"))
        self.assertIn("recipients = 7", first)
        self.assertIn('add_header = "add"', first)
        self.assertEqual(self.print_config(first), first)


class CommandLine(MailCase):
    def test_wrong_usage_is_64(self):
        for arguments in (["--nonsense"], ["--check-message"], ["stray"],
                          ["--check-config", "--print-config"],
                          ["--check-message", "--format", "xml", "x"]):
            with self.subTest(arguments):
                done = run(*arguments)
                self.assertEqual(done.returncode, 64, done.stderr)
                self.assertTrue(done.stderr)

    def test_help_and_version(self):
        self.assertEqual(run("--help").returncode, 0)
        self.assertIn(b"--check-message", run("--help").stdout)
        self.assertEqual(run("--version").returncode, 0)
        self.assertTrue(run("--version").stdout.startswith(b"milterd "))


if __name__ == "__main__":
    main()
