#include <algorithm>
#include <regex>

#include "base/text.h"
#include "crypto/algorithm.h"
#include "verify/report/markup.h"
#include "verify/report/report_sample.h"
#include "verify/report/wording.h"

// The reports as files: markup, escaping, and what other people's programs read in them.
namespace kyso::verify {
namespace {

using namespace test;

constexpr std::string_view kHostile = "<script>alert(1)</script>\u202Eevil\u202C\x01\x0B\"'&]]>";

Sample with_picture(Sample sample) {
  PagePicture picture;
  picture.page = 0;
  picture.png = must(read_file(KYSO_SOURCE_DIR "/tests/data/pdf/sample-signature-blue.png"));
  picture.width = 595;
  picture.height = 842;
  picture.user_to_picture = {1, 0, 0, -1, 0, 842};
  sample.pictures.push_back(picture);
  return sample;
}

Sample hostile_sample() {
  Sample sample = with_picture(changed_sample());
  sample.facts.name = sample.facts.title = kHostile;
  for (SignatureFacts& item : sample.facts.signatures) {
    item.field = item.name = item.reason = item.location = item.filter = item.sub_filter = kHostile;
  }
  for (Change& change : sample.facts.changes) {
    change.field = change.path = change.old_value = change.new_value = kHostile;
    change.code = change.code + std::string(kHostile);
  }
  sample.verdict.policy = sample.verdict.reason = kHostile;
  sample.first().reason = kHostile;
  sample.first().signer = certificate("name-escapes");
  sample.first().anchor = kHostile;
  sample.first().time_stamps[0].authority = kHostile;
  sample.first().findings.push_back(Finding(kHostile, Severity::warning).with("field", kHostile));
  sample.verdict.findings.push_back(
      Finding("verify.fetch.unreachable", Severity::note).with("url", "javascript:" + std::string(kHostile)));
  return sample;
}

// Every element that begins ends, in the right order.
bool is_balanced(std::string_view markup) {
  std::vector<std::string_view> open;
  for (std::size_t at = markup.find('<'); at != std::string_view::npos; at = markup.find('<', at + 1)) {
    const std::size_t end = markup.find('>', at);
    if (end == std::string_view::npos) return false;
    std::string_view tag = markup.substr(at + 1, end - at - 1);
    if (tag.starts_with('!') || tag.starts_with('?') || tag.ends_with('/')) continue;
    const bool is_end = tag.starts_with('/');
    if (is_end) tag.remove_prefix(1);
    const std::string_view name = tag.substr(0, tag.find(' '));
    if (!is_end) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty();
}

bool has_hidden_characters(std::string_view text) {
  return std::ranges::any_of(to_utf32(text), [](char32_t c) {
    return (c < 0x20 && c != '\n') || (c >= 0x7F && c < 0xA0) || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
  });
}

// Without pictures.
std::string words_of_html(std::string html) {
  constexpr std::string_view kStart = "data:image/png;base64,";
  for (std::size_t at = html.find(kStart); at != std::string::npos; at = html.find(kStart, at + 1)) {
    html.erase(at + kStart.size(), html.find('"', at) - at - kStart.size());
  }
  return html;
}

TEST_CASE("markup escapes what could leave its place") {
  CHECK(escape_markup("<a href=\"x\">'&") == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
  CHECK(escape_markup("a\x01 b\x7F \xFF \xEF\xBF\xBE c\xEF\xBF\xBF d\r") ==
        "a\uFFFD b\uFFFD \uFFFD \uFFFD c\uFFFD d\uFFFD");
  CHECK(escape_markup("Ủy ban\n\t😀") == "Ủy ban\n\t😀");
}

TEST_CASE("HTML: one file, nothing from outside, no script, only the style whose hash the policy names") {
  const Sample sample = with_picture(changed_sample());
  const std::string html = words_of_html(to_html(sample.input()));
  CHECK(html.starts_with("<!DOCTYPE html>\n<html lang=\"vi\">"));
  CHECK(is_balanced(html));
  CHECK(html.find("<script") == std::string::npos);
  CHECK(html.find(" style=") == std::string::npos);
  CHECK(html.find(" on") == html.find(" online"));  // no event handler
  for (const std::string_view name : {" src=\"", " href=\""}) {
    for (std::size_t at = html.find(name); at != std::string::npos; at = html.find(name, at + 1)) {
      CHECK(html.substr(at + name.size(), 22) == "data:image/png;base64,");
    }
  }
  const std::size_t from = html.find("<style>") + 7;
  const std::string style = html.substr(from, html.find("</style>") - from);
  const std::string hash = to_base64(crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(style)));
  CHECK(html.find("style-src &#39;sha256-" + hash + "&#39;") != std::string::npos);
  CHECK(html.find("default-src &#39;none&#39;") != std::string::npos);
  CHECK(style.find("url(") == std::string::npos);
  CHECK(style.find("@import") == std::string::npos);
}

TEST_CASE("HTML: sentences, details, marks on the page, changes and the Circular's list") {
  const std::string html = to_html(with_picture(changed_sample()).input());
  for (const char* text :
       {"Tài liệu đã bị thay đổi sau khi ký", "Chi tiết xác thực", "Thêm ghi chú", "Số tiền: 900.000.000 đồng",
        "Thông tư 15/2025/TT-BKHCN", "Đường dẫn chứng thực", "<h1>", "<h2>", "scope=\"row\""}) {
    CAPTURE(text);
    CHECK(html.find(text) != std::string::npos);
  }
  // Two signatures and the note that hides content; the changed page itself has no place.
  CHECK(html.find("class=\"mark forbidden\"><title>T4: Thêm ghi chú") != std::string::npos);
  CHECK(html.find("x=\"90.00\" y=\"242.00\" width=\"240.00\" height=\"40.00\"") != std::string::npos);
  CHECK(html.find("class=\"mark signed-bad\"><title>1: ") != std::string::npos);
  const std::string english = to_html(with_picture(changed_sample()).input(Language::english));
  CHECK(english.find("<html lang=\"en\">") != std::string::npos);
  CHECK(english.find("The document was changed after signing") != std::string::npos);
}

TEST_CASE("hostile text stays text in every report") {
  const Sample sample = hostile_sample();
  const std::string html = words_of_html(to_html(sample.input()));
  CHECK(is_balanced(html));
  CHECK(html.find("<script") == std::string::npos);
  CHECK_FALSE(has_hidden_characters(html));
  const std::string xml = to_etsi_xml(sample.facts, sample.verdict);
  CHECK(is_balanced(xml));
  CHECK_FALSE(has_hidden_characters(xml));
  CHECK(json::parse(json::serialize(to_json(sample.facts, sample.verdict, Language::vietnamese))));
  CHECK(to_pdf(sample.input()));
  CHECK_FALSE(has_hidden_characters(summarise(sample.facts, sample.first(), Language::vietnamese).what));
}

TEST_CASE("text is cut, and unseen characters are shown as such") {
  CHECK(safe_text("a\u200Bb\u2066c\x1B[31m \t\n d ") == "a\uFFFDb\uFFFDc\uFFFD[31m d");
  CHECK(to_utf32(safe_text(std::string(1'000'000, 'x'), 50)).size() == 50);
  CHECK(safe_text(std::string(60, 'x'), 60) == std::string(60, 'x'));
  CHECK(safe_text("Nguye\xCC\x82\xCC\x83n") == "Nguyễn");
  CHECK(after_colon("Đường dẫn sai.") == "đường dẫn sai.");
  CHECK(after_colon("PDF hỏng.") == "PDF hỏng.");
  CHECK(after_colon("ByteRange hỏng.") == "ByteRange hỏng.");
  CHECK(after_colon("http://a.b") == "http://a.b");
}

TEST_CASE("ETSI: indications, identifiers and objects, each object once") {
  Sample sample = changed_sample();
  sample.facts.stored.push_back({StoredItem::Kind::crl, to_bytes("not really a list"), 1, {}, {}, 0});
  const std::string xml = to_etsi_xml(sample.facts, sample.verdict);
  CHECK(xml.starts_with(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ValidationReport xmlns=\"http://uri.etsi.org/19102/v1.4.1#\""));
  CHECK(xml.find("urn:etsi:019102:mainindication:total-failed") != std::string::npos);
  CHECK(xml.find("urn:etsi:019102:subindication:FORMAT_FAILURE") != std::string::npos);
  CHECK(xml.find("<POETime>2026-12-01T02:00:12Z</POETime>") != std::string::npos);
  CHECK(xml.find("<DAIdentifier>LanhDao</DAIdentifier>") != std::string::npos);
  const auto count = [&](const std::string& text) {
    std::size_t found = 0;
    for (std::size_t at = xml.find(text); at != std::string::npos; at = xml.find(text, at + 1)) ++found;
    return found;
  };
  CHECK(count("<SignatureValidationReport>") == 3);
  const std::string issuing = to_base64(certificate("issuing").der());
  CHECK(count("<base64>" + issuing + "</base64>") == 1);
  CHECK(count("validationObject:CRL") == 1);
  // Every reference leads to an object.
  constexpr std::string_view kReference = "VOReference=\"";
  for (std::size_t at = xml.find(kReference); at != std::string::npos; at = xml.find(kReference, at + 1)) {
    const std::size_t from = at + kReference.size();
    std::istringstream ids(xml.substr(from, xml.find('"', from) - from));
    for (std::string id; ids >> id;) CHECK(count("<ValidationObject id=\"" + id + "\">") == 1);
  }
}

TEST_CASE("PDF: sound for qpdf, readable for pdftotext, fonts embedded") {
  const TestFolder folder;
  const Sample sample = with_picture(changed_sample());
  const Bytes pdf = must(to_pdf(sample.input()));
  const auto path = folder.write("report.pdf", as_chars(pdf));
  CHECK(output_of("qpdf --check " + path.string() + " 2>&1").find("No syntax or stream encoding errors") !=
        std::string::npos);
  const std::string text = output_of("pdftotext -layout " + path.string() + " - 2>&1");
  for (const char* words :
       {"Báo cáo kiểm tra chữ ký số", "Không hợp lệ", "Tài liệu đã bị thay đổi sau khi ký", "Chữ ký 1: Nguyễn Văn A",
        "Chi tiết xác thực", "Hình trang", "Số tiền: 900.000.000 đồng", "Thông tư 15/2025/TT-BKHCN"}) {
    CAPTURE(words);
    CHECK(text.find(words) != std::string::npos);
  }
  CHECK(std::regex_search(text, std::regex("Trang 1/[0-9]+")));
  const std::string fonts = output_of("pdffonts " + path.string());
  CHECK(fonts.find("LiberationSerif") != std::string::npos);
  CHECK_FALSE(std::regex_search(fonts, std::regex(R"(Identity-H +no)")));
  CHECK(output_of("pdfimages -list " + path.string()).find("image") != std::string::npos);
  CHECK(must(to_pdf(sample.input())) == pdf);  // the same verdict, the same bytes
}

TEST_CASE("PDF: letters that the fonts lack are named, not lost") {
  const TestFolder folder;
  Sample sample = valid_sample();
  sample.first_facts().reason = "签 שלום e\u0323\u0301\u0308 x";
  const auto path = folder.write("report.pdf", as_chars(must(to_pdf(sample.input()))));
  const std::string text = output_of("pdftotext " + path.string() + " - 2>&1");
  CHECK(text.find("[U+7B7E]") != std::string::npos);
  CHECK(text.find("[U+05E9]") != std::string::npos);
}

TEST_CASE("10,000 signatures: bounded, those that failed in detail, and a note") {
  Sample sample = changed_sample();
  const SignatureVerdict bad = sample.first();
  SignatureVerdict good = sample.verdict.signatures[2];
  const SignatureFacts facts = sample.first_facts();
  sample.facts.signatures.assign(10'000, facts);
  sample.verdict.signatures.assign(10'000, good);
  for (std::size_t i = 0; i < 10'000; ++i) sample.verdict.signatures[i].signature = i;
  sample.verdict.signatures[9'876] = bad;
  sample.verdict.signatures[9'876].signature = 9'876;
  const std::string html = to_html(sample.input());
  CHECK(html.size() < 4'000'000);
  CHECK(html.find("200 trong số 10000 chữ ký") != std::string::npos);
  CHECK(html.find("id=\"signature-9877\"") != std::string::npos);
  CHECK(html.find("id=\"signature-199\"") != std::string::npos);
  CHECK(html.find("id=\"signature-200\"") == std::string::npos);
  CHECK(must(to_pdf(sample.input())).size() < 8'000'000);
}

}  // namespace
}  // namespace kyso::verify
