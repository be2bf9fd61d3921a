"""Which open ports a person should know of."""

from __future__ import annotations

from typing import Any

from agent_kit_rules import Finding
from agent_kit_wording import count, some
from context import Context

# Services without a password, or with one in clear text. They belong behind loopback or a firewall.
RISKY = {
    23: "Telnet",
    512: "rexec",
    513: "rlogin",
    514: "rsh",
    2375: "The Docker API without TLS",
    6379: "Redis",
    11211: "memcached",
}


def judge_ports(ports: dict[str, Any], context: Context) -> list[Finding]:
    found = [risky(row) for row in ports["listeners"] if is_risky(row)]
    unique = {finding.subject: finding for finding in found}
    return list(unique.values()) + judge_changes(ports, context)


def is_risky(row: dict[str, Any]) -> bool:
    return row["proto"] == "tcp" and row["port"] in RISKY and row["scope"] != "loopback"


def risky(row: dict[str, Any]) -> Finding:
    name = RISKY[row["port"]]
    title = "%s can be reached from outside (port %d on %s)" % (name, row["port"], row["addr"])
    fix = (
        "Whoever reaches it may well own this node. Bind it to 127.0.0.1 in its settings, or close the "
        "port in the "
        "firewall. Which program it is: sudo ss -ltnp 'sport = :%d'." % row["port"]
    )
    return Finding("net.port_risky", "high", "tcp/%d" % row["port"], title, row, fix, "likely")


def judge_changes(ports: dict[str, Any], context: Context) -> list[Finding]:
    before = context.history.last("ports")
    if not isinstance(before, list):
        return []  # the first run only learns
    found = []
    for port in sorted(set(ports["external"]) - set(before)):
        proto, _, number = port.partition("/")
        rows = [row for row in ports["listeners"] if row["proto"] == proto and str(row["port"]) == number]
        program = next((row["proc"] for row in rows if row["proc"]), None)
        title = "Port %s is newly open (%s)" % (port, program or "of an unknown program")
        letter = "t" if proto == "tcp" else "u"
        fix = (
            "If you started it, acknowledge this. If not, see what it is: sudo ss -l%snp 'sport = :%s'; "
            "ps -fp with the process it names." % (letter, number)
        )
        found.append(Finding("net.port_new", "warning", port, title, {"listeners": rows[:4]}, fix))
    gone = sorted(set(before) - set(ports["external"]))
    if gone:
        title = "%s no longer open: %s" % (count(len(gone), "port"), some(gone, 5))
        fix = "If its service should run: systemctl --failed, and systemctl status of that service."
        found.append(Finding("net.port_gone", "info", some(gone, 10), title, {"ports": gone}, fix))
    return found
