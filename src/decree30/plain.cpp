#include "decree30/role_plans.h"

// A signature without the decree's rules: picture and information as the template says, or invisible.
namespace kyso::decree30 {

Result<> plan_plain(Planner& planner) {
  const Template& t = planner.tmpl;
  const bool nothing = t.show == Template::Show::nothing ||
                       (t.show == Template::Show::image && !planner.request.image) ||
                       (t.show == Template::Show::text && information_lines(planner).empty());
  const auto by_user = KYSO_TRY(planner.explicit_target());
  Target target;
  if (by_user) {
    target = *by_user;
  } else if (nothing) {
    target = {KYSO_TRY(planner.chosen_page(0)), {}, "corner", nullptr};
  } else if (!planner.request.placement.near.empty()) {
    target = KYSO_TRY(place_near(planner, t.width, t.height));
  } else {
    const bool automatic = t.corner == Template::Corner::automatic;
    target = KYSO_TRY(planner.corner_target(automatic ? Template::Corner::bottom_right : t.corner, t.width, t.height));
  }
  if (nothing) return planner.place(target, "ChuKy", std::nullopt);
  auto appearance = KYSO_TRY(signature_appearance(planner, target.box.width(), target.box.height()));
  return planner.place(target, "ChuKy", std::move(appearance));
}

}  // namespace kyso::decree30
