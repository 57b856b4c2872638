import re
import shutil
import statistics
import subprocess

from http_server import HttpBench, Served
from measuring import BUILD, row

SERVER = BUILD / "bin" / "kyso_ocsp_bench"


class OcspBench(HttpBench):
    """OCSP over kept connections: a prepared answer by GET, beside nginx serving 1.5 kB from a file."""

    def __init__(self, folder, rounds, authority):
        self.folder, self.rounds = folder / "ocsp", max(3, min(rounds // 4, 7))
        self.folder.mkdir()

    def status(self, mode):
        process = subprocess.Popen([str(SERVER), mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        port, path = process.stdout.readline().split()
        return Served(process, process.pid, int(port), "http"), path

    def cached(self):
        theirs = self.nginx(False)
        pooled, pooled_path = self.status("serve")
        quick, quick_path = self.status("serve-quick")
        runs = {"nginx": (theirs, "/quick"), "worker": (pooled, pooled_path), "quick": (quick, quick_path)}
        results = {name: [] for name in runs}
        try:
            for _ in range(self.rounds):
                for name, (server, path) in runs.items():
                    results[name].append(self.load(server, path))
        finally:
            for server, _ in runs.values():
                server.stop()
        cpu = {name: statistics.median(one[0] for one in values) for name, values in results.items()}
        rate = {name: statistics.median(one[1] for one in values) for name, values in results.items()}
        for name, what in (("quick", "OCSP, prepared answer by GET, requests per CPU-second against nginx"),
                           ("worker", "OCSP, the same by way of a worker")):
            share = cpu["nginx"] / cpu[name]
            row(what, f"{share:.2f} × ({cpu[name]:.1f} µs and {rate[name]:.0f}/s; nginx {cpu['nginx']:.1f} µs and {rate['nginx']:.0f}/s)",
                "≥ 0.8 ×", share >= 0.8)

    def signed(self):
        output = subprocess.run([str(SERVER)], capture_output=True, text=True, check=True).stdout
        share = float(re.search(r"answer with nonce.*?, ([\d.]+) x libcrypto", output).group(1))
        row("OCSP, answer with nonce signed by P-256 in process, against libcrypto's", f"{share:.2f} ×", "≥ 0.8 ×", share >= 0.8)

    def parts(self, big):
        if not shutil.which("wrk"):
            raise SystemExit("wrk is missing: tools/install-dependencies test")
        return [self.cached, self.signed]
