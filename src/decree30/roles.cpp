#include "decree30/roles.h"

#include "decree30/role_plans.h"

namespace kyso::decree30 {

Result<sign::Plan> plan_role(const pdf::Document& document, const RoleRequest& request, FoundPlace* found) {
  Planner planner(document, request);
  // Nothing may follow a certification with P = 1: no need to look for places.
  if (planner.permissions.certification == 1) return fail("decree30.permission.none");
  switch (request.role) {
    case Role::leader:
      KYSO_TRY(plan_leader(planner));
      break;
    case Role::initials:
      KYSO_TRY(plan_initials(planner));
      break;
    case Role::organisation:
      KYSO_TRY(plan_organisation(planner));
      break;
    case Role::number:
      KYSO_TRY(plan_number_signature(planner));
      break;
    case Role::appendix:
      KYSO_TRY(plan_appendix(planner));
      break;
    case Role::copy:
      KYSO_TRY(plan_copy(planner));
      break;
    case Role::comment:
      KYSO_TRY(plan_comment(planner));
      break;
    case Role::incoming:
      KYSO_TRY(plan_incoming(planner));
      break;
    case Role::plain:
      KYSO_TRY(plan_plain(planner));
      break;
  }
  return planner.finish(found);
}

Result<NumberPlan> plan_number(const pdf::Document& document, const RoleRequest& request) {
  Planner planner(document, request);
  if (planner.permissions.certification == 1) return fail("decree30.permission.none");
  NumberWork work = KYSO_TRY(number_changes(planner, planner.is_signed() ? MissingFields::refuse : MissingFields::add));
  const auto change = [changes = std::move(work.changes)](pdf::FormWriter& form, pdf::IncrementalWriter& writer,
                                                          pdf::ResourceWriter& resources) -> Result<> {
    for (const Change& one : changes) KYSO_TRY(one(form, writer, resources));
    return {};
  };
  return NumberPlan{change, std::move(work.notes)};
}

}  // namespace kyso::decree30
