"""What tools/distros reads out of a log: it must not take a skipped or a failed test for a passed one. distros.py ROOT"""

import importlib.machinery
import importlib.util
import os
import sys
import unittest

sys.dont_write_bytecode = True


def load(path):
    loader = importlib.machinery.SourceFileLoader("distros", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("distros", loader))
    loader.exec_module(module)
    return module


SKIPPED = """100% tests passed, 0 tests failed out of 1011

The following tests did not run:
\t1010 - kernel.plain_esp (Skipped)
2 skipped:
  kernel.plain_esp: user-mode-linux does not start here: panic
  libreswan.main: libreswan cannot be downloaded: no package
"""


class Logs(unittest.TestCase):
    def test_a_skipped_test_has_not_passed(self):
        self.assertEqual(DISTROS.outcome(0, SKIPPED), "1009 of 1011 (2 skipped)")
        self.assertEqual(DISTROS.skips(SKIPPED)[1], "libreswan.main: libreswan cannot be downloaded: no package")

    def test_a_failed_test(self):
        self.assertEqual(DISTROS.outcome(8, "99% tests passed, 3 tests failed out of 1011\n"), "1008 of 1011")

    def test_a_command_without_tests(self):
        self.assertEqual(DISTROS.outcome(0, "it connects\n"), "passed")
        self.assertEqual(DISTROS.outcome(1, "the build failed\n"), "failed (1)")


if __name__ == "__main__":
    DISTROS = load(os.path.join(os.path.abspath(sys.argv.pop(1)), "tools/distros"))
    unittest.main()
