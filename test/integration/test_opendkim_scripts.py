"""opendkim's own test scripts, from Debian's source package, against milterd with the translated
configuration (docs/opendkim-tests.md).
"""

import concurrent.futures
import os
import shutil
import subprocess
import sys
import unittest

from support import debian_source
from support.mail_case import MailCase, main, source_root
from support.milterd import binary

PASSES = [
    "t-dontsign", "t-lua-speed-nolua", "t-peer", "t-sign-rs", "t-sign-rs-multiple",
    "t-sign-rs-tables", "t-sign-rs-tables-token", "t-sign-ss", "t-sign-ss-all", "t-sign-ss-macro",
    "t-sign-ss-macro-value", "t-sign-ss-macro-value-file", "t-sign-ss-x", "t-verify-report",
    "t-verify-revoked", "t-verify-ss", "t-verify-ss-ar-bad", "t-verify-ss-bad",
    "t-verify-ss-header-fields", "t-verify-syntax", "t-verify-unsigned",
    "t-verify-unsigned-silent", "t-verify-unspec",
]
# Those that fail, and with which words; docs/opendkim-tests.md says why each is meant to.
FAILS = {
    "t-conf-check": "row 'example.net' has key 'key2', which is not in key_table",
    "t-conf-check2": "key 'key2' is incomplete: a row is NAME DOMAIN:SELECTOR:KEY",
    "t-lua-rbl": "FinalPolicyScript",
    "t-lua-speed-lua": "",
    "t-lua-verify-tests": "SetupPolicyScript",
    "t-sign-atps": "ATPS",
    "t-sign-report": "error: signature has wrong or missing r= value",
    "t-sign-rs-lua": "SetupPolicyScript",
    "t-sign-rs-mixconf": "SetupPolicyScript",
    "t-sign-rs-tables-bad": "key 'testkey' is incomplete: a row is NAME DOMAIN:SELECTOR:KEY",
    "t-sign-ss-conditional": "ConditionalSignatures",
    "t-sign-ss-ltag": "BodyLengthDB",
    "t-sign-ss-replace": "ReplaceRules",
    "t-verify-double-from": "StrictHeaders",
    "t-verify-malformed": "error: missing Authentication-Results field",
    "t-verify-ss-atps": "error: incorrect/missing ATPS result",
    "t-verify-ss-rep": "Reputation",
}
# Where milterd judges at the end of the message, and the script looks before.
JUDGED_AT = {"t-peer": "connect", "t-dontsign": "eoh", "t-verify-syntax": "eoh"}
# The order of names in h= is the signer's own; what the scripts look for in signatures made.
ORDER = ('"h=From:Date:Subject"', '"h=From:Subject:Date"')


class OpendkimScripts(MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not shutil.which("miltertest"):
            raise unittest.SkipTest("miltertest is not installed")
        try:
            source = debian_source.fetch("opendkim", cls.directory / "source")
        except debian_source.NoSource as error:
            raise unittest.SkipTest(f"no source of opendkim: {error}") from None
        # The scripts start ../opendkim, in the folder with their files.
        cls.scripts = source / "opendkim" / "tests"
        (cls.scripts / "testkey.private").chmod(0o600)
        support = source_root() / "test" / "support"
        cls.shim = cls.scripts.parent / "opendkim"
        cls.shim.write_text("#!/bin/sh\n"
                            f"exec '{sys.executable}' '{support / 'opendkim_shim.py'}' \"$@\"\n")
        cls.shim.chmod(0o755)
        cls.prelude = (support / "miltertest_prelude.lua").read_text()

    def run_here(self, *command):
        return subprocess.run(command, cwd=self.scripts, stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, timeout=240, check=False,
                              env={**os.environ, "MILTERD": str(binary())})

    def run_script(self, path):
        script = path.with_suffix(".milterd")
        judged = f'JUDGED_AT = "{JUDGED_AT[path.stem]}"\n' if path.stem in JUDGED_AT else ""
        script.write_text(judged + self.prelude + path.read_text().replace(*ORDER))
        return path.stem, self.run_here("miltertest", "-s", script)

    def test_each_script_does_what_is_expected(self):
        paths = sorted(self.scripts.glob("t-*.lua"))
        # Those that fail to start milterd wait ten seconds for it, idly.
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            results = list(pool.map(self.run_script, paths))
        for name, done in results:
            with self.subTest(name):
                if name in PASSES:
                    self.assertEqual(done.returncode, 0, done.stdout[-3000:])
                else:
                    self.assertNotEqual(done.returncode, 0, "it passes now")
                    self.assertIn(FAILS[name], done.stdout)
        self.assertEqual(sorted(name for name, _ in results), sorted([*PASSES, *FAILS]))

    def test_a_line_of_comment_may_be_long(self):
        """What t-conf-check asks beside its two scripts."""
        done = self.run_here(self.shim, "-n", "-x", "t-largecomment.conf")
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_the_document_names_what_fails(self):
        text = (source_root() / "docs" / "opendkim-tests.md").read_text()
        self.assertEqual([name for name in FAILS if f"| {name} |" not in text], [])
        self.assertEqual([name for name in PASSES if f"| {name} |" in text], [])


if __name__ == "__main__":
    main()
