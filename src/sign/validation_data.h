#pragma once
#include "base/file.h"
#include "base/secret.h"
#include "pdf/document/document.h"

namespace kyso::sign {

// What a DSS holds (ETSI EN 319 142-1 section 5.4.2): DER, each once.
struct ValidationData {
  std::vector<Bytes> certificates, ocsp_responses, crls;
  struct ForSignature {  // VRI, optional: key = SHA-1 of the whole decoded /Contents, padding included
    std::string contents;
    std::vector<std::size_t> certificates, ocsp_responses, crls;  // indexes
  };
  std::vector<ForSignature> vri;
  bool is_empty() const { return certificates.empty() && ocsp_responses.empty() && crls.empty(); }
};

// Appends one revision to `out` (which gets the source's bytes first) that adds the data to the document's DSS. Streams
// that are there already are kept and shared; nothing is removed. Nothing new: only the source is written, false.
Result<bool> append_validation_data(const pdf::Document& document, const ValidationData& data, ByteView random_id,
                                    OutputFile& out);

}  // namespace kyso::sign
