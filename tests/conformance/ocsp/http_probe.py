"""HTTP/1.1 by hand, so that every octet of a request is known."""

import socket
import urllib.parse


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        return self.headers.get(name.lower())


class Closed(Exception):
    """The server ended the connection without an answer."""


class Connection:
    def __init__(self, url, timeout=10):
        parts = urllib.parse.urlsplit(url)
        self.host, self.port = parts.hostname, parts.port or 80
        self.socket = socket.create_connection((self.host, self.port), timeout=timeout)
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (ConnectionError, BrokenPipeError):
            pass  # a server may answer before it has read everything

    def _more(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionError as error:
            raise Closed(str(error)) from error
        self.rest += data
        return bool(data)

    def receive(self, method="GET"):
        while b"\r\n\r\n" not in self.rest:
            if not self._more():
                raise Closed("no answer")
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        if status == 100:
            return self.receive(method)
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        return Answer(status, headers, self._body(method, status, headers))

    def _body(self, method, status, headers):
        if method == "HEAD" or status in (204, 304):
            return b""
        if "content-length" in headers:
            size = int(headers["content-length"])
            while len(self.rest) < size:
                if not self._more():
                    raise Closed("body cut short")
            body, self.rest = self.rest[:size], self.rest[size:]
            return body
        if headers.get("transfer-encoding") == "chunked":
            return self._chunks()
        while self._more():
            pass
        body, self.rest = self.rest, b""
        return body

    def _line(self):
        while b"\r\n" not in self.rest:
            if not self._more():
                raise Closed("chunk cut short")
        line, self.rest = self.rest.split(b"\r\n", 1)
        return line

    def _chunks(self):
        body = b""
        while True:
            size = int(self._line().split(b";")[0], 16)
            while len(self.rest) < size + 2:
                if not self._more():
                    raise Closed("chunk cut short")
            body += self.rest[:size]
            self.rest = self.rest[size + 2 :]
            if size == 0:
                return body


def head(method, target, host, fields=(), version="HTTP/1.1"):
    lines = [f"{method} {target} {version}"]
    if host:
        lines.append(f"Host: {host}")
    lines += [f"{name}: {value}" for name, value in fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
