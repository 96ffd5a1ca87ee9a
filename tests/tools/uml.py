"""tools/uml makes a kernel once, keeps it, and says what it could not do. uml.py ROOT

apt and make are stand-ins: `make olddefconfig` may take an option away, `make vmlinux` may fail. That the real kernel boots and
carries packets is told by the tests that run in it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

STAND_INS = {
    "apt-cache": 'echo "$2:"; [ "$2" = linux-source-1.2 ] && echo "  Candidate: 1.2.3-4~x" || echo "  Candidate: (none)"',
    "apt-get": 'echo "$*" >> "$STANDS/asked"; cp "$STANDS/source.deb" linux-source-1.2_1.2.3_all.deb',
    "dpkg-deb": 'mkdir -p "$3/usr/src/linux-source-1.2"; cd "$3/usr/src"; echo made > linux-source-1.2/Makefile;'
                "tar cf linux-source-1.2.tar.xz linux-source-1.2; rm -r linux-source-1.2",
    "make": """cp .config "$STANDS/config"
case " $* " in
    *" olddefconfig "*) [ ! -e "$STANDS/lacking" ] || sed -i "/^CONFIG_$(cat "$STANDS/lacking")=/d" .config ;;
    *) [ ! -e "$STANDS/broken" ] || { echo "drivers/x.c:1: error: broken"; exit 2; }; cp /bin/true vmlinux ;;
esac""",
    **{name: ":" for name in ("flex", "bison", "bc")},
}
OPTIONS = """# a remark about ESP
NET INET_ESP

XFRM_INTERFACE  # another
"""


class Uml(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="causeway-uml-test-")
        self.addCleanup(shutil.rmtree, self.folder)
        for name in ("bin", "work", "root/tools", "root/tests/kernel"):
            os.makedirs(self.path(name))
        shutil.copy(os.path.join(ROOT, "tools/uml"), self.path("root/tools"))
        self.write("root/tests/kernel/uml.config", OPTIONS)
        self.write("source.deb", "")
        for name, text in STAND_INS.items():
            self.write("bin/" + name, "#!/bin/sh\n" + text + "\n")
            os.chmod(self.path("bin/" + name), 0o755)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)

    def read(self, name):
        with open(self.path(name)) as file:
            return file.read()

    def uml(self, *words):
        return subprocess.run([self.path("root/tools/uml"), *words], capture_output=True, text=True, check=False,
                              env={"PATH": self.path("bin") + ":/usr/bin:/bin", "CAUSEWAY_CACHE": self.path("cache"),
                                   "STANDS": self.folder, "TMPDIR": self.path("work"), "HOME": "/nonexistent"})

    def made(self):
        done = self.uml("--source", "linux-source-1.2")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.strip()

    def test_it_is_made_once_and_of_these_options(self):
        kernel = self.made()
        self.assertTrue(os.access(kernel, os.X_OK))
        self.assertTrue(kernel.startswith(self.path("cache/uml-1.2.3_4_x-")), kernel)
        config = self.read("config").split()
        self.assertEqual([line for line in config if line.endswith("=y")],
                         ["CONFIG_NET=y", "CONFIG_INET_ESP=y", "CONFIG_XFRM_INTERFACE=y"])
        self.assertIn("CONFIG_MODULES=n", config)
        self.assertEqual(os.listdir(self.path("work")), [])
        self.assertEqual(self.made(), kernel)
        self.assertEqual(self.read("asked").count("download"), 1)

    def test_other_options_make_another(self):
        kernel = self.made()
        self.write("root/tests/kernel/uml.config", OPTIONS + "VETH\n")
        self.assertNotEqual(self.made(), kernel)

    def test_an_option_that_does_not_take_effect_is_named(self):
        self.write("lacking", "XFRM_INTERFACE")
        done = self.uml("--source", "linux-source-1.2")
        self.assertEqual((done.returncode, done.stderr), (0, "linux-source-1.2 1.2.3-4~x has no: XFRM_INTERFACE\n"))

    def test_what_fails_is_shown_and_nothing_is_kept(self):
        self.write("broken", "")
        done = self.uml("--source", "linux-source-1.2")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("drivers/x.c:1: error: broken", done.stderr)
        self.assertIn("the kernel does not build", done.stderr)
        self.assertEqual(os.listdir(self.path("work")), [])
        self.assertFalse(os.path.exists(self.path("cache")))

    def test_what_is_missing_is_said(self):
        done = self.uml("--source", "linux-source-9")
        self.assertEqual(done.returncode, 2)
        self.assertIn("apt knows no package linux-source-9", done.stderr)
        self.assertEqual(self.uml("--sources").returncode, 2)
        os.remove(self.path("bin/bison"))
        if not shutil.which("bison", path="/usr/bin:/bin"):
            self.assertIn("bison is missing: tools/install uml", self.uml("--source", "linux-source-1.2").stderr)


if __name__ == "__main__":
    ROOT = sys.argv.pop(1)
    unittest.main()
