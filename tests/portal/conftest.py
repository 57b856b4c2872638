import importlib.machinery
import importlib.util
import pathlib
import sys
import time

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
    folder = tmp_path_factory.mktemp("portal")
    with demo_portal.DemoPortal(folder / "demo") as made:
        made.make(pages=plain_pages(folder / "pages"))
        made.start()
        made.officers = officers_of(made)
        yield made


def plain_pages(folder):
    """What stands for the built pages: these suites look at the interface behind them."""
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text('<!doctype html><html lang="vi"><title>Cổng</title><script src="/assets/a.js"></script>')
    (folder / "assets/a.js").write_text("'use strict';\n")
    return folder


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
    administrator = signed_in(portal, "quan-tri")
    passkeys = lambda: administrator.call("GET", "/api/v1/administration/passkeys")["items"]
    assert len(portal.enrol_officers(passkeys())) == 3
    # A server remembers the vault's policy for some seconds; where two take turns, both must know it.
    until, known = time.monotonic() + 20, 0
    while known < 4 and time.monotonic() < until:
        known = known + 1 if all(each["in_policy"] for each in passkeys()) else 0
        time.sleep(0 if known else 0.2)
    return officers


@pytest.fixture
def clerk(portal):
    return signed_in(portal, "van-thu")
