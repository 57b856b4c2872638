#include "pki/parsed_certificate.h"

#include <algorithm>
#include <mutex>

#include "pki/certificate_extensions.h"

namespace kyso::pki {

struct ParsedCertificate::State {
  explicit State(crypto::Certificate parsed)
      : certificate(std::move(parsed)),
        extensions(read_extensions(certificate)),
        subject(normalise_name(certificate.subject_der())),
        issuer(std::ranges::equal(certificate.subject_der(), certificate.issuer_der())
                   ? subject
                   : normalise_name(certificate.issuer_der())),
        is_self_issued(subject == issuer) {}

  crypto::Certificate certificate;
  CertificateExtensions extensions;
  Bytes subject, issuer;
  bool is_self_issued;
  mutable std::once_flag hashed;
  mutable Bytes sha256;
};

ParsedCertificate::ParsedCertificate(crypto::Certificate certificate)
    : m_state(std::make_shared<const State>(std::move(certificate))) {}

const crypto::Certificate& ParsedCertificate::certificate() const {
  return m_state->certificate;
}
const CertificateExtensions& ParsedCertificate::extensions() const {
  return m_state->extensions;
}

ByteView ParsedCertificate::sha256() const {
  std::call_once(m_state->hashed, [this] { m_state->sha256 = m_state->certificate.sha256(); });
  return m_state->sha256;
}

ByteView ParsedCertificate::normalised_subject() const {
  return m_state->subject;
}
ByteView ParsedCertificate::normalised_issuer() const {
  return m_state->issuer;
}
bool ParsedCertificate::is_self_issued() const {
  return m_state->is_self_issued;
}

bool ParsedCertificate::names_itself_as_crl_issuer() const {
  for (const DistributionPoint& point : extensions().crl_distribution_points)
    for (const GeneralName& name : point.crl_issuer)
      if (name.kind == GeneralName::Kind::directory &&
          std::ranges::equal(normalise_name(name.value), normalised_subject()))
        return true;
  return false;
}

bool ParsedCertificate::publishes_no_status() const {
  return m_state->extensions.crl_distribution_points.empty() && m_state->extensions.ocsp_urls.empty();
}

bool operator==(const ParsedCertificate& a, const ParsedCertificate& b) {
  return a.m_state == b.m_state || std::ranges::equal(a.certificate().der(), b.certificate().der());
}

}  // namespace kyso::pki
