"""The Debian package's scripts, in a folder that stands for the machine: whose name `ipsec` is, what is said, what goes.

tools/deb --try SUITE installs, upgrades and purges the package itself, in a chroot.
"""

import os
import re

import places
from places import InFolder, run, source, text_of

SCRIPTS = ("postinst", "prerm", "postrm")


class Debian(InFolder):
    def setUp(self):
        super().setUp()
        for name in ("usr/sbin", "usr/share/man/man8", "etc/causeway", "run"):
            os.makedirs(self.path(name))

    def script(self, name, *words):
        """With every path of the system in this folder."""
        text = re.sub(r"(?<![\w}])/(usr|etc|run)/", self.folder + r"/\1/", text_of("packaging", "debian", name))
        path = self.write(text.replace("#DEBHELPER#", ""), name)
        tool = self.write(f"#!/bin/sh\necho \"causeway $*\" >> {self.path('calls')}\n", "bin", "causeway")
        os.chmod(tool, 0o755)
        done = run("dash", path, *words, env={"PATH": self.path("bin") + ":/usr/bin:/bin"})
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr.replace(self.folder, "")

    def theirs(self):
        return self.write("strongSwan's", "usr/sbin/ipsec")

    def link(self):
        try:
            return os.readlink(self.path("usr/sbin/ipsec"))
        except OSError:
            return None

    def test_the_scripts_are_clean(self):
        for name in SCRIPTS:
            done = run("shellcheck", "-s", "sh", source("packaging", "debian", name))
            self.assertEqual((done.returncode, done.stdout), (0, ""), name)
            self.assertIn("\n#DEBHELPER#\n", text_of("packaging", "debian", name))

    def test_a_first_installation_says_what_to_do(self):
        said = self.script("postinst", "configure", "")
        self.assertIn("not started, for nothing is configured yet. Write /etc/causeway/causeway.conf", said)
        self.assertEqual(self.link(), "causeway")
        self.assertEqual(os.readlink(self.path("usr/share/man/man8/ipsec.8.gz")), "causeway.8.gz")

    def test_with_a_configuration_there_is_nothing_to_say(self):
        self.write("config ipsec\n", "etc/causeway/causeway.conf")
        self.assertEqual(self.script("postinst", "configure", ""), "")
        self.assertEqual(self.script("postinst", "configure", "0.1.0"), "")

    def test_strongswans_program_keeps_its_name(self):
        theirs = self.theirs()
        said = self.script("postinst", "configure", "0.1.0")
        self.assertEqual(said, "causeway: /usr/sbin/ipsec is another program's (strongSwan's?) and stays; type causeway for "
                               "ipsec.\n")
        self.script("prerm", "remove")
        self.script("postrm", "remove")
        self.script("postrm", "purge")
        with open(theirs) as file:
            self.assertEqual(file.read(), "strongSwan's")

    def test_the_name_comes_back_when_strongswan_goes(self):
        os.remove(self.theirs())
        self.assertEqual(self.script("postinst", "triggered", "/usr/sbin/ipsec"), "")
        self.assertEqual(self.link(), "causeway")
        self.assertIn("interest-noawait /usr/sbin/ipsec", text_of("packaging", "debian", "triggers"))

    def test_removed_and_purged_nothing_is_left(self):
        before = self.everything()
        self.script("postinst", "configure", "")
        self.write("option pre_shared_key", "etc/causeway/causeway.conf")
        self.script("prerm", "remove")
        self.script("postrm", "remove")
        self.assertTrue(os.path.exists(self.path("etc/causeway/causeway.conf")))
        self.script("postrm", "purge")
        left = self.everything() - before - {"bin", "bin/causeway", *SCRIPTS}
        self.assertEqual(left, set())
        self.assertFalse(os.path.exists(self.path("etc/causeway")))

    def test_an_upgrade_keeps_the_name(self):
        self.script("postinst", "configure", "")
        self.script("prerm", "upgrade", "0.2.0")
        self.script("postrm", "upgrade", "0.2.0")
        self.assertEqual(self.link(), "causeway")

    def test_the_package_has_the_programs_version(self):
        version = re.search(r"project\(causeway VERSION (\S+)", text_of("CMakeLists.txt"))[1]
        self.assertTrue(text_of("packaging", "debian", "changelog").startswith(f"causeway ({version})"))
        for page in ("causeway.8", "causewayd.8", "causeway-config.5"):
            self.assertIn(f'"causeway {version}"', text_of("docs", "man", page))


if __name__ == "__main__":
    places.main()
