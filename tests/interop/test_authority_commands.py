"""kyso authority, as requesters and approvers use it, against a server that checks their statements by other means."""
import base64
import json
import os
import pty
import select

import pytest
from judges import call
from officers_api import Officers, decode
from program import SHARE, assert_refused

PEOPLE = {"reg": ["registration"], "check": ["checking"], "lead": ["approving"], "lead-rsa": ["approving"],
          "lead-p384": ["approving", "checking"], "admin1": ["administrator"], "admin2": ["administrator"], "admin3": ["administrator"]}


def make_key(folder, name, subject=None, kind=None):
    """A key, its self-signed certificate and a PKCS#10."""
    kind = kind or ("rsa:2048" if "rsa" in name else "ec")
    options = ("-pkeyopt", "ec_paramgen_curve:P-384" if "p384" in name else "ec_paramgen_curve:P-256") if kind == "ec" else ()
    common = ("openssl", "req", "-newkey", kind, *options, "-nodes", "-utf8", "-subj", subject or f"/C=VN/CN={name}",
              "-keyout", folder / f"{name}.key")
    assert call(*common, "-x509", "-days", "3650", "-addext", "basicConstraints=critical,CA:FALSE", "-out",
                folder / f"{name}.crt").returncode == 0
    assert call("openssl", "req", "-new", "-utf8", "-key", folder / f"{name}.key", "-subj", subject or f"/C=VN/CN={name}", "-out",
                folder / f"{name}.csr").returncode == 0


@pytest.fixture(scope="session")
def people(tmp_path_factory):
    folder = tmp_path_factory.mktemp("officers")
    for name in (*PEOPLE, "stranger"):
        make_key(folder, name)
    make_key(folder, "applicant", "/C=VN/O=Cơ quan mẫu/CN=Nguyễn Văn A")
    return folder


@pytest.fixture(scope="session")
def policy(people):
    officers = "".join(f'[[officer]]\nperson = "{name}"\nname = "Nguyễn Văn A"\nroles = {json.dumps(roles)}\n'
                       f"certificates = ['''{(people / f'{name}.crt').read_text()}''']\n" for name, roles in PEOPLE.items())
    example = SHARE / "policy-example"
    rules = (example / "approval.toml").read_text(encoding="utf-8").replace('["auditor"]', '["administrator"]')
    return {"officers.toml": officers, "approval.toml": rules,
            "profiles/PERSON_5Y.toml": (SHARE / "profiles" / "PERSON_5Y.toml").read_text(encoding="utf-8")}


@pytest.fixture
def server(people, policy):
    api = Officers({name: (people / f"{name}.crt").read_text() for name in PEOPLE}, dict(policy))
    yield api
    api.stop()


@pytest.fixture
def officer(kyso, people, server):
    """Runs kyso authority as this person."""
    def run(name, *arguments, **options):
        return kyso.run("authority", *arguments, *as_person(people, server, name), **options)
    return run


def as_person(people, server, name):
    return "--server", server.url, "--holder", f"pem:{people / name}.key,{people / name}.crt"


def issue(officer, people, *more, who="reg"):
    return officer(who, "request", "issue", "--issuer", "CPCA_G1", "--profile", "PERSON_5Y", "--csr", people / "applicant.csr",
                   "--reference", "12/2026-1", "--purpose", "Hồ sơ 12/2026", *more)


def waiting(server):
    (name,) = (entry["id"] for entry in server.requests.values() if entry["state"] == "waiting")
    return name


def test_from_request_to_the_last_approval(officer, people, server):
    asked = issue(officer, people).ok()
    assert "Nguyễn Văn A" in asked.out and "CPCA_G1" in asked.out and "Còn thiếu phê duyệt: 1 × checking, 1 × approving" in asked.out
    name = waiting(server)
    request = json.loads(server.requests[name]["payload"])
    assert list(request) == ["id", "issuer", "act", "created", "expires", "purpose", "certificates"]
    (line,) = request["certificates"]
    assert sorted(map(tuple, line["subject"])) == [("C", "VN"), ("CN", "Nguyễn Văn A"), ("O", "Cơ quan mẫu")]
    shown = call("openssl", "req", "-inform", "DER", "-verify", "-noout", input=base64.b64decode(line["pkcs10"]))
    assert shown.returncode == 0
    checked = officer("check", "approve", name, "--yes").ok()
    for words in ("Nguyễn Văn A", "Cơ quan mẫu", "PERSON_5Y", "Hồ sơ 12/2026", "12/2026-1", "P-256", "chứng minh giữ khóa",
                  "còn thiếu: 1 × approving"):
        assert words in checked.out, words
    assert "complete" in officer("lead-rsa", "approve", name, "--yes", "--lang", "en").ok().out
    assert server.requests[name]["state"] == "done"
    assert [a["person"] for a in server.requests[name]["approvals"]] == ["check", "lead-rsa"]


@pytest.mark.parametrize("who, algorithm", [("lead", "ES256"), ("lead-p384", "ES384"), ("lead-rsa", "RS256")])
def test_every_kind_of_key_approves(officer, people, server, who, algorithm):
    issue(officer, people).ok()
    name = waiting(server)
    officer(who, "approve", name, "--yes").ok()
    header = json.loads(decode(server.requests[name]["approvals"][0]["jws"].split(".")[0]))
    assert header["alg"] == algorithm


def test_many_certificates_from_a_file(officer, people, server, tmp_path):
    entries = [{"profile": "PERSON_5Y", "csr": "applicant.csr", "reference": f"12/2026-{i}",
                "subject": ["C=VN", f"CN=Nguyễn Văn {i}"], "names": ["email:nva@example.vn", "ip:192.0.2.1"],
                "not_after": "2028-01-01"} for i in range(3)]
    (people / "lines.json").write_text(json.dumps({"certificates": entries}))
    toml = "".join("[[certificate]]\n" + "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in entry.items())
                   for entry in entries)
    (people / "lines.toml").write_text(toml)
    payloads = []
    for file in ("lines.json", "lines.toml"):
        done = officer("reg", "request", "issue", "--issuer", "CPCA_G1", "--from", people / file, "--json").ok()
        payloads.append(json.loads(server.requests[done.json["id"]]["payload"])["certificates"])
    assert payloads[0] == payloads[1] and len(payloads[0]) == 3
    assert payloads[0][2]["subject"] == [["C", "VN"], ["CN", "Nguyễn Văn 2"]]
    assert payloads[0][0]["alternative_names"] == [["rfc822", "nva@example.vn"], ["ip", "c0000201"]]
    assert payloads[0][0]["not_after"] == 1830272400


def test_revoke_suspend_release(officer, server):
    officer("reg", "request", "revoke", "31:c1:06", "0x2B", "--issuer", "CPCA_G1", "--reason", "keycompromise", "--invalid-since",
            "2026-03-05", "--comment", "GHTĐTT").ok()
    officer("reg", "request", "suspend", "31C106", "--issuer", "CPCA_G1").ok()
    officer("check", "request", "release", "31C106", "--issuer", "CPCA_G1").ok()
    orders = [json.loads(entry["payload"])["revocations"] for entry in server.requests.values()]
    assert orders == [[{"serial": "31C106", "reason": 1, "invalid_since": 1772643600, "comment": "GHTĐTT"},
                       {"serial": "2B", "reason": 1, "invalid_since": 1772643600, "comment": "GHTĐTT"}],
                      [{"serial": "31C106", "reason": 6, "comment": ""}], [{"serial": "31C106", "reason": 8, "comment": ""}]]


def test_rejection_needs_a_reason_and_ends_the_request(kyso, officer, people, server, tmp_path):
    issue(officer, people).ok()
    name = waiting(server)
    assert_refused(kyso, tmp_path, ("authority", "reject", name, "--yes", *as_person(people, server, "lead")), 4, "kyso.usage")
    officer("lead", "reject", name, "--yes", "--comment", "Sai họ tên").ok()
    assert server.requests[name]["state"] == "rejected"
    refused = officer("check", "approve", name, "--yes")
    assert refused.code == 111 and "vault.statement.rejected" in refused.err


def test_the_two_person_rule_is_told_before_anything_is_sent(kyso, officer, people, server, tmp_path):
    issue(officer, people).ok()
    name = waiting(server)
    for who, error in (("reg", "vault.statement.own"), ("admin1", "vault.statement.role")):
        done = officer(who, "approve", name, "--yes")
        assert done.code == 111 and error in done.err, done
    officer("check", "approve", name, "--yes").ok()
    twice = officer("check", "approve", name, "--yes")
    assert twice.code == 111 and "vault.statement.twice" in twice.err
    assert len(server.requests[name]["approvals"]) == 1


def test_a_server_cannot_show_one_request_and_have_another_signed(officer, people, server):
    issue(officer, people).ok()
    issue(officer, people, "--subject", "C=VN", "--subject", "CN=Nguyễn Văn B").ok()
    first, second = server.requests
    other = server.requests[second]["jws"]
    server.edit = lambda view: view | {"request": other} if view["id"] == first else view
    done = officer("check", "approve", first, "--yes")
    assert done.code == 110 and not server.requests[first]["approvals"] and not server.requests[second]["approvals"]
    # Nor a request that no officer signed, nor a policy that isn't the announced one.
    broken = other[:-8] + ("A" * 8 if not other.endswith("A" * 8) else "B" * 8)
    server.edit = lambda view: view | {"request": broken}
    assert officer("check", "approve", second, "--yes").code == 112
    server.edit = lambda view: view
    server.digest = lambda: "0" * 64
    assert officer("check", "approve", second, "--yes").code == 110
    assert not server.requests[second]["approvals"]


def test_hostile_text_is_shown_harmless(officer, people, server):
    hostile = "Nguyễn Văn A\\033[2J"
    done = issue(officer, people, "--subject", "C=VN", "--subject", "CN=" + hostile.encode().decode("unicode_escape"))
    assert done.code == 112 and "\033" not in done.out + done.err
    server.checks = [{"name": "x\033[2J", "ok": True, "text_vi": "tốt\u202e", "text_en": "", "next_vi": "", "next_en": ""}]
    shown = officer("lead", "doctor").ok()
    assert "\033" not in shown.out and "\u202e" not in shown.out
    server.rows = [{"issuer": "CPCA_G1", "serial": "31C106", "state": "good", "profile": "P", "subject": "CN=a\nGIẢ MẠO",
                    "not_after": "2030-01-01T00:00:00+07:00"}]
    assert "\nGIẢ" not in officer("lead", "search").ok().out


def on_a_terminal(kyso, arguments, answer):
    """Runs kyso on a terminal of its own; gives exit code and what the person saw."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve(kyso.path, kyso.command(*arguments), kyso.environment)
    seen = b""
    while True:
        ready, _, _ = select.select([terminal], [], [], 60)
        assert ready, f"nothing more is said: {seen}"
        try:
            part = os.read(terminal, 65536)
        except OSError:
            break
        if not part:
            break
        seen += part
        if answer is not None and b": " in seen.split(b"\n")[-1]:
            os.write(terminal, answer.encode() + b"\n")
            answer = None
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), seen.decode()


@pytest.mark.parametrize("language, answer, is_signed", [("vi", "CO", True), ("vi", "có", True), ("en", "yes", True), ("vi", "k", False),
                                                         ("vi", "", False), ("en", "y", False)])
def test_consent_is_asked_on_the_terminal(kyso, officer, people, server, language, answer, is_signed):
    issue(officer, people).ok()
    name = waiting(server)
    arguments = ("authority", "approve", name, "--lang", language, *as_person(people, server, "check"))
    code, seen = on_a_terminal(kyso, arguments, answer)
    assert "Nguyễn Văn A" in seen and "PERSON_5Y" in seen, seen
    assert code == (0 if is_signed else 6), seen
    assert len(server.requests[name]["approvals"]) == int(is_signed)


def test_without_terminal_nothing_is_signed(kyso, officer, people, server, tmp_path):
    issue(officer, people).ok()
    name = waiting(server)
    assert_refused(kyso, tmp_path, ("authority", "approve", name, *as_person(people, server, "check")), 4, "kyso.consent.no_terminal")
    assert not server.requests[name]["approvals"]


def test_several_at_once(officer, people, server):
    for _ in range(3):
        issue(officer, people).ok()
    names = list(server.requests)
    done = officer("check", "approve", *names, "--yes", "--json").ok()
    assert [entry["id"] for entry in done.json] == names
    issue(officer, people).ok()
    newest = list(server.requests)[-1]
    mixed = officer("check", "approve", names[0], newest, "--yes", "--json")
    assert mixed.code == 90
    results = {entry["id"]: entry for entry in mixed.json}
    assert results[names[0]]["error"]["code"] == "vault.statement.twice" and results[newest]["state"] == "waiting"
    assert len(server.requests[newest]["approvals"]) == 1


def test_looking(officer, people, server, tmp_path):
    issue(officer, people).ok()
    name = waiting(server)
    assert name in officer("lead", "list", "--state", "waiting").ok().out
    assert name not in officer("lead", "list", "--state", "done").ok().out
    assert ("GET", "/authority/v1/requests?state=done&limit=100") in server.seen
    shown = officer("lead", "show", name).ok().out
    assert "Nguyễn Văn A" in shown and "1 × checking, 1 × approving" in shown and "chờ duyệt" in shown
    assert officer("lead", "show", name, "--json").ok().json["statement"]["id"] == name
    pem = (people / "applicant.crt").read_text()
    row = {"issuer": "CPCA_G1", "serial": "31C106", "state": "good", "profile": "PERSON_5Y", "subject": "CN=Nguyễn Văn A",
           "not_after": "2030-01-01T00:00:00+07:00", "pem": pem + "\033[2J"}
    server.rows = [row, row | {"serial": "2B", "pem": ""}]
    assert "đang hiệu lực" in officer("lead", "search", "Nguyễn").ok().out
    assert officer("lead", "certificate", "31c106").ok().out == pem
    assert officer("lead", "certificate", "CPCA_G1/31c106", "-o", tmp_path / "c.pem").ok() and (tmp_path / "c.pem").read_text() == pem
    assert officer("lead", "certificate", "CPCA_G1/2b").code == 122
    assert officer("lead", "certificate", "77").code == 121
    server.rows.append(row | {"issuer": "CPCA_G2"})
    assert officer("lead", "certificate", "31c106").code == 4


def test_doctor(officer, server):
    server.checks = [{"name": "vault", "ok": True, "text_vi": "tốt", "text_en": "well", "next_vi": "", "next_en": ""}]
    assert "✓ vault: tốt" in officer("lead", "doctor").ok().out
    server.checks.append({"name": "clock", "ok": False, "text_vi": "lệch", "text_en": "off", "next_vi": "chỉnh giờ", "next_en": "set it"})
    done = officer("lead", "doctor", "--lang", "en")
    assert done.code == 122 and "✗ clock: off" in done.out and "→ set it" in done.out


def test_policy(kyso, officer, people, server, policy, tmp_path):
    folder = tmp_path / "policy"
    assert "Quy chế bản số 3" in officer("admin1", "policy", "get", "-o", folder).ok().out
    assert {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file()} == policy
    assert officer("admin1", "policy", "get", "-o", folder).code == 62
    assert kyso.run("authority", "policy", "check", folder).ok()
    assert "Không có gì khác" in officer("admin1", "policy", "diff", folder).ok().out
    rules = folder / "approval.toml"
    rules.write_text(rules.read_text(encoding="utf-8").replace('valid_for = "3d"', 'valid_for = "2d"'), encoding="utf-8")
    changes = officer("admin1", "policy", "diff", folder).ok().out
    assert '-' in changes and 'valid_for = "3d"' in changes and 'valid_for = "2d"' in changes and "officers.toml" not in changes
    officer("admin1", "request", "policy", folder, "--purpose", "Rút ngắn thời hạn").ok()
    name = waiting(server)
    request = json.loads(server.requests[name]["payload"])
    assert request["policy_version"] == 3 and len(request["policy_files"]) == 3
    shown = officer("admin2", "approve", name, "--yes").ok().out
    assert 'valid_for = "3d"' in shown and 'valid_for = "2d"' in shown
    rules.write_text(rules.read_text(encoding="utf-8").replace("checking", "chekcing"), encoding="utf-8")
    assert_refused(kyso, tmp_path, ("authority", "policy", "check", folder), 81, "vault.policy.unreachable")
    rules.write_text("[[rule]]\nact = 7\n")
    assert_refused(kyso, tmp_path, ("authority", "policy", "check", folder), 81, "base.config.wrong_type")


def test_a_signed_request_can_stay_in_a_file(officer, people, server, tmp_path):
    issue(officer, people, "-o", tmp_path / "request.jws").ok()
    assert not server.requests and not server.seen
    server.post(["requests"], (tmp_path / "request.jws").read_text().strip())
    assert len(server.requests) == 1


def test_refusals_of_the_server_are_told_in_its_words(kyso, people, server, tmp_path):
    server.problem = (403, "vault.statement.expired", "Phiếu đã hết hạn.", "The statement expired.")
    arguments = ("authority", "list", *as_person(people, server, "lead"))
    error = assert_refused(kyso, tmp_path, arguments, 111, "kyso.authority.refused")
    assert error["parameters"]["code"] == "vault.statement.expired" and "Phiếu đã hết hạn." in error["message"]
    server.problem = (404, "authority.request.missing", "Không có\033[2J yêu cầu này.", "There is no such request.")
    assert "\033" not in assert_refused(kyso, tmp_path, arguments, 121)["message"]


def test_what_can_be_wrong_on_this_side(kyso, people, server, tmp_path):
    me = as_person(people, server, "reg")
    key = me[2:]
    for arguments, code, error in (
            (("list", *key), 4, "kyso.server.missing"),
            (("list", "--server", "ca.example.vn", *key), 4, "kyso.server.invalid"),
            (("list", "--server", "http://127.0.0.1:1", *key), 52, "net.unreachable"),
            (("list", "--server", server.url), 4, "kyso.holder.missing"),
            (("list", "--limit", "0", *me), 4, "kyso.usage"),
            (("request", "revoke", "xyz", "--issuer", "CPCA_G1", "--reason", "superseded", *me), 4, "kyso.serial.invalid"),
            (("request", "revoke", "31C106", "--issuer", "CPCA_G1", "--reason", "because", *me), 4, "kyso.reason.unknown"),
            (("request", "revoke", "31C106", "--issuer", "CPCA_G1", "--reason", "removeFromCRL", *me), 112, "vault.statement.malformed"),
            (("request", "suspend", "31C106", "31c106", "--issuer", "CPCA_G1", *me), 112, "vault.statement.malformed"),
            (("request", "suspend", "31C106", "--issuer", "a b", *me), 112, "vault.statement.malformed"),
            (("request", "suspend", "31C106", "--issuer", "CPCA_G1", "--valid-for", "1y", *me), 4, "kyso.duration.invalid"),
            (("request", "issue", "--issuer", "CPCA_G1", *me), 4, "kyso.request.lines"),
            (("request", "issue", "--issuer", "CPCA_G1", "--csr", people / "applicant.csr", *me), 4, "kyso.request.line"),
            (("request", "issue", "--issuer", "CPCA_G1", "--profile", "P", "--csr", people / "none.csr", *me), 64, "base.file.missing"),
            (("request", "issue", "--issuer", "CPCA_G1", "--profile", "P", "--csr", people / "reg.crt", *me), 120, "issue.csr.malformed"),
            (("request", "policy", tmp_path / "none", *me), 64, "base.file.missing")):
        assert_refused(kyso, tmp_path, ("authority", *arguments), code, error)
    assert not server.requests
