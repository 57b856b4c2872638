"""Every sample × every role: what is signed keeps the input as its beginning and satisfies qpdf, pdfsig and pyHanko."""
import functools

import pytest
from judges import assert_sound, pdfsig, pyhanko
from program import SEAL_PNG, SIGNATURE_PNG, assert_refused, sha256
from samples import CERTIFIED, LETTERS, VARIANTS, all_samples, sample

BLUE = ("--image", SIGNATURE_PNG)
RED = ("--image", SEAL_PNG)
BOX = ("--rect", "30,30,90,60")

# Role → who signs, options. The places of leader and organisation are given: most samples are no letters.
ROLES = {
    "plain": ("leader", ()),
    "plain, shown": ("leader", (*BLUE, *BOX)),
    "leader": ("leader", (*BLUE, *BOX)),
    "initials": ("clerk", ()),
    "comment": ("leader", ("--comment", "Đồng ý, giao Văn phòng tham mưu, xử lý.")),
    "organisation": ("organisation", (*RED, *BOX)),
    "appendix": ("organisation", ("--number", "12/CQM-VP")),
    "copy": ("organisation", ("--copy-kind", "sao-luc")),
    "incoming": ("organisation", ("--number", "7", "--forward", "Văn phòng")),
    "number": ("clerk", ("--number", "15", "--date", "2026-03-05")),
}
TEXT_ROLES = ("comment", "appendix", "copy", "incoming")


@functools.cache
def earlier_signatures(name):
    """The fields that are signed in the sample itself."""
    from validate_pyhanko import judge_file
    it = sample(name)
    return {verdict["field"] for verdict in judge_file(it.path, (), it.password, True)["signatures"]}


def assert_accepted(path, it, root, signatures):
    """All signatures, the new and the earlier, as far as the sample itself is not broken."""
    data = path.read_bytes()
    assert data.startswith(it.path.read_bytes()), "the input is not the beginning of the output"
    assert_sound(path, it.password, it.path)

    seen = pdfsig(path, it.password)
    silent = set(it.earlier_bad) | set(it.pdfsig_mute)
    bad = {name: verdict.valid for name, verdict in seen.items() if not verdict.ok and name not in silent}
    assert not bad, f"pdfsig: {bad}"
    assert len(seen) == signatures, f"pdfsig sees {sorted(seen)}"
    if it.no_pyhanko:
        return
    verdicts = pyhanko(path, it.password, root, lenient=bool(it.lenient))
    bad = {name: verdict for name, verdict in verdicts.items() if not verdict["sound"] and name not in it.earlier_bad}
    assert not bad, f"pyHanko: {bad}"
    assert len(verdicts) == signatures
    own = [verdict for name, verdict in verdicts.items() if name not in earlier_signatures(it.name)]
    assert own and all(verdict["trusted"] for verdict in own), f"pyHanko does not trust with the root: {own}"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("it", all_samples(), ids=lambda it: it.name)
def test_role(kyso, authority, tmp_path, it, role):
    who, options = ROLES[role]
    output = tmp_path / "signed.pdf"
    before = sha256(it.path)
    done = kyso.sign(it.path, output, authority.p12(who), "--role", role.split(",")[0], *options, *it.options)
    assert sha256(it.path) == before
    expected = it.refusal
    if expected == CERTIFIED and role == "number":
        expected = (14, "decree30.permission.number")
    if expected == CERTIFIED and role == "plain":
        expected = ()  # invisible: certification with P = 2 permits it
    if not expected and it.no_room and role in TEXT_ROLES:
        expected = (20, "decree30.place.no_room")
    if not expected and role == "number" and "vn-" not in it.name and "two-empty" not in it.name \
            and "signed-aes256" not in it.name:
        expected = (20, "decree30.number.no_place")
    if expected:
        assert (done.code, done.json["error"]["code"]) == expected, done
        assert not list(tmp_path.iterdir())
        return
    done.ok()
    assert_accepted(output, it, authority.root, len(earlier_signatures(it.name)) + 1)


@pytest.mark.parametrize("name", [it.name for it in all_samples() if it.repair])
def test_damaged_structure_needs_consent(kyso, authority, tmp_path, name):
    arguments = ("sign", sample(name).path, "-o", tmp_path / "signed.pdf", *authority.p12("leader"))
    assert_refused(kyso, tmp_path, arguments, 13, "kyso.repair.needed")


@pytest.mark.parametrize("name", LETTERS)
def test_leader_finds_the_place(kyso, authority, tmp_path, name):
    output = tmp_path / "signed.pdf"
    done = kyso.sign(sample(name).path, output, authority.p12("leader"), "--role", "leader", *BLUE).ok()
    assert done.json["place"]["by"] == "name" and done.json["place"]["page"] == 1
    assert "decree30.round.prepared" in done.notes
    assert_accepted(output, sample(name), authority.root, 1)


@pytest.mark.parametrize("it", [it for it in all_samples() if not it.refusal and "vn-" not in it.name
                                and it.name.startswith("pyhanko/minimal")], ids=lambda it: it.name)
def test_leader_without_a_name_is_refused(kyso, authority, tmp_path, it):
    arguments = ("sign", it.path, "-o", tmp_path / "signed.pdf", *authority.p12("leader"), "--role", "leader", *BLUE,
                 *it.options)
    assert_refused(kyso, tmp_path, arguments, 20, "decree30.name.not_found")


# --- further signatures -------------------------------------------------------------------------------------------------

def sign_often(kyso, authority, tmp_path, it, count, check_at):
    current, signatures = it.path, len(earlier_signatures(it.name))
    visible_forbidden = bool(it.refusal)
    for i in range(1, count + 1):
        output = tmp_path / f"{i}.pdf"
        if visible_forbidden and i == 1:
            options = ("--field", "CoQuan")
        elif visible_forbidden or i % 3 == 0:
            options = ()  # invisible
        else:
            options = ("--rect", f"{20 + 7 * i},{10 + 4 * i},90,45")
        password = ("--password", it.password) if it.password else ()
        # Once signed, the section that Kyso appended is sound: no --repair any more.
        repair = ("--repair",) if it.repair and i == 1 else ()
        kyso.sign(current, output, authority.p12("leader" if i % 2 else "organisation"), *options, *password, *repair).ok()
        assert output.read_bytes().startswith(current.read_bytes())
        if i in check_at:
            assert_accepted(output, it, authority.root, signatures + i)
        current = output
    return current


@pytest.mark.parametrize("name", VARIANTS)
def test_second_and_tenth_signature(kyso, authority, tmp_path, name):
    sign_often(kyso, authority, tmp_path, sample(name), 10, (2, 10))


def test_fifty_signatures(kyso, authority, tmp_path):
    last = sign_often(kyso, authority, tmp_path, sample("vn-cong-van.pdf"), 50, (50,))
    facts = kyso.run("inspect", last, "--json").ok().json
    assert len(facts["signatures"]) == 50 and len(facts["revisions"]) == 51
