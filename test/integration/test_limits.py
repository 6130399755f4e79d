"""What is over a limit gets its configured answer and one log line."""

from support import messages
from support.mail_case import MailCase, main
from support.milter_client import MilterClient, judge
from support.milterd import stage
from support.smtp_client import SmtpClient, send
from support.waiting import wait_until

KIB = 1024


class Limits(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sink = cls.start_sink()
        # A stage that wants header and body, or nothing of them would be sent.
        cls.milterd = cls.start_milterd(
            stage("scripted", edits=["add X-Seen yes"]), plugin_directory=str(cls.plugins()),
            limits={"header_size": "8KiB", "header_count": 100, "message_size": "64KiB",
                    "message_memory": "4KiB", "recipients": 3})
        cls.postfix = cls.start_postfix(cls.sink, cls.milterd.milter_address)

    def setUp(self):
        self.before = len(self.message_lines())

    def message_lines(self):
        return [event for event in self.milterd.events() if "verdict" in event[2]]

    def one_line(self, verdict):
        wait_until(lambda: len(self.message_lines()) > self.before, 10, "the message's log line")
        lines = self.message_lines()[self.before:]
        self.assertEqual([fields["verdict"] for _, _, fields in lines], [verdict], lines)
        return lines[0][2]

    def test_a_header_block_over_the_limit(self):
        answer = send(self.postfix.port, messages.message(extra=["X-Long: " + "x" * 900] * 10))
        self.assertEqual(answer.code, 552, answer)
        self.assertTrue(answer.text.startswith("5.3.4 "), answer)
        self.one_line("reject")

    def test_more_header_fields_than_the_limit(self):
        answer = send(self.postfix.port, messages.message(extra=["X: y"] * 120))
        self.assertEqual(answer.code, 552, answer)
        self.one_line("reject")

    def test_a_body_over_the_limit(self):
        answer = send(self.postfix.port, messages.message(body=b"0123456789abcde\r\n" * 5000))
        self.assertEqual(answer.code, 552, answer)
        self.assertTrue(answer.text.startswith("5.3.4 "), answer)
        self.one_line("reject")

    def test_a_body_just_under_the_limit_passes(self):
        message = messages.message(body=b"0123456789abcde\r\n" * 3600)
        self.assertLess(len(message), 64 * KIB)
        self.assertEqual(send(self.postfix.port, message).code, 250)
        self.one_line("accept")

    def test_more_recipients_than_the_limit(self):
        with SmtpClient(self.postfix.port) as client:
            client.command("MAIL FROM:<sender@example.org>")
            codes = [client.command(f"RCPT TO:<r{n}@example.net>").code for n in range(5)]
            self.assertEqual(codes, [250, 250, 250, 452, 452])
            self.assertIsNone(client.begin_data(messages.message()))
            self.assertEqual(client.end_data().code, 250)
        delivered = self.sink.wait_for("r2@example.net")
        self.assertIn(b"X-Seen: yes", delivered)
        self.assertFalse(any("r3@example.net" in m.recipients for m in self.sink.messages))
        wait_until(lambda: len(self.message_lines()) >= self.before + 3, 10, "three log lines")
        lines = self.message_lines()[self.before:]
        self.assertEqual([(event, fields["verdict"], fields["to"]) for _, event, fields in lines],
                         [("refused", "tempfail", "<r3@example.net>"),
                          ("refused", "tempfail", "<r4@example.net>"),
                          ("message", "accept", "<r0@example.net>,<r1@example.net>,<r2@example.net>")])

    def test_a_session_over_the_limit_is_told_to_come_back(self):
        few = self.start_milterd(name="few", limits={"sessions": 2})
        held = []
        for _ in range(2):
            client = MilterClient(few.socket_path).negotiate()
            client.connect()
            held.append(client)
        answer = judge(few.socket_path, messages.message())
        self.assertIn(answer.letter, (b"t", b"y"), answer)
        for client in held:
            client.quit()
        wait_until(lambda: judge(few.socket_path, messages.message()).letter == b"c", 20,
                   "a new session is served again")


if __name__ == "__main__":
    main()
