"""Messages, keys and nameservers that mean no good: a verdict each, in bounded time and memory."""

import json
import os
import random
import threading
import time
from pathlib import Path

from support import hostile_keys, hostile_messages, junk_nameserver, milterd
from support.keys import make_key
from support.mail_case import MailCase, main
from support.milter_client import MilterClient, judge, split_message
from support.milterd import stage
from support.nameserver import Nameserver

# For a machine under load and a sanitizer; on a free one each takes milliseconds.
MOST_SECONDS = 20
MOST_CPU = 5
MOST_MEMORY = 96 * 1024 * 1024
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(daemon):
    fields = Path(f"/proc/{daemon.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def signed(signer, sender):
    """A message from `sender` as that daemon signs it."""
    plain = f"From: {sender}\r\nSubject: x\r\n\r\nbody\r\n".encode()
    value = judge(signer.socket_path, plain, sender=sender).headers("DKIM-Signature")[0]
    value = value.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return b"DKIM-Signature:" + (b"" if value.startswith(b" ") else b" ") + value + b"\r\n" + plain


class Hostile(MailCase):
    """What comes in `nameserver()`'s records is asked for by one verifying daemon."""
    records = {}

    @classmethod
    def start_nameserver(cls):
        nameserver = Nameserver(cls.records, cls.directory)
        cls.addClassCleanup(nameserver.stop)
        return nameserver

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nameserver = cls.start_nameserver()
        cls.dns = {"nameservers": [cls.nameserver.address], "timeout": "2s"}
        cls.stages = stage("dkim", mode=["verify"])
        cls.milterd = cls.start_milterd(cls.stages, dns=cls.dns)
        judge(cls.milterd.socket_path, b"From: a@b.test\r\n\r\nx\r\n")
        cls.memory = cls.milterd.memory()

    def verdict(self, name, message):
        """What the daemon says to `message`: soon, and it lives on."""
        cpu, start = cpu_seconds(self.milterd), time.monotonic()
        if any(name == "" for name, _ in split_message(message)[0]):
            # No MTA sends such a field; libmilter ends the session.
            with self.assertRaises(ConnectionError):
                judge(self.milterd.socket_path, message)
            return None
        answer = judge(self.milterd.socket_path, message)
        self.assertLess(time.monotonic() - start, MOST_SECONDS, name)
        self.assertLess(cpu_seconds(self.milterd) - cpu, MOST_CPU, name)
        self.assertIsNone(self.milterd.process.poll(), f"milterd survives {name}")
        self.assertIn(answer.word, ("continue", "accept", "tempfail", "reject", "reply"), name)
        for value in answer.headers("Authentication-Results"):
            self.assertNotIn(b"=pass", value, name)
        return answer

    def check_memory(self):
        self.assertLess(self.milterd.memory() - self.memory, MOST_MEMORY)

    def check_files(self, messages):
        """The same through --check-message, all in one run."""
        folder = self.directory / f"files-{self._testMethodName}"
        folder.mkdir()
        for number, message in enumerate(messages):
            (folder / f"{number:03}.eml").write_bytes(message)
        done = milterd.run("--check-message", folder, "--format", "json", "--config",
                           self.milterd.config_path, seconds=MOST_SECONDS * 6)
        self.assertIn(done.returncode, (0, 1, 75), done.stderr[-2000:])
        reports = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
        self.assertEqual(len(reports), len(messages))
        for report in reports:
            for one in report["stages"][0]["detail"].get("signatures", ()):
                self.assertNotEqual(one["result"], "pass", report["file"])


class HostileMessages(Hostile):
    records = {"s1._domainkey.hostile.test": hostile_keys.RECORDS["two"][:1]}

    def test_over_the_milter(self):
        for name, message in hostile_messages.MESSAGES.items():
            with self.subTest(name):
                self.verdict(name, message)
        self.check_memory()

    def test_from_files(self):
        self.check_files(list(hostile_messages.MESSAGES.values()))

    def test_mutated_messages(self):
        source = random.Random(3)
        signature = hostile_messages.signature() + b"From: a@hostile.test\r\n\r\nbody\r\n"
        with MilterClient(self.milterd.socket_path) as milter:
            milter.negotiate()
            milter.connect()
            milter.helo()
            for _ in range(500):
                message = bytearray(signature)
                for _ in range(source.randint(1, 8)):
                    message[source.randrange(len(message))] = source.randrange(256)
                if any(name == "" for name, _ in split_message(bytes(message))[0]):
                    continue
                answer = milter.message(bytes(message))
                self.assertEqual(answer.word, "continue")
        self.check_memory()

    def test_bytes_that_only_a_broken_mta_sends(self):
        """Past the client's own reading of messages: names and values as they are."""
        fields = [(b"\xff\xfe", b"x"), (b"From", b"\xff" * 50000), (b"X\r\nY", b"z"),
                  (b"DKIM-Signature", b"\n\n\n"), (b"DKIM-Signature", b" v=1;\r\r\n a=\n"),
                  (b"A" * 60000, b"x"), (b"From", b" a@hostile.test"), (b":::", b":::")]
        with MilterClient(self.milterd.socket_path) as milter:
            milter.negotiate()
            milter.connect()
            milter.helo()
            milter.mail()
            milter.rcpt()
            milter.data()
            for name, value in fields:
                milter.header(name, value)
            milter.event(b"N")
            milter.body(b"\r\n" * 10 + b"\0\r\n")
            self.assertIn(milter.end_of_message().word, ("continue", "tempfail"))

    def test_a_good_signature_is_seen_among_hostile_ones(self):
        key = make_key(self.directory, "good", "good.test")
        public = self.directory / "keys.txt"
        public.write_text(f"{key.name} {key.record}\n")
        signer = self.start_milterd(stage("dkim", mode=["sign"], domain=["good.test"],
                                          selector="good", key_file=key.path,
                                          internal_hosts=["192.0.2.7"]), name="signer")
        good = signed(signer, "a@good.test")
        verifier = self.start_milterd(stage("dkim", mode=["verify"], test_public_keys=public),
                                      name="verifier")
        for name, tags in hostile_messages.SIGNATURES.items():
            with self.subTest(name):
                answer = judge(verifier.socket_path, hostile_messages.signature(**tags) + good)
                results = b"".join(answer.headers("Authentication-Results"))
                self.assertEqual(results.count(b"dkim=pass"), 1, results)


class HostileKeys(Hostile):
    records = {f"{selector}._domainkey.hostile.test": texts
               for selector, texts in hostile_keys.RECORDS.items()}

    def test_no_key_is_trusted(self):
        for selector in hostile_keys.RECORDS:
            with self.subTest(selector):
                answer = self.verdict(selector, hostile_messages.with_key(selector))
                self.assertIn(answer.word, ("continue", "tempfail"))
        self.check_memory()

    def test_a_key_that_lets_anybody_sign(self):
        self.verdict("exponent 1", hostile_keys.FORGED)

    def test_from_files(self):
        self.check_files([hostile_messages.with_key(selector) for selector in hostile_keys.RECORDS])


class HostileNameserver(Hostile):
    @classmethod
    def start_nameserver(cls):
        nameserver = junk_nameserver.JunkNameserver()
        cls.addClassCleanup(nameserver.stop)
        return nameserver

    def test_junk_answers_are_no_keys(self):
        for kind in junk_nameserver.KINDS:
            with self.subTest(kind):
                answer = self.verdict(kind, hostile_messages.with_key(kind))
                self.assertIn(answer.word, ("tempfail", "reply", "continue"))
                for value in answer.headers("Authentication-Results"):
                    self.assertNotIn(b"dkim=fail", value)
        self.check_memory()


class DeadNameservers(Hostile):
    """Signatures whose keys nobody answers for, beside mail that is in order."""

    @classmethod
    def start_nameserver(cls):
        cls.key = make_key(cls.directory, "s1", "good.test")
        cls.domains = [f"good{number}.test" for number in range(30)]
        nameserver = Nameserver(
            {f"s1._domainkey.{domain}": [cls.key.record] for domain in cls.domains}, cls.directory,
            extra="  local-zone: \"dead.test\" deny\n")
        cls.addClassCleanup(nameserver.stop)
        return nameserver

    def test_other_mail_verifies_meanwhile(self):
        signer = self.start_milterd(stage("dkim", mode=["sign"], domain=self.domains,
                                          selector="s1", key_file=self.key.path,
                                          internal_hosts=["192.0.2.7"]), name="signer")
        good = [signed(signer, f"a@{domain}") for domain in self.domains]
        fresh = self.start_milterd(self.stages, name="fresh", dns=self.dns)
        answers = []

        def send_dead(number):
            dead = b"".join(hostile_messages.signature(
                selector=f"s{number}-{at}", d=f"d{at}.dead.test") for at in range(10))
            answers.append(judge(fresh.socket_path, dead + b"From: a@dead.test\r\n\r\nx\r\n"))

        senders = [threading.Thread(target=send_dead, args=(number,)) for number in range(100)]
        for sender in senders:
            sender.start()
        slowest = 0.0
        for message in good:
            start = time.monotonic()
            results = b"".join(judge(fresh.socket_path, message).headers("Authentication-Results"))
            slowest = max(slowest, time.monotonic() - start)
            self.assertIn(b"dkim=pass", results)
        for sender in senders:
            sender.join()
        self.assertEqual(len(answers), 100)
        for answer in answers:
            self.assertTrue(answer.word == "tempfail" or answer.reply.startswith("4"), answer)
        self.assertLess(slowest, MOST_SECONDS)
        print(f"100 messages with 1,000 dead names; slowest of 30 good ones {slowest:.2f} s")


if __name__ == "__main__":
    main()
