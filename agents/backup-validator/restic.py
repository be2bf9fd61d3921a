"""restic. Without the password: the age, and whether the content of files is what their names say."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, Any

from agent_kit import NotSeen, clean
from drill import File, Sample, restore_newest
from integrity import SHA256, check_files, differs_from_name, files_below, lock_ages
from moments import parse_instant
from target import Backup
from work import number, said, tree_size

if TYPE_CHECKING:
    from agent_kit_commands import Ran
    from context import Context
    from target import Look
    from work import Work

NAMED_BY_CONTENT = ("data", "index", "snapshots", "keys")
LISTING_BYTES = 16 << 20


def look_at_restic(work: Work, look: Look, context: Context) -> None:
    if look.target.is_local:
        look_from_outside(work, look, context)
    password = work.password(look.target)
    if password is None:
        look.lacks_secret = True
        return
    work.need("restic", "restic")
    restic = Restic(work, look, password)
    if not restic.read_snapshots():
        return
    restic.measure()
    if context.options["check_integrity"]:
        restic.check(context)
    if context.options["restore_drill"]:
        restore_newest(work, look, context, restic.list_files, restic.restore, restic.holds)


def look_from_outside(work: Work, look: Look, context: Context) -> None:
    location = look.target.location
    if not os.path.isfile(os.path.join(location, "config")):
        look.refused = {"why": "no-repository", "said": "there is no file named config"}
        return
    look.size, _ = tree_size(location)
    locks = os.path.join(location, "locks")
    names = os.listdir(locks) if os.path.isdir(locks) else []
    look.locks = lock_ages([os.path.join(locks, name) for name in names], work.now)
    # Written once, when the backup was made.
    for path, _ in files_below(location, ("snapshots",)):
        look.series.append(Backup("*", os.lstat(os.path.join(location, path)).st_mtime))
    if context.options["check_integrity"]:
        files = [
            it for it in files_below(location, NAMED_BY_CONTENT) if SHA256.fullmatch(os.path.basename(it[0]))
        ]
        check_files(
            *(work, look, context, files, "SHA-256 of each file against its name", differs_from_name),
            always=lambda name: not name.startswith("data/"),
        )


class Restic:
    """One repository, opened with its password. Nothing of it takes a lock."""

    def __init__(self, work: Work, look: Look, password: str) -> None:
        self.work, self.look = work, look
        self.paths: dict[str, list[str]] = {}
        self.env = {
            "TMPDIR": work.scratch,
            "RESTIC_CACHE_DIR": os.path.join(work.scratch, "cache"),
            **work.variables(look.target),
        }
        self.start = [
            *("restic", "--repo=" + look.target.location, "--no-lock"),
            *("--password-file", work.password_file(password)),
        ]

    def ask(self, *words: str, timeout: float = 120, **given: Any) -> Ran:
        return self.work.agent.run([*self.start, *words], timeout=timeout, env=self.env, **given)

    def read_snapshots(self) -> bool:
        ran = self.ask("snapshots", "--json", limit=LISTING_BYTES)
        if not ran.ok:
            if ran.note:
                raise NotSeen("restic did not list its snapshots: %s" % ran.note, "Allow the run more time.")
            self.look.refused = {"why": why_refused(ran), "rc": ran.rc, "said": said(ran)}
            return False
        self.look.series = []
        for row in rows_of(ran.out):
            at, identity = parse_instant(row.get("time")), row.get("id")
            if at is None or not isinstance(identity, str) or not SHA256.fullmatch(identity):
                continue
            paths = [path for path in row.get("paths") or [] if isinstance(path, str)]
            group = clean("%s:%s" % (row.get("hostname"), ",".join(paths)), 200)
            summary = row.get("summary") if isinstance(row.get("summary"), dict) else {}
            size, files = (
                number(summary.get("total_bytes_processed")),
                number(summary.get("total_files_processed")),
            )
            self.look.series.append(
                Backup(
                    group,
                    at,
                    identity,
                    None if size is None else int(size),
                    None if files is None else int(files),
                )
            )
            self.paths[identity] = paths
            if row.get("hostname") == os.uname().nodename:
                self.look.sources = sorted(set(self.look.sources) | set(paths))
        return True

    def measure(self) -> None:
        """How large the newest two of each series are when restored, and what the repository makes of it."""
        sizes: dict[str, tuple[int, int]] = {}
        newest = [backups[-2:] for backups in self.look.groups.values()]
        for backup in [backup for two in newest[:5] for backup in two]:
            if backup.size is None:
                ran = self.ask("stats", "--mode", "restore-size", "--json", backup.id)
                row = row_of(ran.out) if ran.ok else {}
                if number(row.get("total_size")) is not None:
                    sizes[backup.id] = (int(row["total_size"]), int(number(row.get("total_file_count")) or 0))
        self.look.series = [
            it._replace(size=sizes[it.id][0], files=sizes[it.id][1]) if it.id in sizes else it
            for it in self.look.series
        ]
        ran = self.ask("stats", "--mode", "raw-data", "--json")
        row = row_of(ran.out) if ran.ok else {}
        for name, key in (("raw", "total_size"), ("compression_ratio", "compression_ratio")):
            if number(row.get(key)) is not None:
                self.look.stats[name] = row[key]

    def check(self, context: Context) -> None:
        """The structure: missing and short packs. What is far away is also read, a part in each run."""
        words = ["check"]
        runs = max(1, context.options["coverage_runs"])
        if not self.look.target.is_local:
            turn = context.before(self.look.target.location).get("turn")
            words.append(
                "--read-data-subset=%d/%d" % ((turn if isinstance(turn, int) else 0) % runs + 1, runs)
            )
        ran = self.ask(*words, timeout=self.work.seconds_left())
        if ran.rc is None or ran.note not in (None, "pipe-held"):
            self.work.gap(
                self.look, "restic check", "it did not end: %s" % ran.note, "Allow the run more time."
            )
            return
        self.look.checks.append({"how": "restic check", "ok": ran.rc == 0, "rc": ran.rc})
        if ran.rc != 0:
            packs = sorted(set(re.findall(r"\bpack ([0-9a-f]{64}|[0-9a-f]{8,10})\b", ran.err + ran.out)))
            why = said(ran)
            for what in [*("pack " + pack for pack in packs[:20])] or ["the repository"]:
                self.look.damage.append({"what": what, "why": why, "how": "restic check"})

    def list_files(self, backup: Backup, sample: Sample, timeout: float) -> Ran:
        def take(line: bytes) -> None:
            row = row_of(line)
            path, size = row.get("path"), number(row.get("size"))
            if row.get("type") == "file" and isinstance(path, str) and "\ufffd" not in path:
                sample.add(File(path, int(size or 0), parse_instant(row.get("mtime")) or 0.0, path))

        return self.ask("ls", "--json", backup.id, timeout=timeout, each_line=take)

    def restore(self, backup: Backup, files: list[File], folder: str, timeout: float) -> Ran:
        words = [word for file in files for word in ("--include", as_pattern(file.path))]
        return self.ask("restore", backup.id, "--target", folder, *words, timeout=timeout)

    def holds(self, backup: Backup, path: str) -> bool:
        return any(
            path == root or path.startswith(root.rstrip("/") + "/") for root in self.paths.get(backup.id, [])
        )


def why_refused(ran: Ran) -> str:
    """By exit status from 0.17 on; the older ones only say it."""
    text = ran.err + ran.out
    if ran.rc == 12 or "wrong password" in text or "no key found" in text:
        return "wrong-password"
    if ran.rc == 10 or "unable to open config" in text or "Is there a repository" in text:
        return "no-repository"
    return "locked" if ran.rc == 11 else "error"


def as_pattern(path: str) -> str:
    """A path that means itself alone."""
    return re.sub(r"([\\*?\[\]])", r"\\\1", path)


def row_of(text: str | bytes) -> dict[str, Any]:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def rows_of(text: str) -> list[dict[str, Any]]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotSeen("restic gave a list that cannot be read", "Look at: restic snapshots.") from error
    return (
        [row for row in rows or [] if isinstance(row, dict)] if isinstance(rows, list) or rows is None else []
    )
