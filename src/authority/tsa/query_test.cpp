#include "authority/tsa/query.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "base/test_support.h"
#include "crypto/der.h"
#include "pki/time_stamp.h"

namespace kyso::authority::tsa {
namespace {

namespace der = crypto::der;
using crypto::DigestAlgorithm;

const std::string kSha256 = "300d06096086480165030402010500";
const std::string kImprint = "0420" + std::string(64, 'a');

Bytes hex(const std::string& text) {
  return must(from_hex(text));
}
// TimeStampReq of these fields.
Bytes request(const std::string& fields) {
  return der::encode(der::kSequence, hex(fields));
}
std::string imprint(const std::string& algorithm = kSha256, const std::string& value = kImprint) {
  return to_hex(der::encode(der::kSequence, hex(algorithm + value)));
}
Failure failure_of(const Bytes& query) {
  const auto read = read_query(query);
  REQUIRE_FALSE(read);
  return refusal_of(read.error()).failure;
}
const std::string kPlain = "020101" + imprint();

}  // namespace

TEST_CASE("a request is read as it is written") {
  const auto read = read_query(request(kPlain + "060453040102" + "020200ff" + "0101ff"));
  REQUIRE(read);
  CHECK(read->algorithm == DigestAlgorithm::sha256);
  CHECK(to_hex(read->imprint_algorithm) == kSha256);
  CHECK(read->imprint == Bytes(32, 0xaa));
  CHECK(read->policy == "2.3.4.1.2");
  CHECK(to_hex(read->nonce) == "020200ff");
  CHECK(read->wants_certificates);
  const auto plain = read_query(request(kPlain));
  REQUIRE(plain);
  CHECK(plain->policy.empty());
  CHECK(plain->nonce.empty());
  CHECK_FALSE(plain->wants_certificates);
}

TEST_CASE("what the client of Kyso writes is read back") {
  rc::check([] {
    const auto algorithm = *rc::gen::element(DigestAlgorithm::sha1, DigestAlgorithm::sha256, DigestAlgorithm::sha384,
                                             DigestAlgorithm::sha512, DigestAlgorithm::sha3_256);
    pki::TimeStampRequest sent{
        .algorithm = algorithm,
        .imprint = *rc::gen::container<Bytes>(crypto::digest_size(algorithm), rc::gen::arbitrary<std::uint8_t>()),
        .nonce = *rc::gen::resize(20, rc::gen::arbitrary<Bytes>()),
        .policy = *rc::gen::element<std::string>("", "1.2.3", "2.999.1.4294967296"),
        .want_certificates = *rc::gen::arbitrary<bool>()};
    const auto read = read_query(pki::encode_request(sent));
    RC_ASSERT(read.has_value());
    RC_ASSERT(read->algorithm == algorithm);
    RC_ASSERT(read->imprint == sent.imprint);
    RC_ASSERT(read->policy == sent.policy);
    RC_ASSERT(read->nonce == (sent.nonce.empty() ? Bytes() : der::encode_unsigned(sent.nonce)));
    RC_ASSERT(read->wants_certificates == sent.want_certificates);
  });
}

TEST_CASE("what clients of today send is taken") {
  CHECK(read_query(request("020101" + imprint("300b0609608648016503040201"))));        // digest without parameters
  CHECK_FALSE(read_query(request(kPlain + "010100"))->wants_certificates);             // the default written out
  CHECK(read_query(request(kPlain + "010101"))->wants_certificates);                   // TRUE as 1
  CHECK(to_hex(read_query(request(kPlain + "0204ffeeddcc"))->nonce) == "0203eeddcc");  // negative, needless octet
  CHECK(to_hex(read_query(request(kPlain + "0209000011223344556677"))->nonce) == "020711223344556677");
  CHECK(to_hex(read_query(request(kPlain + "020100"))->nonce) == "020100");
  CHECK(to_hex(read_query(request(kPlain + "0201ff"))->nonce) == "0201ff");
}

TEST_CASE("each fault has its failure bit") {
  using enum Failure;
  CHECK(failure_of({}) == bad_data_format);
  CHECK(failure_of(to_bytes("<html></html>")) == bad_data_format);
  CHECK(failure_of(Bytes(kMaxQuery + 1, 0x30)) == bad_data_format);
  CHECK(failure_of(request("020102" + imprint())) == bad_request);    // version 2
  CHECK(failure_of(request("02020001" + imprint())) == bad_request);  // version 1 in two octets
  CHECK(failure_of(request("0200" + imprint())) == bad_data_format);
  CHECK(failure_of(request(imprint())) == bad_data_format);  // no version
  CHECK(failure_of(request("020101")) == bad_data_format);   // no imprint
  CHECK(failure_of(request("020101" + imprint(kSha256, "0414" + std::string(40, 'a')))) == bad_data_format);
  CHECK(failure_of(request("020101" + imprint(kSha256, "0400"))) == bad_data_format);
  CHECK(failure_of(request("020101" + imprint("300c06082a864886f70d02050500", "0410" + std::string(32, 'a')))) ==
        bad_algorithm);  // MD5
  CHECK(failure_of(request("020101" + imprint("3006"
                                              "06042a030405"))) == bad_algorithm);
  CHECK(failure_of(request("020101" + imprint("300e0609608648016503040201020101"))) == bad_algorithm);  // parameters 1
  CHECK(failure_of(request("020101" + imprint("3000"))) == bad_data_format);
  CHECK(failure_of(request(kPlain + "0200")) == bad_data_format);  // empty nonce
  CHECK(failure_of(request(kPlain + "0241" + "01" + std::string(128, '0'))) == bad_request);
  CHECK(read_query(request(kPlain + "0240" + "01" + std::string(126, '0'))));
  CHECK(failure_of(request(kPlain + "0100")) == bad_data_format);
  CHECK(failure_of(request(kPlain + "0102ffff")) == bad_data_format);
  CHECK(failure_of(request(kPlain + "0101ff" + "020101")) == bad_data_format);  // nonce after certReq
  CHECK(failure_of(request(kPlain + "020101" + "020101")) == bad_data_format);  // two
  CHECK(failure_of(request(kPlain + "0600")) == bad_data_format);
  CHECK(failure_of(request(kPlain + "06022a80")) == bad_data_format);
  CHECK(failure_of(request(kPlain + "a000")) == bad_data_format);
  const std::string extension =
      "3009"
      "06032a0304"
      "04020500";
  CHECK(failure_of(request(kPlain + "a00b" + extension)) == unaccepted_extension);
  CHECK(failure_of(request(kPlain + "a00e"
                                    "300c"
                                    "06032a0304"
                                    "0101ff"
                                    "04020500")) == unaccepted_extension);
  CHECK(failure_of(request(kPlain + "a00b" + extension + "0500")) == bad_data_format);
  Bytes trailing = request(kPlain);
  trailing.push_back(0);
  CHECK(failure_of(trailing) == bad_data_format);
  // Indefinite length, and a length written too long.
  CHECK(failure_of(hex("3080" + kPlain + "0000")) == bad_data_format);
  const std::string size = to_hex(Bytes{static_cast<std::uint8_t>(kPlain.size() / 2)});
  CHECK(read_query(hex("30" + size + kPlain)));
  CHECK(failure_of(hex("3081" + size + kPlain)) == bad_data_format);
}

TEST_CASE("no cut and no flipped bit of a request does harm") {
  const Bytes whole = request(kPlain + "060453040102" + "020200ff" + "0101ff");
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(read_query(ByteView(whole).first(size)));
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    Bytes changed = whole;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    const auto read = read_query(changed);
    if (read) CHECK(read->imprint.size() == crypto::digest_size(read->algorithm));
  }
}

TEST_CASE("refusals are written in DER, and the client understands them") {
  CHECK(to_hex(encode_refusal({Failure::bad_algorithm, "no"})) == "300f300d02010230040c026e6f03020780");
  CHECK(to_hex(encode_refusal({Failure::time_not_available, "x"})) == "300f300d02010230030c01780303010002");
  CHECK(to_hex(encode_refusal({Failure::system_failure, ""})) == "3010300e02010230020c0003050600000040");
  for (const Failure failure : {Failure::bad_algorithm, Failure::bad_request, Failure::bad_data_format,
                                Failure::time_not_available, Failure::unaccepted_policy, Failure::unaccepted_extension,
                                Failure::additional_information_not_available, Failure::system_failure}) {
    const auto read = pki::read_response(encode_refusal({failure, "text"}), {});
    REQUIRE_FALSE(read);
    CHECK(read.error().code == "pki.tsp.rejected");
    CHECK(parameter(read.error(), "status") == "2");
    CHECK(parameter(read.error(), "reason") == "text, " + std::string(name_of(failure)));
  }
}

TEST_CASE("what is the server's own affair is not told") {
  CHECK(refusal_of(fail("db.full", "disk /var/lib/kyso is full")).failure == Failure::system_failure);
  CHECK(refusal_of(fail("db.full", "disk /var/lib/kyso is full")).text.find("disk") == std::string::npos);
  CHECK(refusal_of(fail("vault.unreachable")).failure == Failure::system_failure);
  CHECK(refusal_of(fail("authority.tsa.time.leap", "a leap second is near")).failure == Failure::time_not_available);
}

}  // namespace kyso::authority::tsa
