"""The registration portal: lists over a country's registry, two hundred people at once, workbooks."""
import asyncio
import contextlib
import importlib.machinery
import importlib.util
import json
import random
import re
import statistics
import subprocess
import sys
import time

from authority import BIN, PostgreSql
from measuring import PYTHON, ROOT, row, run

USERS, SECONDS, THINK = 200, 20, 1.0
IMPORT = 10_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
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
    registry = None  # a folder that keeps the filled registry of --big for the next time

    def __init__(self, folder, rounds, authority):
        self.folder = folder / "portal"
        self.folder.mkdir(exist_ok=True)
        self.is_big = False

    def parts(self, big):
        self.is_big = big
        return [self.lists, self.workbook, self.users]

    def lists(self):
        """Server time of every list and report; the design's size (1 M dossiers, 3 M certificates) with --big."""
        dossiers, certificates = (1_000_000, 3_000_000) if self.is_big else (100_000, 300_000)
        with running(PostgreSql(self.registry if self.is_big and self.registry else self.folder / "postgresql")) as server:
            text = subprocess.run([BIN / "kyso_registry_bench", "--database", server.url, "--dossiers", str(dossiers),
                                   "--certificates", str(certificates)], stdout=subprocess.PIPE, text=True, check=True).stdout
        for line in text.splitlines():
            found = re.match(r"(\S.*?)\s+([\d.]+)\s+([\d.]+)\s+[\d.]+\s+(-|\d+)\s+\d+ ", line + " ")
            if not found:
                continue
            name, median, p99, goal = found.groups()
            row(f"{dossiers // 1000:,}k dossiers: {name}", f"median {median} ms, p99 {p99} ms",
                "" if goal == "-" else f"p99 < {goal} ms", None if goal == "-" else float(p99) < float(goal))

    @contextlib.contextmanager
    def portal(self):
        """A portal on PostgreSQL, and a client that has signed in as the sample organisation's clerk."""
        with running(PostgreSql(self.folder / f"postgresql-{len(list(self.folder.iterdir()))}")) as server:
            with demo_portal()(self.folder / f"demo-{len(list(self.folder.iterdir()))}").make(database=server.url) as portal:
                portal.start()
                yield portal

    def workbook(self):
        """An Excel list of 10,000 people: read, checked and kept as a preview."""
        from api_client import Client
        run([PYTHON, ROOT / "bench/workbook.py", self.folder / "10000.xlsx", IMPORT])
        content = (self.folder / "10000.xlsx").read_bytes()
        times = []
        with self.portal() as portal:
            client = Client(portal.portal_url)
            client.sign_in(portal.accounts["van-thu"]["email"], portal.accounts["van-thu"]["password"])
            for _ in range(5):
                dossier = client.call("POST", "/api/v1/dossiers", {"kind": "01"})
                begin = time.perf_counter()
                found = client.upload("POST", f"/api/v1/dossiers/{dossier['id']}/import", "10000.xlsx", content, XLSX)
                times.append(time.perf_counter() - begin)
                assert found["rows_total"] == IMPORT, found
        middle = statistics.median(times)
        row(f"portal, Excel import of {IMPORT:,} rows read and checked, on PostgreSQL", f"median {middle:.2f} s", "< 2 s", middle < 2)

    def users(self):
        """Two hundred people at once on PostgreSQL, each with a pause of a second between what they do."""
        with self.portal() as portal:
            times, faults = asyncio.run(self.load(portal))
        times.sort()
        assert not faults, faults[:5]
        at = {share: times[int(len(times) * share)] for share in (0.5, 0.95, 0.99)}
        row(f"portal, {USERS} people at once on PostgreSQL, {len(times) / SECONDS:.0f} requests/s",
            f"median {at[0.5]:.0f} ms, p95 {at[0.95]:.0f} ms, p99 {at[0.99]:.0f} ms", "p95 < 300 ms", at[0.95] < 300)

    async def load(self, portal):
        from api_client import Client
        from dossier_steps import draft, letter, person, submit
        clients = {}
        for key in ("van-thu", "tiep-nhan", "thu-truong"):
            clients[key] = []
            for _ in range(10):  # sessions of an account, as colleagues at their own computers
                client = Client(portal.portal_url)
                client.sign_in(portal.accounts[key]["email"], portal.accounts[key]["password"])
                clients[key].append(client)
        clerk = clients["van-thu"][0]
        drafts = [draft(clerk, "01", [person(number)])["id"] for number in range(40)]
        submitted = []
        for number in range(100, 105):
            one = draft(clerk, "01", [person(number)])
            letter(portal, clerk, one, self.folder)
            submitted.append(submit(clerk, one)["id"])
        users = []
        for number in range(USERS):
            is_officer = number % 5 == 0
            client = clients["tiep-nhan" if is_officer else "van-thu"][number % 10]
            seen = submitted if is_officer else drafts
            users.append(User("127.0.0.1", portal.portal_port, client, seen[number % len(seen)], is_officer))
        until = time.monotonic() + SECONDS
        await asyncio.gather(*(user.run(until) for user in users))
        return [t for user in users for t in user.times], [f for user in users for f in user.faults]
