"""Looking inside: revisions, signatures, fields, texts; and templates that are made, listed, shown and used."""
import json
import re

import pytest
from judges import assert_all_valid, page_text, pdfsig, word_boxes
from program import DATA, SIGNATURE_PNG, VIETNAMESE, assert_refused
from samples import all_samples, sample

SIGNED = DATA / "own/signed-certified-p2-then-approval.pdf"


# --- inspect ----------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("it", all_samples(), ids=lambda it: it.name)
def test_inspect_every_sample(kyso, it):
    """Agrees with pdfsig about signatures and with qpdf about pages and encryption."""
    facts = kyso.run("inspect", it.path, "--json", *it.options).ok().json
    assert {signature["field"] for signature in facts["signatures"]} == set(pdfsig(it.path, it.password))
    from judges import call
    assert facts["pages"] == int(call("qpdf", f"--password={it.password}", "--show-npages", it.path).stdout)
    assert facts["bytes"] == it.path.stat().st_size
    encrypted = call("qpdf", "--is-encrypted", it.path).returncode == 0
    assert ("encryption" in facts["permissions"]) == encrypted
    assert facts["permissions"]["signed"] == bool(facts["signatures"])
    assert facts["revisions"] and facts["revisions"][-1]["end"] <= facts["bytes"]
    for revision in facts["revisions"]:
        assert all(section["kind"] in ("table", "stream", "hybrid") for section in revision["sections"])


def test_inspect_signatures(kyso):
    facts = kyso.run("inspect", SIGNED, "--json").ok().json
    leader, organisation = facts["signatures"]
    assert leader["field"] == "LanhDao" and leader["certification"] == 2 and not leader["covers_whole_document"]
    assert organisation["field"] == "CoQuan" and organisation["covers_whole_document"]
    assert "CN=Nguyễn Văn A" in leader["signer"] and leader["sub_filter"] == "ETSI.CAdES.detached"
    assert leader["byte_range"] == [0, 63543, 72203, 791]
    assert re.fullmatch(r"[0-9a-f]+", leader["serial"], re.I) and leader["not_after"].endswith("+07:00")
    assert facts["permissions"]["certification"] == 2


@pytest.mark.parametrize("language, words", [("vi", ("Chữ ký: 2", "Phiên bản:", "Ô nhập:", "Được chứng nhận ở mức 2")),
                                             ("en", ("Signatures: 2", "Revisions:", "Fields:", "Certified at level 2"))])
def test_inspect_table(kyso, language, words):
    done = kyso.run("inspect", SIGNED, "--lang", language).ok()
    for word in words:
        assert word in done.out, done
    assert not done.err and "{" not in done.out


def test_inspect_fields(kyso):
    fields = {field["name"]: field for field in kyso.run("inspect", DATA / "own/two-empty-fields.pdf", "--json").ok().json["fields"]}
    assert set(fields) == {"LanhDao", "CoQuan"}
    assert fields["LanhDao"]["widgets"] == [{"page": 1, "rect": [345, 95, 495, 165]}]
    assert fields["LanhDao"]["kind"] == "signature" and not fields["LanhDao"]["signed"] and not fields["LanhDao"]["locked"]


def test_inspect_says_what_is_damaged(kyso, tmp_path):
    notes = kyso.run("inspect", DATA / "pyhanko/minimal-badxref.pdf", "--json").ok().json["structure_notes"]
    assert any(note["needs_repair"] and note["code"] and note["offset"] >= 0 for note in notes), notes
    assert not kyso.run("inspect", DATA / "pyhanko/minimal.pdf", "--json").ok().json["structure_notes"]
    assert_refused(kyso, tmp_path, ("inspect", SIGNATURE_PNG), 3, "pdf.not_pdf")


def test_inspect_declared_pdfa(kyso):
    for name, declared in (("vn-quyet-dinh.pdf", "2B"), ("vn-to-trinh.pdf", "1A"),
                           ("verapdf/pdfa-2u-fonts-6-2-11-7-2-t01-pass-e.pdf", "2U"), ("vn-cong-van.pdf", None)):
        assert kyso.run("inspect", DATA / name, "--json").ok().json.get("pdfa", "none").upper() == (declared or "NONE")


# --- text -----------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name, text", [("vn-cong-van.pdf", "Nguyễn Văn A"), ("vn-quyet-dinh.pdf", "QUYẾT ĐỊNH"),
                                        ("vn-to-trinh.pdf", "TỜ TRÌNH")])
def test_text_stands_where_poppler_sees_it(kyso, name, text):
    matches = kyso.run("text", DATA / name, text, "--json").ok().json
    assert matches
    words = word_boxes(DATA / name)
    first, last = text.split()[0], text.split()[-1]
    page_height = 841.89
    for match in matches:
        if match["page"] != 1:
            continue
        x0, y0, x1, y1 = match["rect"]
        near = [w for w in words if w[4].startswith(first) and abs(w[0] - x0) < 3 and abs((page_height - w[3]) - y0) < 6]
        # A word with a colon behind it ends further right than the match.
        ends = [w for w in words if w[4].startswith(last) and abs((page_height - w[1]) - y1) < 6
                and (abs(w[2] - x1) < 5 or (w[4] != last and w[0] < x1 < w[2]))]
        assert near and ends, (match, [w for w in words if w[4].startswith((first, last))])


def test_text_lists_every_line(kyso):
    rows = kyso.run("text", DATA / "vn-cong-van.pdf", "--json").ok().json
    squeezed = "".join(re.sub(r"\s", "", row["text"]) for row in rows)
    theirs = re.sub(r"\s", "", page_text(DATA / "vn-cong-van.pdf", 1, layout=False))
    assert sorted(squeezed) == sorted(theirs)


def test_text_table_and_languages(kyso):
    for language, word in (("vi", "trang 1"), ("en", "page 1")):
        assert word in kyso.run("text", DATA / "vn-cong-van.pdf", "Nguyễn Văn A", "--lang", language).ok().out


def test_text_that_is_not_there(kyso, tmp_path):
    done = kyso.run("text", DATA / "vn-cong-van.pdf", "Lê Văn Không", "--lang", "en")
    assert done.code == 20 and "kyso.text.not_found" in done.err and "Lê Văn Không" in done.err
    assert_refused(kyso, tmp_path, ("text", DATA / "vn-cong-van.pdf", "--page", "2"), 16, "pdf.page.missing")
    for page in ("0", "-1", "một"):
        assert_refused(kyso, tmp_path, ("text", DATA / "vn-cong-van.pdf", "--page", page), 4)


# --- templates ------------------------------------------------------------------------------------------------------------------

ROLES = {"plain", "leader", "initials", "comment", "organisation", "appendix", "copy", "incoming", "number"}


def test_template_list(fresh_kyso):
    kyso = fresh_kyso()
    rows = kyso.run("template", "list", "--json").ok().json
    assert {row["role"] for row in rows} == ROLES and all(row["shipped"] for row in rows)
    table = kyso.run("template", "list").ok().out
    assert all(row["name"] in table for row in rows) and "(có sẵn)" in table


def test_template_show_reads_back(fresh_kyso):
    import tomllib
    kyso = fresh_kyso()
    for row in kyso.run("template", "list", "--json").ok().json:
        shown = kyso.run("template", "show", row["name"]).ok().out
        values = tomllib.loads(shown)
        assert values["name"] == row["name"] and values["role"] == row["role"]
        assert tomllib.loads(kyso.run("template", "show", row["name"], "--json").ok().json["toml"]) == values


def test_template_new_show_sign(fresh_kyso, authority, tmp_path):
    kyso = fresh_kyso()
    picture = tmp_path / "chữ ký.png"
    picture.write_bytes(SIGNATURE_PNG.read_bytes())
    made = kyso.run("template", "new", "giám đốc", "--role", "leader", "--image", picture, "--signer-name", "Nguyễn Văn A",
                    "--width", "120", "--height", "56", "--json").ok().json
    assert made["path"].startswith(str(kyso.home))
    picture.unlink()  # the template keeps its own copy
    row = next(row for row in kyso.run("template", "list", "--json").ok().json if row["name"] == "giám đốc")
    assert row["role"] == "leader" and not row["shipped"]
    shown = kyso.run("template", "show", "giám đốc").ok().out
    assert "width = 120.0" in shown and 'name = "Nguyễn Văn A"' in shown
    output = tmp_path / "out.pdf"
    # Another person's certificate: the name of the template finds the place.
    done = kyso.sign(DATA / "vn-cong-van.pdf", output, authority.p12("clerk"), "--role", "leader", "--template", "giám đốc").ok()
    x0, _, x1, _ = done.json["place"]["rect"]
    assert done.json["place"]["by"] == "name" and abs(x1 - x0 - 120) < 0.5
    assert_all_valid(output, root=authority.root, count=1)


def test_own_template_for_a_role_is_the_default(fresh_kyso, authority, tmp_path):
    kyso = fresh_kyso()
    kyso.run("template", "new", "leader", "--image", SIGNATURE_PNG, "--width", "100").ok()
    done = kyso.sign(DATA / "vn-cong-van.pdf", tmp_path / "out.pdf", authority.p12("leader"), "--role", "leader").ok()
    x0, _, x1, _ = done.json["place"]["rect"]
    assert x1 - x0 <= 100.5


def test_template_from_another(fresh_kyso):
    kyso = fresh_kyso()
    kyso.run("template", "new", "sở", "--role", "organisation", "--seal-diameter", "40", "--seal-overlap", "30",
             "--agency", "Sở mẫu").ok()
    kyso.run("template", "new", "chi cục", "--from", "sở", "--agency", "Chi cục mẫu").ok()
    shown = kyso.run("template", "show", "chi cục").ok().out
    assert "diameter_mm = 40.0" in shown and "overlap_percent = 30.0" in shown and 'agency = "Chi cục mẫu"' in shown


@pytest.mark.parametrize("arguments, error", [(("new", "../x"), "decree30.template.name"), (("new", ".x"), "decree30.template.name"),
                                              (("show", "nothing"), "decree30.template.missing"),
                                              (("new", "x", "--from", "nothing"), "decree30.template.missing")])
def test_template_refusals(fresh_kyso, arguments, error):
    kyso = fresh_kyso()
    assert_refused(kyso, kyso.home, ("template", *arguments), 80, error)


def test_template_is_not_overwritten(fresh_kyso):
    kyso = fresh_kyso()
    kyso.run("template", "new", "mine", "--role", "copy").ok()
    assert_refused(kyso, kyso.home, ("template", "new", "mine", "--role", "copy"), 80, "decree30.template.exists")


@pytest.mark.parametrize("text", ["name = ", 'name = "x"\nrole = "king"\n', 'name = "x"\nrole = "copy"\n[text]\nsize = -5.0\n',
                                  'name = "x"\nrole = "copy"\n[image]\nwidht = 5.0\n', "\x00\x01"])
def test_broken_template(fresh_kyso, authority, tmp_path, text):
    kyso = fresh_kyso()
    folder = kyso.home / "config" / "kyso" / "templates"
    folder.mkdir(parents=True)
    (folder / "x.toml").write_text(text)
    done = kyso.run("sign", DATA / "vn-cong-van.pdf", "-o", tmp_path / "o.pdf", *authority.p12("leader"), "--template", "x")
    assert done.code in (80, 81) and "x.toml" in done.err and VIETNAMESE.search(done.err), done
    # The others still work, and the list says what is broken.
    listed = kyso.run("template", "list").ok()
    assert "x.toml" in listed.err and "leader" in listed.out
    assert not (tmp_path / "o.pdf").exists()


def test_json_is_the_only_thing_on_standard_output(kyso, authority, tmp_path):
    for arguments in (("inspect", SIGNED), ("text", DATA / "vn-cong-van.pdf"), ("template", "list"), ("errors",),
                      ("sign", DATA / "vn-cong-van.pdf", "-o", tmp_path / "o.pdf", *authority.p12("leader"))):
        done = kyso.run(*arguments, "--json").ok()
        json.loads(done.out)
        assert not done.err


def test_quiet(kyso, authority, tmp_path):
    done = kyso.run("sign", DATA / "vn-cong-van.pdf", "-o", tmp_path / "o.pdf", *authority.p12("leader"), "--quiet").ok()
    assert done.out == "" and done.err == ""


def test_version(kyso):
    assert re.fullmatch(r"kyso \d+\.\d+\.\d+\n", kyso.run("--version").ok().out)


def test_samples_table_names_files_that_exist():
    from samples import KNOWN, LETTERS, VARIANTS
    assert all(it.path.exists() for it in KNOWN)
    assert all(sample(name).path.exists() for name in (*LETTERS, *VARIANTS))
