#include "registry/organisation/organisations.h"

#include <algorithm>

#include "base/text.h"
#include "registry/organisation/names.h"
#include "registry/organisation/store.h"

namespace kyso::registry {
namespace {

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// The child that is meant; empty: none, or several could be.
Result<std::string> child_by_name(db::Transaction& transaction, const std::string& parent, std::string_view name,
                                  Instant at) {
  const std::string key = name_key(name);
  auto found = KYSO_TRY(store::children_by_key(transaction, parent, key, at));
  if (found.empty()) found = KYSO_TRY(store::children_by_alias(transaction, parent, key, at));
  // Written without any accent: what is meant is clear when only one name reads so.
  if (found.empty() && is_ascii(name))
    found = KYSO_TRY(store::children_by_fold(transaction, parent, fold_accents(name), at));
  return found.size() == 1 ? found.front() : std::string();
}

}  // namespace

Result<Organisation> Organisations::find(const std::string& id, Instant at) {
  return m_database.read([&](db::Transaction& transaction) { return find(transaction, id, at); });
}

Result<Organisation> Organisations::find(db::Transaction& transaction, const std::string& id, Instant at) {
  auto found = KYSO_TRY(store::organisation(transaction, id, at));
  if (!found) return fail("registry.organisation.missing", "organisation {}", id);
  return *std::move(found);
}

Result<Organisation> Organisations::find_last(db::Transaction& transaction, const std::string& id, Instant at) {
  const std::vector<Version> versions = KYSO_TRY(store::versions(transaction, id));
  if (versions.empty()) return fail("registry.organisation.missing", "organisation {}", id);
  const Instant first = versions.front().from, last = versions.back().to - std::chrono::seconds(1);
  return find(transaction, id, std::clamp(at, first, last));
}

Result<std::map<std::string, Organisation>> Organisations::find_last(db::Transaction& transaction,
                                                                     const std::set<std::string>& ids, Instant at) {
  std::map<std::string, Organisation> out;
  for (Organisation& one : KYSO_TRY(store::organisations(transaction, {ids.begin(), ids.end()}, at)))
    out.emplace(one.id, std::move(one));
  for (const std::string& id : ids)
    if (!out.contains(id))
      if (auto found = find_last(transaction, id, at)) out.emplace(id, *std::move(found));
  return out;
}

Result<Organisation> Organisations::by_names(db::Transaction& transaction, const std::vector<std::string>& names,
                                             Instant at) {
  std::size_t count = names.size();
  while (count > 0 && trim(names[count - 1]).empty()) --count;
  if (count == 0) return fail("registry.organisation.chain").with("level", 1).with("name", "");
  std::string id;
  for (std::size_t i = 0; i < count; ++i) {
    id = i < kMaxLevel ? KYSO_TRY(child_by_name(transaction, id, names[i], at)) : std::string();
    if (id.empty()) return fail("registry.organisation.chain").with("level", i + 1).with("name", tidy_name(names[i]));
  }
  return find(transaction, id, at);
}

Result<std::optional<Organisation>> Organisations::by_code(db::Transaction& transaction, const std::string& code,
                                                           Instant at) {
  const auto found = KYSO_TRY(store::by_code(transaction, to_upper(trim(code)), at));
  if (found.size() != 1) return std::optional<Organisation>();
  return store::organisation(transaction, found.front(), at);
}

Result<bool> Organisations::is_within(db::Transaction& transaction, const std::string& below, const std::string& above,
                                      std::optional<Instant> at) {
  const auto found = KYSO_TRY(store::organisation(transaction, below, at.value_or(system_clock().now())));
  return found && std::ranges::find(found->chain_ids, above) != found->chain_ids.end();
}

Result<Organisations::Page> Organisations::children(const std::string& parent, Instant at, const std::string& after,
                                                    std::size_t limit) {
  return m_database.read([&](db::Transaction& transaction) -> Result<Page> {
    std::optional<store::Place> place;
    if (!after.empty()) {
      const auto version = KYSO_TRY(store::version_at(transaction, after, at));
      if (!version) return fail("registry.input.parameter").with("name", "after");
      place = store::Place{fold_accents(version->name), version->organisation};
    }
    Page page;
    page.items = KYSO_TRY(store::children(transaction, parent == "root" ? "" : parent, at, place, limit + 1));
    if (page.items.size() > limit) {
      page.items.resize(limit);
      page.next = page.items.back().id;
    }
    return page;
  });
}

}  // namespace kyso::registry
