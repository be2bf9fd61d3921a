"""Who listens, from where it can be reached, and what is new since the last run."""

from __future__ import annotations

import os
import unittest

from agent_kit import NotSeen
from collect_ports import collect_ports, parse_sockets
from given import rules
from rules_ports import RISKY, judge_ports
from test_given import answer, context
from test_load import Node


def listener(port, proto="tcp", scope="any", addr="0.0.0.0", proc=None):
    return {"proto": proto, "addr": addr, "port": port, "scope": scope, "uid": 0, "proc": proc}


def ports(*rows):
    outside = {"%s/%d" % (row["proto"], row["port"]) for row in rows if row["scope"] != "loopback"}
    return {"listeners": list(rows), "external": sorted(outside)}


class CollectTest(Node):
    def test_listeners_of_both_families_and_their_reach(self):
        cases = [
            ("tcp", "proc-net-tcp.txt", [("0.0.0.0", 22, "any"), ("127.0.0.1", 6379, "loopback")]),
            ("tcp", "proc-net-tcp6.txt", [("::", 80, "any"), ("::1", 3306, "loopback")]),
            ("udp", "proc-net-udp.txt", [("0.0.0.0", 67, "any"), ("0.0.0.0", 40000, "any")]),
        ]
        for proto, name, expected in cases:
            with self.subTest(name):
                rows = parse_sockets(proto, answer(name))
                self.assertEqual([(row["addr"], row["port"], row["scope"]) for row in rows][:2], expected)

    def test_an_address_of_the_old_kind_behind_the_new_one_is_the_old_one(self):
        rows = parse_sockets("tcp", answer("proc-net-tcp6.txt"))
        self.assertEqual((rows[2]["addr"], rows[2]["scope"]), ("127.0.0.1", "loopback"))

    def test_the_ports_a_node_shows_to_others_with_the_programs_behind_them(self):
        files = {"/proc/net/" + name: answer("proc-net-%s.txt" % name) for name in ("tcp", "tcp6", "udp")}
        node = self.node({**files, "/proc/55/comm": "sshd\n"})
        os.makedirs(node.at("/proc/55/fd"))
        os.symlink("socket:[1001]", node.at("/proc/55/fd/3"))
        found = collect_ports(node)
        self.assertEqual(found["external"], ["tcp/22", "tcp/6379", "tcp/80", "udp/67"])
        programs = {row["port"]: row["proc"] for row in found["listeners"] if row["proc"]}
        self.assertEqual(programs, {22: "sshd"})

    def test_without_proc_it_is_a_gap(self):
        with self.assertRaises(NotSeen):
            collect_ports(self.node({"/etc/hostname": "x"}))


class RulesTest(unittest.TestCase):
    def test_services_that_strangers_must_not_reach(self):
        cases = [*((port, "any", True) for port in RISKY), (6379, "loopback", False), (22, "any", False)]
        cases.append((2375, "iface", True))
        for port, scope, told in cases:
            with self.subTest(port=port, scope=scope):
                found = rules(judge_ports(ports(listener(port, scope=scope)), context()))
                self.assertEqual(found, [("net.port_risky", "high")] if told else [])

    def test_two_addresses_of_one_port_are_one_finding(self):
        rows = [listener(6379), listener(6379, addr="::")]
        self.assertEqual(len(judge_ports(ports(*rows), context())), 1)

    def test_what_is_new_and_what_is_gone(self):
        cases = [
            # ports of the last run, rules
            (None, []),  # the first run only learns
            (["tcp/22", "tcp/4444"], []),
            (["tcp/22"], [("net.port_new", "warning", "tcp/4444")]),
            (["tcp/22", "tcp/4444", "tcp/80"], [("net.port_gone", "info", "tcp/80")]),
            ("damaged", []),
        ]
        for before, expected in cases:
            with self.subTest(before=before):
                given = context(past={} if before is None else {"ports": before})
                found = judge_ports(ports(listener(22), listener(4444, proc="nc")), given)
                self.assertEqual([(it.rule, it.severity, it.subject) for it in found], expected)

    def test_a_new_port_names_its_program(self):
        given = context(past={"ports": []})
        for proc, title in (("nc", "Port tcp/44 is newly open (nc)"), (None, "of an unknown program")):
            (found,) = judge_ports(ports(listener(44, proc=proc)), given)
            self.assertIn(title, found.title)
