#!/usr/bin/env python3
"""Every test that docs/assurance.md names exists.

usage: check_assurance.py        exit code 1 and a line for each that does not
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    problems, seen = [], 0
    for line in (ROOT / "docs/assurance.md").read_text(encoding="utf-8").splitlines():
        if not line.startswith("| ") or line == "| promise | test |":
            continue
        proof = line.rstrip("| ").rsplit(" | ", 1)[-1]
        text = ""
        for part in proof.split(" · "):
            found = re.match(r"`((?:src|tests|fuzz)[^`]*)`(?:: (.*))?$", part)
            if found:
                path, name = ROOT / found.group(1), found.group(2)
                if not path.exists():
                    problems.append(f"{found.group(1)} does not exist")
                    continue
                text = path.read_text(encoding="utf-8") if path.is_file() else ""
            elif part.startswith("["):
                target = re.search(r"\(([^)]*)\)", part).group(1)
                if not (ROOT / "docs" / target).exists():
                    problems.append(f"docs/{target} does not exist")
                continue
            else:
                name = part  # another test of the file before
            if name:
                seen += 1
                words = re.sub(r"\s*\"\s*\"\s*|\"\n\s*\"", "", text)
                if name not in words:
                    problems.append(f"no such test: {name}")
    for problem in problems:
        print(problem)
    if seen < 30:
        problems.append("too few tests were found: the table has another form?")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
