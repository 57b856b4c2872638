#include <fmt/format.h>

#include "base/text.h"
#include "registry/notice/time_cursor.h"
#include "registry/public_pages/content.h"
#include "registry/public_pages/routes.h"
#include "registry/public_pages/upload.h"

namespace kyso::registry {
namespace {

using net::ServerResponse;

constexpr std::size_t kMaxFile = 64U << 20U;
constexpr std::size_t kMaxForm = 512U << 10U;
constexpr std::size_t kMaxTitle = 300, kMaxText = 20'000, kMaxGroup = 100, kMaxLink = 1'000;

// Who writes it sees it before its time.
std::optional<Instant> published_until(const PortalRequest& request) {
  if (request.caller && request.caller->has(Role::administrator)) return std::nullopt;
  return request.now;
}

std::string id_of(const PortalRequest& request) {
  return request.http.parameter("id").value_or("");
}

// The members of a form that are there and good; the others are among the problems.
class Form {
 public:
  Form(const json::Value& object, std::vector<FieldProblem>& problems) : m_object(object), m_problems(problems) {}

  void text(std::string_view member, std::size_t max, bool is_required, std::string& to) {
    const json::Value* value = m_object.find(member);
    if (!is_required && (value == nullptr || value->is_null() || trim(value->as_string().value_or("")).empty())) {
      to.clear();
      return;
    }
    Result<std::string> text = require_text(m_object, member, max);
    if (text) {
      to = *std::move(text);
    } else {
      problem(member, text.error());
    }
  }
  template <typename Check>
  void check(std::string_view member, const std::string& text, const Check& check) {
    if (text.empty()) return;
    if (const Result<> done = check(text); !done) problem(member, done.error());
  }
  void time(std::string_view member, Instant& to) {
    const std::optional<std::string> text = text_of(m_object, member);
    if (!text || text->empty()) return;
    const Result<Instant> time = parse_time(*text);
    if (time) {
      to = *time;
    } else {
      problem(member, fail("registry.input.parameter").with("name", member));
    }
  }
  void problem(std::string_view member, Error error) { m_problems.push_back({std::string(member), std::move(error)}); }

 private:
  const json::Value& m_object;
  std::vector<FieldProblem>& m_problems;
};

std::vector<FieldProblem> read_form(const json::Value& object, Content& content) {
  std::vector<FieldProblem> problems;
  Form form(object, problems);
  form.text("kind", 20, true, content.kind);
  if (problems.empty() && !is_content_kind(content.kind))
    form.problem("kind", fail("registry.content.section").with("value", content.kind));
  form.text("title", kMaxTitle, true, content.title);
  form.text("title_en", kMaxTitle, false, content.title_en);
  form.text("text", kMaxText, false, content.text);
  form.text("text_en", kMaxText, false, content.text_en);
  form.text("group", kMaxGroup, false, content.group);
  form.text("link", kMaxLink, false, content.link);
  form.check("text", content.text, check_markup);
  form.check("text_en", content.text_en, check_markup);
  form.check("link", content.link, check_link);
  form.time("published", content.published);
  return problems;
}

Result<ServerResponse> list(Contents& contents, const PortalRequest& request) {
  content_store::Filter filter;
  filter.kind = request.http.parameter("kind").value_or("");
  if (!is_content_kind(filter.kind)) return fail("registry.input.parameter").with("name", "kind");
  const PageQuery query = KYSO_TRY(page_query(request.http));
  filter.after = KYSO_TRY(read_time_cursor(query.after));
  filter.published_until = published_until(request);
  filter.limit = query.limit + 1;
  std::vector<Content> found = KYSO_TRY(contents.list(filter));
  std::optional<std::string> next;
  if (found.size() > query.limit) {
    found.resize(query.limit);
    next = time_cursor(found.back().published, found.back().id);
  }
  json::Value items = json::Value::array();
  for (const Content& content : found) items.push_back(to_json(content));
  return page(std::move(items), next);
}

Result<ServerResponse> send_file(Contents& contents, const PortalRequest& request) {
  const Content content = KYSO_TRY(contents.find(id_of(request), published_until(request)));
  if (content.file.empty()) return fail("registry.content.missing");
  ServerResponse out = download(content.file_type, content.file_name, {});
  out.body.reset();
  out.next_piece = contents.pieces(content);
  out.stream_length = static_cast<std::uint64_t>(content.file_size);
  return out;
}

Result<ServerResponse> add(Contents& contents, const PortalRequest& request) {
  Content content;
  content.published = request.now;
  const auto problems = read_form(KYSO_TRY(request.object()), content);
  if (!problems.empty()) return invalid(problems, request.http);
  return answer(to_json(KYSO_TRY(contents.add(request.who(), std::move(content), request.now))), 201);
}

Result<ServerResponse> change(Contents& contents, const PortalRequest& request) {
  Content content = KYSO_TRY(contents.find(id_of(request), std::nullopt));
  const auto problems = read_form(KYSO_TRY(request.object()), content);
  if (!problems.empty()) return invalid(problems, request.http);
  return answer(to_json(KYSO_TRY(contents.change(request.who(), content, request.now))));
}

Result<ServerResponse> remove(Contents& contents, const PortalRequest& request) {
  KYSO_TRY(contents.remove(request.who(), id_of(request), request.now));
  return no_content();
}

Result<ServerResponse> set_file(Contents& contents, const PortalRequest& request) {
  const net::Part file = KYSO_TRY(uploaded_file(request.http, kMaxFile));
  KYSO_TRY(contents.set_file(request.who(), id_of(request), *file.head.file_name, file.content, request.now));
  return no_content();
}

}  // namespace

std::vector<PortalRoute> content_routes(db::Database& database) {
  const auto contents = std::make_shared<Contents>(database);
  const auto to = [&](auto handler) {
    return [contents, handler](const PortalRequest& request) { return handler(*contents, request); };
  };
  const Access all = Access::everybody(), administrators = Access::of({Role::administrator});
  std::vector<PortalRoute> out = {{"GET", "/api/v1/public/content", all, to(list)},
                                  {"GET", "/api/v1/public/content/{id}/file", all, to(send_file)},
                                  {"POST", "/api/v1/administration/content", administrators, to(add), kMaxForm},
                                  {"PUT", "/api/v1/administration/content/{id}", administrators, to(change), kMaxForm},
                                  {"DELETE", "/api/v1/administration/content/{id}", administrators, to(remove)}};
  out.push_back({"PUT",
                 "/api/v1/administration/content/{id}/file",
                 administrators,
                 to(set_file),
                 kMaxFile + (64U << 10U),
                 {"multipart/form-data"}});
  return out;
}

}  // namespace kyso::registry
