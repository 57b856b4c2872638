"""Faults of a whole authority, made of the programs that operators run: processes killed under load, the token gone, the
database server gone, the disk full. What was acknowledged is there afterwards, and all goes on by itself within five
seconds. The supervisor's part (systemd: Restart=on-failure) is played by this test. docs/faults.md."""
import contextlib
import json
import os
import pathlib
import random
import shutil
import sqlite3
import ssl
import subprocess
import threading
import time

import pytest

from conftest import demo_ca
from postgres import Postgres
from test_audit import settled

LIMIT = 5.0
KILLS = int(os.environ.get("KYSO_KILLS", "40"))


class Load:
    """Officers who issue and revoke, and try again when a command fails; keeps what was acknowledged."""

    def __init__(self, ca, clerks=3):
        self.ca = ca
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.serials, self.revoked, self.unsure, self.unexplained = {}, set(), set(), []
        self.number = 0
        self.threads = [threading.Thread(target=self.work, args=(i,), daemon=True) for i in range(clerks)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join(timeout=120)

    def insist(self, call):
        """The result of the first attempt that succeeds; None when the load ends meanwhile."""
        while not self.stopping.is_set():
            try:
                return call()
            except demo_ca.Failed as problem:
                # A fault looks like something that is away: no crash, no internal error.
                if "exit code -" in str(problem) or "exit code 5\n" in str(problem):
                    self.unexplained.append(str(problem))
                    return None
                time.sleep(0.05)
        return None

    def show(self, request):
        return self.insist(lambda: json.loads(self.ca.authority("nguyen-van-a", "show", request, "--json").stdout))

    def approve(self, request, officer):
        """Once: when no answer came, what is on record tells whether it is still to be done."""
        def attempt():
            try:
                return self.ca.approve(request, officer)
            except demo_ca.Failed:
                shown = json.loads(self.ca.authority("nguyen-van-a", "show", request, "--json").stdout)
                if shown["state"] != "waiting" or officer in (shown["standing"] or {}).get("approvers", []):
                    return shown
                raise
        return self.insist(attempt)

    def issue(self, name):
        base = self.ca.folder / "people" / name
        base.parent.mkdir(exist_ok=True)
        demo_ca.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-keyout", f"{base}.key", "-out", f"{base}.csr", "-subj", "/CN=x"])
        request = self.insist(lambda: self.ca.request_id(
            "issue", "--csr", f"{base}.csr", "--profile", "PERSON_5Y", "--issuer", demo_ca.ISSUER, "--reference", name,
            "--purpose", "mẫu", "--subject", "C=VN", "--subject", "O=Cơ quan mẫu", "--subject", f"CN={name}"))
        for officer in ("tran-thi-b", "le-van-c"):
            if request is None or self.approve(request, officer) is None:
                return None
        while not self.stopping.is_set():
            shown = self.show(request)
            if shown is None:
                return None
            if shown["state"] == "done":
                certificate = shown["certificates"][0]
                with self.lock:
                    self.serials[certificate["serial"].lower()] = certificate["pem"]
                return certificate["serial"]
            if shown["state"] != "authorised":
                self.unexplained.append(json.dumps(shown))
                return None
            time.sleep(0.05)
        return None

    def revoke(self, serial):
        with self.lock:
            self.unsure.add(serial.lower())
        request = self.insist(lambda: self.ca.request_id("revoke", serial, "--issuer", demo_ca.ISSUER, "--reason",
                                                         "keyCompromise", "--purpose", "mẫu"))
        if request is None or self.approve(request, "le-van-c") is None:
            return
        while not self.stopping.is_set():
            shown = self.show(request)
            if shown is None:
                return
            if shown["state"] == "done":
                with self.lock:
                    self.unsure.discard(serial.lower())
                    self.revoked.add(serial.lower())
                return
            time.sleep(0.05)

    def next_name(self, prefix):
        with self.lock:
            self.number += 1
            return f"{prefix}-{self.number}"

    def work(self, clerk):
        while not self.stopping.is_set():
            serial = self.issue(self.next_name(f"person-{clerk}"))
            if serial and len(self.serials) % 2 == 0:
                self.revoke(serial)


def starved(ca):
    """Seconds in which threads of the authority's processes were ready to run while the machine ran others: waiting for
    a processor says nothing about the authority. By process."""
    out = {}
    for process in ca.processes.values():
        nanoseconds = 0
        for task in pathlib.Path(f"/proc/{process.pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):
                nanoseconds += int(task.read_text().split()[1])
        out[process.pid] = nanoseconds / 1e9
    return out


class Recovery:
    """What happens within it takes at most LIMIT of the authority's own time."""

    def __init__(self, ca):
        self.ca = ca

    def __enter__(self):
        self.before, self.begin = starved(self.ca), time.monotonic()
        return self

    def __exit__(self, kind, *_):
        self.seconds = time.monotonic() - self.begin
        if kind is None and self.seconds >= LIMIT:
            waited = sum(after - self.before.get(pid, 0) for pid, after in starved(self.ca).items())
            assert self.seconds - waited < LIMIT, f"{self.seconds:.1f} s, {waited:.1f} of them for want of a processor"


def can_issue(ca):
    """Both databases and the vault answer, and somebody answers about certificates (/health asks them all)."""
    return ca.is_healthy(ca.port) and ca.is_healthy(ca.officers_port)


def seconds_until(condition, limit=60.0):
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() - begin < limit, f"not within {limit} s"
        time.sleep(0.02)
    return time.monotonic() - begin


def rows(ca, sql):
    if ca.settings["database"].startswith("sqlite:"):
        with contextlib.closing(sqlite3.connect(ca.folder / "kyso.db", timeout=30)) as database:
            return database.execute(sql).fetchall()
    sql = sql.replace("SELECT serial, state, der ", "SELECT encode(serial, 'hex'), state, encode(der, 'hex') ")
    done = subprocess.run(["psql", "-AtF", "|", "-c", sql, ca.settings["database"]], capture_output=True, text=True, check=True)
    return [tuple(line.split("|")) for line in done.stdout.splitlines()]


def number(ca, sql):
    return int(rows(ca, sql)[0][0])


def raw(value):
    return bytes.fromhex(value) if isinstance(value, str) else value


def check(ca, load, call, programs):
    """Nothing was lost, nothing done twice, nothing signed but unrecorded; the log holds."""
    assert not load.unexplained, load.unexplained[:3]
    seconds_until(lambda: number(ca, "SELECT COUNT(*) FROM request WHERE state = 'authorised'") == 0)
    assert number(ca, "SELECT COUNT(*) FROM certificate WHERE state = 'waiting'") == 0
    assert number(ca, "SELECT COUNT(*) FROM request WHERE state = 'failed'") == 0
    events, last = number(ca, "SELECT COUNT(*) FROM status_event"), number(ca, "SELECT COALESCE(MAX(sequence), 0) FROM status_event")
    assert events == last
    stored = {raw(serial).hex(): (state, raw(der) if der else None)
              for serial, state, der in rows(ca, "SELECT serial, state, der FROM certificate")}
    for serial, pem in load.serials.items():
        state, der = stored[serial]
        assert der == ssl.PEM_cert_to_DER_cert(pem), serial
        expected = {"revoked"} if serial in load.revoked else {"good", "revoked"} if serial in load.unsure else {"good"}
        assert state in expected, (serial, state)
    with contextlib.closing(sqlite3.connect(f"file:{ca.folder}/vault/vault.db?mode=ro", uri=True)) as vault:
        intents = vault.execute("SELECT serial, state, certificate, request || '/' || line FROM intent").fetchall()
    assert len({intent[0] for intent in intents}) == len(intents) == len({intent[3] for intent in intents})
    for serial, state, certificate, request in intents:
        if state == 1 and not request.startswith("vault:"):
            assert stored[serial.hex()][1] == certificate, f"signed but unrecorded: {serial.hex()}"
    if ca.settings["database"].startswith("sqlite:"):
        report = settled(ca, call, programs)
        assert report["clean"], report["problems"]


@pytest.fixture
def authority(tmp_path):
    with demo_ca.DemoCa(tmp_path / "demo").make() as ca:
        yield ca.start()


def test_killed_again_and_again(authority, call, programs):
    moments = random.Random()
    times = []
    with Load(authority) as load:
        for turn in range(KILLS):
            time.sleep(moments.uniform(0.02, 0.5))
            name = ("vault", "kysod")[turn % 2]
            authority.kill(name)
            with Recovery(authority) as recovery:
                authority.start_vault() if name == "vault" else authority.start_kysod()
                seconds_until(lambda: can_issue(authority))
            times.append(recovery.seconds)
        before = len(load.serials)
        seconds_until(lambda: len(load.serials) > before)
    check(authority, load, call, programs)
    assert len(load.serials) > KILLS // 4
    print(f"{KILLS} kills, {len(load.serials)} issued, {len(load.revoked)} revoked; slowest recovery {max(times):.2f} s")


def test_token_gone_for_a_while(authority, call, programs):
    tokens, away = authority.folder / "tokens", authority.folder / "tokens-away"
    with Load(authority) as load:
        seconds_until(lambda: len(load.serials) >= 2)
        tokens.rename(away)
        time.sleep(3)  # requests come in all the time and are kept
        away.rename(tokens)
        before = number(authority, "SELECT COUNT(*) FROM certificate WHERE state <> 'waiting'")
        with Recovery(authority) as recovery:
            seconds_until(lambda: number(authority, "SELECT COUNT(*) FROM certificate WHERE state <> 'waiting'") > before)
        before = len(load.serials)
        seconds_until(lambda: len(load.serials) > before)
    check(authority, load, call, programs)
    print(f"issues again after {recovery.seconds:.2f} s")


def test_database_server_gone_for_a_while(tmp_path, call, programs):
    with contextlib.closing(Postgres()) as server, demo_ca.DemoCa(tmp_path / "demo").make(database=server.local_url) as ca:
        ca.start()
        with Load(ca) as load:
            seconds_until(lambda: len(load.serials) >= 2)
            for _ in range(2):
                server.stop("immediate")
                time.sleep(2)
                known = len(load.serials)
                server.start()
                with Recovery(ca) as recovery:
                    seconds_until(lambda: can_issue(ca))
                seconds_until(lambda known=known: len(load.serials) > known)
        check(ca, load, call, programs)
        print(f"answers again after {recovery.seconds:.2f} s")


@pytest.mark.skipif(os.geteuid() != 0, reason="a disk of its own is mounted by root only")
def test_disk_full(tmp_path, call, programs):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk)], check=True)
    try:
        with demo_ca.DemoCa(disk / "demo").make() as ca:
            ca.start()
            with Load(ca) as load:
                seconds_until(lambda: len(load.serials) >= 2)
                filler = disk / "filler"
                with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
                    while True:
                        file.write(b"\0" * 4096)
                time.sleep(3)
                known = number(ca, "SELECT COUNT(*) FROM certificate WHERE state <> 'waiting'")
                filler.unlink()
                with Recovery(ca) as recovery:
                    seconds_until(lambda: number(ca, "SELECT COUNT(*) FROM certificate WHERE state <> 'waiting'") > known)
                before = len(load.serials)
                seconds_until(lambda: len(load.serials) > before)
            check(ca, load, call, programs)
            print(f"issues again after {recovery.seconds:.2f} s")
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)
        shutil.rmtree(disk, ignore_errors=True)
