#include <algorithm>

#include "base/error_text.h"
#include "base/text.h"
#include "jose/base64url.h"
#include "registry/web/parameters.h"
#include "registry/web/route.h"

namespace kyso::registry {
namespace {

constexpr std::int64_t kMaxLimit = 200;
constexpr std::size_t kMaxCursor = 500;

// RFC 8187: the name in UTF-8, and a plain one for those that can't read it.
std::string disposition(std::string_view file_name) {
  std::string plain, encoded;
  for (const char c : fold_accents(file_name))
    plain += static_cast<unsigned char>(c) < 0x80 && c != '"' && c != '\\' && c >= ' ' ? c : '_';
  for (const char c : file_name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                          (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '.' || byte == '_';
    encoded += is_plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return fmt::format("attachment; filename=\"{}\"; filename*=UTF-8''{}", plain, encoded);
}

}  // namespace

Result<json::Value> object_of(const net::ServerRequest& request) {
  Result<json::Value> value = json::parse(as_chars(request.body));
  if (!value || value->as_object() == nullptr) return fail("registry.input.json");
  return value;
}

net::ServerResponse answer(const json::Value& value, int status) {
  return net::ServerResponse::bytes(status, "application/json", to_bytes(json::serialize(value)))
      .with("Cache-Control", "no-store");
}

net::ServerResponse no_content() {
  net::ServerResponse out;
  out.status = 204;
  return std::move(out).with("Cache-Control", "no-store");
}

net::ServerResponse download(std::string content_type, std::string_view file_name, Bytes content) {
  return net::ServerResponse::bytes(200, std::move(content_type), std::move(content))
      .with("Content-Disposition", disposition(file_name))
      .with("Cache-Control", "no-store")
      .with("Content-Security-Policy", "default-src 'none'; sandbox");
}

net::ServerResponse page(json::Value items, const std::optional<std::string>& next) {
  json::Value out = json::Value::object();
  out.set("items", std::move(items));
  if (next) out.set("next", *next);
  return answer(out);
}

net::ServerResponse invalid(const std::vector<FieldProblem>& problems, const net::ServerRequest& request) {
  const Error whole = fail("registry.input").with("count", problems.size());
  const ErrorText vietnamese = describe(whole, Language::vietnamese), english = describe(whole, Language::english);
  json::Value fields = json::Value::array();
  for (const FieldProblem& problem : problems) {
    const ErrorText vi = describe(problem.error, Language::vietnamese), en = describe(problem.error, Language::english);
    json::Value field = json::Value::object();
    field.set("field", problem.field)
        .set("code", problem.error.code)
        .set("message", vi.message)
        .set("message_en", en.message)
        .set("next", vi.next_step)
        .set("next_en", en.next_step);
    fields.push_back(std::move(field));
  }
  json::Value body = json::Value::object();
  body.set("type", "urn:kyso:error:registry.input")
      .set("title", vietnamese.message)
      .set("status", 422)
      .set("detail", vietnamese.next_step)
      .set("instance", "urn:kyso:request:" + request.id)
      .set("code", "registry.input")
      .set("title_en", english.message)
      .set("detail_en", english.next_step)
      .set("fields", std::move(fields));
  return net::ServerResponse::bytes(422, "application/problem+json", to_bytes(json::serialize(body)))
      .with("Cache-Control", "no-store");
}

int portal_status_of(const Error& error) {
  if (error.code == "registry.access.signin") return 401;
  if (error.code == "registry.limit.rate") return 429;
  if (error.code == "db.busy") return 503;
  if (error.code == "db.parameter") return 400;  // NUL in what was sent: nothing that a database keeps
  if (error.code == "net.multipart.limit") return 413;
  if (error.code == "net.multipart.malformed") return 400;
  struct Class {
    int exit_code, status;
  };
  static constexpr Class kClasses[] = {{4, 400},
                                       {23, 413},
                                       {100, 503},
                                       {110, 503},
                                       {111, 403},
                                       {112, 403},
                                       {120, 422},
                                       {121, 404},
                                       {122, 409},
                                       {123, 503},
                                       {124, 403},
                                       // Files that people send: of another kind, damaged, encrypted, pictures.
                                       {3, 422},
                                       {10, 422},
                                       {11, 422},
                                       {12, 422},
                                       {13, 422},
                                       {18, 422},
                                       {19, 422},
                                       {43, 422},
                                       {52, 503},  // a service that we ask
                                       {65, 422}};
  const ErrorRow* row = find_error_row(error.code);
  const auto* found = std::ranges::find(kClasses, row == nullptr ? 5 : row->exit_code, &Class::exit_code);
  return found == std::end(kClasses) ? 500 : found->status;
}

Result<std::string> require_text(const json::Value& object, std::string_view member, std::size_t max) {
  const json::Value* value = object.find(member);
  const std::optional<std::string_view> text = value == nullptr ? std::nullopt : value->as_string();
  if (!text || trim(*text).empty()) return fail("registry.input.missing").with("field", member);
  if (text->size() > max * 4 || to_utf32(*text).size() > max)
    return fail("registry.input.long").with("field", member).with("max", max);
  return to_nfc(trim(*text));
}

std::optional<std::string> text_of(const json::Value& object, std::string_view member) {
  const json::Value* value = object.find(member);
  const std::optional<std::string_view> text = value == nullptr ? std::nullopt : value->as_string();
  if (!text) return std::nullopt;
  return to_nfc(trim(*text));
}

Result<Bytes> require_bytes(const json::Value& object, std::string_view member) {
  const json::Value* value = object.find(member);
  const auto text = value == nullptr ? std::nullopt : value->as_string();
  const auto bytes = text ? jose::from_base64url(*text) : std::nullopt;
  if (!bytes) return bad_parameter(member);
  return to_bytes(*bytes);
}

Result<std::int64_t> require_revision(const json::Value& object) {
  const json::Value* value = object.find("revision");
  const auto revision = value == nullptr ? std::nullopt : value->as_integer();
  if (!revision) return fail("registry.input.missing").with("field", "revision");
  return *revision;
}

Result<PageQuery> page_query(const net::ServerRequest& request) {
  PageQuery out;
  if (const auto after = request.parameter("after")) {
    if (after->size() > kMaxCursor) return bad_parameter("after");
    out.after = *after;
  }
  if (const auto text = request.parameter("limit")) {
    const auto limit = whole_number(*text);
    if (!limit || *limit < 1 || *limit > kMaxLimit) return bad_parameter("limit");
    out.limit = static_cast<std::size_t>(*limit);
  }
  return out;
}

}  // namespace kyso::registry
