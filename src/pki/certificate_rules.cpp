#include <algorithm>
#include <array>

#include "pki/extension_ids.h"
#include "pki/path_validator.h"

namespace kyso::pki {
namespace {

using crypto::KeyUsage;

constexpr std::string_view kServerAuth = "1.3.6.1.5.5.7.3.1";
constexpr std::string_view kClientAuth = "1.3.6.1.5.5.7.3.2";
constexpr std::string_view kTimeStamping = "1.3.6.1.5.5.7.3.8";
constexpr std::string_view kOcspSigning = "1.3.6.1.5.5.7.3.9";
constexpr std::array<std::string_view, 5> kDocumentUsages{
    kAnyExtendedKeyUsage,
    "1.3.6.1.5.5.7.3.4",        // emailProtection
    "1.3.6.1.5.5.7.3.36",       // documentSigning (RFC 9336)
    "1.2.840.113583.1.1.5",     // PDF signing
    "1.3.6.1.4.1.311.10.3.12",  // document signing of an office suite
};
// More than these of one kind say no more.
constexpr std::size_t kMaxTold = 4;

bool contains(const std::vector<std::string>& usages, std::string_view wanted) {
  return std::ranges::find(usages, wanted) != usages.end();
}

// clientAuth alone stands in personal certificates; beside serverAuth it is that of a web server.
bool is_for_documents(const std::vector<std::string>& usages) {
  if (usages.empty() || std::ranges::any_of(kDocumentUsages, [&](auto each) { return contains(usages, each); }))
    return true;
  return contains(usages, kClientAuth) && !contains(usages, kServerAuth);
}

class CertificateCheck {
 public:
  CertificateCheck(const ParsedCertificate& certificate, const PathRequest& request, std::size_t position)
      : m_parsed(certificate), m_certificate(certificate.certificate()), m_request(request), m_position(position) {}

  void check_form();
  void check_serial();
  void check_validity();
  void check_issuer(bool is_anchor);
  void check_target();
  std::vector<Finding> take() { return std::move(m_findings); }

 private:
  Finding& add(std::string_view code, Severity severity = Severity::failure) {
    return m_findings.emplace_back(make_finding(code, m_parsed, m_position, severity));
  }
  void check_time_stamping();
  void require_usage(std::uint16_t any_of, std::string_view name);

  const ParsedCertificate& m_parsed;
  const crypto::Certificate& m_certificate;
  const PathRequest& m_request;
  std::size_t m_position;
  std::vector<Finding> m_findings;
};

void CertificateCheck::check_form() {
  const CertificateExtensions& extensions = m_parsed.extensions();
  for (std::size_t i = 0; i < std::min(extensions.malformed.size(), kMaxTold); ++i)
    add("pki.certificate.malformed").with("extension", extensions.malformed[i]);
  for (std::size_t i = 0; i < std::min(extensions.unknown_critical.size(), kMaxTold); ++i)
    add("pki.certificate.critical_extension").with("oid", extensions.unknown_critical[i]);
  // RFC 5280 section 4.1.2.1: extensions are of version 3.
  if (m_certificate.version() != 3 && !m_certificate.extensions().empty()) add("pki.certificate.version");
}

// RFC 5280 section 4.1.2.2: positive, at most 20 octets. Negative ones are met and handled "gracefully" (PKITS 4.4.14).
void CertificateCheck::check_serial() {
  ByteView serial = m_certificate.serial();
  while (!serial.empty() && serial.front() == 0) serial = serial.subspan(1);
  if (serial.empty() || serial.size() > 20) add("pki.certificate.serial");
}

void CertificateCheck::check_validity() {
  const Severity severity = m_request.ignore_validity ? Severity::warning : Severity::indeterminate;
  if (m_request.time < m_certificate.not_before())
    add("pki.certificate.not_yet_valid", severity).with("not_before", iso8601_vietnam(m_certificate.not_before()));
  if (m_request.time > m_certificate.not_after())
    add("pki.certificate.expired", severity).with("not_after", iso8601_vietnam(m_certificate.not_after()));
}

void CertificateCheck::require_usage(std::uint16_t any_of, std::string_view name) {
  if (const auto usage = m_certificate.key_usage(); usage && (*usage & any_of) == 0)
    add("pki.certificate.key_usage").with("usage", name);
}

void CertificateCheck::check_issuer(bool is_anchor) {
  constexpr auto kCertSign = static_cast<std::uint16_t>(KeyUsage::key_cert_sign);
  if (m_certificate.public_key().type() == crypto::KeyType::other)
    add("pki.certificate.key_unsupported", Severity::indeterminate)
        .with("algorithm", m_certificate.public_key().algorithm());
  // Old roots are of version 1; whoever trusts one, trusts it as an authority.
  if (is_anchor && m_certificate.version() != 3) return;
  if (m_certificate.version() != 3) {
    add("pki.certificate.version");
    return;
  }
  if (!m_certificate.is_ca()) add("pki.certificate.not_ca");
  require_usage(kCertSign, "keyCertSign");
  // RFC 5280 says nothing about the extension in an authority's certificate; those who write it mean a limit.
  if (!is_anchor && m_request.purpose == Purpose::document_signing &&
      !is_for_documents(m_certificate.extended_key_usage()))
    add("pki.certificate.extended_key_usage");
  const auto& usages = m_certificate.extended_key_usage();
  if (!is_anchor && m_request.purpose == Purpose::time_stamping && !usages.empty() &&
      !contains(usages, kTimeStamping) && !contains(usages, kAnyExtendedKeyUsage))
    add("pki.certificate.extended_key_usage");
}

// RFC 3161 section 2.3.
void CertificateCheck::check_time_stamping() {
  constexpr auto kSigns = static_cast<std::uint16_t>(static_cast<unsigned>(KeyUsage::digital_signature) |
                                                     static_cast<unsigned>(KeyUsage::non_repudiation));
  const auto& usages = m_certificate.extended_key_usage();
  if (usages.size() != 1 || usages.front() != kTimeStamping || !m_certificate.extended_key_usage_is_critical())
    add("pki.certificate.extended_key_usage");
  require_usage(kSigns, "digitalSignature");
}

void CertificateCheck::check_target() {
  constexpr auto kSigns = static_cast<std::uint16_t>(static_cast<unsigned>(KeyUsage::digital_signature) |
                                                     static_cast<unsigned>(KeyUsage::non_repudiation));
  // RFC 5280 section 4.2.1.10: the extension is for authorities only.
  if (m_parsed.extensions().has_name_constraints && !m_certificate.is_ca())
    add("pki.certificate.malformed").with("extension", kNameConstraints);
  switch (m_request.purpose) {
    case Purpose::any:
      break;
    case Purpose::document_signing:
      require_usage(kSigns, "digitalSignature");
      if (!is_for_documents(m_certificate.extended_key_usage())) add("pki.certificate.extended_key_usage");
      break;
    case Purpose::time_stamping:
      check_time_stamping();
      break;
    case Purpose::ocsp_signing:
      require_usage(kSigns, "digitalSignature");
      if (!contains(m_certificate.extended_key_usage(), kOcspSigning)) add("pki.certificate.extended_key_usage");
      break;
    case Purpose::crl_signing:
      require_usage(static_cast<std::uint16_t>(KeyUsage::crl_sign), "cRLSign");
      break;
  }
}

}  // namespace

Finding make_finding(std::string_view code, const ParsedCertificate& certificate, std::size_t position,
                     Severity severity) {
  const std::string name = certificate.certificate().common_name();
  Finding finding(code, severity);
  finding.with("subject", name.empty() ? certificate.certificate().subject_text() : name);
  finding.with("certificate", std::to_string(position));
  return finding;
}

bool is_refused(std::span<const Finding> findings) {
  return std::ranges::any_of(findings, [](const Finding& each) { return each.severity >= Severity::indeterminate; });
}

bool lacks_parameters(const crypto::PublicKey& key) {
  return key.type() == crypto::KeyType::dsa && key.bits() == 0;
}

std::vector<Finding> check_certificate(const ParsedCertificate& certificate, PathRole role, const PathRequest& request,
                                       std::size_t position) {
  CertificateCheck check(certificate, request, position);
  check.check_form();
  if (role != PathRole::anchor) check.check_serial();
  check.check_validity();
  if (role == PathRole::target) {
    check.check_target();
  } else {
    check.check_issuer(role == PathRole::anchor);
  }
  return check.take();
}

std::vector<Finding> check_anchor(const TrustAnchor& anchor, const PathRequest& request, std::size_t position) {
  std::vector<Finding> out;
  if ((anchor.trusted_from && request.time < *anchor.trusted_from) ||
      (anchor.trusted_until && request.time > *anchor.trusted_until))
    out.push_back(make_finding("pki.anchor.time", anchor.certificate, position,
                               request.ignore_validity ? Severity::warning : Severity::indeterminate));
  return out;
}

}  // namespace kyso::pki
