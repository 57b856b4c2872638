#pragma once
#include "pdf/document/form.h"

// Private to the module: how fields and signatures are read.
namespace kyso::pdf {

// All terminal fields: those of /Fields in order, then those that only a page's /Annots leads to.
Result<std::vector<Field>> read_fields(const ObjectView& view, const PageTree& pages);

// The signature of a signed field; nullopt when the field has no signature dictionary.
Result<std::optional<SignatureInfo>> read_signature(const ObjectView& view, const Field& field);
// Finds which signature certifies the document and keeps `certification` for that one only.
Result<> find_certification(const ObjectView& view, std::vector<SignatureInfo>& signatures);

// Action, Fields and P of a /Lock or of FieldMDP parameters; nullopt when senseless.
std::optional<FieldLock> read_lock(const ObjectView& view, const Dictionary& dictionary);

}  // namespace kyso::pdf
