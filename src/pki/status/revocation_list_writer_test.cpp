#include "pki/status/revocation_list_writer.h"

#include <openssl/ec.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <random>

#include "pki/crl_state.h"
#include "pki/revocation_test_support.h"

namespace kyso::pki::status {
namespace {

using namespace std::chrono_literals;
namespace der = crypto::der;
using testing::kDay;
using testing::kNow;
using testing::kYear;

template <auto Free>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Asn1Time = std::unique_ptr<ASN1_TIME, Deleter<ASN1_TIME_free>>;
using Crl = std::unique_ptr<X509_CRL, Deleter<X509_CRL_free>>;

const crypto::SignatureScheme kScheme{crypto::KeyType::ec_p256, crypto::Padding::none, crypto::DigestAlgorithm::sha256};

EVP_PKEY* signing_key() {
  static EVP_PKEY* const key = EVP_EC_gen("P-256");
  return key;
}

// Serials as this authority draws them and as others do: short, long, with the highest bit set.
std::vector<RevokedEntry> some_entries(std::size_t count, unsigned seed = 1) {
  std::mt19937 random(seed);
  std::vector<RevokedEntry> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    RevokedEntry& entry = out[i];
    const std::size_t length = i % 10 == 0 ? 4 + random() % 16 : 17;
    entry.serial.resize(length);
    for (std::uint8_t& octet : entry.serial) octet = static_cast<std::uint8_t>(random());
    if (length == 17) entry.serial[0] = 0x01;
    if (entry.serial[0] >= 0x80) entry.serial.insert(entry.serial.begin(), 0);
    if (entry.serial[0] == 0) entry.serial[1] |= 0x80;
    entry.revoked_at = kNow - std::chrono::seconds(random() % 100'000'000);
    if (i % 50 == 1) entry.revoked_at = parse_time("2050-01-01T00:00:00Z").value() + std::chrono::seconds(i);
    if (i % 3 != 0) entry.reason = static_cast<int>(std::array{0, 1, 3, 4, 5, 6, 9}[i % 7]);
    if (i % 4 == 0) entry.invalid_since = entry.revoked_at - kDay;
  }
  return out;
}

ListDescription description() {
  ListDescription list;
  list.issuer_name = testing::name("Cơ quan chứng thực mẫu");
  list.issuer_key_id = Bytes(20, 0x5a);
  list.scheme = kScheme;
  list.this_update = kNow;
  list.next_update = kNow + kDay;
  list.number = 4'711;
  return list;
}

Bytes tbs_of(const ListDescription& list, const EntryStore& entries) {
  Bytes out;
  must(write_list(list, entries, [&](ByteView piece) {
    append(out, piece);
    return Result<>();
  }));
  CHECK(out.size() == list_size(list, entries));
  return out;
}

ASN1_INTEGER* integer(ByteView content) {
  const Bytes encoded = der::encode(der::kInteger, content);
  const unsigned char* data = encoded.data();
  return d2i_ASN1_INTEGER(nullptr, &data, static_cast<long>(encoded.size()));
}

X509_REVOKED* openssl_entry(const RevokedEntry& entry) {
  X509_REVOKED* revoked = X509_REVOKED_new();
  ASN1_INTEGER* serial = integer(entry.serial);
  X509_REVOKED_set_serialNumber(revoked, serial);
  ASN1_INTEGER_free(serial);
  const Asn1Time when(ASN1_TIME_set(nullptr, entry.revoked_at.time_since_epoch().count()));
  X509_REVOKED_set_revocationDate(revoked, when.get());
  if (entry.reason.value_or(0) != 0) {
    ASN1_ENUMERATED* reason = ASN1_ENUMERATED_new();
    ASN1_ENUMERATED_set(reason, *entry.reason);
    X509_REVOKED_add1_ext_i2d(revoked, NID_crl_reason, reason, 0, 0);
    ASN1_ENUMERATED_free(reason);
  }
  if (entry.invalid_since) {
    ASN1_GENERALIZEDTIME* since = ASN1_GENERALIZEDTIME_set(nullptr, entry.invalid_since->time_since_epoch().count());
    X509_REVOKED_add1_ext_i2d(revoked, NID_invalidity_date, since, 0, 0);
    ASN1_GENERALIZEDTIME_free(since);
  }
  return revoked;
}

DIST_POINT_NAME* point_name(const std::vector<std::string>& urls) {
  DIST_POINT_NAME* out = DIST_POINT_NAME_new();
  out->type = 0;
  out->name.fullname = GENERAL_NAMES_new();
  for (const std::string& url : urls) {
    GENERAL_NAME* name = GENERAL_NAME_new();
    ASN1_IA5STRING* address = ASN1_IA5STRING_new();
    ASN1_STRING_set(address, url.data(), static_cast<int>(url.size()));
    GENERAL_NAME_set0_value(name, GEN_URI, address);
    sk_GENERAL_NAME_push(out->name.fullname, name);
  }
  return out;
}

void add_extensions(X509_CRL* crl, const ListDescription& list) {
  AUTHORITY_KEYID* key_id = AUTHORITY_KEYID_new();
  key_id->keyid = ASN1_OCTET_STRING_new();
  ASN1_OCTET_STRING_set(key_id->keyid, list.issuer_key_id.data(), static_cast<int>(list.issuer_key_id.size()));
  X509_CRL_add1_ext_i2d(crl, NID_authority_key_identifier, key_id, 0, 0);
  AUTHORITY_KEYID_free(key_id);
  const auto add_number = [crl](int nid, std::int64_t number, bool is_critical) {
    ASN1_INTEGER* value = ASN1_INTEGER_new();
    ASN1_INTEGER_set_int64(value, number);
    X509_CRL_add1_ext_i2d(crl, nid, value, is_critical ? 1 : 0, 0);
    ASN1_INTEGER_free(value);
  };
  add_number(NID_crl_number, list.number, false);
  if (list.delta_base) add_number(NID_delta_crl, *list.delta_base, true);
  if (!list.distribution_urls.empty()) {
    ISSUING_DIST_POINT* point = ISSUING_DIST_POINT_new();
    point->distpoint = point_name(list.distribution_urls);
    X509_CRL_add1_ext_i2d(crl, NID_issuing_distribution_point, point, 1, 0);
    ISSUING_DIST_POINT_free(point);
  }
  if (!list.freshest_urls.empty()) {
    CRL_DIST_POINTS* points = CRL_DIST_POINTS_new();
    DIST_POINT* point = DIST_POINT_new();
    point->distpoint = point_name(list.freshest_urls);
    sk_DIST_POINT_push(points, point);
    X509_CRL_add1_ext_i2d(crl, NID_freshest_crl, points, 0, 0);
    CRL_DIST_POINTS_free(points);
  }
}

// The same list as libcrypto makes it, signed.
Bytes openssl_list(const ListDescription& list, const std::vector<RevokedEntry>& entries) {
  const Crl crl(X509_CRL_new());
  X509_CRL_set_version(crl.get(), 1);
  const unsigned char* data = list.issuer_name.data();
  X509_NAME* name = d2i_X509_NAME(nullptr, &data, static_cast<long>(list.issuer_name.size()));
  X509_CRL_set_issuer_name(crl.get(), name);
  X509_NAME_free(name);
  const Asn1Time from(ASN1_TIME_set(nullptr, list.this_update.time_since_epoch().count()));
  const Asn1Time until(ASN1_TIME_set(nullptr, list.next_update.time_since_epoch().count()));
  X509_CRL_set1_lastUpdate(crl.get(), from.get());
  X509_CRL_set1_nextUpdate(crl.get(), until.get());
  for (const RevokedEntry& entry : entries) X509_CRL_add0_revoked(crl.get(), openssl_entry(entry));
  X509_CRL_sort(crl.get());
  add_extensions(crl.get(), list);
  REQUIRE(X509_CRL_sign(crl.get(), signing_key(), EVP_sha256()) > 0);
  unsigned char* out = nullptr;
  const int size = i2d_X509_CRL(crl.get(), &out);
  REQUIRE(size > 0);
  Bytes encoded(out, out + size);
  OPENSSL_free(out);
  return encoded;
}

Bytes wrapped(const Bytes& tbs, ByteView signature) {
  const ListEnvelope around = envelope(tbs.size(), kScheme, signature);
  return der::concat(around.before, tbs, around.after);
}

Bytes signed_list(const ListDescription& list, const EntryStore& entries) {
  const Bytes tbs = tbs_of(list, entries);
  const std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  Bytes value(80);
  std::size_t size = value.size();
  REQUIRE(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, signing_key()) == 1);
  REQUIRE(EVP_DigestSign(context.get(), value.data(), &size, tbs.data(), tbs.size()) == 1);
  value.resize(size);
  return wrapped(tbs, value);
}

void check_equal(const ListDescription& list, const std::vector<RevokedEntry>& entries) {
  const Bytes theirs = openssl_list(list, entries);
  EntryStore store;
  for (const RevokedEntry& entry : entries) store.put(entry);
  const RevocationList parsed = must(RevocationList::from_der(theirs));
  const ByteView signature = parsed.state().signed_block.signature;
  CHECK(wrapped(tbs_of(list, store), signature) == theirs);
}

TEST_CASE("lists are byte-equal to those of libcrypto") {
  ListDescription list = description();
  for (const std::size_t count : {0, 1, 2, 1'000, 20'000}) check_equal(list, some_entries(count));
  list.distribution_urls = {"http://crl.example.gov.vn/crl/CPCA_G1-17.crl"};
  check_equal(list, some_entries(100));
  list.distribution_urls.emplace_back("http://crl2.example.gov.vn/crl/CPCA_G1-17.crl");
  check_equal(list, some_entries(3));
  list.distribution_urls.clear();
  list.freshest_urls = {"http://crl.example.gov.vn/crl/CPCA_G1-delta.crl"};
  list.next_update = parse_time("2051-01-01T00:00:00Z").value();
  check_equal(list, some_entries(3));
  list.freshest_urls.clear();
  list.delta_base = 255;
  list.number = 256;
  std::vector<RevokedEntry> released = some_entries(5);
  for (RevokedEntry& entry : released) entry.reason = 8;
  check_equal(list, released);
}

TEST_CASE("lists are read as they were written") {
  ListDescription list = description();
  list.distribution_urls = {"http://crl.example.gov.vn/crl/CPCA_G1-17.crl"};
  list.expired_certificates_since = kNow - 10 * kYear;
  const std::vector<RevokedEntry> entries = some_entries(500);
  EntryStore store;
  for (const RevokedEntry& entry : entries) store.put(entry);
  const Bytes whole = signed_list(list, store);
  const RevocationList parsed = must(RevocationList::from_der(whole));
  CHECK(parsed.size() == entries.size());
  CHECK(parsed.this_update() == list.this_update);
  CHECK(parsed.next_update() == list.next_update);
  CHECK(parsed.expired_certificates_since() == list.expired_certificates_since);
  CHECK(std::ranges::equal(parsed.authority_key_id(), list.issuer_key_id));
  REQUIRE(parsed.state().scope);
  CHECK(parsed.state().scope->full_name.at(0).value == to_bytes(list.distribution_urls[0]));
  CHECK(parsed.state().unknown_critical.empty());
  const Bytes issuer = normalise_name(list.issuer_name);
  for (const RevokedEntry& entry : entries) {
    const auto found = parsed.state().find(entry.serial, issuer);
    REQUIRE(found);
    CHECK(found->revoked_at == entry.revoked_at);
    CHECK(found->reason.value_or(0) == entry.reason.value_or(0));
    CHECK(found->invalid_since == entry.invalid_since);
  }
  const TestFolder folder;
  folder.write("list.crl", as_chars(whole));
  const std::string file = (folder / "list.crl").string();
  const std::string openssl = output_of("openssl crl -inform DER -noout -text -in " + file + " 2>&1");
  CHECK(openssl.find("4711") != std::string::npos);
  CHECK(openssl.find("CPCA_G1-17.crl") != std::string::npos);
  const std::string certtool = output_of("certtool --crl-info --inder --infile " + file + " 2>&1");
  CHECK(certtool.find("Revoked certificates (500)") != std::string::npos);
}

TEST_CASE("an empty list can be read by everybody") {
  const Bytes whole = signed_list(description(), EntryStore());
  CHECK(must(RevocationList::from_der(whole)).size() == 0);
  const TestFolder folder;
  folder.write("list.crl", as_chars(whole));
  const std::string file = (folder / "list.crl").string();
  CHECK(output_of("openssl crl -inform DER -noout -text -in " + file + " 2>&1").find("No Revoked") !=
        std::string::npos);
  CHECK(output_of("certtool --crl-info --inder --infile " + file + " 2>&1").find("No revoked") != std::string::npos);
}

// A plain model of the store: what was put last counts.
struct Model {
  struct Less {
    bool operator()(const Bytes& a, const Bytes& b) const { return a.size() != b.size() ? a.size() < b.size() : a < b; }
  };
  std::map<Bytes, RevokedEntry, Less> entries;
};

Bytes model_bytes(const Model& model) {
  Bytes out;
  for (const auto& [serial, entry] : model.entries) {
    EntryStore one;
    one.put(entry);
    must(one.write_to([&](ByteView piece) {
      append(out, piece);
      return Result<>();
    }));
  }
  return out;
}

Bytes store_bytes(const EntryStore& store) {
  Bytes out;
  must(store.write_to([&](ByteView piece) {
    append(out, piece);
    return Result<>();
  }));
  return out;
}

TEST_CASE("whatever is put and erased in whatever order, the store holds the last word, sorted") {
  CHECK(rc::check([] {
    EntryStore store;
    Model model;
    const auto count = *rc::gen::inRange<std::size_t>(0, 200);
    for (std::size_t i = 0; i < count; ++i) {
      // Few serials, many of them with equal first octets.
      Bytes serial(*rc::gen::inRange<std::size_t>(1, 12), 0x11);
      serial.back() = *rc::gen::inRange<std::uint8_t>(1, 9);
      const int what = *rc::gen::inRange(0, 10);
      if (what < 6) {
        RevokedEntry entry{serial, kNow + std::chrono::seconds(i), {}, {}};
        if (what < 3) entry.reason = what + 1;
        if (what < 2) entry.invalid_since = kNow;
        store.put(entry);
        model.entries.insert_or_assign(serial, entry);
      } else if (what < 9) {
        store.erase(serial);
        model.entries.erase(serial);
      } else {
        RC_ASSERT(store.size() == model.entries.size());
      }
    }
    const Bytes expected = model_bytes(model);
    RC_ASSERT(store.size() == model.entries.size());
    RC_ASSERT(store.encoded_size() == expected.size());
    RC_ASSERT(store_bytes(store) == expected);
  }));
}

TEST_CASE("many changes in a large store leave no garbage and lose nothing") {
  const std::vector<RevokedEntry> entries = some_entries(30'000, 7);
  EntryStore once, often;
  for (const RevokedEntry& entry : entries) once.put(entry);
  for (int round = 0; round < 8; ++round) {
    for (RevokedEntry entry : entries) {
      entry.revoked_at += std::chrono::seconds(7 - round);
      often.put(entry);
    }
    CHECK(often.size() == entries.size());
  }
  CHECK(store_bytes(often) == store_bytes(once));
  for (std::size_t i = 0; i < entries.size(); i += 2) {
    once.erase(entries[i].serial);
    if (i % 4 == 0) CHECK(once.size() == entries.size() - i / 2 - 1);
    if (i > 40) break;
  }
  for (std::size_t i = 0; i < entries.size(); ++i) often.erase(entries[i].serial);
  CHECK(often.size() == 0);
  CHECK(store_bytes(often).empty());
}

TEST_CASE("what stands in a list can be put into the next one") {
  EntryStore first, second;
  for (const RevokedEntry& entry : some_entries(500)) first.put(entry);
  const Bytes tbs = tbs_of(description(), first);
  const auto around = envelope(tbs.size(), kScheme, Bytes(70, 1));
  const auto list = must(RevocationList::from_der(der::concat(around.before, tbs, around.after)));
  for (const RevokedEntry& entry : entries_of(list)) second.put(entry);
  CHECK(second.size() == 500);
  CHECK(store_bytes(second) == store_bytes(first));
}

}  // namespace
}  // namespace kyso::pki::status
