"""What takes the room. That a file system is full System Health tells; here is told what fills it."""

from __future__ import annotations

from typing import Any

from agent_kit_rules import Finding
from agent_kit_wording import quoted, size, some
from context import Context

MIB = 1 << 20
# A share of the file system that is worth a word, however small it is.
DELETED_SHARE = 0.1
GROWTH_SHARE = 0.05


def judge_space(rows: list[dict[str, Any]], context: Context) -> list[Finding]:
    found: list[Finding] = []
    for row in rows:
        found += judge_deleted(row, context)
        if "files" in row:
            found += judge_growing(row, context) + tell_what_fills(row, context)
    return found


def judge_deleted(row: dict[str, Any], context: Context) -> list[Finding]:
    """By program: who restarts it gets the room of all its files back."""
    by_program: dict[str, list[dict[str, Any]]] = {}
    for file in row["deleted"]:
        by_program.setdefault(file["by"][0]["name"], []).append(file)
    found, mount = [], row["mount"]
    for program, files in sorted(by_program.items()):
        total = sum(file["bytes"] for file in files)
        least = min(context.options["deleted_mib"] * MIB, DELETED_SHARE * row["capacity"])
        if total < max(least, 1):
            continue
        pids = sorted({who["pid"] for file in files for who in file["by"]})
        title = "%s keeps %s of deleted files on %s" % (program, size(total), mount)
        fix = (
            "The room is free once it lets go: restart it, or the service it belongs to (systemctl status "
            "%d). Which "
            "files: sudo ls -l /proc/%d/fd | grep deleted." % (pids[0], pids[0])
        )
        evidence = {"bytes": total, "files": files[:10], "pids": pids[:10], "pct": row["pct"]}
        found.append(
            Finding("space.deleted_open", "warning", "%s: %s" % (mount, program), title, evidence, fix)
        )
    return found


def judge_growing(row: dict[str, Any], context: Context) -> list[Finding]:
    before = context.history.last("files")
    known = before.get(row["mount"]) if isinstance(before, dict) else None
    if not isinstance(known, dict):
        return []
    found = []
    for file in row["files"]:
        was = known.get(file["path"])
        if not isinstance(was, int) or file["bytes"] - was < GROWTH_SHARE * row["capacity"]:
            continue
        rise, free = file["bytes"] - was, row["capacity"] - row["used"]
        title = "%s grew by %s since the last run, and %s has %s left" % (
            *(file["path"], size(rise), row["mount"], size(free)),
        )
        fix = (
            "What writes it: sudo fuser -v %s. A log wants logrotate; never delete a file that is still "
            "written." % quoted(file["path"])
        )
        evidence = {"bytes": file["bytes"], "before": was, "free": free}
        found.append(Finding("space.growing_file", "warning", file["path"], title, evidence, fix, "likely"))
    return found


def tell_what_fills(row: dict[str, Any], context: Context) -> list[Finding]:
    found, mount = [], row["mount"]
    if row["pct"] >= context.options["look_pct"] and row["folders"]:
        named = ["%s (%s)" % (it["path"], size(it["bytes"])) for it in row["folders"]]
        title = "What fills %s: %s" % (mount, some(named))
        fix = "Deeper down: sudo du -xhd3 %s | sort -h | tail -20." % quoted(row["folders"][0]["path"])
        evidence = {key: row[key] for key in ("pct", "folders", "files", "walked")}
        found.append(Finding("space.biggest", "info", mount, title, evidence, fix))
    if row["inodes_pct"] >= context.options["look_pct"] and row["crowds"]:
        most = row["crowds"][0]
        title = "Most of the files on %s lie in %s: %s" % (
            mount,
            most["path"],
            "%d of them" % most["entries"],
        )
        fix = "See what they are: sudo ls -U %s | head. Often it is sessions, mail or a cache." % quoted(
            most["path"]
        )
        evidence = {key: row[key] for key in ("inodes_pct", "crowds", "walked")}
        found.append(Finding("space.many_files", "info", mount, title, evidence, fix))
    return found
