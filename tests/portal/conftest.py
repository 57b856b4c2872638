import importlib.machinery
import importlib.util
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/authority"))


def load_demo_portal():
    loader = importlib.machinery.SourceFileLoader("demo_portal", str(ROOT / "tools/demo-portal"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("demo_portal", loader))
    loader.exec_module(module)
    return module


demo_portal = load_demo_portal()


@pytest.fixture(scope="session")
def portal(tmp_path_factory):
    """A running authority with its portal, on SQLite; its three officers have passkeys in the vault's policy."""
    with demo_portal.DemoPortal(tmp_path_factory.mktemp("portal") / "demo").make() as made:
        made.start()
        made.officers = officers_of(made)
        yield made


def signed_in(portal, key):
    from api_client import Client
    client = Client(portal.portal_url)
    account = portal.accounts[key]
    client.sign_in(account["email"], account["password"])
    return client


def officers_of(portal):
    officers = {key: signed_in(portal, key) for key in ("tiep-nhan", "tham-tra", "phe-duyet")}
    for officer in officers.values():
        officer.add_passkey()
    asked = signed_in(portal, "quan-tri").call("GET", "/api/v1/administration/passkeys")["items"]
    assert len(portal.enrol_officers(asked)) == 3
    return officers


@pytest.fixture
def clerk(portal):
    return signed_in(portal, "van-thu")
