#include "pki/status/ocsp_server.h"

#include <rapidcheck.h>

#include <algorithm>
#include <array>

#include "base/file.h"
#include "pki/revocation_test_support.h"

namespace kyso::pki::status {
namespace {

namespace der = crypto::der;
using testing::certificate_id;
using testing::kDay;
using testing::kNow;
using Status = SingleAnswer::Status;

constexpr std::string_view kNonceId = "1.3.6.1.5.5.7.48.1.2";
const crypto::SignatureScheme kScheme{crypto::KeyType::ed25519, crypto::Padding::none, crypto::DigestAlgorithm::sha512};

Bytes nonce_extension(ByteView nonce) {
  return testing::extension(kNonceId, der::encode(der::kOctetString, nonce));
}
Bytes extensions(std::uint8_t number, const Bytes& list) {
  return der::encode(der::context(number), der::sequence(list));
}
Bytes query(const std::vector<Bytes>& ids, const Bytes& tail = {}, const Bytes& head = {}) {
  Bytes list;
  for (const Bytes& id : ids) append(list, ByteView(der::sequence(id)));
  return der::sequence(der::sequence(head, der::sequence(list), tail));
}

TEST_CASE("requests are read: one, many, with nonce, signed, with everything that may be there") {
  const testing::Key key;
  const Bytes id = certificate_id("A", key, 4711), other = certificate_id("A", key, 4712);
  const Bytes plain = query({id});
  const OcspQuery one = must(read_query(plain));
  REQUIRE(one.certificates.size() == 1);
  CHECK(std::ranges::equal(one.certificates[0].whole, id));
  CHECK(one.certificates[0].algorithm == crypto::DigestAlgorithm::sha1);
  CHECK(std::ranges::equal(one.certificates[0].serial, Bytes{0x12, 0x67}));
  CHECK_FALSE(one.nonce);
  CHECK_FALSE(one.is_signed);

  const Bytes head = der::concat(der::encode(der::context(0), der::encode_integer(0)),
                                 der::encode(der::context(1), testing::directory(testing::name("Người hỏi"))));
  for (const std::size_t length : {1, 32, 128}) {
    const Bytes nonce(length, 0xab);
    const Bytes many = query({id, other, id}, extensions(2, nonce_extension(nonce)), head);
    const OcspQuery read = must(read_query(many));
    CHECK(read.certificates.size() == 3);
    REQUIRE(read.nonce);
    CHECK(std::ranges::equal(*read.nonce, nonce));
  }
  const Bytes body = der::sequence(der::sequence(der::sequence(id)));
  const Bytes signature = der::encode(
      der::context(0), der::sequence(testing::Key::algorithm(), der::encode(der::kBitString, Bytes(65, 0))));
  CHECK(must(read_query(der::sequence(body, signature))).is_signed);

  // An algorithm that nobody here knows: the answer is another one than "malformed".
  const Bytes strange =
      der::sequence(der::sequence(der::encode_oid("1.2.840.113549.2.5")), der::encode(der::kOctetString, Bytes(16, 1)),
                    der::encode(der::kOctetString, Bytes(16, 2)), der::encode_integer(1));
  const Bytes strange_query = query({strange});
  CHECK_FALSE(must(read_query(strange_query)).certificates[0].algorithm);
}

TEST_CASE("requests made by the client of this house and by OpenSSL are read") {
  for (const char* name : {"request-sha1.der", "request-sha256.der"}) {
    const Bytes bytes = must(read_file(std::string(KYSO_SOURCE_DIR "/tests/vectors/ocsp/") + name));
    const OcspQuery read = must(read_query(bytes), name);
    CHECK(read.certificates.size() == 1);
  }
}

TEST_CASE("requests that are wrong are refused") {
  const testing::Key key;
  const Bytes id = certificate_id("A", key, 4711);
  const Bytes good = query({id});
  const auto refused = [](const Bytes& bytes) { return code_of(read_query(bytes)) == "pki.ocsp.request"; };
  CHECK_FALSE(refused(good));
  CHECK(refused({}));
  CHECK(refused({0x30, 0x00}));
  CHECK(refused(query({})));
  CHECK(refused(query(std::vector<Bytes>(kMaxCertificateIds + 1, id))));
  CHECK_FALSE(refused(query(std::vector<Bytes>(kMaxCertificateIds, id))));
  CHECK(refused(der::concat(good, Bytes{0})));
  CHECK(refused(query({id}, extensions(2, nonce_extension({})))));
  CHECK(refused(query({id}, extensions(2, nonce_extension(Bytes(129, 1))))));
  CHECK(refused(query({id}, extensions(2, testing::extension(kNonceId, Bytes(16, 1))))));
  const Bytes nonce = nonce_extension(Bytes(16, 1));
  CHECK(refused(query({id}, extensions(2, der::concat(nonce, nonce)))));
  CHECK(refused(query({id}, extensions(2, {}))));
  CHECK(refused(query({id}, extensions(2, testing::extension("1.2.3.4", Bytes{5, 0}, true)))));
  CHECK_FALSE(refused(query({id}, extensions(2, testing::extension("1.2.3.4", Bytes{5, 0})))));
  CHECK(refused(query({id}, {}, der::encode(der::context(0), der::encode_integer(1)))));
  const auto with = [&](std::size_t name_hash, std::size_t key_hash, const Bytes& serial) {
    return query({der::sequence(der::sequence(der::encode_oid("1.3.14.3.2.26")),
                                der::encode(der::kOctetString, Bytes(name_hash, 1)),
                                der::encode(der::kOctetString, Bytes(key_hash, 2)), serial)});
  };
  CHECK_FALSE(refused(with(20, 20, der::encode_integer(1))));
  CHECK(refused(with(19, 20, der::encode_integer(1))));
  CHECK(refused(with(20, 32, der::encode_integer(1))));
  CHECK(refused(with(20, 20, der::encode(der::kInteger, Bytes{0, 1}))));
  CHECK(refused(with(20, 20, der::encode(der::kInteger, {}))));
  CHECK(refused(with(20, 20, der::encode(der::kInteger, Bytes(65, 1)))));
  Bytes large = good;
  large.resize(kMaxQuery + 1);
  CHECK(refused(large));
}

TEST_CASE("no prefix and no flipped octet of a request breaks the reader") {
  const testing::Key key;
  const Bytes good = query({certificate_id("A", key, 4711)}, extensions(2, nonce_extension(Bytes(16, 1))));
  for (std::size_t size = 0; size < good.size(); ++size)
    CHECK(code_of(read_query(ByteView(good).first(size))) == "pki.ocsp.request");
  for (std::size_t place = 0; place < good.size(); ++place) {
    for (const int change : {0x01, 0x80, 0xff}) {
      Bytes changed = good;
      changed[place] = static_cast<std::uint8_t>(changed[place] ^ change);
      if (const auto read = read_query(changed)) CHECK(!read->certificates.empty());
    }
  }
}

Bytes answer_of(const testing::Key& key, const std::vector<SingleAnswer>& answers, std::optional<ByteView> nonce,
                std::span<const crypto::Certificate> certificates = {}) {
  const Bytes data = response_data(key.hash(), kNow, answers, nonce);
  // The value is the last of the three members.
  const Bytes parts = key.sign(data);
  const Bytes signature(parts.end() - 64, parts.end());
  return assemble(data, kScheme, signature, certificates);
}

TEST_CASE("answers are read as they were written") {
  const testing::Key key;
  const Bytes id = certificate_id("A", key, 1), second = certificate_id("A", key, 2),
              third = certificate_id("A", key, 3), fourth = certificate_id("A", key, 4);
  const std::vector<SingleAnswer> answers{
      {.certificate_id = id, .status = Status::good, .this_update = kNow, .next_update = kNow + kDay},
      {.certificate_id = second,
       .status = Status::revoked,
       .this_update = kNow,
       .next_update = std::nullopt,
       .revoked_at = kNow - kDay,
       .reason = 1,
       .archive_cutoff = kNow - 2 * kDay},
      {.certificate_id = third, .status = Status::unknown, .this_update = kNow},
      {.certificate_id = fourth, .status = Status::unknown, .this_update = kNow, .not_issued = true},
  };
  const Bytes nonce(32, 0x77);
  const OcspResponse read = must(OcspResponse::from_der(answer_of(key, answers, nonce)));
  CHECK(read.nonce() == nonce);
  CHECK(read.produced_at() == kNow);
  const auto& singles = read.state().answers;
  REQUIRE(singles.size() == 4);
  CHECK(singles[0].status == CertificateStatus::good);
  CHECK(singles[0].next_update == kNow + kDay);
  CHECK(singles[1].status == CertificateStatus::revoked);
  CHECK(singles[1].revoked_at == kNow - kDay);
  CHECK(singles[1].reason == 1);
  CHECK(singles[1].archive_cutoff == kNow - 2 * kDay);
  CHECK_FALSE(singles[1].next_update);
  CHECK(singles[2].status == CertificateStatus::unknown);
  CHECK(singles[3].status == CertificateStatus::revoked);
  CHECK(singles[3].revoked_at == Instant{});
  CHECK(singles[3].reason == 6);
  CHECK(read.state().unknown_critical.empty());
}

TEST_CASE("errors are answers of five octets") {
  CHECK(error_answer(OcspError::malformed_request) == Bytes{0x30, 3, 0x0a, 1, 1});
  CHECK(error_answer(OcspError::internal_error) == Bytes{0x30, 3, 0x0a, 1, 2});
  CHECK(error_answer(OcspError::try_later) == Bytes{0x30, 3, 0x0a, 1, 3});
  CHECK(error_answer(OcspError::unauthorized) == Bytes{0x30, 3, 0x0a, 1, 6});
  const auto read = OcspResponse::from_der(error_answer(OcspError::try_later));
  REQUIRE_FALSE(read);
  CHECK(parameter(read.error(), "status") == "tryLater");
}

TEST_CASE("openssl ocsp accepts an answer and verifies its signer") {
  const testing::Key key, responder;
  const ParsedCertificate authority = testing::make_certificate(
      {.subject = "A", .issuer = "A", .serial = 1, .extensions = testing::authority()}, key, key);
  const ParsedCertificate delegate =
      testing::make_certificate({.subject = "R",
                                 .issuer = "A",
                                 .serial = 2,
                                 .extensions = der::concat(testing::ocsp_signing(), testing::ocsp_no_check())},
                                responder, key);
  const ParsedCertificate subject =
      testing::make_certificate({.subject = "S", .issuer = "A", .serial = 3}, testing::Key(), key);
  const Bytes id = certificate_id("A", key, 3);
  const SingleAnswer answer{
      .certificate_id = id, .status = Status::good, .this_update = kNow, .next_update = kNow + kDay};
  const TestFolder folder;
  const std::array<crypto::Certificate, 1> chain{delegate.certificate()};
  folder.write("answer.der", as_chars(answer_of(responder, {answer}, std::nullopt, chain)));
  const auto write_pem = [&](const char* name, const ParsedCertificate& certificate) {
    folder.write("c.der", as_chars(certificate.certificate().der()));
    output_of(fmt::format("cd {} && openssl x509 -inform DER -in c.der -out {}", folder.path().string(), name));
  };
  write_pem("ca.pem", authority);
  write_pem("subject.pem", subject);
  const std::string out = output_of(
      fmt::format("cd {} && openssl ocsp -respin answer.der -issuer ca.pem -cert subject.pem -CAfile ca.pem -attime {} "
                  "-validity_period 999999999 2>&1",
                  folder.path().string(), kNow.time_since_epoch().count()));
  CHECK(out.find("Response verify OK") != std::string::npos);
  CHECK(out.find("subject.pem: good") != std::string::npos);
}

}  // namespace
}  // namespace kyso::pki::status
