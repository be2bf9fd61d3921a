"""Who listens on this node, and from where it can be reached."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

from agent_kit import NotSeen, clean
from agent_kit_files import Files

EPHEMERAL = 32768  # UDP ports from here on are answers waited for, not services


def collect_ports(files: Files) -> dict[str, Any]:
    texts = {name: files.read("/proc/net/" + name, 4 << 20) for name in ("tcp", "tcp6", "udp", "udp6")}
    if all(text is None for text in texts.values()):
        raise NotSeen("/proc/net cannot be read", "Mount /proc on the node.")
    owners = find_owners(files)
    listeners = []
    for name, text in texts.items():
        for row in parse_sockets(name[:3], text or ""):
            pid = owners.get(row.pop("inode"))
            row["proc"] = clean(files.text("/proc/%s/comm" % pid), 64) if pid else None
            if row["proto"] == "udp" and row["port"] >= EPHEMERAL:
                continue
            listeners.append(row)
    listeners.sort(key=lambda row: (row["proto"], row["port"], row["addr"]))
    outside = {"%s/%d" % (row["proto"], row["port"]) for row in listeners if row["scope"] != "loopback"}
    return {"listeners": listeners[:400], "external": sorted(outside)}


def find_owners(files: Files) -> dict[str, str]:
    """Process by socket; without root only our own are seen."""
    owners: dict[str, str] = {}
    for pid in files.names("/proc"):
        if not pid.isdigit():
            continue
        folder = "/proc/%s/fd" % pid
        for name in files.names(folder):
            target = files.link(folder + "/" + name) or ""
            if target.startswith("socket:["):
                owners.setdefault(target[8:-1], pid)
    return owners


def parse_sockets(proto: str, text: str) -> list[dict[str, Any]]:
    """The listening ones of a table of /proc/net."""
    rows = []
    for line in text.splitlines()[1:]:
        words = line.split()
        if len(words) < 10:
            continue
        is_listening = words[3] == "0A" if proto == "tcp" else words[3] == "07" and words[2].endswith(":0000")
        if not is_listening:
            continue
        host, _, port = words[1].partition(":")
        address = to_address(host)
        row = {"proto": proto, "addr": str(address), "port": int(port, 16), "scope": scope_of(address)}
        rows.append({**row, "uid": int(words[7]), "inode": words[9]})
    return rows


def to_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The kernel writes words of four bytes in its own byte order."""
    octets = bytes.fromhex(text)
    if sys.byteorder == "little":
        octets = b"".join(octets[at : at + 4][::-1] for at in range(0, len(octets), 4))
    address = ipaddress.ip_address(octets)
    return getattr(address, "ipv4_mapped", None) or address


def scope_of(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    if address.is_loopback:
        return "loopback"
    return "any" if address.is_unspecified else "iface"
