#include "vault/wire.h"

#include <algorithm>

#include "base/error_text.h"
#include "base/text.h"

namespace kyso::vault::wire {
namespace {

constexpr std::size_t kMaxDetail = 2'000;
constexpr std::size_t kMaxParameters = 16;

std::string shortened(std::string_view text, std::size_t limit) {
  return to_valid_utf8(text.substr(0, limit));
}

void put_scheme(Writer& out, crypto::SignatureScheme scheme) {
  put(out, std::string(crypto::name_of(scheme)));
}
crypto::SignatureScheme get_scheme(Reader& in) {
  const auto scheme = crypto::scheme_by_name(get(in, Tag<std::string>{}));
  if (!scheme) throw WireError{"scheme"};
  return *scheme;
}

void put_instant(Writer& out, Instant value) {
  out.number(static_cast<std::int64_t>(value.time_since_epoch().count()));
}
Instant get_instant(Reader& in) {
  return Instant(std::chrono::seconds(in.number<std::int64_t>()));
}

}  // namespace

void put(Writer& out, const std::string& value) {
  out.octets(as_bytes(value));
}
void put(Writer& out, const Bytes& value) {
  out.octets(value);
}
std::string get(Reader& in, Tag<std::string>) {
  return std::string(as_chars(in.octets()));
}
Bytes get(Reader& in, Tag<Bytes>) {
  const ByteView octets = in.octets();
  return {octets.begin(), octets.end()};
}

void put(Writer& out, const Error& value) {
  put(out, std::string(value.code));
  put(out, shortened(value.detail, kMaxDetail));
  const std::size_t count = std::min(value.params.size(), kMaxParameters);
  out.number(static_cast<std::uint32_t>(count));
  for (std::size_t i = 0; i < count; ++i) {
    put(out, value.params[i].first);
    put(out, shortened(value.params[i].second, kMaxDetail));
  }
}

Error get(Reader& in, Tag<Error>) {
  const auto code = get(in, Tag<std::string>{});
  auto detail = get(in, Tag<std::string>{});
  const std::size_t count = in.count(kMaxParameters);
  // Codes live for ever: those of the table do.
  const auto* row = find_error_row(code);
  Error error = row != nullptr
                    ? Error(row->code, std::move(detail))
                    : fail("vault.protocol", "unknown error {}", shortened(code, 100)).with("reason", "code");
  for (std::size_t i = 0; i < count; ++i) {
    auto name = get(in, Tag<std::string>{});
    auto text = get(in, Tag<std::string>{});
    error.params.emplace_back(std::move(name), std::move(text));
  }
  return error;
}

void put(Writer& out, const crypto::Certificate& value) {
  out.octets(value.der());
}
crypto::Certificate get(Reader& in, Tag<crypto::Certificate>) {
  auto certificate = crypto::Certificate::from_der(in.octets());
  if (!certificate) throw WireError{"certificate"};
  return *std::move(certificate);
}

void put(Writer& out, const PolicyFile& value) {
  put(out, value.name);
  put(out, value.content);
}
PolicyFile get(Reader& in, Tag<PolicyFile>) {
  PolicyFile out;
  out.name = get(in, Tag<std::string>{});
  out.content = get(in, Tag<std::string>{});
  return out;
}

void put(Writer& out, const SignedRequest& value) {
  put(out, value.request);
  put(out, value.approvals);
}
SignedRequest get(Reader& in, Tag<SignedRequest>) {
  SignedRequest out;
  out.request = get(in, Tag<std::string>{});
  out.approvals = get_list<std::string>(in, 64);
  return out;
}

void put(Writer& out, const PreparedCertificate& value) {
  for (const auto* text : {&value.intent, &value.request_id, &value.issuer, &value.profile, &value.reference})
    put(out, *text);
  put(out, value.serial);
  put(out, value.linting_certificate);
}
PreparedCertificate get(Reader& in, Tag<PreparedCertificate>) {
  PreparedCertificate out;
  for (auto* text : {&out.intent, &out.request_id, &out.issuer, &out.profile, &out.reference})
    *text = get(in, Tag<std::string>{});
  out.serial = get(in, Tag<Bytes>{});
  out.linting_certificate = get(in, Tag<Bytes>{});
  return out;
}

void put(Writer& out, const Intent& value) {
  put(out, value.prepared);
  out.number(static_cast<std::uint8_t>(value.state));
  put(out, value.certificate);
}
Intent get(Reader& in, Tag<Intent>) {
  Intent out;
  out.prepared = get(in, Tag<PreparedCertificate>{});
  out.state = in.member(IntentState::void_);
  out.certificate = get(in, Tag<Bytes>{});
  return out;
}

void put(Writer& out, const JournalEntry& value) {
  out.number(value.sequence);
  put_instant(out, value.time);
  put(out, value.kind);
  put(out, value.body);
  put(out, value.chain);
}
JournalEntry get(Reader& in, Tag<JournalEntry>) {
  JournalEntry out;
  out.sequence = in.number<std::int64_t>();
  out.time = get_instant(in);
  out.kind = get(in, Tag<std::string>{});
  out.body = get(in, Tag<std::string>{});
  out.chain = get(in, Tag<Bytes>{});
  return out;
}

void put(Writer& out, const Signer& value) {
  put(out, value.name);
  out.number(static_cast<std::uint8_t>(value.purpose));
  put(out, value.issuer);
  put(out, value.certificate);
  put(out, value.chain);
  put_scheme(out, value.scheme);
  out.number(static_cast<std::uint8_t>(value.is_available ? 1 : 0));
}
Signer get(Reader& in, Tag<Signer>) {
  auto name = get(in, Tag<std::string>{});
  const auto purpose = in.member(KeyPurpose::escrow);
  auto issuer = get(in, Tag<std::string>{});
  auto certificate = get(in, Tag<crypto::Certificate>{});
  auto chain = get_list<crypto::Certificate>(in, 16);
  const auto scheme = get_scheme(in);
  return Signer{std::move(name),  purpose, std::move(issuer), std::move(certificate),
                std::move(chain), scheme,  in.flag()};
}

void put(Writer& out, const pki::issue::IssuerSettings& value) {
  put(out, value.name);
  put(out, value.certificate.certificate());
  put_scheme(out, value.scheme);
  put(out, value.ocsp_urls);
  put(out, value.ca_issuer_urls);
  put(out, value.crl_urls);
  out.number(static_cast<std::uint32_t>(value.crl_shards));
}
pki::issue::IssuerSettings get(Reader& in, Tag<pki::issue::IssuerSettings>) {
  auto name = get(in, Tag<std::string>{});
  pki::ParsedCertificate certificate(get(in, Tag<crypto::Certificate>{}));
  const auto scheme = get_scheme(in);
  auto ocsp = get(in, Tag<std::vector<std::string>>{});
  auto issuers = get(in, Tag<std::vector<std::string>>{});
  auto lists = get(in, Tag<std::vector<std::string>>{});
  return {std::move(name),  std::move(certificate),    scheme, std::move(ocsp), std::move(issuers),
          std::move(lists), in.number<std::uint32_t>()};
}

void put(Writer& out, const Vault::State& value) {
  put(out, value.version);
  out.number(value.instance);
  out.number(value.policy_version);
  put(out, value.policy_sha256);
  put_instant(out, value.clock);
  put(out, value.signers);
  put(out, value.issuers);
  out.number(value.journal_sequence);
  put(out, value.journal_chain);
}
Vault::State get(Reader& in, Tag<Vault::State>) {
  Vault::State out;
  out.version = get(in, Tag<std::string>{});
  out.instance = in.number<std::uint8_t>();
  out.policy_version = in.number<std::int64_t>();
  out.policy_sha256 = get(in, Tag<Bytes>{});
  out.clock = get_instant(in);
  out.signers = get(in, Tag<std::vector<Signer>>{});
  out.issuers = get(in, Tag<std::vector<pki::issue::IssuerSettings>>{});
  out.journal_sequence = in.number<std::int64_t>();
  out.journal_chain = get(in, Tag<Bytes>{});
  return out;
}

void put(Writer& out, const Vault::TimeStampInput& value) {
  put(out, value.tst_info);
  put(out, value.signed_attributes);
}
Vault::TimeStampInput get(Reader& in, Tag<Vault::TimeStampInput>) {
  Vault::TimeStampInput out;
  out.tst_info = get(in, Tag<Bytes>{});
  out.signed_attributes = get(in, Tag<Bytes>{});
  return out;
}

void put(Writer& out, const ReleasedPin& value) {
  put(out, value.reference);
  put(out, value.token_serial);
  put(out, value.ciphertext);
}

ReleasedPin get(Reader& in, Tag<ReleasedPin>) {
  auto reference = get(in, Tag<std::string>{});
  auto serial = get(in, Tag<std::string>{});
  return {std::move(reference), std::move(serial), get(in, Tag<Bytes>{})};
}

}  // namespace kyso::vault::wire
