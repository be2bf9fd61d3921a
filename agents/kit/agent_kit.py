"""The kit: all that an agent needs, of the standard library alone.

    from agent_kit import Agent, main

    def perform(agent: Agent) -> None:
        with agent.section("disks", budget_s=10):
            agent.data["mounts"] = agent.run(["df", "-P"]).out.splitlines()

    if __name__ == "__main__":
        main(perform, schema="my-agent/1")

The carrier on the node provides the module `car` with the configuration and a way to speak. What only some
agents do lies in `agent_kit_*.py` beside this file and is compiled when it is first done. Python 3.8 or
newer.
"""

from __future__ import annotations

# Every run pays for what is imported here. What only some need is imported where it is used, names of types
# only by those who check them, and of signal and threading just what they are made of: they bring more along.
import _signal as signal
import _thread
import math
import os
import resource
import stat
import sys
import time

import car

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from typing import Any, Callable, Iterator, Sequence

    from agent_kit_actions import Maker
    from agent_kit_commands import Ran

PATHS = (
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:"
    "/usr/syno/sbin:/usr/syno/bin:/opt/bin:/opt/sbin:/snap/bin"
).split(":")
# Of every command: the same words and times on every node, and nothing that waits for a person.
ENVIRONMENT = dict(
    word.split("=")
    for word in (
        "LC_ALL=C LANG=C TZ=UTC TERM=dumb COLUMNS=512 PAGER=cat SYSTEMD_PAGER=cat SYSTEMD_COLORS=0 "
        "DEBIAN_FRONTEND=noninteractive"
    ).split()
)
CAPS = {
    "log": 5000,
    "exec": 2000,
    "metric": 5000,
    "finding": 500,
    "artifact": 20,
    "progress": 2000,
    "history": 500,
    "action": 500,
    "action_result": 1500,
}
EVIDENCE_BYTES = 8 * 1024
DATA_BYTES = 3 * 1024 * 1024
EXIT = {"ok": 0, "partial": 0, "error": 1, "timeout": 4, "cancelled": 5}

# What a terminal or a reader could be fooled with: escape sequences, control characters, direction marks,
# surrogates.
ESCAPES = "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[P\\]X^_][^\x07\x1b]*(?:\x07|\x1b\\\\)?|\x1b[ -/]*[0-~]"
UNSEEN = "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"


class Stopped(BaseException):
    """The run is to end now: cancelled, or out of time. Not an Exception, so that no section swallows it."""


class NotSeen(Exception):
    """A section raises it where it cannot look; it becomes a gap with what would allow it."""

    def __init__(self, why: str, remedy: str | None = None) -> None:
        super().__init__(why)
        self.remedy = remedy


def clean(text: Any, limit: int = 2000) -> str:
    """Text from anywhere as harmless text of bounded length."""
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    text = text[: 4 * limit + 1000]
    if not text.replace("\n", "").replace("\t", "").isprintable():
        import re

        text = re.sub(UNSEEN, "\ufffd", re.sub(ESCAPES, "", text))
    if 2 * len(text) <= limit:
        return text
    # As the server counts: a character beyond the first 65536 is two.
    units = text.encode("utf-16-le")
    if len(units) <= 2 * limit:
        return text
    return units[: 2 * max(0, limit - 1)].decode("utf-16-le", "ignore") + "…"


def one_line(text: Any, limit: int) -> str:
    return clean(" ".join(str(text).split()), limit)


def plain(value: Any, depth: int = 12) -> Any:
    """Anything as JSON that every reader takes: clean texts, finite numbers, lists and objects."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return value if math.isfinite(value) and abs(value) < 2**63 else None
    if depth == 0:
        return "…"
    if isinstance(value, dict):
        return {clean(key, 300): plain(inner, depth - 1) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        ordered = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return [plain(inner, depth - 1) for inner in ordered]
    return clean(value)


def shorten(value: dict[str, Any], limit: int) -> dict[str, Any]:
    """Halves the longest list or text, again and again, until it fits; `name_more` counts what a list
    lost."""
    # No character of it becomes more than twelve of JSON, and most of what is shortened is short.
    if 12 * len(repr(value)) <= limit:
        return value
    import json

    value = json.loads(json.dumps(value))
    while len(json.dumps(value)) > limit:
        size, owner, name = max(measured(value), key=lambda place: place[0], default=(0, value, ""))
        if size < 64:
            return {"left_out": "too much to show"}
        inner = owner[name]
        owner[name] = inner[: len(inner) // 2] + ("…" if isinstance(inner, str) else [])
        if isinstance(inner, list) and isinstance(owner, dict):
            owner[name + "_more"] = owner.get(name + "_more", 0) + len(inner) - len(owner[name])
    return value


def measured(value: Any) -> Iterator[tuple[int, Any, Any]]:
    """Every list and text inside, as (JSON size, what holds it, under which name)."""
    import json

    places = value.items() if isinstance(value, dict) else enumerate(value)
    for name, inner in list(places):
        if isinstance(inner, (list, str)) and len(inner) > 1:
            yield len(json.dumps(inner)), value, name
        if isinstance(inner, (list, dict)):
            yield from measured(inner)


def read_file(path: str, limit: int = 1 << 20) -> str | None:
    """The start of a regular file as text, or None. Never waits on a pipe or a device."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except (OSError, ValueError):
        return None
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            return None
        parts, room = [], limit
        while room > 0:
            part = os.read(fd, min(65536, room))
            if not part:
                break
            parts.append(part)
            room -= len(part)
        return b"".join(parts).decode("utf-8", "replace")
    except OSError:
        return None
    finally:
        os.close(fd)


class History:
    """Samples of past runs, oldest first, and those that the next run shall have. Keys stand in the
    manifest."""

    def __init__(self, past: dict[str, Any], speak: Callable[..., None]) -> None:
        self._past, self._speak = past, speak

    def past(self, key: str) -> list[tuple[float, Any]]:
        samples = self._past.get(key) or []
        return [(float(sample[0]), sample[1]) for sample in samples]

    def last(self, key: str) -> Any:
        """The newest sample, or None on the first run."""
        samples = self.past(key)
        return samples[-1][1] if samples else None

    def keep(self, key: str, value: Any) -> None:
        self._speak("history", key=key, value=plain(value))


def longest_first(secrets: dict[str, str]) -> list[str]:
    """The secrets as they may show in a text, also inside JSON."""
    hidden = [value for value in secrets.values() if isinstance(value, str) and len(value) >= 4]
    if not hidden:
        return []
    import json

    return sorted({form for value in hidden for form in (value, json.dumps(value)[1:-1])}, key=len)[::-1]


class Agent:
    """One run of one agent: its configuration, and all that it may say and do."""

    def __init__(self, config: dict[str, Any], sudo: Sequence[Sequence[str]] = ()) -> None:
        run = config.get("run") or {}
        self.options: dict[str, Any] = dict(config.get("options") or {})
        self.node: dict[str, Any] = dict(config.get("node") or {})
        self.secrets: dict[str, str] = dict(config.get("secrets") or {})
        self.mode, self.dry_run = run.get("mode", "report"), bool(run.get("dryRun"))
        self.sent_at: float | None = run.get("sentAt")
        self.is_root = os.geteuid() == 0
        self.data: dict[str, Any] = {}
        self.history = History(config.get("history") or {}, self._say)
        self.started = time.time()
        self.stopped_by: str | None = None
        self._sudo = {tuple(argv) for argv in sudo} if run.get("elevation") == "commands" else set()
        self._timeout_s = float(run.get("timeoutS") or 300)
        self._begin = time.monotonic()
        # A little earlier than the carrier's own limit, so that what is known is still told.
        self._deadline = self._begin + self._timeout_s - min(2.0, self._timeout_s / 5)
        self._lock = _thread.RLock()
        self._counts: dict[str, int] = {}
        self._dropped: dict[str, int] = {}
        self._gaps: list[dict[str, Any]] = []
        self._children: set[subprocess.Popen] = set()
        self._budget = _thread._local()
        self._main = _thread.get_ident()
        self._held, self._ended = 0, False
        self._hidden = longest_first(self.secrets)
        self.path = [place for place in os.environ.get("PATH", "").split(":") if place.startswith("/")]
        self.path += [place for place in PATHS if place not in self.path]
        self._env = {
            **ENVIRONMENT,
            "PATH": ":".join(self.path),
            "HOME": os.environ.get("HOME", "/"),
        }
        # By these two the carrier and the user's own services are found.
        self._env.update({k: os.environ[k] for k in ("CARL_RUN_ID", "XDG_RUNTIME_DIR") if k in os.environ})

    # --- Saying ---------------------------------------------------------------------------------------

    def log(self, text: Any, level: str = "info") -> None:
        self._say("log", level=level, msg=clean(text, 4000))

    def progress(self, step: str, state: str = "start", **fields: float) -> None:
        """`state` is start, ok or error; `ms`, `done` and `total` may follow."""
        self._say("progress", step=one_line(step, 100), state=state, **fields)

    def metric(self, name: str, value: float | None, unit: str, **labels: str) -> None:
        """A number that deserves a curve over the runs. None is passed over."""
        if value is not None and math.isfinite(value):
            texts = {key: one_line(label, 200) for key, label in labels.items()}
            self._say("metric", name=name, value=value, unit=unit, labels=texts)

    def gap(self, what: str, why: Any, remedy: str | None = None) -> None:
        """Something could not be seen. `what` begins with the section; `remedy` is what would allow it."""
        with self._lock:
            if len(self._gaps) < 200:
                gap = {
                    "what": one_line(what, 200),
                    "why": one_line(why, 400),
                    "remedy": remedy and clean(remedy, 400),
                }
                self._gaps.append(self._redacted(gap))
            else:
                self._dropped["gap"] = self._dropped.get("gap", 0) + 1

    def finding(
        self,
        rule: str,
        severity: str,
        subject: str,
        title: str,
        evidence: dict[str, Any],
        fix: str | None = None,
        confidence: str = "certain",
    ) -> None:
        """A judgement. `rule:subject` is its key: the same problem must keep the same subject in every
        run."""
        subject = one_line(subject, 300)
        self._say(
            "finding",
            finding={
                "id": rule,
                "severity": severity,
                "subject": subject,
                "key": "%s:%s" % (rule, subject),
                "title": one_line(title, 300),
                "evidence": shorten(plain(evidence), EVIDENCE_BYTES),
                "fix": fix and clean(fix, 1000),
                "confidence": confidence,
            },
        )

    def propose(
        self,
        kind: str,
        target: dict[str, Any],
        title: str,
        why: str,
        precondition: dict[str, Any] | None = None,
        args: dict[str, Any] | None = None,
        finding: str | None = None,
        frees: tuple[int, int] | None = None,
        read_at: float | None = None,
    ) -> str:
        """Proposes a change; nothing happens. `kind` stands in the manifest's `actions`, the shapes of the
        rest in `contract/actions.ts`. `finding` is the key of the finding it settles, `frees` at least and at
        most how many bytes. `read_at` is when reading the object began, if that was not just now. Gives the
        name of the action."""
        import agent_kit_actions

        return agent_kit_actions.propose(
            self, kind, target, title, why, precondition or {}, args or {}, finding, frees, read_at
        )

    def artifact(self, name: str, content: bytes, media_type: str = "text/plain") -> None:
        """A file for the report, at most 256 KiB of it."""
        import base64

        kept = base64.b64encode(content[: 256 * 1024]).decode("ascii")
        self._say("artifact", name=one_line(name, 200), mediaType=media_type, base64=kept)

    def record(
        self, argv: Sequence[str], rc: int | None, ms: int, out: int = 0, note: str | None = None
    ) -> None:
        """Puts on record what was asked of a program without starting one, as `docker-api GET /version`."""
        words = [clean(word, 300) for word in argv[:200]]
        self._say("exec", argv=words, rc=rc, ms=ms, out=out, err=0, note=note)

    def _say(self, kind: str, **fields: Any) -> None:
        with self._lock:
            if self._ended:
                return  # a section that was left behind has nothing more to say
            self._counts[kind] = self._counts.get(kind, 0) + 1
            if self._counts[kind] > CAPS.get(kind, sys.maxsize):
                self._dropped[kind] = self._dropped.get(kind, 0) + 1
                return
            # A stop in the middle of a line would spoil it.
            with Undisturbed(self, raises=kind not in ("data", "result")):
                car.event(kind, **self._redacted(fields))

    def _redacted(self, value: Any) -> Any:
        if not self._hidden:
            return value
        if isinstance(value, dict):
            return {self._redacted(key): self._redacted(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._redacted(inner) for inner in value]
        if isinstance(value, str):
            for secret in self._hidden:
                value = value.replace(secret, "[redacted]")
        return value

    # --- Sections -------------------------------------------------------------------------------------

    def section(self, name: str, budget_s: float = 60) -> Section:
        """A part of the work. What goes wrong inside becomes a gap, and the other parts run."""
        return Section(self, name, budget_s)

    def failed(self, name: str, error: BaseException) -> None:
        """A part of the work met a bug of its own: a gap for the reader, and the traceback in the log."""
        import traceback

        self.gap(
            name, "%s: %s" % (type(error).__name__, error), "This is a bug of the agent: please report it."
        )
        self.log(
            "".join(traceback.format_exception(type(error), error, error.__traceback__))[-3900:], "error"
        )

    def together(self, parts: dict[str, tuple[float, Callable[[], Any]]]) -> dict[str, Any]:
        """Runs parts side by side, each a section with its budget in seconds, and gives their results by
        name.

        A part that outlives its budget is left behind as a gap: it does not hold the others.
        """
        import agent_kit_parallel

        return agent_kit_parallel.together(self, parts)

    def seconds_left(self) -> float:
        """Until the budget of this section or of the run is spent."""
        ends = getattr(self._budget, "ends", None)
        return min(self._deadline, ends or self._deadline) - time.monotonic()

    # --- Commands -------------------------------------------------------------------------------------

    def which(self, program: str) -> str | None:
        """Where a program lies, also where the path of an ordinary login does not reach."""
        places = (os.path.join(place, program) for place in self.path)
        return next((it for it in places if os.access(it, os.X_OK) and not os.path.isdir(it)), None)

    def run(
        self,
        argv: Sequence[str],
        timeout: float = 10,
        limit: int = 1 << 20,
        sudo: bool = False,
        env: dict[str, str] | None = None,
        cwd: str = "/",
        each_line: Callable[[bytes], None] | None = None,
    ) -> Ran:
        """Runs a command: never a shell, in a session of its own, with bounded time and output, and on
        record.

        `sudo` puts `sudo -n --` in front if this node allows single commands and the manifest names this one.
        `each_line` takes the output line by line instead, however long it is; what it raises ends the
        command.
        """
        import agent_kit_commands

        return agent_kit_commands.run(self, argv, timeout, limit, sudo, env, cwd, each_line)

    def end_commands(self) -> None:
        """Ends every command that still runs, for whoever removes what they write to."""
        if self._children:
            import agent_kit_commands

            agent_kit_commands.end_all(self)

    def undisturbed(self) -> Undisturbed:
        """For what must not be cut in two: a stop that comes within `with agent.undisturbed():` waits for its
        end. Keep it short."""
        return Undisturbed(self)

    def _thread_failed(self, args: Any) -> None:
        """A thread that an agent started by itself broke. That the run was stopped is no failure of it."""
        if not issubclass(args.exc_type, Stopped) and not self._ended:
            import traceback

            trace = traceback.format_exception(args.exc_type, args.exc_value, args.exc_traceback)
            self.log("".join(trace)[-3900:], "error")

    # --- The end --------------------------------------------------------------------------------------

    def _stop(self, number: int, _frame: Any) -> None:
        if self.stopped_by or self._ended:
            return
        spent = time.monotonic() - self._begin
        is_late = number == signal.SIGALRM or spent > self._timeout_s - 0.5
        self.stopped_by = "timeout" if is_late else "cancelled"
        if not self._held:
            raise Stopped(self.stopped_by)

    def _finish(self, status: str, reason: str | None, schema: str) -> None:
        # With the lock: a part of the work that is left behind may be about to start one more.
        with self._lock:
            for child in list(self._children):
                try:
                    os.killpg(child.pid, signal.SIGTERM)
                except OSError:
                    pass  # it is gone
            self._say("data", schema=schema, data=shorten(plain(self.data), DATA_BYTES))
            self._say(
                "result",
                status="partial" if status == "ok" and self._gaps else status,
                reason=reason,
                gaps=self._gaps,
                dropped=self._dropped,
                maxRssKib=most_memory_kib(),
                ms=int((time.monotonic() - self._begin) * 1000),
            )
            self._ended = True


class Undisturbed:
    """See `Agent.undisturbed`. Only the main thread is ever interrupted, so only there it counts."""

    def __init__(self, agent: Agent, raises: bool = True) -> None:
        self.agent, self.raises = agent, raises
        self.is_main = _thread.get_ident() == agent._main

    def __enter__(self) -> None:
        if self.is_main:
            self.agent._held += 1

    def __exit__(self, *_: Any) -> None:
        if self.is_main:
            self.agent._held -= 1
            if self.agent.stopped_by and self.raises and not self.agent._held:
                raise Stopped(self.agent.stopped_by)


class Section:
    """See `Agent.section`."""

    def __init__(self, agent: Agent, name: str, budget_s: float) -> None:
        self.agent, self.name, self.budget_s = agent, name, budget_s

    def __enter__(self) -> None:
        self.begin = time.monotonic()
        self.agent._budget.ends = self.begin + self.budget_s
        self.agent.progress(self.name)

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        agent, state = self.agent, "ok"
        try:
            if isinstance(error, NotSeen):
                agent.gap(self.name, error, error.remedy)
            elif isinstance(error, Exception):
                state = "error"
                agent.failed(self.name, error)
        finally:
            agent._budget.ends = None
            if not agent._ended:
                agent.progress(self.name, state, ms=int((time.monotonic() - self.begin) * 1000))
        return isinstance(error, Exception)


def most_memory_kib() -> int:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // 1024 if sys.platform == "darwin" else most


def main(
    body: Callable[[Agent], None],
    schema: str,
    sudo: Sequence[Sequence[str]] = (),
    actions: dict[str, Maker] | None = None,
    free_bytes: Callable[[Agent], int | None] | None = None,
) -> None:
    """Runs an agent to its end and leaves with its exit status.

    Whatever happens, the last words are `data` (what `agent.data` holds by then) and `result`. Exit
    status: 0 it ran
    to the end, 1 it failed, 4 out of time, 5 cancelled. `sudo` are the commands of the manifest's list.

    Where changes were approved, `body` is not run: each goes to the one of `actions` that makes changes of
    its kind, see `agent_kit_actions`. `free_bytes` is measured before and after.
    """
    os.umask(0o077)
    try:
        os.nice(10)
    except OSError:
        pass
    agent = Agent(car.config, sudo)
    # Who imports threading later gets it from there.
    _thread._excepthook = agent._thread_failed
    if "threading" in sys.modules:
        sys.modules["threading"].excepthook = agent._thread_failed
    signals = (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)
    status, reason = "ok", None
    try:
        for number in signals:
            signal.signal(number, agent._stop)
        signal.setitimer(signal.ITIMER_REAL, max(0.1, agent._deadline - time.monotonic()))
        if agent.mode == "apply":
            import agent_kit_actions

            agent_kit_actions.apply(agent, actions or {}, free_bytes)
        else:
            body(agent)
    except Stopped as stopped:
        status = str(stopped)
        reason = "cancelled" if status == "cancelled" else "it took longer than %g s" % agent._timeout_s
    except Exception as error:
        status, reason = "error", one_line("%s: %s" % (type(error).__name__, error), 400)
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        import traceback

        agent.log(traceback.format_exc()[-4000:], "error")
    for number in signals:
        signal.signal(number, signal.SIG_IGN)
    agent._finish(status, reason, schema)
    sys.exit(EXIT[status])
