#include "crypto/signed_data_reader.h"

#include <algorithm>
#include <array>

#include "crypto/algorithm_identifier.h"
#include "crypto/ber.h"
#include "crypto/der.h"
#include "crypto/key_object_ids.h"
#include "crypto/name.h"

namespace kyso::crypto {
namespace {

constexpr std::string_view kSignedData = "1.2.840.113549.1.7.2";
constexpr std::size_t kMaxCertificates = 256;
constexpr std::size_t kMaxAttributes = 64;

Error malformed(std::string_view what) {
  return fail("crypto.signed_data.malformed", "{}", what);
}

ByteView without_leading_zeros(ByteView bytes) {
  while (bytes.size() > 1 && bytes.front() == 0) bytes = bytes.subspan(1);
  return bytes;
}

class SignedDataReader {
 public:
  SignedDataReader(const NormalisedBer& input, SignedDataReading reading, std::span<const Certificate> others)
      : m_input(input), m_tells(reading == SignedDataReading::tell), m_others(others) {}
  Result<ParsedSignedData> read();

 private:
  Result<> read_signed_data(ByteView content);
  Result<> read_content(ByteView content);
  void read_certificates(ByteView content);
  Result<> read_signer_info(ByteView content);
  Result<> find_signer(const der::Element& identifier);
  Result<> read_digest(ByteView algorithm);
  Result<> read_unsigned_attributes(ByteView content);
  Result<> read_scheme(ByteView algorithm);
  Result<SignatureScheme> read_scheme_of_signer(ByteView algorithm) const;
  Result<> read_signed_attributes(const der::Element& element);
  bool is_rewritten(ByteView part) const;

  const NormalisedBer& m_input;
  const bool m_tells;
  const std::span<const Certificate> m_others;
  ParsedSignedData m_out;
};

// ContentInfo (RFC 5652 section 3).
Result<ParsedSignedData> SignedDataReader::read() {
  der::Reader outer(m_input.der);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  if (KYSO_TRY(der::read_oid(KYSO_TRY(fields.expect(der::kOid)).content)) != kSignedData)
    return malformed("not SignedData");
  der::Reader explicit_content(KYSO_TRY(fields.expect(der::context(0))).content);
  KYSO_TRY(fields.finish());
  KYSO_TRY(read_signed_data(KYSO_TRY(explicit_content.expect(der::kSequence)).content));
  KYSO_TRY(explicit_content.finish());
  m_out.encoded_size = m_input.consumed;
  m_out.is_ber = !m_input.rewritten.empty();
  return std::move(m_out);
}

// SignedData (RFC 5652 section 5.1).
Result<> SignedDataReader::read_signed_data(ByteView content) {
  der::Reader fields(content);
  KYSO_TRY(fields.expect(der::kInteger));
  KYSO_TRY(fields.expect(der::kSet));  // digestAlgorithms: a hint only
  KYSO_TRY(read_content(KYSO_TRY(fields.expect(der::kSequence)).content));
  if (const auto certificates = KYSO_TRY(fields.maybe(der::context(0)))) read_certificates(certificates->content);
  KYSO_TRY(fields.maybe(der::context(1)));  // crls
  der::Reader signers(KYSO_TRY(fields.expect(der::kSet)).content);
  KYSO_TRY(fields.finish());
  KYSO_TRY(read_signer_info(KYSO_TRY(signers.expect(der::kSequence)).content));
  if (!signers.at_end()) return malformed("more than one signer");
  return {};
}

Result<> SignedDataReader::read_content(ByteView content) {
  der::Reader fields(content);
  m_out.content_type = KYSO_TRY(der::read_oid(KYSO_TRY(fields.expect(der::kOid)).content));
  if (const auto explicit_content = KYSO_TRY(fields.maybe(der::context(0)))) {
    der::Reader inner(explicit_content->content);
    const ByteView octets = KYSO_TRY(inner.expect(der::kOctetString)).content;
    KYSO_TRY(inner.finish());
    m_out.content = Bytes(octets.begin(), octets.end());
  }
  return fields.finish();
}

void SignedDataReader::read_certificates(ByteView content) {
  der::Reader reader(content);
  while (m_out.certificates.size() < kMaxCertificates) {
    const auto element = reader.next();
    if (!element) return;
    if (auto certificate = Certificate::from_der(element->whole)) m_out.certificates.push_back(*std::move(certificate));
  }
}

// SignerInfo (RFC 5652 section 5.3).
Result<> SignedDataReader::read_signer_info(ByteView content) {
  der::Reader fields(content);
  KYSO_TRY(fields.expect(der::kInteger));
  KYSO_TRY(find_signer(KYSO_TRY(fields.next())));
  KYSO_TRY(read_digest(KYSO_TRY(fields.expect(der::kSequence)).whole));
  if (const auto attributes = KYSO_TRY(fields.maybe(der::context(0)))) KYSO_TRY(read_signed_attributes(*attributes));
  const ByteView algorithm = KYSO_TRY(fields.expect(der::kSequence)).whole;
  const ByteView signature = KYSO_TRY(fields.expect(der::kOctetString)).content;
  m_out.signature.assign(signature.begin(), signature.end());
  if (const auto attributes = KYSO_TRY(fields.maybe(der::context(1))))
    KYSO_TRY(read_unsigned_attributes(attributes->content));
  KYSO_TRY(fields.finish());
  return read_scheme(algorithm);
}

Result<> SignedDataReader::read_digest(ByteView algorithm) {
  const auto known = read_digest_algorithm(algorithm);
  if (known) {
    m_out.digest_algorithm = *known;
    return {};
  }
  if (!m_tells || known.error().code != "crypto.algorithm.unsupported") return known.error();
  der::Reader outer(algorithm);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  m_out.unsupported_algorithm = KYSO_TRY(der::read_oid(KYSO_TRY(fields.expect(der::kOid)).content));
  return {};
}

// Nobody signed them: whoever wants to say what is wrong with a signature must not stumble over them.
Result<> SignedDataReader::read_unsigned_attributes(ByteView content) {
  auto attributes = read_cms_attributes(content);
  if (!attributes && !m_tells) return std::move(attributes).error();
  m_out.unsigned_malformed = !attributes;
  if (attributes) m_out.unsigned_attributes = *std::move(attributes);
  return {};
}

Result<> SignedDataReader::find_signer(const der::Element& identifier) {
  const auto take = [this](const auto& fits) {
    const auto found = std::ranges::find_if(m_out.certificates, fits);
    if (found != m_out.certificates.end()) {
      m_out.signer = *found;
      return;
    }
    const auto other = std::ranges::find_if(m_others, fits);
    if (other != m_others.end()) m_out.signer = *other;
  };
  if (identifier.tag == der::context(0, false)) {
    m_out.signer_key_id.assign(identifier.content.begin(), identifier.content.end());
    take([&](const Certificate& c) {
      return !identifier.content.empty() && std::ranges::equal(c.subject_key_id(), identifier.content);
    });
    return {};
  }
  if (identifier.tag != der::kSequence) return malformed("SignerIdentifier");
  der::Reader fields(identifier.content);
  const ByteView issuer = KYSO_TRY(fields.expect(der::kSequence)).whole;
  const ByteView serial = without_leading_zeros(KYSO_TRY(fields.expect(der::kInteger)).content);
  KYSO_TRY(fields.finish());
  const Name name = KYSO_TRY(Name::from_der(issuer));
  m_out.signer_issuer.assign(issuer.begin(), issuer.end());
  m_out.signer_serial.assign(serial.begin(), serial.end());
  const auto has_serial = [&](const Certificate& c) {
    return std::ranges::equal(without_leading_zeros(c.serial()), serial);
  };
  take([&](const Certificate& c) { return has_serial(c) && std::ranges::equal(c.issuer_der(), issuer); });
  if (m_out.signer) return {};
  take([&](const Certificate& c) {
    const auto other = Name::from_der(c.issuer_der());
    return has_serial(c) && other && other->matches(name);
  });
  return {};
}

Result<SignatureScheme> SignedDataReader::read_scheme_of_signer(ByteView algorithm) const {
  if (m_out.signer && m_out.signer->public_key().type() != KeyType::other)
    return read_signature_algorithm(algorithm, m_out.signer->public_key().type(), m_out.digest_algorithm);
  Result<SignatureScheme> scheme = read_signature_algorithm(algorithm, KeyType::rsa, m_out.digest_algorithm);
  for (const KeyType key : {KeyType::ec_p256, KeyType::ed25519, KeyType::dsa})
    if (!scheme) scheme = read_signature_algorithm(algorithm, key, m_out.digest_algorithm);
  return scheme;
}

// RSASSA-PSS-params that name one digest for the content and another for the mask or for the attributes.
bool pss_contradicts(ByteView algorithm, DigestAlgorithm digest) {
  der::Reader outer(algorithm);
  const auto sequence = outer.expect(der::kSequence);
  if (!sequence) return false;
  der::Reader fields(sequence->content);
  const auto oid = fields.expect(der::kOid);
  if (!oid || der::read_oid(oid->content).value_or("") != kRsaPss) return false;
  const auto pss = read_pss_parameters(fields.rest());
  return pss && (pss->digest != digest || pss->mask_digest != pss->digest);
}

Result<> SignedDataReader::read_scheme(ByteView algorithm) {
  auto scheme = read_scheme_of_signer(algorithm);
  if (!scheme) {
    if (!m_tells || scheme.error().code != "crypto.algorithm.unsupported") return std::move(scheme).error();
    m_out.pss_contradicts = pss_contradicts(algorithm, m_out.digest_algorithm);
    der::Reader outer(algorithm);
    der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
    m_out.unsupported_algorithm = KYSO_TRY(der::read_oid(KYSO_TRY(fields.expect(der::kOid)).content));
    return {};
  }
  m_out.scheme = *scheme;
  // RFC 8419 section 3.1 wants SHA-512 beside Ed25519; others are met and harmless.
  m_out.digests_differ = m_out.scheme.key != KeyType::ed25519 && m_out.scheme.digest != m_out.digest_algorithm;
  if (m_out.digests_differ && !m_tells)
    return malformed("digest of the signature algorithm differs from digestAlgorithm");
  return {};
}

bool SignedDataReader::is_rewritten(ByteView part) const {
  const auto begin = static_cast<std::size_t>(part.data() - m_input.der.data());
  const auto first = std::ranges::lower_bound(m_input.rewritten, begin);
  return first != m_input.rewritten.end() && *first < begin + part.size();
}

Result<> SignedDataReader::read_signed_attributes(const der::Element& element) {
  if (is_rewritten(element.whole)) return malformed("signed attributes are not DER");
  m_out.signed_attributes = KYSO_TRY(read_cms_attributes(element.content));
  if (m_out.signed_attributes.empty()) return malformed("empty signed attributes");
  // What is signed is the SET OF in DER, whatever the order in the file (RFC 5652 section 5.4).
  std::vector<Bytes> members;
  der::Reader reader(element.content);
  while (!reader.at_end()) {
    const ByteView member = KYSO_TRY(reader.next()).whole;
    members.emplace_back(member.begin(), member.end());
  }
  m_out.signed_attributes_der = der::encode_set_of(std::move(members));
  m_out.attributes_are_ordered =
      m_out.signed_attributes_der.size() >= element.content.size() &&
      std::ranges::equal(ByteView(m_out.signed_attributes_der).last(element.content.size()), element.content);
  return {};
}

}  // namespace

Result<ParsedSignedData> read_signed_data(ByteView input, SignedDataReading reading,
                                          std::span<const Certificate> others) {
  const auto normalised = normalise_ber(input);
  if (!normalised) return malformed(normalised.error().detail);
  auto parsed = SignedDataReader(*normalised, reading, others).read();
  if (!parsed && parsed.error().code == "crypto.der.malformed") return malformed(parsed.error().detail);
  return parsed;
}

Result<std::vector<CmsAttribute>> read_cms_attributes(ByteView content) {
  std::vector<CmsAttribute> out;
  der::Reader list(content);
  while (!list.at_end()) {
    if (out.size() >= kMaxAttributes) return malformed("too many attributes");
    der::Reader fields(KYSO_TRY(list.expect(der::kSequence)).content);
    CmsAttribute attribute;
    attribute.oid = KYSO_TRY(der::read_oid(KYSO_TRY(fields.expect(der::kOid)).content));
    const ByteView values = KYSO_TRY(fields.expect(der::kSet)).content;
    attribute.values.assign(values.begin(), values.end());
    KYSO_TRY(fields.finish());
    out.push_back(std::move(attribute));
  }
  return out;
}

Result<std::optional<ByteView>> find_single_value(const std::vector<CmsAttribute>& attributes, std::string_view oid) {
  const CmsAttribute* found = nullptr;
  for (const CmsAttribute& attribute : attributes) {
    if (attribute.oid != oid) continue;
    if (found != nullptr) return malformed("attribute stands twice");
    found = &attribute;
  }
  if (found == nullptr) return std::optional<ByteView>();
  der::Reader reader(found->values);
  const auto value = reader.next();
  if (!value || !reader.at_end()) return malformed("attribute without exactly one value");
  return std::optional<ByteView>(value->whole);
}

bool verify_signer(const ParsedSignedData& data, ByteView content_digest) {
  if (!data.signer) return false;
  const PublicKey& key = data.signer->public_key();
  const Bytes& attributes = data.signed_attributes_der;
  if (!attributes.empty())
    return key.verify(data.scheme, digest(data.scheme.digest, attributes), attributes, data.signature);
  if (data.scheme.key == KeyType::ed25519)
    return data.content && key.verify(data.scheme, {}, *data.content, data.signature);
  return key.verify(data.scheme, content_digest, {}, data.signature);
}

}  // namespace kyso::crypto
