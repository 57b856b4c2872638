#pragma once
#include <algorithm>
#include <map>

#include "base/test_support.h"
#include "cms/signed_data.h"
#include "crypto/algorithm_identifier.h"
#include "crypto/crypto_vectors.h"
#include "crypto/der.h"
#include "verify/judge/judge.h"

// For tests of the judge: a small authority that certifies, revokes, answers and stamps at any time it is told, and
// facts of documents that never existed.
namespace kyso::verify::test {

namespace der = crypto::der;
using namespace std::chrono_literals;

inline Instant at(std::string_view text) {
  return must(parse_time(text), text);
}

inline crypto::KeyHolder& key(const std::string& name) {
  static std::map<std::string, std::unique_ptr<crypto::KeyHolder>> keys;
  auto& holder = keys[name];
  if (!holder) holder = crypto::vectors::holder(name);
  return *holder;
}

// Kyso itself signs with SHA-1 nowhere.
inline Bytes sign_with_sha1(const std::string& name, const Bytes& message) {
  const TestFolder folder;
  const auto input = folder.write("message", as_chars(message));
  return to_bytes(output_of(fmt::format("openssl dgst -sha1 -sign {}/tests/vectors/crypto/{}.key.pem {}",
                                        KYSO_SOURCE_DIR, name, input.string())));
}
inline Bytes sign(const std::string& name, crypto::SignatureScheme scheme, const Bytes& message) {
  if (scheme.digest == crypto::DigestAlgorithm::sha1) return sign_with_sha1(name, message);
  return must(key(name).sign({scheme, crypto::digest(scheme.digest, message), message, {}}));
}
inline crypto::SignatureScheme scheme_of(const std::string& name) {
  return crypto::default_scheme(key(name).certificate().public_key().type());
}

inline Bytes time_der(Instant time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const int year = static_cast<int>(date.year());
  const std::string rest =
      fmt::format("{:02}{:02}{:02}{:02}{:02}Z", static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  return year < 2050 ? der::encode(der::kUtcTime, as_bytes(fmt::format("{:02}{}", year % 100, rest)))
                     : der::encode(der::kGeneralizedTime, as_bytes(fmt::format("{:04}{}", year, rest)));
}
inline Bytes long_time_der(Instant time) {
  const Bytes utc = time_der(time);
  return utc[0] == der::kGeneralizedTime
             ? utc
             : der::encode(der::kGeneralizedTime, as_bytes("20" + std::string(as_chars(ByteView(utc).subspan(2)))));
}
inline Bytes bits(const Bytes& content, std::uint8_t unused = 0) {
  Bytes out{unused};
  append(out, ByteView(content));
  return der::encode(der::kBitString, out);
}
inline Bytes signed_block(const Bytes& tbs, const std::string& issuer_key, crypto::SignatureScheme scheme,
                          const Bytes& more = {}) {
  return der::sequence(tbs, crypto::encode_x509_signature_algorithm(scheme), bits(sign(issuer_key, scheme, tbs)), more);
}
inline Bytes name_der(const std::string& common_name, const std::string& organisation = {}) {
  const auto rdn = [](std::string_view oid, const std::string& value) {
    return der::encode(der::kSet, der::sequence(der::encode_oid(oid), der::encode(der::kUtf8String, as_bytes(value))));
  };
  return organisation.empty() ? der::sequence(rdn("2.5.4.3", common_name))
                              : der::sequence(rdn("2.5.4.10", organisation), rdn("2.5.4.3", common_name));
}
inline Bytes extension(std::string_view oid, const Bytes& value, bool critical = false) {
  const Bytes flag = critical ? der::encode(der::kBoolean, Bytes{0xff}) : Bytes();
  return der::sequence(der::encode_oid(oid), flag, der::encode(der::kOctetString, value));
}

struct CertificateWish {
  std::string name = "Nguyễn Văn A", organisation = "Cơ quan mẫu", key = "p256";
  int serial = 2;
  Instant not_before = at("2020-01-01"), not_after = at("2030-01-01");
  bool is_ca = false;
  std::string usage;      // OID of the only extended key usage, critical
  bool names_crl = true;  // a distribution point
  bool no_check = false;  // id-pkix-ocsp-nocheck
  std::optional<crypto::SignatureScheme> scheme;
};

// One authority: the root certifies an issuer, which certifies everybody else.
struct Authority {
  std::string root_key = "p384", issuer_key = "rsa3072";
  crypto::Certificate root, issuer;

  explicit Authority(Instant ends = at("2060-01-01"))
      : root(make("Gốc mẫu", "p384", "Gốc mẫu", wish_of_authority("Gốc mẫu", "p384", 1, ends))),
        issuer(make("Gốc mẫu", "p384", "Trung gian mẫu", wish_of_authority("Trung gian mẫu", "rsa3072", 5, ends))) {}

  static CertificateWish wish_of_authority(const std::string& name, const std::string& key, int serial, Instant ends) {
    CertificateWish wish;
    wish.name = name;
    wish.organisation.clear();
    wish.key = key;
    wish.serial = serial;
    wish.not_before = at("2010-01-01");
    wish.not_after = ends;
    wish.is_ca = true;
    return wish;
  }
  static crypto::Certificate make(const std::string& issuer, const std::string& issuer_key, const std::string&,
                                  const CertificateWish& wish) {
    const auto scheme = wish.scheme.value_or(scheme_of(issuer_key));
    Bytes list = extension("2.5.29.15", wish.is_ca ? bits(Bytes{0x06}, 1) : bits(Bytes{0xc0}, 6), true);
    append(list, ByteView(extension(
                     "2.5.29.19", wish.is_ca ? der::sequence(der::encode(der::kBoolean, Bytes{0xff})) : der::sequence(),
                     true)));
    if (!wish.usage.empty())
      append(list, ByteView(extension("2.5.29.37", der::sequence(der::encode_oid(wish.usage)), true)));
    if (wish.names_crl) {
      const Bytes url = der::encode(0x86, as_bytes("http://example.vn/ca.crl"));
      append(list, ByteView(extension("2.5.29.31", der::sequence(der::sequence(der::encode(
                                                       der::context(0), der::encode(der::context(0), url)))))));
    }
    if (wish.no_check) append(list, ByteView(extension("1.3.6.1.5.5.7.48.1.5", der::encode(der::kNull, {}))));
    const Bytes tbs = der::sequence(
        der::encode(der::context(0), der::encode_integer(2)), der::encode_integer(wish.serial),
        crypto::encode_x509_signature_algorithm(scheme), name_der(issuer),
        der::sequence(time_der(wish.not_before), time_der(wish.not_after)), name_der(wish.name, wish.organisation),
        key(wish.key).certificate().public_key().spki(), der::encode(der::context(3), der::sequence(list)));
    return must(crypto::Certificate::from_der(signed_block(tbs, issuer_key, scheme)));
  }
  crypto::Certificate certify(const CertificateWish& wish) const {
    return make("Trung gian mẫu", issuer_key, wish.name, wish);
  }
  crypto::Certificate time_stamper(Instant not_after = at("2060-01-01"),
                                   const std::string& usage = "1.3.6.1.5.5.7.3.8") const {
    CertificateWish wish;
    wish.name = "Dấu thời gian mẫu";
    wish.key = "rsa2048";
    wish.serial = 3;
    wish.not_before = at("2015-01-01");
    wish.not_after = not_after;
    wish.usage = usage;
    return certify(wish);
  }

  struct Entry {
    int serial = 2;
    Instant time{};
    int reason = -1;
  };
  static Bytes list(const std::string& issuer, const std::string& issuer_key, Instant from,
                    std::optional<Instant> until, const std::vector<Entry>& entries) {
    const auto scheme = scheme_of(issuer_key);
    Bytes revoked;
    for (const Entry& entry : entries) {
      const Bytes reason =
          entry.reason < 0
              ? Bytes()
              : der::sequence(extension("2.5.29.21", Bytes{0x0a, 1, static_cast<std::uint8_t>(entry.reason)}));
      append(revoked, ByteView(der::sequence(der::encode_integer(entry.serial), time_der(entry.time), reason)));
    }
    const Bytes tbs = der::sequence(
        der::encode_integer(1), crypto::encode_x509_signature_algorithm(scheme), name_der(issuer), time_der(from),
        until ? time_der(*until) : Bytes(), entries.empty() ? Bytes() : der::sequence(revoked),
        der::encode(der::context(0), der::sequence(extension("2.5.29.20", der::encode_integer(7)))));
    return signed_block(tbs, issuer_key, scheme);
  }
  // The issuer's list about everybody, and the root's about the issuer.
  Bytes crl(Instant from, std::optional<Instant> until, const std::vector<Entry>& entries = {}) const {
    return list("Trung gian mẫu", issuer_key, from, until, entries);
  }
  Bytes root_crl(Instant from, std::optional<Instant> until, const std::vector<Entry>& entries = {}) const {
    return list("Gốc mẫu", root_key, from, until, entries);
  }

  struct OcspWish {
    crypto::Certificate subject;
    Instant produced{};
    std::optional<Instant> until, revoked;
    std::optional<crypto::Certificate> responder;  // else the issuer itself
    std::string key = "rsa3072";
  };
  Bytes ocsp(const OcspWish& wish) const {
    const Bytes spki(issuer.public_key().spki().begin(), issuer.public_key().spki().end());
    der::Reader outer(spki);
    der::Reader fields(outer.next()->content);
    static_cast<void>(fields.next());
    const Bytes key_hash = crypto::digest(crypto::DigestAlgorithm::sha1, fields.next()->content.subspan(1));
    const Bytes id = der::sequence(
        crypto::encode_digest_algorithm(crypto::DigestAlgorithm::sha1),
        der::encode(der::kOctetString, crypto::digest(crypto::DigestAlgorithm::sha1, issuer.subject_der())),
        der::encode(der::kOctetString, key_hash), der::encode(der::kInteger, wish.subject.serial()));
    const Bytes status = wish.revoked ? der::encode(der::context(1), long_time_der(*wish.revoked)) : Bytes{0x80, 0};
    const Bytes next = wish.until ? der::encode(der::context(0), long_time_der(*wish.until)) : Bytes();
    const ByteView responder = wish.responder ? wish.responder->subject_der() : issuer.subject_der();
    const Bytes tbs = der::sequence(der::encode(der::context(1), responder), long_time_der(wish.produced),
                                    der::sequence(der::sequence(id, status, long_time_der(wish.produced), next)));
    const Bytes certificates =
        wish.responder ? der::encode(der::context(0), der::sequence(wish.responder->der())) : Bytes();
    const Bytes basic = signed_block(tbs, wish.key, scheme_of(wish.key), certificates);
    return der::sequence(Bytes{0x0a, 1, 0},
                         der::encode(der::context(0), der::sequence(der::encode_oid("1.3.6.1.5.5.7.48.1.1"),
                                                                    der::encode(der::kOctetString, basic))));
  }

  static Bytes token(const crypto::Certificate& stamper, Instant time, const Bytes& data,
                     crypto::DigestAlgorithm imprint = crypto::DigestAlgorithm::sha256) {
    const auto scheme = *crypto::scheme_by_name("rsa-pkcs1-sha256");
    const Bytes info = der::sequence(der::encode_integer(1), der::encode_oid("1.2.3.4"),
                                     der::sequence(crypto::encode_digest_algorithm(imprint),
                                                   der::encode(der::kOctetString, crypto::digest(imprint, data))),
                                     der::encode_integer(99), long_time_der(time));
    const auto attribute = [](std::string_view oid, const Bytes& value) {
      return der::sequence(der::encode_oid(oid), der::encode(der::kSet, value));
    };
    const Bytes digest = crypto::digest(crypto::DigestAlgorithm::sha256, info);
    const std::vector<Bytes> list{
        attribute("1.2.840.113549.1.9.3", der::encode_oid("1.2.840.113549.1.9.16.1.4")),
        attribute("1.2.840.113549.1.9.4", der::encode(der::kOctetString, digest)),
        attribute("1.2.840.113549.1.9.16.2.47",
                  der::sequence(der::sequence(der::sequence(der::encode(der::kOctetString, stamper.sha256())))))};
    const Bytes attributes = der::encode_set_of(list);
    Bytes tagged = attributes;
    tagged[0] = der::context(0);
    const Bytes signer = der::sequence(
        der::encode_integer(1), der::sequence(stamper.issuer_der(), der::encode(der::kInteger, stamper.serial())),
        crypto::encode_digest_algorithm(scheme.digest), tagged, crypto::encode_cms_signature_algorithm(scheme),
        der::encode(der::kOctetString, sign("rsa2048", scheme, attributes)));
    const Bytes data_part = der::sequence(der::encode_oid("1.2.840.113549.1.9.16.1.4"),
                                          der::encode(der::context(0), der::encode(der::kOctetString, info)));
    const Bytes signed_data =
        der::sequence(der::encode_integer(3), der::encode(der::kSet, crypto::encode_digest_algorithm(scheme.digest)),
                      data_part, der::encode(der::context(0), stamper.der()), der::encode(der::kSet, signer));
    return der::sequence(der::encode_oid("1.2.840.113549.1.7.2"), der::encode(der::context(0), signed_data));
  }

  pki::TrustStore trust(pki::RevocationDuty duty = pki::RevocationDuty::required) const {
    pki::TrustStore store;
    pki::TrustAnchor anchor{.certificate = pki::ParsedCertificate(root), .name = "Gốc mẫu"};
    anchor.revocation = duty;
    store.add(std::move(anchor));
    return store;
  }
};

// What stands for the bytes up to the end of a revision.
inline Bytes content_of(std::size_t revision) {
  return to_bytes(fmt::format("content of revision {}", revision));
}

struct SignatureWish {
  std::string key = "p256";
  std::optional<crypto::SignatureScheme> scheme;
  std::string sub_filter = "ETSI.CAdES.detached";
  std::string claimed = "D:20250601100000Z";
  std::optional<Instant> stamped;
  bool stamps_other_bytes = false;
  crypto::DigestAlgorithm imprint = crypto::DigestAlgorithm::sha256;
  bool with_issuer = true;
};

// A document that grows revision by revision.
class Document {
 public:
  explicit Document(const Authority& authority) : m_authority(&authority), m_stamper(authority.time_stamper()) {
    facts.size = 10'000;
    facts.pages = 1;
    add_revision();
  }
  DocumentFacts facts;

  std::size_t add_revision() {
    facts.revisions.push_back({.end = 1'000 * (facts.revisions.size() + 1), .xref = "table"});
    return facts.revisions.size() - 1;
  }
  void use_stamper(crypto::Certificate stamper) { m_stamper = std::move(stamper); }
  const crypto::Certificate& stamper() const { return m_stamper; }

  SignatureFacts& sign(const crypto::Certificate& signer, const SignatureWish& wish = {}) {
    const auto scheme = wish.scheme.value_or(scheme_of(wish.key));
    SignatureFacts& out = add(SignatureKind::signature, scheme.digest, wish.sub_filter);
    out.claimed_time = wish.claimed;
    cms::SignerParameters parameters{.scheme = scheme, .certificate = signer, .issuers = {}};
    if (wish.with_issuer) parameters.issuers.push_back(m_authority->issuer);
    const Bytes attributes = cms::build_signed_attributes(parameters, out.digest);
    const Bytes value = test::sign(wish.key, scheme, attributes);
    std::optional<Bytes> token;
    if (wish.stamped)
      token = Authority::token(m_stamper, *wish.stamped, wish.stamps_other_bytes ? to_bytes("x") : value, wish.imprint);
    out.cms = must(
        cms::build_signed_data(parameters, attributes, value, token ? std::optional<ByteView>(*token) : std::nullopt));
    return out;
  }
  SignatureFacts& stamp(Instant time, bool is_over_other_bytes = false) {
    SignatureFacts& out = add(SignatureKind::document_time_stamp, crypto::DigestAlgorithm::sha256, "ETSI.RFC3161");
    out.cms =
        Authority::token(m_stamper, time, is_over_other_bytes ? to_bytes("x") : content_of(facts.revisions.size() - 1));
    return out;
  }
  void store(StoredItem::Kind kind, Bytes item) {
    facts.stored.push_back({kind, std::move(item), facts.revisions.size() - 1, std::nullopt, std::nullopt, 0});
  }
  void store_crl(Bytes item) { store(StoredItem::Kind::crl, std::move(item)); }
  Change& change(ChangeKind kind, std::string code = {}) {
    Change change;
    change.revision = facts.revisions.size() - 1;
    change.kind = kind;
    change.code = std::move(code);
    change.offset = 4711;
    return facts.changes.emplace_back(std::move(change));
  }

 private:
  SignatureFacts& add(SignatureKind kind, crypto::DigestAlgorithm algorithm, const std::string& sub_filter) {
    const std::size_t revision = facts.revisions.size() - 1;
    SignatureFacts& out = facts.signatures.emplace_back();
    out.kind = kind;
    out.field = fmt::format("Sig{}", facts.signatures.size());
    out.first_revision = revision;
    out.revision = revision;
    out.sub_filter = sub_filter;
    out.gap = {100 + 1'000 * revision, 500};
    out.digest_algorithm = algorithm;
    out.digest = crypto::digest(algorithm, content_of(revision));
    return out;
  }

  const Authority* m_authority;
  crypto::Certificate m_stamper;
};

inline const Policy& policy(const std::string& name) {
  static std::map<std::string, Policy> loaded;
  const auto known = loaded.find(name);
  if (known != loaded.end()) return known->second;
  return loaded.emplace(name, must(Policy::load(name, KYSO_SOURCE_DIR "/share/policies"))).first->second;
}

inline Evidence evidence(std::vector<std::pair<EvidenceItem::Kind, Bytes>> items) {
  Evidence out;
  for (auto& [kind, item] : items) out.items.push_back({kind, std::move(item), "", std::nullopt});
  return out;
}

// "TP", "TP+W timestamp.imprint", "TF/FORMAT_FAILURE lock.violated", "IN/TRY_LATER revocation.missing".
inline std::string short_verdict(Indication indication, SubIndication sub, const std::string& reason,
                                 const std::vector<Finding>& findings) {
  std::string out = indication == Indication::total_passed   ? "TP"
                    : indication == Indication::total_failed ? "TF/"
                                                             : "IN/";
  if (indication == Indication::total_passed) {
    if (!reason.empty()) out += findings.front().severity == Severity::warning ? "+W" : "+I";
  } else {
    out += name_of(sub);
  }
  return reason.empty() ? out : out + " " + reason;
}
inline std::string short_of(const SignatureVerdict& verdict) {
  return short_verdict(verdict.indication, verdict.sub_indication, verdict.reason, verdict.findings);
}
inline std::string short_of(const Verdict& verdict) {
  std::vector<Finding> all = verdict.findings;
  for (const auto& each : verdict.signatures) all.insert(all.end(), each.findings.begin(), each.findings.end());
  std::vector<Finding> deciding;
  for (const Finding& each : all)
    if (each.code == verdict.reason) deciding.push_back(each);
  return short_verdict(verdict.indication, verdict.sub_indication, verdict.reason, deciding);
}
inline bool has_finding(const std::vector<Finding>& findings, std::string_view code) {
  return std::ranges::any_of(findings, [&](const Finding& each) { return each.code == code; });
}

}  // namespace kyso::verify::test
