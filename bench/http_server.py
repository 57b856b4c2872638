import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import time

from measuring import BUILD, row, run

SERVER = BUILD / "bin" / "kyso_http_bench"
NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_of(process):
    fields = open(f"/proc/{process}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_of(process):
    return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{process}/status").read()).group(1)) * 1024


class Served:
    """A server's process, and where it answers."""

    def __init__(self, process, worker, port, scheme):
        self.process, self.worker, self.port, self.scheme = process, worker, port, scheme

    def url(self, path):
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    def stop(self):
        self.process.terminate()
        self.process.wait()


class HttpBench:
    """What a cached answer of 1.5 kB costs over kept connections, beside nginx serving the same bytes from a file."""

    def __init__(self, folder, rounds, authority):
        self.folder, self.rounds = folder / "http", max(3, min(rounds // 4, 7))
        self.folder.mkdir()

    def free_port(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    def certificate(self):
        key, certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        if not key.exists():
            run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
                 "-keyout", key, "-out", certificate])
        return certificate, key

    def nginx(self, tls):
        www, port = self.folder / "www", self.free_port()
        www.mkdir(exist_ok=True)
        (www / "quick").write_bytes(b"x" * 1500)
        os.chmod(self.folder.parent, 0o755)
        ssl = ""
        if tls:
            certificate, key = self.certificate()
            ssl = f"ssl_certificate {certificate}; ssl_certificate_key {key}; ssl_protocols TLSv1.2 TLSv1.3;"
        places = " ".join(f"{name}_temp_path {self.folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        configuration = self.folder / "nginx.conf"
        user = "user root;" if os.getuid() == 0 else ""
        configuration.write_text(f"""{user} worker_processes 1; daemon off; pid {self.folder}/nginx.pid; error_log {self.folder}/error.log;
            events {{ worker_connections 16384; }}
            http {{ access_log off; keepalive_requests 1000000000; sendfile on; tcp_nopush on; open_file_cache max=100;
              default_type application/ocsp-response; types {{}} {places} {ssl}
              server {{ listen 127.0.0.1:{port} {"ssl" if tls else ""}; root {www}; }} }}""")
        process = subprocess.Popen([NGINX, "-e", self.folder / "error.log", "-c", configuration])
        self.wait_for(port)
        worker = int(open(f"/proc/{process.pid}/task/{process.pid}/children").read().split()[0])
        return Served(process, worker, port, "https" if tls else "http")

    def kyso(self, tls):
        process = subprocess.Popen([str(SERVER), *map(str, self.certificate() if tls else ())], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        port = int(process.stdout.readline())
        return Served(process, process.pid, port, "https" if tls else "http")

    def wait_for(self, port):
        for _ in range(500):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.01)
        raise SystemExit("nginx did not start: " + (self.folder / "error.log").read_text())

    def load(self, server, path, seconds=2):
        """CPU microseconds of the server for each request, and requests each second."""
        before = cpu_of(server.worker)
        output = subprocess.run(["wrk", "-t1", "-c16", f"-d{seconds}s", server.url(path)], capture_output=True, text=True, check=True).stdout
        spent = cpu_of(server.worker) - before
        if "Non-2xx" in output or "Socket errors" in output:
            raise SystemExit(output)
        requests = int(re.search(r"(\d+) requests in", output).group(1))
        return spent / requests * 1e6, float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))

    def compare(self, what, tls):
        theirs, ours = self.nginx(tls), self.kyso(tls)
        runs = {"nginx": (theirs, "/quick"), "quick": (ours, "/quick"), "pooled": (ours, "/pooled")}
        results = {name: [] for name in runs}
        try:
            for _ in range(self.rounds):
                for name, (server, path) in runs.items():
                    results[name].append(self.load(server, path))
        finally:
            theirs.stop()
            ours.stop()
        cpu = {name: statistics.median(r[0] for r in values) for name, values in results.items()}
        rate = {name: statistics.median(r[1] for r in values) for name, values in results.items()}
        share = cpu["nginx"] / cpu["quick"]
        row(f"{what}, cached answer of 1.5 kB, requests per CPU-second against nginx",
            f"{share:.2f} × ({cpu['quick']:.1f} µs and {rate['quick']:.0f}/s; nginx {cpu['nginx']:.1f} µs and {rate['nginx']:.0f}/s)",
            "≥ 0.8 ×", share >= 0.8)
        row(f"{what}, the same by way of a worker", f"{cpu['nginx'] / cpu['pooled']:.2f} × ({cpu['pooled']:.1f} µs and {rate['pooled']:.0f}/s)")

    def plain(self):
        self.compare("HTTP", tls=False)

    def tls(self):
        self.compare("HTTPS", tls=True)

    def idle(self):
        """Memory of connections that wait, after one request each."""
        count = 2000
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
        server = self.kyso(tls=False)
        try:
            before = memory_of(server.worker)
            clients = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(count)]
            for client in clients:
                client.sendall(b"GET /quick HTTP/1.1\r\nHost: a\r\n\r\n")
                client.recv(65536)
            row("HTTP, memory of one idle connection", f"{(memory_of(server.worker) - before) / count / 1024:.1f} KiB")
        finally:
            server.stop()

    def parts(self, big):
        if not shutil.which("wrk") or not os.path.exists(NGINX):
            raise SystemExit("wrk or nginx is missing: tools/install-dependencies test")
        return [self.plain, self.tls, self.idle]
