"""Pools of ZFS, as `zpool` tells of them. A pool can be ONLINE and have lost data: only its status says
so."""

from __future__ import annotations

import calendar
import re
from typing import Any

from agent_kit import Agent, clean
from agent_kit_files import Files

COLUMNS = ("name", "size", "alloc", "free", "frag", "cap", "health", "guid")
LIST = ["zpool", "list", "-Hp", "-o", "name,size,allocated,free,fragmentation,capacity,health,guid"]
STATUS = ["zpool", "status", "-p"]
ZFS_SUDO = [LIST, STATUS]
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
STATES = "ONLINE|DEGRADED|FAULTED|OFFLINE|UNAVAIL|REMOVED|AVAIL|INUSE"
# Tops of these kinds bear the loss of a disk.
REDUNDANT = re.compile(r"(mirror|raidz\d?|draid\d?|replacing|spare)\b")
# What stands below them is no part of what the data lies on.
BESIDES = ("logs", "cache", "spares", "special", "dedup")


def collect_zfs(agent: Agent, files: Files) -> list[dict[str, Any]]:
    if not agent.which("zpool") or not files.exists("/dev/zfs"):
        return []
    listed = agent.run(LIST, timeout=15, sudo=True)
    if not listed.ok:
        why = clean(listed.err.strip(), 200) or listed.note
        agent.gap("zfs", "zpool did not answer: %s" % why, "Run as root, or see sudo zpool status.")
        return []
    status = agent.run(STATUS, timeout=20, sudo=True)
    if not status.ok:
        agent.gap(
            "zfs", "zpool status did not answer: %s" % (status.note or "it failed"), "See sudo zpool status."
        )
    return parse_pools(listed.out, status.out)


def parse_pools(listed: str, status: str) -> list[dict[str, Any]]:
    told = parse_status(status)
    pools = []
    for line in listed.splitlines():
        words = line.split("\t")
        if len(words) != len(COLUMNS):
            continue
        pool: dict[str, Any] = dict(zip(COLUMNS, words))
        for key in ("size", "alloc", "free", "frag", "cap"):
            text = pool[key].rstrip("%")
            pool[key] = int(text) if text.isdigit() else None
        about = told.get(pool["name"], nothing_told())
        pools.append({**pool, **about, "name": clean(pool["name"], 100), "health": clean(pool["health"], 20)})
    return pools


def nothing_told() -> dict[str, Any]:
    return {"status": None, "scan": None, "errors": None, "vdevs": [], "redundant": None, "scanned_at": None}


def parse_status(text: str) -> dict[str, dict[str, Any]]:
    """What `zpool status` says of each pool, by name."""
    pools: dict[str, dict[str, Any]] = {}
    for block in re.split(r"(?m)^\s*pool: ", text)[1:]:
        name, _, rest = block.partition("\n")
        fields = sections_of(rest)
        scan = one(fields.get("scan"))
        vdevs, redundant = parse_config(fields.get("config", ""))
        pools[name.strip()] = {
            "status": one(fields.get("status")),
            "scan": scan,
            "errors": one(fields.get("errors")),
            "vdevs": vdevs,
            "redundant": redundant,
            "scanned_at": moment_of(scan or ""),
        }
    return pools


def sections_of(text: str) -> dict[str, str]:
    """`status:`, `scan:`, `config:` and so on, with what stands below them."""
    found: dict[str, str] = {}
    key = ""
    for line in text.splitlines():
        head = re.match(r"\s*(state|status|action|see|scan|config|errors|remove|checkpoint):(.*)$", line)
        if head and not (key == "config" and line.startswith("\t")):
            key = head.group(1)
            found[key] = head.group(2)
        elif key:
            found[key] += "\n" + line
    return found


def one(text: str | None) -> str | None:
    return clean(" ".join(text.split()), 300) or None if text else None


def parse_config(text: str) -> tuple[list[dict[str, Any]], bool | None]:
    """The parts of a pool, and whether each bears the loss of a disk."""
    vdevs: list[dict[str, Any]] = []
    tops: list[str] = []
    inside = "data"
    for line in text.splitlines():
        row = re.match(r"\t( *)(\S+)\s+(%s)\s+(\d+)\s+(\d+)\s+(\d+)" % STATES, line)
        head = re.match(r"\t(\S+)\s*$", line)
        if head:
            inside = "besides" if head.group(1) in BESIDES else inside
        elif row:
            depth, name = len(row.group(1)), row.group(2)
            read, write, cksum = (int(number) for number in row.groups()[3:])
            if depth == 2 and inside == "data":
                tops.append(name)
            vdevs.append(
                {
                    "name": clean(name, 120),
                    "state": row.group(3),
                    "read": read,
                    "write": write,
                    "cksum": cksum,
                    "depth": depth // 2,
                }
            )
    return vdevs, all(REDUNDANT.match(name) for name in tops) if tops else None


def moment_of(scan: str) -> float | None:
    """When the last scrub ended, or a resilver, which hides when the scrub before it was. TZ is UTC for every
    command."""
    said = re.search(
        r"(?:scrub repaired|resilvered) .* on \w{3} (\w{3})\s+(\d+) (\d\d):(\d\d):(\d\d) (\d{4})", scan
    )
    if not said or said.group(1) not in MONTHS:
        return None
    month, day, hour, minute, second, year = said.groups()
    parts = (int(year), MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second))
    return float(calendar.timegm(parts))
