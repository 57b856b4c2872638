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
// Allowed whatever earlier signatures say; pdf.encrypted.forbids where encryption allows neither forms nor annotations.
Result<bool> append_validation_data(const pdf::Document& document, const ValidationData& data, ByteView random_id,
                                    OutputFile& out);
// The same for a document that `file` holds already, not committed: only the revision is appended.
Result<bool> append_validation_data(const ValidationData& data, const Secret* password, OutputFile& file);

}  // namespace kyso::sign
