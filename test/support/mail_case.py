"""The base of the integration tests: a throw-away directory, servers that end with the test."""

import os
import sys
import tempfile
import unittest
from pathlib import Path

from support import opendkim, postfix
from support.milterd import Milterd
from support.smtp_sink import SmtpSink

SKIPPED = 77  # what meson takes for "skipped"


class MailCase(unittest.TestCase):
    """What is started here is started once per class and stopped after its last test."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kept = tempfile.TemporaryDirectory(prefix="milterd-test-")
        cls.addClassCleanup(kept.cleanup)
        cls.directory = Path(kept.name)
        cls.directory.chmod(0o755)

    @classmethod
    def need_postfix(cls):
        if reason := postfix.missing():
            raise unittest.SkipTest(reason)

    @classmethod
    def need_opendkim(cls):
        if reason := opendkim.missing():
            raise unittest.SkipTest(reason)

    @classmethod
    def start_sink(cls):
        sink = SmtpSink()
        cls.addClassCleanup(sink.stop)
        return sink

    @classmethod
    def start_postfix(cls, sink, milters="", name="postfix", fresh_cleanup=False, **settings):
        cls.need_postfix()
        settings = {"smtpd_milters": milters, "milter_default_action": "tempfail",
                    "milter_protocol": "6", **settings}
        instance = postfix.Postfix(cls.directory / name, sink.port if sink else None, settings,
                                   fresh_cleanup=fresh_cleanup)
        cls.addClassCleanup(instance.stop)
        # It has a session of its own: a test that is killed would leave it behind.
        return instance.start(prefix=("setpriv", "--pdeathsig", "TERM"))

    @classmethod
    def start_milterd(cls, stages="", name="milterd", prefix=(), **options):
        daemon = Milterd(cls.directory / name, stages, **options)
        cls.addClassCleanup(_end, daemon)
        return daemon.start(prefix=prefix)

    @classmethod
    def plugins(cls):
        """A directory with every plugin of the build and the fixture stages beside them."""
        folder = cls.directory / "plugins"
        if not folder.exists():
            folder.mkdir()
            roots = [Path(os.environ["MILTERD_BUILD"]) / "plugins",
                     Path(os.environ["MILTERD_FIXTURES"])]
            for root in roots:
                for module in sorted(root.rglob("*.so")):
                    (folder / module.name).symlink_to(module.resolve())
        return folder


def _end(daemon):
    code = daemon.stop()
    if code not in (None, 0):
        raise AssertionError(f"milterd ended with {code}:\n{daemon.log()[-4000:]}")


def source_root():
    return Path(__file__).resolve().parent.parent.parent


def main():
    """Runs the calling file's tests; exit status 77 if every one was skipped."""
    program = unittest.main(module="__main__", exit=False, verbosity=2)
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    # A class that is skipped as a whole counts as one skip and no run.
    ran = result.testsRun - len([case for case, _ in result.skipped
                                 if isinstance(case, unittest.TestCase)])
    if result.skipped and ran <= 0:
        sys.exit(SKIPPED)
    sys.exit(0)
