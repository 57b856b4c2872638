import json
import shutil
import subprocess

from documents import make_large_pdf, make_text_pdf
from measuring import BUILD, DATA, KYSO, PYTHON, ROOT, compare, row, run


class SigningBench:
    """What signing costs, beside openssl, pyHanko, mutool and pdfsig."""

    def __init__(self, folder, rounds, authority):
        self.folder, self.rounds, self.authority = folder, rounds, authority
        self.pin = self.authority / "pin.txt"
        self.key, self.cert = self.authority / "leader.key.pem", self.authority / "leader.cert.pem"

    def kyso(self, source, out, *more):
        return [KYSO, "sign", source, "-o", out, "--holder", f"pem:{self.key},{self.cert}", "--quiet", *more]

    def openssl(self, source, out):
        return ["openssl", "cms", "-sign", "-binary", "-md", "sha256", "-outform", "DER", "-signer", self.cert,
                "-inkey", self.key, "-in", source, "-out", out]

    def others(self, source):
        tools = {}
        if PYTHON.exists():
            tools["pyHanko"] = [PYTHON, ROOT / "bench" / "pyhanko_sign.py", self.key, self.cert, source, self.folder / "py.pdf"]
        if shutil.which("mutool"):
            tools["mutool (read only)"] = ["mutool", "info", source]
        return tools

    def pdfsig_sign(self, source):
        """pdfsig signs with a key of an NSS database."""
        nss = self.folder / "nss"
        if not nss.exists() and shutil.which("pk12util"):
            nss.mkdir()
            run(["certutil", "-N", "-d", f"sql:{nss}", "--empty-password"])
            run(["certutil", "-A", "-d", f"sql:{nss}", "-n", "root", "-t", "CT,CT,CT", "-a", "-i", self.authority / "root.pem"])
            run(["pk12util", "-i", self.authority / "leader.p12", "-d", f"sql:{nss}", "-w", self.pin, "-K", ""])
        if not nss.exists():
            return {}
        listing = subprocess.run(["certutil", "-L", "-d", f"sql:{nss}"], capture_output=True, text=True).stdout
        nick = next((line.rsplit(None, 1)[0].strip() for line in listing.splitlines() if line.rstrip().endswith("u,u,u")), None)
        if nick is None:
            return {}
        return {"pdfsig": ["pdfsig", "-nssdir", f"sql:{nss}", "-nick", nick, "-add-signature", "-new-signature-field-name", "B",
                           source, self.folder / "pdfsig.pdf"]}

    def ten_page_document(self):
        """10 pages of text, 21 kB: the document that the goals speak of."""
        source = self.folder / "ten.pdf"
        make_text_pdf(source, pages=10, size=21_000)
        return source

    def ten_pages(self):
        source = self.ten_page_document()
        commands = {"openssl": self.openssl(source, self.folder / "o.cms"), "kyso": self.kyso(source, self.folder / "k.pdf"),
                    **self.others(source), **self.pdfsig_sign(source)}
        results = compare(commands, self.rounds)
        base = results["openssl"][0]
        row("openssl cms -sign, same bytes", f"{base * 1e3:.1f} ms CPU")
        for name, (cpu, _) in results.items():
            if name != "openssl":
                goal = 1.5 if name == "kyso" else None
                row(f"sign 10 pages: {name}", f"{cpu / base:.2f} x openssl", "<= 1.5" if goal else "", cpu / base <= goal if goal else None)

    def fifty_megabytes(self):
        source = self.folder / "fifty.pdf"
        make_large_pdf(source, 50 << 20)
        results = compare({"openssl": self.openssl(source, self.folder / "o.cms"), "kyso": self.kyso(source, self.folder / "k.pdf")},
                          max(5, self.rounds // 4))
        ratio = results["kyso"][0] / results["openssl"][0]
        row("sign 50 MB", f"{ratio:.2f} x openssl", "<= 2.0", ratio <= 2.0)
        row("sign 50 MB, peak memory", f"{results['kyso'][1]:.1f} MB", "<= 32 MB", results["kyso"][1] <= 32)

    def in_process(self):
        if not (BUILD / "bin" / "kyso_bench").exists():
            return
        out = subprocess.run([BUILD / "bin" / "kyso_bench", f"--authority={self.authority}", f"--document={self.ten_page_document()}",
                              "--benchmark_format=json", "--benchmark_repetitions=5"], capture_output=True, text=True, check=True).stdout
        medians = {b["run_name"]: b["cpu_time"] for b in json.loads(out)["benchmarks"] if b.get("aggregate_name") == "median"}
        ratio = medians["raw_signature"] / medians["sign_document"]
        row("in-process signatures, RSA-2048", f"{ratio:.2f} x raw rate ({1e9 / medians['sign_document']:.0f}/s)", ">= 0.7", ratio >= 0.7)

    def fifty_first(self):
        source = DATA / "vn-cong-van.pdf"
        current = self.folder / "s0.pdf"
        shutil.copy(source, current)
        for i in range(50):
            following = self.folder / f"s{(i + 1) % 2}x.pdf"
            run(self.kyso(current, following))
            current = following
        results = compare({"first": self.kyso(source, self.folder / "a.pdf"), "51st": self.kyso(current, self.folder / "b.pdf")}, self.rounds)
        ratio = results["51st"][0] / results["first"][0]
        row("51st signature", f"{ratio:.2f} x the first", "<= 2", ratio <= 2)

    def growth(self):
        source = DATA / "vn-cong-van.pdf"
        out = self.folder / "g.pdf"
        command = [c for c in self.kyso(source, out) if c != "--quiet"] + ["--json"]
        report = json.loads(subprocess.run([str(c) for c in command], capture_output=True, text=True, check=True).stdout)
        extra = report["bytes_added"] - report["cms_bytes"]
        row("invisible B-B, growth beyond its CMS", f"{extra} bytes", "<= 6144", extra <= 6144)
        visible = ["--role", "plain", "--template", "plain", "--image", ROOT / "share/images/sample-signature-blue.png"]
        first, second = self.folder / "v1.pdf", self.folder / "v2.pdf"
        run(self.kyso(source, first, *visible, "--rect", "300,300,200,80"))
        run(self.kyso(first, second, *visible, "--rect", "60,300,200,80"))
        one, two = first.stat().st_size - source.stat().st_size, second.stat().st_size - first.stat().st_size
        row("visible Vietnamese signature, first", f"{one / 1000:.1f} kB", "<= 40 kB", one <= 40_000)
        row("visible Vietnamese signature, second", f"{two / 1000:.1f} kB", "<= 8 kB", two <= 8_000)

    def ten_gigabytes(self):
        source, out = self.folder / "big.pdf", self.folder / "big-signed.pdf"
        make_large_pdf(source, 10_500_000_000, sparse=True)
        cpu, peak = run(self.kyso(source, out))
        row("sign 10.5 GB (sparse)", f"{cpu:.1f} s CPU", "signs", out.stat().st_size > source.stat().st_size)
        row("sign 10.5 GB, peak memory", f"{peak:.1f} MB", "<= 32 MB", peak <= 32)

    def parts(self, big):
        parts = [self.ten_pages, self.fifty_megabytes, self.in_process, self.fifty_first, self.growth]
        return parts + [self.ten_gigabytes] if big else parts
