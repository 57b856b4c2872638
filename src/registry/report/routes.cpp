#include "registry/report/routes.h"

#include <fmt/format.h>

#include "registry/organisation/organisations.h"
#include "registry/organisation/provinces.h"
#include "registry/report/reports.h"

namespace kyso::registry {
namespace {

using net::ServerResponse;

constexpr std::size_t kRowsShown = 200, kRowsOfWorkbook = 10'000, kRowsOfLetter = 2'000;
constexpr std::string_view kXlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

std::string word(const PortalRequest& request, std::string_view name) {
  return request.http.parameter(name).value_or("");
}

// An empty one is none: what a form without a choice sends.
std::optional<std::string> wanted_organisation(const PortalRequest& request) {
  std::optional<std::string> wanted = request.http.parameter("organisation");
  if (wanted && wanted->empty()) wanted.reset();
  return wanted;
}

Result<ReportQuery> query_of(const PortalRequest& request) {
  const std::optional<ReportKind> kind = report_by_name(word(request, "report"));
  if (!kind) return fail("registry.report.missing");
  return report_query(*kind, {word(request, "from"), word(request, "to"), word(request, "unit"), word(request, "lang")},
                      request.now);
}

Result<ServerResponse> show_dashboard(db::Database& database, const PortalRequest& request) {
  return answer(KYSO_TRY(database.read([&](db::Transaction& transaction) -> Result<json::Value> {
    const ReportScope scope = KYSO_TRY(report_scope(transaction, request.who(), std::nullopt, request.now));
    return dashboard(transaction, scope, request.now);
  })));
}

struct Made {
  ReportTable table;
  ReportScope scope;
  ReportHead head;
};
Result<Made> make(db::Database& database, const PortalRequest& request, const ReportQuery& query) {
  return database.read([&](db::Transaction& transaction) -> Result<Made> {
    Made out;
    out.scope = KYSO_TRY(report_scope(transaction, request.who(), wanted_organisation(request), request.now));
    out.table = KYSO_TRY(make_report(transaction, out.scope, query, request.now));
    const Organisation own = KYSO_TRY(Organisations::find_last(transaction, request.who().organisation, request.now));
    out.head.organisation = own.name;
    if (own.chain.size() > 1) out.head.superior = own.chain[own.chain.size() - 2];
    out.head.place = province_name(own.province);
    return out;
  });
}

Result<ServerResponse> show_report(db::Database& database, const PortalRequest& request) {
  ReportQuery query = KYSO_TRY(query_of(request));
  query.max_rows = kRowsShown;
  return answer(to_json(KYSO_TRY(make(database, request, query)).table, request.now));
}

Result<ServerResponse> send_file(db::Database& database, const PortalRequest& request) {
  const std::string format = word(request, "format");
  if (format != "xlsx" && format != "pdf") return fail("registry.input.parameter").with("name", "format");
  ReportQuery query = KYSO_TRY(query_of(request));
  query.is_english = false;  // documents of the administration are Vietnamese
  query.max_rows = format == "pdf" ? kRowsOfLetter : kRowsOfWorkbook;
  const Made made = KYSO_TRY(make(database, request, query));
  const std::string name = fmt::format("bao-cao-{}-{}.{}", name_of(query.kind), iso_day(day_of(request.now)), format);
  if (format == "pdf")
    return download("application/pdf", name, KYSO_TRY(report_to_pdf(made.table, made.head, made.scope, request.now)));
  return download(std::string(kXlsxType), name,
                  KYSO_TRY(report_to_xlsx(made.table, made.head, made.scope, request.now)));
}

}  // namespace

std::vector<PortalRoute> report_routes(db::Database& database) {
  const auto to = [&database](auto handler) {
    return [&database, handler](const PortalRequest& request) { return handler(database, request); };
  };
  const Access readers =
      Access::of({Role::clerk, Role::head, Role::receiving, Role::checking, Role::approving, Role::auditor});
  Access all = readers;
  all.roles.insert(Role::administrator);
  return {{"GET", "/api/v1/reports/dashboard", all, to(show_dashboard)},
          {"GET", "/api/v1/reports/{report}", readers, to(show_report)},
          {"GET", "/api/v1/reports/{report}/file", readers, to(send_file)}};
}

}  // namespace kyso::registry
