"""A short run at full rate: right verdicts, no growth. tools/bench/soak_dkim does it for as long as
one likes."""

import sys

from support.mail_case import MailCase, main, source_root

sys.path.insert(0, str(source_root() / "tools" / "bench"))

import dkim_soak


class DkimSoak(MailCase):
    def test_twenty_seconds_leave_nothing_behind(self):
        soak = dkim_soak.run(self.directory, 20, round_seconds=1.0)
        print(f"{soak.messages} messages, {soak.growth() / 2**20:.1f} MiB more in the last third")
        self.assertEqual(list(soak.faults()), [])
        self.assertGreater(soak.messages, 100)


if __name__ == "__main__":
    main()
