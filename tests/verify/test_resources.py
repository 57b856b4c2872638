"""Loops, bombs and crowds: a verdict, in bounded time and memory (cases 22, 33, 6 (f), 10,000 signatures)."""
import json
import subprocess
import sys

import pytest
from corpus import bombs, geometry, structure
from corpus.write import cases_of
from program import ROOT
from verifier import EXIT_CODES, complaints

CASES = {name: case for name, case in cases_of(geometry, structure, bombs).items() if case.quick or name == "c33t"}
MEGABYTE = 1 << 20


class Run:
    def __init__(self, out, cost):
        self.row, self.cost = json.loads(out) if out.strip() else {"crash": cost}, cost


@pytest.fixture(scope="session")
def limited(kyso):
    """Sanitizers cost time and memory of their own: then only the verdicts count."""
    with open(kyso.path, "rb") as program:
        return b"__asan_" not in (data := program.read()) and b"__tsan_" not in data


@pytest.fixture(scope="session")
def run(bench, tmp_path_factory):
    report = tmp_path_factory.mktemp("cost") / "cost.json"
    measure = ROOT / "tests" / "verify" / "measure.py"

    def measured(case):
        command = bench.kyso.command("verify", *bench.options(case), bench.path(case))
        done = subprocess.run([sys.executable, "-I", "-S", measure, report, *command], env=bench.kyso.environment,
                              capture_output=True, timeout=120, check=False, start_new_session=True)
        return Run(done.stdout.decode(), json.loads(report.read_text()))
    return measured


@pytest.fixture(scope="session")
def baseline(run):
    """What a clean file of 13 kB costs, mostly the start of the program."""
    return min(run(CASES["c1a"]).cost["cpu"] for _ in range(3))


@pytest.mark.parametrize("name", CASES)
def test_bounded(run, baseline, limited, name):
    case = CASES[name]
    done = run(case)
    found = complaints(case, done.row)
    assert not found, "\n".join(found)
    assert done.cost["code"] == EXIT_CODES[done.row["indication"]], done.cost
    if not limited:
        return
    if len(case.data) <= MEGABYTE:
        assert done.cost["memory"] <= 256 * MEGABYTE, done.cost
        assert done.cost["cpu"] <= 1, done.cost
    # No file makes the time or memory grow faster than itself.
    assert done.cost["memory"] <= (256 + 24 * len(case.data) // MEGABYTE) * MEGABYTE, done.cost
    assert done.cost["cpu"] <= 1 + 2 * len(case.data) / MEGABYTE, done.cost
    if name.startswith("c22") and len(case.data) <= MEGABYTE:
        assert done.cost["cpu"] <= baseline + 0.05, f"a loop costs more than 50 ms: {done.cost}, clean: {baseline}"
