"""What else may stand in a request: nonces (RFC 9654), extensions, optional fields."""

from der import NULL, boolean, context, integer, octets, oid, sequence, tlv
from ocsp import NONCE, extension, nonce_extension, request
from suite import add, case, check


def echoed(target, nonce, critical=False, way="POST"):
    response, single = target.one(request([target.id()], [nonce_extension(nonce, critical)]), way)
    check(single.status == "good", single.status)
    check(response.nonce == nonce, f"nonce {response.nonce!r}")


for size in (1, 8, 16, 31, 32, 33, 64, 127, 128):
    level = "must" if size in (32, 128) or size < 32 else "should"
    add(f"nonce-{size:03}", "RFC 9654 2.1", level, f"a nonce of {size} octets comes back",
        lambda target, size=size: echoed(target, bytes(range(size))))

for size in (0, 129, 200, 1000):
    add(f"nonce-{size:03}-refused", "RFC 9654 2.1", "must", f"a nonce of {size} octets is malformedRequest",
        lambda target, size=size: target.refused(request([target.id()], [nonce_extension(bytes(size))]),
                                                 {"malformedRequest"}))


@case("nonce-zeros", "RFC 9654 2.1", "must", "a nonce of zeros comes back as it is")
def _(target):
    echoed(target, bytes(32))


@case("nonce-high-bit", "RFC 9654 2.1", "must", "a nonce of 0xff comes back as it is")
def _(target):
    echoed(target, b"\xff" * 32)


@case("nonce-critical", "RFC 6960 4.4", "should", "a nonce that is marked critical is understood")
def _(target):
    echoed(target, b"critical nonce..", critical=True)


@case("nonce-get", "RFC 9654 2.1", "should", "a nonce by GET comes back")
def _(target):
    echoed(target, b"nonce in a GET", way="GET")


@case("nonce-absent", "RFC 6960 4.4.1", "must", "no nonce in the answer when none was asked for")
def _(target):
    response, _ = target.one(request([target.id()]))
    check(response.nonce is None, "a nonce")


@case("nonce-different", "RFC 9654 2.1", "must", "each nonce gets its own answer")
def _(target):
    for number in range(10):
        echoed(target, bytes([number]) * 32)


@case("nonce-then-none", "RFC 9654 2.1", "must", "an answer with a nonce is not sent to who asks without")
def _(target):
    for _ in range(3):
        echoed(target, b"for this one only...............")
        response, _ = target.one(request([target.id()]))
        check(response.nonce is None, "a nonce")


@case("nonce-fresh", "RFC 9654 3", "must", "an answer with a nonce was produced now")
def _(target):
    import datetime

    response, _ = target.one(request([target.id()], [nonce_extension(b"is it fresh?....")]))
    age = datetime.datetime.now(datetime.timezone.utc) - response.produced_at
    check(abs(age.total_seconds()) < 10, f"{age} old")


@case("nonce-revoked", "RFC 9654 2.1", "must", "with a revoked certificate too")
def _(target):
    response, single = target.one(request([target.id(target.revoked)], [nonce_extension(b"n" * 32)]))
    check(single.status == "revoked" and response.nonce == b"n" * 32, single.status)


@case("nonce-many", "RFC 9654 2.1", "must", "with several certificates too")
def _(target):
    response = target.ask(request([target.id(), target.id(target.revoked)], [nonce_extension(b"n" * 32)]))
    check(response.nonce == b"n" * 32, "no nonce")


@case("nonce-unwrapped", "RFC 9654 2.1", "should", "octets without their OCTET STRING are malformedRequest")
def _(target):
    target.refused(request([target.id()], [extension(NONCE, b"sixteen octets..")]), {"malformedRequest"})


@case("nonce-wrong-type", "RFC 9654 2.1", "should", "an INTEGER as nonce is malformedRequest")
def _(target):
    target.refused(request([target.id()], [extension(NONCE, integer(1 << 100))]), {"malformedRequest"})


@case("nonce-trailing", "RFC 9654 2.1", "should", "something behind the nonce is malformedRequest")
def _(target):
    target.refused(request([target.id()], [extension(NONCE, octets(b"n" * 16) + NULL)]), {"malformedRequest"})


@case("nonce-twice", "RFC 5280 4.2", "should", "two nonces are malformedRequest")
def _(target):
    target.refused(request([target.id()], [nonce_extension(b"1" * 16), nonce_extension(b"2" * 16)]),
                   {"malformedRequest"})


# Extensions -----------------------------------------------------------------------------------------------------------


def good_with(name, section, level, title, **parts):
    add(name, section, level, title, lambda target: target.expect(
        request([target.id()], **{key: make(target) for key, make in parts.items()}), ["good"]))


good_with("extension-unknown", "RFC 6960 4.4", "must", "an unknown extension is ignored",
          extensions=lambda t: [extension("1.2.3.4.5", NULL)])
good_with("extension-unknown-single", "RFC 6960 4.4", "must", "the same beside a CertID",
          single_extensions=lambda t: [extension("1.2.3.4.5", NULL)])
good_with("extension-acceptable-responses", "RFC 6960 4.4.3", "must", "acceptable responses: the basic one",
          extensions=lambda t: [extension("1.3.6.1.5.5.7.48.1.4", sequence(oid("1.3.6.1.5.5.7.48.1.1")))])
good_with("extension-preferred-algorithms", "RFC 6960 4.4.7", "must", "preferred signature algorithms",
          extensions=lambda t: [extension("1.3.6.1.5.5.7.48.1.8",
                                          sequence(sequence(sequence(oid("1.2.840.10045.4.3.2")))))])
good_with("extension-service-locator", "RFC 6960 4.4.6", "must", "a service locator beside a CertID",
          single_extensions=lambda t: [extension("1.3.6.1.5.5.7.48.1.7", sequence(t.issuer.name))])
good_with("extension-with-nonce", "RFC 6960 4.4", "must", "an unknown extension and a nonce",
          extensions=lambda t: [extension("1.2.3.4.5", NULL), nonce_extension(b"n" * 16)])


@case("extension-unknown-critical", "RFC 6960 4.4", "must", "an unknown critical extension is refused")
def _(target):
    target.refused(request([target.id()], [extension("1.2.3.4.5", NULL, True)]))


@case("extension-unknown-critical-single", "RFC 6960 4.4", "must", "the same beside a CertID")
def _(target):
    target.refused(request([target.id()], single_extensions=[extension("1.2.3.4.5", NULL, True)]))


@case("extension-none", "RFC 5280 4.1", "should", "an empty list of extensions is refused")
def _(target):
    body = sequence(sequence(sequence(sequence(target.id())), context(2, sequence())))
    target.refused(body)


@case("extension-critical-false", "X.690 11.5", "may", "critical FALSE written out: an answer of either kind")
def _(target):
    written = sequence(oid("1.2.3.4.5"), boolean(False), octets(NULL))
    response = target.ask(request([target.id()], [written]))
    check(response.status in ("successful", "malformedRequest"), response.status)


# Optional fields ------------------------------------------------------------------------------------------------------

good_with("field-version-1", "RFC 6960 4.1.1", "may", "version v1 written out", version=lambda t: context(0, integer(0)))
good_with("field-requestor-directory", "RFC 6960 4.1.1", "must", "requestorName: a directory name",
          requestor=lambda t: context(1, context(4, t.issuer.name)))
good_with("field-requestor-mail", "RFC 6960 4.1.1", "must", "requestorName: an e-mail address",
          requestor=lambda t: context(1, context(1, b"a@example.gov.vn", False)))


@case("field-version-2", "RFC 6960 4.1.1", "must", "an unknown version is refused")
def _(target):
    target.refused(request([target.id()], version=context(0, integer(1))))


@case("field-signature", "RFC 6960 4.1.2", "must", "a signed request by nobody who is known: answered or refused")
def _(target):
    signature = context(0, sequence(sequence(oid("1.2.840.10045.4.3.2")), tlv(0x03, bytes(65))))
    response = target.ask(request([target.id()], requestor=context(1, context(4, target.issuer.name)),
                                  signature=signature))
    check(response.status in ("successful", "unauthorized", "malformedRequest"), response.status)
    target.still_works()


@case("field-unknown-tail", "RFC 6960 4.1.1", "should", "a field that the syntax doesn't know is refused")
def _(target):
    target.refused(sequence(sequence(sequence(sequence(target.id())), context(5, NULL))))
