"""CPU time and memory of whole processes, and the table of results."""
import os
import statistics
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("KYSO_BUILD", ROOT / "build"))
KYSO = BUILD / "bin" / "kyso"
PYTHON = ROOT / "build" / "venv" / "bin" / "python"
DATA = ROOT / "tests" / "data" / "pdf"
rows = []


def run(command, codes=(0,), **kw):
    """Runs a command; gives CPU seconds and peak memory in MB."""
    process = subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **kw)
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        raise SystemExit(f"{' '.join(map(str, command))}: exit {process.returncode}\n{error.decode(errors='replace')}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def compare(commands, rounds):
    """Medians of interleaved runs: {name: (cpu seconds, peak MB)}."""
    cpu = {name: [] for name in commands}
    peak = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            seconds, memory = run(command)
            cpu[name].append(seconds)
            peak[name].append(memory)
    return {name: (statistics.median(cpu[name]), max(peak[name])) for name in commands}


def row(work, value, goal="", ok=None):
    rows.append((work, value, goal, "" if ok is None else ("yes" if ok else "NO")))


def print_rows():
    widths = [max(len(r[i]) for r in rows) for i in range(4)]
    for r in [("work", "measured", "goal", "met")] + rows:
        print("  ".join(r[i].ljust(max(widths[i], 8)) for i in range(4)))
