"""The OpenWrt package: what it installs, what it makes at the first start, what is left when it goes."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import router
from router import PACKAGE, ROOT, RouterTest, make

PROGRAMS = "."
STRONGSWAN = {"/usr/sbin/ipsec": "#!/bin/sh\necho strongSwan's\n", "/etc/init.d/ipsec": "#!/bin/sh /etc/rc.common\n"}
SCRIPTS = ["files/causeway.init", "files/causeway.hotplug", "files/causeway.uci-defaults", "files/names.sh",
           "files/firewall.sh", "test.sh"]


def lines_of(name):
    with open(os.path.join(PACKAGE, name)) as file:
        return file.read().splitlines()


class Makefile(unittest.TestCase):
    def setUp(self):
        self.said = dict(line.split("=", 1) for line in make("show").splitlines())

    def test_the_feeds_rules_for_metadata(self):
        said = self.said
        self.assertEqual(said["SOURCE"], f"causeway-{said['VERSION']}.tar.xz")
        self.assertRegex(said["HASH"], r"^[0-9a-f]{64}$")
        self.assertRegex(said["MAINTAINER"], r"^[^<>]+ <[^<>@ ]+@[^<>@ ]+>$")
        self.assertEqual(said["LICENSE"], "Apache-2.0")
        for file in said["LICENSE_FILES"].split():
            self.assertTrue(os.path.exists(os.path.join(ROOT, file)), file)
        self.assertEqual(said["PIE"], "1")
        self.assertRegex(said["URL"], r"^@[A-Z]+/", "a mirror macro")
        self.assertNotIn("PROTO", "\n".join(lines_of("Makefile")))
        self.assertLessEqual(len(said["TITLE"]), 60)

    def test_the_version_is_the_projects(self):
        with open(os.path.join(ROOT, "CMakeLists.txt")) as file:
            project = re.search(r"^project\(causeway VERSION (\S+)", file.read(), re.M).group(1)
        self.assertEqual(self.said["VERSION"], project)

    def test_nothing_is_needed_that_no_feed_has(self):
        for word in ("asio", "cli11", "expected", "libstdcpp"):
            self.assertNotIn(word, (self.said["DEPENDS"] + self.said["BUILD_DEPENDS"]).lower())

    def test_configuration_files_are_named_as_the_feed_wants(self):
        self.assertEqual(self.said["CONFFILES"], "/etc/config/ipsec")
        self.assertIn("/etc/config/ipsec", lines_of("files/causeway.keep"))
        lines = lines_of("Makefile")
        at = lines.index("define Package/causeway/conffiles")
        self.assertRegex(lines[at + 1], r"^/\S*[^/]$")

    def test_every_option_of_the_build_is_known_to_it(self):
        with open(os.path.join(ROOT, "CMakeLists.txt")) as file:
            known = file.read()
        for option in re.findall(r"-D(CAUSEWAY_\w+)=", self.said["OPTIONS"]):
            self.assertRegex(known, rf"\b(option|set)\({option}\b")

    def test_blanks_in_metadata_and_tabs_in_recipes(self):
        inside = None
        for number, line in enumerate(lines_of("Makefile"), 1):
            self.assertEqual(line, line.rstrip(), f"line {number}")
            if line.startswith("define "):
                inside = line.split()[1]
            elif line == "endef":
                inside = None
            elif inside in ("Package/causeway", "Package/causeway/description"):
                self.assertRegex(line, r"^  \S", f"line {number}")
            elif inside == "Package/causeway/install":
                self.assertRegex(line, r"^\t\S", f"line {number}")
            else:
                self.assertNotRegex(line, r"^ ", f"line {number}")

    def test_the_scripts_are_clean(self):
        paths = [os.path.join(PACKAGE, name) for name in SCRIPTS] + [os.path.join(ROOT, "examples/recipe/100-ipsec")]
        with tempfile.TemporaryDirectory() as folder:
            for name in ("postinst", "prerm", "postrm"):
                path = os.path.join(folder, name)
                with open(path, "w") as file:
                    file.write(make("script", f"SCRIPT={name}").replace(". \"${", "# shellcheck source=/dev/null\n. \"${"))
                paths.append(path)
            done = subprocess.run(["shellcheck", *paths], capture_output=True, text=True, check=False)
        self.assertEqual(done.stdout + done.stderr, "")
        self.assertEqual(done.returncode, 0)


class Capabilities(unittest.TestCase):
    def test_are_those_that_the_daemon_keeps_and_the_one_for_its_ports(self):
        with open(os.path.join(ROOT, "src/host/privileges.cpp")) as file:
            kept = re.findall(r"CAP_\w+", re.search(r"constexpr std::array kept\{([^}]*)\}", file.read()).group(1))
        with open(os.path.join(PACKAGE, "files/causeway.capabilities")) as file:
            sets = json.load(file)
        self.assertGreater(len(kept), 0)
        kept.append("CAP_NET_BIND_SERVICE")
        for name in ("bounding", "effective", "permitted", "inheritable"):
            self.assertEqual(sorted(sets[name]), sorted(kept), name)
        self.assertEqual(sets["ambient"], [])


class Programs(unittest.TestCase):
    """With the programs of the build."""

    def feeds_test(self, version):
        with tempfile.TemporaryDirectory(prefix="causeway-tested-") as folder:
            script = os.path.join(folder, "test.sh")
            with open(os.path.join(PACKAGE, "test.sh")) as file:
                text = file.read()
            self.assertIn("/usr/libexec/causeway/ipsec", text)
            with open(script, "w") as file:
                file.write(text.replace("/usr/libexec/causeway/ipsec", os.path.join(PROGRAMS, "ipsec")))
            return subprocess.run(["busybox", "sh", script, "causeway", version], capture_output=True, text=True,
                                  check=False, env={"PATH": f"{PROGRAMS}:/usr/bin:/bin"})

    def test_print_the_packages_version(self):
        version = dict(line.split("=", 1) for line in make("show").splitlines())["VERSION"]
        done = self.feeds_test(version)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.count(version), 3)
        self.assertEqual(self.feeds_test("9.9.9").returncode, 1)

    def check(self, text):
        with tempfile.NamedTemporaryFile("w", prefix="causeway-example-", suffix=".uci") as file:
            file.write(text)
            file.flush()
            return subprocess.run([os.path.join(PROGRAMS, "causewayd"), "--check-config", "--config", file.name],
                                  capture_output=True, text=True, check=False)

    def test_understand_the_example_with_its_marks_removed(self):
        text = "\n".join(lines_of("files/ipsec.config"))
        as_it_comes = self.check(text)
        self.assertEqual(as_it_comes.returncode, 1)
        self.assertIn("there is no 'config remote' section", as_it_comes.stderr)
        done = self.check(re.sub(r"^(\t?)#(?=config |\toption |\tlist |option |list )", r"\1", text, flags=re.M))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("no errors, no warnings", done.stdout + done.stderr)
        self.assertIn("192.168.0.0/24", done.stdout)
        self.assertIn("the device of wan, as ubus tells", done.stdout)


class Installed(RouterTest):
    def test_what_the_package_brings(self):
        self.router.unpack()
        modes = {name: oct(os.stat(self.router.path(name)).st_mode & 0o777)[2:] for name in self.router.files
                 if not os.path.islink(self.router.path(name))}
        self.assertEqual(modes, {
            "/etc/capabilities/causeway.json": "644",
            "/etc/hotplug.d/iface/90-causeway": "644",
            "/etc/init.d/causeway": "755",
            "/etc/uci-defaults/60-causeway": "644",
            "/lib/upgrade/keep.d/causeway": "644",
            "/usr/sbin/causeway": "755",
            "/usr/share/causeway/firewall.sh": "644",
            "/usr/share/causeway/ipsec.config": "644",
            "/usr/share/causeway/names.sh": "644"})
        for link in ("/usr/sbin/causewayd", "/usr/libexec/causeway/ipsec"):
            self.assertEqual(self.router.run(f"readlink -f {link}").stdout, "/usr/sbin/causeway\n")
        for chain in ("input", "output", "forward", "mangle_forward"):
            self.assertEqual(self.router.run(f"readlink /usr/share/nftables.d/chain-pre/{chain}/causeway.nft").stdout,
                             f"/var/run/causeway/fw4/{chain}.nft\n")

    def test_the_first_start(self):
        done = self.router.install()
        self.assertEqual(done.stdout + done.stderr, "")
        self.assertFalse(self.router.exists("/etc/uci-defaults/60-causeway"))
        self.assertEqual(self.router.read("/etc/config/ipsec"), self.router.read("/usr/share/causeway/ipsec.config"))
        self.assertEqual(oct(os.stat(self.router.path("/etc/config/ipsec")).st_mode & 0o777), "0o600")
        self.assertEqual(self.router.run("readlink -f /usr/sbin/ipsec").stdout, "/usr/sbin/causeway\n")
        self.assertEqual(self.router.run("readlink -f /etc/init.d/ipsec").stdout, "/etc/init.d/causeway\n")

    def test_a_configuration_that_is_there_is_never_touched(self):
        self.configure("config remote 'mine'\n")
        before = self.router.tree()["/etc/config/ipsec"]
        self.router.install()
        self.assertEqual(self.router.tree()["/etc/config/ipsec"], before)
        self.router.remove()
        self.assertEqual(self.router.tree()["/etc/config/ipsec"], before)

    def test_nor_one_that_is_a_link(self):
        # Of a disk that is mounted later: nothing is written through it either.
        self.router.run("mkdir -p /mnt/usb && ln -s /mnt/usb/ipsec /etc/config/ipsec")
        self.router.install()
        self.assertEqual(self.router.tree()["/etc/config/ipsec"], "-> /mnt/usb/ipsec")
        self.assertFalse(self.router.exists("/mnt/usb/ipsec"))

    def test_strongswans_names_stay_strongswans(self):
        for name, text in STRONGSWAN.items():
            self.router.write(name, text, 0o755)
        done = self.router.install()
        self.assertIn("/usr/sbin/ipsec belongs to another program and stays as it is; ours is /usr/sbin/causeway", done.stdout)
        self.assertIn("/etc/init.d/ipsec belongs to another program", done.stdout)
        self.router.run("/etc/init.d/causeway start")
        self.router.remove()
        for name, text in STRONGSWAN.items():
            self.assertEqual(self.router.read(name), text)

    def test_one_name_may_be_taken_and_the_other_free(self):
        self.router.write("/usr/sbin/ipsec", STRONGSWAN["/usr/sbin/ipsec"], 0o755)
        self.router.install()
        self.assertEqual(self.router.read("/usr/sbin/ipsec"), STRONGSWAN["/usr/sbin/ipsec"])
        self.assertEqual(self.router.tree()["/etc/init.d/ipsec"], "-> causeway")

    def test_an_upgrade_changes_nothing_and_restarts_the_daemon(self):
        self.router.install()
        self.configure()
        before = self.router.tree()
        self.running()
        self.router.package_script("prerm", PKG_UPGRADE="1")
        self.router.package_script("postrm", PKG_UPGRADE="1")
        self.router.run("rm /state/running /state/procd")
        self.assertEqual(self.router.tree(), before)
        self.running()
        self.router.unpack()
        self.router.default_script()
        self.router.package_script("postinst", PKG_UPGRADE="1")
        self.assertIn("ipsec restart", self.router.calls())
        self.router.run("rm /state/running /state/procd")
        self.assertEqual(self.router.tree(), before)

    def test_an_installation_starts_nothing_by_itself(self):
        self.router.unpack()
        self.router.calls()
        self.router.package_script("postinst")
        self.assertEqual(self.router.calls(), [])

    def test_removed_without_a_trace(self):
        self.router.install()
        self.router.run("/etc/init.d/ipsec enable; /etc/init.d/causeway firewall; mkdir -p /var/run/causeway; "
                        "touch /var/run/causeway/control.sock.lock")
        self.router.remove()
        self.assertEqual(self.router.tree(), self.router.before)
        self.assertFalse(self.router.exists("/var/run/causeway"))

    def test_removed_from_an_image_in_the_making(self):
        # On the machine that makes the image: the same files under IPKG_INSTROOT, and none of its own.
        with tempfile.TemporaryDirectory(prefix="causeway-image-") as folder:
            self.router.install()
            image = self.router.path("/image")
            os.makedirs(image + "/etc/config")
            shutil.copytree(self.router.path("/usr/share/causeway"), image + "/usr/share/causeway")
            shutil.copy(image + "/usr/share/causeway/ipsec.config", image + "/etc/config/ipsec")
            os.makedirs(image + "/usr/sbin")
            os.symlink("causeway", image + "/usr/sbin/ipsec")
            self.router.run("/etc/init.d/causeway firewall")
            outside = {name: what for name, what in self.router.tree().items() if not name.startswith("/image")}
            self.router.calls()
            self.running()
            self.router.package_script("postinst", IPKG_INSTROOT="/image", PKG_UPGRADE="1")
            self.router.run("rm /state/running /state/procd")
            self.router.package_script("prerm", IPKG_INSTROOT="/image")
            self.router.package_script("postrm", IPKG_INSTROOT="/image")
            self.assertFalse(os.path.lexists(image + "/usr/sbin/ipsec"))
            self.assertFalse(os.path.exists(image + "/etc/config/ipsec"))
            self.assertEqual({name: what for name, what in self.router.tree().items() if not name.startswith("/image")},
                             outside)
            self.assertEqual(self.router.calls(), [])
            self.assertTrue(folder)


class Firewall(RouterTest):
    def setUp(self):
        super().setUp()
        self.router.install()
        self.configure("config ipsec\n\toption zone 'vpn'\n")
        self.router.write("/uci/ipsec", "ipsec.@ipsec[0]=ipsec\nipsec.@ipsec[0].zone='tunnels'\n")
        self.before = self.router.read("/uci/firewall")
        self.router.calls()

    def add(self):
        return self.router.run("/etc/init.d/causeway firewall").stdout

    def test_lets_tunnels_and_ike_through(self):
        self.add()
        rules = self.router.read("/uci/firewall")
        self.assertTrue(rules.startswith(self.before))
        self.assertEqual(rules[len(self.before):].splitlines(), [
            "firewall.causeway_zone=zone", "firewall.causeway_zone.name='tunnels'", "firewall.causeway_zone.device='causeway0'",
            "firewall.causeway_zone.input='REJECT'", "firewall.causeway_zone.output='ACCEPT'",
            "firewall.causeway_zone.forward='REJECT'", "firewall.causeway_out=forwarding", "firewall.causeway_out.src='lan'",
            "firewall.causeway_out.dest='tunnels'", "firewall.causeway_in=forwarding", "firewall.causeway_in.src='tunnels'",
            "firewall.causeway_in.dest='lan'", "firewall.causeway_ike=rule",
            "firewall.causeway_ike.name='Allow-IKE-causeway'", "firewall.causeway_ike.src='wan'",
            "firewall.causeway_ike.proto='udp'", "firewall.causeway_ike.dest_port='500 4500'",
            "firewall.causeway_ike.target='ACCEPT'", "firewall.causeway_esp=rule",
            "firewall.causeway_esp.name='Allow-ESP-causeway'", "firewall.causeway_esp.src='wan'",
            "firewall.causeway_esp.proto='esp'", "firewall.causeway_esp.target='ACCEPT'"])
        self.assertEqual(self.router.calls(), ["firewall reload"])

    def test_done_twice_is_done_once(self):
        self.add()
        once = self.router.read("/uci/firewall")
        self.add()
        self.assertEqual(self.router.read("/uci/firewall"), once)

    def test_without_a_name_the_zone_is_the_recipes(self):
        self.router.run("rm /uci/ipsec")
        self.add()
        self.assertIn("firewall.causeway_zone.name='vpn'", self.router.read("/uci/firewall"))

    def test_a_zone_of_that_name_gets_the_device_and_stays_its_owners(self):
        before = self.before + "firewall.@zone[1]=zone\nfirewall.@zone[1].name='tunnels'\n"
        self.router.write("/uci/firewall", before)
        self.assertIn("the zone 'tunnels' of /etc/config/firewall has the device causeway0 now", self.add())
        rules = self.router.read("/uci/firewall")
        self.assertNotIn("causeway_zone", rules)
        self.assertIn("causeway_ike", rules)
        self.assertEqual(rules.count(".device='causeway0'"), 1)
        self.add()
        self.assertEqual(self.router.read("/uci/firewall").count(".device='causeway0'"), 1)
        self.router.package_script("prerm")
        self.assertEqual(self.router.read("/uci/firewall"), before)

    def test_goes_with_the_package_and_only_when_it_was_there(self):
        self.router.package_script("prerm")
        self.assertEqual(self.router.calls(), [])
        self.router.unpack()
        self.add()
        self.router.calls()
        self.router.package_script("prerm")
        self.assertEqual(self.router.read("/uci/firewall"), self.before)
        self.assertEqual(self.router.calls(), ["firewall reload"])


router.in_each_shell(globals())

if __name__ == "__main__":
    if len(sys.argv) > 1:
        PROGRAMS = os.path.abspath(sys.argv[1])
    router.main()
