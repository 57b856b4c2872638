#include "crypto/certificate.h"

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
  const auto p521 = Certificate::from_pem(vectors::text("p521.cert.pem"));
  REQUIRE_FALSE(p521);
  CHECK(p521.error().code == "crypto.key.unsupported");
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
  const Certificate good = certificate("p256");
  Bytes off_curve(good.public_key().spki().begin(), good.public_key().spki().end());
  off_curve.back() ^= 1;
  const auto key = PublicKey::from_spki(off_curve);
  REQUIRE(key);
  CHECK_FALSE(key->verify(*scheme_by_name("ecdsa-p256-sha256"), Bytes(32), {}, Bytes(70)));
}

}  // namespace kyso::crypto
