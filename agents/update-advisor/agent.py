"""Update Advisor: says which updates wait, what has to be restarted for them, and until when the system is
looked after. It changes nothing.

The story: look, judge, report. Facts are collected by `collect_*` and judged by `rules_*`, which know nothing
of the node but what they are given. Whether newer images are out is the server's to find: it gets the names
and digests of those that run, asks each registry once for all nodes, and adds what it finds to the report.
Only where the options say so does `registry` ask from the node.
"""

from __future__ import annotations

from typing import Any, Callable, Dict

from agent_kit import Agent, NotSeen, clean, main
from agent_kit_files import Files
from agent_kit_rules import Finding, in_order, judge_each
from agent_kit_sockets import find_socket
from collect_host import collect_host
from collect_packages import collect_packages
from collect_reboot import collect_reboot
from collect_services import collect_services
from context import Context
from report import report
from rules_images import judge_images
from rules_packages import judge_packages
from rules_system import judge_engine, judge_reboot, judge_services, judge_support

SCHEMA = "update-advisor/1"
# The commands of the manifest that may go through sudo: none.
SUDO: list[list[str]] = []

Seen = Dict[str, Any]


def perform(agent: Agent, root: str = "") -> None:
    """`root` stands for `/` in tests."""
    files = Files(root)
    with agent.section("host", 2):
        agent.data["host"] = collect_host(files)
    if "host" not in agent.data:
        raise RuntimeError("the node does not even say what it is")
    context = Context(agent.started, agent.data["host"], agent.options)
    seen = collect(agent, files, context)
    report(agent, in_order(judge(agent, seen, context)), seen)


def collect(agent: Agent, files: Files, context: Context) -> Seen:
    """What could be seen, by section. They run side by side: the package manager says how long it takes."""
    host, now, seen = context.host, context.now, {}
    parts: dict[str, tuple[float, Callable[[], Any]]] = {
        "packages": (110, lambda: collect_packages(agent, files, host, now)),
        "reboot": (25, lambda: collect_reboot(agent, files, host, now)),
        "services": (30, lambda: look_at_services(agent, files)),
        "images": (60, lambda: look_at_images(agent)),
    }
    wanted = {name: part for name, part in parts.items() if name not in agent.options["skip"]}
    seen.update(agent.together(wanted))
    # None is a part that this node has nothing for.
    docker = seen.pop("images", None)
    if docker:
        seen["engine"], seen["images"] = docker
    return seen


def look_at_services(agent: Agent, files: Files) -> dict[str, Any]:
    services = collect_services(files)
    # As root it is what nobody may look into, and nothing that anybody could change.
    if services["hidden"] and not agent.is_root:
        agent.gap(
            "services", "only root may see what the programs of others run", "Run as root to see all of them."
        )
    return services


def look_at_images(agent: Agent) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
    asked = agent.options["socket"]
    path = find_socket(asked)
    if path is None:
        if asked:
            raise NotSeen("there is no socket at %s" % clean(asked, 120), "See the option socket.")
        return None
    # Loaded where there is a Docker: a client of it is half of all the program.
    from agent_kit_docker import NoAnswer, Refusal
    from collect_images import collect_images
    from open_engine import REMEDY, open_engine

    engine = open_engine(agent, path)
    try:
        about = to_engine(engine.version)
        images = collect_images(engine, agent.options)
        if agent.options["registry"] == "node":
            # Most nodes do without.
            import registry

            registry.look_up(agent, engine, images)
        return about, images
    except (OSError, NoAnswer, Refusal) as silent:
        raise NotSeen("Docker does not answer: %s" % silent, REMEDY) from silent
    finally:
        engine.put_on_record()


def to_engine(version: dict[str, Any]) -> dict[str, str]:
    names = [str(part.get("Name", "")) for part in version.get("Components") or [] if isinstance(part, dict)]
    is_podman = any("podman" in name.lower() for name in names)
    return {
        "engine": "podman" if is_podman else "docker",
        "version": str(version.get("Version") or "")[:60],
        "api": str(version.get("ApiVersion") or "")[:20],
    }


def judge(agent: Agent, seen: Seen, context: Context) -> list[Finding]:
    """A rule that breaks takes only its own findings with it."""
    rules: dict[str, Callable[[Any], list[Finding]]] = {
        "packages": lambda it: judge_packages(it, context),
        "reboot": lambda it: judge_reboot(it, context),
        "services": lambda it: judge_services(it, context),
        "engine": lambda it: judge_engine(it, context),
        "images": lambda it: judge_images(it, context),
    }
    return judge_support(context) + judge_each(agent, seen, rules)


if __name__ == "__main__":
    main(perform, SCHEMA, SUDO)
