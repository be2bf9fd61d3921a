"""Processor, memory and processes: what the kernel's files say, and when it is too much."""

from __future__ import annotations

import os
import tempfile
import unittest

from agent_kit import NotSeen
from agent_kit_commands import Ran
from agent_kit_files import Files
from collect_load import (
    Process,
    busiest,
    family_of,
    parse_kills,
    read_kills,
    read_memory,
    read_pressure,
    read_processes,
    share_of_cpu,
    zombies,
)
from given import rules
from rules_load import cpu_pressure, judge_kills, judge_load, kills_to_explain
from test_given import HOST, NOW, Scripted, answer, context

GB = 10**9


class Node(unittest.TestCase):
    """Files of a node, below a folder."""

    def node(self, files):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for path, text in files.items():
            os.makedirs(os.path.dirname(folder.name + path), exist_ok=True)
            with open(folder.name + path, "w", encoding="utf-8") as file:
                file.write(text)
        return Files(folder.name)


def process(name="sh", state="S", parent=1, ticks=0, rss=0):
    return Process(name, state, parent, ticks, 0, rss, 0)


class ReadTest(Node):
    def test_memory_as_the_kernel_tells_it(self):
        memory = read_memory(self.node({"/proc/meminfo": answer("meminfo.txt")}))
        self.assertEqual((memory["total"], memory["available"]), (16000000 * 1024, 4000000 * 1024))
        self.assertEqual((memory["pct"], memory["swap_used"], memory["arc"]), (75.0, 1500000 * 1024, None))

    def test_what_zfs_gives_back_when_asked_counts_as_available(self):
        files = {
            "/proc/meminfo": answer("meminfo.txt"),
            "/proc/spl/kstat/zfs/arcstats": answer("arcstats.txt"),
        }
        memory = read_memory(self.node(files))
        self.assertEqual(memory["available"], 4000000 * 1024 + 4 * GB)
        self.assertEqual(memory["arc"], 5 * GB)

    def test_an_old_kernel_without_the_word_available(self):
        text = "".join(line for line in answer("meminfo.txt").splitlines(True) if "MemAvailable" not in line)
        self.assertEqual(read_memory(self.node({"/proc/meminfo": text}))["available"], 2500000 * 1024)

    def test_pressure_with_and_without_a_kernel_that_measures_it(self):
        found = read_pressure(self.node({"/proc/pressure/memory": answer("pressure-memory.txt")}))
        self.assertEqual(found["memory"]["full"]["avg300"], 5.1)
        self.assertIsNone(read_pressure(self.node({"/proc/stat": "cpu 1"})))

    def test_processes_with_brackets_and_escapes_in_their_names(self):
        rest = "1 50 50 0 -1 4194304 0 0 0 0 30 12 5 1 20 0 1 0 100 1000 20 0"
        files = {
            "/proc/50/stat": "50 (a) R 1 (b) S %s" % rest,
            "/proc/51/stat": "51 (\x1b[2Jx\u202e) Z %s" % rest,
            "/proc/52/stat": "",
            "/proc/notes": "no process",
        }
        found = read_processes(self.node(files))
        self.assertEqual(sorted(found), [50, 51])
        self.assertEqual((found[50].name, found[50].state, found[50].ticks), ("a) R 1 (b", "S", 42))
        self.assertEqual(found[50].rss, 20 * os.sysconf("SC_PAGE_SIZE"))
        self.assertEqual((found[51].name, found[51].state), ("x\ufffd", "Z"))

    def test_shares_of_the_processor_add_up_to_a_hundred_and_leave_us_out(self):
        cases = [
            # user, nice, system, idle, iowait, irq, softirq, steal; our ticks; busy
            ([50, 0, 25, 100, 15, 5, 3, 2], 0, 42.5),
            ([10, 40, 10, 140, 0, 0, 0, 0], 40, 10.0),
            ([10, 0, 10, 180, 0, 0, 0, 0], 15, 2.5),
            ([0, 0, 0, 200, 0, 0, 0, 0], 10, 0.0),
        ]
        for steps, ours, busy in cases:
            with self.subTest(steps=steps, ours=ours):
                share = share_of_cpu([0] * 8, steps, ours)
                self.assertEqual(share.pop("busy"), busy)
                self.assertAlmostEqual(sum(share.values()), 100.0, 1)

    def test_a_counter_that_went_back_is_no_load(self):
        self.assertEqual(share_of_cpu([100] * 8, [90] * 8, 0)["busy"], 0.0)

    def test_a_zombie_for_a_moment_is_none(self):
        before = {1: process("init"), 5: process("a", "Z", 1), 6: process("b", "R", 1)}
        after = {
            1: process("init"),
            5: process("a", "Z", 1),
            6: process("b", "Z", 1),
            7: process("c", "Z", 1),
        }
        self.assertEqual([it["pid"] for it in zombies(before, after)], [5])

    def test_the_family_of_a_process_and_the_busiest_of_the_others(self):
        after = {pid: process(parent=parent, ticks=100) for pid, parent in ((2, 1), (3, 2), (4, 3), (5, 1))}
        before = {pid: process(parent=it.parent, ticks=50) for pid, it in after.items()}
        self.assertEqual(family_of(2, after), {2, 3, 4})
        self.assertEqual([it["pid"] for it in busiest(before, after, {2, 3, 4}, 2.0)], [5])

    def test_who_was_killed_for_lack_of_memory(self):
        kills = parse_kills(answer("dmesg-oom.txt"), 86400.0)
        self.assertEqual([kill["name"] for kill in kills], ["node", "my (odd) name", "old kernel"])
        self.assertEqual([kill["ago_s"] for kill in kills], [100, 90, 80])
        self.assertEqual((kills[0]["scope"], kills[0]["limit"]), ("/docker/aaa", "of its group"))
        self.assertEqual((kills[0]["rss"], kills[1]["limit"]), (500000 * 1024, "of the node"))

    def test_a_kernel_log_that_may_not_be_read_is_a_gap_with_a_remedy(self):
        denied = Ran(1, "", "dmesg: read kernel buffer failed: Operation not permitted\n", None)
        with self.assertRaises(NotSeen) as caught:
            read_kills(Scripted({"dmesg": denied}), 100.0)
        self.assertIn("not permitted", str(caught.exception))
        self.assertIn("sudo", caught.exception.remedy)


def load(**given):
    memory = {
        "total": 16 * GB,
        "available": 8 * GB,
        "pct": 50.0,
        "swap_total": 2 * GB,
        "swap_used": 0,
        "top": [],
    }
    cpu = {"steal": 0.0, "load": [1.0, 1.0, 1.0], "top": [{"pid": 7, "name": "ffmpeg", "pct": 180.0}]}
    facts = {"memory": {**memory, **given.pop("memory", {})}, "cpu": {**cpu, **given.pop("cpu", {})}}
    return {**facts, "psi": {}, "zombies": [], "dstate": [], "oom_kill": 0, **given}


def pressure(name, line, avg300):
    zero = {other: {"some": {"avg300": 0.0}, "full": {"avg300": 0.0}} for other in ("cpu", "memory", "io")}
    zero[name][line] = {"avg300": avg300}
    return zero


class RulesTest(unittest.TestCase):
    def test_memory(self):
        cases = [
            # percent in use, severity in the last run, severity
            (94.9, "", None),
            (95, "", "warning"),
            (97.9, "", "warning"),
            (98, "", "critical"),
            (92, "warning", "warning"),
            (91.9, "warning", None),
            (95, "critical", "critical"),
            (94.9, "critical", "warning"),
        ]
        for pct, before, severity in cases:
            with self.subTest(pct=pct, before=before):
                found = judge_load(load(memory={"pct": pct}), context(before={"mem.low:memory": before}))
                self.assertEqual(rules(found), [("mem.low", severity)] if severity else [])

    def test_full_swap_counts_only_while_memory_is_short(self):
        cases = [
            # share of swap, pressure (None: not measured), memory in percent, told
            (0.9, 1.1, 50, True),
            (0.9, 1.0, 50, False),
            (0.8, 5, 50, False),
            (0.81, 5, 50, True),
            (0.9, None, 91, True),
            (0.9, None, 90, False),
        ]
        for share, some, pct, told in cases:
            with self.subTest(share=share, some=some, pct=pct):
                psi = None if some is None else pressure("memory", "some", some)
                memory = {"swap_used": share * 2 * GB, "pct": pct}
                found = rules(judge_load(load(memory=memory, psi=psi), context()))
                self.assertEqual(found, [("mem.swap_full", "warning")] if told else [])

    def test_pressure(self):
        cases = [
            ("memory", "full", 4.9, None),
            ("memory", "full", 5, "warning"),
            ("memory", "full", 20, "high"),
            ("memory", "some", 90, None),
            ("io", "full", 19.9, None),
            ("io", "full", 20, "warning"),
            ("io", "full", 50, "high"),
            ("cpu", "some", 49.9, None),
            ("cpu", "some", 50, "warning"),
            ("cpu", "some", 80, "high"),
        ]
        for name, line, value, severity in cases:
            with self.subTest(name=name, line=line, value=value):
                given = context(past={"cpu_pressure": 60.0})
                found = rules(judge_load(load(psi=pressure(name, line, value)), given))
                self.assertEqual(found, [("pressure." + name, severity)] if severity else [])

    def test_a_busy_processor_is_told_only_in_the_second_run_in_a_row(self):
        busy = load(psi=pressure("cpu", "some", 90))
        self.assertEqual(judge_load(busy, context()), [])
        self.assertEqual(judge_load(busy, context(past={"cpu_pressure": 49.0})), [])
        again = context(past={"cpu_pressure": cpu_pressure(busy, HOST)})
        self.assertEqual(rules(judge_load(busy, again)), [("pressure.cpu", "high")])

    def test_where_pressure_is_not_measured_the_load_of_a_quarter_of_an_hour_counts(self):
        cases = [(16.0, 401.0, False), (16.1, 401.0, True), (16.1, 399.0, False)]
        for average, before, told in cases:
            with self.subTest(average=average, before=before):
                facts = load(psi=None, cpu={"load": [0.0, 0.0, average]})
                found = rules(judge_load(facts, context(past={"cpu_pressure": before})))
                self.assertEqual(found, [("pressure.cpu", "warning")] if told else [])

    def test_time_that_the_host_takes(self):
        for steal, told in ((14.9, False), (15.0, True)):
            found = rules(judge_load(load(cpu={"steal": steal}), context()))
            self.assertEqual(found, [("cpu.steal", "warning")] if told else [])

    def test_in_a_container_load_and_pressure_are_those_of_the_machine_around_it(self):
        facts = load(psi=pressure("io", "full", 90), cpu={"steal": 50.0})
        self.assertEqual(judge_load(facts, context(host={"container": "lxc"})), [])

    def test_zombies(self):
        def dead(*parents):
            return [
                {"pid": n, "name": "x", "ppid": ppid, "parent": "p%d" % ppid}
                for n, ppid in enumerate(parents)
            ]

        cases = [
            ([1] * 4, False),
            ([1] * 5, True),
            ([1, 1, 2, 2, 3, 3, 4, 4, 5], False),
            ([1, 1, 2, 2, 3, 3, 4, 4, 5, 5], True),
        ]
        for parents, told in cases:
            with self.subTest(parents=parents):
                found = rules(judge_load(load(zombies=dead(*parents)), context()))
                self.assertEqual(found, [("proc.zombies", "warning")] if told else [])

    def test_stuck_processes_are_named_with_where_they_wait(self):
        stuck = [{"pid": 9, "name": "dd", "wchan": "folio_wait_bit"}]
        (found,) = judge_load(load(dstate=stuck), context())
        self.assertEqual((found.rule, found.severity, found.subject), ("proc.dstate", "high", "dd"))
        self.assertEqual(found.evidence["procs"], stuck)


class KillsTest(unittest.TestCase):
    def test_only_kills_since_the_last_run_count(self):
        cases = [
            # count now, last sample, new ones
            (5, None, None),
            (5, {"count": 5, "boot_id": "this-boot"}, 0),
            (7, {"count": 5, "boot_id": "this-boot"}, 2),
            (2, {"count": 5, "boot_id": "another"}, 2),
            (None, {"count": 5, "boot_id": "this-boot"}, None),
        ]
        for now, last, new in cases:
            with self.subTest(now=now, last=last):
                self.assertEqual(kills_to_explain({"oom_kill": now}, context(past={"oom": last})), new)

    def test_a_first_run_tells_only_those_of_the_last_day(self):
        kills = [{"name": "old", "ago_s": 90000}, {"name": "new", "ago_s": 100}, {"name": "?", "ago_s": None}]
        (found,) = judge_kills(None, kills)
        self.assertEqual((found.title, found.evidence["count"]), ("new was killed for lack of memory", 1))
        self.assertEqual(judge_kills(None, kills[:1]), [])

    def test_victims_are_named_or_at_least_counted(self):
        kills = [{"name": name, "ago_s": 10} for name in ("a", "b", "b")]
        cases = [
            (0, kills, None),
            (1, kills, "b was killed for lack of memory"),
            (3, kills, "b (2 times), a were killed for lack of memory"),
            (1, [], "1 process was killed for lack of memory"),
            (2, [], "2 processes were killed for lack of memory"),
        ]
        for new, known, title in cases:
            with self.subTest(new=new, known=len(known)):
                self.assertEqual([it.title for it in judge_kills(new, known)], [title] if title else [])


class HistoryTest(unittest.TestCase):
    def test_a_history_of_another_shape_is_passed_over(self):
        for last in (7, [], "x", {"count": None}):
            kills_to_explain({"oom_kill": 3}, context(past={"oom": [(NOW - 60, last)]}))
