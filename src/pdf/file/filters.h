#pragma once
#include <optional>
#include <string>
#include <vector>

#include "pdf/syntax/object.h"

// Stream filters (ISO 32000-2 section 7.4). Private to the module.
namespace kyso::pdf {

struct FilterParameters {  // of Flate and LZW
  std::int64_t predictor = 1, colors = 1, bits_per_component = 8, columns = 1, early_change = 1;
  static FilterParameters of(const Dictionary* dictionary);  // values must be direct
};

struct FilterStep {
  std::string name;  // as written; abbreviations of inline images are understood
  FilterParameters parameters;
};

bool is_supported(std::string_view filter);

// Undoes one filter. More than `limit` bytes is pdf.limit. Data that is cut off or damaged in the middle gives what
// could be decoded, as viewers do; nothing at all from something is pdf.stream.broken. Crypt does nothing here.
// pdf.filter.unsupported {filter}.
Result<Bytes> decode_filter(const FilterStep& step, ByteView data, std::size_t limit);
Result<Bytes> decode_filters(const std::vector<FilterStep>& steps, ByteView data, std::size_t limit);

}  // namespace kyso::pdf
