#pragma once
#include <map>
#include <set>

#include "pdf/update/form_edit.h"
#include "pdf/update/form_writer.h"

// Private to the module: what the parts of FormWriter share.
namespace kyso::pdf {

// Annotation and field flags (ISO 32000-2 tables 167, 227 and 229).
inline constexpr int kPrint = 4;
inline constexpr int kPrintLocked = 4 + 128;
inline constexpr int kFieldReadOnly = 1;
inline constexpr int kPushButton = 1 << 16;
inline constexpr int kMultiLine = 1 << 12;
inline constexpr int kPassword = 1 << 13;
inline constexpr int kComb = 1 << 24;

struct FormWriter::State {
  State(const Document& d, IncrementalWriter& w, ResourceWriter* r)
      : document(d), writer(w), resources(r), permissions(d.form().permissions()) {}

  const Document& document;
  IncrementalWriter& writer;
  ResourceWriter* resources;
  Permissions permissions;
  std::map<std::string, ObjectId, std::less<>> created;              // fields of this update by full name
  std::optional<std::map<ObjectId, std::size_t>> annotation_arrays;  // indirect /Annots and how many pages share each

  std::set<ObjectId> time_stamps;         // fields of this update that are to carry one
  std::map<ObjectId, ObjectId> elements;  // structure elements of annotations of this update

  enum class Change { time_stamp, new_signature_field, new_field, fill, sign, annotate, paint };
  // What encryption, certification and locks say about a change: pdf.encrypted.forbids, pdf.certified.forbids {level},
  // pdf.certified.new_visible_field, pdf.field.locked {field}, pdf.signed.forbids.
  Result<> permit(Change change, std::string_view field = {}, bool is_visible = false) const;
  Result<> check_new_name(const std::string& name) const;  // pdf.field.exists, pdf.field.name_invalid

  // A field of the document or of this update: pdf.field.missing {field}.
  Result<Field> field(std::string_view name) const;
  // The common entries of a widget or stamp.
  Dictionary annotation(std::string_view subtype, const Page& page, const WidgetPlan& plan, int flags);
  Result<ObjectId> add_signature_field(const std::string& name, const WidgetPlan& widget,
                                       const std::optional<FieldLock>& lock);
  // Enters a field into /AcroForm /Fields; a missing form is created.
  Result<> add_to_form(ObjectId field, bool is_signature);
  // Enters an annotation into the page's /Annots and, in a tagged unsigned document, into the structure tree.
  Result<> add_to_page(const Page& page, ObjectId annotation, std::string_view role, const std::string& description);
  // Replaces the normal appearance of a widget; the rest of it stays as it is.
  Result<> set_appearance(ObjectId widget, ObjectId appearance, bool is_button = false);
  // Calls draw(ResourceWriter&) -> Result<T>, with the caller's resources or own ones that are finished at once.
  template <typename Draw>
  auto with_resources(Draw&& draw) -> std::invoke_result_t<Draw, ResourceWriter&> {
    if (resources != nullptr) return draw(*resources);
    ResourceWriter own(document, writer);
    auto result = draw(own);
    if (result) KYSO_TRY(own.finish());
    return result;
  }

 private:
  std::size_t pages_sharing(ObjectId annotations);
};

// A text field's value as a form XObject of the size that a person sees. `multi_line` wraps.
struct ValueStyle {
  TextRun run;  // size 0: as large as fits
  Drawing::Align align = Drawing::Align::left;
  bool multi_line = false;
  std::optional<int> comb;  // number of cells
};
Result<ObjectId> draw_value(IncrementalWriter& writer, ResourceWriter& resources, const Rect& rect, int rotate,
                            const ValueStyle& style);

}  // namespace kyso::pdf
