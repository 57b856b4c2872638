#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "pdf/document/page.h"
#include "pdf/file/revision_graph.h"

namespace kyso::verify {

// What a revision changed, told by a whitelist: a change that no rule understands is `unknown`. Ordered by what it may
// be allowed by (docs/verify.md has the table).
enum class ChangeKind : std::uint8_t {
  none,                    // object written again with an equal value
  validation_data,         // DSS, VRI; /Extensions and /Version raised with them
  document_time_stamp,     // a field with an ETSI.RFC3161 signature
  metadata,                // ModDate, Producer, XMP dates, /ID[1]
  signature_filled,        // an empty field was signed, inside its rectangle
  signature_added,         // a new signature field with its signature (is_visible says which)
  signature_field_added,   // a new signature field without signature
  signature_widget_added,  // a further widget for a signature, or one on another page
  signature_field_moved,   // Rect, P or the like of an existing signature field changed
  form_filled,             // value and appearance agree
  form_mismatch,           // value and appearance differ
  form_undefined,          // DA, MK, Q, MaxLen, Opt, Ff, NeedAppearances, default resources
  field_added,             // not a signature
  field_removed,
  lock_changed,  // /Lock or /SV of a field
  annotation_added,
  annotation_changed,  // also moved
  annotation_removed,
  signature_redefined,  // a signature dictionary, or the field that holds it, changed after signing
  signature_removed,
  content,  // pages, resources, fonts, boxes, page tree, catalog, actions: `code` says which
  encryption,
  unknown,
};
std::string_view name_of(ChangeKind kind);  // "form_filled"
std::optional<ChangeKind> change_kind_by_name(std::string_view name);

// What a visible change does to what the signed revision painted.
enum class Covering : std::uint8_t {
  nothing,      // invisible, or on blank paper, or over an earlier signature's picture only
  see_through,  // transparent paint touches text or marks
  hides,        // opaque paint lies over text or marks
};

struct Change {
  std::size_t revision = 0;  // index of the revision that made it
  ChangeKind kind = ChangeKind::unknown;
  // The stable reason: "change.none", "change.lta", "change.metadata", "change.signature", "form.filled",
  // "form.unverified-font", "form.value-appearance-mismatch", "form.undefined-change", "change.signature-field",
  // "lock.violated", "change.annotation", "change.overlay", "sigdict.redefined", "signature.removed",
  // "change.encryption", "change.unknown", and of content: change. page-content, content-stream, font, xobject,
  // resources, catalog, root, page-tree, page-box, page, optional-content, names, action, outline, output-intent,
  // structure, embedded-file, viewer-preferences, permissions, document-info, xmp.
  std::string code;
  std::uint32_t object = 0;  // number; 0: the trailer or a direct object
  std::uint64_t offset = 0;  // where the new object stands
  std::string path;          // where it hangs, for people who know PDF: "Root/AcroForm/Fields[2]/V"
  std::string field;         // fully qualified name
  std::size_t page = pdf::kNoPage;
  pdf::Rect rect;  // default user space; zero when nothing is visible
  bool is_visible = false;
  Covering covering = Covering::nothing;
  std::string subtype;  // of annotations
  // Annotations: may carry its kind beside content without deceiving anybody (Text, Popup, Highlight with no opaque
  // appearance, Link without a new action …; FreeText, Stamp, Redact and filled shapes are not).
  bool is_harmless_kind = false;
  bool has_action = false;  // JavaScript or another action came with it
  // It looks like a signature that was there, whose field `old_value` then names (of signatures): the same person may
  // sign twice. When only its words are the same, `new_value` has them, without blanks, in lower case.
  bool imitates_signature = false;
  std::string old_value, new_value;  // text of the values, cut at 200 characters
  friend bool operator==(const Change&, const Change&) = default;
};

struct ChangeLimits {
  std::size_t changes = 20'000;       // in all; more is the finding resource.limit
  std::size_t operators = 2'000'000;  // interpreted for coverage and comparison
};

struct ChangeReport {
  std::vector<Change> changes;  // oldest first
  bool limit_exceeded = false;  // not everything was looked at; judged as unknown
  std::string limit;            // its name: changes, operators, values (compared), work (of reading)
};
// Compares each revision from `first` + 1 on with the one before: every object that its sections name, walked from the
// trailer so that the rules know where it hangs. Costs what changed, not the size of the file: unreachable objects and
// those written again with equal values cost one comparison. `first` is the oldest revision that a signature covers.
ChangeReport find_changes(std::shared_ptr<const pdf::RevisionGraph> graph, std::size_t first, const Secret* password,
                          const ChangeLimits& limits = {});

}  // namespace kyso::verify
