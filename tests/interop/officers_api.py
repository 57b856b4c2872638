"""The interface of kysod for officers, played by a small server: it checks every statement with other people's program
(python-cryptography) and remembers what it was sent. What the vault decides is tested in C++."""
import base64
import hashlib
import http.server
import json
import threading
import time
import urllib.parse

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils

HASHES = {"ES256": hashes.SHA256(), "ES384": hashes.SHA384(), "RS256": hashes.SHA256(), "PS256": hashes.SHA256()}


def decode(text):
    assert "=" not in text
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def open_jws(jws, kind, certificates):
    """Payload and signer of a JWS that verifies; AssertionError or InvalidSignature otherwise."""
    header_text, payload, signature = jws.split(".")
    header = json.loads(decode(header_text))
    assert list(header) == ["alg", "typ", "x5t#S256"] and header["typ"] == kind, header
    name, certificate = certificates[decode(header["x5t#S256"])]
    key, message, value, algorithm = certificate.public_key(), f"{header_text}.{payload}".encode(), decode(signature), header["alg"]
    if algorithm.startswith("ES"):
        half = len(value) // 2
        value = utils.encode_dss_signature(int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big"))
        key.verify(value, message, ec.ECDSA(HASHES[algorithm]))
    elif algorithm == "RS256":
        key.verify(value, message, padding.PKCS1v15(), HASHES[algorithm])
    else:
        key.verify(value, message, padding.PSS(padding.MGF1(hashes.SHA256()), 32), HASHES[algorithm])
    return decode(payload), name


def canonical(payload):
    """What JSON.stringify would write."""
    return json.dumps(json.loads(payload), ensure_ascii=False, separators=(",", ":")).encode() == payload


class Officers:
    """A server with officers {person: PEM} and policy files {name: content}."""

    def __init__(self, officers, policy):
        self.certificates = {}
        for person, pem in officers.items():
            certificate = x509.load_pem_x509_certificate(pem.encode())
            self.certificates[hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).digest()] = (person, certificate)
        self.policy, self.version = policy, 3
        self.requests, self.nonces, self.seen, self.rows, self.checks = {}, set(), [], [], []
        self.problem = None  # (status, code, title, title_en) of every answer
        self.edit = lambda view: view  # what a dishonest server does to a request
        self.missing = [{"role": "checking", "count": 1}, {"role": "approving", "count": 1}]
        handler = type("Handler", (Handler,), {"api": self})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def digest(self):
        total = hashlib.sha256()
        for name in sorted(self.policy):
            total.update(hashlib.sha256(name.encode()).digest() + hashlib.sha256(self.policy[name].encode()).digest())
        return total.hexdigest()

    def view(self, entry):
        out = {"id": entry["id"], "act": entry["act"], "issuer": entry["issuer"], "state": entry["state"],
               "purpose": entry["purpose"], "requester": entry["requester"], "expires": "2030-01-01T00:00:00+07:00",
               "standing": {"requester": entry["requester"], "approvers": [a["person"] for a in entry["approvals"]],
                            "missing": self.missing[len(entry["approvals"]):], "expires": "2030-01-01T00:00:00+07:00"},
               "request": entry["jws"], "approvals": entry["approvals"], "certificates": []}
        return self.edit(out)

    # --- what is asked -------------------------------------------------------------------------------------------------

    def answer(self, method, target, authorization, body):
        path, _, query = target.partition("?")
        parts = path.removeprefix("/authority/v1/").split("/")
        self.seen.append((method, target))
        if self.problem:
            status, code, title, title_en = self.problem
            return status, {"type": f"urn:kyso:error:{code}", "title": title, "title_en": title_en, "status": status,
                            "code": code, "detail": "Làm theo hướng dẫn.", "detail_en": "Do as it says.", "instance": "urn:x"}
        if method == "POST":
            return self.post(parts, body.decode())
        self.check_access(method, target, authorization)
        return 200, self.get(parts, dict(urllib.parse.parse_qsl(query)))

    def check_access(self, method, target, authorization):
        scheme, _, jws = authorization.partition(" ")
        assert scheme == "Kyso-JWS"
        payload, _ = open_jws(jws, "kyso-access+jwt", self.certificates)
        claim = json.loads(payload)
        assert canonical(payload) and list(claim) == ["method", "target", "time", "nonce"]
        assert (claim["method"], claim["target"]) == (method, target), claim
        assert abs(claim["time"] - time.time()) < 60 and len(claim["nonce"]) == 32
        assert claim["nonce"] not in self.nonces, "a nonce twice"
        self.nonces.add(claim["nonce"])

    def post(self, parts, jws):
        if parts == ["requests"]:
            payload, person = open_jws(jws, "kyso-request+jwt", self.certificates)
            assert canonical(payload)
            request = json.loads(payload)
            entry = {"id": request["id"], "act": request["act"], "issuer": request["issuer"], "purpose": request["purpose"],
                     "requester": person, "jws": jws, "state": "waiting", "approvals": [], "payload": payload}
            self.requests[request["id"]] = entry
            return 201, self.view(entry)
        entry = self.requests[parts[1]]
        payload, person = open_jws(jws, "kyso-approval+jwt", self.certificates)
        assert canonical(payload)
        approval = json.loads(payload)
        assert approval["request"] == hashlib.sha256(entry["payload"]).hexdigest(), "another request was approved"
        entry["approvals"].append({"person": person, "decision": approval["decision"], "at": "2026-01-01", "jws": jws})
        entry["state"] = ("rejected" if approval["decision"] == "reject"
                          else "done" if len(entry["approvals"]) >= len(self.missing) else "waiting")
        return 200, self.view(entry)

    def get(self, parts, query):
        match parts:
            case ["requests"]:
                return {"requests": [self.view(e) for e in self.requests.values()
                                     if query.get("state") in (None, e["state"])]}
            case ["requests", name]:
                return self.view(self.requests[name])
            case ["certificates"]:
                return {"certificates": [row for row in self.rows if query.get("q", "") in json.dumps(row, ensure_ascii=False)]}
            case ["certificates", issuer, serial]:
                return next(row for row in self.rows if (row["issuer"], row["serial"]) == (issuer, serial))
            case ["policy"]:
                return {"version": self.version, "sha256": self.digest(),
                        "files": [{"name": name, "content": content} for name, content in sorted(self.policy.items())]}
            case ["doctor"]:
                return {"checks": self.checks}
        raise KeyError(parts)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            if self.command == "POST":
                assert self.headers["Content-Type"] == "application/jose"
            status, value = self.api.answer(self.command, self.path, self.headers.get("Authorization", ""), body)
        except (AssertionError, InvalidSignature, KeyError, StopIteration, ValueError) as error:
            # No words of Kyso: the client says that the answer is not of the right kind, and the test fails.
            status, value = 500, {"error": repr(error)}
        text = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/problem+json" if status >= 400 else "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = serve

    def log_message(self, *_):
        pass
