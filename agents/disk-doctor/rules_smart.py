"""What is wrong with the drives. Facts and history in, findings out.

Only few numbers of SMART mean the same on every drive. Those are judged, and of the counters above all that
they grow: a drive that has had three bad sectors for years is no news.
"""

from __future__ import annotations

from typing import Any

from agent_kit_rules import DAY, Finding
from agent_kit_wording import count, quoted, some, span
from context import Context
from smartctl import selftest_age_h

# What is counted, and how it is said of a drive.
SECTORS = {
    "5": "reallocated sectors",
    "187": "errors that could not be corrected",
    "188": "commands that timed out",
    "197": "sectors that wait to be reallocated",
    "198": "sectors that cannot be read",
    "defects": "sectors on the list of grown defects",
}
NVME_WARNINGS = (
    "spare low",
    "too hot",
    "reliability degraded",
    "read-only",
    "backup of its memory failed",
    "persistent memory unreliable",
)
WAITS_NOW = ("197", "198")
FEW_SECTORS = 10
CABLE_ERRORS = 5
SEEN_RUNS = 3
# So long a drive that is gone is told; by then somebody has seen it.
GONE_TOLD_D = 14
BACK_UP = "Is there a backup that was proved? Make one now, then replace the drive: it may fail any day."


def label_of(drive: dict[str, Any]) -> str:
    return "%s %s" % (drive["model"], drive["serial"])


def judge_drives(drives: list[dict[str, Any]], context: Context) -> list[Finding]:
    found: list[Finding] = []
    for drive in drives:
        if drive["state"] == "ok":
            found += judge_verdict(drive)
            found += judge_counters(drive, context)
            found += judge_selftest(drive, context)
            found += judge_heat(drive, context)
            if "nvme" in drive:
                found += judge_nvme(drive, context)
    return found + [
        gone(serial, row, context.now) for serial, row in missing(drives, context.history).items()
    ]


def look(drive: dict[str, Any]) -> str:
    return "Look: sudo smartctl -x %s." % quoted(drive["dev"])


def judge_verdict(drive: dict[str, Any]) -> list[Finding]:
    label, found = label_of(drive), []
    if drive["passed"] is False:
        title = "%s says of itself that it is failing" % label
        evidence = {"dev": drive["dev"], "exit_bits": drive["exit_bits"], "hours": drive["hours"]}
        found.append(
            Finding("smart.failed", "critical", label, title, evidence, "%s %s" % (BACK_UP, look(drive)))
        )
    for row in drive.get("below", []):
        title = "%s of %s is below the limit of its maker" % (row["name"], label)
        subject = "%s #%d" % (label, row["id"])
        evidence = {**row, "dev": drive["dev"]}
        found.append(
            Finding("smart.threshold", "critical", subject, title, evidence, "%s %s" % (BACK_UP, look(drive)))
        )
    return found


def judge_counters(drive: dict[str, Any], context: Context) -> list[Finding]:
    found, serial, label = [], drive["serial"], label_of(drive)
    for name, value in drive.get("attrs", {}).items():
        if not value:
            continue
        before = context.baseline("smart", serial, "attrs", name)
        if name == "199":
            if before is not None and value - before >= CABLE_ERRORS:
                found.append(cable(drive, value, before))
            continue
        is_news = context.settled("smart", serial, "attrs", name) is None
        severity = severity_of(name, value, before, is_news)
        if severity is None:
            continue
        grew = before is not None and value > before
        title = "%s: %s %s%s" % (label, value, SECTORS[name], " (%d before)" % before if grew else "")
        evidence = {"id": name, "value": value, "before": before, "dev": drive["dev"]}
        fix = "%s %s" % (BACK_UP if severity == "critical" else soon(drive), look(drive))
        found.append(
            Finding("smart.attr", severity, "%s #%s" % (label, name), title, evidence, fix, "likely")
        )
    return found


def severity_of(name: str, value: int, before: int | None, is_news: bool) -> str | None:
    """None for a counter that says nothing new."""
    if before is not None and value > before:
        return "high" if name == "188" else "critical"
    if name in WAITS_NOW:
        return "high"
    if name == "187":
        return "high" if is_news else None
    if name in ("5", "defects"):
        return "warning" if is_news and value >= FEW_SECTORS else None
    return None


def soon(drive: dict[str, Any]) -> str:
    test = "sudo smartctl -t long %s" % quoted(drive["dev"])
    return "Have a backup, let it test itself (%s) and watch whether the number grows." % test


def cable(drive: dict[str, Any], value: int, before: int) -> Finding:
    label = label_of(drive)
    title = "%s: %d errors on its cable lately (%d in all)" % (label, value - before, value)
    fix = "Seat the cable anew or replace it; on a backplane try another slot. The drive itself is fine."
    evidence = {"id": "199", "value": value, "before": before, "dev": drive["dev"]}
    return Finding("smart.crc", "warning", label, title, evidence, fix, "likely")


def judge_selftest(drive: dict[str, Any], context: Context) -> list[Finding]:
    label, test = label_of(drive), drive["selftest"]
    if test and not test["passed"]:
        title = "The last self-test of %s failed: %s" % (label, test["said"] or "no reason given")
        evidence = {
            "dev": drive["dev"],
            "lba": test["lba"],
            "at_hours": test["hours"],
            "hours": drive["hours"],
        }
        return [
            Finding(
                "smart.selftest_failed", "critical", label, title, evidence, "%s %s" % (BACK_UP, look(drive))
            )
        ]
    if not drive["can_selftest"] or drive["selftest_runs"] or drive["hours"] is None:
        return []
    days = context.options["selftest_days"]
    age_h = selftest_age_h(drive)
    if (drive["hours"] if age_h is None else age_h) <= days * 24:
        return []
    when = "ever" if age_h is None else "for %s of work" % span(age_h * 3600.0)
    title = "%s has not tested itself %s" % (label, when)
    fix = "Let it: sudo smartctl -t short %s. Regularly: see smartd." % quoted(drive["dev"])
    evidence = {"dev": drive["dev"], "age_h": age_h, "hours": drive["hours"]}
    return [Finding("smart.selftest_old", "info", label, title, evidence, fix)]


def judge_heat(drive: dict[str, Any], context: Context) -> list[Finding]:
    temp, label = drive["temp_c"], label_of(drive)
    limit = context.options["nvme_temp_c" if "nvme" in drive else "temp_c"]
    if temp is None or context.level("smart.temp", label, temp, limit, 1000) is None:
        return []
    title = "%s is at %d °C" % (label, temp)
    fix = "Is a fan standing still, or dust in its way? Drives live longest between 25 and 45 °C."
    return [
        Finding("smart.temp", "warning", label, title, {"c": temp, "limit": limit, "dev": drive["dev"]}, fix)
    ]


def judge_nvme(drive: dict[str, Any], context: Context) -> list[Finding]:
    nvme, label = drive["nvme"], label_of(drive)
    found = []

    def tell(rule: str, severity: str, title: str, fix: str) -> None:
        found.append(
            Finding(rule, severity, label, title, {**nvme, "dev": drive["dev"]}, "%s %s" % (fix, look(drive)))
        )

    bits = nvme["critical_warning"] or 0
    if bits:
        said = [text for bit, text in enumerate(NVME_WARNINGS) if bits >> bit & 1] or ["bits %d" % bits]
        tell("nvme.critical_warning", "critical", "%s warns: %s" % (label, some(said, 6)), BACK_UP)
    worn = nvme["percentage_used"] or 0
    if worn >= 90:
        title = "%s has used %d %% of the writes it was made for" % (label, worn)
        tell(
            "nvme.wear",
            "high" if worn >= 100 else "warning",
            title,
            "Plan its replacement, and see what writes so much.",
        )
    spare, least = nvme["available_spare"], nvme["available_spare_threshold"]
    if spare is not None and least and spare <= least:
        title = "%s has %d %% of its spare blocks left (its limit is %d %%)" % (label, spare, least)
        tell("nvme.spare", "high", title, BACK_UP)
    errors = nvme["media_errors"] or 0
    before = context.baseline("smart", drive["serial"], "nvme", "media_errors")
    is_news = context.settled("smart", drive["serial"], "nvme", "media_errors") is None
    if errors and (is_news or before is None or errors > before):
        grew = " (%d before)" % before if before is not None and errors > before else ""
        tell(
            "nvme.media_errors",
            "high",
            "%s: %s of its memory%s" % (label, count(errors, "error"), grew),
            BACK_UP,
        )
    return found


def missing(drives: list[dict[str, Any]], history: Any) -> dict[str, dict[str, Any]]:
    """Drives that the last runs saw and this one did not. One that sleeps or gave no answer is taken for the
    one that was in its place before; where another may hide behind such a name, none is called gone."""
    known = history.last("smart")
    if not isinstance(known, dict):
        return {}
    here = {drive["serial"] for drive in drives if drive["state"] == "ok"}
    silent = [drive["dev"] for drive in drives if drive["state"] != "ok"]
    absent = {serial: row for serial, row in known.items() if serial not in here and isinstance(row, dict)}
    presumed = {serial for serial, row in absent.items() if row.get("dev") in silent}
    if len(silent) > len(presumed):
        return {}
    gone = {serial: row for serial, row in absent.items() if serial not in presumed}
    return {serial: row for serial, row in gone.items() if (row.get("seen") or 0) >= SEEN_RUNS}


def gone(serial: str, row: dict[str, Any], now: float) -> Finding:
    label = "%s %s" % (row.get("model") or "drive", serial)
    since = row.get("gone_at") or now
    title = "%s is not there any more (it was %s)" % (label, row.get("dev") or "?")
    fix = (
        "If you took it out, acknowledge this; after %d days it is not told any more. If not: it may have "
        "died, or its "
        "cable came loose. Look: sudo dmesg -T | grep -iE 'ata|nvme|usb'; lsblk -o NAME,SERIAL,SIZE."
        % GONE_TOLD_D
    )
    evidence = {"dev": row.get("dev"), "seen_runs": row.get("seen"), "gone_d": round((now - since) / DAY, 1)}
    return Finding("disk.gone", "critical", label, title, evidence, fix)
