#include "verify/judge/judge_test_support.h"

// Case 30: SignedData made by hand and really signed, so that only the named thing is wrong.
namespace kyso::verify {
namespace {

using namespace test;

constexpr std::string_view kContentType = "1.2.840.113549.1.9.3";
constexpr std::string_view kMessageDigest = "1.2.840.113549.1.9.4";
constexpr std::string_view kSigningCertificate = "1.2.840.113549.1.9.16.2.12";
constexpr std::string_view kSigningCertificateV2 = "1.2.840.113549.1.9.16.2.47";
constexpr std::string_view kData = "1.2.840.113549.1.7.1";

Bytes attribute(std::string_view oid, const Bytes& values) {
  return der::sequence(der::encode_oid(oid), der::encode(der::kSet, values));
}
Bytes octets(const Bytes& value) {
  return der::encode(der::kOctetString, value);
}
Bytes algorithm(std::string_view oid, const Bytes& parameters = {}) {
  return der::sequence(der::encode_oid(oid), parameters);
}

class Forge {
 public:
  Forge() {
    static const Authority authority;
    m_authority = &authority;
    CertificateWish wish;
    wish.names_crl = false;
    signer = authority.certify(wish);
    digest = crypto::digest(crypto::DigestAlgorithm::sha256, content_of(0));
    type = attribute(kContentType, der::encode_oid(kData));
    message_digest = attribute(kMessageDigest, octets(digest));
    ess = attribute(kSigningCertificateV2, der::sequence(der::sequence(der::sequence(octets(signer->sha256())))));
  }
  std::optional<crypto::Certificate> signer;
  Bytes digest, type, message_digest, ess;
  Bytes e_content;
  int signers = 1;
  Bytes digest_algorithm = crypto::encode_digest_algorithm(crypto::DigestAlgorithm::sha256);
  Bytes signature_algorithm = crypto::encode_cms_signature_algorithm(scheme_of("p256"));
  std::string sub_filter = "ETSI.CAdES.detached";
  std::string policy_name = "strict";

  // `in_file`: the content of the attributes as they stand there.
  SignatureVerdict judged(const Bytes& in_file, const Bytes& is_signed) const {
    const Bytes value = test::sign("p256", scheme_of("p256"), is_signed);
    const Bytes attributes = in_file.empty() ? Bytes() : der::encode(der::context(0), in_file);
    const Bytes info = der::sequence(der::encode_integer(1),
                                     der::sequence(signer->issuer_der(), der::encode(der::kInteger, signer->serial())),
                                     digest_algorithm, attributes, signature_algorithm, octets(value));
    Bytes infos, certificates(signer->der().begin(), signer->der().end());
    append(certificates, m_authority->issuer.der());
    for (int i = 0; i < signers; ++i) append(infos, ByteView(info));
    const Bytes data = der::sequence(der::encode_integer(1), der::encode(der::kSet, {}),
                                     der::sequence(der::encode_oid(kData), e_content),
                                     der::encode(der::context(0), certificates), der::encode(der::kSet, infos));
    Document document(*m_authority);
    SignatureFacts& facts = document.sign(*signer);
    facts.sub_filter = sub_filter;
    facts.cms = der::sequence(der::encode_oid("1.2.840.113549.1.7.2"), der::encode(der::context(0), data));
    const Evidence known =
        evidence({{EvidenceItem::Kind::crl, m_authority->root_crl(at("2025-06-01"), at("2026-01-01"))}});
    return judge(document.facts, known, m_authority->trust(pki::RevocationDuty::if_published), policy(policy_name),
                 at("2025-07-01"))
        .signatures.front();
  }
  SignatureVerdict judged(const std::vector<Bytes>& attributes) const {
    Bytes in_file;
    for (const Bytes& each : attributes) append(in_file, ByteView(each));
    return judged(in_file, der::encode_set_of(attributes));
  }
  std::string verdict(const std::vector<Bytes>& attributes) const { return short_of(judged(attributes)); }
  std::string verdict() const { return verdict({type, message_digest, ess}); }

 private:
  const Authority* m_authority = nullptr;
};

constexpr const char* kFormat = "TF/FORMAT_FAILURE cms.format";

}  // namespace

TEST_CASE("forged CMS: honest twins") {
  Forge forge;
  CHECK(forge.verdict() == "TP");
  // In another order than DER's: what is signed is the sorted set.
  CHECK(forge.verdict({forge.ess, forge.message_digest, forge.type}) == "TP");
  CHECK(forge.judged({forge.type, forge.message_digest, forge.ess}).is_intact);
}

TEST_CASE("forged CMS: format") {
  Forge forge;
  CHECK(forge.verdict({forge.message_digest, forge.ess}) == kFormat);
  CHECK(forge.verdict({forge.type, forge.ess}) == kFormat);
  CHECK(forge.verdict({forge.type, forge.message_digest, forge.message_digest, forge.ess}) == kFormat);
  CHECK(forge.verdict({forge.type, forge.message_digest, forge.ess, forge.ess}) == kFormat);
  CHECK(forge.verdict({forge.type, attribute(kMessageDigest, der::encode(der::kUtf8String, forge.digest)),
                       forge.ess}) == kFormat);
  CHECK(short_of(forge.judged(Bytes(), content_of(0))) == kFormat);  // no signed attributes in CAdES
  forge.sub_filter = "adbe.pkcs7.detached";
  CHECK(short_of(forge.judged(Bytes(), content_of(0))) == "TP+W cms.no-signed-attributes");
  forge.sub_filter = "ETSI.CAdES.detached";
  forge.signers = 0;
  CHECK(forge.verdict() == kFormat);
  forge.signers = 2;
  CHECK(forge.verdict() == kFormat);
  forge.signers = 1;
  forge.e_content = der::encode(der::context(0), octets(content_of(0)));
  const SignatureVerdict attached = forge.judged({forge.type, forge.message_digest, forge.ess});
  CHECK(short_of(attached) == kFormat);
  REQUIRE(!attached.findings.front().parameters.empty());
  CHECK(attached.findings.front().parameters.front().second == "eContent is present");
}

TEST_CASE("forged CMS: hash and signature") {
  Forge forge;
  CHECK(forge.verdict({forge.type, attribute(kMessageDigest, octets(Bytes(32))), forge.ess}) ==
        "TF/HASH_FAILURE cms.digest");
  const std::vector<Bytes> unsorted{forge.ess, forge.message_digest, forge.type};
  const Bytes in_file = der::concat(unsorted[0], unsorted[1], unsorted[2]);
  const SignatureVerdict in_order_of_file = forge.judged(in_file, der::encode(der::kSet, in_file));
  CHECK(short_of(in_order_of_file) == "TF/SIG_CRYPTO_FAILURE cms.signature");
  CHECK_FALSE(in_order_of_file.is_intact);
  CHECK(in_order_of_file.level == Level::none);
  // RSASSA-PSS with SHA-256 for the content and SHA-512 for the mask.
  const Bytes sha512 = crypto::encode_digest_algorithm(crypto::DigestAlgorithm::sha512);
  forge.signature_algorithm = algorithm("1.2.840.113549.1.1.10", der::sequence(der::encode(der::context(0), sha512)));
  CHECK(forge.verdict() == "TF/SIG_CRYPTO_FAILURE cms.signature");
}

TEST_CASE("forged CMS: constraints") {
  Forge forge;
  CHECK(forge.verdict({forge.type, forge.message_digest}) == "IN/SIG_CONSTRAINTS_FAILURE cms.ess-missing");
  const Bytes of_another =
      attribute(kSigningCertificateV2, der::sequence(der::sequence(der::sequence(octets(Bytes(32))))));
  CHECK(forge.verdict({forge.type, forge.message_digest, of_another}) == "IN/SIG_CONSTRAINTS_FAILURE cms.ess-mismatch");
  const Bytes old = attribute(kSigningCertificate, der::sequence(der::sequence(der::sequence(octets(crypto::digest(
                                                       crypto::DigestAlgorithm::sha1, forge.signer->der()))))));
  CHECK(forge.verdict({forge.type, forge.message_digest, old}) == "TP+W cms.ess-sha1");
  forge.digest_algorithm = crypto::encode_digest_algorithm(crypto::DigestAlgorithm::sha512);
  CHECK(forge.verdict() == "IN/SIG_CONSTRAINTS_FAILURE cms.digest-mismatch-algorithm");
  forge.digest_algorithm = algorithm("1.2.840.113549.2.5");  // MD5
  CHECK(forge.verdict() == "IN/CRYPTO_CONSTRAINTS_FAILURE cms.algorithm-unknown");
  CHECK(forge.judged({forge.type, forge.message_digest, forge.ess}).signer.has_value());
}

}  // namespace kyso::verify
