from agent_kit import Agent, main


def perform(agent: Agent) -> None:
    visits = (agent.history.last("visits") or 0) + 1
    print(f"hello {agent.options['name']}")
    agent.data["host"] = {"name": agent.options["name"], "visits": visits}
    agent.metric("visits", visits, "")
    agent.history.keep("visits", visits)
    agent.run(["true"])
    if agent.options["fails"]:
        raise ValueError("as it was told to")


if __name__ == "__main__":
    main(perform, schema="hello/1")
