#include <chrono>

#include "verify/judge/judge_test_support.h"

// What many signatures cost: about as much per signature as one.
namespace kyso::verify {
namespace {

using namespace test;

Document many(const Authority& authority, const crypto::Certificate& signer, std::size_t count) {
  Document document(authority);
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) {
      document.add_revision();
      document.change(ChangeKind::signature_added, "change.signature").field = fmt::format("Sig{}", i);
    }
    // One signature is copied with its own digest: making them would cost more than judging them.
    if (i == 0) {
      document.sign(signer);
      continue;
    }
    SignatureFacts copy = document.facts.signatures.front();
    copy.field = fmt::format("Sig{}", i);
    copy.first_revision = i;
    copy.revision = i;
    document.facts.signatures.push_back(std::move(copy));
  }
  return document;
}

}  // namespace

TEST_CASE("hundreds of signatures cost little more than one each") {
  const Authority authority;
  CertificateWish wish;
  const crypto::Certificate signer = authority.certify(wish);
  const Evidence known = evidence({{EvidenceItem::Kind::crl, authority.crl(at("2025-06-30"), at("2025-07-08"))},
                                   {EvidenceItem::Kind::crl, authority.root_crl(at("2025-01-01"), at("2026-01-01"))}});
  const pki::TrustStore trust = authority.trust();
  const auto seconds = [&](std::size_t count) {
    const Document document = many(authority, signer, count);
    const auto start = std::chrono::steady_clock::now();
    const Verdict verdict = judge(document.facts, known, trust, policy("strict"), at("2025-07-01"));
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    CHECK(verdict.signatures.size() == count);
    CHECK(verdict.indication == Indication::total_passed);
    return spent.count();
  };
  const double some = seconds(50), more = seconds(500);
  MESSAGE("50: ", some, " s, 500: ", more, " s");
  // Quadratic work would cost a hundred times as much; generous, because the machine may be busy.
  CHECK(more < 40 * some + 0.5);
}

TEST_CASE("twenty thousand changes under thousands of signatures") {
  const Authority authority;
  Document document(authority);
  constexpr std::size_t kSignatures = 5'000, kChanges = 20'000;
  for (std::size_t i = 0; i < kSignatures; ++i) {
    SignatureFacts signature;
    signature.field = fmt::format("Sig{}", i);
    signature.first_revision = i;
    signature.revision = i;
    signature.cms = to_bytes("no CMS");
    if (i % 2 == 0) signature.field_lock = pdf::FieldLock{pdf::LockAction::exclude, {fmt::format("f{}", i)}, {}};
    document.facts.signatures.push_back(std::move(signature));
    document.add_revision();
    for (std::size_t j = 0; j < kChanges / kSignatures; ++j)
      document.change(ChangeKind::form_filled, "form.filled").field = std::string(200, '.') + "x";
  }
  const auto start = std::chrono::steady_clock::now();
  const Verdict verdict = judge(document.facts, {}, {}, policy("strict"), at("2025-07-01"));
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  CHECK(verdict.indication == Indication::total_failed);
  std::size_t listed = 0;
  for (const SignatureVerdict& each : verdict.signatures) listed += each.changes.size();
  CHECK(listed <= 2'500'000);
  MESSAGE(spent.count(), " s");
  CHECK(spent.count() < 30);
}

}  // namespace kyso::verify
