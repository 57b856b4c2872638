"""Signed documents extended to B-LT and B-LTA with a live authority; pyHanko, pdfsig and qpdf judge the results."""
import base64
import datetime
import hashlib
import json
import re
import subprocess

import pytest
from authority import Authority
from judges import assert_sound, pdfsig, pyhanko
from program import SEAL_PNG, SIGNATURE_PNG, assert_refused
from samples import sample
from validate_pyhanko_lta import read_store, validate_long_term

LETTER = sample("vn-cong-van.pdf").path


@pytest.fixture
def authority(tmp_path_factory):
    with Authority(tmp_path_factory.mktemp("authority")) as it:
        yield it


class Desk:
    """A person's place of work: a program with a home of its own, and a folder."""

    def __init__(self, kyso, authority, folder):
        self.kyso, self.authority, self.folder, self.count = kyso, authority, folder, 0

    def new(self):
        self.count += 1
        return self.folder / f"{self.count}.pdf"

    def sign(self, who="leader", *options, source=LETTER, with_chain=True, stamped=True):
        output = self.new()
        tsa = ("--tsa", self.authority.tsa_url) if stamped else ()
        self.kyso.sign(source, output, self.authority.holder(who, with_chain), *tsa, *options).ok()
        self.authority.asked.clear()
        return output

    def trust(self):
        return ("--only-trust", "--trust", self.authority.root)

    def extend(self, source, *options, level="lt", tsa=None):
        """(how the program ended, the new file)."""
        output = self.new()
        tsa = tsa if tsa is not None else (("--tsa", self.authority.tsa_url) if level == "lta" else ())
        done = self.kyso.run("extend", source, "-o", output, "--level", level, *self.trust(), *tsa, "--json", *options)
        return done, output

    def extended(self, source, *options, level="lt", tsa=None, password=""):
        """The new file, which reaches the level and is sound."""
        done, output = self.extend(source, *options, level=level, tsa=tsa)
        done.ok()
        assert done.json["reached"] == f"B-{level.upper()}" and done.json["changed"], done
        assert output.read_bytes().startswith(source.read_bytes())
        assert_sound(output, password)
        return output, done.json

    def levels(self, path, *options):
        done = self.kyso.run("verify", path, "--offline", *self.trust(), "--json", *options).ok()
        return {signature["field"]: signature["level"] for signature in done.json["signatures"]}


@pytest.fixture
def desk(fresh_kyso, authority, tmp_path):
    return Desk(fresh_kyso(), authority, tmp_path)


def assert_accepted(path, password="", root=None, count=None, by_pdfsig=True):
    """pyHanko accepts every signature with all that came after it, and pdfsig too. The newest need not cover the whole
    file: validation data may follow it."""
    verdicts = pyhanko(path, password, root)
    # pyHanko takes any later revision for a change of filled fields that a signature locked, its own revisions too.
    bad = {name: verdict for name, verdict in verdicts.items() if not verdict["ok"] and not (
        verdict["intact"] and verdict["valid"] and verdict["trusted"] is not False
        and re.search(r"because the form field \w+ is locked", verdict.get("suspicious", "")))}
    assert not bad, f"pyHanko on {path}: {bad}"
    assert count in (None, len(verdicts)), f"{path}: {sorted(verdicts)}"
    if by_pdfsig:
        seen = pdfsig(path, password)
        names = {name for name, verdict in verdicts.items() if verdict["kind"] == "signature"}
        assert all(name in seen and seen[name].ok for name in names), f"pdfsig on {path}: {seen}"
    return verdicts


def codes(done):
    return {finding["code"] for finding in done.json["findings"]}


def not_reached(done, asked="B-LT"):
    """The program ended with less than was asked for, and said why in words."""
    assert done.code == 2, done
    (finding,) = [finding for finding in done.json["findings"] if finding["code"] == "verify.extend.not_reached"]
    assert finding["parameters"]["asked"] == asked and finding["parameters"]["reached"] == done.json["reached"], done
    assert finding["parameters"]["reason"] and finding["text"] and "{" not in finding["text"], done
    return finding["parameters"]["reason"]


# --- levels ---------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("who", ["leader", "crl-only"])
@pytest.mark.parametrize("with_chain", [False, True], ids=["leaf", "chain"])
def test_lt(desk, authority, who, with_chain):
    signed = desk.sign(who, with_chain=with_chain)
    authority.publish_list()  # newer than the signature
    output, said = desk.extended(signed)
    certificates, responses, lists, vri = read_store(output)
    assert certificates >= 3 and vri == set()
    assert responses >= 1  # the time-stamp authority names a responder whoever signed
    assert who == "leader" or lists == 1
    assert_accepted(output, root=authority.root if with_chain else None, count=1)
    if who == "leader":
        (long_term,) = validate_long_term(output, authority.root)
        assert long_term.in_ten_years == "OK", long_term
    assert set(desk.levels(output).values()) == {"B-LT"}
    assert said["signatures"] == [{"field": field, "level": level} for field, level in desk.levels(output).items()]


@pytest.mark.parametrize("who", ["leader", "crl-only"])
def test_lta(desk, authority, who):
    signed = desk.sign(who)
    authority.publish_list()
    output, said = desk.extended(signed, level="lta")
    verdicts = assert_accepted(output, root=authority.root, count=2)
    assert sorted(verdict["kind"] for verdict in verdicts.values()) == ["signature", "time-stamp"]
    (long_term,) = validate_long_term(output, authority.root)
    assert long_term.now == "OK", long_term
    # pyHanko's simulation of the future finds no proof for lists (REVOCATION_OUT_OF_BOUNDS_NO_POE).
    assert who == "crl-only" or long_term.in_ten_years == "OK", long_term
    end = subprocess.run(["openssl", "x509", "-in", authority.folder / "tsa.pem", "-noout", "-enddate", "-dateopt",
                          "iso_8601"], capture_output=True, text=True, check=True).stdout.strip()
    renew = datetime.datetime.fromisoformat(said["renew_before"]).astimezone(datetime.timezone.utc)
    assert renew.strftime("notAfter=%Y-%m-%d %H:%M:%SZ") == end


def test_lta_from_a_signature_without_time_stamp(desk, authority):
    """A document time-stamp proves what a signature's own does; pyHanko's long-term validation wants that one, though."""
    output, _ = desk.extended(desk.sign(stamped=False), level="lta")
    verdicts = assert_accepted(output, root=authority.root, count=3)
    assert sum(verdict["kind"] == "time-stamp" for verdict in verdicts.values()) == 2
    assert "B-LTA" in desk.levels(output).values()


def test_default_level(desk, authority):
    signed = desk.sign()
    done = desk.kyso.run("extend", signed, "-o", desk.new(), *desk.trust(), "--json").ok()
    assert done.json["reached"] == "B-LT"
    done = desk.kyso.run("extend", signed, "-o", desk.new(), *desk.trust(), "--tsa", authority.tsa_url, "--json").ok()
    assert done.json["reached"] == "B-LTA"


def test_vri(desk, authority):
    signed = desk.sign()
    output, _ = desk.extended(signed, "--vri")
    contents = re.search(rb"/Contents\s*<([0-9A-Fa-f]{200,})>", signed.read_bytes())[1]
    assert read_store(output)[3] == {"/" + hashlib.sha1(bytes.fromhex(contents.decode())).hexdigest().upper()}
    assert_accepted(output, root=authority.root, count=1)


def test_again_changes_nothing(desk):
    output, _ = desk.extended(desk.sign())
    done, again = desk.extend(output)
    done.ok()
    assert not done.json["changed"] and again.read_bytes() == output.read_bytes()


def test_renewing(desk, authority):
    first, _ = desk.extended(desk.sign(), level="lta")
    second, _ = desk.extended(first, level="lta")
    verdicts = assert_accepted(second, root=authority.root, count=3)
    assert sum(verdict["kind"] == "time-stamp" for verdict in verdicts.values()) == 2
    (long_term,) = validate_long_term(second, authority.root)
    assert (long_term.now, long_term.in_ten_years) == ("OK", "OK"), long_term


# --- documents ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("level", ["lt", "lta"])
def test_two_signatures(desk, authority, level):
    one = desk.sign("leader", "--role", "leader", "--image", SIGNATURE_PNG)
    two = desk.sign("organisation", "--role", "organisation", "--image", SEAL_PNG, source=one)
    output, said = desk.extended(two, level=level)
    assert_accepted(output, root=authority.root, count=2 if level == "lt" else 3)
    assert len([item for item in said["signatures"] if item["level"] == f"B-{level.upper()}"]) >= 2


def test_the_round_of_the_decree(desk, authority):
    """Initials, leader, number by the clerk, seal: extended at the end."""
    path = desk.sign("clerk", "--role", "initials")
    path = desk.sign("leader", "--role", "leader", "--image", SIGNATURE_PNG, source=path)
    numbered = desk.new()
    desk.kyso.sign(path, numbered, (), "--role", "number", "--number", "123", "--date", "2026-03-05").ok()
    path = desk.sign("organisation", "--role", "organisation", "--image", SEAL_PNG, source=numbered)
    output, _ = desk.extended(path, level="lta")
    assert_accepted(output, root=authority.root, count=4)
    for long_term in validate_long_term(output, authority.root):
        assert long_term.now == "OK", long_term


def test_signing_goes_on_after_lt(desk, authority):
    one, _ = desk.extended(desk.sign("leader"))
    two, _ = desk.extended(desk.sign("organisation", source=one), level="lta")
    assert_accepted(two, root=authority.root, count=3)
    # What was there is shared: only the certificate of the organisation is new.
    assert read_store(two)[0] == read_store(one)[0] + 1


def test_resumed_signature(desk, authority, tmp_path):
    """Prepared, signed elsewhere, completed: B-LTA as any other."""
    prepared, value, signed = tmp_path / "p.pdf", tmp_path / "value", desk.new()
    authority.holder("leader")
    desk.kyso.run("prepare", LETTER, "-o", prepared, "--certificate", authority.folder / "leader.full.pem", "--profile",
                  "b-t", "--tsa", authority.tsa_url).ok()
    digest = base64.b64decode(json.loads((tmp_path / "p.pdf.json").read_text())["digest_to_sign"])
    (tmp_path / "digest").write_bytes(digest)
    subprocess.run(["openssl", "pkeyutl", "-sign", "-inkey", authority.folder / "leader.key", "-pkeyopt", "digest:sha256",
                    "-in", tmp_path / "digest", "-out", value], check=True, capture_output=True)
    desk.kyso.run("complete", prepared, "--signature", value, "-o", signed, "--tsa", authority.tsa_url).ok()
    output, _ = desk.extended(signed, level="lta")
    (long_term,) = validate_long_term(output, authority.root)
    assert (long_term.now, long_term.in_ten_years) == ("OK", "OK"), long_term


def test_certified_against_every_change(desk, authority):
    output, _ = desk.extended(desk.sign("leader", "--certify", "1"), level="lta")
    assert_accepted(output, root=authority.root, count=2)


def test_encrypted(desk, authority):
    it = sample("pyhanko/minimal-with-field-aes256.pdf")
    signed = desk.sign("leader", "--password", it.password, source=it.path)
    output, _ = desk.extended(signed, "--password", it.password, level="lta", password=it.password)
    assert_accepted(output, it.password, root=authority.root, count=2, by_pdfsig=False)
    assert read_store(output, it.password)[0] >= 3


# --- services -------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("behaviour", ["down", "garbage", "missing", "try-later"])
def test_list_where_the_responder_fails(desk, authority, behaviour):
    authority.behaviour["/ocsp/issuing"] = behaviour
    signed = desk.sign("leader")
    authority.publish_list()  # newer than the signature
    output, said = desk.extended(signed)
    assert {finding["code"] for finding in said["findings"]} <= {
        "verify.fetch.unreachable", "verify.fetch.malformed", "verify.fetch.refused"} and said["findings"]
    assert all(finding["text"] for finding in said["findings"])
    assert read_store(output)[2] == 1
    assert_accepted(output, root=authority.root, count=1)


def test_slow_responder_is_passed_over(desk, authority):
    authority.behaviour["/ocsp/issuing"] = "slow"
    signed = desk.sign("leader")
    authority.publish_list()
    output, said = desk.extended(signed, "--fetch-timeout", "1")
    assert "verify.fetch.unreachable" in {finding["code"] for finding in said["findings"]}
    assert read_store(output)[2] == 1


def test_responder_that_knows_no_sha1(desk, authority):
    authority.behaviour["/ocsp/issuing"] = "sha1-refused"
    output, said = desk.extended(desk.sign("leader"))
    assert said["findings"] == [] and read_store(output)[2] == 0


def test_delta_list(desk, authority):
    """The list is older than the signature, the changes since are newer."""
    authority.publish_list("issuing", age=datetime.timedelta(hours=2))
    signed = desk.sign("with-delta")
    authority.publish_delta()
    output, _ = desk.extended(signed)
    assert read_store(output)[2] == 2
    assert "/delta.crl" in authority.asked


def test_nobody_answers(desk, authority):
    signed = desk.sign("leader")
    for path in ("/ocsp/issuing", "/ocsp/root", "/issuing.crl", "/root.crl"):
        authority.behaviour[path] = "down"
    done, output = desk.extend(signed)
    assert not_reached(done) and done.json["reached"] == "B-T"
    assert "verify.fetch.unreachable" in codes(done) and not output.exists()


def test_old_list_try_later(desk, authority):
    authority.publish_list("issuing", age=datetime.timedelta(hours=2), lifetime=datetime.timedelta(hours=3))
    done, output = desk.extend(desk.sign("crl-only"))
    assert not_reached(done)
    assert done.json["reached"] == "B-T"
    wait = datetime.datetime.fromisoformat(done.json["try_again"]) - datetime.datetime.now(datetime.timezone.utc)
    assert datetime.timedelta(minutes=50) < wait < datetime.timedelta(minutes=70)
    assert not output.exists()


def test_later_it_works(desk, authority):
    authority.publish_list("issuing", age=datetime.timedelta(hours=2), lifetime=datetime.timedelta(hours=3))
    signed = desk.sign("crl-only")
    assert desk.extend(signed)[0].code == 2
    authority.publish_list("issuing")
    output, _ = desk.extended(signed)  # the list that was kept is not newer than the signature, so another was fetched
    assert set(desk.levels(output).values()) == {"B-LT"}


def test_huge_list_is_refused(desk, authority):
    authority.behaviour["/issuing.crl"] = "huge"
    done, _ = desk.extend(desk.sign("crl-only"))
    assert not_reached(done) and "verify.fetch.too_large" in codes(done)


def test_answers_are_kept(desk, authority):
    signed = desk.sign("leader")
    desk.extended(signed)
    assert authority.asked
    authority.asked.clear()
    desk.extended(signed)
    assert authority.asked == []
    desk.extended(signed, "--no-cache")
    assert authority.asked


# --- refusals -------------------------------------------------------------------------------------------------------------

def refused(desk, source, code, error, *options):
    return assert_refused(desk.kyso, desk.folder, ("extend", source, "-o", desk.folder / "refused.pdf", *desk.trust(),
                                                   *options), code, error)


def test_revoked_before_signing(desk, authority):
    authority.revoke("leader")
    authority.wait_for_the_next_second()
    refused(desk, desk.sign("leader"), 14, "verify.extend.invalid", "--no-cache")


def test_revoked_after_signing(desk, authority):
    """The time-stamp proves that the signature is older than the revocation."""
    signed = desk.sign("leader")
    authority.wait_for_the_next_second()
    authority.revoke("leader", reason="cessationOfOperation")
    output, _ = desk.extended(signed, level="lta")
    assert set(desk.levels(output).values()) >= {"B-LTA"}


def test_changed_document(desk):
    signed = desk.sign("leader")
    data = bytearray(signed.read_bytes())
    data[200] ^= 1
    signed.write_bytes(data)
    refused(desk, signed, 14, "verify.extend.invalid")


def test_time_stamp_needed(desk, authority):
    refused(desk, desk.sign(stamped=False), 4, "verify.extend.tsa_needed", "--level", "lt")
    refused(desk, desk.sign(), 4, "verify.extend.tsa_needed", "--level", "lta")


def test_time_stamp_authority_down(desk, authority):
    signed = desk.sign()
    authority.behaviour["/tsa"] = "down"
    refused(desk, signed, 50, "pki.tsp.unavailable", "--level", "lta", "--tsa", authority.tsa_url)


def test_nothing_to_extend(desk, tmp_path):
    refused(desk, LETTER, 15, "verify.extend.no_signature")
    text = tmp_path / "text.pdf"
    text.write_text("this is no PDF")
    refused(desk, text, 3, None)
    signed = desk.sign()
    assert_refused(desk.kyso, desk.folder, ("extend", signed, "-o", signed, *desk.trust()), 63, "kyso.output.is_input")


# --- evidence -------------------------------------------------------------------------------------------------------------

def test_saved_judgement_is_the_same_elsewhere(desk, fresh_kyso, authority, tmp_path):
    """Fetched once, judged again by another program without network: the same verdict, byte for byte."""
    signed, saved = desk.sign("leader"), tmp_path / "evidence.json"
    authority.wait_for_the_next_second()
    desk.kyso.run("verify", signed, "--online", *desk.trust(), "--save-evidence", saved, "--json")
    kept = json.loads(saved.read_text())
    assert {item["kind"] for item in kept["evidence"]} >= {"ocsp"}
    assert all(item["url"].startswith(authority.url) and item["fetched"] for item in kept["evidence"])
    authority.asked.clear()
    one = desk.kyso.run("judge", saved, "--json")
    two = fresh_kyso().run("judge", saved, "--json")
    assert authority.asked == [] and one.out and one.out == two.out and one.code == two.code, one
