#include "verify/judge/evidence_book.h"

#include <algorithm>

namespace kyso::verify {
namespace {

Bytes copy(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

// Of two copies of an item, what speaks for the earlier one.
void merge(EvidenceBook::Place& into, const EvidenceBook::Place& other) {
  into.is_in_file = into.is_in_file || other.is_in_file;
  into.was_dropped = into.was_dropped || other.was_dropped;
  if (other.revision && (!into.revision || *other.revision < *into.revision)) into.revision = other.revision;
  if (other.signature && (!into.signature || *other.signature < *into.signature)) into.signature = other.signature;
}

// Values by the SHA-256 of their encoding, with the places of all copies.
template <typename T>
class Sorted {
 public:
  bool add(ByteView der, const EvidenceBook::Place& place) {
    auto value = T::from_der(der);
    if (!value) return false;
    auto [entry, is_new] = m_items.try_emplace(copy(value->sha256()), *value, place);
    if (!is_new) merge(entry->second.second, place);
    return true;
  }
  template <typename Take>
  void for_each(const Take& take) const {
    for (const auto& [digest, item] : m_items) take(item.first, item.second);
  }

 private:
  std::map<Bytes, std::pair<T, EvidenceBook::Place>> m_items;
};

}  // namespace

EvidenceBook::EvidenceBook(const DocumentFacts& facts, std::span<const crypto::Certificate> embedded,
                           const Evidence& evidence, const pki::TrustStore& trust) {
  Sorted<pki::RevocationList> lists;
  Sorted<pki::OcspResponse> responses;
  for (const crypto::Certificate& certificate : embedded) add_certificate(certificate, true);
  for (const StoredItem& item : facts.stored) {
    // What covers a signature of CAdES doesn't cover all that was put into its CMS.
    const bool is_cades = facts.format == DocumentFacts::Format::cades;
    const Place place{true, item.revision, is_cades ? std::nullopt : item.signature, item.dropped_in.has_value()};
    switch (item.kind) {
      case StoredItem::Kind::certificate:
        add_der_certificate(item.der, true);
        break;
      case StoredItem::Kind::crl:
        m_malformed += lists.add(item.der, place) ? 0 : 1;
        break;
      case StoredItem::Kind::ocsp:
        m_malformed += responses.add(item.der, place) ? 0 : 1;
        break;
    }
  }
  for (const EvidenceItem& item : evidence.items) {
    switch (item.kind) {
      case EvidenceItem::Kind::certificate:
        add_der_certificate(item.der, false);
        break;
      case EvidenceItem::Kind::crl:
        m_malformed += lists.add(item.der, {}) ? 0 : 1;
        break;
      case EvidenceItem::Kind::ocsp:
        m_malformed += responses.add(item.der, {}) ? 0 : 1;
        break;
    }
  }
  lists.for_each([&](const pki::RevocationList& list, const Place& place) {
    m_revocation.lists.push_back(list);
    m_lists.push_back({place, std::nullopt});
  });
  responses.for_each([&](const pki::OcspResponse& response, const Place& place) {
    m_revocation.responses.push_back(response);
    m_responses.push_back({place, std::nullopt});
  });
  for (const pki::ParsedCertificate& certificate : trust.intermediates())
    m_parsed.try_emplace(copy(certificate.sha256()), certificate);
  for (const auto& [digest, certificate] : m_parsed) {
    m_pool.add(certificate);
    m_certificates.push_back(certificate.certificate());
  }
}

void EvidenceBook::add_certificate(const crypto::Certificate& certificate, bool is_in_file) {
  const Bytes digest = certificate.sha256();
  if (is_in_file) m_in_file.insert(digest);
  if (!m_parsed.contains(digest)) m_parsed.emplace(digest, pki::ParsedCertificate(certificate));
}

void EvidenceBook::add_der_certificate(ByteView der, bool is_in_file) {
  if (const auto certificate = crypto::Certificate::from_der(der))
    add_certificate(*certificate, is_in_file);
  else
    ++m_malformed;
}

bool EvidenceBook::has_certificate_in_file(const pki::ParsedCertificate& certificate) const {
  return m_in_file.contains(copy(certificate.sha256()));
}

const pki::ParsedCertificate& EvidenceBook::parsed(const crypto::Certificate& certificate) {
  const Bytes digest = certificate.sha256();
  const auto known = m_parsed.find(digest);
  if (known != m_parsed.end()) return known->second;
  return m_parsed.emplace(digest, pki::ParsedCertificate(certificate)).first->second;
}

const EvidenceBook::Place& EvidenceBook::place_of(const pki::RevocationAnswer& answer) const {
  const bool is_list = answer.source == pki::RevocationAnswer::Source::crl;
  return (is_list ? m_lists : m_responses)[answer.index].place;
}

std::optional<Instant> EvidenceBook::proof_of(const pki::RevocationAnswer& answer) const {
  const bool is_list = answer.source == pki::RevocationAnswer::Source::crl;
  std::optional<Instant> proof = (is_list ? m_lists : m_responses)[answer.index].proof;
  // A delta CRL and its base were both needed: the later proof counts.
  if (answer.delta_index) {
    const std::optional<Instant> delta = m_lists[*answer.delta_index].proof;
    proof = proof && delta ? std::optional(std::max(*proof, *delta)) : std::nullopt;
  }
  return proof;
}

void EvidenceBook::prove(std::size_t revision, std::span<const std::size_t> brought_in, Instant time) {
  for (std::vector<Item>* items : {&m_lists, &m_responses})
    for (Item& item : *items) {
      const bool is_covered = (item.place.revision && *item.place.revision <= revision) ||
                              (item.place.signature && *item.place.signature < brought_in.size() &&
                               brought_in[*item.place.signature] <= revision);
      if (is_covered && (!item.proof || time < *item.proof)) item.proof = time;
    }
}

}  // namespace kyso::verify
