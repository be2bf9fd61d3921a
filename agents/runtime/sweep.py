"""Ends every process on this node that belongs to the runs of `car.config["runs"]`, and removes their
folders.

Travels as the entry of a bundle. A run is known by CARL_RUN_ID in the environment of its processes; its
session and descendants belong to it too. Runs that are not named are left alone: another server may wait for
them.
"""

import os
import shutil
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


def left_of(runs):
    """The processes that the runs left, and which of the runs those are."""
    living = processes()
    # A process that threw its environment away belongs to whoever started it.
    family = runs | {None}
    mine = {os.getpid(), os.getppid()}
    doomed = {pid for pid, (_, _, run) in living.items() if run in runs}
    sessions = {living[pid][1] for pid in doomed} - {living[pid][1] for pid in mine if pid in living}
    doomed |= {
        pid
        for pid, (_, session, run) in living.items()
        if session in sessions and session > 1 and run in family
    }
    grew = True
    while grew:
        grew = False
        for pid, (parent, _, run) in living.items():
            if pid not in doomed and parent in doomed and run in family:
                doomed.add(pid)
                grew = True
    doomed -= mine
    return doomed, sorted({living[pid][2] for pid in doomed if living[pid][2]})


def forget(runs):
    """Removes the folders that resumable runs leave when nobody collects them."""
    for parent in (os.environ.get("XDG_RUNTIME_DIR"), "/dev/shm", "/tmp"):
        for run in runs if parent else ():
            shutil.rmtree(os.path.join(parent, "carl-%d-%s" % (os.getuid(), run)), ignore_errors=True)


def sweep():
    wanted = set(car.config["runs"])
    found, runs = left_of(wanted)
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
        left, _ = left_of(wanted)
    if not left:
        forget(wanted)
    car.event("swept", found=len(found), runs=runs, left=sorted(left))


if os.path.isdir("/proc/self/fd"):
    sweep()
else:
    car.event("swept", found=0, runs=[], left=[])
