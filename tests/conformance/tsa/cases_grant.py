"""What is granted, and what the token then says of the request."""
import concurrent.futures
import os
import time

import der
import messages
from cases import case
from client import check
from messages import request

TST = "RFC 3161 2.4.2"

for number, name in (("02", "sha256"), ("03", "sha384"), ("04", "sha512")):
    def granted(server, algorithm=name):
        imprint = messages.imprint(algorithm)
        check(server.grant(request(imprint_der=imprint)).imprint_raw == imprint, "the imprint differs")
    case(f"G-{number}", "MUST", "RFC 3161 2.4.1, EN 319 422 5.1", f"an imprint of {name} is stamped as it was sent")(granted)


@case("G-01", "SHOULD", "RFC 5754 2", "a digest algorithm without parameters is taken")
def without_parameters(server):
    server.grant(request(imprint_der=messages.imprint(parameters=b"")))


NONCES = [("10", "one octet", 0x5A), ("11", "eight octets", 0x1122334455667788), ("12", "with its top bit set", 1 << 63),
          ("13", "sixteen octets", (1 << 127) - 5), ("14", "twenty octets", (1 << 159) - 1),
          ("15", "thirty-two octets", (1 << 255) - 7), ("16", "zero", 0), ("17", "negative", -12345)]
for number, words, value in NONCES:
    def echoed(server, nonce=value):
        check(server.grant(request(nonce=nonce)).nonce == nonce, "the nonce differs")
    case(f"G-{number}", "MUST", TST, f"the nonce comes back: {words}")(echoed)


@case("G-18", "MUST", TST, "no nonce asked, none given")
def no_nonce(server):
    check(server.grant(request()).nonce is None, "there is a nonce")


@case("G-19", "SHOULD", "X.690 8.3.2", "a nonce with a needless leading octet is taken or refused, never changed")
def long_nonce(server):
    response = server.ask(request(nonce=der.tlv(2, b"\x00\x11\x22")))
    check(response.status == 2 or response.token.nonce == 0x1122, "the nonce differs")


@case("G-20", "MUST", "RFC 3161 2.4.1 certReq", "certReq TRUE: the signer's certificate is in the token")
def with_certificate(server):
    check(server.grant(request(cert_req=True)).signer_certificate() is not None, "it is not there")


@case("G-21", "MUST", "RFC 3161 2.4.1 certReq", "certReq FALSE by default: no certificates")
def without_certificate(server):
    check(server.grant(request()).certificates is None, "certificates are there")


@case("G-22", "SHOULD", "X.690 11.5", "certReq FALSE written out is taken for FALSE")
def explicit_false(server):
    check(server.grant(request(cert_req=False)).certificates is None, "certificates are there")


@case("G-23", "SHOULD", "X.690 8.2.2", "certReq TRUE as 01 (BER) is taken or refused, never taken for FALSE")
def lax_true(server):
    response = server.ask(request(cert_req=der.tlv(1, b"\x01")))
    check(response.status == 2 or response.token.certificates, "taken for FALSE")


@case("G-30", "MUST", "RFC 3161 2.4.1 reqPolicy", "a policy that is asked for is that of the token")
def asked_policy(server):
    policy = server.policy or server.grant(request()).policy
    check(server.grant(request(policy=policy)).policy == policy, "another policy")


@case("G-31", "MUST", TST, "without reqPolicy the token names a policy all the same")
def default_policy(server):
    check(server.grant(request()).policy.count(".") >= 2, "no policy")


@case("G-32", "MUST", TST, "everything at once: policy, nonce, certReq")
def everything(server):
    policy = server.policy or server.grant(request()).policy
    token = server.grant(request(policy=policy, nonce=77, cert_req=True))
    check((token.policy, token.nonce) == (policy, 77) and token.certificates, "something is lost")


@case("G-40", "MUST", TST, "genTime is the time between question and answer, within the accuracy")
def time_is_now(server):
    before = time.time()
    token = server.grant(request())
    after = time.time()
    slack = token.accuracy_seconds + 1.0  # one second, where the time is given without fraction
    check(before - slack <= token.time <= after + slack, f"genTime {token.time_text}")


@case("G-41", "MUST", "RFC 3161 2.3 (2)", "later requests do not get earlier times")
def time_goes_on(server):
    times = [server.grant(request()).time for _ in range(15)]
    check(times == sorted(times), str(times))


@case("G-42", "MUST", TST, "ordering TRUE only where times really rise, from one to the next")
def order_is_kept(server):
    policy = server.ordered_policy
    tokens = [server.grant(request(policy=policy)) for _ in range(20)]
    if not all(token.ordering for token in tokens):
        return "ordering is not promised"
    times = [token.time for token in tokens]
    check(all(a < b for a, b in zip(times, times[1:])), "equal or falling times")
    return None


@case("G-43", "MUST", TST, "ordering TRUE from eight connections at once: no two times are equal")
def order_in_parallel(server):
    policy = server.ordered_policy
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda _: server.grant(request(policy=policy)), range(48)))
    if not all(token.ordering for token in tokens):
        return "ordering is not promised"
    check(len({token.time_text for token in tokens}) == len(tokens), "equal times")
    return None


@case("G-50", "MUST", "RFC 3161 2.4.2 serialNumber", "fifty requests, fifty serial numbers")
def serials(server):
    numbers = {server.grant(request()).number for _ in range(50)}
    check(len(numbers) == 50, f"only {len(numbers)}")


@case("G-51", "MUST", "RFC 3161 2.4.2 serialNumber", "the same request twice: two serial numbers")
def same_request(server):
    body = request(nonce=5)
    check(server.grant(body).number != server.grant(body).number, "the same number")


@case("G-52", "MUST", "RFC 3161 2.4.2 serialNumber", "eight connections at once: every serial number once")
def serials_in_parallel(server):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(lambda _: server.grant(request()).number, range(64)))
    check(len(set(numbers)) == 64, f"only {len(set(numbers))}")


@case("G-53", "MUST", "RFC 3161 2.4.2 serialNumber", "a serial number of at most 160 bits, positive")
def serial_size(server):
    number = server.grant(request()).number
    check(0 < number < 1 << 160, str(number))


@case("G-60", "KYSO", "EN 319 422 5.1", "SHA-1 is stamped under no usual policy")
def no_sha1(server):
    server.refuse(request(imprint_der=messages.imprint("sha1")), "badAlg")


@case("G-61", "KYSO", "", "SHA-1 under its own policy, where there is one")
def legacy(server):
    if not server.legacy_policy:
        return "no such policy"
    token = server.grant(request(imprint_der=messages.imprint("sha1"), policy=server.legacy_policy))
    check(token.policy == server.legacy_policy, token.policy)
    return None


@case("G-62", "MUST", TST, "an imprint of all zeros or all ones is as good as any")
def odd_imprints(server):
    for octet in (b"\x00", b"\xff"):
        imprint = messages.imprint(value=octet * 32)
        check(server.grant(request(imprint_der=imprint)).imprint_raw == imprint, "the imprint differs")


@case("G-63", "KYSO", "", "a hundred requests over one connection")
def many(server):
    import http.client
    link = http.client.HTTPConnection(server.host, server.port, timeout=20)
    for i in range(100):
        body = request(nonce=i, imprint_der=messages.imprint(value=os.urandom(32)))
        answer = server.post(body, connection=link)
        check(messages.read_response(answer.body).token.nonce == i, "an answer to another request")
    link.close()
