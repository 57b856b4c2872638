#!/usr/bin/env python3
"""Makes w3c.json anew: the examples of Web Authentication Level 3, section 16 (Test Vectors), from their recipe there.
Needs cryptography 44 or newer. The signatures are deterministic, so every run writes the same bytes; PUBLISHED holds
signatures as the standard prints them."""
import base64
import datetime
import hashlib
import itertools
import json
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PARTY, ORIGIN = "example.org", "https://example.org"
UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40
PUBLISHED = {
    "none.ES256": "3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f0b93538174f575"
                  "bf11a1dd5d78c6e486013f937295ea13653e331e87",
    "packed-self.ES256": "304402203310b9431903c401f1be2bdc8d23a4007682dbbddcf846994947b7f465daf84002204e94dd00047b316061b3"
                         "b99772b7efd95994a83ef584b3b6b825ea3550251b66",
    "none.ES256.crossOrigin": "3046022100eb12fcf23b12764c0f122e22371fab92e283879fd798f38ee1841c951b6e40e7022100c76237ff9db7"
                              "7b3c56f30837cda6a09acfa2e915544e609c0733b1184036d1cf",
    "none.ES256.topOrigin": "3045022100b5a70c81780d5fcc9a4f2ae9caae99058f8accaf58b91fb59329646c28ac6ffc022012e101c165db3c8e"
                            "9957f0c54dd6ca9b56bc3bd2f280bd2faa6c1d02c6e5c171",
    "packed.ES256": "30450220694969d3ee928de6f02ef23a9c644d7d779916451734a94b432542f498a1ebe90221008b0819c824218a97152cd099"
                    "c55bfb1477b29d900a49a64018314f9bfccda163",
    "packed.EdDSA": "f5c59c7e46c34f6f8cc197101ddf9934fa2595f68eb1913a637e8419eb9ba4cfdfc48f85393bc0d40b011f0d6fecb097d660752"
                    "5713223a0dc0d453993dae00b",
}


def derive(example, salt, length):
    return HKDF(hashes.SHA256(), length, bytes([salt]), example.encode()).derive(b"WebAuthn test vectors")


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def ec_key(secret):
    return ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())


def ec_sign(key, message):
    return key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def cbor(value):
    def head(major, number):
        if number < 24:
            return bytes([major << 5 | number])
        size = next(size for size in (1, 2, 4, 8) if number < 1 << 8 * size)
        return bytes([major << 5 | 24 + size.bit_length() - 1]) + number.to_bytes(size, "big")
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(key) + cbor(member) for key, member in value.items())


def octets(number):
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def cose(key):
    public = key.public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return cbor({1: 1, 3: -8, -1: 6, -2: raw})
    numbers = public.public_numbers()
    if isinstance(public, rsa.RSAPublicKey):
        return cbor({1: 3, 3: -257, -1: octets(numbers.n), -2: octets(numbers.e)})
    return cbor({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})


def mersenne_key():
    p, q, e = 2**1279 - 1, 2**2203 - 1, 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), rsa.RSAPublicNumbers(e, p * q))
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def sign(key, message):
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(message)
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    return ec_sign(key, message)


def name(unit):
    parts = [("COMMON_NAME", "WebAuthn test vectors"), ("ORGANIZATION_NAME", "W3C"), ("ORGANIZATIONAL_UNIT_NAME", unit),
             ("COUNTRY_NAME", "AA")]
    return x509.Name([x509.NameAttribute(getattr(x509.NameOID, key), value) for key, value in parts])


def attestation_certificate(key, serial):
    authority = ec_key(derive("Attestation CA", 0, 32))
    builder = x509.CertificateBuilder(name("Authenticator Attestation CA"), name("Authenticator Attestation"))
    builder = builder.public_key(key.public_key()).serial_number(int.from_bytes(serial, "big"))
    builder = builder.not_valid_before(datetime.datetime(2024, 1, 1)).not_valid_after(datetime.datetime(3024, 1, 1))
    usage = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
                           "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False)
    for extension, critical in ((x509.BasicConstraints(False, None), True),
                                (x509.KeyUsage(digital_signature=True, **usage), True),
                                (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
                                (x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), False)):
        builder = builder.add_extension(extension, critical)
    certificate = builder.sign(authority, hashes.SHA256(), ecdsa_deterministic=True)
    return certificate.public_bytes(serialization.Encoding.DER)


class Example:
    def __init__(self, label):
        self.label, self.salts = label, itertools.count()

    def next(self, length):
        return derive(self.label, next(self.salts), length)

    def client_data(self, kind, challenge, extra):
        data = {"type": kind, "challenge": base64url(challenge), "origin": ORIGIN,
                "crossOrigin": self.label.endswith(("crossOrigin", "topOrigin"))}
        if self.label.endswith("topOrigin"):
            data["topOrigin"] = "https://example.com"
        if extra is not None:
            data["extraData"] = ("clientDataJSON may be extended with additional fields in the future, such as this: " +
                                 base64url(extra))
        return json.dumps(data, separators=(",", ":")).encode()

    def extra(self):
        return self.next(16) if self.next(1)[0] & 1 else None

    def credential_key(self):
        if self.label == "packed.RS256":
            return mersenne_key()
        secret = self.next(32)
        return ed25519.Ed25519PrivateKey.from_private_bytes(secret) if "EdDSA" in self.label else ec_key(secret)

    def statement(self, key, signed):
        if self.label.startswith("none"):
            return "none", {}
        if self.label.startswith("packed-self"):
            return "packed", {"alg": -7, "sig": sign(key, signed)}
        return "packed", {"alg": -7, "sig": ec_sign(self.attestation_key, signed), "x5c": [self.certificate]}

    def make(self):
        challenge = self.next(32)
        key = self.credential_key()
        client_data = self.client_data("webauthn.create", challenge, self.extra())
        aaguid, credential_id = self.next(16), self.next(1023 if "long" in self.label else 32)
        flags = self.next(1)[0] & (UV | BE | BS)
        flags &= ~BS if not flags & BE else 0xFF
        if self.label.startswith("packed."):
            self.attestation_key = ec_key(self.next(32))
            self.certificate = attestation_certificate(self.attestation_key, self.next(16))
        party = hashlib.sha256(PARTY.encode()).digest()
        data = (party + bytes([UP | AT | flags]) + bytes(4) + aaguid + len(credential_id).to_bytes(2, "big") +
                credential_id + cose(key))
        form, statement = self.statement(key, data + hashlib.sha256(client_data).digest())
        out = {"name": self.label, "credential_id": credential_id.hex(), "public_key": cose(key).hex(),
               "registration": {"challenge": challenge.hex(), "client_data": client_data.hex(),
                                "attestation": cbor({"fmt": form, "attStmt": statement, "authData": data}).hex()}}
        challenge = self.next(32)
        client_data = self.client_data("webauthn.get", challenge, self.extra())
        again = (self.next(1)[0] & (UV | BS if flags & BE else UV)) | flags & BE
        data = party + bytes([UP | again]) + bytes(4)
        signature = sign(key, data + hashlib.sha256(client_data).digest()).hex()
        assert PUBLISHED.get(self.label, signature) == signature, self.label
        out["assertion"] = {"challenge": challenge.hex(), "client_data": client_data.hex(),
                            "authenticator_data": data.hex(), "signature": signature}
        return out


labels = ["none.ES256", "packed-self.ES256", "none.ES256.crossOrigin", "none.ES256.topOrigin",
          "none.ES256.long-credential-id", "packed.ES256", "packed.RS256", "packed.EdDSA"]
target = pathlib.Path(__file__).with_name("w3c.json")
target.write_text(json.dumps([Example(label).make() for label in labels], indent=1) + "\n")
