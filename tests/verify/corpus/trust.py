"""Cases 30 to 32: the CMS, document time-stamps, revocation data."""
import dataclasses
import functools
import hashlib

from . import cms, der, pki
from .build import add_signature, good, make
from .case import CRYPTO, HASH, Case, Found, failed, open_, passed
from .pdf import base_objects, field, signature_dictionary, stream, swap
from .revisions import add_time_stamp

MOMENT = pki.moment
NO_CERTIFICATE = "NO_SIGNING_CERTIFICATE_FOUND"
WEAK, WEAK_NO_POE = "CRYPTO_CONSTRAINTS_FAILURE", "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"


def cases():
    for group in (formats, digests, constraints, weak, accepted, document_time_stamps, revocation, ignored):
        yield from group()


# --- 30: CMS ----------------------------------------------------------------------------------------------------------

def _signed(attributes_change=None, *, holder=None, info=None, data=None, attributes=None, digest="sha256"):
    """A maker: the baseline attributes are changed by `attributes_change`, then signed rightly."""
    def maker(content):
        who = holder or pki.world().signer
        listed = cms.attributes_of(content, who, digest=digest, **(attributes or {}))
        if attributes_change:
            attributes_change(listed, content)
        entry = cms.signer_info(content, who, digest=digest, attributes=list(listed.values()), **(info or {}))
        return cms.signed_data([entry], [who.certificate], digests=(digest,), **(data or {}))
    return maker


def _case(name, maker, expect, *, objects=None, raw=None, **more):
    attack = expect.indication != "TOTAL_PASSED"
    more.setdefault("parent", "c1a" if attack else "")
    more.setdefault("twin", "c1a" if attack else "")
    return Case(f"c30{name}", make(objects, maker=maker, raw=raw).bytes, expect, count=1, **more)


def formats():
    signer = pki.world().signer
    wrong = failed("cms.format")

    def infos(count):
        def maker(content):
            attributes = list(cms.attributes_of(content, signer).values())
            return cms.signed_data([cms.signer_info(content, signer, attributes=attributes)] * count, [
                signer.certificate
            ])
        return maker
    yield _case("-no-signerinfo", infos(0), wrong)
    yield _case("-two-signerinfos", infos(2), wrong)

    def both(content):
        entries = [cms.signer_info(content, who, attributes=list(cms.attributes_of(content, who).values()))
                   for who in (signer, pki.world().second)]
        return cms.signed_data(entries, [signer.certificate, pki.world().second.certificate])
    yield _case("-two-signers", both, wrong)
    yield _case("-econtent", lambda content: _signed(data={"content": content[:40]})(content), wrong)
    yield _case("-econtent-empty", _signed(data={"content": b""}), wrong)

    def without(name):
        return _signed(lambda listed, content: listed.pop(name))

    def doubled(name):
        def change(listed, content):
            listed["again"] = listed[name]
        return _signed(change)

    def typed(name, number, *values):
        return _signed(lambda listed, content: listed.update({name: cms.attribute(number, *values)}))
    for name in ("content_type", "message_digest"):
        yield _case(f"-{name}-missing".replace("_", "-"), without(name), wrong)
        yield _case(f"-{name}-twice".replace("_", "-"), doubled(name), wrong)
    yield _case("-content-type-wrong", typed("content_type", cms.CONTENT_TYPE, der.oid(cms.TST_INFO)), wrong)
    yield _case("-content-type-mistyped", typed("content_type", cms.CONTENT_TYPE, der.octets(b"data")), wrong)
    yield _case("-message-digest-mistyped", typed("message_digest", cms.MESSAGE_DIGEST, der.integer(1)), wrong)
    yield _case("-message-digest-two-values", _signed(lambda listed, content: listed.update(
        {"message_digest": cms.attribute(cms.MESSAGE_DIGEST, der.octets(hashlib.sha256(content).digest()),
                                         der.octets(bytes(32)))})), wrong)
    yield _case("-ess-twice", doubled("ess"), wrong)
    yield _case("-no-attributes",
                lambda content: cms.signed_data([cms.signer_info(content, signer)], [signer.certificate]), wrong)
    yield _case("-not-signed-data", _signed(data={"outer": cms.DATA}), wrong)
    yield _case("-garbage", lambda content: b"A" * 1000, wrong)
    yield _case("-garbage-der", lambda content: der.sequence(der.integer(5), der.utf8("hello")), wrong)
    yield _case("-truncated", lambda content: _signed()(content)[:700], wrong)
    yield _case("-lying-length", lambda content: b"\x30\x84\x7f\xff\xff\xff" + _signed()(content)[4:], wrong)
    yield _case("-deep", lambda content: _nested(1_000), wrong)


def _nested(depth):
    out = b""
    for _ in range(depth):
        out = der.sequence(out)
    return out


def digests():
    other = {"message_digest": hashlib.sha256(b"another document").digest()}
    yield _case("-digest", _signed(attributes=other), failed(sub=HASH))
    signature = bytes(256)
    yield _case("-signature-zero", _signed(info={"signature": signature}), failed(sub=CRYPTO))

    def flipped(content):
        whole = bytearray(_signed()(content))
        whole[-10] ^= 1
        return bytes(whole)
    yield _case("-signature-flipped", flipped, failed(sub=CRYPTO))

    def by_another(content):
        signer = pki.world().signer
        attributes = list(cms.attributes_of(content, signer).values())
        raw = pki.raw_signature(pki.rsa_key("other"), der.tlv(0x31, b"".join(sorted(attributes))))
        return cms.signed_data([cms.signer_info(content, signer, attributes=attributes, signature=raw)], [
            signer.certificate
        ])
    yield _case("-signature-of-another-key", by_another, failed(sub=CRYPTO))

    def unsorted(signed_sorted):
        def maker(content):
            signer = pki.world().signer
            attributes = sorted(cms.attributes_of(content, signer).values(), reverse=True)
            covered = der.tlv(0x31, b"".join(sorted(attributes))) if signed_sorted else None
            return cms.signed_data([cms.signer_info(content, signer, attributes=attributes, in_order=False,
                                                    signed_as=covered)], [signer.certificate])
        return maker
    yield _case("-unsorted-signed-as-written", unsorted(False), failed(sub=CRYPTO))
    yield _case("-unsorted-signed-as-der", unsorted(True), passed("warning"))

    right = pki.pss_parameters("sha256")
    yield _case("-pss", _signed(info={"pss": right}), passed())
    for name, parameters in (("digest", pki.pss_parameters("sha512")), ("mgf", pki.pss_parameters("sha256", "sha1")),
                             ("salt", pki.pss_parameters("sha256", salt=20))):
        # Another salt length contradicts nothing by itself: not supported is as right as not verified.
        yield _case(f"-pss-{name}", _signed(info={"pss": parameters}), failed(sub=CRYPTO, also=(
            ("TOTAL_FAILED", "FORMAT_FAILURE"), ("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE"),
            *((("INDETERMINATE", WEAK),) if name == "salt" else ()))))
    key = pki.rsa_key("signer")
    modulus = pki.public_info(key)
    bit_string = modulus[modulus.index(b"\x03\x82"):]
    for name, digest in (("right", "sha256"), ("wrong", "sha384")):
        info = der.sequence(der.sequence(der.oid(pki.RSA_PSS), pki.pss_parameters(digest)), bit_string)
        holder = pki.issue(f"Nguyễn Văn A ({name})", key, pki.world().root, key_info=info)
        expect = passed() if name == "right" else failed(sub=CRYPTO,
                                                         also=(("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE"), ))
        yield _case(f"-pss-certificate-{name}", _signed(holder=holder, info={"pss": right}), expect)


def constraints():
    signer = pki.world().signer
    yield _case("-digest-algorithm", _signed(digest="sha512", info={"signature_digest": "sha256"}), open_())
    yield _case("-digest-algorithm-declared", _signed(info={"declared": "sha512"}),
                open_(also=(("TOTAL_FAILED", "HASH_FAILURE"),)))
    yield _case("-ess-missing", _signed(lambda listed, content: listed.pop("ess")), open_("cms.ess-missing"))
    yield _case("-ess-missing-pkcs7", _signed(lambda listed, content: listed.pop("ess")), passed("warning"),
                objects=base_objects(o7=signature_dictionary(sub_filter=b"/SubFilter /adbe.pkcs7.detached")))
    yield _case("-ess-mismatch", _signed(attributes={"ess_of": pki.world().second.certificate}),
                open_("cms.ess-mismatch"))
    twin = pki.issue("Giám đốc", signer.key, pki.world().root)

    def swapped(content):
        attributes = list(cms.attributes_of(content, signer).values())
        info = cms.signer_info(content, twin, attributes=attributes)
        return cms.signed_data([info], [twin.certificate])
    yield _case("-ess-other-certificate-of-the-key", swapped, open_("cms.ess-mismatch"))

    def alone(content):
        return cms.signed_data([cms.signer_info(content, signer, attributes=list(
            cms.attributes_of(content, signer).values()))], [])
    yield _case("-no-certificate", alone, open_(sub=NO_CERTIFICATE))

    def only_another(content):
        return cms.signed_data([cms.signer_info(content, signer, attributes=list(
            cms.attributes_of(content, signer).values()))], [pki.world().second.certificate])
    yield _case("-other-certificate", only_another, open_(sub=NO_CERTIFICATE))
    yield _case("-unknown-chain", _signed(holder=pki.world().foreign), open_(
        sub="NO_CERTIFICATE_CHAIN_FOUND", also=(("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND_NO_POE"),)))
    not_for_signing = pki.issue("Không để ký", pki.ec_key("encryption"), pki.world().root, usage=(2, 3))
    yield _case("-key-usage", _signed(holder=not_for_signing), open_(
        sub="CHAIN_CONSTRAINTS_FAILURE", also=(("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE"),
                                               ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND"))))
    future = pki.issue("Chưa hiệu lực", pki.ec_key("future"), pki.world().root, start=MOMENT("2026-09-01T00:00:00"))
    yield _case("-signed-before-validity", lambda content: cms.sign_with_time_stamp(
        content, future, pki.world().tsa, pki.SIGNED_AT), failed(sub="NOT_YET_VALID"), at="2026-10-01T00:00:00Z")
    ended = _ending("2026-05-01T00:00:00")
    yield _case("-signed-after-expiry", lambda content: cms.sign_with_time_stamp(
        content, ended, pki.world().tsa, pki.SIGNED_AT), failed(sub="EXPIRED", also=(
            ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE"),)))


def weak():
    poor = (("INDETERMINATE", WEAK_NO_POE),)
    small = pki.issue("Khóa ngắn", pki.rsa_key("small", 1024), pki.world().root)
    for name, options in (("sha1", {"digest": "sha1"}), ("md5", {"digest": "md5"}), ("rsa-1024", {"holder": small})):
        yield _case(f"-{name}", _signed(**options), open_(sub=WEAK_NO_POE, also=(("INDETERMINATE", WEAK),)))

        def stamped(content, options=options):
            who = options.get("holder", pki.world().signer)
            digest = options.get("digest", "sha256")
            attributes = list(cms.attributes_of(content, who, digest=digest).values())
            raw = pki.raw_signature(who.key, der.tlv(0x31, b"".join(sorted(attributes))), digest)
            token = cms.time_stamp_token(raw, pki.world().tsa, pki.SIGNED_AT)
            info = cms.signer_info(content, who, digest=digest, attributes=attributes, signature=raw,
                                   unsigned=[cms.attribute(cms.TIME_STAMP, token)])
            return cms.signed_data([info], [who.certificate], digests=(digest,))
        yield _case(f"-{name}-stamped", stamped, open_(sub=WEAK, also=poor))


def accepted():
    signer, world = pki.world().signer, pki.world()
    yield _case("-ber", _signed(data={"ber": True}), passed("info"))
    yield _case("-by-key-id", _signed(info={"by_key_id": True}), passed())
    yield _case("-ess-v1", _signed(attributes={"ess_version": 1}), passed("warning"))
    yield _case("-pkcs7-no-attributes",
                lambda content: cms.signed_data([cms.signer_info(content, signer)], [signer.certificate]),
                passed("warning"),
                objects=base_objects(o7=signature_dictionary(sub_filter=b"/SubFilter /adbe.pkcs7.detached")))

    def unsorted(content):
        info = cms.signer_info(content, signer, attributes=list(cms.attributes_of(content, signer).values()))
        return cms.signed_data([info], sorted([signer.certificate, world.second.certificate, world.root.certificate],
                                              reverse=True), sort_certificates=False)
    yield _case("-certificates-unsorted", unsorted, passed())

    def counter_signed(content):
        attributes = list(cms.attributes_of(content, signer).values())
        raw = pki.raw_signature(signer.key, der.tlv(0x31, b"".join(sorted(attributes))))
        their = [cms.attribute(cms.MESSAGE_DIGEST, der.octets(hashlib.sha256(raw).digest()))]
        counter = cms.signer_info(raw, world.second, attributes=their)
        info = cms.signer_info(content, signer, attributes=attributes, signature=raw,
                               unsigned=[cms.attribute(cms.COUNTER_SIGNATURE, counter)])
        return cms.signed_data([info], [signer.certificate, world.second.certificate])
    yield _case("-counter-signature", counter_signed, passed())
    yield _case("-signing-time", _signed(attributes={"signing_time": pki.SIGNED_AT}), passed("info"))
    yield _case("-signing-time-far", _signed(attributes={"signing_time": MOMENT("2026-06-01T03:05:00")}),
                passed("warning"))
    for digest in ("sha384", "sha512"):
        yield _case(f"-{digest}", _signed(digest=digest), passed())
    yield _case("-ecdsa", _signed(holder=world.second), passed())
    yield _case("-time-stamp-elsewhere", lambda content: cms.sign_with_time_stamp(
        content, signer, world.tsa, pki.SIGNED_AT, token_over=b"something else"),
        passed("warning", "timestamp.imprint", level="B-B"))
    yield _case("-time-stamp", lambda content: cms.sign_with_time_stamp(content, signer, world.tsa, pki.SIGNED_AT),
                passed(level="B-T"))
    yield _case("-time-stamp-foreign", lambda content: cms.sign_with_time_stamp(
        content, signer, world.foreign_tsa, pki.SIGNED_AT), passed("warning", level="B-B"))
    yield _case("-time-stamp-no-purpose", lambda content: cms.sign_with_time_stamp(
        content, signer, world.plain_tsa, pki.SIGNED_AT), passed("warning", level="B-B"))
    # The clock of the signer's computer.
    yield _case("-clock-wrong",
                lambda content: cms.sign_with_time_stamp(content, signer, world.tsa, MOMENT("2026-06-01T10:00:00")),
                passed("warning", level="B-T"),
                at="2026-06-03T00:00:00Z")


# --- 31: document time-stamps -----------------------------------------------------------------------------------------

@functools.cache
def _ending(text):
    return pki.issue(f"Hết hạn {text[:10]}", pki.ec_key(f"ending {text}"), pki.world().root, end=MOMENT(text))


LATER = "2028-01-01T00:00:00Z"


def document_time_stamps():
    world = pki.world()
    short = _ending("2027-01-01T00:00:00")
    lost = ("INDETERMINATE", "OUT_OF_BOUNDS_NOT_REVOKED")
    no_proof = open_(sub="OUT_OF_BOUNDS_NO_POE", also=(lost,))

    def signed():
        return make(maker=lambda content: cms.sign(content, short))
    base = signed()
    add_time_stamp(base)
    yield Case("c31", base.bytes, passed("info"), others={"Stamp1": passed()}, at=LATER)
    alone = signed()
    yield Case("c31-alone", alone.bytes, no_proof, at=LATER, parent="c31", twin="c31")

    # (a) a token over other bytes
    copied = cms.time_stamp_token(b"another file", world.tsa, MOMENT("2026-06-01T04:00:00"))
    pdf = signed()
    add_time_stamp(pdf, maker=lambda content: copied)
    bad_stamp = {"Stamp1": failed(sub=HASH)}
    yield Case("c31a", pdf.bytes, no_proof, others=bad_stamp, file=failed(sub=HASH), at=LATER, parent="c31", twin="c31")
    yield Case("c31a-today",
               pdf.bytes,
               passed("warning"),
               others=bad_stamp,
               parent="c31",
               twin="c31",
               file=failed(sub=HASH),
               notes="the signature does not need it yet")
    pdf = signed()
    tokens = []

    def remember(content):
        tokens.append(cms.time_stamp_token(content, world.tsa, MOMENT("2026-06-01T04:00:00")))
        return tokens[0]
    add_time_stamp(pdf, maker=remember)
    add_time_stamp(pdf, b"Stamp2", maker=lambda content: tokens[0])
    yield Case("c31a2", pdf.bytes, passed("warning"), others={"Stamp1": passed("warning"), "Stamp2": failed(sub=HASH)},
               file=failed(sub=HASH), at=LATER, parent="c31", twin="c31", notes="used again in a later revision")
    # (b) two fields with one dictionary
    pdf = signed()
    number = add_time_stamp(pdf)
    pdf.revise({1: swap(pdf.objects[1], b"/Fields [", b"/Fields [30 0 R "),
                3: swap(pdf.objects[3], b"/Annots [", b"/Annots [30 0 R "), 30: field(30, b"Stamp2", value=number)})
    yield Case("c31b", pdf.bytes, passed("warning"), others={}, count=2, at=LATER)
    # (c) what the dictionary calls itself
    for letter, kind in (("c", b""), ("c2", b"/Type null"), ("c3", b"/Type /Sig")):
        pdf = signed()
        add_time_stamp(pdf, kind=kind)
        yield Case(f"c31{letter}", pdf.bytes, passed("warning"), others={"Stamp1": passed("warning")}, at=LATER)
    # (e) who stamped
    for letter, authority in (("e", world.plain_tsa), ("e2", world.foreign_tsa)):
        pdf = signed()
        add_time_stamp(pdf, authority=authority)
        yield Case(f"c31{letter}", pdf.bytes, no_proof, others={"Stamp1": open_(sub="", also=_ANY_OPEN)}, at=LATER,
                   parent="c31", twin="c31")
    # It proves only what it covers: a signature made after it has no proof.
    pdf = good()
    add_time_stamp(pdf)
    add_signature(pdf, b"Late", short)
    yield Case("c31f",
               pdf.bytes,
               no_proof,
               subject="Late",
               others={"Sig1": passed("warning"), "Stamp1": passed("warning")},
               at=LATER,
               parent="c31",
               twin="c31")


_ANY_OPEN = tuple(("INDETERMINATE", name) for name in (
    "SIG_CONSTRAINTS_FAILURE", "CHAIN_CONSTRAINTS_FAILURE", "NO_CERTIFICATE_CHAIN_FOUND",
    "NO_CERTIFICATE_CHAIN_FOUND_NO_POE", "CERTIFICATE_CHAIN_GENERAL_FAILURE"))


# --- 32: revocation data ----------------------------------------------------------------------------------------------

NOCHECK = pki.extension("1.3.6.1.5.5.7.48.1.5", der.NULL)


@functools.cache
def published():
    """An authority that publishes: root → issuing → signer; TSA and OCSP responder beside."""
    class World:
        root = pki.issue("Gốc có công bố", pki.ec_key("published root"), is_ca=True)
        issuing = pki.issue("Cấp chứng thư", pki.ec_key("issuing"), root, is_ca=True, crl="http://crl.invalid/root.crl")
        other = pki.issue("Cấp chứng thư khác", pki.ec_key("other issuing"), root, is_ca=True,
                          crl="http://crl.invalid/root.crl")
        signer = pki.issue("Lê Văn C", pki.ec_key("published signer"), issuing, crl="http://crl.invalid/issuing.crl",
                           ocsp="http://ocsp.invalid/")
        brief = pki.issue("Phạm Thị D", pki.ec_key("brief signer"), issuing, crl="http://crl.invalid/issuing.crl",
                          ocsp="http://ocsp.invalid/", end=MOMENT("2026-06-05T00:00:00"))
        neighbour = pki.issue("Hoàng Văn E", pki.ec_key("neighbour"), issuing, crl="http://crl.invalid/issuing.crl")
        tsa = pki.issue("Dấu thời gian", pki.ec_key("published tsa"), root, usage=(0,), extended=pki.TIME_STAMPING,
                        crl="http://crl.invalid/root.crl")
        responder = pki.issue("Trả lời OCSP",
                              pki.ec_key("responder"),
                              issuing,
                              usage=(0, ),
                              extended=pki.OCSP_SIGNING,
                              extended_critical=False,
                              extra=(NOCHECK, ))
        brief_responder = pki.issue("Trả lời OCSP ngắn hạn", pki.ec_key("brief responder"), issuing, usage=(0,),
                                    extended=pki.OCSP_SIGNING, extended_critical=False, extra=(NOCHECK,),
                                    end=MOMENT("2026-06-03T00:00:00"))
    return World


def _dss(pdf, lists=(), responses=(), certificates=(), number=60, extra=b"", beside=None):
    """Adds a revision with a DSS."""
    objects, keys = dict(beside or {}), b""
    for key, values in ((b"CRLs", lists), (b"OCSPs", responses), (b"Certs", certificates)):
        numbers = []
        for value in values:
            objects[number] = stream(value)
            numbers.append(number)
            number += 1
        if numbers:
            keys += b" /" + key + b" [" + b" ".join(b"%d 0 R" % n for n in numbers) + b"]"
    catalog = pdf.objects[1]
    objects[1] = swap(catalog, b"/Pages 2 0 R", b"/Pages 2 0 R /DSS << /Type /DSS" + keys + extra + b" >>")
    pdf.revise(objects)
    return pdf


def _stamped(holder=None, at=pki.SIGNED_AT):
    world = published()
    who = holder or world.signer
    return make(maker=lambda content: cms.sign_with_time_stamp(content, who, world.tsa, at))


def _unstamped(holder=None):
    return make(maker=lambda content: cms.sign(content, holder or published().signer))


def root_list(this="2026-06-02T00:00:00", next_update="2026-12-01T00:00:00", revoked=()):
    return pki.crl(published().root, MOMENT(this), MOMENT(next_update), revoked)


def issuing_list(this="2026-06-02T00:00:00", next_update="2026-06-20T00:00:00", revoked=(), **options):
    return pki.crl(options.pop("issuer",
                               published().issuing), MOMENT(this), next_update and MOMENT(next_update), revoked,
                   **options)


def answer(holder=None, produced="2026-06-02T00:00:00", *, responder=None, **options):
    world = published()
    return pki.ocsp((holder or world.signer).serial, world.issuing, responder or world.responder, MOMENT(produced),
                    next_update=MOMENT("2026-06-20T00:00:00"), **options)


AT = "2026-06-10T00:00:00Z"
TRY_LATER = "TRY_LATER"


def _case32(name, pdf, expect, *, at=AT, parent="c32", **more):
    good_one = expect.indication == "TOTAL_PASSED" and expect.severity != "warning"
    return Case(f"c32{name}", pdf.bytes, expect, at=at, trust=("published",), parent="" if good_one else parent,
                twin="" if good_one else more.pop("twin", parent), **more)


def revocation():
    world = published()
    serial = world.signer.serial
    roots = root_list()
    yield _case32("", _dss(_stamped(), [roots, issuing_list()]), passed("info", level="B-LT"))
    yield _case32("-ocsp", _dss(_stamped(), [roots], [answer()]), passed("info", level="B-LT"))
    yield _case32("-ocsp-by-the-authority", _dss(_stamped(), [roots], [answer(responder=world.issuing)]),
                  passed("info", level="B-LT"))
    archived = _dss(_stamped(), [roots, issuing_list()])
    add_time_stamp(archived, authority=world.tsa, when=MOMENT("2026-06-03T00:00:00"))
    yield _case32("-lta", archived, passed("info", level="B-LTA"), others={"Stamp1": passed("info")})
    # 31 (d): a document time-stamp that does not cover the DSS protects nothing of it
    early = _stamped()
    add_time_stamp(early, authority=world.tsa, when=MOMENT("2026-06-01T05:00:00"))
    yield _case32("-lta-too-early", _dss(early, [roots, issuing_list()]), passed("info", level="B-LT"))

    too_old = open_("revocation.too-old", sub=TRY_LATER)
    before = {"this": "2026-05-30T00:00:00", "next_update": "2026-06-08T00:00:00"}
    yield _case32("a", _dss(_stamped(), [roots, issuing_list(**before)]), too_old, at="2026-06-05T00:00:00Z")
    yield _case32("a2", _dss(_stamped(), [roots], [answer(produced="2026-05-31T00:00:00")]), too_old,
                  at="2026-06-05T00:00:00Z")
    yield _case32("a3", _stamped(), open_(sub=TRY_LATER), at="2026-06-05T00:00:00Z", notes="nothing at all")
    revoked = [(serial, MOMENT("2026-05-20T00:00:00"), "keyCompromise")]
    yield _case32("b", _dss(_stamped(), [roots, issuing_list(revoked=revoked)]), failed(sub="REVOKED"))
    yield _case32("b2", _dss(_stamped(), [roots], [answer(status="revoked", revoked_at=MOMENT("2026-05-20T00:00:00"),
                                                          reason="keyCompromise")]), failed(sub="REVOKED"))
    yield _case32("b3",
                  _dss(_stamped(), [roots, issuing_list(revoked=revoked)], [answer(produced="2026-05-01T00:00:00")]),
                  failed(sub="REVOKED"),
                  notes="an older good answer does not help")
    after = [(serial, MOMENT("2026-06-04T00:00:00"), "keyCompromise")]
    listed_after = issuing_list("2026-06-05T00:00:00", revoked=after)
    yield _case32("c", _dss(_stamped(), [roots, listed_after]), passed("warning"))
    yield _case32("d", _dss(_unstamped(), [roots, listed_after]), open_(sub="REVOKED_NO_POE"))
    yield _case32("d2", _dss(_unstamped(), [roots, issuing_list(revoked=revoked)]), open_(sub="REVOKED_NO_POE"))
    no_authority = root_list("2026-06-05T00:00:00",
                             revoked=[(world.issuing.serial, MOMENT("2026-06-04T00:00:00"), None)])
    yield _case32("e", _dss(_unstamped(), [no_authority, issuing_list()]), open_(sub="REVOKED_CA_NO_POE"))
    held = [(serial, MOMENT("2026-05-25T00:00:00"), "certificateHold")]
    yield _case32("f",
                  _dss(_stamped(), [roots,
                                    issuing_list(revoked=held),
                                    issuing_list("2026-06-04T00:00:00", number=2)]),
                  passed("warning"),
                  notes="hold, later removed: the newest list decides")
    yield _case32(
        "f2", _dss(_stamped(), [roots,
                                issuing_list(),
                                issuing_list("2026-06-04T00:00:00", number=2, revoked=held)]),
        open_(sub=TRY_LATER, also=(("TOTAL_FAILED", "REVOKED"), ("INDETERMINATE", "REVOKED_NO_POE"))))

    brief = world.brief
    yield _case32("g", _unstamped(brief), open_(sub="OUT_OF_BOUNDS_NO_POE"))
    yield _case32("g2", _dss(_unstamped(brief), [roots, issuing_list("2026-06-04T00:00:00")]),
                  open_(sub="OUT_OF_BOUNDS_NOT_REVOKED"))
    yield _case32("g3", _dss(_stamped(brief), [roots, issuing_list("2026-06-04T00:00:00")]), passed("info"))
    by_expired = [answer(responder=world.brief_responder)]
    yield _case32("h", _dss(_stamped(), [roots], by_expired), open_(sub="REVOCATION_OUT_OF_BOUNDS_NO_POE"))
    proven = _dss(_stamped(), [roots], by_expired)
    add_time_stamp(proven, authority=world.tsa, when=MOMENT("2026-06-02T12:00:00"))
    yield _case32("h2", proven, passed("info"))

    # Data that a later revision no longer names is still in the file.
    dropped = _dss(_stamped(), [roots, issuing_list()])
    catalog = dropped.objects[1]
    begin = catalog.index(b"/DSS <<")
    dropped.revise({1: catalog[:begin] + b"/DSS << /Type /DSS >> " + catalog[catalog.index(b">>", begin) + 2:]})
    yield _case32("j", dropped, passed("warning", "revocation.removed"))
    foreign_vri = b" /VRI << /0000000000000000000000000000000000000000 << /CRL [70 0 R] >> >>"
    foreign = pki.crl(pki.world().foreign_root, MOMENT("2026-06-02T00:00:00"), MOMENT("2026-07-02T00:00:00"))
    pdf = _dss(_stamped(), [roots, issuing_list()], extra=foreign_vri, beside={70: stream(foreign)})
    yield _case32("j2", pdf, passed("warning"), notes="a VRI entry with foreign data")


def ignored():
    """Each as if it were not there, and named."""
    world = published()
    roots = root_list()

    def case(name, code, lists=(), responses=(), *, expect=None, at=AT, pdf=None):
        expected = expect or open_(sub=TRY_LATER)
        return _case32(f"i-{name}", _dss(pdf or _stamped(), [roots, *lists], responses),
                       dataclasses.replace(expected, found=(Found(code),) if code else ()), at=at)

    yield case("crl-issuer", "pki.crl.", [
        pki.crl(world.other,
                MOMENT("2026-06-02T00:00:00"),
                MOMENT("2026-06-20T00:00:00"),
                issuer_name=world.issuing.subject,
                key=world.other.key)
    ])
    broken = bytearray(issuing_list())
    broken[-3] ^= 1
    yield case("crl-signature", "pki.crl.signature", [bytes(broken)])
    yield case("crl-critical", "pki.crl.critical_extension",
               [issuing_list(extensions=(pki.extension("1.2.3.4.5", der.NULL, True),))])
    scope = pki.extension("2.5.29.28", der.sequence(der.context(2, b"\xff", constructed=False)), True)
    yield case("crl-scope", "pki.crl.scope", [issuing_list(extensions=(scope,))])
    yield case("crl-no-next-update", "", [issuing_list(next_update=None)], at="2026-08-01T00:00:00Z")
    yield case("crl-garbage", "", [b"not a list"])
    broken = bytearray(answer(with_certificate=False, responder=world.issuing))
    broken[-3] ^= 1
    yield case("ocsp-signature", "pki.ocsp.signature", responses=[bytes(broken)])
    yield case("ocsp-foreign", "pki.ocsp.responder", responses=[answer(responder=pki.world().foreign)])
    undelegated = pki.issue("Không được ủy quyền", pki.ec_key("undelegated"), world.issuing, usage=(0,))
    yield case("ocsp-undelegated", "pki.ocsp.responder", responses=[answer(responder=undelegated)])
    elsewhere = pki.issue("Trả lời của nơi khác", pki.ec_key("elsewhere"), world.other, usage=(0,),
                          extended=pki.OCSP_SIGNING, extended_critical=False, extra=(NOCHECK,))
    yield case("ocsp-of-another-authority", "pki.ocsp.responder", responses=[answer(responder=elsewhere)])
    yield case("ocsp-self-issued", "pki.ocsp.responder", responses=[answer(responder=world.signer)])
    yield case("ocsp-other-serial", "", responses=[answer(world.neighbour)])
    yield case("ocsp-unknown", "", responses=[answer(status="unknown")])
    cutoff = pki.extension("1.3.6.1.5.5.7.48.1.6", der.generalized_time(MOMENT("2026-06-07T00:00:00")))
    late = pki.ocsp(world.brief.serial, world.issuing, world.responder, MOMENT("2026-06-08T00:00:00"),
                    next_update=MOMENT("2026-06-20T00:00:00"), single_extensions=(cutoff,))
    yield case("ocsp-archive-cutoff", "", responses=[late], pdf=_stamped(world.brief), expect=open_(
        sub=TRY_LATER, also=(("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE"),)))
    yield case("ocsp-garbage", "", responses=[b"not an answer"])
