#include "registry/account/store.h"

#include <fmt/format.h>

// Registrations, links, passkeys, identities.
namespace kyso::registry::account_store {
namespace {

constexpr std::string_view kRegistration = "id, email, name, phone, organisation, language, password, created, expires";

Result<std::optional<Registration>> read_registration(const std::optional<db::Row>& row) {
  if (!row) return std::optional<Registration>();
  Registration out;
  out.id = KYSO_TRY(row->get<std::string>(0));
  out.email = KYSO_TRY(row->get<std::string>(1));
  out.name = KYSO_TRY(row->get<std::string>(2));
  out.phone = KYSO_TRY(row->get<std::string>(3));
  out.organisation = KYSO_TRY(row->get<std::string>(4));
  out.language = KYSO_TRY(row->get<std::string>(5));
  out.password = KYSO_TRY(row->get<std::string>(6));
  out.created = KYSO_TRY(row->get<Instant>(7));
  out.expires = KYSO_TRY(row->get<Instant>(8));
  return std::optional(std::move(out));
}

constexpr std::string_view kPasskey =
    "p.id, p.account, p.label, p.credential, p.public_key, p.sign_count, p.created, p.used";

Result<PasskeyRow> read_passkey(const db::Row& row) {
  PasskeyRow out;
  out.id = KYSO_TRY(row.get<std::string>(0));
  out.account = KYSO_TRY(row.get<std::string>(1));
  out.label = KYSO_TRY(row.get<std::string>(2));
  out.credential = KYSO_TRY(row.get<Bytes>(3));
  out.public_key = KYSO_TRY(row.get<Bytes>(4));
  out.sign_count = static_cast<std::uint32_t>(KYSO_TRY(row.get<std::int64_t>(5)));
  out.created = KYSO_TRY(row.get<Instant>(6));
  out.used = KYSO_TRY(row.get<std::optional<Instant>>(7));
  return out;
}

Result<std::optional<std::string>> read_id(const std::optional<db::Row>& row) {
  if (!row) return std::optional<std::string>();
  return std::optional(KYSO_TRY(row->get<std::string>(0)));
}

}  // namespace

Result<> insert_registration(db::Transaction& transaction, const Registration& registration) {
  KYSO_TRY(transaction.execute(
      "INSERT INTO account_registration (id, email, email_key, name, phone, organisation, language, password, created, "
      "expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {registration.id, registration.email, email_key(registration.email), registration.name, registration.phone,
       registration.organisation, registration.language, registration.password, registration.created,
       registration.expires}));
  return {};
}

Result<std::optional<Registration>> find_registration(db::Transaction& transaction, const std::string& id) {
  return read_registration(KYSO_TRY(
      transaction.maybe(fmt::format("SELECT {} FROM account_registration WHERE id = ?", kRegistration), {id})));
}

Result<std::optional<Registration>> newest_registration(db::Transaction& transaction, std::string_view email,
                                                        Instant now) {
  return read_registration(KYSO_TRY(transaction.maybe(
      fmt::format("SELECT {} FROM account_registration WHERE email_key = ? AND expires > ? ORDER BY created DESC, id "
                  "DESC LIMIT 1",
                  kRegistration),
      {email_key(email), now})));
}

Result<> set_registration_token(db::Transaction& transaction, const std::string& id, ByteView token, Instant expires) {
  KYSO_TRY(
      transaction.execute("UPDATE account_registration SET token = ?, expires = ? WHERE id = ?", {token, expires, id}));
  return {};
}

Result<std::optional<Registration>> registration_of_token(db::Transaction& transaction, ByteView token, Instant now) {
  return read_registration(KYSO_TRY(transaction.maybe(
      fmt::format("SELECT {} FROM account_registration WHERE token = ? AND expires > ?", kRegistration),
      {token, now})));
}

Result<> delete_registration(db::Transaction& transaction, const std::string& id) {
  KYSO_TRY(transaction.execute("DELETE FROM account_registration WHERE id = ?", {id}));
  return {};
}

Result<> delete_registrations(db::Transaction& transaction, std::string_view email) {
  KYSO_TRY(transaction.execute("DELETE FROM account_registration WHERE email_key = ?", {email_key(email)}));
  return {};
}

Result<> insert_token(db::Transaction& transaction, ByteView token, const std::string& account, Instant expires) {
  KYSO_TRY(transaction.execute("INSERT INTO account_token (token, account, expires) VALUES (?, ?, ?)",
                               {token, account, expires}));
  return {};
}

Result<std::optional<std::string>> take_token(db::Transaction& transaction, ByteView token, Instant now) {
  return read_id(KYSO_TRY(
      transaction.maybe("DELETE FROM account_token WHERE token = ? AND expires > ? RETURNING account", {token, now})));
}

Result<std::optional<std::string>> peek_token(db::Transaction& transaction, ByteView token, Instant now) {
  return read_id(
      KYSO_TRY(transaction.maybe("SELECT account FROM account_token WHERE token = ? AND expires > ?", {token, now})));
}

Result<> delete_tokens(db::Transaction& transaction, const std::string& account) {
  KYSO_TRY(transaction.execute("DELETE FROM account_token WHERE account = ?", {account}));
  return {};
}

Result<bool> insert_passkey(db::Transaction& transaction, const PasskeyRow& row) {
  return KYSO_TRY(transaction.execute(
             "INSERT INTO account_passkey (id, account, credential, public_key, sign_count, label, created) "
             "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (credential) DO NOTHING",
             {row.id, row.account, row.credential, row.public_key, std::int64_t{row.sign_count}, row.label,
              row.created})) == 1;
}

Result<std::vector<PasskeyRow>> passkeys_of(db::Transaction& transaction, const std::string& account) {
  std::vector<PasskeyRow> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           fmt::format("SELECT {} FROM account_passkey p WHERE p.account = ? ORDER BY p.created, p.id", kPasskey),
           {account})))
    out.push_back(KYSO_TRY(read_passkey(row)));
  return out;
}

Result<std::optional<PasskeyRow>> passkey_by_credential(db::Transaction& transaction, ByteView credential) {
  const auto row = KYSO_TRY(transaction.maybe(
      fmt::format("SELECT {} FROM account_passkey p WHERE p.credential = ?", kPasskey), {credential}));
  if (!row) return std::optional<PasskeyRow>();
  return std::optional(KYSO_TRY(read_passkey(*row)));
}

Result<> use_passkey(db::Transaction& transaction, const std::string& id, std::uint32_t sign_count, Instant now) {
  KYSO_TRY(transaction.execute("UPDATE account_passkey SET sign_count = ?, used = ? WHERE id = ?",
                               {std::int64_t{sign_count}, now, id}));
  return {};
}

Result<bool> delete_passkey(db::Transaction& transaction, const std::string& account, const std::string& id) {
  return KYSO_TRY(transaction.execute("DELETE FROM account_passkey WHERE account = ? AND id = ?", {account, id})) == 1;
}

Result<std::vector<OfficerPasskey>> officer_passkeys(db::Transaction& transaction) {
  std::vector<OfficerPasskey> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           fmt::format("SELECT {}, a.person, a.name FROM account_passkey p JOIN account a ON a.id = p.account WHERE "
                       "a.person IS NOT NULL AND a.state = 'active' ORDER BY a.person, p.created, p.id",
                       kPasskey))))
    out.push_back({KYSO_TRY(row.get<std::string>(8)), KYSO_TRY(row.get<std::string>(9)), KYSO_TRY(read_passkey(row))});
  return out;
}

Result<std::optional<std::string>> account_of_identity(db::Transaction& transaction, std::string_view issuer,
                                                       std::string_view subject) {
  return read_id(KYSO_TRY(
      transaction.maybe("SELECT account FROM account_identity WHERE issuer = ? AND subject = ?", {issuer, subject})));
}

Result<bool> is_bound(db::Transaction& transaction, std::string_view issuer, const std::string& account) {
  return KYSO_TRY(transaction.maybe("SELECT 1 FROM account_identity WHERE account = ? AND issuer = ? LIMIT 1",
                                    {account, issuer}))
      .has_value();
}

Result<> delete_identities(db::Transaction& transaction, const std::string& account) {
  KYSO_TRY(transaction.execute("DELETE FROM account_identity WHERE account = ?", {account}));
  return {};
}

Result<> bind_identity(db::Transaction& transaction, std::string_view issuer, std::string_view subject,
                       const std::string& account, Instant now) {
  KYSO_TRY(transaction.execute("INSERT INTO account_identity (issuer, subject, account, created) VALUES (?, ?, ?, ?)",
                               {issuer, subject, account, now}));
  return {};
}

Result<std::int64_t> forget(db::Transaction& transaction, Instant now) {
  std::int64_t rows = 0;
  for (const std::string_view table : {"account_session", "account_token", "account_registration", "spent_ticket"})
    rows += KYSO_TRY(transaction.execute(fmt::format("DELETE FROM {} WHERE expires <= ?", table), {now}));
  return rows + KYSO_TRY(transaction.execute("DELETE FROM attempt WHERE last <= ? AND locked_until <= ?",
                                             {now - std::chrono::hours(24), now}));
}

}  // namespace kyso::registry::account_store
