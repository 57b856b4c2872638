#include "registry/public_pages/routes.h"

#include <fmt/format.h>

#include "base/text.h"
#include "registry/public_pages/file_kind.h"
#include "registry/public_pages/lookups.h"
#include "registry/public_pages/upload.h"
#include "registry/report/period.h"

namespace kyso::registry {
namespace {

using net::ServerResponse;

constexpr std::size_t kMaxPdf = 50U << 20U;
constexpr std::size_t kFormAround = 64U << 10U;  // of a form with one file
constexpr std::size_t kMaxNumber = 100;
constexpr std::chrono::seconds kKept{60};

Result<std::string> required(const PortalRequest& request, std::string_view name, std::size_t max) {
  const std::optional<std::string> text = request.http.parameter(name);
  if (!text || trim(*text).empty() || to_utf32(*text).size() > max)
    return fail("registry.input.parameter").with("name", name);
  return to_nfc(trim(*text));
}

void set_time(json::Value& object, std::string_view name, const std::optional<Instant>& time) {
  if (time) object.set(std::string(name), iso8601_vietnam(*time));
}
void set_text(json::Value& object, std::string_view name, const std::string& text) {
  if (!text.empty()) object.set(std::string(name), text);
}

json::Value to_json(const PublicDossier& dossier) {
  json::Value out = json::Value::object();
  out.set("code", dossier.code).set("kind", dossier.kind).set("state", dossier.state);
  out.set("line_count", dossier.line_count);
  set_time(out, "submitted", dossier.submitted);
  set_time(out, "received", dossier.received);
  set_text(out, "appointment", dossier.appointment);
  set_time(out, "due", dossier.due);
  return out;
}

json::Value to_json(const PublicCertificate& certificate) {
  json::Value out = json::Value::object();
  out.set("issuer", certificate.issuer).set("serial", certificate.serial);
  set_text(out, "name", certificate.name);
  set_text(out, "organisation", certificate.organisation);
  out.set("state", certificate.state).set("not_before", iso8601_vietnam(certificate.not_before));
  out.set("not_after", iso8601_vietnam(certificate.not_after));
  set_time(out, "revoked", certificate.revoked);
  return out;
}

json::Value to_json(const AuthorityEntry& entry) {
  json::Value out = json::Value::object();
  out.set("name", entry.name).set("subject", entry.subject).set("not_before", iso8601_vietnam(entry.not_before));
  out.set("not_after", iso8601_vietnam(entry.not_after)).set("sha256", entry.sha256);
  out.set("certificate_url", entry.certificate_url).set("crl_urls", names_to_json(entry.crl_urls));
  out.set("ocsp_urls", names_to_json(entry.ocsp_urls));
  set_text(out, "tsa_url", entry.tsa_url);
  return out;
}

template <typename T>
json::Value to_items(const std::vector<T>& list) {
  json::Value out = json::Value::array();
  for (const T& one : list) out.push_back(to_json(one));
  return out;
}

json::Value to_json(const PublicFigures& figures) {
  json::Value out = json::Value::object();
  out.set("total", figures.total).set("finished", figures.finished).set("processing", figures.processing);
  return out.set("on_time_percent", figures.on_time_percent);
}

// An answer that is made at most once a minute.
class Kept {
 public:
  template <typename Make>
  Result<json::Value> get(Instant now, const Make& make) {
    const std::scoped_lock lock(m_mutex);
    if (m_until && now < *m_until && now >= *m_until - kKept) return m_value;
    m_value = KYSO_TRY(make());
    m_until = now + kKept;
    return m_value;
  }

 private:
  std::mutex m_mutex;
  json::Value m_value;
  std::optional<Instant> m_until;
};

class PublicPages {
 public:
  explicit PublicPages(PublicParts parts)
      : m(std::move(parts)),
        m_look_ups(m.look_ups),
        m_verifications(m.verifications),
        m_gate(m.verifications_at_once) {}

  Result<ServerResponse> figures(const PortalRequest& request) {
    return answer(KYSO_TRY(m_figures.get(request.now, [&]() -> Result<json::Value> {
      return to_json(KYSO_TRY(
          m.database.read([&](db::Transaction& transaction) { return public_figures(transaction, request.now); })));
    })));
  }

  Result<ServerResponse> dossiers(const PortalRequest& request) {
    KYSO_TRY(m_look_ups.take(request.http.remote_address, request.now));
    const std::string organisation = KYSO_TRY(required(request, "organisation", kMaxNumber));
    const std::string number = KYSO_TRY(required(request, "number", kMaxNumber));
    const std::string day = iso_day(KYSO_TRY(read_day(KYSO_TRY(required(request, "date", 10)), "date")));
    return page(to_items(KYSO_TRY(m.database.read([&](db::Transaction& transaction) {
                  return find_public_dossiers(transaction, organisation, number, day);
                }))),
                std::nullopt);
  }

  Result<ServerResponse> certificates(const PortalRequest& request) {
    KYSO_TRY(m_look_ups.take(request.http.remote_address, request.now));
    const std::string serial = KYSO_TRY(required(request, "serial", kMaxNumber));
    return page(to_items(KYSO_TRY(find_public_certificates(m.database, m.authority, m.issuers, serial, request.now))),
                std::nullopt);
  }

  Result<ServerResponse> verify(const PortalRequest& request) {
    KYSO_TRY(m_verifications.take(request.http.remote_address, request.now));
    const Gate::Place place = KYSO_TRY(m_gate.enter());
    const net::Part file = KYSO_TRY(uploaded_file(request.http, kMaxPdf));
    if (!looks_like_pdf(file.content)) return fail("registry.verification.kind");
    const std::string language = request.http.parameter("lang").value_or("vi");
    if (language != "vi" && language != "en") return fail("registry.input.parameter").with("name", "lang");
    const LetterVerifier::Report report = KYSO_TRY(m.verifier.report(file.content, language, request.now));
    json::Value out = json::Value::object();
    out.set("verdict", report.verdict).set("html", report.html);
    return answer(out.set("report", KYSO_TRY(json::parse(report.json))));
  }

  Result<ServerResponse> authorities(const PortalRequest& request) {
    return answer(KYSO_TRY(m_authorities.get(request.now, [&]() -> Result<json::Value> {
      json::Value out = json::Value::object();
      out.set("items", to_items(KYSO_TRY(m.authorities())));
      return out;
    })));
  }

 private:
  PublicParts m;
  AddressLimiter m_look_ups, m_verifications;
  Gate m_gate;
  Kept m_figures, m_authorities;
};

}  // namespace

std::vector<PortalRoute> public_routes(PublicParts parts) {
  db::Database& database = parts.database;
  const auto pages = std::make_shared<PublicPages>(std::move(parts));
  const auto to = [&](auto handler) {
    return [pages, handler](const PortalRequest& request) { return (pages.get()->*handler)(request); };
  };
  const Access all = Access::everybody();
  std::vector<PortalRoute> out = {{"GET", "/api/v1/public/figures", all, to(&PublicPages::figures)},
                                  {"GET", "/api/v1/public/dossiers", all, to(&PublicPages::dossiers)},
                                  {"GET", "/api/v1/public/certificates/{serial}", all, to(&PublicPages::certificates)},
                                  {"GET", "/api/v1/public/authorities", all, to(&PublicPages::authorities)}};
  out.push_back({"POST",
                 "/api/v1/public/verification",
                 all,
                 to(&PublicPages::verify),
                 kMaxPdf + kFormAround,
                 {"multipart/form-data"}});
  for (PortalRoute& route : content_routes(database)) out.push_back(std::move(route));
  return out;
}

}  // namespace kyso::registry
