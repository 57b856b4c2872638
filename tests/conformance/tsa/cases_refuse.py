"""What is refused, and how. Refused means: a TimeStampResp with status rejection, one failure bit, and no token."""
import os
import random

import der
import messages
from cases import case
from client import Failure, check
from messages import algorithm, extension, imprint, request

REQ = "RFC 3161 2.4.1"
FAIL = "RFC 3161 2.4.2 failInfo"


def refused(number, level, reference, title, body, *failures):
    case(number, level, reference, title)(lambda server: server.refuse(body, *failures) and None)


FORMAT = ("badDataFormat", "badRequest")
MD5 = algorithm("md5")

refused("R-01", "MUST", FAIL, "MD5", request(imprint_der=imprint("md5")), "badAlg")
refused("R-02", "MUST", FAIL, "an unknown digest algorithm",
        request(imprint_der=imprint("1.2.3.4.5.6", os.urandom(32))), "badAlg")
refused("R-03", "MUST", FAIL, "a signature algorithm in place of a digest",
        request(imprint_der=imprint("1.2.840.113549.1.1.11", os.urandom(32))), "badAlg")
refused("R-04", "SHOULD", "RFC 5754 2", "a digest algorithm with parameters that are not NULL",
        request(imprint_der=imprint(parameters=der.integer(5))), "badAlg", *FORMAT)
for number, size in (("10", 0), ("11", 1), ("12", 20), ("13", 31), ("14", 33), ("15", 64), ("16", 4096)):
    refused(f"R-{number}", "MUST", REQ + " messageImprint", f"{size} octets of imprint for SHA-256",
            request(imprint_der=imprint(value=os.urandom(size))), *FORMAT)
refused("R-20", "MUST", FAIL, "a policy that nobody offers", request(policy="1.2.3.4.5.6.7.8.9"), "unacceptedPolicy")
refused("R-21", "MUST", FAIL, "a policy with an arc of 128 bits", request(policy=f"2.25.{(1 << 128) - 1}"),
        "unacceptedPolicy", *FORMAT)
refused("R-22", "MUST", REQ + " extensions", "an unknown critical extension",
        request(extensions=[extension(critical=True)]), "unacceptedExtension")
refused("R-23", "MUST", REQ + " extensions", "an unknown extension that is not critical",
        request(extensions=[extension()]), "unacceptedExtension")
refused("R-24", "MUST", REQ + " extensions", "two unknown extensions",
        request(extensions=[extension(), extension("1.2.3.4.6", True)]), "unacceptedExtension")
for number, value in (("30", 0), ("31", 2), ("32", -1), ("33", 3), ("34", 1 << 70)):
    refused(f"R-{number}", "MUST", REQ + " version", f"version {value}", request(version=value), *FORMAT)

GOOD = request(nonce=7, cert_req=True)
BODY = der.read_one(GOOD).content
MALFORMED = [
    ("41", "one octet", b"\x30"),
    ("42", "a page of HTML", b"<!DOCTYPE html><html></html>"),
    ("43", "a thousand random octets", random.Random(1).randbytes(1000)),
    ("44", "a request of OCSP (RFC 6960)", der.sequence(der.sequence(der.sequence(der.sequence(der.sequence(
        algorithm("sha1"), der.octets(bytes(20)), der.octets(bytes(20)), der.integer(1))))))),
    ("47", "no version", der.sequence(imprint())),
    ("48", "no imprint", der.sequence(der.integer(1))),
    ("49", "an empty SEQUENCE", der.sequence()),
    ("50", "an empty imprint", request(imprint_der=der.sequence())),
    ("51", "an imprint without value", request(imprint_der=der.sequence(algorithm("sha256")))),
    ("52", "an imprint with a third member", request(imprint_der=der.sequence(
        algorithm("sha256"), der.octets(bytes(32)), der.NULL))),
    ("53", "the value of the imprint as BIT STRING", request(imprint_der=der.sequence(
        algorithm("sha256"), der.tlv(3, bytes(33))))),
    ("54", "an AlgorithmIdentifier without algorithm", request(imprint_der=der.sequence(
        der.sequence(), der.octets(bytes(32))))),
    ("55", "an object identifier that is cut", request(imprint_der=der.sequence(
        der.sequence(der.tlv(6, b"\x60\x86")), der.octets(bytes(32))))),
    ("56", "an empty object identifier as policy", der.sequence(der.integer(1), imprint(), der.tlv(6))),
    ("57", "an empty nonce", request(nonce=der.tlv(2))),
    ("58", "certReq of two octets", request(cert_req=der.tlv(1, b"\xff\xff"))),
    ("59", "certReq before the nonce", der.sequence(der.integer(1), imprint(), der.boolean(True), der.integer(5))),
    ("60", "two nonces", request(nonce=der.integer(1) + der.integer(2))),
    ("61", "the nonce before the policy", der.sequence(der.integer(1), imprint(), der.integer(5), der.oid("1.2.3"))),
    ("62", "an unknown member [1]", request(tail=der.tlv(0xA1, der.NULL))),
    ("63", "an unknown member [2]", request(tail=der.tlv(0x82, b"x"))),
    ("64", "a SET in place of the SEQUENCE", der.tlv(0x31, BODY)),
    ("65", "a length that says more than there is", b"\x30\x82\x01\x00" + BODY),
    ("66", "a length of four gigabytes", b"\x30\x84\xff\xff\xff\xff" + BODY),
    ("67", "a length of nine octets", b"\x30\x89" + bytes(8) + bytes([len(BODY)]) + BODY),
    ("68", "an empty list of extensions", request(extensions=[])),
    ("69", "an extension that is none", request(extensions=[der.NULL])),
    ("70", "ten thousand nested SEQUENCEs", b"\x30\x80" * 10_000),
    ("71", "ten thousand nested SEQUENCEs of definite length", None),
    ("72", "the version as an empty INTEGER", request(version=der.tlv(2))),
]


def nested(depth):
    out = b""
    for _ in range(depth):
        out = der.sequence(out)
    return out


for number, words, body in MALFORMED:
    refused(f"R-{number}", "MUST", REQ + ", " + FAIL, words, nested(8000) if body is None else body, *FORMAT)

refused("R-45", "SHOULD", REQ, "octets after the request", GOOD + b"\x00", *FORMAT)
refused("R-46", "SHOULD", REQ, "a second request after the first", GOOD + GOOD, *FORMAT)


@case("R-40", "MUST", "RFC 3161 3.4", "an empty body is refused, by HTTP or by the protocol")
def empty(server):
    answer = server.post(b"")
    check(400 <= answer.status < 500 or messages.read_response(answer.body).status == 2, f"HTTP {answer.status}")


for number, words, body in (
        ("80", "indefinite length", b"\x30\x80" + BODY + b"\x00\x00"),
        ("81", "a length with needless octets", b"\x30\x81" + bytes([len(BODY)]) + BODY),
        ("82", "the imprint in pieces", request(imprint_der=der.sequence(
            algorithm("sha256"), der.tlv(0x24, der.octets(bytes(16)), der.octets(bytes(16))))))):
    def either(server, text=body):
        response = server.ask(text)
        check(response.status in (0, 1, 2), f"status {response.status}")
        check((response.token is None) == (response.status == 2), "status and token contradict each other")
    case(f"R-{number}", "MUST", "X.690 10", f"BER: {words} is taken or refused, in a proper answer")(either)


@case("R-85", "KYSO", "", "a nonce of 60,000 octets is refused or comes back")
def huge_nonce(server):
    answer = server.post(request(nonce=der.tlv(2, b"\x01" + bytes(59_999))))
    if answer.status == 413:
        return
    response = messages.read_response(answer.body)
    check(response.status == 2 or response.token.nonce == 1 << 59_999 * 8, "the nonce differs")


@case("R-90", "MUST", "RFC 3161 2.4.2 PKIStatusInfo", "a refusal names exactly one known failure bit")
def one_bit(server):
    for body in (b"x", request(policy="1.2.9"), request(version=2), request(imprint_der=imprint("md5"))):
        response = server.refuse(body)
        check(len(response.failures) == 1 and response.failures[0] in messages.FAILURES, str(response.failures))


@case("R-91", "MUST", "X.690 11.2.2", "failInfo is a named bit list: no trailing zero bits")
def bit_list(server):
    for body in (b"x", request(policy="1.2.9"), request(imprint_der=imprint("md5"))):
        for part in der.read_one(server.post(body).body).members[0].members:
            if part.tag == 0x03:
                unused, last = part.content[0], part.content[-1]
                check(last & ((1 << unused) - 1) == 0 and last >> unused & 1 == 1, part.content.hex())


@case("R-92", "SHOULD", "RFC 3161 2.4.2 statusString", "a refusal says in words why")
def words_of_refusal(server):
    check(any(server.refuse(request(policy="1.2.9")).texts), "no words")


@case("R-93", "MUST", "RFC 3161 2.4.2", "every cut of a request is refused, and the server lives on")
def cuts(server):
    for size in range(1, len(GOOD), 5):
        server.refuse(GOOD[:size])
    server.is_alive()


@case("R-94", "MUST", "RFC 3161 2.4.2", "three hundred random changes: a proper answer each, never a token over another imprint")
def mutations(server):
    source = random.Random(20260906)
    for _ in range(300):
        body = bytearray(GOOD)
        for _ in range(source.choice((1, 1, 2, 5))):
            kind, at = source.randrange(3), source.randrange(len(body))
            if kind == 0:
                body[at] ^= 1 << source.randrange(8)
            elif kind == 1:
                del body[at]
            else:
                body.insert(at, source.randrange(256))
        response = server.ask(bytes(body))
        if response.token:
            sent = der.read(bytes(body))[0].members[1].members
            got = der.read_one(response.token.imprint_raw).members
            if sent[1].content != got[1].content or sent[0].members[0].whole != got[0].members[0].whole:
                raise Failure(f"another imprint for {bytes(body).hex()}")
    server.is_alive()
