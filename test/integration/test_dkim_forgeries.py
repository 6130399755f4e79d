"""What a sender may try against somebody else's name: results in ours, bytes that some readers pass
over."""

from support.keys import make_key, write_test_public_keys
from support.mail_case import MailCase, main
from support.milter_client import judge
from support.milterd import stage

FORGED = b"Authentication-Results: mx.test; dkim=pass header.d=bank.test\r\n"
FOREIGN = b"Authentication-Results: mx.elsewhere.test; dkim=pass header.d=bank.test\r\n"


def message(sender):
    return FOREIGN + FORGED + f"From: {sender}\r\nSubject: x y\r\n\r\nhello\r\n\r\nbye\r\n".encode()


class ForgedResults(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.milterd = cls.start_milterd(stage(
            "dkim", mode=["verify"], exempt_domains=["exempt.test"], peer_list=["192.0.2.8"],
            always_add_ar_header=False))

    def results(self, sender, client):
        answer = judge(self.milterd.socket_path, message(sender), client_address=client)
        self.assertEqual(answer.word, "continue")
        return [edit for edit in answer.edits if "Authentication-Results" in edit]

    def test_a_sender_of_an_exempt_domain_brings_none_along(self):
        gone = [("change", 2, "Authentication-Results", b"")]
        self.assertEqual(self.results("a@elsewhere.test", "192.0.2.7"), gone)
        self.assertEqual(self.results("a@exempt.test", "192.0.2.7"), gone)

    def test_what_this_host_wrote_stays(self):
        self.assertEqual(self.results("a@exempt.test", "127.0.0.1"), [])
        self.assertEqual(self.results("a@elsewhere.test", "192.0.2.8"), [])


class ChangedBytes(MailCase):
    """libopendkim passes over some of these."""

    def test_they_do_not_verify(self):
        key = make_key(self.directory, "s1")
        public = write_test_public_keys(self.directory / "keys", [key])
        verifier = self.start_milterd(stage("dkim", mode=["verify"], test_public_keys=public))
        plain = message("a@example.org")
        for canonicalization in ("simple/simple", "relaxed/relaxed"):
            signer = self.start_milterd(
                stage("dkim", domain=["example.org"], selector="s1", key_file=key.path,
                      internal_hosts=["192.0.2.7"], require_safe_keys=False,
                      canonicalization=canonicalization), name=canonicalization.replace("/", "-"))
            value = judge(signer.socket_path, plain).headers("DKIM-Signature")[0]
            value = value.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            signed = b"DKIM-Signature:" + value + b"\r\n" + plain
            changed = {"nothing": signed}
            for old, new in ((b"hello", b"he\rllo"), (b"hello", b"he \r \rllo"),
                             (b"\r\n\r\nbye", b"\r\n\r\r\nbye"), (b"bye\r\n", b"bye\r\n\r\r\n"),
                             (b"x y", b"x\x0by"), (b"x y", b"x\x0cy"), (b"x y", b"x\ry")):
                changed[f"{old} -> {new}"] = signed.replace(old, new, 1)
            for what, raw in changed.items():
                with self.subTest(f"{canonicalization}: {what}"):
                    result = judge(verifier.socket_path, raw).headers("Authentication-Results")[0]
                    self.assertIn(b"dkim=pass" if what == "nothing" else b"dkim=fail", result)


main()
