#!/usr/bin/env python3
"""The Debian package holds what its services need, and its parts fit together.

usage: check_package.py BUILD [DEB]        exit code 1 and a line for each thing that is wrong

Without DEB the package is made from the programs of the build.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ["kyso", "kysod", "kyso-vault", "kyso-clock-monitor", "kyso-audit-verify"]
UNITS = ["kysod", "kyso-vault", "kyso-clock-monitor"]
# Loaded on use, or seen by no linker.
DEPENDENCIES = ["libc6", "libssl3", "libsqlite3-0", "libpq5", "libp11-kit0", "libcurl4", "libharfbuzz-subset0",
                "libzip4", "libxml2", "libxlsxwriter4", "libargon2-1", "systemd | systemd-standalone-sysusers"]
# What the portal needs beside its pages: folder of the source, folder of the package.
PORTAL_FOLDERS = ["notices", "calendar", "organisations", "content"]
HAS_PAGES = os.environ.get("KYSO_WEB", "1") == "1"
SCRIPTS = ["postinst", "prerm", "postrm"]
MANUALS = {"kyso": 1, "kyso-audit-verify": 1, "kysod": 8, "kyso-vault": 8, "kyso-clock-monitor": 8}


def run(*command, **options):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KYSO_")}
    return subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, text=True, capture_output=True,
                          check=False, timeout=240, env=environment, **options)


def must(*command, **options):
    done = run(*command, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def make(build, folder):
    must("cpack", "--config", build / "CPackConfig.cmake", "-B", folder, "-D", "CPACK_DEBIAN_COMPRESSION_TYPE=gzip")
    (deb,) = folder.glob("kyso_*.deb")
    return deb


def expected_files():
    files = {f"usr/bin/{name}" for name in PROGRAMS}
    files |= {f"usr/lib/systemd/system/{name}.service" for name in UNITS}
    files |= {"usr/lib/sysusers.d/kyso.conf", "usr/lib/tmpfiles.d/kyso.conf"}
    files |= {f"usr/share/kyso/deploy/{path.name}" for path in (ROOT / "deploy").glob("*.toml")}
    files |= {"usr/share/kyso/deploy/softhsm2.conf", "usr/share/doc/kyso/copyright", "usr/share/doc/kyso/operating.md",
              "usr/share/doc/kyso/portal.md", "usr/share/doc/kyso/vi/portal.md", "usr/share/doc/kyso/guide/pictures/trang-chu.png",
              "usr/share/kyso/portal-licences.txt"}
    if HAS_PAGES:
        files |= {"usr/share/kyso/portal/index.html", "usr/share/kyso/portal/licences.txt"}
    for folder, target in (("db/migrations", "migrations"), ("share/profiles", "profiles"),
                           ("share/policies", "policies"), ("share/policy-example", "policy-example"),
                           ("share/trust", "trust"), ("share/fonts", "fonts"),
                           *((f"share/{name}", name) for name in PORTAL_FOLDERS)):
        files |= {f"usr/share/kyso/{target}/{path.relative_to(ROOT / folder)}"
                  for path in (ROOT / folder).rglob("*") if path.is_file()}
    for name, section in MANUALS.items():
        files |= {f"usr/share/man/{language}man{section}/{name}.{section}.gz" for language in ("", "vi/")}
    return files


def check_files(tree, listing):
    files = {str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file() or path.is_symlink()}
    problems = [f"the package lacks {name}" for name in sorted(expected_files() - files)]
    problems += [f"the package has {name}" for name in sorted(files) if not name.startswith("usr/")]
    for line in listing.splitlines():
        mode, owner, *_, name = line.split(maxsplit=5)
        if owner != "root/root":
            problems.append(f"{name} belongs to {owner}")
        if not mode.startswith("l") and (mode[5] == "w" or mode[8] == "w"):
            problems.append(f"{name} can be written by others: {mode}")
    return problems


def check_portal(tree):
    """Whole pages, and nobody who is invented."""
    share = tree / "usr/share/kyso"
    problems = [f"the package has a sample: {path.relative_to(tree)}" for path in share.rglob("*sample*")
                if "organisation" in str(path.relative_to(share))]
    problems += [f"{path.name} has sample organisations" for path in (share / "organisations").glob("*.toml")
                 if 'key = "sample/' in path.read_text(encoding="utf-8")]
    if not HAS_PAGES:
        return problems
    pages = share / "portal"
    for target in re.findall(r'(?:src|href)="/([^"]+)"', (pages / "index.html").read_text(encoding="utf-8")):
        if not (pages / target).is_file():
            problems.append(f"index.html names /{target}, which the package lacks")
    if not list((pages / "assets").glob("*.js.gz")):
        problems.append("the pages are not compressed")
    return problems + [f"{path.relative_to(tree)} is of no use to visitors" for path in pages.rglob("*")
                       if path.name == ".vite" or path.suffix == ".map"]


def check_programs(tree):
    problems = []
    for name in PROGRAMS:
        program = tree / "usr/bin" / name
        if re.search(r"\((RPATH|RUNPATH)\)", must("readelf", "-d", program)):
            problems.append(f"{name} has a run path")
    return problems


def fields_of(deb):
    return dict(re.findall(r"^([A-Z][\w-]*): (.*)$", must("dpkg-deb", "--field", deb), re.M))


def check_control(deb, control):
    fields = fields_of(deb)
    problems = [f"the package does not depend on {name}" for name in DEPENDENCIES if name not in fields["Depends"]]
    changelog = (ROOT / "deploy/debian/changelog").read_text(encoding="utf-8")
    if not changelog.startswith(f"kyso ({fields['Version']}) "):
        problems.append(f"deploy/debian/changelog does not begin with version {fields['Version']}")
    for name in SCRIPTS:
        script = control / name
        if not script.exists() or script.stat().st_mode & 0o777 != 0o755:
            problems.append(f"{name} is missing or not executable")
        elif run("sh", "-n", script).returncode != 0:
            problems.append(f"{name} is no script of sh")
    return problems


def settings_of(unit):
    return re.findall(r"^([A-Za-z]+)=(.*)$", unit.read_text(encoding="utf-8"), re.M)


def check_units(tree):
    problems = []
    users = set(re.findall(r"^u (\S+)", (tree / "usr/lib/sysusers.d/kyso.conf").read_text(encoding="utf-8"), re.M))
    for name in UNITS:
        unit = tree / f"usr/lib/systemd/system/{name}.service"
        for key, value in settings_of(unit):
            if key in ("User", "Group", "SupplementaryGroups") and value not in users:
                problems.append(f"{name}: nobody makes the user {value}")
            if key == "ExecStart":
                program, *arguments = value.split()
                if not (tree / program[1:]).exists():
                    problems.append(f"{name}: there is no {program}")
                sample = pathlib.Path(arguments[arguments.index("--config") + 1]).name
                if not (tree / "usr/share/kyso/deploy" / sample).exists():
                    problems.append(f"{name}: no sample of {sample}")
            if key == "Documentation":
                for page, section in re.findall(r"man:([\w-]+)\((\d)\)", value):
                    if not (tree / f"usr/share/man/man{section}/{page}.{section}.gz").exists():
                        problems.append(f"{name}: there is no {page}({section})")
                for file in re.findall(r"file:/(\S+)", value):
                    if not (tree / file).exists():
                        problems.append(f"{name}: there is no /{file}")
    return problems


def check_systemd(tree, folder):
    """What systemd itself says, where it is installed."""
    if not shutil.which("systemd-analyze"):
        return []
    problems = []
    for name in UNITS:
        copy = folder / f"{name}.service"
        text = (tree / f"usr/lib/systemd/system/{name}.service").read_text(encoding="utf-8")
        copy.write_text(text.replace("ExecStart=/usr/bin/", f"ExecStart={tree}/usr/bin/"), encoding="utf-8")
        said = run("systemd-analyze", "verify", "--man=no", copy)
        problems += [f"systemd-analyze verify: {line}" for line in (said.stdout + said.stderr).splitlines()
                     if f"{name}.service" in line]
        level = run("systemd-analyze", "security", "--offline=yes", "--threshold=25", copy)
        if level.returncode != 0:
            problems.append(f"{name}: {level.stdout.splitlines()[-1:]} {level.stderr.strip()}")
    return problems


def certificate(folder, name):
    key = ["rsa:3072"] if name.startswith("escrow") else ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    must("openssl", "req", "-x509", "-newkey", *key, "-nodes", "-keyout",
         folder / "key.pem", "-subj", f"/CN={name}", "-days", "30", "-out", folder / f"{name}.crt")


def check_samples(tree, folder):
    """The programs accept the samples as they are; the vault needs the files that its sample names, and its users."""
    deploy, programs = tree / "usr/share/kyso/deploy", tree / "usr/bin"
    problems = []
    for program, sample in (("kysod", "kysod.toml"), ("kyso-clock-monitor", "clock.toml")):
        done = run(programs / program, "--check", "--config", deploy / sample)
        if done.returncode != 0:
            problems.append(f"{sample}: {done.stdout}{done.stderr}")
    (folder / "certificates").mkdir()
    for name in ("CPCA_G1", "tsa-1", "log-1", "escrow-1"):
        certificate(folder / "certificates", name)
    (folder / "policy").mkdir()
    text = (deploy / "vault.toml").read_text(encoding="utf-8")
    me = must("id", "-un").strip()
    text = text.replace('allowed_users = ["kyso"]', f'allowed_users = ["{me}"]')
    text = text.replace('socket_group = "kyso-vault"', f'socket_group = "{must("id", "-gn").strip()}"')
    # An authority's own policy has its own officers.
    text = text.replace('initial_policy = "policy"\n', "")
    (folder / "vault.toml").write_text(text, encoding="utf-8")
    done = run(programs / "kyso-vault", "--check", "--config", folder / "vault.toml")
    if done.returncode != 0:
        problems.append(f"vault.toml: {done.stdout}{done.stderr}")
    return problems


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        deb = pathlib.Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else make(build, folder / "made")
        tree, control, scratch = folder / "tree", folder / "control", folder / "scratch"
        scratch.mkdir()
        must("dpkg-deb", "--extract", deb, tree)
        must("dpkg-deb", "--control", deb, control)
        problems = check_files(tree, must("dpkg-deb", "--contents", deb))
        problems += check_portal(tree) + check_programs(tree) + check_control(deb, control) + check_units(tree)
        problems += check_systemd(tree, scratch) + check_samples(tree, scratch)
    for problem in problems:
        print(problem)
    raise SystemExit(1 if problems else 0)


main()
