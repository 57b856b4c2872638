#include "registry/organisation/tree_edit.h"

#include <algorithm>

#include "audit/audit.h"
#include "crypto/password.h"
#include "registry/checks/checks.h"
#include "registry/organisation/change_record.h"
#include "registry/organisation/names.h"
#include "registry/organisation/store.h"

namespace kyso::registry {
namespace {

constexpr Instant kBeginning{};
constexpr std::size_t kMaxEffects = 1'000;
const std::string kRoot;

std::string named(const std::string& parent, std::string_view name) {
  return parent + '\n' + name_key(name);
}

Error later(const Version& version, Instant at) {
  return fail("registry.organisation.later").with("name", version.name).with("date", display_day(vietnam_day(at)));
}

bool overlaps(const Version& version, Instant from, Instant to) {
  return version.from < to && version.to > from;
}

}  // namespace

TreeEdit::TreeEdit(db::Transaction& transaction, std::string kind, std::string instrument, Instant from,
                   const ChangeBy& by)
    : m_transaction(transaction),
      m_id(crypto::random_uuid()),
      m_kind(std::move(kind)),
      m_instrument(std::move(instrument)),
      m_first(day_start(from)),
      m_from(m_first),
      m_by(by) {}

// ---- nodes in memory ------------------------------------------------------------------------------------------------

Result<TreeEdit::Node*> TreeEdit::node(const std::string& id) {
  const auto found = m_nodes.find(id);
  if (found != m_nodes.end()) return &found->second;
  Node loaded;
  loaded.before = KYSO_TRY(store::versions(m_transaction, id));
  if (loaded.before.empty()) return fail("registry.organisation.missing", "organisation {}", id);
  loaded.now = loaded.before;
  Node& kept = m_nodes.emplace(id, std::move(loaded)).first->second;
  index(id, kept);
  return &kept;
}

void TreeEdit::index(const std::string& id, const Node& node) {
  for (const Version& version : node.now) {
    m_below[version.parent].insert(id);
    m_named[named(version.parent, version.name)].insert(id);
  }
}

void TreeEdit::split(Node& node, Instant at) {
  for (std::size_t i = 0; i < node.now.size(); ++i) {
    if (node.now[i].from >= at || node.now[i].to <= at) continue;
    Version second = node.now[i];
    second.number = 0;
    second.from = node.now[i].to = at;
    node.now.insert(node.now.begin() + static_cast<std::ptrdiff_t>(i) + 1, std::move(second));
    return;
  }
}

Result<std::vector<Version>> TreeEdit::child_versions(const std::string& parent, Instant from, Instant to) {
  std::vector<Version> out;
  for (Version& version : KYSO_TRY(store::child_versions(m_transaction, parent, from, to)))
    if (!m_nodes.contains(version.organisation)) out.push_back(std::move(version));
  const auto below = m_below.find(parent);
  if (below == m_below.end()) return out;
  for (const std::string& id : below->second) {
    for (const Version& version : m_nodes.at(id).now)
      if (version.parent == parent && overlaps(version, from, to)) out.push_back(version);
  }
  return out;
}

Result<Version> TreeEdit::at(const std::string& id, Instant when) {
  const Node& found = *KYSO_TRY(node(id));
  for (const Version& version : found.now)
    if (version.from <= when && when < version.to) return version;
  return fail("registry.organisation.missing", "organisation {} on that day", id);
}

Result<std::vector<std::string>> TreeEdit::children(const std::string& id) {
  std::set<std::string> ids;
  for (const Version& version : KYSO_TRY(child_versions(id, m_from, kForever))) ids.insert(version.organisation);
  return std::vector<std::string>(ids.begin(), ids.end());
}

Result<std::string> TreeEdit::child_by_key(const std::string& parent, const std::string& key) {
  for (const std::string& id : KYSO_TRY(store::children_by_key(m_transaction, parent, key, m_from)))
    if (!m_nodes.contains(id)) return id;
  const auto found = m_named.find(parent + '\n' + key);
  if (found == m_named.end()) return std::string();
  for (const std::string& id : found->second) {
    for (const Version& version : m_nodes.at(id).now) {
      if (version.parent == parent && name_key(version.name) == key && overlaps(version, m_from, kForever)) return id;
    }
  }
  return std::string();
}

// ---- changing -------------------------------------------------------------------------------------------------------

Result<std::string> TreeEdit::add(Version draft, std::string id) {
  draft.organisation = id.empty() ? crypto::random_uuid() : std::move(id);
  draft.number = 0;
  draft.from = m_from;
  draft.instrument = m_instrument;
  draft.level = 1;
  if (!draft.parent.empty()) {
    const Version parent = KYSO_TRY(at(draft.parent, m_from));
    draft.level = parent.level + 1;
    if (draft.level > kMaxLevel) return fail("registry.organisation.deep").with("name", draft.name);
    if (draft.province.empty()) draft.province = parent.province;
  }
  Node fresh;
  fresh.is_new = true;
  fresh.now.push_back(draft);
  index(draft.organisation, fresh);
  m_nodes.emplace(draft.organisation, std::move(fresh));
  return draft.organisation;
}

Result<> TreeEdit::change(const std::string& id, const std::function<Result<>(Version&)>& change) {
  Node& edited = *KYSO_TRY(node(id));
  if (edited.now.empty()) return fail("registry.organisation.missing", "organisation {} was removed", id);
  const Version last = edited.now.back();
  if (last.to <= m_from) return fail("registry.organisation.missing", "organisation {} has ended", id);
  if (last.to != kForever) return later(last, last.to);
  if (m_from < edited.now.front().from)
    return fail("registry.organisation.early")
        .with("name", last.name)
        .with("date", display_day(vietnam_day(edited.now.front().from)));
  if (last.from > m_from) return later(last, last.from);
  split(edited, m_from);
  Version& version = edited.now.back();
  const Version old = version;
  KYSO_TRY(change(version));
  version.number = 0;
  version.instrument = m_instrument;
  if (version.parent != old.parent) {
    const bool inherited = version.province == old.province;
    version.level = 1;
    if (!version.parent.empty()) {
      std::string above = version.parent;
      for (int i = 0; i <= kMaxLevel && !above.empty(); ++i) {
        if (above == id) return fail("registry.organisation.cycle").with("name", version.name);
        above = KYSO_TRY(at(above, m_from)).parent;
      }
      const Version parent = KYSO_TRY(at(version.parent, m_from));
      const std::string before = old.parent.empty() ? std::string() : KYSO_TRY(at(old.parent, m_from)).province;
      version.level = parent.level + 1;
      if (version.level > kMaxLevel) return fail("registry.organisation.deep").with("name", version.name);
      if (inherited && old.province == before) version.province = parent.province;
    }
  }
  if (version.province.empty() && !version.parent.empty())
    version.province = KYSO_TRY(at(version.parent, m_from)).province;
  index(id, edited);
  const Shift shift{version.level - old.level, old.province, version.province};
  return shift_below(id, m_from, kForever, shift, 0);
}

Result<> TreeEdit::shift_below(const std::string& parent, Instant from, Instant to, const Shift& shift, int depth) {
  if (shift.is_nothing()) return {};
  for (const Version& child : KYSO_TRY(child_versions(parent, from, to))) {
    if (depth >= kMaxLevel) return fail("registry.organisation.deep").with("name", child.name);
    const Instant begin = std::max(child.from, from), end = std::min(child.to, to);
    Node& below = *KYSO_TRY(node(child.organisation));
    split(below, begin);
    split(below, end);
    Shift next = shift;
    for (Version& version : below.now) {
      if (version.from < begin || version.to > end) continue;
      version.number = 0;
      version.level += shift.levels;
      if (version.level > kMaxLevel) return fail("registry.organisation.deep").with("name", version.name);
      if (version.province == shift.old_province) {
        version.province = shift.new_province;
      } else {
        next.old_province = next.new_province;
      }
    }
    KYSO_TRY(shift_below(child.organisation, begin, end, next, depth + 1));
  }
  return {};
}

Result<> TreeEdit::move(const std::string& id, const std::string& parent) {
  return change(id, [&](Version& version) {
    version.parent = parent;
    return Result<>();
  });
}

Result<> TreeEdit::end(const std::string& id) {
  Node& edited = *KYSO_TRY(node(id));
  if (edited.now.empty() || edited.now.back().to <= m_from)
    return fail("registry.organisation.missing", "organisation {} has ended", id);
  const Version last = edited.now.back();
  if (edited.now.front().from >= m_from)
    return fail("registry.organisation.early")
        .with("name", last.name)
        .with("date", display_day(vietnam_day(edited.now.front().from)));
  if (last.from > m_from) return later(last, last.from);
  if (last.to != kForever) return later(last, last.to);
  if (last.from == m_from) {
    edited.now.pop_back();
  } else {
    edited.now.back().to = m_from;
  }
  return {};
}

void TreeEdit::link(const std::string& predecessor, const std::string& successor) {
  m_links.push_back({predecessor, successor, m_from, m_instrument});
}

void TreeEdit::tell(const std::string& organisation, std::string text, std::string text_en) {
  if (m_effects.size() < kMaxEffects) m_effects.push_back({organisation, std::move(text), std::move(text_en)});
}

Result<> TreeEdit::plant(const std::string& id, std::vector<Version> versions) {
  for (Version& version : versions) {
    version.level = 1;
    if (version.parent.empty()) continue;
    const Version parent = KYSO_TRY(at(version.parent, version.from));
    version.level = parent.level + 1;
    if (version.level > kMaxLevel) return fail("registry.organisation.deep").with("name", version.name);
    if (version.province.empty()) version.province = parent.province;
  }
  Node fresh;
  fresh.is_new = true;
  fresh.now = std::move(versions);
  index(id, fresh);
  m_nodes.emplace(id, std::move(fresh));
  return {};
}

Result<> TreeEdit::restore(const std::string& id, std::vector<Version> versions) {
  Node& restored = *KYSO_TRY(node(id));
  // Rows that are as they were keep their numbers, and need not be written.
  for (Version& version : versions) {
    for (const Version& kept : restored.before) {
      version.number = kept.number;
      if (version == kept) break;
      version.number = 0;
    }
  }
  restored.now = std::move(versions);
  index(id, restored);
  return {};
}

// ---- proving --------------------------------------------------------------------------------------------------------

Result<> TreeEdit::prove() {
  for (const std::string& id : touched()) KYSO_TRY(prove_node(id, m_nodes.at(id)));
  return {};
}

Result<> TreeEdit::prove_node(const std::string& id, const Node& node) {
  for (std::size_t i = 0; i < node.now.size(); ++i) {
    const Version& version = node.now[i];
    if (version.from >= version.to || (i > 0 && node.now[i - 1].to != version.from))
      return fail("registry.organisation.later")
          .with("name", version.name)
          .with("date", display_day(vietnam_day(version.from)));
    const bool is_kept = version.number != 0 && std::ranges::find(node.before, version) != node.before.end();
    if (is_kept) continue;
    KYSO_TRY(prove_parent(version));
    KYSO_TRY(prove_sibling_names(node, version));
  }
  return prove_children(id, node);
}

Result<> TreeEdit::prove_parent(const Version& version) {
  if (version.parent.empty()) {
    if (version.level == 1) return {};
    return fail("registry.organisation.cycle").with("name", version.name);
  }
  const Node& parent = *KYSO_TRY(node(version.parent));
  Instant proven = version.from;
  for (const Version& above : parent.now) {
    if (above.from > proven || above.to <= proven) continue;
    if (above.level + 1 != version.level) return later(above, above.from);
    proven = above.to;
    if (proven >= version.to) return {};
  }
  const Version& shown = parent.now.empty() ? parent.before.back() : parent.now.back();
  return fail("registry.organisation.parent").with("name", version.name).with("parent", shown.name);
}

Result<> TreeEdit::prove_children(const std::string& id, const Node& node) {
  // A node that lives as long and on the same levels as before has the same children rightly.
  const auto skeleton = [](const std::vector<Version>& versions) {
    std::vector<std::pair<Instant, int>> levels;
    for (const Version& version : versions)
      if (levels.empty() || levels.back().second != version.level) levels.emplace_back(version.from, version.level);
    if (!versions.empty()) levels.emplace_back(versions.back().to, 0);
    return levels;
  };
  if (node.is_new || skeleton(node.before) == skeleton(node.now)) return {};
  for (const Version& child : KYSO_TRY(child_versions(id, kBeginning, kForever))) {
    if (const auto proven = prove_parent(child); !proven) {
      const Version& shown = node.now.empty() ? node.before.back() : node.now.back();
      return fail("registry.organisation.children").with("name", shown.name).with("child", child.name);
    }
  }
  return {};
}

Result<> TreeEdit::prove_sibling_names(const Node& node, const Version& version) {
  const std::string key = name_key(version.name);
  const auto proven = [&](const Version& old) {
    return old.from <= version.from && old.to >= version.to && old.parent == version.parent &&
           name_key(old.name) == key;
  };
  if (std::ranges::any_of(node.before, proven)) return {};
  const auto twice = [&] { return fail("registry.organisation.twice").with("name", version.name); };
  for (const std::string& id :
       KYSO_TRY(store::siblings_by_key(m_transaction, version.parent, key, version.from, version.to))) {
    if (!m_nodes.contains(id)) return twice();
  }
  const auto in_memory = m_named.find(version.parent + '\n' + key);
  if (in_memory == m_named.end()) return {};
  for (const std::string& id : in_memory->second) {
    if (id == version.organisation) continue;
    for (const Version& other : m_nodes.at(id).now) {
      if (other.parent == version.parent && overlaps(other, version.from, version.to) && name_key(other.name) == key)
        return twice();
    }
  }
  return {};
}

// ---- writing --------------------------------------------------------------------------------------------------------

std::vector<std::string> TreeEdit::touched() const {
  std::vector<std::string> ids;
  for (const auto& [id, node] : m_nodes)
    if (node.is_new || node.before != node.now) ids.push_back(id);
  return ids;
}

Result<> TreeEdit::write_nodes() {
  std::vector<store::Timeline> timelines;
  std::vector<std::string> fresh, changed, removed;
  for (const std::string& id : touched()) {
    const Node& node = m_nodes.at(id);
    timelines.push_back({id, node.before, node.now});
    (node.is_new ? fresh : node.now.empty() ? removed : changed).push_back(id);
  }
  KYSO_TRY(store::add_nodes(m_transaction, fresh, m_by.now));
  KYSO_TRY(store::put_versions(m_transaction, timelines));
  KYSO_TRY(store::add_revision(m_transaction, changed));
  for (const std::string& id : removed) KYSO_TRY(store::remove_node(m_transaction, id));
  KYSO_TRY(store::add_links(m_transaction, m_links, m_id));
  return {};
}

Result<std::set<std::string>> TreeEdit::stale_nodes() {
  std::set<std::string> stale;
  std::vector<std::string> open;
  for (const std::string& id : touched()) {
    const Node& node = m_nodes.at(id);
    if (node.now.empty() || node.before.empty()) continue;
    const auto seen = [&](const std::vector<Version>& versions) {
      std::vector<std::pair<std::string, std::string>> names;
      for (const Version& version : versions)
        if (version.to > m_from) names.emplace_back(version.name, version.parent);
      names.erase(std::unique(names.begin(), names.end()), names.end());
      return names;
    };
    if (seen(node.before) != seen(node.now)) open.push_back(id);
  }
  while (!open.empty()) {
    const std::string id = std::move(open.back());
    open.pop_back();
    if (!stale.insert(id).second) continue;
    for (std::string& below : KYSO_TRY(children(id))) open.push_back(std::move(below));
  }
  return stale;
}

Result<OrganisationChange> TreeEdit::finish() {
  m_from = m_first;
  KYSO_TRY(prove());
  const std::set<std::string> stale = KYSO_TRY(stale_nodes());
  OrganisationChange out;
  out.kind = m_kind;
  out.instrument = m_instrument;
  out.actor = m_by.actor;
  out.from = m_from;
  out.effects = m_effects;
  out.touched = touched();
  std::set<std::string> all = stale;
  all.insert(out.touched.begin(), out.touched.end());
  out.organisations = all.size();
  if (m_by.is_preview) return out;
  out.id = m_id;
  out.done = m_by.now;
  KYSO_TRY(write_nodes());
  std::vector<store::Timeline> timelines;
  timelines.reserve(out.touched.size());
  for (const std::string& id : out.touched) timelines.push_back({id, m_nodes.at(id).before, m_nodes.at(id).now});
  KYSO_TRY(record_change(m_transaction, out, timelines));
  KYSO_TRY(store::mark_stale(m_transaction, {stale.begin(), stale.end()}, m_from));
  return out;
}

}  // namespace kyso::registry
