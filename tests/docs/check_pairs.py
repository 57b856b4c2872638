#!/usr/bin/env python3
"""A page and its Vietnamese counterpart say the same: headings, lists, tables, commands and examples, names in code, links.

usage: check_pairs.py        exit code 1 and a line for each difference
"""
import re

from program import ROOT, finish

PAIRS = [("README.md", "README.vi.md"), ("docs/portal.md", "docs/vi/portal.md")]
# Counterparts that are compared by other tests, or tell less.
OTHERS = {"docs/vi/operating.md": "docs/operating.md", "docs/man/vi/kyso.1": "docs/man/kyso.1"}


def outline(text):
    """Levels of headings, kinds of list items, columns of table rows, one after the other, each with its place."""
    found, inside = [], False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            inside = not inside
        kind = re.match(r"(#+) |(\*|\d+\.) |(\|)|(!\[)", line)
        if kind and not inside:
            found.append((f"a row of {line.count('|') - 1} cells" if kind.group(3) else f"“{kind.group(0).strip()}”", number))
    return found


def examples(text):
    """Blocks of code without remarks, which are translated; a setting behind a mark is none."""
    return [(language, [line for line in re.sub(r'(?m)(?:^# (?![\["]|\w+ = )|[ \t]+# ).*', "", block).splitlines() if line])
            for language, block in re.findall(r"```(\w*)\n(.*?)```", text, re.S)]


def names(text):
    return set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.S)))


def links(path, text):
    """Where links lead; a page's counterpart is the page, and headings have other names there."""
    same = {vietnamese: english for english, vietnamese in PAIRS} | OTHERS
    found = set()
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if not target.startswith("http"):
            target = str((ROOT / path).parent.joinpath(target).resolve().relative_to(ROOT))
        found.add(same.get(target, target))
    return found - set(PAIRS[[path in pair for pair in PAIRS].index(True)])


def compare(english, vietnamese):
    a, b = ((ROOT / path).read_text(encoding="utf-8") for path in (english, vietnamese))
    problems = []
    for (left, at), (right, there) in zip(outline(a), outline(b)):
        if left != right:
            problems.append(f"{english}:{at} has {left} where {vietnamese}:{there} has {right}")
            break
    if len(outline(a)) != len(outline(b)):
        problems.append(f"{english} has {len(outline(a))} headings, items and rows, {vietnamese} has {len(outline(b))}")
    for (_, left), (_, right) in zip(examples(a), examples(b)):
        problems += [f"{english}: {line} is not in {vietnamese}" for line in left if line not in right]
        problems += [f"{vietnamese}: {line} is not in {english}" for line in right if line not in left]
    if [kind for kind, _ in examples(a)] != [kind for kind, _ in examples(b)]:
        problems.append(f"{english} and {vietnamese} have other examples")
    for what, of_a, of_b in (("name", names(a), names(b)), ("link", links(english, a), links(vietnamese, b))):
        problems += [f"{vietnamese} lacks the {what} {one}" for one in sorted(of_a - of_b)]
        problems += [f"{english} lacks the {what} {one}" for one in sorted(of_b - of_a)]
    return problems


finish([problem for pair in PAIRS for problem in compare(*pair)])
