#!/usr/bin/env python3
"""Links between the repository's pages lead somewhere, also to their headings.

usage: check_links.py        exit code 1 and a line for each that does not
"""
import functools
import re

from program import ROOT, finish

PAGES = [*ROOT.glob("*.md"), *(page for folder in ("api", "bench", "deploy", "docs", "fuzz", "share", "tests", "web/portal/src")
                                for page in (ROOT / folder).rglob("*.md") if "node_modules" not in page.parts)]


@functools.cache
def anchors(path):
    """Names of headings as GitHub makes them: small letters, blanks to hyphens, signs away, numbers for doubles."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.S)
    found = set()
    for heading in re.findall(r"^#+ (.*)", text, re.M):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        name = base = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        number = 0
        while name in found:
            number += 1
            name = f"{base}-{number}"
        found.add(name)
    return found | set(re.findall(r'<a (?:id|name)="([^"]+)"', text))


def check(page):
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.S)
    problems = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        if not path.exists():
            problems.append(f"{page.relative_to(ROOT)}: there is no {target}")
        elif anchor and path.suffix == ".md" and anchor not in anchors(path):
            problems.append(f"{page.relative_to(ROOT)}: {target}: there is no such heading")
    return problems


finish([problem for page in sorted(set(PAGES)) for problem in check(page)])
