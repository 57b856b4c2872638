#include "pdf/document/form.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <tuple>

#include "pdf/document/form_reader.h"

namespace kyso::pdf {

namespace {

// True when `name` is `parent` itself or stands below it in the hierarchy of names (ISO 32000-2 section 12.7.4.2).
bool is_within(std::string_view name, std::string_view parent) {
  if (!name.starts_with(parent)) return false;
  return name.size() == parent.size() || name[parent.size()] == '.';
}

std::vector<std::string> texts_of(const ObjectView& view, const Dictionary& dictionary, std::string_view key) {
  std::vector<std::string> texts;
  auto array = view.resolve(dictionary, key);
  if (!array || array->as_array() == nullptr) return texts;
  for (const Object& item : *array->as_array()) {
    auto value = view.resolve(item);
    if (!value) continue;
    if (const String* string = value->as_string()) texts.push_back(text_of(*string));
    if (const std::string* name = value->as_name()) texts.push_back(*name);
  }
  return texts;
}

}  // namespace

bool FieldLock::locks(std::string_view field_name) const {
  if (action == LockAction::all) return true;
  const bool named = std::ranges::any_of(fields, [&](const std::string& f) { return is_within(field_name, f); });
  return action == LockAction::include ? named : !named;
}

bool Permissions::is_field_locked(std::string_view name) const {
  return std::ranges::any_of(locks, [&](const FieldLock& lock) { return lock.locks(name); });
}

std::optional<int> Permissions::level() const {
  std::optional<int> least = certification;
  for (const FieldLock& lock : locks) {
    if (lock.permissions && (!least || *lock.permissions < *least)) least = lock.permissions;
  }
  return least;
}

const Field* Form::find(std::string_view full_name) const {
  const auto found = std::ranges::find_if(m_fields, [&](const Field& field) { return field.name == full_name; });
  return found == m_fields.end() ? nullptr : &*found;
}

Permissions Form::permissions() const {
  Permissions permissions;
  for (const SignatureInfo& signature : m_signatures) {
    permissions.is_signed = true;
    if (signature.certification &&
        (!permissions.certification || *signature.certification < *permissions.certification)) {
      permissions.certification = signature.certification;
    }
    if (signature.field_mdp) permissions.locks.push_back(*signature.field_mdp);
  }
  return permissions;
}

std::string Form::unused_name(std::string_view stem) const {
  std::set<std::size_t> taken;
  for (const Field& field : m_fields) {
    if (!field.name.starts_with(stem)) continue;
    const std::string_view rest = std::string_view(field.name).substr(stem.size());
    std::size_t number = 0;
    const auto end = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (end.ec == std::errc()) taken.insert(number);
  }
  std::size_t number = 1;
  while (taken.contains(number)) ++number;
  return fmt::format("{}{}", stem, number);
}

std::optional<FieldLock> read_lock(const ObjectView& view, const Dictionary& dictionary) {
  FieldLock lock;
  auto action = view.resolve(dictionary, "Action");
  if (!action) return std::nullopt;
  if (action->is_name("All")) {
    lock.action = LockAction::all;
  } else if (action->is_name("Exclude")) {
    lock.action = LockAction::exclude;
  } else if (!action->is_name("Include")) {
    return std::nullopt;
  }
  if (lock.action != LockAction::all) lock.fields = texts_of(view, dictionary, "Fields");
  auto level = view.resolve(dictionary, "P");
  const auto value = level ? level->as_integer() : std::nullopt;
  if (value && *value >= 1 && *value <= 3) lock.permissions = static_cast<int>(*value);
  return lock;
}

Result<std::optional<FieldLock>> Form::lock_of(const ObjectView& view, const Field& field) {
  const auto dictionary = KYSO_TRY(view.dictionary_at(field.dictionary, "Lock"));
  if (!dictionary) return std::optional<FieldLock>();
  return read_lock(view, *dictionary);
}

std::optional<FieldLock> Form::lock_from(const ObjectView& view, const Dictionary& parameters) {
  return read_lock(view, parameters);
}

// ISO 32000-2 table 237; /Ff: bit 1 Filter, 2 SubFilter, 4 Reasons, 7 DigestMethod.
Result<std::optional<SeedValue>> Form::seed_value_of(const ObjectView& view, const Field& field) {
  const auto dictionary = KYSO_TRY(view.dictionary_at(field.dictionary, "SV"));
  if (!dictionary) return std::optional<SeedValue>();
  SeedValue seed;
  const Object filter = KYSO_TRY(view.resolve(*dictionary, "Filter"));
  if (filter.as_name() != nullptr) seed.filter = *filter.as_name();
  seed.sub_filters = texts_of(view, *dictionary, "SubFilter");
  seed.digest_methods = texts_of(view, *dictionary, "DigestMethod");
  seed.reasons = texts_of(view, *dictionary, "Reasons");
  if (const auto mdp = KYSO_TRY(view.dictionary_at(*dictionary, "MDP"))) {
    const auto level = KYSO_TRY(view.resolve(*mdp, "P")).as_integer();
    if (level && *level >= 0 && *level <= 3) seed.certification = static_cast<int>(*level);
  }
  const auto flags = KYSO_TRY(view.resolve(*dictionary, "Ff")).as_integer().value_or(0);
  seed.filter_required = (flags & 1) != 0 && seed.filter;
  seed.sub_filter_required = (flags & 2) != 0 && !seed.sub_filters.empty();
  seed.reasons_required = (flags & 8) != 0 && !seed.reasons.empty();
  seed.digest_required = (flags & 64) != 0 && !seed.digest_methods.empty();
  return std::optional(std::move(seed));
}

Result<Form> Form::open(const ObjectView& view, const PageTree& pages) {
  Form form;
  form.m_fields = KYSO_TRY(read_fields(view, pages));
  for (Field& field : form.m_fields) {
    if (field.kind != FieldKind::signature) continue;
    auto signature = KYSO_TRY(read_signature(view, field));
    if (!signature) continue;
    field.is_signed = true;
    form.m_signatures.push_back(*std::move(signature));
  }
  KYSO_TRY(find_certification(view, form.m_signatures));
  // Equal reach: as the fields stand in the form.
  std::vector<std::tuple<std::size_t, std::int64_t, std::size_t>> order;
  for (std::size_t i = 0; i < form.m_signatures.size(); ++i) {
    const auto& range = form.m_signatures[i].byte_range;
    const std::int64_t end = range.size() == 4 && range[2] >= 0 && range[3] >= 0 && range[2] <= INT64_MAX - range[3]
                                 ? range[2] + range[3]
                                 : INT64_MAX;
    order.emplace_back(form.m_signatures[i].covered_revision, end, i);
  }
  std::ranges::sort(order);
  std::vector<SignatureInfo> sorted;
  for (const auto& [revision, end, index] : order) sorted.push_back(std::move(form.m_signatures[index]));
  form.m_signatures = std::move(sorted);
  return form;
}

}  // namespace kyso::pdf
