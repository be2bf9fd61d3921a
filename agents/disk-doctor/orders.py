"""The shapes of what may be ordered, as the node sees them once more: whole identities, no field too many.

The server refuses other shapes before anybody approves them. This is for the day on which it does not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from agent_kit_actions import Skip

if TYPE_CHECKING:
    from agent_kit_actions import Action

DEVICE = r"/dev/(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9/_.:-]{0,99}"
SERIAL = r"[\x21-\x7e](?:[\x20-\x7e]{0,98}[\x21-\x7e])?"
POOL = r"[A-Za-z][A-Za-z0-9_.:-]{0,99}"
SHAPES: dict[str, dict[str, dict[str, str]]] = {
    "smart.selftest.start": {
        "target": {"device": DEVICE, "serial": SERIAL},
        "args": {"kind": "short|long"},
        "precondition": {},
    },
    "zfs.scrub.start": {"target": {"pool": POOL, "guid": r"\d{1,20}"}, "args": {}, "precondition": {}},
    "md.check.start": {
        "target": {"array": r"md[A-Za-z0-9_-]{1,40}"},
        "args": {},
        "precondition": {"level": r"raid\d{1,2}", "members": "int"},
    },
}


def fits(kind: str, part: str, value: Any) -> bool:
    """Whether a part of an order has exactly the fields of its kind, each of the right form."""
    fields = SHAPES[kind][part]
    if not isinstance(value, dict) or set(value) != set(fields):
        return False
    return all(is_like(value[name], pattern) for name, pattern in fields.items())


def is_like(value: Any, pattern: str) -> bool:
    if pattern == "int":
        return type(value) is int and 0 <= value <= 1000
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def check_shape(action: Action) -> None:
    parts = {"target": action.target, "args": action.args, "precondition": action.precondition}
    for name, value in parts.items():
        if not fits(action.kind, name, value):
            raise Skip("not-possible", "its %s is none that this agent knows" % name)
