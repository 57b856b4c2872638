#include "authority/status/list_routes.h"

#include <algorithm>
#include <charconv>

#include "crypto/der.h"
#include "net/http_date.h"

namespace kyso::authority::status {
namespace {

namespace der = crypto::der;

constexpr std::size_t kPiece = 256U << 10U;

// Entity tags of an If-None-Match or If-Range field (weak comparison).
bool names_tag(std::string_view field, std::string_view tag) {
  return field == "*" || field.find(tag) != std::string_view::npos;
}

// RFC 9110 section 13.2.2: the tag decides where there is one.
bool is_unchanged(const net::ServerRequest& request, const ShelvedList& list) {
  if (const std::string_view tags = request.header("if-none-match"); !tags.empty())
    return names_tag(tags, list.entity_tag);
  const auto since = net::parse_http_date(request.header("if-modified-since"));
  return since && list.row.this_update <= *since;
}

std::optional<ByteRange> wanted_range(const net::ServerRequest& request, const ShelvedList& list) {
  const std::string_view range = request.header("range");
  if (range.empty() || request.method != "GET") return std::nullopt;
  const std::string_view condition = request.header("if-range");
  if (!condition.empty() && condition != list.entity_tag && condition != list.last_modified) return std::nullopt;
  return read_range(range, list.content().size());
}

void stream(net::ServerResponse& response, std::shared_ptr<const ShelvedList> list, ByteRange range) {
  response.stream_length = range.count;
  response.next_piece = [list = std::move(list), at = range.first, left = range.count]() mutable -> Result<Bytes> {
    const std::size_t count = std::min<std::uint64_t>(left, kPiece);
    const ByteView piece = list->content().subspan(at, count);
    at += count;
    left -= count;
    return Bytes(piece.begin(), piece.end());
  };
}

void describe(net::ServerResponse& response, const ShelvedList& list, Instant now, std::chrono::seconds max_age) {
  const auto left = std::max(list.row.next_update - now, std::chrono::seconds(0));
  response.headers = {
      {"ETag", list.entity_tag},
      {"Last-Modified", list.last_modified},
      {"Expires", list.expires},
      {"Cache-Control", fmt::format("max-age={}, public, no-transform", std::min(max_age, left).count())},
      {"Accept-Ranges", "bytes"}};
}

net::ServerResponse send_list(const net::ServerRequest& request, std::shared_ptr<const ShelvedList> list, Instant now,
                              std::chrono::seconds max_age) {
  net::ServerResponse response;
  describe(response, *list, now, max_age);
  if (is_unchanged(request, *list)) {
    response.status = 304;
    return response;
  }
  response.content_type = "application/pkix-crl";
  const std::uint64_t size = list->content().size();
  ByteRange range{0, size};
  if (const auto wanted = wanted_range(request, *list)) {
    if (wanted->count == 0) {
      response.status = 416;
      response.headers.emplace_back("Content-Range", fmt::format("bytes */{}", size));
      response.body = std::make_shared<const Bytes>();
      return response;
    }
    range = *wanted;
    response.status = 206;
    response.headers.emplace_back("Content-Range",
                                  fmt::format("bytes {}-{}/{}", range.first, range.first + range.count - 1, size));
  }
  if (list->body && range.count == size) {
    response.body = list->body;
  } else {
    stream(response, std::move(list), range);
  }
  return response;
}

net::ServerResponse not_found(const net::ServerRequest& request, const std::string& name) {
  return net::ServerResponse::problem(fail("authority.file.missing").with("name", name), 404, request);
}

net::ServerResponse send_issuer(const net::ServerRequest& request, std::span<const crypto::Certificate> chain,
                                std::string_view type) {
  const ByteView der = chain.front().der();
  Bytes body(der.begin(), der.end());
  std::string content_type = "application/pkix-cert";
  if (type != "crt" && type != "cer") {
    body = certificates_only(chain);
    content_type = "application/pkcs7-mime; smime-type=certs-only";
  }
  const std::string tag = "\"" + to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, body)) + "\"";
  net::ServerResponse response;
  response.headers = {{"ETag", tag}, {"Cache-Control", "max-age=86400, public, no-transform"}};
  if (names_tag(request.header("if-none-match"), tag)) {
    response.status = 304;
    return response;
  }
  response.content_type = std::move(content_type);
  response.body = std::make_shared<const Bytes>(std::move(body));
  return response;
}

}  // namespace

std::optional<ByteRange> read_range(std::string_view field, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (!field.starts_with(kUnit)) return std::nullopt;
  field.remove_prefix(kUnit.size());
  const std::size_t dash = field.find('-');
  if (dash == std::string_view::npos || field.find(',') != std::string_view::npos) return std::nullopt;
  const auto number = [](std::string_view digits, std::uint64_t& out) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return error == std::errc() && end == digits.data() + digits.size();
  };
  const std::string_view from = field.substr(0, dash), to = field.substr(dash + 1);
  std::uint64_t first = 0, last = size == 0 ? 0 : size - 1;
  if (from.empty()) {
    // The last octets.
    std::uint64_t count = 0;
    if (!number(to, count)) return std::nullopt;
    count = std::min(count, size);
    return ByteRange{size - count, count};
  }
  if (!number(from, first)) return std::nullopt;
  if (!to.empty()) {
    std::uint64_t end = 0;
    if (!number(to, end) || end < first) return std::nullopt;
    last = std::min(last, end);
  }
  if (first >= size) return ByteRange{0, 0};
  return ByteRange{first, last - first + 1};
}

Bytes certificates_only(std::span<const crypto::Certificate> certificates) {
  std::vector<Bytes> members;
  for (const crypto::Certificate& certificate : certificates)
    members.emplace_back(certificate.der().begin(), certificate.der().end());
  const Bytes signed_data = der::sequence(
      der::encode_integer(1), der::encode(der::kSet, {}), der::sequence(der::encode_oid("1.2.840.113549.1.7.1")),
      der::encode_set_of(std::move(members), der::context(0)), der::encode(der::kSet, {}));
  return der::sequence(der::encode_oid("1.2.840.113549.1.7.2"), der::encode(der::context(0), signed_data));
}

std::vector<net::Route> list_routes(const ListShelf& shelf, const Clock& clock, std::chrono::seconds max_age) {
  net::Route route;
  route.method = "GET";
  route.where = "/crl/{file}";
  // Large lists are read piece by piece on the workers.
  route.is_quick = true;
  route.handler = [&shelf, &clock, max_age](const net::ServerRequest& request) {
    const std::string name = request.parameter("file").value_or("");
    auto list = shelf.find(name);
    return list ? send_list(request, std::move(list), clock.now(), max_age) : not_found(request, name);
  };
  return {std::move(route)};
}

std::vector<net::Route> issuer_routes(ChainOf chain_of) {
  net::Route route;
  route.method = "GET";
  route.where = "/ca/{file}";
  route.handler = [chain_of = std::move(chain_of)](const net::ServerRequest& request) {
    const std::string name = request.parameter("file").value_or("");
    const std::string_view issuer = std::string_view(name).substr(0, name.rfind('.'));
    for (const std::string_view type : {".crt", ".cer", ".p7c", ".p7b"})
      if (name.substr(issuer.size()) == type)
        if (const auto chain = chain_of(issuer); !chain.empty()) return send_issuer(request, chain, type.substr(1));
    return not_found(request, name);
  };
  return {std::move(route)};
}

}  // namespace kyso::authority::status
