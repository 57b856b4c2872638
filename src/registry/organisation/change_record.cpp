#include "registry/organisation/change_record.h"

#include <limits>

#include "audit/audit.h"
#include "registry/checks/checks.h"
#include "registry/organisation/tree_edit.h"
#include "registry/organisation/version_json.h"
#include "registry/web/parameters.h"

namespace kyso::registry {
namespace {

constexpr std::size_t kAuditedIds = 20;

std::string effects_to_json(const std::vector<ChangeEffect>& effects) {
  json::Value out = json::Value::array();
  for (const ChangeEffect& effect : effects) {
    json::Value item = json::Value::object();
    item.set("organisation", effect.organisation).set("text", effect.text).set("text_en", effect.text_en);
    out.push_back(std::move(item));
  }
  return json::serialize(out);
}

std::vector<ChangeEffect> effects_from_json(std::string_view text) {
  std::vector<ChangeEffect> out;
  const auto value = json::parse(text);
  if (!value || value->as_array() == nullptr) return out;
  const auto member = [](const json::Value& item, std::string_view name) {
    const json::Value* found = item.find(name);
    return std::string(found == nullptr ? "" : found->as_string().value_or(""));
  };
  for (const json::Value& item : *value->as_array())
    out.push_back({member(item, "organisation"), member(item, "text"), member(item, "text_en")});
  return out;
}

json::Value details_of(const OrganisationChange& change) {
  json::Value ids = json::Value::array();
  for (std::size_t i = 0; i < std::min(change.touched.size(), kAuditedIds); ++i) ids.push_back(change.touched[i]);
  json::Value out = json::Value::object();
  out.set("kind", change.kind)
      .set("instrument", change.instrument)
      .set("from", iso_day(vietnam_day(change.from)))
      .set("organisations", change.organisations)
      .set("ids", std::move(ids));
  return out;
}

}  // namespace

Result<> record_change(db::Transaction& transaction, const OrganisationChange& change,
                       const std::vector<store::Timeline>& timelines) {
  store::ChangeRow row;
  row.id = change.id;
  row.kind = change.kind;
  row.instrument = change.instrument;
  row.effects = effects_to_json(change.effects);
  row.actor = change.actor;
  row.from = change.from;
  row.done = change.done;
  row.organisations = change.organisations;
  KYSO_TRY(store::add_change(transaction, row));
  KYSO_TRY(store::add_images(transaction, change.id, timelines));
  KYSO_TRY(audit::append(transaction, {"organisation.tree_changed", change.actor, change.id, details_of(change)},
                         change.done));
  return {};
}

OrganisationChange change_from_row(const store::ChangeRow& row) {
  OrganisationChange out;
  out.id = row.id;
  out.kind = row.kind;
  out.instrument = row.instrument;
  out.actor = row.actor;
  out.from = row.from;
  out.done = row.done;
  out.undone = row.undone;
  out.effects = effects_from_json(row.effects);
  out.organisations = row.organisations;
  return out;
}

Result<> audit_organisation(db::Transaction& transaction, std::string_view what, const std::string& id,
                            const ChangeBy& by) {
  KYSO_TRY(
      audit::append(transaction, {"organisation." + std::string(what), by.actor, id, json::Value::object()}, by.now));
  return {};
}

Result<OrganisationChange> undo_change(db::Transaction& transaction, const std::string& id, const InUse& in_use,
                                       const ChangeBy& by) {
  const auto row = KYSO_TRY(store::change(transaction, id));
  if (!row) return fail("registry.organisation.change_missing", "change {}", id);
  if (row->undone) return fail("registry.organisation.undone", "change {}", id);
  const auto images = KYSO_TRY(store::images(transaction, id));
  TreeEdit edit(transaction, "undo", row->instrument, row->from, by);
  for (const store::Timeline& image : images) {
    const auto depends = [&] {
      return fail("registry.organisation.depends")
          .with("name", (image.now.empty() ? image.before : image.now).back().name);
    };
    if (!same_versions(KYSO_TRY(store::versions(transaction, image.id)), image.now)) return depends();
    if (image.before.empty()) {
      const bool has_seals = !KYSO_TRY(store::seals(transaction, image.id)).empty();
      const bool is_linked = KYSO_TRY(store::is_linked(transaction, image.id, id));
      if (has_seals || is_linked || (in_use && KYSO_TRY(in_use(transaction, image.id)))) return depends();
    }
    KYSO_TRY(edit.restore(image.id, image.before));
  }
  KYSO_TRY(edit.prove());
  const auto stale = KYSO_TRY(edit.stale_nodes());
  OrganisationChange out = change_from_row(*row);
  out.touched = edit.touched();
  if (by.is_preview) return out;
  out.undone = by.now;
  KYSO_TRY(store::remove_links(transaction, id));
  KYSO_TRY(edit.write_nodes());
  KYSO_TRY(store::mark_undone(transaction, id, by.now));
  KYSO_TRY(store::mark_stale(transaction, {stale.begin(), stale.end()}, std::max(row->from, by.now)));
  KYSO_TRY(audit::append(transaction, {"organisation.tree_restored", by.actor, id, details_of(out)}, by.now));
  return out;
}

Result<ChangePage> list_changes(db::Transaction& transaction, const std::string& after, std::size_t limit) {
  const auto before = after.empty() ? std::numeric_limits<std::int64_t>::max() : whole_number(after);
  if (!before) return bad_parameter("after");
  const auto rows = KYSO_TRY(store::changes(transaction, *before, limit + 1));
  ChangePage out;
  for (std::size_t i = 0; i < std::min(rows.size(), limit); ++i) out.items.push_back(change_from_row(rows[i]));
  if (rows.size() > limit) out.next = std::to_string(rows[limit - 1].sequence);
  return out;
}

}  // namespace kyso::registry
