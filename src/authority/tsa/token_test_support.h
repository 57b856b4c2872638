#pragma once
#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>

#include "authority/tsa/service.h"
#include "base/file.h"
#include "base/test_support.h"
#include "crypto/crypto_vectors.h"
#include "pki/time_stamp.h"
#include "vault/refusing_vault.h"
#include "vault/server/content.h"

// For tests: keys for time-stamps, and a vault that holds them in this process.
namespace kyso::authority::tsa {

// A certificate for time-stamping and its key, made by the openssl command. `key`: arguments of -newkey; `extensions`:
// more lines for the configuration.
struct TestKey {
  TestFolder folder;
  std::shared_ptr<crypto::KeyHolder> holder;
  explicit TestKey(std::string_view key = "ec -pkeyopt ec_paramgen_curve:P-256", std::string_view extensions = "",
                   std::string_view usage = "critical,timeStamping", int days = 365) {
    folder.write("req.cnf", fmt::format("[req]\ndistinguished_name=dn\nx509_extensions=v3\n[dn]\n[v3]\n"
                                        "keyUsage=critical,digitalSignature\nextendedKeyUsage={}\n{}\n",
                                        usage, extensions));
    output_of(
        fmt::format("cd {} && openssl req -x509 -newkey {} -nodes -keyout key.pem -out cert.pem "
                    "-subj '/CN=May chu thoi gian mau' -days {} -config req.cnf 2>&1",
                    folder.path().string(), key, days));
    const auto text = [&](const char* name) { return std::string(as_chars(must(read_file(folder / name)))); };
    holder = must(crypto::open_pem(text("key.pem"), text("cert.pem"), Secret()));
  }
  vault::Signer signer(const std::string& name = "tsa-1",
                       std::optional<crypto::SignatureScheme> scheme = std::nullopt) const {
    return {.name = name,
            .purpose = vault::KeyPurpose::time_stamp,
            .issuer = "CPCA_G1",
            .certificate = holder->certificate(),
            .chain = {},
            .scheme = scheme.value_or(crypto::default_scheme(holder->certificate().public_key().type()))};
  }
};

// What of the vault serves time-stamps; everything else is refused.
class TestVault final : public vault::RefusingVault {
 public:
  void add(const vault::Signer& signer, std::shared_ptr<crypto::KeyHolder> holder) {
    const std::scoped_lock lock(m_mutex);
    m_keys.push_back({signer, std::move(holder)});
  }
  std::atomic<bool> is_away = false, is_damaged = false;
  std::atomic<std::uint8_t> instance = 7;
  std::atomic<int> calls = 0, tokens = 0;
  std::string unavailable;            // the key whose token is gone
  std::vector<std::string> policies;  // that the vault allows; empty: all

  Result<State> state() override {
    if (is_away) return fail("vault.unreachable", "no socket");
    const std::scoped_lock lock(m_mutex);
    State state;
    state.instance = instance;
    for (const Key& key : m_keys) state.signers.push_back(key.signer);
    return state;
  }
  Result<std::vector<Bytes>> sign_time_stamps(const std::string& name,
                                              const std::vector<TimeStampInput>& inputs) override {
    if (is_away) return fail("vault.unreachable", "no socket");
    if (name == unavailable) return fail("vault.key.unavailable", "{}", name).with("key", name);
    const Key key = find(name);
    ++calls;
    std::vector<Bytes> signatures;
    for (const TimeStampInput& input : inputs) {
      const crypto::SignatureScheme scheme = key.signer.scheme;
      // What the vault itself demands of every token.
      KYSO_TRY(vault::check_time_stamp(input.tst_info, input.signed_attributes,
                                       {.certificate_sha256 = key.signer.certificate.sha256(),
                                        .policies = policies,
                                        .digest = scheme.digest,
                                        .now = system_clock().now(),
                                        .tolerance = std::chrono::seconds(5)}));
      Bytes signature = KYSO_TRY(key.holder->sign({.scheme = scheme,
                                                   .digest = crypto::digest(scheme.digest, input.signed_attributes),
                                                   .message = input.signed_attributes,
                                                   .shown_text = {}}));
      if (is_damaged) signature.back() ^= 1;
      signatures.push_back(std::move(signature));
      ++tokens;
    }
    return signatures;
  }

 private:
  struct Key {
    vault::Signer signer;
    std::shared_ptr<crypto::KeyHolder> holder;
  };
  Key find(const std::string& name) {
    const std::scoped_lock lock(m_mutex);
    for (const Key& key : m_keys)
      if (key.signer.name == name) return key;
    FAIL("no key ", name);
    std::abort();
  }
  std::mutex m_mutex;
  std::vector<Key> m_keys;
};

inline pki::TimeStampRequest request_for(std::string_view data,
                                         crypto::DigestAlgorithm algorithm = crypto::DigestAlgorithm::sha256) {
  return {.algorithm = algorithm,
          .imprint = crypto::digest(algorithm, as_bytes(data)),
          .nonce = crypto::random_bytes(8),
          .policy = {},
          .want_certificates = true};
}

}  // namespace kyso::authority::tsa
