import os
import time

from agent_kit import Agent, main


def perform(agent: Agent) -> None:
    count, waits_for = agent.options["count"], agent.options["waitsFor"]
    for number in range(1, count + 1):
        while number == count and waits_for and not os.path.exists(waits_for):
            time.sleep(0.02)
        print(f"line {number}", flush=True)
        time.sleep(agent.options["everyMs"] / 1000)
    agent.data["host"] = {"counted": count}


if __name__ == "__main__":
    main(perform, schema="counts/1")
