"""OCSP over HTTP (RFC 6960 appendix A, RFC 9919), caches, and clients that are slow."""

import base64
import datetime
import email.utils
import socket
import time
import urllib.parse

from http_probe import Closed, head
from ocsp import nonce_extension, request
from suite import Failure, add, case, check


def good(target, answer):
    check(answer.status == 200, f"HTTP status {answer.status}")
    response = target.read(answer)
    check(response.status == "successful", response.status)
    check([single.status for single in response.answers] == ["good"], "not good")
    return response


def plain(target):
    return base64.b64encode(request([target.id()])).decode()


def signs(target):
    """A request whose base64 holds "+" and "/": the nonce is chosen so."""
    for number in range(10_000):
        body = request([target.id()], [nonce_extension(number.to_bytes(4, "big") + b"\xfb\xff\xbf\xfb\xff\xbf\xfb\xff")])
        text = base64.b64encode(body).decode()
        if "+" in text and "/" in text:
            return text
    raise Failure("no such request")


def get_case(name, level, title, make, section="RFC 6960 A.1.1"):
    add(f"get-{name}", section, level, title, lambda target: good(target, target.get(make(target))))


def replaced(text, **table):
    names = {"plus": "+", "slash": "/", "equals": "="}
    for name, value in table.items():
        text = text.replace(names[name], value)
    return text


get_case("escaped", "must", "base64, everything escaped", lambda t: urllib.parse.quote(plain(t), safe=""))
get_case("plain", "must", "base64 as it is", plain)
get_case("signs-escaped", "must", "with + and /, escaped", lambda t: urllib.parse.quote(signs(t), safe=""))
get_case("signs-lower-case", "must", "with + and /, escaped in lower case",
         lambda t: replaced(signs(t), plus="%2b", slash="%2f", equals="%3d"))
get_case("plus-plain", "must", "+ not escaped", lambda t: replaced(signs(t), slash="%2F", equals="%3D"))
get_case("slash-plain", "must", "/ not escaped", lambda t: replaced(signs(t), plus="%2B", equals="%3D"))
get_case("equals-plain", "must", "= not escaped", lambda t: replaced(signs(t), plus="%2B", slash="%2F"))
get_case("letters-escaped", "should", "letters escaped too",
         lambda t: "".join(f"%{ord(character):02X}" for character in plain(t)))
get_case("without-padding", "may", "without padding", lambda t: replaced(plain(t), equals=""))
get_case("url-alphabet", "may", "the alphabet for addresses (RFC 4648 section 5)",
         lambda t: replaced(signs(t), plus="-", slash="_", equals="%3D"))


@case("get-long", "RFC 9919 6", "may", "a GET of more than 255 octets is answered or refused")
def _(target):
    body = request([target.id()] * 5)
    answer = target.get(target.escaped(body))
    check(answer.status == 200 or 400 <= answer.status < 500, f"HTTP status {answer.status}")


def refused_get(target, text):
    try:
        answer = target.get(text)
    except Closed as error:
        raise Failure(f"closed without an answer: {error}") from error
    if answer.status == 200:
        response = target.read(answer)
        check(response.status in ("malformedRequest", "unauthorized"), response.status)
    else:
        check(400 <= answer.status < 500, f"HTTP status {answer.status}")
    target.still_works()


for name, text in (("empty", ""), ("not-base64", "!!!!"), ("bad-escape", "MEk%zz"), ("cut-escape", "MEk%"),
                   ("half-group", "MEkwR"), ("other-data", "aGVsbG8gd29ybGQ="), ("blank", "MEk%20wRz"),
                   ("zero", "MEk%00"), ("dots", "..%2f..%2fetc%2fpasswd"), ("very-long", "M" * 7000)):
    add(f"get-{name}", "RFC 6960 A.1", "must", f"no request in the address ({name}): an error",
        lambda target, text=text: refused_get(target, text))


@case("head", "RFC 9110 9.3.2", "may", "HEAD is answered without a body, or refused")
def _(target):
    answer = target.get(target.escaped(request([target.id()])), method="HEAD")
    check(answer.status in (200, 405, 501) and not answer.body, f"HTTP status {answer.status}")


for method in ("PUT", "DELETE", "PATCH"):
    def refuse_method(target, method=method):
        with target.connect() as connection:
            connection.send(head(method, target.path, target.host, [("Content-Length", "0")]))
            answer = connection.receive()
        check(400 <= answer.status <= 501, f"HTTP status {answer.status}")
        target.still_works()

    add(f"method-{method.lower()}", "RFC 9110 9", "must", f"{method} is refused", refuse_method)


# POST -----------------------------------------------------------------------------------------------------------------


@case("post-type-parameter", "RFC 9110 8.3", "should", "a content type with a parameter")
def _(target):
    good(target, target.post(request([target.id()]), [("Content-Type", "application/ocsp-request; charset=binary")]))


@case("post-type-upper-case", "RFC 9110 8.3.1", "should", "a content type in upper case")
def _(target):
    good(target, target.post(request([target.id()]), [("Content-Type", "APPLICATION/OCSP-REQUEST")]))


@case("post-type-wrong", "RFC 6960 A.1.1", "should", "another content type is refused")
def _(target):
    answer = target.post(request([target.id()]), [("Content-Type", "text/plain")])
    check(400 <= answer.status < 500, f"HTTP status {answer.status}")


@case("post-chunked", "RFC 9112 7.1", "should", "a chunked body")
def _(target):
    body = request([target.id()])
    with target.connect() as connection:
        connection.send(head("POST", target.path, target.host, [("Content-Type", "application/ocsp-request"),
                                                                ("Transfer-Encoding", "chunked")]))
        for at in range(0, len(body), 20):
            piece = body[at : at + 20]
            connection.send(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        connection.send(b"0\r\n\r\n")
        good(target, connection.receive("POST"))


@case("post-in-pieces", "RFC 9112 2", "must", "head and body octet by octet")
def _(target):
    with target.connect() as connection:
        for octet in target.post_bytes(request([target.id()])):
            connection.send(bytes([octet]))
        good(target, connection.receive("POST"))


@case("post-expect-continue", "RFC 9110 10.1.1", "should", "Expect: 100-continue")
def _(target):
    body = request([target.id()])
    with target.connect() as connection:
        connection.send(head("POST", target.path, target.host,
                             [("Content-Type", "application/ocsp-request"), ("Content-Length", len(body)),
                              ("Expect", "100-continue")]))
        connection.send(body)
        good(target, connection.receive("POST"))


@case("post-http-1.0", "RFC 9110 2.5", "must", "HTTP/1.0")
def _(target):
    body = request([target.id()])
    with target.connect() as connection:
        connection.send(head("POST", target.path, target.host,
                             [("Content-Type", "application/ocsp-request"), ("Content-Length", len(body))], "HTTP/1.0")
                        + body)
        good(target, connection.receive("POST"))


@case("post-large", "RFC 9110 15.5.14", "must", "a body of 1 MiB is refused")
def _(target):
    large(target, 1 << 20)


@case("post-huge-claimed", "RFC 9110 15.5.14", "must", "a body of 1 TiB, claimed only, is refused or never waited for by others")
def _(target):
    with target.connect() as connection:
        connection.send(head("POST", target.path, target.host,
                             [("Content-Type", "application/ocsp-request"), ("Content-Length", 1 << 40)]) + b"0" * 1000)
        target.still_works()


def large(target, size):
    try:
        answer = target.post(b"\x30\x84\x00\x0f\xff\xfa" + bytes(size - 6))
    except Closed:
        target.still_works()
        return
    if answer.status == 200:
        check(target.read(answer).status == "malformedRequest", "not refused")
    else:
        check(400 <= answer.status < 500, f"HTTP status {answer.status}")
    target.still_works()


@case("post-length-missing", "RFC 9112 6.3", "must", "no length at all: an error, not an answer by guessing")
def _(target):
    with target.connect() as connection:
        connection.send(head("POST", target.path, target.host, [("Content-Type", "application/ocsp-request")]))
        answer = connection.receive("POST")
    if answer.status == 200:
        check(target.read(answer).status == "malformedRequest", "answered")
    else:
        check(400 <= answer.status < 500, f"HTTP status {answer.status}")


@case("post-length-twice", "RFC 9112 6.3", "must", "two different lengths are refused")
def _(target):
    body = request([target.id()])
    with target.connect() as connection:
        connection.send(head("POST", target.path, target.host,
                             [("Content-Type", "application/ocsp-request"), ("Content-Length", len(body)),
                              ("Content-Length", len(body) + 1)]) + body)
        answer = connection.receive("POST")
    check(answer.status == 400, f"HTTP status {answer.status}")


@case("host-missing", "RFC 9112 3.2", "must", "HTTP/1.1 without Host is refused")
def _(target):
    body = request([target.id()])
    with target.connect() as connection:
        connection.send(head("POST", target.path, None,
                             [("Content-Type", "application/ocsp-request"), ("Content-Length", len(body))]) + body)
        check(connection.receive("POST").status == 400, "answered")


@case("keep-alive", "RFC 9112 9.3", "should", "twenty requests over one connection")
def _(target):
    with target.connect() as connection:
        for _ in range(20):
            connection.send(target.post_bytes(request([target.id()])))
            good(target, connection.receive("POST"))


@case("keep-alive-mixed", "RFC 9112 9.3", "should", "GET and POST, good and malformed, over one connection")
def _(target):
    with target.connect() as connection:
        for _ in range(5):
            connection.send(target.post_bytes(request([target.id()])))
            good(target, connection.receive("POST"))
            connection.send(target.post_bytes(b"\x30\x00"))
            connection.receive("POST")
            connection.send(head("GET", target.get_path(target.escaped(request([target.id()]))), target.host))
            good(target, connection.receive())


@case("pipelined", "RFC 9112 9.3.2", "should", "five requests at once over one connection")
def _(target):
    with target.connect() as connection:
        connection.send(target.post_bytes(request([target.id()])) * 5)
        for _ in range(5):
            good(target, connection.receive("POST"))


@case("connection-close", "RFC 9112 9.6", "must", "Connection: close is obeyed")
def _(target):
    body = request([target.id()])
    with target.connect() as connection:
        connection.send(target.post_bytes(body, [("Content-Type", "application/ocsp-request"), ("Connection", "close")]))
        good(target, connection.receive("POST"))
        connection.socket.settimeout(3)
        check(connection.socket.recv(1) == b"", "still open")


# Headers --------------------------------------------------------------------------------------------------------------


def cacheable(target):
    answer = target.get(target.escaped(request([target.id()])))
    return answer, good(target, answer).answers[0]


def http_time(value):
    check(value is not None, "missing")
    check(value.endswith("GMT"), f"{value!r} does not end in GMT")
    return email.utils.parsedate_to_datetime(value)


def max_age(answer):
    for part in (answer.header("cache-control") or "").split(","):
        name, _, value = part.strip().partition("=")
        if name.lower() == "max-age":
            return int(value)
    return None


@case("header-content-type", "RFC 6960 A.2", "must", "application/ocsp-response")
def _(target):
    check(cacheable(target)[0].header("content-type") == "application/ocsp-response", "another")


@case("header-content-length", "RFC 6960 A.2", "should", "Content-Length")
def _(target):
    answer, _ = cacheable(target)
    check(answer.header("content-length") == str(len(answer.body)), "absent or wrong")


@case("header-date", "RFC 9919 6.2, RFC 9110 6.6.1", "must", "Date, in GMT, and now")
def _(target):
    date = http_time(cacheable(target)[0].header("date"))
    check(abs((datetime.datetime.now(datetime.timezone.utc) - date).total_seconds()) < 10, str(date))


@case("header-last-modified", "RFC 9919 6.2", "must", "Last-Modified, in GMT, not after Date")
def _(target):
    answer, _ = cacheable(target)
    check(http_time(answer.header("last-modified")) <= http_time(answer.header("date")), "after Date")


@case("header-expires", "RFC 9919 6.2", "must", "Expires, in GMT, not after nextUpdate")
def _(target):
    answer, single = cacheable(target)
    expires = http_time(answer.header("expires"))
    check(single.next_update is not None and expires <= single.next_update, f"{expires} after {single.next_update}")


@case("header-etag", "RFC 9919 6.2", "should", "ETag")
def _(target):
    check((cacheable(target)[0].header("etag") or "").startswith('"'), "absent")


@case("header-max-age", "RFC 9919 6.2", "must", "max-age less than nextUpdate − now")
def _(target):
    answer, single = cacheable(target)
    age = max_age(answer)
    check(age is not None, "no max-age")
    left = (single.next_update - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
    check(age < left, f"{age} with {left} s left")


@case("header-no-transform", "RFC 9919 6.2", "should", "public, no-transform, must-revalidate")
def _(target):
    control = cacheable(target)[0].header("cache-control") or ""
    check("no-transform" in control, control)


@case("header-conditional", "RFC 9110 13.1.2", "should", "If-None-Match with the ETag gives 304")
def _(target):
    answer, _ = cacheable(target)
    tag = answer.header("etag")
    check(tag, "no ETag")
    again = target.get(target.escaped(request([target.id()])), [("If-None-Match", tag)])
    check(again.status == 304, f"HTTP status {again.status}")


@case("header-conditional-other", "RFC 9110 13.1.2", "must", "If-None-Match with another tag gives the answer")
def _(target):
    good(target, target.get(target.escaped(request([target.id()])), [("If-None-Match", '"other"')]))


def not_kept(answer):
    control = answer.header("cache-control") or ""
    kept = (max_age(answer) or 0) > 0 and "no-store" not in control and "no-cache" not in control
    check(not kept, control)


@case("header-nonce-not-kept", "RFC 9919 5", "must", "an answer with a nonce is not for caches")
def _(target):
    not_kept(target.get(target.escaped(request([target.id()], [nonce_extension(b"n" * 16)]))))


@case("header-error-not-kept", "RFC 9919 5", "must", "an error is not for caches")
def _(target):
    not_kept(target.get("MAA="))


@case("header-unissued-not-kept", "RFC 6960 2.2", "should", "that a certificate is unknown is not kept for longer than an hour")
def _(target):
    answer = target.get(target.escaped(request([target.id(target.unissued)])))
    check((max_age(answer) or 0) <= 3600, answer.header("cache-control"))


# Slow clients ---------------------------------------------------------------------------------------------------------


def quick(target):
    began = time.monotonic()
    target.still_works()
    took = time.monotonic() - began
    check(took < 2, f"another client waited {took:.1f} s")


def beside(name, title, begin, count=1):
    def run(target):
        connections = [target.connect() for _ in range(count)]
        try:
            for connection in connections:
                connection.send(begin(target))
            quick(target)
        finally:
            for connection in connections:
                connection.socket.close()
        quick(target)

    add(f"slow-{name}", "availability", "must", title, run)


beside("silent", "a client that says nothing delays nobody", lambda t: b"")
beside("silent-many", "nor do fifty", lambda t: b"", 50)
beside("half-head", "a client that stops in the head", lambda t: b"POST / HTTP/1.1\r\nHost: x\r\nConte")
beside("half-body", "a client that stops in the body", lambda t: t.post_bytes(request([t.id()]))[:-10])
beside("half-body-many", "and twenty of them", lambda t: t.post_bytes(request([t.id()]))[:-10], 20)


@case("slow-reader", "availability", "must", "a client that never reads its answers")
def _(target):
    with target.connect() as connection:
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.socket.settimeout(2)
        try:
            connection.send(target.post_bytes(request([target.id()])) * 200)
        except TimeoutError:
            pass
        quick(target)


@case("slow-reset", "availability", "must", "clients that go away in the middle")
def _(target):
    for _ in range(20):
        connection = target.connect()
        connection.send(target.post_bytes(request([target.id()])))
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.socket.close()
    quick(target)


@case("slow-trickle", "availability", "must", "a client that sends an octet each tenth of a second")
def _(target):
    with target.connect() as connection:
        for octet in target.post_bytes(request([target.id()]))[:20]:
            connection.send(bytes([octet]))
            time.sleep(0.1)
        quick(target)
