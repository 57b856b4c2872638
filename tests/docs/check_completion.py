#!/usr/bin/env python3
"""The shells suggest what the program knows.

usage: check_completion.py KYSO        exit code 1 and a line for each wrong suggestion

bash is asked as it asks itself (bash_completion.sh), fish when it is installed. For zsh and fish the names in their files are
compared, and zsh parses its file when it is installed.
"""
import pathlib
import re
import shutil
import sys
import tempfile

from program import COMPLETIONS, GLOBAL_OPTIONS, attempt, commands, differences, finish, run

HARNESS = pathlib.Path(__file__).with_name("bash_completion.sh")
BASH = COMPLETIONS / "kyso.bash"
FISH = COMPLETIONS / "kyso.fish"
ZSH = COMPLETIONS / "_kyso"
FILES = ["a.pdf", "B.PDF", "c d.pdf", "key.p12", "key.pfx", "key.pem", "chain.crt", "chain.der", "seal.png", "Seal2.PNG",
         "state.json", "letter.pdf.p7s", "list.txt", "list.results.jsonl", "sub/inner.pdf"]
ROLES = {"initials", "leader", "comment", "number", "organisation", "appendix", "copy", "incoming", "plain"}
TEMPLATES = ROLES | {"Nguyen Van A"}
PDFS = {"a.pdf", "B.PDF", "c d.pdf", "sub/"}
COMMANDS = {"sign", "prepare", "complete", "verify", "extend", "extract", "facts", "judge", "trust", "inspect", "text", "template",
            "authority", "desk", "ceremony", "errors"}

# What is typed, and what must be suggested; in bash only what follows the last ":" or "=".
POSITIONS = [
    ("", COMMANDS),
    ("s", {"sign"}),
    ("--lang ", {"vi", "en"}),
    ("--lang en te", {"text", "template"}),
    ("verify ", PDFS | {"letter.pdf.p7s"}),
    ("verify a.pdf ", PDFS | {"letter.pdf.p7s"}),
    ("verify a.pdf --policy ", {"strict", "tt15", "legacy-vn", "sub/"}),
    ("verify a.pdf --trust k", {"key.pem"}),
    ("verify a.pdf --online ", PDFS | {"letter.pdf.p7s"}),
    ("verify a.pdf --etsi ", {"sub/"}),
    ("extend ", PDFS | {"letter.pdf.p7s"}),
    ("extend a.pdf -o ", PDFS | {"letter.pdf.p7s"}),
    ("extend letter.pdf.p7s --content c", {"c d.pdf", "chain.crt", "chain.der"}),
    ("extend a.pdf --level ", {"t", "lt", "lta"}),
    ("extract ", PDFS),
    ("judge ", {"state.json", "sub/"}),
    ("trust ", {"list", "add", "remove"}),
    ("trust add ", {"key.pem", "chain.crt", "chain.der", "sub/"}),
    ("trust add key.pem --revocation ", {"required", "if-published"}),
    ("trust remove ", set()),
    ("template ", {"list", "show", "new"}),
    ("template show ", TEMPLATES),
    ("template show l", {"leader"}),
    ("template new x --from ini", {"initials"}),
    ("errors ", set()),
    ("authority ", {"request", "approve", "reject", "show", "list", "search", "certificate", "doctor", "policy"}),
    ("authority re", {"request", "reject"}),
    ("desk ", {"jobs", "personalise", "unlock"}),
    ("desk unlock --pin-letters ", {"sub/"}),
    ("desk personalise --escrow ", {"key.pem", "chain.crt", "chain.der", "sub/"}),
    ("authority policy ", {"get", "check", "diff", "enrol-passkey"}),
    ("authority policy enrol-passkey nguyen-van-a --from ", {"state.json", "sub/"}),
    ("authority request ", {"issue", "revoke", "suspend", "release", "policy"}),
    ("authority request revoke 31C106 --reason k", {"keyCompromise"}),
    ("authority request issue --csr ", {"key.pem", "chain.der", "sub/"}),
    ("authority request issue --from s", {"state.json", "sub/"}),
    ("authority request issue --profile ", set()),
    ("authority request policy ", {"sub/"}),
    ("authority policy check ", {"sub/"}),
    ("authority list --state w", {"waiting"}),
    ("authority search --state g", {"good"}),
    ("authority approve --yes --holder p12:k", {"p12:key.p12", "p12:key.pfx"}),
    ("authority approve ", set()),
    ("ceremony ", {"plan", "approve", "run", "record"}),
    ("ceremony approve --holder p12:k", {"p12:key.p12", "p12:key.pfx"}),
    ("ceremony run -o ", {"sub/"}),
    ("sign ", PDFS),
    ("sign a.pdf ", set()),
    ("sign a.pdf --role ", ROLES),
    ("sign a.pdf --role in", {"initials", "incoming"}),
    ("sign --role leader ", PDFS),
    ("sign --lock ", PDFS),
    ("sign a.pdf -o ", PDFS),
    ("sign a.pdf --profile ", {"b-b", "b-t", "b-lt", "b-lta", "legacy"}),
    ("sign a.pdf --edge-seal ", {"by-the-book", "many-widgets", "off"}),
    ("sign a.pdf --copy-kind s", {"sao-y", "sao-luc"}),
    ("sign a.pdf --certify ", {"1", "2", "3"}),
    ("sign a.pdf --scheme rsa-pss", {"rsa-pss-sha256", "rsa-pss-sha384", "rsa-pss-sha512"}),
    ("sign a.pdf --template lea", {"leader"}),
    ("sign a.pdf --image ", {"seal.png", "Seal2.PNG", "sub/"}),
    ("sign a.pdf --holder ", {"p12:", "pem:", "pkcs11:"}),
    ("sign a.pdf --holder p12:", {"p12:key.p12", "p12:key.pfx", "p12:sub/"}),
    ("sign a.pdf --holder pem:k", {"pem:key.pem"}),
    ("sign a.pdf --holder pem:key.pem,c", {"pem:key.pem,chain.crt"}),
    ("sign a.pdf --holder pkcs11:token=", set()),
    ("sign a.pdf --tsa http://127.0.0.1:80/ --pro", {"--profile"}),
    ("sign a.pdf --password ", {"prompt", "file:", "fd:"}),
    ("sign a.pdf --password file:l", {"file:list.txt", "file:list.results.jsonl", "file:letter.pdf.p7s"}),
    ("sign a.pdf --near ", set()),
    ("sign --batch li", {"list.txt", "list.results.jsonl"}),
    ("sign --batch list.txt --results ", {"list.results.jsonl", "sub/"}),
    ("sign a.pdf --role=l", {"--role=leader"}),
    ("sign a.pdf --holder=p12:", {"--holder=p12:key.p12", "--holder=p12:key.pfx", "--holder=p12:sub/"}),
    ("sign sub/", {"sub/inner.pdf"}),
    ("prepare a.pdf --certificate ", {"key.pem", "chain.crt", "chain.der", "sub/"}),
    ("complete a.pdf --state ", {"state.json", "sub/"}),
    ("complete a.pdf --signature chain.c", {"chain.crt"}),
    ("inspect ", PDFS),
    ("text a.pdf ", set()),
]


def bash(line, folder):
    return set(run("bash", "--norc", HARNESS, BASH, line, home=folder, cwd=folder / "files").splitlines())


def fish(line, folder):
    out = run("fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", FISH, line, home=folder,
              cwd=folder / "files")
    return {candidate.split("\t")[0] for candidate in out.splitlines()}


def as_bash_says(typed, wanted):
    """readline replaces only what follows the last ":" or "=" of the word, and puts the slash behind folders itself."""
    word = typed.rpartition(" ")[2]
    kept = re.match(r".*[:=]|", word).group(0)
    return {candidate[len(kept):].removesuffix("/").replace("Nguyen Van A", r"Nguyen\ Van\ A") for candidate in wanted}


def check_positions(kyso, folder, shells):
    problems = []
    for typed, wanted in POSITIONS:
        for name, ask in shells.items():
            expected = as_bash_says(typed, wanted) if name == "bash" else wanted
            problems += differences(f"{name}: kyso {typed}", expected, ask(f"{kyso} {typed}", folder))
    return problems


def check_options(kyso, folder, shells):
    """After a command exactly its options are suggested."""
    problems = []
    for command, options in commands(kyso).items():
        for name, ask in shells.items():
            found = ask(f"{kyso} {command} -".replace("  ", " "), folder)
            found |= ask(f"{kyso} {command} --".replace("  ", " "), folder)
            problems += differences(f"{name}: kyso {command} -", options | GLOBAL_OPTIONS, found)
    return problems


def check_names(kyso):
    """For shells that are not installed: the names in their files."""
    wanted = set().union(GLOBAL_OPTIONS, *commands(kyso).values())
    zsh_text, fish_text = ZSH.read_text(encoding="utf-8"), FISH.read_text(encoding="utf-8")
    in_zsh = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]*(?==?'?\s|=?\[)|(?<=\))--?[a-z]+(?=['\[])", zsh_text))
    fish_options = "\n".join(re.findall(r"^(?:complete|__kyso_option) .*", fish_text, re.M))
    in_fish = {f"--{name}" for name in re.findall(r" -l ([a-z][a-z0-9-]*)", fish_options)}
    in_fish |= {f"-{name}" for name in re.findall(r" -s ([a-z])", fish_options)}
    problems = differences("zsh: options", wanted, in_zsh) + differences("fish: options", wanted, in_fish)
    if shutil.which("zsh"):
        problems += attempt("zsh", "-fn", ZSH).stderr.splitlines()
    return problems


def main():
    kyso = pathlib.Path(sys.argv[1]).resolve()
    shells = {"bash": bash} | ({"fish": fish} if shutil.which("fish") else {})
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for file in FILES:
            path = folder / "files" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        templates = folder / "config" / "kyso" / "templates"
        templates.mkdir(parents=True)
        (templates / "Nguyen Van A.toml").write_text('role = "leader"\n')
        # The scripts are for a command named kyso.
        link = folder / "kyso"
        link.symlink_to(kyso)
        problems = check_positions(link, folder, shells) + check_options(link, folder, shells) + check_names(kyso)
    finish(problems)


main()
