#include "verify/judge/judge_scene.h"

// Time-stamps and what they prove (case 31), levels, the document as a whole, what is missing, purity.
namespace kyso::verify {

using namespace test;

TEST_CASE("signature time-stamps") {
  SignatureWish wish;
  wish.stamped = kSigned;
  const Verdict good = judged(signed_document(wish));
  CHECK(good.signatures[0].best_time == kSigned);
  CHECK(good.signatures[0].best_time_proof == "signature-time-stamp");
  CHECK(good.signatures[0].time_stamp_time == kSigned);
  CHECK(good.signatures[0].time_stamps[0].is_proof);
  wish.stamps_other_bytes = true;
  const Verdict wrong = judged(signed_document(wish));
  CHECK(short_of(wrong.signatures[0]) == "TP+W timestamp.imprint");
  CHECK(wrong.signatures[0].level == Level::b_b);
  CHECK_FALSE(wrong.signatures[0].time_stamp_time);
  wish.stamps_other_bytes = false;
  // An authority for anything but time-stamps, one that nobody knows, one that has expired.
  const auto by = [&](const crypto::Certificate& stamper) {
    Document document(authority());
    document.use_stamper(stamper);
    document.sign(person(), wish);
    return first(document);
  };
  CHECK(by(authority().time_stamper(at("2060-01-01"), "1.3.6.1.5.5.7.3.4")) == "TP+W timestamp.certificate");
  CHECK(by(authority().time_stamper(at("2025-06-15"))) == "TP+W timestamp.expired");
  CertificateWish stranger;
  stranger.key = "rsa2048";
  stranger.usage = "1.3.6.1.5.5.7.3.8";
  CHECK(by(Authority::make("Người lạ", "p384", "", stranger)) == "TP+W timestamp.untrusted");
}

TEST_CASE("claimed times against proven ones") {
  const auto claimed = [](const char* time, std::optional<Instant> stamped = kSigned) {
    SignatureWish wish;
    wish.claimed = time;
    wish.stamped = stamped;
    return first(signed_document(wish));
  };
  CHECK(claimed("D:20250601165800+07'00'") == "TP");
  CHECK(claimed("D:20250601171600+07'00'") == "TP+W time.claimed-after-timestamp");
  CHECK(claimed("D:20250601170000Z") == "TP+W time.local-as-utc");
  CHECK(claimed("D:20250601150000+07'00'") == "TP+W time.claimed-differs");
  CHECK(claimed("yesterday") == "TP+W time.claimed-malformed");
  CHECK(claimed("D:20300101000000Z", std::nullopt) == "TP+W time.claimed-future");
}

TEST_CASE("case 31: document time-stamps") {
  const crypto::Certificate signer = person(at("2026-01-01"));
  const Instant later = at("2029-01-01");
  const auto grown = [&](bool over_other_bytes, std::string usage = "1.3.6.1.5.5.7.3.8") {
    Document document(authority());
    document.use_stamper(authority().time_stamper(at("2060-01-01"), usage));
    document.sign(signer);
    document.add_revision();
    document.change(ChangeKind::document_time_stamp, "change.lta");
    document.stamp(at("2025-06-02"), over_other_bytes);
    return document;
  };
  Evidence known = lists(at("2025-06-03"), at("2025-06-10"));
  known.items.push_back({Kind::crl, authority().crl(later - 24h, later + 24h), "", std::nullopt});
  const Verdict good = judged(grown(false), known, later);
  CHECK(short_of(good.signatures[0]) == "TP+I change.lta");
  CHECK(good.signatures[0].best_time_proof == "document-time-stamp:Sig2");
  CHECK(short_of(good.signatures[1]) == "TP");
  const Verdict copied = judged(grown(true), known, later);
  CHECK(short_of(copied.signatures[1]) == "TF/HASH_FAILURE timestamp.imprint");
  CHECK(copied.signatures[0].sub_indication == SubIndication::out_of_bounds_no_poe);
  CHECK(has_finding(copied.signatures[0].findings, "timestamp.imprint"));
  CHECK(short_of(copied) == "TF/HASH_FAILURE timestamp.imprint");
  const Verdict unusable = judged(grown(false, "1.3.6.1.5.5.7.3.4"), known, later);
  CHECK(unusable.signatures[1].indication == Indication::indeterminate);
  CHECK(unusable.signatures[0].sub_indication == SubIndication::out_of_bounds_no_poe);
  // It proves nothing about what came after it.
  Document after(authority());
  after.stamp(at("2025-06-02"));
  after.add_revision();
  after.sign(signer);
  CHECK(judged(after, known, later).signatures[1].sub_indication == SubIndication::out_of_bounds_no_poe);
  // Only time-stamps: they decide.
  Document alone(authority());
  alone.stamp(at("2025-06-02"));
  Evidence more = good_lists();
  more.items.push_back(
      {Kind::certificate, Bytes(authority().issuer.der().begin(), authority().issuer.der().end()), "", std::nullopt});
  CHECK(short_of(judged(alone, more)) == "TP");
  CHECK(short_of(judged(alone)) == "IN/NO_CERTIFICATE_CHAIN_FOUND pki.path.not_found");
}

TEST_CASE("time-stamps in the wrong order") {
  Document document(authority());
  SignatureWish wish;
  wish.stamped = kSigned;
  document.sign(person(), wish);
  document.add_revision();
  document.stamp(kSigned - 48h);
  CHECK(first(document) == "IN/TIMESTAMP_ORDER_FAILURE timestamp.order");
}

TEST_CASE("levels are what the file alone proves") {
  SignatureWish wish;
  wish.stamped = kSigned;
  Document document = signed_document(wish);
  const auto level = [&](Instant time = kNow, const Evidence& known = good_lists()) {
    return judged(document, known, time).signatures[0].level;
  };
  CHECK(level() == Level::b_t);
  document.add_revision();
  document.store_crl(authority().crl(kSigned + 1h, kSigned + 25h));
  document.change(ChangeKind::validation_data, "change.lta");
  CHECK(level() == Level::b_t);  // the issuer's own status is missing
  document.store_crl(authority().root_crl(kSigned - 24h, kSigned + 300 * 24h));
  CHECK(level() == Level::b_lt);
  CHECK(level(kNow, {}) == Level::b_lt);
  CHECK(first(document, {}) == "TP+I change.lta");
  CHECK(level(at("2035-07-01"), {}) == Level::b_lt);
  CHECK(first(document, {}, at("2035-07-01")) == "TP+I change.lta");
  document.add_revision();
  document.stamp(kSigned + 2h);
  document.change(ChangeKind::document_time_stamp, "change.lta");
  CHECK(level(kNow, {}) == Level::b_lta);
  CHECK(level(at("2035-07-01"), {}) == Level::b_lta);
  CHECK(first(document, {}, at("2035-07-01")) == "TP+I change.lta");
}

TEST_CASE("case 31 (d): a time-stamp before the data doesn't protect it") {
  SignatureWish wish;
  wish.stamped = kSigned;
  Document document = signed_document(wish);
  document.add_revision();
  document.stamp(kSigned + 30min);
  document.add_revision();
  document.store_crl(authority().crl(kSigned + 1h, kSigned + 25h));
  document.store_crl(authority().root_crl(kSigned - 24h, kSigned + 300 * 24h));
  CHECK(judged(document, {}).signatures[0].level == Level::b_lt);
}

TEST_CASE("what was dropped is still used") {
  SignatureWish wish;
  wish.stamped = kSigned;
  Document document = signed_document(wish);
  document.store_crl(authority().crl(kSigned + 1h, kSigned + 25h));
  document.store_crl(authority().root_crl(kSigned - 24h, kSigned + 300 * 24h));
  document.facts.stored.front().dropped_in = 0;
  CHECK(first(document, {}) == "TP+W revocation.removed");
}

TEST_CASE("findings of the file, removed signatures, seals") {
  Document document = signed_document();
  document.facts.findings.push_back(Finding("xref.loop", Severity::failure).at(99));
  const Verdict looped = judged(document);
  CHECK(short_of(looped) == "TF/FORMAT_FAILURE xref.loop");
  CHECK(short_of(looped.signatures[0]) == "TF/FORMAT_FAILURE xref.loop");
  CHECK(looped.offset == 99);

  document = signed_document();
  document.facts.signatures[0].removed_in = 1;
  document.add_revision();
  document.change(ChangeKind::signature_removed, "signature.removed");
  const Verdict removed = judged(document);
  CHECK(short_of(removed) == "TF/FORMAT_FAILURE signature.removed");
  CHECK(short_of(removed.signatures[0]) == "TP");
  // Who signs what is left isn't to blame, whichever way the facts tell it.
  document.facts.findings.push_back(Finding("signature.removed", Severity::failure));
  document.add_revision();
  document.sign(person());
  const Verdict left = judged(document);
  CHECK(short_of(left) == "TF/FORMAT_FAILURE signature.removed");
  CHECK(short_of(left.signatures[1]) == "TP");

  document = signed_document();
  document.facts.signatures[0].ink = "red";
  CHECK(first(document) == "TP+W signer.person-for-seal");
  CertificateWish agency;
  agency.name = "Sở Nội vụ mẫu";
  agency.serial = 8;
  Document sealed(authority());
  sealed.sign(authority().certify(agency)).ink = "red";
  CHECK(first(sealed) == "TP");
  CHECK_FALSE(has_finding(judged(sealed).findings, "signer.organisation-missing"));

  document = signed_document();
  document.facts.signatures[0].findings.push_back(Finding("signature.shared-by-fields", Severity::warning));
  CHECK(first(document) == "TP+W signature.shared-by-fields");
  document.facts.signatures[0].certification = 2;
  CHECK(first(document) == "TF/FORMAT_FAILURE signature.shared-by-fields");
}

TEST_CASE("what is missing is asked for, and found enough when it is there") {
  SignatureWish wish;
  wish.stamped = kSigned;
  const Document document = signed_document(wish);
  const auto missing = [&](const Evidence& known) {
    return find_missing(document.facts, known, authority().trust(), policy("strict"), kNow);
  };
  const MissingEvidence all = missing({});
  CHECK(all.without_issuer.empty());
  CHECK(all.without_status.size() == 3);  // signer, issuer, time-stamp authority
  for (const auto& status : all.without_status) CHECK(status.not_before == kSigned);
  CHECK(missing(good_lists()).is_empty());
  SignatureWish bare;
  bare.with_issuer = false;
  const Document leaf_only = signed_document(bare);
  const MissingEvidence issuer = find_missing(leaf_only.facts, {}, authority().trust(), policy("strict"), kNow);
  REQUIRE(issuer.without_issuer.size() == 1);
  CHECK(issuer.without_issuer[0].certificate().common_name() == "Nguyễn Văn A");
}

TEST_CASE("same input, same verdict; the order of evidence doesn't matter") {
  SignatureWish wish;
  wish.stamped = kSigned;
  const Document document = signed_document(wish);
  Evidence known = good_lists();
  known.items.push_back({Kind::crl, authority().crl(kSigned - 48h, kSigned - 24h), "", std::nullopt});
  known.items.push_back(
      {Kind::certificate, Bytes(authority().issuer.der().begin(), authority().issuer.der().end()), "", std::nullopt});
  Evidence reversed = known;
  std::ranges::reverse(reversed.items);
  reversed.items.push_back(reversed.items.front());
  const auto told = [&](const Evidence& items, const DocumentFacts& facts) {
    const Verdict verdict = judge(facts, items, authority().trust(), policy("strict"), kNow);
    std::string out = short_of(verdict);
    for (const auto& signature : verdict.signatures) {
      out += short_of(signature) + std::string(name_of(signature.level));
      for (const Finding& finding : signature.findings) {
        out += " " + finding.code;
        for (const auto& [name, value] : finding.parameters) out += "," + name + "=" + value;
      }
      for (const auto& each : signature.chain)
        if (each.answer) out += fmt::format(" {}@{}", each.answer->index, iso8601_vietnam(each.answer->this_update));
    }
    return out;
  };
  CHECK(told(known, document.facts) == told(known, document.facts));
  CHECK(told(known, document.facts) == told(reversed, document.facts));
  const DocumentFacts saved = must(DocumentFacts::from_json(document.facts.to_json()));
  CHECK(told(known, document.facts) == told(known, saved));
}

TEST_CASE("weak algorithms by date") {
  CertificateWish wish;
  wish.key = "rsa2048";
  Document document(authority());
  SignatureWish old;
  old.key = "rsa2048";
  old.scheme = *crypto::scheme_by_name("rsa-pkcs1-sha256");
  document.sign(authority().certify(wish), old);
  CHECK(first(document) == "TP");
  CHECK(first(document, good_lists(), kNow, "tt15") == "TP+W timestamp.missing");
  CHECK(has_finding(judged(document, good_lists(), kNow, "tt15").signatures[0].findings, "tt15.padding"));
  CHECK_FALSE(has_finding(judged(document).signatures[0].findings, "tt15.padding"));
  // A list whose end has passed: nobody knows when this was signed.
  Policy dated = policy("strict");
  for (auto& digest : dated.algorithms.digests) digest.until = at("2025-06-15");
  CHECK(short_of(judge(document.facts, good_lists(), authority().trust(), dated, kNow).signatures[0]) ==
        "IN/CRYPTO_CONSTRAINTS_FAILURE_NO_POE crypto.weak");
  SignatureWish stamped;
  stamped.stamped = kSigned;
  CHECK(short_of(judge(signed_document(stamped).facts, good_lists(), authority().trust(), dated, kNow).signatures[0]) ==
        "TP");
}

TEST_CASE("old documents: SHA-1 in chains, lists and time-stamps up to a date") {
  const crypto::SignatureScheme sha1{crypto::KeyType::rsa, crypto::Padding::pkcs1_v15, crypto::DigestAlgorithm::sha1};
  CertificateWish wish;
  wish.scheme = sha1;
  SignatureWish stamped;
  stamped.stamped = kSigned;
  stamped.imprint = crypto::DigestAlgorithm::sha1;
  Document document(authority());
  document.sign(authority().certify(wish), stamped);
  const Verdict strict = judged(document);
  CHECK(short_of(strict.signatures[0]) == "IN/CRYPTO_CONSTRAINTS_FAILURE pki.algorithm.weak");
  CHECK(has_finding(strict.signatures[0].findings, "timestamp.weak"));
  CHECK(first(document, good_lists(), kNow, "legacy-vn") == "TP");
  // After the date: what was proven in time stays so, the rest can't be placed.
  Document bare(authority());
  wish.not_after = at("2040-01-01");
  bare.sign(authority().certify(wish));
  const Instant later = at("2031-01-01");
  CHECK(first(bare, lists(later - 24h, later + 24h, {}, {}), later, "legacy-vn") ==
        "IN/CRYPTO_CONSTRAINTS_FAILURE_NO_POE pki.algorithm.weak");
}

}  // namespace kyso::verify
