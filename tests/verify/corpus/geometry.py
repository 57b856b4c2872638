"""Cases 1 to 12: ByteRange, the gap, /Contents, and the keys of the signature dictionary."""
import datetime
import pathlib
import subprocess
import tempfile

from cryptography.hazmat.primitives import serialization

from . import cms, pki
from .build import add_signature, certified_objects, good, make
from .case import Case, Found, by, failed, open_, passed, signer
from .pdf import (BYTE_RANGE, CATALOG, CONTENT, PAGE, PAGE_TEXT, PAGES, Pdf, Slot, base_objects, field, fill, put_range,
                  ranges, signature_dictionary, swap)

FILLER = b"/Reason(" + b"x" * 51 + b")"  # 60 bytes
BLANKS = b" " * 60


def cases():
    for group in (clean, holes, ends, counts, wrapping, overlapping, ill_typed, hex_strings, trailing, duplicates):
        yield from group()


def clean():
    pdf = good()
    yield Case("c1a", pdf.bytes, passed(), count=1, quick=True)
    yield Case("c1b", _appended(1).bytes, passed(changes=("change.signature",)), others={"Sig2": passed()}, count=2)
    many = _appended(49)
    yield Case("c1c", many.bytes, passed(), others={f"Sig{n}": passed() for n in range(2, 51)}, count=50, quick=True)
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    yield Case("c1d", _with_openssl(), passed("info"), at=later.strftime("%Y-%m-%dT%H:%M:%SZ"),
               notes="signed by openssl cms -cades, which adds the time")
    with_token = make(maker=_stamped())
    yield Case("c1e", with_token.bytes, passed(level="B-T"))


def _appended(count):
    pdf = good()
    for index in range(count):
        add_signature(pdf, b"Sig%d" % (index + 2))
    return pdf


def _stamped(**options):
    world = pki.world()
    return lambda content: cms.sign_with_time_stamp(content, world.signer, world.tsa, pki.SIGNED_AT, **options)


def _with_openssl():
    def maker(content):
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "signer.pem").write_text(signer().pem)
            (folder / "key.pem").write_bytes(signer().key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
            return subprocess.run(["openssl", "cms", "-sign", "-binary", "-cades", "-md", "sha256", "-outform", "DER",
                                   "-signer", folder / "signer.pem", "-inkey", folder / "key.pem"],
                                  input=content, capture_output=True, check=True).stdout
    # signingTime is the moment of the run, so /M must be too.
    now = datetime.datetime.now(datetime.timezone.utc).strftime("D:%Y%m%d%H%M%SZ").encode()
    return make(base_objects(o7=signature_dictionary(date=b"/M (" + now + b")")), maker=maker).bytes


# --- 2 and 3: holes ---------------------------------------------------------------------------------------------------

def _holed(before, after, written, hashed):
    objects = base_objects(o7=signature_dictionary(between=before or b" ", after=after))
    pdf = make(objects, maker=by(signer()), written=lambda L, S, N: b"[%d %d %d %d]" % written(L, S, N),
               numbers=lambda L, S, N: list(hashed(L, S, N)))
    return pdf, pdf.slot(7)


def _hole(offset, length):
    return Found("byterange.hole", offset, length)


def holes():
    twin = make(base_objects(o7=signature_dictionary(after=FILLER)))
    yield Case("c2t", twin.bytes, passed(), notes="the entries after /Contents are signed")
    before = make(base_objects(o7=signature_dictionary(between=FILLER)))
    yield Case("c2u", before.bytes, passed(), notes="the entries before /Contents are signed")

    reasons = ("byterange.overrun", "byterange.hole")
    pdf, slot = _holed(b"", FILLER, lambda L, S, N: (0, L, S + 60, N - S), lambda L, S, N: (0, L, S + 60, N - S - 60))
    expected = failed(*reasons, found=(_hole(slot.end, 60), Found("byterange.overrun")))
    yield Case("c2a", pdf.bytes, expected, parent="c1a", twin="c2t")
    tampered = pdf.copy()
    tampered.data[slot.end:slot.end + 60] = b"/Reason(" + b"paid in full".ljust(51) + b")"
    yield Case("c2b", tampered.bytes, expected, parent="c1a", twin="c2t")
    pdf, slot = _holed(FILLER, b"", lambda L, S, N: (0, L - 60, S, N - S + 60), lambda L, S, N: (0, L - 60, S, N - S))
    yield Case("c2c", pdf.bytes, failed(*reasons, found=(_hole(slot.start - 60, 60), Found("byterange.overrun"))),
               parent="c1a", twin="c2u")

    def honest(name, gap_before, gap_after, twin_name):
        def numbers(L, S, N):
            return 0, L - len(gap_before), S + len(gap_after), N - S - len(gap_after)
        made, place = _holed(gap_before, gap_after, numbers, numbers)
        where = (place.end, len(gap_after)) if gap_after else (place.start - len(gap_before), len(gap_before))
        return Case(name, made.bytes, failed("byterange.hole", found=(_hole(*where),)), parent="c1a", twin=twin_name)
    yield honest("c3a", b"", FILLER, "c2t")
    yield honest("c3b", FILLER, b"", "c2u")
    yield honest("c3c", b"", b" ", "c3t")
    yield honest("c3c2", b" ", b"", "c1a")
    yield honest("c3d", b"", BLANKS, "c3t")
    yield honest("c3d2", BLANKS, b"", "c3u")
    yield Case("c3t", make(base_objects(o7=signature_dictionary(after=BLANKS))).bytes, passed())
    yield Case("c3u", make(base_objects(o7=signature_dictionary(between=BLANKS))).bytes, passed())


# --- 4 and 5: where the ranges end and begin --------------------------------------------------------------------------

def ends():
    def short(count):
        return make(numbers=lambda L, S, N: [0, L, S, N - S - count])
    for letter, count in (("a", 10), ("b", 6), ("c", 20)):
        pdf = short(count)
        yield Case(f"c4{letter}", pdf.bytes,
                   failed("byterange.tail", within=(pdf.end - count, pdf.end)), parent="c1a", twin="c1a")
    healed = short(10)
    cut = healed.end
    add_signature(healed)
    yield Case("c4d", healed.bytes, failed("byterange.tail", within=(cut - 10, cut)), others={"Sig2": passed()},
               parent="c1b", twin="c1b", notes="a later signature covers the tail and does not heal it")
    yield Case("c4t", short(1).bytes, passed("info"), notes="only the line end after %%EOF is not signed")

    first = make(numbers=lambda L, S, N: [10, L - 10, S, N - S])
    yield Case("c5a", first.bytes, failed("byterange.start"), parent="c1a", twin="c1a")
    tampered = first.copy()
    tampered.data[5:8] = b"1.4"
    yield Case("c5b", tampered.bytes, failed("byterange.start"), parent="c1a", twin="c1a")
    later = make(numbers=lambda L, S, N: [1, L - 1, S, N - S])
    yield Case("c5c", later.bytes, failed("byterange.start"), parent="c1a", twin="c1a")


# --- 6: how many numbers ----------------------------------------------------------------------------------------------

def counts():
    six = b"/ByteRange [" + b" ".join([b"0000000000"] * 6) + b"]"
    wide = base_objects(o7=signature_dictionary(byte_range=six))
    yield Case("c6t", make(wide).bytes, passed(), notes="four numbers in a wide array")
    pdf = Pdf()
    pdf.revise(wide)
    text = pdf.bytes.index(PAGE_TEXT)
    fill(pdf, 7, by(signer()),
         numbers=lambda L, S, N: [0, text, text + 18, L - text - 18, S, N - S])
    yield Case("c6a", pdf.bytes, failed("byterange.count"), parent="c1a", twin="c6t")
    tampered = pdf.copy()
    tampered.data[text:text + 18] = b"Goodbye to it all!"
    yield Case("c6b", tampered.bytes, failed("byterange.count"), parent="c1a", twin="c6t")
    for letter, text in (("c", b"[0 %d]"), ("d", b"[]"), ("e", b"[0 %d 12802 300 5]")):
        def written(L, S, N, text=text):
            return text % N if b"%" in text else text
        made = make(written=written, numbers=lambda L, S, N: [0, L, S, N - S])
        yield Case(f"c6{letter}", made.bytes, failed("byterange.count"), parent="c1a", twin="c1a")
    million = b"/ByteRange [" + b"0 " * 999_999 + b"0]"
    made = make(base_objects(o7=signature_dictionary(byte_range=million)),
                written=lambda L, S, N: b"[" + b"0 " * 999_999 + b"0]",
                numbers=lambda L, S, N: [0, L, S, N - S])
    yield Case("c6f", made.bytes, failed("byterange.count"), parent="c1a", twin="c1a", quick=True)


# --- 7: signature wrapping --------------------------------------------------------------------------------------------

def wrapping():
    mismatch = ("contents.gap-mismatch",)

    # (a) the gap begins at a string that nobody parses and ends with the one that is parsed
    def two_strings(first, second):
        pdf = Pdf()
        pdf.revise(base_objects(o7=signature_dictionary(
            between=b" " + first + b" <" + b"0" * 12_000 + b"> ", contents=second + b" <" + b"0" * 12_000 + b">")))
        inner, outer = (Slot(pdf.data, pdf.offsets[7], contents_key=key) for key in (first, second))
        outer.start = inner.start
        put_range(pdf.data, outer, b"[0 %d %d %d]" % (outer.start, outer.end, pdf.end - outer.end))
        der = cms.sign(ranges(pdf.data, [0, outer.start, outer.end, pdf.end - outer.end]), signer())
        digits = der.hex().upper().encode().ljust(12_000, b"0")
        pdf.data[inner.start + 1:inner.end - 1] = digits
        pdf.data[outer.end - 12_001:outer.end - 1] = digits
        return pdf
    yield Case("c7a", two_strings(b"/Other", b"/Contents").bytes, failed(*mismatch, "byterange.hole"), parent="c1a",
               twin="c2u")
    yield Case("c7a2", two_strings(b"/Contents", b"/Other").bytes, failed(*mismatch, "byterange.hole"), parent="c1a",
               twin="c2u")
    # the published attack: everything new stands in the gap of a good file, with a /ByteRange of its own
    original = good()
    slot = original.slot(7)
    evil = (b" /ByteRange [0 %d %08d %d] >>\nendobj\n" % (slot.start, 0, original.end - slot.end)
            + b"4 0 obj\n" + swap(CONTENT, PAGE_TEXT, b"Goodbye to it all!") + b"\nendobj\n8 0 obj\n<< /Rest (")
    wrapped = original.bytes[:slot.end] + evil + original.bytes[slot.end:]
    wrapped = wrapped.replace(b"%08d" % 0, b"%08d" % (slot.end + len(evil)))
    yield Case("c7a3", wrapped, failed(*mismatch, "sigdict.duplicate-key", "byterange.", "xref.", "sigdict."),
               parent="c1a", twin="c1a", notes="SWA as published in 2019")

    # (b) the signed dictionary lies where no reader looks for it; the one in use is a later copy
    def dictionary_copy(pdf, start):
        end = pdf.data.index(b"\nendobj", start) if b"\nendobj" in pdf.data[start:] else pdf.end
        return bytes(pdf.data[pdf.data.index(b"<<", start):end])
    unused = good()
    copied = dictionary_copy(unused, unused.offsets[7])
    unused.revise({6: swap(unused.objects[6], b"/V 7 0 R", b"/V 8 0 R"), 8: copied})
    yield Case("c7b", unused.bytes, None, file=failed(*mismatch, "sigdict.redefined", "signature.removed"),
               parent="c1a", twin="c7t")
    hidden = Pdf()
    objects = base_objects(o6=swap(base_objects()[6], b" /V 7 0 R", b"          "), o7=None)
    hidden.revise(objects, before_xref=b"% 7 0 obj " + signature_dictionary() + b"\n")
    comment = Slot(hidden.data, hidden.data.index(b"% 7 0 obj"))
    fill(hidden, None, by(signer()), slot=comment)
    line = hidden.data.index(b"% 7 0 obj")
    copied = bytes(hidden.data[hidden.data.index(b"<<", line):hidden.data.index(b"\n", line)])
    hidden.revise({6: base_objects()[6], 7: copied})
    yield Case("c7b2", hidden.bytes, failed(*mismatch, "sigdict.redefined"), parent="c1a", twin="c7t")
    # (c) the same object again after the covered part
    again = good()
    again.revise({7: dictionary_copy(again, again.offsets[7])})
    yield Case("c7c", again.bytes, failed(*mismatch, "sigdict.redefined"), parent="c1a", twin="c7t")
    harmless = good()
    harmless.revise({6: harmless.objects[6], 8: b"<< /Note (nobody refers to this) >>"})
    yield Case("c7t", harmless.bytes, passed())
    # (d) a literal string
    yield Case("c7d", _literal_contents(), failed(*mismatch, "contents.type"), parent="c1a", twin="c1a")
    # (e) by reference
    pdf = Pdf()
    pdf.revise(base_objects(o7=signature_dictionary(contents=b"/Contents 9 0 R"), o9=b"<" + b"0" * 12_000 + b">"))
    slot = Slot(pdf.data, pdf.offsets[9], contents_key=b"9 0 obj")
    slot.range_start = pdf.data.index(BYTE_RANGE)
    slot.range_end = slot.range_start + len(BYTE_RANGE)
    fill(pdf, None, by(signer()), slot=slot)
    yield Case("c7e", pdf.bytes, failed(*mismatch, "contents.type"), parent="c1a", twin="c1a")
    # (f) one byte more on each side, (g) one byte less: the delimiters are signed
    pdf = make(numbers=lambda L, S, N: [0, L - 1, S + 1, N - S - 1])
    yield Case("c7f", pdf.bytes, failed(*mismatch, "byterange.hole"), parent="c1a", twin="c1a")
    pdf = make(numbers=lambda L, S, N: [0, L + 1, S - 1, N - S + 1])
    yield Case("c7g", pdf.bytes, failed(*mismatch), parent="c1a", twin="c1a")


def _literal_contents():
    pdf = Pdf()
    pdf.revise(base_objects(o7=signature_dictionary(contents=b"/Contents (" + b"\0" * 6_000 + b")")))
    slot = Slot(pdf.data, pdf.offsets[7], opening=b"(", closing=b")")
    put_range(pdf.data, slot, b"[0 %d %d %d]" % (slot.start, slot.end, pdf.end - slot.end))
    der = cms.sign(ranges(pdf.data, [0, slot.start, slot.end, pdf.end - slot.end]), signer())
    for plain, escaped in ((b"\\", b"\\\\"), (b"(", b"\\("), (b")", b"\\)"), (b"\r", b"\\r")):
        der = der.replace(plain, escaped)
    pdf.data[slot.start + 1:slot.end - 1] = der.ljust(6_000, b"\0")
    return pdf.bytes


# --- 8: ranges of several signatures ----------------------------------------------------------------------------------

def overlapping():
    six = b"/ByteRange [" + b" ".join([b"0000000000"] * 6) + b"]"
    pdf = good()
    first = pdf.slot(7)
    add_signature(pdf, dictionary=signature_dictionary(byte_range=six),
                  numbers=lambda L, S, N: [0, first.start, first.end, L - first.end, S, N - S])
    found = Found("byterange.overlap")
    yield Case("c8a", pdf.bytes, failed("byterange.overlap", "byterange.count", found=(found,)), subject="Sig2",
               others={"Sig1": passed()}, parent="c1b", twin="c1b")

    # Two in one revision; the range of the second ends at its own slot and goes on inside the other's.
    objects = base_objects(o1=swap(base_objects()[1], b"[6 0 R]", b"[6 0 R 8 0 R]"),
                           o3=swap(base_objects()[3], b"[6 0 R]", b"[6 0 R 8 0 R]"),
                           o6=field(6, b"Sig2", value=7), o8=field(8, b"Sig1", value=9), o9=signature_dictionary())
    pdf = Pdf()
    pdf.revise(objects)
    other = pdf.slot(9)
    # Sig1 is signed last and covers Sig2's value; Sig2 leaves out the bytes of Sig1 that change.
    put_range(pdf.data, other, b"[0 %d %d %d]" % (other.start, other.end, pdf.end - other.end))
    fill(pdf, 7, by(pki.world().second), numbers=lambda L, S, N: [0, L, other.end - 50, N - other.end + 50])
    fill(pdf, 9, by(signer()))
    yield Case("c8b", pdf.bytes, failed("byterange.overlap", "byterange.hole", found=(found,)), subject="Sig2",
               others={"Sig1": passed()}, parent="c1a", twin="c1b")


# --- 9: entries of the wrong type -------------------------------------------------------------------------------------

def ill_typed():
    def ranged(name, text, *reasons, extra=None):
        objects = base_objects(**(extra or {}))

        def written(L, S, N):
            return (text.replace(b"L", b"%d" % L).replace(b"S", b"%d" % S).replace(b"T", b"%d" % (N - S)))
        pdf = Pdf()
        pdf.revise(objects)
        slot = pdf.slot(7)
        key = slot.range_start - len(b"/ByteRange ")
        fill(pdf, 7, by(signer()), written=lambda L, S, N: b"[]", numbers=lambda L, S, N: [0, L, S, N - S])
        width = len(b"/ByteRange " + BYTE_RANGE)
        whole = written(slot.start, slot.end, pdf.end)
        whole = whole if whole.startswith(b"/") or not whole else b"/ByteRange " + whole
        pdf.data[key:key + width] = whole.ljust(width)
        return Case(f"c9{name}",
                    pdf.bytes,
                    failed(*(reasons or ("byterange.type", ))),
                    parent="c1a",
                    twin="c1a",
                    count=1)
    yield ranged("-negative", b"[0 L -5 T]")
    yield ranged("-negative-length", b"[0 L S -1]")
    yield ranged("-real", b"[0 L S 300.0]")
    yield ranged("-element-by-reference", b"[0 L 9 0 R T]", "byterange.type", "byterange.count", extra={"o9": b"12800"})
    yield ranged("-by-reference", b"/ByteRange 9 0 R", extra={"o9": b"[0 790 12792 300]"})
    yield ranged("-string", b"(0 790 12792 300)")
    yield ranged("-strings", b"[(0) (790) (12792) (300)]")
    yield ranged("-name", b"/ByteRange /Zero")
    yield ranged("-null", b"null")
    yield ranged("-nulls", b"[null null null null]")
    yield ranged("-dictionary", b"<< /A 0 >>")
    yield ranged("-nested", b"[[0 L S T]]", "byterange.type", "byterange.count")
    yield ranged("-missing", b"")
    large = ("byterange.type", "byterange.overrun")
    yield ranged("-over-2-31", b"[0 L S 2147483648]", *large)
    yield ranged("-over-2-63", b"[0 L S 9223372036854775808]", *large)
    yield ranged("-over-2-64", b"[0 L S 18446744073709551617]", *large)
    yield ranged("-over-file", b"[0 L S 99999]", *large)
    yield ranged("-sum", b"[0 L S 9223372036854775807]", *large)
    yield ranged("-start-over-file", b"[0 L 99999999 T]", *large, "byterange.hole")

    def valued(name, contents, *reasons, expect=None, extra=None):
        pdf = Pdf()
        pdf.revise(base_objects(o7=signature_dictionary(contents=contents), **(extra or {})))
        where = pdf.data.index(b"/ByteRange [", pdf.offsets[7])
        end = pdf.data.index(b">>\nendobj", where)
        at = pdf.data.index(contents, where) + len(b"/Contents ") if contents else end
        text = b"[0 %d %d %d]" % (at, at + max(0, len(contents) - 10), pdf.end - at - max(0, len(contents) - 10))
        pdf.data[where + 11:where + 11 + len(BYTE_RANGE)] = text.ljust(len(BYTE_RANGE))
        return Case(f"c9{name}",
                    pdf.bytes,
                    expect or failed(*(reasons or ("contents.type", ))),
                    parent="c1a",
                    twin="c1a",
                    count=1)
    yield valued("-contents-null", b"/Contents null")
    yield valued("-contents-missing", b"")
    yield valued("-contents-empty", b"/Contents <>")
    yield valued("-contents-00", b"/Contents <00>")
    yield valued("-contents-name", b"/Contents /Signature")
    yield valued("-contents-array", b"/Contents [<3080>]")
    yield valued("-contents-number", b"/Contents 12")
    yield valued("-contents-dictionary", b"/Contents << /A <3080> >>")
    yield valued("-contents-by-reference", b"/Contents 9 0 R", "contents.type", "contents.gap-mismatch",
                 extra={"o9": b"<3080>"})
    yield valued("-contents-reference-to-nothing", b"/Contents 99 0 R", "contents.type", "contents.gap-mismatch")

    def dictionary(name, expect, **options):
        return Case(f"c9{name}", make(base_objects(o7=signature_dictionary(**options))).bytes, expect, parent="c1a",
                    twin="c1a", count=1)
    yield dictionary("-type-missing", passed("warning"), kind=b"          ")
    yield dictionary("-type-unknown", failed(also=(("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE"),)), kind=b"/Type /Sgi")
    yield dictionary("-type-null", passed("warning"), kind=b"/Type null")
    unknown = open_("subfilter.unknown", also=(("TOTAL_FAILED", "FORMAT_FAILURE"),))
    yield dictionary("-subfilter-missing", unknown, sub_filter=b"")
    yield dictionary("-subfilter-unknown", open_("subfilter.unknown"), sub_filter=b"/SubFilter /Example.detached")
    yield dictionary("-subfilter-string", unknown, sub_filter=b"/SubFilter (ETSI.CAdES.detached)")
    yield dictionary("-subfilter-pkcs7", passed("info"), sub_filter=b"/SubFilter /adbe.pkcs7.detached")


# --- 10 and 11: the hexadecimal string and what follows the DER -------------------------------------------------------

def hex_strings():
    def blanks(der):
        digits = der.hex().upper()
        return b"\n".join(digits[i:i + 78].encode() for i in range(0, len(digits), 78))
    yield Case("c10a", make(raw=blanks).bytes, passed(), notes="line ends between the digits")
    pdf = Pdf()
    pdf.revise(base_objects(o7=signature_dictionary(slot=12_001)))
    fill(pdf, 7, by(signer()))
    yield Case("c10a2", pdf.bytes, passed(), notes="an odd number of digits")
    yield Case("c10a3", make(raw=lambda der: der.hex().encode()).bytes, passed(), notes="lower case")

    pdf = make(raw=lambda der: b"")
    yield Case("c10b", pdf.bytes, open_("contents.placeholder"), parent="c1a", twin="c1a", count=1)
    slot = pdf.slot(7)
    for letter, byte, place in (("c", b"Z", 100), ("c2", b"Z", 11_000), ("c3", b"\xff", 11_000), ("c4", b"(", 11_000)):
        pdf = good()
        pdf.data[slot.start + place:slot.start + place + 1] = byte
        yield Case(f"c10{letter}", pdf.bytes, failed(), parent="c1a", twin="c1a")


def trailing():
    def tail(der):
        return (der.hex().upper().encode()).ljust(11_992, b"0") + b"DEADBEEF"
    reason = "contents.trailing"
    for policy, make_expect in (("strict", failed), ("legacy-vn", lambda *r: passed("warning", *r))):
        suffix = "" if policy == "strict" else "-legacy"
        parent = "c1a" if policy == "strict" else "c11t-legacy"
        yield Case(f"c11a{suffix}",
                   make(raw=tail).bytes,
                   make_expect(reason),
                   parent=parent,
                   twin=parent,
                   policy=policy)
        twice = make(raw=lambda der: der.hex().upper().encode() * 2)
        yield Case(f"c11b{suffix}", twice.bytes, make_expect(reason), parent=parent, twin=parent, policy=policy)
    yield Case("c11t-legacy", good().bytes, passed(), policy="legacy-vn")


# --- 12: keys that stand twice ----------------------------------------------------------------------------------------

def duplicates():
    def doubled(name, *, sign=True, **options):
        pdf = Pdf()
        pdf.revise(base_objects(o7=signature_dictionary(**options)))
        # The last placeholder array of the dictionary is the one that is right.
        slot = pdf.slot(7)
        slot.range_start = pdf.data.rindex(BYTE_RANGE)
        slot.range_end = slot.range_start + len(BYTE_RANGE)
        real = pdf.data.index(b"<" + b"0" * 12_000, pdf.offsets[7])
        slot.start, slot.end = real, real + 12_002
        fill(pdf, None, by(signer()), slot=slot)
        return Case(f"c12{name}", pdf.bytes, failed("sigdict.duplicate-key"), parent="c1a", twin="c12t")
    other = b"/ByteRange [0 100 200 300]"
    normal = b"/ByteRange " + BYTE_RANGE
    yield doubled("a", before=other)
    yield doubled("a2", byte_range=normal, after=b" " + other)
    yield doubled("a3", before=b"/#42yteRange [0 100 200 300]")
    yield doubled("a4", byte_range=normal, after=b" /Byte#52ange [0 100 200 300]")
    yield doubled("b", before=b"/Contents <3080>")
    yield doubled("b2", after=b" /Contents <3080>")
    yield doubled("b3", after=b" /Cont#65nts <3080>")
    yield doubled("c", before=b"/SubFilter /adbe.pkcs7.detached")
    yield doubled("c2", after=b" /Sub#46ilter /ETSI.CAdES.detached")
    yield doubled("d", before=b"/M (D:20300101000000Z)")
    yield Case("c12t", make(base_objects(o7=signature_dictionary(before=b"/#52eason (once)"))).bytes, passed())

    twice = base_objects(o3=swap(base_objects()[3], b"/MediaBox", b"/MediaBox [0 0 10 10] /MediaBox"))
    in_field = base_objects(o6=swap(base_objects()[6], b"/F 132", b"/F 4 /F 132"))
    for letter, objects in (("e", twice), ("f", in_field)):
        yield Case(f"c12{letter}", make(objects).bytes, passed("warning"), parent="c1a", twin="c1a",
                   notes="outside the signature dictionary")
        yield Case(f"c12{letter}-certified", make(certified_objects(3, objects)).bytes, failed(), parent="p3",
                   twin="p3")

    # What an attacker adds: one reader takes the first value, another the last, which is the old one.
    def update(letter, objects, root=b"1 0 R"):
        pdf = good()
        return Case(f"c12{letter}", pdf.revise(objects, root=root).bytes, failed("object.duplicate-key", "change."),
                    parent="c1a", twin="c12g-twin")
    other = {41: swap(CATALOG, b"2 0 R", b"42 0 R"), 42: swap(PAGES, b"3 0 R", b"43 0 R"),
             43: swap(PAGE, b"/Contents 4 0 R", b"/Contents 44 0 R"), 44: swap(CONTENT, PAGE_TEXT, b"Goodbye to it all!")}
    yield update("g", other, b"41 0 R /Root 1 0 R")
    yield update("h", {4: swap(CONTENT, b"<< ", b"<< /Filter /ASCIIHexDecode /Filter null ")})
    yield update("i", other | {1: swap(CATALOG, b"/Pages", b"/Pages 42 0 R /Pages")})
    yield Case("c12g-twin", good().revise(other, root=b"1 0 R /Root 1 0 R").bytes,
               passed("warning", "object.duplicate-key"), notes="twice the same")
