"""The fixtures are those of tests/interop: the program with a home of its own, throw-away authorities, a TSA."""
import importlib.util
import pathlib
import sys

import pytest

INTEROP = pathlib.Path(__file__).resolve().parents[1] / "interop"
sys.path.insert(0, str(INTEROP))

_spec = importlib.util.spec_from_file_location("interop_fixtures", INTEROP / "conftest.py")
_fixtures = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_fixtures)
pytest_configure, kyso = _fixtures.pytest_configure, _fixtures.kyso
authority, rsa_authority, tsa = _fixtures.authority, _fixtures.rsa_authority, _fixtures.tsa


@pytest.fixture(scope="session")
def bench(kyso, tmp_path_factory):
    """A folder with the trust anchors, and the program that judges what is put there."""
    from verifier import Bench
    return Bench(kyso, tmp_path_factory.mktemp("cases"))
