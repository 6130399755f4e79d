"""Signature files that change while mail flows, without a signal to milterd."""

import contextlib
import threading
import time

from support import messages, signature_database
from support.mail_case import MailCase, main
from support.milterd import stage
from support.smtp_client import SmtpClient, send
from support.waiting import wait_until

SENDERS = 2
QUIET = 2  # seconds without a change before milterd loads
MARKER = b"a marker for the signature of "


def signature(name, content):
    return f"Test.{name}:0:*:{content.hex()}\n"


class ClamavDatabase(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sink = cls.start_sink()
        cls.database = cls.directory / "database"
        signature_database.make(cls.database)
        # What changes is to be notified, not found by looking at the directory now and then.
        cls.milterd = cls.start_milterd(stage("clamav", database_directory=cls.database,
                                              self_check="1h"))
        cls.milterd.wait_event("clamav.database_loaded")
        cls.postfix = cls.start_postfix(cls.sink, cls.milterd.milter_address)

    @contextlib.contextmanager
    def mail_flows(self):
        """Clean mail meanwhile, all of which has to be taken, scanned, and delivered."""
        stop = threading.Event()
        answers = []  # (recipient, answer), appended under the interpreter's lock
        senders = [threading.Thread(target=self.send_until, args=(stop, number, answers))
                   for number in range(SENDERS)]
        for sender in senders:
            sender.start()
        try:
            yield
        finally:
            stop.set()
            for sender in senders:
                sender.join()
        self.assertEqual([pair for pair in answers if not pair[1].startswith("250 ")], [])
        self.assertGreater(len(answers), SENDERS)
        sent = {recipient for recipient, _ in answers}
        delivered = self.sink.wait(lambda m: m.recipients[0] in sent, 60, count=len(sent))
        self.assertEqual({m.recipients[0] for m in delivered}, sent)
        for message in delivered:
            self.assertIn(b"X-Virus-Status: Clean\r\n", message.data)
        loads = self.milterd.events("clamav.database_loaded")
        self.assertLessEqual(max(int(fields["engines"]) for _, _, fields in loads), 2)
        self.assertEqual(self.milterd.events("reload.done"), [])

    def send_until(self, stop, number, answers):
        count = 0
        with SmtpClient(self.postfix.port) as client:
            while not stop.is_set():
                recipient = f"{self._testMethodName}.{number}.{count}@example.net"
                try:
                    answer = client.send("sender@example.org", [recipient],
                                         messages.message(f"{number} {count}"))
                    answers.append((recipient, str(answer)))
                except OSError as error:
                    answers.append((recipient, f"broken: {error}"))
                    return
                count += 1

    def answer(self, body):
        return str(send(self.postfix.port, messages.message(body=body + b"\r\n")))

    def wait_found(self, name, content):
        wait_until(lambda: f"Infected with Test.{name}.UNOFFICIAL" in self.answer(content), 30,
                   f"{name} is found; the log:\n{self.milterd.log()[-3000:]}")

    def failures(self):
        return [" ".join(fields.values())
                for _, _, fields in self.milterd.events("clamav.database_failed")]

    def wait_failure(self, before, *parts):
        """One more failure than `before`, with these parts; EICAR is found all the same."""
        wait_until(lambda: len(self.failures()) > before, 30, "the failure is in the log")
        for part in parts:
            self.assertIn(part, self.failures()[before])
        self.assertIn("550 5.7.1 Infected with", str(send(self.postfix.port,
                                                          messages.eicar_plain())))

    def test_a_file_that_is_replaced_by_rename(self):
        content = MARKER + b"rename"
        self.assertTrue(self.answer(content).startswith("250 "))
        with self.mail_flows():
            signature_database.make(self.database, [("Test.Rename", content)])
            self.wait_found("Rename", content)

    def test_a_file_that_is_deleted(self):
        content = MARKER + b"deletion"
        extra = self.database / "deletion.ndb"
        with self.mail_flows():
            extra.write_text(signature("Deletion", content))
            self.wait_found("Deletion", content)
            extra.unlink()
            wait_until(lambda: self.answer(content).startswith("250 "), 30, "it is forgotten")

    def test_a_file_that_is_written_slowly_is_loaded_when_it_is_whole(self):
        for attempt in range(5):
            content = MARKER + f"slow writing {attempt}".encode()
            name = f"Slow{attempt}"
            with self.mail_flows():
                before = len(self.milterd.events("clamav.database_changed"))
                gap = self.write_slowly(self.database / "slow.ndb", signature(name, content))
                meanwhile = len(self.milterd.events("clamav.database_changed")) - before
                self.wait_found(name, content)
            # On a machine that stood still for so long, the file looked finished.
            if gap < 0.75 * QUIET:
                self.assertEqual(meanwhile, 0)
                self.assertEqual([text for text in self.failures() if "slow.ndb" in text], [])
                return
        self.fail("the machine is too slow to write a piece each second")

    def write_slowly(self, path, text):
        """For twice as long as it has to be quiet; the longest time without a change."""
        pieces = 10
        size = -(-len(text) // pieces)
        longest, last = 0.0, time.monotonic()
        with open(path, "w", encoding="ascii") as file:
            for at in range(0, len(text), size):
                file.write(text[at:at + size])
                file.flush()
                longest, last = max(longest, time.monotonic() - last), time.monotonic()
                time.sleep(2 * QUIET / pieces)
        return max(longest, time.monotonic() - last)

    def test_a_corrupt_file_keeps_the_old_signatures_and_is_named(self):
        content = MARKER + b"healing"
        broken = self.database / "broken.ndb"
        before = len(self.failures())
        with self.mail_flows():
            broken.write_text(signature("Broken", content)[:25])
            self.wait_failure(before, "broken.ndb", "the old signatures stay in force")
            broken.write_text(signature("Healed", content))
            self.wait_found("Healed", content)
        self.assertEqual(len(self.failures()), before + 1)
        broken.unlink()

    def test_a_database_that_is_gone_goes_on_until_it_is_back(self):
        content = MARKER + b"return"
        before = len(self.failures())
        with self.mail_flows():
            for file in self.database.iterdir():
                file.unlink()
            self.wait_failure(before, f"the signature database in '{self.database}' is gone")
            signature_database.make(self.database, [("Test.Return", content)])
            self.wait_found("Return", content)


if __name__ == "__main__":
    main()
