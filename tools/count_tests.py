#!/usr/bin/env python3
"""Counts the results in a meson test log: prints "PASSED FAILED SKIPPED".

    tools/count_tests.py LOG.json           fails if the log is missing or empty
    tools/count_tests.py --show LOG.json    the end of what each failed test printed, and what was
                                            skipped
"""

import json
import sys
from pathlib import Path

PASSED = ("OK", "EXPECTEDFAIL")
SKIPPED = ("SKIP",)


def results(path):
    return [json.loads(line) for line in Path(path).read_text(errors="replace").splitlines()]


def show(tests):
    for test in tests:
        if test["result"] in SKIPPED:
            print(f"    skipped: {test['name']}")
        elif test["result"] not in PASSED:
            print(f"--- {test['name']}: {test['result']}, the end of its output:")
            text = test.get("stdout", "") + test.get("stderr", "")
            print("\n".join(text.splitlines()[-60:]))


def main():
    if sys.argv[1] == "--show":
        show(results(sys.argv[2]))
        return 0
    try:
        tests = results(sys.argv[1])
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    passed = sum(test["result"] in PASSED for test in tests)
    skipped = sum(test["result"] in SKIPPED for test in tests)
    print(passed, len(tests) - passed - skipped, skipped)
    return 0 if tests else 1


if __name__ == "__main__":
    sys.exit(main())
