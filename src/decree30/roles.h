#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "decree30/template.h"
#include "sign/signing_request.h"

// What a signature of each role of Decree 30/2020/NĐ-CP, Appendix I, shows and where it stands.
namespace kyso::decree30 {

// Where the user wants it, when not by the rules of the role. At most one of near, rect, field.
struct Placement {
  std::string near;                 // text, usually the signer's name
  std::optional<std::size_t> page;  // from 0
  std::optional<pdf::Rect> rect;    // as a person sees the page: points from the lower left of the visible page
  std::string field;
};

struct RoleRequest {
  Role role = Role::plain;
  Template tmpl;
  Placement placement;
  crypto::Certificate certificate;
  std::optional<pdf::Image> image;  // already loaded: --image, else the template's
  Instant now{};
  std::string number;           // "12" or "12/CQM-VP"; organisation, number, appendix, incoming
  std::optional<Instant> date;  // organisation, number, incoming
  std::string comment;          // comment: the text
  std::string agency;           // overrides template and certificate
  // Incoming ("ĐẾN") stamp.
  std::string incoming_forward, incoming_file_code;  // Chuyển; Số và ký hiệu HS
  bool lock = false;                                 // --lock: no field may change after this signature
  std::optional<int> certify;                        // overrides the template
  // Overrides the template; the leader prepares it, the organisation puts it.
  std::optional<Template::EdgeSeal> edge_seal;
};

// A place found or computed, for `kyso sign --verbose`, tests and previews.
struct FoundPlace {
  std::size_t page = 0;
  pdf::Rect rect;  // default user space
  std::string by;  // "name", "field", "rect", "corner", "priors"
};

// The plan for one role on one document. Errors: pdf.page.missing, pdf.rect.outside {page} {width} {height},
// decree30.name.not_found {text}, decree30.name.ambiguous {text} {places}, decree30.image.missing {role},
// decree30.number.missing, decree30.permission.* (what earlier signatures forbid; each with {next}).
Result<sign::Plan> plan_role(const pdf::Document& document, const RoleRequest& request, FoundPlace* found = nullptr);

// `kyso sign --role number` without a signature: fills prepared fields, or adds them to an unsigned document. Says by
// notes which way was used and what a strict verifier will answer.
struct NumberPlan {
  std::function<Result<>(pdf::FormWriter&, pdf::IncrementalWriter&, pdf::ResourceWriter&)> change;
  std::vector<std::string> notes;
};
Result<NumberPlan> plan_number(const pdf::Document& document, const RoleRequest& request);

}  // namespace kyso::decree30
