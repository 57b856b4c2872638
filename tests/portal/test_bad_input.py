"""What people and attackers send that is wrong: workbooks, letters, requests. Never an internal error, never a hang, and
the reason stands where it belongs."""
import io
import json
import os
import random
import re
import struct
import time
import unicodedata
import zipfile
import zlib

import openpyxl
import pytest
from api_client import Client, Refused
from conftest import ROOT, demo_portal, signed_in
from dossier_steps import FORM, ORGANISATION, TODAY, draft, letter, person
from portal_support import (ACCOUNT_OF_ROLE, ROLES, new_account, operations, prepared, problem_code, resolved, rows, sample,
                            signed_in_as)
from test_journey import key_and_request

ROUNDS = int(os.environ.get("KYSO_FUZZ_ROUNDS", "12"))  # mutations of each request
SEED = int(os.environ.get("KYSO_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(scope="module")
def clerk(portal):
    return signed_in(portal, "van-thu")


@pytest.fixture(scope="module")
def people(portal):
    return {role: signed_in(portal, key) for role, key in ACCOUNT_OF_ROLE.items()}


# -- workbooks --------------------------------------------------------------------------------------------------------
TITLES = ["Họ tên", "Ngày sinh", "Số CMND, CCCD, HC", "Nơi cấp", "Ngày cấp", "Địa chỉ thư điện tử công vụ", "Tên CQTC cấp 1",
          "Tên CQTC cấp 2", "Tên CQTC cấp 3", "Tỉnh, thành phố", "Số điện thoại", "Loại thiết bị"]


def good_row(number, **changes):
    row = dict(zip(TITLES, ["Nguyễn Văn A", "12/07/1987", f"001087{number:06}", "Cục Cảnh sát QLHC về TTXH", "01/01/2022",
                            f"nhap{number}@coquanmau.gov.vn", *ORGANISATION, "Lạng Sơn", "0912345678", "Tệp PKCS#10"]))
    return row | changes


def workbook(table, titles=TITLES, prepare=None):
    book = openpyxl.Workbook(write_only=prepare is None)
    sheet = book.create_sheet() if prepare is None else book.active
    sheet.append(titles)
    for row in table:
        sheet.append([row.get(title) for title in titles])
    if prepare:
        prepare(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(content, change=None, more=()):
    """The same package, every part through `change(name, bytes)`, with more parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(name, data) if change else data)
        for name, data in more:
            new.writestr(name, data)
    return out.getvalue()


def upload(client, dossier, content, name="danh-sach.xlsx", kind=XLSX):
    return client.upload("POST", f"/api/v1/dossiers/{dossier['id']}/import", name, content, kind)


def preview(client, dossier, imported):
    """Every row of a preview: number → {(title, code, level)}."""
    out, after = {}, None
    while True:
        page = client.call("GET", f"/api/v1/dossiers/{dossier['id']}/import/{imported['id']}", limit=200, after=after)
        for row in page["rows"]:
            out[row["row"]] = (row["compatible"], {(f.get("title", ""), f["code"], f["level"]) for f in row["faults"]})
        after = page.get("next")
        if not after:
            return out


@pytest.fixture
def dossier(clerk):
    return clerk.call("POST", "/api/v1/dossiers", {"kind": "01"})


BLOCK, WARN = "block", "warn"
# What is wrong with a row ({number}: the row's own), and what is to be said about it.
FAULTS = [
    ({}, set()),
    ({"Họ tên": None}, {("Họ tên", "registry.line.required", BLOCK)}),
    ({"Họ tên": "Nguyễn Văn 3"}, {("Họ tên", "registry.check.name.digits", WARN)}),
    ({"Họ tên": "Nguyễn Vаn A"}, {("Họ tên", "registry.check.name.scripts", WARN)}),  # a Cyrillic а
    ({"Họ tên": "Nguyễn \u202eVăn A"}, {("Họ tên", "registry.check.text.hidden", BLOCK)}),
    ({"Họ tên": "Nguyễn" + " Văn" * 40}, {("Họ tên", "registry.check.name.long", BLOCK)}),
    ({"Ngày sinh": "31/02/1987"}, {("Ngày sinh", "registry.check.day.unreadable", BLOCK)}),
    ({"Ngày sinh": "hôm qua"}, {("Ngày sinh", "registry.check.day.unreadable", BLOCK)}),
    ({"Ngày sinh": "12/07/2087"}, {("Ngày sinh", "registry.check.birth.future", BLOCK),
                                   ("Số CMND, CCCD, HC", "registry.check.identity.year", WARN),
                                   ("Ngày cấp", "registry.check.issue.birth", WARN)}),
    ({"Số CMND, CCCD, HC": "9{number:04}"}, {("Số CMND, CCCD, HC", "registry.check.identity.length", BLOCK)}),
    ({"Số CMND, CCCD, HC": "0010ABCD{number:04}"}, {("Số CMND, CCCD, HC", "registry.check.identity.characters", BLOCK)}),
    ({"Nơi cấp": None}, {("Nơi cấp", "registry.line.required", BLOCK)}),
    ({"Ngày cấp": "01/01/2087"}, {("Ngày cấp", "registry.check.issue.future", WARN)}),
    ({"Ngày cấp": "01/01/1980"}, {("Ngày cấp", "registry.check.issue.birth", WARN)}),
    ({"Địa chỉ thư điện tử công vụ": "nguyenvana"}, {("Địa chỉ thư điện tử công vụ", "registry.check.mail.malformed", BLOCK)}),
    ({"Địa chỉ thư điện tử công vụ": "nguyenvana@gmail.com"}, {("Địa chỉ thư điện tử công vụ", "registry.check.mail.public", BLOCK)}),
    ({"Tên CQTC cấp 1": "Không Có Tỉnh Này"}, {("Tên CQTC cấp 1", "registry.organisation.chain", BLOCK)}),
    ({"Tên CQTC cấp 3": "Cơ quan mẫu: Sở Giáo dục Mẫu"}, {("Tên CQTC cấp 1", "registry.line.organisation_foreign", BLOCK)}),
    ({"Tỉnh, thành phố": "Atlantis"}, {("Tỉnh, thành phố", "registry.line.province", BLOCK)}),
    ({"Số điện thoại": "không có"}, {("Số điện thoại", "registry.check.msisdn.characters", BLOCK)}),
    ({"Loại thiết bị": "Máy fax"}, {("Loại thiết bị", "registry.import.choice", BLOCK)}),
    ({"Loại thiết bị": "RSSP"}, None),  # central signing: several reasons at once
    ({"Nơi cấp": "x" * 300}, {("Nơi cấp", "registry.import.text", BLOCK)}),
]


def test_ten_thousand_rows_with_every_fault(clerk, dossier):
    table = [good_row(number, **{title: value and value.format(number=number) for title, value in FAULTS[number % len(FAULTS)][0].items()})
             for number in range(9_998)]
    table += [good_row(20_000), good_row(20_000, **{"Địa chỉ thư điện tử công vụ": "khac@coquanmau.gov.vn"})]
    content = workbook(table)
    begin = time.monotonic()
    imported = upload(clerk, dossier, content)
    seconds = time.monotonic() - begin
    assert imported["rows_total"] == 10_000
    found = preview(clerk, dossier, imported)
    assert len(found) == 10_000
    domain = ("Địa chỉ thư điện tử công vụ", "registry.check.mail.domain", BLOCK)
    for number in range(9_998):
        compatible, faults = found[number + 2]
        expected = FAULTS[number % len(FAULTS)][1]
        if expected is None:
            assert not compatible and len(faults) >= 2, faults
            continue
        assert faults - {domain} == expected, (number + 2, FAULTS[number % len(FAULTS)][0])
        may_pass = all(level == WARN or code == "registry.check.mail.public" for _, code, level in expected)
        assert compatible == may_pass, (number + 2, faults)
    # The same person again: the later line is told.
    assert found[10_000][0]
    assert ("Số CMND, CCCD, HC", "registry.check.list.twice", BLOCK) in found[10_001][1]
    assert imported["rows_compatible"] == sum(compatible for compatible, _ in found.values())
    assert imported["faults_total"] >= sum(len(faults) for _, faults in found.values())
    # The same faults as a workbook, by cell.
    sheet = openpyxl.load_workbook(io.BytesIO(clerk.download(
        f"/api/v1/dossiers/{dossier['id']}/import/{imported['id']}/faults.xlsx")), read_only=True).active
    assert sum(1 for _ in sheet.iter_rows()) >= imported["faults_total"]
    # More than a dossier holds are not taken at once; one by one chosen, they are.
    with pytest.raises(Refused) as refused:
        clerk.call("POST", f"/api/v1/dossiers/{dossier['id']}/import/{imported['id']}", {})
    assert refused.value.code == "registry.dossier.lines"
    taken = clerk.call("POST", f"/api/v1/dossiers/{dossier['id']}/import/{imported['id']}", {"rows": [2, 2 + len(FAULTS)]})
    assert taken["line_count"] == 2
    assert clerk.call("POST", f"/api/v1/dossiers/{dossier['id']}/import/{imported['id']}", {"rows": [4]})["line_count"] == 2
    print(f"10000 rows read and checked in {seconds:.1f} s")
    assert seconds < 20


def test_one_row_too_many(clerk, dossier):
    with pytest.raises(Refused) as refused:
        upload(clerk, dossier, workbook([{"Họ tên": "Nguyễn Văn A"}] * 10_001))
    assert (refused.value.status, refused.value.code) == (413, "registry.import.rows")


def test_formulas_merged_cells_and_macros_are_named(clerk, dossier):
    def odd(sheet):
        sheet["A3"] = '="Nguyễn Văn "&"A"'
        sheet.merge_cells("D4:D5")
        sheet.row_dimensions[6].hidden = True
    content = workbook([good_row(number) for number in range(300, 306)], prepare=odd)
    content = repacked(content, lambda name, data: data.replace(b"</f><v></v>", "</f><v>Nguyễn Văn A</v>".encode()).replace(
        b"</f><v/>", "</f><v>Nguyễn Văn A</v>".encode()).replace(b'<c r="A3"><f>', b'<c r="A3" t="str"><f>')
        if name.startswith("xl/worksheets/") else data, [("xl/vbaProject.bin", b"macros")])
    imported = upload(clerk, dossier, content, "co-macro.xlsm")
    assert {"registry.import.ranges", "registry.import.hidden"} <= {one["code"] for one in imported["remarks"]}
    found = preview(clerk, dossier, imported)
    assert found[2] == (True, found[2][1]) and not any("import" in code for _, code, _ in found[2][1])
    assert ("Họ tên", "registry.import.formula", WARN) in found[3][1]
    assert found[4][0]  # the first of merged cells holds the value
    assert ("Nơi cấp", "registry.import.merged", BLOCK) in found[5][1] and not found[5][0]


def compound_file(stream):
    name = stream.encode("utf-16-le")
    entry = name.ljust(64, b"\0") + struct.pack("<H", len(name) + 2) + bytes(62)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + entry + bytes(1024)


def zip_bomb():
    out = io.BytesIO()
    base = workbook([good_row(1)])
    with zipfile.ZipFile(io.BytesIO(base)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != "xl/worksheets/sheet1.xml":
                new.writestr(name, old.read(name))
        with new.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            part.write(b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>')
            for _ in range(300):
                part.write(b" " * (1 << 20))
    return out.getvalue()


def with_entity():
    doctype = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY f SYSTEM "file:///etc/passwd">' + b"".join(
        f'<!ENTITY a{n} "{f"&a{n - 1 if n > 1 else str()};" * 10}">'.encode() for n in range(1, 9)) + b"]>"

    def change(name, data):
        if not name.startswith("xl/worksheets/"):
            return data
        data = data if data.startswith(b"<?xml") else b'<?xml version="1.0"?>' + data
        head, _, rest = data.partition(b"?>")
        return head + b"?>" + doctype + rest.replace("Nguyễn Văn A".encode(), b"&a8;&f;")
    return repacked(workbook([good_row(1)], prepare=lambda sheet: None), change)


CSV = (";".join(TITLES) + "\r\n" + ";".join(good_row(7).values()) + "\r\n").replace("Tệp PKCS#10", "pkcs10")
REFUSED_FILES = {
    "empty": (b"", {"sheet.empty"}),
    "old xls": (compound_file("Workbook"), {"sheet.kind"}),
    "doc": (compound_file("WordDocument"), {"sheet.kind"}),
    "encrypted": (compound_file("EncryptedPackage"), {"sheet.encrypted"}),
    "zip bomb": (zip_bomb, {"sheet.bomb", "sheet.limit", "sheet.limit.size"}),
    "entities": (with_entity, {"sheet.malformed"}),
    "html named xls": (b"<html><table><tr><td>x</td></tr></table></html>", {"sheet.kind"}),
    "xml spreadsheet": (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', {"sheet.kind"}),
    "pdf": (b"%PDF-1.7\n", {"sheet.kind"}),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), {"sheet.kind"}),
    "cp1258": ((";".join(TITLES[:2]) + "\r\nNguyễn;\r\n").encode("utf-8").replace("ễ".encode(), b"\xea\xde"), {"sheet.encoding"}),
    "truncated": (lambda: workbook([good_row(1)])[:2_000], {"sheet.malformed"}),
    "zip of something else": (lambda: repacked(workbook([])[:0] or zipped({"a.txt": b"x"})), {"sheet.kind", "sheet.malformed"}),
    "wrong columns": (lambda: workbook([{"Cột lạ": 1}], ["Cột lạ", "Cột khác"]), {"registry.import.head"}),
    "a column missing": (lambda: workbook([good_row(1)], TITLES[1:]), {"registry.import.head"}),
    "only titles": (lambda: workbook([]), {"registry.import.empty"}),
    "8 MiB and more": (lambda: bytes(9 << 20), {"sheet.limit.size", "net.request.too_large"}),
}


def zipped(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize("name", REFUSED_FILES)
def test_files_that_are_no_list(clerk, dossier, name):
    content, codes = REFUSED_FILES[name]
    begin = time.monotonic()
    with pytest.raises(Refused) as refused:
        upload(clerk, dossier, content() if callable(content) else content, "danh-sach.xls")
    assert refused.value.code in codes
    assert refused.value.status in ((413,) if "limit" in refused.value.code or name == "zip bomb" else (400, 413, 422))
    assert {"title", "detail", "title_en", "detail_en"} <= refused.value.problem.keys()
    assert time.monotonic() - begin < 10


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom", "utf-16-be-bom"])
def test_text_of_every_unicode_encoding_is_read(clerk, dossier, encoding):
    content = {"utf-16-le-bom": b"\xff\xfe" + CSV.encode("utf-16-le"), "utf-16-be-bom": b"\xfe\xff" + CSV.encode("utf-16-be")}.get(encoding)
    imported = upload(clerk, dossier, content or CSV.encode(encoding), "danh-sach.csv", "text/csv")
    assert imported["rows_total"] == 1
    row = clerk.call("GET", f"/api/v1/dossiers/{dossier['id']}/import/{imported['id']}")["rows"][0]
    assert row["line"]["name"] == "Nguyễn Văn A" and row["line"]["identity"] == "001087000007"


# -- letters ----------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def signers(portal):
    """People beside the sample organisation's own leader and seal."""
    organisation = ["C=VN", "O=Cơ quan mẫu: Ủy ban nhân dân tỉnh"]
    portal.issue("PERSON_5Y", "nguoi-khac", [*organisation, "CN=Phạm Văn Khác"])
    portal.issue("ORGANIZATION_5Y", "dau-khac", [*organisation, "CN=Cơ quan mẫu: Sở Khác"])
    base = portal.folder / "people"
    demo_portal.demo_ca.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                             "30", "-utf8", "-keyout", f"{base}/tu-ky.key.pem", "-out", f"{base}/tu-ky.chain.pem", "-subj",
                             "/C=VN/O=Cơ quan mẫu/CN=Nguyễn Văn Thủ Trưởng", "-addext", "keyUsage=critical,digitalSignature,nonRepudiation"])
    for name in ("nguoi-khac", "dau-khac", "tu-ky"):
        demo_portal.demo_ca.run(["openssl", "pkcs12", "-export", "-inkey", f"{base}/{name}.key.pem", "-in", f"{base}/{name}.chain.pem",
                                 "-out", f"{base}/{name}.p12", "-passout", "pass:123456"])
    return base


def exported(client, dossier, folder):
    path = folder / "van-ban.pdf"
    path.write_bytes(client.download(f"/api/v1/dossiers/{dossier['id']}/letter.pdf"))
    return path


def signed_by(portal, path, *steps, tsa=True):
    """(role, holder) one after the other."""
    for number, (role, holder) in enumerate(steps):
        out = path.with_suffix(f".{number}.pdf")
        extra = ["--number", "12", "--date", TODAY] if role == "number" else [
            "--holder", f"p12:{portal.folder}/people/{holder}.p12", "--pin-file", portal.folder / "people/pin.txt",
            *(["--tsa", portal.tsa_url] if tsa else [])]
        if holder == "nguoi-khac":  # whose name the letter does not print
            extra += ["--page", "1", "--rect", "300,100,200,60"]
        if role != "number":
            extra += ["--image", ROOT / ("share/images/sample-seal-red-37mm.png" if role == "organisation" else
                                         "share/images/sample-signature-blue.png")]
        portal.kyso("sign", path, "-o", out, "--role", role, *extra)
        path = out
    return path.read_bytes()


def self_signed(portal, path):
    """By another program: kyso refuses such a certificate."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    signer = signers.SimpleSigner.load_pkcs12(f"{portal.folder}/people/tu-ky.p12", passphrase=b"123456")
    with open(path, "rb") as content:
        out = signers.sign_pdf(IncrementalPdfFileWriter(content), signers.PdfSignatureMetadata(field_name="Ky1"), signer=signer)
    signed = path.with_suffix(".tu-ky.pdf")
    signed.write_bytes(out.getvalue())
    return signed


NUMBER = ("number", None)
HEAD, SEAL = ("leader", "lanh-dao"), ("organisation", "con-dau")


def changed_behind(signed):
    """An incremental update that draws on the first page."""
    from pyhanko.pdf_utils.generic import NameObject, StreamObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    stream = writer.add_object(StreamObject(stream_data=b"q 0 0 200 200 re f Q"))
    page = writer.root["/Pages"]["/Kids"][0]
    page[NameObject("/Contents")] = stream
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def flipped(signed):
    """One bit within what is signed."""
    at = signed.index(b"stream") + 40
    return signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1:]


LETTERS = {
    "unsigned": (lambda portal, path: path.read_bytes(), {"registry.letter.unsigned"}),
    "only the leader": (lambda portal, path: signed_by(portal, path, HEAD, NUMBER), {"registry.letter.no_seal"}),
    "only the seal": (lambda portal, path: signed_by(portal, path, NUMBER, SEAL), {"registry.letter.no_head"}),
    "another person": (lambda portal, path: signed_by(portal, path, ("leader", "nguoi-khac"), NUMBER, SEAL), {"registry.letter.other_head"}),
    "another seal": (lambda portal, path: signed_by(portal, path, HEAD, NUMBER, ("organisation", "dau-khac")), {"registry.letter.other_seal"}),
    "no time-stamps": (lambda portal, path: signed_by(portal, path, HEAD, NUMBER, SEAL, tsa=False), {"registry.letter.no_time_stamp"}),
    "self-signed": (lambda portal, path: signed_by(portal, self_signed(portal, path), NUMBER, SEAL), {"registry.letter.signature"}),
    "changed behind": (lambda portal, path: changed_behind(signed_by(portal, path, HEAD, NUMBER, SEAL)), {"registry.letter.signature"}),
    "a bit changed": (lambda portal, path: flipped(signed_by(portal, path, HEAD, NUMBER, SEAL)), {"registry.letter.signature"}),
}


@pytest.mark.parametrize("name", LETTERS)
def test_letters_that_do_not_do(portal, clerk, signers, tmp_path, name):
    number = 400 + list(LETTERS).index(name)
    dossier = draft(clerk, "01", [person(number)])
    make, codes = LETTERS[name]
    content = make(portal, exported(clerk, dossier, tmp_path))
    verdict = clerk.upload("PUT", f"/api/v1/dossiers/{dossier['id']}/letters/request", "cong-van.pdf", content, "application/pdf")
    assert not verdict["is_valid"]
    assert verdict["text"] == "Văn bản/Hồ sơ ký số không hợp lệ"
    assert codes <= {problem["code"] for problem in verdict["problems"]}, verdict["problems"]
    assert all(problem["message"] and problem["message_en"] for problem in verdict["problems"])
    with pytest.raises(Refused) as refused:
        clerk.call("POST", f"/api/v1/dossiers/{dossier['id']}/submission",
                   {"revision": clerk.call("GET", f"/api/v1/dossiers/{dossier['id']}")["revision"], "reasons": {}})
    assert refused.value.code == "registry.dossier.letter"
    assert refused.value.problem["title"].startswith("Không nộp được hồ sơ do văn bản chưa được ký số"), refused.value.problem["title"]
    assert clerk.call("GET", f"/api/v1/dossiers/{dossier['id']}")["state"] == "draft"


def letter_codes(client, dossier):
    checks = client.call("GET", f"/api/v1/dossiers/{dossier['id']}/submission")
    assert not checks["is_ready"]
    return {finding["code"] for finding in checks["findings"] if finding["level"] == BLOCK}


def test_a_letter_belongs_to_its_dossier_as_it_was_exported(portal, clerk, tmp_path):
    first = draft(clerk, "01", [person(420)])
    second = draft(clerk, "01", [person(421)])
    content = signed_by(portal, exported(clerk, first, tmp_path), HEAD, NUMBER, SEAL)
    attach = lambda dossier: clerk.upload("PUT", f"/api/v1/dossiers/{dossier['id']}/letters/request", "cv.pdf", content)
    assert attach(first)["is_valid"]
    verdict = attach(second)
    assert not verdict["is_valid"] and "registry.letter.other_dossier" in {one["code"] for one in verdict["problems"]}
    # Rows that are changed, added or taken away after the export.
    line = clerk.call("GET", f"/api/v1/dossiers/{first['id']}/lines")["items"][0]
    path = f"/api/v1/dossiers/{first['id']}/lines"
    changed = clerk.call("PUT", f"{path}/{line['id']}", {**person(420, name="Nguyễn Văn B"), "revision": line["revision"]})
    assert "registry.letter.rows" in letter_codes(clerk, first)
    clerk.call("PUT", f"{path}/{line['id']}", {**person(420), "revision": changed["revision"]})
    assert clerk.call("GET", f"/api/v1/dossiers/{first['id']}/submission")["is_ready"]  # as it was
    clerk.call("POST", path, {"lines": [person(422)]})
    assert {"registry.letter.count_more", "registry.dossier.count"} & letter_codes(clerk, first)
    # Another number than the one entered.
    revision = clerk.call("GET", f"/api/v1/dossiers/{first['id']}")["revision"]
    clerk.call("PUT", f"/api/v1/dossiers/{first['id']}", {"revision": revision, "stated_count": 2, **FORM, "letter_number": "99/SM-VP"})
    assert "registry.letter.number" in letter_codes(clerk, first)


def pdf_bomb():
    data = zlib.compress(zlib.compress(bytes(200 << 20), 9), 9)
    return (b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
            b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>endobj\n4 0 obj<</Length "
            + str(len(data)).encode() + b"/Filter[/FlateDecode/FlateDecode]>>stream\n" + data + b"\nendstream endobj\n"
            b"trailer<</Root 1 0 R/Size 5>>\nstartxref\n0\n%%EOF\n")


@pytest.mark.parametrize("name,content,statuses", [
    ("not a PDF", b"GIF89a", {422}), ("empty", b"", {422}), ("HTML", b"<html>", {422}), ("only a head", b"%PDF-1.7\n", {422}),
    ("bomb", pdf_bomb, {200, 413, 422}), ("20 MiB and more", lambda: b"%PDF-1.7\n" + bytes(21 << 20), {413}),
    ("deep", lambda: b"%PDF-1.7\n1 0 obj" + b"[" * 100_000 + b"endobj trailer<</Root 1 0 R>>", {422})],
    ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_no_letter_is_refused_quickly(portal, clerk, dossier, name, content, statuses):
    begin = time.monotonic()
    body = content() if callable(content) else content
    for address in (f"/api/v1/dossiers/{dossier['id']}/letters/request",):
        try:
            verdict = clerk.upload("PUT", address, "cv.pdf", body, "application/pdf")
            assert 200 in statuses and not verdict["is_valid"]
        except Refused as refused:
            assert refused.status in statuses, refused
    assert time.monotonic() - begin < 10
    try:
        report = clerk.upload("POST", "/api/v1/public/verification", "cv.pdf", body, "application/pdf")
        assert report["verdict"] != "TOTAL_PASSED"
    except Refused as refused:
        assert refused.status in (413, 422, 429), refused


# -- requests ---------------------------------------------------------------------------------------------------------
NOT_JSON = [b"", b"{", b"[]", b"null", b"1", b'"x"', b"{}}", b'{"a":1,}', b"\xff\xfe{\x00}\x00", b'{"kind":"\xff\xfe"}',
            b'{"kind":"\xed\xa0\x80"}', b"\xef\xbb\xbf{}", b'{"revision":1e400}', b'{"revision":NaN}', b"{'a':1}", b"<x/>",
            b'{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}", b'{"a":' * 20_000, b'{"a":"' + b"\\ud800" * 10 + b'"}',
            b'{"kind":"01","kind":"02"}', b'{"a":' + b"9" * 10_000 + b"}", b"\x00" * 100]
ODD = [None, True, 0, -1, 1 << 63, 1 << 70, 1.5, 1e300, "", " ", "x" * 5_000, "\x00", "a\x00b", "‮gpj.exe", "é", "Nguyễn",
       "\U0001f600" * 50, "../../../etc/passwd", "'; DROP TABLE dossier; --", "%s%n", "<script>alert(1)</script>", "2026-02-30",
       "9999-12-31", "0000-00-00", "-1", "1e9", [], [None], [[[[[]]]]], {}, {"a": {"b": {"c": {}}}}, ["x"] * 2_000, [{}] * 1_001]


def places(value, at=()):
    """Where something may be put in a JSON value."""
    yield at
    if isinstance(value, dict):
        for name, item in value.items():
            yield from places(item, (*at, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*at, index))


def mutated(value, chance):
    value = json.loads(json.dumps(value))
    at = chance.choice(list(places(value)))
    if not at:
        return chance.choice([one for one in ODD if isinstance(one, (dict, list, str))])
    inner = value
    for part in at[:-1]:
        inner = inner[part]
    if chance.random() < 0.2 and isinstance(inner, dict):
        del inner[at[-1]]
    else:
        inner[at[-1]] = chance.choice(ODD)
    return value


FUZZED = [one for one in operations() if one.body_schema() and one.body_schema()[0] == "application/json"]


@pytest.fixture(scope="module")
def victims(portal, people, clerk):
    return objects_for_harm(portal, people, clerk)


def objects_for_harm(portal, people, clerk):
    """Objects and accounts that may come to harm."""
    dossier = draft(clerk, "01", [person(500)])
    line = clerk.call("GET", f"/api/v1/dossiers/{dossier['id']}/lines")["items"][0]
    organisation = clerk.call("GET", "/api/v1/me")["organisation"]["id"]
    account = new_account(portal, "nan-nhan", organisation, ["clerk"])
    somebody = signed_in_as(portal, account, source="127.0.0.8")
    people["receiving"].call("POST", "/api/v1/desk/tokens", {"tokens": [{"serial": "MAU0001", "model": "Mẫu"}]})
    return {"dossier": dossier, "line": line, "account": somebody.call("GET", "/api/v1/me")["id"], "somebody": somebody}


def fuzz_client(one, people, victims):
    if one.access == "public" or one.access == "signed-in":
        return victims["somebody"]
    return people[next(role for role in ROLES if one.allows(role))]


def captured(one, victims):
    found = {"line": victims["line"]["id"]}
    if "/dossiers/{id}" in one.path:
        found["id"] = victims["dossier"]["id"]
    if one.name == "changeAccount":
        found["id"] = victims["account"]
    if "/desk/tokens/" in one.path:
        found["serial"] = "MAU0001"
    return found


def send_odd_requests(people, victims, one, rounds):
    chance = random.Random(f"{SEED}/{one.name}")
    client, captures = fuzz_client(one, people, victims), captured(one, victims)
    good = sample(one.body_schema()[1])
    if "revision" in good:
        good["revision"] = people["clerk"].call("GET", f"/api/v1/dossiers/{victims['dossier']['id']}")["revision"]
    if one.name == "addLines":
        good["lines"] = [person(501)]
    path, _, headers = prepared(one, captures)
    for body in NOT_JSON + [json.dumps(mutated(good, chance)).encode() for _ in range(rounds)]:
        begin = time.monotonic()
        answer, data = client.raw(one.method, path, body, headers)
        seconds = time.monotonic() - begin
        where = f"seed {SEED}: {one.method} {path} {body[:300]!r} → {answer.status} {data[:400]!r}"
        assert answer.status < 500, where
        assert seconds < 5, where
        if answer.status >= 400:
            assert problem_code(answer, data), where
            assert {"title", "detail", "title_en"} <= json.loads(data).keys(), where


TEXTS = ["", "-1", "0", "201", "99999999999999999999", "x" * 900, "%00", "%ff%fe", "a%00b", "%27%20OR%201=1--", "*", "%25", "_%25",
         "2026-13-45", "9999-12-31", "0001-01-01", "%f0%9f%98%80", "..%2f..%2f", "%E2%80%AE", "null", "[]", "true"]
PARTS = ["x", "0", "-1", "a" * 300, "é", "'", "..", "CPCA_G1", "ffffffffffffffff", "\x00", "a\x00b"]


def ask_odd_addresses(people, victims, one, rounds):
    chance = random.Random(f"{SEED}/{one.name}")
    role = next((role for role in ROLES if one.access not in ("public", "signed-in") and one.allows(role)), None)
    client = people[role] if role else victims["somebody"]
    names = [p["name"] for p in one.parameters if p["in"] == "query"] or ["x"]
    for _ in range(rounds):
        captures = {name: chance.choice(PARTS) for name in one.captures}
        if chance.random() < 0.5:
            captures |= captured(one, victims)
        path, _, _ = prepared(one, captures)
        asked = "&".join(f"{name}={chance.choice(TEXTS)}" for name in chance.sample(names, min(len(names), 3)))
        answer, data = client.raw("GET", path.split("?")[0] + "?" + asked)
        assert answer.status < 500, f"seed {SEED}: {path}?{asked} → {answer.status} {data[:400]!r}"


READ = [one for one in operations() if one.method == "GET" and one.name != "events"]


@pytest.mark.parametrize("one", FUZZED, ids=lambda one: one.name)
def test_odd_requests_are_refused_and_nothing_else(portal, people, victims, one):
    send_odd_requests(people, victims, one, ROUNDS)
    assert (portal.processes["kysod"].poll(), portal.processes["vault"].poll()) == (None, None)


@pytest.mark.parametrize("one", READ, ids=lambda one: one.name)
def test_odd_addresses_are_refused_and_nothing_else(people, victims, one):
    ask_odd_addresses(people, victims, one, ROUNDS)


def test_names_are_kept_composed_and_hidden_signs_are_seen(clerk, dossier):
    def check(name):
        return clerk.call("POST", f"/api/v1/dossiers/{dossier['id']}/check", person(600, name=name))["findings"]

    def codes(name):
        return {one["code"] for one in check(name) if one["field"] == "name"}
    assert codes("Nguyễn Văn A") == codes(unicodedata.normalize("NFD", "Nguyễn Văn A")) == set()
    added = clerk.call("POST", f"/api/v1/dossiers/{dossier['id']}/lines",
                       {"lines": [person(600, name=unicodedata.normalize("NFD", "  Nguyễn   Văn A "))]})
    assert added["items"][0]["name"] == "Nguyễn Văn A"
    assert codes("Nguyễn Văn А") == {"registry.check.name.scripts"}  # Cyrillic А
    for hidden in ("‮", "⁦", "​", "﻿", "­", "\U000e0041"):
        found = [(one["code"], one["level"], one["field"]) for one in check(f"Nguyễn{hidden} Văn A")]
        assert found == [("registry.check.text.hidden", BLOCK, "name")], f"U+{ord(hidden):04X}"
        with pytest.raises(Refused) as refused:
            clerk.call("POST", f"/api/v1/dossiers/{dossier['id']}/lines", {"lines": [person(601, name=f"Nguyễn{hidden} Văn A")]})
        assert f"U+{ord(hidden):04X}" in refused.value.problem["fields"][0]["message"]
    for control in ("\x00", "\x07", "\x1b[31m", "\t"):
        with pytest.raises(Refused) as refused:
            check(f"Nguyễn{control} Văn A")
        assert refused.value.status == 400, repr(control)


def test_uploads_are_what_they_say(portal, people, clerk):
    admin = people["administrator"]
    content = admin.call("POST", "/api/v1/administration/content", {"kind": "resource", "title": "Biểu mẫu", "group": "Biểu mẫu"})
    address = f"/api/v1/administration/content/{content['id']}/file"
    for name, data in (("a.pdf", b"<html><script>alert(1)</script></html>"), ("a.html", b"<html></html>"), ("a.svg", b"<svg/>"),
                       ("a.pdf", b"MZ\x90\x00" + bytes(100)), ("a.js", b"alert(1)"), ("a.docx", b"%PDF-1.7\n"), ("a", b"x")):
        with pytest.raises(Refused) as refused:
            admin.upload("PUT", address, name, data, "application/pdf")
        assert refused.value.status == 422, (name, refused.value)
    good = (ROOT / "tests/data/pdf/vn-cong-van.pdf").read_bytes()
    admin.upload("PUT", address, "..\\..\\x/Mẫu số 1.pdf", good, "text/html")
    answer, data = Client(portal.portal_url).raw("GET", f"/api/v1/public/content/{content['id']}/file")
    assert data == good and answer.headers["Content-Type"] == "application/pdf"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment") and "/" not in disposition.replace("UTF-8''", "") and "\\" not in disposition
    organisation = clerk.call("GET", "/api/v1/me")["organisation"]["id"]
    for image in (b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\n" + bytes(50), good):
        body, kind = multipart_seal(image)
        answer, data = people["head"].raw("POST", f"/api/v1/organisations/{organisation}/seals", body, {"Content-Type": kind})
        assert answer.status == 422, data


def multipart_seal(image):
    from portal_support import multipart
    return multipart({"image": ("dau.png", image, "image/png"), "valid_from": "2026-01-01", "diameter_mm": "36"})


def test_broken_forms_are_refused(portal, clerk, dossier):
    address = f"/api/v1/dossiers/{dossier['id']}/import"
    for kind, body in (("multipart/form-data", b"x"), ("multipart/form-data; boundary=" + "x" * 300, b"x"),
                       ("multipart/form-data; boundary=e", b"--e\r\n\r\n"), ("multipart/form-data; boundary=e", b"--e--\r\n"),
                       ("multipart/form-data; boundary=e", b"--e\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n--e--\r\n"),
                       ("multipart/form-data; boundary=e", b"--e\r\n" * 20_000), ("application/json", b"{}")):
        answer, data = clerk.raw("POST", address, body, {"Content-Type": kind})
        assert 400 <= answer.status < 500 and problem_code(answer, data), (kind, body[:50], answer.status)
