#pragma once
#include <set>

#include "verify/evidence/answer_cache.h"
#include "verify/evidence/collector.h"

// Private to the module: the requests that one document costs, within its limits.
namespace kyso::verify {

class Exchange {
 public:
  Exchange(const Fetch& fetch, const CollectorOptions& options);

  struct Request {
    std::string url, content_type, accept;
    Bytes body;  // empty: GET
    std::size_t max_size = 0;
  };
  struct Answer {
    Bytes body;
    Instant fetched{};
    std::optional<Instant> expires;
  };
  // Asks, and follows at most three redirections. Nothing when that failed; findings() say why, each once.
  std::optional<Answer> ask(const Request& request);
  // How many more questions are waiting, for those who watch.
  void expect(std::size_t waiting) { m_waiting = waiting; }

  void complain(std::string_view code, const std::string& url, std::string_view name = {}, std::string_view value = {});
  void complain(const Finding& finding);
  std::vector<Finding> findings() && { return std::move(m_findings); }

  const AnswerCache& cache() const { return m_cache; }
  Instant now() const { return m_clock.now(); }
  bool is_spent() const { return m_is_spent; }
  std::optional<Instant> last_answer() const { return m_last_answer; }

 private:
  std::optional<FetchReply> ask_once(FetchRequest request);
  bool is_within_limits();

  const Fetch& m_fetch;
  const CollectorOptions m_options;
  const Clock& m_clock;
  AnswerCache m_cache;
  std::chrono::steady_clock::time_point m_deadline;
  std::size_t m_requests = 0, m_waiting = 0;
  bool m_is_spent = false;
  std::optional<Instant> m_last_answer;
  std::vector<Finding> m_findings;
};

}  // namespace kyso::verify
