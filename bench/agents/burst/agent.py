"""Waits, and then prints many lines in a short time."""

import sys
import time

from agent_kit import Agent, main


def perform(agent: Agent) -> None:
    time.sleep(agent.options["wait_ms"] / 1000)
    lines, seconds = agent.options["lines"], agent.options["seconds"]
    began = time.monotonic()
    for number in range(1, lines + 1):
        if number % 100 == 1:
            ahead = began + seconds * number / lines - time.monotonic()
            if ahead > 0:
                sys.stdout.flush()
                time.sleep(ahead)
        print("burst %d of %d, with a text as long as lines usually are" % (number, lines))


if __name__ == "__main__":
    main(perform, schema="bench-burst/1")
