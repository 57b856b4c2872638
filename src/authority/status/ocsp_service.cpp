#include "authority/status/ocsp_service.h"

#include <algorithm>
#include <future>

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
      m_cache(options.cache_octets),
      m_served(std::make_shared<const Served>()),
      m_queue(vault) {}

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

struct OcspService::Making {
  Bytes request;
  OcspQuery query;  // points into it
  std::shared_ptr<const Served> served;
  const ServedIssuer* issuer = nullptr;
  std::vector<PreparedAnswer::Told> told;
  bool is_all_issued = true;
  Instant now{}, next_update{};
  std::size_t responder = 0;  // of the issuer's, whose turn it is
  Bytes data;                 // what this responder signs
  Taker taker;
  bool is_waited_for = false;  // by a thread that helps meanwhile
};

std::shared_ptr<const PreparedAnswer> OcspService::answer(ByteView request, std::string_view only) {
  if (auto prepared = quick(request, only)) return prepared;
  auto making = begin(request, only, true);
  if (!making) return refusal(making.error());
  const auto made = std::make_shared<std::promise<std::shared_ptr<const PreparedAnswer>>>();
  auto answer = made->get_future();
  (*making)->taker = [made](auto prepared) { made->set_value(std::move(prepared)); };
  (*making)->is_waited_for = true;
  sign(*std::move(making));
  while (answer.wait_for(std::chrono::seconds(0)) != std::future_status::ready && m_queue.help()) {
  }
  return answer.get();
}

bool OcspService::answer_later(ByteView request, std::string_view only, Taker& taker) {
  auto making = begin(request, only, false);
  if (!making) {
    taker(refusal(making.error()));
    return true;
  }
  if (*making == nullptr) return false;
  (*making)->taker = std::move(taker);
  sign(*std::move(making));
  return true;
}

Result<std::shared_ptr<OcspService::Making>> OcspService::begin(ByteView request, std::string_view only,
                                                                bool may_wait) {
  auto making = std::make_shared<Making>();
  making->request.assign(request.begin(), request.end());
  making->query = KYSO_TRY(pki::status::read_query(making->request));
  making->served = served();
  making->issuer = KYSO_TRY(issuer_of(*making->served, making->query, only));
  for (const CertificateId& id : making->query.certificates) {
    const auto same = std::ranges::find_if(
        making->told, [&](const PreparedAnswer::Told& before) { return std::ranges::equal(before.serial, id.serial); });
    std::optional<Standing> standing;
    if (same != making->told.end()) {
      standing = same->standing;  // the same question gets the same answer, whatever happens in between
    } else if (may_wait) {
      standing = KYSO_TRY(m_directory.look_up(making->issuer->settings.name, making->issuer->number, id.serial));
    } else {
      if (!m_directory.is_current()) return fail("authority.status.behind");
      standing = m_directory.index().find(making->issuer->number, id.serial);
      if (!standing) return std::shared_ptr<Making>();
    }
    making->is_all_issued &= standing.has_value();
    making->told.push_back({making->issuer->number, Bytes(id.serial.begin(), id.serial.end()), std::move(standing)});
  }
  making->now = m_clock.now();
  return making;
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

// By the responder whose turn it is, or the next one that is valid now.
void OcspService::sign(std::shared_ptr<Making> making) {
  const std::vector<vault::Signer>& responders = making->issuer->responders;
  for (; making->responder < responders.size(); ++making->responder) {
    const vault::Signer& responder = responders[making->responder];
    const Instant end = responder.certificate.not_after();
    if (making->now < responder.certificate.not_before() || making->now >= end) continue;
    making->next_update =
        std::min(making->now + (making->is_all_issued ? m_options.validity : m_options.not_issued_validity), end);
    making->data = response_data(*making, responder);
    const bool will_help = std::exchange(making->is_waited_for, false);  // with the first responder
    m_queue.sign(
        responder.name, making->data,
        [this, making](Result<Bytes> signature) mutable { finish(std::move(making), std::move(signature)); },
        will_help);
    return;
  }
  making->taker(refusal(fail("authority.ocsp.responder").with("issuer", making->issuer->settings.name)));
}

void OcspService::finish(std::shared_ptr<Making> making, Result<Bytes> signature) {
  if (signature) {
    auto prepared = prepare(*making, *signature);
    if (prepared->renew_at > prepared->produced) m_cache.put(making->request, prepared);
    counters().made.add();
    making->taker(std::move(prepared));
  } else if (signature.error().code == "vault.key.unavailable" &&
             making->responder + 1 < making->issuer->responders.size()) {
    ++making->responder;
    sign(std::move(making));
  } else {
    making->taker(refusal(signature.error()));
  }
}

std::shared_ptr<const PreparedAnswer> OcspService::prepare(const Making& making, ByteView signature) {
  const vault::Signer& responder = making.issuer->responders[making.responder];
  auto out = std::make_shared<PreparedAnswer>();
  out->body = std::make_shared<const Bytes>(
      pki::status::assemble(making.data, responder.scheme, signature, std::span(&responder.certificate, 1)));
  out->issuer_name = making.issuer->settings.name;
  out->told = making.told;
  out->renew_at = making.now;
  // What isn't there may come any second.
  if (making.is_all_issued && !making.query.nonce) {
    // Renewed after half its time: whoever gets it can use it for the other half.
    const std::chrono::seconds half = (making.next_update - making.now) / 2;
    out->renew_at = making.now + half;
    // RFC 9919 section 7.2: less than nextUpdate minus now, at every moment at which it is sent.
    out->max_age = std::max(std::min(m_options.max_age, half - std::chrono::seconds(1)), std::chrono::seconds(0));
  }
  describe(*out, making.now, making.next_update);
  return out;
}

Bytes OcspService::response_data(const Making& making, const vault::Signer& responder) const {
  const Instant since =
      m_options.archive_since.value_or(making.issuer->settings.certificate.certificate().not_before());
  std::vector<SingleAnswer> singles;
  for (std::size_t i = 0; i < making.told.size(); ++i) {
    const std::optional<Standing>& standing = making.told[i].standing;
    SingleAnswer& single =
        singles.emplace_back(single_answer(making.query.certificates[i], standing, m_options.not_issued));
    single.this_update = making.now;
    single.next_update = making.next_update;
    if (standing && standing->not_after < making.now) single.archive_cutoff = since;
  }
  const Bytes key_hash = pki::status::key_hash(DigestAlgorithm::sha1, responder.certificate.public_key());
  return pki::status::response_data(key_hash, making.now, singles, making.query.nonce);
}

}  // namespace kyso::authority::status
