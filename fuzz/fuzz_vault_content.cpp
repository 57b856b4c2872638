#include "vault/server/content.h"

// What a process that may be taken over wants to have signed: lists, OCSP answers, time-stamps, checkpoints. The first
// octet chooses.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kyso;
  using namespace kyso::vault;
  if (size < 1) return 0;
  const ByteView body(data + 1, size - 1);
  static const Bytes nothing;
  static const Bytes hash(20, 1);
  switch (data[0] % 4) {
    case 0:
      static_cast<void>(check_crl(body, {.issuer = nothing, .issuer_key_id = hash, .scheme = {}, .now = {}}));
      break;
    case 1:
      static_cast<void>(responder_key_hash(body));
      static_cast<void>(check_response_data(body, {.key_hash = hash,
                                                   .issuer_key_sha1 = hash,
                                                   .issuer_key_sha256 = hash,
                                                   .issuer_name_sha1 = hash,
                                                   .issuer_name_sha256 = hash,
                                                   .now = {}}));
      break;
    case 2: {
      const auto middle = body.size() / 2;
      static_cast<void>(check_time_stamp(body.first(middle), body.subspan(middle),
                                         {.certificate_sha256 = hash, .policies = {}, .now = {}}));
      break;
    }
    default:
      static_cast<void>(check_checkpoint(as_chars(body), "kyso.example.vn/audit"));
      break;
  }
  return 0;
}
