"""Four facts of a node, printed as JSON. The peers run this file as it is."""

import json
import os

facts = {"host": os.uname().nodename}
with open("/proc/loadavg", encoding="ascii") as file:
    facts["load"] = file.read().split()[:3]
with open("/proc/meminfo", encoding="ascii") as file:
    facts["memory"] = [file.readline().split()[1] for _ in range(3)]
disk = os.statvfs("/")
facts["free"] = disk.f_bavail * disk.f_frsize
print(json.dumps(facts))
