"""Four facts of a node, through the kit."""

import os

from agent_kit import Agent, main


def perform(agent: Agent) -> None:
    with open("/proc/loadavg", encoding="ascii") as file:
        agent.data["load"] = file.read().split()[:3]
    with open("/proc/meminfo", encoding="ascii") as file:
        agent.data["memory"] = [file.readline().split()[1] for _ in range(3)]
    disk = os.statvfs("/")
    agent.data["free"] = disk.f_bavail * disk.f_frsize
    agent.data["host"] = os.uname().nodename


if __name__ == "__main__":
    main(perform, schema="bench-trivial/1")
