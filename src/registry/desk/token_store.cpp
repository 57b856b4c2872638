#include <algorithm>
#include <array>

#include "base/text.h"
#include "registry/desk/tokens.h"

namespace kyso::registry {
namespace {

constexpr std::array<std::string_view, 6> kStates = {"stock",    "personalised", "delivered",
                                                     "returned", "faulty",       "scrapped"};
constexpr std::string_view kColumns =
    "serial, model, batch, state, is_old_model, dossier, line, holder, certificate_issuer, certificate_serial, escrow, "
    "note, added, changed, written";

Result<Token> read(const db::Row& row) {
  Token out;
  out.serial = KYSO_TRY(row.get<std::string>(0));
  out.model = KYSO_TRY(row.get<std::string>(1));
  out.batch = KYSO_TRY(row.get<std::string>(2));
  const auto state = token_state_by_name(KYSO_TRY(row.get<std::string>(3)));
  if (!state) return fail("db.corrupt", "token {}", out.serial);
  out.state = *state;
  out.is_old_model = KYSO_TRY(row.get<bool>(4));
  out.dossier = KYSO_TRY(row.get<std::string>(5));
  out.line = KYSO_TRY(row.get<std::string>(6));
  out.holder = KYSO_TRY(row.get<std::string>(7));
  out.certificate_issuer = KYSO_TRY(row.get<std::string>(8));
  out.certificate_serial = KYSO_TRY(row.get<std::string>(9));
  out.escrow = KYSO_TRY(row.get<std::optional<Bytes>>(10));
  out.note = KYSO_TRY(row.get<std::string>(11));
  out.added = KYSO_TRY(row.get<Instant>(12));
  out.changed = KYSO_TRY(row.get<Instant>(13));
  out.is_written = KYSO_TRY(row.get<bool>(14));
  return out;
}

Result<std::optional<Token>> first(const db::Rows& rows) {
  if (rows.empty()) return std::optional<Token>();
  return std::optional(KYSO_TRY(read(rows.front())));
}

}  // namespace

std::string_view name_of(TokenState state) {
  return kStates.at(static_cast<std::size_t>(state));
}

std::optional<TokenState> token_state_by_name(std::string_view name) {
  const auto* found = std::ranges::find(kStates, name);
  if (found == kStates.end()) return std::nullopt;
  return static_cast<TokenState>(found - kStates.begin());
}

namespace token_store {

std::string normal_token_serial(std::string_view text) {
  std::string out;
  for (const char c : trim(text))
    if (c != ' ') out += c;
  return out;
}

Result<bool> insert(db::Transaction& transaction, const Token& token) {
  return KYSO_TRY(transaction.execute(
             fmt::format(
                 "INSERT INTO token ({}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (serial) "
                 "DO NOTHING",
                 kColumns),
             {token.serial, token.model, token.batch, name_of(token.state), token.is_old_model, token.dossier,
              token.line, token.holder, token.certificate_issuer, token.certificate_serial, token.escrow, token.note,
              token.added, token.changed, token.is_written})) == 1;
}

Result<std::optional<Token>> find(db::Transaction& transaction, std::string_view serial) {
  const std::string text(serial);
  return first(KYSO_TRY(transaction.query(
      fmt::format("SELECT {} FROM token WHERE serial IN (?, ?, ?) ORDER BY CASE WHEN serial = ? THEN 0 ELSE 1 END, "
                  "serial LIMIT 1",
                  kColumns),
      {text, to_upper(text), fold_case(text), text})));
}

Result<> rename(db::Transaction& transaction, std::string_view from, std::string_view to) {
  for (const char* table : {"token", "token_event"})
    KYSO_TRY(transaction.execute(fmt::format("UPDATE {} SET serial = ? WHERE serial = ?", table), {to, from}));
  return {};
}

Result<std::optional<Token>> of_line(db::Transaction& transaction, std::string_view line) {
  return first(KYSO_TRY(transaction.query(
      fmt::format("SELECT {} FROM token WHERE line = ? AND line <> '' ORDER BY changed DESC LIMIT 1", kColumns),
      {line})));
}

Result<> update(db::Transaction& transaction, const Token& token, std::string_view account) {
  const std::int64_t changed = KYSO_TRY(transaction.execute(
      "UPDATE token SET model = ?, batch = ?, state = ?, is_old_model = ?, dossier = ?, line = ?, holder = ?, "
      "certificate_issuer = ?, certificate_serial = ?, escrow = ?, note = ?, changed = ?, written = ? WHERE serial = ?",
      {token.model, token.batch, name_of(token.state), token.is_old_model, token.dossier, token.line, token.holder,
       token.certificate_issuer, token.certificate_serial, token.escrow, token.note, token.changed, token.is_written,
       token.serial}));
  if (changed != 1) return fail("registry.desk.token.missing").with("serial", token.serial);
  KYSO_TRY(transaction.execute(
      "INSERT INTO token_event (serial, at, state, account, dossier, note) VALUES (?, ?, ?, ?, ?, ?)",
      {token.serial, token.changed, name_of(token.state), account, token.dossier, token.note}));
  return {};
}

Result<std::vector<Token>> list(db::Transaction& transaction, const TokenFilter& filter) {
  std::string sql = fmt::format("SELECT {} FROM token WHERE serial > ?", kColumns);
  db::Values values = {filter.after};
  if (filter.state) {
    sql += " AND state = ?";
    values.emplace_back(name_of(*filter.state));
  }
  if (!filter.text.empty()) {
    const std::string begin = normal_token_serial(filter.text);
    sql += " AND serial >= ? AND serial < ?";
    values.emplace_back(begin);
    values.emplace_back(begin + "\x7f");
  }
  sql += " ORDER BY serial LIMIT ?";
  values.emplace_back(filter.limit);
  std::vector<Token> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(sql, values))) out.push_back(KYSO_TRY(read(row)));
  return out;
}

Result<> recovery_of(db::Transaction& transaction, const Line& line, std::optional<Token>& token,
                     std::optional<Bytes>& station_key) {
  token = KYSO_TRY(find(transaction, normal_token_serial(line.form.token_serial)));
  const auto recovery = KYSO_TRY(find_recovery(transaction, line.id));
  // The station made its key for one token; the line may name another one by now.
  if (recovery && token && fold_case(recovery->token) == fold_case(token->serial)) station_key = recovery->station_key;
  return {};
}

Result<> set_station_key(db::Transaction& transaction, std::string_view line, std::string_view token, ByteView key) {
  KYSO_TRY(transaction.execute(
      "INSERT INTO token_recovery (line, token, station_key) VALUES (?, ?, ?) ON CONFLICT (line) DO UPDATE SET "
      "token = excluded.token, station_key = excluded.station_key",
      {line, token, key}));
  return {};
}

Result<> set_released(db::Transaction& transaction, std::string_view line, ByteView released) {
  KYSO_TRY(transaction.execute("UPDATE token_recovery SET released = ? WHERE line = ?", {released, line}));
  return {};
}

Result<std::optional<Recovery>> find_recovery(db::Transaction& transaction, std::string_view line) {
  const auto row = KYSO_TRY(
      transaction.maybe("SELECT token, station_key, released, unlocked FROM token_recovery WHERE line = ?", {line}));
  if (!row) return std::optional<Recovery>();
  return std::optional(Recovery{KYSO_TRY(row->get<std::string>(0)), KYSO_TRY(row->get<std::optional<Bytes>>(1)),
                                KYSO_TRY(row->get<std::optional<Bytes>>(2)),
                                KYSO_TRY(row->get<std::optional<Instant>>(3))});
}

// The released SO-PIN is of no more use.
Result<> set_unlocked(db::Transaction& transaction, std::string_view line, Instant now) {
  KYSO_TRY(transaction.execute("UPDATE token_recovery SET unlocked = ?, released = NULL WHERE line = ?", {now, line}));
  return {};
}

}  // namespace token_store
}  // namespace kyso::registry
