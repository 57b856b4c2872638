#include "pki/issue/profile.h"

#include <rapidcheck.h>

#include "pki/issue/issue_test_support.h"

namespace kyso::pki::issue {
namespace {

using namespace testing;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

constexpr std::string_view kBase = R"(name = "X"
description = "mẫu"
kind = "person"
validity = "1y"
keys = ["p256"]
key_usage = ["digitalSignature"]
)";

CertificateProfile parse(const std::string& more) {
  return must(parse_profile(std::string(kBase) + more, "X.toml"));
}
// "code line" of the error; "ok" when there is none.
std::string fault(std::string_view text) {
  const auto parsed = parse_profile(text, "X.toml");
  if (parsed) return "ok";
  CHECK(parameter(parsed.error(), "path") == "X.toml");
  return fmt::format("{} {}", parsed.error().code, parameter(parsed.error(), "line"));
}
std::string fault_of(const std::string& more) {
  return fault(std::string(kBase) + more);
}
// With one line of the base replaced.
std::string fault_with(const std::string& key, const std::string& line) {
  std::string text(kBase);
  const std::size_t at = text.find(key + " =");
  REQUIRE(at != std::string::npos);
  text.replace(at, text.find('\n', at) - at, line);
  return fault(text);
}

TEST_CASE("a profile with everything is read") {
  const CertificateProfile out = must(parse_profile(R"(
name = "ALL_1"
description = "Đủ mọi khóa"
kind = "organisation"
validity = "397d"
backdate = "30m"
postdate = "12h"
keys = ["rsa", "p256", "p384", "ed25519"]
min_rsa_bits = 3072
key_usage = ["digitalSignature", "keyEncipherment"]
key_usage_critical = false
extended_key_usage = ["clientAuth", "1.2.3.4"]
extended_key_usage_critical = true
policies = ["2.16.704.1"]

[[subject]]
type = "C"
fixed = "VN"

[[subject]]
type = "OU"
min = 1
max = 3
max_length = 30
pattern = "[^,]*"

[[subject]]
type = "1.2.704.1"

[names]
kinds = ["email", "dns", "ip", "uri", "directory"]
min = 1
max = 5

[status]
crl = false
authority_information = false
none_available = true

[qualified]
types = ["eseal"]
compliance = true
sscd = true
legislation = ["VN", "LA"]
semantics = "legal"

[[qualified.pds]]
language = "vi"
url = "https://mau.gov.vn/pds"

[[ignore]]
lint = "w_something"
reason = "để thử"
)",
                                                    "ALL_1.toml"));
  CHECK(out.name == "ALL_1");
  CHECK(out.validity == days(397));
  CHECK(out.backdate == std::chrono::minutes(30));
  CHECK(out.postdate == hours(12));
  CHECK(out.keys.size() == 4);
  CHECK(out.min_rsa_bits == 3072);
  CHECK(out.key_usage == 0b101);
  CHECK_FALSE(out.key_usage_critical);
  CHECK(out.extended_key_usage == std::vector<std::string>{"1.3.6.1.5.5.7.3.2", "1.2.3.4"});
  CHECK(out.extended_key_usage_critical);
  CHECK(out.policies == std::vector<std::string>{"2.16.704.1"});
  REQUIRE(out.subject.size() == 3);
  CHECK(out.subject[0].fixed == "VN");
  CHECK(out.subject[1].min == 1);
  CHECK(out.subject[1].max == 3);
  CHECK(out.subject[1].max_length == 30);
  CHECK(out.subject[1].compiled);
  CHECK(out.alternative_names.size() == 5);
  CHECK(out.min_alternative_names == 1);
  CHECK(out.max_alternative_names == 5);
  CHECK(out.no_revocation_available);
  CHECK(out.qc_types == std::vector<std::string>{"eseal"});
  CHECK(out.qc_legislation == std::vector<std::string>{"VN", "LA"});
  CHECK(out.qc_semantics == "legal");
  CHECK(out.pds == std::vector<std::pair<std::string, std::string>>{{"vi", "https://mau.gov.vn/pds"}});
  CHECK(out.ignored_lints == std::vector<std::string>{"w_something"});

  const CertificateProfile authority = must(parse_profile(R"(
name = "CA"
description = "cấp dưới"
kind = "sub-ca"
validity = "20y"
keys = ["rsa"]
key_usage = ["keyCertSign", "cRLSign"]
[authority]
path_length = 0
permitted_dns = ["gov.vn"]
permitted_email = ["gov.vn", ".gov.vn", "a@mau.vn"]
)",
                                                          "CA.toml"));
  CHECK(authority.is_ca);
  CHECK(authority.path_length == 0);
  CHECK(authority.validity == days(7305));
  CHECK(authority.permitted_email.size() == 3);
}

TEST_CASE("what is absent has a safe default") {
  const CertificateProfile out = parse("");
  CHECK(out.validity == days(365));
  CHECK(out.backdate == seconds(0));
  CHECK(out.postdate == seconds(0));
  CHECK(out.min_rsa_bits == 2048);
  CHECK(out.key_usage_critical);
  CHECK(out.crl_distribution);
  CHECK(out.authority_information);
  CHECK(out.max_alternative_names == 0);
  CHECK_FALSE(out.is_ca);
}

TEST_CASE("faults of a profile are told with their line") {
  CHECK(fault("") == "base.config.missing 1");
  CHECK(fault("name = ").starts_with("base.config.invalid"));
  CHECK(fault_with("name", "name = \"thường\"") == "base.config.invalid 1");
  CHECK(fault_with("name", "name = 7") == "base.config.wrong_type 1");
  CHECK(fault_with("kind", "kind = \"dog\"") == "base.config.invalid 3");
  for (const char* const value : {"", "y", "5", "5x", "-1d", "1.5y", "0d", "51y", "99999999d", "1y "})
    CHECK_MESSAGE(fault_with("validity", fmt::format("validity = \"{}\"", value)) == "base.config.invalid 4", value);
  CHECK(fault_with("keys", "keys = []") == "base.config.invalid 5");
  CHECK(fault_with("keys", "keys = [\"dsa\"]") == "base.config.invalid 5");
  CHECK(fault_with("keys", "keys = [\"rsa\", \"rsa\"]") == "base.config.invalid 5");
  CHECK(fault_with("key_usage", "key_usage = []") == "base.config.invalid 6");
  CHECK(fault_with("key_usage", "key_usage = [\"signing\"]") == "base.config.invalid 6");
  CHECK(fault_of("min_rsa_bits = 1024") == "base.config.invalid 7");
  CHECK(fault_of("extended_key_usage = [\"anything\"]") == "base.config.invalid 7");
  CHECK(fault_of("policies = [\"1\"]") == "base.config.invalid 7");
  CHECK(fault_of("policies = [\"1.40.3\"]") == "base.config.invalid 7");
  CHECK(fault_of("policies = [\"1.2.03\"]") == "base.config.invalid 7");
  CHECK(fault_of("speed = 3") == "base.config.unknown_key 7");
  CHECK(fault_of("[subject]\ntype = \"CN\"") == "base.config.invalid 7");
  CHECK(fault_of("[[subject]]\ntype = \"CNN\"") == "base.config.invalid 8");
  CHECK(fault_of("[[subject]]\ntype = \"2.5.4.3\"") == "base.config.invalid 8");
  CHECK(fault_of("[[subject]]\ntype = \"CN\"\n[[subject]]\ntype = \"CN\"") == "base.config.invalid 10");
  CHECK(fault_of("[[subject]]\nmin = 1") == "base.config.missing 7");
  CHECK(fault_of("[[subject]]\ntype = \"CN\"\nmin = 3\nmax = 2") == "base.config.invalid 10");
  CHECK(fault_of("[[subject]]\ntype = \"CN\"\nmax_length = 65") == "base.config.invalid 9");
  CHECK(fault_of("[[subject]]\ntype = \"CN\"\npattern = \"(\"") == "base.config.invalid 9");
  CHECK(fault_of("[names]\nkinds = [\"fax\"]") == "base.config.invalid 8");
  CHECK(fault_of("[names]\nkinds = [\"dns\"]\nmin = 3\nmax = 2") == "base.config.invalid 10");
  CHECK(fault_of("[[ignore]]\nlint = \"w_x\"") == "base.config.missing 7");
  CHECK(fault_of("[[ignore]]\nlint = \"w_x\"\nreason = \" \"") == "base.config.invalid 9");
}

TEST_CASE("profiles that could only make wrong certificates are refused") {
  CHECK(fault_with("key_usage", "key_usage = [\"keyCertSign\"]") == "base.config.invalid 6");
  CHECK(fault_with("key_usage", "key_usage = [\"digitalSignature\", \"cRLSign\"]") == "base.config.invalid 6");
  CHECK(fault_with("kind", "kind = \"sub-ca\"") == "base.config.invalid 6");
  CHECK(fault_of("[authority]\npath_length = 0") == "base.config.unknown_key 8");
  CHECK(fault_of("[status]\nnone_available = true") == "base.config.invalid 8");
  CHECK(fault_of("extended_key_usage = [\"timeStamping\"]") == "base.config.invalid 7");
  CHECK(fault_of("extended_key_usage = [\"timeStamping\", \"clientAuth\"]\nextended_key_usage_critical = true") ==
        "base.config.invalid 7");
  CHECK(fault_of("extended_key_usage = [\"OCSPSigning\", \"clientAuth\"]") == "base.config.invalid 7");
  CHECK(fault_of("extended_key_usage = [\"2.5.29.37.0\"]") == "base.config.invalid 7");
  CHECK(fault_of("extended_key_usage = [\"serverAuth\"]").starts_with("base.config.invalid"));
  CHECK(fault_of("extended_key_usage = [\"serverAuth\"]\n[names]\nkinds = [\"dns\"]\nmin = 1") == "ok");
  CHECK(fault_with("validity",
                   "validity = \"2y\"\nextended_key_usage = [\"serverAuth\"]\nnames.kinds = [\"dns\"]\n"
                   "names.min = 1") == "base.config.invalid 4");
  CHECK(fault_of("[qualified]\ncompliance = true").starts_with("base.config.invalid"));
  CHECK(fault_of("[qualified]\ntypes = [\"esign\", \"web\"]") == "base.config.invalid 8");
  CHECK(fault_of("[qualified]\nlegislation = [\"Viet Nam\"]") == "base.config.invalid 8");
  CHECK(fault_of("[qualified]\nsemantics = \"x\"") == "base.config.invalid 8");
  CHECK(fault_of("[qualified]\ntypes = [\"esign\"]\n[[qualified.pds]]\nlanguage = \"vi\"\nurl = \"http://a.vn/\"") ==
        "base.config.invalid 11");
}

TEST_CASE("patterns match the whole value, and take no exponential time") {
  CertificateProfile one = parse("[[subject]]\ntype = \"CN\"\nmin = 1\npattern = \"(a+)+b\"");
  CertificateRequest request{.reference = "1", .profile = "X", .pkcs10 = csr_of("p256")};
  static Authority issuer = make_root("root-p384");
  const auto attempt = [&](const std::string& name) {
    request.subject = {{"CN", name}};
    return code_of(ToBeSigned::build(one, issuer.settings, request, kSerial, kNow));
  };
  CHECK(attempt("aab") == "ok");
  CHECK(attempt("xaab") == "issue.subject.value");
  CHECK(attempt("aabx") == "issue.subject.value");
  CHECK(attempt(std::string(64, 'a')) == "issue.subject.value");
  // Without parse_profile the expression is compiled as it is needed.
  one.subject[0].compiled = nullptr;
  CHECK(attempt("aab") == "ok");
  CHECK(attempt("c") == "issue.subject.value");
}

TEST_CASE("a folder of profiles") {
  const TestFolder folder;
  folder.write("X.toml", std::string(kBase));
  folder.write("README.md", "no profile");
  const auto loaded = must(load_profiles(folder.path()));
  CHECK(loaded.size() == 1);
  CHECK(loaded.contains("X"));
  folder.write("Y.toml", std::string(kBase));
  CHECK(code_of(load_profiles(folder.path())) == "base.config.invalid");
  CHECK(code_of(load_profiles(folder / "none")) == "base.file.unreadable");
}

TEST_CASE("no text crashes the reader of profiles") {
  rc::check([](const std::string& text) { static_cast<void>(parse_profile(text, "x")); });
  rc::check("a damaged profile", [] {
    std::string text(kBase);
    text[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::character<char>();
    static_cast<void>(parse_profile(text, "x"));
  });
}

}  // namespace
}  // namespace kyso::pki::issue
