"""What the program itself says of its commands: the measure for man pages and completions."""
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPLETIONS = ROOT / "share" / "completions"
# Of all commands; the top level shows them.
GLOBAL_OPTIONS = {"-h", "--help", "--lang", "--json", "-q", "--quiet"}


def environment(home=None):
    """The environment without the machine's settings of Kyso, or with those in `home`."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("KYSO_", "XDG_"))}
    variables["LC_ALL"] = "C.UTF-8"
    if home is not None:
        variables |= {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "XDG_CACHE_HOME": str(home / "cache")}
    return variables


def attempt(*command, home=None, **options):
    """Runs a command to its end, well or not."""
    return subprocess.run([str(part) for part in command], env=environment(home), stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, check=False, timeout=120, **options)


def run(*command, home=None, **options):
    """Runs a command that must succeed; gives its standard output."""
    done = attempt(*command, home=home, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def options_in(help_text):
    """The options that a help text lists, short names too."""
    found = set()
    for names in re.findall(r"^  ((?:-\w,)?--[a-z0-9-]+)", help_text, re.M):
        found |= set(names.split(","))
    return found


def subcommands_in(help_text):
    heading = re.search(r"\n(?:Subcommands|Các lệnh):\n", help_text)
    listed = help_text[heading.end():] if heading else ""
    return re.findall(r"^  ([a-z][a-z-]*)  ", listed, re.M)


def commands(kyso, path=()):
    """All commands with the options that each adds to the global ones: {"template new": {"--from", …}, …}."""
    text = run(kyso, *path, "--help")
    assert path or subcommands_in(text), "the help lists no commands"
    found = {" ".join(path): options_in(text) - GLOBAL_OPTIONS}
    for name in subcommands_in(text):
        found |= commands(kyso, (*path, name))
    return found


def differences(title, expected, found):
    """Lines that say what is missing and what is too much."""
    return [f"{title}: {what} {' '.join(sorted(names))}"
            for what, names in (("lacks", expected - found), ("invents", found - expected)) if names]


def finish(problems):
    for problem in problems:
        print(problem)
    raise SystemExit(1 if problems else 0)
