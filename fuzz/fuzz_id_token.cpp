#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "crypto/certificate.h"
#include "jose/open_id.h"

// Key sets hold only keys that can be used; nothing that was not signed is a token. The key is the example of RFC 7515
// appendix A.3.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = kyso::as_chars({data, size});
  static const kyso::jose::KeySet keys =
      kyso::jose::KeySet::parse(
          R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
          R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})")
          .value();
  const kyso::jose::IdTokenExpectations expected{
      .issuer = "https://iam.example.vn", .client_id = "kyso", .nonce = "n", .now = {}};
  if (kyso::jose::verify_id_token(text, keys, expected)) std::abort();
  if (const auto set = kyso::jose::KeySet::parse(text)) {
    for (const auto& key : set->keys())
      if (!kyso::crypto::PublicKey::from_spki(key.spki)) std::abort();
  }
  return 0;
}
