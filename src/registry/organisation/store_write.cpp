#include <algorithm>

#include "base/text.h"
#include "registry/organisation/names.h"
#include "registry/organisation/provinces.h"
#include "registry/organisation/store.h"

namespace kyso::registry::store {
namespace {

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : " ") + part;
  return out;
}

// What finds a node: its name and those before, its aliases and codes.
std::vector<std::string> words_of(const Version& version, const std::vector<Version>& timeline,
                                  const std::vector<Alias>& aliases) {
  std::string text = version.name + " " + version.code + " " + version.tax_code;
  for (const Version& earlier : timeline)
    if (earlier.from < version.from) text += " " + earlier.name + " " + earlier.code;
  for (const Alias& alias : aliases) text += " " + alias.value;
  return search_words(text);
}

std::string search_text(const std::vector<std::string>& words, const Version& version) {
  std::string text = " ";
  for (const std::string& word : words) text += word + " ";
  for (const std::string& word : search_words(province_name(version.province))) text += kOfProvince + word + " ";
  return text;
}

db::Values row_of(const Version& version, const std::vector<std::string>& words) {
  return {version.organisation,
          version.from,
          version.to,
          version.parent,
          version.level,
          version.name,
          name_key(version.name),
          fold_accents(version.name),
          search_text(words, version),
          version.kind,
          version.province,
          version.code,
          version.tax_code,
          version.budget_code,
          version.address,
          joined(version.mail_domains),
          version.sector,
          version.instrument};
}

// Searches read the words anew.
Result<> count_change(db::Transaction& transaction) {
  KYSO_TRY(transaction.execute("UPDATE counter SET value = value + 1 WHERE name = 'organisation'"));
  return {};
}

bool is_kept(const Version& version, const std::vector<Version>& others) {
  return version.number != 0 && std::ranges::find(others, version) != others.end();
}

}  // namespace

Result<> add_nodes(db::Transaction& transaction, const std::vector<std::string>& ids, Instant now) {
  std::vector<db::Values> rows;
  rows.reserve(ids.size());
  for (const std::string& id : ids) rows.push_back({id, now});
  return transaction.execute_many("INSERT INTO organisation (id, created, revision) VALUES (?, ?, 1)", rows);
}

Result<> remove_node(db::Transaction& transaction, const std::string& id) {
  for (const std::string_view sql :
       {"DELETE FROM organisation_alias WHERE organisation = ?",
        "DELETE FROM organisation_stale WHERE organisation = ?", "DELETE FROM organisation WHERE id = ?"}) {
    KYSO_TRY(transaction.execute(sql, {id}));
  }
  return {};
}

Result<> add_revision(db::Transaction& transaction, const std::vector<std::string>& ids) {
  std::vector<db::Values> rows;
  rows.reserve(ids.size());
  for (const std::string& id : ids) rows.push_back({id});
  return transaction.execute_many("UPDATE organisation SET revision = revision + 1 WHERE id = ?", rows);
}

Result<> put_versions(db::Transaction& transaction, const std::vector<Timeline>& timelines) {
  std::vector<db::Values> removed, added;
  for (const Timeline& timeline : timelines) {
    const std::vector<Alias> others =
        timeline.before.empty() ? std::vector<Alias>() : KYSO_TRY(aliases(transaction, timeline.id));
    for (const Version& version : timeline.before)
      if (!is_kept(version, timeline.now)) removed.push_back({version.number});
    for (const Version& version : timeline.now)
      if (!is_kept(version, timeline.before)) added.push_back(row_of(version, words_of(version, timeline.now, others)));
  }
  KYSO_TRY(transaction.execute_many("DELETE FROM organisation_version WHERE number = ?", removed));
  KYSO_TRY(transaction.execute_many(
      "INSERT INTO organisation_version (organisation, valid_from, valid_to, parent, level, name, name_key, name_fold, "
      "search, kind, province, code, tax_code, budget_code, address, mail_domains, sector, instrument) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      added));
  return count_change(transaction);
}

Result<> put_aliases(db::Transaction& transaction, const std::string& id, const std::vector<Alias>& aliases) {
  KYSO_TRY(transaction.execute("DELETE FROM organisation_alias WHERE organisation = ?", {id}));
  std::vector<db::Values> rows;
  for (const Alias& alias : aliases)
    rows.push_back(
        {id, alias.kind == Alias::Kind::code ? "code" : "name", alias.value, name_key(alias.value), alias.note});
  KYSO_TRY(transaction.execute_many(
      "INSERT INTO organisation_alias (organisation, kind, value, value_key, note) VALUES (?, ?, ?, ?, ?)", rows));
  const std::vector<Version> timeline = KYSO_TRY(versions(transaction, id));
  for (const Version& version : timeline)
    KYSO_TRY(transaction.execute("UPDATE organisation_version SET search = ? WHERE number = ?",
                                 {search_text(words_of(version, timeline, aliases), version), version.number}));
  return count_change(transaction);
}

Result<> add_links(db::Transaction& transaction, const std::vector<Link>& links, const std::string& change) {
  std::vector<db::Values> rows;
  for (const Link& link : links) rows.push_back({link.predecessor, link.successor, link.at, link.instrument, change});
  return transaction.execute_many(
      "INSERT INTO organisation_link (predecessor, successor, at, instrument, change) VALUES (?, ?, ?, ?, ?)", rows);
}

Result<> remove_links(db::Transaction& transaction, const std::string& change) {
  KYSO_TRY(transaction.execute("DELETE FROM organisation_link WHERE change = ?", {change}));
  return {};
}

Result<> mark_stale(db::Transaction& transaction, const std::vector<std::string>& ids, Instant since) {
  std::vector<db::Values> rows;
  rows.reserve(ids.size());
  for (const std::string& id : ids) rows.push_back({id, since});
  // The later one: what was looked at before it must be looked at again.
  return transaction.execute_many(
      "INSERT INTO organisation_stale (organisation, since) VALUES (?, ?) ON CONFLICT (organisation) DO UPDATE SET "
      "since = CASE WHEN excluded.since > organisation_stale.since THEN excluded.since ELSE organisation_stale.since "
      "END",
      rows);
}

}  // namespace kyso::registry::store
