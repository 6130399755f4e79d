"""Keys from a real nameserver: found, cached, missing, and not to be had."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from support import messages
from support.keys import make_key
from support.mail_case import MailCase, main
from support.milter_client import judge
from support.milterd import stage
from support.nameserver import Nameserver
from support.opendkim import OpenDkim

CONTROL = """\
remote-control:
  control-enable: yes
  control-interface: "{socket}"
  control-use-cert: no
"""


class DkimDns(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.need_opendkim()
        cls.keys = [make_key(cls.directory, selector) for selector in ("s1", "gone")]
        cls.signed = []
        for key in cls.keys:
            signer = OpenDkim(cls.directory / f"signer-{key.selector}", key=key).start()
            try:
                cls.signed.append(signer.sign(messages.message()))
            finally:
                signer.stop()

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(dir=self.directory))

    def nameserver(self):
        server = Nameserver({self.keys[0].name: [self.keys[0].record]}, self.folder,
                            CONTROL.format(socket=self.folder / "control.sock"))
        self.addCleanup(server.stop)
        return server

    def queries(self, server):
        if not shutil.which("unbound-control"):
            self.skipTest("unbound-control is not installed")
        done = subprocess.run(["unbound-control", "-c", server.configuration, "stats_noreset"],
                              capture_output=True, text=True, check=True)
        return int(re.search(r"^total\.num\.queries=(\d+)", done.stdout, re.M)[1])

    def verifier(self, server, timeout="2s", **keys):
        return self.start_milterd(stage("dkim", mode=["verify"], **keys),
                                  name=f"milterd-{self.folder.name}",
                                  dns={"nameservers": [server.address], "timeout": timeout})

    def result(self, daemon, message):
        answer = judge(daemon.socket_path, message)
        self.assertEqual(answer.word, "continue", answer)
        return re.findall(rb"dkim=(\w+)", answer.headers("Authentication-Results")[0])

    def test_a_key_in_the_cache_is_not_asked_for_again(self):
        server = self.nameserver()
        daemon = self.verifier(server)
        before = self.queries(server)
        self.assertEqual(self.result(daemon, self.signed[0]), [b"pass"])
        self.assertEqual(self.queries(server), before + 1)
        for _ in range(20):
            self.assertEqual(self.result(daemon, self.signed[0]), [b"pass"])
        self.assertEqual(self.queries(server), before + 1)
        server.stop()
        self.assertEqual(self.result(daemon, self.signed[0]), [b"pass"])

    def test_the_cache_outlives_a_reload(self):
        server = self.nameserver()
        daemon = self.verifier(server)
        before = self.queries(server)
        self.assertEqual(self.result(daemon, self.signed[0]), [b"pass"])
        self.assertEqual(daemon.reload()[1], "reload.done")
        self.assertEqual(self.result(daemon, self.signed[0]), [b"pass"])
        self.assertEqual(self.queries(server), before + 1)

    def test_a_missing_key_is_a_permanent_error(self):
        daemon = self.verifier(self.nameserver())
        self.assertEqual(self.result(daemon, self.signed[1]), [b"permerror"])

    def test_a_dead_nameserver_is_a_temporary_failure(self):
        server = self.nameserver()
        server.stop()
        daemon = self.verifier(server)
        answer = judge(daemon.socket_path, self.signed[0])
        self.assertEqual(answer.word, "reply")
        self.assertRegex(answer.reply, r"^451 4\.7\.\d ")

    def test_a_silent_nameserver_is_waited_for_no_longer_than_its_time(self):
        server = self.nameserver()
        server.freeze()
        self.addCleanup(server.go_on)
        daemon = self.verifier(server, timeout="1s", on_dns_error="accept")
        self.assertEqual(self.result(daemon, self.signed[0]), [b"temperror"])
        took = float(daemon.wait_event("message")[2]["ms"])
        self.assertGreater(took, 900)
        self.assertLess(took, 5000)

    def test_a_temporary_failure_is_not_remembered(self):
        server = self.nameserver()
        server.freeze()
        daemon = self.verifier(server, timeout="1s", on_dns_error="accept")
        self.assertEqual(self.result(daemon, self.signed[0]), [b"temperror"])
        server.go_on()
        self.assertEqual(self.result(daemon, self.signed[0]), [b"pass"])

    def test_every_action_on_a_dns_error(self):
        server = self.nameserver()
        server.stop()
        for action, words in (("accept", "continue"), ("tempfail", "reply"), ("reject", "reply"),
                              ("discard", "discard"), ("quarantine", "continue")):
            with self.subTest(action):
                daemon = self.start_milterd(
                    stage("dkim", mode=["verify"], on_dns_error=action), name=f"on-{action}",
                    dns={"nameservers": [server.address], "timeout": "1s"})
                answer = judge(daemon.socket_path, self.signed[0])
                self.assertEqual(answer.word, words, answer)
                codes = {"tempfail": "451 4.7.", "reject": "550 5.7."}
                self.assertTrue(answer.reply.startswith(codes.get(action, "")), answer)
                held = [edit for edit in answer.edits if edit[0] == "quarantine"]
                self.assertEqual(len(held), 1 if action == "quarantine" else 0)


if __name__ == "__main__":
    main()
