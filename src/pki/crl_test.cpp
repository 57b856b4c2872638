#include <rapidcheck.h>

#include <chrono>
#include <limits>
#include <random>
#include <set>

#include "base/file.h"
#include "pki/crl_state.h"
#include "pki/revocation_test_support.h"

namespace kyso::pki {
namespace {

using namespace testing;

const Key& key() {
  static const Key value;
  return value;
}

std::optional<CrlEntry> find(const RevocationList& list, std::int64_t serial, std::string_view issuer = "CA") {
  const Bytes number = der::encode_integer(serial);
  return list.state().find(der::Reader(number).next()->content, normalise_name(name(issuer)));
}

std::string parse(const Bytes& bytes) {
  return code_of(RevocationList::from_der(bytes));
}

// Signed with anything: only reading is tried.
Bytes list_with(const Bytes& tbs_members) {
  return der::sequence(key().sign(der::sequence(tbs_members)));
}

// A list of so many entries, 37 octets each, made without any detour.
Bytes big_list(std::size_t count, const std::function<std::uint64_t(std::size_t)>& serial_of) {
  const Bytes first = entry(0x0102030405060708, reason(1));
  Bytes entries;
  entries.reserve(count * first.size());
  for (std::size_t i = 0; i < count; ++i) {
    append(entries, ByteView(first));
    const std::uint64_t serial = serial_of(i);
    for (std::size_t octet = 0; octet < 8; ++octet)
      entries[entries.size() - first.size() + 4 + octet] = static_cast<std::uint8_t>(serial >> (56 - 8 * octet));
  }
  return list_with(der::concat(der::encode_integer(1), Key::algorithm(), name("CA"), time(kNow), time(kNow + kDay),
                               der::sequence(entries), der::encode(der::context(0), der::sequence(crl_number(7)))));
}

double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

TEST_CASE("a number that fits is a number; a list for some certificates or reasons isn't complete") {
  const auto list_of = [](const Bytes& extensions) {
    return make_list({.issuer = "CA", .entries = {}, .extensions = extensions}, key());
  };
  const auto numbered = [&](const Bytes& octets) {
    return list_of(extension("2.5.29.20", der::encode(der::kInteger, octets))).number();
  };
  CHECK_FALSE(list_of(extension("2.5.29.60", time(kNow))).number());
  CHECK(numbered(Bytes{0}) == 0);
  CHECK(numbered(Bytes{0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}) == std::numeric_limits<std::int64_t>::max());
  CHECK_FALSE(numbered(Bytes{0, 0x80, 0, 0, 0, 0, 0, 0, 0}));
  CHECK_FALSE(numbered(Bytes{1, 0, 0, 0, 0, 0, 0, 0, 0}));
  CHECK(list_of(crl_number(7)).is_complete());
  CHECK_FALSE(list_of(der::concat(crl_number(7), scope(flag(2)))).is_complete());
  CHECK_FALSE(list_of(der::concat(crl_number(7), extension("1.2.3.4", time(kNow), true))).is_complete());
}

TEST_CASE("reasons have their names of RFC 5280") {
  for (int reason = -1; reason <= 12; ++reason) {
    const std::string_view name = name_of_reason(reason);
    CHECK(name.empty() == (reason < 0 || reason == 7 || reason > 10));
    if (!name.empty()) CHECK(reason_by_name(name) == reason);
  }
  CHECK(name_of_reason(2) == "cACompromise");
  CHECK_FALSE(reason_by_name(""));
  CHECK_FALSE(reason_by_name("keycompromise"));
}

TEST_CASE("a list of openssl is read, in PEM and in DER") {
  const Bytes pem = must(read_file(KYSO_SOURCE_DIR "/tests/vectors/ocsp/list.crl.pem"));
  const RevocationList list = must(RevocationList::from_der(pem));
  const RevocationList again = must(RevocationList::from_der(list.der()));
  CHECK(std::ranges::equal(list.der(), again.der()));
  CHECK(std::ranges::equal(list.sha256(), crypto::digest(crypto::DigestAlgorithm::sha256, list.der())));
  CHECK(list.size() == 2);
  CHECK_FALSE(list.is_delta());
  CHECK(list.authority_key_id().size() == 20);
  CHECK(*list.next_update() - list.this_update() == 30 * kDay);
  CHECK(list.state().number == Bytes{0x0a, 0x01});
  CHECK(list.number() == 0x0a01);
  CHECK(list.is_complete());
  const Bytes issuer = normalise_name(list.issuer_der());
  const auto revoked = list.state().find(Bytes{0x10, 0x02}, issuer);
  REQUIRE(revoked);
  CHECK(revoked->reason == 1);
  CHECK(revoked->revoked_at == parse_time("2026-09-01T00:00:00Z").value());
  CHECK(list.state().find(Bytes{0x10, 0x03}, issuer)->reason == kCertificateHold);
  CHECK_FALSE(list.state().find(Bytes{0x10, 0x01}, issuer));
  CHECK_FALSE(list.state().find(Bytes{0x10, 0x02}, normalise_name(name("CA khác"))));
  // A certificate that spends an octet too much on its number has this number all the same.
  CHECK(list.state().find(Bytes{0x00, 0x10, 0x02}, issuer));
}

TEST_CASE("what an entry and a list say is read") {
  const Instant since = kNow - 90 * kDay;
  const Bytes invalidity = extension("2.5.29.24", time(since));
  const RevocationList list = make_list(
      {.issuer = "CA",
       .entries = {entry(5, der::concat(reason(1), invalidity)), entry(6), entry(7, reason(8)), entry(-3)},
       .extensions = der::concat(crl_number(300), delta_of(299), extension("2.5.29.60", time(since)),
                                 scope(der::concat(full_name(uri("http://x.vn/a.crl")), flag(2),
                                                   der::encode(der::context(3, false), Bytes{1, 0x42}), flag(4))))},
      key());
  CHECK(find(list, 5)->reason == 1);
  CHECK(find(list, 5)->invalid_since == since);
  CHECK(find(list, 6)->reason == std::nullopt);
  CHECK(find(list, 7)->reason == kRemoveFromCrl);
  CHECK(find(list, -3));
  CHECK_FALSE(find(list, 3));
  CHECK(list.is_delta());
  CHECK_FALSE(list.is_complete());
  CHECK(list.number() == 300);
  CHECK(list.expired_certificates_since() == since);
  const RevocationList::State& state = list.state();
  CHECK(state.number == Bytes{0x01, 0x2c});
  CHECK(*state.base_number == Bytes{0x01, 0x2b});
  REQUIRE(state.scope);
  CHECK(state.scope->full_name.size() == 1);
  CHECK(state.scope->only_ca_certificates);
  CHECK_FALSE(state.scope->only_user_certificates);
  CHECK(state.scope->only_some_reasons == ((1U << 1) | (1U << 6)));
  CHECK(state.is_indirect());
  CHECK(state.unknown_critical.empty());
}

TEST_CASE("entries of an indirect list belong to the issuer named last") {
  const auto from = [](std::string_view issuer) {
    return extension("2.5.29.29", der::sequence(directory(name(issuer))), true);
  };
  const RevocationList list = make_list({.issuer = "CA",
                                         .entries = {entry(1), entry(2, from("A")), entry(3), entry(2, from("B")),
                                                     entry(1, reason(1)), entry(9, from("CA"))},
                                         .extensions = der::concat(crl_number(1), scope(flag(4)))},
                                        key());
  CHECK(find(list, 1, "CA"));
  CHECK_FALSE(find(list, 2, "CA"));
  CHECK(find(list, 2, "A"));
  CHECK(find(list, 3, "A"));
  CHECK_FALSE(find(list, 1, "A"));
  CHECK(find(list, 2, "B"));
  CHECK(find(list, 1, "B")->reason == 1);
  CHECK_FALSE(find(list, 3, "B"));
  CHECK(find(list, 9, "CA"));
}

TEST_CASE("of several entries about one certificate the gravest counts") {
  for (const auto& order : std::vector<std::vector<int>>{{6, 1, 8}, {8, 6, 1}, {1, 8, 6}}) {
    std::vector<Bytes> entries;
    for (const int why : order) entries.push_back(entry(5, reason(why)));
    CHECK(find(make_list({.issuer = "CA", .entries = entries}, key()), 5)->reason == 1);
  }
  CHECK(find(make_list({.issuer = "CA", .entries = {entry(5, reason(8)), entry(5, reason(6))}}, key()), 5)->reason ==
        6);
}

TEST_CASE("critical extensions that nobody understands are named") {
  const Bytes strange = extension("1.2.3.4", Bytes{5, 0}, true);
  CHECK(
      make_list({.issuer = "CA", .extensions = der::concat(crl_number(1), strange)}, key()).state().unknown_critical ==
      "1.2.3.4");
  CHECK(make_list({.issuer = "CA", .entries = {entry(5, strange)}}, key()).state().unknown_critical == "1.2.3.4");
  CHECK(make_list({.issuer = "CA", .entries = {entry(5, extension("1.2.3.4", Bytes{5, 0}))}}, key())
            .state()
            .unknown_critical.empty());
}

TEST_CASE("a list that isn't what RFC 5280 says is refused") {
  const Bytes head = der::concat(der::encode_integer(1), Key::algorithm(), name("CA"), time(kNow));
  const Bytes extensions = der::encode(der::context(0), der::sequence(crl_number(1)));
  CHECK(parse(list_with(der::concat(head, extensions))) == "ok");
  CHECK(parse(list_with(head)) == "ok");
  const Bytes version_1 = der::concat(Key::algorithm(), name("CA"), time(kNow));
  CHECK(parse(list_with(der::concat(version_1, time(kNow + kDay), der::sequence(entry(1))))) == "ok");
  const Bytes bad = Bytes{2, 2, 0, 5};  // INTEGER 5 in too many octets
  const std::vector<std::pair<const char*, Bytes>> cases{
      {"version 3", der::concat(der::encode_integer(2), Key::algorithm(), name("CA"), time(kNow))},
      {"version 1 with extensions", der::concat(version_1, extensions)},
      {"version 1 with entry extensions", der::concat(version_1, der::sequence(entry(1, reason(1))))},
      {"other algorithm inside",
       der::concat(der::encode_integer(1), der::sequence(der::encode_oid("1.3.101.113")), name("CA"), time(kNow))},
      {"without time", der::concat(der::encode_integer(1), Key::algorithm(), name("CA"), der::sequence(entry(1)))},
      {"extension twice", der::concat(head, der::encode(der::context(0), der::sequence(crl_number(1), crl_number(2))))},
      {"empty extensions", der::concat(head, der::encode(der::context(0), der::sequence()))},
      {"negative number", der::concat(head, der::encode(der::context(0), der::sequence(crl_number(-1))))},
      {"number of 21 octets",
       der::concat(head, der::encode(der::context(0),
                                     der::sequence(extension("2.5.29.20", der::encode(der::kInteger, Bytes(21, 1))))))},
      {"serial number not minimal", der::concat(head, der::sequence(der::sequence(bad, time(kNow))))},
      {"entry without date", der::concat(head, der::sequence(der::sequence(der::encode_integer(1))))},
      {"entry with more", der::concat(head, der::sequence(der::sequence(der::encode_integer(1), time(kNow), bad)))},
      {"reason that isn't one", der::concat(head, der::sequence(entry(1, extension("2.5.29.21", bad))))},
      {"date that doesn't exist",
       der::concat(head, der::sequence(der::sequence(der::encode_integer(1),
                                                     der::encode(der::kUtcTime, as_bytes("260230000000Z")))))},
      {"scope with an unknown member", der::concat(head, der::encode(der::context(0), der::sequence(scope(flag(6)))))},
      {"something after the extensions", der::concat(head, extensions, bad)},
  };
  for (const auto& [what, tbs] : cases) CHECK_MESSAGE(parse(list_with(tbs)) == "pki.crl.malformed", what);

  const Bytes good_list = list_der({.issuer = "CA", .entries = {entry(1, reason(1)), entry(2)}}, key());
  for (std::size_t size = 0; size < good_list.size(); ++size)
    CHECK(parse({good_list.begin(), good_list.begin() + static_cast<std::ptrdiff_t>(size)}) == "pki.crl.malformed");
  CHECK(parse(der::concat(good_list, Bytes{0})) == "pki.crl.malformed");
  CHECK(parse(to_bytes("-----BEGIN X509 CRL-----\n!\n-----END X509 CRL-----\n")) == "pki.crl.malformed");
}

TEST_CASE("lying and deep encodings end quickly") {
  // A length far beyond the end, in every place.
  Bytes list = list_der({.issuer = "CA", .entries = {entry(1, reason(1))}}, key());
  for (std::size_t i = 0; i + 1 < list.size(); ++i) {
    Bytes lying = list;
    lying[i] = 0x84;
    static_cast<void>(parse(lying));
    lying[i] = 0xff;
    static_cast<void>(parse(lying));
  }
  // A million SEQUENCEs inside each other, wherever something could be nested.
  Bytes nested(1'000'000, 0x30);
  for (std::size_t i = 1; i < nested.size(); i += 2) nested[i] = 0x80;
  CHECK(seconds_of([&] { CHECK(parse(nested) == "pki.crl.malformed"); }) < 1);
  CHECK(seconds_of([&] {
          CHECK(parse(list_with(
                    der::concat(der::encode_integer(1), Key::algorithm(), der::sequence(nested), time(kNow)))) != "");
        }) < 1);
}

TEST_CASE("a million entries are read and looked up in a moment") {
  // The bounds are for slow, instrumented and busy builds; anything quadratic takes hours.
  const auto try_list = [](const char* what, std::size_t count,
                           const std::function<std::uint64_t(std::size_t)>& serial_of) {
    const Bytes bytes = big_list(count, serial_of);
    std::optional<RevocationList> list;
    const double reading = seconds_of([&] { list = must(RevocationList::from_der(bytes)); });
    CHECK_MESSAGE(reading < 60, what);
    CHECK(list->size() == count);
    int found = 0;
    const double looking = seconds_of([&] {
      for (std::size_t i = 0; i < count; i += count / 1000)
        found += find(*list, static_cast<std::int64_t>(serial_of(i)))->reason == 1;
    });
    CHECK_MESSAGE(looking < 20, what);
    CHECK(found == 1000);
    CHECK_FALSE(find(*list, 0x7fffffffffffffff));
  };
  std::mt19937_64 random(1);
  std::vector<std::uint64_t> numbers(1'000'000);
  for (std::uint64_t& each : numbers) each = (random() >> 2U) | 0x0100000000000000U;
  try_list("random", numbers.size(), [&](std::size_t i) { return numbers[i]; });
  try_list("rising", 100'000, [](std::size_t i) { return 0x0100000000000000U + i; });
  try_list("falling", 100'000, [](std::size_t i) { return 0x0200000000000000U - i; });
  // Numbers that the index can't tell apart, and all the same.
  const Bytes same = big_list(100'000, [](std::size_t) { return 0x0102030405060708U; });
  CHECK(seconds_of([&] { CHECK(find(must(RevocationList::from_der(same)), 0x0102030405060708)->reason == 1); }) < 60);
}

TEST_CASE("what is written is found, and nothing else") {
  rc::check([](const std::set<std::int64_t>& listed, const std::set<std::int64_t>& asked) {
    std::vector<Bytes> entries;
    std::map<std::int64_t, int> reasons;
    for (const std::int64_t serial : listed) {
      reasons[serial] = static_cast<int>(static_cast<std::uint64_t>(serial) % 6);
      entries.push_back(entry(serial, reason(reasons[serial])));
    }
    const RevocationList list = make_list({.issuer = "CA", .entries = entries}, key());
    RC_ASSERT(list.size() == listed.size());
    for (const auto& [serial, why] : reasons) RC_ASSERT(find(list, serial)->reason == why);
    for (const std::int64_t serial : asked) RC_ASSERT(find(list, serial).has_value() == listed.contains(serial));
  });
}

TEST_CASE("a changed list is refused or no longer signed") {
  const ParsedCertificate issuer =
      make_certificate({.subject = "CA", .issuer = "CA", .extensions = authority()}, key(), key());
  const Bytes honest = list_der({.issuer = "CA", .entries = {entry(1, reason(1)), entry(2)}}, key());
  const crypto::PublicKey& public_key = issuer.certificate().public_key();
  const auto verifies = [&](const RevocationList& list) {
    return list.state().signatures.verify(list.state().signed_block, public_key).has_value();
  };
  CHECK(verifies(must(RevocationList::from_der(honest))));
  for (std::size_t i = 0; i < honest.size(); ++i) {
    Bytes changed = honest;
    changed[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    if (const auto list = RevocationList::from_der(changed)) CHECK_FALSE(verifies(*list));
  }
}

}  // namespace kyso::pki
