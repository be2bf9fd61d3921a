"""Pools of ZFS, Btrfs, and thin pools of LVM."""

from __future__ import annotations

import calendar
import unittest
from typing import ClassVar

from agent_kit_lvm import parse_thin_pools
from collect_btrfs import parse_stats, read_stats
from collect_zfs import parse_pools, parse_status
from given import rules
from mounts import parse_mountinfo
from rules_pools import judge_btrfs, judge_thin, judge_zfs
from test_given import DAY, NOW, Node, answer, context, findings_of

LISTED, STATUS = answer("zpool-list.txt"), answer("zpool-status.txt")


def pools(**changes):
    return {pool["name"]: {**pool, **changes} for pool in parse_pools(LISTED, STATUS)}


def judged(name, past=None, before=None, **changes):
    return judge_zfs([pools(**changes)[name]], context(past, before))


class ZfsTest(unittest.TestCase):
    def test_pools_with_their_parts(self):
        told = pools()
        self.assertEqual(list(told), ["tank", "vault", "scratch", "old"])
        self.assertEqual([it["errors"] for it in told.values()][2], "485 data errors, use '-v' for a list")
        self.assertEqual([it["redundant"] for it in told.values()], [True, True, False, True])
        self.assertEqual(told["tank"]["scanned_at"], calendar.timegm((2026, 10, 11, 11, 26, 33)))
        self.assertEqual(told["vault"]["vdevs"][3]["state"], "OFFLINE")
        self.assertIn("no known data", told["old"]["errors"].lower())
        self.assertEqual(told["tank"]["guid"], "11233445566778899001")

    def test_what_each_pool_is_worth(self):
        cases = {
            "tank": [
                ("zfs.device_errors", "high"),
                ("zfs.scrub_old", "warning"),
                ("zfs.capacity", "warning"),
            ],
            # A scrub is under way there.
            "vault": [("zfs.pool_unhealthy", "critical")],
            "scratch": [("zfs.data_errors", "critical")],
            "old": [],
        }
        for name, expected in cases.items():
            with self.subTest(name):
                self.assertEqual(rules(judged(name)), expected)
        self.assertEqual(judged("vault")[0].title, "Pool vault is DEGRADED: sdn")

    def test_a_single_disk_is_told_without_alarm(self):
        found = judged("scratch", errors="No known data errors", vdevs=[])
        self.assertEqual(rules(found), [("zfs.no_redundancy", "info")])

    def test_a_pool_that_was_never_scrubbed_is_told_after_it_was_known_for_long(self):
        for days, expected in ((34, []), (36, [("zfs.scrub_old", "warning")])):
            found = judged("old", {"pools": {"old": NOW - days * DAY}})
            self.assertEqual(rules(found), expected, days)

    def test_room_has_some_slack_on_the_way_down(self):
        for cap, before, expected in (
            (79, {}, []),
            (78, {"zfs.capacity:old": "warning"}, ["warning"]),
            (90, {}, ["critical"]),
        ):
            self.assertEqual([it.severity for it in judged("old", None, before, cap=cap)], expected)

    def test_a_pool_that_grows_steadily_is_told_when_it_will_be_full(self):
        size = pools()["old"]["size"]

        def found(level):
            past = {
                "fill": [
                    (ago / 2, {"zfs:old": [int(level(ago / 2) * size), size]}) for ago in range(40, 0, -1)
                ]
            }
            return judged("old", past, alloc=int(level(0) * size), cap=int(100 * level(0)))

        (growing,) = found(lambda ago: 0.75 - 0.025 * ago)
        self.assertEqual(
            (growing.rule, growing.severity, growing.confidence), ("zfs.fill_forecast", "warning", "high")
        )
        self.assertAlmostEqual(growing.evidence["days"], 10, delta=0.5)
        self.assertEqual(found(lambda ago: 0.75), [])
        self.assertEqual(found(lambda ago: 0.7 + 0.01 * (ago % 7)), [])

    def test_words_that_pretend_to_be_pools(self):
        hostile = "  pool: \x1b[2Jx\n state: ONLINE\nconfig:\n\n\tNAME STATE\n\terrors: none\n"
        hostile += "errors: \u202eNo known data errors\n"
        (told,) = parse_status(hostile).values()
        self.assertEqual(told["errors"], "\ufffdNo known data errors")
        self.assertEqual(parse_pools("a\tb\n", ""), [])
        (pool,) = parse_pools("x\t-\t-\t-\t-\t-\tUNAVAIL\t1\n", "")
        self.assertEqual((pool["size"], pool["cap"], pool["health"]), (None, None, "UNAVAIL"))


class BtrfsTest(unittest.TestCase):
    ROW: ClassVar[dict] = {"mount": "/mnt/pool", "source": "/dev/sdb", "fsid": "f", "missing": 0}

    def test_counters_of_both_tongues(self):
        told = parse_stats(answer("btrfs-stats.txt"))
        self.assertEqual(
            {key: n for key, n in told.items() if n},
            {"/dev/sdc.read_io_errs": 3, "/dev/sdc.corruption_errs": 214},
        )
        self.assertEqual(
            read_stats("write_errs 1\nread_errs 0\nnonsense 5\nread_errs x\n"),
            {"write_errs": 1, "read_errs": 0},
        )

    def test_errors_are_news_for_a_week(self):
        row = {**self.ROW, "errors": {"2.read_errs": 7}}
        for past, expected in (([], 7), ([(1, 7)], 7), ([(9, 7), (1, 7)], None), ([(9, 5), (1, 7)], 2)):
            history = {"btrfs": [(days, {"f": {"2.read_errs": n}}) for days, n in past]}
            found = judge_btrfs([row], context(history))
            self.assertEqual([it.evidence["total"] for it in found], [expected] if expected else [], past)

    def test_a_device_that_is_missing(self):
        found = judge_btrfs([{**self.ROW, "errors": {}, "missing": 1}], context())
        self.assertEqual(rules(found), [("btrfs.device_missing", "critical")])


class ThinTest(unittest.TestCase):
    def test_data_and_metadata_both_count(self):
        found = judge_thin(parse_thin_pools(answer("lvs.json")), context())
        told = [(it.rule, it.severity, it.subject) for it in found]
        self.assertEqual(
            told, [("lvm.thin_full", "warning", "pve/data"), ("lvm.thin_full", "critical", "fast/thin")]
        )
        with self.assertRaises(ValueError):
            parse_thin_pools('{"report": []}')

    def test_a_thin_pool_that_grows_steadily(self):
        (pool,) = [it for it in parse_thin_pools(answer("lvs.json")) if it["name"] == "calm/pool"]
        size = pool["size"]
        past = {
            "fill": [
                (ago, {"lvm:calm/pool": [int(size * (0.7 - 0.1 * ago)), size]}) for ago in range(7, 0, -1)
            ]
        }
        found = judge_thin([{**pool, "data_pct": 70.0}], context(past))
        self.assertEqual(rules(found), [("lvm.fill_forecast", "critical")])


class MountTest(unittest.TestCase):
    def test_only_what_lies_on_a_disk_of_this_node(self):
        found = [(it.path, it.fstype) for it in parse_mountinfo(answer("mountinfo.txt"))]
        self.assertEqual(
            found,
            [
                ("/", "ext4"),
                ("/srv", "ext4"),
                ("/var/lib/app", "ext4"),
                ("/mnt/pool", "btrfs"),
                ("/mnt/pool two", "btrfs"),
                ("/mnt/tank", "zfs"),
                ("/mnt/tank/media", "zfs"),
            ],
        )


class NodeTest(Node):
    def test_pools_as_the_agent_finds_them(self):
        self.pools(LISTED, STATUS)
        outcome = self.perform(scrub_days=3650)
        self.assertEqual(
            findings_of(outcome),
            [
                ("zfs.capacity", "warning", "tank"),
                ("zfs.data_errors", "critical", "scratch"),
                ("zfs.device_errors", "high", "tank"),
                ("zfs.pool_unhealthy", "critical", "vault"),
            ],
        )
        self.assertEqual(sorted(outcome.history()["pools"]), ["old", "scratch", "tank", "vault"])
        self.assertEqual(
            sorted(outcome.history()["fill"]), ["zfs:old", "zfs:scratch", "zfs:tank", "zfs:vault"]
        )

    def test_a_pool_that_may_not_be_asked_is_a_gap(self):
        self.pools("", "")
        self.answer("name,size,allocated,free,fragmentation,capacity,health,guid", "", 1)
        self.assertEqual([gap["what"] for gap in self.perform().gaps], ["zfs"])

    def test_thin_pools_are_asked_for_only_where_there_are_some(self):
        self.perform()
        self.assertFalse([line for line in self.asked() if line.startswith("lvs")])
        self.write("/sys/block/dm-3/dm/uuid", "LVM-abc-tpool\n")
        self.answer("vg_name,lv_name,lv_size,data_percent,metadata_percent", answer("lvs.json"))
        found = findings_of(self.perform())
        self.assertEqual([it[2] for it in found], ["fast/thin", "pve/data"])
