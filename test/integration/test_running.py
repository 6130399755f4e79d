"""Start, stop, signals, sockets and the ways of saying "ready"."""

import grp
import os
import pwd
import resource
import signal
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

from support import messages, signature_database
from support.mail_case import MailCase, main
from support.milter_client import MilterClient, judge
from support.milterd import Milterd, binary, stage
from support.waiting import free_port, wait_until


class Running(MailCase):
    def milterd(self, stages="", **options):
        daemon = Milterd(self.directory / self._testMethodName, stages, **options)
        self.addCleanup(daemon.kill)
        return daemon

    def assert_serves(self, daemon):
        self.assertEqual(judge(daemon.socket_path, messages.message()).word, "continue")

    def edits(self, **keys):
        # The first answers DATA: whoever has read the answer knows that the message is in hand.
        return (stage("scripted", name="data", event="data")
                + stage("scripted", edits=["add X-Seen yes"], **keys))

    def test_term_ends_it_with_status_0_and_removes_the_socket(self):
        daemon = self.milterd().start()
        self.assert_serves(daemon)
        self.assertEqual(daemon.stop(), 0)
        self.assertFalse(daemon.socket_path.exists())

    def test_int_ends_it_too(self):
        daemon = self.milterd().start()
        daemon.process.send_signal(signal.SIGINT)
        self.assertEqual(daemon.wait(), 0)

    def begin_message(self, daemon):
        """A client in the middle of a message."""
        milter = MilterClient(daemon.socket_path)
        self.addCleanup(milter.close)
        milter.negotiate()
        milter.connect()
        milter.helo()
        milter.mail()
        milter.rcpt()
        self.assertEqual(milter.data()[0], b"c")
        milter.header("From", b" sender@example.org")
        milter.event(b"N")
        return milter

    def test_term_lets_the_message_in_hand_end(self):
        daemon = self.milterd(self.edits(), plugin_directory=str(self.plugins())).start()
        milter = self.begin_message(daemon)
        daemon.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not daemon.socket_path.exists(), 10, "the socket is gone")
        self.assertRaises(OSError, MilterClient, daemon.socket_path)
        milter.body(b"text\r\n")
        answer = milter.end_of_message()
        self.assertEqual((answer.word, len(answer.edits)), ("continue", 1))
        self.assertEqual(daemon.wait(), 0)

    def test_term_waits_for_a_stage_at_work(self):
        daemon = self.milterd(self.edits(delay="2s"), plugin_directory=str(self.plugins())).start()
        milter = self.begin_message(daemon)
        answers = []
        sending = threading.Thread(target=lambda: answers.append(milter.end_of_message()))
        sending.start()
        daemon.process.send_signal(signal.SIGTERM)
        sending.join(30)
        self.assertEqual([answer.word for answer in answers], ["continue"])
        self.assertEqual(daemon.wait(), 0)

    def test_a_new_message_during_a_drain_is_told_to_come_back(self):
        daemon = self.milterd(self.edits(), plugin_directory=str(self.plugins())).start()
        idle = MilterClient(daemon.socket_path)
        self.addCleanup(idle.close)
        idle.negotiate()
        idle.connect()
        idle.helo()
        milter = self.begin_message(daemon)
        daemon.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not daemon.socket_path.exists(), 10, "the socket is gone")
        refused = idle.message(messages.message())
        self.assertEqual(refused.word, "reply", refused)
        self.assertTrue(refused.reply.startswith("421 4.3.2 "), refused)
        self.assertEqual(milter.end_of_message().word, "continue")
        self.assertEqual(daemon.wait(), 0)

    def test_a_second_instance_is_refused(self):
        daemon = self.milterd().start()
        done = subprocess.run([binary(), "--config", daemon.config_path], capture_output=True,
                              timeout=60, check=False)
        self.assertNotIn(done.returncode, (0, -signal.SIGSEGV, -signal.SIGABRT))
        self.assertIn(str(daemon.socket_path), done.stderr.decode())
        self.assert_serves(daemon)

    def test_a_stale_socket_is_replaced(self):
        daemon = self.milterd().start()
        daemon.kill()
        self.assertTrue(daemon.socket_path.exists())
        daemon.start()
        self.assert_serves(daemon)
        self.assertEqual(daemon.stop(), 0)

    def test_something_else_in_the_sockets_place_is_left_alone(self):
        daemon = self.milterd()
        daemon.socket_path.write_text("precious")
        self.assertRaises(AssertionError, daemon.start)
        self.assertEqual(daemon.socket_path.read_text(), "precious")
        daemon.process = None

    def test_mode_and_group_of_the_socket(self):
        if os.geteuid() != 0:
            self.skipTest("needs root")
        group = grp.getgrnam("nogroup")
        daemon = self.milterd(socket_mode="0660", socket_group=group.gr_name).start()
        status = daemon.socket_path.stat()
        self.assertEqual(stat.S_IMODE(status.st_mode), 0o660)
        self.assertEqual(status.st_gid, group.gr_gid)

    def test_root_is_dropped_to_user(self):
        if os.geteuid() != 0:
            self.skipTest("needs root")
        nobody = pwd.getpwnam("nobody")
        daemon = self.milterd(user="nobody").start()
        status = dict(line.split(":\t", 1) for line in
                      Path(f"/proc/{daemon.process.pid}/status").read_text().splitlines())
        self.assertEqual(status["Uid"].split(), [str(nobody.pw_uid)] * 4)
        self.assertEqual(status["Gid"].split(), [str(nobody.pw_gid)] * 4)
        self.assertEqual(int(status["CapEff"], 16), 0)
        self.assert_serves(daemon)
        self.assertEqual(daemon.reload()[1], "reload.done")
        self.assertEqual(daemon.stop(), 0)

    def test_3000_hups_do_not_stop_it(self):
        daemon = self.milterd().start()
        for number in range(3000):
            daemon.process.send_signal(signal.SIGHUP if number % 2 else signal.SIGUSR1)
        self.assert_serves(daemon)
        daemon.wait_event("reload.done")
        self.assertEqual(daemon.reload()[1], "reload.done")
        self.assert_serves(daemon)
        self.assertEqual(daemon.stop(), 0)

    def test_hup_beside_open_sessions(self):
        daemon = self.milterd().start()
        with MilterClient(daemon.socket_path) as milter:
            milter.negotiate()
            milter.connect()
            self.assertEqual(daemon.reload()[1], "reload.done")
            milter.helo()
            self.assertEqual(milter.message(messages.message()).word, "continue")
        self.assertEqual(daemon.stop(), 0)

    def test_a_reload_while_the_database_loads_does_not_say_ready(self):
        database = self.directory / "slow_database"
        signature_database.make(database, [(f"Marker.{n}", b"%032d" % n) for n in range(100000)])
        daemon = self.milterd(stage("clamav", database_directory=database))
        path = self.directory / "early_notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(path))
            notify.settimeout(60)
            daemon.start(wait=False, environment={"NOTIFY_SOCKET": str(path)})
            daemon.wait_event("start.done")
            daemon.process.send_signal(signal.SIGHUP)
            self.wait_notice(notify, "READY=1")
            self.assertEqual(len(daemon.events("clamav.database_loaded")), 1, daemon.log())
        self.assertEqual(daemon.stop(), 0)

    def test_descriptors_are_not_left_at_the_usual_limit(self):
        daemon = self.milterd()
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        daemon.start(prefix=("sh", "-c", 'ulimit -Sn 64; exec "$@"', "sh"))
        self.assertEqual(resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE),
                         (hard, hard))
        self.assertEqual(daemon.stop(), 0)

    def test_ready_fd_gets_a_newline_only_when_serving(self):
        daemon = self.milterd()
        daemon.start()  # waits for the newline
        self.assert_serves(daemon)

    def test_notify_socket_hears_ready_and_stopping(self):
        daemon = self.milterd()
        path = daemon.directory / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(path))
            notify.settimeout(30)
            daemon.start(environment={"NOTIFY_SOCKET": str(path)})
            self.wait_notice(notify, "READY=1")
            daemon.process.send_signal(signal.SIGHUP)
            self.wait_notice(notify, "RELOADING=1")
            self.wait_notice(notify, "READY=1")
            daemon.process.send_signal(signal.SIGTERM)
            self.wait_notice(notify, "STOPPING=1")
        self.assertEqual(daemon.wait(), 0)

    def wait_notice(self, notify, wanted):
        while True:
            lines = notify.recv(4096).decode().splitlines()
            if wanted in lines:
                return

    def test_a_socket_from_systemd_is_used(self):
        daemon = self.milterd()
        # What systemd does: the socket as descriptor 3, LISTEN_PID the process's own.
        launch = ("import os, sys; os.environ['LISTEN_PID'] = str(os.getpid());"
                  "os.execv(sys.argv[1], sys.argv[1:])")
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(daemon.socket_path))
            listening.listen(64)
            with Descriptor3(listening):
                daemon.start(prefix=(sys.executable, "-c", launch), pass_fds=(3,),
                             environment={"LISTEN_FDS": "1"})
            self.assert_serves(daemon)
            self.assertEqual(daemon.stop(), 0)

    def test_an_inet_socket(self):
        port = free_port()
        daemon = self.milterd(socket=f"inet:127.0.0.1:{port}").start()
        self.assertEqual(judge(("127.0.0.1", port), messages.message()).word, "continue")
        self.assertEqual(daemon.stop(), 0)
        daemon.start()  # at once again on the same port
        self.assertEqual(judge(("127.0.0.1", port), messages.message()).word, "continue")

    def test_many_sessions_at_once(self):
        daemon = self.milterd().start()
        words = []
        threads = [threading.Thread(target=lambda: words.append(
            judge(daemon.socket_path, messages.message()).word)) for _ in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(words, ["continue"] * 64)
        self.assertEqual(daemon.stop(), 0)


class Descriptor3:
    """`source` as descriptor 3 of this process, whatever was there put back afterwards."""

    def __init__(self, source):
        self._source = source

    def __enter__(self):
        try:
            self._saved = os.dup(3)
        except OSError:
            self._saved = None
        os.dup2(self._source.fileno(), 3, inheritable=True)

    def __exit__(self, *_):
        if self._saved is None:
            os.close(3)
        else:
            os.dup2(self._saved, 3)
            os.close(self._saved)


if __name__ == "__main__":
    main()
