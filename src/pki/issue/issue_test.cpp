#include "pki/issue/issue.h"

#include <rapidcheck.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "pki/issue/issue_test_support.h"

namespace kyso::pki::issue {
namespace {

using namespace testing;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;
using Kind = GeneralName::Kind;

// Made once for all tests.
Authority& authority() {
  static Authority made = make_root("root-p384");
  return made;
}

Result<ToBeSigned> build(const std::string& profile_name, const CertificateRequest& request,
                         const BlockedKeys* blocked = nullptr) {
  return ToBeSigned::build(profile(profile_name), authority().settings, request, kSerial, kNow, blocked);
}
// The error that a change to a good request brings: code, then the values of its parameters.
template <typename F>
std::string fault(const std::string& profile_name, const F& change) {
  CertificateRequest request = sample_request(profile_name);
  REQUIRE(code_of(build(profile_name, request)) == "ok");
  change(request);
  const auto built = build(profile_name, request);
  if (built) return "ok";
  std::string out(built.error().code);
  for (const auto& [name, value] : built.error().params) out += " " + value;
  return out;
}
ParsedCertificate issued(const std::string& profile_name, const CertificateRequest& request) {
  return ParsedCertificate(must(authority().issue(profile(profile_name), request)));
}
void set(CertificateRequest& request, const std::string& type, const std::string& value) {
  std::erase_if(request.subject, [&](const SubjectAttribute& a) { return a.type == type; });
  request.subject.push_back({type, value});
}

TEST_CASE("a certificate says what the request, the profile and the issuer say") {
  const ParsedCertificate out = issued("PERSON_5Y", sample_request("PERSON_5Y"));
  const crypto::Certificate& certificate = out.certificate();
  CHECK(certificate.version() == 3);
  CHECK(certificate.serial_hex() == "2A93E1B7045FD86C1397F20A4EBD6582C1");
  CHECK(certificate.subject_text() ==
        "CN=Nguyễn Văn A,UID=CCCD:012345678910,L=Tỉnh Mẫu,OU=Trung tâm Công nghệ thông tin,"
        "OU=Sở Khoa học và Công nghệ,O=Tỉnh Mẫu,C=VN");
  CHECK(std::ranges::equal(certificate.issuer_der(), authority().settings.certificate.certificate().subject_der()));
  CHECK(certificate.not_before() == kNow);
  CHECK(certificate.not_after() == kNow + days(1826) - seconds(1));
  CHECK_FALSE(certificate.is_ca());
  CHECK(certificate.key_usage() == 0x3);
  CHECK(certificate.extended_key_usage() ==
        std::vector<std::string>{"1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.36"});
  CHECK(certificate.email() == "nguyenvana@mau.gov.vn");
  CHECK(certificate.is_issued_by(authority().settings.certificate.certificate()));
  const CertificateExtensions& extensions = out.extensions();
  CHECK(extensions.malformed.empty());
  CHECK(std::ranges::equal(*extensions.authority_key_id,
                           authority().settings.certificate.certificate().subject_key_id()));
  CHECK(certificate.subject_key_id().size() == 20);
  CHECK(extensions.ocsp_urls == authority().settings.ocsp_urls);
  CHECK(extensions.ca_issuer_urls == authority().settings.ca_issuer_urls);
  REQUIRE(extensions.crl_distribution_points.size() == 1);
  CHECK(as_chars(extensions.crl_distribution_points[0].full_name.at(0).value) ==
        fmt::format("http://crl.mau.gov.vn/crl/mau-g1-{}.crl", crl_shard_of(kSerial, 16)));
}

TEST_CASE("identifiers of keys are those of RFC 7093, of issuers what their certificate says") {
  const crypto::PublicKey key = vectors::certificate("p256").public_key();
  const ParsedCertificate out = issued("DEVICE_5Y", sample_request("DEVICE_5Y", "rsa2048"));
  const Bytes hash = crypto::digest(crypto::DigestAlgorithm::sha256,
                                    ByteView(vectors::certificate("rsa2048").public_key().spki()).subspan(24));
  CHECK(std::ranges::equal(out.certificate().subject_key_id(), ByteView(hash).first(20)));
  CHECK(out.extensions().authority_key_id->size() == 20);
}

TEST_CASE("the content of the subject decides the order, the reader's words don't") {
  CertificateRequest request = sample_request("PERSON_5Y");
  const auto first = must(build("PERSON_5Y", request));
  std::ranges::rotate(request.subject, request.subject.begin() + 3);
  const auto second = must(build("PERSON_5Y", request));
  CHECK(std::ranges::equal(first.der(), second.der()));
  // Decomposed letters become the same certificate.
  for (SubjectAttribute& attribute : request.subject) attribute.value = to_nfd(attribute.value);
  CHECK(std::ranges::equal(first.der(), must(build("PERSON_5Y", request)).der()));
}

TEST_CASE("subjects that the profile doesn't allow") {
  const auto with = [](const std::string& type, const std::string& value) {
    return [=](CertificateRequest& request) { set(request, type, value); };
  };
  const auto without = [](const std::string& type) {
    return [=](CertificateRequest& request) {
      std::erase_if(request.subject, [&](const SubjectAttribute& a) { return a.type == type; });
    };
  };
  CHECK(fault("PERSON_5Y", without("CN")) == "issue.subject.missing CN");
  CHECK(fault("PERSON_5Y", without("O")) == "issue.subject.missing O");
  CHECK(fault("PERSON_5Y", without("L")) == "ok");
  CHECK(fault("PERSON_5Y", with("C", "VN")) == "ok");
  CHECK(fault("PERSON_5Y", with("C", "US")) == "issue.subject.value C VN");
  CHECK(fault("PERSON_5Y", with("C", "vn")) == "issue.subject.value C ISO 3166");
  CHECK(fault("PERSON_5Y", with("street", "1")) == "issue.subject.unexpected street");
  CHECK(fault("PERSON_5Y", with("2.5.4.3", "x")) == "issue.subject.unexpected 2.5.4.3");
  CHECK(fault("PERSON_5Y", [](CertificateRequest& r) { r.subject.push_back({"CN", "B"}); }) ==
        "issue.subject.unexpected CN");
  CHECK(fault("PERSON_5Y", [](CertificateRequest& r) {
          for (int i = 0; i < 3; ++i) r.subject.push_back({"OU", fmt::format("Phòng {}", i)});
        }) == "issue.subject.unexpected OU");
  CHECK(fault("PERSON_5Y", [](CertificateRequest& r) { r.subject.assign(1000, {"OU", "x"}); }) ==
        "issue.subject.unexpected OU");
  CHECK(fault("PERSON_5Y", with("UID", "CCCD:1234")).starts_with("issue.subject.value UID (CCCD:"));
  CHECK(fault("PERSON_5Y", with("E", "nguyễn@mau.gov.vn")) == "issue.subject.value E RFC 5321");
  CHECK(fault("PERSON_5Y", with("E", "a@mau.gov.vn")) == "ok");
  CHECK(fault("DEVICE_5Y", with("serialNumber", "Số 1")) == "issue.subject.value serialNumber PrintableString");
  CHECK(fault("PERSON_5Y", with(std::string(5000, 'x'), "y")).size() < 100);
}

TEST_CASE("lengths are counted in characters") {
  std::string exactly;
  for (int i = 0; i < 64; ++i) exactly += "ễ";
  const auto with_name = [](const std::string& name) { return [=](CertificateRequest& r) { set(r, "CN", name); }; };
  CHECK(fault("PERSON_5Y", with_name(exactly)) == "ok");
  CHECK(fault("PERSON_5Y", with_name(exactly + "x")) == "issue.subject.too_long CN 64");
  CHECK(fault("PERSON_5Y", with_name(to_nfd(exactly))) == "ok");
  CHECK(fault("PERSON_5Y", with_name(std::string(1U << 20U, 'x'))) == "issue.subject.too_long CN 4096");
}

TEST_CASE("characters that deceive are refused") {
  const auto name = [](const std::string& value) {
    return fault("PERSON_5Y", [&](CertificateRequest& r) { set(r, "CN", value); });
  };
  const std::string invisible = "issue.subject.value CN invisible or unassigned character";
  for (const char* const value : {"Nguyễn\tVăn A", "Nguyễn\nVăn A", "Nguyễn Văn\u200bA", "\u202eA năV nễyugN",
                                  "Nguyễn\u00a0Văn A", "Nguyễn Văn A\u00ad", "Nguyễn\u2028A", "\ue000", "A\ufeff",
                                  "A\u3164", "A\U000e0041", "A\ufffe", "A\u007f", "A\ufffd"})
    CHECK_MESSAGE(name(value) == invisible, value);
  CHECK(name(std::string("A\0B", 3)) == invisible);
  CHECK(name("\xc3\x28") == "issue.subject.value CN UTF-8");
  CHECK(name("\xed\xa0\x80") == "issue.subject.value CN UTF-8");
  CHECK(name("") == "issue.subject.value CN empty");
  for (const char* const value : {" A", "A ", "A  B", " "}) CHECK(name(value) == "issue.subject.value CN blanks");
  CHECK(name("\u0301A") == "issue.subject.value CN combining mark at the start");
  for (const char* const value : {"Đỗ Thị Ơn", "H'Hen Niê", "Y Moan Ênuôl (Đắk Lắk)", "Công ty A & B, C=D/E+F;\"<>\\#"})
    CHECK_MESSAGE(name(value) == "ok", value);
}

TEST_CASE("whatever text a subject has, it stands in the certificate as it was approved, or is refused") {
  rc::check([] {
    std::u32string text;
    const auto length = *rc::gen::inRange(1, 80);
    for (int i = 0; i < length; ++i) {
      const auto pick = *rc::gen::inRange(0, 10);
      text += pick < 6   ? static_cast<char32_t>(*rc::gen::inRange(0x20, 0x7f))
              : pick < 9 ? static_cast<char32_t>(*rc::gen::inRange(0xc0, 0x1eff))
                         : static_cast<char32_t>(*rc::gen::inRange(0, 0x110000));
    }
    const std::string value = to_utf8(text);
    CertificateRequest request = sample_request("PERSON_5Y");
    set(request, "CN", value);
    const auto built = build("PERSON_5Y", request);
    if (!built) {
      RC_ASSERT(std::string_view(built.error().code).starts_with("issue.subject."));
      return;
    }
    const auto linted = must(Linted::lint(*built, profile("PERSON_5Y"), &authority().settings.certificate));
    const auto certificate = must(crypto::Certificate::from_der(linted.certificate()));
    RC_ASSERT(certificate.common_name() == to_nfc(value));
    RC_ASSERT(to_utf32(to_nfc(value)).size() <= 64);
  });
}

TEST_CASE("alternative names") {
  const auto names = [](std::vector<GeneralName> wanted) {
    return [=](CertificateRequest& r) { r.alternative_names = wanted; };
  };
  CHECK(fault("PERSON_5Y", names({})) == "ok");
  CHECK(fault("PERSON_5Y", names({name_of(Kind::dns, "a.vn")})) == "issue.name.unexpected dns");
  CHECK(fault("PERSON_5Y", names({name_of(Kind::other, "x")})) == "issue.name.unexpected [0]");
  CHECK(fault("PERSON_5Y", names({name_of(Kind::rfc822, "a")})) == "issue.name.value email RFC 5321");
  CHECK(fault("PERSON_5Y", names({name_of(Kind::rfc822, "a@b.vn"), name_of(Kind::rfc822, "a@b.vn")})) ==
        "issue.name.value email =");
  CHECK(fault("PERSON_5Y", names({name_of(Kind::rfc822, "a@b.vn"), name_of(Kind::rfc822, "b@b.vn"),
                                  name_of(Kind::rfc822, "c@b.vn")})) == "issue.name.count 3 0 2");
  const auto server = [&](const std::string& name) {
    return fault("SERVER_1Y", [&](CertificateRequest& r) {
      std::erase_if(r.subject, [](const SubjectAttribute& a) { return a.type == "CN"; });
      r.alternative_names = {name_of(Kind::dns, name)};
    });
  };
  for (const char* const good : {"mau.gov.vn", "*.mau.gov.vn", "xn--mu-0ja.vn", "a-b.c.vn", "1.vn"})
    CHECK_MESSAGE(server(good) == "ok", good);
  for (const std::string& bad :
       {std::string("vn"), std::string("*.vn"), std::string("a.*.vn"), std::string("a..vn"), std::string("-a.vn"),
        std::string("a_b.vn"), std::string("mẫu.vn"), std::string("a.vn."), std::string(64, 'a') + ".vn",
        std::string("a.vn\0.b.vn", 10), std::string("10.0.0.1"), std::string()})
    CHECK_MESSAGE(server(bad) == "issue.name.value dns RFC 1123", bad);
  const auto ip = [&](const Bytes& octets) {
    return fault("SERVER_1Y", [&](CertificateRequest& r) { r.alternative_names.push_back({Kind::ip, octets}); });
  };
  CHECK(ip({10, 0, 0, 1}) == "ok");
  CHECK(ip(Bytes(16, 1)) == "ok");
  CHECK(ip({10, 0, 0, 1, 255, 255, 255, 0}) == "issue.name.value ip IPv4, IPv6");
  const auto uri = [&](const std::string& text) {
    return fault("DEVICE_5Y", [&](CertificateRequest& r) { r.alternative_names = {name_of(Kind::uri, text)}; });
  };
  CHECK(uri("urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6") == "ok");
  for (const char* const bad : {"", "x", "//a/b", "http:", "http://a b", "http://ẫ", "1http://a"})
    CHECK_MESSAGE(uri(bad) == "issue.name.value uri RFC 3986", bad);
}

TEST_CASE("web servers need names that browsers look at") {
  CHECK(fault("SERVER_1Y", [](CertificateRequest& r) { r.alternative_names.clear(); }) == "issue.name.count 0 1 100");
  CHECK(fault("SERVER_1Y", [](CertificateRequest& r) { set(r, "CN", "khac.gov.vn"); }) == "issue.subject.value CN dns");
  CHECK(fault("SERVER_1Y", [](CertificateRequest& r) { set(r, "CN", "DICHVU.mau.gov.vn"); }) == "ok");
}

TEST_CASE("a certificate without subject has critical alternative names") {
  CertificateProfile bare = profile("SERVER_1Y");
  bare.subject.clear();
  CertificateRequest request = sample_request("SERVER_1Y");
  request.subject.clear();
  const auto content = must(ToBeSigned::build(bare, authority().settings, request, kSerial, kNow));
  const auto linted = must(Linted::lint(content, bare, &authority().settings.certificate));
  const auto certificate = must(crypto::Certificate::from_der(linted.certificate()));
  const auto names = std::ranges::find(certificate.extensions(), "2.5.29.17", &crypto::CertificateExtension::oid);
  REQUIRE(names != certificate.extensions().end());
  CHECK(names->is_critical);
  bare.min_alternative_names = 0;
  request.alternative_names.clear();
  CHECK(code_of(ToBeSigned::build(bare, authority().settings, request, kSerial, kNow)) == "issue.subject.missing");
}

TEST_CASE("validity") {
  const auto period = [&](std::optional<Instant> from, std::optional<Instant> until) {
    return fault("PERSON_5Y",
                 [&](CertificateRequest& r) { std::tie(r.not_before, r.not_after) = std::tuple(from, until); });
  };
  const Instant end = kNow + days(1826) - seconds(1);
  CHECK(period(kNow - hours(1), {}) == "ok");
  CHECK(period(kNow - hours(1) - seconds(1), {}) == "issue.validity notBefore < now");
  CHECK(period(kNow + days(90), {}) == "ok");
  CHECK(period(kNow + days(90) + seconds(1), {}) == "issue.validity notBefore > now");
  CHECK(period(Instant::max(), {}) == "issue.validity notBefore > now");
  CHECK(period(Instant::min(), {}) == "issue.validity notBefore < now");
  CHECK(period({}, end) == "ok");
  CHECK(period({}, end + seconds(1)).starts_with("issue.validity notAfter >"));
  CHECK(period({}, Instant::max()).starts_with("issue.validity notAfter >"));
  CHECK(period({}, kNow) == "issue.validity notAfter < notBefore");
  CHECK(period(kNow - hours(1), kNow - seconds(1)) == "issue.validity notAfter < notBefore");
  CHECK(period({}, kNow + seconds(1)) == "ok");

  // Never longer than the issuer's.
  IssuerSettings settings = authority().settings;
  const Instant last = settings.certificate.certificate().not_after();
  const Instant late = last - days(30);
  CertificateRequest request = sample_request("PERSON_5Y");
  const auto cut = must(ToBeSigned::build(profile("PERSON_5Y"), settings, request, kSerial, late));
  const auto linted = must(Linted::lint(cut, profile("PERSON_5Y"), &settings.certificate));
  CHECK(must(crypto::Certificate::from_der(linted.certificate())).not_after() == last);
  request.not_after = last + seconds(1);
  const auto beyond = ToBeSigned::build(profile("PERSON_5Y"), settings, request, kSerial, late);
  CHECK(parameter(beyond.error(), "reason") == "notAfter: CA");
  request.not_after.reset();
  const auto dead = ToBeSigned::build(profile("PERSON_5Y"), settings, request, kSerial, last);
  CHECK(parameter(dead.error(), "reason") == "notBefore: CA");
}

TEST_CASE("times from 2050 on are GeneralizedTime") {
  const crypto::Certificate& root = authority().settings.certificate.certificate();
  CHECK(root.not_after() > parse_time("2050-01-01T00:00:00Z").value());
  CHECK_FALSE(std::ranges::search(root.tbs(), as_bytes("260502000000Z")).empty());
  CHECK_FALSE(std::ranges::search(root.tbs(), as_bytes("20560430235959Z")).empty());
}

TEST_CASE("keys that the profile or the authority refuses") {
  CHECK(code_of(build("SOFTWARE_5Y", sample_request("SOFTWARE_5Y", "rsa2048"))) == "issue.key.weak");
  CHECK(code_of(build("SOFTWARE_5Y", sample_request("SOFTWARE_5Y", "rsa3072"))) == "ok");
  CHECK(code_of(build("PERSON_5Y", sample_request("PERSON_5Y", "ed25519"))) == "issue.key.kind");
  const crypto::PublicKey key = vectors::certificate("p384").public_key();
  const BlockedKeys blocked =
      must(BlockedKeys::load(to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, key.spki()))));
  CHECK(code_of(build("PERSON_5Y", sample_request("PERSON_5Y", "p384"), &blocked)) == "issue.key.blocked");
  // The issuer's own key.
  Authority other = make_root("p384");
  const auto own =
      ToBeSigned::build(profile("PERSON_5Y"), other.settings, sample_request("PERSON_5Y", "p384"), kSerial, kNow);
  CHECK(code_of(own) == "issue.key.weak");
  CHECK(parameter(own.error(), "reason") == "CA");
}

TEST_CASE("profiles and requests that don't belong together") {
  CHECK(code_of(build("ORGANIZATION_5Y", sample_request("PERSON_5Y"))) == "issue.profile");
  CHECK(code_of(build("ROOT", sample_request("ROOT"))) == "issue.profile");
  CHECK(code_of(ToBeSigned::build_self_signed(profile("SUB_CA"), sample_request("SUB_CA"),
                                              crypto::default_scheme(crypto::KeyType::ec_p256), kSerial, kNow)) ==
        "issue.profile");
  CHECK(code_of(ToBeSigned::build_self_signed(profile("ROOT"), sample_request("ROOT"),
                                              crypto::default_scheme(crypto::KeyType::rsa), kSerial, kNow)) ==
        "issue.key.kind");
}

TEST_CASE("serial numbers are positive, short and minimal") {
  const auto with = [](const Bytes& serial) {
    return code_of(
        ToBeSigned::build(profile("PERSON_5Y"), authority().settings, sample_request("PERSON_5Y"), serial, kNow));
  };
  for (const Bytes& good : {Bytes{1}, Bytes{0x7f}, Bytes{0, 0x80}, Bytes(20, 0x7f)}) CHECK(with(good) == "ok");
  for (const Bytes& bad : {Bytes{}, Bytes{0}, Bytes{0x80}, Bytes{0, 1}, Bytes(21, 1), Bytes(20, 0xff), Bytes{0, 0}})
    CHECK(with(bad) == "issue.serial");
  std::set<Bytes> seen;
  for (int i = 0; i < 1000; ++i) {
    const Bytes serial = draw_serial(0x2a);
    CHECK(serial.size() == 17);
    CHECK(serial[0] == 0x2a);
    seen.insert(serial);
  }
  CHECK(seen.size() == 1000);
}

TEST_CASE("shards are even and stay the same") {
  CHECK(crl_shard_of(kSerial, 1) == 0);
  CHECK(crl_shard_of(kSerial, 16) == 3);
  std::array<int, 16> counts{};
  for (int i = 0; i < 16'000; ++i) ++counts.at(crl_shard_of(draw_serial(1), 16));
  for (const int count : counts) {
    CHECK(count > 800);
    CHECK(count < 1200);
  }
}

// Signs something else, or badly.
class FalseHolder final : public crypto::KeyHolder {
 public:
  explicit FalseHolder(crypto::KeyHolder& real) : m_real(real) {}
  const crypto::Certificate& certificate() const override { return m_real.certificate(); }
  std::span<const crypto::Certificate> issuers() const override { return {}; }
  bool supports(crypto::SignatureScheme scheme) const override { return m_real.supports(scheme); }
  Result<Bytes> sign(const crypto::SignRequest& request) override {
    if (answer == "error") return fail("token.device.error");
    if (answer == "empty") return Bytes{};
    if (answer == "noise") return Bytes(70, 0x30);
    const Bytes other = crypto::digest(request.scheme.digest, as_bytes("something else"));
    return m_real.sign({.scheme = request.scheme, .digest = other, .message = {}, .shown_text = {}});
  }
  std::string answer = "other";

 private:
  crypto::KeyHolder& m_real;
};

TEST_CASE("nothing leaves that the issuer's key didn't sign") {
  FalseHolder holder(*authority().key);
  const auto attempt = [&] {
    auto content = must(build("PERSON_5Y", sample_request("PERSON_5Y")));
    auto linted = must(Linted::lint(std::move(content), profile("PERSON_5Y"), &authority().settings.certificate));
    return code_of(sign(std::move(linted), holder, authority().settings.certificate.certificate().public_key()));
  };
  CHECK(attempt() == "issue.mismatch");
  holder.answer = "empty";
  CHECK(attempt() == "issue.mismatch");
  holder.answer = "noise";
  CHECK(attempt() == "issue.mismatch");
  holder.answer = "error";
  CHECK(attempt() == "token.device.error");
}

TEST_CASE("the linting certificate has the content, and restores the right to sign it") {
  auto content = must(build("PERSON_5Y", sample_request("PERSON_5Y")));
  const Bytes tbs(content.der().begin(), content.der().end());
  const ParsedCertificate& issuer = authority().settings.certificate;
  Linted linted = must(Linted::lint(std::move(content), profile("PERSON_5Y"), &issuer));
  CHECK(std::ranges::equal(linted.tbs(), tbs));
  const auto parsed = must(crypto::Certificate::from_der(linted.certificate()));
  CHECK(std::ranges::equal(parsed.tbs(), tbs));
  CHECK(parsed.signature_algorithms_agree());
  CHECK_FALSE(parsed.is_issued_by(issuer.certificate()));

  Linted restored = must(Linted::restore(linted.certificate(), profile("PERSON_5Y"), &issuer));
  CHECK(std::ranges::equal(restored.tbs(), tbs));
  const auto signed_one = must(sign(std::move(restored), *authority().key, issuer.certificate().public_key()));
  CHECK(std::ranges::equal(signed_one.tbs(), tbs));
  CHECK(signed_one.is_issued_by(issuer.certificate()));

  Bytes damaged(linted.certificate().begin(), linted.certificate().end());
  damaged.push_back(0);
  CHECK(code_of(Linted::restore(damaged, profile("PERSON_5Y"), &issuer)) == "crypto.certificate.malformed");
}

TEST_CASE("linting signatures are real ones of throw-away keys, in the issuer's form") {
  for (const char* const key : {"p256", "p384", "rsa3072", "ed25519"}) {
    Authority issuer = make_root(key);
    const auto subject_key = std::string(key) == "rsa3072" ? "p256" : "rsa3072";
    const auto content = must(ToBeSigned::build(profile("SOFTWARE_5Y"), issuer.settings,
                                                sample_request("SOFTWARE_5Y", subject_key), kSerial, kNow));
    const auto linted = must(Linted::lint(content, profile("SOFTWARE_5Y"), &issuer.settings.certificate));
    const auto first = must(crypto::Certificate::from_der(linted.certificate()));
    const auto real = must(issuer.issue(profile("SOFTWARE_5Y"), sample_request("SOFTWARE_5Y", subject_key)));
    CHECK(std::abs(static_cast<int>(first.signature().size()) - static_cast<int>(real.signature().size())) <= 4);
    CHECK_FALSE(first.verify_signature(issuer.settings.certificate.certificate().public_key()));
    CHECK(real.verify_signature(issuer.settings.certificate.certificate().public_key()));
  }
}

}  // namespace
}  // namespace kyso::pki::issue
