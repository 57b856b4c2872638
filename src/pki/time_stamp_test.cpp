#include "pki/time_stamp.h"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <thread>

#include "base/file.h"
#include "base/test_support.h"
#include "crypto/crypto_vectors.h"
#include "crypto/der.h"

namespace kyso::pki {
namespace {

namespace der = crypto::der;
namespace fs = std::filesystem;
using crypto::DigestAlgorithm;
using crypto::vectors::bytes;

// A time-stamp authority of the openssl command.
class OpensslAuthority {
 public:
  // `usage` is the extendedKeyUsage of its certificate.
  explicit OpensslAuthority(std::string_view usage = "critical,timeStamping") {
    m_folder.write("req.cnf", fmt::format("[req]\ndistinguished_name=dn\nx509_extensions=v3\n[dn]\n[v3]\n"
                                          "keyUsage=critical,digitalSignature\n{}\n",
                                          usage.empty() ? "" : fmt::format("extendedKeyUsage={}", usage)));
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem "
        "-subj '/CN=May chu thoi gian mau' -days 365 -config req.cnf");
    m_folder.write("tsa.cnf",
                   "[tsa]\ndefault_tsa=one\n[one]\nserial=serial\nsigner_cert=cert.pem\nsigner_key=key.pem\n"
                   "signer_digest=sha256\ndefault_policy=1.2.3.4.1\nother_policies=1.2.3.4.5\n"
                   "digests=sha1,sha256,sha384,sha512\ness_cert_id_alg=sha256\n");
  }

  Bytes answer(ByteView request) const {
    m_folder.write("request", as_chars(request));
    run("openssl ts -reply -config tsa.cnf -queryfile request -out reply");
    return must(read_file(m_folder / "reply"));
  }

 private:
  void run(const std::string& command) const {
    const std::string line = fmt::format("cd {} && {} 2>log", m_folder.path().string(), command);
    REQUIRE_MESSAGE(std::system(line.c_str()) == 0, line);
  }
  TestFolder m_folder;
};

TimeStampRequest request_for(std::string_view data, DigestAlgorithm algorithm = DigestAlgorithm::sha256) {
  return {.algorithm = algorithm,
          .imprint = crypto::digest(algorithm, as_bytes(data)),
          .nonce = crypto::random_bytes(8),
          .policy = {},
          .want_certificates = true};
}

// An authority that speaks by a script: each call takes the next step for that address.
struct Script {
  std::map<std::string, std::vector<std::function<Result<TspReply>(ByteView)>>> steps;
  std::vector<std::string> asked;
  TspTransport transport() {
    return [this](const std::string& url, ByteView request, std::chrono::milliseconds) -> Result<TspReply> {
      asked.push_back(url);
      auto& rest = steps[url];
      REQUIRE_FALSE(rest.empty());
      const auto step = rest.front();
      if (rest.size() > 1) rest.erase(rest.begin());
      return step(request);
    };
  }
};

auto http(int status, std::optional<std::chrono::seconds> retry_after = std::nullopt) {
  return [=](ByteView) -> Result<TspReply> { return TspReply{status, retry_after, "text/html", to_bytes("<html>")}; };
}

auto grants(const OpensslAuthority& authority) {
  return [&authority](ByteView request) -> Result<TspReply> {
    return TspReply{200, std::nullopt, "application/timestamp-reply", authority.answer(request)};
  };
}

class SettableClock final : public Clock {
 public:
  Instant now() const override { return value; }
  Instant value = parse_time("2026-09-06T16:00:00+07:00").value();
};

const std::string kFirst = "http://tsa-1.example.vn";
const std::string kSecond = "http://tsa-2.example.vn/tsa";

}  // namespace

TEST_CASE("tokens of openssl are read: SHA-1 and SHA-256 imprints, both kinds of ESS") {
  const Bytes message = bytes("message.bin");
  for (const char* imprint : {"sha1", "sha256"})
    for (const char* ess : {"sha1", "sha256"}) {
      Bytes token = bytes(fmt::format("token-{}-ess-{}.der", imprint, ess));
      const std::size_t exact = token.size();
      token.resize(exact + 50);  // padding of a /Contents string
      const DigestAlgorithm algorithm = *crypto::digest_by_name(imprint);
      const auto read = read_token(token, algorithm, crypto::digest(algorithm, message));
      REQUIRE_MESSAGE(read, imprint, ess, read.error().detail);
      CHECK(read->der.size() == exact);
      CHECK(read->policy == "1.2.3.4.1");
      CHECK(read->authority.common_name() == "Máy chủ cấp dấu thời gian mẫu");
      CHECK_FALSE(read->serial_hex.empty());
      CHECK(read->time > parse_time("2026-01-01").value());
      CHECK(code_of(read_token(token, algorithm, crypto::digest(algorithm, as_bytes("khác")))) == "pki.tsp.mismatch");
      CHECK(code_of(read_token(token, DigestAlgorithm::sha512, Bytes(64))) == "pki.tsp.mismatch");
    }
}

TEST_CASE("a changed token never says another thing") {
  const Bytes token = bytes("token-sha256-ess-sha256.der");
  const auto honest = parse_token(token);
  REQUIRE(honest);
  for (std::size_t i = 0; i < token.size(); ++i) {
    Bytes changed = token;
    changed[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    const auto read = parse_token(changed);
    if (!read) continue;
    CHECK(read->time == honest->time);
    CHECK(read->imprint == honest->imprint);
    CHECK(read->serial_hex == honest->serial_hex);
    CHECK(read->policy == honest->policy);
    CHECK(read->authority.sha256() == honest->authority.sha256());
  }
  for (std::size_t size = 0; size < token.size(); size += 5)
    CHECK(code_of(parse_token(ByteView(token).first(size))) == "pki.tsp.malformed");
}

TEST_CASE("a request is answered, and the answer fits only this request") {
  const OpensslAuthority authority;
  TimeStampRequest request = request_for("dữ liệu");
  const Bytes reply = authority.answer(encode_request(request));
  const auto token = read_response(reply, request);
  REQUIRE_MESSAGE(token, token.error().detail);
  CHECK(token->imprint == request.imprint);
  CHECK(token->policy == "1.2.3.4.1");
  CHECK(read_token(token->der, request.algorithm, request.imprint));

  TimeStampRequest other = request;
  other.nonce = crypto::random_bytes(8);
  CHECK(code_of(read_response(reply, other)) == "pki.tsp.mismatch");
  other = request;
  other.imprint[0] ^= 1;
  CHECK(code_of(read_response(reply, other)) == "pki.tsp.mismatch");
  other = request;
  other.policy = "1.2.3.4.5";
  CHECK(code_of(read_response(reply, other)) == "pki.tsp.mismatch");
  const auto of_policy = read_response(authority.answer(encode_request(other)), other);
  REQUIRE(of_policy);
  CHECK(of_policy->policy == "1.2.3.4.5");

  for (const DigestAlgorithm algorithm : {DigestAlgorithm::sha1, DigestAlgorithm::sha384, DigestAlgorithm::sha512}) {
    const TimeStampRequest each = request_for("dữ liệu", algorithm);
    CHECK(read_response(authority.answer(encode_request(each)), each));
  }
}

TEST_CASE("an authority may say no") {
  const OpensslAuthority authority;
  TimeStampRequest request = request_for("x");
  request.policy = "1.2.3.9";
  const auto refused = read_response(authority.answer(encode_request(request)), request);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "pki.tsp.rejected");
  REQUIRE(refused.error().params.size() == 2);
  CHECK(refused.error().params[0].second == "2");
  CHECK(refused.error().params[1].second.find("unacceptedPolicy") != std::string::npos);
  request.want_certificates = false;
  request.policy.clear();
  CHECK(code_of(read_response(authority.answer(encode_request(request)), request)) == "pki.tsp.certificate");
  CHECK(code_of(read_response({}, request)) == "pki.tsp.malformed");
  CHECK(code_of(read_response(as_bytes("<html></html>"), request)) == "pki.tsp.malformed");
  CHECK(code_of(parse_token(crypto::vectors::bytes("cms-openssl.der"))) == "pki.tsp.malformed");
}

TEST_CASE("a certificate that is not for time-stamping alone is refused") {
  // openssl itself refuses to stamp with such a certificate, so the token is signed here.
  const auto holder = crypto::vectors::holder("p256");
  const auto scheme = *crypto::scheme_by_name("ecdsa-p256-sha256");
  const Bytes info =
      der::sequence(der::encode_integer(1), der::encode_oid("1.2.3"),
                    der::sequence(der::sequence(der::encode_oid("2.16.840.1.101.3.4.2.1")),
                                  der::encode(der::kOctetString, Bytes(32))),
                    der::encode_integer(7), der::encode(der::kGeneralizedTime, as_bytes("20260906090142Z")));
  const auto attribute = [](std::string_view oid, const Bytes& value) {
    return der::sequence(der::encode_oid(oid), der::encode(der::kSet, value));
  };
  const Bytes hash = holder->certificate().sha256();
  Bytes attributes = der::encode_set_of(
      {attribute("1.2.840.113549.1.9.3", der::encode_oid("1.2.840.113549.1.9.16.1.4")),
       attribute("1.2.840.113549.1.9.4", der::encode(der::kOctetString, crypto::digest(DigestAlgorithm::sha256, info))),
       attribute("1.2.840.113549.1.9.16.2.47",
                 der::sequence(der::sequence(der::sequence(der::encode(der::kOctetString, hash)))))});
  const auto signature =
      holder->sign({scheme, crypto::digest(DigestAlgorithm::sha256, attributes), attributes, {}}).value();
  attributes[0] = der::context(0);
  const Bytes sha256 = der::sequence(der::encode_oid("2.16.840.1.101.3.4.2.1"));
  const Bytes signer = der::sequence(
      der::encode_integer(1),
      der::sequence(holder->certificate().issuer_der(), der::encode(der::kInteger, holder->certificate().serial())),
      sha256, attributes, der::sequence(der::encode_oid("1.2.840.10045.4.3.2")),
      der::encode(der::kOctetString, signature));
  const Bytes signed_data =
      der::sequence(der::encode_integer(3), der::encode(der::kSet, sha256),
                    der::sequence(der::encode_oid("1.2.840.113549.1.9.16.1.4"),
                                  der::encode(der::context(0), der::encode(der::kOctetString, info))),
                    der::encode(der::context(0), holder->certificate().der()), der::encode(der::kSet, signer));
  const Bytes token = der::sequence(der::encode_oid("1.2.840.113549.1.7.2"), der::encode(der::context(0), signed_data));
  const auto read = parse_token(token);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == "pki.tsp.certificate");
  CHECK(read.error().detail == "not for time-stamping only");
}

TEST_CASE("the client goes from one authority to the next") {
  const OpensslAuthority authority;
  Script script;
  script.steps[kFirst] = {[](ByteView) -> Result<TspReply> { return fail("net.timeout", "10 s"); }, http(500),
                          [](ByteView) -> Result<TspReply> { return TspReply{200, {}, {}, to_bytes("<html>")}; },
                          grants(authority)};
  script.steps[kSecond] = {grants(authority)};
  const SettableClock clock;
  TimeStampClient client({.urls = {kFirst, kSecond}, .policy = {}, .state_file = {}}, script.transport(), clock);
  CHECK(client.expected_token_size() == 8192);
  for (int i = 0; i < 3; ++i) REQUIRE(client.stamp(as_bytes("x")));
  CHECK(script.asked == std::vector<std::string>{kFirst, kSecond, kFirst, kSecond, kFirst, kSecond});
  CHECK(client.expected_token_size() == 8192);
  script.asked.clear();
  const auto token = client.stamp_digest(DigestAlgorithm::sha384, Bytes(48, 1));
  REQUIRE(token);
  CHECK(token->imprint == Bytes(48, 1));
  CHECK(script.asked == std::vector<std::string>{kFirst});
  CHECK(client.expected_token_size() >= token->der.size());
  CHECK(client.expected_token_size() < token->der.size() * 2);
}

TEST_CASE("a rate limit is respected, also by the next process") {
  const OpensslAuthority authority;
  const TestFolder folder;
  const std::string state_file = (folder / "deeper/tsa-state").string();
  const TimeStampClient::Options options{.urls = {kFirst, kSecond}, .policy = {}, .state_file = state_file};
  SettableClock clock;
  Script script;
  script.steps[kFirst] = {http(429, std::chrono::seconds(300)), grants(authority)};
  script.steps[kSecond] = {grants(authority)};
  std::size_t expected = 0;
  {
    TimeStampClient client(options, script.transport(), clock);
    REQUIRE(client.stamp(as_bytes("x")));
    REQUIRE(client.stamp(as_bytes("x")));
    expected = client.expected_token_size();
  }
  CHECK(script.asked == std::vector<std::string>{kFirst, kSecond, kSecond});
  script.asked.clear();
  TimeStampClient next(options, script.transport(), clock);
  CHECK(next.expected_token_size() == expected);
  clock.value += std::chrono::seconds(299);
  REQUIRE(next.stamp(as_bytes("x")));
  CHECK(script.asked == std::vector<std::string>{kSecond});
  clock.value += std::chrono::seconds(1);
  REQUIRE(next.stamp(as_bytes("x")));
  CHECK(script.asked == std::vector<std::string>{kSecond, kFirst});
  CHECK(next.expected_token_size() < 8192);
}

TEST_CASE("without Retry-After the pause doubles up to an hour and a success ends it") {
  const OpensslAuthority authority;
  SettableClock clock;
  Script script;
  script.steps[kFirst] = {http(503)};
  TimeStampClient client({.urls = {kFirst}, .policy = {}, .state_file = {}}, script.transport(), clock);
  for (const int pause : {60, 120, 240, 480, 960, 1920, 3600, 3600}) {
    script.asked.clear();
    CHECK(code_of(client.stamp(as_bytes("x"))) == "pki.tsp.unavailable");
    clock.value += std::chrono::seconds(pause - 1);
    CHECK(code_of(client.stamp(as_bytes("x"))) == "pki.tsp.unavailable");
    CHECK(script.asked.size() == 1);
    clock.value += std::chrono::seconds(1);
  }
  script.steps[kFirst] = {grants(authority), http(503), grants(authority)};
  REQUIRE(client.stamp(as_bytes("x")));
  CHECK_FALSE(client.stamp(as_bytes("x")));
  clock.value += std::chrono::seconds(60);
  CHECK(client.stamp(as_bytes("x")));
}

TEST_CASE("when none answers, the error names each and why") {
  Script script;
  script.steps[kFirst] = {http(404)};
  script.steps[kSecond] = {[](ByteView) -> Result<TspReply> { return fail("net.timeout", "10 s"); }};
  const SettableClock clock;
  TimeStampClient client({.urls = {kFirst, kSecond}, .policy = {}, .state_file = {}}, script.transport(), clock);
  const auto token = client.stamp(as_bytes("x"));
  REQUIRE_FALSE(token);
  CHECK(token.error().code == "pki.tsp.unavailable");
  REQUIRE(token.error().params.size() == 1);
  const std::string& tried = token.error().params[0].second;
  for (const std::string& part : {kFirst, kSecond, std::string("404"), std::string("net.timeout")})
    CHECK_MESSAGE(tried.find(part) != std::string::npos, tried);
  TimeStampClient nobody({.urls = {}, .policy = {}, .state_file = {}}, script.transport(), clock);
  CHECK(code_of(nobody.stamp(as_bytes("x"))) == "pki.tsp.unavailable");
}

TEST_CASE("a damaged state file costs nothing") {
  const OpensslAuthority authority;
  const SettableClock clock;
  for (const std::string& damage :
       {std::string("\x00\xff\xfe garbage", 12), kFirst + "\t", kFirst + "\t-5\t0\t0\n", kFirst + "\t1e9\t0\t0",
        kFirst + "\t99999999999999999999\t0\t0\n", kFirst + "\t253402300799\t0\t0\n", std::string(100'000, 'x')}) {
    const TestFolder folder;
    folder.write("state", damage);
    Script script;
    script.steps[kFirst] = {grants(authority)};
    TimeStampClient client({.urls = {kFirst}, .policy = {}, .state_file = (folder / "state").string()},
                           script.transport(), clock);
    const auto token = client.stamp(as_bytes("x"));
    CHECK(token);
    CHECK(as_chars(must(read_file(folder / "state"))).starts_with(kFirst + "\t0\t0\t"));
  }
  Script script;
  script.steps[kFirst] = {grants(authority)};
  TimeStampClient client({.urls = {kFirst}, .policy = {}, .state_file = "/proc/nowhere/state"}, script.transport(),
                         clock);
  CHECK(client.stamp(as_bytes("x")));
}

TEST_CASE("several threads stamp with one client") {
  const Bytes message = bytes("message.bin");
  const SettableClock clock;
  std::atomic<int> calls = 0;
  const TspTransport transport = [&](const std::string&, ByteView, std::chrono::milliseconds) -> Result<TspReply> {
    ++calls;
    return TspReply{503, std::chrono::seconds(1), {}, {}};
  };
  TimeStampClient client({.urls = {kFirst, kSecond}, .policy = {}, .state_file = {}}, transport, clock);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 50; ++k) static_cast<void>(client.stamp(message));
    });
  threads.clear();
  CHECK(calls >= 2);
  CHECK(calls <= 8);
}

}  // namespace kyso::pki
