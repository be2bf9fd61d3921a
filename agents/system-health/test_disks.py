"""File systems: which of them count, and from when on they are worth a word."""

from __future__ import annotations

import errno
import os
import tempfile
import unittest

from agent_kit_commands import Ran
from agent_kit_files import Files
from collect_disks import collect_disks, fold, is_disk, parse_fstab, parse_mountinfo
from given import rules
from rules_disks import count_mounts, judge_disks, keep_use
from test_given import DAY, GIB, NOW, Scripted, answer, context

MIB = 1 << 20


def row(mount="/srv", pct=50.0, size=100 * GIB, **fields):
    used = int(size * pct / 100)
    facts = {
        "mount": mount,
        "fstype": "ext4",
        "source": "/dev/sdb1",
        "state": "ok",
        "ro": False,
        "ro_super": False,
    }
    facts.update(fstab=None, size=size, used=used, avail=size - used, pct=pct)
    return {**facts, **fields}


def judged(*rows, given=None, mounted=()):
    return judge_disks(list(rows), set(mounted) | {it["mount"] for it in rows}, given or context())


class MountsTest(unittest.TestCase):
    def test_only_what_can_fill_up_counts_and_each_store_once(self):
        rows = fold([it for it in parse_mountinfo(answer("mountinfo.txt")) if is_disk(it)])
        found = [it["mount"] for it in rows]
        expected = ["/", "/mnt/cloud", "/mnt/nas", "/run", "/srv/data disk", "/srv/hurt", "/srv/old", "/tank"]
        self.assertEqual(found, [*expected, "/var/log", "/vol"])

    def test_read_only_is_told_from_a_file_system_that_turned_itself_read_only(self):
        by_mount = {it["mount"]: it for it in parse_mountinfo(answer("mountinfo.txt"))}
        cases = [("/srv/old", True, True), ("/srv/hurt", False, True), ("/", False, False)]
        for mount, ro, ro_super in cases:
            self.assertEqual((by_mount[mount]["ro"], by_mount[mount]["ro_super"]), (ro, ro_super), mount)

    def test_an_emergency_of_a_newer_kernel_is_seen(self):
        (it,) = parse_mountinfo("1 1 8:1 / / rw - ext4 /dev/sda1 rw,emergency_ro")
        self.assertTrue(it["ro_super"])

    def test_the_entries_of_fstab_that_must_be_there_after_a_start(self):
        expected = [it["mount"] for it in parse_fstab(answer("fstab.txt")) if it["expected"]]
        self.assertEqual(expected, ["/", "/srv/data disk", "/srv/gone", "/srv/hurt", "/srv/old", "/var/log"])


class CollectTest(unittest.TestCase):
    def collect(self, ask, agent=None, mountinfo=None):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        os.makedirs(folder.name + "/proc/self")
        os.makedirs(folder.name + "/etc")
        with open(folder.name + "/proc/self/mountinfo", "w") as file:
            file.write(mountinfo or answer("mountinfo.txt"))
        with open(folder.name + "/etc/fstab", "w") as file:
            file.write(answer("fstab.txt"))
        agent = agent or Scripted({})
        return agent, collect_disks(agent, Files(folder.name), ask)

    def test_capacity_leaves_out_what_is_reserved_for_root(self):
        _, disks = self.collect(lambda _: [4096, 1000, 300, 250, 100, 40])
        first = disks.rows[0]
        self.assertEqual((first["used"], first["avail"]), (700 * 4096, 250 * 4096))
        self.assertEqual((first["pct"], first["inodes_pct"]), (73.7, 60.0))

    def test_file_systems_without_inodes_or_without_blocks(self):
        answers = {"/vol": [4096, 10, 5, 5, 0, 0], "/run": [4096, 0, 0, 0, 0, 0]}
        _, disks = self.collect(lambda mount: answers.get(mount, [4096, 10, 5, 5, 10, 5]))
        by_mount = {it["mount"]: it for it in disks.rows}
        self.assertNotIn("inodes_pct", by_mount["/vol"])
        self.assertNotIn("/run", by_mount)

    def test_a_mount_that_does_not_answer_is_a_row_and_a_gap(self):
        answers = {"/mnt/nas": None, "/mnt/cloud": errno.ESTALE, "/srv/old": errno.EACCES}
        agent, disks = self.collect(lambda mount: answers.get(mount, [4096, 10, 5, 5, 10, 5]))
        states = {it["mount"]: it["state"] for it in disks.rows if it["state"] != "ok"}
        missing = {"/srv/gone": "missing"}
        seen = {"/mnt/nas": "hung", "/mnt/cloud": "error", "/srv/old": "error"}
        self.assertEqual(states, {**seen, **missing})
        self.assertEqual(sorted(agent.gaps), ["disks: /mnt/cloud", "disks: /mnt/nas", "disks: /srv/old"])

    def test_one_mount_that_hangs_hides_none_of_the_others(self):
        text = "".join("%d 1 8:%d / /srv/%d rw - ext4 /dev/sd%d rw\n" % (n, n, n, n) for n in range(1, 6))
        ok = "[4096, 10, 5, 5, 10, 5]\n"

        class Hanging(Scripted):
            """Its child hangs at /srv/3."""

            def run(self, argv, **_):
                asked = argv[argv.index("-c") + 2 :]
                if "/srv/3" not in asked:
                    return Ran(0, ok * len(asked), "", None)
                return Ran(-15, ok * asked.index("/srv/3"), "", "timeout")

        agent, disks = self.collect(None, Hanging({}), text)
        states = {it["mount"]: it["state"] for it in disks.rows}
        self.assertEqual([states["/srv/%d" % n] for n in range(1, 6)], ["ok", "ok", "hung", "ok", "ok"])
        self.assertEqual(agent.gaps, ["disks: /srv/3"])

    def test_a_pool_of_zfs_counts_what_lies_in_all_its_datasets(self):
        agent = Scripted({"zfs list": "tank\t9000\t1000\n"})
        _, disks = self.collect(lambda _: [1, 1100, 1000, 1000, 0, 0], agent)
        tank = next(it for it in disks.rows if it["mount"] == "/tank")
        self.assertEqual((tank["used"], tank["avail"], tank["pct"]), (9000, 1000, 90.0))

    def test_mounts_that_are_to_be_left_alone_are_not_looked_at(self):
        asked = []
        agent = Scripted({}, mounts_skip=["/mnt/*", "/srv/gone"])
        self.collect(lambda mount: asked.append(mount) or [4096, 10, 5, 5, 10, 5], agent)
        self.assertEqual([mount for mount in asked if mount.startswith("/mnt")], [])


class FullTest(unittest.TestCase):
    def test_full_and_nearly_full_with_room_for_large_disks(self):
        cases = [
            # percent, size in GiB, severity
            (84.9, 100, None),
            (85, 100, "warning"),
            (94.9, 100, "warning"),
            (95, 100, "critical"),
            (100, 100, "critical"),
            (95, 900, "critical"),  # 45 GiB are left
            (95, 1000, "warning"),  # 50 GiB are left
            (96, 20000, None),  # 800 GiB are left
            (85, 1400, None),  # 210 GiB are left
        ]
        for pct, gib, severity in cases:
            with self.subTest(pct=pct, gib=gib):
                found = judged(row(pct=pct, size=gib * GIB))
                self.assertEqual(rules(found), [("disk.full", severity)] if severity else [])

    def test_three_points_of_slack_on_the_way_down(self):
        cases = [
            # percent now, severity in the last run, severity now
            (84, "warning", "warning"),
            (82, "warning", "warning"),
            (81.9, "warning", None),
            (84, "", None),
            (93, "critical", "critical"),
            (92, "critical", "critical"),
            (91.9, "critical", "warning"),
            (93, "warning", "warning"),
            (82, "critical", "warning"),
        ]
        for pct, before, severity in cases:
            with self.subTest(pct=pct, before=before):
                given = context(before={"disk.full:/srv": before})
                self.assertEqual(
                    rules(judged(row(pct=pct), given=given)), [("disk.full", severity)] if severity else []
                )

    def test_what_nothing_can_fill_is_never_full(self):
        self.assertEqual(judged(row(pct=100, ro=True)), [])

    def test_thresholds_are_options(self):
        self.assertEqual(
            rules(judged(row(pct=61), given=context(disk_warn_pct=60))), [("disk.full", "warning")]
        )

    def test_the_finding_says_where_how_full_and_what_to_do(self):
        (found,) = judged(row("/srv/it's", pct=97))
        self.assertEqual(found.title, "/srv/it's is 97 % full (3.2 GB left)")
        self.assertIn("""sudo du -xhd2 '/srv/it'"'"'s'""", found.fix)
        self.assertEqual(found.evidence["pct"], 97)

    def test_inodes(self):
        cases = [(84.9, None), (85, "warning"), (94.9, "warning"), (95, "critical")]
        for pct, severity in cases:
            with self.subTest(pct=pct):
                it = row(inodes=100000, inodes_used=int(1000 * pct), inodes_pct=pct)
                self.assertEqual(rules(judged(it)), [("disk.inodes", severity)] if severity else [])


class GrowthTest(unittest.TestCase):
    def grown(self, per_day_pct, days, now_pct, inodes=False, jitter=0.0):
        capacity = 100 * GIB
        samples = []
        for half in range(2 * days):
            ago = days - half / 2
            share = (now_pct - per_day_pct * ago + jitter * (half % 3 - 1)) / 100
            used = [int(capacity * share), capacity, None, None]
            if inodes:
                used = [capacity // 2, capacity, int(1e6 * share), 1000000]
            samples.append((NOW - ago * DAY, {"/srv": used}))
        return context(past={"disk": samples})

    def test_how_soon_it_will_be_full_decides(self):
        cases = [
            # percent a day, percent now, rule and severity
            (5, 78, [("disk.fill_forecast", "warning")]),  # 4.4 days
            (5, 84, [("disk.fill_forecast", "warning")]),  # 3.2 days
            (6, 83, [("disk.fill_forecast", "critical")]),  # 2.8 days
            (2, 74, [("disk.fill_forecast", "warning")]),  # 13 days
            (2, 70, []),  # 15 days
            (0, 80, []),
            (-1, 80, []),
        ]
        for per_day, now_pct, expected in cases:
            with self.subTest(per_day=per_day, now=now_pct):
                given = self.grown(per_day, 12, now_pct, jitter=0.2)
                self.assertEqual(rules(judged(row(pct=now_pct), given=given)), expected)

    def test_a_full_disk_needs_no_forecast_and_a_nearly_full_one_has_both(self):
        self.assertEqual(rules(judged(row(pct=96), given=self.grown(1, 12, 96))), [("disk.full", "critical")])
        both = rules(judged(row(pct=90), given=self.grown(1, 12, 90)))
        self.assertEqual(both, [("disk.full", "warning"), ("disk.fill_forecast", "warning")])

    def test_inodes_are_foretold_too(self):
        it = row(inodes=1000000, inodes_used=780000, inodes_pct=78.0)
        found = judged(it, given=self.grown(5, 12, 78, inodes=True))
        self.assertEqual(rules(found), [("disk.inode_forecast", "warning")])

    def test_a_sudden_rise_that_would_fill_it_within_a_day(self):
        cases = [
            # percent before, hours ago, percent now, told
            (50, 2, 61, True),
            (50, 2, 59.9, False),  # not by more than a tenth
            (40, 48, 60, False),  # two days more
            (60, 2, 50, False),
        ]
        for before, hours, now_pct, told in cases:
            with self.subTest(before=before, hours=hours, now=now_pct):
                value = {"/srv": [int(before * GIB), 100 * GIB, None, None]}
                given = context(past={"disk": [(NOW - hours * 3600, value)]})
                found = rules(judged(row(pct=now_pct), given=given))
                self.assertEqual(found, [("disk.fast_growth", "warning")] if told else [])

    def test_a_disk_that_was_exchanged_for_a_larger_one_has_not_grown(self):
        given = context(past={"disk": [(NOW - 3600, {"/srv": [40 * GIB, 50 * GIB, None, None]})]})
        self.assertEqual(judged(row(pct=80), given=given), [])

    def test_damaged_history_is_passed_over(self):
        for value in (None, 7, {"/srv": None}, {"/srv": [1]}, {"/srv": [None, 0, None, None]}):
            self.assertEqual(judged(row(), given=context(past={"disk": [(NOW - DAY, value)]})), [])


class MountHealthTest(unittest.TestCase):
    def test_mounts_that_do_not_answer(self):
        cases = [
            ({"state": "hung"}, [("disk.mount_hung", "high")]),
            ({"state": "error", "errno": errno.ESTALE}, [("disk.mount_stale", "high")]),
            ({"state": "error", "errno": errno.EACCES}, []),
            ({"state": "missing"}, [("disk.mount_missing", "high")]),
        ]
        for state, expected in cases:
            with self.subTest(**state):
                it = {"mount": "/mnt/nas", "fstype": "nfs4", "source": "nas:/x", **state}
                self.assertEqual(rules(judged(it)), expected)

    def test_in_a_container_fstab_promises_nothing(self):
        it = {"mount": "/srv", "fstype": "ext4", "source": "/dev/sdb1", "state": "missing"}
        self.assertEqual(judged(it, given=context(host={"container": "lxc"})), [])

    def test_read_only_where_somebody_wants_to_write(self):
        cases = [
            # mount, super block, options of fstab, told
            (False, True, None, True),
            (True, True, ["defaults"], True),
            (True, True, ["ro"], False),
            (True, True, None, False),
            (False, False, ["defaults"], False),
        ]
        for ro, ro_super, fstab, told in cases:
            with self.subTest(ro=ro, ro_super=ro_super, fstab=fstab):
                found = rules(judged(row(ro=ro, ro_super=ro_super, fstab=fstab)))
                self.assertEqual(found, [("disk.readonly", "critical")] if told else [])

    def test_errors_that_ext4_has_counted(self):
        (found,) = judged(row(fs_errors=1, fs_error_at=5, device="sdb1"))
        self.assertEqual((found.rule, found.severity, found.subject), ("disk.fs_errors", "high", "sdb1"))
        self.assertEqual(judged(row(fs_errors=0, fs_error_at=None, device="sdb1")), [])

    def test_a_mount_without_fstab_is_missed_for_three_runs_when_three_had_it(self):
        past, told = {"/mnt/x": [3, 0]}, []
        for _ in range(5):
            given = context(past={"mounts": past})
            told.append(rules(judged(row("/"), given=given)))
            past = count_mounts([row("/")], {"/"}, given)
        missing = [("disk.mount_missing", "high")]
        self.assertEqual(told, [missing, missing, missing, [], []])

    def test_a_mount_that_two_runs_had_is_not_missed_and_neither_is_a_removable_one(self):
        past = {}
        for _ in range(4):
            rows = [row("/media/stick"), row("/mnt/x"), row("/")]
            past = count_mounts(rows, {it["mount"] for it in rows}, context(past={"mounts": past}))
        self.assertEqual(past, {"/mnt/x": [3, 0]})
        self.assertEqual(judged(row("/"), given=context(past={"mounts": {"/mnt/x": [2, 0]}})), [])

    def test_what_is_kept_is_what_the_next_run_reads(self):
        it = row(pct=50, inodes=10, inodes_used=5, inodes_pct=50.0)
        self.assertEqual(keep_use([it]), {"/srv": [50 * GIB, 100 * GIB, 5, 10]})
        self.assertEqual(keep_use([{"mount": "/x", "state": "hung"}]), {})
