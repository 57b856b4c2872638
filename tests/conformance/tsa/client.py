"""HTTP by hand, where it matters, and questions to one server."""
import http.client
import socket
import time
import urllib.parse

import messages

QUERY = "application/timestamp-query"
REPLY = "application/timestamp-reply"


class Failure(Exception):
    """The server does not do what the case asks for."""


def check(condition, text):
    if not condition:
        raise Failure(text)


class Answer:
    def __init__(self, status, headers, body, seconds):
        self.status, self.headers, self.body, self.seconds = status, headers, body, seconds

    def header(self, name):
        return self.headers.get(name.lower(), "")


class Server:
    def __init__(self, url, ca=None, untrusted=None, timeout=20):
        parts = urllib.parse.urlsplit(url)
        self.host, self.port = parts.hostname, parts.port or 80
        self.path = parts.path or "/"
        self.ca, self.untrusted, self.timeout = ca, untrusted, timeout

    def post(self, body, method="POST", content_type=QUERY, connection=None, headers=None):
        own = connection is None
        connection = connection or http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
        given = dict(headers or {})
        if content_type is not None:
            given["Content-Type"] = content_type
        begun = time.monotonic()
        try:
            connection.request(method, self.path, body, given)
            answer = connection.getresponse()
            content = answer.read()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, content,
                          time.monotonic() - begun)
        except (OSError, http.client.HTTPException) as error:
            raise Failure(f"no answer: {error!r}") from error
        finally:
            if own:
                connection.close()

    def raw(self, data, wait=True, timeout=10):
        """Sends octets as they are, gives back everything until the server closes or is silent."""
        out = b""
        with socket.create_connection((self.host, self.port), timeout=timeout) as link:
            for piece in data if isinstance(data, list) else [data]:
                link.sendall(piece)
            while wait:
                try:
                    block = link.recv(65536)
                except (socket.timeout, ConnectionError):
                    break
                if not block:
                    break
                out += block
        return out

    def head(self, body, extra="", version="1.1", content_type=QUERY):
        return (f"POST {self.path} HTTP/{version}\r\nHost: {self.host}:{self.port}\r\nContent-Type: {content_type}\r\n"
                f"Content-Length: {len(body)}\r\nConnection: close\r\n{extra}\r\n").encode()

    def ask(self, body):
        """A TimeStampResp; anything else is a failure."""
        answer = self.post(body)
        check(answer.status == 200, f"HTTP {answer.status}")
        try:
            return messages.read_response(answer.body)
        except Exception as error:
            raise Failure(f"the answer is no TimeStampResp in DER: {error!r}") from error

    def grant(self, body):
        response = self.ask(body)
        check(response.status in (0, 1) and response.token, f"status {response.status}, {response.failures}")
        return response.token

    def refuse(self, body, *failures):
        """Refused, with one of these failure bits (none given: any)."""
        response = self.ask(body)
        names = [messages.FAILURES.get(bit, f"bit {bit}") for bit in response.failures]
        check(response.status == 2, f"status {response.status}")
        check(response.token is None, "a token came with the refusal")
        check(not failures or (len(names) == 1 and names[0] in failures), f"{names or 'no failInfo'}")
        return response

    def is_alive(self):
        self.grant(messages.request())
