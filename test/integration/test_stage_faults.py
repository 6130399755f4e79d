"""A stage that fails costs its own edits and gets its on_error; the other stages run on."""

from support import messages
from support.mail_case import MailCase, main
from support.milter_client import judge
from support.milterd import stage
from support.smtp_client import send

# Keys of a faulty stage that stands between two that edit.
FAULTS = {
    "throws": {"fail": "throw"},
    "throws something that is no exception": {"fail": "throw_int"},
    "error after an edit": {"fail": "error", "edits": ["add X-Fault yes", "insert 0 X-Fault yes",
                                                       "change Subject 1 faulty",
                                                       "body faulty", "quarantine faulty"]},
    "throw after an edit": {"fail": "throw", "edits": ["delete Subject 1", "add X-Fault yes"]},
    "an edit that is impossible": {"edits": ["add X-Fault yes", "delete X-Missing 1"]},
    "too slow": {"delay": "800ms", "timeout": "200ms", "edits": ["add X-Fault yes"]},
}


def names(answer):
    return [edit[-2] for edit in answer.edits if edit[0] in ("add", "insert")]


class StageFaults(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.milterd = cls.start_milterd(stage("scripted"), plugin_directory=str(cls.plugins()))

    def answer_with(self, **middle):
        self.milterd.configure(stage("scripted", name="before", edits=["add X-Before yes"])
                               + stage("scripted", name="middle", **middle)
                               + stage("scripted", name="after", edits=["add X-After yes"]))
        event = self.milterd.reload()
        self.assertEqual(event[1], "reload.done", event)
        return judge(self.milterd.socket_path, messages.message())

    def each_fault(self, **keys):
        for name, fault in FAULTS.items():
            with self.subTest(name):
                yield self.answer_with(**fault, **keys)

    def test_on_error_accept_keeps_the_edits_of_the_others_only(self):
        for answer in self.each_fault(on_error="accept"):
            self.assertEqual(answer.word, "continue")
            self.assertEqual([edit[:2] for edit in answer.edits],
                             [("add", "X-Before"), ("add", "X-After")])

    def test_tempfail_is_the_default_and_no_edit_is_sent(self):
        for keys in ({}, {"on_error": "tempfail"}):
            for answer in self.each_fault(**keys):
                self.assertEqual((answer.word, answer.edits), ("reply", []), answer)
                self.assertTrue(answer.reply.startswith("451 4.3.0 "), answer)

    def test_on_error_reject(self):
        for answer in self.each_fault(on_error="reject"):
            self.assertEqual((answer.word, answer.edits), ("reply", []), answer)
            self.assertTrue(answer.reply.startswith("5"), answer)

    def test_on_error_quarantine(self):
        for answer in self.each_fault(on_error="quarantine"):
            self.assertEqual(answer.word, "continue")
            self.assertEqual(names(answer), ["X-Before", "X-After"])
            self.assertEqual([edit[0] for edit in answer.edits].count("quarantine"), 1)
            self.assertNotIn("faulty", str(answer.edits))

    def test_a_failure_is_one_line_and_names_its_stage(self):
        before = len(self.milterd.events())
        self.answer_with(fail="throw", on_error="accept")
        lines = [event for event in self.milterd.events()[before:]
                 if event[0] in ("warn", "error") and event[2].get("stage") == "middle"]
        self.assertEqual(len(lines), 1, self.milterd.log())

    def test_a_shadow_stage_changes_nothing(self):
        for answer in self.each_fault(on_error="reject", shadow=True):
            self.assertEqual(answer.word, "continue")
            self.assertEqual(names(answer), ["X-Before", "X-After"])

    def test_a_shadow_stages_edits_and_verdict_do_not_count(self):
        answer = self.answer_with(edits=["add X-Shadow yes"], verdict="reject", shadow=True)
        self.assertEqual(answer.word, "continue")
        self.assertEqual(names(answer), ["X-Before", "X-After"])

    def test_accept_of_one_stage_does_not_spare_the_next(self):
        self.milterd.configure(stage("scripted", name="first", verdict="accept")
                               + stage("scripted", name="second", verdict="reject"))
        self.assertEqual(self.milterd.reload()[1], "reload.done")
        self.assertEqual(judge(self.milterd.socket_path, messages.message()).word, "reply")

    def test_progress_is_told_while_a_stage_works(self):
        answer = self.answer_with(delay="7s")
        self.assertEqual(answer.word, "continue")
        self.assertGreaterEqual(answer.progress, 1)

    def test_postfix_waits_longer_than_its_own_limit_while_a_stage_works(self):
        sink = self.start_sink()
        postfix = self.start_postfix(sink, self.milterd.milter_address, milter_content_timeout="6s")
        self.milterd.configure(stage("scripted", delay="8s", edits=["add X-Late yes"]))
        self.assertEqual(self.milterd.reload()[1], "reload.done")
        self.assertEqual(send(postfix.port, messages.message()).code, 250)
        self.assertIn(b"X-Late: yes", sink.wait_for("rcpt@example.net"))


if __name__ == "__main__":
    main()
