#pragma once
#include <optional>
#include <string>
#include <vector>

#include "db/database.h"

// All SQL of time-stamping. Errors: those of db.
namespace kyso::authority::tsa {

// The first of `count` numbers that nobody else got and nobody will get, not below `floor`. Durable on return.
Result<std::int64_t> reserve_serials(db::Database& database, int instance, std::int64_t count, std::int64_t floor);

// The right to promise order: no token of its owner has a time from `until_us` on, none of anybody before him one after
// it began.
struct OrderingGrant {
  std::int64_t fence = 0;
  std::int64_t until_us = 0;
};
// nullopt: another owner has it. The present owner lengthens it.
Result<std::optional<OrderingGrant>> acquire_ordering(db::Database& database, const std::string& owner,
                                                      std::int64_t now_us, std::int64_t until_us);
// Gives it back: the next owner begins after `last_us`.
Result<> release_ordering(db::Database& database, const std::string& owner, std::int64_t last_us);

struct TokenRecord {
  Bytes serial;
  std::int64_t time_us = 0;
  std::string policy;
  bool is_ordered = false;
  std::string algorithm;
  Bytes imprint;
  Bytes signer;  // SHA-256 of its certificate
  Bytes request_sha256, token_sha256;
};
// One line for each record, from which the hash of a batch is made: all columns in the order of the table, bytes in
// hexadecimal, with one blank between them and a line feed at the end.
std::string canonical_line(const TokenRecord& record);
// The records and one audit event "tsa.tokens" with their number, first and last serial and the SHA-256 of their lines:
// together or not at all.
Result<> record_tokens(db::Database& database, const std::vector<TokenRecord>& records, Instant now);

// The records of an audit event, by rising serial; for checking.
Result<std::vector<TokenRecord>> tokens_of(db::Database& database, std::int64_t event);
Result<std::optional<TokenRecord>> find_token(db::Database& database, ByteView serial);

}  // namespace kyso::authority::tsa
