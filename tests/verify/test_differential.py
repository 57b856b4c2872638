"""kyso verify beside pyHanko (strict reader, difference analysis) and pdfsig.

Every disagreement is listed in disagreements.py with a reason that docs/verify-deviations.md argues; an unlisted one
fails, and so does a listed one that is none any more.
"""
import datetime

import disagreements
import pytest
from corpus import attacks, forms, geometry, revisions, structure, trust
from corpus.write import cases_of
from judges import pdfsig
from program import DATA, ROOT, SEAL_PNG, SIGNATURE_PNG
from samples import LETTERS, VARIANTS, all_samples, sample
from validate_pyhanko import judge_file, load_certificates

TEST_ROOT = DATA / "own" / "test-root-ca.crt"


# --- three views of one file, by field --------------------------------------------------------------------------------
# intact: digest and signature value; unchanged: later changes are permitted; whole: nothing after it; passed: all in all.

def by_kyso(kyso, path, password, root, *options):
    secret = ("--password", password) if password else ()
    done = kyso.run("verify", *(("--trust", root) if root else ()), "--json", "--only-trust", *secret, *options, path)
    answer = done.json
    assert "signatures" in answer, done
    return {entry["field"]: {"intact": entry["intact"], "unchanged": entry["modifications_allowed"],
                             "whole": entry["covers_whole_document"], "passed": entry["indication"] == "TOTAL_PASSED"}
            for entry in answer["signatures"]}


def by_pyhanko(path, password, root, moment=None):
    result = judge_file(path, load_certificates(root) if root else (), password, False, moment)
    if not result["signatures"] and result.get("error") != "no signature":
        return None  # it refuses the file as a whole
    return {verdict["field"]: {"intact": verdict["intact"] and verdict["valid"],
                               "unchanged": verdict["modifications"] != "OTHER" and verdict["docmdp_ok"] is not False,
                               "whole": verdict["coverage"] == "ENTIRE_FILE", "passed": verdict["ok"] if root else None}
            for verdict in result["signatures"]}


def by_pdfsig(path, password):
    # A name that is not UTF-8 or has a line end in it cannot be read from its output.
    return {field: {"intact": verdict.ok, "whole": verdict.whole} for field, verdict in pdfsig(path, password).items()}


def differences(kyso_view, others):
    """{(judge, field, aspect)}: what another judge sees otherwise."""
    out = set()
    for judge, view in others.items():
        if view is None:
            out.add((judge, "*", "refused"))
            continue
        out |= {(judge, field, "missing") for field in kyso_view.keys() - view.keys()}
        out |= {(judge, field, "unseen") for field in view.keys() - kyso_view.keys()}
        for field in kyso_view.keys() & view.keys():
            out |= {(judge, field, aspect) for aspect, value in view[field].items()
                    if value is not None and value != kyso_view[field][aspect]}
    return out


def assert_listed(name, found, table):
    listed = table.get(name, {})
    unlisted = found - listed.keys()
    assert not unlisted, f"{name}: not in disagreements.py: {sorted(unlisted)}"
    stale = listed.keys() - found
    assert not stale, f"{name}: listed, but no disagreement: {sorted(stale)}"


# --- files of others and of the project -------------------------------------------------------------------------------

@pytest.mark.parametrize("it", all_samples(), ids=lambda it: it.name)
def test_sample(kyso, it):
    root = TEST_ROOT if it.name.startswith("own/signed") else None
    mine = by_kyso(kyso, it.path, it.password, root)
    others = {"pyhanko": by_pyhanko(it.path, it.password, root), "pdfsig": by_pdfsig(it.path, it.password)}
    if not mine and others["pyhanko"] is None:
        others.pop("pyhanko")  # nothing is signed, so nothing was refused
    assert_listed(it.name, differences(mine, others), disagreements.SAMPLES)


# --- what Kyso signs --------------------------------------------------------------------------------------------------

ROUND = (("clerk", ("--role", "initials")), ("leader", ("--role", "leader", "--image", SIGNATURE_PNG)),
         ("organisation", ("--role", "organisation", "--image", SEAL_PNG, "--number", "12", "--date", "2026-03-05")),
         ("organisation", ("--role", "incoming", "--number", "7", "--forward", "Văn phòng")),
         ("leader", ("--role", "comment", "--comment", "Đồng ý.")), ("organisation", ("--role", "copy")))
SIGNED = ({name: ROUND for name in LETTERS}
          | {name: (("leader", ("--role", "plain")), ("organisation", ("--role", "plain"))) for name in VARIANTS
             if name not in ("own/signed-certified-p2.pdf",)}
          | {"own/two-empty-fields.pdf": (("leader", ("--role", "leader", "--image", SIGNATURE_PNG, "--certify", "2")),
                                          ("organisation", ("--role", "organisation", "--image", SEAL_PNG)))})


@pytest.mark.parametrize("name", SIGNED)
def test_signed_by_kyso(kyso, authority, tmp_path, name):
    """After every step all judges say the same of every signature, and Kyso passes what it signed."""
    it = sample(name)
    path, own = it.path, set()
    before = by_kyso(kyso, path, it.password, authority.root).keys()
    for step, (who, options) in enumerate(SIGNED[name]):
        output = tmp_path / f"step-{step}.pdf"
        kyso.sign(path, output, authority.p12(who), *options, *(it.options if step == 0 or it.password else ())).ok()
        path = output
        mine = by_kyso(kyso, path, it.password, authority.root)
        own = mine.keys() - before
        assert len(own) == step + 1
        assert all(mine[field]["passed"] for field in own), f"step {step}: {mine}"
        others = {"pyhanko": by_pyhanko(path, it.password, authority.root), "pdfsig": by_pdfsig(path, it.password)}
        # What the judges say otherwise of the sample's own signatures is listed with the sample.
        known = {key for key in disagreements.SAMPLES.get(name, {}) if key[1] in before}
        assert_listed(name, differences(mine, others) - known, disagreements.SIGNED)


# --- the numbered cases -----------------------------------------------------------------------------------------------

CASES = [case for case in cases_of(geometry, revisions, structure, forms, trust, attacks).values()
         if not case.quick][::5]


def family(name):
    """Cases are many; reasons hold for families of them."""
    return next((prefix
                 for prefix in sorted(disagreements.CASES, key=len, reverse=True) if name.startswith(prefix)), None)


def test_cases(bench):
    """pyHanko on every fifth of the numbered cases: where it accepts what Kyso refuses, or the other way round."""
    rows = bench.rows(CASES)
    unlisted = []
    for case in CASES:
        row = rows[case.name]
        moment = datetime.datetime.fromisoformat(case.at)
        view = by_pyhanko(bench.path(case), "", bench.folder / f"{case.trust[0]}.pem", moment)
        mine = row["indication"] == "TOTAL_PASSED"
        theirs = bool(view) and all(verdict["passed"] for verdict in view.values())
        if mine != theirs:
            prefix = family(case.name)
            if prefix is None or disagreements.CASES[prefix][0] != ("stricter" if theirs else "more open"):
                unlisted.append((case.name, row["indication"], row["reason"], "pyHanko accepts"
                                 if theirs else "pyHanko refuses"))
    assert not unlisted, "\n".join(map(str, unlisted))


# --- the argument -----------------------------------------------------------------------------------------------------

def test_each_reason_is_argued():
    text = (ROOT / "docs" / "verify-deviations.md").read_text()
    reasons = {
        reason for table in (disagreements.SAMPLES, disagreements.SIGNED) for row in table.values()
        for reason in row.values()
    }
    reasons |= {reason for _, reason in disagreements.CASES.values()}
    headings = {line[4:].split(":")[0].strip() for line in text.splitlines() if line.startswith("### ")}
    assert reasons <= headings, f"not argued: {sorted(reasons - headings)}"
    assert headings <= reasons, f"argued, but nobody disagrees: {sorted(headings - reasons)}"
