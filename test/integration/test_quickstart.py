"""tools/quickstart's mail part works, leaves nothing behind and the system's own Postfix alone."""

import hashlib
import re
import signal
import subprocess
import sys
from pathlib import Path

from support import messages
from support.mail_case import MailCase, main, source_root
from support.smtp_client import send
from support.waiting import wait_until

SCRIPT = source_root() / "tools" / "quickstart_mail.py"
SYSTEMS_OWN = ("/etc/postfix", "/var/spool/postfix", "/var/lib/postfix")


def state_of_the_system():
    """Names, owners, modes, times and contents of what belongs to the system's Postfix."""
    state = hashlib.sha256()
    for root in SYSTEMS_OWN:
        for path in sorted(Path(root).rglob("*")):
            status = path.lstat()
            state.update(f"{path} {status.st_mode} {status.st_uid} {status.st_gid} "
                         f"{status.st_size} {status.st_mtime_ns}\n".encode())
            if path.is_file() and not path.is_symlink():
                state.update(path.read_bytes())
    return state.hexdigest()


def left_behind():
    return {path.name for path in Path("/tmp").glob("milterd-quickstart-*")}


def processes_in(directories):
    """The ids of those that have one of `directories` of /tmp in their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_text(errors="replace")
        except OSError:
            continue  # it has ended meanwhile
        if any(f"/tmp/{name}/" in command for name in directories):
            found.append(path.parent.name)
    return found


def runs(pid):
    try:
        return "(zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


class Quickstart(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.need_postfix()
        cls.need_opendkim()

    def run_script(self, *arguments):
        done = subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True,
                              timeout=100, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_it_shows_what_happened_and_cleans_up(self):
        system, before = state_of_the_system(), left_behind()
        text = self.run_script()
        for line in (r"clean message: +250 ", r"DKIM-Signature: v=1;", r"X-Virus-Status: Clean",
                     r"opendkim says +the signature verifies",
                     r"infected message \(zip\): +550 5\.7\.1 Infected with ",
                     r"header-checked message: +550 5\.7\.1 "):
            self.assertRegex(text, line)
        self.assertNotIn("NOT AS EXPECTED", text)
        self.assertEqual(left_behind(), before)
        self.assertEqual(state_of_the_system(), system)

    def test_keep_leaves_both_running_until_told_to_stop(self):
        text = self.run_script("--keep")
        port = int(re.search(r"--server 127\.0\.0\.1:(\d+)", text)[1])
        command = re.search(r"stop +(kill.*)", text)[1]
        try:
            self.assertEqual(send(port, messages.message(), recipients=["a@example.net"]).code, 250)
            answer = send(port, messages.eicar_plain(), recipients=["a@example.net"])
            self.assertEqual(answer.code, 550)
            log = Path(re.search(r"logs +(\S+)", text)[1])
            wait_until(lambda: "verdict=reject" in log.read_text(), 10, "milterd's log line")
        finally:
            subprocess.run(command, shell=True, check=True, timeout=60)
        folder = Path(re.search(r"rm -r (\S+)", command)[1])
        self.assertFalse(folder.exists())
        for pid in re.match(r"kill (\d+) (\d+)", command).groups():
            wait_until(lambda pid=pid: not runs(pid), 20, f"process {pid} has ended")

    def test_an_interrupt_stops_everything(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number.name):
                before = left_behind()
                script = subprocess.Popen([sys.executable, "-u", SCRIPT, "--keep"], text=True,
                                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                self.assertRegex(script.stdout.readline(), "clean message: +250 ")
                # Or it is done with the other messages before it is interrupted.
                script.send_signal(signal.SIGSTOP)
                started = processes_in(left_behind() - before)
                self.assertGreaterEqual(len(started), 2, "milterd and Postfix's master")
                script.send_signal(number)
                script.send_signal(signal.SIGCONT)
                _, said = script.communicate(timeout=60)
                self.assertEqual(script.returncode, 130)
                self.assertEqual(
                    said, "tools/quickstart: interrupted; all that ran is stopped\n")
                self.assertEqual(left_behind(), before)
                wait_until(lambda started=started: not any(map(runs, started)), 20,
                           "the processes have ended")


if __name__ == "__main__":
    main()
