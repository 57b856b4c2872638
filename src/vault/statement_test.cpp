#include "vault/statement.h"

#include <rapidcheck.h>

#include "base/test_support.h"
#include "base/text.h"
#include "crypto/algorithm.h"
#include "vault/escrow.h"
#include "vault/statement_json.h"

namespace kyso::vault {
namespace {

std::string digits(const char* alphabet, std::size_t count) {
  return *rc::gen::container<std::string>(count, rc::gen::elementOf(std::string(alphabet)));
}

// Letters that statements may carry, also those that JSON escapes.
std::string words(std::size_t min = 0) {
  const auto letters = *rc::gen::container<std::vector<std::string>>(
      rc::gen::element<std::string>("a", "B", "7", " ", "\"", "\\", "/", "é", "ễ", "Đ", "ă", "漢", "𝄞", "<", "'"));
  std::string out(min, 'x');
  for (std::size_t i = 0; i < std::min<std::size_t>(letters.size(), 20); ++i) out += letters[i];
  return out;
}

Instant instant() {
  return Instant(std::chrono::seconds(*rc::gen::inRange<std::int64_t>(0, 4'000'000'000)));
}

std::string uuid() {
  const std::string hex = digits("0123456789abcdef", 32);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
         hex.substr(20);
}

template <typename T>
std::optional<T> maybe(T value) {
  return *rc::gen::arbitrary<bool>() ? std::optional(std::move(value)) : std::nullopt;
}

pki::GeneralName general_name() {
  using Kind = pki::GeneralName::Kind;
  const Kind kind = *rc::gen::element(Kind::rfc822, Kind::dns, Kind::uri, Kind::ip, Kind::directory);
  if (kind == Kind::ip) return {kind, crypto::random_bytes(*rc::gen::element<std::size_t>(4, 16))};
  if (kind == Kind::directory) return {kind, crypto::random_bytes(*rc::gen::inRange<std::size_t>(1, 50))};
  return {kind, to_bytes(digits("abc@./:-%\"\\", *rc::gen::inRange<std::size_t>(1, 30)))};
}

pki::issue::CertificateRequest line(std::size_t index) {
  pki::issue::CertificateRequest out;
  out.reference = words() + std::to_string(index);
  out.profile = digits("ABC_59", 8).insert(0, "P");
  for (int i = 0; i < *rc::gen::inRange(0, 6); ++i)
    out.subject.push_back({*rc::gen::element<std::string>("C", "CN", "2.5.4.97"), words(1)});
  for (int i = 0; i < *rc::gen::inRange(0, 4); ++i) out.alternative_names.push_back(general_name());
  out.pkcs10 = crypto::random_bytes(*rc::gen::inRange<std::size_t>(1, 100));
  out.not_before = maybe(instant());
  if (const auto end = instant(); *rc::gen::arbitrary<bool>() && (!out.not_before || *out.not_before < end))
    out.not_after = end;
  out.replaces_serial = maybe("5" + digits("0123456789ABCDEF", 33));
  if (out.replaces_serial) out.replaces_issuer = maybe(std::string("CPCA_G0"));
  return out;
}

const Bytes& station_key() {
  static const Bytes made = StationKey::generate().public_key();
  return made;
}

Request request() {
  Request out;
  out.id = uuid();
  out.issuer = "CPCA_G1";
  out.act = *rc::gen::element(Act::issue, Act::revoke, Act::suspend, Act::release, Act::change_policy, Act::destroy_key,
                              Act::export_log, Act::recover_token);
  out.created = instant();
  out.expires = out.created + std::chrono::seconds(*rc::gen::inRange(1, 1'000'000));
  out.purpose = words();
  const auto count = *rc::gen::inRange<std::size_t>(1, 4);
  for (std::size_t i = 0; i < count; ++i) {
    if (out.act == Act::issue) out.certificates.push_back(line(i));
    if (out.act == Act::revoke || out.act == Act::suspend || out.act == Act::release)
      out.revocations.push_back({fmt::format("{:02X}", i + 1) + digits("0123456789ABCDEF", 10),
                                 out.act == Act::suspend   ? 6
                                 : out.act == Act::release ? 8
                                                           : *rc::gen::element(0, 1, 2, 3, 4, 5, 9, 10),
                                 maybe(instant()), words()});
    if (out.act == Act::recover_token)
      out.recoveries.push_back({words() + std::to_string(i), digits("0123456789abcdef", 15) + std::to_string(i),
                                crypto::random_bytes(384), station_key(), words()});
    if (out.act == Act::change_policy)
      out.policy_files.push_back({fmt::format("profiles/P{}.toml", i), words() + "\n\t# \r\n" + words()});
  }
  if (out.act == Act::change_policy) out.policy_version = *rc::gen::inRange<std::int64_t>(0, 1'000'000);
  if (out.act == Act::destroy_key) out.key = "CPCA_G1-ocsp-2";
  return out;
}

constexpr std::string_view kRevocation =
    R"({"id":"6f8c2f0a-3f7b-4c1e-9d57-0a1b2c3d4e5f","issuer":"CPCA_G1","act":"certificate.revoke",)"
    R"("created":1795000000,"expires":1795003600,"purpose":"Mất thiết bị",)"
    R"("revocations":[{"serial":"31C106","reason":1,"comment":"GHTĐTT"}]})";
constexpr std::string_view kIssue =
    R"({"id":"6f8c2f0a-3f7b-4c1e-9d57-0a1b2c3d4e5f","issuer":"CPCA_G1","act":"certificate.issue",)"
    R"("created":1795000000,"expires":1795003600,"purpose":"",)"
    R"("certificates":[{"reference":"1","profile":"PERSON_5Y","subject":[["C","VN"],["CN","Nguyễn Văn A"]],)"
    R"("alternative_names":[["rfc822","nva@example.vn"],["ip","c0000201"]],"pkcs10":"MAA=","not_after":1895003600}]})";

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out(text);
  const std::size_t at = out.find(from);
  REQUIRE_MESSAGE(at != std::string::npos, from);
  return out.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("acts have names") {
  for (const Act act : {Act::issue, Act::revoke, Act::suspend, Act::release, Act::change_policy, Act::destroy_key,
                        Act::export_log, Act::recover_token})
    CHECK(act_by_name(name_of(act)) == act);
  CHECK_FALSE(act_by_name("certificate.Issue"));
}

TEST_CASE("a request that is written is read again") {
  CHECK(rc::check("requests", [] {
    const Request wanted = request();
    const std::string text = serialize(wanted);
    const Request got = must(parse_request(text), text);
    RC_ASSERT(got == wanted);
    // JSON of everybody, with the same characters.
    RC_ASSERT(json::serialize(json::parse(text).value()) == text);
  }));
  CHECK(rc::check("approvals", [] {
    Approval wanted{.request_sha256 = crypto::random_bytes(32),
                    .request_id = uuid(),
                    .act = *rc::gen::element(Act::issue, Act::export_log),
                    .decision = *rc::gen::element(Decision::approve, Decision::reject),
                    .created = instant(),
                    .comment = words()};
    wanted.expires = wanted.created + std::chrono::hours(1);
    const std::string text = serialize(wanted);
    RC_ASSERT(must(parse_approval(text), text) == wanted);
  }));
}

TEST_CASE("the documented texts are read") {
  const Request revocation = must(parse_request(kRevocation));
  CHECK(revocation.revocations.at(0).serial == "31C106");
  const Request issue = must(parse_request(kIssue));
  CHECK(issue.certificates.at(0).alternative_names.at(1).value == Bytes{192, 0, 2, 1});
  CHECK(issue.certificates.at(0).subject.at(1).value == "Nguyễn Văn A");
}

TEST_CASE("requests that say more, less or something else are refused") {
  const std::vector<std::tuple<std::string_view, std::string, std::string>> changes{
      {kRevocation, R"("purpose")", R"("Purpose")"},
      {kRevocation, R"("comment":"GHTĐTT"})", R"("comment":"GHTĐTT","more":1})"},
      {kRevocation, R"(}]})", R"(}],"key":"CPCA_G1"})"},
      {kRevocation, R"("issuer":"CPCA_G1",)", ""},
      {kRevocation, R"("issuer":"CPCA_G1",)", R"("issuer":"CPCA_G1","issuer":"CPCA_G1",)"},
      {kRevocation, R"("issuer":"CPCA_G1")", R"("issuer":"../CPCA")"},
      {kRevocation, R"("issuer":"CPCA_G1")", R"("issuer":["CPCA_G1"])"},
      {kRevocation, R"("reason":1)", R"("reason":6)"},
      {kRevocation, R"("reason":1)", R"("reason":7)"},
      {kRevocation, R"("reason":1)", R"("reason":8)"},
      {kRevocation, R"("reason":1)", R"("reason":11)"},
      {kRevocation, R"("reason":1)", R"("reason":-1)"},
      {kRevocation, R"("reason":1)", R"("reason":1.0)"},
      {kRevocation, R"("reason":1)", R"("reason": 1)"},
      {kRevocation, "certificate.revoke", "certificate.suspend"},
      {kRevocation, "certificate.revoke", "certificate.release"},
      {kRevocation, "certificate.revoke", "certificate.issue"},
      {kRevocation, "certificate.revoke", "certificate.forge"},
      {kRevocation, "31C106", "31c106"},
      {kRevocation, "31C106", "31C10"},
      {kRevocation, "31C106", "0000"},
      {kRevocation, "31C106", std::string(42, 'A')},
      {kRevocation, R"({"serial":"31C106","reason":1,"comment":"GHTĐTT"})", ""},
      {kRevocation, R"({"serial":)", R"({"serial":"31C106","reason":1,"comment":""},{"serial":)"},
      {kRevocation, "1795003600", "1795000000"},
      {kRevocation, "1795003600", "1.795003600e9"},
      {kRevocation, "1795003600", "999999999999999"},
      {kRevocation, "6f8c2f0a", "6F8C2F0A"},
      {kRevocation, "6f8c2f0a", "6f8c2f0"},
      {kRevocation, "Mất", "M\\u1ea5t"},       // a second spelling of the same letters
      {kRevocation, "Mất", "M\\nt"},           // control character
      {kRevocation, "Mất", "M\xE2\x80\xAEt"},  // U+202E turns the text around
      {kRevocation, "Mất", "M\xE2\x80\x8Bt"},  // U+200B is not seen
      {kRevocation, "Mất", "M\xC2\x85t"},      // U+0085 ends a line
      {kRevocation, "Mất", "M\xE2\x81\xA6t"},  // U+2066
      {kRevocation, "Mất", "M\xEF\xBB\xBFt"},  // U+FEFF
      {kRevocation, "Mất", "M\xD8\x9Ct"},      // U+061C
      {kRevocation, "Mất", "M\xFFt"},          // no UTF-8
      {kRevocation, "Mất thiết bị", std::string(2001, 'x')},
      {kIssue, R"(["C","VN"])", R"(["C","VN",1])"},
      {kIssue, R"(["C","VN"])", R"(["C"])"},
      {kIssue, R"(["C","VN"])", R"(["C",""])"},
      {kIssue, R"(["C","VN"])", R"(["C","V\u202eN"])"},
      {kIssue, R"(["C","VN"])", R"(["C N","VN"])"},
      {kIssue, R"("rfc822")", R"("x400")"},
      {kIssue, "nva@example.vn", "nvá@example.vn"},
      {kIssue, "c0000201", "C0000201"},
      {kIssue, "c0000201", "c00002"},
      {kIssue, "MAA=", "MAB="},
      {kIssue, "MAA=", "MAA"},
      {kIssue, "MAA=", ""},
      {kIssue, R"("alternative_names":[["rfc822","nva@example.vn"],["ip","c0000201"]])", R"("alternative_names":[])"},
      {kIssue, R"("profile":"PERSON_5Y",)", R"("profile":"PERSON 5Y",)"},
      {kIssue, R"("reference":"1")", R"("reference":"")"},
      {kIssue, R"("not_after":1895003600)", R"("not_before":1895003600,"not_after":1895003600)"},
      {kIssue, R"("not_after":1895003600)", R"("not_after":1895003600,"not_before":1795003600)"},
      {kIssue, R"("not_after":1895003600)", R"("replaces_serial":"xyz")"},
      {kIssue, R"("not_after":1895003600)", R"("not_after":1895003600,"replaces_issuer":"CPCA_G0")"},
      {kIssue, R"("not_after":1895003600)",
       R"("not_after":1895003600,"replaces_serial":"0A","replaces_issuer":"CPCA_G1")"},
      {kIssue, R"("not_after":1895003600)",
       R"("not_after":1895003600,"replaces_serial":"0A","replaces_issuer":"../CPCA")"}};
  for (const auto& [text, from, to] : changes) {
    const std::string changed = replaced(text, from, to);
    CHECK_MESSAGE(code_of(parse_request(changed)) == "vault.statement.malformed", from, " -> ", to);
  }
  for (const char* text : {"", "null", "[]", "{}", "{\"id\":", "\"6f8c2f0a\""})
    CHECK(code_of(parse_request(text)) == "vault.statement.malformed");
  CHECK(code_of(parse_request(std::string(kRevocation) + " ")) == "vault.statement.malformed");
}

TEST_CASE("lines are counted, and references unique") {
  Request wanted = must(parse_request(kIssue));
  const auto first = wanted.certificates.front();
  for (std::size_t i = 2; i <= kMaxLines; ++i) {
    wanted.certificates.push_back(first);
    wanted.certificates.back().reference = std::to_string(i);
  }
  CHECK(code_of(parse_request(serialize(wanted))) == "ok");
  wanted.certificates.back().reference = "1";
  CHECK(code_of(parse_request(serialize(wanted))) == "vault.statement.malformed");
  wanted.certificates.back().reference = "1000";
  wanted.certificates.push_back(first);
  wanted.certificates.back().reference = "1001";
  CHECK(code_of(parse_request(serialize(wanted))) == "vault.statement.malformed");
}

TEST_CASE("policy files have known names") {
  for (const char* good : {"officers.toml", "approval.toml", "blocked-keys.txt", "profiles/PERSON_5Y.toml"})
    CHECK_MESSAGE(is_policy_file_name(good), good);
  for (const char* bad : {"", "officers", "/officers.toml", "profiles/.toml", "profiles/../officers.toml",
                          "profiles/a/b.toml", "profiles/a.b.toml", "Profiles/A.toml", "profiles/A.TOML"})
    CHECK_MESSAGE(!is_policy_file_name(bad), bad);
}

TEST_CASE("every flipped bit of a request gives another request or none") {
  const Request wanted = must(parse_request(kIssue));
  for (std::size_t i = 0; i < kIssue.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed(kIssue);
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      const auto got = parse_request(changed);
      if (got) CHECK_MESSAGE(*got != wanted, i, " ", bit);
    }
}

}  // namespace kyso::vault
