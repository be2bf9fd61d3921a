"""Which updates should not wait, and whether they can come at all."""

from __future__ import annotations

from typing import Any

from agent_kit_rules import Finding
from agent_kit_wording import count, some, span
from context import Context

DAY = 86400
# Reached from the network by strangers, or the last wall when something else fell.
CRUCIAL = ("linux-image", "kernel", "openssh", "openssl", "libssl", "sudo", "libc6", "glibc")
INSTALL = {
    "apt": "sudo apt-get update && sudo apt-get dist-upgrade",
    "apk": "sudo apk update && sudo apk upgrade",
    "dnf": "sudo dnf upgrade --security",
    "pacman": "sudo pacman -Syu",
    "zypper": "sudo zypper patch --category security",
}


def judge_updates(updates: dict[str, Any], context: Context) -> list[Finding]:
    manager, found = updates["manager"], []
    if updates["security"]:
        packages = updates["security_pkgs"]
        crucial = [package["name"] for package in packages if package["name"].startswith(CRUCIAL)]
        names = sorted(
            {package["name"] for package in packages}, key=lambda name: (name not in crucial, name)
        )
        title = "%s waiting: %s" % (count(updates["security"], "security update"), some(names))
        evidence = {key: updates[key] for key in ("security", "upgradable", "security_pkgs")}
        evidence["crucial"] = crucial
        fix = "Install: %s." % INSTALL.get(manager, "use the system's package manager")
        if manager == "apt":
            fix += " To have them come by themselves: sudo apt-get install unattended-upgrades."
        found.append(Finding("upd.security", "high" if crucial else "warning", manager, title, evidence, fix))
    if manager == "apt":
        found += judge_apt(updates, context)
    return found


def judge_apt(updates: dict[str, Any], context: Context) -> list[Finding]:
    found = []
    if updates["error"] or updates["unfinished"]:
        what = (
            "left %s unfinished" % some(updates["unfinished"])
            if updates["unfinished"]
            else "cannot work out an upgrade"
        )
        evidence = {"error": updates["error"], "unfinished": updates["unfinished"]}
        fix = (
            "Finish what broke off: sudo dpkg --configure -a && sudo apt-get -f install. Then read "
            "its answer."
        )
        found.append(Finding("upd.broken", "high", "apt", "apt %s" % what, evidence, fix))
    age = updates["lists_age_d"]
    evidence = {"age_d": age, "limit_d": context.options["lists_max_age_d"]}
    fix = "Run sudo apt-get update and read its answer. For every day: systemctl status apt-daily.timer."
    if updates["enterprise_only"]:
        title = "Proxmox' paid package list has never come: its updates are unknown"
        fix = (
            "Without a subscription replace pve-enterprise in /etc/apt/sources.list.d by the "
            "pve-no-subscription "
            "repository (in the web page: Updates, Repositories), then sudo apt-get update."
        )
    elif age is None:
        title = "The package lists were never fetched: updates are unknown"
    elif age > context.options["lists_max_age_d"]:
        title = "The package lists are %s old: newer updates are unknown" % span(age * DAY)
    else:
        return found
    return [*found, Finding("upd.lists_stale", "warning", "apt", title, evidence, fix)]


def judge_reboot(reboot: dict[str, Any], context: Context) -> list[Finding]:
    if not reboot["reboot"]:
        return []
    days = reboot["reboot_age_d"]
    severity = "high" if days is not None and days > 30 else "warning"
    why = reboot["reboot_kernel"] and "for kernel %s" % reboot["reboot_kernel"]
    why = why or (reboot["reboot_pkgs"] and "for %s" % some(reboot["reboot_pkgs"])) or "for what was updated"
    since = ", since %s" % span(days * DAY) if days else ""
    title = "It needs a restart %s%s" % (why, since)
    evidence = {**reboot, "running": context.host["kernel"]}
    fix = "Until then the old, open code keeps running. At a good time: sudo systemctl reboot."
    return [Finding("upd.reboot", severity, "kernel", title, evidence, fix)]
