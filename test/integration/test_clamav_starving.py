"""The clamav stage without what it needs: killed, without memory, disk or file descriptors. Nothing
is delivered unscanned meanwhile, and all is well when it has them again."""

import base64
import io
import os
import random
import resource
import shutil
import signal
import threading
import time
import unittest
import zipfile
from pathlib import Path

from support import memory_group, messages, signature_database
from support.mail_case import MailCase, main
from support.milterd import stage
from support.smtp_client import SmtpClient, send
from support.waiting import wait_until

MIB = 1024 * 1024
# In builds with sanitizers, which take far more address space and memory than they use.
REDUCED = os.environ.get("CLAMAV_ENDURANCE") == "reduced"
SIGNATURES = 20_000 if REDUCED else 400_000
SENDERS = 3


def zipped(size, seed, extra=()):
    """A message with a zip archive, of which libclamav makes files: `size` random bytes, then
    (name, content) of `extra`."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.bin", random.Random(seed).randbytes(size))
        for name, content in extra:
            archive.writestr(name, content)
    return messages.attachment("a.zip", packed.getvalue())


def slow_message(seed):
    """Of many archives that unpack to some megabytes each, different in each message."""
    parts = []
    for number in range(12):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x", (b"%03d %03d" % (seed, number)) * (3 * MIB // 7))
        parts.append(b"--b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n"
                     b"\r\n" + base64.encodebytes(packed.getvalue()).replace(b"\n", b"\r\n"))
    return messages.message(f"slow {seed}", body=b"".join(parts) + b"--b--\r\n", extra=[
        "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="b"'])


class Starving(MailCase):
    """One milterd for each test; `self.files` is where its temporary files are."""

    def setUp(self):
        # Short: Postfix's sockets are in it.
        self.folder = self.directory / str(len(list(self.directory.iterdir())))
        self.folder.mkdir()
        self.database, self.files = self.folder / "database", self.folder / "files"
        self.files.mkdir()
        signature_database.make(self.database)

    def stage(self, **keys):
        return stage("clamav", database_directory=self.database, self_check="1h",
                     temporary_directory=self.files, **keys)

    def start(self, keys=None, **options):
        """milterd with a database, and Postfix in front of it."""
        self.milterd = self.start_milterd(self.stage(**(keys or {})),
                                          name=self.folder / "milterd", **options)
        self.milterd.wait_event("clamav.database_loaded")
        self.sink = self.start_sink()
        self.postfix = self.start_postfix(self.sink, self.milterd.milter_address,
                                          name=self.folder / "postfix")

    def answer(self, message):
        return str(send(self.postfix.port, message))

    def assert_infected(self, message):
        self.assertIn("550 5.7.1 Infected with Eicar-Test-Signature", self.answer(message))

    def assert_scans(self):
        self.assertEqual(self.answer(messages.message())[:4], "250 ")
        self.assert_infected(messages.eicar_plain())
        self.assert_infected(messages.eicar_zipped())

    def assert_delivered_are_clean(self):
        for message in self.sink.messages:
            head = message.data.partition(b"\r\n\r\n")[0]
            self.assertIn(b"\r\nX-Virus-Status: Clean", head)
            self.assertFalse(messages.EICAR in message.data, head)

    def grow_database(self, count=SIGNATURES):
        """Hashes of files that no message holds; in place at once."""
        source = random.Random(7)
        beside = self.database.parent / "many.hsb"
        with open(beside, "w", encoding="ascii") as file:
            for number in range(count):
                file.write(f"{source.randbytes(16).hex()}:{1000 + number}:Many.{number}:73\n")
        beside.rename(self.database / "many.hsb")

    def temporary_directories(self):
        return sorted(path.name for path in self.files.glob("milterd-clamav-*"))

    def only_of_the_living(self):
        """Of one engine; an old one may have to be freed first."""
        wait_until(lambda: len(self.temporary_directories()) == 1, 20,
                   "one directory for temporary files is left")


class Killed(Starving):
    def send_until(self, stop, number, answers):
        """Slow, infected, and small ones in turn."""
        count = 0
        while not stop.is_set():
            kind = count % 3
            make = (messages.message, messages.eicar_zipped, None)[kind]
            count += 1
            recipient = f"r{number}.{count}@example.net"
            message = make(to=recipient) if make else slow_message(number * 1000 + count)
            try:
                with SmtpClient(self.postfix.port) as client:
                    code = client.send("sender@example.org", [recipient], message).code
            except OSError:
                code = 0  # no answer: not accepted
                time.sleep(0.01)
            answers.append((recipient, kind, code))

    def kill_under_load(self, when):
        """when(): until it is time to kill."""
        stop, answers = threading.Event(), []
        senders = [threading.Thread(target=self.send_until, args=(stop, number, answers))
                   for number in range(SENDERS)]
        for sender in senders:
            sender.start()
        try:
            when()
            dead = self.temporary_directories()
            self.milterd.kill()
            self.assertNotEqual(dead, [])
            before = len(answers)
            wait_until(lambda: any(400 <= code < 500 for _, _, code in answers[before:]), 30,
                       "Postfix answers 4xx while milterd is away")
            self.milterd.start()
            before = len(answers)
            wait_until(lambda: {(kind, code) for _, kind, code in answers[before:]}
                       >= {(0, 250), (1, 550)}, 60, "it scans again")
        finally:
            stop.set()
            for sender in senders:
                sender.join()
        self.assertEqual([a for a in answers if a[1] == 1 and a[2] == 250], [])
        self.assertEqual([a for a in answers if a[1] != 1 and a[2] >= 500], [])
        accepted = {recipient for recipient, _, code in answers if code == 250}
        self.sink.wait(lambda m: m.recipients[0] in accepted, 30, count=len(accepted))
        self.assert_delivered_are_clean()
        self.only_of_the_living()
        self.assertFalse(set(dead) & set(self.temporary_directories()))

    def test_while_scanning(self):
        self.start()
        # libclamav has files there, which the dead process leaves behind.
        self.kill_under_load(lambda: wait_until(
            lambda: any(self.files.glob("milterd-clamav-*/*")), 60, "a scan has temporary files"))

    def test_while_loading_at_start(self):
        self.start()
        self.milterd.stop()
        self.grow_database()
        self.milterd.start()
        self.kill_under_load(lambda: wait_until(self.temporary_directories, 30, "a load begins"))
        self.assertGreater(int(self.milterd.wait_event("clamav.database_loaded")[2]["signatures"]),
                           SIGNATURES)

    def test_while_loading_beside_mail(self):
        self.start({"reload": "concurrent"})

        def when():
            self.grow_database()
            self.milterd.wait_event("clamav.database_changed")
            wait_until(lambda: len(self.temporary_directories()) == 2, 30, "the load begins")
        self.kill_under_load(when)
        self.assertGreater(int(self.milterd.wait_event("clamav.database_loaded")[2]["signatures"]),
                           SIGNATURES)


@unittest.skipIf(REDUCED, "sanitizers reserve all of the address space and account for their own")
class WithoutMemory(Starving):
    def limit_address_space(self, extra):
        """`extra` bytes more than what is taken; None: no limit."""
        most = resource.RLIM_INFINITY
        if extra is not None:
            taken = int(Path(f"/proc/{self.milterd.process.pid}/statm").read_text().split()[0])
            most = taken * resource.getpagesize() + extra
        resource.prlimit(self.milterd.process.pid, resource.RLIMIT_AS,
                         (most, resource.RLIM_INFINITY))

    def test_a_scan_ends_in_on_fail(self):
        self.start()
        # So small that the host has them in memory already, and so large that libclamav has not.
        infected = [messages.eicar_plain(), messages.eicar_zipped(),
                    zipped(4 * MIB, 1, [("e.com", messages.EICAR)])]
        for message in infected:
            self.assert_infected(message)
        tempfailed = 0
        for extra in (16 * MIB, 8 * MIB, 4 * MIB, 2 * MIB, MIB, 0):
            self.limit_address_space(extra)
            for message in infected:
                answer = self.answer(message)
                self.assertRegex(answer, "^(4|550 5.7.1 Infected)", extra)
                tempfailed += answer.startswith("451 4.3.0 Virus scanner not ready")
            self.assertIsNone(self.milterd.process.poll())
        self.assertGreater(tempfailed, 0)
        self.assertIn('reason="scan failed: temporary files or memory"', self.milterd.log())
        self.limit_address_space(None)
        self.assert_scans()
        self.assert_delivered_are_clean()

    def test_a_load_keeps_the_old_engine(self):
        self.start({"reload": "concurrent"})
        # Before the first signature, and among the last ones.
        for count, extra in enumerate((0, 40 * MIB)):
            self.limit_address_space(extra)
            self.grow_database(SIGNATURES + count)
            wait_until(lambda: len(self.milterd.events("clamav.database_failed")) > count, 30,
                       f"the load fails with {extra} bytes; the log:\n{self.milterd.log()[-2000:]}")
            level, _, fields = self.milterd.events("clamav.database_failed")[count]
            self.assertEqual(level, "error")
            self.assertRegex(fields["text"], "no memory|allocate memory")
            self.assertEqual(fields["effect"], "the old signatures stay in force")
            self.limit_address_space(None)
            self.assert_scans()
            self.only_of_the_living()
        self.grow_database(SIGNATURES + 9)
        wait_until(lambda: len(self.milterd.events("clamav.database_loaded")) == 2, 30, "it loads")
        self.assert_scans()

    def test_in_a_control_group_it_makes_room_first(self):
        """The same as auto decides it, by the limit of the group; and what the kernel kills."""
        if reason := memory_group.missing():
            self.skipTest(reason)
        with memory_group.MemoryGroup() as group:
            self.start({"reload": "auto"}, prefix=group.prefix)
            group.limit(group.used() + 60 * MIB)
            self.grow_database()
            wait_until(lambda: len(self.milterd.events("clamav.database_loaded")) == 2, 60,
                       f"it loads; the log:\n{self.milterd.log()[-2000:]}")
            changed = self.milterd.events("clamav.database_changed")[0][2]
            self.assertEqual(changed["reload"], "exclusive")
            self.assertIn("MiB are available", changed["reason"])
            self.assert_scans()

            group.limit(group.used() + 20 * MIB)
            self.grow_database(3 * SIGNATURES)
            self.assertEqual(self.milterd.process.wait(60), -signal.SIGKILL)
            self.assertEqual(self.answer(messages.message())[:1], "4")
            self.assertEqual(self.answer(messages.eicar_plain())[:1], "4")
            group.limit(None)
            self.milterd.start(prefix=group.prefix)
            self.assert_scans()
            self.assert_delivered_are_clean()
            self.only_of_the_living()
            self.milterd.stop()


class WithoutFiles(Starving):
    def notices(self, name):
        return [fields["text"] for _, _, fields in self.milterd.events(name)]

    def assert_on_fail(self, seed, reason):
        for message in (messages.message(), messages.eicar_plain(), messages.eicar_zipped(),
                        zipped(100_000, seed, [("e.com", messages.EICAR)])):
            answer = self.answer(message)
            self.assertRegex(answer, "^(451 4.3.0 Virus scanner not ready|550 5.7.1 Infected)")
        self.assertIn(f'reason="scan failed: {reason}"', self.milterd.log())

    def test_a_full_disk(self):
        if os.geteuid() != 0:
            self.skipTest("only root may mount")
        # A file system of its own, which ends with the process and is nowhere else to be seen.
        mount = ('mount -t tmpfs -o size=16m,mode=0700 none "$0" && exec "$@"')
        self.start(prefix=("unshare", "--mount", "sh", "-c", mount, str(self.files)))
        self.assert_scans()
        inside = Path(f"/proc/{self.milterd.process.pid}/root{self.files}")
        self.assertEqual(shutil.disk_usage(inside).total, 16 * MIB)
        for seed in range(2):
            with open(inside / "full", "wb", buffering=0) as file, \
                    self.assertRaises(OSError):
                while True:
                    file.write(bytes(MIB))
            self.assert_on_fail(seed, "no space for temporary files")
            self.assertEqual(len(self.notices("clamav.no_room")), 1)
            self.assertIn(f"'{self.files}/milterd-clamav-", self.notices("clamav.no_room")[0])
            (inside / "full").unlink()
            self.assert_scans()
            self.assertEqual(len(self.notices("clamav.room_again")), 1)
        self.assert_delivered_are_clean()

    def test_no_file_descriptors(self):
        self.start()
        with SmtpClient(self.postfix.port) as client:
            def say(message):
                return str(client.send("sender@example.org", ["rcpt@example.net"], message))
            self.assertEqual(say(messages.message())[:4], "250 ")
            pid = self.milterd.process.pid
            before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            for spare in (8, 2, 0):
                resource.prlimit(pid, resource.RLIMIT_NOFILE,
                                 (self.milterd.open_files() + spare, before[1]))
                for message in (messages.message(), messages.eicar_plain(),
                                messages.eicar_zipped()):
                    self.assertRegex(say(message), "^(4|550 5.7.1 Infected)")
                # A connection that it cannot take has no answer from it; closed ones left room.
                if spare == 0:
                    self.assertRegex(self.answer(messages.eicar_plain()),
                                     "^(4|550 5.7.1 Infected)")
            self.assertEqual(len(self.notices("clamav.no_room")), 1)
            self.assertIn("LimitNOFILE", self.notices("clamav.no_room")[0])
            resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        wait_until(lambda: self.answer(messages.message()).startswith("250 "), 30, "it scans again")
        self.assert_scans()
        self.assert_delivered_are_clean()


if __name__ == "__main__":
    main()
