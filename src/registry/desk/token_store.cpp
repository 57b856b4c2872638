#include <map>

#include "base/enum_names.h"
#include "base/text.h"
#include "registry/desk/tokens.h"

namespace kyso::registry {
namespace {

constexpr auto kStates = enum_names<TokenState>("stock", "personalised", "delivered", "returned", "faulty", "scrapped");
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
  return kStates.of(state);
}

std::optional<TokenState> token_state_by_name(std::string_view name) {
  return kStates.find(name);
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

Result<> let_go(db::Transaction& transaction, std::string_view line, std::string_view account, Instant now) {
  auto token = KYSO_TRY(of_line(transaction, line));
  if (!token) return {};
  if (token->state == TokenState::personalised) token->state = TokenState::returned;
  token->line.clear();
  token->holder.clear();
  token->changed = now;
  return update(transaction, *token, account);
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

namespace {

// Serial numbers as they are on record, by their spelling without regard to case.
Result<std::map<std::string, std::string>> spellings(db::Transaction& transaction,
                                                     const std::vector<std::string>& serials) {
  std::map<std::string, std::string> out;
  if (serials.empty()) return out;
  std::string marks;
  db::Values values;
  for (const std::string& serial : serials)
    for (const std::string& spelling : {serial, to_upper(serial), fold_case(serial)}) {
      marks += marks.empty() ? "?" : ", ?";
      values.emplace_back(spelling);
    }
  for (const db::Row& row :
       KYSO_TRY(transaction.query(fmt::format("SELECT serial FROM token WHERE serial IN ({})", marks), values))) {
    const auto serial = KYSO_TRY(row.get<std::string>(0));
    out.emplace(fold_case(serial), serial);
  }
  return out;
}

}  // namespace

Result<std::vector<StationLine>> station_lines(db::Transaction& transaction, std::size_t limit) {
  std::vector<StationLine> out;
  std::vector<std::string> entered;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           "SELECT l.id, d.code, d.kind, l.state, l.content, t.serial, c.name, c.der, r.station_key, r.released "
           "FROM dossier d JOIN dossier_line l ON l.dossier = d.id "
           "LEFT JOIN token_recovery r ON r.line = l.id "
           "LEFT JOIN token t ON t.line = l.id AND t.line <> '' AND t.state = 'personalised' AND t.written = 0 "
           "LEFT JOIN subscriber_certificate c ON c.serial = t.certificate_serial AND c.issuer = t.certificate_issuer "
           "WHERE d.state = 'processing' AND d.step IN ('keys', 'statement', 'delivery') AND ("
           "(d.kind = '06' AND l.state IN ('approved', 'issued') AND r.unlocked IS NULL) OR "
           "(d.kind < '05' AND l.device = 'token' AND ((l.state = 'approved' AND l.key_sha256 = '') OR "
           "(l.state = 'issued' AND c.serial IS NOT NULL)))) "
           "ORDER BY d.urgent, d.number, l.number LIMIT ?",
           {limit}))) {
    StationLine line;
    line.id = KYSO_TRY(row.get<std::string>(0));
    line.dossier_code = KYSO_TRY(row.get<std::string>(1));
    line.is_recovery = dossier_kind_by_code(KYSO_TRY(row.get<std::string_view>(2))) == DossierKind::recovery;
    const auto state = line_state_by_name(KYSO_TRY(row.get<std::string_view>(3)));
    if (!state) return fail("db.corrupt", "state of line {}", line.id);
    line.state = *state;
    const auto form = KYSO_TRY(line_form_from_json(KYSO_TRY(json::parse(KYSO_TRY(row.get<std::string_view>(4))))));
    line.name = KYSO_TRY(row.get<std::optional<std::string>>(6)).value_or(form.name);
    if (line.is_recovery) {
      line.token_serial = normal_token_serial(form.token_serial);
      entered.push_back(line.token_serial);
      line.has_station_key = KYSO_TRY(row.get<std::optional<Bytes>>(8)).has_value();
      line.released = KYSO_TRY(row.get<std::optional<Bytes>>(9));
    } else if (line.state == LineState::issued) {
      line.token_serial = KYSO_TRY(row.get<std::string>(5));
      line.certificate = KYSO_TRY(row.get<Bytes>(7));
    }
    out.push_back(std::move(line));
  }
  const auto known = KYSO_TRY(spellings(transaction, entered));
  for (StationLine& line : out)
    if (line.is_recovery)
      if (const auto token = known.find(fold_case(line.token_serial)); token != known.end())
        line.token_serial = token->second;
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
