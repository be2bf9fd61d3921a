"""Arrays of Linux and of Unraid."""

from __future__ import annotations

import os
import unittest

from agent_kit_files import Files
from collect_arrays import collect_arrays, collect_unraid, parse_mdstat, read_checks
from given import rules
from rules_arrays import judge_arrays, judge_unraid, note_checks
from test_given import DAY, NOW, Node, answer, context, findings_of

MDSTAT = answer("mdstat.txt")


def arrays(**changes):
    found = {row["name"]: row for row in parse_mdstat(MDSTAT)}
    for row in found.values():
        row.update(mismatch=0, action="idle", last_action=None, uuid=None, check_stamp=None, **changes)
    return found


class ParseTest(unittest.TestCase):
    def test_arrays_with_their_members_and_their_work(self):
        rows = parse_mdstat(MDSTAT)
        brief = [(it["name"], it["state"], it["level"], it["want"], it["have"]) for it in rows]
        self.assertEqual(
            brief,
            [
                ("md127", "active", "raid1", 2, 1),
                ("md1", "active", "raid6", 6, 5),
                ("md2", "inactive", None, None, None),
                ("md3", "active", "raid5", 4, 4),
                ("md4", "active", "raid10", 2, 2),
                ("md_d5", "active", "raid1", 2, 2),
            ],
        )
        self.assertEqual([it["failed"] for it in rows], [["sda1"], [], [], ["sdl1"], [], []])
        self.assertEqual(rows[1]["op"], {"what": "recovery", "pct": 8.3, "left_s": 10812})
        self.assertEqual(rows[4]["op"], {"what": "check", "pct": 12.6, "left_s": 8460})
        self.assertEqual(rows[5]["op"], {"what": "resync", "pct": 0.0, "left_s": None})
        self.assertEqual(parse_mdstat("garbage\n  [2/1] [_U]\n\x1b[2J : active raid1 a[0]\n"), [])

    def test_the_kernel_says_when_it_checked(self):
        class Log:
            def run(self, *_, **__):
                return self

            out = answer("dmesg-checks.txt")

        found = read_checks(Log(), ["md0", "md7"], NOW, 100_000.0)
        self.assertEqual(found, {"md0": NOW - 100_000 + 93_600.25})
        self.assertEqual(read_checks(Log(), [], NOW, 1.0), {})


class RuleTest(unittest.TestCase):
    def judge(self, name, noted=None, **changes):
        row = {**arrays()[name], **changes}
        return judge_arrays([row], {name: noted or {"first_seen": NOW}}, context())

    def test_degraded_rebuilding_inactive_failed(self):
        cases = [
            ("md127", [("raid.degraded", "critical")]),
            ("md1", [("raid.degraded", "high")]),
            ("md2", [("raid.inactive", "critical")]),
            ("md3", [("raid.failed_member", "high")]),
            ("md4", []),
            ("md_d5", []),
        ]
        for name, expected in cases:
            with self.subTest(name):
                self.assertEqual(rules(self.judge(name)), expected)
        self.assertIn("about 3 hours to go", self.judge("md1")[0].title)

    def test_a_mismatch_says_something_where_there_is_parity(self):
        self.assertEqual(rules(self.judge("md4", mismatch=128)), [])
        self.assertEqual(rules(self.judge("md_d5", mismatch=128)), [])
        found = self.judge("md3", mismatch=8, failed=[])
        self.assertEqual(rules(found), [("raid.mismatch", "high")])

    def test_a_check_that_is_overdue(self):
        idle = {"op": None, "action": "idle"}
        cases = [
            ({"first_seen": NOW - 46 * DAY}, idle, 1),
            ({"first_seen": NOW - 44 * DAY}, idle, 0),
            ({"first_seen": NOW - 400 * DAY, "checked_at": NOW - 10 * DAY}, idle, 0),
            ({"first_seen": NOW - 400 * DAY, "checked_at": NOW - 60 * DAY}, idle, 1),
            ({"first_seen": NOW - 400 * DAY}, {"op": {"what": "check"}}, 0),
            ({"first_seen": NOW - 400 * DAY}, {"op": None, "action": "check"}, 0),
            ({"first_seen": NOW - 400 * DAY}, {**idle, "level": "raid0"}, 0),
        ]
        for noted, changes, expected in cases:
            with self.subTest((noted, changes)):
                found = self.judge("md_d5", noted, **changes)
                self.assertEqual(rules(found), [("raid.check_old", "warning")] * expected)

    def test_when_a_check_was_is_found_out_in_four_ways(self):
        row = {**arrays()["md_d5"], "op": None}

        def noted(last=None, logged=None, **changes):
            past = context({"checks": {"md_d5": last}} if last else None)
            return note_checks([{**row, **changes}], logged or {}, past)["md_d5"]

        before = {"first_seen": 5.0, "checked_at": 9.0, "last_action": "resync"}
        self.assertEqual(noted(), {"first_seen": NOW, "checked_at": None, "last_action": None})
        self.assertEqual(noted(before, last_action="resync")["checked_at"], 9.0)
        self.assertEqual(
            noted(before, last_action="check"), {**before, "checked_at": NOW, "last_action": "check"}
        )
        self.assertEqual(noted({**before, "last_action": "check"}, last_action="check")["checked_at"], 9.0)
        self.assertEqual(noted(before, {"md_d5": 77.0})["checked_at"], 77.0)
        self.assertEqual(noted(before, check_stamp=88.0)["checked_at"], 88.0)
        self.assertEqual(noted(before, op={"what": "check"})["checked_at"], NOW)


class UnraidTest(Node):
    def test_an_array_that_has_lost_a_disk_and_one_with_new_errors(self):
        self.write("/proc/mdstat", answer("mdstat-unraid.txt"))
        told = collect_unraid(Files(self.root))
        self.assertEqual([it["status"] for it in told["disks"]], ["DISK_OK", "DISK_OK", "DISK_DSBL"])
        (lost,) = judge_unraid(told, context())
        self.assertEqual(
            (lost.rule, lost.severity, lost.evidence["disks"]),
            ("unraid.disk_disabled", "critical", ["disk 2"]),
        )
        past = {"unraid": {"ST8000VN004-2M2101_WSD0ONE": 2, "ST8000VN004-2M2101_WSD0TWO": 256}}
        found = judge_unraid(told, context(past))
        self.assertEqual([(it.rule, it.subject) for it in found][1:], [("unraid.errors", "disk 1")])
        outcome = self.perform()
        self.assertEqual(findings_of(outcome), [("unraid.disk_disabled", "critical", "array")])
        self.assertEqual(outcome.history()["unraid"]["ST8000VN004-2M2101_WSD0ONE"], 12)

    def test_an_ordinary_mdstat_is_none_of_unraid(self):
        self.write("/proc/mdstat", MDSTAT)
        self.assertIsNone(collect_unraid(Files(self.root)))


class NodeTest(Node):
    def test_what_the_kernel_adds_to_an_array(self):
        self.write("/proc/mdstat", "md0 : active raid5 sda1[0] sdb1[1] sdc1[2]\n      1 blocks [3/3] [UUU]\n")
        for name, value in (("mismatch_cnt", "16"), ("sync_action", "idle"), ("last_sync_action", "check")):
            self.write("/sys/block/md0/md/" + name, value + "\n")
        stamp = "/var/lib/systemd/timers/stamp-mdcheck_start.timer"
        self.write(stamp, "")
        os.utime(self.root + stamp, (NOW, NOW))
        (row,) = collect_arrays(Files(self.root))
        self.assertEqual(
            (row["mismatch"], row["action"], row["last_action"], row["check_stamp"]),
            (16, "idle", "check", NOW),
        )
        self.assertEqual(findings_of(self.perform()), [("raid.mismatch", "high", "md0")])

    def test_the_system_arrays_of_synology_are_as_they_should_be(self):
        self.write("/proc/mdstat", "md0 : active raid1 sda1[0]\n      1 blocks [12/1] [U___________]\n")
        self.assertEqual(findings_of(self.perform()), [("raid.degraded", "critical", "md0")])
        self.write("/etc/synoinfo.conf", "")
        self.assertEqual(findings_of(self.perform()), [])
