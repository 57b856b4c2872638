#pragma once
#include <mutex>

#include "db/database.h"

// Tickets: what the server hands out and wants to see again (puzzles, challenges, states of a sign-in elsewhere),
// without keeping it meanwhile. They carry their end and an HMAC under a key that all kysod share through the database;
// what was used is remembered until its end.
namespace kyso::registry {

class Tickets {
 public:
  explicit Tickets(db::Database& database) : m_database(database) {}
  // `context` is not in the ticket: only who knows it again (an account's id, a cookie's secret) can redeem it.
  Result<std::string> issue(std::string_view purpose, std::string_view context, std::string_view content,
                            Instant expires);
  struct Ticket {
    std::string content;
    Instant expires{};
  };
  // registry.ticket.invalid: not ours, for another purpose or context, or over.
  Result<Ticket> check(std::string_view purpose, std::string_view context, std::string_view ticket, Instant now);
  // registry.ticket.used: a second time.
  static Result<> spend(db::Transaction& transaction, std::string_view ticket, Instant expires);
  // A secret that belongs to this text: the same in every process, known to nobody outside.
  Result<std::string> derive(std::string_view purpose, std::string_view text);

 private:
  Result<Bytes> key();
  db::Database& m_database;
  std::mutex m_mutex;
  Bytes m_key;
};

// RFC 2104 with SHA-256.
Bytes hmac_sha256(ByteView key, ByteView message);

}  // namespace kyso::registry
