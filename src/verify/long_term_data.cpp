#include "verify/long_term_data.h"

#include <algorithm>
#include <map>
#include <set>

#include "crypto/signed_data_reader.h"

namespace kyso::verify {
namespace {

// Responders of responders' certificates and so on.
constexpr int kDeepest = 6;

// A list of items, each once, and which of them the present signature uses.
class ItemList {
 public:
  explicit ItemList(std::vector<Bytes>& items) : m_items(items) {}
  std::size_t place_of(ByteView der) {
    const auto [known, is_new] =
        m_places.try_emplace(crypto::digest(crypto::DigestAlgorithm::sha256, der), m_items.size());
    if (is_new) m_items.emplace_back(der.begin(), der.end());
    return known->second;
  }

 private:
  std::vector<Bytes>& m_items;
  std::map<Bytes, std::size_t> m_places;
};

void use(std::vector<std::size_t>& places, std::size_t place) {
  if (std::ranges::find(places, place) == places.end()) places.push_back(place);
}

class Gatherer {
 public:
  Gatherer(const DocumentFacts& facts, const Evidence& evidence, const pki::TrustStore& trust, Instant time)
      : m_trust(trust), m_time(time) {
    for (const StoredItem& item : facts.stored) know(static_cast<int>(item.kind), item.der);
    for (const EvidenceItem& item : evidence.items) know(static_cast<int>(item.kind), item.der);
    for (const SignatureFacts& signature : facts.signatures) {
      const auto cms = crypto::read_signed_data(signature.cms);
      if (!cms) continue;
      for (const auto& certificate : cms->certificates) m_pool.add(pki::ParsedCertificate(certificate));
    }
    for (const auto& certificate : trust.intermediates()) m_pool.add(certificate);
    for (const auto& anchor : trust.anchors()) m_pool.add(anchor.certificate);
  }

  void add_signature(const SignatureVerdict& signature, SignatureKind kind) {
    m_result.by_signature.emplace_back();
    m_done.clear();
    add_chain(signature.chain, kind == SignatureKind::signature ? signature.best_time : std::nullopt);
    for (const TimeStampVerdict& stamp : signature.time_stamps) add_chain(stamp.chain, std::nullopt);
  }
  LongTermData take() && { return std::move(m_result); }

 private:
  static_assert(static_cast<int>(StoredItem::Kind::crl) == static_cast<int>(EvidenceItem::Kind::crl) &&
                static_cast<int>(StoredItem::Kind::ocsp) == static_cast<int>(EvidenceItem::Kind::ocsp));
  void know(int kind, const Bytes& der) {
    if (kind == static_cast<int>(EvidenceItem::Kind::certificate)) {
      if (auto certificate = crypto::Certificate::from_der(der)) m_pool.add(pki::ParsedCertificate(*certificate));
    } else if (kind == static_cast<int>(EvidenceItem::Kind::crl)) {
      if (auto list = pki::RevocationList::from_der(der)) m_evidence.lists.push_back(std::move(*list));
    } else if (auto response = pki::OcspResponse::from_der(der)) {
      m_evidence.responses.push_back(std::move(*response));
    }
  }

  bool is_anchor(const pki::ParsedCertificate& certificate) const {
    return m_trust.find(certificate.sha256()) != nullptr;
  }

  // A chain of a verdict need not end with the anchor itself.
  std::optional<pki::ParsedCertificate> issuer_of(const pki::ParsedCertificate& certificate) const {
    for (const auto& candidate : m_pool.issuers_of(certificate))
      if (certificate.certificate().is_issued_by(candidate.certificate())) return candidate;
    return std::nullopt;
  }

  // `proven`: since when the signature of the chain's first certificate exists; an older answer about that certificate
  // proves nothing. About all others it may.
  void add_chain(const std::vector<CertificateVerdict>& chain, std::optional<Instant> proven) {
    std::vector<pki::ParsedCertificate> certificates;
    for (const CertificateVerdict& member : chain) certificates.emplace_back(member.certificate);
    if (!certificates.empty() && !is_anchor(certificates.back()))
      if (auto issuer = issuer_of(certificates.back())) certificates.push_back(std::move(*issuer));
    add_path(certificates, proven, 0);
  }

  void add_path(std::span<const pki::ParsedCertificate> path, std::optional<Instant> proven, int depth) {
    for (std::size_t i = 0; i < path.size(); ++i) {
      add_certificate(path[i]);
      if (i + 1 < path.size() && !is_anchor(path[i]))
        add_status(path[i], path[i + 1], i == 0 ? proven : std::nullopt, depth);
    }
  }

  void add_certificate(const pki::ParsedCertificate& certificate) {
    use(m_result.by_signature.back().certificates, m_certificates.place_of(certificate.certificate().der()));
  }

  void add_status(const pki::ParsedCertificate& subject, const pki::ParsedCertificate& issuer,
                  std::optional<Instant> since, int depth) {
    if (depth > kDeepest || subject.extensions().ocsp_no_check) return;
    const ByteView digest = subject.sha256();
    if (!m_done.emplace(Bytes(digest.begin(), digest.end()), since.has_value()).second) return;
    pki::RevocationRequest request;
    request.time = m_time;
    const auto report = find_revocation(subject, issuer, m_evidence, m_pool, m_trust, request);
    pki::ReasonMask covered = 0;
    for (const pki::RevocationAnswer& answer : report.answers) {
      if (answer.status == pki::CertificateStatus::unknown || (since && answer.this_update < *since)) continue;
      add_answer(answer, depth);
      covered |= answer.covered_reasons;
      if ((covered & pki::kAllReasons) == pki::kAllReasons) break;
    }
  }

  void add_answer(const pki::RevocationAnswer& answer, int depth) {
    auto& mine = m_result.by_signature.back();
    if (answer.source == pki::RevocationAnswer::Source::ocsp) {
      const auto& response = m_evidence.responses[answer.index];
      use(mine.ocsp_responses, m_responses.place_of(response.der()));
    } else {
      use(mine.crls, m_lists.place_of(m_evidence.lists[answer.index].der()));
      if (answer.delta_index) use(mine.crls, m_lists.place_of(m_evidence.lists[*answer.delta_index].der()));
    }
    if (answer.signer) add_path(answer.signer->certificates, std::nullopt, depth + 1);
  }

  const pki::TrustStore& m_trust;
  Instant m_time;
  pki::CertificatePool m_pool;
  pki::RevocationEvidence m_evidence;
  std::set<std::pair<Bytes, bool>> m_done;  // of the present signature
  LongTermData m_result;
  ItemList m_certificates{m_result.data.certificates}, m_responses{m_result.data.ocsp_responses},
      m_lists{m_result.data.crls};
};

}  // namespace

LongTermData long_term_data(const DocumentFacts& facts, const Evidence& evidence, const Verdict& verdict,
                            const pki::TrustStore& trust, Instant time) {
  Gatherer gatherer(facts, evidence, trust, time);
  for (const SignatureVerdict& signature : verdict.signatures)
    gatherer.add_signature(signature, facts.signatures[signature.signature].kind);
  return std::move(gatherer).take();
}

}  // namespace kyso::verify
