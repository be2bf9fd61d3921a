"""The network as the node sees it."""

from __future__ import annotations

import unittest

from agent_kit_commands import Ran
from collect_network import has_ipv6_route, is_neighbour, ping, read_gateway, read_interfaces
from given import rules
from rules_network import judge_network
from test_given import Scripted, context
from test_load import Node

ROUTE = """Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT
eth0 0001A8C0 00000000 0001 0 0 0 00FFFFFF 0 0 0
eth0 00000000 0101A8C0 0003 0 0 0 00000000 0 0 0
"""
ROUTE6 = "%s 00 %s 00 fe800000000000000000000000000001 00000400 00000001 00000000 00450003 %s\n"
OK, SILENT = [{"name": "example.com", "rcode": 0}], [{"name": "example.com", "error": "no answer"}]


def network(**given):
    facts = {"gateway": "192.168.1.1", "has_route": True, "ifaces": [], "resolvers": 1, "ping": []}
    return {**facts, "dns": [{"server": "192.168.1.1", "q": OK}], **given}


def interface(**given):
    stats = {"rx_packets": 100000, "tx_packets": 100000, "rx_errors": 500, "tx_errors": 0}
    facts = {
        "name": "eth0",
        "oper": "up",
        "speed_mbps": 1000,
        "duplex": "full",
        "wireless": False,
        "stats": stats,
    }
    return {**facts, "could_gigabit": True, **given}


class CollectTest(Node):
    def test_the_way_out(self):
        self.assertEqual(read_gateway(self.node({"/proc/net/route": ROUTE})), ("192.168.1.1", "eth0"))
        self.assertEqual(read_gateway(self.node({"/proc/net/route": "Iface\n"})), (None, ""))
        for device, expected in (("eth0", True), ("lo", False)):
            files = self.node({"/proc/net/ipv6_route": ROUTE6 % ("0" * 32, "0" * 32, device)})
            self.assertEqual(has_ipv6_route(files), expected)

    def test_a_neighbour_has_answered_on_the_wire(self):
        head = "IP address HW type Flags HW address Mask Device\n"
        files = self.node(
            {"/proc/net/arp": head + "192.168.1.1 0x1 0x2 aa * eth0\n192.168.1.9 0x1 0x0 00 * eth0\n"}
        )
        self.assertTrue(is_neighbour(files, "192.168.1.1"))
        self.assertFalse(is_neighbour(files, "192.168.1.9"))

    def test_interfaces_with_a_cable(self):
        eth = "/sys/class/net/eth0/"
        files = {
            eth + "device/x": "",
            eth + "speed": "100\n",
            eth + "duplex": "half\n",
            eth + "operstate": "up\n",
        }
        files.update(
            {
                eth + "statistics/rx_packets": "7",
                "/sys/class/net/docker0/speed": "10",
                "/sys/class/net/lo/x": "",
            }
        )
        (row,) = read_interfaces(self.node(files))
        self.assertEqual(
            (row["name"], row["speed_mbps"], row["duplex"], row["wireless"]), ("eth0", 100, "half", False)
        )
        self.assertEqual((row["stats"]["rx_packets"], row["stats"]["rx_errors"]), (7, 0))

    def test_pings_of_all_makers(self):
        iputils = (
            "10 packets transmitted, 5 received, 50% packet loss, time 1800ms\n"
            "rtt min/avg/max/mdev = 0.1/0.2/0.3/0.05 ms\n"
        )
        busybox = (
            "4 packets transmitted, 4 packets received, 0% packet loss\n"
            "round-trip min/avg/max = 0.1/0.2/0.3 ms\n"
        )
        silent = "10 packets transmitted, 0 received, 100% packet loss, time 9000ms\n"
        cases = [
            ({"ping": iputils}, 50.0, 3),
            ({"ping": busybox}, 0.0, 3),
            ({"ping": Ran(1, silent, "", None)}, 100.0, 0),
        ]
        refusing = {"ping -n": Ran(1, "", "ping: invalid option -- 'i'\n", None), "ping -q": busybox}
        for answers, loss, times in [*cases, (refusing, 0.0, 3)]:
            with self.subTest(loss=loss):
                row = {"target": "192.168.1.1"}
                ping(Scripted(answers), row)
                self.assertEqual((row["loss_pct"], len(row["rtt_ms"] or [])), (loss, times))

    def test_a_node_without_ping_says_so(self):
        agent, row = Scripted({}), {"target": "192.168.1.1"}
        ping(agent, row)
        self.assertEqual((row["error"], agent.gaps), ("ping is not installed", ["ping: 192.168.1.1"]))


class RulesTest(unittest.TestCase):
    def test_name_servers(self):
        def dns(*answers):
            rows = [{"server": "10.0.0.%d" % n, "q": q} for n, q in enumerate(answers, 1)]
            return {"dns": rows, "resolvers": len(rows)}

        refused = [{"name": "x", "rcode": 5}, {"name": "y", "rcode": 5}]
        unknown = [{"name": "x", "rcode": 3}]
        cases = [
            (dns(OK), []),
            (dns(unknown), []),
            (dns(SILENT), [("net.dns_down", "critical")]),
            (dns(SILENT, SILENT), [("net.dns_down", "critical")]),
            (dns(refused), [("net.dns_down", "critical")]),
            (dns(SILENT, OK), [("net.dns_server_dead", "warning")]),
            (dns([*SILENT, *OK]), []),
            (dns(refused, OK), []),
            (dns(), [("net.no_resolver", "warning")]),
            ({"dns": [], "resolvers": None}, []),  # it was not to ask
        ]
        for given, expected in cases:
            with self.subTest(given):
                self.assertEqual(rules(judge_network(network(**given), context())), expected)

    def test_the_way_out(self):
        found = rules(judge_network(network(has_route=False, gateway=None), context()))
        self.assertEqual(found, [("net.no_default_route", "warning")])

    def test_pings(self):
        def row(loss, target="192.168.1.9", **more):
            return {"target": target, "loss_pct": loss, "sent": 10, **more}

        cases = [
            (row(0), OK, []),
            (row(10), OK, []),
            (row(20), OK, [("net.packet_loss", "warning")]),
            (row(90), OK, [("net.packet_loss", "warning")]),
            (row(100), OK, [("net.unreachable", "high")]),
            (row(None), OK, []),
            # Many routers ignore pings.
            (row(100, "192.168.1.1"), OK, []),
            (row(100, "192.168.1.1", seen_nearby=True), SILENT, []),
            (row(100, "192.168.1.1", seen_nearby=False), SILENT, [("net.unreachable", "high")]),
        ]
        for it, answers, expected in cases:
            with self.subTest(it):
                facts = network(ping=[it], dns=[{"server": "10.0.0.1", "q": answers}])
                found = [one for one in rules(judge_network(facts, context())) if one[0] != "net.dns_down"]
                self.assertEqual(found, expected)

    def test_links(self):
        cases = [
            (interface(), []),
            (interface(speed_mbps=100), ["net.slow_link"]),
            (interface(speed_mbps=10, duplex="half"), ["net.slow_link", "net.half_duplex"]),
            (interface(speed_mbps=100, could_gigabit=None), ["net.slow_link"]),
            (interface(speed_mbps=100, could_gigabit=False), []),  # an old card is no bad cable
            (interface(speed_mbps=100, wireless=True), []),
            (interface(speed_mbps=100, oper="down"), []),
            (interface(speed_mbps=None, duplex="unknown"), []),
        ]
        for it, expected in cases:
            with self.subTest(it):
                found = judge_network(network(ifaces=[it]), context())
                self.assertEqual(
                    [(one.rule, one.severity) for one in found], [(r, "warning") for r in expected]
                )

    def test_errors_of_an_interface_since_the_last_run(self):
        cases = [
            # packets and errors in the last run, boot, told
            ([0, 0], "this-boot", True),  # 500 of 200000
            ([100000, 400], "this-boot", False),  # 0.1 %
            ([100000, 399], "this-boot", True),
            ([199990, 491], "this-boot", False),  # nine errors
            ([0, 0], "before", False),
            ("damaged", "this-boot", False),
        ]
        for before, boot, told in cases:
            with self.subTest(before=before, boot=boot):
                given = context(past={"ifaces": {"ifaces": {"eth0": before}, "boot_id": boot}})
                found = rules(judge_network(network(ifaces=[interface()]), given))
                self.assertEqual(found, [("net.iface_errors", "warning")] if told else [])

    def test_a_name_from_the_node_is_one_word_of_the_command(self):
        (found,) = judge_network(network(ifaces=[interface(name="a;reboot", speed_mbps=10)]), context())
        self.assertIn("sudo ethtool 'a;reboot'", found.fix)
