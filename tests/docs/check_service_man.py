#!/usr/bin/env python3
"""The man pages of the services and of kyso-audit-verify list the options that the programs have, in both languages.

usage: check_service_man.py PROGRAM...        exit code 1 and a line for each option that is missing or invented
"""
import pathlib
import re
import shutil
import sys

from program import ROOT, attempt, differences, finish, options_in, run

LANGUAGES = {"docs/man": ("OPTIONS", "EXIT STATUS", "SEE ALSO"),
             "docs/man/vi": ("TÙY CHỌN", "MÃ THOÁT", "XEM THÊM")}


def sections_of(page):
    text = re.sub(".\x08", "", run("mandoc", "-T", "utf8", "-O", "width=200", page))
    found, name = {}, None
    for line in text.splitlines()[1:-1]:
        if re.match(r"\S", line):
            name = line.strip()
            found[name] = []
        elif name:
            found[name].append(line)
    return found


def entries(lines):
    found = set()
    for line in lines:
        if entry := re.match(r" {7}(-[\w-]+(?:, --[\w-]+)*)", line):
            found |= set(entry.group(1).split(", "))
    return found


def check(program):
    options = options_in(run(program, "--help"))
    problems = [] if "--help" in options else [f"{program.name}: the help lists no options"]
    for folder, titles in LANGUAGES.items():
        pages = list((ROOT / folder).glob(f"{program.name}.[18]"))
        if len(pages) != 1:
            problems.append(f"{folder}: {len(pages)} pages of {program.name}")
            continue
        name = pages[0].relative_to(ROOT)
        problems += attempt("mandoc", "-T", "lint", "-W", "warning", pages[0]).stdout.splitlines()
        sections = sections_of(pages[0])
        problems += [f"{name}: no section {title}" for title in titles if title not in sections]
        problems += differences(f"{name}", options, entries(sections.get(titles[0], [])))
    return problems


def main():
    if shutil.which("mandoc") is None:
        finish(["mandoc is not installed: tools/install-dependencies test"])
    finish([problem for argument in sys.argv[1:] for problem in check(pathlib.Path(argument).resolve())])


main()
