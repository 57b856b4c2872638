#!/usr/bin/env python3
"""What the manuals for operators tell people to type exists: commands, options, units, metrics, installed files.

usage: check_operating.py KYSO KYSOD KYSO-VAULT KYSO-CLOCK-MONITOR KYSO-AUDIT-VERIFY
exit code 1 and a line for each thing that doesn't exist
"""
import pathlib
import re
import shlex
import sys
import tempfile

from program import GLOBAL_OPTIONS, ROOT, attempt, commands, finish, options_in, run

PAGES = ["docs/operating.md", "docs/vi/operating.md", "docs/portal.md", "docs/vi/portal.md",
         *(str(page.relative_to(ROOT)) for page in sorted((ROOT / "docs/guide").glob("*.md")))]
# What Debian has, in the packages that the pages name.
OTHERS = {"apt", "chmod", "chown", "cp", "createdb", "createuser", "curl", "editor", "export", "install", "journalctl",
          "mkdir", "openssl", "pkcs11-tool", "rm", "softhsm2-util", "ssh", "systemctl"}
FOREIGN_UNITS = {"chrony", "postgresql"}
INSTALLED = {"/usr/share/kyso/deploy": "deploy", "/usr/share/kyso": "share"}


def joined_lines(block):
    return block.replace("\\\n", " ").splitlines()


def without_prefix(words):
    """The command itself, behind "runuser -u X --" and "env A=B"."""
    while words:
        if words[0] == "runuser":
            words = words[words.index("--") + 1:]
        elif words[0] == "env":
            words = words[1:]
            while words and re.fullmatch(r"[A-Z][A-Z0-9_]*=.*", words[0]):
                words = words[1:]
        else:
            break
    return words


def split(line):
    try:
        return shlex.split(line, comments=True)
    except ValueError:
        return line.split()


def options_of(words):
    return {word.split("=")[0] for word in words if re.fullmatch(r"--?[a-z][a-z0-9-]*(=.*)?", word)}


class Programs:
    def __init__(self, paths):
        self.kyso = commands(paths["kyso"])
        self.options = {name: options_in(run(path, "--help")) for name, path in paths.items() if name != "kyso"}

    def check(self, words):
        """What in this command line doesn't exist."""
        name, rest = words[0], words[1:]
        if name != "kyso":
            return sorted(options_of(rest) - self.options[name])
        path = ""
        while rest and f"{path} {rest[0]}".strip() in self.kyso:
            path, rest = f"{path} {rest[0]}".strip(), rest[1:]
        is_group = any(command.startswith(path + " ") for command in self.kyso)
        wrong = [word for word in rest[:1] if (is_group or not path) and re.fullmatch(r"[a-z]+", word)]
        known = GLOBAL_OPTIONS | self.kyso.get(path, set())
        if is_group:
            known = known.union(*(found for command, found in self.kyso.items() if command.startswith(path + " ")))
        return wrong + sorted(options_of(rest) - known)

    def all_options(self):
        return GLOBAL_OPTIONS.union(*self.kyso.values(), *self.options.values())


def check_commands(path, text, programs):
    problems = []
    ours = {"kyso", *programs.options}
    for block in re.findall(r"```sh\n(.*?)```", text, re.S):
        for line in joined_lines(block):
            words = without_prefix(split(line))
            if not words:
                continue
            if words[0] in ours:
                problems += [f"{path}: {line.strip()}: there is no {wrong}" for wrong in programs.check(words)]
            elif words[0] not in OTHERS:
                problems.append(f"{path}: {line.strip()}: there is no {words[0]}")
    prose = re.sub(r"```.*?```", "", text, flags=re.S)
    for code in re.findall(r"`([^`\n]+)`", prose):
        words = without_prefix(split(code))
        if words and words[0] in ours:
            problems += [f"{path}: {code}: there is no {wrong}" for wrong in programs.check(words)]
        elif code.startswith("--"):
            problems += [f"{path}: no program has {option}"
                         for option in sorted(options_of(words) - programs.all_options())]
    return problems


def check_units(path, text):
    units = {file.stem for file in (ROOT / "deploy/systemd").glob("*.service")} | FOREIGN_UNITS
    named = set()
    for line in re.findall(r"(?:systemctl|journalctl) [^\n`]*", text):
        words = line.split()
        if words[0] == "journalctl":
            named |= {words[i + 1] for i, word in enumerate(words[:-1]) if word == "-u"}
        else:
            named |= {word for word in words[2:] if not word.startswith("-")}
    return [f"{path}: there is no unit {name}" for name in sorted(named - units)]


def check_metrics(path, text):
    sources = "\n".join(file.read_text(encoding="utf-8") for folder in ("src", "apps")
                        for file in (ROOT / folder).rglob("*.cpp") if not file.name.endswith("_test.cpp"))
    problems = []
    for name in sorted(set(re.findall(r"`(kyso_[a-z_]+)`", text))):
        # Those of time-stamping are put together from a common beginning.
        if name not in sources and not (name.startswith("kyso_tsa_") and name.removeprefix("kyso_tsa_") in sources):
            problems.append(f"{path}: there is no metric {name}")
    return problems


def check_files(path, text):
    problems = []
    for name in sorted(set(re.findall(r"/usr/share/kyso/[\w./-]*\w", text))):
        prefix = next(prefix for prefix in INSTALLED if name.startswith(prefix))
        if not (ROOT / (INSTALLED[prefix] + name.removeprefix(prefix))).exists():
            problems.append(f"{path}: nothing is installed as {name}")
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if not target.startswith("http") and not (ROOT / path).parent.joinpath(target).exists():
            problems.append(f"{path}: there is no {target}")
    return problems


def check_plan(kyso, path, text):
    """The plan of a key ceremony is one: it is read, and its certificates pass the linter."""
    plan = next(block for block in re.findall(r"```toml\n(.*?)```", text, re.S) if "[[operator]]" in block)
    # People of an authority of its own, and their policy, aren't here.
    plan = plan.replace('policy = "policy"\n', "")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for certificate in re.findall(r'^certificate = "(.*)"', plan, re.M):
            run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                folder / "key.pem", "-out", folder / certificate, "-subj", f"/CN={certificate}")
        (folder / "plan.toml").write_text(plan, encoding="utf-8")
        done = attempt(kyso, "ceremony", "plan", folder / "plan.toml", "--lang", "en")
    return [] if done.returncode == 0 else [f"{path}: the plan: {done.stderr.strip()}"]


def main():
    paths = {pathlib.Path(argument).name: pathlib.Path(argument).resolve() for argument in sys.argv[1:]}
    programs = Programs(paths)
    problems = []
    for path in PAGES:
        text = (ROOT / path).read_text(encoding="utf-8")
        problems += check_commands(path, text, programs) + check_units(path, text)
        problems += check_metrics(path, text) + check_files(path, text)
    problems += check_plan(paths["kyso"], PAGES[0], (ROOT / PAGES[0]).read_text(encoding="utf-8"))
    finish(problems)


main()
