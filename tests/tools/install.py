"""tools/install chooses between the names that Debian's releases give a package. install.py ROOT

dpkg-query, apt-cache and apt-get are stand-ins that read which packages are `installed`, `known` to apt, and `published`,
that is known after an update.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

PACKAGES = """# one that has a name, and some that have several
both plain old|new
three first|second|third
extra plain rare?
"""
STAND_INS = {
    "dpkg-query": 'for name; do :; done; grep -qx "$name" {0}/installed && printf installed',
    "apt-cache": 'echo "$2:"; grep -qx "$2" {0}/known && echo "  Candidate: 1.2-3" || echo "  Candidate: (none)"',
    "apt-get": 'echo "$*" >> {0}/asked; if [ "$1" = update ]; then cp {0}/published {0}/known; fi',
    "id": "echo 0",
}


class Install(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="causeway-install-")
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copy(os.path.join(ROOT, "tools/install"), self.folder)
        os.mkdir(self.path("bin"))
        self.write("packages", PACKAGES)
        for name, text in STAND_INS.items():
            self.write("bin/" + name, "#!/bin/sh\n" + text.format(self.folder) + "\n")
            os.chmod(self.path("bin/" + name), 0o755)
        for name in ("installed", "known", "published", "asked"):
            self.write(name, "")

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)

    def packages(self, **lists):
        for name, words in lists.items():
            self.write(name, "".join(word + "\n" for word in words.split()))

    def install(self, *words):
        # /usr/sbin is its own: it writes policy-rc.d there.
        return subprocess.run(
            ["unshare", "-m" if os.geteuid() == 0 else "-rm", "sh", "-c", 'mount -t tmpfs none /usr/sbin && exec "$@"', "sh",
             self.path("install"), *words],
            env={"PATH": self.path("bin") + ":/usr/bin:/bin"}, capture_output=True, text=True, check=False)

    def missing(self, *purposes):
        """What --no-install lists."""
        done = self.install("--no-install", *purposes)
        listed = re.search(r"^missing: (.*)$", done.stderr, re.M)
        self.assertEqual(done.returncode, 2 if listed else 0, done.stderr)
        return listed.group(1).split() if listed else []

    def test_any_installed_name_is_enough(self):
        self.packages(installed="plain new", known="plain old new")
        self.assertEqual(self.missing("both"), [])

    def test_the_first_name_that_apt_knows_is_wanted(self):
        self.packages(known="first second third")
        self.assertEqual(self.missing("three"), ["first"])
        self.packages(known="second third")
        self.assertEqual(self.missing("three"), ["second"])

    def test_the_first_name_when_apt_knows_none(self):
        self.assertEqual(self.missing("both", "three"), ["plain", "old", "first"])

    def test_what_apt_does_not_know_is_not_wanted_where_it_may_be_absent(self):
        self.packages(known="plain")
        self.assertEqual(self.missing("extra"), ["plain"])
        self.packages(known="plain rare")
        self.assertEqual(self.missing("extra"), ["plain", "rare"])
        self.packages(known="plain rare", installed="plain rare")
        self.assertEqual(self.missing("extra"), [])

    def test_it_chooses_after_the_update(self):
        self.packages(known="", published="plain new")
        done = self.install("both")
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.path("asked")) as file:
            self.assertEqual(file.read().splitlines(), ["update", "install -y --no-install-recommends plain new"])
        self.assertEqual(done.stderr, "installing: plain new\n")


class List(unittest.TestCase):
    def test_every_line_is_a_purpose_and_names(self):
        name = r"[a-z0-9][a-z0-9.+-]*"
        with open(os.path.join(ROOT, "tools/packages")) as file:
            for line in file.read().splitlines():
                if not line.startswith("#"):
                    self.assertRegex(line, rf"^[a-z]+( +{name}(\|{name})*\??)+$")


if __name__ == "__main__":
    ROOT = os.path.abspath(sys.argv.pop(1))
    unittest.main()
