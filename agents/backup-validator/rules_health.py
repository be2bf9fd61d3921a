"""Whether what is there can be opened, is whole, and lies where it is of use."""

from __future__ import annotations

import os
from typing import Any

from agent_kit_rules import Finding
from agent_kit_wording import count, quoted, size, some
from context import Context
from rules_age import subject_of
from target import DAY, Look

STALE_LOCK_H = 24.0
SPARE_COVERAGE_S = 14 * DAY
LITTLE_DEDUP = 10  # backups from which sharing between them should show
FULL_SOON_D = 30.0

WORDS = {
    "wrong-password": ("the password is wrong", "Enter the right one under Backups."),
    "no-repository": ("there is no repository", "See whether the path is right and its disk is mounted."),
    "locked": ("it is locked", "A backup may be running. If none is, remove the lock with the tool itself."),
    "error": ("it could not be read", "Run the tool by hand on the node and read its answer."),
}
COPY_FIRST = (
    "Do not prune, repair or overwrite anything yet. Copy the repository first, check the disk (smartctl "
    "-a), then follow what the tool's manual says about repair. Make a new backup elsewhere meanwhile."
)


def judge_health(look: Look, context: Context) -> list[Finding]:
    if look.missing:
        return [target_missing(look)]
    found: list[Finding] = []
    if look.refused:
        found.append(unreadable(look))
    if look.lacks_secret:
        found.append(no_credentials(look))
    found += judge_damage(look)
    found += judge_sets(look)
    stale = [age for age in look.locks if age > STALE_LOCK_H]
    if stale:
        found.append(stale_lock(look, stale))
    found += judge_place(look, context)
    found += judge_coverage(look, context)
    found += judge_growth(look, context)
    return found


def target_missing(look: Look) -> Finding:
    where = look.target.location
    title = "%s cannot be reached: %s" % (where, look.missing)
    fix = "Is its disk or share mounted? See findmnt and /etc/fstab. Until then, nothing is backed up there."
    evidence = {"kind": look.target.kind, "why": look.missing}
    return Finding("backup.target_missing", "critical", where, title, evidence, fix)


def unreadable(look: Look) -> Finding:
    where, refused = look.target.location, look.refused or {}
    words, fix = WORDS.get(str(refused.get("why")), WORDS["error"])
    title = "%s cannot be opened: %s" % (where, words)
    return Finding("backup.unreadable", "critical", where, title, {"kind": look.target.kind, **refused}, fix)


def no_credentials(look: Look) -> Finding:
    where = look.target.location
    title = "%s was only looked at from outside: its password is not here" % where
    fix = "Enter the password under Backups: then its list, its content and a restore can be checked."
    return Finding("backup.no_credentials", "info", where, title, {"kind": look.target.kind}, fix)


def judge_damage(look: Look) -> list[Finding]:
    if not look.damage:
        return []
    # Files that are a backup each are each a matter of their own.
    if look.target.kind in ("archives", "vzdump"):
        return [damaged_file(look, it) for it in look.damage]
    where = look.target.location
    names = [it["what"] for it in look.damage]
    title = "%s is damaged: %s" % (where, some(names, 2))
    evidence = {
        "files": names[:20],
        "count": len(names),
        "why": look.damage[0]["why"],
        "how": look.damage[0]["how"],
    }
    return [Finding("backup.corrupt", "critical", where, title, evidence, COPY_FIRST)]


def damaged_file(look: Look, damage: dict[str, Any]) -> Finding:
    where = os.path.join(look.target.location, damage["what"])
    title = "%s cannot be read to its end" % where
    fix = "Keep it until there is a good one. Check the disk, then make the backup again: %s" % quoted(where)
    evidence = {"file": damage["what"], "why": damage["why"], "how": damage["how"]}
    return Finding("backup.corrupt", "critical", where, title, evidence, fix)


def judge_sets(look: Look) -> list[Finding]:
    where, found = look.target.location, []
    for it in look.incomplete:
        subject = subject_of(look, it.get("group", "*"))
        title = "The backup %s in %s is incomplete" % (it["id"], where)
        fix = "Something of it is missing. Make a full backup anew, and find out what removed the rest."
        severity = "high" if it.get("is_running") else "critical"
        found.append(Finding("backup.incomplete", severity, subject, title, it, fix))
    for it in look.broken_chains:
        title = "The increment %s in %s has nothing to build on" % (it["id"], where)
        fix = "Make a full backup now: neither this one nor what follows it can be restored."
        found.append(Finding("backup.chain_broken", "critical", where, title, it, fix))
    for level, numbers in look.missing_numbers.items():
        names = ["%s.%d" % (level, number) for number in numbers]
        title = "Snapshots are missing in %s: %s" % (where, some(names))
        fix = "Did somebody remove them? Otherwise see the log of rsnapshot: a rotation broke off."
        found.append(
            Finding("backup.gap", "warning", where, title, {"level": level, "missing": numbers[:50]}, fix)
        )
    for job in look.failed_jobs:
        subject = subject_of(look, job["group"])
        title = "The last backup job of %s failed" % subject
        evidence = {"backup": job["id"], "said": job["said"]}
        fix = "Read the whole log of the job, mend the cause, and run it again."
        found.append(Finding("backup.job_failed", "high", subject, title, evidence, fix))
    if look.empty:
        title = "The newest snapshot in %s, %s, holds no file" % (where, look.empty)
        fix = "See whether the source is still there, then run the backup again and read its log."
        found.append(Finding("backup.empty", "critical", where, title, {"snapshot": look.empty}, fix))
    return found


def stale_lock(look: Look, ages: list[float]) -> Finding:
    where = look.target.location
    title = "A lock on %s is %d hours old: new backups may be waiting for it" % (where, ages[0])
    tool = {"restic": "restic unlock", "borg": "borg break-lock"}.get(look.target.kind, "its tool")
    fix = "If no backup is running on any machine, remove it with %s." % tool
    return Finding("backup.stale_lock", "warning", where, title, {"ages_h": ages[:10]}, fix)


def judge_place(look: Look, context: Context) -> list[Finding]:
    """On the disk of what it protects, it dies with it."""
    if not (context.options["same_disk"] and look.target.is_local):
        return []
    same = [source for source in look.sources if is_same_disk(look.target.location, source)]
    if not same:
        return []
    where = look.target.location
    title = "%s lies on the same disk as what it protects: %s" % (where, some(same))
    fix = "Keep another copy on another disk, better on another machine: one failure would take both."
    return [Finding("backup.same_disk", "warning", where, title, {"sources": same[:20]}, fix)]


def is_same_disk(location: str, source: str) -> bool:
    try:
        return os.stat(location).st_dev == os.stat(source).st_dev
    except (OSError, ValueError):
        return False


def judge_coverage(look: Look, context: Context) -> list[Finding]:
    """Whether all of it was read within the runs that it should take, and two weeks more."""
    check = window_check(look)
    kept = context.before(look.target.location)
    windows = kept.get("windows")
    if check is None or not isinstance(windows, dict) or not isinstance(kept.get("first_seen"), (int, float)):
        return []
    _, of = check["window"].split("/")
    read = [
        at for number in range(int(of)) for at in [windows.get(str(number))] if isinstance(at, (int, float))
    ]
    since = min(read) if len(read) == int(of) else kept["first_seen"]
    between = kept.get("between")
    usual = between if isinstance(between, (int, float)) else DAY
    allowed = int(of) * usual + SPARE_COVERAGE_S
    if context.now - since <= allowed:
        return []
    where = look.target.location
    title = "Not all of %s has been read for %s" % (where, count((context.now - since) / DAY, "day"))
    fix = "Let it read more in a run (Read at most), run it more often, or give a run more time."
    evidence = {"parts_read": len(read), "parts": int(of), "since": since}
    return [Finding("backup.unverified", "warning", where, title, evidence, fix)]


def window_check(look: Look) -> dict[str, Any] | None:
    return next((check for check in look.checks if "window" in check), None)


def judge_growth(look: Look, context: Context) -> list[Finding]:
    where, found = look.target.location, []
    kept = context.before(where).get("sizes")
    pairs = [it for it in (kept if isinstance(kept, list) else []) if isinstance(it, list) and len(it) == 2]
    if look.size is not None:
        days = days_until_full(
            [(float(at), float(octets)) for at, octets in [*pairs, [context.now, look.size]]], look.free
        )
        if days is not None and days <= FULL_SOON_D:
            title = "%s fills its disk in about %s if it grows on like this" % (
                where,
                count(max(1, days), "day"),
            )
            evidence = {"bytes": look.size, "free": look.free, "days": round(days, 1)}
            fix = "Remove old backups by the tool's own rules (forget, prune, compact), or give it more room."
            found.append(Finding("backup.growth", "info", where, title, evidence, fix, "medium"))
    raw, backups = look.stats.get("raw"), [it for it in look.series if it.size]
    whole = sum(it.size or 0 for it in backups)
    if raw and len(backups) >= LITTLE_DEDUP and whole > 1 << 30 and raw > 0.9 * whole:
        title = "Backups in %s share almost nothing: %s for %s" % (where, size(raw), size(whole))
        fix = "Archives that are packed or encrypted before are new each time. Let it see plain files."
        found.append(Finding("backup.dedup_low", "info", where, title, {"raw": raw, "restored": whole}, fix))
    return found


def days_until_full(samples: list[tuple[float, float]], free: int | None) -> float | None:
    """By the median of all slopes, from six sizes over three days on: one large backup is no trend."""
    if free is None or len(samples) < 6 or samples[-1][0] - samples[0][0] < 3 * DAY:
        return None
    slopes = sorted(
        (y2 - y1) / (x2 - x1) * DAY
        for place, (x1, y1) in enumerate(samples)
        for x2, y2 in samples[place + 1 :]
        if x2 - x1 > 1800
    )
    slope = slopes[len(slopes) // 2] if slopes else 0.0
    # Low ones too must grow, or it goes up and down.
    return free / slope if slope > 0 and slopes[len(slopes) * 15 // 100] > 0 else None
