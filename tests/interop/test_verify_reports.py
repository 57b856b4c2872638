"""Reports of verifications as other people's programs read them: the ETSI schema's bindings, qpdf, pdftotext, an XML and an
HTML parser."""
import dataclasses
import html.parser
import re
import typing

import pytest
from judges import call
from lxml import etree
from program import VIETNAMESE
from pyhanko.generated.etsi import ts_11910202
from samples import sample
from tampering import with_hidden_line, with_other_page
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig

LETTER = sample("vn-cong-van.pdf").path
V141, V121 = "http://uri.etsi.org/19102/v1.4.1#", "http://uri.etsi.org/19102/v1.2.1#"
# A choice in the schema, whose members the bindings list one after the other.
CHOICES = {"SignatureAttributesType", "SignersDocumentType", "ValidationObjectRepresentationType"}


@pytest.fixture(scope="module")
def signed(kyso, authority, tsa, tmp_path_factory):
    """Two signatures, one time-stamped."""
    folder = tmp_path_factory.mktemp("signed")
    kyso.sign(LETTER, folder / "one.pdf", authority.p12("leader"), "--tsa", tsa.url + "normal").ok()
    kyso.sign(folder / "one.pdf", folder / "two.pdf", authority.p12("organisation")).ok()
    return folder / "two.pdf"


@pytest.fixture(scope="module")
def tampered(signed):
    """Somebody replaced a page's content after signing."""
    path = signed.with_name("tampered.pdf")
    path.write_bytes(with_other_page(signed.read_bytes()))
    return path


def verify(kyso, authority, path, *arguments):
    done = kyso.run("verify", path, "--trust", authority.root, "--offline", *arguments)
    assert done.code in (0, 1, 2), done
    return done


def check_against(element, kind):
    """Names, order, occurrence: what the schema's sequences demand, read from its bindings."""
    fields = {}
    wildcard = False
    for position, field in enumerate(dataclasses.fields(kind)):
        if field.metadata.get("type") == "Wildcard":
            wildcard = True
        if field.metadata.get("type") == "Element":
            fields[field.metadata.get("name", field.name)] = (position, field)
    hints = typing.get_type_hints(kind)
    last, seen = -1, {}
    for child in element.iterchildren(tag=etree.Element):
        name = etree.QName(child).localname
        if name not in fields:
            assert wildcard, f"<{name}> in {kind.__name__}"
            continue
        position, field = fields[name]
        if kind.__name__ not in CHOICES:
            assert position >= last, f"<{name}> stands too late in {kind.__name__}"
            last = position
        seen[name] = seen.get(name, 0) + 1
        inner = [part for part in typing.get_args(hints[field.name]) if dataclasses.is_dataclass(part)]
        many = typing.get_origin(hints[field.name]) is tuple
        assert many or seen[name] == 1, f"<{name}> twice in {kind.__name__}"
        for part in inner:
            check_against(child, part)
    for name, (_, field) in fields.items():
        if field.metadata.get("required") or field.metadata.get("min_occurs"):
            assert name in seen or kind.__name__ in CHOICES, f"no <{name}> in {kind.__name__}"


def read_etsi(path):
    """The report through the bindings of the schema; they are of its v1.2.1 namespace, whose types v1.4.1 keeps."""
    text = path.read_bytes()
    root = etree.fromstring(text)
    assert root.tag == f"{{{V141}}}ValidationReport"
    older = text.replace(V141.encode(), V121.encode())
    check_against(etree.fromstring(older), ts_11910202.ValidationReport)
    config = ParserConfig(fail_on_unknown_properties=True, fail_on_unknown_attributes=True,
                          fail_on_converter_warnings=True)
    report = XmlParser(config=config).from_bytes(older, ts_11910202.ValidationReport)
    names = root.xpath("//@id")
    assert len(names) == len(set(names)), "an id twice"
    for reference in " ".join(root.xpath("//@VOReference")).split():
        assert reference in names, f"{reference} leads nowhere"
    return report


@pytest.mark.parametrize("case", ["signed", "tampered", "unsigned"])
def test_etsi_report(case, kyso, authority, tmp_path, request):
    path = LETTER if case == "unsigned" else request.getfixturevalue(case)
    output = tmp_path / "report.xml"
    verdict = verify(kyso, authority, path, "--json", "--etsi", output).json
    report = read_etsi(output)
    reports = report.signature_validation_report
    assert len(reports) == max(1, len(verdict["signatures"]))
    for entry, described in zip(reports, verdict["signatures"]):
        status = entry.signature_validation_status
        main = "urn:etsi:019102:mainindication:" + described["indication"].lower().replace("_", "-")
        assert status.main_indication == main
        expected = described["subindication"]
        assert status.sub_indication == ((f"urn:etsi:019102:subindication:{expected}",) if expected else ())
        assert entry.signature_identifier.daidentifier == described["field"]
        assert entry.validation_time_info.validation_time is not None
    if case != "unsigned":
        kinds = {item.object_type.rsplit(":", 1)[1] for item in report.signature_validation_objects.validation_object}
        assert {"certificate", "timestamp", "signedData"} <= kinds


class Structure(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.open, self.words = [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "rect", "image"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> ends nothing"

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("case", ["signed", "tampered"])
def test_html_report(case, language, kyso, authority, tmp_path, request):
    output = tmp_path / "report.html"
    verify(kyso, authority, request.getfixturevalue(case), "--html", output, "--lang", language)
    page = Structure()
    page.feed(output.read_text())
    page.close()
    assert not page.open
    tags = [tag for tag, _ in page.tags]
    assert tags.count("h1") == 1 and "script" not in tags and "link" not in tags and "iframe" not in tags
    for tag, attributes in page.tags:
        assert not any(name.startswith("on") or name == "style" for name in attributes), (tag, attributes)
        for name in ("src", "href"):
            assert attributes.get(name, "data:image/png;base64,").startswith("data:image/png;base64,")
    assert ("html", {"lang": language}) in page.tags
    words = " ".join(page.words)
    assert ("Chi tiết xác thực" if language == "vi" else "Details") in words
    assert VIETNAMESE.search(words)  # the signer's name in any language
    assert any(tag == "svg" for tag in tags), "no picture of a page"


def test_the_hidden_line_is_marked_on_the_picture(kyso, authority, signed, tmp_path):
    """Content has no place of its own: the report finds it by comparing pictures."""
    path, output = tmp_path / "hidden.pdf", tmp_path / "report.html"
    path.write_bytes(with_hidden_line(signed.read_bytes(), b"70 525.5 480 17"))
    assert verify(kyso, authority, path, "--html", output).code == 1
    text = output.read_text()
    assert "khác với bản đã ký" in text
    marks = [tuple(map(float, mark)) for mark in re.findall(
        r'<g class="[^"]*forbidden[^"]*"[^>]*>.*?<rect class="area" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"'
        r' height="([\d.]+)"', text, re.S)]
    # 17 points high, 525.5 points above the lower edge of an A4 page of 841.89 points.
    assert marks and all(abs(y - (841.89 - 542.5)) < 12 and height < 30 for _, y, _, height in marks), marks
    verify(kyso, authority, signed, "--html", output)
    assert "khác với bản đã ký" not in output.read_text()


@pytest.mark.parametrize("case", ["signed", "tampered", "unsigned"])
def test_pdf_report(case, kyso, authority, tmp_path, request):
    path = LETTER if case == "unsigned" else request.getfixturevalue(case)
    output = tmp_path / "report.pdf"
    verdict = verify(kyso, authority, path, "--json", "--pdf", output, "--lang", "vi").json
    assert call("qpdf", "--check", output).returncode == 0
    text = re.sub(r"\s+", " ", call("pdftotext", output, "-").stdout.decode())
    assert "Báo cáo kiểm tra chữ ký số" in text and "Trang 1/" in text
    for entry in verdict["signatures"]:
        assert re.sub(r"\s+", " ", entry["explanation"]["sentence"]) in text
    fonts = call("pdffonts", output).stdout.decode().splitlines()[2:]
    assert fonts and all(re.search(r"yes\s+yes\s+yes", line) for line in fonts), fonts
