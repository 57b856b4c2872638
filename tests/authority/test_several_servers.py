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


def ip(*arguments, check=True):
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, done.stderr
    return done.returncode == 0


@pytest.fixture(scope="module")
def other_machine():
    """The command prefix and the addresses of both sides."""
    if os.geteuid() != 0 or not ip("netns", "add", SPACE, check=False):
        pytest.fail("network namespaces are needed: run the tests as root")
    link = f"k{os.getpid() % 10000}"
    try:
        ip("link", "add", f"{link}a", "type", "veth", "peer", "name", f"{link}b")
        ip("link", "set", f"{link}b", "netns", SPACE)
        ip("addr", "add", "10.77.0.1/24", "dev", f"{link}a")
        ip("link", "set", f"{link}a", "up")
        ip("-n", SPACE, "addr", "add", "10.77.0.2/24", "dev", f"{link}b")
        ip("-n", SPACE, "link", "set", f"{link}b", "up")
        ip("-n", SPACE, "link", "set", "lo", "up")
        yield ["ip", "netns", "exec", SPACE]
    finally:
        ip("netns", "del", SPACE, check=False)
        ip("link", "del", f"{link}a", check=False)


@pytest.fixture(scope="module")
def two(other_machine, tmp_path_factory):
    server = Postgres("10.77.0.1")
    authority = demo_ca.DemoCa(tmp_path_factory.mktemp("two") / "demo").make(database=server.local_url)
    ports = {"port": 8080, "officers_port": 8081, "metrics_port": 8082}
    authority.configure_kysod("second", server.remote_url, ports, host="10.77.0.2")
    with authority:
        authority.start()
        authority.start_kysod("second", wrap=other_machine)
        until = time.monotonic() + 60
        while not subprocess.run(["curl", "-fsS", "http://10.77.0.2:8080/health"], capture_output=True, check=False).returncode == 0:
            assert time.monotonic() < until and authority.processes["second"].poll() is None, authority.log("second")
            time.sleep(0.1)
        yield authority, server
    server.close()


def status(made, certificate, call, url):
    done = call("openssl", "ocsp", "-issuer", made.issuer_certificate, "-cert", certificate, "-no_nonce", "-url", url, "-CAfile",
                made.root_certificate, check=False)
    found = re.search(rf"{re.escape(str(certificate))}: (\w+)", done.stdout)
    return found.group(1) if found else done.stdout + done.stderr


def test_revocation_is_told_by_the_other_machine_within_a_second(two, call):
    made, _ = two
    here, there = f"{made.url}/ocsp", "http://10.77.0.2:8080/ocsp"
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


def test_officers_may_use_either_server(two, call):
    made, _ = two
    issued = made.issue("PERSON_5Y", "Trần Thị B")
    base = made.folder / "officers/nguyen-van-a"
    shown = made.kyso("authority", "certificate", issued["serial"], "--issuer", "CPCA_G1", "--json", "--server",
                      "http://10.77.0.2:8081", "--holder", f"pem:{base}.key.pem,{base}.cert.pem")
    assert json.loads(shown.stdout)["state"] == "good"


def test_the_list_is_taken_over_when_its_publisher_dies(two, call, tmp_path):
    made, _ = two
    issued = made.issue("PERSON_5Y", "Lê Văn C")
    url = re.search(r"URI:(\S+)", call("openssl", "x509", "-in", issued["certificate"], "-noout", "-ext", "crlDistributionPoints").stdout).group(1)
    elsewhere = url.replace(made.url, "http://10.77.0.2:8080")

    def listed(address):
        if call("curl", "-fsS", address, "-o", tmp_path / "list", check=False).returncode != 0:
            return None
        text = call("openssl", "crl", "-inform", "DER", "-in", tmp_path / "list", "-noout", "-text").stdout
        return set(re.findall(r"Serial Number: ([0-9A-F]+)", text)), int(re.search(r"CRL Number:\s*(\d+)", text).group(1))

    _, number = listed(url)
    # Asked for here, then this server dies before anything else happens.
    base = made.folder / "officers"
    request = made.request_id("revoke", issued["serial"], "--issuer", "CPCA_G1", "--reason", "superseded", "--purpose", "mẫu")
    made.kill("kysod")
    made.kyso("authority", "approve", request, "--yes", "--server", "http://10.77.0.2:8081", "--holder",
              f"pem:{base}/le-van-c.key.pem,{base}/le-van-c.cert.pem")
    until = time.monotonic() + 45  # the lease of the dead one must end
    while issued["serial"] not in (listed(elsewhere) or (set(), 0))[0]:
        assert time.monotonic() < until, made.log("second")
        time.sleep(0.2)
    assert listed(elsewhere)[1] > number
    made.start_kysod()
    assert listed(url)[1] >= listed(elsewhere)[1]


def test_a_database_that_is_away_is_told_as_try_later_and_nothing_is_lost(two, call):
    made, server = two
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
