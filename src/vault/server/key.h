#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

#include "crypto/key_holder.h"

namespace kyso::vault {

// One place where a key can be reached: a token, or another one that holds the same key.
struct KeySource {
  std::string name;  // for the log: "hsm1"
  std::function<Result<std::unique_ptr<crypto::KeyHolder>>()> open;
  // Whether the holder can sign now, without signing; empty: always.
  std::function<Result<>(crypto::KeyHolder&)> check = {};
  // RSAES-OAEP; of keys for escrow only. token.decrypt: not encrypted for this key.
  std::function<Result<Secret>(crypto::KeyHolder&, ByteView)> decrypt = {};
};

// Key: a private key of the authority, wherever it is reached at the moment. Thread-safe.
//
// The first source that answers is used; when it is lost the next one takes over within the same call. A source that
// refused its PIN, or that holds another key now, is never asked again: that needs a person. While none answers every
// call fails at once (vault.key.unavailable {key}) but for one that looks, twice a second.
class Key final : public crypto::KeyHolder {
 public:
  Key(std::string name, crypto::PublicKey public_key, crypto::Certificate certificate, std::vector<KeySource> sources);

  const std::string& name() const { return m_name; }
  const crypto::PublicKey& public_key() const { return m_public_key; }
  const crypto::Certificate& certificate() const override { return m_certificate; }
  std::span<const crypto::Certificate> issuers() const override { return {}; }
  bool supports(crypto::SignatureScheme scheme) const override { return m_public_key.allows(scheme); }
  // Not verified: pki::issue::sign() does that, sign_verified() too.
  Result<Bytes> sign(const crypto::SignRequest& request) override;
  enum class Verify : std::uint8_t { no, yes };
  // A value that doesn't verify takes its source out of use and is made again by another.
  Result<Bytes> sign(crypto::SignatureScheme scheme, ByteView message, Verify verify);

  // By the first source that answers. token.decrypt, vault.key.unavailable {key}.
  Result<Secret> decrypt(ByteView ciphertext);

  // Opens what isn't open and looks whether the others still answer; called now and then by one thread.
  void tend();
  bool is_available() const { return m_is_available.load(); }

 private:
  struct Source {
    KeySource setting;
    std::shared_ptr<crypto::KeyHolder> holder;
    bool is_up = false;
    bool is_out_of_use = false;
    std::chrono::steady_clock::time_point look_again{};
  };
  std::shared_ptr<crypto::KeyHolder> holder_of(std::size_t index);
  void mark_up(std::size_t index);
  void mark_down(std::size_t index, const Error& error, bool is_for_good);
  void open(std::size_t index);
  Result<Bytes> attempt(const crypto::SignRequest& request, Verify verify);

  const std::string m_name;
  const crypto::PublicKey m_public_key;
  const crypto::Certificate m_certificate;
  std::mutex m_mutex;
  std::vector<Source> m_sources;
  std::atomic<bool> m_is_available = false;
};

}  // namespace kyso::vault
