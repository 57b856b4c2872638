"""Requests as RFC 6960 writes them, and as it doesn't; answers read strictly."""

import hashlib

from der import (
    NULL,
    Malformed,
    Reader,
    boolean,
    context,
    integer,
    octets,
    oid,
    read_oid,
    read_time,
    sequence,
    tlv,
)

HASHES = {
    "sha1": ("1.3.14.3.2.26", hashlib.sha1),
    "sha256": ("2.16.840.1.101.3.4.2.1", hashlib.sha256),
    "sha384": ("2.16.840.1.101.3.4.2.2", hashlib.sha384),
    "sha512": ("2.16.840.1.101.3.4.2.3", hashlib.sha512),
}
NONCE = "1.3.6.1.5.5.7.48.1.2"
BASIC = "1.3.6.1.5.5.7.48.1.1"
STATUS_NAMES = {
    0: "successful",
    1: "malformedRequest",
    2: "internalError",
    3: "tryLater",
    5: "sigRequired",
    6: "unauthorized",
}


class Issuer:
    """Name and key of a certificate's subject."""

    def __init__(self, certificate):
        fields = Reader(certificate).inner(0x30).inner(0x30)
        if fields.peek() == 0xA0:
            fields.next()
        for _ in range(4):  # serial, algorithm, issuer, validity
            fields.next()
        self.name = fields.next(0x30)[2]
        key = fields.inner(0x30)
        key.next(0x30)
        self.key = key.next(0x03)[1][1:]


def algorithm(name, parameters=NULL):
    return sequence(oid(HASHES[name][0]), parameters)


def certificate_id(issuer, serial, digest="sha1", parameters=NULL, name_hash=None, key_hash=None):
    """`serial`: a number, or the whole INTEGER as octets."""
    make = HASHES[digest][1]
    return sequence(
        algorithm(digest, parameters),
        octets(make(issuer.name).digest() if name_hash is None else name_hash),
        octets(make(issuer.key).digest() if key_hash is None else key_hash),
        serial if isinstance(serial, bytes) else integer(serial),
    )


def extension(dotted, value, critical=False):
    return sequence(oid(dotted), boolean(True) if critical else b"", octets(value))


def nonce_extension(value, critical=False):
    return extension(NONCE, octets(value), critical)


def request(identifiers, extensions=(), single_extensions=(), version=b"", requestor=b"", signature=b""):
    single = context(0, sequence(*single_extensions)) if single_extensions else b""
    entries = sequence(*[sequence(identifier, single) for identifier in identifiers])
    tail = context(2, sequence(*extensions)) if extensions else b""
    return sequence(sequence(version, requestor, entries, tail), signature)


class Single:
    def __init__(self, reader):
        _, _, self.identifier = reader.next(0x30)
        tag, content, _ = reader.next()
        self.status = {0x80: "good", 0xA1: "revoked", 0x82: "unknown"}.get(tag)
        if self.status is None or (tag != 0xA1 and content):
            raise Malformed("CertStatus")
        self.revoked_at = self.reason = None
        if tag == 0xA1:
            inner = Reader(content)
            self.revoked_at = read_time(inner.next(0x18)[1])
            if inner.peek() == 0xA0:
                self.reason = inner.inner(0xA0).next(0x0A)[1][0]
            inner.end()
        self.this_update = read_time(reader.next(0x18)[1])
        self.next_update = read_time(reader.inner(0xA0).next(0x18)[1]) if reader.peek() == 0xA0 else None
        self.extensions = read_extensions(reader.inner(0xA1)) if reader.peek() == 0xA1 else {}
        reader.end()


def read_extensions(reader):
    out = {}
    members = reader.inner(0x30)
    reader.end()
    while not members.done():
        fields = members.inner(0x30)
        name = read_oid(fields.next(0x06)[1])
        if fields.peek() == 0x01:
            fields.next()
        if name in out:
            raise Malformed("extension twice")
        out[name] = fields.next(0x04)[1]
        fields.end()
    return out


class Response:
    """An OCSPResponse; Malformed when it is none."""

    def __init__(self, data):
        outer = Reader(data)
        fields = outer.inner(0x30)
        outer.end()
        code = fields.next(0x0A)[1]
        if len(code) != 1 or code[0] not in STATUS_NAMES:
            raise Malformed("responseStatus")
        self.status = STATUS_NAMES[code[0]]
        self.answers, self.extensions, self.certificates = [], {}, []
        if fields.done():
            if self.status == "successful":
                raise Malformed("successful without an answer")
            return
        if self.status != "successful":
            raise Malformed("an error with an answer")
        typed = fields.inner(0xA0).inner(0x30)
        fields.end()
        if read_oid(typed.next(0x06)[1]) != BASIC:
            raise Malformed("not a basic response")
        basic = Reader(typed.next(0x04)[1])
        self._read_basic(basic.inner(0x30))
        basic.end()

    def _read_basic(self, fields):
        self.algorithm = None
        data = fields.inner(0x30)
        signature = fields.inner(0x30)
        self.algorithm = read_oid(signature.next(0x06)[1])
        fields.next(0x03)
        if fields.peek() == 0xA0:
            members = fields.inner(0xA0).inner(0x30)
            while not members.done():
                self.certificates.append(members.next(0x30)[2])
        fields.end()
        self._read_data(data)

    def _read_data(self, data):
        if data.peek() == 0xA0:
            raise Malformed("version 1 is the default and not written")
        tag, content, _ = data.next()
        if tag not in (0xA1, 0xA2):
            raise Malformed("responderID")
        self.by_key = tag == 0xA2
        self.responder = content
        self.produced_at = read_time(data.next(0x18)[1])
        singles = data.inner(0x30)
        while not singles.done():
            self.answers.append(Single(singles.inner(0x30)))
        if data.peek() == 0xA1:
            self.extensions = read_extensions(data.inner(0xA1))
        data.end()

    @property
    def nonce(self):
        value = self.extensions.get(NONCE)
        if value is None:
            return None
        reader = Reader(value)
        nonce = reader.next(0x04)[1]
        reader.end()
        return nonce


def wrapped(tag, content):
    return tlv(tag, content)
