#!/usr/bin/env python3
"""A conformance suite for OCSP servers.

    run.py --adapter adapters/kyso.py            starts a server by its adapter, and asks it
    run.py --config server.json                  asks a server that runs already
    run.py --table a.json b.json                 makes a table of earlier results (--results)

An adapter is a program that prints one line of JSON when its server answers, and ends the server when its standard input
is closed. The line, and the file of --config:

    {"name": "…", "url": "http://127.0.0.1:8080/ocsp", "folder": "…", "issuer": "ca.pem", "stranger": "other.pem",
     "good": "hex", "revoked": "hex", "revoked_at": seconds, "reason": 1, "held": "hex", "expired": "hex",
     "unissued": "hex"}

Exit status: 0 when every "must" is fulfilled, 1 otherwise.
"""

import argparse
import json
import subprocess
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import cases_http  # noqa: E402,F401
import cases_malformed  # noqa: E402,F401
import cases_request  # noqa: E402,F401
import cases_status  # noqa: E402,F401
from http_probe import Closed  # noqa: E402
from suite import CASES, Failure, Target  # noqa: E402

MARKS = {"pass": "✓", "fail": "✗", "warn": "–", "declined": "·"}
LEVEL_MARK = {"must": "fail", "should": "warn", "may": "declined"}


class Server:
    def __init__(self, adapter):
        self.process = subprocess.Popen(
            [sys.executable, adapter] if adapter.endswith(".py") else [adapter],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.config = json.loads(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


def run_case(case, target):
    try:
        case.run(target)
        return "pass", ""
    except Failure as failure:
        return LEVEL_MARK[case.level], str(failure)
    except Closed as error:
        return LEVEL_MARK[case.level], f"connection closed: {error}"
    except (OSError, TimeoutError) as error:
        return LEVEL_MARK[case.level], f"{type(error).__name__}: {error}"
    except Exception:  # a mistake of the suite, or an answer that nobody thought of
        return LEVEL_MARK[case.level], traceback.format_exc().strip().splitlines()[-1]


def run_all(server, config, only, restart):
    results = {}
    for case in CASES:
        if only and not any(part in case.name for part in only):
            continue
        began = time.monotonic()
        mark, why = run_case(case, Target(config))
        took = time.monotonic() - began
        results[case.name] = {"result": mark, "why": why}
        print(f"{MARKS[mark]} {case.name:34} {case.level:7} {case.section:34} {took:6.2f} s  {why}", flush=True)
        # A server that a case has blocked would fail all others: it is started anew, and the case counts.
        if mark != "pass" and restart and server is not None:
            server[0].stop()
            server[0] = Server(restart)
            config = server[0].config
    return config["name"], results


def summary(results):
    by_level = {}
    levels = {case.name: case.level for case in CASES}
    for name, result in results.items():
        row = by_level.setdefault(levels[name], [0, 0])
        row[0] += result["result"] == "pass"
        row[1] += 1
    return ", ".join(f"{level} {row[0]}/{row[1]}" for level, row in sorted(by_level.items()))


def table(files):
    columns = [json.loads(Path(file).read_text()) for file in files]
    lines = ["| case | section | level | " + " | ".join(column["name"] for column in columns) + " |",
             "|---|---|---|" + "---|" * len(columns)]
    for case in CASES:
        marks = [MARKS[column["results"][case.name]["result"]] for column in columns]
        lines.append(f"| `{case.name}`: {case.title} | {case.section} | {case.level} | " + " | ".join(marks) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--adapter")
    parser.add_argument("--config")
    parser.add_argument("--results", help="file for the results")
    parser.add_argument("--table", nargs="+", metavar="RESULTS")
    parser.add_argument("--list", action="store_true", help="list the cases")
    parser.add_argument("only", nargs="*", help="cases whose names contain one of these")
    options = parser.parse_args()
    if options.list:
        for case in CASES:
            print(f"{case.name:34} {case.level:7} {case.section:34} {case.title}")
        print(f"{len(CASES)} cases")
        return 0
    if options.table:
        print(table(options.table))
        return 0
    server = [Server(options.adapter)] if options.adapter else None
    try:
        config = server[0].config if server else json.loads(Path(options.config).read_text())
        name, results = run_all(server, config, options.only, options.adapter)
    finally:
        if server:
            server[0].stop()
    print(f"{name}: {len(results)} cases: {summary(results)}")
    if options.results:
        Path(options.results).write_text(json.dumps({"name": name, "results": results}, indent=1))
    return 1 if any(result["result"] == "fail" for result in results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
