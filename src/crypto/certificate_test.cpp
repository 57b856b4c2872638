#include "crypto/certificate.h"

#include <algorithm>

#include "base/test_support.h"
#include "crypto/crypto_vectors.h"

namespace kyso::crypto {
using vectors::certificate;

TEST_CASE("a certificate tells what it says of a person") {
  const Certificate c = certificate("rsa2048");
  CHECK(c.common_name() == "Nguyễn Văn A");
  CHECK(c.organisation() == "Sở Nội vụ tỉnh Mẫu");
  CHECK(c.organisational_unit() == "Văn phòng Sở");
  CHECK(c.title() == "Chuyên viên");
  CHECK(c.email() == "nguyenvana@example.vn");
  CHECK(c.has_personal_name());
  CHECK(c.subject_text() ==
        "CN=Nguyễn Văn A,UID=CCCD:001099000001,title=Chuyên viên,OU=Văn phòng Sở,O=Sở Nội vụ tỉnh Mẫu,C=VN");
  CHECK(c.issuer_text() == "CN=Cấp chứng thư mẫu,O=Cơ quan chứng thực mẫu,C=VN");
  CHECK(c.serial_hex().starts_with("4"));
  CHECK(c.serial_hex().size() == 16);
  CHECK(c.not_after() - c.not_before() == std::chrono::days(36500));
  CHECK_FALSE(c.is_ca());
  CHECK_FALSE(c.is_self_issued());
  CHECK(c.allows(KeyUsage::digital_signature));
  CHECK(c.allows(KeyUsage::non_repudiation));
  CHECK_FALSE(c.allows(KeyUsage::key_cert_sign));
  CHECK(c.extended_key_usage() == std::vector<std::string>{"1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.2"});
  CHECK_FALSE(c.extended_key_usage_is_critical());
  CHECK(certificate("tsa").extended_key_usage_is_critical());
  CHECK(c.public_key().type() == KeyType::rsa);
  CHECK(c.public_key().bits() == 2048);
  CHECK(c.public_key().max_signature_size() == 256);
}

TEST_CASE("a certificate keeps its exact bytes") {
  const Certificate c = certificate("p256");
  const auto again = Certificate::from_der(c.der());
  REQUIRE(again);
  CHECK(std::ranges::equal(again->der(), c.der()));
  CHECK(c.sha256() == digest(DigestAlgorithm::sha256, c.der()));
}

TEST_CASE("names in every string type") {
  CHECK(certificate("name-bmp").common_name() == "Đặng Thị Ườn");
  CHECK(certificate("name-t61").common_name() == "Lê Hà");
  CHECK(certificate("name-universal").common_name() == "Trần Ngọc Ưng");
  CHECK(certificate("name-organisation").common_name() == "Ủy ban nhân dân tỉnh Mẫu");
  CHECK_FALSE(certificate("name-organisation").has_personal_name());
  const Certificate reversed = certificate("name-person-first");
  CHECK(reversed.organisational_unit() == "Phòng gần");
  CHECK(reversed.organisation() == "Tỉnh Mẫu");
  const Certificate escapes = certificate("name-escapes");
  CHECK(escapes.common_name() == " #A, \"B\" + <C>; \\ D ");
  CHECK(escapes.subject_text() == "E=a@example.vn,CN=\\ #A\\, \\\"B\\\" \\+ \\<C\\>\\; \\\\ D\\ ,C=VN");
  CHECK(escapes.email() == "a@example.vn");
}

TEST_CASE("keys of every kind") {
  CHECK(certificate("p256").public_key().type() == KeyType::ec_p256);
  CHECK(certificate("p384").public_key().type() == KeyType::ec_p384);
  CHECK(certificate("p384").public_key().max_signature_size() == 104);
  CHECK(certificate("ed25519").public_key().type() == KeyType::ed25519);
  CHECK(certificate("rsa4096").public_key().bits() == 4096);
  const Certificate pss = certificate("pssonly");
  CHECK(pss.public_key().allows(*scheme_by_name("rsa-pss-sha256")));
  CHECK_FALSE(pss.public_key().allows(*scheme_by_name("rsa-pss-sha384")));
  CHECK_FALSE(pss.public_key().allows(*scheme_by_name("rsa-pkcs1-sha256")));
  CHECK(certificate("p521").public_key().type() == KeyType::ec_p521);
  CHECK_FALSE(is_for_signing(certificate("p521").public_key().type()));
}

TEST_CASE("keys that Kyso only verifies with") {
  const TestFolder folder;
  const std::string f = folder.path().string();
  const auto make = [&](const std::string& key, const std::string& digest) {
    output_of("cd " + f + " && openssl req -x509 -new -key " + key + " -" + digest +
              " -subj /CN=Test -days 30 -out c.pem 2>&1");
    const auto all = Certificate::from_pem(output_of("cat " + f + "/c.pem"));
    REQUIRE(all);
    return all->front();
  };
  output_of("cd " + f + " && openssl ecparam -name secp521r1 -genkey -noout -out p521.pem && " +
            "openssl ecparam -name secp256k1 -genkey -noout -out k1.pem && openssl genrsa -out rsa.pem 2048 2>&1 && " +
            "openssl dsaparam -genkey -noout -out dsa.pem 1024 2>&1");
  struct Row {
    const char *key, *digest, *scheme;
    int bits;
  };
  for (const Row& row :
       {Row{"p521.pem", "sha512", "ecdsa-p521-sha512", 521}, Row{"p521.pem", "sha224", "ecdsa-p521-sha224", 521},
        Row{"dsa.pem", "sha1", "dsa-sha1", 1024}, Row{"dsa.pem", "sha256", "dsa-sha256", 1024},
        Row{"rsa.pem", "sha224", "rsa-pkcs1-sha224", 2048}, Row{"rsa.pem", "sha3-256", "rsa-pkcs1-sha3-256", 2048},
        Row{"rsa.pem", "sha3-512", "rsa-pkcs1-sha3-512", 2048},
        Row{"p521.pem", "sha3-384", "ecdsa-p521-sha3-384", 521}}) {
    const Certificate c = make(row.key, row.digest);
    CHECK(c.public_key().bits() == row.bits);
    const auto scheme = c.signature_scheme(c.public_key().type());
    REQUIRE_MESSAGE(scheme, row.scheme);
    CHECK(name_of(*scheme) == row.scheme);
    CHECK(scheme_by_name(row.scheme) == *scheme);
    CHECK_FALSE(is_for_signing(*scheme));
    CHECK_MESSAGE(c.is_issued_by(c), row.scheme);
    CHECK(c.signature().size() <= c.public_key().max_signature_size());
    CHECK_FALSE(c.verify_signature(certificate("rsa2048").public_key()));
  }
  const Certificate k1 = make("k1.pem", "sha256");
  CHECK(k1.public_key().type() == KeyType::other);
  CHECK(k1.public_key().algorithm() == "1.3.132.0.10");
  CHECK(k1.common_name() == "Test");
  CHECK_FALSE(k1.verify_signature(k1.public_key()));
  CHECK(code_of(k1.signature_scheme(KeyType::other)) == "crypto.algorithm.unsupported");
}

TEST_CASE("a certificate shows its parts") {
  const Certificate c = certificate("rsa2048");
  CHECK(c.version() == 3);
  CHECK(c.signature_algorithms_agree());
  CHECK(c.der().subspan(4, c.tbs().size()).data() == c.tbs().data());
  CHECK(name_of(*c.signature_scheme(KeyType::rsa)) == "rsa-pkcs1-sha256");
  CHECK(c.signature().size() == 256);
  REQUIRE_FALSE(c.extensions().empty());
  CHECK(std::ranges::any_of(c.extensions(), [](const auto& e) { return e.oid == "2.5.29.15" && e.is_critical; }));
  // The outer identifier, which is not signed, says SHA-384.
  Bytes changed(c.der().begin(), c.der().end());
  changed[static_cast<std::size_t>(c.signature_algorithm().data() - c.der().data()) + 12] = 12;
  const auto other = Certificate::from_der(changed);
  REQUIRE(other);
  CHECK_FALSE(other->signature_algorithms_agree());
  CHECK_FALSE(other->is_issued_by(certificate("issuing")));
}

TEST_CASE("issuers are recognised by name and signature") {
  const Certificate root = certificate("root");
  CHECK(root.is_self_issued());
  CHECK(root.is_ca());
  CHECK(root.is_issued_by(root));
  CHECK(certificate("issuing").is_issued_by(root));
  CHECK(certificate("rsa2048").is_issued_by(certificate("issuing")));
  CHECK(certificate("ed25519").is_issued_by(certificate("issuing")));
  CHECK_FALSE(certificate("rsa2048").is_issued_by(root));
  for (const char* name : {"root-p384", "root-ed25519", "root-pss", "root-sha1", "pssonly"}) {
    const Certificate c = certificate(name);
    CHECK_MESSAGE(c.is_issued_by(c.is_self_issued() ? c : certificate("issuing")), name);
  }
  // The names fit but for the case of letters; the key is another one.
  const Certificate impostor = certificate("name-root-upper");
  CHECK_FALSE(certificate("issuing").is_issued_by(impostor));
}

TEST_CASE("a changed certificate is refused or isn't its issuer's") {
  const Certificate issuer = certificate("issuing");
  const Certificate c = certificate("p256");
  for (std::size_t i = 0; i < c.der().size(); ++i) {
    Bytes changed(c.der().begin(), c.der().end());
    changed[i] ^= 0x01;
    const auto parsed = Certificate::from_der(changed);
    if (!parsed) continue;
    CHECK_FALSE(parsed->is_issued_by(issuer));
  }
}

TEST_CASE("truncated certificates are malformed") {
  const Certificate c = certificate("rsa2048");
  for (std::size_t size = 0; size < c.der().size(); ++size) {
    const auto parsed = Certificate::from_der(c.der().first(size));
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == "crypto.certificate.malformed");
  }
}

TEST_CASE("PEM with text, several blocks and noise") {
  const std::string chain = vectors::text("chain.pem");
  CHECK(Certificate::from_pem("Bag Attributes\n" + chain + "\nend")->size() == 2);
  CHECK(Certificate::from_pem("-----BEGIN X-----\n" + chain)->size() == 2);
  for (const char* bad : {"", "-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
                          "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    const auto parsed = Certificate::from_pem(bad);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == "crypto.certificate.malformed");
  }
}

TEST_CASE("hostile keys are refused") {
  CHECK_FALSE(PublicKey::from_spki({}));
  const auto tiny_exponent =
      PublicKey::from_spki(*from_hex("301c300d06092a864886f70d0101010500030b003008020300ffff020101"));
  REQUIRE(tiny_exponent);
  CHECK(tiny_exponent->type() == KeyType::other);
  CHECK(tiny_exponent->algorithm() == "RSA exponent");
  CHECK_FALSE(tiny_exponent->verify(*scheme_by_name("rsa-pkcs1-sha256"), Bytes(32), {}, Bytes(2)));
  const Certificate good = certificate("p256");
  Bytes off_curve(good.public_key().spki().begin(), good.public_key().spki().end());
  off_curve.back() ^= 1;
  const auto key = PublicKey::from_spki(off_curve);
  REQUIRE(key);
  CHECK_FALSE(key->verify(*scheme_by_name("ecdsa-p256-sha256"), Bytes(32), {}, Bytes(70)));
}

}  // namespace kyso::crypto
