"""The supervisor: what really runs on a node while an agent works there.

It arrives over standard input, starts the agent as a child that it can always take back, and leaves with it.
Nothing is written to the node, unless the run is resumable: then its frames are kept in a private folder in
memory until the server has acknowledged them.

Standard input   one line of JSON (the header), the packed modules, then control lines: an empty line is a
                 heartbeat, {"t":"cancel"} stops the run, {"t":"ack"} lets the node forget it.
Standard output  one frame a line: RS, nonce, space, JSON. Numbered from 1 by `q` without holes.

Python 3.8 or newer, standard library only. Imports stay few here: every run pays for them.
"""

import codecs
import json
import os
import select
import signal
import sys
import time

STARTED = time.monotonic()
LINUX = sys.platform.startswith("linux")
IDLE_TICK_S = 0.5  # how often limits are looked at while nothing happens
HEARTBEAT_EVERY_S = 5.0
PENDING_LIMIT = 1 << 20  # bytes waiting for the server; above it the agent's pipes are not read
READ_SIZE = 65536
FOLDER_MAX_AGE_S = 86400.0
ACK_WAIT_S = 10.0
KEEP_LEASE_EVERY_S = 0.5
RESERVE_SIZE = 65536  # bytes set aside for the last frames of a run whose disk is full


class Frames:
    """Numbers what is said and passes it on: to the server, or to the folder of a resumable run."""

    def __init__(self, nonce):
        self.prefix = ("\x1e" + nonce + " ").encode()
        self.number = 0
        self.pending = bytearray()
        self.out = 1  # None once the server cannot be reached any more
        self.spool = None
        self.spooled = 0  # bytes
        self.reserve = None
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
        # Not escaped: a message would grow past what the server takes.
        text = json.dumps(fields, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        line = self.prefix + text.encode("utf-8", "replace") + b"\n"
        if self.spool is None:
            if self.out is not None:
                self.pending += line
            return True
        if self.spool_failed and kind not in ("stopping", "end"):
            return False  # the little room that is left is for the last words
        try:
            write_all(self.spool, line)
            self.spooled += len(line)
            return True
        except OSError:
            # The disk is full. The run is stopped by its owner loop; half a frame is taken back, and what was
            # set aside makes room.
            os.ftruncate(self.spool, self.spooled)
            os.ftruncate(self.reserve, 0)
            self.spool_failed = True
            return False

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
            # NaN and its like are no JSON: the server would not understand the frame.
            message = json.loads(line, parse_constant=lambda _: None)
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

    def __init__(self, run):
        self.mark = ("CARL_RUN_ID=" + run).encode()
        self.agent = 0
        self.status = None
        self.libc = None
        self.adopts = LINUX and self.adopt_orphans()

    def adopt_orphans(self):
        try:
            import ctypes

            self.libc = ctypes.CDLL(None)
            return self.libc.prctl(36, 1, 0, 0, 0) == 0  # PR_SET_CHILD_SUBREAPER
        except Exception:  # no ctypes, or a libc without it: the process tree still finds most
            self.libc = None
            return False

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


# --- The agent's side of the fork -------------------------------------------------------------------------

WATCHED = frozenset(
    ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn"),
)


def make_car(config, pipe):
    """The module `car`: what an agent has of its carrier."""
    car = type(sys)("car")
    car.config = config
    car.quiet = False  # the kit sets it while it runs a command that it reports itself

    def event(kind, **fields):
        fields["kind"] = kind
        text = json.dumps(fields, default=str, ensure_ascii=False)
        write_all(pipe, text.encode("utf-8", "replace") + b"\n")

    car.event = event
    return car


def watch_commands(car):
    """Reports every command, also from code that goes around the kit. A record, not a sandbox."""
    busy = []

    def text(value):
        if isinstance(value, (list, tuple)):
            return [text(item)[:4096] for item in value]
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)

    def hook(name, args):
        if name not in WATCHED or busy or car.quiet:
            return
        busy.append(name)
        try:
            argv = text(args[1]) if len(args) > 1 and name != "os.system" else text(args[0])
            argv = argv if isinstance(argv, list) else [argv]
            cwd = text(args[2]) if name == "subprocess.Popen" and args[2] is not None else None
            car.event("cmd", via=name, argv=argv[:200], cwd=cwd)
        finally:
            busy.pop()
            # Popen goes on to posix_spawn or exec: one command, one report.
            if name == "subprocess.Popen":
                last[0] = time.monotonic()

    last = [0.0]

    def once(name, args):
        if name in ("os.posix_spawn", "os.exec", "os.spawn") and time.monotonic() - last[0] < 0.05:
            return
        hook(name, args)

    sys.addaudithook(once)


def offer_modules(modules):
    """Makes the modules of the bundle importable by name, with real tracebacks."""
    import linecache
    from importlib.abc import Loader, MetaPathFinder
    from importlib.machinery import ModuleSpec

    class Bundle(MetaPathFinder, Loader):
        def find_spec(self, name, path=None, target=None):
            return ModuleSpec(name, self, origin=name + ".py") if name in modules else None

        def create_module(self, spec):
            return None

        def exec_module(self, module):
            name = module.__spec__.name
            module.__file__ = name + ".py"
            run_source(name, modules[name], module.__dict__)

    def run_source(name, source, namespace):
        text = source.decode("utf-8", "replace")
        linecache.cache[name + ".py"] = (len(text), None, text.splitlines(True), name + ".py")
        exec(compile(source, name + ".py", "exec"), namespace)  # running the agent is what we are here for

    sys.meta_path.insert(0, Bundle())
    return run_source


def be_the_agent(header, modules, pipe):
    """Runs the agent in this forked process and leaves with its exit status."""
    sys.stdin = open(os.devnull)
    for name, fd in (("stdout", 1), ("stderr", 2)):
        setattr(
            sys, name, open(fd, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)
        )
    sys.argv = ["agent.py"]
    import builtins

    # Python was started without `site`, which is quicker but forgets these two.
    builtins.exit = builtins.quit = sys.exit
    car = make_car(header.get("config") or {}, pipe)
    sys.modules["car"] = car
    run_source = offer_modules(modules)
    watch_commands(car)
    main = type(sys)("__main__")
    main.__file__ = "agent.py"
    sys.modules["__main__"] = main
    code = 0
    try:
        run_source("agent", modules["agent"], main.__dict__)
    except SystemExit as leaving:
        code = leaving.code
        if code is None:
            code = 0
        elif not isinstance(code, int):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:  # an agent may fail in any way; the traceback starts at its own first line
        import traceback

        kind, error, trace = sys.exc_info()
        while trace is not None and not trace.tb_frame.f_code.co_filename.endswith("agent.py"):
            trace = trace.tb_next
        code = 1
        try:
            traceback.print_exception(kind, error, trace)
        except OSError:  # the agent closed its own standard error
            pass
    try:
        import atexit
        import threading

        threading._shutdown()
        atexit._run_exitfuncs()
    except BaseException:
        pass
    for file in (sys.stdout, sys.stderr):
        try:
            file.flush()
        except (OSError, ValueError):
            pass
    os._exit(code & 255)


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
            if family.libc:
                family.libc.prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG: the agent dies with its supervisor
            nothing = os.open(os.devnull, os.O_RDWR)
            os.dup2(nothing, 0)
            os.dup2(pipes[0][1], 1)
            os.dup2(pipes[1][1], 2)
            messages = move_up(pipes[2][1])
            os.closerange(3, messages)
            os.closerange(messages + 1, 256)
            os.environ["CARL_RUN_ID"] = header["run"]
            be_the_agent(header, modules, messages)
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
    beat_at = time.monotonic()

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
        if now - beat_at > HEARTBEAT_EVERY_S and frames.spool is None:
            beat_at = now
            frames.remark("hb")
        frames.flush()

        waiting = [wake_reading]
        if control.fd is not None and folder is None:
            waiting.append(control.fd)
        if len(frames.pending) < PENDING_LIMIT:
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

    strays = family.living()
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


# --- Resumable runs ---------------------------------------------------------------------------------------


def scratch_parents():
    """Places for the folder of a resumable run: memory before disk."""
    return [place for place in (os.environ.get("XDG_RUNTIME_DIR"), "/dev/shm", "/tmp") if place]


def folder_name(run):
    return "carl-%d-%s" % (os.getuid(), run)


def make_folder(run):
    """A private folder for the run, or None when nothing can be written."""
    for parent in scratch_parents():
        folder = os.path.join(parent, folder_name(run))
        try:
            os.mkdir(folder, 0o700)
        except OSError:
            continue
        try:
            open(folder + "/lease", "wb").close()
            with open(folder + "/reserve", "wb") as file:
                file.write(
                    b"x" * RESERVE_SIZE
                )  # a file system without room is found out now, not in the middle
            return folder
        except OSError:
            remove(folder)
    return None


def find_folder(run):
    for parent in scratch_parents():
        folder = os.path.join(parent, folder_name(run))
        try:
            # A folder that somebody else put there under our name is none of ours.
            if os.lstat(folder).st_uid == os.getuid():
                return folder
        except OSError:
            continue
    return None


def remove(folder):
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def remove_stale_folders():
    prefix = "carl-%d-" % os.getuid()
    for parent in scratch_parents():
        try:
            names = os.listdir(parent)
        except OSError:
            continue
        for name in names:
            folder = os.path.join(parent, name)
            try:
                if (
                    name.startswith(prefix)
                    and time.time() - os.stat(folder + "/lease").st_mtime > FOLDER_MAX_AGE_S
                ):
                    remove(folder)
            except OSError:
                continue


def go_behind(header, modules, frames, control):
    """Starts the run in the background with its frames kept in a folder. True when it runs there."""
    remove_stale_folders()
    folder = make_folder(header["run"])
    if folder is None:
        return False
    ready_reading, ready_writing = os.pipe()
    if os.fork():
        os.close(ready_writing)
        os.read(ready_reading, 1)
        os.close(ready_reading)
        os.wait()
        return True
    os.setsid()
    if os.fork():
        os._exit(0)
    frames.spool = os.open(folder + "/events", os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    frames.reserve = os.open(folder + "/reserve", os.O_WRONLY)
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    os.environ["CARL_RUN_ID"] = header["run"]
    control.fd = None
    with open(folder + "/pid", "w", encoding="ascii") as file:
        file.write(str(os.getpid()))
    os.write(ready_writing, b"1")
    os.close(ready_writing)
    os.close(ready_reading)
    supervise(header, modules, frames, control, folder)
    os._exit(0)


def attend(header, frames, control):
    """Passes on the frames of a run in the background after a given one, and the server's wishes to it."""
    run, after = header["run"], header.get("after", 0)
    os.set_blocking(0, False)
    folder = find_folder(run)
    try:
        events = open(folder + "/events", "rb")
        with open(folder + "/pid", encoding="ascii") as file:
            supervisor = int(file.read())
    except (OSError, TypeError, ValueError):
        frames.remark("lost", why="no such run")
        frames.flush(wait=True)
        return
    os.set_blocking(1, False)
    rest = b""
    ended = False
    deaths = 0
    beat_at = time.monotonic()
    while not ended or frames.pending:
        # What the server does not take is left in the file; it is listened to all the same.
        has_room = len(frames.pending) < PENDING_LIMIT and not ended
        octets = events.read(READ_SIZE) if has_room else b""
        if octets:
            lines = (rest + octets).split(b"\n")
            rest = lines.pop()
            for line in lines:
                text = line.partition(b" ")[2]
                frame = json.loads(text)
                ended = ended or frame["t"] == "end"
                if frame["q"] > after:
                    frames.pending += frames.prefix + text + b"\n"
        elif has_room and not is_alive(supervisor):
            deaths += 1
            if deaths > 3:
                frames.remark("lost", why="the supervisor died")
                frames.flush(wait=True)
                return
        if time.monotonic() - beat_at > HEARTBEAT_EVERY_S:
            beat_at = time.monotonic()
            frames.remark("hb")
        frames.flush()
        if frames.out is None or not hear(control, folder, 0 if octets else 0.05, frames.pending):
            return
    # The end was passed on: wait until the server has it safely, then forget the run.
    until = time.monotonic() + ACK_WAIT_S
    while time.monotonic() < until and not control.acknowledged:
        if not hear(control, folder, 0.5):
            break
    if control.acknowledged:
        remove(folder)


def hear(control, folder, wait_s, pending=b""):
    """Listens to the server for a moment; False when it is gone or silent for too long."""
    ready, _, _ = select.select([control.fd], [1] if pending else [], [], wait_s)
    if ready:
        control.read()
        if control.fd is None:
            return False
    if control.cancelled:
        try:
            open(folder + "/cancel", "w").close()
        except OSError:
            pass
    if control.is_silent():
        return False
    # The lease is for when nobody is here: it does not run out between two words of the server.
    now = time.monotonic()
    if now - control.kept_at > KEEP_LEASE_EVERY_S:
        control.kept_at = now
        try:
            os.utime(folder + "/lease")
        except OSError:
            pass
    return True


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def unpack(header):
    """The modules by name. What arrives changed is not run."""
    import hashlib
    import zlib

    packed = STDIN.read(header["len"])
    if hashlib.sha256(packed).hexdigest() != header["sha256"]:
        sys.stderr.write("CARL-TAMPERED\n")
        sys.exit(3)
    octets = zlib.decompress(packed)
    index_end = octets.index(b"\n")
    modules = {}
    at = index_end + 1
    for name, size in json.loads(octets[:index_end]):
        modules[name] = octets[at : at + size]
        at += size
    return modules


def main():
    header = json.loads(STDIN.readline())
    if not all(letter.isalnum() or letter in "_-" for letter in header["run"]):
        sys.exit(2)
    frames = Frames(header["nonce"])
    control = Control(header.get("hb", 30))
    if header.get("mode") == "attach":
        control.prepare()
        attend(header, frames, control)
        return
    modules = unpack(header)
    control.prepare()
    if header.get("lease") and go_behind(header, modules, frames, control):
        attend(header, frames, control)
    else:
        supervise(header, modules, frames, control, None)


STDIN = sys.stdin.buffer
main()
sys.stdout.flush()
os._exit(0)
