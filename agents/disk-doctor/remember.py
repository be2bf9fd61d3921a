"""What the next run shall know. Only of what this run saw: a blind moment must not become the new normal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent_kit_rules import DAY, Finding
from context import Context
from rules_pools import first_seen, key_of, used_of
from rules_smart import GONE_TOLD_D, SEEN_RUNS, missing

if TYPE_CHECKING:
    from agent_kit import History


def remember(history: History, seen: dict[str, Any], findings: list[Finding], context: Context) -> None:
    # How severe each finding is, so that its threshold has some slack next time.
    history.keep("levels", {"%s:%s" % (it.rule, it.subject): it.severity for it in findings[:200]})
    if "smart" in seen:
        history.keep("smart", drives_to_keep(seen["smart"], context))
    if "checks" in seen:
        history.keep("checks", seen["checks"])
    if "unraid" in seen:
        history.keep("unraid", {row["id"] or row["name"]: row["errors"] for row in seen["unraid"]["disks"]})
    if seen.get("zfs"):
        history.keep("pools", {pool["name"]: first_seen(pool, context) for pool in seen["zfs"]})
    counted = {key_of(row): row["errors"] for row in seen.get("btrfs", []) if row["errors"] is not None}
    if counted:
        history.keep("btrfs", counted)
    levels = fill_levels(seen)
    if levels:
        history.keep("fill", levels)
    if "space" in seen:
        sizes = {
            row["mount"]: {file["path"]: file["bytes"] for file in row["files"]}
            for row in seen["space"]
            if "files" in row
        }
        history.keep("files", sizes)


def drives_to_keep(drives: list[dict[str, Any]], context: Context) -> dict[str, Any]:
    known = context.history.last("smart")
    known = known if isinstance(known, dict) else {}
    kept: dict[str, Any] = {}
    for drive in drives:
        if drive["state"] == "ok":
            before = known.get(drive["serial"])
            runs = before.get("seen", 0) if isinstance(before, dict) and "gone_at" not in before else 0
            kept[drive["serial"]] = {
                "dev": drive["dev"],
                "model": drive["model"],
                "seen": min(SEEN_RUNS, runs + 1),
                **{key: drive[key] for key in ("attrs", "nvme") if key in drive},
            }
    absent = missing(drives, context.history)
    for serial, row in known.items():
        if serial in kept or not isinstance(row, dict):
            continue
        if serial not in absent:
            if any(drive["state"] != "ok" for drive in drives):
                kept[serial] = row  # it sleeps, or did not answer
            continue
        since = row.get("gone_at") or context.now
        if context.now - since < GONE_TOLD_D * DAY:
            kept[serial] = {**row, "gone_at": since}
    return kept


def fill_levels(seen: dict[str, Any]) -> dict[str, list[int]]:
    levels = {
        "zfs:%s" % pool["name"]: [pool["alloc"], pool["size"]]
        for pool in seen.get("zfs", [])
        if pool["alloc"] is not None and pool["size"]
    }
    levels.update({"lvm:%s" % pool["name"]: [used_of(pool), pool["size"]] for pool in seen.get("lvm", [])})
    return levels
