"""New enough, enough of them, and none that suddenly is small."""

from __future__ import annotations

import unittest

from given import rules
from moments import parse_compact, parse_instant
from rules_age import judge_age
from target import Backup
from test_given import DAY, HOUR, NOW, context, look

STALE_HIGH, STALE_CRITICAL = [("backup.stale", "high")], [("backup.stale", "critical")]


class StaleTest(unittest.TestCase):
    def test_a_named_target_is_late_after_its_limit_and_grave_after_three_times_that(self):
        cases = [(26, []), (26.1, STALE_HIGH), (78, STALE_HIGH), (78.1, STALE_CRITICAL), (-0.9, [])]
        for age, expected in cases:
            with self.subTest(age):
                self.assertEqual(rules(judge_age(look(ages_h=(age,)), context())), expected)

    def test_its_own_policy_counts_before_the_option(self):
        it = look(ages_h=(100,), policy={"max_age_h": 170.0})
        self.assertEqual(judge_age(it, context()), [])

    def test_what_was_found_is_judged_by_its_own_habit_and_not_before_eight_days(self):
        weekly = tuple(7 * 24 * n for n in range(4, 0, -1))
        cases = [
            ((7 * 24.0,), []),
            ((8 * 24.1,), STALE_HIGH),
            (tuple(age + 3 * 24 for age in weekly), []),
            (tuple(age + 11 * 24 for age in weekly), STALE_HIGH),
        ]
        for ages, expected in cases:
            with self.subTest(ages):
                found = judge_age(look(ages_h=ages, found=True), context())
                self.assertEqual(rules(found), expected)
                self.assertEqual([it.confidence for it in found], ["likely"] * len(expected))

    def test_each_series_is_judged_for_itself(self):
        it = look()
        it.series = [Backup("nas", NOW - 2 * HOUR), Backup("pi", NOW - 96 * HOUR)]
        (found,) = judge_age(it, context())
        self.assertEqual((found.rule, found.subject), ("backup.stale", "/srv/backup [pi]"))

    def test_a_backup_from_the_future_is_told_as_that(self):
        self.assertEqual(rules(judge_age(look(ages_h=(-1.1,)), context())), [("backup.future", "warning")])

    def test_a_place_without_backups_is_told_unless_it_could_not_be_looked_at(self):
        self.assertEqual(rules(judge_age(look(ages_h=()), context())), [("backup.none", "critical")])
        for blind in ({"missing": "gone"}, {"refused": {"why": "wrong-password"}}):
            self.assertEqual(judge_age(look(ages_h=(), **blind), context()), [])


class ShrunkTest(unittest.TestCase):
    MB = 1 << 20

    def found(self, sizes, kept=None):
        it = look(ages_h=tuple(range(2 * len(sizes), 0, -2)), sizes=sizes)
        return rules(judge_age(it, context(kept)))

    def test_half_of_the_usual_is_too_little_and_of_very_little_nothing_is_said(self):
        shrunk = [("backup.shrunk", "high")]
        cases = [
            ([10, 10, 10, 4], shrunk),
            ([10, 10, 10, 5], []),
            ([10, 10, 10, None], []),
            ([1, 1, 1, 0], []),
            ([10, 2], shrunk),
            ([10], []),
        ]
        for sizes, expected in cases:
            with self.subTest(sizes):
                octets = [None if it is None else it * self.MB for it in sizes]
                self.assertEqual(self.found(octets), expected)

    def test_earlier_runs_count_too(self):
        self.assertEqual(
            self.found([self.MB], {"bytes": {"nas": [9 * self.MB] * 3}}), [("backup.shrunk", "high")]
        )

    def test_what_was_kept_may_be_anything(self):
        for kept in ({"bytes": 1}, {"bytes": {"nas": "x"}}, {"bytes": {"nas": ["x", None]}}, {"bytes": None}):
            with self.subTest(kept):
                self.assertEqual(self.found([self.MB], kept), [])


class RetentionTest(unittest.TestCase):
    def test_fewer_days_than_wanted_are_told_only_of_what_is_old_enough(self):
        retention = [("backup.retention", "warning")]
        daily = tuple(24.0 * day + 2 for day in range(9, -1, -1))
        cases = [
            ((24 * 8, 2), {"keep_daily": 7}, {}, retention),
            ((2,), {"keep_daily": 7}, {}, []),
            ((2,), {"keep_daily": 7}, {"first_seen": NOW - 30 * DAY}, retention),
            (daily, {"keep_daily": 7}, {}, []),
            (daily[2:], {"keep_daily": 7}, {}, []),
            ((24 * 60, 2), {"keep_weekly": 4}, {}, retention),
            ((24 * 300, 2), {"keep_monthly": 6}, {}, retention),
            ((24 * 8, 2), {"keep_daily": 0}, {}, []),
        ]
        for ages, policy, kept, expected in cases:
            with self.subTest(ages=ages, policy=policy, kept=kept):
                self.assertEqual(rules(judge_age(look(ages_h=ages, policy=policy), context(kept))), expected)


class MomentTest(unittest.TestCase):
    def test_instants_of_the_tools_are_read_and_nonsense_is_none(self):
        cases = [
            ("1970-01-01T00:00:10Z", 10.0),
            ("1970-01-01 00:00:10.5", 10.0),
            ("1970-01-01T01:00:10.123456789+01:00", 10.0),
            ("1969-12-31T23:00:10-0100", 10.0),
            ("2026-13-45T99:99:99Z", None),
            ("yesterday", None),
            (7, None),
            (None, None),
        ]
        for text, expected in cases:
            with self.subTest(text):
                self.assertEqual(parse_instant(text), expected)
        self.assertEqual(parse_compact("19700101T000010Z"), 10.0)
        self.assertIsNone(parse_compact("19700101T0000Z"))
