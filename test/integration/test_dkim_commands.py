"""milterd-keygen, milterd-testkey and --import-opendkim, beside a nameserver and opendkim."""

import json
import os
import re
import subprocess
import unittest
from pathlib import Path

from support import messages
from support.keys import DkimKey, make_key, write_test_public_keys
from support.mail_case import MailCase, main
from support.milter_client import judge
from support.milterd import Milterd, run, stage
from support.nameserver import Nameserver
from support.opendkim import OpenDkim

COMMANDS = Path(os.environ["MILTERD_BUILD"]).resolve() / "plugins" / "dkim" / "commands"
CLIENT = "192.0.2.7"
DEBIAN_CONFIGURATION = Path("/etc/opendkim.conf")
ZONE_HEAD = """\
$ORIGIN unrelated.example.
$TTL 60
{domain}. IN SOA ns.{domain}. root.{domain}. 1 3600 600 86400 60
{domain}. IN NS ns.{domain}.
ns.{domain}. IN A 127.0.0.1
alias._domainkey.{domain}. IN CNAME rsa._domainkey.{domain}.
"""


def command(name, *arguments):
    return subprocess.run([str(COMMANDS / name), *map(str, arguments)], capture_output=True,
                          text=True, timeout=60, check=False)


# Debian's package belongs to Debian's Python, whichever runs this.
DKIMPY = """\
import sys, dkim
record = sys.argv[1].encode()
sys.exit(0 if dkim.verify(sys.stdin.buffer.read(), dnsfunc=lambda name, timeout=5: record) else 1)
"""


def dkimpy_verifies(raw, record):
    done = subprocess.run(["/usr/bin/python3", "-c", DKIMPY, record], input=raw, timeout=60,
                          stderr=subprocess.PIPE, check=False)
    if b"No module named 'dkim'" in done.stderr:
        raise unittest.SkipTest("python3-dkim is not installed")
    return done.returncode == 0


def unfolded_tags(value):
    """A DKIM-Signature's tags without white space."""
    pairs = (tag.partition("=") for tag in re.sub(r"\s+", "", value).split(";") if tag)
    return {name: content for name, _, content in pairs}


class Commands(MailCase):
    def keygen(self, selector, *arguments):
        """The new key and what was said."""
        done = command("milterd-keygen", "-d", "example.org", "-s", selector, "-D",
                       self.directory, *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        record = re.search(r"^v=DKIM1.*$", done.stdout, re.MULTILINE).group()
        path = self.directory / f"{selector}.private"
        return DkimKey("example.org", selector, path, record), done.stdout

    def nameserver(self, records, extra=""):
        server = Nameserver(records, str(self.directory), extra)
        self.addCleanup(server.stop)
        return server

    def ask(self, server, *arguments):
        done = command("milterd-testkey", "--nameserver", server.address, *arguments)
        return done.returncode, done.stdout

    def sign(self, key, raw):
        config = Milterd(self.directory / "signer",
                         stage("dkim", mode=["sign"], domain=[key.domain], selector=key.selector,
                               key_file=key.path)).config_path
        done = run("--check-message", "-", "--config", config, "--write-message", "-", data=raw)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

    def test_new_keys_sign_mail_that_opendkim_and_dkimpy_verify(self):
        self.need_opendkim()
        rsa, _ = self.keygen("sign-rsa", "--note", "made; for a \"test\"", "--restrict")
        ed25519, _ = self.keygen("sign-ed", "--type", "ed25519")
        for key in (rsa, ed25519):
            with self.subTest(key.selector):
                signed = self.sign(key, messages.message())
                self.assertTrue(dkimpy_verifies(signed, key.record))
                self.assertFalse(dkimpy_verifies(signed.replace(b"test", b"text"), key.record))
                public = write_test_public_keys(self.directory / f"{key.selector}.keys", [key])
                peer = OpenDkim(self.directory / f"peer-{key.selector}", public_keys=public)
                self.addCleanup(peer.stop)
                self.assertIn("dkim=pass", peer.start().verify(signed))

    def test_the_zone_file_form_is_what_a_nameserver_serves(self):
        keys = [self.keygen("rsa", "-b", "4096", "-t", "-S")[0],
                self.keygen("ed", "--type", "ed25519")[0]]
        zone = self.directory / "example.org.zone"
        zone.write_text(ZONE_HEAD.format(domain="example.org") + "".join(
            (self.directory / f"{key.selector}.txt").read_text() for key in keys))
        server = self.nameserver({}, f"""\
  local-zone: "example.org" transparent
auth-zone:
  name: "example.org"
  zonefile: "{zone}"
""")
        flags = ("; it says t=y: verifiers take the domain for one that only tries DKIM out"
                 "; it says t=s: the domain of i= must be exactly that of d=")
        self.assertEqual(
            self.ask(server, "-d", "example.org", "-s", "rsa", "-k", keys[0].path),
            (0, f"rsa._domainkey.example.org: same{flags}\n"))
        self.assertEqual(
            self.ask(server, "-d", "example.org", "-s", "ed", "-k", keys[1].path),
            (0, "ed._domainkey.example.org: same\n"))
        self.assertEqual(
            self.ask(server, "-d", "example.org", "-s", "alias"),
            (0, "alias._domainkey.example.org: usable, an RSA key of 4096 bits; the record is "
                f"that of rsa._domainkey.example.org, by a CNAME{flags}\n"))

    def test_a_configuration_is_checked_key_by_key(self):
        good, other = (make_key(self.directory, selector) for selector in ("good", "other"))
        table = self.directory / "KeyTable"
        table.write_text(f"a example.org:good:{good.path}\nb example.org:gone:{good.path}\n"
                         f"c example.org:other:{good.path}\n")
        signing = self.directory / "SigningTable"
        signing.write_text("*@example.org a\n*@example.org b\n*@example.org c\n")
        config = Milterd(self.directory / "tables", stage(
            "dkim", mode=["sign"], key_table=str(table), signing_table=f"refile:{signing}",
            multiple_signatures=True, require_safe_keys=False)).config_path
        server = self.nameserver({good.name: [good.record], other.name: [other.record]})
        code, lines = self.ask(server, "--config", config)
        self.assertEqual(code, 1)
        publish = "publish this TXT record at {}._domainkey.example.org: " + good.record
        self.assertEqual(sorted(lines.splitlines()), [
            "gone._domainkey.example.org: missing: nobody can verify what this key signs, DNS "
            "does not know it: " + publish.format("gone"),
            "good._domainkey.example.org: same",
            "other._domainkey.example.org: differs: DNS has another key than the private one: "
            "use the private key that belongs to it, or " + publish.format("other")])

    def test_a_nameserver_that_is_gone_is_no_answer(self):
        server = self.nameserver({})
        server.stop()
        code, line = self.ask(server, "-d", "example.org", "-s", "s1")
        self.assertEqual(code, 75)
        self.assertTrue(line.startswith("s1._domainkey.example.org: no answer: "), line)

    def test_exit_statuses_tell_what_is_wrong(self):
        self.assertEqual(command("milterd-testkey").returncode, 64)
        self.assertEqual(command("milterd-testkey", "-d", "x.example", "-s", "s", "-k",
                                 self.directory / "missing").returncode, 66)
        wrong = self.directory / "wrong.toml"
        wrong.write_text('[[stage]]\nplugin = "dkim"\nmode = "sing"\n')
        self.assertEqual(command("milterd-testkey", "--config", wrong).returncode, 78)
        self.assertEqual(command("milterd-keygen").returncode, 64)
        self.assertEqual(command("milterd-keygen", "-d", "x.example", "-D",
                                 self.directory / "missing").returncode, 73)
        self.keygen("twice")
        self.assertEqual(command("milterd-keygen", "-d", "example.org", "-s", "twice", "-D",
                                 self.directory).returncode, 73)
        self.assertEqual((self.directory / "twice.private").stat().st_mode & 0o777, 0o600)


class Import(MailCase):
    def imported(self, path, code=0):
        """The path of the milterd.toml made from `path`."""
        done = run("--import-opendkim", path)
        self.assertEqual((done.returncode, done.stderr.decode()), (code, ""))
        toml = Path(f"{path}.toml")
        toml.write_bytes(done.stdout)
        return toml

    def test_debians_own_configuration_is_taken_as_it_is(self):
        if not DEBIAN_CONFIGURATION.exists():
            self.skipTest("opendkim is not installed")
        done = run("--import-opendkim", DEBIAN_CONFIGURATION)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        toml = self.directory / "debian.toml"
        toml.write_bytes(done.stdout)
        checked = run("--check-config", "--config", toml)
        self.assertEqual((checked.returncode, checked.stderr), (0, b""))

    def test_what_is_wrong_is_told_and_the_rest_is_printed(self):
        path = self.directory / "wrong.conf"
        path.write_text("Syslog yes\nKeyTabel /x\nFinalPolicyScript /y\n")
        done = run("--import-opendkim", path)
        self.assertEqual(done.returncode, 78)
        errors = done.stderr.decode().splitlines()
        self.assertEqual(errors[0], f"milterd: {path}:2: KeyTabel /x: refused: opendkim has no "
                                    "such option; did you mean KeyTable?")
        self.assertEqual(len(errors), 2)
        self.assertIn(b'target = "syslog"', done.stdout)
        self.assertEqual(run("--import-opendkim", self.directory / "missing").returncode, 66)
        self.assertEqual(run("--import-opendkim").returncode, 64)
        self.assertEqual(run("--import-opendkim", path, "--config", path).returncode, 64)
        self.assertEqual(run("--import-opendkim", path, "--check-config").returncode, 64)

    def same_signatures(self, name, settings, senders):
        """Signs a mail of each sender with both and compares; returns the tags that were made."""
        self.need_opendkim()
        settings = {"Mode": "sv", "InternalHosts": CLIENT, "AlwaysAddARHeader": "no",
                    "Canonicalization": "relaxed/simple", **settings}
        peer = OpenDkim(self.directory / name, settings=settings)
        self.addCleanup(peer.stop)
        toml = self.imported(self.directory_of(peer) / "opendkim.conf")
        checked = run("--check-config", "--config", toml)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        made = {}
        for sender in senders:
            raw = messages.message(sender=sender)
            values = judge(peer.socket, raw, client_address=CLIENT).headers("DKIM-Signature")
            theirs = [unfolded_tags(value.decode()) for value in values]
            done = run("--check-message", "-", "--config", toml, "--format", "json",
                       "--client-address", CLIENT, data=raw)
            report = json.loads(done.stdout)
            ours = [unfolded_tags(edit["value"]) for edit in report["modifications"]
                    if edit["name"] == "DKIM-Signature"]
            made[sender] = ours
            key = lambda tags: (tags["d"], tags["s"])
            theirs.sort(key=key)
            ours.sort(key=key)
            with self.subTest(name, sender=sender):
                for tag in ("d", "s", "i", "c", "a", "x"):
                    self.assertEqual([tags.get(tag) if tag != "x" else tag in tags
                                      for tags in ours],
                                     [tags.get(tag) if tag != "x" else tag in tags
                                      for tags in theirs], tag)
                if "SignHeaders" in settings:
                    self.assertEqual([sorted(tags["h"].lower().split(":")) for tags in ours],
                                     [sorted(tags["h"].lower().split(":")) for tags in theirs])
        return made

    @staticmethod
    def directory_of(peer):
        peer.start()
        return peer.directory

    def test_tables_as_distributions_document_them_sign_as_opendkim_does(self):
        one, two = (make_key(self.directory, selector) for selector in ("t1", "t2"))
        (self.directory / "KeyTable").write_text(
            f"# name domain:selector:key\nt1._domainkey.example.org example.org:t1:{one.path}\n"
            f"sub example.com:t2:{two.path}\nany %:t1:{one.path}\n")
        (self.directory / "SigningTable").write_text(
            "*@example.org t1._domainkey.example.org\n*@*.example.com sub:@example.com\n"
            "*@any.example any\n")
        (self.directory / "TrustedHosts").write_text(f"127.0.0.1\nlocalhost\n{CLIENT}\n")
        made = self.same_signatures("tables", {
            "AutoRestart": "Yes", "AutoRestartRate": "10/1h", "UMask": "002", "LogWhy": "Yes",
            "SyslogSuccess": "Yes", "SignatureAlgorithm": "rsa-sha256",
            "KeyTable": f"refile:{self.directory}/KeyTable",
            "SigningTable": f"refile:{self.directory}/SigningTable",
            "ExternalIgnoreList": f"refile:{self.directory}/TrustedHosts",
            "InternalHosts": f"refile:{self.directory}/TrustedHosts",
            "SignHeaders": "From,To,Subject,Date,Reply-To",
            "OversignHeaders": "From",
            "SignatureTTL": "86400",
        }, ["a@example.org", "b@sub.example.com", "c@example.com", "d@any.example",
            "e@elsewhere.example"])
        self.assertEqual([len(made[sender]) for sender in made], [1, 1, 0, 1, 0])

    def test_one_key_for_a_domain_and_those_below_signs_as_opendkim_does(self):
        key = make_key(self.directory, "single")
        made = self.same_signatures("single", {
            "Domain": "example.org,example.net", "Selector": "single", "KeyFile": key.path,
            "SubDomains": "yes", "Canonicalization": "relaxed", "SignHeaders": "From,Subject",
            "OversignHeaders": "From,Subject",
        }, ["a@example.org", "b@deep.sub.example.org", "c@example.net", "d@example.com"])
        self.assertEqual([len(made[sender]) for sender in made], [1, 1, 1, 0])

    def test_an_exact_table_with_several_signatures_signs_as_opendkim_does(self):
        one, two = (make_key(self.directory, selector) for selector in ("e1", "e2"))
        (self.directory / "keys").write_text(
            f"one example.org:e1:{one.path}\ntwo example.org:e2:{two.path}\n")
        (self.directory / "signers").write_text(
            "boss@example.org one\nexample.org two\n.example.org two:@%\n")
        made = self.same_signatures("exact", {
            "KeyTable": f"file:{self.directory}/keys",
            "SigningTable": f"file:{self.directory}/signers",
            "MultipleSignatures": "yes", "SignHeaders": "From,Subject", "OversignHeaders": "From",
        }, ["boss@example.org", "clerk@example.org", "x@sub.example.org", "y@example.net"])
        self.assertEqual([len(made[sender]) for sender in made][:2], [2, 1])


if __name__ == "__main__":
    main()
