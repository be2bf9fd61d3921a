"""Whether the node waits for a restart, and since when."""

from __future__ import annotations

import re
from typing import Any

from agent_kit import Agent, clean
from files import Files
from finding import DAY

MARKERS = ("/run/reboot-required", "/var/run/reboot-required")
# They replace the kernel in its place: once its modules are gone, it can load none any more.
REPLACING = ("pacman", "apk")


def collect_reboot(agent: Agent, files: Files, host: dict[str, Any], now: float) -> dict[str, Any]:
    found: dict[str, Any] = {"due": False, "packages": [], "kernel": None, "age_d": None}
    for path in MARKERS:
        since = files.changed_at(path)
        if since is not None:
            names = dict.fromkeys(files.text(path + ".pkgs").split())
            found.update(due=True, packages=[clean(name, 100) for name in names][:50], age_d=days(now, since))
            break
    if host["container"]:
        return found  # it runs on the kernel of the machine around it
    newer = newer_kernel(files, host["kernel"]) or replaced_kernel(agent, files, host["kernel"])
    if newer:
        since = files.changed_at("/boot/vmlinuz-" + newer) or files.changed_at("/lib/modules/" + newer) or now
        found.update(due=True, kernel=clean(newer, 100), age_d=max(days(now, since), found["age_d"] or 0))
    if not found["due"] and agent.which("needs-restarting"):
        found["due"] = agent.run(["needs-restarting", "-r"], timeout=20).rc == 1
    return found


def days(now: float, since: float) -> float:
    return round(max(0.0, now - since) / DAY, 1)


def newer_kernel(files: Files, running: str) -> str | None:
    """The newest kernel installed of the running one's flavour, if it is newer."""
    installed = [
        name
        for name in files.names("/lib/modules")
        if flavour(name) == flavour(running) and files.exists("/boot/vmlinuz-" + name)
    ]
    newest = max(installed, key=version, default=None)
    return newest if newest and version(newest) > version(running) else None


def replaced_kernel(agent: Agent, files: Files, running: str) -> str | None:
    """The kernel that took the place of the running one, on systems that keep only one."""
    if not any(agent.which(manager) for manager in REPLACING):
        return None
    installed = [name for name in files.names("/lib/modules") if name[:1].isdigit()]
    if running in installed:
        return None
    return max(installed, key=lambda name: (flavour(name) == flavour(running), version(name)), default=None)


def flavour(kernel: str) -> str:
    """`-amd64` of `6.1.0-31-amd64`: a cloud kernel does not replace a plain one."""
    return re.sub(r"^[\d.]+(-\d+)*", "", kernel)


def version(kernel: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", kernel[: len(kernel) - len(flavour(kernel))])]
