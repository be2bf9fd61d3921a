"""What is wrong with pools: of ZFS, of Btrfs, and thin pools of LVM."""

from __future__ import annotations

from typing import Any

from agent_kit_forecast import forecast_fill
from agent_kit_rules import DAY, Finding
from agent_kit_wording import count, quoted, size, some, span
from context import Context

FINE = "No known data errors"
BROKEN = ("DEGRADED", "FAULTED", "UNAVAIL", "REMOVED", "OFFLINE")


def judge_zfs(pools: list[dict[str, Any]], context: Context) -> list[Finding]:
    found: list[Finding] = []
    for pool in pools:
        found += judge_pool(pool)
        found += judge_scrub(pool, context)
        found += judge_room(pool, context)
    return found


def judge_pool(pool: dict[str, Any]) -> list[Finding]:
    found, name = [], pool["name"]
    fix = "Which disk: sudo zpool status -v %s. Have your backup ready before you touch it." % quoted(name)
    if pool["health"] != "ONLINE":
        bad = [row for row in pool["vdevs"] if row["state"] in BROKEN]
        # The last ones are disks, those before only contain them.
        disks = [row["name"] for row in bad if row["depth"] == max(it["depth"] for it in bad)]
        title = "Pool %s is %s%s" % (name, pool["health"], ": %s" % some(disks) if disks else "")
        evidence = {
            "health": pool["health"],
            "status": pool["status"],
            "vdevs": bad[:8],
            "scan": pool["scan"],
        }
        found.append(Finding("zfs.pool_unhealthy", "critical", name, title, evidence, fix))
    if pool["errors"] and pool["errors"] != FINE:
        first = pool["errors"].split()[0]
        title = "Pool %s has lost data: %s" % (name, pool["errors"])
        evidence = {"errors_said": pool["errors"], "data_errors": int(first) if first.isdigit() else None}
        fix = (
            "Which files: sudo zpool status -v %s. Bring them back from a backup, then sudo zpool scrub %s."
            % (*(quoted(name), quoted(name)),)
        )
        return [*found, Finding("zfs.data_errors", "critical", name, title, evidence, fix)]
    wrong = [row for row in pool["vdevs"] if row["read"] or row["write"] or row["cksum"]]
    if wrong and pool["health"] == "ONLINE":
        total = sum(row["read"] + row["write"] + row["cksum"] for row in wrong)
        names = [row["name"] for row in wrong]
        title = "Pool %s mended %s of %s" % (name, count(total, "error"), some(names))
        fix = (
            "Look at that disk and its cable (sudo smartctl -a), scrub, and only then: sudo zpool clear %s."
            % quoted(name)
        )
        evidence = {"total": total, "vdevs": wrong[:8], "status": pool["status"]}
        found.append(Finding("zfs.device_errors", "high", name, title, evidence, fix))
    if pool["redundant"] is False:
        title = "Pool %s bears the loss of no disk" % name
        fix = (
            "ZFS finds damage there and cannot mend it. Keep a backup that is proved; sudo zpool attach "
            "makes "
            "a mirror."
        )
        found.append(Finding("zfs.no_redundancy", "info", name, title, {"vdevs": pool["vdevs"][:8]}, fix))
    return found


def is_scanning(pool: dict[str, Any]) -> bool:
    return "in progress" in (pool["scan"] or "")


def first_seen(pool: dict[str, Any], context: Context) -> float:
    known = context.history.last("pools")
    at = known.get(pool["name"]) if isinstance(known, dict) else None
    return float(at) if isinstance(at, (int, float)) else context.now


def judge_scrub(pool: dict[str, Any], context: Context) -> list[Finding]:
    if is_scanning(pool) or pool["health"] not in ("ONLINE", "DEGRADED"):
        return []
    since = pool["scanned_at"] if pool["scanned_at"] is not None else first_seen(pool, context)
    age_d = (context.now - since) / DAY
    if age_d <= context.options["scrub_days"]:
        return []
    name = pool["name"]
    never = "" if pool["scanned_at"] is not None else " (as far as was seen)"
    title = "Pool %s was not scrubbed for %s%s" % (name, span(age_d * DAY), never)
    fix = (
        "Disks rot where nobody reads. Scrub it: sudo zpool scrub %s; monthly by itself: zfs-scrub-monthly."
        % quoted(name)
    )
    evidence = {"age_d": round(age_d, 1), "scan": pool["scan"]}
    return [Finding("zfs.scrub_old", "warning", name, title, evidence, fix)]


def judge_room(pool: dict[str, Any], context: Context) -> list[Finding]:
    cap, name = pool["cap"], pool["name"]
    if cap is None:
        return []
    options = context.options
    level = context.level("zfs.capacity", name, cap, options["pool_warn_pct"], options["pool_crit_pct"])
    fix = (
        "Old snapshots often hold the room: zfs list -rt snapshot -o name,used -S used %s | head. "
        % quoted(name)
    )
    if level:
        title = "Pool %s is %d %% full (%s left)" % (name, cap, size(pool["free"] or 0))
        evidence = {key: pool[key] for key in ("cap", "frag", "free", "size")}
        full = "%sBeyond 90 %% ZFS grows slow, and a full pool cannot even delete." % fix
        return [Finding("zfs.capacity", level, name, title, evidence, full)]
    return judge_forecast("zfs", name, pool["alloc"], pool["size"], fix, context)


def judge_forecast(
    kind: str, name: str, used: int | None, capacity: int | None, fix: str, context: Context
) -> list[Finding]:
    """When it will be full, from what earlier runs saw. Told only where the samples agree well enough."""
    if used is None or not capacity:
        return []
    key = "%s:%s" % (kind, name)
    samples = [
        (at, value[key][0], value[key][1])
        for at, value in context.earlier("fill")
        if isinstance(value.get(key), list) and len(value[key]) == 2
    ]
    told = forecast_fill([*samples, (context.now, used, capacity)])
    days, options = told.get("days"), context.options
    if days is None or told.get("confidence") not in ("high", "medium") or days > options["fill_days_warn"]:
        return []
    severity = "critical" if days <= options["fill_days_crit"] else "warning"
    title = "%s will be full in about %s (it grows by %s a day)" % (
        *(name, span(days * DAY), size(told["slope_per_day"])),
    )
    evidence = {it: told.get(it) for it in ("days", "days_lo", "days_hi", "slope_per_day", "n", "span_d")}
    evidence["pct"] = round(100.0 * used / capacity, 1)
    return [Finding("%s.fill_forecast" % kind, severity, name, title, evidence, fix, told["confidence"])]


def judge_thin(pools: list[dict[str, Any]], context: Context) -> list[Finding]:
    found: list[Finding] = []
    for pool in pools:
        data, meta, name = pool["data_pct"], pool["meta_pct"], pool["name"]
        levels = {
            context.level("lvm.thin_full", name, data, 80, 95),
            context.level("lvm.thin_full", name, meta, 75, 90),
        }
        level = next((it for it in ("critical", "warning") if it in levels), None)
        fix = (
            "When it is full, its volumes break. Delete snapshots, run fstrim -av in the guests, or grow "
            "it: sudo "
            "lvextend -L +20G %s (metadata: --poolmetadatasize +1G)." % quoted(name)
        )
        if level:
            title = "Thin pool %s is %.0f %% full (its metadata %.0f %%)" % (name, data, meta)
            found.append(Finding("lvm.thin_full", level, name, title, {**pool, "pct": max(data, meta)}, fix))
        else:
            found += judge_forecast("lvm", name, used_of(pool), pool["size"], fix, context)
    return found


def used_of(pool: dict[str, Any]) -> int:
    return int(pool["size"] * pool["data_pct"] / 100)


def key_of(row: dict[str, Any]) -> str:
    return str(row["fsid"] or row["source"])


def judge_btrfs(rows: list[dict[str, Any]], context: Context) -> list[Finding]:
    found = []
    for row in rows:
        mount = row["mount"]
        if row["missing"]:
            title = "Btrfs at %s runs without %s" % (mount, count(row["missing"], "device"))
            fix = "Which one: sudo btrfs filesystem show %s. Replace it: sudo btrfs replace start." % quoted(
                mount
            )
            evidence = {"missing": row["missing"], "source": row["source"]}
            found.append(Finding("btrfs.device_missing", "critical", mount, title, evidence, fix))
        grown = {
            name: number - (context.settled("btrfs", key_of(row), name) or 0)
            for name, number in (row["errors"] or {}).items()
        }
        grown = {name: number for name, number in grown.items() if number > 0}
        if grown:
            total = sum(grown.values())
            title = "Btrfs at %s has counted %s: %s" % (mount, count(total, "error"), some(sorted(grown)))
            fix = (
                "Look at that disk and its cable (sudo smartctl -a), then read everything: sudo btrfs "
                "scrub start %s. "
                "When it is mended: sudo btrfs device stats -z %s." % (quoted(mount), quoted(mount))
            )
            evidence = {"total": total, "counters": grown, "source": row["source"]}
            found.append(Finding("btrfs.device_errors", "high", mount, title, evidence, fix))
    return found
