#include <algorithm>

#include "pki/revocation_search.h"

namespace kyso::pki {
namespace {

// Numbers without leading zeros.
std::strong_ordering compare_numbers(const Bytes& a, const Bytes& b) {
  if (a.size() != b.size()) return a.size() <=> b.size();
  return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end());
}

// nextUpdate of two lists used together: who has one of them at hand knows as much as with it alone.
std::optional<Instant> later(std::optional<Instant> a, std::optional<Instant> b) {
  if (!a || !b) return std::nullopt;
  return std::max(*a, *b);
}

}  // namespace

void RevocationSearch::ask_lists() {
  for (std::size_t i = 0; i < m_evidence.lists.size(); ++i)
    if (!m_evidence.lists[i].is_delta()) ask_list(i);
  name_unused_deltas();
}

void RevocationSearch::ask_list(std::size_t index) {
  const RevocationList::State& list = m_evidence.lists[index].state();
  const auto [relation, reasons] = m_scope.relation_to(list);
  if (relation == RevocationScope::Relation::stranger)
    return ignore("pki.crl.issuer", Source::crl, index, Severity::note);
  if (relation == RevocationScope::Relation::outside) return ignore("pki.crl.scope", Source::crl, index);
  if (!list.unknown_critical.empty()) {
    Finding finding("pki.crl.critical_extension", Severity::warning);
    return ignore(std::move(finding.with("oid", list.unknown_critical)), Source::crl, index);
  }
  if (is_from_later(list.this_update)) return ignore("pki.revocation.not_yet_valid", Source::crl, index);
  const std::optional<Signer> signer = find_list_signer(index);
  if (!signer || is_too_weak(*signer, Source::crl, index)) return;

  RevocationAnswer answer = begin_answer(*signer, Source::crl, index);
  answer.this_update = list.this_update;
  answer.next_update = list.next_update;
  answer.archive_cutoff = list.expired_certificates_since;
  answer.covered_reasons = reasons;
  look_up(list, find_delta(list, *signer), answer);
  m_report.answers.push_back(std::move(answer));
}

// Section 6.3.3 (i) to (k): what the delta CRL says goes before the complete one.
void RevocationSearch::look_up(const RevocationList::State& list, const std::optional<Delta>& delta,
                               RevocationAnswer& answer) const {
  const ByteView serial = m_subject.certificate().serial();
  std::optional<CrlEntry> entry;
  if (delta) {
    answer.delta_index = delta->index;
    answer.this_update = std::max(list.this_update, delta->list->this_update);
    answer.next_update = later(list.next_update, delta->list->next_update);
    entry = delta->list->find(serial, m_subject.normalised_issuer());
  }
  if (!entry) entry = list.find(serial, m_subject.normalised_issuer());
  answer.produced_at = answer.this_update;
  answer.status = CertificateStatus::good;
  if (!entry || entry->reason == kRemoveFromCrl) return;
  answer.status = CertificateStatus::revoked;
  answer.revoked_at = entry->revoked_at;
  answer.reason = entry->reason;
}

// Certificates that may have signed the list, those with the key that it names first.
std::vector<ParsedCertificate> RevocationSearch::list_signer_candidates(const RevocationList::State& list) const {
  std::vector<ParsedCertificate> out = known_with_subject(list.issuer, list.normalised_issuer);
  std::erase_if(out, [this](const ParsedCertificate& each) {
    return each == m_issuer || !each.certificate().allows(crypto::KeyUsage::crl_sign);
  });
  if (!list.authority_key_id.empty())
    std::ranges::partition(out, [&list](const ParsedCertificate& each) {
      return std::ranges::equal(each.certificate().subject_key_id(), list.authority_key_id);
    });
  return out;
}

// Section 6.3.3 (f) and (g).
std::optional<RevocationSearch::Signer> RevocationSearch::find_list_signer(std::size_t index) {
  const RevocationList::State& list = m_evidence.lists[index].state();
  const bool has_name_of_issuer = std::ranges::equal(list.normalised_issuer, m_issuer.normalised_subject());
  if (has_name_of_issuer && m_issuer.certificate().allows(crypto::KeyUsage::crl_sign))
    if (const auto scheme = verify(list.signatures, list.signed_block, m_issuer_key))
      return Signer{*scheme, m_issuer_key, std::nullopt};
  if (is_budget_spent()) return std::nullopt;
  bool has_signer = false;
  const std::vector<ParsedCertificate> candidates = list_signer_candidates(list);
  for (const ParsedCertificate& candidate : candidates) {
    crypto::PublicKey key = candidate.certificate().public_key();
    if (lacks_parameters(key)) {
      const std::optional<Path>& path = path_of(candidate, Purpose::crl_signing);
      if (path) key = completed_key(path->certificates);
    }
    const auto scheme = verify(list.signatures, list.signed_block, key);
    if (!scheme) continue;
    has_signer = true;
    if (const std::optional<Path>& path = path_of(candidate, Purpose::crl_signing)) return Signer{*scheme, key, path};
  }
  ignore(has_signer                                  ? "pki.revocation.signer"
         : candidates.empty() && !has_name_of_issuer ? "pki.crl.issuer"
                                                     : "pki.crl.signature",
         Source::crl, index);
  return std::nullopt;
}

// Section 5.2.4 and section 6.3.3 (c).
bool RevocationSearch::is_delta_usable(const RevocationList::State& delta,
                                       const RevocationList::State& complete) const {
  return delta.is_delta() && delta.normalised_issuer == complete.normalised_issuer && delta.unknown_critical.empty() &&
         !is_from_later(delta.this_update) && std::ranges::equal(delta.scope_encoding, complete.scope_encoding) &&
         std::ranges::equal(delta.authority_key_encoding, complete.authority_key_encoding) && delta.number &&
         complete.number && compare_numbers(*delta.base_number, *complete.number) <= 0;
}

std::optional<RevocationSearch::Delta> RevocationSearch::find_delta(const RevocationList::State& complete,
                                                                    const Signer& signer) {
  std::optional<Delta> newest;
  for (std::size_t i = 0; i < m_evidence.lists.size(); ++i) {
    const RevocationList::State& delta = m_evidence.lists[i].state();
    if (!is_delta_usable(delta, complete)) continue;
    if (!verify(delta.signatures, delta.signed_block, signer.key)) continue;
    m_delta_is_settled[i] = true;
    // One that isn't newer has nothing to add.
    if (compare_numbers(*delta.number, newest ? *newest->list->number : *complete.number) > 0)
      newest = Delta{i, &delta};
  }
  return newest;
}

void RevocationSearch::name_unused_deltas() {
  for (std::size_t i = 0; i < m_evidence.lists.size(); ++i) {
    const RevocationList::State& delta = m_evidence.lists[i].state();
    if (!delta.is_delta() || m_delta_is_settled[i]) continue;
    const auto relation = m_scope.relation_to(delta).relation;
    if (relation == RevocationScope::Relation::stranger) {
      ignore("pki.crl.issuer", Source::crl, i, Severity::note);
    } else if (relation == RevocationScope::Relation::outside) {
      ignore("pki.crl.scope", Source::crl, i);
    } else if (!delta.unknown_critical.empty()) {
      Finding finding("pki.crl.critical_extension", Severity::warning);
      ignore(std::move(finding.with("oid", delta.unknown_critical)), Source::crl, i);
    } else if (is_from_later(delta.this_update)) {
      ignore("pki.revocation.not_yet_valid", Source::crl, i);
    } else {
      ignore("pki.crl.delta_mismatch", Source::crl, i);
    }
  }
}

}  // namespace kyso::pki
