#include "pki/path_validator.h"

#include <algorithm>
#include <limits>

#include "crypto/der.h"
#include "pki/extension_ids.h"

namespace kyso::pki {
namespace {

// The object identifier of an algorithm that Kyso doesn't know.
std::string algorithm_oid(const crypto::Certificate& certificate) {
  namespace der = crypto::der;
  der::Reader outer(certificate.signature_algorithm());
  const auto sequence = outer.expect(der::kSequence);
  if (!sequence) return {};
  der::Reader fields(sequence->content);
  const auto oid = fields.expect(der::kOid);
  return oid ? der::read_oid(oid->content).value_or("") : "";
}

void lower(std::size_t& variable, const std::optional<std::uint32_t>& limit) {
  if (limit) variable = std::min<std::size_t>(variable, *limit);
}

void count_down(std::size_t& variable) {
  if (variable > 0) --variable;
}

}  // namespace

PathValidator::PathValidator(const PathRequest& request, SignatureMemory& signatures, PathCosts& costs)
    : m_request(request),
      m_signatures(signatures),
      m_costs(costs),
      m_policies(request.budget.policies),
      m_names(costs.name_comparisons) {}

void PathValidator::refuse(Finding finding) {
  m_findings.push_back(std::move(finding));
}

// RFC 5280 section 6.1.2; what the certificate of the anchor demands itself is obeyed (RFC 5937 section 3).
void PathValidator::take_anchor(const TrustAnchor& anchor) {
  const std::size_t unlimited = m_position + 1;
  m_explicit_policy = m_request.explicit_policy ? 0 : unlimited;
  m_inhibit_any_policy = m_request.inhibit_any_policy ? 0 : unlimited;
  m_policy_mapping = m_request.inhibit_policy_mapping ? 0 : unlimited;
  m_max_path_length = unlimited;
  const CertificateExtensions& extensions = anchor.certificate.extensions();
  lower(m_max_path_length, extensions.path_length);
  m_names.add(extensions);
  m_working_key = anchor.certificate.certificate().public_key();
}

void PathValidator::check_signature(const ParsedCertificate& certificate) {
  const crypto::PublicKey& key = *m_working_key;
  const bool good =
      m_key_inherits ? m_signatures.verify_inherited(certificate, key) : m_signatures.verify(certificate, key);
  if (!good && certificate.certificate().signature_scheme(key.type()))
    refuse(make_finding("pki.certificate.signature", certificate, m_position));
}

void PathValidator::check_algorithm(const ParsedCertificate& certificate) {
  const auto scheme = certificate.certificate().signature_scheme(m_working_key->type());
  if (!scheme) {
    if (m_working_key->type() == crypto::KeyType::other) return;  // told of the issuer
    refuse(make_finding("pki.algorithm.unsupported", certificate, m_position, Severity::indeterminate)
               .with("algorithm", algorithm_oid(certificate.certificate())));
    return;
  }
  if (m_request.algorithms == nullptr) return;
  const int bits = m_working_key->bits();
  if (!m_request.algorithms->accepts(*scheme, bits, m_request.time))
    refuse(make_finding("pki.algorithm.weak", certificate, m_position, Severity::indeterminate)
               .with("algorithm", crypto::name_of(*scheme))
               .with("bits", std::to_string(bits)));
}

// Section 6.1.3 (d) to (f).
void PathValidator::process_policies(const ParsedCertificate& certificate, bool is_final) {
  const bool any_allowed = m_inhibit_any_policy > 0 || (!is_final && certificate.is_self_issued());
  m_policies.add_certificate(certificate.extensions(), any_allowed);
  if (m_explicit_policy == 0 && m_policies.is_empty()) refuse(make_finding("pki.path.policy", certificate, m_position));
}

// Section 6.1.3.
void PathValidator::process(const ParsedCertificate& certificate, bool is_final) {
  check_signature(certificate);
  check_algorithm(certificate);
  if (is_final || !certificate.is_self_issued())
    if (const auto name = m_names.find_violation(certificate))
      refuse(make_finding("pki.path.names", certificate, m_position).with("name", *name));
  process_policies(certificate, is_final);
}

// Section 6.1.4.
void PathValidator::prepare_for_next(const ParsedCertificate& certificate) {
  const CertificateExtensions& extensions = certificate.extensions();
  if (!m_policies.map_policies(extensions, m_policy_mapping > 0))
    refuse(make_finding("pki.path.policy", certificate, m_position));
  m_key_inherits = lacks_parameters(certificate.certificate().public_key());
  m_working_key = certificate.certificate().public_key().with_inherited_parameters(*m_working_key);
  m_names.add(extensions);
  if (!certificate.is_self_issued()) {
    count_down(m_explicit_policy);
    count_down(m_policy_mapping);
    count_down(m_inhibit_any_policy);
    if (m_max_path_length == 0) refuse(make_finding("pki.path.length", certificate, m_position));
    count_down(m_max_path_length);
  }
  lower(m_explicit_policy, extensions.require_explicit_policy);
  lower(m_policy_mapping, extensions.inhibit_policy_mapping);
  lower(m_inhibit_any_policy, extensions.inhibit_any_policy);
  lower(m_max_path_length, extensions.path_length);
}

// Section 6.1.5.
void PathValidator::wrap_up(const ParsedCertificate& target, Path& path) {
  count_down(m_explicit_policy);
  if (target.extensions().require_explicit_policy == 0U) m_explicit_policy = 0;
  path.policies = m_policies.user_policies(m_request.user_policies);
  if (m_explicit_policy == 0 && path.policies.empty() &&
      std::ranges::find(m_findings, "pki.path.policy", &Finding::code) == m_findings.end())
    refuse(make_finding("pki.path.policy", target, 0));
  const auto over = [&](bool is_over, std::string_view limit) {
    if (is_over) refuse(make_finding("pki.path.budget", target, 0, Severity::indeterminate).with("limit", limit));
  };
  over(m_policies.is_over_limit(), "policies");
  m_costs.policies -= std::min(m_costs.policies, m_policies.size());
  over(m_names.is_over_limit(), "name_comparisons");
}

void PathValidator::validate(Path& path) {
  const std::size_t last = path.certificates.size() - 1;
  for (std::size_t i = 0; i <= last; ++i) {
    const PathRole role = i == 0 ? PathRole::target : i == last ? PathRole::anchor : PathRole::issuer;
    for (Finding& finding : check_certificate(path.certificates[i], role, m_request, i)) refuse(std::move(finding));
  }
  for (Finding& finding : check_anchor(path.anchor, m_request, last)) refuse(std::move(finding));
  m_position = last;
  take_anchor(path.anchor);
  // A target that is trusted itself has no path to check.
  while (m_position > 0) {
    --m_position;
    const ParsedCertificate& certificate = path.certificates[m_position];
    process(certificate, m_position == 0);
    if (m_position > 0) prepare_for_next(certificate);
  }
  if (last > 0) {
    wrap_up(path.certificates.front(), path);
  } else {
    path.policies = m_policies.user_policies(m_request.user_policies);
  }
  path.findings = std::move(m_findings);
}

}  // namespace kyso::pki
