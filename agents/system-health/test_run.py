"""The rest of a run: what the node is, its clock, words for people, and what is told and remembered."""

from __future__ import annotations

import io
import json
import unittest
import unittest.mock

import agent
from agent_kit_commands import Ran
from agent_kit_rules import Finding, in_order
from agent_kit_wording import count, quoted, size, some, span
from collect_host import collect_host
from collect_time import collect_time
from given import rules
from remember import remember
from rules_time import judge_time
from test_given import HERE, NOW, Scripted, answer, context
from test_load import Node

# What looks past the files of the node at this machine, or takes its time.
SLOW = ["load", "updates", "network", "thermal", "storage", "time", "certs"]


class HostTest(Node):
    def test_what_the_node_is(self):
        release = {"/etc/os-release": 'ID=debian\nVERSION_ID="12"\n', "/proc/uptime": "123.45 67.8\n"}
        cases = [
            ({}, "debian", None),
            ({"/etc/pve/x": ""}, "proxmox", None),
            ({"/etc/unraid-version": ""}, "unraid", None),
            ({"/run/systemd/container": "lxc\n"}, "debian", "lxc"),
            ({"/proc/1/environ": "TERM=linux\0container=lxc\0"}, "debian", "lxc"),
            ({"/.dockerenv": ""}, "debian", "docker"),
            ({"/run/.containerenv": ""}, "debian", "podman"),
            # A machine whose disk was made from an image.
            ({"/.dockerenv": "", "/proc/2/comm": "kthreadd\n"}, "debian", None),
        ]
        for files, platform, container in cases:
            with self.subTest(files):
                found = collect_host(self.node({**release, **files}))
                self.assertEqual((found["platform"], found["container"]), (platform, container))
                self.assertEqual((found["os_version"], found["uptime_s"]), ("12", 123))


class TimeTest(unittest.TestCase):
    def test_the_clock_against_the_servers(self):
        cases = [
            (0.4, None),
            (30, None),
            (31, ("time.skew", "warning")),
            (-31, ("time.skew", "warning")),
            (300, ("time.skew", "warning")),
            (301, ("time.skew", "high")),
            (-600, ("time.skew", "high")),
        ]
        for skew, expected in cases:
            with self.subTest(skew):
                facts = {**collect_time(NOW + skew, NOW), "synced": True}
                self.assertEqual(rules(judge_time(facts, context())), [expected] if expected else [])

    def test_a_clock_that_nothing_keeps_right(self):
        cases = [
            (False, {}, [("time.unsynced", "warning")]),
            (True, {}, []),
            (None, {}, []),
            (False, {"container": "lxc"}, []),
            (False, {"uptime_s": 599}, []),  # it may take its time after a start
        ]
        for synced, host, expected in cases:
            with self.subTest(synced=synced, host=host):
                facts = {"synced": synced, "skew_s": 0.0, "via": "adjtimex"}
                self.assertEqual(rules(judge_time(facts, context(host=host))), expected)

    def test_the_kernel_is_asked_without_being_told_anything(self):
        self.assertIn(collect_time(NOW, NOW)["synced"], (True, False, None))


class WordsTest(unittest.TestCase):
    def test_quantities_as_a_person_reads_them(self):
        cases = [
            (size(999), "999 B"),
            (size(1000), "1.0 kB"),
            (size(123456789), "123 MB"),
            (size(5.5e15), "5500 TB"),
            (span(0), "0 seconds"),
            (span(1), "1 second"),
            (span(61), "1 minute"),
            (span(5400), "2 hours"),
            (span(-86400 * 3), "3 days"),
            (count(1, "file"), "1 file"),
            (count(0, "file"), "0 files"),
            (some(["a", "b"]), "a, b"),
            (some(["a", "b", "c", "d"]), "a, b, c and 1 more"),
            (quoted("$(reboot)"), "'$(reboot)'"),
        ]
        for said, expected in cases:
            self.assertEqual(said, expected)


class RememberTest(unittest.TestCase):
    def kept(self, seen, findings=()):
        kept = {}
        given = context()
        given.history._speak = lambda _, key, value: kept.update({key: value})
        remember(given.history, seen, list(findings), given)
        return kept

    def test_what_a_run_did_not_see_does_not_become_the_new_normal(self):
        self.assertEqual(self.kept({}), {"levels": {}})
        keys = {"keys": {"uid0": ["root"], "keys": {}, "complete": False}}
        self.assertNotIn("keys", self.kept(keys))
        self.assertIn("keys", self.kept({"keys": {**keys["keys"], "complete": True}}))
        self.assertNotIn("mounts", self.kept({"ports": {"external": ["tcp/22"]}}))

    def test_severities_are_kept_so_that_nothing_flickers(self):
        finding = Finding("disk.full", "warning", "/srv", "t", {}, "f")
        self.assertEqual(self.kept({}, [finding])["levels"], {"disk.full:/srv": "warning"})

    def test_all_that_is_kept_stands_in_the_manifest(self):
        with open(HERE + "/agent.yaml", encoding="utf-8") as file:
            line = next(line for line in file if line.startswith("history:"))
        named = line[line.index("[") + 1 : line.index("]")].split(", ")
        seen = {
            "disks": ([], set()),
            "load": {"psi": None, "cpu": {"load": []}, "oom_kill": 1},
            "services": {"restarts": {}},
            "ports": {"external": []},
            "auth": {"failed": 0},
            "keys": {"complete": True, "keys": {}},
            "thermal": ([], {}),
            "network": {"ifaces": []},
        }
        self.assertEqual(sorted(self.kept(seen)), sorted(named))

    def test_the_gravest_comes_first(self):
        findings = [
            Finding(rule, severity, "", "", {}, "")
            for rule, severity in (("b", "info"), ("c", "critical"), ("a", "info"))
        ]
        self.assertEqual([it.rule for it in in_order(findings)], ["c", "a", "b"])


class PerformTest(Node):
    """A whole run on the files of a node, in this process."""

    def perform(self, node, answers=None, **options):
        said = []
        scripted = Scripted(answers or {}, **options)
        scripted._say = lambda kind, **fields: said.append((kind, fields))
        scripted.history._speak = scripted._say
        agent.perform(scripted, node.root)
        return scripted, said

    def found(self, said):
        return [fields["finding"]["id"] for kind, fields in said if kind == "finding"]

    def test_what_can_be_seen_is_judged_though_much_cannot(self):
        scripted, said = self.perform(self.node({"/proc/net/tcp": answer("proc-net-tcp.txt")}), skip=SLOW)
        self.assertEqual(self.found(said), ["net.port_risky"])
        self.assertEqual(sorted(scripted.gaps), ["auth", "disks", "keys", "services"])

    def test_a_rule_that_breaks_is_a_gap_and_the_others_judge(self):
        files = {"/proc/net/tcp": answer("proc-net-tcp.txt"), "/etc/passwd": "eve:x:0:0::/root:/bin/sh\n"}
        with unittest.mock.patch.object(agent, "judge_ports", side_effect=RuntimeError("boom")):
            scripted, said = self.perform(self.node(files), skip=SLOW)
        self.assertEqual(self.found(said), ["sec.uid0"])
        self.assertIn("ports", scripted.gaps)

    def test_nothing_to_see_is_gaps_and_no_findings(self):
        slow = {"apt-get": Ran(None, "", "", "timeout")}
        scripted, said = self.perform(self.node({"/etc/hostname": "x"}), slow, network_probes=False)
        self.assertEqual([rule for rule in self.found(said) if rule != "time.unsynced"], [])
        for what in ("ports", "disks", "load", "services", "auth", "updates", "keys"):
            self.assertIn(what, scripted.gaps)

    def test_all_that_is_told_is_json(self):
        _, said = self.perform(self.node({"/proc/net/tcp": answer("proc-net-tcp.txt")}), network_probes=False)
        json.dump(said, io.StringIO(), allow_nan=False)
