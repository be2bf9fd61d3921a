"""Kopia. It is opened for reading only, with a configuration of its own in the scratch folder."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from agent_kit import NotSeen, clean
from drill import File, Sample, restore_newest
from integrity import files_below
from moments import parse_instant
from target import Backup
from work import number, said, tree_size

if TYPE_CHECKING:
    from agent_kit_commands import Ran
    from context import Context
    from target import Look
    from work import Work


def look_at_kopia(work: Work, look: Look, context: Context) -> None:
    location = look.target.location
    if look.target.is_local:
        if not any(name.startswith("kopia.repository") for name in os.listdir(location)):
            look.refused = {"why": "no-repository", "said": "there is no kopia.repository"}
            return
        look.size, _ = tree_size(location)
        files = [it for it in files_below(location, ("",)) if os.path.basename(it[0]).endswith(".f")]
        # Each blob has a header: one without a byte was lost by the file system.
        empty = [name for name, size in files if size == 0]
        look.damage += [
            {"what": name, "why": "it is empty", "how": "size of each blob"} for name in empty[:20]
        ]
        check = {"how": "size of each blob", "ok": not empty, "files": len(files), "files_total": len(files)}
        look.checks.append(check)
        times = [os.lstat(os.path.join(location, name)).st_mtime for name, _ in files]
        look.series = [Backup("*", max(times))] if times else []
    password = work.password(look.target)
    if password is None:
        look.lacks_secret = True
        return
    work.need("kopia", "kopia")
    kopia = Kopia(work, look, password)
    if not kopia.connect() or not kopia.read_snapshots():
        return
    if context.options["check_integrity"]:
        kopia.verify(context)
    if context.options["restore_drill"]:
        restore_newest(work, look, context, kopia.list_files, kopia.restore)


class Kopia:
    def __init__(self, work: Work, look: Look, password: str) -> None:
        self.work, self.look = work, look
        self.env = {
            "KOPIA_PASSWORD": password,
            "KOPIA_CONFIG_PATH": os.path.join(work.scratch, "kopia.config"),
            "KOPIA_CACHE_DIRECTORY": os.path.join(work.scratch, "kopia-cache"),
            "KOPIA_LOG_DIR": os.path.join(work.scratch, "kopia-log"),
            "KOPIA_CHECK_FOR_UPDATES": "false",
            "TMPDIR": work.scratch,
        }

    def ask(self, *words: str, timeout: float = 120, **given: Any) -> Ran:
        return self.work.agent.run(["kopia", *words], timeout=timeout, env=self.env, **given)

    def connect(self) -> bool:
        ran = self.ask(
            *("repository", "connect", "filesystem", "--readonly", "--no-persist-credentials"),
            "--path=" + self.look.target.location,
        )
        if ran.ok:
            return True
        if ran.note:
            raise NotSeen("Kopia did not open it: %s" % ran.note, "Allow the run more time.")
        why = "wrong-password" if "invalid repository password" in ran.err else "error"
        self.look.refused = {"why": why, "rc": ran.rc, "said": said(ran)}
        return False

    def read_snapshots(self) -> bool:
        ran = self.ask("snapshot", "list", "--all", "--json", limit=16 << 20)
        try:
            rows = json.loads(ran.out) if ran.ok else None
        except (ValueError, RecursionError):
            rows = None
        if not isinstance(rows, list):
            self.look.refused = {"why": "error", "rc": ran.rc, "said": said(ran)}
            return False
        self.look.series = []
        for row in rows:
            source = row.get("source") if isinstance(row, dict) else None
            at = parse_instant(row.get("startTime")) if isinstance(row, dict) else None
            if not isinstance(source, dict) or at is None or not isinstance(row.get("id"), str):
                continue
            if row.get("incomplete"):
                continue
            group = clean("%s:%s" % (source.get("host"), source.get("path")), 200)
            stats = row.get("stats") if isinstance(row.get("stats"), dict) else {}
            size = number(stats.get("totalSize"))
            self.look.series.append(Backup(group, at, row["id"], None if size is None else int(size)))
        return True

    def verify(self, context: Context) -> None:
        """Contents of a part of the files: without the percentage it would read none."""
        percent = max(1, round(100 / max(1, context.options["coverage_runs"])))
        ran = self.ask(
            "snapshot", "verify", "--verify-files-percent=%d" % percent, timeout=self.work.seconds_left()
        )
        if ran.rc is None or ran.note not in (None, "pipe-held"):
            self.work.gap(
                self.look, "kopia verify", "it did not end: %s" % ran.note, "Allow the run more time."
            )
            return
        self.look.checks.append({"how": "kopia snapshot verify", "ok": ran.rc == 0, "rc": ran.rc})
        if ran.rc != 0:
            self.look.damage.append(
                {"what": "the repository", "why": said(ran), "how": "kopia snapshot verify"}
            )

    def list_files(self, backup: Backup, sample: Sample, timeout: float) -> Ran:
        def take(line: bytes) -> None:
            # -rw-r--r--  1234 2026-11-20 03:00:00 UTC kxxxx   path
            words = line.decode("utf-8", "replace").split(None, 6)
            if len(words) == 7 and words[0].startswith("-") and words[1].isdigit():
                at = parse_instant("%s %s" % (words[2], words[3])) or 0.0
                sample.add(File(words[6], int(words[1]), at, ""))

        return self.ask("ls", "-l", "-r", backup.id, timeout=timeout, each_line=take)

    def restore(self, backup: Backup, files: list[File], folder: str, timeout: float) -> Ran:
        ran = None
        for file in files:
            back = os.path.join(folder, file.path)
            os.makedirs(os.path.dirname(back), exist_ok=True)
            ran = self.ask("restore", "%s/%s" % (backup.id, file.path), back, timeout=timeout)
            if not ran.ok:
                return ran
        return ran or self.ask("--version")
