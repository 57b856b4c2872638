"""verify, facts, judge, extract and trust as their user types them: answers, exit codes, files, and what is refused."""
import json
import os
import pty
import re
import shutil
import subprocess

import pytest
from authority import Authority
from judges import call
from program import DATA, SHARE, VIETNAMESE, Done, assert_refused, leftovers
from samples import sample
from tampering import with_other_page

LETTER = sample("vn-cong-van.pdf").path
ENCRYPTED, PASSWORD = DATA / "pyhanko" / "minimal-with-field-aes256.pdf", "usersecret"
SHIPPED = "MIC National Root CA (2008)"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("documents")


@pytest.fixture(scope="module")
def one(kyso, authority, folder):
    """Signed by the leader."""
    kyso.sign(LETTER, folder / "one.pdf", authority.p12("leader")).ok()
    return folder / "one.pdf"


@pytest.fixture(scope="module")
def two(kyso, authority, one):
    """Then by the organisation."""
    kyso.sign(one, one.with_name("two.pdf"), authority.p12("organisation")).ok()
    return one.with_name("two.pdf")


@pytest.fixture(scope="module")
def changed(two):
    """A page was replaced after both had signed."""
    path = two.with_name("changed.pdf")
    path.write_bytes(with_other_page(two.read_bytes()))
    return path


@pytest.fixture(scope="module")
def encrypted(kyso, authority, folder):
    kyso.sign(ENCRYPTED, folder / "encrypted.pdf", authority.p12("leader"), "--password", PASSWORD).ok()
    return folder / "encrypted.pdf"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """An authority whose certificates name services that can be asked."""
    with Authority(tmp_path_factory.mktemp("published")) as it:
        yield it


@pytest.fixture
def trust(authority):
    return ("--trust", authority.root)


def fields(path, kyso):
    return [signature["field"] for signature in kyso.run("inspect", path, "--json").ok().json["signatures"]]


def refused_to_read(kyso, folder, arguments, error):
    """verify ends with 3 whatever the reason is that a document cannot be read: its codes are about documents."""
    before = leftovers(folder)
    for language in ("vi", "en"):
        done = kyso.run("verify", *arguments, "--lang", language)
        assert done.code == 3 and done.out == "", done
        assert f"[{error}]" in done.err and done.err.startswith("Lỗi: " if language == "vi" else "Error: "), done
    done = kyso.run("verify", *arguments, "--json")
    assert done.code == 3 and done.err == "" and done.json["error"]["code"] == error, done
    assert leftovers(folder) == before


# --- exit codes -------------------------------------------------------------------------------------------------------

def test_valid(kyso, two, trust):
    done = kyso.run("verify", two, *trust)
    assert done.code == 0 and done.err == "", done
    assert done.out.startswith(f"✓ {two}\n") and "Nguyễn Văn A" in done.out
    row = kyso.run("verify", two, *trust, "--json").ok().json
    assert (row["verdict"], row["indication"], row["subindication"]) == ("valid", "TOTAL_PASSED", None)
    assert [signature["indication"] for signature in row["signatures"]] == ["TOTAL_PASSED"] * 2


def test_changed_after_signing(kyso, changed, trust):
    done = kyso.run("verify", changed, *trust)
    assert done.code == 1 and done.out.startswith(f"✗ {changed}\n"), done
    assert "Tài liệu đã bị thay đổi sau khi ký" in done.out
    done = kyso.run("verify", changed, *trust, "--json")
    assert done.code == 1 and done.json["verdict"] == "invalid", done
    assert (done.json["indication"], done.json["subindication"]) == ("TOTAL_FAILED", "FORMAT_FAILURE")
    assert done.json["reason"].startswith("change."), done


def test_one_signed_byte_changed(kyso, one, trust, tmp_path):
    data = bytearray(one.read_bytes())
    at = data.index(b"/Producer") + 12
    data[at] ^= 1
    (tmp_path / "bit.pdf").write_bytes(data)
    done = kyso.run("verify", tmp_path / "bit.pdf", *trust, "--json")
    assert done.code == 1 and done.json["subindication"] == "HASH_FAILURE", done
    assert done.json["signatures"][0]["intact"] is False


def test_nobody_is_trusted(kyso, one):
    done = kyso.run("verify", one, "--json")
    assert done.code == 2 and done.json["verdict"] == "undetermined", done
    assert done.json["subindication"] == "NO_CERTIFICATE_CHAIN_FOUND"
    done = kyso.run("verify", one)
    assert done.code == 2 and done.out.startswith(f"? {one}\n") and "  → " in done.out, done


def test_unsigned(kyso, trust):
    done = kyso.run("verify", LETTER, *trust, "--json")
    assert done.code == 2 and done.json["subindication"] == "SIGNED_DATA_NOT_FOUND" and done.json["signatures"] == []


def test_not_readable(kyso, tmp_path):
    (tmp_path / "empty.pdf").touch()
    (tmp_path / "folder.pdf").mkdir()
    (tmp_path / "text.pdf").write_text("Kính gửi: Các phòng, ban\n" * 100)
    for name, error in (("none.pdf", "base.file.missing"), ("empty.pdf", "pdf.file.empty"),
                        ("folder.pdf", "base.file.unreadable"), ("text.pdf", "pdf.not_pdf")):
        refused_to_read(kyso, tmp_path, [tmp_path / name], error)


@pytest.mark.parametrize("arguments", [
    (), ("--no-such-option",), ("--online", "--offline"), ("--jobs", "0"), ("--jobs", "many"), ("--fetch-timeout", "0"),
    ("--at", "hôm qua"), ("--at", "2026-02-30")], ids=" ".join)
def test_usage(kyso, one, tmp_path, arguments):
    """Without FILE, too: that is the first."""
    assert_refused(kyso, tmp_path, ("verify", *((one,) if arguments else ()), *arguments), 4)
    assert kyso.run("verify", one, "--trust").code == 4


def test_policies(kyso, one, trust, tmp_path):
    described = assert_refused(kyso, tmp_path, ("verify", one, "--policy", "lenient"), 4, "verify.policy.unknown")
    assert all(name in described["message"] for name in ("strict", "tt15", "legacy-vn"))
    assert_refused(kyso, tmp_path, ("verify", one, "--policy", tmp_path / "none.toml"), 4)
    own = tmp_path / "own.toml"
    own.write_text('extends = "strict"\n[time_stamp]\nduty = "required"\n')
    done = kyso.run("verify", one, *trust, "--policy", own, "--json")
    assert done.code == 2 and done.json["reason"] == "timestamp.missing", done
    own.write_text('extends = "strict"\ntimestamps = "required"\n')
    assert_refused(kyso, tmp_path, ("verify", one, "--policy", own), 4)
    for name in ("strict", "legacy-vn"):
        assert kyso.run("verify", one, *trust, "--policy", name, "--json").ok().json["policy"] == name
    # The Circular wants every certificate's status, and this authority publishes none.
    done = kyso.run("verify", one, *trust, "--policy", "tt15", "--json")
    assert done.code == 2 and done.json["reason"] == "revocation.missing", done


@pytest.mark.parametrize("written,read", [("06/09/2044", "2044-09-06T00:00:00"), ("2044-09-06", "2044-09-06T00:00:00"),
                                          ("2044-09-06T16:01:42Z", "2044-09-06T23:01:42")])
def test_time_of_judging(kyso, one, trust, written, read):
    """Long after the certificates' end, and without proof of the time of signing."""
    done = kyso.run("verify", one, *trust, "--at", written, "--json")
    assert done.code == 2 and done.json["time"] == read + "+07:00", done
    assert done.json["subindication"] == "OUT_OF_BOUNDS_NO_POE", done


# --- how it is typed, and what is printed -----------------------------------------------------------------------------

def test_options_stand_anywhere(kyso, one, authority):
    answers = {kyso.run(*arguments).ok().out for arguments in (
        ("verify", one, "--trust", authority.root, "--at", "2027-01-01", "--json"),
        ("verify", "--trust", authority.root, "--at", "2027-01-01", one, "--json"),
        ("verify", f"--trust={authority.root}", "--json", one, "--at=2027-01-01"),
        ("--json", "verify", "--only-trust", "--trust", authority.root, "--at", "2027-01-01", "--offline", one),
        ("verify", "--at", "2027-01-01", "--json", "--trust", authority.root, "--", one))}
    assert len(answers) == 1


def test_several_trusted(kyso, one, authority, published):
    kyso.run("verify", "--trust", published.root, "--trust", authority.root, one).ok()
    done = kyso.run("verify", "--only-trust", "--trust", published.root, one)
    assert done.code == 2, done


def test_languages(kyso, one, trust):
    arguments = ("verify", one, *trust, "--at", "2027-01-01")
    vietnamese, english = (kyso.run(*arguments, *more).ok().out for more in ((), ("--lang", "en")))
    assert "Chữ ký hợp lệ" in vietnamese and "Valid signature of" in english
    words = english.replace("Nguyễn Văn A", "").replace("Hà Nội", "").replace("Cơ quan mẫu", "")
    words = words.replace("Phó Giám đốc", "").replace("Công văn mẫu - triển khai ký số", "")
    assert not VIETNAMESE.search(words), words
    assert kyso.run(*arguments, env={"KYSO_LANG": "en"}).ok().out == english
    rows = [kyso.run("verify", one, *trust, "--json", "--lang", name).ok().json for name in ("vi", "en")]
    assert rows[0]["explanation"] != rows[1]["explanation"]
    assert set(rows[0]) == set(rows[1]) and rows[0]["indication"] == rows[1]["indication"]


def test_claimed_time_is_never_called_proven(kyso, one, trust):
    out = kyso.run("verify", one, *trust).ok().out
    assert "theo đồng hồ của máy ký" in out and "chưa có dấu thời gian" in out
    assert "chưa kiểm tra được" in out  # the authority publishes no status


def test_details(kyso, one, trust):
    plain, detailed = (kyso.run("verify", one, *trust, *more).ok().out for more in ((), ("--details",)))
    assert "Thông tư 15/2025/TT-BKHCN" in detailed and "Thông tư 15/2025/TT-BKHCN" not in plain
    listed = set(re.findall(r"\[([a-z0-9.-]+)\](?: \(byte \d+\))?$", detailed, re.M))
    row = kyso.run("verify", one, *trust, "--json").ok().json
    found = {finding["code"] for part in (row, *row["signatures"]) for finding in part["findings"]}
    assert listed == found and "timestamp.missing" in found


def test_quiet(kyso, one, changed, trust):
    for arguments, code in ((("verify", one), 0), (("verify", changed), 1), (("verify", one, changed), 1)):
        done = kyso.run(*arguments, *trust, "--quiet")
        assert done.code == code and done.out == "" and done.err == "", done
    assert kyso.run("verify", one, *trust, "--quiet", "--json").ok().json["verdict"] == "valid"


# --- several files ----------------------------------------------------------------------------------------------------

def test_table(kyso, one, two, changed, trust, tmp_path):
    missing = tmp_path / "không có.pdf"
    done = kyso.run("verify", one, changed, *trust, missing, two, LETTER)
    assert done.code == 1 and done.err == "", f"progress is for terminals\n{done}"
    *rows, total = done.out.splitlines()
    symbols = {line.split(" — ")[0] for line in rows}
    assert symbols == {f"✓ {one}", f"✓ {two}", f"✗ {changed}", f"– {missing}", f"? {LETTER}"}
    assert total == "5 tệp: 2 hợp lệ, 1 không hợp lệ, 1 chưa kết luận được, 1 không đọc được."
    (row,) = [line for line in rows if line.startswith("–")]
    assert "không có.pdf" in row and " → " in row and "[base.file.missing]" in row
    assert kyso.run("verify", one, two, *trust, "--lang", "en").ok().out.splitlines()[-1] == \
        "2 files: 2 valid, 0 invalid, 0 undetermined, 0 not readable."


def test_names_that_look_like_results(kyso, one, trust, tmp_path):
    """Who sends a file names it."""
    name = "a.pdf\n✓ b.pdf — Chữ ký hợp lệ\x1b[2K\u202e.pdf"
    shutil.copy(one, tmp_path / name)
    for files in ((tmp_path / name,), (tmp_path / name, one), (tmp_path / f"no {name}", one)):
        done = kyso.run("verify", *files)
        assert not re.search("^✓|[\x1b\u202e]", done.out + done.err, re.M), done
    assert kyso.run("verify", tmp_path / f"no {name}").err.count("\n") == 3
    row = json.loads(kyso.run("verify", tmp_path / name, one, *trust, "--json", "--jobs", "1").out.splitlines()[0])
    assert row["path"] == str(tmp_path / name), "JSON carries values as they are"


def test_fields_that_look_like_results(kyso, authority, tmp_path):
    """Who makes a document names its fields."""
    signed, renamed = tmp_path / "signed.pdf", tmp_path / "renamed.pdf"
    kyso.sign(LETTER, signed, authority.p12("leader")).ok()
    data = signed.read_bytes()
    assert b"(ChuKy)" in data
    renamed.write_bytes(data.replace(b"(ChuKy)", b"(C\n\x1b[K)"))
    done = kyso.run("verify", renamed)
    assert done.code == 1 and "[C" in done.out and "\x1b" not in done.out and "\n\x1b" not in done.out, done
    kyso.run("facts", renamed, "-o", tmp_path / "facts.json").ok()
    assert "\x1b" not in kyso.run("judge", tmp_path / "facts.json").out


def test_answer_that_does_not_arrive(kyso, one, trust):
    """A full disk behind standard output is no success; a reader that has seen enough is."""
    for more in ((), ("--json",)):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(kyso.command("verify", one, *trust, *more), env=kyso.environment, stdout=full,
                                  stderr=subprocess.PIPE, timeout=60, check=False)
        assert done.returncode == 61, done
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(kyso.command("verify", one, *trust, *more), env=kyso.environment, stdout=writing,
                              stderr=subprocess.PIPE, timeout=60, check=False)
        os.close(writing)
        assert done.returncode == 0 and done.stderr == b"", done


def test_worst_exit_code(kyso, one, two, changed, trust, tmp_path):
    """False before not readable before undetermined."""
    missing = tmp_path / "none.pdf"
    for files, code in (((one, two), 0), ((one, LETTER), 2), ((LETTER, missing, one), 3), ((missing, changed, one), 1),
                        ((changed, LETTER, two), 1)):
        assert kyso.run("verify", *files, *trust).code == code
        assert kyso.run("verify", *files, *trust, "--json").code == code


def test_progress_on_a_terminal(kyso, one, two, trust):
    """On the terminal of standard error; the table stays clean, and --quiet shows none."""
    for more in ((), ("--quiet",)):
        terminal, end = pty.openpty()
        done = subprocess.run(kyso.command("verify", one, two, *trust, *more), env=kyso.environment, timeout=60,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=end, check=True)
        os.set_blocking(terminal, False)
        os.close(end)
        try:
            shown = os.read(terminal, 1 << 16).decode()
        except OSError:  # nobody wrote
            shown = ""
        finally:
            os.close(terminal)
        assert ("0/2" in shown and "2/2" in shown) == (not more), shown
        assert len(done.stdout.splitlines()) == (0 if more else 3) and b"\r" not in done.stdout


@pytest.mark.parametrize("jobs", [(), ("--jobs", "1"), ("--jobs", "7")], ids=" ".join)
def test_lines_of_json(kyso, one, two, changed, trust, tmp_path, jobs):
    missing = tmp_path / "none.pdf"
    files = [one, two, changed, LETTER, missing] + [one] * 20
    done = kyso.run("verify", *files, *trust, *jobs, "--at", "2027-01-01", "--json")
    assert done.code == 1 and done.err == "", done
    rows, alone = [json.loads(line) for line in done.out.splitlines()], {}
    assert sorted(row["path"] for row in rows) == sorted(map(str, files))
    for row in rows:
        if row["path"] == str(missing):
            assert set(row) == {"path", "error"} and row["error"]["code"] == "base.file.missing"
            continue
        path = row.pop("path")
        if path not in alone:
            alone[path] = kyso.run("verify", path, *trust, "--at", "2027-01-01", "--json").json
        assert row == alone[path], "the verdict depends on other files"


# --- passwords --------------------------------------------------------------------------------------------------------

def test_password(kyso, encrypted, trust, tmp_path):
    (tmp_path / "password.txt").write_text(PASSWORD + "\n")
    row = kyso.run("verify", encrypted, *trust, "--password", f"file:{tmp_path / 'password.txt'}", "--json").ok().json
    assert row["verdict"] == "valid" and len(row["signatures"]) == 1
    done = kyso.run("verify", encrypted, *trust, "--password", "fd:0", "--json", stdin=None, input=PASSWORD.encode())
    assert done.ok().json["verdict"] == "valid"
    kyso.run("facts", encrypted, "--password", PASSWORD).ok()
    kyso.run("extract", encrypted, "--password", PASSWORD, "-o", tmp_path / "out.pdf").ok()
    assert (tmp_path / "out.pdf").read_bytes() == encrypted.read_bytes()


def test_password_wrong_or_missing(kyso, encrypted, trust, tmp_path):
    (tmp_path / "wrong.txt").write_text("something else\n")
    refused_to_read(kyso, tmp_path, [encrypted, *trust], "pdf.encrypted.password_needed")
    refused_to_read(kyso, tmp_path, [encrypted, *trust, "--password", f"file:{tmp_path / 'wrong.txt'}"],
                    "pdf.encrypted.password_wrong")
    assert_refused(kyso, tmp_path, ("verify", encrypted, "--password", f"file:{tmp_path / 'none.txt'}"), 4)
    # The commands that conclude nothing have the exit code of what is wrong.
    assert_refused(kyso, tmp_path, ("facts", encrypted), 10)
    assert_refused(kyso, tmp_path, ("extract", encrypted, "-o", tmp_path / "out.pdf", "--password", "wrong"), 11,
                   secrets=("usersecret",))


# --- detached signatures ----------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def detached(authority, folder):
    """A text, and a CAdES signature beside it made by openssl."""
    content = folder / "bảng kê.csv"
    content.write_text("Số tiền\n1.000.000\n")
    key = folder / "leader.key"
    key.write_bytes(call("openssl", "pkey", "-in", authority.folder / "leader.key.pem", "-passin",
                         f"file:{authority.pin_file}").stdout)
    done = call("openssl", "cms", "-sign", "-binary", "-cades", "-md", "sha256", "-in", content, "-signer",
                authority.folder / "leader.cert.pem", "-inkey", key, "-certfile", authority.folder / "chain.pem",
                "-outform", "DER", "-out", folder / "bảng kê.csv.p7s")
    assert done.returncode == 0, done.stderr
    return content


def test_detached(kyso, detached, trust, tmp_path):
    signature = detached.with_name(detached.name + ".p7s")
    for more in ((), ("--content", detached)):
        row = kyso.run("verify", signature, *more, *trust, "--json").ok().json
        assert (row["verdict"], row["format"], len(row["signatures"])) == ("valid", "cades", 1)
    elsewhere = tmp_path / "elsewhere.p7s"
    shutil.copy(signature, elsewhere)
    refused_to_read(kyso, tmp_path, [elsewhere, *trust], "base.file.missing")
    kyso.run("verify", elsewhere, "--content", detached, *trust).ok()
    shutil.copy(signature, tmp_path / "signature.der")
    kyso.run("verify", tmp_path / "signature.der", "--content", detached, *trust).ok()
    other = tmp_path / "other.csv"
    other.write_text(detached.read_text().replace("1.000.000", "9.000.000"))
    done = kyso.run("verify", elsewhere, "--content", other, *trust, "--json")
    assert done.code == 1 and done.json["subindication"] == "HASH_FAILURE", done
    refused_to_read(kyso, tmp_path, [elsewhere, "--content", tmp_path / "none.csv"], "base.file.missing")


def test_detached_saved_and_judged_again(kyso, fresh_kyso, detached, trust, tmp_path):
    signature, saved = detached.with_name(detached.name + ".p7s"), tmp_path / "saved.json"
    verified = kyso.run("verify", signature, *trust, "--save-evidence", saved, "--html", tmp_path / "report.html",
                        "--pdf", tmp_path / "report.pdf", "--etsi", tmp_path / "report.xml", "--json").ok()
    judged = fresh_kyso().run("judge", saved, "--json").ok()
    assert {**judged.json, "file": 0} == {**verified.json, "file": 0}
    assert all((tmp_path / f"report.{kind}").stat().st_size > 1000 for kind in ("html", "pdf", "xml"))


def test_detached_beside_pdfs(kyso, detached, one, changed, trust):
    signature = detached.with_name(detached.name + ".p7s")
    done = kyso.run("verify", one, signature, changed, *trust, "--json")
    assert done.code == 1, done
    verdicts = {row["path"]: (row["format"], row["verdict"]) for row in map(json.loads, done.out.splitlines())}
    assert verdicts == {str(one): ("pdf", "valid"), str(changed): ("pdf", "invalid"), str(signature): ("cades", "valid")}


# --- reports ----------------------------------------------------------------------------------------------------------

REPORTS = {"--html": b"<!DOCTYPE html>", "--pdf": b"%PDF-", "--etsi": b"<?xml", "--save-evidence": b"{"}


def test_all_reports_at_once(kyso, two, trust, tmp_path):
    options = [part for name in REPORTS for part in (name, tmp_path / name.strip("-"))]
    kyso.run("verify", two, *trust, *options).ok()
    for name, beginning in REPORTS.items():
        assert (tmp_path / name.strip("-")).read_bytes().lower().startswith(beginning.lower()), name


@pytest.mark.parametrize("option", REPORTS)
def test_reports_refused(kyso, one, two, trust, tmp_path, option):
    """For several files, over the document, into what is no folder."""
    path = tmp_path / "in.pdf"
    shutil.copy(one, path)
    os.link(path, tmp_path / "hard.pdf")
    (tmp_path / "link.pdf").symlink_to(path)
    assert_refused(kyso, tmp_path, ("verify", one, two, *trust, option, tmp_path / "out"), 4, "kyso.verify.one_report")
    for output in ("in.pdf", "hard.pdf", "link.pdf", "../" + tmp_path.name + "/in.pdf"):
        assert_refused(kyso, tmp_path, ("verify", path, *trust, option, tmp_path / output), 4, "kyso.output.is_input")
    assert_refused(kyso, tmp_path, ("verify", path, *trust, option, tmp_path / "no" / "out"), 61)


def test_reports_spare_what_was_read(kyso, one, detached, authority, tmp_path):
    """The signed content, the trusted certificate, the policy; and each other."""
    content, root, policy = tmp_path / "in.csv", tmp_path / "root.pem", tmp_path / "own.toml"
    shutil.copy(detached, content)
    shutil.copy(detached.with_name(detached.name + ".p7s"), tmp_path / "in.csv.p7s")
    shutil.copy(authority.root, root)
    policy.write_text('extends = "strict"\n')
    arguments = ("--trust", root, "--policy", policy)
    for output in (content, root, policy, tmp_path / "in.csv.p7s"):
        assert_refused(kyso, tmp_path, ("verify", tmp_path / "in.csv.p7s", *arguments, "--html", output), 4)
    assert_refused(kyso, tmp_path, ("verify", one, *arguments, "--html", tmp_path / "out", "--pdf",
                                    f"{tmp_path}/./out"), 4, "kyso.output.twice")


def test_report_of_an_invalid_document(kyso, changed, trust, tmp_path):
    done = kyso.run("verify", changed, *trust, "--html", tmp_path / "report.html")
    assert done.code == 1 and "đã bị thay đổi sau khi ký" in (tmp_path / "report.html").read_text(), done


# --- facts and judge --------------------------------------------------------------------------------------------------

def test_facts(kyso, fresh_kyso, changed, tmp_path):
    out = kyso.run("facts", changed).ok().out
    assert json.loads(out)["version"] == 1 and len(json.loads(out)["revisions"]) == 4
    copy = tmp_path / "another name.pdf"
    shutil.copy(changed, copy)
    kyso.run("facts", "-o", tmp_path / "facts.json", copy).ok()
    assert (tmp_path / "facts.json").read_text().rstrip("\n") == out.rstrip("\n"), "facts are canonical"
    assert fresh_kyso().run("facts", changed, "--lang", "en", "--json", env={"TZ": "America/Lima"}).ok().out == out
    assert_refused(kyso, tmp_path, ("facts", copy, "-o", copy), 63, "kyso.output.is_input")
    assert_refused(kyso, tmp_path, ("facts", tmp_path / "none.pdf"), 64)
    assert_refused(kyso, tmp_path, ("facts",), 4)
    (tmp_path / "text.pdf").write_text("không phải PDF")
    assert_refused(kyso, tmp_path, ("facts", tmp_path / "text.pdf", "-o", tmp_path / "out.json"), 3)


def test_judge_facts(kyso, one, two, changed, trust, tmp_path):
    """From the facts alone the verdict is that of `verify`, but for the name of the file, which is no fact."""
    for document, code in ((one, 0), (two, 0), (changed, 1)):
        facts = tmp_path / "facts.json"
        kyso.run("facts", document, "-o", facts).ok()
        options = (*trust, "--at", "2027-01-01", "--json")
        again, verified = kyso.run("judge", facts, *options), kyso.run("verify", document, *options)
        assert again.code == verified.code == code, again
        assert {**again.json, "file": None} == {**verified.json, "file": None}
        assert kyso.run("judge", facts).code == max(code, 2 - code), "nobody is trusted any more"


def other_machine(fresh_kyso, folder):
    """A program with another home, another share folder (no authorities, stricter policy) and another clock's zone."""
    shutil.copytree(SHARE, folder, ignore=shutil.ignore_patterns("*.crt", "trust.toml"))
    strict = folder / "policies" / "strict.toml"
    strict.write_text(strict.read_text().replace('duty = "optional"', 'duty = "required"'))
    program = fresh_kyso()
    program.environment |= {"KYSO_SHARE": str(folder), "TZ": "America/Lima"}
    return program


def test_judge_saved_evidence(kyso, fresh_kyso, published, tmp_path):
    signed, saved = tmp_path / "signed.pdf", tmp_path / "saved.json"
    kyso.sign(LETTER, signed, published.holder("crl-only"), "--tsa", published.tsa_url).ok()
    published.publish_list()
    trust = ("--trust", published.root)
    verified = kyso.run("verify", signed, "--online", *trust, "--save-evidence", saved, "--json").ok()
    assert verified.json["online"] is True
    signed.unlink()
    published.asked.clear()
    here = kyso.run("judge", saved, "--json").ok()
    elsewhere = other_machine(fresh_kyso, tmp_path / "share")
    there = elsewhere.run("judge", saved, "--json", cwd=tmp_path).ok()
    assert there.out == here.out and published.asked == []
    assert {**here.json, "file": 0, "online": 0} == {**verified.json, "file": 0, "online": 0}
    # Options speak louder than what was saved: without trust the question is open.
    assert elsewhere.run("judge", saved, "--only-trust").code == 2
    assert elsewhere.run("judge", saved, "--policy", "tt15", "--json").ok().json["policy"] == "tt15"
    late = elsewhere.run("judge", saved, "--at", "2060-01-01", "--json").json
    assert late["time"] == "2060-01-01T00:00:00+07:00" and late["verdict"] == "undetermined"


def test_judge_refuses(kyso, one, tmp_path):
    assert_refused(kyso, tmp_path, ("judge", one), 3, "verify.facts.malformed")
    assert_refused(kyso, tmp_path, ("judge", tmp_path / "none.json"), 64)
    (tmp_path / "empty.json").write_text("{}")
    assert_refused(kyso, tmp_path, ("judge", tmp_path / "empty.json"), 3)
    kyso.run("facts", one, "-o", tmp_path / "facts.json").ok()
    text = (tmp_path / "facts.json").read_text()
    (tmp_path / "cut.json").write_text(text[:len(text) // 2])
    assert_refused(kyso, tmp_path, ("judge", tmp_path / "cut.json"), 3)
    assert_refused(kyso, tmp_path, ("judge", tmp_path / "facts.json", "--online"), 4)


# --- extract ----------------------------------------------------------------------------------------------------------

def test_extract_revisions(kyso, changed, two, one, trust, tmp_path):
    """Every revision is the beginning of the file, byte for byte; the signed ones verify as they were signed."""
    data = changed.read_bytes()
    ends = [revision["end"] for revision in kyso.run("inspect", changed, "--json").ok().json["revisions"]]
    assert ends == sorted(ends) and len(ends) == 4
    verdicts = []
    for number, end in enumerate(ends, 1):
        output = tmp_path / f"{number}.pdf"
        done = kyso.run("extract", changed, "--revision", number, "-o", output, "--json").ok()
        assert done.json == {"output": str(output), "revision": number, "bytes": end}
        assert output.read_bytes() == data[:end]
        verdicts.append(kyso.run("verify", output, *trust).code)
    assert verdicts == [2, 0, 0, 1]
    assert (tmp_path / "1.pdf").read_bytes() == LETTER.read_bytes()
    assert (tmp_path / "2.pdf").read_bytes() == one.read_bytes()
    assert (tmp_path / "3.pdf").read_bytes() == two.read_bytes()


def test_extract_signatures(kyso, changed, two, one, trust, tmp_path):
    leader, organisation = fields(two, kyso)
    for number, (field, original) in enumerate(((leader, one), (organisation, two))):
        output = tmp_path / f"{number}.pdf"
        kyso.run("extract", "--signature", field, "-o", output, changed).ok()
        assert output.read_bytes() == original.read_bytes()
        row = kyso.run("verify", output, *trust, "--json").ok().json
        (entry,) = [entry for entry in row["signatures"] if entry["field"] == field]
        assert entry["covers_whole_document"] and entry["modifications"] == []
    done = kyso.run("extract", changed, "-o", tmp_path / "newest.pdf").ok()
    assert (tmp_path / "newest.pdf").read_bytes() == two.read_bytes() and "phiên bản 3" in done.out


def test_extract_refuses(kyso, changed, tmp_path):
    path, output = tmp_path / "in.pdf", tmp_path / "out.pdf"
    shutil.copy(changed, path)
    assert_refused(kyso, tmp_path, ("extract", path, "-o", path), 63, "kyso.output.is_input")
    assert_refused(kyso, tmp_path, ("extract", path), 4)
    assert_refused(kyso, tmp_path, ("extract", path, "-o", output, "--revision", "0"), 4)
    assert_refused(kyso, tmp_path, ("extract", path, "-o", output, "--revision", "1", "--signature", "x"), 4)
    assert_refused(kyso, tmp_path, ("extract", path, "-o", output, "--signature", "Không có"), 15, "kyso.extract.field")
    for number in ("5", "99999999999"):
        done = kyso.run("extract", path, "-o", output, "--revision", number, "--json")
        assert done.code not in (0, 5) and done.json["error"]["next_step"] and not output.exists(), done
    assert_refused(kyso, tmp_path, ("extract", LETTER, "-o", output), 20, "kyso.extract.unsigned")
    kyso.run("extract", LETTER, "-o", output, "--revision", "1").ok()
    assert output.read_bytes() == LETTER.read_bytes()


# --- trust ------------------------------------------------------------------------------------------------------------

@pytest.fixture
def home(fresh_kyso):
    return fresh_kyso()


def anchors(program):
    return {anchor["name"]: anchor for anchor in program.run("trust", "list", "--json").ok().json}


def test_add_and_remove(home, one, authority):
    before = anchors(home)
    assert home.run("verify", one).code == 2
    added = home.run("trust", "add", authority.root, "--reason", "CA nội bộ, theo văn bản số 1/CA").ok()
    (entry,) = [anchor for name, anchor in anchors(home).items() if name not in before]
    assert entry["name"] == "Kyso demo root" and entry["group"] == "user"
    assert entry["reason"] == "CA nội bộ, theo văn bản số 1/CA" and re.fullmatch(TIME, entry["added"])
    assert entry["revocation"] == "if-published" and entry["sha256"] in added.out
    assert "CA nội bộ" in home.run("trust", "list").ok().out
    home.run("verify", one).ok()
    home.run("trust", "remove", entry["sha256"][:8].upper(), "--reason", "thử xong").ok()
    assert anchors(home) == before and home.run("verify", one).code == 2
    (line,) = [line for line in home.run("trust", "list").ok().out.splitlines() if "[đã bỏ]" in line]
    assert "Kyso demo root" in line and "thử xong" in line and re.search(TIME, line)


def test_added_again_replaces(home, authority):
    for reason in ("một", "hai"):
        home.run("trust", "add", authority.root, "--name", "CA mẫu", "--reason", reason).ok()
    assert anchors(home)["CA mẫu"]["reason"] == "hai" and "Kyso demo root" not in anchors(home)
    home.run("trust", "remove", "ca MẪU", "--reason", "x").ok()
    assert "CA mẫu" not in anchors(home)


@pytest.mark.parametrize("options,code,reason", [
    (("--until", "2020-01-01"), 2, "pki.anchor.time"), (("--from", "2040-01-01"), 2, "pki.anchor.time"),
    (("--from", "2020-01-01", "--until", "01/01/2090"), 0, None),
    (("--revocation", "required"), 2, "revocation.missing"), (("--revocation", "if-published"), 0, None),
    (("--intermediate",), 2, "pki.path.untrusted")],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "")
def test_terms_of_trust(home, one, authority, options, code, reason):
    home.run("trust", "add", authority.root, "--reason", "thử", *options).ok()
    done = home.run("verify", one, "--json")
    assert (done.code, done.json["reason"] if code else None) == (code, reason), done
    (entry, *_) = [anchor for anchor in anchors(home).values() if anchor["group"] == "user"] or [{}]
    if "--from" in options:
        assert re.fullmatch(TIME, entry["trusted_from"])
    if "--until" in options:
        assert re.fullmatch(TIME, entry["trusted_until"])


def test_intermediates_are_listed_and_removed(home, authority):
    before = anchors(home)
    home.run("trust", "add", authority.folder / "issuing.pem", "--intermediate", "--name", "CA cấp dưới", "--reason",
             "thiếu trong chữ ký").ok()
    assert anchors(home)["CA cấp dưới"]["role"] == "intermediate"
    assert {anchor["role"] for anchor in before.values()} == {"anchor"}
    home.run("trust", "remove", "CA cấp dưới", "--reason", "thôi").ok()
    assert anchors(home) == before
    home.run("trust", "remove", "VNPT Certification Authority", "--reason", "đã ngừng").ok()
    assert "[đã bỏ]" in home.run("trust", "list").ok().out and anchors(home) == before


def test_shipped_authority_removed_and_added_again(home, tmp_path):
    before = anchors(home)
    assert before[SHIPPED]["revocation"] == "required"
    home.run("trust", "remove", SHIPPED, "--reason", "không dùng ở cơ quan").ok()
    assert SHIPPED not in anchors(home) and len(anchors(home)) == len(before) - 1
    assert_refused(home, tmp_path, ("trust", "remove", SHIPPED, "--reason", "lần nữa"), 35, "kyso.trust.not_found")
    (line,) = [line for line in home.run("trust", "list").ok().out.splitlines() if "[đã bỏ]" in line]
    assert SHIPPED in line and "không dùng ở cơ quan" in line and re.search(TIME, line)
    certificate = SHARE / "trust" / "vn-national-root-2008.crt"
    home.run("trust", "add", certificate, "--name", SHIPPED, "--reason", "cần lại", "--revocation", "required").ok()
    again = anchors(home)[SHIPPED]
    assert again["sha256"] == before[SHIPPED]["sha256"] and again["reason"] == "cần lại"
    assert "[đã bỏ]" not in home.run("trust", "list").ok().out
    home.run("trust", "remove", SHIPPED, "--reason", "thôi").ok()
    assert SHIPPED not in anchors(home)
    # What is refused changes nothing.
    assert home.run("trust", "add", certificate, "--reason", "x", "--from", "ngày mai").code == 4
    assert SHIPPED not in anchors(home)


def test_many_at_once(home, authority, published):
    """Decisions made at the same time are all kept."""
    roots = [authority.root, published.root, authority.folder / "issuing.pem", published.folder / "issuing.pem"]
    running = [subprocess.Popen(home.command("trust", "add", root, "--name", f"CA {number}", "--reason", "thử"),
                                env=home.environment, stdout=subprocess.DEVNULL) for number, root in enumerate(roots * 3)]
    assert all(process.wait(timeout=60) == 0 for process in running)
    assert sorted(anchor["reason"] for anchor in anchors(home).values() if anchor["group"] == "user") == ["thử"] * 4


def test_trust_refuses(home, authority, published, tmp_path):
    assert_refused(home, tmp_path, ("trust",), 4)
    assert_refused(home, tmp_path, ("trust", "add", authority.root), 4)
    assert_refused(home, tmp_path, ("trust", "remove", SHIPPED), 4)
    assert_refused(home, tmp_path, ("trust", "add", authority.root, "--reason", "x", "--from", "ngày mai"), 4)
    assert_refused(home, tmp_path, ("trust", "add", authority.root, "--reason", "x", "--revocation", "never"), 4)
    assert_refused(home, tmp_path, ("trust", "add", tmp_path / "none.pem", "--reason", "x"), 64)
    (tmp_path / "text.pem").write_text("không phải chứng thư\n")
    assert_refused(home, tmp_path, ("trust", "add", tmp_path / "text.pem", "--reason", "x"), 65)
    assert_refused(home, tmp_path, ("trust", "remove", "Không có", "--reason", "x"), 35, "kyso.trust.not_found")
    for root in (authority.root, published.root):
        home.run("trust", "add", root, "--name", "Trùng tên", "--reason", "thử").ok()
    assert_refused(home, tmp_path, ("trust", "remove", "trùng tên", "--reason", "x"), 4, "kyso.trust.ambiguous")
    assert len(home.run("trust", "list", "--json").json) == 4


# --- trusted files and folders, and the network -----------------------------------------------------------------------

@pytest.fixture(scope="module")
def checked(kyso, published, folder):
    """Signed with a certificate that names its services; the folder of an administrator with lists newer than that."""
    signed = folder / "published.pdf"
    kyso.sign(LETTER, signed, published.holder("leader")).ok()
    place = folder / "authorities"
    (place / "older").mkdir(parents=True)
    shutil.copy(published.root, place / "root.crt")
    for name in ("root.key", "issuing.key", "pin.txt"):
        shutil.copy(published.folder / name, place)
    for name in ("root", "issuing"):
        published.publish_list(name)
        (place / f"{name}.crl").write_bytes(published.files[f"/{name}.crl"])
    (place / "README.txt").write_text("Chứng thư và danh sách thu hồi\n")
    published.asked.clear()
    return signed, place


def test_folder_with_lists_and_keys(kyso, checked, tmp_path):
    signed, place = checked
    kyso.run("verify", signed, "--only-trust", "--trust", place).ok()
    done = kyso.run("verify", signed, "--only-trust", "--trust", place / "root.crt", "--json")
    assert done.code == 2 and done.json["reason"] == "revocation.missing", done
    kyso.run("verify", signed, "--only-trust", "--trust", place / "root.crt", "--trust", place / "issuing.crl",
             "--trust", place / "root.crl").ok()
    assert_refused(kyso, tmp_path, ("verify", signed, "--trust", place / "root.key"), 4)
    assert_refused(kyso, tmp_path, ("verify", signed, "--trust", tmp_path / "none.pem"), 4)


def test_offline_touches_no_network(kyso, published, checked):
    signed, place = checked
    for arguments in (("verify", signed, "--trust", published.root), ("verify", "--offline", signed, "--trust", place),
                      ("verify", signed, signed, "--trust", published.root, "--details"), ("facts", signed)):
        kyso.run(*arguments)
    assert published.asked == []
    done = kyso.run("verify", signed, "--online", "--trust", published.root, "--json").ok()
    assert published.asked and done.json["online"] is True


def test_without_any_network(kyso, checked):
    signed, place = checked
    if subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine lets nobody take the network away from a program")
    arguments = ("verify", signed, "--only-trust", "--trust", place, "--at", "2027-01-01", "--json")
    outside = kyso.run(*arguments)
    run = subprocess.run(["unshare", "-rn", *kyso.command(*arguments)], env=kyso.environment, capture_output=True,
                         timeout=60, check=False)
    inside = Done(run.returncode, run.stdout.decode(), run.stderr.decode(), arguments)
    assert (inside.code, inside.out, inside.err) == (outside.code, outside.out, outside.err)


def test_services_that_do_not_answer(fresh_kyso, published, checked):
    """--online with everything down: undetermined and said so, not an error."""
    signed, _ = checked
    arguments = ("verify", signed, "--online", "--fetch-timeout", "5", "--trust", published.root, "--json")
    try:
        for path in ("/ocsp/issuing", "/ocsp/root", "/issuing.crl", "/root.crl"):
            published.behaviour[path] = "down"
        done = fresh_kyso().run(*arguments)
    finally:
        published.behaviour.clear()
    assert done.code == 2 and done.json["subindication"] == "TRY_LATER", done
    assert {certificate["status"] for certificate in done.json["signatures"][0]["chain"]} == {"not_checked", "anchor"}


def test_answers_are_kept(fresh_kyso, published, checked):
    signed, _ = checked
    program = fresh_kyso()
    arguments = ("verify", signed, "--online", "--trust", published.root)
    program.run(*arguments).ok()
    published.asked.clear()
    program.run(*arguments).ok()
    assert published.asked == [], "the second answer was in the cache"
    program.run(*arguments, "--no-cache").ok()
    assert published.asked
