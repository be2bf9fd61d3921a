"""What the node is: its release, its kernel, and whether it is a container."""

from __future__ import annotations

import os
from typing import Any

from agent_kit import clean
from agent_kit_fields import fields
from agent_kit_files import Files, container_of

# The first marker that is there names the platform; most of them call themselves something else in
# os-release.
PLATFORMS = (
    ("/etc/unraid-version", "unraid"),
    ("/etc/synoinfo.conf", "synology"),
    ("/etc/pve", "proxmox"),
    ("/usr/bin/midclt", "truenas"),
)
# Their maker updates them as a whole, from a page of their own.
APPLIANCES = ("truenas", "synology", "unraid")


def collect_host(files: Files) -> dict[str, Any]:
    release = fields(files.read("/etc/os-release") or files.read("/usr/lib/os-release"))
    marked = next((name for path, name in PLATFORMS if files.exists(path)), None)
    name = os.uname()
    os_id = clean(release.get("ID", ""), 60) or None
    return {
        "os_id": os_id,
        "os_version": clean(release.get("VERSION_ID", ""), 60) or None,
        "os_name": clean(release.get("PRETTY_NAME", ""), 120) or None,
        "platform": marked or os_id,
        "kernel": name.release,
        "arch": name.machine,
        "container": container_of(files),
        "support_end": support_end(release.get("SUPPORT_END", "")),
        "extended": has_extended_support(files),
    }


def support_end(text: str) -> str | None:
    """The day that the release itself says its support ends on, as Fedora's does."""
    words = text.split("-")
    is_day = [len(word) for word in words] == [4, 2, 2] and all(word.isdigit() for word in words)
    return text if is_day else None


def has_extended_support(files: Files) -> bool:
    """Whether this Ubuntu belongs to a subscription that looks after it for five years more."""
    return '"attached": true' in (files.read("/var/lib/ubuntu-advantage/status.json") or "")
