"""Detached CAdES signatures made by openssl, extended to B-T, B-LT and B-LTA. openssl and pyHanko judge the signatures,
and the archive time-stamps are computed again here from the text of ETSI EN 319 122-1 section 5.5."""
import asyncio
import hashlib
import io
import subprocess

import pytest
from asn1crypto import algos, cms, core, ocsp, tsp
from authority import Authority
from pyhanko.sign.validation import async_validate_detached_cms
from pyhanko_certvalidator import ValidationContext
from samples import sample
from validate_pyhanko import load_certificates

LETTER = sample("vn-cong-van.pdf").path
ARCHIVE_V3, HASH_INDEX_V3 = "0.4.0.1733.2.4", "0.4.0.19122.1.5"
ARCHIVE_V2, SIGNATURE_TIME_STAMP = "1.2.840.113549.1.9.16.2.48", "1.2.840.113549.1.9.16.2.14"
UNKNOWN = "1.3.6.1.4.1.32473.7"
OCSP_RESPONSE = "1.3.6.1.5.5.7.16.2"


class HashIndex(core.Sequence):
    _fields = [("algorithm", algos.DigestAlgorithm), ("certificates", core.SequenceOf, {"spec": core.OctetString}),
               ("crls", core.SequenceOf, {"spec": core.OctetString}),
               ("values", core.SequenceOf, {"spec": core.OctetString})]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    with Authority(tmp_path_factory.mktemp("authority")) as it:
        yield it


class Desk:
    def __init__(self, kyso, authority, folder):
        self.kyso, self.authority, self.folder = kyso, authority, folder
        self.letter = folder / "letter.pdf"
        self.letter.write_bytes(LETTER.read_bytes())

    def sign(self, who="leader", *options, form="DER"):
        output = self.folder / "letter.pdf.p7s"
        folder = self.authority.folder
        done = subprocess.run(
            ["openssl", "cms", "-sign", "-binary", "-cades", "-md", "sha256", "-in", self.letter, "-outform", form,
             "-out", output, "-signer", folder / f"{who}.pem", "-inkey", folder / f"{who}.key", "-certfile",
             folder / "issuing.pem", *options], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        self.authority.publish_list()  # newer than the signature
        return output

    def trust(self):
        return ("--only-trust", "--trust", self.authority.root)

    def extend(self, source, level, name, *options):
        output = self.folder / name
        done = self.kyso.run("extend", source, "--content", self.letter, "-o", output, "--level", level, *self.trust(),
                             "--tsa", self.authority.tsa_url, "--json", *options)
        return done, output

    def extended(self, source, level, name=None):
        done, output = self.extend(source, level, name or f"{level}.p7s")
        done.ok()
        assert done.json["reached"] == f"B-{level.upper()}" and done.json["changed"], done
        return output

    def verify(self, path, *options):
        return self.kyso.run("verify", path, "--content", self.letter, "--offline", *self.trust(), "--json", *options)

    def level(self, path):
        done = self.verify(path).ok()
        assert done.json["verdict"] == "valid", done
        return done.json["signatures"][0]["level"]


@pytest.fixture
def desk(fresh_kyso, authority, tmp_path):
    return Desk(fresh_kyso(), authority, tmp_path)


# --- other people's judgement -------------------------------------------------------------------------------------------

def read(path):
    content = cms.ContentInfo.load(path.read_bytes(), strict=True)
    return content["content"]


def unsigned_values(signed_data):
    """(type, value) of every value of every unsigned attribute, as they are encoded."""
    attributes = signed_data["signer_infos"][0]["unsigned_attrs"]
    return [] if isinstance(attributes, core.Void) else [
        (attribute["type"], value) for attribute in attributes for value in attribute["values"]]


def values_of(signed_data, oid):
    return [value for kind, value in unsigned_values(signed_data) if kind.dotted == oid]


def assert_openssl_accepts(desk, path):
    done = subprocess.run(["openssl", "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", path, "-content",
                           desk.letter, "-CAfile", desk.authority.root, "-out", desk.folder / "content"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "CAdES Verification successful" in done.stderr, done
    assert (desk.folder / "content").read_bytes() == desk.letter.read_bytes()


def assert_pyhanko_accepts(desk, path, stamped=True):
    context = ValidationContext(trust_roots=load_certificates(desk.authority.root))
    status = asyncio.run(async_validate_detached_cms(io.BytesIO(desk.letter.read_bytes()), read(path),
                                                     signer_validation_context=context, ts_validation_context=context))
    assert status.intact and status.valid and status.trusted, status.pretty_print_details()
    assert stamped == (status.timestamp_validity is not None)
    assert not stamped or (status.timestamp_validity.valid and status.timestamp_validity.trusted)


def digests_of_all(algorithm, signed_data):
    def digest(data):
        return hashlib.new(algorithm, data).digest()
    certificates = {digest(each.dump()) for each in signed_data["certificates"]}
    crls = signed_data["crls"]
    crls = set() if isinstance(crls, core.Void) else {digest(each.dump()) for each in crls}
    return certificates, crls, {digest(kind.dump() + value.dump()) for kind, value in unsigned_values(signed_data)}


def check_archive_time_stamp(signed_data, token, content):
    """Its hash index: the sets of digests, after all of them were found; the imprint is right. Section 5.5.2, 5.5.3."""
    token_data = cms.ContentInfo.load(token, strict=True)["content"]
    info = token_data["encap_content_info"]["content"].parsed
    assert isinstance(info, tsp.TSTInfo)
    imprint = info["message_imprint"]
    (raw,) = [each for kind, each in unsigned_values(token_data) if kind.dotted == HASH_INDEX_V3]
    index = HashIndex.load(raw.dump(), strict=True)
    assert index.dump(force=True) == raw.dump()  # DER
    algorithm = index["algorithm"]["algorithm"].native
    assert algorithm == imprint["hash_algorithm"]["algorithm"].native
    named = [{each.native for each in index[part]} for part in ("certificates", "crls", "values")]
    assert all(part <= known for part, known in zip(named, digests_of_all(algorithm, signed_data), strict=True))
    signer = signed_data["signer_infos"][0]
    fields = b"".join(signer[name].dump() for name in ("version", "sid", "digest_algorithm", "signed_attrs",
                                                       "signature_algorithm", "signature"))
    data = (signed_data["encap_content_info"]["content_type"].dump() + hashlib.new(algorithm, content).digest() + fields
            + raw.dump())
    assert imprint["hashed_message"].native == hashlib.new(algorithm, data).digest()
    return named


def fields_that_are_signed(path):
    signer = read(path)["signer_infos"][0]
    return [signer[name].dump() for name in ("version", "sid", "digest_algorithm", "signed_attrs", "signature_algorithm",
                                             "signature")]


# --- levels -------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("who", ["leader", "crl-only"])
def test_one_level_after_the_other(desk, authority, who):
    signed = desk.sign(who)
    stages = [signed]
    for level in ("t", "lt", "lta"):
        stages.append(desk.extended(stages[-1], level))
        authority.publish_list()  # newer than the time-stamp
    stages.append(desk.extended(stages[-1], "lta", "renewed.p7s"))
    for path in stages:
        assert_openssl_accepts(desk, path)
        assert_pyhanko_accepts(desk, path, stamped=path != signed)
        assert fields_that_are_signed(path) == fields_that_are_signed(signed)
    # What a level adds, the next one keeps.
    for earlier, later in zip(stages, stages[1:]):
        assert all(old <= new for old, new in zip(digests_of_all("sha256", read(earlier)),
                                                  digests_of_all("sha256", read(later)), strict=True))
    _, _, long_term, archived, renewed = stages
    assert [desk.level(path) for path in (long_term, archived, renewed)] == ["B-LT", "B-LTA", "B-LTA"]
    assert len(values_of(read(renewed), SIGNATURE_TIME_STAMP)) == 1
    names = [signature["field"] for signature in desk.verify(renewed).json["signatures"]]
    assert names == [None, "archive-time-stamp-1", "archive-time-stamp-2"]


def test_what_is_stored(desk, authority):
    signed = desk.sign()
    signed_data = read(desk.extended(signed, "lt"))
    subjects = {each.chosen.subject.native["common_name"] for each in signed_data["certificates"]}
    assert {"Nguyễn Văn A", "Kyso test issuing", "Kyso test root", "Kyso test OCSP issuing"} <= subjects
    # Those that stood there stay in their order.
    before, after = [[each.dump() for each in data["certificates"]] for data in (read(signed), signed_data)]
    assert after[:len(before)] == before and len(set(after)) == len(after)
    # RFC 5652 section 5.1, RFC 5940.
    assert signed_data["version"].native == "v5"
    others = [each.chosen for each in signed_data["crls"] if each.name == "other"]
    assert others and all(other["other_rev_info_format"].dotted == OCSP_RESPONSE for other in others)
    responses = [ocsp.OCSPResponse.load(other["other_rev_info"].dump(), strict=True) for other in others]
    assert {response["response_status"].native for response in responses} == {"successful"}


def test_archive_time_stamps(desk):
    archived = desk.extended(desk.extended(desk.sign(), "t"), "lta")
    before = digests_of_all("sha256", read(archived))
    renewed = desk.extended(archived, "lta", "renewed.p7s")
    signed_data, content = read(renewed), desk.letter.read_bytes()
    stamps = [check_archive_time_stamp(signed_data, value.dump(), content) for value in values_of(signed_data, ARCHIVE_V3)]
    first, second = sorted(stamps, key=lambda named: len(named[2]))
    (inner,) = values_of(read(archived), ARCHIVE_V3)
    kind = core.ObjectIdentifier(ARCHIVE_V3)
    # The first is over everything but itself, the second over all that was there when it was asked for.
    assert first == [before[0], before[1], before[2] - {hashlib.sha256(kind.dump() + inner.dump()).digest()}]
    assert all(old <= new for old, new in zip(before, second, strict=True))
    assert any(value.dump() == inner.dump() for value in values_of(signed_data, ARCHIVE_V3))
    # The unsigned attributes are a SET OF in DER.
    encoded = [attribute.dump() for attribute in signed_data["signer_infos"][0]["unsigned_attrs"]]
    assert encoded == sorted(encoded)


def with_indefinite_lengths(der):
    """The same ContentInfo with the outer elements in BER."""
    content = cms.ContentInfo.load(der)
    return (b"\x30\x80" + content["content_type"].dump() + b"\xa0\x80\x30\x80" + content["content"].contents + bytes(6))


def test_pem_and_ber(desk):
    """What comes out is DER; the signature is that of the input."""
    for form in ("PEM", "BER"):
        signed = desk.sign(form="PEM" if form == "PEM" else "DER")
        if form == "BER":
            signed.write_bytes(with_indefinite_lengths(signed.read_bytes()))
        output = desk.extended(signed, "lta", f"{form}.p7s")
        assert_openssl_accepts(desk, output)
        assert output.read_bytes()[:2] == b"\x30\x82" and output.read_bytes()[-6:] != bytes(6)
        attributes = read(output)["signer_infos"][0]["unsigned_attrs"]
        assert [each.dump() for each in attributes] == sorted(each.dump() for each in attributes)
        assert desk.level(output) == "B-LTA"
        # Its archive time-stamp is over DER.
        output.write_bytes(with_indefinite_lengths(output.read_bytes()))
        assert_refused(desk.extend(output, "lta", "out.p7s")[0], "cms.extend.sealed", 14)


def with_attribute(source, oid, value, target):
    content = cms.ContentInfo.load(source.read_bytes())
    signer = content["content"]["signer_infos"][0]
    kept = [] if isinstance(signer["unsigned_attrs"], core.Void) else [each.dump() for each in signer["unsigned_attrs"]]
    value = value.dump()
    raw = core.ObjectIdentifier(oid).dump() + b"\x31" + length(value) + value
    new = b"\x30" + bytes([len(raw)]) + raw
    body = b"".join(sorted([*kept, new]))
    signer["unsigned_attrs"] = cms.CMSAttributes.load(b"\x31" + length(body) + body)
    target.write_bytes(content.dump())
    return target


def length(body):
    size = len(body)
    return bytes([size]) if size < 128 else bytes([0x80 | ((size.bit_length() + 7) // 8)]) + size.to_bytes(
        (size.bit_length() + 7) // 8, "big")


def test_unknown_attributes_stay(desk):
    signed = with_attribute(desk.sign(), UNKNOWN, core.UTF8String("của phần mềm khác"), desk.folder / "other.p7s")
    output = desk.extended(signed, "lta")
    (kept,) = values_of(read(output), UNKNOWN)
    assert kept.dump() == core.UTF8String("của phần mềm khác").dump()
    assert_openssl_accepts(desk, output)


def assert_refused(done, error, code):
    assert done.code == code and done.json["error"]["code"] == error, done


# --- faults -------------------------------------------------------------------------------------------------------------

def test_a_time_stamp_of_other_data_proves_nothing(desk):
    """What an archive time-stamp named is taken away, or it is that of another signature: it is ignored and named."""
    archived = desk.extended(desk.extended(desk.sign(), "t"), "lta")
    content = cms.ContentInfo.load(archived.read_bytes())
    content["content"]["crls"] = cms.RevocationInfoChoices([each for each in content["content"]["crls"]][:-1])
    lacking = desk.folder / "lacking.p7s"
    lacking.write_bytes(content.dump())
    (token,) = values_of(read(archived), ARCHIVE_V3)
    desk.folder.joinpath("letter.pdf.p7s").unlink()
    other_t = desk.extended(desk.sign(), "t", "other-t.p7s")
    borrowed = desk.extended(other_t, "lt", "other-lt.p7s")
    content = cms.ContentInfo.load(borrowed.read_bytes())
    content["content"]["signer_infos"][0]["unsigned_attrs"].append(cms.CMSAttribute({"type": ARCHIVE_V3,
                                                                                    "values": [token]}))
    borrowed.write_bytes(content.dump())
    for path in (lacking, borrowed):
        done = desk.verify(path)
        signature, archive = done.json["signatures"]
        assert signature["level"] != "B-LTA" and signature["indication"] != "TOTAL_FAILED", done
        assert "timestamp.imprint" in {finding["code"] for finding in signature["findings"]}, done
        assert archive["indication"] == "TOTAL_FAILED", done
        assert {"timestamp.imprint", "timestamp.hash-index"} <= {finding["code"] for finding in archive["findings"]}
        # One can start anew.
        desk.extended(path, "lta", f"again-{path.name}")


def test_changed_content(desk):
    archived = desk.extended(desk.extended(desk.sign(), "t"), "lta")
    desk.letter.write_bytes(desk.letter.read_bytes() + b"x")
    done = desk.verify(archived)
    assert done.code == 1 and done.json["signatures"][0]["reason"] == "cms.digest", done
    done, output = desk.extend(archived, "lta", "again.p7s")
    assert_refused(done, "verify.extend.invalid", 14)
    assert not output.exists()


def test_refusals(desk):
    signed = desk.sign()
    sealed = with_attribute(signed, ARCHIVE_V2, core.Null(), desk.folder / "sealed.p7s")
    done, output = desk.extend(sealed, "lt", "out.p7s")
    assert_refused(done, "cms.extend.sealed", 14)
    done = desk.kyso.run("extend", signed, "--content", desk.letter, "-o", output, "--level", "lta", *desk.trust(), "--json")
    assert_refused(done, "verify.extend.tsa_needed", 4)
    nonsense = desk.folder / "nonsense.p7s"
    nonsense.write_bytes(b"0\x03\x02\x01\x01")
    assert_refused(desk.extend(nonsense, "lt", "out.p7s")[0], "verify.cades.malformed", 3)
    folder = desk.authority.folder
    two = desk.sign("leader", "-signer", folder / "clerk.pem", "-inkey", folder / "clerk.key")
    assert_refused(desk.extend(two, "lt", "out.p7s")[0], "verify.extend.invalid", 14)
    assert not output.exists()


def test_content_is_found_by_its_name(desk):
    signed = desk.sign()
    output = desk.folder / "out.p7s"
    done = desk.kyso.run("extend", signed, "-o", output, "--level", "t", *desk.trust(), "--tsa", desk.authority.tsa_url,
                         "--json").ok()
    assert done.json["reached"] == "B-T"
    assert_refused(desk.kyso.run("extend", signed, "-o", desk.letter, "--level", "lt", *desk.trust(), "--json"),
                   "kyso.output.is_input", 63)
