#include "registry/desk/routes.h"

#include <algorithm>

#include "base/error_text.h"
#include "base/text.h"
#include "jose/base64url.h"
#include "registry/desk/queues.h"
#include "registry/dossier/store.h"
#include "registry/dossier/words.h"
#include "registry/web/parameters.h"

namespace kyso::registry {
namespace {

using net::ServerResponse;

const std::initializer_list<Role> kReaders = {Role::receiving, Role::checking, Role::approving, Role::auditor};
constexpr std::size_t kMaxStatement = 8U << 20U;
constexpr std::size_t kMaxReason = 2'000;
constexpr std::size_t kMaxWord = 100, kMaxPlace = 200;
constexpr std::size_t kMaxDecisions = 1'000;

// A text that may be absent, of at most `max` characters.
Result<std::string> optional_text(const json::Value& object, std::string_view member, std::size_t max) {
  std::string text = text_of(object, member).value_or("");
  if (text.size() > max * 4 || to_utf32(text).size() > max)
    return fail("registry.input.long").with("field", member).with("max", max);
  return text;
}

json::Value to_json(const Token& token) {
  json::Value out = json::Value::object();
  out.set("serial", token.serial)
      .set("model", token.model)
      .set("batch", token.batch)
      .set("state", name_of(token.state))
      .set("is_old_model", token.is_old_model)
      .set("holder", token.holder)
      .set("dossier", token.dossier)
      .set("certificate", token.certificate_serial)
      .set("changed", iso8601_vietnam(token.changed))
      .set("note", token.note);
  return out;
}

// The routes' handlers: one object that all of them share.
class DeskPages {
 public:
  DeskPages(Desk& desk, db::Database& database, const Clock& clock, DossierViews views, Officers officers)
      : m_desk(desk),
        m_database(database),
        m_clock(clock),
        m_views(std::move(views)),
        m_officers(std::move(officers)) {}

  Result<ServerResponse> queues(const PortalRequest& request) {
    const auto counts = KYSO_TRY(m_database.read([&](db::Transaction& transaction) {
      return count_queues(transaction, m_desk.options(), request.who(), m_clock.now());
    }));
    json::Value items = json::Value::array();
    for (const QueueCount& queue : counts) {
      json::Value item = json::Value::object();
      item.set("name", queue.name).set("count", queue.count).set("overdue", queue.overdue).set("soon", queue.soon);
      items.push_back(std::move(item));
    }
    return page(std::move(items), std::nullopt);
  }

  Result<ServerResponse> dossiers(const PortalRequest& request) {
    const std::string name = request.http.parameter("queue").value_or("all");
    const bool is_search = request.http.parameter("q") || request.http.parameter("number") ||
                           request.http.parameter("from") || request.http.parameter("to") ||
                           request.http.parameter("organisation") || request.http.parameter("kind");
    const auto queue = queue_by_name(name, request.who(), m_clock.now());
    return queue && !is_search ? one_queue(request, *queue) : search(request, name);
  }

  Result<ServerResponse> officers(const PortalRequest&) {
    json::Value items = json::Value::array();
    for (const OfficerEntry& officer : KYSO_TRY(m_officers())) {
      std::vector<std::string> roles;
      for (const Role role : officer.roles) roles.emplace_back(name_of(role));
      json::Value item = json::Value::object();
      item.set("account", officer.account).set("name", officer.name).set("roles", names_to_json(roles));
      items.push_back(std::move(item));
    }
    return page(std::move(items), std::nullopt);
  }

  Result<ServerResponse> receive(const PortalRequest& request) {
    const std::int64_t revision = KYSO_TRY(require_revision(KYSO_TRY(request.object())));
    KYSO_TRY(m_desk.receive(request.who(), id_of(request), revision));
    return whole(request);
  }

  Result<ServerResponse> reject(const PortalRequest& request) {
    const json::Value object = KYSO_TRY(request.object());
    const std::string reason = KYSO_TRY(require_text(object, "reason", kMaxReason));
    KYSO_TRY(m_desk.reject(request.who(), id_of(request), KYSO_TRY(require_revision(object)), reason));
    return whole(request);
  }

  Result<ServerResponse> give_back(const PortalRequest& request) {
    const json::Value object = KYSO_TRY(request.object());
    const std::string reason = KYSO_TRY(require_text(object, "reason", kMaxReason));
    KYSO_TRY(m_desk.give_back(request.who(), id_of(request), KYSO_TRY(require_revision(object)), reason));
    return whole(request);
  }

  Result<ServerResponse> assign(const PortalRequest& request) {
    const json::Value object = KYSO_TRY(request.object());
    const std::string account = KYSO_TRY(require_text(object, "account"));
    const auto officers = KYSO_TRY(m_officers());
    const auto found = std::ranges::find(officers, account, &OfficerEntry::account);
    if (found == officers.end() || !found->roles.contains(Role::receiving)) return fail("registry.desk.handler");
    KYSO_TRY(m_desk.assign(request.who(), id_of(request), KYSO_TRY(require_revision(object)), account, found->name));
    return whole(request);
  }

  Result<ServerResponse> decide(const PortalRequest& request) {
    const json::Value object = KYSO_TRY(request.object());
    const json::Value* list = object.find("decisions");
    if (list == nullptr || list->as_array() == nullptr || list->as_array()->empty() ||
        list->as_array()->size() > kMaxDecisions)
      return fail("registry.input.missing").with("field", "decisions");
    std::vector<Desk::Decision> decisions;
    for (const json::Value& entry : *list->as_array()) {
      const std::string decision = KYSO_TRY(require_text(entry, "decision"));
      if (decision != "approve" && decision != "return") return bad_parameter("decision");
      decisions.push_back({KYSO_TRY(require_text(entry, "line")), decision == "approve",
                           KYSO_TRY(optional_text(entry, "reason", kMaxReason)),
                           KYSO_TRY(optional_text(entry, "profile", kMaxWord)),
                           KYSO_TRY(optional_text(entry, "valid_to", kMaxWord))});
    }
    KYSO_TRY(m_desk.decide(request.who(), id_of(request), KYSO_TRY(require_revision(object)), decisions));
    return whole(request);
  }

  Result<ServerResponse> statement(const PortalRequest& request) {
    const Desk::StatementView view = KYSO_TRY(m_desk.statement(request.who(), id_of(request)));
    json::Value out = json::Value::object();
    out.set("state", view.state);
    json::Value blockers = json::Value::array();
    for (const DossierFinding& finding : view.blockers) blockers.push_back(m_views.finding(finding));
    out.set("blockers", std::move(blockers));
    if (!view.type.empty()) {
      std::vector<std::string> credentials;
      for (const Bytes& credential : view.allow_credentials) credentials.push_back(jose::to_base64url(credential));
      out.set("type", view.type)
          .set("payload", view.payload)
          .set("allow_credentials", names_to_json(credentials))
          .set("rp_id", view.rp_id);
      if (!view.reject_payload.empty()) out.set("reject_payload", view.reject_payload);
    }
    if (!view.request.empty()) out.set("request", view.request);
    if (!view.requester.empty()) out.set("requester", view.requester);
    out.set("approvers", names_to_json(view.approvers)).set("missing", names_to_json(view.missing));
    if (view.expires) out.set("expires", iso8601_vietnam(*view.expires));
    if (!view.failure.empty()) {
      const Error error(view.failure);
      out.set("failure", view.failure).set("failure_text", describe(error, Language::vietnamese).message);
    }
    return answer(out);
  }

  Result<ServerResponse> sign(const PortalRequest& request) {
    const json::Value object = KYSO_TRY(request.object());
    const std::string type = KYSO_TRY(require_text(object, "type"));
    if (type != "request" && type != "approval") return bad_parameter("type");
    vault::PasskeyStatement statement;
    statement.type = std::string(type == "request" ? vault::kRequestType : vault::kApprovalType);
    const Result<std::string> payload = json::require_string(object, "payload");
    if (!payload) return fail("registry.input.missing").with("field", "payload");
    statement.payload = *payload;
    statement.assertion.credential_id = KYSO_TRY(require_bytes(object, "credential_id"));
    statement.assertion.authenticator_data = KYSO_TRY(require_bytes(object, "authenticator_data"));
    statement.assertion.client_data_json = KYSO_TRY(require_bytes(object, "client_data_json"));
    statement.assertion.signature = KYSO_TRY(require_bytes(object, "signature"));
    KYSO_TRY(m_desk.sign(request.who(), id_of(request), statement));
    return whole(request);
  }

  Result<ServerResponse> appoint(const PortalRequest& request) {
    const json::Value object = KYSO_TRY(request.object());
    const std::string day = KYSO_TRY(require_text(object, "appointment"));
    KYSO_TRY(m_desk.appoint(request.who(), id_of(request), KYSO_TRY(require_revision(object)), day,
                            KYSO_TRY(optional_text(object, "place", kMaxPlace))));
    return whole(request);
  }

  Result<ServerResponse> hand_over(const PortalRequest& request) {
    const json::Value object = KYSO_TRY(request.object());
    const Desk::HandOver form{KYSO_TRY(require_text(object, "receiver_name", 200)),
                              KYSO_TRY(optional_text(object, "receiver_identity", kMaxWord)),
                              text_of(object, "way").value_or("in_person"),
                              KYSO_TRY(optional_text(object, "note", kMaxReason))};
    if (form.way != "in_person" && form.way != "post" && form.way != "download") return bad_parameter("way");
    KYSO_TRY(m_desk.hand_over(request.who(), id_of(request), KYSO_TRY(require_revision(object)), form));
    return whole(request);
  }

  Result<ServerResponse> record_file(const PortalRequest& request) {
    return download("application/pdf", "bien-ban-ban-giao.pdf", KYSO_TRY(m_desk.hand_over_record(id_of(request))));
  }

  Result<ServerResponse> tokens(const PortalRequest& request) {
    const PageQuery query = KYSO_TRY(page_query(request.http));
    token_store::TokenFilter filter{std::nullopt, query_of(request.http, "q"), query.after, query.limit + 1};
    if (const auto state = request.http.parameter("state"); state && !state->empty()) {
      filter.state = token_state_by_name(*state);
      if (!filter.state) return bad_parameter("state");
    }
    auto found =
        KYSO_TRY(m_database.read([&](db::Transaction& transaction) { return token_store::list(transaction, filter); }));
    std::optional<std::string> next;
    if (found.size() > query.limit) {
      found.pop_back();
      next = found.back().serial;
    }
    json::Value items = json::Value::array();
    for (const Token& token : found) items.push_back(to_json(token));
    return page(std::move(items), next);
  }

  Result<ServerResponse> add_tokens(const PortalRequest& request) {
    const json::Value object = KYSO_TRY(request.object());
    const json::Value* list = object.find("tokens");
    if (list == nullptr || list->as_array() == nullptr || list->as_array()->size() > kMaxDecisions)
      return fail("registry.input.missing").with("field", "tokens");
    std::vector<Token> tokens;
    for (const json::Value& entry : *list->as_array()) {
      Token token;
      token.serial = KYSO_TRY(require_text(entry, "serial", 64));
      token.model = KYSO_TRY(require_text(entry, "model", 100));
      token.batch = KYSO_TRY(optional_text(entry, "batch", kMaxPlace));
      tokens.push_back(std::move(token));
    }
    const auto known = KYSO_TRY(m_desk.add_tokens(request.who(), tokens));
    json::Value out = json::Value::object();
    out.set("added", tokens.size() - known.size()).set("known", names_to_json(known));
    return answer(out, 201);
  }

  Result<ServerResponse> change_token(const PortalRequest& request) {
    const json::Value object = KYSO_TRY(request.object());
    const auto state = token_state_by_name(KYSO_TRY(require_text(object, "state")));
    if (!state || *state == TokenState::personalised || *state == TokenState::delivered) return bad_parameter("state");
    return answer(to_json(KYSO_TRY(m_desk.change_token(request.who(), request.http.parameter("serial").value_or(""),
                                                       *state, KYSO_TRY(optional_text(object, "note", kMaxReason))))));
  }

  Result<ServerResponse> check_person(const PortalRequest& request) {
    const json::Value object = KYSO_TRY(request.object());
    const std::string dossier = KYSO_TRY(require_text(object, "dossier")),
                      line = KYSO_TRY(require_text(object, "line"));
    KYSO_TRY(m_views.check_person(request.who(), dossier, line));
    return answer(KYSO_TRY(m_views.line(request.who(), dossier, line)));
  }

 private:
  static std::string id_of(const PortalRequest& request) { return request.http.parameter("id").value_or(""); }

  Result<ServerResponse> whole(const PortalRequest& request) {
    return answer(KYSO_TRY(m_views.whole(request.who(), id_of(request))));
  }

  Result<ServerResponse> one_queue(const PortalRequest& request, dossier_store::QueueFilter filter) {
    const PageQuery query = KYSO_TRY(page_query(request.http));
    filter.limit = query.limit + 1;
    if (!query.after.empty()) {
      filter.after = parse_queue_cursor(query.after);
      if (!filter.after) return bad_parameter("after");
    }
    auto found = KYSO_TRY(
        m_database.read([&](db::Transaction& transaction) { return dossier_store::queue(transaction, filter); }));
    std::optional<std::string> next;
    if (found.size() > query.limit) {
      found.pop_back();
      next = queue_cursor(found.back());
    }
    return rows(found, next);
  }

  Result<ServerResponse> search(const PortalRequest& request, const std::string& name) {
    const PageQuery query = KYSO_TRY(page_query(request.http));
    dossier_store::DossierFilter filter;
    filter.scope = query_of(request.http, "organisation");
    filter.limit = query.limit;
    if (name == "finished" || name == "rejected") filter.box = Box::finished;
    if (const auto kind = request.http.parameter("kind"); kind && !kind->empty()) {
      filter.kind = dossier_kind_by_code(*kind);
      if (!filter.kind) return bad_parameter("kind");
    }
    filter.letter_number = query_of(request.http, "number");
    filter.words = words_of(query_of(request.http, "q"));
    filter.from = KYSO_TRY(day_of(request.http, "from"));
    filter.to = KYSO_TRY(day_of(request.http, "to"));
    if (filter.to) *filter.to += std::chrono::hours(24);
    filter.after = KYSO_TRY(number_of(request.http, "after"));
    auto found = KYSO_TRY(
        m_database.read([&](db::Transaction& transaction) { return dossier_store::list(transaction, filter); }));
    // Drafts are nobody's business but the organisation's.
    std::erase_if(found.items, [](const Dossier& dossier) { return dossier.state == DossierState::draft; });
    if (name == "rejected")
      std::erase_if(found.items, [](const Dossier& dossier) { return dossier.state != DossierState::rejected; });
    return rows(found.items, found.next ? std::optional(std::to_string(*found.next)) : std::nullopt);
  }

  Result<ServerResponse> rows(const std::vector<Dossier>& dossiers, const std::optional<std::string>& next) {
    json::Value items = json::Value::array();
    for (const Dossier& dossier : dossiers) items.push_back(m_views.row(dossier));
    return page(std::move(items), next);
  }

  Desk& m_desk;
  db::Database& m_database;
  const Clock& m_clock;
  DossierViews m_views;
  Officers m_officers;
};

}  // namespace

std::vector<PortalRoute> desk_routes(Desk& desk, db::Database& database, const Clock& clock, DossierViews views,
                                     Officers officers) {
  const auto pages = std::make_shared<DeskPages>(desk, database, clock, std::move(views), std::move(officers));
  const auto bind = [&](Result<ServerResponse> (DeskPages::*handler)(const PortalRequest&)) {
    return [pages, handler](const PortalRequest& request) { return (*pages.*handler)(request); };
  };
  const Access readers = Access::of(kReaders), receiving = Access::of({Role::receiving});
  const Access signers = Access::of({Role::receiving, Role::checking, Role::approving});
  const std::string base = "/api/v1/desk/", one = base + "dossiers/{id}/";
  std::vector<PortalRoute> out = {
      {"GET", base + "queues", readers, bind(&DeskPages::queues)},
      {"GET", base + "dossiers", readers, bind(&DeskPages::dossiers)},
      {"GET", base + "officers", readers, bind(&DeskPages::officers)},
      {"POST", one + "reception", receiving, bind(&DeskPages::receive)},
      {"POST", one + "rejection", receiving, bind(&DeskPages::reject)},
      {"POST", one + "return", Access::of({Role::receiving, Role::checking}), bind(&DeskPages::give_back)},
      {"PUT", one + "assignment", Access::of({Role::receiving, Role::approving}), bind(&DeskPages::assign)},
      {"POST", one + "lines", Access::of({Role::receiving, Role::checking}), bind(&DeskPages::decide)},
      {"GET", one + "statement", readers, bind(&DeskPages::statement)},
      {"POST", one + "statement", signers, bind(&DeskPages::sign), kMaxStatement},
      {"PUT", one + "delivery", receiving, bind(&DeskPages::appoint)},
      {"POST", one + "delivery", receiving, bind(&DeskPages::hand_over)},
      {"GET", one + "hand-over.pdf", readers, bind(&DeskPages::record_file)},
      {"GET", base + "tokens", readers, bind(&DeskPages::tokens)},
      {"POST", base + "tokens", receiving, bind(&DeskPages::add_tokens)},
      {"PATCH", base + "tokens/{serial}", receiving, bind(&DeskPages::change_token)},
      {"POST", base + "person-check", Access::of({Role::receiving, Role::checking}), bind(&DeskPages::check_person)},
  };
  return out;
}

}  // namespace kyso::registry
