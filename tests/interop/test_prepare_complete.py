"""A key that is elsewhere: docs/prepared-signature.md with openssl as the far side, and every way to get it wrong."""
import base64
import json
import re
import subprocess

import pytest
from judges import assert_all_valid, assert_sound
from program import SIGNATURE_PNG, assert_refused, make_authority, sha256
from samples import sample

LETTER = sample("vn-cong-van.pdf").path


@pytest.fixture(scope="module")
def p384_authority(tmp_path_factory):
    return make_authority(tmp_path_factory.mktemp("authority-p384"), "ec:p384", "--no-token")


@pytest.fixture(scope="module")
def ed25519_authority(tmp_path_factory):
    return make_authority(tmp_path_factory.mktemp("authority-ed25519"), "ed25519", "--no-token")


class Prepared:
    def __init__(self, kyso, authority, folder, *options, source=LETTER):
        self.kyso, self.authority, self.folder = kyso, authority, folder
        self.pdf, self.state, self.value = folder / "prepared.pdf", folder / "prepared.pdf.json", folder / "value.bin"
        kyso.run("prepare", source, "-o", self.pdf, "--certificate", authority.certificates("leader"), *options).ok()

    @property
    def facts(self):
        return json.loads(self.state.read_text())

    @property
    def digest(self):
        return base64.b64decode(self.facts["digest_to_sign"])

    def parked_attributes(self):
        """The signed attributes, in the slot that no digest covers: SEQUENCE { 1, SET, SEQUENCE }."""
        from asn1crypto.core import Asn1Value, Sequence
        slot = self.facts["slot"]
        data = self.pdf.read_bytes()[slot["offset"] + 1:slot["offset"] + 1 + 2 * slot["capacity"]]
        parked = Sequence.load(bytes.fromhex(data.decode()), strict=False)
        attributes = parked[1]
        assert isinstance(attributes, Asn1Value) and attributes.dump()[0] == 0x31
        return attributes.dump()

    def sign_elsewhere(self, key="leader", *options, data=None):
        """openssl pkeyutl, which sees the digest and nothing else."""
        (self.folder / "digest.bin").write_bytes(self.digest if data is None else data)
        subprocess.run(["openssl", "pkeyutl", "-sign", "-inkey", self.authority.folder / f"{key}.key.pem", *options, "-in",
                        self.folder / "digest.bin", "-out", self.value], check=True, capture_output=True)
        return self

    def complete(self, output="signed.pdf", *options):
        return self.kyso.run("complete", self.pdf, "--signature", self.value, "-o", self.folder / output, "--json", *options)

    def refused(self, code, error):
        return assert_refused(self.kyso, self.folder, ("complete", self.pdf, "--signature", self.value, "-o",
                                                       self.folder / "signed.pdf"), code, error)


PSS = ("-pkeyopt", "digest:sha256", "-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:digest")


@pytest.mark.parametrize("scheme, options", [("rsa-pkcs1-sha256", ("-pkeyopt", "digest:sha256")),
                                             ("rsa-pkcs1-sha512", ("-pkeyopt", "digest:sha512")),
                                             ("rsa-pss-sha256", PSS)])
def test_rsa(kyso, rsa_authority, tmp_path, scheme, options):
    it = Prepared(kyso, rsa_authority, tmp_path, "--scheme", scheme, "--role", "leader", "--image", SIGNATURE_PNG)
    assert it.facts["scheme"] == scheme
    it.sign_elsewhere("leader", *options).complete().ok()
    signed = tmp_path / "signed.pdf"
    assert_all_valid(signed, root=rsa_authority.root, count=1, by_pdfsig="pss" not in scheme)
    assert_sound(signed)
    assert signed.read_bytes().startswith(LETTER.read_bytes())


def test_ecdsa_p256(kyso, authority, tmp_path):
    Prepared(kyso, authority, tmp_path).sign_elsewhere("leader", "-pkeyopt", "digest:sha256").complete().ok()
    assert_all_valid(tmp_path / "signed.pdf", root=authority.root, count=1)


def test_ecdsa_p384(kyso, p384_authority, tmp_path):
    Prepared(kyso, p384_authority, tmp_path).sign_elsewhere("leader", "-pkeyopt", "digest:sha384").complete().ok()
    assert_all_valid(tmp_path / "signed.pdf", root=p384_authority.root, count=1)


def test_ed25519_signs_the_attributes(kyso, ed25519_authority, tmp_path):
    it = Prepared(kyso, ed25519_authority, tmp_path)
    it.sign_elsewhere("leader", "-rawin", data=it.parked_attributes()).complete().ok()
    assert_all_valid(tmp_path / "signed.pdf", root=ed25519_authority.root, count=1, by_pdfsig=False)


@pytest.mark.parametrize("encode", [lambda value: base64.b64encode(value), lambda value: value.hex().encode() + b"\n",
                                    lambda value: base64.encodebytes(value)], ids=["base64", "hex", "base64 lines"])
def test_values_as_text(kyso, authority, tmp_path, encode):
    it = Prepared(kyso, authority, tmp_path).sign_elsewhere("leader", "-pkeyopt", "digest:sha256")
    it.value.write_bytes(encode(it.value.read_bytes()))
    it.complete().ok()
    assert_all_valid(tmp_path / "signed.pdf", root=authority.root, count=1)


def test_completing_twice_gives_the_same_bytes(kyso, authority, tmp_path):
    it = Prepared(kyso, authority, tmp_path).sign_elsewhere("leader", "-pkeyopt", "digest:sha256")
    before = sha256(it.pdf), sha256(it.state)
    it.complete("1.pdf").ok()
    it.complete("2.pdf").ok()
    assert (tmp_path / "1.pdf").read_bytes() == (tmp_path / "2.pdf").read_bytes()
    assert (sha256(it.pdf), sha256(it.state)) == before


def test_elsewhere_means_elsewhere(fresh_kyso, authority, tmp_path):
    """Another home, another folder, no environment: the two files suffice."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir(), there.mkdir()
    it = Prepared(fresh_kyso(), authority, here).sign_elsewhere("leader", "-pkeyopt", "digest:sha256")
    for path in (it.pdf, it.state, it.value):
        path.rename(there / path.name)
    done = fresh_kyso().run("complete", "prepared.pdf", "--signature", "value.bin", "-o", "signed.pdf", cwd=there)
    done.ok()
    assert_all_valid(there / "signed.pdf", root=authority.root, count=1)


def test_with_a_time_stamp(kyso, authority, tsa, tmp_path):
    it = Prepared(kyso, authority, tmp_path, "--profile", "b-t", "--tsa", tsa.url)
    it.sign_elsewhere("leader", "-pkeyopt", "digest:sha256").complete("signed.pdf", "--tsa", tsa.url).ok()
    (verdict,) = assert_all_valid(tmp_path / "signed.pdf", root=authority.root, count=1).values()
    assert verdict["time_stamp_valid"] and verdict["time_stamp_trusted"]


def test_encrypted_document(kyso, authority, tmp_path):
    it = sample("pyhanko/minimal-with-field-aes256.pdf")
    prepared = Prepared(kyso, authority, tmp_path, "--password", it.password, source=it.path)
    prepared.sign_elsewhere("leader", "-pkeyopt", "digest:sha256").complete("signed.pdf", "--password", it.password).ok()
    assert_all_valid(tmp_path / "signed.pdf", it.password, root=authority.root, count=1)


@pytest.mark.parametrize("name", ["x.pdf", "tờ trình " + "rất dài " * 20 + ".pdf"])
def test_state_is_small_and_holds_no_secret(kyso, rsa_authority, tmp_path, name):
    source = tmp_path / name
    source.write_bytes(LETTER.read_bytes())
    it = Prepared(kyso, rsa_authority, tmp_path, "--role", "leader", "--image", SIGNATURE_PNG, source=source)
    assert it.state.stat().st_size <= 2048
    members = set(it.facts)
    assert members == {"version", "file_sha256", "slot", "scheme", "digest_to_sign", "document_digest", "certificate_sha256",
                       "profile", "field", "title", "pages", "created", "expires"}
    assert it.facts["file_sha256"] == sha256(it.pdf)
    for file in (it.state, it.pdf):
        assert rsa_authority.pin.encode() not in file.read_bytes()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00", it.facts["expires"])


# --- refusals -------------------------------------------------------------------------------------------------------------

def test_value_of_another_key(kyso, authority, tmp_path):
    Prepared(kyso, authority, tmp_path).sign_elsewhere("clerk", "-pkeyopt", "digest:sha256").refused(
        73, "sign.signature.mismatch")


def test_value_over_another_digest(kyso, authority, tmp_path):
    it = Prepared(kyso, authority, tmp_path)
    it.sign_elsewhere("leader", "-pkeyopt", "digest:sha256", data=bytes(32)).refused(73, "sign.signature.mismatch")


def test_raw_ecdsa_value(kyso, authority, tmp_path):
    """r‖s without DER: not a value of RFC 5754, so it does not verify."""
    from asn1crypto.algos import DSASignature
    it = Prepared(kyso, authority, tmp_path).sign_elsewhere("leader", "-pkeyopt", "digest:sha256")
    value = DSASignature.load(it.value.read_bytes()).native
    it.value.write_bytes(value["r"].to_bytes(32, "big") + value["s"].to_bytes(32, "big"))
    it.refused(73, "sign.signature.mismatch")


@pytest.mark.parametrize("value", [b"", b"x", bytes(64), b"\xff" * 300, b"zz" * 40, bytes(range(256)) * 200])
def test_value_that_is_none(kyso, authority, tmp_path, value):
    it = Prepared(kyso, authority, tmp_path)
    it.value.write_bytes(value)
    it.refused(73, "sign.signature.mismatch")


def flipped(path, offset):
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("where", ["first", "middle", "slot", "last", "longer", "shorter"])
def test_another_pdf(kyso, authority, tmp_path, where):
    it = Prepared(kyso, authority, tmp_path).sign_elsewhere("leader", "-pkeyopt", "digest:sha256")
    data, slot = it.pdf.read_bytes(), it.facts["slot"]
    if where == "longer":
        it.pdf.write_bytes(data + b"\n")
    elif where == "shorter":
        it.pdf.write_bytes(data[:-1])
    else:
        flipped(it.pdf, {"first": 20, "middle": len(data) // 2, "slot": slot["offset"] + 100, "last": len(data) - 3}[where])
    it.refused(71, "sign.prepared.other_file")


def test_the_original_instead_of_the_prepared(kyso, authority, tmp_path):
    it = Prepared(kyso, authority, tmp_path).sign_elsewhere("leader", "-pkeyopt", "digest:sha256")
    it.pdf.write_bytes(LETTER.read_bytes())
    it.refused(71, "sign.prepared.other_file")


def test_states_of_two_preparations_are_not_exchanged(kyso, authority, tmp_path):
    (tmp_path / "1").mkdir(), (tmp_path / "2").mkdir()
    one, two = (Prepared(kyso, authority, tmp_path / name) for name in "12")
    one.sign_elsewhere("leader", "-pkeyopt", "digest:sha256")
    one.state.write_text(two.state.read_text())
    one.refused(71, "sign.prepared.other_file")


@pytest.mark.parametrize("change", [
    lambda text: "", lambda text: "{}", lambda text: text[:200], lambda text: "[" * 1000,
    lambda text: text.replace('"version": 1', '"version": 2'), lambda text: text.replace("ecdsa-p256-sha256", "md5"),
    lambda text: re.sub(r'"offset": \d+', '"offset": -1', text), lambda text: re.sub(r'"capacity": \d+', '"capacity": 1e18', text),
    lambda text: re.sub(r'"digest_to_sign": "[^"]*"', '"digest_to_sign": "@@"', text), lambda text: text + " " * 4096,
    lambda text: re.sub(r'"expires": "[^"]*"', '"expires": "soon"', text)])
def test_malformed_state(kyso, authority, tmp_path, change):
    it = Prepared(kyso, authority, tmp_path).sign_elsewhere("leader", "-pkeyopt", "digest:sha256")
    text = it.state.read_text()
    assert change(text) != text
    it.state.write_text(change(text))
    it.refused(70, "sign.prepared.malformed")


def test_digest_exchanged_in_the_state(kyso, authority, tmp_path):
    """Whoever exchanges the digest gets a value over something else, which the parked attributes betray."""
    it = Prepared(kyso, authority, tmp_path)
    other = base64.b64encode(bytes(32)).decode()
    it.state.write_text(it.state.read_text().replace(it.facts["digest_to_sign"], other))
    it.sign_elsewhere("leader", "-pkeyopt", "digest:sha256")
    done = it.complete()
    assert done.code in (71, 73), done
    assert not (tmp_path / "signed.pdf").exists()


def test_expired(kyso, authority, tmp_path):
    it = Prepared(kyso, authority, tmp_path).sign_elsewhere("leader", "-pkeyopt", "digest:sha256")
    it.state.write_text(it.state.read_text().replace(it.facts["expires"], "2020-01-01T00:00:00+07:00"))
    described = it.refused(72, "sign.prepared.expired")
    assert "2020" in described["message"]


def test_missing_parts(kyso, authority, tmp_path):
    it = Prepared(kyso, authority, tmp_path).sign_elsewhere("leader", "-pkeyopt", "digest:sha256")
    for path, code in ((it.value, 64), (it.state, 64), (it.pdf, 64)):
        kept = path.read_bytes()
        path.unlink()
        it.refused(code, "base.file.missing")
        path.write_bytes(kept)
    it.complete().ok()


def test_certificates_are_checked_before(kyso, authority, tmp_path):
    for name, code in (("expired", 40), ("not-for-signing", 42)):
        assert_refused(kyso, tmp_path, ("prepare", LETTER, "-o", tmp_path / "p.pdf", "--certificate",
                                        authority.folder / f"{name}.cert.pem"), code)
    assert_refused(kyso, tmp_path, ("prepare", LETTER, "-o", tmp_path / "p.pdf", "--certificate", SIGNATURE_PNG), 38)


def test_no_file_takes_the_place_of_another(kyso, authority, tmp_path):
    source = tmp_path / "in.pdf"
    source.write_bytes(LETTER.read_bytes())
    certificate = ("--certificate", authority.certificates("leader"))
    for options in (("-o", source), ("-o", tmp_path / "p.pdf", "--state", source),
                    ("-o", tmp_path / "p.pdf", "--state", tmp_path / "p.pdf")):
        assert_refused(kyso, tmp_path, ("prepare", source, *certificate, *options), 63, "kyso.output.is_input")
    it = Prepared(kyso, authority, tmp_path).sign_elsewhere("leader", "-pkeyopt", "digest:sha256")
    for output in (it.pdf, it.state, it.value):
        assert_refused(kyso, tmp_path, ("complete", it.pdf, "--signature", it.value, "-o", output), 63,
                       "kyso.output.is_input")
