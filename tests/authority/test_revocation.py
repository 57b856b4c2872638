"""How soon and how surely a change of status is told."""
import json
import re
import time
import urllib.request


def status_of(made, certificate, call, url=None):
    done = call("openssl", "ocsp", "-issuer", made.issuer_certificate, "-cert", certificate, "-no_nonce", "-url",
                url or f"{made.url}/ocsp", "-CAfile", made.root_certificate, check=False)
    found = re.search(rf"{re.escape(str(certificate))}: (\w+)", done.stdout)
    return found.group(1) if found else done.stdout + done.stderr


def serials_of_list(made, certificate, call, tmp_path):
    text = call("openssl", "x509", "-in", certificate, "-noout", "-ext", "crlDistributionPoints").stdout
    with urllib.request.urlopen(re.search(r"URI:(\S+)", text).group(1), timeout=10) as answer:
        (tmp_path / "list.crl").write_bytes(answer.read())
    done = call("openssl", "crl", "-inform", "DER", "-in", tmp_path / "list.crl", "-noout", "-text")
    return set(re.findall(r"Serial Number: ([0-9A-F]+)", done.stdout)), int(
        re.search(r"X509v3 CRL Number:\s*\n?\s*(\d+)", done.stdout).group(1))


def seconds_until(condition, limit):
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() - begin < limit, f"not within {limit} s"
        time.sleep(0.02)
    return time.monotonic() - begin


def test_revoked_within_a_second_and_on_the_list_within_five(made, call, tmp_path):
    issued = made.issue("PERSON_5Y", "Trần Thị Thu Hồi")
    assert status_of(made, issued["certificate"], call) == "good"
    before, number = serials_of_list(made, issued["certificate"], call, tmp_path)
    assert issued["serial"] not in before
    made.revoke(issued["serial"])
    ocsp = seconds_until(lambda: status_of(made, issued["certificate"], call) == "revoked", 1)
    listed = seconds_until(lambda: issued["serial"] in serials_of_list(made, issued["certificate"], call, tmp_path)[0], 5)
    assert serials_of_list(made, issued["certificate"], call, tmp_path)[1] > number
    print(f"OCSP after {ocsp:.2f} s, list after {listed:.2f} s")


def test_hold_and_release(made, call, tmp_path):
    issued = made.issue("PERSON_5Y", "Lê Văn Tạm Dừng")
    request = made.request_id("suspend", issued["serial"], "--issuer", "CPCA_G1", "--purpose", "mẫu")
    made.approve(request, "le-van-c")
    seconds_until(lambda: status_of(made, issued["certificate"], call) == "revoked", 1)
    seconds_until(lambda: issued["serial"] in serials_of_list(made, issued["certificate"], call, tmp_path)[0], 5)
    request = made.request_id("release", issued["serial"], "--issuer", "CPCA_G1", "--purpose", "mẫu")
    made.approve(request, "le-van-c")
    seconds_until(lambda: status_of(made, issued["certificate"], call) == "good", 1)
    seconds_until(lambda: issued["serial"] not in serials_of_list(made, issued["certificate"], call, tmp_path)[0], 5)


def test_renewal_supersedes(made, call):
    issued = made.issue("PERSON_5Y", "Nguyễn Văn Gia Hạn")
    renewed = made.issue("PERSON_5Y", "Nguyễn Văn Gia Hạn", replaces=issued["serial"])
    assert renewed["serial"] != issued["serial"]
    shown = json.loads(made.authority("nguyen-van-a", "certificate", issued["serial"], "--issuer", "CPCA_G1", "--json").stdout)
    assert (shown["state"], shown["reason"]) == ("revoked", 4)


def test_numbers_survive_the_death_of_both_processes(made, call, tmp_path):
    issued = made.issue("PERSON_5Y", "Phạm Thị Sống Sót")
    made.revoke(issued["serial"], "cessationOfOperation")
    seconds_until(lambda: issued["serial"] in serials_of_list(made, issued["certificate"], call, tmp_path)[0], 5)
    _, number = serials_of_list(made, issued["certificate"], call, tmp_path)
    made.kill("kysod")
    made.kill("vault")
    begin = time.monotonic()
    made.start()
    assert time.monotonic() - begin < 5
    serials, after = serials_of_list(made, issued["certificate"], call, tmp_path)
    assert issued["serial"] in serials and after >= number
    seconds_until(lambda: status_of(made, issued["certificate"], call) == "revoked", 2)
