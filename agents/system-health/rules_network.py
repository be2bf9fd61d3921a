"""What is wrong with the network as the node sees it."""

from __future__ import annotations

from typing import Any

from agent_kit_rules import Finding
from agent_kit_wording import quoted, some
from context import Context

ANSWERED = (0, 3)  # a name was found, or the server knows that there is none


def judge_network(network: dict[str, Any], context: Context) -> list[Finding]:
    found = judge_dns(network)
    if network["has_route"] is False:
        fix = (
            "Look: ip route; ip -br address. Bring the network up again: sudo systemctl restart "
            "networking (or NetworkManager)."
        )
        found.append(
            Finding(
                "net.no_default_route", "warning", "route", "There is no way out: no default route", {}, fix
            )
        )
    for row in network["ping"]:
        found += judge_ping(row, network, context)
    for row in network["ifaces"]:
        found += judge_interface(row, context)
    return found


def judge_dns(network: dict[str, Any]) -> list[Finding]:
    servers, resolvers = network["dns"], network["resolvers"]
    if resolvers is None:
        return []
    if not resolvers:
        fix = "Put a line like nameserver 192.168.1.1 into /etc/resolv.conf, or into what writes that file."
        return [Finding("net.no_resolver", "warning", "dns", "No name server is set", {}, fix)]
    dead = [row["server"] for row in servers if not any(q.get("rcode") in ANSWERED for q in row["q"])]
    look = "Look: dig @%s example.com, and whether that machine is up."
    if len(dead) == len(servers):
        title = "No name server answers (%s)" % some(dead)
        return [
            Finding("net.dns_down", "critical", "dns", title, {"servers": servers}, look % quoted(dead[0]))
        ]
    silent = [row["server"] for row in servers if row["q"] and all("error" in q for q in row["q"])]
    if silent:
        title = "Name server %s does not answer; others do" % some(silent)
        fix = (
            look % quoted(silent[0])
            + " Until then each look-up that tries it first is slow. Or remove it from /etc/resolv.conf."
        )
        return [Finding("net.dns_server_dead", "warning", ",".join(silent), title, {"servers": servers}, fix)]
    return []


def judge_ping(row: dict[str, Any], network: dict[str, Any], context: Context) -> list[Finding]:
    loss, target = row.get("loss_pct"), row["target"]
    if loss is None:
        return []
    if loss == 100:
        # Many routers ignore pings. If it answers on the wire, or names resolve through it, it is there.
        works = any(q.get("rcode") in ANSWERED for server in network["dns"] for q in server["q"])
        if target == network["gateway"] and (row.get("seen_nearby") or works):
            return []
        fix = "Is it on, and does it answer pings at all? Look: ip neigh show %s; traceroute -n %s." % (
            target,
            target,
        )
        return [Finding("net.unreachable", "high", target, "%s does not answer" % target, row, fix, "likely")]
    if loss >= context.options["packet_loss_warn_pct"]:
        title = "%.0f %% of the packets to %s are lost" % (loss, target)
        fix = "Check cable, switch port and Wi-Fi. Where it happens: mtr -n -c 50 %s." % target
        return [Finding("net.packet_loss", "warning", target, title, row, fix)]
    return []


def judge_interface(row: dict[str, Any], context: Context) -> list[Finding]:
    name, found = row["name"], []
    if row["oper"] != "up" or row["wireless"]:
        return judge_errors(row, context)
    fix = "Try another cable first, then another port of the switch. Look: sudo ethtool %s." % quoted(name)
    if row["speed_mbps"] in (10, 100) and row["could_gigabit"] is not False:
        title = "%s runs at only %d Mbit/s" % (name, row["speed_mbps"])
        found.append(Finding("net.slow_link", "warning", name, title, row, fix, "likely"))
    if row["duplex"] == "half":
        found.append(Finding("net.half_duplex", "warning", name, "%s runs half duplex" % name, row, fix))
    return found + judge_errors(row, context)


def judge_errors(row: dict[str, Any], context: Context) -> list[Finding]:
    last = context.history.last("ifaces")
    before = last.get("ifaces", {}).get(row["name"]) if context.same_boot(last) else None
    if not isinstance(before, list) or len(before) != 2:
        return []
    packets, errors = (now - then for now, then in zip(totals(row), before))
    if errors < 10 or packets <= 0 or 100.0 * errors / packets <= context.options["iface_errors_pct"]:
        return []
    share = 100.0 * errors / packets
    title = "%s had %d errors since the last run (%.1f %% of its packets)" % (row["name"], errors, share)
    evidence = {"errors": errors, "packets": packets, "stats": row["stats"]}
    fix = "Usually a cable or plug: change it. Look: ip -s -s link show %s; sudo ethtool -S %s." % (
        quoted(row["name"]),
        quoted(row["name"]),
    )
    return [Finding("net.iface_errors", "warning", row["name"], title, evidence, fix)]


def totals(row: dict[str, Any]) -> list[int]:
    """Packets and errors since boot."""
    stats = row["stats"]
    return [stats["rx_packets"] + stats["tx_packets"], stats["rx_errors"] + stats["tx_errors"]]
