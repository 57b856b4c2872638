"""Processes killed at random moments while people work: kysod, the vault, the mailbox, the database server. Whatever was
acknowledged is there afterwards, nothing happened twice, and every dossier comes to its end by what people do anyway."""
import collections
import contextlib
import email
import email.policy
import os
import random
import signal
import sqlite3
import subprocess
import threading
import time

from api_client import Client, Refused
from conftest import ROOT, demo_portal, officers_of, plain_pages, signed_in
from dossier_steps import FORM, TODAY, person
from postgres import Postgres
from test_journey import key_and_request

KILLS = int(os.environ.get("KYSO_KILLS", "60"))
SEED = int(os.environ.get("KYSO_SEED", "0")) or random.SystemRandom().randrange(1, 1 << 32)
WEIGHTS = {"kysod": 5, "vault": 3, "mailbox": 1, "database": 1}
OFFICER_OF_ROLE = {"registration": "tiep-nhan", "checking": "tham-tra", "approving": "phe-duyet"}


class Away(Exception):
    """No answer, or one that says: later."""


class Patient(Client):
    """A browser whose person tries again when nothing answered."""

    def raw(self, *arguments, **options):
        try:
            answer, data = super().raw(*arguments, **options)
        except OSError as problem:
            raise Away from problem
        except Exception as problem:  # http.client: the connection ended within the answer
            if type(problem).__module__ == "http.client":
                raise Away from problem
            raise
        if answer.status in (502, 503, 504):
            raise Away(data.decode())
        # A fault of something else is no fault of the portal's own.
        assert answer.status < 500, f"{arguments} → {answer.status} {data.decode()}"
        return answer, data


class Worker(threading.Thread):
    """A clerk and three officers who bring dossiers to their ends. What they see decides what they do next; what was
    acknowledged is written down."""

    def __init__(self, portal, number, stopping, wanted):
        super().__init__(daemon=True)
        self.portal, self.number, self.stopping, self.wanted = portal, number, stopping, wanted
        self.clerk = self.patient(signed_in(portal, "van-thu"))
        self.officers = {key: self.patient(client) for key, client in portal.officers.items()}
        self.done, self.notes, self.states, self.problem, self.last = [], {}, {}, None, {}

    @staticmethod
    def patient(client):
        out = Patient(client.url)
        out.cookies, out.csrf, out.passkey = dict(client.cookies), client.csrf, client.passkey
        return out

    def run(self):
        try:
            while not (self.stopping.is_set() and len(self.done) >= self.wanted):
                self.one_dossier(1000 + self.number * 100 + len(self.done))
        except BaseException as problem:  # told by the test
            self.problem = problem

    def insist(self, step):
        """Until there was an answer. A step may have been done although none came: then it is refused, or done again
        with the same outcome."""
        until = time.monotonic() + 120
        while True:
            try:
                return step()
            except Away:
                assert time.monotonic() < until, "nothing answers any more"
                time.sleep(0.03)

    def one_dossier(self, number):
        dossier = self.insist(lambda: self.clerk.call("POST", "/api/v1/dossiers", {"kind": "01"}))
        base = key_and_request(self.portal, f"loi-{number}")
        until = time.monotonic() + 240
        while True:
            view = self.insist(lambda: self.clerk.call("GET", f"/api/v1/dossiers/{dossier['id']}"))
            assert view["revision"] >= self.last.get(view["id"], 0), "an older dossier came back"
            self.last[view["id"]] = view["revision"]
            self.states.setdefault(view["id"], []).append(view["state"])
            if view["state"] == "completed":
                self.done.append((view["id"], number))
                return
            assert time.monotonic() < until, view
            try:
                self.step(view, number, base)
            except Away:
                time.sleep(0.03)
            except Refused as refused:
                # What was done meanwhile, though nobody heard of it; what is seen next decides.
                assert refused.status in (403, 409, 422), refused
                self.refusals = getattr(self, "refusals", collections.Counter())
                self.refusals[refused.code] += 1
                time.sleep(0.03)

    def note(self, client, view):
        text = f"ghi chú {self.number}/{time.monotonic_ns()}"
        self.notes[text] = (view["id"], False)
        client.call("POST", f"/api/v1/dossiers/{view['id']}/notes", {"text": text})
        self.notes[text] = (view["id"], True)

    def step(self, view, number, base):
        path = f"/api/v1/dossiers/{view['id']}"
        if view["state"] == "draft":
            self.draft(view, number, base, path)
        elif view["state"] == "submitted":
            self.officers["tiep-nhan"].call("POST", f"/api/v1/desk/dossiers/{view['id']}/reception", {"revision": view["revision"]})
        else:
            self.desk(view, path)

    def draft(self, view, number, base, path):
        if view["line_count"] == 0:
            self.clerk.call("POST", f"{path}/lines", {"lines": [person(number)]})
            return
        line = self.clerk.call("GET", f"{path}/lines")["items"][0]
        if not line["has_key"]:
            self.clerk.upload("PUT", f"{path}/lines/{line['id']}/pkcs10", "a.csr", base.with_suffix(".csr").read_bytes(),
                              revision=line["revision"])
        elif view["form"].get("stated_count") != 1:
            self.clerk.call("PUT", path, {"revision": view["revision"], "stated_count": 1, **FORM})
        elif not view["letters"]:
            self.note(self.clerk, view)
            self.clerk.upload("PUT", f"{path}/letters/request", "cv.pdf", self.letter(base, path), "application/pdf")
        else:
            findings = self.clerk.call("GET", f"{path}/submission")["findings"]
            if not view["letters"][0]["is_valid"]:
                # Looked at while the authority was away; asked for again when the clerk wants to submit.
                time.sleep(0.5)
                return
            reasons = {one["id"]: "Đã kiểm tra hồ sơ giấy" for one in findings if one["level"] == "warn"}
            self.clerk.call("POST", f"{path}/submission", {"revision": view["revision"], "reasons": reasons})

    def letter(self, base, path):
        """Signed once; who was disturbed takes what he has."""
        signed = base.with_suffix(".signed.pdf")
        if not signed.exists():
            unsigned = base.with_suffix(".pdf")
            unsigned.write_bytes(self.clerk.download(f"{path}/letter.pdf"))
            for made in base.parent.glob(f"{base.name}.*signed*"):
                made.unlink()
            for step in (1, 2):
                signed.with_suffix(f".{step}.pdf").unlink(missing_ok=True)
            try:
                self.portal.sign_letter(unsigned, signed, number="12", date=TODAY)
            except demo_portal.demo_ca.Failed as problem:
                signed.unlink(missing_ok=True)
                raise Away(str(problem)) from problem  # the time-stamps come from kysod
        return signed.read_bytes()

    def desk(self, view, path):
        receiving, desk = self.officers["tiep-nhan"], f"/api/v1/desk/dossiers/{view['id']}"
        if view["lines_approved"] + view["lines_issued"] == 0:
            seen = receiving.call("GET", path)
            receiving.call("POST", f"{desk}/lines", {"revision": seen["revision"], "decisions": [{"line": "*", "decision": "approve"}]})
            return
        for officer in self.officers.values():
            seen = officer.call("GET", f"{desk}/statement")
            assert seen["state"] not in ("failed", "rejected", "expired"), seen
            if seen.get("type"):
                self.note(officer, view)
                officer.sign_statement(view["id"])
                return
        time.sleep(0.1)  # being issued


class House:
    """Who kills and starts again: the supervisor's part."""

    def __init__(self, portal, server):
        self.portal, self.server = portal, server

    def kill(self, name):
        if name == "database":
            self.kill_database()
            return
        self.portal.kill(name)
        {"kysod": self.portal.start_kysod, "vault": self.portal.start_vault, "mailbox": self.start_mailbox}[name]()

    def start_mailbox(self):
        settings, folder = self.portal.settings, self.portal.folder
        (folder / "mailbox.ready").unlink(missing_ok=True)
        self.portal._start("mailbox", [ROOT / "tools/demo-mailbox", folder / "mail", "--smtp-port", settings["smtp_port"],
                                       "--http-port", settings["mailbox_port"], "--ready-file", folder / "mailbox.ready"])
        self.portal._wait((folder / "mailbox.ready").exists, "mailbox")

    def kill_database(self):
        pid = int((self.server.folder / "data/postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        until = time.monotonic() + 60
        while True:  # its children notice by themselves
            try:
                self.server.start()
                return
            except AssertionError:
                assert time.monotonic() < until
                time.sleep(0.1)


def query(server, sql):
    done = subprocess.run(["psql", "-AtF", "|", "-c", sql, server.local_url], capture_output=True, text=True, check=True)
    return [tuple(line.split("|")) for line in done.stdout.splitlines()]


def wait_until(condition, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.1)


def test_killed_again_and_again_while_people_work(tmp_path):
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    with contextlib.closing(Postgres()) as server, demo_portal.DemoPortal(tmp_path / "demo") as portal:
        portal.make(pages=plain_pages(tmp_path / "pages"), database=server.local_url)
        portal.start()
        portal.officers = officers_of(portal)
        house, stopping = House(portal, server), threading.Event()
        workers = [Worker(portal, number, stopping, wanted=2) for number in range(2)]
        for worker in workers:
            worker.start()
        kills = collections.Counter()
        begin = time.monotonic()
        while sum(kills.values()) < KILLS and not any(worker.problem for worker in workers):
            time.sleep(chance.uniform(0.01, 0.25))
            name = chance.choices(list(WEIGHTS), WEIGHTS.values())[0]
            house.kill(name)
            kills[name] += 1
        killing = time.monotonic() - begin
        stopping.set()
        for worker in workers:
            worker.join(timeout=240)
            if worker.problem:
                raise AssertionError(f"seed {SEED}, after {kills}: {worker.problem!r}\n{portal.log('kysod')}") from worker.problem
            assert not worker.is_alive()
        check(portal, server, workers)
        print(f"{dict(kills)} killed in {killing:.0f} s, {sum(len(worker.done) for worker in workers)} dossiers finished, "
              f"refused: {[dict(getattr(worker, 'refusals', {})) for worker in workers]}")


def check(portal, server, workers):
    clerk, receiving = signed_in(portal, "van-thu"), portal.officers["tiep-nhan"]
    done = [one for worker in workers for one in worker.done]
    assert len(done) >= 4
    serials = set()
    for dossier, number in done:
        lines = clerk.call("GET", f"/api/v1/dossiers/{dossier}/lines")["items"]
        assert [line["state"] for line in lines] == ["issued"], lines
        assert lines[0]["email"] == f"nva{number}@coquanmau.gov.vn"
        serials.add(lines[0]["certificate"]["serial"])
        history = collections.Counter(one["kind"] for one in receiving.call("GET", f"/api/v1/dossiers/{dossier}/history")["items"])
        for once in ("created", "submitted", "received", "requested", "completed"):
            assert history[once] == 1, (once, history)
        notes = [note["text"] for note in receiving.call("GET", f"/api/v1/dossiers/{dossier}")["notes"]]
        assert len(notes) == len(set(notes))
        told = {text for worker in workers for text, (where, known) in worker.notes.items() if where == dossier and known}
        assert told <= set(notes), told - set(notes)
    assert len(serials) == len(done)
    # States went forward only.
    order = ["draft", "submitted", "processing", "completed"]
    for worker in workers:
        for states in worker.states.values():
            assert [order.index(state) for state in states] == sorted(order.index(state) for state in states)
    # One certificate for each line, in the registry, at the authority and in the vault.
    known = query(server, "SELECT serial, dossier FROM subscriber_certificate WHERE dossier <> ''")
    assert len(known) == len({dossier for _, dossier in known}) == len(done)
    with contextlib.closing(sqlite3.connect(f"file:{portal.folder}/vault/vault.db?mode=ro", uri=True)) as vault:
        intents = vault.execute("SELECT serial, request || '/' || line FROM intent").fetchall()
    assert len({one[0] for one in intents}) == len(intents) == len({one[1] for one in intents})
    waiting = query(server, "SELECT COUNT(*) FROM certificate WHERE state = 'waiting'")
    assert waiting == [("0",)]
    # Everybody is told, and of one thing once: a message that went out twice has the same Message-ID.
    administrator = signed_in(portal, "quan-tri")

    def all_sent():
        for one in administrator.call("GET", "/api/v1/administration/outbox", state="waiting", limit=200)["items"]:
            if one["attempts"]:  # its next turn is minutes away
                administrator.call("POST", f"/api/v1/administration/outbox/{one['id']}/retry")
        return query(server, "SELECT COUNT(*) FROM outbox WHERE state = 'waiting'") == [("0",)]
    # As if minutes had gone by: whoever died with a message in hand does not come back for it.
    query(server, "UPDATE job SET due = 0 WHERE state = 'running'")
    wait_until(all_sent)
    assert query(server, "SELECT COUNT(*) FROM outbox WHERE state = 'failed'") == [("0",)]
    seen = collections.defaultdict(set)
    for path in (portal.folder / "mail").glob("*.eml"):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        seen[str(message["to"]), str(message["subject"]), message.get_body(("plain",)).get_content()].add(str(message["message-id"]))
    assert all(len(ids) == 1 for ids in seen.values()), {key[:2]: ids for key, ids in seen.items() if len(ids) > 1}
    for dossier, number in done:
        mails = [key for key in seen if f"nva{number}@coquanmau.gov.vn" in key[0] and "BEGIN CERTIFICATE" in key[2]]
        assert len(mails) == 1, (number, [key[:2] for key in mails])
