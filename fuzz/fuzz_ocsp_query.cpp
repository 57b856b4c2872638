#include <cstdlib>

#include "pki/status/ocsp_server.h"

// A request from anybody on the network.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kyso;
  const ByteView input(data, size);
  const auto query = pki::status::read_query(input);
  if (!query) return 0;
  if (query->certificates.empty() || query->certificates.size() > pki::status::kMaxCertificateIds) std::abort();
  if (query->nonce && (query->nonce->empty() || query->nonce->size() > 128)) std::abort();
  std::vector<pki::status::SingleAnswer> answers;
  for (const auto& certificate : query->certificates) {
    if (certificate.whole.data() < data || certificate.whole.data() + certificate.whole.size() > data + size)
      std::abort();
    answers.push_back({.certificate_id = certificate.whole});
  }
  if (pki::status::response_data(Bytes(20, 1), {}, answers, query->nonce).empty()) std::abort();
  return 0;
}
