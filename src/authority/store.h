#pragma once
#include <set>

#include "authority/model.h"
#include "db/database.h"
#include "vault/vault.h"

// All SQL of requests and certificates. Every function works within the caller's transaction.
namespace kyso::authority::store {

Result<> insert_request(db::Transaction& transaction, const RequestRow& row);
Result<std::optional<RequestRow>> find_request(db::Transaction& transaction, std::string_view id);
struct RequestFilter {
  std::optional<RequestState> state;
  std::string after;  // an id: what follows it in the order of creation
  std::size_t limit = 100;
};
Result<std::vector<RequestRow>> list_requests(db::Transaction& transaction, const RequestFilter& filter);
Result<std::vector<std::string>> authorised_before(db::Transaction& transaction, Instant updated, std::size_t limit);
Result<> set_request_state(db::Transaction& transaction, std::string_view id, RequestState state,
                           const std::optional<std::string>& failure, Instant now);
// Of an authorised request only; false when it is in another state meanwhile.
Result<bool> set_failed(db::Transaction& transaction, std::string_view id, std::string_view failure, Instant now);
// The requests that wait although their time is over become expired; gives their ids.
Result<std::vector<std::string>> expire_requests(db::Transaction& transaction, Instant now);

// Of a recovery, in the order of its lines.
Result<> insert_released(db::Transaction& transaction, std::string_view request_id,
                         const std::vector<vault::ReleasedPin>& pins);
Result<std::vector<vault::ReleasedPin>> released_of(db::Transaction& transaction, std::string_view request_id);

// db.constraint {approval_once} for a second one of a person.
Result<> insert_approval(db::Transaction& transaction, std::string_view request_id, const ApprovalRow& row);
Result<std::vector<ApprovalRow>> approvals_of(db::Transaction& transaction, std::string_view request_id);

// Certificates about to be signed. Those that are on record already stay as they are.
Result<> insert_waiting(db::Transaction& transaction, const std::vector<CertificateRow>& rows);
struct SignedCertificate {
  std::string issuer;
  Bytes serial, der;
};
// Those of these intents whose certificates are on record with their bytes.
Result<std::set<std::string>> recorded_intents(db::Transaction& transaction, const std::vector<std::string>& intents);
// From waiting to good; those that are past it stay as they are.
Result<> record_signed(db::Transaction& transaction, const std::vector<SignedCertificate>& rows, Instant now);
Result<std::vector<CertificateRow>> certificates_of_request(db::Transaction& transaction, std::string_view request_id);
Result<std::optional<CertificateRow>> find_certificate(db::Transaction& transaction, std::string_view issuer,
                                                       ByteView serial);
Result<std::optional<CertificateRow>> find_by_intent(db::Transaction& transaction, std::string_view intent);
Result<std::vector<CertificateRow>> certificates_with_key(db::Transaction& transaction, ByteView key_sha256);
struct CertificateFilter {
  std::string text;  // words, all must occur: in subject or e-mail without diacritics, or as the beginning of a serial
  std::optional<CertificateState> state;
  std::string issuer, profile;
  std::optional<Instant> expires_before;
  std::optional<std::pair<std::string, Bytes>> after;  // issuer and serial of the last one seen
  std::size_t limit = 100;
};
Result<std::vector<CertificateRow>> search_certificates(db::Transaction& transaction, const CertificateFilter& filter);
Result<std::vector<CertificateRow>> waiting_before(db::Transaction& transaction, Instant recorded, std::size_t limit);

// Changes the state and tells it: a status event with the next number. The number.
Result<std::int64_t> change_status(db::Transaction& transaction, const CertificateRow& row, const StatusChange& change);

Result<> remember_issuer(db::Transaction& transaction, std::string_view name, ByteView certificate, Instant now);

// The copy of the vault's journal.
struct JournalRow {
  std::int64_t sequence = 0;
  Instant at{};
  std::string kind, body;
  Bytes chain;
};
Result<std::int64_t> last_journal_sequence(db::Transaction& transaction, std::uint8_t instance);
Result<> insert_journal(db::Transaction& transaction, std::uint8_t instance, const std::vector<JournalRow>& rows);

// Warnings of certificates that end within so many days, given once for each certificate and number of days.
struct ExpiryWarning {
  CertificateRow certificate;
  int days = 0;
};
Result<std::vector<ExpiryWarning>> due_warnings(db::Transaction& transaction, int days, Instant now, std::size_t limit);
Result<> record_warning(db::Transaction& transaction, const ExpiryWarning& warning, Instant now);

struct Counts {
  std::int64_t waiting = 0, oldest_waiting_age = 0, open_requests = 0;
};
Result<Counts> counts(db::Transaction& transaction, Instant now);

}  // namespace kyso::authority::store
