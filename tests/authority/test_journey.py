"""From an officer's request to a document that anybody can verify online, and what other programs say of everything
that the authority publishes."""
import base64
import json
import re
import socket
import ssl
import subprocess
import threading
import time
import urllib.request

import pytest


def fetch(url, data=None, content_type=None):
    request = urllib.request.Request(url, data=data, headers={"Content-Type": content_type} if content_type else {})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read(), dict(answer.headers)


def extension(call, certificate, name):
    return call("openssl", "x509", "-in", certificate, "-noout", "-ext", name).stdout


def test_signed_long_term_in_one_call_and_verified_online(made, person, tmp_path, root):
    signed = tmp_path / "signed.pdf"
    done = made.kyso("sign", root / "tests/data/pdf/vn-cong-van.pdf", "-o", signed, "--role", "leader", "--image", root / "share/images/sample-signature-blue.png", "--holder",
                     f"pem:{person['key']},{person['chain']}", "--profile", "b-lt", "--tsa", made.tsa_url, "--trust",
                     made.root_certificate, "--json")
    assert json.loads(done.stdout)["profile"] == "b-lt", done.stdout
    for network in ("--online", "--offline"):
        verdict = made.kyso("verify", signed, "--trust", made.root_certificate, network, "--json", check=False)
        assert verdict.returncode == 0, verdict.stdout + verdict.stderr
    plain = tmp_path / "plain.pdf"
    made.kyso("sign", root / "tests/data/pdf/vn-cong-van.pdf", "-o", plain, "--role", "leader", "--image", root / "share/images/sample-signature-blue.png", "--holder",
              f"pem:{person['key']},{person['chain']}", "--tsa", made.tsa_url)
    assert made.kyso("verify", plain, "--trust", made.root_certificate, "--online", check=False).returncode == 0


def test_pyhanko_validates_online(made, person, tmp_path, root):
    signed = tmp_path / "signed.pdf"
    made.kyso("sign", root / "tests/data/pdf/vn-cong-van.pdf", "-o", signed, "--role", "leader", "--image", root / "share/images/sample-signature-blue.png", "--holder",
              f"pem:{person['key']},{person['chain']}", "--tsa", made.tsa_url)
    script = f'''
import asyncio
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
async def main():
    with open({str(signed)!r}, "rb") as file:
        signature = PdfFileReader(file).embedded_regular_signatures[0]
        context = ValidationContext(trust_roots=[load_cert_from_pemder({str(made.root_certificate)!r})],
                                    allow_fetching=True, revocation_mode="require")
        status = await async_validate_pdf_signature(signature, context, ts_validation_context=context)
        print(status.bottom_line, status.timestamp_validity.valid, status.timestamp_validity.trusted)
asyncio.run(main())
'''
    import sys
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["True", "True", "True"], done.stdout + done.stderr


def test_openssl_checks_path_with_lists_of_all_levels(made, person, tmp_path, call):
    lists = tmp_path / "lists.pem"
    text = ""
    for certificate in (person["certificate"], made.issuer_certificate):
        url = re.search(r"URI:(\S+)", extension(call, certificate, "crlDistributionPoints")).group(1)
        body, headers = fetch(url)
        assert headers["Content-Type"] == "application/pkix-crl"
        (tmp_path / "one.crl").write_bytes(body)
        text += call("openssl", "crl", "-inform", "DER", "-in", tmp_path / "one.crl").stdout
    lists.write_text(text)
    call("openssl", "verify", "-x509_strict", "-crl_check_all", "-extended_crl", "-CAfile", made.root_certificate,
         "-untrusted", made.issuer_certificate, "-CRLfile", lists, person["certificate"])


def test_openssl_ocsp_by_post_and_get(made, person, tmp_path, call):
    for digest in ("-sha1", "-sha256"):
        done = call("openssl", "ocsp", "-issuer", made.issuer_certificate, digest, "-cert", person["certificate"], "-url",
                    f"{made.url}/ocsp", "-CAfile", made.root_certificate, "-verify_other", made.issuer_certificate)
        assert "Response verify OK" in done.stderr and ": good" in done.stdout, done.stdout + done.stderr
    call("openssl", "ocsp", "-issuer", made.issuer_certificate, "-cert", person["certificate"], "-reqout",
         tmp_path / "request", "-no_nonce")
    request = (tmp_path / "request").read_bytes()
    body, headers = fetch(f"{made.url}/ocsp/" + base64.b64encode(request).decode().replace("/", "%2F").replace("+", "%2B"))
    assert headers["Content-Type"] == "application/ocsp-response"
    assert headers["Expires"].endswith("GMT") and "max-age=" in headers["Cache-Control"]
    (tmp_path / "answer").write_bytes(body)
    done = call("openssl", "ocsp", "-respin", tmp_path / "answer", "-issuer", made.issuer_certificate, "-cert",
                person["certificate"], "-CAfile", made.root_certificate)
    assert ": good" in done.stdout


def test_a_serial_that_was_never_issued_is_never_good(made, call):
    done = call("openssl", "ocsp", "-issuer", made.issuer_certificate, "-serial", "0x0123456789", "-url", f"{made.url}/ocsp",
                "-CAfile", made.root_certificate, check=False)
    assert "0x0123456789: unknown" in done.stdout, done.stdout + done.stderr


def test_time_stamps(made, tmp_path, call):
    content = tmp_path / "content"
    content.write_text("nội dung")
    for digest in ("-sha256", "-sha384", "-sha512"):
        call("openssl", "ts", "-query", "-data", content, digest, "-cert", "-out", tmp_path / "q")
        body, headers = fetch(made.tsa_url, (tmp_path / "q").read_bytes(), "application/timestamp-query")
        assert headers["Content-Type"] == "application/timestamp-reply"
        (tmp_path / "r").write_bytes(body)
        call("openssl", "ts", "-verify", "-queryfile", tmp_path / "q", "-in", tmp_path / "r", "-CAfile", made.root_certificate,
             "-untrusted", made.issuer_certificate)
    call("openssl", "ts", "-query", "-data", content, "-sha1", "-out", tmp_path / "q")
    body, _ = fetch(made.tsa_url, (tmp_path / "q").read_bytes(), "application/timestamp-query")
    (tmp_path / "r").write_bytes(body)
    assert "badAlg" in call("openssl", "ts", "-reply", "-in", tmp_path / "r", "-text").stdout.replace("unrecognized or unsupported algorithm identifier", "badAlg")


def test_gnutls_reads_everything(made, person, tmp_path, call):
    chain = tmp_path / "chain.pem"
    chain.write_text(person["chain"].read_text() + made.root_certificate.read_text())
    done = call("certtool", "--verify", "--load-ca-certificate", made.root_certificate, "--infile", person["chain"])
    assert "Chain verification output: Verified" in done.stdout
    url = re.search(r"URI:(\S+)", extension(call, person["certificate"], "crlDistributionPoints")).group(1)
    (tmp_path / "list.crl").write_bytes(fetch(url)[0])
    assert "Next update" in call("certtool", "--crl-info", "--inder", "--infile", tmp_path / "list.crl").stdout.replace("Next at", "Next update")
    issuer, _ = fetch(re.search(r"CA Issuers - URI:(\S+)", extension(call, person["certificate"], "authorityInfoAccess")).group(1))
    (tmp_path / "issuer.crt").write_bytes(issuer)
    call("certtool", "--certificate-info", "--inder", "--infile", tmp_path / "issuer.crt")


NAME = "www.example.vn"


class Site:
    """An HTTPS server with a certificate of the authority."""

    def __init__(self, certificate, key):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        body = b"<!doctype html><title>Kyso</title><p id=ok>trusted by the browser</p>"
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(connection, body), daemon=True).start()

    def answer(self, connection, body):
        try:
            with self.context.wrap_socket(connection, server_side=True) as stream:
                stream.recv(65536)
                stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
                               % len(body) + body)
        except OSError:
            pass


@pytest.fixture(scope="module")
def site(made):
    issued = made.issue("SERVER_1Y", NAME, subject=["C=VN", "O=Cơ quan mẫu", f"CN={NAME}"], names=[f"dns:{NAME}"])
    site = Site(issued["chain"], issued["key"])
    yield site
    site.socket.close()


def test_curl_trusts_a_server(made, site, call):
    url = f"https://{NAME}:{site.port}/"
    assert "trusted" in call("curl", "-sS", "--cacert", made.root_certificate, "--resolve", f"{NAME}:{site.port}:127.0.0.1", url).stdout
    assert call("curl", "-sS", "--resolve", f"{NAME}:{site.port}:127.0.0.1", url, check=False).returncode == 60


def test_chromium_trusts_a_server(made, site, tmp_path, call):
    home = tmp_path / "home"
    database = home / ".pki/nssdb"
    database.mkdir(parents=True)
    chromium = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile",
                f"--host-resolver-rules=MAP {NAME} 127.0.0.1",
                "--virtual-time-budget=5000", "--dump-dom", f"https://{NAME}:{site.port}/"]
    import os
    environment = {**os.environ, "HOME": str(home)}
    call("certutil", "-N", "-d", f"sql:{database}", "--empty-password", env=environment)
    refused = call(*chromium, check=False, env=environment, timeout=120)
    assert "trusted by the browser" not in refused.stdout
    call("certutil", "-A", "-d", f"sql:{database}", "-n", "root", "-t", "CT,,", "-a", "-i", made.root_certificate, env=environment)
    accepted = call(*chromium, check=False, env=environment, timeout=120)
    assert "trusted by the browser" in accepted.stdout, accepted.stdout + accepted.stderr


def test_doctor_finds_everything_well(made):
    until = time.monotonic() + 20
    while True:
        checks = json.loads(made.authority("nguyen-van-a", "doctor", "--json", check=False).stdout)["checks"]
        if all(check["ok"] for check in checks) or time.monotonic() > until:
            break
        time.sleep(0.2)
    assert {check["name"] for check in checks} >= {"database", "vault", "signers", "status", "tsa", "audit"}
    assert all(check["ok"] for check in checks), checks


def test_health_and_metrics(made):
    assert json.loads(fetch(f"{made.url}/health")[0])
    text = fetch(f"http://127.0.0.1:{made.settings['metrics_port']}/metrics")[0].decode()
    assert "# TYPE" in text
