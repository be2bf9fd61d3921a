"""Watches a run: passes on what its agent says, within bounds, and ends it with everything it started.

Travels with the supervisor and is compiled while the agent begins. Python 3.8 or newer, standard library
only.
"""

import _signal as signal
import codecs
import os
import select
import time

IDLE_TICK_S = 0.5  # how often limits are looked at while nothing happens
READ_SIZE = 65536


class Stream:
    """Bounds one output stream of the agent: its start and its end are kept, the middle is counted."""

    def __init__(self, frames, name, head, tail):
        self.frames, self.name = frames, name
        self.head, self.tail_size = head, tail
        self.total = 0
        self.dropped = 0
        self.tail = bytearray()
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.told_at = 0.0

    def feed(self, octets):
        if self.total < self.head:
            kept = octets[: self.head - self.total]
            octets = octets[len(kept) :]
            self.total += len(kept)
            self.tell(self.decoder.decode(kept))
        if not octets:
            return
        self.total += len(octets)
        self.tail += octets
        self.trim(2 * self.tail_size)
        if time.monotonic() - self.told_at > 1:
            self.told_at = time.monotonic()
            self.frames.say("cut", s=self.name, total=self.total)

    def trim(self, limit):
        if len(self.tail) > limit:
            extra = len(self.tail) - self.tail_size
            self.dropped += extra
            del self.tail[:extra]

    def finish(self):
        self.tell(self.decoder.decode(b"", True))
        self.trim(self.tail_size)
        if self.dropped:
            # The cut may lie inside a character: its rest is part of what was dropped.
            rest = 0
            while rest < 4 and rest < len(self.tail) and (self.tail[rest] & 0xC0) == 0x80:
                rest += 1
            self.dropped += rest
            del self.tail[:rest]
            self.frames.say("gap", s=self.name, bytes=self.dropped)
        self.tell(bytes(self.tail).decode("utf-8", "replace"))

    def tell(self, text):
        if text:
            self.frames.say("out", s=self.name, d=text)


class Messages:
    """Passes on what the agent says through its kit, within bounds."""

    def __init__(self, frames, max_count, max_bytes, from_json):
        self.frames, self.max_count, self.max_bytes = frames, max_count, max_bytes
        self.from_json = from_json
        self.buffer = bytearray()
        self.count = 0
        self.dropped = 0
        self.skipping = False

    def feed(self, octets):
        self.buffer += octets
        while True:
            end = self.buffer.find(b"\n")
            if end < 0:
                break
            line = bytes(self.buffer[:end])
            del self.buffer[: end + 1]
            if self.skipping:
                self.skipping = False
            else:
                self.take(line)
        if len(self.buffer) > self.max_bytes:
            if not self.skipping:
                self.dropped += 1
            self.skipping = True
            self.buffer.clear()

    def take(self, line):
        try:
            message = self.from_json(line)
            kind = str(message.pop("kind"))[:40]
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
            self.dropped += 1
            return
        self.count += 1
        # The last word is never left out: without it the server could not tell an end from a break.
        if self.count > self.max_count and kind not in ("data", "result"):
            self.dropped += 1
            return
        try:
            self.frames.say("ev", k=kind, v=message)
        except (ValueError, RecursionError):
            self.dropped += 1

    def finish(self):
        if self.dropped:
            self.frames.say("gap", s="ev", count=self.dropped)


class Family:
    """Everything that the agent started, however it tried to get away."""

    def __init__(self, run, part):
        self.part = part
        self.mark = ("CARL_RUN_ID=" + run.header["run"]).encode()
        self.agent = run.agent
        self.adopts = run.adopts
        self.status = None

    def reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self.agent:
                self.status = status

    def is_alone(self):
        """Nobody is left, for sure: whoever had lost its parent would have become our child."""
        if not self.adopts:
            return False
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            return False
        except ChildProcessError:
            return True

    def living(self):
        """Descendants of ours, and whoever carries the mark of this run in its environment."""
        return self.part("kin").living(self.mark)

    def signal(self, number):
        try:
            os.killpg(self.agent, number)
        except OSError:
            pass
        for pid in self.living():
            try:
                os.kill(pid, number)
            except OSError:
                pass


def watch(run, frames, control, from_json, part):
    """Stays until the agent ends, or until the first reason to stop it, and leaves nothing behind."""
    header = run.header
    family = Family(run, part)
    bounds = header.get("head", 262144), header.get("tail", 262144)
    outs, errs, says = run.pipes
    streams = {outs: Stream(frames, "o", *bounds), errs: Stream(frames, "e", *bounds)}
    messages = Messages(
        frames, header.get("messages", 20000), header.get("message_bytes", 4 << 20), from_json
    )
    reading = {outs, errs, says}
    grace_s = header.get("grace", 5)
    why = None
    kill_at = None
    forced = False
    ended_at = None

    while True:
        now = time.monotonic()
        family.reap()
        if family.status is not None and ended_at is None:
            ended_at = now
        if ended_at is not None and not reading:
            break
        # A process that outlived the agent may hold its pipes open: it does not hold us.
        if ended_at is not None and (why or now - ended_at > 2):
            break
        if why is None:
            why = reason_to_stop(run, control, frames, now)
            if why:
                frames.say("stopping", why=why)
                family.signal(signal.SIGTERM)
                kill_at = now + grace_s
        elif now > kill_at:
            forced = True
            family.signal(signal.SIGKILL)
            kill_at = now + 1
        if frames.spool is None:
            frames.beat()
        frames.flush()

        waiting = [run.wake]
        if control.fd is not None and run.folder is None:
            waiting.append(control.fd)
        if frames.has_room():
            waiting += reading
        writing = [1] if frames.pending and frames.out is not None else []
        ready, _, _ = select.select(waiting, writing, [], 0.05 if why else IDLE_TICK_S)
        if run.wake in ready:
            try:
                os.read(run.wake, 512)
            except OSError:
                pass
        if control.fd is not None and control.fd in ready:
            control.read()
        for fd in ready:
            if fd in reading:
                octets = os.read(fd, READ_SIZE)
                if not octets:
                    reading.discard(fd)
                elif fd == says:
                    messages.feed(octets)
                else:
                    streams[fd].feed(octets)

    strays = [] if family.is_alone() else family.living()
    left = strays
    limit = time.monotonic() + grace_s + 2
    gentle_until = time.monotonic() + min(1.0, grace_s)
    while left and time.monotonic() < limit:
        gentle = time.monotonic() < gentle_until and not forced
        forced = forced or not gentle
        family.signal(signal.SIGTERM if gentle else signal.SIGKILL)
        time.sleep(0.05)
        family.reap()
        left = family.living()
    for stream in streams.values():
        stream.finish()
    messages.finish()
    status = family.status
    code = os.WEXITSTATUS(status) if status is not None and os.WIFEXITED(status) else None
    number = os.WTERMSIG(status) if status is not None and os.WIFSIGNALED(status) else None
    frames.say("end", code=code, sig=number, why=why, forced=forced, strays=len(strays), left=left)
    frames.flush(wait=True)


def reason_to_stop(run, control, frames, now):
    """The first reason to end the run, or None. In the order of importance."""
    header, folder = run.header, run.folder
    if run.asked:
        return run.asked[0]
    if now - run.begun > header.get("timeout", 300):
        return "timeout"
    if frames.spool_failed:
        return "full"
    if folder is not None:
        try:
            if os.path.exists(folder + "/cancel"):
                return "cancel"
            if time.time() - os.stat(folder + "/lease").st_mtime > header["lease"]:
                return "lease"
        except OSError:
            return "lease"
        return None
    if control.cancelled:
        return "cancel"
    if control.fd is None or frames.out is None:
        return "disconnect"
    if control.is_silent():
        return "heartbeat"
    return None
