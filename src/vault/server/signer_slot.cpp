#include "vault/server/signer_slot.h"

#include <algorithm>

#include "crypto/der.h"

namespace kyso::vault {
namespace {

constexpr std::int64_t kBlock = 10'000;  // uses that are reserved at once

}  // namespace

UseCounter::UseCounter(Journal& journal, std::string name, Bytes key_sha256, std::int64_t start)
    : m_journal(journal),
      m_name(std::move(name)),
      m_key_sha256(std::move(key_sha256)),
      m_used(start),
      m_reserved(start),
      m_reported(start) {}

Result<> UseCounter::count(std::size_t uses) {
  const auto added = static_cast<std::int64_t>(uses);
  const std::int64_t total = m_used.fetch_add(added) + added;
  if (total <= m_reserved.load()) return {};
  std::lock_guard lock(m_mutex);
  if (total <= m_reserved.load()) return {};
  const std::int64_t reserved = m_used.load() + kBlock;
  const auto written = m_journal.set_uses({{m_name, m_key_sha256, reserved}}, {});
  if (!written) {
    m_used.fetch_sub(added);
    return written.error();
  }
  m_reserved = reserved;
  return {};
}

UseCounter::Report UseCounter::report() {
  std::lock_guard lock(m_mutex);
  const std::int64_t total = m_used.load();
  return {total - std::exchange(m_reported, total), total};
}

KeyUse UseCounter::exact() const {
  return {m_name, m_key_sha256, m_used.load()};
}

ByteView key_bits(const crypto::PublicKey& key) {
  crypto::der::Reader outer(key.spki());
  const auto sequence = outer.expect(crypto::der::kSequence);
  if (!sequence) return {};
  crypto::der::Reader fields(sequence->content);
  if (!fields.expect(crypto::der::kSequence)) return {};
  const auto bits = fields.expect(crypto::der::kBitString);
  return bits && !bits->content.empty() ? bits->content.subspan(1) : ByteView();
}

AuthorityHashes::AuthorityHashes(const crypto::Certificate& authority) {
  const auto hash = [](crypto::DigestAlgorithm algorithm, ByteView octets) {
    return crypto::digest(algorithm, octets);
  };
  const ByteView bits = key_bits(authority.public_key());
  key_sha1 = hash(crypto::DigestAlgorithm::sha1, bits);
  key_sha256 = hash(crypto::DigestAlgorithm::sha256, bits);
  name_sha1 = hash(crypto::DigestAlgorithm::sha1, authority.subject_der());
  name_sha256 = hash(crypto::DigestAlgorithm::sha256, authority.subject_der());
}

std::shared_ptr<const Identity> SignerSlot::current() const {
  std::lock_guard lock(m_mutex);
  return m_current;
}

std::shared_ptr<const Identity> SignerSlot::by_key_hash(ByteView key_sha1) const {
  std::lock_guard lock(m_mutex);
  for (const auto* identity : {&m_current, &m_previous})
    if (*identity && std::ranges::equal((*identity)->key_sha1, key_sha1)) return *identity;
  return nullptr;
}

void SignerSlot::replace(std::shared_ptr<const Identity> identity) {
  std::lock_guard lock(m_mutex);
  m_previous = std::exchange(m_current, std::move(identity));
}

}  // namespace kyso::vault
