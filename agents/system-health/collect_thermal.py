"""Temperatures, and whether the node slows itself down because of them."""

from __future__ import annotations

import os
import re
from typing import Any

from agent_kit import clean
from agent_kit_files import Files

PI_THROTTLED = "/sys/devices/platform/soc/soc:firmware/get_throttled"


def collect_thermal(files: Files) -> list[dict[str, Any]]:
    """Degrees Celsius. A disconnected sensor says -128 or 255 and is left out."""
    chips = [(path, files.text(path + "/name") or "?") for path in files.glob("/sys/class/hwmon/hwmon*")[:64]]
    names = [name for _, name in chips]
    rows = []
    for path, name in chips:
        if names.count(name) > 1:  # two disks have sensors of one name
            device = os.path.basename(files.link(path + "/device") or "")
            name = "%s (%s)" % (name, device or os.path.basename(path))
        rows += read_chip(files, path, clean(name, 80))
    for path in files.glob("/sys/class/thermal/thermal_zone*")[:32]:
        label, kind = os.path.basename(path), clean(files.text(path + "/type") or "?", 80)
        degrees = to_degrees(files.text(path + "/temp"))
        # A zone without a sensor behind it says 0.
        if degrees and kind not in names:
            rows.append({"chip": kind, "label": label, "c": degrees, "crit": None, "max": None})
    return rows


def read_chip(files: Files, path: str, chip: str) -> list[dict[str, Any]]:
    rows = []
    for sensor in files.glob(path + "/temp*_input")[:32]:
        base = sensor[: -len("_input")]
        degrees = to_degrees(files.text(sensor))
        if degrees is None:
            continue
        label = clean(files.text(base + "_label") or os.path.basename(base), 80)
        limits = {name: to_degrees(files.text("%s_%s" % (base, name))) for name in ("crit", "max")}
        rows.append({"chip": chip, "label": label, "c": degrees, **limits})
    return rows


def to_degrees(text: str) -> float | None:
    if not re.match(r"-?\d+$", text):
        return None
    degrees = int(text) / 1000.0
    return round(degrees, 1) if -20 < degrees < 150 else None


def collect_throttling(files: Files) -> dict[str, int | None]:
    """How often the processor was slowed down since boot, and the Raspberry Pi's own word on it."""
    counters = files.glob("/sys/devices/system/cpu/cpu[0-9]*/thermal_throttle/*_throttle_count")
    counts = [files.number(path) or 0 for path in counters]
    word = files.text(PI_THROTTLED)
    is_hex = bool(re.match(r"(0x)?[0-9a-fA-F]+$", word))
    return {"count": sum(counts) if counts else None, "pi": int(word, 16) if is_hex else None}
