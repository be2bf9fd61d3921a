"""The network from here: interfaces, routes, name servers, and whether the gateway answers."""

from __future__ import annotations

import array
import fcntl
import os
import re
import socket
import struct
import threading
import time
from typing import Any

from agent_kit import Agent, clean
from agent_kit_files import Files

GATEWAY_FLAG = 0x2
SIOCGIFADDR, SIOCETHTOOL, ETHTOOL_GSET = 0x8915, 0x8946, 0x1
GIGABIT_OR_MORE = 0x30 | 0x1000  # bits of 1000baseT and 10000baseT
COUNTERS = ("rx_packets", "tx_packets", "rx_errors", "tx_errors", "rx_dropped", "collisions")
DNS_PORT = 53
DNS_WITHIN_S = 2.0
SENT_AND_CAME = re.compile(r"(\d+) packets transmitted, (\d+) (?:packets )?received")
TIMES = re.compile(r"= ([\d.]+)/([\d.]+)/([\d.]+)")


def collect_network(agent: Agent, files: Files) -> dict[str, Any]:
    gateway, through = read_gateway(files)
    is_known = files.read("/proc/net/route") is not None
    has_route = bool(gateway) or has_ipv6_route(files)
    found: dict[str, Any] = {"gateway": gateway, "has_route": has_route if is_known else None}
    found["ifaces"] = read_interfaces(files)
    found["addresses"] = [] if files.root else addresses({row["name"] for row in found["ifaces"]} | {through})
    if not agent.options["network_probes"]:
        return {**found, "resolvers": None, "dns": [], "ping": []}
    resolvers = re.findall(r"^nameserver\s+(\S+)", files.read("/etc/resolv.conf") or "", re.M)[:3]
    names = agent.options["dns_names"][:2]
    targets = ([gateway] if gateway else []) + agent.options["ping_targets"][:5]
    dns = [{"server": clean(server, 100), "q": []} for server in resolvers]
    pings = [{"target": clean(target, 100)} for target in targets]
    threads = [threading.Thread(target=ask_resolver, args=(row, names), daemon=True) for row in dns]
    threads += [threading.Thread(target=ping, args=(agent, row), daemon=True) for row in pings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(15)
    if gateway and pings:
        pings[0]["seen_nearby"] = is_neighbour(files, gateway)
    return {**found, "resolvers": len(resolvers), "dns": dns, "ping": pings}


def read_gateway(files: Files) -> tuple[str | None, str]:
    for line in (files.read("/proc/net/route") or "").splitlines()[1:]:
        words = line.split()
        if len(words) > 3 and words[1] == "00000000" and int(words[3], 16) & GATEWAY_FLAG:
            return socket.inet_ntoa(struct.pack("=I", int(words[2], 16))), words[0]
    return None, ""


def has_ipv6_route(files: Files) -> bool:
    lines = (files.read("/proc/net/ipv6_route") or "").splitlines()
    rows = [line.split() for line in lines]
    return any(row[0] == "0" * 32 and row[1] == "00" and row[-1] != "lo" for row in rows if len(row) == 10)


def is_neighbour(files: Files, address: str) -> bool:
    """Whether it answered on the wire lately, though it may not care for pings."""
    rows = [line.split() for line in (files.read("/proc/net/arp") or "").splitlines()[1:]]
    return any(row[0] == address and int(row[2], 16) & 0x2 for row in rows if len(row) > 3)


def read_interfaces(files: Files) -> list[dict[str, Any]]:
    """Those with a device behind them; bridges and tunnels have no cable."""
    rows = []
    for name in files.names("/sys/class/net")[:64]:
        folder = "/sys/class/net/" + name
        if name == "lo" or not files.exists(folder + "/device"):
            continue
        speed = files.number(folder + "/speed")
        row = {
            "name": name,
            "oper": files.text(folder + "/operstate"),
            "speed_mbps": speed if speed and speed > 0 else None,
            "duplex": files.text(folder + "/duplex") or None,
            "wireless": files.exists(folder + "/wireless") or name.startswith("wl"),
            "stats": {counter: files.number(folder + "/statistics/" + counter) or 0 for counter in COUNTERS},
        }
        row["could_gigabit"] = None if files.root else could_gigabit(name)
        rows.append(row)
    return rows


def could_gigabit(name: str) -> bool | None:
    """What the card itself could do; None where its driver does not tell. An old 100 Mbit card is no bad
    cable."""
    command = array.array("B", struct.pack("=I", ETHTOOL_GSET) + bytes(40))
    request = struct.pack("16sP", name.encode()[:15], command.buffer_info()[0]) + bytes(16)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            fcntl.ioctl(any_socket.fileno(), SIOCETHTOOL, request)
    except OSError:
        return None
    return bool(struct.unpack("=I", command.tobytes()[4:8])[0] & GIGABIT_OR_MORE)


def addresses(names: set[str]) -> list[str]:
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for name in sorted(names - {""}):
            try:
                answer = fcntl.ioctl(
                    any_socket.fileno(), SIOCGIFADDR, struct.pack("256s", name.encode()[:15])
                )
            except OSError:
                continue
            found.append("%s %s" % (socket.inet_ntoa(answer[20:24]), name))
    return found


def ask_resolver(row: dict[str, Any], names: list[str]) -> None:
    """The second name is asked only if the first brought nothing: a lost packet is no dead server."""
    for name in names:
        row["q"].append({"name": name, **ask_name(row["server"], name)})
        if row["q"][-1].get("rcode") in (0, 3):
            return


def ask_name(server: str, name: str) -> dict[str, Any]:
    number = struct.unpack("=H", os.urandom(2))[0]
    parts = [part.encode("ascii", "replace")[:63] for part in name.split(".") if part]
    labels = b"".join(bytes([len(part)]) + part for part in parts)
    question = struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
    begin = time.monotonic()
    try:
        family, _, _, _, address = socket.getaddrinfo(
            server, DNS_PORT, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST
        )[0]
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.settimeout(DNS_WITHIN_S)
            asking.connect(address)
            asking.send(question)
            while True:
                answer = asking.recv(4096)
                if len(answer) >= 12 and answer[:2] == question[:2]:
                    break
                if time.monotonic() - begin > DNS_WITHIN_S:
                    raise socket.timeout("no answer")
    except OSError as error:
        return {
            "error": "no answer" if isinstance(error, socket.timeout) else clean(error.strerror or error, 100)
        }
    flags, _, answers = struct.unpack(">3H", answer[2:8])
    return {"rcode": flags & 15, "answers": answers, "rtt_ms": round((time.monotonic() - begin) * 1000, 1)}


def ping(agent: Agent, row: dict[str, Any]) -> None:
    """Ten small packets. Some targets never answer; that is for the rules to weigh."""
    argv = ["ping", "-n", "-q", "-c", "10", "-i", "0.2", "-W", "1", row["target"]]
    ran = agent.run(argv, timeout=8)
    if "option" in ran.err and not SENT_AND_CAME.search(ran.out):  # a busybox without parts of a second
        ran = agent.run(["ping", "-q", "-c", "4", row["target"]], timeout=8)
    match = SENT_AND_CAME.search(ran.out)
    if not match:
        why = "ping is not installed" if ran.note == "missing" else clean(ran.err.strip(), 100) or ran.note
        row["error"] = why or "no answer"
        agent.gap("ping: %s" % row["target"], row["error"], "Install it: sudo apt-get install iputils-ping.")
        return
    sent, came = int(match.group(1)), int(match.group(2))
    times = TIMES.search(ran.out)
    row.update(sent=sent, recv=came, loss_pct=round(100.0 * (sent - came) / sent, 1) if sent else None)
    row["rtt_ms"] = [float(text) for text in times.groups()] if times else None
