#include "authority/status/ocsp_service.h"

#include <algorithm>

#include "base/log.h"
#include "base/metrics.h"
#include "net/http_date.h"

namespace kyso::authority::status {
namespace {

using crypto::DigestAlgorithm;
using pki::status::CertificateId;
using pki::status::OcspError;
using pki::status::OcspQuery;
using pki::status::SingleAnswer;

constexpr std::array kHashes{DigestAlgorithm::sha1, DigestAlgorithm::sha256, DigestAlgorithm::sha384,
                             DigestAlgorithm::sha512};

std::string hash_key(DigestAlgorithm algorithm, ByteView name_hash, ByteView key_hash) {
  std::string key(1, static_cast<char>(algorithm));
  key += as_chars(name_hash);
  key += as_chars(key_hash);
  return key;
}

metrics::Counter& counted(const char* result) {
  return metrics::registry().counter("kyso_ocsp_answers_total", "OCSP answers by their result", {{"result", result}});
}
struct Counters {
  metrics::Counter &cached = counted("cached"), &made = counted("signed"), &malformed = counted("malformed"),
                   &unauthorized = counted("unauthorized"), &later = counted("try_later"),
                   &internal = counted("internal_error");
};
Counters& counters() {
  static Counters all;
  return all;
}

// RFC 6960 section 2.3. What may pass is told as tryLater.
std::shared_ptr<const PreparedAnswer> refusal(const Error& error) {
  OcspError kind = OcspError::internal_error;
  metrics::Counter* counter = &counters().internal;
  if (error.code == "pki.ocsp.request") {
    kind = OcspError::malformed_request;
    counter = &counters().malformed;
  } else if (error.code == "authority.ocsp.issuer") {
    kind = OcspError::unauthorized;
    counter = &counters().unauthorized;
  } else if (error.code == "authority.status.behind" || error.code == "authority.ocsp.responder" ||
             error.code == "vault.unreachable" || error.code == "vault.timeout" || error.code == "vault.busy" ||
             error.code == "vault.key.unavailable") {
    kind = OcspError::try_later;
    counter = &counters().later;
  } else {
    log::write(log::Level::error, "ocsp.failed", error);
  }
  counter->add();
  auto out = std::make_shared<PreparedAnswer>();
  out->body = std::make_shared<const Bytes>(pki::status::error_answer(kind));
  return out;
}

SingleAnswer single_answer(const CertificateId& id, const std::optional<Standing>& standing,
                           OcspOptions::NotIssued not_issued) {
  SingleAnswer out;
  out.certificate_id = id.whole;
  if (!standing) {
    out.not_issued = not_issued == OcspOptions::NotIssued::revoked;
    return out;
  }
  switch (standing->state) {
    case CertificateState::good:
      out.status = SingleAnswer::Status::good;
      break;
    case CertificateState::suspended:
    case CertificateState::revoked:
    case CertificateState::void_:
      out.status = SingleAnswer::Status::revoked;
      out.revoked_at = standing->changed;
      out.reason = standing->reason;
      break;
    case CertificateState::waiting:
      break;
  }
  return out;
}

ServedIssuer served_issuer(pki::issue::IssuerSettings settings, StatusIndex::Issuer number,
                           const std::vector<vault::Signer>& signers) {
  ServedIssuer out{std::move(settings), number, {}, {}};
  for (const vault::Signer& signer : signers) {
    if (signer.issuer != out.settings.name) continue;
    if (signer.purpose == vault::KeyPurpose::issue) out.chain = signer.chain;
    if (signer.purpose == vault::KeyPurpose::ocsp && signer.is_available) out.responders.push_back(signer);
  }
  std::ranges::sort(out.responders, std::greater<>(),
                    [](const vault::Signer& signer) { return signer.certificate.not_after(); });
  return out;
}

void describe(PreparedAnswer& answer, Instant now, Instant next_update) {
  answer.produced = now;
  answer.last_modified = net::http_date(now);
  answer.expires = net::http_date(next_update);
  answer.entity_tag = "\"" + to_hex(crypto::digest(DigestAlgorithm::sha256, *answer.body)) + "\"";
  // RFC 9919 section 7.2; no-transform, for some proxies touch what they take for text.
  answer.cache_control = answer.max_age.count() > 0
                             ? fmt::format("max-age={}, public, no-transform, must-revalidate", answer.max_age.count())
                             : std::string("no-cache, no-transform");
}

}  // namespace

OcspService::OcspService(vault::Vault& vault, StatusDirectory& directory, const Clock& clock, OcspOptions options)
    : m_vault(vault),
      m_directory(directory),
      m_clock(clock),
      m_options(options),
      m_queue(vault),
      m_cache(options.cache_octets),
      m_served(std::make_shared<const Served>()) {}

std::shared_ptr<const OcspService::Served> OcspService::served() const {
  const std::lock_guard lock(m_mutex);
  return m_served;
}

std::shared_ptr<const ServedIssuers> OcspService::issuers() const {
  auto all = served();
  return {all, &all->issuers};
}

Result<> OcspService::refresh() {
  vault::Vault::State state = KYSO_TRY(m_vault.state());
  auto fresh = std::make_shared<Served>();
  for (pki::issue::IssuerSettings& settings : state.issuers) {
    const crypto::Certificate& certificate = settings.certificate.certificate();
    for (const DigestAlgorithm algorithm : kHashes)
      fresh->by_hashes.emplace(hash_key(algorithm, crypto::digest(algorithm, certificate.subject_der()),
                                        pki::status::key_hash(algorithm, certificate.public_key())),
                               fresh->issuers.size());
    const StatusIndex::Issuer number = m_directory.index().issuer(settings.name);
    fresh->issuers.push_back(served_issuer(std::move(settings), number, state.signers));
  }
  const std::lock_guard lock(m_mutex);
  m_served = std::move(fresh);
  return {};
}

bool OcspService::is_true(const PreparedAnswer& answer) const {
  const Instant now = m_clock.now();
  if (now < answer.produced || now >= answer.renew_at || !m_directory.is_current()) return false;
  return std::ranges::all_of(answer.told, [this](const PreparedAnswer::Told& told) {
    return m_directory.index().find(told.issuer, told.serial) == told.standing;
  });
}

std::shared_ptr<const PreparedAnswer> OcspService::quick(ByteView request, std::string_view only) {
  auto answer = m_cache.find(request);
  if (!answer || !is_true(*answer)) return nullptr;
  if (!only.empty() && answer->issuer_name != only) return nullptr;
  counters().cached.add();
  return answer;
}

std::shared_ptr<const PreparedAnswer> OcspService::answer(ByteView request, std::string_view only) {
  if (auto prepared = quick(request, only)) return prepared;
  auto made = try_answer(request, only);
  if (!made) return refusal(made.error());
  counters().made.add();
  return *std::move(made);
}

Result<std::shared_ptr<const PreparedAnswer>> OcspService::try_answer(ByteView request, std::string_view only) {
  const OcspQuery query = KYSO_TRY(pki::status::read_query(request));
  const auto all = served();
  const ServedIssuer& issuer = *KYSO_TRY(issuer_of(*all, query, only));
  auto made = KYSO_TRY(prepare(issuer, query, KYSO_TRY(look_up(issuer, query))));
  if (made->renew_at > made->produced) m_cache.put(request, made);
  return std::shared_ptr<const PreparedAnswer>(std::move(made));
}

// All must be of one issuer: a delegated responder can't speak for another one. By name and key, never by serial alone.
Result<const ServedIssuer*> OcspService::issuer_of(const Served& served, const OcspQuery& query,
                                                   std::string_view only) const {
  const ServedIssuer* issuer = nullptr;
  for (const CertificateId& id : query.certificates) {
    if (!id.algorithm) return fail("authority.ocsp.issuer", "unknown digest algorithm");
    const auto found = served.by_hashes.find(hash_key(*id.algorithm, id.issuer_name_hash, id.issuer_key_hash));
    if (found == served.by_hashes.end()) return fail("authority.ocsp.issuer", "no such issuer");
    const ServedIssuer* its = &served.issuers[found->second];
    if (issuer != nullptr && issuer != its) return fail("authority.ocsp.issuer", "several issuers");
    issuer = its;
  }
  if (!only.empty() && issuer->settings.name != only) return fail("authority.ocsp.issuer", "issuer of another address");
  return issuer;
}

Result<std::vector<PreparedAnswer::Told>> OcspService::look_up(const ServedIssuer& issuer, const OcspQuery& query) {
  std::vector<PreparedAnswer::Told> told;
  for (const CertificateId& id : query.certificates) {
    const auto same = std::ranges::find_if(
        told, [&](const PreparedAnswer::Told& before) { return std::ranges::equal(before.serial, id.serial); });
    // The same question gets the same answer, whatever happens in between.
    std::optional<Standing> standing =
        same != told.end() ? same->standing
                           : KYSO_TRY(m_directory.look_up(issuer.settings.name, issuer.number, id.serial));
    told.push_back({issuer.number, Bytes(id.serial.begin(), id.serial.end()), std::move(standing)});
  }
  return told;
}

Result<std::shared_ptr<PreparedAnswer>> OcspService::prepare(const ServedIssuer& issuer, const OcspQuery& query,
                                                             std::vector<PreparedAnswer::Told> told) {
  const bool all_issued =
      std::ranges::all_of(told, [](const PreparedAnswer::Told& one) { return one.standing.has_value(); });
  const std::chrono::seconds validity = all_issued ? m_options.validity : m_options.not_issued_validity;
  const Instant now = m_clock.now();
  Instant next_update{};
  auto out = std::make_shared<PreparedAnswer>();
  Bytes body = KYSO_TRY(sign(issuer, now, query, told, validity, next_update));
  out->body = std::make_shared<const Bytes>(std::move(body));
  out->issuer_name = issuer.settings.name;
  out->told = std::move(told);
  out->renew_at = now;
  // What isn't there may come any second.
  if (all_issued && !query.nonce) {
    // Renewed after half its time: whoever gets it can use it for the other half.
    const std::chrono::seconds half = (next_update - now) / 2;
    out->renew_at = now + half;
    // RFC 9919 section 7.2: less than nextUpdate minus now, at every moment at which it is sent.
    out->max_age = std::max(std::min(m_options.max_age, half - std::chrono::seconds(1)), std::chrono::seconds(0));
  }
  describe(*out, now, next_update);
  return out;
}

Result<Bytes> OcspService::sign(const ServedIssuer& issuer, Instant now, const OcspQuery& query,
                                const std::vector<PreparedAnswer::Told>& told, std::chrono::seconds validity,
                                Instant& next_update) {
  Error error = fail("authority.ocsp.responder").with("issuer", issuer.settings.name);
  for (const vault::Signer& responder : issuer.responders) {
    if (now < responder.certificate.not_before() || now >= responder.certificate.not_after()) continue;
    next_update = std::min(now + validity, responder.certificate.not_after());
    const Bytes data = response_data(issuer, responder, now, next_update, query, told);
    const Result<Bytes> signature = m_queue.sign(responder.name, data);
    if (signature)
      return pki::status::assemble(data, responder.scheme, *signature, std::span(&responder.certificate, 1));
    error = signature.error();
    if (error.code != "vault.key.unavailable") break;
  }
  return error;
}

Bytes OcspService::response_data(const ServedIssuer& issuer, const vault::Signer& responder, Instant now,
                                 Instant next_update, const OcspQuery& query,
                                 const std::vector<PreparedAnswer::Told>& told) const {
  const Instant since = m_options.archive_since.value_or(issuer.settings.certificate.certificate().not_before());
  std::vector<SingleAnswer> singles;
  for (std::size_t i = 0; i < told.size(); ++i) {
    SingleAnswer& single =
        singles.emplace_back(single_answer(query.certificates[i], told[i].standing, m_options.not_issued));
    single.this_update = now;
    single.next_update = next_update;
    if (told[i].standing && told[i].standing->not_after < now) single.archive_cutoff = since;
  }
  const Bytes key_hash = pki::status::key_hash(DigestAlgorithm::sha1, responder.certificate.public_key());
  return pki::status::response_data(key_hash, now, singles, query.nonce);
}

}  // namespace kyso::authority::status
