#include "verify/evidence/status_fetcher.h"

#include <algorithm>

#include "crypto/signed_data_reader.h"
#include "pki/certificate_bag.h"
#include "verify/evidence/fetch_address.h"

namespace kyso::verify {
namespace {

constexpr std::size_t kMaxBundleSize = 1U << 20U;
constexpr std::size_t kMaxBundle = 64;  // certificates
constexpr std::size_t kMaxResponseSize = 1U << 20U;
constexpr std::size_t kMostAddresses = 4;  // of one kind that are asked for one certificate
constexpr std::size_t kNonceSize = 16;
// How long a CA's certificate is kept when HTTP doesn't say; and at most, whatever it says.
constexpr std::chrono::seconds kBundleLifetime = std::chrono::days(1), kLongestBundleLifetime = std::chrono::days(30);

std::vector<std::string> fetchable(const std::vector<std::string>& urls) {
  std::vector<std::string> good;
  for (const std::string& url : urls)
    if (is_fetchable(url) && good.size() < kMostAddresses) good.push_back(url);
  return good;
}

// The addresses of each distribution point; those of one point lead to the same list.
std::vector<std::vector<std::string>> addresses_of(const std::vector<pki::DistributionPoint>& points) {
  std::vector<std::vector<std::string>> all;
  for (const auto& point : points) {
    std::vector<std::string> urls;
    for (const auto& name : point.full_name)
      if (name.kind == pki::GeneralName::Kind::uri) urls.emplace_back(as_chars(name.value));
    urls = fetchable(urls);
    if (!urls.empty() && all.size() < kMostAddresses) all.push_back(std::move(urls));
  }
  return all;
}

std::string key_of(const pki::ParsedCertificate& subject, const std::string& responder) {
  return fmt::format("{} {}", to_hex(subject.sha256()), responder);
}

// As long as the answer itself says, and HTTP where that is shorter.
std::optional<Instant> lifetime(std::optional<Instant> next_update, std::optional<Instant> expires) {
  if (!next_update) return expires;
  return expires ? std::min(*next_update, *expires) : *next_update;
}

}  // namespace

// --- what there is ---------------------------------------------------------------------------------------------------

EvidenceBasket::EvidenceBasket(const DocumentFacts& facts, const Evidence& given) : m_evidence(given) {
  const auto add_certificate = [&](ByteView der) {
    if (auto certificate = crypto::Certificate::from_der(der))
      m_certificates.add(pki::ParsedCertificate(std::move(*certificate)));
  };
  for (const EvidenceItem& item : given.items) {
    m_known.insert(crypto::digest(crypto::DigestAlgorithm::sha256, item.der));
    if (item.kind == EvidenceItem::Kind::certificate) add_certificate(item.der);
  }
  for (const StoredItem& item : facts.stored)
    if (item.kind == StoredItem::Kind::certificate) add_certificate(item.der);
  for (const SignatureFacts& signature : facts.signatures) {
    const auto cms = crypto::read_signed_data(signature.cms);
    if (!cms) continue;
    for (const auto& certificate : cms->certificates) m_certificates.add(pki::ParsedCertificate(certificate));
  }
}

bool EvidenceBasket::add(EvidenceItem::Kind kind, ByteView der, const std::string& url, Instant fetched) {
  if (!m_known.insert(crypto::digest(crypto::DigestAlgorithm::sha256, der)).second) return false;
  m_evidence.items.push_back({kind, Bytes(der.begin(), der.end()), url, fetched});
  if (kind == EvidenceItem::Kind::certificate)
    if (auto certificate = crypto::Certificate::from_der(der))
      m_certificates.add(pki::ParsedCertificate(std::move(*certificate)));
  return true;
}

// --- what earlier runs kept ------------------------------------------------------------------------------------------

bool StatusFetcher::use_cached(const MissingEvidence& missing) {
  bool added = false;
  for (const auto& certificate : missing.without_issuer)
    for (const std::string& url : fetchable(certificate.extensions().ca_issuer_urls))
      added = use_cached_issuer(url) || added;
  for (const Status& wanted : missing.without_status) {
    const auto& extensions = wanted.subject.extensions();
    for (const std::string& url : fetchable(extensions.ocsp_urls)) added = use_cached_response(wanted, url) || added;
    for (const auto* points : {&extensions.crl_distribution_points, &extensions.freshest_crl})
      for (const auto& urls : addresses_of(*points))
        for (const std::string& url : urls) added = use_cached_list(url) || added;
  }
  return added;
}

bool StatusFetcher::use_cached_issuer(const std::string& url) {
  if (!m_cached.insert(url).second) return false;
  const auto cached = m_exchange.cache().find(url, {}, m_exchange.now());
  if (!cached) return false;
  const auto bundle = pki::read_certificate_bag(cached->body, kMaxBundle);
  return bundle && add_bundle(*bundle, url, cached->fetched);
}

bool StatusFetcher::use_cached_response(const Status& wanted, const std::string& url) {
  if (!m_cached.insert(key_of(wanted.subject, url)).second) return false;
  const Bytes request = encode_ocsp_request(wanted.subject, wanted.issuer, {});
  const auto cached = m_exchange.cache().find(url, request, m_exchange.now());
  if (!cached) return false;
  const auto response = pki::OcspResponse::from_der(cached->body);
  return response && worth_of(wanted, {{}, {*response}}).is_usable &&
         m_basket.add(EvidenceItem::Kind::ocsp, response->der(), url, cached->fetched);
}

bool StatusFetcher::use_cached_list(const std::string& url) {
  if (m_lists.contains(url)) return false;
  const auto cached = m_exchange.cache().find(url, {}, m_exchange.now());
  if (!cached) return false;
  auto list = pki::RevocationList::from_der(cached->body);
  if (!list) return false;
  m_lists[url] = {*list, cached->fetched, true};
  return m_basket.add(EvidenceItem::Kind::crl, list->der(), url, cached->fetched);
}

// --- issuers ---------------------------------------------------------------------------------------------------------

bool StatusFetcher::add_bundle(const std::vector<pki::ParsedCertificate>& bundle, const std::string& url,
                               Instant fetched) {
  bool added = false;
  for (const auto& issuer : bundle)
    added = m_basket.add(EvidenceItem::Kind::certificate, issuer.certificate().der(), url, fetched) || added;
  return added;
}

bool StatusFetcher::fetch_issuer(const pki::ParsedCertificate& certificate) {
  for (const std::string& url : fetchable(certificate.extensions().ca_issuer_urls)) {
    if (!m_asked.insert(url).second) continue;
    const auto answer =
        m_exchange.ask({.url = url, .content_type = {}, .accept = {}, .body = {}, .max_size = kMaxBundleSize});
    if (!answer) continue;
    const auto bundle = pki::read_certificate_bag(answer->body, kMaxBundle);
    if (!bundle) {
      m_exchange.complain("verify.fetch.malformed", url, "reason", bundle.error().code);
      continue;
    }
    const Instant until = answer->expires.value_or(answer->fetched + kBundleLifetime);
    m_exchange.cache().keep(url, {}, answer->body, answer->fetched,
                            std::min(until, answer->fetched + kLongestBundleLifetime));
    if (add_bundle(*bundle, url, answer->fetched)) return true;
  }
  return false;
}

// --- status ----------------------------------------------------------------------------------------------------------

StatusFetcher::Worth StatusFetcher::worth_of(const Status& wanted, const pki::RevocationEvidence& evidence) const {
  pki::CertificatePool pool;
  pool.add(m_basket.certificates());
  pool.add(wanted.issuer);
  pki::RevocationRequest request;
  request.time = std::max(m_time, m_exchange.now());
  const auto report = find_revocation(wanted.subject, wanted.issuer, evidence, pool, m_trust, request);
  Worth worth{.is_usable = !report.answers.empty(), .is_sufficient = false, .next_update = {}};
  pki::ReasonMask covered = 0;
  for (const auto& answer : report.answers) {
    if (!worth.next_update) worth.next_update = answer.next_update;
    if (answer.status == pki::CertificateStatus::revoked) worth.is_sufficient = true;
    if (answer.status == pki::CertificateStatus::good && answer.this_update >= wanted.not_before)
      covered |= answer.covered_reasons;
  }
  worth.is_sufficient = worth.is_sufficient || (covered & pki::kAllReasons) == pki::kAllReasons;
  return worth;
}

bool StatusFetcher::fetch_status(const Status& wanted) {
  bool added = false;
  const auto& extensions = wanted.subject.extensions();
  const bool has_list = !addresses_of(extensions.crl_distribution_points).empty();
  if (fetchable(extensions.ocsp_urls).empty() && !has_list) {
    Finding finding("verify.fetch.no_address", Severity::note);
    m_exchange.complain(finding.with("subject", wanted.subject.certificate().subject_text()));
    return false;
  }
  // Of lists first what is known, with the changes since; then the whole lists anew.
  const auto ask = [&] { return ask_responders(wanted, added); };
  const auto fetch = [&] { return fetch_lists(wanted, false, added) || fetch_lists(wanted, true, added); };
  // What is still missing after both, the judge says.
  static_cast<void>(m_options.prefer_ocsp ? ask() || fetch() : fetch() || ask());
  return added;
}

// --- OCSP ------------------------------------------------------------------------------------------------------------

bool StatusFetcher::ask_responders(const Status& wanted, bool& added) {
  for (const std::string& url : fetchable(wanted.subject.extensions().ocsp_urls))
    if (m_asked.insert(key_of(wanted.subject, url)).second && ask_responder(wanted, url, added)) return true;
  return false;
}

bool StatusFetcher::ask_responder(const Status& wanted, const std::string& url, bool& added) {
  using crypto::DigestAlgorithm;
  // SHA-1 in CertID is what every responder knows (RFC 5019 section 2.1.1); newer ones may know SHA-256 only (RFC
  // 9919), and some refuse a nonce.
  for (const OcspAttempt attempt :
       {OcspAttempt{DigestAlgorithm::sha1, true}, OcspAttempt{DigestAlgorithm::sha256, true},
        OcspAttempt{DigestAlgorithm::sha1, false}}) {
    if (const auto outcome = try_responder(wanted, url, attempt, added)) return *outcome;
  }
  m_exchange.complain("verify.fetch.refused", url, "status", "unauthorized");
  return false;
}

std::optional<bool> StatusFetcher::try_responder(const Status& wanted, const std::string& url, OcspAttempt attempt,
                                                 bool& added) {
  const Bytes nonce = attempt.with_nonce ? crypto::random_bytes(kNonceSize) : Bytes();
  const Exchange::Request request{
      .url = url,
      .content_type = "application/ocsp-request",
      .accept = "application/ocsp-response",
      .body = encode_ocsp_request(wanted.subject, wanted.issuer, {attempt.certificate_id, nonce}),
      .max_size = kMaxResponseSize};
  const auto answer = m_exchange.ask(request);
  if (!answer) return false;
  const auto response = pki::OcspResponse::from_der(answer->body);
  if (!response && response.error().code == "pki.ocsp.status") {
    const std::string status = response.error().params.empty() ? std::string() : response.error().params.front().second;
    if (status == "unauthorized" || status == "malformedRequest") return std::nullopt;
    m_exchange.complain("verify.fetch.refused", url, "status", status);
    return false;
  }
  if (!response) {
    m_exchange.complain("verify.fetch.malformed", url, "reason", response.error().code);
    return false;
  }
  // An answer from a store of the responder has none (RFC 9919); one to somebody else's question is no answer to ours.
  if (const auto echoed = response->nonce(); echoed && !nonce.empty() && *echoed != nonce) {
    m_exchange.complain("verify.fetch.malformed", url, "reason", "pki.ocsp.nonce");
    return false;
  }
  const Worth worth = worth_of(wanted, {{}, {*response}});
  added = m_basket.add(EvidenceItem::Kind::ocsp, response->der(), url, answer->fetched) || added;
  if (!worth.is_usable) return false;
  if (const auto until = lifetime(worth.next_update, answer->expires))
    m_exchange.cache().keep(url, encode_ocsp_request(wanted.subject, wanted.issuer, {}), response->der(),
                            answer->fetched, *until);
  return worth.is_sufficient;
}

// --- CRL -------------------------------------------------------------------------------------------------------------

bool StatusFetcher::fetch_lists(const Status& wanted, bool anew, bool& added) {
  const auto& extensions = wanted.subject.extensions();
  pki::RevocationEvidence lists;
  for (const auto& urls : addresses_of(extensions.crl_distribution_points)) {
    const auto list = fetch_list(urls, anew, added);
    if (!list) continue;
    lists.lists.push_back(*list);
    if (worth_of(wanted, lists).is_sufficient) return true;
  }
  if (lists.lists.empty()) return false;
  for (const auto& urls : addresses_of(extensions.freshest_crl)) {
    const auto delta = fetch_list(urls, true, added);
    if (!delta) continue;
    lists.lists.push_back(*delta);
    if (worth_of(wanted, lists).is_sufficient) return true;
  }
  return false;
}

std::optional<pki::RevocationList> StatusFetcher::fetch_list(const std::vector<std::string>& urls, bool anew,
                                                             bool& added) {
  for (const std::string& url : urls) {
    const auto known = m_lists.find(url);
    const bool must_ask = known == m_lists.end() || (anew && known->second.is_from_cache);
    const auto list = must_ask ? download_list(url) : known->second.list;
    if (!list) continue;
    added = m_basket.add(EvidenceItem::Kind::crl, list->der(), url, m_lists[url].fetched) || added;
    return list;
  }
  return std::nullopt;
}

std::optional<pki::RevocationList> StatusFetcher::download_list(const std::string& url) {
  KnownList& known = m_lists[url];
  known = {};
  const auto answer = m_exchange.ask({.url = url,
                                      .content_type = {},
                                      .accept = "application/pkix-crl",
                                      .body = {},
                                      .max_size = m_options.max_crl_size});
  if (!answer) return std::nullopt;
  auto list = pki::RevocationList::from_der(answer->body);
  if (!list) {
    m_exchange.complain("verify.fetch.malformed", url, "reason", list.error().code);
    return std::nullopt;
  }
  known = {std::move(*list), answer->fetched, false};
  if (const auto until = lifetime(known.list->next_update(), answer->expires))
    m_exchange.cache().keep(url, {}, answer->body, answer->fetched, *until);
  return known.list;
}

}  // namespace kyso::verify
