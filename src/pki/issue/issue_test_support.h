#pragma once
#include <map>

#include "base/test_support.h"
#include "crypto/algorithm_identifier.h"
#include "crypto/crypto_vectors.h"
#include "crypto/der.h"
#include "pki/issue/issue.h"

// For tests: authorities and requests made of the keys in tests/vectors/crypto, so that everything but signatures is
// the same each time.
namespace kyso::pki::issue::testing {

namespace der = crypto::der;
namespace vectors = crypto::vectors;

inline const Instant kNow = parse_time("2026-06-01T00:00:00Z").value();
inline const Bytes kSerial = from_hex("2a93e1b7045fd86c1397f20a4ebd6582c1").value();

inline Bytes attribute(std::string_view oid, std::string_view value, std::uint8_t tag = der::kUtf8String) {
  return der::encode(der::kSet, der::sequence(der::encode_oid(oid), der::encode(tag, as_bytes(value))));
}
// CN=Nguyễn Văn A
inline Bytes sample_name() {
  return der::sequence(attribute("2.5.4.3", "Nguyễn Văn A"));
}

struct CsrParts {
  Bytes version = der::encode_integer(0);
  Bytes subject = sample_name();
  Bytes spki = {};
  Bytes attributes = der::encode(der::context(0), {});  // with the tag; empty: left out
  std::optional<crypto::SignatureScheme> scheme = {};
};
// CertificationRequest, signed by `holder`, whatever stands in the parts.
inline Bytes make_csr(crypto::KeyHolder& holder, CsrParts parts = {}) {
  if (parts.spki.empty()) {
    const ByteView spki = holder.certificate().public_key().spki();
    parts.spki.assign(spki.begin(), spki.end());
  }
  const auto scheme = parts.scheme.value_or(crypto::default_scheme(holder.certificate().public_key().type()));
  const Bytes info = der::sequence(parts.version, parts.subject, parts.spki, parts.attributes);
  const Bytes digest = crypto::digest(scheme.digest, info);
  const Bytes signature = must(holder.sign({.scheme = scheme, .digest = digest, .message = info, .shown_text = {}}));
  return der::sequence(info, crypto::encode_x509_signature_algorithm(scheme),
                       der::encode(der::kBitString, der::concat(Bytes{0}, signature)));
}
inline Bytes extension_request(ByteView extensions) {
  return der::sequence(der::encode_oid("1.2.840.113549.1.9.14"), der::encode(der::kSet, extensions));
}
inline Bytes alternative_names_extension(ByteView names) {
  return der::sequence(der::encode_oid("2.5.29.17"), der::encode(der::kOctetString, der::sequence(names)));
}

// The request of a vector's key ("rsa2048", "p256" …), made once.
inline const Bytes& csr_of(const std::string& key) {
  static std::map<std::string, Bytes> made;
  Bytes& out = made[key];
  if (out.empty()) out = make_csr(*vectors::holder(key));
  return out;
}

inline const CertificateProfile& profile(const std::string& name) {
  static const auto all = must(load_profiles(KYSO_SOURCE_DIR "/share/profiles"));
  REQUIRE_MESSAGE(all.contains(name), name);
  return all.at(name);
}

inline GeneralName name_of(GeneralName::Kind kind, std::string_view value) {
  return {kind, to_bytes(value)};
}

// A request that the shipped profile of this name accepts.
inline CertificateRequest sample_request(const std::string& profile_name, const std::string& key = "p256") {
  using Kind = GeneralName::Kind;
  CertificateRequest out{.reference = "1", .profile = profile_name, .pkcs10 = csr_of(key)};
  const std::vector<SubjectAttribute> unit{
      {"O", "Tỉnh Mẫu"}, {"OU", "Trung tâm Công nghệ thông tin"}, {"OU", "Sở Khoa học và Công nghệ"}};
  if (profile_name.starts_with("PERSON_")) {
    out.subject = {{"CN", "Nguyễn Văn A"}, {"L", "Tỉnh Mẫu"}, {"UID", "CCCD:012345678910"}};
    out.subject.insert(out.subject.end(), unit.begin(), unit.end());
    out.alternative_names = {name_of(Kind::rfc822, "nguyenvana@mau.gov.vn")};
  } else if (profile_name.starts_with("ORGANIZATION_")) {
    out.subject = {{"CN", "Sở Khoa học và Công nghệ"}, {"O", "Tỉnh Mẫu"}, {"L", "Tỉnh Mẫu"}, {"UID", "MST:0100109106"}};
    out.alternative_names = {name_of(Kind::rfc822, "vanthu@mau.gov.vn")};
  } else if (profile_name == "SERVER_1Y") {
    out.subject = {{"C", "VN"}, {"O", "Tỉnh Mẫu"}, {"L", "Tỉnh Mẫu"}, {"CN", "dichvu.mau.gov.vn"}};
    out.alternative_names = {name_of(Kind::dns, "dichvu.mau.gov.vn"), name_of(Kind::dns, "www.mau.gov.vn")};
  } else if (profile_name == "ETSI_NATURAL_PERSON_ESIGN") {
    out.subject = {{"CN", "Nguyễn Văn A"}, {"SN", "Nguyễn"}, {"GN", "Văn A"}, {"serialNumber", "PNOVN-012345678910"}};
  } else if (profile_name == "ETSI_LEGAL_PERSON_ESEAL") {
    out.subject = {{"CN", "Sở Khoa học và Công nghệ"},
                   {"O", "Sở Khoa học và Công nghệ tỉnh Mẫu"},
                   {"organizationIdentifier", "VATVN-0100109106"}};
  } else {
    out.subject = {{"CN", "Mẫu " + profile_name}, {"O", "Cơ quan mẫu"}};
  }
  return out;
}

struct Authority {
  std::unique_ptr<crypto::KeyHolder> key;
  IssuerSettings settings;
  Result<crypto::Certificate> issue(const CertificateProfile& wanted, const CertificateRequest& request,
                                    ByteView serial = kSerial) {
    ToBeSigned content = KYSO_TRY(ToBeSigned::build(wanted, settings, request, serial, kNow));
    Linted linted = KYSO_TRY(Linted::lint(std::move(content), wanted, &settings.certificate));
    return sign(std::move(linted), *key, settings.certificate.certificate().public_key());
  }
};

// A root of the vector's key: "p256", "p384", "rsa3072", "ed25519".
inline Authority make_root(const std::string& key, std::optional<crypto::SignatureScheme> wanted = std::nullopt) {
  CertificateProfile root = profile("ROOT");
  root.keys.push_back(crypto::KeyType::ed25519);
  root.backdate = std::chrono::hours(24 * 365);
  auto holder = vectors::holder(key);
  const auto scheme = wanted.value_or(crypto::default_scheme(holder->certificate().public_key().type()));
  CertificateRequest request{.reference = "root",
                             .profile = "ROOT",
                             .subject = {{"O", "Cơ quan mẫu"}, {"CN", "Chứng thực gốc mẫu " + key}},
                             .pkcs10 = csr_of(key)};
  request.not_before = kNow - std::chrono::hours(24 * 30);
  ToBeSigned content = must(ToBeSigned::build_self_signed(root, request, scheme, Bytes{1}, kNow));
  const crypto::PublicKey public_key = holder->certificate().public_key();
  Linted linted = must(Linted::lint(std::move(content), root, nullptr));
  const crypto::Certificate certificate = must(sign(std::move(linted), *holder, public_key));
  return {.key = std::move(holder),
          .settings = {.name = "MAU_G1",
                       .certificate = ParsedCertificate(certificate),
                       .scheme = scheme,
                       .ocsp_urls = {"http://ocsp.mau.gov.vn"},
                       .ca_issuer_urls = {"http://ca.mau.gov.vn/ca/mau-g1.crt"},
                       .crl_urls = {"http://crl.mau.gov.vn/crl/mau-g1-{shard}.crl"},
                       .crl_shards = 16}};
}

inline std::string pem(ByteView der, std::string_view label = "CERTIFICATE") {
  std::string out = fmt::format("-----BEGIN {}-----\n", label);
  const std::string text = to_base64(der);
  for (std::size_t at = 0; at < text.size(); at += 64) out += text.substr(at, 64) + "\n";
  return out + fmt::format("-----END {}-----\n", label);
}

}  // namespace kyso::pki::issue::testing
