"""Mail through a real Postfix: signed, verified, scanned, and otherwise untouched."""

from support import messages, signature_database
from support.keys import make_key, write_test_public_keys
from support.mail_case import MailCase, main
from support.milter_client import split_message
from support.milterd import stage
from support.opendkim import OpenDkim
from support.smtp_client import SmtpClient, send
from support.waiting import wait_until

INFECTED = signature_database.EICAR_NAME


def added_fields(sent, delivered):
    """([fields above], [fields below]) that delivery put around the header of `sent`. Fails unless
    the rest is `sent`, byte for byte."""
    head, _, body = sent.partition(b"\r\n\r\n")
    new_head, _, new_body = delivered.partition(b"\r\n\r\n")
    if new_body != body:
        raise AssertionError(f"the body changed:\n{body[:2000]!r}\n{new_body[:2000]!r}")
    above, found, below = (new_head + b"\r\n").partition(head + b"\r\n")
    if not found:
        raise AssertionError(f"the header changed:\n{head!r}\n{new_head!r}")
    return split_message(above[:-2])[0] if above else [], (
        split_message(below[:-2])[0] if below else [])


def names(fields):
    return [name for name, _ in fields]


class Signing:
    """The tests of both kinds of keys."""
    kind = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.need_opendkim()
        cls.sink = cls.start_sink()
        cls.key = make_key(cls.directory, "s1", kind=cls.kind)
        cls.foreign = make_key(cls.directory, "other", domain="example.com", kind=cls.kind)
        keys = write_test_public_keys(cls.directory / "keys.txt", [cls.key, cls.foreign])
        cls.milterd = cls.start_milterd(stage(
            "dkim", mode=["sign", "verify"], domain=["example.org"], selector="s1",
            key_file=cls.key.path, test_public_keys=keys))
        cls.postfix = cls.start_postfix(cls.sink, cls.milterd.milter_address)
        cls.verifier = OpenDkim(cls.directory / "verifier", public_keys=keys).start()
        cls.addClassCleanup(cls.verifier.stop)
        cls.signer = OpenDkim(cls.directory / "signer", key=cls.foreign, settings={
            "SignatureAlgorithm": f"{cls.kind}-sha256"}).start()
        cls.addClassCleanup(cls.signer.stop)

    def deliver(self, message, recipient="rcpt@example.net"):
        self.sink.clear()
        answer = send(self.postfix.port, message, recipients=[recipient])
        self.assertEqual(answer.code, 250, answer)
        return self.sink.wait_for(recipient)

    def test_opendkim_verifies_what_milterd_signs(self):
        for message in messages.ordinary(16):
            delivered = self.deliver(message)
            above, below = added_fields(message, delivered)
            self.assertEqual(names(above).count("DKIM-Signature"), 1)
            self.assertEqual(below, [])
            result = self.verifier.verify(delivered)
            self.assertIn("dkim=pass", result, delivered)
            self.assertIn(f"header.a={self.kind}-sha256", result)

    def test_opendkim_refutes_a_signed_message_that_was_changed(self):
        delivered = self.deliver(messages.message())
        self.assertIn("dkim=fail", self.verifier.verify(
            delivered.replace(b"this is a test", b"this is no test")))

    def test_milterd_verifies_what_opendkim_signs(self):
        for message in messages.ordinary(16, sender="sender@example.com"):
            signed = self.signer.sign(message, sender="sender@example.com")
            delivered = self.deliver(signed)
            above, _ = added_fields(signed, delivered)
            self.assertEqual(names(above), ["Authentication-Results", "Received"])
            value = above[0][1].decode()
            self.assertTrue(value.startswith(" mx.test;"), value)
            self.assertIn("dkim=pass", value)
            self.assertIn("header.d=example.com", value)

    def test_milterd_refutes_a_changed_signed_message(self):
        signed = self.signer.sign(messages.message(sender="sender@example.com"))
        changed = signed.replace(b"this is a test", b"this is no test")
        delivered = self.deliver(changed)
        above, _ = added_fields(changed, delivered)
        self.assertIn(b"dkim=fail", above[0][1])

    def test_forged_results_are_removed_and_ours_stands_on_top(self):
        forged = [b"Authentication-Results: mx.test; dkim=pass header.d=bank.example",
                  b'authentication-results: (c) "MX.TEST" 1; dkim=pass',
                  b"Authentication-Results:\r\n mx.test;\r\n dkim=pass"]
        kept = b"Authentication-Results: other.test; dkim=pass header.d=bank.example"
        plain = messages.message(sender="sender@example.com")
        message = b"\r\n".join([forged[0], kept, forged[1], forged[2], plain])
        delivered = self.deliver(message)
        above, _ = added_fields(kept + b"\r\n" + plain, delivered)
        self.assertEqual(names(above), ["Authentication-Results", "Received"])
        self.assertEqual(above[0][1].strip(), b"mx.test;\r\n\tdkim=none")


class RsaSigning(Signing, MailCase):
    kind = "rsa"


class Ed25519Signing(Signing, MailCase):
    kind = "ed25519"


class Scanning(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database = cls.directory / "database"
        cls.database.mkdir()
        signature_database.make(cls.database)
        cls.sink = cls.start_sink()
        cls.milterd = cls.start_milterd(cls.stages())
        cls.postfix = cls.start_postfix(cls.sink, cls.milterd.milter_address)

    @classmethod
    def stages(cls, **keys):
        return stage("clamav", database_directory=cls.database, **keys)

    def reload(self, **keys):
        self.milterd.configure(self.stages(**keys))
        self.assertEqual(self.milterd.reload()[1], "reload.done")
        self.sink.clear()

    def test_infected_mail_is_refused(self):
        self.reload()
        for make in (messages.eicar_plain, messages.eicar_attached, messages.eicar_zipped):
            answer = send(self.postfix.port, make())
            self.assertEqual(str(answer), f"550 5.7.1 Infected with {INFECTED}", make.__name__)
        self.assertEqual(self.sink.messages, [])
        self.assertEqual(self.postfix.queue(), [])

    def test_on_infected_tempfail_answers_4xx(self):
        self.reload(on_infected="tempfail")
        answer = send(self.postfix.port, messages.eicar_zipped())
        self.assertEqual(answer.code, 451, answer)
        self.assertEqual(self.postfix.queue(), [])

    def test_on_infected_discard_answers_250_and_delivers_nothing(self):
        self.reload(on_infected="discard")
        with SmtpClient(self.postfix.port) as client:
            self.assertEqual(client.send("a@example.org", ["bad@example.net"],
                                         messages.eicar_zipped()).code, 250)
            self.assertEqual(client.send("a@example.org", ["good@example.net"],
                                         messages.message()).code, 250)
        self.sink.wait_for("good@example.net")
        wait_until(lambda: not self.postfix.queue(), 10, "the queue is empty")
        self.assertEqual([m.recipients for m in self.sink.messages], [("good@example.net",)])

    def test_on_infected_quarantine_holds_the_message(self):
        self.reload(on_infected="quarantine")
        answer = send(self.postfix.port, messages.eicar_zipped(), recipients=["held@example.net"])
        self.assertEqual(answer.code, 250, answer)
        queue = self.postfix.queue()
        self.assertEqual([entry["queue_name"] for entry in queue], ["hold"])
        self.assertEqual(self.sink.messages, [])
        self.postfix.release(queue[0]["queue_id"])
        self.postfix.flush()
        delivered = self.sink.wait_for("held@example.net")
        self.assertIn(f"X-Virus-Status: Infected ({INFECTED})".encode(), delivered)

    def test_on_infected_accept_marks_the_message(self):
        self.reload(on_infected="accept")
        message = messages.eicar_plain()
        self.assertEqual(send(self.postfix.port, message).code, 250)
        _, below = added_fields(message, self.sink.wait_for("rcpt@example.net"))
        self.assertEqual(names(below), ["X-Virus-Scanned", "X-Virus-Status"])
        self.assertEqual(below[1][1], f" Infected ({INFECTED})".encode())

    def test_forged_virus_headers_are_replaced(self):
        self.reload()
        message = (b"X-Virus-Status: Clean (trust me)\r\nx-virus-scanned: by me\r\n"
                   b"X-Virus-Status: Clean\r\n" + messages.message())
        self.assertEqual(send(self.postfix.port, message).code, 250)
        delivered = self.sink.wait_for("rcpt@example.net")
        _, below = added_fields(messages.message(), delivered)
        self.assertEqual(names(below), ["X-Virus-Scanned", "X-Virus-Status"])
        self.assertEqual(below[1][1], b" Clean")
        self.assertEqual(delivered.lower().count(b"x-virus-status:"), 1)

    def test_200_ordinary_messages_pass_byte_for_byte(self):
        self.reload()
        sent = messages.ordinary(200)
        with SmtpClient(self.postfix.port) as client:
            for number, message in enumerate(sent):
                answer = client.send("sender@example.org", [f"rcpt{number}@example.net"], message)
                self.assertEqual(answer.code, 250, answer)
        delivered = self.sink.wait(lambda _: True, 60, count=200)
        self.assertEqual(len({m.recipients for m in delivered}), 200)
        for message in delivered:
            number = int(message.recipients[0].removeprefix("rcpt").partition("@")[0])
            with self.subTest(number):
                above, below = added_fields(sent[number], message.data)
                self.assertEqual(names(above), ["Received"])
                self.assertEqual(names(below), ["X-Virus-Scanned", "X-Virus-Status"])
                self.assertEqual(below[1][1], b" Clean")


if __name__ == "__main__":
    main()
