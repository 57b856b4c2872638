#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "crypto/algorithm.h"
#include "verify/report/markup.h"

// Private to the module: the validation objects of an ETSI TS 119 102-2 report (clause 4.5), each once.
namespace kyso::verify {

// "2026-09-06T09:01:42Z"
std::string utc_text(Instant time);
// <ds:DigestMethod/><ds:DigestValue/>
void write_digest(Markup& out, crypto::DigestAlgorithm algorithm, ByteView value);

class EtsiObjects {
 public:
  enum class Kind : std::uint8_t { certificate, crl, ocsp, time_stamp };
  // Returns the id. The same bytes get the same id.
  std::string add(Kind kind, ByteView der);
  // The signed document, by its digest.
  std::string add_digest(crypto::DigestAlgorithm algorithm, ByteView digest);
  // <SignatureValidationObjects>, or nothing. What was in the file existed at `time` for certain.
  void write(Markup& out, Instant time) const;

 private:
  struct Object {
    std::string id, type;
    Bytes der;
    std::optional<crypto::DigestAlgorithm> algorithm;  // `der` is a digest
  };
  std::string add(std::string id, std::string_view type, ByteView der,
                  std::optional<crypto::DigestAlgorithm> algorithm);
  std::vector<Object> m_objects;
  std::map<std::string, std::size_t> m_by_id;
};

}  // namespace kyso::verify
