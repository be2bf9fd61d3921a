"""Whether the node waits for a restart, and since when."""

from __future__ import annotations

from typing import Any

from agent_kit import Agent
from agent_kit_files import Files
from agent_kit_kernel import asked_for, days, newer_kernel


def collect_reboot(agent: Agent, files: Files, host: dict[str, Any], now: float) -> dict[str, Any]:
    found: dict[str, Any] = {"reboot": False, "reboot_pkgs": [], "reboot_kernel": None, "reboot_age_d": None}
    asked = asked_for(files)
    if asked:
        found.update(reboot=True, reboot_pkgs=asked[1], reboot_age_d=days(now, asked[0]))
    if host["container"]:
        return found  # it runs on the kernel of the machine around it
    newer = newer_kernel(files, host["kernel"])
    if newer:
        since = files.changed_at("/boot/vmlinuz-" + newer) or now
        found.update(
            reboot=True, reboot_kernel=newer, reboot_age_d=max(days(now, since), found["reboot_age_d"] or 0)
        )
    if not found["reboot"] and agent.which("needs-restarting"):
        found["reboot"] = agent.run(["needs-restarting", "-r"], timeout=20).rc == 1
    return found
