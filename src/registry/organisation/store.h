#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "registry/organisation/version.h"

// All SQL of organisations.
namespace kyso::registry::store {

// ---- reading --------------------------------------------------------------------------------------------------------
// An organisation as of a day, with its chain and what it inherits; nullopt: none on that day.
Result<std::optional<Organisation>> organisation(db::Transaction& transaction, const std::string& id, Instant at);
Result<std::vector<Organisation>> organisations(db::Transaction& transaction, const std::vector<std::string>& ids,
                                                Instant at);
Result<bool> exists(db::Transaction& transaction, const std::string& id);
Result<std::vector<Version>> versions(db::Transaction& transaction, const std::string& id);
Result<std::optional<Version>> version_at(db::Transaction& transaction, const std::string& id, Instant at);
// Versions below `parent` that overlap [from, to).
Result<std::vector<Version>> child_versions(db::Transaction& transaction, const std::string& parent, Instant from,
                                            Instant to);
Result<std::vector<std::string>> children_by_key(db::Transaction& transaction, const std::string& parent,
                                                 const std::string& key, Instant at);
Result<std::vector<std::string>> children_by_fold(db::Transaction& transaction, const std::string& parent,
                                                  const std::string& fold, Instant at);
Result<std::vector<std::string>> children_by_alias(db::Transaction& transaction, const std::string& parent,
                                                   const std::string& key, Instant at);
// Those that are called so below `parent` at any time in [from, to).
Result<std::vector<std::string>> siblings_by_key(db::Transaction& transaction, const std::string& parent,
                                                 const std::string& key, Instant from, Instant to);
Result<std::vector<std::string>> by_code(db::Transaction& transaction, const std::string& code, Instant at);
Result<std::vector<std::string>> by_tax_code(db::Transaction& transaction, const std::string& tax_code, Instant at);
Result<std::int64_t> revision(db::Transaction& transaction, const std::string& id);
Result<std::vector<Alias>> aliases(db::Transaction& transaction, const std::string& id);
Result<std::vector<Link>> links(db::Transaction& transaction, const std::string& id);  // of both directions
// Whether another change than this one has linked it.
Result<bool> is_linked(db::Transaction& transaction, const std::string& id, const std::string& but_by);

// A place in a list: what was shown last.
struct Place {
  std::string name_fold, id;
};
Result<std::vector<Organisation>> children(db::Transaction& transaction, const std::string& parent, Instant at,
                                           const std::optional<Place>& after, std::size_t limit);

// ---- searching ------------------------------------------------------------------------------------------------------
// Grows with every change of names, aliases and codes.
Result<std::int64_t> tree_revision(db::Transaction& transaction);
// What a version is found by. Words of its province's name stand behind this mark, for they
// count as a whole only, else "so" (sở) would find all of Lạng Sơn.
inline constexpr char kOfProvince = '~';
struct SearchedName {
  std::string id, name_fold;
  int level = 1;
  Instant from{}, to{};
  std::vector<std::string> words;
};
Result<std::vector<SearchedName>> searched_names(db::Transaction& transaction);

// ---- writing --------------------------------------------------------------------------------------------------------
Result<> add_nodes(db::Transaction& transaction, const std::vector<std::string>& ids, Instant now);
// db.constraint {foreign_key} when another part refers to it.
Result<> remove_node(db::Transaction& transaction, const std::string& id);
Result<> add_revision(db::Transaction& transaction, const std::vector<std::string>& ids);
// Writes what differs.
struct Timeline {
  std::string id;
  std::vector<Version> before, now;
};
Result<> put_versions(db::Transaction& transaction, const std::vector<Timeline>& timelines);
Result<> put_aliases(db::Transaction& transaction, const std::string& id, const std::vector<Alias>& aliases);
Result<> add_links(db::Transaction& transaction, const std::vector<Link>& links, const std::string& change);
Result<> remove_links(db::Transaction& transaction, const std::string& change);
Result<> mark_stale(db::Transaction& transaction, const std::vector<std::string>& ids, Instant since);

// ---- changes --------------------------------------------------------------------------------------------------------
struct ChangeRow {
  std::int64_t sequence = 0;
  std::string id, kind, instrument, effects, actor;
  Instant from{}, done{};
  std::optional<Instant> undone;
  std::size_t organisations = 0;
};
Result<> add_change(db::Transaction& transaction, const ChangeRow& change);
Result<> add_images(db::Transaction& transaction, const std::string& change, const std::vector<Timeline>& timelines);
Result<std::optional<ChangeRow>> change(db::Transaction& transaction, const std::string& id);
Result<std::vector<ChangeRow>> changes(db::Transaction& transaction, std::int64_t before, std::size_t limit);
Result<std::vector<Timeline>> images(db::Transaction& transaction, const std::string& change);
Result<> mark_undone(db::Transaction& transaction, const std::string& id, Instant now);

// ---- seals ----------------------------------------------------------------------------------------------------------
struct SealRow {
  std::string id, organisation;
  Instant from{}, to = kForever;
  std::int64_t diameter_um = 0;
  std::int64_t width = 0, height = 0;
};
Result<> add_seal(db::Transaction& transaction, const SealRow& seal, ByteView image, Instant now);
Result<> end_seal(db::Transaction& transaction, const std::string& id, Instant at);
Result<std::vector<SealRow>> seals(db::Transaction& transaction, const std::string& organisation);
Result<std::optional<Bytes>> seal_image(db::Transaction& transaction, const std::string& id);

// ---- stale certificates ---------------------------------------------------------------------------------------------
struct StaleRow {
  std::string organisation;
  Instant since{};
};
Result<std::vector<StaleRow>> stale(db::Transaction& transaction, Instant now, const std::string& after,
                                    std::size_t limit);
Result<bool> remove_stale(db::Transaction& transaction, const std::string& id, Instant since);

}  // namespace kyso::registry::store
