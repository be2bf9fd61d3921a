"""Which updates should not wait, and whether they can come at all."""

from __future__ import annotations

from typing import Any

from agent_kit_rules import DAY, Finding
from agent_kit_wording import count, some, span
from collect_host import APPLIANCES
from context import Context

# Reached from the network by strangers, or the last wall when something else fell.
CRUCIAL = ("linux-image", "kernel", "openssh", "openssl", "libssl", "sudo", "libc6", "glibc")
INSTALL = {
    "apt": "sudo apt-get update && sudo apt-get dist-upgrade",
    "apk": "sudo apk update && sudo apk upgrade",
    "dnf": "sudo dnf upgrade --security",
    "pacman": "sudo pacman -Syu",
    "zypper": "sudo zypper patch --category security",
}
REFRESH = {
    "apt": "sudo apt-get update",
    "apk": "sudo apk update",
    "dnf": "sudo dnf makecache",
    "pacman": "sudo pacman -Sy",
    "zypper": "sudo zypper refresh",
}
# Of the others it cannot be told where all of their lists may lie.
ALWAYS_HAVE_LISTS = ("apt", "apk", "pacman")
RELEASE = {
    "apt": "sudo apt-mark unhold NAME",
    "apk": "take the version out of /etc/apk/world",
    "dnf": "sudo dnf versionlock delete NAME",
    "pacman": "take it out of IgnorePkg in /etc/pacman.conf",
    "zypper": "sudo zypper removelock NAME",
}


def judge_packages(packages: dict[str, Any], context: Context) -> list[Finding]:
    if packages["manager"] in APPLIANCES:
        return []
    rules = (judge_security, judge_broken, judge_lists, judge_held, judge_unattended)
    return [found for rule in rules for found in rule(packages, context)]


def judge_security(packages: dict[str, Any], context: Context) -> list[Finding]:
    if not packages["security"]:
        return []
    manager = packages["manager"]
    waiting = [one for one in packages["pending"] if one["security"]]
    crucial = [one["name"] for one in waiting if one["name"].startswith(CRUCIAL)]
    names = sorted({one["name"] for one in waiting}, key=lambda name: (name not in crucial, name))
    title = "%s waiting: %s" % (count(packages["security"], "security update"), some(names))
    evidence = {
        "security": packages["security"],
        "waiting": packages["waiting"],
        "crucial": crucial,
        "packages": waiting[:100],
    }
    fix = "Install: %s." % INSTALL[manager]
    if manager == "apt" and packages["unattended"] is False:
        fix += " To have them come by themselves: sudo apt-get install unattended-upgrades."
    return [Finding("upd.security", "high" if crucial else "warning", manager, title, evidence, fix)]


def judge_broken(packages: dict[str, Any], context: Context) -> list[Finding]:
    found = []
    if packages["unfinished"]:
        names = packages["unfinished"]
        title = "The installation of %s broke off half-way" % some(names)
        fix = "Finish it: sudo dpkg --configure -a && sudo apt-get -f install. Then read its answer."
        found.append(Finding("upd.dpkg_broken", "high", "dpkg", title, {"packages": names}, fix))
    elif packages["error"]:
        title = "apt cannot work out an upgrade"
        fix = "Read what stands in the way: sudo apt-get -f install. Until then no update arrives."
        found.append(Finding("upd.broken", "high", "apt", title, {"error": packages["error"]}, fix))
    return found


def judge_lists(packages: dict[str, Any], context: Context) -> list[Finding]:
    manager, age = packages["manager"], packages["lists_age_d"]
    fix = "Fetch them and read the answer: %s." % REFRESH[manager]
    if packages["enterprise_only"]:
        title = "Proxmox' paid package list has never come: its updates are unknown"
        fix = (
            "Without a subscription replace pve-enterprise in /etc/apt/sources.list.d by the "
            "pve-no-subscription repository (in the web page: Updates, Repositories), then sudo apt-get "
            "update."
        )
    elif age is None and manager in ALWAYS_HAVE_LISTS:
        title = "The package lists were never fetched: updates are unknown"
    elif age is not None and age > context.options["lists_max_age_d"]:
        title = "The package lists are %s old: newer updates are unknown" % span(age * DAY)
    else:
        return []
    if manager == "apt" and not packages["enterprise_only"]:
        fix += " For every day: systemctl status apt-daily.timer."
    evidence = {"age_d": age, "limit_d": context.options["lists_max_age_d"]}
    return [Finding("upd.lists_stale", "warning", manager, title, evidence, fix)]


def judge_held(packages: dict[str, Any], context: Context) -> list[Finding]:
    names = packages["held"]
    if not names:
        return []
    verb = "is" if len(names) == 1 else "are"
    title = "%s %s held back and get no updates: %s" % (count(len(names), "package"), verb, some(names))
    fix = "If that is still wanted, acknowledge it. If not: %s." % RELEASE[packages["manager"]]
    evidence = {"count": len(names), "packages": names}
    return [Finding("upd.held", "info", packages["manager"], title, evidence, fix)]


def judge_unattended(packages: dict[str, Any], context: Context) -> list[Finding]:
    if packages["unattended"] is not False:
        return []
    title = "Security updates do not install themselves"
    fix = (
        "sudo apt-get install unattended-upgrades && sudo dpkg-reconfigure -plow unattended-upgrades. "
        "Whoever installs them by hand every week can acknowledge this."
    )
    return [Finding("upd.unattended_off", "info", "apt", title, {"unattended": False}, fix)]
