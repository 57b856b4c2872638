"""Cases 20, 28 and 29: form values, certification, locks."""
import functools

from . import pki
from .build import certified, certified_objects, good, make, reference, sign_empty_field
from .case import Case, by, failed, passed
from .pdf import PAGE, base_objects, field, fill, signature_dictionary, stream, swap
from .revisions import update


def cases():
    for group in (values, certification, locks):
        yield from group()


# --- 20: values and appearances ---------------------------------------------------------------------------------------

def appearance(text, size=12, extra=b"", font=b"Helv"):
    inner = b"q BT /" + font + b" %d Tf 0 g 2 5 Td (" % size + text + b") Tj ET Q" if text else b""
    return stream(b"/Tx BMC " + inner + b" EMC",
                  b"/Type /XObject /Subtype /Form /BBox [0 0 100 20] /Resources << /Font << /Helv 5 0 R >> >>" + extra)


def text_field(name, number_of_ap, value=None, rect=b"[40 60 140 80]", extra=b""):
    return (b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (" + name + b") /Rect " + rect + b" /F 4 /P 3 0 R"
            b" /DA (/Helv 12 Tf 0 g) /AP << /N %d 0 R >>" % number_of_ap
            + (b" /V (" + value + b")" if value is not None else b"") + extra + b" >>")


def mark(text):
    return stream(text, b"/Type /XObject /Subtype /Form /BBox [0 0 12 12]")


CHECK = (b"<< /Type /Annot /Subtype /Widget /FT /Btn /T (agree) /Rect [40 40 52 52] /F 4 /P 3 0 R /V /Off /AS /Off"
         b" /AP << /N << /Yes 25 0 R /Off 26 0 R >> >> >>")
RADIO = b"<< /FT /Btn /Ff 49152 /T (choice) /V /Off /Kids [28 0 R 29 0 R] >>"


def _radio(state, left):
    return (b"<< /Type /Annot /Subtype /Widget /Parent 27 0 R /Rect [%d 40 %d 52] /F 4 /P 3 0 R /AS /Off" %
            (left, left + 12) + b" /AP << /N << /" + state + b" 25 0 R /Off 26 0 R >> >> >>")


FORM_FIELDS = b"[6 0 R 20 0 R 22 0 R 24 0 R 27 0 R 30 0 R]"


def form_objects(extra_form=b""):
    return base_objects(
        o1=b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields " + FORM_FIELDS + b" /SigFlags 3 /DA (/Helv 12 Tf 0 g)"
           b" /DR << /Font << /Helv 5 0 R /Other 34 0 R >> >>" + extra_form + b" >> >>",
        o3=swap(swap(PAGE, b"[6 0 R]", b"[6 0 R 20 0 R 22 0 R 24 0 R 28 0 R 29 0 R 30 0 R]"), b"/Font << /F1 5 0 R >>",
                b"/Font << /F1 5 0 R >> /XObject << /Fm1 32 0 R >>"),
        o4=stream(b"BT /F1 18 Tf 40 120 Td (Hello signed world) Tj ET q 1 0 0 1 180 20 cm /Fm1 Do Q"),
        o20=text_field(b"price", 21), o21=appearance(b""),
        o22=text_field(b"note", 23, b"draft", rect=b"[160 60 260 80]"), o23=appearance(b"draft"),
        o24=CHECK, o25=mark(b"0 g 2 2 8 8 re f"), o26=mark(b""),
        o27=RADIO, o28=_radio(b"One", 80), o29=_radio(b"Two", 100),
        o30=(b"<< /Type /Annot /Subtype /Widget /FT /Ch /Ff 131072 /T (kind) /Rect [130 36 230 56] /F 4 /P 3 0 R"
             b" /Opt [(red) (green)] /V (red) /DA (/Helv 12 Tf 0 g) /AP << /N 31 0 R >> >>"),
        o31=appearance(b"red"), o32=appearance(b"shared"), o33=appearance(b"9999999"),
        o34=b"<< /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >>")


@functools.cache
def form_base(permission=0):
    if permission:
        return make(certified_objects(permission, form_objects()))
    return make(form_objects())


def values():
    mismatch, undefined = ("form.value-appearance-mismatch",), ("form.undefined-change",)
    filled = {20: text_field(b"price", 21, b"100"), 21: appearance(b"100")}
    honest = {
        "a": filled,
        "a2": {22: text_field(b"note", 23, b"final", rect=b"[160 60 260 80]"), 23: appearance(b"final")},
        "a3": {24: swap(CHECK, b"/V /Off /AS /Off", b"/V /Yes /AS /Yes")},
        "a4": {27: swap(RADIO, b"/V /Off", b"/V /Two"), 29: swap(_radio(b"Two", 100), b"/AS /Off", b"/AS /Two")},
        "a5": {20: text_field(b"price", 35, b"100"), 35: appearance(b"100")},
        "a6": {30: swap(form_objects()[30], b"/V (red)", b"/V (green)"), 31: appearance(b"green")},
    }
    attacks = {
        "b": (mismatch, {20: text_field(b"price", 21, b"100")}),
        "b2": (mismatch, {22: text_field(b"note", 23, b"final", rect=b"[160 60 260 80]")}),
        "b3": (mismatch, {20: text_field(b"price", 21, b"100"), 21: appearance(b"999")}),
        "c": (mismatch, {21: appearance(b"100")}),
        "c2": (mismatch, {20: text_field(b"price", 33)}),
        "c3": (mismatch, {23: appearance(b"final")}),
        "c4": (mismatch, {
            20: text_field(b"price", 21, b"100"), 21: stream(
                b"/Tx BMC q 1 g 0 0 100 20 re f BT /Helv 12 Tf 2 5 Td (100) Tj ET Q EMC"
                b" BT /Helv 12 Tf 0 g 2 5 Td (900) Tj ET", b"/Type /XObject /Subtype /Form /BBox [0 0 100 20]"
                b" /Resources << /Font << /Helv 5 0 R >> >>")
        }),
        "d": ((*mismatch, "change.xobject"), {20: text_field(b"price", 32, b"100"), 32: appearance(b"100")}),
        "e": (mismatch, {24: swap(CHECK, b"/AS /Off", b"/AS /Yes")}),
        "e2": (mismatch, {29: swap(_radio(b"Two", 100), b"/AS /Off", b"/AS /Two")}),
        "e3": (mismatch, {
            27: swap(RADIO, b"/V /Off", b"/V /One"), 29: swap(_radio(b"Two", 100), b"/AS /Off", b"/AS /Two")
        }),
        "e4": ((*mismatch, "change.", *undefined), {25: mark(b"1 g 2 2 8 8 re f")}),
        "f": (undefined, {20: swap(text_field(b"price", 21), b"(/Helv 12 Tf 0 g)", b"(/Other 12 Tf 1 g)")}),
        "f2": (undefined, {20: text_field(b"price", 21, extra=b" /MK << /BG [1 1 1] >>")}),
        "f3": (undefined, {20: text_field(b"price", 21, extra=b" /Q 2")}),
        "f4": (undefined, {20: text_field(b"price", 21, extra=b" /MaxLen 2")}),
        "f5": (undefined, {30: swap(form_objects()[30], b"[(red) (green)]", b"[(red) (blue)]")}),
        "f6": (undefined, {20: text_field(b"price", 21, extra=b" /Ff 4096")}),
        "f7": ((*undefined, "change.font", "change.resources"), {
            1: swap(form_objects()[1], b"/Helv 5 0 R", b"/Helv 34 0 R")
        }),
        "f8": (undefined, {1: swap(form_objects()[1], b"(/Helv 12 Tf 0 g)", b"(/Helv 99 Tf 0 g)")}),
        "g": (undefined, {1: swap(form_objects()[1], b"/SigFlags 3", b"/SigFlags 3 /NeedAppearances true")}),
        "h": (undefined, {
            1: swap(form_objects()[1], b"[6 0 R", b"[6 0 R 35 0 R"), 35: text_field(b"extra", 21, rect=b"[10 10 20 20]")
        }),
        "h2": (undefined, {1: swap(form_objects()[1], b" 20 0 R", b"")}),
        "i": ((*undefined, "change.action"), {
            20: text_field(b"price", 21, extra=b" /AA << /K << /S /JavaScript /JS (1) >> >>")
        }),
        "j": ((*undefined, "change."), {20: text_field(b"price", 21, rect=b"[40 100 240 150]")}),
    }
    for permission in (0, 2, 3, 1):
        suffix = f"-p{permission}" if permission else ""
        base = form_base(permission)

        def certified_catalog(objects, base=base):
            if 1 in objects and b"/Perms" in base.objects[1]:
                objects = objects | {1: swap(objects[1], b"<< /Type /Catalog",
                                             b"<< /Type /Catalog /Perms << /DocMDP 7 0 R >>")}
            return objects
        yield Case(f"c20{suffix}", base.bytes, passed())
        for letter, objects in honest.items():
            expect = (failed("form.filled", "certification.", "change.", "form.") if permission == 1
                      else passed("info", changes=("form.filled",)))
            yield from update(f"c20{letter}{suffix}", base, certified_catalog(objects), expect, f"c20{suffix}")
        if permission == 1:
            continue
        for letter, (reasons, objects) in attacks.items():
            yield from update(f"c20{letter}{suffix}", base, certified_catalog(objects), failed(*reasons,
                                                                                               changes=reasons),
                              f"c20{suffix}")


# --- 28: certification ------------------------------------------------------------------------------------------------

def certification():
    def made(name, written, expect, *, perms=b"/Perms << /DocMDP 7 0 R >>", parent="p2", extra=None):
        objects = base_objects(**(extra or {}))
        objects[7] = signature_dictionary(before=written)
        objects[1] = swap(objects[1], b"<< /Type /Catalog", b"<< /Type /Catalog " + perms)
        return Case(f"c28{name}",
                    make(objects).bytes,
                    expect,
                    parent=parent if expect.indication != "TOTAL_PASSED" else "",
                    twin=parent if expect.indication != "TOTAL_PASSED" else "")
    wrong = failed("certification.")

    # (a) after an approval signature; (b) two of them
    def later_certification(pdf, reason, name, parent):
        number = pdf.size
        pdf.revise({1: swap(swap(pdf.objects[1], b"/Fields [", b"/Fields [%d 0 R " % number), b"<< /Type /Catalog",
                            b"<< /Type /Catalog /Perms << /DocMDP %d 0 R >>" % (number + 1)),
                    3: swap(pdf.objects[3], b"/Annots [", b"/Annots [%d 0 R " % number),
                    number: field(number, b"Sig2", value=number + 1),
                    number + 1: signature_dictionary(before=reference())})
        fill(pdf, number + 1, by(pki.world().second))
        return Case(name, pdf.bytes, wrong, subject="Sig2", parent=parent, twin="c1b",
                    notes=reason)
    yield later_certification(good(), "certifies after an approval signature", "c28a", "c1a")
    twice = certified(3)
    twice.objects[1] = swap(twice.objects[1], b" /Perms << /DocMDP 7 0 R >>", b"")
    yield later_certification(twice, "certifies a second time", "c28b", "p3")
    for letter, permission in (("c", b"/P 0"), ("c2", b"/P 4"), ("c3", b"/P 2.0"), ("c4", b"/P (2)"), ("c5", b"/P -1"),
                               ("c6", b"/P /Two"), ("c7", b"/P [2]")):
        yield made(letter, reference(permission), wrong)
    double = reference()
    doubled_params = (
        b"/Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /Type /TransformParams"
        b" /P 3 /V /1.2 >> /TransformParams << /Type /TransformParams /P 1 /V /1.2 >> >>]")
    yield made("d", double + b" " + reference(b"/P 3"), failed("certification.", "sigdict.duplicate-key"))
    yield made("d2", doubled_params, failed("certification.", "sigdict.duplicate-key"))
    yield made("d3", reference()[:-1] + reference(b"/P 1")[len(b"/Reference ["):], wrong)
    yield made("e",
               reference(),
               wrong,
               perms=b"/Perms << /DocMDP 8 0 R >>",
               extra={"o8": signature_dictionary(slot=100)})
    yield made("e2", reference(), wrong, perms=b"/Perms << /DocMDP null >>")
    yield made("f", reference(method=b"DocMPD"), wrong)
    indirect = (b"/Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams 8 0 R >>]")
    parameters = b"<< /Type /TransformParams /P 2 /V /1.2 >>"
    yield made("i", indirect, passed("warning"), extra={"o8": parameters})
    yield made("i2", b"/Reference 8 0 R", passed("warning"), extra={"o8": reference()[len(b"/Reference "):]})
    yield made("i3", reference(b"/P 8 0 R"), passed("warning"), extra={"o8": b"2"})
    objects = base_objects(o8=parameters)
    objects[7] = signature_dictionary(before=indirect)
    objects[1] = swap(objects[1], b"<< /Type /Catalog", b"<< /Type /Catalog /Perms << /DocMDP 7 0 R >>")
    yield from update("c28g", make(objects), {8: swap(parameters, b"/P 2", b"/P 3")},
                      failed("certification.", "sigdict.", "change."), "c28i", twin_severity="warning")
    yield made("h", reference(b""), passed(), parent="")
    signed_later = make(certified_objects(0, written=reference(b"")))
    yield from update("c28h2", signed_later, {4: stream(b"BT ET")}, failed("change."), "c28h")
    yield made("j", reference(), passed("warning", "certification."), perms=b"")


# --- 29: locks --------------------------------------------------------------------------------------------------------

def field_mdp(action, names=()):
    listed = b" /Fields [" + b" ".join(b"(" + name + b")" for name in names) + b"]" if names else b""
    return (
        b"/Reference [<< /Type /SigRef /TransformMethod /FieldMDP /TransformParams << /Type /TransformParams /Action /"
        + action + listed + b" /V /1.2 >> /Data 1 0 R >>]")


def lock(action, names=(), extra=b""):
    listed = b" /Fields [" + b" ".join(b"(" + name + b")" for name in names) + b"]" if names else b""
    return b"/Lock << /Type /SigFieldLock /Action /" + action + listed + extra + b" >>"


def _named_form(reference_text, lock_text, second_empty=True):
    """Text fields form.person.name, form.personal, free; signature fields Sig1 (signed) and Later (empty)."""
    fields = b"[6 0 R 40 0 R 44 0 R 46 0 R]"
    objects = base_objects(
        o1=b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields " + fields + b" /SigFlags 3 /DA (/Helv 12 Tf 0 g)"
           b" /DR << /Font << /Helv 5 0 R >> >> >> >>",
        o3=swap(PAGE, b"[6 0 R]", b"[6 0 R 42 0 R 43 0 R 44 0 R 46 0 R]"),
        o6=swap(base_objects()[6], b"/V 7 0 R", b"/V 7 0 R " + lock_text) if lock_text else base_objects()[6],
        o7=signature_dictionary(before=reference_text),
        o40=b"<< /T (form) /Kids [41 0 R 43 0 R] >>",
        o41=b"<< /T (person) /Parent 40 0 R /Kids [42 0 R] >>",
        o42=text_field(b"name", 52, extra=b" /Parent 41 0 R"), o52=appearance(b""),
        o43=text_field(b"personal", 53, rect=b"[160 60 260 80]", extra=b" /Parent 40 0 R"), o53=appearance(b""),
        o44=text_field(b"free", 54, rect=b"[40 30 140 50]"), o54=appearance(b""),
        o46=field(46, b"Later", rect=b"[200 150 280 190]"))
    return make(objects)


def _filled(number, base):
    body = base.objects[number]
    return {number: body[:body.rindex(b">>")] + b"/V (x) >>", number + 10: appearance(b"x")}


def locks():
    names = {42: b"form.person.name", 43: b"form.personal", 44: b"free"}
    locked_by = {
        "all": (b"All", (), {42, 43, 44, 46}),
        "include": (b"Include", (b"form.person.name",), {42}),
        "include-parent": (b"Include", (b"form.person",), {42}),
        "include-root": (b"Include", (b"form",), {42, 43}),
        "exclude": (b"Exclude", (b"form.person", b"Later"), {43, 44}),
        "include-later": (b"Include", (b"Later",), {46}),
    }
    violated = failed("lock.violated")
    for name, (action, listed, locked) in locked_by.items():
        base = _named_form(field_mdp(action, listed), lock(action, listed))
        parent = f"c29-{name}"
        yield Case(parent, base.bytes, passed())
        for number, full in names.items():
            letter = "a" if number in locked else "d"
            expect = violated if number in locked else passed("info", changes=("form.filled",))
            yield from update(f"c29{letter}-{name}-{full.decode().rsplit('.')[-1]}", base, _filled(number, base),
                              expect, parent)
        later = base.copy()
        sign_empty_field(later, 46)
        yield Case(f"c29e-{name}",
                   later.bytes,
                   violated if 46 in locked else passed("info", changes=("change.signature", )),
                   others={"Later": passed()},
                   parent=parent,
                   twin="c29e-include",
                   count=2)
    base = _named_form(field_mdp(b"Include", (b"form.person",)), lock(b"Include", (b"form.person",)))
    yield from update("c29b", base, {41: swap(base.objects[41], b"[42 0 R]", b"[42 0 R 60 0 R]"),
                                     60: text_field(b"age", 61, b"9", rect=b"[40 90 80 110]", extra=b" /Parent 41 0 R"),
                                     61: appearance(b"9"), 3: swap(base.objects[3], b"42 0 R", b"42 0 R 60 0 R")},
                      failed("lock.violated", "form.undefined-change"), "c29-include-parent")
    for letter, old, new in (("c", b"/Lock << /Type /SigFieldLock /Action /Include /Fields [(form.person)] >>", b""),
                             ("c2", b"/Action /Include /Fields [(form.person)]", b"/Action /Include /Fields [(free)]")):
        yield from update(f"c29{letter}", base, {6: swap(base.objects[6], old, new)},
                          failed("lock.violated", "sigdict.redefined"), "c29-include-parent")
    # A lock in the field alone is what the signer was to write; the signature itself locks nothing.
    only = _named_form(b"", lock(b"All"))
    yield Case("c29-field-only", only.bytes, passed("warning"))
    yield from update("c29f", only, _filled(44, only), failed("lock.violated", also=(("TOTAL_PASSED", ""), )),
                      "c29-field-only")
    with_p = _named_form(field_mdp(b"Include", (b"free",)), lock(b"Include", (b"free",), b" /P 1"))
    yield Case("c29-with-p", with_p.bytes, passed("warning"))
    yield from update("c29g", with_p, _filled(42, with_p), failed("lock.", "certification.", "form."), "c29-with-p",
                      notes="/Lock /P 1: nothing may change afterwards")
