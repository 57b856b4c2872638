#pragma once
#include "pdf/file/object_view.h"
#include "verify/facts/facts.h"
#include "verify/facts/raw_dictionary.h"

// What is known about one signature while facts are extracted. Private to the module.
namespace kyso::verify {

struct WidgetPlace {
  std::optional<pdf::ObjectId> id, page;  // page: /P
  pdf::Rect rect;
};

struct SignatureRecord {
  SignatureFacts facts;
  pdf::Dictionary dictionary;        // as of the revision that brought it; empty when it can't be parsed
  std::optional<RawDictionary> raw;  // nothing when it stands in an object stream
  std::vector<WidgetPlace> widgets;
  pdf::Object field_lock;                    // /Lock of the field, as of the revision that brought the signature
  std::size_t fields = 0;                    // that lead to it now
  std::optional<pdf::Extent> slot;           // the token of /Contents: "<" to after ">"
  std::optional<std::uint64_t> covered_end;  // after the last byte that four usable numbers cover
  bool claims_certification = false;         // its references name DocMDP
  // What its /Reference, TransformParams and P refer to, as it was signed.
  std::vector<std::pair<pdf::ObjectId, pdf::Object>> indirect_parts;
};

}  // namespace kyso::verify
