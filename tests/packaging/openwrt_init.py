"""The init script on OpenWrt: what it registers with procd, and when it leaves a daemon alone."""

import router
from router import RouterTest

COMMAND = "procd_set_param command /usr/sbin/causewayd --config /etc/config/ipsec --syslog"
INSTANCE = [
    "procd_open_instance",
    COMMAND,
    "procd_set_param respawn 3600 5 0",
    "procd_set_param term_timeout 10",
    "procd_add_jail ujail",
    "procd_set_param capabilities /etc/capabilities/causeway.json",
    "procd_set_param no_new_privs 1",
    "procd_close_instance",
]
ASKED = "causeway status --timeout 5"


class Init(RouterTest):
    def setUp(self):
        super().setUp()
        self.router.install()
        self.router.calls()

    def init(self, action, name="causeway", check=True):
        done = self.router.run(f"/etc/init.d/{name} {action}", check=check)
        return [line for line in self.router.calls() if line != ASKED], done

    def test_start_registers_the_daemon(self):
        self.configure()
        calls, _ = self.init("start")
        self.assertEqual(calls, ["service causeway", *INSTANCE, "procd_add_reload_trigger ipsec swanctl", "set"])

    def test_the_recipes_name_is_the_same_service(self):
        self.configure()
        calls, _ = self.init("start", name="ipsec")
        self.assertEqual(calls, ["service causeway", *INSTANCE, "procd_add_reload_trigger ipsec swanctl", "set"])

    def test_each_named_interface_triggers_a_reload(self):
        self.configure("config ipsec\n\tlist interface 'wan'\n\tlist interface 'wwan'\n\nconfig ipsec 'globals'\n"
                       "\toption interface 'wan6'\n\nconfig tunnel 'lan'\n\toption interface 'lan'\n")
        calls, _ = self.init("start")
        self.assertEqual([line for line in calls if "trigger" in line],
                         ["procd_add_reload_trigger ipsec swanctl", "procd_add_reload_interface_trigger wan",
                          "procd_add_reload_interface_trigger wwan", "procd_add_reload_interface_trigger wan6"])

    def test_the_first_file_with_an_enabled_remote_counts(self):
        swanctl = "config globals 'globals'\n\tlist interface 'wan'\n\nconfig remote 'r'\n\toption enabled 'yes'\n"
        self.router.write("/etc/config/swanctl", swanctl)
        calls, _ = self.init("start")
        self.assertIn("procd_set_param command /usr/sbin/causewayd --config /etc/config/swanctl --syslog", calls)
        self.assertIn("procd_add_reload_interface_trigger wan", calls)
        self.configure("config remote 'r'\n\toption enabled '1'\n")
        calls, _ = self.init("start")
        self.assertIn(COMMAND, calls)

    def test_what_one_file_says_is_not_taken_for_the_others(self):
        self.configure("config ipsec\n\tlist interface 'old'\n\nconfig remote 'r'\n\toption gateway 'peer.example'\n")
        self.router.write("/etc/config/swanctl", "config globals 'globals'\n\tlist interface 'wan'\n\n"
                                                 "config remote 'r'\n\toption enabled '1'\n")
        calls, _ = self.init("start")
        self.assertIn("procd_set_param command /usr/sbin/causewayd --config /etc/config/swanctl --syslog", calls)
        self.assertEqual([line for line in calls if "interface_trigger" in line], ["procd_add_reload_interface_trigger wan"])

    def nothing_started(self, calls):
        """Registered, so that a changed file starts it, and not started."""
        self.assertEqual([line for line in calls if not line.startswith("logger")],
                         ["service causeway", "procd_add_reload_trigger ipsec swanctl", "set"])

    def test_the_example_as_it_comes_starts_nothing_and_says_what_to_do(self):
        calls, done = self.init("start")
        self.nothing_started(calls)
        self.assertIn("logger -t causewayd -p daemon.notice /etc/config/ipsec describes no tunnel yet: edit it, then run "
                      "'/etc/init.d/causeway restart'", calls)
        self.assertIn("describes no tunnel yet", done.stderr)

    def test_without_a_file_nothing_is_started(self):
        self.router.run("rm /etc/config/ipsec")
        calls, _ = self.init("start")
        self.nothing_started(calls)
        self.assertIn("/etc/config/ipsec does not exist", calls[1])

    def test_a_refused_file_starts_nothing_and_is_called_an_error(self):
        self.configure("refuse this\n")
        calls, _ = self.init("start")
        self.nothing_started(calls)
        self.assertIn("-p daemon.err /etc/config/ipsec is not usable: 'causewayd --check-config' says why", calls[1])

    def test_one_peer_that_is_refused_does_not_keep_the_others_down(self):
        self.configure("refuse one of them\n")
        calls, _ = self.init("start")
        self.assertIn(COMMAND, calls)

    def test_a_refused_file_does_not_end_a_daemon_that_runs(self):
        self.configure("refuse this\n")
        self.running()
        for action in ("start", "reload"):
            calls, _ = self.init(action)
            self.assertIn(COMMAND, calls, action)
            self.assertNotIn("kill causeway", calls)
        calls, _ = self.init("restart", check=False)
        self.assertEqual([line for line in calls if not line.startswith("logger")], [])

    def test_reload_asks_the_daemon_and_renews_the_triggers(self):
        self.configure("config ipsec\n\tlist interface 'wan'\n")
        self.running()
        calls, _ = self.init("reload", name="ipsec")
        self.assertIn("procd_add_reload_interface_trigger wan", calls)
        self.assertEqual(calls[-1], "causeway reload")
        self.assertNotIn("kill causeway", calls)

    def test_reload_starts_a_daemon_that_is_not_there(self):
        self.configure()
        calls, _ = self.init("reload")
        self.assertIn(COMMAND, calls)
        self.assertNotIn("causeway reload", calls)

    def test_restart_keeps_the_networks_closed(self):
        self.configure()
        self.running()
        calls, _ = self.init("restart", name="ipsec")
        self.assertEqual(calls, ["ipsec restart"])

    def test_restart_starts_a_daemon_that_is_not_there(self):
        self.configure()
        calls, _ = self.init("restart", name="ipsec")
        self.assertEqual(calls, ["kill causeway", "service causeway", *INSTANCE, "procd_add_reload_trigger ipsec swanctl", "set"])

    def test_stop(self):
        self.configure()
        self.running()
        calls, _ = self.init("stop", name="ipsec")
        self.assertEqual(calls, ["kill causeway"])

    def test_running_by_either_name(self):
        for name in ("causeway", "ipsec"):
            self.assertNotEqual(self.init("running", name=name, check=False)[1].returncode, 0, name)
        self.running()
        for name in ("causeway", "ipsec"):
            self.assertEqual(self.init("running", name=name, check=False)[1].returncode, 0, name)

    def test_a_daemon_started_by_hand_is_taken_over(self):
        # As `ipsec starter --auto-update 65` leaves one.
        self.configure()
        self.running(procd=False)
        calls, _ = self.init("start")
        self.assertEqual(calls[:3], ["service causeway", "ipsec stop", "procd_open_instance"])
        self.running(procd=False)
        calls, _ = self.init("stop")
        self.assertEqual(calls, ["ipsec stop", "kill causeway"])
        self.running(procd=False)
        calls, _ = self.init("restart")
        self.assertEqual(calls[:3], ["ipsec stop", "kill causeway", "service causeway"])

    def test_the_start_number_is_behind_the_networks(self):
        self.assertEqual(sorted(name for name in self.router.tree() if name.startswith("/etc/rc.d/")),
                         ["/etc/rc.d/K10causeway", "/etc/rc.d/S90causeway"])

    def test_it_names_its_own_command(self):
        self.assertIn("firewall", self.router.run("/etc/init.d/causeway").stdout)


class Hotplug(RouterTest):
    """90-causeway: a nudge for a daemon that runs, at the events that count."""

    def setUp(self):
        super().setUp()
        self.router.install()
        self.configure("config ipsec\n\tlist interface 'wan'\n\tlist interface 'wan6'\n")
        self.running()

    def event(self, script="/etc/hotplug.d/iface/90-causeway", **environment):
        self.router.calls()
        self.router.run(f"/bin/sh {script}", **environment)
        return [line for line in self.router.calls() if line != ASKED and not line.startswith("logger")]

    def test_what_counts(self):
        nudge = ["causeway reload"]
        for expected, environment in (
                (nudge, {"ACTION": "ifup", "INTERFACE": "wan", "DEVICE": "pppoe-wan"}),
                (nudge, {"ACTION": "ifup", "INTERFACE": "wan6", "DEVICE": "pppoe-wan"}),
                (nudge, {"ACTION": "ifupdate", "INTERFACE": "wan", "IFUPDATE_ADDRESSES": "1"}),
                (nudge, {"ACTION": "ifupdate", "INTERFACE": "wan", "IFUPDATE_DATA": "1"}),
                ([], {"ACTION": "ifupdate", "INTERFACE": "wan"}),
                ([], {"ACTION": "ifupdate", "INTERFACE": "wan", "IFUPDATE_ROUTES": "1", "IFUPDATE_PREFIXES": "1"}),
                ([], {"ACTION": "ifdown", "INTERFACE": "wan"}),
                ([], {"ACTION": "ifup-failed", "INTERFACE": "wan"}),
                ([], {"ACTION": "ifup", "INTERFACE": "lan", "DEVICE": "wan"}),
                ([], {"ACTION": "ifup", "INTERFACE": "wa", "DEVICE": "eth0"}),
                ([], {"ACTION": "ifup"}),
                ([], {})):
            self.assertEqual(self.event(**environment), expected, environment)

    def test_without_names_it_is_the_usual_two(self):
        self.configure()
        self.assertEqual(self.event(ACTION="ifup", INTERFACE="wan"), ["causeway reload"])
        self.assertEqual(self.event(ACTION="ifup", INTERFACE="wan6"), ["causeway reload"])
        self.assertEqual(self.event(ACTION="ifup", INTERFACE="lan"), [])

    def test_names_of_the_newer_file_count_too(self):
        self.configure()
        self.router.write("/etc/config/swanctl", "config globals 'globals'\n\tlist interface 'wwan'\n")
        self.assertEqual(self.event(ACTION="ifup", INTERFACE="wwan"), ["causeway reload"])
        self.assertEqual(self.event(ACTION="ifup", INTERFACE="lan"), [])

    def test_it_starts_nothing(self):
        self.router.run("rm /state/running")
        self.assertEqual(self.event(ACTION="ifup", INTERFACE="wan"), [])

    def test_the_recipes_own_script(self):
        with open(router.ROOT + "/examples/recipe/100-ipsec") as file:
            self.router.write("/etc/hotplug.d/iface/100-ipsec", file.read())
        for expected, environment in (
                (["ipsec restart"], {"ACTION": "ifup", "INTERFACE": "wan", "DEVICE": "pppoe-wan"}),
                (["ipsec restart"], {"ACTION": "ifupdate", "INTERFACE": "wan", "IFUPDATE_ADDRESSES": "1"}),
                ([], {"ACTION": "ifupdate", "INTERFACE": "wan"}),
                ([], {"ACTION": "ifup", "INTERFACE": "lan", "DEVICE": "eth0.2"}),
                ([], {"ACTION": "ifdown", "INTERFACE": "wan"})):
            self.assertEqual(self.event("/etc/hotplug.d/iface/100-ipsec", **environment), expected, environment)


router.in_each_shell(globals())

if __name__ == "__main__":
    router.main()
