#include "vault/statement_memory.h"

#include <algorithm>

namespace kyso::vault {
namespace {

constexpr std::size_t kMaxStatements = 128;
constexpr std::size_t kMaxSize = 16U << 20U;

}  // namespace

HeardStatement::HeardStatement(std::string_view type, std::string_view text, Bytes signer, std::string payload)
    : m_type(type),
      m_text(text),
      m_payload(std::move(payload)),
      m_signer(std::move(signer)),
      m_payload_sha256(crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(m_payload))) {}

const Result<Request>& HeardStatement::request() const {
  std::call_once(m_once, [this] { m_request.emplace(parse_request(m_payload)); });
  return *m_request;
}

std::shared_ptr<const HeardStatement> StatementMemory::find(std::string_view type, std::string_view text) const {
  const std::lock_guard lock(m_mutex);
  const auto found = std::ranges::find_if(m_statements, [&](const auto& each) { return each->is(type, text); });
  return found == m_statements.end() ? nullptr : *found;
}

void StatementMemory::add(std::shared_ptr<const HeardStatement> statement) {
  const std::lock_guard lock(m_mutex);
  m_size += statement->size();
  m_statements.push_front(std::move(statement));
  while (m_statements.size() > kMaxStatements || (m_size > kMaxSize && m_statements.size() > 1)) {
    m_size -= m_statements.back()->size();
    m_statements.pop_back();
  }
}

}  // namespace kyso::vault
