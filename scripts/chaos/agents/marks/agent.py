import os
import time

from agent_kit import Agent, main


def perform(agent: Agent) -> None:
    options = agent.options
    # One write of a short line to a file opened for appending: lines of two runs never mix.
    mark = os.open(options["file"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(mark, f"{os.environ['CARL_RUN_ID']}\n".encode())
    os.close(mark)
    for number in range(1, options["count"] + 1):
        print(f"line {number}", flush=True)
        time.sleep(options["everyMs"] / 1000)
    agent.data["disks"] = [{"mount": "/var", "fstype": "ext4", "pct": 97}]
    if options["finds"]:
        agent.finding(
            rule="svc.failed",
            severity="high",
            subject=options["finds"],
            title=f"{options['finds']} is not well",
            evidence={"pct": 97},
            fix="Look at it.",
        )


if __name__ == "__main__":
    # By its schema, the facts of this agent may go to a model.
    main(perform, schema="system-health/1")
