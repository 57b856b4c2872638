// Canonical JSON both ways, and CAdES.
#include <rapidcheck.h>

#include "json/json.h"
#include "verify/facts/test_signed_pdf.h"

namespace kyso::verify {
namespace {

using namespace test;

Finding any_finding() {
  Finding finding(*rc::gen::element<std::string>("byterange.hole", "tail.bytes", "a.b"),
                  static_cast<Severity>(*rc::gen::inRange(0, 5)));
  if (*rc::gen::arbitrary<bool>()) finding.at(*rc::gen::inRange<std::uint64_t>(0, INT64_MAX));
  if (*rc::gen::arbitrary<bool>()) finding.object = *rc::gen::arbitrary<std::uint32_t>();
  if (*rc::gen::arbitrary<bool>()) finding.revision = *rc::gen::inRange<std::size_t>(1, 100);
  if (*rc::gen::arbitrary<bool>()) finding.page = *rc::gen::inRange<std::size_t>(1, 100);
  if (*rc::gen::arbitrary<bool>()) finding.with("name", *rc::gen::element<std::string>("", "Nguyễn", "\"\\\n\x01"));
  return finding;
}

double any_coordinate() {
  return *rc::gen::inRange(-2'000'000, 2'000'000) / 1000.0;
}

SignatureFacts any_signature(std::size_t revisions) {
  SignatureFacts one;
  one.kind = *rc::gen::arbitrary<bool>() ? SignatureKind::signature : SignatureKind::document_time_stamp;
  one.field = *rc::gen::element<std::string>("", "Chữ ký 1", "a.b");
  one.shared_fields.assign(*rc::gen::inRange<std::size_t>(0, 3), "Other");
  one.object = *rc::gen::arbitrary<std::uint32_t>();
  one.offset = *rc::gen::inRange<std::uint64_t>(0, INT64_MAX);
  one.first_revision = *rc::gen::inRange<std::size_t>(0, revisions);
  if (*rc::gen::arbitrary<bool>()) one.revision = *rc::gen::inRange<std::size_t>(0, revisions);
  if (*rc::gen::arbitrary<bool>()) one.removed_in = *rc::gen::inRange<std::size_t>(0, revisions);
  one.reason = *rc::gen::element<std::string>("", "Phê duyệt", "tab\there");
  one.byte_range = *rc::gen::container<std::vector<std::int64_t>>(rc::gen::arbitrary<std::int64_t>());
  one.gap = {*rc::gen::inRange<std::uint64_t>(0, 1'000), *rc::gen::inRange<std::uint64_t>(0, 1'000)};
  one.covers_whole_document = *rc::gen::arbitrary<bool>();
  if (*rc::gen::arbitrary<bool>()) one.certification = *rc::gen::inRange(1, 4);
  if (*rc::gen::arbitrary<bool>()) {
    one.field_lock = pdf::FieldLock{pdf::LockAction::exclude, {"x"}, std::nullopt};
    if (*rc::gen::arbitrary<bool>()) one.field_lock->permissions = 2;
  }
  if (*rc::gen::arbitrary<bool>()) {
    one.widgets.push_back({*rc::gen::element<std::size_t>(0, 7, pdf::kNoPage),
                           {any_coordinate(), any_coordinate(), any_coordinate(), any_coordinate()}});
  }
  one.ink = *rc::gen::element<std::string>("", "red", "blue");
  one.cms = *rc::gen::arbitrary<Bytes>();
  if (*rc::gen::arbitrary<bool>()) {
    one.digest_algorithm = *rc::gen::element(crypto::DigestAlgorithm::sha1, crypto::DigestAlgorithm::sha512);
    one.digest = Bytes(crypto::digest_size(*one.digest_algorithm), 7);
  }
  one.findings.push_back(any_finding());
  return one;
}

DocumentFacts any_facts() {
  DocumentFacts facts;
  facts.format = *rc::gen::arbitrary<bool>() ? DocumentFacts::Format::pdf : DocumentFacts::Format::cades;
  facts.size = *rc::gen::inRange<std::uint64_t>(0, INT64_MAX);
  facts.title = *rc::gen::element<std::string>("", "Công văn số 1");
  const auto signatures = *rc::gen::inRange<std::size_t>(0, 3);
  std::size_t revisions = std::max<std::size_t>(1, signatures);  // CAdES has none, but the nesting of its time-stamps
  if (facts.format == DocumentFacts::Format::pdf) {
    revisions = *rc::gen::inRange<std::size_t>(1, 4);
    facts.revisions.assign(revisions, {100, 90, "table", 3});
  }
  for (std::size_t i = 0; i < signatures; ++i) facts.signatures.push_back(any_signature(revisions));
  for (std::size_t i = *rc::gen::inRange<std::size_t>(0, 3); i > 0; --i) {
    StoredItem item;
    item.kind = static_cast<StoredItem::Kind>(*rc::gen::inRange(0, 3));
    item.der = *rc::gen::arbitrary<Bytes>();
    if (*rc::gen::arbitrary<bool>()) item.revision = 0;
    if (*rc::gen::arbitrary<bool>() && !facts.signatures.empty()) item.signature = 0;
    facts.vri.push_back({"KEY", 0, {facts.stored.size()}});
    facts.stored.push_back(std::move(item));
  }
  if (*rc::gen::arbitrary<bool>()) {
    Change change;
    change.kind = ChangeKind::form_filled;
    change.code = "form.filled";
    change.page = *rc::gen::element<std::size_t>(0, pdf::kNoPage);
    change.rect = {any_coordinate(), any_coordinate(), any_coordinate(), any_coordinate()};
    change.covering = Covering::hides;
    change.old_value = "cũ";
    facts.changes.push_back(change);
  }
  facts.leftovers.push_back({1, 2});
  facts.findings.push_back(any_finding());
  return facts;
}

std::string bad_member(std::string_view text) {
  const auto facts = DocumentFacts::from_json(text);
  if (facts) return "good";
  CHECK(facts.error().code == "verify.facts.malformed");
  REQUIRE(facts.error().params.size() == 1);
  return facts.error().params[0].second;
}

}  // namespace

TEST_CASE("facts, JSON, facts, JSON: the same bytes") {
  CHECK(rc::check([] {
    const std::string first = any_facts().to_json();
    const auto facts = DocumentFacts::from_json(first);
    RC_ASSERT(facts.has_value());
    RC_ASSERT(facts->to_json() == first);
  }));
}

TEST_CASE("facts of real files survive JSON") {
  for (const std::string_view name : {"own/signed-certified-p2-then-approval.pdf", "own/signed-aes256.pdf",
                                      "pyhanko/pades-lta-dss-indirect-arrs-test.pdf", "qpdf/leading-junk.pdf"}) {
    const DocumentFacts facts = facts_of(sample(name));
    const DocumentFacts again = must(DocumentFacts::from_json(facts.to_json()));
    CHECK(again.to_json() == facts.to_json());
    REQUIRE(again.signatures.size() == facts.signatures.size());
    for (std::size_t i = 0; i < facts.signatures.size(); ++i) {
      CHECK(again.signatures[i].cms == facts.signatures[i].cms);
      CHECK(again.signatures[i].digest == facts.signatures[i].digest);
    }
  }
}

TEST_CASE("extracting twice gives the same bytes") {
  const SignedPdf pdf = SignedPdf::signed_once();
  CHECK(facts_of(pdf.text + "% x").to_json() == facts_of(pdf.text + "% x").to_json());
}

TEST_CASE("nonsense is refused with the member that is wrong") {
  const std::string good = facts_of(SignedPdf::signed_once().text).to_json();
  CHECK(bad_member(good) == "good");
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    REQUIRE(text.find(from) != std::string::npos);
    return bad_member(text.replace(text.find(from), from.size(), to));
  };
  CHECK(bad_member("") == "json.malformed");
  CHECK(bad_member("[]") == ".");
  CHECK(bad_member("{}") == "version");
  CHECK(changed("\"version\": 1", "\"version\": 2") == "version");
  CHECK(changed("\"format\": \"pdf\"", "\"format\": \"doc\"") == "format");
  CHECK(changed("\"size\"", "\"sizes\"") == "size");
  CHECK(changed("\"title\": \"\"", "\"title\": \"\", \"extra\": 1") == "extra");
  CHECK(changed("\"kind\": \"signature\"", "\"kind\": 1") == "signatures[0].kind");
  CHECK(changed("\"first_revision\": 0", "\"first_revision\": 9") == "signatures[0].first_revision");
  CHECK(changed("\"first_revision\": 0", "\"first_revision\": -1") == "signatures[0].first_revision");
  CHECK(changed("\"digest_algorithm\": \"sha256\"", "\"digest_algorithm\": \"sha512\"") == "signatures[0].digest");
  CHECK(changed("\"ink\": \"\"", "\"ink\": \"green\"") == "signatures[0].ink");
}

TEST_CASE("a detached CAdES signature in DER and PEM") {
  const pdf::Source content = pdf::Source::from_bytes(to_bytes("content"));
  const DocumentFacts facts = must(extract_cades_facts(sample_cms(), content));
  CHECK(facts.format == DocumentFacts::Format::cades);
  REQUIRE(facts.signatures.size() == 1);
  CHECK(facts.signatures[0].cms == sample_cms());
  CHECK(facts.signatures[0].digest == digest_of("content"));
  CHECK(codes(facts.signatures[0].findings).empty());
  const std::string pem = "-----BEGIN CMS-----\n" + to_base64(sample_cms()) + "\n-----END CMS-----\n";
  CHECK(must(extract_cades_facts(as_bytes(pem), content)).to_json() == facts.to_json());
  for (const std::string_view bad :
       {"", "nonsense", "-----BEGIN CMS-----\n####\n-----END CMS-----\n", "0\x03\x02\x01\x01"}) {
    CHECK(code_of(extract_cades_facts(as_bytes(bad), content)) == "verify.cades.malformed");
  }
  Bytes longer = sample_cms();
  longer.push_back(1);
  CHECK(signature_codes(must(extract_cades_facts(longer, content))) == "contents.trailing");
}

}  // namespace kyso::verify
