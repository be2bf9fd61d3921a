"""How long the system is looked after, and whether what runs is what is installed."""

from __future__ import annotations

import calendar
import time
from typing import Any

from agent_kit_rules import DAY, Finding
from agent_kit_wording import count, quoted, some, span
from context import Context
from support_ends import end_of_docker, end_of_system

# Restarting them takes the session, or the machine, along: then it may as well be restarted whole.
WITH_THE_NODE = ("dbus", "systemd-logind", "init.scope", "user@", "session-", "getty@", "display-manager")


def days_left(end: str, now: float) -> int:
    """Whole days until the end of a day; negative once it is over."""
    return int((calendar.timegm(time.strptime(end, "%Y-%m-%d")) + DAY - now) // DAY)


def judge_support(context: Context) -> list[Finding]:
    host, end = context.host, end_of_system(context.host)
    if end is None:
        return []
    name = host["os_name"] or "%s %s" % (host["os_id"], host["os_version"])
    subject = "%s %s" % (host["os_id"], host["os_version"])
    left = days_left(end, context.now)
    evidence = {"release": subject, "support_end": end, "platform": host["platform"]}
    fix = "Plan the next release: a backup first, then its maker's notes on upgrading, step by step."
    if left < 0:
        title = "%s has had no security updates since %s" % (name, end)
        return [Finding("os.eol", "high", subject, title, evidence, fix)]
    if left < context.options["support_warn_days"]:
        title = "Security updates of %s end on %s" % (name, end)
        return [Finding("os.eol_soon", "warning", subject, title, evidence, fix)]
    return []


def judge_reboot(reboot: dict[str, Any], context: Context) -> list[Finding]:
    if not reboot["due"]:
        return []
    age = reboot["age_d"]
    severity = "high" if age is not None and age > context.options["reboot_high_days"] else "warning"
    why = reboot["kernel"] and "for kernel %s" % reboot["kernel"]
    why = why or (reboot["packages"] and "for %s" % some(reboot["packages"])) or "for what was updated"
    since = ", since %s" % span(age * DAY) if age else ""
    title = "It needs a restart %s%s" % (why, since)
    evidence = {**reboot, "running": context.host["kernel"]}
    fix = "Until then the old, open code keeps running. At a good time: sudo systemctl reboot."
    return [Finding("upd.reboot", severity, "kernel", title, evidence, fix)]


def judge_services(services: dict[str, Any], context: Context) -> list[Finding]:
    stale = services["stale"]
    if not stale:
        return []
    names = [it["unit"] for it in stale]
    alone = [name for name in names if name.endswith(".service") and not name.startswith(WITH_THE_NODE)]
    title = "%s still run code that an update replaced: %s" % (
        count(services["stale_units"], "program"),
        some([name.rpartition(".service")[0] or name for name in names]),
    )
    if len(names) == 1:
        title = title.replace(" still run ", " still runs ")
    fix = "Until they are restarted the old, open code keeps running."
    if alone:
        fix += " sudo systemctl restart %s." % " ".join(quoted(name) for name in alone[:20])
    if len(alone) < len(names):
        fix += " The others come back new with a restart of the node, or of the session they belong to."
    evidence = {"units": {it["unit"]: it["files"][:4] for it in stale[:40]}, "scanned": services["scanned"]}
    return [Finding("upd.restart_services", "warning", "services", title, evidence, fix)]


def judge_engine(engine: dict[str, Any], context: Context) -> list[Finding]:
    end = end_of_docker(engine["version"]) if engine["engine"] == "docker" else None
    if end is None or days_left(end, context.now) >= 0:
        return []
    title = "Docker Engine %s has had no fixes since %s" % (engine["version"], end)
    evidence = {"version": engine["version"], "support_end": end}
    fix = "Upgrade it where it was installed from; containers stop for a moment unless live-restore is on."
    return [Finding("engine.old", "warning", "docker", title, evidence, fix)]
