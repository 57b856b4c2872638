#pragma once
#include <sys/mman.h>

#include <atomic>
#include <mutex>

#include "audit/audit.h"
#include "authority/status/status_service.h"
#include "authority/store.h"
#include "base/file.h"
#include "crypto/der.h"
#include "crypto/key_holder.h"
#include "db/db_test_support.h"
#include "pki/revocation.h"
#include "vault/refusing_vault.h"

// For tests: an authority with keys in this process, certificates on record, and requests about them.
namespace kyso::authority::status {

// An issuer with a delegated responder, made by the openssl command.
struct TestIssuer {
  TestFolder folder;
  std::string name;
  std::shared_ptr<crypto::KeyHolder> authority, responder;

  explicit TestIssuer(std::string issuer_name, std::string_view key = "ec -pkeyopt ec_paramgen_curve:P-256")
      : name(std::move(issuer_name)) {
    folder.write("ca.cnf",
                 "[req]\ndistinguished_name=dn\nx509_extensions=v3\n[dn]\n[v3]\nbasicConstraints=critical,CA:TRUE\n"
                 "keyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n");
    folder.write("ocsp.ext",
                 "keyUsage=critical,digitalSignature\nextendedKeyUsage=OCSPSigning\nnoCheck=ignored\n"
                 "authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n");
    run(
        fmt::format("openssl req -x509 -newkey {} -nodes -keyout ca.key -out ca.pem -subj '/C=VN/CN={}' -days 3650 "
                    "-config ca.cnf",
                    key, name));
    run(fmt::format("openssl req -newkey {} -nodes -keyout ocsp.key -out ocsp.csr -subj '/C=VN/CN={} OCSP'", key,
                    name));
    run("openssl x509 -req -in ocsp.csr -CA ca.pem -CAkey ca.key -set_serial 2 -days 30 -extfile ocsp.ext -out "
        "ocsp.pem");
    authority = open("ca");
    responder = open("ocsp");
  }
  void run(const std::string& command) const {
    output_of(fmt::format("cd {} && {} 2>&1", folder.path().string(), command));
  }
  // A certificate of an end entity with this serial number, as a file NAME.pem.
  void issue(const std::string& file, std::string_view serial_hex, const std::string& extensions = {}) const {
    folder.write(file + ".ext", extensions + "\n");
    run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + file + ".key -out " + file +
        ".csr -subj '/C=VN/CN=Nguyen Van A'");
    run(fmt::format(
        "openssl x509 -req -in {0}.csr -CA ca.pem -CAkey ca.key -set_serial 0x{1} -days 30 -extfile {0}.ext "
        "-out {0}.pem",
        file, serial_hex));
  }
  const crypto::Certificate& certificate() const { return authority->certificate(); }

 private:
  std::shared_ptr<crypto::KeyHolder> open(const std::string& file) const {
    const auto text = [&](const std::string& end) {
      return std::string(as_chars(must(read_file(folder / (file + end)))));
    };
    return must(crypto::open_pem(text(".key"), text(".pem"), Secret()));
  }
};

inline TestIssuer& first_issuer() {
  static TestIssuer issuer("CPCA_G1");
  return issuer;
}
inline TestIssuer& second_issuer() {
  static TestIssuer issuer("CPCA_G2");
  return issuer;
}

class TestClock final : public Clock {
 public:
  explicit TestClock(Instant start) : m_now(start.time_since_epoch().count()) {}
  // Now, or later: when the sample issuers are there.
  TestClock() : TestClock((first_issuer(), second_issuer(), system_clock().now())) {}
  Instant now() const override { return Instant(std::chrono::seconds(m_now.load())); }
  void advance(std::chrono::seconds by) { m_now += by.count(); }

 private:
  std::atomic<std::int64_t> m_now;
};

// What of the vault the status services use. Checks what it signs as the vault does.
class TestVault final : public vault::RefusingVault {
 public:
  explicit TestVault(std::vector<TestIssuer*> issuers) : m_issuers(std::move(issuers)) {}
  std::atomic<bool> is_away = false;
  std::atomic<int> answers = 0, calls = 0, lists = 0;
  std::atomic<std::int64_t> number_floor = 0;
  std::size_t shards = 1;
  std::vector<std::string> crl_urls{"http://crl.example.gov.vn/crl/CPCA_G1.crl"};
  std::function<void()> before_signing;  // in the thread that asks

  Result<State> state() override {
    if (is_away) return away();
    State out;
    for (const TestIssuer* issuer : m_issuers) {
      const auto scheme = crypto::default_scheme(issuer->certificate().public_key().type());
      out.issuers.push_back({.name = issuer->name,
                             .certificate = pki::ParsedCertificate(issuer->certificate()),
                             .scheme = scheme,
                             .ocsp_urls = {},
                             .ca_issuer_urls = {},
                             .crl_urls = crl_urls,
                             .crl_shards = shards});
      out.signers.push_back(
          {issuer->name, vault::KeyPurpose::issue, issuer->name, issuer->certificate(), {}, scheme, true});
      out.signers.push_back({issuer->name + "-ocsp-1",
                             vault::KeyPurpose::ocsp,
                             issuer->name,
                             issuer->responder->certificate(),
                             {issuer->certificate()},
                             scheme,
                             true});
    }
    return out;
  }
  Result<std::vector<Bytes>> sign_ocsp(const std::string& signer, const std::vector<Bytes>& data) override {
    if (before_signing) before_signing();
    if (is_away) return away();
    ++calls;
    std::vector<Bytes> out;
    for (TestIssuer* issuer : m_issuers)
      if (issuer->name + "-ocsp-1" == signer)
        for (const Bytes& one : data) out.push_back(KYSO_TRY(sign(*issuer->responder, one)));
    answers += static_cast<int>(out.size());
    return out;
  }
  Result<Bytes> sign_crl(const std::string& name, int file, std::size_t size) override {
    if (is_away) return away();
    void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    REQUIRE(mapped != MAP_FAILED);
    const Bytes tbs(static_cast<std::uint8_t*>(mapped), static_cast<std::uint8_t*>(mapped) + size);
    ::munmap(mapped, size);
    KYSO_TRY(check_number(name, tbs));
    ++lists;
    for (TestIssuer* issuer : m_issuers)
      if (issuer->name == name) return sign(*issuer->authority, tbs);
    return fail("vault.key.purpose");
  }

 private:
  static Error away() { return fail("vault.unreachable", "no socket"); }
  static Result<Bytes> sign(crypto::KeyHolder& holder, const Bytes& message) {
    const auto scheme = crypto::default_scheme(holder.certificate().public_key().type());
    return holder.sign(
        {.scheme = scheme, .digest = crypto::digest(scheme.digest, message), .message = message, .shown_text = {}});
  }
  // The number must rise for each scope, which the issuingDistributionPoint tells.
  Result<> check_number(const std::string& issuer, const Bytes& tbs) {
    namespace der = crypto::der;
    const auto position = [&](const Bytes& oid) { return std::ranges::search(tbs, oid).begin(); };
    const auto number_oid = position(der::encode_oid("2.5.29.20"));
    REQUIRE(number_oid != tbs.end());
    der::Reader value(ByteView(&*number_oid + 5, static_cast<std::size_t>(tbs.end() - number_oid) - 5));
    der::Reader number(must(value.expect(der::kOctetString)).content);
    const std::int64_t is = must(der::read_integer(must(number.expect(der::kInteger)).content));
    const auto scope_oid = position(der::encode_oid("2.5.29.28"));
    std::string scope = issuer;
    if (scope_oid != tbs.end())
      scope +=
          to_hex(ByteView(&*scope_oid, std::min<std::size_t>(100, static_cast<std::size_t>(tbs.end() - scope_oid))));
    const std::lock_guard lock(m_mutex);
    std::int64_t& last = m_numbers[scope];
    last = std::max(last, number_floor.load());
    if (is <= last) return fail("vault.crl.number", "{} after {}", is, last).with("last", last);
    last = is;
    return {};
  }

  std::vector<TestIssuer*> m_issuers;
  std::mutex m_mutex;
  std::map<std::string, std::int64_t> m_numbers;
};

inline Bytes serial_number(std::uint64_t value) {
  Bytes out(17, 0);
  out[0] = 1;
  for (std::size_t i = 0; i < 8; ++i) out[16 - i] = static_cast<std::uint8_t>(value >> (8 * i));
  return out;
}

inline CertificateRow certificate_row(const std::string& issuer, const Bytes& serial, Instant now) {
  CertificateRow row;
  row.issuer = issuer;
  row.serial = serial;
  row.intent = issuer + "/" + to_hex(serial);
  row.request_id = "r";
  row.profile = "PERSON_5Y";
  row.subject = row.search = "nguyen van a";
  row.key_sha256 = Bytes(32, 1);
  row.not_before = now;
  row.not_after = now + std::chrono::hours(24 * 365);
  row.recorded = now;
  row.linting = Bytes{0x30, 0};
  return row;
}

inline void insert_waiting(db::Database& database, const CertificateRow& row) {
  must(database.write(
      [&](db::Transaction& transaction) { return authority::store::insert_waiting(transaction, {row}); }));
}
inline void make_good(db::Database& database, const CertificateRow& row) {
  must(database.write([&](db::Transaction& transaction) {
    return authority::store::record_signed(transaction, {{row.issuer, row.serial, Bytes{0x30, 0}}}, row.recorded);
  }));
}
inline CertificateRow add_good(db::Database& database, const std::string& issuer, const Bytes& serial, Instant now,
                               std::size_t shard = 0) {
  CertificateRow row = certificate_row(issuer, serial, now);
  row.shard = shard;
  insert_waiting(database, row);
  make_good(database, row);
  return row;
}
inline std::int64_t change(db::Database& database, const CertificateRow& row, CertificateState state, Instant now,
                           std::optional<int> reason = std::nullopt) {
  return must(database.write([&](db::Transaction& transaction) {
    return authority::store::change_status(transaction, row, {state, now, reason, std::nullopt});
  }));
}

// CertID and OCSPRequest, written by hand.
inline Bytes certificate_id(const TestIssuer& issuer, ByteView serial,
                            crypto::DigestAlgorithm algorithm = crypto::DigestAlgorithm::sha1) {
  namespace der = crypto::der;
  const std::string_view oid = algorithm == crypto::DigestAlgorithm::sha1 ? "1.3.14.3.2.26" : "2.16.840.1.101.3.4.2.1";
  return der::sequence(
      der::sequence(der::encode_oid(oid), der::encode(der::kNull, {})),
      der::encode(der::kOctetString, crypto::digest(algorithm, issuer.certificate().subject_der())),
      der::encode(der::kOctetString, pki::status::key_hash(algorithm, issuer.certificate().public_key())),
      der::encode(der::kInteger, serial));
}
inline Bytes ocsp_query(const std::vector<Bytes>& ids, ByteView nonce = {}) {
  namespace der = crypto::der;
  Bytes list;
  for (const Bytes& id : ids) append(list, ByteView(der::sequence(id)));
  Bytes extensions;
  if (!nonce.empty())
    extensions = der::encode(
        der::context(2),
        der::sequence(der::sequence(der::encode_oid("1.3.6.1.5.5.7.48.1.2"),
                                    der::encode(der::kOctetString, der::encode(der::kOctetString, nonce)))));
  return der::sequence(der::sequence(der::sequence(list), extensions));
}

}  // namespace kyso::authority::status
