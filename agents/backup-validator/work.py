"""What the collectors share: the agent, the scratch folder, and the limits of this run."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from agent_kit import NotSeen, clean

if TYPE_CHECKING:
    from agent_kit import Agent
    from agent_kit_commands import Ran
    from target import Look, Target

PIECE = 1 << 16
# What a repository at a provider may be opened with. Nothing else of a secret reaches a tool this way.
VARIABLES = (
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"),
    *("B2_ACCOUNT_ID", "B2_ACCOUNT_KEY", "AZURE_ACCOUNT_NAME", "AZURE_ACCOUNT_KEY", "AZURE_ACCOUNT_SAS"),
    *("GOOGLE_PROJECT_ID", "GOOGLE_ACCESS_TOKEN", "RESTIC_REST_USERNAME", "RESTIC_REST_PASSWORD"),
    *("OS_AUTH_URL", "OS_USERNAME", "OS_PASSWORD", "OS_TENANT_NAME", "OS_REGION_NAME", "FTP_PASSWORD"),
)


class Work:
    """One target at a time uses it: disks are not read side by side."""

    def __init__(self, agent: Agent, place: str) -> None:
        self.agent, self.options = agent, agent.options
        self.place = place  # where scratch folders are made
        self.scratch = ""  # that of the target at hand
        self.now = agent.started
        self.to_read = int(self.options["read_max_mb"] * 1_000_000)  # what is left of this run's share

    # --- Secrets --------------------------------------------------------------------------------------

    def password(self, target: Target) -> str | None:
        return self.agent.secrets.get(target.key)

    def variables(self, target: Target) -> dict[str, str]:
        """The variables that came with the password of this target."""
        given = {name: self.agent.secrets.get("%s\n%s" % (target.key, name)) for name in VARIABLES}
        return {name: value for name, value in given.items() if value is not None}

    def password_file(self, password: str) -> str:
        """A file that only this user reads, in a folder that only this user enters."""
        path = os.path.join(self.scratch, "password")
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(password + "\n")
        return path

    # --- Gaps -----------------------------------------------------------------------------------------

    def gap(self, look: Look, part: str, why: str, remedy: str | None = None) -> None:
        """A part of a target that could not be seen; the rest of it can."""
        self.agent.gap("%s: %s" % (look.target.step, part), why, remedy)

    def need(self, program: str, package: str) -> None:
        if not self.agent.which(program):
            raise NotSeen("%s is not installed here" % program, "Install the package %s." % package)

    # --- Reading --------------------------------------------------------------------------------------

    def seconds_left(self) -> float:
        return self.agent.seconds_left()

    def pause(self) -> None:
        """Between two pieces of a long work: ends it when its time is over."""
        if self.seconds_left() <= 0:
            raise NotSeen("no time was left for it", "Allow the run more time, or let it read less.")


def said(ran: Ran, limit: int = 400) -> str:
    """What a tool complained about, as far as it helps a person."""
    text = ran.err.strip() or ran.out.strip()
    return clean(text[-4 * limit :], limit) or str(ran.note or "nothing")


def tree_size(path: str, within_s: float = 30) -> tuple[int | None, int]:
    """Bytes of all files below a folder, and how many; None when that takes too long."""
    total, count, ends = 0, 0, time.monotonic() + within_s
    for parent, _, names in os.walk(path):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_size
                count += 1
            except OSError:
                continue
        if time.monotonic() > ends:
            return None, count
    return total, count


def number(value: Any) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
