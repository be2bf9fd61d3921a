"""Arrays, pools and thin volumes in brief. The Disk Doctor looks deeper."""

from __future__ import annotations

import re
from typing import Any

from agent_kit import Agent, clean
from agent_kit_files import Files
from agent_kit_lvm import read_thin_pools

POOL_FIELDS = ("name", "size", "alloc", "free", "frag", "cap", "health")


def collect_storage(agent: Agent, files: Files, host: dict[str, Any]) -> dict[str, Any]:
    if host["container"]:
        return {"md": [], "zfs": [], "thin": []}  # those of the machine around it
    arrays = parse_mdstat(files.read("/proc/mdstat") or "")
    # Synology keeps its system on small arrays with places for disks that were never there.
    if host["platform"] == "synology":
        arrays = [array for array in arrays if array["name"] not in ("md0", "md1")]
    return {"md": arrays, "zfs": read_pools(agent, files), "thin": read_thin_pools(agent, files)}


def parse_mdstat(text: str) -> list[dict[str, Any]]:
    arrays: list[dict[str, Any]] = []
    for line in text.splitlines():
        head = re.match(r"(md\S*) : (\w+)(?: \([^)]*\))?(?: (raid\d+|linear|multipath))?(.*)$", line)
        if head:
            failed = re.findall(r"(\w+)\[\d+\]\(F\)", head.group(4))
            array = {"name": head.group(1), "state": head.group(2), "level": head.group(3), "failed": failed}
            arrays.append({**array, "want": None, "have": None, "op": None})
            continue
        if not arrays or not line.startswith(" "):
            continue
        size = re.search(r"\[(\d+)/(\d+)\] \[[U_]+\]", line)
        if size:
            arrays[-1].update(want=int(size.group(1)), have=int(size.group(2)))
        work = re.search(
            r"(recovery|resync|reshape|check)\s*=\s*([\d.]+)%.*?(?:finish=([\d.]+)min)?(?:\s|$)", line
        )
        if work:
            eta = re.search(r"finish=([\d.]+)min", line)
            left = round(float(eta.group(1)) * 60) if eta else None
            arrays[-1]["op"] = {"what": work.group(1), "pct": float(work.group(2)), "left_s": left}
    return arrays


def read_pools(agent: Agent, files: Files) -> list[dict[str, Any]]:
    if not agent.which("zpool") or not files.exists("/dev/zfs"):
        return []
    columns = "name,size,allocated,free,fragmentation,capacity,health"
    listed = agent.run(["zpool", "list", "-Hp", "-o", columns], timeout=10)
    if not listed.ok:
        why = clean(listed.err.strip(), 200) or listed.note
        agent.gap("zfs", "zpool did not answer: %s" % why, "Run as root, or see sudo zpool status.")
        return []
    # A pool may be ONLINE and have lost data: only its status tells.
    status = agent.run(["zpool", "status"], timeout=10)
    if not status.ok:
        agent.gap(
            "zfs", "zpool status did not answer: %s" % status.note, "See sudo zpool status on the node."
        )
    return parse_pools(listed.out, status.out)


def parse_pools(listed: str, status: str) -> list[dict[str, Any]]:
    errors: dict[str, str] = {}
    name = ""
    for line in status.splitlines():
        key, _, value = line.strip().partition(": ")
        if key == "pool":
            name = value.strip()
        elif key == "errors":
            errors[name] = clean(value.strip(), 300)
    pools = []
    for line in listed.splitlines():
        pool: dict[str, Any] = dict(zip(POOL_FIELDS, line.split("\t")))
        if len(pool) == len(POOL_FIELDS):
            for key in POOL_FIELDS[1:6]:
                pool[key] = int(pool[key].rstrip("%")) if pool[key].rstrip("%").isdigit() else None
            pools.append({**pool, "name": clean(pool["name"], 100), "errors": errors.get(pool["name"])})
    return pools
