"""Without the kit, which would end politely."""

import os
import signal
import subprocess
import time

import car

signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen(["sleep", "300"])
subprocess.Popen(["sh", "-c", "trap '' TERM HUP; while :; do sleep 300; done"])
subprocess.Popen(["sleep", "300"], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for fd in (0, 1, 2):
            os.close(fd)
        while True:
            time.sleep(300)
    os._exit(0)
car.event("log", level="info", msg="all of it runs")
while True:
    time.sleep(300)
