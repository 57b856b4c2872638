#pragma once
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>

#include "db/sqlite_connection.h"

namespace kyso::db {

// GroupWriter: the one writer of SQLite. A thread that finds nobody writing leads: it begins a transaction, runs its
// own function and those of the threads that wait by then, each in a savepoint, and commits them with one fsync. Those
// who came meanwhile are the next group, led by the first of them. Nobody waits for company.
class GroupWriter {
 public:
  using Work = std::function<Result<>(Transaction&)>;
  GroupWriter(const Database& database, std::unique_ptr<SqliteConnection> connection, const DatabaseOptions& options)
      : m_database(database),
        m_connection(std::move(connection)),
        m_group(std::max<std::size_t>(options.group_commit, 1)),
        m_acquire_timeout(options.acquire_timeout) {}

  Result<> write(const Work& work);
  // For a database in memory, which has no other connection: nothing may be changed.
  Result<> read(const Work& work);

  struct Counts {
    std::uint64_t transactions = 0, commits = 0;
  };
  Counts counts() const;

 private:
  enum class State : std::uint8_t { waiting, leading, taken, done };
  struct Request {
    const Work* work = nullptr;
    bool is_read = false;
    State state = State::waiting;
    Result<> result;
    std::exception_ptr exception;
    std::condition_variable changed;
  };
  Result<> submit(Request& request);
  Result<> wait_for_turn(Request& request);
  void lead(Request& own);
  Request* next_request();
  void run_group(std::vector<Request*>& members, std::vector<Request*>& finished);
  bool run_member(Request& request, bool is_first);
  Result<> run_alone(Request& request);
  Result<> run_work(Request& request);
  Result<> run_read(Request& request);
  Result<> commit();
  void take_back();

  const Database& m_database;
  const std::unique_ptr<SqliteConnection> m_connection;  // the leader's alone
  const std::size_t m_group;
  const std::chrono::milliseconds m_acquire_timeout;
  mutable std::mutex m_mutex;
  std::deque<Request*> m_queue;
  bool m_has_leader = false;
  Counts m_counts;
};

}  // namespace kyso::db
