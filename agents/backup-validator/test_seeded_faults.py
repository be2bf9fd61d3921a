"""Real repositories, really damaged: each fault is found, and nothing else is said.

Of the tools, those that are installed are used; a scenario whose tool is missing is skipped by name.
"""

from __future__ import annotations

import ctypes
import glob
import gzip
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import testing
from faults import LIBC, Score, own_view
from scratch import PREFIX
from test_given import HERE

# Everything that a shell, JSON or a terminal would trip over.
OPENER = "pä\"ss'\\w$HOME`id`rd 77"
WRONG = "not-the-one-88"
ODD_NAMES = (
    "we ird [x] *$é'\".txt",
    "new\nline.txt",
    " leading",
    "trailing ",
    "-rf",
    "esc\x1b[2J.txt",
    "\u202ertl.txt",
    "back\\slash",
    "{a,b}",
)
HOUR = 3600
SCORE = Score("backup-validator")
# All of them back up the same folder, so that a repository that was made once can be copied.
ROOT = ""


def setUpModule():
    global ROOT
    own_view(needed=False)
    ROOT = tempfile.mkdtemp(prefix="faults-", dir=tempfile.gettempdir())
    os.mkdir(ROOT + "/made")
    make_source(ROOT + "/made/source")


def tearDownModule():
    shutil.rmtree(ROOT, True)
    SCORE.judge()


def make_source(source, big=2_000_000):
    """Sixty files of some size, a big one, and names that nobody should give."""
    noise = random.Random(1)
    os.makedirs(source + "/a/b")
    contents = [("a/f%02d" % number, noise.randrange(100, 40_000)) for number in range(60)]
    for name, size in [*contents, ("a/b/big.bin", big), *(("a/" + odd, 11) for odd in ODD_NAMES)]:
        path = os.path.join(source, name)
        with open(path, "wb") as file:
            file.write(os.urandom(size))
        os.utime(path, (time.time() - 3 * 24 * HOUR,) * 2)


def needs(*programs):
    missing = [name for name in programs if not shutil.which(name)]
    return unittest.skipIf(missing, "not installed here: %s" % ", ".join(missing))


def flip(path, offset=None, count=3):
    os.chmod(path, 0o600)
    with open(path, "r+b") as file:
        at = os.path.getsize(path) // 2 if offset is None else offset
        file.seek(at)
        octets = file.read(count)
        file.seek(at)
        file.write(bytes(octet ^ 0x5A for octet in octets))


class Fault(unittest.TestCase):
    def setUp(self):
        self.folder, self.source = tempfile.mkdtemp(prefix="test-", dir=ROOT), ROOT + "/source"
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.scratch, self.home = self.folder + "/scratch", self.folder + "/home"
        for path in (self.scratch, self.home):
            os.mkdir(path)
        shutil.rmtree(self.source, True)
        self.sh("cp", "-a", ROOT + "/made/source", self.source)

    # --- Making ---------------------------------------------------------------------------------------

    def copy_of(self, made, name, make):
        """A repository of its own, of one that is made once."""
        original, repo = "%s/made/%s" % (ROOT, made), "%s/%s" % (self.folder, name)
        if not os.path.exists(original):
            make(original)
        os.makedirs(os.path.dirname(repo), exist_ok=True)
        self.sh("cp", "-a", original, repo)
        return repo

    def sh(self, *argv, env=None, cwd="/", ok=(0,)):
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env={
                "PATH": os.environ["PATH"],
                "HOME": self.home,
                "TZ": "UTC",
                "LC_ALL": "C.UTF-8",
                **(env or {}),
            },
        )
        self.assertIn(done.returncode, ok, done.stdout)
        return done.stdout.decode("utf-8", "replace")

    def restic(self, *words, **given):
        return self.sh("restic", "--quiet", *words, env={"RESTIC_PASSWORD": OPENER}, **given)

    def restic_repo(self, name="restic", ages_h=(2,)):
        def make(repo):
            self.restic("-r", repo, "init")
            for age in ages_h:
                at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() - age * HOUR))
                self.restic("-r", repo, "backup", self.source, "--host", "nas", "--time", at)

        return self.copy_of("restic-%s" % "-".join(map(str, ages_h)), name, make)

    def borg(self, *words, **given):
        env = {"BORG_PASSPHRASE": OPENER, "BORG_BASE_DIR": self.folder + "/borg-base"}
        return self.sh("borg", *words, env={**env, "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes"}, **given)

    def borg_repo(self, name="borg", ages_h=(2,)):
        def make(repo):
            self.borg("init", "-e", "repokey-blake2", repo)
            for age in ages_h:
                self.borg_archive(repo, age, "nas")

        return self.copy_of("borg-%s" % "-".join(map(str, ages_h)), name, make)

    def borg_archive(self, repo, age, series):
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - age * HOUR))
        self.borg("create", "--timestamp", at, "%s::%s-%s" % (repo, series, at), self.source)

    def archives(self, name="archives"):
        path = "%s/%s" % (self.folder, name)
        os.makedirs(path, exist_ok=True)
        return path

    def tar(self, path, *filters):
        self.sh("tar", *filters, "-C", ROOT, "-cf", path, "source")
        os.utime(path, (time.time() - 2 * HOUR,) * 2)
        return path

    # --- Running --------------------------------------------------------------------------------------

    def perform(
        self, *targets, secrets=None, code=0, stop_at=None, history=None, path="", run=None, **options
    ):
        given = {
            "discover": False,
            "targets": list(targets),
            "coverage_runs": 1,
            "scratch_folder": self.scratch,
        }
        config = testing.config_for(
            HERE,
            options={**given, **options},
            run=run or {},
            secrets=dict.fromkeys(targets, OPENER) if secrets is None else secrets,
            history={"targets": [[time.time() - 24 * HOUR, history]]} if history else {},
        )
        env = {"PATH": path + os.environ["PATH"], "HOME": self.home}
        outcome = testing.run_agent(HERE, config, env=env, stop_at=stop_at)
        self.assertEqual((outcome.code, outcome.err), (code, ""))
        self.assertEqual(os.listdir(self.scratch), [], "nothing is left in the scratch folder")
        said = json.dumps(outcome.events) + json.dumps(outcome.events, ensure_ascii=False)
        for secret in (OPENER, WRONG):
            for form in (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
                self.assertNotIn(form, said)
        for text in testing.texts_of(outcome.events):
            self.assertNotRegex(text, "[\x1b\u202a-\u202e]")
        return outcome

    def only(self, outcome, *expected):
        """Exactly these findings above info: rule, severity, and what the subject holds."""
        SCORE.scenarios += 1
        told = [it for it in outcome.findings if it["severity"] != "info"]
        found = []
        for rule, severity, subject in expected:
            fits = [
                it
                for it in told
                if (it["id"], it["severity"]) == (rule, severity) and subject in it["subject"]
            ]
            SCORE.right += bool(fits)
            SCORE.missed += not fits
            found += fits[:1]
        wrong = [it for it in told if not any(it is one for one in found)]
        SCORE.wrong += len(wrong)
        rows = [(it["id"], it["severity"], it["subject"], it["evidence"]) for it in told]
        self.assertEqual((len(found), wrong), (len(expected), []), rows)
        return found

    def drills(self, outcome):
        return [it["drill"] for it in outcome.data["targets"]]

    def exec_of(self, outcome, word):
        return [event for event in outcome.of("exec") if word in event["argv"]]


class CleanTest(Fault):
    @needs("restic", "borg", "zstd")
    def test_b00_whole_backups_are_proved_and_nothing_is_said(self):
        restic, borg = self.restic_repo(ages_h=(50, 26, 2)), self.borg_repo(ages_h=(50, 26, 2))
        archives = self.archives()
        for day in (1, 2, 3):
            path = self.tar("%s/etc-2026-11-%02d.tar.zst" % (archives, day), "--zstd")
            os.utime(path, (time.time() - (20 - 5 * day) * HOUR,) * 2)
        targets = ("restic:" + restic, "borg:" + borg, "archives:" + archives)
        outcome = self.perform(*targets, restore_drill=True, restore_max_files=100)
        self.only(outcome)
        self.assertEqual((outcome.gaps, outcome.result["status"]), ([], "ok"))
        for drill in self.drills(outcome)[:2]:
            # Sixty files, a big one, and every odd name.
            self.assertEqual((drill["files"], drill["identical"]), (61 + len(ODD_NAMES),) * 2)
            self.assertTrue(drill["proved"])
        self.assertEqual(
            [it["ok"] for target in outcome.data["targets"] for it in target["checks"]], [True] * 4
        )
        self.assertLess(outcome.result["maxRssKib"], 64 * 1024)

    @needs("rsnapshot", "rsync")
    def test_rsnapshot_itself_made_it(self):
        root, config = self.folder + "/rs/", self.folder + "/rs.conf"
        lines = [
            ("config_version", "1.2"),
            ("snapshot_root", root),
            ("cmd_rsync", shutil.which("rsync")),
            ("retain", "daily", "7"),
            ("backup", self.source + "/", "localhost/"),
        ]
        with open(config, "w") as file:
            file.write("".join("\t".join(line) + "\n" for line in lines))
        for _ in range(2):
            self.sh("rsnapshot", "-c", config, "daily")
        for number in (0, 1):
            os.utime(root + "daily.%d" % number, (time.time() - (1 + 24 * number) * HOUR,) * 2)
        outcome = self.perform("rsnapshot:" + root, restore_drill=True, restore_max_files=100)
        self.only(outcome)
        (drill,) = self.drills(outcome)
        self.assertEqual((drill["proved"], drill["identical"]), (True, drill["files"]))
        self.assertGreater(drill["files"], 60)

    @needs("duplicity")
    def test_duplicity_itself_made_it(self):
        target = self.folder + "/dup"
        env = {"PASSPHRASE": OPENER}
        self.sh("duplicity", "full", "--no-encryption", self.source, "file://" + target, env=env)
        outcome = self.perform("duplicity:" + target, restore_drill=True)
        self.only(outcome)
        (drill,) = self.drills(outcome)
        self.assertEqual((drill["proved"], drill["files"]), (True, 5), drill)
        volume = max(glob.glob(target + "/*.difftar.gz"), key=os.path.getsize)
        flip(volume)
        broken = self.perform("duplicity:" + target)
        (found,) = self.only(broken, ("backup.corrupt", "critical", target))
        self.assertEqual(found["evidence"]["files"], [os.path.basename(volume)])


class ResticTest(Fault):
    def packs(self, repo):
        return sorted(glob.glob(repo + "/data/*/*"), key=os.path.getsize)

    @needs("restic")
    def test_b01_three_flipped_bytes_in_a_pack_without_the_password(self):
        repo = self.restic_repo()
        pack = self.packs(repo)[-1]
        flip(pack)
        (found,) = self.only(self.perform("restic:" + repo, secrets={}), ("backup.corrupt", "critical", repo))
        self.assertEqual(found["evidence"]["files"], [os.path.relpath(pack, repo)])

    @needs("restic")
    def test_b02_a_pack_that_is_gone_with_the_password(self):
        repo = self.restic_repo()
        pack = self.packs(repo)[-1]
        os.remove(pack)
        (found,) = self.only(self.perform("restic:" + repo), ("backup.corrupt", "critical", repo))
        self.assertIn("pack " + os.path.basename(pack)[:8], str(found["evidence"]["files"]))

    @needs("restic")
    def test_b03_the_newest_snapshot_is_five_days_old(self):
        repo = self.restic_repo(ages_h=(168, 144, 120))
        (found,) = self.only(self.perform("restic:" + repo), ("backup.stale", "critical", "[nas:"))
        self.assertEqual(round(found["evidence"]["age_h"]), 120)

    @needs("restic")
    def test_b04_a_wrong_password_and_a_path_that_is_gone(self):
        repo, gone = self.restic_repo(), self.folder + "/gone"
        outcome = self.perform("restic:" + repo, "restic:" + gone, secrets={"restic:" + repo: WRONG})
        refused, _ = self.only(
            outcome, ("backup.unreadable", "critical", repo), ("backup.target_missing", "critical", gone)
        )
        self.assertEqual(refused["evidence"]["why"], "wrong-password")
        self.assertEqual([it["state"] for it in outcome.data["targets"]], ["wrong-password", "missing"])

    @needs("restic")
    def test_b10_a_snapshot_of_an_emptied_source(self):
        repo = self.restic_repo(ages_h=(74, 50, 26))
        shutil.rmtree(self.source)
        os.mkdir(self.source)
        with open(self.source + "/only", "w") as file:
            file.write("x")
        self.restic("-r", repo, "backup", self.source, "--host", "nas")
        self.only(self.perform("restic:" + repo), ("backup.shrunk", "high", "[nas:"))

    @needs("restic")
    def test_b14_changed_and_removed_originals_are_no_errors_and_the_cap_of_bytes_holds(self):
        repo = self.restic_repo()
        with open(self.source + "/a/f01", "ab") as file:
            file.write(b"later")
        os.remove(self.source + "/a/f02")
        outcome = self.perform(
            "restic:" + repo, restore_drill=True, restore_max_mb=0.2, restore_max_files=200
        )
        self.only(outcome)
        (drill,) = self.drills(outcome)
        self.assertLessEqual(drill["bytes"], 200_000)
        self.assertGreater(drill["bytes"], 180_000)
        self.assertEqual((drill["different"], drill["missing"], drill["proved"]), (0, 0, True))

    @needs("restic")
    def test_b15_two_of_seven_days_are_kept(self):
        repo = self.restic_repo(ages_h=(24 * 8, 2))
        target = "restic:" + repo
        outcome = self.perform(target, policies=["keep_daily=7 " + target])
        self.only(outcome, ("backup.retention", "warning", "[nas:"))

    @needs("restic")
    def test_b16_a_lock_that_a_killed_backup_left_three_days_ago(self):
        repo = self.restic_repo()
        running = self.running_backup(repo)
        running.kill()
        running.wait()
        locks = sorted(os.listdir(repo + "/locks"))
        for name in locks:
            os.utime("%s/locks/%s" % (repo, name), (time.time() - 72 * HOUR,) * 2)
        outcome = self.perform("restic:" + repo, restore_drill=True)
        self.only(outcome, ("backup.stale_lock", "warning", repo))
        self.assertTrue(self.drills(outcome)[0]["proved"])
        self.assertEqual(sorted(os.listdir(repo + "/locks")), locks, "nobody takes it away unasked")

    def running_backup(self, repo):
        """A backup that waits for its input and holds a lock meanwhile."""
        env = {"PATH": os.environ["PATH"], "HOME": self.home, "RESTIC_PASSWORD": OPENER}
        argv = ["restic", "-r", repo, "backup", "--stdin", "--host", "nas"]
        running = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
        self.addCleanup(running.stdout.close)
        self.addCleanup(running.wait)
        self.addCleanup(running.kill)
        self.addCleanup(running.stdin.close)
        # A lock is written under another name first.
        wait_for(lambda: any("-tmp-" not in name for name in os.listdir(repo + "/locks")))
        return running

    @needs("restic")
    def test_a_backup_that_is_running_holds_nothing_up(self):
        repo = self.restic_repo()
        self.running_backup(repo)
        before = sorted(os.listdir(repo + "/locks"))
        outcome = self.perform("restic:" + repo, restore_drill=True)
        self.only(outcome)
        self.assertTrue(self.drills(outcome)[0]["proved"])
        self.assertEqual((outcome.gaps, sorted(os.listdir(repo + "/locks"))), ([], before))

    @needs("restic")
    def test_a_canary_that_was_changed_or_left_out(self):
        canary = self.source + "/a/f07"
        with open(canary, "rb") as file:
            planted = hashlib.sha256(file.read()).hexdigest()
        repo, absent = self.restic_repo(), self.source + "/never"
        options = {"restore_drill": True, "restore_max_files": 5}
        self.only(self.perform("restic:" + repo, canaries=["%s=%s" % (canary, planted)], **options))
        mismatch = ("backup.restore_mismatch", "critical", repo)
        for line in ("%s=%s" % (canary, "0" * 64), "%s=%s" % (absent, planted)):
            with self.subTest(line):
                self.only(self.perform("restic:" + repo, canaries=[line], **options), mismatch)

    @needs("restic")
    def test_a_pack_that_is_damaged_shows_in_the_restore_too(self):
        repo = self.restic_repo()
        pack = self.packs(repo)[-1]
        # All over: some files are tried, and which of them lies where in a pack is chance.
        for offset in range(0, os.path.getsize(pack) - 20_000, 1_000):
            flip(pack, offset)
        outcome = self.perform("restic:" + repo, restore_drill=True, check_integrity=False)
        told = [it["id"] for it in outcome.findings if it["severity"] != "info"]
        self.assertIn("backup.restore_failed", told)
        self.assertFalse(self.drills(outcome)[0]["proved"])


class BorgTest(Fault):
    @needs("borg")
    def test_b05_one_of_two_hosts_stopped_four_days_ago(self):
        repo = self.borg_repo(ages_h=(26, 2))
        self.borg_archive(repo, 96, "pi")
        self.only(self.perform("borg:" + repo), ("backup.stale", "critical", "[pi]"))

    @needs("borg")
    def test_b06_flipped_bytes_in_a_segment_with_and_without_the_passphrase(self):
        repo = self.borg_repo()
        segment = max(glob.glob(repo + "/data/0/*"), key=os.path.getsize)
        flip(segment)
        os.utime(segment, (time.time() - HOUR,) * 2)
        for secrets in (None, {}):
            outcome = self.perform("borg:" + repo, secrets=secrets)
            (found,) = self.only(outcome, ("backup.corrupt", "critical", repo))
            self.assertEqual(found["evidence"]["files"], [os.path.relpath(segment, repo)])
            self.assertIn("offset", found["evidence"]["why"])

    @needs("borg")
    def test_reading_changes_nothing_in_the_repository(self):
        repo = self.borg_repo()
        before = self.picture(repo)
        self.only(self.perform("borg:" + repo, restore_drill=True))
        self.assertEqual(self.picture(repo), before)

    def picture(self, folder):
        found = {}
        for parent, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(parent, name)
                with open(path, "rb") as file:
                    found[path] = (os.stat(path).st_mtime_ns, hashlib.sha256(file.read()).digest())
        return found

    @needs("borg")
    def test_a_wrong_passphrase_and_none(self):
        repo = self.borg_repo()
        wrong = self.perform("borg:" + repo, secrets={"borg:" + repo: WRONG})
        (found,) = self.only(wrong, ("backup.unreadable", "critical", repo))
        self.assertEqual(found["evidence"]["why"], "wrong-password")
        none = self.perform("borg:" + repo, secrets={})
        self.only(none)
        self.assertEqual([it["id"] for it in none.findings], ["backup.no_credentials"])

    def hold_lock(self, repo):
        env = {"PATH": os.environ["PATH"], "HOME": self.home, "BORG_PASSPHRASE": OPENER}
        env["BORG_BASE_DIR"] = self.folder + "/borg-base"
        holder = subprocess.Popen(["borg", "with-lock", repo, "sleep", "60"], env=env, start_new_session=True)
        self.addCleanup(self.kill, holder)
        wait_for(lambda: os.path.exists(repo + "/lock.exclusive"))
        return holder

    def kill(self, holder):
        if holder.poll() is None:
            os.killpg(holder.pid, signal.SIGKILL)
            holder.wait()

    @needs("borg")
    def test_a_lock_of_another_is_a_gap_and_no_damage(self):
        repo = self.borg_repo()
        self.hold_lock(repo)
        outcome = self.perform("borg:" + repo, borg_check=True, restore_drill=True)
        self.only(outcome)
        self.assertEqual([gap["what"] for gap in outcome.gaps], ["backup: %s: borg check" % repo])
        self.assertTrue(self.drills(outcome)[0]["proved"])

    @needs("borg")
    def test_a_lock_that_a_killed_job_left_three_days_ago(self):
        repo = self.borg_repo()
        self.kill(self.hold_lock(repo))
        os.utime(repo + "/lock.exclusive", (time.time() - 72 * HOUR,) * 2)
        outcome = self.perform("borg:" + repo, restore_drill=True)
        self.only(outcome, ("backup.stale_lock", "warning", repo))
        self.assertTrue(self.drills(outcome)[0]["proved"])
        self.assertTrue(os.path.exists(repo + "/lock.exclusive"), "nobody takes it away unasked")

    @needs("borg")
    def test_borg_check_is_run_when_it_is_asked_for(self):
        repo = self.borg_repo()
        flip(max(glob.glob(repo + "/data/0/*"), key=os.path.getsize))
        outcome = self.perform("borg:" + repo, borg_check=True, check_integrity=False)
        self.only(outcome, ("backup.corrupt", "critical", repo))


class RottenTest(Fault):
    def rot(self):
        """The same size and time, another content: what a bad disk does."""
        path = self.source + "/a/b/big.bin"
        it = os.stat(path)
        flip(path, 100)
        os.utime(path, ns=(it.st_atime_ns, it.st_mtime_ns))

    def check(self, target):
        outcome = self.perform(target, restore_drill=True)
        place = target.partition(":")[2]
        (found,) = self.only(outcome, ("backup.restore_mismatch", "critical", place))
        self.assertTrue(found["evidence"]["files"][0]["path"].endswith("/a/b/big.bin"))
        (drill,) = self.drills(outcome)
        self.assertEqual((drill["different"], drill["proved"]), (1, False))

    @needs("restic")
    def test_b13_an_original_that_rotted_restic(self):
        repo = self.restic_repo()
        self.rot()
        self.check("restic:" + repo)

    @needs("borg")
    def test_b13_an_original_that_rotted_borg(self):
        repo = self.borg_repo()
        self.rot()
        self.check("borg:" + repo)


class FileTest(Fault):
    def test_b07_an_empty_newest_snapshot_and_a_missing_one(self):
        place = self.folder + "/rs"
        for number in (0, 1, 3):
            os.makedirs("%s/daily.%d/localhost" % (place, number))
        with open(place + "/daily.1/localhost/x", "w") as file:
            file.write("x")
        found = self.perform("rsnapshot:" + place)
        self.only(found, ("backup.empty", "critical", place), ("backup.gap", "warning", place))

    @needs("tar", "gzip", "xz", "zstd")
    def test_b08_archives_that_are_cut_short(self):
        for end, *filters in (("gz", "--gzip"), ("zst", "--zstd"), ("xz", "--use-compress-program=xz -0")):
            with self.subTest(end):
                place = self.archives(end)
                path = self.tar("%s/x-2026-11-20.tar.%s" % (place, end), *filters)
                os.truncate(path, os.path.getsize(path) - 2000)
                outcome = self.perform("archives:" + place)
                self.only(outcome, ("backup.corrupt", "critical", os.path.basename(path)))

    def test_b09_a_dump_without_its_end_and_a_complete_one(self):
        place, rows = self.archives(), b"-- MySQL dump\n" + b"INSERT INTO t VALUES (1);\n" * 5000
        for name, end in (("app", b""), ("ok", b"-- Dump completed on 2026-11-20\n")):
            with gzip.open("%s/%s-2026-11-20.sql.gz" % (place, name), "w") as file:
                file.write(rows + end)
        (found,) = self.only(self.perform("archives:" + place), ("backup.corrupt", "critical", "app-"))
        self.assertIn("no end", found["evidence"]["why"])

    def test_b11_a_volume_of_duplicity_is_missing(self):
        place = self.archives("dup")
        at = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() - HOUR))
        for end in ("manifest.gpg", "vol1.difftar.gpg", "vol3.difftar.gpg"):
            open("%s/duplicity-full.%s.%s" % (place, at, end), "w").close()
        (found,) = self.only(
            self.perform("duplicity:" + place, secrets={}), ("backup.incomplete", "critical", place)
        )
        self.assertEqual(found["evidence"]["missing_volumes"], [2])

    @needs("zstd")
    def test_b12_the_job_of_one_of_two_machines_failed(self):
        place = self.archives("dump")
        at = time.strftime("%Y_%m_%d-%H_%M_%S", time.localtime(time.time() - 2 * HOUR))
        for machine, said in (
            (100, "INFO: Starting Backup of VM 100 (qemu)\nINFO: Finished Backup of VM 100 (00:00:10)\n"),
            (101, "INFO: Starting Backup of VM 101 (qemu)\nERROR: Backup of VM 101 failed - err -5\n"),
        ):
            name = "%s/vzdump-qemu-%d-%s" % (place, machine, at)
            with open(name + ".raw", "wb") as file:
                file.write(os.urandom(300_000))
            self.sh("zstd", "-q", "--rm", name + ".raw", "-o", name + ".vma.zst")
            with open(name + ".log", "w") as file:
                file.write(said)
        self.only(self.perform("vzdump:" + place), ("backup.job_failed", "high", "[qemu/101]"))

    def test_b19_a_mount_point_that_is_empty(self):
        place = self.archives("mount")
        self.only(self.perform("archives:" + place), ("backup.target_missing", "critical", place))

    def test_names_that_nobody_should_give(self):
        place = self.archives('od\nd \x1b[2J\u202e{"t":"end"}')
        for name in ("$(reboot)-2026-11-20.tar.gz", "a\nb 'q\".sql", "\x1b]0;x\x07.zip", "-rf.tar"):
            with open(os.path.join(place, name), "wb") as file:
                file.write(b"\x1f\x8bnothing")
        outcome = self.perform("archives:" + place)
        corrupt = [it for it in outcome.findings if it["id"] == "backup.corrupt"]
        self.assertEqual(len(corrupt), 4)
        self.assertEqual(len(outcome.of("result")), 1)
        for found in corrupt:
            self.assertNotIn("\n", found["subject"] + found["title"])


class DiscoverTest(Fault):
    @needs("restic", "borg")
    def test_b17_a_tree_with_four_kinds_and_a_repository_within_is_found_once(self):
        os.mkdir(self.folder + "/tree")
        self.restic_repo("tree/r")
        self.borg_repo("tree/b c")
        for name, file in (
            ("dup", "duplicity-full.20261120T030000Z.manifest"),
            ("new\nline", "vzdump-qemu-100-2026_11_20-03_00_00.vma"),
        ):
            os.mkdir("%s/tree/%s" % (self.folder, name))
            open("%s/tree/%s/%s" % (self.folder, name, file), "w").close()
        outcome = self.perform(
            discover=True, search_roots=[self.folder + "/tree"], check_integrity=False, secrets={}
        )
        found = [it["kind"] for it in outcome.data["targets"] if it["name"].startswith(self.folder)]
        self.assertEqual(sorted(found), ["borg", "duplicity", "restic", "vzdump"])

    @needs("restic")
    def test_a_secret_that_is_lent_makes_its_repository_a_target(self):
        repo = self.restic_repo("somewhere/deep/down/the/tree")
        outcome = self.perform(discover=True, search_roots=[], secrets={"restic:" + repo: OPENER})
        states = {it["name"]: it["state"] for it in outcome.data["targets"]}
        self.assertEqual(states.get(repo), "open")

    def test_a_node_without_any_backup(self):
        outcome = self.perform(discover=True, search_roots=[self.folder + "/nothing"])
        if not outcome.data["targets"]:
            self.only(outcome, ("backup.no_targets", "warning", "this node"))


class MountTest(Fault):
    def mount(self, *argv):
        done = subprocess.run(["mount", *argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            self.skipTest("mount: %s" % done.stdout.decode("utf-8", "replace").strip())
        self.addCleanup(subprocess.run, ["umount", "-l", argv[-1]], stderr=subprocess.DEVNULL)

    @unittest.skipIf(os.geteuid() != 0, "only root may mount")
    def test_a_share_whose_server_is_gone_hangs_nobody(self):
        if not os.path.exists("/dev/fuse"):
            self.skipTest("there is no /dev/fuse here")
        share, beside = self.folder + "/nas", self.archives("beside")
        os.mkdir(share)
        with gzip.open(beside + "/ok-2026-11-20.sql.gz", "w") as file:
            file.write(b"-- Dump completed on 2026-11-20\n")
        handle = os.open("/dev/fuse", os.O_RDWR)
        self.addCleanup(os.close, handle)
        options = b"fd=%d,rootmode=40000,user_id=0,group_id=0" % handle
        if LIBC.mount(b"nas:/export", os.fsencode(share), b"fuse", 0, options) != 0:
            self.skipTest("fuse: %s" % os.strerror(ctypes.get_errno()))
        self.addCleanup(LIBC.umount2, os.fsencode(share), 2)
        os.symlink(share + "/there", self.folder + "/link")
        begin = time.monotonic()
        gone = self.perform("archives:" + self.folder + "/link", run={"timeoutS": 60})
        self.only(gone, ("backup.target_missing", "critical", self.folder + "/link"))
        outcome = self.perform("restic:" + share + "/repo", "archives:" + beside, run={"timeoutS": 60})
        self.only(outcome, ("backup.target_missing", "critical", share))
        found = self.perform(discover=True, search_roots=[self.folder], secrets={}, run={"timeoutS": 60})
        self.assertIn("discover: " + share, [gap["what"] for gap in found.gaps])
        self.assertLess(time.monotonic() - begin, 60)

    @unittest.skipIf(os.geteuid() != 0, "only root may mount")
    @needs("mkfs.btrfs", "btrfs")
    def test_snapshots_of_btrfs_with_any_name(self):
        image, top = self.folder + "/disk.img", self.folder + "/disk"
        with open(image, "wb") as file:
            file.truncate(120 << 20)
        self.sh("mkfs.btrfs", "-q", image)
        os.mkdir(top)
        self.mount("-o", "loop", image, top)
        self.sh("btrfs", "subvolume", "create", top + "/home")
        self.sh("cp", "-a", self.source, top + "/home/anna")
        for name in ("daily 1", "it's"):
            self.sh("btrfs", "subvolume", "snapshot", "-r", top + "/home", "%s/%s" % (top, name))
        outcome = self.perform("btrfs:" + top, restore_drill=True)
        self.only(outcome)
        self.assertEqual(outcome.data["targets"][0]["backups"], 2)
        self.assertTrue(self.drills(outcome)[0]["proved"])


class LimitTest(Fault):
    def slow_restic(self):
        """The real one, at 300 KiB a second."""
        folder = self.folder + "/bin"
        os.mkdir(folder)
        with open(folder + "/restic", "w") as file:
            file.write('#!/bin/sh\nexec %s --limit-download 300 "$@"\n' % shutil.which("restic"))
        os.chmod(folder + "/restic", 0o700)
        return folder + ":"

    def children(self):
        """Processes that have to do with our folder."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/cmdline" % pid, "rb") as file:
                    if self.scratch.encode() in file.read():
                        found.append(pid)
            except OSError:
                continue
        return found

    @needs("restic")
    def test_b18_cancelled_during_a_restore_nothing_is_left(self):
        repo = self.restic_repo()
        begin = time.monotonic()
        outcome = self.perform(
            "restic:" + repo,
            restore_drill=True,
            check_integrity=False,
            code=5,
            path=self.slow_restic(),
            stop_at="restore",
        )
        self.assertEqual(outcome.result["status"], "cancelled")
        self.assertEqual(self.children(), [])
        self.assertLess(time.monotonic() - begin, 60)

    @needs("restic", "ionice")
    def test_the_disk_is_left_to_others_first(self):
        repo, noted = self.restic_repo(), self.folder + "/noted"
        os.mkdir(self.folder + "/bin")
        with open(self.folder + "/bin/restic", "w") as file:
            file.write('#!/bin/sh\nionice -p $$ >> %s\nexec %s "$@"\n' % (noted, shutil.which("restic")))
        os.chmod(file.name, 0o700)
        self.only(self.perform("restic:" + repo, path=self.folder + "/bin:"))
        with open(noted) as file:
            self.assertEqual(set(file.read().split()), {"idle"})

    @needs("restic")
    def test_the_cap_of_seconds_holds_within_a_tenth(self):
        repo = self.restic_repo()
        outcome = self.perform(
            "restic:" + repo,
            restore_drill=True,
            restore_max_s=5,
            check_integrity=False,
            path=self.slow_restic(),
        )
        self.only(outcome)
        (drill,) = self.drills(outcome)
        self.assertLessEqual(drill["seconds"], 5.5)
        self.assertGreaterEqual(drill["seconds"], 4.5)
        self.assertEqual((drill["proved"], len(outcome.gaps)), (False, 1))
        self.assertEqual(self.children(), [])

    def test_what_a_killed_run_left_is_removed_after_a_day(self):
        old, fresh = (os.path.join(self.scratch, PREFIX + name) for name in ("old", "fresh"))
        for path in (old, fresh):
            os.makedirs(path + "/restored/closed")
            os.chmod(path + "/restored/closed", 0o500)
        os.utime(old, (time.time() - 25 * HOUR,) * 2)
        config = testing.config_for(HERE, options={"discover": False, "scratch_folder": self.scratch})
        testing.run_agent(HERE, config)
        self.assertEqual(os.listdir(self.scratch), [PREFIX + "fresh"])

    @needs("restic")
    def test_all_of_a_repository_is_read_in_as_many_runs_as_were_asked_for(self):
        repo = self.restic_repo()
        pack = max(glob.glob(repo + "/data/*/*"), key=os.path.getsize)
        flip(pack)
        history, told = None, []
        for _ in range(4):
            outcome = self.perform("restic:" + repo, secrets={}, coverage_runs=4, history=history)
            told += [it["id"] for it in outcome.findings if it["id"] == "backup.corrupt"]
            history = outcome.history()["targets"]
        self.assertEqual(told, ["backup.corrupt"])
        self.assertEqual(sorted(history[repo]["windows"]), ["0", "1", "2", "3"])


def wait_for(happened, within_s=20):
    ends = time.monotonic() + within_s
    while not happened():
        assert time.monotonic() < ends
        time.sleep(0.05)
