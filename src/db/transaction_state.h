#pragma once
#include <algorithm>
#include <optional>
#include <vector>

#include "db/sql_text.h"

namespace kyso::db {

// CheckedTransaction: what is the same on both engines. After a statement has failed, all later ones fail alike:
// PostgreSQL does nothing more in such a transaction, and SQLite shall not differ.
class CheckedTransaction : public Transaction {
 public:
  using Each = std::function<Result<bool>(const Row&)>;

  Result<Rows> query(std::string_view sql, const Values& parameters) final {
    return guarded([&]() -> Result<Rows> {
      KYSO_TRY(check_parameters(parameters));
      return run_query(sql, parameters);
    });
  }
  Result<std::int64_t> execute(std::string_view sql, const Values& parameters) final {
    return guarded([&]() -> Result<std::int64_t> {
      KYSO_TRY(check_parameters(parameters));
      return run_execute(sql, parameters);
    });
  }
  Result<> execute_many(std::string_view sql, const std::vector<Values>& rows) final {
    return guarded([&]() -> Result<> {
      for (const Values& row : rows) KYSO_TRY(check_parameters(row));
      return rows.empty() ? Result<>() : run_execute_many(sql, rows);
    });
  }
  Result<> for_each(std::string_view sql, const Values& parameters, const Each& each) final {
    // What `each` answers is the caller's own: it does not spoil the transaction.
    Result<> answer;
    const auto remember = [&](const Row& row) -> bool {
      auto go_on = each(row);
      if (!go_on) answer = std::move(go_on).error();
      return answer && *go_on;
    };
    KYSO_TRY(guarded([&]() -> Result<> {
      KYSO_TRY(check_parameters(parameters));
      return run_for_each(sql, parameters, remember);
    }));
    return answer;
  }
  // The first error of a statement.
  const std::optional<Error>& failure() const { return m_failure; }

 protected:
  virtual Result<Rows> run_query(std::string_view sql, const Values& parameters) = 0;
  virtual Result<std::int64_t> run_execute(std::string_view sql, const Values& parameters) = 0;
  virtual Result<> run_execute_many(std::string_view sql, const std::vector<Values>& rows) = 0;
  virtual Result<> run_for_each(std::string_view sql, const Values& parameters,
                                const std::function<bool(const Row&)>& each) = 0;

 private:
  template <typename F>
  auto guarded(const F& statement) -> decltype(statement()) {
    if (m_failure) return *m_failure;
    auto result = statement();
    if (!result && !m_failure) m_failure = result.error();
    return result;
  }
  std::optional<Error> m_failure;
};

// InsideTransaction: marks that this thread runs a function inside a transaction of a database. A second transaction
// there would wait for the first one for ever (SQLite) or for a connection that it holds itself (PostgreSQL).
class InsideTransaction {
 public:
  explicit InsideTransaction(const Database& database) { databases().push_back(&database); }
  InsideTransaction(const InsideTransaction&) = delete;
  InsideTransaction& operator=(const InsideTransaction&) = delete;
  ~InsideTransaction() { databases().pop_back(); }
  static Result<> refuse_second(const Database& database) {
    if (std::ranges::find(databases(), &database) == databases().end()) return {};
    return fail("db.nested");
  }

 private:
  static std::vector<const Database*>& databases() {
    thread_local std::vector<const Database*> list;
    return list;
  }
};

// What the statements said decides, also when the caller's function has overlooked it.
inline Result<> outcome(const CheckedTransaction& transaction, Result<> answer) {
  if (answer && transaction.failure()) return *transaction.failure();
  return answer;
}

}  // namespace kyso::db
