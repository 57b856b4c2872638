#include <cstdlib>

#include "crypto/ber.h"
#include "crypto/certificate.h"
#include "crypto/der.h"
#include "crypto/key_holder.h"

namespace {

using namespace kyso;

void walk(crypto::der::Reader reader, int depth) {
  while (const auto element = reader.next()) {
    static_cast<void>(crypto::der::read_oid(element->content));
    static_cast<void>(crypto::der::read_time(*element));
    static_cast<void>(crypto::der::read_integer(element->content));
    if (depth < 8 && (element->tag & 0x20U) != 0) walk(crypto::der::Reader(element->content), depth + 1);
  }
}

}  // namespace

// DER, BER, certificates, PEM and PKCS#12 from a stranger.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  walk(crypto::der::Reader(input), 0);
  if (const auto normalised = crypto::normalise_ber(input)) {
    const auto again = crypto::normalise_ber(normalised->der);
    if (!again || again->der != normalised->der || !again->rewritten.empty()) std::abort();
  }
  if (const auto certificate = crypto::Certificate::from_der(input)) {
    if (certificate->der().size() != size) std::abort();
    static_cast<void>(certificate->subject_text());
    static_cast<void>(certificate->common_name());
    static_cast<void>(certificate->is_issued_by(*certificate));
  }
  static_cast<void>(crypto::Certificate::from_pem(as_chars(input)));
  static_cast<void>(crypto::open_pem(as_chars(input), as_chars(input), Secret()));
  static_cast<void>(crypto::open_pkcs12(input, Secret("1234")));
  return 0;
}
