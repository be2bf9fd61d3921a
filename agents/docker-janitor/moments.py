"""Docker's times."""

from __future__ import annotations

import calendar
import re
from typing import Any

ISO = re.compile(r"^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$")


def to_moment(text: Any) -> float | None:
    """Unix seconds of `2026-11-26T21:00:00.123456789Z`. None for what is no time, and for year 1: never."""
    found = ISO.match(text) if isinstance(text, str) else None
    if not found or found.group(1) == "0001":
        return None
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    moment = calendar.timegm((year, month, day, hour, minute, second)) + float(found.group(7) or 0)
    zone = found.group(8)
    if zone == "Z":
        return moment
    east = int(zone[1:3]) * 3600 + int(zone[4:6]) * 60
    return moment - east if zone[0] == "+" else moment + east
