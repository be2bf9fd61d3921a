"""What can be opened, is whole, and lies where it is of use."""

from __future__ import annotations

import unittest

from given import rules
from rules_health import days_until_full, judge_health
from test_given import DAY, NOW, PLACE, context, look


class HealthTest(unittest.TestCase):
    def found(self, it, kept=None, **options):
        return rules(judge_health(it, context(kept, **options)))

    def test_what_refuses_is_told_with_its_reason(self):
        for why in ("wrong-password", "no-repository", "locked", "error", "something new"):
            with self.subTest(why):
                (found,) = judge_health(look(refused={"why": why, "said": "x"}), context())
                self.assertEqual((found.rule, found.severity), ("backup.unreadable", "critical"))

    def test_a_place_that_is_gone_hides_all_else(self):
        it = look(missing="it does not answer", damage=[{"what": "x", "why": "y", "how": "z"}])
        self.assertEqual(self.found(it), [("backup.target_missing", "critical")])

    def test_damage_of_a_repository_is_one_finding_and_of_archives_one_each(self):
        damage = [{"what": name, "why": "cut short", "how": "read"} for name in ("a.tar.gz", "b $(x).tar.gz")]
        self.assertEqual(self.found(look(damage=damage)), [("backup.corrupt", "critical")])
        found = judge_health(look("archives", damage=damage), context())
        self.assertEqual([it.subject for it in found], [PLACE + "/a.tar.gz", PLACE + "/b $(x).tar.gz"])
        self.assertIn("'%s/b $(x).tar.gz'" % PLACE, found[1].fix)

    def test_locks_are_told_after_a_day(self):
        cases = [([], []), ([23.9], []), ([24.1, 1], [("backup.stale_lock", "warning")])]
        for ages, expected in cases:
            self.assertEqual(self.found(look(locks=ages)), expected)

    def test_sets_chains_gaps_jobs_and_empty_snapshots(self):
        cases = [
            ({"incomplete": [{"id": "x", "missing_volumes": [2]}]}, [("backup.incomplete", "critical")]),
            (
                {"incomplete": [{"id": "x", "group": "g", "is_running": True}]},
                [("backup.incomplete", "high")],
            ),
            ({"broken_chains": [{"id": "x", "needs": "y"}]}, [("backup.chain_broken", "critical")]),
            ({"missing_numbers": {"daily": [2]}}, [("backup.gap", "warning")]),
            (
                {"failed_jobs": [{"group": "qemu/101", "id": "x", "said": "y"}]},
                [("backup.job_failed", "high")],
            ),
            ({"empty": "daily.0"}, [("backup.empty", "critical")]),
            ({"lacks_secret": True}, [("backup.no_credentials", "info")]),
        ]
        for given, expected in cases:
            with self.subTest(given):
                self.assertEqual(self.found(look(**given)), expected)

    def test_a_backup_on_the_disk_of_its_source_is_told_where_that_can_be_known(self):
        it = look(location="/", sources=["/", "/nowhere/at/all"])
        (found,) = judge_health(it, context())
        self.assertEqual((found.rule, found.evidence["sources"]), ("backup.same_disk", ["/"]))
        self.assertEqual(self.found(it, same_disk=False), [])
        self.assertEqual(self.found(look(location="/", sources=["/proc"])), [])


class CoverageTest(unittest.TestCase):
    def found(self, windows, first_seen_d, cut="1/2", between=DAY):
        it = look(checks=[{"how": "x", "ok": True, "window": cut}])
        kept = {"first_seen": NOW - first_seen_d * DAY, "windows": windows, "between": between}
        return rules(judge_health(it, context(kept)))

    def test_a_part_that_was_not_read_for_too_long_is_told(self):
        unverified = [("backup.unverified", "warning")]
        fresh, old = NOW - DAY, NOW - 17 * DAY
        cases = [
            ({"0": fresh, "1": fresh}, 100, []),
            ({"0": fresh, "1": old}, 100, unverified),
            ({"0": fresh}, 100, unverified),
            ({"0": fresh}, 15, []),
            ({}, 100, unverified),
        ]
        for windows, first_seen_d, expected in cases:
            with self.subTest(windows=windows, first_seen_d=first_seen_d):
                self.assertEqual(self.found(windows, first_seen_d), expected)

    def test_who_runs_it_weekly_has_more_time(self):
        self.assertEqual(self.found({"0": NOW - DAY, "1": NOW - 17 * DAY}, 100, between=7 * DAY), [])


class GrowthTest(unittest.TestCase):
    def test_a_full_disk_is_foreseen_from_steady_growth_alone(self):
        def days(sizes, free=100.0, step=DAY):
            return days_until_full([(NOW + place * step, size) for place, size in enumerate(sizes)], free)

        self.assertEqual(days([10, 20, 30, 40, 50, 60]), 10.0)
        self.assertIsNone(days([10, 20, 30, 40, 50]))
        self.assertIsNone(days([10, 20, 30, 40, 50, 60], step=60))
        self.assertIsNone(days([10, 10, 10, 60, 60, 60]))
        self.assertIsNone(days([10, 60, 10, 60, 10, 60]))
        self.assertIsNone(days([10, 20, 30, 40, 50, 60], free=None))

    def test_it_is_told_within_a_month(self):
        sizes = [[NOW - ago * DAY, 1000 - 10 * ago] for ago in range(8, 0, -1)]
        it = look(size=1000, free=100)
        self.assertEqual(rules(judge_health(it, context({"sizes": sizes}))), [("backup.growth", "info")])
        it.free = 1000
        self.assertEqual(judge_health(it, context({"sizes": sizes})), [])

    def test_backups_that_share_nothing(self):
        it = look(ages_h=tuple(range(20, 0, -1)), sizes=[1 << 30] * 20, stats={"raw": 19.9 * (1 << 30)})
        self.assertEqual(rules(judge_health(it, context())), [("backup.dedup_low", "info")])
        it.stats["raw"] = 2 << 30
        self.assertEqual(judge_health(it, context()), [])
