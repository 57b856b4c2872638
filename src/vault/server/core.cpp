#include "vault/server/core.h"

#include <algorithm>

#include "base/log.h"
#include "crypto/algorithm_identifier.h"
#include "crypto/der.h"
#include "vault/passkey_statement.h"
#include "vault/protocol.h"
#include "vault/server/core_parts.h"
#include "vault/server/memory_key.h"

namespace kyso::vault {
namespace {

using std::chrono::steady_clock;

constexpr std::int64_t kCheckedEntries = 1'000;  // of the journal, at each start
constexpr std::size_t kJournalOctets = 8U << 20U;
constexpr std::chrono::seconds kTendPause{1}, kReportPause{10}, kSweepPause{600}, kRenewalPause{5};

Bytes sha256(ByteView octets) {
  return crypto::digest(crypto::DigestAlgorithm::sha256, octets);
}

Error setting_error(const KeySetting& setting, std::string_view reason,
                    std::source_location where = std::source_location::current()) {
  return Error("vault.key.setting", std::string(reason), where).with("key", setting.name).with("reason", reason);
}

bool is_strong_rsa(const crypto::PublicKey& key) {
  constexpr int kLeastBits = 3072;
  return key.type() == crypto::KeyType::rsa && key.bits() >= kLeastBits;
}

std::size_t helpers_for(std::size_t threads) {
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  return threads - 1;
}

}  // namespace

Core::Core(CoreOptions options, db::Database& database, const Clock& clock)
    : m_options(std::move(options)),
      m_clock(clock),
      m_journal(database, clock),
      m_workers(helpers_for(m_options.threads)) {}

Core::~Core() {
  {
    std::lock_guard lock(m_stop_mutex);
    m_is_stopping = true;
  }
  m_stop_changed.notify_all();
  if (m_thread.joinable()) m_thread.join();
  report(true);
}

Result<std::unique_ptr<Core>> Core::create(CoreOptions options, db::Database& database, const Clock& clock) {
  auto core = std::unique_ptr<Core>(new Core(std::move(options), database, clock));
  KYSO_TRY(core->m_journal.check_chain(kCheckedEntries));
  KYSO_TRY(core->load_policy());
  KYSO_TRY(core->load_keys());
  core->tend();
  return core;
}

Result<> Core::load_policy() {
  auto stored = KYSO_TRY(m_journal.latest_policy());
  if (!stored) {
    if (m_options.initial_policy.empty()) return {};
    stored = Journal::StoredPolicy{1, m_options.initial_policy};
    const auto policy = KYSO_TRY(Policy::parse(1, stored->files));
    NewEntry entry{"policy.adopted", json::Value::object()};
    entry.body.set("version", 1).set("sha256", to_hex(policy.sha256())).set("initial", true);
    KYSO_TRY(m_journal.adopt_policy(*stored, policy.sha256(), std::nullopt, entry));
  }
  auto policy = KYSO_TRY(Policy::parse(stored->version, std::move(stored->files)));
  m_policy = std::make_shared<const Policy>(std::move(policy));
  return {};
}

Core::PolicyPtr Core::policy() const {
  std::lock_guard lock(m_policy_mutex);
  return m_policy;
}

// Intents are finished under the policy under which they were prepared.
Result<Core::PolicyPtr> Core::policy_of(std::int64_t version) {
  {
    std::lock_guard lock(m_policy_mutex);
    if (m_policy && m_policy->version() == version) return m_policy;
    if (const auto known = m_old_policies.find(version); known != m_old_policies.end()) return known->second;
  }
  auto stored = KYSO_TRY(m_journal.policy(version));
  auto parsed = std::make_shared<const Policy>(KYSO_TRY(Policy::parse(version, std::move(stored.files))));
  std::lock_guard lock(m_policy_mutex);
  m_old_policies[version] = parsed;
  return PolicyPtr(std::move(parsed));
}

Result<std::shared_ptr<Key>> Core::open_key(const KeySetting& setting) const {
  if (setting.sources.empty()) {
    auto holder = std::shared_ptr<crypto::KeyHolder>(KYSO_TRY(make_memory_key(setting.kind)));
    const auto certificate = holder->certificate();
    KeySource source{.name = "memory",
                     .open = [holder] { return Result<std::unique_ptr<crypto::KeyHolder>>(share_holder(holder)); },
                     .check = {}};
    return std::make_shared<Key>(setting.name, certificate.public_key(), certificate,
                                 std::vector<KeySource>{std::move(source)});
  }
  if (setting.certificates.empty()) return setting_error(setting, "certificate");
  const auto& certificate = setting.certificates.front();
  return std::make_shared<Key>(setting.name, certificate.public_key(), certificate, setting.sources);
}

Result<std::shared_ptr<const Identity>> Core::make_identity(const SignerSlot& slot, std::shared_ptr<Key> key,
                                                            std::vector<crypto::Certificate> certificates) {
  auto identity = std::make_shared<Identity>(Identity{.key = std::move(key),
                                                      .certificate = certificates.front(),
                                                      .chain = {},
                                                      .scheme = {},
                                                      .certificate_sha256 = certificates.front().sha256(),
                                                      .key_sha1 = {},
                                                      .uses = {}});
  identity->chain.assign(certificates.begin() + 1, certificates.end());
  const auto& public_key = identity->certificate.public_key();
  identity->scheme = slot.setting().scheme.value_or(crypto::default_scheme(public_key.type()));
  if (!public_key.allows(identity->scheme) || !crypto::is_for_signing(identity->scheme))
    return setting_error(slot.setting(), "scheme");
  identity->key_sha1 = crypto::digest(crypto::DigestAlgorithm::sha1, key_bits(public_key));
  const auto key_sha256 = sha256(public_key.spki());
  const auto start = KYSO_TRY(m_journal.uses(slot.setting().name, key_sha256));
  identity->uses = std::make_shared<UseCounter>(m_journal, slot.setting().name, key_sha256, start);
  return std::shared_ptr<const Identity>(std::move(identity));
}

Result<> Core::load_keys() {
  std::set<Bytes> keys;  // one key, one purpose: what is signed for one must mean nothing for another
  for (const KeySetting& setting : m_options.keys) {
    const bool is_known =
        std::ranges::any_of(m_slots, [&](const auto& s) { return s->setting().name == setting.name; });
    if (setting.name.empty() || is_known) return setting_error(setting, "name");
    const bool may_live_in_memory = setting.purpose == KeyPurpose::ocsp || setting.purpose == KeyPurpose::checkpoint;
    if (setting.sources.empty() && !may_live_in_memory) return setting_error(setting, "memory");
    if (setting.certificates.empty() && setting.purpose == KeyPurpose::escrow)
      return setting_error(setting, "certificate");
    if (setting.certificates.empty() && setting.profile.empty()) return setting_error(setting, "certificate, profile");
    // What is encrypted to it would be readable by whoever breaks a lesser key, for as long as tokens live.
    if (setting.purpose == KeyPurpose::escrow && !is_strong_rsa(setting.certificates.front().public_key()))
      return setting_error(setting, "rsa:3072");
    auto slot = std::make_unique<SignerSlot>(setting);
    if (!setting.certificates.empty() && !setting.sources.empty()) {
      auto certificates = setting.certificates;
      const auto print = sha256(certificates.front().public_key().spki());
      if (!keys.insert(print).second) return setting_error(setting, "the key of another signer");
      const auto own = KYSO_TRY(m_journal.own_certificate(print));
      if (own) {
        auto renewed = KYSO_TRY(crypto::Certificate::from_der(*own));
        if (renewed.not_after() > certificates.front().not_after()) certificates.front() = std::move(renewed);
      }
      slot->replace(KYSO_TRY(make_identity(*slot, KYSO_TRY(open_key(setting)), std::move(certificates))));
    }
    m_slots.push_back(std::move(slot));
  }
  for (const auto& slot : m_slots)
    if (slot->setting().purpose != KeyPurpose::issue && !slot->setting().issuer.empty() &&
        find(slot->setting().issuer, KeyPurpose::issue) == nullptr && slot->setting().certificates.empty())
      return setting_error(slot->setting(), "issuer");
  return {};
}

SignerSlot* Core::find(const std::string& name, KeyPurpose purpose) const {
  for (const auto& slot : m_slots)
    if (slot->setting().name == name && slot->setting().purpose == purpose) return slot.get();
  return nullptr;
}

Result<SignerSlot*> Core::slot_of(const std::string& name, KeyPurpose purpose) const {
  if (auto* slot = find(name, purpose)) return slot;
  const bool is_known = std::ranges::any_of(m_slots, [&](const auto& slot) { return slot->setting().name == name; });
  return fail(is_known ? "vault.key.purpose" : "vault.key.unknown").with("key", name);
}

Result<std::shared_ptr<const Identity>> Core::identity_of(const SignerSlot& slot) const {
  auto identity = slot.current();
  if (!identity) return fail("vault.key.unavailable", "no certificate yet").with("key", slot.setting().name);
  return identity;
}

Result<pki::issue::IssuerSettings> Core::issuer_settings(const std::string& name) const {
  const auto* slot = find(name, KeyPurpose::issue);
  if (slot == nullptr) return fail("vault.issuer.unknown").with("issuer", name);
  const auto identity = KYSO_TRY(identity_of(*slot));
  const KeySetting& setting = slot->setting();
  return pki::issue::IssuerSettings{.name = name,
                                    .certificate = pki::ParsedCertificate(identity->certificate),
                                    .scheme = identity->scheme,
                                    .ocsp_urls = setting.ocsp_urls,
                                    .ca_issuer_urls = setting.ca_issuer_urls,
                                    .crl_urls = setting.crl_urls,
                                    .crl_shards = setting.crl_shards};
}

// What was refused is told in the journal, summed up, so that refusing can't fill the disk.
Error Core::refused(Error error) {
  log::write(log::Level::warning, "refused", error);
  std::lock_guard lock(m_report_mutex);
  ++m_refusals[std::string(error.code)];
  return error;
}

Result<Vault::State> Core::state() {
  State out;
  out.version = m_options.version;
  out.instance = m_options.instance;
  if (const auto present = policy()) {
    out.policy_version = present->version();
    out.policy_sha256 = present->sha256();
  }
  out.clock = m_clock.now();
  for (const auto& slot : m_slots) {
    const auto identity = slot->current();
    if (!identity) continue;
    const KeySetting& setting = slot->setting();
    out.signers.push_back({.name = setting.name,
                           .purpose = setting.purpose,
                           .issuer = setting.purpose == KeyPurpose::issue ? setting.name : setting.issuer,
                           .certificate = identity->certificate,
                           .chain = identity->chain,
                           .scheme = identity->scheme,
                           .is_available = identity->key->is_available()});
    if (setting.purpose == KeyPurpose::issue) out.issuers.push_back(KYSO_TRY(issuer_settings(setting.name)));
  }
  const auto head = KYSO_TRY(m_journal.head());
  out.journal_sequence = head.sequence;
  out.journal_chain = head.chain;
  return out;
}

Result<std::vector<PolicyFile>> Core::policy_files() {
  const auto present = policy();
  if (!present) return fail("vault.policy.none");
  return present->files();
}

Result<std::vector<JournalEntry>> Core::journal(std::int64_t after, std::size_t limit) {
  return m_journal.entries(after, std::min(limit, kMaxJournalPage), kJournalOctets);
}

// Sent again after it was adopted: its officers and rules may be gone, so its hash alone tells.
Result<bool> Core::is_adopted(const SignedRequest& signed_request, const Policy& present) {
  const auto payload = KYSO_TRY(payload_of(signed_request.request, kRequestType));
  const auto request = KYSO_TRY(parse_request(payload));
  const auto known = KYSO_TRY(m_journal.requests({request.id}));
  const auto used = known.find(request.id);
  return used != known.end() && used->second.sha256 == sha256(as_bytes(payload)) && request.act == Act::change_policy &&
         present.version() == request.policy_version + 1;
}

Result<Vault::State> Core::adopt_policy(const SignedRequest& signed_request) {
  std::lock_guard adopting(m_adopting);
  const auto present = policy();
  if (!present) return fail("vault.policy.none");
  if (KYSO_TRY(is_adopted(signed_request, *present))) return state();
  auto standing = authorize(*present, signed_request, m_clock.now());
  if (!standing) return refused(std::move(standing).error());
  const Request& request = standing->request;
  if (request.act != Act::change_policy) return refused(fail("vault.request.act").with("act", name_of(request.act)));
  if (request.policy_version != present->version())
    return refused(fail("vault.policy.version").with("version", present->version()));
  auto next = Policy::parse(present->version() + 1, request.policy_files);
  if (!next) return refused(std::move(next).error());

  NewEntry entry{"policy.adopted", json::Value::object()};
  auto approvers = json::Value::array();
  for (const auto& person : standing->approvers) approvers.push_back(person);
  entry.body.set("version", next->version()).set("sha256", to_hex(next->sha256())).set("request", request.id);
  entry.body.set("request_sha256", to_hex(standing->request_sha256)).set("requester", standing->requester);
  entry.body.set("approvers", std::move(approvers));
  const NewRequest row{request.id, standing->request_sha256, request.act, request.expires, {}, {}};
  if (!KYSO_TRY(m_journal.adopt_policy({next->version(), next->files()}, next->sha256(), row, entry)))
    return refused(fail("vault.request.used").with("request", request.id));
  {
    std::lock_guard lock(m_policy_mutex);
    m_old_policies[m_policy->version()] = m_policy;
    m_policy = std::make_shared<const Policy>(*std::move(next));
  }
  log::write(log::Level::info, "policy.adopted", {{"version", std::to_string(request.policy_version + 1)}});
  return state();
}

void Core::start() {
  m_thread = std::thread([this] {
    std::unique_lock lock(m_stop_mutex);
    while (!m_stop_changed.wait_for(lock, kTendPause, [&] { return m_is_stopping; })) {
      lock.unlock();
      tend();
      lock.lock();
    }
  });
}

void Core::tend() {
  tend_keys();
  const auto now = steady_clock::now();
  if (now >= m_next_renewal) {
    m_next_renewal = now + kRenewalPause;
    tend_certificates();
  }
  if (now >= m_next_sweep) {
    m_next_sweep = now + kSweepPause;
    void_forgotten();
  }
  if (now >= m_next_report) {
    m_next_report = now + kReportPause;
    report(false);
  }
}

void Core::tend_keys() {
  for (const auto& slot : m_slots)
    if (const auto identity = slot->current()) identity->key->tend();
}

void Core::report(bool is_last) {
  std::vector<NewEntry> entries;
  std::vector<KeyUse> exact;
  const auto add = [&](const SignerSlot& slot, const Identity& identity) {
    const auto [uses, total] = identity.uses->report();
    if (is_last) exact.push_back(identity.uses->exact());
    if (uses == 0) return;
    NewEntry entry{"key.used", json::Value::object()};
    entry.body.set("key", slot.setting().name).set("uses", uses).set("total", total);
    entries.push_back(std::move(entry));
  };
  for (const auto& slot : m_slots)
    if (const auto identity = slot->current()) add(*slot, *identity);
  {
    std::lock_guard lock(m_report_mutex);
    for (const auto& [code, count] : std::exchange(m_refusals, {})) {
      NewEntry entry{"request.refused", json::Value::object()};
      entry.body.set("code", code).set("count", count);
      entries.push_back(std::move(entry));
    }
  }
  if (entries.empty() && exact.empty()) return;
  const auto written = m_journal.set_uses(exact, entries);
  if (!written) log::write(log::Level::error, "journal.unwritable", written.error());
}

void Core::void_forgotten() {
  const auto forgotten = m_journal.open_intents(m_clock.now() - m_options.intent_lifetime, 10'000);
  if (!forgotten) {
    log::write(log::Level::error, "journal.unreadable", forgotten.error());
    return;
  }
  for (const auto& intent : *forgotten) {
    const auto done = void_intent(intent);
    if (!done) log::write(log::Level::warning, "intent.not_voided", done.error());
  }
}

void Core::tend_certificates() {
  for (const auto& slot : m_slots) {
    const KeySetting& setting = slot->setting();
    if (setting.profile.empty()) continue;
    const auto identity = slot->current();
    if (identity) {
      const auto& certificate = identity->certificate;
      const auto life = certificate.not_after() - certificate.not_before();
      if (m_clock.now() < certificate.not_before() + life * 2 / 3) continue;
    }
    const auto renewed = renew(*slot);
    auto& known = m_renewal_errors[setting.name];
    const std::string_view trouble = renewed ? std::string_view() : renewed.error().code;
    if (trouble != known && !renewed) log::write(log::Level::error, "certificate.not_renewed", renewed.error());
    known = trouble;  // told once
  }
}

Result<> Core::renew(SignerSlot& slot) {
  const KeySetting& setting = slot.setting();
  const auto before = slot.current();
  // A key in memory is renewed with its certificate.
  const bool is_new_key = setting.sources.empty() || !before;
  auto key = is_new_key ? KYSO_TRY(open_key(setting)) : before->key;
  if (is_new_key) key->tend();
  auto certificate = KYSO_TRY(certify(slot, *key));
  if (!setting.sources.empty())
    KYSO_TRY(m_journal.set_own_certificate(sha256(key->public_key().spki()), setting.name, certificate.der()));
  const auto* issuer = find(setting.issuer, KeyPurpose::issue);
  const auto above = KYSO_TRY(identity_of(*issuer));
  std::vector<crypto::Certificate> certificates{certificate, above->certificate};
  certificates.insert(certificates.end(), above->chain.begin(), above->chain.end());
  const auto identity = KYSO_TRY(make_identity(slot, std::move(key), std::move(certificates)));
  if (before && is_new_key) {
    const auto [uses, total] = before->uses->report();
    NewEntry entry{"key.retired", json::Value::object()};
    entry.body.set("key", setting.name).set("uses", uses).set("total", total);
    KYSO_TRY(m_journal.set_uses({before->uses->exact()}, {entry}));
  }
  slot.replace(identity);
  log::write(log::Level::info, "certificate.renewed",
             {{"key", setting.name}, {"serial", identity->certificate.serial_hex()}});
  return {};
}

// A certificate for a key of the vault's own, on nobody's request: its profile must be one for such keys, and it goes
// the same way as all others.
Result<crypto::Certificate> Core::certify(const SignerSlot& slot, Key& key) {
  namespace der = crypto::der;
  const KeySetting& setting = slot.setting();
  const auto present = policy();
  if (!present) return fail("vault.policy.none");
  const auto profile = present->profiles().find(setting.profile);
  const std::string_view wanted = setting.purpose == KeyPurpose::ocsp ? "ocsp" : "log";
  if (profile == present->profiles().end()) return fail("vault.policy.profile").with("profile", setting.profile);
  if (profile->second.kind != wanted || profile->second.is_ca) return setting_error(setting, "profile");
  const auto issuer = KYSO_TRY(issuer_settings(setting.issuer));

  pki::issue::CertificateRequest request;
  request.reference = setting.name;
  request.profile = setting.profile;
  request.subject = setting.subject;
  request.not_after = m_clock.now() + std::min(setting.lifetime, profile->second.validity);
  const auto scheme = crypto::default_scheme(key.public_key().type());
  const auto info =
      der::sequence(der::encode_integer(0), der::sequence(), key.public_key().spki(), der::encode(der::context(0), {}));
  const auto value = KYSO_TRY(key.sign(scheme, info, Key::Verify::yes));
  request.pkcs10 = der::sequence(info, crypto::encode_x509_signature_algorithm(scheme),
                                 der::encode(der::kBitString, der::concat(Bytes{0}, value)));

  const auto id = "vault:" + to_hex(crypto::random_bytes(16));
  auto line = KYSO_TRY(build_line(*present, issuer, request, id));
  NewRequest row{id, sha256(request.pkcs10), Act::issue, m_clock.now(), {{line.prepared, 0}}, {}};
  row.entry = {"intent.prepared", json::Value::object()};
  row.entry.body.set("request", id).set("issuer", setting.issuer).set("key", setting.name);
  row.entry.body.set("policy", present->version());
  row.entry.body.set("intents",
                     json::Value::array().push_back(
                         json::Value::object().set("intent", line.prepared.intent).set("profile", setting.profile)));
  KYSO_TRY(m_journal.prepare({row}, present->version()));
  remember(line.prepared.intent, {line.prepared.intent, setting.issuer, std::move(line.linted)});
  return std::move(sign_prepared({line.prepared.intent}).front());
}

}  // namespace kyso::vault
