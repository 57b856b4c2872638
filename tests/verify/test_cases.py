"""The numbered cases: indication, subindication, reason and offset of every file, of its parent and of its twin."""
import json

import pytest
from corpus import forms, geometry, revisions, structure, trust
from corpus.write import cases_of
from verifier import EXIT_CODES, complaints

CASES = cases_of(geometry, revisions, structure, forms, trust)
TOGETHER = [case for case in CASES.values() if not case.quick]


@pytest.mark.parametrize("name", [case.name for case in TOGETHER])
def test_case(bench, name):
    found = complaints(CASES[name], bench.rows(TOGETHER)[name])
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", [
    "c1a", "c1b", "c2a", "c9-missing", "c10b", "c14a", "c17b", "c30-garbage", "c32a", "c32b"
])
def test_exit_code(bench, name):
    """One file: the exit code says what its verdict is."""
    done = bench.verify(CASES[name])
    assert done.err == "", done
    assert done.code == EXIT_CODES[done.json["indication"]], done
    together = dict(bench.rows(TOGETHER if not CASES[name].quick else [CASES[name]])[name])
    together.pop("path", None)
    assert done.json == together, "alone and together are judged alike"


def test_exit_code_of_many(bench):
    """The worst of all: invalid before not readable before undetermined."""
    nothing = bench.folder / "nothing.pdf"
    nothing.write_bytes(b"this is no PDF")
    options = bench.options(CASES["c1a"])

    def run(*names):
        files = [bench.path(CASES[name]) if name in CASES else bench.folder / name for name in names]
        return bench.kyso.run("verify", *options, *files)
    assert run("c1a", "c1b").code == 0
    assert run("c1a", "c10b").code == 2
    assert run("c1a", "c10b", "nothing.pdf").code == 3
    done = run("c1a", "c10b", "nothing.pdf", "c2a")
    assert done.code == 1
    rows = {json.loads(line)["path"].rsplit("/", 1)[-1]: json.loads(line) for line in done.out.splitlines()}
    assert len(rows) == 4 and rows["nothing.pdf"]["error"]["code"] and rows["c2a.pdf"]["verdict"] == "invalid"


def test_not_readable_and_usage(bench):
    nothing = bench.folder / "empty.pdf"
    nothing.write_bytes(b"")
    assert bench.kyso.run("verify", nothing).code == 3
    assert bench.kyso.run("verify", bench.folder / "missing.pdf").code == 3
    assert bench.kyso.run("verify").code == 4
    assert bench.kyso.run("verify", "--at", "yesterday", bench.path(CASES["c1a"])).code == 4


def test_options_before_the_file(bench):
    """--trust takes one file or folder; what follows is the document. It may be said several times."""
    root, published = bench.folder / "root.pem", bench.folder / "published.pem"
    path = bench.path(CASES["c1a"])
    for order in (("--trust", root, path), (path, "--trust", root), ("--trust", published, "--trust", root, path)):
        done = bench.kyso.run("verify", "--json", "--only-trust", "--at", CASES["c1a"].at, *order)
        assert done.code == 0, done
    two = (bench.path(CASES["c1a"]), bench.path(CASES["c1b"]))
    done = bench.kyso.run("verify", "--json", "--only-trust", "--at", CASES["c1a"].at, "--trust", root, *two)
    assert done.code == 0 and len(done.out.splitlines()) == 2, done


def test_every_attack_has_a_parent_and_a_twin():
    """False alarms count as much as misses: beside each attack stand a good file before it and one of its shape."""
    from corpus.write import all_cases
    cases = all_cases()
    for case in cases.values():
        if (case.file or case.expect).indication == "TOTAL_PASSED":
            continue
        for name in (case.parent, case.twin):
            assert name in cases, f"{case.name}: {name!r}"
            assert (cases[name].file or cases[name].expect).indication == "TOTAL_PASSED", (case.name, name)
    numbers = {int("".join(filter(str.isdigit, name[1:3]))) for name in cases if name.startswith("c")}
    assert numbers >= set(range(1, 34)) - {19}, "case 19 is in the attacks on contracts"


def test_what_is_described_is_what_is_asserted(tmp_path):
    """The folder that the generator writes tells each expectation beside its file."""
    from corpus.write import all_cases, write
    cases = all_cases()
    folder = write(tmp_path / "corpus")
    assert len(list(folder.glob("*.json"))) == len(cases)
    described = json.loads((folder / "c3a.json").read_text())
    assert described["reason"] == ["byterange.hole"] and described["length"] == 60 and described["offset"] > 0
