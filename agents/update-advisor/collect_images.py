"""From which images the running containers are made, by the name they were asked for."""

from __future__ import annotations

import calendar
import fnmatch
import re
import time
from typing import Any

from agent_kit import clean
from agent_kit_docker import DockerReader, reference_path

DIGEST = re.compile(r"^sha256:[0-9a-f]{64}$")
# A reproducible build carries no real time, but one of these.
SINCE = 100 * 86400
MOST_CONTAINERS = 500


def collect_images(engine: DockerReader, options: dict[str, Any]) -> list[dict[str, Any]]:
    """A row for each name, those first that more containers run. `state` is where a look at its registry
    stands:

    `pinned` by a digest, stays what it is · `local-build` came from no registry · `untagged` its name is gone
    here · `ignored` by the options · `unchecked` nobody has looked yet
    """
    listed = engine.find("/containers/json", limit=MOST_CONTAINERS) or []
    by_name: dict[str, list[dict[str, str]]] = {}
    for row in listed:
        told = engine.find("/containers/%s/json" % row["Id"])
        if told is None:
            continue  # gone in the meantime
        name = clean((told.get("Config") or {}).get("Image") or row.get("Image") or "", 255)
        container = {
            "name": clean(told.get("Name") or "", 100).lstrip("/"),
            "id": str(told.get("Image") or ""),
        }
        by_name.setdefault(name, []).append(container)
    known: dict[str, dict[str, Any] | None] = {}
    rows = [to_row(engine, name, users, options, known) for name, users in by_name.items()]
    return sorted(rows, key=lambda row: (-len(row["containers"]), row["name"]))


def to_row(
    engine: DockerReader,
    name: str,
    users: list[dict[str, str]],
    options: dict[str, Any],
    known: dict[str, dict[str, Any] | None],
) -> dict[str, Any]:
    is_by_id = DIGEST.match(name) is not None or re.match(r"^[0-9a-f]{12,64}$", name) is not None
    tagged = None if is_by_id else find_image(engine, name)
    ids = sorted({user["id"] for user in users})
    for key in ids:
        if key not in known:
            known[key] = find_image(engine, key)
    running = [it for it in (known[key] for key in ids) if it]
    here = tagged or (running[0] if running else {})
    tag_id = str(here.get("Id") or "") if tagged else None
    digests = sorted({it for image in ([tagged] if tagged else running) for it in digests_of(image)})
    behind = [user["name"] for user in users if tag_id and user["id"] != tag_id]
    return {
        "name": name,
        "containers": sorted(user["name"] for user in users),
        "ids": ids,
        "tag_id": tag_id,
        "created": created_of(here),
        "digests": digests,
        "behind": sorted(behind),
        "behind_created": max(
            (created_of(it) or 0 for it in running if it.get("Id") != tag_id), default=None
        ),
        "state": state_of(name, is_by_id, tagged, digests, options),
    }


def find_image(engine: DockerReader, reference: str) -> Any:
    return engine.find("/images/%s/json" % reference_path(reference))


def state_of(name: str, is_by_id: bool, tagged: Any, digests: list[str], options: dict[str, Any]) -> str:
    if any(fnmatch.fnmatchcase(name, pattern) for pattern in options["ignore_images"]):
        return "ignored"
    if is_by_id or "@" in name:
        return "pinned"
    if not digests:
        return "local-build" if tagged else "untagged"
    return "unchecked"


def digests_of(image: dict[str, Any]) -> list[str]:
    """What registries call it: `sha256:…` of each `name@sha256:…`."""
    told = (str(it).rpartition("@")[2] for it in image.get("RepoDigests") or [])
    return [it for it in told if DIGEST.match(it)]


def created_of(image: dict[str, Any]) -> int | None:
    """Unix seconds, or None for a time that means nothing."""
    found = re.match(r"^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)", str(image.get("Created") or ""))
    if not found:
        return None
    try:
        at = calendar.timegm(time.strptime("".join(found.groups()), "%Y%m%d%H%M%S"))
    except ValueError:
        return None
    return at if at > SINCE else None
