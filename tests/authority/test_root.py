"""The root's later ceremonies: its next lists, a second generation, the end of the first; published by kysod meanwhile."""
import contextlib
import hashlib
import json
import re
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest
from conftest import demo_ca

OPERATORS = (1, 2)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    with demo_ca.DemoCa(tmp_path_factory.mktemp("root") / "demo").make() as made:
        yield made.start()


class Root:
    """Operators with the root's token. `newest`: the list that the next one follows."""

    def __init__(self, authority, programs, call):
        self.authority, self.programs, self.call = authority, programs, call
        self.newest = authority.folder / "ceremony/crl/ROOT.crl"

    def hold(self, name, *lines, valid_days=200):
        """A later ceremony: plan, approvals, run, record."""
        folder = self.authority.folder
        head = (folder / "plan.toml").read_text().split("\n[[key]]")[0].replace('policy = "policy"\n', "")
        plan, out = folder / f"{name}.toml", folder / name
        text = [head.replace('name = "demo"', f'name = "{name}"'), "[[root]]", 'name = "ROOT"', 'token = "root"',
                'certificate = "ceremony/certificates/ROOT.crt"', f'publish.crl_urls = ["{self.authority.url}/crl/ROOT.crl"]',
                f'publish.ca_issuer_urls = ["{self.authority.url}/ca/ROOT.crt"]', "[[crl]]", 'issuer = "ROOT"',
                f'previous = "{self.newest}"', f"valid_days = {valid_days}", *lines]
        plan.write_text("\n".join(text) + "\n")
        digest = json.loads(self.authority.kyso("ceremony", "plan", plan, "--json").stdout)["sha256"]
        approvals = []
        for number in OPERATORS:
            base = folder / f"operators/operator-{number}"
            self.authority.kyso("ceremony", "approve", plan, "--sha256", digest, "--holder",
                                f"pem:{base}.key.pem,{base}.cert.pem", "-o", f"{base}-{name}.jws")
            approvals += ["--approval", f"{base}-{name}.jws"]
        pin = ["--pin-file", folder / "pin.txt"]
        self.authority.kyso("ceremony", "run", plan, *approvals, "-o", out, *pin)
        self.authority.kyso("ceremony", "record", plan, out, *pin)
        self.newest = out / "crl/ROOT.crl"
        return plan, out

    def publish(self, plan, out, code=0):
        done = self.call(self.programs / "kysod", "--config", self.authority.folder / "kysod.toml", "--import-ceremony", plan,
                         out, env=self.authority.environment, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def root_operators(authority, programs, call):
    return Root(authority, programs, call)


def fetch(authority, path, file):
    subprocess.run(["curl", "-sf", "-o", str(file), f"{authority.url}{path}"], check=True)
    return file


def wait_for_number(authority, number, folder):
    """Until kysod serves the root's list of this number; as PEM."""
    until = time.monotonic() + 30
    while True:
        with contextlib.suppress(subprocess.CalledProcessError):
            list_ = fetch(authority, "/crl/ROOT.crl", folder / "root.crl")
            subprocess.run(["openssl", "crl", "-inform", "DER", "-in", list_, "-out", folder / "root.pem"], check=True)
            text = subprocess.run(["openssl", "crl", "-in", folder / "root.pem", "-noout", "-text"], check=True,
                                  capture_output=True, text=True).stdout
            if re.search(rf"CRL Number: *\n *{number}\n", text):
                return folder / "root.pem", text
        assert time.monotonic() < until, authority.log("kysod")
        time.sleep(0.1)


def verify(authority, folder, leaf, issuing, issuing_list):
    """openssl's word when every list on the way is looked at: the root's and the issuing authority's, as published."""
    fetch(authority, f"/crl/{issuing_list}.crl", folder / "issuing.crl")
    subprocess.run(["openssl", "crl", "-inform", "DER", "-in", folder / "issuing.crl", "-out", folder / "issuing.pem"], check=True)
    fetch(authority, "/ca/ROOT.crt", folder / "root.crt")
    subprocess.run(["openssl", "x509", "-inform", "DER", "-in", folder / "root.crt", "-out", folder / "anchor.pem"], check=True)
    done = subprocess.run(["openssl", "verify", "-x509_strict", "-crl_check_all", "-CAfile", folder / "anchor.pem", "-CRLfile",
                           folder / "root.pem", "-CRLfile", folder / "issuing.pem", "-untrusted", issuing, leaf],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def doctor(authority, code=None):
    """Its exit code and what it says of roots; `code`: waits until it says this, for kysod fetches lists after its start."""
    until = time.monotonic() + 30
    while True:
        found = ask_doctor(authority)
        if code in (None, found[1].get("code")) or time.monotonic() > until:
            return found
        time.sleep(0.1)


def ask_doctor(authority):
    done = authority.authority("nguyen-van-a", "doctor", "--json", check=False)
    findings = {each["name"]: each for each in json.loads(done.stdout)["checks"]}
    return done.returncode, findings["roots"]


def test_the_root_signs_for_years(authority, root_operators, programs, call, tmp_path):
    person = authority.issue("PERSON_5Y", "Nguyễn Văn A")
    # The first ceremony, whose list nobody has published until now.
    code, roots = doctor(authority)
    assert code == 0 and roots["ok"] is True
    first = authority.folder / "plan.toml", authority.folder / "ceremony"
    said = root_operators.publish(*first)
    assert "/crl/ROOT.crl" in said and f"/ca/{demo_ca.ISSUER}.crt" in said
    wait_for_number(authority, 1, tmp_path)
    assert verify(authority, tmp_path, person["certificate"], authority.issuer_certificate, demo_ca.ISSUER)[0] == 0
    # Again: nothing changes.
    root_operators.publish(*first)

    # A second generation under the same root.
    keys = {"CPCA_G2": ("issue", "ROOT", "SUB_CA"), "tsa-2": ("time_stamp", "CPCA_G2", "TSA")}
    lines = []
    for name, (purpose, _, _) in keys.items():
        lines += ["[[key]]", f'name = "{name}"', 'token = "authority"', 'kind = "ec:p256"', f'purpose = "{purpose}"']
    for name, (_, issuer, profile) in keys.items():
        lines += ["[[certificate]]", f'key = "{name}"', f'issuer = "{issuer}"', f'profile = "{profile}"',
                  f'subject = {{ C = "VN", O = "Cơ quan mẫu", CN = "{name} dùng thử" }}']
        if name == "CPCA_G2":
            lines += [f'publish.crl_urls = ["{authority.url}/crl/CPCA_G2.crl"]', f'publish.ocsp_urls = ["{authority.url}/ocsp"]',
                      f'publish.ca_issuer_urls = ["{authority.url}/ca/CPCA_G2.crt"]']
    second = root_operators.hold("second", *lines)
    root_operators.publish(*second)
    wait_for_number(authority, 2, tmp_path)
    fetched = fetch(authority, "/ca/CPCA_G2.crt", tmp_path / "g2.crt").read_bytes()
    made = subprocess.run(["openssl", "x509", "-in", second[1] / "certificates/CPCA_G2.crt", "-outform", "DER"], check=True,
                          capture_output=True).stdout
    assert fetched == made
    chain = subprocess.run(["openssl", "pkcs7", "-inform", "DER", "-print_certs", "-in", fetch(authority, "/ca/CPCA_G2.p7c",
                            tmp_path / "g2.p7c")], check=True, capture_output=True, text=True).stdout
    assert chain.count("BEGIN CERTIFICATE") == 2
    # The vault gets what is new, and signs with it.
    authority.stop()
    vault = authority.folder / "vault"
    for name in keys:
        shutil.copy(second[1] / f"certificates/{name}.crt", vault / "certificates")
    made = (second[1] / "vault.toml").read_text()
    added = re.sub(r"\[\[token\]\].*?(?=\[\[key\]\])", "", made, flags=re.S)  # which stands there already
    with (vault / "vault.toml").open("a") as file:
        file.write(added + '[[key]]\nname = "CPCA_G2-ocsp"\npurpose = "ocsp"\nissuer = "CPCA_G2"\nmemory = true\n'
                           'profile = "OCSP"\nsubject = ["C=VN", "O=Cơ quan mẫu", "CN=OCSP G2"]\n')
    authority.start()
    code, roots = doctor(authority)
    assert code == 0, roots
    person_2 = issue_from(authority, "CPCA_G2", "Nguyễn Văn B")
    assert verify(authority, tmp_path, person_2, second[1] / "certificates/CPCA_G2.crt", "CPCA_G2")[0] == 0

    # The list is about to end.
    authority.kill("kysod", signal.SIGTERM)
    with contextlib.closing(sqlite3.connect(authority.folder / "kyso.db")) as connection, connection:
        connection.execute("UPDATE revocation_list SET this_update = this_update - 180 * 86400, "
                           "next_update = next_update - 180 * 86400 WHERE issuer = 'ROOT'")
    authority.start_kysod()
    code, roots = doctor(authority, "kysod.root_list.ends")
    assert code == 122 and "ROOT" in roots["text_en"], roots

    # The end of the first generation.
    third = root_operators.hold("third", "[[crl.revoked]]", f'certificate = "ceremony/certificates/{demo_ca.ISSUER}.crt"',
                                'reason = "cACompromise"')
    root_operators.publish(*third)
    _, text = wait_for_number(authority, 3, tmp_path)
    assert "CA Compromise" in text
    code, words = verify(authority, tmp_path, person["certificate"], authority.issuer_certificate, demo_ca.ISSUER)
    assert code != 0 and "certificate revoked" in words
    assert verify(authority, tmp_path, person_2, second[1] / "certificates/CPCA_G2.crt", "CPCA_G2")[0] == 0
    code, roots = doctor(authority, "kysod.issuer.revoked")
    assert code == 122 and demo_ca.ISSUER in roots["text_en"], roots
    # What was published is never taken back.
    assert "authority.ceremony.list" in root_operators.publish(*second, code=122)
    assert re.search(r"Number: *\n *3\n", wait_for_number(authority, 3, tmp_path)[1])
    # The transcript is in the audit log.
    with contextlib.closing(sqlite3.connect(authority.folder / "kyso.db")) as connection:
        rows = connection.execute("SELECT details FROM audit_event WHERE kind = 'ceremony.imported' ORDER BY 1").fetchall()
    hashes = {json.loads(row[0])["transcript"] for row in rows}
    assert hashes == {hashlib.sha256((out / "transcript.jsonl").read_bytes()).hexdigest() for _, out in (first, second, third)}
    done = call(programs / "kyso-audit-verify", authority.folder / "kysod-audit", "--key",
                authority.folder / "ceremony/certificates/log-1.crt", "--database", f"sqlite:{authority.folder}/kyso.db",
                "--json", check=False)
    assert json.loads(done.stdout)["problems"] == [], done.stdout


def issue_from(authority, issuer, name):
    """A certificate of another authority than the demo's; its file."""
    base = authority.folder / "people" / name
    subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                    f"{base}.key.pem", "-out", f"{base}.csr", "-subj", "/CN=x"], check=True, capture_output=True)
    request = authority.request_id("issue", "--csr", f"{base}.csr", "--profile", "PERSON_5Y", "--issuer", issuer, "--reference",
                                   name, "--purpose", "Dùng thử", "--subject", "C=VN", "--subject", "O=Cơ quan mẫu",
                                   "--subject", f"CN={name}")
    authority.approve(request, "tran-thi-b", "le-van-c")
    shown = json.loads(authority.authority("nguyen-van-a", "show", request, "--json").stdout)
    path = base.with_suffix(".cert.pem")
    path.write_text(shown["certificates"][0]["pem"])
    return path
