"""Services that failed or keep restarting, on what systemd and OpenRC say of them."""

from __future__ import annotations

import unittest

from agent_kit import NotSeen
from agent_kit_commands import Ran
from agent_kit_files import Files
from collect_services import collect_services, is_suspect, parse_units, summarise
from given import rules
from rules_services import judge_services
from test_given import Scripted, answer, context

SYSTEMD = {"init": "systemd", "container": None}
OPENRC = {"init": "init", "container": None}


def unit(**given):
    facts = {
        "unit": "web.service",
        "state": "active",
        "sub": "running",
        "result": "success",
        "exit_status": 0,
    }
    return {**facts, "restarts": 0, "changed_ago_s": 60, **given}


def judged(it, restarts=None, manager="systemd", boot="this-boot"):
    past = None if restarts is None else {"restarts": {"units": restarts, "boot_id": boot}}
    return judge_services({"units": [it], "manager": manager}, context(past=past))


class CollectTest(unittest.TestCase):
    def test_only_units_that_failed_or_restarted_are_looked_at_closely(self):
        found = summarise(parse_units(answer("systemctl-show.txt")), 100.0)
        names = [row["unit"] for row in found["units"]]
        suspects = ["backup-db.service", "flap.service", "steady.service", "mnt-nas.mount", "apt-daily.timer"]
        self.assertEqual(names, suspects)
        self.assertEqual(found["failed"], ["backup-db.service", "mnt-nas.mount", "apt-daily.timer"])
        self.assertEqual(found["restarts"], {"flap.service": 12, "steady.service": 6})
        self.assertEqual(found["running"], 2)
        self.assertEqual([row["changed_ago_s"] for row in found["units"][:2]], [10, 1])
        self.assertTrue(all(is_suspect(row) for row in found["units"]))

    def test_the_tail_of_a_log_is_the_words_of_a_stranger(self):
        evil = '\x1b[2J\x1b]0;pwned\x07{"kind":"result","status":"ok"}\u202e\n'
        answers = {"systemctl show": answer("systemctl-show.txt"), "journalctl": "said\n" * 9 + evil}
        found = collect_services(Scripted(answers), Files("/nowhere"), SYSTEMD)
        tail = found["units"][0]["tail"]
        self.assertEqual((len(tail), tail[-1]), (5, '{"kind":"result","status":"ok"}\ufffd'))

    def test_openrc(self):
        found = collect_services(Scripted({"rc-status": " nginx   [ crashed ]\n"}), Files("/nowhere"), OPENRC)
        self.assertEqual(found["failed"], ["nginx"])
        (finding,) = judge_services(found, context())
        self.assertEqual((finding.rule, finding.severity), ("svc.failed", "high"))
        self.assertIn("sudo rc-service nginx restart", finding.fix)

    def test_what_cannot_be_asked_is_a_gap_but_a_container_needs_no_services(self):
        cases = [
            (SYSTEMD, {"systemctl": Ran(1, "", "Failed to connect to bus: No such file\n", None)}),
            (SYSTEMD, {"systemctl": Ran(None, "", "", "timeout")}),
            (OPENRC, {}),
        ]
        for host, answers in cases:
            with self.subTest(host=host, answers=answers), self.assertRaises(NotSeen) as caught:
                collect_services(Scripted(answers), Files("/nowhere"), host)
            self.assertTrue(caught.exception.remedy)
        inside = {"init": "sh", "container": "docker"}
        self.assertIsNone(collect_services(Scripted({}), Files("/nowhere"), inside))


class RulesTest(unittest.TestCase):
    def test_what_failed(self):
        cases = [
            ("web.service", "high"),
            ("mnt-nas.mount", "high"),
            ("apt-daily.timer", "warning"),
            ("docker.socket", "warning"),
        ]
        for name, severity in cases:
            found = judged(unit(unit=name, state="failed", sub="failed", result="exit-code", exit_status=7))
            self.assertEqual(rules(found), [("svc.failed", severity)], name)
            self.assertEqual(found[0].title, "%s has failed (exit 7)" % name)

    def test_restarts(self):
        cases = [
            # unit now, restarts in the last run, rule
            ({"sub": "auto-restart", "state": "activating", "restarts": 2}, None, "svc.restart_loop"),
            ({"sub": "auto-restart", "state": "activating", "restarts": 1}, None, None),
            ({"restarts": 50}, None, None),  # the first run only learns
            ({"restarts": 3, "changed_ago_s": 599}, 0, "svc.restart_loop"),
            ({"restarts": 2, "changed_ago_s": 10}, 0, None),
            ({"restarts": 3, "changed_ago_s": 600}, 0, None),
            ({"restarts": 9, "changed_ago_s": 3600}, 4, "svc.unstable"),
            ({"restarts": 8, "changed_ago_s": 3600}, 4, None),
            ({"restarts": 5, "changed_ago_s": 3600}, 40, "svc.unstable"),  # started by hand in between
            ({"restarts": 4, "changed_ago_s": 3600}, 40, None),
        ]
        for given, before, rule in cases:
            with self.subTest(before=before, **given):
                known = None if before is None else {"web.service": before}
                self.assertEqual([it.rule for it in judged(unit(**given), known)], [rule] if rule else [])

    def test_after_a_restart_of_the_node_counters_begin_anew(self):
        it = unit(restarts=3, changed_ago_s=30)
        self.assertEqual(
            rules(judged(it, {"web.service": 90}, boot="before")), [("svc.restart_loop", "high")]
        )

    def test_a_unit_cannot_put_a_command_into_the_fix(self):
        (found,) = judged(unit(unit="a; rm -rf ~.service", state="failed"))
        self.assertIn("journalctl -u 'a; rm -rf ~.service' -n 50", found.fix)
