#include <algorithm>
#include <iterator>

#include "pki/crl_state.h"
#include "pki/path_validator.h"

namespace kyso::pki {
namespace {

using enum ValidationOptions::Revocation;

// What the answers come to at one time.
struct Status {
  std::optional<Finding> problem;  // absent: known not to be revoked
  std::vector<Finding> ignored;    // with a problem: the answers that could have helped
};

// An OCSP responder that keeps no schedule leaves nextUpdate out: newer information is always there (RFC 6960
// section 4.2.2.1). Its answer is taken for a day; a CRL without nextUpdate breaks RFC 5280 section 5.1.2.5.
constexpr std::chrono::hours kFreshWithoutNextUpdate{24};

bool is_fresh(const RevocationAnswer& answer, Instant time) {
  if (answer.next_update) return time <= *answer.next_update;
  return answer.source == RevocationAnswer::Source::ocsp && time - answer.this_update <= kFreshWithoutNextUpdate;
}

bool is_on_hold(const RevocationAnswer& answer) {
  return answer.status == CertificateStatus::revoked && answer.reason == kCertificateHold;
}

Finding revoked_finding(const RevocationAnswer& answer) {
  Finding out(is_on_hold(answer) ? "pki.certificate.on_hold" : "pki.certificate.revoked", Severity::failure);
  if (answer.revoked_at) out.with("time", iso8601_vietnam(*answer.revoked_at));
  out.with("reason", std::to_string(answer.reason.value_or(0)));
  return out;
}

// RevocationCheck: the status of all certificates of the paths that one validation tries, and of the signers of the
// answers about them, and so on.
class RevocationCheck {
 public:
  RevocationCheck(const CertificatePool& pool, const TrustStore& trust, const RevocationEvidence& evidence,
                  const PathRequest& request, const ValidationOptions& options)
      : m_pool(pool), m_trust(trust), m_evidence(evidence), m_request(request), m_options(options) {}

  // Adds what is wrong to the path.
  bool accepts(Path& path) {
    if (m_options.revocation == off) {
      path.findings.push_back(Finding("pki.revocation.not_checked", Severity::note).with("why", "off"));
      return true;
    }
    bool is_good = true;
    for (std::size_t i = 0; i + 1 < path.certificates.size(); ++i) {
      if (const char* why = exemption(path.certificates[i], path.anchor)) {
        path.findings.push_back(about(Finding("pki.revocation.not_checked", Severity::note).with("why", why), path, i));
        continue;
      }
      const Status status = status_of(path, i);
      if (!status.problem) continue;
      is_good = false;
      path.findings.push_back(about(*status.problem, path, i));
      for (const Finding& finding : status.ignored) path.findings.push_back(about(finding, path, i));
    }
    return is_good;
  }

 private:
  static Finding about(const Finding& finding, const Path& path, std::size_t place) {
    Finding out = make_finding(finding.code, path.certificates[place], place, finding.severity);
    out.parameters.insert(out.parameters.end(), finding.parameters.begin(), finding.parameters.end());
    return out;
  }

  // Why the status needn't be known; nullptr when it must be.
  const char* exemption(const ParsedCertificate& certificate, const TrustAnchor& anchor) const {
    // RFC 9608 section 4: the issuer promises that it never tells about this end-entity certificate.
    if (certificate.extensions().no_revocation_available && !certificate.certificate().is_ca())
      return "no_revocation_available";
    if (m_options.revocation == by_anchor && anchor.revocation == RevocationDuty::if_published &&
        certificate.publishes_no_status())
      return "not_published";
    return nullptr;
  }

  using StatusKey = std::pair<Bytes, Bytes>;  // SHA-256 of the certificate and of its issuer's
  static StatusKey key_of(const Path& path, std::size_t place) {
    const ByteView subject = path.certificates[place].sha256();
    const ByteView issuer = path.certificates[place + 1].sha256();
    return {Bytes(subject.begin(), subject.end()), Bytes(issuer.begin(), issuer.end())};
  }

  Status status_of(const Path& path, std::size_t place) {
    const ParsedCertificate& subject = path.certificates[place];
    const ParsedCertificate& issuer = path.certificates[place + 1];
    const StatusKey id = key_of(path, place);
    if (const auto known = m_known.find(id); known != m_known.end()) return known->second;
    // It is being looked for already.
    if (is_open(path, place) || m_open.size() > m_request.budget.depth)
      return {Finding("pki.revocation.missing", Severity::indeterminate), {}};
    m_open.push_back(id);
    RevocationRequest request{.time = m_request.time, .algorithms = m_request.algorithms, .budget = m_request.budget};
    request.issuer_path = std::span(path.certificates).subspan(place + 1);
    request.anchor = &path.anchor;
    const RevocationReport report = find_revocation(subject, issuer, m_evidence, m_pool, m_trust, request);
    Status status = conclude(report);
    if (status.problem)
      std::ranges::copy_if(report.ignored, std::back_inserter(status.ignored),
                           [](const Finding& finding) { return finding.severity != Severity::note; });
    m_open.pop_back();
    m_known.emplace(id, status);
    return status;
  }

  bool is_open(const Path& path, std::size_t place) const {
    return std::ranges::find(m_open, key_of(path, place)) != m_open.end();
  }

  // The signer's own path must be valid at the time, its certificates not revoked.
  bool is_signer_good(const RevocationAnswer& answer) {
    if (!answer.signer) return true;
    const Path& path = *answer.signer;
    for (std::size_t i = 0; i + 1 < path.certificates.size(); ++i) {
      const crypto::Certificate& certificate = path.certificates[i].certificate();
      if (m_request.time < certificate.not_before() || m_request.time > certificate.not_after()) return false;
      // RFC 6960 section 4.2.2.2.1: such a responder is trusted for the lifetime of its certificate.
      const bool is_responder = i == 0 && answer.source == RevocationAnswer::Source::ocsp;
      if (is_responder && path.certificates[i].extensions().ocsp_no_check) continue;
      // The list that tells the signer's own status is its own list.
      if (i == 0 && path.certificates[i].names_itself_as_crl_issuer() && is_open(path, i)) continue;
      if (exemption(path.certificates[i], path.anchor) == nullptr && status_of(path, i).problem) return false;
    }
    return true;
  }

  // RFC 5280 section 6.3.3, ending; with several sources: a revocation is for ever, but a hold lasts until something
  // newer says good, and reasons that different lists cover add up.
  Status conclude(const RevocationReport& report) {
    ReasonMask newer_good = 0, fresh_good = 0;
    const RevocationAnswer* stale = nullptr;
    std::optional<Finding> hold;
    for (const RevocationAnswer& answer : report.answers) {
      if (answer.status == CertificateStatus::unknown || !is_signer_good(answer)) continue;
      if (answer.status == CertificateStatus::revoked) {
        if (!is_on_hold(answer)) return {revoked_finding(answer), {}};
        const bool is_lifted = (newer_good & (1U << kCertificateHold)) != 0;
        if (!is_lifted && !hold) hold = revoked_finding(answer);
        continue;
      }
      newer_good = static_cast<ReasonMask>(newer_good | answer.covered_reasons);
      if (is_fresh(answer, m_request.time)) {
        fresh_good = static_cast<ReasonMask>(fresh_good | answer.covered_reasons);
      } else if (stale == nullptr) {
        stale = &answer;
      }
    }
    if (hold) return {hold, {}};
    if (fresh_good == kAllReasons) return {};
    if (fresh_good != 0) return {Finding("pki.revocation.incomplete", Severity::indeterminate), {}};
    if (stale == nullptr) return {Finding("pki.revocation.missing", Severity::indeterminate), {}};
    Finding out("pki.revocation.stale", Severity::indeterminate);
    if (stale->next_update) out.with("next_update", iso8601_vietnam(*stale->next_update));
    return {out, {}};
  }

  const CertificatePool& m_pool;
  const TrustStore& m_trust;
  const RevocationEvidence& m_evidence;
  const PathRequest& m_request;
  const ValidationOptions& m_options;
  std::map<StatusKey, Status> m_known;
  std::vector<StatusKey> m_open;
};

}  // namespace

PathResult validate_certificate(const ParsedCertificate& target, const CertificatePool& pool, const TrustStore& trust,
                                const RevocationEvidence& evidence, const PathRequest& request,
                                const ValidationOptions& options) {
  RevocationCheck check(pool, trust, evidence, request, options);
  PathRequest with_revocation = request;
  with_revocation.accept = [&](Path& path) { return check.accepts(path) && (!request.accept || request.accept(path)); };
  return find_path(target, pool, trust, with_revocation);
}

}  // namespace kyso::pki
