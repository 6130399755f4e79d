"""DKIM signatures on mail that runs through Postfix."""

import base64
import re

from support import messages
from support.keys import make_key, write_test_public_keys
from support.mail_case import MailCase, main
from support.milter_client import judge
from support.milterd import stage
from support.nameserver import Nameserver
from support.opendkim import OpenDkim
from support.sasl_server import SaslServer
from support.smtp_client import SmtpClient

USER, PASSWORD = "joe", "secret"


def fields(message, name):
    """The values of the fields of that name from the top, unfolded."""
    head = re.sub(rb"\r\n[ \t]+", b" ", message.partition(b"\r\n\r\n")[0])
    lines = [line.decode("latin-1").partition(": ") for line in head.split(b"\r\n")]
    return [value for found, _, value in lines if found == name]


class DkimThroughPostfix(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.need_postfix()
        cls.need_opendkim()
        cls.rsa = make_key(cls.directory, "r1")
        cls.ed25519 = make_key(cls.directory, "e1", kind="ed25519")
        keys = [cls.rsa, cls.ed25519]
        cls.nameserver = Nameserver({key.name: [key.record] for key in keys}, cls.directory)
        cls.addClassCleanup(cls.nameserver.stop)
        cls.opendkim = OpenDkim(cls.directory / "opendkim", settings={
            "TestPublicKeys": write_test_public_keys(cls.directory / "keys", keys)}).start()
        cls.addClassCleanup(cls.opendkim.stop)
        key_table = cls.directory / "KeyTable"
        key_table.write_text("".join(f"{key.selector} %:{key.selector}:{key.path}\n"
                                     for key in keys))
        signing_table = cls.directory / "SigningTable"
        signing_table.write_text("*@example.org r1\n*@example.org e1\n")
        cls.tables = {"key_table": key_table, "signing_table": f"refile:{signing_table}",
                      "multiple_signatures": True}
        cls.one_key = {"domain": ["example.org"], "selector": "r1", "key_file": cls.rsa.path}
        cls.dns = {"nameservers": [cls.nameserver.address]}
        cls.verifier = cls.start_milterd(stage("dkim", mode=["verify"]), name="verifier",
                                         dns=cls.dns)
        cls.sink = cls.start_sink()

    def mail_server(self, name, stages, **settings):
        daemon = self.start_milterd(stages, name=name, dns=self.dns, plugin_directory=str(
            self.plugins()))
        return daemon, self.start_postfix(self.sink, daemon.milter_address, f"postfix-{name}",
                                          **settings)

    def deliver(self, postfix, message, recipient, login=None):
        with SmtpClient(postfix.port) as client:
            if login:
                answer = client.command("AUTH PLAIN " + base64.b64encode(
                    "\0".join(("", *login)).encode()).decode())
                self.assertEqual(answer.code, 235, answer)
            self.assertEqual(client.send("sender@example.org", [recipient], message).code, 250)
        return self.sink.wait_for(recipient)

    def results_here(self, message):
        field = judge(self.verifier.socket_path, message).headers("Authentication-Results")[0]
        return re.findall(r"dkim=(\w+).*?header\.s=(\w+)", field.decode().replace("\r\n", "\n"),
                          re.S)

    def results_of_opendkim(self, message):
        return sorted(re.findall(r"dkim=(\w+)", self.opendkim.verify(message)))

    def test_rsa_and_ed25519_on_one_message(self):
        daemon, postfix = self.mail_server("both", stage("dkim", mode=["sign"], **self.tables))
        for number, message in enumerate(messages.ordinary(8)):
            delivered = self.deliver(postfix, message, f"both{number}@example.net")
            made = fields(delivered, "DKIM-Signature")
            self.assertEqual([re.search(r"a=([^;]*)", field)[1] for field in made],
                             ["ed25519-sha256", "rsa-sha256"])
            self.assertEqual(self.results_here(delivered), [("pass", "e1"), ("pass", "r1")])
            self.assertEqual(self.results_of_opendkim(delivered), ["pass", "pass"])
        self.assertEqual(daemon.events("dkim.signature_broken"), [])

    def test_who_has_authenticated_is_signed_for_wherever_he_is(self):
        path = self.directory / "sasl.sock"
        sasl = SaslServer(path, USER, PASSWORD)
        self.addCleanup(sasl.stop)
        _, postfix = self.mail_server(
            "submission",
            stage("dkim", mode=["sign", "verify"], internal_hosts=["198.51.100.1"],
                  **self.one_key),
            smtpd_sasl_auth_enable="yes", smtpd_sasl_type="dovecot", smtpd_sasl_path=path)
        message = messages.message()
        delivered = self.deliver(postfix, message, "with@example.net", (USER, PASSWORD))
        self.assertEqual(self.results_here(delivered), [("pass", "r1")])
        self.assertEqual(fields(delivered, "Authentication-Results"), [])
        delivered = self.deliver(postfix, message, "without@example.net")
        self.assertEqual(fields(delivered, "DKIM-Signature"), [])
        self.assertEqual(fields(delivered, "Authentication-Results"), ["mx.test; dkim=none"])

    def test_a_later_edit_of_a_signed_field(self):
        edit = stage("scripted", name="editor", edits=["change Subject 1 another subject"])
        for place, result in (("end", "pass"), ("stage", "fail")):
            with self.subTest(place):
                daemon, postfix = self.mail_server(
                    f"at-{place}", stage("dkim", mode=["sign"], sign_at=place, **self.one_key)
                    + edit)
                delivered = self.deliver(postfix, messages.message(), f"{place}@example.net")
                self.assertIn(b"\r\nSubject: another subject\r\n", delivered)
                self.assertEqual(self.results_here(delivered), [(result, "r1")])
                self.assertEqual(self.results_of_opendkim(delivered), [result])
                warnings = [(level, said["by"], said["op"], said["header"])
                            for level, _, said in daemon.events("dkim.signature_broken")]
                self.assertEqual(warnings, [] if place == "end" else [
                    ("warn", "editor", "change_header", "Subject")])

    def test_edits_of_what_is_not_signed_are_no_reason_to_warn(self):
        daemon, postfix = self.mail_server(
            "harmless", stage("dkim", mode=["sign"], **self.one_key)
            + stage("scripted", name="editor", edits=["insert 0 X-New value", "add X-Last value"]))
        delivered = self.deliver(postfix, messages.message(), "harmless@example.net")
        self.assertEqual(self.results_of_opendkim(delivered), ["pass"])
        self.assertEqual(daemon.events("dkim.signature_broken"), [])

    def test_one_stage_verifies_and_another_signs(self):
        _, first = self.mail_server("first", stage("dkim", mode=["sign"], **self.one_key))
        _, second = self.mail_server(
            "second", stage("dkim", name="check", mode=["verify"])
            + stage("dkim", name="sign", mode=["sign"], domain=["example.org"], selector="e1",
                    key_file=self.ed25519.path))
        signed = self.deliver(first, messages.message(), "first@example.net")
        delivered = self.deliver(second, signed, "second@example.net")
        [field] = fields(delivered, "Authentication-Results")
        self.assertRegex(field, r"^mx\.test; dkim=pass .*header\.s=r1\b")
        self.assertEqual(self.results_here(delivered), [("pass", "e1"), ("pass", "r1")])
        self.assertEqual(self.results_of_opendkim(delivered), ["pass", "pass"])


if __name__ == "__main__":
    main()
