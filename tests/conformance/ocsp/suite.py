"""What every case needs: who is asked, how, and what the answer must be."""

import base64
import datetime
import subprocess
import tempfile
import urllib.parse
from pathlib import Path

from der import Malformed
from http_probe import Closed, Connection, head
from ocsp import Issuer, Response, certificate_id, request

REFUSED = {"malformedRequest", "unauthorized", "internalError", "tryLater", "sigRequired"}


class Failure(Exception):
    pass


def check(condition, what):
    if not condition:
        raise Failure(what)


class Target:
    """The server under test, and what it is known to know."""

    def __init__(self, config):
        self.url = config["url"]
        parts = urllib.parse.urlsplit(self.url)
        self.host = parts.netloc
        self.path = parts.path or "/"
        folder = Path(config.get("folder", "."))
        self.issuer_file = folder / config["issuer"]
        self.issuer = Issuer(self._der(self.issuer_file))
        self.stranger = Issuer(self._der(folder / config["stranger"]))
        self.good = int(config["good"], 16)
        self.revoked = int(config["revoked"], 16)
        self.revoked_at = datetime.datetime.fromtimestamp(config["revoked_at"], datetime.timezone.utc)
        self.reason = config.get("reason")
        self.held = int(config["held"], 16)
        self.expired = int(config["expired"], 16)
        self.unissued = int(config["unissued"], 16)
        self.timeout = config.get("timeout", 10)

    @staticmethod
    def _der(path):
        text = Path(path).read_text()
        body = text.split("-----BEGIN CERTIFICATE-----")[1].split("-----END")[0]
        return base64.b64decode("".join(body.split()))

    def id(self, serial=None, **options):
        return certificate_id(self.issuer, self.good if serial is None else serial, **options)

    def connect(self):
        return Connection(self.url, self.timeout)

    def post(self, body, fields=None, target=None):
        with self.connect() as connection:
            connection.send(self.post_bytes(body, fields, target))
            return connection.receive("POST")

    def post_bytes(self, body, fields=None, target=None):
        fields = [("Content-Type", "application/ocsp-request")] if fields is None else fields
        return head("POST", target or self.path, self.host, fields + [("Content-Length", len(body))]) + body

    def get(self, text, fields=(), method="GET"):
        with self.connect() as connection:
            connection.send(head(method, self.get_path(text), self.host, fields))
            return connection.receive(method)

    def get_path(self, text):
        return self.path.rstrip("/") + "/" + text

    @staticmethod
    def escaped(body):
        return urllib.parse.quote(base64.b64encode(body).decode(), safe="")

    # Answers ------------------------------------------------------------------------------------------------------

    def ask(self, body, way="POST"):
        answer = self.post(body) if way == "POST" else self.get(self.escaped(body))
        check(answer.status == 200, f"HTTP status {answer.status}")
        return self.read(answer)

    @staticmethod
    def read(answer):
        kind = (answer.header("content-type") or "").split(";")[0].strip().lower()
        check(kind == "application/ocsp-response", f"content type {kind!r}")
        try:
            return Response(answer.body)
        except (Malformed, IndexError, ValueError) as error:
            raise Failure(f"the answer is no OCSPResponse: {error}") from error

    def statuses(self, body, way="POST"):
        response = self.ask(body, way)
        check(response.status == "successful", response.status)
        return [single.status for single in response.answers]

    def one(self, body, way="POST"):
        response = self.ask(body, way)
        check(response.status == "successful", response.status)
        check(len(response.answers) == 1, f"{len(response.answers)} answers")
        return response, response.answers[0]

    def expect(self, body, statuses, way="POST"):
        found = self.statuses(body, way)
        check(found == statuses, f"{found} instead of {statuses}")

    def refused(self, body, kinds=frozenset(REFUSED)):
        """An OCSP error of one of these kinds, or an HTTP error; never a status, never silence."""
        try:
            answer = self.post(body)
        except Closed as error:
            raise Failure(f"the connection was closed without an answer: {error}") from error
        except TimeoutError as error:
            raise Failure("no answer in time") from error
        if 400 <= answer.status < 500:
            return
        check(answer.status == 200, f"HTTP status {answer.status}")
        response = self.read(answer)
        check(response.status in kinds, f"{response.status} instead of {' or '.join(sorted(kinds))}")
        self.still_works()

    def never_good(self, body):
        """Whatever it says, it isn't that the certificate is good."""
        try:
            answer = self.post(body)
        except Closed as error:
            raise Failure(f"the connection was closed without an answer: {error}") from error
        if answer.status == 200:
            response = self.read(answer)
            check(all(single.status != "good" for single in response.answers), "good")
        else:
            check(400 <= answer.status < 500, f"HTTP status {answer.status}")
        self.still_works()

    def still_works(self):
        self.expect(request([self.id()]), ["good"])

    def verified(self, body):
        """The signature and the signer, judged by OpenSSL."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "answer.der"
            path.write_bytes(self.post(body).body)
            done = subprocess.run(
                ["openssl", "ocsp", "-respin", str(path), "-issuer", str(self.issuer_file), "-serial", hex(self.good),
                 "-CAfile", str(self.issuer_file), "-no_nonce"],
                capture_output=True, text=True, check=False)
        check("Response verify OK" in done.stdout + done.stderr, (done.stderr or done.stdout).strip())


class Case:
    def __init__(self, name, section, level, title, run):
        self.name, self.section, self.level, self.title, self.run = name, section, level, title, run


CASES = []


def case(name, section, level, title):
    """Registers a function of the target; level: must, should, may."""

    def register(function):
        assert name not in {known.name for known in CASES}, name
        CASES.append(Case(name, section, level, title, function))
        return function

    return register


def add(name, section, level, title, function):
    case(name, section, level, title)(function)
