"""Faults that are seeded, found by the real agent, and taken away again. Nothing else may be said of them.

Of drives, arrays and pools that no test machine has, the node is made of what their programs say; file
systems and Btrfs are real ones on loop devices, in a mount namespace of this process. That takes root;
without it, or where the kernel refuses, those are skipped and say why.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import testing
from faults import Score, own_view, sh
from test_given import DAY, HERE, Node, answer, findings_of, smart

SCORE = Score("disk-doctor")
MIB = 1 << 20
# Deletes what it wrote and keeps it open.
HOLD = """
import os, sys
file = open(sys.argv[1], "wb")
file.write(b"x" * (10 << 20))
file.flush()
os.fsync(file.fileno())
os.unlink(sys.argv[1])
print(flush=True)
sys.stdin.read()
"""


def setUpModule():
    own_view(needed=False)


def tearDownModule():
    SCORE.judge()


def score(test, told, due):
    """Holds what was told above info against what is due, and counts both ways."""
    SCORE.count(told, due)
    test.assertEqual(sorted(set(told)), sorted(set(due)))


def needs(*programs):
    missing = [
        name for name in programs if not shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    ]
    return unittest.skipIf(missing, "not installed here: %s" % ", ".join(missing))


class DriveFaults(Node):
    """K01 to K05, and what a controller of NVMe says when it is told to warn (V06)."""

    LABEL = "WDC WD80EFZZ-68BTXN0 WD-CA1B2C3D"

    def seed(self, due, said, history=None):
        self.drives(*said)
        outcome = self.perform(history=history)
        score(self, findings_of(outcome), due)
        return outcome

    def before(self, **counters):
        attrs = {number[1:]: value for number, value in counters.items()}
        return {
            "smart": [[time.time() - 3600, {"WD-CA1B2C3D": {"dev": "/dev/sda", "seen": 3, "attrs": attrs}}]]
        }

    def test_pending_sectors_on_a_drive_that_calls_itself_healthy(self):
        self.seed([("smart.attr", "high", self.LABEL + " #197")], [smart("hdd-healthy", a197=8)])

    def test_old_counters_are_quiet_and_grown_ones_are_not(self):
        past = self.before(n5=3, n199=412)
        self.seed([], [smart("hdd-healthy", a5=3, a199=412)], past)
        self.seed(
            [("smart.attr", "critical", self.LABEL + " #5")], [smart("hdd-healthy", a5=11, a199=412)], past
        )
        self.seed([("smart.crc", "warning", self.LABEL)], [smart("hdd-healthy", a5=3, a199=440)], past)

    def test_a_drive_that_sleeps(self):
        outcome = self.seed([], [smart("hdd-asleep")])
        self.assertEqual((outcome.data["smart"][0]["state"], outcome.gaps), ("standby", []))

    def test_a_drive_that_fails_and_says_so(self):
        label = "TOSHIBA HDWG480 X0B0TEST"
        self.seed(
            [
                ("smart.failed", "critical", label),
                ("smart.selftest_failed", "critical", label),
                ("smart.threshold", "critical", label + " #5"),
                ("smart.attr", "warning", label + " #5"),
                *(("smart.attr", "high", "%s #%d" % (label, number)) for number in (187, 197, 198)),
            ],
            [smart("hdd-failing")],
        )

    def test_a_controller_that_is_told_to_warn(self):
        label = "QEMU NVMe Ctrl nvme-1"
        due = [
            (rule, "critical", label)
            for rule in ("nvme.critical_warning", "smart.failed", "smart.selftest_failed")
        ]
        self.seed(due, [smart("nvme-warns")])

    def test_a_worn_and_hot_drive(self):
        label = "KINGSTON SNV2S1000G 50026B7TEST"
        due = [(rule, "high", label) for rule in ("nvme.wear", "nvme.spare", "nvme.media_errors")]
        self.seed([*due, ("smart.temp", "warning", label)], [smart("nvme-worn")])

    def test_a_drive_that_came_off(self):
        past = self.before()
        past["smart"][0][1]["S6P0TEST"] = {"dev": "/dev/sdd", "model": "Samsung SSD 870 EVO 1TB", "seen": 3}
        due = [("disk.gone", "critical", "Samsung SSD 870 EVO 1TB S6P0TEST")]
        self.seed(due, [smart("hdd-healthy")], past)
        self.seed([], [smart("hdd-healthy"), smart("ssd-crc")], past)

    def test_drives_in_order(self):
        self.seed([], [smart("hdd-healthy"), smart("nvme-healthy"), smart("ssd-crc"), smart("hdd-qemu")])

    def test_hostile_names_come_out_harmless(self):
        evil = 'x\x1b[2J\x1b]0;pwned\x07{"kind":"result","status":"ok"}\u202e'
        self.drives(smart("hdd-healthy", model_name=evil, serial_number=evil, a197=8))
        outcome = self.perform()
        (found,) = outcome.found("smart.attr", severity="high")
        self.assertIn('{"kind":"result","status":"ok"}\ufffd', found["title"])
        self.assertEqual(len(outcome.of("result")), 1)
        for text in testing.texts_of(outcome.events):
            self.assertNotRegex(text, "[\x1b\u202a-\u202e]")


class ArrayAndPoolFaults(Node):
    """K07 and V01 to V05 and V07, from what a virtual machine with such disks said."""

    def seed(self, due, **options):
        outcome = self.perform(**options)
        score(self, findings_of(outcome), due)
        return outcome

    def test_arrays(self):
        self.write("/proc/mdstat", answer("mdstat.txt"))
        due = [
            ("raid.degraded", "critical", "md127"),
            ("raid.degraded", "high", "md1"),
            ("raid.inactive", "critical", "md2"),
            ("raid.failed_member", "high", "md3"),
        ]
        self.seed(due)

    def test_the_array_of_unraid(self):
        self.write("/proc/mdstat", answer("mdstat-unraid.txt"))
        self.seed([("unraid.disk_disabled", "critical", "array")])

    def test_pools(self):
        # What these samples say of scrubs grows older every day.
        self.pools(answer("zpool-list.txt"), answer("zpool-status.txt"))
        due = [
            ("zfs.pool_unhealthy", "critical", "vault"),
            ("zfs.data_errors", "critical", "scratch"),
            ("zfs.device_errors", "high", "tank"),
            ("zfs.capacity", "warning", "tank"),
        ]
        self.seed(due, scrub_days=3650)

    def test_a_pool_that_was_not_scrubbed_for_six_weeks(self):
        for days, due in ((10, []), (42, [("zfs.scrub_old", "warning", "old")])):
            when = time.strftime("%a %b %e %H:%M:%S %Y", time.gmtime(time.time() - days * DAY))
            said = "scrub repaired 0B in 01:00:00 with 0 errors on " + when
            status = answer("zpool-status.txt").split("  pool: scratch")[0].replace("none requested", said)
            self.pools(answer("zpool-list.txt").splitlines()[3] + "\n", status)
            self.seed(due)

    def test_thin_pools(self):
        self.write("/sys/block/dm-3/dm/uuid", "LVM-abc-tpool\n")
        self.answer("vg_name,lv_name,lv_size,data_percent,metadata_percent", answer("lvs.json"))
        self.seed([("lvm.thin_full", "warning", "pve/data"), ("lvm.thin_full", "critical", "fast/thin")])

    def test_a_node_in_order(self):
        mdstat = "md0 : active raid5 sda1[0] sdb1[1] sdc1[2]\n      1 blocks [3/3] [UUU]\n"
        self.write("/proc/mdstat", mdstat)
        self.pools(
            answer("zpool-list.txt").splitlines()[3] + "\n", answer("zpool-status.txt").split("  pool: sc")[0]
        )
        self.assertEqual(self.seed([]).gaps, [])


@unittest.skipIf(os.geteuid() != 0, "only root may mount")
class RealFaults(unittest.TestCase):
    """File systems that are really there."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="disk-faults-")
        self.addCleanup(shutil.rmtree, self.folder)

    def perform(self, history=None, **options):
        past = {key: [[time.time() - 3600, value]] for key, value in (history or {}).items()}
        outcome = testing.run_agent(HERE, testing.config_for(HERE, options=options, history=past))
        self.assertEqual((outcome.code, outcome.err), (0, ""))
        return outcome

    def mine(self, outcome):
        """Of what is told, that which is about a fault of ours: others have their disks on this machine,
        too."""
        return [it for it in findings_of(outcome) if self.folder in it[2]]

    def device(self, name, mb):
        image = "%s/%s.img" % (self.folder, name)
        with open(image, "ab") as file:
            file.truncate(mb * MIB)
        device = sh("losetup", "-f", "--show", image)
        self.addCleanup(subprocess.run, ["losetup", "-d", device], stderr=subprocess.DEVNULL)
        return device

    def mount(self, *argv):
        os.makedirs(argv[-1], exist_ok=True)
        sh("mount", *argv)
        self.addCleanup(subprocess.run, ["umount", "-l", argv[-1]], stderr=subprocess.DEVNULL)
        return argv[-1]

    def ext4(self, name, *options):
        device = self.device(name, 60)
        sh("mkfs.ext4", "-q", "-F", *options, device)
        return self.mount(device, "%s/%s" % (self.folder, name))

    def fill(self, path, octets):
        with open(path, "ab") as file:
            file.write(b"x" * octets)
            file.flush()
            os.fsync(file.fileno())

    def free(self, mount):
        it = os.statvfs(mount)
        return it.f_bavail * it.f_frsize

    @needs("mkfs.ext4", "losetup")
    def test_what_fills_a_file_system_that_is_nearly_full(self):
        mount = self.ext4("full")
        os.makedirs(mount + "/mail/spool")
        self.fill(mount + "/mail/spool/box", int(self.free(mount) * 0.95))
        outcome = self.perform()
        score(self, self.mine(outcome), [])
        (found,) = outcome.found("space.biggest", mount)
        self.assertEqual(found["evidence"]["folders"][0]["path"], mount + "/mail/spool")
        self.assertEqual(found["evidence"]["files"][0]["path"], mount + "/mail/spool/box")

    @needs("mkfs.ext4", "losetup")
    def test_where_the_many_files_are_when_inodes_are_used_up(self):
        mount = self.ext4("inodes", "-N", "256")
        os.mkdir(mount + "/sessions")
        while os.statvfs(mount).f_ffree > 8:
            self.fill("%s/sessions/%d" % (mount, os.statvfs(mount).f_ffree), 0)
        outcome = self.perform()
        score(self, self.mine(outcome), [])
        (found,) = outcome.found("space.many_files", mount)
        self.assertEqual(found["evidence"]["crowds"][0]["path"], mount + "/sessions")
        self.assertEqual(outcome.found("space.biggest", mount), [])

    @needs("mkfs.ext4", "losetup")
    def test_a_full_file_system_that_nobody_can_write_to_is_left_alone(self):
        mount = self.ext4("readonly")
        self.fill(mount + "/all", int(self.free(mount) * 0.95))
        sh("mount", "-o", "remount,ro", mount)
        outcome = self.perform()
        score(self, self.mine(outcome), [])
        self.assertEqual(outcome.found("space.biggest", mount), [])

    @needs("mkfs.ext4", "losetup")
    def test_a_deleted_file_that_a_program_keeps(self):
        mount = self.ext4("deleted")
        child = subprocess.Popen(
            [sys.executable, "-c", HOLD, mount + "/gone.log"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        try:
            child.stdout.readline()
            with open("/proc/%d/comm" % child.pid) as file:
                name = file.read().strip()
            outcome = self.perform()
            score(self, self.mine(outcome), [("space.deleted_open", "warning", "%s: %s" % (mount, name))])
            (found,) = outcome.found("space.deleted_open", mount)
            self.assertEqual(found["evidence"]["files"][0]["path"], mount + "/gone.log")
            self.assertEqual(found["evidence"]["pids"], [child.pid])
        finally:
            child.stdin.close()
            child.wait(10)
            child.stdout.close()
        score(self, self.mine(self.perform()), [])

    @needs("mkfs.ext4", "losetup")
    def test_a_file_that_grows_from_run_to_run(self):
        mount = self.ext4("grows")
        log, calm = mount + "/app.log", mount + "/calm"
        self.fill(calm, 40 * MIB)
        self.fill(log, int(self.free(mount) * 0.4))
        past = {"files": self.perform().history()["files"]}
        score(self, self.mine(self.perform(history=past)), [])
        self.fill(log, 4 * MIB)
        score(self, self.mine(self.perform(history=past)), [("space.growing_file", "warning", log)])

    def mirror(self):
        """A mirror of Btrfs with one half really overwritten, and read."""
        with open("/proc/filesystems") as file:
            if "btrfs" not in file.read():
                self.skipTest("this kernel has no Btrfs")
        devices = [self.device("half-%d" % number, 200) for number in (1, 2)]
        sh("mkfs.btrfs", "-q", "-f", "-d", "raid1", "-m", "raid1", *devices)
        sh("btrfs", "device", "scan", *devices)
        return devices, self.folder + "/mirror"

    @needs("mkfs.btrfs", "btrfs", "losetup")
    def test_a_mirror_of_btrfs_with_a_damaged_half(self):
        devices, mount = self.mirror()
        both = "device=%s,device=%s" % tuple(devices)
        self.mount("-o", both, devices[0], mount)
        self.fill(mount + "/data", 60 * MIB)
        score(self, self.mine(self.perform()), [])
        sh("umount", mount)
        with open(devices[1], "r+b") as half:
            half.seek(90 * MIB)
            half.write(os.urandom(80 * MIB))
            half.flush()
            os.fsync(half.fileno())
        self.mount("-o", both, devices[0], mount)
        sh("btrfs", "scrub", "start", "-B", mount)
        outcome = self.perform()
        score(self, self.mine(outcome), [("btrfs.device_errors", "high", mount)])
        (found,) = outcome.found("btrfs.device_errors", mount)
        self.assertGreater(found["evidence"]["counters"]["2.corruption_errs"], 0)
        self.assertEqual(outcome.data["btrfs"][0]["missing"], 0)
        # Without the files of the kernel, `btrfs` itself says the same.
        told = sh("btrfs", "device", "stats", mount)
        self.assertIn("corruption_errs", told)

    @needs("mkfs.btrfs", "btrfs", "losetup")
    def test_a_mirror_of_btrfs_that_has_lost_a_half(self):
        devices, mount = self.mirror()
        sh("btrfs", "device", "scan", "--forget", devices[1])
        with open(devices[1], "r+b") as half:
            half.write(b"\0" * MIB)
        sh("losetup", "-d", devices[1])
        self.mount("-o", "degraded", devices[0], mount)
        score(self, self.mine(self.perform()), [("btrfs.device_missing", "critical", mount)])

    @needs("mdadm", "losetup")
    def test_an_array_of_linux_that_loses_a_half(self):
        if not os.path.exists("/proc/mdstat"):
            self.skipTest("this kernel has no md")
        devices = [self.device("md-%d" % number, 40) for number in (1, 2)]
        array = "/dev/md/carl-fault-%d" % os.getpid()
        sh("mdadm", "--create", array, "--run", "--level=1", "--raid-devices=2", "--assume-clean", *devices)
        self.addCleanup(subprocess.run, ["mdadm", "--stop", array], stderr=subprocess.DEVNULL)
        name = os.path.basename(os.path.realpath(array))
        score(self, [it for it in findings_of(self.perform()) if it[2] == name], [])
        sh("mdadm", array, "--fail", devices[1])
        due = [("raid.degraded", "critical", name)]
        score(self, [it for it in findings_of(self.perform()) if it[2] == name], due)

    @unittest.skip(
        "pools of ZFS, thin pools of LVM and NVMe drives want a machine of their own (V01, V03 to V07)"
    )
    def test_pools_and_drives_of_a_virtual_machine(self):
        """What such a machine said is in the samples."""


if __name__ == "__main__":
    unittest.main()
