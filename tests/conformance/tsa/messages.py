"""Time-stamp requests and answers (RFC 3161, RFC 5652, RFC 5816)."""
import dataclasses
import datetime
import hashlib
import os
import re

import der

HASHES = {"md5": "1.2.840.113549.2.5", "sha1": "1.3.14.3.2.26", "sha224": "2.16.840.1.101.3.4.2.4",
          "sha256": "2.16.840.1.101.3.4.2.1", "sha384": "2.16.840.1.101.3.4.2.2", "sha512": "2.16.840.1.101.3.4.2.3"}
HASH_NAMES = {value: name for name, value in HASHES.items()}
SIGNED_DATA = "1.2.840.113549.1.7.2"
TST_INFO = "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
ESS_V1 = "1.2.840.113549.1.9.16.2.12"
ESS_V2 = "1.2.840.113549.1.9.16.2.47"
FAILURES = {0: "badAlg", 2: "badRequest", 5: "badDataFormat", 14: "timeNotAvailable", 15: "unacceptedPolicy",
            16: "unacceptedExtension", 17: "addInfoNotAvailable", 25: "systemFailure"}


def algorithm(name, parameters=der.NULL):
    return der.sequence(der.oid(HASHES.get(name, name)), parameters)


def imprint(name="sha256", value=None, parameters=der.NULL):
    if value is None:
        value = hashlib.new(name, os.urandom(16)).digest()
    return der.sequence(algorithm(name, parameters), der.octets(value))


def extension(dotted="1.2.3.4.5", critical=None, value=der.NULL):
    flag = b"" if critical is None else der.boolean(critical)
    return der.sequence(der.oid(dotted), flag, der.octets(value))


def request(version=1, imprint_der=None, policy=None, nonce=None, cert_req=None, extensions=None, tail=b""):
    """TimeStampReq; every part may be given as it shall stand, right or wrong."""
    return der.sequence(
        der.integer(version) if isinstance(version, int) else version,
        imprint() if imprint_der is None else imprint_der,
        der.oid(policy) if policy else b"",
        der.integer(nonce) if isinstance(nonce, int) else nonce or b"",
        der.boolean(cert_req) if isinstance(cert_req, bool) else cert_req or b"",
        der.tlv(0xA0, *extensions) if extensions is not None else b"", tail)


@dataclasses.dataclass
class Token:
    """ContentInfo with SignedData with TSTInfo."""
    raw: bytes
    content_type: str = ""
    version: int = 0
    digests: list = None
    econtent_type: str = ""
    info_raw: bytes = b""
    certificates: list = None
    has_crls: bool = False
    signers: list = None
    signer_version: int = 0
    issuer: bytes = b""
    serial: int = 0
    digest: str = ""
    attributes_raw: bytes = b""
    attributes: list = None
    signature_algorithm: str = ""
    signature: bytes = b""
    has_unsigned: bool = False
    # TSTInfo
    info_version: int = 0
    policy: str = ""
    imprint_raw: bytes = b""
    number: int = 0
    time_text: str = ""
    accuracy: dict = None
    ordering: object = None
    nonce: object = None
    tsa: bytes = b""
    extensions: object = None

    def attribute(self, dotted):
        return [values for name, values in self.attributes if name == dotted]

    @property
    def time(self):
        match = re.fullmatch(r"(\d{14})(?:\.(\d+))?Z", self.time_text)
        if not match:
            raise der.Malformed(f"genTime {self.time_text!r}")
        base = datetime.datetime.strptime(match[1], "%Y%m%d%H%M%S").replace(tzinfo=datetime.timezone.utc)
        return base.timestamp() + float("0." + (match[2] or "0"))

    @property
    def accuracy_seconds(self):
        part = self.accuracy or {}
        return part.get("seconds", 0) + part.get("millis", 0) / 1e3 + part.get("micros", 0) / 1e6

    def signer_certificate(self):
        for certificate in self.certificates or []:
            body = certificate.members[0].members
            at = 1 if body[0].tag == 0xA0 else 0
            if body[at].integer() == self.serial and body[at + 2].whole == self.issuer:
                return certificate
        return None


def read_token(element):
    token = Token(element.whole)
    kind, wrapped = element.expect(0x30).members
    token.content_type = kind.oid()
    data = wrapped.expect(0xA0).members[0].expect(0x30).members
    token.version = data[0].integer()
    token.digests = [each.members[0].oid() for each in data[1].expect(0x31).members]
    content = data[2].expect(0x30).members
    token.econtent_type = content[0].oid()
    token.info_raw = content[1].expect(0xA0).members[0].expect(0x04).content
    rest = data[3:]
    if rest and rest[0].tag == 0xA0:
        token.certificates = rest.pop(0).members
    if rest and rest[0].tag == 0xA1:
        token.has_crls = True
        rest.pop(0)
    token.signers = rest[0].expect(0x31).members
    if len(rest) != 1 or len(token.signers) != 1:
        raise der.Malformed(f"{len(token.signers)} signers")
    signer = token.signers[0].expect(0x30).members
    token.signer_version = signer[0].integer()
    issuer, serial = signer[1].expect(0x30).members
    token.issuer, token.serial = issuer.whole, serial.integer()
    token.digest = signer[2].members[0].oid()
    token.attributes_raw = signer[3].expect(0xA0).whole
    token.attributes = [(each.members[0].oid(), each.members[1].expect(0x31).members) for each in signer[3].members]
    token.signature_algorithm = signer[4].members[0].oid()
    token.signature = signer[5].expect(0x04).content
    token.has_unsigned = len(signer) > 6
    read_info(token)
    return token


def read_info(token):
    fields = der.read_one(token.info_raw).expect(0x30).members
    token.info_version = fields[0].integer()
    token.policy = fields[1].oid()
    token.imprint_raw = fields[2].expect(0x30).whole
    token.number = fields[3].integer()
    token.time_text = fields[4].expect(0x18).content.decode("ascii")
    rest = fields[5:]
    if rest and rest[0].tag == 0x30:
        token.accuracy = {}
        for part in rest.pop(0).members:
            name = {0x02: "seconds", 0x80: "millis", 0x81: "micros"}[part.tag]
            token.accuracy[name] = int.from_bytes(part.content, "big", signed=True)
    if rest and rest[0].tag == 0x01:
        token.ordering = rest.pop(0).boolean()
    if rest and rest[0].tag == 0x02:
        token.nonce = rest.pop(0).integer()
    if rest and rest[0].tag == 0xA0:
        token.tsa = rest.pop(0).content
    if rest and rest[0].tag == 0xA1:
        token.extensions = rest.pop(0).members
    if rest:
        raise der.Malformed(f"tag {rest[0].tag:#04x} at the end of TSTInfo")


@dataclasses.dataclass
class Response:
    status: int
    texts: list
    failures: list
    token: object


def read_response(raw):
    members = der.read_one(raw).expect(0x30).members
    status, *more = members[0].expect(0x30).members
    texts, failures = [], []
    for part in more:
        if part.tag == 0x30:
            texts = [each.expect(0x0C).content.decode("utf-8") for each in part.members]
        elif part.tag == 0x03:
            bits = part.content[1:]
            failures = [bit for bit in range(len(bits) * 8) if bits[bit // 8] & 0x80 >> bit % 8]
        else:
            raise der.Malformed(f"tag {part.tag:#04x} in PKIStatusInfo")
    if len(members) > 2:
        raise der.Malformed("more than two members")
    return Response(status.integer(), texts, failures, read_token(members[1]) if len(members) == 2 else None)
