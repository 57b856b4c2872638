#include "verify/judge/judge_scene.h"

// The bytes of signatures (case 30), certificates and revocation (case 32).
namespace kyso::verify {

using namespace test;

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

}  // namespace kyso::verify
