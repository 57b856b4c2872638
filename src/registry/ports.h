#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "db/database.h"
#include "pki/issue/certificate_request.h"
#include "vault/policy.h"

// What the registry needs from outside: interfaces that kysod wires, and tests stand in for.
namespace kyso::registry {

// The certification authority (authority::Authority behind it).
struct IssuedCertificate {
  std::string issuer, serial;  // serial: hexadecimal, upper case, without leading zeros
  std::string state;           // "waiting", "good", "suspended", "revoked", "void"
  std::string reference, profile, subject, request_id;
  Instant not_before{}, not_after{};
  std::optional<Instant> changed;
  std::optional<int> reason;
  Bytes der;  // empty while waiting
};
struct AuthorityRequest {
  std::string id, act, state;  // "waiting", "authorised", "done", "rejected", "expired", "failed"
  std::string payload;         // the request as it was signed
  std::string requester;
  std::vector<std::string> approvers;
  std::vector<std::pair<std::string, std::size_t>> missing;  // role, count
  Instant expires{};
  std::optional<std::string> failure;
  std::vector<IssuedCertificate> certificates;
};
class IssuingAuthority {
 public:
  virtual ~IssuingAuthority() = default;
  // Signed statements (JWS or passkey) go through as they are; errors are the authority's. `within` runs in the
  // transaction that puts the statement on record: both or none. One that is known already stands as it is, without
  // `within`.
  using Within = std::function<Result<>(db::Transaction&)>;
  virtual Result<AuthorityRequest> submit(std::string_view statement, const Within& within) = 0;
  virtual Result<AuthorityRequest> decide(const std::string& id, std::string_view statement, const Within& within) = 0;
  virtual Result<AuthorityRequest> request(const std::string& id) = 0;
  virtual Result<std::shared_ptr<const vault::Policy>> policy() = 0;
  virtual Result<IssuedCertificate> certificate(const std::string& issuer, const std::string& serial) = 0;
  // Certificates whose record or status changed after this cursor, oldest first, for the registry's own record.
  struct Changes {
    std::vector<IssuedCertificate> certificates;
    std::int64_t next = 0;
  };
  virtual Result<Changes> changes(std::int64_t after, std::size_t limit) = 0;
  // SO-PINs that an executed token.recover request released, encrypted to the station's key: reference → ciphertext.
  virtual Result<std::vector<std::pair<std::string, Bytes>>> released_so_pins(const std::string& request_id) = 0;
};

// The national population database. Real ones differ: registry.population.* errors, never an exception.
struct PersonQuery {
  std::string identity_number, name, date_of_birth;  // YYYY-MM-DD
};
class PopulationDatabase {
 public:
  virtual ~PopulationDatabase() = default;
  enum class Answer : std::uint8_t { matches, differs, unknown };
  // registry.population.unavailable: the check is made up for later, the dossier says so.
  virtual Result<Answer> check(const PersonQuery& person) = 0;
};

// Whether a signed letter is good (verify behind it). What is wrong comes as findings' codes and sentences.
struct LetterSigner {
  std::string name, organisation, email, serial;
  bool is_organisation = false;  // an organisation's certificate
  std::optional<Instant> time_stamp;
};
struct LetterVerdict {
  bool is_valid = false;
  // What could not be found out today (an authority was away) may be known in a moment: worth asking again soon.
  bool is_final = true;
  std::vector<LetterSigner> signers;
  std::vector<std::pair<std::string, std::string>> problems;  // code, Vietnamese sentence
  std::vector<std::pair<std::string, std::string>> problems_en;
  std::string report_json;
};
class LetterVerifier {
 public:
  virtual ~LetterVerifier() = default;
  virtual Result<LetterVerdict> verify(ByteView pdf, Instant now) = 0;
  // The report of `kyso verify` for the public page: JSON as `kyso verify --json` writes it, and HTML.
  struct Report {
    std::string json, html;
    std::string verdict;
  };
  virtual Result<Report> report(ByteView pdf, std::string_view language, Instant now) = 0;
};

// Short messages. The default one records what it would have sent.
class SmsGateway {
 public:
  virtual ~SmsGateway() = default;
  virtual Result<> send(const std::string& msisdn, const std::string& text) = 0;
};

}  // namespace kyso::registry
