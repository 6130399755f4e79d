#!/usr/bin/python3
"""What milterd signs, dkimpy and libopendkim verify, and the other way round.

    second_opinion.py SIGNING_COMMAND

Messages are made up of what canonicalization can get wrong: folds, blanks, empty and repeated
fields, empty and unfinished bodies. The same ones in every run.
"""

import base64
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import dkim

MESSAGES = 60
CANONICALIZATIONS = ["relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple"]


def made_up_message(chance):
    blank = lambda: chance.choice(["", " ", "  ", "\t", " \t ", "\r\n ", "\r\n\t\t"])
    word = lambda: chance.choice(["a", "Hello", "x;y", "=?utf-8?Q?=C3=A4?=", "1.5", "(c)", '"q"'])
    text = lambda most: blank() + "".join(word() + blank() for _ in range(chance.randint(0, most)))
    fields = ["From:" + blank() + "Joe <joe@example.org>" + chance.choice(["", " ", "\t"])]
    names = ["To", "Cc", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Received",
             "X-Other", "References", "Reply-To", "LIST-ID", "subject"]
    for _ in range(chance.randint(0, 12)):
        value = text(8)
        # Not a field that ends in an empty fold: SMTP software differs in what it makes of it.
        fields.append(chance.choice(names) + ":" + value.rstrip())
    chance.shuffle(fields)
    line = lambda: text(6).replace("\r\n", "") + chance.choice(["", " ", "\t \t"])
    body = "".join(line() + "\r\n" for _ in range(chance.randint(0, 8)))
    body += "\r\n" * chance.randint(0, 3)
    return ("\r\n".join(fields) + "\r\n\r\n" + body).encode()


def frames(messages):
    return b"".join(b"%d\n%s" % (len(message), message) for message in messages)


def unframed(data):
    messages = []
    while data:
        size, data = data.split(b"\n", 1)
        messages.append(data[:int(size)])
        data = data[int(size):]
    return messages


def run(command, messages):
    done = subprocess.run(command, input=frames(messages), stdout=subprocess.PIPE, check=True)
    return done.stdout


class Key:
    """A fresh private key and the record that belongs to it."""

    def __init__(self, directory, kind):
        self.kind = kind
        self.path = directory / (kind + ".pem")
        options = ["-pkeyopt", "rsa_keygen_bits:2048"] if kind == "rsa" else []
        subprocess.run(["openssl", "genpkey", "-algorithm", kind, "-out", self.path] + options,
                       check=True, stderr=subprocess.DEVNULL)
        public = subprocess.run(["openssl", "pkey", "-in", self.path, "-pubout", "-outform", "DER"],
                                check=True, stdout=subprocess.PIPE).stdout
        private = subprocess.run(["openssl", "pkey", "-in", self.path, "-outform", "DER"],
                                 check=True, stdout=subprocess.PIPE).stdout
        if kind == "ed25519":
            public = public[-32:]
            self.dkimpy_key = base64.b64encode(private[-32:])
        else:
            self.dkimpy_key = self.path.read_bytes()
        self.record = b"v=DKIM1; k=%s; p=%s" % (kind.encode(), base64.b64encode(public))
        self.keys_file = directory / (kind + ".keys")
        self.keys_file.write_bytes(b"s1._domainkey.example.org " + self.record + b"\n")

    def dns(self, name, timeout=5):
        return self.record if name.rstrip(b".") == b"s1._domainkey.example.org" else b""


def fails_in_dkimpy(message, key):
    return not dkim.verify(message, dnsfunc=key.dns)


def fails_in_opendkim(message, key, directory):
    """`opendkim -t` tells its verdict in words only."""
    path = directory / "message.eml"
    path.write_bytes(message)
    configuration = directory / "opendkim.conf"
    configuration.write_text(f"Mode v\nTestPublicKeys {key.keys_file}\nSocket inet:0@127.0.0.1\n")
    done = subprocess.run(["opendkim", "-x", configuration, "-t", path],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return "verification (s=s1" not in done.stdout or "succeeded" not in done.stdout


def main():
    command = sys.argv[1]
    chance = random.Random(1)
    messages = [made_up_message(chance) for _ in range(MESSAGES)]
    failures = 0
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        for kind in ["rsa", "ed25519"]:
            key = Key(directory, kind)
            for canonicalization in CANONICALIZATIONS:
                what = f"{kind} {canonicalization}"
                ours = unframed(run([command, "sign", key.path, canonicalization], messages))
                assert len(ours) == len(messages), what
                bad = [m for m in ours if fails_in_dkimpy(m, key)]
                header, body = canonicalization.encode().split(b"/")
                # `opendkim -t` reads fields in a way that changes their blanks.
                few = ours[:10] if header == b"relaxed" else []
                bad_opendkim = [m for m in few if fails_in_opendkim(m, key, directory)]
                theirs = []
                for message in messages:
                    signature = dkim.sign(message, b"s1", b"example.org", key.dkimpy_key,
                                          canonicalize=(header, body),
                                          signature_algorithm=kind.encode() + b"-sha256")
                    theirs.append(signature + message)
                results = run([command, "verify", key.keys_file], theirs).split(b"\n")[:-1]
                refused = [m for m, result in zip(theirs, results) if result.split() != [b"pass"]]
                print(f"{what}: signed here, refused by dkimpy {len(bad)}, by opendkim "
                      f"{len(bad_opendkim)}; signed by dkimpy, refused here {len(refused)}")
                for group in [bad, bad_opendkim, refused]:
                    failures += len(group)
                    if group:
                        print("  the first:", group[0])
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
