"""The certification authority: OCSP, time-stamps, issuing, revocation lists, start, lint, log."""
import base64
import importlib.machinery
import importlib.util
import json
import os
import pwd
import re
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import time
import urllib.parse
from datetime import datetime, timedelta, timezone
from pathlib import Path

from http_server import Served, cpu_of
from measuring import BUILD, ROOT, row, run
from ocsp_server import OcspBench

BIN = BUILD / "bin"
ON_RECORD = 1_000_000


def demo_ca():
    loader = importlib.machinery.SourceFileLoader("demo_ca", str(ROOT / "tools/demo-ca"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("demo_ca", loader))
    loader.exec_module(module)
    return module.DemoCa


def der(tag, *parts):
    content = b"".join(parts)
    length = bytes([len(content)]) if len(content) < 128 else b"\x81" + bytes([len(content)])
    return bytes([tag]) + length + content


def output_of(*command):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, check=True).stdout


def google_benchmark(program, *options):
    """CPU microseconds by name, each the median of three."""
    text = output_of(BIN / program, "--benchmark_format=json", "--benchmark_repetitions=3", *options)
    return {one["run_name"]: one["cpu_time"] / 1e3 for one in json.loads(text)["benchmarks"]
            if one.get("aggregate_name") == "median" and one["time_unit"] == "ns"}


class PostgreSql:
    """A private server with its own folder, durable as it is installed. A folder that has data already keeps them."""

    def __init__(self, folder):
        self.folder = folder
        programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
        if not (folder / "data").exists():
            folder.mkdir(exist_ok=True)
            if as_user:
                os.chmod(folder.parent.parent, 0o755)
                os.chmod(folder.parent, 0o755)
                user = pwd.getpwnam("postgres")
                os.chown(folder, user.pw_uid, user.pw_gid)
            run([*as_user, programs / "initdb", "--auth=trust", "--username=kyso", "--encoding=UTF8", "--locale=C.UTF-8",
                 "--pgdata", folder / "data"], cwd="/")
        command = [*as_user, programs / "postgres", "-D", folder / "data", "-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}"]
        self.process = subprocess.Popen([str(c) for c in command], cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.ready, self.psql = programs / "pg_isready", programs / "psql"
        while subprocess.run([self.ready, "-q", "-h", folder]).returncode != 0:
            time.sleep(0.1)
        self.url = f"host={folder} user=kyso dbname=postgres"

    def execute(self, sql):
        run([self.psql, "-q", "-v", "ON_ERROR_STOP=1", "-c", sql, self.url])

    def stop(self):
        self.process.terminate()
        self.process.wait()


class AuthorityBench(OcspBench):
    """Every promise of speed of the authority beside nginx, openssl and the ceiling in one process."""

    def __init__(self, folder, rounds, authority):
        super().__init__(folder, rounds, authority)
        self.few = max(3, min(rounds // 10, 5))
        self.vault_output = None

    def bare(self):
        """What the processor can do at all, by openssl's own measure."""
        output = output_of("openssl", "speed", "-seconds", "1", "ecdsap256", "rsa2048", "rsa3072")
        for name, pattern in (("P-256", r"256 bits ecdsa.*?s\s+[\d.]+s\s+([\d.]+)\s+([\d.]+)"),
                              ("RSA-2048", r"rsa\s+2048 bits\s+\S+\s+\S+\s+([\d.]+)\s+([\d.]+)"),
                              ("RSA-3072", r"rsa\s+3072 bits\s+\S+\s+\S+\s+([\d.]+)\s+([\d.]+)")):
            sign, verify = re.search(pattern, output).groups()
            row(f"openssl speed, {name}", f"{float(sign):.0f} signatures, {float(verify):.0f} verifications per CPU-second")

    # -- OCSP ---------------------------------------------------------------------------------------------------
    def ocsp_in_process(self):
        for kind, options in (("P-256", []), ("RSA-2048", ["rsa"])):
            output = output_of(BIN / "kyso_ocsp_bench", *options)
            theirs, = re.search(r"libcrypto, answer with nonce.*?([\d.]+) of the bare", output).groups()
            share, times = re.search(r"Kyso, answer with nonce.*?([\d.]+) of the bare rate, ([\d.]+) x", output).groups()
            row(f"OCSP live-signed in process, {kind}", f"{times} × libcrypto's, {share} × raw (libcrypto's {theirs} × raw)",
                "≥ 0.8 × libcrypto" if kind == "P-256" else "≥ 0.9 × raw", float(times) >= 0.8 if kind == "P-256" else float(share) >= 0.9)

    def openssl_responder(self):
        folder, port = self.folder / "openssl", self.free_port()
        folder.mkdir()
        run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=CA",
             "-keyout", folder / "key", "-out", folder / "crt"])
        (folder / "index").write_text("V\t351231235959Z\t\t01\tunknown\t/CN=x\n")
        run(["openssl", "ocsp", "-issuer", folder / "crt", "-serial", "1", "-reqout", folder / "request"])
        process = subprocess.Popen(["openssl", "ocsp", "-index", "index", "-port", str(port), "-rsigner", "crt", "-rkey", "key", "-CA", "crt",
                                    "-ignore_err"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1)
        return Served(process, process.pid, port, "http"), (folder / "request").read_bytes()

    def one_by_one(self, server, path, body, seconds=2):
        """CPU microseconds of the server for a request on a connection of its own: openssl keeps none."""
        message = (f"POST {path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/ocsp-request\r\nContent-Length: {len(body)}\r\n\r\n").encode() + body
        count, before, end = 0, cpu_of(server.worker), time.monotonic() + seconds
        while time.monotonic() < end:
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
                client.sendall(message)
                answer = b""
                while more := client.recv(65536):
                    answer += more
            if b" 200 " not in answer[:16] or len(answer) < 300:
                raise SystemExit(f"no OCSP answer: {answer[:100]}")
            count += 1
        return (cpu_of(server.worker) - before) / count * 1e6

    def posted(self, servers, body, content_type, seconds=2, connections=16):
        """CPU microseconds of all these processes for each POST over kept connections, requests each second."""
        script, data = self.folder / "post.lua", self.folder / "post.body"
        data.write_bytes(body)
        script.write_text(f'wrk.method = "POST"\nwrk.headers["Content-Type"] = "{content_type}"\n'
                          f'local f = io.open("{data}", "rb"); wrk.body = f:read("*a"); f:close()\n')
        before = sum(cpu_of(p) for p in servers[1:])
        output = output_of("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", script, servers[0])
        if "Non-2xx" in output:
            raise SystemExit(output)
        requests = int(re.search(r"(\d+) requests in", output).group(1))
        return (sum(cpu_of(p) for p in servers[1:]) - before) / requests * 1e6, requests / seconds

    def ocsp_live_http(self):
        """Each answer signed anew for its nonce, P-256."""
        theirs, their_request = self.openssl_responder()
        ours, path = self.status("serve")
        plain = base64.b64decode(urllib.parse.unquote(path.rsplit("/", 1)[1]))
        tbs = plain[2:] if plain[1] < 128 else plain[3:]
        list_of_requests = tbs[2:] if tbs[1] < 128 else tbs[3:]
        nonce = der(0x30, b"\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x02", der(4, der(4, b"0123456789abcdef")))
        request = der(0x30, der(0x30, list_of_requests, der(0xa2, der(0x30, nonce))))
        results = {"openssl": [], "ours": [], "kept": []}
        try:
            for _ in range(self.few):
                results["openssl"].append(self.one_by_one(theirs, "/", their_request))
                results["ours"].append(self.one_by_one(ours, "/ocsp", request))
                results["kept"].append(self.posted([ours.url("/ocsp"), ours.worker], request, "application/ocsp-request")[0])
        finally:
            theirs.stop()
            ours.stop()
        openssl, one, kept = (statistics.median(results[name]) for name in ("openssl", "ours", "kept"))
        ceiling = float(re.search(r"libcrypto, answer with nonce\s+([\d.]+) us", output_of(BIN / "kyso_ocsp_bench")).group(1))
        row("OCSP live-signed over HTTP, P-256: openssl ocsp -port", f"{openssl:.0f} µs CPU (it keeps no connection)")
        row("OCSP live-signed over HTTP, P-256: Kyso, a connection each", f"{one:.0f} µs CPU, {openssl / one:.2f} × openssl ocsp")
        row("OCSP live-signed over HTTP, P-256: Kyso, connections kept",
            f"{kept:.0f} µs CPU, {ceiling / kept:.2f} × libcrypto in process ({ceiling:.0f} µs, no HTTP), {openssl / kept:.2f} × openssl ocsp",
            "≥ 0.8 × libcrypto", ceiling / kept >= 0.8)

    # -- time-stamps --------------------------------------------------------------------------------------------
    def tsa_in_process(self):
        cost = google_benchmark("kyso_tsa_bench", "--benchmark_filter=p256|rsa2048")
        for kind, raw_goal in (("p256", 0.29), ("rsa2048", 0.83)):
            ours, theirs, raw = (cost[f"{what}/{kind}"] for what in ("our_token", "openssl_token", "raw_signature"))
            name = {"p256": "P-256", "rsa2048": "RSA-2048"}[kind]
            row(f"TSA, token in process, {name}", f"{theirs / ours:.2f} × TS_RESP_create_response, {raw / ours:.2f} × raw")
            whole = next(value for key, value in cost.items() if key.startswith(f"whole_authority/{kind}/") and key.endswith("threads:64"))
            row(f"TSA, whole service with clock, record and fsync, {name}",
                f"{theirs / whole:.2f} × TS_RESP_create_response, {raw / whole:.2f} × raw ({whole:.0f} µs CPU)",
                f"≥ 0.8 ×, ≥ {raw_goal} × raw", theirs / whole >= 0.8 and raw / whole >= raw_goal)

    def demo(self, name="demo", database=None):
        ca = demo_ca()(self.folder / name, BIN)
        ca.make(database=database)
        return ca

    def tsa_over_http(self):
        """kysod and kyso-vault with SoftHSM2: every process's time counts."""
        request = self.folder / "tsa.tsq"
        run(["openssl", "ts", "-query", "-data", ROOT / "README.md", "-sha256", "-cert", "-out", request])
        ca = self.demo("tsa")
        config = ca.folder / "kysod.toml"
        config.write_text(config.read_text().replace("workers = 8", "workers = 64", 1))
        with ca.start():
            processes = [ca.processes["kysod"].pid, ca.processes["vault"].pid]
            for _ in range(100):  # the clock must be trusted first
                answer = output_of("curl", "-s", "-o", self.folder / "tsa.tsr", "-w", "%{size_download}", "-H",
                                   "Content-Type: application/timestamp-query", "--data-binary", f"@{request}", ca.tsa_url)
                if int(answer) > 300:
                    break
                time.sleep(0.1)
            results = [self.posted([ca.tsa_url, *processes], request.read_bytes(), "application/timestamp-query", connections=64)
                       for _ in range(self.few)]
        cpu, rate = (statistics.median(values) for values in zip(*results))
        row("TSA over HTTP, kysod + kyso-vault + SoftHSM2, P-256", f"{cpu:.0f} µs CPU a token in all processes, {self.token_key() / cpu:.2f} × the bare key in SoftHSM2 ({rate:.0f}/s)",
            "≥ 0.29 × raw", self.token_key() / cpu >= 0.29)

    # -- vault --------------------------------------------------------------------------------------------------
    def vault_bench(self):
        if self.vault_output is None:
            self.vault_output = output_of(BIN / "kyso_vault_bench", "0.5")
        return self.vault_output

    def token_key(self):
        """CPU microseconds of a bare signature of P-256 in SoftHSM2."""
        return 1e6 / float(re.search(r"P-256 in SoftHSM2, bare, 1 thread\s+\d+/s\s+(\d+)/CPU-s", self.vault_bench()).group(1))

    def vault(self):
        output = self.vault_bench()
        for key, name in (("P-256 in SoftHSM2, bare, 1 thread", None), ("OCSP over the socket, 2 clients, batches of 16", "key in memory"),
                          ("time-stamps over the socket, 2 clients, batches of 16", "key in SoftHSM2, each signature verified")):
            rate, share = re.search(re.escape(key) + r"\s+[\d]+/s\s+(\d+)/CPU-s\s+([\d.]+) x raw", output).groups()
            row(f"vault: {key}", f"{rate} per CPU-second" + (f", {share} × its bare key ({name})" if name else ""))

    # -- issuing ------------------------------------------------------------------------------------------------
    def issuing(self):
        runs = {"P-256, requests of 40": [], "P-256, requests of 500": ["--lines", "500"],
                "P-256, requests of 1": ["--lines", "1", "--certificates", "1500", "--threads", "64"],
                "P-256, requests of 40, vault in process": ["--vault", "near"],
                "P-256 in SoftHSM2, requests of 40": ["--issuer", "token", "--vault", "socket"],
                "P-256, requests of 40, PostgreSQL": ["--engine", "postgresql"],
                "P-256, requests of 500, PostgreSQL": ["--engine", "postgresql", "--lines", "500"],
                "RSA-3072, requests of 40": ["--issuer", "rsa:3072", "--certificates", "1000"]}
        results = {name: [] for name in runs}
        for _ in range(3):
            for name, options in runs.items():
                text = output_of(BIN / "kyso_issuance_bench", *(["--certificates", "4000"] if "--certificates" not in options else []), *options,
                                 "--folder", self.folder)
                results[name].append(json.loads(text.strip().splitlines()[-1]))
        for name, values in results.items():
            cpu, raw, database = (statistics.median(one[key] for one in values) for key in ("cpu_us", "raw_us", "database_us"))
            if name.startswith("RSA"):
                row(f"issuing, {name}", f"{raw / cpu:.2f} × raw ({cpu:.0f} µs CPU, of these {raw:.0f} the bare signature)", "≥ 0.9 × raw", raw / cpu >= 0.9)
            else:
                parts = f", of these {database:.0f} PostgreSQL's server" if database else ""
                row(f"issuing, {name}", f"{2e6 / cpu:.0f}/s on 2 cores ({cpu:.0f} µs CPU{parts})", "≥ 4,000/s", 2e6 / cpu >= 4000)

    # -- revocation lists ---------------------------------------------------------------------------------------
    def revocation_list(self):
        def once(what):
            text = output_of(BIN / "kyso_crl_bench", ON_RECORD, what)
            return [(float(cpu), int(peak)) for cpu, peak in re.findall(r"([\d.]+) CPU s, peak (\d+) MiB", text)]
        ours, theirs = [], []
        for _ in range(self.few):
            ours.append(once("kyso")[0])
            theirs.append(once("libcrypto")[0])
        cpu, their_cpu = statistics.median(c for c, _ in ours), statistics.median(c for c, _ in theirs)
        peak = max(p for _, p in ours)
        row("CRL of 1,000,000 entries, CPU", f"{cpu:.2f} s, {cpu / their_cpu:.3f} × libcrypto ({their_cpu:.1f} s)", "≤ 0.3 s, ≤ 0.035 ×",
            cpu <= 0.3 and cpu / their_cpu <= 0.035)
        row("CRL of 1,000,000 entries, memory", f"{peak} MiB (libcrypto {max(p for _, p in theirs)} MiB)", "≤ 120 MB", peak * 1.048576 <= 120)

    # -- start --------------------------------------------------------------------------------------------------
    def start(self):
        """kysod with a million certificates on record, one in fifty revoked, until it answers for one of them."""
        self.start_on("SQLite", self.demo("start-sqlite"), self.fill_sqlite)
        if any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
            server = PostgreSql(self.folder / "pg")
            try:
                self.start_on("PostgreSQL", self.demo("start-pg", server.url), lambda ca, now, end: self.fill_postgresql(server, now, end))
            finally:
                server.stop()

    def fill_sqlite(self, ca, now, end):
        data = sqlite3.connect(ca.folder / "kyso.db")
        data.execute("PRAGMA synchronous = OFF")
        blob = bytes(800)
        data.executemany(
            "INSERT INTO certificate (issuer, serial, intent, request_id, reference, profile, state, subject, search, key_sha256, "
            "not_before, not_after, shard, recorded, linting, der, changed, reason) "
            "VALUES ('CPCA_G1', ?, ?, 'r', '', 'PERSON_5Y', ?, 'Nguyễn Văn A', 'nguyen van a', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((b"\x01" + i.to_bytes(16, "big"), f"i{i}", "revoked" if i % 50 == 0 else "good", os.urandom(32), now, end, i % 4, now, blob, blob,
              now, 4 if i % 50 == 0 else None) for i in range(ON_RECORD)))
        data.commit()
        data.close()

    def fill_postgresql(self, server, now, end):
        server.execute(
            "INSERT INTO certificate (issuer, serial, intent, request_id, reference, profile, state, subject, search, key_sha256, "
            "not_before, not_after, shard, recorded, linting, der, changed, reason) "
            "SELECT 'CPCA_G1', decode('01' || lpad(to_hex(i), 32, '0'), 'hex'), 'i' || i, 'r', '', 'PERSON_5Y', "
            "CASE WHEN i % 50 = 0 THEN 'revoked' ELSE 'good' END, 'Nguyễn Văn A', 'nguyen van a', sha256(i::text::bytea), "
            f"{now}, {end}, i % 4, {now}, b, b, {now}, CASE WHEN i % 50 = 0 THEN 4 END "
            f"FROM generate_series(0, {ON_RECORD} - 1) i, (SELECT decode(repeat('00', 800), 'hex') b) x")
        server.execute("ANALYZE certificate")

    def start_on(self, engine, ca, fill):
        now = datetime.now(timezone.utc)
        with ca.start():
            pass
        fill(ca, int(now.timestamp()), int((now + timedelta(days=365)).timestamp()))
        walls, cpus, serial = [], [], "0x01" + f"{4711:032x}"
        ca.start_vault()
        try:
            for _ in range(3):
                began = time.monotonic()
                ca.start_kysod()
                walls.append(time.monotonic() - began)
                cpus.append(cpu_of(ca.processes["kysod"].pid))
                answer = output_of("openssl", "ocsp", "-issuer", ca.issuer_certificate, "-serial", serial, "-url", f"{ca.url}/ocsp",
                                   "-CAfile", ca.root_certificate, "-verify_other", ca.issuer_certificate)
                if "good" not in answer:
                    raise SystemExit(answer)
                ca.kill("kysod", signal.SIGTERM)
        finally:
            ca.stop()
        wall, cpu = statistics.median(walls), statistics.median(cpus)
        row(f"start of kysod, 1,000,000 certificates on record, {engine}", f"{wall:.2f} s ({cpu:.2f} s of its CPU)", "< 5 s", wall < 5)
        shutil.rmtree(ca.folder)

    # -- lint, log ----------------------------------------------------------------------------------------------
    def lint(self):
        cost = google_benchmark("kyso_lint_bench", "--benchmark_filter=lint_(p256|rsa2048|rsa3072)$")
        worst = max(cost.values())
        row("lint of a certificate, 572 rules", ", ".join(f"{name[5:]} {value:.0f} µs" for name, value in cost.items()), "≤ 50 µs", worst <= 50)

    def log(self):
        output = output_of(BIN / "kyso_audit_bench", ON_RECORD, self.folder)
        recording, integrating = re.search(r"recording ([\d.]+) us, integrating ([\d.]+) us", output).groups()
        row("log, an event recorded and in the tree", f"{recording} + {integrating} µs CPU")
        for what in ("inclusion", "consistency"):
            middle, most = (float(x) for x in re.search(what + r" ([\d.]+) ms, 99 of 100 within ([\d.]+) ms", output).groups())
            row(f"log of 1,000,000 leaves, {what} proof", f"{middle:.2f} ms, 99 of 100 within {most:.2f} ms", "< 1 ms", most < 1)

    def parts(self, big):
        if not shutil.which("wrk"):
            raise SystemExit("wrk is missing: tools/install-dependencies test")
        return [self.bare, self.cached, self.ocsp_in_process, self.ocsp_live_http, self.tsa_in_process, self.tsa_over_http, self.vault, self.issuing,
                self.revocation_list, self.start, self.lint, self.log]
