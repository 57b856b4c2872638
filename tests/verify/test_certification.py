"""Attacks on certified and approved contracts: evil annotations and sneaky signatures at P = 1, 2, 3 and without P."""
import pytest
from corpus import attacks
from corpus.write import cases_of
from verifier import complaints

CASES = cases_of(attacks)


@pytest.mark.parametrize("name", CASES)
def test_attack(bench, name):
    found = complaints(CASES[name], bench.rows(CASES.values())[name])
    assert not found, "\n".join(found)


def test_each_kind_is_tried_at_each_permission():
    kinds = {name.split("-")[1] for name in CASES if "-" in name}
    assert kinds >= {f"{number:02}" for number in range(1, 23)}
    for permission in range(4):
        assert sum(name.startswith(f"a{permission}-") for name in CASES) >= 60
