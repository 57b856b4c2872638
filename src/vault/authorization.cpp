#include <algorithm>

#include "vault/quorum.h"
#include "vault/speaker.h"

namespace kyso::vault {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

std::string roles_of(const std::vector<const ApprovalRule*>& rules) {
  std::vector<std::string> roles;
  for (const ApprovalRule* rule : rules)
    for (const ApprovalStep& step : rule->steps)
      for (const auto& part : step.parts)
        if (std::ranges::find(roles, part.role) == roles.end()) roles.push_back(part.role);
  return joined(roles);
}

Error role_error(const Officer& officer, std::string_view roles) {
  return fail("vault.statement.role").with("person", officer.person).with("role", roles);
}

Result<> check_time(Instant created, Instant end, Instant now) {
  if (created > now + kClockTolerance) return fail("vault.statement.early").with("time", display_vietnam(created));
  if (now >= end) return fail("vault.statement.expired").with("time", display_vietnam(end));
  return {};
}

class Examination {
 public:
  Examination(const Policy& policy, Instant now) : m_policy(policy), m_now(now) {}

  Result<Standing> run(const SignedRequest& statements) {
    if (statements.approvals.size() > kMaxApprovals) return fail("vault.statement.count").with("limit", kMaxApprovals);
    KYSO_TRY(take_request(statements.request));
    for (const std::string& approval : statements.approvals) KYSO_TRY(take_approval(approval));
    for (const ApprovalRule* rule : m_rules) add_missing(unfilled(*rule, m_approvers));
    for (const Officer* officer : m_approvers) m_standing.approvers.push_back(officer->person);
    return std::move(m_standing);
  }

 private:
  Result<> take_request(std::string_view statement) {
    const Speaker requester = KYSO_TRY(hear(m_policy, statement, kRequestType, m_now));
    m_requester = requester.officer;
    m_standing.requester = m_requester->person;
    m_standing.request_sha256 = requester.statement->payload_sha256();
    m_standing.request = KYSO_TRY(requester.statement->request());
    const Request& request = m_standing.request;
    m_rules = KYSO_TRY(m_policy.rules_of(request));
    for (const ApprovalRule* rule : m_rules) {
      const bool may =
          std::ranges::any_of(rule->requester_roles, [&](const auto& role) { return has_role(*m_requester, role); });
      if (!may) return role_error(*m_requester, joined(rule->requester_roles));
    }
    m_standing.expires = end_of(request.created, request.expires);
    return check_time(request.created, m_standing.expires, m_now);
  }

  Result<> take_approval(std::string_view statement) {
    const Speaker speaker = KYSO_TRY(hear(m_policy, statement, kApprovalType, m_now));
    const Officer& officer = *speaker.officer;
    const Approval approval = KYSO_TRY(parse_approval(speaker.statement->payload()));
    const Request& request = m_standing.request;
    if (approval.request_sha256 != m_standing.request_sha256 || approval.request_id != request.id ||
        approval.act != request.act)
      return fail("vault.statement.mismatch").with("person", officer.person);
    const bool is_requester = &officer == m_requester;
    if (is_requester && approval.decision == Decision::approve)
      return fail("vault.statement.own").with("person", officer.person);
    const bool has_any_part =
        std::ranges::any_of(m_rules, [&](const ApprovalRule* rule) { return has_part(officer, *rule); });
    if (!is_requester && !has_any_part) return role_error(officer, roles_of(m_rules));
    if (approval.decision == Decision::reject) return fail("vault.statement.rejected").with("person", officer.person);
    if (std::ranges::find(m_approvers, &officer) != m_approvers.end())
      return fail("vault.statement.twice").with("person", officer.person);
    KYSO_TRY(check_time(approval.created, end_of(approval.created, approval.expires), m_now));
    m_approvers.push_back(&officer);
    return {};
  }

  Instant end_of(Instant created, Instant expires) const {
    for (const ApprovalRule* rule : m_rules) expires = std::min(expires, created + rule->valid_for);
    return expires;
  }

  // Several rules (profiles) need their parts each; one approval counts under all of them.
  void add_missing(const std::vector<std::pair<std::string, std::size_t>>& missing) {
    for (const auto& [role, count] : missing) {
      const auto row = std::ranges::find(m_standing.missing, role, [](const auto& each) { return each.first; });
      if (row == m_standing.missing.end()) {
        m_standing.missing.emplace_back(role, count);
      } else {
        row->second = std::max(row->second, count);
      }
    }
  }

  const Policy& m_policy;
  Instant m_now;
  Standing m_standing;
  const Officer* m_requester = nullptr;
  std::vector<const ApprovalRule*> m_rules;
  std::vector<const Officer*> m_approvers;
};

}  // namespace

Result<Standing> examine(const Policy& policy, const SignedRequest& signed_request, Instant now) {
  return Examination(policy, now).run(signed_request);
}

Result<Standing> authorize(const Policy& policy, const SignedRequest& signed_request, Instant now) {
  Standing standing = KYSO_TRY(examine(policy, signed_request, now));
  if (standing.missing.empty()) return standing;
  std::string missing;
  for (const auto& [role, count] : standing.missing)
    missing += fmt::format("{}{} × {}", missing.empty() ? "" : ", ", count, role);
  return fail("vault.quorum").with("missing", missing);
}

}  // namespace kyso::vault
