#include "pki/parsed_certificate.h"

#include <rapidcheck.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "pki/path_test_support.h"

namespace kyso::pki {
namespace {

using namespace testing;

constexpr std::uint8_t kPrintable = 0x13, kIa5 = 0x16, kBmp = 0x1e;

Bytes one_name(std::uint8_t tag, const Bytes& value) {
  return der::sequence(attribute("2.5.4.3", der::encode(tag, value)));
}
Bytes utf8(std::string_view value) {
  return one_name(der::kUtf8String, to_bytes(value));
}

TEST_CASE("names that are equal have equal forms") {
  CHECK(normalise_name(utf8("Sở Nội vụ")) == normalise_name(utf8("  SỞ  NỘI\tVỤ ")));
  CHECK(normalise_name(utf8("Root CA")) == normalise_name(one_name(kPrintable, to_bytes("ROOT CA"))));
  CHECK(normalise_name(utf8("abc")) == normalise_name(one_name(kIa5, to_bytes("abc"))));
  CHECK(normalise_name(utf8("Ơn")) == normalise_name(one_name(kBmp, Bytes{0x01, 0xa0, 0x00, 0x6e})));
  CHECK(normalise_name(utf8("Nguy\u1ec5n")) == normalise_name(utf8("Nguye\u0302\u0303n")));  // NFC and NFD
  // The members of a SET have no order.
  const Bytes a = der::sequence(der::encode_oid("2.5.4.3"), text("A"));
  const Bytes b = der::sequence(der::encode_oid("2.5.4.4"), text("B"));
  CHECK(normalise_name(der::sequence(der::encode(der::kSet, der::concat(a, b)))) ==
        normalise_name(der::sequence(der::encode(der::kSet, der::concat(b, a)))));
}

TEST_CASE("names that differ have forms that differ") {
  const std::vector<Bytes> names{
      utf8("A"),
      utf8("A B"),
      utf8("AB"),
      utf8("Ă"),
      der::sequence(),
      der::sequence(attribute("2.5.4.4", text("A"))),
      der::sequence(attribute("2.5.4.3", text("A")), attribute("2.5.4.3", text("B"))),
      der::sequence(attribute("2.5.4.3", text("B")), attribute("2.5.4.3", text("A"))),
      one_name(der::kOctetString, to_bytes("A")),
      to_bytes("no name"),
      {},
  };
  for (std::size_t i = 0; i < names.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) CHECK_MESSAGE(normalise_name(names[i]) != normalise_name(names[j]), i, " ", j);
}

TEST_CASE("a form begins with another one exactly when the name stands below it") {
  rc::check([](const std::vector<std::string>& parts, std::size_t cut) {
    std::vector<Bytes> rdns;
    for (const std::string& part : parts) rdns.push_back(attribute("2.5.4.11", text(to_valid_utf8(part))));
    const std::size_t kept = parts.empty() ? 0 : cut % (parts.size() + 1);
    const Bytes whole = normalise_name(der::encode(der::kSequence, join(rdns)));
    rdns.resize(kept);
    const Bytes above = normalise_name(der::encode(der::kSequence, join(rdns)));
    const auto begins_with = [](const Bytes& bytes, const Bytes& start) {
      return bytes.size() >= start.size() && std::equal(start.begin(), start.end(), bytes.begin());
    };
    RC_ASSERT(begins_with(whole, above));
    rdns.push_back(attribute("2.5.4.12", text("x")));
    RC_ASSERT_FALSE(begins_with(whole, normalise_name(der::encode(der::kSequence, join(rdns)))));
  });
}

TEST_CASE("letter case, blanks and composition never matter") {
  rc::check([](const std::string& raw) {
    const std::string value = to_valid_utf8(raw);
    RC_ASSERT(normalise_name(utf8(value)) == normalise_name(utf8(to_nfd(" " + value + "  "))));
    RC_ASSERT(normalise_name(utf8(value)) == normalise_name(utf8(to_nfc(value))));
  });
}

TEST_CASE("extensions as values") {
  const Key key;
  const Bytes where =
      der::sequence(der::sequence(der::encode_oid("1.3.6.1.5.5.7.48.1"), uri("http://ocsp.example.vn")),
                    der::sequence(der::encode_oid("1.3.6.1.5.5.7.48.2"), uri("http://ca.example.vn/ca.crt")),
                    der::sequence(der::encode_oid("1.3.6.1.5.5.7.48.2"), directory(name("CA"))));
  const Bytes relative =
      der::encode(der::context(0), der::encode(der::context(1), der::sequence(der::encode_oid("2.5.4.3"), text("L1"))));
  const Bytes extensions = join(
      {basic_constraints(3), extension("2.5.29.35", der::sequence(der::encode(der::context(0, false), Bytes{1, 2}))),
       extension("1.3.6.1.5.5.7.1.1", where), policies({"1.2.3", "2.5.29.32.0"}), mappings({{"1.2.3", "1.2.4"}}),
       extension(
           "2.5.29.36",
           der::sequence(der::encode(der::context(0, false), Bytes{2}), der::encode(der::context(1, false), Bytes{0})),
           true),
       extension("2.5.29.54", Bytes{2, 1, 7}, true),
       alternative_names(
           {general_name(1, "a@example.vn"), general_name(7, Bytes{192, 0, 2, 1}), directory(long_name("Mẫu", "A"))}),
       points({point(uri("http://example.vn/1.crl"), {1, 0x06}, directory(name("Indirect"))), der::sequence(relative)}),
       extension("2.5.29.46", der::sequence(point(uri("http://example.vn/delta.crl")))),
       extension("1.3.6.1.5.5.7.48.1.5", der::encode(der::kNull, {})),
       extension("2.5.29.56", der::encode(der::kNull, {})),
       extension("1.3.6.1.5.5.7.1.3", der::sequence(der::sequence(der::encode_oid("0.4.0.1862.1.1")))),
       extension("1.2.3.4", {}, true)});
  const ParsedCertificate c = issue("CA", "Root", extensions, key, key);
  const CertificateExtensions& e = c.extensions();
  CHECK(e.malformed.empty());
  CHECK(e.has_basic_constraints);
  CHECK(e.path_length == 3);
  CHECK(e.authority_key_id == Bytes{1, 2});
  CHECK(e.ocsp_urls == std::vector<std::string>{"http://ocsp.example.vn"});
  CHECK(e.ca_issuer_urls == std::vector<std::string>{"http://ca.example.vn/ca.crt"});
  CHECK(e.policies == std::vector<std::string>{"1.2.3", "2.5.29.32.0"});
  REQUIRE(e.policy_mappings.size() == 1);
  CHECK(e.policy_mappings[0].subject_domain == "1.2.4");
  CHECK(e.require_explicit_policy == 2);
  CHECK(e.inhibit_policy_mapping == 0);
  CHECK(e.inhibit_any_policy == 7);
  REQUIRE(e.subject_alternative_names.size() == 3);
  CHECK(e.subject_alternative_names[0] == GeneralName{GeneralName::Kind::rfc822, to_bytes("a@example.vn")});
  CHECK(e.subject_alternative_names[1] == GeneralName{GeneralName::Kind::ip, {192, 0, 2, 1}});
  CHECK(e.subject_alternative_names[2] == GeneralName{GeneralName::Kind::directory, long_name("Mẫu", "A")});
  REQUIRE(e.crl_distribution_points.size() == 2);
  CHECK(e.crl_distribution_points[0].full_name.front().kind == GeneralName::Kind::uri);
  CHECK(e.crl_distribution_points[0].reasons == ReasonMask{1U << 5U | 1U << 6U});
  CHECK(e.crl_distribution_points[0].crl_issuer.front().value == name("Indirect"));
  CHECK(e.crl_distribution_points[1].relative_name ==
        der::encode(der::kSet, der::sequence(der::encode_oid("2.5.4.3"), text("L1"))));
  CHECK(e.freshest_crl.size() == 1);
  CHECK(e.ocsp_no_check);
  CHECK(e.no_revocation_available);
  CHECK(e.is_qualified);
  CHECK(e.unknown_critical == std::vector<std::string>{"1.2.3.4"});
  CHECK_FALSE(c.publishes_no_status());
  CHECK(issue("CA", "Root", ca(), key, key).publishes_no_status());
  CHECK_FALSE(c.is_self_issued());
  CHECK(to_hex(c.sha256()) == to_hex(c.certificate().sha256()));
  CHECK(c == ParsedCertificate(c.certificate()));
}

TEST_CASE("whatever stands in an extension, reading it ends") {
  const Key key;
  const std::vector<std::string> oids{"2.5.29.14", "2.5.29.15", "2.5.29.17", "2.5.29.19",         "2.5.29.30",
                                      "2.5.29.31", "2.5.29.32", "2.5.29.33", "2.5.29.35",         "2.5.29.36",
                                      "2.5.29.37", "2.5.29.46", "2.5.29.54", "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.1.3"};
  rc::check([&](const Bytes& value) {
    for (const std::string& oid : oids) {
      const auto c = issue("A", "B", extension(oid, value), key, key);
      const auto& malformed = c.extensions().malformed;
      RC_ASSERT(malformed.empty() || malformed == std::vector<std::string>{oid});
    }
  });
}

TEST_CASE("the certificates of the Vietnamese authorities") {
  const std::filesystem::path folder = KYSO_SOURCE_DIR "/share/trust";
  TrustStore store;
  must(store.load_folder(folder, {}));
  CHECK(store.anchors().size() == 2);
  CHECK(store.intermediates().size() == 7);
  // Each one leads to its root at a time when both were valid; SHA-1 is refused where a policy says so.
  PathRequest request{.time = must(parse_time("2017-01-01")), .purpose = Purpose::crl_signing};
  AlgorithmRules modern{.digests = {{"sha256", {}}}, .keys = {{"rsa", 2048, {}}}};
  for (const ParsedCertificate& each : store.intermediates()) {
    const std::string subject = each.certificate().subject_text();
    CHECK_MESSAGE(each.extensions().malformed.empty(), subject);
    CHECK_MESSAGE(each.extensions().unknown_critical.empty(), subject);
    request.algorithms = nullptr;
    const PathResult found = find_path(each, {}, store, request);
    CHECK_MESSAGE(verdict_of(found) == "valid", subject);
    if (found.path) CHECK(found.path->certificates.size() == 2);
    request.algorithms = &modern;
    const PathResult refused = find_path(each, {}, store, request);
    CHECK_MESSAGE((verdict_of(refused) == "pki.algorithm.weak" || verdict_of(refused) == "valid"), subject);
  }
  const auto root = std::ranges::find_if(store.anchors(), [](const TrustAnchor& anchor) {
    return anchor.certificate.certificate().serial_hex() == "FF303AE4E90AC1ED";
  });
  REQUIRE(root != store.anchors().end());
  CHECK(root->group == "government");
  CHECK(root->revocation == RevocationDuty::required);
  // After 2030-03-05 nothing of the first generation is valid any more.
  request = {.time = must(parse_time("2030-04-01"))};
  for (const ParsedCertificate& each : store.intermediates())
    if (std::ranges::equal(each.normalised_issuer(), root->certificate.normalised_subject()))
      CHECK(verdict_of(find_path(each, {}, store, request)) == "pki.certificate.expired");
}

}  // namespace
}  // namespace kyso::pki
