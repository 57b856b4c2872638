"""What docs/operating.md says of backup and restore, done as it says."""
import contextlib
import json
import pathlib
import shutil
import sqlite3
import time

import pytest
from conftest import demo_ca

OLD, NEW = "kyso.example/audit", "kyso.example/audit-2"


def back_up(authority, call, programs, folder):
    folder.mkdir()
    call(programs / "kysod", "--config", authority.folder / "kysod.toml", "--backup", folder / "kyso.db",
         env=authority.environment)
    call(programs / "kyso-vault", "--config", authority.folder / "vault/vault.toml", "--backup", folder / "vault.db",
         env=authority.environment)


def put_back(file, database):
    """The backup at the place of the database, without what belonged to the old one."""
    for suffix in ("-wal", "-shm"):
        pathlib.Path(f"{database}{suffix}").unlink(missing_ok=True)
    shutil.copy(file, database)


def edit(path, *changes):
    text = path.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text, (path, before)
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")


def begin_new_log(authority):
    edit(authority.folder / "kysod.toml", (OLD, NEW), ("/kysod-audit", "/kysod-audit-2"))
    edit(authority.folder / "vault/vault.toml", (OLD, NEW))


def verify(authority, call, programs, folder, *arguments):
    done = call(programs / "kyso-audit-verify", folder, "--key", authority.folder / "ceremony/certificates/log-1.crt",
                "--json", *arguments, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return json.loads(done.stdout)


def wait_for_log(authority, call, programs):
    """Until the files hold every record that is there now: they are some seconds behind the database."""
    count = one_number(authority.folder / "kyso.db", "SELECT count(*) FROM audit_event")
    until = time.monotonic() + 30
    while time.monotonic() < until:
        report = verify(authority, call, programs, authority.folder / "kysod-audit", "--origin", OLD)
        if report["size"] >= count:
            return
        time.sleep(0.2)
    raise AssertionError((count, report))


def one_number(database, sql):
    with contextlib.closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql).fetchone()[0]


def wait_for_journal(authority, backup):
    """Until kysod has copied something that the backup of the vault doesn't know."""
    newest = one_number(backup, "SELECT max(sequence) FROM journal")
    until = time.monotonic() + 30
    while one_number(authority.folder / "kyso.db", "SELECT max(sequence) FROM vault_journal") <= newest:
        assert time.monotonic() < until
        time.sleep(0.1)


def state_of(authority, serial):
    answer = authority.authority("nguyen-van-a", "search", serial, "--json")
    rows = [row for row in json.loads(answer.stdout)["certificates"] if row["serial"] == serial]
    return rows[0]["state"] if rows else None


def ocsp(authority, made, call):
    return call("openssl", "ocsp", "-issuer", authority.issuer_certificate, "-cert", made["certificate"], "-url",
                f"{authority.url}/ocsp", "-CAfile", authority.root_certificate).stdout


@pytest.fixture
def own(tmp_path):
    with demo_ca.DemoCa(tmp_path / "demo").make() as authority:
        yield authority.start()


def test_older_database(own, call, programs, tmp_path):
    """Certificates come back from the vault; revocations are found by the log and made again."""
    first = own.issue("PERSON_5Y", "first")
    wait_for_log(own, call, programs)
    back_up(own, call, programs, tmp_path / "backup")
    second = own.issue("PERSON_5Y", "second")
    own.revoke(first["serial"])
    assert ": revoked" in ocsp(own, first, call)
    wait_for_log(own, call, programs)
    own.stop()
    database = own.folder / "kyso.db"
    put_back(tmp_path / "backup/kyso.db", database)
    begin_new_log(own)

    # What the database lacks stands in the log that was kept.
    report = verify(own, call, programs, own.folder / "kysod-audit", "--origin", OLD, "--database", f"sqlite:{database}")
    assert "audit.record.missing" in {problem["code"] for problem in report["problems"]}
    lacking = [problem["place"] for problem in report["problems"] if problem["code"] == "audit.certificate.state"]
    assert any(first["serial"].lower() in place.lower() for place in lacking), report["problems"]

    own.start()
    assert state_of(own, second["serial"]) == "good"
    assert state_of(own, first["serial"]) == "good"
    own.revoke(first["serial"])
    assert ": revoked" in ocsp(own, first, call)
    assert ": good" in ocsp(own, second, call)


def test_older_journal(own, call, programs, tmp_path):
    """A vault that forgot something goes on under another instance number."""
    back_up(own, call, programs, tmp_path / "backup")
    before = own.issue("PERSON_5Y", "before")
    assert before["serial"].startswith("01")
    wait_for_journal(own, tmp_path / "backup/vault.db")
    own.stop()
    put_back(tmp_path / "backup/vault.db", own.folder / "vault/vault.db")
    # Under its old number nobody works with it.
    own.start_vault()
    refused = call(programs / "kysod", "--config", own.folder / "kysod.toml", env=own.environment, check=False,
                   timeout=60)
    assert refused.returncode == 101 and "kysod.journal.older" in refused.stderr
    own.stop()
    begin_new_log(own)
    edit(own.folder / "vault/vault.toml", ("instance = 1\n", "instance = 2\n"))
    own.start()
    after = own.issue("PERSON_5Y", "after")
    assert after["serial"].startswith("02")
    for certificate in (before, after):
        assert ": good" in ocsp(own, certificate, call)
    own.revoke(before["serial"])
    assert ": revoked" in ocsp(own, before, call)


def test_backup_refuses_to_replace(own, call, programs, tmp_path):
    back_up(own, call, programs, tmp_path / "backup")
    again = call(programs / "kysod", "--config", own.folder / "kysod.toml", "--backup", tmp_path / "backup/kyso.db",
                 env=own.environment, check=False)
    assert again.returncode == 62


def test_moved_database(own, call, programs, tmp_path):
    """All of it under another address, refused while somebody works or where something lies already."""
    made = own.issue("PERSON_5Y", "moved")
    source, target = f"sqlite:{own.folder}/kyso.db", f"sqlite:{tmp_path}/new.db"
    copy = [programs / "kysod", "--copy-database", source, target]
    own.stop()
    shown = call(*copy, env=own.environment).stdout
    assert "certificate" in shown and "SHA-256" in shown
    assert call(*copy, env=own.environment, check=False).returncode == 101
    edit(own.folder / "kysod.toml", (source, target))
    own.start()
    assert state_of(own, made["serial"]) == "good"
    own.revoke(made["serial"])
    assert ": revoked" in ocsp(own, made, call)
