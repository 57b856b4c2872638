#include "vault/ceremony/approval.h"

#include <algorithm>

#include "jose/jws.h"
#include "json/json.h"

namespace kyso::vault::ceremony {
namespace {

const Operator* operator_of(const Plan& plan, ByteView certificate_sha256) {
  const auto found = std::ranges::find_if(plan.operators, [&](const Operator& each) {
    return std::ranges::equal(each.certificate.sha256(), certificate_sha256);
  });
  return found == plan.operators.end() ? nullptr : &*found;
}

bool is_for(const std::string& payload, const Plan& plan) {
  const auto object = json::parse(payload);
  if (!object) return false;
  const auto name = json::require_string(*object, "ceremony");
  const auto hash = json::require_string(*object, "plan");
  return name && hash && *name == plan.name && *hash == to_hex(plan.sha256);
}

}  // namespace

Result<std::string> approve(const Plan& plan, crypto::KeyHolder& holder, Instant now) {
  if (operator_of(plan, holder.certificate().sha256()) == nullptr) return fail("vault.ceremony.operator");
  json::Value payload = json::Value::object();
  payload.set("ceremony", plan.name).set("plan", to_hex(plan.sha256)).set("time", iso8601_vietnam(now));
  return jose::sign_jws(kApprovalType, json::serialize(payload), holder,
                        fmt::format("{}\nSHA-256 {}", plan.description, to_hex(plan.sha256)));
}

Result<std::vector<std::string>> check_approvals(const Plan& plan, std::span<const std::string> approvals,
                                                 Instant now) {
  if (now < plan.valid_from || now > plan.valid_until)
    return fail("vault.ceremony.time")
        .with("from", display_vietnam(plan.valid_from))
        .with("until", display_vietnam(plan.valid_until));
  std::vector<std::string> persons;
  for (const std::string& approval : approvals) {
    const jose::Jws jws = KYSO_TRY(jose::Jws::parse(approval, kApprovalType));
    const Operator* signer = operator_of(plan, jws.certificate_sha256());
    if (signer == nullptr) return fail("vault.ceremony.operator");
    KYSO_TRY(jws.verify(signer->certificate));
    if (!is_for(jws.payload(), plan)) return fail("vault.ceremony.plan").with("person", signer->person);
    if (now < signer->certificate.not_before() || now > signer->certificate.not_after())
      return fail("vault.ceremony.certificate").with("person", signer->person);
    if (std::ranges::find(persons, signer->person) != persons.end())
      return fail("vault.ceremony.twice").with("person", signer->person);
    persons.push_back(signer->person);
  }
  if (persons.size() < plan.required)
    return fail("vault.ceremony.quorum").with("count", persons.size()).with("required", plan.required);
  return persons;
}

}  // namespace kyso::vault::ceremony
