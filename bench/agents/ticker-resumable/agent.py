"""Prints lines that carry the time at which they were printed."""

import time

from agent_kit import Agent, main


def perform(agent: Agent) -> None:
    for _ in range(agent.options["lines"]):
        print("tick %.6f" % time.time(), flush=True)
        time.sleep(agent.options["every_ms"] / 1000)


if __name__ == "__main__":
    main(perform, schema="bench-ticker-resumable/1")
