#!/usr/bin/env python3
"""The man pages say what the program does: options, roles, schemes, exit codes and JSON members, in both languages.

usage: check_man.py KYSO        exit code 1 and a line for each thing that is missing or invented
"""
import contextlib
import importlib.machinery
import importlib.util
import itertools
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from program import COMPLETIONS, GLOBAL_OPTIONS, ROOT, attempt, commands, differences, finish, run

VECTORS = ROOT / "tests" / "vectors" / "crypto"
DOCUMENT = ROOT / "tests" / "data" / "pdf" / "vn-cong-van.pdf"
REPORT = ROOT / "docs" / "verify-report.md"
PAGES = {
    "docs/man/kyso.1": {"language": 1, "global": "GLOBAL OPTIONS", "shared": ("SIGNING OPTIONS", "VERIFYING OPTIONS", "NETWORK OPTIONS", "AUTHORITY OPTIONS"), "roles": "ROLES",
                        "json": "JSON OUTPUT", "exit": "EXIT STATUS"},
    "docs/man/vi/kyso.1": {"language": 0, "global": "TÙY CHỌN CHUNG", "shared": ("TÙY CHỌN KÝ", "TÙY CHỌN XÁC THỰC", "TÙY CHỌN MẠNG",
                                                                                        "TÙY CHỌN CƠ QUAN CHỨNG THỰC"), "roles": "VAI TRÒ",
                           "json": "KẾT QUẢ JSON", "exit": "MÃ THOÁT"},
}
SCHEMES = {"rsa2048": r"rsa-[a-z0-9-]+", "p256": r"ecdsa-p256-[a-z0-9]+", "p384": r"ecdsa-p384-[a-z0-9]+",
           "ed25519": r"ed25519"}


def make_docs():
    loader = importlib.machinery.SourceFileLoader("make_docs", str(ROOT / "tools" / "make-docs"))
    sys.dont_write_bytecode = True
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("make_docs", loader))
    loader.exec_module(module)
    return module


class Page:
    """A man page as a person reads it: text by section and subsection."""

    def __init__(self, path):
        text = run("mandoc", "-T", "utf8", "-O", "width=200", ROOT / path)
        self.sections, self.subsections = {}, {}
        section = subsection = None
        for line in re.sub(".\x08", "", text).splitlines()[1:-1]:
            if re.match(r"\S", line):
                section, subsection = line.strip(), None
                self.sections[section] = []
            elif re.match(r"   \S", line):
                subsection = line.strip()
                self.subsections[section, subsection] = []
            if section:
                self.sections[section].append(line)
            if subsection:
                self.subsections[section, subsection].append(line)

    def text(self, section):
        return "\n".join(self.sections.get(section, []))

    def of_command(self, name):
        """The lines of the subsection "kyso NAME", wherever it stands."""
        return next((lines for (_, title), lines in self.subsections.items() if title == f"kyso {name}"), None)


def defined(lines):
    """Options that have an entry of their own."""
    found = set()
    for line in lines:
        if entry := re.match(r" {7}(-[\w-]+(?:, --[\w-]+)*)", line):
            found |= set(entry.group(1).split(", "))
    return found


def first_words(section):
    """The lines before the first entry, on one line: whose options these are."""
    lines = list(itertools.takewhile(lambda line: not defined([line]), section))
    return " ".join(" ".join(lines).split())


def check_options(path, page, words, measure):
    problems = differences(f"{path}: {words['global']}", GLOBAL_OPTIONS | measure[""],
                           defined(page.sections.get(words["global"], [])))
    shared = [page.sections.get(title, []) for title in words["shared"]]
    for name, options in measure.items():
        # "template" alone does nothing: its subcommands have the entries.
        if not name or any(other.startswith(name + " ") for other in measure):
            continue
        lines = page.of_command(name)
        if lines is None:
            problems.append(f"{path}: no entry for kyso {name}")
            continue
        found = defined(lines)
        for section in shared:
            if re.search(rf"kyso {name}\b", first_words(section)):
                found |= defined(section)
        problems += differences(f"{path}: kyso {name}", options, found)
    return problems


def check_exit_codes(path, page, words, kyso):
    tool = make_docs()
    used = {row["exit_code"] for row in json.loads(run(kyso, "errors", "--json"))} | tool.WITHOUT_ERROR
    expected = {f"{code}: {tool.CLASSES[code][words['language']]}" for code in used}
    rows = re.findall(r"^ +(\d+)   +(\S.*?) *$", page.text(words["exit"]), re.M)
    return differences(f"{path}: exit codes", expected, {f"{code}: {text}" for code, text in rows})


def check_roles(path, page, words, kyso):
    listed = re.search(r"--role ROLE +(.*)", run(kyso, "sign", "--help", "--lang", "en")).group(1)
    roles = set(re.split(r", | or ", listed.strip()))
    entries = {m.group(1) for line in page.sections.get(words["roles"], []) if (m := re.match(r" {7}([a-z]+)\b", line))}
    problems = [f"{path}: no entry for role {role}" for role in sorted(roles - entries)]
    for file in sorted(COMPLETIONS.iterdir()):
        words_there = set(re.findall(r"[a-z-]+", file.read_text(encoding="utf-8")))
        problems += [f"{file.name}: no role {role}" for role in sorted(roles - words_there)]
    return problems


def members(value):
    """The names of all members of a JSON value, but for the parameters of errors and findings."""
    if isinstance(value, list):
        return set().union(*map(members, value))
    if isinstance(value, dict):
        return set(value).union(*(members(inner) for name, inner in value.items() if name != "parameters"))
    return set()


def samples(kyso, folder):
    """What commands print with --json."""
    key = f"pem:{VECTORS / 'rsa2048.key.pem'},{VECTORS / 'rsa2048.cert.pem'}"
    signed, prepared, listed = folder / "signed.pdf", folder / "prepared.pdf", folder / "list.txt"
    listed.write_text(f"{DOCUMENT}\t{folder / 'batch.pdf'}\n{folder / 'none.pdf'}\t{folder / 'never.pdf'}\n")
    for command in (["sign", DOCUMENT, "-o", signed, "--holder", key, "--near", "Nguyễn Văn A", "--lock"],
                    ["inspect", signed],
                    ["text", signed, "Nguyễn Văn A"],
                    ["prepare", DOCUMENT, "-o", prepared, "--certificate", VECTORS / "rsa2048.cert.pem"],
                    ["template", "list"], ["template", "show", "leader"],
                    ["template", "new", "sample", "--role", "leader"], ["errors"]):
        yield json.loads(run(kyso, *command, "--json", home=folder))
    batch = attempt(kyso, "sign", "--batch", listed, "--holder", key, "--json", home=folder)
    if batch.returncode != 90:
        raise RuntimeError(f"the batch ended with {batch.returncode}")
    for line in batch.stdout.splitlines():
        yield json.loads(line)


@contextlib.contextmanager
def time_stamp_authority(authority):
    """Its address while it runs."""
    with subprocess.Popen([sys.executable, ROOT / "tools" / "demo-tsa", authority], stdout=subprocess.PIPE,
                          text=True) as server:
        try:
            yield server.stdout.readline().strip() + "normal"
        finally:
            server.terminate()


def verdicts(kyso, authority, tsa, folder):
    """What the commands about signed documents print with --json: two signatures, the first with a time-stamp."""
    one, two, root = folder / "one.pdf", folder / "two.pdf", authority / "root.pem"
    for name, source, output, more in (("leader", DOCUMENT, one, ["--tsa", tsa]), ("organisation", one, two, [])):
        run(kyso, "sign", source, "-o", output, "--holder", f"p12:{authority / name}.p12", "--pin-file",
            authority / "pin.txt", *more, home=folder)
    trust = ["--trust", root]
    for command in (["verify", two, *trust],
                    ["extend", two, "-o", folder / "extended.pdf", "--tsa", tsa, *trust],
                    ["extract", two, "--revision", "1", "-o", folder / "extracted.pdf"],
                    ["trust", "add", root, "--reason", "a test", "--from", "2020-01-01", "--until", "2040-01-01"],
                    ["trust", "list"], ["trust", "remove", "Kyso demo root", "--reason", "the test is over"]):
        yield json.loads(run(kyso, *command, "--json", home=folder))
    several = attempt(kyso, "verify", two, folder / "none.pdf", *trust, "--json", home=folder)
    if several.returncode != 3:
        raise RuntimeError(f"verify of several files ended with {several.returncode}")
    yield from map(json.loads, several.stdout.splitlines())


def check_json(page_by_path, kyso, folder):
    """The manual describes all members; those of verdicts it leaves to REPORT."""
    authority = folder / "authority"
    run(ROOT / "tools" / "demo-authority", authority, "--key", "ec:p256", "--no-token")
    names = set().union(*map(members, samples(kyso, folder)))
    with time_stamp_authority(authority) as tsa:
        names_of_verdicts = set().union(*map(members, verdicts(kyso, authority, tsa, folder)))
    section = REPORT.read_text(encoding="utf-8").partition("\n## JSON\n")[2].partition("\n## ")[0]
    in_report = set(re.findall(r"[a-z0-9_]+", section))
    problems = []
    for path, page in page_by_path.items():
        documented = set(re.findall(r"[a-z0-9_]+", page.text(PAGES[path]["json"])))
        missing = (names - documented) | (names_of_verdicts - documented - in_report)
        problems += [f"{path}: JSON member {name} is not described" for name in sorted(missing)]
    return problems


def check_schemes(path, page, kyso, folder):
    text = "\n".join(line for lines in page.sections.values() for line in lines)
    problems = []
    for certificate, pattern in SCHEMES.items():
        names = set(re.findall(rf"\b{pattern}\b", text))
        if not names:
            problems.append(f"{path}: no scheme for {certificate}")
        for name in sorted(names):
            done = attempt(kyso, "prepare", DOCUMENT, "-o", folder / "scheme.pdf", "--scheme", name, "--certificate",
                           VECTORS / f"{certificate}.cert.pem", home=folder)
            if done.returncode != 0:
                problems.append(f"{path}: scheme {name}: {done.stderr.strip()}")
        for file in sorted(COMPLETIONS.iterdir()):
            there = set(re.findall(rf"\b{pattern}\b", file.read_text(encoding="utf-8")))
            problems += differences(f"{file.name}: schemes", names, there)
    return problems


def main():
    kyso = pathlib.Path(sys.argv[1]).resolve()
    if shutil.which("mandoc") is None:
        finish(["mandoc is not installed: tools/install-dependencies test"])
    problems = []
    for path in PAGES:
        problems += attempt("mandoc", "-T", "lint", "-W", "warning", ROOT / path).stdout.splitlines()
    measure = commands(kyso)
    pages = {path: Page(path) for path in PAGES}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for path, words in PAGES.items():
            problems += check_options(path, pages[path], words, measure)
            problems += check_exit_codes(path, pages[path], words, kyso)
            problems += check_roles(path, pages[path], words, kyso)
            problems += check_schemes(path, pages[path], kyso, folder)
        problems += check_json(pages, kyso, folder)
    finish(problems)


main()
