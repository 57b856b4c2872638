#include <algorithm>
#include <filesystem>
#include <set>

#include "pki/lint/lint_rows.h"
#include "pki/parsed_certificate.h"

using namespace kyso;
using namespace kyso::pki::lint;
using namespace kyso::pki::lint::testing;
namespace der = kyso::crypto::der;
namespace id = kyso::pki::lint::testing::id;
namespace purpose = kyso::pki::lint::testing::purpose;
using pki::ParsedCertificate;

namespace {

std::vector<const Row*> all_rows() {
  std::vector<const Row*> out;
  for (const auto* table : {&structure_rows(), &extension_rows(), &etsi_rows(), &own_rows(), &kept_rows()})
    for (const Row& row : *table) out.push_back(&row);
  return out;
}

// What the rules say of all that the tests have.
struct Seen {
  std::set<std::string_view> kept, broken;
  void look(ByteView certificate, const ParsedCertificate* issuer = nullptr) {
    Case examined;
    if (!examined.read(certificate)) {
      broken.insert("e_certificate_malformed");
      return;
    }
    examined.authority = issuer;
    if (examined.key.is_rsa() && !examined.key.is_key_malformed)
      examined.modulus = examine_modulus(examined.key.modulus);
    for (const Entry& entry : entries()) {
      std::string why;
      const Verdict verdict = entry.check(examined, why);
      if (verdict == Verdict::passes) kept.insert(entry.rule.id);
      if (verdict == Verdict::fails) broken.insert(entry.rule.id);
    }
  }
};

ParsedCertificate parsed(const Recipe& recipe) {
  auto certificate = crypto::Certificate::from_der(recipe.bytes());
  REQUIRE(certificate.has_value());
  return ParsedCertificate(*std::move(certificate));
}

// The issuer of any(): its name, with a key of its own.
Recipe issuer_of_all() {
  Recipe r = authority();
  r.key = key_of("rsa4096");
  r.subject = name(issuer_name());
  r.issuer = name({{id::kCn, "Root mẫu"}});
  r.serial = der::encode_integer(7);
  r.valid(utc("250101000000Z"), utc("350101000000Z"));
  r.set(id::kSki, der::encode(der::kOctetString, some_octets(20)));
  r.set(id::kBasic, der::sequence(octets({1, 1, 0xff}), der::encode_integer(1)), true);
  r.sequence(id::kNames, der::encode(der::context(0), der::sequence(general_name(1, "coquan.example"))), true);
  r.purposes({purpose::kMail, purpose::kDocuments});
  return r;
}
Recipe issued() {
  Recipe r = person();
  r.sequence(id::kAki,
             der::concat(der::encode(der::context(0, false), some_octets(20)),
                         der::encode(der::context(1), general_name(4, ByteView(name({{id::kCn, "Root mẫu"}})))),
                         der::encode(der::context(2, false), Bytes{7})));
  return r;
}
struct IssuerRow {
  std::string_view rule;
  Recipe (*base)();
  void (*change)(Recipe& issuer, Recipe& certificate);
};
const std::vector<IssuerRow>& issuer_rows() {
  using R = Recipe&;
  static const std::vector<IssuerRow> rows = {
      {"e_issuer_name_differs", issued, [](R i, R) { i.subject = name({{id::kCn, "a"}}); }},
      {"e_issuer_no_authority", issued, [](R i, R) { i.drop(id::kBasic); }},
      {"e_issuer_without_cert_sign", issued, [](R i, R) { i.usage({6}); }},
      {"e_issuer_key_id_differs", issued,
       [](R i, R) { i.set(id::kSki, der::encode(der::kOctetString, some_octets(19))); }},
      {"e_issuer_serial_differs", issued, [](R i, R) { i.serial = der::encode_integer(8); }},
      {"e_issuer_key_algorithm", issued, [](R i, R) { i.key = key_of("p256"); }},
      {"w_begins_before_issuer", issued, [](R i, R) { i.valid(utc("270101000000Z"), utc("350101000000Z")); }},
      {"e_ends_after_issuer", issued, [](R i, R) { i.valid(utc("250101000000Z"), utc("280101000000Z")); }},
      {"e_path_length_used_up", authority,
       [](R i, R) { i.set(id::kBasic, der::sequence(octets({1, 1, 0xff}), der::encode_integer(0)), true); }},
      {"w_path_length_not_shorter", authority,
       [](R, R c) { c.set(id::kBasic, der::sequence(octets({1, 1, 0xff}), der::encode_integer(1)), true); }},
      {"e_outside_name_constraints", issued,
       [](R, R c) { c.sequence(id::kSan, general_name(1, "a@elsewhere.example")); }},
      {"w_purpose_not_the_issuers", issued, [](R, R c) { c.purposes({purpose::kClient}); }},
      {"w_policy_not_the_issuers", issued, [](R, R c) { c.policies({"1.2.3.4"}); }},
      {"e_same_key_as_issuer", issued, [](R i, R c) { c.key = i.key; }},
  };
  return rows;
}

std::vector<std::pair<std::string, ByteView>> split_archive(const std::string& archive) {
  std::vector<std::pair<std::string, ByteView>> out;
  der::Reader reader(as_bytes(archive));
  while (!reader.at_end()) {
    auto element = reader.next();
    REQUIRE(element.has_value());
    out.emplace_back(std::to_string(out.size()), element->whole);
  }
  return out;
}

}  // namespace

TEST_CASE("rules have names of their own, sources and titles") {
  std::set<std::string_view> ids;
  for (const Rule& rule : rules()) {
    INFO(rule.id);
    CHECK(ids.insert(rule.id).second);
    CHECK(rule.id.size() > 4);
    CHECK(rule.id[1] == '_');
    CHECK_FALSE(rule.source.empty());
    CHECK_FALSE(rule.title.empty());
    CHECK_FALSE(rule.title.ends_with('.'));
    CHECK(rule.weight == (rule.id[0] == 'e' ? Weight::error : rule.id[0] == 'w' ? Weight::warning : Weight::notice));
  }
  CHECK(rules().size() >= 250);
}

TEST_CASE("good certificates break nothing") {
  const std::pair<std::string_view, Recipe> good[] = {
      {"person", person()},       {"authority", authority()},     {"server", server()},
      {"responder", responder()}, {"stamping", stamping()},       {"edwards", edwards()},
      {"ecdsa", ecdsa()},         {"etsi person", etsi_person()}, {"etsi organization", etsi_organization()},
      {"etsi site", etsi_site()}};
  for (const auto& [what, recipe] : good) {
    for (const Breach& breach : check(recipe.bytes()))
      FAIL_CHECK(what << ": " << breach.rule->id << " " << breach.detail);
  }
}

TEST_CASE("each change breaks its rule, and the certificate kept it before") {
  for (const auto* table : {&structure_rows(), &extension_rows(), &etsi_rows(), &own_rows()}) {
    for (const Row& row : *table) {
      INFO(row.rule);
      Recipe recipe = row.base();
      CHECK(verdict_of(row.rule, recipe.bytes()) != Verdict::fails);
      row.change(recipe);
      CHECK(verdict_of(row.rule, recipe.bytes()) == Verdict::fails);
    }
  }
  for (const Row& row : kept_rows()) {
    INFO(row.rule);
    Recipe recipe = row.base();
    row.change(recipe);
    CHECK(verdict_of(row.rule, recipe.bytes()) == Verdict::passes);
  }
}

TEST_CASE("rules about the issuer") {
  for (const IssuerRow& row : issuer_rows()) {
    INFO(row.rule);
    Recipe issuer = issuer_of_all(), certificate = row.base();
    if (row.base == authority) certificate.issuer = issuer.subject;
    const ParsedCertificate before = parsed(issuer);
    CHECK(verdict_of(row.rule, certificate.bytes(), &before) == Verdict::passes);
    CHECK(verdict_of(row.rule, certificate.bytes()) == Verdict::silent);
    row.change(issuer, certificate);
    const ParsedCertificate after = parsed(issuer);
    CHECK(verdict_of(row.rule, certificate.bytes(), &after) == Verdict::fails);
  }
}

TEST_CASE("every rule is seen kept and broken") {
  Seen seen;
  const std::string archive = read_file("tests/vectors/lint/zlint-certificates.der");
  for (const auto& [where, certificate] : split_archive(archive)) seen.look(certificate);
  for (const Row* row : all_rows()) {
    Recipe recipe = row->base();
    seen.look(recipe.bytes());
    row->change(recipe);
    seen.look(recipe.bytes());
  }
  for (const IssuerRow& row : issuer_rows()) {
    Recipe issuer = issuer_of_all(), certificate = row.base();
    const ParsedCertificate before = parsed(issuer);
    seen.look(certificate.bytes(), &before);
    row.change(issuer, certificate);
    const ParsedCertificate after = parsed(issuer);
    seen.look(certificate.bytes(), &after);
  }
  seen.look(as_bytes("no certificate"));
  for (const Rule& rule : rules()) {
    if (!seen.broken.contains(rule.id)) FAIL_CHECK("never broken: " << rule.id);
    if (!seen.kept.contains(rule.id)) FAIL_CHECK("never kept: " << rule.id);
  }
}

TEST_CASE("what is asked for is judged, and nothing else") {
  Recipe recipe = person();
  recipe.key = key_of("rsa1024");
  recipe.drop(id::kAki);
  const Bytes certificate = recipe.bytes();
  const auto has = [](const std::vector<Breach>& breaches, std::string_view rule) {
    return std::ranges::any_of(breaches, [&](const Breach& b) { return b.rule->id == rule; });
  };
  const auto all = check(certificate);
  CHECK(has(all, "e_key_rsa_small"));
  CHECK(has(all, "e_authority_key_id_absent"));
  CHECK(has_errors(all));
  CHECK_FALSE(has(check(certificate, {.kyso = false}), "e_key_rsa_small"));
  CHECK_FALSE(has(check(certificate, {.rfc5280 = false}), "e_authority_key_id_absent"));
  CHECK(has(check(certificate, {.lightest = Weight::notice}), "n_key_rsa_below_3072"));
  CHECK_FALSE(has(all, "n_key_rsa_below_3072"));
  for (std::size_t i = 1; i < all.size(); ++i) CHECK(all[i - 1].rule < all[i].rule);
}

TEST_CASE("older certificates are not judged by younger rules") {
  Recipe recipe = person("p256");
  recipe.usage({2});
  const auto has_it = [&] {
    return std::ranges::any_of(check(recipe.bytes()), [](const Breach& b) { return b.rule->id == "e_ec_key_usage"; });
  };
  CHECK(has_it());
  recipe.valid(utc("190101000000Z"), utc("220101000000Z"));
  CHECK_FALSE(has_it());
}

TEST_CASE("identity numbers are not shown whole") {
  CHECK(shown("CCCD:001090000012") == "CCCD:*********012");
  CHECK(shown("MST:12345") == "MST:12345");
  CHECK(shown(std::string(100, 'a')).size() < 60);
  CHECK(shown("a\tb") == "a?b");
  Recipe recipe = person();
  recipe.add({id::kUid, "001090000012"});
  for (const Breach& breach : check(recipe.bytes())) CHECK(breach.detail.find("001090000012") == std::string::npos);
}

TEST_CASE("bytes that are no certificate break one rule alone") {
  const Bytes good = person().bytes();
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto breaches = check(ByteView(good).first(size));
    REQUIRE(breaches.size() == 1);
    CHECK(breaches[0].rule->id == "e_certificate_malformed");
  }
}

TEST_CASE("any single changed octet is survived") {
  const Bytes good = etsi_person().bytes();
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes changed = good;
    changed[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
    static_cast<void>(check(changed, {.lightest = Weight::notice}));
  }
}
