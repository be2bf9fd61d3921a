"""Resumable runs: a supervisor in the background whose frames are kept in a folder, and who listens to it.

Travels with the supervisor when a run has a lease, or is joined again. Python 3.8 or newer, standard library
only.
"""

import os
import select
import time

READ_SIZE = 65536
FOLDER_MAX_AGE_S = 86400.0
ACK_WAIT_S = 10.0
KEEP_LEASE_EVERY_S = 0.5
LOOK_EVERY_S = 0.05  # whether the supervisor lives; and where no bell rings, whether it said something
RESERVE_SIZE = 65536  # bytes set aside for the last frames of a run whose disk is full


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
            make_bell(folder)
            return folder
        except OSError:
            remove(folder)
    return None


def make_bell(folder):
    """A pipe that wakes whoever listens."""
    try:
        os.mkfifo(folder + "/bell", 0o600)
    except OSError:
        pass


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
    """There are no folders inside: shutil could do no more, and takes longer to import than all of this."""
    try:
        steps = [(os.unlink, folder + "/" + name) for name in os.listdir(folder)]
    except OSError:
        return
    for step, path in [*steps, (os.rmdir, folder)]:
        try:
            step(path)
        except OSError:
            continue  # somebody else who listens does the same


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


def go_behind(header, modules, frames, control, supervise):
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
    frames.bell = folder + "/bell"
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
    try:
        # Also for writing: a pipe that nobody writes to would be at its end, and wake us for ever.
        control.bell = os.open(folder + "/bell", os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        pass  # the file system has no pipes, or the run is older than the bell: we look again and again
    os.set_blocking(1, False)
    rest = b""
    ended = False
    deaths = 0
    while not ended or frames.pending:
        # What the server does not take is left in the file; it is listened to all the same.
        has_room = frames.has_room() and not ended
        octets = events.read(READ_SIZE) if has_room else b""
        if octets:
            lines = (rest + octets).split(b"\n")
            rest = lines.pop()
            for line in lines:
                text = line.partition(b" ")[2]
                number, kind = number_and_kind(text)
                ended = ended or kind == b'"end"'
                if number > after:
                    frames.pending += frames.prefix + text + b"\n"
        elif has_room and not is_alive(supervisor):
            deaths += 1
            if deaths > 3:
                frames.remark("lost", why="the supervisor died")
                frames.flush(wait=True)
                return
        frames.beat()
        frames.flush()
        if frames.out is None or not hear(control, folder, 0 if octets else LOOK_EVERY_S, frames.pending):
            return
    # The end was passed on: wait until the server has it safely, then forget the run.
    until = time.monotonic() + ACK_WAIT_S
    while time.monotonic() < until and not control.acknowledged:
        if not hear(control, folder, 0.5):
            break
    if control.acknowledged:
        remove(folder)


def number_and_kind(text):
    """Of a frame: they stand at its end, behind all that somebody else may have written."""
    number, kind, _ = text[text.rindex(b'"q":') + 4 :].split(b",")
    return int(number), kind[4:]


def hear(control, folder, wait_s, pending=b""):
    """Listens to the server for a moment; False when it is gone or silent for too long."""
    waiting = [control.fd] if control.bell is None else [control.fd, control.bell]
    ready, _, _ = select.select(waiting, [1] if pending else [], [], wait_s)
    if control.bell in ready:
        try:
            os.read(control.bell, READ_SIZE)
        except BlockingIOError:
            pass  # somebody else who listens was quicker
    if control.fd in ready:
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
