"""Tables as operators write them, and the header fields of mail. Seeded: the same every time."""

import random

_SYLLABLES = ("ba be bi da do fa ga ge ka ko la le li ma me mo na ni pa po ra re sa so ta te va "
              "wa").split()


def _words(source, count):
    found = set()
    while len(found) < count:
        found.add("".join(source.choices(_SYLLABLES, k=source.randint(4, 6))))
    return sorted(found)


_SOURCE = random.Random("words")
_ALL = _words(_SOURCE, 4000)
_SOURCE.shuffle(_ALL)
# Rules look for words of their own, and mail has few of those, as it is in life.
_OF_RULES, _OF_MAIL = _ALL[:2000], _ALL[2000:]


def _alternatives(source, most):
    return "|".join(source.sample(_OF_RULES, source.randint(2, most)))


def _mixed(source):
    one, two = source.sample(_OF_RULES, 2)
    return source.choice((
        f"/^Subject: .*{one} {two}/", f"/^Subject: {one}/", f"/^X-Mailer: {one} [0-9.]+$/",
        f"/^(From|To|Cc): .*@{one}\\.example/", f"/^From: .*{one}@/", f"/{one}[0-9]+{two}/",
        f"/^Received: from {one}\\.{two}\\.example/",
        f"/^Received: .*\\[192\\.0\\.2\\.{source.randrange(256)}\\].*{one}/",
        f"/^Content-(Type|Disposition): .*name=\"?{one}[^\"]*\\.(exe|scr|pif)/",
        f"/[[:space:]]{one} {two}[!?.]*$/", f"/^Subject: .*({_alternatives(source, 6)})/",
        f"/^List-Id: .*<{one}\\.{two}>/", f"/^Message-ID: <[0-9a-f]+\\.{one}@/"))


def mixed(source, count):
    """Anchored names, literals, alternatives, classes; a fifth of the rules within "if"."""
    rules, lines = 0, []
    while rules < count:
        group = min(source.randint(5, 15), count - rules)
        is_block = source.random() < 0.2
        if is_block:
            lines.append(f"if /^{source.choice(('Subject', 'From', 'Received', 'X-'))}/")
        lines += [f"{_mixed(source)} REJECT rule {rules + number}" for number in range(group)]
        if is_block:
            lines.append("endif")
        rules += group
    return "\n".join(lines) + "\n"


def alternatives(source, count):
    """Nothing but alternatives, which no text is common to."""
    return "".join(f"/{source.choice(('', '^(Subject|X-Note): .*'))}({_alternatives(source, 8)})/ "
                   f"REJECT rule {number}\n" for number in range(count))


def unanchored(source, count):
    """Words anywhere."""
    def pattern():
        one, two = source.sample(_OF_RULES, 2)
        return source.choice((one, f"{one} {two}", f"{one}.*{two}", f"{one}[a-z]+ {two}"))

    return "".join(f"/{pattern()}/ REJECT rule {number}\n" for number in range(count))


KINDS = {"mixed": mixed, "alternatives only": alternatives, "unanchored": unanchored}


def table(kind, source, count):
    """`count` rules of the kind. The last one matches a fifth of headers(), so that answers are
    compared in every table."""
    return KINDS[kind](source, count - 1) + f"/^(List-Id|X-Mailer): / REJECT rule {count - 1}\n"


def _text(source, count):
    return " ".join(source.choices(_OF_MAIL, k=count))


def _hex(source, count):
    return "".join(source.choices("0123456789abcdef", k=count))


def _field(source, number):
    one, two = source.sample(_OF_MAIL, 2)
    return (
        f"Received: from {one}.{two}.example ({one}.{two}.example [192.0.2.{number}])\n"
        f"\tby {two}.example (Postfix) with ESMTPS id {_hex(source, 11)}\n"
        f"\tfor <{one}@{two}.example>; Sun, 22 Nov 2026 10:00:{number:02} +0000 (UTC)",
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d={one}.example; s={two};\n"
        f"\tt=1795341600; bh={_hex(source, 44)};\n\th=From:To:Subject:Date;\n"
        f"\tb={_hex(source, 64)}\n"
        f"\t {_hex(source, 72)}\n\t {_hex(source, 72)}",
        f"From: {one} {two} <{one}@{two}.example>",
        f"To: {', '.join(f'{name}@{two}.example' for name in source.sample(_OF_MAIL, 3))}",
        f"Subject: {_text(source, 7)}",
        f"Message-ID: <{_hex(source, 24)}.{one}@{two}.example>",
        f"X-Mailer: {one} 6.{number}",
        f"List-Id: {_text(source, 3)} <{one}.{two}.example>",
        f"X-{one.title()}-Status: {_text(source, source.randint(1, 12))}",
        f"Content-Type: application/octet-stream; name=\"{one}.pdf\"",
    )[number % 10]


def headers(source, count=50):
    """Fields as tables see them. Some have a word that a rule looks for."""
    fields = [_field(source, number) for number in range(count)]
    for number in source.sample(range(count), count // 12):
        fields[number] += " " + " ".join(source.sample(_OF_RULES, 2))
    return fields
