"""Borg 1.x. Without the passphrase: the age, and checksums of segments. Nothing takes its lock unasked."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from agent_kit import NotSeen, clean, read_file
from agent_kit_commands import Ran
from drill import File, Sample, restore_newest
from integrity import broken_segment, check_files, files_below, lock_ages
from moments import parse_instant
from restic import row_of
from target import Backup
from work import number, said, tree_size

if TYPE_CHECKING:
    from context import Context
    from target import Look
    from work import Work

LISTING_BYTES = 16 << 20
# `nas-2026-11-20T0300` belongs to the series `nas`.
DATE_AT_THE_END = re.compile(r"[-_.T:@ ]*\d[\d\-_.T:+]*$", re.ASCII)


def look_at_borg(work: Work, look: Look, context: Context) -> None:
    if look.target.is_local:
        look_from_outside(work, look, context)
        if look.refused:
            return
    work.need("borg", "borgbackup")
    borg = Borg(work, look)
    if not borg.read_archives():
        return
    borg.measure()
    if context.options["borg_check"]:
        borg.check_with_lock()
    if context.options["restore_drill"]:
        restore_newest(work, look, context, borg.list_files, borg.restore)


def look_from_outside(work: Work, look: Look, context: Context) -> None:
    location = look.target.location
    if "This is a Borg" not in (read_file(os.path.join(location, "README"), 200) or ""):
        look.refused = {"why": "no-repository", "said": "there is no README of Borg"}
        return
    look.size, _ = tree_size(location)
    look.locks = lock_ages([os.path.join(location, "lock.exclusive")], work.now)
    names = [name for name in os.listdir(location) if re.fullmatch(r"index\.\d+", name, re.ASCII)]
    for name in names:
        look.series.append(Backup("*", os.lstat(os.path.join(location, name)).st_mtime))
    if context.options["check_integrity"]:
        files = [it for it in files_below(location, ("data",)) if os.path.basename(it[0]).isdigit()]
        check_files(work, look, context, files, "CRC-32 of each entry of its segments", broken_segment)


class Borg:
    """One repository. What it keeps beside the repositories goes to the scratch folder."""

    def __init__(self, work: Work, look: Look) -> None:
        self.work, self.look = work, look
        self.password = work.password(look.target)
        home = os.environ.get("HOME", "/")
        self.env = {
            "BORG_BASE_DIR": os.path.join(work.scratch, "borg"),
            # Of repositories whose key lies outside of them.
            "BORG_KEYS_DIR": os.path.join(home, ".config", "borg", "keys"),
            "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes",
            "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes",
            "BORG_EXIT_CODES": "modern",
            "BORG_CHECK_I_KNOW_WHAT_I_AM_DOING": "NO",
            "BORG_DELETE_I_KNOW_WHAT_I_AM_DOING": "NO",
            "BORG_PASSPHRASE": self.password or "",
            "BORG_DISPLAY_PASSPHRASE": "no",
            "TMPDIR": work.scratch,
        }

    def ask(self, *words: str, timeout: float = 300, **given: Any) -> Ran:
        return self.work.agent.run(["borg", *words], timeout=timeout, env=self.env, **given)

    def archive(self, backup: Backup) -> str:
        return "%s::%s" % (self.look.target.location, backup.id)

    def read_archives(self) -> bool:
        ran = self.ask("list", "--json", "--bypass-lock", self.look.target.location, limit=LISTING_BYTES)
        if ran.rc != 0:
            if ran.note:
                raise NotSeen("Borg did not list its archives: %s" % ran.note, "Allow the run more time.")
            why = why_refused(ran, self.password is not None)
            if why == "no-credentials":
                self.look.lacks_secret = True
            else:
                self.look.refused = {"why": why, "rc": ran.rc, "said": said(ran)}
            return False
        self.look.series = []
        for row in row_of(ran.out).get("archives") or []:
            name, at = (
                (row.get("name"), parse_instant(row.get("start"))) if isinstance(row, dict) else (None, None)
            )
            if isinstance(name, str) and at is not None:
                group = clean(DATE_AT_THE_END.sub("", name), 200) or "*"
                self.look.series.append(Backup(group, at, name))
        return True

    def measure(self) -> None:
        """How large the newest two of each series are, from their lists of files: that needs no cache."""
        sizes: dict[str, tuple[int, int]] = {}
        newest = [backups[-2:] for backups in self.look.groups.values()][:5]
        for backup in [backup for two in newest for backup in two]:
            counted = [0, 0]

            def take(line: bytes, counted: list[int] = counted) -> None:
                row = row_of(line)
                if row.get("type") == "-":
                    counted[0] += int(number(row.get("size")) or 0)
                    counted[1] += 1

            ran = self.ask(
                *("list", "--json-lines", "--bypass-lock", "--format", "{size}{type}", self.archive(backup)),
                timeout=60,
                each_line=take,
            )
            if ran.rc == 0 and ran.note is None:
                sizes[backup.id] = (counted[0], counted[1])
        self.look.series = [
            it._replace(size=sizes[it.id][0], files=sizes[it.id][1]) if it.id in sizes else it
            for it in self.look.series
        ]

    def check_with_lock(self) -> None:
        """Only when somebody asked for it: it takes the lock, and rewrites the repository's own config."""
        ran = self.ask(
            *("--lock-wait", "5", "check", "--repository-only", self.look.target.location),
            timeout=self.work.seconds_left(),
        )
        text = ran.err.lower()
        if ran.rc is None or ran.note not in (None, "pipe-held"):
            self.work.gap(
                self.look, "borg check", "it did not end: %s" % ran.note, "Allow the run more time."
            )
        elif ran.rc != 0 and "lock" in text and ran.rc in (2, *range(70, 80)):
            why = "the repository is locked: a backup may be running"
            self.work.gap(self.look, "borg check", why, "Run it at another time.")
        else:
            self.look.checks.append({"how": "borg check --repository-only", "ok": ran.rc == 0, "rc": ran.rc})
            if ran.rc != 0:
                self.look.damage.append({"what": "the repository", "why": said(ran), "how": "borg check"})

    def list_files(self, backup: Backup, sample: Sample, timeout: float) -> Ran:
        def take(line: bytes) -> None:
            row = row_of(line)
            path, size = row.get("path"), number(row.get("size"))
            # Of names that are no UTF-8, JSON holds something else.
            if row.get("type") == "-" and isinstance(path, str) and "\ufffd" not in path:
                sample.add(
                    File(path, int(size or 0), parse_instant(row.get("mtime")) or 0.0, "/" + path.lstrip("/"))
                )

        return self.ask(
            *("list", "--json-lines", "--bypass-lock", "--format", "{path}{size}{mtime}{type}"),
            self.archive(backup),
            timeout=timeout,
            each_line=take,
        )

    def restore(self, backup: Backup, files: list[File], folder: str, timeout: float) -> Ran:
        patterns = os.path.join(self.work.scratch, "patterns")
        with open(patterns, "w", encoding="utf-8") as file:
            file.write("".join(as_pattern(it.path) for it in files) + "-re:.*\n")
        ran = self.ask(
            *("extract", "--bypass-lock", "--patterns-from", patterns, self.archive(backup)),
            timeout=timeout,
            cwd=folder,
        )
        # A warning, such as an owner that cannot be restored: what came back is compared anyway.
        is_warning = ran.rc == 1 or (ran.rc is not None and 100 <= ran.rc <= 127)
        return Ran(0, ran.out, ran.err, ran.note) if is_warning else ran


def why_refused(ran: Ran, has_password: bool) -> str:
    text = ran.err.lower()
    if "passphrase" in text or ran.rc in (51, 52):
        return "wrong-password" if has_password else "no-credentials"
    if ran.rc in (13, 15) or "does not exist" in text or "not a valid repository" in text:
        return "no-repository"
    return "locked" if ran.rc is not None and 70 <= ran.rc <= 75 else "error"


def as_pattern(path: str) -> str:
    """One line of a file of patterns that means this path alone. A line cannot hold every name as it is."""
    is_odd = path != path.strip() or not path.isprintable()
    if not is_odd:
        return "+pf:%s\n" % path
    escaped = "".join(re.escape(c) if c.isprintable() else "\\U%08x" % ord(c) for c in path)
    return "+re:^%s$\n" % escaped
