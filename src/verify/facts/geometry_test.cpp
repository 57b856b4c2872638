// ByteRange and /Contents: the numbered cases 1 to 10, 12 and 24c of docs/verify.md, each beside its harmless twin.
#include "verify/facts/test_signed_pdf.h"

namespace kyso::verify {
namespace {

using namespace test;

// The only finding of the only signature has this code and place.
void check_only(const SignedPdf& pdf, std::string_view code, std::uint64_t offset,
                std::optional<std::uint64_t> length = std::nullopt) {
  const DocumentFacts facts = facts_of(pdf.text);
  REQUIRE(facts.signatures.size() == 1);
  CHECK(signature_codes(facts) == code);
  REQUIRE(facts.signatures[0].findings.size() == 1);
  CHECK(facts.signatures[0].findings[0].offset == offset);
  if (length) CHECK(facts.signatures[0].findings[0].length == length);
  CHECK(facts.signatures[0].findings[0].severity == Severity::failure);
}

SignedPdf with_contents(std::string_view contents) {
  SignedPdf pdf;
  pdf.base().field(6, 7);
  pdf.object(7, fmt::format("<< /Type /Sig /Filter /F /SubFilter /ETSI.CAdES.detached /ByteRange [{}] /Contents {} >>",
                            std::string(SignedPdf::kRange, ' '), contents));
  pdf.table();
  return pdf;
}

SignedPdf with_range(std::string_view range) {
  SignedPdf pdf;
  pdf.base().field(6, 7);
  pdf.object(7, fmt::format("<< /Type /Sig /Filter /F /SubFilter /ETSI.CAdES.detached /ByteRange {} /Contents <{}> >>",
                            range, to_hex(sample_cms())));
  pdf.table();
  return pdf;
}

}  // namespace

TEST_CASE("1: a clean signature has no finding, its values and its digest") {
  const SignedPdf pdf = SignedPdf::signed_once("/Name (Nguy\303\205n) /Reason (Ph\352 duy\352t) /Location (H)");
  const Slot slot = pdf.slot();
  const DocumentFacts facts = facts_of(pdf.text);
  CHECK(codes(facts.findings).empty());
  REQUIRE(facts.signatures.size() == 1);
  const SignatureFacts& one = facts.signatures[0];
  CHECK(codes(one.findings).empty());
  CHECK(one.field == "Sig1");
  CHECK(one.object == 7);
  CHECK(one.kind == SignatureKind::signature);
  CHECK(one.claimed_time == "D:20260906160142+07'00'");
  CHECK(one.filter == "Adobe.PPKLite");
  CHECK(one.location == "H");
  CHECK(one.revision == 0);
  CHECK(one.covers_whole_document);
  CHECK(one.gap == pdf::Extent{slot.before, slot.after - slot.before});
  CHECK(one.cms == sample_cms());
  CHECK(one.digest == digest_of(pdf.text.substr(0, slot.before) + pdf.text.substr(slot.after)));
  CHECK(one.widgets.size() == 1);
  CHECK(one.widgets.at(0).page == 0);
  CHECK(facts.pages == 1);
  CHECK(facts.revisions.size() == 1);
  CHECK(facts.leftovers.empty());
}

TEST_CASE("1: further signatures are appended; each is digested as of its revision") {
  SignedPdf pdf = SignedPdf::signed_once();
  std::vector<Bytes> digests;
  const auto remember = [&](const Slot& slot) {
    digests.push_back(digest_of(pdf.text.substr(0, slot.before) + pdf.text.substr(slot.after)));
  };
  remember(pdf.slot());
  for (unsigned i = 0; i < 49; ++i) remember(pdf.sign_again(10 + 2 * i, 11 + 2 * i, fmt::format("S{}", i)));
  const DocumentFacts facts = facts_of(pdf.text);
  REQUIRE(facts.signatures.size() == 50);
  CHECK(codes(facts.findings).empty());
  for (std::size_t i = 0; i < 50; ++i) {
    CAPTURE(i);
    CHECK(facts.signatures[i].revision == i);
    CHECK(facts.signatures[i].first_revision == i);
    CHECK(facts.signatures[i].covers_whole_document == (i == 49));
    CHECK(facts.signatures[i].digest == digests[i]);
    CHECK(codes(facts.signatures[i].findings).empty());
  }
}

TEST_CASE("2: a hole whose length is made up behind the end of the file") {
  SignedPdf pdf = SignedPdf::signed_once("/Reason (The sixty bytes that stand behind the slot are these)");
  const Slot slot = pdf.slot();
  const std::size_t n = pdf.text.size();
  pdf.set_range(slot, fmt::format("0 {} {} {}", slot.before, slot.after + 60, n - slot.after));
  DocumentFacts facts = facts_of(pdf.text);
  CHECK(signature_codes(facts) == "byterange.overrun byterange.hole");
  const Finding* hole = find(facts.signatures[0].findings, "byterange.hole");
  REQUIRE(hole != nullptr);
  CHECK(hole->offset == slot.after);
  CHECK(hole->length == 60);
  CHECK(find(facts.signatures[0].findings, "byterange.overrun")->length == 60);
  pdf.set_range(slot, fmt::format("0 {} {} {}", slot.before - 60, slot.after, n - slot.after + 60));
  facts = facts_of(pdf.text);
  CHECK(signature_codes(facts) == "byterange.overrun byterange.hole");
  CHECK(find(facts.signatures[0].findings, "byterange.hole")->offset == slot.before - 60);
}

TEST_CASE("3: honest lengths around a hole") {
  SignedPdf pdf = SignedPdf::signed_once("/Reason (The sixty bytes that stand behind the slot are these)");
  const Slot slot = pdf.slot();
  const std::size_t rest = pdf.text.size() - slot.after;
  pdf.set_range(slot, fmt::format("0 {} {} {}", slot.before, slot.after + 60, rest - 60));
  check_only(pdf, "byterange.hole", slot.after, 60);
  // A digest is computed as the range is written.
  CHECK(facts_of(pdf.text).signatures[0].digest ==
        digest_of(pdf.text.substr(0, slot.before) + pdf.text.substr(slot.after + 60)));
  pdf.set_range(slot, fmt::format("0 {} {} {}", slot.before - 60, slot.after, rest));
  check_only(pdf, "byterange.hole", slot.before - 60, 60);
  pdf.set_range(slot, fmt::format("0 {} {} {}", slot.before, slot.after + 1, rest - 1));
  check_only(pdf, "byterange.hole", slot.after, 1);
}

TEST_CASE("4: the tail of its own revision is not signed") {
  SignedPdf pdf = SignedPdf::signed_once();
  const Slot slot = pdf.slot();
  const std::size_t n = pdf.text.size();
  pdf.set_range(slot, fmt::format("0 {} {} {}", slot.before, slot.after, n - slot.after - 10));
  check_only(pdf, "byterange.tail", n - 10, 10);
  // Twin: only the end of the last line is left out; writers differ in whether it belongs to the revision.
  pdf.set_range(slot, fmt::format("0 {} {} {}", slot.before, slot.after, n - slot.after - 1));
  CHECK(codes(facts_of(pdf.text).signatures.at(0).findings).empty());
  CHECK(facts_of(pdf.text).signatures.at(0).covers_whole_document);
}

TEST_CASE("5: the first range does not begin at the first byte") {
  SignedPdf pdf = SignedPdf::signed_once();
  const Slot slot = pdf.slot();
  pdf.set_range(slot, fmt::format("10 {} {} {}", slot.before - 10, slot.after, pdf.text.size() - slot.after));
  check_only(pdf, "byterange.start", 0, 10);
  CHECK(facts_of(pdf.text).signatures[0].digest ==
        digest_of(pdf.text.substr(10, slot.before - 10) + pdf.text.substr(slot.after)));
}

TEST_CASE("6: another number of numbers") {
  SignedPdf pdf = SignedPdf::signed_once();
  const Slot slot = pdf.slot();
  for (const std::string_view range : {"0 10 20 10 40 10", "0 10", "", "0 10 20 10 40"}) {
    CAPTURE(range);
    pdf.set_range(slot, range);
    check_only(pdf, "byterange.count", slot.range - 1);
    CHECK(facts_of(pdf.text).signatures[0].digest.empty());
  }
  std::string many = "[";
  for (int i = 0; i < 1'000'000; ++i) many += "0 ";
  const DocumentFacts facts = facts_of(with_range(many + "]").text);
  REQUIRE(facts.signatures.size() == 1);
  REQUIRE(find(facts.signatures[0].findings, "byterange.count") != nullptr);
  CHECK(find(facts.signatures[0].findings, "byterange.count")->parameters.at(0).second == "1000000");
  CHECK(facts.signatures[0].byte_range.size() == 16);
}

TEST_CASE("7: the gap is not the slot of this dictionary") {
  SignedPdf pdf = SignedPdf::signed_once();
  const Slot slot = pdf.slot();
  const std::size_t n = pdf.text.size();
  pdf.set_range(slot, fmt::format("0 {} {} {}", 20, 30, n - 30));  // elsewhere
  check_only(pdf, "contents.gap-mismatch", 20, 10);
  pdf.set_range(slot, fmt::format("0 {} {} {}", slot.before - 1, slot.after + 1, n - slot.after - 1));
  CHECK(signature_codes(facts_of(pdf.text)) == "contents.gap-mismatch byterange.hole byterange.hole");
  pdf.set_range(slot, fmt::format("0 {} {} {}", slot.before + 1, slot.after - 1, n - slot.after + 1));
  CHECK(signature_codes(facts_of(pdf.text)) == "contents.gap-mismatch");

  SignedPdf literal = with_contents("(0123456789)");
  literal.cover({literal.text.find("(0123456789)"), literal.text.find("(0123456789)") + 12,
                 literal.text.find("/ByteRange [") + 12});
  CHECK(signature_codes(facts_of(literal.text)) == "contents.gap-mismatch");
  SignedPdf reference = with_contents("9 0 R");
  CHECK(signature_codes(facts_of(reference.text)).starts_with("contents.type contents.gap-mismatch"));
}

TEST_CASE("7: a copy of the dictionary behind the covered part") {
  SignedPdf pdf = SignedPdf::signed_once();
  const std::size_t begin = pdf.text.find("<< /Type /Sig"), end = pdf.text.find("endobj", begin);
  const std::string copy = pdf.text.substr(begin, end - begin);
  pdf.field(6, 8, "Sig1").object(8, copy).table();
  const DocumentFacts facts = facts_of(pdf.text);
  REQUIRE(facts.signatures.size() == 2);
  CHECK(facts.signatures[0].object == 7);
  CHECK(facts.signatures[0].removed_in == 1);
  CHECK(facts.signatures[1].object == 8);
  CHECK(find(facts.signatures[1].findings, "contents.gap-mismatch") != nullptr);
  // The same number again: readers find the copy, not what stands around the gap.
  SignedPdf again = SignedPdf::signed_once();
  const std::size_t place = again.text.size();
  again.object(7, copy).table();
  const DocumentFacts redeclared = facts_of(again.text);
  REQUIRE(redeclared.signatures.size() == 1);
  CHECK(signature_codes(redeclared) == "contents.gap-mismatch");
  CHECK(redeclared.signatures[0].findings[0].offset == place);
  CHECK(redeclared.signatures[0].findings[0].revision == 2);
  // Twin: only the entry again.
  SignedPdf twin = SignedPdf::signed_once();
  twin.offsets[7] = twin.text.find("7 0 obj");
  twin.table();
  CHECK(signature_codes(facts_of(twin.text)).empty());
}

TEST_CASE("8: a range that leaves out another signature's slot") {
  SignedPdf pdf = SignedPdf::signed_once();
  const Slot first = pdf.slot();
  const Slot second = pdf.sign_again(8, 9, "Sig2");
  const std::size_t n = pdf.text.size();
  CHECK(codes(facts_of(pdf.text).signatures.at(1).findings).empty());
  pdf.set_range(second, fmt::format("0 {} {} {} {} {}", first.before, first.after, second.before - first.after,
                                    second.after, n - second.after));
  const DocumentFacts facts = facts_of(pdf.text);
  REQUIRE(facts.signatures.size() == 2);
  CHECK(codes(facts.signatures[0].findings).empty());
  CHECK(signature_codes(facts, 1) == "byterange.overlap byterange.count");
  CHECK(facts.signatures[1].findings[0].offset == first.before);
  pdf.set_range(second, fmt::format("0 {} {} {}", first.before + 20, second.after, n - second.after));
  CHECK(signature_codes(facts_of(pdf.text), 1).starts_with("byterange.overlap"));
}

TEST_CASE("9: ill-typed entries") {
  for (const std::string_view range :
       {"[0 -10 20 30]", "[0 1.5 20 30]", "[0 8 0 R 20]", "(0 10 20 30)", "null", "[0 10 20 9223372036854775808]",
        "[0 4294967296 4294967296 10]", "[0 10 9223372036854775807 9223372036854775807]", "8 0 R", "/Name"}) {
    CAPTURE(range);
    const DocumentFacts facts = facts_of(with_range(range).text);
    REQUIRE(facts.signatures.size() == 1);
    CHECK(find(facts.signatures[0].findings, "byterange.type") != nullptr);
    CHECK(facts.signatures[0].digest.empty());
  }
  for (const std::string_view contents : {"null", "<>", "<00>", "/Name", "[<00>]", "12", "<< >>"}) {
    CAPTURE(contents);
    const DocumentFacts facts = facts_of(with_contents(contents).text);
    REQUIRE(facts.signatures.size() == 1);
    CHECK(find(facts.signatures[0].findings, "contents.type") != nullptr);
  }
  SignedPdf missing;
  missing.base().field(6, 7).object(7, "<< /Type /Sig /Filter /F /SubFilter /ETSI.CAdES.detached >>").table();
  CHECK(signature_codes(facts_of(missing.text)) == "contents.type byterange.type");
}

TEST_CASE("9: SubFilter and Type") {
  SignedPdf pdf = SignedPdf::signed_once();
  const auto replaced = [&](std::string_view from, std::string_view to) {
    SignedPdf other = pdf;
    other.text.replace(other.text.find(from), from.size(), fmt::format("{:<{}}", to, from.size()));
    return facts_of(other.text);
  };
  DocumentFacts facts = replaced("/ETSI.CAdES.detached", "/Unknown");
  CHECK(signature_codes(facts) == "subfilter.unknown");
  CHECK(facts.signatures[0].findings[0].severity == Severity::indeterminate);
  CHECK(signature_codes(replaced("/SubFilter /ETSI.CAdES.detached", "")) == "subfilter.unknown");
  CHECK(signature_codes(replaced("/ETSI.CAdES.detached", "/adbe.pkcs7.detached")).empty());
  CHECK(signature_codes(replaced("/Type /Sig", "")).empty());
  CHECK(signature_codes(replaced("/Type /Sig", "/Type /Foo")) == "sigdict.type");
  facts = replaced("/ETSI.CAdES.detached", "/ETSI.RFC3161");
  CHECK(facts.signatures.at(0).kind == SignatureKind::document_time_stamp);
  CHECK(signature_codes(facts) == "timestamp.type");
}

TEST_CASE("10: hexadecimal digits as they come") {
  SignedPdf pdf = SignedPdf::signed_once();
  const Slot slot = pdf.slot();
  std::string hex = to_hex(sample_cms());
  std::ranges::transform(hex, hex.begin(), [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
  hex.insert(10, " \n\t");
  pdf.put(slot, hex);
  DocumentFacts facts = facts_of(pdf.text);
  CHECK(signature_codes(facts).empty());
  CHECK(facts.signatures[0].cms == sample_cms());
  pdf.put(slot, "30zz");
  facts = facts_of(pdf.text);
  const Finding* garbage = find(facts.signatures[0].findings, "contents.not-hex");
  REQUIRE(garbage != nullptr);
  CHECK(garbage->offset == slot.before + 3);
  pdf.put(slot, std::string(slot.after - slot.before - 2, '0'));
  facts = facts_of(pdf.text);
  CHECK(signature_codes(facts) == "contents.placeholder");
  CHECK(facts.signatures[0].findings[0].severity == Severity::indeterminate);
  CHECK(facts.signatures[0].cms.empty());
}

TEST_CASE("11: bytes after the CMS") {
  SignedPdf pdf = SignedPdf::signed_once();
  const Slot slot = pdf.slot();
  pdf.text.replace(slot.after - 9, 8, "DEADBEEF");
  DocumentFacts facts = facts_of(pdf.text);
  CHECK(signature_codes(facts) == "contents.trailing");
  CHECK(facts.signatures[0].findings[0].offset == slot.before + 1 + 2 * sample_cms().size());
  CHECK(facts.signatures[0].findings[0].length == slot.after - 1 - (slot.before + 1 + 2 * sample_cms().size()));
  CHECK(facts.signatures[0].cms == sample_cms());
}

TEST_CASE("12: keys that stand twice") {
  for (const std::string_view extra :
       {"/ByteRange [0 1 2 3]", "/#42yteRange [0 1 2 3]", "/Contents <3000>", "/SubFilter /ETSI.CAdES.detached"}) {
    CAPTURE(extra);
    const SignedPdf pdf = SignedPdf::signed_once(extra);
    const DocumentFacts facts = facts_of(pdf.text);
    const Finding* twice = find(facts.signatures.at(0).findings, "sigdict.duplicate-key");
    REQUIRE(twice != nullptr);
    CHECK(twice->offset == pdf.text.find(extra, pdf.slot().after));
    CHECK(twice->severity == Severity::failure);
  }
  // Elsewhere it is a warning, and a failure when the document is certified.
  const SignedPdf field = SignedPdf::signed_once({}, "/F 132");
  const DocumentFacts facts = facts_of(field.text);
  CHECK(codes(facts.findings) == "object.duplicate-key");
  const Finding& warning = facts.findings.at(0);
  CHECK(warning.severity == Severity::warning);
  CHECK(warning.object == 6);
  CHECK(warning.offset == field.text.find("6 0 obj"));
  SignedPdf rounds = field;  // written again and again, told once
  for (int i = 0; i < 3; ++i) rounds.field(6, 7, "Sig1", "/F 132").table();
  CHECK(codes(facts_of(rounds.text).findings) == "object.duplicate-key");
}

TEST_CASE("24c: a signature dictionary in an object stream") {
  SignedPdf pdf;
  pdf.base().field(6, 7);
  const std::string dictionary =
      fmt::format("<< /Type /Sig /Filter /F /SubFilter /ETSI.CAdES.detached /ByteRange [0 10 20 30] /Contents <{}> >>",
                  to_hex(sample_cms()));
  pdf.stream(9, "/Type /ObjStm /N 1 /First 4", "7 0 " + dictionary);
  std::string index, rows;
  for (const auto& [number, offset] : pdf.offsets) {
    index += fmt::format("{} 1 ", number);
    rows += pdf::test::big_endian(1, 1) + pdf::test::big_endian(offset, 4) + pdf::test::big_endian(0, 2);
  }
  rows += pdf::test::big_endian(2, 1) + pdf::test::big_endian(9, 4) + pdf::test::big_endian(0, 2);
  const std::size_t start = pdf.text.size();
  pdf.stream(50, fmt::format("/Type /XRef /Size 100 /Root 1 0 R /W [1 4 2] /Index [{}7 1]", index), rows);
  pdf.end(start);
  const DocumentFacts facts = facts_of(pdf.text);
  REQUIRE(facts.signatures.size() == 1);
  CHECK(find(facts.signatures[0].findings, "sigdict.compressed") != nullptr);
  CHECK(facts.signatures[0].cms == sample_cms());
}

}  // namespace kyso::verify
