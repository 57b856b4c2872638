#pragma once
#include <sys/mman.h>

#include <fcntl.h>

#include <algorithm>

#include "base/file.h"
#include "base/file_descriptor.h"

#include "crypto/algorithm_identifier.h"
#include "crypto/der.h"
#include "db/migration.h"
#include "pki/status/ocsp_server.h"
#include "pki/status/revocation_list_writer.h"
#include "vault/officers_test_support.h"
#include "vault/server/core.h"
#include "vault/server/memory_key.h"

// For tests of the vault: a small authority with keys in memory, and what it is asked to sign.
namespace kyso::vault::test {

namespace der = crypto::der;
using crypto::DigestAlgorithm;

// A clock that stands still until a test moves it.
class TestClock final : public Clock {
 public:
  Instant now() const override { return Instant(std::chrono::seconds(m_seconds.load())); }
  void set(Instant instant) { m_seconds = instant.time_since_epoch().count(); }
  void advance(std::chrono::seconds by) { m_seconds += by.count(); }

 private:
  std::atomic<std::int64_t> m_seconds{test::now().time_since_epoch().count()};
};

inline Bytes make_csr(crypto::KeyHolder& holder) {
  const auto& key = holder.certificate().public_key();
  const auto scheme = crypto::default_scheme(key.type());
  const auto info =
      der::sequence(der::encode_integer(0), der::sequence(), key.spki(), der::encode(der::context(0), {}));
  const auto value = must(holder.sign({scheme, crypto::digest(scheme.digest, info), info, ""}));
  return der::sequence(info, crypto::encode_x509_signature_algorithm(scheme),
                       der::encode(der::kBitString, der::concat(Bytes{0}, value)));
}

inline const std::map<std::string, pki::issue::CertificateProfile>& shipped_profiles() {
  static const auto profiles = must(pki::issue::load_profiles(KYSO_SOURCE_DIR "/share/profiles"));
  return profiles;
}

inline std::vector<PolicyFile> shipped_policy() {
  std::vector<PolicyFile> files;
  for (auto& file : sample_files())
    if (file.name != "profiles/PERSON_5Y.toml") files.push_back(std::move(file));
  for (const auto& entry : std::filesystem::directory_iterator(KYSO_SOURCE_DIR "/share/profiles")) {
    const auto text = must(read_file(entry.path()));
    files.push_back({"profiles/" + entry.path().filename().string(), std::string(as_chars(text))});
  }
  return files;
}

struct TestKey {
  std::shared_ptr<crypto::KeyHolder> holder;
  std::vector<crypto::Certificate> certificates;  // its own first, up to the root
  std::optional<KeySource> override_source;
  KeySource source() const {
    if (override_source) return *override_source;
    return {.name = "test",
            .open = [kept = holder] { return Result<std::unique_ptr<crypto::KeyHolder>>(share_holder(kept)); },
            .check = {}};
  }
};

class TestAuthority {
 public:
  explicit TestAuthority(const std::string& kind = "ec:p256") : m_kind(kind) {
    root = make("ROOT", "Goc mau", nullptr);
    issuing = make("SUB_CA", "Co quan chung thuc mau", &root);
    stamping = make("TSA", "Dich vu dau thoi gian mau", &issuing);
    log = make("LOG", "Nhat ky mau", &issuing);
  }

  // Its issuing and its time-stamping key made elsewhere.
  static TestAuthority with_keys(std::shared_ptr<crypto::KeyHolder> issuing_key,
                                 std::shared_ptr<crypto::KeyHolder> stamping_key) {
    TestAuthority out(shared());
    out.issuing = out.make("SUB_CA", "Co quan chung thuc mau", &out.root, std::move(issuing_key));
    out.stamping = out.make("TSA", "Dich vu dau thoi gian mau", &out.issuing, std::move(stamping_key));
    out.log = out.make("LOG", "Nhat ky mau", &out.issuing);
    return out;
  }
  static const TestAuthority& shared() {
    static const TestAuthority authority;
    return authority;
  }

  TestKey make(const std::string& profile_name, const std::string& name, const TestKey* issuer,
               std::shared_ptr<crypto::KeyHolder> holder = nullptr) const {
    if (!holder) holder = must(make_memory_key(m_kind));
    TestKey key{std::move(holder), {}, {}};
    const auto& profile = shipped_profiles().at(profile_name);
    const pki::issue::CertificateRequest request{.reference = name,
                                                 .profile = profile_name,
                                                 .subject = {{"C", "VN"}, {"O", "Co quan mau"}, {"CN", name}},
                                                 .pkcs10 = make_csr(*key.holder)};
    const auto serial = pki::issue::draw_serial(1);
    const Instant now = test::now() - std::chrono::minutes(10);
    if (issuer == nullptr) {
      const auto scheme = crypto::default_scheme(key.holder->certificate().public_key().type());
      auto linted = must(pki::issue::Linted::lint(
          must(pki::issue::ToBeSigned::build_self_signed(profile, request, scheme, serial, now)), profile, nullptr));
      key.certificates = {
          must(pki::issue::sign(std::move(linted), *key.holder, key.holder->certificate().public_key()))};
      return key;
    }
    const auto& above = issuer->certificates.front();
    const pki::issue::IssuerSettings settings{.name = "goc",
                                              .certificate = pki::ParsedCertificate(above),
                                              .scheme = crypto::default_scheme(above.public_key().type()),
                                              .ocsp_urls = {"http://ocsp.example.vn/goc"},
                                              .ca_issuer_urls = {"http://ca.example.vn/goc.crt"},
                                              .crl_urls = {"http://crl.example.vn/goc.crl"}};
    auto linted = must(pki::issue::Linted::lint(
        must(pki::issue::ToBeSigned::build(profile, settings, request, serial, now)), profile, &settings.certificate));
    key.certificates = {must(pki::issue::sign(std::move(linted), *issuer->holder, above.public_key()))};
    key.certificates.insert(key.certificates.end(), issuer->certificates.begin(), issuer->certificates.end());
    return key;
  }

  std::vector<KeySetting> keys() const {
    std::vector<KeySetting> out(4);
    out[0].name = out[0].issuer = "CPCA_G1";
    out[0].sources = {issuing.source()};
    out[0].certificates = issuing.certificates;
    out[0].ocsp_urls = {"http://ocsp.example.vn/CPCA_G1"};
    out[0].ca_issuer_urls = {"http://ca.example.vn/CPCA_G1.crt"};
    out[0].crl_urls = {"http://crl.example.vn/CPCA_G1-{shard}.crl"};
    out[0].crl_shards = 4;
    out[1].name = "CPCA_G1-ocsp";
    out[1].purpose = KeyPurpose::ocsp;
    out[1].issuer = "CPCA_G1";
    out[1].profile = "OCSP";
    out[1].subject = {{"C", "VN"}, {"O", "Co quan mau"}, {"CN", "OCSP mau"}};
    out[1].verify_each = false;
    out[2].name = "tsa-1";
    out[2].purpose = KeyPurpose::time_stamp;
    out[2].issuer = "CPCA_G1";
    out[2].sources = {stamping.source()};
    out[2].certificates = stamping.certificates;
    out[3].name = "log-1";
    out[3].purpose = KeyPurpose::checkpoint;
    out[3].issuer = "CPCA_G1";
    out[3].sources = {log.source()};
    out[3].certificates = log.certificates;
    return out;
  }

  TestKey root, issuing, stamping, log;

 private:
  std::string m_kind;
};

inline const TestAuthority& shared_authority() {
  return TestAuthority::shared();
}

// A vault in process, with its journal in a folder.
struct World {
  explicit World(const TestAuthority& the_authority = shared_authority()) : authority(the_authority) {
    options.keys = authority.keys();
    options.initial_policy = shipped_policy();
    options.checkpoint_origin = "kyso.example.vn/audit";
    options.version = "test";
    options.instance = 0x2a;
    start();
  }
  void start() {
    core.reset();
    database.reset();
    database = must(db::Database::open({.url = "sqlite:" + (folder / "vault.db").string(), .connections = 2}));
    must(db::migrate(*database, KYSO_SOURCE_DIR "/db/migrations/vault", clock));
    core = must(Core::create(options, *database, clock));
  }
  std::vector<JournalEntry> all_entries() const {
    std::vector<JournalEntry> out;
    while (true) {
      auto page = must(core->journal(out.empty() ? 0 : out.back().sequence, 100));
      if (page.empty()) return out;
      std::ranges::move(page, std::back_inserter(out));
    }
  }
  std::size_t count(std::string_view kind) const {
    return static_cast<std::size_t>(std::ranges::count(all_entries(), kind, &JournalEntry::kind));
  }
  const Signer signer(const std::string& name) const {
    for (const auto& signer : must(core->state()).signers)
      if (signer.name == name) return signer;
    FAIL("no signer ", name);
    std::abort();
  }

  const TestAuthority& authority;
  TestFolder folder;
  TestClock clock;
  CoreOptions options;
  std::unique_ptr<db::Database> database;
  std::unique_ptr<Core> core;
};

inline std::string fresh_id() {
  const auto hex = to_hex(crypto::random_bytes(16));
  return fmt::format("{}-{}-4{}-8{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(13, 3), hex.substr(17, 3),
                     hex.substr(20, 12));
}

inline crypto::KeyHolder& subscriber_key() {
  static const auto key = must(make_memory_key("ec:p256"));
  return *key;
}

inline Request issue_request(std::size_t lines = 1) {
  static const Bytes csr = make_csr(subscriber_key());
  Request request = sample_request();
  request.id = fresh_id();
  request.certificates.clear();
  for (std::size_t i = 0; i < lines; ++i)
    request.certificates.push_back(
        {.reference = fmt::format("12/2026-{}", i + 1),
         .profile = "PERSON_5Y",
         .subject = {{"C", "VN"}, {"O", "Cơ quan mẫu"}, {"CN", fmt::format("Nguyễn Văn A {}", i + 1)}},
         .pkcs10 = csr});
  return request;
}
inline SignedRequest approved(const Request& request) {
  return signed_by(request, "reg", {"check", "lead1"});
}
inline SignedRequest approved_issue(std::size_t lines = 1) {
  return approved(issue_request(lines));
}

// A memory file with these octets; sealed unless a test wants otherwise.
inline FileDescriptor memory_file(ByteView octets, int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW) {
  FileDescriptor file(::memfd_create("crl", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  REQUIRE(static_cast<bool>(file));
  REQUIRE(::write(file.get(), octets.data(), octets.size()) == static_cast<ssize_t>(octets.size()));
  if (seals != 0) REQUIRE(::fcntl(file.get(), F_ADD_SEALS, seals) == 0);
  return file;
}

inline pki::status::ListDescription list_description(const Signer& issuer, Instant now, std::int64_t number) {
  const auto& certificate = issuer.certificate;
  return {.issuer_name = Bytes(certificate.subject_der().begin(), certificate.subject_der().end()),
          .issuer_key_id = Bytes(certificate.subject_key_id().begin(), certificate.subject_key_id().end()),
          .scheme = issuer.scheme,
          .this_update = now,
          .next_update = now + std::chrono::hours(24),
          .number = number};
}
inline Bytes list_of(const pki::status::ListDescription& description, std::size_t entries = 3) {
  pki::status::EntryStore store;
  for (std::size_t i = 0; i < entries; ++i)
    store.put({.serial = der::concat(Bytes{1}, crypto::random_bytes(16)),
               .revoked_at = description.this_update - std::chrono::hours(1),
               .reason = 1});
  Bytes out;
  must(pki::status::write_list(description, store, [&](ByteView piece) -> Result<> {
    append(out, piece);
    return {};
  }));
  return out;
}
inline Result<Bytes> sign_list(Vault& vault, const Bytes& list) {
  const auto file = memory_file(list);
  return vault.sign_crl("CPCA_G1", file.get(), list.size());
}

inline Bytes sha1_of_key(const crypto::Certificate& certificate) {
  return crypto::digest(DigestAlgorithm::sha1, key_bits(certificate.public_key()));
}
inline Bytes certificate_id(const crypto::Certificate& issuer, ByteView serial) {
  const auto algorithm = der::sequence(der::encode_oid("1.3.14.3.2.26"), der::encode(der::kNull, {}));
  return der::sequence(algorithm,
                       der::encode(der::kOctetString, crypto::digest(DigestAlgorithm::sha1, issuer.subject_der())),
                       der::encode(der::kOctetString, sha1_of_key(issuer)), der::encode(der::kInteger, serial));
}
inline Bytes ocsp_data(const Signer& signer, Instant now, const crypto::Certificate& issuer,
                       pki::status::SingleAnswer::Status status = pki::status::SingleAnswer::Status::good) {
  const auto id = certificate_id(issuer, Bytes{0x31, 0xc1, 0x06});
  const pki::status::SingleAnswer answer{.certificate_id = id,
                                         .status = status,
                                         .this_update = now,
                                         .next_update = now + std::chrono::hours(1),
                                         .revoked_at = now - std::chrono::hours(1)};
  return pki::status::response_data(sha1_of_key(signer.certificate), now, {&answer, 1}, std::nullopt);
}

inline Bytes generalized(Instant instant) {
  const std::chrono::sys_days day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(instant - day);
  return der::encode(der::kGeneralizedTime,
                     as_bytes(fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                                          static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                          clock.hours().count(), clock.minutes().count(), clock.seconds().count())));
}
inline Bytes tst_info(Instant when) {
  const auto imprint = der::sequence(der::sequence(der::encode_oid("2.16.840.1.101.3.4.2.1")),
                                     der::encode(der::kOctetString, crypto::random_bytes(32)));
  return der::sequence(der::encode_integer(1), der::encode_oid("1.3.6.1.4.1.99999.1"), imprint,
                       der::encode_unsigned(crypto::random_bytes(16)), generalized(when));
}
inline Bytes attribute(std::string_view oid, ByteView value) {
  return der::sequence(der::encode_oid(oid), der::encode(der::kSet, value));
}
inline std::vector<Bytes> stamp_attributes(const Signer& signer, ByteView info) {
  const auto digest = crypto::digest(signer.scheme.digest, info);
  const auto named =
      der::sequence(der::sequence(der::sequence(der::encode(der::kOctetString, signer.certificate.sha256()))));
  return {attribute("1.2.840.113549.1.9.3", der::encode_oid("1.2.840.113549.1.9.16.1.4")),
          attribute("1.2.840.113549.1.9.4", der::encode(der::kOctetString, digest)),
          attribute("1.2.840.113549.1.9.16.2.47", named)};
}
inline Vault::TimeStampInput stamp_input(const Signer& signer, Instant when) {
  auto info = tst_info(when);
  auto attributes = der::encode_set_of(stamp_attributes(signer, info));
  return {std::move(info), std::move(attributes)};
}

inline std::string checkpoint(std::int64_t size, std::uint8_t root) {
  return fmt::format("kyso.example.vn/audit\n{}\n{}\n", size, to_base64(Bytes(32, root)));
}

inline bool verifies(const Signer& signer, ByteView message, ByteView value) {
  return signer.certificate.public_key().verify(signer.scheme, crypto::digest(signer.scheme.digest, message), message,
                                                value);
}

}  // namespace kyso::vault::test
