#include "registry/account/store.h"

#include <fmt/format.h>

#include "base/text.h"

namespace kyso::registry::account_store {
namespace {

// Roles come as rows of their own: an account with three roles is three rows, ordered by account.
constexpr std::string_view kAccount =
    "a.id, a.email, a.name, a.phone, a.organisation, a.language, a.state, a.person, a.password, a.created, "
    "a.last_sign_in, r.role";
constexpr std::size_t kAccountColumns = 12;
constexpr std::string_view kFromAccount = "FROM account a LEFT JOIN account_role r ON r.account = a.id";

Result<Found> read_account(const db::Row& row, std::size_t at) {
  Found out;
  Account& account = out.account;
  account.id = KYSO_TRY(row.get<std::string>(at));
  account.email = KYSO_TRY(row.get<std::string>(at + 1));
  account.name = KYSO_TRY(row.get<std::string>(at + 2));
  account.phone = KYSO_TRY(row.get<std::string>(at + 3));
  account.organisation = KYSO_TRY(row.get<std::string>(at + 4));
  account.language = KYSO_TRY(row.get<std::string>(at + 5));
  const auto state = account_state_by_name(KYSO_TRY(row.get<std::string>(at + 6)));
  if (!state) return fail("db.corrupt", "state of account {}", account.id);
  account.state = *state;
  account.person = KYSO_TRY(row.get<std::optional<std::string>>(at + 7)).value_or("");
  out.keys.password = KYSO_TRY(row.get<std::optional<std::string>>(at + 8));
  account.created = KYSO_TRY(row.get<Instant>(at + 9));
  account.last_sign_in = KYSO_TRY(row.get<std::optional<Instant>>(at + 10));
  return out;
}

Result<> read_role(const db::Row& row, std::size_t at, Roles& roles) {
  const auto name = KYSO_TRY(row.get<std::optional<std::string>>(at));
  if (!name) return {};
  const auto role = role_by_name(*name);
  if (!role) return fail("db.corrupt", "role of an account");
  roles.insert(*role);
  return {};
}

Result<std::vector<Found>> read_accounts(const db::Rows& rows) {
  std::vector<Found> out;
  for (const db::Row& row : rows) {
    if (out.empty() || out.back().account.id != KYSO_TRY(row.get<std::string_view>(0)))
      out.push_back(KYSO_TRY(read_account(row, 0)));
    KYSO_TRY(read_role(row, kAccountColumns - 1, out.back().account.roles));
  }
  return out;
}

Result<std::optional<Found>> find_one(db::Transaction& transaction, std::string_view where, const db::Values& values) {
  auto found = KYSO_TRY(read_accounts(
      KYSO_TRY(transaction.query(fmt::format("SELECT {} {} WHERE {}", kAccount, kFromAccount, where), values))));
  if (found.empty()) return std::optional<Found>();
  return std::optional(std::move(found.front()));
}

db::Value person_of(const Account& account) {
  return account.person.empty() ? db::Value() : db::Value(account.person);
}

std::string search_text(const Account& account) {
  return fold_accents(account.name) + " " + fold_accents(account.email);
}

Result<> insert_roles(db::Transaction& transaction, const Account& account) {
  std::vector<db::Values> rows;
  for (const Role role : account.roles) rows.push_back({account.id, name_of(role)});
  if (rows.empty()) return {};
  return transaction.execute_many("INSERT INTO account_role (account, role) VALUES (?, ?)", rows);
}

std::string like_pattern(std::string_view word) {
  std::string out = "%";
  for (const char c : word) {
    if (c == '%' || c == '_' || c == '!') out += '!';
    out += c;
  }
  return out + "%";
}

}  // namespace

Result<bool> insert(db::Transaction& transaction, const Account& account, const std::optional<std::string>& password) {
  const std::int64_t inserted = KYSO_TRY(transaction.execute(
      "INSERT INTO account (id, email, email_key, name, phone, organisation, language, state, person, password, "
      "search, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (email_key) DO NOTHING",
      {account.id, account.email, email_key(account.email), account.name, account.phone, account.organisation,
       account.language, name_of(account.state), person_of(account), password, search_text(account), account.created}));
  if (inserted == 0) return false;
  KYSO_TRY(insert_roles(transaction, account));
  return true;
}

Result<std::optional<Found>> find(db::Transaction& transaction, const std::string& id) {
  return find_one(transaction, "a.id = ?", {id});
}

Result<std::optional<Found>> find_by_email(db::Transaction& transaction, std::string_view email) {
  return find_one(transaction, "a.email_key = ?", {email_key(email)});
}

Result<> update(db::Transaction& transaction, const Account& account) {
  KYSO_TRY(transaction.execute(
      "UPDATE account SET name = ?, phone = ?, language = ?, state = ?, person = ?, search = ? WHERE id = ?",
      {account.name, account.phone, account.language, name_of(account.state), person_of(account), search_text(account),
       account.id}));
  KYSO_TRY(transaction.execute("DELETE FROM account_role WHERE account = ?", {account.id}));
  return insert_roles(transaction, account);
}

Result<> set_password(db::Transaction& transaction, const std::string& id, const std::string& password) {
  KYSO_TRY(transaction.execute("UPDATE account SET password = ? WHERE id = ?", {password, id}));
  return {};
}

Result<> set_last_sign_in(db::Transaction& transaction, const std::string& id, Instant now) {
  KYSO_TRY(transaction.execute("UPDATE account SET last_sign_in = ? WHERE id = ?", {now, id}));
  return {};
}

Result<std::vector<Account>> holders_of(db::Transaction& transaction, Role role, std::size_t limit) {
  const auto found = KYSO_TRY(read_accounts(KYSO_TRY(transaction.query(
      fmt::format("SELECT {} {} WHERE a.id IN (SELECT b.id FROM account b JOIN account_role q ON q.account = b.id "
                  "WHERE q.role = ? AND b.state = 'active' ORDER BY b.created, b.id LIMIT ?) ORDER BY a.created, a.id",
                  kAccount, kFromAccount),
      {name_of(role), limit}))));
  std::vector<Account> out;
  for (const Found& one : found) out.push_back(one.account);
  return out;
}

Result<bool> has_admitted_account(db::Transaction& transaction, const std::string& organisation) {
  return KYSO_TRY(
             transaction.maybe("SELECT 1 FROM account WHERE organisation = ? AND state IN ('active', 'locked') LIMIT 1",
                               {organisation}))
      .has_value();
}

Result<std::vector<Account>> list(db::Transaction& transaction, const ListFilter& filter) {
  std::string where = "1 = 1", below;
  db::Values values;
  if (filter.organisation_below) {
    below =
        "WITH RECURSIVE below (id) AS (SELECT o.id FROM organisation o WHERE o.id = ? UNION SELECT p.organisation FROM "
        "organisation_version p "
        "JOIN below ON p.parent = below.id WHERE p.valid_from <= ? AND p.valid_to > ?) ";
    where += " AND b.organisation IN (SELECT id FROM below)";
    values.emplace_back(*filter.organisation_below);
    values.emplace_back(filter.at);
    values.emplace_back(filter.at);
  }
  for (const std::string& word : filter.words) {
    where += " AND b.search LIKE ? ESCAPE '!'";
    values.emplace_back(like_pattern(word));
  }
  if (filter.after) {
    where += " AND (b.created, b.id) < (?, ?)";
    values.emplace_back(filter.after->first);
    values.emplace_back(filter.after->second);
  }
  values.emplace_back(filter.limit);
  const auto found = KYSO_TRY(read_accounts(KYSO_TRY(transaction.query(
      fmt::format("{}SELECT {} {} WHERE a.id IN (SELECT b.id FROM account b WHERE {} ORDER BY b.created "
                  "DESC, b.id DESC LIMIT ?) ORDER BY a.created DESC, a.id DESC",
                  below, kAccount, kFromAccount, where),
      values))));
  std::vector<Account> out;
  out.reserve(found.size());
  for (const Found& one : found) out.push_back(one.account);
  return out;
}

// ---- sessions

namespace {

constexpr std::string_view kSession =
    "s.id, s.account, s.address, s.agent, s.way, s.created, s.seen, s.idle, s.expires";
constexpr std::size_t kSessionColumns = 9;

Result<SessionRow> read_session(const db::Row& row) {
  SessionRow out;
  out.id = KYSO_TRY(row.get<std::string>(0));
  out.account = KYSO_TRY(row.get<std::string>(1));
  out.address = KYSO_TRY(row.get<std::string>(2));
  out.agent = KYSO_TRY(row.get<std::string>(3));
  out.way = KYSO_TRY(row.get<std::string>(4));
  out.created = KYSO_TRY(row.get<Instant>(5));
  out.seen = KYSO_TRY(row.get<Instant>(6));
  out.idle = std::chrono::seconds(KYSO_TRY(row.get<std::int64_t>(7)));
  out.expires = KYSO_TRY(row.get<Instant>(8));
  return out;
}

}  // namespace

Result<> insert_session(db::Transaction& transaction, const SessionRow& row, ByteView secret) {
  KYSO_TRY(transaction.execute(
      "INSERT INTO account_session (id, secret, account, way, address, agent, created, seen, idle, expires) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {row.id, secret, row.account, row.way, row.address, row.agent, row.created, row.seen, row.idle.count(),
       row.expires}));
  return {};
}

Result<std::optional<FoundSession>> find_session(db::Transaction& transaction, ByteView secret) {
  static const std::string sql = fmt::format(
      "SELECT {}, {} FROM account_session s JOIN account a ON a.id = s.account LEFT JOIN account_role r ON r.account = "
      "a.id WHERE s.secret = ?",
      kSession, kAccount);
  const db::Rows rows = KYSO_TRY(transaction.query(sql, {secret}));
  if (rows.empty()) return std::optional<FoundSession>();
  FoundSession out{KYSO_TRY(read_session(rows.front())), KYSO_TRY(read_account(rows.front(), kSessionColumns)).account};
  for (const db::Row& row : rows) KYSO_TRY(read_role(row, kSessionColumns + kAccountColumns - 1, out.account.roles));
  return std::optional(std::move(out));
}

Result<> touch_session(db::Transaction& transaction, const std::string& id, Instant now) {
  KYSO_TRY(transaction.execute("UPDATE account_session SET seen = ? WHERE id = ? AND seen < ?", {now, id, now}));
  return {};
}

Result<std::vector<SessionRow>> sessions_of(db::Transaction& transaction, const std::string& account, Instant now) {
  std::vector<SessionRow> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           fmt::format("SELECT {} FROM account_session s WHERE s.account = ? AND s.expires > ? AND s.seen + s.idle > ? "
                       "ORDER BY s.created, s.id",
                       kSession),
           {account, now, now})))
    out.push_back(KYSO_TRY(read_session(row)));
  return out;
}

Result<bool> delete_session(db::Transaction& transaction, const std::string& account, const std::string& id) {
  return KYSO_TRY(transaction.execute("DELETE FROM account_session WHERE account = ? AND id = ?", {account, id})) == 1;
}

Result<> delete_any_session(db::Transaction& transaction, const std::string& id) {
  KYSO_TRY(transaction.execute("DELETE FROM account_session WHERE id = ?", {id}));
  return {};
}

Result<std::int64_t> delete_sessions(db::Transaction& transaction, const std::string& account,
                                     const std::string& but_not) {
  return transaction.execute("DELETE FROM account_session WHERE account = ? AND id <> ?", {account, but_not});
}

}  // namespace kyso::registry::account_store
