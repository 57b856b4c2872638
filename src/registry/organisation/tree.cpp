#include "registry/organisation/tree.h"

#include <algorithm>

#include "base/text.h"
#include "registry/checks/checks.h"
#include "registry/organisation/change_record.h"
#include "registry/organisation/form.h"
#include "registry/organisation/names.h"
#include "registry/organisation/store.h"
#include "registry/organisation/tree_edit.h"

namespace kyso::registry {
namespace {

constexpr std::size_t kMaxSources = 5'000, kMaxParts = 100, kMaxAliases = 100;

std::string day_of(Instant instant) {
  return display_day(vietnam_day(instant));
}

Result<> require_form(const OrganisationForm& form, bool is_new) {
  auto problems = check_form(form, is_new);
  if (problems.empty()) return {};
  return std::move(problems.front().second);
}

Result<> require_order(const std::string& instrument, std::size_t sources, std::string_view field) {
  if (trim(instrument).empty()) return fail("registry.input.missing").with("field", "instrument");
  if (sources == 0) return fail("registry.input.missing").with("field", field);
  if (sources > kMaxSources) return fail("registry.organisation.many").with("max", kMaxSources);
  return {};
}

Result<std::string> add_with(TreeEdit& edit, const OrganisationForm& form, const std::string& usual_parent) {
  KYSO_TRY(require_form(form, true));
  Version draft = draft_of(form);
  if (!form.parent) draft.parent = usual_parent;
  const std::string name = draft.name;
  const std::string id = KYSO_TRY(edit.add(std::move(draft)));
  edit.tell(name, fmt::format("Lập mới “{}”.", name), fmt::format("“{}” is new.", name));
  return id;
}

Result<> move_with(TreeEdit& edit, const std::string& id, const std::string& parent, Instant from) {
  const std::string name = KYSO_TRY(edit.at(id, from)).name;
  const std::string above = parent.empty() ? std::string() : KYSO_TRY(edit.at(parent, from)).name;
  KYSO_TRY(edit.move(id, parent));
  if (parent.empty()) {
    edit.tell(name, fmt::format("“{}” trở thành cơ quan cấp 1.", name), fmt::format("“{}” becomes level 1.", name));
  } else {
    edit.tell(name, fmt::format("“{}” chuyển về trực thuộc “{}”.", name, above),
              fmt::format("“{}” goes below “{}”.", name, above));
  }
  return {};
}

Result<> merge_into(TreeEdit& edit, const std::string& source, const std::string& target, Instant from, int depth) {
  const std::string name = KYSO_TRY(edit.at(source, from)).name;
  if (depth > kMaxLevel) return fail("registry.organisation.deep").with("name", name);
  for (const std::string& child : KYSO_TRY(edit.children(source))) {
    const Version version = KYSO_TRY(edit.at(child, from));
    const std::string same = KYSO_TRY(edit.child_by_key(target, name_key(version.name)));
    if (same.empty() || same == child) {
      KYSO_TRY(move_with(edit, child, target, from));
    } else {
      KYSO_TRY(merge_into(edit, child, same, from, depth + 1));
    }
  }
  KYSO_TRY(edit.end(source));
  edit.link(source, target);
  const std::string into = KYSO_TRY(edit.at(target, from)).name;
  edit.tell(name, fmt::format("“{}” nhập vào “{}”.", name, into), fmt::format("“{}” is merged into “{}”.", name, into));
  return {};
}

}  // namespace

Result<Organisation> add_organisation(db::Transaction& transaction, const OrganisationForm& form, const ChangeBy& by) {
  const Instant from = day_start(form.from.value_or(by.now));
  TreeEdit edit(transaction, "add", form.instrument.value_or(""), from, by);
  const std::string id = KYSO_TRY(add_with(edit, form, {}));
  KYSO_TRY(edit.finish());
  return Organisations::find_last(transaction, id, by.now);
}

Result<Organisation> change_organisation(db::Transaction& transaction, const std::string& id,
                                         const OrganisationForm& form, std::optional<std::int64_t> revision,
                                         const ChangeBy& by) {
  KYSO_TRY(require_form(form, false));
  const std::int64_t current = KYSO_TRY(store::revision(transaction, id));
  if (current == 0) return fail("registry.organisation.missing", "organisation {}", id);
  if (revision && *revision != current) return fail("registry.organisation.changed");
  const Instant from = day_start(form.from.value_or(by.now));
  TreeEdit edit(transaction, "change", form.instrument.value_or(""), from, by);
  const Version old = KYSO_TRY(store::versions(transaction, id)).back();
  Version wanted = old;
  apply_form(form, wanted);
  if (wanted == old) return Organisations::find_last(transaction, id, by.now);
  KYSO_TRY(edit.change(id, [&](Version& version) {
    apply_form(form, version);
    return Result<>();
  }));
  if (wanted.name != old.name)
    edit.tell(old.name, fmt::format("Đổi tên thành “{}” từ ngày {}.", wanted.name, day_of(from)),
              fmt::format("Is called “{}” from {}.", wanted.name, day_of(from)));
  if (wanted.parent != old.parent)
    edit.tell(old.name, fmt::format("Đổi cơ quan cấp trên từ ngày {}.", day_of(from)),
              fmt::format("Goes below another one from {}.", day_of(from)));
  KYSO_TRY(edit.finish());
  return Organisations::find_last(transaction, id, std::max(by.now, from));
}

Result<OrganisationChange> merge_organisations(db::Transaction& transaction, const Merge& merge, const ChangeBy& by) {
  KYSO_TRY(require_order(merge.instrument, merge.sources.size(), "sources"));
  const Instant from = day_start(merge.from);
  TreeEdit edit(transaction, "merge", merge.instrument, from, by);
  std::string target = merge.into;
  if (target.empty()) {
    if (!merge.fresh) return fail("registry.input.missing").with("field", "into");
    target = KYSO_TRY(add_with(edit, *merge.fresh, KYSO_TRY(edit.at(merge.sources.front(), from)).parent));
  }
  KYSO_TRY(edit.at(target, from));
  for (const std::string& source : merge.sources) {
    if (source != target) KYSO_TRY(merge_into(edit, source, target, from, 0));
  }
  return edit.finish();
}

Result<OrganisationChange> split_organisation(db::Transaction& transaction, const Split& split, const ChangeBy& by) {
  KYSO_TRY(require_order(split.instrument, split.parts.size() < 2 ? 0 : split.parts.size(), "parts"));
  if (split.parts.size() > kMaxParts) return fail("registry.organisation.many").with("max", kMaxParts);
  const Instant from = day_start(split.from);
  TreeEdit edit(transaction, "split", split.instrument, from, by);
  const Version source = KYSO_TRY(edit.at(split.source, from));
  const std::vector<std::string> below = KYSO_TRY(edit.children(split.source));
  std::string first;
  for (const OrganisationForm& form : split.parts) {
    const std::string part = KYSO_TRY(add_with(edit, form, source.parent));
    edit.link(split.source, part);
    if (first.empty()) first = part;
  }
  for (const std::string& child : below) KYSO_TRY(move_with(edit, child, first, from));
  KYSO_TRY(edit.end(split.source));
  edit.tell(source.name, fmt::format("“{}” kết thúc từ ngày {}.", source.name, day_of(from)),
            fmt::format("“{}” ends on {}.", source.name, day_of(from)));
  return edit.finish();
}

Result<OrganisationChange> move_organisations(db::Transaction& transaction, const Move& move, const ChangeBy& by) {
  KYSO_TRY(require_order(move.instrument, move.organisations.size(), "sources"));
  const Instant from = day_start(move.from);
  TreeEdit edit(transaction, "move", move.instrument, from, by);
  const std::string parent = move.parent == "root" ? std::string() : move.parent;
  for (const std::string& id : move.organisations) KYSO_TRY(move_with(edit, id, parent, from));
  return edit.finish();
}

Result<OrganisationChange> dissolve_organisations(db::Transaction& transaction,
                                                  const std::vector<std::string>& organisations,
                                                  const std::string& instrument, Instant from, const ChangeBy& by) {
  KYSO_TRY(require_order(instrument, organisations.size(), "sources"));
  from = day_start(from);
  TreeEdit edit(transaction, "dissolve", instrument, from, by);
  for (const std::string& id : organisations) {
    const std::string name = KYSO_TRY(edit.at(id, from - std::chrono::seconds(1))).name;
    KYSO_TRY(edit.end(id));
    edit.tell(name, fmt::format("“{}” giải thể từ ngày {}.", name, day_of(from)),
              fmt::format("“{}” is dissolved on {}.", name, day_of(from)));
  }
  return edit.finish();
}

Result<> set_aliases(db::Transaction& transaction, const std::string& id, std::vector<Alias> aliases,
                     const ChangeBy& by) {
  const auto organisation = KYSO_TRY(Organisations::find_last(transaction, id, by.now));
  if (aliases.size() > kMaxAliases) return fail("registry.organisation.many").with("max", kMaxAliases);
  for (Alias& alias : aliases) {
    alias.value = tidy_name(alias.value);
    alias.note = tidy_name(alias.note);
    if (alias.kind == Alias::Kind::code) alias.value = to_upper(alias.value);
    if (alias.value.empty()) return fail("registry.input.missing").with("field", "aliases");
    if (alias.value.size() > 600 || alias.note.size() > 600)
      return fail("registry.input.long").with("field", "aliases").with("max", 300);
    const auto others = alias.kind == Alias::Kind::code
                            ? KYSO_TRY(store::by_code(transaction, alias.value, by.now))
                            : KYSO_TRY(store::children_by_key(transaction, organisation.parent.value_or(""),
                                                              name_key(alias.value), by.now));
    if (std::ranges::any_of(others, [&](const std::string& other) { return other != id; }))
      return fail("registry.organisation.alias").with("value", alias.value);
  }
  const auto key = [](const Alias& alias) { return std::pair(alias.kind, name_key(alias.value)); };
  std::ranges::sort(aliases, {}, key);
  aliases.erase(
      std::unique(aliases.begin(), aliases.end(), [&](const Alias& a, const Alias& b) { return key(a) == key(b); }),
      aliases.end());
  KYSO_TRY(store::put_aliases(transaction, id, aliases));
  KYSO_TRY(store::add_revision(transaction, {id}));
  return audit_organisation(transaction, "aliases_set", id, by);
}

}  // namespace kyso::registry
