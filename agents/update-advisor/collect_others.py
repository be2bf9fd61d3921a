"""What apk, dnf, pacman and zypper know. None of them is let near the network, nor near a lock."""

from __future__ import annotations

import re
from typing import Any

from agent_kit import Agent, NotSeen, clean
from agent_kit_fields import lines_of
from agent_kit_files import Files
from agent_kit_rules import DAY

APK_LINE = re.compile(r"^(\S+)-(\d[^-\s]*-r\d+)\s+<\s+(\S+)")
PACMAN_LINE = re.compile(r"^(\S+) (\S+) -> (\S+)( \[ignored\])?$")


def ask_apk(agent: Agent, files: Files, host: dict[str, Any], now: float) -> dict[str, Any]:
    ran = agent.run(["apk", "version", "-l", "<"], timeout=20)
    if not ran.ok:
        raise NotSeen("apk did not answer: %s" % (clean(ran.err.strip(), 200) or ran.note))
    world = lines_of(files.read("/etc/apk/world"))
    return {
        "manager": "apk",
        "pending": parse_apk(ran.out),
        # `nginx=1.24.0-r1` or `nginx<1.25` stays where it is; `nginx@edge` only names where it comes from.
        "held": [clean(line, 100) for line in world if re.search(r"[=<~]", line.partition("@")[0])],
        "lists_age_d": age_of(files, now, "/var/cache/apk/APKINDEX.*", "/etc/apk/cache/APKINDEX.*"),
    }


def parse_apk(text: str) -> list[dict[str, Any]]:
    """`busybox-1.36.1-r5 < 1.36.1-r6` by line."""
    found = (APK_LINE.match(line) for line in text.splitlines())
    return [package(it.group(1), it.group(2), it.group(3)) for it in found if it]


def ask_dnf(agent: Agent, files: Files, host: dict[str, Any], now: float) -> dict[str, Any]:
    listed = agent.run(["dnf", "-q", "-C", "updateinfo", "list", "--security"], timeout=50)
    if not listed.ok:
        why = clean(listed.err.strip(), 200) or listed.note
        raise NotSeen("dnf did not answer: %s" % why, "sudo dnf makecache, so that its lists are there.")
    advisories = parse_advisories(listed.out)
    waiting = agent.run(["dnf", "-q", "-C", "check-update"], timeout=50)
    return {
        "manager": "dnf",
        "pending": merged(parse_check(waiting.out) if waiting.rc == 100 else [], advisories),
        "security": len(advisories),
        "held": locked(files, "/etc/dnf/plugins/versionlock.list", "/etc/yum/pluginconf.d/versionlock.list"),
        "lists_age_d": age_of(files, now, "/var/cache/dnf/*.solv", "/var/cache/libdnf5/*/solv/*.solv"),
    }


def parse_advisories(text: str) -> dict[str, str]:
    """`FEDORA-2026-1 Important/Sec. openssl-3.0-1.x86_64` by line, and of dnf 5 `FEDORA-2026-1 security
    Important openssl-3.0-1.x86_64 2026-01-01`: the advisory of each package, once."""
    found = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) == 3 and "/" in words[1]:
            found[clean(words[2], 100)] = clean(words[0], 100)
        elif len(words) >= 5 and words[1] == "security":
            found[clean(words[3], 100)] = clean(words[0], 100)
    return found


def parse_check(text: str) -> list[dict[str, Any]]:
    """`vim-minimal.x86_64  2:9.1.1-1.fc41  updates` by line, up to the list of what is obsolete."""
    found = []
    for line in text.splitlines():
        if line.startswith("Obsoleting"):
            break
        words = line.split()
        if len(words) == 3 and "." in words[0]:
            found.append(package(words[0].rpartition(".")[0], "", words[1], words[2]))
    return found


def merged(waiting: list[dict[str, Any]], advisories: dict[str, str]) -> list[dict[str, Any]]:
    """What waits, each with its advisory. `openssl-libs-1:3.2.2-3.fc41.x86_64` belongs to `openssl-libs`."""
    rest = dict(advisories)
    for one in waiting:
        start = "%s-%s" % (one["name"], one["to"])
        for name in [name for name in rest if name.startswith(start)]:
            one.update(security=True, origin=rest.pop(name))
    return waiting + [
        {**package(name, "", ""), "security": True, "origin": it} for name, it in sorted(rest.items())
    ]


def ask_pacman(agent: Agent, files: Files, host: dict[str, Any], now: float) -> dict[str, Any]:
    ran = agent.run(["pacman", "-Qu"], timeout=20)
    if ran.rc is None:
        raise NotSeen("pacman did not answer: %s" % ran.note)
    if ran.rc != 0 and ran.err.strip():
        raise NotSeen("pacman did not answer: %s" % clean(ran.err.strip(), 200))
    ignored = [
        name
        for line in lines_of(files.read("/etc/pacman.conf"))
        if line.replace(" ", "").startswith("IgnorePkg=")
        for name in line.partition("=")[2].split()
    ]
    return {
        "manager": "pacman",
        "pending": parse_pacman(ran.out),
        "held": [clean(name, 100) for name in ignored[:200]],
        "lists_age_d": age_of(files, now, "/var/lib/pacman/sync/*.db"),
    }


def parse_pacman(text: str) -> list[dict[str, Any]]:
    """`linux 6.1.1-1 -> 6.2.0-1` by line; what is ignored is held and does not wait."""
    found = (PACMAN_LINE.match(line.strip()) for line in text.splitlines())
    return [package(*it.group(1, 2, 3)) for it in found if it and not it.group(4)]


def ask_zypper(agent: Agent, files: Files, host: dict[str, Any], now: float) -> dict[str, Any]:
    quiet = ["zypper", "--no-refresh", "--quiet"]
    patches = agent.run([*quiet, "list-patches", "--category", "security"], timeout=50)
    if not patches.ok:
        raise NotSeen("zypper did not answer: %s" % (clean(patches.err.strip(), 200) or patches.note))
    updates = agent.run([*quiet, "list-updates"], timeout=50)
    names = [cells[1] for cells in table(patches.out) if "needed" in cells]
    waiting = [
        package(cells[2], cells[3], cells[4], cells[1]) for cells in table(updates.out) if len(cells) >= 5
    ]
    # Patches are no packages: they bring some, which may be in the list as well.
    patched = [{**package(name, "", ""), "security": True} for name in names]
    return {
        "manager": "zypper",
        "pending": patched + [one for one in waiting if one["name"] != "Name"],
        "security": len(names),
        "held": [
            clean(name, 100)
            for name in re.findall(r"^solvable_name: (\S+)", files.text("/etc/zypp/locks"), re.M)
        ],
        "lists_age_d": age_of(files, now, "/var/cache/zypp/solv/*/cookie"),
    }


def table(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in text.splitlines() if line.count("|") >= 4]


def package(name: str, old: str, new: str, origin: str = "") -> dict[str, Any]:
    return {
        "name": clean(name, 100),
        "from": clean(old, 100),
        "to": clean(new, 100),
        "origin": clean(origin, 200),
        "security": False,
    }


def locked(files: Files, *paths: str) -> list[str]:
    return [
        clean(line, 100) for path in paths for line in lines_of(files.read(path)) if not line.startswith("!")
    ][:200]


def age_of(files: Files, now: float, *patterns: str) -> float | None:
    """Days since the newest of these was written; None where there is none."""
    times = [files.changed_at(path) for pattern in patterns for path in files.glob(pattern)]
    newest = max((at for at in times if at is not None), default=None)
    return None if newest is None else round(max(0.0, now - newest) / DAY, 1)
