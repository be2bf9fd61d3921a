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
        """False when there is nothing more to read."""
        try:
            octets = os.read(self.fd, READ_SIZE)
        except BlockingIOError:
            return False
        except OSError:
            octets = b""
        if not octets:
            self.fd = None
            return False
        self.take(octets)
        return True

    def has_hung_up(self):
        while self.fd is not None and self.read():
            pass
        return self.fd is None

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


class Run:
    """A run whose agent has been started."""

    def __init__(self, header, folder):
        self.header, self.folder = header, folder
        self.begun = STARTED
        self.adopts = control_process(36, 1)  # PR_SET_CHILD_SUBREAPER: orphans come back to us
        self.asked = []  # signals that asked us to end
        self.agent = 0
        self.pipes = []  # where its output, its errors and its messages are read
        self.wake, self.wakes = os.pipe()
        for fd in (self.wake, self.wakes):
            os.set_blocking(fd, False)

    def hear_signals(self):
        for number in (signal.SIGPIPE, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda caught, _frame: self.asked.append("signal %d" % caught))
        signal.set_wakeup_fd(self.wakes)
        signal.signal(signal.SIGCHLD, lambda *_: None)


def start_agent(run, modules):
    """Forks the agent into a session of its own."""
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
            os.environ["CARL_RUN_ID"] = run.header["run"]
            part("agent_side").be_the_agent(run.header, modules, messages, to_json)
        finally:
            os._exit(126)
    for _, writing in pipes:
        os.close(writing)
    run.agent = pid
    run.pipes = [reading for reading, _ in pipes]


def move_up(fd):
    """A copy of a descriptor above all that are closed, not inherited by programs the agent starts."""
    import fcntl

    return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 100)


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
    run = Run(header, folder)
    run.hear_signals()
    frames.say(
        "hello",
        v=1,
        pid=os.getpid(),
        py="%d.%d.%d" % sys.version_info[:3],
        exe=(sys.executable or "")[:400],
        uid=os.geteuid(),
        sys=sys.platform,
        os=describe_system(),
        sub=run.adopts,
        dir=folder,
        now=time.time(),
    )
    if frames.spool is None:
        os.set_blocking(1, False)
    frames.flush()
    start_agent(run, modules)
    # Compiled only now: the agent's side is at work already.
    part("watch").watch(run, frames, control, from_json, part)


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

    allowed = globals().get("ALLOWED")
    if allowed is not None and header["sha256"] not in allowed:  # by the gate of the node
        sys.stderr.write("CARL-GATE bundle\n")
        sys.stderr.flush()
        sys.exit(77)
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
    """False for a run that the server has not let us forget: it hears that by our exit status."""
    header = from_json(STDIN.readline())
    if not all(letter.isalnum() or letter in "_-" for letter in header["run"]):
        sys.exit(2)
    frames = Frames(header["nonce"])
    control = Control(header.get("hb", 30))
    if header.get("mode") == "attach":
        control.prepare()
        part("lease").attend(header, frames, control)
        return control.acknowledged
    modules = unpack(header)
    control.prepare()
    if control.has_hung_up():
        sys.exit(1)  # it waited too long for us, and counts on nothing being started any more
    lease = part("lease") if header.get("lease") else None
    if lease and lease.go_behind(header, modules, frames, control, supervise):
        lease.attend(header, frames, control)
        return control.acknowledged
    supervise(header, modules, frames, control, None)
    return True


def part(name):
    """A module of ours that travelled along, compiled only by who needs it."""
    module = COMPILED.get(name)
    if module is None:
        module = COMPILED[name] = type(sys)(name)
        source = PARTS[PARTS.index(name.encode()) + 1]
        exec(compile(source, name + ".py", "exec"), module.__dict__)
    return module


COMPILED = {}
PARTS = globals()["parts"]  # by the loader: this file, then name and source of each part
STDIN = sys.stdin.buffer
is_over = main()
sys.stdout.flush()
os._exit(0 if is_over else 1)
