#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>

#include "authority/store.h"
#include "db/job.h"
#include "vault/vault.h"

namespace kyso::authority {

// A request as it stands, for officers.
struct RequestView {
  RequestRow row;
  std::vector<ApprovalRow> approvals;
  std::optional<vault::Standing> standing;  // absent when the policy changed so that its statements no longer hold
  std::vector<CertificateRow> certificates;
  std::vector<vault::ReleasedPin> released;  // of a recovery that was carried out: for the stations' keys
};

struct AuthorityOptions {
  std::string node = "kysod";                // for leases and the log
  std::vector<int> warning_days{60, 30, 7};  // before a certificate ends
  std::chrono::seconds policy_memory{5};     // so long a policy is used before the vault is asked whether it changed
};

// Authority: requests, approvals, issuing, revocation. Thread-safe; several processes may work on one database.
//
// What was acknowledged is durable and will be carried out: a complete request becomes `authorised` in one transaction
// with its last approval, and whoever finds it so carries it out. Every step can be repeated without another effect.
class Authority {
 public:
  Authority(db::Database& database, vault::Vault& vault, const Clock& clock, AuthorityOptions options);
  ~Authority();

  // What a caller puts on record in the very transaction that a statement is recorded in: both or none. It is not
  // called for a statement that is known already, and may run twice, with one effect.
  using Within = std::function<Result<>(db::Transaction&)>;
  // Records a request signed by an officer, after every check that can be made before anybody approves it. The same
  // request again: as it stands. authority.request.duplicate (another with this id), authority.issuer.unknown {issuer},
  // authority.profile.unknown {profile}, authority.certificate.missing {serial}, authority.state {serial} {state},
  // vault.escrow.none {issuer}, authority.key.*, authority.request.line {reference} {code} around what issue.* says,
  // and those of vault::examine.
  Result<RequestView> submit(std::string_view request_jws, const Within& within = {});
  // Records an officer's approval or rejection. When nothing is missing any more the request is carried out before this
  // returns, or soon: RequestState::authorised tells that the vault or its token is away and it will be done later.
  // authority.request.missing {id}, authority.request.state {id} {state}, and those of vault::examine.
  Result<RequestView> decide(const std::string& id, std::string_view approval_jws, const Within& within = {});
  Result<RequestView> request(const std::string& id);
  Result<std::vector<RequestRow>> requests(const store::RequestFilter& filter);
  Result<std::vector<CertificateRow>> certificates(const store::CertificateFilter& filter);
  // authority.certificate.missing {serial}
  Result<CertificateRow> certificate(const std::string& issuer, ByteView serial);
  // The vault's present policy.
  Result<std::shared_ptr<const vault::Policy>> policy();

  // Carries authorised requests out, together. Requests that cannot be carried out now stay authorised.
  Result<> carry_out(const std::vector<std::string>& ids);
  // What the clock asks for: authorised requests that were left behind, requests whose time is over, certificates whose
  // signing was interrupted, the copy of the vault's journal, warnings. Safe to call from several processes.
  Result<> look_after();
  // Copies the vault's journal as far as it goes and puts on record what is signed there and not known here. The number
  // of certificates that were missing. Once at start, before anything is served, and every few seconds.
  Result<std::size_t> reconcile();

  // Called after every committed change of a status, on the changing thread.
  void on_status_change(std::function<void()> listener) { m_on_change = std::move(listener); }

 private:
  struct Work;
  Result<vault::Vault::State> vault_state();
  Result<std::size_t> shards(std::string_view issuer);
  // What was found out about these statements a moment ago: verifying them again would say the same.
  struct Examined {
    vault::SignedRequest statements;
    std::int64_t policy_version = 0;
    vault::Standing standing;
  };
  Result<RequestView> view(db::Transaction& transaction, const RequestRow& row, const vault::Policy& policy,
                           const std::optional<Examined>& examined = {});
  Result<RequestView> request(const std::string& id, const std::optional<Examined>& examined);
  Result<> check_lines(const vault::Request& request, const vault::Policy& policy);
  Result<> check_orders(const vault::Request& request);
  Result<> check_recovery(const vault::Request& request);
  Result<> record_decision(const RequestRow& row, std::string_view jws, const vault::Policy& policy,
                           const Within& within, bool& complete, std::optional<Examined>& examined);
  Result<> issue(const std::vector<RequestRow>& rows);
  Result<> find_issued(const RequestRow& row, std::vector<CertificateRow>& found);
  Result<> sign_waiting(std::vector<CertificateRow> rows);
  Result<> change_status(const RequestRow& row);
  Result<> change_policy(const RequestRow& row);
  Result<> recover_tokens(const RequestRow& row);
  Result<> fail_request(const RequestRow& row, const Error& error);
  Result<> finish_issued(const std::vector<CertificateRow>& rows, const std::vector<store::SignedCertificate>& done);
  Result<> give_up(const CertificateRow& row, const Error& error);
  Result<std::vector<std::string>> unrecorded(const vault::JournalEntry& entry);
  Result<bool> recover(const std::string& intent);
  Result<> resolve_void(const vault::JournalEntry& entry);
  Result<> put_on_record(const CertificateRow& row, const Bytes& der, std::string_view source);
  Result<> adopt_signers();
  Result<> expire();
  Result<> warn();
  void tell();
  // These requests in the batch of whoever works at the moment; comes back when they were tried.
  Result<> execute_together(const std::vector<std::string>& ids);

  db::Database& m_database;
  vault::Vault& m_vault;
  const Clock& m_clock;
  const AuthorityOptions m_options;
  const Instant m_started;
  std::function<void()> m_on_change;

  std::mutex m_policy_mutex;
  std::shared_ptr<const vault::Policy> m_policy;
  std::optional<vault::Vault::State> m_state;
  std::chrono::steady_clock::time_point m_policy_read{};

  std::mutex m_reconcile_mutex;
  std::set<Bytes> m_adopted;  // certificates of the vault's keys that are on record

  // Requests that are completed at the same time are issued together: one thread works for all that wait.
  std::mutex m_queue_mutex;
  std::condition_variable m_queue_done;
  std::vector<std::shared_ptr<Work>> m_queue;
  bool m_is_working = false;
};

}  // namespace kyso::authority
