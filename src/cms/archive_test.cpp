#include "cms/archive.h"

#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>

#include "base/test_support.h"
#include "cms/object_ids.h"
#include "cms/signed_data.h"
#include "crypto/crypto_vectors.h"
#include "crypto/der.h"

namespace kyso::cms {
namespace {

namespace der = crypto::der;
using crypto::DigestAlgorithm;

constexpr std::string_view kContent = "Văn bản mẫu";

Bytes content_digest() {
  return crypto::digest(DigestAlgorithm::sha256, as_bytes(kContent));
}

// Any SignedData is a token for those who only look at its form.
Bytes signed_data(std::optional<ByteView> token = std::nullopt) {
  const auto key = crypto::vectors::holder("p256");
  SignerParameters signer{.scheme = *crypto::scheme_by_name("ecdsa-p256-sha256"),
                          .certificate = key->certificate(),
                          .issuers = {},
                          .profile = Profile::pades,
                          .signing_time = std::nullopt};
  const Bytes attributes = build_signed_attributes(signer, content_digest());
  const Bytes digest = crypto::digest(DigestAlgorithm::sha256, attributes);
  return must(build_signed_data(signer, attributes, must(key->sign({signer.scheme, digest, attributes, {}})), token));
}

Bytes item(std::uint8_t number) {
  return der::sequence(der::encode_integer(number));
}

Bytes with_data(const Bytes& old, std::uint8_t number) {
  SignedDataAdditions more;
  more.crls = {item(number)};
  more.ocsp_responses = {item(static_cast<std::uint8_t>(number + 1))};
  return must(add_to_signed_data(old, more));
}

Bytes archived(const Bytes& old, const Bytes& index) {
  SignedDataAdditions into_token, more;
  into_token.hash_index = index;
  more.archive_time_stamps = {must(add_to_signed_data(signed_data(), into_token))};
  more.digest_algorithm = DigestAlgorithm::sha256;
  return must(add_to_signed_data(old, more));
}
Bytes archived(const Bytes& old) {
  return archived(old, build_hash_index(must(take_apart(old)), DigestAlgorithm::sha256));
}

ArchiveTimeStamps stamps_of(const Bytes& cms) {
  return find_archive_time_stamps(must(take_apart(cms)));
}

// "0 1 -": generations in the order of the file.
std::string generations_of(const ArchiveTimeStamps& stamps) {
  std::vector<std::string> all;
  for (const ArchiveTimeStamp& each : stamps.all)
    all.push_back(each.generation ? fmt::format("{}", *each.generation) : "-");
  std::ranges::sort(all);
  return fmt::format("{}", fmt::join(all, " "));
}

// The same file without the element, whose place nothing else notices.
Bytes without(const Bytes& cms, ByteView element) {
  const auto parts = must(take_apart(cms));
  CHECK(std::ranges::count_if(parts.revocation_infos,
                              [&](const Bytes& each) { return std::ranges::equal(each, element); }) == 1);
  auto at = std::ranges::search(cms, element);
  Bytes out = cms;
  // Another value of the same size.
  out[static_cast<std::size_t>(at.begin() - cms.begin()) + element.size() - 1] ^= 0x40;
  return out;
}

}  // namespace

TEST_CASE("additions leave all that is signed as it is") {
  const Bytes old = signed_data();
  const Bytes extended = archived(with_data(old, 1));
  const auto before = must(take_apart(old)), after = must(take_apart(extended));
  CHECK(after.signer_fields == before.signer_fields);
  CHECK(after.content_type == before.content_type);
  CHECK(after.certificates == before.certificates);
  CHECK(after.revocation_infos.size() == 2);
  CHECK(check_integrity(must(parse_signed_data(extended)), content_digest()));
  // RFC 5652 section 5.1: version 5 for other revocation information.
  CHECK(std::ranges::search(extended, Bytes{0x02, 0x01, 0x05}).begin() != extended.end());
  // Twice is once.
  CHECK(with_data(with_data(old, 1), 1) == with_data(old, 1));
  CHECK(must(add_to_signed_data(old, {})) == old);
}

TEST_CASE("openssl accepts what was added to") {
  const TestFolder folder;
  const Bytes extended = archived(signed_data(signed_data()));
  const auto cms = folder.write("signature.p7s", as_chars(extended));
  const auto content = folder.write("content", kContent);
  CHECK(output_of(fmt::format("openssl cms -verify -binary -inform DER -in {} -content {} -noverify 2>/dev/null",
                              cms.string(), content.string())) == kContent);
}

TEST_CASE("BER becomes DER; what an addition would break is refused") {
  const TestFolder folder;
  const auto content = folder.write("content", kContent);
  const std::string vectors = KYSO_SOURCE_DIR "/tests/vectors/crypto/";
  const Bytes ber = to_bytes(output_of(
      fmt::format("openssl cms -sign -binary -stream -indef -outform DER -in {} -signer {}p256.cert.pem -inkey "
                  "{}p256.key.pem",
                  content.string(), vectors, vectors)));
  REQUIRE(ber.size() > 2);
  REQUIRE(ber[1] == 0x80);
  const Bytes extended = with_data(ber, 1);
  CHECK_FALSE(examine_signed_data(extended).is_ber);
  CHECK(check_integrity(must(parse_signed_data(extended)), content_digest()));
  // An older archive time-stamp: the attribute id-aa-ets-archiveTimestampV2 in place of the signature time-stamp.
  Bytes sealed = signed_data(item(1));
  const Bytes oid = der::encode_oid(kSignatureTimeStampToken);
  const auto at = std::ranges::search(sealed, oid);
  REQUIRE(at.begin() != sealed.end());
  *(at.end() - 1) = 48;
  CHECK(code_of(add_to_signed_data(sealed, {})) == "cms.extend.sealed");
  CHECK(code_of(add_to_signed_data(as_bytes("0\x03\x02\x01\x01"), {})) == "cms.malformed");
  SignedDataAdditions bad;
  bad.archive_time_stamps = {Bytes{0x02, 0x01}};
  CHECK(code_of(add_to_signed_data(signed_data(), bad)) == "cms.malformed");
}

TEST_CASE("archive time-stamps lie around each other") {
  const Bytes first = archived(with_data(signed_data(item(9)), 1));
  const Bytes second = archived(with_data(first, 3));
  const ArchiveTimeStamps stamps = stamps_of(second);
  CHECK(generations_of(stamps) == "0 1");
  CHECK(stamps.generations == 2);
  const auto parts = must(take_apart(second));
  for (std::size_t i = 0; i < parts.revocation_infos.size(); ++i) {
    const bool is_old = std::ranges::count(must(take_apart(first)).revocation_infos, parts.revocation_infos[i]) == 1;
    CHECK(stamps.revocation_infos[i] == (is_old ? 0 : 1));
  }
  for (std::size_t i = 0; i < parts.unsigned_values.size(); ++i) {
    if (parts.unsigned_values[i].oid == kSignatureTimeStampToken) CHECK(stamps.unsigned_values[i] == 0U);
  }
  // What came later is covered by none.
  const ArchiveTimeStamps more = stamps_of(with_data(second, 5));
  CHECK(generations_of(more) == "0 1");
  CHECK(std::ranges::count(more.revocation_infos, std::optional<std::size_t>()) == 2);
  // Both over the same: neither is over the other.
  const Bytes index = build_hash_index(must(take_apart(first)), DigestAlgorithm::sha256);
  CHECK(generations_of(stamps_of(archived(archived(first, index), index))) == "0 1 1");
}

TEST_CASE("an index that doesn't fit proves nothing") {
  const Bytes whole = archived(with_data(signed_data(), 1));
  REQUIRE(generations_of(stamps_of(whole)) == "0");
  CHECK(generations_of(stamps_of(without(whole, item(1)))) == "-");
  CHECK(stamps_of(without(whole, item(1))).all[0].problem.find("revocation value") != std::string::npos);
  // Over less than an earlier one, or not over it.
  const Bytes small = build_hash_index(must(take_apart(signed_data())), DigestAlgorithm::sha256);
  CHECK(generations_of(stamps_of(archived(whole, small))).starts_with("-"));
  const Bytes beside = build_hash_index(must(take_apart(with_data(signed_data(), 1))), DigestAlgorithm::sha256);
  CHECK(generations_of(stamps_of(archived(archived(whole), beside))).find('-') != std::string::npos);
  // No index, an index that can't be read, an algorithm that nobody trusts.
  SignedDataAdditions bare;
  bare.archive_time_stamps = {signed_data()};
  CHECK(generations_of(stamps_of(must(add_to_signed_data(signed_data(), bare)))) == "-");
  const Bytes none = der::sequence();
  for (const Bytes& index : {der::sequence(), der::sequence(none, none, none, none),
                             der::sequence(der::sequence(der::encode_oid("1.2.840.113549.2.5")), none, none, none)})
    CHECK(generations_of(stamps_of(archived(signed_data(), index))) == "-");
}

TEST_CASE("the index and the imprint are those of EN 319 122-1 section 5.5") {
  const Bytes cms = with_data(signed_data(item(9)), 1);
  const auto parts = must(take_apart(cms));
  const auto digest = [](const Bytes& data) {
    return der::encode(der::kOctetString, crypto::digest(DigestAlgorithm::sha384, data));
  };
  const auto key = crypto::vectors::holder("p256");
  std::vector<Bytes> lists{digest(item(1)),
                           digest(der::encode(der::context(1), der::concat(der::encode_oid(kOcspResponse), item(2))))};
  std::ranges::sort(lists);
  const Bytes value = digest(der::concat(der::encode_oid(kSignatureTimeStampToken), item(9)));
  const Bytes certificate = digest(to_bytes(as_chars(key->certificate().der())));
  const Bytes expected =
      der::sequence(der::sequence(der::encode_oid("2.16.840.1.101.3.4.2.2")), der::sequence(certificate),
                    der::sequence(lists[0], lists[1]), der::sequence(value));
  CHECK(build_hash_index(parts, DigestAlgorithm::sha384) == expected);
  const Bytes input = archive_imprint_input(parts, content_digest(), expected);
  CHECK(input == der::concat(der::encode_oid(kData), content_digest(), parts.signer_fields, expected));
}

TEST_CASE("hostile input is read or refused") {
  const Bytes whole = archived(with_data(signed_data(item(9)), 1));
  CHECK(rc::check([&] {
    Bytes bad = whole;
    const auto changes = *rc::gen::inRange(1, 4);
    for (int i = 0; i < changes; ++i)
      bad[*rc::gen::inRange<std::size_t>(0, bad.size())] = *rc::gen::arbitrary<std::uint8_t>();
    if (const auto parts = take_apart(bad)) {
      const ArchiveTimeStamps stamps = find_archive_time_stamps(*parts);
      RC_ASSERT(stamps.unsigned_values.size() == parts->unsigned_values.size());
    }
    static_cast<void>(add_to_signed_data(bad, {}));
  }));
}

}  // namespace kyso::cms
