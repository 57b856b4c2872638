"""RFC 3161 section 3.4 over HTTP/1.1 (RFC 9110, RFC 9112)."""
import http.client
import socket
import time

import client
import messages
from cases import case
from client import Failure, check
from messages import request

HTTP = "RFC 9110"


def status_of(raw):
    try:
        return int(raw.split(b" ", 2)[1])
    except (IndexError, ValueError) as error:
        raise Failure(f"no HTTP answer: {raw[:60]!r}") from error


def body_of(raw):
    return raw.split(b"\r\n\r\n", 1)[1]


@case("H-01", "MUST", "RFC 3161 3.4", "the answer's type is application/timestamp-reply")
def reply_type(server):
    found = server.post(request()).header("content-type").split(";")[0].strip().lower()
    check(found == client.REPLY, found)


@case("H-02", "MUST", "RFC 3161 3.4", "a refusal is a TimeStampResp with HTTP 200 too")
def refusal_status(server):
    answer = server.post(request(policy="1.2.9"))
    check(answer.status == 200 and answer.header("content-type").startswith(client.REPLY), f"HTTP {answer.status}")


@case("H-03", "MUST", "RFC 9110 8.6", "Content-Length is that of the body, or the body is chunked")
def content_length(server):
    answer = server.post(request())
    check(answer.header("content-length") in (str(len(answer.body)), ""), answer.header("content-length"))
    check(answer.header("content-length") or answer.header("transfer-encoding") == "chunked", "neither")


@case("H-04", "SHOULD", "RFC 9111 5.2", "no cache keeps a token: Cache-Control no-store or no-cache")
def caching(server):
    found = server.post(request()).header("cache-control")
    check("no-store" in found or "no-cache" in found, found or "none")


@case("H-05", "MUST", "RFC 9110 6.6.1", "a Date in GMT, and near now")
def date(server):
    found = server.post(request()).header("date")
    check(found.endswith(" GMT"), found or "none")
    import email.utils
    check(abs(email.utils.parsedate_to_datetime(found).timestamp() - time.time()) < 60, found)


for number, method in (("10", "GET"), ("11", "PUT"), ("12", "DELETE"), ("13", "PATCH")):
    def not_allowed(server, verb=method):
        answer = server.post(None if verb in ("GET", "DELETE") else request(), method=verb)
        check(400 <= answer.status < 502 and answer.status != 500, f"HTTP {answer.status}")
    case(f"H-{number}", "MUST", "RFC 9110 15.5.6", f"{method} gets no token: 405 or another refusal")(not_allowed)


@case("H-14", "SHOULD", "RFC 9110 15.5.6", "405 comes with Allow: POST")
def allow(server):
    answer = server.post(None, method="GET")
    check(answer.status == 405 and "POST" in answer.header("allow"), f"HTTP {answer.status} {answer.header('allow')}")


@case("H-15", "SHOULD", "RFC 9110 15.5.16", "a type that is none of time-stamps gets 415")
def wrong_type(server):
    answer = server.post(request(), content_type="text/html")
    check(answer.status == 415, f"HTTP {answer.status}")


@case("H-16", "KYSO", "RFC 3161 3.4", "a type with parameters is taken")
def parameters(server):
    check(server.post(request(), content_type=client.QUERY + "; charset=utf-8").status == 200, "refused")


@case("H-17", "MUST", "RFC 9110 8.3.1", "a type in capitals is taken")
def capitals(server):
    check(server.post(request(), content_type="Application/Timestamp-Query").status == 200, "refused")


@case("H-18", "KYSO", "", "a request without a type, as old programs send it, is taken")
def no_type(server):
    answer = server.post(request(), content_type=None)
    check(answer.status == 200 and messages.read_response(answer.body).token, f"HTTP {answer.status}")


@case("H-20", "MUST", "RFC 9112 9.3", "two requests over one connection")
def keep_alive(server):
    link = http.client.HTTPConnection(server.host, server.port, timeout=10)
    for nonce in (1, 2):
        answer = server.post(request(nonce=nonce), connection=link)
        check(messages.read_response(answer.body).token.nonce == nonce, "another nonce")
    link.close()


@case("H-21", "MUST", "RFC 9112 9.3.2", "two requests sent at once are answered in their order")
def pipelined(server):
    first, second = request(nonce=11), request(nonce=22)
    head = server.head(first).replace(b"Connection: close\r\n", b"")
    raw = server.raw(head + first + server.head(second) + second)
    check(raw.count(b"HTTP/1.1 200") == 2, f"{raw.count(b'HTTP/1.1 200')} answers")
    at = raw.index(messages.der.integer(11))
    check(raw.find(messages.der.integer(22), at) > at, "another order")


@case("H-22", "MUST", "RFC 9112 7.1", "a chunked body")
def chunked(server):
    body = request(nonce=33)
    head = (f"POST {server.path} HTTP/1.1\r\nHost: {server.host}:{server.port}\r\nContent-Type: {client.QUERY}\r\n"
            "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n").encode()
    pieces = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:])) + b"0\r\n\r\n"
    raw = server.raw(head + pieces)
    check(status_of(raw) == 200 and messages.der.integer(33) in raw, f"HTTP {status_of(raw)}")


@case("H-23", "MUST", "RFC 9110 10.1.1", "Expect: 100-continue: the body is asked for, or the answer comes at once")
def expect(server):
    body = request(nonce=44)
    with socket.create_connection((server.host, server.port), timeout=5) as link:
        link.sendall(server.head(body, "Expect: 100-continue\r\n"))
        first = link.recv(4096)
        check(status_of(first) in (100, 200, 417), f"HTTP {status_of(first)}")
        if status_of(first) == 100:
            link.sendall(body)
            rest = first.split(b"\r\n\r\n", 1)[1]
            while block := link.recv(65536):
                rest += block
            check(messages.der.integer(44) in rest, "no token")


@case("H-24", "MUST", "RFC 9112 6.3", "a body that arrives octet by octet")
def slow_body(server):
    body = request(nonce=55)
    with socket.create_connection((server.host, server.port), timeout=10) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in server.head(body) + body:
            link.sendall(bytes([octet]))
        raw = b""
        while block := link.recv(65536):
            raw += block
    check(status_of(raw) == 200 and messages.der.integer(55) in raw, "no token")


@case("H-25", "MUST", "RFC 9112 2.3", "HTTP/1.0 is answered, and the connection closed")
def old_version(server):
    body = request(nonce=66)
    raw = server.raw(server.head(body, version="1.0") + body)
    check(status_of(raw) == 200 and messages.der.integer(66) in raw, "no token")


@case("H-26", "MUST", "RFC 9112 9.6", "Connection: close is obeyed")
def close(server):
    body = request()
    begun = time.monotonic()
    check(status_of(server.raw(server.head(body) + body)) == 200, "no answer")
    check(time.monotonic() - begun < 5, "the connection stayed open")


@case("H-27", "MUST", "RFC 9110 7.2", "HTTP/1.1 without Host is refused")
def no_host(server):
    body = request()
    head = server.head(body).replace(f"Host: {server.host}:{server.port}\r\n".encode(), b"")
    check(400 <= status_of(server.raw(head + body)) < 500, "taken")


@case("H-30", "MUST", "RFC 9112 6.2", "a Content-Length that is no number is refused")
def bad_length(server):
    head = server.head(b"").replace(b"Content-Length: 0", b"Content-Length: 4x")
    raw = server.raw(head + b"abcd", timeout=3)
    check(raw == b"" or 400 <= status_of(raw) < 500, f"HTTP {raw[:20]!r}")


@case("H-31", "MUST", "RFC 9112 6.1", "Content-Length and Transfer-Encoding together are refused or the connection closed")
def smuggling(server):
    body = request()
    head = server.head(body, "Transfer-Encoding: chunked\r\n")
    raw = server.raw(head + b"0\r\n\r\n" + b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n", timeout=3)
    check(raw.count(b"HTTP/1.1 ") <= 1, "the rest was taken for a second request")


@case("H-32", "KYSO", "", "a body of a megabyte is refused, and the server lives on")
def large(server):
    try:
        answer = server.post(bytes(1 << 20))
        check(answer.status in (400, 413) or answer.status == 200
              and messages.read_response(answer.body).status == 2, f"HTTP {answer.status}")
    except Failure as failure:
        check("BrokenPipe" in str(failure) or "Reset" in str(failure), str(failure))
    server.is_alive()


@case("H-33", "KYSO", "", "a connection that says nothing holds up nobody")
def idle(server):
    links = [socket.create_connection((server.host, server.port), timeout=10) for _ in range(20)]
    begun = time.monotonic()
    server.is_alive()
    check(time.monotonic() - begun < 3, f"{time.monotonic() - begun:.1f} s")
    for link in links:
        link.close()


@case("H-34", "KYSO", "", "requests that stop in the middle hold up nobody")
def stalled(server):
    body = request()
    links = []
    for _ in range(20):
        link = socket.create_connection((server.host, server.port), timeout=10)
        link.sendall(server.head(body) + body[:10])
        links.append(link)
    begun = time.monotonic()
    server.is_alive()
    check(time.monotonic() - begun < 3, f"{time.monotonic() - begun:.1f} s")
    for link in links:
        link.close()


@case("H-35", "KYSO", "", "a client that goes away before its answer does no harm")
def gone(server):
    body = request()
    for _ in range(20):
        server.raw(server.head(body) + body, wait=False)
    server.is_alive()


@case("H-36", "MUST", "RFC 9110 15.5.5", "another path is not found")
def other_path(server):
    link = http.client.HTTPConnection(server.host, server.port, timeout=10)
    link.request("POST", "/no/such/path", request(), {"Content-Type": client.QUERY})
    status = link.getresponse().status
    link.close()
    if status == 200:
        return "the server serves every path"
    check(400 <= status < 500, f"HTTP {status}")
    return None
