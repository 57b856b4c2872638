"""The audit log of a real authority, and what its independent check says when somebody touches things."""
import json
import shutil
import sqlite3
import time


def verify(made, call, programs, *arguments, folder=None, check=True):
    done = call(programs / "kyso-audit-verify", folder or made.folder / "kysod-audit", "--key",
                made.folder / "ceremony/certificates/log-1.crt", "--tsa", made.folder / "ceremony/certificates/tsa-1.crt",
                "--origin", "kyso.example/audit", "--json", *arguments, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return json.loads(done.stdout)


def settled(made, call, programs):
    until = time.monotonic() + 20
    while True:
        report = verify(made, call, programs, "--database", f"sqlite:{made.folder}/kyso.db")
        if report["clean"] and report["leaves"] == report["records"] and report["time_stamps"] > 0 or time.monotonic() > until:
            return report
        time.sleep(0.5)


def test_untouched(made, person, call, programs):
    report = settled(made, call, programs)
    assert report["clean"], report["problems"]
    assert report["certificates"] >= 1 and report["journal_entries"] > 0 and report["time_stamps"] > 0


def test_touched(made, person, call, programs, tmp_path):
    assert settled(made, call, programs)["clean"]
    copy = tmp_path / "kyso.db"
    changes = {
        "UPDATE certificate SET state = 'revoked' WHERE state = 'good'": "audit.certificate.state",
        "UPDATE certificate SET der = linting WHERE state = 'good'": "audit.certificate.changed",
        "DELETE FROM certificate": "audit.certificate.missing",
        "UPDATE audit_event SET actor = 'nobody' WHERE leaf_index = 1": "audit.record.changed",
        "DELETE FROM audit_event WHERE leaf_index = 2": "audit.record.missing",
        "UPDATE vault_journal SET body = '{}' WHERE sequence = 2": "audit.journal.changed",
        "DELETE FROM vault_journal WHERE sequence = 2": "audit.journal.missing",
    }
    source = sqlite3.connect(made.folder / "kyso.db")
    for sql, code in changes.items():
        copy.unlink(missing_ok=True)
        target = sqlite3.connect(copy)
        source.backup(target)
        target.execute(sql)
        target.commit()
        target.close()
        report = verify(made, call, programs, "--database", f"sqlite:{copy}")
        assert not report["clean"] and code in {problem["code"] for problem in report["problems"]}, (sql, report)
    folder = tmp_path / "log"
    shutil.copytree(made.folder / "kysod-audit", folder)
    known = tmp_path / "known"
    shutil.copy(folder / "checkpoint", known)
    assert verify(made, call, programs, "--known", known, folder=folder)["clean"]
    size = int((folder / "checkpoint").read_text().splitlines()[1])  # outgrown files stay for a while beside this one
    entries = folder / f"tile/entries/{size // 256:03}.p/{size % 256}"
    data = bytearray(entries.read_bytes())
    data[20] ^= 1
    entries.write_bytes(data)
    assert not verify(made, call, programs, folder=folder)["clean"]
