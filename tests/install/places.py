"""What the tests of the installation share. SOURCE and BUILD are set by main()."""

import os
import subprocess
import sys
import tempfile
import unittest

SOURCE = BUILD = ""


class InFolder(unittest.TestCase):
    """Each test has an empty folder of its own."""

    def setUp(self):
        held = tempfile.TemporaryDirectory(prefix="causeway-install-")
        self.addCleanup(held.cleanup)
        self.folder = held.name

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, text, *parts):
        path = self.path(*parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        return path

    def read(self, *parts):
        with open(self.path(*parts)) as file:
            return file.read()

    def everything(self, below=""):
        """All that is there, folders too, relative to `below`."""
        top = self.path(below) if below else self.folder
        return {os.path.relpath(os.path.join(where, name), top)
                for where, folders, files in os.walk(top) for name in folders + files}


def source(*parts):
    return os.path.join(SOURCE, *parts)


def text_of(*parts):
    with open(source(*parts)) as file:
        return file.read()


def run(*words, **how):
    return subprocess.run(words, capture_output=True, text=True, timeout=120, check=False, **how)


def main():
    global SOURCE, BUILD
    SOURCE, BUILD = (os.path.realpath(word) for word in sys.argv[1:3])
    # The test's own module is __main__; it reads the two through this one.
    unittest.main(module="__main__", argv=sys.argv[:1])
