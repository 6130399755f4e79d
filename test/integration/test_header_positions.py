"""Header edits land in Postfix's queue file where they were meant to."""

from support import messages
from support.mail_case import MailCase, main
from support.milterd import stage
from support.smtp_client import send

MESSAGE = (b"Received: from the sender\r\nX-D: first\r\nX-One: 1\r\nX-D: second\r\nX-Folded: a\r\n b\r\nX-D: third\r\n"
           + messages.message())

CASES = {
    "insert above everything": ["insert 0 X-A a"],
    "insert below Received": ["insert 1 X-A a"],
    "insert below the first field of the sender": ["insert 2 X-A a"],
    "insert before the last field": ["insert 10 X-A a"],
    "insert at the end": ["insert 12 X-A a"],
    "change the sender's Received": ["change Received 1 changed"],
    "change the sender's Received below an insert at 0": ["insert 0 X-A a",
                                                          "change Received 1 changed"],
    "insert past the end": ["insert 99 X-A a"],
    "insert twice at the top: the last is the topmost": ["insert 0 X-A a", "insert 0 X-B b"],
    "insert twice at 1": ["insert 1 X-A a", "insert 1 X-B b"],
    "insert under a name that is there, above": ["insert 0 X-D zero", "change X-D 2 changed"],
    "add": ["add X-A a"],
    "add two": ["add X-A a", "add X-B b"],
    "add a name that is there": ["add X-D fourth", "change X-D 4 changed"],
    "change the first of three": ["change X-D 1 new"],
    "change the second of three": ["change X-D 2 new"],
    "change the third of three": ["change X-D 3 new"],
    "change a folded field": ["change X-Folded 1 new"],
    "change one twice": ["change X-D 2 new", "change X-D 2 newer"],
    "delete the first of three": ["delete X-D 1"],
    "delete the second of three": ["delete X-D 2"],
    "delete the third of three": ["delete X-D 3"],
    "delete all three, from the last": ["delete X-D 3", "delete X-D 2", "delete X-D 1"],
    "delete all three, from the first": ["delete X-D 1", "delete X-D 1", "delete X-D 1"],
    "delete and insert the same name": ["delete X-D 3", "delete X-D 1", "insert 0 X-D new"],
    "insert, then delete what was inserted": ["insert 0 X-D new", "delete X-D 1"],
    "everything at once": ["delete X-D 3", "change X-D 2 new", "insert 1 X-B b", "add X-C c",
                           "insert 0 X-A a", "delete X-One 1", "change X-Folded 1 flat"],
    "insert between after deletes": ["delete X-D 1", "delete X-One 1", "insert 2 X-A a"],
}


def fields_of(text):
    """The header's fields, unfolded as far as line ends go, from LF or CRLF text."""
    head = text.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    fields = []
    for line in head.split(b"\n"):
        if line[:1] in (b" ", b"\t"):
            fields[-1] += b"\n" + line
        else:
            fields.append(line)
    return fields


def edited(fields, edits):
    """What `edits` make of `fields`, the first of which is the MTA's own Received."""
    own, fields = fields[0], list(fields)

    def position(name, occurrence):
        places = [place for place, field in enumerate(fields)
                  if field is not own and field.partition(b":")[0].lower() == name.lower().encode()]
        return places[int(occurrence) - 1]

    for edit in edits:
        word, first, second, *rest = edit.split(" ", 3)
        if word == "insert":
            fields.insert(int(first), f"{second}: {rest[0]}".encode())
        elif word == "add":
            fields.append(f"{first}: {' '.join([second, *rest])}".encode())
        elif word == "change":
            fields[position(first, second)] = f"{first}: {rest[0]}".encode()
        else:
            del fields[position(first, second)]
    return fields


class HeaderPositions(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.milterd = cls.start_milterd(plugin_directory=str(cls.plugins()),
                                        stages=stage("scripted", edits=[]))
        cls.postfix = cls.start_postfix(None, cls.milterd.milter_address,
                                        defer_transports="smtp, relay")

    def queued(self, edits):
        self.milterd.configure(stage("scripted", edits=edits))
        self.assertEqual(self.milterd.reload()[1], "reload.done")
        answer = send(self.postfix.port, MESSAGE)
        self.assertEqual(answer.code, 250, answer)
        return self.postfix.queued_message(answer.text.split()[-1])

    def test_the_queue_file_has_every_edit_in_its_place(self):
        for name, edits in CASES.items():
            with self.subTest(name):
                text = self.queued(edits)
                found = fields_of(text)
                received = next(field for field in found if field.startswith(b"Received:"))
                wanted = edited([received, *fields_of(MESSAGE)], edits)
                self.assertEqual(found, wanted)
                self.assertEqual(text.partition(b"\n\n")[2],
                                 MESSAGE.partition(b"\r\n\r\n")[2].replace(b"\r\n", b"\n"))


if __name__ == "__main__":
    main()
