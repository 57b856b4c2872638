#include <algorithm>
#include <tuple>

#include "pki/path_builder.h"

namespace kyso::pki {
namespace {

Bytes owned(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

}  // namespace

int key_id_rank(const ParsedCertificate& subject, const ParsedCertificate& issuer) {
  const auto& wanted = subject.extensions().authority_key_id;
  const ByteView there = issuer.certificate().subject_key_id();
  if (!wanted || there.empty()) return 1;
  return std::ranges::equal(*wanted, there) ? 2 : 0;
}

void order_issuers(const ParsedCertificate& subject, std::optional<Instant> time,
                   std::vector<ParsedCertificate>& candidates) {
  if (candidates.size() < 2) return;
  std::vector<std::tuple<bool, int, Instant, std::size_t>> ranks;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const crypto::Certificate& issuer = candidates[i].certificate();
    const bool is_valid = !time || (*time >= issuer.not_before() && *time <= issuer.not_after());
    ranks.emplace_back(is_valid, key_id_rank(subject, candidates[i]), issuer.not_after(), candidates.size() - i);
  }
  std::ranges::sort(ranks, std::greater<>());
  std::vector<ParsedCertificate> out;
  for (const auto& rank : ranks) out.push_back(candidates[candidates.size() - std::get<3>(rank)]);
  candidates = std::move(out);
}

void CertificatePool::add(ParsedCertificate certificate) {
  if (!m_known.insert(owned(certificate.sha256())).second) return;
  const std::size_t index = m_certificates.size();
  m_by_subject.emplace(owned(certificate.normalised_subject()), index);
  if (const ByteView key_id = certificate.certificate().subject_key_id(); !key_id.empty())
    m_by_key_id.emplace(owned(key_id), index);
  m_certificates.push_back(std::move(certificate));
}

void CertificatePool::add(const CertificatePool& other) {
  for (const ParsedCertificate& certificate : other.m_certificates) add(certificate);
}

std::vector<ParsedCertificate> CertificatePool::found(const std::multimap<Bytes, std::size_t>& index,
                                                      ByteView key) const {
  std::vector<ParsedCertificate> out;
  const auto [first, last] = index.equal_range(owned(key));
  for (auto each = first; each != last; ++each) out.push_back(m_certificates[each->second]);
  return out;
}

std::vector<ParsedCertificate> CertificatePool::issuers_of(const ParsedCertificate& certificate) const {
  std::vector<ParsedCertificate> out = found(m_by_subject, certificate.normalised_issuer());
  order_issuers(certificate, std::nullopt, out);
  return out;
}

std::vector<ParsedCertificate> CertificatePool::with_subject(ByteView name_der) const {
  return found(m_by_subject, normalise_name(name_der));
}

std::vector<ParsedCertificate> CertificatePool::with_subject_key_id(ByteView key_id) const {
  return found(m_by_key_id, key_id);
}

}  // namespace kyso::pki
