"""What may be started, and what may not: a self-test, a scrub, a check."""

from __future__ import annotations

import json
import os
import unittest
from typing import ClassVar

import testing
from agent_kit_actions import Action, Skip
from change import StartCheck
from given import results
from orders import SHAPES, fits
from test_given import NOW, Node, answer, smart

OLD = "1992864825344"
LISTED = "old\t%s\t199286482534\t1793578342810\t0\t10\tONLINE\t4455\n" % OLD
STATUS = answer("zpool-status.txt").split("  pool: scratch")[0]
NEVER = {"pools": [[NOW, {"old": NOW - 100 * 86400}]], "checks": [[NOW, {"md0": {"first_seen": NOW - 1e7}}]]}
MDSTAT = "md0 : active raid1 sda1[0] sdb1[1]\n      1 blocks [2/2] [UU]\n"


class ShapeTest(unittest.TestCase):
    GOOD: ClassVar[dict] = {
        "smart.selftest.start": {
            "target": {"device": "/dev/sda", "serial": "WD-CA1B 2C"},
            "args": {"kind": "short"},
            "precondition": {},
        },
        "zfs.scrub.start": {"target": {"pool": "tank", "guid": "12"}, "args": {}, "precondition": {}},
        "md.check.start": {
            "target": {"array": "md127"},
            "args": {},
            "precondition": {"level": "raid6", "members": 6},
        },
    }

    def test_whole_identities_and_nothing_else(self):
        for kind, parts in self.GOOD.items():
            for part, value in parts.items():
                self.assertTrue(fits(kind, part, value), (kind, part))
                self.assertFalse(fits(kind, part, {**value, "more": "x"}), (kind, part))
                self.assertFalse(fits(kind, part, None))
                for name in value:
                    # A serial number is compared, never a word of a command: it may look like anything.
                    words = (
                        ()
                        if name == "serial"
                        else ("-x", "../..", "$(reboot)", "md0;reboot", "/dev/a/../../b")
                    )
                    for wrong in ("", "a\nb", None, [], {}, True, 1.5, "x" * 200, *words):
                        self.assertFalse(fits(kind, part, {**value, name: wrong}), (kind, name, wrong))
        self.assertEqual(sorted(self.GOOD), sorted(SHAPES))


class StartTest(Node):
    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("only root may start such work")
        self.drives(smart("hdd-never-tested", temperature={"current": 30}))
        self.pools(LISTED, STATUS)
        self.write("/proc/mdstat", MDSTAT)
        for name, value in (("sync_action", "idle"), ("mismatch_cnt", "0")):
            self.write("/sys/block/md0/md/" + name, value + "\n")

    def plan(self, **options):
        return {it["order"]["type"]: it for it in self.perform("plan", history=NEVER, **options).actions}

    def started(self):
        return [line for line in self.asked() if " -t " in line or " scrub " in line]

    def test_what_is_overdue_is_offered_and_nothing_is_started(self):
        planned = self.plan()
        self.assertEqual(sorted(planned), sorted(SHAPES))
        self.assertEqual(
            planned["smart.selftest.start"]["order"]["target"],
            {"device": "/dev/sde", "serial": "WD-WCC7TEST"},
        )
        self.assertEqual(planned["md.check.start"]["order"]["precondition"], {"level": "raid1", "members": 2})
        self.assertEqual(self.started(), [])
        self.assertEqual(self.perform(history=NEVER).actions, [], "a run that only looks offers nothing")

    def test_people_choose_what_is_offered(self):
        self.assertEqual(list(self.plan(start=["scrubs"])), ["zfs.scrub.start"])
        long = self.plan(start=["self-tests"], selftest_kind="long")["smart.selftest.start"]
        self.assertEqual(long["order"]["args"], {"kind": "long"})

    def test_what_was_approved_is_started(self):
        planned = self.plan()
        actions = [planned["smart.selftest.start"], planned["zfs.scrub.start"]]
        self.assertEqual(results(self.apply(actions)), [("done", None), ("done", None)])
        self.assertEqual(self.started(), ["smartctl -t short /dev/sde", "zpool scrub old"])

    def test_a_dry_run_starts_nothing(self):
        planned = self.plan()
        actions = [planned["smart.selftest.start"], planned["zfs.scrub.start"]]
        self.assertEqual(results(self.apply(actions, dry_run=True)), [("would-run", None)] * 2)
        self.assertEqual(self.started(), [])

    def test_a_self_test_is_left_out_when_the_drive_is_not_as_planned(self):
        action = self.plan()["smart.selftest.start"]
        cases = [
            (
                smart("hdd-testing", serial_number="WD-WCC7TEST", device={"name": "/dev/sde", "type": "sat"}),
                "in-use",
            ),
            (smart("hdd-never-tested", serial_number="ANOTHER"), "gone"),
            (
                smart("hdd-never-tested", device={"name": "/dev/sdx", "type": "sat", "protocol": "ATA"}),
                "changed",
            ),
            (smart("hdd-asleep"), "changed"),
            (smart("hdd-never-tested", ata_smart_data={}), "not-possible"),
        ]
        for said, reason in cases:
            with self.subTest(reason):
                said["device"].setdefault("protocol", "ATA")
                self.drives(said)
                self.assertEqual(results(self.apply([action])), [("skipped", reason)])
        self.assertEqual(self.started(), [])

    def test_a_scrub_is_left_out_when_the_pool_is_not_as_planned(self):
        action = self.plan()["zfs.scrub.start"]
        running = STATUS.replace("none requested", "scrub in progress since Thu Nov 26 20:00:01 2026")
        cases = [
            (LISTED, running, "in-use"),
            (LISTED.replace("ONLINE", "DEGRADED"), STATUS, "changed"),
            (LISTED.replace("4455", "9999"), STATUS, "gone"),
            (LISTED.replace("old", "new"), STATUS, "changed"),
        ]
        for listed, status, reason in cases:
            with self.subTest(reason):
                self.pools(listed, status)
                self.assertEqual(results(self.apply([action])), [("skipped", reason)])
        self.assertEqual(self.started(), [])

    def test_work_that_is_refused_is_told_as_failed(self):
        action = self.plan()["smart.selftest.start"]
        self.write("/stand-in/t.rc", "4\n")
        self.assertEqual(results(self.apply([action])), [("failed", None)])

    def test_a_forged_order_becomes_no_command(self):
        action = self.plan()["smart.selftest.start"]
        for target in (
            {"device": "/dev/sde; reboot", "serial": "WD-WCC7TEST"},
            {"device": "-s", "serial": "x"},
        ):
            forged = json.loads(json.dumps(action))
            forged["order"]["target"] = target
            self.assertEqual(results(self.apply([forged])), [("skipped", "not-possible")])
        self.assertEqual(self.started(), [])

    def check(self, order, mdstat=MDSTAT):
        self.write("/proc/mdstat", mdstat)
        start = StartCheck(testing_agent(), self.root)
        action = Action({"aid": "a", "order": order, "readAt": NOW, "confirmedName": None})
        start.check(action)
        start.act(action)
        with open(self.root + "/sys/block/md0/md/sync_action") as file:
            return file.read()

    def test_a_check_of_an_array(self):
        order = self.plan()["md.check.start"]["order"]
        self.assertEqual(self.check(order), "check\n")
        with self.assertRaisesRegex(Skip, "under way"):
            self.check(order)  # here the kernel would say that it checks

    def test_a_check_is_left_out_when_the_array_is_not_as_planned(self):
        order = self.plan()["md.check.start"]["order"]
        for changes, mdstat, why in (
            ({"precondition": {"level": "raid1", "members": 3}}, MDSTAT, "another array"),
            ({}, MDSTAT.replace("[2/2] [UU]", "[2/1] [U_]"), "lost a disk"),
            ({"target": {"array": "md9"}}, MDSTAT, "no such array"),
        ):
            with self.subTest(why), self.assertRaisesRegex(Skip, why):
                self.check({**order, **changes}, mdstat)


def testing_agent():
    from agent_kit import Agent

    testing.make_car({}, lambda *_, **__: None)
    return Agent({"run": {"mode": "apply"}})
