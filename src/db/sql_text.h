#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/database.h"

// The text of SQL statements, read far enough to know where the parameters stand and where a statement ends.
namespace kyso::db {

struct SqlToken {
  enum class Kind : std::uint8_t { space, word, quoted, parameter, semicolon, other };
  Kind kind;
  std::string_view text;
};

// SqlLexer: tokens whose texts, one after the other, are the input. What the engines read differently is refused with
// db.statement, so that the same text means the same on both: $1, :name, @name, ?1, E'…' and X'…', dollar quotes,
// [name], `name`, comments in comments, a carriage return that ends a comment, control characters, text that is not
// UTF-8 or ends within quotes or a comment.
class SqlLexer {
 public:
  explicit SqlLexer(std::string_view sql) : m_sql(sql) {}
  Result<std::optional<SqlToken>> next();

 private:
  Result<SqlToken> quoted(char quote);
  Result<SqlToken> line_comment();
  Result<SqlToken> block_comment();
  Result<SqlToken> word();
  SqlToken take(SqlToken::Kind kind, std::size_t length);
  Error refuse(std::string_view what) const;

  std::string_view m_sql;
  std::size_t m_at = 0;
};

struct SqlText {
  std::string numbered;  // with $1, $2 … for the question marks
  std::size_t parameters = 0;
  std::string verb;  // the first word in capitals; empty when there is none

  bool is_kept() const;      // a statement that is worth preparing once and keeping
  bool is_select() const;    // SELECT, VALUES, WITH
  bool counts_rows() const;  // its number of changed rows means something
};
// Exactly one statement, with or without a semicolon at its end. Statements that would end or begin a transaction or
// change the connection are db.statement: this layer does that.
Result<SqlText> read_sql(std::string_view sql);

// The statements of a script, without comments around them and without semicolons.
Result<std::vector<std::string>> split_statements(std::string_view script);

// The words of CREATE TABLE and ALTER TABLE in capitals as the engine calls them: BYTES, IDENTITY (a number that the
// database gives, and the primary key). SQLite's tables become STRICT, text on PostgreSQL is ordered by code point.
Result<std::string> translate_types(std::string_view statement, Engine engine);

// db.parameter when a text is not UTF-8 or holds NUL (PostgreSQL stores neither), or a number is NaN (NULL in SQLite).
Result<> check_parameters(const Values& parameters);

}  // namespace kyso::db
