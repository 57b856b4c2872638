#include <algorithm>
#include <array>

#include "base/text.h"
#include "registry/dossier/model.h"

namespace kyso::registry {
namespace {

constexpr std::size_t kMaxItem = 300;  // of a list, in code points

template <typename T>
struct TextMember {
  const char* name;
  std::string T::* member;
  std::size_t max = 200;  // code points
};
constexpr TextMember<Receiver> kReceiverTexts[] = {
    {"name", &Receiver::name},
    {"identity", &Receiver::identity, 20},
    {"identity_date", &Receiver::identity_date, 10},
    {"identity_place", &Receiver::identity_place},
    {"position", &Receiver::position},
    {"phone", &Receiver::phone, 20},
    {"email", &Receiver::email, 254},
    {"address", &Receiver::address, 500},
    {"province", &Receiver::province, 10},
};
constexpr TextMember<DossierForm> kFormTexts[] = {
    {"letter_number", &DossierForm::letter_number, 60},
    {"letter_subject", &DossierForm::letter_subject, 500},
    {"letter_date", &DossierForm::letter_date, 10},
    {"signer_name", &DossierForm::signer_name},
    {"signer_position", &DossierForm::signer_position},
    {"signer_capacity", &DossierForm::signer_capacity},
    {"place", &DossierForm::place},
    {"revocation_number", &DossierForm::revocation_number, 60},
    {"revocation_date", &DossierForm::revocation_date, 10},
    {"note", &DossierForm::note, 2'000},
};
constexpr TextMember<LineForm> kLineTexts[] = {
    {"name", &LineForm::name, 300},
    {"date_of_birth", &LineForm::date_of_birth, 20},
    {"identity", &LineForm::identity, 30},
    {"identity_date", &LineForm::identity_date, 20},
    {"identity_place", &LineForm::identity_place},
    {"email", &LineForm::email, 254},
    {"organisation", &LineForm::organisation, 64},
    {"province", &LineForm::province, 100},
    {"position", &LineForm::position},
    {"phone", &LineForm::phone, 30},
    {"old_serial", &LineForm::old_serial, 64},
    {"sim_operator", &LineForm::sim_operator, 30},
    {"tax_code", &LineForm::tax_code, 30},
    {"budget_code", &LineForm::budget_code, 30},
    {"address", &LineForm::address, 500},
    {"subject_kind", &LineForm::subject_kind, 20},
    {"manager", &LineForm::manager},
    {"issuer", &LineForm::issuer, 100},
    {"serial", &LineForm::serial, 64},
    {"action", &LineForm::action, 20},
    {"reason_text", &LineForm::reason_text, 500},
    {"token_serial", &LineForm::token_serial, 64},
    {"sector", &LineForm::sector, 60},
    {"phone_os", &LineForm::phone_os, 20},
    {"phone_os_version", &LineForm::phone_os_version, 20},
    {"computer_os_version", &LineForm::computer_os_version, 40},
    {"note", &LineForm::note, 500},
};

Error wrong(std::string_view member) {
  return fail("registry.input.member").with("member", member);
}

const json::Value* given(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

// One line of text: control characters would spoil letters and workbooks.
Result<std::string> tidy(std::string_view text, std::string_view member, std::size_t max) {
  const bool keeps_lines = member == "note" || member == "reason_text" || member == "address";
  if (text.size() > max * 6) return wrong(member);
  std::string out(trim(to_nfc(text)));
  for (const char c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && !(keeps_lines && (c == '\n' || c == '\r' || c == '\t'))) || byte == 0x7f) return wrong(member);
  }
  if (to_utf32(out).size() > max) return wrong(member);
  return out;
}

Result<> read_text(const json::Value& object, std::string_view name, std::size_t max, std::string& out) {
  const json::Value* value = given(object, name);
  if (value == nullptr) return {};
  const std::optional<std::string_view> text = value->as_string();
  if (!text) return wrong(name);
  out = KYSO_TRY(tidy(*text, name, max));
  return {};
}

template <typename T, std::size_t N>
Result<> read_texts(const json::Value& object, const TextMember<T> (&members)[N], T& out) {
  if (object.as_object() == nullptr) return fail("registry.input.json");
  for (const TextMember<T>& member : members) KYSO_TRY(read_text(object, member.name, member.max, out.*member.member));
  return {};
}

template <typename T, std::size_t N>
void write_texts(json::Value& object, const TextMember<T> (&members)[N], const T& from) {
  for (const TextMember<T>& member : members)
    if (!(from.*member.member).empty()) object.set(member.name, from.*member.member);
}

Result<std::optional<bool>> read_bool(const json::Value& object, std::string_view name) {
  const json::Value* value = given(object, name);
  if (value == nullptr) return std::optional<bool>();
  const std::optional<bool> flag = value->as_bool();
  if (!flag) return wrong(name);
  return flag;
}

Result<std::optional<std::int64_t>> read_integer(const json::Value& object, std::string_view name, std::int64_t min,
                                                 std::int64_t max) {
  const json::Value* value = given(object, name);
  if (value == nullptr) return std::optional<std::int64_t>();
  const std::optional<std::int64_t> number = value->as_integer();
  if (!number || *number < min || *number > max) return wrong(name);
  return number;
}

Result<std::vector<std::string>> read_list(const json::Value& object, std::string_view name, std::size_t max) {
  std::vector<std::string> out;
  const json::Value* value = given(object, name);
  if (value == nullptr) return out;
  const std::vector<json::Value>* items = value->as_array();
  if (items == nullptr || items->size() > max) return wrong(name);
  for (const json::Value& item : *items) {
    const std::optional<std::string_view> text = item.as_string();
    if (!text) return wrong(name);
    out.push_back(KYSO_TRY(tidy(*text, name, kMaxItem)));
  }
  return out;
}

Result<> read_receiver(const json::Value& object, std::string_view name, Receiver& out) {
  if (const json::Value* value = given(object, name)) out = KYSO_TRY(receiver_from_json(*value));
  return {};
}

}  // namespace

Result<Receiver> receiver_from_json(const json::Value& object) {
  Receiver out;
  KYSO_TRY(read_texts(object, kReceiverTexts, out));
  return out;
}

json::Value to_json(const Receiver& receiver) {
  json::Value out = json::Value::object();
  write_texts(out, kReceiverTexts, receiver);
  return out;
}

Result<DossierForm> dossier_form_from_json(const json::Value& object) {
  DossierForm out;
  KYSO_TRY(read_texts(object, kFormTexts, out));
  out.stated_count = KYSO_TRY(read_integer(object, "stated_count", 0, 1'000'000));
  out.has_revocation_letter = KYSO_TRY(read_bool(object, "has_revocation_letter")).value_or(false);
  KYSO_TRY(read_receiver(object, "receiver", out.receiver));
  KYSO_TRY(read_receiver(object, "coordinator", out.coordinator));
  return out;
}

json::Value to_json(const DossierForm& form) {
  json::Value out = json::Value::object();
  if (form.stated_count) out.set("stated_count", *form.stated_count);
  write_texts(out, kFormTexts, form);
  out.set("has_revocation_letter", form.has_revocation_letter);
  out.set("receiver", to_json(form.receiver));
  if (!form.coordinator.is_empty()) out.set("coordinator", to_json(form.coordinator));
  return out;
}

bool fits_line(std::string_view member, std::string_view text) {
  const auto* found = std::ranges::find(kLineTexts, member, &TextMember<LineForm>::name);
  return tidy(text, member, found == std::end(kLineTexts) ? kMaxItem : found->max).has_value();
}

Result<LineForm> line_form_from_json(const json::Value& object) {
  LineForm out;
  KYSO_TRY(read_texts(object, kLineTexts, out));
  out.organisation_names = KYSO_TRY(read_list(object, "organisation_names", kMaxOrganisationNames));
  while (!out.organisation_names.empty() && out.organisation_names.back().empty()) out.organisation_names.pop_back();
  out.dns_names = KYSO_TRY(read_list(object, "dns_names", kMaxDnsNames));
  std::erase(out.dns_names, std::string());
  out.sim_keep_number = KYSO_TRY(read_bool(object, "sim_keep_number")).value_or(false);
  out.is_authorised_person = KYSO_TRY(read_bool(object, "is_authorised_person"));
  out.does_finance = KYSO_TRY(read_bool(object, "does_finance"));
  out.owns_number = KYSO_TRY(read_bool(object, "owns_number"));
  out.reason = KYSO_TRY(read_integer(object, "reason", 0, 10));
  std::string device;
  KYSO_TRY(read_text(object, "device", 20, device));
  if (!device.empty() && !(out.device = device_by_name(device))) return wrong("device");
  return out;
}

json::Value to_json(const LineForm& form) {
  json::Value out = json::Value::object();
  write_texts(out, kLineTexts, form);
  if (!form.organisation_names.empty()) out.set("organisation_names", names_to_json(form.organisation_names));
  if (!form.dns_names.empty()) out.set("dns_names", names_to_json(form.dns_names));
  if (form.sim_keep_number) out.set("sim_keep_number", true);
  if (form.is_authorised_person) out.set("is_authorised_person", *form.is_authorised_person);
  if (form.does_finance) out.set("does_finance", *form.does_finance);
  if (form.owns_number) out.set("owns_number", *form.owns_number);
  if (form.reason) out.set("reason", *form.reason);
  if (form.device) out.set("device", name_of(*form.device));
  return out;
}

json::Value names_to_json(const std::vector<std::string>& names) {
  json::Value out = json::Value::array();
  for (const std::string& name : names) out.push_back(name);
  return out;
}

Result<std::vector<std::string>> names_from_json(std::string_view text) {
  std::vector<std::string> out;
  if (text.empty()) return out;
  const json::Value value = KYSO_TRY(json::parse(text));
  const std::vector<json::Value>* items = value.as_array();
  if (items == nullptr) return fail("db.corrupt", "a list of names");
  for (const json::Value& item : *items) {
    const std::optional<std::string_view> name = item.as_string();
    if (!name) return fail("db.corrupt", "a name");
    out.emplace_back(*name);
  }
  return out;
}

json::Value findings_to_json(const std::vector<DossierFinding>& findings) {
  json::Value out = json::Value::array();
  for (const DossierFinding& finding : findings) {
    json::Value one = json::Value::object();
    one.set("code", finding.code).set("level", name_of(finding.level)).set("field", finding.field);
    if (!finding.line.empty()) one.set("line", finding.line);
    if (!finding.params.empty()) {
      json::Value params = json::Value::object();
      for (const auto& [name, value] : finding.params) params.set(name, value);
      one.set("params", std::move(params));
    }
    out.push_back(std::move(one));
  }
  return out;
}

Result<std::vector<DossierFinding>> findings_from_json(std::string_view text) {
  std::vector<DossierFinding> out;
  if (text.empty() || text == "[]") return out;
  const json::Value value = KYSO_TRY(json::parse(text));
  const std::vector<json::Value>* items = value.as_array();
  if (items == nullptr) return fail("db.corrupt", "findings");
  for (const json::Value& item : *items) {
    DossierFinding finding;
    finding.code = KYSO_TRY(json::require_string(item, "code"));
    const std::optional<Level> level = level_by_name(KYSO_TRY(json::require_string(item, "level")));
    if (!level) return fail("db.corrupt", "level of a finding");
    finding.level = *level;
    finding.field = KYSO_TRY(json::require_string(item, "field"));
    if (const json::Value* line = item.find("line")) finding.line = line->as_string().value_or("");
    const json::Value* params = item.find("params");
    if (params != nullptr && params->as_object() != nullptr)
      for (const auto& [name, param] : *params->as_object())
        finding.params.emplace_back(name, param.as_string().value_or(""));
    out.push_back(std::move(finding));
  }
  return out;
}

}  // namespace kyso::registry
