"""Cases 22 to 27: cross-reference sections, hybrid files, object streams, entries, headers, encryption."""
import functools
import hashlib
import zlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from .build import add_signature, good, make
from .case import Case, by, failed, passed, signer
from .pdf import (FONT, PAGE, PAGE_TEXT, Pdf, base_objects, fill, object_stream, signature_dictionary, stream, swap,
                  table, xref_stream)


def cases():
    for group in (loops, hybrids, object_streams, entries, headers, linearized, encrypted):
        yield from group()


# --- 22: loops --------------------------------------------------------------------------------------------------------

def _with_prev(pdf, objects=None, **options):
    """A revision whose /Prev is its own section: written twice, the second time knowing where it stands."""
    trial = pdf.copy()
    trial.revise(objects, prev=10**5, **options)
    pdf.revise(objects, prev=trial.last_xref if len(str(trial.last_xref)) == 6 else b" /Prev %06d" % trial.last_xref,
               **options)
    return pdf


def loops():
    loop = failed("xref.loop")

    def case(name, pdf, expect=loop, **more):
        return Case(f"c22{name}", pdf if isinstance(pdf, bytes) else pdf.bytes, None, file=expect, parent="c1a",
                    twin=more.pop("twin", "c22t"), quick=True, **more)
    fine = good()
    fine.revise({})
    fine.revise({})
    yield Case("c22t", fine.bytes, passed())
    yield case("a", _with_prev(good()))
    signed = Pdf()
    _with_prev(signed, base_objects())
    fill(signed, 7, by(signer()))
    yield case("a2", signed, notes="the signed revision itself")
    yield case("a3", _with_prev(good(), kind="stream"))

    yield case("b", _ring_of(2))
    yield case("b2", _ring_of(3))
    yield case("c", _xref_stm_loop(own=True))
    # The /Prev of a stream that /XRefStm names need not be followed (ISO 32000-2 section 7.5.8.4).
    yield case("c2", _xref_stm_loop(own=False), failed("xref.loop", also=(("TOTAL_PASSED", ""),)))
    many = ("xref.loop", "resource.limit")
    yield case("d", _long_chain(100_000), failed(*many))
    yield case("d2", _long_chain(100_000, loop=True), failed(*many))
    wrong = failed("xref.")
    for letter, prev in (("e", b" /Prev -5"), ("e2", b" /Prev 99999999"), ("e3", b" /Prev 99999999999999999999"),
                         ("e4", b" /Prev (12)"), ("e5", b" /Prev 1.5e3"), ("e6", b" /Prev null")):
        pdf = good()
        pdf.revise(None, prev=prev)
        yield case(letter, pdf, wrong)
    pdf = good()
    pdf.revise(None, prev=pdf.bytes.index(PAGE_TEXT))
    yield case("f", pdf, wrong, notes="/Prev leads into a string")
    pdf = good()
    pdf.revise(None, prev=pdf.offsets[4])
    yield case("f2", pdf, wrong, notes="/Prev leads to an object that is no section")


def _ring_of(count):
    pdf = good()
    trial = pdf.copy()
    trial.revise(None, prev=b" /Prev %010d" % 0, startxref=b"startxref\n%010d\n" % 0)
    length, first = trial.end - pdf.end, trial.last_xref
    for index in range(count):
        pdf.revise(None, prev=b" /Prev %010d" % (first + length * ((index - 1) % count)),
                   startxref=b"startxref\n%010d\n" % (first + length * index))
    return pdf


def _xref_stm_loop(own):
    pdf = good()
    if own:
        trial = pdf.copy()
        trial.revise(None, xref_stm=10**4)
        pdf.revise(None, xref_stm=trial.last_xref)
        assert len(str(trial.last_xref)) == 5
        return pdf
    # A stream whose /Prev leads to the table that names it.
    trial = pdf.copy()
    place = trial.end
    trial.place(9, xref_stream({5: (trial.offsets[5], 0, b"n")}, {}, 10, b" /Root 1 0 R /Prev 10000"))
    section = trial.end
    pdf.place(9, xref_stream({5: (pdf.offsets[5], 0, b"n")}, {}, 10, b" /Root 1 0 R /Prev %d" % section))
    pdf.revise(None, xref_stm=place)
    return pdf


def _long_chain(count, loop=False):
    pdf = good()
    out, previous = [pdf.bytes], pdf.last_xref
    at = pdf.end
    length = len(b"xref\n0 0\ntrailer<</Prev %010d/Size 8/Root 1 0 R>>\nstartxref\n%010d\n%%%%EOF\n" % (0, 0))
    if loop:
        previous = at + length * (count - 1)
    for _ in range(count):
        out.append(b"xref\n0 0\ntrailer<</Prev %010d/Size 8/Root 1 0 R>>\nstartxref\n%010d\n%%%%EOF\n" % (previous, at))
        previous, at = at, at + length
    return b"".join(out)


# --- 23: hybrid files -------------------------------------------------------------------------------------------------

RESOURCES = b"<< /Font << /F1 5 0 R >> >>"
OTHER_RESOURCES = b"<< /Font << /F1 10 0 R >> >>"
HYBRID_PAGE = swap(PAGE, b"/Resources << /Font << /F1 5 0 R >> >>", b"/Resources 8 0 R")


def _hybrid(hidden, in_table=None, page=HYBRID_PAGE, sign=True, extra=None):
    """Object 8 stands in an object stream that only the stream section tells about; `in_table`: in the table too."""
    pdf = Pdf()
    objects = base_objects(o3=page, o10=swap(FONT, b"/Helvetica", b"/ZapfDingbats"), **(extra or {}))
    if not sign:
        objects.pop(7)
        objects[6] = swap(objects[6], b" /V 7 0 R", b"")
    for number, body in objects.items():
        pdf.place(number, body)
    rows = {number: (offset, 0, b"n") for number, offset in pdf.offsets.items()}
    container = pdf.place(20, object_stream({8: hidden}))
    section = pdf.end
    pdf.place(21, xref_stream({20: (container, 0, b"n"), 21: (section, 0, b"n")}, {8: (20, 0)}, 22, b" /Root 1 0 R"))
    rows |= {0: (8, 65535, b"f"), 8: (0, 0, b"f")}
    if in_table:
        rows[8] = (pdf.place(8, in_table), 0, b"n")
    pdf.objects[8] = hidden
    pdf.revise({}, overrides=rows, xref_stm=section)
    if sign:
        fill(pdf, 7, by(signer()))
    return pdf, section


def hybrids():
    pdf, section = _hybrid(RESOURCES)
    yield Case("c23a", pdf.bytes, passed("warning"))
    later = pdf.copy()
    add_signature(later, b"Sig2")
    yield Case("c23a2", later.bytes, passed("warning"), others={"Sig2": passed("warning")})
    unused = swap(HYBRID_PAGE, b"/Resources 8 0 R", b"/Resources << /Font << /F1 5 0 R >> >>")
    conflict = "xref.hybrid-conflict"
    pdf, _ = _hybrid(RESOURCES, OTHER_RESOURCES, page=unused)
    yield Case("c23b", pdf.bytes, passed("warning", conflict), notes="what differs is seen by nobody")
    pdf, _ = _hybrid(RESOURCES, OTHER_RESOURCES)
    yield Case("c23b2", pdf.bytes, failed(conflict), parent="c23a", twin="c23b")
    # (c) rev. 1 is hybrid, rev. 2 redefines what the stream holds and is signed, rev. 3 copies the old /XRefStm
    for letter, changes in (("c", True), ("c2", False)):
        pdf, section = _hybrid(RESOURCES, sign=False)
        pdf.revise({6: base_objects()[6], 7: signature_dictionary()} | ({8: OTHER_RESOURCES} if changes else {}))
        fill(pdf, 7, by(signer()))
        if changes:
            yield Case("c23c-parent", pdf.bytes, passed("warning"))
        pdf.revise({22: b"<< /Note (x) >>"}, xref_stm=section)
        yield Case(f"c23{letter}", pdf.bytes,
                   failed("change.", "xref.", within=(0, pdf.end)) if changes else passed("warning"),
                   parent="c23c-parent" if changes else "", twin="c23c2" if changes else "")
    pdf = good()
    pdf.revise({22: b"<< /Note (x) >>"}, kind="stream")
    yield Case("c23d", pdf.bytes, passed("warning"), notes="a stream section after a table")
    pdf = make(revise={"kind": "stream"})
    yield Case("c23d2-parent", pdf.bytes, passed())
    pdf.revise({22: b"<< /Note (x) >>"})
    yield Case("c23d2", pdf.bytes, passed("warning"), notes="a table after a stream section")


# --- 24: object streams -----------------------------------------------------------------------------------------------

def _compressed(number=8, body=RESOURCES, page=HYBRID_PAGE, container=None, plain=None, pointer=(20, 0)):
    """Object 8 (the resources of the page) in object stream 20."""
    pdf = Pdf()
    for key, text in base_objects(o3=page).items():
        pdf.place(key, text)
    pdf.place(20, container or object_stream({number: body}))
    rows = {key: (offset, 0, b"n") for key, offset in pdf.offsets.items()} | {0: (0, 65535, b"f")}
    compressed = {number: pointer}
    if plain is not None:
        rows[number] = (pdf.place(number, plain), 0, b"n")
        compressed = {}
    section = pdf.end
    pdf.place(21, xref_stream(rows | {21: (section, 0, b"n")}, compressed, 22, b" /Root 1 0 R"))
    pdf.last_xref = section
    pdf.data += b"startxref\n%d\n%%%%EOF\n" % section
    pdf.ends.append(pdf.end)
    fill(pdf, 7, by(signer()))
    return pdf


def object_streams():
    yield Case("c24d", _compressed().bytes, passed(), notes="an object stream without filter")
    deflated = zlib.compress(b"8 0 " + RESOURCES)
    packed = b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n" % len(
        deflated) + deflated + b"\nendstream"
    yield Case("c24d2", _compressed(container=packed).bytes, passed())
    yield Case("c24a",
               _compressed(plain=RESOURCES, body=OTHER_RESOURCES).bytes,
               passed("warning", "objstm.shadow-copy"),
               notes="object 8 plain and in a stream of the same revision")

    unused = swap(HYBRID_PAGE, b"/Resources 8 0 R", b"/Resources << /Font << /F1 5 0 R >> >>")
    broken = {
        "nested": {"container": object_stream({8: b"<< /Type /ObjStm /N 1 /First 4 >>"}), "pointer": (8, 0)},
        "extends-itself": {"container": object_stream({9: RESOURCES}, extra=b" /Extends 20 0 R")},
        "extends-itself-with-it": {"container": object_stream({8: RESOURCES}, extra=b" /Extends 20 0 R")},
        "count-too-large": {"container": object_stream({8: RESOURCES}, count=1_000_000)},
        "count-too-small": {"container": object_stream({8: RESOURCES}, count=0)},
        "count-negative": {"container": object_stream({8: RESOURCES}, count=-1)},
        "first-too-large": {"container": object_stream({8: RESOURCES}, first=9_999)},
        "first-negative": {"container": object_stream({8: RESOURCES}, first=-4)},
        "first-missing": {"container": stream(b"8 0 " + RESOURCES, b"/Type /ObjStm /N 1")},
        "offset-outside": {"container": object_stream({8: RESOURCES}, header=b"8 900 ")},
        "offset-negative": {"container": object_stream({8: RESOURCES}, header=b"8 -9 ")},
        "number-wrong": {"container": object_stream({8: RESOURCES}, header=b"9 0 ")},
        "index-wrong": {"pointer": (20, 7)},
        "container-missing": {"pointer": (33, 0)},
        "container-no-stream": {"pointer": (5, 0)},
        "container-no-objstm": {"container": stream(b"8 0 " + RESOURCES, b"/N 1 /First 4")},
        "own-length": {"container": b"<< /Type /ObjStm /N 1 /First 4 /Length 8 0 R >>\nstream\n8 0 33\nendstream"},
        "not-deflate": {"container": object_stream({8: RESOURCES}, extra=b" /Filter /FlateDecode")},
        "filter-unknown": {"container": object_stream({8: RESOURCES}, extra=b" /Filter /Nothing")},
        "garbage": {"container": object_stream({8: b"<< /Font ["})},
    }
    # All readers find the object by its number; that the index or the type says otherwise may be borne.
    borne = {"index-wrong", "container-no-objstm"}
    for name, options in broken.items():
        expect = failed("objstm.broken", "objstm.", "xref.", "resource.",
                        also=(("TOTAL_PASSED", ""),) if name in borne else ())
        yield Case(f"c24b-{name}", _compressed(**options).bytes, expect, parent="c24d", twin="c24d")
        # A shape that decoders differ about, but nobody is shown what is in it.
        yield Case(f"c24b-{name}-unused", _compressed(page=unused, **options).bytes, passed("warning"), parent="c24d",
                   twin="c24d")
    # (c) the signature dictionary in an object stream without filter, so that the gap is where it should be
    yield Case("c24c", _signature_in_stream(), failed("sigdict.compressed"), parent="c1a", twin="c24d")


def _signature_in_stream():
    pdf = Pdf()
    objects = base_objects()
    dictionary = objects.pop(7)
    for key, text in objects.items():
        pdf.place(key, text)
    pdf.place(20, object_stream({7: dictionary}))
    rows = {key: (offset, 0, b"n") for key, offset in pdf.offsets.items()} | {0: (0, 65535, b"f")}
    section = pdf.end
    pdf.place(21, xref_stream(rows | {21: (section, 0, b"n")}, {7: (20, 0)}, 22, b" /Root 1 0 R"))
    pdf.data += b"startxref\n%d\n%%%%EOF\n" % section
    fill(pdf, 20, by(signer()))
    return pdf.bytes


# --- 25: entries ------------------------------------------------------------------------------------------------------

def entries():
    mismatch = failed("xref.entry-mismatch")

    def signed(name, overrides, *, expect=mismatch, objects=None, size=None, twin="c1a", raw=None):
        """The signed revision itself has the entry; the signature is right."""
        trial = Pdf()
        trial.revise(objects or base_objects())
        rows = overrides(trial)
        pdf = make(objects, revise={"overrides": rows, **({"size": size} if size else {})})
        return Case(f"c25{name}", raw(pdf) if raw else pdf.bytes, expect, parent="c1a", twin=twin)
    yield signed("-into-object", lambda p: {5: (p.offsets[4] + 9, 0, b"n")})
    yield signed("-into-string", lambda p: {5: (p.bytes.index(PAGE_TEXT), 0, b"n")})
    yield signed("-into-gap", lambda p: {5: (p.slot(7).start + 500, 0, b"n")})
    yield signed("-other-number", lambda p: {5: (p.offsets[4], 0, b"n")})
    yield signed("-header", lambda p: {5: (0, 0, b"n")})
    yield signed("-beyond-end", lambda p: {5: (9_999_999, 0, b"n")})
    yield signed("-generation", lambda p: {5: (p.offsets[5], 3, b"n")})
    yield signed("-free", lambda p: {5: (0, 1, b"f")})
    yield signed("-one-byte-late", lambda p: {5: (p.offsets[5] + 1, 0, b"n")})
    yield signed("-object-zero", lambda p: {0: (p.offsets[4], 0, b"n")})
    yield signed("-size-too-small", lambda p: {}, size=5)

    # The same entries in a later update.
    for name, row in (("into-object", lambda p: (p.offsets[4] + 9, 0, b"n")), ("generation", lambda p:
                                                                               (p.offsets[5], 3, b"n")),
                      ("free", lambda p: (0, 1, b"f")), ("other-number", lambda p:
                                                         (p.offsets[3], 0, b"n")), ("into-gap", lambda p:
                                                                                    (p.slot(7).start + 500, 0, b"n"))):
        pdf = good()
        pdf.revise(None, overrides={5: row(pdf)})
        yield Case(f"c25u-{name}",
                   pdf.bytes,
                   failed("xref.entry-mismatch", "change.", "tail."),
                   parent="c1a",
                   twin="c25t")
    pdf = good()
    pdf.revise(None, overrides={5: (pdf.offsets[5], 0, b"n")})
    yield Case("c25t", pdf.bytes, passed(), notes="the entry again, and right")


# --- 26: headers ------------------------------------------------------------------------------------------------------

def headers():
    junk = b"X-Junk: 1\r\nmore of it\r\n"
    yield Case("c26a", make(prefix=junk).bytes, passed("warning"), notes="junk before the header, signed")
    added = good()
    yield Case("c26b", junk + added.bytes, failed(also=(("TOTAL_FAILED", "HASH_FAILURE"),), within=(0, 1 << 40)),
               parent="c1a", twin="c26a")
    yield Case("c26b2", b"\n" + added.bytes, failed(also=(("TOTAL_FAILED", "HASH_FAILURE"),), within=(0, 1 << 40)),
               parent="c1a", twin="c26a")
    second = make(revise={"before_xref": b"%PDF-1.4\n"})
    yield Case("c26c", second.bytes, passed("warning"), notes="a second header later, signed")
    yield Case("c26d", make(prefix=b"% a comment\n% and another\n", header=b"%PDF-2.0\n%\xe2\xe3\xcf\xd3\n").bytes,
               passed("warning"), notes="PDF 2.0 with an offset start")


# --- 27: what is no change --------------------------------------------------------------------------------------------

def linearized():
    pdf = _linearized()
    yield Case("c27a", pdf.bytes, passed(), notes="the section of the first page is no revision", count=1)
    add_signature(pdf, b"Sig2")
    yield Case("c27b", pdf.bytes, passed(), others={"Sig2": passed()}, count=2)


def _linearized():
    """The shape of a linearized file: first-page section, first page, the rest, main section."""
    objects = base_objects(o8=b"<< /Linearized 1 /L %010d /H [%010d 0] /O 3 /E %010d /N 1 /T %010d >>" % (0, 0, 0, 0))

    def build(main, first, numbers):
        pdf = Pdf()
        pdf.place(8, b"<< /Linearized 1 /L %010d /H [%010d 10] /O 3 /E %010d /N 1 /T %010d >>" % numbers)
        pdf.last_xref = None
        start = pdf.end
        rows = {number: (pdf.offsets.get(number, first.get(number, 0)), 0, b"n") for number in (3, 4, 5, 6, 7, 8)}
        pdf.data += table(rows) + b"trailer\n<< /Size 9 /Root 1 0 R /ID [<00> <00>] /Prev %010d >>\n" % main
        pdf.data += b"startxref\n0\n%%EOF\n"
        for number in (3, 4, 5, 6, 7):
            pdf.place(number, objects[number])
        end_of_page = pdf.end
        for number in (1, 2):
            pdf.place(number, objects[number])
        second = pdf.end
        pdf.data += table({0: (0, 65535, b"f"), 1: (pdf.offsets[1], 0, b"n"), 2: (pdf.offsets[2], 0, b"n")})
        pdf.data += b"trailer\n<< /Size 3 /Root 1 0 R /ID [<00> <00>] >>\nstartxref\n%010d\n%%%%EOF\n" % start
        pdf.last_xref = start
        pdf.ends = [pdf.end]
        # /T: the white space before the first entry of the main section.
        return pdf, second, dict(pdf.offsets), (pdf.end, start, end_of_page, second + len(b"xref\n0 3"))
    _, main, offsets, numbers = build(0, {}, (0, 0, 0, 0))
    pdf, again, offsets_again, numbers_again = build(main, offsets, numbers)
    assert (again, offsets_again, numbers_again) == (main, offsets, numbers)
    fill(pdf, 7, by(signer()))
    return pdf


# AES-256 by the rules of ISO 32000-2 section 7.6.4; all salts fixed, so that the files are the same in every run.
FILE_KEY = hashlib.sha256(b"kyso verify corpus file key").digest()


def _aes(key, iv, data, pad=True):
    if pad:
        data += bytes([16 - len(data) % 16]) * (16 - len(data) % 16)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def _hash_2b(password, salt, user=b""):
    key = hashlib.sha256(password + salt + user).digest()
    step = 0
    while True:
        encrypted = _aes(key[:16], key[16:32], (password + key + user) * 64, pad=False)
        name = ("sha256", "sha384", "sha512")[sum(encrypted[:16]) % 3]
        key = hashlib.new(name, encrypted).digest()
        step += 1
        if step >= 64 and encrypted[-1] <= step - 32:
            return key[:32]


@functools.cache
def _encryption(permissions=-4, salt=b"12345678"):
    user = _hash_2b(b"", salt) + salt + b"abcdefgh"
    user_key = _aes(_hash_2b(b"", b"abcdefgh"), bytes(16), FILE_KEY, pad=False)
    owner = _hash_2b(b"owner", b"87654321", user) + b"87654321" + b"hgfedcba"
    owner_key = _aes(_hash_2b(b"owner", b"hgfedcba", user), bytes(16), FILE_KEY, pad=False)
    plain = (permissions & 0xFFFFFFFF).to_bytes(4, "little") + b"\xff" * 4 + b"Tadb" + b"1234"
    encryptor = Cipher(algorithms.AES(FILE_KEY), modes.ECB()).encryptor()
    perms = encryptor.update(plain) + encryptor.finalize()
    return (b"<< /Filter /Standard /V 5 /R 6 /Length 256 /P %d /U <%s> /UE <%s> /O <%s> /OE <%s> /Perms <%s>"
            % (permissions, *(value.hex().encode() for value in (user, user_key, owner, owner_key, perms)))
            + b" /CF << /StdCF << /CFM /AESV3 /AuthEvent /DocOpen /Length 32 >> >> /StmF /StdCF /StrF /StdCF >>")


def _string(text, iv=b"0123456789abcdef"):
    return b"<" + (iv + _aes(FILE_KEY, iv, text)).hex().encode() + b">"


def _encrypted_stream(data, iv=b"fedcba9876543210"):
    return stream(iv + _aes(FILE_KEY, iv, data))


def encrypted():
    def field_of(name, iv, value):
        return (b"<< /Type /Annot /Subtype /Widget /FT /Sig /T " + _string(name, iv)
                + b" /Rect [0 0 0 0] /F 132 /P 3 0 R /V %d 0 R >>" % value)
    text = b"BT /F1 18 Tf 40 120 Td (" + PAGE_TEXT + b") Tj ET"
    objects = base_objects(o4=_encrypted_stream(text), o6=field_of(b"Sig1", b"0123456789abcdef", 7),
                           o7=signature_dictionary(date=b"/M " + _string(b"D:20260601100000+07'00'")), o9=_encryption())
    trailer = b" /Encrypt 9 0 R"
    base = make(objects, revise={"trailer": trailer})
    yield Case("c27c", base.bytes, passed(), notes="AES-256; /Contents is stored plain")
    pdf = base.copy()
    pdf.revise({4: _encrypted_stream(text, b"another vector!!"), 6: field_of(b"Sig1", b"another vector!!", 7)},
               trailer=trailer)
    yield Case("c27d", pdf.bytes, passed(), notes="encrypted again with another initial vector: the same values")
    pdf = base.copy()
    pdf.revise({4: _encrypted_stream(text.replace(PAGE_TEXT, b"Goodbye to it all!"))}, trailer=trailer)
    yield Case("c27e", pdf.bytes, failed("change.content-stream", "change.page-content"), parent="c27c", twin="c27d")
    reason = failed("change.encryption", within=(0, 1 << 40))
    for letter, body in (("f", _encryption(-44)), ("f2", _encryption(salt=b"87654321")),
                         ("f3", swap(_encryption(), b"/StrF /StdCF", b"/StrF /Identity"))):
        pdf = base.copy()
        pdf.revise({9: body}, trailer=trailer)
        yield Case(f"c27{letter}",
                   pdf.bytes,
                   None if letter == "f3" else reason,
                   file=reason,
                   parent="c27c",
                   twin="c27d")
    pdf = base.copy()
    pdf.revise({10: _encryption(-44)}, trailer=b" /Encrypt 10 0 R")
    yield Case("c27g", pdf.bytes, reason, parent="c27c", twin="c27d")
    pdf = base.copy()
    pdf.revise(None)
    yield Case("c27h", pdf.bytes, None, file=failed("change.encryption", "xref.", within=(0, 1 << 40)), parent="c27c",
               twin="c27d", notes="the last trailer has no /Encrypt")
    pdf = base.copy()
    pdf.revise({5: FONT})
    yield Case("c27h2", pdf.bytes, None, file=failed("change.encryption", "xref.", within=(0, 1 << 40)), parent="c27c",
               twin="c27d", notes="the same, with an object written again")
