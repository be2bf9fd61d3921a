"""Whether the clock is right."""

from __future__ import annotations

from typing import Any

from agent_kit_rules import Finding
from agent_kit_wording import span
from context import Context

SETTLE_S = 600  # after a start the clock may take its time


def judge_time(time: dict[str, Any], context: Context) -> list[Finding]:
    found = []
    fix = (
        "See what keeps it right: timedatectl (chronyc tracking, ntpq -p). If nothing does: "
        "sudo apt-get install systemd-timesyncd && sudo timedatectl set-ntp true."
    )
    if time["synced"] is False and not context.in_container and context.host["uptime_s"] > SETTLE_S:
        title = "Nothing keeps the clock right"
        found.append(Finding("time.unsynced", "warning", "clock", title, time, fix))
    skew = time["skew_s"]
    if skew is not None and abs(skew) > context.options["skew_warn_s"]:
        severity = "high" if abs(skew) > context.options["skew_high_s"] else "warning"
        title = "The clock is %s %s compared with the server's" % (
            span(skew),
            "ahead" if skew > 0 else "behind",
        )
        fix = "If other nodes show the same, it is the server's clock. " + fix
        found.append(Finding("time.skew", severity, "clock", title, time, fix))
    return found
