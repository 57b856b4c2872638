#include "db/sql_text.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"

namespace kyso::db {
namespace {

using Kind = SqlToken::Kind;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_word_char(char c) {
  return is_word_start(c) || is_digit(c);
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

std::string to_capitals(std::string_view word) {
  std::string capitals(word);
  for (char& c : capitals)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return capitals;
}

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::ranges::find(words, word) != words.end();
}

constexpr std::array<std::string_view, 21> kRefusedVerbs = {
    "BEGIN",   "START",   "COMMIT",  "END",        "ROLLBACK", "ABORT",  "SAVEPOINT",
    "RELEASE", "PREPARE", "EXECUTE", "DEALLOCATE", "PRAGMA",   "ATTACH", "DETACH",
    "DISCARD", "SET",     "RESET",   "COPY",       "LISTEN",   "VACUUM", "DO"};

}  // namespace

SqlToken SqlLexer::take(Kind kind, std::size_t length) {
  const SqlToken token{kind, m_sql.substr(m_at, length)};
  m_at += length;
  return token;
}

Error SqlLexer::refuse(std::string_view what) const {
  return fail("db.statement", "{} at byte {} of: {}", what, m_at, to_valid_utf8(m_sql));
}

Result<SqlToken> SqlLexer::quoted(char quote) {
  std::size_t end = m_at + 1;
  while (true) {
    end = m_sql.find(quote, end);
    if (end == std::string_view::npos) return refuse("quotes without end");
    if (end + 1 >= m_sql.size() || m_sql[end + 1] != quote) break;
    end += 2;
  }
  return take(Kind::quoted, end + 1 - m_at);
}

Result<SqlToken> SqlLexer::line_comment() {
  const std::size_t end = std::min(m_sql.find('\n', m_at), m_sql.size());
  const std::size_t carriage = m_sql.find('\r', m_at);
  if (carriage < end && carriage + 1 != end) return refuse("carriage return in a comment");
  return take(Kind::space, end - m_at);
}

Result<SqlToken> SqlLexer::block_comment() {
  const std::size_t end = m_sql.find("*/", m_at + 2);
  if (end == std::string_view::npos) return refuse("comment without end");
  // The star of the end may be the star of an inner beginning: "/* /*/".
  if (m_sql.substr(m_at + 2, end - m_at - 1).find("/*") != std::string_view::npos)
    return refuse("comment in a comment");
  return take(Kind::space, end + 2 - m_at);
}

Result<SqlToken> SqlLexer::word() {
  std::size_t end = m_at;
  while (end < m_sql.size() && is_word_char(m_sql[end])) ++end;
  if (end < m_sql.size() && m_sql[end] == '\'') return refuse("prefix of a quoted text");
  return take(Kind::word, end - m_at);
}

Result<std::optional<SqlToken>> SqlLexer::next() {
  if (m_at >= m_sql.size()) return std::optional<SqlToken>();
  if (m_at == 0 && !is_valid_utf8(m_sql)) return refuse("not UTF-8");
  const char c = m_sql[m_at];
  const char after = m_at + 1 < m_sql.size() ? m_sql[m_at + 1] : '\0';
  if (c == '\'' || c == '"') return std::optional(KYSO_TRY(quoted(c)));
  if (c == '-' && after == '-') return std::optional(KYSO_TRY(line_comment()));
  if (c == '/' && after == '*') return std::optional(KYSO_TRY(block_comment()));
  if (is_word_start(c)) return std::optional(KYSO_TRY(word()));
  if (c == ';') return std::optional(take(Kind::semicolon, 1));
  if (c == '?') {
    if (is_digit(after) || after == '?') return refuse("numbered parameter");
    return std::optional(take(Kind::parameter, 1));
  }
  if (is_space(c) || is_digit(c)) {
    std::size_t end = m_at + 1;
    while (end < m_sql.size() && (is_space(c) ? is_space(m_sql[end]) : is_word_char(m_sql[end]) || m_sql[end] == '.'))
      ++end;
    if (is_digit(c) && end < m_sql.size() && m_sql[end] == '\'') return refuse("prefix of a quoted text");
    return std::optional(take(is_space(c) ? Kind::space : Kind::other, end - m_at));
  }
  if (c == '&' && (after == '\'' || after == '"')) return refuse("prefix of a quoted text");
  if (std::string_view("$:@#`[]\\{}").find(c) != std::string_view::npos) return refuse("character of one engine only");
  if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return refuse("control character");
  return std::optional(take(Kind::other, 1));
}

bool SqlText::is_select() const {
  return verb == "SELECT" || verb == "WITH" || verb == "VALUES";
}
bool SqlText::counts_rows() const {
  return verb == "INSERT" || verb == "UPDATE" || verb == "DELETE" || verb == "WITH";
}
bool SqlText::is_kept() const {
  return is_select() || counts_rows();
}

Result<SqlText> read_sql(std::string_view sql) {
  SqlText text;
  SqlLexer lexer(sql);
  bool ended = false;
  while (const auto token = KYSO_TRY(lexer.next())) {
    if (token->kind == Kind::space) {
      text.numbered += token->text.front() == '-' || token->text.front() == '/' ? std::string_view(" ") : token->text;
      continue;
    }
    if (ended) return fail("db.statement", "more than one statement: {}", sql);
    if (token->kind == Kind::semicolon) {
      ended = true;
      continue;
    }
    if (text.verb.empty() && token->kind == Kind::word) text.verb = to_capitals(token->text);
    // "a?b" is three tokens, but "a$1b" would be one.
    if (token->kind == Kind::parameter) {
      text.numbered += fmt::format(" ${} ", ++text.parameters);
    } else {
      text.numbered += token->text;
    }
  }
  if (text.verb.empty()) return fail("db.statement", "no statement: {}", sql);
  if (is_one_of(text.verb, kRefusedVerbs))
    return fail("db.statement", "{} is not for statements of a transaction", text.verb);
  return text;
}

Result<std::vector<std::string>> split_statements(std::string_view script) {
  std::vector<std::string> statements;
  SqlLexer lexer(script);
  std::string current;
  bool has_content = false;
  const auto end_statement = [&] {
    if (has_content) statements.emplace_back(trim(current));
    current.clear();
    has_content = false;
  };
  while (const auto token = KYSO_TRY(lexer.next())) {
    if (token->kind == Kind::semicolon) {
      end_statement();
    } else if (token->kind == Kind::space) {
      if (has_content) current += is_space(token->text.front()) ? token->text : std::string_view(" ");
    } else {
      current += token->text;
      has_content = true;
    }
  }
  end_statement();
  return statements;
}

namespace {

struct TypeWord {
  std::string_view word, sqlite, postgresql;
};
// BIGINT PRIMARY KEY of SQLite is its row number then. BY DEFAULT: rows can be moved from one engine to the other.
constexpr std::array kTypeWords = {
    TypeWord{"BYTES", "BLOB", "BYTEA"},
    TypeWord{"BIGINT", "INTEGER", "BIGINT"},
    TypeWord{"DOUBLE", "REAL", "DOUBLE"},
    TypeWord{"PRECISION", "", "PRECISION"},
    TypeWord{"TEXT", "TEXT", "TEXT COLLATE \"C\""},
    TypeWord{"IDENTITY", "INTEGER PRIMARY KEY AUTOINCREMENT", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"},
};

}  // namespace

Result<std::string> translate_types(std::string_view statement, Engine engine) {
  std::string out;
  SqlLexer lexer(statement);
  std::vector<std::string> head;  // the first words
  std::string previous;
  while (const auto token = KYSO_TRY(lexer.next())) {
    if (token->kind != Kind::word) {
      out += token->text;
      if (token->kind != Kind::space) previous.clear();
      continue;
    }
    if (head.size() < 2) head.push_back(to_capitals(token->text));
    const bool is_definition = head.size() == 2 && (head[0] == "CREATE" || head[0] == "ALTER") && head[1] == "TABLE";
    const auto* found = std::ranges::find(kTypeWords, token->text, &TypeWord::word);
    if (is_definition && found != kTypeWords.end() && previous != "AS") {
      out += engine == Engine::sqlite ? found->sqlite : found->postgresql;
    } else {
      out += token->text;
    }
    previous = to_capitals(token->text);
  }
  const bool is_table = head.size() == 2 && head[0] == "CREATE" && head[1] == "TABLE";
  if (is_table && engine == Engine::sqlite) out += " STRICT";
  return out;
}

Result<> check_parameters(const Values& parameters) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto& storage = parameters[i].storage();
    if (const auto* text = std::get_if<std::string>(&storage)) {
      bool is_plain = true, has_nul = false;
      for (const char c : *text) {
        is_plain &= static_cast<unsigned char>(c) < 0x80;
        has_nul |= c == '\0';
      }
      if (has_nul) return fail("db.parameter", "parameter {} holds NUL", i + 1);
      if (!is_plain && !is_valid_utf8(*text)) return fail("db.parameter", "parameter {} is not UTF-8", i + 1);
    } else if (const auto* number = std::get_if<double>(&storage)) {
      if (std::isnan(*number)) return fail("db.parameter", "parameter {} is not a number", i + 1);
    }
  }
  return {};
}

}  // namespace kyso::db
