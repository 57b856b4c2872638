"""What is said about certificates (RFC 6960 sections 2.2, 2.3 and 4.2)."""

import datetime
import os

from der import NULL, integer, octets, oid, sequence
from ocsp import certificate_id, request
from suite import add, case, check

UTC = datetime.timezone.utc


def status_case(name, digest, way, serial, expected):
    def run(target):
        target.expect(request([target.id(getattr(target, serial), digest=digest)]), [expected], way)

    add(f"status-{name}-{digest}-{way.lower()}", "RFC 6960 2.2", "must", f"{name} certificate, {digest}, {way}", run)


for way in ("POST", "GET"):
    for digest in ("sha1", "sha256"):
        status_case("good", digest, way, "good", "good")
        status_case("revoked", digest, way, "revoked", "revoked")
        status_case("held", digest, way, "held", "revoked")


def not_good(target, serial, digest, way="POST"):
    found = target.statuses(request([target.id(serial, digest=digest)]), way)
    check(found in (["unknown"], ["revoked"]), f"{found} for a certificate that was never issued")


for digest in ("sha1", "sha256"):
    for way in ("POST", "GET"):
        add(f"status-unissued-{digest}-{way.lower()}", "RFC 6960 2.2", "must",
            f"never issued: unknown or revoked, never good, {digest}, {way}",
            lambda target, digest=digest, way=way: not_good(target, target.unissued, digest, way))


@case("status-unissued-random", "RFC 6960 2.2", "must", "twenty random serial numbers: never good")
def _(target):
    for _ in range(20):
        not_good(target, int.from_bytes(b"\x01" + os.urandom(16), "big"), "sha1")


@case("status-unissued-neighbours", "RFC 6960 2.2", "must", "serial numbers beside a good one: never good")
def _(target):
    for serial in (target.good - 1, target.good + 1, target.good << 8, target.good >> 8):
        not_good(target, serial, "sha1")


@case("status-unissued-extended", "RFC 6960 2.2, 4.4.8", "must",
      "never issued and told as revoked: 1970, certificateHold and extended-revoke")
def _(target):
    response, single = target.one(request([target.id(target.unissued)]))
    if single.status == "unknown":
        return
    check(single.revoked_at == datetime.datetime(1970, 1, 1, tzinfo=UTC), f"revoked at {single.revoked_at}")
    check(single.reason == 6, f"reason {single.reason}")
    check("1.3.6.1.5.5.7.48.1.9" in response.extensions, "no extended-revoke")


@case("status-revocation-time", "RFC 6960 4.2.1", "must", "the revocation time is the one on record")
def _(target):
    _, single = target.one(request([target.id(target.revoked)]))
    check(single.revoked_at == target.revoked_at, f"{single.revoked_at} instead of {target.revoked_at}")


@case("status-revocation-reason", "RFC 6960 4.2.1", "should", "the revocation reason is told")
def _(target):
    _, single = target.one(request([target.id(target.revoked)]))
    check(single.reason == target.reason, f"{single.reason} instead of {target.reason}")


@case("status-hold-reason", "RFC 6960 2.2", "should", "a suspended certificate is told with certificateHold")
def _(target):
    _, single = target.one(request([target.id(target.held)]))
    check(single.reason == 6, f"reason {single.reason}")


@case("status-reason-in-range", "RFC 5280 5.3.1", "must", "no reason beyond CRLReason, and never unspecified by number")
def _(target):
    for serial in (target.revoked, target.held):
        _, single = target.one(request([target.id(serial)]))
        check(single.reason in (None, 1, 2, 3, 4, 5, 6, 9, 10), f"reason {single.reason}")


@case("status-expired-answered", "RFC 6960 4.4.4", "should", "a certificate that has ended is still answered")
def _(target):
    _, single = target.one(request([target.id(target.expired)]))
    check(single.status == "good", single.status)


@case("status-expired-cutoff", "RFC 6960 4.4.4, EN 319 411-2 6.3.10", "should", "and with an archive cut-off before its end")
def _(target):
    _, single = target.one(request([target.id(target.expired)]))
    check("1.3.6.1.5.5.7.48.1.6" in single.extensions, "no archiveCutoff")


# The answer itself ----------------------------------------------------------------------------------------------------


@case("answer-signature", "RFC 6960 3.2", "must", "the signature and the signer are accepted by OpenSSL")
def _(target):
    target.verified(request([target.id()]))


@case("answer-signature-sha256", "RFC 6960 3.2", "must", "the same for a CertID with SHA-256")
def _(target):
    target.verified(request([target.id(digest="sha256")]))


@case("answer-signature-not-sha1", "RFC 8954, ETSI TS 119 312", "must", "the answer isn't signed with SHA-1")
def _(target):
    response, _ = target.one(request([target.id()]))
    check(response.algorithm not in ("1.2.840.113549.1.1.5", "1.2.840.10045.4.1"), response.algorithm)


@case("answer-delegate-included", "RFC 6960 4.2.2.2", "should", "a delegated responder sends its certificate")
def _(target):
    response, _ = target.one(request([target.id()]))
    check(len(response.certificates) >= 1, "no certificate")


@case("answer-delegate-usage", "RFC 6960 4.2.2.2", "must", "its certificate is for OCSP signing")
def _(target):
    response, _ = target.one(request([target.id()]))
    if response.certificates:
        check(oid("1.3.6.1.5.5.7.3.9") in response.certificates[0], "no id-kp-OCSPSigning")


@case("answer-delegate-nocheck", "RFC 6960 4.2.2.2.1", "should", "and says id-pkix-ocsp-nocheck")
def _(target):
    response, _ = target.one(request([target.id()]))
    check(any(oid("1.3.6.1.5.5.7.48.1.5") in one for one in response.certificates), "no id-pkix-ocsp-nocheck")


@case("answer-certificates-few", "RFC 9919 4.2.2", "should", "no certificates beyond the responder's own")
def _(target):
    response, _ = target.one(request([target.id()]))
    check(len(response.certificates) <= 1, f"{len(response.certificates)} certificates")


@case("answer-responder-by-key", "RFC 9919 4.2.1", "should", "the responder is named by its key")
def _(target):
    response, _ = target.one(request([target.id()]))
    check(response.by_key, "by name")


@case("answer-id-echoed-null", "RFC 6960 4.2.1", "must", "the CertID comes back octet by octet, parameters NULL")
def _(target):
    identifier = target.id(parameters=NULL)
    _, single = target.one(request([identifier]))
    check(single.identifier == identifier, "another CertID")


@case("answer-id-echoed-absent", "RFC 6960 4.2.1, RFC 5754 2", "should",
      "the CertID comes back octet by octet, parameters absent")
def _(target):
    identifier = target.id(parameters=b"")
    _, single = target.one(request([identifier]))
    check(single.identifier == identifier, "another CertID")


@case("answer-times", "RFC 6960 4.2.2.1", "must", "thisUpdate ≤ producedAt ≤ now < nextUpdate")
def _(target):
    response, single = target.one(request([target.id()]))
    now = datetime.datetime.now(UTC) + datetime.timedelta(seconds=5)
    check(single.this_update <= response.produced_at + datetime.timedelta(seconds=1), "thisUpdate after producedAt")
    check(response.produced_at <= now, "producedAt in the future")
    if single.next_update is not None:
        check(single.next_update > response.produced_at, "nextUpdate has passed")


@case("answer-next-update", "RFC 9919 4.2.4", "must", "nextUpdate is there")
def _(target):
    _, single = target.one(request([target.id()]))
    check(single.next_update is not None, "no nextUpdate")


@case("answer-one-single", "RFC 9919 4.1.1", "must", "one SingleResponse for one CertID")
def _(target):
    target.one(request([target.id()]))


@case("answer-same-again", "RFC 6960 2.2", "must", "the same question gets the same status ten times")
def _(target):
    for _ in range(10):
        target.expect(request([target.id(target.revoked)]), ["revoked"])


# CertID ---------------------------------------------------------------------------------------------------------------


def id_case(name, level, title, make, expected=None):
    """`expected`: None: anything but good."""

    def run(target):
        body = request([make(target)])
        if expected is None:
            target.never_good(body)
        else:
            target.expect(body, [expected])

    add(f"id-{name}", "RFC 6960 4.1.1", level, title, run)


id_case("sha1-without-parameters", "must", "SHA-1 without parameters", lambda t: t.id(parameters=b""), "good")
id_case("sha256-without-parameters", "must", "SHA-256 without parameters",
        lambda t: t.id(digest="sha256", parameters=b""), "good")
id_case("wrong-name", "must", "name hash of nobody", lambda t: t.id(name_hash=bytes(20)))
id_case("wrong-key", "must", "key hash of nobody", lambda t: t.id(key_hash=bytes(20)))
id_case("stranger", "must", "an issuer that isn't served", lambda t: certificate_id(t.stranger, t.good))
id_case("stranger-name", "must", "name of a stranger, key of the issuer",
        lambda t: certificate_id(t.issuer, t.good, name_hash=__import__("hashlib").sha1(t.stranger.name).digest()))
id_case("stranger-key", "must", "name of the issuer, key of a stranger",
        lambda t: certificate_id(t.issuer, t.good, key_hash=__import__("hashlib").sha1(t.stranger.key).digest()))
id_case("swapped", "must", "name hash and key hash exchanged",
        lambda t: certificate_id(t.issuer, t.good, name_hash=__import__("hashlib").sha1(t.issuer.key).digest(),
                                 key_hash=__import__("hashlib").sha1(t.issuer.name).digest()))
id_case("key-with-bit-count", "must", "key hash over the BIT STRING with its first octet",
        lambda t: certificate_id(t.issuer, t.good, key_hash=__import__("hashlib").sha1(b"\0" + t.issuer.key).digest()))
id_case("serial-zero", "must", "serial number 0", lambda t: t.id(0))
id_case("serial-negative", "must", "a negative serial number", lambda t: t.id(-t.good))
id_case("serial-20-octets", "must", "20 octets", lambda t: t.id((1 << 158) + 1))
id_case("serial-21-octets", "must", "21 octets", lambda t: t.id((1 << 166) + 1))
id_case("serial-64-octets", "must", "64 octets", lambda t: t.id((1 << 510) + 1))
id_case("serial-1000-octets", "must", "1,000 octets", lambda t: t.id((1 << 7990) + 1))
id_case("serial-low-64-bits", "must", "the lower 64 bits of a good one", lambda t: t.id(t.good & ((1 << 63) - 1)))


@case("id-sha384", "RFC 6960 4.1.1", "may", "SHA-384 is answered rightly or refused")
def _(target):
    either(target, target.id(digest="sha384"))


@case("id-sha512", "RFC 6960 4.1.1", "may", "SHA-512 is answered rightly or refused")
def _(target):
    either(target, target.id(digest="sha512"))


def either(target, identifier):
    response = target.ask(request([identifier]))
    if response.status == "successful":
        check([single.status for single in response.answers] in (["good"], ["unknown"]), "neither good nor unknown")


def foreign_id(target, algorithm, size):
    return sequence(sequence(oid(algorithm)), octets(bytes(size)), octets(bytes(size)), integer(target.good))


for label, dotted, size in (("md5", "1.2.840.113549.2.5", 16), ("sm3", "1.2.156.10197.1.401", 32),
                            ("nonsense", "1.2.3.4.5", 20)):
    add(f"id-algorithm-{label}", "RFC 6960 4.1.1", "must", f"hash algorithm {label}: never good, and an answer",
        lambda target, dotted=dotted, size=size: target.never_good(request([foreign_id(target, dotted, size)])))

for label, name_size, key_size in (("name-short", 19, 20), ("key-long", 20, 21), ("both-empty", 0, 0),
                                   ("sha256-lengths", 32, 32)):
    add(f"id-hash-{label}", "RFC 6960 4.1.1", "must", f"hash values of {name_size} and {key_size} octets with SHA-1",
        lambda target, name_size=name_size, key_size=key_size: target.never_good(
            request([target.id(name_hash=bytes(name_size), key_hash=bytes(key_size))])))


# Several certificates -------------------------------------------------------------------------------------------------


def in_order(target, identifiers, expected):
    response = target.ask(request(identifiers))
    check(response.status == "successful", response.status)
    by_id = {}
    for single in response.answers:
        by_id.setdefault(single.identifier, set()).add(single.status)
    for identifier, status in zip(identifiers, expected):
        check(identifier in by_id, "a CertID without an answer")
        check(by_id[identifier] <= status, f"{by_id[identifier]} instead of {status}")


GOOD, REVOKED, MISSING = {"good"}, {"revoked"}, {"unknown", "revoked"}


@case("many-two", "RFC 6960 4.1.1", "must", "good and revoked in one request")
def _(target):
    in_order(target, [target.id(), target.id(target.revoked)], [GOOD, REVOKED])


@case("many-three", "RFC 6960 4.1.1", "must", "revoked, never issued, good")
def _(target):
    in_order(target, [target.id(target.revoked), target.id(target.unissued), target.id()], [REVOKED, MISSING, GOOD])


@case("many-hashes", "RFC 6960 4.1.1", "must", "the same certificate by SHA-1 and by SHA-256")
def _(target):
    in_order(target, [target.id(), target.id(digest="sha256")], [GOOD, GOOD])


@case("many-duplicates-good", "RFC 6960 4.1.1", "must", "the same CertID three times: the same each time")
def _(target):
    in_order(target, [target.id()] * 3, [GOOD] * 3)


@case("many-duplicates-revoked", "RFC 6960 4.1.1", "must", "the same for a revoked one")
def _(target):
    in_order(target, [target.id(target.revoked)] * 3, [REVOKED] * 3)


@case("many-twenty", "RFC 6960 4.1.1", "should", "twenty certificates")
def _(target):
    identifiers = [target.id(), target.id(target.revoked)] * 10
    in_order(target, identifiers, [GOOD, REVOKED] * 10)


@case("many-order", "RFC 6960 4.2.1", "may", "answers in the order of the questions")
def _(target):
    identifiers = [target.id(target.revoked), target.id(), target.id(target.held)]
    found = [single.identifier for single in target.ask(request(identifiers)).answers]
    check(found == identifiers, "another order")


@case("many-with-stranger", "RFC 6960 2.3", "must", "with one of another issuer: refused, or that one isn't good")
def _(target):
    strange = certificate_id(target.stranger, target.good)
    response = target.ask(request([target.id(), strange]))
    if response.status == "successful":
        told = [single.status for single in response.answers if single.identifier == strange]
        check("good" not in told, "good for an issuer that isn't served")


@case("many-hundred", "RFC 6960 4.1.1", "must", "a hundred: an answer for each, or a refusal")
def _(target):
    bounded(target, 100)


@case("many-thousand", "RFC 6960 4.1.1", "must", "a thousand: an answer for each, or a refusal")
def _(target):
    bounded(target, 1000)


def bounded(target, count):
    answer = target.post(request([target.id()] * count))
    if answer.status == 200:
        response = target.read(answer)
        check(response.status != "successful" or len(response.answers) in (1, count), f"{len(response.answers)} answers")
    else:
        check(400 <= answer.status < 500, f"HTTP status {answer.status}")
    target.still_works()
