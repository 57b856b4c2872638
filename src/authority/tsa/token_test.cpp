#include "authority/tsa/token.h"

#include "authority/tsa/precise_time.h"
#include "authority/tsa/signers.h"
#include "authority/tsa/token_test_support.h"
#include "crypto/algorithm_identifier.h"
#include "crypto/der.h"

namespace kyso::authority::tsa {
namespace {

namespace der = crypto::der;
using crypto::DigestAlgorithm;

const Bytes kSerial = must(from_hex("07000000000000002a"));

Bytes token_of(const TokenWriter& writer, crypto::KeyHolder& holder, const TokenInfo& info, bool with_certificates) {
  const Bytes content = writer.info(info);
  const Bytes attributes = writer.signed_attributes(content);
  const Bytes signature = must(holder.sign({.scheme = writer.scheme(),
                                            .digest = crypto::digest(writer.scheme().digest, attributes),
                                            .message = attributes,
                                            .shown_text = {}}));
  return writer.token(content, attributes, signature, with_certificates);
}

// The newest interpreter with pyHanko; the test fails without it.
std::string python() {
  return KYSO_SOURCE_DIR "/build/venv/bin/python";
}

}  // namespace

TEST_CASE("GeneralizedTime has no needless digit") {
  CHECK(generalized_time(1'788'685'302'000'000) == "20260906090142Z");
  CHECK(generalized_time(1'788'685'302'100'000) == "20260906090142.1Z");
  CHECK(generalized_time(1'788'685'302'000'001) == "20260906090142.000001Z");
  CHECK(generalized_time(1'788'685'302'123'456) == "20260906090142.123456Z");
  CHECK(generalized_time(1'709'164'800'000'000) == "20240229000000Z");
  CHECK(generalized_time(0) == "19700101000000Z");
  CHECK(generalized_time(-1) == "19691231235959.999999Z");
}

TEST_CASE("TSTInfo and attributes are these bytes") {
  const auto holder = crypto::vectors::holder("tsa");
  const TokenWriter writer(holder->certificate(), {}, *crypto::scheme_by_name("rsa-pkcs1-sha256"), false);
  const Bytes algorithm = crypto::encode_digest_algorithm(DigestAlgorithm::sha256);
  const Bytes imprint(32, 0xaa), nonce = must(from_hex("020200ff"));
  const Bytes info = writer.info({.policy = "1.2.3.4.1",
                                  .imprint_algorithm = algorithm,
                                  .imprint = imprint,
                                  .serial = kSerial,
                                  .time_us = 1'788'685'302'120'000,
                                  .accuracy_us = 1'002'003,
                                  .is_ordered = true,
                                  .nonce = nonce});
  CHECK(to_hex(info) ==
        "306b"
        "020101"
        "06042a030401"
        "302f300b0609608648016503040201"
        "0420" +
            std::string(64, 'a') +
            "020907000000000000002a"
            "181232303236303930363039303134322e31325a"
            "3009020101"
            "800102"
            "810103"
            "0101ff"
            "020200ff");
  const Bytes attributes = writer.signed_attributes(info);
  CHECK(to_hex(attributes) ==
        "318186"
        "301a06092a864886f70d010903310d060b2a864886f70d0109100104"
        "302f06092a864886f70d01090431220420" +
            to_hex(crypto::digest(DigestAlgorithm::sha256, info)) +
            "3037060b2a864886f70d010910022f31283026302430220420" + to_hex(holder->certificate().sha256()));
  // A plain one: no accuracy, no order, no nonce; a name.
  const TokenWriter named(holder->certificate(), {}, writer.scheme(), true);
  const Bytes plain = named.info({.policy = "1.2.3.4.1",
                                  .imprint_algorithm = algorithm,
                                  .imprint = imprint,
                                  .serial = kSerial,
                                  .time_us = 1'788'685'302'000'000,
                                  .nonce = {}});
  const std::string subject = to_hex(holder->certificate().subject_der());
  CHECK(to_hex(plain).ends_with(
      "180f32303236303930363039303134325a" +
      to_hex(der::encode(der::context(0), der::encode(der::context(4), holder->certificate().subject_der())))));
}

TEST_CASE("openssl, pyHanko and Kyso read tokens of every kind of key") {
  struct Row {
    const char *key, *scheme;
  };
  for (const auto& [key, scheme] :
       {Row{"rsa:2048", "rsa-pkcs1-sha256"}, Row{"rsa:3072", "rsa-pkcs1-sha512"}, Row{"rsa:2048", "rsa-pss-sha256"},
        Row{"ec -pkeyopt ec_paramgen_curve:P-256", "ecdsa-p256-sha256"},
        Row{"ec -pkeyopt ec_paramgen_curve:P-384", "ecdsa-p384-sha384"}}) {
    INFO(scheme);
    const TestKey made(key);
    const TokenWriter writer(made.holder->certificate(), {}, *crypto::scheme_by_name(scheme), true);
    for (const DigestAlgorithm digest : {DigestAlgorithm::sha256, DigestAlgorithm::sha512}) {
      const pki::TimeStampRequest request = request_for("dữ liệu", digest);
      const Bytes encoded = pki::encode_request(request);
      const Query query = must(read_query(encoded));
      const Bytes token = token_of(writer, *made.holder,
                                   {.policy = "1.2.3.4.1",
                                    .imprint_algorithm = query.imprint_algorithm,
                                    .imprint = query.imprint,
                                    .serial = kSerial,
                                    .time_us = system_clock().now().time_since_epoch().count() * 1'000'000 + 120'000,
                                    .accuracy_us = 1'000'000,
                                    .is_ordered = true,
                                    .nonce = query.nonce},
                                   true);
      const Bytes response = encode_granted(token);
      const auto read = must(pki::read_response(response, request));
      CHECK(read.policy == "1.2.3.4.1");
      CHECK(read.serial_hex == "07000000000000002A");
      CHECK(read.der == token);

      const auto query_file = made.folder.write("query", as_chars(encoded));
      const auto reply_file = made.folder.write("reply", as_chars(response));
      // `openssl ts` knows no PSS: it reads such a token, and takes its signature for one of PKCS #1 v1.5.
      const bool is_pss = writer.scheme().padding == crypto::Padding::pss;
      const std::string verified =
          is_pss ? "Verification: OK"
                 : output_of(fmt::format("openssl ts -verify -queryfile {} -in {} -CAfile {} 2>&1", query_file.string(),
                                         reply_file.string(), (made.folder / "cert.pem").string()));
      CHECK(verified.find("Verification: OK") != std::string::npos);
      const std::string text = output_of(fmt::format("openssl ts -reply -in {} -text 2>&1", reply_file.string()));
      CHECK(text.find("Ordering: yes") != std::string::npos);
      CHECK(text.find("Accuracy: 0x01 seconds") != std::string::npos);

      made.folder.write("check.py", R"(
import asyncio, hashlib, sys
from asn1crypto import pem, tsp, x509
from pyhanko.sign.validation import generic_cms
from pyhanko_certvalidator import ValidationContext
raw = open(sys.argv[1], 'rb').read()
reply = tsp.TimeStampResp.load(raw, strict=True)
query = tsp.TimeStampReq.load(open(sys.argv[2], 'rb').read(), strict=True)
assert reply['status']['status'].native == 'granted'
data = reply['time_stamp_token']['content']
info = data['encap_content_info']['content'].parsed
assert isinstance(info, tsp.TSTInfo)
assert info['nonce'].native == query['nonce'].native
assert info['tsa'].chosen == data['certificates'][0].chosen.subject
assert reply.dump(force=True) == raw
root = x509.Certificate.load(pem.unarmor(open(sys.argv[3], 'rb').read())[2])
context = ValidationContext(trust_roots=[root], weak_hash_algos=set())
result = asyncio.run(generic_cms.validate_tst_signed_data(data, context, lambda _: query['message_imprint']['hashed_message'].native))
assert result['intact'] and result['valid'] and result['trust_problem_indic'] is None, result
print('good')
)");
      CHECK(output_of(fmt::format("{} {} {} {} {} 2>&1", python(), (made.folder / "check.py").string(),
                                  reply_file.string(), query_file.string(), (made.folder / "cert.pem").string())) ==
            "good\n");

      const Bytes bare = token_of(writer, *made.holder,
                                  {.policy = "1.2.3.4.1",
                                   .imprint_algorithm = query.imprint_algorithm,
                                   .imprint = query.imprint,
                                   .serial = kSerial,
                                   .time_us = 1'788'685'302'000'000,
                                   .nonce = query.nonce},
                                  false);
      CHECK(bare.size() + made.holder->certificate().der().size() < token.size() + 50);
      CHECK(code_of(pki::read_token(bare, request.algorithm, request.imprint)) == "pki.tsp.certificate");
    }
  }
}

TEST_CASE("the newest key whose time it is signs") {
  const auto signers_of = [](std::vector<vault::Signer> all, std::string name = {}) {
    std::vector<std::string> reasons;
    return std::pair(usable_signers(all, {.name = std::move(name)}, reasons), reasons);
  };
  const TestKey first, second;
  vault::Signer a = first.signer("tsa-1"), b = second.signer("tsa-2");
  const Instant now = system_clock().now() + std::chrono::seconds(5);
  const auto [both, no_reasons] = signers_of({a, b});
  REQUIRE(both.size() == 2);
  CHECK(no_reasons.empty());
  CHECK(both.front()->from >= both.back()->from);
  CHECK(signer_at(both, now) == both.front());
  CHECK(signer_at(both, now + std::chrono::days(400)) == nullptr);
  CHECK(signer_at(both, now - std::chrono::days(1)) == nullptr);
  CHECK(signers_of({a, b}, "tsa-1").first.front()->name == "tsa-1");

  // RFC 3161 section 2.3: time-stamping alone, critical.
  for (const char* usage : {"timeStamping", "critical,timeStamping,clientAuth", "critical,serverAuth"}) {
    const TestKey wrong("ec -pkeyopt ec_paramgen_curve:P-256", "", usage);
    const auto [none, reasons] = signers_of({wrong.signer("wrong")});
    CHECK(none.empty());
    CHECK(reasons == std::vector<std::string>{"wrong: its certificate is not for time-stamping alone"});
  }
  vault::Signer other = a;
  other.purpose = vault::KeyPurpose::ocsp;
  CHECK(signers_of({other}).first.empty());
  CHECK(signers_of({other}).second.empty());
  other = a;
  other.is_available = false;
  CHECK(signers_of({other}).first.empty());
  other = a;
  other.scheme = *crypto::scheme_by_name("rsa-pkcs1-sha256");
  CHECK(signers_of({other}).first.empty());

  // The private key ends long before its certificate: from 2020 until 2021.
  const TestKey ended("ec -pkeyopt ec_paramgen_curve:P-256",
                      "2.5.29.16=DER:3022800f32303230303130313030303030305a810f32303231303130313030303030305a");
  const auto [old, nothing] = signers_of({ended.signer()});
  REQUIRE(old.size() == 1);
  CHECK(iso8601_vietnam(old.front()->until) == "2021-01-01T07:00:00+07:00");
  CHECK(signer_at(old, now) == nullptr);
  const TestKey torn("ec -pkeyopt ec_paramgen_curve:P-256", "2.5.29.16=DER:3003800100");
  CHECK(signers_of({torn.signer()}).first.empty());
}

}  // namespace kyso::authority::tsa
