#pragma once
#include "db/postgresql_connection.h"
#include "db/transaction_state.h"

namespace kyso::db {

class PgTransaction final : public CheckedTransaction {
 public:
  // `begin` is sent with the first statement.
  PgTransaction(PgConnection& connection, const char* begin) : m_connection(connection), m_begin(begin) {}
  Engine engine() const override { return Engine::postgresql; }

  // Without a statement there is nothing to end.
  bool has_begun() const { return m_has_begun; }

 protected:
  Result<Rows> run_query(std::string_view sql, const Values& parameters) override;
  Result<std::int64_t> run_execute(std::string_view sql, const Values& parameters) override;
  Result<> run_execute_many(std::string_view sql, const std::vector<Values>& rows) override;
  Result<> run_for_each(std::string_view sql, const Values& parameters,
                        const std::function<bool(const Row&)>& each) override;

 private:
  Result<> begin();
  Result<PgResult> run(std::string_view sql, const Values& parameters);

  PgConnection& m_connection;
  const char* m_begin;
  bool m_has_begun = false;
  int m_cursors = 0;
};

}  // namespace kyso::db
