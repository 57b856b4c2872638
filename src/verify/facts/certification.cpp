#include "verify/facts/certification.h"

#include <algorithm>
#include <array>

namespace kyso::verify {

namespace {

using pdf::Dictionary;
using pdf::Object;

constexpr std::size_t kMaxReferences = 64;

class CertificationReader {
 public:
  CertificationReader(const pdf::ObjectView& view, SignatureRecord& record) : m_view(view), m_record(record) {}

  void read() {
    read_references();
    read_lock_level();
    compare_with_permissions();
  }

 private:
  void read_references() {
    const Object references = follow(m_record.dictionary.get("Reference"));
    pdf::Array list;
    if (references.as_array() != nullptr) list = *references.as_array();
    if (references.as_dictionary() != nullptr) list.push_back(references);  // some writers leave the array out
    for (std::size_t i = 0; i < list.size() && i < kMaxReferences; ++i) {
      const Object one = follow(list[i]);
      if (one.as_dictionary() != nullptr) read_reference(*one.as_dictionary());
    }
    if (m_levels > 1) add("certification.duplicate", Severity::failure);
    if (m_is_indirect && m_levels > 0) add("certification.indirect", Severity::warning);
  }

  // ISO 32000-2 table 236: /P of the field's own /Lock holds from the moment the field is signed, whatever the
  // signature's reference repeats of it. Which fields are locked only the reference says.
  void read_lock_level() {
    const Dictionary* lock = m_record.field_lock.as_dictionary();
    const auto level = lock != nullptr ? m_view.resolve(*lock, "P") : Result<Object>(Object());
    const auto number = level ? level->as_integer() : std::nullopt;
    if (!number || *number < 1 || *number > 3) return;
    auto& own = m_record.facts.field_lock;
    if (!own) own = pdf::FieldLock{pdf::LockAction::include, {}, std::nullopt};
    own->permissions = std::min(own->permissions.value_or(3), static_cast<int>(*number));
  }

  Finding& add(std::string_view code, Severity severity) {
    Finding finding(code, severity);
    const RawEntry* entry = m_record.raw ? m_record.raw->find("Reference") : nullptr;
    finding.at(entry != nullptr ? entry->key_offset : m_record.facts.offset);
    if (m_record.facts.object != 0) finding.object = m_record.facts.object;
    m_record.facts.findings.push_back(std::move(finding));
    return m_record.facts.findings.back();
  }

  // The value; remembers the references on the way, for what they lead to must not change.
  Object follow(const Object& object) {
    if (const auto id = object.as_reference()) {
      m_is_indirect = true;
      auto value = m_view.resolve(object).value_or(Object());
      m_record.indirect_parts.emplace_back(*id, value);
      return value;
    }
    return object;
  }

  void read_reference(const Dictionary& reference) {
    constexpr std::array kKnown = {"DocMDP", "FieldMDP", "UR", "UR3", "Identity"};
    const Object method = follow(reference.get("TransformMethod"));
    const std::string name = method.as_name() != nullptr ? *method.as_name() : std::string();
    if (std::ranges::find(kKnown, name) == kKnown.end()) {
      add("certification.method-unknown", Severity::failure).with("method", name);
      return;
    }
    const Object value = follow(reference.get("TransformParams"));
    const Dictionary* parameters = value.as_dictionary();
    const bool has_duplicates =
        reference.has_duplicate_keys() || (parameters != nullptr && parameters->has_duplicate_keys());
    if (has_duplicates) add("certification.duplicate", Severity::failure);
    if (name == "FieldMDP" && parameters != nullptr && !m_record.facts.field_lock) {
      m_record.facts.field_lock = pdf::Form::lock_from(m_view, *parameters);
      if (!m_record.facts.field_lock) add("certification.lock", Severity::failure);
    }
    if (name == "DocMDP") read_level(parameters);
  }

  // ISO 32000-2 table 257: 1, 2 or 3; 2 when it is missing. Anything else permits nothing.
  void read_level(const Dictionary* parameters) {
    ++m_levels;
    m_record.claims_certification = true;
    const Object level = parameters != nullptr ? follow(parameters->get("P")) : Object();
    const auto number = level.as_integer();
    int permitted = 2;
    if (!level.is_null() && (!number || *number < 1 || *number > 3)) {
      add("certification.level", Severity::failure).with("value", pdf::serialize(level).substr(0, 40));
      permitted = 1;
    } else if (number) {
      permitted = static_cast<int>(*number);
    }
    auto& certification = m_record.facts.certification;
    certification = std::min(certification.value_or(permitted), permitted);
  }

  // ISO 32000-2 section 12.8.6: the catalog's /Perms /DocMDP names the certification signature.
  void compare_with_permissions() {
    const auto catalog = m_view.catalog();
    const auto permissions = catalog ? m_view.dictionary_at(*catalog, "Perms") : std::optional<Dictionary>();
    const bool is_named_at_all = permissions && *permissions && (*permissions)->has("DocMDP");
    const auto named = is_named_at_all ? (*permissions)->get("DocMDP").as_reference() : std::nullopt;
    const bool is_own = named && named->number == m_record.facts.object && m_record.facts.object != 0;
    if (!m_record.claims_certification) {
      if (!is_own) return;
      m_record.claims_certification = true;
      m_record.facts.certification = 2;
      add("certification.no-reference", Severity::warning);
    } else if (!is_named_at_all) {
      m_record.facts.certification.reset();  // readers take it for an approval signature
      add("certification.no-perms", Severity::warning);
    } else if (!is_own) {
      add("certification.perms-mismatch", Severity::failure);
    }
  }

  const pdf::ObjectView& m_view;
  SignatureRecord& m_record;
  std::size_t m_levels = 0;
  bool m_is_indirect = false;
};

}  // namespace

void read_certification(const pdf::ObjectView& view, SignatureRecord& record) {
  CertificationReader(view, record).read();
}

void compare_certifications(const pdf::ObjectView* newest, std::vector<SignatureRecord>& records) {
  bool has_earlier = false, has_certification = false;
  for (SignatureRecord& record : records) {
    SignatureFacts& facts = record.facts;
    const auto add = [&](std::string_view code) {
      Finding finding(code, Severity::failure);
      finding.at(facts.offset);
      if (facts.object != 0) finding.object = facts.object;
      facts.findings.push_back(std::move(finding));
    };
    if (record.claims_certification) {
      if (has_certification) add("certification.several");
      if (has_earlier && !has_certification) add("certification.not-first");
      has_certification = true;
    }
    has_earlier = has_earlier || facts.kind == SignatureKind::signature;
    if (newest == nullptr) continue;
    for (const auto& [id, value] : record.indirect_parts) {
      const auto now = newest->resolve(pdf::Object(id));
      if (now && *now == value) continue;
      add("certification.redefined");
      facts.findings.back().object = id.number;
      break;
    }
  }
}

}  // namespace kyso::verify
