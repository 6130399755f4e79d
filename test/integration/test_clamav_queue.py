"""Messages that wait for the scanner, and scans that nobody waits for any more."""

import base64
import io
import threading
import time
import zipfile

from support import messages, signature_database
from support.mail_case import MailCase, main
from support.milter_client import MilterClient, judge
from support.milterd import stage
from support.waiting import wait_until

MIB = 1024 * 1024


def slow_message(parts=400):
    """Many attachments, of each of which libclamav unpacks some megabytes: a minute of work."""
    lines = [b"From: a@example.org", b"Subject: slow", b"MIME-Version: 1.0",
             b'Content-Type: multipart/mixed; boundary="b"', b""]
    for number in range(parts):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            # Different each time: what was clean before is not looked at again.
            archive.writestr("x", (b"%06d " % number) * (5 * MIB // 7))
        lines += [b"--b", b"Content-Type: application/zip",
                  b"Content-Transfer-Encoding: base64", b"",
                  base64.encodebytes(packed.getvalue()).strip().replace(b"\n", b"\r\n")]
    return b"\r\n".join([*lines, b"--b--", b""])


class ClamavQueue(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        database = cls.directory / "database"
        signature_database.make(database)
        cls.stages = stage("clamav", database_directory=database, scan_slots=1, scan_queue=1,
                           max_scan_size="4095MiB", max_scan_time="10m", on_fail="tempfail")
        cls.slow = slow_message()

    def busy_client(self, milterd):
        """A client whose message is being scanned, and will be for long."""
        client = MilterClient(milterd.socket_path)
        self.addCleanup(client.close)
        client.negotiate()
        client.connect()
        client.helo()
        client.mail()
        client.rcpt()
        client.data("SLOW")
        head, _, body = self.slow.partition(b"\r\n\r\n")
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            client.header(name.decode(), value)
        client.event(b"N")
        client.body(body)
        client.macros(b"E", i="SLOW")
        client.packet(b"E")
        self.assertEqual(client.read()[0], b"p", "a sign of life")
        return client

    def judge_in_background(self, milterd):
        answers = []
        thread = threading.Thread(
            target=lambda: answers.append(judge(milterd.socket_path, messages.message(),
                                                queue_id="WAITING")))
        thread.start()
        self.addCleanup(thread.join)
        return thread, answers

    def test_the_queue_is_bounded_and_a_client_that_goes_makes_room(self):
        milterd = self.start_milterd(self.stages)
        busy = self.busy_client(milterd)
        thread, answers = self.judge_in_background(milterd)
        # One scans, one waits: the next is answered at once, once the other has come to wait.
        begin = time.monotonic()
        refused = []

        def is_full():
            refused.append(judge(milterd.socket_path, messages.message(), queue_id="FULL"))
            return refused[-1].reply
        # The first of these may have come before the waiting one, and waits in its place.
        refusing = threading.Thread(target=lambda: wait_until(is_full, 30, "the queue is full"))
        refusing.start()
        refusing.join(30)
        self.assertEqual(refused[-1].reply, "451 4.3.2 Too many messages wait for the virus "
                                            "scanner, try again later")
        self.assertLess(time.monotonic() - begin, 20)
        self.assertEqual(answers, [], "the one that waits still waits")
        busy.close()
        thread.join(30)
        self.assertEqual([answer.word for answer in answers], ["continue"])
        self.assertGreaterEqual(answers[0].progress, 1, "the MTA was kept informed")
        gone = [fields for _, _, fields in milterd.events("message")
                if fields.get("queue_id") == "SLOW"]
        self.assertEqual([fields.get("unscanned") for fields in gone], ["client gone"])

    def test_an_end_does_not_wait_for_a_scan_beyond_drain_time(self):
        milterd = self.start_milterd(self.stages, name="ending",
                                     limits={"drain_time": "1s"})
        self.busy_client(milterd)
        begin = time.monotonic()
        self.assertEqual(milterd.stop(), 0)
        self.assertLess(time.monotonic() - begin, 30)
        ended = [fields for _, _, fields in milterd.events("message")
                 if fields.get("queue_id") == "SLOW"]
        self.assertEqual([fields.get("unscanned") for fields in ended], ["shut down"])
        self.assertEqual([fields.get("verdict") for fields in ended], ["tempfail"])


if __name__ == "__main__":
    main()
