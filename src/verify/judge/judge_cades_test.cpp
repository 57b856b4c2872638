#include "cms/archive.h"
#include "verify/judge/judge_scene.h"

// Detached CAdES signatures: what their archive time-stamps prove, and what was put in beside them.
namespace kyso::verify {

using namespace test;

namespace {

const Instant kArchived = at("2025-06-03");
const Instant kLater = at("2029-01-01");  // the signer's certificate has ended

class Detached {
 public:
  explicit Detached(std::string content = "nội dung") : m_content(std::move(content)) {
    cms::SignerParameters parameters{.scheme = scheme_of("p256"),
                                     .certificate = person(at("2026-01-01")),
                                     .issuers = {authority().issuer},
                                     .profile = cms::Profile::legacy,
                                     .signing_time = kSigned};
    const Bytes attributes =
        cms::build_signed_attributes(parameters, crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(m_content)));
    cms = must(cms::build_signed_data(parameters, attributes, test::sign("p256", parameters.scheme, attributes)));
  }
  Bytes cms;

  Detached& stamp(Instant time, const crypto::Certificate& stamper = authority().time_stamper()) {
    cms::SignedDataAdditions more;
    more.signature_time_stamps = {Authority::token(stamper, time, must(cms::take_apart(cms)).signature)};
    return add(more);
  }
  Detached& store(Instant from, Instant until) {
    cms::SignedDataAdditions more;
    more.crls = {authority().crl(from, until), authority().root_crl(at("2025-01-01"), at("2026-01-01"))};
    more.certificates = {Bytes(authority().root.der().begin(), authority().root.der().end())};
    return add(more);
  }
  Bytes index() const { return cms::build_hash_index(must(cms::take_apart(cms)), crypto::DigestAlgorithm::sha256); }
  Detached& archive(Instant time, const Bytes& index, bool is_over_other_bytes = false) {
    const auto parts = must(cms::take_apart(cms));
    const Bytes digest = crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(m_content));
    Bytes data = cms::archive_imprint_input(parts, digest, index);
    if (is_over_other_bytes) data.push_back(0);
    cms::SignedDataAdditions inside, more;
    inside.hash_index = index;
    const Bytes token = Authority::token(authority().time_stamper(), time, data);
    more.archive_time_stamps = {must(cms::add_to_signed_data(token, inside))};
    return add(more);
  }
  Detached& archive(Instant time) { return archive(time, index()); }

  DocumentFacts facts(std::optional<std::string> content = std::nullopt) const {
    return must(extract_cades_facts(cms, pdf::Source::from_bytes(to_bytes(content.value_or(m_content)))));
  }

 private:
  Detached& add(const cms::SignedDataAdditions& more) {
    cms = must(cms::add_to_signed_data(cms, more));
    return *this;
  }
  std::string m_content;
};

Verdict judge_at(const DocumentFacts& facts, Instant time, const Evidence& known = {}) {
  return judge(facts, known, authority().trust(), policy("strict"), time);
}
// The authority of the time-stamps is still in force.
Evidence later_lists() {
  return evidence({{Kind::crl, authority().crl(at("2028-12-30"), at("2029-01-08"))},
                   {Kind::crl, authority().root_crl(at("2028-12-01"), at("2029-12-01"))}});
}
Detached long_term() {
  Detached out;
  out.stamp(kSigned).store(at("2025-06-02"), at("2025-06-09"));
  return out;
}
Detached archived() {
  Detached out = long_term();
  out.archive(kArchived);
  return out;
}
bool has_warning(const Verdict& verdict, std::string_view code) {
  return has_finding(verdict.signatures[0].findings, code);
}

}  // namespace

TEST_CASE("an archive time-stamp proves what it covers") {
  const Instant soon = at("2025-06-04");
  CHECK(judge_at(long_term().facts(), soon).signatures[0].level == Level::b_lt);
  const Verdict now = judge_at(archived().facts(), soon);
  CHECK(short_of(now) == "TP");
  CHECK(now.signatures[0].level == Level::b_lta);
  CHECK(now.signatures[0].time_stamp_time == kSigned);
  REQUIRE(now.signatures.size() == 2);
  CHECK(now.signatures[1].time_stamps[0].is_proof);
  // When the signer's certificate has ended, and nothing but the archive time-stamp proves the lists of those days.
  CHECK(judge_at(archived().facts(), kLater, later_lists()).indication == Indication::total_passed);
}

TEST_CASE("another content") {
  const DocumentFacts facts = archived().facts("nội dung khác");
  const Verdict verdict = judge_at(facts, at("2025-06-04"));
  CHECK(short_of(verdict) == "TF/HASH_FAILURE cms.digest");
  CHECK(short_of(verdict.signatures[1]) == "TF/HASH_FAILURE timestamp.imprint");
}

TEST_CASE("archive time-stamps over something else are named and prove nothing") {
  const Instant soon = at("2025-06-04");
  Detached other = long_term();
  other.archive(kArchived, other.index(), true);
  // An index that names a list which isn't there.
  Detached lacking = long_term();
  const Bytes index = archived().store(at("2025-06-03"), at("2025-06-10")).index();
  lacking.archive(kArchived, index);
  for (const Detached* each : {&other, &lacking}) {
    const Verdict verdict = judge_at(each->facts(), soon);
    CHECK(short_of(verdict) == "TP+W timestamp.imprint");
    CHECK(verdict.signatures[0].level == Level::b_lt);
    CHECK(verdict.signatures[1].indication == Indication::total_failed);
    CHECK(has_warning(verdict, "timestamp.imprint"));
  }
  CHECK(has_finding(lacking.facts().signatures[1].findings, "timestamp.hash-index"));
}

TEST_CASE("what was put in after the archive time-stamp isn't proven by it") {
  // A time-stamp of an authority whose certificate has ended: good under the archive time-stamp, nothing beside it.
  const crypto::Certificate ended = authority().time_stamper(at("2026-01-01"));
  Detached under;
  under.stamp(kSigned, ended).store(at("2025-06-02"), at("2025-06-09")).archive(kArchived);
  Detached beside;
  beside.store(at("2025-06-02"), at("2025-06-09")).archive(kArchived).stamp(kSigned, ended);
  const Verdict good = judge_at(under.facts(), kLater, later_lists());
  CHECK(good.signatures[0].time_stamp_time == kSigned);
  CHECK(good.signatures[0].time_stamps[0].is_proof);
  const Verdict bad = judge_at(beside.facts(), kLater, later_lists());
  CHECK_FALSE(bad.signatures[0].time_stamps[0].is_proof);
  CHECK_FALSE(bad.signatures[0].time_stamp_time);
  CHECK(has_warning(bad, "timestamp.expired"));
  CHECK(bad.signatures[0].best_time == kArchived);
  // Lists beside it make no B-LTA.
  Detached late;
  late.stamp(kSigned).archive(kArchived).store(at("2025-06-02"), at("2025-06-09"));
  CHECK(judge_at(late.facts(), at("2025-06-04")).signatures[0].level == Level::b_lt);
  CHECK(late.archive(at("2025-06-04")).facts().signatures[2].revision == 1U);
  CHECK(judge_at(late.facts(), at("2025-06-05")).signatures[0].level == Level::b_lta);
}

TEST_CASE("facts of CAdES survive JSON and give the same verdict") {
  const DocumentFacts facts = archived().archive(at("2025-06-04")).facts();
  CHECK(facts.signatures[1].revision == 0U);
  CHECK(facts.signatures[2].revision == 1U);
  CHECK(facts.stored.front().revision == 0U);
  const DocumentFacts again = must(DocumentFacts::from_json(facts.to_json()));
  CHECK(again.to_json() == facts.to_json());
  CHECK(judge_at(again, at("2025-06-05")).signatures[0].level == Level::b_lta);
}

TEST_CASE("more archive time-stamps than anybody makes are a limit") {
  Detached document;
  cms::SignedDataAdditions many;
  for (int i = 0; i < 300; ++i) many.archive_time_stamps.push_back(der::sequence(der::encode_integer(i)));
  document.cms = must(cms::add_to_signed_data(document.cms, many));
  const DocumentFacts facts = document.facts();
  CHECK(facts.signatures.size() == 1 + cms::kMostArchiveTimeStamps);
  CHECK(has_finding(facts.findings, "resource.limit"));
  CHECK(judge_at(facts, at("2025-06-04")).indication == Indication::total_failed);
}

}  // namespace kyso::verify
