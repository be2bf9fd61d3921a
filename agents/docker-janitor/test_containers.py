"""Which containers and stacks need a person, on what Docker says of them."""

from __future__ import annotations

import tempfile
import unittest

from collect_kills import parse_kills, since_when
from given import rules
from moments import to_moment
from rules_compose import judge_projects, projects_of
from rules_containers import judge_containers, judge_kills
from rules_engine import judge_disk
from rules_resources import judge_resources
from test_given import DAY, NOW, context, row

GIB = 1 << 30
NO_EVENTS = {"oom": [], "kill": []}
MIB = 1 << 20


def judged(*rows, past=None, **options):
    return judge_containers(list(rows), context(past, **options))


def above_info(findings):
    return [found for found in rules(findings) if found[1] != "info"]


class ContainersTest(unittest.TestCase):
    def test_a_container_in_order_is_told_nothing_of(self):
        self.assertEqual(judged(row()), [])

    def test_restarts(self):
        known = row()["id"][:12]
        cases = [
            # state, restarts, started ago, what the last run kept, told
            ({"state": "restarting", "restarts": 2}, None, True),
            ({"state": "restarting", "restarts": 1}, None, False),
            ({"restarts": 90, "started": 60}, None, False),  # the first run only learns…
            ({"restarts": 3, "started": 60, "created": 3600}, None, True),  # …but of a young one all count
            ({"restarts": 13, "started": 60}, {"id": known, "restarts": 10}, True),
            ({"restarts": 12, "started": 60}, {"id": known, "restarts": 10}, False),
            ({"restarts": 13, "started": 901}, {"id": known, "restarts": 10}, False),
            ({"restarts": 3, "started": 60}, {"id": known, "restarts": 10}, True),  # started by hand since
            ({"restarts": 13, "started": 60}, {"id": "another", "restarts": 12}, True),  # made anew since
            ({"state": "exited", "restarts": 13}, {"id": known, "restarts": 10}, False),
        ]
        for given, before, told in cases:
            with self.subTest(before=before, **given):
                past = {"containers": {"web": before}} if before else None
                found = [it.rule for it in judged(row(**given), past=past)]
                self.assertEqual("docker.restart_loop" in found, told)

    def test_one_that_may_do_everything_or_holds_the_socket_of_docker(self):
        cases = [
            ({"privileged": True}, ["docker.privileged"]),
            ({"binds": ["/var/run/docker.sock"]}, ["docker.sock_mounted"]),
            ({"binds": ["/run/user/1000/docker.sock"]}, ["docker.sock_mounted"]),
            ({"binds": ["/srv/docker.socks.d"], "state": "running"}, []),
            ({"binds": ["/var/run/docker.sock"], "state": "exited"}, []),
        ]
        for given, told in cases:
            with self.subTest(**given):
                self.assertEqual(rules(judged(row(**given))), [(rule, "info") for rule in told])

    def test_health(self):
        health = {"Status": "unhealthy", "FailingStreak": 4, "Log": [{"Output": "\x1b[31mdb refused\n"}]}
        (found,) = judged(row(health=health))
        self.assertEqual((found.rule, found.severity), ("docker.unhealthy", "high"))
        self.assertEqual(found.evidence, {"failing_streak": 4, "last_output": "db refused"})
        self.assertEqual(judged(row(health={"Status": "starting"})), [])

    def test_ended_with_an_error(self):
        cases = [
            ({"exit": 1, "policy": "always"}, True),
            ({"exit": 1, "policy": "unless-stopped"}, True),
            ({"exit": 1, "policy": "no"}, False),
            ({"exit": 0, "policy": "always"}, False),
            ({"exit": 137, "policy": "always"}, False),  # stopped by somebody
            ({"exit": 143, "policy": "always"}, False),
        ]
        for given, told in cases:
            with self.subTest(**given):
                found = above_info(judged(row(state="exited", **given)))
                self.assertEqual(found, [("docker.exited_error", "warning")] if told else [])

    def test_dead(self):
        self.assertEqual(above_info(judged(row(state="dead"))), [("docker.dead", "high")])

    def test_logs(self):
        cases = [
            ({"log_bytes": 256 * MIB}, False, "warning"),
            ({"log_bytes": 255 * MIB}, False, None),
            ({"log_bytes": 1024 * MIB}, False, "high"),
            ({"log_bytes": 9999 * MIB}, True, None),
            ({"log_bytes": None}, False, None),
        ]
        for given, is_rotated, severity in cases:
            with self.subTest(**given):
                it = {**row(), **given, "log_rotated": is_rotated, "log_hidden": given["log_bytes"] is None}
                found = judged(it)
                expected = [("docker.log_growth", severity)] if severity else []
                self.assertEqual([one for one in rules(found) if one[0] == "docker.log_growth"], expected)
        hidden = {**row(), "log_rotated": False, "log_hidden": True}
        self.assertEqual(rules(judged(hidden)), [("docker.log_unbounded", "info")])

    def test_what_is_worth_knowing(self):
        cases = [
            ({"privileged": True}, "docker.privileged"),
            ({"memory": 0}, "docker.no_mem_limit"),
            ({"ports": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}}, "docker.port_all"),
        ]
        for given, rule in cases:
            with self.subTest(**given):
                self.assertEqual(rules(judged(row(**given))), [(rule, "info")])
        local = {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}
        self.assertEqual(judged(row(ports=local)), [])

    def test_long_stopped(self):
        self.assertEqual(
            rules(judged(row(state="exited", finished=31 * DAY))), [("docker.stopped_containers", "info")]
        )
        self.assertEqual(judged(row(state="exited", finished=29 * DAY)), [])
        never = {**row(state="created", created=40 * DAY), "finished": None}
        self.assertEqual(rules(judged(never)), [("docker.stopped_containers", "info")])

    def test_a_name_cannot_put_a_command_into_the_fix(self):
        (found,) = judged(row(name="a; rm -rf ~", state="restarting", restarts=5))
        self.assertIn("docker logs --tail 50 'a; rm -rf ~'.", found.fix)


class KillsTest(unittest.TestCase):
    LINE = (
        "[%s] oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/docker/%s,task_memcg=/docker/%s,task=sh,pid=1"
    )

    def test_the_kernels_log_names_the_container(self):
        key = row()["id"]
        text = "\n".join(
            [
                self.LINE % ("  900.5", key, key),
                self.LINE % ("  10.5", key, key),
                self.LINE % ("  950.0", "b" * 64, "b" * 64),
                "[  960.0] oom-kill:constraint=CONSTRAINT_NONE,task_memcg=/user.slice,task=x",
            ]
        )
        self.assertEqual(parse_kills(text, NOW, 1000.0, NOW - 500), {key: 1, "b" * 64: 1})

    def test_since_when_a_kill_is_news(self):
        cases = [(None, 1), (NOW - 3600, 1), (NOW - 3 * DAY, 3), (NOW - 30 * DAY, 7)]
        for last_run, days in cases:
            self.assertEqual(since_when(NOW, last_run), NOW - days * DAY)

    def test_who_was_killed(self):
        key = row()["id"]
        killed = {"state": "exited", "exit": 137}
        cases = [
            (row(**killed), {key: 2}, NO_EVENTS, [("docker.oom_killed", "high")]),
            (row(), {key: 1}, NO_EVENTS, [("docker.oom_killed", "high")]),  # it was started again
            (row(oom=True, **killed), None, NO_EVENTS, [("docker.oom_killed", "high")]),
            (row(**killed), {}, {"oom": [key], "kill": []}, [("docker.oom_killed", "high")]),
            (row(**killed), {}, NO_EVENTS, []),  # the log was read, and does not name it
            (row(**killed), None, NO_EVENTS, [("docker.oom_killed", "warning")]),
            (row(**killed), None, {"oom": [], "kill": [key]}, []),  # `docker kill`
            (row(memory=0, **killed), None, NO_EVENTS, []),
        ]
        for it, kills, events, expected in cases:
            with self.subTest(kills=kills, events=events):
                self.assertEqual(rules(judge_kills([it], kills, events)), expected)


def service(name, state="running", project="shop", **given):
    labels = {
        "com.docker.compose.project": project,
        "com.docker.compose.service": name,
        "com.docker.compose.oneoff": "True" if given.pop("oneoff", False) else "False",
        "com.docker.compose.depends_on": given.pop("depends", ""),
        "com.docker.compose.project.working_dir": given.pop("workdir", ""),
    }
    return row("%s-%s-%d" % (project, name, given.pop("number", 1)), state, labels=labels, **given)


def stacks(*rows, past=None, is_root=False):
    return judge_projects(projects_of(list(rows)), context(past), is_root)


class ComposeTest(unittest.TestCase):
    def test_a_part_that_is_down(self):
        (found,) = stacks(
            service("web", depends="db:service_started:false,cache:service_healthy:true"),
            service("db", "exited", exit=1),
            service("cache"),
            service("migrate", "exited"),
            service("tool", "exited", exit=9, oneoff=True),
        )
        self.assertEqual((found.rule, found.severity, found.subject), ("compose.degraded", "high", "shop"))
        self.assertEqual([it["service"] for it in found.evidence["down"]], ["db"])
        self.assertEqual(found.evidence["needed_by"], {"db": ["web"]})

    def test_one_that_is_needed_and_has_no_container(self):
        (found,) = stacks(service("web", depends="db:service_started:false"))
        self.assertEqual(found.evidence["missing"], ["db"])

    def test_one_of_the_last_runs_is_missing(self):
        known = {"blog": {"services": ["redis", "web"], "replicas": {"web": 2, "redis": 1}}}
        now = {"blog": {"services": ["web"], "replicas": {"web": 1}}}
        web = service("web", project="blog")
        (found,) = stacks(web, past={"projects": known})
        self.assertEqual(found.evidence["missing"], ["redis"])
        self.assertEqual(found.evidence["fewer_replicas"], {"web": [2, 1]})
        series = [(NOW - 4 * DAY, known), *((NOW - days * DAY, now) for days in (3, 2, 1))]
        self.assertEqual(stacks(web, past={"projects": series}), [])  # taken out on purpose

    def test_a_stack_that_was_stopped_is_no_matter_but_one_that_broke_is(self):
        stopped = service("web", "exited", exit=137, policy="always")
        broken = service("web", "exited", exit=1, policy="always")
        restarting = service("web", "restarting", exit=1, policy="always")
        self.assertEqual(stacks(stopped), [])
        self.assertEqual(rules(stacks(broken)), [("compose.down", "warning")])
        self.assertEqual(rules(stacks(restarting)), [("compose.down", "warning")])

    def test_a_stack_whose_files_are_gone_is_told_to_root_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            here, gone = service("web", workdir=folder), service("web", workdir=folder + "/my stack")
            self.assertEqual(stacks(here, is_root=True), [])
            self.assertEqual(stacks(gone), [])
            (found,) = stacks(gone, is_root=True)
        self.assertEqual(
            (found.rule, found.severity, found.subject), ("compose.files_missing", "warning", "shop")
        )


class DiskTest(unittest.TestCase):
    def judged(self, pct, avail, before=None, past=(), freed=None, **options):
        capacity = 100 * GIB
        disk = {"pct": pct, "used": capacity * pct / 100, "avail": avail}
        engine = {"disk": disk, "root": "/var/lib/docker"}
        levels = {"docker.root_disk:/var/lib/docker": before} if before else {}
        series = [(NOW - days * DAY, [capacity * part / 100, capacity]) for days, part in past]
        return judge_disk(engine, freed, context({"levels": levels, "disk": series}, **options))

    def test_levels_with_slack_on_the_way_down_and_none_where_much_is_left(self):
        cases = [
            # percent, GiB left, what the last run said, told
            (84.9, 15, None, None),
            (85, 15, None, "warning"),
            (84, 15, "warning", "warning"),
            (81.9, 15, "warning", None),
            (95, 5, None, "critical"),
            (93, 7, "critical", "critical"),
            (91.9, 8, "critical", "warning"),
            (96, 1000, None, None),  # of 20 TB
            (96, 100, None, "warning"),
        ]
        for pct, left, before, told in cases:
            with self.subTest(pct=pct, left=left, before=before):
                found = rules(self.judged(pct, left * GIB, before))
                self.assertEqual(found, [("docker.root_disk", told)] if told else [])

    def test_it_is_told_before_it_is_full_and_what_cleaning_would_free(self):
        rising = [(days, 70 - 2 * days) for days in range(20, 0, -1)]
        (found,) = self.judged(70, 30 * GIB, past=rising, freed=(0, 3 * 10**9), fill_days_warn=20)
        self.assertEqual((found.rule, found.severity), ("docker.root_disk", "warning"))
        self.assertIn("in about 15 days", found.title)
        self.assertIn("frees up to 3", found.fix.replace("would free", "frees"))
        self.assertEqual(self.judged(70, 30 * GIB, past=[(days, 70) for days in range(20, 0, -1)]), [])


class ResourcesTest(unittest.TestCase):
    def judged(self, it, memory, throttled=None, past=None):
        stats = {it["id"]: {"memory": memory, "throttled": throttled}}
        return rules(judge_resources([it], stats, context(past)))

    def series(self, it, memory, runs=14, apart=0.5 * DAY):
        kept = {"web": [it["id"][:12], it["mem_limit"], memory, None]}
        return {"stats": [(NOW - (runs - at) * apart, kept) for at in range(runs)]}

    def test_close_to_the_limit(self):
        it = row(memory=100 * MIB)
        self.assertEqual(self.judged(it, 90 * MIB), [("docker.mem_near_limit", "warning")])
        self.assertEqual(self.judged(it, 89 * MIB), [])
        self.assertEqual(
            self.judged(it, 1, past=self.series(it, 95 * MIB)), [("docker.mem_near_limit", "warning")]
        )
        # What it took with another limit, or long ago, says nothing.
        other = self.series({**it, "mem_limit": 50 * MIB}, 95 * MIB)
        self.assertEqual(self.judged(it, 1, past=other), [])
        long_ago = self.series(it, 95 * MIB, runs=1, apart=15 * DAY)
        self.assertEqual(self.judged(it, 1, past=long_ago), [])

    def test_far_more_than_it_takes(self):
        it = row(memory=4096 * MIB)
        self.assertEqual(
            self.judged(it, 100 * MIB, past=self.series(it, 90 * MIB)), [("docker.mem_oversized", "info")]
        )
        self.assertEqual(self.judged(it, 100 * MIB), [])  # once is not enough
        self.assertEqual(self.judged(it, 100 * MIB, past=self.series(it, 970 * MIB)), [])

    def test_held_back(self):
        self.assertEqual(self.judged(row(cpus=500_000_000), 1, 60.0), [("docker.cpu_throttled", "info")])
        self.assertEqual(self.judged(row(cpus=500_000_000), 1, 20.0), [])
        self.assertEqual(self.judged(row(), 1, 60.0), [])


class MomentsTest(unittest.TestCase):
    def test_dockers_times(self):
        cases = [
            ("2027-01-15T08:00:00Z", NOW),
            ("2027-01-15T08:00:00.25Z", NOW + 0.25),
            ("2027-01-15T10:00:00.123456789+02:00", NOW + 0.123456789),
            ("2027-01-15T03:00:00-05:00", NOW),
            ("0001-01-01T00:00:00Z", None),
            ("2027-13-15T08:00:00Z", None),
            ("soon", None),
            (None, None),
            (7, None),
        ]
        for text, moment in cases:
            with self.subTest(text=text):
                self.assertEqual(to_moment(text), moment)
