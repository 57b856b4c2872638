"""The desk's station: keys made on tokens in SoftHSM2, certificates written, blocked tokens unlocked by released
SO-PINs. The portal's side is played by a small server with the same routes; authority and vault are real."""
import base64
import http.server
import json
import os
import re
import stat
import subprocess
import threading

import pytest

from passkeys import APPROVAL, REQUEST, Passkey, approval_payload, base64url, request_payload
from test_passkeys import send

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
           "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so")


def octets(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Portal:
    """What the desk of the portal answers; it looks at every proof of access."""

    def __init__(self):
        self.jobs, self.posted, self.nonces, self.is_away = [], [], set(), False
        portal = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def proven(self):
                scheme, _, jws = self.headers.get("Authorization", "").partition(" ")
                claim = json.loads(octets(jws.split(".")[1]))
                assert scheme == "Kyso-JWS" and claim["method"] == self.command and claim["target"] == self.path
                assert claim["nonce"] not in portal.nonces
                portal.nonces.add(claim["nonce"])

            def answer(self, status, value):
                body = json.dumps(value).encode() if value is not None else b""
                self.send_response(status)
                self.send_header("Content-Type", "application/problem+json" if status >= 400 else "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                self.proven()
                assert self.path == "/station/v1/jobs"
                self.answer(200, {"jobs": portal.jobs})

            def do_POST(self):
                self.proven()
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if portal.is_away:
                    return self.answer(503, {"code": "db.unavailable", "title": "x", "title_en": "away", "detail": "", "detail_en": ""})
                line, action = re.fullmatch(r"/station/v1/lines/([\w-]+)/([a-z-]+)", self.path).groups()
                portal.posted.append((line, action, body))
                self.answer(204, None)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def last(self, action):
        return next(body for _, name, body in reversed(self.posted) if name == action)


class Station:
    def __init__(self, folder, authority, programs, portal):
        self.folder, self.authority, self.portal, self.kyso = folder, authority, portal, programs / "kyso"
        self.module = next(m for m in MODULES if os.path.exists(m))
        (folder / "tokens").mkdir()
        (folder / "letters").mkdir()
        conf = folder / "softhsm2.conf"
        conf.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
        self.environment = {**authority.environment, "SOFTHSM2_CONF": str(conf), "XDG_STATE_HOME": str(folder / "state"),
                            "KYSO_LANG": "en"}

    def run(self, *arguments, check=True):
        base = self.authority.folder / "officers/nguyen-van-a"
        done = subprocess.run([self.kyso, "desk", *map(str, arguments), "--server", self.portal.url, "--holder",
                               f"pem:{base}.key.pem,{base}.cert.pem"], env=self.environment, capture_output=True, text=True)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def personalise(self, *arguments, check=True):
        return self.run("personalise", "--module", self.module, "--escrow", self.authority.escrow_certificate, "--pin-letters",
                        self.folder / "letters", *arguments, check=check)

    def unlock(self, *arguments, check=True):
        return self.run("unlock", "--module", self.module, "--pin-letters", self.folder / "letters", *arguments, check=check)

    def letter(self, line):
        path = self.folder / f"letters/PIN-{line}.txt"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        return re.search(r"^PIN: (\d{8})$", path.read_text(), re.M).group(1)

    def state(self):
        folder = self.folder / "state/kyso/desk"
        return {f.name: f.read_bytes() for f in folder.iterdir()} if folder.exists() else {}

    def objects(self, pin):
        """Of the one token of this station."""
        return subprocess.run(["pkcs11-tool", "--module", self.module, "--slot-index", "0", "--login", "--pin", pin,
                               "--list-objects"], env=self.environment, text=True, capture_output=True, check=False)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    from conftest import demo_ca
    with demo_ca.DemoCa(tmp_path_factory.mktemp("station") / "demo").make() as made:
        yield made.start()


@pytest.fixture(scope="module")
def officers(authority, tmp_path_factory):
    keys = {}
    for person in ("nguyen-van-a", "tran-thi-b", "le-van-c"):
        keys[person] = Passkey(tmp_path_factory.mktemp("keys"), person, f"http://localhost:{authority.portal_port}")
        authority.enrol_passkey(person, keys[person].credential, keys[person].public_key)
    return keys


@pytest.fixture
def station(tmp_path, authority, programs):
    return Station(tmp_path, authority, programs, Portal())


def personalise_job(line="line-1", name="Nguyễn Văn A"):
    return {"line": line, "dossier": "D-261120-0001", "name": name, "kind": "personalise"}


def recover(authority, officers, line, key, serial):
    """Two officers let the vault release the SO-PIN to the station's key; gives the ciphertext."""
    payload = request_payload("token.recover", recoveries=[
        {"reference": line, "token_serial": serial, "escrow": base64.b64encode(octets(key["escrow"])).decode(),
         "station_key": base64.b64encode(octets(key["public_key"])).decode(), "comment": "Khóa do nhập sai PIN"}])
    status, view = send(authority, "requests", officers["nguyen-van-a"].sign(REQUEST, payload))
    assert status == 201, view
    for person in ("tran-thi-b", "le-van-c"):
        status, view = send(authority, f"requests/{view['id']}/approvals", officers[person].sign(APPROVAL, approval_payload(payload)))
        assert status == 200, view
    assert view["state"] == "done", view
    return view["released"][0]["ciphertext"]


def test_a_token_from_blank_to_unlocked(station, authority, officers, tmp_path):
    portal = station.portal
    portal.jobs = [personalise_job()]
    assert "Nguyễn Văn A" in station.run("jobs").stdout
    station.personalise()
    key = portal.last("key")
    assert set(key) == {"pkcs10", "token_serial", "token_label", "token_model", "escrow"}
    assert key["token_label"] == "Nguyễn Văn A"
    serial, pin = key["token_serial"], station.letter("line-1")
    assert station.state() == {}
    csr = tmp_path / "one.csr"
    csr.write_bytes(octets(key["pkcs10"]))
    subprocess.run(["openssl", "req", "-inform", "DER", "-in", csr, "-verify", "-noout"], check=True, capture_output=True)

    # The authority issues; the station writes the certificate, without anybody's PIN.
    request = authority.request_id("issue", "--csr", csr, "--profile", "PERSON_5Y", "--issuer", "CPCA_G1", "--reference", "line-1",
                                   "--purpose", "x", "--subject", "C=VN", "--subject", "O=Cơ quan mẫu", "--subject", "CN=Nguyễn Văn A")
    authority.approve(request, "tran-thi-b", "le-van-c")
    pem = json.loads(authority.authority("nguyen-van-a", "show", request, "--json").stdout)["certificates"][0]["pem"]
    der = subprocess.run(["openssl", "x509", "-outform", "DER"], input=pem.encode(), check=True, capture_output=True).stdout
    portal.jobs = [{**personalise_job(), "kind": "write", "token_serial": serial, "certificate": base64url(der)}]
    station.personalise()
    assert portal.posted[-1] == ("line-1", "written", {})
    shown = station.objects(pin)
    assert shown.returncode == 0 and "Certificate Object" in shown.stdout and "Private Key Object" in shown.stdout, shown

    # Blocked: the station makes a key, officers approve, the vault opens the escrow with its key in the token.
    job = {"line": "line-9", "dossier": "D-261120-0002", "name": "Nguyễn Văn A", "kind": "unlock", "token_serial": serial}
    portal.jobs = [job]
    station.unlock()
    asked = portal.last("station-key")
    assert list(station.state()) == ["line-9.unlock"]
    station.unlock()  # again: the same key
    assert portal.last("station-key") == asked
    released = recover(authority, officers, "line-9", {**asked, "escrow": key["escrow"]}, serial)
    portal.jobs = [{**job, "so_pin": base64url(base64.b64decode(released))}]
    done = station.unlock("line-9")
    assert portal.posted[-1] == ("line-9", "unlocked", {})
    assert station.state() == {}
    fresh = station.letter("line-9")
    assert station.objects(fresh).returncode == 0
    assert station.objects(pin).returncode != 0
    assert fresh not in done.stdout + done.stderr
    for body in portal.posted:
        assert pin not in json.dumps(body) and fresh not in json.dumps(body)


def test_an_so_pin_for_another_station_or_token_unlocks_nothing(station, authority, officers):
    portal = station.portal
    portal.jobs = [personalise_job()]
    station.personalise()
    key, pin = portal.last("key"), station.letter("line-1")
    serial = key["token_serial"]
    job = {"line": "line-2", "dossier": "D", "name": "N", "kind": "unlock", "token_serial": serial}
    portal.jobs = [job]
    station.unlock()
    released = recover(authority, officers, "line-2", {**portal.last("station-key"), "escrow": key["escrow"]}, serial)
    cipher = octets(base64url(base64.b64decode(released)))
    # Changed on its way.
    portal.jobs = [{**job, "so_pin": base64url(cipher[:-1] + bytes([cipher[-1] ^ 1]))}]
    assert station.unlock(check=False).returncode == 111
    # Told to be of another token.
    portal.jobs = [{**job, "so_pin": base64url(cipher), "token_serial": "0000000000000000"}]
    refused = station.unlock("--json", check=False)
    assert refused.returncode == 111 and "kyso.desk.token" in refused.stdout
    # At a station that never asked.
    environment = station.environment
    station.environment = {**environment, "XDG_STATE_HOME": str(station.folder / "elsewhere")}
    portal.jobs = [{**job, "so_pin": base64url(cipher)}]
    refused = station.unlock("--json", check=False)
    assert refused.returncode == 122 and "kyso.desk.station" in refused.stdout
    station.environment = environment
    assert station.objects(pin).returncode == 0
    assert not any(action == "unlocked" for _, action, _ in portal.posted)


def test_a_key_that_the_server_did_not_hear_of_is_sent_again(station):
    portal = station.portal
    portal.jobs, portal.is_away = [personalise_job()], True
    assert station.personalise(check=False).returncode == 100
    kept = station.state()
    assert list(kept) == ["line-1.key"]
    pin = station.letter("line-1")
    assert pin.encode() not in kept["line-1.key"]
    assert stat.S_IMODE((station.folder / "state/kyso/desk/line-1.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((station.folder / "state/kyso/desk").stat().st_mode) == 0o700
    portal.is_away = False
    station.personalise()
    assert portal.last("key") == json.loads(kept["line-1.key"])
    assert station.state() == {} and len(os.listdir(station.folder / "tokens")) == 1
    assert station.objects(pin).returncode == 0


def test_what_is_missing_is_told_before_a_token_is_touched(station, authority, tmp_path):
    portal = station.portal
    assert "Nothing waits" in station.personalise().stdout
    portal.jobs = [personalise_job()]
    assert station.personalise("line-7", check=False).returncode == 121
    assert station.run("personalise", "--module", station.module, "--pin-letters", tmp_path / "letters", check=False).returncode == 4
    # Another certificate of the authority is no escrow key; there is no terminal to tell a PIN on; no such folder.
    refused = station.run("personalise", "--module", station.module, "--escrow", authority.issuer_certificate, check=False)
    assert refused.returncode == 111
    refused = station.run("personalise", "--module", station.module, "--escrow", authority.escrow_certificate, "--pin-letters",
                          tmp_path / "none", check=False)
    assert refused.returncode == 61
    assert station.personalise("--token", "1234", check=False).returncode == 4
    portal.jobs = [{**personalise_job(), "line": "../../etc"}]
    assert station.personalise(check=False).returncode != 0
    assert portal.posted == [] and os.listdir(station.folder / "tokens") == []


def test_a_token_in_use_is_made_anew_with_its_so_pin_only(station, tmp_path):
    portal = station.portal
    so_pin = tmp_path / "so-pin.txt"
    so_pin.write_text("0123456789\n")
    so_pin.chmod(0o600)
    subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", "old", "--pin", "11112222", "--so-pin", "0123456789"],
                   env=station.environment, check=True, capture_output=True)
    serial = re.search(r"serial num\s*:\s*(\w+)", subprocess.run(["pkcs11-tool", "--module", station.module, "--list-slots"], text=True,
                       env=station.environment, check=True, capture_output=True).stdout).group(1)
    portal.jobs = [personalise_job(), personalise_job("line-2")]
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("9999999999\n")
    refused = station.personalise("line-1", "--token", serial, "--so-pin-file", wrong, check=False)
    assert refused.returncode == 30
    station.personalise("line-1", "--token", serial, "--so-pin-file", so_pin, "--key", "ec:p256", "--label", "Thẻ 7")
    assert portal.last("key")["token_label"] == "Thẻ 7"
    assert station.objects(station.letter("line-1")).returncode == 0
