#include "kysod/portal_ports.h"

#include <algorithm>

#include "authority/status/status_store.h"
#include "base/file.h"
#include "base/text.h"
#include "json/json.h"
#include "net/http_client.h"
#include "shared/network_fetch.h"
#include "vault/passkey_statement.h"
#include "verify/report/report.h"
#include "verify/verify.h"

namespace kyso::daemon {
namespace {

using registry::AuthorityRequest;
using registry::IssuedCertificate;

// Hexadecimal, upper case, without leading zeros.
std::string serial_text(ByteView serial) {
  std::string out = to_upper(to_hex(serial));
  const std::size_t first = out.find_first_not_of('0');
  return first == std::string::npos ? "0" : out.substr(first);
}

Result<Bytes> serial_bytes(const std::string& text) {
  const Result<Bytes> out = from_hex(text.size() % 2 == 0 ? text : "0" + text);
  if (!out || out->empty()) return fail("authority.certificate.missing").with("serial", text);
  return out;
}

IssuedCertificate to_port(const authority::CertificateRow& row) {
  return {row.issuer,
          serial_text(row.serial),
          std::string(authority::name_of(row.state)),
          row.reference,
          row.profile,
          row.subject,
          row.request_id,
          row.not_before,
          row.not_after,
          row.changed,
          row.reason,
          row.der.value_or(Bytes())};
}

Result<AuthorityRequest> to_port(const authority::RequestView& view) {
  AuthorityRequest out{view.row.id, view.row.act,       std::string(authority::name_of(view.row.state)),
                       {},          view.row.requester, {},
                       {},          view.row.expires,   view.row.failure,
                       {}};
  if (vault::is_passkey_statement(view.row.jws))
    out.payload = KYSO_TRY(vault::parse_passkey_statement(view.row.jws)).payload;
  else
    out.payload = KYSO_TRY(jose::Jws::parse(view.row.jws, vault::kRequestType)).payload();
  for (const authority::ApprovalRow& approval : view.approvals)
    if (approval.decision == "approve") out.approvers.push_back(approval.person);
  if (view.standing) {
    out.missing = view.standing->missing;
    out.expires = view.standing->expires;
  }
  for (const authority::CertificateRow& row : view.certificates) out.certificates.push_back(to_port(row));
  return out;
}

}  // namespace

Result<AuthorityRequest> AuthorityPort::submit(std::string_view statement, const Within& within) {
  return to_port(KYSO_TRY(m_authority.submit(statement, within)));
}

Result<AuthorityRequest> AuthorityPort::decide(const std::string& id, std::string_view statement,
                                               const Within& within) {
  return to_port(KYSO_TRY(m_authority.decide(id, statement, within)));
}

Result<AuthorityRequest> AuthorityPort::request(const std::string& id) {
  return to_port(KYSO_TRY(m_authority.request(id)));
}

Result<std::shared_ptr<const vault::Policy>> AuthorityPort::policy() {
  return m_authority.policy();
}

Result<IssuedCertificate> AuthorityPort::certificate(const std::string& issuer, const std::string& serial) {
  return to_port(KYSO_TRY(m_authority.certificate(issuer, KYSO_TRY(serial_bytes(serial)))));
}

Result<registry::IssuingAuthority::Changes> AuthorityPort::changes(std::int64_t after, std::size_t limit) {
  return m_database.read([&](db::Transaction& transaction) -> Result<Changes> {
    Changes out;
    out.next = after;
    for (const auto& event : KYSO_TRY(authority::status::store::events_after(transaction, after, limit))) {
      out.next = event.sequence;
      const auto row = KYSO_TRY(authority::store::find_certificate(transaction, event.issuer, event.serial));
      if (row) out.certificates.push_back(to_port(*row));
    }
    return out;
  });
}

Result<std::vector<std::pair<std::string, Bytes>>> AuthorityPort::released_so_pins(const std::string& request_id) {
  std::vector<std::pair<std::string, Bytes>> out;
  for (vault::ReleasedPin& pin : KYSO_TRY(m_authority.request(request_id)).released)
    out.emplace_back(std::move(pin.reference), std::move(pin.ciphertext));
  return out;
}

Result<std::unique_ptr<PdfLetterVerifier>> PdfLetterVerifier::create(const LetterVerifierOptions& options) {
  std::unique_ptr<PdfLetterVerifier> out(new PdfLetterVerifier);
  if (options.has_shipped_trust) KYSO_TRY(out->m_trust.load_folder(share_folder() / "trust", {}));
  std::error_code ignored;
  for (const std::filesystem::path& path : options.trust)
    KYSO_TRY(std::filesystem::is_directory(path, ignored) ? out->m_trust.load_folder(path, {})
                                                          : out->m_trust.load_file(path, {}));
  out->m_policy = KYSO_TRY(verify::Policy::load(options.policy, share_folder() / "policies"));
  out->m_fetch = [hosts = options.hosts,
                  fetch = app::network_fetch()](const verify::FetchRequest& wanted) -> Result<verify::FetchReply> {
    std::string_view host = wanted.url;
    host.remove_prefix(std::min(host.size(), host.find("://") == std::string_view::npos ? 0 : host.find("://") + 3));
    host = host.substr(0, host.find_first_of("/?#"));
    if (std::ranges::find(hosts, host) == hosts.end()) return fail("net.unreachable").with("host", host);
    return fetch(wanted);
  };
  return out;
}

namespace {

Result<verify::Verification> judge(ByteView pdf, const pki::TrustStore& trust, const verify::Policy& policy,
                                   const verify::Fetch& fetch, Instant now) {
  verify::VerifyOptions options{.trust = trust, .policy = policy};
  options.time = now;
  options.fetch = &fetch;
  options.collector.timeout = std::chrono::seconds(5);
  options.collector.total_timeout = std::chrono::seconds(15);
  return verify::verify_document(pdf::Source::from_bytes(Bytes(pdf.begin(), pdf.end())), options);
}

registry::LetterSigner signer_of(const verify::SignatureVerdict& signature) {
  registry::LetterSigner out;
  if (!signature.signer) return out;
  out.name = signature.signer->common_name();
  out.serial = serial_text(signature.signer->serial());
  out.is_organisation = signature.signer_kind == verify::SubjectKind::organisation;
  out.organisation = signature.signer->organisation();
  out.email = signature.signer->email();
  out.time_stamp = signature.time_stamp_time;
  return out;
}

}  // namespace

Result<registry::LetterVerdict> PdfLetterVerifier::verify(ByteView pdf, Instant now) {
  const verify::Verification done = KYSO_TRY(judge(pdf, m_trust, m_policy, m_fetch, now));
  registry::LetterVerdict out;
  out.is_valid = done.verdict.indication == verify::Indication::total_passed;
  out.is_final = done.verdict.indication != verify::Indication::indeterminate;
  for (const verify::SignatureVerdict& signature : done.verdict.signatures) {
    if (done.facts.signatures[signature.signature].kind == verify::SignatureKind::signature)
      out.signers.push_back(signer_of(signature));
    if (signature.indication == verify::Indication::total_passed) continue;
    const auto vi = summarise(done.facts, signature, Language::vietnamese);
    const auto en = summarise(done.facts, signature, Language::english);
    out.problems.emplace_back(signature.reason, vi.what + (vi.next_step.empty() ? "" : " " + vi.next_step));
    out.problems_en.emplace_back(signature.reason, en.what + (en.next_step.empty() ? "" : " " + en.next_step));
  }
  out.report_json = json::serialize(to_json(done.facts, done.verdict, Language::vietnamese));
  return out;
}

Result<registry::LetterVerifier::Report> PdfLetterVerifier::report(ByteView pdf, std::string_view language,
                                                                   Instant now) {
  const verify::Verification done = KYSO_TRY(judge(pdf, m_trust, m_policy, m_fetch, now));
  const Language words = language == "en" ? Language::english : Language::vietnamese;
  return Report{json::serialize(to_json(done.facts, done.verdict, words)),
                verify::to_html({.facts = done.facts, .verdict = done.verdict, .language = words}),
                std::string(verify::name_of(done.verdict.indication))};
}

Result<registry::PopulationDatabase::Answer> HttpPopulationDatabase::check(const registry::PersonQuery& person) {
  json::Value body = json::Value::object();
  body.set("identity_number", person.identity_number)
      .set("name", person.name)
      .set("date_of_birth", person.date_of_birth);
  net::HttpRequest request;
  request.url = m_url;
  request.method = "POST";
  request.content_type = "application/json";
  request.accept = "application/json";
  request.body = to_bytes(json::serialize(body));
  request.timeout = std::chrono::seconds(5);
  request.connect_timeout = std::chrono::seconds(2);
  request.ca_file = m_ca_file;
  const Result<net::HttpResponse> response = net::http_exchange(request);
  if (!response) return fail("registry.population.unavailable", "{}", response.error().code);
  if (response->status != 200) return fail("registry.population.unavailable", "HTTP {}", response->status);
  const Result<json::Value> told = json::parse(as_chars(response->body));
  if (!told) return fail("registry.population.unavailable", "{}", told.error().code);
  const Result<std::string> result = json::require_string(*told, "result");
  if (result && *result == "matches") return Answer::matches;
  if (result && *result == "differs") return Answer::differs;
  if (result && *result == "unknown") return Answer::unknown;
  return fail("registry.population.unavailable", "answer");
}

}  // namespace kyso::daemon
