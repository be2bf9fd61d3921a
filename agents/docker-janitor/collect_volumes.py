"""Volumes, with their sizes and whether a container has them, and the records of the build cache."""

from __future__ import annotations

import re
from typing import Any

from moments import to_moment

ANONYMOUS = "com.docker.volume.anonymous"


def to_volumes(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [to_volume(one) for one in told]


def to_volume(told: dict[str, Any]) -> dict[str, Any]:
    labels = told.get("Labels") or {}
    use = told.get("UsageData") or {}
    return {
        "name": told["Name"],
        "driver": told.get("Driver"),
        "created_at": str(told.get("CreatedAt") or ""),
        "created": to_moment(told.get("CreatedAt")),
        # -1: not measured.
        "size": use.get("Size", -1),
        "refs": use.get("RefCount", -1),
        "anonymous": is_anonymous(told["Name"], labels),
        "labels": labels,
        "project": labels.get("com.docker.compose.project"),
        "mountpoint": told.get("Mountpoint"),
        "options": told.get("Options") or {},
    }


def is_anonymous(name: str, labels: dict[str, Any]) -> bool:
    """Nobody gave it a name; Docker made one up."""
    return ANONYMOUS in labels or re.fullmatch(r"[0-9a-f]{64}", name) is not None


def to_cache(told: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    return [
        {
            "id": str(one["ID"]),
            "size": one.get("Size") or 0,
            "shared": bool(one.get("Shared")),
            "in_use": bool(one.get("InUse")),
            "used": to_moment(one.get("LastUsedAt")) or to_moment(one.get("CreatedAt")),
        }
        for one in told or []
    ]
