"""The end of support, restarts that are due, and programs that run replaced code."""

from __future__ import annotations

import os
import unittest

from agent_kit_commands import Ran
from agent_kit_kernel import newer_kernel
from collect_host import collect_host
from collect_reboot import collect_reboot
from collect_services import collect_services
from given import rules
from rules_system import days_left, judge_engine, judge_reboot, judge_services, judge_support
from support_ends import DOCKER, EXTENDED, SYSTEMS, end_of_docker, end_of_system
from test_given import DAY, HOST, NOW, Node, Scripted, answer, context

RELEASE = "/etc/os-release"


class SupportTest(Node):
    def test_every_day_of_the_table_is_one(self):
        for table in (*SYSTEMS.values(), EXTENDED, DOCKER):
            for day in table.values():
                self.assertIsInstance(days_left(day, NOW), int)

    def test_until_when_a_release_is_looked_after(self):
        cases = [
            # os-release, platform, extended support, the end
            ("debian", "12", "debian", False, "2028-06-30"),
            ("debian", "12", "proxmox", False, "2026-08-31"),
            ("debian", "13", "debian", False, "2030-06-30"),
            ("debian", "13", "proxmox", False, None),  # no day is named yet
            ("fedora", "43", "fedora", False, "2026-12-09"),
            ("centos", "10", "centos", False, "2030-01-01"),
            ("raspbian", "11", "raspbian", False, "2026-08-31"),
            ("alpine", "3.20.3", "alpine", False, "2026-04-01"),
            ("rocky", "9.4", "rocky", False, "2032-05-31"),
            ("opensuse-leap", "15.6", "opensuse-leap", False, "2026-04-30"),
            ("ubuntu", "20.04", "ubuntu", False, "2025-05-29"),
            ("ubuntu", "20.04", "ubuntu", True, "2030-04-23"),
            ("ubuntu", "25.04", "ubuntu", True, "2026-01-15"),
            ("arch", None, "arch", False, None),
            ("debian", None, "debian", False, None),  # testing and unstable have no number
            ("nobody-knows", "1", "nobody-knows", False, None),
        ]
        for os_id, version, platform, extended, end in cases:
            with self.subTest(os_id=os_id, version=version, platform=platform, extended=extended):
                host = {"os_id": os_id, "os_version": version, "platform": platform, "extended": extended}
                self.assertEqual(end_of_system({**HOST, **host}), end)

    def test_what_the_release_itself_says_counts_first(self):
        text = 'ID=fedora\nVERSION_ID=42\nPRETTY_NAME="Fedora 42"\nSUPPORT_END=2026-05-20\n'
        self.assertEqual(end_of_system(collect_host(self.node({RELEASE: text}))), "2026-05-20")
        odd = collect_host(self.node({RELEASE: "ID=fedora\nVERSION_ID=42\nSUPPORT_END=$(reboot)\n"}))
        self.assertEqual(end_of_system(odd), "2026-05-27")

    def test_a_subscription_is_seen(self):
        files = {
            RELEASE: "ID=ubuntu\n",
            "/var/lib/ubuntu-advantage/status.json": '{"attached": true, "x": 1}',
        }
        self.assertTrue(collect_host(self.node(files))["extended"])
        files["/var/lib/ubuntu-advantage/status.json"] = '{"attached": false}'
        self.assertFalse(collect_host(self.node(files))["extended"])

    def test_the_end_is_told_before_it_comes(self):
        # Now is 2027-01-15.
        cases = [
            ("2027-01-14", ("os.eol", "high")),
            ("2027-01-15", ("os.eol_soon", "warning")),
            ("2027-04-14", ("os.eol_soon", "warning")),
            ("2027-04-15", None),
            ("2030-01-01", None),
            (None, None),
        ]
        for end, expected in cases:
            with self.subTest(end=end):
                host = {"os_id": "x", "os_version": "1", "platform": "x", "support_end": end}
                found = rules(judge_support(context(host=host)))
                self.assertEqual(found, [expected] if expected else [])

    def test_an_engine_without_fixes(self):
        cases = [
            ("24.0.7", True),
            ("27.5.1", True),
            ("18.09.9", True),
            ("25.0.14", True),
            ("28.5.2", False),  # without an announced end
            ("29.3.0", False),
            ("30.0.0", False),
            ("20.10.24+dfsg1", False),  # its distribution looks after it
            ("", False),
            ("nonsense", False),
        ]
        for version, told in cases:
            with self.subTest(version):
                found = rules(judge_engine({"engine": "docker", "version": version}, context()))
                self.assertEqual(found, [("engine.old", "warning")] if told else [])
        self.assertEqual(judge_engine({"engine": "podman", "version": "4.3.1"}, context()), [])
        self.assertIsNone(end_of_docker("26.1.5+dfsg1"))


class RebootTest(Node):
    def look(self, files, answers=None, host=None, days=None):
        node = self.node({"/etc/x": "", **files}, days)
        return collect_reboot(Scripted(answers or {}), node, {**HOST, **(host or {})}, NOW)

    def test_the_marker_of_debian(self):
        files = {"/run/reboot-required": "", "/run/reboot-required.pkgs": "linux-image\nlibc6\nlibc6\n"}
        found = self.look(files, days={"/run/reboot-required": 3})
        self.assertEqual(
            (found["due"], found["packages"], found["age_d"]), (True, ["linux-image", "libc6"], 3.0)
        )

    def test_a_newer_kernel_of_the_same_flavour(self):
        cases = [
            ([], None),
            (["6.1.0-31-amd64"], None),
            (["6.1.0-31-amd64", "6.1.0-40-amd64"], "6.1.0-40-amd64"),
            (["6.1.0-40-cloud-amd64"], None),
            (["6.12.0-1-amd64", "6.2.0-1-amd64"], "6.12.0-1-amd64"),
        ]
        for names, newest in cases:
            with self.subTest(names):
                files = {"/lib/modules/%s/x" % name: "" for name in names}
                files.update({"/boot/vmlinuz-" + name: "" for name in names})
                self.assertEqual(newer_kernel(self.node({**files, "/etc/x": ""}), "6.1.0-31-amd64"), newest)

    def test_a_kernel_that_was_replaced_in_its_place(self):
        modules = {"/lib/modules/6.12.1-arch1-1/x": ""}
        host = {"kernel": "6.11.5-arch1-1"}
        self.assertEqual(self.look(modules, {"pacman": ""}, host)["kernel"], "6.12.1-arch1-1")
        both = {**modules, "/lib/modules/6.11.5-arch1-1/x": ""}
        self.assertFalse(self.look(both, {"pacman": ""}, host)["due"])
        # Debian keeps the old ones: one without modules came from elsewhere.
        self.assertFalse(self.look(modules, {"apt-get": ""}, host)["due"])
        self.assertFalse(self.look(modules, {"apk": ""}, {**host, "container": "lxc"})["due"])

    def test_red_hats_own_word(self):
        for code, due in ((0, False), (1, True)):
            found = self.look({}, {"needs-restarting": Ran(code, "", "", None)})
            self.assertIs(found["due"], due)

    def test_how_urgent_it_is(self):
        cases = [(False, 90, None), (True, None, "warning"), (True, 30, "warning"), (True, 30.1, "high")]
        for due, age, severity in cases:
            with self.subTest(due=due, age=age):
                facts = {"due": due, "age_d": age, "packages": [], "kernel": None}
                found = rules(judge_reboot(facts, context()))
                self.assertEqual(found, [("upd.reboot", severity)] if severity else [])


class ServicesTest(Node):
    def world(self, *processes):
        """Processes of a node: pid, view, maps, group."""
        node = self.node({"/proc/uptime": ""})
        for pid, view, maps, group in [("self", "mnt:[1]", "", ""), *processes]:
            os.makedirs(node.at("/proc/%s/ns" % pid))
            if view:
                os.symlink(view, node.at("/proc/%s/ns/mnt" % pid))
            for name, text in (("maps", maps), ("cgroup", group), ("comm", "worker\n")):
                with open(node.at("/proc/%s/%s" % (pid, name)), "w", encoding="utf-8") as file:
                    file.write(text)
        return node

    def test_only_executable_code_of_the_system_that_is_gone_counts(self):
        unit = "0::/system.slice/nginx.service\n"
        found = collect_services(self.world(("7", "mnt:[1]", answer("maps.txt"), unit)))
        files = ["/usr/lib/x86_64-linux-gnu/libssl.so.3"]
        self.assertEqual(found["stale"], [{"unit": "nginx.service", "processes": 1, "files": files}])

    def test_what_containers_run_is_not_the_nodes(self):
        found = collect_services(self.world(("7", "mnt:[9]", answer("maps.txt"), "")))
        self.assertEqual((found["scanned"], found["hidden"], found["stale"]), (0, 0, []))

    def test_programs_of_others_are_counted_as_hidden(self):
        found = collect_services(self.world(("7", None, "", ""), ("8", "mnt:[1]", "", "")))
        self.assertEqual((found["scanned"], found["hidden"]), (1, 1))

    def test_processes_of_a_unit_count_together_and_one_without_goes_by_its_name(self):
        maps, unit = (
            answer("maps.txt"),
            "1:name=systemd:/system.slice/a.service\n0::/system.slice/a.service\n",
        )
        node = self.world(
            ("7", "mnt:[1]", maps, unit), ("8", "mnt:[1]", maps, unit), ("9", "mnt:[1]", maps, "0::/\n")
        )
        found = collect_services(node)
        self.assertEqual(
            [(it["unit"], it["processes"]) for it in found["stale"]], [("a.service", 2), ("worker", 1)]
        )

    def test_what_is_restarted_alone_and_what_with_the_node(self):
        def judged(*units):
            stale = [{"unit": unit, "processes": 1, "files": ["/lib/x.so"]} for unit in units]
            return judge_services({"stale": stale, "stale_units": len(stale), "scanned": 9}, context())

        self.assertEqual(judged(), [])
        (found,) = judged("dbus.service", "it's.service", "nginx.service")
        self.assertIn("sudo systemctl restart 'it'\"'\"'s.service' nginx.service.", found.fix)
        self.assertNotIn("restart dbus", found.fix)
        self.assertIn("with a restart of the node", found.fix)
        (found,) = judged("nginx.service")
        self.assertEqual(found.title, "1 program still runs code that an update replaced: nginx")


class DaysTest(unittest.TestCase):
    def test_the_last_day_counts_whole(self):
        cases = [("2027-01-15", 0), ("2027-01-16", 1), ("2027-01-14", -1), ("2027-01-13", -2)]
        for day, left in cases:
            self.assertEqual(days_left(day, NOW), left, day)
        self.assertEqual(days_left("2027-01-15", NOW + DAY), -1)
