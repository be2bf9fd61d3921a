"""Whether the node waits for a restart, and since when."""

from __future__ import annotations

from typing import Any

from agent_kit import Agent, clean
from agent_kit_files import Files
from agent_kit_kernel import asked_for, days, flavour, newer_kernel, version

# They replace the kernel in its place: once its modules are gone, it can load none any more.
REPLACING = ("pacman", "apk")


def collect_reboot(agent: Agent, files: Files, host: dict[str, Any], now: float) -> dict[str, Any]:
    found: dict[str, Any] = {"due": False, "packages": [], "kernel": None, "age_d": None}
    asked = asked_for(files)
    if asked:
        found.update(due=True, packages=asked[1], age_d=days(now, asked[0]))
    if host["container"]:
        return found  # it runs on the kernel of the machine around it
    newer = newer_kernel(files, host["kernel"]) or replaced_kernel(agent, files, host["kernel"])
    if newer:
        since = files.changed_at("/boot/vmlinuz-" + newer) or files.changed_at("/lib/modules/" + newer) or now
        found.update(due=True, kernel=clean(newer, 100), age_d=max(days(now, since), found["age_d"] or 0))
    if not found["due"] and agent.which("needs-restarting"):
        found["due"] = agent.run(["needs-restarting", "-r"], timeout=20).rc == 1
    return found


def replaced_kernel(agent: Agent, files: Files, running: str) -> str | None:
    """The kernel that took the place of the running one, on systems that keep only one."""
    if not any(agent.which(manager) for manager in REPLACING):
        return None
    installed = [name for name in files.names("/lib/modules") if name[:1].isdigit()]
    if running in installed:
        return None
    return max(installed, key=lambda name: (flavour(name) == flavour(running), version(name)), default=None)
