#include <algorithm>

#include "base/error_text.h"
#include "net/multipart.h"
#include "registry/dossier/view.h"
#include "registry/dossier/words.h"
#include "registry/web/parameters.h"

namespace kyso::registry {
namespace {

using net::ServerResponse;

constexpr std::size_t kMaxNote = 2'000;

std::string capture(const PortalRequest& request, std::string_view name) {
  return request.http.parameter(name).value_or("");
}

Result<net::Part> file_of(const PortalRequest& request, std::size_t max) {
  net::MultipartLimits limits;
  limits.max_file = max;
  limits.max_parts = 4;
  for (net::Part& part : KYSO_TRY(net::read_multipart(request.http.header("content-type"), request.http.body, limits)))
    if (part.head.name == "file" && part.head.file_name && !part.head.file_name->empty()) return std::move(part);
  return fail("registry.input.missing").with("field", "file");
}

json::Value findings_json(const std::vector<DossierFinding>& findings,
                          const std::map<std::string, Override>& reasons = {}) {
  json::Value out = json::Value::array();
  for (const DossierFinding& finding : findings)
    out.push_back(DossierView::finding(finding, override_of(reasons, finding)));
  return out;
}

// One sentence for the whole, with everything that is open beside it. `reasons`: of the letter, behind the sentence.
ServerResponse refused(const Error& error, const std::vector<DossierFinding>& findings, const PortalRequest& request,
                       const std::map<std::string, Override>& reasons = {}) {
  ServerResponse response = ServerResponse::problem(error, portal_status_of(error), request.http);
  Result<json::Value> body = json::parse(as_chars(*response.body));
  if (!body) return response;
  json::Value fields = json::Value::array();
  std::string why, why_en;
  for (const DossierFinding& finding : findings) {
    const ErrorText vi = describe(finding.error(), Language::vietnamese),
                    en = describe(finding.error(Language::english), Language::english);
    json::Value field = json::Value::object();
    const std::string place = finding.line.empty() ? finding.field
                                                   : fmt::format("lines/{}{}{}", finding.line,
                                                                 finding.field.empty() ? "" : "/", finding.field);
    field.set("field", place)
        .set("code", finding.code)
        .set("message", vi.message)
        .set("message_en", en.message)
        .set("next", vi.next_step)
        .set("next_en", en.next_step);
    fields.push_back(std::move(field));
    const bool tells_why = error.code == "registry.dossier.letter" && finding.level == Level::block &&
                           finding.code.starts_with("registry.letter.");
    if (!tells_why) continue;
    why += vi.message + " ";
    why_en += en.message + " ";
  }
  const ErrorText vi = describe(error, Language::vietnamese), en = describe(error, Language::english);
  body->set("detail", why + vi.next_step).set("detail_en", why_en + en.next_step);
  body->set("fields", std::move(fields));
  body->set("findings", findings_json(findings, reasons));
  response.body = std::make_shared<const Bytes>(to_bytes(json::serialize(*body)));
  return response;
}

// Lines that were refused: "lines/3/email" for those of a list, "email" for a single one.
ServerResponse refused_lines(std::vector<DossierFinding> findings, const PortalRequest& request, bool has_places) {
  if (!has_places)
    for (DossierFinding& finding : findings) finding.line.clear();
  return refused(fail("registry.input").with("count", findings.size()), findings, request);
}

class DossierRoutes {
 public:
  DossierRoutes(Dossiers& dossiers, const DossierView& view) : m_dossiers(dossiers), m_view(view) {}

  std::vector<PortalRoute> all() const {
    std::vector<PortalRoute> out;
    const Access clerk = Access::of({Role::clerk}), organisation = Access::of({Role::clerk, Role::head});
    const Access readers =
        Access::of({Role::clerk, Role::head, Role::receiving, Role::checking, Role::approving, Role::auditor});
    const Access writers = Access::of({Role::clerk, Role::head, Role::receiving, Role::checking, Role::approving});
    const auto add = [&](std::string method, std::string where, const Access& access,
                         Result<ServerResponse> (DossierRoutes::*handler)(const PortalRequest&) const) -> PortalRoute& {
      out.push_back({std::move(method), "/api/v1" + where, access,
                     [self = *this, handler](const PortalRequest& request) { return (self.*handler)(request); }});
      return out.back();
    };
    const auto takes_file = [](PortalRoute& route, std::size_t max) {
      route.max_body = max + (64U << 10U);
      route.content_types = {"multipart/form-data"};
    };
    const DossierSettings& settings = m_dossiers.settings();
    add("GET", "/dossiers", organisation, &DossierRoutes::list);
    add("POST", "/dossiers", clerk, &DossierRoutes::create);
    add("GET", "/dossiers/{id}", readers, &DossierRoutes::get);
    add("PUT", "/dossiers/{id}", clerk, &DossierRoutes::save);
    add("DELETE", "/dossiers/{id}", clerk, &DossierRoutes::remove);
    add("GET", "/dossiers/{id}/lines", readers, &DossierRoutes::lines);
    add("POST", "/dossiers/{id}/lines", clerk, &DossierRoutes::add_lines).max_body = 4U << 20U;
    add("PUT", "/dossiers/{id}/lines/{line}", clerk, &DossierRoutes::change_line);
    add("DELETE", "/dossiers/{id}/lines/{line}", clerk, &DossierRoutes::remove_line);
    takes_file(add("PUT", "/dossiers/{id}/lines/{line}/pkcs10", clerk, &DossierRoutes::attach_pkcs10), 128U << 10U);
    add("POST", "/dossiers/{id}/check", clerk, &DossierRoutes::check);
    takes_file(add("POST", "/dossiers/{id}/import", clerk, &DossierRoutes::import), settings.max_workbook);
    add("GET", "/dossiers/{id}/import/{import}", clerk, &DossierRoutes::get_import);
    add("POST", "/dossiers/{id}/import/{import}", clerk, &DossierRoutes::confirm_import);
    add("GET", "/dossiers/{id}/import/{import}/faults.xlsx", clerk, &DossierRoutes::import_faults);
    for (const DossierKind kind : kDossierKinds)
      out.push_back({"GET", fmt::format("/api/v1/templates/{}.xlsx", code_of(kind)), Access::everybody(),
                     [kind](const PortalRequest&) -> Result<ServerResponse> {
                       return download(kXlsx, fmt::format("mau-{}.xlsx", code_of(kind)),
                                       KYSO_TRY(excel_template(kind)));
                     }});
    add("GET", "/dossiers/{id}/letter.pdf", organisation, &DossierRoutes::letter_pdf);
    add("GET", "/dossiers/{id}/letter.docx", organisation, &DossierRoutes::letter_docx);
    takes_file(add("PUT", "/dossiers/{id}/letters/{role}", clerk, &DossierRoutes::attach_letter), settings.max_letter);
    add("GET", "/dossiers/{id}/letters/{role}", readers, &DossierRoutes::letter_file);
    add("DELETE", "/dossiers/{id}/letters/{role}", clerk, &DossierRoutes::remove_letter);
    add("GET", "/dossiers/{id}/submission", clerk, &DossierRoutes::submission);
    add("POST", "/dossiers/{id}/submission", clerk, &DossierRoutes::submit);
    add("GET", "/dossiers/{id}/history", readers, &DossierRoutes::history);
    add("POST", "/dossiers/{id}/notes", writers, &DossierRoutes::add_note);
    add("GET", "/receivers", clerk, &DossierRoutes::receivers);
    return out;
  }

 private:
  static constexpr const char* kXlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  static constexpr const char* kDocx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

  static std::string id(const PortalRequest& request) { return capture(request, "id"); }

  Result<ServerResponse> whole(const PortalRequest& request, const std::string& dossier, int status = 200) const {
    return answer(KYSO_TRY(m_view.whole(request.who(), dossier)), status);
  }

  Result<ServerResponse> list(const PortalRequest& request) const {
    const PageQuery paging = KYSO_TRY(page_query(request.http));
    dossier_store::DossierFilter filter;
    filter.scope = request.who().organisation;
    if (filter.scope.empty()) return fail("registry.access.forbidden");
    const std::string box = query_of(request.http, "box"), kind = query_of(request.http, "kind");
    if (!box.empty() && box != "all" && !(filter.box = box_by_name(box))) return bad_parameter("box");
    if (!kind.empty() && !(filter.kind = dossier_kind_by_code(kind))) return bad_parameter("kind");
    filter.letter_number = query_of(request.http, "number");
    filter.words = words_of(query_of(request.http, "q"));
    filter.from = KYSO_TRY(day_of(request.http, "from"));
    filter.to = KYSO_TRY(day_of(request.http, "to"));
    if (filter.to) *filter.to += std::chrono::days(1);
    filter.after = KYSO_TRY(number_of(request.http, "after"));
    filter.limit = paging.limit;
    const std::string below = query_of(request.http, "organisation");
    const auto found =
        KYSO_TRY(m_dossiers.database().read([&](db::Transaction& transaction) -> Result<dossier_store::DossierPage> {
          if (!below.empty() && below != filter.scope) {
            if (!KYSO_TRY(Organisations::is_within(transaction, below, filter.scope, request.now)))
              return dossier_store::DossierPage{};
            filter.scope = below;
          }
          return dossier_store::list(transaction, filter);
        }));
    json::Value items = json::Value::array();
    for (const Dossier& dossier : found.items) items.push_back(m_view.row(dossier));
    return page(std::move(items), found.next ? std::optional(fmt::format("{}", *found.next)) : std::nullopt);
  }

  Result<ServerResponse> create(const PortalRequest& request) const {
    const json::Value object = KYSO_TRY(request.object());
    const std::optional<DossierKind> kind = dossier_kind_by_code(KYSO_TRY(require_text(object, "kind", 2)));
    if (!kind) return fail("registry.input.member").with("member", "kind");
    Dossiers::NewDossier wanted{*kind, text_of(object, "on_behalf_of"), false};
    if (wanted.on_behalf_of && wanted.on_behalf_of->empty()) wanted.on_behalf_of.reset();
    if (const json::Value* central = object.find("central_signing"))
      wanted.central_signing = central->as_bool().value_or(false);
    return whole(request, KYSO_TRY(m_dossiers.create(request.who(), wanted)).id, 201);
  }

  Result<ServerResponse> get(const PortalRequest& request) const { return whole(request, id(request)); }

  Result<ServerResponse> save(const PortalRequest& request) const {
    const json::Value object = KYSO_TRY(request.object());
    const std::int64_t revision = KYSO_TRY(require_revision(object));
    KYSO_TRY(m_dossiers.save(request.who(), id(request), revision, KYSO_TRY(dossier_form_from_json(object))));
    return whole(request, id(request));
  }

  Result<ServerResponse> remove(const PortalRequest& request) const {
    KYSO_TRY(m_dossiers.remove(request.who(), id(request)));
    return no_content();
  }

  Result<ServerResponse> lines(const PortalRequest& request) const {
    const PageQuery paging = KYSO_TRY(page_query(request.http));
    dossier_store::LineFilter filter;
    filter.after = KYSO_TRY(number_of(request.http, "after")).value_or(0);
    filter.limit = paging.limit + 1;
    filter.only_problems = KYSO_TRY(flag_of(request.http, "problems"));
    const std::string state = query_of(request.http, "state");
    if (!state.empty() && !(filter.state = line_state_by_name(state))) return bad_parameter("state");
    std::optional<std::string> next;
    const json::Value items =
        KYSO_TRY(m_dossiers.database().read([&](db::Transaction& transaction) -> Result<json::Value> {
          const Dossier dossier = KYSO_TRY(Dossiers::find(transaction, request.who(), id(request)));
          std::vector<Line> found = KYSO_TRY(dossier_store::list_lines(transaction, dossier.id, filter));
          if (found.size() > paging.limit) {
            found.resize(paging.limit);
            next = fmt::format("{}", found.back().number);
          }
          return m_view.lines(transaction, dossier, found);
        }));
    return page(items, next);
  }

  Result<json::Value> lines_result(const PortalRequest& request, const Dossiers::LinesOutcome& outcome,
                                   bool with_items) const {
    json::Value out = json::Value::object();
    out.set("added", outcome.added.size()).set("revision", outcome.revision).set("line_count", outcome.line_count);
    if (!with_items) return out;
    const json::Value items =
        KYSO_TRY(m_dossiers.database().read([&](db::Transaction& transaction) -> Result<json::Value> {
          const Dossier dossier = KYSO_TRY(Dossiers::find(transaction, request.who(), id(request)));
          return m_view.lines(transaction, dossier, outcome.added);
        }));
    out.set("items", items);
    return out;
  }

  Result<ServerResponse> add_lines(const PortalRequest& request) const {
    const json::Value object = KYSO_TRY(request.object());
    const json::Value* list = object.find("lines");
    if (list == nullptr || list->as_array() == nullptr || list->as_array()->empty() ||
        list->as_array()->size() > m_dossiers.settings().max_lines)
      return fail("registry.input.member").with("member", "lines");
    std::vector<LineForm> forms;
    for (const json::Value& one : *list->as_array()) forms.push_back(KYSO_TRY(line_form_from_json(one)));
    const Dossiers::LinesOutcome outcome = KYSO_TRY(m_dossiers.add_lines(request.who(), id(request), forms));
    if (!outcome.refused.empty()) return refused_lines(outcome.refused, request, true);
    return answer(KYSO_TRY(lines_result(request, outcome, true)), 201);
  }

  Result<ServerResponse> change_line(const PortalRequest& request) const {
    const json::Value object = KYSO_TRY(request.object());
    const std::int64_t revision = KYSO_TRY(require_revision(object));
    const LineForm form = KYSO_TRY(line_form_from_json(object));
    const std::string line = capture(request, "line");
    const Dossiers::LinesOutcome outcome =
        KYSO_TRY(m_dossiers.change_line(request.who(), id(request), line, revision, form));
    if (!outcome.refused.empty()) return refused_lines(outcome.refused, request, false);
    return answer(KYSO_TRY(m_view.line(request.who(), id(request), line)));
  }

  Result<ServerResponse> remove_line(const PortalRequest& request) const {
    KYSO_TRY(m_dossiers.remove_line(request.who(), id(request), capture(request, "line")));
    return no_content();
  }

  Result<ServerResponse> attach_pkcs10(const PortalRequest& request) const {
    const std::optional<std::int64_t> revision = KYSO_TRY(number_of(request.http, "revision"));
    if (!revision) return bad_parameter("revision");
    const net::Part file = KYSO_TRY(file_of(request, 128U << 10U));
    const std::string line = capture(request, "line");
    KYSO_TRY(m_dossiers.attach_pkcs10(request.who(), id(request), line, *revision, file.content));
    return answer(KYSO_TRY(m_view.line(request.who(), id(request), line)));
  }

  Result<ServerResponse> check(const PortalRequest& request) const {
    const LineForm form = KYSO_TRY(line_form_from_json(KYSO_TRY(request.object())));
    json::Value out = json::Value::object();
    out.set("findings", findings_json(KYSO_TRY(m_dossiers.check_line(request.who(), id(request), form))));
    return answer(out);
  }

  Result<ServerResponse> import_answer(const PortalRequest& request, const dossier_store::ImportRecord& record,
                                       const PageQuery& paging, bool only_faulty, int status) const {
    const std::int64_t after = KYSO_TRY(number_of(request.http, "after")).value_or(0);
    auto rows = KYSO_TRY(m_dossiers.database().read([&](db::Transaction& transaction) {
      return dossier_store::import_rows(transaction, record.id, only_faulty, after, paging.limit + 1);
    }));
    static_cast<void>(request);
    json::Value out = json::Value::object(), items = json::Value::array();
    if (rows.size() > paging.limit) {
      rows.resize(paging.limit);
      out.set("next", fmt::format("{}", rows.back().number));
    }
    for (const dossier_store::ImportRow& row : rows) {
      json::Value one = json::Value::object(), faults = json::Value::array();
      for (const LineFault& fault : KYSO_TRY(faults_from_json(row.faults)))
        faults.push_back(DossierView::cell_fault(fault, row.number));
      one.set("row", row.number)
          .set("compatible", row.is_compatible)
          .set("line", KYSO_TRY(json::parse(row.line)))
          .set("faults", std::move(faults));
      items.push_back(std::move(one));
    }
    out.set("id", record.id)
        .set("file", record.file_name)
        .set("rows_total", record.rows_total)
        .set("rows_compatible", record.rows_compatible)
        .set("faults_total", record.faults_total)
        .set("remarks", findings_json(KYSO_TRY(findings_from_json(record.remarks))))
        .set("rows", std::move(items));
    return answer(out, status);
  }

  Result<ServerResponse> import(const PortalRequest& request) const {
    const net::Part file = KYSO_TRY(file_of(request, m_dossiers.settings().max_workbook));
    const auto record = KYSO_TRY(m_dossiers.import(request.who(), id(request), *file.head.file_name, file.content));
    return import_answer(request, record, PageQuery{}, false, 201);
  }

  Result<ServerResponse> get_import(const PortalRequest& request) const {
    const PageQuery paging = KYSO_TRY(page_query(request.http));
    const bool only_faulty = KYSO_TRY(flag_of(request.http, "problems"));
    const auto record = KYSO_TRY(m_dossiers.find_import(request.who(), id(request), capture(request, "import")));
    return import_answer(request, record, paging, only_faulty, 200);
  }

  Result<ServerResponse> confirm_import(const PortalRequest& request) const {
    const json::Value object = KYSO_TRY(request.object());
    std::optional<std::vector<std::int64_t>> chosen;
    if (const json::Value* rows = object.find("rows"); rows != nullptr && !rows->is_null()) {
      if (rows->as_array() == nullptr) return fail("registry.input.member").with("member", "rows");
      chosen.emplace();
      for (const json::Value& row : *rows->as_array()) {
        if (!row.as_integer()) return fail("registry.input.member").with("member", "rows");
        chosen->push_back(*row.as_integer());
      }
    }
    const Dossiers::LinesOutcome outcome =
        KYSO_TRY(m_dossiers.confirm_import(request.who(), id(request), capture(request, "import"), chosen));
    if (!outcome.refused.empty()) return refused_lines(outcome.refused, request, true);
    return answer(KYSO_TRY(lines_result(request, outcome, false)));
  }

  Result<ServerResponse> import_faults(const PortalRequest& request) const {
    return download(kXlsx, "loi-nhap-danh-sach.xlsx",
                    KYSO_TRY(m_dossiers.import_faults(request.who(), id(request), capture(request, "import"))));
  }

  Result<ServerResponse> letter_pdf(const PortalRequest& request) const {
    return download("application/pdf", "van-ban-de-nghi.pdf",
                    KYSO_TRY(m_dossiers.export_letter(request.who(), id(request), Dossiers::LetterFormat::pdf)));
  }
  Result<ServerResponse> letter_docx(const PortalRequest& request) const {
    return download(kDocx, "van-ban-de-nghi.docx",
                    KYSO_TRY(m_dossiers.export_letter(request.who(), id(request), Dossiers::LetterFormat::docx)));
  }

  static Result<LetterRole> role_of(const PortalRequest& request) {
    const std::optional<LetterRole> role = letter_role_by_name(capture(request, "role"));
    if (!role) return fail("registry.letter.missing");
    return *role;
  }

  Result<ServerResponse> attach_letter(const PortalRequest& request) const {
    const LetterRole role = KYSO_TRY(role_of(request));
    net::Part file = KYSO_TRY(file_of(request, m_dossiers.settings().max_letter));
    return answer(m_view.letter(KYSO_TRY(
        m_dossiers.attach_letter(request.who(), id(request), role, *file.head.file_name, std::move(file.content)))));
  }
  Result<ServerResponse> letter_file(const PortalRequest& request) const {
    auto [letter, content] = KYSO_TRY(m_dossiers.letter_file(request.who(), id(request), KYSO_TRY(role_of(request))));
    return download("application/pdf", letter.file_name, std::move(content));
  }
  Result<ServerResponse> remove_letter(const PortalRequest& request) const {
    KYSO_TRY(m_dossiers.remove_letter(request.who(), id(request), KYSO_TRY(role_of(request))));
    return no_content();
  }

  Result<ServerResponse> submission(const PortalRequest& request) const {
    const Dossiers::SubmissionCheck check = KYSO_TRY(m_dossiers.submission(request.who(), id(request)));
    json::Value out = json::Value::object();
    out.set("is_ready", check.is_ready).set("findings", findings_json(check.findings, check.reasons));
    return answer(out);
  }

  Result<ServerResponse> submit(const PortalRequest& request) const {
    const json::Value object = KYSO_TRY(request.object());
    const std::int64_t revision = KYSO_TRY(require_revision(object));
    std::map<std::string, std::string> reasons;
    if (const json::Value* given = object.find("reasons"); given != nullptr && given->as_object() != nullptr)
      for (const auto& [finding, reason] : *given->as_object()) {
        if (!reason.as_string()) return fail("registry.input.member").with("member", "reasons");
        reasons.emplace(finding, *reason.as_string());
      }
    const Dossiers::Submission done = KYSO_TRY(m_dossiers.submit(request.who(), id(request), revision, reasons));
    if (!done.dossier) return refused(*done.check.refusal, done.check.findings, request, done.check.reasons);
    return whole(request, id(request));
  }

  Result<ServerResponse> history(const PortalRequest& request) const {
    const auto events =
        KYSO_TRY(m_dossiers.database().read([&](db::Transaction& transaction) -> Result<std::vector<HistoryEvent>> {
          const Dossier dossier = KYSO_TRY(Dossiers::find(transaction, request.who(), id(request)));
          return dossier_store::events(transaction, dossier.id, request.who().is_officer());
        }));
    return page(DossierView::history(events), std::nullopt);
  }

  Result<ServerResponse> add_note(const PortalRequest& request) const {
    const json::Value object = KYSO_TRY(request.object());
    const std::string text = KYSO_TRY(require_text(object, "text", kMaxNote));
    const json::Value* internal = object.find("internal");
    KYSO_TRY(m_dossiers.add_note(request.who(), id(request), text,
                                 internal != nullptr && internal->as_bool().value_or(false)));
    return answer(json::Value::object(), 201);
  }

  Result<ServerResponse> receivers(const PortalRequest& request) const {
    json::Value items = json::Value::array();
    for (const Receiver& receiver : KYSO_TRY(m_dossiers.database().read([&](db::Transaction& transaction) {
           return dossier_store::receivers(transaction, request.who().organisation, 50);
         })))
      items.push_back(to_json(receiver));
    return page(std::move(items), std::nullopt);
  }

  Dossiers& m_dossiers;
  const DossierView& m_view;
};

}  // namespace

std::vector<PortalRoute> dossier_routes(Dossiers& dossiers, const DossierView& view) {
  return DossierRoutes(dossiers, view).all();
}

}  // namespace kyso::registry
