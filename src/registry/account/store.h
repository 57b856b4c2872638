#pragma once
#include <vector>

#include "base/bytes.h"
#include "db/database.h"
#include "registry/account/model.h"

// All SQL of accounts and their sessions.
namespace kyso::registry::account_store {

// Accounts.
struct Keys {  // what never leaves the server
  std::optional<std::string> password;
};
struct Found {
  Account account;
  Keys keys;
};
// False: there is an account of this address already. db.constraint {account_person_key}: another one is this officer.
Result<bool> insert(db::Transaction& transaction, const Account& account, const std::optional<std::string>& password);
Result<std::optional<Found>> find(db::Transaction& transaction, const std::string& id);
Result<std::optional<Found>> find_by_email(db::Transaction& transaction, std::string_view email);
// Name, phone, language, state, person, roles.
Result<> update(db::Transaction& transaction, const Account& account);
Result<> set_password(db::Transaction& transaction, const std::string& id, const std::string& password);
Result<> set_last_sign_in(db::Transaction& transaction, const std::string& id, Instant now);
// Active accounts with this role, of one organisation or of all.
Result<std::vector<Account>> holders_of(db::Transaction& transaction, Role role, std::size_t limit,
                                        const std::optional<std::string>& organisation = {});
Result<bool> has_admitted_account(db::Transaction& transaction, const std::string& organisation);

struct ListFilter {
  std::vector<std::string> words;                 // folded; each begins a word of the name or the address
  std::optional<std::string> organisation_below;  // this one and those below, as of `at`
  Instant at{};
  std::optional<std::pair<Instant, std::string>> after;
  std::size_t limit = 50;
};
struct AccountPage {
  std::vector<Account> items;
  std::optional<std::pair<Instant, std::string>> next;
};
// Newest first. A search for common words alone looks at no more than some for one page: that may be short and still
// have a `next`.
Result<AccountPage> list(db::Transaction& transaction, const ListFilter& filter);

// Registrations that wait for their link.
struct Registration {
  std::string id, email, name, phone, organisation, language, password;
  Instant created{}, expires{};
};
Result<> insert_registration(db::Transaction& transaction, const Registration& registration);
Result<std::optional<Registration>> find_registration(db::Transaction& transaction, const std::string& id);
Result<std::optional<Registration>> newest_registration(db::Transaction& transaction, std::string_view email,
                                                        Instant now);
Result<> set_registration_token(db::Transaction& transaction, const std::string& id, ByteView token, Instant expires);
// Of a link that is still good.
Result<std::optional<Registration>> registration_of_token(db::Transaction& transaction, ByteView token, Instant now);
Result<> delete_registration(db::Transaction& transaction, const std::string& id);
Result<> delete_registrations(db::Transaction& transaction, std::string_view email);

// Links for a new password.
Result<> insert_token(db::Transaction& transaction, ByteView token, const std::string& account, Instant expires);
// Taken away: a second call finds nothing. The account's id.
Result<std::optional<std::string>> take_token(db::Transaction& transaction, ByteView token, Instant now);
Result<std::optional<std::string>> peek_token(db::Transaction& transaction, ByteView token, Instant now);
Result<> delete_tokens(db::Transaction& transaction, const std::string& account);

// Sessions.
struct SessionRow {
  std::string id, account, address, agent, way;
  Instant created{}, seen{};
  std::chrono::seconds idle{};
  Instant expires{};
};
Result<> insert_session(db::Transaction& transaction, const SessionRow& row, ByteView secret);
struct FoundSession {
  SessionRow row;
  Account account;
};
// With its account; whether it has ended is the caller's judgement.
Result<std::optional<FoundSession>> find_session(db::Transaction& transaction, ByteView secret);
// Of these ids, those of sessions of active accounts that have neither expired nor been idle for too long.
Result<std::vector<std::string>> living_sessions(db::Transaction& transaction, const std::vector<std::string>& ids,
                                                 Instant now);
Result<> touch_session(db::Transaction& transaction, const std::string& id, Instant now);
Result<std::vector<SessionRow>> sessions_of(db::Transaction& transaction, const std::string& account, Instant now);
Result<bool> delete_session(db::Transaction& transaction, const std::string& account, const std::string& id);
// Whosever it is.
Result<> delete_any_session(db::Transaction& transaction, const std::string& id);
Result<std::int64_t> delete_sessions(db::Transaction& transaction, const std::string& account,
                                     const std::string& but_not = {});

// Passkeys.
struct PasskeyRow {
  std::string id, account, label;
  Bytes credential, public_key;
  std::uint32_t sign_count = 0;
  Instant created{};
  std::optional<Instant> used;
};
// False: there is this credential already.
Result<bool> insert_passkey(db::Transaction& transaction, const PasskeyRow& row);
Result<std::vector<PasskeyRow>> passkeys_of(db::Transaction& transaction, const std::string& account);
Result<std::optional<PasskeyRow>> passkey_by_credential(db::Transaction& transaction, ByteView credential);
Result<> use_passkey(db::Transaction& transaction, const std::string& id, std::uint32_t sign_count, Instant now);
Result<bool> delete_passkey(db::Transaction& transaction, const std::string& account, const std::string& id);
struct OfficerPasskey {
  std::string person, name;
  PasskeyRow passkey;
};
// Of active accounts with a person.
Result<std::vector<OfficerPasskey>> officer_passkeys(db::Transaction& transaction);

// Identities at a provider.
Result<std::optional<std::string>> account_of_identity(db::Transaction& transaction, std::string_view issuer,
                                                       std::string_view subject);
// True when this account is bound to somebody else there.
Result<bool> is_bound(db::Transaction& transaction, std::string_view issuer, const std::string& account);
Result<> delete_identities(db::Transaction& transaction, const std::string& account);
Result<> bind_identity(db::Transaction& transaction, std::string_view issuer, std::string_view subject,
                       const std::string& account, Instant now);

// What is over: sessions, links, registrations, tickets, attempts. The number of rows.
Result<std::int64_t> forget(db::Transaction& transaction, Instant now);

}  // namespace kyso::registry::account_store
