"""What the next run shall know. Only of what this run saw: a blind moment must not become the new normal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent_kit_rules import Finding
from context import Context
from rules_disks import count_mounts, keep_use
from rules_load import cpu_pressure
from rules_network import totals

if TYPE_CHECKING:
    from agent_kit import History


def remember(history: History, seen: dict[str, Any], findings: list[Finding], context: Context) -> None:
    boot_id = context.host["boot_id"]
    # How severe each finding is, so that its threshold has some slack next time.
    history.keep("levels", {"%s:%s" % (it.rule, it.subject): it.severity for it in findings[:200]})
    if "disks" in seen:
        rows, mounted = seen["disks"]
        history.keep("disk", keep_use(rows))
        history.keep("mounts", count_mounts(rows, mounted, context))
    if "load" in seen:
        history.keep("cpu_pressure", cpu_pressure(seen["load"], context.host))
        if seen["load"]["oom_kill"] is not None:
            history.keep("oom", {"count": seen["load"]["oom_kill"], "boot_id": boot_id})
    if "services" in seen:
        history.keep("restarts", {"units": seen["services"]["restarts"], "boot_id": boot_id})
    if "ports" in seen:
        history.keep("ports", seen["ports"]["external"])
    if "auth" in seen:
        history.keep("auth", {"failed": seen["auth"]["failed"]})
    if "keys" in seen and seen["keys"]["complete"]:
        history.keep("keys", seen["keys"]["keys"])
    if "thermal" in seen:
        history.keep("throttled", {**seen["thermal"][1], "boot_id": boot_id})
    if "network" in seen:
        counters = {row["name"]: totals(row) for row in seen["network"]["ifaces"]}
        history.keep("ifaces", {"ifaces": counters, "boot_id": boot_id})
