"""What drives say of themselves: which of it is worth a word, and which is what they always say."""

from __future__ import annotations

import copy
import json
import unittest
from typing import ClassVar

import testing
from agent_kit import History, NotSeen
from agent_kit_commands import Ran
from collect_smart import SMART_SUDO, ask, look_at
from given import rules
from remember import drives_to_keep
from rules_smart import judge_drives
from smartctl import devices_of, parse, selftest_age_h, to_drive
from test_given import NOW, Node, context, findings_of, smart

SAMPLES = (
    "hdd-asleep hdd-failing hdd-healthy hdd-never-tested hdd-pending hdd-qemu hdd-testing nvme-healthy "
    "nvme-warns "
    "nvme-worn sas ssd-crc usb-unreadable virtual-undetected"
).split()


def drive(name, **changes):
    said = smart(name, **changes)
    dev = said["device"]["name"] if "device" in said else "/dev/vda"
    return {**to_drive(dev, said, said["smartctl"]["exit_status"]), "type": "sat"}


def judged(name, past=None, before=None, **changes):
    return judge_drives([drive(name, **changes)], context(past, before))


def was(name, **counters):
    """History in which this drive had such counters an hour ago."""
    serial = drive(name)["serial"]
    return {"smart": [(1 / 24, {serial: {"dev": "/dev/x", "attrs": counters}})]}


class SampleTest(unittest.TestCase):
    def test_what_each_drive_is_worth(self):
        cases = {
            "hdd-healthy": [],
            "hdd-pending": [("smart.attr", "high"), ("smart.attr", "high")],
            "hdd-failing": [
                ("smart.failed", "critical"),
                ("smart.threshold", "critical"),
                ("smart.attr", "warning"),
                ("smart.attr", "high"),
                ("smart.attr", "high"),
                ("smart.attr", "high"),
                ("smart.selftest_failed", "critical"),
            ],
            # Errors of the cable count when they grow; a test that was broken off says nothing.
            "ssd-crc": [],
            "hdd-never-tested": [("smart.selftest_old", "info"), ("smart.temp", "warning")],
            "hdd-testing": [],
            "hdd-asleep": [],
            "usb-unreadable": [],
            "virtual-undetected": [],
            # Its exit status is 4, and all is well.
            "hdd-qemu": [],
            "nvme-healthy": [],
            "nvme-worn": [
                ("smart.temp", "warning"),
                ("nvme.wear", "high"),
                ("nvme.spare", "high"),
                ("nvme.media_errors", "high"),
            ],
            "nvme-warns": [
                ("smart.failed", "critical"),
                ("smart.selftest_failed", "critical"),
                ("nvme.critical_warning", "critical"),
            ],
            "sas": [("smart.attr", "warning")],
        }
        self.assertEqual(sorted(cases), sorted(SAMPLES))
        for name, expected in cases.items():
            with self.subTest(name):
                self.assertEqual(rules(judged(name)), expected)

    def test_the_warnings_of_an_nvme_drive_are_spelled_out(self):
        titles = [it.title for it in judged("nvme-warns") if it.rule == "nvme.critical_warning"]
        self.assertEqual(titles, ["QEMU NVMe Ctrl nvme-1 warns: spare low, reliability degraded"])

    def test_states_of_drives_that_say_nothing(self):
        states = {
            name: drive(name)["state"] for name in ("hdd-asleep", "usb-unreadable", "virtual-undetected")
        }
        expected = {
            "hdd-asleep": "standby",
            "usb-unreadable": "unreadable",
            "virtual-undetected": "unreadable",
        }
        self.assertEqual(states, expected)
        self.assertIn("Unable to detect device type", drive("virtual-undetected")["why"])

    def test_no_answer_however_wrong_breaks_it(self):
        wrong = (None, "7", -1, 1.5, [], {}, [None, "x", {}], True, {"value": "x"}, "\x1b[2J" * 200)
        for name in SAMPLES:
            said = smart(name)
            for place in places(said):
                for value in wrong:
                    broken = copy.deepcopy(said)
                    put(broken, place, value)
                    found = judge_drives([{**to_drive("/dev/x", broken, 0), "type": "sat"}], context())
                    for text in testing.texts_of(found):
                        self.assertNotIn("\x1b", text)
        for text in ("", "[]", "null", "{", "nonsense"):
            self.assertEqual(to_drive("/dev/x", parse(text), 0)["state"], "unreadable")

    def test_only_devices_become_words_of_a_command(self):
        rows = [
            {"name": "/dev/sda", "type": "sat"},
            {"name": "--scan", "type": "sat"},
            {"name": "/dev/sd a", "type": "sat"},
            {"name": "/dev/../etc/shadow", "type": "sat"},
            {"name": "/dev/x/../../etc/shadow", "type": "sat"},
            {"name": "/dev/sdb", "type": "-s on"},
            {"name": "/dev/sdb\n", "type": "sat"},
            {"name": 7, "type": "sat"},
            "x",
            {"name": "/dev/bus/0", "type": "megaraid,4"},
        ]
        found = devices_of({"devices": rows})
        self.assertEqual([it["dev"] for it in found], ["/dev/sda", "/dev/bus/0"])
        self.assertEqual(devices_of({"devices": {}}), [])

    def test_one_that_hangs_is_told_and_holds_none_of_the_others(self):
        class Busy:
            options: ClassVar[dict] = {"wake": False}

            def __init__(self, answer):
                self.answer = answer

            def run(self, *_, **__):
                if isinstance(self.answer, Exception):
                    raise self.answer
                return self.answer

        device = {"dev": "/dev/sdb", "type": "sat"}
        for answer, why in (
            (NotSeen("no time was left for it"), "no time was left for it"),
            (Ran(None, "", "", "unkillable"), "it gave no answer in 20 s"),
            (Ran(0, "nonsense", "", None), "its answer cannot be read"),
        ):
            told = ask(Busy(answer), device)
            self.assertEqual((told["state"], told["why"], told["type"]), ("unreadable", why, "sat"))

    def test_a_kind_that_is_not_found_out_by_itself_is_named(self):
        asked = look_at({"dev": "/dev/bus/0", "type": "megaraid,4"}, wake=False)
        self.assertEqual(asked[-5:], ["-n", "standby,0", "-d", "megaraid,4", "/dev/bus/0"])
        self.assertIn(look_at({"dev": "/dev/sda", "type": "sat"}, wake=False), SMART_SUDO)
        self.assertNotIn("-n", look_at({"dev": "/dev/sda", "type": "sat"}, wake=True))


class CounterTest(unittest.TestCase):
    def test_what_a_counter_says_depends_on_what_it_was(self):
        cases = [
            # id, before, now, severity
            ("5", 3, 3, None),
            ("5", None, 9, None),
            ("5", None, 10, "warning"),
            ("5", 3, 11, "critical"),
            ("187", None, 1, "high"),
            ("187", 4, 5, "critical"),
            ("188", None, 7, None),
            ("188", 7, 8, "high"),
            ("197", None, 1, "high"),
            ("197", 8, 8, "high"),
            ("197", 1, 2, "critical"),
            ("198", 9, 3, "high"),
            ("199", 412, 412, None),
            ("199", 412, 416, None),
            ("199", 412, 417, "warning"),
            ("199", None, 9999, None),
        ]
        for number, before, now, severity in cases:
            with self.subTest((number, before, now)):
                past = was("hdd-healthy", **{number: before}) if before is not None else None
                found = judged("hdd-healthy", past, **{"a" + number: now})
                self.assertEqual([it.severity for it in found], [severity] if severity else [])

    def test_what_grew_is_news_for_a_week_and_then_what_it_always_was(self):
        serial = drive("hdd-healthy")["serial"]

        def days_after(days):
            samples = [(30, 3), (days + 0.5, 3)] + [(ago, 11) for ago in range(int(days), 0, -1)]
            past = {"smart": [(ago, {serial: {"attrs": {"5": n}}}) for ago, n in samples]}
            return [(it.severity, it.evidence["before"]) for it in judged("hdd-healthy", past, a5=11)]

        self.assertEqual(days_after(1), [("critical", 3)])
        self.assertEqual(days_after(6), [("critical", 3)])
        self.assertEqual(days_after(9), [])

    def test_three_counters_in_one_are_told_apart(self):
        found = judged("hdd-pending", was("hdd-pending", **{"188": 1}))
        self.assertNotIn("WSD0TEST #188", [it.subject for it in found])

    def test_the_heat_has_some_slack_on_the_way_down(self):
        label = "WDC WD80EFZZ-68BTXN0 WD-CA1B2C3D"
        before = {"smart.temp:%s" % label: "warning"}
        for degrees, known, expected in ((54, {}, 0), (55, {}, 1), (53, before, 1), (51, before, 0)):
            found = judged("hdd-healthy", None, known, temperature={"current": degrees})
            self.assertEqual(len(found), expected, degrees)

    def test_hours_of_self_tests_wrap(self):
        old = {"hours": 70_000, "selftest": {"hours": 4_000, "wraps": True}}
        self.assertEqual(selftest_age_h(old), 464)
        self.assertEqual(
            selftest_age_h({"hours": 70_000, "selftest": {"hours": 4_000, "wraps": False}}), 66_000
        )
        self.assertIsNone(selftest_age_h({"hours": None, "selftest": {"hours": 4_000, "wraps": True}}))


class GoneTest(unittest.TestCase):
    def setUp(self):
        self.kept = {}
        self.now = NOW

    def run_with(self, *drives, days=1.0):
        self.now += days * 86400
        past = {"smart": [(self.now - 86400, self.kept)]} if self.kept else {}
        circumstances = context()._replace(now=self.now, history=History(past, lambda *_, **__: None))
        found = [it for it in judge_drives(list(drives), circumstances) if it.rule == "disk.gone"]
        self.kept = json.loads(json.dumps(drives_to_keep(list(drives), circumstances)))
        return [it.subject for it in found]

    def test_a_drive_that_was_there_three_times_and_is_missing_is_told_for_two_weeks(self):
        a, b = drive("hdd-healthy"), drive("ssd-crc")
        for _ in range(2):
            self.assertEqual(self.run_with(a, b), [])
        self.assertEqual(
            self.run_with(a), [], "it was seen twice only, as a drive that is plugged in at times"
        )
        for _ in range(3):
            self.assertEqual(self.run_with(a, b), [])
        for _ in range(14):
            self.assertEqual(self.run_with(a), ["Samsung SSD 870 EVO 1TB S6P0TEST"])
        self.assertEqual(self.run_with(a, days=1), ["Samsung SSD 870 EVO 1TB S6P0TEST"])
        self.assertEqual(self.run_with(a), [])

    def test_it_is_forgotten_when_it_comes_back(self):
        a, b = drive("hdd-healthy"), drive("ssd-crc")
        for _ in range(3):
            self.run_with(a, b)
        self.assertEqual(len(self.run_with(a)), 1)
        self.assertEqual(self.run_with(a, b), [])
        self.assertNotIn("gone_at", self.kept["S6P0TEST"])

    def test_one_that_sleeps_is_not_gone_and_is_remembered(self):
        a, b = drive("hdd-healthy"), drive("ssd-crc")
        for _ in range(3):
            self.run_with(a, b)
        asleep = {"dev": b["dev"], "state": "standby", "type": "sat"}
        for _ in range(5):
            self.assertEqual(self.run_with(a, asleep), [])
        self.assertEqual(self.kept["S6P0TEST"]["attrs"]["199"], 412)

    def test_where_an_unknown_drive_gives_no_answer_none_is_called_gone(self):
        a, b = drive("hdd-healthy"), drive("ssd-crc")
        for _ in range(3):
            self.run_with(a, b)
        silent = {"dev": "/dev/sdz", "state": "unreadable", "type": "sat", "why": "?"}
        self.assertEqual(self.run_with(a, silent), [])


class RunTest(Node):
    def test_a_sleeping_drive_is_asked_so_that_it_sleeps_on(self):
        self.drives(smart("hdd-healthy"), smart("hdd-asleep"))
        outcome = self.perform()
        self.assertEqual((outcome.result["status"], outcome.gaps, findings_of(outcome)), ("ok", [], []))
        self.assertEqual([it["state"] for it in outcome.data["smart"]], ["ok", "standby"])
        asked = [line for line in self.asked() if line.startswith("smartctl -j")]
        self.assertTrue(all(" -n standby,0 " in line for line in asked), asked)

    def test_a_drive_that_sleeps_with_something_open_is_a_gap(self):
        history = {
            "smart": [[NOW, {"X1": {"dev": "/dev/sdg", "model": "M", "seen": 3}}]],
            "levels": [[NOW, {"smart.attr:M X1 #197": "high"}]],
        }
        self.drives(smart("hdd-asleep"))
        outcome = self.perform(history=history)
        self.assertEqual([gap["what"] for gap in outcome.gaps], ["smart: /dev/sdg"])

    def test_a_drive_that_cannot_be_read_is_a_gap_with_its_reason(self):
        self.drives(smart("hdd-healthy"), smart("usb-unreadable"))
        (gap,) = self.perform().gaps
        self.assertEqual(gap["what"], "smart: /dev/sdh")
        self.assertIn("unsupported field in scsi command", gap["why"])

    def test_without_smartctl_there_is_a_gap_only_where_there_are_drives(self):
        self.assertEqual(self.perform().gaps, [])
        self.write("/sys/block/vda/size", "1")
        self.assertEqual(self.perform().gaps, [])
        self.write("/sys/block/sda/size", "1")
        self.program("smartctl")
        self.answer("scan", "smartctl: permission denied", 1)
        (gap,) = self.perform().gaps
        self.assertEqual(gap["what"], "smart")
        self.assertTrue(gap["remedy"])

    def test_in_a_container_the_drives_of_the_host_are_left_alone(self):
        self.drives(smart("hdd-failing"))
        self.write("/run/systemd/container", "lxc\n")
        outcome = self.perform()
        self.assertEqual((findings_of(outcome), outcome.gaps, self.asked()), ([], [], []))

    def test_what_is_kept_comes_back_and_makes_nothing_new(self):
        self.drives(smart("hdd-failing"), smart("nvme-worn"), smart("sas"))
        first = self.perform()
        history = {key: [[NOW, value]] for key, value in first.history().items()}
        again = self.perform(history=history)
        self.assertEqual(findings_of(again), findings_of(first))
        self.assertEqual([it["seen"] for it in again.history()["smart"].values()], [2, 2, 2])


def places(value, path=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from places(inner, (*path, key))
    elif isinstance(value, list) and value:
        yield (*path, 0)
        yield from places(value[0], (*path, 0))


def put(value, path, new):
    for step in path[:-1]:
        value = value[step]
    value[path[-1]] = new
