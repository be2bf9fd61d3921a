from agent_kit import Agent, main


def perform(agent: Agent) -> None:
    agent.data["disks"] = [{"mount": "/var", "fstype": "ext4", "pct": 97}]
    for one in agent.options["found"]:
        rule, subject = one.split(" ", 1)
        agent.finding(
            rule=rule,
            severity="high",
            subject=subject,
            title=f"{subject} is not well",
            evidence={"pct": 97, "tail": ["Nov 23 03:00:01 nas backup[811]: repository is locked"]},
            fix=f"Look at {subject}.",
        )


if __name__ == "__main__":
    # By its schema, the facts of this agent may go to a model.
    main(perform, schema="system-health/1")
