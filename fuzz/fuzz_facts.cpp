// Everything that a document's facts are made from, and their JSON. Seeds: tests/data/pdf.
#include <cstdlib>

#include "verify/facts/facts.h"

using namespace kyso;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const pdf::Source source = pdf::Source::from_bytes(Bytes(data, data + size));
  verify::ExtractOptions options;
  options.limits.decoded_stream = 1U << 20U;
  options.limits.objects = 100'000;
  const auto facts = verify::extract_facts(source, options);
  if (facts) {
    const std::string json = facts->to_json();
    const auto again = verify::DocumentFacts::from_json(json);
    if (!again || again->to_json() != json) std::abort();
    for (const verify::SignatureFacts& signature : facts->signatures) {
      if (signature.covers_whole_document && signature.byte_range.size() != 4) std::abort();
    }
  }
  (void)verify::DocumentFacts::from_json(as_chars({data, size}));
  (void)verify::extract_cades_facts({data, size}, source);
  return 0;
}
