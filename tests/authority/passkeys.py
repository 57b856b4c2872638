"""An authenticator in Python, and statements signed with it: what an officer's browser sends (docs/statements.md)."""
import base64
import hashlib
import json
import os
import subprocess
import time
import uuid

REQUEST, APPROVAL = "kyso-request+jwt", "kyso-approval+jwt"
USER_PRESENT, USER_VERIFIED = 0x01, 0x04


def base64url(octets):
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def payload_text(members):
    return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()


def challenge_of(kind, payload):
    return hashlib.sha256(b"kyso-statement\0" + kind.encode() + b"\0" + payload).digest()


class Passkey:
    def __init__(self, folder, name, origin, party="localhost"):
        self.key = folder / f"{name}.passkey.pem"
        self.origin, self.party = origin, party
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.key], check=True)
        der = subprocess.run(["openssl", "ec", "-in", self.key, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
        x, y = der[-64:-32], der[-32:]
        self.credential = os.urandom(32)
        self.public_key = bytes.fromhex("a5010203262001215820") + x + bytes.fromhex("225820") + y

    def sign(self, kind, payload, flags=USER_PRESENT | USER_VERIFIED):
        client = json.dumps({"type": "webauthn.get", "challenge": base64url(challenge_of(kind, payload)),
                             "origin": self.origin, "crossOrigin": False}, separators=(",", ":")).encode()
        data = hashlib.sha256(self.party.encode()).digest() + bytes([flags]) + bytes(4)
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], check=True, capture_output=True,
                                   input=data + hashlib.sha256(client).digest()).stdout
        return statement(kind.encode(), payload, self.credential, data, client, signature)


def statement(kind, payload, credential, data, client, signature):
    return "passkey." + ".".join(map(base64url, (kind, payload, credential, data, client, signature)))


def parts_of(text):
    return [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in text.split(".")[1:]]


def request_payload(act, **content):
    now = int(time.time())
    return payload_text({"id": str(uuid.uuid4()), "issuer": "CPCA_G1", "act": act, "created": now, "expires": now + 3600,
                         "purpose": "Hồ sơ dùng thử", **content})


def approval_payload(request, decision="approve"):
    members = json.loads(request)
    now = int(time.time())
    return payload_text({"act": members["act"], "request": hashlib.sha256(request).hexdigest(), "request_id": members["id"],
                         "decision": decision, "created": now, "expires": now + 3600, "comment": ""})


def issue_payload(folder, name):
    """A new key's PKCS#10 in a request for one person's certificate."""
    subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-outform", "DER",
                    "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.csr", "-subj", "/CN=x"], check=True,
                   capture_output=True)
    csr = base64.b64encode((folder / f"{name}.csr").read_bytes()).decode()
    return request_payload("certificate.issue", certificates=[
        {"reference": name, "profile": "PERSON_5Y", "subject": [["C", "VN"], ["O", "Cơ quan mẫu"], ["CN", "Nguyễn Văn A"]],
         "pkcs10": csr}])
