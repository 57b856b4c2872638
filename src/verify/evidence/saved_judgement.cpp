#include "json/json.h"
#include "verify/evidence/collector.h"

namespace kyso::verify {
namespace {

constexpr int kVersion = 1;

Error malformed(std::string_view member, std::string_view detail = {}) {
  return fail("verify.evidence.malformed", "{}", detail).with("member", member);
}

// --- writing ---------------------------------------------------------------------------------------------------------

std::string_view name_of(EvidenceItem::Kind kind) {
  switch (kind) {
    case EvidenceItem::Kind::certificate:
      return "certificate";
    case EvidenceItem::Kind::crl:
      return "crl";
    case EvidenceItem::Kind::ocsp:
      return "ocsp";
  }
  return "";
}

std::string_view name_of(pki::RevocationDuty duty) {
  return duty == pki::RevocationDuty::required ? "required" : "if_published";
}

void set_time(json::Value& object, const char* key, std::optional<Instant> time) {
  if (time) object.set(key, iso8601_vietnam(*time));
}

json::Value to_value(const Evidence& evidence) {
  json::Value list = json::Value::array();
  for (const EvidenceItem& item : evidence.items) {
    json::Value object = json::Value::object();
    object.set("kind", name_of(item.kind)).set("url", item.url);
    set_time(object, "fetched", item.fetched);
    list.push_back(object.set("der", to_base64(item.der)));
  }
  return list;
}

json::Value to_value(const pki::TrustAnchor& anchor) {
  json::Value object = json::Value::object();
  object.set("name", anchor.name).set("group", anchor.group).set("reason", anchor.reason);
  object.set("revocation", name_of(anchor.revocation));
  set_time(object, "added", anchor.added);
  set_time(object, "trusted_from", anchor.trusted_from);
  set_time(object, "trusted_until", anchor.trusted_until);
  return object.set("certificate", to_base64(anchor.certificate.certificate().der()));
}

json::Value to_value(const pki::TrustStore& trust) {
  json::Value anchors = json::Value::array(), intermediates = json::Value::array();
  for (const auto& anchor : trust.anchors()) anchors.push_back(to_value(anchor));
  for (const auto& certificate : trust.intermediates())
    intermediates.push_back(to_base64(certificate.certificate().der()));
  json::Value object = json::Value::object();
  return object.set("anchors", anchors).set("intermediates", intermediates);
}

// --- reading ---------------------------------------------------------------------------------------------------------

Result<std::string> text_at(const json::Value& object, const char* key) {
  const json::Value* value = object.find(key);
  if (value == nullptr || !value->as_string()) return malformed(key);
  return std::string(*value->as_string());
}

Result<std::optional<Instant>> time_at(const json::Value& object, const char* key) {
  if (object.find(key) == nullptr) return std::optional<Instant>();
  const auto time = parse_time(KYSO_TRY(text_at(object, key)));
  if (!time) return malformed(key, time.error().detail);
  return std::optional<Instant>(*time);
}

Result<Bytes> bytes_of(const json::Value& value, const char* key) {
  if (!value.as_string()) return malformed(key);
  auto bytes = from_base64(*value.as_string());
  if (!bytes) return malformed(key, bytes.error().code);
  return bytes;
}

Result<Bytes> bytes_at(const json::Value& object, const char* key) {
  const json::Value* value = object.find(key);
  return value != nullptr ? bytes_of(*value, key) : Result<Bytes>(malformed(key));
}

Result<const std::vector<json::Value>*> array_at(const json::Value& object, const char* key) {
  const json::Value* value = object.find(key);
  if (value == nullptr || value->as_array() == nullptr) return malformed(key);
  return value->as_array();
}

Result<pki::ParsedCertificate> certificate_of(const Bytes& der, const char* key) {
  auto certificate = crypto::Certificate::from_der(der);
  if (!certificate) return malformed(key, certificate.error().detail);
  return pki::ParsedCertificate(std::move(*certificate));
}

Result<EvidenceItem> item_from(const json::Value& object) {
  EvidenceItem item;
  const std::string kind = KYSO_TRY(text_at(object, "kind"));
  bool is_known = false;
  for (const auto known : {EvidenceItem::Kind::certificate, EvidenceItem::Kind::crl, EvidenceItem::Kind::ocsp}) {
    if (name_of(known) != kind) continue;
    item.kind = known;
    is_known = true;
  }
  if (!is_known) return malformed("kind", kind);
  item.url = KYSO_TRY(text_at(object, "url"));
  item.fetched = KYSO_TRY(time_at(object, "fetched"));
  item.der = KYSO_TRY(bytes_at(object, "der"));
  return item;
}

Result<pki::TrustAnchor> anchor_from(const json::Value& object) {
  const auto certificate = KYSO_TRY(certificate_of(KYSO_TRY(bytes_at(object, "certificate")), "certificate"));
  pki::TrustAnchor anchor{.certificate = certificate,
                          .name = KYSO_TRY(text_at(object, "name")),
                          .group = KYSO_TRY(text_at(object, "group")),
                          .reason = KYSO_TRY(text_at(object, "reason")),
                          .added = KYSO_TRY(time_at(object, "added")),
                          .trusted_from = KYSO_TRY(time_at(object, "trusted_from")),
                          .trusted_until = KYSO_TRY(time_at(object, "trusted_until"))};
  const std::string duty = KYSO_TRY(text_at(object, "revocation"));
  if (duty == name_of(pki::RevocationDuty::if_published)) {
    anchor.revocation = pki::RevocationDuty::if_published;
  } else if (duty != name_of(pki::RevocationDuty::required)) {
    return malformed("revocation", duty);
  }
  return anchor;
}

Result<pki::TrustStore> trust_from(const json::Value& object) {
  pki::TrustStore trust;
  for (const json::Value& anchor : *KYSO_TRY(array_at(object, "anchors"))) trust.add(KYSO_TRY(anchor_from(anchor)));
  for (const json::Value& item : *KYSO_TRY(array_at(object, "intermediates")))
    trust.add_intermediate(KYSO_TRY(certificate_of(KYSO_TRY(bytes_of(item, "intermediates")), "intermediates")));
  return trust;
}

}  // namespace

std::string SavedJudgement::to_json() const {
  json::Value object = json::Value::object();
  object.set("version", kVersion).set("time", iso8601_vietnam(time));
  json::Value rules = json::Value::object();
  object.set("policy", rules.set("id", policy.id).set("source", policy.source));
  object.set("trust", to_value(trust)).set("evidence", to_value(evidence));
  // The facts' own writer decides about their order and numbers.
  if (auto value = json::parse(facts.to_json())) object.set("facts", std::move(*value));
  return json::serialize(object, json::Style::indented) + "\n";
}

Result<SavedJudgement> SavedJudgement::from_json(std::string_view text) {
  const auto object = json::parse(text);
  if (!object) return malformed("version", object.error().code);
  const json::Value* version = object->find("version");
  if (version == nullptr || version->as_integer() != kVersion) return malformed("version");
  SavedJudgement saved;
  const auto time = KYSO_TRY(time_at(*object, "time"));
  if (!time) return malformed("time");
  saved.time = *time;
  const json::Value* policy = object->find("policy");
  if (policy == nullptr) return malformed("policy");
  saved.policy = KYSO_TRY(Policy::from_source(KYSO_TRY(text_at(*policy, "source"))));
  const json::Value* trust = object->find("trust");
  if (trust == nullptr) return malformed("trust");
  saved.trust = KYSO_TRY(trust_from(*trust));
  for (const json::Value& item : *KYSO_TRY(array_at(*object, "evidence")))
    saved.evidence.items.push_back(KYSO_TRY(item_from(item)));
  const json::Value* facts = object->find("facts");
  if (facts == nullptr) return malformed("facts");
  saved.facts = KYSO_TRY(DocumentFacts::from_json(json::serialize(*facts)));
  return saved;
}

}  // namespace kyso::verify
