"""The supervisor: what really runs on a node while an agent works there.

It arrives over standard input, starts the agent as a child that it can always take back, and leaves with it.
Nothing is written to the node, unless the run is resumable: then its frames are kept in a private folder in
memory until the server has acknowledged them.

Standard input   one line of JSON (the header), the packed modules, then control lines: an empty line is a
                 heartbeat, {"t":"cancel"} stops the run, {"t":"ack"} lets the node forget it.
Standard output  one frame a line: RS, nonce, space, JSON. Numbered from 1 by `q` without holes.

Python 3.8 or newer, standard library only. Every run pays for what is imported and compiled here: what only
some runs need, or only the forked process, lies in the parts that travel along.
"""

# Not signal, json and ctypes but the C modules below them: what is around those brings re and enum along, and
# would take half of the time of a small run.
import _signal as signal
import codecs
import os
import select
import sys
import time

try:
    import _json
except ImportError:  # PyPy has another
    _json = None

STARTED = time.monotonic()
LINUX = sys.platform.startswith("linux")
IDLE_TICK_S = 0.5  # how often limits are looked at while nothing happens
HEARTBEAT_EVERY_S = 5.0
PENDING_LIMIT = 1 << 20  # bytes waiting for the server; above it the agent's pipes are not read
READ_SIZE = 65536


def to_json(value, default=None, allow_nan=True):
    """Short, and not escaped: a message would grow past what the server takes."""
    if _json is None:
        import json

        return json.dumps(
            value, separators=(",", ":"), ensure_ascii=False, allow_nan=allow_nan, default=default
        )
    encode = _json.make_encoder({}, default, _json.encode_basestring, None, ":", ",", False, False, allow_nan)
    return "".join(encode(value, 0))


def from_json(octets):
    """Raises ValueError for what is none. NaN and its like become None: they are no JSON, and the server
    would not understand them."""
    if _json is None:
        import json

        return json.loads(octets, parse_constant=lambda _: None)
    text = octets.decode("utf-8").strip(" \t\r\n")
    try:
        value, end = _json.make_scanner(Reading)(text, 0)
    except StopIteration:
        end = -1
    if end != len(text):
        raise ValueError("not JSON")
    return value


class Reading:
    """How values are read."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float, parse_int = float, int

    @staticmethod
    def parse_constant(name):
        return None


class Frames:
    """Numbers what is said and passes it on: to the server, or to the folder of a resumable run."""

    def __init__(self, nonce):
        self.beat_at = time.monotonic()
        self.prefix = ("\x1e" + nonce + " ").encode()
        self.number = 0
        self.pending = bytearray()
        self.out = 1  # None once the server cannot be reached any more
        self.spool = None
        self.spooled = 0  # bytes
        self.reserve = None
        self.bell = None  # path of the pipe that wakes who listens to a resumable run
        self.spool_failed = False

    def say(self, kind, **fields):
        fields["q"] = self.number + 1
        if self.put(kind, fields):
            self.number += 1

    def remark(self, kind, **fields):
        """Something about the connection rather than the run: it has no number."""
        fields["q"] = 0
        self.put(kind, fields)

    def put(self, kind, fields):
        """Passes a frame on; False when it could not be kept. Raises ValueError for what JSON cannot say."""
        fields["t"] = kind
        fields["ms"] = int((time.monotonic() - STARTED) * 1000)
        # Number and kind come last: whoever passes frames on finds them there without reading all.
        line = self.prefix + to_json(fields, allow_nan=False).encode("utf-8", "replace") + b"\n"
        if self.spool is None:
            if self.out is not None:
                self.pending += line
            return True
        if self.spool_failed and kind not in ("stopping", "end"):
            return False  # the little room that is left is for the last words
        try:
            write_all(self.spool, line)
            self.spooled += len(line)
            ring(self.bell)
            return True
        except OSError:
            # The disk is full. The run is stopped by its owner loop; half a frame is taken back, and what was
            # set aside makes room.
            os.ftruncate(self.spool, self.spooled)
            os.ftruncate(self.reserve, 0)
            self.spool_failed = True
            return False

    def has_room(self):
        return len(self.pending) < PENDING_LIMIT

    def beat(self):
        """Says now and then that we are here."""
        now = time.monotonic()
        if now - self.beat_at > HEARTBEAT_EVERY_S:
            self.beat_at = now
            self.remark("hb")

    def flush(self, wait=False):
        while self.pending and self.out is not None:
            try:
                sent = os.write(self.out, self.pending[:READ_SIZE])
                del self.pending[:sent]
            except BlockingIOError:
                if not wait:
                    return
                select.select([], [self.out], [], 1)
            except OSError:  # the channel is gone
                self.out = None
                self.pending.clear()


def ring(bell):
    """Wakes who listens; often nobody does, and then there is no one to open the pipe for."""
    try:
        fd = os.open(bell, os.O_WRONLY | os.O_NONBLOCK)
    except (OSError, TypeError):
        return
    try:
        os.write(fd, b"!")
    except OSError:
        pass  # it has rung often enough
    os.close(fd)


def write_all(fd, octets):
    while octets:
        octets = octets[os.write(fd, octets) :]


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

    def __init__(self, frames, max_count, max_bytes):
        self.frames, self.max_count, self.max_bytes = frames, max_count, max_bytes
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
            message = from_json(line)
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


def control_process(option, value):
    """prctl, on Linux. False where it cannot be called: the process tree still finds most."""
    if not LINUX:
        return False
    try:
        try:
            import _ctypes

            prctl = _ctypes.dlsym(_ctypes.dlopen(None, 0), "prctl")
            return _ctypes.call_function(prctl, (option, value, 0, 0, 0)) == 0
        except (ImportError, AttributeError):
            import ctypes

            return ctypes.CDLL(None).prctl(option, value, 0, 0, 0) == 0
    except Exception:
        return False


class Family:
    """Everything that the agent started, however it tried to get away."""

    def __init__(self, run):
        self.mark = ("CARL_RUN_ID=" + run).encode()
        self.agent = 0
        self.status = None
        self.adopts = control_process(36, 1)  # PR_SET_CHILD_SUBREAPER

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
        parents = self.from_proc() if os.path.isdir("/proc/self/fd") else self.from_ps()
        own = os.getpid()
        found = {own}
        grew = True
        while grew:
            grew = False
            for pid, (parent, marked) in parents.items():
                if pid not in found and (marked or parent in found):
                    found.add(pid)
                    grew = True
        found.discard(own)
        return sorted(found)

    def from_proc(self):
        parents = {}
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            try:
                with open("/proc/" + name + "/stat", "rb") as file:
                    stat = file.read()
                # The name of a program may hold spaces and brackets, so count from its last bracket.
                fields = stat[stat.rindex(b")") + 2 :].split()
                if fields[0] in (b"Z", b"X"):
                    continue
                parents[int(name)] = (int(fields[1]), self.is_marked(name))
            except (OSError, ValueError):
                continue
        return parents

    def is_marked(self, pid):
        try:
            with open("/proc/" + pid + "/environ", "rb") as file:
                return self.mark in file.read().split(b"\0")
        except OSError:
            return False

    def from_ps(self):
        parents = {}
        try:
            for line in os.popen("ps -axo pid=,ppid= 2>/dev/null"):
                pid, parent = line.split()
                parents[int(pid)] = (int(parent), False)
        except (OSError, ValueError):
            pass
        return parents

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


class Control:
    """What the server says: heartbeats, and now and then a wish."""

    def __init__(self, limit_s):
        self.fd = 0
        self.limit_s = limit_s
        self.buffer = bytearray()
        self.heard_at = time.monotonic()
        self.bell = None
        self.cancelled = False
        self.acknowledged = False
        self.kept_at = float("-inf")  # when the lease was last renewed

    def prepare(self):
        os.set_blocking(0, False)
        held = STDIN.peek()  # what came behind the modules is in Python's buffer already
        if held:
            self.take(STDIN.read(len(held)))

    def read(self):
        try:
            octets = os.read(self.fd, READ_SIZE)
        except BlockingIOError:
            return
        except OSError:
            octets = b""
        if not octets:
            self.fd = None
            return
        self.take(octets)

    def take(self, octets):
        self.heard_at = time.monotonic()
        self.buffer += octets
        while b"\n" in self.buffer:
            line, _, rest = bytes(self.buffer).partition(b"\n")
            self.buffer = bytearray(rest)
            self.cancelled = self.cancelled or b'"cancel"' in line
            self.acknowledged = self.acknowledged or b'"ack"' in line
        del self.buffer[:-READ_SIZE]

    def is_silent(self):
        return bool(self.limit_s) and time.monotonic() - self.heard_at > self.limit_s


def start_agent(header, modules, family):
    """Forks the agent into a session of its own; gives the reading ends of its output and messages."""
    pipes = [os.pipe() for _ in range(3)]
    pid = os.fork()
    if pid == 0:
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGPIPE, signal.SIGHUP, signal.SIGTERM, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            os.setsid()
            control_process(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: the agent dies with its supervisor
            nothing = os.open(os.devnull, os.O_RDWR)
            os.dup2(nothing, 0)
            os.dup2(pipes[0][1], 1)
            os.dup2(pipes[1][1], 2)
            messages = move_up(pipes[2][1])
            os.closerange(3, messages)
            os.closerange(messages + 1, 256)
            os.environ["CARL_RUN_ID"] = header["run"]
            part("agent_side").be_the_agent(header, modules, messages, to_json)
        finally:
            os._exit(126)
    for _, writing in pipes:
        os.close(writing)
    family.agent = pid
    return [reading for reading, _ in pipes]


def move_up(fd):
    """A copy of a descriptor above all that are closed, not inherited by programs the agent starts."""
    import fcntl

    return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 100)


# --- The supervisor's side --------------------------------------------------------------------------------


def describe_system():
    """`Linux 6.1.0 x86_64, debian 12`."""
    name = os.uname()
    text = "%s %s %s" % (name.sysname, name.release, name.machine)
    try:
        with open("/etc/os-release", encoding="utf-8", errors="replace") as file:
            facts = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
        text += ", %s %s" % (facts.get("ID", "").strip('"'), facts.get("VERSION_ID", "").strip('"'))
    except (OSError, ValueError):
        pass
    return text[:200]


def supervise(header, modules, frames, control, folder):
    """Runs the agent to its end, or to the first reason to stop it, and leaves nothing behind."""
    family = Family(header["run"])
    for number in (signal.SIGPIPE, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    asked = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda caught, _frame: asked.append("signal %d" % caught))
    wake_reading, wake_writing = os.pipe()
    for fd in (wake_reading, wake_writing):
        os.set_blocking(fd, False)
    signal.set_wakeup_fd(wake_writing)
    signal.signal(signal.SIGCHLD, lambda *_: None)

    frames.say(
        "hello",
        v=1,
        pid=os.getpid(),
        py="%d.%d.%d" % sys.version_info[:3],
        exe=(sys.executable or "")[:400],
        uid=os.geteuid(),
        sys=sys.platform,
        os=describe_system(),
        sub=family.adopts,
        dir=folder,
        now=time.time(),
    )
    if frames.spool is None:
        os.set_blocking(1, False)
    frames.flush()
    outs, errs, says = start_agent(header, modules, family)
    bounds = header.get("head", 262144), header.get("tail", 262144)
    streams = {outs: Stream(frames, "o", *bounds), errs: Stream(frames, "e", *bounds)}
    messages = Messages(frames, header.get("messages", 20000), header.get("message_bytes", 4 << 20))
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
            why = reason_to_stop(header, control, folder, frames, asked, now)
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

        waiting = [wake_reading]
        if control.fd is not None and folder is None:
            waiting.append(control.fd)
        if frames.has_room():
            waiting += reading
        writing = [1] if frames.pending and frames.out is not None else []
        ready, _, _ = select.select(waiting, writing, [], 0.05 if why else IDLE_TICK_S)
        if wake_reading in ready:
            try:
                os.read(wake_reading, 512)
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


def reason_to_stop(header, control, folder, frames, asked, now):
    """The first reason to end the run, or None. In the order of importance."""
    if asked:
        return asked[0]
    if now - STARTED > header.get("timeout", 300):
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


def sha256_of():
    """Python's own implementation: hashlib brings OpenSSL along, which takes longer than the sum."""
    for name in ("_sha2", "_sha256"):
        try:
            return __import__(name).sha256
        except ImportError:
            continue
    import hashlib

    return hashlib.sha256


def unpack(header):
    """The modules by name. What arrives changed is not run."""
    import zlib

    packed = STDIN.read(header["len"])
    if sha256_of()(packed).hexdigest() != header["sha256"]:
        sys.stderr.write("CARL-TAMPERED\n")
        sys.exit(3)
    octets = zlib.decompress(packed)
    index_end = octets.index(b"\n")
    modules = {}
    at = index_end + 1
    for name, size in from_json(octets[:index_end]):
        modules[name] = octets[at : at + size]
        at += size
    return modules


def main():
    header = from_json(STDIN.readline())
    if not all(letter.isalnum() or letter in "_-" for letter in header["run"]):
        sys.exit(2)
    frames = Frames(header["nonce"])
    control = Control(header.get("hb", 30))
    if header.get("mode") == "attach":
        control.prepare()
        part("lease").attend(header, frames, control)
        return
    modules = unpack(header)
    control.prepare()
    lease = part("lease") if header.get("lease") else None
    if lease and lease.go_behind(header, modules, frames, control, supervise):
        lease.attend(header, frames, control)
    else:
        supervise(header, modules, frames, control, None)


def part(name):
    """A module of ours that travelled along, compiled only by who needs it."""
    module = type(sys)(name)
    source = PARTS[PARTS.index(name.encode()) + 1]
    exec(compile(source, name + ".py", "exec"), module.__dict__)
    return module


PARTS = globals()["parts"]  # by the loader: this file, then name and source of each part
STDIN = sys.stdin.buffer
main()
sys.stdout.flush()
os._exit(0)
