#include "verify/judge/chain.h"

#include <algorithm>

namespace kyso::verify {
namespace {

using S = SubIndication;

constexpr int kAffiliationChanged = 3, kSuperseded = 4, kCessation = 5;

Bytes id_of(const pki::ParsedCertificate& certificate) {
  return {certificate.sha256().begin(), certificate.sha256().end()};
}

bool is_within(const crypto::Certificate& certificate, Instant at) {
  return certificate.not_before() <= at && at <= certificate.not_after();
}

bool is_trusted_at(const pki::TrustAnchor& anchor, Instant at) {
  return (!anchor.trusted_from || *anchor.trusted_from <= at) && (!anchor.trusted_until || at <= *anchor.trusted_until);
}

bool is_valid_at(const pki::Path& path, Instant at) {
  return is_trusted_at(path.anchor, at) &&
         std::ranges::all_of(path.certificates, [&](const auto& each) { return is_within(each.certificate(), at); });
}

Finding about(Finding finding, const pki::Path& path, std::size_t place) {
  finding.with("subject", path.certificates[place].certificate().subject_text());
  finding.with("certificate", std::to_string(place));
  return finding;
}

}  // namespace

const ChainResult& ChainJudge::judge(const ChainRequest& request) {
  const auto known = m_results.find(request.key());
  if (known != m_results.end()) return known->second;
  return m_results.emplace(request.key(), evaluate(request)).first->second;
}

const pki::PathResult& ChainJudge::ask_path(const pki::ParsedCertificate& target, pki::Purpose purpose, Instant at,
                                            bool ignores_validity, bool with_algorithms) {
  const auto [entry, is_new] =
      m_paths.try_emplace({id_of(target), purpose, at, ignores_validity, with_algorithms}, pki::PathResult());
  if (!is_new) return entry->second;
  pki::PathRequest request;
  request.time = at;
  request.purpose = purpose;
  request.ignore_validity = ignores_validity;
  request.algorithms = with_algorithms ? &m_policy.chain_algorithms : nullptr;
  entry->second = pki::find_path(target, m_book.pool(), m_trust, request);
  return entry->second;
}

// One path for all times where there is one; only what doesn't hold at this time is looked for anew.
pki::PathResult ChainJudge::find_path(const ChainRequest& request) {
  const auto ask = [&](Instant at, bool ignores_validity, bool with_algorithms) -> const pki::PathResult& {
    return ask_path(request.target, request.purpose, at, ignores_validity, with_algorithms);
  };
  const pki::PathResult& lasting = ask(m_time, true, true);
  if (lasting.path && is_valid_at(*lasting.path, request.at)) return lasting;
  const pki::PathResult& then = ask(request.at, false, true);
  if (then.path) return then;
  if (lasting.path) return lasting;
  // Expired or signed too weakly: the path is judged certificate by certificate.
  const pki::PathResult& strong = ask(request.at, true, true);
  if (strong.path) return strong;
  const pki::PathResult& any = ask(request.at, true, false);
  return any.path ? any : then;
}

ChainResult ChainJudge::evaluate(const ChainRequest& request) {
  ChainResult out;
  const pki::PathResult found = find_path(request);
  if (!found.path) {
    explain_no_path(request, found, out);
    return out;
  }
  const pki::Path& path = *found.path;
  out.anchor = path.anchor.name;
  out.ends = end_of(path);
  out.is_conclusive = true;
  out.is_in_file = true;
  std::vector<Status> status;
  for (std::size_t i = 0; i < path.certificates.size(); ++i) {
    out.certificates.push_back({.certificate = path.certificates[i].certificate()});
    if (i + 1 == path.certificates.size()) break;
    status.push_back(status_of(status_request(request, path, i)));
    out.is_in_file = out.is_in_file && m_book.has_certificate_in_file(path.certificates[i]);
    for (const auto& answer : status.back().used) out.used.push_back(answer);
  }
  // Proof that something is wrong goes before doubt.
  for (std::size_t i = 0; i < status.size(); ++i)
    if (status[i].verdict == Verdict::revoked || status[i].verdict == Verdict::on_hold)
      check_status(request, path, i, status[i], out);
  check_validity(request, path, status, out);
  check_strengths(request, path, out);
  for (std::size_t i = 0; i < status.size(); ++i)
    if (status[i].verdict != Verdict::revoked && status[i].verdict != Verdict::on_hold)
      check_status(request, path, i, status[i], out);
  for (const Finding& finding : path.findings)
    if (finding.code != "pki.certificate.expired" && finding.code != "pki.certificate.not_yet_valid" &&
        finding.code != "pki.algorithm.weak")
      out.findings.push_back(m_weigher.weigh(finding));
  return out;
}

void ChainJudge::explain_no_path(const ChainRequest& request, const pki::PathResult& found, ChainResult& out) {
  out.certificates.push_back({.certificate = request.target.certificate()});
  out.certificates.front().findings = found.reasons;
  Finding finding = found.reasons.empty() ? make_finding("pki.path.not_found") : found.reasons.front();
  if (found.reasons.empty()) finding.with("subject", request.target.certificate().subject_text());
  finding.severity = Severity::indeterminate;
  const bool is_late = finding.code == "pki.anchor.time" && !request.is_proven;
  out.findings.push_back(m_weigher.weigh(std::move(finding), is_late ? S::no_certificate_chain_found_no_poe : S::none));
  note_without_issuer(request.target);
}

std::optional<WeightedFinding> ChainJudge::check_strength(const pki::AlgorithmRules& rules, std::string_view code,
                                                          crypto::SignatureScheme scheme, int bits, Instant at,
                                                          bool is_proven) const {
  if (rules.accepts(scheme, bits, at)) return std::nullopt;
  const bool was_trusted = rules.accepted_until(scheme, bits).has_value();
  return m_weigher.weigh(
      make_finding(code).with("algorithm", crypto::name_of(scheme)).with("bits", std::to_string(bits)),
      was_trusted && !is_proven ? S::crypto_constraints_failure_no_poe : S::crypto_constraints_failure);
}

std::optional<WeightedFinding> ChainJudge::check_strength(const pki::AlgorithmRules& rules, std::string_view code,
                                                          crypto::DigestAlgorithm digest, Instant at,
                                                          bool is_proven) const {
  if (rules.accepts(digest, at)) return std::nullopt;
  const bool was_trusted = rules.accepted_until(digest).has_value();
  return m_weigher.weigh(
      make_finding(code).with("algorithm", crypto::name_of(digest)),
      was_trusted && !is_proven ? S::crypto_constraints_failure_no_poe : S::crypto_constraints_failure);
}

void ChainJudge::check_strengths(const ChainRequest& request, const pki::Path& path, ChainResult& out) {
  for (std::size_t i = 0; i + 1 < path.certificates.size(); ++i) {
    const crypto::PublicKey& issuer = path.certificates[i + 1].certificate().public_key();
    const auto scheme = path.certificates[i].certificate().signature_scheme(issuer.type());
    if (!scheme) continue;  // the path would not be there
    auto weak = check_strength(m_policy.chain_algorithms, "pki.algorithm.weak", *scheme, issuer.bits(), request.at,
                               request.is_proven);
    if (!weak) continue;
    weak->finding = about(std::move(weak->finding), path, i);
    out.certificates[i].findings.push_back(weak->finding);
    out.findings.push_back(*std::move(weak));
  }
}

void ChainJudge::check_validity(const ChainRequest& request, const pki::Path& path, const std::vector<Status>& status,
                                ChainResult& out) {
  const auto add = [&](std::size_t place, Finding finding, S sub) {
    finding = about(std::move(finding), path, place);
    finding.severity = indication_of(sub) == Indication::total_failed ? Severity::failure : Severity::indeterminate;
    out.certificates[place].findings.push_back(finding);
    out.findings.push_back(m_weigher.weigh(std::move(finding), sub));
  };
  const auto expired = [](const crypto::Certificate& certificate) {
    return make_finding("pki.certificate.expired").with("not_after", iso8601_vietnam(certificate.not_after()));
  };
  const auto not_yet_valid = [](const crypto::Certificate& certificate) {
    return make_finding("pki.certificate.not_yet_valid").with("not_before", iso8601_vietnam(certificate.not_before()));
  };
  const crypto::Certificate& target = path.certificates.front().certificate();
  const Instant made = request.is_time_stamp ? request.made.value_or(request.at) : request.at;
  if (made < target.not_before()) add(0, not_yet_valid(target), S::not_yet_valid);
  if (request.at > target.not_after()) {
    const bool is_proof = request.is_time_stamp ? made > target.not_after()
                                                : request.is_proven_by_own_time_stamp ||
                                                      (request.not_before && *request.not_before > target.not_after());
    // Known good until it expired, not only at some time before.
    const std::optional<pki::RevocationAnswer> last = status.empty() ? std::nullopt : status.front().last_good;
    const bool is_known_good =
        !request.is_proven && last &&
        last->next_update.value_or(last->this_update + m_policy.max_answer_age) >= target.not_after() &&
        (!request.made || last->this_update >= *request.made);
    add(0, expired(target),
        is_proof        ? S::expired
        : is_known_good ? S::out_of_bounds_not_revoked
                        : S::out_of_bounds_no_poe);
  }
  for (std::size_t i = 1; i < path.certificates.size(); ++i) {
    const crypto::Certificate& issuer = path.certificates[i].certificate();
    if (request.at > issuer.not_after()) add(i, expired(issuer), S::out_of_bounds_no_poe);
    if (request.at < issuer.not_before()) add(i, not_yet_valid(issuer), S::certificate_chain_general_failure);
  }
  if (!is_trusted_at(path.anchor, request.at))
    add(path.certificates.size() - 1, make_finding("pki.anchor.time"),
        request.is_proven ? S::no_certificate_chain_found : S::no_certificate_chain_found_no_poe);
}

ChainJudge::StatusRequest ChainJudge::status_request(const ChainRequest& request, const pki::Path& path,
                                                     std::size_t place) const {
  StatusRequest out{path, place, Demand::fresh, m_time, std::nullopt};
  if (request.is_time_stamp) {
    out.demand = Demand::in_force;
    out.at = request.made.value_or(request.at);
  } else if (request.is_proven) {
    out.demand = place == 0 ? Demand::after : Demand::in_force;
    out.at = request.at;
  } else if (place == 0) {
    out.made = request.made;
  }
  return out;
}

std::optional<Instant> ChainJudge::end_of(const pki::Path& path) const {
  std::optional<Instant> end;
  const auto until = [&](std::optional<Instant> time) {
    if (time && (!end || *time < *end)) end = time;
  };
  for (std::size_t i = 0; i < path.certificates.size(); ++i) {
    const crypto::Certificate& certificate = path.certificates[i].certificate();
    until(certificate.not_after());
    if (i + 1 == path.certificates.size()) break;
    const crypto::PublicKey& issuer = path.certificates[i + 1].certificate().public_key();
    if (const auto scheme = certificate.signature_scheme(issuer.type()))
      until(m_policy.chain_algorithms.accepted_until(*scheme, issuer.bits()));
  }
  until(path.anchor.trusted_until);
  return end;
}

void ChainJudge::check_status(const ChainRequest& request, const pki::Path& path, std::size_t place,
                              const Status& status, ChainResult& out) {
  CertificateVerdict& certificate = out.certificates[place];
  certificate.answer = status.answer;
  certificate.findings.insert(certificate.findings.end(), status.ignored.begin(), status.ignored.end());
  switch (status.verdict) {
    case Verdict::good:
      certificate.status = pki::CertificateStatus::good;
      certificate.is_checked = true;
      if (request.is_time_stamp && place == 0 && !status.is_after) {
        out.is_conclusive = false;
        note_missing(path, place, *request.made);
      }
      return;
    case Verdict::not_published: {
      Finding finding = about(make_finding("revocation.not-published"), path, place);
      certificate.findings.push_back(finding);
      out.findings.push_back(m_weigher.weigh(std::move(finding)));
      return;
    }
    case Verdict::revoked:
    case Verdict::on_hold:
      certificate.status = pki::CertificateStatus::revoked;
      certificate.is_checked = true;
      return check_revoked(request, place, status,
                           about(make_finding(status.verdict == Verdict::on_hold ? "pki.certificate.on_hold"
                                                                                 : "pki.certificate.revoked"),
                                 path, place),
                           out);
    default:
      return check_unknown(request, place, status, about(Finding(), path, place), out);
  }
}

void ChainJudge::check_revoked(const ChainRequest& request, std::size_t place, const Status& status, Finding finding,
                               ChainResult& out) {
  const pki::RevocationAnswer& answer = *status.answer;
  const Instant revoked = answer.revoked_at.value_or(answer.this_update);
  finding.with("time", iso8601_vietnam(revoked)).with("reason", std::to_string(answer.reason.value_or(0)));
  S sub = S::revoked_ca_no_poe;
  bool is_harmless = request.is_proven && request.at < revoked;
  if (place == 0 && request.is_time_stamp) {
    // RFC 3161 section 4: a key that was given up, not lost, leaves the tokens made before as they were.
    const bool was_given_up = answer.reason == 0 || answer.reason == kAffiliationChanged ||
                              answer.reason == kSuperseded || answer.reason == kCessation;
    is_harmless = is_harmless || (was_given_up && request.made < revoked);
    sub = request.made >= revoked ? S::revoked : S::revoked_no_poe;
  } else if (place == 0) {
    const bool is_proof = request.is_proven || (request.not_before && *request.not_before >= revoked);
    sub = status.verdict == Verdict::on_hold ? S::try_later : is_proof ? S::revoked : S::revoked_no_poe;
  }
  if (is_harmless) {
    finding.code = "certificate.revoked-later";
    finding.severity = Severity::info;
  } else {
    finding.severity = indication_of(sub) == Indication::total_failed ? Severity::failure : Severity::indeterminate;
    if (sub == S::try_later && answer.next_update && *answer.next_update > m_time) out.try_again = answer.next_update;
  }
  out.certificates[place].findings.push_back(finding);
  out.findings.push_back(m_weigher.weigh(std::move(finding), is_harmless ? S::none : sub));
}

void ChainJudge::check_unknown(const ChainRequest& request, std::size_t place, const Status& status, Finding finding,
                               ChainResult& out) {
  out.is_conclusive = false;
  switch (status.verdict) {
    case Verdict::too_old:
      finding.code = "revocation.too-old";
      finding.with("this_update", iso8601_vietnam(status.answer->this_update));
      if (status.next_update) finding.with("next_update", iso8601_vietnam(*status.next_update));
      break;
    case Verdict::incomplete:
      finding.code = "revocation.incomplete";
      break;
    case Verdict::unknown:
      finding.code = "revocation.unknown";
      break;
    case Verdict::out_of_bounds:
      finding.code = "revocation.out-of-bounds";
      break;
    case Verdict::signer_unchecked:
      finding.code = "revocation.signer-unchecked";
      break;
    default:
      finding.code = "revocation.missing";
  }
  finding.severity =
      m_policy.revocation == Policy::Revocation::warn_when_missing ? Severity::warning : Severity::indeterminate;
  if (request.is_proven && status.next_update && *status.next_update > m_time)
    out.try_again = std::max(out.try_again.value_or(*status.next_update), *status.next_update);
  else if (status.verdict == Verdict::too_old && status.next_update && *status.next_update > m_time)
    out.try_again = std::max(out.try_again.value_or(*status.next_update), *status.next_update);
  out.certificates[place].findings.push_back(finding);
  out.findings.push_back(m_weigher.weigh(std::move(finding)));
  for (const Finding& ignored : status.ignored) out.findings.push_back(m_weigher.weigh(ignored));
}

}  // namespace kyso::verify
