"""What clerks do with a dossier up to its submission, over the interface that the pages use."""
from datetime import datetime, timedelta, timezone

TODAY = datetime.now(timezone(timedelta(hours=7))).strftime("%Y-%m-%d")
ORGANISATION = ["Lạng Sơn", "Cơ quan mẫu: Ủy ban nhân dân tỉnh", "Cơ quan mẫu: Sở Mẫu"]
FORM = {"receiver": {"name": "Nguyễn Thị Văn Thư", "identity": "001190000001", "identity_date": "2022-01-01",
                     "identity_place": "Cục Cảnh sát QLHC về TTXH", "position": "Văn thư", "phone": "0912345678",
                     "email": "vanthu@coquanmau.gov.vn", "address": "Số 1 phố Mẫu", "province": "20"},
        "letter_subject": "V/v đề nghị chứng thực chữ ký số", "letter_number": "12/SM-VP", "letter_date": TODAY, "signer_name": "Nguyễn Văn Thủ Trưởng",
        "signer_position": "GIÁM ĐỐC", "place": "Lạng Sơn"}


def person(number, **more):
    return {"name": "Nguyễn Văn A", "date_of_birth": "1987-07-12", "identity": f"001087{number:06}",
            "identity_date": "2022-01-01", "identity_place": "Cục Cảnh sát QLHC về TTXH",
            "email": f"nva{number}@coquanmau.gov.vn", "organisation_names": ORGANISATION,
            "province": "20", "position": "Chuyên viên", "phone": "0912345678", "device": "pkcs10", **more}


def draft(client, kind, lines, **form):
    dossier = client.call("POST", "/api/v1/dossiers", {"kind": kind})
    client.call("POST", f"/api/v1/dossiers/{dossier['id']}/lines", {"lines": lines})
    dossier = client.call("GET", f"/api/v1/dossiers/{dossier['id']}")
    return client.call("PUT", f"/api/v1/dossiers/{dossier['id']}",
                       {"revision": dossier["revision"], "stated_count": len(lines), **FORM, **form})


def letter(portal, client, dossier, tmp_path, name="cong-van", **options):
    (tmp_path / f"{name}.pdf").write_bytes(client.download(f"/api/v1/dossiers/{dossier['id']}/letter.pdf"))
    signed = portal.sign_letter(tmp_path / f"{name}.pdf", tmp_path / f"{name}.signed.pdf", number="12", date=TODAY, **options)
    return client.upload("PUT", f"/api/v1/dossiers/{dossier['id']}/letters/request", f"{name}.pdf", signed.read_bytes(),
                         "application/pdf")


def submit(client, dossier):
    dossier = client.call("GET", f"/api/v1/dossiers/{dossier['id']}")
    open_ = client.call("GET", f"/api/v1/dossiers/{dossier['id']}/submission")
    reasons = {finding["id"]: "Đã kiểm tra hồ sơ giấy" for finding in open_["findings"] if finding["level"] == "warn"}
    wanted = {"revision": dossier["revision"], "reasons": reasons}
    first = client.call("POST", f"/api/v1/dossiers/{dossier['id']}/submission", wanted)
    # A double click is one submission.
    assert client.call("POST", f"/api/v1/dossiers/{dossier['id']}/submission", wanted)["code"] == first["code"]
    return first
