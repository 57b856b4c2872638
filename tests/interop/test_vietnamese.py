"""All 134 accented letters, however they are typed, come out of the signed page composed (NFC) and in embedded fonts."""
import itertools
import re
import unicodedata

import pytest
from judges import assert_all_valid, fonts, page_text
from program import assert_refused
from samples import sample

TONES = "\u0300\u0301\u0303\u0309\u0323"  # huyền, sắc, ngã, hỏi, nặng
VOWELS = "aăâeêioôơuưy"


def letters():
    """12 vowels × 5 tones and ă â ê ô ơ ư đ, small and capital, composed."""
    small = [unicodedata.normalize("NFC", vowel + tone) for vowel, tone in itertools.product(VOWELS, TONES)]
    small += "ăâêôơưđ"
    return small + [letter.upper() for letter in small]


def half_composed(text):
    """What keyboards also give: the vowel with its own mark composed and the tone apart (â + U+0301), but for the dot
    below the vowel with the dot composed and its own mark apart (ạ + U+0302), which is equivalent, too."""
    out = []
    for letter in text:
        base, *marks = unicodedata.normalize("NFD", letter)
        tone = "".join(mark for mark in marks if mark in TONES)
        shape = "".join(mark for mark in marks if mark not in TONES)
        first, second = (tone, shape) if tone == "\u0323" else (shape, tone)
        out.append(unicodedata.normalize("NFC", base + first) + second)
    return "".join(out)


FORMS = {"nfc": lambda text: text, "nfd": lambda text: unicodedata.normalize("NFD", text), "half": half_composed}
ALL = letters()
# Words, so that every letter stands between others and lines can break.
WORDS = " ".join("".join(ALL[i:i + 6]) for i in range(0, len(ALL), 6))


def test_the_alphabet_is_complete():
    assert len(set(ALL)) == 134
    assert half_composed("ậấợ") == "\u1ea1\u0302\u00e2\u0301\u1ecd\u031b" and len(half_composed(WORDS)) > len(WORDS)
    for make in FORMS.values():
        assert unicodedata.normalize("NFC", make(WORDS)) == WORDS


def squeezed(text):
    return re.sub(r"\s+", "", text)


def own_fonts(before, after):
    known = {font.name for font in fonts(before)}
    return [font for font in fonts(after) if font.name not in known]


def assert_fonts(before, after):
    made = own_fonts(before, after)
    assert made, "no font was embedded"
    for font in made:
        assert font.embedded and font.subset and font.unicode and font.kind == "CID TrueType", font


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("role, option, name", [("comment", "--comment", "vn-cong-van.pdf"),
                                                ("comment", "--comment", "vn-to-trinh.pdf"),
                                                ("copy", "--agency", "vn-cong-van.pdf"),
                                                ("incoming", "--forward", "vn-cong-van.pdf")])
def test_every_letter_on_the_page(kyso, authority, tmp_path, form, role, option, name):
    source, output = sample(name).path, tmp_path / "out.pdf"
    # A stamp has narrow lines: the letters one after the other in pieces that fit.
    pieces = [WORDS] if role != "incoming" else [WORDS[i:i + 28].strip() for i in range(0, len(WORDS), 28)]
    for piece in pieces:
        kyso.sign(source, output, authority.p12("leader"), "--role", role, option, FORMS[form](piece)).ok()
        text = page_text(output, 1, layout=False)
        assert unicodedata.is_normalized("NFC", text)
        assert squeezed(piece) in squeezed(text), f"{piece!r} is not in {text!r}"
        assert_fonts(source, output)
        output.unlink()


@pytest.mark.parametrize("form", FORMS)
def test_reason_and_location(kyso, authority, tmp_path, form):
    """PDF text strings of the signature dictionary (ISO 32000-2 section 7.9.2.2), read back by pyHanko."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    output = tmp_path / "out.pdf"
    kyso.sign(sample("vn-cong-van.pdf").path, output, authority.p12("leader"), "--reason", FORMS[form](WORDS),
              "--location", FORMS[form]("Đà Nẵng")).ok()
    assert_all_valid(output, root=authority.root, count=1)
    with open(output, "rb") as file:
        dictionary = PdfFileReader(file).embedded_signatures[0].sig_object
        assert dictionary["/Reason"] == WORDS and dictionary["/Location"] == "Đà Nẵng"
    facts = kyso.run("inspect", output, "--json").ok().json
    assert facts["signatures"][0]["reason"] == WORDS and facts["signatures"][0]["location"] == "Đà Nẵng"


STYLES = ("regular", "bold", "italic", "bold-italic")


@pytest.mark.parametrize("form", FORMS)
def test_labels_of_a_template_in_every_style(fresh_kyso, authority, tmp_path, form):
    kyso = fresh_kyso()
    folder = kyso.home / "config" / "kyso" / "templates"
    folder.mkdir(parents=True)
    label = FORMS[form](WORDS[:70])
    for style in STYLES:
        (folder / f"{style}.toml").write_text(
            f'name = "{style}"\nrole = "plain"\nshow = "text"\n[image]\nwidth = 400.0\nheight = 120.0\n'
            f'[text]\nlabels = true\nlabel_name = "{label}: "\nstyle = "{style}"\nsize = 11.0\n')
        source, output = sample("vn-cong-van.pdf").path, tmp_path / f"{style}.pdf"
        kyso.sign(source, output, authority.p12("leader"), "--template", style, "--rect", "60,200,400,120").ok()
        text = page_text(output, 1, layout=False)
        assert squeezed(f"{WORDS[:70]}: Nguyễn Văn A") in squeezed(text), text
        assert_fonts(source, output)


@pytest.mark.parametrize("size", (8, 10, 12, 14, 16))
def test_sizes(fresh_kyso, authority, tmp_path, size):
    kyso = fresh_kyso()
    folder = kyso.home / "config" / "kyso" / "templates"
    folder.mkdir(parents=True)
    (folder / "size.toml").write_text(f'name = "size"\nrole = "comment"\nshow = "text"\n[image]\nwidth = 480.0\n'
                                      f'height = 300.0\n[text]\nname = false\ntime = false\nsize = {size}.0\n')
    output = tmp_path / "out.pdf"
    kyso.sign(sample("qpdf/image-streams.pdf").path, output, authority.p12("leader"), "--role", "comment", "--template",
              "size", "--comment", WORDS, "--page", "1", "--rect", "40,40,480,300").ok()
    assert squeezed(WORDS) in squeezed(page_text(output, 1, layout=False))


def test_names_of_certificates(kyso, authority, tmp_path):
    output = tmp_path / "out.pdf"
    done = kyso.sign(sample("vn-cong-van.pdf").path, output, authority.p12("clerk"), "--rect", "60,40,250,60").ok()
    assert done.json["signer"] == "Trần Thị B"
    assert "Trần Thị B" in page_text(output, 1)


@pytest.mark.parametrize("form", FORMS)
def test_finding_a_name_however_it_is_typed(kyso, form):
    source = sample("vn-cong-van.pdf").path
    matches = kyso.run("text", source, FORMS[form]("Nguyễn Văn A"), "--json").ok().json
    assert len(matches) == 1 and matches[0]["text"] == "Nguyễn Văn A" and matches[0]["exact"]
    folded = kyso.run("text", source, "nguyen van a", "--json").ok().json
    assert [match["exact"] for match in folded] == [False]


def test_extraction_gives_every_letter_back(kyso):
    """Page 4 of the sample shows all 134 letters."""
    rows = kyso.run("text", sample("vn-to-trinh.pdf").path, "--page", "4", "--json").ok().json
    text = "".join(row["text"] for row in rows)
    assert unicodedata.is_normalized("NFC", text)
    assert set(ALL) <= set(text), f"missing: {set(ALL) - set(text)}"


@pytest.mark.parametrize("letter", ["漢", "ก", "😀", "\ue000"])
def test_letters_without_glyph_are_named(kyso, authority, tmp_path, letter):
    """Never a blank, a box or a question mark: a refusal that names the letter."""
    arguments = ("sign", sample("vn-cong-van.pdf").path, "-o", tmp_path / "x.pdf", *authority.p12("leader"), "--role",
                 "comment", "--comment", f"Đồng ý {letter} nhé")
    described = assert_refused(kyso, tmp_path, arguments, 22, "pdf.font.no_glyph")
    assert described["parameters"]["letter"] == letter


@pytest.mark.parametrize("name", ["Tờ trình số 1 “bản cuối”.pdf", unicodedata.normalize("NFD", "Quyết định.pdf"),
                                  "có 'dấu nháy' & dấu cách.pdf", "-bắt đầu bằng gạch.pdf", "x" * 180 + "ễ.pdf"])
def test_names_of_files(kyso, authority, tmp_path, name):
    source = tmp_path / name
    source.write_bytes(sample("vn-cong-van.pdf").path.read_bytes())
    output = tmp_path / ("đã ký " + name)
    kyso.sign(source, output, authority.p12("leader")).ok()
    assert_all_valid(output, root=authority.root, count=1)
