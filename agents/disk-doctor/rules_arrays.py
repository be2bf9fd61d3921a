"""What is wrong with arrays: of Linux (md), and of Unraid."""

from __future__ import annotations

from typing import Any

from agent_kit_rules import DAY, Finding
from agent_kit_wording import count, quoted, some, span
from collect_arrays import WITH_REDUNDANCY
from context import Context

# On mirrors a difference may lie where nothing is stored, as in swap: there it says nothing.
MISMATCH_SAYS_NOTHING = ("raid1", "raid10")


def judge_arrays(
    arrays: list[dict[str, Any]], checked: dict[str, dict[str, Any]], context: Context
) -> list[Finding]:
    found: list[Finding] = []
    for array in arrays:
        if array["state"] == "inactive":
            found.append(inactive(array))
            continue
        found += judge_members(array) + judge_mismatch(array)
        found += judge_check(array, checked.get(array["name"], {}), context)
    return found


def judge_members(array: dict[str, Any]) -> list[Finding]:
    want, have, work, name = array["want"], array["have"], array["op"], array["name"]
    evidence = {key: array[key] for key in ("level", "want", "have", "failed", "spares", "op")}
    fix = (
        "Which disk: sudo mdadm --detail %s; its health: sudo smartctl -a. Have your backup ready before "
        "you touch it." % quoted("/dev/" + name)
    )
    if want is not None and have is not None and have < want:
        if work and work["what"] in ("recovery", "reshape"):
            left = ", about %s to go" % span(work["left_s"]) if work["left_s"] else ""
            title = "%s is being rebuilt (%d of %d disks, %.0f %% done%s)" % (
                name,
                have,
                want,
                work["pct"],
                left,
            )
            fix = "Let it finish, and do not restart the node. How far it is: cat /proc/mdstat."
            return [Finding("raid.degraded", "high", name, title, evidence, fix)]
        title = "%s has lost a disk (%s of %s work)" % (name, have, want)
        if array["failed"]:
            title += ": %s" % some(array["failed"])
        return [Finding("raid.degraded", "critical", name, title, evidence, fix)]
    if array["failed"]:
        title = "%s has a failed member: %s; a spare took its place" % (name, some(array["failed"]))
        fix = "Replace it, so that there is a spare again: sudo mdadm %s --remove failed. %s" % (
            *(quoted("/dev/" + name), fix),
        )
        return [Finding("raid.failed_member", "high", name, title, evidence, fix)]
    return []


def inactive(array: dict[str, Any]) -> Finding:
    name, device = array["name"], quoted("/dev/" + array["name"])
    fix = (
        "What is missing: sudo mdadm --detail %s; sudo mdadm --examine --scan. Do not create it anew. "
        "When all its "
        "disks are there: sudo mdadm --stop %s && sudo mdadm --assemble --scan." % (device, device)
    )
    title = "%s is not running: what is on it cannot be reached" % name
    return Finding("raid.inactive", "critical", name, title, {"members": array["members"]}, fix)


def judge_mismatch(array: dict[str, Any]) -> list[Finding]:
    if not array["mismatch"] or array["level"] in MISMATCH_SAYS_NOTHING:
        return []
    name = array["name"]
    title = "The last check of %s found %s that do not fit together" % (
        name,
        count(array["mismatch"], "sector"),
    )
    fix = (
        "Look at the disks first (sudo smartctl -a), and at memory. Which files are hit the array cannot "
        "say: compare "
        "with a backup. Then: echo repair | sudo tee /sys/block/%s/md/sync_action." % name
    )
    return [Finding("raid.mismatch", "high", name, title, {"mismatch": array["mismatch"]}, fix)]


def note_checks(
    arrays: list[dict[str, Any]], logged: dict[str, float], context: Context
) -> dict[str, dict[str, Any]]:
    """When each array was first seen, and last checked as far as anything tells: the kernel, its timers, or
    what earlier runs saw."""
    before = context.history.last("checks")
    known = before if isinstance(before, dict) else {}
    noted = {}
    for array in arrays:
        last = known.get(array["name"])
        last = last if isinstance(last, dict) else {}
        moments = [last.get("checked_at"), logged.get(array["name"]), array["check_stamp"]]
        is_new = last.get("last_action") not in (None, "check") and array["last_action"] == "check"
        if array["action"] == "check" or is_new or (array["op"] or {}).get("what") == "check":
            moments.append(context.now)
        numbers = [at for at in moments if isinstance(at, (int, float))]
        noted[array["name"]] = {
            "first_seen": last.get("first_seen") or context.now,
            "checked_at": max(numbers) if numbers else None,
            "last_action": array["last_action"],
        }
    return noted


def judge_check(array: dict[str, Any], noted: dict[str, Any], context: Context) -> list[Finding]:
    if array["level"] not in WITH_REDUNDANCY or (array["op"] or array["action"] not in (None, "idle")):
        return []
    at = noted.get("checked_at")
    since = at if at is not None else noted.get("first_seen", context.now)
    age_d = (context.now - since) / DAY
    if age_d <= context.options["md_check_days"]:
        return []
    name = array["name"]
    title = "%s has not been checked for %s" % (name, span(age_d * DAY))
    fix = "Disks rot where nobody reads. Check it: echo check | sudo tee /sys/block/%s/md/sync_action." % name
    evidence = {"age_d": round(age_d, 1), "last_action": array["last_action"], "known": at is not None}
    return [Finding("raid.check_old", "warning", name, title, evidence, fix, "certain" if at else "likely")]


def judge_unraid(unraid: dict[str, Any], context: Context) -> list[Finding]:
    found = []
    wrong = {key: unraid[key] for key in ("disabled", "invalid", "missing") if unraid[key]}
    if wrong:
        said = some(["%d %s" % (number, word) for word, number in wrong.items()])
        bad = [row["name"] for row in unraid["disks"] if row["status"] != "DISK_OK"]
        title = "The array of Unraid has lost a disk: %s%s" % (said, " (%s)" % some(bad) if bad else "")
        fix = "See Main in its dashboard. Have your backup ready, then replace the disk and let it rebuild."
        evidence = {**wrong, "disks": bad[:20], "state": unraid["state"]}
        found.append(Finding("unraid.disk_disabled", "critical", "array", title, evidence, fix))
    for row in unraid["disks"]:
        before = context.baseline("unraid", row["id"] or row["name"])
        if before is not None and row["errors"] > before:
            name = row["name"]
            title = "%s of the array had %s lately" % (name, count(row["errors"] - before, "error"))
            fix = "Look at its health (sudo smartctl -a) and its cable; then check parity from the dashboard."
            evidence = {"errors": row["errors"], "before": before, "status": row["status"]}
            found.append(Finding("unraid.errors", "high", name, title, evidence, fix))
    return found
