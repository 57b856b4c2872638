"""Every kind of key in every kind of holder, PINs by every way, and keys that must not sign."""
import contextlib
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import threading
import time

import pytest
from judges import assert_all_valid, assert_sound, call, pdfsig, pyhanko
from program import SIGNATURE_PNG, Authority, assert_refused, make_authority
from samples import sample
from spy import logins, spied

LETTER = sample("vn-cong-van.pdf").path
KINDS = ("rsa:2048", "rsa:3072", "rsa:4096", "ec:p256", "ec:p384", "ed25519")
SCHEMES = {"rsa:2048": ("", "rsa-pkcs1-sha384", "rsa-pkcs1-sha512", "rsa-pss-sha256", "rsa-pss-sha384", "rsa-pss-sha512"),
           "rsa:3072": ("", "rsa-pss-sha256", "rsa-pss-sha512"), "rsa:4096": ("", "rsa-pss-sha256", "rsa-pss-sha512"),
           "ec:p256": ("", "ecdsa-p256-sha384", "ecdsa-p256-sha512"), "ec:p384": ("", "ecdsa-p384-sha256",
                                                                                 "ecdsa-p384-sha512"),
           "ed25519": ("",)}
DEFAULTS = {"rsa:2048": "rsa-pkcs1-sha256", "rsa:3072": "rsa-pkcs1-sha256", "rsa:4096": "rsa-pkcs1-sha256",
            "ec:p256": "ecdsa-p256-sha256", "ec:p384": "ecdsa-p384-sha384", "ed25519": "ed25519"}


@pytest.fixture(scope="module")
def authorities(tmp_path_factory):
    made = {}

    def get(kind) -> Authority:
        if kind not in made:
            made[kind] = make_authority(tmp_path_factory.mktemp("authority"), kind)
        return made[kind]
    return get


@pytest.fixture(scope="module")
def nss(authorities, tmp_path_factory):
    """An NSS database that trusts the root of an authority, for pdfsig."""
    made = {}

    def get(kind):
        if kind not in made:
            folder = tmp_path_factory.mktemp("nss")
            for command in (("-N", "-d", f"sql:{folder}", "--empty-password"),
                            ("-A", "-d", f"sql:{folder}", "-n", "root", "-t", "CT,CT,CT", "-a", "-i", authorities(kind).root)):
                assert call("certutil", *command).returncode == 0
            made[kind] = folder
        return made[kind]
    return get


@pytest.mark.parametrize("holder", ["p12", "pem", "pkcs11"])
@pytest.mark.parametrize("kind, scheme", [(kind, scheme) for kind in KINDS for scheme in SCHEMES[kind]])
def test_every_key(kyso, authorities, nss, tmp_path, kind, scheme, holder):
    authority = authorities(kind)
    output = tmp_path / "out.pdf"
    options = ("--scheme", scheme) if scheme else ()
    done = kyso.sign(LETTER, output, getattr(authority, holder)("leader"), *options, env=authority.token_environment).ok()
    assert done.json["signer"] == "Nguyễn Văn A"
    facts = kyso.run("inspect", output, "--json").ok().json
    assert facts["signatures"][0]["scheme"] == (scheme or DEFAULTS[kind])
    # NSS, behind pdfsig, knows neither Ed25519 nor PSS in CMS.
    known_to_nss = kind != "ed25519" and "pss" not in scheme
    (verdict,) = assert_all_valid(output, root=authority.root, count=1, by_pdfsig=known_to_nss).values()
    assert verdict["trusted"] and verdict["coverage"] == "ENTIRE_FILE"
    assert_sound(output)
    if known_to_nss:
        (seen,) = pdfsig(output, nss=nss(kind)).values()
        assert seen.ok and seen.certificate == "Certificate is Trusted." and seen.whole, seen


@pytest.mark.parametrize("kind, scheme", [("ec:p256", "rsa-pss-sha256"), ("rsa:2048", "ecdsa-p256-sha256"),
                                          ("rsa:2048", "rsa-pkcs1-sha1"), ("rsa:2048", "md5"), ("ed25519", "ecdsa")])
def test_schemes_that_the_key_cannot_do(kyso, authorities, tmp_path, kind, scheme):
    arguments = ("sign", LETTER, "-o", tmp_path / "x.pdf", *authorities(kind).p12("leader"), "--scheme", scheme)
    assert_refused(kyso, tmp_path, arguments, 43, "sign.scheme.unsupported")


def test_without_root_nothing_is_trusted(kyso, authorities, tmp_path):
    """The measure can tell: another authority's root does not make the signature trusted."""
    output = tmp_path / "out.pdf"
    kyso.sign(LETTER, output, authorities("ec:p256").p12("leader")).ok()
    (verdict,) = pyhanko(output, root=authorities("ec:p384").root).values()
    assert verdict["sound"] and not verdict["trusted"] and not verdict["ok"]


def test_the_chain_is_embedded(kyso, authorities, tmp_path):
    """A PEM holder with the leaf alone takes the chain from --chain."""
    from asn1crypto import cms
    from pyhanko.pdf_utils.reader import PdfFileReader
    authority = authorities("ec:p256")
    output = tmp_path / "out.pdf"
    holder = ("--holder", f"pem:{authority.folder}/leader.key.pem,{authority.folder}/leader.cert.pem")
    kyso.sign(LETTER, output, holder, "--chain", authority.folder / "issuing.pem").ok()
    assert_all_valid(output, root=authority.root, count=1)
    with open(output, "rb") as file:
        signed = PdfFileReader(file).embedded_signatures[0].signed_data
    names = {certificate.chosen.subject.native["common_name"] for certificate in signed["certificates"]}
    assert isinstance(signed, cms.SignedData) and {"Nguyễn Văn A", "Kyso demo issuing"} <= names


# --- keys that must not sign ----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name, code, error", [("expired", 40, "sign.certificate.expired"),
                                               ("not-for-signing", 42, "sign.certificate.not_for_signing")])
@pytest.mark.parametrize("holder", ["p12", "pem"])
def test_certificates_that_must_not_sign(kyso, authorities, tmp_path, name, code, error, holder):
    authority = authorities("ec:p256")
    assert_refused(kyso, tmp_path, ("sign", LETTER, "-o", tmp_path / "x.pdf", *getattr(authority, holder)(name)), code,
                   error, secrets=(authority.pin,))


@pytest.mark.parametrize("holder, code", [("p12:/nowhere/x.p12", 64), ("pem:/nowhere/x.pem,/nowhere/y.pem", 64),
                                          ("pem:only-one", 4), ("usb:0", 4), ("pkcs11:token", 37),
                                          ("pkcs11:token=Kyso;pin-value=1234", 37)])
def test_holders_that_are_not_there(kyso, authorities, tmp_path, holder, code):
    pin = authorities("ec:p256").pin_file
    assert_refused(kyso, tmp_path, ("sign", LETTER, "-o", tmp_path / "x.pdf", "--holder", holder, "--pin-file", pin), code)


def test_key_file_of_something_else(kyso, authorities, tmp_path):
    assert_refused(kyso, tmp_path, ("sign", LETTER, "-o", tmp_path / "x.pdf", "--holder", f"p12:{SIGNATURE_PNG}",
                                    "--pin-file", authorities("ec:p256").pin_file), 38)


def test_key_without_its_certificate(kyso, authorities, tmp_path):
    folder = authorities("ec:p256").folder
    holder = f"pem:{folder}/leader.key.pem,{folder}/clerk.cert.pem"
    assert_refused(kyso, tmp_path, ("sign", LETTER, "-o", tmp_path / "x.pdf", "--holder", holder), 35,
                   "crypto.key.mismatch")


def test_wrong_password_of_a_key_file(kyso, authorities, tmp_path):
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("sai-mat-khau")
    arguments = ("sign", LETTER, "-o", tmp_path / "x.pdf", "--holder", f"p12:{authorities('ec:p256').folder}/leader.p12",
                 "--pin-file", wrong)
    assert_refused(kyso, tmp_path, arguments, 30, "crypto.pkcs12.password", secrets=("sai-mat-khau",))


# --- tokens -----------------------------------------------------------------------------------------------------------------

def test_wrong_pin_is_tried_once(kyso, authorities, tmp_path):
    authority = authorities("rsa:2048")
    folder, log = tmp_path / "work", tmp_path / "spy.log"
    folder.mkdir()
    wrong = folder / "wrong.txt"
    wrong.write_text("87654321")
    uri, environment = spied(authority, authority.uri("leader"), log)
    for _ in range(2):
        log.unlink(missing_ok=True)
        done = kyso.sign(LETTER, folder / "x.pdf", ("--holder", uri, "--pin-file", wrong), env=environment)
        assert done.code == 30 and done.json["error"]["code"] == "token.pin.incorrect", done
        assert logins(log) == 1, "a wrong PIN must cost one try"
        assert "87654321" not in done.out + done.err
    assert_refused(kyso, folder, ("sign", LETTER, "-o", folder / "x.pdf", "--holder", authority.uri("leader"), "--pin-file",
                                  wrong), 30, "token.pin.incorrect", secrets=("87654321",),
                   env=authority.token_environment)


def test_no_pin_for_a_document_that_cannot_be_signed(kyso, authorities, tmp_path):
    """The document is looked at first: no try of the PIN is spent on it."""
    authority, log = authorities("rsa:2048"), tmp_path / "spy.log"
    uri, environment = spied(authority, authority.uri("leader"), log)
    for source in (sample("pyhanko/minimal-badxref.pdf").path, pathlib.Path(__file__)):
        done = kyso.sign(source, tmp_path / "x.pdf", ("--holder", uri, "--pin-file", authority.pin_file), env=environment)
        assert done.code in (3, 13), done
        assert not log.exists() or logins(log) == 0


@pytest.mark.parametrize("change, code, error", [
    (("token=Kyso%20demo", "token=khong%20co"), 33, "token.not_found"),
    (("object=leader", "object=nobody"), 35, "token.key.not_found"),
    (("libsofthsm2.so", "libkhong-co.so"), 34, "token.module.missing"),
    (("module-path=", "module-path=relative/"), 34, "token.module.path")])
def test_tokens_that_are_not_there(kyso, authorities, tmp_path, change, code, error):
    authority = authorities("rsa:2048")
    uri = authority.uri("leader").replace(*change)
    assert uri != authority.uri("leader")
    if change[0] == "module-path=":
        uri = uri.replace("//", "/")
    arguments = ("sign", LETTER, "-o", tmp_path / "x.pdf", "--holder", uri, "--pin-file", authority.pin_file)
    assert_refused(kyso, tmp_path, arguments, code, error, secrets=(authority.pin,), env=authority.token_environment)


def test_library_that_is_no_library(kyso, authorities, tmp_path):
    authority = authorities("rsa:2048")
    uri = authority.uri("leader").split("?")[0] + f"?module-path={SIGNATURE_PNG}"
    arguments = ("sign", LETTER, "-o", tmp_path / "x.pdf", "--holder", uri, "--pin-file", authority.pin_file)
    assert_refused(kyso, tmp_path, arguments, 34, "token.module.unusable", env=authority.token_environment)


# --- ways of a PIN ----------------------------------------------------------------------------------------------------------

def command_lines():
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            yield path.read_bytes()


def test_pin_by_descriptor(kyso, authorities, tmp_path):
    authority = authorities("rsa:2048")
    for holder in (authority.pkcs11("leader")[:2], authority.p12("leader")[:2]):
        reader, writer = os.pipe()
        os.write(writer, authority.pin.encode() + b"\n")
        os.close(writer)
        output = tmp_path / "out.pdf"
        kyso.sign(LETTER, output, holder, "--pin-fd", reader, env=authority.token_environment, pass_fds=(reader,)).ok()
        os.close(reader)
        assert_all_valid(output, root=authority.root, count=1)


class Terminal:
    """The program on a terminal of its own."""

    def __init__(self, kyso, *arguments, env=None):
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.execve(kyso.path, kyso.command(*arguments), kyso.environment | (env or {}))
        self.seen = b""

    def until(self, text, timeout=30):
        end = time.monotonic() + timeout
        while text.encode() not in self.seen:
            ready, _, _ = select.select([self.master], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"{text!r} did not come: {self.seen.decode(errors='replace')}"
            try:
                self.seen += os.read(self.master, 4096)
            except OSError:  # the other side is closed
                break
        assert text.encode() in self.seen, self.seen.decode(errors="replace")

    def type(self, text):
        os.write(self.master, text.encode() + b"\n")

    def end(self, timeout=30):
        alarm = threading.Timer(timeout, os.kill, (self.pid, signal.SIGKILL))  # a hang is a failure, not a wait
        alarm.start()
        with contextlib.suppress(OSError):
            while chunk := os.read(self.master, 4096):
                self.seen += chunk
        os.close(self.master)
        status = os.waitpid(self.pid, 0)[1]
        alarm.cancel()
        return os.waitstatus_to_exitcode(status)


@pytest.mark.parametrize("holder", ["pkcs11", "p12"])
@pytest.mark.parametrize("language, question", [("vi", "M\u1eadt kh\u1ea9u|M\u00e3 PIN"), ("en", "Password|PIN of token")])
def test_pin_by_prompt(kyso, authorities, tmp_path, holder, language, question):
    authority = authorities("rsa:2048")
    output = tmp_path / "out.pdf"
    terminal = Terminal(kyso, "sign", LETTER, "-o", output, *getattr(authority, holder)("leader")[:2], "--lang", language,
                        env=authority.token_environment)
    terminal.until(question.split("|")[holder == "pkcs11"])
    assert not any(authority.pin.encode() in line for line in command_lines())
    terminal.type(authority.pin)
    assert terminal.end() == 0, terminal.seen.decode()
    assert authority.pin.encode() not in terminal.seen, "the PIN was shown on the terminal"
    assert_all_valid(output, root=authority.root, count=1)


def test_interrupted_at_the_prompt(kyso, authorities, tmp_path):
    """Ctrl+C at the question for the PIN: nothing is left, and the terminal shows what is typed again."""
    authority = authorities("rsa:2048")
    terminal = Terminal(kyso, "sign", LETTER, "-o", tmp_path / "x.pdf", *authority.p12("leader")[:2])
    terminal.until("Mật khẩu")
    os.write(terminal.master, b"\x03")
    assert terminal.end() in (6, -signal.SIGINT)
    assert not list(tmp_path.iterdir())


def test_document_password_by_prompt(kyso, authorities, tmp_path):
    authority = authorities("ec:p256")
    it = sample("pyhanko/minimal-with-field-aes256.pdf")
    output = tmp_path / "out.pdf"
    terminal = Terminal(kyso, "sign", it.path, "-o", output, *authority.p12("leader"), "--password", "prompt")
    terminal.until("Mật khẩu của văn bản")
    terminal.type(it.password)
    assert terminal.end() == 0
    assert it.password.encode() not in terminal.seen
    assert_all_valid(output, it.password, root=authority.root, count=1)


def test_secrets_are_in_no_command_line(kyso, authorities, tmp_path):
    """A document password given as an argument is wiped from it before the program waits for anything."""
    authority = authorities("ec:p256")
    it = sample("pyhanko/minimal-with-field-aes256.pdf")
    terminal = Terminal(kyso, "sign", it.path, "-o", tmp_path / "out.pdf", *authority.p12("leader")[:2], "--password",
                        it.password)
    terminal.until("Mật khẩu của tệp khóa")
    line = pathlib.Path(f"/proc/{terminal.pid}/cmdline").read_bytes()
    assert it.password.encode() not in line and authority.pin.encode() not in line, line
    assert authority.pin.encode() not in pathlib.Path(f"/proc/{terminal.pid}/environ").read_bytes()
    terminal.type(authority.pin)
    assert terminal.end() == 0


def test_without_terminal_or_pin(kyso, authorities, tmp_path):
    for holder in ("p12", "pkcs11"):
        arguments = ("sign", LETTER, "-o", tmp_path / "x.pdf", *getattr(authorities("rsa:2048"), holder)("leader")[:2])
        assert_refused(kyso, tmp_path, arguments, 4, "kyso.secret.no_terminal",
                       env=authorities("rsa:2048").token_environment)


def test_pin_file_that_is_not_there(kyso, authorities, tmp_path):
    arguments = ("sign", LETTER, "-o", tmp_path / "x.pdf", *authorities("rsa:2048").p12("leader")[:2], "--pin-file",
                 tmp_path / "nothing")
    assert_refused(kyso, tmp_path, arguments, 38, "kyso.secret.unreadable")


def test_the_pin_is_in_no_log(kyso, authorities, tmp_path):
    authority, log = authorities("rsa:2048"), tmp_path / "kyso.log"
    for holder in ("p12", "pkcs11"):
        kyso.sign(LETTER, tmp_path / "out.pdf", getattr(authority, holder)("leader"),
                  env=authority.token_environment | {"KYSO_LOG": str(log)}).ok()
    if log.exists():
        assert authority.pin not in log.read_text()


def test_openssl_verifies_the_cms_itself(kyso, authorities, tmp_path):
    """The ranges and the CMS, cut out by hand, against `openssl cms -verify` with the root."""
    authority = authorities("rsa:2048")
    output = tmp_path / "out.pdf"
    kyso.sign(LETTER, output, authority.p12("leader"), "--scheme", "rsa-pss-sha256").ok()
    data = output.read_bytes()
    a, b, c, d = map(int, re.search(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)", data).groups())
    (tmp_path / "content").write_bytes(data[a:a + b] + data[c:c + d])
    (tmp_path / "cms").write_bytes(bytes.fromhex(data[a + b + 1:c - 1].decode()))
    done = subprocess.run(["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", tmp_path / "cms", "-content",
                           tmp_path / "content", "-CAfile", authority.root, "-purpose", "any", "-out", "/dev/null"],
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
