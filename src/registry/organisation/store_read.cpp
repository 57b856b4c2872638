#include <algorithm>
#include <iterator>

#include "registry/organisation/names.h"
#include "registry/organisation/store.h"

namespace kyso::registry::store {
namespace {

constexpr std::string_view kVersionColumns =
    "number, organisation, valid_from, valid_to, parent, level, name, kind, province, code, tax_code, budget_code, "
    "address, mail_domains, sector, instrument";

// One organisation with those above it (at most three), all as of one day; the day comes ten times before what follows
// WHERE.
const std::string kOrganisation = [] {
  std::string columns =
      "SELECT v.organisation, v.valid_from, v.valid_to, v.parent, v.level, v.name, v.kind, v.province, v.code, "
      "v.tax_code, v.budget_code, v.address, v.mail_domains, v.sector, v.instrument, "
      "EXISTS (SELECT 1 FROM organisation_version c WHERE c.parent = v.organisation AND c.valid_from <= ? AND "
      "c.valid_to > ?)";
  std::string joins = " FROM organisation_version v";
  std::string below = "v";
  for (const std::string above : {"a", "b", "c"}) {
    columns += ", " + above + ".organisation, " + above + ".name, " + above + ".mail_domains, " + above + ".sector";
    joins += " LEFT JOIN organisation_version " + above + " ON " + above + ".organisation = " + below + ".parent AND " +
             above + ".valid_from <= ? AND " + above + ".valid_to > ?";
    below = above;
  }
  return columns + joins + " WHERE v.valid_from <= ? AND v.valid_to > ?";
}();
constexpr std::size_t kDays = 10;
constexpr std::size_t kAbove = 16, kAboveColumns = 4;

std::vector<std::string> split_blanks(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

Result<> read_above(const db::Row& row, Organisation& out) {
  for (std::size_t at = kAbove; at < row.size(); at += kAboveColumns) {
    if (row.is_null(at)) break;
    out.chain_ids.push_back(KYSO_TRY(row.get<std::string>(at)));
    out.chain.push_back(KYSO_TRY(row.get<std::string>(at + 1)));
    if (out.mail_domains.empty()) out.mail_domains = split_blanks(KYSO_TRY(row.get<std::string_view>(at + 2)));
    if (out.sector.empty()) out.sector = KYSO_TRY(row.get<std::string>(at + 3));
  }
  std::ranges::reverse(out.chain_ids);
  std::ranges::reverse(out.chain);
  return {};
}

Result<Organisation> read_organisation(const db::Row& row) {
  Organisation out;
  out.id = KYSO_TRY(row.get<std::string>(0));
  out.valid_from = KYSO_TRY(row.get<Instant>(1));
  if (const auto to = KYSO_TRY(row.get<Instant>(2)); to < kForever) out.valid_to = to;
  if (auto parent = KYSO_TRY(row.get<std::string>(3)); !parent.empty()) out.parent = std::move(parent);
  out.level = KYSO_TRY(row.get<int>(4));
  out.name = KYSO_TRY(row.get<std::string>(5));
  out.kind = KYSO_TRY(row.get<std::string>(6));
  out.province = KYSO_TRY(row.get<std::string>(7));
  out.code = KYSO_TRY(row.get<std::string>(8));
  out.tax_code = KYSO_TRY(row.get<std::string>(9));
  out.budget_code = KYSO_TRY(row.get<std::string>(10));
  out.address = KYSO_TRY(row.get<std::string>(11));
  out.mail_domains = split_blanks(KYSO_TRY(row.get<std::string_view>(12)));
  out.sector = KYSO_TRY(row.get<std::string>(13));
  out.instrument = KYSO_TRY(row.get<std::string>(14));
  out.has_children = KYSO_TRY(row.get<bool>(15));
  out.chain = {out.name};
  out.chain_ids = {out.id};
  KYSO_TRY(read_above(row, out));
  return out;
}

Result<Version> read_version(const db::Row& row) {
  Version out;
  out.number = KYSO_TRY(row.get<std::int64_t>(0));
  out.organisation = KYSO_TRY(row.get<std::string>(1));
  out.from = KYSO_TRY(row.get<Instant>(2));
  out.to = KYSO_TRY(row.get<Instant>(3));
  out.parent = KYSO_TRY(row.get<std::string>(4));
  out.level = KYSO_TRY(row.get<int>(5));
  out.name = KYSO_TRY(row.get<std::string>(6));
  out.kind = KYSO_TRY(row.get<std::string>(7));
  out.province = KYSO_TRY(row.get<std::string>(8));
  out.code = KYSO_TRY(row.get<std::string>(9));
  out.tax_code = KYSO_TRY(row.get<std::string>(10));
  out.budget_code = KYSO_TRY(row.get<std::string>(11));
  out.address = KYSO_TRY(row.get<std::string>(12));
  out.mail_domains = split_blanks(KYSO_TRY(row.get<std::string_view>(13)));
  out.sector = KYSO_TRY(row.get<std::string>(14));
  out.instrument = KYSO_TRY(row.get<std::string>(15));
  return out;
}

db::Values days(Instant at, db::Values after) {
  db::Values values(kDays, db::Value(at));
  values.insert(values.end(), std::make_move_iterator(after.begin()), std::make_move_iterator(after.end()));
  return values;
}

Result<std::vector<Organisation>> read_organisations(db::Transaction& transaction, const std::string& condition,
                                                     Instant at, db::Values parameters) {
  std::vector<Organisation> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(kOrganisation + condition, days(at, std::move(parameters))))) {
    out.push_back(KYSO_TRY(read_organisation(row)));
  }
  return out;
}

Result<std::vector<Version>> read_versions(db::Transaction& transaction, std::string_view condition,
                                           const db::Values& parameters) {
  std::vector<Version> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           fmt::format("SELECT {} FROM organisation_version {}", kVersionColumns, condition), parameters))) {
    out.push_back(KYSO_TRY(read_version(row)));
  }
  return out;
}

Result<std::vector<std::string>> read_ids(db::Transaction& transaction, std::string_view sql,
                                          const db::Values& parameters) {
  std::vector<std::string> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(sql, parameters)))
    out.push_back(KYSO_TRY(row.get<std::string>(0)));
  return out;
}

}  // namespace

Result<std::optional<Organisation>> organisation(db::Transaction& transaction, const std::string& id, Instant at) {
  auto found = KYSO_TRY(read_organisations(transaction, " AND v.organisation = ?", at, {id}));
  if (found.empty()) return std::optional<Organisation>();
  return std::optional(std::move(found.front()));
}

Result<std::vector<Organisation>> organisations(db::Transaction& transaction, const std::vector<std::string>& ids,
                                                Instant at) {
  // Few lengths of lists, so that few statements are kept; the last id fills up.
  std::vector<Organisation> out;
  for (std::size_t first = 0; first < ids.size();) {
    const std::size_t count = ids.size() - first > 1 ? 50 : 1;
    std::string condition = " AND v.organisation IN (?";
    db::Values parameters = {ids[first]};
    for (std::size_t i = 1; i < count; ++i) {
      condition += ", ?";
      parameters.emplace_back(ids[std::min(first + i, ids.size() - 1)]);
    }
    auto found = KYSO_TRY(read_organisations(transaction, condition + ")", at, std::move(parameters)));
    std::ranges::move(found, std::back_inserter(out));
    first += count;
  }
  std::vector<Organisation> ordered;
  ordered.reserve(out.size());
  for (const std::string& id : ids) {
    const auto found = std::ranges::find(out, id, &Organisation::id);
    if (found != out.end()) ordered.push_back(*found);
  }
  return ordered;
}

Result<bool> exists(db::Transaction& transaction, const std::string& id) {
  return KYSO_TRY(transaction.maybe("SELECT 1 FROM organisation WHERE id = ?", {id})).has_value();
}

Result<std::vector<Version>> versions(db::Transaction& transaction, const std::string& id) {
  return read_versions(transaction, "WHERE organisation = ? ORDER BY valid_from", {id});
}

Result<std::optional<Version>> version_at(db::Transaction& transaction, const std::string& id, Instant at) {
  auto found =
      KYSO_TRY(read_versions(transaction, "WHERE organisation = ? AND valid_from <= ? AND valid_to > ?", {id, at, at}));
  if (found.empty()) return std::optional<Version>();
  return std::optional(std::move(found.front()));
}

Result<std::vector<Version>> child_versions(db::Transaction& transaction, const std::string& parent, Instant from,
                                            Instant to) {
  return read_versions(transaction,
                       "WHERE parent = ? AND valid_from < ? AND valid_to > ? ORDER BY organisation, valid_from",
                       {parent, to, from});
}

Result<std::vector<std::string>> children_by_key(db::Transaction& transaction, const std::string& parent,
                                                 const std::string& key, Instant at) {
  return read_ids(transaction,
                  "SELECT organisation FROM organisation_version WHERE parent = ? AND name_key = ? AND valid_from <= ? "
                  "AND valid_to > ?",
                  {parent, key, at, at});
}

Result<std::vector<std::string>> children_by_fold(db::Transaction& transaction, const std::string& parent,
                                                  const std::string& fold, Instant at) {
  return read_ids(
      transaction,
      "SELECT organisation FROM organisation_version WHERE parent = ? AND name_fold = ? AND valid_from <= ? "
      "AND valid_to > ?",
      {parent, fold, at, at});
}

Result<std::vector<std::string>> children_by_alias(db::Transaction& transaction, const std::string& parent,
                                                   const std::string& key, Instant at) {
  return read_ids(transaction,
                  "SELECT a.organisation FROM organisation_alias a JOIN organisation_version v ON v.organisation = "
                  "a.organisation WHERE a.kind = 'name' AND a.value_key = ? AND v.parent = ? AND v.valid_from <= ? AND "
                  "v.valid_to > ?",
                  {key, parent, at, at});
}

Result<std::vector<std::string>> siblings_by_key(db::Transaction& transaction, const std::string& parent,
                                                 const std::string& key, Instant from, Instant to) {
  return read_ids(transaction,
                  "SELECT organisation FROM organisation_version WHERE parent = ? AND name_key = ? AND valid_from < ? "
                  "AND valid_to > ?",
                  {parent, key, to, from});
}

Result<std::vector<std::string>> by_code(db::Transaction& transaction, const std::string& code, Instant at) {
  auto found = KYSO_TRY(read_ids(
      transaction, "SELECT organisation FROM organisation_version WHERE code = ? AND valid_from <= ? AND valid_to > ?",
      {code, at, at}));
  if (!found.empty()) return found;
  return read_ids(transaction,
                  "SELECT a.organisation FROM organisation_alias a JOIN organisation_version v ON v.organisation = "
                  "a.organisation WHERE a.kind = 'code' AND a.value_key = ? AND v.valid_from <= ? AND v.valid_to > ?",
                  {name_key(code), at, at});
}

Result<std::vector<std::string>> by_tax_code(db::Transaction& transaction, const std::string& tax_code, Instant at) {
  return read_ids(
      transaction,
      "SELECT organisation FROM organisation_version WHERE tax_code = ? AND valid_from <= ? AND valid_to > ?",
      {tax_code, at, at});
}

Result<std::int64_t> revision(db::Transaction& transaction, const std::string& id) {
  const auto row = KYSO_TRY(transaction.maybe("SELECT revision FROM organisation WHERE id = ?", {id}));
  if (!row) return std::int64_t{0};
  return row->get<std::int64_t>(0);
}

Result<std::vector<Alias>> aliases(db::Transaction& transaction, const std::string& id) {
  std::vector<Alias> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(
           "SELECT kind, value, note FROM organisation_alias WHERE organisation = ? ORDER BY kind, value_key", {id}))) {
    Alias alias;
    alias.kind = KYSO_TRY(row.get<std::string_view>(0)) == "code" ? Alias::Kind::code : Alias::Kind::name;
    alias.value = KYSO_TRY(row.get<std::string>(1));
    alias.note = KYSO_TRY(row.get<std::string>(2));
    out.push_back(std::move(alias));
  }
  return out;
}

Result<std::vector<Link>> links(db::Transaction& transaction, const std::string& id) {
  std::vector<Link> out;
  for (const db::Row& row : KYSO_TRY(
           transaction.query("SELECT predecessor, successor, at, instrument FROM organisation_link WHERE predecessor = "
                             "? OR successor = ? ORDER BY at, predecessor, successor",
                             {id, id}))) {
    out.push_back({KYSO_TRY(row.get<std::string>(0)), KYSO_TRY(row.get<std::string>(1)), KYSO_TRY(row.get<Instant>(2)),
                   KYSO_TRY(row.get<std::string>(3))});
  }
  return out;
}

Result<bool> is_linked(db::Transaction& transaction, const std::string& id, const std::string& but_by) {
  const auto row = KYSO_TRY(transaction.maybe(
      "SELECT 1 FROM organisation_link WHERE (predecessor = ? OR successor = ?) AND change <> ? LIMIT 1",
      {id, id, but_by}));
  return row.has_value();
}

Result<std::vector<Organisation>> children(db::Transaction& transaction, const std::string& parent, Instant at,
                                           const std::optional<Place>& after, std::size_t limit) {
  const Place place = after.value_or(Place());
  return read_organisations(
      transaction,
      " AND v.parent = ? AND (v.name_fold, v.organisation) > (?, ?) ORDER BY v.name_fold, v.organisation LIMIT ?", at,
      {parent, place.name_fold, place.id, limit});
}

Result<std::int64_t> tree_revision(db::Transaction& transaction) {
  return KYSO_TRY(transaction.one("SELECT value FROM counter WHERE name = 'organisation'")).get<std::int64_t>(0);
}

Result<std::vector<SearchedName>> searched_names(db::Transaction& transaction) {
  std::vector<SearchedName> out;
  KYSO_TRY(transaction.for_each(
      "SELECT organisation, name_fold, level, valid_from, valid_to, search FROM organisation_version", {},
      [&](const db::Row& row) -> Result<bool> {
        out.push_back({KYSO_TRY(row.get<std::string>(0)), KYSO_TRY(row.get<std::string>(1)), KYSO_TRY(row.get<int>(2)),
                       KYSO_TRY(row.get<Instant>(3)), KYSO_TRY(row.get<Instant>(4)),
                       split_blanks(KYSO_TRY(row.get<std::string_view>(5)))});
        return true;
      }));
  return out;
}

}  // namespace kyso::registry::store
