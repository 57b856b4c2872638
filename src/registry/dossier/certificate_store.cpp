#include "registry/dossier/certificate_store.h"

#include <fmt/format.h>

#include "base/text.h"
#include "registry/dossier/store.h"
#include "registry/dossier/store_support.h"
#include "registry/dossier/words.h"
#include "registry/web/parameters.h"

namespace kyso::registry::certificate_store {
namespace {

constexpr std::string_view kColumns =
    "c.number, c.issuer, c.serial, c.kind, c.device, c.device_serial, c.iccid, c.name, c.subject, c.email, c.identity, "
    "c.tax_code, c.budget_code, c.phone, c.organisation, c.organisation_chain, c.province, c.profile, c.state, "
    "c.reason, c.renewed, c.changed, c.not_before, c.not_after, c.replaces, c.replaces_issuer, c.replaced_by, "
    "c.replaced_by_issuer, c.dossier, c.line, c.request_id, c.is_stale, c.recorded";

Result<SubscriberCertificate> read(const db::Row& row) {
  SubscriberCertificate out;
  std::size_t column = 0;
  out.number = KYSO_TRY(row.get<std::int64_t>(column++));
  std::string device, chain;
  for (std::string* to : {&out.issuer, &out.serial, &out.kind, &device, &out.device_serial, &out.iccid, &out.name,
                          &out.subject, &out.email, &out.identity, &out.tax_code, &out.budget_code, &out.phone,
                          &out.organisation, &chain, &out.province, &out.profile, &out.state})
    *to = KYSO_TRY(row.get<std::string>(column++));
  const std::optional<Device> known = device_by_name(device);
  if (!known) return fail("db.corrupt", "device of certificate {}", out.serial);
  out.device = *known;
  out.organisation_chain = KYSO_TRY(names_from_json(chain));
  out.reason = KYSO_TRY(row.get<std::optional<std::int64_t>>(column++));
  out.was_renewed = KYSO_TRY(row.get<bool>(column++));
  out.changed = KYSO_TRY(row.get<std::optional<Instant>>(column++));
  out.not_before = KYSO_TRY(row.get<Instant>(column++));
  out.not_after = KYSO_TRY(row.get<Instant>(column++));
  for (std::string* to : {&out.replaces, &out.replaces_issuer, &out.replaced_by, &out.replaced_by_issuer, &out.dossier,
                          &out.line, &out.request_id})
    *to = KYSO_TRY(row.get<std::string>(column++));
  out.is_stale = KYSO_TRY(row.get<bool>(column++));
  out.recorded = KYSO_TRY(row.get<Instant>(column++));
  if (row.size() > column) out.der = KYSO_TRY(row.get<Bytes>(column));
  return out;
}

Result<std::vector<SubscriberCertificate>> read_all(const db::Rows& rows) {
  std::vector<SubscriberCertificate> out;
  out.reserve(rows.size());
  for (const db::Row& row : rows) out.push_back(KYSO_TRY(read(row)));
  return out;
}

// What is counted of a certificate, besides being there.
std::vector<std::string> counted(const SubscriberCertificate& certificate) {
  std::vector<std::string> out = {
      fmt::format("certificate/{}/{}/{}", certificate.state, certificate.kind, name_of(certificate.device))};
  if (certificate.state == "good")
    out.push_back("certificate.expiry/" + iso8601_vietnam(certificate.not_after).substr(0, 10));
  if (certificate.is_stale && certificate.state == "good") out.emplace_back("certificate.stale");
  return out;
}

Result<> count(db::Transaction& transaction, const SubscriberCertificate& certificate,
               const std::set<std::string>& scopes, std::int64_t change) {
  for (const std::string& what : counted(certificate))
    KYSO_TRY(dossier_store::count(transaction, scopes, what, certificate.number, change));
  return {};
}

Result<> insert_scopes(db::Transaction& transaction, const SubscriberCertificate& certificate,
                       const std::set<std::string>& scopes) {
  std::vector<db::Values> rows;
  for (const std::string& scope : scopes)
    rows.push_back({scope, certificate.number, certificate.state, name_of(certificate.device), certificate.is_stale,
                    certificate.not_after});
  return transaction.execute_many(
      "INSERT INTO certificate_scope (scope, certificate, state, device, is_stale, not_after) VALUES (?, ?, ?, ?, ?, "
      "?)",
      rows);
}

std::string marks(std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += i == 0 ? "?" : ", ?";
  return out;
}

// In pieces that both engines' limits on parameters allow.
template <typename F>
Result<std::vector<SubscriberCertificate>> in_pieces(const std::vector<std::string>& keys, const F& query) {
  constexpr std::size_t kPiece = 500;
  std::vector<SubscriberCertificate> out;
  for (std::size_t at = 0; at < keys.size(); at += kPiece) {
    const std::vector<std::string> piece(
        keys.begin() + static_cast<std::ptrdiff_t>(at),
        keys.begin() + static_cast<std::ptrdiff_t>(std::min(keys.size(), at + kPiece)));
    for (SubscriberCertificate& one : KYSO_TRY(query(piece))) out.push_back(std::move(one));
  }
  return out;
}

// ---- search ---------------------------------------------------------------------------------------------------------

constexpr std::int64_t kBehindAll = INT64_MAX;

// Conditions on the columns of certificate_scope that have no index of their own here.
void add_states(const CertificateFilter& filter, std::string& sql, db::Values& values) {
  if (filter.state == "expired") {
    sql += " AND s.not_after <= ? AND s.state <> 'revoked'";
    values.emplace_back(filter.now);
  } else if (!filter.state.empty()) {
    sql += filter.state == "revoked" ? " AND s.state = ?" : " AND s.state = ? AND s.not_after > ?";
    values.emplace_back(filter.state);
    if (filter.state != "revoked") values.emplace_back(filter.now);
  }
  if (filter.device) {
    sql += " AND s.device = ?";
    values.emplace_back(name_of(*filter.device));
  }
  if (filter.only_stale) sql += " AND s.is_stale = 1";
}

void add_words(const CertificateFilter& filter, std::string& sql, db::Values& values) {
  sql += word_conditions("certificate_word", "certificate", "s.certificate", filter.words.size());
  for (const std::string& word : filter.words) {
    values.emplace_back(word);
    values.emplace_back(behind(word));
  }
}

void add_exact(const CertificateFilter& filter, std::string& sql, db::Values& values) {
  const std::pair<std::string_view, std::string> keys[] = {{"serial", normal_serial(filter.serial)},
                                                           {"device_serial", filter.device_serial},
                                                           {"iccid", filter.iccid},
                                                           {"email", fold_case(filter.email)}};
  for (const auto& [column, value] : keys) {
    if (value.empty()) continue;
    // The second condition lets the engine use the partial index.
    sql += fmt::format(" AND c.{} = ? AND c.{} <> ''", column, column);
    values.emplace_back(value);
  }
}

bool has_exact(const CertificateFilter& filter) {
  return !filter.serial.empty() || !filter.device_serial.empty() || !filter.iccid.empty() || !filter.email.empty();
}

CertificatePage cut(std::vector<SubscriberCertificate> items, std::size_t limit) {
  CertificatePage page{std::move(items), std::nullopt};
  if (page.items.size() > limit) {
    page.items.resize(limit);
    page.next = fmt::format("{}", page.items.back().number);
  }
  return page;
}

// The certificates that `matching` names, newest first.
Result<CertificatePage> page_of(db::Transaction& transaction, const std::string& matching, const db::Values& values,
                                std::size_t limit) {
  // The engine must not begin with the wide rows: MATERIALIZED.
  return cut(KYSO_TRY(read_all(KYSO_TRY(transaction.query(
                 fmt::format("WITH m AS MATERIALIZED ({}) SELECT {} FROM m JOIN subscriber_certificate c "
                             "ON c.number = m.certificate ORDER BY m.certificate DESC",
                             matching, kColumns),
                 values)))),
             limit);
}

// Of a few candidates: an exact key, or a rare word.
Result<CertificatePage> search_few(db::Transaction& transaction, const CertificateFilter& filter, std::int64_t below,
                                   const std::optional<std::string>& word) {
  std::string sql = "SELECT s.certificate FROM (";
  db::Values values;
  if (word) {
    sql += "SELECT DISTINCT certificate FROM certificate_word WHERE word >= ? AND word < ? AND certificate < ?";
    values = {*word, behind(*word), below};
  } else {
    sql += "SELECT c.number AS certificate FROM subscriber_certificate c WHERE c.number < ?";
    values = {below};
    add_exact(filter, sql, values);
  }
  sql += ") k JOIN certificate_scope s ON s.certificate = k.certificate AND s.scope = ? WHERE 1 = 1";
  values.emplace_back(filter.scope);
  add_words(filter, sql, values);
  add_states(filter, sql, values);
  sql += " ORDER BY s.certificate DESC LIMIT ?";
  values.emplace_back(filter.limit + 1);
  return page_of(transaction, sql, values, filter.limit);
}

// Soonest first, from now on. The cursor is "not_after,number".
Result<CertificatePage> search_expiring(db::Transaction& transaction, const CertificateFilter& filter) {
  Instant from = filter.now;
  std::int64_t behind_number = -1;
  if (const std::size_t comma = filter.after.find(','); comma != std::string::npos) {
    const auto time = whole_number(std::string_view(filter.after).substr(0, comma));
    const auto number = whole_number(std::string_view(filter.after).substr(comma + 1));
    if (!time || !number) return fail("registry.input.parameter").with("name", "after");
    from = Instant(std::chrono::seconds(*time));
    behind_number = *number;
  }
  std::string sql =
      "WITH m AS MATERIALIZED (SELECT s.certificate FROM (SELECT * FROM certificate_scope s WHERE s.scope = ? "
      "AND s.not_after >= ? AND s.not_after < ? AND (s.not_after, s.certificate) > (?, ?) "
      "ORDER BY s.not_after, s.certificate LIMIT ?) s WHERE s.state = 'good'";
  db::Values values = {filter.scope, from, *filter.expires_before, from, behind_number, kMaxWalk};
  add_words(filter, sql, values);
  CertificateFilter rest = filter;
  rest.state.clear();
  add_states(rest, sql, values);
  sql += fmt::format(
      " ORDER BY s.not_after, s.certificate LIMIT ?) SELECT {} FROM m JOIN subscriber_certificate c "
      "ON c.number = m.certificate ORDER BY c.not_after, c.number",
      kColumns);
  values.emplace_back(filter.limit + 1);
  CertificatePage page{KYSO_TRY(read_all(KYSO_TRY(transaction.query(sql, values)))), std::nullopt};
  const auto cursor = [](Instant time, std::int64_t number) {
    return fmt::format("{},{}", time.time_since_epoch().count(), number);
  };
  if (page.items.size() > filter.limit) {
    page.items.resize(filter.limit);
    page.next = cursor(page.items.back().not_after, page.items.back().number);
    return page;
  }
  const std::optional<db::Row> end = KYSO_TRY(transaction.maybe(
      "SELECT not_after, certificate, COUNT(*) OVER () FROM (SELECT s.not_after, s.certificate FROM certificate_scope "
      "s "
      "WHERE s.scope = ? AND s.not_after >= ? AND s.not_after < ? AND (s.not_after, s.certificate) > (?, ?) "
      "ORDER BY s.not_after, s.certificate LIMIT ?) w ORDER BY not_after DESC, certificate DESC LIMIT 1",
      {filter.scope, from, *filter.expires_before, from, behind_number, kMaxWalk}));
  if (end && KYSO_TRY(end->get<std::int64_t>(2)) >= kMaxWalk)
    page.next = cursor(KYSO_TRY(end->get<Instant>(0)), KYSO_TRY(end->get<std::int64_t>(1)));
  return page;
}

// Which rows of a scope a list goes along, newest first. By state or device: one stream of the index for each pair,
// so that rare ones are found at once.
struct Walk {
  std::string sql;
  db::Values values;
};
Walk walk_of(const CertificateFilter& filter, std::int64_t below, std::int64_t limit) {
  constexpr std::string_view kOne = "SELECT * FROM certificate_scope s WHERE s.scope = ? AND s.certificate < ?";
  constexpr std::string_view kOrder = " ORDER BY s.certificate DESC LIMIT ?";
  const bool has_state = !filter.state.empty() && filter.state != "expired";
  if (filter.only_stale || (!has_state && !filter.device))
    return {fmt::format("{}{}{}", kOne, filter.only_stale ? " AND s.is_stale = 1" : "", kOrder),
            {filter.scope, below, limit}};
  Walk out;
  for (const std::string_view state : {"good", "suspended", "revoked"}) {
    if (has_state && filter.state != state) continue;
    for (const Device device : {Device::token, Device::pkcs10, Device::sim_pki, Device::central}) {
      if (filter.device && *filter.device != device) continue;
      if (!out.sql.empty()) out.sql += " UNION ALL ";
      out.sql += fmt::format("SELECT * FROM ({} AND s.state = ? AND s.device = ?{}) one", kOne, kOrder);
      for (db::Value value :
           {db::Value(filter.scope), db::Value(below), db::Value(state), db::Value(name_of(device)), db::Value(limit)})
        out.values.push_back(std::move(value));
    }
  }
  out.sql = fmt::format("SELECT * FROM ({}) s{}", out.sql, kOrder);
  out.values.emplace_back(limit);
  return out;
}

// The same along a word; the scope's row comes with each.
Walk walk_of_word(const CertificateFilter& filter, const std::string& word, std::int64_t below, std::int64_t limit) {
  return {
      "SELECT k.certificate AS certificate, s.scope, s.state, s.device, s.is_stale, s.not_after FROM "
      "(SELECT DISTINCT certificate FROM certificate_word WHERE word >= ? AND word < ? AND certificate < ? "
      "ORDER BY certificate DESC LIMIT ?) k LEFT JOIN certificate_scope s ON s.certificate = k.certificate "
      "AND s.scope = ?",
      {word, behind(word), below, limit, filter.scope}};
}

// One portion of it.
struct Portion {
  CertificatePage page;
  bool is_end = false;  // nothing lies behind it
};
Result<Portion> walk_portion(db::Transaction& transaction, const CertificateFilter& filter, const Walk& walk,
                             std::int64_t steps) {
  std::string sql = fmt::format("SELECT s.certificate FROM ({}) s WHERE s.scope IS NOT NULL", walk.sql);
  db::Values values = walk.values;
  add_words(filter, sql, values);
  add_states(filter, sql, values);
  sql += " ORDER BY s.certificate DESC LIMIT ?";
  values.emplace_back(filter.limit + 1);
  Portion out{KYSO_TRY(page_of(transaction, sql, values, filter.limit)), false};
  if (out.page.next) return out;
  const db::Row end = KYSO_TRY(transaction.one(
      fmt::format("SELECT COUNT(*), COALESCE(MIN(certificate), 0) FROM ({}) w", walk.sql), walk.values));
  out.is_end = KYSO_TRY(end.get<std::int64_t>(0)) < steps;
  if (!out.is_end) out.page.next = fmt::format("{}", KYSO_TRY(end.get<std::int64_t>(1)));
  return out;
}

// At most kMaxWalk certificates are looked at. First a small portion: where much fits, or the scope is small, it is
// enough. Then along whatever names fewest: a word that is not too common, or the scope.
Result<CertificatePage> search_along(db::Transaction& transaction, const CertificateFilter& filter,
                                     std::int64_t below) {
  const std::int64_t first = (static_cast<std::int64_t>(filter.limit) + 1) * kFirstPortion;
  Portion portion = KYSO_TRY(walk_portion(transaction, filter, walk_of(filter, below, first), first));
  if (portion.page.items.size() >= filter.limit || portion.is_end) return std::move(portion.page);
  Walk walk = walk_of(filter, below, kMaxWalk);
  if (!filter.words.empty()) {
    const db::Row size = KYSO_TRY(transaction.one(fmt::format("SELECT COUNT(*) FROM ({}) w", walk.sql), walk.values));
    if (KYSO_TRY(size.get<std::int64_t>(0)) >= kMaxWalk)
      if (const auto word = KYSO_TRY(rare_word(transaction, "certificate_word", filter.words, kMaxPostings)))
        walk = walk_of_word(filter, *word, below, kMaxWalk);
  }
  return KYSO_TRY(walk_portion(transaction, filter, walk, kMaxWalk)).page;
}

}  // namespace

Result<bool> insert(db::Transaction& transaction, SubscriberCertificate& certificate,
                    const std::set<std::string>& scopes) {
  const std::optional<db::Row> row = KYSO_TRY(transaction.maybe(
      "INSERT INTO subscriber_certificate (issuer, serial, kind, device, device_serial, iccid, name, name_folded, "
      "subject, email, identity, tax_code, budget_code, phone, organisation, organisation_chain, province, profile, "
      "state, reason, renewed, changed, not_before, not_after, replaces, replaces_issuer, replaced_by, "
      "replaced_by_issuer, dossier, line, request_id, is_stale, recorded, der) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT (serial, issuer) DO NOTHING RETURNING number",
      {certificate.issuer,        certificate.serial,
       certificate.kind,          name_of(certificate.device),
       certificate.device_serial, certificate.iccid,
       certificate.name,          fold_accents(certificate.name),
       certificate.subject,       fold_case(certificate.email),
       certificate.identity,      certificate.tax_code,
       certificate.budget_code,   certificate.phone,
       certificate.organisation,  stored_json(names_to_json(certificate.organisation_chain)),
       certificate.province,      certificate.profile,
       certificate.state,         certificate.reason,
       certificate.was_renewed,   certificate.changed,
       certificate.not_before,    certificate.not_after,
       certificate.replaces,      certificate.replaces_issuer,
       certificate.replaced_by,   certificate.replaced_by_issuer,
       certificate.dossier,       certificate.line,
       certificate.request_id,    certificate.is_stale,
       certificate.recorded,      certificate.der}));
  if (!row) return false;
  certificate.number = KYSO_TRY(row->get<std::int64_t>(0));
  std::set<std::string> all = scopes;
  all.insert("");
  KYSO_TRY(insert_scopes(transaction, certificate, all));
  std::vector<db::Values> words;
  for (const std::string& word : words_of(certificate.name)) words.push_back({word, certificate.number});
  KYSO_TRY(transaction.execute_many("INSERT INTO certificate_word (word, certificate) VALUES (?, ?)", words));
  KYSO_TRY(count(transaction, certificate, all, 1));
  return true;
}

Result<std::optional<SubscriberCertificate>> find(db::Transaction& transaction, std::string_view issuer,
                                                  std::string_view serial) {
  const std::optional<db::Row> row = KYSO_TRY(transaction.maybe(
      fmt::format("SELECT {}, c.der FROM subscriber_certificate c WHERE c.serial = ? AND c.issuer = ?", kColumns),
      {normal_serial(serial), issuer}));
  if (!row) return std::optional<SubscriberCertificate>();
  return std::optional(KYSO_TRY(read(*row)));
}

Result<std::vector<SubscriberCertificate>> by_serial(db::Transaction& transaction, std::string_view serial) {
  return by_serials(transaction, {std::string(serial)});
}

Result<std::vector<SubscriberCertificate>> by_serials(db::Transaction& transaction,
                                                      const std::vector<std::string>& serials) {
  std::vector<std::string> keys;
  for (const std::string& serial : serials)
    if (std::string normal = normal_serial(serial); !normal.empty()) keys.push_back(std::move(normal));
  return in_pieces(keys, [&](const std::vector<std::string>& piece) -> Result<std::vector<SubscriberCertificate>> {
    return read_all(KYSO_TRY(transaction.query(
        fmt::format("SELECT {} FROM subscriber_certificate c WHERE c.serial IN ({}) ORDER BY c.number", kColumns,
                    marks(piece.size())),
        db::Values(piece.begin(), piece.end()))));
  });
}

Result<std::vector<SubscriberCertificate>> active_of_people(db::Transaction& transaction,
                                                            const std::vector<std::string>& identities, Instant now) {
  return in_pieces(
      identities, [&](const std::vector<std::string>& piece) -> Result<std::vector<SubscriberCertificate>> {
        db::Values values(piece.begin(), piece.end());
        values.emplace_back(now);
        return read_all(KYSO_TRY(transaction.query(
            fmt::format("SELECT {} FROM subscriber_certificate c WHERE c.identity IN ({}) AND c.identity <> '' "
                        "AND c.state <> 'revoked' AND c.not_after > ? ORDER BY c.number",
                        kColumns, marks(piece.size())),
            values)));
      });
}

Result<> update(db::Transaction& transaction, const SubscriberCertificate& certificate) {
  const std::optional<SubscriberCertificate> before =
      KYSO_TRY(find(transaction, certificate.issuer, certificate.serial));
  if (!before) return fail("registry.certificate.missing");
  const std::set<std::string> scopes =
      KYSO_TRY(scopes_of(transaction, "certificate_scope", "certificate", before->number));
  KYSO_TRY(transaction.execute(
      "UPDATE subscriber_certificate SET state = ?, reason = ?, changed = ?, renewed = ?, replaced_by = ?, "
      "replaced_by_issuer = ?, is_stale = ?, device_serial = ?, iccid = ?, organisation = ?, organisation_chain = ? "
      "WHERE number = ?",
      {certificate.state, certificate.reason, certificate.changed, certificate.was_renewed, certificate.replaced_by,
       certificate.replaced_by_issuer, certificate.is_stale, certificate.device_serial, certificate.iccid,
       certificate.organisation, stored_json(names_to_json(certificate.organisation_chain)), before->number}));
  if (counted(*before) == counted(certificate)) return {};
  KYSO_TRY(transaction.execute("UPDATE certificate_scope SET state = ?, is_stale = ? WHERE certificate = ?",
                               {certificate.state, certificate.is_stale, before->number}));
  SubscriberCertificate after = certificate;
  after.number = before->number;
  KYSO_TRY(count(transaction, *before, scopes, -1));
  return count(transaction, after, scopes, 1);
}

Result<bool> is_visible(db::Transaction& transaction, const SubscriberCertificate& certificate,
                        std::string_view scope) {
  return KYSO_TRY(transaction.maybe("SELECT 1 FROM certificate_scope WHERE scope = ? AND certificate = ?",
                                    {scope, certificate.number}))
      .has_value();
}

Result<> set_scopes(db::Transaction& transaction, const SubscriberCertificate& certificate,
                    const std::set<std::string>& scopes) {
  std::set<std::string> all = scopes;
  all.insert("");
  const std::set<std::string> before =
      KYSO_TRY(scopes_of(transaction, "certificate_scope", "certificate", certificate.number));
  if (before == all) return {};
  KYSO_TRY(transaction.execute("DELETE FROM certificate_scope WHERE certificate = ?", {certificate.number}));
  KYSO_TRY(count(transaction, certificate, before, -1));
  KYSO_TRY(insert_scopes(transaction, certificate, all));
  return count(transaction, certificate, all, 1);
}

Result<std::vector<SubscriberCertificate>> of_organisation(db::Transaction& transaction,
                                                           const std::string& organisation, std::int64_t after,
                                                           std::size_t limit) {
  return read_all(KYSO_TRY(
      transaction.query(fmt::format("SELECT {} FROM subscriber_certificate c WHERE c.organisation = ? AND c.number > ? "
                                    "ORDER BY c.number LIMIT ?",
                                    kColumns),
                        {organisation, after, limit})));
}

Result<CertificatePage> search(db::Transaction& transaction, const CertificateFilter& filter) {
  if (filter.expires_before && !has_exact(filter)) return search_expiring(transaction, filter);
  std::int64_t below = kBehindAll;
  if (!filter.after.empty()) {
    const std::optional<std::int64_t> number = whole_number(filter.after);
    if (!number) return fail("registry.input.parameter").with("name", "after");
    below = *number;
  }
  if (!filter.serial.empty() && normal_serial(filter.serial).empty()) return CertificatePage{};
  if (has_exact(filter)) return search_few(transaction, filter, below, std::nullopt);
  if (!filter.words.empty())
    if (const std::optional<std::string> word =
            KYSO_TRY(rare_word(transaction, "certificate_word", filter.words, kMaxWalk)))
      return search_few(transaction, filter, below, word);
  return search_along(transaction, filter, below);
}

}  // namespace kyso::registry::certificate_store
