#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "vault/statement.h"

// Private to the module: statements that were verified a moment ago.
namespace kyso::vault {

// A statement whose signature is right. Immutable; what it asks for is read once.
class HeardStatement {
 public:
  // `signer`: SHA-256 of the certificate, or the credential of the passkey.
  HeardStatement(std::string_view type, std::string_view text, Bytes signer, std::string payload);
  bool is(std::string_view type, std::string_view text) const { return m_text == text && m_type == type; }
  const Bytes& signer() const { return m_signer; }
  const std::string& payload() const { return m_payload; }
  const Bytes& payload_sha256() const { return m_payload_sha256; }
  const Result<Request>& request() const;  // of a request: parse_request()
  std::size_t size() const { return m_text.size() + m_payload.size(); }

 private:
  std::string m_type, m_text, m_payload;
  Bytes m_signer, m_payload_sha256;
  mutable std::once_flag m_once;
  mutable std::optional<Result<Request>> m_request;
};

// StatementMemory: the newest statements that were verified under one policy. Each act on a request looks at all its
// statements anew: the same octets have the same signature. Whether it counts now is asked each time. Thread-safe.
class StatementMemory {
 public:
  std::shared_ptr<const HeardStatement> find(std::string_view type, std::string_view text) const;
  void add(std::shared_ptr<const HeardStatement> statement);

 private:
  mutable std::mutex m_mutex;
  std::deque<std::shared_ptr<const HeardStatement>> m_statements;  // the newest first
  std::size_t m_size = 0;
};

}  // namespace kyso::vault
