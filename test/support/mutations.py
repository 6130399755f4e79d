"""Signed messages with one byte changed that a signature covers."""

import re

_TAGS = ("v", "a", "c", "d", "s", "t", "h", "bh", "b", "i", "q", "x")


def mutations(chance, raw):
    """[(what was changed, the message)]: each signed thing of `raw`, whose first field is the
    signature, once."""
    head, _, body = raw.partition(b"\r\n\r\n")
    fields = re.split(rb"\r\n(?![ \t])", head)
    signed = set(_tag(fields[0], "h")[0].lower().replace(b" ", b"").replace(
        b"\t", b"").replace(b"\r\n", b"").split(b":"))
    changed = []

    def put(what, field, start, end, printable):
        changed_field = _changed(chance, fields[field], start, end, printable)
        rest = fields[:field] + [changed_field] + fields[field + 1:]
        changed.append((what, b"\r\n".join(rest) + b"\r\n\r\n" + body))

    covered = [number for number, field in enumerate(fields)
               if number and field.partition(b":")[0].lower() in signed]
    for number in chance.sample(covered, min(3, len(covered))):
        colon = fields[number].index(b":")
        put("field name", number, 0, colon, b"abcXYZ-019")
        if colon + 1 < len(fields[number]):
            put("field value", number, colon + 1, len(fields[number]), None)
    for tag in _TAGS:
        if found := _tag(fields[0], tag):
            # The padding of base64 carries nothing, and not everybody asks for it.
            end = found[1][1] - (len(found[0]) - len(found[0].rstrip(b"=")) if tag == "b" else 0)
            put(f"{tag}=", 0, found[1][0], end, b"abcXYZ019/+=.@- ")
    if body:
        changed.append(("body", head + b"\r\n\r\n" + _changed(chance, body, 0, len(body), None)))
    changed.append(("body", raw + chance.choice((b"x\r\n", b" x\r\n", b"\r\nx\r\n"))))
    return changed


def _tag(field, name):
    """The value of a tag and where it stands, without the blanks around it, or None."""
    found = re.search(rb"[:;]\s*" + name.encode() + rb"\s*=\s*([^;]*?)\s*(?:;|$)", field)
    return (found[1], found.span(1)) if found and found[1] else None


def _changed(chance, text, start, end, alphabet):
    """One byte of text[start:end] replaced, removed or put in; line ends and what makes the next
    line a fold stay as they are."""
    places = [place for place in range(start, end)
              if text[place] not in b"\r\n" and text[place - 1:place] != b"\n"]
    if not places:
        return text[:start] + b"x" + text[start:]
    place = chance.choice(places)
    alphabet = alphabet or b"abcXYZ 019.;=\t\r\x0b\x0c\x80\xe4"
    new = bytes([chance.choice([c for c in alphabet if c != text[place]])])
    kind = chance.randrange(3)
    if kind == 0:
        return text[:place] + new + text[place + 1:]
    if kind == 1:
        return text[:place] + new + text[place:]
    return text[:place] + text[place + 1:]
