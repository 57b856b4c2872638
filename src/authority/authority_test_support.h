#pragma once
#include <array>

#include "authority/service.h"
#include "base/file.h"
#include "crypto/pem.h"
#include "db/db_test_support.h"
#include "vault/escrow.h"
#include "vault/officers_test_support.h"
#include "vault/server/core.h"

// For tests: an authority with its vault in this process, officers, and people's keys.
namespace kyso::authority::test {

namespace officers = vault::test;

inline std::string file_text(const std::filesystem::path& path) {
  return std::string(as_chars(must(read_file(path))));
}

// A clock that the test moves.
class MovingClock final : public Clock {
 public:
  explicit MovingClock(Instant start) : m_now(start.time_since_epoch().count()) {}
  Instant now() const override { return Instant(std::chrono::seconds(m_now.load())); }
  void pass(std::chrono::seconds time) { m_now += time.count(); }

 private:
  std::atomic<std::int64_t> m_now;
};

// A certification authority's key and certificate in files, made once by openssl.
struct TestIssuer {
  TestFolder folder;
  TestIssuer() {
    folder.write("ca.cnf",
                 "[req]\ndistinguished_name=dn\nx509_extensions=v3\n[dn]\n[v3]\nbasicConstraints=critical,CA:TRUE\n"
                 "keyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n");
    output_of(
        fmt::format("cd {} && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key "
                    "-out ca.crt -days 7300 -utf8 -subj '/C=VN/O=Cơ quan mẫu/CN=CA mẫu' -config ca.cnf 2>&1",
                    folder.path().string()));
  }
  std::unique_ptr<crypto::KeyHolder> open() const {
    return must(crypto::open_pem(file_text(folder / "ca.key"), file_text(folder / "ca.crt"), {}));
  }
};
// Both are made at once, so that both are valid at the moment of the tests.
inline const std::array<TestIssuer, 2>& test_issuers() {
  static const std::array<TestIssuer, 2> issuers;
  return issuers;
}
inline const TestIssuer& test_issuer() {
  return test_issuers()[0];
}
inline const TestIssuer& second_issuer() {
  return test_issuers()[1];
}

// The key to which SO-PINs are encrypted; the openssl program opens them.
struct TestEscrow {
  TestFolder folder;
  TestEscrow() {
    output_of(
        fmt::format("cd {} && openssl req -x509 -newkey rsa:3072 -nodes -keyout e.key -out e.crt -days 7300 -subj "
                    "/C=VN/CN=escrow -addext basicConstraints=critical,CA:FALSE 2>&1",
                    folder.path().string()));
  }
  crypto::Certificate certificate() const {
    return must(crypto::Certificate::from_pem(file_text(folder / "e.crt"))).front();
  }
  Result<Secret> decrypt(ByteView ciphertext) const {
    std::ofstream(folder / "in", std::ios::binary) << as_chars(ciphertext);
    std::string plain = output_of(
        fmt::format("cd {} && openssl pkeyutl -decrypt -inkey e.key -pkeyopt rsa_padding_mode:oaep -in in 2>&1 || true",
                    folder.path().string()));
    if (!plain.starts_with("kyso-so-pin/")) return fail("token.decrypt");
    return Secret(std::move(plain));
  }
  vault::KeySetting setting() const {
    vault::KeySetting out;
    out.name = "escrow-1";
    out.purpose = vault::KeyPurpose::escrow;
    out.issuer = "CPCA_G1";
    out.certificates = {certificate()};
    vault::KeySource source;
    source.name = "file";
    source.open = [this] { return crypto::open_pem(file_text(folder / "e.key"), file_text(folder / "e.crt"), {}); };
    source.decrypt = [this](crypto::KeyHolder&, ByteView input) { return decrypt(input); };
    out.sources = {std::move(source)};
    return out;
  }
};
inline const TestEscrow& test_escrow() {
  static const TestEscrow escrow;
  return escrow;
}

inline std::vector<vault::PolicyFile> real_policy() {
  std::string rules = officers::sample_rules();
  rules.replace(rules.find("OCSP_90D"), 8, "OCSP");
  std::vector<vault::PolicyFile> files = {{"officers.toml", officers::officers_toml(officers::sample_officers())},
                                          {"approval.toml", std::move(rules)}};
  for (const char* name : {"PERSON_5Y", "ORGANIZATION_5Y", "SERVER_1Y", "OCSP", "TSA"})
    files.push_back({fmt::format("profiles/{}.toml", name),
                     file_text(fmt::format(KYSO_SOURCE_DIR "/share/profiles/{}.toml", name))});
  return files;
}

// The vault's own folder survives the object, as a vault's database survives its process.
class TestVault {
 public:
  explicit TestVault(const Clock& clock, bool has_escrow = false, bool has_second_issuer = false)
      : m_clock(clock), m_has_escrow(has_escrow), m_has_second_issuer(has_second_issuer) {
    start();
  }
  void start() {
    m_core.reset();
    m_database.reset();
    m_database = must(db::Database::open({.url = "sqlite:" + (m_folder / "vault.db").string(), .connections = 2}));
    must(db::migrate(*m_database, KYSO_SOURCE_DIR "/db/migrations/vault", system_clock()));
    vault::CoreOptions options;
    options.version = "test";
    options.instance = 7;
    options.initial_policy = real_policy();
    options.keys.push_back(issuer("CPCA_G1", test_issuer()));
    if (m_has_second_issuer) options.keys.push_back(issuer("CPCA_G2", second_issuer()));
    if (m_has_escrow) options.keys.push_back(test_escrow().setting());
    m_core = must(vault::Core::create(std::move(options), *m_database, m_clock));
  }
  vault::Vault& operator*() { return *m_core; }
  vault::Core* operator->() { return m_core.get(); }

 private:
  static vault::KeySetting issuer(const std::string& name, const TestIssuer& key) {
    vault::KeySetting out;
    out.name = out.issuer = name;
    out.purpose = vault::KeyPurpose::issue;
    out.sources.push_back({"file", [&key] { return Result<std::unique_ptr<crypto::KeyHolder>>(key.open()); }, {}});
    out.certificates = must(crypto::Certificate::from_pem(file_text(key.folder / "ca.crt")));
    out.ocsp_urls = {"http://ocsp.example.vn/ocsp"};
    out.ca_issuer_urls = {fmt::format("http://pub.example.vn/ca/{}.crt", name)};
    out.crl_urls = {fmt::format("http://pub.example.vn/crl/{}-{{shard}}.crl", name)};
    out.crl_shards = 4;
    return out;
  }

  const Clock& m_clock;
  const bool m_has_escrow, m_has_second_issuer;
  TestFolder m_folder;
  std::unique_ptr<db::Database> m_database;
  std::unique_ptr<vault::Core> m_core;
};

// A person's certificate request, made by openssl with a new key.
inline Bytes new_csr(const std::string& kind = "ec -pkeyopt ec_paramgen_curve:P-256") {
  const TestFolder folder;
  output_of(fmt::format("openssl req -new -newkey {} -nodes -keyout {}/k -out {}/r -outform DER -subj /CN=x 2>&1", kind,
                        folder.path().string(), folder.path().string()));
  return must(read_file(folder / "r"));
}

inline std::string new_id() {
  const std::string hex = to_hex(crypto::random_bytes(16));
  return fmt::format("{}-{}-4{}-8{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(13, 3), hex.substr(17, 3),
                     hex.substr(20, 12));
}

inline vault::Request new_request(vault::Act act, Instant now) {
  vault::Request request;
  request.id = new_id();
  request.issuer = "CPCA_G1";
  request.act = act;
  request.created = now;
  request.expires = now + std::chrono::hours(6);
  request.purpose = "Hồ sơ mẫu";
  return request;
}

inline pki::issue::CertificateRequest person_line(const std::string& reference,
                                                  const std::string& name = "Nguyễn Văn A", Bytes csr = new_csr()) {
  pki::issue::CertificateRequest line;
  line.reference = reference;
  line.profile = "PERSON_5Y";
  line.subject = {{"C", "VN"}, {"O", "Cơ quan mẫu"}, {"CN", name}};
  line.pkcs10 = std::move(csr);
  return line;
}

inline std::string approval(const vault::Request& request, const std::string& who, Instant now,
                            vault::Decision decision = vault::Decision::approve) {
  vault::Approval out;
  out.request_sha256 = crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(vault::serialize(request)));
  out.request_id = request.id;
  out.act = request.act;
  out.decision = decision;
  out.created = now;
  out.expires = now + std::chrono::hours(1);
  return officers::sign_approval(out, who);
}

}  // namespace kyso::authority::test
