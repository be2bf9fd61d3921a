"""The health of the drives, as they tell it themselves. A drive that sleeps is left asleep."""

from __future__ import annotations

import re
from typing import Any

from agent_kit import Agent, NotSeen, clean
from agent_kit_files import Files
from agent_kit_wording import some
from smartctl import devices_of, parse, to_drive

SCAN = ["smartctl", "--scan-open", "-j"]
LOOK = ["smartctl", "-j", "-x"]
ASLEEP = ["-n", "standby,0"]
# What smartctl finds out by itself when it opens a drive; any other kind has to be named.
KNOWN = ("ata", "sat", "scsi", "nvme")
# Drives that may be asked through sudo: there the whole command stands in the manifest.
USUAL = [
    *("/dev/sd" + letter for letter in "abcdefghijklmnop"),
    *("/dev/nvme%d" % number for number in range(4)),
]
ANSWER_WITHIN_S = 20
REMEDY = "Run as root, or allow its commands through sudo."


def look_at(device: dict[str, str], wake: bool) -> list[str]:
    kind = [] if device["type"] in KNOWN else ["-d", device["type"]]
    return [*LOOK, *([] if wake else ASLEEP), *kind, device["dev"]]


SMART_SUDO = [SCAN, *(look_at({"dev": dev, "type": "sat"}, wake=False) for dev in USUAL)]


def collect_smart(agent: Agent, files: Files) -> list[dict[str, Any]] | None:
    """A row for each drive that smartctl finds. None where there is no drive that could tell something."""
    there = real_drives(files)
    if not agent.which("smartctl"):
        if not there:
            return None
        raise NotSeen("smartctl is not installed", "Install it: sudo apt-get install smartmontools.")
    devices = scan(agent)
    if not devices and there:
        raise NotSeen("smartctl may open none of the drives", REMEDY)
    return [ask(agent, device) for device in devices]


def real_drives(files: Files) -> list[str]:
    """Drives with a health of their own: not those of a virtual machine, loops, or what is made of others."""
    return [name for name in files.names("/sys/block") if re.match(r"(sd[a-z]|hd[a-z]|nvme\d)", name)]


def scan(agent: Agent) -> list[dict[str, str]]:
    ran = agent.run(SCAN, timeout=20, limit=4 << 20, sudo=True)
    said = parse(ran.out)
    if said is None:
        why = clean(ran.err.strip(), 200) or ran.note or "it gave no answer that can be read"
        raise NotSeen("smartctl does not list the drives: %s" % why, REMEDY)
    return devices_of(said)


def ask(agent: Agent, device: dict[str, str]) -> dict[str, Any]:
    argv = look_at(device, agent.options["wake"])
    # One that hangs must not take those with it that were seen.
    silent = {"dev": device["dev"], "type": device["type"], "state": "unreadable"}
    try:
        ran = agent.run(argv, timeout=ANSWER_WITHIN_S, limit=4 << 20, sudo=True)
    except NotSeen as blind:
        return {**silent, "why": str(blind)}
    if ran.note in ("timeout", "unkillable"):
        return {**silent, "why": "it gave no answer in %d s" % ANSWER_WITHIN_S}
    return {**to_drive(device["dev"], parse(ran.out), ran.rc), "type": device["type"]}


def tell_gaps(
    agent: Agent, drives: list[dict[str, Any]], known: dict[str, Any], levels: dict[str, str]
) -> None:
    """A drive that could not be read is a gap. One that sleeps is one only if something is open about it:
    else a node that spares its disks would never be seen whole."""
    for drive in drives:
        if drive["state"] == "unreadable":
            agent.gap("smart: %s" % drive["dev"], drive["why"], REMEDY)
    asleep = [drive["dev"] for drive in drives if drive["state"] == "standby"]
    for dev in asleep:
        serials = [serial for serial, row in known.items() if row.get("dev") == dev]
        if any(serial in subject for serial in serials for subject in levels):
            remedy = "Run it while the drive is awake, or with the option that wakes drives."
            agent.gap("smart: %s" % dev, "it sleeps, and something was found on it before", remedy)
    if asleep:
        agent.log("left asleep: %s" % some(asleep, 10))
