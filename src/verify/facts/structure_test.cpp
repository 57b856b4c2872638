// Cross-reference, objects, leftovers: the numbered cases 13a, 17, 22 to 26 and 33 of docs/verify.md.
#include "verify/facts/test_signed_pdf.h"

#include <chrono>

namespace kyso::verify {
namespace {

using namespace test;

const Finding& only(const DocumentFacts& facts, std::string_view code) {
  CHECK(codes(facts.findings) == code);
  REQUIRE(facts.findings.size() == 1);
  return facts.findings[0];
}

// A harmless update of the page, well-formed.
SignedPdf updated() {
  SignedPdf pdf = SignedPdf::signed_once();
  pdf.object(30, "<< /Something 1 >>").table();
  return pdf;
}

}  // namespace

TEST_CASE("13a: the signature's object stands twice in one revision") {
  SignedPdf pdf;
  pdf.base().field(6, 7);
  const std::size_t hidden = pdf.text.size();
  pdf.object(7, "<< /Type /Sig /Reason (Another) >>").object(7, SignedPdf::dictionary());
  pdf.table();
  pdf.finish(hidden + 20);
  const DocumentFacts facts = facts_of(pdf.text);
  REQUIRE(signature_codes(facts) == "sigdict.redefined");
  CHECK(facts.signatures[0].findings[0].offset == hidden);
  CHECK(facts.leftovers.size() == 1);
  // Twin: another object that nothing leads to.
  SignedPdf twin;
  twin.base().field(6, 7);
  twin.object(8, "<< /Type /Other >>");
  twin.offsets.erase(8);
  twin.object(7, SignedPdf::dictionary()).table();
  twin.finish();
  CHECK(signature_codes(facts_of(twin.text)).empty());
  CHECK(facts_of(twin.text).leftovers.size() == 1);
}

TEST_CASE("17: bytes after the signed end") {
  const SignedPdf clean = SignedPdf::signed_once();
  const std::size_t end = clean.text.size();
  SUBCASE("white space") {
    const Finding finding = only(facts_of(clean.text + "\n\n  \r\n"), "tail.whitespace");
    CHECK(finding.severity == Severity::info);
    CHECK(finding.offset == end);
    CHECK(finding.length == 6);
  }
  SUBCASE("comment and text") {
    for (const std::string_view tail : {"% remark\n", "some words\n"}) {
      const Finding finding = only(facts_of(clean.text + std::string(tail)), "tail.bytes");
      CHECK(finding.severity == Severity::indeterminate);
      CHECK(finding.offset == end);
      CHECK(finding.length == tail.size() - 1);
    }
  }
  SUBCASE("objects without cross-reference") {
    const Finding finding = only(facts_of(clean.text + "4 0 obj\n<< >>\nendobj\n"), "tail.objects");
    CHECK(finding.severity == Severity::failure);
    CHECK(finding.offset == end);
  }
  SUBCASE("an update that its startxref doesn't lead to") {
    SignedPdf update = updated();
    const std::size_t startxref = update.text.rfind("startxref");
    for (const std::string_view wrong : {"startxref\n99999 %c\n%%EOF\n", "startxref\nxyz\n%%EOF\n", ""}) {
      CAPTURE(wrong);
      const DocumentFacts facts = facts_of(update.text.substr(0, startxref) + std::string(wrong));
      const Finding* finding = find(facts.findings, "tail.unreachable-revision");
      REQUIRE(finding != nullptr);
      CHECK(finding->offset == end);
      CHECK(finding->severity == Severity::failure);
      REQUIRE(facts.signatures.size() == 1);
      CHECK(facts.signatures[0].revision == 0);
      CHECK(signature_codes(facts).empty());
      CHECK(!facts.signatures[0].covers_whole_document);
    }
  }
  SUBCASE("an update without end mark") {
    const SignedPdf update = updated();
    const DocumentFacts facts = facts_of(update.text.substr(0, update.text.rfind("%%EOF")));
    const Finding* finding = find(facts.findings, "tail.eof-missing");
    REQUIRE(finding != nullptr);
    CHECK(finding->severity == Severity::failure);
  }
  SUBCASE("trailer only, and a second startxref") {
    CHECK(find(facts_of(clean.text + "trailer\n<< /Root 1 0 R >>\n").findings, "tail.unreachable-revision") != nullptr);
    const std::string again = fmt::format("startxref\n{}\n%%EOF\n", clean.last_xref);
    const Finding finding = only(facts_of(clean.text + again), "tail.unreachable-revision");
    CHECK(finding.offset == end);
  }
  SUBCASE("a well-formed update") {
    CHECK(codes(facts_of(updated().text).findings).empty());
  }
}

TEST_CASE("17d: where a startxref leads outside the file, its own place is told") {
  const SignedPdf clean = SignedPdf::signed_once();
  const std::string tail = "4 0 obj\n(x)\nendobj\nxref\n0 0\ntrailer\n<< /Root 1 0 R >>\n";
  const std::string text = clean.text + tail + "startxref\n99999999\n%%EOF\n";
  const DocumentFacts facts = facts_of(text);
  const Finding* broken = find(facts.findings, "xref.broken");
  REQUIRE(broken != nullptr);
  CHECK(broken->offset == clean.text.size() + tail.size());
  CHECK(find(facts.findings, "tail.unreachable-revision") != nullptr);
  CHECK(facts.signatures.size() == 1);
}

TEST_CASE("22: circles in the chain of sections are told quickly, and the signature is still found") {
  const SignedPdf clean = SignedPdf::signed_once();
  const auto with_prev = [&](std::string_view prev) {
    SignedPdf pdf = clean;
    pdf.object(30, "<< >>").table(fmt::format("/Prev {}", prev), false);
    return pdf.text;
  };
  const std::size_t own = clean.text.size() + std::string("30 0 obj\n<< >>\nendobj\n").size();
  for (const std::string& prev : {fmt::format("{}", own), std::string("-5"), std::string("99999999"),
                                  fmt::format("{}", clean.text.find("Hello")), std::string("(text)")}) {
    CAPTURE(prev);
    const DocumentFacts facts = facts_of(with_prev(prev));
    CHECK(find(facts.findings, "xref.loop") != nullptr);
    REQUIRE(facts.signatures.size() == 1);
    CHECK(facts.signatures[0].revision == 0);
  }
  // A → B → A
  SignedPdf pdf = clean;
  const std::size_t a = pdf.last_xref;
  pdf.object(30, "<< >>").table();
  const std::string back = fmt::format("/Size 100 /Prev {}", pdf.last_xref);
  const std::size_t trailer = pdf.text.find("/Size 100", a);
  SignedPdf ring;
  ring.base().field(6, 7).object(7, SignedPdf::dictionary());
  ring.table("/Prev 0000000000");
  ring.finish();
  const std::size_t number = ring.text.find("0000000000", ring.text.find("/Prev"));
  ring.object(30, "<< >>").table();
  ring.text.replace(number, 10, fmt::format("{:010}", ring.last_xref));
  const DocumentFacts facts = facts_of(ring.text);
  CHECK(find(facts.findings, "xref.loop") != nullptr);
  CHECK(facts.signatures.size() == 1);
  (void)trailer;
}

TEST_CASE("24: object streams") {
  const auto make = [](std::string_view stream, bool is_used, std::string_view entries = "/N 1 /First 5") {
    SignedPdf pdf;
    pdf.catalog_extra = is_used ? "/Extra 20 0 R" : "";
    pdf.base().field(6, 7);
    pdf.object(7, SignedPdf::dictionary());
    pdf.stream(9, fmt::format("/Type /ObjStm {}", entries), stream);
    std::string index, rows;
    for (const auto& [number, offset] : pdf.offsets) {
      index += fmt::format("{} 1 ", number);
      rows += pdf::test::big_endian(1, 1) + pdf::test::big_endian(offset, 4) + pdf::test::big_endian(0, 2);
    }
    index += "20 1";
    rows += pdf::test::big_endian(2, 1) + pdf::test::big_endian(9, 4) + pdf::test::big_endian(0, 2);
    const std::size_t start = pdf.text.size();
    pdf.stream(50, fmt::format("/Type /XRef /Size 100 /Root 1 0 R /W [1 4 2] /Index [{}]", index), rows);
    pdf.end(start);
    pdf.finish();
    return facts_of(pdf.text);
  };
  CHECK(codes(make("20 0 << >>", true).findings).empty());
  DocumentFacts facts = make("20 99 << >>", true);
  CHECK(only(facts, "objstm.broken").severity == Severity::failure);
  facts = make("20 99 << >>", false);
  CHECK(only(facts, "objstm.broken").severity == Severity::warning);
  CHECK(facts.findings[0].offset);
  facts = make("20 0 << >>", true, "/N 1 /First 5 /Extends 9 0 R");
  CHECK(only(facts, "objstm.broken").severity == Severity::failure);
  facts = make("20 0 << >>", false, "/N 1 /First 5 /Extends 9 0 R");
  CHECK(only(facts, "objstm.broken").severity == Severity::warning);
  // Readers differ about what such a header says.
  facts = make("20 0 << >>", true, "/N 1000000 /First 5");
  CHECK(only(facts, "objstm.broken").severity == Severity::failure);
  facts = make("20 6 21 0 << >> << >>", true, "/N 2 /First 10");  // offsets descend
  CHECK(only(facts, "objstm.broken").severity == Severity::failure);
  facts = make("20 0 21 6 << >> << >>", true, "/N 2 /First 10");  // twin
  CHECK(codes(facts.findings).empty());
  facts = make("20 0 21 9 << >> << >>", false, "/N 1 /First 10");  // what follows /N pairs is no pair
  CHECK(codes(facts.findings).empty());
  facts = make("20 0 5 4 << >> << >>", true, "/N 2 /First 9");  // 5 is the font, too
  CHECK(only(facts, "objstm.shadow-copy").object == 5);
}

TEST_CASE("24: an object stream with its own /Length, and one with an object that the section says is free") {
  const auto make = [](std::string_view member, char kind, std::string_view length) {
    SignedPdf pdf;
    pdf.catalog_extra = "/Extra 20 0 R";
    pdf.base().field(6, 7);
    pdf.object(7, SignedPdf::dictionary());
    pdf.object(8, "7");
    const std::string data = fmt::format("20 0 {}", member);
    pdf.object(9, fmt::format("<< /Type /ObjStm /N 1 /First 5 /Length {} >>\nstream\n{}\nendstream", length, data));
    std::string index, rows;
    for (const auto& [number, offset] : pdf.offsets) {
      index += fmt::format("{} 1 ", number);
      rows += pdf::test::big_endian(1, 1) + pdf::test::big_endian(offset, 4) + pdf::test::big_endian(0, 2);
    }
    index += "20 1";
    rows += std::string(1, kind) + pdf::test::big_endian(kind == 2 ? 9 : 0, 4) + pdf::test::big_endian(0, 2);
    const std::size_t start = pdf.text.size();
    pdf.stream(50, fmt::format("/Type /XRef /Size 100 /Root 1 0 R /W [1 4 2] /Index [{}]", index), rows);
    pdf.end(start);
    pdf.finish();
    return facts_of(pdf.text);
  };
  CHECK(codes(make("33", 2, "8 0 R").findings).empty());
  DocumentFacts facts = make("7 ", 2, "20 0 R");
  CHECK(only(facts, "objstm.broken").severity == Severity::failure);
  facts = make("33", 0, "7");
  CHECK(only(facts, "xref.entry-mismatch").object == 20);
}

TEST_CASE("27: an update of an encrypted file whose trailer says nothing of the encryption") {
  const pdf::Source source = sample("own/signed-aes256.pdf");
  const std::string text(as_chars(source.view(0, source.size())));
  const std::size_t old = text.rfind("trailer"), begin = text.find("<<", old), end = text.rfind("startxref");
  const std::string old_trailer = text.substr(begin, end - begin);
  const auto updated = [&](bool keeps) {
    std::string trailer = old_trailer.substr(0, old_trailer.rfind(">>"));
    const auto drop = [&](std::string_view key, std::size_t words) {
      const std::size_t at = trailer.find(key);
      if (at == std::string::npos) return;
      std::size_t stop = at + key.size();
      for (; words > 0; --words) stop = trailer.find_first_of(" /\n>", trailer.find_first_not_of(' ', stop));
      trailer.erase(at, stop - at);
    };
    drop("/Prev", 1);
    if (!keeps) drop("/Encrypt", 3);
    return text + fmt::format("xref\n0 0\ntrailer\n{} /Prev {} >>\nstartxref\n{}\n%%EOF\n", trailer,
                              std::stoul(text.substr(end + 9)), text.size());
  };
  REQUIRE(old_trailer.find("/Encrypt") != std::string::npos);
  CHECK(find(facts_of(updated(true)).findings, "change.encryption") == nullptr);
  const DocumentFacts facts = facts_of(updated(false));
  const Finding* dropped = find(facts.findings, "change.encryption");
  REQUIRE(dropped != nullptr);
  CHECK(dropped->severity == Severity::failure);
  CHECK(dropped->offset == text.size());
  CHECK(dropped->revision == facts.revisions.size());
}

TEST_CASE("12: keys that stand twice in what was written after signing") {
  const auto with_page = [](std::string_view contents) {
    SignedPdf pdf = SignedPdf::signed_once();
    pdf.object(3, fmt::format("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] {} /Annots [6 0 R] "
                              "/Resources << /Font << /F1 5 0 R >> >> >>",
                              contents));
    return pdf.table().text;
  };
  const auto severity = [](const std::string& text) -> std::optional<Severity> {
    const DocumentFacts facts = facts_of(text);
    CHECK(std::ranges::count(facts.findings, "object.duplicate-key", &Finding::code) <= 1);
    const Finding* finding = find(facts.findings, "object.duplicate-key");
    if (finding == nullptr) return std::nullopt;
    CHECK(finding->offset);
    return finding->severity;
  };
  CHECK(severity(with_page("/Contents 4 0 R")) == std::nullopt);
  CHECK(severity(with_page("/Contents 4 0 R /Contents 4 0 R")) == Severity::warning);
  CHECK(severity(with_page("/Contents 8 0 R /Contents 4 0 R")) == Severity::failure);
  CHECK(severity(with_page("/Contents 4 0 R /Group << /S /A /S /B >>")) == Severity::failure);
  SignedPdf unused = SignedPdf::signed_once();
  unused.object(30, "<< /A 1 /A 2 >>").table();
  CHECK(severity(unused.text) == std::nullopt);
  SignedPdf stream = SignedPdf::signed_once();
  stream.stream(4, "/Filter /ASCIIHexDecode /Filter null", "BT /F1 12 Tf 20 100 Td (Hello signed world) Tj ET").table();
  CHECK(severity(stream.text) == Severity::failure);
  const auto with_trailer = [](std::string_view entries) { return SignedPdf::signed_once().table(entries).text; };
  CHECK(severity(with_trailer("/Root 1 0 R")) == Severity::warning);
  CHECK(severity(with_trailer("/Root 4 0 R /Root 1 0 R")) == Severity::failure);
  CHECK(severity(with_trailer("/Size 99 /Size 100")) == Severity::warning);
  CHECK(severity(with_trailer("/Info 8 0 R /Root 4 0 R /Info 9 0 R /Root 1 0 R")) == Severity::failure);
}

TEST_CASE("25: entries that lead elsewhere") {
  const auto change_entry = [](unsigned number, std::string_view entry) {
    SignedPdf pdf;
    pdf.base().field(6, 7).object(7, SignedPdf::dictionary());
    pdf.object(8, "<< /Note (8 0 obj << >> endobj) >>").object(10, "<< >>");
    const std::map<unsigned, std::size_t> offsets = pdf.offsets;
    pdf.table();
    const std::string old = fmt::format("{:010} 00000 n", offsets.at(number));
    pdf.text.replace(pdf.text.find(old, pdf.last_xref), old.size(), entry);
    pdf.finish();
    return std::pair{facts_of(pdf.text), pdf};
  };
  auto [facts, pdf] = change_entry(5, "0000000015 00000 n");  // object 1
  CHECK(only(facts, "xref.entry-mismatch").severity == Severity::failure);
  CHECK(facts.findings[0].object == 5);
  CHECK(facts.findings[0].offset == 15);
  std::tie(facts, pdf) = change_entry(10, "0000000015 00000 n");  // nothing refers to it
  CHECK(only(facts, "xref.entry-mismatch").severity == Severity::warning);
  std::tie(facts, pdf) = change_entry(5, "0000000000 65535 f");  // free, but in use
  CHECK(only(facts, "xref.entry-mismatch").severity == Severity::failure);
  const std::size_t inside = pdf.text.find("8 0 obj <<");
  std::tie(facts, pdf) = change_entry(8, fmt::format("{:010} 00000 n", inside));
  CHECK(facts.signatures.size() == 1);
  std::tie(facts, pdf) = change_entry(5, fmt::format("{:010} 00003 n", pdf.text.find("5 0 obj")));
  CHECK(find(facts.findings, "xref.entry-mismatch") != nullptr);
  std::tie(facts, pdf) = change_entry(8, fmt::format("{:010} 00000 n", pdf.text.find("8 0 obj")));
  CHECK(codes(facts.findings).empty());  // the twin
}

TEST_CASE("25: /Size too small, object 0 in use") {
  SignedPdf pdf;
  pdf.base().field(6, 7).object(7, SignedPdf::dictionary()).table("/Size 7");
  pdf.finish();
  CHECK(only(facts_of(pdf.text), "xref.entry-mismatch").object == 7);
  SignedPdf zero = SignedPdf::signed_once();
  zero.text.replace(zero.text.find("0000000000 65535 f", zero.last_xref), 18, "0000000015 00000 n");
  CHECK(find(facts_of(zero.text).findings, "xref.entry-mismatch") != nullptr);
}

TEST_CASE("26: bytes before the header") {
  SignedPdf pdf;
  pdf.text = "junk line\n" + pdf.text;
  const std::size_t shift = 10;
  pdf.base().field(6, 7).object(7, SignedPdf::dictionary());
  for (auto& [number, offset] : pdf.offsets) offset -= shift;
  const std::size_t start = pdf.text.size() - shift;
  pdf.table();
  pdf.text.replace(pdf.text.rfind("startxref\n") + 10, std::string::npos, fmt::format("{}\n%%EOF\n", start));
  pdf.finish();
  const DocumentFacts facts = facts_of(pdf.text);
  CHECK(signature_codes(facts).empty());
  const Finding finding = only(facts, "header.junk");
  CHECK(finding.severity == Severity::warning);
  CHECK(finding.length == shift);
  // Added after signing: the ranges count from byte 0 and miss the slot.
  const DocumentFacts later = facts_of("more junk\n" + SignedPdf::signed_once().text);
  CHECK(find(later.signatures.at(0).findings, "contents.gap-mismatch") != nullptr);
}

TEST_CASE("23: hybrid sections that disagree, and a section of the other kind") {
  const auto make = [](bool is_conflict, bool is_used = true) {
    SignedPdf pdf;
    if (is_used) pdf.catalog_extra = "/Used 5 0 R";
    pdf.base().field(6, 7).object(7, SignedPdf::dictionary());
    const std::size_t other = pdf.text.size();
    pdf.text += "5 0 obj\n<< /Other true >>\nendobj\n";
    const std::size_t stream = pdf.text.size();
    const std::string row = pdf::test::big_endian(1, 1) + pdf::test::big_endian(other, 4) + pdf::test::big_endian(0, 2);
    const std::string index = is_conflict ? "5 1" : "31 1";
    pdf.text += fmt::format(
        "40 0 obj\n<< /Type /XRef /Size 100 /W [1 4 2] /Index [{}] /Length 7 >>\nstream\n{}\nendstream\nendobj\n",
        index, is_conflict ? row : pdf::test::big_endian(0, 7));
    pdf.table(fmt::format("/XRefStm {}", stream));
    pdf.finish();
    return facts_of(pdf.text);
  };
  REQUIRE(find(make(true).findings, "xref.hybrid-conflict") != nullptr);
  CHECK(find(make(true).findings, "xref.hybrid-conflict")->severity == Severity::failure);
  CHECK(find(make(true).findings, "xref.hybrid-conflict")->object == 5);
  CHECK(find(make(false).findings, "xref.hybrid-conflict") == nullptr);
  CHECK(make(false).revisions.at(0).xref == "hybrid");
}

TEST_CASE("33: circular trees, deep nesting, too many annotations") {
  SignedPdf outline = SignedPdf::signed_once({}, {}, "/Outlines 20 0 R");
  outline.object(20, "<< /First 21 0 R >>").object(21, "<< /Title (a) /Next 22 0 R >>");
  outline.object(22, "<< /Title (b) /Next 21 0 R >>").table();
  const DocumentFacts outlined = facts_of(outline.text);
  const Finding* loop = find(outlined.findings, "resource.limit");
  REQUIRE(loop != nullptr);
  CHECK(loop->parameters.at(0).second == "tree-loop");

  SignedPdf deep = SignedPdf::signed_once({}, {}, "/Deep 20 0 R");
  deep.object(20, std::string(1'000'000, '[')).table();
  const DocumentFacts nested = facts_of(deep.text);
  const Finding* nesting = find(nested.findings, "resource.limit");
  REQUIRE(nesting != nullptr);
  CHECK(nesting->parameters.at(0).second == "nesting");

  SignedPdf fields;
  fields.fields = "20 0 R";
  fields.base().field(6, 7).object(7, SignedPdf::dictionary());
  fields.object(20, "<< /T (a) /Kids [21 0 R] >>").object(21, "<< /T (b) /Kids [20 0 R] >>").table();
  CHECK(find(facts_of(fields.text).findings, "resource.limit") != nullptr);
}

TEST_CASE("33: a stream that becomes too large") {
  // "n" copies of the run (129, x): 128 times the byte x; 400,000 of them make 51,200,000 bytes.
  const auto with_runs = [](int count) {
    SignedPdf pdf;
    pdf.catalog_extra = "/Used 20 0 R";
    pdf.base().field(6, 7).object(7, SignedPdf::dictionary());
    std::string runs;
    for (int i = 0; i < count; ++i) runs += "\x81x";
    pdf.stream(20, "/Filter /RunLengthDecode", runs).table();
    pdf.finish();
    return facts_of(pdf.text);
  };
  CHECK(codes(with_runs(100'000).findings).empty());
  const DocumentFacts bomb = with_runs(400'000);
  const Finding* limit = find(bomb.findings, "resource.limit");
  REQUIRE(limit != nullptr);
  CHECK(limit->object == 20);
}

TEST_CASE("no cross-reference at all: the signature is found, and the file is told to be broken") {
  const SignedPdf clean = SignedPdf::signed_once();
  const DocumentFacts facts = facts_of(clean.text.substr(0, clean.last_xref));
  CHECK(find(facts.findings, "xref.broken") != nullptr);
  REQUIRE(facts.signatures.size() == 1);
  CHECK(find(facts.signatures[0].findings, "byterange.overrun") != nullptr);
  CHECK(code_of(extract_facts(pdf::Source::from_bytes(to_bytes("no PDF")))) == "pdf.not_pdf");
}

}  // namespace kyso::verify
