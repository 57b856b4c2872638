"""Runs a command and tells what it cost: measure.py REPORT COMMAND…

A small process of its own, because what a child's
memory is counted from is the process that started it."""
import json
import os
import sys
import time

report, *command = sys.argv[1:]
started = time.monotonic()
child = os.posix_spawn(command[0], command, os.environ)
_, status, usage = os.wait4(child, 0)
with open(report, "w", encoding="utf-8") as out:
    json.dump({"code": os.waitstatus_to_exitcode(status), "cpu": usage.ru_utime + usage.ru_stime,
               "wall": time.monotonic() - started, "memory": usage.ru_maxrss * 1024}, out)
