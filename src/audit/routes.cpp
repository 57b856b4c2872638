#include "audit/routes.h"

#include <charconv>

#include "audit/audit.h"
#include "json/json.h"

namespace kyso::audit {
namespace {

using net::ServerRequest;
using net::ServerResponse;

Result<std::uint64_t> number_of(const std::optional<std::string>& text, std::string_view name) {
  std::uint64_t number = 0;
  if (!text) return fail("audit.parameter").with("name", name);
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size()) return fail("audit.parameter").with("name", name);
  return number;
}

ServerResponse problem(const Error& error, const ServerRequest& request) {
  const bool is_missing = error.code == "audit.range" || error.code == "audit.tile" || error.code == "audit.none";
  return ServerResponse::problem(error, is_missing ? 404 : error.code == "audit.parameter" ? 400 : 503, request);
}

ServerResponse answer(const json::Value& value) {
  return ServerResponse::bytes(200, "application/json", to_bytes(json::serialize(value) + "\n"));
}

json::Value to_json(const std::vector<Bytes>& hashes) {
  json::Value out = json::Value::array();
  for (const Bytes& hash : hashes) out.push_back(to_base64(hash));
  return out;
}

// "0/x001/234" or "0/x001/234.p/17" as level, number, width.
struct TileName {
  std::size_t level = 0;
  std::uint64_t number = 0;
  std::size_t width = kTileWidth;
};
Result<TileName> parse_tile_name(std::string_view text) {
  TileName out;
  const auto bad = [] { return fail("audit.parameter").with("name", "tile"); };
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash > 2) return bad();
  const std::string_view level = text.substr(0, slash);
  if (std::from_chars(level.data(), level.data() + level.size(), out.level).ptr != level.data() + level.size())
    return bad();
  std::string_view rest = text.substr(slash + 1);
  if (const std::size_t partial = rest.find(".p/"); partial != std::string_view::npos) {
    const std::string_view width = rest.substr(partial + 3);
    if (std::from_chars(width.data(), width.data() + width.size(), out.width).ptr != width.data() + width.size() ||
        out.width == 0 || out.width >= kTileWidth)
      return bad();
    rest = rest.substr(0, partial);
  }
  for (std::size_t groups = 0; groups < 6; ++groups) {
    const bool is_last = rest.empty() || rest.front() != 'x';
    if (!is_last) rest.remove_prefix(1);
    std::uint64_t group = 0;
    if (rest.size() < 3 || std::from_chars(rest.data(), rest.data() + 3, group).ptr != rest.data() + 3) return bad();
    out.number = out.number * 1'000 + group;
    rest.remove_prefix(3);
    if (is_last) {
      if (!rest.empty()) return bad();
      return out;
    }
    if (rest.empty() || rest.front() != '/') return bad();
    rest.remove_prefix(1);
  }
  return bad();
}

ServerResponse checkpoint(Log& log, const ServerRequest& request) {
  const auto newest = log.newest_checkpoint();
  if (!newest) return problem(newest.error(), request);
  if (!*newest) return problem(fail("audit.none"), request);
  return ServerResponse::text(200, (*newest)->note).with("Cache-Control", "no-cache");
}

ServerResponse tile(Log& log, const ServerRequest& request) {
  const Result<TileName> name = parse_tile_name(request.parameter("name").value_or(""));
  if (!name) return problem(name.error(), request);
  Result<Bytes> hashes = log.tile(name->level, name->number);
  if (!hashes) return problem(hashes.error(), request);
  if (hashes->size() < name->width * kHashSize)
    return problem(fail("audit.tile").with("level", name->level).with("number", name->number), request);
  hashes->resize(name->width * kHashSize);
  return ServerResponse::bytes(200, "application/octet-stream", *std::move(hashes))
      .with("Cache-Control", "public, max-age=31536000, immutable");
}

Result<json::Value> inclusion(Log& log, const ServerRequest& request) {
  const std::uint64_t index = KYSO_TRY(number_of(request.parameter("index"), "index"));
  const std::uint64_t size = KYSO_TRY(number_of(request.parameter("size"), "size"));
  if (size > KYSO_TRY(log.size())) return fail("audit.range").with("index", size).with("size", size);
  MerkleTree tree = KYSO_TRY(log.tree(size));
  json::Value out = json::Value::object();
  out.set("index", index).set("size", size).set("proof", to_json(KYSO_TRY(tree.inclusion_proof(index))));
  out.set("root", to_base64(KYSO_TRY(tree.root())));
  return out;
}

Result<json::Value> consistency(Log& log, const ServerRequest& request) {
  const std::uint64_t from = KYSO_TRY(number_of(request.parameter("from"), "from"));
  const std::uint64_t to = KYSO_TRY(number_of(request.parameter("to"), "to"));
  if (to > KYSO_TRY(log.size())) return fail("audit.range").with("index", to).with("size", to);
  MerkleTree tree = KYSO_TRY(log.tree(to));
  json::Value out = json::Value::object();
  out.set("from", from).set("to", to).set("proof", to_json(KYSO_TRY(tree.consistency_proof(from))));
  return out;
}

Result<json::Value> receipt(db::Database& database, const ServerRequest& request) {
  const std::uint64_t event = KYSO_TRY(number_of(request.parameter("event"), "event"));
  const std::optional<std::int64_t> index = KYSO_TRY(leaf_index(database, static_cast<std::int64_t>(event)));
  if (!index) return fail("audit.none");
  json::Value out = json::Value::object();
  out.set("event", event).set("index", *index);
  return out;
}

}  // namespace

std::vector<net::Route> routes(Log& log, db::Database& database) {
  const auto with = [](auto&& work) {
    return [work](const ServerRequest& request) {
      const Result<json::Value> value = work(request);
      return value ? answer(*value) : problem(value.error(), request);
    };
  };
  return {
      {"GET", "/audit/checkpoint", [&log](const ServerRequest& request) { return checkpoint(log, request); }},
      {"GET", "/audit/tile/{name...}", [&log](const ServerRequest& request) { return tile(log, request); }},
      {"GET", "/audit/proof/inclusion", with([&log](const ServerRequest& r) { return inclusion(log, r); })},
      {"GET", "/audit/proof/consistency", with([&log](const ServerRequest& r) { return consistency(log, r); })},
      {"GET", "/audit/receipt/{event}", with([&database](const ServerRequest& r) { return receipt(database, r); })},
  };
}

}  // namespace kyso::audit
