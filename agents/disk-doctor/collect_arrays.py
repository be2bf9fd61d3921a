"""Arrays of Linux (md) and of Unraid."""

from __future__ import annotations

import re
from typing import Any

from agent_kit import Agent, clean
from agent_kit_files import Files

# The two timers of mdadm that check arrays leave their mark here.
CHECK_STAMPS = (
    "/var/lib/systemd/timers/stamp-mdcheck_start.timer",
    "/var/lib/systemd/timers/stamp-mdcheck_continue.timer",
)
WITH_REDUNDANCY = ("raid1", "raid4", "raid5", "raid6", "raid10")


def collect_arrays(files: Files) -> list[dict[str, Any]]:
    text = files.read("/proc/mdstat") or ""
    arrays = parse_mdstat(text)
    if files.exists("/etc/synoinfo.conf"):
        # Synology keeps its system on small arrays with places for disks that were never there.
        arrays = [array for array in arrays if array["name"] not in ("md0", "md1")]
    stamps = [at for at in (files.changed_at(path) for path in CHECK_STAMPS) if at is not None]
    for array in arrays:
        folder = "/sys/block/%s/md/" % array["name"]
        array["mismatch"] = files.number(folder + "mismatch_cnt")
        array["action"] = files.text(folder + "sync_action") or None
        array["last_action"] = files.text(folder + "last_sync_action") or None
        array["uuid"] = files.text(folder + "uuid") or None
        array["check_stamp"] = max(stamps) if stamps else None
    return arrays


def parse_mdstat(text: str) -> list[dict[str, Any]]:
    arrays: list[dict[str, Any]] = []
    for line in text.splitlines():
        head = re.match(
            r"(md[\w-]+) : (\w+)(?: \([^)]*\))*(?: (raid\d+|linear|multipath|faulty))?(.*)$", line
        )
        if head:
            arrays.append(to_array(*head.groups()))
        elif arrays and line.startswith(" "):
            read_below(arrays[-1], line)
    return arrays


def to_array(name: str, state: str, level: str | None, members: str) -> dict[str, Any]:
    found = re.findall(r"([^\s\[]+)\[\d+\]((?:\(\w\))*)", members)
    return {
        "name": name,
        "state": state,
        "level": level,
        "members": [member for member, _ in found],
        "failed": [member for member, marks in found if "(F)" in marks],
        "spares": [member for member, marks in found if "(S)" in marks],
        "want": None,
        "have": None,
        "op": None,
    }


def read_below(array: dict[str, Any], line: str) -> None:
    size = re.search(r"\[(\d+)/(\d+)\] \[[U_]+\]", line)
    if size:
        array.update(want=int(size.group(1)), have=int(size.group(2)))
    work = re.search(r"(recovery|resync|reshape|check|repair)\s*=\s*([\d.]+)%", line)
    waits = re.search(r"(recovery|resync|reshape|check)\s*=\s*(DELAYED|PENDING)", line)
    if work:
        left = re.search(r"finish=([\d.]+)min", line)
        left_s = round(float(left.group(1)) * 60) if left else None
        array["op"] = {"what": work.group(1), "pct": float(work.group(2)), "left_s": left_s}
    elif waits:
        array["op"] = {"what": waits.group(1), "pct": 0.0, "left_s": None}


def collect_unraid(files: Files) -> dict[str, Any] | None:
    """The array of Unraid, whose mdstat is another one; None where there is none."""
    text = files.read("/proc/mdstat") or ""
    if not re.search(r"^mdNumDisabled=", text, re.MULTILINE):
        return None
    told = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {
        "state": clean(told.get("mdState", ""), 40),
        "disabled": to_int(told.get("mdNumDisabled")),
        "invalid": to_int(told.get("mdNumInvalid")),
        "missing": to_int(told.get("mdNumMissing")),
        "disks": [row for row in (unraid_disk(told, place) for place in unraid_places(told)) if row],
    }


def unraid_places(told: dict[str, str]) -> list[int]:
    found = (re.fullmatch(r"rdevStatus\.(\d{1,3})", key) for key in told)
    return sorted(int(match.group(1)) for match in found if match)


def unraid_disk(told: dict[str, str], place: int) -> dict[str, Any] | None:
    status = told["rdevStatus.%d" % place]
    if status == "DISK_NP":
        return None  # nothing was ever put there
    return {
        "name": {0: "parity", 29: "parity 2"}.get(place, "disk %d" % place),
        "device": clean(told.get("rdevName.%d" % place, ""), 60) or None,
        "status": clean(status, 40),
        "errors": to_int(told.get("rdevNumErrors.%d" % place)) or 0,
        "id": clean(told.get("diskId.%d" % place, ""), 100) or None,
    }


def to_int(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None


def read_checks(agent: Agent, names: list[str], now: float, uptime_s: float) -> dict[str, float]:
    """When the kernel last said that it checked an array, as far back as its log reaches."""
    if not names:
        return {}
    found: dict[str, float] = {}
    for line in agent.run(["dmesg"], timeout=5, limit=8 << 20, sudo=True).out.splitlines():
        said = re.match(
            r"(?:<\d+>)?\[\s*(\d+\.\d+)\] md: (?:data-check of RAID array (\S+)|(\S+): data-check done)", line
        )
        name = said and (said.group(2) or said.group(3)).rstrip(".")
        if said and name in names:
            found[name] = now - uptime_s + float(said.group(1))
    return found
