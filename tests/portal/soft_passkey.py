"""An authenticator in software with one P-256 key, as a browser would use it; for tests."""
import base64
import hashlib
import json
import secrets

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def cbor(value):
    """What an attestation object needs of RFC 8949, in its canonical form."""
    def head(major, number):
        for size, code in ((24, None), (1 << 8, 24), (1 << 16, 25), (1 << 32, 26)):
            if number < size:
                return bytes([major << 5 | (number if code is None else code)]) + (
                    b"" if code is None else number.to_bytes(1 << (code - 24), "big"))
        raise ValueError(number)
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    return head(5, len(value)) + b"".join(cbor(key) + cbor(item) for key, item in value.items())


class SoftPasskey:
    def __init__(self, rp_id, origin):
        self.rp_id, self.origin = rp_id, origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.user = None

    @property
    def public_key(self):
        numbers = self.key.public_key().public_numbers()
        return cbor({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})

    def _client_data(self, kind, challenge):
        return json.dumps({"type": kind, "challenge": base64url(challenge), "origin": self.origin, "crossOrigin": False},
                          separators=(",", ":")).encode()

    def _authenticator_data(self, flags, attested=b""):
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + (0).to_bytes(4, "big") + attested

    def create(self, challenge):
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + self.public_key
        return {"client_data_json": base64url(self._client_data("webauthn.create", challenge)),
                "attestation_object": base64url(cbor({"fmt": "none", "attStmt": {},
                                                      "authData": self._authenticator_data(0x45, attested)}))}

    def get(self, challenge, flags=0x05):
        client_data = self._client_data("webauthn.get", challenge)
        data = self._authenticator_data(flags)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        return {"credential_id": base64url(self.id), "authenticator_data": base64url(data),
                "client_data_json": base64url(client_data), "signature": base64url(signature)}


def statement_challenge(kind, payload):
    """As the page computes it from what it shows (docs/statements.md)."""
    return hashlib.sha256(b"kyso-statement\0" + f"kyso-{kind}+jwt".encode() + b"\0" + payload.encode()).digest()
