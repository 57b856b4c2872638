#include "pki/revocation_search.h"

#include <algorithm>

#include "crypto/name.h"

namespace kyso::pki {
namespace {

constexpr std::size_t kMaxIgnored = 64;
// Different signers of answers about one certificate whose paths are looked for, and what one path may cost.
constexpr std::size_t kMaxSigners = 16;
constexpr std::size_t kMaxSignerPaths = 64;

std::string name_text(ByteView name) {
  const auto read = crypto::Name::from_der(name);
  return read ? read->text() : to_hex(name);
}

std::string issuer_text(const RevocationEvidence& evidence, RevocationAnswer::Source source, std::size_t index) {
  if (source == RevocationAnswer::Source::crl) return name_text(evidence.lists[index].state().issuer);
  const OcspResponse::State& response = evidence.responses[index].state();
  return response.responder_name.empty() ? to_hex(response.responder_key_hash) : name_text(response.responder_name);
}

}  // namespace

crypto::PublicKey completed_key(std::span<const ParsedCertificate> chain) {
  crypto::PublicKey key = chain.back().certificate().public_key();
  for (auto each = chain.rbegin() + 1; each != chain.rend(); ++each)
    key = each->certificate().public_key().with_inherited_parameters(key);
  return key;
}

RevocationSearch::RevocationSearch(const ParsedCertificate& subject, const ParsedCertificate& issuer,
                                   const RevocationEvidence& evidence, const CertificatePool& pool,
                                   const TrustStore& trust, const RevocationRequest& request)
    : m_subject(subject),
      m_issuer(issuer),
      m_evidence(evidence),
      m_pool(pool),
      m_trust(trust),
      m_request(request),
      m_signatures_left(request.budget.signatures),
      m_issuer_key(issuer.certificate().public_key()),
      m_scope(subject),
      m_delta_is_settled(evidence.lists.size()) {
  if (!lacks_parameters(m_issuer_key)) return;
  if (const auto path = path_of_issuer(); !path.empty()) m_issuer_key = completed_key(path);
}

RevocationReport RevocationSearch::run() {
  ask_responses();
  ask_lists();
  // Newest first, then revoked ones; the rest only makes the order the same every time.
  const auto rank = [](const RevocationAnswer& answer) {
    return std::tuple(-answer.this_update.time_since_epoch(), answer.status != CertificateStatus::revoked,
                      answer.source, answer.index);
  };
  std::ranges::sort(m_report.answers, {}, rank);
  for (Finding& stranger : m_strangers)
    if (m_report.ignored.size() < kMaxIgnored) m_report.ignored.push_back(std::move(stranger));
  return std::move(m_report);
}

void RevocationSearch::ignore(std::string_view code, Source source, std::size_t index, Severity severity) {
  ignore(Finding(code, severity), source, index);
}

void RevocationSearch::ignore(Finding finding, Source source, std::size_t index) {
  std::vector<Finding>& list = finding.severity == Severity::note ? m_strangers : m_report.ignored;
  if (list.size() >= kMaxIgnored) return;
  finding.with("source", source == Source::crl ? "crl" : "ocsp")
      .with("index", std::to_string(index))
      .with("issuer", issuer_text(m_evidence, source, index));
  list.push_back(std::move(finding));
}

void RevocationSearch::tell_budget() {
  if (!std::exchange(m_budget_was_told, true))
    m_report.ignored.emplace_back("pki.revocation.budget", Severity::warning);
}

bool RevocationSearch::is_budget_spent() {
  if (m_signatures_left == 0) tell_budget();
  return m_signatures_left == 0;
}

bool RevocationSearch::spend_signature() {
  if (is_budget_spent()) return false;
  --m_signatures_left;
  return true;
}

std::optional<crypto::SignatureScheme> RevocationSearch::verify(const SignatureMemo& memo, const SignedBlock& block,
                                                                const crypto::PublicKey& key) {
  if (!memo.knows(key) && !spend_signature()) return std::nullopt;
  return memo.verify(block, key);
}

RevocationAnswer RevocationSearch::begin_answer(const Signer& signer, Source source, std::size_t index) {
  RevocationAnswer answer;
  answer.source = source;
  answer.index = index;
  answer.signer = signer.path;
  answer.scheme = signer.scheme;
  answer.key_bits = signer.key.bits();
  return answer;
}

bool RevocationSearch::is_too_weak(const Signer& signer, Source source, std::size_t index) {
  const AlgorithmRules* rules = m_request.algorithms;
  if (rules == nullptr || rules->accepts(signer.scheme, signer.key.bits(), m_request.time)) return false;
  Finding finding("pki.algorithm.weak", Severity::warning);
  finding.with("algorithm", crypto::name_of(signer.scheme)).with("bits", std::to_string(signer.key.bits()));
  ignore(std::move(finding), source, index);
  return true;
}

bool RevocationSearch::is_key_of_issuer(const ParsedCertificate& certificate) const {
  return std::ranges::equal(certificate.certificate().public_key().spki(), m_issuer.certificate().public_key().spki());
}

std::span<const ParsedCertificate> RevocationSearch::path_of_issuer() {
  if (!m_request.issuer_path.empty()) return m_request.issuer_path;
  const std::optional<Path>& path = path_of(m_issuer, Purpose::any);
  return path ? std::span<const ParsedCertificate>(path->certificates) : std::span<const ParsedCertificate>();
}

// Stricter than RFC 5280 section 6.3.3 (f), for which the same name below the same anchor is enough: an authority that
// is no friend could certify somebody of this name. Signer and issuer are the same authority when, going up through
// certificates of that name, both come to the same key, or to the same one that certified the authority.
bool RevocationSearch::is_of_same_authority(const Path& path) {
  const ByteView name = m_issuer.normalised_subject();
  if (!std::ranges::equal(path.certificates.front().normalised_subject(), name)) return true;
  const auto keys_of = [name](std::span<const ParsedCertificate> chain) {
    std::vector<ByteView> keys;
    for (const ParsedCertificate& each : chain) {
      keys.push_back(each.certificate().public_key().spki());
      if (!std::ranges::equal(each.normalised_subject(), name)) break;
    }
    return keys;
  };
  const std::vector<ByteView> keys = keys_of(path.certificates);
  const auto is_among_them = [&keys](ByteView key) {
    return std::ranges::any_of(keys, [key](ByteView each) { return std::ranges::equal(each, key); });
  };
  if (is_among_them(m_issuer.certificate().public_key().spki())) return true;
  return std::ranges::any_of(keys_of(path_of_issuer()), is_among_them);
}

const std::optional<Path>& RevocationSearch::path_of(const ParsedCertificate& signer, Purpose purpose) {
  const ByteView id = signer.sha256();
  auto [place, is_new] = m_paths.try_emplace({Bytes(id.begin(), id.end()), purpose});
  if (!is_new) return place->second;
  if (m_paths.size() > kMaxSigners) {
    tell_budget();
  } else {
    place->second = build_path(signer, purpose);
  }
  return place->second;
}

std::optional<Path> RevocationSearch::build_path(const ParsedCertificate& signer, Purpose purpose) {
  if (const TrustAnchor* anchor = m_request.anchor != nullptr ? m_request.anchor : m_trust.find(signer.sha256());
      anchor != nullptr && anchor->certificate == signer) {
    Path path{{signer}, *anchor, {}, {}};
    if (purpose == Purpose::crl_signing && !is_of_same_authority(path)) return std::nullopt;
    return path;
  }
  if (!m_signer_pool) {
    m_signer_pool = m_pool;
    m_signer_pool->add(m_issuer);
  }
  TrustStore only_anchor;
  if (m_request.anchor != nullptr) {
    only_anchor.add(*m_request.anchor);
    for (const ParsedCertificate& each : m_trust.intermediates()) only_anchor.add_intermediate(each);
  }
  PathRequest request;
  request.time = m_request.time;
  request.purpose = purpose;
  request.ignore_validity = true;
  request.algorithms = m_request.algorithms;
  request.budget = m_request.budget;
  request.budget.paths = std::min(request.budget.paths, kMaxSignerPaths);
  request.budget.signatures = std::min(request.budget.signatures, kMaxSignerPaths);
  request.accept = [this, purpose](Path& path) {
    // RFC 6960 section 4.2.2.2: a responder is certified by the very key that certified what is asked about.
    if (purpose == Purpose::ocsp_signing) return path.certificates.size() > 1 && is_key_of_issuer(path.certificates[1]);
    return purpose != Purpose::crl_signing || is_of_same_authority(path);
  };
  return find_path(signer, *m_signer_pool, m_request.anchor != nullptr ? only_anchor : m_trust, request).path;
}

std::vector<ParsedCertificate> RevocationSearch::known_with_subject(ByteView name, ByteView normalised_name) const {
  std::vector<ParsedCertificate> out = m_pool.with_subject(name);
  const auto add = [&](const ParsedCertificate& certificate) {
    if (std::ranges::equal(certificate.normalised_subject(), normalised_name)) out.push_back(certificate);
  };
  for (const ParsedCertificate& each : m_trust.intermediates()) add(each);
  for (const TrustAnchor& anchor : m_trust.anchors()) add(anchor.certificate);
  return out;
}

RevocationReport find_revocation(const ParsedCertificate& subject, const ParsedCertificate& issuer,
                                 const RevocationEvidence& evidence, const CertificatePool& pool,
                                 const TrustStore& trust, const RevocationRequest& request) {
  return RevocationSearch(subject, issuer, evidence, pool, trust, request).run();
}

}  // namespace kyso::pki
