#pragma once
#include "crypto/password.h"
#include "db/db_test_support.h"
#include "registry/account/account_test_support.h"
#include "registry/dossier/certificate_store.h"
#include "registry/dossier/store.h"
#include "registry/organisation/store.h"

// Dossiers and certificates with known times, for tests of reports and public pages.
namespace kyso::registry::test {

inline Instant at(std::string_view time) {
  return must(parse_time(time));
}

struct RegistryWorld {
  db::Database& database;
  std::string ministry = crypto::random_uuid(), office = crypto::random_uuid(), other = crypto::random_uuid(),
              authority = crypto::random_uuid();
  std::int64_t made = 0;

  explicit RegistryWorld(db::Database& the_database) : database(the_database) {
    must(database.write([&](db::Transaction& transaction) -> Result<> {
      KYSO_TRY(store::add_nodes(transaction, {ministry, office, other, authority}, at("2026-01-01")));
      const auto node = [](const std::string& id, const std::string& name, const std::string& parent) {
        Version out;
        out.organisation = id;
        out.name = name;
        out.parent = parent;
        out.level = parent.empty() ? 1 : 2;
        out.kind = "unit";
        out.province = "01";
        return store::Timeline{id, {}, {out}};
      };
      return store::put_versions(transaction, {node(ministry, "Bộ mẫu", ""), node(office, "Trung tâm mẫu", ministry),
                                               node(other, "Cơ quan khác", ""), node(authority, "Cục mẫu", "")});
    }));
  }

  std::set<std::string> scopes_of(const std::string& organisation) const {
    return organisation == office ? std::set{office, ministry} : std::set{organisation};
  }

  Dossier dossier(const std::string& organisation, DossierKind kind, Instant created) {
    Dossier out;
    out.id = crypto::random_uuid();
    out.code = fmt::format("{}-261120-{:04}", organisation, ++made);
    out.kind = kind;
    out.organisation = organisation;
    out.organisation_chain = {organisation == office ? "Trung tâm mẫu" : "Cơ quan khác"};
    out.creator_name = "Nguyễn Văn A";
    out.creator_email = "nva@coquanmau.example.vn";
    out.form.receiver.name = "Nguyễn Văn A";
    out.form.receiver.identity = "001087000001";
    out.form.letter_number = fmt::format("{}/TTM", made);
    out.form.letter_date = "2026-11-20";
    out.created = out.updated = out.urgent = created;
    out.line_count = 3;
    must(database.write([&](db::Transaction& transaction) {
      return dossier_store::insert(transaction, out, scopes_of(organisation));
    }));
    return out;
  }
  void move(Dossier& dossier, DossierState state, Instant when) {
    dossier.state = state;
    if (state == DossierState::submitted) dossier.submitted = when;
    if (state == DossierState::processing) {
      dossier.received = when;
      dossier.due = when + std::chrono::hours(72);
      dossier.handler = "handler-1";
      dossier.handler_name = "Trần Thị B";
    }
    if (state == DossierState::completed || state == DossierState::rejected) dossier.finished = when;
    must(database.write(
        [&](db::Transaction& transaction) { return dossier_store::update(transaction, dossier, when); }));
  }
  // From its submission to its end, after so many hours at the desk.
  Dossier finished(const std::string& organisation, DossierKind kind, Instant received, std::chrono::seconds took) {
    Dossier out = dossier(organisation, kind, received - std::chrono::hours(2));
    move(out, DossierState::submitted, received - std::chrono::hours(1));
    move(out, DossierState::processing, received);
    move(out, DossierState::completed, received + took);
    return out;
  }

  SubscriberCertificate certificate(const std::string& organisation, Instant not_after,
                                    const std::string& kind = "person", Device device = Device::token) {
    SubscriberCertificate out;
    out.issuer = "CPCA_G1";
    out.serial = fmt::format("{:X}", 0x31C100 + ++made);
    out.kind = kind;
    out.device = device;
    out.name = kind == "person" ? "Nguyễn Văn A" : "Trung tâm mẫu";
    out.email = fmt::format("thuebao{}@coquanmau.example.vn", made);
    out.identity = fmt::format("001087{:06}", made);
    out.organisation = organisation;
    out.organisation_chain = {organisation == office ? "Trung tâm mẫu" : "Cơ quan khác"};
    out.not_before = not_after - std::chrono::days(1826);
    out.not_after = not_after;
    out.recorded = out.not_before;
    out.der = Bytes{0x30, 0};
    must(database.write([&](db::Transaction& transaction) {
      return certificate_store::insert(transaction, out, scopes_of(organisation));
    }));
    return out;
  }
  void change(const SubscriberCertificate& certificate) {
    must(database.write(
        [&](db::Transaction& transaction) { return certificate_store::update(transaction, certificate); }));
  }

  static Caller caller(const std::string& organisation, Roles roles) {
    return {"a", "a@example.vn", "Nguyễn Văn A", organisation, std::move(roles), "", "s"};
  }
};

// The answer of a route to this caller.
inline net::ServerResponse ask(const std::vector<PortalRoute>& routes, const std::string& method,
                               const std::string& where, net::ServerRequest http, const std::optional<Caller>& caller,
                               Instant now) {
  for (const PortalRoute& route : routes) {
    if (route.method != method || route.where != where) continue;
    http.method = method;
    http.id = "r1";
    const PortalRequest request{http, caller, now};
    Result<net::ServerResponse> done = route.handler(request);
    return done ? *std::move(done) : net::ServerResponse::problem(done.error(), portal_status_of(done.error()), http);
  }
  FAIL("no route ", method, " ", where);
  return {};
}
inline json::Value body_of(const net::ServerResponse& response) {
  REQUIRE(response.body != nullptr);
  return must(json::parse(as_chars(*response.body)));
}
inline std::string text_of(const net::ServerResponse& response) {
  return response.body ? std::string(as_chars(*response.body)) : std::string();
}

}  // namespace kyso::registry::test
