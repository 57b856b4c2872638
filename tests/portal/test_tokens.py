"""Tokens: personalised at the station, written, handed over, used; and recovered when they are blocked."""
import json
import os
import re

import pytest
from conftest import ROOT, signed_in
from dossier_steps import TODAY, draft, letter, person, submit
from test_journey import approve


@pytest.fixture(scope="module")
def station(portal, tmp_path_factory):
    """An officer's computer with tokens of its own."""
    folder = tmp_path_factory.mktemp("station")
    (folder / "tokens").mkdir()
    (folder / "letters").mkdir(mode=0o700)
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
    environment = {**portal.environment, "SOFTHSM2_CONF": str(folder / "softhsm2.conf"), "HOME": str(folder),
                   "XDG_CONFIG_HOME": str(folder / "config"), "KYSO_LANG": "en"}
    module = next(m for m in ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so") if os.path.exists(m))

    class Station:
        path = folder
        pkcs11 = module

        def kyso(self, *arguments, check=True):
            import subprocess
            done = subprocess.run([str(portal.programs / "kyso"), *map(str, arguments)], env=environment, capture_output=True, text=True)
            assert not check or done.returncode == 0, f"{arguments}\n{done.stdout}{done.stderr}"
            return done

        def desk(self, what, *arguments, check=True):
            return self.kyso("desk", what, "--module", module, *arguments, *portal.officer("nguyen-van-a"), check=check)

        def pin_letter(self):
            return max((folder / "letters").iterdir(), key=lambda path: path.stat().st_mtime).read_text()

    return Station()


def token_pin(letter_text):
    return re.search(r"^PIN: (\S+)$", letter_text, re.MULTILINE).group(1)


def test_a_token_from_stock_to_signature_and_recovery(portal, station, tmp_path):
    clerk = signed_in(portal, "van-thu")
    receiving = portal.officers["tiep-nhan"]
    dossier = draft(clerk, "01", [person(201, device="token")])
    assert letter(portal, clerk, dossier, tmp_path)["is_valid"]
    submitted = submit(clerk, dossier)
    path = f"/api/v1/desk/dossiers/{dossier['id']}"
    received = receiving.call("POST", f"{path}/reception", {"revision": submitted["revision"]})
    decided = receiving.call("POST", f"{path}/lines", {"revision": received["revision"], "decisions": [{"line": "*", "decision": "approve"}]})
    assert decided["step"] == "keys"
    blockers = receiving.call("GET", f"{path}/statement")["blockers"]
    assert [each["code"] for each in blockers] == ["registry.desk.key"]

    # The station makes the key on the token and sends its request; the SO-PIN goes into escrow.
    jobs = json.loads(station.kyso("desk", "jobs", "--json", *portal.officer("nguyen-van-a")).stdout)
    assert [job["kind"] for job in jobs] == ["personalise"]
    station.desk("personalise", "--pin-letters", station.path / "letters", "--escrow", portal.escrow_certificate)
    pin = token_pin(station.pin_letter())
    for officer in ("tiep-nhan", "tham-tra", "phe-duyet"):
        last = portal.officers[officer].sign_statement(dossier["id"])
    assert last["step"] == "delivery"
    station.desk("personalise", "--pin-letters", station.path / "letters", "--escrow", portal.escrow_certificate)
    tokens = receiving.call("GET", "/api/v1/desk/tokens")["items"]
    assert [(token["state"], token["holder"]) for token in tokens] == [("personalised", "Nguyễn Văn A")]
    serial = tokens[0]["serial"]

    done = receiving.call("POST", f"{path}/delivery", {"revision": last["revision"], "receiver_name": "Nguyễn Thị Văn Thư",
                                                       "receiver_identity": "001190000001", "way": "in_person"})
    assert done["state"] == "completed"
    record = receiving.download(f"{path}/hand-over.pdf")
    assert record.startswith(b"%PDF")
    assert receiving.call("GET", "/api/v1/desk/tokens", state="delivered")["items"][0]["serial"] == serial

    # The holder signs with the token.
    (station.path / "pin.txt").write_text(pin + "\n")
    signed = tmp_path / "ky-bang-token.pdf"
    station.kyso("sign", ROOT / "tests/data/pdf/vn-cong-van.pdf", "-o", signed, "--role", "plain", "--holder",
                 f"pkcs11:serial={serial}?module-path={station.pkcs11}", "--pin-file", station.path / "pin.txt", "--tsa", portal.tsa_url)
    station.kyso("verify", signed, "--online", "--no-cache", "--trust", portal.root_certificate, "--only-trust")

    # The token is blocked: recovery releases the escrowed SO-PIN to the station, after approvals, once.
    certificate = clerk.call("GET", "/api/v1/certificates", email="nva201@coquanmau.gov.vn")["items"][0]
    recovery = draft(clerk, "06", [{"issuer": certificate["issuer"], "serial": certificate["serial"], "action": "recover",
                                    "token_serial": serial, "reason_text": "Nhập sai mã PIN nhiều lần"}],
                     coordinator={"name": "Nguyễn Thị Văn Thư", "phone": "0912345678", "email": "vanthu@coquanmau.gov.vn",
                                  "position": "Văn thư", "identity": "001190000001"})
    assert letter(portal, clerk, recovery, tmp_path, "khoi-phuc")["is_valid"]
    submitted = submit(clerk, recovery)
    path = f"/api/v1/desk/dossiers/{recovery['id']}"
    received = receiving.call("POST", f"{path}/reception", {"revision": submitted["revision"]})
    receiving.call("POST", f"{path}/lines", {"revision": received["revision"], "decisions": [{"line": "*", "decision": "approve"}]})
    assert receiving.call("GET", f"{path}/statement")["blockers"][0]["code"] == "registry.desk.station"
    station.desk("unlock", "--pin-letters", station.path / "letters", check=False)
    for officer in ("tiep-nhan", "tham-tra", "phe-duyet"):
        view = portal.officers[officer].call("GET", f"{path}/statement")
        if view.get("type"):
            last = portal.officers[officer].sign_statement(recovery["id"])
    assert last["step"] == "delivery", last
    station.desk("unlock", "--pin-letters", station.path / "letters")
    new_pin = token_pin(station.pin_letter())
    assert new_pin != pin
    (station.path / "pin.txt").write_text(new_pin + "\n")
    station.kyso("sign", ROOT / "tests/data/pdf/vn-cong-van.pdf", "-o", tmp_path / "sau-khoi-phuc.pdf", "--role", "plain", "--holder",
                 f"pkcs11:serial={serial}?module-path={station.pkcs11}", "--pin-file", station.path / "pin.txt")
    done = receiving.call("POST", f"{path}/delivery", {"revision": last["revision"], "receiver_name": "Nguyễn Thị Văn Thư", "way": "in_person"})
    assert done["state"] == "completed"


def test_another_person_gets_another_key(portal, station, tmp_path):
    clerk = signed_in(portal, "van-thu")
    receiving = portal.officers["tiep-nhan"]
    dossier = draft(clerk, "01", [person(211, device="token")])
    path, desk = f"/api/v1/dossiers/{dossier['id']}", f"/api/v1/desk/dossiers/{dossier['id']}"
    line_now = lambda: clerk.call("GET", f"{path}/lines")["items"][0]
    token_of = lambda: next((token for token in receiving.call("GET", "/api/v1/desk/tokens")["items"]
                             if token["dossier"] == dossier["id"] and token["state"] == "personalised"), None)

    def personalised(name):
        assert letter(portal, clerk, dossier, tmp_path, name)["is_valid"]
        received = receiving.call("POST", f"{desk}/reception", {"revision": submit(clerk, dossier)["revision"]})
        return receiving.call("POST", f"{desk}/lines", {"revision": received["revision"], "decisions": [{"line": "*", "decision": "approve"}]})

    def make_key():
        for printed in (station.path / "letters").iterdir():
            printed.unlink()
        station.desk("personalise", "--pin-letters", station.path / "letters", "--escrow", portal.escrow_certificate)

    def give_back():
        revision = receiving.call("GET", path)["revision"]
        receiving.call("POST", f"{desk}/return", {"revision": revision, "reason": "Sai thông tin"})

    assert personalised("mot")["step"] == "keys"
    make_key()
    first, key = token_of(), line_now()["key_sha256"]
    give_back()
    # A corrected office: the key on the token is this person's as before.
    line = line_now()
    changed = clerk.call("PUT", f"{path}/lines/{line['id']}", {**person(211, device="token", position="Trưởng phòng"), "revision": line["revision"]})
    assert changed["has_key"] and token_of()["serial"] == first["serial"]
    assert personalised("hai")["step"] == "statement"
    assert line_now()["key_sha256"] == key
    give_back()
    # Somebody else: no key, and the token is nobody's.
    line = line_now()
    other = clerk.call("PUT", f"{path}/lines/{line['id']}", {**person(212, device="token"), "name": "Lê Văn C", "revision": line["revision"]})
    assert not other["has_key"] and token_of() is None
    assert receiving.call("GET", "/api/v1/desk/tokens", state="returned", q=first["serial"])["items"][0]["holder"] == ""
    assert "line.key_dropped" in [one["kind"] for one in clerk.call("GET", f"{path}/history")["items"]]
    assert personalised("ba")["step"] == "keys"
    make_key()
    second = token_of()
    assert second["serial"] != first["serial"] and second["holder"] == "Lê Văn C"
    for officer in ("tiep-nhan", "tham-tra", "phe-duyet"):
        last = portal.officers[officer].sign_statement(dossier["id"])
    assert last["step"] == "delivery"
    certificate = clerk.call("GET", "/api/v1/certificates", email="nva212@coquanmau.gov.vn")["items"][0]
    assert certificate["device_serial"] == second["serial"] and certificate["name"] == "Lê Văn C"
    make_key()  # writes it
