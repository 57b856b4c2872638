#pragma once
#include <string>
#include <vector>

#include "pdf/document/page.h"

// Interactive form (AcroForm), signatures and what they permit (ISO 32000-2 sections 12.7 and 12.8).
namespace kyso::pdf {

struct Widget {
  std::optional<ObjectId> id;  // nullopt: a direct object (rare, not usable for signing)
  Rect rect;
  std::size_t page = kNoPage;
};

enum class FieldKind { signature, text, button, choice, unknown };

// One terminal field.
struct Field {
  std::string name;  // fully qualified, UTF-8 NFC
  FieldKind kind = FieldKind::unknown;
  std::optional<ObjectId> id;  // of the field dictionary
  Dictionary dictionary;       // with inherited FT, V, DA, Ff, Q, MaxLen filled in
  std::vector<Widget> widgets;
  bool is_signed = false;  // signature with a /V dictionary
  std::string value;       // text and choice: the value as text
  bool is_read_only = false;
};

enum class LockAction { all, include, exclude };
struct FieldLock {  // /Lock or FieldMDP
  LockAction action = LockAction::include;
  std::vector<std::string> fields;
  std::optional<int> permissions;  // /P of a PDF 2.0 lock
  // "form.person" also names "form.person.name", not "form.personal".
  bool locks(std::string_view field_name) const;
};

struct ByteRange {
  std::vector<std::int64_t> values;
};

struct SignatureInfo {
  std::string field;                 // fully qualified name
  ObjectId field_id;                 // {0,0}: a direct object
  std::optional<ObjectId> value_id;  // of the signature dictionary
  Dictionary dictionary;             // the signature dictionary
  std::string filter, sub_filter;
  std::vector<std::int64_t> byte_range;              // as written; empty when ill-typed
  std::string contents;                              // decoded bytes of /Contents
  std::string name, reason, location, claimed_time;  // as written, text decoded
  bool is_time_stamp = false;                        // ETSI.RFC3161
  // DocMDP level when this is the certifying signature, or claims to be and /Perms names none.
  std::optional<int> certification;
  bool is_in_permissions = false;  // the catalog's /Perms /DocMDP leads to it
  std::optional<FieldLock> field_mdp;
  std::size_t covered_revision = static_cast<std::size_t>(-1);  // index of the revision whose end the ByteRange reaches
};

// What the signatures of the document allow whoever comes next.
struct Permissions {
  std::optional<int> certification;  // P of the certification signature: 1, 2 or 3
  std::vector<FieldLock> locks;      // FieldMDP of all signatures
  bool is_signed = false;
  bool is_field_locked(std::string_view name) const;
  // The least that certification and locks (/P) together allow; nullopt: no limit beyond what any signature means.
  std::optional<int> level() const;
};

struct SeedValue {  // /SV of a signature field: what a signature put there must be. Only required (/Ff) items bind.
  std::optional<std::string> filter;
  std::vector<std::string> sub_filters, digest_methods, reasons;
  std::optional<int> certification;  // MDP /P: 0 forbids certification
  bool filter_required = false, sub_filter_required = false, digest_required = false, reasons_required = false;
};

class Form {
 public:
  // An absent AcroForm gives an empty form. pdf.form.broken, pdf.limit.
  static Result<Form> open(const ObjectView& view, const PageTree& pages);
  std::span<const Field> fields() const { return m_fields; }
  const Field* find(std::string_view full_name) const;
  std::span<const SignatureInfo> signatures() const { return m_signatures; }  // in order of the revisions they cover
  Permissions permissions() const;
  static Result<std::optional<FieldLock>> lock_of(const ObjectView& view, const Field& field);
  // Action, Fields and P of a /Lock or of FieldMDP parameters; nothing when they make no sense.
  static std::optional<FieldLock> lock_from(const ObjectView& view, const Dictionary& parameters);
  static Result<std::optional<SeedValue>> seed_value_of(const ObjectView& view, const Field& field);
  // "Signature1", "Signature2", … : the first such name that is not in use.
  std::string unused_name(std::string_view stem) const;

 private:
  std::vector<Field> m_fields;
  std::vector<SignatureInfo> m_signatures;
};

}  // namespace kyso::pdf
