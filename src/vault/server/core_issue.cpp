#include <algorithm>

#include "vault/protocol.h"
#include "vault/server/core_parts.h"

namespace kyso::vault {
namespace {

constexpr std::size_t kMaxWaiting = 50'000;  // linted certificates kept at hand; others are linted again

std::string upper_hex(ByteView octets) {
  auto text = to_hex(octets);
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
  return text;
}

NewEntry prepared_entry(const Standing& standing, std::int64_t policy, const std::vector<PreparedCertificate>& lines) {
  NewEntry entry{"intent.prepared", json::Value::object()};
  auto approvers = json::Value::array();
  for (const auto& person : standing.approvers) approvers.push_back(person);
  auto intents = json::Value::array();
  for (const auto& line : lines) {
    intents.push_back(
        json::Value::object()
            .set("intent", line.intent)
            .set("profile", line.profile)
            .set("reference", line.reference)
            .set("lint_sha256", to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, line.linting_certificate))));
  }
  entry.body.set("request", standing.request.id).set("request_sha256", to_hex(standing.request_sha256));
  entry.body.set("issuer", standing.request.issuer).set("policy", policy).set("requester", standing.requester);
  entry.body.set("approvers", std::move(approvers)).set("intents", std::move(intents));
  return entry;
}

}  // namespace

// The right to decide on some intents; whoever else wants one of them waits.
class Core::Claim {
 public:
  Claim(Core& core, const std::vector<std::string>& ids) : m_core(core), m_ids(ids.begin(), ids.end()) {
    std::unique_lock lock(m_core.m_intent_mutex);
    m_core.m_intent_changed.wait(lock, [&] {
      return std::ranges::none_of(m_ids, [&](const auto& id) { return m_core.m_claimed.contains(id); });
    });
    m_core.m_claimed.insert(m_ids.begin(), m_ids.end());
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  ~Claim() {
    {
      std::lock_guard lock(m_core.m_intent_mutex);
      for (const auto& id : m_ids) m_core.m_claimed.erase(id);
    }
    m_core.m_intent_changed.notify_all();
  }

 private:
  Core& m_core;
  const std::set<std::string> m_ids;
};

void Core::remember(const std::string& intent, Waiting waiting) {
  std::lock_guard lock(m_intent_mutex);
  if (m_waiting.size() >= kMaxWaiting) m_waiting.erase(m_waiting.begin());
  m_waiting.emplace(intent, std::move(waiting));
}

Result<Core::Line> Core::build_line(const Policy& policy, const pki::issue::IssuerSettings& issuer,
                                    const pki::issue::CertificateRequest& request,
                                    const std::string& request_id) const {
  const auto profile = policy.profiles().find(request.profile);
  if (profile == policy.profiles().end()) return fail("vault.policy.profile").with("profile", request.profile);
  const auto serial = pki::issue::draw_serial(m_options.instance);
  auto content = KYSO_TRY(
      pki::issue::ToBeSigned::build(profile->second, issuer, request, serial, m_clock.now(), &policy.blocked_keys()));
  auto linted = KYSO_TRY(pki::issue::Linted::lint(std::move(content), profile->second, &issuer.certificate));
  PreparedCertificate prepared{.intent = issuer.name + ":" + upper_hex(serial),
                               .request_id = request_id,
                               .issuer = issuer.name,
                               .profile = request.profile,
                               .reference = request.reference,
                               .serial = serial,
                               .linting_certificate = {}};
  prepared.linting_certificate.assign(linted.certificate().begin(), linted.certificate().end());
  return Line{std::move(prepared), std::move(linted)};
}

// The same request again: its intents while all of them wait, nothing any more afterwards.
Result<std::vector<PreparedCertificate>> Core::repeated(const Work& work) {
  const auto& id = work.standing.request.id;
  const auto used = [&] { return fail("vault.request.used").with("request", id); };
  const auto known = KYSO_TRY(m_journal.requests({id}));
  const auto row = known.find(id);
  if (row == known.end() || row->second.sha256 != work.standing.request_sha256) return used();
  std::vector<PreparedCertificate> out;
  for (auto& stored : KYSO_TRY(m_journal.intents_of(id))) {
    if (stored.intent.state != IntentState::prepared) return used();
    out.push_back(std::move(stored.intent.prepared));
  }
  if (out.empty()) return used();
  return out;
}

void Core::authorize_all(std::vector<Work>& work, const Policy& policy) {
  const Instant now = m_clock.now();
  m_workers.each(work.size(), 1, [&](std::size_t i) {
    auto standing = authorize(policy, *work[i].input, now);
    if (!standing) return work[i].refuse(std::move(standing).error());
    work[i].standing = *std::move(standing);
    const Request& request = work[i].standing.request;
    if (request.act != Act::issue) return work[i].refuse(fail("vault.request.act").with("act", name_of(request.act)));
    auto issuer = issuer_settings(request.issuer);
    if (!issuer) return work[i].refuse(std::move(issuer).error());
    work[i].issuer = *std::move(issuer);
  });
}

void Core::find_repeated(std::vector<Work>& work) {
  std::vector<std::string> ids;
  for (const auto& item : work)
    if (!item.is_answered) ids.push_back(item.standing.request.id);
  const auto known = m_journal.requests(ids);
  for (auto& item : work) {
    if (item.is_answered) continue;
    if (!known) {
      item.refuse(known.error());
    } else if (known->contains(item.standing.request.id)) {
      item.answer = repeated(item);
      item.is_answered = true;
    }
  }
}

void Core::build_all(std::vector<Work>& work, const Policy& policy) {
  struct Place {
    Work* work;
    std::size_t line;
  };
  std::vector<Place> places;
  for (auto& item : work) {
    if (item.is_answered) continue;
    const std::size_t count = item.standing.request.certificates.size();
    for (std::size_t i = 0; i < count; ++i) item.lines.emplace_back(fail("base.internal", "not built"));
    for (std::size_t i = 0; i < count; ++i) places.push_back({&item, i});
  }
  m_workers.each(places.size(), 1, [&](std::size_t i) {
    auto& [item, number] = places[i];
    const auto& request = item->standing.request;
    auto line = build_line(policy, *item->issuer, request.certificates[number], request.id);
    if (!line) line = std::move(line).error().with("reference", request.certificates[number].reference);
    item->lines[number] = std::move(line);
  });
  for (auto& item : work) {
    if (item.is_answered) continue;
    const auto wrong = std::ranges::find_if(item.lines, [](const auto& line) { return !line; });
    if (wrong != item.lines.end()) item.refuse(wrong->error());
  }
}

void Core::record_all(std::vector<Work>& work, const Policy& policy) {
  std::vector<NewRequest> rows;
  std::vector<Work*> places;
  for (auto& item : work) {
    if (item.is_answered) continue;
    const Request& request = item.standing.request;
    std::vector<PreparedCertificate> prepared;
    NewRequest row{request.id, item.standing.request_sha256, request.act, request.expires, {}, {}};
    for (std::size_t i = 0; i < item.lines.size(); ++i) {
      prepared.push_back(item.lines[i]->prepared);
      row.intents.push_back({item.lines[i]->prepared, i});
    }
    row.entry = prepared_entry(item.standing, policy.version(), prepared);
    item.answer = std::move(prepared);
    rows.push_back(std::move(row));
    places.push_back(&item);
  }
  if (rows.empty()) return;
  const auto recorded = m_journal.prepare(rows, policy.version());
  for (std::size_t i = 0; i < places.size(); ++i) {
    Work& item = *places[i];
    item.is_answered = true;
    if (!recorded) {
      item.answer = recorded.error();
    } else if (!(*recorded)[i]) {
      item.answer = repeated(item);  // another caller was quicker
    } else {
      for (auto& line : item.lines)
        remember(line->prepared.intent, {line->prepared.intent, line->prepared.issuer, std::move(line->linted)});
    }
  }
}

std::vector<Result<std::vector<PreparedCertificate>>> Core::prepare(const std::vector<SignedRequest>& requests) {
  std::vector<Work> work(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) work[i].input = &requests[i];
  const auto present = policy();
  if (!present) {
    for (auto& item : work) item.refuse(fail("vault.policy.none"));
  } else {
    authorize_all(work, *present);
    find_repeated(work);
    build_all(work, *present);
    record_all(work, *present);
  }
  std::vector<Result<std::vector<PreparedCertificate>>> out;
  for (auto& item : work) {
    if (!item.answer) item.answer = refused(std::move(item.answer).error());
    out.push_back(std::move(item.answer));
  }
  return out;
}

// After a restart, or when too many waited: linted again from what was recorded, under the policy of that time.
Result<Core::Waiting> Core::waiting_of(const StoredIntent& stored) {
  const auto& prepared = stored.intent.prepared;
  const auto its_policy = KYSO_TRY(policy_of(stored.policy));
  const auto profile = its_policy->profiles().find(prepared.profile);
  if (profile == its_policy->profiles().end()) return fail("vault.policy.profile").with("profile", prepared.profile);
  const auto issuer = KYSO_TRY(issuer_settings(prepared.issuer));
  auto linted =
      KYSO_TRY(pki::issue::Linted::restore(prepared.linting_certificate, profile->second, &issuer.certificate));
  return Waiting{prepared.intent, prepared.issuer, std::move(linted)};
}

void Core::collect(const std::vector<std::string>& ids, std::map<std::string, Result<crypto::Certificate>>& done,
                   std::vector<Waiting>& ready) {
  std::vector<std::string> missing;
  {
    std::lock_guard lock(m_intent_mutex);
    for (const auto& id : std::set<std::string>(ids.begin(), ids.end())) {
      if (auto found = m_waiting.find(id); found != m_waiting.end()) {
        ready.push_back(std::move(found->second));
        m_waiting.erase(found);
      } else {
        missing.push_back(id);
      }
    }
  }
  if (missing.empty()) return;
  auto stored = m_journal.intents(missing);
  for (const auto& id : missing)
    done.emplace(id, stored ? fail("vault.intent.unknown").with("intent", id) : stored.error());
  if (!stored) return;
  for (const auto& item : *stored) {
    const auto& id = item.intent.prepared.intent;
    if (item.intent.state == IntentState::void_) {
      done.insert_or_assign(id, fail("vault.intent.void").with("intent", id));
    } else if (item.intent.state == IntentState::signed_) {
      done.insert_or_assign(id, crypto::Certificate::from_der(item.intent.certificate));
    } else if (auto waiting = waiting_of(item)) {
      done.erase(id);
      ready.push_back(*std::move(waiting));
    } else {
      done.insert_or_assign(id, waiting.error());
    }
  }
}

void Core::sign_all(std::vector<Waiting>& ready, std::map<std::string, Result<crypto::Certificate>>& done) {
  std::map<std::string, Result<std::shared_ptr<const Identity>>> issuers;
  std::map<std::string, std::size_t> uses;
  for (const auto& waiting : ready) ++uses[waiting.issuer];
  for (const auto& [name, count] : uses) {
    const auto slot = slot_of(name, KeyPurpose::issue);
    auto identity = slot ? identity_of(**slot) : Result<std::shared_ptr<const Identity>>(slot.error());
    if (identity)
      if (auto counted = (*identity)->uses->count(count); !counted) identity = std::move(counted).error();
    issuers.emplace(name, std::move(identity));
  }
  std::vector<std::optional<Result<crypto::Certificate>>> made(ready.size());
  m_workers.each(ready.size(), 1, [&](std::size_t i) {
    const auto& identity = issuers.at(ready[i].issuer);
    if (!identity) {
      made[i].emplace(identity.error());
      return;
    }
    Key& key = *(*identity)->key;
    made[i].emplace(pki::issue::sign(std::move(ready[i].linted), key, key.public_key()));
  });
  std::vector<SignedIntent> rows;
  for (std::size_t i = 0; i < ready.size(); ++i) {
    if (*made[i]) rows.push_back({ready[i].intent, Bytes((*made[i])->der().begin(), (*made[i])->der().end())});
    done.insert_or_assign(ready[i].intent, *std::move(made[i]));
  }
  if (rows.empty()) return;
  // What isn't recorded doesn't exist: nobody sees a certificate before this is durable.
  const auto recorded = m_journal.sign(rows);
  if (recorded) return;
  for (const auto& row : rows) done.insert_or_assign(row.id, recorded.error());
}

std::vector<Result<crypto::Certificate>> Core::sign_prepared(const std::vector<std::string>& intents) {
  std::map<std::string, Result<crypto::Certificate>> done;
  {
    const Claim claim(*this, intents);
    std::vector<Waiting> ready;
    collect(intents, done, ready);
    sign_all(ready, done);
  }
  std::vector<Result<crypto::Certificate>> out;
  for (const auto& id : intents) out.push_back(done.at(id));
  return out;
}

Result<> Core::void_intent(const std::string& intent) {
  const Claim claim(*this, {intent});
  {
    std::lock_guard lock(m_intent_mutex);
    m_waiting.erase(intent);
  }
  if (KYSO_TRY(m_journal.void_intent(intent, "asked"))) return {};
  const auto stored = KYSO_TRY(m_journal.intents({intent}));
  if (stored.empty()) return fail("vault.intent.unknown").with("intent", intent);
  if (stored.front().intent.state == IntentState::signed_) return fail("vault.intent.signed").with("intent", intent);
  return {};
}

Result<std::vector<Intent>> Core::intents(const std::vector<std::string>& ids) {
  std::vector<Intent> out;
  for (auto& stored : KYSO_TRY(m_journal.intents(ids))) out.push_back(std::move(stored.intent));
  return out;
}

}  // namespace kyso::vault
