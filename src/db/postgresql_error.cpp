#include "db/postgresql_connection.h"

namespace kyso::db {
namespace {

std::string field(const PGresult* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string() : std::string(text);
}

// As the header of the module names them: NOT NULL has no name of its own, a foreign key none on SQLite.
std::string constraint_name(const PGresult* result, std::string_view state) {
  if (state == "23502") return field(result, PG_DIAG_TABLE_NAME) + "." + field(result, PG_DIAG_COLUMN_NAME);
  if (state == "23503" || state == "23001") return "foreign_key";
  return field(result, PG_DIAG_CONSTRAINT_NAME);
}

// PostgreSQL 15, Appendix A.
std::string_view code_of(std::string_view state) {
  if (state == "40001" || state == "40P01") return "db.conflict";
  if (state == "53100") return "db.full";
  if (state == "57014" || state == "55P03") return "db.busy";
  if (state == "XX001" || state == "XX002") return "db.corrupt";
  if (state.starts_with("53") || state.starts_with("58") || is_lost_state(state)) return "db.unavailable";
  return "db.statement";
}

}  // namespace

bool is_lost_state(std::string_view state) {
  return state.empty() || state.starts_with("08") || state == "57P01" || state == "57P02" || state == "57P03" ||
         state == "25P03" || state == "57P05";
}

Error pg_error(const PGresult* result, std::string_view sql) {
  const std::string state = field(result, PG_DIAG_SQLSTATE);
  // Messages of class 22 (data exceptions) quote the value; so may those of a RAISE.
  const bool may_hold_values = state.starts_with("22") || state.starts_with("P0");
  const std::string message = may_hold_values ? "data exception" : field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (state.starts_with("23")) {
    const std::string name = constraint_name(result, state);
    return fail("db.constraint", "PostgreSQL {}: {}: {}", state, message, sql).with("constraint", name);
  }
  return fail(code_of(state), "PostgreSQL {}: {}: {}", state, message, sql);
}

}  // namespace kyso::db
