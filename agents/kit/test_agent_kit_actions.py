"""Changes: only what was approved, for here and now, each said before and after, and nothing twice."""

from __future__ import annotations

import json
import os
import tempfile
import textwrap
import time
import unittest

import testing

AGENT = """
from agent_kit import Agent, main
from agent_kit_actions import Done, Skip, Undo
import os, time

def perform(agent):
    for name in sorted(os.listdir(agent.options["folder"])):
        path = os.path.join(agent.options["folder"], name)
        agent.propose("file.remove", target={"path": path}, title="Remove " + name, why="old", frees=(0, 5))
    agent.data["looked"] = True

class Remove:
    made = 0
    def __init__(self, agent):
        Remove.made += 1
        agent.log("made %d" % Remove.made)
        self.agent = agent
    def check(self, action):
        if not os.path.exists(action.target["path"]):
            raise Skip("gone", "it is not there")
        if action.target["path"].endswith("broken"):
            raise ValueError("cannot look")
    def act(self, action):
        if action.target["path"].endswith("busy"):
            raise Skip("in-use", "the engine said 409")
        if action.target["path"].endswith("slow"):
            os.unlink(action.target["path"])
            time.sleep(60)
        os.unlink(action.target["path"])
        back = Undo("file.restore", {"path": action.target["path"]}, bytes=5, keep_days=7)
        return Done(bytes_freed=5, undo=back)

def free(agent):
    return 100 - 10 * len(os.listdir(agent.options["folder"]))

main(perform, "test/1", actions={"file.remove": Remove}, free_bytes=free)
"""


class ActionsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.agent, self.files = folder.name + "/agent", folder.name + "/files"
        os.mkdir(self.agent)
        os.mkdir(self.files)
        with open(self.agent + "/agent.py", "w") as file:
            file.write(textwrap.dedent(AGENT))
        with open(self.agent + "/agent.yaml", "w") as file:
            file.write("options:\n")

    def put(self, *names):
        for name in names:
            with open(os.path.join(self.files, name), "w") as file:
                file.write("text\n")

    def run_in(self, mode, stop_after_s=None, dry_run=False, **given):
        config = testing.config_for(
            self.agent,
            options={"folder": self.files},
            run={"mode": mode, "dryRun": dry_run, "timeoutS": 30},
            **given,
        )
        return testing.run_agent(self.agent, config, stop_after_s=stop_after_s)

    def propose(self):
        return self.run_in("plan").actions

    def apply(self, approval, **given):
        return self.run_in("apply", approval=approval, **given)

    def states(self, outcome):
        return [state for _, state in outcome.became()]

    def test_a_plan_names_each_change_the_same_in_every_run_and_changes_nothing(self):
        self.put("a", "b")
        first, second = self.propose(), self.propose()
        self.assertEqual([action["aid"] for action in first], [action["aid"] for action in second])
        self.assertEqual(len({action["aid"] for action in first}), 2)
        self.assertEqual(first[0]["order"]["type"], "file.remove")
        self.assertEqual((first[0]["bytesMin"], first[0]["bytesMax"]), (0, 5))
        self.assertEqual(
            os.listdir(self.files), ["a", "b"] if os.listdir(self.files)[0] == "a" else ["b", "a"]
        )

    def test_only_what_was_approved_is_done_and_each_is_said_before_and_after(self):
        self.put("a", "b", "c")
        actions = self.propose()
        outcome = self.apply(testing.approval_of([actions[0], actions[2]]))
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        self.assertEqual(os.listdir(self.files), ["b"])
        said = [(event["result"]["aid"], event["result"]["state"]) for event in outcome.of("action_result")]
        wanted = [(actions[at]["aid"], state) for at in (0, 2) for state in ("started", "done")]
        self.assertEqual(said, wanted)
        self.assertEqual(outcome.of("action_result")[1]["result"]["undo"]["keepDays"], 7)
        self.assertEqual([event["bytesFreed"] for event in outcome.of("measured")], [20])
        # It made changes, and did not look around.
        self.assertEqual((outcome.findings, outcome.data), ([], {}))

    def test_a_second_run_of_the_same_does_nothing_twice(self):
        self.put("a")
        approval = testing.approval_of(self.propose())
        self.assertEqual(self.states(self.apply(approval)), ["done"])
        again = self.apply(approval)
        self.assertEqual(again.of("action_result")[0]["result"]["reason"], "gone")
        self.assertEqual(self.states(again), ["skipped"])

    def test_a_last_guard_that_refuses_is_a_skip_and_the_rest_goes_on(self):
        self.put("busy", "z")
        outcome = self.apply(testing.approval_of(self.propose()))
        self.assertEqual(self.states(outcome), ["skipped", "done"])
        self.assertEqual(os.listdir(self.files), ["busy"])

    def test_the_first_that_fails_ends_it(self):
        self.put("a", "broken", "z")
        outcome = self.apply(testing.approval_of(self.propose()))
        self.assertEqual(self.states(outcome), ["done", "failed"])
        self.assertEqual(sorted(os.listdir(self.files)), ["broken", "z"])

    def test_a_dry_run_checks_and_changes_nothing(self):
        self.put("a", "b")
        outcome = self.apply(testing.approval_of(self.propose()), dry_run=True)
        self.assertEqual(self.states(outcome), ["would-run", "would-run"])
        self.assertEqual(sorted(os.listdir(self.files)), ["a", "b"])
        self.assertEqual(outcome.of("measured"), [])

    def test_what_was_approved_for_something_else_touches_nothing(self):
        self.put("a")
        actions = self.propose()
        forged = testing.approval_of(actions)
        forged["text"] = forged["text"].replace("/a", "/b")
        cases = {
            "another node": testing.approval_of(actions, nodeId="other"),
            "another program": testing.approval_of(actions, bundleSha256="1" * 64),
            "an hour that is over": testing.approval_of(actions, expiresAt=time.time() - 1),
            "a dry run": testing.approval_of(actions, dryRun=True),
            "another version": testing.approval_of(actions, v=2),
            "other words": forged,
            "a kind it does not make": testing.approval_of(
                [{**actions[0], "order": {**actions[0]["order"], "type": "shell.run"}}]
            ),
            "nothing": {},
        }
        for name, approval in cases.items():
            with self.subTest(name):
                outcome = self.apply(approval)
                self.assertEqual((outcome.code, outcome.result["status"]), (1, "error"))
                self.assertEqual(outcome.of("action_result"), [])
                self.assertEqual(os.listdir(self.files), ["a"])

    def test_a_run_that_is_stopped_in_the_middle_says_that_it_does_not_know(self):
        self.put("slow", "z")
        outcome = self.apply(testing.approval_of(self.propose()), stop_after_s=2)
        self.assertEqual((outcome.code, self.states(outcome)), (5, ["unknown"]))
        self.assertEqual(os.listdir(self.files), ["z"])

    def test_a_class_of_changes_is_made_once(self):
        self.put("a", "b")
        outcome = self.apply(testing.approval_of(self.propose()))
        self.assertEqual([event["msg"] for event in outcome.of("log")], ["made 1"])

    def test_a_name_that_was_typed_reaches_the_one_who_asked_for_it(self):
        actions = [{"aid": "x", "order": {}, "readAt": 1}]
        text = testing.approval_of(actions, names={"x": "pgdata"})["text"]
        self.assertEqual(json.loads(text)["actions"][0]["confirmedName"], "pgdata")


if __name__ == "__main__":
    unittest.main()
