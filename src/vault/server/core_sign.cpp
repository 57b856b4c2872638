#include <algorithm>

#include "vault/server/core.h"
#include "vault/server/memory_file.h"

namespace kyso::vault {
namespace {

constexpr std::size_t kGrain = 8;  // signatures of some 20 microseconds that are worth another thread

Bytes sha256(ByteView octets) {
  return crypto::digest(crypto::DigestAlgorithm::sha256, octets);
}

// Which signatures of a call are verified.
class Sample {
 public:
  Sample(const KeySetting& setting, const Identity& identity)
      : m_all(setting.verify_each), m_start(static_cast<std::size_t>(identity.uses->exact().uses)) {}
  Key::Verify of(std::size_t i) const {
    return m_all || (m_start + i) % kSampled == 0 ? Key::Verify::yes : Key::Verify::no;
  }

 private:
  static constexpr std::size_t kSampled = 16;
  const bool m_all;
  const std::size_t m_start;
};

// The first failure, or all values.
Result<std::vector<Bytes>> all_of(std::vector<Result<Bytes>> values) {
  std::vector<Bytes> out;
  out.reserve(values.size());
  for (auto& value : values) out.push_back(KYSO_TRY(std::move(value)));
  return out;
}

}  // namespace

Result<Bytes> Core::sign_crl(const std::string& issuer, int memory_file, std::size_t size) {
  auto* slot = KYSO_TRY(slot_of(issuer, KeyPurpose::issue));
  const auto identity = KYSO_TRY(identity_of(*slot));
  auto file = SealedFile::map(memory_file, size);
  if (!file) return refused(std::move(file).error());
  const auto& authority = identity->certificate;
  const CrlRules rules{.issuer = authority.subject_der(),
                       .issuer_key_id = authority.subject_key_id(),
                       .scheme = identity->scheme,
                       .now = m_clock.now(),
                       .tolerance = m_options.crl_tolerance};
  auto facts = check_crl(file->view(), rules);
  if (!facts) return refused(std::move(facts).error());

  const auto print = sha256(file->view());
  NewEntry entry{"crl.signed", json::Value::object()};
  entry.body.set("issuer", issuer).set("scope_sha256", facts->scope.empty() ? "" : to_hex(sha256(facts->scope)));
  entry.body.set("delta", facts->base.has_value()).set("number", facts->number).set("entries", facts->entries);
  entry.body.set("tbs_sha256", to_hex(print));
  // The number is burnt before the list exists: a crash leaves a gap, never two lists of one number.
  const auto reserved = m_journal.reserve_list_number(
      {issuer, sha256(facts->scope), facts->base.has_value(), facts->number, print}, entry);
  if (!reserved) return reserved.error().code == "vault.crl.number" ? refused(reserved.error()) : reserved.error();
  KYSO_TRY(identity->uses->count(1));
  const auto digest = identity->scheme.digest == crypto::DigestAlgorithm::sha256
                          ? print
                          : crypto::digest(identity->scheme.digest, file->view());
  auto value = KYSO_TRY(identity->key->sign({identity->scheme, digest, file->view(), {}}));
  if (!identity->key->public_key().verify(identity->scheme, digest, file->view(), value))
    return fail("issue.mismatch", "the list's signature");
  return value;
}

Result<std::vector<Bytes>> Core::sign_ocsp(const std::string& signer, const std::vector<Bytes>& response_data) {
  auto* slot = KYSO_TRY(slot_of(signer, KeyPurpose::ocsp));
  const auto identity = KYSO_TRY(identity_of(*slot));
  if (identity->chain.empty())
    return fail("vault.key.setting", "no issuer").with("key", signer).with("reason", "issuer");
  if (response_data.empty()) return std::vector<Bytes>();
  const AuthorityHashes authority(identity->chain.front());
  const Instant now = m_clock.now();
  KYSO_TRY(identity->uses->count(response_data.size()));
  const Sample sample(slot->setting(), *identity);

  std::vector<Result<Bytes>> values(response_data.size(), Result<Bytes>(Bytes()));
  m_workers.each(response_data.size(), kGrain, [&](std::size_t i) {
    const auto hash = responder_key_hash(response_data[i]);
    const auto its = hash ? slot->by_key_hash(*hash) : nullptr;
    const auto& used = its ? *its : *identity;
    const OcspRules rules{.key_hash = used.key_sha1,
                          .issuer_key_sha1 = authority.key_sha1,
                          .issuer_key_sha256 = authority.key_sha256,
                          .issuer_name_sha1 = authority.name_sha1,
                          .issuer_name_sha256 = authority.name_sha256,
                          .now = now,
                          .tolerance = m_options.ocsp_tolerance};
    if (auto good = check_response_data(response_data[i], rules); !good) {
      values[i] = std::move(good).error();
      return;
    }
    values[i] = used.key->sign(used.scheme, response_data[i], sample.of(i));
  });
  auto out = all_of(std::move(values));
  if (!out && out.error().code == "vault.ocsp.content") return refused(std::move(out).error());
  return out;
}

Result<std::vector<Bytes>> Core::sign_time_stamps(const std::string& signer,
                                                  const std::vector<TimeStampInput>& inputs) {
  auto* slot = KYSO_TRY(slot_of(signer, KeyPurpose::time_stamp));
  const auto identity = KYSO_TRY(identity_of(*slot));
  if (inputs.empty()) return std::vector<Bytes>();
  const TimeStampRules rules{.certificate_sha256 = identity->certificate_sha256,
                             .policies = slot->setting().policies,
                             .digest = identity->scheme.digest,
                             .now = m_clock.now(),
                             .tolerance = m_options.time_stamp_tolerance};
  KYSO_TRY(identity->uses->count(inputs.size()));
  const Sample sample(slot->setting(), *identity);
  std::vector<Result<Bytes>> values(inputs.size(), Result<Bytes>(Bytes()));
  m_workers.each(inputs.size(), kGrain, [&](std::size_t i) {
    if (auto good = check_time_stamp(inputs[i].tst_info, inputs[i].signed_attributes, rules); !good) {
      values[i] = std::move(good).error();
      return;
    }
    values[i] = identity->key->sign(identity->scheme, inputs[i].signed_attributes, sample.of(i));
  });
  auto out = all_of(std::move(values));
  if (!out && out.error().code == "vault.tsa.content") return refused(std::move(out).error());
  return out;
}

Result<Bytes> Core::sign_checkpoint(const std::string& text) {
  const auto slot = std::ranges::find_if(
      m_slots, [](const auto& candidate) { return candidate->setting().purpose == KeyPurpose::checkpoint; });
  if (slot == m_slots.end()) return fail("vault.key.unknown").with("key", "checkpoint");
  const auto identity = KYSO_TRY(identity_of(**slot));
  auto facts = check_checkpoint(text, m_options.checkpoint_origin);
  if (!facts) return refused(std::move(facts).error());
  const auto reserved = m_journal.reserve_checkpoint(m_options.checkpoint_origin, facts->size, facts->root);
  if (!reserved) return reserved.error().code == "vault.checkpoint.size" ? refused(reserved.error()) : reserved.error();
  KYSO_TRY(identity->uses->count(1));
  return identity->key->sign(identity->scheme, as_bytes(text), Key::Verify::yes);
}

}  // namespace kyso::vault
