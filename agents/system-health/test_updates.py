"""Updates that wait, lists that are old, and restarts that are due."""

from __future__ import annotations

import os
import unittest

from agent_kit import NotSeen
from agent_kit_apt import SECURITY, parse_simulation
from agent_kit_commands import Ran
from agent_kit_kernel import newer_kernel
from collect_reboot import collect_reboot
from collect_updates import collect_updates, parse_dnf
from given import rules
from rules_updates import judge_reboot, judge_updates
from test_given import DAY, HOST, NOW, Scripted, answer, context
from test_load import Node

APT = {"apt-get": answer("apt-simulation.txt"), "dpkg": ""}


def updates(*security, **given):
    packages = [{"name": name, "from": "1", "to": "2", "origin": "x-security"} for name in security]
    facts = {"manager": "apt", "upgradable": 9, "security": len(packages), "security_pkgs": packages}
    return {**facts, "lists_age_d": 1.0, "error": None, "unfinished": [], "enterprise_only": False, **given}


class AptTest(Node):
    def test_what_waits_and_what_of_it_is_for_security(self):
        packages = parse_simulation(answer("apt-simulation.txt"))
        self.assertEqual(len(packages), 5)
        self.assertEqual((packages[0]["name"], packages[0]["from"]), ("base-files", "12.4+deb12u11"))
        security = [it["name"] for it in packages if SECURITY.search(it["origin"])]
        self.assertEqual(security, ["libssl3", "vim-tiny", "linux-image-6.1.0-40-amd64", "nginx"])

    def test_the_age_of_the_lists_is_when_they_were_last_asked_for(self):
        release = "/var/lib/apt/lists/deb.debian.org_debian_dists_bookworm_InRelease"
        node = self.node({release: "Date: long ago", "/var/lib/apt/lists/partial/x": ""})
        for path, days in (
            ("", 40),
            ("/partial", 30),
            ("/deb.debian.org_debian_dists_bookworm_InRelease", 90),
        ):
            os.utime(node.at("/var/lib/apt/lists" + path), (NOW - days * DAY, NOW - days * DAY))
        found = collect_updates(Scripted(APT), node, HOST, NOW)
        self.assertEqual((found["upgradable"], found["security"], found["lists_age_d"]), (5, 4, 30.0))
        self.assertIsNone(collect_updates(Scripted(APT), self.node({"/etc/x": ""}), HOST, NOW)["lists_age_d"])

    def test_an_upgrade_that_broke_off(self):
        audit = "The following packages are only half configured:\n libc6:amd64          GNU C Library\n"
        answers = {"apt-get": Ran(100, "", "E: Unmet dependencies.\n", None), "dpkg": Ran(1, audit, "", None)}
        found = collect_updates(Scripted(answers), self.node({"/etc/x": ""}), HOST, NOW)
        self.assertEqual((found["error"], found["unfinished"]), ("E: Unmet dependencies.", ["libc6:amd64"]))

    def test_an_apt_that_takes_too_long_is_a_gap(self):
        with self.assertRaises(NotSeen):
            collect_updates(
                Scripted({"apt-get": Ran(-15, "", "", "timeout")}), self.node({"/etc/x": ""}), HOST, NOW
            )

    def test_a_paid_list_that_never_came(self):
        source = {
            "/etc/apt/sources.list.d/pve.list": "deb https://enterprise.proxmox.com/debian/pve bookworm x\n"
        }
        found = collect_updates(Scripted(APT), self.node(source), HOST, NOW)
        self.assertTrue(found["enterprise_only"])
        commented = {path: "# " + text for path, text in source.items()}
        self.assertFalse(collect_updates(Scripted(APT), self.node(commented), HOST, NOW)["enterprise_only"])


class OthersTest(Node):
    def test_other_package_managers(self):
        patches = (
            "Repo | Name | Category | Severity | Interactive | Status | Summary\n"
            "main | openSUSE-1 | security | high | --- | needed | x\n"
        )
        check = Ran(100, "\nvim.x86_64 2:9.1 updates\nbash.x86_64 5.2 updates\n", "", None)
        cases = [
            ({"apk": "busybox-1.36-r1 < 1.36-r2\nmusl-1.2-r1 < 1.2-r2\n"}, "apk", 2, None),
            (
                {"dnf -q -C updateinfo": answer("dnf-updateinfo.txt"), "dnf -q -C check-update": check},
                "dnf",
                2,
                2,
            ),
            ({"pacman": "linux 6.1 -> 6.2\n"}, "pacman", 1, None),
            ({"pacman": Ran(1, "", "", None)}, "pacman", 0, None),  # nothing to do
            ({"zypper": patches}, "zypper", None, 1),
        ]
        for answers, manager, upgradable, security in cases:
            with self.subTest(manager):
                found = collect_updates(Scripted(answers), self.node({"/etc/x": ""}), HOST, NOW)
                self.assertEqual(
                    (found["manager"], found["upgradable"], found["security"]),
                    (manager, upgradable, security),
                )
                judge_updates(found, context())

    def test_one_package_of_two_advisories_counts_once(self):
        names = [name for _, name in parse_dnf(answer("dnf-updateinfo.txt"))]
        self.assertEqual(names, ["openssl-libs-1:3.2.2-3.fc41.x86_64", "vim-minimal-2:9.1.1-1.fc41.x86_64"])

    def test_what_is_not_known_or_does_not_answer_is_a_gap(self):
        failed = Ran(1, "", "no\n", None)
        for answers in ({}, {"apk": failed}, {"dnf": failed}, {"zypper": failed}):
            with self.subTest(answers), self.assertRaises(NotSeen):
                collect_updates(Scripted(answers), self.node({"/etc/x": ""}), HOST, NOW)

    def test_what_its_maker_updates_as_a_whole_is_left_alone(self):
        agent = Scripted(APT)
        found = collect_updates(agent, self.node({"/etc/x": ""}), {**HOST, "platform": "truenas"}, NOW)
        self.assertEqual(
            (found["manager"], agent.asked, judge_updates(found, context())), ("truenas", [], [])
        )


class RebootTest(Node):
    def test_the_marker_of_debian(self):
        node = self.node(
            {"/run/reboot-required": "", "/run/reboot-required.pkgs": "linux-image\nlibc6\nlibc6\n"}
        )
        os.utime(node.at("/run/reboot-required"), (NOW - 3 * DAY, NOW - 3 * DAY))
        found = collect_reboot(Scripted({}), node, HOST, NOW)
        self.assertEqual(
            (found["reboot"], found["reboot_pkgs"], found["reboot_age_d"]),
            (True, ["linux-image", "libc6"], 3.0),
        )

    def test_a_newer_kernel_of_the_same_flavour(self):
        cases = [
            ([], None),
            (["6.1.0-31-amd64"], None),
            (["6.1.0-9-amd64"], None),
            (["6.1.0-31-amd64", "6.1.0-40-amd64"], "6.1.0-40-amd64"),
            (["6.1.0-40-cloud-amd64"], None),
            (["6.12.0-1-amd64", "6.2.0-1-amd64"], "6.12.0-1-amd64"),
        ]
        for names, newest in cases:
            with self.subTest(names):
                files = {"/lib/modules/%s/x" % name: "" for name in names}
                files.update({"/boot/vmlinuz-" + name: "" for name in names})
                self.assertEqual(newer_kernel(self.node({**files, "/etc/x": ""}), "6.1.0-31-amd64"), newest)

    def test_modules_without_a_kernel_are_left_over(self):
        self.assertIsNone(newer_kernel(self.node({"/lib/modules/6.1.0-40-amd64/x": ""}), "6.1.0-31-amd64"))

    def test_a_container_runs_on_the_kernel_of_the_machine_around_it(self):
        files = {"/lib/modules/6.1.0-40-amd64/x": "", "/boot/vmlinuz-6.1.0-40-amd64": ""}
        found = collect_reboot(Scripted({}), self.node(files), {**HOST, "container": "lxc"}, NOW)
        self.assertFalse(found["reboot"])

    def test_red_hats_own_word(self):
        for code, due in ((0, False), (1, True)):
            answers = {"needs-restarting": Ran(code, "", "", None)}
            self.assertEqual(
                collect_reboot(Scripted(answers), self.node({"/etc/x": ""}), HOST, NOW)["reboot"], due
            )


class RulesTest(unittest.TestCase):
    def test_security_updates(self):
        cases = [
            (updates(), []),
            (updates("vim-tiny"), [("upd.security", "warning")]),
            (updates("vim-tiny", "libssl3"), [("upd.security", "high")]),
            (updates("openssh-server"), [("upd.security", "high")]),
            (updates("linux-image-6.1.0-40-amd64"), [("upd.security", "high")]),
            (updates("sudo"), [("upd.security", "high")]),
            (updates(security=None), []),
        ]
        for facts, expected in cases:
            self.assertEqual(rules(judge_updates(facts, context())), expected)

    def test_the_packages_that_matter_most_are_named_first(self):
        (found,) = judge_updates(updates("aaa", "bbb", "ccc", "sudo"), context())
        self.assertEqual(found.title, "4 security updates waiting: sudo, aaa, bbb and 1 more")

    def test_old_lists_and_broken_upgrades(self):
        cases = [
            ({"lists_age_d": 7.0}, None),
            ({"lists_age_d": 7.1}, ("upd.lists_stale", "warning")),
            ({"lists_age_d": None}, ("upd.lists_stale", "warning")),
            ({"enterprise_only": True}, ("upd.lists_stale", "warning")),
            ({"error": "E: Unmet dependencies."}, ("upd.broken", "high")),
            ({"unfinished": ["libc6"]}, ("upd.broken", "high")),
            ({"manager": "apk", "lists_age_d": 99.0}, None),
        ]
        for given, expected in cases:
            with self.subTest(**given):
                self.assertEqual(
                    rules(judge_updates(updates(**given), context())), [expected] if expected else []
                )

    def test_a_restart_that_is_due(self):
        cases = [(False, 90, None), (True, None, "warning"), (True, 30, "warning"), (True, 30.1, "high")]
        for due, days, severity in cases:
            with self.subTest(due=due, days=days):
                facts = {"reboot": due, "reboot_age_d": days, "reboot_pkgs": [], "reboot_kernel": None}
                found = rules(judge_reboot(facts, context()))
                self.assertEqual(found, [("upd.reboot", severity)] if severity else [])
