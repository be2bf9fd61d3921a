"""Logins over SSH, as its server logged them."""

from __future__ import annotations

import calendar
import os
import re
import time
from typing import Any, NamedTuple

from agent_kit import Agent, NotSeen, clean
from agent_kit_files import Files

# Fixed, because sudo allows exactly this command. What is too old is left out afterwards.
JOURNAL = [
    *("journalctl", "--quiet", "--no-pager", "--output=short-unix", "--since=-7d", "--lines=50000"),
    *("--identifier=sshd", "--identifier=sshd-session"),
]
LOGS = ("/var/log/auth.log", "/var/log/secure", "/var/log/messages", "/var/log/syslog")
LOG_BYTES = 8 << 20
LINE_LENGTH = 2000
MONTHS = {
    name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)
}
NONE = "there is no log of SSH logins here"
NO_LOG = "Install one that keeps them: sudo apt-get install rsyslog, or use the journal of systemd."
REMEDY = (
    "Let the user read the log: sudo usermod -aG systemd-journal,adm followed by its name (or run as root)."
)

# The name of a user is whatever the attacker typed, also text that looks like the end of such a line. So
# each line is
# taken to its end, and the address is the last one in it.
ADDRESS = r"([0-9a-fA-F:.]+(?:%\w+)?)"
ENDING = r" port \d+(?: ssh2?)?(?:: \S.*)?$"
FAILED = re.compile(r"Failed (\S+) for (?:invalid user )?(.*) from " + ADDRESS + r" port \d+(?: ssh2?)?$")
INVALID = re.compile(r"Invalid user (.*) from " + ADDRESS + r"(?: port \d+)?$")
CLOSED = re.compile(
    r"Connection (?:closed|reset) by (?:authenticating|invalid) user (.*) "
    + ADDRESS
    + r" port \d+ \[preauth\]$"
)
ACCEPTED = re.compile(r"Accepted (\S+) for (\S+) from " + ADDRESS + ENDING)
REPEATED = re.compile(r"message repeated (\d+) times: \[ (.*)\]$")
LINE = re.compile(r"(?P<stamp>\S+|[A-Z][a-z]{2}\s+\d+ [\d:]{8}) \S+ sshd(?:-session)?\[\d+\]: (?P<said>.*)$")


class Login(NamedTuple):
    at: float
    kind: str  # failed, invalid, closed or accepted
    user: str
    ip: str
    method: str
    times: int = 1


def collect_auth(
    agent: Agent, files: Files, host: dict[str, Any], now: float, since: float
) -> dict[str, Any]:
    source, lines = read_journal(agent, files, host)
    if not lines:
        found, why = read_logs(files, since)
        if found:
            source, lines = found
        elif source is None:
            raise NotSeen(why, NO_LOG if why == NONE else REMEDY)
    return summarise(parse_logins(lines, now), source or "", now, since)


def read_journal(agent: Agent, files: Files, host: dict[str, Any]) -> tuple[str | None, list[str]]:
    if host["init"] != "systemd" or not agent.which("journalctl"):
        return None, []
    ran = agent.run(JOURNAL, timeout=15, limit=LOG_BYTES, sudo=True)
    if ran.rc != 0 and ran.note != "truncated":
        return None, []
    lines = ran.out.splitlines()
    # Without the right to read it the journal shows an ordinary user an empty page and no error.
    journals = files.glob("/var/log/journal/*/system.journal") + files.glob(
        "/run/log/journal/*/system.journal"
    )
    is_readable = agent.is_root or any(os.access(files.at(path), os.R_OK) for path in journals)
    return ("journal" if lines or is_readable else None), lines


def read_logs(files: Files, since: float) -> tuple[tuple[str, list[str]] | None, str]:
    why = NONE
    for path in LOGS:
        if not os.path.isfile(files.at(path)):
            continue
        try:
            text = read_end(files.at(path))
            # Right after a rotation the last day is in the file before.
            previous = path + ".1"
            if (files.changed_at(previous) or 0) > since and len(text) < LOG_BYTES:
                text = read_end(files.at(previous)) + text
        except OSError as error:
            why = "%s cannot be read: %s" % (path, error.strerror)
            continue
        lines = [line for line in text.splitlines() if " sshd" in line[:160]]
        if lines or path in LOGS[:2]:
            return (path, lines), ""
    return None, why


def read_end(path: str) -> str:
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(fd, "rb") as file:
        length = file.seek(0, os.SEEK_END)
        file.seek(max(0, length - LOG_BYTES))
        return file.read(LOG_BYTES).decode("utf-8", "replace")


def parse_logins(lines: list[str], now: float) -> list[Login]:
    found = []
    for line in lines:
        # The SSH server ends its lines at 1024 bytes; on an endless one the patterns below take for ever.
        match = LINE.match(line) if len(line) <= LINE_LENGTH else None
        at = to_time(match.group("stamp"), now) if match else None
        login = parse_said(match.group("said"), at) if match and at else None
        if login:
            found.append(login)
    return sorted(found, key=lambda login: login.at)


def parse_said(said: str, at: float) -> Login | None:
    times = 1
    repeated = REPEATED.match(said)
    if repeated:
        times, said = int(repeated.group(1)), repeated.group(2)
    said = said.rstrip()
    match = FAILED.match(said)
    if match:
        # Keys that do not fit are offered by every ordinary login, and `none` asks what is allowed.
        if match.group(1) in ("publickey", "none", "hostbased"):
            return None
        return Login(at, "failed", clean(match.group(2), 64), match.group(3), match.group(1), times)
    match = INVALID.match(said)
    if match:
        return Login(at, "invalid", clean(match.group(1), 64), match.group(2), "", times)
    match = CLOSED.match(said)
    if match:
        return Login(at, "closed", clean(match.group(1), 64), match.group(2), "", times)
    match = ACCEPTED.match(said)
    if match:
        return Login(at, "accepted", clean(match.group(2), 64), match.group(3), match.group(1), times)
    return None


def to_time(stamp: str, now: float) -> float | None:
    """Unix seconds of `1700000000.123`, `2026-11-24T13:00:00.1+01:00` or `Nov  4 13:00:00` (local, without
    a year)."""
    if re.match(r"\d{9,}\.\d+$", stamp):
        return float(stamp)
    match = re.match(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?$", stamp)
    if match:
        at = calendar.timegm(tuple(int(part) for part in match.groups()[:6]))
        zone = match.group(7)
        if zone is None or zone == "Z":
            return float(at)
        away = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
        return float(at - away if zone[0] == "+" else at + away)
    match = re.match(r"([A-Z][a-z]{2})\s+(\d+) (\d\d):(\d\d):(\d\d)$", stamp)
    if not match or match.group(1) not in MONTHS:
        return None
    year = time.localtime(now).tm_year
    rest = (MONTHS[match.group(1)], *(int(part) for part in match.groups()[1:]), 0, 0, -1)
    at = time.mktime((year, *rest))
    return at if at < now + 86400 else time.mktime((year - 1, *rest))


def summarise(logins: list[Login], source: str, now: float, since: float) -> dict[str, Any]:
    """Failures of the last 24 hours by address, and password logins since the last run with what came
    before them."""
    by_address: dict[str, list[Login]] = {}
    for login in logins:
        by_address.setdefault(login.ip, []).append(login)
    addresses = [
        {"ip": ip, **count_failures([login for login in theirs if login.at > now - 86400])}
        for ip, theirs in sorted(by_address.items())
    ]
    addresses = sorted((row for row in addresses if row["failed"]), key=lambda row: -row["failed"])
    accepted = [login for login in logins if login.kind == "accepted"]
    passwords = [
        login for login in accepted if login.at > since and login.method.startswith(("password", "keyboard"))
    ]
    return {
        "source": source,
        "failed": sum(row["failed"] for row in addresses),
        "accepted": sum(login.times for login in accepted if login.at > now - 86400),
        "addresses": len(addresses),
        "top": addresses[:10],
        "logins": [
            {
                "user": login.user,
                "ip": login.ip,
                "method": login.method,
                "at": round(login.at),
                "failures_before": failures_before(login, by_address[login.ip]),
            }
            for login in passwords[-200:]
        ],
    }


def failures_before(login: Login, theirs: list[Login]) -> int:
    return count_failures([it for it in theirs if it.at <= login.at])["failed"]


def count_failures(logins: list[Login]) -> dict[str, Any]:
    """One attempt is logged in up to three ways; the most frequent of them counts it."""
    counts = {"failed": 0, "invalid": 0, "closed": 0}
    users: dict[str, int] = {}
    for login in logins:
        if login.kind in counts:
            counts[login.kind] += login.times
            users[login.user] = users.get(login.user, 0) + login.times
    return {"failed": max(counts.values()), "users": sorted(users, key=lambda name: -users[name])[:5]}
