#include "db/postgresql_transaction.h"

namespace kyso::db {
namespace {

// So many answers of a pipeline are awaited together: more would only fill memory on both sides.
constexpr std::size_t kRowsInPipeline = 512;
constexpr const char* kFetch = "FETCH FORWARD 1000 FROM ";

}  // namespace

Result<> PgTransaction::begin() {
  if (m_has_begun) return {};
  KYSO_TRY(m_connection.put_control(m_begin));
  m_has_begun = true;
  return {};
}

Result<PgResult> PgTransaction::run(std::string_view sql, const Values& parameters) {
  KYSO_TRY(begin());
  KYSO_TRY(m_connection.put_statement(sql, parameters));
  auto answers = KYSO_TRY(m_connection.finish_round());
  return std::move(answers.back());
}

Result<Rows> PgTransaction::run_query(std::string_view sql, const Values& parameters) {
  const PgResult result = KYSO_TRY(run(sql, parameters));
  Rows rows;
  const int count = PQntuples(result.get());
  rows.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) rows.emplace_back(KYSO_TRY(pg_row(result.get(), i)));
  return rows;
}

Result<std::int64_t> PgTransaction::run_execute(std::string_view sql, const Values& parameters) {
  return pg_changed_rows(KYSO_TRY(run(sql, parameters)).get());
}

Result<> PgTransaction::run_execute_many(std::string_view sql, const std::vector<Values>& rows) {
  KYSO_TRY(begin());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    KYSO_TRY(m_connection.put_statement(sql, rows[i]));
    if ((i + 1) % kRowsInPipeline == 0 || i + 1 == rows.size()) KYSO_TRY(m_connection.finish_round());
  }
  return {};
}

// A cursor, so that `each` may use the transaction between the rows, and may end them.
Result<> PgTransaction::run_for_each(std::string_view sql, const Values& parameters,
                                     const std::function<bool(const Row&)>& each) {
  if (const SqlText text = KYSO_TRY(read_sql(sql)); !text.is_select())
    return fail("db.statement", "for_each is for SELECT: {}", sql);
  const std::string cursor = fmt::format("kyso_{}", ++m_cursors);
  const std::string fetch = kFetch + cursor;
  KYSO_TRY(begin());
  KYSO_TRY(m_connection.put_statement(sql, parameters, fmt::format("DECLARE {} NO SCROLL CURSOR FOR ", cursor)));
  bool goes_on = true;
  while (goes_on) {
    KYSO_TRY(m_connection.put_control(fetch.c_str(), true));
    const auto answers = KYSO_TRY(m_connection.finish_round());
    const PGresult* batch = answers.back().get();
    const int count = PQntuples(batch);
    for (int i = 0; i < count && goes_on; ++i) goes_on = each(Row(KYSO_TRY(pg_row(batch, i))));
    goes_on = goes_on && count > 0;
  }
  return m_connection.put_control(("CLOSE " + cursor).c_str());
}

}  // namespace kyso::db
