#pragma once
#include <openssl/evp.h>

#include <memory>

#include "base/test_support.h"
#include "crypto/der.h"
#include "pki/ocsp_state.h"
#include "pki/revocation.h"

// For tests: a small authority that writes certificates, CRLs and OCSP responses octet by octet, also wrong ones.
namespace kyso::pki::testing {

namespace der = crypto::der;

inline const Instant kNow = parse_time("2026-06-01T00:00:00Z").value();
constexpr std::chrono::hours kDay{24};
constexpr std::chrono::hours kYear{365 * 24};

inline Bytes text(std::string_view value) {
  return der::encode(der::kUtf8String, as_bytes(value));
}
inline Bytes name(std::string_view common_name) {
  return der::sequence(der::encode(der::kSet, der::sequence(der::encode_oid("2.5.4.3"), text(common_name))));
}
inline Bytes time(Instant instant) {
  const CivilTime utc = vietnam_time(instant - kVietNamOffset);
  return der::encode(der::kGeneralizedTime, as_bytes(fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}Z", utc.year, utc.month,
                                                                 utc.day, utc.hour, utc.minute, utc.second)));
}
inline Bytes enumerated(int value) {
  return der::encode(0x0a, Bytes{static_cast<std::uint8_t>(value)});
}
inline Bytes boolean(bool value) {
  return der::encode(der::kBoolean, Bytes{static_cast<std::uint8_t>(value ? 0xff : 0)});
}
inline Bytes extension(std::string_view oid, ByteView value, bool is_critical = false) {
  return der::sequence(der::encode_oid(oid), is_critical ? boolean(true) : Bytes(),
                       der::encode(der::kOctetString, value));
}
inline Bytes join(const std::vector<Bytes>& parts) {
  Bytes out;
  for (const Bytes& part : parts) append(out, ByteView(part));
  return out;
}
inline Bytes directory(ByteView name_der) {
  return der::encode(der::context(4), name_der);
}
inline Bytes uri(std::string_view address) {
  return der::encode(der::context(6, false), as_bytes(address));
}
inline Bytes full_name(const Bytes& general_names) {
  return der::encode(der::context(0), der::encode(der::context(0), general_names));
}
// DistributionPoint. `reasons` is the content of a BIT STRING.
inline Bytes point(const Bytes& general_names, const Bytes& reasons = {}, const Bytes& crl_issuer = {}) {
  return der::sequence(general_names.empty() ? Bytes() : full_name(general_names),
                       reasons.empty() ? Bytes() : der::encode(der::context(1, false), reasons),
                       crl_issuer.empty() ? Bytes() : der::encode(der::context(2), crl_issuer));
}
inline Bytes points(const std::vector<Bytes>& list) {
  return extension("2.5.29.31", der::sequence(join(list)));
}

// An Ed25519 key: signatures are made fast and are the same each time.
class Key {
 public:
  Key() : m_key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free) {
    Bytes raw(32);
    std::size_t size = raw.size();
    REQUIRE(EVP_PKEY_get_raw_public_key(m_key.get(), raw.data(), &size) == 1);
    m_spki = der::sequence(algorithm(), der::encode(der::kBitString, der::concat(Bytes{0}, raw)));
  }
  const Bytes& spki() const { return m_spki; }
  static Bytes algorithm() { return der::sequence(der::encode_oid("1.3.101.112")); }
  // The three members of SIGNED{…}.
  Bytes sign(const Bytes& tbs) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    Bytes value(64);
    std::size_t size = value.size();
    REQUIRE(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, m_key.get()) == 1);
    REQUIRE(EVP_DigestSign(context.get(), value.data(), &size, tbs.data(), tbs.size()) == 1);
    return der::concat(tbs, algorithm(), der::encode(der::kBitString, der::concat(Bytes{0}, value)));
  }
  Bytes hash(crypto::DigestAlgorithm digest = crypto::DigestAlgorithm::sha1) const {
    return crypto::digest(digest, public_key_bits(m_spki));
  }

 private:
  std::shared_ptr<EVP_PKEY> m_key;
  Bytes m_spki;
};

inline Bytes key_usage(std::uint8_t bits) {
  return extension("2.5.29.15", der::encode(der::kBitString, Bytes{0, bits}), true);
}
inline Bytes authority() {  // basicConstraints and keyUsage of a CA
  return der::concat(extension("2.5.29.19", der::sequence(boolean(true)), true), key_usage(0x06));
}
inline Bytes ocsp_signing() {
  return extension("2.5.29.37", der::sequence(der::encode_oid("1.3.6.1.5.5.7.3.9")));
}
inline Bytes ocsp_no_check() {
  return extension("1.3.6.1.5.5.7.48.1.5", der::encode(der::kNull, {}));
}

struct CertificateText {
  std::string subject, issuer;
  std::int64_t serial = 1;
  Bytes extensions = {};
  Instant from = kNow - kYear;
  Instant until = kNow + kYear;
};
inline ParsedCertificate make_certificate(const CertificateText& text, const Key& key, const Key& issuer_key) {
  const Bytes tbs = der::sequence(
      der::encode(der::context(0), der::encode_integer(2)), der::encode_integer(text.serial), Key::algorithm(),
      name(text.issuer), der::sequence(time(text.from), time(text.until)), name(text.subject), key.spki(),
      text.extensions.empty() ? Bytes() : der::encode(der::context(3), der::sequence(text.extensions)));
  return ParsedCertificate(must(crypto::Certificate::from_der(der::sequence(issuer_key.sign(tbs)))));
}

inline Bytes reason(int value) {
  return extension("2.5.29.21", enumerated(value));
}
inline Bytes entry(std::int64_t serial, const Bytes& extensions = {}, Instant when = kNow - 30 * kDay) {
  return der::sequence(der::encode_integer(serial), time(when),
                       extensions.empty() ? Bytes() : der::sequence(extensions));
}
inline Bytes crl_number(std::int64_t number) {
  return extension("2.5.29.20", der::encode_integer(number));
}
inline Bytes delta_of(std::int64_t base) {
  return extension("2.5.29.27", der::encode_integer(base), true);
}
// IssuingDistributionPoint from its members.
inline Bytes scope(const Bytes& members) {
  return extension("2.5.29.28", der::sequence(members), true);
}
inline Bytes flag(std::uint8_t number) {
  return der::encode(der::context(number, false), Bytes{0xff});
}

struct ListText {
  std::string issuer;
  std::vector<Bytes> entries = {};
  Bytes extensions = crl_number(1);
  Instant this_update = kNow - kDay;
  std::optional<Instant> next_update = kNow + kDay;
};
inline Bytes list_der(const ListText& text, const Key& key) {
  const Bytes tbs =
      der::sequence(der::encode_integer(1), Key::algorithm(), name(text.issuer), time(text.this_update),
                    text.next_update ? time(*text.next_update) : Bytes(),
                    text.entries.empty() ? Bytes() : der::sequence(join(text.entries)),
                    text.extensions.empty() ? Bytes() : der::encode(der::context(0), der::sequence(text.extensions)));
  return der::sequence(key.sign(tbs));
}
inline RevocationList make_list(const ListText& text, const Key& key) {
  return must(RevocationList::from_der(list_der(text, key)));
}

inline Bytes good() {
  return der::encode(der::context(0, false), {});
}
inline Bytes unknown() {
  return der::encode(der::context(2, false), {});
}
inline Bytes revoked(std::optional<int> why = std::nullopt, Instant when = kNow - 30 * kDay) {
  return der::encode(der::context(1),
                     der::concat(time(when), why ? der::encode(der::context(0), enumerated(*why)) : Bytes()));
}
inline Bytes certificate_id(std::string_view issuer, const Key& issuer_key, std::int64_t serial) {
  return der::sequence(der::sequence(der::encode_oid("1.3.14.3.2.26"), der::encode(der::kNull, {})),
                       der::encode(der::kOctetString, crypto::digest(crypto::DigestAlgorithm::sha1, name(issuer))),
                       der::encode(der::kOctetString, issuer_key.hash()), der::encode_integer(serial));
}
struct SingleText {
  Bytes id, status;
  Bytes extensions = {};
  Instant this_update = kNow - kDay;
  std::optional<Instant> next_update = kNow + kDay;
};
inline Bytes single(const SingleText& text) {
  return der::sequence(
      text.id, text.status, time(text.this_update),
      text.next_update ? der::encode(der::context(0), time(*text.next_update)) : Bytes(),
      text.extensions.empty() ? Bytes() : der::encode(der::context(1), der::sequence(text.extensions)));
}
struct ResponseText {
  std::vector<Bytes> singles;
  std::string by_name = {};  // empty: by key
  std::vector<ParsedCertificate> certificates = {};
  Bytes extensions = {};
  Instant produced_at = kNow - kDay;
};
// A BasicOCSPResponse.
inline Bytes response_der(const ResponseText& text, const Key& key) {
  const Bytes id = text.by_name.empty() ? der::encode(der::context(2), der::encode(der::kOctetString, key.hash()))
                                        : der::encode(der::context(1), name(text.by_name));
  const Bytes tbs =
      der::sequence(id, time(text.produced_at), der::sequence(join(text.singles)),
                    text.extensions.empty() ? Bytes() : der::encode(der::context(1), der::sequence(text.extensions)));
  Bytes certificates;
  for (const ParsedCertificate& each : text.certificates) append(certificates, each.certificate().der());
  return der::sequence(key.sign(tbs),
                       certificates.empty() ? Bytes() : der::encode(der::context(0), der::sequence(certificates)));
}
inline OcspResponse make_response(const ResponseText& text, const Key& key) {
  return must(OcspResponse::from_der(response_der(text, key)));
}

inline std::vector<std::string> codes(const std::vector<Finding>& findings) {
  std::vector<std::string> out;
  for (const Finding& finding : findings) out.push_back(finding.code);
  return out;
}

}  // namespace kyso::pki::testing
