#!/usr/bin/env python3
"""Writes the seeds of a fuzzer that are made, not found: make_seeds.py TARGET FOLDER (tools/fuzz calls it)."""
import base64
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "tests/vectors"
CERTIFICATES = VECTORS / "crypto"


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def split(der):
    """The elements that stand one after the other: (content, whole) of each."""
    at = 0
    while at < len(der):
        size, start = der[at + 1], at + 2
        if size > 0x7F:
            octets = size - 0x80
            size, start = int.from_bytes(der[start:start + octets], "big"), start + octets
        yield der[start:start + size], der[at:start + size]
        at = start + size


def first(der, *path):
    """The whole element reached by these places, one for each level."""
    whole = der
    for place in path:
        whole = list(split(next(split(whole))[0]))[place][1]
    return whole


def from_command(*arguments):
    """What a command of openssl writes into the file whose name is its last argument."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "out"
        openssl(*arguments, path)
        return path.read_bytes()


def lint():
    for bundle in sorted((VECTORS / "lint").glob("*.der")):
        yield from (whole for _, whole in list(split(bundle.read_bytes()))[::4])


def csr():
    names = "subjectAltName=DNS:a.example.vn,IP:192.0.2.1,email:a@example.vn"
    for key in ("p256", "p384", "p521", "rsa2048", "ed25519"):
        for form in ("DER", "PEM"):
            for extension in ([], ["-addext", names, "-addext", "keyUsage=digitalSignature"]):
                yield from_command("req", "-new", "-utf8", "-key", CERTIFICATES / f"{key}.key.pem", "-subj",
                                   "/C=VN/O=Cơ quan mẫu/CN=Nguyễn Văn A", *extension, "-outform", form, "-out")


def ocsp_query():
    issuer = ["-issuer", CERTIFICATES / "issuing.cert.pem"]
    for digest in ("-sha1", "-sha256", "-sha384"):
        for nonce in ("-nonce", "-no_nonce"):
            for keys in (["p256"], ["p256", "p384", "rsa2048"]):
                wanted = [a for key in keys for a in (digest, "-cert", CERTIFICATES / f"{key}.cert.pem")]
                yield from_command("ocsp", nonce, *issuer, *wanted, "-reqout")


def tsq():
    for digest in ("sha1", "sha256", "sha384", "sha512", "sha3-256"):
        for options in ([], ["-cert"], ["-no_nonce"], ["-tspolicy", "1.3.6.1.4.1.99999.1"]):
            yield from_command("ts", "-query", "-data", __file__, f"-{digest}", *options, "-out")
    yield bytes([0x24, 1, 0, 0xE9]) + bytes(8) + b"GPS\0" + bytes(8) + struct.pack(">QQQ", 1 << 63, 1 << 63, 1 << 63)


def http_request():
    yield b"GET /ocsp/a%20b?x=1 HTTP/1.1\r\nHost: a.example.vn\r\nRange: bytes=0-9\r\n\r\n"
    yield b"POST /tsa HTTP/1.1\r\nHost: a.example.vn\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: b\r\n\r\n"
    yield (b"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
           b"3;x=y\r\nabc\r\n0\r\nTrailer: 1\r\n\r\n")


def multipart():
    yield (b"multipart/form-data; boundary=x\r\n--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x\r\n"
           b"Content-Disposition: form-data; name=\"f\"; filename=\"v\xc4\x83n b\xe1\xba\xa3n.pdf\"\r\n"
           b"Content-Type: application/pdf\r\n\r\n%PDF\r\n-\r\n--x--\r\n")
    yield b"multipart/form-data; boundary=\"x y\"\n--x y\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--x y--"


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def statement():
    about = '"id":"6f8c2f0a-3f7b-4c1e-9d57-0a1b2c3d4e5f","issuer":"CPCA_G1","act":"certificate.%s",'
    times = '"created":1795000000,"expires":1795003600,"purpose":"Mất thiết bị",'
    revocation = "{" + about % "revoke" + times + '"revocations":[{"serial":"31C106","reason":1,"comment":"GHTĐTT"}]}'
    issuance = ("{" + about % "issue" + times + '"certificates":[{"reference":"1","profile":"PERSON_5Y",'
                '"subject":[["C","VN"],["CN","Nguyễn Văn A"]],"alternative_names":[["rfc822","nva@example.vn"],'
                '["ip","c0000201"]],"pkcs10":"MAA=","not_after":1895003600}]}')
    header = b'{"alg":"ES256","typ":"kyso-request+jwt","x5t#S256":"' + encoded(bytes(32)) + b'"}'
    for request in (revocation.encode(), issuance.encode()):
        yield request
        yield b".".join(map(encoded, (header, request, bytes(64))))


def octets(data):
    return struct.pack(">I", len(data)) + data


def listed(*items):
    return struct.pack(">I", len(items)) + b"".join(items)


def vault_protocol():
    """src/vault/protocol.h: the type, then the body of a call; and a header, and answers of success and failure."""
    request = octets(b"request") + listed(octets(b"approval"), octets(b"approval"))
    bodies = [b"", b"", listed(request), listed(octets(b"i1"), octets(b"i2")), octets(b"i1"), listed(octets(b"i1")),
              struct.pack(">qI", 7, 100), request, octets(b"issuer") + struct.pack(">Q", 1000),
              octets(b"ocsp") + listed(octets(b"0\0")), octets(b"tsa") + listed(octets(b"0\0") + octets(b"1\0")),
              octets(b"kyso.example.vn/audit\n1\n")]
    failure = octets(b"vault.refused") + octets(b"detail") + listed(octets(b"reason") + octets(b"why"))
    for kind, body in enumerate(bodies, 1):
        yield bytes([kind]) + body
        yield bytes([kind]) + struct.pack(">IBBHQI", len(body), 1, kind, kind % 2, kind, 1000)
        for flag in range(2):
            yield bytes([kind, flag]) + failure


def vault_content():
    """The kind, then what is to be signed: a list, OCSP's answer, a checkpoint."""
    for crl in sorted((VECTORS / "pkits/crls").glob("*.crl"))[:40]:
        yield b"\0" + first(crl.read_bytes(), 0)
    for answer in sorted((VECTORS / "ocsp").glob("*.der")):
        if len(answer.read_bytes()) > 100:  # else a refusal without an answer
            basic = next(split(first(answer.read_bytes(), 1, 0, 1)))[0]
            yield b"\1" + first(basic, 0)
    yield b"\3kyso.example.vn/audit\n5\n" + base64.b64encode(bytes(32)) + b"\n"


def webauthn():
    """The reader, then what it reads: CBOR, authenticator data, client data, a registration, a public key."""
    for file in ("w3c.json", "programs.json"):
        for each in json.loads((VECTORS / "webauthn" / file).read_text()):
            attestation, key = (bytes.fromhex(text) for text in (each["registration"]["attestation"], each["public_key"]))
            yield b"\0" + attestation
            yield b"\1" + attestation[attestation.index(b"authData") + 10:]
            yield b"\1" + bytes.fromhex(each["assertion"]["authenticator_data"])
            yield b"\2" + bytes.fromhex(each["assertion"]["client_data"])
            yield b"\3" + attestation
            yield b"\4" + key


def id_token():
    vectors = json.loads((VECTORS / "openid/tokens.json").read_text())
    yield json.dumps(vectors["keys"]).encode()
    yield from (token.encode() for token in vectors["tokens"].values())
    # The example of RFC 7515 appendix A.3: the key of fuzz_id_token.cpp signed it, and it is no ID token.
    yield (b"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cn"
           b"VlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")


def password_hash():
    yield b"$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$xaJG9Y8pTA+F2h4Lk9oHlx/udv4fKAHoOSEI2O6f98s"
    yield b"$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$ZVrRXqxlLcWfcXCnMyv0m4Rpvh/bnCi7"


MADE = (lint, csr, ocsp_query, tsq, http_request, multipart, statement, vault_protocol, vault_content, webauthn, id_token,
        password_hash)


def main():
    target, folder = sys.argv[1].removeprefix("fuzz_"), pathlib.Path(sys.argv[2])
    for make in MADE:
        if make.__name__ == target:
            for number, seed in enumerate(make()):
                (folder / f"made-{number:04}").write_bytes(seed)


main()
