"""Whether there are backups, new enough, enough of them, and none that suddenly is small."""

from __future__ import annotations

from typing import Any

from agent_kit_rules import Finding
from agent_kit_wording import count, size, span
from context import Context
from target import DAY, HOUR, Backup, Look

# A found one without a policy is late when its own habit says so, and never before this.
AT_LEAST_FOUND_H = 8 * 24.0
HABIT = 2.5
IN_THE_FUTURE_S = 3600.0
SMALL = 1 << 20
# A job around midnight may make a day look empty.
SLACK = 0.7


def judge_age(look: Look, context: Context) -> list[Finding]:
    if look.missing or look.refused:
        return []
    if not look.series:
        return [none(look)]
    found: list[Finding] = []
    for group, backups in look.groups.items():
        subject = subject_of(look, group)
        found += judge_newest(look, subject, backups, context)
        found += judge_shrunk(look, subject, group, backups, context)
        found += judge_kept(look, subject, backups, context)
    return found


def subject_of(look: Look, group: str) -> str:
    return look.target.location if group == "*" else "%s [%s]" % (look.target.location, group)


def none(look: Look) -> Finding:
    where = look.target.location
    return Finding(
        *("backup.none", "critical", where, "%s holds no backup" % where, {"kind": look.target.kind}),
        "See whether the job that should write there runs, and whether this is the right place.",
    )


def judge_newest(look: Look, subject: str, backups: list[Backup], context: Context) -> list[Finding]:
    newest = backups[-1].at
    age = context.now - newest
    if age < -IN_THE_FUTURE_S:
        title = "The newest backup of %s lies %s in the future" % (subject, span(age))
        evidence = {"newest_at": newest, "now": context.now}
        fix = "Set the clocks right: of this machine, and of the one that made the backup."
        return [Finding("backup.future", "warning", subject, title, evidence, fix)]
    usual = habit(backups)
    limit = limit_h(look, usual, context) * HOUR
    if age <= limit:
        return []
    evidence = {
        "age_h": round(age / HOUR, 1),
        "limit_h": round(limit / HOUR, 1),
        "usual_h": None if usual is None else round(usual / HOUR, 1),
        "backups": len(backups),
    }
    fix = (
        "Look at the job that makes it: its timer or cron line, and its last words. If it is meant to be "
        "rare, name it as a target and give it a policy: max_age_h=%d %s." % (3 * age / HOUR, look.target.key)
    )
    severity = "critical" if age > 3 * limit else "high"
    title = "The newest backup of %s is %s old" % (subject, span(age))
    certain = "likely" if look.target.is_found else "certain"
    return [Finding("backup.stale", severity, subject, title, evidence, fix, certain)]


def habit(backups: list[Backup]) -> float | None:
    """The usual time between two, from four on."""
    if len(backups) < 4:
        return None
    gaps = sorted(after.at - before.at for before, after in zip(backups, backups[1:]))
    return gaps[len(gaps) // 2]


def limit_h(look: Look, usual: float | None, context: Context) -> float:
    own = look.target.policy.get("max_age_h")
    if own is not None:
        return own
    wanted = float(context.options["max_age_h"])
    if not look.target.is_found:
        return wanted
    return max(wanted, AT_LEAST_FOUND_H, HABIT * usual / HOUR if usual is not None else 0.0)


def judge_shrunk(
    look: Look, subject: str, group: str, backups: list[Backup], context: Context
) -> list[Finding]:
    """Against the earlier ones, of this run and of past runs."""
    sizes = [backup.size for backup in backups if backup.size is not None]
    if not sizes:
        return []
    kept = context.before(look.target.location).get("bytes")
    past = [
        it for it in (kept.get(group) or [] if isinstance(kept, dict) else []) if isinstance(it, (int, float))
    ]
    before = sorted([*past, *sizes[:-1]])
    if not before:
        return []
    median, newest = before[len(before) // 2], sizes[-1]
    if median <= SMALL or newest >= median * (1 - context.options["shrink_pct"] / 100):
        return []
    title = "The newest backup of %s holds %s instead of about %s" % (subject, size(newest), size(median))
    fix = (
        "See whether its source is still there and mounted, and whether something was excluded. Do not "
        "remove older backups before you know."
    )
    evidence = {"bytes": newest, "median": median, "compared_with": len(before)}
    return [Finding("backup.shrunk", "high", subject, title, evidence, fix)]


def judge_kept(look: Look, subject: str, backups: list[Backup], context: Context) -> list[Finding]:
    found = []
    first_seen = context.before(look.target.location).get("first_seen")
    known_since = first_seen if isinstance(first_seen, (int, float)) else context.now
    for name, unit, length in (
        ("keep_daily", "day", 1),
        ("keep_weekly", "week", 7),
        ("keep_monthly", "month", 30),
    ):
        wanted = int(look.target.policy.get(name, 0 if look.target.is_found else context.options[name]))
        if wanted < 1:
            continue
        period = length * DAY
        have = len({int(it.at // period) for it in backups if context.now - it.at < (wanted + 1) * period})
        # Whoever began lately cannot have many yet.
        is_old_enough = min(backups[0].at, known_since) < context.now - wanted * period * 0.9
        if have < SLACK * wanted and is_old_enough:
            title = "%s has backups of %s where %d are wanted" % (subject, count(have, unit), wanted)
            evidence: dict[str, Any] = {"have": have, "want": wanted, "oldest_at": backups[0].at}
            fix = "Compare the rules by which old backups are removed with what you want to keep."
            found.append(Finding("backup.retention", "warning", subject, title, evidence, fix))
    return found


def no_targets() -> Finding:
    return Finding(
        *(
            "backup.no_targets",
            "warning",
            "this node",
            "No backup was found on this node, and none is named",
            {},
        ),
        "If its backups lie elsewhere, name that place as a target. If there are none: begin with what you "
        "would miss.",
    )
