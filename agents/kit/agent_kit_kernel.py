"""Whether a node runs an older kernel than the newest it has, and whether it waits for a restart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent_kit import clean

if TYPE_CHECKING:
    from agent_kit_files import Files

MARKERS = ("/run/reboot-required", "/var/run/reboot-required")


def asked_for(files: Files) -> tuple[float, list[str]] | None:
    """Since when packages ask for a restart, in Unix seconds, and which; None where none does."""
    for path in MARKERS:
        since = files.changed_at(path)
        if since is not None:
            names = dict.fromkeys(files.text(path + ".pkgs").split())
            return since, [clean(name, 100) for name in names][:50]
    return None


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
