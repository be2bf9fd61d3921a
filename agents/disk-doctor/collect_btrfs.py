"""What Btrfs has counted on its devices. The kernel shows it to everybody; older ones leave it to `btrfs`."""

from __future__ import annotations

import os
import re
from typing import Any

from agent_kit import Agent, clean
from agent_kit_files import Files
from mounts import Mount

COUNTERS = ("write_errs", "read_errs", "flush_errs", "corruption_errs", "generation_errs")


def collect_btrfs(agent: Agent, files: Files, mounts: list[Mount]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for mount in sorted((it for it in mounts if it.fstype == "btrfs"), key=lambda it: len(it.path)):
        fsid = fsid_of(files, mount.source)
        key = fsid or mount.source
        if key not in found:
            found[key] = look(agent, files, mount, fsid)
    return list(found.values())


def fsid_of(files: Files, source: str) -> str | None:
    device = os.path.basename(os.path.realpath(source))
    folders = files.glob("/sys/fs/btrfs/*/devices/%s" % device) if re.fullmatch(r"[\w.!-]+", device) else []
    return folders[0].split("/")[4] if folders else None


def look(agent: Agent, files: Files, mount: Mount, fsid: str | None) -> dict[str, Any]:
    row: dict[str, Any] = {"mount": mount.path, "source": mount.source, "fsid": fsid}
    folders = files.glob("/sys/fs/btrfs/%s/devinfo/*" % fsid) if fsid else []
    shown = {os.path.basename(folder): read_stats(files.read(folder + "/error_stats")) for folder in folders}
    row["missing"] = sum(files.number(folder + "/missing") or 0 for folder in folders)
    if folders and all(shown.values()):
        return {
            **row,
            "errors": {"%s.%s" % (dev, key): n for dev, it in shown.items() for key, n in it.items()},
        }
    ran = agent.run(["btrfs", "device", "stats", mount.path], timeout=15)
    if not ran.ok and not ran.out:
        why = "btrfs is not installed" if ran.note == "missing" else clean(ran.err.strip(), 200) or ran.note
        agent.gap("btrfs: %s" % mount.path, why, "Run as root, with btrfs-progs installed.")
        return {**row, "errors": None}
    return {**row, "errors": parse_stats(ran.out)}


def read_stats(text: str | None) -> dict[str, int]:
    """`write_errs 0`, a line each."""
    words = [line.split() for line in (text or "").splitlines()]
    return {it[0]: int(it[1]) for it in words if len(it) == 2 and it[0] in COUNTERS and it[1].isdigit()}


def parse_stats(text: str) -> dict[str, int]:
    """`[/dev/sdb].write_io_errs   0`, a line each."""
    found = re.findall(r"(?m)^\[([^\]]+)\]\.(\w+)\s+(\d+)\s*$", text)
    return {clean("%s.%s" % (device, name), 200): int(number) for device, name, number in found}
