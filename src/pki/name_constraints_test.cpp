#include "pki/name_constraints.h"

#include "pki/path_test_support.h"

namespace kyso::pki {
namespace {

using namespace testing;

constexpr int kMail = 1, kDns = 2, kX400 = 3, kUri = 6, kIp = 7, kOther = 0, kRegistered = 8;

CertificateExtensions constraints(const std::vector<Bytes>& permitted, const std::vector<Bytes>& excluded) {
  static const Key key;
  return issue("CA", "Root", der::concat(ca(), name_constraints(permitted, excluded)), key, key).extensions();
}

ParsedCertificate holder(const Bytes& subject, const std::vector<Bytes>& names) {
  static const Key key;
  return issue(
      {.subject = subject, .issuer = name("CA"), .extensions = names.empty() ? Bytes() : alternative_names(names)}, key,
      key);
}

bool allowed(const CertificateExtensions& extensions, const ParsedCertificate& certificate) {
  std::size_t comparisons = 100'000;
  NameConstraints names(comparisons);
  names.add(extensions);
  return !names.find_violation(certificate);
}

struct Row {
  int kind;
  std::string base, name;
  bool is_within;
};

Bytes octets(const std::string& hex) {
  return must(from_hex(hex));
}

TEST_CASE("names inside and outside of a subtree") {
  for (const Row& row : {
           Row{kDns, "example.vn", "example.vn", true},
           {kDns, "example.vn", "www.example.vn", true},
           {kDns, "example.vn", "WWW.Example.VN", true},
           {kDns, "EXAMPLE.vn", "a.b.example.vn", true},
           {kDns, "example.vn", "badexample.vn", false},
           {kDns, "www.example.vn", "example.vn", false},
           {kDns, "example.vn", "*.example.vn", true},
           {kDns, "", "any.thing", true},
           {kMail, "a@example.vn", "a@example.vn", true},
           {kMail, "a@example.vn", "a@EXAMPLE.vn", true},
           {kMail, "a@example.vn", "A@example.vn", false},
           {kMail, "a@example.vn", "b@example.vn", false},
           {kMail, "example.vn", "b@example.vn", true},
           {kMail, "example.vn", "b@sub.example.vn", false},
           {kMail, ".example.vn", "b@sub.example.vn", true},
           {kMail, ".example.vn", "b@example.vn", false},
           {kUri, "example.vn", "https://example.vn/a?b", true},
           {kUri, "example.vn", "https://user@EXAMPLE.vn:8443/", true},
           {kUri, "example.vn", "https://www.example.vn/", false},
           {kUri, ".example.vn", "https://www.example.vn/", true},
           {kUri, ".example.vn", "https://example.vn/", false},
           {kUri, ".example.vn", "https://evil.vn/.example.vn", false},
       }) {
    const Bytes base = general_name(row.kind, row.base);
    const auto certificate = holder(name("Leaf"), {general_name(row.kind, row.name)});
    const std::string what = row.base + " " + row.name;
    CHECK_MESSAGE(allowed(constraints({base}, {}), certificate) == row.is_within, what);
    CHECK_MESSAGE(allowed(constraints({}, {base}), certificate) == !row.is_within, what);
  }
}

TEST_CASE("names that can't be compared are refused either way") {
  for (const Row& row : {
           Row{kDns, "example.vn", "example..vn", false},
           {kDns, "example.vn", "example.vn.", false},
           {kDns, "example.vn", "", false},
           {kDns, ".example.vn", "www.example.vn", false},  // no such form of a base
           {kMail, "example.vn", "example.vn", false},
           {kMail, "example.vn", "a@b@example.vn", false},
           {kMail, "example.vn", "\"a b\"@example.vn", false},
           {kUri, "example.vn", "urn:example.vn", false},
           {kUri, "example.vn", "https://192.0.2.1/", false},
           {kUri, "example.vn", "https://[2001:db8::1]/", false},
           {kUri, "example.vn", "/relative", false},
       }) {
    const Bytes base = general_name(row.kind, row.base);
    const auto certificate = holder(name("Leaf"), {general_name(row.kind, row.name)});
    CHECK_MESSAGE(!allowed(constraints({base}, {}), certificate), row.name);
    CHECK_MESSAGE(!allowed(constraints({}, {base}), certificate), row.name);
  }
  // An excluded host that the wildcard stands for.
  CHECK_FALSE(allowed(constraints({}, {general_name(kDns, "secret.example.vn")}),
                      holder(name("Leaf"), {general_name(kDns, "*.example.vn")})));
}

TEST_CASE("addresses") {
  const auto check = [](const std::string& base, const std::string& address, bool inside) {
    const auto certificate = holder(name("Leaf"), {general_name(kIp, octets(address))});
    const Bytes subtree = general_name(kIp, octets(base));
    CHECK_MESSAGE(allowed(constraints({subtree}, {}), certificate) == inside, base, " ", address);
    CHECK_MESSAGE(allowed(constraints({}, {subtree}), certificate) == !inside, base, " ", address);
  };
  check("c0000200ffffff00", "c0000217", true);
  check("c0000200ffffff00", "c0000317", false);
  check("0000000000000000", "01020304", true);
  check("c0000200ffffff00", "20010db8000000000000000000000001", false);
  check("20010db8000000000000000000000000ffffffff000000000000000000000000", "20010db8000000000000000000000001", true);
  check("20010db8000000000000000000000000ffffffff000000000000000000000000", "c0000217", false);
  const auto refused = [](const std::string& base, const std::string& address) {
    const auto certificate = holder(name("Leaf"), {general_name(kIp, octets(address))});
    return !allowed(constraints({general_name(kIp, octets(base))}, {}), certificate) &&
           !allowed(constraints({}, {general_name(kIp, octets(base))}), certificate);
  };
  CHECK(refused("c0000200ff00ff00", "c0000217"));  // a mask with a hole
  CHECK(refused("c00002ffff", "c0000217"));
  CHECK(refused("c0000200ffffff00", "c00002"));
}

TEST_CASE("directory names") {
  const Bytes base = directory(long_name("Sở Nội vụ tỉnh Mẫu", ""));
  const auto permitted = constraints({base}, {});
  const auto excluded = constraints({}, {base});
  const auto inside = holder(long_name("SỞ NỘI VỤ  tỉnh mẫu", "Nguyễn Văn A"), {});
  const auto outside = holder(long_name("Sở Tài chính", "Nguyễn Văn A"), {});
  CHECK(allowed(permitted, inside));
  CHECK_FALSE(allowed(permitted, outside));
  CHECK_FALSE(allowed(excluded, inside));
  CHECK(allowed(excluded, outside));
  CHECK_FALSE(allowed(permitted, holder(long_name("Sở Nội vụ tỉnh Mẫu 2", "A"), {})));
  CHECK(allowed(permitted, holder(der::sequence(), {general_name(kDns, "example.vn")})));  // no name to compare
  // In the alternative names too.
  CHECK_FALSE(allowed(excluded, holder(name("Leaf"), {directory(long_name("Sở Nội vụ tỉnh Mẫu", "B"))})));
  CHECK(allowed(constraints({directory(der::sequence())}, {}), outside));
  CHECK_FALSE(allowed(constraints({}, {directory(der::sequence())}), outside));
}

TEST_CASE("constraints of other kinds don't matter, unless such a name is there") {
  const auto mail_only = constraints({general_name(kMail, "example.vn")}, {});
  CHECK(allowed(mail_only, holder(name("Leaf"), {general_name(kDns, "other.vn")})));
  CHECK(allowed(mail_only, holder(name("Leaf"), {})));
  const Bytes registered = general_name(kRegistered, octets("2a0304"));
  const auto unsupported = constraints({registered}, {});
  CHECK(allowed(unsupported, holder(name("Leaf"), {general_name(kDns, "other.vn")})));
  CHECK_FALSE(allowed(unsupported, holder(name("Leaf"), {registered})));
  const Bytes other =
      general_name(kOther, der::concat(der::encode_oid("1.2.3"), der::encode(der::context(0), text("a"))));
  CHECK_FALSE(allowed(constraints({}, {other}), holder(name("Leaf"), {other})));
  CHECK(allowed(constraints({}, {general_name(kX400, octets("00"))}), holder(name("Leaf"), {other})));
  // minimum and maximum of a subtree are not of this profile.
  const Bytes with_minimum =
      der::concat(general_name(kDns, "example.vn"), der::encode(der::context(0, false), Bytes{1}));
  CHECK_FALSE(allowed(constraints({with_minimum}, {}), holder(name("Leaf"), {general_name(kDns, "example.vn")})));
  const Bytes with_zero = der::concat(general_name(kDns, "example.vn"), der::encode(der::context(0, false), Bytes{0}));
  CHECK(allowed(constraints({with_zero}, {}), holder(name("Leaf"), {general_name(kDns, "example.vn")})));
}

TEST_CASE("the e-mail address in the subject counts where no alternative name says it") {
  const Bytes subject = der::sequence(attribute("2.5.4.3", text("Leaf")),
                                      attribute("1.2.840.113549.1.9.1", der::encode(0x16, as_bytes("a@elsewhere.vn"))));
  const auto permitted = constraints({general_name(kMail, "example.vn")}, {});
  CHECK_FALSE(allowed(permitted, holder(subject, {})));
  CHECK_FALSE(allowed(permitted, holder(subject, {general_name(kDns, "example.vn")})));
  CHECK(allowed(permitted, holder(subject, {general_name(kMail, "a@example.vn")})));
}

TEST_CASE("every authority of the path narrows") {
  std::size_t comparisons = 1000;
  NameConstraints names(comparisons);
  names.add(constraints({general_name(kDns, "a.vn"), general_name(kDns, "b.vn")}, {}));
  names.add(constraints({general_name(kDns, "b.vn"), general_name(kDns, "c.vn")}, {general_name(kDns, "x.b.vn")}));
  const auto good = [&](const char* host) {
    return !names.find_violation(holder(name("Leaf"), {general_name(kDns, host)}));
  };
  CHECK(good("b.vn"));
  CHECK_FALSE(good("a.vn"));
  CHECK_FALSE(good("c.vn"));
  CHECK_FALSE(good("x.b.vn"));
  CHECK(comparisons < 1000);
  CHECK_FALSE(names.is_over_limit());
}

TEST_CASE("the number of comparisons is bounded") {
  std::vector<Bytes> bases, many;
  for (int i = 0; i < 1500; ++i) {
    bases.push_back(general_name(kDns, fmt::format("x{}.vn", i)));
    many.push_back(general_name(kDns, fmt::format("y{}.vn", i)));
  }
  const Key key;
  TrustStore trust;
  trust.add({.certificate = issue("Root", "Root", der::concat(ca(), name_constraints({}, bases)), key, key)});
  const auto leaf = issue("Leaf", "Root", alternative_names(many), Key(), key);
  PathRequest request{.time = kNow};
  CHECK(verdict_of(find_path(leaf, {}, trust, request)) == "pki.path.budget");
  request.budget.name_comparisons = 3'000'000;
  CHECK(verdict_of(find_path(leaf, {}, trust, request)) == "valid");
}

TEST_CASE("constraints bind all below, but self-issued certificates of authorities") {
  const Key root_key, ca_key, new_key, leaf_key;
  TrustStore trust;
  const Bytes limits = name_constraints({directory(long_name("Mẫu", ""))}, {});
  trust.add({.certificate = issue("Root", "Root", ca(), root_key, root_key)});
  CertificatePool pool;
  pool.add(issue("CA", "Root", der::concat(ca(), limits), ca_key, root_key));
  pool.add(issue("CA", "CA", ca(), new_key, ca_key));
  const auto verdict = [&](const Bytes& subject) {
    return verdict_of(
        find_path(issue({.subject = subject, .issuer = name("CA")}, leaf_key, new_key), pool, trust, {.time = kNow}));
  };
  CHECK(verdict(long_name("Mẫu", "A")) == "valid");
  CHECK(verdict(long_name("Khác", "A")) == "pki.path.names");
}

}  // namespace
}  // namespace kyso::pki
