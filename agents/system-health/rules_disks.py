"""What is wrong with the file systems. Facts and history in, findings out."""

from __future__ import annotations

import errno
from typing import Any

from agent_kit_forecast import forecast_fill
from agent_kit_rules import Finding
from agent_kit_wording import count, quoted, size, span
from context import Context

GIB = 1 << 30
DAY = 86400.0
SEEN_RUNS = 3  # a mount without fstab entry is missed when the last three runs had it


def judge_disks(rows: list[dict[str, Any]], mounted: set[str], context: Context) -> list[Finding]:
    found: list[Finding] = []
    for row in rows:
        if row["state"] == "ok":
            found += judge_space(row, context)
            found += judge_inodes(row, context)
            found += judge_health(row, context)
        elif row["state"] == "hung":
            found.append(mount_hung(row))
        elif row["state"] == "error" and row.get("errno") == errno.ESTALE:
            found.append(mount_stale(row))
        elif row["state"] == "missing" and not context.in_container:
            found.append(
                mount_missing(row["mount"], {"fstab": row["source"], "fstype": row["fstype"]}, "certain")
            )
    return found + judge_vanished(mounted, context)


def judge_space(row: dict[str, Any], context: Context) -> list[Finding]:
    if row["ro"] or row["ro_super"]:
        return []  # nothing can fill it
    mount, options = row["mount"], context.options
    level = context.level("disk.full", mount, row["pct"], options["disk_warn_pct"], options["disk_crit_pct"])
    # 5 % of 20 TB is 1 TB and no emergency.
    if level == "critical" and row["avail"] >= options["disk_crit_free_gib"] * GIB:
        level = "warning"
    if level == "warning" and row["avail"] >= options["disk_warn_free_gib"] * GIB:
        level = None
    fix = (
        "See what takes the space: sudo du -xhd2 %s | sort -h | tail -20. Often it is old logs "
        "(journalctl --vacuum-size=200M), packages (apt-get clean) or containers (docker system df)."
        % quoted(mount)
    )
    samples = past_use(mount, context, 0, 1)
    samples.append((context.now, row["used"], row["used"] + row["avail"]))
    row["forecast"] = forecast_fill(samples)
    if level:
        title = "%s is %.0f %% full (%s left)" % (mount, row["pct"], size(row["avail"]))
        evidence = {key: row[key] for key in ("pct", "used", "avail", "size", "fstype", "source")}
        full = [Finding("disk.full", level, mount, title, evidence, fix)]
        if level == "critical":
            return full  # when it will be full is no longer the question
        return full + judge_growth(row, samples, context, fix)
    return judge_growth(row, samples, context, fix)


def judge_growth(row: dict[str, Any], samples: list[Any], context: Context, fix: str) -> list[Finding]:
    mount, forecast = row["mount"], row["forecast"]
    capacity = row["used"] + row["avail"]
    if len(samples) > 1:
        at, used, was = samples[-2]
        rise, seconds = row["used"] - used, max(300.0, context.now - at)
        hours = row["avail"] / (rise / seconds) / 3600 if rise > 0 else None
        if (
            abs(capacity - was) <= 0.01 * capacity
            and rise > 0.1 * capacity
            and hours is not None
            and hours < 24
        ):
            title = "%s grew by %s in %s and would be full in %s" % (
                *(mount, size(rise), span(seconds)),
                span(hours * 3600),
            )
            evidence = {
                "rise": rise,
                "seconds": round(seconds),
                "hours_left": round(hours, 1),
                "avail": row["avail"],
            }
            again = "Find what was written just now: sudo find %s -xdev -mmin -%d -size +100M. %s"
            fix = again % (quoted(mount), min(1440, seconds / 60 + 5), fix)
            return [Finding("disk.fast_growth", "warning", mount, title, evidence, fix, "likely")]
    days, confidence = forecast.get("days"), forecast.get("confidence")
    if days is None or confidence not in ("high", "medium") or days > context.options["fill_days_warn"]:
        return []
    severity = "critical" if days <= context.options["fill_days_crit"] else "warning"
    rate = size(forecast["slope_per_day"])
    title = "%s will be full in about %s (it grows by %s a day)" % (mount, span(days * DAY), rate)
    evidence = {
        key: forecast.get(key) for key in ("days", "days_lo", "days_hi", "slope_per_day", "n", "span_d")
    }
    evidence.update(window_d=forecast.get("window_d"), pct=row["pct"], avail=row["avail"])
    return [Finding("disk.fill_forecast", severity, mount, title, evidence, fix, confidence)]


def judge_inodes(row: dict[str, Any], context: Context) -> list[Finding]:
    pct, mount, options = row.get("inodes_pct"), row["mount"], context.options
    if pct is None or row["ro"]:
        return []
    fix = "Find where the many small files are: sudo du --inodes -xd3 %s | sort -n | tail -20." % quoted(
        mount
    )
    evidence = {key: row[key] for key in ("inodes", "inodes_used", "inodes_pct")}
    level = context.level("disk.inodes", mount, pct, options["inode_warn_pct"], options["inode_crit_pct"])
    if level:
        free = row["inodes"] - row["inodes_used"]
        title = "%s has room for only %s more (%.0f %% of its inodes are used)" % (
            mount,
            count(free, "file"),
            pct,
        )
        return [Finding("disk.inodes", level, mount, title, {**evidence, "space_pct": row["pct"]}, fix)]
    samples = past_use(mount, context, 2, 3)
    forecast = forecast_fill([*samples, (context.now, row["inodes_used"], row["inodes"])])
    days, confidence = forecast.get("days"), forecast.get("confidence")
    if days is None or confidence not in ("high", "medium") or days > options["fill_days_warn"]:
        return []
    evidence.update({key: forecast.get(key) for key in ("days", "days_lo", "days_hi", "slope_per_day")})
    title = "%s runs out of inodes in about %s" % (mount, span(days * DAY))
    return [Finding("disk.inode_forecast", "warning", mount, title, evidence, fix, confidence)]


def judge_health(row: dict[str, Any], context: Context) -> list[Finding]:
    mount, found = row["mount"], []
    should_write = row.get("fstab") is not None and "ro" not in row["fstab"]
    # Some file systems cannot be anything but read-only; then nobody asked for more.
    if (row["ro_super"] and not row["ro"]) or ((row["ro"] or row["ro_super"]) and should_write):
        evidence = {key: row.get(key) for key in ("fstype", "source", "ro", "ro_super", "fstab")}
        fix = (
            "The kernel does this after write errors. Look at its log (dmesg | grep -iE "
            "'ext4|xfs|btrfs|i/o error'), "
            "save what matters, check the disk (smartctl -a), then fsck the unmounted file system."
        )
        title = "%s has become read-only" % mount
        found.append(Finding("disk.readonly", "critical", mount, title, evidence, fix))
    if row.get("fs_errors"):
        device = row["device"]
        evidence = {"errors_count": row["fs_errors"], "last_error_at": row["fs_error_at"], "mount": mount}
        title = "ext4 has recorded %s on %s (%s)" % (count(row["fs_errors"], "error"), device, mount)
        fix = "Check the disk first (smartctl -a /dev/%s). Then unmount it and run: fsck -f %s." % (
            *(device, quoted(row["source"])),
        )
        found.append(Finding("disk.fs_errors", "high", device, title, evidence, fix))
    return found


def mount_hung(row: dict[str, Any]) -> Finding:
    evidence = {"fstype": row["fstype"], "source": row["source"], "waited_s": 3}
    fix = (
        "Is %s up and reachable? If it will not come back: sudo umount -l %s. Programs that touch it hang."
        % (*(row["source"], quoted(row["mount"])),)
    )
    return Finding(
        "disk.mount_hung", "high", row["mount"], "%s does not answer" % row["mount"], evidence, fix
    )


def mount_stale(row: dict[str, Any]) -> Finding:
    mount = row["mount"]
    evidence = {"fstype": row["fstype"], "source": row["source"], "errno": row["errno"]}
    fix = "Its server was changed or restarted. Mount it again: sudo umount -l {0} && sudo mount {0}.".format(
        quoted(mount)
    )
    return Finding(
        "disk.mount_stale", "high", mount, "%s is stale: its server forgot it" % mount, evidence, fix
    )


def mount_missing(mount: str, evidence: dict[str, Any], confidence: str) -> Finding:
    fix = (
        "Try: sudo mount %s, and read its answer. Until it is back, what is written there lands on the "
        "disk below. "
        "If it is gone for good, remove it from /etc/fstab, or add nofail if it may be absent."
        % quoted(mount)
    )
    return Finding(
        "disk.mount_missing", "high", mount, "%s is not mounted" % mount, evidence, fix, confidence
    )


def judge_vanished(mounted: set[str], context: Context) -> list[Finding]:
    """Mounts without a promise in fstab that the last runs had; told until three runs have missed them."""
    found = []
    for mount, (seen, missed) in mount_counts(context).items():
        if seen >= SEEN_RUNS and mount not in mounted and missed < SEEN_RUNS:
            found.append(mount_missing(mount, {"seen_in_runs": seen, "missed_before": missed}, "likely"))
    return found


def mount_counts(context: Context) -> dict[str, tuple[int, int]]:
    """By mount: in how many runs it was seen, and in how many after that it was missed."""
    last = context.history.last("mounts")
    if not isinstance(last, dict):
        return {}
    pairs = {mount: value for mount, value in last.items() if isinstance(value, list) and len(value) == 2}
    return {mount: (int(seen), int(missed)) for mount, (seen, missed) in pairs.items()}


def count_mounts(rows: list[dict[str, Any]], mounted: set[str], context: Context) -> dict[str, list[int]]:
    """What the next run shall know. Removable things, and what fstab speaks for, are none of it."""
    counts = {}
    before = mount_counts(context)
    for row in rows:
        if (
            row.get("fstab") is None
            and not row["mount"].startswith(("/media/", "/run/"))
            and row["mount"] != "/"
        ):
            counts[row["mount"]] = [min(SEEN_RUNS, before.get(row["mount"], (0, 0))[0] + 1), 0]
    for mount, (seen, missed) in before.items():
        if mount not in mounted and missed + 1 < SEEN_RUNS + 1:
            counts[mount] = [seen, missed + 1]
    return counts


def past_use(mount: str, context: Context, used: int, capacity: int) -> list[tuple[float, float, float]]:
    """Samples `(time, used, capacity)` from `{mount: [used, capacity, inodes used, inodes]}` of each run."""
    samples = []
    for at, value in context.history.past("disk"):
        row = value.get(mount) if isinstance(value, dict) else None
        if isinstance(row, list) and len(row) > capacity and row[used] is not None and row[capacity]:
            samples.append((at, float(row[used]), float(row[capacity])))
    return [sample for sample in samples if sample[0] < context.now]


def keep_use(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {
        row["mount"]: [row["used"], row["used"] + row["avail"], row.get("inodes_used"), row.get("inodes")]
        for row in rows
        if row["state"] == "ok"
    }
