"""Two kysod on one PostgreSQL, the second in a network namespace of its own as if on another machine."""
import json
import os
import re
import subprocess
import time

import pytest
from conftest import demo_ca
from postgres import Postgres

SPACE = f"kyso{os.getpid() % 10000}"
NETWORK = f"10.77.{os.getpid() % 250}"


def ip(*arguments, check=True):
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, done.stderr
    return done.returncode == 0


@pytest.fixture(scope="module")
def other_machine():
    """The command prefix of the other machine, and the addresses of both. Who may not make network namespaces gets two
    addresses of this machine instead."""
    if os.geteuid() != 0 or not ip("netns", "add", SPACE, check=False):
        yield [], "127.0.0.1", "127.0.0.2"
        return
    link = f"k{os.getpid() % 10000}"
    try:
        ip("link", "add", f"{link}a", "type", "veth", "peer", "name", f"{link}b")
        ip("link", "set", f"{link}b", "netns", SPACE)
        ip("addr", "add", f"{NETWORK}.1/24", "dev", f"{link}a")
        ip("link", "set", f"{link}a", "up")
        ip("-n", SPACE, "addr", "add", f"{NETWORK}.2/24", "dev", f"{link}b")
        ip("-n", SPACE, "link", "set", f"{link}b", "up")
        ip("-n", SPACE, "link", "set", "lo", "up")
        yield ["nsenter", f"--net=/run/netns/{SPACE}"], f"{NETWORK}.1", f"{NETWORK}.2"
    finally:
        ip("netns", "del", SPACE, check=False)
        ip("link", "del", f"{link}a", check=False)


@pytest.fixture(scope="module")
def two(other_machine, tmp_path_factory):
    """The authority, its database server, and the other machine's address of services and of officers."""
    prefix, here, there = other_machine
    server = Postgres(here)
    authority = demo_ca.DemoCa(tmp_path_factory.mktemp("two") / "demo").make(database=server.local_url)
    ports = {name: demo_ca.free_port() for name in ("port", "officers_port", "metrics_port")}
    authority.configure_kysod("second", server.remote_url, ports, host=there)
    services, officers = f"http://{there}:{ports['port']}", f"http://{there}:{ports['officers_port']}"
    with authority:
        authority.start()
        authority.start_kysod("second", wrap=prefix or ["env"])
        until = time.monotonic() + 60
        while subprocess.run(["curl", "-fsS", f"{services}/health"], capture_output=True, check=False).returncode != 0:
            assert time.monotonic() < until and authority.processes["second"].poll() is None, authority.log("second")
            time.sleep(0.1)
        yield authority, server, services, officers
    server.close()


def status(made, certificate, call, url):
    done = call("openssl", "ocsp", "-issuer", made.issuer_certificate, "-cert", certificate, "-no_nonce", "-url", url, "-CAfile",
                made.root_certificate, check=False)
    found = re.search(rf"{re.escape(str(certificate))}: (\w+)", done.stdout)
    return found.group(1) if found else done.stdout + done.stderr


def test_revocation_is_told_by_the_other_machine_within_a_second(two, call):
    made, _, services, _ = two
    here, there = f"{made.url}/ocsp", f"{services}/ocsp"
    slowest = 0
    for number in range(5):
        issued = made.issue("PERSON_5Y", f"Nguyễn Văn {number}")
        assert status(made, issued["certificate"], call, here) == "good"
        assert status(made, issued["certificate"], call, there) == "good"
        made.revoke(issued["serial"])
        begin = time.monotonic()
        while status(made, issued["certificate"], call, there) != "revoked":
            assert time.monotonic() - begin < 1
        slowest = max(slowest, time.monotonic() - begin)
        assert status(made, issued["certificate"], call, here) == "revoked"
    print(f"slowest: {slowest:.2f} s")


def test_officers_may_use_either_server(two):
    made, _, _, officers = two
    issued = made.issue("PERSON_5Y", "Trần Thị B")
    base = made.folder / "officers/nguyen-van-a"
    shown = made.kyso("authority", "certificate", issued["serial"], "--issuer", "CPCA_G1", "--json", "--server",
                      officers, "--holder", f"pem:{base}.key.pem,{base}.cert.pem")
    assert json.loads(shown.stdout)["state"] == "good"


def test_the_list_is_taken_over_when_its_publisher_dies(two, call, tmp_path):
    made, _, services, officers = two
    issued = made.issue("PERSON_5Y", "Lê Văn C")
    url = re.search(r"URI:(\S+)", call("openssl", "x509", "-in", issued["certificate"], "-noout", "-ext", "crlDistributionPoints").stdout).group(1)
    elsewhere = url.replace(made.url, services)

    def listed(address):
        if call("curl", "-fsS", address, "-o", tmp_path / "list", check=False).returncode != 0:
            return None
        text = call("openssl", "crl", "-inform", "DER", "-in", tmp_path / "list", "-noout", "-text").stdout
        return set(re.findall(r"Serial Number: ([0-9A-F]+)", text)), int(re.search(r"CRL Number:\s*(\d+)", text).group(1))

    _, number = listed(url)
    # Asked for here, then this server dies before anything else happens.
    people = made.folder / "officers"
    request = made.request_id("revoke", issued["serial"], "--issuer", "CPCA_G1", "--reason", "superseded", "--purpose", "mẫu")
    made.kill("kysod")
    made.kyso("authority", "approve", request, "--yes", "--server", officers, "--holder",
              f"pem:{people}/le-van-c.key.pem,{people}/le-van-c.cert.pem")
    until = time.monotonic() + 45  # the lease of the dead one must end
    while issued["serial"] not in (listed(elsewhere) or (set(), 0))[0]:
        assert time.monotonic() < until, made.log("second")
        time.sleep(0.2)
    assert listed(elsewhere)[1] > number
    made.start_kysod()
    assert listed(url)[1] >= listed(elsewhere)[1]


def test_a_database_that_is_away_is_told_as_try_later_and_nothing_is_lost(two, call):
    made, server, _, _ = two
    issued = made.issue("PERSON_5Y", "Phạm Thị D")
    server.stop()
    until = time.monotonic() + 20
    while "trylater" not in status(made, issued["certificate"], call, f"{made.url}/ocsp").lower():
        assert time.monotonic() < until
        time.sleep(0.2)
    server.start()
    begin = time.monotonic()
    while status(made, issued["certificate"], call, f"{made.url}/ocsp") != "good":
        assert time.monotonic() - begin < 5
    renewed = made.issue("PERSON_5Y", "Phạm Thị D", replaces=issued["serial"])
    assert status(made, renewed["certificate"], call, f"{made.url}/ocsp") == "good"
