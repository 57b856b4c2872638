"""Bytes flipped, inserted and deleted in good files: what was signed is never accepted when it changed; never a crash."""
import random

import pytest
from corpus import attacks, forms, geometry, revisions, structure, trust
from corpus.case import Case, passed
from corpus.write import cases_of

CASES = cases_of(geometry, revisions, structure, forms, trust, attacks)
ORIGINALS = ("c1b", "c1e", "c6t", "c15c", "c16b", "c18", "c20a", "c21b2-p1", "c23a", "c24d", "c27b", "c27c", "c31",
             "c32-lta", "a2-20-honest", "a3-07-note")
MUTANTS = 36


def mutants(name):
    """(kind, place, data)… of one file, the same in every run."""
    data = CASES[name].data
    source = random.Random(f"kyso {name}")
    # Zeros of the slot are half of every file: aim beside them, too.
    interesting = [index for index in range(0, len(data), 7) if data[index:index + 16] != b"0" * 16]
    for index in range(MUTANTS):
        place = source.choice(interesting) if index % 4 else source.randrange(len(data))
        kind = ("flip", "insert", "delete", "replace")[index % 4 if index % 8 < 4 else 0]
        if kind == "flip":
            changed = data[:place] + bytes([data[place] ^ 1 << source.randrange(8)]) + data[place + 1:]
        elif kind == "insert":
            changed = data[:place] + source.randbytes(source.choice((1, 1, 3, 40))) + data[place:]
        elif kind == "delete":
            changed = data[:place] + data[place + source.choice((1, 1, 5, 60)):]
        else:
            changed = data[:place] + source.randbytes(4) + data[place + 4:]
        if changed != data:
            yield kind, place, changed


def covered_up_to(entry):
    """What one signature signs: [0, a) and [b, end)."""
    _, first, second, length = entry["byte_range"]
    return first, second, second + length


@pytest.mark.parametrize("name", ORIGINALS)
def test_mutants(bench, name):
    case = CASES[name]
    original = bench.rows([case])[name]
    assert original["indication"] == "TOTAL_PASSED", original
    tried = []
    for index, (kind, place, data) in enumerate(mutants(name)):
        tried.append((kind, place, Case(f"m-{name}-{index}", data, passed(), at=case.at, trust=case.trust)))
    rows = bench.verify_together([mutant for _, _, mutant in tried])
    accepted = 0
    for kind, place, mutant in tried:
        row = rows[mutant.name]
        where = f"{mutant.name}: {kind} at {place}"
        assert "crash" not in row, f"{where}: {row}"
        if "error" in row:
            assert row["error"]["exit_code"], where
            continue
        entries = {entry["field"]: entry for entry in row["signatures"]}
        for signature in original["signatures"]:
            first, second, end = covered_up_to(signature)
            # Of deletions and replacements the first byte counts: what follows in the gap is another matter.
            if not (place < first or second <= place < end):
                continue
            assert row["indication"] != "TOTAL_PASSED", f"{where}: the file is accepted"
            entry = entries.get(signature["field"])
            assert entry is None or entry["indication"] != "TOTAL_PASSED", f"{where}: {signature['field']} is accepted"
        accepted += row["indication"] == "TOTAL_PASSED"
    assert accepted < len(tried), "a file in which nothing matters"


@pytest.mark.parametrize("name", ["c1b", "c32-lta", "a2-20-honest", "c24d"])
def test_truncated(bench, name):
    """Cut anywhere: never accepted, but where the cut is the end of a signed revision."""
    case = CASES[name]
    data = case.data
    source = random.Random(f"kyso cut {name}")
    ends = {index + 5 for index in range(len(data)) if data.startswith(b"%%EOF", index)}
    ends |= {end + 1 for end in ends}
    cuts = sorted({source.randrange(10, len(data)) for _ in range(24)} - ends)
    tried = [Case(f"t-{name}-{cut}", data[:cut], passed(), at=case.at, trust=case.trust) for cut in cuts]
    rows = bench.verify_together(tried)
    for mutant in tried:
        row = rows[mutant.name]
        assert "crash" not in row, row
        assert row.get("indication") != "TOTAL_PASSED", mutant.name
