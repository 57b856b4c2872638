"""Facts section 7 and case 19: what an attacker adds to a contract, without a key (EAA) or with his own (SSA)."""
import dataclasses
import functools

from . import pki
from .build import add_signature, certified_objects, make, sign_empty_field
from .case import Case, failed, open_, passed
from .forms import appearance, text_field
from .pdf import base_objects, field, signature_dictionary, stream, swap
from .revisions import update

# The contract: the price stands at 40…250 × 115…140; the lower half of the page is blank but for a line of text.
TEXT = b"BT /F1 18 Tf 40 120 Td (Price: 1 000 000 VND) Tj ET BT /F1 10 Tf 40 20 Td (Contract of sale) Tj ET"
OVER, BLANK = b"[38 112 260 142]", b"[200 50 240 70]"
BOX = b"/BBox [0 0 222 30]"


@functools.cache
def contract(permission, prepared=False):
    """`prepared`: an empty visible signature field at [40 50 140 90] and a prepared text field at [160 50 260 70];
    "apart": field and widget are two objects, 8 and 44."""
    annotations = (b"[6 0 R 12 0 R 14 0 R 16 0 R"
                   + (b" 44 0 R 9 0 R]" if prepared == "apart" else b" 8 0 R 9 0 R]" if prepared else b"]"))
    objects = base_objects(
        o1=b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R" + (b" 8 0 R 9 0 R" if prepared else b"")
        + b"] /SigFlags 3 /DA (/Helv 12 Tf 0 g) /DR << /Font << /Helv 5 0 R >> >> >> >>",
        o2=b"<< /Type /Pages /Kids [3 0 R 18 0 R] /Count 2 >>",
        o3=(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R"
            b" /Annots " + annotations + b" >>"),
        o4=stream(TEXT),
        # The certifier's own picture, at the upper right.
        o6=(b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Sig1) /Rect [200 150 290 195] /F 132 /P 3 0 R /V 7 0 R"
            b" /AP << /N 11 0 R >> >>"),
        o11=stream(
            b"q 0 0 0.8 RG 2 w 5 5 m 40 40 l 60 10 l 85 38 l S Q BT /F1 8 Tf 0 0 0.8 rg 5 2 Td"
            b" (Signed: Nguyen Van A) Tj ET", b"/Type /XObject /Subtype /Form /BBox [0 0 90 45] /Resources"
            b" << /Font << /F1 5 0 R >> >>"),
        # Annotations that were there: a note, and a highlight whose appearance is see-through; the button has an /OC.
        o12=(b"<< /Type /Annot /Subtype /Text /Rect [10 170 30 190] /Contents (check this) /F 4 /P 3 0 R"
             b" /AP << /N 13 0 R >> >>"),
        o13=stream(b"1 1 0 rg 0 0 20 20 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 20 20]"),
        o14=(b"<< /Type /Annot /Subtype /Square /Rect [10 140 30 160] /Contents (a mark) /F 4 /P 3 0 R"
             b" /AP << /N 15 0 R >> >>"),
        o15=stream(b"1 0 0 RG 1 1 18 18 re S", b"/Type /XObject /Subtype /Form /BBox [0 0 20 20]"),
        o16=b"<< /Type /Annot /Subtype /Stamp /Rect [250 80 290 100] /F 4 /P 3 0 R /OC 17 0 R /AP << /N 13 0 R >> >>",
        o17=b"<< /Type /OCG /Name (Stamp) >>",
        o18=(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Resources << /Font << /F1 5 0 R >> >>"
             b" /Contents 19 0 R /Annots [] >>"),
        o19=stream(b"BT /F1 18 Tf 40 120 Td (Annex) Tj ET"))
    objects[1] = swap(objects[1], b"/Pages 2 0 R",
                      b"/Pages 2 0 R /OCProperties << /OCGs [17 0 R] /D << /ON [17 0 R] >> >>")
    if prepared:
        objects[8] = field(8, b"Prepared", rect=b"[40 50 140 90]")
        if prepared == "apart":
            objects[8] = b"<< /FT /Sig /T (Prepared) /Kids [44 0 R] >>"
            objects[44] = b"<< /Type /Annot /Subtype /Widget /Parent 8 0 R /Rect [40 50 140 90] /F 132 /P 3 0 R >>"
        objects[9] = text_field(b"remark", 10, rect=b"[160 50 260 70]")
        objects[10] = appearance(b"")
    return make(certified_objects(permission, objects) if permission else objects)


def opaque(text=b"Price: 9 000 000 VND", box=BOX, color=b"1 g", extra=b""):
    return stream(color + b" 0 0 222 30 re f BT /F1 18 Tf 0 g 2 8 Td (" + text + b") Tj ET",
                  b"/Type /XObject /Subtype /Form " + box + b" /Resources << /Font << /F1 5 0 R >> >> " + extra)


def image_appearance():
    return stream(b"q 222 0 0 30 0 0 cm /Im Do Q",
                  b"/Type /XObject /Subtype /Form " + BOX + b" /Resources << /XObject << /Im 42 0 R >> >>")


IMAGE = stream(b"\xff" * 12,
               b"/Type /XObject /Subtype /Image /Width 2 /Height 2 /BitsPerComponent 8 /ColorSpace /DeviceRGB")


def annotation(subtype, rect=OVER, extra=b"", flags=b"/F 4", ap=41):
    return (b"<< /Type /Annot /Subtype /" + subtype + b" /Rect " + rect + b" /P 3 0 R " + flags + b" " + extra
            + (b" /AP << /N %d 0 R >>" % ap if ap else b"") + b" >>")


QUAD = b"/QuadPoints [38 142 260 142 38 112 260 112] /C [1 1 0]"

# What is added as annotation 40 with appearance 41: name → objects.
OVERLAYS = {
    "01-freetext": {
        40: annotation(b"FreeText", extra=b"/DA (/Helv 18 Tf 0 g) /C [1 1 1] /Contents (Price: 9 000 000 VND)"),
        41: opaque()
    },
    "01-freetext-no-ap": {
        40: annotation(b"FreeText", ap=0, extra=b"/DA (/Helv 18 Tf 0 g) /C [1 1 1] /Contents (Price: 9 000 000 VND)")
    },
    "02-stamp": {40: annotation(b"Stamp", extra=b"/Name /Approved"), 41: image_appearance(), 42: IMAGE},
    "03-redact": {
        40: annotation(b"Redact", extra=b"/OverlayText (Price: 9 000 000) /IC [1 1 1] /DA (/Helv 18 Tf 0 g) " + QUAD),
        41: opaque()
    },
    "04-square": {40: annotation(b"Square", extra=b"/IC [1 1 1]"), 41: opaque()},
    "04-square-no-ap": {40: annotation(b"Square", extra=b"/IC [1 1 1] /C [1 1 1]", ap=0)},
    "04-circle": {40: annotation(b"Circle", extra=b"/IC [1 1 1]"), 41: opaque()},
    "04-polygon": {
        40: annotation(b"Polygon", extra=b"/IC [1 1 1] /Vertices [38 112 260 112 260 142 38 142]"), 41: opaque()
    },
    "04-line": {
        40: annotation(b"Line", extra=b"/L [38 127 260 127] /C [1 1 1] /BS << /W 30 >>"), 41: stream(
            b"30 w 1 G 0 15 m 222 15 l S", b"/Type /XObject /Subtype /Form " + BOX)
    },
    "04-ink": {
        40: annotation(b"Ink", extra=b"/InkList [[38 127 260 127]] /C [1 1 1] /BS << /W 30 >>"), 41: stream(
            b"30 w 1 G 0 15 m 222 15 l S", b"/Type /XObject /Subtype /Form " + BOX)
    },
    "04-polyline": {
        40: annotation(b"PolyLine", extra=b"/Vertices [38 127 260 127] /C [1 1 1] /BS << /W 30 >>"), 41: stream(
            b"30 w 1 G 0 15 m 222 15 l S", b"/Type /XObject /Subtype /Form " + BOX)
    },
    "05-highlight": {40: annotation(b"Highlight", extra=QUAD), 41: opaque()},
    "05-underline": {40: annotation(b"Underline", extra=QUAD), 41: opaque()},
    "05-strikeout": {40: annotation(b"StrikeOut", extra=QUAD), 41: opaque()},
    "05-squiggly": {40: annotation(b"Squiggly", extra=QUAD), 41: opaque()},
    **{
        f"06-{name.decode().lower()}": {
            40: annotation(name), 41: opaque()
        } for name in (b"Watermark", b"FileAttachment", b"Caret", b"Sound", b"3D", b"RichMedia", b"Screen", b"Movie")
    },
    "09-hidden-freetext": {
        40: annotation(b"FreeText", flags=b"/F 6", extra=b"/DA (/Helv 18 Tf 0 g) /Contents (x)"), 41: opaque()
    },
    "09-noview-stamp": {40: annotation(b"Stamp", flags=b"/F 36"), 41: opaque()},
    "09-locked-square": {40: annotation(b"Square", flags=b"/F 196", extra=b"/IC [1 1 1]"), 41: opaque()},
    "09-misspelt": {40: annotation(b"FreText", extra=b"/DA (/Helv 18 Tf 0 g) /Contents (x)"), 41: opaque()},
    "09-misspelt-case": {40: annotation(b"freetext"), 41: opaque()},
    "09-no-subtype": {40: b"<< /Type /Annot /Rect " + OVER + b" /F 4 /P 3 0 R /AP << /N 41 0 R >> >>", 41: opaque()},
    "08-link": {
        40: annotation(b"Link", ap=0, extra=b"/Border [0 0 0] /A << /S /URI /URI (http://example.invalid/) >>")
    },
    "blend": {
        40: annotation(b"Square"), 41: stream(
            b"/G gs 1 g 0 0 222 30 re f",
            b"/Type /XObject /Subtype /Form " + BOX + b" /Resources << /ExtGState << /G << /BM /Screen >> >> >>")
    },
    "matrix": {
        40: annotation(b"Stamp", rect=BLANK), 41: opaque(extra=b"/Matrix [1 0 0 1 -162 62]", box=b"/BBox [0 0 222 30]"),
        43: b"null"
    },
}
JAVASCRIPT = {
    "11-annotation": {
        40: annotation(b"Link", rect=BLANK, ap=0, extra=b"/A << /S /JavaScript /JS (app.alert\\(1\\)) >>")
    },
    "11-annotation-aa": {40: annotation(b"Text", rect=BLANK, ap=0, extra=b"/AA << /E << /S /JavaScript /JS (1) >> >>")},
    "11-launch": {40: annotation(b"Link", rect=BLANK, ap=0, extra=b"/A << /S /Launch /F (evil.exe) >>")},
}
NOTES = {
    "07-note": {40: annotation(b"Text", rect=BLANK, ap=0, extra=b"/Contents (a remark) /Name /Note")},
    "07-popup": {40: annotation(b"Text", rect=BLANK, ap=0, extra=b"/Contents (a remark) /Popup 43 0 R"),
                 43: b"<< /Type /Annot /Subtype /Popup /Rect [200 30 280 48] /Parent 40 0 R /P 3 0 R >>"},
}


def cases():
    yield from contracts()
    yield from annotations()
    yield from existing()
    yield from new_fields()
    yield from prepared_fields()


def contracts():
    for permission in range(4):
        yield Case(f"a{permission}", contract(permission).bytes, passed())
        yield Case(f"a{permission}-prepared", contract(permission, True).bytes, passed())


def with_annotation(base, objects):
    return {
        3: swap(base.objects[3], b"/Annots [", b"/Annots [40 0 R " +
                (b"43 0 R " if objects.get(43, b"").startswith(b"<<") else b""))
    } | {number: body for number, body in objects.items() if body != b"null"}


def by_permission(approval, one, two, three):
    return {0: approval, 1: one, 2: two, 3: three}


ANNOTATION = ("change.annotation", "change.overlay", "change.")
FORBIDDEN = failed(*ANNOTATION)


def annotations():
    # Approval signatures: section 5, "annotation overlapping content, or FreeText/Stamp/Redact/filled shape".
    overlay = by_permission(FORBIDDEN, FORBIDDEN, FORBIDDEN, open_("change.overlay", "change.annotation"))
    script = by_permission(*[failed("change.action", "change.annotation", "change.")] * 4)
    note = by_permission(open_("change.annotation"), FORBIDDEN, FORBIDDEN,
                         passed("info", changes=("change.annotation", )))
    for group, expected in ((OVERLAYS, overlay), (JAVASCRIPT, script), (NOTES, note)):
        for name, objects in group.items():
            for permission in range(4):
                base = contract(permission)
                expect = expected[permission]
                if name == "11-launch" and permission == 3:  # row 8 (links) is as near as row 11 (scripts)
                    expect = dataclasses.replace(expect, also=(("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE"),))
                yield from update(f"a{permission}-{name}", base, with_annotation(base, objects), expect, f"a{permission}")


def existing():
    """10: what was there is moved, deleted, repainted; 21, 22: permissions and layers."""
    for permission in range(4):
        base = contract(permission)
        at_three = passed("info", changes=("change.annotation",))
        # Over blank paper it is listed at P=3; over the price it is not known what was meant.
        plain = by_permission(open_("change.annotation", also=(("TOTAL_FAILED", "FORMAT_FAILURE"), )), FORBIDDEN,
                              FORBIDDEN, at_three)
        covering = by_permission(FORBIDDEN, FORBIDDEN, FORBIDDEN, open_("change.overlay", "change.annotation"))
        removed = by_permission(open_("change.annotation", also=(("TOTAL_FAILED", "FORMAT_FAILURE"),)), FORBIDDEN,
                                FORBIDDEN, at_three)
        square, note = base.objects[14], base.objects[12]
        for name, objects, expected in (
                ("10-moved", {12: swap(note, b"[10 170 30 190]", b"[270 20 290 40]")}, plain),
                ("10-moved-over-text", {12: swap(note, b"[10 170 30 190]", OVER)}, covering),
                ("10-deleted", {3: swap(base.objects[3], b" 12 0 R", b"")}, removed),
                ("10-contents", {12: swap(note, b"(check this)", b"(all is well)")}, plain),
                ("10-appearance", {15: stream(b"0 0 1 RG 1 1 18 18 re S",
                                              b"/Type /XObject /Subtype /Form /BBox [0 0 20 20]")}, plain),
                ("10-appearance-over-text", {14: swap(square, b"[10 140 30 160]", OVER), 15: opaque()}, covering)):
            yield from update(f"a{permission}-{name}", base, objects, expected[permission], f"a{permission}")
        always = failed("change.optional-content", "change.annotation", "change.")
        yield from update(f"a{permission}-22-ocproperties", base,
                          {1: swap(base.objects[1], b"/D << /ON [17 0 R] >>", b"/D << /OFF [17 0 R] >>")}, always,
                          f"a{permission}")
        yield from update(f"a{permission}-22-ocg-off", base,
                          {17: b"<< /Type /OCG /Name (Stamp) /Usage << /View << /ViewState /OFF >> >> >>"}, always,
                          f"a{permission}")
        if permission:
            indirect = _contract_with_indirect_parameters(permission)
            higher = swap(indirect.objects[30], b"/P %d" % permission, b"/P %d" % (3 if permission < 3 else 1))
            yield Case(f"a{permission}-21-parent", indirect.bytes, passed("warning"))
            yield from update(f"a{permission}-21-raised", indirect, {30: higher},
                              failed("certification.", "sigdict.redefined", "change."), f"a{permission}-21-parent",
                              twin_severity="warning")


def _contract_with_indirect_parameters(permission):
    base = contract(permission)
    objects = dict(base.objects)
    objects[7] = signature_dictionary(
        before=b"/Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams 30 0 R >>]")
    objects[30] = b"<< /Type /TransformParams /P %d /V /1.2 >>" % permission
    return make(objects)


AP = b"/AP << /N 41 0 R >>"


def new_fields():
    """12, 13, 16, 17, 18: fields that were not there."""
    ssa = by_permission(open_("change.overlay", "change.signature"), failed("change."), failed("change."),
                        open_("change.overlay", "change.signature"))
    blank = by_permission(passed("info", changes=("change.signature", )), failed("change."),
                          open_("change.signature", "change."), open_("change.signature", "change."))
    invisible = by_permission(passed(changes=("change.signature", )), failed("change."),
                              passed(changes=("change.signature", )), passed(changes=("change.signature", )))
    form = failed("form.undefined-change", "change.")
    for permission in range(4):
        base = contract(permission)
        name = f"a{permission}"

        def signed(letter, expected, *, base=base, name=name, subject="Sig1", **options):
            pdf = base.copy()
            add_signature(pdf, b"Sig2", pki.world().attacker, **options)
            return Case(f"{name}-{letter}",
                        pdf.bytes,
                        expected,
                        parent=name,
                        twin=f"{name}-12-invisible" if permission != 1 else name,
                        others={"Sig2": passed("warning")},
                        subject=subject,
                        count=2)
        yield signed("12-over-text", ssa[permission], rect=OVER, extra=AP, objects={41: opaque()})
        yield signed("12-image-over-text", ssa[permission], rect=OVER, extra=AP,
                     objects={41: image_appearance(), 42: IMAGE})
        yield signed("12-blank",
                     blank[permission],
                     rect=BLANK,
                     extra=AP,
                     objects={41: opaque(box=b"/BBox [0 0 222 30]")})
        yield signed("12-invisible", invisible[permission])
        foreign = base.copy()
        add_signature(foreign, b"Sig2", pki.world().foreign, rect=OVER, extra=AP, objects={41: opaque()})
        yield Case(f"{name}-12-self-made", foreign.bytes, ssa[permission], parent=name, twin=name,
                   others={"Sig2": open_(sub="NO_CERTIFICATE_CHAIN_FOUND", also=(
                       ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND_NO_POE"),))},
                   notes="the attacker's certificate is his own")
        added = {1: swap(base.objects[1], b"/Fields [", b"/Fields [40 0 R "),
                 3: swap(base.objects[3], b"/Annots [", b"/Annots [40 0 R ")}
        yield from update(f"{name}-13-unsigned", base,
                          added | {40: field(40, b"Sig2", rect=OVER, extra=AP), 41: opaque()}, ssa[permission], name)
        yield from update(f"{name}-18-text", base,
                          added | {40: text_field(b"new", 41, b"9 000 000", rect=OVER), 41: opaque()}, form, name)
        yield from update(
            f"{name}-11-widget", base, added | {
                40: text_field(b"new", 41, rect=BLANK, extra=b" /AA << /F << /S /JavaScript /JS (1) >> >>"),
                41: appearance(b"")
            }, failed("change.action", "form.undefined-change", "change."), name)
        # 17: the certifier's own picture again, for another signature
        imitation = by_permission(passed("warning", also=(("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE"), )),
                                  failed("change.", "appearance.imitates"), open_("appearance.imitates", "change."),
                                  open_("appearance.imitates", "change."))
        yield signed("17-imitates-new", imitation[permission], rect=b"[200 60 290 105]", extra=AP,
                     objects={41: base.objects[11]})


def second_widgets(permission, expected):
    """16: the prepared field has a widget of its own, and gets another."""
    apart = contract(permission, "apart")
    name, parent = f"a{permission}", f"a{permission}-apart"
    yield Case(parent, apart.bytes, passed())
    picture = stream(b"0 0 0.8 RG 2 w 5 5 m 90 30 l S", b"/Type /XObject /Subtype /Form /BBox [0 0 100 40]")
    kid = b"<< /Type /Annot /Subtype /Widget /Parent 8 0 R /Rect %s /F 132 /P 3 0 R /AP << /N 41 0 R >> >>"
    signed = {41: picture, 44: kid % b"[40 50 140 90]"}
    honest = apart.copy()
    sign_empty_field(honest, 8, pki.world().attacker, objects=signed)
    yield Case(f"{name}-20-apart", honest.bytes, failed("change.") if permission == 1 else passed(
        "info", changes=("change.signature",)), parent=parent, twin=parent, count=2)
    for letter, rect in (("over-text", OVER), ("blank", BLANK)):
        pdf = apart.copy()
        sign_empty_field(pdf, 8, pki.world().attacker, body=swap(apart.objects[8], b"[44 0 R]", b"[44 0 R 60 0 R]"),
                         objects=signed | {60: kid % rect, 3: swap(apart.objects[3], b" 44 0 R", b" 44 0 R 60 0 R")})
        yield Case(f"{name}-16-second-widget-{letter}", pdf.bytes, expected, parent=parent,
                   twin=parent if permission == 1 else f"{name}-20-apart", others={"Prepared": passed("warning")}, count=2)


def prepared_fields():
    """14 to 17, 19, 20: fields that the certifier prepared."""
    inside = stream(b"0 0 0.8 RG 2 w 5 5 m 90 30 l S", b"/Type /XObject /Subtype /Form /BBox [0 0 100 40]")
    listed = passed("info", changes=("change.signature",))
    honest = by_permission(listed, failed("change."), listed, listed)
    loose = by_permission(open_("change."), failed("change."), open_("change."), open_("change."))
    huge = {
        "14-huge-bbox": b"/BBox [-10000 -10000 10000 10000]",
        "14-degenerate-bbox": b"/BBox [0 0 0 0]",
        "14-degenerate-matrix": b"/BBox [0 0 100 40] /Matrix [0 0 0 0 0 0]",
        "14-huge-matrix": b"/BBox [0 0 1 1] /Matrix [100000 0 0 100000 -50000 -50000]",
        "14-inverted-bbox": b"/BBox [100 40 0 0] /Matrix [1e9 0 0 1e-9 0 0]",
    }
    for permission in range(4):
        base = contract(permission, True)
        name, parent = f"a{permission}", f"a{permission}-prepared"
        twin = f"{name}-20-honest" if permission != 1 else parent

        def case(letter, expected, body, objects, *, base=base, name=name, parent=parent, twin=twin, **more):
            pdf = base.copy()
            sign_empty_field(pdf, 8, pki.world().attacker, body=body, objects=objects)
            return Case(f"{name}-{letter}", pdf.bytes, expected, parent=parent, twin=twin,
                        others={"Prepared": passed("warning")}, count=2, **more)
        body = base.objects[8]
        with_ap = swap(body, b"/FT /Sig", b"/FT /Sig /AP << /N 41 0 R >>")
        yield case("20-honest", honest[permission], with_ap, {41: inside})
        yield case("20-honest-no-ap", honest[permission], body, {})
        for letter, box in huge.items():
            yield case(letter, loose[permission], with_ap, {41: stream(
                b"1 g -10000 -10000 20000 20000 re f 0 G 5 5 m 90 30 l S", b"/Type /XObject /Subtype /Form " + box)})
        moved = failed("sigdict.redefined", "change.", "form.")
        yield case("15-rect", moved, swap(with_ap, b"[40 50 140 90]", OVER), {41: opaque()})
        yield case("15-rect-blank", moved, swap(with_ap, b"[40 50 140 90]", b"[40 60 140 100]"), {41: inside})
        yield case("15-page", moved, swap(with_ap, b"/P 3 0 R", b"/P 18 0 R"),
                   {41: inside, 18: swap(base.objects[18], b"/Annots []", b"/Annots [8 0 R]"),
                    3: swap(base.objects[3], b" 8 0 R", b"")})
        second = by_permission(failed("change."), failed("change."), failed("change."), open_("change."))
        if permission == 0:
            second[0] = open_("change.", also=(("TOTAL_FAILED", "FORMAT_FAILURE"),))
        yield case("16-other-page-too", second[permission], with_ap,
                   {41: inside, 18: swap(base.objects[18], b"/Annots []", b"/Annots [8 0 R]")})
        yield from second_widgets(permission, second[permission])
        imitation = by_permission(passed("warning", also=(("INDETERMINATE", "SIG_CONSTRAINTS_FAILURE"), )),
                                  failed("change.", "appearance.imitates"), open_("appearance.imitates"),
                                  open_("appearance.imitates"))
        yield case("17-imitates", imitation[permission], with_ap, {41: base.objects[11]})
        filled = {9: text_field(b"remark", 10, b"fine", rect=b"[160 50 260 70]"), 10: appearance(b"fine")}
        expect = failed("form.", "change.") if permission == 1 else passed("info", changes=("form.filled",))
        yield from update(f"{name}-19-filled", base, filled, expect, parent)
