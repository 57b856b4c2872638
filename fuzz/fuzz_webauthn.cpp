#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "crypto/algorithm.h"
#include "webauthn/authenticator_data.h"
#include "webauthn/cbor.h"
#include "webauthn/client_data.h"
#include "webauthn/webauthn.h"

namespace {

using kyso::Bytes;
using kyso::ByteView;
namespace webauthn = kyso::webauthn;

// Elements lie one after the other inside of their container.
void check_item(const webauthn::cbor::Item& item) {
  const std::uint8_t* at = item.whole.data();
  for (const auto& element : item.elements) {
    if (element.whole.data() < at || element.whole.empty()) std::abort();
    at = element.whole.data() + element.whole.size();
    if (at > item.whole.data() + item.whole.size()) std::abort();
    check_item(element);
  }
}

}  // namespace

// The first byte chooses the reader: CBOR, authenticator data, client data, a whole registration, a public key.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const webauthn::RelyingParty party{"kyso.example.vn", {"https://kyso.example.vn"}};
  static const Bytes challenge(32, 'k');
  const ByteView rest(data + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      if (const auto item = webauthn::cbor::read_first(rest)) check_item(*item);
      break;
    case 1:
      if (const auto read = webauthn::read_authenticator_data(rest); read && read->credential) {
        if (read->credential->id.empty() || read->credential->id.size() > webauthn::kMaxCredentialId) std::abort();
        (void)webauthn::check_public_key(read->credential->public_key);
      }
      break;
    case 2:
      (void)webauthn::check_client_data(party, challenge, rest, "webauthn.get");
      break;
    case 3: {
      webauthn::Registration registration;
      kyso::append(registration.client_data_json,
                   R"({"type":"webauthn.create","challenge":"a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s",)"
                   R"("origin":"https://kyso.example.vn"})");
      kyso::append(registration.attestation_object, rest);
      if (const auto made =
              webauthn::verify_registration(party, challenge, registration, webauthn::UserVerification::preferred);
          made && !webauthn::check_public_key(made->public_key))
        std::abort();
      break;
    }
    default:
      (void)webauthn::check_public_key(rest);
  }
  return 0;
}
