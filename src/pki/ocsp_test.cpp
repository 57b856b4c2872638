#include <rapidcheck.h>

#include <algorithm>

#include "base/file.h"
#include "pki/revocation_test_support.h"

namespace kyso::pki {
namespace {

using namespace testing;

Bytes vector_file(const std::string& file) {
  return must(read_file(KYSO_SOURCE_DIR "/tests/vectors/ocsp/" + file), file);
}
ParsedCertificate vector_certificate(const std::string& file) {
  const Bytes pem = vector_file(file + ".cert.pem");
  return ParsedCertificate(must(crypto::Certificate::from_pem(as_chars(pem)), file).front());
}
OcspResponse vector_response(const std::string& file) {
  return must(OcspResponse::from_der(vector_file(file + ".der")), file);
}

// What one answer of openssl comes to, asked about this certificate a minute after it was made.
RevocationReport ask(const std::string& response, const std::string& subject = "leaf",
                     std::chrono::seconds after = std::chrono::minutes(1)) {
  TrustStore trust;
  trust.add({.certificate = vector_certificate("root")});
  CertificatePool pool;
  for (const char* file : {"issuing", "delegate", "checked", "foreign", "other", "no-usage", "selfmade"})
    pool.add(vector_certificate(file));
  const RevocationEvidence evidence{.responses = {vector_response(response)}};
  const RevocationRequest request{.time = evidence.responses[0].produced_at() + after};
  return find_revocation(vector_certificate(subject), vector_certificate("issuing"), evidence, pool, trust, request);
}

const Key& key() {
  static const Key value;
  return value;
}

Bytes good_single() {
  return single({.id = certificate_id("CA", key(), 5), .status = good()});
}

std::string parse(const Bytes& bytes) {
  return code_of(OcspResponse::from_der(bytes));
}

// A BasicOCSPResponse around this ResponseData.
Bytes basic(const Bytes& members) {
  return der::sequence(key().sign(der::sequence(members)));
}
Bytes responder() {
  return der::encode(der::context(2), der::encode(der::kOctetString, key().hash()));
}

}  // namespace

TEST_CASE("answers of openssl are understood") {
  using enum CertificateStatus;
  struct Case {
    const char* response;
    const char* subject;
    CertificateStatus status;
    std::optional<int> reason;
    const char* signer;  // empty: the issuer itself
  };
  const std::vector<Case> cases{
      {"good", "leaf", good, {}, ""},
      {"revoked", "revoked", revoked, 1, ""},
      {"hold", "hold", revoked, 6, ""},
      {"unlisted", "unlisted", unknown, {}, ""},
      {"without-next-update", "leaf", good, {}, ""},
      {"reissued", "leaf", good, {}, ""},
      {"delegated", "leaf", good, {}, "OCSP mẫu"},
      {"delegated-by-key", "leaf", good, {}, "OCSP mẫu"},
      {"delegated-without-certificate", "leaf", good, {}, "OCSP mẫu"},
      {"checked", "leaf", good, {}, "OCSP mẫu có kiểm tra"},
      {"nonce", "leaf", good, {}, "OCSP mẫu"},
      {"id-sha256", "leaf", good, {}, "OCSP mẫu"},
      {"id-sha384", "leaf", good, {}, "OCSP mẫu"},
      {"id-sha512", "leaf", good, {}, "OCSP mẫu"},
      {"several", "leaf", good, {}, "OCSP mẫu"},
      {"several", "revoked", revoked, 1, "OCSP mẫu"},
      {"several", "hold", revoked, 6, "OCSP mẫu"},
      {"several", "unlisted", unknown, {}, "OCSP mẫu"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.response);
    CAPTURE(each.subject);
    const RevocationReport report = ask(each.response, each.subject);
    CHECK(report.ignored.empty());
    REQUIRE(report.answers.size() == 1);
    const RevocationAnswer& answer = report.answers.front();
    CHECK(answer.status == each.status);
    CHECK(answer.reason == each.reason);
    CHECK(answer.revoked_at.has_value() == (each.status == revoked));
    CHECK(answer.source == RevocationAnswer::Source::ocsp);
    CHECK(answer.covered_reasons == kAllReasons);
    CHECK(crypto::name_of(answer.scheme) == "ecdsa-p256-sha256");
    CHECK(answer.key_bits == 256);
    CHECK(answer.signer.has_value() == !std::string_view(each.signer).empty());
    if (answer.signer) {
      CHECK(answer.signer->certificates.size() == 3);
      CHECK(answer.signer->certificates.front().certificate().common_name() == each.signer);
    }
    CHECK(answer.next_update.has_value() == (std::string_view(each.response) != "without-next-update"));
  }
}

TEST_CASE("answers that nobody must rely on are set aside by name") {
  const std::vector<std::array<const char*, 3>> cases{
      {"foreign", "leaf", "pki.ocsp.responder"},           {"no-usage", "leaf", "pki.ocsp.responder"},
      {"selfmade", "leaf", "pki.ocsp.responder"},          {"bad-signature", "leaf", "pki.ocsp.signature"},
      {"other-issuer", "leaf", "pki.ocsp.certificate_id"}, {"good", "revoked", "pki.ocsp.certificate_id"},
  };
  for (const auto& [response, subject, code] : cases) {
    CAPTURE(response);
    const RevocationReport report = ask(response, subject);
    CHECK(report.answers.empty());
    CHECK(codes(report.ignored) == std::vector<std::string>{code});
  }
  const RevocationReport early = ask("good", "leaf", -std::chrono::minutes(6));
  CHECK(early.answers.empty());
  CHECK(codes(early.ignored) == std::vector<std::string>{"pki.revocation.not_yet_valid"});
  // An answer that is too old is an answer.
  CHECK(ask("good", "leaf", 30 * kDay).answers.size() == 1);
}

TEST_CASE("requests are those of openssl") {
  const ParsedCertificate leaf = vector_certificate("leaf");
  const ParsedCertificate issuing = vector_certificate("issuing");
  using crypto::DigestAlgorithm;
  CHECK(encode_ocsp_request(leaf, issuing, {.certificate_id = DigestAlgorithm::sha1, .nonce = {}}) ==
        vector_file("request-sha1.der"));
  CHECK(encode_ocsp_request(leaf, issuing, {.certificate_id = DigestAlgorithm::sha256, .nonce = {}}) ==
        vector_file("request-sha256.der"));
  // openssl reads the nonce of ours.
  const TestFolder folder;
  const Bytes nonce = crypto::random_bytes(32);
  folder.write("request", as_chars(encode_ocsp_request(leaf, issuing, {.nonce = nonce})));
  const std::string text =
      output_of(fmt::format("openssl ocsp -reqin {} -req_text -noverify 2>/dev/null", (folder / "request").string()));
  CHECK(text.find("OCSP Nonce") != std::string::npos);
  std::string hex = to_hex(nonce);
  std::ranges::transform(hex, hex.begin(), [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
  CHECK(text.find("0420" + hex) != std::string::npos);
}

TEST_CASE("a nonce comes back") {
  const OcspResponse response = vector_response("nonce");
  REQUIRE(response.nonce());
  CHECK(response.nonce()->size() == 16);
  CHECK_FALSE(vector_response("good").nonce());
  // RFC 9654 writes an OCTET STRING into the extension; some put the octets themselves there.
  const Bytes nonce = {9, 8, 7, 6};
  for (const Bytes& value : {der::encode(der::kOctetString, nonce), nonce})
    CHECK(make_response({.singles = {good_single()}, .extensions = extension("1.3.6.1.5.5.7.48.1.2", value)}, key())
              .nonce() == nonce);
}

TEST_CASE("a bare answer and a wrapped one are the same") {
  const Bytes bare = response_der({.singles = {good_single()}}, key());
  const OcspResponse response = must(OcspResponse::from_der(bare));
  const OcspResponse again = must(OcspResponse::from_der(response.der()));
  CHECK(std::ranges::equal(response.der(), again.der()));
  CHECK(std::ranges::equal(response.sha256(), again.sha256()));
  CHECK(response.der().size() > bare.size());
  CHECK(again.state().answers.size() == 1);
  CHECK(vector_response("good").der().size() == vector_file("good.der").size());
  CHECK(vector_response("delegated").certificates().size() == 1);
}

TEST_CASE("what a responder says instead of an answer is told") {
  const std::vector<std::pair<std::uint8_t, std::string>> cases{{1, "malformedRequest"}, {2, "internalError"},
                                                                {3, "tryLater"},         {5, "sigRequired"},
                                                                {6, "unauthorized"},     {9, "unknown"}};
  for (const auto& [status, said] : cases) {
    const auto response = OcspResponse::from_der(Bytes{0x30, 3, 0x0a, 1, status});
    REQUIRE_FALSE(response);
    CHECK(response.error().code == "pki.ocsp.status");
    CHECK(parameter(response.error(), "status") == said);
  }
  CHECK(parse({0x30, 3, 0x0a, 1, 0}) == "pki.ocsp.malformed");
}

TEST_CASE("an answer that isn't what RFC 6960 says is refused") {
  const Bytes singles = der::sequence(good_single());
  CHECK(parse(basic(der::concat(responder(), time(kNow), singles))) == "ok");
  const Bytes id = certificate_id("CA", key(), 5);
  const Bytes version_1 = der::encode(der::context(0), der::encode_integer(0));
  CHECK(parse(basic(der::concat(version_1, responder(), time(kNow), singles))) == "ok");
  const std::vector<std::pair<const char*, Bytes>> cases{
      {"version 2",
       der::concat(der::encode(der::context(0), der::encode_integer(1)), responder(), time(kNow), singles)},
      {"without responder", der::concat(time(kNow), singles)},
      {"short key hash",
       der::concat(der::encode(der::context(2), der::encode(der::kOctetString, Bytes(19))), time(kNow), singles)},
      {"without time", der::concat(responder(), singles)},
      {"UTCTime", der::concat(responder(), der::encode(der::kUtcTime, as_bytes("260601000000Z")), singles)},
      {"without answers", der::concat(responder(), time(kNow))},
      {"unknown status",
       der::concat(responder(), time(kNow),
                   der::sequence(single({.id = id, .status = der::encode(der::context(3, false), {})})))},
      {"good with content",
       der::concat(responder(), time(kNow),
                   der::sequence(single({.id = id, .status = der::encode(der::context(0, false), Bytes{0})})))},
      {"revoked without time",
       der::concat(responder(), time(kNow),
                   der::sequence(single({.id = id, .status = der::encode(der::context(1), {})})))},
      {"extension twice",
       der::concat(responder(), time(kNow), singles,
                   der::encode(der::context(1), der::sequence(extension("1.2.3", {}), extension("1.2.3", {}))))},
      {"more at the end", der::concat(responder(), time(kNow), singles, time(kNow))},
  };
  for (const auto& [what, members] : cases) CHECK_MESSAGE(parse(basic(members)) == "pki.ocsp.malformed", what);

  const Bytes whole = vector_file("delegated.der");
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK(parse({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}) == "pki.ocsp.malformed");
  CHECK(parse(der::concat(whole, Bytes{0})) == "pki.ocsp.malformed");
  const Bytes other_type = der::sequence(
      der::encode(0x0a, Bytes{0}),
      der::encode(der::context(0),
                  der::sequence(der::encode_oid("1.2.3"), der::encode(der::kOctetString, response_der({}, key())))));
  CHECK(parse(other_type) == "pki.ocsp.malformed");
}

TEST_CASE("a changed answer never says another thing") {
  const Bytes honest = vector_file("several.der");
  const ParsedCertificate issuing = vector_certificate("issuing");
  TrustStore trust;
  trust.add({.certificate = vector_certificate("root")});
  CertificatePool pool;
  pool.add(issuing);
  const Instant when = vector_response("several").produced_at() + std::chrono::minutes(1);
  const auto leaf = vector_certificate("revoked");
  for (std::size_t i = 0; i < honest.size(); ++i) {
    Bytes changed = honest;
    changed[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    const auto response = OcspResponse::from_der(changed);
    if (!response) continue;
    const RevocationEvidence evidence{.responses = {*response}};
    for (const RevocationAnswer& answer : find_revocation(leaf, issuing, evidence, pool, trust, {.time = when}).answers)
      CHECK(answer.status == CertificateStatus::revoked);
  }
}

TEST_CASE("what is written into an answer is read again") {
  rc::check([](const std::vector<std::tuple<std::int64_t, std::uint8_t>>& members) {
    std::vector<Bytes> singles;
    for (const auto& [serial, choice] : members) {
      const Bytes status = choice % 3 == 0 ? good() : choice % 3 == 1 ? unknown() : revoked(choice % 7);
      singles.push_back(single({.id = certificate_id("CA", key(), serial), .status = status}));
    }
    const OcspResponse response = make_response({.singles = singles}, key());
    RC_ASSERT(response.state().answers.size() == members.size());
    for (const auto& [serial, choice] : members) {
      const Bytes number = der::encode_integer(serial);
      const bool is_there = std::ranges::any_of(response.state().answers, [&](const SingleResponse& each) {
        const bool is_revoked = each.status == CertificateStatus::revoked;
        return std::ranges::equal(each.serial, der::Reader(number).next()->content) &&
               is_revoked == (choice % 3 == 2) && (!is_revoked || each.reason == choice % 7);
      });
      RC_ASSERT(is_there);
    }
  });
}

}  // namespace kyso::pki
