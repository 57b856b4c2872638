"""The portal's interface as a browser uses it: a cookie, a CSRF token, JSON."""
import hashlib
import http.client
import json
import secrets
import urllib.parse

from soft_passkey import SoftPasskey, base64url, from_base64url, statement_challenge


class Refused(Exception):
    def __init__(self, status, problem):
        super().__init__(f"{status} {json.dumps(problem, ensure_ascii=False)}")
        self.status, self.problem = status, problem
        self.code = problem.get("code")


class Client:
    def __init__(self, url, source=None):
        """`source`: the address of this machine that is called from, "127.0.0.7"."""
        self.url, self.source = url, (source, 0) if source else None
        self.host = urllib.parse.urlsplit(url).netloc
        self.cookies, self.csrf, self.passkey = {}, None, None

    def raw(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection(self.host, timeout=60, source_address=self.source)
        sent = {"Accept": "application/json", **(headers or {})}
        if method not in ("GET", "HEAD"):
            sent.setdefault("Origin", self.url)
            if self.csrf:
                sent.setdefault("X-Kyso-CSRF", self.csrf)
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.request(method, path, body, sent)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before all of it was sent: the answer says why
        answer = connection.getresponse()
        data = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            if "Max-Age=0" in cookie:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        connection.close()
        return answer, data

    def begin(self, method, path):
        """Of an answer without an end only how it begins: status, problem code, headers."""
        connection = http.client.HTTPConnection(self.host, timeout=60, source_address=self.source)
        connection.request(method, path, headers={"Cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items())})
        answer = connection.getresponse()
        code = json.loads(answer.read()).get("code") if answer.status >= 400 else None
        connection.close()
        return answer.status, code, answer.headers

    def call(self, method, path, value=None, **query):
        asked = {name: item for name, item in query.items() if item is not None}
        if asked:
            path += "?" + urllib.parse.urlencode(asked)
        body, headers = None, {}
        if value is not None:
            body, headers = json.dumps(value).encode(), {"Content-Type": "application/json"}
        return self._result(*self.raw(method, path, body, headers))

    def upload(self, method, path, name, content, kind="application/octet-stream", **query):
        if query:
            path += "?" + urllib.parse.urlencode(query)
        edge = secrets.token_hex(16)
        body = (f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
                f"Content-Type: {kind}\r\n\r\n").encode() + content + f"\r\n--{edge}--\r\n".encode()
        return self._result(*self.raw(method, path, body, {"Content-Type": f"multipart/form-data; boundary={edge}"}))

    def download(self, path):
        answer, data = self.raw("GET", path)
        if answer.status != 200:
            raise Refused(answer.status, json.loads(data))
        return data

    @staticmethod
    def _result(answer, data):
        kind = answer.headers.get("Content-Type", "")
        if answer.status >= 400:
            raise Refused(answer.status, json.loads(data) if "json" in kind else {"code": data.decode(errors="replace")})
        return json.loads(data) if "json" in kind else data

    def all(self, path, **query):
        after = None
        while True:
            page = self.call("GET", path, **query, after=after)
            yield from page["items"]
            after = page.get("next")
            if not after:
                return

    # -- signing in -------------------------------------------------------------------------------------------------
    def captcha(self):
        puzzle = self.call("POST", "/api/v1/captcha", {})
        answer = 0
        while True:
            digest = hashlib.sha256(f"{puzzle['id']}:{answer}".encode()).digest()
            if int.from_bytes(digest, "big") >> (256 - puzzle["difficulty"]) == 0:
                return {"id": puzzle["id"], "answer": str(answer)}
            answer += 1

    def sign_in(self, email, password):
        session = self.call("POST", "/api/v1/session", {"email": email, "password": password})
        self.csrf = session["csrf"]
        return session

    def sign_in_with_passkey(self, passkey):
        options = self.call("POST", "/api/v1/session/passkey/options", {})
        session = self.call("POST", "/api/v1/session/passkey",
                            {"challenge": options["challenge"], **passkey.get(from_base64url(options["challenge"]))})
        self.csrf = session["csrf"]
        return session

    def add_passkey(self, label="Khóa thử"):
        options = self.call("POST", "/api/v1/me/passkeys/options", {})
        self.passkey = SoftPasskey(options["rp_id"], self.url)
        return self.call("POST", "/api/v1/me/passkeys",
                         {"label": label, **self.passkey.create(from_base64url(options["challenge"]))})

    # -- officers ---------------------------------------------------------------------------------------------------
    def sign_statement(self, dossier, approves=True):
        view = self.call("GET", f"/api/v1/desk/dossiers/{dossier}/statement")
        assert view.get("type"), view
        payload = view["payload"] if approves else view["reject_payload"]
        assert base64url(self.passkey.id) in view["allow_credentials"]
        return self.call("POST", f"/api/v1/desk/dossiers/{dossier}/statement",
                         {"type": view["type"], "payload": payload,
                          **self.passkey.get(statement_challenge(view["type"], payload))})
