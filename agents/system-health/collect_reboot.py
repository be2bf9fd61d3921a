"""Whether the node waits for a restart, and since when."""

from __future__ import annotations

import re
from typing import Any

from agent_kit import Agent, clean
from files import Files

MARKERS = ("/run/reboot-required", "/var/run/reboot-required")


def collect_reboot(agent: Agent, files: Files, host: dict[str, Any], now: float) -> dict[str, Any]:
    found: dict[str, Any] = {"reboot": False, "reboot_pkgs": [], "reboot_kernel": None, "reboot_age_d": None}
    for path in MARKERS:
        since = files.changed_at(path)
        if since is not None:
            names = dict.fromkeys(files.text(path + ".pkgs").split())
            found.update(
                reboot=True,
                reboot_pkgs=[clean(name, 100) for name in names][:50],
                reboot_age_d=days(now, since),
            )
            break
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


def days(now: float, since: float) -> float:
    return round(max(0.0, now - since) / 86400, 1)


def newer_kernel(files: Files, running: str) -> str | None:
    """The newest kernel installed of the running one's flavour, if it is newer."""
    installed = [
        name
        for name in files.names("/lib/modules")
        if flavour(name) == flavour(running) and files.exists("/boot/vmlinuz-" + name)
    ]
    newest = max(installed, key=version, default=None)
    return newest if newest and version(newest) > version(running) else None


def flavour(kernel: str) -> str:
    """`-amd64` of `6.1.0-31-amd64`: a cloud kernel does not replace a plain one."""
    return re.sub(r"^[\d.]+(-\d+)*", "", kernel)


def version(kernel: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", kernel[: len(kernel) - len(flavour(kernel))])]
