"""What a reader sees, measured: Decree 30/2020/NĐ-CP, Appendix I, in millimetres on the rendered page."""
import functools

import numpy
import pytest
from judges import assert_all_valid, assert_sound, word_boxes
from pictures import (MM, POINT_MM, Box, alpha, blue, changed, dark, extent, likeness, red, render, whole_picture)
from PIL import Image
from program import SEAL_PNG, SIGNATURE_PNG
from samples import LETTERS, sample

LEADER = ("--role", "leader", "--image", SIGNATURE_PNG)
ORGANISATION = ("--role", "organisation", "--image", SEAL_PNG)
A4 = (210.0, 297.0)


@functools.cache
def page(path, number=1):
    return render(path, number)


@pytest.fixture(scope="module")
def signed(kyso, authority, tmp_path_factory):
    """name → (source, with the leader's signature, with the seal too)."""
    @functools.cache
    def make(name):
        folder = tmp_path_factory.mktemp("letter")
        kyso.sign(sample(name).path, folder / "1.pdf", authority.p12("leader"), *LEADER).ok()
        kyso.sign(folder / "1.pdf", folder / "2.pdf", authority.p12("organisation"), *ORGANISATION, "--number", "12",
                  "--date", "2026-03-05").ok()
        return sample(name).path, folder / "1.pdf", folder / "2.pdf"
    return make


def words_in_mm(path, number=1):
    return [(Box(*(value * POINT_MM for value in row[:4])), row[4]) for row in word_boxes(path, number)]


def phrase(words, text, first=False):
    """The box of the last (or first) occurrence of some words in a row."""
    wanted = text.split()
    starts = range(len(words) - len(wanted) + 1)
    for start in starts if first else reversed(starts):
        if [word for _, word in words[start:start + len(wanted)]] == wanted:
            boxes = [box for box, _ in words[start:start + len(wanted)]]
            return Box(min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes),
                       max(b.y1 for b in boxes))
    raise AssertionError(f"{text!r} is not on the page")


def nothing_covered(before, after, but=None):
    """Every dark pixel of the page is as dark as before; `but` is a box that may lie over text as on paper."""
    was = dark(before)
    if but is not None:
        was = was.copy()
        was[but.pixels(0.3)] = False
    lost = was & ~dark(after, 170)
    assert not lost.any(), f"{lost.sum()} pixels of the text were covered at {extent(lost)}"


# --- leader and seal ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", LETTERS)
def test_leader_between_title_and_name(signed, name):
    source, led, _ = signed(name)
    ink = extent(changed(page(source), page(led)) & blue(page(led)))
    words = words_in_mm(source)
    person = phrase(words, "Nguyễn Văn A")
    title = phrase(words, "GIÁM ĐỐC")
    assert ink.y0 > title.y1 - 0.5, f"the signature at {ink} touches the title at {title}"
    assert ink.y1 < person.y0 + 0.5, f"the signature at {ink} touches the name at {person}"
    box = whole_picture(ink, SIGNATURE_PNG)
    off = box.centre[0] - person.centre[0]
    assert abs(off) < 1.0, f"the picture's centre is {off:.2f} mm beside the name's"
    assert box.width < 53.4 and box.height < 25.2, f"larger than 150 × 70 pt: {box}"
    assert box.width > 30, f"hardly to be seen: {box}"
    assert abs(box.width / box.height - 625 / 292) < 0.05, f"distorted: {box}"
    nothing_covered(page(source), page(led))


@pytest.mark.parametrize("name", LETTERS)
def test_leader_is_blue_and_nothing_else_changes(signed, name):
    source, led, _ = signed(name)
    mask = changed(page(source), page(led))
    assert (blue(page(led))[mask]).mean() > 0.9, "the signature is not blue"
    assert extent(mask).width < 54, f"something else was painted: {extent(mask)}"


@pytest.mark.parametrize("name", LETTERS)
def test_seal_in_real_size_over_a_third_of_the_signature(signed, name):
    source, led, sealed = signed(name)
    seal = extent(changed(page(led), page(sealed)) & red(page(sealed)))
    assert abs(seal.width - 37) <= 0.5 and abs(seal.height - 37) <= 0.5, f"the seal is not 37 mm: {seal}"
    signature = whole_picture(extent(changed(page(source), page(led)) & blue(page(led))), SIGNATURE_PNG)
    overlap = (seal.x1 - signature.x0) / signature.width
    assert 0.28 <= overlap <= 0.38, f"overlap {overlap:.3f}: seal {seal}, signature {signature}"
    assert seal.x0 < signature.x0, f"the seal is not on the left: seal {seal}, signature {signature}"
    off = seal.centre[1] - signature.centre[1]
    assert abs(off) <= 1, f"vertical centres differ by {off:.2f} mm"
    # A transparent picture: the leader's ink is seen through the gaps of the seal's.
    ink = changed(page(source), page(led)) & blue(page(led))
    shared = ink[seal.pixels()]
    still = blue(page(sealed))[seal.pixels()][shared]
    assert shared.any() and still.mean() > 0.5, "the seal hides the leader's signature"
    nothing_covered(page(source), page(sealed), but=seal)


@pytest.mark.parametrize("name", LETTERS)
def test_number_and_date_stand_in_their_gaps(signed, name):
    source, _, sealed = signed(name)
    words = words_in_mm(sealed)
    label = phrase(words_in_mm(source), "ngày", first=True)
    for text in ("05", "12"):
        found = [box for box, word in words if word.startswith(text) or word.endswith(text)]
        assert found and min(box.y0 for box in found) < 60, f"{text} is not in the upper part of the page"
    day = min((box for box, word in words if word == "05"), key=lambda box: box.y0)
    assert abs(day.y1 - label.y1) < 1.0, f"the day at {day} is not on the line of {label}"
    # Black upright number of 13 points and italic date of 13–14: the fields' glyphs are as high as the printed ones.
    assert 4.5 < day.height < 6, f"the day is {day.height:.2f} mm high"


def test_many_fields_need_no_second_font(signed):
    _, led, sealed = signed("vn-cong-van.pdf")
    growth = sealed.stat().st_size - led.stat().st_size
    assert growth < 120_000, f"the seal with number and date took {growth} bytes"


# --- texts and stamps -----------------------------------------------------------------------------------------------------

TOP_RIGHT = {"copy": (("--role", "copy"), "SAO"), "appendix": (("--role", "appendix", "--number", "12/CQM-VP"), "12/CQM-VP;")}


@pytest.mark.parametrize("role", TOP_RIGHT)
@pytest.mark.parametrize("name", LETTERS)
def test_copy_and_appendix_top_right(kyso, authority, tmp_path, name, role):
    options, first = TOP_RIGHT[role]
    output = tmp_path / "out.pdf"
    kyso.sign(sample(name).path, output, authority.p12("organisation"), *options).ok()
    before, after = page(sample(name).path), render(output)
    mask = changed(before, after)
    text = extent(mask)
    assert text.x1 > A4[0] - 12 and text.x0 > A4[0] / 3, f"not at the right: {text}"
    assert text.y1 < 25, f"not at the top: {text}"
    assert (after[mask].max(axis=1) - after[mask].min(axis=1)).max() < 30, "the text is not black"
    old = {word for _, word in words_in_mm(sample(name).path)}
    word = next(box for box, word in words_in_mm(output) if word == first and word not in old)
    # Ascent and descent of Times are 1.107 of its size.
    assert abs(word.height / POINT_MM / 1.107 - 10) < 0.4, f"the text is {word.height / POINT_MM / 1.107:.1f} pt high"
    nothing_covered(before, after)


@pytest.mark.parametrize("name", LETTERS)
def test_incoming_stamp_is_35_by_50(kyso, authority, tmp_path, name):
    output = tmp_path / "out.pdf"
    done = kyso.sign(sample(name).path, output, authority.p12("organisation"), "--role", "incoming", "--number", "45").ok()
    before, after = page(sample(name).path), render(output)
    frame = extent(changed(before, after) & red(after))
    assert "decree30.incoming.smaller" not in done.notes, done.notes
    assert abs(frame.width - 50) <= 0.5 and abs(frame.height - 35) <= 0.5, f"the stamp is not 35 × 50 mm: {frame}"
    nothing_covered(before, after)
    free = ~dark(before)[frame.pixels(-0.2)]
    assert free.all(), "the stamp lies over text"


@pytest.mark.parametrize("name", LETTERS)
@pytest.mark.parametrize("role", ["initials", "comment", "plain"])
def test_other_roles_cover_nothing(kyso, authority, tmp_path, name, role):
    output = tmp_path / "out.pdf"
    options = {"comment": ("--comment", "Đồng ý, giao Văn phòng tham mưu."), "plain": ("--image", SIGNATURE_PNG)}.get(role, ())
    done = kyso.sign(sample(name).path, output, authority.p12("leader"), "--role", role, *options).ok()
    number = done.json["place"]["page"]
    before, after = page(sample(name).path, number), render(output, number)
    nothing_covered(before, after)
    painted = extent(changed(before, after))
    x0, y0, x1, y1 = (value * POINT_MM for value in done.json["place"]["rect"])
    told = Box(x0, A4[1] - y1, x1, A4[1] - y0)
    for a, b in ((painted.x0, told.x0), (painted.y0, told.y0), (-painted.x1, -told.x1), (-painted.y1, -told.y1)):
        assert a > b - 0.3, f"painted at {painted}, which is not inside {told}"


def test_rectangle_of_the_user(kyso, authority, tmp_path):
    output = tmp_path / "out.pdf"
    source = sample("vn-to-trinh.pdf").path
    kyso.sign(source, output, authority.p12("leader"), *LEADER, "--page", "3", "--rect", "100,400,150,70").ok()
    box = whole_picture(extent(changed(page(source, 3), render(output, 3)) & blue(render(output, 3))), SIGNATURE_PNG)
    wanted = Box(100 * POINT_MM, A4[1] - 470 * POINT_MM, 250 * POINT_MM, A4[1] - 400 * POINT_MM)
    for a, b in zip((box.x0, box.y0, box.x1, box.y1), (wanted.x0, wanted.y0, wanted.x1, wanted.y1)):
        assert abs(a - b) < 0.5, f"at {box} instead of {wanted}"


# --- page-edge seal ---------------------------------------------------------------------------------------------------

def put_together(source, output, pages):
    strips = []
    height = round(A4[1] / MM)
    for number in range(1, pages + 1):
        before, after = page(source, number), render(output, number)
        assert abs(before.shape[0] - height) < 3
        mask = changed(before, after) & red(after)
        width = round(37 / pages / MM)
        edge = mask[:, -width:]
        strips.append(edge)
        found = extent(edge)
        middle = found.centre[1] - A4[1] / 2
        assert abs(middle) < 6, f"page {number}: the strip's middle is {middle:.1f} mm off the page's"
    rows = numpy.flatnonzero(numpy.hstack(strips).any(axis=1))
    return numpy.hstack(strips)[rows[0]:rows[-1] + 1]


def assert_round_seal(whole):
    height = whole.shape[0] * MM
    width = extent(whole).width
    assert abs(height - 37) <= 0.5 and abs(width - 37) <= 0.5, f"side by side: {width:.2f} × {height:.2f} mm"
    alike = likeness(whole, SEAL_PNG)
    assert alike > 0.75, f"side by side the slices do not show the seal: likeness {alike:.2f}"
    # The measure can tell: the same slices in another order are not alike.
    quarter = whole.shape[1] // 4
    shuffled = numpy.hstack([whole[:, quarter:], whole[:, :quarter]])
    assert likeness(shuffled, SEAL_PNG) < 0.5


def test_page_edge_seal_prepared_by_the_leader(kyso, authority, tmp_path):
    source = sample("vn-to-trinh.pdf").path
    led, sealed = tmp_path / "1.pdf", tmp_path / "2.pdf"
    kyso.sign(source, led, authority.p12("leader"), *LEADER, "--edge-seal", "by-the-book").ok()
    done = kyso.sign(led, sealed, authority.p12("organisation"), *ORGANISATION, "--edge-seal", "by-the-book").ok()
    assert "decree30.edge_seal.fields" in done.notes
    assert_all_valid(sealed, root=authority.root, count=2)
    assert_round_seal(put_together(led, sealed, 4))


def test_page_edge_seal_of_the_first_signer(kyso, authority, tmp_path):
    source, sealed = sample("vn-to-trinh.pdf").path, tmp_path / "out.pdf"
    done = kyso.sign(source, sealed, authority.p12("organisation"), *ORGANISATION, "--edge-seal", "by-the-book").ok()
    assert "decree30.edge_seal.first" in done.notes
    assert_all_valid(sealed, root=authority.root, count=1)
    assert_round_seal(put_together(source, sealed, 4))


def test_page_edge_seal_comes_too_late(kyso, authority, tmp_path):
    led = tmp_path / "1.pdf"
    kyso.sign(sample("vn-to-trinh.pdf").path, led, authority.p12("leader"), *LEADER).ok()
    done = kyso.sign(led, tmp_path / "2.pdf", authority.p12("organisation"), *ORGANISATION, "--edge-seal", "by-the-book")
    assert (done.code, done.json["error"]["code"]) == (14, "decree30.edge_seal.not_prepared")


@pytest.mark.parametrize("signed_before", [False, True])
def test_page_edge_seal_as_one_signature_on_many_pages(kyso, authority, tmp_path, signed_before):
    """On request, though ISO 32000-2 section 12.7.5.5 advises against it: the judges accept it all the same."""
    source, sealed = sample("vn-to-trinh.pdf").path, tmp_path / "sealed.pdf"
    if signed_before:  # by somebody who prepared nothing
        kyso.sign(source, tmp_path / "1.pdf", authority.p12("clerk")).ok()
        source = tmp_path / "1.pdf"
    done = kyso.sign(source, sealed, authority.p12("organisation"), *ORGANISATION, "--edge-seal", "many-widgets").ok()
    assert "decree30.edge_seal.widgets" in done.notes
    assert_all_valid(sealed, root=authority.root, count=2 if signed_before else 1)
    assert_sound(sealed)
    assert_round_seal(put_together(source, sealed, 4))


def test_a_prepared_field_gets_no_more_widgets(kyso, authority, tmp_path):
    led = tmp_path / "1.pdf"
    kyso.sign(sample("vn-to-trinh.pdf").path, led, authority.p12("leader"), *LEADER).ok()
    done = kyso.sign(led, tmp_path / "2.pdf", authority.p12("organisation"), *ORGANISATION, "--edge-seal", "many-widgets")
    assert (done.code, done.json["error"]["code"]) == (4, "decree30.edge_seal.many_widgets")


# --- boxes and rotations --------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("number", range(1, 9))
def test_upright_on_every_kind_of_page(kyso, authority, tmp_path, number):
    """CropBox ≠ MediaBox, origin ≠ 0, Rotate 0 to 270: the rectangle is that of the page as the reader sees it."""
    source, output = sample("qpdf/boxes.pdf").path, tmp_path / "out.pdf"
    kyso.sign(source, output, authority.p12("leader"), *LEADER, "--page", number, "--rect", "60,120,150,70").ok()
    before, after = page(source, number), render(output, number)
    mask = changed(before, after) & blue(after)
    box = whole_picture(extent(mask), SIGNATURE_PNG)
    height = before.shape[0] * MM
    wanted = Box(60 * POINT_MM, height - 190 * POINT_MM, 210 * POINT_MM, height - 120 * POINT_MM)
    for a, b in zip((box.x0, box.y0, box.x1, box.y1), (wanted.x0, wanted.y0, wanted.x1, wanted.y1)):
        assert abs(a - b) < 0.6, f"page {number}: at {box} instead of {wanted}"
    upright = likeness(mask[wanted.pixels()], SIGNATURE_PNG)
    others = [likeness(mask[wanted.pixels()], SIGNATURE_PNG, turns) for turns in (1, 2, 3)]
    assert upright > 0.7 and upright > max(others) + 0.3, f"page {number}: upright {upright:.2f}, turned {others}"


def test_seal_picture_is_what_the_measures_assume():
    with Image.open(SEAL_PNG) as picture:
        assert picture.size == (437, 437)
    assert alpha(SIGNATURE_PNG).shape == (292, 625)
