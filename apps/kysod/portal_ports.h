#pragma once
#include <filesystem>

#include "authority/service.h"
#include "registry/ports.h"
#include "verify/evidence/collector.h"
#include "verify/judge/policy.h"

// What the registry needs from outside, wired to the authority, to verify, and to services over HTTP.
namespace kyso::daemon {

class AuthorityPort final : public registry::IssuingAuthority {
 public:
  AuthorityPort(authority::Authority& authority, db::Database& database)
      : m_authority(authority), m_database(database) {}
  Result<registry::AuthorityRequest> submit(std::string_view statement, const Within& within) override;
  Result<registry::AuthorityRequest> decide(const std::string& id, std::string_view statement,
                                            const Within& within) override;
  Result<registry::AuthorityRequest> request(const std::string& id) override;
  Result<std::shared_ptr<const vault::Policy>> policy() override;
  Result<registry::IssuedCertificate> certificate(const std::string& issuer, const std::string& serial) override;
  Result<Changes> changes(std::int64_t after, std::size_t limit) override;
  Result<std::vector<std::pair<std::string, Bytes>>> released_so_pins(const std::string& request_id) override;

 private:
  authority::Authority& m_authority;
  db::Database& m_database;
};

// Which services a PDF that anybody sends may make us ask: those on these hosts alone, since the addresses stand in the
// certificates of whoever made the file.
struct LetterVerifierOptions {
  std::vector<std::filesystem::path> trust;  // files and folders, beside the shipped authorities
  bool has_shipped_trust = true;
  std::string policy = "strict";
  std::vector<std::string> hosts;  // "ca.example.vn", "127.0.0.1:8080"
};
class PdfLetterVerifier final : public registry::LetterVerifier {
 public:
  // Errors of trust stores and policies.
  static Result<std::unique_ptr<PdfLetterVerifier>> create(const LetterVerifierOptions& options);
  Result<registry::LetterVerdict> verify(ByteView pdf, Instant now) override;
  Result<Report> report(ByteView pdf, std::string_view language, Instant now) override;

 private:
  PdfLetterVerifier() = default;
  pki::TrustStore m_trust;
  verify::Policy m_policy;
  verify::Fetch m_fetch;
};

// A population database over HTTP: POST {"identity_number","name","date_of_birth"} → {"result":"matches" | "differs" |
// "unknown"}. The ministry's own interface is not public; an adapter of this form stands between.
class HttpPopulationDatabase final : public registry::PopulationDatabase {
 public:
  HttpPopulationDatabase(std::string url, std::string ca_file) : m_url(std::move(url)), m_ca_file(std::move(ca_file)) {}
  Result<Answer> check(const registry::PersonQuery& person) override;

 private:
  std::string m_url, m_ca_file;
};

}  // namespace kyso::daemon
