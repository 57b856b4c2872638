#include "verify/judge/weigher.h"

#include <algorithm>
#include <array>

#include "verify/judge/stable_sort.h"

namespace kyso::verify {
namespace {

using enum Severity;
using S = SubIndication;

constexpr std::array kRows{
    // Format and identification of the signer (EN 319 102-1 sections 5.2.2, 5.2.3).
    CodeRow{"cms.format", failure, S::format_failure},
    CodeRow{"cms.digest", failure, S::hash_failure},
    CodeRow{"cms.signature", failure, S::sig_crypto_failure},
    CodeRow{"cms.digest-mismatch-algorithm", indeterminate, S::sig_constraints_failure},
    CodeRow{"cms.algorithm-unknown", indeterminate, S::crypto_constraints_failure},
    CodeRow{"cms.signer-missing", indeterminate, S::no_signing_certificate_found},
    CodeRow{"cms.ess-missing", indeterminate, S::sig_constraints_failure},
    CodeRow{"cms.ess-mismatch", indeterminate, S::sig_constraints_failure},
    CodeRow{"cms.ess-sha1", warning},
    CodeRow{"cms.no-signed-attributes", warning},
    CodeRow{"cms.ber", info},
    CodeRow{"cms.signing-time", info},
    CodeRow{"cms.unsigned-attributes", warning},
    CodeRow{"contents.placeholder", indeterminate, S::sig_constraints_failure},
    CodeRow{"subfilter.unknown", indeterminate, S::sig_constraints_failure},
    CodeRow{"signature.none", indeterminate, S::signed_data_not_found},
    CodeRow{"signature.removed", failure, S::format_failure},
    CodeRow{"signature.digest-missing", failure, S::format_failure},
    // Algorithms; the judge says _NO_POE where no time is proven at which they were still trusted.
    CodeRow{"crypto.weak", indeterminate, S::crypto_constraints_failure},
    CodeRow{"pki.algorithm.weak", indeterminate, S::crypto_constraints_failure},
    // Certificates (EN 319 102-1 section 5.2.6); the judge says more about time where it knows more.
    CodeRow{"pki.path.not_found", indeterminate, S::no_certificate_chain_found},
    CodeRow{"pki.path.untrusted", indeterminate, S::no_certificate_chain_found},
    CodeRow{"pki.anchor.time", indeterminate, S::no_certificate_chain_found},
    CodeRow{"pki.path.length", indeterminate, S::chain_constraints_failure},
    CodeRow{"pki.path.names", indeterminate, S::chain_constraints_failure},
    CodeRow{"pki.path.policy", indeterminate, S::chain_constraints_failure},
    CodeRow{"pki.certificate.critical_extension", indeterminate, S::chain_constraints_failure},
    CodeRow{"pki.certificate.not_ca", indeterminate, S::chain_constraints_failure},
    CodeRow{"pki.certificate.key_usage", indeterminate, S::chain_constraints_failure},
    CodeRow{"pki.certificate.extended_key_usage", indeterminate, S::chain_constraints_failure},
    CodeRow{"pki.path.budget", indeterminate, S::certificate_chain_general_failure},
    CodeRow{"pki.certificate.signature", indeterminate, S::certificate_chain_general_failure},
    CodeRow{"pki.certificate.malformed", indeterminate, S::certificate_chain_general_failure},
    CodeRow{"pki.certificate.version", indeterminate, S::certificate_chain_general_failure},
    CodeRow{"pki.certificate.key_unsupported", indeterminate, S::certificate_chain_general_failure},
    CodeRow{"pki.certificate.expired", indeterminate, S::out_of_bounds_no_poe},
    CodeRow{"pki.certificate.not_yet_valid", indeterminate, S::out_of_bounds_no_poe},
    CodeRow{"pki.certificate.revoked", indeterminate, S::revoked_no_poe},
    CodeRow{"pki.certificate.on_hold", indeterminate, S::try_later},
    CodeRow{"certificate.revoked-later", info},
    CodeRow{"revocation.missing", indeterminate, S::try_later},
    CodeRow{"revocation.too-old", indeterminate, S::try_later},
    CodeRow{"revocation.unknown", indeterminate, S::try_later},
    CodeRow{"revocation.incomplete", indeterminate, S::try_later},
    CodeRow{"revocation.signer-unchecked", indeterminate, S::try_later},
    CodeRow{"revocation.out-of-bounds", indeterminate, S::revocation_out_of_bounds_no_poe},
    CodeRow{"revocation.not-published", note},
    CodeRow{"revocation.removed", warning},
    CodeRow{"revocation.after-expiry", warning},
    CodeRow{"revocation.no-next-update", warning},
    // Times.
    CodeRow{"timestamp.missing", note},
    CodeRow{"timestamp.imprint", warning},
    CodeRow{"timestamp.format", warning},
    CodeRow{"timestamp.signature", warning},
    CodeRow{"timestamp.certificate", warning},
    CodeRow{"timestamp.untrusted", warning},
    CodeRow{"timestamp.weak", warning},
    CodeRow{"timestamp.expired", warning},
    CodeRow{"timestamp.revoked", warning},
    CodeRow{"timestamp.unchecked", warning},
    CodeRow{"timestamp.damaged", warning},
    CodeRow{"timestamp.future", warning},
    CodeRow{"timestamp.order", indeterminate, S::timestamp_order_failure},
    CodeRow{"time.claimed-after-timestamp", warning},
    CodeRow{"time.local-as-utc", warning},
    CodeRow{"time.claimed-differs", warning},
    CodeRow{"time.claimed-future", warning},
    CodeRow{"time.claimed-malformed", warning},
    CodeRow{"time.signing-time-differs", warning},
    // Persons and organisations.
    CodeRow{"signer.person-for-seal", warning},
    CodeRow{"signer.organisation-missing", note},
    // Checklists: only where a policy names them.
    CodeRow{"tt15.padding", note},
    CodeRow{"tt15.key-usage", note},
};

SubIndication fitting(Severity severity, SubIndication wanted) {
  if (severity == failure)
    return wanted != S::none && indication_of(wanted) == Indication::total_failed ? wanted : S::format_failure;
  if (severity == indeterminate)
    return wanted != S::none && indication_of(wanted) == Indication::indeterminate ? wanted
                                                                                   : S::sig_constraints_failure;
  return S::none;
}

}  // namespace

std::span<const CodeRow> code_rows() {
  return kRows;
}

const CodeRow* find_code_row(std::string_view code) {
  const auto found = std::ranges::find(kRows, code, &CodeRow::code);
  return found == kRows.end() ? nullptr : &*found;
}

Finding make_finding(std::string_view code) {
  const CodeRow* row = find_code_row(code);
  return Finding(code, row == nullptr ? indeterminate : row->severity);
}

const Policy::Weight* Weigher::find(std::string_view code) const {
  if (m_policy.weights.empty()) return nullptr;
  if (const auto exact = m_policy.weights.find(code); exact != m_policy.weights.end()) return &exact->second;
  // The longest beginning counts: "revocation.*" before "*".
  std::string_view prefix = code;
  while (true) {
    const auto entry = m_policy.weights.find(prefix.empty() ? std::string("*") : fmt::format("{}.*", prefix));
    if (entry != m_policy.weights.end()) return &entry->second;
    if (prefix.empty()) return nullptr;
    const std::size_t dot = prefix.rfind('.');
    prefix = dot == std::string_view::npos ? std::string_view() : prefix.substr(0, dot);
  }
}

WeightedFinding Weigher::weigh(Finding finding, SubIndication sub_indication) const {
  const CodeRow* row = find_code_row(finding.code);
  SubIndication wanted = sub_indication != S::none ? sub_indication : row == nullptr ? S::none : row->sub_indication;
  if (const Policy::Weight* weight = find(finding.code)) {
    finding.severity = weight->severity;
    if (weight->sub_indication != S::none) wanted = weight->sub_indication;
  }
  const SubIndication sub = fitting(finding.severity, wanted);
  return {std::move(finding), sub};
}

Decision decide(std::vector<WeightedFinding>& findings) {
  sort_stably(findings, [](const auto& a, const auto& b) { return a.finding.severity > b.finding.severity; });
  Decision out;
  if (findings.empty() || findings.front().finding.severity == note) return out;
  const WeightedFinding& first = findings.front();
  out.reason = first.finding.code;
  out.offset = first.finding.offset;
  out.sub_indication = first.sub_indication;
  out.indication = first.finding.severity == failure         ? Indication::total_failed
                   : first.finding.severity == indeterminate ? Indication::indeterminate
                                                             : Indication::total_passed;
  return out;
}

}  // namespace kyso::verify
