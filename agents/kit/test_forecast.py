"""When a disk will be full, on the shapes that disks really have: 1 TB, most growing by 10 GB a day."""

from __future__ import annotations

import random
import unittest

from agent_kit_forecast import MOST_SAMPLES, forecast_fill, thin

GB = 1e9
CAPACITY = 1000 * GB
DAY = 86400.0
NOW = 1_800_000_000.0


def shape(level, days, per_day=1, seed=3):
    """Samples of `level(day, rnd)` in GB, oldest first."""
    rnd = random.Random(seed)
    count = int(days * per_day)
    moments = [place / per_day for place in range(count + 1)]
    return [(NOW - (days - day) * DAY, max(0.0, level(day, rnd)) * GB, CAPACITY) for day in moments]


def linear(day, _):
    return 400 + 10 * day


def noisy(day, rnd):
    return 400 + 10 * day + rnd.gauss(0, 8)


def saw_tooth(day, _):
    return 400 + 10 * day + (day % 7) / 7 * 40


def flat_saw_tooth(day, rnd):
    return 700 + (day % 7) / 7 * 40 + rnd.gauss(0, 2)


def flat(_, rnd):
    return 700 + rnd.gauss(0, 3)


def one_copy(day, rnd):
    return 400 + (300 if day > 18 else 0) + rnd.gauss(0, 0.5)


def sets_in_late(day, _):
    return 400 + 30 * max(0, day - 21)


def cleaned_up(day, _):
    return 400 + 10 * day - (250 if day > 24 else 0)


def growing(start, rate):
    return lambda day, rnd: start + rate * day + rnd.gauss(0, 4)


class ForecastTest(unittest.TestCase):
    def test_it_says_when_for_shapes_that_grow_and_nothing_for_those_that_do_not(self):
        cases = [
            # shape, days of history, samples a day, days until full (or None), confidence
            ("linear", linear, 30, 1, (29, 31), "high"),
            ("linear, each hour", linear, 30, 24, (29, 31), "high"),
            ("linear, five days", linear, 5, 2, (50, 60), "low"),
            ("noisy", noisy, 30, 1, (26, 36), "high"),
            ("saw tooth that grows", saw_tooth, 30, 1, (18, 38), "high"),
            ("saw tooth that does not", flat_saw_tooth, 30, 1, None, None),
            ("flat", flat, 30, 1, None, None),
            ("one big copy", one_copy, 30, 1, None, None),
            ("growth that set in lately", sets_in_late, 30, 1, (9, 13), "medium"),
            ("growth, then a clean-up", cleaned_up, 30, 1, (50, 60), "low"),
        ]
        for name, level, days, per_day, expected, confidence in cases:
            with self.subTest(name):
                found = forecast_fill(shape(level, days, per_day))
                self.assertEqual(found["state"], "ok")
                if expected is None:
                    self.assertIn(found["confidence"], ("none", "low"))
                    continue
                self.assertTrue(expected[0] <= found["days"] <= expected[1], found)
                self.assertTrue(found["days_lo"] <= found["days"] <= (found["days_hi"] or 1e9), found)
                self.assertEqual(found["confidence"], confidence)

    def test_too_little_history_is_no_forecast(self):
        cases = [
            ("nothing", []),
            ("one sample", shape(linear, 0)),
            ("five samples", shape(linear, 4)),
            ("many within two days", shape(linear, 2, 24)),
            ("a capacity of nothing", [(at, used, 0) for at, used, _ in shape(linear, 30)]),
        ]
        for name, samples in cases:
            with self.subTest(name):
                self.assertEqual(forecast_fill(samples)["state"], "insufficient")

    def test_only_what_was_measured_at_todays_capacity_counts(self):
        samples = shape(linear, 30)
        before = [(at, used, CAPACITY / 2) for at, used, _ in samples[:20]]
        found = forecast_fill(before + samples[20:])
        self.assertEqual((found["n"], found["span_d"]), (11, 10.0))
        self.assertTrue(29 <= found["days"] <= 31, found)

    def test_what_is_full_is_full_today(self):
        full = [(at, min(used, 650 * GB), 650 * GB) for at, used, _ in shape(linear, 30)]
        self.assertEqual((forecast_fill(full)["days"], forecast_fill(full)["confidence"]), (0.0, "high"))

    def test_the_order_of_samples_and_doubles_do_not_matter(self):
        samples = shape(noisy, 30)
        mixed = samples + samples[:9]
        random.Random(1).shuffle(mixed)
        self.assertEqual(forecast_fill(mixed), forecast_fill(samples))

    def test_flat_disks_and_single_copies_give_no_false_alarm(self):
        for name, level in (("flat", flat), ("one copy", one_copy)):
            for seed in range(40):
                days = (7, 14, 30)[seed % 3]
                found = forecast_fill(shape(level, days, 1 + seed % 2, seed))
                alarmed = (found.get("days") or 99) < 30 and found["confidence"] in ("medium", "high")
                self.assertFalse(alarmed, (name, seed, found))

    def test_growing_disks_are_foretold_within_their_bounds(self):
        wrong, errors = [], []
        for seed in range(40):
            rnd = random.Random(seed)
            rate, start, days = rnd.uniform(4, 20), rnd.uniform(200, 400), (14, 30)[seed % 2]
            samples = shape(growing(start, rate), days, 2, seed)
            found = forecast_fill(samples)
            true = (CAPACITY - samples[-1][1]) / GB / rate
            errors.append(abs(found["days"] - true) / true)
            if not found["days_lo"] <= true <= (found["days_hi"] or 1e9):
                wrong.append((seed, true, found))
        self.assertEqual(wrong, [])
        self.assertLess(sorted(errors)[20], 0.05)


class ThinTest(unittest.TestCase):
    def test_long_histories_keep_their_span_and_their_newest_sample(self):
        samples = shape(linear, 30, 24)
        kept = thin(samples)
        self.assertLessEqual(len(kept), MOST_SAMPLES)
        self.assertGreater(len(kept), MOST_SAMPLES - 20)
        self.assertEqual((kept[0], kept[-1]), (samples[0], samples[-1]))

    def test_short_histories_stay_as_they_are(self):
        samples = shape(linear, 30)
        self.assertEqual(list(thin(samples)), samples)

    def test_a_burst_of_samples_does_not_push_out_the_others(self):
        burst = [(NOW - second, 1.0, 2.0) for second in range(500, 0, -1)]
        kept = thin([*shape(linear, 29), *burst])
        self.assertGreater(len([at for at, _, _ in kept if at < NOW - DAY]), 25)

    def test_of_a_year_of_samples_only_as_many_are_judged_as_need_be(self):
        found = forecast_fill(shape(linear, 365, 24))
        self.assertLessEqual((found["n"], found["window_d"]), (MOST_SAMPLES, 30))
