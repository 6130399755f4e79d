"""What a soak does with each stage: the daemon, its mail, and the answers that are right.

Each function takes a directory, the seconds, and the keyword arguments of soaking.run() and of
Milterd.
"""

from pathlib import Path

import dkim_mail
import soaking
from soaking import Work
from support.milterd import Milterd, stage
from support.nameserver import Nameserver

# A line for each message would be most of the work.
QUIET = {"level": "warn"}


def dkim(directory, seconds, round_seconds=5.0, **milterd_options):
    """Verifies and signs."""
    directory = Path(directory)
    mail = dkim_mail.make(directory, 60)
    with Nameserver(mail.records, directory) as nameserver:
        daemon = Milterd(directory / "milterd", stage(
            "dkim", mode=["sign", "verify"], domain=["d0.example"], selector="s1",
            key_file=mail.key.path, internal_hosts=["192.0.2.8"]),
            dns={"nameservers": [nameserver.address]}, log=QUIET, **milterd_options)
        return soaking.run(daemon, [
            Work(mail.messages, _has_edit(b"dkim=pass")),
            Work(mail.unsigned[::20], _has_edit(b"DKIM-Signature\0"), "192.0.2.8"),
        ], seconds, round_seconds)


def _has_edit(text):
    return lambda letter, edits: letter == b"c" and any(text in data for _, data in edits)


# The first two lines of each message choose its rule; the others have to be looked at.
_HEADER_RULES = """\
# expect: X-Case: reject => REJECT
/^X-Case: reject/ REJECT no thanks
/^X-Case: discard/ DISCARD
/^X-Case: hold/ HOLD look at it
/^X-Case: redirect/ REDIRECT other@example.org
/^X-Case: bcc/ BCC copy@example.org
/^X-Case: prepend/ PREPEND X-New: yes
/^X-Case: (replace)/ REPLACE X-Case: ${1}d
/^X-Case: runaway (a+)+$/ REJECT never
"""
_MIME_RULES = "/^Content-Disposition: .*name=\"?.*\\.exe/ REPLACE Content-Disposition: inline\n"
_BODY_RULES = "/^please (\\w+)/ REPLACE $1\n"
_DECODED_RULES = "/^Subject: .*caf\xe9/ WARN decoded\n"


def header_checks(directory, seconds, round_seconds=5.0, **milterd_options):
    """All actions, in the header, in parts and in the body; tables are read again each round."""
    directory = Path(directory)
    tables = {"headers": _HEADER_RULES + _filler(500), "mime": _MIME_RULES + _filler(50),
              "body": _BODY_RULES + _filler(50), "decoded": _DECODED_RULES}
    paths = {name: directory / f"{name}.pcre" for name in tables}
    for name, text in tables.items():
        paths[name].write_text(text, encoding="utf-8")
    daemon = Milterd(directory / "milterd", stage(
        "header_checks",
        header_checks=[f"pcre:{paths['headers']}", f"{{ {paths['decoded']}, decode=rfc2047 }}"],
        mime_header_checks=f"pcre:{paths['mime']}", nested_header_checks=[],
        body_checks=f"pcre:{paths['body']}", match_limit=10_000),
        log={"level": "error"}, **milterd_options)
    return soaking.run(daemon, [Work([_message(case)], check) for case, check in _CASES.items()],
                       seconds, round_seconds, before_round=lambda: daemon.reload(wait=False))


def _filler(count):
    """Rules that look at everything and match nothing."""
    return "".join(f"/^(Subject|X-[a-z]+): .*word{number}[0-9]+/ REJECT\n" if number % 2 else
                   f"/(never{number}|nowhere{number})/ REJECT\n" for number in range(count))


def _message(case):
    words = "some words to look at " * 3
    fields = "".join(f"X-Field-{number}: {words}\r\n" for number in range(30))
    body = "a line of the body, as there are many\r\n" * 40
    return (f"X-Case: {case}\r\nFrom: sender@example.org\r\nTo: rcpt@example.net\r\n"
            f"Subject: =?utf-8?q?caf=C3=A9?= {case}\r\n{fields}"
            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
            f"--b\r\n\r\n{'please change' if case == 'body' else 'nothing here'}\r\n{body}"
            "--b\r\nContent-Disposition: attachment;\r\n\tname=\"a."
            f"{'exe' if case == 'mime' else 'pdf'}\"\r\n\r\n{body}--b--\r\n").encode()


def _ends_with(expected, *wanted):
    """The letter, and the edits with what each must hold; no others."""
    def check(letter, edits):
        return letter == expected and len(edits) == len(wanted) and all(
            edit == kind and text in data for (edit, data), (kind, text) in zip(edits, wanted))

    return check


_CASES = {
    "plain": _ends_with(b"c"),
    "reject": _ends_with(b"y"),
    "discard": _ends_with(b"d"),
    "hold": _ends_with(b"c", (b"q", b"look at it")),
    "redirect": _ends_with(b"c", (b"-", b"rcpt@example.net"), (b"+", b"other@example.org")),
    "bcc": _ends_with(b"c", (b"+", b"copy@example.org")),
    "prepend": _ends_with(b"c", (b"i", b"X-New\0")),
    "replace": _ends_with(b"c", (b"m", b"X-Case\0")),
    "mime": _ends_with(b"c", (b"b", b"Content-Disposition: inline\r\n")),
    "body": _ends_with(b"c", (b"b", b"\r\n\r\nchange\r\n")),
    "runaway " + "a" * 40 + "!": _ends_with(b"c"),
}

STAGES = {"dkim": dkim, "header_checks": header_checks}
