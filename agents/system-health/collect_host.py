"""What the node is."""

from __future__ import annotations

import os
from typing import Any

from agent_kit import clean
from files import Files, fields

# The first marker that is there names the platform; most of them call themselves something else in
# os-release.
PLATFORMS = (
    ("/etc/unraid-version", "unraid"),
    ("/etc/synoinfo.conf", "synology"),
    ("/etc/pve", "proxmox"),
    ("/usr/bin/midclt", "truenas"),
    ("/etc/alpine-release", "alpine"),
    ("/etc/openwrt_release", "openwrt"),
)


def collect_host(files: Files) -> dict[str, Any]:
    release = fields(files.read("/etc/os-release") or files.read("/usr/lib/os-release"), "=")
    marked = next((name for path, name in PLATFORMS if files.exists(path)), None)
    name = os.uname()
    uptime = (files.read("/proc/uptime") or "0").split()
    return {
        "os_id": release.get("ID"),
        "os_version": release.get("VERSION_ID"),
        "platform": marked or release.get("ID"),
        "model": files.text("/proc/device-tree/model").rstrip("\0") or None,
        "kernel": name.release,
        "arch": name.machine,
        "hostname": name.nodename,
        "init": "systemd" if files.exists("/run/systemd/system") else files.text("/proc/1/comm") or None,
        "container": container(files),
        "uptime_s": int(float(uptime[0])),
        "boot_id": files.text("/proc/sys/kernel/random/boot_id"),
        "cpus": os.cpu_count() or 1,
        "root": os.geteuid() == 0,
    }


def container(files: Files) -> str | None:
    """The kind of container this node is, or None for a machine of its own."""
    named = files.text("/run/systemd/container") or named_by_init(files)
    if named:
        return named
    # A disk made from an image keeps the marker of Docker, but only a machine of its own shows the threads of
    # its kernel.
    if files.text("/proc/2/comm") == "kthreadd":
        return None
    if files.exists("/.dockerenv"):
        return "docker"
    return "podman" if files.exists("/run/.containerenv") else None


def named_by_init(files: Files) -> str | None:
    """What started the first process may have told it, as LXC does; only root can read that."""
    for word in (files.read("/proc/1/environ", 65536) or "").split("\0"):
        if word.startswith("container="):
            return clean(word[len("container=") :], 40) or None
    return None
