"""Signatures with a time-stamp against authorities that are well, down, slow, limited, wrong or long-winded."""
import re
import time

import pytest
from judges import assert_all_valid, assert_sound, pyhanko
from program import assert_refused
from samples import sample

LETTER = sample("vn-cong-van.pdf").path


@pytest.fixture
def sign(fresh_kyso, authority, tmp_path):
    """Signs with authorities by the last part of their path, in a home without memory of them."""
    kyso = fresh_kyso()

    def run(*options, output="out.pdf"):
        return kyso.sign(LETTER, tmp_path / output, authority.p12("leader"), *options)
    run.kyso = kyso
    return run


def at(tsa, *behaviours):
    return [part for behaviour in behaviours for part in ("--tsa", tsa.url + behaviour)]


def asked(tsa, work):
    """What the authority was asked while `work` ran."""
    before = len(tsa.requests())
    result = work()
    return result, tsa.requests()[before:]


def test_time_stamped(sign, tsa, authority, tmp_path):
    start = time.time()
    done = sign(*at(tsa, "normal")).ok()
    assert done.json["profile"] == "b-t" and done.json["time_stamp"].endswith("+07:00")
    output = tmp_path / "out.pdf"
    verdicts = assert_all_valid(output, root=authority.root, count=1)
    (verdict,) = verdicts.values()
    assert verdict["time_stamp_valid"] and verdict["time_stamp_trusted"]
    assert abs(verdict["time_stamp"] - start) < 60
    assert_sound(output)
    facts = sign.kyso.run("inspect", output, "--json").ok().json
    assert facts["signatures"][0]["has_time_stamp"] and facts["signatures"][0]["sub_filter"] == "ETSI.CAdES.detached"


def test_without_authority_no_time_stamp(sign, authority, tmp_path):
    assert sign().ok().json["profile"] == "b-b"
    (verdict,) = pyhanko(tmp_path / "out.pdf", root=authority.root).values()
    assert verdict["ok"] and "time_stamp_valid" not in verdict


@pytest.mark.parametrize("broken", ["down", "rate-limit", "garbage"])
def test_failover_in_order(sign, tsa, authority, tmp_path, broken):
    done, requests = asked(tsa, lambda: sign(*at(tsa, broken, "normal")))
    done.ok()
    assert requests == [broken, "normal"]
    assert_all_valid(tmp_path / "out.pdf", root=authority.root, count=1)


def test_failover_past_a_slow_authority(sign, tsa, authority, tmp_path):
    start = time.monotonic()
    done, requests = asked(tsa, lambda: sign(*at(tsa, "slow", "normal"), "--tsa-timeout", "1"))
    done.ok()
    assert requests == ["slow", "normal"] and 1 <= time.monotonic() - start < 15
    assert_all_valid(tmp_path / "out.pdf", root=authority.root, count=1)


def test_failover_past_nobody_there(sign, tsa, authority, tmp_path):
    sign("--tsa", "http://127.0.0.1:9/", "--tsa", "http://tsa.invalid/", *at(tsa, "normal")).ok()
    assert_all_valid(tmp_path / "out.pdf", root=authority.root, count=1)


def test_the_first_that_answers_is_enough(sign, tsa):
    _, requests = asked(tsa, lambda: sign(*at(tsa, "normal", "down")).ok())
    assert requests == ["normal"]


def test_rate_limit_is_remembered(sign, tsa):
    """Retry-After of a limited authority binds the next runs of the program, too."""
    _, first = asked(tsa, lambda: sign(*at(tsa, "rate-limit", "normal")).ok())
    assert first == ["rate-limit", "normal"]
    _, second = asked(tsa, lambda: sign(*at(tsa, "rate-limit", "normal"), output="2.pdf").ok())
    assert second == ["normal"]
    # Nobody left to ask: the limited one is not asked again either, and the person is told.
    done, third = asked(tsa, lambda: sign(*at(tsa, "rate-limit"), output="3.pdf"))
    assert done.code == 50 and third == [], done


def test_big_token_goes_into_a_document_time_stamp(sign, tsa, authority, tmp_path):
    done = sign(*at(tsa, "big-token")).ok()
    output = tmp_path / "out.pdf"
    assert "sign.document_time_stamp" in done.notes
    verdicts = assert_all_valid(output, root=authority.root, count=2)
    assert sorted(verdict["kind"] for verdict in verdicts.values()) == ["signature", "time-stamp"]
    assert_sound(output)


def test_big_token_fits_once_it_is_known(sign, tsa, authority, tmp_path):
    sign(*at(tsa, "big-token")).ok()
    done = sign(*at(tsa, "big-token"), output="2.pdf").ok()
    verdicts = assert_all_valid(tmp_path / "2.pdf", root=authority.root)
    if "sign.document_time_stamp" in done.notes:
        assert len(verdicts) == 2
    else:
        assert all(verdict["time_stamp_valid"] for verdict in verdicts.values())


@pytest.mark.parametrize("behaviours, error", [(("down",), "pki.tsp.unavailable"),
                                               (("down", "garbage", "rate-limit"), "pki.tsp.unavailable")])
def test_nobody_stamps(fresh_kyso, authority, tsa, tmp_path, behaviours, error):
    arguments = ("sign", LETTER, "-o", tmp_path / "out.pdf", *authority.p12("leader"), *at(tsa, *behaviours))
    described = assert_refused(fresh_kyso(), tmp_path, arguments, 50, error)
    for behaviour in behaviours:
        assert behaviour in described["message"], described


def test_b_t_needs_an_authority(kyso, authority, tmp_path):
    arguments = ("sign", LETTER, "-o", tmp_path / "out.pdf", *authority.p12("leader"), "--profile", "b-t")
    assert_refused(kyso, tmp_path, arguments, 4, "sign.tsa.missing")


def test_b_b_asks_no_authority(sign, tsa):
    done, requests = asked(tsa, lambda: sign("--profile", "b-b", *at(tsa, "normal")).ok())
    assert done.json["profile"] == "b-b" and requests == []


def test_legacy_profile(sign, authority, tmp_path):
    """adbe.pkcs7.detached: signing time as an attribute, no ESS certificate demanded of old receivers."""
    sign("--profile", "legacy").ok()
    output = tmp_path / "out.pdf"
    assert_all_valid(output, root=authority.root, count=1)
    assert re.search(rb"/SubFilter\s*/adbe\.pkcs7\.detached", output.read_bytes())


def test_every_file_of_a_batch_is_stamped(fresh_kyso, authority, tsa, tmp_path):
    kyso = fresh_kyso()
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    for i in range(4):
        (tmp_path / "in" / f"{i}.pdf").write_bytes(LETTER.read_bytes())
    (tmp_path / "list").write_text("".join(f"{tmp_path}/in/{i}.pdf\n" for i in range(4)))
    done, requests = asked(tsa, lambda: kyso.run("sign", "--batch", tmp_path / "list", "-o", tmp_path / "out",
                                                 *authority.p12("leader"), *at(tsa, "normal")))
    done.ok()
    assert requests == ["normal"] * 4
    for i in range(4):
        (verdict,) = assert_all_valid(tmp_path / "out" / f"{i}.pdf", root=authority.root, count=1).values()
        assert verdict["time_stamp_valid"]
