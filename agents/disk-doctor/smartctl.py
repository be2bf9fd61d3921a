"""What smartctl says of one drive, as facts. Its words are a stranger's: everything is checked for what it
is.

The exit status is a set of bits. Only the first two say that nothing was read; a healthy virtual disk sets
the third. So its JSON is believed, and the status is told beside it.
"""

from __future__ import annotations

import json
import re
from typing import Any

from agent_kit import clean

NOT_OPENED = 1 | 2
# Below /dev, and no way out of it.
DEVICE = r"/dev/(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9/_.:-]*"
# The counters that say something: the five of which statistics of large operators show that drives fail
# after them, and the one that counts errors of the cable. All others are coded as their maker likes.
COUNTED = (5, 187, 188, 197, 198, 199)
NVME_COUNTERS = (
    "critical_warning percentage_used available_spare available_spare_threshold media_errors "
    "num_err_log_entries unsafe_shutdowns temperature"
).split()
NVME_FAILED = (5, 6, 7)  # ended with a fatal error, or with a failed part
HOURS_WRAP = 65536  # a self-test of ATA remembers its hour in sixteen bits


def parse(text: str) -> dict[str, Any] | None:
    try:
        said = json.loads(text)
    except ValueError:
        return None
    return said if isinstance(said, dict) else None


def devices_of(said: dict[str, Any]) -> list[dict[str, str]]:
    """The drives of a scan, as device and type. What looks like no device is left out: it becomes a word of
    a command."""
    found = []
    for row in rows(said.get("devices")):
        name, kind = row.get("name"), row.get("type")
        if is_word(name, DEVICE) and is_word(kind, r"[a-z0-9][a-z0-9,+/_]*"):
            found.append({"dev": str(name), "type": str(kind)})
    return found[:64]


def is_word(value: Any, pattern: str) -> bool:
    return isinstance(value, str) and len(value) < 200 and re.fullmatch(pattern, value) is not None


def to_drive(dev: str, said: dict[str, Any] | None, rc: int | None) -> dict[str, Any]:
    """The facts of one drive. `state` is `ok`, `standby` or `unreadable`; without the first there is no
    more."""
    if said is None:
        return {"dev": dev, "state": "unreadable", "why": "its answer cannot be read"}
    if is_asleep(said):
        return {"dev": dev, "state": "standby"}
    passed = part(said, "smart_status").get("passed")
    nvme = part(said, "nvme_smart_health_information_log")
    if (rc or 0) & NOT_OPENED and passed is None and not nvme:
        return {"dev": dev, "state": "unreadable", "why": complaint(said)}
    device = part(said, "device")
    model = said.get("model_name") or said.get("scsi_model_name") or said.get("product") or "drive"
    serial = said.get("serial_number") or dev
    drive = {
        "dev": dev,
        "state": "ok",
        "serial": clean(serial, 100),
        "model": clean(model, 100),
        "proto": clean(device.get("protocol") or "", 20) or None,
        "passed": passed if isinstance(passed, bool) else None,
        "temp_c": whole(part(said, "temperature").get("current")),
        "hours": whole(part(said, "power_on_time").get("hours")),
        "size": whole(part(said, "user_capacity").get("bytes")),
        "exit_bits": rc,
        "selftest": last_selftest(said),
        "selftest_runs": is_testing(said),
        "can_selftest": can_selftest(said),
    }
    attributes = {
        row["id"]: row for row in rows(part(said, "ata_smart_attributes").get("table")) if named(row)
    }
    if attributes:
        drive["attrs"] = {
            str(number): raw_of(attributes[number]) for number in COUNTED if number in attributes
        }
        drive["below"] = [below(row) for row in attributes.values() if row.get("when_failed") == "now"]
    if nvme:
        drive["nvme"] = {name: whole(nvme.get(name)) for name in NVME_COUNTERS}
    defects = whole(said.get("scsi_grown_defect_list"))
    if defects is not None:
        drive["attrs"] = {"defects": defects}
    return drive


def is_asleep(said: dict[str, Any]) -> bool:
    mode = said.get("power_mode")
    name = mode.get("name") if isinstance(mode, dict) else mode
    words = [str(row.get("string") or "") for row in rows(part(said, "smartctl").get("messages"))]
    return any(re.search(r"\b(STANDBY|SLEEP)\b", text.upper()) for text in [str(name or ""), *words])


def complaint(said: dict[str, Any]) -> str:
    """Why it could not read the drive, in its own words."""
    texts = [str(row.get("string") or "") for row in rows(part(said, "smartctl").get("messages"))]
    return clean("; ".join(text for text in texts if text), 200) or "smartctl could not open it"


def last_selftest(said: dict[str, Any]) -> dict[str, Any] | None:
    """The newest self-test that came to an end. One that was broken off says nothing of the drive."""
    log = part(said, "ata_smart_self_test_log")
    table = rows(part(log, "extended").get("table")) or rows(part(log, "standard").get("table"))
    for row in table:
        status = part(row, "status")
        if isinstance(status.get("passed"), bool):
            return {
                "passed": status["passed"],
                "what": clean(part(row, "type").get("string") or "", 60),
                "said": clean(status.get("string") or "", 100),
                "hours": whole(row.get("lifetime_hours")),
                "lba": whole(row.get("lba")),
                "wraps": True,
            }
    for row in rows(part(said, "nvme_self_test_log").get("table")):
        result = part(row, "self_test_result")
        if result.get("value") == 0 or result.get("value") in NVME_FAILED:
            return {
                "passed": result["value"] == 0,
                "what": clean(part(row, "self_test_code").get("string") or "", 60),
                "said": clean(result.get("string") or "", 100),
                "hours": whole(row.get("power_on_hours")),
                "lba": whole(row.get("lba")),
                "wraps": False,
            }
    return None


def is_testing(said: dict[str, Any]) -> bool:
    ata = part(part(part(said, "ata_smart_data"), "self_test"), "status")
    nvme = part(part(said, "nvme_self_test_log"), "current_self_test_operation")
    # The high half of the byte; 15 is "in progress", and the low half the tenths that are left.
    return (whole(ata.get("value")) or 0) >> 4 == 15 or bool(whole(nvme.get("value")))


def can_selftest(said: dict[str, Any]) -> bool:
    able = part(part(said, "ata_smart_data"), "capabilities").get("self_tests_supported")
    commands = part(said, "nvme_optional_admin_commands").get("self_test")
    return able is True or commands is True


def selftest_age_h(drive: dict[str, Any]) -> int | None:
    """Hours of work since the last self-test."""
    test, hours = drive.get("selftest"), drive.get("hours")
    if not test or test["hours"] is None or hours is None:
        return None
    age = int(hours) - int(test["hours"])
    return age % HOURS_WRAP if test["wraps"] else max(0, age)


def raw_of(row: dict[str, Any]) -> int | None:
    value = whole(part(row, "raw").get("value"))
    # Some makers pack three counters into this one; the timeouts are in the lowest.
    return value & 0xFFFF if value is not None and row["id"] == 188 else value


def below(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": clean(row.get("name") or "?", 60).replace("_", " "),
        "value": whole(row.get("value")),
        "thresh": whole(row.get("thresh")),
    }


def named(row: dict[str, Any]) -> bool:
    return whole(row.get("id")) is not None


def part(said: dict[str, Any], name: str) -> dict[str, Any]:
    value = said.get(name)
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 62 else None
