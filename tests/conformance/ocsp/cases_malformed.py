"""What is no OCSPRequest: an error or a refusal, at once, and the server goes on."""

import random

from der import NULL, context, integer, octets, oid, sequence, tlv
from ocsp import algorithm, request
from suite import add, case

MALFORMED = {"malformedRequest"}


def broken(name, title, make, section="RFC 6960 2.3", level="must"):
    add(f"malformed-{name}", section, level, title, lambda target: target.refused(make(target), MALFORMED))


broken("empty", "an empty body", lambda t: b"")
broken("one-octet", "one octet", lambda t: b"\x30")
broken("empty-sequence", "an empty SEQUENCE", lambda t: sequence())
broken("text", "text", lambda t: b"Hello, responder!")
broken("html", "a web form", lambda t: b"<html><body>ocsp</body></html>")
broken("base64", "the request in base64", lambda t: __import__("base64").b64encode(request([t.id()])))
broken("pem", "the request as PEM", lambda t: b"-----BEGIN OCSP REQUEST-----\n"
       + __import__("base64").b64encode(request([t.id()])) + b"\n-----END OCSP REQUEST-----\n")
broken("zeros", "8,000 zeros", lambda t: bytes(8000))
broken("ones", "8,000 octets 0xff", lambda t: b"\xff" * 8000)
broken("trailing", "an octet behind the request", lambda t: request([t.id()]) + b"\0")
broken("twice", "two requests", lambda t: request([t.id()]) * 2)
broken("no-certificates", "an empty requestList", lambda t: request([]))
broken("certificate", "a certificate instead", lambda t: t._der(t.issuer_file))
broken("response", "an answer instead", lambda t: t.post(request([t.id()])).body)
broken("set", "SET instead of SEQUENCE", lambda t: b"\x31" + request([t.id()])[1:])
broken("octet-string", "OCTET STRING instead of SEQUENCE", lambda t: b"\x04" + request([t.id()])[1:])
broken("no-tbs", "without TBSRequest's own SEQUENCE", lambda t: sequence(sequence(sequence(t.id()))))
broken("deep", "a thousand SEQUENCEs in each other", lambda t: nested(1000))
broken("deep-context", "a thousand context tags in each other", lambda t: nested(1000, 0xA0))
broken("length-4-octets", "a length of 4 GiB", lambda t: b"\x30\x84\xff\xff\xff\xff" + bytes(50))
broken("length-8-octets", "a length of 2^64 − 1", lambda t: b"\x30\x88" + b"\xff" * 8 + bytes(50))
broken("length-127-octets", "a length of 127 octets", lambda t: b"\x30\xff" + b"\xff" * 127)
broken("length-reserved", "the reserved length 0xff", lambda t: b"\x30\xff")


def nested(depth, tag=0x30):
    out = b""
    for _ in range(depth):
        out = tlv(tag, out)
    return out


@case("malformed-indefinite", "X.690 10.1", "should", "an indefinite length is refused")
def _(target):
    body = request([target.id()])
    target.refused(b"\x30\x80" + body[2:] + b"\0\0", MALFORMED)


@case("malformed-length-not-minimal", "X.690 10.1", "should", "a length with needless octets is refused")
def _(target):
    body = request([target.id()])
    target.refused(b"\x30\x82\x00" + body[1:], MALFORMED)


@case("malformed-serial-not-minimal", "X.690 8.3.2", "should", "a serial number with a needless zero is refused")
def _(target):
    serial = integer(target.good)
    target.refused(request([target.id(tlv(0x02, b"\0" + serial[2:]))]), MALFORMED)


@case("malformed-serial-empty", "X.690 8.3.1", "must", "an empty serial number")
def _(target):
    target.refused(request([target.id(tlv(0x02, b""))]), MALFORMED)


@case("malformed-serial-octets", "RFC 6960 4.1.1", "must", "the serial number as OCTET STRING")
def _(target):
    target.refused(request([target.id(octets(b"\1\2\3"))]), MALFORMED)


def bad_id(name, title, make):
    broken(f"id-{name}", title, lambda target: request([make(target)]))


bad_id("empty", "an empty CertID", lambda t: sequence())
bad_id("no-serial", "a CertID without serial number",
       lambda t: sequence(algorithm("sha1"), octets(bytes(20)), octets(bytes(20))))
bad_id("no-key-hash", "a CertID without key hash",
       lambda t: sequence(algorithm("sha1"), octets(bytes(20)), integer(t.good)))
bad_id("no-algorithm", "a CertID without algorithm",
       lambda t: sequence(octets(bytes(20)), octets(bytes(20)), integer(t.good)))
bad_id("fifth-field", "a fifth field in the CertID",
       lambda t: sequence(algorithm("sha1"), octets(bytes(20)), octets(bytes(20)), integer(t.good), NULL))
bad_id("hash-as-text", "the name hash as UTF8String",
       lambda t: sequence(algorithm("sha1"), tlv(0x0C, bytes(20)), octets(bytes(20)), integer(t.good)))
bad_id("oid-empty", "an algorithm with an empty object identifier",
       lambda t: sequence(sequence(tlv(0x06, b"")), octets(bytes(20)), octets(bytes(20)), integer(t.good)))
bad_id("oid-truncated", "an algorithm whose object identifier is cut short",
       lambda t: sequence(sequence(tlv(0x06, b"\x2b\x8e")), octets(bytes(20)), octets(bytes(20)), integer(t.good)))


def truncated(target, share):
    body = request([target.id()])
    target.refused(body[: len(body) * share // 100], MALFORMED)


for percent in range(5, 100, 6):
    add(f"malformed-cut-at-{percent:02}", "RFC 6960 2.3", "must", f"a request cut off after {percent} %",
        lambda target, percent=percent: truncated(target, percent))


def flipped(target, seed):
    """Forty changed octets: whatever comes back, the certificate that was asked about isn't another one's good."""
    chooser = random.Random(seed)
    body = request([target.id(target.revoked)])
    for _ in range(40):
        changed = bytearray(body)
        changed[chooser.randrange(len(changed))] ^= 1 << chooser.randrange(8)
        target.never_good(bytes(changed))


for seed in range(5):
    add(f"malformed-flipped-{seed}", "RFC 6960 2.3", "must", f"forty requests with one bit changed (series {seed})",
        lambda target, seed=seed: flipped(target, seed))


def garbage(target, seed):
    chooser = random.Random(1000 + seed)
    for size in (10, 100, 1000, 8000):
        target.refused(b"\x30" + chooser.randbytes(size), MALFORMED)


for seed in range(4):
    add(f"malformed-random-{seed}", "RFC 6960 2.3", "must", f"random octets (series {seed})",
        lambda target, seed=seed: garbage(target, seed))


@case("malformed-extension-value", "RFC 6960 4.4", "should", "an extension without value is refused")
def _(target):
    target.refused(request([target.id()], [sequence(oid("1.2.3.4.5"))]), MALFORMED)


@case("malformed-tail-tag", "RFC 6960 4.1.1", "should", "the signature's tag without a signature is refused")
def _(target):
    target.refused(request([target.id()], signature=context(0, b"")), MALFORMED)


@case("malformed-then-good", "RFC 6960 2.3", "must", "an error leaves the connection or the server usable")
def _(target):
    for _ in range(50):
        target.post(b"\x30\x03\x02\x01")
    target.still_works()
