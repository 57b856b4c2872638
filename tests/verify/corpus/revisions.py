"""Cases 13 to 18 and 21: what is redefined, removed, shared, appended and changed after signing."""
import dataclasses
import functools

from . import cms, pki
from .build import add_signature, certified, certified_objects, good, make, rewrite_twin
from .case import Case, Found, by, failed, open_, passed, signer
from .pdf import (CATALOG, CONTENT, FONT, PAGE, PAGE_TEXT, Pdf, base_objects, field, fill,
                  signature_dictionary, stream, swap, table)


def cases():
    for group in (parents, redefined, removed, shared, names, tails, content, harmless):
        yield from group()


def parents():
    for permission in (1, 2, 3):
        yield Case(f"p{permission}", certified(permission).bytes, passed())


OWNED = ("form.", "certification.", "change.annotation", "lock.")


def update(name, pdf, objects, expect, parent, *, twin=None, **more):
    """A case that is one later revision, and beside it its twin that writes the same objects with equal values."""
    changed = pdf.copy()
    options = {key: more.pop(key) for key in ("trailer", "root", "overrides", "kind") if key in more}
    twin_severity = more.pop("twin_severity", "")
    changed.revise(objects, **options)
    if twin is None and any(number in pdf.objects for number in objects):
        twin = f"{name}-twin"
        yield Case(twin, rewrite_twin(pdf, objects).bytes, passed(twin_severity), subject=more.get("subject", "Sig1"),
                   notes="the same objects with equal values")
    if expect.within is None and expect.indication != "TOTAL_PASSED":
        # A field, an annotation or a certification that is told about may stand before what changed in it.
        is_about_owner = any(code.startswith(OWNED) for code in expect.reason)
        expect = _within(expect, 0 if is_about_owner else pdf.end, changed.end)
    yield Case(name, changed.bytes, expect, parent=parent, twin=twin or parent, **more)


def _within(expect, begin, end):
    return dataclasses.replace(expect, within=(begin, end))


# --- 13: the dictionary or its field ----------------------------------------------------------------------------------

def _signed_dictionary(pdf):
    start = pdf.data.index(b"<<", pdf.offsets[7])
    return bytes(pdf.data[start:pdf.data.index(b"\nendobj", start)])


def redefined():
    reason = "sigdict.redefined"
    for letter, order in (("a", "first"), ("a2", "last")):
        pdf = Pdf()
        objects = base_objects()
        real = objects.pop(7)
        decoy = swap(signature_dictionary(slot=200), b"/M (D:2026", b"/M (D:2020")
        for number, body in objects.items():
            pdf.place(number, body)
        places = [pdf.place(7, real if (order == "first") == (turn == 0) else decoy) for turn in (0, 1)]
        chosen = places[0] if order == "first" else places[1]
        pdf.offsets[7], pdf.objects[7] = chosen, real
        pdf.revise({}, overrides={number: (offset, 0, b"n") for number, offset in pdf.offsets.items()})
        fill(pdf, 7, by(signer()))
        yield Case(f"c13{letter}", pdf.bytes, failed(reason), parent="c1a", twin="c13t")
    # Twin: another object stands twice; the cross-reference table says which one counts.
    pdf = Pdf()
    pdf.place(9, b"<< /Note (a) >>")
    pdf.revise(base_objects(o9=b"<< /Note (b) >>"))
    fill(pdf, 7, by(signer()))
    yield Case("c13t", pdf.bytes, passed("warning"), notes="an object that nobody refers to stands twice")

    described = make(base_objects(o7=signature_dictionary(
        before=b"/Name (Nguyen Van A) /Reason (I agree) /Location (Ha Noi)")))
    yield Case("c13p", described.bytes, passed())
    for letter, old, new in (("M", b"/M (D:20260601", b"/M (D:20250101"), ("Name", b"(Nguyen Van A)",
                                                                           b"(Tran Thi B)  "),
                             ("Reason", b"(I agree)", b"(I object)"), ("Location", b"(Ha Noi)", b"(Da Lat)")):
        changed = swap(_signed_dictionary(described), old, new)
        pdf = described.copy()
        pdf.revise({7: changed})
        yield Case(f"c13b-{letter}", pdf.bytes,
                   failed(reason, "contents.gap-mismatch", found=(Found(reason),), within=(0, pdf.end)),
                   parent="c13p", twin="c13b-t")
    twin = described.copy()
    twin.revise({6: described.objects[6], 5: described.objects[5]})
    yield Case("c13b-t", twin.bytes, passed())
    # The field: what says who signed where.
    for letter, old, new, subject in (
            ("T", b"/T (Sig1)", b"/T (Sig9)", None), ("Rect", b"[0 0 0 0]", b"[40 100 240 150]", "Sig1"),
            ("F", b"/F 132", b"/F 134", "Sig1"), ("P", b"/P 3 0 R", b"/P 2 0 R", "Sig1"),
            ("AP", b"/F 132", b"/F 132 /AP << /N 8 0 R >>", "Sig1")):
        objects = {6: swap(base_objects()[6], old, new)}
        if letter == "AP":
            objects[8] = stream(b"0 g 0 0 10 10 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 10 10]")
        expect = failed(reason, "change.", "signature.")
        if subject:
            yield from update(f"c13c-{letter}", good(), objects, expect, "c1a")
        else:
            pdf = good()
            pdf.revise(objects)
            yield Case(f"c13c-{letter}", pdf.bytes, None, file=expect, parent="c1a", twin="c13c-Rect-twin")
    yield from update("c13c-Parent",
                      good(), {
                          1: swap(CATALOG, b"[6 0 R]", b"[9 0 R]"), 9: b"<< /T (other) /Kids [6 0 R] >>", 6: swap(
                              base_objects()[6], b"/P 3 0 R", b"/P 3 0 R /Parent 9 0 R")
                      },
                      failed(reason, "change.", "signature.", within=(0, 1 << 40)),
                      "c1a",
                      subject="Sig1")


# --- 14: signatures that a later revision takes away ------------------------------------------------------------------

def removed():
    empty = swap(base_objects()[6], b" /V 7 0 R", b"")
    variants = {
        "a": {6: empty},
        "b": {1: swap(CATALOG, b"[6 0 R]", b"[]")},
        "b2": {1: swap(CATALOG, b"[6 0 R]", b"[]"), 3: swap(PAGE, b" /Annots [6 0 R]", b"")},
        "c": {6: swap(base_objects()[6], b"/V 7 0 R", b"/V null")},
        "d": {1: swap(CATALOG, b"<< /Fields [6 0 R] /SigFlags 3 >>", b"<< >>")},
        "d2": {1: b"<< /Type /Catalog /Pages 2 0 R >>"},
        "e": {7: None},
        "e2": {6: None},
        "f": {7: b"null"},
    }
    for letter, objects in variants.items():
        pdf = good()
        twin = rewrite_twin(pdf, objects)
        pdf.revise(objects)
        yield Case(f"c14{letter}-twin", twin.bytes, passed())
        yield Case(f"c14{letter}", pdf.bytes, passed("warning"), file=failed("signature.removed"), subject="Sig1", count=1,
                   parent="c1a", twin=f"c14{letter}-twin", notes="the signature is told, as of its revision")
    pdf = good()
    pdf.revise({6: empty})
    add_signature(pdf, b"Sig2", pki.world().attacker)
    yield Case("c14g", pdf.bytes, passed("warning"), file=failed("signature.removed"), parent="c1b", twin="c1b", count=2,
               others={"Sig2": passed("warning")}, notes="and another one signs what is left")


# --- 15 and 16: fields ------------------------------------------------------------------------------------------------

def shared():
    for name, pdf, expect, parent in (
            ("c15a", good(), passed("warning", "signature.shared-by-fields"), "c1a"),
            ("c15b", certified(2), failed("signature.shared-by-fields", "change.", "form."), "p2")):
        pdf.revise({1: swap(pdf.objects[1], b"[6 0 R]", b"[6 0 R 8 0 R]"), 3: swap(PAGE, b"[6 0 R]", b"[6 0 R 8 0 R]"),
                    8: field(8, b"Sig2", value=7)})
        yield Case(name, pdf.bytes, expect, parent=parent, twin="c1b" if parent == "c1a" else "p2", count=1)
    many = base_objects(o6=b"<< /FT /Sig /T (Sig1) /V 7 0 R /Kids [8 0 R 9 0 R] >>",
                        o3=swap(PAGE, b"[6 0 R]", b"[8 0 R 9 0 R]"),
                        o8=_widget(b"[200 150 220 170]"), o9=_widget(b"[230 150 250 170]"))
    base = make(many)
    yield Case("c15c", base.bytes, passed("info", "field.many-widgets"), count=1)
    base.revise({6: swap(many[6], b"9 0 R]", b"9 0 R 10 0 R]"), 3: swap(many[3], b"9 0 R]", b"9 0 R 10 0 R]"),
                 10: _widget(b"[260 150 280 170]")})
    yield Case("c15d", base.bytes, failed(), parent="c15c", twin="c15c", notes="a widget was added after the signature")


def _widget(rect, parent=6):
    return (b"<< /Type /Annot /Subtype /Widget /Parent %d 0 R /Rect " % parent + rect + b" /F 132 /P 3 0 R >>")


def names():
    objects = base_objects(
        o1=swap(CATALOG, b"[6 0 R]", b"[10 0 R 11 0 R]"), o3=swap(PAGE, b"[6 0 R]", b"[6 0 R 8 0 R]"),
        o6=swap(field(6, b"sig", value=7), b"/P 3 0 R", b"/P 3 0 R /Parent 10 0 R"),
        o8=swap(field(8, b"sig"), b"/P 3 0 R", b"/P 3 0 R /Parent 11 0 R"),
        o10=b"<< /T (a) /Kids [6 0 R] >>", o11=b"<< /T (b) /Kids [8 0 R] >>")
    pdf = make(objects)
    yield Case("c16a", pdf.bytes, passed(), subject="a.sig", count=1)
    pdf.revise({8: swap(objects[8], b"/P 3 0 R", b"/V 12 0 R /P 3 0 R"), 12: signature_dictionary()})
    fill(pdf, 12, by(pki.world().second))
    yield Case("c16b", pdf.bytes, passed(), subject="a.sig", others={"b.sig": passed()}, count=2)
    equal = base_objects(o1=swap(CATALOG, b"[6 0 R]", b"[6 0 R 8 0 R]"), o3=swap(PAGE, b"[6 0 R]", b"[6 0 R 8 0 R]"),
                         o8=field(8, b"Sig1", value=9), o9=signature_dictionary(slot=200))
    yield Case("c16c", make(equal | {8: field(8, b"Sig1")}).bytes, failed("field.duplicate-name"), parent="c1a",
               twin="c16t")
    yield Case("c16t", make(equal | {8: field(8, b"Sig2")}).bytes, passed(), count=1)
    pdf = good()
    add_signature(pdf, b"Sig1")
    yield Case("c16d", pdf.bytes, None, file=failed("field.duplicate-name"), parent="c1b", twin="c1b")


# --- 17: bytes after the signed end -----------------------------------------------------------------------------------

def tails():
    base = good()
    end = base.end
    tail = (end, end + 1)
    evil_content = b"4 0 obj\n" + swap(CONTENT, PAGE_TEXT, b"Goodbye to it all!") + b"\nendobj\n"
    section = table({4: (end, 0, b"n")}) + b"trailer\n<< /Size 8 /Root 1 0 R /Prev %d >>\n" % base.last_xref
    xref_at = end + len(evil_content)

    def appended(name, text, expect, twin="c17a"):
        data = base.bytes + text
        return Case(name, data, expect, parent="c1a", twin=twin)
    white = passed("info", "tail.whitespace", found=(Found("tail.whitespace", end, severity=("info", "note")),))
    yield appended("c17a", b"\r\n\r\n", white)
    yield appended("c17a2", b" \t\f\0" * 100, white)
    for permission in (1, 2, 3):
        signed = certified(permission)
        yield Case(f"c17a-p{permission}", signed.bytes + b"\r\n \n", passed("info", "tail.whitespace"))
    yield appended("c17b", b"% a remark\n", open_("tail.bytes", within=tail))
    yield appended("c17b2", b"some text\n", open_("tail.bytes", within=tail))
    yield appended("c17b3", bytes(range(128, 256)), open_("tail.bytes", within=tail))
    yield appended("c17c", evil_content, failed("tail.objects", within=tail))
    unreachable = "tail.unreachable-revision"
    yield appended("c17d", evil_content + section + b"%%EOF\n", failed(unreachable, within=(end, end + 1000)))
    yield appended("c17d2", evil_content + section + b"startxref 99999 %c\n%%EOF\n",
                   failed(unreachable, within=(end, end + 1000)))
    yield appended("c17d3", evil_content + section + b"startxref\n99999\n%%EOF\n",
                   failed(unreachable, within=(end, end + 1000)))
    yield appended("c17d4", evil_content + section + b"startxref\n-1\n%%EOF\n",
                   failed(unreachable, within=(end, end + 1000)))
    any_tail = failed("tail.", "change.", "xref.", within=(end, end + 1000))
    yield appended("c17e", evil_content + section + b"startxref\n%d\n" % xref_at, any_tail)
    yield appended("c17f", b"trailer\n<< /Size 8 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" %
                   (base.last_xref, end), any_tail)
    yield appended("c17g", evil_content + section + b"startxref\n%d\nstartxref\n%d\n%%%%EOF\n" %
                   (base.last_xref, xref_at), any_tail)
    yield appended("c17h", evil_content + section + b"startxref\n%d\n%%%%EOF\n" % base.last_xref, failed(
        "tail.", "change.", "xref.", within=(end, end + 1000)))
    yield appended("c17i", b"startxref\n%d\n%%%%EOF\n" % base.last_xref,
                   open_("tail.", also=(("TOTAL_FAILED", "FORMAT_FAILURE"),)))


# --- 18: content ------------------------------------------------------------------------------------------------------

RICH_CATALOG = (b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] /SigFlags 3 >> /Outlines 12 0 R"
                b" /OCProperties << /OCGs [11 0 R] /D << /ON [11 0 R] /OFF [] >> >> /Names 20 0 R"
                b" /OutputIntents [<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB)"
                b" /DestOutputProfile 14 0 R >>] /StructTreeRoot 15 0 R /MarkInfo << /Marked true >>"
                b" /ViewerPreferences << /HideToolbar false >> >>")
RICH_PAGE = (b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /CropBox [0 0 300 200] /Rotate 0 /Resources"
             b" << /Font << /F1 5 0 R >> /XObject << /Fm1 10 0 R >> /Properties << /OC1 11 0 R >> >>"
             b" /Contents 4 0 R /Annots [6 0 R] /StructParents 0 >>")
SECOND_PAGE = (b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources << /Font << /F1 5 0 R >> >>"
               b" /Contents 19 0 R >>")
FORM = stream(b"1 0 0 rg 0 0 20 20 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 20 20]")
EVIL = stream(b"BT /F1 18 Tf 40 120 Td (Goodbye to it all!) Tj ET")


@functools.cache
def _rich(permission):
    objects = base_objects(
        o1=RICH_CATALOG, o2=b"<< /Type /Pages /Kids [3 0 R 18 0 R] /Count 2 >>", o3=RICH_PAGE,
        o4=stream(b"/P << /MCID 0 >> BDC BT /F1 18 Tf 40 120 Td (" + PAGE_TEXT + b") Tj ET EMC"
                  b" q 1 0 0 1 200 20 cm /Fm1 Do Q /OC /OC1 BDC BT /F1 10 Tf 40 90 Td (optional) Tj ET EMC"),
        o10=FORM, o11=b"<< /Type /OCG /Name (Layer) >>",
        o12=b"<< /Type /Outlines /First 13 0 R /Last 13 0 R /Count 1 >>",
        o13=b"<< /Title (Chapter) /Parent 12 0 R /Dest [3 0 R /Fit] >>", o14=stream(b"not a profile", b"/N 3"),
        o15=b"<< /Type /StructTreeRoot /K 22 0 R /ParentTree << /Nums [0 [22 0 R]] >> >>",
        o16=b"<< /Type /Filespec /F (a.txt) /UF (a.txt) /EF << /F 17 0 R >> >>",
        o17=stream(b"attached", b"/Type /EmbeddedFile"), o18=SECOND_PAGE,
        o19=stream(b"BT /F1 18 Tf 40 120 Td (Page two) Tj ET"),
        o20=b"<< /EmbeddedFiles << /Names [(a.txt) 16 0 R] >> >>", o21=EVIL,
        o22=b"<< /Type /StructElem /S /P /P 15 0 R /Pg 3 0 R /K 0 >>")
    if permission:
        return make(certified_objects(permission, objects))
    return make(objects)


def content():
    javascript = b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"
    tree, box = ("change.page-tree",), ("change.page-box",)

    def catalog(old, new):
        return lambda c: {1: swap(c, old, new)}

    def page(old, new):
        return lambda c: {3: swap(RICH_PAGE, old, new)}
    other_page = swap(RICH_PAGE, b"/Contents 4 0 R", b"/Contents 21 0 R")
    variants = {
        "page-contents": (page(b"/Contents 4 0 R",
                               b"/Contents 30 0 R"), ("change.page-content", "change.content-stream"), {30: EVIL}),
        "page-contents-array": (page(b"/Contents 4 0 R",
                                     b"/Contents [4 0 R 30 0 R]"), ("change.page-content", "change.content-stream"), {
                                         30: EVIL
                                     }),
        "content-stream": (lambda c: {4: EVIL}, ("change.content-stream", "change.page-content"), {}),
        "content-stream-of-page-two": (lambda c: {19: EVIL}, ("change.content-stream", "change.page-content"), {}),
        "content-stream-length": (lambda c: {4: swap(_rich(0).objects[4], b"stream\n", b"stream\nq Q ")},
                                  ("change.content-stream", "change.page-content"), {}),
        "font": (lambda c: {5: swap(FONT, b"/Helvetica", b"/ZapfDingbats")}, ("change.font", ), {}),
        "font-encoding": (lambda c: {5: swap(FONT, b"/WinAnsiEncoding", b"<< /Differences [72 /J] >>")},
                          ("change.font", ), {}),
        "font-resource": (page(b"/F1 5 0 R", b"/F1 30 0 R"), ("change.resources", "change.font"), {
            30: swap(FONT, b"/Helvetica", b"/Courier")
        }),
        "xobject": (lambda c: {10: swap(FORM, b"20 20 re f", b"90 90 re f")}, ("change.xobject", ), {}),
        "resources": (page(b"/XObject << /Fm1 10 0 R >>",
                           b"/XObject << /Fm1 30 0 R >>"), ("change.resources", "change.xobject"), {
                               30: swap(FORM, b"1 0 0 rg", b"0 0 1 rg")
                           }),
        "resources-gone": (page(b" /Properties << /OC1 11 0 R >>",
                                b""), ("change.resources", "change.optional-content"), {}),
        "pages": (catalog(b"/Pages 2 0 R", b"/Pages 30 0 R"), (*tree, "change.catalog"), {
            30: b"<< /Type /Pages /Kids [31 0 R] /Count 1 >>", 31: swap(other_page, b"/Parent 2 0 R", b"/Parent 30 0 R")
        }),
        "page-order": (lambda c: {2: b"<< /Type /Pages /Kids [18 0 R 3 0 R] /Count 2 >>"}, tree, {}),
        "page-added": (lambda c: {2: b"<< /Type /Pages /Kids [3 0 R 18 0 R 30 0 R] /Count 3 >>"}, tree, {
            30: SECOND_PAGE
        }),
        "page-removed": (lambda c: {2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"}, tree, {}),
        "page-replaced": (lambda c: {2: b"<< /Type /Pages /Kids [30 0 R 18 0 R] /Count 2 >>"}, tree, {30: other_page}),
        "media-box": (page(b"/MediaBox [0 0 300 200]", b"/MediaBox [0 0 300 100]"), box, {}),
        "crop-box": (page(b"/CropBox [0 0 300 200]", b"/CropBox [0 0 300 110]"), box, {}),
        "rotate": (page(b"/Rotate 0", b"/Rotate 180"), box, {}),
        "user-unit": (page(b"/Rotate 0", b"/Rotate 0 /UserUnit 3"), box, {}),
        "oc-properties": (catalog(b"/ON [11 0 R] /OFF []", b"/ON [] /OFF [11 0 R]"), ("change.optional-content", ), {}),
        "oc-properties-gone": (catalog(b" /OCProperties << /OCGs [11 0 R] /D << /ON [11 0 R] /OFF [] >> >>",
                                       b""), ("change.optional-content", "change.catalog"), {}),
        "ocg": (lambda c: {11: b"<< /Type /OCG /Name (Layer) /Usage << /View << /ViewState /OFF >> >> >>"},
                ("change.optional-content", ), {}),
        "names": (lambda c: {20: b"<< /Dests << /Names [(here) [18 0 R /Fit]] >> >>"}, ("change.names",
                                                                                        "change.embedded-file"), {}),
        "names-javascript": (lambda c: {
            20: b"<< /EmbeddedFiles << /Names [(a.txt) 16 0 R] >> /JavaScript << /Names"
            b" [(x) " + javascript + b"] >> >>"
        }, ("change.names", "change.action"), {}),
        "open-action": (catalog(b"/Outlines 12 0 R",
                                b"/Outlines 12 0 R /OpenAction " + javascript), ("change.action", ), {}),
        "open-destination": (catalog(b"/Outlines 12 0 R", b"/Outlines 12 0 R /OpenAction [18 0 R /Fit]"),
                             ("change.action", "change.catalog"), {}),
        "catalog-aa": (catalog(b"/Outlines 12 0 R",
                               b"/Outlines 12 0 R /AA << /WC " + javascript + b" >>"), ("change.action", ), {}),
        "page-aa": (page(b"/Rotate 0", b"/Rotate 0 /AA << /O " + javascript + b" >>"), ("change.action", ), {}),
        "outlines": (lambda c: {13: b"<< /Title (Other) /Parent 12 0 R /Dest [18 0 R /Fit] >>"}, ("change.outline", ),
                     {}),
        "output-intents": (catalog(b"(sRGB)", b"(Other)"), ("change.output-intent", ), {}),
        "output-profile": (lambda c: {14: stream(b"other", b"/N 3")}, ("change.output-intent", ), {}),
        "structure": (lambda c: {22: b"<< /Type /StructElem /S /P /P 15 0 R /Pg 3 0 R /K 0 /ActualText (evil) >>"},
                      ("change.structure", ), {}),
        "embedded-file": (lambda c: {17: stream(b"replaced", b"/Type /EmbeddedFile")}, ("change.embedded-file", ), {}),
        "file-specification": (lambda c: {16: b"<< /Type /Filespec /F (b.exe) /UF (b.exe) /EF << /F 17 0 R >> >>"},
                               ("change.embedded-file", ), {}),
        "viewer-preferences": (catalog(b"/HideToolbar false",
                                       b"/HideToolbar true"), ("change.viewer-preferences", ), {}),
        "catalog-uri-base": (catalog(b"/Outlines 12 0 R",
                                     b"/Outlines 12 0 R /URI << /Base (http://x.invalid) >>"), ("change.", ), {}),
        "not-understood": (catalog(b"/Outlines 12 0 R", b"/Outlines 12 0 R /Sonderbar << /A 1 >>"), ("change.", ), {}),
        "page-not-understood": (page(b"/Rotate 0", b"/Rotate 0 /Sonderbar << /A 1 >>"), ("change.", ), {}),
        "page-metadata-thumb": (page(b"/Rotate 0", b"/Rotate 0 /Thumb 10 0 R"), ("change.", ), {}),
        "hide-and-replace": (page(b"/Contents 4 0 R",
                                  b"/Contents 21 0 R"), ("change.page-content", "change.content-stream"), {}),
    }
    yield Case("c18", _rich(0).bytes, passed())
    yield Case("c18-p3", _rich(3).bytes, passed())
    for permission in (0, 3):
        suffix = "-p3" if permission else ""
        base = _rich(permission)
        for name, (change, reasons, new) in variants.items():
            objects = change(base.objects[1]) | new
            yield from update(f"c18-{name}{suffix}", base, objects, failed(*reasons, changes=reasons), f"c18{suffix}")
        yield from update(f"c18-root{suffix}", base,
                          {30: swap(base.objects[1], b"/Outlines 12 0 R", b"/Outlines 12 0 R /Lang (vi)")},
                          failed("change.root", "change.catalog"), f"c18{suffix}", root=b"30 0 R", twin=f"c18{suffix}")
    # The first revision holds two objects 4; the update only turns the table to the other one.
    pdf = Pdf()
    hidden = pdf.place(4, EVIL)
    pdf.revise(base_objects())
    fill(pdf, 7, by(signer()))
    yield Case("c18-hidden-parent", pdf.bytes, passed("warning"))
    pdf.revise({}, overrides={4: (hidden, 0, b"n")})
    yield Case("c18-hidden", pdf.bytes, failed("change.", "xref.", within=(0, pdf.end)), parent="c18-hidden-parent",
               twin="c18-hidden-parent", notes="hide and replace: no object was added")


# --- 21: what changes nothing -----------------------------------------------------------------------------------------

def harmless():
    # The validation data of the update: a certificate is enough.
    certificate = stream(pki.world().root.certificate)
    for permission in (0, 1, 2, 3):
        pdf = certified(permission)
        suffix = f"-p{permission}" if permission else ""
        pdf.revise({
            5: FONT.replace(b" /", b"\n /"), 2: b"<</Count 1/Kids[3 0 R]/Type/Pages>>", 4: CONTENT, 3: PAGE.replace(
                b"[0 0 300 200]", b"[ 0 %a box\n 0 +300 200 ]"), 1: pdf.objects[1].replace(b"/Type", b"/#54ype")
        })
        yield Case(f"c21a{suffix}", pdf.bytes, passed(changes=("change.none",)))

        pdf = certified(permission)
        dss = swap(pdf.objects[1], b"/Pages 2 0 R", b"/Pages 2 0 R /DSS 20 0 R")
        pdf.revise({1: dss, 20: b"<< /Type /DSS /Certs [21 0 R] >>", 21: certificate})
        yield Case(f"c21b{suffix}", pdf.bytes, passed("info", changes=("change.lta",)))
        add_time_stamp(pdf)
        yield Case(f"c21b2{suffix}", pdf.bytes, passed("info", changes=("change.lta",)), others={"Stamp1": passed()},
                   count=2)
        pdf = certified(permission)
        raised = swap(pdf.objects[1], b"/Pages 2 0 R",
                      b"/Pages 2 0 R /Version /2.0 /Extensions << /ESIC << /BaseVersion /1.7 /ExtensionLevel 5 >> >>"
                      b" /DSS << /Certs [21 0 R] /VRI << /0123456789ABCDEF0123456789ABCDEF01234567"
                      b" << /Cert [21 0 R] /TU (D:20260601120000Z) >> >> >>")
        pdf.revise({1: raised, 21: certificate})
        yield Case(f"c21c{suffix}", pdf.bytes, passed("info", changes=("change.lta",)))
        pdf = certified(permission)
        pdf.revise({22: b"<< /ModDate (D:20260601120000Z) >>"})
        yield Case(f"c21d{suffix}", pdf.bytes, passed(), notes="an object that nobody refers to")
        pdf = certified(permission)
        pdf.revise({}, id_pair=(b"<00112233445566778899AABBCCDDEEFF>", b"<FFEEDDCCBBAA99887766554433221100>"))
        yield Case(f"c21e{suffix}", pdf.bytes, passed("info"), notes="an empty update with a new /ID[1]")
    dated = make(base_objects(o22=b"<< /Title (Letter) /ModDate (D:20260601090000Z) >>"),
                 revise={"trailer": b" /Info 22 0 R"})
    yield Case("c21f-parent", dated.bytes, passed())
    later = dated.copy()
    later.revise({22: b"<< /Title (Letter) /ModDate (D:20260601120000Z) >>"}, trailer=b" /Info 22 0 R")
    yield Case("c21f", later.bytes, passed("info", changes=("change.metadata",)))
    other = dated.copy()
    other.revise({22: b"<< /Title (Other!) /ModDate (D:20260601090000Z) >>"}, trailer=b" /Info 22 0 R")
    yield Case("c21g", other.bytes, failed("change."), parent="c21f-parent", twin="c21f",
               notes="not a date but the title")


def add_time_stamp(pdf,
                   name=b"Stamp1",
                   *,
                   authority=None,
                   when=None,
                   kind=b"/Type /DocTimeStamp",
                   maker=None,
                   **options):
    world = pki.world()
    moment = when or pki.moment("2026-06-01T04:00:00")
    token = maker or (lambda content: cms.time_stamp_token(content, authority or world.tsa, moment))
    return add_signature(pdf, name, maker=token, dictionary=signature_dictionary(
        kind=kind, sub_filter=b"/SubFilter /ETSI.RFC3161", date=b""), **options)
