#!/usr/bin/python3
"""What signatures cover, and how: as opendkim with the same options, and to the taste of opendkim's
and dkimpy's verifiers.
"""

import contextlib
import re
from collections import Counter

import dkim

from support.keys import make_key, write_test_public_keys
from support.mail_case import MailCase, main
from support.milter_client import judge
from support.milterd import stage
from support.opendkim import OpenDkim

RAW = (b"Received: from a by b; Sun, 22 Nov 2026 10:00:00 +0000\r\n"
       b"Received: from b by c; Sun, 22 Nov 2026 10:00:01 +0000\r\n"
       b"DKIM-Signature: v=1; a=rsa-sha256; d=old.example; s=old; h=From; bh=AAAA; b=AAAA\r\n"
       b"From: Sender <sender@example.org>\r\n"
       b"To: <rcpt@example.net>\r\n"
       b"Subject: options\r\n"
       b"subject: twice\r\n"
       b"Date: Sun, 22 Nov 2026 10:00:00 +0000\r\n"
       b"Message-ID: <1@example.org>\r\n"
       b"Comments: a\r\n"
       b"X-One: 1\r\n"
       b"X-Two: 2\r\n"
       b"X-Two: 3\r\n"
       b"Return-Path: <sender@example.org>\r\n"
       b"List-Id: <list.example.org>\r\n"
       b"\r\n"
       b"A line.\r\n\r\nAnother one.\r\n\r\n")


def tags(value):
    """The tags of a DKIM-Signature value, without white space."""
    text = re.sub(rb"\s+", b"", value).decode()
    return dict(tag.split("=", 1) for tag in text.split(";") if tag)


def covered(answer):
    """How often each name stands in h= of the one signature, in lower case."""
    [value] = answer.headers("DKIM-Signature")
    return Counter(tags(value)["h"].lower().split(":"))


def applied(answer, raw):
    """`raw` as the MTA would hold it, for insertions at 0 and deletions."""
    head, body = raw.split(b"\r\n\r\n", 1)
    fields = head.split(b"\r\n")
    for edit in answer.edits:
        if edit[0] == "insert":
            value = edit[3].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            gap = b"" if value[:1].isspace() else b" "
            fields.insert(0, edit[2].encode() + b":" + gap + value)
        elif edit[0] == "change":
            name = edit[2].lower().encode() + b":"
            places = [i for i, line in enumerate(fields) if line.lower().startswith(name)]
            del fields[places[edit[1] - 1]]
    return b"\r\n".join(fields) + b"\r\n\r\n" + body


class SigningOptions(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.need_opendkim()
        cls.key = make_key(cls.directory, "s1")
        cls.second = make_key(cls.directory, "s2")
        cls.ed25519 = make_key(cls.directory, "s3", kind="ed25519")
        cls.keys = [cls.key, cls.second, cls.ed25519]
        cls.public_keys = write_test_public_keys(cls.directory / "keys.txt", cls.keys)
        cls.verifier = OpenDkim(cls.directory / "verifier", public_keys=cls.public_keys).start()
        cls.addClassCleanup(cls.verifier.stop)

    def signed_by_milterd(self, **options):
        keys = {"domain": ["example.org"], "selector": "s1", "key_file": self.key.path}
        if "key_table" in options:
            keys = {}
        daemon = self.start_milterd(
            stage("dkim", mode=["sign"], internal_hosts=["192.0.2.7"], require_safe_keys=False,
                  **keys, **options), name="signer")
        answer = judge(daemon.socket_path, RAW)
        daemon.stop()
        return answer

    def signed_by_opendkim(self, key=True, **settings):
        settings = {"InternalHosts": "192.0.2.7", "Mode": "s", **settings}
        server = OpenDkim(self.directory / "opendkim", key=self.key if key else None,
                          settings=settings)
        with contextlib.ExitStack() as stack:
            stack.callback(server.stop)
            server.start()
            return judge(server.socket, RAW)

    def expect_good(self, raw, signatures):
        """Every signature on `raw` but the old one verifies elsewhere."""
        words = re.findall(r"dkim=(\w+)", self.verifier.verify(raw))
        self.assertEqual(words.count("pass"), signatures, words)
        records = {f"{key.name}.".encode(): key.record.encode() for key in self.keys}
        for number in range(signatures):
            self.assertTrue(
                dkim.DKIM(raw).verify(number, dnsfunc=lambda name, timeout=5: records[name]))

    def test_a_list_means_what_it_means_in_opendkim(self):
        names = self.directory / "names"
        names.write_text("Subject\n# no name\nx-two\n")
        cases = [
            (["Subject", "to", "X-Two"], {}, []),
            (["From", "DATE", "X-Absent"], {}, ["From"]),
            (["Subject"], {}, ["from", "Subject", "Reply-To"]),
            (["X-*", "list-*"], {}, ["From"]),
            (["subject", "X-(One|None)"], {}, []),
            (["Subject", "Comments", "Received"], {"omit_headers": ["X-None"]}, ["From"]),
            (["Subject", "Comments", "Received"], {"omit_headers": ["*", "-comments"]}, []),
            (["Subject", "X-*"], {"omit_headers": ["*", "+X-One"]}, []),
            (["Subject", "X-*"], {"omit_headers": ["x-t*"]}, []),
            (str(names), {}, ["From"]),
            (f"file:{names}", {}, []),
        ]
        for headers, more, oversigned in cases:
            with self.subTest(headers=headers, **more, oversigned=oversigned):
                ours = self.signed_by_milterd(sign_headers=headers, oversign_headers=oversigned,
                                              **more)
                settings = {"SignHeaders": headers if isinstance(headers, str)
                            else ",".join(headers)}
                if more:
                    settings["OmitHeaders"] = ",".join(more["omit_headers"])
                if oversigned:
                    settings["OverSignHeaders"] = ",".join(oversigned)
                self.assertEqual(covered(ours), covered(self.signed_by_opendkim(**settings)))
                self.expect_good(applied(ours, RAW), 1)

    def test_a_change_to_the_default_list_means_what_it_means_in_opendkim(self):
        def difference(one, other):
            return sorted((one - other).items()), sorted((other - one).items())

        here = covered(self.signed_by_milterd(oversign_headers=[]))
        there = covered(self.signed_by_opendkim())
        self.assertEqual(difference(here, there), ([("message-id", 1)], []))
        for change in [["*", "+X-One"], ["*", "+x-*", "-List-Id"], ["*", "-Subject", "+x-two"]]:
            with self.subTest(change=change):
                ours = covered(self.signed_by_milterd(sign_headers=change, oversign_headers=[]))
                theirs = covered(self.signed_by_opendkim(SignHeaders=",".join(change)))
                self.assertEqual(difference(ours, here), difference(theirs, there))

    def test_rsa_and_ed25519_stand_on_one_message(self):
        table = self.directory / "KeyTable"
        table.write_text("".join(f"{key.selector} example.org:{key.selector}:{key.path}\n"
                                 for key in self.keys))
        signing = self.directory / "SigningTable"
        signing.write_text("*@example.org s1\n*@example.org s3\n*@example.org s2:@example.org\n")
        for canonicalization in ["relaxed/relaxed", "simple/simple"]:
            answer = self.signed_by_milterd(
                key_table=str(table), signing_table=f"refile:{signing}", multiple_signatures=True,
                canonicalization=canonicalization, remove_old_signatures=True)
            made = [tags(value) for value in answer.headers("DKIM-Signature")]
            self.assertEqual([(one["s"], one["a"], one.get("i")) for one in made],
                             [("s1", "rsa-sha256", None), ("s3", "ed25519-sha256", None),
                              ("s2", "rsa-sha256", "@example.org")])
            raw = applied(answer, RAW)
            self.assertEqual(raw.count(b"DKIM-Signature:"), 3)
            self.expect_good(raw, 3)

    def test_signatures_go_in_in_opendkims_order(self):
        table = self.directory / "KeyTable"
        table.write_text("".join(f"{key.selector} example.org:{key.selector}:{key.path}\n"
                                 for key in (self.key, self.second)))
        signing = self.directory / "SigningTable"
        signing.write_text("*@example.org s1\n*@example.org s2\n")
        ours = self.signed_by_milterd(key_table=str(table), signing_table=f"refile:{signing}",
                                      multiple_signatures=True, software_header=True)
        theirs = self.signed_by_opendkim(
            key=False, KeyTable=table, SigningTable=f"refile:{signing}", MultipleSignatures="yes",
            SoftwareHeader="yes")

        def insertions(answer):
            return [(edit[1], edit[2], edit[2] == "DKIM-Signature" and tags(edit[3])["s"])
                    for edit in answer.edits if edit[0] == "insert"]
        self.assertEqual(insertions(ours), insertions(theirs))
        self.assertEqual(insertions(ours), [(0, "DKIM-Signature", "s1"), (0, "DKIM-Signature", "s2"),
                                            (0, "DKIM-Filter", False)])
        [ours], [theirs] = ours.headers("DKIM-Filter"), theirs.headers("DKIM-Filter")
        self.assertRegex(ours, rb"^ milterd v[0-9.]+ mx\.test 4QTEST$")
        self.assertRegex(theirs, rb"^ ?OpenDKIM Filter v\S+ \S+ 4QTEST$")

    def test_length_and_expiry_are_right(self):
        for canonicalization in ["relaxed/relaxed", "simple/simple"]:
            for most, length in [("9B", 9), ("1MiB", 25)]:
                with self.subTest(canonicalization=canonicalization, most=most):
                    answer = self.signed_by_milterd(
                        maximum_signed_bytes=most, signature_ttl="1h", remove_old_signatures=True,
                        canonicalization=canonicalization)
                    [value] = answer.headers("DKIM-Signature")
                    made = tags(value)
                    self.assertEqual(int(made["l"]), length)
                    self.assertEqual(int(made["x"]), int(made["t"]) + 3600)
                    theirs = self.signed_by_opendkim(
                        MaximumSignedBytes=most.replace("1MiB", "1048576").rstrip("B"),
                        Canonicalization=canonicalization)
                    self.assertEqual(made["l"], tags(theirs.headers("DKIM-Signature")[0])["l"])
                    self.expect_good(applied(answer, RAW), 1)
                    self.expect_good(applied(answer, RAW) + b"appended\r\n", 1)

    def test_old_signatures_are_removed_and_the_rest_verifies(self):
        answer = self.signed_by_milterd(remove_old_signatures=True)
        self.assertEqual([edit[:3] for edit in answer.edits],
                         [("change", 1, "DKIM-Signature"), ("insert", 0, "DKIM-Signature")])
        raw = applied(answer, RAW)
        self.assertNotIn(b"old.example", raw)
        self.expect_good(raw, 1)


if __name__ == "__main__":
    main()
