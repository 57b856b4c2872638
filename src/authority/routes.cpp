#include "authority/routes.h"

#include <algorithm>
#include <charconv>

#include "base/error_text.h"
#include "base/text.h"
#include "crypto/pem.h"

namespace kyso::authority {
namespace {

using net::ServerRequest;
using net::ServerResponse;

constexpr std::size_t kMaxStatement = 4U << 20U;
constexpr std::size_t kMaxPage = 1'000;
constexpr std::string_view kJose = "application/jose";

ServerResponse answer(int status, const json::Value& value) {
  return ServerResponse::bytes(status, "application/json", to_bytes(json::serialize(value) + "\n"))
      .with("Cache-Control", "no-store");
}

ServerResponse problem(const Error& error, const ServerRequest& request) {
  return ServerResponse::problem(error, http_status_of(error), request);
}

std::string serial_text(ByteView serial) {
  return to_upper(to_hex(serial));
}

json::Value to_json(const CertificateRow& row) {
  json::Value out = json::Value::object();
  out.set("issuer", row.issuer)
      .set("serial", serial_text(row.serial))
      .set("state", name_of(row.state))
      .set("profile", row.profile)
      .set("subject", row.subject)
      .set("reference", row.reference)
      .set("request", row.request_id)
      .set("not_before", iso8601_vietnam(row.not_before))
      .set("not_after", iso8601_vietnam(row.not_after));
  if (row.changed) out.set("changed", iso8601_vietnam(*row.changed));
  if (row.reason) out.set("reason", *row.reason);
  if (row.invalid_since) out.set("invalid_since", iso8601_vietnam(*row.invalid_since));
  if (row.replaces) out.set("replaces", serial_text(*row.replaces)).set("replaces_issuer", row.replaces_issuer);
  if (row.der) out.set("pem", crypto::to_pem("CERTIFICATE", *row.der));
  return out;
}

json::Value to_json(const RequestRow& row) {
  json::Value out = json::Value::object();
  out.set("id", row.id)
      .set("act", row.act)
      .set("issuer", row.issuer)
      .set("state", name_of(row.state))
      .set("purpose", row.purpose)
      .set("requester", row.requester)
      .set("sha256", to_hex(row.payload_sha256))
      .set("created", iso8601_vietnam(row.created))
      .set("expires", iso8601_vietnam(row.expires));
  if (row.failure) out.set("failure", *row.failure);
  return out;
}

json::Value to_json(const vault::Standing& standing) {
  json::Value approvers = json::Value::array();
  for (const std::string& person : standing.approvers) approvers.push_back(person);
  json::Value missing = json::Value::array();
  for (const auto& [role, count] : standing.missing) {
    json::Value part = json::Value::object();
    part.set("role", role).set("count", count);
    missing.push_back(std::move(part));
  }
  json::Value out = json::Value::object();
  out.set("requester", standing.requester)
      .set("approvers", std::move(approvers))
      .set("missing", std::move(missing))
      .set("expires", iso8601_vietnam(standing.expires));
  return out;
}

json::Value to_json(const RequestView& view) {
  json::Value out = to_json(view.row);
  if (view.standing) out.set("standing", to_json(*view.standing));
  out.set("request", view.row.jws);
  json::Value approvals = json::Value::array();
  for (const ApprovalRow& approval : view.approvals) {
    json::Value entry = json::Value::object();
    entry.set("person", approval.person)
        .set("decision", approval.decision)
        .set("at", iso8601_vietnam(approval.at))
        .set("jws", approval.jws);
    approvals.push_back(std::move(entry));
  }
  json::Value certificates = json::Value::array();
  for (const CertificateRow& row : view.certificates) certificates.push_back(to_json(row));
  out.set("approvals", std::move(approvals)).set("certificates", std::move(certificates));
  if (!view.released.empty()) {
    json::Value released = json::Value::array();
    for (const vault::ReleasedPin& pin : view.released) {
      json::Value entry = json::Value::object();
      entry.set("reference", pin.reference)
          .set("token_serial", pin.token_serial)
          .set("ciphertext", to_base64(pin.ciphertext));
      released.push_back(std::move(entry));
    }
    out.set("released", std::move(released));
  }
  return out;
}

Error bad_parameter(std::string_view name) {
  return fail("authority.parameter").with("name", name);
}

Result<std::size_t> limit_of(const ServerRequest& request) {
  const std::optional<std::string> text = request.parameter("limit");
  if (!text) return std::size_t{100};
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc() || end != text->data() + text->size() || limit == 0 || limit > kMaxPage)
    return bad_parameter("limit");
  return limit;
}

Result<store::RequestFilter> request_filter(const ServerRequest& request) {
  store::RequestFilter filter;
  filter.limit = KYSO_TRY(limit_of(request));
  filter.after = request.parameter("after").value_or("");
  if (const auto state = request.parameter("state")) {
    filter.state = request_state_by_name(*state);
    if (!filter.state) return bad_parameter("state");
  }
  return filter;
}

Result<store::CertificateFilter> certificate_filter(const ServerRequest& request) {
  store::CertificateFilter filter;
  filter.limit = KYSO_TRY(limit_of(request));
  filter.text = request.parameter("q").value_or("");
  filter.profile = request.parameter("profile").value_or("");
  filter.issuer = request.parameter("issuer").value_or("");
  if (const auto state = request.parameter("state")) {
    filter.state = certificate_state_by_name(*state);
    if (!filter.state) return bad_parameter("state");
  }
  if (const auto time = request.parameter("expires_before")) {
    const Result<Instant> parsed = parse_time(*time);
    if (!parsed) return bad_parameter("expires_before");
    filter.expires_before = *parsed;
  }
  if (const auto after = request.parameter("after"); after && !after->empty()) {
    const std::size_t slash = after->rfind('/');
    const Result<Bytes> serial = from_hex(slash == std::string::npos ? "x" : after->substr(slash + 1));
    if (!serial) return bad_parameter("after");
    filter.after = std::pair(after->substr(0, slash), *serial);
  }
  return filter;
}

// Handlers that officers alone may use.
class Desk {
 public:
  Desk(Authority& authority, Authenticate authenticate, const Doctor& doctor)
      : m_authority(authority), m_authenticate(std::move(authenticate)), m_doctor(doctor) {}

  // A statement says itself who sends it: no further access is asked for.
  ServerResponse submit(const ServerRequest& request) {
    const Result<RequestView> view = m_authority.submit(as_chars(request.body));
    return view ? answer(201, to_json(*view)) : problem(view.error(), request);
  }
  ServerResponse decide(const ServerRequest& request) {
    const Result<RequestView> view = m_authority.decide(*request.parameter("id"), as_chars(request.body));
    return view ? answer(200, to_json(*view)) : problem(view.error(), request);
  }

  ServerResponse requests(const ServerRequest& request) {
    return list(request, "requests", [&]() -> Result<json::Value> {
      json::Value out = json::Value::array();
      for (const RequestRow& row : KYSO_TRY(m_authority.requests(KYSO_TRY(request_filter(request)))))
        out.push_back(to_json(row));
      return out;
    });
  }
  ServerResponse certificates(const ServerRequest& request) {
    return list(request, "certificates", [&]() -> Result<json::Value> {
      json::Value out = json::Value::array();
      for (const CertificateRow& row : KYSO_TRY(m_authority.certificates(KYSO_TRY(certificate_filter(request)))))
        out.push_back(to_json(row));
      return out;
    });
  }
  ServerResponse one_request(const ServerRequest& request) {
    return guarded(request, [&]() -> Result<json::Value> {
      return to_json(KYSO_TRY(m_authority.request(*request.parameter("id"))));
    });
  }
  ServerResponse one_certificate(const ServerRequest& request) {
    return guarded(request, [&]() -> Result<json::Value> {
      const Result<Bytes> serial = from_hex(*request.parameter("serial"));
      if (!serial) return bad_parameter("serial");
      return to_json(KYSO_TRY(m_authority.certificate(*request.parameter("issuer"), *serial)));
    });
  }
  ServerResponse policy(const ServerRequest& request) {
    return guarded(request, [&]() -> Result<json::Value> {
      const std::shared_ptr<const vault::Policy> current = KYSO_TRY(m_authority.policy());
      json::Value files = json::Value::array();
      for (const vault::PolicyFile& file : current->files()) {
        json::Value entry = json::Value::object();
        entry.set("name", file.name).set("content", file.content);
        files.push_back(std::move(entry));
      }
      json::Value out = json::Value::object();
      out.set("version", current->version()).set("sha256", to_hex(current->sha256())).set("files", std::move(files));
      return out;
    });
  }
  ServerResponse doctor(const ServerRequest& request) {
    return guarded(request, [&]() -> Result<json::Value> {
      json::Value checks = json::Value::array();
      for (const Doctor::Finding& finding : m_doctor.examine()) {
        json::Value entry = json::Value::object();
        entry.set("name", finding.name)
            .set("ok", finding.is_well)
            .set("text_vi", finding.vietnamese)
            .set("text_en", finding.english)
            .set("next_vi", finding.vietnamese_next)
            .set("next_en", finding.english_next);
        if (!finding.code.empty()) entry.set("code", finding.code);
        checks.push_back(std::move(entry));
      }
      json::Value out = json::Value::object();
      out.set("checks", std::move(checks));
      return out;
    });
  }

 private:
  template <typename F>
  ServerResponse guarded(const ServerRequest& request, F&& work) {
    const Result<std::string> person = m_authenticate(request);
    if (!person) return ServerResponse::problem(person.error(), 401, request).with("WWW-Authenticate", "Kyso-JWS");
    const Result<json::Value> result = work();
    return result ? answer(200, *result) : problem(result.error(), request);
  }
  template <typename F>
  ServerResponse list(const ServerRequest& request, std::string name, F&& work) {
    return guarded(request, [&]() -> Result<json::Value> {
      json::Value items = KYSO_TRY(work());
      json::Value out = json::Value::object();
      const std::vector<json::Value>& entries = *items.as_array();
      if (entries.size() == KYSO_TRY(limit_of(request))) out.set("next", next_of(entries.back()));
      out.set(std::move(name), std::move(items));
      return out;
    });
  }
  // What `after` must be for the following page.
  static std::string next_of(const json::Value& last) {
    if (const json::Value* id = last.find("id")) return std::string(id->as_string().value_or(""));
    return std::string(*last.find("issuer")->as_string()) + "/" + std::string(*last.find("serial")->as_string());
  }

  Authority& m_authority;
  Authenticate m_authenticate;
  const Doctor& m_doctor;
};

}  // namespace

int http_status_of(const Error& error) {
  struct Class {
    int exit_code, status;
  };
  // Exit codes are the classes of errors (docs/exit-codes.md).
  static constexpr Class kClasses[] = {{4, 400},   {81, 400},  {100, 503}, {101, 500}, {110, 503}, {111, 403},
                                       {112, 403}, {120, 422}, {121, 404}, {122, 409}, {123, 503}, {124, 403},
                                       {103, 500}, {34, 503},  {36, 503},  {43, 422}};
  const ErrorRow* row = find_error_row(error.code);
  const auto found = std::ranges::find(kClasses, row == nullptr ? 5 : row->exit_code, &Class::exit_code);
  return found == std::end(kClasses) ? 500 : found->status;
}

std::vector<net::Route> routes(Authority& authority, Authenticate authenticate, const Doctor& doctor) {
  const auto desk = std::make_shared<Desk>(authority, std::move(authenticate), doctor);
  const auto bind = [&](ServerResponse (Desk::*handler)(const ServerRequest&)) {
    return [desk, handler](const ServerRequest& request) { return (*desk.*handler)(request); };
  };
  const std::string base = "/authority/v1/";
  std::vector<net::Route> out = {
      {"GET", base + "requests", bind(&Desk::requests)},
      {"GET", base + "requests/{id}", bind(&Desk::one_request)},
      {"GET", base + "certificates", bind(&Desk::certificates)},
      {"GET", base + "certificates/{issuer}/{serial}", bind(&Desk::one_certificate)},
      {"GET", base + "policy", bind(&Desk::policy)},
      {"GET", base + "doctor", bind(&Desk::doctor)},
      {"POST", base + "requests", bind(&Desk::submit)},
      {"POST", base + "requests/{id}/approvals", bind(&Desk::decide)},
  };
  for (net::Route& route : out)
    if (route.method == "POST") {
      route.max_body = kMaxStatement;
      route.content_types = {std::string(kJose)};
    }
  return out;
}

}  // namespace kyso::authority
