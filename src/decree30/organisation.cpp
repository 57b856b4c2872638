#include <algorithm>

#include "base/text.h"
#include "decree30/role_plans.h"

// The organisation (Appendix I, II.8): the red seal in its real size over about a third of the leader's signature, on
// its left; by the clerk, together with number and date.
namespace kyso::decree30 {
namespace {

constexpr double kSmallestSignature = 20;  // points; smaller widgets show no handwriting

// A signature that stands where a leader signs: a title above it in its column, and a rank in it or a name below.
bool stands_by_a_title(const Sheet& sheet, const pdf::Rect& box) {
  Segment probe;
  probe.box = {box.x0, box.y1 - 1, box.x1, box.y1};  // the signature's own text is inside of the box
  const auto title = title_above(sheet, probe);
  if (!title) return false;
  return names_a_rank(sheet.segments[*title]) || std::ranges::any_of(sheet.segments, [&](const Segment& segment) {
           const double below = box.y0 - segment.box.y1;
           return looks_like_name(segment) && below > -10 && below < 60 && segment.box.x0 < probe.centre() &&
                  probe.centre() < segment.box.x1;
         });
}

Result<std::optional<Target>> signature_of(Planner& planner, const pdf::SignatureInfo& signature) {
  const pdf::Field* field = planner.document.form().find(signature.field);
  if (field == nullptr || signature.is_time_stamp || field->widgets.empty()) return std::optional<Target>();
  const pdf::Widget& widget = field->widgets.front();
  if (widget.page == pdf::kNoPage) return std::optional<Target>();
  const pdf::Page page = KYSO_TRY(planner.document.pages().page(widget.page));
  const pdf::Rect box = page.user_to_visible().apply(widget.rect);
  if (box.width() < kSmallestSignature || box.height() < kSmallestSignature) return std::optional<Target>();
  return std::optional(Target{widget.page, box, "field", nullptr});
}

// The leader's signature: by its field's name, else the newest visible one by a title.
Result<std::optional<Target>> leader_signature(Planner& planner) {
  const auto signatures = planner.document.form().signatures();
  for (const pdf::SignatureInfo& signature : signatures)
    if (signature.field == planner.tmpl.leader_field)
      if (auto found = KYSO_TRY(signature_of(planner, signature))) return found;
  for (std::size_t i = signatures.size(); i-- > 0;) {
    const auto found = KYSO_TRY(signature_of(planner, signatures[i]));
    if (found && stands_by_a_title(*KYSO_TRY(planner.reader.sheet(found->page)), found->box)) return found;
  }
  // A scanned page has no title to read: the newest one that can be seen.
  for (std::size_t i = signatures.size(); i-- > 0;) {
    const auto found = KYSO_TRY(signature_of(planner, signatures[i]));
    if (found && KYSO_TRY(planner.reader.sheet(found->page))->is_scanned()) return found;
  }
  return std::optional<Target>();
}

// Where the leader's image is or would be.
Result<Target> leader_box(Planner& planner) {
  if (planner.request.placement.near.empty()) {
    if (const auto signed_box = KYSO_TRY(leader_signature(planner))) return *signed_box;
    planner.note("decree30.organisation.no_leader");
    if (const pdf::Field* field = planner.usable_field(planner.tmpl.leader_field)) return planner.field_target(*field);
    if (planner.tmpl.signer_name.empty())
      if (const auto by_layout = KYSO_TRY(leader_place_by_layout(planner))) return *by_layout;
  }
  return leader_place(planner);
}

Result<Target> seal_target(Planner& planner) {
  const Template& t = planner.tmpl;
  if (const auto by_user = KYSO_TRY(planner.explicit_target())) return *by_user;
  const bool near = !planner.request.placement.near.empty();
  if (const pdf::Field* prepared = planner.usable_field(t.organisation_field); prepared != nullptr && !near) {
    planner.note("decree30.place.prepared_field");
    return planner.field_target(*prepared);
  }
  const double diameter = t.seal_diameter_mm * kPointsPerMm;
  if (t.corner != Template::Corner::automatic && !near) return planner.corner_target(t.corner, diameter, diameter);
  const Target leader = KYSO_TRY(leader_box(planner));
  const Sheet& sheet = *KYSO_TRY(planner.reader.sheet(leader.page));
  return Target{leader.page, seal_box(leader.box, t, sheet), leader.by, nullptr};
}

// The seal keeps its real size in whatever box it is put: a smaller box of the user's is the only thing that shrinks
// it.
Result<std::optional<pdf::Drawing>> seal_appearance(Planner& planner, const Target& target) {
  const Template& t = planner.tmpl;
  if (t.show != Template::Show::image) return signature_appearance(planner, target.box.width(), target.box.height());
  if (!planner.request.image) return fail("decree30.image.missing").with("role", name_of(planner.request.role));
  if (!target.is_visible()) return std::optional<pdf::Drawing>();
  const double width = target.box.width(), height = target.box.height();
  const double diameter = t.seal_diameter_mm * kPointsPerMm;
  const double side = std::min({diameter, width, height});
  if (side < diameter - 1) planner.note("decree30.organisation.smaller");
  pdf::Drawing drawing(width, height);
  const double x = (width - side) / 2, y = (height - side) / 2;
  drawing.image(*planner.request.image, {x, y, x + side, y + side});
  check_ink(planner, Ink::red);
  return std::optional(std::move(drawing));
}

// One of the portal's listed faults: the clerk's personal certificate used for the organisation's signature.
void check_certificate_kind(Planner& planner) {
  const crypto::Certificate& certificate = planner.request.certificate;
  const bool organisation = !certificate.organisation().empty() || !certificate.organisational_unit().empty();
  if (certificate.has_personal_name() || (!organisation && !certificate.title().empty()))
    planner.note("decree30.organisation.personal_certificate");
}

}  // namespace

Result<> plan_organisation(Planner& planner) {
  check_certificate_kind(planner);
  if (!trim(planner.request.number).empty()) {
    NumberWork work =
        KYSO_TRY(number_changes(planner, planner.is_signed() ? MissingFields::refuse : MissingFields::add));
    for (std::string& id : work.notes) planner.note(std::move(id));
    std::ranges::move(work.changes, std::back_inserter(planner.plan.changes));
  }
  const Target target = KYSO_TRY(seal_target(planner));
  auto appearance = KYSO_TRY(seal_appearance(planner, target));
  bool locks = has_number_fields(planner) || !planner.plan.changes.empty();
  if (edge_seal_way(planner) != Template::EdgeSeal::off) locks = KYSO_TRY(apply_edge_seal(planner)) || locks;
  KYSO_TRY(planner.place(target, planner.tmpl.organisation_field, std::move(appearance)));
  // Number, date and edge seal are final with the organisation's signature.
  if (locks)
    planner.plan.field_mdp = pdf::FieldLock{pdf::LockAction::include, locked_names(planner.tmpl), std::nullopt};
  return {};
}

}  // namespace kyso::decree30
