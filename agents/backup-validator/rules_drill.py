"""What a restore drill says about the backups."""

from __future__ import annotations

from agent_kit_rules import Finding
from agent_kit_wording import some
from target import Look


def judge_drill(look: Look) -> list[Finding]:
    drill, where = look.drill, look.target.location
    if not drill:
        return []
    found = []
    if drill["failed"]:
        title = "Nothing could be restored from %s" % where
        if drill["files"]:
            title = "A restore from %s failed" % where
        fix = "Restore something by hand and read what the tool says. Until that works, this is no backup."
        found.append(Finding("backup.restore_failed", "critical", where, title, drill["failed"], fix))
    wrong = [it for it in drill["wrong"] if not (drill["failed"] and it["why"] == "it did not come back")]
    if wrong:
        names = [it["path"] for it in wrong]
        title = "%d of %d restored files are wrong in %s: %s" % (
            len(wrong),
            drill["files"],
            where,
            some(names, 2),
        )
        fix = (
            "Compare them by hand: either the backup is damaged, or the original has rotted on its disk "
            "without anybody writing to it. Keep both until you know, and check both disks."
        )
        evidence = {"files": wrong, "restored": drill["files"], "identical": drill["identical"]}
        found.append(Finding("backup.restore_mismatch", "critical", where, title, evidence, fix))
    return found
