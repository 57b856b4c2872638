#pragma once
#include "vault/vault.h"

namespace kyso::vault {

// For tests and benchmarks: a vault that refuses everything; doubles override what they are for.
class RefusingVault : public Vault {
 public:
  Result<State> state() override { return none(); }
  Result<std::vector<PolicyFile>> policy_files() override { return none(); }
  std::vector<Result<std::vector<PreparedCertificate>>> prepare(const std::vector<SignedRequest>& requests) override {
    return {requests.size(), none()};
  }
  std::vector<Result<crypto::Certificate>> sign_prepared(const std::vector<std::string>& intents) override {
    return {intents.size(), none()};
  }
  Result<> void_intent(const std::string&) override { return none(); }
  Result<std::vector<Intent>> intents(const std::vector<std::string>&) override { return none(); }
  Result<std::vector<JournalEntry>> journal(std::int64_t, std::size_t) override { return none(); }
  Result<State> adopt_policy(const SignedRequest&) override { return none(); }
  Result<Bytes> sign_crl(const std::string&, int, std::size_t) override { return none(); }
  Result<std::vector<Bytes>> sign_ocsp(const std::string&, const std::vector<Bytes>&) override { return none(); }
  Result<std::vector<Bytes>> sign_time_stamps(const std::string&, const std::vector<TimeStampInput>&) override {
    return none();
  }
  Result<Bytes> sign_checkpoint(const std::string&) override { return none(); }
  Result<std::vector<ReleasedPin>> release_so_pins(const SignedRequest&) override { return none(); }

 protected:
  static Error none() { return fail("vault.protocol", "this double does not do that"); }
};

}  // namespace kyso::vault
