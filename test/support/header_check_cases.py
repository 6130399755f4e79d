"""Random header_checks tables and messages that give them something to do. Seeded: the same every
time."""

import random

# Postfix shows its own Received to header_checks, and to no filter. This rule, the first of every
# table, makes both sides see the same.
OWN_RECEIVED = "/^Received: from client\\.test .*by mx\\.test \\(Postfix\\)/ DUNNO\n"

_WORDS = ("invoice", "viagra", "meeting", "urgent", "report", "Lottery", "café", "free money",
          "re-order", "[SPAM]", "12345", "x" * 70)
_NAMES = ("Subject", "X-Test", "X-Mailer", "List-Id", "Received", "From", "To", "MIME-Version",
          "Content-Type", "Content-Disposition", "Content-ID", "X-Folded", "X-Long", "Comments")
_PATTERNS = (
    "/^Subject:(.*)$/", "/^Subject: (\\S+)/", "/^X-Test: *(\\w*)/", "/^X-Test:/", "/^List-Id:/",
    "/invoice/", "/viagra/", "/INVOICE/i", "/urgent/", "/meeting.*report/",
    "/name=\"?(\\w+)\\.exe/",
    "/^Content-Type: *(\\w+)\\/(\\w+)/", "/^Content-Type:.*boundary/", "/^MIME-Version:/",
    "/^Content-Disposition: attachment/", "/^Content-ID:/", "/^Content-Type: message/",
    "/^X-Folded:(.*)\\n(.*)/", "/^X-Folded: .*last$/", "/^Received: from other/", "/12345/",
    "/^(X-\\w+): (.*)$/", "/\\[SPAM\\]/", "/x{60}/", "/^--/", "/^Comments:/",
    "!/^(Subject|From|To)/",
    "/^X-Long: .*end$/", "/^X-Long: /", "/free +money/", "/^\\s+\\S/m", "/./", "/caf./", "/^From:/",
    "/^X-Inner:/", "/^Subject: inner/", "/^body (\\w+)/", "/^$/", "/z{2000}/", "/tail$/", "|^To:|",
    "/^X-NUL/", "/after/", "/[\\x80-\\xff]/", "/^X-Blank *:/", "/^X-Blank:/",
)
# For the fields that the test's milter writes.
_EDIT_PATTERNS = (
    "/^X-Spam: (.*)/", "/^X-A: first (\\w+)/", "/^X-(B|Both|Empty): *(.*)$/", "/^X-Empty: *$/",
    "/^Subject: (\\S+)/", "/^X-Test: *(\\w*)/", "/^To:/", "/^Content-Type:/", "/^X-Long:/", "/e/",
)
_ACTIONS = (
    "REJECT", "REJECT no thanks", "REJECT 5.7.9 policy $$5", "REJECT 4.3.2 later",
    "reject 2.1.0 odd",
    "REJECT 3.1.1 not a code", "REJECT 5.1234.1 neither", "DISCARD", "DISCARD gone", "HOLD",
    "HOLD look at it", "REDIRECT other@example.com", "REDIRECT second@example.com",
    "REDIRECT nobody",
    "BCC copy@example.com", "BCC copy2@example.com", "BCC nobody", "BCC rcpt@example.net",
    "PREPEND X-Prepended: yes", "PREPEND X-P: one two", "PREPEND not a header", "PREPEND",
    "REPLACE X-Replaced: now", "REPLACE Subject: other", "REPLACE subject: other case", "REPLACE",
    "REPLACE no header", "IGNORE", "IGNORE with text", "STRIP", "STRIP taken out", "INFO",
    "INFO seen",
    "WARN", "WARN careful", "PASS", "PASS enough", "DUNNO", "OK", "dunno text", "NOSUCH action",
    "Prepend X-Case: small",
)
# Those that say something only with a group.
_GROUP_ACTIONS = ("PREPEND X-Old: $1", "REPLACE Subject: was ${1}", "REJECT found $1", "WARN $(1)",
                  "REPLACE X-Both: $1", "INFO $1", "BCC $1@example.com", "PREPEND $1: y")
# Likelier than the others, so that most messages are not ended by the first rule.
_MILD = tuple(action for action in _ACTIONS
              if not action.upper().startswith(("REJECT", "DISCARD", "PASS", "REDIRECT")))


def _action(source, pattern, of_edits):
    if "(" in pattern and not pattern.startswith(("!", "/x", "/[")) and source.random() < 0.5:
        action = source.choice(_GROUP_ACTIONS)
        # Addresses that are none are read otherwise there.
        return "BCC copy@example.com" if of_edits and action.startswith("BCC") else action
    return source.choice(_MILD if source.random() < (0.3 if of_edits else 0.75) else _ACTIONS)


def _rule(source, of_edits):
    pattern = source.choice(_EDIT_PATTERNS if of_edits and source.random() < 0.7 else _PATTERNS)
    return f"{pattern} {_action(source, pattern, of_edits)}"


def table(source, of_edits=False):
    """The text of a table; `of_edits`: for milter_header_checks."""
    lines = []
    for _ in range(source.randint(1, 8)):
        kind = source.random()
        if kind < 0.12:
            condition = source.choice(("/^Subject/", "!/^Subject/", "/^Content/", "/^X-/", "/e/"))
            lines += [f"if {condition}", _rule(source, of_edits), _rule(source, of_edits), "endif"]
        elif kind < 0.17:
            lines.append("# a comment")
        elif kind < 0.20:
            lines.append("/no closing delimiter REJECT")
        else:
            lines.append(_rule(source, of_edits))
    return OWN_RECEIVED + "\n".join(lines) + "\n"


def _value(source):
    return " ".join(source.choice(_WORDS) for _ in range(source.randint(0, 4)))


def _field(source):
    name = source.choice(_NAMES)
    kind = source.random()
    if name == "Received":
        return "Received: from other.test by relay.test; today"
    if name == "Content-Type":
        return source.choice(("Content-Type: text/plain", "Content-Type: image/png",
                              "Content-Type: application/x; name=\"a.exe\""))
    if name == "X-Folded" or kind < 0.2:
        return f"X-Folded: {_value(source)}\r\n {_value(source)}\r\n\tlast"
    if name == "X-Long":
        return "X-Long: " + "y" * source.choice((2035, 2040, 2041, 2048, 5000)) + "end"
    if kind < 0.25:
        return f"X-Blank : {_value(source)}"
    if kind < 0.3:
        return f"{name}:{_value(source)}"
    if kind < 0.33:
        return f"{name}:"
    return f"{name}: {_value(source)}"


def _line(source):
    kind = source.random()
    if kind < 0.1:
        return ""
    if kind < 0.15:
        return "z" * source.choice((2046, 2047, 2048, 2049, 4096, 4100)) + " tail"
    if kind < 0.2:
        return "." + "z" * source.choice((2046, 2047, 2048))
    if kind < 0.25:
        return "a NUL \0 after"
    if kind < 0.3:
        return "X-Test: looks like a header"
    return source.choice(("body ", "", "-- ", "From ")) + _value(source)


def _lines(source, most=8):
    return "".join(_line(source) + "\r\n" for _ in range(source.randint(0, most)))


def _part_header(source):
    fields = [_field(source) for _ in range(source.randint(0, 3))]
    if source.random() < 0.5:
        fields.append("Content-Disposition: attachment; filename=\"invoice.exe\"")
    if source.random() < 0.1:
        fields.append("no header at all")
    return "".join(field + "\r\n" for field in fields)


def _inner(source, depth):
    """A message: its header, an empty line, a body."""
    head = f"Subject: inner {_value(source)}\r\nX-Inner: {_value(source)}\r\n"
    return head + _entity(source, depth)


def _entity(source, depth):
    """The last fields of a header, the empty line and what follows."""
    kind = source.random() if depth < 4 else 0.0
    if kind < 0.35:
        return _part_header(source) + "\r\n" + _lines(source)
    if kind < 0.5:
        subtype = source.choice(("rfc822", "rfc822", "global", "partial", "external-body"))
        return f"Content-Type: message/{subtype}\r\n\r\n" + _inner(source, depth + 1)
    boundary = source.choice(("b", "b1", "b b", "=_x", "long" * 20)) + str(depth)
    subtype = source.choice(("mixed", "mixed", "alternative", "digest", "Digest"))
    needs_quotes = " " in boundary or "=" in boundary
    quoted = f'"{boundary}"' if needs_quotes or source.random() < 0.8 else boundary
    head = source.choice((
        f"Content-Type: multipart/{subtype}; boundary={quoted}\r\n",
        f"Content-Type: multipart/{subtype};\r\n\tboundary={quoted}; x=y\r\n",
        f"Content-Type: multipart/{subtype} (comment; boundary=no); boundary={quoted}\r\n",
        f"Content-type: MULTIPART/{subtype};charset=x;BOUNDARY={quoted}\r\n"))
    text = head + _part_header(source) + "\r\n" + _lines(source, 2)
    for _ in range(source.randint(1, 3)):
        part = (_inner(source, depth + 1) if subtype.lower() == "digest" and source.random() < 0.7
                else _entity(source, depth + 1))
        if subtype.lower() == "digest" and source.random() < 0.7:
            part = "\r\n" + part
        text += f"--{boundary}{source.choice(('', '', '  ', 'cruft'))}\r\n" + part
    if source.random() < 0.8:
        text += f"--{boundary}--\r\n" + _lines(source, 2)
    return text


def message(source):
    """Bytes with CRLF lines."""
    head = "From: Sender <sender@example.org>\r\nTo: rcpt@example.net\r\n"
    head += f"Subject: {_value(source)}\r\n"
    head += "".join(_field(source) + "\r\n" for _ in range(source.randint(0, 5)))
    head += "Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <case@example.org>\r\n"
    if source.random() < 0.6:
        head += "MIME-Version: 1.0\r\n"
    text = head + (_entity(source, 0) if source.random() < 0.75 else "\r\n" + _lines(source))
    return text.encode("utf-8" if source.random() < 0.5 else "latin-1")


def generator(seed, number):
    """A source of its own for each case, so that one case can be run alone."""
    return random.Random(f"{seed}:{number}")
