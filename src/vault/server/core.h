#pragma once
#include <condition_variable>
#include <set>
#include <shared_mutex>
#include <thread>
#include <unordered_map>

#include "pki/issue/issue.h"
#include "vault/escrow.h"
#include "vault/server/content.h"
#include "vault/server/journal.h"
#include "vault/server/signer_slot.h"
#include "vault/server/workers.h"

namespace kyso::vault {

// The vault itself: what stands behind its socket, and what tests use in process. docs/vault.md.
class Core final : public Vault {
 public:
  // The database is the vault's own and migrated; nobody else may use it meanwhile. Keys that can't be reached yet
  // don't hinder: they are looked for until they come. Errors: those of db, of Policy::parse; vault.journal.broken;
  // vault.key.setting {key} {reason}.
  static Result<std::unique_ptr<Core>> create(CoreOptions options, db::Database& database,
                                              const Clock& clock = system_clock());
  ~Core() override;

  Result<State> state() override;
  Result<std::vector<PolicyFile>> policy_files() override;
  std::vector<Result<std::vector<PreparedCertificate>>> prepare(const std::vector<SignedRequest>& requests) override;
  std::vector<Result<crypto::Certificate>> sign_prepared(const std::vector<std::string>& intents) override;
  Result<> void_intent(const std::string& intent) override;
  Result<std::vector<Intent>> intents(const std::vector<std::string>& ids) override;
  Result<std::vector<JournalEntry>> journal(std::int64_t after, std::size_t limit) override;
  Result<State> adopt_policy(const SignedRequest& request) override;
  Result<Bytes> sign_crl(const std::string& issuer, int memory_file, std::size_t size) override;
  Result<std::vector<Bytes>> sign_ocsp(const std::string& signer, const std::vector<Bytes>& response_data) override;
  Result<std::vector<Bytes>> sign_time_stamps(const std::string& signer,
                                              const std::vector<TimeStampInput>& inputs) override;
  Result<Bytes> sign_checkpoint(const std::string& text) override;
  Result<std::vector<ReleasedPin>> release_so_pins(const SignedRequest& request) override;

  // What has to be done now and then: reaching keys, renewing certificates, voiding forgotten intents, reporting uses.
  // start() has a thread do it; tests call it themselves.
  void tend();
  void start();

 private:
  struct Line;
  struct Work;
  struct Waiting {  // a linted certificate that may be signed
    std::string intent, issuer;
    pki::issue::Linted linted;
  };
  class Claim;
  using PolicyPtr = std::shared_ptr<const Policy>;

  Core(CoreOptions options, db::Database& database, const Clock& clock);
  Result<> load_policy();
  Result<> load_keys();
  PolicyPtr policy() const;
  Result<PolicyPtr> policy_of(std::int64_t version);
  SignerSlot* find(const std::string& name, KeyPurpose purpose) const;
  Result<SignerSlot*> slot_of(const std::string& name, KeyPurpose purpose) const;
  Result<std::shared_ptr<const Identity>> identity_of(const SignerSlot& slot) const;
  Result<pki::issue::IssuerSettings> issuer_settings(const std::string& name) const;
  Error refused(Error error);
  Result<bool> is_adopted(const SignedRequest& signed_request, const Policy& present);

  Result<std::shared_ptr<const Identity>> make_identity(const SignerSlot& slot, std::shared_ptr<Key> key,
                                                        std::vector<crypto::Certificate> certificates);
  Result<std::shared_ptr<Key>> open_key(const KeySetting& setting) const;
  Result<crypto::Certificate> certify(const SignerSlot& slot, Key& key);
  Result<> renew(SignerSlot& slot);
  void tend_keys();
  void tend_certificates();
  void void_forgotten();
  void report(bool is_last);

  // core_issue.cpp
  Result<Line> build_line(const Policy& policy, const pki::issue::IssuerSettings& issuer,
                          const pki::issue::CertificateRequest& request, const std::string& request_id) const;
  Result<std::vector<PreparedCertificate>> repeated(const Work& work);
  void authorize_all(std::vector<Work>& work, const Policy& policy);
  void find_repeated(std::vector<Work>& work);
  void build_all(std::vector<Work>& work, const Policy& policy);
  void record_all(std::vector<Work>& work, const Policy& policy);
  void remember(const std::string& intent, Waiting waiting);
  Result<Waiting> waiting_of(const StoredIntent& stored);
  void collect(const std::vector<std::string>& ids, std::map<std::string, Result<crypto::Certificate>>& done,
               std::vector<Waiting>& ready);
  void sign_all(std::vector<Waiting>& ready, std::map<std::string, Result<crypto::Certificate>>& done);

  // core_escrow.cpp
  Result<std::optional<std::vector<ReleasedPin>>> released_before(const SignedRequest& signed_request);
  Result<EscrowedPin> open_escrow(const Request& request, const RecoveryOrder& order);

  const CoreOptions m_options;
  const Clock& m_clock;
  Journal m_journal;
  Workers m_workers;
  std::vector<std::unique_ptr<SignerSlot>> m_slots;  // never changes after create()

  mutable std::mutex m_policy_mutex;
  PolicyPtr m_policy;
  std::map<std::int64_t, PolicyPtr> m_old_policies;
  std::mutex m_adopting;

  std::mutex m_intent_mutex;
  std::condition_variable m_intent_changed;
  std::set<std::string> m_claimed;
  std::unordered_map<std::string, Waiting> m_waiting;

  std::mutex m_report_mutex;
  std::map<std::string, std::int64_t> m_refusals;
  std::map<std::string, std::string> m_renewal_errors;  // tend() only
  std::chrono::steady_clock::time_point m_next_report{}, m_next_sweep{}, m_next_renewal{};

  std::mutex m_stop_mutex;
  std::condition_variable m_stop_changed;
  bool m_is_stopping = false;
  std::thread m_thread;
};

}  // namespace kyso::vault
