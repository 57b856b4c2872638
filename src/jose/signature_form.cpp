#include "jose/signature_form.h"

#include <algorithm>

#include "crypto/der.h"

namespace kyso::jose {
namespace {

namespace der = crypto::der;

Result<Bytes> read_signature(ByteView encoded, std::size_t coordinate) {
  der::Reader outer(encoded);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(outer.finish());
  Bytes raw(2 * coordinate);
  for (std::size_t part = 0; part < 2; ++part) {
    ByteView number = KYSO_TRY(fields.expect(der::kInteger)).content;
    while (!number.empty() && number.front() == 0) number = number.subspan(1);
    if (number.empty() || number.size() > coordinate) return fail("crypto.der.malformed", "ECDSA number");
    std::ranges::copy(number, raw.begin() + static_cast<std::ptrdiff_t>((part + 1) * coordinate - number.size()));
  }
  KYSO_TRY(fields.finish());
  return raw;
}

}  // namespace

std::optional<Bytes> ecdsa_der_to_raw(ByteView encoded, std::size_t coordinate) {
  auto raw = read_signature(encoded, coordinate);
  return raw ? std::optional(*std::move(raw)) : std::nullopt;
}

Bytes ecdsa_raw_to_der(ByteView raw) {
  const std::size_t coordinate = raw.size() / 2;
  return der::sequence(der::encode_unsigned(raw.first(coordinate)), der::encode_unsigned(raw.subspan(coordinate)));
}

}  // namespace kyso::jose
