#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pdf/drawing/appearance.h"

// Changes to the interactive form, as parts of one incremental update.
//
// Each asks first whether it may be done: pdf.encrypted.forbids; pdf.certified.forbids {level} (certified, or locked
// with a level, so that nothing may follow); pdf.certified.new_visible_field; pdf.field.locked {field};
// pdf.signed.forbids (new fields other than signatures, annotations and painted content after a signature).
namespace kyso::pdf {

// A widget to be created: where, and what it shows.
struct WidgetPlan {
  std::size_t page = 0;
  Rect rect;  // default user space; zero size: invisible
  std::optional<ObjectId>
      appearance;  // form XObject for /AP /N; required in PDF/A-1 even when invisible (an empty one is made)
};

class FormWriter {
 public:
  // Text is drawn with the fonts of `resources`, which the caller finishes; without it every field that is filled gets
  // its own subset.
  FormWriter(const Document& document, IncrementalWriter& writer, ResourceWriter* resources = nullptr);
  ~FormWriter();
  FormWriter(FormWriter&&) noexcept;

  // A new, empty signature field with its widget. Creates AcroForm, adds to /Fields and the page's /Annots, sets
  // SigFlags 3 (when signing) and, in a tagged document, the Form structure element. `lock` becomes /Lock.
  // pdf.field.exists {field}.
  Result<ObjectId> add_signature_field(const std::string& name, const WidgetPlan& widget,
                                       const std::optional<FieldLock>& lock);
  // The invisible field of a document time-stamp. Archiving is allowed whatever earlier signatures say, also by a
  // certification of level 1 and a lock of all fields (ISO 32000-2 section 12.8.2.2.2 with its errata).
  Result<ObjectId> add_time_stamp_field(const std::string& name);
  // A new text field with embedded-font appearance, empty or filled; single line; /DA with a font in /DR.
  struct TextFieldPlan {
    std::string name, tooltip;
    WidgetPlan widget;
    TextRun style;  // text = initial value
    Drawing::Align align = Drawing::Align::left;
    bool read_only = false;
  };
  Result<ObjectId> add_text_field(const TextFieldPlan& plan);
  // Sets the value and a matching appearance drawn with an embedded Unicode font in the field's size and alignment.
  // pdf.field.missing {field}, pdf.field.locked {field}, pdf.field.not_text {field}.
  Result<> fill_text_field(const std::string& name, std::string_view value,
                           std::optional<TextRun> style = std::nullopt);

  // Uses an existing empty signature field: checks that it is one and not locked; sets its appearance when given.
  // pdf.field.missing, pdf.field.signed {field}, pdf.field.locked, pdf.field.not_signature.
  Result<ObjectId> use_signature_field(const std::string& name, std::optional<ObjectId> appearance);

  // Push-buttons for pictures on several pages (a page-edge seal prepared before the first signature), or their
  // pictures set. They are the fields "name.1", "name.2", … below one parent, each merged with its widget: validators
  // accept a new picture there after a signature, but not in a widget that is a mere kid. A lock of "name" locks them
  // all. set_button_appearances wants one for each: pdf.field.not_button {field} {count}.
  struct ButtonWidget {
    std::size_t page;
    Rect rect;
    std::optional<ObjectId> appearance;
  };
  Result<ObjectId> add_button_field(const std::string& name, const std::vector<ButtonWidget>& widgets);
  Result<> set_button_appearances(const std::string& name, const std::vector<ObjectId>& appearances);
  // One more widget of a signature field (facts: way B; field and widgets become /Kids). Only for fields made in this
  // update.
  Result<> add_widget(ObjectId field, const WidgetPlan& widget);
  // A Stamp annotation, printed, locked.
  Result<ObjectId> add_stamp(const WidgetPlan& stamp, std::string_view contents);
  // Paints a form XObject onto a page's content, after what is there (wrapped in q/Q). For unsigned documents only.
  Result<> paint_on_page(std::size_t page, ObjectId form_xobject, const Matrix& placement);

  // Makes field `field` carry a signature with dictionary object `signature`, and puts the permission references in
  // place.
  struct SignatureReferences {
    std::optional<int> certify;  // DocMDP level; also /Perms in the catalog
    std::optional<FieldLock> field_mdp;
  };
  // Returns the /Reference array for the signature dictionary (null when there is none).
  Result<Object> bind_signature(ObjectId field, ObjectId signature, const SignatureReferences& references);
  // /Extensions of the catalog: developer extensions ESIC (PAdES) or ISO_ (TS 32001, 32002) where the header version
  // needs them.
  Result<> declare_extension(std::string_view prefix, std::string_view base_version, int level);

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

}  // namespace kyso::pdf
