"""What the next run shall know of each target. One that was not looked at keeps what is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from context import Context
from rules_health import window_check

if TYPE_CHECKING:
    from agent_kit import History
    from target import Look

MOST_TARGETS, MOST_GROUPS, MOST_SIZES = 100, 20, 30
# So that all of it stays within what the server hands back.
LONGEST_NAME = 300


def remember(history: History, looks: list[Look], context: Context) -> None:
    kept: dict[str, dict[str, Any]] = dict(context.kept)
    for look in looks:
        name = look.target.location
        if len(name) <= LONGEST_NAME:
            # Last in order: what has not been looked at for the longest is forgotten first.
            kept[name] = after(look, context, kept.pop(name, {}))
    names = list(kept)[-MOST_TARGETS:]
    history.keep("targets", {name: kept[name] for name in names})


def after(look: Look, context: Context, before: dict[str, Any]) -> dict[str, Any]:
    now: dict[str, Any] = {**before, "first_seen": before.get("first_seen", round(context.now))}
    if look.missing or look.refused:
        return now  # a blind moment must not become the new normal
    sizes = {}
    for group, backups in list(look.groups.items())[:MOST_GROUPS]:
        known = [backup.size for backup in backups if backup.size is not None]
        if known:
            sizes[group] = known[-10:]
    if sizes:
        now["bytes"] = merged(before.get("bytes"), sizes)
    if look.size is not None:
        past = before.get("sizes")
        now["sizes"] = [*(past if isinstance(past, list) else []), [round(context.now), look.size]][
            -MOST_SIZES:
        ]
    check = window_check(look)
    if check is not None:
        remember_window(now, before, check, context)
    return now


def merged(before: Any, sizes: dict[str, list[int]]) -> dict[str, list[int]]:
    """The last ten sizes of each series; where only the newest is known, it joins those of earlier runs."""
    past = before if isinstance(before, dict) else {}
    result = {}
    for group, known in sizes.items():
        earlier = past.get(group)
        earlier = earlier if isinstance(earlier, list) else []
        fresh = [it for it in known if it not in earlier[-10:]]
        result[group] = [*earlier, *fresh][-10:] if len(known) < 10 else known
    return result


def remember_window(
    now: dict[str, Any], before: dict[str, Any], check: dict[str, Any], context: Context
) -> None:
    number, of = (int(part) for part in check["window"].split("/"))
    is_same_cut = before.get("cut") == of
    windows = before.get("windows") if is_same_cut else None
    windows = dict(windows) if isinstance(windows, dict) else {}
    turn = before.get("turn")
    turn = turn if isinstance(turn, int) else 0
    if check["whole"]:
        windows[str(number - 1)] = round(context.now)
        turn += 1
    last = before.get("last")
    if isinstance(last, (int, float)) and context.now > last:
        now["between"] = round(context.now - last)
    # Of thousands of parts, those read last are enough to know that not all were.
    now.update(cut=of, windows=windows if len(windows) <= 512 else {}, turn=turn, last=round(context.now))
