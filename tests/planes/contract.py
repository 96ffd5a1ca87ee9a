"""The data planes' contract with the kernel's plane, and what that one finds out at its start, in a machine whose kernel has ESP.

contract.py TEST_DATAPLANE
"""

import subprocess
import sys

skipped = False
tests = subprocess.Popen([sys.argv[1], "--gtest_color=no", "--gtest_filter=*Contract.*/kernel:KernelAbility.*"],
                         stdout=subprocess.PIPE, text=True)
for line in tests.stdout:
    print(line, end="", flush=True)
    skipped = skipped or "SKIPPED" in line
if skipped:
    print("failed: skipped on a kernel that was made for it")
sys.exit(1 if skipped else tests.wait())
