"""New keys and tables while mail flows: all of them, or none."""

import re
import tempfile
import threading
from pathlib import Path

from support import messages
from support.keys import make_key
from support.mail_case import MailCase, main
from support.milter_client import MilterClient
from support.milterd import stage

RELOADS = 30
SENDERS = 4
DOMAINS = ("example.org", "example.com")


class DkimReload(MailCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(dir=self.directory))
        self.keys = {selector: make_key(self.folder, selector, kind="ed25519")
                     for selector in ("old", "new")}
        self.key_table = self.folder / "KeyTable"
        self.signing_table = self.folder / "SigningTable"
        self.write_tables("old")
        self.milterd = self.start_milterd(
            stage("dkim", mode=["sign"], internal_hosts=["192.0.2.7"], multiple_signatures=True,
                  key_table=self.key_table, signing_table=f"refile:{self.signing_table}"),
            name=f"milterd-{self.folder.name}")

    def write_tables(self, selector, more_keys="", more_senders=""):
        """Each message gets a signature of every domain, all with `selector`."""
        self.key_table.write_text("".join(
            f"{domain}-{selector} {domain}:{selector}:{self.keys[selector].path}\n"
            for domain in DOMAINS) + more_keys)
        self.signing_table.write_text("".join(
            f"*@example.org {domain}-{selector}\n" for domain in DOMAINS) + more_senders)

    def selectors(self, milter):
        answer = milter.message(messages.message())
        self.assertEqual(answer.word, "continue", answer)
        return [re.search(rb"\bs=(\w+)", value)[1].decode()
                for value in answer.headers("DKIM-Signature")]

    def sign_one(self):
        with MilterClient(self.milterd.socket_path) as milter:
            milter.negotiate()
            milter.connect()
            milter.helo()
            made = self.selectors(milter)
            milter.quit()
        return made

    def send_until(self, stop, made):
        try:
            while not stop.is_set():
                made.append(self.sign_one())
        except (OSError, AssertionError) as error:
            made.append(repr(error))

    def test_no_message_sees_half_of_a_change(self):
        stop, made = threading.Event(), []  # appended under the interpreter's lock
        senders = [threading.Thread(target=self.send_until, args=(stop, made))
                   for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        try:
            for number in range(RELOADS):
                selector = ("new", "old")[number % 2]
                self.write_tables(selector)
                self.assertEqual(self.milterd.reload()[1], "reload.done")
                self.assertEqual(self.sign_one(), [selector, selector])
        finally:
            stop.set()
            for sender in senders:
                sender.join()
        whole = (["old", "old"], ["new", "new"])
        self.assertEqual([selectors for selectors in made if selectors not in whole], [])
        for selectors in whole:
            self.assertGreater(made.count(selectors), RELOADS / 2)

    def test_a_session_keeps_the_keys_that_it_began_with(self):
        with MilterClient(self.milterd.socket_path) as milter:
            milter.negotiate()
            milter.connect()
            milter.helo()
            self.assertEqual(self.selectors(milter), ["old", "old"])
            self.write_tables("new")
            self.assertEqual(self.milterd.reload()[1], "reload.done")
            self.assertEqual(self.selectors(milter), ["old", "old"])
            milter.quit()
        self.assertEqual(self.sign_one(), ["new", "new"])

    def test_a_broken_table_changes_nothing_and_every_fault_is_named(self):
        (self.folder / "no.pem").write_text("no key\n")
        self.write_tables("new", "short example.org:new\n"
                          f"bad example.org:new:{self.folder / 'no.pem'}\n",
                          "*@example.net nobody\n")
        _, event, fields = self.milterd.reload()
        self.assertEqual(event, "reload.failed")
        said = self.milterd.log()
        for fault in ("KeyTable' line 3", "KeyTable' line 4", "SigningTable' line 3"):
            self.assertIn(fault, said)
        self.assertEqual(self.sign_one(), ["old", "old"])
        self.write_tables("new")
        self.assertEqual(self.milterd.reload()[1], "reload.done")
        self.assertEqual(self.sign_one(), ["new", "new"])

    def test_a_key_that_is_gone_changes_nothing(self):
        self.write_tables("new")
        self.keys["new"].path.unlink()
        self.assertEqual(self.milterd.reload()[1], "reload.failed")
        self.assertEqual(self.sign_one(), ["old", "old"])
        self.key_table.unlink()
        self.assertEqual(self.milterd.reload()[1], "reload.failed")
        self.assertEqual(self.sign_one(), ["old", "old"])


if __name__ == "__main__":
    main()
