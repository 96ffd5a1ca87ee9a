"""A router's file system in a folder, with the package installed by its own Makefile, and a shell of choice as /bin/sh.

OpenWrt's own parts (rc.common, procd's and uci's functions) are stand-ins (standins/), which write down in /calls what
they were asked for. Nothing here touches the machine outside of the folder; the scripts run in a chroot.
"""

import functools
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PACKAGE = os.path.join(ROOT, "packaging", "openwrt", "causeway")
STANDINS = os.path.join(HERE, "standins")
SKIPPED = 77
SHELLS = {"dash": "/usr/bin/dash", "ash": "/usr/bin/busybox"}


def make(*words):
    done = subprocess.run(["make", "-s", "-C", PACKAGE, f"TOPDIR={STANDINS}", *words], capture_output=True, text=True,
                          check=False, env={"PATH": os.environ["PATH"]})
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f"make {' '.join(words)}: {done.stderr}{done.stdout}")
    return done.stdout


@functools.cache
def script(name):
    return make("script", f"SCRIPT={name}")


@functools.cache
def built():
    """The package's files, as its Makefile installs them; the folder lives as long as this process."""
    keep = tempfile.TemporaryDirectory(prefix="causeway-package-")
    programs = os.path.join(keep.name, "programs")
    os.makedirs(programs + "/bin")
    shutil.copy(os.path.join(STANDINS, "causeway"), programs + "/bin/causeway")
    make("install", f"ROOT={keep.name}/root", f"PKG_BUILD_DIR={programs}")
    return keep


@functools.cache
def libraries(program):
    """What a program needs to start."""
    printed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    return [word for line in printed.splitlines() for word in line.split() if word.startswith("/")]


class Router:
    def __init__(self, shell):
        self.folder = tempfile.mkdtemp(prefix="causeway-router-")
        for name in ("bin", "sbin", "usr/bin", "usr/sbin", "etc/config", "etc/init.d", "etc/rc.d", "etc/hotplug.d/iface",
                     "lib", "var/run", "tmp", "dev", "state", "uci"):
            os.makedirs(self.path("/" + name))
        self.bring("/usr/bin/busybox", "/bin/busybox")
        for applet in ("basename cat chmod cmp cp cut dirname echo env find grep head ln ls mkdir mv pwd readlink rm sed "
                       "sort stat tail test touch tr").split():
            os.symlink("busybox", self.path("/bin/" + applet))
        if shell == "dash":
            self.bring(SHELLS[shell], "/bin/sh")
        else:
            os.symlink("busybox", self.path("/bin/sh"))
        os.mknod(self.path("/dev/null"), 0o666 | 0o020000, os.makedev(1, 3))
        os.chmod(self.path("/dev/null"), 0o666)
        self.place("functions.sh", "/lib/functions.sh", 0o644)
        self.place("rc.common", "/etc/rc.common")
        self.place("logger", "/usr/bin/logger")
        self.place("uci", "/sbin/uci")
        self.write("/uci/firewall", "firewall.@zone[0]=zone\nfirewall.@zone[0].name='lan'\n")
        self.write("/etc/init.d/firewall", "#!/bin/sh\necho \"firewall $*\" >> /calls\n", 0o755)
        self.before = self.tree()

    def close(self):
        shutil.rmtree(self.folder)

    def path(self, name):
        return self.folder + name

    def bring(self, program, to):
        for source, target in [(program, to)] + [(one, one) for one in libraries(program)]:
            os.makedirs(os.path.dirname(self.path(target)), exist_ok=True)
            shutil.copy(source, self.path(target))

    def place(self, standin, to, mode=0o755):
        shutil.copyfile(os.path.join(STANDINS, standin), self.path(to))
        os.chmod(self.path(to), mode)

    def write(self, name, text, mode=0o644):
        with open(self.path(name), "w") as file:
            file.write(text)
        os.chmod(self.path(name), mode)

    def read(self, name):
        with open(self.path(name)) as file:
            return file.read()

    def exists(self, name):
        return os.path.lexists(self.path(name))

    def tree(self):
        """Every file with its content, every link with its target."""
        found = {}
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(folder, name)
                short = path[len(self.folder):]
                if os.path.islink(path):
                    found[short] = "-> " + os.readlink(path)
                elif os.path.isfile(path) and short != "/calls":
                    with open(path, "rb") as file:
                        found[short] = (os.stat(path).st_mode & 0o7777, file.read())
        return found

    def unpack(self):
        """The package's files alone, as opkg and apk bring them."""
        package = os.path.join(built().name, "root")
        subprocess.run(["cp", "-a", package + "/.", self.folder], check=True)
        self.files = sorted(os.path.join(folder, name)[len(package):] for folder, _, names in os.walk(package)
                            for name in names)

    def default_script(self):
        """What the router does with files in /etc/uci-defaults: sourced in their folder, removed when they succeed."""
        return self.run("for file in /etc/uci-defaults/*; do ( [ -f \"$file\" ] && cd /etc/uci-defaults && . \"$file\" ) && "
                        "rm -f \"$file\"; done", check=False)

    def install(self):
        self.unpack()
        done = self.default_script()
        self.package_script("postinst")
        self.run("/etc/init.d/causeway enable")
        return done

    def package_script(self, name, **environment):
        self.write("/tmp/script", script(name))
        done = self.run("/bin/sh /tmp/script", check=False, **environment)
        os.remove(self.path("/tmp/script"))
        if done.returncode != 0:
            raise AssertionError(f"{name} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def remove(self):
        self.package_script("prerm")
        if self.exists("/etc/init.d/causeway"):
            self.run("/etc/init.d/causeway disable; /etc/init.d/causeway stop")
        for name in self.files:
            if self.exists(name):
                os.remove(self.path(name))
        self.package_script("postrm")

    def run(self, command, check=True, **environment):
        done = subprocess.run(["chroot", self.folder, "/bin/sh", "-c", command], capture_output=True, text=True,
                              check=False, stdin=subprocess.DEVNULL,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **environment})
        if check and done.returncode != 0:
            raise AssertionError(f"{command} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def calls(self):
        """What was asked for since the last time, one line each."""
        lines = self.read("/calls").splitlines() if self.exists("/calls") else []
        self.write("/calls", "")
        return lines


class RouterTest(unittest.TestCase):
    """Each subclass with a `shell` plays every test in it once."""
    shell = None

    def setUp(self):
        if self.shell is None:
            self.skipTest("the base of the others")
        self.router = Router(self.shell)
        self.addCleanup(self.router.close)

    def configure(self, text="config ipsec\n\toption debug '1'\n\nconfig remote 'fritz'\n\toption enabled '1'\n"):
        self.router.write("/etc/config/ipsec", text, 0o600)

    def running(self, procd=True):
        self.router.write("/state/running", "")
        if procd:
            self.router.write("/state/procd", "")


def in_each_shell(scope):
    """Makes of every RouterTest in a module one class a shell, and takes the bare ones out of it."""
    for name, one in list(scope.items()):
        if isinstance(one, type) and issubclass(one, RouterTest) and one is not RouterTest:
            for shell in SHELLS:
                scope[f"{name}_{shell}"] = type(f"{name}_{shell}", (one,), {"shell": shell})
            del scope[name]


def main():
    if os.geteuid() != 0:
        print("skipped: a chroot needs root")
        sys.exit(SKIPPED)
    for program in (*SHELLS.values(), "/usr/bin/make", "/usr/bin/ldd", "/usr/bin/shellcheck"):
        if not os.path.exists(program):
            print(f"skipped: {program} is not installed")
            sys.exit(SKIPPED)
    unittest.main(argv=sys.argv[:1])
