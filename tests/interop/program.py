"""Runs kyso as its user does, and checks what every failure owes the user."""
import hashlib
import json
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data" / "pdf"
SHARE = ROOT / "share"
SIGNATURE_PNG = SHARE / "images" / "sample-signature-blue.png"
SEAL_PNG = SHARE / "images" / "sample-seal-red-37mm.png"


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Done:
    """How a run of the program ended."""

    def __init__(self, code, out, err, command):
        self.code, self.out, self.err, self.command = code, out, err, command

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def notes(self):
        notes = self.json["notes"]
        assert all(note["text"] != note["id"] for note in notes), f"a note without words: {self}"
        ids = {note["id"] for note in notes}
        assert len(ids) == len(notes), f"a note is told twice: {self}"
        return ids

    def ok(self):
        assert self.code == 0, str(self)
        return self

    def __repr__(self):
        return f"{' '.join(self.command)}\nexit code {self.code}\n{self.out}\n{self.err}"


class Kyso:
    """The program with a home of its own: no template, cache or language of the machine reaches it."""

    def __init__(self, path, home):
        self.path = str(path)
        self.home = home
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(("KYSO_", "XDG_"))}
        self.environment |= {"XDG_CONFIG_HOME": str(home / "config"), "XDG_CACHE_HOME": str(home / "cache"),
                             "LC_ALL": "C.UTF-8", "HOME": str(home)}

    def command(self, *arguments):
        return [self.path, *(str(argument) for argument in arguments)]

    def run(self, *arguments, env=None, timeout=120, stdin=subprocess.DEVNULL, **options):
        command = self.command(*arguments)
        # A session of its own: no terminal of whoever runs the tests is asked for a PIN.
        done = subprocess.run(command, env=self.environment | (env or {}), stdin=stdin, capture_output=True,
                              timeout=timeout, start_new_session=True, check=False, **options)
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode(), command)

    def sign(self, source, output, holder, *arguments, **options):
        """Signs with --json; `holder` is an Authority's (--holder …, --pin-file …)."""
        return self.run("sign", source, "-o", output, *holder, *arguments, "--json", **options)


class Authority:
    """A folder made by tools/demo-authority."""

    def __init__(self, folder):
        self.folder = folder
        self.root = str(folder / "root.pem")
        self.pin_file = folder / "pin.txt"
        self.pin = self.pin_file.read_text()

    def p12(self, name):
        return ("--holder", f"p12:{self.folder / name}.p12", "--pin-file", self.pin_file)

    def pem(self, name):
        return ("--holder", f"pem:{self.folder / name}.key.pem,{self.certificates(name)}", "--pin-file", self.pin_file)

    def certificates(self, name):
        """The signer's certificate followed by its chain."""
        path = self.folder / f"{name}.full.pem"
        if not path.exists():
            path.write_text((self.folder / f"{name}.cert.pem").read_text() + (self.folder / "chain.pem").read_text())
        return path

    def uri(self, name):
        for line in (self.folder / "token.txt").read_text().splitlines():
            who, uri = line.split(" ", 1)
            if who == name:
                return uri
        raise KeyError(name)

    def pkcs11(self, name):
        return ("--holder", self.uri(name), "--pin-file", self.pin_file)

    @property
    def token_environment(self):
        return {"SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}


def make_authority(folder, key="rsa:2048", *arguments):
    done = subprocess.run([ROOT / "tools" / "demo-authority", folder, "--key", key, *arguments], capture_output=True,
                          check=False)
    assert done.returncode == 0, done.stderr.decode()
    return Authority(folder)


# --- failures -----------------------------------------------------------------------------------------------------------

VIETNAMESE = re.compile("[ăâđêôơưáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ]")


def leftovers(folder):
    """Everything in a folder by relative path, with the digests of its files."""
    return {str(path.relative_to(folder)): sha256(path) if path.is_file() and not path.is_symlink() else "-"
            for path in sorted(folder.rglob("*"))}


def assert_good_words(text, first, arrow):
    """One sentence of what happened and one of what to do; nothing that only a programmer reads."""
    lines = text.strip("\n").split("\n")
    assert len(lines) == 3, text
    message, step, code = lines
    assert message.startswith(first) and len(message) > len(first) + 15, text
    assert step.startswith(arrow) and len(step) > len(arrow) + 8, text
    assert re.fullmatch(r"  \[[a-z0-9_]+(\.[a-z0-9_]+)+\]", code), text
    assert not re.search(r"\{\w*\}|terminate|what\(\)|\.cpp|std::|0x[0-9a-f]{6}|Traceback", text), text
    return code.strip()[1:-1]


def assert_refused(kyso, folder, arguments, code, error=None, secrets=(), **options):
    """The program refuses with this exit code, in both languages and as JSON, and changes nothing in the folder."""
    before = leftovers(folder)
    errors = []
    for language, first in (("vi", "Lỗi: "), ("en", "Error: ")):
        done = kyso.run(*arguments, "--lang", language, **options)
        assert done.code == code, f"expected exit code {code}\n{done}"
        assert done.out == "", done
        errors.append(assert_good_words(done.err, first, "  → "))
        assert bool(VIETNAMESE.search(done.err.split("[")[0])) or language == "en", done
        for secret in secrets:
            assert secret not in done.out + done.err, "a secret was shown"
        assert leftovers(folder) == before, f"something changed in {folder}: {leftovers(folder)}\n{done}"
    done = kyso.run(*arguments, "--json", **options)
    assert done.code == code and done.err == "", done
    described = done.json["error"]
    assert described["exit_code"] == code and described["message"] and described["next_step"], done
    errors.append(described["code"])
    for secret in secrets:
        assert secret not in done.out, "a secret was shown"
    assert leftovers(folder) == before, done
    assert len(set(errors)) == 1 and error in (None, errors[0]), f"expected {error}, got {errors}"
    return described
