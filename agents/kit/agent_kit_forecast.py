"""When something that grows will be full.

Theil-Sen, the median of the slopes between all pairs of samples: one big copy is no trend for it, as it
would be for
least squares. And guards that rather say nothing than something wrong.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Sequence

DAY = 86400.0
MOST_SAMPLES = 120
FEWEST_SAMPLES = 6
SHORTEST_SPAN_D = 3.0
NEAREST_PAIR_D = 0.02  # half an hour: nearer pairs give wild slopes

RANK = {"none": 0, "low": 1, "medium": 2, "high": 3}
Sample = Sequence[float]  # (Unix seconds, used, capacity)


class Trend(NamedTuple):
    slope: float  # a day
    low: float  # 15 % of the pairs rise less
    high: float  # 15 % of the pairs rise more
    recent: float  # of the last third
    noise: float  # MAD of what the line does not explain, scaled to a standard deviation
    jump: float  # share of the largest single rise in all rises


def forecast_fill(samples: Sequence[Sample]) -> dict[str, Any]:
    """Days until full, with bounds and confidence `high`, `medium`, `low` or `none`. The newest sample is
    now.

    The window is 30 days. One of 7 days takes over when growth set in lately and the level is a new high.
    """
    ordered = sorted({(float(at), float(used), float(size)) for at, used, size in samples if size > 0})
    if not ordered:
        return {"state": "insufficient", "n": 0}
    now = ordered[-1][0]
    long, short = forecast_window(ordered, 30), forecast_window(ordered, 7)
    if short["state"] != "ok" or not short.get("days") or long["state"] != "ok":
        return long
    earlier = [used for at, used, _ in ordered if at < now - 7 * DAY]
    is_new_high = bool(earlier) and ordered[-1][1] > max(earlier) + 2 * long["noise_mad"]
    long_is_weak = RANK[long["confidence"]] < RANK["medium"] or long.get("days") is None
    is_sound = RANK[short["confidence"]] >= RANK["medium"]
    if is_new_high and is_sound and (long_is_weak or short["days"] < 0.6 * long["days"]):
        return {**short, "confidence": "medium"}
    return long


def forecast_window(ordered: Sequence[Sample], window_d: float) -> dict[str, Any]:
    now, level, capacity = ordered[-1]
    recent = [sample for sample in ordered if sample[0] >= now - window_d * DAY]
    samples = thin(since_resize(recent))
    span_d = (now - samples[0][0]) / DAY
    base = {"n": len(samples), "span_d": round(span_d, 2), "window_d": window_d}
    if len(samples) < FEWEST_SAMPLES or span_d < SHORTEST_SPAN_D:
        return {"state": "insufficient", **base}
    trend = find_trend([(at - now) / DAY for at, _, _ in samples], [used for _, used, _ in samples], span_d)
    found = {"state": "ok", **base, "slope_per_day": trend.slope, "noise_mad": trend.noise, "days": None}
    if level >= capacity:
        return {**found, "days": 0.0, "days_lo": 0.0, "days_hi": 0.0, "confidence": "high"}
    if trend.slope <= 0 or trend.slope * span_d < 2 * trend.noise or trend.slope < 1e-5 * capacity:
        return {**found, "confidence": "none"}
    left = capacity - level
    days = left / trend.slope
    found["days"] = round(days, 2)
    found["days_lo"] = round(left / trend.high, 2) if trend.high > 0 else None
    found["days_hi"] = round(left / trend.low, 2) if trend.low > 0 else None
    return {**found, "confidence": confidence(trend, len(samples), span_d, days)}


def confidence(trend: Trend, n: int, span_d: float, days: float) -> str:
    growth = trend.slope * span_d
    if days > 6 * span_d:
        return "low"  # nobody sees that far
    if (
        0 < trend.low
        and trend.high / trend.low < 2.5
        and growth > 6 * trend.noise
        and n >= 10
        and span_d >= 7
        and trend.jump < 0.5
        and 0.4 * trend.slope < trend.recent < 2.5 * trend.slope
    ):
        return "high" if days <= 3 * span_d else "medium"
    steady = (
        trend.low > 0 and growth > 3 * trend.noise and trend.jump < 0.7 and trend.recent > 0.2 * trend.slope
    )
    return "medium" if steady else "low"


def find_trend(days: list[float], levels: list[float], span_d: float) -> Trend:
    slopes = pair_slopes(days, levels)
    slope = median(slopes)
    start = median([level - slope * day for day, level in zip(days, levels)])
    noise = 1.4826 * median([abs(level - start - slope * day) for day, level in zip(days, levels)])
    steps = [after - before for before, after in zip(levels, levels[1:])]
    rises = sum(step for step in steps if step > 0)
    first = next(i for i, day in enumerate(days) if day >= -max(span_d / 3, 1.5))
    last_slopes = pair_slopes(days[first:], levels[first:]) if len(days) - first >= 4 else []
    return Trend(
        slope=slope,
        low=quantile(slopes, 0.15),
        high=quantile(slopes, 0.85),
        recent=median(last_slopes) if last_slopes else slope,
        noise=noise,
        jump=max(steps) / rises if rises > 0 else 0.0,
    )


def pair_slopes(days: list[float], levels: list[float]) -> list[float]:
    return [
        (levels[j] - levels[i]) / (days[j] - days[i])
        for i in range(len(days))
        for j in range(i + 1, len(days))
        if days[j] - days[i] > NEAREST_PAIR_D
    ]


def since_resize(samples: Sequence[Sample]) -> Sequence[Sample]:
    """Only what was measured at about today's capacity counts."""
    capacity = samples[-1][2]
    start = len(samples) - 1
    while start > 0 and abs(samples[start - 1][2] - capacity) <= 0.01 * capacity:
        start -= 1
    return samples[start:]


def thin(samples: Sequence[Sample]) -> Sequence[Sample]:
    """At most 120, evenly in time, with the newest."""
    if len(samples) <= MOST_SAMPLES:
        return samples
    step = (samples[-1][0] - samples[0][0]) / (MOST_SAMPLES - 1)
    kept, due = [], samples[0][0]
    for sample in samples[:-1]:
        if sample[0] >= due:
            kept.append(sample)
            due = sample[0] + step
    return [*kept, samples[-1]]


def median(values: Sequence[float]) -> float:
    return quantile(values, 0.5)


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    if not ordered:
        return 0.0
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
