#include "crypto/der.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

namespace kyso::crypto::der {
namespace {

std::string oid_of(const Bytes& encoded) {
  Reader reader(encoded);
  return *read_oid(reader.expect(kOid)->content);
}

bool is_malformed(std::string_view hex) {
  const Bytes bytes = *from_hex(hex);
  Reader reader(bytes);
  const auto element = reader.next();
  return !element && element.error().code == "crypto.der.malformed";
}

}  // namespace

TEST_CASE("elements of any length read back") {
  CHECK(rc::check([](Bytes content, std::uint8_t raw_tag) {
    const auto tag = static_cast<std::uint8_t>((raw_tag & 0x1fU) == 0x1fU ? 0x30 : raw_tag);
    content.resize(content.size() * 37);
    const Bytes encoded = encode(tag, content);
    Reader reader(encoded);
    const auto element = reader.next();
    RC_ASSERT(element.has_value());
    RC_ASSERT(element->tag == tag);
    RC_ASSERT(Bytes(element->content.begin(), element->content.end()) == content);
    RC_ASSERT(element->whole.size() == encoded.size());
    RC_ASSERT(reader.finish().has_value());
  }));
}

TEST_CASE("integers read back and are minimal") {
  CHECK(rc::check([](std::int64_t value) {
    const Bytes encoded = encode_integer(value);
    Reader reader(encoded);
    RC_ASSERT(*read_integer(reader.expect(kInteger)->content) == value);
  }));
  CHECK(to_hex(encode_integer(0)) == "020100");
  CHECK(to_hex(encode_integer(127)) == "02017f");
  CHECK(to_hex(encode_integer(128)) == "02020080");
  CHECK(to_hex(encode_integer(-128)) == "020180");
  CHECK(to_hex(encode_integer(-129)) == "0202ff7f");
  CHECK(to_hex(encode_unsigned(*from_hex("0000ff"))) == "020200ff");
  CHECK(to_hex(encode_unsigned({})) == "020100");
  CHECK_FALSE(read_integer(*from_hex("0001")));
  CHECK_FALSE(read_integer(*from_hex("ff80")));
  CHECK_FALSE(read_integer(*from_hex("010000000000000000")));
  CHECK_FALSE(read_integer({}));
}

TEST_CASE("object identifiers read back") {
  for (const char* oid :
       {"1.2.840.113549.1.7.2", "2.5.4.3", "0.9.2342.19200300.100.1.1", "2.999.4294967295", "1.3.101.112"})
    CHECK(oid_of(encode_oid(oid)) == oid);
  CHECK(to_hex(encode_oid("1.2.840.113549")) == "06062a864886f70d");
  CHECK_FALSE(read_oid({}));
  CHECK_FALSE(read_oid(*from_hex("2a86")));
  CHECK_FALSE(read_oid(*from_hex("2a8001")));
  CHECK(oid_of(encode_oid("2.25.340282366920938463463374607431768211455")) ==
        "2.25.340282366920938463463374607431768211455");
  CHECK_FALSE(read_oid(*from_hex("2affffffffffffffffffffffffffffffffffffff7f")));
}

TEST_CASE("only definite, minimal lengths are DER") {
  CHECK(is_malformed(""));
  CHECK(is_malformed("30"));
  CHECK(is_malformed("3080"));
  CHECK(is_malformed("3081"));
  CHECK(is_malformed("30810100"));                // short form would do
  CHECK(is_malformed("3082000100"));              // leading zero
  CHECK_FALSE(is_malformed("30010000"));          // what follows is left to the next call
  CHECK(is_malformed("300200"));                  // content cut off
  CHECK(is_malformed("3088ffffffffffffffff"));    // more than there is
  CHECK(is_malformed("3089010000000000000000"));  // longer than any number here
  CHECK(is_malformed("3f010000"));                // tag above 30
}

TEST_CASE("expect, maybe and finish say what is there") {
  const Bytes bytes = concat(encode_integer(1), encode(kNull, {}));
  Reader reader(bytes);
  CHECK(reader.expect(kSequence).error().code == "crypto.der.malformed");
  CHECK(reader.maybe(kNull)->has_value() == false);
  CHECK(reader.maybe(kInteger)->has_value());
  CHECK(reader.finish().error().code == "crypto.der.malformed");
  CHECK(reader.expect(kNull));
  CHECK(reader.finish());
  CHECK(reader.expect(kNull).error().code == "crypto.der.malformed");
}

TEST_CASE("times") {
  const auto read = [](std::uint8_t tag, std::string_view text) {
    const Bytes encoded = encode(tag, as_bytes(text));
    Reader reader(encoded);
    return read_time(*reader.next());
  };
  CHECK(read(kUtcTime, "260906090142Z")->time_since_epoch().count() == 1788685302);
  CHECK(read(kUtcTime, "500101000000Z")->time_since_epoch().count() == -631152000);
  CHECK(read(kGeneralizedTime, "20260906090142Z").value() == read(kUtcTime, "260906090142Z").value());
  CHECK(read(kGeneralizedTime, "20260906090142.75Z").value() == read(kUtcTime, "260906090142Z").value());
  CHECK(read(kGeneralizedTime, "21060207062815Z")->time_since_epoch().count() == 4294967295);
  for (const char* bad : {"2609060901Z", "260906090142", "260230000000Z", "26090609014aZ", "260906240000Z", "Z", ""})
    CHECK_FALSE(read(kUtcTime, bad));
  for (const char* bad : {"20260906090142.Z", "20260906090142.7a5Z", "20260906090142+0700", "260906090142Z"})
    CHECK_FALSE(read(kGeneralizedTime, bad));
  CHECK_FALSE(read(kOctetString, "20260906090142Z"));
}

TEST_CASE("SET OF is sorted") {
  const Bytes set = encode_set_of({*from_hex("0403000102"), *from_hex("020105"), *from_hex("0402ffff")});
  CHECK(to_hex(set) ==
        "310c"
        "020105"
        "0402ffff"
        "0403000102");
}

TEST_CASE("reading arbitrary bytes ends well") {
  CHECK(rc::check([](const Bytes& bytes) {
    Reader reader(bytes);
    std::size_t rest = bytes.size();
    while (const auto element = reader.next()) {
      RC_ASSERT(reader.rest().size() < rest);
      rest = reader.rest().size();
    }
  }));
}

}  // namespace kyso::crypto::der
