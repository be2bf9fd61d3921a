"""Instants as the tools print them."""

from __future__ import annotations

import calendar
import re

ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?", re.ASCII)


def parse_instant(text: object) -> float | None:
    """Unix seconds. Without a zone it is UTC, for every tool is run so."""
    found = ISO.match(text) if isinstance(text, str) else None
    if not found:
        return None
    try:
        at = calendar.timegm((*(int(part) for part in found.groups()[:6]), 0, 0, 0))
    except (ValueError, OverflowError):
        return None
    zone = found.group(7)
    if not zone or zone == "Z":
        return float(at)
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return float(at - (60 * minutes if zone[0] == "+" else -60 * minutes))


def parse_compact(text: str) -> float | None:
    """`20261120T030000Z`"""
    found = re.fullmatch(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", text, re.ASCII)
    return parse_instant("%s-%s-%sT%s:%s:%sZ" % found.groups()) if found else None
