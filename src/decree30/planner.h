#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "decree30/roles.h"
#include "decree30/sheet.h"

// What the roles have in common: permissions, places given by the user, names of fields, the finished plan.
namespace kyso::decree30 {

using Change = std::function<Result<>(pdf::FormWriter&, pdf::IncrementalWriter&, pdf::ResourceWriter&)>;

// Where a signature will stand.
struct Target {
  std::size_t page = 0;
  pdf::Rect box;                      // visible space; zero size: invisible
  std::string by;                     // as FoundPlace::by
  const pdf::Field* field = nullptr;  // an existing field; then `box` is its own rectangle
  bool is_visible() const { return box.area() > 0; }
};

class Planner {
 public:
  Planner(const pdf::Document& doc, const RoleRequest& req)
      : document(doc), request(req), tmpl(req.tmpl), reader(doc), permissions(doc.form().permissions()) {}

  const pdf::Document& document;
  const RoleRequest& request;
  const Template& tmpl;
  SheetReader reader;
  pdf::Permissions permissions;
  sign::Plan plan;
  FoundPlace found;

  void note(std::string id);
  bool is_signed() const { return permissions.is_signed; }

  // --field and --rect; nullopt when neither is given. decree30.place.conflict, pdf.rect.outside {page} {width}
  // {height}, pdf.field.missing {field}.
  Result<std::optional<Target>> explicit_target();
  // An empty signature field of that name that may be signed; nullptr when there is none.
  const pdf::Field* usable_field(const std::string& name) const;
  Result<Target> field_target(const pdf::Field& field);
  // A corner of the page that the template chooses.
  Result<Target> corner_target(Template::Corner corner, double width, double height);
  Result<std::size_t> chosen_page(std::size_t automatic) const;

  // Puts the signature there, as a new field `stem` (numbered when taken) or in the target's field. Checks what earlier
  // signatures permit.
  Result<> place(const Target& target, const std::string& stem, std::optional<pdf::Drawing> appearance);
  // Certification, locks, reason; then the plan is complete.
  Result<sign::Plan> finish(FoundPlace* out);

  std::string unused_field(const std::string& stem) const;
  std::string agency() const;  // request, template, certificate
};

// decree30.permission.none, .certified {fields}, .locked {field}.
Result<> allow_new_field(const Planner& planner, const std::string& name, bool visible);
Result<> allow_signing_field(const Planner& planner, const pdf::Field& field);
Result<> allow_filling(const Planner& planner, const pdf::Field& field);
Result<> allow_filling_button(const Planner& planner, const pdf::Field& field);

// Appearance parts.
struct TextStyle {
  pdf::FontStyle font = pdf::FontStyle::regular;
  double size = 10;
  pdf::Colour colour;
  pdf::Drawing::Align align = pdf::Drawing::Align::left;
  double smallest = 6;
};
// Lines of text wrapped into a width at one size: what they need and how they are drawn.
struct TextBlock {
  std::vector<std::string> lines;
  double size = 0, width = 0, height = 0;
};
Result<TextBlock> fit_lines(const std::vector<std::string>& lines, const TextStyle& style, double width, double height);
// decree30.text.no_room {text} when even the smallest size does not fit.
Result<> draw_lines(pdf::Drawing& drawing, const std::vector<std::string>& lines, const TextStyle& style,
                    const pdf::Rect& box);
// The baseline of a line of text that fills a box from ascent to descent.
double baseline_in(const pdf::Rect& box);

// Image and information as the template says; nullopt when nothing is to be shown. decree30.image.missing {role}.
Result<std::optional<pdf::Drawing>> signature_appearance(Planner& planner, double width, double height);
// The lines "Người ký: …" and so on.
std::vector<std::string> information_lines(const Planner& planner);
// Warns by notes when the picture is not what the decree asks for (blue ink, red ink, transparency).
enum class Ink { blue, red };
void check_ink(Planner& planner, Ink wanted);

constexpr double kPointsPerMm = 72 / 25.4;

}  // namespace kyso::decree30
