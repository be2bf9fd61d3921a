"""The kit's promises: harmless text, bounded commands, gaps instead of crashes, and always a last word."""

from __future__ import annotations

import json
import os
import tempfile
import textwrap
import time
import unittest

import agent_kit
import testing


class TextTest(unittest.TestCase):
    def test_escape_sequences_and_direction_marks_are_taken_out(self):
        cases = [
            ("\x1b[2Jgone", "gone"),
            ("\x1b]0;title\x07here", "here"),
            ("\x9b31mred", "red"),
            ("a\x1b(Bb", "ab"),
            ("a\u202eb", "a\ufffdb"),
            ("\ud800", "\ufffd"),
            ("a\rb\x00c", "a\ufffdb\ufffdc"),
            ("two\nlines\t.", "two\nlines\t."),
            (b"\xff", "\ufffd"),
        ]
        for hostile, harmless in cases:
            self.assertEqual(agent_kit.clean(hostile), harmless)

    def test_long_text_is_cut_to_its_limit(self):
        self.assertEqual(agent_kit.clean("x" * 50, 10), "x" * 9 + "…")

    def test_a_limit_counts_as_the_server_counts(self):
        self.assertEqual(agent_kit.clean("\U0001f600" * 50, 10), "\U0001f600" * 4 + "…")
        self.assertEqual(agent_kit.clean("\U0001f600" * 5, 10), "\U0001f600" * 5)

    def test_evidence_is_shortened_and_says_by_how_much(self):
        short = agent_kit.shorten({"names": ["name-%d" % number for number in range(5000)], "n": 1}, 8192)
        self.assertLessEqual(len(json.dumps(short)), 8192)
        self.assertEqual(len(short["names"]) + short["names_more"], 5000)
        self.assertEqual(short["n"], 1)

    def test_one_long_text_is_shortened_too(self):
        short = agent_kit.shorten({"text": "y" * 300000, "count": 7}, 8192)
        self.assertLessEqual(len(json.dumps(short)), 8192)
        self.assertEqual(short["count"], 7)

    def test_what_json_cannot_hold_becomes_something_it_can(self):
        odd = {"a": float("nan"), 1: {"b"}, "c": (1, None), "d": 2**70}
        self.assertEqual(agent_kit.plain(odd), {"a": None, "1": ["b"], "c": [1, None], "d": None})


class ReadFileTest(unittest.TestCase):
    def test_a_pipe_does_not_hold_the_reader(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkfifo(folder + "/pipe")
            self.assertIsNone(agent_kit.read_file(folder + "/pipe"))
            self.assertIsNone(agent_kit.read_file(folder))
            self.assertIsNone(agent_kit.read_file(folder + "/missing"))

    def test_it_reads_no_more_than_its_limit(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("x" * 1000)
            file.flush()
            self.assertEqual(agent_kit.read_file(file.name, 10), "x" * 10)


class RunTest(unittest.TestCase):
    """Whole small agents, each in a process of its own."""

    def perform(self, body: str, stop_after_s=None, stop_at=None, **given):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        program = "from agent_kit import *\nimport os, time, sys\nSUDO = [['id', '-u']]\n"
        program += "def perform(agent):\n" + textwrap.indent(textwrap.dedent(body), "    ")
        program += "\nmain(perform, 'test/1', SUDO)\n"
        with open(self.folder.name + "/agent.py", "w") as file:
            file.write(program)
        with open(self.folder.name + "/agent.yaml", "w") as file:
            file.write("options:\n")
        config = testing.config_for(self.folder.name, **given)
        return testing.run_agent(self.folder.name, config, stop_after_s=stop_after_s, stop_at=stop_at)

    def notes(self, outcome):
        return [event["note"] for event in outcome.of("exec")]

    def test_an_agent_ends_with_its_data_and_a_result(self):
        out = self.perform(
            """
            agent.data["a"] = 1
            agent.metric("m", 2, "s", where="x")
            agent.history.keep("k", [1])
            """
        )
        self.assertEqual([event["kind"] for event in out.events], ["metric", "history", "data", "result"])
        self.assertEqual((out.code, out.result["status"], out.data), (0, "ok", {"a": 1}))
        self.assertGreater(out.result["maxRssKib"], 1000)
        self.assertEqual(out.err, "")

    def test_a_section_that_breaks_is_a_gap_and_the_others_run(self):
        out = self.perform(
            """
            with agent.section("first"):
                raise KeyError("lost")
            with agent.section("second"):
                raise NotSeen("it is dark", "Switch on the light.")
            with agent.section("third"):
                agent.data["third"] = True
            """
        )
        self.assertEqual((out.code, out.result["status"], out.data), (0, "partial", {"third": True}))
        self.assertEqual([gap["what"] for gap in out.gaps], ["first", "second"])
        self.assertEqual(out.gaps[1]["remedy"], "Switch on the light.")
        states = [
            (event["step"], event["state"]) for event in out.of("progress") if event["state"] != "start"
        ]
        self.assertEqual(states, [("first", "error"), ("second", "ok"), ("third", "ok")])

    def test_an_agent_that_breaks_still_says_what_it_knew(self):
        out = self.perform("agent.data['known'] = 1\nraise RuntimeError('boom')")
        self.assertEqual((out.code, out.result["status"], out.data), (1, "error", {"known": 1}))
        self.assertIn("boom", out.result["reason"])

    def test_parts_run_side_by_side_and_one_that_hangs_is_left_behind(self):
        out = self.perform(
            """
            done = agent.together({
                "slow": (0.2, lambda: time.sleep(30)),
                "quick": (5, lambda: 7),
                "broken": (5, lambda: 1 / 0),
            })
            agent.data["done"] = done
            """
        )
        self.assertEqual(out.data, {"done": {"quick": 7}})
        self.assertEqual(sorted(gap["what"] for gap in out.gaps), ["broken", "slow"])
        self.assertLess(out.seconds, 8)

    def test_a_flood_is_cut_at_its_limit(self):
        out = self.perform("agent.data['length'] = len(agent.run(['yes'], timeout=20, limit=100000).out)")
        self.assertEqual(out.data, {"length": 100000})
        self.assertEqual(self.notes(out), ["truncated"])
        self.assertLess(out.seconds, 8)

    def test_a_list_of_any_length_goes_by_line_by_line(self):
        out = self.perform(
            """
            seen = [0, 0]
            def take(line):
                seen[0] += 1
                seen[1] += len(line)
            ran = agent.run(["seq", "300000"], each_line=take)
            agent.data["seen"] = [ran.rc, ran.out, *seen]
            """
        )
        length = sum(len(str(number)) for number in range(1, 300001))
        self.assertEqual(out.data, {"seen": [0, "", 300000, length]})
        self.assertEqual(out.of("exec")[0]["out"], length + 300000)

    def test_a_line_without_end_is_given_up_and_the_last_one_needs_none(self):
        script = "head -c 3000000 /dev/zero; echo; printf last"
        out = self.perform(
            "lines = []\nagent.run(['sh', '-c', %r], each_line=lines.append)\n"
            "agent.data['lines'] = [line.decode() for line in lines]" % script
        )
        self.assertEqual(out.data, {"lines": ["last"]})

    def test_a_taker_of_lines_that_breaks_ends_the_command(self):
        out = self.perform(
            """
            with agent.section("odd"):
                agent.run(["yes"], timeout=60, each_line=lambda line: 1 / 0)
            agent.data["children"] = len(agent._children)
            """
        )
        self.assertEqual((out.data, [gap["what"] for gap in out.gaps]), ({"children": 0}, ["odd"]))
        self.assertLess(out.seconds, 8)

    def test_a_command_runs_where_it_is_told_to(self):
        out = self.perform("agent.data['at'] = [agent.run(['pwd'], cwd=it).out for it in ('/usr', '/')]")
        self.assertEqual(out.data, {"at": ["/usr\n", "/\n"]})

    def test_who_cleans_up_after_commands_can_end_them_first(self):
        out = self.perform(
            """
            import threading
            started = threading.Thread(target=lambda: agent.run(["sleep", "60"], timeout=90), daemon=True)
            started.start()
            while not agent._children:
                time.sleep(0.01)
            (child,) = agent._children
            agent.end_commands()
            agent.data["ended"] = child.poll() is not None
            """
        )
        self.assertEqual(out.data, {"ended": True})
        self.assertLess(out.seconds, 8)

    def test_a_grandchild_that_holds_the_pipe_does_not_hold_the_agent(self):
        out = self.perform(
            "agent.data['out'] = agent.run(['sh', '-c', 'sleep 60 & echo said'], timeout=30).out"
        )
        self.assertEqual((out.data, self.notes(out)), ({"out": "said\n"}, ["pipe-held"]))
        self.assertLess(out.seconds, 8)

    def test_a_command_that_takes_too_long_is_ended_with_its_children(self):
        out = self.perform("agent.data['ran'] = list(agent.run(['sh', '-c', 'sleep 77; true'], timeout=0.5))")
        self.assertEqual(self.notes(out), ["timeout"])
        self.assertLess(out.seconds, 8)

    def test_a_command_that_is_not_there_is_said_to_be_missing(self):
        out = self.perform("agent.data['note'] = agent.run(['no-such-program']).note")
        self.assertEqual(out.data, {"note": "missing"})

    def test_commands_get_a_fixed_environment_and_no_shell(self):
        out = self.perform(
            """
            agent.data["env"] = agent.run(["env"]).out
            agent.data["echo"] = agent.run(["echo", "$HOME;id"]).out
            """
        )
        self.assertIn("TZ=UTC\n", out.data["env"])
        self.assertIn("LC_ALL=C\n", out.data["env"])
        self.assertEqual(out.data["echo"], "$HOME;id\n")

    def test_secrets_come_out_of_nothing_that_is_said(self):
        hidden = 'pa"ss\\w$`ö'
        out = self.perform(
            """
            secret = agent.secrets["pw"]
            agent.log("it is " + secret)
            agent.run(["echo", secret])
            agent.finding("a.b", "info", secret, secret, {secret: [repr(secret), json.dumps(secret)]}, secret)
            agent.gap("x", secret)
            agent.data["x"] = secret
            """,
            secrets={"pw": hidden},
        )
        said = json.dumps(out.events, ensure_ascii=False)
        once = json.dumps(hidden)[1:-1]
        for form in (hidden, once, json.dumps(once)[1:-1]):
            self.assertNotIn(form, said)
        self.assertIn("[redacted]", said)

    def test_only_commands_of_the_manifest_go_through_sudo(self):
        body = "agent.is_root = False\nagent.run(['id', '-u'], sudo=True)\nagent.run(['id', '-g'], sudo=True)"
        commands = [event["argv"] for event in self.perform(body, run={"elevation": "commands"}).of("exec")]
        self.assertEqual([argv[1:3] == ["-n", "--"] for argv in commands], [True, False])
        commands = [event["argv"] for event in self.perform(body).of("exec")]
        self.assertFalse(any("--" in argv for argv in commands))

    def test_thousands_of_findings_end_as_a_count_and_the_run_survives(self):
        out = self.perform(
            """
            agent.finding("big", "info", "s", "t", {"x": "y" * 300000})
            for number in range(30000):
                agent.finding("many", "info", str(number), "t", {})
            for number in range(7000):
                agent.log("l" * 3000)
            """
        )
        self.assertEqual(len(out.findings), 500)
        self.assertEqual(len(out.of("log")), 5000)
        self.assertEqual(out.result["dropped"], {"finding": 29501, "log": 2000})
        self.assertLess(len(json.dumps(out.findings[0]["evidence"])), 8193)
        self.assertEqual(out.code, 0)

    def test_cancel_ends_the_run_its_commands_and_its_threads_at_once(self):
        out = self.perform(
            """
            agent.log("begun")
            agent.data["known"] = 1
            agent.together({"wait": (60, lambda: agent.run(["sleep", "61"], timeout=60))})
            """,
            stop_after_s=0.5,
        )
        self.assertEqual((out.code, out.result["status"], out.data), (5, "cancelled", {"known": 1}))
        self.assertLess(out.seconds, 6)

    def test_a_command_that_is_cut_off_is_on_record_and_what_comes_after_it_is_not_begun(self):
        out = self.perform(
            """
            agent.log("begun")
            agent.run(["sleep", "61"], timeout=60)
            agent.run(["true"])
            """,
            stop_after_s=0.5,
        )
        self.assertEqual((out.code, self.notes(out)), (5, ["cancelled"]))
        self.assertLess(out.seconds, 8)

    def test_a_stop_in_the_moment_a_command_starts_leaves_nothing_of_it_behind(self):
        out = self.perform(
            """
            import signal, subprocess
            start = subprocess.Popen._execute_child
            def start_and_stop(child, *args):
                start(child, *args)
                agent.data["pid"] = child.pid
                os.kill(os.getpid(), signal.SIGTERM)
            subprocess.Popen._execute_child = start_and_stop
            agent.run(["sleep", "61"], timeout=60)
            """
        )
        self.assertEqual((out.code, self.notes(out)), (5, ["cancelled"]))
        with self.assertRaises(ProcessLookupError):
            os.kill(out.data["pid"], 0)

    def test_a_command_that_closed_its_output_is_waited_for_and_ended_when_it_must(self):
        out = self.perform(
            """
            agent.data["rcs"] = [agent.run(["sh", "-c", "exec >&- 2>&-; sleep 0.3; exit 7"]).rc]
            agent.data["rcs"].append(agent.run(["sh", "-c", "exec >&- 2>&-; sleep 61"], timeout=0.5).rc)
            agent.progress("long")
            agent.run(["sh", "-c", "exec >&- 2>&-; exec sleep 62"], timeout=60)
            """,
            stop_at="long",
            stop_after_s=0.5,
        )
        self.assertEqual((out.code, out.data["rcs"]), (5, [7, -15]))
        self.assertEqual(self.notes(out), [None, "timeout", "cancelled"])
        self.assertLess(out.seconds, 8)

    def test_what_must_not_be_cut_in_two_is_done_before_a_stop_takes_effect(self):
        out = self.perform(
            """
            import signal
            with agent.undisturbed():
                os.kill(os.getpid(), signal.SIGTERM)
                with agent.undisturbed():
                    agent.log("told")
                agent.data["whole"] = True
            agent.data["after"] = True
            """
        )
        self.assertEqual((out.code, out.data), (5, {"whole": True}))
        self.assertEqual([event["msg"] for event in out.of("log")], ["told"])

    def test_a_run_out_of_time_says_so_itself_before_it_is_ended(self):
        out = self.perform("agent.data['known'] = 1\ntime.sleep(60)", run={"timeoutS": 2})
        self.assertEqual((out.code, out.result["status"], out.data), (4, "timeout", {"known": 1}))
        # Far from the end of its sleep, on the busiest machine too.
        self.assertLess(out.seconds, 30)

    def test_a_section_has_no_more_time_than_its_budget(self):
        begin = time.monotonic()
        out = self.perform(
            """
            with agent.section("slow", 0.5):
                agent.run(["sleep", "20"], timeout=20)
                agent.run(["sleep", "20"], timeout=20)
            """
        )
        self.assertEqual(self.notes(out), ["timeout"])
        self.assertEqual(out.gaps[0]["what"], "slow")
        self.assertLess(time.monotonic() - begin, 8)

    def test_a_thread_of_its_own_that_is_stopped_says_nothing_and_one_that_breaks_is_logged(self):
        out = self.perform(
            """
            import threading
            breaks = threading.Thread(target=lambda: 1 / 0)
            breaks.start()
            breaks.join()
            threading.Thread(target=lambda: agent.run(["sleep", "62"], timeout=60), daemon=True).start()
            time.sleep(60)
            """,
            stop_after_s=0.5,
        )
        self.assertEqual((out.code, out.result["status"], out.err), (5, "cancelled", ""))
        self.assertIn("ZeroDivisionError", out.of("log")[0]["msg"])

    def test_an_agent_that_the_manifest_gives_history_finds_it_by_key_oldest_first(self):
        out = self.perform(
            "agent.data.update(last=agent.history.last('k'), none=agent.history.last('x'))",
            history={"k": [[1, "old"], [2, "new"]]},
        )
        self.assertEqual(out.data, {"last": "new", "none": None})
