"""`cmake --install` and tools/uninstall: where everything goes, whose name `ipsec` is, and that all of it goes again."""

import os
import re

import places
from places import InFolder, run, source, text_of

FILES = {
    "sbin/causeway", "sbin/causewayd", "sbin/ipsec", "share/man/man8/causeway.8", "share/man/man8/causewayd.8",
    "share/man/man8/ipsec.8", "share/man/man5/causeway-config.5", "share/bash-completion/completions/causeway",
    "share/zsh/site-functions/_causeway", "share/fish/vendor_completions.d/causeway.fish",
    "lib/systemd/system/causewayd.service", "share/doc/causeway/LICENSE", "share/doc/causeway/README.md",
    "share/doc/causeway/CHANGELOG.md", "share/doc/causeway/ARCHITECTURE.md", "share/doc/causeway/CONTRIBUTING.md",
    "share/doc/causeway/packaging/openwrt/README.md", "share/doc/causeway/examples/recipe/ipsec",
    "share/doc/causeway/examples/recipe/100-ipsec", "share/doc/causeway/examples/recipe/vpncfg", "share/doc/causeway/examples/recipe/vpncfg.main-mode",
    "share/doc/causeway/examples/monitoring/README.md", "share/doc/causeway/examples/monitoring/alerts.yml",
    "share/doc/causeway/examples/monitoring/grafana-dashboard.json",
}


def documents():
    """docs/ as it is, without the pages of the manual, which have their own place."""
    return {os.path.join("share/doc/causeway", os.path.relpath(os.path.join(folder, name), source("")))
            for folder, _, names in os.walk(source("docs")) for name in names if os.path.basename(folder) != "man"}


class Layout(InFolder):
    def install(self, prefix, **environment):
        done = run("cmake", "--install", places.BUILD, "--prefix", prefix, env={**os.environ, **environment})
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def uninstall(self, **environment):
        return run(source("tools", "uninstall"), places.BUILD, env={**os.environ, **environment})

    def files(self, below):
        return {name for name in self.everything(below) if not os.path.isdir(self.path(below, name))}

    def test_everything_has_its_place_and_runs_there(self):
        self.install(self.path("p"))
        self.assertEqual(self.files("p"), FILES | documents())
        version = re.search(r"project\(causeway VERSION (\S+)", text_of("CMakeLists.txt"))[1]
        for program in ("causeway", "causewayd", "ipsec"):
            done = run(self.path("p", "sbin", program), "--version")
            self.assertEqual(done.stdout, f"causeway {version}\n", done.stderr)
        unit = self.read("p", "lib/systemd/system/causewayd.service")
        self.assertNotIn("@", re.sub(r"@(system-service|privileged|resources)", "", unit))
        self.assertIn("ExecReload=", unit)
        links = re.findall(r"\]\(([^()#\s]+)", self.read("p", "share/doc/causeway/README.md"))
        self.assertGreater(len(links), 10)
        for link in links:
            self.assertTrue(":" in link or os.path.exists(self.path("p", "share/doc/causeway", link)), link)
        self.assertEqual(self.uninstall().returncode, 0)

    def test_all_of_it_goes_again_also_when_installed_twice(self):
        os.makedirs(self.path("p", "share", "man"))
        self.install(self.path("p"))
        self.install(self.path("p"))
        done = self.uninstall()
        self.assertEqual(done.returncode, 0, done.stderr)
        # What was there before is still there.
        self.assertEqual(self.everything(), {"p", "p/share", "p/share/man"})
        self.assertEqual(self.uninstall().returncode, 1)

    def test_what_others_put_there_stays(self):
        self.install(self.path("p"))
        self.write("theirs", "p", "share/doc/causeway/notes")
        self.assertEqual(self.uninstall().returncode, 0)
        self.assertEqual(self.files("p"), {"share/doc/causeway/notes"})

    def test_strongswans_program_keeps_its_name(self):
        self.write("strongSwan's", "p", "sbin/ipsec")
        self.write("strongSwan's", "p", "share/man/man8/ipsec.8")
        said = self.install(self.path("p"))
        self.assertIn("Kept: " + self.path("p", "sbin/ipsec") + ", which is another program's; type causeway for ipsec", said)
        self.assertEqual(self.uninstall().returncode, 0)
        for kept in ("sbin/ipsec", "share/man/man8/ipsec.8"):
            self.assertEqual(self.read("p", kept), "strongSwan's")

    def test_a_package_is_made_in_another_root(self):
        self.install("/usr", DESTDIR=self.path("root"))
        self.assertEqual(self.files("root"), {"usr/" + name for name in FILES | documents()})
        self.assertEqual(os.readlink(self.path("root/usr/sbin/ipsec")), "causeway")
        unit = self.read("root/usr/lib/systemd/system/causewayd.service")
        self.assertEqual(self.uninstall(DESTDIR=self.path("root")).returncode, 0)
        self.assertEqual(self.everything(), {"root"})
        self.assertIn("Type=notify\n", unit)

    def test_the_unit_leaves_little_to_an_attacker(self):
        self.install(self.path("p"))
        unit = self.path("p", "lib/systemd/system/causewayd.service")
        done = run("systemd-analyze", "security", "--offline=true", unit)
        level = re.search(r"Overall exposure level for causewayd.service: ([0-9.]+)", done.stdout)
        self.assertTrue(level, done.stdout + done.stderr)
        self.assertLessEqual(float(level[1]), 2.5, done.stdout)
        self.assertEqual(self.uninstall().returncode, 0)

    def test_each_program_has_its_manual(self):
        for page, programs in {"causeway.8": ["causeway", "ipsec"], "causewayd.8": ["causewayd"], "causeway-config.5": ["causeway-config"]}.items():
            text = text_of("docs", "man", page)
            names = re.search(r"^\.SH NAME\n(.*?) \\-", text, re.M)[1].replace("\\-", "-")
            self.assertEqual(names.split(", "), programs)
        self.assertEqual(text_of("docs", "man", "ipsec.8"), ".so man8/causeway.8\n")


if __name__ == "__main__":
    places.main()
