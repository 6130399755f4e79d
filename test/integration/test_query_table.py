"""--query-table answers as Postfix's own postmap does, warnings included."""

import random
import re
import shutil
import subprocess
import unittest

from support.mail_case import MailCase, main
from support.milterd import run

TABLES = 300
KEYS = 40  # of each table

# Postfix's warnings with ours of the same meaning. Those without a line have none in Postfix.
WARNINGS = (
    (r"logical line must not start with whitespace", r"a rule may not begin with white space"),
    (r"no regexp: skipping", r"no pattern; the rule is ignored"),
    (r"no closing regexp delimiter", r"no closing delimiter"),
    (r"ignoring obsolete regexp option", r"the flag \"X\" has no meaning"),
    (r"unknown regexp option", r"unknown flag"),
    (r"no replacement text", r"no result behind the pattern"),
    (r"non-numeric replacement index", r"names a group that is no number"),
    (r"out of range replacement index \"0+\"$", r"asks for group 0"),
    (r"truncated macro reference", r"a reference to a group is not closed"),
    (r"empty macro name", r"a dollar sign without the number"),
    (r"bad replacement syntax", r"the result cannot be used"),
    (r"\$number found in negative match", r"a negated rule has no groups"),
    (r"error in regex at offset", r"the pattern is wrong at offset"),
    (r"out of range replacement index \"-?\d+\": skipping", r"a group that the pattern does not have"),
    (r"ignoring extra text after IF", r"the text behind the pattern of \"if\""),
    (r"do not prepend whitespace", r"must not begin with white space"),
    (r"ignoring ENDIF without", r"\"endif\" without \"if\""),
    (r"ignoring extra text after ENDIF", r"the text behind \"endif\""),
    (r"ignoring unrecognized request", r"neither a pattern nor"),
    (r"IF has no matching ENDIF", r"\"if\" without \"endif\""),
    (r"empty string result is not allowed", r"the result is empty"),
)
NO_LINE = {0, 8, 9, 20}

NAMES = ["Subject", "From", "To", "X-Spam", "Received", "X"]
WORDS = ["buy", "now", "Viagra", "cheap", "caf\u00e9", "a", "aa", "b", "1", "42", ":", "x.y", "$", "\\",
         "{", "[", "/", "!", "#", "", "\t", "\x0b", "if", "endif"]
PATTERNS = [
    "^{n}:", "^{n}:.*{w}", "{w}", "{w}$", "^{n}: ({w}).*$", "({w})|({w})", "(?:{w}|{w}) *({w})?", "[a-c]+",
    "[^]a]x", "\\d+", "(\\w+) +(\\w+)", ".", "^$", "", "({w}", "*{w}", "{w}{{2}}", "{w}*", "(?i){w}",
    "(?<name>{w}+)", "\\Q{w}\\E", "{w}\\", "a{{0,1}}{w}", "(?!{w})a", "[[:alpha:]]+ {w}", "{w} # {w}", "\\{w}",
    "(a)(b)?", "(?x) {w} ", "\\x41{w}", "(?#{w}){w}", "{w}|", "^(.*)$", "(?=.*{w})^{n}", "caf.{{1,2}} ",
]
RESULTS = ["REJECT", "OK", "DUNNO", "REJECT $1", "WARN ${1} and $(2)", "$$1 costs", "INFO $0", "REJECT $x", "$",
           "REJECT ${1", "$(1", "x ${} y", "REJECT $3", "a $1$2 $$", "${1}x", "$1x", "$a ${b} $c", "$a ${1", "$2$",
           "", "  ", "PREPEND X-A: $1", "$01", "a  b\tc  ", "${{1}}", "$_", "# no comment", "caf\u00e9 $1",
           "$99999999999999999999999", "$1 $0 ${2}"]
FLAGS = ["", "", "", "", "i", "m", "s", "x", "A", "E", "U", "X", "ix", "sim", "q", "iXi", "Xq", ";"]
DELIMITERS = ["/", "/", "/", "/", "~", "|", "%", ",", "\"", "{", "\u00e9", "$", "^", "(", "\\"]


class Generator:
    """Tables and keys at random; most rules are good ones."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, choices):
        return self.random.choice(choices)

    def chance(self, one_in):
        return self.random.randrange(one_in) == 0

    def pattern(self):
        pattern = self.pick(PATTERNS)
        while "{w}" in pattern or "{n}" in pattern:
            pattern = pattern.replace("{w}", self.pick(WORDS), 1).replace("{n}", self.pick(NAMES), 1)
        return pattern.replace("{{", "{").replace("}}", "}")

    def expression(self):
        delimiter = self.pick(DELIMITERS)
        pattern = self.pattern()
        if not self.chance(12):
            pattern = pattern.replace(delimiter, "\\" + delimiter)
        closing = "" if self.chance(40) else delimiter
        return self.pick(["", "", "", "", "!", "! !", "!! ", " ! "][:8 if self.chance(3) else 4]) \
            + delimiter + pattern + closing + self.pick(FLAGS)

    def rule(self):
        kind = self.random.randrange(20)
        if kind < 3:
            return self.pick(["if", "IF", "If "]) + self.pick([" ", "", "  "]) + self.expression() \
                + (" text" if self.chance(6) else "")
        if kind < 6:
            return self.pick(["endif", "ENDIF", "endif ", "endif text", "endif# x"])
        if kind == 6:
            return self.pick(["iffy", "rule", "1", "endiff", "if", "if !", "!", "! !", "/", "//", "\u00e9"])
        return self.expression() + self.pick([" ", "\t", "   ", ""][:3 if not self.chance(9) else 4]) \
            + self.pick(RESULTS)

    def table(self):
        lines = []
        if self.chance(6):
            lines.append(" /x/ too early")
        for _ in range(self.random.randrange(1, 14)):
            lines.append(self.rule())
            while self.chance(7):
                lines.append(self.pick(["# comment", "  # comment", "", "   ", "\t more $1", "  /y/ OK",
                                        "  endif", "#", "\x0c"]))
        end = "\n"
        if self.chance(8) and not any(line[:1].isspace() for line in lines):
            end = "\r\n"
        return (end.join(lines) + ("" if self.chance(5) else end)).encode()

    def key(self):
        words = [self.pick(WORDS) for _ in range(self.random.randrange(6))]
        if not self.chance(4):
            words.insert(0, self.pick(NAMES) + ":")
        key = " ".join(words).encode()
        if self.chance(10):
            key += bytes([self.random.randrange(1, 256)])
        return key.replace(b"\n", b"")


def warnings_of(text, ours):
    """[(which, line or None)] in a fixed order."""
    found = []
    for line in text.decode("utf-8", "replace").splitlines():
        if "should return NO RESULT" in line:
            continue  # the other half of the line before
        which = [n for n, pair in enumerate(WARNINGS) if re.search(pair[ours], line)]
        if len(which) != 1:
            raise AssertionError(f"a warning of no known kind: {line}")
        place = re.search(r"^milterd: warning: [^:]*:(\d+): " if ours else r", line (\d+): ", line)
        found.append((which[0], int(place[1]) if place and which[0] not in NO_LINE else None))
    return sorted(found, key=str)


class QueryTable(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not shutil.which("postmap"):
            raise unittest.SkipTest("there is no postmap")
        # Header checks take any bytes; with SMTPUTF8 postmap would not.
        (cls.directory / "main.cf").write_text("compatibility_level = 3.6\nsmtputf8_enable = no\n")
        if b"pcre" not in subprocess.run(["postconf", "-c", cls.directory, "-m"], capture_output=True,
                                         check=False).stdout.split():
            raise unittest.SkipTest("Postfix has no pcre tables here")

    def write(self, table):
        path = self.directory / "table.pcre"
        path.write_bytes(table)
        return f"pcre:{path}"

    def postmap(self, table, key, data=None):
        return subprocess.run(["postmap", "-c", self.directory, "-q", key, table], input=data,
                              capture_output=True, check=False, timeout=60)

    def compare(self, table, key, data=None):
        """The number of keys that were found."""
        theirs, mine = self.postmap(table, key, data), run("--query-table", table, "--", key, data=data)
        self.assertEqual(mine.stdout, theirs.stdout)
        self.assertEqual(mine.returncode, theirs.returncode)
        self.assertEqual(warnings_of(mine.stderr, 1), warnings_of(theirs.stderr, 0))
        return mine.stdout.count(b"\n"), mine.stderr.count(b"\n")

    def test_answers_and_warnings_are_postmaps_over_random_tables(self):
        found = warned = 0
        for seed in range(TABLES):
            generator = Generator(seed)
            text = generator.table()
            keys = b"\n".join(generator.key() for _ in range(KEYS)) + b"\n"
            with self.subTest(seed=seed, table=text):
                here, warnings = self.compare(self.write(text), "-", keys)
                found += here
                warned += warnings
        # Tables that never match or are never wrong would prove nothing.
        self.assertGreater(found, TABLES * KEYS // 8)
        self.assertGreater(warned, TABLES)

    def test_a_single_key(self):
        table = self.write(b"/^a(.*)/ REJECT <$1>\n/^e/\n")
        for key in ("abc", "b", "", "e", "a\nb"):
            with self.subTest(key=key):
                self.compare(table, key)

    def test_an_inline_table(self):
        for table in ("pcre:{ {/^(a)/ REJECT $1 $$}, { !/q{2}/  OK } }", "pcre:{{/a/ A}{/b/ B}}", "pcre:{ }",
                      "pcre:{ {if /a/} {/b/ B} {endif} , {/a/ A} }"):
            for key in ("ab", "c", "qq"):
                with self.subTest(table=table, key=key):
                    theirs, mine = self.postmap(table, key), run("--query-table", table, key)
                    if b"fatal" in theirs.stderr:
                        self.assertEqual((mine.returncode, mine.stdout), (66, b""))
                    else:
                        self.assertEqual((mine.returncode, mine.stdout), (theirs.returncode, theirs.stdout))

    def test_a_carriage_return_before_a_fold_is_dropped_where_postfix_keeps_it(self):
        table = self.write(b"/a/ REJECT one\r\n  two\r\n")
        self.assertEqual(self.postmap(table, "a").stdout, b"REJECT one\r  two\n")
        self.assertEqual(run("--query-table", table, "a").stdout, b"REJECT one  two\n")

    def test_what_cannot_be_asked_is_told(self):
        for arguments, code, text in (
                (("/no/such/table", "a"), 66, "cannot read '/no/such/table': No such file or directory"),
                (("regexp:/x", "a"), 66,
                 "table \"regexp:/x\" is of type \"regexp\", and only \"pcre\" is supported; rewrite it as a "
                 "pcre table: most rules may stay as they are, see regexp_table(5) and pcre_table(5) for "
                 "the differences"),
                (("/x",), 64, "--query-table wants a TABLE and one KEY, or - for keys from standard input\n"
                              "Try 'milterd --help'.")):
            with self.subTest(arguments=arguments):
                done = run("--query-table", *arguments)
                self.assertEqual((done.returncode, done.stdout, done.stderr.decode()),
                                 (code, b"", f"milterd: {text}\n"))


if __name__ == "__main__":
    main()
