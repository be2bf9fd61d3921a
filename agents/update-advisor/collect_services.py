"""Programs that still run code which an update has replaced: they map libraries or programs that are
deleted."""

from __future__ import annotations

import re
from typing import Any

from agent_kit import clean
from agent_kit_files import Files

# Executable mappings of files that are gone, below the places of programs and their libraries.
REPLACED = re.compile(
    r"^\S+ ..x. \S+ \S+ [1-9]\d*\s+"
    r"(/(?:usr/(?:local/)?)?(?:lib|lib32|lib64|libexec|bin|sbin)/.+) \(deleted\)$",
    re.M,
)
UNIT = re.compile(r"/([^/\n]+\.(?:service|scope))$", re.M)
MAPS_BYTES = 4 << 20
MOST = 100


def collect_services(files: Files) -> dict[str, Any]:
    """By unit, or by name where a program belongs to none. Only programs of the agent's own view of the file
    system: what containers run is not replaced by the node's updates."""
    own = files.link("/proc/self/ns/mnt")
    found: dict[str, dict[str, Any]] = {}
    scanned = hidden = 0
    for pid in (name for name in files.names("/proc") if name.isdigit()):
        view = files.link("/proc/%s/ns/mnt" % pid)
        maps = files.read("/proc/%s/maps" % pid, MAPS_BYTES) if view == own else None
        if maps is None:
            # Another's program, of which only root may see more. One in a container is none of ours.
            hidden += view is None and files.exists("/proc/" + pid)
            continue
        scanned += 1
        replaced = REPLACED.findall(maps)
        if replaced:
            unit = found.setdefault(unit_of(files, pid), {"processes": 0, "files": set()})
            unit["processes"] += 1
            unit["files"].update(clean(path, 200) for path in replaced)
    stale = [
        {"unit": unit, "processes": it["processes"], "files": sorted(it["files"])[:20]}
        for unit, it in sorted(found.items())
    ]
    return {"scanned": scanned, "hidden": hidden, "stale": stale[:MOST], "stale_units": len(stale)}


def unit_of(files: Files, pid: str) -> str:
    unit = UNIT.findall(files.read("/proc/%s/cgroup" % pid, 65536) or "")
    return clean(unit[-1] if unit else files.text("/proc/%s/comm" % pid) or "?", 100)
