#pragma once
#include <mutex>

#include "vault/server/journal.h"
#include "vault/server/settings.h"

namespace kyso::vault {

// Counts what a key signs. Uses are reserved in the journal before they happen, so that a vault that is killed has
// never counted too few. Thread-safe.
class UseCounter {
 public:
  UseCounter(Journal& journal, std::string name, Bytes key_sha256, std::int64_t start);
  Result<> count(std::size_t uses);
  // What happened since the last call, for the journal.
  struct Report {
    std::int64_t uses = 0, total = 0;
  };
  Report report();
  KeyUse exact() const;

 private:
  Journal& m_journal;
  const std::string m_name;
  const Bytes m_key_sha256;
  std::mutex m_mutex;
  std::atomic<std::int64_t> m_used, m_reserved;
  std::int64_t m_reported;
};

// A key with one of its certificates; never changes.
struct Identity {
  std::shared_ptr<Key> key;
  crypto::Certificate certificate;
  std::vector<crypto::Certificate> chain;
  crypto::SignatureScheme scheme;
  Bytes certificate_sha256, key_sha1;  // key_sha1: of the key's bits, as OCSP names responders
  std::shared_ptr<UseCounter> uses;
};

// What OCSP (RFC 6960 section 4.1.1) knows an authority by.
struct AuthorityHashes {
  Bytes key_sha1, key_sha256, name_sha1, name_sha256;
  explicit AuthorityHashes(const crypto::Certificate& authority);
};

// A signer of the vault: its setting, and what it signs with at present. Thread-safe.
class SignerSlot {
 public:
  explicit SignerSlot(KeySetting key_setting) : m_setting(std::move(key_setting)) {}
  const KeySetting& setting() const { return m_setting; }
  std::shared_ptr<const Identity> current() const;
  // For some minutes after a renewal those who ask don't know of the new certificate.
  std::shared_ptr<const Identity> by_key_hash(ByteView key_sha1) const;
  void replace(std::shared_ptr<const Identity> identity);

 private:
  const KeySetting m_setting;
  mutable std::mutex m_mutex;
  std::shared_ptr<const Identity> m_current, m_previous;
};

// The bits of a SubjectPublicKeyInfo's key, without the octet of unused bits.
ByteView key_bits(const crypto::PublicKey& key);

}  // namespace kyso::vault
