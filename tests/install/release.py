"""tools/release: the same octets each time, and what no OpenWrt feed has is inside and is used."""

import hashlib
import json
import os
import re
import shlex
import subprocess

import places
from places import InFolder, run, source, text_of


class Release(InFolder):
    def make(self, name):
        done = run(source("tools", "release"), self.path(name))
        self.assertEqual(done.returncode, 0, done.stderr)
        digest, path = done.stdout.split()
        with open(path, "rb") as file:
            self.assertEqual(hashlib.sha256(file.read()).hexdigest(), digest)
        return digest, path

    def check_feed(self, top, folder, digest):
        """The folder for the feed is the tarball's, but for the hash."""
        changed = run("diff", "-r", os.path.join(top, "packaging", "openwrt", "causeway"), folder).stdout
        self.assertEqual([line for line in changed.splitlines() if line.startswith(">")], [f"> PKG_HASH:={digest}"], changed)
        self.assertNotIn("Only in", changed)

    def test_twice_the_same_and_it_builds_from_what_is_inside(self):
        digest, path = self.make("first")
        os.utime(source("README.md"))
        self.assertEqual(self.make("second")[0], digest)
        version = re.search(r"project\(causeway VERSION (\S+)", text_of("CMakeLists.txt"))[1]
        self.assertEqual(os.path.basename(path), f"causeway-{version}.tar.xz")
        subprocess.run(["tar", "-C", self.folder, "-xf", path], check=True)
        top = self.path(f"causeway-{version}")
        self.check_feed(top, self.path("second", "openwrt", "causeway"), digest)
        inside = self.everything(os.path.basename(top))
        for name in ("LICENSE", "third_party/include/asio.hpp", "third_party/include/asio/io_context.hpp",
                     "third_party/include/tl/expected.hpp", "third_party/licences/libasio-dev",
                     "third_party/licences/libexpected-dev", "third_party/VERSIONS"):
            self.assertIn(name, inside)
        self.assertFalse([name for name in inside if name.startswith(("build", ".git/"))])
        # As OpenWrt does: no tests, no simulator. What the sources that need the libraries read.
        configured = run("cmake", "-G", "Ninja", "-S", top, "-B", self.path("build"), "-DCMAKE_BUILD_TYPE=MinSizeRel",
                         "-DCAUSEWAY_TESTS=OFF", "-DCAUSEWAY_SIM=OFF", "-DCAUSEWAY_WERROR=OFF")
        self.assertEqual(configured.returncode, 0, configured.stderr)
        for file, header in {"/host/event_loop.cpp": "asio/io_context.hpp", "/base/result.cpp": "tl/expected.hpp"}.items():
            used = self.headers_of(file)
            self.assertIn(f"{top}/third_party/include/{header}", used)
            self.assertNotIn("/usr/include/" + header, used)

    def headers_of(self, file):
        """What the compiler reads for one source of the configured tarball."""
        with open(self.path("build", "compile_commands.json")) as commands:
            unit = next(unit for unit in json.load(commands) if unit["file"].endswith(file))
        words = shlex.split(unit["command"])
        words[words.index("-o"):words.index("-o") + 2] = ["-M"]
        compiler = next(i for i, word in enumerate(words) if word.endswith("c++"))  # behind ccache
        done = subprocess.run(words[compiler:], cwd=unit["directory"], capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout


if __name__ == "__main__":
    places.main()
