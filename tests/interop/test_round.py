"""The round of Decree 30/2020/NĐ-CP on the sample letters, judged after every step, and PDF/A kept on the way."""
import json
import re

import pytest
from judges import assert_all_valid, assert_sound, call, fonts, mupdf, page_text, pyhanko
from program import SEAL_PNG, SIGNATURE_PNG, assert_refused
from samples import LETTERS, all_samples, sample

LEADER = ("--role", "leader", "--image", SIGNATURE_PNG)
ORGANISATION = ("--role", "organisation", "--image", SEAL_PNG)
NUMBER = ("--number", "123", "--date", "2026-03-05")

PRINTED_NUMBER = {"vn-cong-van.pdf": r"Số:\s*123\s*/CQM-VP", "vn-quyet-dinh.pdf": r"Số:\s*123\s*/QĐ-CQM",
                  "vn-to-trinh.pdf": r"Số:\s*123\s*/TTr-CQM"}


class Round:
    """A document on its way: each step signs the result of the one before and is judged at once."""

    def __init__(self, kyso, authority, folder, source):
        self.kyso, self.authority, self.folder, self.path, self.source = kyso, authority, folder, source, source
        self.signatures, self.steps = 0, 0

    def step(self, who, *options, signs=True):
        self.steps += 1
        output = self.folder / f"step-{self.steps}.pdf"
        holder = self.authority.p12(who) if who else ()
        done = self.kyso.sign(self.path, output, holder, *options).ok()
        assert output.read_bytes().startswith(self.path.read_bytes())
        self.path = output
        self.signatures += signs
        assert_sound(output)
        if self.signatures:
            by_coverage = self.judge(covered=signs)
            assert len(by_coverage) == self.signatures, sorted(by_coverage)
        return done

    def judge(self, covered):
        if covered:
            return assert_all_valid(self.path, root=self.authority.root)
        verdicts = pyhanko(self.path, root=self.authority.root)
        assert all(verdict["ok"] for verdict in verdicts.values()), verdicts
        return verdicts


@pytest.fixture
def start(kyso, rsa_authority, tmp_path):
    return lambda name: Round(kyso, rsa_authority, tmp_path, sample(name).path)


def assert_number_and_date(path, name):
    text = page_text(path, 1)
    assert re.search(PRINTED_NUMBER[name], text), text[:800]
    assert re.search(r"ngày\s+05\s+tháng\s+3\s+năm\s+2026", text), text[:800]


def locked_fields(kyso, path):
    return {field["name"] for field in kyso.run("inspect", path, "--json").ok().json["fields"] if field["locked"]}


@pytest.mark.parametrize("name", LETTERS)
def test_initials_leader_number_organisation(kyso, start, name):
    it = start(name)
    assert "decree30.round.prepared" in it.step("clerk", "--role", "initials").notes
    assert "decree30.place.prepared_field" in it.step("leader", *LEADER).notes
    done = it.step(None, "--role", "number", *NUMBER, signs=False)
    assert "decree30.number.fields" in done.notes and "signer" not in done.json
    assert_number_and_date(it.path, name)
    it.step("organisation", *ORGANISATION)
    assert_number_and_date(it.path, name)
    assert {"SoVanBan", "NgayVanBan_Ngay", "NgayVanBan_Thang"} <= locked_fields(kyso, it.path)


@pytest.mark.parametrize("name", LETTERS)
def test_leader_organisation_with_number_then_incoming_comment_copy(start, name):
    it = start(name)
    it.step("leader", *LEADER)
    done = it.step("organisation", *ORGANISATION, *NUMBER)
    assert {"decree30.number.fields", "decree30.place.prepared_field"} <= done.notes
    assert not {"decree30.organisation.no_leader", "decree30.organisation.personal_certificate"} & done.notes
    assert_number_and_date(it.path, name)
    # The receiving office: its stamp, the opinion of its head, a certified copy.
    it.step("organisation", "--role", "incoming", "--number", "45", "--date", "06/03/2026", "--forward", "Văn phòng",
            "--file-code", "01/HS-VP", "--agency", "Cơ quan nhận")
    it.step("leader", "--role", "comment", "--comment", "Văn phòng tham mưu trước 10/3.")
    it.step("organisation", "--role", "copy")
    assert it.signatures == 5
    seen = sorted(mupdf(it.path))
    assert seen == ["The document is unchanged since signing."] + 4 * [
        "The signature is valid but there have been edits since signing."], seen
    assert_number_and_date(it.path, name)
    text = re.sub(r"\s+", " ", page_text(it.path, 1, layout=False))
    for piece in ("CƠ QUAN NHẬN", "ĐẾN", "Số: 45", "Ngày: 06/03/2026", "Chuyển: Văn phòng",
                  "Văn phòng tham mưu trước 10/3.", "SAO Y; Cơ quan mẫu;"):
        assert piece in text, f"{piece!r} is not in {text}"


@pytest.mark.parametrize("name", LETTERS)
def test_number_signed_by_the_clerk(start, name):
    it = start(name)
    it.step("leader", *LEADER)
    it.step("clerk", "--role", "number", *NUMBER)
    it.step("organisation", *ORGANISATION)
    assert_number_and_date(it.path, name)


def test_numbering_before_anybody_signs(start):
    it = start("vn-cong-van.pdf")
    assert "decree30.number.added" in it.step(None, "--role", "number", *NUMBER, signs=False).notes
    assert_number_and_date(it.path, "vn-cong-van.pdf")
    it.step("leader", *LEADER)
    it.step("organisation", *ORGANISATION)


@pytest.mark.parametrize("number, date, shown", [
    ("7", "2026-02-01", (r"Số:\s*07\s*/CQM-VP", r"ngày\s+01\s+tháng\s+02\s+năm\s+2026")),
    ("7/CQM-VP", "28/12/2026", (r"Số:\s*07\s*/CQM-VP", r"ngày\s+28\s+tháng\s+12\s+năm\s+2026")),
    ("1205", "2026-10-10", (r"Số:\s*1205\s*/CQM-VP", r"ngày\s+10\s+tháng\s+10\s+năm\s+2026"))])
def test_leading_zeros(start, number, date, shown):
    """Appendix I, II.3 and II.4: numbers below 10, days below 10 and months 1 and 2 have a leading zero."""
    it = start("vn-cong-van.pdf")
    it.step("leader", *LEADER)
    it.step("organisation", *ORGANISATION, "--number", number, "--date", date)
    for pattern in shown:
        assert re.search(pattern, page_text(it.path, 1)), page_text(it.path, 1)[:800]


def test_the_seal_locks_number_and_date(kyso, start, rsa_authority, tmp_path):
    it = start("vn-cong-van.pdf")
    it.step("leader", *LEADER)
    it.step("organisation", *ORGANISATION, *NUMBER)
    for holder in ((), rsa_authority.p12("clerk")):
        assert_refused(kyso, tmp_path, ("sign", it.path, "-o", tmp_path / "again.pdf", *holder, "--role", "number",
                                        "--number", "124", "--date", "2026-03-06"), 14, "decree30.permission.locked")


def test_the_number_must_agree_with_the_sign(kyso, start, rsa_authority, tmp_path):
    it = start("vn-cong-van.pdf")
    it.step("leader", *LEADER)
    assert_refused(kyso, tmp_path, ("sign", it.path, "-o", tmp_path / "x.pdf", *rsa_authority.p12("organisation"),
                                    *ORGANISATION, "--number", "12/UBND-VP"), 4, "decree30.number.mismatch")


def test_personal_certificate_for_the_organisation_is_noted(start):
    it = start("vn-cong-van.pdf")
    it.step("leader", *LEADER)
    assert "decree30.organisation.personal_certificate" in it.step("clerk", *ORGANISATION).notes


# --- documents signed elsewhere -------------------------------------------------------------------------------------------

def test_signed_elsewhere_without_fields(kyso, rsa_authority, tmp_path):
    """Nothing was prepared: the number goes in by a signature of its own, never by a change of the page."""
    source = sample("own/signed-aes256.pdf").path
    assert_refused(kyso, tmp_path, ("sign", source, "-o", tmp_path / "x.pdf", "--role", "number", *NUMBER), 15,
                   "decree30.number.separate")
    for who, options, signatures in (("clerk", ("--role", "number"), 2),
                                     ("organisation", (*ORGANISATION, "--rect", "60,100,105,105"), 3)):
        output = tmp_path / f"{who}.pdf"
        done = kyso.sign(source, output, rsa_authority.p12(who), *options, *NUMBER).ok()
        assert "decree30.number.signature" in done.notes
        assert output.read_bytes().startswith(source.read_bytes())
        assert_all_valid(output, count=signatures)
        assert_sound(output)
        text = page_text(output, 1)
        assert re.search(r"Số:\s*123\s*/CQM-VP", text), text[:800]
        assert re.search(r"ngày\s+05\s+tháng\s+3\s+năm\s+2026", text), text[:800]


def test_the_measure_can_tell(kyso, rsa_authority, tmp_path):
    """An ordinary file's picture has a soft mask: PDF/A-1's rules must find it."""
    source, output = sample("vn-cong-van.pdf").path, tmp_path / "out.pdf"
    kyso.sign(source, output, rsa_authority.p12("leader"), *LEADER).ok()
    with pytest.raises(AssertionError, match="soft mask|XRef"):
        assert_pdfa_kept(source, output, 1)


@pytest.mark.parametrize("name, field, by", [("own/signed-certified-p2.pdf", "CoQuan", "prepared"),
                                             ("qpdf/digitally-signed.pdf", "", "new"),
                                             ("pyhanko/minimal-signed-twice-both-created.pdf", "", "new"),
                                             ("pyhanko/pades-with-old-style-signing-cert-attr.pdf", "", "new")])
def test_sealing_what_was_signed_elsewhere(kyso, rsa_authority, tmp_path, name, field, by):
    output = tmp_path / "sealed.pdf"
    place = ("--field", field) if field else ("--rect", "30,30,105,105")
    done = kyso.sign(sample(name).path, output, rsa_authority.p12("organisation"), *ORGANISATION, *place).ok()
    assert ("decree30.signature.new_field" in done.notes) == (by == "new")
    assert_all_valid(output)


def test_certified_by_others_refuses_politely(kyso, rsa_authority, tmp_path):
    for name, error in (("own/signed-certified-p1.pdf", "decree30.permission.none"),
                        ("own/signed-certified-p2-then-approval.pdf", "decree30.permission.certified")):
        arguments = ("sign", sample(name).path, "-o", tmp_path / "x.pdf", *rsa_authority.p12("organisation"),
                     *ORGANISATION)
        assert_refused(kyso, tmp_path, arguments, 14, error)


# --- certification and locks of our own ---------------------------------------------------------------------------------

def test_round_under_certification(kyso, start):
    it = start("vn-cong-van.pdf")
    it.step("leader", *LEADER, "--certify", "2")
    it.step("organisation", *ORGANISATION, *NUMBER)
    facts = kyso.run("inspect", it.path, "--json").ok().json
    assert facts["permissions"]["certification"] == 2
    assert_number_and_date(it.path, "vn-cong-van.pdf")


def test_certification_without_changes_ends_the_round(kyso, start, rsa_authority, tmp_path):
    it = start("vn-cong-van.pdf")
    assert "decree30.round.forbidden" in it.step("leader", *LEADER, "--certify", "1").notes
    assert_refused(kyso, tmp_path, ("sign", it.path, "-o", tmp_path / "x.pdf", *rsa_authority.p12("organisation"),
                                    *ORGANISATION), 14, "decree30.permission.none")


def test_lock_ends_the_round(kyso, start, rsa_authority, tmp_path):
    it = start("vn-cong-van.pdf")
    it.step("leader", *LEADER, "--lock")
    assert_refused(kyso, tmp_path, ("sign", it.path, "-o", tmp_path / "x.pdf", *rsa_authority.p12("organisation"),
                                    *ORGANISATION), 14)


# --- PDF/A ----------------------------------------------------------------------------------------------------------------

def update_of(before, after):
    data, start = after.read_bytes(), before.stat().st_size
    return data[start:]


def new_objects(before, after):
    """What the update added or changed, as qpdf writes it, by object number."""
    def objects(path):
        done = call("qpdf", "--json=2", "--json-stream-data=none", "--json-key=qpdf", path)
        return json.loads(done.stdout)["qpdf"][1]
    old, new = objects(before), objects(after)
    return {key: value for key, value in new.items() if key != "trailer" and old.get(key) != value}


def dictionary(value):
    return value["stream"]["dict"] if "stream" in value else value.get("value")


def walk(value):
    yield value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from walk(child)


def assert_pdfa_kept(before, after, part):
    """The clauses of ISO 19005 that an update can break, over everything that the update added or changed."""
    update = update_of(before, after)
    if part == 1:  # 6.1.4, 6.1.8: neither cross-reference nor object streams
        assert b"/ObjStm" not in update and b"/XRef" not in update
    limit = 65535 if part == 1 else 32767
    if part < 4:
        for match in re.finditer(rb"/Contents\s*<([0-9A-Fa-f]*)>", update):
            assert len(match[1]) // 2 <= limit, "a string is longer than PDF/A permits"
    assert b"/ID" in update
    changed = new_objects(before, after)
    for key, value in changed.items():
        for it in walk(dictionary(value)):
            if not isinstance(it, dict):
                continue
            if part == 1:  # 6.4: no transparency
                assert it.get("/SMask", "/None") == "/None", f"{key}: soft mask"
                assert it.get("/CA", 1) == 1 and it.get("/ca", 1) == 1, f"{key}: not opaque"
                assert it.get("/BM", "/Normal") in ("/Normal", "/Compatible"), f"{key}: blend mode"
                assert "/S" not in it or it["/S"] != "/Transparency", f"{key}: transparency group"
            assert it.get("/NeedAppearances") is not True, f"{key}: NeedAppearances"
            assert it.get("/S") not in ("/JavaScript", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData")
            assert "/AA" not in it or "/Subtype" not in it or it["/Subtype"] != "/Widget", f"{key}: additional actions"
            if it.get("/Subtype") == "/Widget":
                flags = it.get("/F", 0)
                assert flags & 4, f"{key}: a widget without Print"
                assert not flags & (1 | 2 | 32), f"{key}: hidden, invisible or not viewed"
                x0, y0, x1, y1 = it["/Rect"]
                if part == 1 or (x1 > x0 and y1 > y0):
                    assert "/AP" in it, f"{key}: a widget without appearance"
                if "/AP" in it:
                    assert set(it["/AP"]) == {"/N"}, f"{key}: an appearance besides the normal one"
            if "/Filter" in it:
                filters = it["/Filter"] if isinstance(it["/Filter"], list) else [it["/Filter"]]
                assert "/LZWDecode" not in filters, f"{key}: LZW"
    for font in fonts(after):
        assert font.embedded or font in fonts(before), f"font {font.name} is not embedded"
    assert re.findall(rb"pdfaid:part[^0-9]*(\d)", after.read_bytes())[0] == str(part).encode()


PDFA = {"vn-quyet-dinh.pdf": 2, "vn-to-trinh.pdf": 1, "verapdf/pdfa-1b-linearized-6-1-3-t02-pass-a.pdf": 1,
        "verapdf/pdfa-1b-form-6-5-3-t01-pass-a.pdf": 1, "verapdf/pdfa-2b-form-6-4-1-t02-pass-a.pdf": 2,
        "verapdf/pdfa-2b-transparency-6-2-10-t05-pass-a.pdf": 2, "verapdf/pdfa-2u-fonts-6-2-11-7-2-t01-pass-e.pdf": 2,
        "verapdf/pdfa-3b-attachment-6-8-t02-pass-b.pdf": 3, "verapdf/pdfa-4-form-6-4-1-t01-pass-b.pdf": 4}


@pytest.mark.parametrize("name", PDFA)
def test_pdfa_is_kept(kyso, rsa_authority, tmp_path, name):
    source = sample(name).path
    steps = [("leader", (*LEADER, "--rect", "30,30,150,70")), ("leader", ("--role", "plain")),
             ("organisation", (*ORGANISATION, "--rect", "20,120,105,105"))]
    current = source
    for i, (who, options) in enumerate(steps):
        output = tmp_path / f"{i}.pdf"
        kyso.sign(current, output, rsa_authority.p12(who), *options).ok()
        assert_pdfa_kept(current, output, PDFA[name])
        current = output
    assert kyso.run("inspect", current, "--json").ok().json["pdfa"].startswith(str(PDFA[name]))
    assert_all_valid(current, count=3)


@pytest.mark.parametrize("name", ["vn-quyet-dinh.pdf", "vn-to-trinh.pdf"])
def test_pdfa_is_kept_by_the_round(start, name):
    it = start(name)
    for who, options in (("leader", LEADER), ("organisation", (*ORGANISATION, *NUMBER)),
                         ("organisation", ("--role", "incoming", "--number", "45")),
                         ("leader", ("--role", "comment", "--comment", "Đồng ý.")),
                         ("organisation", ("--role", "copy",))):
        before = it.path
        it.step(who, *options)
        assert_pdfa_kept(before, it.path, PDFA[name])


def test_every_sample_that_declares_pdfa_is_in_the_table():
    declared = {it.name for it in all_samples() if b"pdfaid:part" in it.path.read_bytes() and not it.refusal}
    assert declared - set(PDFA) <= {"pyhanko/minimal-pdf-ua-and-a.pdf", "own/vn-to-trinh-linearized.pdf"}, declared
