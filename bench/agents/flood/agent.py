"""Prints more than anybody wants to keep, and says as many messages as it may."""

import sys

import car
from agent_kit import Agent, main


def perform(agent: Agent) -> None:
    line = "x" * 1023 + "\n"
    for _ in range(agent.options["print_mib"]):
        sys.stdout.write(line * 1024)
    # Past the kit, which keeps messages within bounds of its own.
    for number in range(agent.options["messages"]):
        car.event("log", level="info", msg="%08d " % number + "y" * 3990)


if __name__ == "__main__":
    main(perform, schema="bench-flood/1")
