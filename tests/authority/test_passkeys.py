"""Officers who sign in the browser: requests and approvals by passkeys, by certificates, and what a thief of kysod can
make of them."""
import copy
import json
import sqlite3
import time
import urllib.error
import urllib.request

import pytest

from passkeys import APPROVAL, REQUEST, USER_PRESENT, Passkey, approval_payload, issue_payload, parts_of, statement

PERSONS = ("nguyen-van-a", "tran-thi-b", "le-van-c")


@pytest.fixture(scope="module")
def owned(tmp_path_factory):
    from conftest import demo_ca
    with demo_ca.DemoCa(tmp_path_factory.mktemp("passkeys") / "demo").make() as authority:
        yield authority.start()


@pytest.fixture(scope="module")
def keys(owned, tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    made = {person: Passkey(folder, person, f"http://localhost:{owned.portal_port}") for person in PERSONS}
    for person, key in made.items():
        assert owned.enrol_passkey(person, key.credential, key.public_key)["state"] == "done"
    return made


def send(authority, path, text):
    request = urllib.request.Request(f"{authority.officers_url}/authority/v1/{path}", text.encode(),
                                     {"Content-Type": "application/jose"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as problem:
        return problem.code, json.load(problem)


def test_three_passkeys_issue_a_certificate(owned, keys, tmp_path):
    payload = issue_payload(tmp_path, "one")
    request = keys["nguyen-van-a"].sign(REQUEST, payload)
    status, view = send(owned, "requests", request)
    assert status == 201 and view["requester"] == "nguyen-van-a", view
    path = f"requests/{view['id']}/approvals"
    status, view = send(owned, path, keys["nguyen-van-a"].sign(APPROVAL, approval_payload(payload)))
    assert status == 403 and view["code"] == "vault.statement.own"
    status, view = send(owned, path, keys["le-van-c"].sign(APPROVAL, approval_payload(payload), USER_PRESENT))
    assert status == 403 and view["code"] == "webauthn.verification"
    # One by the terminal, one by the browser.
    owned.approve(json.loads(payload)["id"], "tran-thi-b")
    status, view = send(owned, path, keys["tran-thi-b"].sign(APPROVAL, approval_payload(payload)))
    assert status == 403 and view["code"] == "vault.statement.twice"
    status, view = send(owned, path, keys["le-van-c"].sign(APPROVAL, approval_payload(payload)))
    assert status == 200 and view["state"] == "done", view
    assert "BEGIN CERTIFICATE" in view["certificates"][0]["pem"]
    shown = owned.authority("nguyen-van-a", "show", view["id"]).stdout
    assert "le-van-c" in shown


def test_the_command_reads_the_file_of_the_portal(owned, keys, tmp_path):
    from passkeys import base64url
    key = Passkey(tmp_path, "second", f"http://localhost:{owned.portal_port}")
    file = tmp_path / "passkey.json"
    file.write_text(json.dumps({"person": "le-van-c", "credential": base64url(key.credential),
                                "public_key": base64url(key.public_key), "label": "Điện thoại"}))
    refused = owned.authority("admin-1", "policy", "enrol-passkey", "tran-thi-b", "--from", file, "--json", check=False)
    assert refused.returncode == 111 and "kyso.passkey.person" in refused.stdout + refused.stderr
    missing = owned.authority("admin-1", "policy", "enrol-passkey", "tran-thi-b", "--credential", "AAAA", check=False)
    assert missing.returncode == 4
    asked = owned.authority("admin-1", "policy", "enrol-passkey", "le-van-c", "--from", file, "--json")
    owned.approve(json.loads(asked.stdout)["id"], "admin-2", "admin-3")
    assert "Điện thoại" in owned.authority("admin-1", "policy", "get").stdout
    twice = owned.authority("admin-1", "policy", "enrol-passkey", "le-van-c", "--from", file, check=False)
    assert twice.returncode == 81


def copied(keys, harmless, payload, folder):
    """What the officers signed for another request."""
    return {person: keys[person].sign(APPROVAL, approval_payload(harmless)) for person in PERSONS[1:]}


def rewritten(keys, harmless, payload, folder):
    out = {}
    for person, text in copied(keys, harmless, payload, folder).items():
        kind, _, credential, data, client, signature = parts_of(text)
        out[person] = statement(kind, approval_payload(payload), credential, data, client, signature)
    return out


def renamed(keys, harmless, payload, folder):
    """The thief's own authenticator, in the officers' names."""
    out = {}
    for person in PERSONS[1:]:
        thief = Passkey(folder, f"thief-{person}", keys[person].origin)
        thief.credential = keys[person].credential
        out[person] = thief.sign(APPROVAL, approval_payload(payload))
    return out


def unverified(keys, harmless, payload, folder):
    """From the officers' authenticators, without their PIN or finger."""
    return {person: keys[person].sign(APPROVAL, approval_payload(payload), USER_PRESENT) for person in PERSONS[1:]}


def elsewhere(keys, harmless, payload, folder):
    """From the officers' authenticators, through another page."""
    out = {}
    for person in PERSONS[1:]:
        page = copy.copy(keys[person])
        page.origin = "http://localhost:1"
        out[person] = page.sign(APPROVAL, approval_payload(payload))
    return out


def journal_of(authority):
    database = sqlite3.connect(f"file:{authority.folder}/vault/vault.db?mode=ro", uri=True)
    return [row[0] for row in database.execute("SELECT kind FROM journal")]


def test_a_stolen_kysod_makes_nothing_of_passkeys(owned, keys, tmp_path):
    harmless = issue_payload(tmp_path, "harmless")
    assert send(owned, "requests", keys["nguyen-van-a"].sign(REQUEST, harmless))[0] == 201
    signed_before = journal_of(owned).count("intent.signed")
    database = sqlite3.connect(owned.folder / "kyso.db", timeout=30)
    for forge in (copied, rewritten, renamed, unverified, elsewhere):
        payload = issue_payload(tmp_path, forge.__name__)
        approvals = forge(keys, harmless, payload, tmp_path)
        status, view = send(owned, "requests", keys["nguyen-van-a"].sign(REQUEST, payload))
        assert status == 201, view
        for person, text in approvals.items():
            status, refused = send(owned, f"requests/{view['id']}/approvals", text)
            assert status == 403, (forge, refused)
        for person, text in approvals.items():
            database.execute("INSERT INTO approval (request_id, person, decision, jws, at) VALUES (?, ?, 'approve', ?, ?)",
                             (view["id"], person, text, int(time.time())))
        database.execute("UPDATE request SET state = 'authorised', updated = 0 WHERE id = ?", (view["id"],))
        database.commit()
        until = time.monotonic() + 30
        while (row := database.execute("SELECT state, failure FROM request WHERE id = ?", (view["id"],)).fetchone())[0] == "authorised":
            assert time.monotonic() < until
            time.sleep(0.1)
        assert row[0] == "failed" and row[1].split(".")[0] in ("vault", "webauthn"), (forge, row)
    assert journal_of(owned).count("intent.signed") == signed_before
