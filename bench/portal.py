"""The registration portal: lists over a country's registry, two hundred people at once, workbooks."""
import asyncio
import contextlib
import importlib.machinery
import importlib.util
import json
import random
import re
import sys
import time

from authority import BIN, PostgreSql, output_of
from measuring import ROOT, row

USERS, SECONDS, THINK = 200, 20, 1.0
sys.path.insert(0, str(ROOT / "tests/portal"))


def demo_portal():
    loader = importlib.machinery.SourceFileLoader("demo_portal", str(ROOT / "tools/demo-portal"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("demo_portal", loader))
    loader.exec_module(module)
    return module.DemoPortal


@contextlib.contextmanager
def running(server):
    try:
        yield server
    finally:
        server.stop()


class User:
    """One person's browser: one connection, a session, something to do, a pause."""

    def __init__(self, host, port, client, dossier, is_officer):
        self.host, self.port, self.client, self.dossier, self.is_officer = host, port, client, dossier, is_officer
        self.times = []
        self.faults = []

    async def request(self, method, path, body=None):
        head = [f"{method} {path} HTTP/1.1", f"Host: localhost:{self.port}",
                "Cookie: " + "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())]
        data = b""
        if body is not None:
            data = json.dumps(body).encode()
            head += ["Content-Type: application/json", f"X-Kyso-CSRF: {self.client.csrf}", f"Content-Length: {len(data)}"]
        start = time.perf_counter()
        self.writer.write(("\r\n".join(head) + "\r\n\r\n").encode() + data)
        answer = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        length = int(re.search(r"(?i)content-length: (\d+)", answer).group(1))
        content = await self.reader.readexactly(length)
        self.times.append((time.perf_counter() - start) * 1e3)
        status = int(answer.split(" ", 2)[1])
        if status not in (200, 201, 409):
            self.faults.append((method, path, status, content[:200]))

    def next_step(self):
        one = f"/api/v1/dossiers/{self.dossier}"
        if self.is_officer:
            return random.choice([("GET", "/api/v1/desk/queues"), ("GET", "/api/v1/desk/dossiers?queue=waiting"), ("GET", one),
                                  ("GET", f"{one}/lines"), ("GET", "/api/v1/certificates?name=nguyen"),
                                  ("GET", "/api/v1/reports/dashboard")])
        return random.choice([("GET", "/api/v1/dossiers?box=draft"), ("GET", "/api/v1/dossiers?box=submitted"), ("GET", one),
                              ("GET", f"{one}/lines"), ("GET", f"{one}/history"), ("GET", f"{one}/submission"),
                              ("GET", "/api/v1/certificates"), ("GET", "/api/v1/reports/dashboard"), ("GET", "/api/v1/organisations?q=so+mau"),
                              ("POST", f"{one}/check", {"name": "Nguyễn Văn A", "email": "nva@gmail.com", "identity": "001087000101"}),
                              ("POST", f"{one}/notes", {"text": "Ghi chú"})])

    async def run(self, until):
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        await asyncio.sleep(random.random() * THINK)
        while time.monotonic() < until:
            await self.request(*self.next_step())
            await asyncio.sleep(random.expovariate(1 / THINK))
        self.writer.close()


class PortalBench:
    def __init__(self, folder, rounds, authority):
        self.folder = folder / "portal"
        self.folder.mkdir(exist_ok=True)
        self.is_big = False

    def parts(self, big):
        self.is_big = big
        return [self.lists, self.users]

    def lists(self):
        """Server time of every list and report; the design's size (1 M dossiers, 3 M certificates) with --big."""
        dossiers, certificates = (1_000_000, 3_000_000) if self.is_big else (100_000, 300_000)
        with running(PostgreSql(self.folder / "postgresql")) as server:
            text = output_of(BIN / "kyso_registry_bench", "--database", server.url, "--dossiers", dossiers, "--certificates", certificates)
        for line in text.splitlines():
            found = re.match(r"(.+?)\s+([\d.]+)\s+([\d.]+)\s+([\d.]+)\b", line)
            if found:
                row(f"portal, {dossiers:,} dossiers: {found.group(1).strip()}", f"p99 {found.group(3)} ms", "< 50 ms", float(found.group(3)) < 50)

    def users(self):
        """Two hundred people at once on PostgreSQL, each with a pause of a second between what they do."""
        with running(PostgreSql(self.folder / "postgresql-users")) as server:
            with demo_portal()(self.folder / "demo").make(database=server.url) as portal:
                portal.start()
                times, faults = asyncio.run(self.load(portal))
        times.sort()
        assert not faults, faults[:5]
        at = {share: times[int(len(times) * share)] for share in (0.5, 0.95, 0.99)}
        row(f"portal, {USERS} people at once on PostgreSQL, {len(times) / SECONDS:.0f} requests/s",
            f"median {at[0.5]:.0f} ms, p95 {at[0.95]:.0f} ms, p99 {at[0.99]:.0f} ms", "p95 < 300 ms", at[0.95] < 300)

    async def load(self, portal):
        from api_client import Client
        clients = {}
        for key in ("van-thu", "tiep-nhan", "thu-truong"):
            clients[key] = []
            for _ in range(10):  # sessions of an account, as colleagues at their own computers
                client = Client(portal.portal_url)
                client.sign_in(portal.accounts[key]["email"], portal.accounts[key]["password"])
                clients[key].append(client)
        clerk = clients["van-thu"][0]
        made = [clerk.call("POST", "/api/v1/dossiers", {"kind": "01"})["id"] for _ in range(40)]
        users = []
        for number in range(USERS):
            is_officer = number % 5 == 0
            client = clients["tiep-nhan" if is_officer else "van-thu"][number % 10]
            users.append(User("127.0.0.1", portal.portal_port, client, made[number % len(made)], is_officer))
        until = time.monotonic() + SECONDS
        await asyncio.gather(*(user.run(until) for user in users))
        return [t for user in users for t in user.times], [f for user in users for f in user.faults]
