"""duplicity: the names of its files tell which volumes there are; with the passphrase, files come back."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, Any

from agent_kit_commands import Ran
from content import read_to_the_end
from drill import File, Sample, restore_newest
from integrity import check_files
from moments import parse_compact
from target import Backup
from work import tree_size

if TYPE_CHECKING:
    from context import Context
    from target import Look
    from work import Work

STAMP = r"\d{8}T\d{6}Z"
NAME = re.compile(
    r"duplicity-(?P<kind>full|inc)\.(?:(?P<from>%s)\.to\.)?(?P<to>%s)\.(?:vol(?P<volume>\d+)\.difftar|manifest)(?P<end>.*)"
    % (STAMP, STAMP),
    re.ASCII,
)
# Each file is looked for in all volumes: some are enough.
MOST_FILES = 5
LISTED = re.compile(r"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} (.+)", re.ASCII)


class Set:
    def __init__(self) -> None:
        self.volumes: set[int] = set()
        self.has_manifest, self.is_encrypted = False, False


def look_at_duplicity(work: Work, look: Look, context: Context) -> None:
    location = look.target.location
    names = os.listdir(location)
    sets = parse_sets(names)
    judge_sets(look, sets)
    look.size, _ = tree_size(location)
    password = work.password(look.target)
    is_encrypted = any(it.is_encrypted for it in sets.values())
    look.lacks_secret = is_encrypted and password is None
    if context.options["check_integrity"]:
        plain = [
            name for name in sorted(names) if re.search(r"\.difftar\.gz$", name) and NAME.fullmatch(name)
        ]
        files = [(name, os.lstat(os.path.join(location, name)).st_size) for name in plain]
        if files:
            check_files(work, look, context, files, "volumes read to their end", read_to_the_end)
    if context.options["restore_drill"] and sets and not look.lacks_secret and not look.incomplete:
        work.need("duplicity", "duplicity")
        drill = Duplicity(work, look, password)
        restore_newest(work, look, context, drill.list_files, drill.restore)


def parse_sets(names: list[str]) -> dict[tuple[str, str, str], Set]:
    sets: dict[tuple[str, str, str], Set] = {}
    for name in names:
        found = NAME.fullmatch(name)
        if not found:
            continue
        one = sets.setdefault((found["kind"], found["from"] or "", found["to"]), Set())
        if found["volume"]:
            one.volumes.add(int(found["volume"][:9]))
        else:
            one.has_manifest = True
        one.is_encrypted = one.is_encrypted or found["end"].endswith((".gpg", ".asc"))
    return sets


def judge_sets(look: Look, sets: dict[tuple[str, str, str], Set]) -> None:
    ends = {to for _, _, to in sets}
    for (kind, begin, to), one in sorted(sets.items()):
        at = parse_compact(to)
        if at is not None:
            look.series.append(Backup("*", at, "%s %s" % (kind, to)))
        # A hostile name may claim any number: what is missing is counted up to what could be.
        last = max(one.volumes, default=0)
        missing = [volume for volume in range(1, min(last, 100_000) + 1) if volume not in one.volumes]
        if missing or not one.has_manifest or not one.volumes:
            look.incomplete.append({"id": to, "missing_volumes": missing[:20], "manifest": one.has_manifest})
        if kind == "inc" and begin not in ends:
            look.broken_chains.append({"id": to, "needs": begin})


class Duplicity:
    """Restores one file at a time; duplicity itself compares each volume with the sum in its manifest."""

    def __init__(self, work: Work, look: Look, password: str | None) -> None:
        self.work, self.look = work, look
        self.env = {"TMPDIR": work.scratch, "PASSPHRASE": password or ""}
        if password is not None:
            self.env["GNUPGHOME"] = os.path.join(work.scratch, "gnupg")
            os.makedirs(self.env["GNUPGHOME"], 0o700, exist_ok=True)

    def ask(
        self, action: str, path: str = "", back: str = "", timeout: float = 60, most: int = 0, **given: Any
    ) -> Ran:
        argv = ["duplicity", action, "--archive-dir", os.path.join(self.work.scratch, "archive")]
        if not self.env["PASSPHRASE"]:
            argv.append("--no-encryption")
        if path:
            argv += ["--file-to-restore", path]
        argv.append("file://" + self.look.target.location)
        if back:
            argv.append(back)
        # Nobody tells how large a file is before it is there.
        if most and self.work.agent.which("prlimit"):
            argv = [
                "prlimit",
                "--fsize=%d" % most,
                self.work.agent.which("duplicity") or "duplicity",
                *argv[1:],
            ]
        return self.work.agent.run(argv, timeout=max(1.0, timeout), env=self.env, **given)

    def list_files(self, backup: Backup, sample: Sample, timeout: float) -> Ran:
        paths: list[str] = []

        def take(line: bytes) -> None:
            found = LISTED.fullmatch(line.decode("utf-8", "replace"))
            # Their sizes are not told: what comes back is measured.
            if found:
                paths.append(found.group(1))
            elif paths:
                # The name goes on in the next line, and cannot be given back as it is.
                paths[-1] = ""

        ran = self.ask("list-current-files", timeout=timeout, each_line=take)
        parents = {os.path.dirname(path) for path in paths}
        for path in paths:
            if path not in parents and path not in ("", ".") and "\ufffd" not in path:
                sample.add(File(path, -1, 0.0, ""))
        return ran

    def restore(self, backup: Backup, files: list[File], folder: str, timeout: float) -> Ran:
        """Leaves in `files` what came back or should have: what turns out too large is given up."""
        del files[MOST_FILES:]
        ends, room = time.monotonic() + timeout, int(self.work.options["restore_max_mb"] * 1_000_000)
        ran = Ran(0, "", "", None)
        for file in list(files):
            back = os.path.join(folder, file.path)
            os.makedirs(os.path.dirname(back), exist_ok=True)
            ran = self.ask("restore", file.path, back=back, timeout=ends - time.monotonic(), most=room)
            size = os.path.getsize(back) if os.path.isfile(back) else 0
            if not ran.ok and size >= room:
                files.remove(file)
                os.remove(back)
                ran = Ran(0, "", "", None)
            if not ran.ok:
                return ran
            room -= size
        return ran
