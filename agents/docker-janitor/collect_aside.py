"""What was set aside on this node earlier, as far as this user may see it."""

from __future__ import annotations

from typing import Any

from aside import Aside
from orders import PREFIX

DAY = 86400.0


def collect_aside(aside: Aside, containers: list[dict[str, Any]], now: float) -> list[dict[str, Any]]:
    recipes = dict(aside.entries())
    found = []
    for row in containers:
        if not is_aside(row):
            continue
        recipe = recipes.pop(row["name"], None)
        at = recipe.get("at") if recipe else row["finished"]
        found.append(to_entry("container", row["name"], row["id"], recipe, at, 0, now))
    for name, recipe in recipes.items():
        identity = recipe.get("createdAt") if recipe.get("what") == "volume" else recipe.get("id")
        kind = "volume" if recipe.get("what") == "volume" else "container"
        found.append(to_entry(kind, name, identity, recipe, recipe.get("at"), aside.bytes_of(name), now))
    return sorted(found, key=lambda entry: entry["name"])


def is_aside(row: dict[str, Any]) -> bool:
    return row["name"].startswith(PREFIX) and not row["running"]


def to_entry(
    kind: str, name: str, identity: Any, recipe: dict[str, Any] | None, at: Any, octets: int, now: float
) -> dict[str, Any]:
    recipe = recipe or {}
    days = recipe.get("keepDays")
    since = float(at) if isinstance(at, (int, float)) else now
    return {
        "what": kind,
        "name": name,
        "was": recipe.get("volume") or recipe.get("name"),
        "identity": identity,
        "bytes": octets,
        "since": since,
        "until": since + (days if isinstance(days, int) else 90) * DAY,
    }
