#include <algorithm>
#include <cstdlib>

#include "crypto/der.h"
#include "pki/path_validation.h"

// Certificates of a stranger, one after the other: the first is asked about, the last is trusted, all are offered.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kyso;
  crypto::der::Reader input(ByteView(data, size));
  std::vector<pki::ParsedCertificate> certificates;
  pki::CertificatePool pool;
  while (certificates.size() < 32) {
    const auto element = input.next();
    if (!element) break;
    auto certificate = crypto::Certificate::from_der(element->whole);
    if (!certificate) continue;
    if (!std::ranges::equal(certificate->der(), element->whole)) std::abort();
    certificates.emplace_back(*std::move(certificate));
    pool.add(certificates.back());
  }
  if (certificates.empty()) return 0;
  pki::TrustStore trust;
  trust.add({.certificate = certificates.back()});
  const pki::ParsedCertificate& target = certificates.front();
  for (const auto purpose : {pki::Purpose::any, pki::Purpose::document_signing, pki::Purpose::time_stamping}) {
    pki::PathRequest request{.time = target.certificate().not_before(), .purpose = purpose};
    request.explicit_policy = purpose == pki::Purpose::any;
    const pki::PathResult result = pki::find_path(target, pool, trust, request);
    if (result.path.has_value() != result.reasons.empty()) std::abort();
    if (!result.path) continue;
    // A path leads from the target to the anchor, and nothing in it was refused.
    const auto& path = result.path->certificates;
    if (path.empty() || !(path.front() == target) || !(path.back() == certificates.back())) std::abort();
    for (std::size_t i = 0; i + 1 < path.size(); ++i)
      if (!std::ranges::equal(path[i].normalised_issuer(), path[i + 1].normalised_subject())) std::abort();
    for (const Finding& finding : result.path->findings)
      if (finding.severity >= Severity::indeterminate) std::abort();
  }
  return 0;
}
