#include "base/text.h"
#include "decree30/role_plans.h"

// The person in authority (Appendix I, II.7): blue handwriting between title and name.
namespace kyso::decree30 {
namespace {

std::string wanted_name(const Planner& planner) {
  for (const std::string& text :
       {planner.request.placement.near, planner.tmpl.signer_name, planner.request.certificate.common_name()})
    if (!trim(text).empty()) return to_nfc(trim(text));
  return {};
}

Result<bool> all_scanned(Planner& planner, std::optional<std::size_t> page) {
  const std::size_t first = page.value_or(0), last = page ? *page + 1 : planner.reader.count();
  for (std::size_t i = first; i < last; ++i)
    if (!KYSO_TRY(planner.reader.sheet(i))->is_scanned()) return false;
  return true;
}

Result<std::optional<std::size_t>> page_limit(const Planner& planner) {
  if (!planner.request.placement.page && planner.tmpl.page == Template::PageChoice::automatic)
    return std::optional<std::size_t>();
  return std::optional(KYSO_TRY(planner.chosen_page(0)));
}

Result<Target> target_of(Planner& planner, const NamePlace& place) {
  const Sheet& sheet = *KYSO_TRY(planner.reader.sheet(place.page));
  const auto box = signature_box(sheet, place, planner.tmpl);
  if (!box) return fail("decree30.place.no_room").with("page", place.page + 1);
  if (box->width() < planner.tmpl.width * 0.999) planner.note("decree30.place.shrunk");
  if (!place.exact) planner.note("decree30.name.folded");
  if (place.several_pages) planner.note("decree30.name.several");
  return Target{place.page, *box, "name", nullptr};
}

Result<Target> prior_target(Planner& planner) {
  const std::size_t page = KYSO_TRY(planner.chosen_page(planner.reader.count() - 1));
  const Sheet& sheet = *KYSO_TRY(planner.reader.sheet(page));
  planner.note("decree30.place.priors");
  return Target{page, prior_box(sheet, planner.tmpl.width, planner.tmpl.height), "priors", nullptr};
}

}  // namespace

Result<Target> leader_place(Planner& planner) {
  const auto page = KYSO_TRY(page_limit(planner));
  const bool user_named = !planner.request.placement.near.empty();
  if (!user_named && KYSO_TRY(all_scanned(planner, page))) return prior_target(planner);
  const std::string name = wanted_name(planner);
  if (name.empty()) {
    if (const auto by_layout = KYSO_TRY(leader_place_by_layout(planner))) return *by_layout;
    return fail("decree30.name.unknown");
  }
  const Wanted wanted = user_named ? Wanted::any_mention : Wanted::signature_place;
  return target_of(planner, KYSO_TRY(find_name(planner.reader, name, page, wanted)));
}

Result<std::optional<Target>> leader_place_by_layout(Planner& planner) {
  const auto page = KYSO_TRY(page_limit(planner));
  const auto place = KYSO_TRY(find_titled_name(planner.reader, page));
  if (!place) return std::optional<Target>();
  const Sheet& sheet = *KYSO_TRY(planner.reader.sheet(place->page));
  Template leader = planner.tmpl;
  if (planner.request.role != Role::leader) {
    // Somebody else's template says nothing about the leader's image: the default size.
    const Template defaults;
    leader.width = defaults.width;
    leader.height = defaults.height;
    leader.offset = 0;
  }
  const auto box = signature_box(sheet, *place, leader);
  return box ? std::optional(Target{place->page, *box, "name", nullptr}) : std::optional<Target>();
}

Result<Target> place_near(Planner& planner, double width, double height) {
  const auto page = KYSO_TRY(page_limit(planner));
  const NamePlace place =
      KYSO_TRY(find_name(planner.reader, planner.request.placement.near, page, Wanted::any_mention));
  const Sheet& sheet = *KYSO_TRY(planner.reader.sheet(place.page));
  if (!place.exact) planner.note("decree30.name.folded");
  const double x = (place.name.x0 + place.name.x1 - width) / 2;
  const double y = place.name.y1 + planner.tmpl.gap + planner.tmpl.offset;
  const auto box = find_free_box(sheet, width, height, {x, y}, sheet.bounds());
  if (!box) return fail("decree30.place.no_room").with("page", place.page + 1);
  return Target{place.page, *box, "name", nullptr};
}

Result<std::optional<Target>> place_by_user(Planner& planner) {
  auto target = KYSO_TRY(planner.explicit_target());
  if (!target && !planner.request.placement.near.empty())
    target = KYSO_TRY(place_near(planner, planner.tmpl.width, planner.tmpl.height));
  return target;
}

Result<> plan_leader(Planner& planner) {
  const Template& t = planner.tmpl;
  const auto by_user = KYSO_TRY(planner.explicit_target());
  Target target;
  if (by_user) {
    target = *by_user;
  } else if (const pdf::Field* prepared = planner.usable_field(t.leader_field);
             prepared != nullptr && planner.request.placement.near.empty()) {
    target = KYSO_TRY(planner.field_target(*prepared));
    planner.note("decree30.place.prepared_field");
  } else if (t.corner != Template::Corner::automatic && planner.request.placement.near.empty()) {
    target = KYSO_TRY(planner.corner_target(t.corner, t.width, t.height));
  } else {
    target = KYSO_TRY(leader_place(planner));
  }
  auto appearance = KYSO_TRY(signature_appearance(planner, target.box.width(), target.box.height()));
  if (appearance) check_ink(planner, Ink::blue);
  KYSO_TRY(planner.place(target, t.leader_field, std::move(appearance)));
  if (!t.prepare_round || planner.is_signed()) return {};
  if (planner.request.certify.value_or(t.certify.value_or(0)) == 1) {
    planner.note("decree30.round.forbidden");  // what is prepared could never be filled
    return {};
  }
  return prepare_round(planner, target, false);
}

}  // namespace kyso::decree30
