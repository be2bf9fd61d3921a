"""What is looked at, and what a look brought: filled by the collector of its kind, judged by the rules."""

from __future__ import annotations

import os
import re
from typing import Any, NamedTuple

KINDS = (
    *("restic", "borg", "kopia", "pbs", "duplicity", "rsnapshot"),
    *("zfs", "btrfs", "vzdump", "archives", "dir"),
)
# Of a place that is no path of this node. Programs take it as a word: it must not read like an option to any.
REMOTE = re.compile(r"(?!.*(?:^|[@/:])-)[A-Za-z0-9][A-Za-z0-9._+:@/%~=-]*", re.ASCII)
POLICIES = ("max_age_h", "keep_daily", "keep_weekly", "keep_monthly")
HOUR, DAY = 3600.0, 86400.0


class Target(NamedTuple):
    """One repository, folder or data set that holds backups."""

    kind: str
    location: str
    # Named by a person, with an own policy perhaps; what was only found is judged by its habits.
    policy: dict[str, float]
    is_found: bool = False

    @property
    def key(self) -> str:
        """As people write it, and as the server names its secret."""
        return "%s:%s" % (self.kind, self.location)

    @property
    def is_local(self) -> bool:
        return self.kind != "zfs" and self.location.startswith("/")

    @property
    def step(self) -> str:
        """Of the report. A finding about this target begins with the same words."""
        return "backup: %s" % self.location


class Backup(NamedTuple):
    """One backup of a series: a snapshot, an archive, a dump."""

    group: str
    at: float
    id: str = ""
    size: int | None = None
    files: int | None = None


class Look:
    """Everything one look at a target brought."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.tool: str | None = None
        self.series: list[Backup] = []
        self.size: int | None = None  # bytes it takes where it lies
        self.free: int | None = None  # bytes that are left there
        self.stats: dict[str, float] = {}
        # Why it could not be looked at: the place is gone, or it is there and refuses.
        self.missing: str | None = None
        self.refused: dict[str, Any] | None = None
        self.lacks_secret = False
        # What was read to prove it whole, and what is not: {"what", "why", "how"}.
        self.checks: list[dict[str, Any]] = []
        self.damage: list[dict[str, Any]] = []
        self.locks: list[float] = []  # hours
        self.incomplete: list[dict[str, Any]] = []
        self.broken_chains: list[dict[str, Any]] = []
        self.missing_numbers: dict[str, list[int]] = {}
        self.failed_jobs: list[dict[str, str]] = []
        self.empty: str | None = None
        self.sources: list[str] = []  # folders of this node that it holds
        self.drill: dict[str, Any] | None = None

    @property
    def groups(self) -> dict[str, list[Backup]]:
        """The backups of each series, oldest first."""
        groups: dict[str, list[Backup]] = {}
        for backup in sorted(self.series, key=lambda it: (it.at, it.id)):
            groups.setdefault(backup.group, []).append(backup)
        return groups

    @property
    def newest(self) -> float | None:
        return max((backup.at for backup in self.series), default=None)

    def facts(self) -> dict[str, Any]:
        """As `backup-validator/1` has it: bytes, Unix seconds."""
        kept = sorted(self.series, key=lambda it: it.at)[-50:]
        return {
            "name": self.target.location,
            "kind": self.target.kind,
            "found": self.target.is_found,
            "tool": self.tool,
            "state": self.state,
            "newest_at": self.newest,
            "backups": len(self.series),
            "groups": len(self.groups),
            "series": [backup._asdict() for backup in kept],
            "size": self.size,
            "free": self.free,
            "stats": self.stats,
            "checks": self.checks,
            "damaged": len(self.damage),
            "drill": self.drill,
        }

    @property
    def state(self) -> str:
        if self.missing:
            return "missing"
        if self.refused:
            return str(self.refused["why"])
        return "outside" if self.lacks_secret else "open"


def parse_target(text: str, policies: dict[str, dict[str, float]], is_found: bool = False) -> Target:
    """`restic:/srv/backup`: the kind, and where it lies."""
    kind, _, location = text.partition(":")
    if kind not in KINDS or not location:
        raise ValueError("%r is no target: write kind:location, as in restic:/srv/backup" % text)
    if location.startswith("/"):
        location = os.path.normpath(location)
    elif not REMOTE.fullmatch(location):
        raise ValueError("%r is no place that a backup could be at" % text)
    key = "%s:%s" % (kind, location)
    return Target(kind, location, policies.get(key, {}), is_found)


def parse_policies(lines: list[str]) -> dict[str, dict[str, float]]:
    """`max_age_h=170 borg:/srv/weekly`: what holds for one target alone."""
    policies: dict[str, dict[str, float]] = {}
    for line in lines:
        rule, _, key = line.strip().partition(" ")
        name, _, value = rule.partition("=")
        if name not in POLICIES or not key:
            raise ValueError("%r is no policy: write max_age_h=170 borg:/srv/weekly" % line)
        target = parse_target(key.strip(), {})
        policies.setdefault(target.key, {})[name] = float(value)
    return policies
