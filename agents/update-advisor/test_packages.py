"""Updates that wait, packages that are held, lists that are old, and installations that broke off."""

from __future__ import annotations

import unittest

from agent_kit import NotSeen
from agent_kit_apt import parse_simulation
from agent_kit_commands import Ran
from collect_others import parse_advisories, parse_apk, parse_pacman
from collect_packages import NOTHING, collect_packages
from given import rules
from rules_packages import judge_packages
from test_given import HOST, NOW, Node, Scripted, answer, context

APT = {"apt-get": answer("apt-simulation.txt"), "apt-mark": "", "dpkg": "", "apt-config": ""}
LISTS = "/var/lib/apt/lists"


def waiting(*security, **given):
    pending = [{"name": name, "from": "1", "to": "2", "origin": "x", "security": True} for name in security]
    facts = {"manager": "apt", "pending": pending, "waiting": 9, "security": len(pending), "lists_age_d": 1.0}
    return {**NOTHING, **facts, **given}


class AptTest(Node):
    def test_what_waits_and_what_of_it_is_for_security(self):
        pending = parse_simulation(answer("apt-simulation.txt"))
        self.assertEqual(len(pending), 5)
        self.assertEqual(
            pending[0],
            {
                "name": "base-files",
                "from": "12.4+deb12u11",
                "to": "12.4+deb12u15",
                "origin": "Debian:12.15/oldstable",
                "security": False,
            },
        )
        security = [it["name"] for it in pending if it["security"]]
        self.assertEqual(security, ["libssl3", "vim-tiny", "linux-image-6.1.0-40-amd64", "nginx"])

    def test_the_age_of_the_lists_is_when_they_were_last_asked_for(self):
        release = LISTS + "/deb.debian.org_debian_dists_bookworm_InRelease"
        days = {LISTS: 40, LISTS + "/partial": 30, release: 90}
        node = self.node({release: "Date: long ago", LISTS + "/partial/x": ""}, days)
        found = collect_packages(Scripted(APT), node, HOST, NOW)
        self.assertEqual((found["waiting"], found["security"], found["lists_age_d"]), (5, 4, 30.0))
        never = collect_packages(Scripted(APT), self.node({"/etc/x": ""}), HOST, NOW)
        self.assertIsNone(never["lists_age_d"])

    def test_what_is_held_and_what_broke_off(self):
        audit = "The following packages are only half configured:\n libc6:amd64          GNU C Library\n"
        answers = {
            **APT,
            "apt-get": Ran(100, "", "E: Unmet dependencies.\n", None),
            "apt-mark": "linux-image-amd64\npostgresql-15\n",
            "dpkg": Ran(1, audit, "", None),
        }
        found = collect_packages(Scripted(answers), self.node({"/etc/x": ""}), HOST, NOW)
        self.assertEqual(found["held"], ["linux-image-amd64", "postgresql-15"])
        self.assertEqual((found["error"], found["unfinished"]), ("E: Unmet dependencies.", ["libc6:amd64"]))

    def test_whether_security_updates_come_by_themselves(self):
        program = {"/usr/bin/unattended-upgrade": ""}
        on = 'APT::Periodic::Unattended-Upgrade "1";\n'
        cases = [
            ({}, on, {}, False),
            (program, on, {}, True),
            (program, "", {}, False),
            (program, 'APT::Periodic::Unattended-Upgrade "0";\n', {}, False),
            (program, on + 'APT::Periodic::Enable "0";\n', {}, False),
            (program, Ran(None, "", "", "missing"), {}, None),
            ({}, on, {"platform": "proxmox"}, None),
            ({}, on, {"container": "docker"}, None),
            ({}, on, {"container": "lxc"}, False),
        ]
        for files, said, host, expected in cases:
            with self.subTest(files=files, said=said, host=host):
                agent = Scripted({**APT, "apt-config": said})
                found = collect_packages(agent, self.node({"/etc/x": "", **files}), {**HOST, **host}, NOW)
                self.assertIs(found["unattended"], expected)

    def test_an_apt_that_takes_too_long_is_a_gap(self):
        with self.assertRaises(NotSeen):
            agent = Scripted({"apt-get": Ran(-15, "", "", "timeout")})
            collect_packages(agent, self.node({"/etc/x": ""}), HOST, NOW)

    def test_a_paid_list_that_never_came(self):
        source = "deb https://enterprise.proxmox.com/debian/pve bookworm x\n"
        for text, expected in ((source, True), ("# " + source, False)):
            node = self.node({"/etc/apt/sources.list.d/pve.list": text})
            found = collect_packages(Scripted(APT), node, HOST, NOW)
            self.assertIs(found["enterprise_only"], expected)


class OthersTest(Node):
    def test_what_each_manager_says(self):
        dnf = {
            "dnf -q -C updateinfo": answer("dnf-updateinfo.txt"),
            "dnf -q -C check-update": Ran(100, answer("dnf-check-update.txt"), "", None),
        }
        zypper = {
            "zypper --no-refresh --quiet list-patches": answer("zypper-patches.txt"),
            "zypper --no-refresh --quiet list-updates": answer("zypper-updates.txt"),
        }
        cases = [
            # answers, files, manager, waiting, for security, held
            (
                {"apk": answer("apk-version.txt")},
                {"/etc/apk/world": "nginx=1.24.0-r1\nvim\ngo@edge\n"},
                3,
                None,
                ["nginx=1.24.0-r1"],
            ),
            (
                dnf,
                {"/etc/dnf/plugins/versionlock.list": "# x\nkernel-6.10-1.*\n!bad-1.0\n"},
                3,
                2,
                ["kernel-6.10-1.*"],
            ),
            (
                {"pacman": answer("pacman-qu.txt")},
                {"/etc/pacman.conf": "#IgnorePkg = a\nIgnorePkg   = zfs-dkms linux\n"},
                2,
                None,
                ["zfs-dkms", "linux"],
            ),
            ({"pacman": Ran(1, "", "", None)}, {}, 0, None, []),  # nothing to do
            (zypper, {"/etc/zypp/locks": "type: package\nsolvable_name: docker\n"}, 3, 1, ["docker"]),
        ]
        for answers, files, number, security, held in cases:
            manager = next(iter(answers)).split()[0]
            with self.subTest(manager):
                found = collect_packages(Scripted(answers), self.node({"/etc/x": "", **files}), HOST, NOW)
                seen = (found["manager"], found["waiting"], found["security"], found["held"])
                self.assertEqual(seen, (manager, number, security, held))
                judge_packages(found, context())

    def test_names_and_versions(self):
        self.assertEqual(
            [(it["name"], it["from"], it["to"]) for it in parse_apk(answer("apk-version.txt"))],
            [
                ("busybox", "1.36.1-r5", "1.36.1-r7"),
                ("libcrypto3", "3.1.4-r1", "3.1.7-r0"),
                ("py3-pip-bash-completion", "23.3.1-r0", "23.3.1-r1"),
            ],
        )
        self.assertEqual([it["name"] for it in parse_pacman(answer("pacman-qu.txt"))], ["linux", "openssl"])

    def test_an_advisory_of_a_package_that_waits_is_no_second_one(self):
        dnf = {
            "dnf -q -C updateinfo": answer("dnf-updateinfo.txt"),
            "dnf -q -C check-update": Ran(100, answer("dnf-check-update.txt"), "", None),
        }
        found = collect_packages(Scripted(dnf), self.node({"/etc/x": ""}), HOST, NOW)
        self.assertEqual(
            [(it["name"], it["security"]) for it in found["pending"]],
            [("openssl-libs", True), ("vim-minimal", True), ("kernel-core", False)],
        )

    def test_the_newer_dnf_writes_another_list(self):
        text = (
            "Name Type Severity Package Issued\n"
            "FEDORA-1 security Important vim-9.1-1.x86_64 2026-01-01 00:00:00\n"
        )
        self.assertEqual(parse_advisories(text), {"vim-9.1-1.x86_64": "FEDORA-1"})

    def test_the_age_of_their_lists(self):
        cases = [
            ({"apk": ""}, "/var/cache/apk/APKINDEX.1.tar.gz"),
            ({"pacman": ""}, "/var/lib/pacman/sync/core.db"),
            ({"zypper": ""}, "/var/cache/zypp/solv/main/cookie"),
            ({"dnf": ""}, "/var/cache/dnf/fedora.solv"),
        ]
        for answers, path in cases:
            with self.subTest(path):
                found = collect_packages(Scripted(answers), self.node({path: ""}, {path: 9}), HOST, NOW)
                self.assertEqual(found["lists_age_d"], 9.0)
                self.assertEqual(rules(judge_packages(found, context())), [("upd.lists_stale", "warning")])

    def test_what_is_not_known_or_does_not_answer_is_a_gap(self):
        failed = Ran(1, "", "no\n", None)
        for answers in ({}, {"apk": failed}, {"dnf": failed}, {"zypper": failed}, {"pacman": failed}):
            with self.subTest(answers), self.assertRaises(NotSeen):
                collect_packages(Scripted(answers), self.node({"/etc/x": ""}), HOST, NOW)

    def test_what_its_maker_updates_as_a_whole_is_left_alone(self):
        agent = Scripted(APT)
        found = collect_packages(agent, self.node({"/etc/x": ""}), {**HOST, "platform": "truenas"}, NOW)
        self.assertEqual((agent.asked, judge_packages(found, context())), ([], []))


class RulesTest(unittest.TestCase):
    def test_security_updates(self):
        cases = [
            (waiting(), []),
            (waiting("vim-tiny"), [("upd.security", "warning")]),
            (waiting("vim-tiny", "libssl3"), [("upd.security", "high")]),
            (waiting("openssh-server"), [("upd.security", "high")]),
            (waiting("linux-image-6.1.0-40-amd64"), [("upd.security", "high")]),
            (waiting("kernel-core"), [("upd.security", "high")]),
            (waiting(security=None), []),
        ]
        for facts, expected in cases:
            self.assertEqual(rules(judge_packages(facts, context())), expected)

    def test_the_packages_that_matter_most_are_named_first(self):
        (found,) = judge_packages(waiting("aaa", "bbb", "ccc", "sudo"), context())
        self.assertEqual(found.title, "4 security updates waiting: sudo, aaa, bbb and 1 more")

    def test_everything_else(self):
        cases = [
            ({"lists_age_d": 7.0}, None),
            ({"lists_age_d": 7.1}, ("upd.lists_stale", "warning")),
            ({"lists_age_d": None}, ("upd.lists_stale", "warning")),
            ({"lists_age_d": None, "manager": "zypper"}, None),
            ({"enterprise_only": True}, ("upd.lists_stale", "warning")),
            ({"error": "E: Unmet dependencies."}, ("upd.broken", "high")),
            ({"unfinished": ["libc6"]}, ("upd.dpkg_broken", "high")),
            ({"unfinished": ["libc6"], "error": "E: dpkg was interrupted"}, ("upd.dpkg_broken", "high")),
            ({"held": ["docker-ce"]}, ("upd.held", "info")),
            ({"unattended": False}, ("upd.unattended_off", "info")),
            ({"unattended": True}, None),
            ({"unattended": None}, None),
        ]
        for given, expected in cases:
            with self.subTest(**given):
                found = rules(judge_packages(waiting(**given), context()))
                self.assertEqual(found, [expected] if expected else [])
