#include <algorithm>
#include <limits>

#include "pki/crl_state.h"

namespace kyso::pki {
namespace {

namespace der = crypto::der;

constexpr std::string_view kIssuerAltName = "2.5.29.18";
constexpr std::string_view kCrlNumber = "2.5.29.20";
constexpr std::string_view kHoldInstruction = "2.5.29.23";
constexpr std::string_view kDeltaCrlIndicator = "2.5.29.27";
constexpr std::string_view kIssuingDistributionPoint = "2.5.29.28";
constexpr std::string_view kCertificateIssuer = "2.5.29.29";
constexpr std::string_view kAuthorityKeyId = "2.5.29.35";
constexpr std::string_view kFreshestCrl = "2.5.29.46";
constexpr std::string_view kExpiredCertsOnCrl = "2.5.29.60";
constexpr std::string_view kAuthorityInfoAccess = "1.3.6.1.5.5.7.1.1";

Error malformed(std::string_view what) {
  return fail("crypto.der.malformed", "{}", what);
}

// DistributionPointName; `content` is that of the explicit tag around it.
Result<> read_point_name(ByteView content, IssuingDistributionPoint& out) {
  der::Reader reader(content);
  const der::Element name = KYSO_TRY(reader.next());
  KYSO_TRY(reader.finish());
  out.has_name = true;
  if (name.tag == der::context(0)) {
    out.full_name = KYSO_TRY(read_general_name_list(name.content));
  } else if (name.tag == der::context(1)) {
    out.relative_name = der::encode(der::kSet, name.content);
  } else {
    return malformed("DistributionPointName");
  }
  return {};
}

Result<IssuingDistributionPoint> read_issuing_point(ByteView value) {
  der::Reader outer(value);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  IssuingDistributionPoint out;
  const auto read_flag = [&fields](std::uint8_t number, bool& flag) -> Result<> {
    if (const auto field = KYSO_TRY(fields.maybe(der::context(number, false))))
      flag = KYSO_TRY(read_boolean(field->content));
    return {};
  };
  if (const auto name = KYSO_TRY(fields.maybe(der::context(0)))) KYSO_TRY(read_point_name(name->content, out));
  KYSO_TRY(read_flag(1, out.only_user_certificates));
  KYSO_TRY(read_flag(2, out.only_ca_certificates));
  if (const auto reasons = KYSO_TRY(fields.maybe(der::context(3, false))))
    out.only_some_reasons = KYSO_TRY(read_reason_flags(reasons->content));
  KYSO_TRY(read_flag(4, out.is_indirect));
  KYSO_TRY(read_flag(5, out.only_attribute_certificates));
  KYSO_TRY(fields.finish());
  return out;
}

Result<ByteView> read_authority_key_id(ByteView value) {
  der::Reader outer(value);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  const auto key_id = KYSO_TRY(fields.maybe(der::context(0, false)));
  KYSO_TRY(fields.maybe(der::context(1)));         // authorityCertIssuer
  KYSO_TRY(fields.maybe(der::context(2, false)));  // authorityCertSerialNumber
  KYSO_TRY(fields.finish());
  return key_id ? key_id->content : ByteView();
}

// cRLNumber and BaseCRLNumber: not negative, up to 20 octets (RFC 5280 section 5.2.3).
Result<Bytes> read_number(ByteView value) {
  constexpr std::size_t kMaxOctets = 20;
  der::Reader reader(value);
  ByteView number = KYSO_TRY(read_serial(KYSO_TRY(reader.next())));
  KYSO_TRY(reader.finish());
  if (number.front() >= 0x80) return malformed("negative CRL number");
  while (!number.empty() && number.front() == 0) number = number.subspan(1);
  if (number.size() > kMaxOctets) return malformed("CRL number too large");
  return Bytes(number.begin(), number.end());
}

bool is_entry_extension_known(std::string_view oid) {
  return oid == kReasonCode || oid == kHoldInstruction || oid == kInvalidityDate || oid == kCertificateIssuer;
}

// UTCTime or GeneralizedTime.
Result<Instant> read_list_time(der::Reader& fields) {
  return der::read_time(KYSO_TRY(fields.next()));
}

}  // namespace

// CertificateList (RFC 5280 section 5.1).
Result<> RevocationList::State::read() {
  // Places are kept in 32 bits.
  if (der.size() > std::numeric_limits<std::uint32_t>::max()) return malformed("larger than 4 GiB");
  der::Reader outer(der);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  signed_block = KYSO_TRY(read_signed_block(fields));
  KYSO_TRY(fields.finish());
  KYSO_TRY(read_body(signed_block.tbs));
  sort_index();
  return {};
}

// TBSCertList.
Result<> RevocationList::State::read_body(ByteView tbs) {
  der::Reader outer(tbs);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  if (const auto version = KYSO_TRY(fields.maybe(der::kInteger))) {
    m_is_version_2 = KYSO_TRY(der::read_integer(version->content)) == 1;
    if (!m_is_version_2) return malformed("version");
  }
  // RFC 5280 section 5.1.1.2: both identifiers must be the same, for only the inner one is signed.
  if (!std::ranges::equal(KYSO_TRY(fields.expect(der::kSequence)).whole, signed_block.algorithm))
    return malformed("signature algorithms differ");
  issuer = KYSO_TRY(fields.expect(der::kSequence)).whole;
  normalised_issuer = normalise_name(issuer);
  m_issuers.push_back({normalised_issuer});
  this_update = KYSO_TRY(read_list_time(fields));
  if (const auto next = fields.peek_tag(); next == der::kUtcTime || next == der::kGeneralizedTime)
    next_update = KYSO_TRY(read_list_time(fields));
  if (const auto entries = KYSO_TRY(fields.maybe(der::kSequence))) KYSO_TRY(read_entries(entries->content));
  if (const auto extensions = KYSO_TRY(fields.maybe(der::context(0)))) {
    if (!m_is_version_2) return malformed("extensions in version 1");
    der::Reader list(extensions->content);
    KYSO_TRY(read_extensions(KYSO_TRY(list.expect(der::kSequence)).content));
    KYSO_TRY(list.finish());
  }
  return fields.finish();
}

Result<> RevocationList::State::read_entries(ByteView content) {
  // The shortest entry takes about 20 octets.
  constexpr std::size_t kUsualEntry = 40;
  m_index.reserve(content.size() / kUsualEntry);
  der::Reader list(content);
  while (!list.at_end()) KYSO_TRY(read_entry(KYSO_TRY(list.expect(der::kSequence))));
  return {};
}

Result<> RevocationList::State::read_entry(const der::Element& entry) {
  der::Reader fields(entry.content);
  const ByteView serial = KYSO_TRY(read_serial(KYSO_TRY(fields.next())));
  KYSO_TRY(read_list_time(fields));
  if (const auto extensions = KYSO_TRY(fields.maybe(der::kSequence))) {
    if (!m_is_version_2) return malformed("entry extensions in version 1");
    KYSO_TRY(fields.finish());
    KYSO_TRY(read_entry_extensions(extensions->content));
  }
  KYSO_TRY(fields.finish());
  m_index.push_back({crl_sort_key(serial), static_cast<std::uint32_t>(entry.whole.data() - der.data()),
                     static_cast<std::uint32_t>(m_issuers.size() - 1)});
  return {};
}

Result<> RevocationList::State::read_entry_extensions(ByteView content) {
  if (std::ranges::equal(content, m_last_extensions)) return {};
  for (const ExtensionView& extension : KYSO_TRY(read_extension_views(content))) {
    if (extension.oid == kReasonCode) KYSO_TRY(read_enumerated(extension.value));
    if (extension.oid == kInvalidityDate) KYSO_TRY(read_generalized_time(extension.value));
    if (extension.oid == kCertificateIssuer) {
      // RFC 5280 section 5.3.3: holds for this entry and those that follow.
      der::Reader reader(extension.value);
      const auto names = KYSO_TRY(read_general_name_list(KYSO_TRY(reader.expect(der::kSequence)).content));
      KYSO_TRY(reader.finish());
      m_issuers.push_back(normalised_directory_names(names));
    }
    if (extension.is_critical && !is_entry_extension_known(extension.oid) && unknown_critical.empty())
      unknown_critical = extension.oid;
  }
  m_last_extensions = content;
  return {};
}

Result<> RevocationList::State::read_extensions(ByteView content) {
  for (const ExtensionView& extension : KYSO_TRY(read_extension_views(content))) KYSO_TRY(read_extension(extension));
  return {};
}

Result<> RevocationList::State::read_extension(const ExtensionView& extension) {
  const std::string& oid = extension.oid;
  if (oid == kCrlNumber) {
    number = KYSO_TRY(read_number(extension.value));
  } else if (oid == kDeltaCrlIndicator) {
    base_number = KYSO_TRY(read_number(extension.value));
  } else if (oid == kIssuingDistributionPoint) {
    scope = KYSO_TRY(read_issuing_point(extension.value));
    scope_encoding = extension.value;
  } else if (oid == kAuthorityKeyId) {
    authority_key_id = KYSO_TRY(read_authority_key_id(extension.value));
    authority_key_encoding = extension.value;
  } else if (oid == kExpiredCertsOnCrl) {
    expired_certificates_since = KYSO_TRY(read_generalized_time(extension.value));
  } else if (extension.is_critical && oid != kIssuerAltName && oid != kFreshestCrl && oid != kAuthorityInfoAccess &&
             unknown_critical.empty()) {
    unknown_critical = oid;
  }
  return {};
}

}  // namespace kyso::pki
