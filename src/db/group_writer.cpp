#include "db/group_writer.h"

#include <algorithm>

namespace kyso::db {

GroupWriter::Counts GroupWriter::counts() const {
  const std::lock_guard lock(m_mutex);
  return m_counts;
}

Result<> GroupWriter::write(const Work& work) {
  Request request;
  request.work = &work;
  return submit(request);
}

Result<> GroupWriter::read(const Work& work) {
  Request request;
  request.work = &work;
  request.is_read = true;
  return submit(request);
}

Result<> GroupWriter::submit(Request& request) {
  KYSO_TRY(wait_for_turn(request));
  if (request.exception) std::rethrow_exception(request.exception);
  return std::move(request.result);
}

// Comes back when the request is done, by this thread or another.
Result<> GroupWriter::wait_for_turn(Request& request) {
  const Deadline deadline = std::chrono::steady_clock::now() + m_acquire_timeout;
  std::unique_lock lock(m_mutex);
  m_queue.push_back(&request);
  if (!m_has_leader) {
    m_has_leader = true;
    request.state = State::leading;
  }
  const auto is_called = [&] { return request.state != State::waiting; };
  if (!request.changed.wait_until(lock, deadline, is_called)) {
    std::erase(m_queue, &request);
    return fail("db.busy", "another write has not ended");
  }
  if (request.state == State::leading) {
    lock.unlock();
    lead(request);
    return {};
  }
  request.changed.wait(lock, [&] { return request.state == State::done; });
  return {};
}

// The leader's own request is the first of the queue.
void GroupWriter::lead(Request& own) {
  std::vector<Request*> members, finished;
  members.reserve(m_group);
  finished.reserve(m_group);
  run_group(members, finished);
  const std::lock_guard lock(m_mutex);
  m_counts.transactions += finished.size();
  for (Request* request : finished) {
    request->state = State::done;
    if (request != &own) request->changed.notify_one();
  }
  m_has_leader = !m_queue.empty();
  if (!m_has_leader) return;
  m_queue.front()->state = State::leading;
  m_queue.front()->changed.notify_one();
}

GroupWriter::Request* GroupWriter::next_request() {
  const std::lock_guard lock(m_mutex);
  if (m_queue.empty()) return nullptr;
  Request* request = m_queue.front();
  m_queue.pop_front();
  request->state = State::taken;
  return request;
}

void GroupWriter::run_group(std::vector<Request*>& members, std::vector<Request*>& finished) {
  while (finished.size() < m_group) {
    Request* request = next_request();
    if (request == nullptr) break;
    finished.push_back(request);
    const bool is_member = run_member(*request, members.empty());
    if (is_member) members.push_back(request);
    // SQLite ends a whole transaction by itself when the disk is full or a statement was interrupted.
    if (!members.empty() && !m_connection->is_in_transaction()) break;
  }
  if (members.empty()) return;
  Result<> committed =
      m_connection->is_in_transaction() ? commit() : Result<>(fail("db.conflict", "group was taken back"));
  if (committed) return;
  if (members.size() == 1 && committed.error().code != "db.conflict") {
    members.front()->result = std::move(committed);
    return;
  }
  // What failed for all may be the fault of one: each by itself.
  for (Request* member : members) member->result = run_alone(*member);
}

bool GroupWriter::run_member(Request& request, bool is_first) {
  request.result = m_connection->control(is_first ? "BEGIN IMMEDIATE" : "SAVEPOINT member");
  if (request.result) request.result = request.is_read ? run_read(request) : run_work(request);
  if (request.result && !request.exception && !request.is_read) {
    if (is_first) return true;
    request.result = m_connection->control("RELEASE member");
    if (request.result) return true;
  }
  if (!m_connection->is_in_transaction()) return false;
  if (is_first || !m_connection->control("ROLLBACK TO member") || !m_connection->control("RELEASE member")) take_back();
  return false;
}

Result<> GroupWriter::run_work(Request& request) {
  request.exception = nullptr;
  SqliteTransaction transaction(*m_connection);
  const InsideTransaction inside(m_database);
  try {
    return outcome(transaction, (*request.work)(transaction));
  } catch (...) {
    request.exception = std::current_exception();
    return {};
  }
}

Result<> GroupWriter::run_read(Request& request) {
  KYSO_TRY(m_connection->control("PRAGMA query_only=ON"));
  Result<> result = run_work(request);
  KYSO_TRY(m_connection->control("PRAGMA query_only=OFF"));
  return result;
}

Result<> GroupWriter::run_alone(Request& request) {
  KYSO_TRY(m_connection->control("BEGIN IMMEDIATE"));
  Result<> result = run_work(request);
  if (result && !request.exception) return commit();
  take_back();
  return result;
}

Result<> GroupWriter::commit() {
  auto committed = m_connection->control("COMMIT");
  if (committed) {
    const std::lock_guard lock(m_mutex);
    ++m_counts.commits;
    return committed;
  }
  // The frames may have reached the disk all the same.
  const bool is_unknown = sqlite3_extended_errcode(m_connection->handle()) == SQLITE_IOERR_FSYNC;
  take_back();
  if (is_unknown) return fail("db.commit.unknown", "{}", committed.error().detail);
  return committed;
}

void GroupWriter::take_back() {
  if (m_connection->is_in_transaction()) static_cast<void>(m_connection->control("ROLLBACK"));
}

}  // namespace kyso::db
