#!/usr/bin/python3
"""What milterd signs, dkimpy and opendkim verify, and the other way round; what is changed after
signing does not verify. 2,000 messages, the same ones in every run; milterd and opendkim are asked
over the milter protocol.
"""

import base64
import contextlib
import logging
import random
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import dkim

from support.corner_cases import corner_cases
from support.keys import DkimKey, make_key, write_test_public_keys
from support.milter_client import MilterClient
from support.milterd import Milterd, stage
from support.mutations import mutations
from support.opendkim import OpenDkim, missing

MESSAGES = 2000
MUTATED = 500  # of them
ALGORITHMS = {"rsa1024": {"bits": 1024}, "rsa2048": {"bits": 2048}, "ed25519": {"kind": "ed25519"}}
CANONICALIZATIONS = ("relaxed/relaxed", "relaxed/simple", "simple/relaxed", "simple/simple")
# What signatures look like beside that, in turns.
OPTIONS = ({}, {"oversign_headers": ["From", "Subject", "X-None"]}, {"signature_ttl": "1d"},
           {"sign_headers": ["*", "+X-Other", "+Sender"]})
OPENDKIM_OPTIONS = ({}, {"OversignHeaders": "From,Subject,X-None"}, {"SignatureTTL": "86400"},
                    {"Diagnostics": "yes"})
CLIENT = "192.0.2.7"
SKIPPED = 77


@dataclass(frozen=True)
class Combination:
    """One algorithm and canonicalization; each has a domain, so that the From says which it is."""
    algorithm: str
    canonicalization: str
    key: DkimKey

    @property
    def dkim_algorithm(self):
        return ("ed25519" if self.algorithm == "ed25519" else "rsa") + "-sha256"


def combinations(directory):
    keys = {algorithm: make_key(directory, algorithm, **options)
            for algorithm, options in ALGORITHMS.items()}
    return [Combination(algorithm, canonicalization,
                        replace(key, selector="s1",
                                domain=f"{algorithm}-{canonicalization.replace('/', '-')}.example"))
            for algorithm, key in keys.items() for canonicalization in CANONICALIZATIONS]


def in_turns(options, number):
    """Another one for each canonicalization of an algorithm, and another order for the next."""
    return options[(number + number // len(CANONICALIZATIONS)) % len(options)]


def through_milter(socket, messages):
    """What the milter at `socket` says to each (bytes, recipients), over one connection."""
    with MilterClient(socket) as milter:
        milter.negotiate()
        milter.connect(address=CLIENT)
        milter.helo()
        for raw, recipients in messages:
            yield milter.message(raw, recipients=recipients)
        milter.quit()


def signed_by(socket, cases):
    """Each message with its one signature on top."""
    messages = []
    answers = through_milter(socket, ((case.raw, case.recipients) for case in cases))
    for case, answer in zip(cases, answers):
        values = answer.headers("DKIM-Signature")
        if len(values) != 1:
            raise AssertionError(f"{len(values)} signatures on {case.raw!r}: {answer}")
        value = values[0].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        value = value if value[:1].isspace() else b" " + value
        messages.append(b"DKIM-Signature:" + value + b"\r\n" + case.raw)
    return messages


def results(socket, messages):
    """The dkim= word of the Authentication-Results that each message gets, "" without one."""
    words = []
    for answer in through_milter(socket, ((raw, ("rcpt@example.net",)) for raw in messages)):
        fields = b"".join(answer.headers("Authentication-Results")[:1])
        words.append(",".join(re.findall(r"\bdkim=(\w+)", fields.decode("latin-1"))))
    return words


class Comparison:
    def __init__(self, directory, stack):
        self.directory = directory
        self.combinations = combinations(directory)
        self.records = {f"{c.key.name}.".encode(): c.key.record.encode()
                        for c in self.combinations}
        self.cases = corner_cases(MESSAGES, lambda number: self.combination(number).key.domain)
        keys = write_test_public_keys(directory / "keys", [c.key for c in self.combinations])
        stages = "".join(
            stage("dkim", name=f"sign{number}", mode=["sign"], domain=[c.key.domain],
                  selector=c.key.selector, key_file=c.key.path, internal_hosts=[CLIENT],
                  canonicalization=c.canonicalization, **in_turns(OPTIONS, number))
            for number, c in enumerate(self.combinations))
        self.signer = self.started(stack, Milterd(directory / "signer", stages))
        self.verifier = self.started(stack, Milterd(
            directory / "verifier", stage("dkim", mode=["verify"], test_public_keys=keys)))
        self.opendkim = self.started(stack, OpenDkim(directory / "opendkim", public_keys=keys))
        self.failures = 0

    def combination(self, number):
        return self.combinations[number % len(self.combinations)]

    @staticmethod
    def started(stack, server):
        stack.callback(server.stop)
        return server.start()

    def expect(self, what, messages, good):
        """Counts and shows those of `messages` that are not `good`."""
        bad = [number for number, fine in enumerate(good) if not fine]
        print(f"{what}: {len(messages)} messages, {len(bad)} wrong", flush=True)
        for number in bad[:3]:
            print(f"  {messages[number]!r}")
        self.failures += len(bad)

    def verifies_in_dkimpy(self, raw):
        try:
            return dkim.verify(raw, dnsfunc=lambda name, timeout=5: self.records.get(name, b""))
        except Exception:  # it has no common base for those that a broken message can raise
            return False

    def signed_here(self):
        """Returns what dkimpy can read of it."""
        messages = signed_by(self.signer.socket_path, self.cases)
        self.expect("signed by milterd, verified by milterd", messages,
                    [word == "pass" for word in results(self.verifier.socket_path, messages)])
        readable = [raw for raw, case in zip(messages, self.cases)
                    if case.blank_before_colon != "\t"]
        self.expect("signed by milterd, verified by opendkim", readable,
                    [word == "pass" for word in results(self.opendkim.socket, readable)])
        readable = [raw for raw, case in zip(messages, self.cases) if not case.blank_before_colon]
        self.expect("signed by milterd, verified by dkimpy", readable,
                    [self.verifies_in_dkimpy(raw) for raw in readable])
        return readable

    def signed_by_opendkim(self):
        messages, doubtful = [], []
        for number, combination in enumerate(self.combinations):
            cases = [case for case in self.cases[number::len(self.combinations)]
                     if case.blank_before_colon != "\t"]
            signer = OpenDkim(self.directory / f"opendkim{number}", key=combination.key, settings={
                "Canonicalization": combination.canonicalization,
                "SignatureAlgorithm": combination.dkim_algorithm,
                **in_turns(OPENDKIM_OPTIONS, number)}).start()
            try:
                messages += signed_by(signer.socket, cases)
            finally:
                signer.stop()
            # Its Ed25519 signatures over a simple header are wrong in most cases, to itself too.
            doubtful += len(cases) * [combination.algorithm == "ed25519"
                                      and combination.canonicalization.startswith("simple/")]
        here = results(self.verifier.socket_path, messages)
        there = results(self.opendkim.socket, messages)
        bad = [doubt and word != "pass" for doubt, word in zip(doubtful, there)]
        print(f"{sum(bad)} signatures of opendkim's are bad to itself")
        self.expect("signed by opendkim, verified by milterd", messages,
                    [(word == "pass") != wrong for word, wrong in zip(here, bad)])

    def signed_by_dkimpy(self):
        messages = []
        for number, case in enumerate(self.cases):
            if case.blank_before_colon:
                continue
            combination = self.combination(number)
            secret = combination.key.path.read_bytes()
            if combination.algorithm == "ed25519":
                der = base64.b64decode(b"".join(secret.splitlines()[1:-1]))
                secret = base64.b64encode(der[-32:])
            signature = dkim.sign(
                case.raw, b"s1", combination.key.domain.encode(), secret,
                canonicalize=tuple(combination.canonicalization.encode().split(b"/")),
                signature_algorithm=combination.dkim_algorithm.encode())
            messages.append(signature + case.raw)
        self.expect("signed by dkimpy, verified by milterd", messages,
                    [word == "pass" for word in results(self.verifier.socket_path, messages)])

    def changed(self, signed):
        chance = random.Random(1)
        changes = [change for raw in chance.sample(signed, MUTATED)
                   for change in mutations(chance, raw)]
        messages = [raw for _, raw in changes]
        passed = [word == "pass" for word in results(self.verifier.socket_path, messages)]
        equal = [self.verifies_in_dkimpy(raw) if fine else False
                 for fine, raw in zip(passed, messages)]
        print(f"{sum(equal)} changes of {len(messages)} are none to milterd and dkimpy")
        self.expect("changed after signing, passed by milterd alone", messages,
                    [not fine or same for fine, same in zip(passed, equal)])


def main():
    if reason := missing():
        print(reason)
        return SKIPPED
    logging.disable()  # dkimpy tells why it refuses
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        comparison = Comparison(Path(name), stack)
        signed = comparison.signed_here()
        comparison.signed_by_opendkim()
        comparison.signed_by_dkimpy()
        comparison.changed(signed)
    return 1 if comparison.failures else 0


if __name__ == "__main__":
    sys.exit(main())
