"""Case 33: small files that ask for much. The file is signed; the bomb lies where a verifier must pass."""
import functools
import zlib

from . import cms, der, pki
from .build import good, make
from .case import Case, by, failed, passed, signer
from .pdf import (CATALOG, FIELD, PAGE, PAGES, Pdf, base_objects, fill, object_stream, signature_dictionary, stream,
                  swap, xref_stream)

LIMIT = failed("resource.limit")
# Where nobody has to look, a verdict that passes is as right as one that names the limit.
EITHER = failed("resource.limit", also=(("TOTAL_PASSED", ""),))
BAD = failed(also=(("TOTAL_FAILED", "HASH_FAILURE"),))
ANY = failed(also=(("TOTAL_PASSED", ""), ("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE")))


def cases():
    for name, pdf, expect in (*bombs(), *signatures()):
        yield Case(f"c33-{name}",
                   pdf if isinstance(pdf, bytes) else pdf.bytes,
                   None,
                   file=expect,
                   parent="c1a",
                   twin="c1a",
                   quick=True)
    yield Case("c33t", _in_stream(object_stream({6: FIELD})).bytes, passed(), notes="the field in an object stream")


def _in_stream(container, extra_rows=None):
    """The signature field (object 6) stands in object stream 20."""
    pdf = Pdf()
    objects = base_objects()
    objects.pop(6)
    for number, body in objects.items():
        pdf.place(number, body)
    pdf.place(20, container)
    rows = {number: (offset, 0, b"n") for number, offset in pdf.offsets.items()} | {0: (0, 65535, b"f")}
    section = pdf.end
    pdf.place(21, xref_stream(rows | {21: (section, 0, b"n")}, {6: (20, 0)} | (extra_rows or {}), 22, b" /Root 1 0 R"))
    pdf.data += b"startxref\n%d\n%%%%EOF\n" % section
    pdf.last_xref = section
    fill(pdf, 7, by(signer()))
    return pdf


@functools.cache
def zeros(megabytes):
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    return b"".join([packer.compress(block) for _ in range(megabytes)]) + packer.flush()


def _objstm_of(data, filters):
    return (b"<< /Type /ObjStm /N 1 /First 4 /Length %d " % len(data) + filters + b" >>\nstream\n" + data
            + b"\nendstream")


def _chain_section(body):
    """A good file with one more section, a cross-reference stream made by hand."""
    pdf = good()
    section = pdf.end
    pdf.data += b"30 0 obj\n" + body.replace(b"@PREV",
                                             b"%d" % pdf.last_xref) + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % section
    return pdf


def _catalog(entry, objects=None):
    return make(base_objects(o1=swap(CATALOG, b"/Pages 2 0 R", b"/Pages 2 0 R " + entry), **(objects or {})))


def _updated(objects, **more):
    pdf = good()
    pdf.revise(objects, **more)
    return pdf


def bombs():
    flate = b"/Filter /FlateDecode"
    yield "deflate-object-stream", _in_stream(_objstm_of(zeros(300), flate)), LIMIT
    twice = zlib.compress(zeros(300), 9)
    yield "deflate-twice", _in_stream(_objstm_of(twice, b"/Filter [/FlateDecode /FlateDecode]")), LIMIT
    chained = zlib.compress(b"6 0 " + FIELD)
    for _ in range(2_000):
        chained = zlib.compress(chained, 0)
        if len(chained) > 200_000:
            break
    depth = 2_000
    yield "filters", _in_stream(_objstm_of(chained, b"/Filter [" + b"/FlateDecode " * depth + b"]")), failed(
        "resource.limit", "objstm.", "xref.")
    yield "ascii-hex-filters", _in_stream(_objstm_of(b"00" * 1000,
                                                     b"/Filter [" + b"/ASCIIHexDecode " * 60_000 + b"]")), failed(
                                                         "resource.limit", "objstm.", "xref.")
    yield "run-length", _in_stream(_objstm_of(b"\x81\0" * 400_000, b"/Filter [/RunLengthDecode /RunLengthDecode"
                                              b" /RunLengthDecode]")), failed("resource.limit", "objstm.", "xref.")
    yield "predictor-columns", _chain_section(
        b"<< /Type /XRef /Size 31 /W [1 4 2] /Index [30 1] /Root 1 0 R /Prev @PREV /Filter /FlateDecode /DecodeParms"
        b" << /Predictor 12 /Columns 2147483647 /Colors 32 /BitsPerComponent 16 >> /Length %d >>\nstream\n"
        % len(zlib.compress(bytes(100))) + zlib.compress(bytes(100)) + b"\nendstream"), failed(
            "resource.limit", "xref.")
    packed = zeros(300)
    yield "deflate-xref", _chain_section(
        b"<< /Type /XRef /Size 31 /W [1 4 2] /Index [30 1] /Root 1 0 R /Prev @PREV /Filter /FlateDecode /Length %d >>\nstream\n"
        % len(packed) + packed + b"\nendstream"), failed("resource.limit", "xref.")
    yield "width-8-8-8", _chain_section(
        b"<< /Type /XRef /Size 9223372036854775807 /W [8 8 8] /Index [0 9223372036854775807] /Root 1 0 R /Prev @PREV"
        b" /Length 24 >>\nstream\n" + b"\xff" * 24 + b"\nendstream"), failed("resource.limit", "xref.")
    yield "width-huge", _chain_section(
        b"<< /Type /XRef /Size 31 /W [2147483647 2147483647 2147483647] /Index [0 31] /Root 1 0 R /Prev @PREV"
        b" /Length 24 >>\nstream\n" + b"\xff" * 24 + b"\nendstream"), failed("resource.limit", "xref.")
    yield "width-zero", _chain_section(
        b"<< /Type /XRef /Size 2000000000 /W [0 0 0] /Index [0 2000000000] /Root 1 0 R /Prev @PREV"
        b" /Length 0 >>\nstream\n\nendstream"), failed("resource.limit", "xref.")
    yield "size-2-31", _updated({8: b"null"}, size=1 << 31), EITHER
    yield "size-2-31-signed", make(revise={"size": 1 << 31}), EITHER
    pdf = good()
    at = pdf.end
    pdf.data += (
        b"xref\n0 2000000000\n0000000000 65535 f \ntrailer\n<< /Size 2000000000 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
        % (pdf.last_xref, at))
    yield "subsection-huge", pdf, failed("resource.limit", "xref.", "tail.")

    for name, opening, closing in (("arrays", b"[", b"]"), ("dictionaries", b"<</A", b">>")):
        count = 450_000 // len(opening)
        yield f"nested-{name}", _catalog(b"/Deep " + opening * count + b" 1 " + closing * count), LIMIT
        yield f"nested-{name}-open", _updated({8: opening * count, 2: PAGES}), failed(
            "resource.limit", "xref.", "change.")
    yield "nested-in-signature", make(
        base_objects(o7=signature_dictionary(before=b"/Prop_Build " + b"[" * 400_000 + b"]" * 400_000))), LIMIT
    yield "strings-nested", _catalog(b"/Deep " + b"(" * 450_000 + b")" * 450_000), ANY

    yield "pages-circle", make(base_objects(o2=b"<< /Type /Pages /Kids [3 0 R 2 0 R] /Count 2 >>")), failed(
        "resource.limit", "page", "xref.", "change.", also=(("TOTAL_PASSED", ""),))
    yield "pages-parent-circle", make(base_objects(o2=swap(PAGES, b"/Type /Pages", b"/Type /Pages /Parent 2 0 R"))), ANY
    yield "fields-circle", make(base_objects(o1=swap(CATALOG, b"[6 0 R]", b"[6 0 R 8 0 R]"),
                                             o8=b"<< /T (a) /Kids [9 0 R] >>", o9=b"<< /T (b) /Parent 8 0 R /Kids [8 0 R] >>")), \
        failed("resource.limit", "field.", "form.")
    yield "fields-parent-circle", make(base_objects(o6=swap(FIELD, b"/P 3 0 R", b"/P 3 0 R /Parent 8 0 R"),
                                                    o8=b"<< /T (a) /Parent 8 0 R /Kids [6 0 R] >>")), ANY
    yield "fields-deep", _deep_fields(14_000), failed("resource.limit", "field.", "form.")
    yield "fields-wide", make(base_objects(o1=swap(CATALOG, b"[6 0 R]", b"[6 0 R " + b"9 0 R " * 150_000 + b"]"),
                                           o9=b"<< /FT /Tx /T (x) >>")), ANY
    circle = {"o8": b"<< /Type /StructTreeRoot /K 9 0 R >>", "o9": b"<< /S /P /P 8 0 R /K [9 0 R 8 0 R] >>"}
    yield "structure-circle", _catalog(b"/StructTreeRoot 8 0 R", circle), EITHER
    yield "structure-circle-changed", _changed(_catalog(b"/StructTreeRoot 8 0 R", circle), {
        9: b"<< /S /P /P 8 0 R /K [8 0 R 9 0 R] >>"}), failed("change.", "resource.limit")
    outlines = {
        "o8": b"<< /Type /Outlines /First 9 0 R /Last 9 0 R >>",
        "o9": b"<< /Title (a) /Next 9 0 R /Prev 9 0 R /First 8 0 R >>"
    }
    yield "outline-circle", _catalog(b"/Outlines 8 0 R", outlines), EITHER
    yield "outline-circle-changed", _changed(_catalog(b"/Outlines 8 0 R", outlines), {
        9: b"<< /Title (b) /Next 9 0 R /Prev 9 0 R /First 8 0 R >>"}), failed("change.", "resource.limit")
    names = {"o8": b"<< /Dests 9 0 R >>", "o9": b"<< /Kids [9 0 R 9 0 R 9 0 R] >>"}
    yield "names-circle", _catalog(b"/Names 8 0 R", names), EITHER
    yield "names-circle-changed", _changed(_catalog(b"/Names 8 0 R", names), {9: b"<< /Kids [9 0 R 8 0 R] >>"}), \
        failed("change.", "resource.limit")
    yield "annotations", make(base_objects(o3=swap(PAGE, b"[6 0 R]", b"[6 0 R " + b"9 0 R " * 150_000 + b"]"),
                                           o9=b"<< /Type /Annot /Subtype /Text /Rect [0 0 1 1] >>")), EITHER
    many = swap(PAGE, b"[6 0 R]", b"[6 0 R " + b"9 0 R " * 150_000 + b"]")
    yield "annotations-added", _updated({3: many, 9: b"<< /Type /Annot /Subtype /Text /Rect [0 0 1 1] >>"}), failed(
        "resource.limit", "change.", also=(("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE"),))
    yield "length-1-gb", _updated({4: b"<< /Length 1000000000 >>\nstream\nBT ET\nendstream"}), failed(
        "change.", "resource.limit", "xref.")
    yield "string-open", _updated({2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 /X (" + b"x" * 900_000}), failed()
    yield "hex-string-huge", _catalog(b"/X <" + b"41" * 450_000 + b">"), passed()
    # What a change makes a verifier read: the content of the page, when something is laid over it.
    over = {9: b"<< /Type /Annot /Subtype /Text /Rect [0 0 100 100] /P 3 0 R /AP << /N 10 0 R >> >>",
            10: stream(b"1 g 0 0 100 100 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 100 100]")}
    page = swap(PAGE, b"[6 0 R]", b"[6 0 R 9 0 R]")
    covered = failed("resource.limit", "change.", also=(("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE"),))
    bomb = make(
        base_objects(o4=b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed) + packed + b"\nendstream"))
    yield "content-deflate", _changed(bomb, over | {3: page}), covered
    operators = zlib.compress(b"0 0 m 9 9 l S " * 8_000_000, 1)
    bomb = make(
        base_objects(o4=b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(operators) + operators
                     + b"\nendstream"))
    yield "content-operators", _changed(bomb, over | {3: page}), covered
    loop = make(
        base_objects(o3=swap(PAGE, b"/Font << /F1 5 0 R >>", b"/Font << /F1 5 0 R >> /XObject << /X 8 0 R >>"),
                     o4=stream(b"/X Do " * 100),
                     o8=stream(
                         b"/X Do " * 100,
                         b"/Type /XObject /Subtype /Form /BBox [0 0 1 1] /Resources << /XObject << /X 8 0 R >> >>")))
    yield "form-circle", _changed(loop, over | {3: swap(loop.objects[3], b"[6 0 R]", b"[6 0 R 9 0 R]")}), covered
    levels = {
        8 + level: stream(
            b"/X Do " * 50, b"/Type /XObject /Subtype /Form /BBox [0 0 1 1] /Resources << /XObject <<"
            b" /X %d 0 R >> >>" % (9 + level)) for level in range(20)
    }
    levels[28] = stream(b"0 0 1 1 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 1 1]")
    laughs = make(
        base_objects(o3=swap(PAGE, b"/Font << /F1 5 0 R >>", b"/Font << /F1 5 0 R >> /XObject << /X 8 0 R >>"),
                     o4=stream(b"/X Do"),
                     **{f"o{number}": body for number, body in levels.items()}))
    yield "form-laughs", _changed(laughs, {
        3: swap(laughs.objects[3], b"[6 0 R]", b"[6 0 R 29 0 R]"), 29: swap(over[9], b"10 0 R", b"30 0 R"), 30: over[10]
    }), covered


def _many_signatures(count, contents, compressed=False):
    """Signature fields by the thousand. Each range leaves out another gap, so that no digest serves for two."""
    pdf = Pdf()
    objects = base_objects()
    numbers = range(10, 10 + 2 * count, 2)
    objects[1] = swap(CATALOG, b"[6 0 R]", b"[" + b" ".join(b"%d 0 R" % number for number in numbers) + b" 6 0 R]")
    for index, number in enumerate(numbers):
        objects[number] = b"<</FT/Sig/T(n%d)/V %d 0 R>>" % (index, number + 1)
        objects[number
                + 1] = (b"<</Filter/X/SubFilter/ETSI.CAdES.detached/ByteRange[0 ####### ####### #######]/Contents<"
                        + contents + b">>>")
    if compressed:
        pdf.revise(objects, kind="stream", in_stream=[number for number in objects if number >= 10])
    else:
        pdf.revise(objects)
    size, at = pdf.end, 0
    while (at := pdf.data.find(b"#######", at)) >= 0:
        start = pdf.data.index(b"<", at)
        pdf.data[at:at + 23] = b"%7d %7d %7d" % (start, start + len(contents) + 2, size - start - len(contents) - 2)
    fill(pdf, 7, by(signer()))
    return pdf


def signatures():
    who = signer()
    attributes = list(cms.attributes_of(b"", who, ess_version=0).values())
    name = der.sequence(der.set_of(der.sequence(der.oid("2.5.4.3"), der.utf8("x"))))
    info = der.sequence(der.integer(1), der.sequence(name, der.integer(1)), cms.algorithm("sha256"),
                        der.context(0, *sorted(attributes)), pki.signature_algorithm(who.key), der.octets(b"x"))
    small = cms.signed_data([info], []).hex().encode()
    # Digesting the whole file for each of them would be gigabytes.
    yield "signatures-small", _many_signatures(1_200, small), BAD
    yield "signatures-10000", _many_signatures(10_000, small), BAD
    yield "signatures-10000-garbage", _many_signatures(10_000, b"3080"), failed()
    yield "signatures-10000-compressed", _many_signatures(10_000, b"3080", compressed=True), failed()
    shared = base_objects(o1=swap(CATALOG, b"[6 0 R]", b"[6 0 R " + b" ".join(b"%d 0 R" % n
                                                                              for n in range(10, 10_010)) + b"]"))
    shared |= {number: b"<</FT/Sig/T(n%d)/V 7 0 R>>" % number for number in range(10, 10_010)}
    yield "signatures-10000-shared", make(shared), passed("warning", "signature.shared-by-fields")


def _changed(pdf, objects):
    pdf.revise(objects)
    return pdf


def _deep_fields(depth):
    objects = base_objects(o1=swap(CATALOG, b"[6 0 R]", b"[6 0 R 10 0 R]"))
    for number in range(10, 10 + depth):
        objects[number] = b"<</T(a)/Kids[%d 0 R]>>" % (number + 1)
    objects[10 + depth] = b"<</T(a)/FT/Tx>>"
    return make(objects)
