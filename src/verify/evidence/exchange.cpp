#include "verify/evidence/exchange.h"

#include <algorithm>

#include "verify/evidence/fetch_address.h"

namespace kyso::verify {
namespace {

using std::chrono::milliseconds;

constexpr int kMostRedirections = 3;

bool is_redirection(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

Exchange::Exchange(const Fetch& fetch, const CollectorOptions& options)
    : m_fetch(fetch),
      m_options(options),
      m_clock(options.clock != nullptr ? *options.clock : system_clock()),
      m_cache(options.cache_folder),
      m_deadline(std::chrono::steady_clock::now() + options.total_timeout) {}

void Exchange::complain(const Finding& finding) {
  if (std::ranges::find(m_findings, finding) == m_findings.end()) m_findings.push_back(finding);
}

void Exchange::complain(std::string_view code, const std::string& url, std::string_view name, std::string_view value) {
  Finding finding(code, Severity::warning);
  finding.with("url", url);
  if (!name.empty()) finding.with(name, value);
  complain(finding);
}

bool Exchange::is_within_limits() {
  if (m_is_spent) return false;
  const bool late = std::chrono::steady_clock::now() >= m_deadline;
  m_is_spent = late || m_requests >= m_options.max_requests;
  if (m_is_spent) {
    Finding finding("verify.fetch.limit", Severity::warning);
    complain(finding.with("limit", late ? "total_timeout" : "max_requests"));
  }
  return !m_is_spent;
}

std::optional<FetchReply> Exchange::ask_once(FetchRequest request) {
  if (!is_fetchable(request.url)) {
    complain("verify.fetch.address", request.url.substr(0, 256));
    return std::nullopt;
  }
  if (!is_within_limits()) return std::nullopt;
  const auto left = std::chrono::duration_cast<milliseconds>(m_deadline - std::chrono::steady_clock::now());
  request.timeout = std::max(milliseconds(1), std::min(m_options.timeout, left));
  if (m_options.progress) m_options.progress(m_requests, m_requests + std::max<std::size_t>(1, m_waiting), request.url);
  ++m_requests;
  auto reply = m_fetch(request);
  if (!reply && reply.error().code == "net.response.too_large") {
    complain("verify.fetch.too_large", request.url, "limit", fmt::format("{}", request.max_size));
    return std::nullopt;
  }
  if (!reply) {
    complain("verify.fetch.unreachable", request.url, "reason", reply.error().code);
    return std::nullopt;
  }
  // The limit holds whoever wired the fetching.
  if (reply->body.size() > request.max_size) {
    complain("verify.fetch.too_large", request.url, "limit", fmt::format("{}", request.max_size));
    return std::nullopt;
  }
  return std::move(*reply);
}

std::optional<Exchange::Answer> Exchange::ask(const Request& request) {
  FetchRequest step{request.url, request.content_type, request.accept, request.body, request.max_size, {}};
  for (int redirections = 0;; ++redirections) {
    auto reply = ask_once(step);
    if (!reply) return std::nullopt;
    if (reply->status == 200) {
      m_last_answer = m_clock.now();
      return Answer{std::move(reply->body), *m_last_answer, reply->expires};
    }
    if (!is_redirection(reply->status) || reply->location.empty() || redirections == kMostRedirections) {
      complain("verify.fetch.refused", request.url, "status", fmt::format("{}", reply->status));
      return std::nullopt;
    }
    step.url = reply->location;  // absolute ones only: is_fetchable() refuses others
  }
}

}  // namespace kyso::verify
