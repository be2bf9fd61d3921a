"""Which services need a person."""

from __future__ import annotations

from typing import Any

from agent_kit_rules import Finding
from agent_kit_wording import count, quoted, span
from context import Context

RESULTS = {
    "exit-code": "exit %(exit_status)d",
    "signal": "ended by signal %(exit_status)d",
    "core-dump": "it crashed",
    "timeout": "it took too long",
    "watchdog": "it stopped answering its watchdog",
    "oom-kill": "killed for lack of memory",
    "start-limit-hit": "it failed too often in a row",
    "dependency": "something it needs failed",
}


def judge_services(services: dict[str, Any], context: Context) -> list[Finding]:
    before = restarts_before(context)
    found = []
    for unit in services["units"]:
        grown = unit["restarts"] - before.get(unit["unit"], 0) if before is not None else 0
        if grown < 0:  # started anew by hand, which sets the counter back
            grown = unit["restarts"]
        finding = judge_unit(unit, grown, services["manager"])
        if finding:
            found.append(finding)
    return found


def restarts_before(context: Context) -> dict[str, int] | None:
    last = context.history.last("restarts")
    if not isinstance(last, dict):
        return None
    units = last.get("units")
    return units if context.same_boot(last) and isinstance(units, dict) else {}


def judge_unit(unit: dict[str, Any], grown: int, manager: str) -> Finding | None:
    name, ago = unit["unit"], unit.get("changed_ago_s")
    evidence = {key: unit[key] for key in ("result", "exit_status", "restarts", "sub")}
    evidence["tail"] = unit.get("tail", [])
    look = (
        "journalctl -u %s -n 50" % quoted(name)
        if manager == "systemd"
        else "rc-service %s status" % quoted(name)
    )
    if unit["state"] == "failed":
        why = RESULTS.get(unit["result"] or "", "") % unit
        severity = "high" if manager != "systemd" or name.endswith((".service", ".mount")) else "warning"
        fix = "See why: %s. Then mend and start it: sudo systemctl restart %s" % (look, quoted(name))
        fix += ", or, if it is not needed: sudo systemctl reset-failed %s." % quoted(name)
        if manager != "systemd":
            fix = "See why: %s. Then: sudo rc-service %s restart." % (look, quoted(name))
        title = "%s has failed%s" % (name, " (%s)" % why if why else "")
        return Finding("svc.failed", severity, name, title, evidence, fix)
    evidence.update(since_last_run=grown, changed_ago_s=ago)
    fix = "See why it ends: %s. Stop it until it is mended: sudo systemctl stop %s." % (look, quoted(name))
    is_waiting = unit["sub"] == "auto-restart" and unit["restarts"] >= 2
    if is_waiting or (grown >= 3 and ago is not None and ago < 600):
        title = "%s keeps restarting (%s so far)" % (name, count(unit["restarts"], "time"))
        return Finding("svc.restart_loop", "high", name, title, evidence, fix)
    if unit["state"] == "active" and grown >= 5:
        title = "%s was restarted %s since the last run" % (name, count(grown, "time"))
        return Finding(
            "svc.unstable", "warning", name, title + "; the last was %s ago" % span(ago or 0), evidence, fix
        )
    return None
