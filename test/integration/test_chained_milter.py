"""Postfix -> milterd -> filter does what Postfix -> filter does: the same SMTP answers, the same
message in the queue. The filters are a libmilter one that does each edit and refusal, and opendkim.
"""

import json
import re
import time

from support import keys, messages
from support.mail_case import MailCase, main
from support.milterd import run, stage
from support.opendkim import OpenDkim
from support.smtp_client import SmtpClient
from support.test_milter import TestMilter
from support.waiting import wait_until

MESSAGE = (b"Received: from the sender\r\nX-D: first\r\nX-One: 1\r\nX-D: second\r\nX-Folded: a\r\n b\r\n"
           b"X-D: third\r\nX-Tight:none\r\nX-Tab:\ttab\r\nX-Blanks:  two\r\nX-Nothing:\r\n"
           + messages.message(body=b"one\r\n.two\r\n\r\nthree\r\n"))
SETTINGS = {"defer_transports": "smtp, relay", "smtpd_discard_ehlo_keywords": "chunking"}
RECIPIENTS = ("one@example.net", "two@example.net", "three@example.net")

# What the filter does, by the name of the case.
EDITS = {
    "nothing": [],
    "add": ["end add X-A a"],
    "add two, one with a fold": ["end add X-A  a", "end add X-B  b\\n\tfolded"],
    "add an empty field": ["end add X-A", "end insert 1 X-B"],
    "add a fold without a blank": ["end add X-A  a\\nb"],
    "insert above everything": ["end insert 0 X-A  a"],
    "insert below Received": ["end insert 1 X-A  a"],
    "insert in the middle": ["end insert 4 X-A  a"],
    "insert past the end": ["end insert 99 X-A  a"],
    "insert twice at the top": ["end insert 0 X-A  a", "end insert 0 X-B  b"],
    "insert a name that is there, then change": ["end insert 0 X-D  zero", "end change 2 X-D  new"],
    "change the second": ["end change 2 X-D  new"],
    "change in another case": ["end change 1 x-one  new"],
    "change 0 is change 1": ["end change 0 X-D  new"],
    "change what is not there": ["end change 7 X-D  new", "end change 1 X-New  new"],
    "change the sender's Received": ["end change 1 Received  new"],
    "delete the second": ["end delete 2 X-D"],
    "delete all, from the first": ["end delete 1 X-D"] * 3,
    "delete what is not there": ["end delete 9 X-D", "end delete 1 X-None"],
    "delete, change and insert": ["end delete 3 X-D", "end change 2 X-D  new", "end insert 1 X-B  b",
                                  "end add X-C  c", "end insert 0 X-A  a", "end delete 1 X-One"],
    "new body": ["end body new\\r\\nbody\\r\\n"],
    "new body in two pieces, the last line open": ["end body new\\r\\nbo", "end body dy\\r\\nopen"],
    "a large new body": ["end body " + "a line of text\\r\\n" * 20_000],
    "empty body": ["end body"],
    "body between other edits": ["end add X-A  a", "end body new\\r\\n", "end add X-B  b"],
    "sender": ["end sender <new@example.org>"],
    "sender with arguments": ["end sender <new@example.org> RET=HDRS ENVID=abc"],
    "null sender": ["end sender <>"],
    "recipient": ["end recipient <four@example.net>"],
    "recipient with arguments": ["end recipient <four@example.net> NOTIFY=NEVER"],
    "delete a recipient": ["end no_recipient <two@example.net>"],
    "delete a recipient that is not there": ["end no_recipient <nine@example.net>"],
    "progress": ["end progress", "end add X-A  a", "end progress"],
    "quarantine": ["end add X-A  a", "end quarantine look at this"],
    "accept at the end": ["end add X-A  a", "end accept"],
    "accept at connect": ["connect accept", "end add X-A  a"],
    "accept at helo": ["helo accept", "end add X-A  a"],
    "accept at mail": ["mail accept", "end add X-A  a"],
    "accept at data": ["data accept", "end reject"],
    "accept at a header field": ["header accept", "end reject"],
    "skip the body": ["body skip", "end add X-A  a"],
    "without leading space": ["negotiate 0 100000", "end add X-A a", "end insert 1 X-B b",
                              "end change 1 X-D new"],
    "no answers but at the end": ["negotiate 0 0 fff80", "end add X-A  a"],
    "no header, no body": ["negotiate 0 0 30", "end add X-A  a"],
    "macros": [f"{event} macro {name}" for event in ("connect", "helo", "mail", "rcpt", "data", "eoh", "end")
               for name in ("j", "_", "{daemon_name}", "{daemon_addr}", "v", "{mail_addr}", "{mail_host}",
                            "{mail_mailer}", "{rcpt_addr}", "{rcpt_mailer}", "{client_addr}")],
    "macros of its own": ["negotiate list 0 {client_addr} {client_name} {client_ptr} j",
                          "negotiate list 3 {rcpt_addr}",
                          *[f"{event} macro {name}" for event in ("connect", "rcpt")
                            for name in ("{client_addr}", "{client_name}", "{client_ptr}", "v",
                                         "{rcpt_addr}", "{rcpt_host}")]],
}
REFUSALS = {
    f"{word} at {event}": [f"{event} {action}"]
    for event in ("connect", "helo", "mail", "rcpt", "data", "header", "eoh", "body", "end")
    for word, action in {
        "reject": "reject", "tempfail": "tempfail", "discard": "discard",
        "a reply": "reply 554 5.7.9 100%% of it is refused",
        "a temporary reply": "reply 450 4.3.9 later"}.items()
    if event != "connect" or "reply" not in action
}
REFUSALS |= {
    "one recipient of three": ["rcpt two@example.net: reply 550 5.1.1 not that one"],
    "one recipient for now": ["rcpt two@example.net: tempfail"],
    "two lines": ["end reply 550 5.7.1 first line", "end reply 550 5.7.1 second line"],
    "421": ["rcpt reply 421 4.3.2 closing"],
    "421 at the end": ["end reply 421 4.3.2 closing"],
    "refusal after edits": ["end add X-A  a", "end body new\\r\\n", "end reject"],
}


def conversation(port):
    """Every answer of the server to one message and, in the same session, a second one."""
    said = []
    with SmtpClient(port, helo=None) as client:
        said.append(str(client.banner))
        try:
            said.append(str(client.command("EHLO client.test")))
            for _ in range(2):
                said.append(str(client.command("MAIL FROM:<sender@example.org> BODY=8BITMIME")))
                said += [str(client.command(f"RCPT TO:<{to}>")) for to in RECIPIENTS]
                refused = client.begin_data(MESSAGE)
                said.append(str(refused or client.end_data()))
                said.append(str(client.command("RSET")))
            said.append(str(client.command("QUIT")))
        except ConnectionError:
            said.append("(closed)")
    return said


def queue_ids(said):
    return [match[1] for match in re.finditer(r"queued as (\w+)", "\n".join(said))]


def without_ids(text):
    """Queue ids and times are no difference."""
    text = re.sub(rb"(?<=id )\w{8,}|(?<=queued as )\w{8,}", b"ID", text)
    return re.sub(rb"\w{3}, [ \d]\d? \w{3} \d{4} [\d:]{8} [+-]\d{4} \(\w+\)|\d{1,10}\.\d{6}", b"TIME", text)


class ChainedMilter(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.need_postfix()
        cls.child = TestMilter(cls.directory / "child").start()
        cls.addClassCleanup(cls.child.stop)
        cls.milterd = cls.start_milterd(plugin_directory=str(cls.plugins()),
                                        stages=stage("chained_milter", milters=cls.child.address))
        cls.direct = cls.start_postfix(None, cls.child.address, name="direct", **SETTINGS)
        cls.through = cls.start_postfix(None, cls.milterd.milter_address, name="through", **SETTINGS)

    def chain(self, **keys):
        """milterd's one stage from now on."""
        self.milterd.configure(stage("chained_milter", **keys))
        self.assertEqual(self.milterd.reload()[1], "reload.done")

    def outcome(self, postfix):
        seen = len(postfix.log())
        said = conversation(postfix.port)
        held = {}

        def is_settled():
            # A listing can miss what is on its way from one queue to another.
            held.update((entry["queue_id"], entry["queue_name"]) for entry in postfix.queue())
            return (all(queue_id in held for queue_id in queue_ids(said))
                    or ": milter-discard: " in postfix.log()[seen:])

        wait_until(is_settled, 20, "what was queued is in a queue")
        queued = []
        for queue_id in queue_ids(said):
            if queue_id not in held:
                queued.append("discarded")
                continue
            envelope, message = postfix.queued(queue_id)
            addresses = sorted(line for line in envelope.splitlines() if re.match(
                rb"sender|recipient|dsn|named_attribute: (dsn|notify|ret|envid)", line))
            queued.append((held[queue_id] == "hold", addresses, without_ids(message)))
        return [without_ids(line.encode()).replace(b"%d" % postfix.port, b"PORT") for line in said], queued

    def compare(self, cases):
        for name, script in cases.items():
            with self.subTest(name):
                self.child.script(script)
                direct, through = self.outcome(self.direct), self.outcome(self.through)
                self.assertEqual(through[0], direct[0])
                self.assertEqual(through[1], direct[1])
        self.assertEqual(self.child.complaints(), "")

    def test_every_edit(self):
        self.chain(milters=self.child.address)
        self.compare(EDITS)

    def test_every_refusal(self):
        self.chain(milters=self.child.address)
        self.compare(REFUSALS)

    def test_with_opendkim_in_both_orders(self):
        self.need_opendkim()
        key = keys.make_key(self.directory, "s1")
        opendkim = OpenDkim(self.directory / "opendkim", key=key,
                            settings={"InternalHosts": "127.0.0.1"}).start()
        self.addCleanup(opendkim.stop)
        opendkim.socket.chmod(0o777)
        self.child.script(["end add X-A  a", "end change 1 Subject  another", "end body new\\r\\n"])
        signer = f"unix:{opendkim.socket}"
        orders = (f"{signer}, {self.child.address}", f"{self.child.address} {signer}")
        for number, milters in enumerate(orders):
            with self.subTest(milters):
                self.chain(milters=milters)
                # One of its own: an smtpd that has begun keeps its filters.
                postfix = self.start_postfix(None, milters, name=f"direct{number}", **SETTINGS)
                direct, through = self.outcome(postfix), self.outcome(self.through)
                self.assertEqual(through[0], direct[0])
                without_time = [[re.sub(rb"(\bt=)\d+|(\bb=)[^;]*\n\n?(?=\S)", rb"\1\2", message)
                                 for _, _, message in found[1]] for found in (through, direct)]
                self.assertEqual(*without_time)
                self.assertIn(b"DKIM-Signature:", through[1][0][2])

    def test_a_filter_that_is_lost(self):
        """Its default_action, one line in the log, and no edit of its own."""
        cases = {"connect": ["connect close"], "rcpt": ["rcpt close"],
                 "end of message": ["end add X-A  a", "end progress", "end close"]}
        for state, script in cases.items():
            for action, code in {"tempfail": 451, "accept": 250, "reject": 550}.items():
                with self.subTest(state=state, action=action):
                    child = TestMilter(self.directory / "lost", f"{state[:3]}-{action}").start()
                    self.addCleanup(child.stop)
                    child.script(script)
                    self.chain(milters=f"{{ {child.address} default_action={action} }}")
                    seen = len(self.milterd.events("milter.failed"))
                    said, queued = self.outcome(self.through)
                    failures = [fields for _, _, fields in self.milterd.events("milter.failed")[seen:]]
                    self.assertEqual([(failure["milter"], failure["state"], failure["default_action"])
                                      for failure in failures], [(child.address, state, action)])
                    self.assertIn(b"%d" % code, b"\n".join(said))
                    self.assertEqual(len(queued), 2 if action == "accept" else 0)
                    for _, _, message in queued:
                        self.assertNotIn(b"X-A", message)

    def test_a_filter_that_hangs_is_waited_for_once_in_a_session(self):
        child = TestMilter(self.directory / "hangs").start()
        self.addCleanup(child.stop)
        child.script(["rcpt hang 600"])
        self.chain(milters=f"{{ {child.address} command_timeout=1s default_action=accept }}")
        seen = len(self.milterd.events("milter.failed"))
        began = time.monotonic()
        _, queued = self.outcome(self.through)
        self.assertLess(time.monotonic() - began, 30)
        self.assertEqual(len(queued), 2)
        failures = [fields for _, _, fields in self.milterd.events("milter.failed")[seen:]]
        self.assertEqual(len(failures), 1, failures)
        self.assertRegex(failures[0]["error"], r"^no answer for [1-9]\.\d s$")

    def test_what_is_no_milter_is_named(self):
        for port, name in ((self.direct.port, "an SMTP or FTP server"),):
            self.chain(milters=f"inet:127.0.0.1:{port}")
            said, queued = self.outcome(self.through)
            self.assertEqual(queued, [])
            failure = self.milterd.events("milter.failed")[-1][2]
            self.assertIn(f"it is no milter but {name}", failure["error"])

    def test_check_message(self):
        self.chain(milters=self.child.address)
        self.child.script(["end add X-A  a", "end quarantine odd"])
        path = self.directory / "message.eml"
        path.write_bytes(MESSAGE)
        done = run("--check-message", path, "--config", self.milterd.config_path, "--format", "json")
        report = json.loads(done.stdout)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(report["action"], "quarantine")
        self.assertEqual(report["stages"][0]["detail"],
                         {"endpoint": self.child.address, "result": "quarantine", "error": None})
        self.assertEqual([(edit["op"], edit["name"], edit["value"]) for edit in report["modifications"]],
                         [("add_header", "X-A", "a"), ("quarantine", "", "odd")])

    def test_faults_of_the_setting_have_a_caret(self):
        path = self.directory / "faulty.toml"
        path.write_text(f"[milter]\nplugin_directory = '{self.plugins()}'\n"
                        + stage("chained_milter", milters="inet:25, { unix:/x, speed=1 }"))
        done = run("--check-config", "--config", path)
        text = done.stderr.decode()
        self.assertEqual(done.returncode, 78, text)
        self.assertIn('"inet:25": host and port are both needed', text)
        self.assertIn('"speed=1": there is no such option', text)
        self.assertIn("^", text)


if __name__ == "__main__":
    main()
