#include "verify/judge/judge_test_support.h"

// The bytes of signatures (case 30), certificates and revocation (case 32), time-stamps and proofs (case 31), levels.
namespace kyso::verify {
namespace {

using namespace test;
using Kind = EvidenceItem::Kind;

const Instant kSigned = at("2025-06-01T17:00:00+07:00");
const Instant kNow = at("2025-07-01");

const Authority& authority() {
  static const Authority out;
  return out;
}
crypto::Certificate person(Instant not_after = at("2030-01-01")) {
  CertificateWish wish;
  wish.not_after = not_after;
  return authority().certify(wish);
}
crypto::Certificate without_status() {
  CertificateWish wish;
  wish.names_crl = false;
  return authority().certify(wish);
}
Evidence lists(Instant from, std::optional<Instant> until, const std::vector<Authority::Entry>& entries = {},
               const std::vector<Authority::Entry>& of_root = {}) {
  return evidence({{Kind::crl, authority().crl(from, until, entries)},
                   {Kind::crl, authority().root_crl(at("2025-01-01"), at("2026-01-01"), of_root)}});
}
// Nobody is revoked, as of shortly before the time of judging.
Evidence good_lists() {
  return lists(at("2025-06-30"), at("2025-07-08"));
}
Verdict judged(const Document& document, const Evidence& known = good_lists(), Instant time = kNow,
               const char* name = "strict") {
  return judge(document.facts, known, authority().trust(), policy(name), time);
}
std::string first(const Document& document, const Evidence& known = good_lists(), Instant time = kNow,
                  const char* name = "strict") {
  return short_of(judged(document, known, time, name).signatures.at(0));
}
Document signed_document(const SignatureWish& wish = {}) {
  Document document(authority());
  document.sign(person(), wish);
  return document;
}

}  // namespace

TEST_CASE("a clean signature passes, and so do its followers") {
  Document document = signed_document();
  const Verdict verdict = judged(document);
  const SignatureVerdict& signature = verdict.signatures.front();
  CHECK(short_of(signature) == "TP");
  CHECK(short_of(verdict) == "TP");
  CHECK(signature.is_intact);
  CHECK(signature.is_unchanged);
  CHECK(signature.anchor == "Gốc mẫu");
  CHECK(signature.chain.size() == 3);
  CHECK(signature.chain[0].status == pki::CertificateStatus::good);
  CHECK(signature.chain[0].is_checked);
  CHECK(signature.signer_kind == SubjectKind::person);
  CHECK(signature.best_time == kNow);
  CHECK(signature.best_time_proof.empty());
  CHECK(signature.level == Level::b_b);
  CHECK(has_finding(signature.findings, "timestamp.missing"));
  CHECK(has_finding(verdict.findings, "signer.organisation-missing"));
  for (int i = 0; i < 5; ++i) {
    document.add_revision();
    document.change(ChangeKind::signature_added, "change.signature");
    document.sign(person());
  }
  for (const SignatureVerdict& each : judged(document).signatures) CHECK(short_of(each) == "TP");
}

TEST_CASE("a document without signatures") {
  Document document(authority());
  CHECK(short_of(judged(document)) == "IN/SIGNED_DATA_NOT_FOUND signature.none");
}

TEST_CASE("case 30: the bytes of the CMS") {
  const auto with = [](const auto& change) {
    Document document = signed_document();
    change(document.facts.signatures.front());
    return first(document);
  };
  CHECK(with([](SignatureFacts&) {}) == "TP");
  CHECK(with([](SignatureFacts& s) { s.digest[0] ^= 1; }) == "TF/HASH_FAILURE cms.digest");
  CHECK(with([](SignatureFacts& s) { s.cms = to_bytes("garbage"); }) == "TF/FORMAT_FAILURE cms.format");
  CHECK(with([](SignatureFacts& s) { s.cms.clear(); }) == "TF/FORMAT_FAILURE cms.format");
  CHECK(with([](SignatureFacts& s) { s.cms.back() ^= 1; }) == "TF/SIG_CRYPTO_FAILURE cms.signature");
  CHECK(with([](SignatureFacts& s) {
          s.findings.push_back(Finding("byterange.hole", Severity::failure).at(10, 60));
        }) == "TF/FORMAT_FAILURE byterange.hole");
  CHECK(with([](SignatureFacts& s) {
          s.cms.clear();
          s.findings.push_back(Finding("contents.placeholder", Severity::indeterminate));
        }) == "IN/SIG_CONSTRAINTS_FAILURE contents.placeholder");
  CHECK(with([](SignatureFacts& s) {
          s.sub_filter = "x";
          s.findings.push_back(Finding("subfilter.unknown", Severity::indeterminate));
        }) == "IN/SIG_CONSTRAINTS_FAILURE subfilter.unknown");
}

TEST_CASE("nothing passes that wasn't verified") {
  Document document = signed_document();
  SignatureFacts& signature = document.facts.signatures.front();
  const Bytes cms = signature.cms;
  signature.cms.clear();
  signature.findings.push_back(Finding("field.many-widgets", Severity::info));
  CHECK(first(document) == "TF/FORMAT_FAILURE signature.digest-missing");
  signature.cms = cms;
  CHECK(first(document) == "TP+I field.many-widgets");
  signature.revision.reset();
  CHECK(first(document) == "TF/FORMAT_FAILURE byterange.tail");
  signature.revision = 0;
  signature.digest.clear();
  CHECK(first(document) == "TF/FORMAT_FAILURE signature.digest-missing");
  // Not even under a policy that makes light of everything.
  const Policy light = must(Policy::from_toml("extends = \"strict\"\n[[weight]]\ncode = \"*\"\nseverity = \"note\"\n",
                                              "light", KYSO_SOURCE_DIR "/share/policies"));
  signature.digest = Bytes(32);
  CHECK(judge(document.facts, good_lists(), authority().trust(), light, kNow).indication == Indication::total_failed);
}

TEST_CASE("case 30: other people's CMS") {
  const auto read = [](const char* file, const char* sub_filter, crypto::DigestAlgorithm algorithm) {
    Document document(authority());
    SignatureFacts& signature = document.sign(person());
    signature.sub_filter = sub_filter;
    signature.cms = crypto::vectors::bytes(file);
    signature.digest_algorithm = algorithm;
    signature.digest = crypto::digest(algorithm, crypto::vectors::bytes("message.bin"));
    pki::TrustStore trust;
    trust.add({.certificate = pki::ParsedCertificate(crypto::vectors::certificate("root")),
               .name = "root",
               .revocation = pki::RevocationDuty::if_published});
    trust.add_intermediate(pki::ParsedCertificate(crypto::vectors::certificate("issuing")));
    return judge(document.facts, {}, trust, policy("strict"), at("2026-12-31")).signatures.front();
  };
  using enum crypto::DigestAlgorithm;
  const char* const adbe = "adbe.pkcs7.detached";
  CHECK(short_of(read("cms-openssl.der", "ETSI.CAdES.detached", sha256)) == "TP+W time.signing-time-differs");
  CHECK(short_of(read("cms-openssl-keyid.der", "ETSI.CAdES.detached", sha256)) ==
        "IN/SIG_CONSTRAINTS_FAILURE cms.ess-missing");
  CHECK(short_of(read("cms-openssl-ber.der", adbe, sha256)) == "TF/FORMAT_FAILURE cms.format");  // eContent inside
  CHECK(has_finding(read("cms-openssl-ber.der", adbe, sha256).findings, "cms.ber"));
  CHECK(read("cms-openssl-keyid.der", adbe, sha256).indication == Indication::total_passed);
  CHECK(short_of(read("cms-no-attributes.der", adbe, sha256)) == "TP+W cms.no-signed-attributes");
  CHECK(short_of(read("cms-no-attributes.der", "ETSI.CAdES.detached", sha256)) == "TF/FORMAT_FAILURE cms.format");
  CHECK(short_of(read("cms-openssl-sha1.der", adbe, sha1)) == "IN/CRYPTO_CONSTRAINTS_FAILURE crypto.weak");
}

TEST_CASE("the signer's certificate isn't inside") {
  Document document(authority());
  const crypto::Certificate signer = person();
  SignatureFacts& signature = document.sign(signer);
  // The set of certificates is taken out.
  Bytes certificates(signer.der().begin(), signer.der().end());
  append(certificates, authority().issuer.der());
  const Bytes set = der::encode(der::context(0), certificates);
  der::Reader inner(der::Reader(signature.cms).next()->content);
  static_cast<void>(inner.next());
  der::Reader data(der::Reader(inner.next()->content).next()->content);
  Bytes content;
  while (!data.at_end()) {
    const ByteView part = data.next()->whole;
    if (!std::ranges::equal(part, set)) append(content, part);
  }
  signature.cms =
      der::sequence(der::encode_oid("1.2.840.113549.1.7.2"), der::encode(der::context(0), der::sequence(content)));
  CHECK(first(document) == "IN/NO_SIGNING_CERTIFICATE_FOUND cms.signer-missing");
  Evidence more = good_lists();
  more.items.push_back({Kind::certificate, Bytes(signer.der().begin(), signer.der().end()), "", std::nullopt});
  more.items.push_back(
      {Kind::certificate, Bytes(authority().issuer.der().begin(), authority().issuer.der().end()), "", std::nullopt});
  CHECK(first(document, more) == "TP");
}

TEST_CASE("an unknown anchor, a certificate for something else") {
  const Document document = signed_document();
  const Verdict unknown = judge(document.facts, good_lists(), {}, policy("strict"), kNow);
  CHECK(unknown.signatures[0].sub_indication == SubIndication::no_certificate_chain_found);
  pki::TrustStore ended = authority().trust();
  pki::TrustAnchor anchor = ended.anchors().front();
  anchor.trusted_until = at("2025-06-15");
  ended.add(anchor);
  CHECK(judge(document.facts, good_lists(), ended, policy("strict"), kNow).signatures[0].sub_indication ==
        SubIndication::no_certificate_chain_found_no_poe);
  Document other(authority());
  CertificateWish wish;
  wish.usage = "1.3.6.1.5.5.7.3.1";
  other.sign(authority().certify(wish));
  CHECK(judged(other).signatures[0].sub_indication == SubIndication::chain_constraints_failure);
}

TEST_CASE("case 32: revocation, with a proven time") {
  SignatureWish stamped;
  stamped.stamped = kSigned;
  const Document document = signed_document(stamped);
  const auto with = [&](const Evidence& known) { return first(document, known); };
  CHECK(with(good_lists()) == "TP");
  CHECK(with({}) == "IN/TRY_LATER revocation.missing");
  // Produced before the signature.
  const Verdict old = judged(document, lists(kSigned - 24h, kSigned + 30 * 24h + 1h));
  CHECK(short_of(old.signatures[0]) == "IN/TRY_LATER revocation.too-old");
  CHECK(old.signatures[0].try_again == kSigned + 30 * 24h + 1h);
  // The first answer after it is enough, whenever one looks.
  CHECK(with(lists(kSigned + 1h, kSigned + 25h)) == "TP");
  CHECK(with(lists(kNow - 24h, kNow + 24h, {{2, kSigned - 1h}})) == "TF/REVOKED pki.certificate.revoked");
  CHECK(with(lists(kNow - 24h, kNow + 24h, {{2, kSigned + 1h}})) == "TP+I certificate.revoked-later");
  CHECK(with(lists(kNow - 24h, kNow + 24h, {{2, kSigned - 1h, 6}})) == "IN/TRY_LATER pki.certificate.on_hold");
  CHECK(with(lists(kNow - 24h, kNow + 24h, {}, {{5, at("2024-12-01")}})) ==
        "IN/REVOKED_CA_NO_POE pki.certificate.revoked");
  // A hold that was lifted: the newest list counts.
  Evidence lifted = lists(kNow - 48h, kNow + 24h, {{2, kSigned - 1h, 6}});
  lifted.items.push_back({Kind::crl, authority().crl(kNow - 24h, kNow + 24h), "", std::nullopt});
  CHECK(with(lifted) == "TP");
}

TEST_CASE("case 32: revocation, without a proven time") {
  const Document document = signed_document();
  CHECK(first(document, lists(kNow - 24h, kNow + 24h, {{2, at("2025-06-20")}})) ==
        "IN/REVOKED_NO_POE pki.certificate.revoked");
  CHECK(first(document, lists(kNow - 24h, kNow - 1h)) == "IN/TRY_LATER revocation.too-old");
  CHECK(first(document, lists(at("2025-05-01"), kNow + 24h)) == "IN/TRY_LATER revocation.too-old");  // before /M
  CHECK(first(document, lists(kNow - 24h, std::nullopt)) == "TP");
  CHECK(first(document, lists(kNow - 20 * 24h, std::nullopt)) == "IN/TRY_LATER revocation.missing");
}

TEST_CASE("case 32: expired certificates") {
  Document document(authority());
  const crypto::Certificate signer = person(at("2025-06-20"));
  document.sign(signer);
  CHECK(first(document, {}) == "IN/OUT_OF_BOUNDS_NO_POE pki.certificate.expired");
  CHECK(first(document, lists(at("2025-06-19"), at("2025-06-21"))) ==
        "IN/OUT_OF_BOUNDS_NOT_REVOKED pki.certificate.expired");
  // After its expiry a list may have forgotten it.
  CHECK(first(document, good_lists()) == "IN/OUT_OF_BOUNDS_NO_POE pki.certificate.expired");
  // Proven in time.
  SignatureWish stamped;
  stamped.stamped = kSigned;
  Document proven(authority());
  proven.sign(signer, stamped);
  Evidence known = lists(at("2025-06-10"), at("2025-06-15"));
  known.items.push_back({Kind::crl, authority().crl(kNow - 24h, kNow + 24h), "", std::nullopt});
  CHECK(first(proven, known) == "TP");
  // Stamped too late.
  stamped.stamped = at("2025-06-25");
  stamped.claimed = "D:20250625000000Z";
  Document late(authority());
  late.sign(signer, stamped);
  CHECK(first(late) == "TF/EXPIRED pki.certificate.expired");
  // Not yet valid: what exists now was signed before.
  CertificateWish wish;
  wish.not_before = at("2026-01-01");
  Document early(authority());
  early.sign(authority().certify(wish));
  CHECK(first(early) == "TF/NOT_YET_VALID pki.certificate.not_yet_valid");
}

TEST_CASE("case 32: answers of OCSP, and what is ignored") {
  const crypto::Certificate signer = person();
  Document document(authority());
  document.sign(signer);
  const Bytes root_list = authority().root_crl(at("2025-01-01"), at("2026-01-01"));
  const auto with = [&](const Bytes& answer) {
    return first(document, evidence({{Kind::ocsp, answer}, {Kind::crl, root_list}}));
  };
  const Authority::OcspWish good{signer, kNow - 1h, kNow + 24h, std::nullopt, std::nullopt};
  CHECK(with(authority().ocsp(good)) == "TP");
  Authority::OcspWish revoked = good;
  revoked.revoked = at("2025-06-15");
  CHECK(with(authority().ocsp(revoked)) == "IN/REVOKED_NO_POE pki.certificate.revoked");
  Authority::OcspWish of_another = good;
  CertificateWish other;
  other.serial = 77;
  of_another.subject = authority().certify(other);
  CHECK(with(authority().ocsp(of_another)) == "IN/TRY_LATER revocation.missing");
  Authority::OcspWish forged = good;
  forged.key = "rsa4096";
  const Document& same = document;
  const Verdict verdict = judged(same, evidence({{Kind::ocsp, authority().ocsp(forged)}, {Kind::crl, root_list}}));
  CHECK(short_of(verdict.signatures[0]) == "IN/TRY_LATER revocation.missing");
  CHECK(has_finding(verdict.signatures[0].findings, "pki.ocsp.signature"));
  // A delegated responder: without nocheck its own status must be known, too; expired, it can't be believed.
  CertificateWish responder;
  responder.name = "OCSP mẫu";
  responder.key = "rsa2048";
  responder.serial = 9;
  responder.usage = "1.3.6.1.5.5.7.3.9";
  const auto delegated = [&](const CertificateWish& wish) {
    Authority::OcspWish out = good;
    out.responder = authority().certify(wish);
    out.key = "rsa2048";
    return authority().ocsp(out);
  };
  CHECK(with(delegated(responder)) == "IN/TRY_LATER revocation.signer-unchecked");
  responder.no_check = true;
  CHECK(with(delegated(responder)) == "TP");
  responder.not_after = at("2025-06-30T23:30:00+07:00");
  CHECK(with(delegated(responder)) == "IN/REVOCATION_OUT_OF_BOUNDS_NO_POE revocation.out-of-bounds");
}

TEST_CASE("who publishes no status") {
  Document document(authority());
  document.sign(without_status());
  const Evidence root_list = evidence({{Kind::crl, authority().root_crl(at("2025-01-01"), at("2026-01-01"))}});
  const auto lenient = authority().trust(pki::RevocationDuty::if_published);
  const Verdict verdict = judge(document.facts, root_list, lenient, policy("strict"), kNow);
  CHECK(short_of(verdict.signatures[0]) == "TP");
  CHECK(has_finding(verdict.signatures[0].findings, "revocation.not-published"));
  CHECK_FALSE(verdict.signatures[0].chain[0].is_checked);
  CHECK(verdict.signatures[0].chain[0].status == pki::CertificateStatus::unknown);
  CHECK(first(document, root_list) == "IN/TRY_LATER revocation.missing");
  CHECK(short_of(judge(document.facts, root_list, lenient, policy("tt15"), kNow).signatures[0]) ==
        "IN/TRY_LATER revocation.missing");
}

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
