"""Reloading while mail flows."""

import os
import threading
from pathlib import Path

from support import messages, signature_database
from support.keys import make_key
from support.mail_case import MailCase, main
from support.milterd import Milterd, stage
from support.smtp_client import SmtpClient, send

RELOADS = 50
SENDERS = 8
MIB = 1024 * 1024


class Reload(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sink = cls.start_sink()
        cls.database = cls.directory / "database"
        cls.database.mkdir()
        signature_database.make(cls.database)
        cls.key = make_key(cls.directory, "s1", kind="ed25519")
        cls.stages = (stage("dkim", mode=["sign"], domain=["example.org"], selector="s1",
                            key_file=cls.key.path)
                      + stage("clamav", database_directory=cls.database))
        cls.milterd = cls.start_milterd(cls.stages)
        cls.postfix = cls.start_postfix(cls.sink, cls.milterd.milter_address)

    def change_database(self, number):
        marker = (f"Test.Marker.{number}", f"marker number {number:08}".encode())
        signature_database.make(self.database, [marker])

    def test_mail_flows_through_50_reloads(self):
        self.change_database(0)
        self.assertEqual(self.milterd.reload()[1], "reload.done")
        send(self.postfix.port, messages.message(), recipients=["first@example.net"])
        before, files_before = self.milterd.memory(), self.milterd.open_files()

        stop = threading.Event()
        answers = []  # (recipient, answer), appended under the interpreter's lock
        senders = [threading.Thread(target=self.send_until, args=(stop, number, answers))
                   for number in range(SENDERS)]
        for sender in senders:
            sender.start()
        try:
            for number in range(1, RELOADS + 1):
                self.change_database(number)
                event = self.milterd.reload()
                self.assertEqual(event[1], "reload.done", event)
        finally:
            stop.set()
            for sender in senders:
                sender.join()

        self.assertGreater(len(answers), RELOADS)
        self.assertEqual([pair for pair in answers if not pair[1].startswith("250 ")], [])
        sent = {recipient for recipient, _ in answers}
        delivered = self.sink.wait(lambda m: m.recipients[0] in sent, 120, count=len(answers))
        self.assertEqual({m.recipients[0] for m in delivered}, sent)
        for message in delivered:
            self.assertIn(b"X-Virus-Status: Clean\r\n", message.data)
            self.assertIn(b"DKIM-Signature:", message.data)

        loads = self.milterd.events("clamav.database_loaded")
        self.assertGreaterEqual(len(loads), RELOADS)
        self.assertLessEqual(max(int(fields["engines"]) for _, _, fields in loads), 2)
        # Sanitizers keep what is freed for a while.
        slack = 512 * MIB if "-fsanitize" in os.environ["MILTERD_COMPILER"] else 16 * MIB
        self.assertLessEqual(self.milterd.memory(), before * 1.25 + slack)
        self.assertLessEqual(self.milterd.open_files(), files_before + 4)

    def send_until(self, stop, number, answers):
        count = 0
        with SmtpClient(self.postfix.port) as client:
            while not stop.is_set():
                recipient = f"r{number}.{count}@example.net"
                try:
                    answer = client.send("sender@example.org", [recipient],
                                         messages.message(f"{number} {count}"))
                    answers.append((recipient, str(answer)))
                except OSError as error:
                    answers.append((recipient, f"broken: {error}"))
                    return
                count += 1

    def test_other_nameservers_leave_nothing_of_the_old_ones(self):
        daemon = Milterd(self.directory / "nameservers", stage("dkim", mode=["verify"]))
        self.addCleanup(daemon.kill)
        daemon.start()

        def reload_with(timeout):
            text = daemon.config_path.read_text().partition("[dns]")[0]
            daemon.config_path.write_text(text + f'[dns]\ntimeout = "{timeout}s"\n')
            self.assertEqual(daemon.reload()[1], "reload.done")
        reload_with(1)
        threads = Path(f"/proc/{daemon.process.pid}/task")
        before = daemon.open_files(), len(list(threads.iterdir()))
        for timeout in range(2, 12):
            reload_with(timeout)
        self.assertLessEqual(daemon.open_files(), before[0] + 8)
        self.assertLessEqual(len(list(threads.iterdir())), before[1] + 2)
        self.assertEqual(daemon.stop(), 0)

    def test_a_wrong_configuration_is_not_taken(self):
        self.milterd.configure(stage("clamav", database_directory=self.database, on_infekted="x"))
        event = self.milterd.reload()
        self.assertEqual(event[1], "reload.failed")
        answer = send(self.postfix.port, messages.eicar_plain())
        self.assertEqual(answer.code, 550, answer)
        self.milterd.configure(self.stages)
        self.assertEqual(self.milterd.reload()[1], "reload.done")

    def test_a_corrupt_database_is_not_taken(self):
        (self.database / "broken.ndb").write_text("this is:no:signature\n")
        try:
            self.assertEqual(self.milterd.reload()[1], "reload.failed")
            answer = send(self.postfix.port, messages.eicar_plain())
            self.assertEqual(answer.code, 550, answer)
        finally:
            (self.database / "broken.ndb").unlink()
        self.assertEqual(self.milterd.reload()[1], "reload.done")


if __name__ == "__main__":
    main()
