import json
import shutil
import subprocess
import time

from documents import make_large_pdf, make_text_pdf
from measuring import BUILD, KYSO, PYTHON, ROOT, compare, row, run


class VerificationBench:
    """What verification costs, beside openssl, pdfsig and pyHanko (with difference analysis)."""

    def __init__(self, folder, rounds, authority):
        self.folder, self.rounds, self.authority = folder, rounds, authority
        self.root = authority / "root.pem"

    def sign(self, source, out):
        key, cert = self.authority / "leader.key.pem", self.authority / "leader.cert.pem"
        run([KYSO, "sign", source, "-o", out, "--holder", f"pem:{key},{cert}", "--chain", self.authority / "issuing.pem", "--quiet"])
        return out

    def sign_often(self, source, times):
        current = source
        for i in range(times):
            current = self.sign(current, self.folder / f"often{i % 2}.pdf")
        out = self.folder / f"signed{times}.pdf"
        shutil.copy(current, out)
        return out

    def kyso(self, file):
        return [KYSO, "verify", file, "--only-trust", "--trust", self.root, "--json"]

    def others(self, file):
        tools = {}
        if shutil.which("pdfsig") and shutil.which("certutil"):
            nss = self.folder / "verify-nss"
            if not nss.exists():
                nss.mkdir()
                run(["certutil", "-N", "-d", f"sql:{nss}", "--empty-password"])
                run(["certutil", "-A", "-d", f"sql:{nss}", "-n", "root", "-t", "CT,CT,CT", "-a", "-i", self.root])
            tools["pdfsig"] = ["pdfsig", "-nssdir", f"sql:{nss}", file]
        if PYTHON.exists():
            tools["pyHanko"] = [PYTHON, ROOT / "bench" / "pyhanko_verify.py", self.root, file]
        return tools

    def openssl(self, file):
        """The same CMS over the same bytes, taken out of the file."""
        report = json.loads(subprocess.run([str(c) for c in self.kyso(file)], capture_output=True, text=True, check=True).stdout)
        first, length, second, rest = report["signatures"][-1]["byte_range"]
        data = file.read_bytes()
        content, cms = self.folder / "content.bin", self.folder / "signature.der"
        content.write_bytes(data[first:length] + data[second:second + rest])
        cms.write_bytes(bytes.fromhex(data[length + 1:second - 1].decode()))
        return ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", cms, "-content", content, "-CAfile", self.root,
                "-purpose", "any", "-out", "/dev/null"]

    def verify_one(self):
        source = self.folder / "verify-ten.pdf"
        make_text_pdf(source, pages=10, size=21_000)
        file = self.sign(source, self.folder / "verify-one.pdf")
        results = compare({"openssl": self.openssl(file), "kyso": self.kyso(file), **self.others(file)}, self.rounds)
        base = results["openssl"][0]
        row("openssl cms -verify, same bytes", f"{base * 1e3:.1f} ms CPU")
        for name, (cpu, _) in results.items():
            if name == "kyso":
                row("verify 1 signature, 10 pages: kyso", f"{cpu / base:.2f} x openssl", "<= 2", cpu / base <= 2)
            elif name != "openssl":
                row(f"verify 1 signature, 10 pages: {name}", f"{cpu / base:.2f} x openssl")

    def verify_many(self):
        source = self.folder / "verify-ten.pdf"
        make_text_pdf(source, pages=10, size=21_000)
        fifty = self.sign_often(source, 50)
        results = compare({"kyso": self.kyso(fifty), **self.others(fifty)}, max(3, self.rounds // 8))
        kyso = results["kyso"][0]
        row("verify 50 signatures with full analysis: kyso", f"{kyso * 1e3:.0f} ms CPU", "<= 100 ms", kyso <= 0.1)
        for name in results.keys() - {"kyso"}:
            row(f"verify 50 signatures: {name}", f"{results[name][0] * 1e3:.0f} ms CPU")
        hundreds = self.sign_often(fifty, 450)
        long = compare({"kyso": self.kyso(hundreds)}, 3)["kyso"][0]
        row("verify 500 signatures", f"{long / kyso:.1f} x 50 signatures ({long * 1e3:.0f} ms)", "<= 13", long / kyso <= 13)

    def verify_fifty_megabytes(self):
        source = self.folder / "verify-fifty.pdf"
        make_large_pdf(source, 50 << 20)
        file = self.sign(source, self.folder / "verify-fifty-signed.pdf")
        results = compare({"sha256": ["openssl", "dgst", "-sha256", file], "kyso": self.kyso(file)}, max(5, self.rounds // 4))
        ratio = results["kyso"][0] / results["sha256"][0]
        row("verify 50 MB", f"{ratio:.2f} x openssl dgst -sha256", "<= 1.3", ratio <= 1.3)
        row("verify 50 MB, peak memory", f"{results['kyso'][1]:.1f} MB", "<= 32 MB", results["kyso"][1] <= 32)

    def paths(self):
        program = BUILD / "bin" / "kyso_path_bench"
        if not program.exists():
            return
        out = subprocess.run([program, "--benchmark_format=json", "--benchmark_repetitions=5"], capture_output=True, text=True,
                             check=True).stdout
        medians = {b["run_name"]: b["cpu_time"] for b in json.loads(out)["benchmarks"] if b.get("aggregate_name") == "median"}
        for key in ("rsa3072", "p256"):
            raw = medians[f"raw_verification/{key}"] / medians[f"kyso_path/{key}"]
            row(f"path validation, one level, {key}", f"{raw:.2f} x raw rate", ">= 0.8", raw >= 0.8)
            parsed = medians[f"openssl_path/{key}"] / medians[f"kyso_path/{key}"]
            row(f"path validation, one level, {key}, certificates parsed before", f"{parsed:.1f} x X509_verify_cert")
            whole = medians[f"openssl_path_from_bytes/{key}"] / medians[f"kyso_path_from_bytes/{key}"]
            row(f"path validation, one level, {key}, from bytes", f"{whole:.1f} x X509_verify_cert",
                *((">= 3", whole >= 3) if key == "rsa3072" else ()))

    def ten_gigabytes(self):
        source = self.folder / "verify-big.pdf"
        make_large_pdf(source, 10_500_000_000, sparse=True)
        file = self.sign(source, self.folder / "verify-big-signed.pdf")
        begin = time.monotonic()
        cpu, peak = run(self.kyso(file))
        row("verify 10.5 GB (sparse)", f"{cpu:.1f} s CPU, {time.monotonic() - begin:.1f} s")
        row("verify 10.5 GB, peak memory", f"{peak:.1f} MB", "<= 32 MB", peak <= 32)

    def parts(self, big):
        parts = [self.verify_one, self.verify_many, self.verify_fifty_megabytes, self.paths]
        return parts + [self.ten_gigabytes] if big else parts
