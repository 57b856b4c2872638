#include <algorithm>

#include "verify/judge/chain.h"

// Revocation status of one certificate at a time.
namespace kyso::verify {
namespace {

constexpr std::size_t kMaxOpen = 8;  // signers of answers about signers of answers …
constexpr int kHold = 6;

Bytes id_of(const pki::ParsedCertificate& certificate) {
  return {certificate.sha256().begin(), certificate.sha256().end()};
}

}  // namespace

bool ChainJudge::is_exempt(const pki::ParsedCertificate& certificate, const pki::TrustAnchor& anchor) const {
  // RFC 9608 section 4: the issuer promises never to tell about this end-entity certificate.
  if (certificate.extensions().no_revocation_available && !certificate.certificate().is_ca()) return true;
  return m_policy.revocation != Policy::Revocation::required &&
         anchor.revocation == pki::RevocationDuty::if_published && certificate.publishes_no_status();
}

const pki::RevocationReport& ChainJudge::answers_about(const pki::Path& path, std::size_t place) {
  const pki::ParsedCertificate& subject = path.certificates[place];
  const pki::ParsedCertificate& issuer = path.certificates[place + 1];
  const auto [entry, is_new] = m_answers.try_emplace({id_of(subject), id_of(issuer)}, pki::RevocationReport());
  if (is_new) {
    // Strength is judged here, at the time that is proven for each answer.
    pki::RevocationRequest request;
    request.time = m_time;
    request.anchor = &path.anchor;
    request.issuer_path = std::span(path.certificates).subspan(place + 1);
    entry->second = pki::find_revocation(subject, issuer, m_book.revocation(), m_book.pool(), m_trust, request);
  }
  return entry->second;
}

const ChainJudge::Status& ChainJudge::status_of(const StatusRequest& request) {
  const pki::ParsedCertificate& subject = request.path.certificates[request.place];
  const pki::ParsedCertificate& issuer = request.path.certificates[request.place + 1];
  const StatusKey key{id_of(subject), id_of(issuer), id_of(request.path.anchor.certificate),
                      request.demand, request.at,    request.made};
  const auto known = m_status.find(key);
  if (known != m_status.end()) return known->second;
  static const Status kOpen;
  const std::pair open{id_of(subject), id_of(issuer)};
  if (m_open.size() >= kMaxOpen || std::ranges::find(m_open, open) != m_open.end()) return kOpen;
  m_open.push_back(open);
  Status status = find_status(request);
  m_open.pop_back();
  return m_status.emplace(key, std::move(status)).first->second;
}

bool ChainJudge::satisfies(const pki::RevocationAnswer& answer, const StatusRequest& request) const {
  const auto is_in_force = [&](Instant at) {
    return answer.next_update ? at <= *answer.next_update : at - answer.this_update <= m_policy.max_answer_age;
  };
  switch (request.demand) {
    case Demand::after:
      return answer.this_update >= request.at + m_policy.grace_period;
    case Demand::in_force:
      return answer.this_update >= request.at || is_in_force(request.at);
    case Demand::fresh:
      return is_in_force(m_time) && (!request.made || answer.this_update >= *request.made + m_policy.grace_period);
  }
  return false;
}

ChainJudge::Usability ChainJudge::usability_of(const pki::RevocationAnswer& answer, const StatusRequest& request,
                                               std::vector<pki::RevocationAnswer>& used) {
  const pki::ParsedCertificate& subject = request.path.certificates[request.place];
  const Instant control = m_book.proof_of(answer).value_or(m_time);
  if (!m_policy.chain_algorithms.accepts(answer.scheme, answer.key_bits, control)) return Usability::too_weak;
  // RFC 5280 section 3.3: a list may forget certificates that have expired, unless it says how long it keeps them.
  const Instant expiry = subject.certificate().not_after();
  if (answer.status == pki::CertificateStatus::good && answer.this_update > expiry &&
      !(answer.archive_cutoff && *answer.archive_cutoff <= expiry))
    return Usability::forgetful;
  // RFC 5280 section 5.1.2.5: a list says when the next one comes; one that doesn't may be presented for ever.
  if (answer.status == pki::CertificateStatus::good && answer.source == pki::RevocationAnswer::Source::crl &&
      !answer.next_update && control - answer.this_update > m_policy.max_answer_age)
    return Usability::endless;
  const auto is_out_of_bounds = [&](const pki::ParsedCertificate& each) {
    return control > each.certificate().not_after();
  };
  if (!answer.signer)
    return is_out_of_bounds(request.path.certificates[request.place + 1]) ? Usability::out_of_bounds
                                                                          : Usability::usable;
  const pki::Path& path = *answer.signer;
  if (std::ranges::any_of(path.certificates, is_out_of_bounds)) return Usability::out_of_bounds;
  for (std::size_t i = 0; i + 1 < path.certificates.size(); ++i) {
    // RFC 6960 section 4.2.2.2.1: trusted for the lifetime of its certificate.
    const bool is_responder = i == 0 && answer.source == pki::RevocationAnswer::Source::ocsp;
    if (is_responder && path.certificates[i].extensions().ocsp_no_check) continue;
    const std::pair open{id_of(path.certificates[i]), id_of(path.certificates[i + 1])};
    if (i == 0 && std::ranges::find(m_open, open) != m_open.end() && path.certificates[i].names_itself_as_crl_issuer())
      continue;
    const Status& status = status_of({path, i, Demand::in_force, answer.this_update, std::nullopt});
    const bool was_revoked_later = status.verdict == Verdict::revoked && status.answer->revoked_at &&
                                   *status.answer->revoked_at > answer.this_update;
    if (status.verdict != Verdict::good && status.verdict != Verdict::not_published && !was_revoked_later)
      return Usability::signer_unchecked;
    used.insert(used.end(), status.used.begin(), status.used.end());
  }
  return Usability::usable;
}

// RFC 5280 section 6.3.3, ending, with several sources: a revocation is for ever, a hold lasts until something newer
// says good, and reasons that different lists cover add up.
ChainJudge::Status ChainJudge::find_status(const StatusRequest& request) {
  const pki::ParsedCertificate& subject = request.path.certificates[request.place];
  const pki::RevocationReport& report = answers_about(request.path, request.place);
  Status out;
  for (const Finding& finding : report.ignored)
    if (finding.severity >= Severity::warning) out.ignored.push_back(finding);
  pki::ReasonMask newer_good = 0, covered = 0;
  std::optional<pki::RevocationAnswer> conclusive, stale, hold, unknown;
  bool is_out_of_bounds = false, is_unchecked = false;
  const auto ignore = [&](std::string_view code, const pki::RevocationAnswer& answer) {
    Finding finding(code, Severity::warning);
    finding.with("source", answer.source == pki::RevocationAnswer::Source::crl ? "crl" : "ocsp");
    out.ignored.push_back(std::move(finding.with("this_update", iso8601_vietnam(answer.this_update))));
  };
  for (const pki::RevocationAnswer& answer : report.answers) {
    std::vector<pki::RevocationAnswer> used{answer};
    const Usability usability = usability_of(answer, request, used);
    if (usability == Usability::too_weak) {
      ignore("pki.algorithm.weak", answer);
      continue;
    }
    if (answer.status == pki::CertificateStatus::unknown) {
      if (!unknown) unknown = answer;
      continue;
    }
    if (answer.status == pki::CertificateStatus::revoked) {
      // Whoever could once say so, said so: an expired signer's "revoked" still counts.
      if (answer.reason != kHold) {
        out.verdict = Verdict::revoked;
        out.answer = answer;
        out.used = std::move(used);
        return out;
      }
      if ((newer_good & (1U << kHold)) == 0 && !hold) hold = answer;
      continue;
    }
    if (usability == Usability::forgetful) ignore("revocation.after-expiry", answer);
    if (usability == Usability::endless) ignore("revocation.no-next-update", answer);
    if (usability == Usability::out_of_bounds) is_out_of_bounds = true;
    if (usability == Usability::signer_unchecked) is_unchecked = true;
    if (usability != Usability::usable) continue;
    newer_good |= answer.covered_reasons;
    if (!out.last_good) out.last_good = answer;
    if (!satisfies(answer, request)) {
      if (!stale) stale = answer;
      continue;
    }
    if ((answer.covered_reasons & ~covered) != 0) {
      covered |= answer.covered_reasons;
      out.used.insert(out.used.end(), used.begin(), used.end());
      if (!conclusive) conclusive = answer;
    }
  }
  const bool is_complete = (covered & pki::kAllReasons) == pki::kAllReasons;
  if (hold) {
    out.verdict = Verdict::on_hold;
    out.answer = hold;
  } else if (is_complete) {
    out.verdict = Verdict::good;
    out.answer = conclusive;
    out.is_after = conclusive->this_update >= request.at + m_policy.grace_period;
    return out;
  } else if (is_exempt(subject, request.path.anchor)) {
    out.verdict = Verdict::not_published;
    return out;
  } else if (conclusive) {
    out.verdict = Verdict::incomplete;
    out.answer = conclusive;
  } else if (stale) {
    out.verdict = Verdict::too_old;
    out.answer = stale;
    out.next_update = stale->next_update;
  } else if (is_out_of_bounds) {
    out.verdict = Verdict::out_of_bounds;
  } else if (is_unchecked) {
    out.verdict = Verdict::signer_unchecked;
  } else if (unknown) {
    out.verdict = Verdict::unknown;
    out.answer = unknown;
  }
  const Instant earliest = request.demand == Demand::fresh ? request.made.value_or(Instant{}) : request.at;
  note_missing(request.path, request.place, earliest + m_policy.grace_period);
  return out;
}

void ChainJudge::note_missing(const pki::Path& path, std::size_t place, Instant not_before) {
  const pki::ParsedCertificate& subject = path.certificates[place];
  const pki::ParsedCertificate& issuer = path.certificates[place + 1];
  const auto [entry, is_new] = m_without_status.try_emplace({id_of(subject), id_of(issuer)},
                                                            MissingEvidence::Status{subject, issuer, not_before});
  if (!is_new) entry->second.not_before = std::max(entry->second.not_before, not_before);
}

// The ends of all branches that lead upwards from the target.
void ChainJudge::note_without_issuer(const pki::ParsedCertificate& target) {
  constexpr std::size_t kMaxVisited = 64;
  std::map<Bytes, pki::ParsedCertificate> visited{{id_of(target), target}};
  std::vector<pki::ParsedCertificate> open{target};
  while (!open.empty() && visited.size() < kMaxVisited) {
    const pki::ParsedCertificate certificate = open.back();
    open.pop_back();
    if (certificate.is_self_issued()) continue;
    const bool is_below_anchor = std::ranges::any_of(m_trust.anchors(), [&](const pki::TrustAnchor& anchor) {
      return std::ranges::equal(anchor.certificate.normalised_subject(), certificate.normalised_issuer());
    });
    const std::vector<pki::ParsedCertificate> issuers = m_book.pool().issuers_of(certificate);
    if (issuers.empty() && !is_below_anchor) m_without_issuer.try_emplace(id_of(certificate), certificate);
    for (const pki::ParsedCertificate& issuer : issuers)
      if (visited.try_emplace(id_of(issuer), issuer).second) open.push_back(issuer);
  }
}

MissingEvidence ChainJudge::take_missing() {
  MissingEvidence out;
  for (const auto& [id, certificate] : m_without_issuer) out.without_issuer.push_back(certificate);
  for (const auto& [id, status] : m_without_status) out.without_status.push_back(status);
  return out;
}

}  // namespace kyso::verify
