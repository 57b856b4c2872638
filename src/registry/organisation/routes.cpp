#include "registry/organisation/routes.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "net/multipart.h"
#include "registry/organisation/import.h"
#include "registry/organisation/organisation_json.h"
#include "registry/organisation/seals.h"
#include "registry/organisation/search.h"
#include "registry/organisation/store.h"

namespace kyso::registry {
namespace {

using net::ServerResponse;

constexpr std::size_t kMaxImport = 16U << 20U;

ChangeBy by(const PortalRequest& request, bool is_preview = false) {
  return {request.who().actor(), request.now, is_preview};
}

Result<Instant> day_of(const PortalRequest& request, std::string_view name) {
  const auto text = request.http.parameter(name);
  if (!text || text->empty()) return request.now;
  const auto day = parse_day(*text);
  if (!day) return fail("registry.input.parameter").with("name", name);
  return start_of(*day);
}

std::string id_of(const PortalRequest& request) {
  return request.http.parameter("id").value_or("");
}

// What a form has wrong, all fields at once; nullopt: nothing.
std::optional<ServerResponse> refuse(const OrganisationForm& form, bool is_new, const PortalRequest& request) {
  std::vector<FieldProblem> problems;
  for (auto& [field, error] : check_form(form, is_new)) problems.push_back({field, std::move(error)});
  if (problems.empty()) return std::nullopt;
  return invalid(problems, request.http);
}

// An empty or absent list: no such ids.
Result<std::vector<std::string>> ids_in(const json::Value& object, std::string_view member) {
  std::vector<std::string> out;
  const json::Value* list = object.find(member);
  if (list == nullptr || list->is_null()) return out;
  if (list->as_array() == nullptr) return fail("registry.input.json");
  for (const json::Value& item : *list->as_array()) {
    if (!item.as_string()) return fail("registry.input.json");
    out.emplace_back(*item.as_string());
  }
  return out;
}

Result<Instant> require_day(std::string_view text) {
  const auto day = parse_day(text);
  if (!day) return fail("registry.check.day.unreadable");
  return start_of(*day);
}

// A file that cannot be used is a fault of the form, whatever the reader's class of errors.
Result<ServerResponse> or_file_fault(Result<ServerResponse> result, std::string field, const PortalRequest& request) {
  if (result) return result;
  const std::string_view code = result.error().code;
  const bool is_of_file =
      code.starts_with("sheet.") || code.starts_with("pdf.image.") || code.starts_with("net.multipart.");
  if (!is_of_file) return result;
  return invalid({{std::move(field), std::move(result).error()}}, request.http);
}

// ---- one organisation -----------------------------------------------------------------------------------------------

Result<json::Value> history_of(db::Transaction& transaction, const std::string& id) {
  json::Value out = json::Value::array();
  const auto versions = KYSO_TRY(store::versions(transaction, id));
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const Version& version = versions[i];
    // What differs in nothing that is shown is one period.
    std::size_t last = i;
    const auto goes_on = [&](const Version& next) {
      return next.name == version.name && next.kind == version.kind && next.parent == version.parent;
    };
    while (last + 1 < versions.size() && goes_on(versions[last + 1])) ++last;
    json::Value item = json::Value::object();
    item.set("from", first_day(version.from)).set("name", version.name).set("kind", version.kind);
    if (versions[last].to < kForever) item.set("to", last_day(versions[last].to));
    if (!version.parent.empty())
      if (const auto parent = KYSO_TRY(store::version_at(transaction, version.parent, version.from)))
        item.set("parent_name", parent->name);
    if (!version.instrument.empty()) item.set("instrument", version.instrument);
    out.push_back(std::move(item));
    i = last;
  }
  return out;
}

Result<> add_links(db::Transaction& transaction, const std::string& id, json::Value& out) {
  json::Value predecessors = json::Value::array(), successors = json::Value::array();
  for (const Link& link : KYSO_TRY(store::links(transaction, id))) {
    const bool is_successor = link.predecessor == id;
    // As they were called on that day; a predecessor, on its last one.
    const Instant day = is_successor ? link.at : link.at - std::chrono::seconds(1);
    const auto other =
        KYSO_TRY(Organisations::find_last(transaction, is_successor ? link.successor : link.predecessor, day));
    (is_successor ? successors : predecessors).push_back(name_to_json(other));
  }
  out.set("predecessors", std::move(predecessors)).set("successors", std::move(successors));
  return {};
}

Result<json::Value> detail_of(db::Transaction& transaction, const Organisation& organisation,
                              const OrganisationUses& uses) {
  json::Value out = to_json(organisation);
  json::Value domains = json::Value::array(), aliases = json::Value::array(), seals = json::Value::array();
  for (const std::string& domain : organisation.mail_domains) domains.push_back(domain);
  for (const Alias& alias : KYSO_TRY(store::aliases(transaction, organisation.id))) aliases.push_back(to_json(alias));
  for (const Seal& seal : KYSO_TRY(seals_of(transaction, organisation.id))) seals.push_back(to_json(seal));
  for (const auto& [name, text] :
       {std::pair("tax_code", &organisation.tax_code), std::pair("budget_code", &organisation.budget_code),
        std::pair("address", &organisation.address)})
    if (!text->empty()) out.set(name, *text);
  out.set("mail_domains", std::move(domains)).set("aliases", std::move(aliases)).set("seals", std::move(seals));
  out.set("history", KYSO_TRY(history_of(transaction, organisation.id)));
  KYSO_TRY(add_links(transaction, organisation.id, out));
  if (uses.stale_certificates)
    out.set("stale_certificates", KYSO_TRY(uses.stale_certificates(transaction, {organisation.id})));
  out.set("revision", KYSO_TRY(store::revision(transaction, organisation.id)));
  return out;
}

class OrganisationRoutes {
 public:
  OrganisationRoutes(db::Database& database, OrganisationUses uses)
      : m_database(database), m_uses(std::move(uses)), m_search(database) {}

  Result<ServerResponse> list(const PortalRequest& request) const {
    const PageQuery query = KYSO_TRY(page_query(request.http));
    const Instant at = KYSO_TRY(day_of(request, "at"));
    const std::string words = request.http.parameter("q").value_or("");
    if (to_utf32(words).size() > 200) return fail("registry.input.parameter").with("name", "q");
    const Organisations::Page found = KYSO_TRY(
        trim(words).empty() ? Organisations(m_database)
                                  .children(request.http.parameter("parent").value_or(""), at, query.after, query.limit)
                            : m_search.find(words, at, query.after, query.limit));
    json::Value items = json::Value::array();
    for (const Organisation& item : found.items) items.push_back(to_json(item));
    return page(std::move(items), found.next);
  }

  Result<ServerResponse> get(const PortalRequest& request) const {
    const Instant at = KYSO_TRY(day_of(request, "at"));
    const bool is_asked = request.http.parameter("at").has_value();
    return answer(KYSO_TRY(m_database.read([&](db::Transaction& transaction) -> Result<json::Value> {
      const Organisation found = KYSO_TRY(is_asked ? Organisations::find(transaction, id_of(request), at)
                                                   : Organisations::find_last(transaction, id_of(request), at));
      return detail_of(transaction, found, m_uses);
    })));
  }

  Result<ServerResponse> add(const PortalRequest& request) const {
    const OrganisationForm form = KYSO_TRY(form_from_json(KYSO_TRY(request.object())));
    if (auto refused = refuse(form, true, request)) return *std::move(refused);
    const json::Value body = KYSO_TRY(m_database.write([&](db::Transaction& transaction) -> Result<json::Value> {
      return detail_of(transaction, KYSO_TRY(add_organisation(transaction, form, by(request))), m_uses);
    }));
    return answer(body, 201);
  }

  Result<ServerResponse> change(const PortalRequest& request) const {
    const json::Value object = KYSO_TRY(request.object());
    const OrganisationForm form = KYSO_TRY(form_from_json(object));
    if (auto refused = refuse(form, false, request)) return *std::move(refused);
    const json::Value* given = object.find("revision");
    const auto revision = given == nullptr ? std::nullopt : given->as_integer();
    return answer(KYSO_TRY(m_database.write([&](db::Transaction& transaction) -> Result<json::Value> {
      const auto changed = KYSO_TRY(change_organisation(transaction, id_of(request), form, revision, by(request)));
      return detail_of(transaction, changed, m_uses);
    })));
  }

  Result<ServerResponse> put_aliases(const PortalRequest& request) const {
    const std::vector<Alias> aliases = KYSO_TRY(aliases_from_json(KYSO_TRY(request.object())));
    return answer(KYSO_TRY(m_database.write([&](db::Transaction& transaction) -> Result<json::Value> {
      KYSO_TRY(set_aliases(transaction, id_of(request), aliases, by(request)));
      const auto found = KYSO_TRY(Organisations::find_last(transaction, id_of(request), request.now));
      return detail_of(transaction, found, m_uses);
    })));
  }

  Result<ServerResponse> put_seal(const PortalRequest& request) const {
    return or_file_fault(seal(request), "image", request);
  }

  Result<ServerResponse> import(const PortalRequest& request) const {
    return or_file_fault(import_file(request), "file", request);
  }

  Result<ServerResponse> import_template(const PortalRequest&) const {
    return download("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "mau-co-quan.xlsx",
                    KYSO_TRY(organisation_template()));
  }

  Result<ServerResponse> changes(const PortalRequest& request) const {
    const PageQuery query = KYSO_TRY(page_query(request.http));
    return m_database.read([&](db::Transaction& transaction) -> Result<ServerResponse> {
      const ChangePage found = KYSO_TRY(list_changes(transaction, query.after, query.limit));
      json::Value items = json::Value::array();
      for (const OrganisationChange& change : found.items) items.push_back(KYSO_TRY(told(transaction, change)));
      return page(std::move(items), found.next);
    });
  }

  Result<ServerResponse> change_many(const PortalRequest& request) const {
    const json::Value object = KYSO_TRY(request.object());
    const json::Value* preview = object.find("preview");
    const bool is_preview = preview != nullptr && preview->as_bool().value_or(false);
    const auto work = [&](db::Transaction& transaction) -> Result<json::Value> {
      const auto change = KYSO_TRY(carry_out(transaction, object, by(request, is_preview)));
      return with_uses(transaction, change);
    };
    const json::Value body = KYSO_TRY(is_preview ? m_database.read(work) : m_database.write(work));
    return answer(body, is_preview ? 200 : 201);
  }

  Result<ServerResponse> undo(const PortalRequest& request) const {
    auto done = m_database.write([&](db::Transaction& transaction) -> Result<json::Value> {
      const auto change = KYSO_TRY(undo_change(transaction, id_of(request), m_uses.in_use, by(request)));
      return with_uses(transaction, change);
    });
    // Another part's table refers to a node that would vanish.
    if (!done && done.error().code == "db.constraint")
      return fail("registry.organisation.depends", "a foreign key").with("name", "");
    return answer(KYSO_TRY(std::move(done)));
  }

 private:
  Result<ServerResponse> seal(const PortalRequest& request) const {
    // A head sets the seal of the own organisation; of others he is told that they are not there.
    if (!request.who().has(Role::administrator) && request.who().organisation != id_of(request))
      return fail("registry.organisation.missing", "seal of another organisation");
    const NewSeal seal = KYSO_TRY(seal_in(request));
    const json::Value body = KYSO_TRY(m_database.write([&](db::Transaction& transaction) -> Result<json::Value> {
      KYSO_TRY(add_seal(transaction, seal, by(request)));
      const auto found = KYSO_TRY(Organisations::find_last(transaction, seal.organisation, request.now));
      return detail_of(transaction, found, m_uses);
    }));
    return answer(body, 201);
  }

  Result<ServerResponse> import_file(const PortalRequest& request) const {
    const bool is_confirmed = request.http.parameter("confirm") == "true";
    std::string instrument;
    const Bytes file = KYSO_TRY(file_in(request, instrument));
    const auto work = [&](db::Transaction& transaction) -> Result<json::Value> {
      const auto done = KYSO_TRY(import_organisations(transaction, file, instrument, by(request, !is_confirmed)));
      if (is_confirmed && done.blocking > 0) return fail("registry.organisation.import").with("count", done.blocking);
      json::Value out = KYSO_TRY(with_uses(transaction, done.change));
      json::Value faults = json::Value::array();
      for (const CellFault& fault : done.faults) faults.push_back(to_json(fault));
      return out.set("faults", std::move(faults));
    };
    return answer(KYSO_TRY(is_confirmed ? m_database.write(work) : m_database.read(work)));
  }

  Result<json::Value> told(db::Transaction& transaction, const OrganisationChange& change) const {
    json::Value out = to_json(change);
    if (m_uses.name_of_actor && !change.actor.empty())
      out.set("by", KYSO_TRY(m_uses.name_of_actor(transaction, change.actor)));
    return out;
  }

  Result<json::Value> with_uses(db::Transaction& transaction, const OrganisationChange& change) const {
    json::Value out = KYSO_TRY(told(transaction, change));
    if (m_uses.certificates)
      out.set("affected_certificates", KYSO_TRY(m_uses.certificates(transaction, change.touched)));
    if (m_uses.accounts) out.set("affected_accounts", KYSO_TRY(m_uses.accounts(transaction, change.touched)));
    return out;
  }

  static Result<OrganisationChange> carry_out(db::Transaction& transaction, const json::Value& object,
                                              const ChangeBy& who) {
    const std::string kind = KYSO_TRY(require_text(object, "kind"));
    const std::string instrument = KYSO_TRY(require_text(object, "instrument", 500));
    const Instant from = KYSO_TRY(require_day(KYSO_TRY(require_text(object, "from"))));
    const std::vector<std::string> sources = KYSO_TRY(ids_in(object, "sources"));
    if (sources.empty()) return fail("registry.input.missing").with("field", "sources");
    if (kind == "move") {
      const std::string parent = KYSO_TRY(require_text(object, "parent"));
      return move_organisations(transaction, {sources, parent, instrument, from}, who);
    }
    if (kind == "dissolve") return dissolve_organisations(transaction, sources, instrument, from, who);
    if (kind == "merge")
      return merge_organisations(transaction, KYSO_TRY(merge_in(object, {sources, {}, {}, instrument, from})), who);
    if (kind != "split") return fail("registry.input.parameter").with("name", "kind");
    if (sources.size() != 1) return fail("registry.input.parameter").with("name", "sources");
    Split split{sources.front(), {}, instrument, from};
    const json::Value* parts = object.find("parts");
    if (parts == nullptr || parts->as_array() == nullptr) return fail("registry.input.missing").with("field", "parts");
    for (const json::Value& part : *parts->as_array()) split.parts.push_back(KYSO_TRY(form_from_json(part)));
    return split_organisation(transaction, split, who);
  }
  static Result<Merge> merge_in(const json::Value& object, Merge merge) {
    const json::Value* into = object.find("into");
    if (into == nullptr || into->as_object() == nullptr) return fail("registry.input.missing").with("field", "into");
    merge.into = text_of(*into, "id").value_or("");
    if (const json::Value* fresh = into->find("new"); merge.into.empty() && fresh != nullptr)
      merge.fresh = KYSO_TRY(form_from_json(*fresh));
    return merge;
  }

  static Result<std::vector<net::Part>> parts_of(const PortalRequest& request, std::size_t max_file) {
    net::MultipartLimits limits;
    limits.max_parts = 8;
    limits.max_file = max_file;
    return net::read_multipart(request.http.header("content-type"), request.http.body, limits);
  }
  static Result<NewSeal> seal_in(const PortalRequest& request) {
    NewSeal seal;
    seal.organisation = id_of(request);
    std::string begin, end, diameter;
    for (net::Part& part : KYSO_TRY(parts_of(request, kMaxSealFile))) {
      const std::string text(trim(as_chars(part.content)));
      if (part.head.name == "image") seal.png = std::move(part.content);
      if (part.head.name == "valid_from") begin = text;
      if (part.head.name == "valid_to") end = text;
      if (part.head.name == "diameter_mm") diameter = text;
    }
    for (const auto& [name, is_missing] : {std::pair("image", seal.png.empty()), std::pair("valid_from", begin.empty()),
                                           std::pair("diameter_mm", diameter.empty())})
      if (is_missing) return fail("registry.input.missing").with("field", name);
    seal.valid_from = KYSO_TRY(require_day(begin));
    if (!end.empty()) seal.valid_to = KYSO_TRY(require_day(end)) + std::chrono::days(1);
    const auto [rest, error] = std::from_chars(diameter.data(), diameter.data() + diameter.size(), seal.diameter_mm);
    if (error != std::errc() || rest != diameter.data() + diameter.size())
      return fail("registry.input.parameter").with("name", "diameter_mm");
    return seal;
  }
  static Result<Bytes> file_in(const PortalRequest& request, std::string& instrument) {
    Bytes file;
    for (net::Part& part : KYSO_TRY(parts_of(request, kMaxImport))) {
      if (part.head.name == "instrument") instrument = to_nfc(trim(as_chars(part.content)));
      if (part.head.name != "file") continue;
      if (instrument.empty()) instrument = part.head.file_name.value_or("");
      file = std::move(part.content);
    }
    if (file.empty()) return fail("registry.input.missing").with("field", "file");
    return file;
  }

  db::Database& m_database;
  const OrganisationUses m_uses;
  const OrganisationSearch m_search;
};

}  // namespace

std::vector<PortalRoute> organisation_routes(db::Database& database, OrganisationUses uses) {
  const auto routes = std::make_shared<const OrganisationRoutes>(database, std::move(uses));
  const auto call = [&](Result<ServerResponse> (OrganisationRoutes::*handler)(const PortalRequest&) const) {
    return [routes, handler](const PortalRequest& request) { return (*routes.*handler)(request); };
  };
  using R = OrganisationRoutes;
  const Access administrator = Access::of({Role::administrator});
  const Access reader = Access::of({Role::administrator, Role::auditor});
  const std::string one = "/api/v1/organisations/{id}", bulk = "/api/v1/organisation-changes";
  const std::vector<std::string> form = {"multipart/form-data"};
  std::vector<PortalRoute> out = {
      {"GET", "/api/v1/organisations", Access::everybody(), call(&R::list)},
      {"POST", "/api/v1/organisations", administrator, call(&R::add)},
      {"GET", one, Access::signed_in(), call(&R::get)},
      {"PATCH", one, administrator, call(&R::change)},
      {"PUT", one + "/aliases", administrator, call(&R::put_aliases)},
      {"POST", one + "/seals", Access::of({Role::administrator, Role::head}), call(&R::put_seal),
       kMaxSealFile + (64U << 10U), form},
      {"GET", bulk, reader, call(&R::changes)},
      {"POST", bulk, administrator, call(&R::change_many), 2U << 20U},
      {"POST", bulk + "/import", administrator, call(&R::import), kMaxImport + (64U << 10U), form},
      {"GET", bulk + "/template.xlsx", administrator, call(&R::import_template)},
      {"POST", bulk + "/{id}/undo", administrator, call(&R::undo)},
  };
  return out;
}

}  // namespace kyso::registry
