"""What the node is."""

from __future__ import annotations

import os
from typing import Any

from agent_kit_fields import fields
from agent_kit_files import Files, container_of

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
        "container": container_of(files),
        "uptime_s": int(float(uptime[0])),
        "boot_id": files.text("/proc/sys/kernel/random/boot_id"),
        "cpus": os.cpu_count() or 1,
        "root": os.geteuid() == 0,
    }
