"""What kind of Docker this is, and how full the disk is that it works on."""

from __future__ import annotations

import os
from typing import Any

from agent_kit import NotSeen, clean
from agent_kit_docker import OLDEST, NoAnswer, Refusal
from engine import Engine


def collect_engine(engine: Engine) -> dict[str, Any]:
    """Agrees on a version with Docker and asks what it is. Raises `OSError` where the socket is closed to
    us, and `NoAnswer`."""
    engine.agree()
    version = engine.version
    if engine.is_too_old:
        raise NotSeen(
            "this Docker speaks API %d.%d, and %d.%d is needed" % (*engine.api, *OLDEST),
            "Update Docker to 19.03 or newer.",
        )
    info = engine.get("/info", timeout=20)
    if not isinstance(info, dict):
        raise NoAnswer("it does not say what it is")
    status = info.get("DriverStatus") or []
    is_containerd = any("io.containerd.snapshotter" in str(row) for row in status)
    components = [part.get("Name") or "" for part in version.get("Components") or []]
    swarm = (info.get("Swarm") or {}).get("LocalNodeState")
    root = info.get("DockerRootDir")
    return {
        "engine": clean(version.get("Version"), 60),
        "api": "%d.%d" % engine.api,
        "podman": any("Podman" in name for name in components),
        "store": "containerd" if is_containerd else clean(info.get("Driver"), 60),
        "containerd": is_containerd,
        "root": root if isinstance(root, str) else None,
        "swarm": swarm not in (None, "", "inactive"),
        "log_driver": info.get("LoggingDriver"),
        "disk": disk_of(root),
    }


def disk_of(folder: Any) -> dict[str, Any] | None:
    """How full the file system of a folder is, in bytes; None where it cannot be asked."""
    if not isinstance(folder, str) or not folder.startswith("/"):
        return None
    try:
        told = os.statvfs(folder)
    except (OSError, ValueError):
        return None
    used = (told.f_blocks - told.f_bfree) * told.f_frsize
    avail = told.f_bavail * told.f_frsize
    # What is reserved for root cannot be filled by anyone else.
    pct = round(100 * used / (used + avail), 1) if used + avail else 0.0
    return {"used": used, "avail": avail, "pct": pct}


def collect_disk_use(engine: Engine) -> dict[str, Any]:
    """What Docker says its images and its build cache take. Sizes of volumes take long and are asked for by
    themselves."""
    kinds = {"type": ["image", "build-cache"]} if engine.api >= (1, 42) else {}
    told = engine.get("/system/df", timeout=60, **kinds)
    if not isinstance(told, dict):
        raise NoAnswer("it does not say what its disk is used for")
    return told


def volumes_told(engine: Engine, told: dict[str, Any]) -> list[dict[str, Any]]:
    """Volumes with their sizes. Raises `NotSeen` when Docker takes too long to measure them."""
    if engine.api >= (1, 42):
        try:
            told = engine.get("/system/df", timeout=60, type="volume") or {}
        except (NoAnswer, Refusal) as problem:
            raise NotSeen(
                "their sizes could not be had: %s" % problem, "Run again when the node is less busy."
            ) from problem
    return told.get("Volumes") or []
