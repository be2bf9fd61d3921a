"""What running containers take of memory and processor, looked at twice two seconds apart."""

from __future__ import annotations

import time
from typing import Any, Sequence

from engine import Engine

MOST = 50
APART_S = 2.0


def collect_stats(engine: Engine, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """By container. `throttled` is the share of periods in which its limit held it back, percent."""
    paths = ["/containers/%s/stats" % one for one in ids[:MOST]]
    asked = [path + "?stream=false&one-shot=true" for path in paths]
    begin = time.monotonic()
    first = engine.find_all(asked)
    time.sleep(max(0.0, begin + APART_S - time.monotonic()))
    second = engine.find_all(asked)
    found = {}
    for one, before, after in zip(ids, first, second):
        if isinstance(before, dict) and isinstance(after, dict):
            found[one] = to_stats(before, after)
    return found


def to_stats(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    memory = after.get("memory_stats") or {}
    details = memory.get("stats") or {}
    usage = memory.get("usage")
    # What the kernel would give back at once is not needed; it has another name in each version of groups.
    spare = details.get("total_inactive_file", details.get("inactive_file", 0))
    return {
        "memory": max(0, usage - spare) if isinstance(usage, int) else None,
        "throttled": throttled(before, after),
    }


def throttled(before: dict[str, Any], after: dict[str, Any]) -> float | None:
    counts = [(one.get("cpu_stats") or {}).get("throttling_data") or {} for one in (before, after)]
    periods = counts[1].get("periods", 0) - counts[0].get("periods", 0)
    held = counts[1].get("throttled_periods", 0) - counts[0].get("throttled_periods", 0)
    return round(100.0 * held / periods, 1) if periods > 0 else None
