"""From registration to a PDF signed with the issued certificate, over the interface that the pages use."""
import json
import re
import time
import urllib.request

import pytest
from api_client import Client, Refused
from conftest import ROOT, demo_portal, signed_in
from dossier_steps import draft, letter, person, submit
from portal_support import rows


def wait_for(what, seconds=30):
    until = time.monotonic() + seconds
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.1)


def mails(portal, to, subject=""):
    with urllib.request.urlopen(f"{portal.mailbox_url}/messages.json", timeout=10) as answer:
        return [mail for mail in json.load(answer) if to in mail["to"] and subject in mail["subject"]]


def key_and_request(portal, name):
    base = portal.folder / "people" / name
    demo_portal.demo_ca.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                             "-keyout", f"{base}.key.pem", "-out", f"{base}.csr", "-subj", "/CN=x"])
    return base


def approve(portal, dossier, signers=("tiep-nhan", "tham-tra", "phe-duyet")):
    receiving = portal.officers["tiep-nhan"]
    path = f"/api/v1/desk/dossiers/{dossier['id']}"
    received = receiving.call("POST", f"{path}/reception", {"revision": dossier["revision"]})
    receiving.call("POST", f"{path}/lines", {"revision": received["revision"], "decisions": [{"line": "*", "decision": "approve"}]})
    for officer in signers:
        last = portal.officers[officer].sign_statement(dossier["id"])
    return last


def test_what_reports_read_is_kept_without_being_asked(portal):
    wait_for(lambda: rows(portal, "SELECT value FROM report_cursor WHERE name = 'finished'"))


def test_from_an_account_to_a_signed_document(portal, tmp_path):
    # An organisation's clerk opens an account and confirms it by e-mail.
    client = Client(portal.portal_url)
    found = client.call("GET", "/api/v1/organisations", q="so giao duc mau")["items"]
    assert found[0]["name"] == "Cơ quan mẫu: Sở Giáo dục Mẫu"
    email, password = "vanthu.sgd@coquanmau.gov.vn", "mot-mat-khau-that-dai-2026"
    client.call("POST", "/api/v1/accounts", {"organisation": found[0]["id"], "name": "Trần Thị Văn Thư", "phone": "0912345678",
                                             "email": email, "password": password, "agreed": True, "captcha": client.captcha()})
    mail = wait_for(lambda: mails(portal, email))[0]
    token = re.search(r"https?://\S+[?#/=]([A-Za-z0-9_-]{30,})", mail["text"]).group(1)
    with pytest.raises(Refused):
        Client(portal.portal_url).sign_in(email, password)
    client.call("POST", "/api/v1/accounts/activation", {"token": token})
    with pytest.raises(Refused):
        client.call("POST", "/api/v1/accounts/activation", {"token": token})

    # The sample organisation's clerk prepares, signs and submits.
    clerk = signed_in(portal, "van-thu")
    base = key_and_request(portal, "hanh-trinh")
    dossier = draft(clerk, "01", [person(101)])
    line = clerk.call("GET", f"/api/v1/dossiers/{dossier['id']}/lines")["items"][0]
    clerk.upload("PUT", f"/api/v1/dossiers/{dossier['id']}/lines/{line['id']}/pkcs10", "yeu-cau.csr",
                 base.with_suffix(".csr").read_bytes(), revision=line["revision"])
    verdict = letter(portal, clerk, dossier, tmp_path)
    assert verdict["is_valid"], verdict
    assert verdict["text"].startswith("Văn bản/Hồ sơ ký số hợp lệ")
    assert verdict["count_in_letter"] == 1
    submitted = submit(clerk, dossier)
    assert submitted["state"] == "submitted"

    # Three officers, three passkeys: the vault issues, the dossier is done, everybody is told.
    done = approve(portal, submitted)
    assert done["state"] == "completed", done
    issued = clerk.call("GET", f"/api/v1/dossiers/{dossier['id']}/lines")["items"][0]
    assert issued["state"] == "issued"
    serial = issued["certificate"]["serial"]
    told = wait_for(lambda: [m for m in mails(portal, "nva101@coquanmau.gov.vn") if serial in m["text"]])
    assert "BEGIN CERTIFICATE" in told[0]["text"]
    wait_for(lambda: len(mails(portal, "vanthu@coquanmau.gov.vn")) >= 2)

    # The certificate works: a document signed with it is valid online; revoked, it says so.
    pem = clerk.download(f"/api/v1/certificates/{issued['certificate']['issuer']}/{serial}/file").decode()
    base.with_suffix(".cert.pem").write_text(pem + portal.issuer_certificate.read_text())
    portal.kyso("sign", ROOT / "tests/data/pdf/vn-cong-van.pdf", "-o", tmp_path / "ky.pdf", "--role", "plain", "--holder",
                f"pem:{base}.key.pem,{base}.cert.pem", "--tsa", portal.tsa_url)
    verify = ["verify", tmp_path / "ky.pdf", "--online", "--no-cache", "--trust", portal.root_certificate, "--only-trust"]
    portal.kyso(*verify)
    report = clerk.upload("POST", "/api/v1/public/verification", "ky.pdf", (tmp_path / "ky.pdf").read_bytes(), "application/pdf")
    assert report["verdict"] == "TOTAL_PASSED"

    revoke = draft(clerk, "05", [{"issuer": issued["certificate"]["issuer"], "serial": serial, "action": "revoke",
                                  "reason": 4, "reason_text": "Chuyển công tác"}])
    assert letter(portal, clerk, revoke, tmp_path, "thu-hoi")["is_valid"]
    ended = approve(portal, submit(clerk, revoke), signers=("tiep-nhan", "phe-duyet"))
    assert ended["state"] == "completed"
    found = clerk.call("GET", "/api/v1/certificates", serial=serial)["items"][0]
    assert found["state"] == "revoked"
    shown = clerk.call("GET", f"/api/v1/public/certificates/{serial}")["items"][0]
    assert shown["state"] == "revoked" and "Nguyễn" not in json.dumps(shown, ensure_ascii=False)

