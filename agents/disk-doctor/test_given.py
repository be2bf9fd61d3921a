"""What the tests start from: circumstances of a run, samples of what nodes say, and a node of stand-ins."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import unittest
from functools import partial
from typing import Any

import testing
from context import Context
from given import answer_of, history_of

HERE = os.path.dirname(os.path.abspath(__file__))
DEFAULTS = testing.option_defaults(HERE)
NOW = 1_795_741_562.0  # 27 November 2026
DAY = 86400.0
# Answers what lies beside it, notes what it was asked, and gives the exit status that goes with the answer.
STAND_IN = """#!/bin/sh
here=%s
echo "$0 $*" >> "$here/asked"
for word; do last=$word; done
case "$*" in
  *--scan-open*) answer=scan ;;
  "-t "*) exit "$(cat "$here/t.rc" 2>/dev/null || echo 0)" ;;
  *) answer=$(echo "$last" | tr / _) ;;
esac
cat "$here/$answer" 2>/dev/null
exit "$(cat "$here/$answer.rc" 2>/dev/null || echo 0)"
"""


def context(
    past: dict[str, Any] | None = None, before: dict[str, str] | None = None, **options: Any
) -> Context:
    """`past` holds of each key its last sample, or all of them where it is a list of pairs of days ago and
    value. `before` are the findings of the last run with their severity."""
    samples = {
        key: [(NOW - days * DAY, one) for days, one in value] if isinstance(value, list) else value
        for key, value in (past or {}).items()
    }
    return Context(NOW, {**DEFAULTS, **options}, history_of(NOW, samples, before))


answer = partial(answer_of, HERE)


def smart(name: str, **changes: Any) -> dict[str, Any]:
    """What smartctl says of a drive; `a197=8` sets a counter."""
    said = json.loads(answer("smart/%s.json" % name))
    for key, value in changes.items():
        if key[0] == "a" and key[1:].isdigit():
            table = said["ata_smart_attributes"]["table"]
            row = next((it for it in table if it["id"] == int(key[1:])), None)
            if row is None:
                row = {"id": int(key[1:]), "name": "A", "value": 100, "thresh": 0, "when_failed": ""}
                table.append(row)
            row["raw"] = {"value": value, "string": str(value)}
        else:
            said[key] = value
    return said


class Node(unittest.TestCase):
    """A node whose files lie in a folder and whose programs are stand-ins; the agent that runs is the real
    one."""

    def setUp(self) -> None:
        self.root = tempfile.mkdtemp(prefix="disk-doctor-")
        self.addCleanup(shutil.rmtree, self.root)
        self.bin = os.path.join(self.root, "stand-in")
        os.mkdir(self.bin)
        self.write("/proc/2/comm", "kthreadd\n")
        self.write("/proc/uptime", "100000.00 90000.00\n")
        self.write("/proc/self/mountinfo", "")
        for program in ("dmesg", "lvs"):
            self.program(program)

    def write(self, path: str, text: str) -> None:
        whole = self.root + path
        os.makedirs(os.path.dirname(whole), exist_ok=True)
        with open(whole, "w", encoding="utf-8") as file:
            file.write(text)

    def program(self, name: str) -> None:
        path = os.path.join(self.bin, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(STAND_IN % self.bin)
        os.chmod(path, 0o700)

    def answer(self, name: str, text: str, rc: int = 0) -> None:
        self.write("/stand-in/" + name, text)
        self.write("/stand-in/%s.rc" % name, "%d\n" % rc)

    def drives(self, *said: dict[str, Any]) -> None:
        """Puts drives into the node, as smartctl tells of them."""
        self.program("smartctl")
        found = []
        for one in said:
            device = one["device"]
            self.write("/sys/block/%s/size" % os.path.basename(device["name"]), "1\n")
            self.answer(device["name"].replace("/", "_"), json.dumps(one), one["smartctl"]["exit_status"])
            found.append({"name": device["name"], "type": device["type"], "protocol": device["protocol"]})
        self.answer("scan", json.dumps({"devices": found}))

    def pools(self, listed: str, status: str) -> None:
        self.program("zpool")
        self.write("/dev/zfs", "")
        # It is asked for these columns, and with -p: the last words of its two questions.
        self.answer("name,size,allocated,free,fragmentation,capacity,health,guid", listed)
        self.answer("-p", status)

    def asked(self) -> list[str]:
        try:
            with open(self.bin + "/asked", encoding="utf-8") as file:
                return [line.strip().replace(self.bin + "/", "") for line in file]
        except FileNotFoundError:
            return []

    def perform(self, mode: str = "report", history: Any = None, **options: Any) -> testing.Outcome:
        config = testing.config_for(HERE, options=options, history=history or {}, run={"mode": mode})
        outcome = testing.run_agent(HERE, config, root=self.root, env={"PATH": self.bin + ":/usr/bin:/bin"})
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        return outcome

    def apply(self, actions: list[dict[str, Any]], dry_run: bool = False) -> testing.Outcome:
        run = {"mode": "apply", "dryRun": dry_run}
        config = testing.config_for(HERE, run=run, approval=testing.approval_of(actions, dryRun=dry_run))
        return testing.run_agent(HERE, config, root=self.root, env={"PATH": self.bin + ":/usr/bin:/bin"})


def findings_of(outcome: testing.Outcome) -> list[tuple[str, str, str]]:
    """What is worth a word: everything above info."""
    told = [(it["id"], it["severity"], it["subject"]) for it in outcome.findings]
    return sorted(it for it in told if it[1] != "info")
