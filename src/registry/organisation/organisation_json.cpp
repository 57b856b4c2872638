#include "registry/organisation/organisation_json.h"

#include "base/error_text.h"
#include "base/text.h"
#include "registry/organisation/provinces.h"

namespace kyso::registry {
namespace {

json::Value strings(const std::vector<std::string>& list) {
  json::Value out = json::Value::array();
  for (const std::string& text : list) out.push_back(text);
  return out;
}

void set_text(json::Value& out, std::string name, const std::string& text) {
  if (!text.empty()) out.set(std::move(name), text);
}

Result<> read_text(const json::Value& object, std::string_view name, std::optional<std::string>& out) {
  const json::Value* value = object.find(name);
  if (value == nullptr || value->is_null()) return {};
  const auto text = value->as_string();
  if (!text) return fail("registry.input.json");
  out = to_nfc(trim(*text));
  return {};
}

}  // namespace

std::string first_day(Instant begin) {
  return iso_day(vietnam_day(begin));
}

std::string last_day(Instant end) {
  return iso_day(vietnam_day(end - std::chrono::seconds(1)));
}

json::Value to_json(const Organisation& organisation) {
  json::Value out = json::Value::object();
  out.set("id", organisation.id).set("name", organisation.name).set("level", organisation.level);
  if (organisation.parent) out.set("parent", *organisation.parent);
  out.set("chain", strings(organisation.chain)).set("kind", organisation.kind);
  set_text(out, "province", organisation.province);
  set_text(out, "province_name", std::string(province_name(organisation.province)));
  set_text(out, "code", organisation.code);
  set_text(out, "sector", organisation.sector);
  out.set("has_children", organisation.has_children).set("valid_from", first_day(organisation.valid_from));
  if (organisation.valid_to) out.set("valid_to", last_day(*organisation.valid_to));
  return out;
}

json::Value name_to_json(const Organisation& organisation) {
  json::Value out = json::Value::object();
  out.set("id", organisation.id).set("name", organisation.name).set("chain", strings(organisation.chain));
  return out;
}

json::Value to_json(const Alias& alias) {
  json::Value out = json::Value::object();
  out.set("kind", alias.kind == Alias::Kind::code ? "code" : "name").set("value", alias.value);
  set_text(out, "note", alias.note);
  return out;
}

json::Value to_json(const Seal& seal) {
  json::Value out = json::Value::object();
  out.set("id", seal.id).set("valid_from", first_day(seal.valid_from)).set("diameter_mm", seal.diameter_mm);
  if (seal.valid_to) out.set("valid_to", last_day(*seal.valid_to));
  return out;
}

json::Value to_json(const OrganisationChange& change) {
  json::Value effects = json::Value::array();
  for (const ChangeEffect& effect : change.effects) {
    json::Value item = json::Value::object();
    item.set("organisation", effect.organisation).set("text", effect.text).set("text_en", effect.text_en);
    effects.push_back(std::move(item));
  }
  json::Value out = json::Value::object();
  set_text(out, "id", change.id);
  out.set("kind", change.kind);
  set_text(out, "instrument", change.instrument);
  if (change.from != Instant{}) out.set("from", first_day(change.from));
  if (!change.id.empty()) out.set("done", iso8601_vietnam(change.done));
  set_text(out, "by", change.actor);
  if (change.undone) out.set("undone", iso8601_vietnam(*change.undone));
  out.set("effects", std::move(effects)).set("affected_organisations", change.organisations);
  return out;
}

json::Value to_json(const CellFault& fault) {
  const Error error = fault.finding.error();
  const ErrorText vi = describe(error, Language::vietnamese), en = describe(error, Language::english);
  json::Value out = json::Value::object();
  out.set("row", fault.row).set("column", fault.column);
  set_text(out, "title", fault.title);
  set_text(out, "value", fault.value);
  out.set("code", fault.finding.code)
      .set("level", name_of(fault.finding.level))
      .set("message", vi.message)
      .set("message_en", en.message)
      .set("next", vi.next_step)
      .set("next_en", en.next_step);
  return out;
}

Result<OrganisationForm> form_from_json(const json::Value& object) {
  if (object.as_object() == nullptr) return fail("registry.input.json");
  OrganisationForm out;
  for (const auto& [name, member] :
       {std::pair("name", &OrganisationForm::name), std::pair("parent", &OrganisationForm::parent),
        std::pair("kind", &OrganisationForm::kind), std::pair("province", &OrganisationForm::province),
        std::pair("code", &OrganisationForm::code), std::pair("tax_code", &OrganisationForm::tax_code),
        std::pair("budget_code", &OrganisationForm::budget_code), std::pair("address", &OrganisationForm::address),
        std::pair("sector", &OrganisationForm::sector), std::pair("instrument", &OrganisationForm::instrument)})
    KYSO_TRY(read_text(object, name, out.*member));
  std::optional<std::string> day;
  KYSO_TRY(read_text(object, "from", day));
  if (day && !day->empty()) {
    const auto found = parse_day(*day);
    if (!found) return fail("registry.check.day.unreadable");
    out.from = start_of(*found);
  }
  if (const json::Value* domains = object.find("mail_domains"); domains != nullptr && !domains->is_null()) {
    if (domains->as_array() == nullptr) return fail("registry.input.json");
    out.mail_domains.emplace();
    for (const json::Value& domain : *domains->as_array()) {
      if (!domain.as_string()) return fail("registry.input.json");
      out.mail_domains->emplace_back(trim(*domain.as_string()));
    }
  }
  return out;
}

Result<std::vector<Alias>> aliases_from_json(const json::Value& object) {
  const json::Value* list = object.find("aliases");
  if (list == nullptr || list->as_array() == nullptr) return fail("registry.input.json");
  std::vector<Alias> out;
  for (const json::Value& item : *list->as_array()) {
    std::optional<std::string> kind, value, note;
    KYSO_TRY(read_text(item, "kind", kind));
    KYSO_TRY(read_text(item, "value", value));
    KYSO_TRY(read_text(item, "note", note));
    if (!value || (kind != "code" && kind != "name")) return fail("registry.input.json");
    out.push_back({kind == "code" ? Alias::Kind::code : Alias::Kind::name, *value, note.value_or("")});
  }
  return out;
}

}  // namespace kyso::registry
