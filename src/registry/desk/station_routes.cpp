#include "jose/base64url.h"
#include "registry/desk/routes.h"

namespace kyso::registry {
namespace {

using net::ServerRequest;
using net::ServerResponse;

constexpr std::size_t kMaxKey = 256U << 10U;

std::string_view name_of(Desk::StationJob::Kind kind) {
  using Kind = Desk::StationJob::Kind;
  return kind == Kind::personalise ? "personalise" : kind == Kind::write ? "write" : "unlock";
}

class Station {
 public:
  Station(Desk& desk, AuthenticateOfficer authenticate) : m_desk(desk), m_authenticate(std::move(authenticate)) {}

  using Work = Result<ServerResponse> (Station::*)(const ServerRequest&, const std::string& person);
  ServerResponse handle(Work work, const ServerRequest& request) {
    const Result<std::string> person = m_authenticate(request);
    Result<ServerResponse> done = person ? (this->*work)(request, *person) : Result<ServerResponse>(person.error());
    if (done) return *std::move(done);
    return ServerResponse::problem(done.error(), portal_status_of(done.error()), request);
  }

  Result<ServerResponse> jobs(const ServerRequest&, const std::string&) {
    json::Value jobs = json::Value::array();
    for (const Desk::StationJob& job : KYSO_TRY(m_desk.station_jobs())) {
      json::Value entry = json::Value::object();
      entry.set("line", job.line).set("dossier", job.dossier_code).set("name", job.name).set("kind", name_of(job.kind));
      if (!job.token_serial.empty()) entry.set("token_serial", job.token_serial);
      if (!job.certificate.empty()) entry.set("certificate", jose::to_base64url(job.certificate));
      if (job.so_pin) entry.set("so_pin", jose::to_base64url(*job.so_pin));
      if (job.kind == Desk::StationJob::Kind::unlock) entry.set("has_station_key", job.has_station_key);
      jobs.push_back(std::move(entry));
    }
    json::Value out = json::Value::object();
    out.set("jobs", std::move(jobs));
    return answer(out);
  }

  Result<ServerResponse> key(const ServerRequest& request, const std::string& person) {
    const json::Value object = KYSO_TRY(object_of(request));
    const Desk::StationKey key{KYSO_TRY(require_bytes(object, "pkcs10")), KYSO_TRY(require_bytes(object, "escrow")),
                               KYSO_TRY(require_text(object, "token_serial", 64)),
                               text_of(object, "token_label").value_or(""),
                               text_of(object, "token_model").value_or("")};
    KYSO_TRY(m_desk.station_key_made(person, line_of(request), key));
    return no_content();
  }

  Result<ServerResponse> written(const ServerRequest& request, const std::string& person) {
    KYSO_TRY(m_desk.station_written(person, line_of(request)));
    return no_content();
  }

  Result<ServerResponse> station_key(const ServerRequest& request, const std::string& person) {
    const json::Value object = KYSO_TRY(object_of(request));
    KYSO_TRY(m_desk.station_wants_so_pin(person, line_of(request), KYSO_TRY(require_bytes(object, "public_key"))));
    return no_content();
  }

  Result<ServerResponse> unlocked(const ServerRequest& request, const std::string& person) {
    KYSO_TRY(m_desk.station_unlocked(person, line_of(request)));
    return no_content();
  }

 private:
  static std::string line_of(const ServerRequest& request) { return request.parameter("line").value_or(""); }

  Desk& m_desk;
  AuthenticateOfficer m_authenticate;
};

}  // namespace

std::vector<net::Route> station_routes(Desk& desk, AuthenticateOfficer authenticate) {
  const auto station = std::make_shared<Station>(desk, std::move(authenticate));
  const auto bind = [&](Station::Work work) {
    return [station, work](const ServerRequest& request) { return station->handle(work, request); };
  };
  const std::string base = "/station/v1/", line = base + "lines/{line}/";
  std::vector<net::Route> out = {{"GET", base + "jobs", bind(&Station::jobs)},
                                 {"POST", line + "key", bind(&Station::key), kMaxKey},
                                 {"POST", line + "written", bind(&Station::written)},
                                 {"POST", line + "station-key", bind(&Station::station_key)},
                                 {"POST", line + "unlocked", bind(&Station::unlocked)}};
  for (net::Route& route : out)
    if (route.method == "POST") route.content_types = {"application/json"};
  return out;
}

}  // namespace kyso::registry
