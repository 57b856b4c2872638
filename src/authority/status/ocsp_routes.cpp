#include "authority/status/ocsp_routes.h"

#include <algorithm>
#include <array>

namespace kyso::authority::status {
namespace {

constexpr std::string_view kRequestType = "application/ocsp-request";
constexpr std::string_view kResponseType = "application/ocsp-response";
constexpr std::string_view kPrefix = "/ocsp/";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// "+" stands for itself in a path.
std::optional<std::string> percent_decoded(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '%') {
      out.push_back(raw[i]);
      continue;
    }
    if (i + 2 >= raw.size() || hex_digit(raw[i + 1]) < 0 || hex_digit(raw[i + 2]) < 0) return std::nullopt;
    out.push_back(static_cast<char>(hex_digit(raw[i + 1]) * 16 + hex_digit(raw[i + 2])));
    i += 2;
  }
  return out;
}

// The alphabet for URLs (RFC 4648 section 5) and missing padding are read too.
std::optional<Bytes> lenient_base64(std::string text) {
  for (char& c : text) {
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  if (text.find('=') == std::string::npos) text.append((4 - text.size() % 4) % 4, '=');
  auto decoded = from_base64(text);
  if (!decoded) return std::nullopt;
  return *std::move(decoded);
}

// `known`: the tag that the client has, of a GET.
net::ServerResponse http(const PreparedAnswer& answer, std::string_view known) {
  net::ServerResponse out;
  const bool is_error = answer.entity_tag.empty();
  if (!is_error && answer.max_age.count() > 0 && known == answer.entity_tag) {
    out.status = 304;
  } else {
    out.content_type = kResponseType;
    out.body = answer.body;
  }
  if (is_error) {
    out.headers.emplace_back("Cache-Control", "no-store");
    return out;
  }
  out.headers.reserve(4);
  out.headers.emplace_back("Last-Modified", answer.last_modified);
  out.headers.emplace_back("Expires", answer.expires);
  out.headers.emplace_back("ETag", answer.entity_tag);
  out.headers.emplace_back("Cache-Control", answer.cache_control);
  return out;
}

std::string_view known_tag(const net::ServerRequest& request) {
  return request.method == "POST" ? std::string_view() : request.header("if-none-match");
}

std::optional<net::ServerResponse> at_hand(const std::shared_ptr<const PreparedAnswer>& answer,
                                           const net::ServerRequest& request) {
  if (!answer) return std::nullopt;
  return http(*answer, known_tag(request));
}

// Whether an answer can be made without waiting; the reply is taken then.
bool make_later(OcspService& service, ByteView query, std::string_view only, const net::ServerRequest& request,
                net::Reply& reply) {
  const auto kept = std::make_shared<net::Reply>(std::move(reply));
  OcspService::Taker taker = [kept, known = std::string(known_tag(request))](auto answer) {
    (*kept)(http(*answer, known));
  };
  if (service.answer_later(query, only, taker)) return true;
  reply = std::move(*kept);
  return false;
}

PreparedAnswer malformed() {
  PreparedAnswer out;
  out.body = std::make_shared<const Bytes>(pki::status::error_answer(pki::status::OcspError::malformed_request));
  return out;
}

std::string_view behind_prefix(const net::ServerRequest& request) {
  const std::string_view raw = request.raw_path;
  return raw.starts_with(kPrefix) ? raw.substr(kPrefix.size()) : std::string_view();
}

net::Route get_route(OcspService& service) {
  net::Route out;
  out.method = "GET";
  out.where = "/ocsp/{request...}";
  out.handler = [&service](const net::ServerRequest& request) {
    const auto target = read_ocsp_target(behind_prefix(request), *service.issuers());
    return http(target ? *service.answer(target->request, target->issuer) : malformed(), known_tag(request));
  };
  out.later = [&service](const net::ServerRequest& request, net::Reply& reply) {
    const auto target = read_ocsp_target(behind_prefix(request), *service.issuers());
    return target && make_later(service, target->request, target->issuer, request, reply);
  };
  out.quick = [&service](const net::ServerRequest& request) -> std::optional<net::ServerResponse> {
    const auto target = read_ocsp_target(behind_prefix(request), *service.issuers());
    if (!target) return std::nullopt;
    return at_hand(service.quick(target->request, target->issuer), request);
  };
  return out;
}

net::Route post_route(OcspService& service, std::string where) {
  net::Route out;
  out.method = "POST";
  out.where = std::move(where);
  out.max_body = pki::status::kMaxQuery;
  out.content_types = {std::string(kRequestType)};
  out.handler = [&service](const net::ServerRequest& request) {
    return http(*service.answer(request.body, request.parameter("issuer").value_or("")), {});
  };
  out.later = [&service](const net::ServerRequest& request, net::Reply& reply) {
    return make_later(service, request.body, request.parameter("issuer").value_or(""), request, reply);
  };
  out.quick = [&service](const net::ServerRequest& request) {
    return at_hand(service.quick(request.body, request.parameter("issuer").value_or("")), request);
  };
  return out;
}

}  // namespace

// An issuer's name and base64 can't be told apart by their letters: a first segment that names one is one.
Result<OcspTarget> read_ocsp_target(std::string_view raw, const ServedIssuers& issuers) {
  OcspTarget out;
  auto path = percent_decoded(raw);
  if (!path) return fail("pki.ocsp.request", "percent encoding").with("reason", "percent encoding");
  const std::size_t slash = path->find('/');
  const std::string first = path->substr(0, slash);
  if (slash != std::string::npos &&
      std::ranges::any_of(issuers, [&](const ServedIssuer& issuer) { return issuer.settings.name == first; })) {
    out.issuer = first;
    path->erase(0, slash + 1);
  }
  auto request = lenient_base64(*std::move(path));
  if (!request) return fail("pki.ocsp.request", "base64").with("reason", "base64");
  out.request = *std::move(request);
  return out;
}

std::vector<net::Route> ocsp_routes(OcspService& service) {
  std::vector<net::Route> out;
  out.push_back(get_route(service));
  out.push_back(post_route(service, "/ocsp"));
  out.push_back(post_route(service, "/ocsp/{issuer}"));
  return out;
}

}  // namespace kyso::authority::status
