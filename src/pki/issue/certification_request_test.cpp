#include <rapidcheck.h>

#include <algorithm>

#include "pki/issue/issue_test_support.h"

namespace kyso::pki::issue {
namespace {

using namespace testing;
using crypto::DigestAlgorithm;
using crypto::KeyType;
using crypto::Padding;

std::string reason_of(ByteView request) {
  const auto read = CertificationRequest::from_bytes(request);
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == "issue.csr.malformed");
  return parameter(read.error(), "reason");
}

TEST_CASE("a request is read: key, subject, requested names") {
  const Bytes names = der::concat(der::encode(der::context(1, false), as_bytes("a@mau.gov.vn")),
                                  der::encode(der::context(2, false), as_bytes("mau.gov.vn")));
  const Bytes extensions = der::sequence(
      alternative_names_extension(names),
      der::sequence(der::encode_oid("2.5.29.15"), der::encode(der::kOctetString, Bytes{0x03, 0x02, 0x07, 0x80})));
  const Bytes subject = der::sequence(attribute("2.5.4.6", "VN", 0x13), attribute("2.5.4.10", "Tỉnh Mẫu"),
                                      attribute("2.5.4.3", "Nguyễn Văn A"));
  for (const char* const key : {"rsa2048", "rsa3072", "p256", "p384", "ed25519"}) {
    const auto holder = vectors::holder(key);
    const Bytes der_form = make_csr(
        *holder, {.subject = subject, .attributes = der::encode(der::context(0), extension_request(extensions))});
    for (const Bytes& form : {der_form, to_bytes(pem(der_form, "CERTIFICATE REQUEST")),
                              to_bytes("some words\n" + pem(der_form, "NEW CERTIFICATE REQUEST"))}) {
      const CertificationRequest request = must(CertificationRequest::from_bytes(form), key);
      CHECK(std::ranges::equal(request.public_key().spki(), holder->certificate().public_key().spki()));
      CHECK(request.subject() == std::vector<SubjectAttribute>{{"CN", "Nguyễn Văn A"}, {"O", "Tỉnh Mẫu"}, {"C", "VN"}});
      CHECK(request.alternative_names() == std::vector{name_of(GeneralName::Kind::rfc822, "a@mau.gov.vn"),
                                                       name_of(GeneralName::Kind::dns, "mau.gov.vn")});
      CHECK(std::ranges::equal(request.der(), der_form));
    }
  }
}

TEST_CASE("a request of one's own key is one") {
  for (const char* const key : {"rsa2048", "p256", "p384", "ed25519"}) {
    const auto holder = vectors::holder(key);
    const crypto::PublicKey& mine = holder->certificate().public_key();
    const Bytes made = must(make_certification_request(mine, crypto::default_scheme(mine.type()), *holder));
    const CertificationRequest request = must(CertificationRequest::from_bytes(made), key);
    CHECK(std::ranges::equal(request.public_key().spki(), mine.spki()));
    CHECK(request.subject().empty());
    const TestFolder folder;
    folder.write("r.pem", pem(made, "CERTIFICATE REQUEST"));
    output_of("openssl req -verify -noout -in " + (folder / "r.pem").string() + " 2>&1");
  }
}

TEST_CASE("requests of other programs are read") {
  const TestFolder folder;
  const auto at = [&](const char* name) { return (folder / name).string(); };
  output_of("openssl req -new -newkey rsa:2048 -nodes -keyout " + at("k1") + " -out " + at("rsa.pem") +
            " -utf8 -subj '/C=VN/O=Tỉnh Mẫu/CN=Nguyễn Văn A' -addext subjectAltName=DNS:a.mau.gov.vn 2>/dev/null");
  output_of("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout " + at("k2") +
            " -outform DER" + " -out " + at("ec.der") + " -sha384 -subj /CN=a 2>/dev/null");
  output_of("openssl req -new -newkey ed25519 -nodes -keyout " + at("k3") + " -out " + at("ed.pem") +
            " -subj /CN=a 2>/dev/null");
  output_of("openssl req -new -newkey rsa:2048 -nodes -keyout " + at("k4") + " -out " + at("pss.pem") +
            " -subj /CN=a -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest 2>/dev/null");
  folder.write("template", "cn = \"a\"\ndns_name = \"a.mau.gov.vn\"\n");
  output_of("certtool --generate-privkey --key-type ecdsa --curve secp256r1 --outfile " + at("k5") + " 2>/dev/null");
  output_of("certtool --generate-request --load-privkey " + at("k5") + " --template " + at("template") + " --outfile " +
            at("gnutls.pem") + " 2>/dev/null");
  for (const char* const name : {"rsa.pem", "ec.der", "ed.pem", "pss.pem", "gnutls.pem"}) {
    std::ifstream file(at(name), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const CertificationRequest request = must(CertificationRequest::from_bytes(as_bytes(text)), name);
    CHECK(request.subject().front().type == "CN");
    if (std::string(name) == "rsa.pem" || std::string(name) == "gnutls.pem")
      CHECK(request.alternative_names() == std::vector{name_of(GeneralName::Kind::dns, "a.mau.gov.vn")});
  }
}

TEST_CASE("who can't sign has no key") {
  const auto holder = vectors::holder("p256");
  const auto other = vectors::holder("rsa2048");
  Bytes request = make_csr(*holder);
  request.back() ^= 1U;
  CHECK(code_of(CertificationRequest::from_bytes(request)) == "issue.csr.signature");
  // Another key than the one that signs, also of the same kind.
  const ByteView foreign = other->certificate().public_key().spki();
  CHECK(code_of(CertificationRequest::from_bytes(make_csr(*holder, {.spki = Bytes(foreign.begin(), foreign.end())}))) ==
        "crypto.algorithm.unsupported");
  Bytes changed = csr_of("rsa2048");
  const auto place = std::ranges::search(changed, as_bytes("Nguyễn"));
  place.front() = 'M';
  CHECK(code_of(CertificationRequest::from_bytes(changed)) == "issue.csr.signature");
}

TEST_CASE("keys that are none, and kinds that nobody certifies, are told by what is wrong with them") {
  const auto holder = vectors::holder("p256");
  const ByteView spki = holder->certificate().public_key().spki();
  Bytes off_curve(spki.begin(), spki.end());
  off_curve.back() ^= 1U;
  const auto refused = CertificationRequest::from_bytes(make_csr(*holder, {.spki = off_curve}));
  CHECK(code_of(refused) == "issue.key.weak");
  CHECK(parameter(refused.error(), "reason") == "off-curve");
  for (const char* const name : {"p521", "pssonly"}) {
    const crypto::Certificate certificate = vectors::certificate(name);
    const ByteView key = certificate.public_key().spki();
    const auto result = CertificationRequest::from_bytes(make_csr(*holder, {.spki = Bytes(key.begin(), key.end())}));
    CHECK_MESSAGE(code_of(result) == "issue.key.kind", name);
  }
  const Bytes even = der::sequence(
      der::sequence(der::encode_oid("1.2.840.113549.1.1.1"), der::encode(der::kNull, {})),
      der::encode(der::kBitString, der::concat(Bytes{0}, der::sequence(der::encode_unsigned(Bytes(256, 0xf1)),
                                                                       der::encode_integer(65536)))));
  CHECK(parameter(CertificationRequest::from_bytes(make_csr(*holder, {.spki = even})).error(), "reason") == "exponent");
}

TEST_CASE("a signature by SHA-1 proves nothing") {
  Bytes request = csr_of("rsa2048");
  const Bytes sha256 =
      crypto::encode_x509_signature_algorithm({KeyType::rsa, Padding::pkcs1_v15, DigestAlgorithm::sha256});
  const Bytes sha1 = crypto::encode_x509_signature_algorithm({KeyType::rsa, Padding::pkcs1_v15, DigestAlgorithm::sha1});
  REQUIRE(sha1.size() == sha256.size());
  std::ranges::copy(sha1, std::ranges::search(request, sha256).begin());
  CHECK(code_of(CertificationRequest::from_bytes(request)) == "crypto.algorithm.unsupported");
}

TEST_CASE("malformed requests of every kind are refused with a reason") {
  const auto holder = vectors::holder("p256");
  const auto with_attributes = [&](const Bytes& attributes) {
    return make_csr(*holder, {.attributes = der::encode(der::context(0), attributes)});
  };
  CHECK(reason_of({}).find("neither") == 0);
  CHECK(reason_of(as_bytes("-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n")) != "");
  const std::string twice = pem(csr_of("p256"), "CERTIFICATE REQUEST");
  CHECK(reason_of(as_bytes(twice + twice)) == "more than one request");
  CHECK(reason_of(Bytes((64U << 10U) + 1, 0x30)) == "larger than 64 KiB");
  CHECK(reason_of(der::concat(csr_of("p256"), Bytes{0})) != "");
  CHECK(reason_of(vectors::certificate("p256").der()) != "");
  CHECK(reason_of(make_csr(*holder, {.version = der::encode_integer(1)})) == "version");
  CHECK(reason_of(make_csr(*holder, {.subject = der::sequence(Bytes{0x31, 0x00})})) != "");
  CHECK(reason_of(with_attributes(der::sequence(der::encode_oid("1.2.3"), der::encode(der::kSet, {})))) ==
        "attribute without value");
  const Bytes empty = extension_request(
      der::sequence(alternative_names_extension(der::encode(der::context(2, false), as_bytes("a.vn")))));
  CHECK(reason_of(with_attributes(der::concat(empty, empty))) == "extensionRequest stands twice");
  CHECK(reason_of(with_attributes(extension_request(der::sequence(Bytes{5, 0})))) != "");
  CHECK(reason_of(with_attributes(Bytes{0x30, 0x80, 0x00, 0x00})) != "");
  Bytes many;
  const Bytes one = der::sequence(der::encode_oid("1.2.3"), der::encode(der::kSet, der::encode_integer(1)));
  for (int i = 0; i < 65; ++i) append(many, ByteView(one));
  CHECK(reason_of(with_attributes(many)) == "too many attributes");
  // The mandatory, empty [0] may be missing: nothing else can be meant.
  CHECK(CertificationRequest::from_bytes(make_csr(*holder, {.attributes = {}})).has_value());
}

TEST_CASE("no mutation of a request is both another request and accepted") {
  const Bytes& original = csr_of("p256");
  rc::check("one octet", [&] {
    Bytes changed = original;
    const auto at = *rc::gen::inRange<std::size_t>(0, changed.size());
    changed[at] = static_cast<std::uint8_t>(changed[at] ^ *rc::gen::inRange(1, 256));
    RC_ASSERT(!CertificationRequest::from_bytes(changed).has_value());
  });
  rc::check("cut", [&] {
    const auto at = *rc::gen::inRange<std::size_t>(0, original.size());
    RC_ASSERT(!CertificationRequest::from_bytes(ByteView(original).first(at)).has_value());
  });
}

TEST_CASE("blocked keys") {
  const crypto::PublicKey key = vectors::certificate("p256").public_key();
  const std::string hash = to_hex(crypto::digest(DigestAlgorithm::sha256, key.spki()));
  const BlockedKeys list =
      must(BlockedKeys::load("# disclosed\n\n" + std::string(64, 'a') + "  # of somebody\r\n" + hash + "\n"));
  CHECK(code_of(check_key(key, &list)) == "issue.key.blocked");
  CHECK(code_of(check_key(vectors::certificate("p384").public_key(), &list)) == "ok");
  CHECK(code_of(check_key(key)) == "ok");
  CHECK(must(BlockedKeys::load("")).contains(key) == false);
  for (const std::string& bad : {hash.substr(2), hash + " x", std::string("zz")}) {
    const auto loaded = BlockedKeys::load("# one\n" + bad);
    CHECK(code_of(loaded) == "issue.key.list");
    CHECK(parameter(loaded.error(), "line") == "2");
  }
}

TEST_CASE("check_key tells kinds and weaknesses") {
  CHECK(code_of(check_key(vectors::certificate("rsa1024").public_key())) == "issue.key.weak");
  CHECK(code_of(check_key(vectors::certificate("p521").public_key())) == "issue.key.kind");
  CHECK(code_of(check_key(vectors::certificate("pssonly").public_key())) == "issue.key.kind");
  for (const char* const name : {"rsa2048", "rsa3072", "p256", "p384", "ed25519"})
    CHECK(code_of(check_key(vectors::certificate(name).public_key())) == "ok");
}

}  // namespace
}  // namespace kyso::pki::issue
