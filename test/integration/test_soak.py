"""Short runs at full rate: right answers, no growth. tools/bench/soak does it for as long as one
likes."""

import sys

from support.mail_case import MailCase, main, source_root

sys.path.insert(0, str(source_root() / "tools" / "bench"))

import soaked_stages


class Soak(MailCase):
    def test_twenty_seconds_of_each_stage_leave_nothing_behind(self):
        for name, stage in soaked_stages.STAGES.items():
            with self.subTest(name):
                directory = self.directory / name
                directory.mkdir()
                soak = stage(directory, 20, round_seconds=2.0)
                print(f"{name}: {soak.messages} messages, {soak.growth() / 2**20:.1f} MiB more in "
                      "the last third")
                self.assertEqual(list(soak.faults()), [])
                self.assertGreater(soak.messages, 100)


if __name__ == "__main__":
    main()
