import importlib.machinery
import importlib.util
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def load_demo_ca():
    loader = importlib.machinery.SourceFileLoader("demo_ca", str(ROOT / "tools/demo-ca"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("demo_ca", loader))
    loader.exec_module(module)
    return module


demo_ca = load_demo_ca()


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A running authority on SQLite."""
    with demo_ca.DemoCa(tmp_path_factory.mktemp("ca") / "demo").make() as authority:
        yield authority.start()


@pytest.fixture(scope="session")
def person(made):
    return made.issue("PERSON_5Y", "Nguyễn Văn A", names=["email:nva@example.vn"])


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("KYSO_LANG", "en")


@pytest.fixture
def call():
    def run(*arguments, check=True, **options):
        done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True, check=False, **options)
        assert not check or done.returncode == 0, f"{arguments}\n{done.stdout}{done.stderr}"
        return done
    return run


@pytest.fixture
def root():
    return ROOT


@pytest.fixture
def programs():
    return pathlib.Path(os.environ["KYSO_BIN"])
