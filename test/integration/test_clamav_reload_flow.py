"""A signature that is added to a large database at 25 messages a second: none is lost, none fails,
and memory is that of one engine again. tools/bench/run_reload measures the same beside clamd."""

import os
import sys

from support.mail_case import MailCase, main, source_root

sys.path.insert(0, str(source_root() / "tools" / "bench"))

import reloading
import signatures
from reload_stacks import MilterdStack

REDUCED = os.environ.get("CLAMAV_ENDURANCE") == "reduced"
MILLIONS = 0.02 if REDUCED else 0.5


class ReloadFlow(MailCase):
    def measure(self, signalled):
        folder = self.directory / ("signalled" if signalled else "watched")
        folder.mkdir()
        database = folder / "database"
        signatures.make(database, MILLIONS)
        stack = MilterdStack(folder / "milterd", database, signalled)
        self.addCleanup(stack.stop)
        return stack, reloading.measure(stack, database, quiet_seconds=5)

    def check(self, stack, reload):
        print(f"start {reload.start:.2f} s, acting {reload.acting:.2f} s; slowest "
              f"{reload.quiet.slowest:.3f} s, with reload {reload.busy.slowest:.3f} s; memory "
              f"{reload.one_engine / 2**20:.0f} MiB, at most {reload.peak / 2**20:.0f}, back after "
              f"{reload.settled:.2f} s")
        for part in (reload.quiet, reload.busy):
            self.assertEqual(part.lost, [])
            self.assertEqual(part.failed, [])
            self.assertGreater(part.sent, 100)
        self.assertEqual(stack.engines(), 2)
        # Far from what it takes on a machine that is not busy with other things.
        self.assertLess(reload.busy.slowest, 5)
        self.assertLess(reload.acting, 10 * reload.start + 15)
        # Sanitizers hold back what was freed.
        if not REDUCED:
            self.assertLess(reload.settled, 10)
            self.assertLess(reload.peak, 2.5 * reload.one_engine)

    def test_by_itself(self):
        self.check(*self.measure(signalled=False))

    def test_by_signal(self):
        self.check(*self.measure(signalled=True))


if __name__ == "__main__":
    main()
