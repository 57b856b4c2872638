"""People in each other's way, on purpose or not: two at one dossier, double clicks, officers and their own work, statements
that were signed for something else, accounts that somebody wants to take over."""
import concurrent.futures
import hashlib
import json
import re
import statistics
import time
import urllib.parse

import pytest
from api_client import Client, Refused
from conftest import demo_portal, signed_in
from dossier_steps import FORM, draft, letter, person, submit
from portal_support import all_mails, id_of_account, new_account, rows, seeded, signed_in_as
from soft_passkey import SoftPasskey, base64url, from_base64url, statement_challenge
from test_journey import approve, key_and_request, wait_for

AUTHORITY = "central/bcy/cts"


@pytest.fixture(scope="module")
def organisation(portal):
    return signed_in(portal, "van-thu").call("GET", "/api/v1/me")["organisation"]["id"]


@pytest.fixture(scope="module")
def second_clerk(portal, organisation):
    return signed_in_as(portal, new_account(portal, "van-thu-hai", organisation, ["clerk"], "Lê Thị Hai"))


@pytest.fixture(scope="module")
def second_officer(portal):
    authority = portal.officers["tiep-nhan"].call("GET", "/api/v1/me")["organisation"]["id"]
    return signed_in_as(portal, new_account(portal, "tiep-nhan-hai", authority, ["receiving"], "Hoàng Văn Hai"))


@pytest.fixture
def all_offices(portal):
    """The receiving officer gets every office in the portal; the vault's policy does not change by that."""
    administrator, officer = signed_in(portal, "quan-tri"), portal.officers["tiep-nhan"]
    me = id_of_account(officer)

    def give(roles):
        administrator.call("PATCH", f"/api/v1/accounts/{me}", {"roles": roles})
        officer.cookies, officer.csrf = {}, None
        account = portal.accounts["tiep-nhan"]
        officer.sign_in(account["email"], account["password"])
    give(["receiving", "checking", "approving"])
    yield officer
    give(["receiving"])


def at_once(*calls):
    """What each of them gave, or how it was refused."""
    def outcome(call):
        try:
            return call()
        except Refused as refused:
            return refused
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return [one.result() for one in [pool.submit(outcome, call) for call in calls]]


def succeeded(outcomes):
    return [one for one in outcomes if not isinstance(one, Refused)]


def codes(outcomes):
    return {one.code for one in outcomes if isinstance(one, Refused)}


def submitted(portal, clerk, tmp_path, number):
    dossier = draft(clerk, "01", [person(number)])
    line = clerk.call("GET", f"/api/v1/dossiers/{dossier['id']}/lines")["items"][0]
    base = key_and_request(portal, f"xung-dot-{number}")
    clerk.upload("PUT", f"/api/v1/dossiers/{dossier['id']}/lines/{line['id']}/pkcs10", "a.csr", base.with_suffix(".csr").read_bytes(),
                 revision=line["revision"])
    assert letter(portal, clerk, dossier, tmp_path, f"cv-{number}")["is_valid"]
    return submit(clerk, dossier)


def to_request(portal, clerk, tmp_path, number):
    """A dossier whose lines are approved: the request is to be signed next."""
    dossier = submitted(portal, clerk, tmp_path, number)
    receiving, path = portal.officers["tiep-nhan"], f"/api/v1/desk/dossiers/{dossier['id']}"
    received = receiving.call("POST", f"{path}/reception", {"revision": dossier["revision"]})
    receiving.call("POST", f"{path}/lines", {"revision": received["revision"], "decisions": [{"line": "*", "decision": "approve"}]})
    return dossier


def statement_of(client, dossier):
    return client.call("GET", f"/api/v1/desk/dossiers/{dossier['id']}/statement")


def signed_with(client, dossier, kind, payload, passkey, challenge=None):
    return client.call("POST", f"/api/v1/desk/dossiers/{dossier['id']}/statement", {
        "type": kind, "payload": payload, **passkey.get(challenge or statement_challenge(kind, payload))})


# -- two at one dossier -----------------------------------------------------------------------------------------------
def test_the_slower_of_two_editors_is_told(clerk, second_clerk):
    dossier = draft(clerk, "01", [person(700)])
    path = f"/api/v1/dossiers/{dossier['id']}"
    mine, theirs = clerk.call("GET", path), second_clerk.call("GET", path)
    saved = second_clerk.call("PUT", path, {**FORM, "revision": theirs["revision"], "stated_count": 1, "note": "của người thứ hai"})
    with pytest.raises(Refused) as refused:
        clerk.call("PUT", path, {**FORM, "revision": mine["revision"], "stated_count": 1, "note": "của tôi"})
    assert (refused.value.status, refused.value.code) == (409, "registry.dossier.changed")
    assert clerk.call("GET", path)["form"]["note"] == "của người thứ hai"
    # At the same moment: one of many, and every one of them knows.
    outcomes = at_once(*[lambda n=n: (clerk, second_clerk)[n % 2].call("PUT", path, {
        **FORM, "revision": saved["revision"], "stated_count": 1, "note": f"lần {n}"}) for n in range(8)])
    done = succeeded(outcomes)
    assert len(done) == 1 and codes(outcomes) == {"registry.dossier.changed"}
    assert clerk.call("GET", path)["form"]["note"] == done[0]["form"]["note"]


def test_the_slower_of_two_who_edit_one_line_is_told(portal, clerk, second_clerk):
    dossier = draft(clerk, "01", [person(705), person(706)])
    path = f"/api/v1/dossiers/{dossier['id']}/lines"
    one, two = clerk.call("GET", path)["items"]
    edit = lambda client, line, position, revision: client.call(
        "PUT", f"{path}/{line['id']}", {**person(704 + line["number"]), "position": position, "revision": revision})
    changed = edit(second_clerk, one, "Trưởng phòng", one["revision"])
    assert changed["revision"] > one["revision"]
    with pytest.raises(Refused) as refused:
        edit(clerk, one, "Phó phòng", one["revision"])
    assert (refused.value.status, refused.value.code) == (409, "registry.dossier.changed")
    csr = key_and_request(portal, "hai-nguoi-mot-dong").with_suffix(".csr").read_bytes()
    with pytest.raises(Refused) as refused:
        clerk.upload("PUT", f"{path}/{one['id']}/pkcs10", "a.csr", csr, revision=one["revision"])
    assert refused.value.code == "registry.dossier.changed"
    # Another line is nobody's hindrance.
    assert edit(clerk, two, "Phó phòng", two["revision"])["position"] == "Phó phòng"
    for body in ({}, {"revision": "1"}):
        with pytest.raises(Refused) as refused:
            clerk.call("PUT", f"{path}/{two['id']}", {**person(706), **body})
        assert refused.value.code == "registry.input.missing"
    # At the same moment: one of many.
    outcomes = at_once(*[lambda n=n: edit((clerk, second_clerk)[n % 2], one, f"Lần {n}", changed["revision"]) for n in range(8)])
    done = succeeded(outcomes)
    assert len(done) == 1 and codes(outcomes) == {"registry.dossier.changed"}
    assert clerk.call("GET", path)["items"][0]["position"] == done[0]["position"]


def test_lines_of_two_clerks_all_arrive_once(clerk, second_clerk):
    dossier = clerk.call("POST", "/api/v1/dossiers", {"kind": "01"})
    path = f"/api/v1/dossiers/{dossier['id']}"
    outcomes = at_once(*[lambda n=n: (clerk, second_clerk)[n % 2].call("POST", f"{path}/lines", {"lines": [person(710 + n)]})
                         for n in range(8)])
    assert len(succeeded(outcomes)) == 8, outcomes
    lines = clerk.call("GET", f"{path}/lines")["items"]
    assert sorted(line["number"] for line in lines) == list(range(1, 9))
    assert {line["email"] for line in lines} == {f"nva{710 + n}@coquanmau.gov.vn" for n in range(8)}
    assert clerk.call("GET", path)["line_count"] == 8
    # One person twice in one list, at once: the second is refused, whichever it is.
    outcomes = at_once(*[lambda: clerk.call("POST", f"{path}/lines", {"lines": [person(730)]})] * 4)
    assert clerk.call("GET", path)["line_count"] == 8 + len(succeeded(outcomes)) == 9


def test_one_key_is_for_one_line(portal, clerk):
    dossier = draft(clerk, "01", [person(740), person(741)])
    path = f"/api/v1/dossiers/{dossier['id']}/lines"
    csr = key_and_request(portal, "mot-khoa").with_suffix(".csr").read_bytes()
    lines = clerk.call("GET", path)["items"]
    outcomes = at_once(*[lambda line=line: clerk.upload("PUT", f"{path}/{line['id']}/pkcs10", "a.csr", csr, revision=line["revision"])
                         for line in lines])
    assert len(succeeded(outcomes)) == 1 and codes(outcomes) == {"registry.line.key_used"}


def test_submitting_twice_is_submitting_once(portal, clerk, second_clerk, tmp_path):
    dossier = draft(clerk, "01", [person(750)])
    assert letter(portal, clerk, dossier, tmp_path)["is_valid"]
    path = f"/api/v1/dossiers/{dossier['id']}"
    revision = clerk.call("GET", path)["revision"]
    findings = clerk.call("GET", f"{path}/submission")["findings"]
    reasons = {one["id"]: "Đã kiểm tra hồ sơ giấy" for one in findings if one["level"] == "warn"}
    wanted = {"revision": revision, "reasons": reasons}
    outcomes = at_once(*[lambda n=n: (clerk, second_clerk)[n % 2].call("POST", f"{path}/submission", wanted) for n in range(6)])
    assert len(succeeded(outcomes)) == 6, outcomes
    assert len({(one["code"], one["revision"], one["submitted"]) for one in outcomes}) == 1
    kinds = [one["kind"] for one in clerk.call("GET", f"{path}/history")["items"]]
    assert kinds.count("submitted") == 1
    for method, where, value in (("PUT", path, {**FORM, "revision": outcomes[0]["revision"]}), ("DELETE", path, None),
                                 ("POST", f"{path}/lines", {"lines": [person(751)]})):
        with pytest.raises(Refused) as refused:
            clerk.call(method, where, value)
        assert refused.value.code == "registry.dossier.state"


def test_two_officers_receive_one(portal, clerk, second_officer, tmp_path):
    dossier = submitted(portal, clerk, tmp_path, 760)
    path = f"/api/v1/desk/dossiers/{dossier['id']}"
    pair = (portal.officers["tiep-nhan"], second_officer)
    outcomes = at_once(*[lambda n=n: pair[n % 2].call("POST", f"{path}/reception", {"revision": dossier["revision"]}) for n in range(6)])
    done = succeeded(outcomes)
    assert len(done) == 1 and codes(outcomes) <= {"registry.dossier.changed", "registry.dossier.state"}
    assert done[0]["handler"]["name"] in ("Nguyễn Văn A", "Hoàng Văn Hai")
    wait_for(lambda: [m for m in all_mails(portal) if dossier["code"] in m["text"] + m["subject"]])
    # One line is approved by one and returned by the other: what is decided first counts.
    revision = done[0]["revision"]
    outcomes = at_once(lambda: pair[0].call("POST", f"{path}/lines", {"revision": revision, "decisions": [{"line": "*", "decision": "approve"}]}),
                       lambda: pair[1].call("POST", f"{path}/lines", {"revision": revision, "decisions": [
                           {"line": "*", "decision": "return", "reason": "Thiếu giấy tờ"}]}),
                       lambda: pair[1].call("POST", f"{path}/rejection", {"revision": revision, "reason": "Không thuộc thẩm quyền"}))
    assert len(succeeded(outcomes)) == 1 and codes(outcomes) == {"registry.dossier.changed"}


# -- statements -------------------------------------------------------------------------------------------------------
def test_one_officer_is_one_account(portal):
    authority = portal.officers["tiep-nhan"].call("GET", "/api/v1/me")["organisation"]["id"]
    with pytest.raises(demo_portal.demo_ca.Failed, match="registry.account.person"):
        new_account(portal, "kiem-nhiem", authority, ["approving"], "Nguyễn Văn A", person="nguyen-van-a")


def test_nobody_approves_his_own_request(portal, clerk, all_offices, tmp_path):
    dossier = to_request(portal, clerk, tmp_path, 770)
    receiving = all_offices
    receiving.sign_statement(dossier["id"])
    request = statement_of(portal.officers["tham-tra"], dossier)
    approval = request["payload"]
    # He is offered nothing, whatever his offices; what he signs all the same is refused by the vault.
    assert "type" not in statement_of(receiving, dossier)
    with pytest.raises(Refused) as refused:
        signed_with(receiving, dossier, "approval", approval, receiving.passkey)
    assert refused.value.status in (403, 409), refused.value
    # Nor does a second passkey of his make him two.
    receiving_again = signed_in(portal, "tiep-nhan")
    receiving_again.add_passkey("Khóa thứ hai")
    with pytest.raises(Refused) as refused:
        signed_with(receiving_again, dossier, "approval", approval, receiving_again.passkey)
    assert refused.value.status == 403
    assert "type" in statement_of(portal.officers["tham-tra"], dossier)
    # One officer counts once.
    portal.officers["tham-tra"].sign_statement(dossier["id"])
    with pytest.raises(Refused):
        signed_with(portal.officers["tham-tra"], dossier, "approval", approval, portal.officers["tham-tra"].passkey)
    assert statement_of(portal.officers["phe-duyet"], dossier)["missing"] == ["approving"]
    assert portal.officers["phe-duyet"].sign_statement(dossier["id"])["state"] == "completed"
    # A replay after all is over.
    with pytest.raises(Refused):
        signed_with(portal.officers["phe-duyet"], dossier, "approval", approval, portal.officers["phe-duyet"].passkey)
    assert serials(portal, dossier) == 1


def serials(portal, dossier):
    return rows(portal, "SELECT COUNT(*) FROM subscriber_certificate WHERE dossier = ?", dossier["id"])[0][0]


def test_passkeys_that_the_vault_does_not_know_sign_nothing(portal, clerk, tmp_path):
    dossier = to_request(portal, clerk, tmp_path, 780)
    receiving = portal.officers["tiep-nhan"]
    view = statement_of(receiving, dossier)
    # A second passkey, fresh from the account page: good for signing in, not in the policy.
    other = signed_in(portal, "tiep-nhan")
    other.add_passkey("Khóa thứ hai")
    assert base64url(other.passkey.id) not in view["allow_credentials"]
    with pytest.raises(Refused) as refused:
        signed_with(other, dossier, "request", view["payload"], other.passkey)
    assert refused.value.status == 403
    # The passkey of another account, stolen: within the own session, and as somebody else's statement.
    with pytest.raises(Refused) as refused:
        signed_with(receiving, dossier, "request", view["payload"], portal.officers["phe-duyet"].passkey)
    assert refused.value.code == "registry.desk.person"
    # The right credential's name over another key's signature; a copy that claims to be it.
    forged = SoftPasskey(receiving.passkey.rp_id, receiving.url)
    forged.id = receiving.passkey.id
    with pytest.raises(Refused) as refused:
        signed_with(receiving, dossier, "request", view["payload"], forged)
    assert refused.value.status == 403
    # Of another site, for another purpose, without the person's verification.
    elsewhere = SoftPasskey(receiving.passkey.rp_id, "https://cong-gia.example")
    elsewhere.key, elsewhere.id = receiving.passkey.key, receiving.passkey.id
    wrong_rp = SoftPasskey("cong-gia.example", receiving.url)
    wrong_rp.key, wrong_rp.id = receiving.passkey.key, receiving.passkey.id
    for passkey in (elsewhere, wrong_rp):
        with pytest.raises(Refused) as refused:
            signed_with(receiving, dossier, "request", view["payload"], passkey)
        assert refused.value.status == 403
    challenge = statement_challenge("request", view["payload"])
    with pytest.raises(Refused):
        receiving.call("POST", f"/api/v1/desk/dossiers/{dossier['id']}/statement",
                       {"type": "request", "payload": view["payload"], **receiving.passkey.get(challenge, flags=0x01)})
    with pytest.raises(Refused):  # a signature that was made for signing in
        signed_with(receiving, dossier, "request", view["payload"], receiving.passkey, hashlib.sha256(b"x").digest())
    assert statement_of(receiving, dossier)["state"] == "to_request"


def test_what_was_signed_counts_for_that_alone(portal, clerk, tmp_path):
    first, second = (to_request(portal, clerk, tmp_path, number) for number in (790, 791))
    receiving, checking = portal.officers["tiep-nhan"], portal.officers["tham-tra"]
    view = statement_of(receiving, first)
    with pytest.raises(Refused) as refused:  # at another dossier
        signed_with(receiving, second, "request", view["payload"], receiving.passkey)
    assert refused.value.code == "registry.desk.proposal"
    # What is signed is not what was proposed: one more name, another profile, a later end.
    request = json.loads(view["payload"])
    request["certificates"][0]["subject"][-1]["value" if isinstance(request["certificates"][0]["subject"][-1], dict) else 1] = "Kẻ Khác"
    changed = json.dumps(request, ensure_ascii=False, separators=(",", ":"))
    with pytest.raises(Refused) as refused:
        signed_with(receiving, first, "request", changed, receiving.passkey)
    assert refused.value.status in (403, 409)
    # Signed as a request, sent as an approval, and the other way.
    with pytest.raises(Refused):
        receiving.call("POST", f"/api/v1/desk/dossiers/{first['id']}/statement", {
            "type": "approval", "payload": view["payload"], **receiving.passkey.get(statement_challenge("request", view["payload"]))})
    for dossier in (first, second):
        receiving.sign_statement(dossier["id"])
    # An approval of the first does not approve the second; nor does the signature of one fit the other.
    one, two = statement_of(checking, first)["payload"], statement_of(checking, second)["payload"]
    with pytest.raises(Refused) as refused:
        signed_with(checking, second, "approval", one, checking.passkey)
    assert refused.value.code == "registry.desk.proposal"
    with pytest.raises(Refused):
        signed_with(checking, second, "approval", two, checking.passkey, statement_challenge("approval", one))
    # An approval that claims a later end, or to be made long ago.
    for change in ({"expires": "2050-01-01T00:00:00+07:00"}, {"created": "2020-01-01T00:00:00+07:00", "expires": "2020-01-02T00:00:00+07:00"},
                   {"request_sha256": "00" * 32}):
        forged = json.dumps({**json.loads(one), **change}, separators=(",", ":"))
        with pytest.raises(Refused) as refused:
            signed_with(checking, first, "approval", forged, checking.passkey)
        assert refused.value.status in (403, 409, 400, 422), (change, refused.value)
    # A wrong office: an administrator of the portal, an auditor, a clerk.
    for key in ("quan-tri", "kiem-toan", "van-thu"):
        with pytest.raises(Refused) as refused:
            signed_with(signed_in(portal, key), first, "approval", one, checking.passkey)
        assert refused.value.status == 403
    # Refused by one, it is over; nothing was issued, and the lines may be decided anew.
    checking.sign_statement(first["id"], approves=False)
    with pytest.raises(Refused):
        signed_with(portal.officers["phe-duyet"], first, "approval", one, portal.officers["phe-duyet"].passkey)
    assert serials(portal, first) == serials(portal, second) == 0
    assert receiving.call("GET", f"/api/v1/dossiers/{first['id']}")["state"] == "processing"


def test_two_approvals_at_one_moment_issue_once(portal, clerk, tmp_path):
    dossier = to_request(portal, clerk, tmp_path, 800)
    portal.officers["tiep-nhan"].sign_statement(dossier["id"])
    calls = []
    for key in ("tham-tra", "phe-duyet"):
        officer = portal.officers[key]
        payload = statement_of(officer, dossier)["payload"]
        calls += [lambda officer=officer, payload=payload: signed_with(officer, dossier, "approval", payload, officer.passkey)] * 3
    outcomes = at_once(*calls)
    assert len(succeeded(outcomes)) >= 2
    wait_for(lambda: clerk.call("GET", f"/api/v1/dossiers/{dossier['id']}")["state"] == "completed")
    assert serials(portal, dossier) == 1
    line = clerk.call("GET", f"/api/v1/dossiers/{dossier['id']}/lines")["items"][0]
    told = wait_for(lambda: [m for m in all_mails(portal) if "nva800@" in m["to"] and line["certificate"]["serial"] in m["text"]])
    time.sleep(1)
    assert len([m for m in all_mails(portal) if "nva800@" in m["to"] and line["certificate"]["serial"] in m["text"]]) == len(told) == 1
    history = [one["kind"] for one in portal.officers["tiep-nhan"].call("GET", f"/api/v1/dossiers/{dossier['id']}/history")["items"]]
    assert history.count("completed") == 1 and history.count("approved") == 2


def test_what_is_waiting_for_approval_is_not_changed_behind_it(portal, clerk, tmp_path):
    dossier = to_request(portal, clerk, tmp_path, 810)
    receiving, path = portal.officers["tiep-nhan"], f"/api/v1/desk/dossiers/{dossier['id']}"
    receiving.sign_statement(dossier["id"])
    revision = receiving.call("GET", f"/api/v1/dossiers/{dossier['id']}")["revision"]
    for what, value in (("return", {"reason": "x"}), ("rejection", {"reason": "x"}),
                        ("lines", {"decisions": [{"line": "*", "decision": "return", "reason": "x"}]})):
        with pytest.raises(Refused) as refused:
            receiving.call("POST", f"{path}/{what}", {"revision": revision, **value})
        assert refused.value.status == 409, what
    for key in ("tham-tra", "phe-duyet"):
        portal.officers[key].sign_statement(dossier["id"])
    assert serials(portal, dossier) == 1


def at_the_authority(portal, payload):
    """How many requests wait there with the id of this one."""
    return rows(portal, "SELECT COUNT(*) FROM request WHERE id = ?", json.loads(payload)["id"])[0][0]


def test_a_request_waits_here_and_at_the_authority_or_nowhere(portal, clerk, second_officer, tmp_path):
    receiving = portal.officers["tiep-nhan"]

    def give_back(dossier):
        path = f"/api/v1/desk/dossiers/{dossier['id']}"
        revision = second_officer.call("GET", f"/api/v1/dossiers/{dossier['id']}")["revision"]
        return second_officer.call("POST", f"{path}/return", {"revision": revision, "reason": "Thiếu giấy tờ"})

    # Looked at, given back by somebody else, signed all the same.
    dossier = to_request(portal, clerk, tmp_path, 820)
    payload = statement_of(receiving, dossier)["payload"]
    assert statement_of(receiving, dossier)["payload"] == payload
    give_back(dossier)
    with pytest.raises(Refused) as refused:
        signed_with(receiving, dossier, "request", payload, receiving.passkey)
    assert refused.value.code == "registry.desk.proposal"
    assert at_the_authority(portal, payload) == 0
    # At one moment: one of them, and both records agree.
    for number in range(821, 824):
        dossier = to_request(portal, clerk, tmp_path, number)
        payload = statement_of(receiving, dossier)["payload"]
        outcomes = at_once(lambda: signed_with(receiving, dossier, "request", payload, receiving.passkey), lambda: give_back(dossier))
        assert len(succeeded(outcomes)) == 1, outcomes
        state = clerk.call("GET", f"/api/v1/dossiers/{dossier['id']}")["state"]
        if isinstance(outcomes[0], Refused):
            assert state == "returned" and outcomes[0].code == "registry.desk.proposal"
            assert at_the_authority(portal, payload) == 0
        else:
            assert state == "processing" and outcomes[1].code in ("registry.desk.busy", "registry.dossier.changed")
            assert statement_of(receiving, dossier)["state"] == "waiting" and at_the_authority(portal, payload) == 1


# -- accounts ---------------------------------------------------------------------------------------------------------
def registration(client, organisation, email, password="mot-mat-khau-that-dai-2026"):
    return {"organisation": organisation, "name": "Trần Thị Mới", "phone": "0912345678", "email": email, "password": password,
            "agreed": True, "captcha": client.captcha()}


def token_of(portal, email, count=1):
    found = wait_for(lambda: (found := [m for m in all_mails(portal) if email in m["to"] and "#" in m["text"]]) and len(found) >= count and found)
    return re.search(r"https?://\S+#\S*?([A-Za-z0-9_-]{30,})", found[0]["text"]).group(1)  # newest first


def test_links_of_mails_work_once_and_for_their_purpose(portal):
    client = Client(portal.portal_url, source="127.0.0.31")
    school = seeded(client, "Cơ quan mẫu: Trường Mẫu")
    email = "hieutruong@coquanmau.gov.vn"
    client.call("POST", "/api/v1/accounts", registration(client, school, email))
    activation = token_of(portal, email)
    for body in ({"token": activation, "password": "mat-khau-cua-ke-gian-1"},):
        with pytest.raises(Refused) as refused:  # an activation is no reset
            client.call("POST", "/api/v1/accounts/password-reset", body)
        assert refused.value.code == "registry.account.link"
    for wrong in (activation[:-1], activation + "A", activation.swapcase(), "A" * len(activation)):
        with pytest.raises(Refused):
            client.call("POST", "/api/v1/accounts/activation", {"token": wrong})
    outcomes = at_once(*[lambda: client.call("POST", "/api/v1/accounts/activation", {"token": activation})] * 4)
    assert len(succeeded(outcomes)) == 1 and codes(outcomes) == {"registry.account.link"}
    assert len(rows(portal, "SELECT id FROM account WHERE email = ?", email)) == 1
    # Two resets: the newer link counts, once, and only while the password is the old one.
    before = len([m for m in all_mails(portal) if email in m["to"] and "#" in m["text"]])
    client.call("POST", "/api/v1/accounts/password-reset-mail", {"email": email, "captcha": client.captcha()})
    reset = token_of(portal, email, before + 1)
    with pytest.raises(Refused):
        client.call("POST", "/api/v1/accounts/activation", {"token": reset})
    passwords = [f"mat-khau-dat-lai-lan-{n}-2026" for n in range(3)]
    outcomes = at_once(*[lambda p=p: client.call("POST", "/api/v1/accounts/password-reset", {"token": reset, "password": p}) for p in passwords])
    assert len(succeeded(outcomes)) == 1
    with pytest.raises(Refused):
        client.call("POST", "/api/v1/accounts/password-reset", {"token": reset, "password": "lai-mot-mat-khau-2026"})


def test_who_registers_again_for_a_known_address_takes_nothing_over(portal):
    thief = Client(portal.portal_url, source="127.0.0.32")
    place = seeded(thief, "Cơ quan mẫu: Sở Mẫu")
    before = rows(portal, "SELECT * FROM account WHERE email = ?", "vanthu@coquanmau.gov.vn")
    told = thief.call("POST", "/api/v1/accounts", registration(thief, place, "VanThu@CoQuanMau.gov.vn", "mat-khau-cua-ke-gian-1"))
    fresh = thief.call("POST", "/api/v1/accounts", registration(thief, place, "chua-co@coquanmau.gov.vn"))
    assert told.keys() == fresh.keys()
    mail = wait_for(lambda: [m for m in all_mails(portal) if "vanthu@coquanmau.gov.vn" in m["to"].lower()])
    assert not any(re.search(r"#\S*[A-Za-z0-9_-]{30,}", m["text"]) and "/kich-hoat" in m["text"] for m in mail)
    with pytest.raises(Refused):
        thief.sign_in("vanthu@coquanmau.gov.vn", "mat-khau-cua-ke-gian-1")
    after = rows(portal, "SELECT * FROM account WHERE email = ?", "vanthu@coquanmau.gov.vn")
    assert [row[:4] for row in before] == [row[:4] for row in after] and len(after) == 1


def test_captchas_are_spent_once(portal):
    client = Client(portal.portal_url, source="127.0.0.33")
    solved = client.captcha()
    ask = lambda: client.call("POST", "/api/v1/accounts/password-reset-mail", {"email": "khong-ai@coquanmau.gov.vn", "captcha": solved})
    outcomes = at_once(ask, ask, ask)
    assert len(succeeded(outcomes)) == 1 and codes(outcomes) <= {"registry.captcha.wrong", "registry.ticket.used"}
    for wrong in ({"id": solved["id"], "answer": "0"}, {"id": "x", "answer": "0"}, {"id": solved["id"] + "A", "answer": solved["answer"]}):
        with pytest.raises(Refused):
            client.call("POST", "/api/v1/accounts/password-reset-mail", {"email": "khong-ai@coquanmau.gov.vn", "captcha": wrong})


def attempt(client, email, password, **more):
    begin = time.monotonic()
    answer, data = client.raw("POST", "/api/v1/session", json.dumps({"email": email, "password": password, **more}).encode(),
                              {"Content-Type": "application/json"})
    return answer.status, json.loads(data), time.monotonic() - begin


def test_answers_do_not_tell_who_has_an_account(portal, organisation):
    known = [new_account(portal, f"do-tim-{n}", organisation, ["clerk"])["email"] for n in range(3)]
    unknown = [f"do-tim-khong-{n}@coquanmau.gov.vn" for n in range(3)]
    times = {"known": [], "unknown": []}
    texts = set()
    for turn in range(2):
        for number in range(3):
            for kind, emails in (("known", known), ("unknown", unknown)):
                client = Client(portal.portal_url, source=f"127.0.1.{turn * 6 + number * 2 + (kind == 'known') + 1}")
                status, problem, seconds = attempt(client, emails[number], "sai-mat-khau-2026")
                times[kind].append(seconds)
                texts.add((status, problem["code"], problem["title"], problem["detail"]))
    assert len(texts) == 1, texts
    # The costly part is done for both: what no account costs is not told by the clock.
    slow, quick = (statistics.median(times[kind]) for kind in ("known", "unknown"))
    assert 0.4 < quick / slow < 2.5, times
    for path in ("activation-mail", "password-reset-mail"):
        answers = []
        for email in (known[0], unknown[0]):
            client = Client(portal.portal_url, source="127.0.1.50")
            answer, data = client.raw("POST", f"/api/v1/accounts/{path}", json.dumps(
                {"email": email, "captcha": client.captcha()}).encode(), {"Content-Type": "application/json"})
            answers.append((answer.status, data))
        assert answers[0] == answers[1]


def test_guessing_ends_over_both_servers(portal, organisation):
    account = new_account(portal, "bi-do-mat-khau", organisation, ["clerk"])
    ports = {name: demo_portal.demo_ca.free_port() for name in ("port", "officers_port", "metrics_port")}
    ports |= {name: portal.settings[name] for name in ("portal_port", "smtp_port", "population_port")}
    ports["portal_port"] = demo_portal.demo_ca.free_port()
    portal.configure_portal("second", ports)
    file = portal.folder / "second.toml"
    file.write_text(file.read_text().replace(f'public_url = "http://localhost:{ports["portal_port"]}"', f'public_url = "{portal.portal_url}"'))
    portal.start_kysod("second", port=ports["port"])
    try:
        outcomes = []
        for number in range(40):
            url = (portal.portal_url, f"http://localhost:{ports['portal_port']}")[number % 2]
            client = Client(url, source=f"127.0.2.{number + 1}")  # a thousand machines
            headers = {"Content-Type": "application/json", "Origin": portal.portal_url}
            body = {"email": account["email"], "password": f"doan-mo-lan-thu-{number}"}
            if outcomes and outcomes[-1] == "registry.captcha.needed":
                client.url = portal.portal_url
                body["captcha"] = client.captcha()
            answer, data = client.raw("POST", "/api/v1/session", json.dumps(body).encode(), headers)
            outcomes.append(json.loads(data)["code"])
            if outcomes[-1] == "registry.limit.rate":
                time.sleep(int(answer.headers["Retry-After"]))
            if outcomes[-1] == "registry.account.locked" or sum(o == "registry.limit.rate" for o in outcomes) >= 3:
                break
        assert "registry.captcha.needed" in outcomes, outcomes
        assert outcomes[-1] in ("registry.limit.rate", "registry.account.locked"), outcomes
        # So few were looked at, whichever server was asked.
        assert sum(one == "registry.account.sign_in" for one in outcomes) <= 10
        # Guesses at one moment are counted, too.
        rights = at_once(*[lambda n=n: attempt(Client(portal.portal_url, source=f"127.0.3.{n + 1}"), account["email"], f"x{n}-doan-mo")
                           for n in range(12)])
        assert sum(problem["code"] == "registry.account.sign_in" for _, problem, _ in rights) <= 1
    finally:
        portal.kill("second")


def test_a_stolen_sign_in_by_passkey_is_not_repeated(portal):
    officer = portal.officers["tiep-nhan"]
    client = Client(portal.portal_url)
    options = client.call("POST", "/api/v1/session/passkey/options", {})
    body = {"challenge": options["challenge"], **officer.passkey.get(from_base64url(options["challenge"]))}
    assert client.call("POST", "/api/v1/session/passkey", body)["signed_in"]
    with pytest.raises(Refused):
        Client(portal.portal_url).call("POST", "/api/v1/session/passkey", body)
    # A challenge of nobody's, and a signature over another one.
    for challenge in ("A" * 43, Client(portal.portal_url).call("POST", "/api/v1/session/passkey/options", {})["challenge"]):
        with pytest.raises(Refused):
            Client(portal.portal_url).call("POST", "/api/v1/session/passkey", {**body, "challenge": challenge})
    # A statement's signature is no sign-in: its challenge is another one.
    forged = officer.passkey.get(statement_challenge("request", options["challenge"]))
    with pytest.raises(Refused):
        Client(portal.portal_url).call("POST", "/api/v1/session/passkey", {"challenge": options["challenge"], **forged})
