#!/usr/bin/env python3
"""Every test that docs/assurance.md names exists, under this very name.

usage: check_assurance.py        exit code 1 and a line for each that does not
"""
import re

from program import ROOT, finish

# How a test of this name begins; a header is named for what it declares.
BEGINNINGS = {".cpp": '("{}"', ".h": "{}", ".py": "def {}(", ".ts": '("{}"', ".tsx": '("{}"'}


def main():
    problems, seen, path = [], 0, None
    for line in (ROOT / "docs/assurance.md").read_text(encoding="utf-8").splitlines():
        if not line.startswith("| ") or line == "| promise | test |":
            continue
        for part in line.rstrip("| ").rsplit(" | ", 1)[-1].split(" · "):
            file = re.match(r"`((?:fuzz|src|tests|web)/[^`]*)`(?:: (.*))?$", part)
            link = re.match(r"\[.*\]\((.*)\)$", part)
            if file or link:
                path = ROOT / file.group(1) if file else ROOT / "docs" / link.group(1)
                if not path.exists():
                    problems.append(f"there is no {path.relative_to(ROOT)}")
            name = file.group(2) if file else None if link else part  # another test of the file before
            if name and path.is_file():
                seen += 1
                source = re.sub(r'"\s*"', "", path.read_text(encoding="utf-8"))
                if BEGINNINGS[path.suffix].format(name) not in source:
                    problems.append(f"{path.relative_to(ROOT)} has no test: {name}")
    if seen < 120:
        problems.append("too few tests were found: the table has another form?")
    finish(problems)


main()
