#include "registry/account/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "base/text.h"
#include "registry/dossier/store_support.h"
#include "registry/dossier/words.h"

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

Result<> insert_words(db::Transaction& transaction, const Account& account) {
  std::vector<db::Values> rows;
  for (const std::string& word : words_of(account.name + " " + account.email)) rows.push_back({word, account.id});
  return transaction.execute_many("INSERT INTO account_word (word, account) VALUES (?, ?)", rows);
}

Result<> insert_roles(db::Transaction& transaction, const Account& account) {
  std::vector<db::Values> rows;
  for (const Role role : account.roles) rows.push_back({account.id, name_of(role)});
  if (rows.empty()) return {};
  return transaction.execute_many("INSERT INTO account_role (account, role) VALUES (?, ?)", rows);
}

// What a list is taken from: accounts below an organisation, those with a rare word, or so many of all.
struct Source {
  std::string sql;  // rows (id, created)
  db::Values values;
  std::int64_t limit = INT64_MAX;
};
Result<Source> source_of(db::Transaction& transaction, const ListFilter& filter) {
  if (filter.organisation_below)
    return Source{
        "SELECT id, created FROM account WHERE organisation IN (WITH RECURSIVE below (id) AS (SELECT o.id FROM "
        "organisation o WHERE o.id = ? UNION SELECT p.organisation FROM organisation_version p JOIN below ON p.parent "
        "= below.id WHERE p.valid_from <= ? AND p.valid_to > ?) SELECT id FROM below)",
        {*filter.organisation_below, filter.at, filter.at}};
  if (const auto word = KYSO_TRY(rare_word(transaction, "account_word", filter.words, kMaxPostings)))
    return Source{
        "SELECT DISTINCT a.id, a.created FROM account_word w JOIN account a ON a.id = w.account "
        "WHERE w.word >= ? AND w.word < ?",
        {*word, behind(*word)}};
  const auto [created, id] = filter.after.value_or(std::pair(Instant::max(), std::string()));
  const auto limit = filter.words.empty() ? static_cast<std::int64_t>(filter.limit) + 1 : kMaxWalk;
  return Source{"SELECT id, created FROM account WHERE (created, id) < (?, ?) ORDER BY created DESC, id DESC LIMIT ?",
                {created, id, limit},
                limit};
}

}  // namespace

Result<bool> insert(db::Transaction& transaction, const Account& account, const std::optional<std::string>& password) {
  const std::int64_t inserted = KYSO_TRY(transaction.execute(
      "INSERT INTO account (id, email, email_key, name, phone, organisation, language, state, person, password, "
      "created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (email_key) DO NOTHING",
      {account.id, account.email, email_key(account.email), account.name, account.phone, account.organisation,
       account.language, name_of(account.state), person_of(account), password, account.created}));
  if (inserted == 0) return false;
  KYSO_TRY(insert_words(transaction, account));
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
      "UPDATE account SET name = ?, phone = ?, language = ?, state = ?, person = ? WHERE id = ?",
      {account.name, account.phone, account.language, name_of(account.state), person_of(account), account.id}));
  KYSO_TRY(transaction.execute("DELETE FROM account_word WHERE account = ?", {account.id}));
  KYSO_TRY(insert_words(transaction, account));
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

Result<std::vector<Account>> holders_of(db::Transaction& transaction, Role role, std::size_t limit,
                                        const std::optional<std::string>& organisation) {
  db::Values values = {name_of(role)};
  if (organisation) values.emplace_back(*organisation);
  values.emplace_back(limit);
  const auto found = KYSO_TRY(read_accounts(KYSO_TRY(transaction.query(
      fmt::format("SELECT {} {} WHERE a.id IN (SELECT b.id FROM account b JOIN account_role q ON q.account = b.id "
                  "WHERE q.role = ? AND b.state = 'active'{} ORDER BY b.created, b.id LIMIT ?) "
                  "ORDER BY a.created, a.id",
                  kAccount, kFromAccount, organisation ? " AND b.organisation = ?" : ""),
      values))));
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

Result<AccountPage> list(db::Transaction& transaction, const ListFilter& filter) {
  const Source source = KYSO_TRY(source_of(transaction, filter));
  std::string where = word_conditions("account_word", "account", "c.id", filter.words.size());
  db::Values values = source.values;
  for (const std::string& word : filter.words) {
    values.emplace_back(word);
    values.emplace_back(behind(word));
  }
  if (filter.after) {
    where += " AND (c.created, c.id) < (?, ?)";
    values.emplace_back(filter.after->first);
    values.emplace_back(filter.after->second);
  }
  values.emplace_back(filter.limit + 1);
  // The engine must not begin with the order: MATERIALIZED.
  auto found = KYSO_TRY(read_accounts(KYSO_TRY(transaction.query(
      fmt::format("WITH candidate AS MATERIALIZED ({}), shown AS MATERIALIZED (SELECT c.id FROM candidate c WHERE 1 = "
                  "1{} ORDER BY c.created DESC, c.id DESC LIMIT ?) SELECT {} {} JOIN shown ON shown.id = a.id "
                  "ORDER BY a.created DESC, a.id DESC",
                  source.sql, where, kAccount, kFromAccount),
      values))));
  AccountPage page;
  const bool is_full = found.size() > filter.limit;
  if (is_full) found.resize(filter.limit);
  for (Found& one : found) page.items.push_back(std::move(one.account));
  if (is_full) page.next = {page.items.back().created, page.items.back().id};
  if (is_full || source.limit == INT64_MAX) return page;
  const std::optional<db::Row> last = KYSO_TRY(transaction.maybe(
      fmt::format("SELECT created, id, COUNT(*) OVER () FROM ({}) walked ORDER BY created, id LIMIT 1", source.sql),
      source.values));
  if (last && KYSO_TRY(last->get<std::int64_t>(2)) >= source.limit)
    page.next = {KYSO_TRY(last->get<Instant>(0)), KYSO_TRY(last->get<std::string>(1))};
  return page;
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

Result<std::vector<std::string>> living_sessions(db::Transaction& transaction, const std::vector<std::string>& ids,
                                                 Instant now) {
  constexpr std::size_t kAtOnce = 500;
  std::vector<std::string> out;
  for (std::size_t at = 0; at < ids.size(); at += kAtOnce) {
    const std::span some = std::span(ids).subspan(at, std::min(kAtOnce, ids.size() - at));
    std::string places;
    db::Values values = {now, now};
    for (const std::string& id : some) {
      places += places.empty() ? "?" : ", ?";
      values.emplace_back(id);
    }
    for (const db::Row& row : KYSO_TRY(transaction.query(
             fmt::format(
                 "SELECT s.id FROM account_session s JOIN account a ON a.id = s.account WHERE a.state = 'active' "
                 "AND s.expires > ? AND s.seen + s.idle > ? AND s.id IN ({})",
                 places),
             values)))
      out.push_back(KYSO_TRY(row.get<std::string>(0)));
  }
  return out;
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
