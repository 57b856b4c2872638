#include "cms/signed_data.h"

#include <rapidcheck.h>

#include <cstdlib>
#include <filesystem>

#include "base/test_support.h"
#include "crypto/crypto_vectors.h"
#include "crypto/der.h"

namespace kyso::cms {
namespace {

namespace der = crypto::der;
namespace fs = std::filesystem;
using crypto::vectors::holder;

constexpr std::string_view kContent = "Văn bản mẫu";

SignerParameters parameters(const crypto::KeyHolder& key, crypto::SignatureScheme scheme) {
  return {.scheme = scheme,
          .certificate = key.certificate(),
          .issuers = {key.issuers().begin(), key.issuers().end()},
          .profile = Profile::pades,
          .signing_time = std::nullopt};
}

Bytes sign_attributes(crypto::KeyHolder& key, crypto::SignatureScheme scheme, const Bytes& attributes) {
  auto signature = key.sign({scheme, crypto::digest(scheme.digest, attributes), attributes, {}});
  REQUIRE(signature);
  return *std::move(signature);
}

enum class Chain { whole, none };

Bytes make_cms(const std::string& name, std::string_view scheme_name, std::optional<ByteView> token = std::nullopt,
               Chain chain = Chain::whole) {
  const auto key = holder(name);
  const auto scheme = *crypto::scheme_by_name(scheme_name);
  SignerParameters signer = parameters(*key, scheme);
  if (chain == Chain::none) signer.issuers.clear();
  const Bytes attributes = build_signed_attributes(signer, crypto::digest(scheme.digest, as_bytes(kContent)));
  auto cms = build_signed_data(signer, attributes, sign_attributes(*key, scheme, attributes), token);
  REQUIRE_MESSAGE(cms, scheme_name);
  return *std::move(cms);
}

const std::vector<std::pair<std::string, std::string>> kSchemes{
    {"rsa2048", "rsa-pkcs1-sha256"}, {"rsa3072", "rsa-pkcs1-sha512"}, {"rsa2048", "rsa-pss-sha256"},
    {"rsa4096", "rsa-pss-sha384"},   {"pssonly", "rsa-pss-sha256"},   {"p256", "ecdsa-p256-sha256"},
    {"p384", "ecdsa-p384-sha384"},   {"ed25519", "ed25519"}};

}  // namespace

TEST_CASE("what is built is read back") {
  for (const auto& [name, scheme] : kSchemes) {
    const Bytes cms = make_cms(name, scheme);
    Bytes padded = cms;
    padded.resize(padded.size() + 100);
    const auto view = parse_signed_data(padded);
    REQUIRE_MESSAGE(view, scheme);
    CHECK(name_of(view->scheme) == scheme);
    CHECK(view->encoded_size == cms.size());
    CHECK(view->certificates.size() == 3);
    CHECK(view->certificates.front().sha256() == crypto::vectors::certificate(name).sha256());
    REQUIRE(view->signer);
    CHECK(view->signer->sha256() == crypto::vectors::certificate(name).sha256());
    CHECK(view->ess == crypto::EssBinding::matches);
    CHECK(view->is_detached);
    CHECK_FALSE(view->signing_time);
    CHECK_FALSE(view->time_stamp);
    const auto digest = view->scheme.digest;
    CHECK(code_of(check_integrity(*view, crypto::digest(digest, as_bytes(kContent)))) == "ok");
    CHECK(code_of(check_integrity(*view, crypto::digest(digest, as_bytes("khác")))) == "cms.digest.mismatch");
    CHECK(code_of(check_integrity(*view, {})) == "cms.digest.mismatch");
  }
}

TEST_CASE("openssl cms -verify accepts every scheme it knows") {
  const TestFolder folder;
  const fs::path content = folder.write("content", kContent);
  const std::string root = KYSO_SOURCE_DIR "/tests/vectors/crypto/root.cert.pem";
  for (const auto& [name, scheme] : kSchemes) {
    if (scheme == "ed25519") continue;  // the openssl 3.0 command refuses it in CMS
    const fs::path file = folder.write("cms", as_chars(make_cms(name, scheme)));
    for (const char* extra : {"", " -cades"}) {
      const std::string command =
          fmt::format("openssl cms -verify -binary -inform DER -in {} -content {} -CAfile {} -out /dev/null{} 2>{}/log",
                      file.string(), content.string(), root, extra, folder.path().string());
      CHECK_MESSAGE(std::system(command.c_str()) == 0, command);
    }
    const fs::path other = folder.write("other", "khác");
    const std::string command =
        fmt::format("openssl cms -verify -binary -inform DER -in {} -content {} -CAfile {} -out /dev/null 2>/dev/null",
                    file.string(), other.string(), root);
    CHECK_MESSAGE(std::system(command.c_str()) != 0, command);
  }
}

TEST_CASE("no changed octet keeps a changed meaning") {
  for (const auto& [name, scheme] : kSchemes) {
    if (name != "p256" && name != "ed25519" && name != "rsa2048") continue;
    const Bytes cms = make_cms(name, scheme, std::nullopt, Chain::none);
    const auto honest = parse_signed_data(cms);
    const Bytes digest = crypto::digest(honest->scheme.digest, as_bytes(kContent));
    for (std::size_t i = 0; i < cms.size(); ++i) {
      Bytes changed = cms;
      changed[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
      const auto view = parse_signed_data(changed);
      if (!view || !check_integrity(*view, digest)) continue;
      // What may change: versions and the repeated digest algorithm.
      CHECK(view->signed_attributes == honest->signed_attributes);
      CHECK(view->signer->sha256() == honest->signer->sha256());
      CHECK(view->scheme == honest->scheme);
      CHECK(view->signature == honest->signature);
    }
  }
}

TEST_CASE("a signature of another key or over other attributes is never embedded") {
  const auto key = holder("p256");
  const auto other = holder("p384");
  const auto scheme = *crypto::scheme_by_name("ecdsa-p256-sha256");
  const SignerParameters signer = parameters(*key, scheme);
  const Bytes attributes = build_signed_attributes(signer, Bytes(32, 1));
  const Bytes signature = sign_attributes(*key, scheme, attributes);
  CHECK(build_signed_data(signer, attributes, Bytes(70)).error().code == "cms.signature.mismatch");
  CHECK(build_signed_data(signer, build_signed_attributes(signer, Bytes(32, 2)), signature).error().code ==
        "cms.signature.mismatch");
  CHECK(build_signed_data(parameters(*other, default_scheme(crypto::KeyType::ec_p384)), attributes, signature)
            .error()
            .code == "cms.signature.mismatch");
  CHECK(build_signed_data(signer, {}, signature).error().code == "cms.malformed");
  const Bytes empty = der::encode(der::kSet, {});
  CHECK(build_signed_data(signer, empty, sign_attributes(*key, scheme, empty)).error().code == "cms.malformed");
  CHECK(build_signed_data(signer, attributes, signature, as_bytes("no token")).error().code == "cms.malformed");
}

TEST_CASE("another certificate of the same key is not the signer's") {
  const auto key = holder("p256");
  const auto scheme = *crypto::scheme_by_name("ecdsa-p256-sha256");
  const SignerParameters signer = parameters(*key, scheme);
  const Bytes attributes = build_signed_attributes(signer, Bytes(32, 1));
  SignerParameters attacker = signer;
  attacker.certificate = crypto::vectors::certificate("name-organisation");  // the same key, self-signed
  const auto built = build_signed_data(attacker, attributes, sign_attributes(*key, scheme, attributes));
  REQUIRE_FALSE(built);
  CHECK(built.error().code == "cms.certificate.mismatch");
}

TEST_CASE("profiles: PAdES has no signingTime, legacy has") {
  const auto key = holder("p256");
  SignerParameters signer = parameters(*key, *crypto::scheme_by_name("ecdsa-p256-sha256"));
  signer.signing_time = parse_time("2026-09-06T16:01:42+07:00").value();
  const Bytes content_digest(32, 7);
  const Bytes pades = build_signed_attributes(signer, content_digest);
  signer.profile = Profile::legacy;
  for (const char* when : {"2026-09-06T16:01:42+07:00", "2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z"}) {
    signer.signing_time = parse_time(when).value();
    const Bytes legacy = build_signed_attributes(signer, content_digest);
    CHECK(legacy.size() > pades.size());
    const Bytes signature = sign_attributes(*key, signer.scheme, legacy);
    const auto view = parse_signed_data(*build_signed_data(signer, legacy, signature));
    REQUIRE(view);
    CHECK(view->signing_time == signer.signing_time);
    CHECK(code_of(check_integrity(*view, content_digest)) == "ok");
  }
  CHECK(message_digest_of(pades) == content_digest);
  CHECK_FALSE(message_digest_of({}));
  CHECK_FALSE(message_digest_of(as_bytes("nonsense")));
}

TEST_CASE("the signed attributes are a DER SET OF") {
  const auto key = holder("rsa2048");
  const Bytes attributes = build_signed_attributes(parameters(*key, default_scheme(crypto::KeyType::rsa)), Bytes(32));
  der::Reader outer(attributes);
  der::Reader reader(outer.expect(der::kSet)->content);
  Bytes previous;
  int count = 0;
  while (const auto element = reader.next()) {
    const Bytes current(element->whole.begin(), element->whole.end());
    CHECK(previous < current);
    previous = current;
    ++count;
  }
  CHECK(count == 3);
}

TEST_CASE("the greatest size holds and is close") {
  std::vector<std::unique_ptr<crypto::KeyHolder>> holders;
  for (const auto& [name, scheme] : kSchemes) holders.push_back(holder(name));
  CHECK(rc::check([&] {
    const auto index = *rc::gen::inRange<std::size_t>(0, kSchemes.size());
    const auto scheme = *crypto::scheme_by_name(kSchemes[index].second);
    crypto::KeyHolder& key = *holders[index];
    SignerParameters signer = parameters(key, scheme);
    signer.issuers.resize(*rc::gen::inRange<std::size_t>(0, 3));
    if (*rc::gen::arbitrary<bool>()) {
      signer.profile = Profile::legacy;
      signer.signing_time = Instant(std::chrono::seconds(*rc::gen::inRange<std::int64_t>(0, 4'000'000'000)));
    }
    const bool with_token = *rc::gen::arbitrary<bool>();
    const Bytes token = der::sequence(der::encode(der::kOctetString, Bytes(*rc::gen::inRange<std::size_t>(0, 70'000))));
    const Bytes attributes = build_signed_attributes(signer, crypto::random_bytes(digest_size(scheme.digest)));
    const Bytes digest = crypto::digest(scheme.digest, attributes);
    const auto signature = key.sign({scheme, digest, attributes, {}});
    const auto built =
        build_signed_data(signer, attributes, *signature, with_token ? std::optional<ByteView>(token) : std::nullopt);
    RC_ASSERT(built.has_value());
    const std::size_t greatest = max_signed_data_size(signer, with_token ? token.size() : 0);
    const std::size_t ecdsa_slack = key.certificate().public_key().max_signature_size() - signature->size();
    RC_ASSERT(built->size() <= greatest);
    RC_ASSERT(greatest - built->size() <= 8 + ecdsa_slack);
  }));
}

TEST_CASE("a time-stamp token is carried as it is") {
  const Bytes token = crypto::vectors::bytes("token-sha256-ess-sha256.der");
  const auto view = parse_signed_data(make_cms("rsa2048", "rsa-pkcs1-sha256", token));
  REQUIRE(view);
  CHECK(view->time_stamp == token);
}

TEST_CASE("signatures of another program") {
  const auto read = [](const char* file) { return parse_signed_data(crypto::vectors::bytes(file)); };
  const Bytes digest = crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(kContent));
  const auto cades = read("cms-openssl.der");
  REQUIRE(cades);
  CHECK(cades->ess == crypto::EssBinding::matches);
  CHECK(cades->signing_time);
  CHECK(cades->certificates.size() == 3);
  CHECK(code_of(check_integrity(*cades, digest)) == "ok");
  for (const char* file : {"cms-openssl-ber.der", "cms-openssl-keyid.der", "cms-no-attributes.der"}) {
    const auto view = read(file);
    REQUIRE_MESSAGE(view, file);
    CHECK(view->ess == crypto::EssBinding::absent);
    CHECK_MESSAGE(code_of(check_integrity(*view, digest)) == "ok", file);
    CHECK(code_of(check_integrity(*view, Bytes(32))) ==
          (view->signed_attributes.empty() ? "cms.signature.mismatch" : "cms.digest.mismatch"));
  }
  const auto old = read("cms-openssl-sha1.der");
  REQUIRE(old);
  CHECK(old->digest_algorithm == crypto::DigestAlgorithm::sha1);
  CHECK(code_of(check_integrity(*old, crypto::digest(crypto::DigestAlgorithm::sha1, as_bytes(kContent)))) == "ok");
}

TEST_CASE("what isn't a signature is malformed") {
  CHECK(parse_signed_data({}).error().code == "cms.malformed");
  CHECK(parse_signed_data(as_bytes("%PDF-1.7")).error().code == "cms.malformed");
  CHECK(parse_signed_data(crypto::vectors::certificate("p256").der()).error().code == "cms.malformed");
  const Bytes cms = make_cms("p256", "ecdsa-p256-sha256");
  for (std::size_t size = 0; size < cms.size(); size += 3)
    CHECK(parse_signed_data(ByteView(cms).first(size)).error().code == "cms.malformed");
}

}  // namespace kyso::cms
