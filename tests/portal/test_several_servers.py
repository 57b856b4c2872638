"""Two kysod on one PostgreSQL, one address in front of them: whichever server a step comes to, the journey is the same."""
import contextlib
import http.client
import json
import os
import re
import signal
import time

import pytest
from api_client import Client, Refused
from conftest import demo_portal, officers_of, plain_pages, signed_in
from portal_support import ACCOUNT_OF_ROLE
from postgres import Postgres
from test_bad_input import FUZZED, READ, ask_odd_addresses, objects_for_harm, send_odd_requests
from test_journey import approve, draft, letter, person, submit, test_from_an_account_to_a_signed_document as whole_journey, wait_for

ROUNDS = int(os.environ.get("KYSO_FUZZ_ROUNDS", "4"))


class Turns:
    """What stands before both servers: each request goes to the other one than the last."""

    def __init__(self, portal, hosts):
        self.portal, self.hosts, self.turn, self.raw = portal, hosts, 0, Client.raw
        self.down = set()

    def send(self, client, *arguments, **options):
        hosts = [host for host in self.hosts if host not in self.down]
        self.turn += 1
        client.host = hosts[self.turn % len(hosts)]
        return self.raw(client, *arguments, **options)


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    pages = plain_pages(folder / "pages")
    with contextlib.closing(Postgres()) as server, demo_portal.DemoPortal(folder / "demo") as portal:
        portal.make(pages=pages, database=server.local_url)
        ports = {name: demo_portal.demo_ca.free_port() for name in ("port", "officers_port", "metrics_port", "portal_port")}
        ports |= {name: portal.settings[name] for name in ("smtp_port", "population_port")}
        portal.configure_portal("second", ports, pages=pages)
        file = portal.folder / "second.toml"
        file.write_text(file.read_text().replace(f'public_url = "http://localhost:{ports["portal_port"]}"',
                                                 f'public_url = "{portal.portal_url}"'))
        portal.start()
        portal.start_kysod("second", port=ports["port"])
        portal.ports_of_second = ports
        turns = Turns(portal, [f"localhost:{portal.portal_port}", f"localhost:{ports['portal_port']}"])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Client, "raw", lambda client, *arguments, **options: turns.send(client, *arguments, **options))
            portal.officers = officers_of(portal)
            portal.turns = turns
            yield portal


def at(portal, number, client):
    """The same session at one server only."""
    out = Client(portal.portal_url)
    out.cookies, out.csrf = dict(client.cookies), client.csrf
    out.raw = lambda *arguments, **options: _raw_at(portal.turns, number, out, *arguments, **options)
    return out


def _raw_at(turns, number, client, *arguments, **options):
    client.host = turns.hosts[number]
    return turns.raw(client, *arguments, **options)


def test_the_journey_with_each_step_at_the_other_server(two, tmp_path):
    begun = two.turns.turn
    whole_journey(two, tmp_path)
    assert two.turns.turn - begun > 30


def test_a_session_is_one_at_both_servers(two):
    client = signed_in(two, "van-thu")
    here, there = at(two, 0, client), at(two, 1, client)
    assert here.call("GET", "/api/v1/me") == there.call("GET", "/api/v1/me")
    assert len({one["id"] for c in (here, there) for one in c.call("GET", "/api/v1/me/sessions")["items"] if one["is_this"]}) == 1
    there.call("DELETE", "/api/v1/session")
    with pytest.raises(Refused) as refused:
        here.call("GET", "/api/v1/me")
    assert refused.value.status == 401


class Listening:
    """The events of one server, as a browser's EventSource reads them."""

    def __init__(self, host, client):
        self.connection = http.client.HTTPConnection(host, timeout=20)
        self.connection.request("GET", "/api/v1/events", headers={"Cookie": "; ".join(f"{n}={v}" for n, v in client.cookies.items())})
        self.answer = self.connection.getresponse()
        assert self.answer.status == 200 and self.answer.headers["Content-Type"].startswith("text/event-stream")

    def wait_for(self, text, seconds=15):
        seen, until = "", time.monotonic() + seconds
        while time.monotonic() < until:
            seen += self.answer.readline().decode()
            if re.search(text, seen):
                return seen
        raise AssertionError(f"no {text} in {seen!r}")

    def close(self):
        self.connection.close()


def test_what_happens_at_one_server_is_told_by_the_other(two):
    client = signed_in(two, "van-thu")
    listeners = [Listening(host, client) for host in two.turns.hosts]
    time.sleep(0.6)  # both are heard
    for number in (0, 1):
        begin = time.monotonic()
        dossier = draft(at(two, number, client), "01", [person(900 + number)])
        listeners[1 - number].wait_for(rf"event: ?dossier\r?\ndata:.*{dossier['id']}")
        print(f"told by the other server after {time.monotonic() - begin:.2f} s")
        listeners[number].wait_for(rf"event: ?dossier\r?\ndata:.*{dossier['id']}")
    for listener in listeners:
        listener.close()


def test_work_goes_on_when_one_server_dies(two, tmp_path):
    clerk = signed_in(two, "van-thu")
    dossier = draft(clerk, "01", [person(910, device="pkcs10")])
    from test_journey import key_and_request
    line = clerk.call("GET", f"/api/v1/dossiers/{dossier['id']}/lines")["items"][0]
    clerk.upload("PUT", f"/api/v1/dossiers/{dossier['id']}/lines/{line['id']}/pkcs10", "a.csr",
                 key_and_request(two, "hai-may").with_suffix(".csr").read_bytes(), revision=line["revision"])
    assert letter(two, clerk, dossier, tmp_path)["is_valid"]
    submitted = submit(clerk, dossier)
    two.kill("second", signal.SIGKILL)
    two.turns.down.add(two.turns.hosts[1])
    try:
        done = approve(two, submitted)
        assert done["state"] == "completed"
    finally:
        two.start_kysod("second", port=two.ports_of_second["port"])
        two.turns.down.clear()
    assert at(two, 1, clerk).call("GET", f"/api/v1/dossiers/{dossier['id']}")["state"] == "completed"


@pytest.fixture(scope="module")
def people(two):
    return {role: signed_in(two, key) for role, key in ACCOUNT_OF_ROLE.items()}


@pytest.fixture(scope="module")
def victims(two, people):
    return objects_for_harm(two, people, people["clerk"])


def test_odd_requests_are_refused_by_postgresql_as_by_sqlite(people, victims):
    for one in FUZZED:
        send_odd_requests(people, victims, one, ROUNDS)


def test_odd_addresses_are_refused_by_postgresql_as_by_sqlite(people, victims):
    for one in READ:
        ask_odd_addresses(people, victims, one, ROUNDS * 2)
