"""Parts of an agent that run side by side. See `Agent.together`.

Travels with the kit, and is compiled by who uses it.
"""

from __future__ import annotations

import threading
import time

from agent_kit import Stopped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from agent_kit import Agent


def together(agent: Agent, parts: dict[str, tuple[float, Callable[[], Any]]]) -> dict[str, Any]:
    results: dict[str, Any] = {}
    done = {name: threading.Event() for name in parts}

    def perform(name: str, budget_s: float, part: Callable[[], Any]) -> None:
        try:
            with agent.section(name, budget_s):
                result = part()
                with agent._lock:
                    if name not in left_behind:
                        results[name] = result
        except Stopped:
            return
        finally:
            done[name].set()

    left_behind: set[str] = set()
    begin = time.monotonic()
    for name, (budget_s, part) in parts.items():
        threading.Thread(target=perform, args=(name, budget_s, part), daemon=True).start()
    for name, (budget_s, _) in sorted(parts.items(), key=lambda item: item[1][0]):
        # One second more, so that a command of the part can end in its own way first.
        if not done[name].wait(max(0.0, begin + budget_s + 1 - time.monotonic())):
            with agent._lock:
                left_behind.add(name)
            agent.gap(
                name, "it took longer than its %d s" % budget_s, "Run again when the node is less busy."
            )
    return results
