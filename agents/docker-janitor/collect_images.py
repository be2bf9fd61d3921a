"""All images, with their layers and what Docker says of their use."""

from __future__ import annotations

from typing import Any

from engine import Engine
from layers import chain_of, sizes_of
from moments import to_moment


def collect_images(engine: Engine, disk_use: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By id. Steps of a build on the way to an image are not among them: they go with it."""
    listed = engine.get("/images/json", all=1)
    ids = [row["Id"] for row in listed]
    told = engine.find_all(["/images/%s/json" % one for one in ids])
    histories = engine.find_all(["/images/%s/history" % one for one in ids])
    users = {row.get("Id"): row.get("Containers", -1) for row in disk_use.get("Images") or []}
    images = {
        row["Id"]: to_image(row, one, history, users.get(row["Id"], -1))
        for row, one, history in zip(listed, told, histories)
        if one is not None and history is not None  # gone meanwhile
    }
    parents = {image["parent"] for image in images.values()}
    for image in images.values():
        image["has_children"] = image["id"] in parents
    return {key: one for key, one in images.items() if one["tags"] or one["digests"] or key not in parents}


def to_image(
    row: dict[str, Any], told: dict[str, Any], history: list[dict[str, Any]], containers: int
) -> dict[str, Any]:
    chain = chain_of((told.get("RootFS") or {}).get("Layers") or [])
    return {
        "id": row["Id"],
        "tags": names_of(row.get("RepoTags")),
        "digests": names_of(row.get("RepoDigests")),
        "chain": chain,
        "layer_sizes": sizes_of(history, len(chain)),
        "size": row.get("Size") or 0,
        # Of the containerd store: what was pulled, compressed.
        "content": told.get("Size") or 0,
        "created": created_of(row.get("Created")),
        "tagged": to_moment((told.get("Metadata") or {}).get("LastTagTime")),
        "labels": (told.get("Config") or {}).get("Labels") or {},
        "parent": row.get("ParentId") or "",
        "containers": containers,
    }


def names_of(references: list[str] | None) -> list[str]:
    """Docker 20.10 says `<none>:<none>` where newer ones say nothing."""
    return sorted(one for one in references or [] if "<none>" not in one)


def created_of(moment: Any) -> float | None:
    """None for 1970 and before: a build that leaves out the time so that it gives the same every time."""
    return float(moment) if isinstance(moment, (int, float)) and moment > 86400 else None


def repository_of(reference: str) -> str:
    """`nas:5000/app` of `nas:5000/app:1.2` and of `nas:5000/app@sha256:…`."""
    name = reference.split("@", 1)[0]
    folder, slash, last = name.rpartition("/")
    return folder + slash + last.split(":", 1)[0]
