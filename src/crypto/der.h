#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"

// Distinguished Encoding Rules (X.690): a strict reader over borrowed bytes and a small writer.
namespace kyso::crypto::der {

enum Tag : std::uint8_t {
  kBoolean = 0x01,
  kInteger = 0x02,
  kBitString = 0x03,
  kOctetString = 0x04,
  kNull = 0x05,
  kOid = 0x06,
  kUtf8String = 0x0c,
  kSequence = 0x30,
  kSet = 0x31,
  kUtcTime = 0x17,
  kGeneralizedTime = 0x18,
};
constexpr std::uint8_t context(std::uint8_t n, bool constructed = true) {
  return static_cast<std::uint8_t>(0x80 | (constructed ? 0x20 : 0) | n);
}

struct Element {
  std::uint8_t tag = 0;
  ByteView content;
  ByteView whole;  // tag, length, content
};

// Reads one element after the other. Definite, minimal lengths only; anything else is crypto.der.malformed.
class Reader {
 public:
  explicit Reader(ByteView bytes) : m_rest(bytes) {}
  bool at_end() const { return m_rest.empty(); }
  ByteView rest() const { return m_rest; }
  std::optional<std::uint8_t> peek_tag() const;
  Result<Element> next();
  Result<Element> expect(std::uint8_t tag);
  // The element when its tag is next, nullopt otherwise.
  Result<std::optional<Element>> maybe(std::uint8_t tag);
  Result<> finish() const;  // crypto.der.malformed when bytes are left

 private:
  ByteView m_rest;
};

Result<std::string> read_oid(ByteView content);       // dotted
Result<Instant> read_time(const Element& element);    // UTCTime or GeneralizedTime, Z only
Result<std::int64_t> read_integer(ByteView content);  // that fits

Bytes encode(std::uint8_t tag, ByteView content);
Bytes encode_oid(std::string_view dotted);
Bytes encode_integer(std::int64_t value);
Bytes encode_unsigned(ByteView big_endian);  // adds the leading zero where needed, drops needless ones
Bytes encode_set_of(std::vector<Bytes> elements, std::uint8_t tag = kSet);  // sorted as DER demands
template <typename... Parts>
Bytes concat(const Parts&... parts) {
  Bytes out;
  (append(out, ByteView(parts)), ...);
  return out;
}
template <typename... Parts>
Bytes sequence(const Parts&... parts) {
  return encode(kSequence, concat(parts...));
}

}  // namespace kyso::crypto::der
