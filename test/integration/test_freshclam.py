"""The real freshclam as the one who brings signatures, while milterd runs."""

import os
import time
import unittest
from pathlib import Path

from support import freshclam, messages, signature_database
from support.mail_case import MailCase, main
from support.milter_client import judge
from support.milterd import stage
from support.waiting import wait_until

MARKER = b"a marker that only the new signature knows"
FOUND = "550 5.7.1 Infected with Test.Marker.UNOFFICIAL"


class Freshclam(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if reason := freshclam.missing():
            raise unittest.SkipTest(reason)
        if os.geteuid() != 0:
            raise unittest.SkipTest("freshclam gives its files to a user: that needs root")

    def setUp(self):
        place = self.directory / self._testMethodName
        self.served, self.database = place / "mirror", place / "database"
        self.place = place
        for folder in (place, self.served, self.database):
            folder.mkdir()
        self.mirror = freshclam.Mirror(self.served)
        self.addCleanup(self.mirror.stop)
        self.published = 0
        self.publish()
        self.assert_updates()

    def publish(self, extra=(), content=None):
        """What the mirror has from now on; newer than what it had, also for a clock of seconds."""
        path = Path(signature_database.make(self.served, extra))
        if content is not None:
            path.write_bytes(content)
        self.published += 10
        then = time.time() + self.published
        os.utime(path, (then, then))

    def update(self, **settings):
        return freshclam.update(self.place, self.database, self.mirror, "test.ndb", settings)

    def assert_updates(self, **settings):
        done = self.update(**settings)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("test.ndb updated", done.stdout)

    def start(self, **keys):
        return self.start_milterd(stage("clamav", database_directory=self.database, **keys),
                                  name=self._testMethodName + "-daemon")

    def reply_to_marker(self, milterd):
        return judge(milterd.socket_path, messages.message(MARKER.decode())).reply

    def test_a_new_signature_acts_without_a_signal(self):
        milterd = self.start()
        self.assertEqual(self.reply_to_marker(milterd), "")
        self.publish([("Test.Marker", MARKER)])
        self.assert_updates()
        wait_until(lambda: self.reply_to_marker(milterd) == FOUND, 30,
                   f"the new signature acts; the log:\n{milterd.log()}")

    def test_its_hook_can_reload_at_once(self):
        # The watcher has no window for the next hours, so what acts is the hook.
        hour = time.localtime().tm_hour
        window = f"{(hour + 5) % 24:02}:00-{(hour + 6) % 24:02}:00"
        milterd = self.start(reload_window=window)
        self.publish([("Test.Marker", MARKER)])
        self.assert_updates(OnUpdateExecute=f"kill -HUP {milterd.process.pid}")
        wait_until(lambda: self.reply_to_marker(milterd) == FOUND, 30,
                   f"the new signature acts; the log:\n{milterd.log()}")

    def test_what_its_own_test_refuses_never_comes_here(self):
        milterd = self.start()
        self.publish(content=b"this is no signature\n")
        done = self.update()
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertEqual(judge(milterd.socket_path, messages.eicar_plain()).reply,
                         f"550 5.7.1 Infected with {signature_database.EICAR_NAME}")
        self.assertEqual(milterd.events("clamav.database_failed"), [])

    def test_a_broken_database_that_it_lets_through_is_not_taken(self):
        milterd = self.start()
        self.publish(content=b"this is no signature\n")
        self.assert_updates(TestDatabases="no")
        level, _, fields = milterd.wait_event("clamav.database_failed")
        self.assertEqual(level, "error")
        self.assertIn("test.ndb", fields["text"])
        self.assertEqual(judge(milterd.socket_path, messages.eicar_plain()).reply,
                         f"550 5.7.1 Infected with {signature_database.EICAR_NAME}")
        self.publish([("Test.Marker", MARKER)])
        self.assert_updates()
        wait_until(lambda: self.reply_to_marker(milterd) == FOUND, 30, "the next update heals it")


if __name__ == "__main__":
    main()
