"""Limits that are too tight or far too wide, on what containers took in the last two weeks."""

from __future__ import annotations

from typing import Any

from agent_kit_rules import Finding
from agent_kit_wording import quoted, size
from context import Context

MIB = 1 << 20
DAY = 86400.0
WINDOW_D = 14
ENOUGH = 12  # runs before a limit is called too wide
APART_D = 3  # and the days they must lie apart


def judge_resources(
    rows: list[dict[str, Any]], stats: dict[str, dict[str, Any]], context: Context
) -> list[Finding]:
    found = []
    for row in rows:
        now = stats.get(row["id"])
        if now:
            seen = samples_of(row, now, context)
            found += [it for it in (judge_memory(row, seen), judge_processor(row, seen)) if it]
    return found


def samples_of(
    row: dict[str, Any], now: dict[str, Any], context: Context
) -> list[tuple[float, float | None, float | None]]:
    """When, memory and throttled share: of this very container, with the same limits, over two weeks."""
    found: list[tuple[float, float | None, float | None]] = []
    for at, kept in context.history.past("stats"):
        about = kept.get(row["name"]) if isinstance(kept, dict) else None
        if context.now - at > WINDOW_D * DAY or not isinstance(about, list) or len(about) != 4:
            continue
        identity, limit, memory, throttled = about
        if identity == row["id"][:12] and limit == row["mem_limit"]:
            found.append((at, number(memory), number(throttled)))
    return [*found, (context.now, now["memory"], now["throttled"])]


def number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def judge_memory(row: dict[str, Any], seen: list[Any]) -> Finding | None:
    name, limit = row["name"], row["mem_limit"]
    peaks = [memory for _, memory, _ in seen if memory is not None]
    if not limit or not peaks:
        return None
    peak = max(peaks)
    evidence = {"limit": limit, "peak": peak, "runs": len(peaks)}
    suggested = up_to_64_mib(1.5 * peak)
    fix = "In its compose file: mem_limit: %dm. Watch it: docker stats %s." % (suggested / MIB, quoted(name))
    if peak >= 0.9 * limit:
        title = "Container %s comes close to its memory limit (%s of %s)" % (name, size(peak), size(limit))
        return Finding("docker.mem_near_limit", "warning", name, title, evidence, fix)
    is_known = len(peaks) >= ENOUGH and seen[-1][0] - seen[0][0] >= APART_D * DAY
    if is_known and limit > 4 * peak + 256 * MIB:
        title = "The memory limit of %s is far more than it takes (%s of %s)" % (
            name,
            size(peak),
            size(limit),
        )
        return Finding("docker.mem_oversized", "info", name, title, evidence, fix, "likely")
    return None


def up_to_64_mib(octets: float) -> int:
    step = 64 * MIB
    return int(-(-octets // step) * step)


def judge_processor(row: dict[str, Any], seen: list[Any]) -> Finding | None:
    shares = [throttled for _, _, throttled in seen if throttled is not None]
    # One moment says little: half of them have to agree.
    if not row["cpu_limit"] or not shares or sorted(shares)[len(shares) // 2] <= 25:
        return None
    name, share = row["name"], sorted(shares)[len(shares) // 2]
    title = "Container %s is held back by its limit of %g processors" % (name, row["cpu_limit"])
    evidence = {"throttled_pct": share, "limit": row["cpu_limit"], "runs": len(shares)}
    fix = "If it is too slow, give it more: cpus in its compose file."
    return Finding("docker.cpu_throttled", "info", name, title, evidence, fix)
