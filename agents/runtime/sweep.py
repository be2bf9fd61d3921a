"""Ends every process on this node that belongs to a run nobody waits for any more.

Travels as the entry of a bundle. A run is known by CARL_RUN_ID in the environment of its processes; its session and
descendants belong to it too. `car.config["active"]` lists the runs to leave alone.
"""

import os
import signal
import time

import car

GENTLE_ROUNDS = 4
ROUNDS = 40


def processes():
    """pid -> (parent, session, run or None)"""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/" + name + "/stat", "rb") as file:
                stat = file.read()
            fields = stat[stat.rindex(b")") + 2 :].split()
            if fields[0] not in (b"Z", b"X"):
                found[int(name)] = (int(fields[1]), int(fields[3]), run_of(name))
        except (OSError, ValueError):
            continue
    return found


def run_of(pid):
    try:
        with open("/proc/" + pid + "/environ", "rb") as file:
            for entry in file.read().split(b"\0"):
                if entry.startswith(b"CARL_RUN_ID="):
                    return entry[12:].decode("ascii", "replace")
    except OSError:
        pass
    return None


def orphans(active, own):
    """The processes to end, and the runs they belonged to."""
    living = processes()
    mine = {os.getpid(), os.getppid()}
    doomed = {pid for pid, (_, _, run) in living.items() if run and run != own and run not in active}
    sessions = {living[pid][1] for pid in doomed} - {living[pid][1] for pid in mine if pid in living}
    doomed |= {pid for pid, (_, session, run) in living.items() if session in sessions and session > 1 and run != own}
    grew = True
    while grew:
        grew = False
        for pid, (parent, _, run) in living.items():
            if pid not in doomed and parent in doomed and run != own:
                doomed.add(pid)
                grew = True
    doomed -= mine
    return doomed, sorted({living[pid][2] for pid in doomed if living[pid][2]})


def sweep():
    active = set(car.config.get("active", []))
    own = os.environ.get("CARL_RUN_ID")
    found, runs = orphans(active, own)
    left = found
    for attempt in range(ROUNDS):
        if not left:
            break
        for pid in left:
            try:
                os.kill(pid, signal.SIGTERM if attempt < GENTLE_ROUNDS else signal.SIGKILL)
            except OSError:
                pass
        time.sleep(0.05)
        left, _ = orphans(active, own)
    car.event("swept", found=len(found), runs=runs, left=sorted(left))


if os.path.isdir("/proc/self/fd"):
    sweep()
else:
    car.event("swept", found=0, runs=[], left=[])
