#!/usr/bin/env python3
"""Checks a time-stamp server (RFC 3161 over HTTP) against the standards, case by case.

  run.py http://127.0.0.1:8080/tsa --ca root.pem
  run.py URL --ca root.pem --policy 1.2.3 --json result.json
  run.py --table ours.json openssl.json > table.md

Needs Python 3.9 and the openssl command; nothing else. The exit code is 1 when a MUST fails.
"""
import argparse
import json
import pathlib
import sys
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import cases  # noqa: E402
import client  # noqa: E402

LEVELS = ("MUST", "SHOULD", "KYSO")


def run(options):
    server = client.Server(options.url, options.ca, options.untrusted)
    server.policy, server.legacy_policy = options.policy, options.legacy_policy
    server.ordered_policy = options.ordered_policy
    results = []
    for case in cases.ALL:
        if options.only and not case.id.startswith(options.only):
            continue
        try:
            note = case.body(server)
            result = ("skip", note) if isinstance(note, str) else ("pass", "")
        except client.Failure as failure:
            result = ("FAIL", str(failure))
        except Exception as error:  # noqa: BLE001 - a crash of a case is a failure of the server's answer
            result = ("FAIL", "".join(traceback.format_exception_only(error)).strip())
            if options.verbose:
                traceback.print_exc()
        results.append({"id": case.id, "level": case.level, "reference": case.reference, "title": case.title,
                        "result": result[0], "note": result[1]})
        if not options.quiet or result[0] == "FAIL":
            print(f"{result[0]:4}  {case.id:6} {case.level:6} {case.reference:28} {case.title}"
                  + (f"\n        {result[1]}" if result[1] else ""), flush=True)
    for level in LEVELS:
        of_level = [each for each in results if each["level"] == level]
        passed = sum(each["result"] == "pass" for each in of_level)
        skipped = sum(each["result"] == "skip" for each in of_level)
        print(f"{level:6} {passed} of {len(of_level) - skipped} pass, {skipped} not applicable")
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    return any(each["result"] == "FAIL" and each["level"] == "MUST" for each in results)


def table(files):
    columns = [(pathlib.Path(file).stem, {each["id"]: each for each in json.loads(pathlib.Path(file).read_text())})
               for file in files]
    print("| case | level | rule | what is asked | " + " | ".join(name for name, _ in columns) + " |")
    print("|---|---|---|---|" + "---|" * len(columns))
    for case in cases.ALL:
        cells = [found.get(case.id, {"result": "–"})["result"] for _, found in columns]
        print(f"| {case.id} | {case.level} | {case.reference} | {case.title} | "
              + " | ".join("**FAIL**" if cell == "FAIL" else cell for cell in cells) + " |")
    for level in LEVELS:
        cells = []
        for _, found in columns:
            of_level = [each for each in found.values() if each["level"] == level and each["result"] != "skip"]
            cells.append(f"{sum(each['result'] == 'pass' for each in of_level)}/{len(of_level)}")
        print(f"| | **{level}** | | passed | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", nargs="?")
    parser.add_argument("--ca", help="root certificate, PEM: tokens are verified with openssl ts")
    parser.add_argument("--untrusted", help="certificates between, PEM")
    parser.add_argument("--policy", help="a policy that the server offers")
    parser.add_argument("--legacy-policy", help="its policy for SHA-1, if it has one")
    parser.add_argument("--ordered-policy", help="its policy that promises order, if it has one")
    parser.add_argument("--only", help="cases whose id begins so")
    parser.add_argument("--json", help="where the results go")
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--table", nargs="+", metavar="RESULT", help="a table in Markdown of such results")
    options = parser.parse_args()
    if options.table:
        return table(options.table)
    if not options.url:
        parser.error("URL is missing")
    return run(options)


if __name__ == "__main__":
    sys.exit(main())
