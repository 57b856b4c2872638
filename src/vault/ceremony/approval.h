#pragma once
#include "vault/ceremony/plan.h"

// Operators agree to a plan by signing its SHA-256.
namespace kyso::vault::ceremony {

inline constexpr std::string_view kApprovalType = "kyso-ceremony+jwt";

// A JWS (jose/jws.h) over {"ceremony","plan","time"}. vault.ceremony.operator when the holder's certificate is none of
// the plan's; errors of the holder.
Result<std::string> approve(const Plan& plan, crypto::KeyHolder& holder, Instant now);

// The persons who agree, in the order of the approvals. Every approval must be good: a bad one is not passed over.
// vault.ceremony.time {from} {until} (now is outside the plan's window), vault.ceremony.operator, vault.ceremony.plan
// {person} (signed another plan), vault.ceremony.twice {person}, vault.ceremony.certificate {person} (not valid now),
// vault.ceremony.quorum {count} {required}, jose.*.
Result<std::vector<std::string>> check_approvals(const Plan& plan, std::span<const std::string> approvals, Instant now);

}  // namespace kyso::vault::ceremony
