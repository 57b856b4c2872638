#include "pki/path_builder.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace kyso::pki {
namespace {

// Attempts that are looked at for explaining why there is no path.
constexpr std::size_t kExplainedPaths = 32;
// Paths that the caller may refuse (each one may cost it a search for revocation).
constexpr std::size_t kMaxRefusals = 32;
// Policy graphs of the greatest size that all paths together may cost.
constexpr std::size_t kPolicyGraphs = 8;
// Candidates that are looked at for each path that may be tried.
constexpr std::size_t kStepsPerPath = 256;

// The most telling reason first: who can't be believed, then what the certificates say, then when.
constexpr std::array<std::string_view, 20> kTellingOrder{"pki.path.budget",
                                                         "pki.certificate.signature",
                                                         "pki.path.untrusted",
                                                         "pki.path.not_found",
                                                         "pki.certificate.malformed",
                                                         "pki.certificate.version",
                                                         "pki.certificate.serial",
                                                         "pki.certificate.critical_extension",
                                                         "pki.certificate.not_ca",
                                                         "pki.path.length",
                                                         "pki.path.names",
                                                         "pki.certificate.key_usage",
                                                         "pki.certificate.extended_key_usage",
                                                         "pki.path.policy",
                                                         "pki.certificate.key_unsupported",
                                                         "pki.algorithm.unsupported",
                                                         "pki.algorithm.weak",
                                                         "pki.anchor.time",
                                                         "pki.certificate.not_yet_valid",
                                                         "pki.certificate.expired"};

void sort_by_weight(std::vector<Finding>& findings) {
  std::vector<std::tuple<bool, std::size_t, std::size_t>> order;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const auto rank = std::ranges::find(kTellingOrder, findings[i].code) - kTellingOrder.begin();
    order.emplace_back(findings[i].severity < Severity::indeterminate, static_cast<std::size_t>(rank), i);
  }
  std::ranges::sort(order);
  std::vector<Finding> out;
  for (const auto& place : order) out.push_back(std::move(findings[std::get<2>(place)]));
  findings = std::move(out);
}

bool has_bad_signature(std::span<const Finding> findings) {
  return std::ranges::find(findings, "pki.certificate.signature", &Finding::code) != findings.end();
}

const std::uint8_t* identity(const ParsedCertificate& certificate) {
  return certificate.certificate().der().data();
}

}  // namespace

PathBuilder::PathBuilder(const CertificatePool& pool, const TrustStore& trust, const PathRequest& request)
    : m_pool(pool),
      m_trust(trust),
      m_request(request),
      m_signatures(request.budget.signatures),
      m_costs{request.budget.name_comparisons, kPolicyGraphs * request.budget.policies},
      m_refusals_left(kMaxRefusals) {}

bool PathBuilder::is_stopped() {
  if (m_signatures.is_over_limit()) stop("signatures");
  return !m_limit.empty();
}

void PathBuilder::stop(std::string_view limit) {
  if (m_limit.empty()) m_limit = limit;
}

// The second certificate with the same name and key adds nothing to a path, whatever else it says.
bool PathBuilder::is_in_chain(const ParsedCertificate& candidate) const {
  return std::ranges::any_of(m_chain, [&](const ParsedCertificate& each) {
    return std::ranges::equal(each.normalised_subject(), candidate.normalised_subject()) &&
           std::ranges::equal(each.certificate().public_key().spki(), candidate.certificate().public_key().spki());
  });
}

bool PathBuilder::may_have_signed(const ParsedCertificate& issuer, const ParsedCertificate& subject) {
  const crypto::PublicKey& key = issuer.certificate().public_key();
  if (lacks_parameters(key)) return subject.certificate().signature_scheme(key.type()).has_value();
  return m_signatures.verify(subject, key);
}

const std::vector<ParsedCertificate>& PathBuilder::candidates_for(const ParsedCertificate& certificate) {
  const auto [place, is_new] = m_candidates.try_emplace(identity(certificate));
  if (!is_new) return place->second;
  std::vector<ParsedCertificate>& out = place->second;
  out = m_pool.issuers_of(certificate);
  for (const ParsedCertificate& each : m_trust.intermediates())
    if (std::ranges::equal(each.normalised_subject(), certificate.normalised_issuer())) out.push_back(each);
  order_issuers(certificate, m_request.time, out);
  return out;
}

void PathBuilder::consider(Reached reached, std::vector<Finding> findings) {
  const auto failures =
      std::ranges::count_if(findings, [](const Finding& each) { return each.severity >= Severity::indeterminate; });
  const bool fails =
      std::ranges::any_of(findings, [](const Finding& each) { return each.severity == Severity::failure; });
  Attempt attempt{reached, static_cast<std::size_t>(failures) + (fails ? 1000U : 0U), {}};
  const auto closeness = [](const Attempt& each) { return std::pair(each.reached, -static_cast<long>(each.failures)); };
  if (m_closest && closeness(*m_closest) >= closeness(attempt)) return;
  attempt.findings = std::move(findings);
  sort_by_weight(attempt.findings);
  m_closest = std::move(attempt);
}

bool PathBuilder::finish(const TrustAnchor& anchor) {
  if (m_paths_left == 0) {
    if (m_mode == Mode::searching) stop("paths");
    return false;
  }
  --m_paths_left;
  Path path{.certificates = m_chain, .anchor = anchor};
  PathValidator(m_request, m_signatures, m_costs).validate(path);
  if (m_costs.name_comparisons == 0) stop("name_comparisons");
  if (m_costs.policies == 0) stop("policies");
  if (is_refused(path.findings)) {
    const bool bad = has_bad_signature(path.findings);
    consider(bad ? Reached::anchor_by_bad_signature : Reached::anchor, std::move(path.findings));
    return false;
  }
  if (m_mode == Mode::explaining) return false;
  if (m_request.accept && !m_request.accept(path)) {
    consider(Reached::refused_by_caller, std::move(path.findings));
    if (--m_refusals_left == 0) stop("paths");
    return false;
  }
  m_found = std::move(path);
  return true;
}

// No certificate of the issuer is known, or none that leads on.
void PathBuilder::dead_end() {
  if (m_paths_left == 0) {
    if (m_mode == Mode::searching) stop("paths");
    return;
  }
  --m_paths_left;
  if (m_mode == Mode::searching) return;
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < m_chain.size(); ++i)
    for (Finding& each : check_certificate(m_chain[i], i == 0 ? PathRole::target : PathRole::issuer, m_request, i))
      findings.push_back(std::move(each));
  for (std::size_t i = 0; i + 1 < m_chain.size(); ++i)
    if (!may_have_signed(m_chain[i + 1], m_chain[i]))
      findings.push_back(make_finding("pki.certificate.signature", m_chain[i], i));
  const ParsedCertificate& last = m_chain.back();
  findings.push_back(make_finding(last.is_self_issued() ? "pki.path.untrusted" : "pki.path.not_found", last,
                                  m_chain.size() - 1, Severity::indeterminate));
  consider(Reached::nowhere, std::move(findings));
}

bool PathBuilder::try_anchors() {
  const ParsedCertificate current = m_chain.back();
  std::vector<std::pair<int, const TrustAnchor*>> fitting;
  for (const TrustAnchor& anchor : m_trust.anchors())
    if (std::ranges::equal(anchor.certificate.normalised_subject(), current.normalised_issuer()))
      fitting.emplace_back(-key_id_rank(current, anchor.certificate), &anchor);
  std::ranges::sort(fitting);
  for (const auto& [rank, anchor] : fitting) {
    if (is_stopped()) return false;
    const bool good = may_have_signed(anchor->certificate, current);
    if (!good && (m_mode == Mode::searching || rank == 0)) continue;
    m_chain.push_back(anchor->certificate);
    const bool found = finish(*anchor);
    m_chain.pop_back();
    if (found) return true;
  }
  return false;
}

bool PathBuilder::try_candidate(const ParsedCertificate& candidate) {
  if (m_mode == Mode::searching) {
    const auto [place, is_new] = m_usable.try_emplace(identity(candidate));
    if (is_new) place->second = !is_refused(check_certificate(candidate, PathRole::issuer, m_request, 0));
    if (!place->second) return false;
  }
  m_chain.push_back(candidate);
  const bool found = extend();
  m_chain.pop_back();
  return found;
}

bool PathBuilder::try_candidates() {
  const ParsedCertificate current = m_chain.back();
  std::vector<const ParsedCertificate*> strangers;
  bool went_on = false;
  for (const ParsedCertificate& candidate : candidates_for(current)) {
    if (is_stopped()) return false;
    if (m_steps_left-- == 0) {
      stop("paths");
      return false;
    }
    if (is_in_chain(candidate)) continue;
    if (m_chain.size() + 2 > m_request.budget.depth) {
      m_depth_was_cut = true;
      continue;
    }
    if (!may_have_signed(candidate, current)) {
      if (key_id_rank(current, candidate) > 0) strangers.push_back(&candidate);
      continue;
    }
    went_on = true;
    if (try_candidate(candidate)) return true;
  }
  // Somebody with the right name, but another key: told when nobody else is there.
  if (m_mode == Mode::explaining && !went_on && !strangers.empty()) try_candidate(*strangers.front());
  if (!went_on) dead_end();
  return false;
}

bool PathBuilder::extend() {
  if (is_stopped()) return false;
  if (m_mode == Mode::explaining && m_paths_left == 0) return false;
  return try_anchors() || try_candidates();
}

bool PathBuilder::search(Mode mode) {
  m_mode = mode;
  m_paths_left = mode == Mode::searching ? m_request.budget.paths : kExplainedPaths;
  m_steps_left = m_paths_left * kStepsPerPath;
  const ParsedCertificate target = m_chain.front();
  // A certificate that is trusted itself.
  for (const TrustAnchor& anchor : m_trust.anchors())
    if (anchor.certificate == target && finish(anchor)) return true;
  return extend();
}

PathResult PathBuilder::build(const ParsedCertificate& target) {
  m_chain.assign(1, target);
  PathResult result;
  const bool hopeless = is_refused(check_certificate(target, PathRole::target, m_request, 0));
  if (!hopeless && search(Mode::searching)) {
    result.path = std::move(m_found);
    return result;
  }
  const std::string limit = std::exchange(m_limit, {});
  const bool depth_was_cut = m_depth_was_cut;
  if (!m_closest || m_closest->reached != Reached::refused_by_caller) search(Mode::explaining);
  if (m_closest) result.reasons = std::move(m_closest->findings);
  const auto told = [&](std::string_view name) {
    result.reasons.insert(result.reasons.begin(),
                          make_finding("pki.path.budget", target, 0, Severity::indeterminate).with("limit", name));
  };
  if (!limit.empty()) {
    told(limit);
  } else if (depth_was_cut && (!m_closest || m_closest->reached == Reached::nowhere)) {
    told("depth");
  }
  return result;
}

PathResult find_path(const ParsedCertificate& target, const CertificatePool& pool, const TrustStore& trust,
                     const PathRequest& request) {
  return PathBuilder(pool, trust, request).build(target);
}

}  // namespace kyso::pki
