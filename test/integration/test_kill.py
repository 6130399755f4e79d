"""A crash under load, with the Postfix settings that are shipped: nothing lost, nothing
unscanned."""

import threading
import time

from support import messages, signature_database
from support.mail_case import MailCase, main, source_root
from support.milterd import stage
from support.smtp_client import SmtpClient
from support.waiting import wait_until

SENDERS = 4
EXAMPLE = source_root() / "config" / "postfix-main.cf.example"


def shipped_settings():
    """main.cf.example as a dictionary."""
    settings, name = {}, None
    for line in EXAMPLE.read_text().splitlines():
        if line[:1] in (" ", "\t") and name:
            settings[name] += line
        elif "=" in line and not line.startswith("#"):
            name, value = (part.strip() for part in line.split("=", 1))
            settings[name] = value
    return settings


class Kill(MailCase):
    def test_a_crash_loses_nothing_and_lets_nothing_through_unscanned(self):
        self.need_postfix()
        sink = self.start_sink()
        database = self.directory / "database"
        database.mkdir()
        signature_database.make(database)
        milterd = self.start_milterd(stage("clamav", database_directory=database))
        settings = shipped_settings()
        self.assertEqual(settings["milter_default_action"], "tempfail")
        for name in ("smtpd_milters", "non_smtpd_milters"):
            self.assertIn(name, settings)
            settings[name] = milterd.milter_address
        settings.pop("smtpd_milters")
        postfix = self.start_postfix(sink, milterd.milter_address, **settings)

        stop = threading.Event()
        answers = []  # (recipient, infected, code)
        senders = [threading.Thread(target=self.keep_sending, args=(postfix, stop, n, answers))
                   for n in range(SENDERS)]
        for sender in senders:
            sender.start()
        try:
            for _ in range(3):
                seen = len(answers)
                wait_until(lambda: sum(a[2] == 250 for a in answers[seen:]) >= 20, 60,
                           "20 messages are accepted")
                milterd.kill()
                seen = len(answers)
                wait_until(lambda: sum(400 <= a[2] < 500 for a in answers[seen:]) >= 8, 60,
                           "Postfix answers 4xx while milterd is away")
                milterd.start()
        finally:
            stop.set()
            for sender in senders:
                sender.join()

        accepted = {recipient for recipient, infected, code in answers if code == 250}
        self.assertEqual([a for a in answers if a[1] and a[2] == 250], [])
        self.assertEqual([a for a in answers if not a[1] and 500 <= a[2]], [])
        sink.wait(lambda m: m.recipients[0] in accepted, 60, count=len(accepted))
        delivered = {m.recipients[0] for m in sink.messages}
        self.assertEqual(accepted - delivered, set())
        for message in sink.messages:
            self.assertIn(b"X-Virus-Status: Clean\r\n", message.data)
            self.assertNotIn(messages.EICAR, message.data)

    def keep_sending(self, postfix, stop, number, answers):
        """Every third message is infected."""
        count = 0
        while not stop.is_set():
            count += 1
            infected = count % 3 == 0
            recipient = f"r{number}.{count}@example.net"
            message = (messages.eicar_plain if infected else messages.message)(to=recipient)
            try:
                with SmtpClient(postfix.port) as client:
                    code = client.send("sender@example.org", [recipient], message).code
            except OSError:
                code = 0  # no answer: not accepted
                time.sleep(0.01)
            answers.append((recipient, infected, code))


if __name__ == "__main__":
    main()
