"""Finds what belongs to a run: the processes that its agent started, and theirs.

Travels with the supervisor and is compiled only when something has to be ended. Python 3.8 or newer, standard
library only.
"""

import os


def living(mark):
    """Descendants of ours, and whoever carries the mark of this run in its environment."""
    parents = from_proc(mark) if os.path.isdir("/proc/self/fd") else from_ps()
    own = os.getpid()
    found = {own}
    grew = True
    while grew:
        grew = False
        for pid, (parent, marked) in parents.items():
            if pid not in found and (marked or parent in found):
                found.add(pid)
                grew = True
    found.discard(own)
    return sorted(found)


def from_proc(mark):
    parents = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/" + name + "/stat", "rb") as file:
                stat = file.read()
            # The name of a program may hold spaces and brackets, so count from its last bracket.
            fields = stat[stat.rindex(b")") + 2 :].split()
            if fields[0] in (b"Z", b"X"):
                continue
            parents[int(name)] = (int(fields[1]), is_marked(name, mark))
        except (OSError, ValueError):
            continue
    return parents


def is_marked(pid, mark):
    try:
        with open("/proc/" + pid + "/environ", "rb") as file:
            return mark in file.read().split(b"\0")
    except OSError:
        return False


def from_ps():
    parents = {}
    try:
        for line in os.popen("ps -axo pid=,ppid= 2>/dev/null"):
            pid, parent = line.split()
            parents[int(pid)] = (int(parent), False)
    except (OSError, ValueError):
        pass
    return parents
