"""What takes the room on file systems that are nearly full, and what takes room without a name.

Only there is anything walked, one folder after the other, and for a bounded time: a light agent must not keep
the disks of a node busy.
"""

from __future__ import annotations

import heapq
import os
import stat
import time
from typing import Any, Iterator

from agent_kit import Agent, clean
from mounts import Use

BLOCK = 512
MOST_FILES = 20
MOST_FOLDERS = 5
MOST_PROCESSES = 5000


def collect_space(agent: Agent, uses: list[Use], proc: str = "/proc") -> list[dict[str, Any]]:
    options = agent.options
    rows = [to_row(use) for use in uses if not use.mount.ro]
    by_device = {row["device"]: row for row in rows}
    is_whole = read_deleted(by_device, proc)
    crowded = [
        row for row in rows if row["pct"] >= options["look_pct"] or row["inodes_pct"] >= options["look_pct"]
    ]
    if crowded and not is_whole:
        agent.gap(
            "space: deleted files",
            "files that others have open cannot be seen by this user",
            "Run as root to be told what holds on to them.",
        )
    share_s = max(1.0, options["look_s"] / max(1, len(crowded)))
    for row in crowded:
        row.update(
            walk(row["mount"], row["device"], time.monotonic() + min(share_s, agent.seconds_left() - 2))
        )
        if not row["walked"]:
            agent.log("%s is too large to be looked through in %d s" % (row["mount"], share_s))
    return rows


def to_row(use: Use) -> dict[str, Any]:
    return {
        "mount": use.mount.path,
        "fstype": use.mount.fstype,
        "device": use.device,
        "used": use.used,
        "capacity": use.capacity,
        "pct": round(use.pct, 1),
        "inodes_pct": round(use.inodes_pct, 1),
        "deleted": [],
    }


def read_deleted(by_device: dict[int, dict[str, Any]], proc: str = "/proc") -> bool:
    """Files that were deleted while a program has them open: their room is free only when it lets go. Says
    whether all programs could be looked at."""
    seen: dict[tuple[int, int], dict[str, Any]] = {}
    is_whole = True
    for pid in [name for name in os.listdir(proc) if name.isdigit()][:MOST_PROCESSES]:
        folder = "%s/%s/fd" % (proc, pid)
        try:
            numbers = os.listdir(folder)
        except PermissionError:
            is_whole = False
            continue
        except OSError:
            continue  # it has ended meanwhile
        for number in numbers:
            try:
                path = os.readlink("%s/%s" % (folder, number))
                if not path.endswith(" (deleted)"):
                    continue
                found = os.stat("%s/%s" % (folder, number))
            except OSError:
                continue
            row = by_device.get(found.st_dev)
            if row is None or found.st_nlink or not stat.S_ISREG(found.st_mode):
                continue
            one = seen.setdefault(
                (found.st_dev, found.st_ino),
                {"path": clean(path[: -len(" (deleted)")], 300), "bytes": found.st_blocks * BLOCK, "by": []},
            )
            if one not in row["deleted"]:
                row["deleted"].append(one)
            who = {"pid": int(pid), "name": name_of(proc, pid)}
            if who not in one["by"] and len(one["by"]) < 5:
                one["by"].append(who)
    for row in by_device.values():
        row["deleted"].sort(key=lambda it: -it["bytes"])
    return is_whole


def name_of(proc: str, pid: str) -> str:
    try:
        with open("%s/%s/comm" % (proc, pid), "rb") as file:
            return clean(file.read(64).strip(), 40) or "?"
    except OSError:
        return "?"


def walk(top: str, device: int, deadline: float) -> dict[str, Any]:
    """The largest files, and the folders with the most bytes and the most entries. Never leaves the
    device."""
    files: list[tuple[int, str]] = []
    sizes: dict[str, int] = {}
    counts: dict[str, int] = {}
    seen: set[int] = set()
    waiting, is_whole = [top], True
    while waiting:
        if time.monotonic() > deadline:
            is_whole = False
            break
        folder = waiting.pop()
        group = first_part(top, folder)
        for entry, found in entries(folder):
            counts[folder] = counts.get(folder, 0) + 1
            if found.st_dev != device:
                continue
            if stat.S_ISDIR(found.st_mode):
                waiting.append(entry)
                continue
            if found.st_nlink > 1:
                if found.st_ino in seen:
                    continue
                seen.add(found.st_ino)
            octets = found.st_blocks * BLOCK
            sizes[group] = sizes.get(group, 0) + octets
            if stat.S_ISREG(found.st_mode):
                (heapq.heappush if len(files) < MOST_FILES else heapq.heappushpop)(files, (octets, entry))
    return {
        "walked": is_whole,
        "files": [{"path": clean(path, 300), "bytes": octets} for octets, path in sorted(files)[::-1]],
        "folders": most(sizes, "bytes"),
        "crowds": most(counts, "entries"),
    }


def entries(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    try:
        with os.scandir(folder) as listed:
            for entry in listed:
                try:
                    yield entry.path, entry.stat(follow_symlinks=False)
                except OSError:
                    continue
    except OSError:
        return  # one that this user may not open


def first_part(top: str, folder: str) -> str:
    """Folders are told two levels deep: deeper ones belong to the one above."""
    base = top.rstrip("/")
    parts = folder[len(base) :].strip("/").split("/")[:2]
    return "/".join([base, *[part for part in parts if part]]) or "/"


def most(numbers: dict[str, int], unit: str) -> list[dict[str, Any]]:
    largest = sorted(numbers.items(), key=lambda item: -item[1])[:MOST_FOLDERS]
    return [{"path": clean(path, 300), unit: number} for path, number in largest]
