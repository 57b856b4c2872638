"""Who may do what: every route for every role, objects of other organisations, and what keeps sessions safe."""
import http.client
import json
import re
import time

import pytest
from api_client import Client, Refused
from conftest import demo_portal, signed_in
from dossier_steps import TODAY, draft, letter, person, submit
from portal_support import (ACCOUNT_OF_ROLE, NOBODY, ROLES, UNKNOWN_ID, all_mails, ask, id_of_account, new_account, operation,
                            operations, prepared, rows, seeded, signed_in_as, snapshot)
from test_journey import key_and_request, wait_for

BY_ACCESS = {"registry.access.signin", "registry.access.role"}
# What any of these do with a session, they do with one that is made for it.
ENDS_SESSIONS = {"signOut", "endOtherSessions"}


@pytest.fixture(scope="session")
def people(portal):
    """Somebody of every role, and nobody (who calls from another address: his failures count there)."""
    out = {role: signed_in(portal, key) for role, key in ACCOUNT_OF_ROLE.items()}
    out[NOBODY] = Client(portal.portal_url, source="127.0.0.9")
    return out


@pytest.fixture(scope="session")
def neighbours(portal, people):
    """A clerk and a head of a sibling and of a child organisation."""
    out = {}
    for place, name in (("sibling", "Cơ quan mẫu: Sở Giáo dục Mẫu"), ("child", "Cơ quan mẫu: Trung tâm Mẫu")):
        organisation = seeded(people[NOBODY], name)
        for role in ("clerk", "head"):
            out[place, role] = signed_in_as(portal, new_account(portal, f"{place}-{role}", organisation, [role]))
            out[place, role].organisation = organisation
    return out


@pytest.fixture(scope="session")
def objects(portal, people, tmp_path_factory):
    """What captures of routes may name: a draft with a line, an import, a letter, and things of the clerk's own."""
    clerk, folder = people["clerk"], tmp_path_factory.mktemp("letters")
    dossier = draft(clerk, "01", [person(201)])
    csr = key_and_request(portal, "quyen").with_suffix(".csr").read_bytes()
    line = clerk.call("GET", f"/api/v1/dossiers/{dossier['id']}/lines")["items"][0]
    template = clerk.download("/api/v1/templates/05.xlsx")
    clerk.upload("PUT", f"/api/v1/dossiers/{dossier['id']}/lines/{line['id']}/pkcs10", "a.csr", csr, revision=line["revision"])
    letter(portal, clerk, dossier, folder)
    csv = "Họ tên;Ngày sinh;Số CMND, CCCD, HC;Nơi cấp;Ngày cấp;Email;Tên CQTC cấp 1;Tỉnh, thành phố\r\nA;;;;;;;\r\n"
    imported = clerk.upload("POST", f"/api/v1/dossiers/{dossier['id']}/import", "a.csv", csv.encode("utf-8-sig"), "text/csv")
    assert template.startswith(b"PK")
    token = {"serial": "QUYEN0001", "model": "Mẫu"}
    people["receiving"].call("POST", "/api/v1/desk/tokens", {"tokens": [token]})
    content = people["administrator"].call("POST", "/api/v1/administration/content",
                                           {"kind": "news", "title": "Tin mẫu", "text": "Một tin."})
    return {"dossier": dossier["id"], "line": line["id"], "import": imported["id"], "token": token["serial"],
            "content": content["id"], "csr": csr}


def captures_of(one, objects, dossier=None):
    """Of things that are there."""
    about_dossier = "/dossiers/{id}" in one.path
    out = {"line": objects["line"], "import": objects["import"]}
    if about_dossier:
        out["id"] = dossier or objects["dossier"]
    elif "/content/{id}" in one.path:
        out["id"] = objects["content"]
    elif one.path.startswith("/api/v1/desk/tokens"):
        out["serial"] = objects["token"]
    return out


OF_SIBLING = {"organisation_names": ["Lạng Sơn", "Cơ quan mẫu: Ủy ban nhân dân tỉnh", "Cơ quan mẫu: Sở Giáo dục Mẫu"]}


def in_earnest(one, objects, revision=1):
    """Body and file that would do if only the object were the caller's."""
    whole = {**person(204), "revision": 1} if one.name in ("changeLine", "checkLine") else None
    return {"changes": {"revision": revision}, "whole": whole, "file": objects["csr"] if one.name == "attachPkcs10" else b"%PDF-"}


def normal(path):
    return re.sub(r"/templates/0[1-6]\.xlsx", "/templates/{kind}.xlsx", path)


def test_the_server_and_the_contract_name_the_same_routes(portal):
    served = {(one["method"], normal(one["path"])): one["access"] for one in json.loads(portal.kysod("--list-routes").stdout)}
    described = {(one.method, one.path): one.access if isinstance(one.access, str) else sorted(one.access)
                 for one in operations()}
    assert sorted(served.keys() - described.keys()) == [], "served, but not in api/openapi.yaml"
    assert sorted(described.keys() - served.keys()) == [], "in api/openapi.yaml, but not served"
    assert {key: value if isinstance(value, str) else sorted(value) for key, value in served.items()} == described
    names = [one.name for one in operations()]
    assert len(names) == len(set(names))
    for one in operations():
        told = {parameter["name"] for parameter in one.parameters if parameter["in"] == "path"}
        assert told == set(one.captures), one.name
        assert ("security" in one.node) == (one.access == "public"), one.name


def test_listing_the_routes_opens_no_database(portal, tmp_path):
    nowhere = tmp_path / "nowhere.db"
    file = portal.folder / "routes.toml"
    file.write_text((portal.folder / "kysod.toml").read_text().replace(portal.settings["database"], f"sqlite:{nowhere}"))
    assert len(json.loads(portal.kysod("--list-routes", node="routes").stdout)) == len(operations()) + 5  # six templates
    assert not nowhere.exists()
    assert file.read_text().count(f"sqlite:{nowhere}") == 1


@pytest.mark.parametrize("one", operations(), ids=lambda one: one.name)
def test_a_route_is_for_those_whom_the_contract_names(portal, people, objects, one):
    refused = [role for role in (NOBODY, *ROLES) if not one.allows(role)]
    before = snapshot(portal)
    for role in refused:
        status, code, _ = ask(people[role], one, captures_of(one, objects))
        assert (status, code) == ((401, "registry.access.signin") if role == NOBODY else (403, "registry.access.role")), role
    if refused:
        assert snapshot(portal) == before
    for role in (NOBODY, *ROLES):
        if not one.allows(role):
            continue
        client = signed_in(portal, ACCOUNT_OF_ROLE[role]) if one.name in ENDS_SESSIONS else people[role]
        status, code, headers = ask(client, one)
        if one.name == "endOtherSessions":  # this one goes on
            people[role].cookies, people[role].csrf = client.cookies, client.csrf
        assert code not in BY_ACCESS and status < 500, (role, status, code)
        # Refused for what was asked, not for who asks.
        assert status not in (401, 403) or code in ("registry.account.sign_in", "registry.dossier.delegation"), (role, code)
        check_headers(one, status, headers)


def check_headers(one, status, headers):
    assert headers["X-Content-Type-Options"] == "nosniff", one.name
    kept = headers.get("Cache-Control", "")
    is_public_file = one.access == "public" and one.method == "GET" and status == 200
    assert "no-store" in kept or (is_public_file and "private" not in kept) or one.name == "events", (one.name, kept)
    if status < 300 and "application/" in headers.get("Content-Type", "") and "json" not in headers["Content-Type"]:
        assert headers["Content-Disposition"].startswith("attachment"), one.name
        assert "sandbox" in headers["Content-Security-Policy"], one.name


DOSSIER_ROUTES = [one for one in operations() if "/dossiers/{id}" in one.path and
                  (one.allows("clerk") or one.allows("head"))]


@pytest.mark.parametrize("one", DOSSIER_ROUTES, ids=lambda one: one.name)
def test_dossiers_of_others_are_not_there(portal, people, objects, neighbours, one):
    revision = people["clerk"].call("GET", f"/api/v1/dossiers/{objects['dossier']}")["revision"]
    before = snapshot(portal)
    for (place, role), client in neighbours.items():
        if not one.allows(role):
            continue
        status, code, _ = ask(client, one, captures_of(one, objects), **in_earnest(one, objects, revision))
        assert status == 404, (place, role, status, code)
        # Nor can one tell it from what never was.
        unknown = ask(client, one, {**captures_of(one, objects), "id": UNKNOWN_ID}, **in_earnest(one, objects))
        assert unknown[:2] == (status, code), (place, role)
    assert snapshot(portal) == before


@pytest.mark.parametrize("one", [one for one in DOSSIER_ROUTES if len(one.captures) > 1], ids=lambda one: one.name)
def test_parts_of_other_dossiers_are_not_in_the_own_one(portal, objects, neighbours, one):
    client = neighbours["sibling", "clerk"]
    own = draft(client, "01", [person(202, **OF_SIBLING)])
    before = snapshot(portal)
    sent = in_earnest(one, objects)
    if one.name == "changeLine":
        sent["whole"].update(OF_SIBLING)
    status, code, _ = ask(client, one, captures_of(one, objects, own["id"]), **sent)
    if "role" in one.captures and one.changes and one.method != "DELETE":
        assert status == 422, (status, code)  # a letter of the own dossier, and no PDF worth the name
    else:
        assert status == 404, (status, code)
        assert snapshot(portal) == before


OFFICERS = ("receiving", "checking", "approving", "auditor", "administrator")


@pytest.mark.parametrize("one", [one for one in operations() if "/dossiers/{id}" in one.path and
                                 any(one.allows(role) for role in OFFICERS)], ids=lambda one: one.name)
def test_drafts_are_not_there_for_officers(portal, people, objects, one):
    before = snapshot(portal)
    for role in OFFICERS:
        if not one.allows(role):
            continue
        sent = in_earnest(one, objects)
        sent["changes"]["account"] = id_of_account(people["receiving"])  # of an assignment
        status, code, _ = ask(people[role], one, captures_of(one, objects), **sent)
        unknown = ask(people[role], one, {**captures_of(one, objects), "id": UNKNOWN_ID}, **sent)
        assert status >= 400 and unknown[:2] == (status, code), (role, status, code)
        if not one.changes:
            assert (status, code) == (404, "registry.dossier.missing"), (role, status, code)
    assert snapshot(portal) == before


def test_nobody_at_the_desk_asks_about_people_of_drafts(portal, people, objects):
    before = snapshot(portal)
    for role in ("receiving", "checking"):
        with pytest.raises(Refused) as refused:
            people[role].call("POST", "/api/v1/desk/person-check", {"dossier": objects["dossier"], "line": objects["line"]})
        assert (refused.value.status, refused.value.code) == (404, "registry.dossier.missing")
    assert snapshot(portal) == before


def stream_of(client):
    """A stream of events, until it ends."""
    connection = http.client.HTTPConnection(client.host, timeout=30)
    connection.request("GET", "/api/v1/events", headers={"Cookie": "; ".join(f"{n}={v}" for n, v in client.cookies.items())})
    answer = connection.getresponse()
    assert answer.status == 200
    return answer


def test_a_stream_ends_with_its_session(portal, people):
    client, other = signed_in(portal, "van-thu"), signed_in(portal, "van-thu")
    stream, goes_on = stream_of(client), stream_of(other)
    client.call("DELETE", "/api/v1/session")
    stream.read()  # to its end; a stream without one runs into the connection's timeout
    assert client.begin("GET", "/api/v1/events")[:2] == (401, "registry.access.signin")
    draft(people["clerk"], "01", [person(205)])
    while not goes_on.readline().startswith(b"event: dossier"):  # heartbeats are comments
        pass
    goes_on.close()
    # So does that of somebody who lost his role.
    account = new_account(portal, "mat-vai-tro", people["clerk"].call("GET", "/api/v1/me")["organisation"]["id"], ["clerk"])
    client = signed_in_as(portal, account)
    stream = stream_of(client)
    people["administrator"].call("PATCH", f"/api/v1/accounts/{id_of_account(client)}", {"roles": []})
    stream.read()


def test_heads_admit_colleagues_and_nobody_else(portal, people, neighbours):
    client = Client(portal.portal_url, source="127.0.0.41")
    place = people["head"].call("GET", "/api/v1/me")["organisation"]["id"]
    email = "dong-nghiep-moi@coquanmau.gov.vn"
    client.call("POST", "/api/v1/accounts", {
        "organisation": place, "name": "Trần Thị Mới", "phone": "0912345678", "email": email,
        "password": "mot-mat-khau-that-dai-2026", "agreed": True, "captcha": client.captcha()})
    mail = wait_for(lambda: [m for m in all_mails(portal) if email in m["to"] and "#token=" in m["text"]])[0]
    client.call("POST", "/api/v1/accounts/activation", {"token": re.search(r"#token=([\w-]+)", mail["text"]).group(1)})
    waiting = next(one for one in people["head"].all("/api/v1/accounts") if one["email"] == email)
    assert waiting["state"] == "waiting"
    path = f"/api/v1/accounts/{waiting['id']}"
    refusals = {("sibling", "head"): (404, "registry.account.missing"), ("child", "head"): (404, "registry.account.missing"),
                ("sibling", "clerk"): (403, "registry.access.role")}
    for who, expected in refusals.items():
        with pytest.raises(Refused) as refused:
            neighbours[who].call("PATCH", path, {"state": "active"})
        assert (refused.value.status, refused.value.code) == expected, who
    for change in ({"state": "active", "roles": ["clerk", "head"]}, {"state": "closed"}, {"roles": ["clerk"]},
                   {"state": "active", "person": "nguyen-van-a"}):
        with pytest.raises(Refused) as refused:
            people["head"].call("PATCH", path, change)
        assert (refused.value.status, refused.value.code) == (403, "registry.access.forbidden"), change
    with pytest.raises(Refused):  # a colleague who waits for nothing
        people["head"].call("PATCH", f"/api/v1/accounts/{id_of_account(people['clerk'])}", {"state": "locked"})
    admitted = people["head"].call("PATCH", path, {"state": "active"})
    assert (admitted["state"], admitted["roles"]) == ("active", ["clerk"])
    client.sign_in(email, "mot-mat-khau-that-dai-2026")
    assert wait_for(lambda: [m for m in all_mails(portal) if "thutruong@" in "".join(m["to"]) and email in m["text"]])


def test_those_above_see_what_those_below_file_and_change_nothing(portal, people, objects, neighbours):
    below = draft(neighbours["child", "clerk"], "01", [person(203, organisation_names=[
        "Lạng Sơn", "Cơ quan mẫu: Ủy ban nhân dân tỉnh", "Cơ quan mẫu: Sở Mẫu", "Cơ quan mẫu: Trung tâm Mẫu"])])
    path = f"/api/v1/dossiers/{below['id']}"
    before = snapshot(portal)
    for role in ("clerk", "head"):
        assert people[role].call("GET", path)["code"] == below["code"]
        assert below["id"] in {one["id"] for one in people[role].all("/api/v1/dossiers", box="all")}
        with pytest.raises(Refused):
            neighbours["sibling", role].call("GET", path)
        assert below["id"] not in {one["id"] for one in neighbours["sibling", role].all("/api/v1/dossiers", box="all")}
    for one in DOSSIER_ROUTES:
        if not one.changes or not one.allows("clerk") or one.name == "addNote":
            continue
        status, code, _ = ask(people["clerk"], one, {"id": below["id"]}, **in_earnest(one, objects, below["revision"]))
        assert (status, code) == (403, "registry.access.forbidden"), one.name
    assert snapshot(portal) == before


def test_lists_and_reports_end_at_the_own_organisation(portal, people, objects, neighbours):
    own = id_of_account(people["clerk"])
    organisation = people["clerk"].call("GET", "/api/v1/me")["organisation"]["id"]
    for place in ("sibling", "child"):
        for role in ("clerk", "head"):
            client = neighbours[place, role]
            for query in ({}, {"organisation": organisation}):
                assert objects["dossier"] not in {one["id"] for one in client.all("/api/v1/dossiers", box="all", **query)}
            for report in ("by-time", "by-organisation", "by-kind", "by-device", "expiring", "sla"):
                asked, _, _ = ask(client, operation("report"), {"report": report})
                assert asked in (200, 403)
                answer, data = client.raw("GET", f"/api/v1/reports/{report}?organisation={organisation}")
                assert answer.status in (403, 404) or json.loads(data)["rows"] == [], (report, data.decode())
        head = neighbours[place, "head"]
        assert own not in {one["id"] for one in head.all("/api/v1/accounts")}
        assert head.raw("GET", f"/api/v1/accounts?organisation={organisation}")[0].status == 404
    above = {one["email"] for one in people["head"].all("/api/v1/accounts")}
    assert {"vanthu@coquanmau.gov.vn", "child-clerk@coquanmau.gov.vn"} <= above
    assert "sibling-clerk@coquanmau.gov.vn" not in above and "quantri@coquanmau.gov.vn" not in above


def test_what_is_somebodys_own_is_nobody_elses(portal, people, neighbours):
    victim, thief = signed_in(portal, "van-thu"), neighbours["sibling", "clerk"]
    passkey = victim.add_passkey()["id"]
    session = next(one["id"] for one in victim.call("GET", "/api/v1/me/sessions")["items"] if one["is_this"])
    for path in (f"/api/v1/me/passkeys/{passkey}", f"/api/v1/me/sessions/{session}"):
        for client in (thief, people["administrator"], people["head"]):
            with pytest.raises(Refused) as refused:
                client.call("DELETE", path)
            assert refused.value.status == 404
    assert victim.call("GET", "/api/v1/me")["email"] == "vanthu@coquanmau.gov.vn"
    assert passkey in {one["id"] for one in victim.call("GET", "/api/v1/me/passkeys")["items"]}

    given = people["head"].call("POST", "/api/v1/delegations", {
        "account_email": "sibling-clerk@coquanmau.gov.vn", "valid_from": TODAY, "valid_to": TODAY,
        "basis": "Giấy ủy quyền số 1"})
    for client in (neighbours["sibling", "head"], neighbours["child", "head"]):
        with pytest.raises(Refused) as refused:
            client.call("DELETE", f"/api/v1/delegations/{given['id']}")
        assert refused.value.status == 404
    # The delegation lets the other clerk file for this organisation, and for no other.
    organisation = people["clerk"].call("GET", "/api/v1/me")["organisation"]["id"]
    filed = thief.call("POST", "/api/v1/dossiers", {"kind": "01", "on_behalf_of": organisation})
    assert filed["on_behalf_of"]["id"] == organisation
    child = neighbours["child", "clerk"].organisation
    with pytest.raises(Refused) as refused:
        thief.call("POST", "/api/v1/dossiers", {"kind": "01", "on_behalf_of": child})
    assert refused.value.code == "registry.dossier.delegation"
    people["head"].call("DELETE", f"/api/v1/delegations/{given['id']}")
    with pytest.raises(Refused):
        thief.call("POST", "/api/v1/dossiers", {"kind": "01", "on_behalf_of": organisation})

    seal = prepared(operation("addSeal"), {"id": people["head"].call("GET", "/api/v1/me")["organisation"]["id"]})
    answer, _ = neighbours["sibling", "head"].raw("POST", *seal)
    assert answer.status in (403, 404)


def test_nobody_makes_himself_an_officer(portal, people, neighbours):
    clerk = neighbours["sibling", "clerk"]
    me = id_of_account(clerk)
    before = rows(portal, "SELECT * FROM account_role ORDER BY 1, 2")
    for client in (clerk, neighbours["sibling", "head"], people["approving"], people["auditor"]):
        with pytest.raises(Refused) as refused:
            client.call("PATCH", f"/api/v1/accounts/{me}", {"roles": ["administrator"]})
        assert refused.value.status == 403
    # An organisation's account cannot have an office of the authority, not even by an administrator's hand.
    for role in ("receiving", "approving", "administrator"):
        with pytest.raises(Refused):
            people["administrator"].call("PATCH", f"/api/v1/accounts/{me}", {"roles": ["clerk", role]})
    # Nor has an administrator power over himself.
    with pytest.raises(Refused) as refused:
        people["administrator"].call("PATCH", f"/api/v1/accounts/{id_of_account(people['administrator'])}",
                                     {"roles": ["administrator", "receiving", "checking", "approving"]})
    assert refused.value.code == "registry.account.self"
    clerk.call("PATCH", "/api/v1/me", {"name": "Nguyễn Văn Mẫu", "roles": ["administrator"], "person": "le-van-c",
                                       "state": "active", "organisation": UNKNOWN_ID, "email": "khac@coquanmau.gov.vn"})
    assert rows(portal, "SELECT * FROM account_role ORDER BY 1, 2") == before
    assert clerk.call("GET", "/api/v1/me")["email"] == "sibling-clerk@coquanmau.gov.vn"


CHANGING = [one for one in operations() if one.changes]


@pytest.mark.parametrize("one", CHANGING, ids=lambda one: one.name)
def test_no_other_site_changes_anything(portal, people, objects, neighbours, one):
    role = next((role for role in ROLES if one.access != "public" and one.allows(role)), "clerk")
    client, other = people[role], neighbours["sibling", "clerk"]
    before = snapshot(portal)
    captures = captures_of(one, objects)
    for headers in ({"Origin": "https://cong-gia.example"}, {"Origin": "null"}, {"Origin": portal.portal_url + ".example"},
                    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        sent = {**headers, "X-Kyso-CSRF": client.csrf}
        assert asked_with(client, one, captures, sent) == (403, "registry.access.origin"), headers
    if one.access != "public":
        for token in (None, "", "x", client.csrf[:-1], client.csrf + "A", other.csrf):
            headers = {} if token is None else {"X-Kyso-CSRF": token}
            assert asked_with(client, one, captures, headers) == (403, "registry.access.csrf"), token
    assert snapshot(portal) == before


def asked_with(client, one, captures, headers):
    """Without what the client would add by itself."""
    bare = Client(client.url)
    bare.cookies = dict(client.cookies)
    path, body, sent = prepared(one, captures)
    answer, data = bare.raw(one.method, path, body, {**sent, "Origin": portal_origin(client), **headers})
    return answer.status, json.loads(data)["code"]


def portal_origin(client):
    return client.url


def test_a_form_of_another_site_is_not_json(portal, people):
    """What a page elsewhere can send without asking first: three content types."""
    clerk = people["clerk"]
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer, _ = clerk.raw("POST", "/api/v1/dossiers", b'{"kind": "01"}', {"Content-Type": kind})
        assert answer.status == 415, kind


def test_cookies_cannot_be_read_or_led_elsewhere(portal):
    client = Client(portal.portal_url)
    account = portal.accounts["van-thu"]
    answer, data = client.raw("POST", "/api/v1/session", json.dumps(
        {"email": account["email"], "password": account["password"]}).encode(), {"Content-Type": "application/json"})
    cookies = answer.headers.get_all("Set-Cookie")
    assert len(cookies) == 1
    name, *flags = [part.strip() for part in cookies[0].split(";")]
    assert name.startswith("kyso=") and {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(flags)
    assert not any(flag.startswith("Domain") for flag in flags)
    secret = name.partition("=")[2]
    assert len(secret) >= 40 and secret not in data.decode() and json.loads(data)["csrf"] != secret
    # Only the cookie is a session.
    for path, headers in ((f"/api/v1/me?kyso={secret}", {}), ("/api/v1/me", {"Authorization": f"Bearer {secret}"}),
                          ("/api/v1/me", {"Cookie": f"KYSO={secret}"}), ("/api/v1/me", {"Cookie": f"kyso2={secret}"})):
        assert Client(portal.portal_url).raw("GET", path, None, headers)[0].status == 401
    # Signing out ends it on the server, not only in the browser.
    client.csrf = json.loads(data)["csrf"]
    kept = dict(client.cookies)
    client.call("DELETE", "/api/v1/session")
    assert client.cookies == {}
    client.cookies = kept
    assert client.raw("GET", "/api/v1/me")[0].status == 401


def test_with_https_cookies_are_bound_to_host_and_scheme(portal, tmp_path):
    ports = {name: demo_portal.demo_ca.free_port() for name in ("port", "officers_port", "metrics_port", "portal_port")}
    ports.update({name: portal.settings[name] for name in ("smtp_port", "population_port")})
    portal.configure_portal("https", ports)
    file = portal.folder / "https.toml"
    text = file.read_text().replace(f'public_url = "http://localhost:{ports["portal_port"]}"', 'public_url = "https://cong.example"')
    file.write_text(text)
    portal.start_kysod("https", port=ports["port"])
    try:
        client = Client(f"http://localhost:{ports['portal_port']}")
        account = portal.accounts["van-thu"]
        answer, _ = client.raw("POST", "/api/v1/session", json.dumps(
            {"email": account["email"], "password": account["password"]}).encode(),
            {"Content-Type": "application/json", "Origin": "https://cong.example"})
        assert answer.status == 200
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-kyso=") and "; Secure" in cookie and "Path=/" in cookie and "Domain" not in cookie
        assert client.raw("GET", "/")[0].headers["Strict-Transport-Security"]
    finally:
        portal.kill("https")


def test_a_session_that_somebody_else_chose_is_not_taken_over(portal):
    victim = Client(portal.portal_url)
    victim.cookies["kyso"] = "A" * 43  # planted
    account = portal.accounts["van-thu"]
    victim.sign_in(account["email"], account["password"])
    assert victim.cookies["kyso"] != "A" * 43
    planted = Client(portal.portal_url)
    planted.cookies["kyso"] = "A" * 43
    assert planted.raw("GET", "/api/v1/me")[0].status == 401
    # The attacker's own session in the victim's browser: it does not become the victim's.
    attacker = signed_in(portal, "thu-truong")
    secret = attacker.cookies["kyso"]
    victim = Client(portal.portal_url)
    victim.cookies["kyso"] = secret
    victim.sign_in(account["email"], account["password"])
    assert victim.cookies["kyso"] != secret
    assert attacker.raw("GET", "/api/v1/me")[0].status == 401
    assert victim.call("GET", "/api/v1/me")["email"] == account["email"]


def test_a_new_password_ends_the_other_sessions(portal, neighbours):
    account = new_account(portal, "doi-mat-khau", neighbours["sibling", "clerk"].organisation, ["clerk"])
    here, elsewhere = (signed_in_as(portal, account) for _ in range(2))
    with pytest.raises(Refused):
        here.call("PUT", "/api/v1/me/password", {"present": "sai-mat-khau-roi-2026", "password": "mat-khau-moi-that-dai-1"})
    assert elsewhere.call("GET", "/api/v1/me")
    here.call("PUT", "/api/v1/me/password", {"present": account["password"], "password": "mat-khau-moi-that-dai-1"})
    assert here.call("GET", "/api/v1/me")["email"] == account["email"]
    assert elsewhere.raw("GET", "/api/v1/me")[0].status == 401
    with pytest.raises(Refused):
        signed_in_as(portal, account)

    # A forgotten one ends all.
    here.call("POST", "/api/v1/accounts/password-reset-mail", {"email": account["email"], "captcha": here.captcha()})
    token = token_in(wait_for(lambda: [m for m in all_mails(portal) if account["email"] in m["to"] and "http" in m["text"]
                                       and token_in(m)])[0])
    Client(portal.portal_url).call("POST", "/api/v1/accounts/password-reset", {"token": token, "password": "lai-mot-mat-khau-nua-2"})
    assert here.raw("GET", "/api/v1/me")[0].status == 401


def token_in(mail):
    found = re.search(r"https?://[^\s?]*#\S*?([A-Za-z0-9_-]{30,})", mail["text"])
    return found and found.group(1)


def test_who_is_locked_or_loses_a_role_loses_it_at_once(portal, people, neighbours):
    organisation = neighbours["sibling", "clerk"].organisation
    clerk = signed_in_as(portal, new_account(portal, "bi-khoa", organisation, ["clerk", "head"]))
    me = id_of_account(clerk)
    assert clerk.call("GET", "/api/v1/receivers") is not None
    people["administrator"].call("PATCH", f"/api/v1/accounts/{me}", {"roles": ["head"]})
    with pytest.raises(Refused) as refused:
        clerk.call("GET", "/api/v1/receivers")
    assert refused.value.status in (401, 403)
    people["administrator"].call("PATCH", f"/api/v1/accounts/{me}", {"state": "locked"})
    assert clerk.raw("GET", "/api/v1/me")[0].status == 401
    with pytest.raises(Refused):
        signed_in_as(portal, {"email": "bi-khoa@coquanmau.gov.vn", "password": "ba-con-vit-bay-qua-song-7391"})


def test_pages_let_nothing_foreign_run(portal):
    client = Client(portal.portal_url)
    for path in ("/", "/ho-so", "/quan-tri/tai-khoan", "/index.html", "/assets/a.js", "/khong-co.js"):
        answer, data = client.raw("GET", path)
        policy = dict((part.split(None, 1) + [""])[:2] for part in answer.headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'" and policy["script-src"] == "'self'" and policy["style-src"] == "'self'", path
        assert policy["frame-ancestors"] == "'none'" and policy["base-uri"] == "'none'", path
        assert answer.headers["X-Frame-Options"] == "DENY" and answer.headers["X-Content-Type-Options"] == "nosniff", path
        assert answer.headers["Referrer-Policy"] in ("same-origin", "no-referrer") and answer.headers["Permissions-Policy"], path
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", path
        assert answer.status == (404 if path == "/khong-co.js" else 200), path
    assert "max-age=31536000" in client.raw("GET", "/assets/a.js")[0].headers["Cache-Control"]
    for path in ("/../kysod.toml", "/assets/../../kysod.toml", "/%2e%2e/kysod.toml", "/assets/%2e%2e%2f%2e%2e%2fkysod.toml",
                 "//etc/passwd", "/assets/..%5c..%5ckysod.toml", "/assets/a.js%00.html"):
        answer, data = client.raw("GET", path)
        assert b"[database]" not in data and b"root:" not in data, path
    assert client.raw("GET", "/api/v1/nothing")[0].status == 404
    # Nothing of the officers', auditors' and metrics' interfaces is served here.
    for path in ("/metrics", "/api/v1/authority", "/requests", "/crl/CPCA_G1-0.crl", "/station/v1/jobs"):
        answer, data = client.raw("GET", path)
        assert answer.status == 404 or data.startswith(b"<!doctype html>"), path


def test_every_answer_of_the_interface_says_what_it_is(portal, people):
    for method, path in (("GET", "/api/v1/me"), ("GET", "/api/v1/nothing"), ("POST", "/api/v1/me"), ("GET", "/api/v1/dossiers/x")):
        for client in (Client(portal.portal_url), people["clerk"]):
            answer, data = client.raw(method, path)
            if answer.status < 400:
                continue
            assert answer.headers["Content-Type"] == "application/problem+json", (method, path)
            assert "no-store" in answer.headers["Cache-Control"], (method, path)
            problem = json.loads(data)
            assert {"type", "title", "status", "code", "title_en", "detail", "detail_en"} <= problem.keys()


def test_no_secret_stands_in_addresses_or_logs(portal, people):
    secret_words = {"token", "password", "secret", "session", "csrf", "cookie"}
    for one in operations():
        assert not {p["name"] for p in one.parameters if p["in"] == "query"} & secret_words, one.name
    for mail in all_mails(portal):
        for address in re.findall(r"https?://\S+", mail["text"]):
            # What follows "#" is sent to no server and stands in no log.
            assert not re.search(r"[A-Za-z0-9_-]{40,}", address.split("#")[0]), address
    log = (portal.folder / "kysod.log").read_text()
    for client in people.values():
        for secret in (*client.cookies.values(), client.csrf):
            assert not secret or secret not in log
    for account in portal.accounts.values():
        assert account["password"] not in log
    for number in (101, 201, 202, 203):
        assert f"001087{number:06}" not in log
    kept = "\n".join(str(row) for row in rows(portal, "SELECT * FROM account_session")) + str(rows(portal, "SELECT * FROM account"))
    for client in people.values():
        for secret in (*client.cookies.values(), client.csrf):
            assert not secret or secret not in kept
    audit = "\n".join(str(row) for row in rows(portal, "SELECT * FROM audit_event"))
    assert "001087000201" not in audit and not any(account["password"] in audit for account in portal.accounts.values())
