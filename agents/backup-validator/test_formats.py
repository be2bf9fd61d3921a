"""What lies in files: checksums of repositories, ends of archives, and names with a meaning."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import re
import struct
import tarfile
import tempfile
import unittest
import zipfile
import zlib

from agent_kit import NotSeen
from agent_kit_commands import Ran
from archives import to_backup
from borg import DATE_AT_THE_END, as_pattern
from content import read_to_the_end
from duplicity import judge_sets, parse_sets
from folders import failed_rsnapshot_run, parse_btrfs, parse_zfs
from integrity import PBS_PLAIN, PBS_SEALED, broken_chunk, broken_segment, check_files, differs_from_name
from proxmox import look_at_proxmox
from restic import as_pattern as restic_pattern
from restic import why_refused
from test_given import NOW, context, look


class Limits:
    """A run with all the time in the world, and no programs."""

    def __init__(self, to_read=10**9):
        self.to_read, self.now, self.scratch = to_read, NOW, "/nowhere"
        self.gaps = []

    def pause(self):
        pass

    def need(self, program, package):
        raise NotSeen("%s is not installed here" % program)

    def gap(self, look, part, why, remedy=None):
        self.gaps.append(part)


class Folder(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = holder.name

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        # Long ago: what is fresh may still be written.
        os.utime(path, (1, 1))
        return path


def segment(*contents):
    octets = b"BORG_SEG"
    for content in contents:
        rest = struct.pack("<IB", 9 + len(content), 0) + content
        octets += struct.pack("<I", zlib.crc32(rest)) + rest
    return octets


class SegmentTest(Folder):
    def test_a_flipped_bit_a_short_end_and_a_foreign_file_are_found(self):
        whole = segment(b"one" * 100, b"two" * 70000, b"")
        flipped = bytearray(whole)
        flipped[5000] ^= 1
        cases = [
            (whole, None),
            (segment(), None),
            (bytes(flipped), "a checksum does not match at offset 317"),
            (whole[:-4], "an entry breaks off at offset %d" % (len(whole) - 9)),
            (whole[:1000], "an entry breaks off at offset 317"),
            (b"BORG_SEG" + b"\xff" * 9, "an entry says that it has 4294967295 bytes at offset 8"),
            (b"", "it does not begin like a segment"),
        ]
        for content, expected in cases:
            self.assertEqual(broken_segment(self.write("0", content), Limits()), expected)

    def test_the_end_of_one_that_is_being_written_is_no_damage(self):
        path = self.write("0", segment(b"x" * 100)[:-3])
        os.utime(path)
        self.assertIsNone(broken_segment(path, Limits()))


class ChunkTest(Folder):
    def test_chunks_of_proxmox_carry_a_checksum_behind_their_header(self):
        for magic, header in ((PBS_PLAIN[0], b""), (PBS_SEALED[1], b"i" * 32)):
            content = b"content" * 20000
            whole = magic + struct.pack("<I", zlib.crc32(content)) + header + content
            flipped = whole[:-1] + b"!"
            self.assertIsNone(broken_chunk(self.write("c", whole), Limits()))
            self.assertEqual(broken_chunk(self.write("c", flipped), Limits()), "a checksum does not match")
        self.assertEqual(
            broken_chunk(self.write("c", b"nothing"), Limits()), "it does not begin like a chunk"
        )
        self.assertEqual(broken_chunk(self.write("c", PBS_PLAIN[0]), Limits()), "it breaks off")

    def test_a_store_tells_its_series_what_failed_and_what_is_damaged(self):
        def blob(manifest):
            content = json.dumps(manifest).encode()
            return PBS_PLAIN[0] + struct.pack("<I", zlib.crc32(content)) + content

        good = PBS_PLAIN[0] + struct.pack("<I", zlib.crc32(b"x")) + b"x"
        self.write(".chunks/0000/" + "a" * 64, good)
        self.write(".chunks/0000/" + "b" * 64, good + b"?")
        self.write("vm/100/2026-11-20T03:00:00Z/index.json.blob", blob({}))
        bad = {"unprotected": {"verify_state": {"state": "failed"}}}
        self.write("ns/home/ct/7/2026-11-20T03:00:00Z/index.json.blob", blob(bad))
        self.write("vm/100/2026-11-19T03:00:00Z/drive.fidx", b"")
        it = look("pbs", ages_h=(), location=self.folder)
        look_at_proxmox(Limits(), it, context(coverage_runs=1))
        self.assertEqual(sorted(it.groups), ["ns/home/ct/7", "vm/100"])
        self.assertEqual([row["id"] for row in it.incomplete], ["vm/100/2026-11-19T03:00:00Z"])
        damaged = sorted(row["what"] for row in it.damage)
        self.assertEqual(damaged, [".chunks/0000/" + "b" * 64, "ns/home/ct/7/2026-11-20T03:00:00Z"])


class WindowedTest(Folder):
    def test_what_may_be_read_is_not_exceeded_and_the_rest_is_said_to_be_unread(self):
        files = []
        for number in range(20):
            name = "%064x" % number
            self.write(name, b"x" * 1000)
            files.append((name, 1000))
        it, work = look(location=self.folder), Limits(to_read=5_500)
        check_files(work, it, context(coverage_runs=1), files, "sums", lambda path, _: None)
        (check,) = it.checks
        self.assertLessEqual(check["bytes"], 5_500)
        self.assertEqual((check["window"], check["files_total"]), ("1/4", 20))
        self.assertEqual(work.to_read, 5_500 - check["bytes"])

    def test_a_file_that_cannot_be_read_is_damage_and_one_that_is_gone_is_not(self):
        self.write("a" * 64, b"x")
        it = look(location=self.folder)
        files = [("a" * 64, 1), ("b" * 64, 1)]
        check_files(Limits(), it, context(coverage_runs=1), files, "sums", differs_from_name)
        self.assertEqual([row["what"] for row in it.damage], ["a" * 64])


class ContentTest(Folder):
    def tar(self):
        octets = io.BytesIO()
        with tarfile.open(fileobj=octets, mode="w") as archive:
            for name in ("a", "b c", "new\nline"):
                member = tarfile.TarInfo(name)
                member.size = 50_000
                archive.addfile(member, io.BytesIO(os.urandom(50_000)))
        return octets.getvalue()

    def test_whole_ones_are_whole_and_short_ones_are_not(self):
        tar = self.tar()
        for name, content in (
            ("a.tar", tar),
            ("a.tar.gz", gzip.compress(tar)),
            ("a.tgz", gzip.compress(tar)),
            ("a.tar.bz2", bz2.compress(tar)),
            ("a.tar.xz", lzma.compress(tar, preset=0)),
            ("a.gz", gzip.compress(tar)),
        ):
            with self.subTest(name):
                self.assertIsNone(read_to_the_end(self.write(name, content), Limits()))
                self.assertIsNotNone(read_to_the_end(self.write(name, content[:60_000]), Limits()))
                if name != "a.tar":
                    flipped = content[:30_000] + bytes([content[30_000] ^ 1]) + content[30_001:]
                    self.assertIsNotNone(read_to_the_end(self.write(name, flipped), Limits()))

    def test_a_zip_with_a_damaged_member(self):
        octets = io.BytesIO()
        with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x", os.urandom(50_000))
        whole = octets.getvalue()
        self.assertIsNone(read_to_the_end(self.write("a.zip", whole), Limits()))
        flipped = whole[:20_000] + b"????" + whole[20_004:]
        self.assertIsNotNone(read_to_the_end(self.write("a.zip", flipped), Limits()))

    def test_a_dump_must_say_that_it_is_complete(self):
        rows = b"INSERT INTO t VALUES (1);\n" * 5000
        for end, whole in (
            (b"-- Dump completed on 2026-11-20\n", True),
            (b"-- PostgreSQL database dump complete\n", True),
            (b"COMMIT;\n", True),
            (b"", False),
        ):
            with self.subTest(end):
                wrong = read_to_the_end(self.write("app.sql.gz", gzip.compress(rows + end)), Limits())
                self.assertEqual(wrong is None, whole)

    def test_what_nobody_here_can_read_is_not_judged(self):
        with self.assertRaises(NotSeen):
            read_to_the_end(self.write("a.zst", b"\x28\xb5\x2f\xfd" + b"x" * 100), Limits())


class NameTest(unittest.TestCase):
    STAT = os.stat_result((0o100600, 0, 0, 0, 0, 0, 77, 0, int(NOW), 0))

    def test_dumps_and_archives_belong_to_series(self):
        cases = [
            ("vzdump-qemu-100-2026_11_20-03_00_00.vma.zst", True, "qemu/100"),
            ("vzdump-lxc-7-2026_11_20-03_00_00.tar.gz", True, "lxc/7"),
            ("vzdump-qemu-100-2026_13_20-03_00_00.vma.zst", True, "qemu/100"),
            ("something.vma.zst", True, None),
            ("etc-2026-11-20.tar.gz", False, "etc.tar.gz"),
            ("etc_20261120_0300.tar.gz", False, "etc.tar.gz"),
            ("notes.txt", False, None),
            ("a\nb \x1b[2J-2026-11-20.zip", False, "a\nb .zip"),
        ]
        for name, is_dump, group in cases:
            with self.subTest(name):
                found = to_backup(name, self.STAT, is_dump)
                self.assertEqual(found and found.group, group)

    def test_archives_of_borg_belong_to_the_series_of_their_name(self):
        for name, group in (
            ("nas-2026-11-20T03:00", "nas"),
            ("pi.home-20261120", "pi.home"),
            ("2026-11-20", ""),
            ("plain", "plain"),
        ):
            self.assertEqual(DATE_AT_THE_END.sub("", name), group)

    def test_a_pattern_means_one_path_alone_however_it_is_called(self):
        self.assertEqual(as_pattern("home/anna/x y"), "+pf:home/anna/x y\n")
        for path in ("a\nb", " leading", "trailing ", "tab\there", "x\u202ey", "[a]*?\n\\$"):
            with self.subTest(repr(path)):
                line = as_pattern(path)
                self.assertEqual(line.count("\n"), 1)
                self.assertEqual(line, line.strip(" ") if path == "x" else line)
                pattern = re.compile(line[len("+re:") : -1])
                self.assertTrue(pattern.search(path))
                self.assertFalse(pattern.search("x" + path) or pattern.search(path + "x"))
        self.assertEqual(restic_pattern("/a[b]*c?\\"), "/a\\[b\\]\\*c\\?\\\\")

    def test_sets_of_duplicity_tell_what_is_missing(self):
        full, inc = "duplicity-full.20261120T030000Z", "duplicity-inc.20261120T030000Z.to.20261121T030000Z"
        whole = [full + end for end in (".manifest.gpg", ".vol1.difftar.gpg", ".vol2.difftar.gpg")]
        cases = [
            (whole, 0, 0),
            (whole[:2], 0, 0),
            (whole[1:], 1, 0),
            ([whole[0], whole[2]], 1, 0),
            ([*whole, inc + ".manifest", inc + ".vol1.difftar.gz"], 0, 0),
            ([inc + ".manifest", inc + ".vol1.difftar.gz"], 0, 1),
            ([whole[0], full + ".vol999999999999.difftar.gpg"], 1, 0),
            (["duplicity-full.20261399T999999Z.manifest", "readme"], 1, 0),
        ]
        for names, incomplete, broken in cases:
            with self.subTest(names):
                it = look("duplicity", ages_h=())
                judge_sets(it, parse_sets(names))
                self.assertEqual((len(it.incomplete), len(it.broken_chains)), (incomplete, broken))

    def test_snapshots_of_file_systems_with_any_name(self):
        zfs = parse_zfs("tank/a b@daily 1\t100\ntank@x\t200\nnonsense\ntank\t5\n")
        self.assertEqual([(it.group, it.at) for it in zfs], [("tank/a b", 100.0), ("tank", 200.0)])
        line = "ID 260 gen 10 cgen 9 top level 5 otime 1970-01-01 00:01:40 path %s\n"
        btrfs = parse_btrfs(line % "snaps/daily 1" + line % "top" + "ID x path y\n")
        self.assertEqual([(it.group, it.at) for it in btrfs], [("snaps", 100.0), ("*", 100.0)])

    def test_the_log_of_rsnapshot_says_how_its_last_run_ended(self):
        begun = "[2026-11-20T03:00:00] /usr/bin/rsnapshot daily: started\nrsync -a /home /srv/rs/daily.0/\n"
        self.assertIsNone(failed_rsnapshot_run(begun + "daily: completed successfully\n", "/srv/rs"))
        self.assertIsNone(failed_rsnapshot_run(begun, "/srv/elsewhere"))
        said = failed_rsnapshot_run(begun + "ERROR: rsync returned 12\n", "/srv/rs")
        self.assertEqual(said, "ERROR: rsync returned 12")

    def test_why_restic_refuses_is_read_from_status_and_words(self):
        cases = [
            (12, "", "wrong-password"),
            (1, "Fatal: wrong password or no key found", "wrong-password"),
            (10, "", "no-repository"),
            (1, "Fatal: unable to open config file: stat /x/config: no such file", "no-repository"),
            (11, "", "locked"),
            (1, "something else", "error"),
        ]
        for rc, err, expected in cases:
            self.assertEqual(why_refused(Ran(rc, "", err, None)), expected)
