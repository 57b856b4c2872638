"""A drill: an attacker owns kysod (its user, its configuration, its socket to the vault) and the database login. No
certificate comes out, and what was done shows."""
import json
import sqlite3
import time

import pytest


def journal_of(made):
    database = sqlite3.connect(f"file:{made.folder}/vault/vault.db?mode=ro", uri=True)
    return [row[0] for row in database.execute("SELECT kind FROM journal")]


@pytest.fixture(scope="module")
def owned(tmp_path_factory):
    from conftest import demo_ca
    with demo_ca.DemoCa(tmp_path_factory.mktemp("drill") / "demo").make() as authority:
        yield authority.start()


def test_states_in_the_database_issue_nothing(owned):
    """The attacker declares a request authorised that only one officer signed."""
    base = owned.folder / "people/x"
    base.parent.mkdir(exist_ok=True)
    from conftest import demo_ca
    demo_ca.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                 f"{base}.key", "-out", f"{base}.csr", "-subj", "/CN=x"])
    request = owned.request_id("issue", "--csr", f"{base}.csr", "--profile", "PERSON_5Y", "--issuer", "CPCA_G1", "--reference",
                               "x", "--purpose", "x", "--subject", "C=VN", "--subject", "O=Cơ quan mẫu", "--subject", "CN=Kẻ mạo danh")
    signed_before = journal_of(owned).count("intent.signed")
    database = sqlite3.connect(owned.folder / "kyso.db", timeout=30)
    # Approvals copied from elsewhere, invented, or the requester's own: whatever the database can hold.
    jws = database.execute("SELECT jws FROM request WHERE id = ?", (request,)).fetchone()[0]
    for person, forged in (("tran-thi-b", jws), ("le-van-c", "e30.e30.AAAA")):
        database.execute("INSERT INTO approval (request_id, person, decision, jws, at) VALUES (?, ?, 'approve', ?, ?)",
                         (request, person, forged, int(time.time())))
    database.execute("UPDATE request SET state = 'authorised', updated = 0 WHERE id = ?", (request,))
    database.commit()
    until = time.monotonic() + 30
    while database.execute("SELECT state FROM request WHERE id = ?", (request,)).fetchone()[0] == "authorised":
        assert time.monotonic() < until
        time.sleep(0.1)
    state, failure = database.execute("SELECT state, failure FROM request WHERE id = ?", (request,)).fetchone()
    assert state == "failed" and failure.split(".")[0] in ("vault", "jose"), failure
    assert database.execute("SELECT COUNT(*) FROM certificate WHERE request_id = ?", (request,)).fetchone()[0] == 0
    assert journal_of(owned).count("intent.signed") == signed_before


def test_the_vault_shows_no_key_and_reaches_no_network(owned, call, programs):
    done = call(programs / "kyso-vault", "--config", owned.folder / "vault/vault.toml", "--self-test", check=False,
                env=owned.environment)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_secret_is_written(owned):
    pin = (owned.folder / "pin.txt").read_text()
    for name in ("vault.log", "kysod.log"):
        text = (owned.folder / name).read_text(errors="replace")
        assert pin not in text and "PRIVATE KEY" not in text
    import subprocess
    assert pin not in subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True).stdout


def test_a_hidden_revocation_shows(owned, call, programs):
    """Who owns the database can call a revoked certificate good: the log says otherwise."""
    issued = owned.issue("PERSON_5Y", "Nguyễn Văn B")
    owned.revoke(issued["serial"])
    revoked = time.time() + 1
    log = owned.folder / "kysod-audit/checkpoint"
    until = time.monotonic() + 30
    while not log.exists() or log.stat().st_mtime < revoked:
        assert time.monotonic() < until, owned.log("kysod")
        time.sleep(0.1)
    database = sqlite3.connect(owned.folder / "kyso.db", timeout=30)
    database.execute("UPDATE certificate SET state = 'good', reason = NULL WHERE serial = ?", (bytes.fromhex(issued["serial"]),))
    database.commit()
    done = call(programs / "kyso-audit-verify", owned.folder / "kysod-audit", "--key",
                owned.folder / "ceremony/certificates/log-1.crt", "--database", f"sqlite:{owned.folder}/kyso.db", "--json", check=False)
    assert done.returncode == 1
    assert "audit.certificate.state" in {problem["code"] for problem in json.loads(done.stdout)["problems"]}
