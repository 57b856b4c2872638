"""The same file, policy and time give the same bytes; so do its facts, judged again."""
import pytest
from corpus import attacks, forms, geometry, revisions, structure, trust
from corpus.write import cases_of

CASES = cases_of(geometry, revisions, structure, forms, trust, attacks)
ALIKE = [case for case in CASES.values() if not case.quick and (case.at, case.trust, case.policy) == (
    CASES["c1a"].at, CASES["c1a"].trust, "")]
REPLAYED = [
    *ALIKE[::24], *(CASES[name] for name in ("c32", "c32b", "c32h2", "c32-lta", "c31", "c30-time-stamp", "c11a-legacy"))
]


def test_twice_the_same(bench):
    files = [bench.path(case) for case in ALIKE[::3]]
    runs = [bench.kyso.run("verify", *bench.options(ALIKE[0]), "--jobs", jobs, *files) for jobs in (1, 2)]
    first, second = (sorted(run.out.splitlines()) for run in runs)
    assert len(first) == len(files)
    assert first == second


@pytest.mark.parametrize("name", [case.name for case in REPLAYED])
def test_replay(bench, name, tmp_path):
    """verify = facts, then judge: another program on another machine may do the second half."""
    case = CASES[name]
    verified = bench.verify(case, "--save-evidence", tmp_path / "saved.json")
    facts = tmp_path / "facts.json"
    for _ in range(2):
        bench.kyso.run("facts", bench.path(case), "-o", facts).ok()
        judged = bench.kyso.run("judge", *(option for option in bench.options(case)), facts)
        assert judged.code == verified.code, judged
        assert _without_name(judged.json) == _without_name(verified.json)
        facts.unlink()
    again = bench.kyso.run("judge", "--json", tmp_path / "saved.json")
    assert again.code == verified.code, again
    assert _without_name(again.json) == _without_name(verified.json)


def _without_name(answer):
    return {key: value for key, value in answer.items() if key != "file"}


@pytest.mark.parametrize("name", [case.name for case in ALIKE[::60]])
def test_facts_are_canonical(bench, name):
    path = bench.path(CASES[name])
    first, second = (bench.kyso.run("facts", path).ok().out for _ in range(2))
    assert first == second
