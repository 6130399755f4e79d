"""The header_checks stage does what Postfix's own header_checks do: both get the same tables and
the same messages, and must give the same answer and the same message in the queue.

    HEADER_CHECKS_SEED=7 HEADER_CHECKS_CASE=41 python3 test_header_checks.py    # one case again
    HEADER_CHECKS_SEED=8 HEADER_CHECKS_TABLES=20 python3 test_header_checks.py  # a few others
"""

import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from support import header_check_cases as cases
from support.mail_case import MailCase, main
from support.milterd import stage
from support.smtp_client import SmtpClient

SEED = os.environ.get("HEADER_CHECKS_SEED", "1")
ONLY = os.environ.get("HEADER_CHECKS_CASE")
TABLES = int(os.environ.get("HEADER_CHECKS_TABLES", "160"))
MESSAGES = 6
RECIPIENTS = ("rcpt@example.net", "second@example.net")
CHECKS = ("header_checks", "mime_header_checks", "nested_header_checks", "body_checks")
# Nothing leaves the queue.
SETTINGS = {"fresh_cleanup": True, "master_service_disable": "qmgr/unix",
            "local_header_rewrite_clients": ""}


@dataclass
class Side:
    """A Postfix, alone or with a milterd behind it."""
    postfix: object

    def send(self, messages):
        """What becomes of them: the answers, and what stands in the queue."""
        with SmtpClient(self.postfix.port) as client:
            return [self.outcome(client.send("sender@example.org", RECIPIENTS, message))
                    for message in messages]

    def outcome(self, answer):
        if answer.code != 250:
            return {"answer": str(answer)}
        queue_id = answer.text.split()[-1]
        files = [path for folder in ("incoming", "hold")
                 if (path := self.postfix.spool / folder / queue_id).exists()]
        if not files:
            return {"answer": "discarded"}
        envelope, message = self.postfix.queued(queue_id)
        files[0].unlink()
        # What the queue manager would make of it.
        redirected = re.findall(rb"^redirect_to: (.*)$", envelope, re.M)
        recipients = redirected or re.findall(rb"^recipient: (.*)$", envelope, re.M)
        return {"answer": "held" if files[0].parent.name == "hold" else "accepted",
                "recipients": sorted(set(recipients)), "message": without_own_received(message)}


def without_own_received(text):
    own = re.search(rb"^Received: from client\.test .*?\n(?![ \t])", text, re.S | re.M)
    return text[:own.start()] + text[own.end():]


def send_both(sides, messages):
    """The outcomes of both sides, at the same time."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda side: side.send(messages), sides))


class Differential(MailCase):
    def write(self, name, text):
        path = self.directory / name
        path.write_text(text, encoding="utf-8")
        return path

    def reload(self, milterd, stages):
        milterd.configure(stages)
        event = milterd.reload()
        self.assertEqual(event[1], "reload.done", milterd.log()[-3000:])

    def for_each_table(self, kind, run):
        """Calls run(source) for every case, then shows how the messages ended."""
        self.outcomes = {}
        for number in range(TABLES) if ONLY is None else [int(ONLY)]:
            with self.subTest(f"HEADER_CHECKS_SEED={SEED} HEADER_CHECKS_CASE={number}"):
                run(cases.generator(f"{SEED}:{kind}", number))
        print("outcomes:", self.outcomes, flush=True)
        if ONLY is None and TABLES >= 150:
            self.assertEqual(sum(self.outcomes.values()), TABLES * MESSAGES)
            for word in ("accepted", "held", "discarded", "550", "451"):
                self.assertIn(word, self.outcomes)

    def compare(self, tables, messages, context=""):
        for message, expected, found in zip(messages, *send_both(self.sides, messages)):
            if expected != found:
                shown = "".join(f"--- {path.name}\n{path.read_text()}" for path in tables)
                self.fail(f"{context}\nPostfix: {expected}\nmilterd: {found}\n{shown}"
                          f"--- message\n{message.decode('latin-1')}")
            word = expected["answer"].split()[0]
            self.outcomes[word] = self.outcomes.get(word, 0) + 1


class MessageTables(Differential):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.paths = [cls.directory / f"{name}.pcre" for name in CHECKS]
        for path in cls.paths:
            path.write_text("")
        keys = {name: [f"pcre:{path}"] for name, path in zip(CHECKS, cls.paths)}
        cls.milterd = cls.start_milterd(stage("header_checks", **keys),
                                        plugin_directory=str(cls.plugins()))
        cls.sides = (
            Side(cls.start_postfix(None, name="with_tables", **SETTINGS,
                                   **{name: f"pcre:{path}"
                                      for name, path in zip(CHECKS, cls.paths)})),
            Side(cls.start_postfix(None, cls.milterd.milter_address, name="with_milterd",
                                   **SETTINGS)))

    def set_tables(self, *texts):
        for path, text in zip(self.paths, texts):
            path.write_text(text, encoding="utf-8")
        event = self.milterd.reload()
        self.assertEqual(event[1], "reload.done", self.milterd.log()[-3000:])

    def test_generated_tables(self):
        def run(source):
            self.set_tables(*(cases.table(source) if source.random() < 0.7 else cases.OWN_RECEIVED
                              for _ in CHECKS))
            self.compare(self.paths, [cases.message(source) for _ in range(MESSAGES)])

        self.for_each_table("tables", run)

    def test_a_reload_with_a_table_that_is_gone_changes_nothing(self):
        self.set_tables("/^From:/ REJECT old table")
        self.paths[0].unlink()
        event = self.milterd.reload()
        self.assertEqual(event[1], "reload.failed")
        self.assertIn(str(self.paths[0]), self.milterd.log())
        [outcome] = self.sides[1].send([HEAD + b"\r\n"])
        self.assertEqual(outcome["answer"], "550 5.7.1 old table")

    def test_known_differences(self):
        """docs/header-checks.md has the reasons."""
        for name, (tables, message, postfix, milterd) in KNOWN_DIFFERENCES.items():
            with self.subTest(name):
                self.set_tables(*(tables.get(check, "") for check in CHECKS))
                expected, found = (outcomes[0] for outcomes in send_both(self.sides, [message]))
                self.assertEqual((summary(expected), summary(found)), (postfix, milterd))


def summary(outcome):
    """The answer, and the fields whose names begin with X-."""
    fields = re.findall(rb"^X-.*", outcome.get("message", b"").partition(b"\n\n")[0], re.M)
    return " | ".join([outcome["answer"], *(field.decode() for field in fields if len(field) < 80)])


HEAD = b"From: sender@example.org\r\nTo: rcpt@example.net\r\n"
# What Postfix answers and what milterd does, with the tables that show it.
KNOWN_DIFFERENCES = {
    "Postfix's own Received is shown to no filter": (
        {"header_checks": "/^Received: from client/ REJECT"}, HEAD + b"\r\n",
        "550 5.7.1 message content rejected", "accepted"),
    "Postfix drops Bcc before a filter sees it": (
        {"header_checks": "/^Bcc:/ REJECT"}, HEAD + b"Bcc: a@example.org\r\n\r\n",
        "550 5.7.1 message content rejected", "accepted"),
    "a new field has a blank behind its colon": (
        {"header_checks": "/^X-A:/ REPLACE X-B:c"}, HEAD + b"X-A: b\r\n\r\n",
        "accepted | X-B:c", "accepted | X-B: c"),
    "filters see 60,000 bytes of a field": (
        {"header_checks": "/^X-A: .*end$/ REJECT"},
        HEAD + b"X-A:" + (b" " + b"a" * 99 + b"\r\n") * 700 + b" end\r\n\r\n",
        "550 5.7.1 message content rejected", "accepted"),
    "an empty result is a failure of the stage": (
        {"header_checks": "/^From: (z?)/ $1"}, HEAD + b"\r\n",
        "451 4.3.0 Error: queue file write error",
        "451 4.3.0 Message could not be checked, try again later"),
    "a reply is one line of 980 bytes": (
        {"header_checks": "/^From:/ REJECT " + "a" * 1000}, HEAD + b"\r\n",
        "550 5.7.1 " + "a" * 1000, "550 5.7.1 " + "a" * 980),
}


EDITS = ("insert 0 X-A first value", "insert 1 X-Test viagra", "insert 2 Subject urgent invoice",
         "add X-Spam yes", "add X-B free  money", "add Content-Type text/plain", "add X-Empty  ",
         "change Subject 1 new invoice", "change To 1 someone 12345",
         "add Subject [SPAM] report", "insert 99 X-Long " + "x" * 300, "add X-Both café")


class EditTables(Differential):
    """milter_header_checks: the same milter edits the mail on both sides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.path = cls.directory / "milter_header_checks.pcre"
        cls.path.write_text("")
        plugins = str(cls.plugins())
        cls.plain = cls.start_milterd(stage("scripted"), name="plain", plugin_directory=plugins)
        cls.checking = cls.start_milterd(cls.stages([]), name="checking", plugin_directory=plugins)
        cls.sides = (
            Side(cls.start_postfix(None, cls.plain.milter_address, name="with_tables", **SETTINGS,
                                   milter_header_checks=f"pcre:{cls.path}")),
            Side(cls.start_postfix(None, cls.checking.milter_address, name="with_milterd",
                                   **SETTINGS)))

    @classmethod
    def stages(cls, edits):
        return (stage("scripted", edits=edits)
                + stage("header_checks", milter_header_checks=[f"pcre:{cls.path}"]))

    def test_generated_tables(self):
        def run(source):
            self.path.write_text(cases.table(source, of_edits=True), encoding="utf-8")
            edits = source.sample(EDITS, source.randint(1, 6))
            self.reload(self.plain, stage("scripted", edits=edits))
            self.reload(self.checking, self.stages(edits))
            self.compare([self.path], [cases.message(source) for _ in range(MESSAGES)], edits)

        self.for_each_table("edits", run)


if __name__ == "__main__":
    main()
