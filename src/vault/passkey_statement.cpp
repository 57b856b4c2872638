#include "vault/passkey_statement.h"

#include <array>

#include "jose/base64url.h"
#include "vault/speaker.h"
#include "vault/statement_json.h"

namespace kyso::vault {
namespace {

constexpr std::string_view kMark = "passkey.";
constexpr std::string_view kContext = "kyso-statement";
constexpr std::size_t kMaxType = 64;
constexpr std::size_t kParts = 6;

struct Part {
  std::string_view name;
  std::size_t max;  // octets
};
// The order of the text form. What an authenticator and a browser write is small; the payload may be a policy.
constexpr std::array<Part, kParts> kPartRules = {{{"type", kMaxType},
                                                  {"payload", jose::kMaxJws},
                                                  {"credential", 1023},
                                                  {"authenticator_data", 4096},
                                                  {"client_data", 4096},
                                                  {"signature", 1024}}};

Result<std::array<std::string, kParts>> split(std::string_view text) {
  std::array<std::string, kParts> out;
  for (std::size_t i = 0; i < kParts; ++i) {
    const std::size_t dot = text.find('.');
    if ((dot == std::string_view::npos) != (i + 1 == kParts)) return malformed(kPartRules[i].name, "parts");
    auto bytes = jose::from_base64url(text.substr(0, dot));
    if (!bytes || bytes->empty()) return malformed(kPartRules[i].name, "base64url");
    if (bytes->size() > kPartRules[i].max) return malformed(kPartRules[i].name, fmt::format("> {}", kPartRules[i].max));
    out[i] = *std::move(bytes);
    text.remove_prefix(dot == std::string_view::npos ? text.size() : dot + 1);
  }
  return out;
}

Result<PasskeyStatement> parse_of_type(std::string_view text, std::string_view type) {
  PasskeyStatement statement = KYSO_TRY(parse_passkey_statement(text));
  if (statement.type != type) return fail("jose.type").with("type", statement.type);
  return statement;
}

using Heard = std::shared_ptr<const HeardStatement>;

Error unknown_passkey(ByteView credential) {
  return fail("vault.statement.passkey").with("credential", jose::to_base64url(credential));
}

Result<Heard> verify_passkey(const Policy& policy, std::string_view text, std::string_view type) {
  PasskeyStatement statement = KYSO_TRY(parse_of_type(text, type));
  webauthn::Assertion& assertion = statement.assertion;
  const Passkey* passkey = policy.passkey_of(assertion.credential_id);
  if (passkey == nullptr || !policy.relying_party()) return unknown_passkey(assertion.credential_id);
  // The counter is not kept: a statement counts once for a person and once for a request, however often it is made.
  KYSO_TRY(webauthn::verify_assertion(*policy.relying_party(), passkey_challenge(type, statement.payload),
                                      passkey->public_key, assertion, webauthn::UserVerification::required));
  return std::make_shared<const HeardStatement>(type, text, std::move(assertion.credential_id),
                                                std::move(statement.payload));
}

const crypto::Certificate* certificate_of(const Policy& policy, ByteView sha256) {
  return policy.officer_of(sha256) == nullptr ? nullptr : policy.certificate_of(sha256);
}

Error unknown_signer(ByteView sha256) {
  return fail("vault.statement.signer").with("sha256", to_hex(sha256));
}

Result<jose::Jws> verify_jws(const Policy& policy, std::string_view compact, std::string_view type) {
  jose::Jws jws = KYSO_TRY(jose::Jws::parse(compact, type));
  const crypto::Certificate* certificate = certificate_of(policy, jws.certificate_sha256());
  if (certificate == nullptr) return unknown_signer(jws.certificate_sha256());
  KYSO_TRY(jws.verify_by_key(certificate->public_key()));
  return jws;
}

// Whose certificate this is, which must be valid now.
Result<const Officer*> officer_of(const Policy& policy, ByteView certificate_sha256, Instant now) {
  const Officer* officer = policy.officer_of(certificate_sha256);
  const crypto::Certificate* certificate = policy.certificate_of(certificate_sha256);
  if (officer == nullptr || certificate == nullptr) return unknown_signer(certificate_sha256);
  if (now < certificate->not_before() || now > certificate->not_after())
    return fail("vault.statement.certificate").with("person", officer->person);
  return officer;
}

Result<Heard> verify(const Policy& policy, std::string_view text, std::string_view type) {
  if (is_passkey_statement(text)) return verify_passkey(policy, text, type);
  const jose::Jws jws = KYSO_TRY(verify_jws(policy, text, type));
  return std::make_shared<const HeardStatement>(type, text, jws.certificate_sha256(), jws.payload());
}

}  // namespace

Bytes passkey_challenge(std::string_view type, std::string_view payload) {
  constexpr std::uint8_t kEnd[] = {0};
  crypto::Digester digester(crypto::DigestAlgorithm::sha256);
  digester.update(as_bytes(kContext));
  digester.update(kEnd);
  digester.update(as_bytes(type));
  digester.update(kEnd);
  digester.update(as_bytes(payload));
  return digester.finish();
}

bool is_passkey_statement(std::string_view text) {
  return text.starts_with(kMark);
}

std::string serialize(const PasskeyStatement& statement) {
  const webauthn::Assertion& assertion = statement.assertion;
  std::string out(kMark);
  out += jose::to_base64url(as_bytes(statement.type)) + "." + jose::to_base64url(as_bytes(statement.payload));
  for (const Bytes* part :
       {&assertion.credential_id, &assertion.authenticator_data, &assertion.client_data_json, &assertion.signature})
    out += "." + jose::to_base64url(*part);
  return out;
}

Result<PasskeyStatement> parse_passkey_statement(std::string_view text) {
  if (!is_passkey_statement(text)) return malformed("passkey", "passkey.");
  if (text.size() > jose::kMaxJws) return fail("jose.limit").with("limit", jose::kMaxJws);
  auto parts = KYSO_TRY(split(text.substr(kMark.size())));
  PasskeyStatement out;
  out.type = std::move(parts[0]);
  out.payload = std::move(parts[1]);
  out.assertion = {to_bytes(parts[2]), to_bytes(parts[3]), to_bytes(parts[4]), to_bytes(parts[5])};
  return out;
}

Result<Speaker> hear(const Policy& policy, std::string_view text, std::string_view type, Instant now) {
  Heard heard = policy.memory().find(type, text);
  if (!heard) {
    heard = KYSO_TRY(verify(policy, text, type));
    policy.memory().add(heard);
  }
  if (!is_passkey_statement(text)) return Speaker{KYSO_TRY(officer_of(policy, heard->signer(), now)), heard};
  const Officer* officer = policy.officer_of_passkey(heard->signer());
  if (officer == nullptr) return unknown_passkey(heard->signer());
  return Speaker{officer, std::move(heard)};
}

Result<VerifiedStatement> hear_jws(const Policy& policy, std::string_view compact, std::string_view type, Instant now) {
  const jose::Jws jws = KYSO_TRY(verify_jws(policy, compact, type));
  return VerifiedStatement{KYSO_TRY(officer_of(policy, jws.certificate_sha256(), now)), jws.payload()};
}

Result<VerifiedStatement> verify_statement(const Policy& policy, std::string_view statement, std::string_view type,
                                           Instant now) {
  const Speaker speaker = KYSO_TRY(hear(policy, statement, type, now));
  return VerifiedStatement{speaker.officer, speaker.statement->payload()};
}

Result<std::string> payload_of(std::string_view statement, std::string_view type) {
  if (is_passkey_statement(statement)) return KYSO_TRY(parse_of_type(statement, type)).payload;
  return KYSO_TRY(jose::Jws::parse(statement, type)).payload();
}

}  // namespace kyso::vault
