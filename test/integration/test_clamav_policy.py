"""What becomes of mail by what its scan found: actions, exemptions, log lines, the operator's command."""

from support import clamav_peers, messages, signature_database
from support.mail_case import MailCase, main
from support.milter_client import judge
from support.milterd import stage
from support.smtp_client import send
from support.waiting import wait_until

EICAR = signature_database.EICAR_NAME
SIGNATURES = [("PUA.Tool", b"an unwanted tool"), ("Suspect.Thing", b"a suspicious thing"),
              ("Nuisance", b"a mere nuisance")]
RULES = """
[[stage.action]]
pattern = "PUA.*"
action = "discard"

[[stage.action]]
pattern = "Suspect.*"
action = "quarantine"

[[stage.action]]
pattern = "nuisance*"
action = "reject"
reject_message = "No %v here"
reject_code = 554
reject_enhanced_code = "5.6.0"
"""


def infected(content):
    return messages.message(body=content + b"\r\n")


class ClamavPolicy(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database = cls.directory / "database"
        signature_database.make(cls.database, SIGNATURES)

    def milterd(self, rules="", **keys):
        return self.start_milterd(stage("clamav", database_directory=self.database, **keys) + rules,
                                  name=self._testMethodName.split("_")[2])

    def message_events(self, milterd):
        return [fields for _, _, fields in milterd.events("message")]

    def test_each_signature_gets_its_action_through_postfix(self):
        sink = self.start_sink()
        milterd = self.milterd(RULES)
        postfix = self.start_postfix(sink, milterd.milter_address)

        answer = send(postfix.port, infected(b"an unwanted tool"), recipients=["gone@example.net"])
        self.assertEqual(answer.code, 250, answer)
        self.assertEqual(milterd.wait_event("message")[2]["verdict"], "discard")
        self.assertEqual(self.message_events(milterd)[0]["reason"], "PUA.Tool.UNOFFICIAL")

        answer = send(postfix.port, infected(b"a mere nuisance"))
        self.assertEqual(str(answer), "554 5.6.0 No Nuisance.UNOFFICIAL here")

        answer = send(postfix.port, infected(b"a suspicious thing"))
        self.assertEqual(answer.code, 250, answer)
        held = wait_until(lambda: [m for m in postfix.queue() if m["queue_name"] == "hold"], 20,
                          "the message is on hold")
        self.assertEqual(len(held), 1)
        self.assertEqual([(fields["verdict"], fields["reason"])
                          for fields in self.message_events(milterd)][-1],
                         ("quarantine", "infected: Suspect.Thing.UNOFFICIAL"))

        self.assertEqual(str(send(postfix.port, messages.eicar_plain())),
                         f"550 5.7.1 Infected with {EICAR}")

        # What is delivered last shows that the discarded one never comes.
        send(postfix.port, messages.message(), recipients=["clean@example.net"])
        sink.wait(lambda m: m.recipients[0] == "clean@example.net", 30)
        self.assertEqual([m for m in sink.messages if m.recipients[0] == "gone@example.net"], [])

    def test_the_exempt_are_not_scanned_and_keep_no_forged_word_of_it(self):
        allowed = self.directory / "allow_list"
        allowed.write_text("From:^<boss@example\\.org>$\nTo:@lab\\.example$\n")
        milterd = self.milterd(local_net=["198.51.100.0/24"], skip_authenticated="^scanner-",
                               allow_list=allowed)
        raw = messages.eicar_plain()
        forged = b"X-Virus-Status: Clean\r\n" + raw

        def word(client="192.0.2.7", message=raw, **options):
            return judge(milterd.socket_path, message, client_address=client, **options).word
        self.assertEqual(word(), "reply")
        self.assertEqual(word(client="198.51.100.9"), "continue")
        self.assertEqual(word(mail_macros={"auth_authen": "scanner-1"}), "continue")
        self.assertEqual(word(mail_macros={"auth_authen": "mary"}), "reply")
        self.assertEqual(word(sender="boss@example.org"), "continue")
        self.assertEqual(word(recipients=["a@lab.example", "b@lab.example"]), "continue")
        self.assertEqual(word(recipients=["a@lab.example", "b@other.example"]), "reply")
        edits = judge(milterd.socket_path, forged, client_address="198.51.100.9").edits
        self.assertEqual(edits, [("change", 1, "X-Virus-Status", b"")])

    def test_the_command_gets_what_clamav_milter_gives_and_no_shell_reads_it(self):
        written = self.directory / "written"
        program = self.directory / "program"
        program.write_text(f'#!/bin/sh\nfor a; do printf "%s\\n" "$a"; done > {written}.part\n'
                           f"mv {written}.part {written}\n")
        program.chmod(0o755)
        milterd = self.milterd(virus_action=[str(program), "first"])
        raw = messages.eicar_plain().replace(
            b"Subject: ", b"Subject: --help $(touch /tmp/pwned) `id` ; rm\r\n\t", 1)
        judge(milterd.socket_path, raw, sender="-x@example.org", queue_id="4Q;id",
              recipients=["$HOME@example.net"])
        wait_until(written.exists, 20, "the command has run")
        lines = written.read_text().splitlines()
        self.assertEqual(lines[:5], ["first", EICAR, "4Q;id", "<-x@example.org>",
                                     "<$HOME@example.net>"])
        self.assertTrue(lines[5].startswith(" --help $(touch /tmp/pwned) `id` ; rm\t")
                        or lines[5].startswith(" --help $(touch /tmp/pwned) `id` ; rm "), lines[5])
        self.assertEqual(len(lines), 8)

    def test_headers_and_log_lines_are_those_of_clamav_milter(self):
        if reason := clamav_peers.missing():
            self.skipTest(reason)
        milterd = self.milterd(log_infected="full", log_clean="full", on_infected="accept",
                               support_multiple_recipients=False)
        clamd = clamav_peers.Clamd(self.directory / "clamd", self.database)
        self.addCleanup(clamd.stop)
        peer = clamav_peers.ClamavMilter(
            self.directory / "milter", clamd.start(),
            {"LogInfected": "Full", "LogClean": "Full", "OnInfected": "Accept",
             "SupportMultipleRecipients": "no"})
        self.addCleanup(peer.stop)
        peer.start()
        cases = [messages.message(subject="it's \"quoted\""), messages.eicar_plain(),
                 b"X-Virus-Status: Infected (Old)\r\nX-Virus-Scanned: me\r\n" + messages.message()]
        for number, raw in enumerate(cases):
            with self.subTest(number):
                edits = []
                for socket in (milterd.socket_path, peer.socket):
                    answer = judge(socket, raw, recipients=["a@example.net", "b@example.net"],
                                   queue_id=f"4Q{number}")
                    self.assertEqual(answer.word in ("continue", "accept"), True)
                    edits.append([(edit[0], *edit[1:-1], edit[-1].strip()) for edit in answer.edits
                                  if edit[-2] != "X-Virus-Scanned" or edit[-1] == b""])
                self.assertEqual(edits[0], edits[1])
        ours = [fields["text"] for _, event, fields in milterd.events()
                if event in ("clamav.infected", "clamav.clean")]
        theirs = [line for line in peer.log().splitlines()
                  if line.startswith(("Message ", "Clean message "))]
        self.assertEqual(ours, theirs)
        self.assertEqual(len(ours), len(cases))


if __name__ == "__main__":
    main()
