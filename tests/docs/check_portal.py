#!/usr/bin/env python3
"""docs/portal.md and the sample configuration name every key of the portal, and kysod accepts what they say.

usage: check_portal.py KYSOD        exit code 1 and a line for each thing that is wrong
"""
import pathlib
import re
import sys
import tempfile

from program import ROOT, attempt, differences, finish

SAMPLE = ROOT / "deploy/kysod.toml"
MANUAL = ROOT / "docs/portal.md"
TABLES = {"oidc", "oidc.accounts", "profiles", "renewal_profiles"}  # not keys themselves, or with keys of the operator's own
SOURCE = ROOT / "apps/kysod/portal_configuration.cpp"


def keys_of_source():
    found = set(re.findall(r'"portal\.([a-z_.]+)"', SOURCE.read_text(encoding="utf-8")))
    return {key for key in found if key not in TABLES and not key.endswith(".")}


def portal_part(text, marks):
    """The commented section and listener without their marks; "# # key" keeps one when `marks` is 1."""
    lines, inside = [], False
    for line in text.splitlines():
        if not line.startswith("#"):
            inside = False
        elif line in ("# [[listen]]", "# [portal]"):
            inside = True
        lines.append(re.sub(r"^(# ?){1,%d}" % marks, "", line) if inside else line)
    return "\n".join(lines)


def keys_of_sample():
    text = portal_part(SAMPLE.read_text(encoding="utf-8"), 2)
    section, found = None, set()
    for line in text.splitlines():
        if table := re.match(r"\[+([\w.]+)\]+", line):
            section = table.group(1)
        elif (entry := re.match(r"(\w+) = ", line)) and section and section.split(".")[0] == "portal":
            found.add(f"{section}.{entry.group(1)}".removeprefix("portal."))
    return {key for key in found if key not in TABLES and key.split(".")[0] not in TABLES - {"oidc"}}


def keys_of_manual():
    """Each key in the manual's tables, behind its section; those of the identity provider stand in an example."""
    text = MANUAL.read_text(encoding="utf-8")
    found = set()
    for head, rows in re.findall(r"^(\| (?:section \| )?key \|.*)\n\|[-|]+\|\n((?:\|.*\n)+)", text, re.M):
        section = ""
        for row in rows.splitlines():
            cells = row.split("|")[1:]
            if table := re.search(r"`\[portal\.(\w+)\]`", cells[0]):
                section = table.group(1) + "."
            names = re.findall(r"`([a-z_]+)`", cells[1 if "section" in head else 0])
            found |= {section + name for name in names}
    example = re.search(r"```toml\n\[portal\.oidc\]\n(.*?)```", text, re.S).group(1)
    return found | {f"oidc.{name}" for name in re.findall(r"^(?:# )?([a-z_]+) = ", example, re.M)}


def check_sample(kysod, folder):
    problems = []
    secret = folder / "secret"
    secret.write_text("a secret\n")
    text = re.sub(r'"/etc/kyso/\w+\.secret"', f'"{secret}"', SAMPLE.read_text(encoding="utf-8"))
    for marks in (0, 1, 2):
        path = folder / f"kysod-{marks}.toml"
        path.write_text(portal_part(text, marks) if marks else text, encoding="utf-8")
        done = attempt(kysod, "--check", "--config", path, "--lang", "en")
        if done.returncode != 0:
            problems.append(f"deploy/kysod.toml with the portal ({marks} marks removed): {done.stderr.strip()}")
    if "\n[portal]\n" not in portal_part(text, 1):
        problems.append("deploy/kysod.toml: no commented [portal]")
    return problems


def main():
    kysod = pathlib.Path(sys.argv[1]).resolve()
    keys = keys_of_source()
    if len(keys) < 25:
        finish(["too few keys were found in portal_configuration.cpp: is it written in another way?"])
    problems = differences("deploy/kysod.toml", keys, keys_of_sample())
    problems += [f"docs/portal.md lacks {key}" for key in sorted(keys - keys_of_manual())]
    with tempfile.TemporaryDirectory() as name:
        problems += check_sample(kysod, pathlib.Path(name))
    finish(problems)


main()
