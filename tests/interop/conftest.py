import os
import pathlib
import subprocess
import sys

import pytest
from program import ROOT, Kyso, make_authority


def pytest_configure(config):
    program = pathlib.Path(os.environ.get("KYSO_BIN", ROOT / "build" / "bin" / "kyso"))
    if not os.access(program, os.X_OK):
        raise pytest.UsageError(f"{program} is not there: build it, or name it in KYSO_BIN")
    config.kyso_program = program.resolve()


@pytest.fixture(scope="session")
def kyso(request, tmp_path_factory):
    return Kyso(request.config.kyso_program, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def fresh_kyso(request, tmp_path_factory):
    """Makes programs with new homes."""
    return lambda: Kyso(request.config.kyso_program, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """P-256: quick to make and quick to sign with."""
    return make_authority(tmp_path_factory.mktemp("authority"), "ec:p256", "--no-token")


@pytest.fixture(scope="session")
def rsa_authority(tmp_path_factory):
    return make_authority(tmp_path_factory.mktemp("authority-rsa"), "rsa:2048", "--no-token")


class Tsa:
    """tools/demo-tsa with a log of its requests."""

    def __init__(self, authority, folder):
        self.log = folder / "requests"
        self.process = subprocess.Popen(
            [sys.executable, ROOT / "tools" / "demo-tsa", authority.folder, "--delay", "30", "--retry-after", "600",
             "--log", self.log],
            stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        assert self.url.startswith("http://127.0.0.1:"), "demo-tsa did not start"

    def requests(self):
        """The behaviours of all requests so far."""
        return self.log.read_text().split() if self.log.exists() else []

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)


@pytest.fixture(scope="session")
def tsa(authority, tmp_path_factory):
    server = Tsa(authority, tmp_path_factory.mktemp("tsa"))
    yield server
    server.stop()
