"""Changes: proposing them, and making those that a person approved.

    class RemoveFile:
        def __init__(self, agent): ...
        def check(self, action): ...      # reads the object again; raises Skip where it is not as planned
        def act(self, action): ...        # does it; may return Done, may raise Skip

    main(perform, schema="my-agent/1", actions={"file.remove": RemoveFile})

In mode `apply` the kit runs nothing but these. It compares what was approved with this node, this program and
the clock, says of each action that it begins before it touches anything, and what became of it afterwards. So
whoever hears only half of a run knows which half. Travels with the kit, and is compiled by who uses it.
"""

from __future__ import annotations

import time

import car
from agent_kit import Stopped, clean, one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from agent_kit import Agent

    Maker = Callable[[Agent], Any]

REASONS = ("gone", "changed", "in-use", "protected", "no-room", "not-possible")


class Skip(Exception):
    """Raised by `check` or `act`: this is not done, and nothing was changed. `reason` is one of REASONS."""

    def __init__(self, reason: str, why: str) -> None:
        super().__init__(why)
        self.reason = reason if reason in REASONS else "changed"


class Refused(Exception):
    """What arrived is not what was approved for here and now. Nothing is touched."""


class Done:
    """What `act` may return: bytes that were freed, and how it is taken back."""

    def __init__(self, bytes_freed: int | None = None, undo: Undo | None = None) -> None:
        self.bytes_freed, self.undo = bytes_freed, undo


class Undo:
    """The action that takes back what was done: its kind undoes this kind. `bytes` is the room that is kept
    for it, for `keep_days` or without end."""

    def __init__(
        self,
        kind: str,
        target: dict[str, Any],
        args: dict[str, Any] | None = None,
        precondition: dict[str, Any] | None = None,
        bytes: int = 0,
        keep_days: int | None = None,
    ) -> None:
        self.order = {
            "type": kind,
            "target": target,
            "args": args or {},
            "precondition": precondition or {},
        }
        self.bytes, self.keep_days = bytes, keep_days


class Action:
    """One approved action."""

    def __init__(self, approved: dict[str, Any]) -> None:
        order = approved["order"]
        self.aid: str = approved["aid"]
        self.kind: str = order["type"]
        self.target: dict[str, Any] = order["target"]
        self.args: dict[str, Any] = order["args"]
        self.precondition: dict[str, Any] = order["precondition"]
        # When the plan read the object, by this node's clock: what happened to it since counts as a change.
        self.read_at: float = approved["readAt"]
        # The name that the person typed; None where none was asked for.
        self.confirmed_name: str | None = approved["confirmedName"]


def propose(
    agent: Agent,
    kind: str,
    target: dict[str, Any],
    title: str,
    why: str,
    precondition: dict[str, Any],
    args: dict[str, Any],
    finding: str | None,
    frees: tuple[int, int] | None,
    read_at: float | None = None,
) -> str:
    """What `Agent.propose` promises."""
    import hashlib
    import json

    # The same change of the same object has the same name in every plan.
    named = json.dumps([kind, target], sort_keys=True)
    aid = "%s:%s" % (kind, hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:16])
    agent._say(
        "action",
        action={
            "aid": aid,
            "order": {"type": kind, "target": target, "args": args, "precondition": precondition},
            "title": one_line(title, 300),
            "why": clean(why, 600),
            "findingKey": finding and one_line(finding, 400),
            "bytesMin": frees and max(0, int(frees[0])),
            "bytesMax": frees and max(0, int(frees[1])),
            "readAt": time.time() if read_at is None else read_at,
        },
    )
    return aid


def apply(
    agent: Agent, makers: dict[str, Maker], free_bytes: Callable[[Agent], int | None] | None = None
) -> None:
    """Makes the approved changes in their order, up to the first that fails. Raises Refused before anything
    is touched if they were not approved for this node, this program and this hour."""
    approved = read_approval(agent)
    actions = [Action(one) for one in approved["actions"]]
    unknown = sorted({action.kind for action in actions if action.kind not in makers})
    if unknown:
        raise Refused("this agent makes no changes of the kind %s" % ", ".join(unknown))
    made: dict[str, Any] = {}
    before = free_bytes(agent) if free_bytes else None
    for number, action in enumerate(actions):
        agent.progress("changes", done=number, total=len(actions))
        check_expiry(agent, approved)
        if action.kind not in made:
            made[action.kind] = makers[action.kind](agent)
        if not perform(agent, made[action.kind], action):
            break
    after = free_bytes(agent) if free_bytes and not agent.dry_run else None
    if before is not None and after is not None:
        agent._say("measured", bytesFreed=after - before)


def perform(agent: Agent, maker: Any, action: Action) -> bool:
    """Checks one action and does it. False if it failed: nothing further is begun then."""
    stage = "check"
    try:
        maker.check(action)
        if agent.dry_run:
            tell(agent, action, "would-run")
            return True
        stage = "said"
        tell(agent, action, "started")
        stage = "begun"
        done = maker.act(action) or Done()
        stage = "over"
        undo = done.undo
        tell(
            agent,
            action,
            "done",
            bytes_freed=done.bytes_freed,
            undo=undo and {"order": undo.order, "bytes": undo.bytes, "keepDays": undo.keep_days},
        )
    except Skip as skip:
        tell(agent, action, "skipped", skip.reason, skip)
    except Stopped:
        tell_last(agent, action, stage)
        raise
    except Exception as error:
        agent.failed("changes", error)
        tell(agent, action, "failed", None, "%s: %s" % (type(error).__name__, error))
        return False
    return True


def tell(
    agent: Agent,
    action: Action,
    state: str,
    reason: str | None = None,
    why: Any = None,
    bytes_freed: int | None = None,
    undo: dict[str, Any] | None = None,
) -> None:
    agent._say(
        "action_result",
        result={
            "aid": action.aid,
            "state": state,
            "reason": reason,
            "why": None if why is None else clean(why, 600),
            "bytesFreed": None if bytes_freed is None else max(0, int(bytes_freed)),
            "undo": undo,
        },
    )


def tell_last(agent: Agent, action: Action, stage: str) -> None:
    """The run was stopped at an action: what is known of it must be said even so."""
    try:
        if stage == "said":
            tell(agent, action, "skipped", "not-possible", "the run was stopped before this began")
        elif stage == "begun":
            tell(agent, action, "unknown", None, "the run was stopped while this was under way")
    except Stopped:
        pass  # it has been said all the same


def read_approval(agent: Agent) -> dict[str, Any]:
    """What was approved, after comparing all that it was approved for. Raises Refused."""
    import hashlib
    import json

    given = car.config.get("approval") or {}
    text = given.get("text") or ""
    if hashlib.sha256(text.encode("utf-8")).hexdigest() != given.get("sha256"):
        raise Refused("what arrived is not what was approved")
    approved = json.loads(text)
    if approved["v"] != 1:
        raise Refused("this approval is of another version")
    if approved["nodeId"] != agent.node.get("id"):
        raise Refused("this was approved for another node")
    if approved["bundleSha256"] != car.digest:
        raise Refused("this was approved for another version of the agent")
    if approved["dryRun"] and not agent.dry_run:
        raise Refused("this was approved for a dry run only")
    check_expiry(agent, approved)
    return approved


def check_expiry(agent: Agent, approved: dict[str, Any]) -> None:
    # By the server's clock: it said what time it is when this run began.
    now = (agent.sent_at or 0) + time.monotonic() - agent._begin
    if now > approved["expiresAt"]:
        raise Refused("the approval has expired")
