"""The shapes of what may be ordered, as the node sees them once more: whole identities, no field too many.

The server refuses other shapes before anybody approves them. This is for the day on which it does not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Callable

from agent_kit_actions import Skip

if TYPE_CHECKING:
    from agent_kit_actions import Action

Check = Callable[[Any], bool]


def matches(pattern: str) -> Check:
    whole = re.compile(pattern)
    return lambda value: isinstance(value, str) and whole.fullmatch(value) is not None


def each(check: Check, least: int = 0) -> Check:
    return lambda value: isinstance(value, list) and len(value) >= least and all(map(check, value))


def one_of(*allowed: Any) -> Check:
    return lambda value: any(value is one or (isinstance(value, str) and value == one) for one in allowed)


IMAGE = matches(r"sha256:[0-9a-f]{64}")
CONTAINER = matches(r"[0-9a-f]{64}")
NAME = matches(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}")
# No part of it leads out of the place it stands in.
REFERENCE = matches(r"(?!.*/\.{1,2}(?:/|$))[A-Za-z0-9][A-Za-z0-9_.:/@-]{0,399}")
RECORD = matches(r"[a-z0-9]{1,128}")
MOMENT = matches(r"[0-9TZ:.+-]{1,64}")
PREFIX = "carl-aside-"
ASIDE = matches(PREFIX + r"[A-Za-z0-9_.-]{1,240}")


def days(value: Any) -> bool:
    return type(value) is int and 1 <= value <= 90


def flag(value: Any) -> bool:
    return type(value) is bool


SET_ASIDE: dict[str, Check] = {"aside": flag, "keepDays": days}
SHAPES: dict[str, dict[str, dict[str, Check]]] = {
    "docker.image.remove": {
        "target": {"id": IMAGE},
        "args": {},
        "precondition": {"tags": each(REFERENCE), "digests": each(REFERENCE)},
    },
    "docker.container.remove": {
        "target": {"id": CONTAINER, "name": NAME},
        "args": SET_ASIDE,
        "precondition": {"state": one_of("exited", "created", "dead"), "finishedAt": MOMENT, "image": IMAGE},
    },
    "docker.volume.remove": {
        "target": {"name": NAME},
        "args": SET_ASIDE,
        "precondition": {"createdAt": MOMENT, "driver": one_of("local"), "isAnonymous": flag},
    },
    "docker.buildcache.prune": {"target": {"ids": each(RECORD, least=1)}, "args": {}, "precondition": {}},
    "docker.image.restore": {
        "target": {"id": IMAGE, "digests": each(REFERENCE, least=1)},
        "args": {"tags": each(REFERENCE)},
        "precondition": {},
    },
    "docker.container.restore": {
        "target": {"id": CONTAINER, "name": NAME, "asideName": ASIDE},
        "args": {},
        "precondition": {},
    },
    "docker.volume.restore": {"target": {"name": NAME, "asideName": ASIDE}, "args": {}, "precondition": {}},
    "docker.aside.discard": {
        "target": {"what": one_of("container", "volume"), "asideName": ASIDE},
        "args": {},
        "precondition": {"identity": matches(r"[0-9A-Za-z:.+-]{1,128}")},
    },
}


def check_shape(action: Action) -> None:
    """Skips an action that is not exactly of the shape of its kind."""
    shape = SHAPES.get(action.kind)
    if shape is None:
        raise Skip("not-possible", "there is no such kind of change")
    for part, fields in shape.items():
        given = getattr(action, part)
        if not isinstance(given, dict) or set(given) != set(fields):
            raise Skip("not-possible", "its %s has other fields than it should" % part)
        for name, check in fields.items():
            if not check(given[name]):
                raise Skip("not-possible", "its %s is no whole identity" % name)
