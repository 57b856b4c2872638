"""What the portal's suites share beside the journey's own steps: the contract, people of other organisations, the
database as it stands."""
import contextlib
import dataclasses
import functools
import json
import re
import sqlite3
import urllib.parse
import urllib.request

import yaml
from api_client import Client
from conftest import ROOT, demo_portal

NOBODY = "nobody"
ROLES = ["clerk", "head", "receiving", "checking", "approving", "auditor", "administrator"]
ACCOUNT_OF_ROLE = {"clerk": "van-thu", "head": "thu-truong", "receiving": "tiep-nhan", "checking": "tham-tra",
                   "approving": "phe-duyet", "auditor": "kiem-toan", "administrator": "quan-tri"}
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


# -- the contract -----------------------------------------------------------------------------------------------------
@functools.cache
def contract():
    return yaml.safe_load((ROOT / "api/openapi.yaml").read_text())


def resolved(node):
    while "$ref" in node:
        found = contract()
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


@dataclasses.dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    access: object  # "public", "signed-in", or a tuple of roles
    node: dict = dataclasses.field(hash=False, compare=False)
    parameters: tuple = dataclasses.field(hash=False, compare=False)

    @property
    def changes(self):
        return self.method != "GET"

    @property
    def captures(self):
        return re.findall(r"\{(\w+)\}", self.path)

    def allows(self, role):
        return self.access == "public" or (role != NOBODY and (self.access == "signed-in" or role in self.access))

    def body_schema(self):
        """(media type, schema) of what is sent, or None."""
        if "requestBody" not in self.node:
            return None
        (kind, media), = resolved(self.node["requestBody"])["content"].items()
        return kind, media["schema"]


@functools.cache
def operations():
    out = []
    for path, item in contract()["paths"].items():
        shared = item.get("parameters", [])
        for method, node in item.items():
            if method == "parameters":
                continue
            access = node["x-access"]
            parameters = tuple(resolved(one) for one in [*shared, *node.get("parameters", [])])
            out.append(Operation(node["operationId"], method.upper(), path,
                                 access if isinstance(access, str) else tuple(access), node, parameters))
    return out


def operation(name):
    return next(one for one in operations() if one.name == name)


def sample(schema, depth=0):
    """A value that has the schema's shape; whether it makes sense is another matter."""
    schema = resolved(schema)
    if "allOf" in schema:
        return {name: item for part in schema["allOf"] for name, item in sample(part, depth).items()}
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "object":
        return {name: sample(one, depth + 1) for name, one in schema.get("properties", {}).items()} if depth < 6 else {}
    if kind == "array":
        return [sample(schema["items"], depth + 1)]
    if kind == "string":
        return {"date": "2026-11-20", "date-time": "2026-11-20T08:00:00+07:00"}.get(schema.get("format"), "mau")
    return {"integer": 1, "number": 1.5, "boolean": True}[kind]


def multipart(fields):
    """fields: name → text, or (file name, bytes, type)."""
    edge = "kyso-edge-5b0d4f8a"
    out = b""
    for name, value in fields.items():
        out += f'--{edge}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        if isinstance(value, tuple):
            file_name, content, kind = value
            out += f'; filename="{file_name}"\r\nContent-Type: {kind}\r\n\r\n'.encode() + content + b"\r\n"
        else:
            out += b"\r\n\r\n" + str(value).encode() + b"\r\n"
    return out + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


def prepared(one, captures=None, changes=None, file=PDF, whole=None):
    """A well-formed request of an operation, or one with `whole` as its body: target, body, headers."""
    path = one.path
    for name in one.captures:
        value = (captures or {}).get(name)
        parameter = next((p for p in one.parameters if p["name"] == name), {"schema": {"type": "string"}})
        if value is None:
            value = resolved(parameter["schema"]).get("enum", [UNKNOWN_ID])[0]
        path = path.replace(f"{{{name}}}", urllib.parse.quote(str(value), safe=""))
    query = {p["name"]: sample(p["schema"]) for p in one.parameters if p["in"] == "query" and p.get("required")}
    if query:
        path += "?" + urllib.parse.urlencode(query)
    wanted = one.body_schema()
    if wanted is None:
        return path, None, {}
    kind, schema = wanted
    value = {**sample(schema), **(changes or {})} if whole is None else whole
    if kind == "application/json":
        return path, json.dumps(value).encode(), {"Content-Type": kind}
    binary = {name for name, part in resolved(schema)["properties"].items() if part.get("format") == "binary"}
    body, kind = multipart({name: ("tep.bin", file, "application/octet-stream") if name in binary else item
                            for name, item in value.items()})
    return path, body, {"Content-Type": kind}


def ask(client, one, captures=None, changes=None, headers=None, file=PDF, whole=None):
    """(status, problem code or None, headers). Streams are only begun."""
    path, body, sent = prepared(one, captures, changes, file, whole)
    if one.name == "events":
        return client.begin("GET", path)
    answer, data = client.raw(one.method, path, body, {**sent, **(headers or {})})
    return answer.status, problem_code(answer, data), answer.headers


def problem_code(answer, data):
    return json.loads(data).get("code") if "problem+json" in answer.headers.get("Content-Type", "") else None


# -- people -----------------------------------------------------------------------------------------------------------
def seeded(client, name):
    """The id of a sample organisation by its whole name."""
    found = [one for one in client.call("GET", "/api/v1/organisations", q=name)["items"] if one["name"] == name]
    assert len(found) == 1, found
    return found[0]["id"]


def new_account(portal, key, organisation, roles, name="Nguyễn Văn Mẫu", node="kysod", person=None):
    """An active account, made by the operator."""
    account = {"email": f"{key}@coquanmau.gov.vn", "password": "ba-con-vit-bay-qua-song-7391", "name": name}
    secret = portal.folder / f"{key}.secret"
    demo_portal.demo_ca.write(secret, account["password"] + "\n", 0o600)
    portal.kysod("--create-account", account["email"], "--name", name, "--phone", "0912345678", "--organisation",
                 organisation, "--roles", ",".join(roles), "--password-file", secret, *(["--person", person] if person else []),
                 node=node)
    secret.unlink()
    return account


def signed_in_as(portal, account, url=None, source=None):
    client = Client(url or portal.portal_url, source=source)
    client.sign_in(account["email"], account["password"])
    return client


def id_of_account(client):
    return client.call("GET", "/api/v1/me")["id"]


# -- the database -----------------------------------------------------------------------------------------------------
# What the portal keeps; not what changes by itself or because somebody knocks.
KEPT = ["organisation", "organisation_version", "organisation_alias", "organisation_link", "organisation_seal",
        "organisation_change", "account", "account_role", "account_registration", "account_token", "account_passkey",
        "account_identity", "delegation", "dossier", "dossier_line", "dossier_override", "dossier_letter", "dossier_note",
        "dossier_event", "dossier_import", "dossier_import_row", "desk_request", "desk_request_line", "token",
        "token_event", "token_recovery", "subscriber_certificate", "content", "content_file"]


def rows(portal, sql, *values):
    with contextlib.closing(sqlite3.connect(f"file:{portal.folder}/kyso.db?mode=ro", uri=True, timeout=30)) as database:
        return database.execute(sql, values).fetchall()


def snapshot(portal):
    out = {}
    with contextlib.closing(sqlite3.connect(f"file:{portal.folder}/kyso.db?mode=ro", uri=True, timeout=30)) as database:
        database.execute("BEGIN")
        for table in KEPT:
            out[table] = sorted(map(repr, database.execute(f"SELECT * FROM {table}")))
        out["outbox"] = sorted(database.execute("SELECT id, kind FROM outbox"))  # they are sent meanwhile
    return out


def all_mails(portal):
    with urllib.request.urlopen(f"{portal.mailbox_url}/messages.json", timeout=10) as answer:
        return json.load(answer)
