"""Targets as people name them, windows, what is remembered, and what is found by names."""

from __future__ import annotations

import os
import tempfile
import unittest

import agent
from agent_kit_rules import Finding, in_order
from discover import kind_of
from drill import File, Sample, is_plain, parse_canaries
from given import rules
from mounts import file_systems, mount_of, promised_mounts, why_missing
from remember import MOST_TARGETS, after, remember
from rules_drill import judge_drill
from target import parse_policies, parse_target
from test_given import DAY, HERE, NOW, PLACE, context, look
from window import choose_window


class TargetTest(unittest.TestCase):
    def test_a_target_is_its_kind_and_its_place(self):
        cases = [
            ("restic:/srv/backup", ("restic", "/srv/backup")),
            ("restic:/srv//a b/../c/", ("restic", "/srv/c")),
            ("restic:sftp:anna@nas:/pool/r", ("restic", "sftp:anna@nas:/pool/r")),
            ("borg:ssh://anna@nas/./repo", ("borg", "ssh://anna@nas/./repo")),
            ("restic:s3:https://s3.example/b", ("restic", "s3:https://s3.example/b")),
            ("zfs:tank/data", ("zfs", "tank/data")),
        ]
        for text, expected in cases:
            with self.subTest(text):
                it = parse_target(text, {})
                self.assertEqual((it.kind, it.location), expected)

    def test_what_a_program_could_take_for_an_option_is_no_place(self):
        for text in (
            "borg:--rsh=sh -c evil",
            "borg:-x",
            "borg:ssh://-oProxyCommand=evil/x",
            "restic:sftp:-oProxyCommand=evil:/x",
            "borg:anna@-oProxyCommand=x:/y",
            "zfs:-r",
            "restic:with space:/x",
            "restic:",
            "tape:/dev/st0",
            "restic",
            "borg:a\nb",
        ):
            with self.subTest(text), self.assertRaises(ValueError):
                parse_target(text, {})

    def test_a_policy_holds_for_its_target_alone(self):
        policies = parse_policies(["max_age_h=170 borg:/srv/w x", "keep_daily=7 borg:/srv/w x"])
        self.assertEqual(policies, {"borg:/srv/w x": {"max_age_h": 170.0, "keep_daily": 7.0}})
        self.assertEqual(parse_target("borg:/srv/w x/", policies).policy["max_age_h"], 170.0)
        self.assertEqual(parse_target("borg:/srv/other", policies).policy, {})
        for line in ("max_age_h=1", "colour=1 borg:/x", "nonsense"):
            with self.subTest(line), self.assertRaises(ValueError):
                parse_policies([line])


class WindowTest(unittest.TestCase):
    def test_all_of_it_is_read_after_as_many_runs_as_there_are_windows(self):
        names = ["%064x" % number for number in range(500)]
        windows = [choose_window({"turn": turn}, 100, 1000, 10) for turn in range(10)]
        self.assertEqual([window.of for window in windows], [10] * 10)
        read = [name for window in windows for name in names if window.has(name)]
        self.assertEqual(sorted(read), sorted(names))

    def test_what_is_larger_than_may_be_read_is_cut_finer(self):
        self.assertEqual(choose_window({}, 10**12, 2 * 10**9, 10).of, 640)
        self.assertEqual(choose_window({}, None, 2 * 10**9, 10).of, 10)
        self.assertEqual(choose_window({"turn": "x"}, 5, 0, 0), (0, 1))


class SampleTest(unittest.TestCase):
    def files(self, count=1000):
        return [File("/d/f%04d" % n, 1000 + n, NOW - n, "/d/f%04d" % n) for n in range(count)]

    def chosen(self, files, most_files=20, most_bytes=10**9, seed="a", canaries=None):
        sample = Sample(most_files, most_bytes, seed, canaries or {})
        for file in files:
            sample.add(file)
        return [file.path for file in sample.chosen()]

    def test_the_newest_the_biggest_and_some_others_the_same_for_the_same_seed(self):
        files = self.files()
        chosen = self.chosen(files)
        self.assertEqual(len(chosen), 20)
        self.assertLessEqual({"/d/f%04d" % n for n in (*range(5), 997, 998, 999)}, set(chosen))
        self.assertEqual(chosen, self.chosen(reversed(files)))
        self.assertNotEqual(set(chosen), set(self.chosen(files, seed="b")))

    def test_no_more_bytes_and_files_than_allowed(self):
        files = self.files(100)
        by_path = {file.path: file.size for file in files}
        for most_files, most_bytes in ((7, 10**9), (50, 10_000), (50, 999), (1, 1500)):
            with self.subTest(files=most_files, bytes=most_bytes):
                chosen = self.chosen(files, most_files, most_bytes)
                self.assertLessEqual(len(chosen), most_files)
                self.assertLessEqual(sum(by_path[path] for path in chosen), most_bytes)

    def test_the_canary_always_comes_first(self):
        self.assertEqual(self.chosen(self.files(), 1, canaries={"/d/f0500": "x"}), ["/d/f0500"])

    def test_paths_that_could_lead_out_of_the_folder_are_never_chosen(self):
        for path in ("/a/../../etc/passwd", "..", "a\0b", "", "a\ud800"):
            with self.subTest(repr(path)):
                self.assertFalse(is_plain(path))
        for path in ("/a/..b", "new\nline", " a ", "é"):
            self.assertTrue(is_plain(path))

    def test_canaries_are_paths_with_a_sum(self):
        self.assertEqual(parse_canaries(["/a=b=" + "A" * 64]), {"/a=b": "a" * 64})


class DrillRuleTest(unittest.TestCase):
    def found(self, **given):
        drill = {"files": 3, "identical": 0, "wrong": [], "failed": None, "stopped": None, **given}
        return rules(judge_drill(look(drill=drill)))

    def test_a_restore_that_fails_and_files_that_differ(self):
        failed = {"what": "restore", "rc": 1, "said": "x"}
        self.assertEqual(self.found(), [])
        self.assertEqual(self.found(stopped="too long"), [])
        self.assertEqual(self.found(failed=failed), [("backup.restore_failed", "critical")])
        wrong = [{"path": "/x", "why": "its content differs"}]
        self.assertEqual(self.found(wrong=wrong), [("backup.restore_mismatch", "critical")])
        gone = [{"path": "/x", "why": "it did not come back"}]
        self.assertEqual(self.found(wrong=gone), [("backup.restore_mismatch", "critical")])
        self.assertEqual(self.found(wrong=gone, failed=failed), [("backup.restore_failed", "critical")])
        self.assertEqual(judge_drill(look()), [])


class RememberTest(unittest.TestCase):
    def kept(self, looks, given):
        kept = {}

        class Past:
            def keep(self, key, value):
                kept[key] = value

        remember(Past(), looks, given)
        return kept

    def test_all_that_is_kept_stands_in_the_manifest(self):
        with open(HERE + "/agent.yaml", encoding="utf-8") as file:
            self.assertIn("history: [targets]\n", file.read())
        self.assertEqual(list(self.kept([look()], context())), ["targets"])

    def test_a_target_that_was_not_looked_at_keeps_what_is_known_of_it(self):
        given = context({"first_seen": 5})
        kept = self.kept([look(location="/other")], given)["targets"]
        self.assertEqual(kept[PLACE], {"first_seen": 5})
        self.assertEqual(kept["/other"]["first_seen"], round(NOW))

    def test_a_blind_moment_does_not_become_the_new_normal(self):
        before = {"first_seen": 5, "sizes": [[1, 2]], "bytes": {"nas": [9]}}
        self.assertEqual(after(look(missing="gone", size=0), context(), before), before)

    def test_no_more_targets_than_can_be_handed_back(self):
        looks = [look(location="/%d" % number) for number in range(MOST_TARGETS + 20)]
        kept = self.kept(looks, context())["targets"]
        self.assertEqual((len(kept), "/0" in kept, "/119" in kept), (MOST_TARGETS, False, True))

    def test_the_next_run_reads_the_next_part(self):
        check = {"how": "x", "ok": True, "window": "1/10", "whole": True}
        now = after(look(checks=[check]), context(), {"last": NOW - DAY})
        self.assertEqual((now["turn"], now["windows"], now["between"]), (1, {"0": round(NOW)}, DAY))
        self.assertEqual(choose_window(now, 100, 1000, 10), (1, 10))
        broken = after(look(checks=[{**check, "whole": False}]), context(), {})
        self.assertEqual((broken["turn"], broken["windows"]), (0, {}))


class DiscoverTest(unittest.TestCase):
    def test_folders_are_known_by_the_names_in_them(self):
        cases = [
            ({"config", "data", "index", "keys", "snapshots", "locks"}, "restic"),
            ({"config", "data", "index", "keys"}, None),
            ({"kopia.repository.f"}, "kopia"),
            ({".chunks", "vm", ".lock"}, "pbs"),
            ({".chunks"}, None),
            ({"duplicity-full.20261120T030000Z.manifest.gpg"}, "duplicity"),
            ({"vzdump-qemu-100-2026_11_20-03_00_00.vma.zst"}, "vzdump"),
            ({"daily.0", "daily.1"}, "rsnapshot"),
            ({"a.tar.gz", "b.sql"}, "archives"),
            ({"a.tar.gz", "b.txt"}, None),
            ({"a\n.tar.gz", "b\x1b[2J.zip"}, "archives"),
        ]
        for names, expected in cases:
            with self.subTest(names):
                self.assertEqual(kind_of("/nowhere", names), expected)


class MountTest(unittest.TestCase):
    MOUNTED = file_systems(
        "22 1 254:0 / / rw - ext4 /dev/vda rw\n"
        "30 22 0:30 / /mnt/nas\\040box rw shared:1 - nfs4 nas:/x rw\n"
        "31 22 0:31 / /mnt/ram rw - tmpfs tmpfs rw\nnonsense\n"
    )

    def test_mounts_are_read_with_their_odd_names(self):
        self.assertEqual(self.MOUNTED, {"/": "ext4", "/mnt/nas box": "nfs4", "/mnt/ram": "tmpfs"})
        self.assertEqual(mount_of("/mnt/nas box/a/b", self.MOUNTED), "/mnt/nas box")
        self.assertEqual(mount_of("/mnt/other", self.MOUNTED), "/")

    def test_what_fstab_promises(self):
        text = (
            "# /dev/sda1 /x ext4\nUUID=1 / ext4 defaults 0 1\n"
            "nas:/x /mnt/a\\040b nfs defaults 0 0\nUUID=2 none swap sw 0 0\n"
        )
        self.assertEqual(promised_mounts(text), {"/mnt/a b"})

    def test_a_mount_point_without_its_disk_counts_as_gone(self):
        with tempfile.TemporaryDirectory() as folder:
            point = folder + "/point"
            os.makedirs(point + "/repo")
            cases = [
                (point + "/repo", {point}, {}, "%s is not mounted" % point),
                (point + "/none", {point}, {}, "%s is not mounted" % point),
                (point + "/none", set(), {}, "there is nothing at this path"),
                (point + "/repo", set(), {}, "the folder is empty: its disk may not be mounted"),
                (point, {point}, {point: "ext4"}, None),
            ]
            for path, promised, mounted, expected in cases:
                with self.subTest(path=path, promised=promised):
                    self.assertEqual(why_missing(path, mounted, promised), expected)


class OrderTest(unittest.TestCase):
    def test_the_gravest_comes_first(self):
        findings = [
            Finding(rule, severity, "", "", {}, "") for rule, severity in (("b", "info"), ("c", "critical"))
        ]
        self.assertEqual([it.rule for it in in_order(findings)], ["c", "b"])

    def test_every_kind_of_the_manifest_has_a_collector(self):
        with open(HERE + "/agent.yaml", encoding="utf-8") as file:
            kinds = "(%s)" % "|".join(agent.COLLECTORS)
            self.assertIn('pattern: "^%s:' % kinds, file.read())
