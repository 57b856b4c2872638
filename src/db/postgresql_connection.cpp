#include "db/postgresql_connection.h"

#include <poll.h>

#include <array>
#include <bit>
#include <cerrno>
#include <limits>

namespace kyso::db {
namespace {

constexpr Oid kBytea = 17, kInt8 = 20, kText = 25, kFloat8 = 701;
// The server's statement_timeout ends a statement; this long after it the connection itself is given up.
constexpr std::chrono::seconds kGrace{2};

int milliseconds_until(Deadline deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<long long>(left + 1, 0, 60'000));
}

}  // namespace

// Parameters: pointers, lengths, formats and types for libpq. Numbers in binary, so each statement exists once for each
// combination of kinds. NULL has no kind: the server finds it.
class PgConnection::Parameters {
 public:
  explicit Parameters(const Values& values) {
    m_numbers.resize(values.size());
    for (const Value& value : values) std::visit(*this, value.storage());
  }
  int count() const { return static_cast<int>(m_types.size()); }
  const Oid* types() const { return m_types.data(); }
  const char* const* pointers() const { return m_pointers.data(); }
  const int* lengths() const { return m_lengths.data(); }
  const int* formats() const { return m_formats.data(); }
  bool is_too_long() const { return m_is_too_long; }
  // One letter for each kind.
  std::string_view kinds() const { return m_kinds; }

  void operator()(std::monostate) { add('n', 0, nullptr, 0); }
  void operator()(std::int64_t value) { add_number('i', kInt8, static_cast<std::uint64_t>(value)); }
  void operator()(double value) { add_number('d', kFloat8, std::bit_cast<std::uint64_t>(value)); }
  void operator()(const std::string& text) { add('t', kText, text.data(), text.size()); }
  void operator()(const Bytes& bytes) {
    // A null pointer would be NULL.
    add('b', kBytea, bytes.empty() ? "" : reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }

 private:
  void add(char kind, Oid type, const char* bytes, std::size_t length) {
    m_is_too_long |= length > static_cast<std::size_t>(std::numeric_limits<int>::max());
    m_kinds += kind;
    m_types.push_back(type);
    m_pointers.push_back(bytes);
    m_lengths.push_back(static_cast<int>(length));
    m_formats.push_back(1);
  }
  void add_number(char kind, Oid type, std::uint64_t value) {
    std::array<char, 8>& bytes = m_numbers[m_types.size()];
    for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(value >> (56 - 8 * i));
    add(kind, type, bytes.data(), bytes.size());
  }

  std::string m_kinds;
  std::vector<std::array<char, 8>> m_numbers;
  std::vector<Oid> m_types;
  std::vector<const char*> m_pointers;
  std::vector<int> m_lengths, m_formats;
  bool m_is_too_long = false;
};

Result<PgSettings> PgSettings::parse(const DatabaseOptions& options) {
  PgSettings settings(options);
  char* message = nullptr;
  PQconninfoOption* parsed = PQconninfoParse(options.url.c_str(), &message);
  PQfreemem(message);
  if (parsed == nullptr) return fail("db.url", "not a connection string of PostgreSQL");
  for (const PQconninfoOption* option = parsed; option->keyword != nullptr; ++option)
    if (std::string_view(option->keyword) == "password" && option->val != nullptr) settings.m_password = option->val;
  PQconninfoFree(parsed);
  return settings;
}

PGconn* PgSettings::start() const {
  const std::string user_timeout = std::to_string((m_options.statement_timeout + kGrace).count());
  // What the address says goes before these; the rest is libpq's.
  const std::array<const char*, 10> keywords = {
      "application_name", "client_encoding",  "target_session_attrs", "keepalives_idle", "keepalives_interval",
      "keepalives_count", "tcp_user_timeout", "gssencmode",           "dbname",          nullptr};
  const std::array<const char*, 10> values = {
      "kyso", "UTF8", "read-write", "15", "5", "3", user_timeout.c_str(), "disable", m_options.url.c_str(), nullptr};
  return PQconnectStartParams(keywords.data(), values.data(), 1);
}

std::string PgSettings::redact(std::string text) const {
  while (!m_password.empty()) {
    const std::size_t at = text.find(m_password);
    if (at == std::string::npos) break;
    text.replace(at, m_password.size(), "");
  }
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

Result<std::unique_ptr<PgConnection>> PgConnection::open(const PgSettings& settings, Deadline deadline) {
  std::unique_ptr<PgConnection> connection(new PgConnection(settings.options().statement_timeout));
  KYSO_TRY(connection->connect(settings, deadline));
  KYSO_TRY(connection->set_up(settings));
  return connection;
}

Result<> PgConnection::connect(const PgSettings& settings, Deadline deadline) {
  m_connection.reset(settings.start());
  PGconn* connection = m_connection.get();
  if (connection == nullptr) return fail("db.unavailable", "no memory for libpq");
  // libpq would write notices on standard error.
  PQsetNoticeReceiver(connection, [](void*, const PGresult*) {}, nullptr);
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (PQstatus(connection) != CONNECTION_BAD && state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
    pollfd wait{PQsocket(connection), static_cast<short>(state == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
    const int ready = ::poll(&wait, 1, milliseconds_until(deadline));
    if (ready == 0 && std::chrono::steady_clock::now() >= deadline)
      return fail("db.unavailable", "the server did not answer in time");
    if (ready > 0) state = PQconnectPoll(connection);
  }
  if (PQstatus(connection) != CONNECTION_OK)
    return fail("db.unavailable", "{}", settings.redact(PQerrorMessage(connection)));
  return {};
}

Result<> PgConnection::set_up(const PgSettings& settings) {
  if (PQserverVersion(m_connection.get()) < 130'000)
    return fail("db.unavailable", "server version {}: 13 or later is needed", PQserverVersion(m_connection.get()));
  if (PQsetnonblocking(m_connection.get(), 1) != 0 || PQenterPipelineMode(m_connection.get()) != 1)
    return lost("pipeline mode");
  const auto timeout = settings.options().statement_timeout.count();
  const std::string settings_sql = fmt::format(
      "SELECT set_config('statement_timeout', '{0}', false), set_config('lock_timeout', '{0}', false), "
      "set_config('idle_in_transaction_session_timeout', '{1}', false), set_config('client_min_messages', 'error', "
      "false), "
      "set_config('standard_conforming_strings', 'on', false), set_config('jit', 'off', false), "
      // Weaker settings of the server would break the promise of write(); stronger ones stay.
      "CASE WHEN current_setting('synchronous_commit') IN ('off', 'local') "
      "THEN set_config('synchronous_commit', 'on', false) ELSE '' END",
      timeout, 4 * timeout);
  KYSO_TRY(put_control(settings_sql.c_str()));
  KYSO_TRY(finish_round());
  return {};
}

Error PgConnection::lost(std::string_view doing) {
  m_is_lost = true;
  // Only the state: libpq's text may quote what it could not send.
  return fail("db.unavailable", "connection lost: {}", doing);
}

Result<> PgConnection::put_control(const char* sql, bool is_answered) {
  if (PQsendQueryParams(m_connection.get(), sql, 0, nullptr, nullptr, nullptr, nullptr, 1) != 1) return lost("send");
  m_expected.push_back({is_answered ? Expected::Kind::statement : Expected::Kind::control, "(control)", {}});
  return {};
}

Result<std::string> PgConnection::prepare(std::string_view sql, std::string_view prefix, const Parameters& parameters) {
  std::string key = fmt::format("{}\x1f{}", parameters.kinds(), sql);
  if (const Prepared* kept = m_statements.find(key)) return kept->name;
  const SqlText text = KYSO_TRY(read_sql(sql));
  if (text.parameters != static_cast<std::size_t>(parameters.count()))
    return fail("db.statement", "{} parameters for {}: {}", parameters.count(), text.parameters, sql);
  if (!text.is_kept() || !prefix.empty()) return std::string();
  const std::string name = fmt::format("s{}", ++m_names);
  if (PQsendPrepare(m_connection.get(), name.c_str(), text.numbered.c_str(), parameters.count(), parameters.types()) !=
      1)
    return lost("send");
  m_expected.push_back({Expected::Kind::prepare, sql, key});
  if (const auto oldest = m_statements.insert(std::move(key), Prepared{name, text.parameters}))
    KYSO_TRY(put_control(("DEALLOCATE " + oldest->name).c_str()));
  return name;
}

Result<> PgConnection::put_unprepared(std::string_view sql, std::string_view prefix, const Parameters& parameters) {
  const std::string text = std::string(prefix) + KYSO_TRY(read_sql(sql)).numbered;
  if (PQsendQueryParams(m_connection.get(), text.c_str(), parameters.count(), parameters.types(), parameters.pointers(),
                        parameters.lengths(), parameters.formats(), 1) != 1)
    return lost("send");
  return {};
}

Result<> PgConnection::put_statement(std::string_view sql, const Values& values, std::string_view prefix) {
  const Parameters parameters(values);
  if (parameters.is_too_long() || values.size() > 65'535)
    return fail("db.statement", "too much for one statement: {}", sql);
  const std::string name = KYSO_TRY(prepare(sql, prefix, parameters));
  if (name.empty()) {
    KYSO_TRY(put_unprepared(sql, prefix, parameters));
  } else if (PQsendQueryPrepared(m_connection.get(), name.c_str(), parameters.count(), parameters.pointers(),
                                 parameters.lengths(), parameters.formats(), 1) != 1) {
    return lost("send");
  }
  m_expected.push_back({Expected::Kind::statement, sql, {}});
  return {};
}

Result<> PgConnection::wait_readable(Deadline deadline) {
  const int unsent = PQflush(m_connection.get());
  if (unsent < 0) return lost("send");
  pollfd wait{PQsocket(m_connection.get()), static_cast<short>(unsent == 1 ? POLLIN | POLLOUT : POLLIN), 0};
  const int ready = ::poll(&wait, 1, milliseconds_until(deadline));
  if (ready < 0 && errno != EINTR) return lost("poll");
  if (ready == 0 && std::chrono::steady_clock::now() >= deadline) {
    m_is_lost = true;
    return fail("db.busy", "the server did not answer in time");
  }
  if (ready > 0 && (wait.revents & ~POLLOUT) != 0 && PQconsumeInput(m_connection.get()) != 1) return lost("receive");
  return {};
}

// The next result, or none at the end of a command.
Result<PgResult> PgConnection::next_result(Deadline deadline) {
  if (PQflush(m_connection.get()) < 0) return lost("send");
  while (PQisBusy(m_connection.get()) != 0) KYSO_TRY(wait_readable(deadline));
  return PgResult(PQgetResult(m_connection.get()));
}

Result<> PgConnection::read_one(const Expected& expected, Deadline deadline, bool is_current,
                                std::vector<PgResult>& answers, std::optional<Error>& failure) {
  using Kind = Expected::Kind;
  PgResult result = KYSO_TRY(next_result(deadline));
  if (!result) return lost("no answer");
  const ExecStatusType status = PQresultStatus(result.get());
  const bool is_good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
  if (expected.kind == Kind::sync) {
    if (status != PGRES_PIPELINE_SYNC) return lost("out of step");
    return {};
  }
  if (!is_good && expected.kind == Kind::prepare) m_statements.erase(expected.key);
  if (status == PGRES_FATAL_ERROR) {
    const auto field = [&](int code) -> std::string_view {
      const char* text = PQresultErrorField(result.get(), code);
      return text == nullptr ? "" : text;
    };
    if (is_lost_state(field(PG_DIAG_SQLSTATE))) return lost("ended by the server");
    // After a change of a table a kept statement may answer other columns ("cached plan must not change result type"):
    // a new connection prepares it anew.
    if (field(PG_DIAG_SOURCE_FUNCTION) == "RevalidateCachedQuery") return lost("prepared statements are stale");
    if (is_current && !failure) failure = pg_error(result.get(), expected.sql);
  } else if (!is_good && status != PGRES_PIPELINE_ABORTED) {
    return lost("unexpected answer");
  }
  if (is_good && is_current && expected.kind == Kind::statement) answers.push_back(std::move(result));
  if (PgResult more = KYSO_TRY(next_result(deadline)); more) return lost("out of step");
  return {};
}

Result<std::vector<PgResult>> PgConnection::finish_round() {
  if (m_is_lost) return lost("before");
  if (PQpipelineSync(m_connection.get()) != 1) return lost("send");
  m_expected.push_back({Expected::Kind::sync, {}, {}});
  const Deadline deadline = std::chrono::steady_clock::now() + m_statement_timeout + kGrace;
  std::vector<PgResult> answers;
  std::optional<Error> failure;
  while (!m_expected.empty()) {
    const Expected expected = std::move(m_expected.front());
    m_expected.pop_front();
    KYSO_TRY(read_one(expected, deadline, m_former_syncs == 0, answers, failure));
    if (expected.kind == Expected::Kind::sync && m_former_syncs > 0) --m_former_syncs;
  }
  if (failure) return *std::move(failure);
  return answers;
}

Result<> PgConnection::end_round() {
  if (m_is_lost) return lost("before");
  if (PQpipelineSync(m_connection.get()) != 1 || PQflush(m_connection.get()) < 0) return lost("send");
  m_expected.push_back({Expected::Kind::sync, {}, {}});
  ++m_former_syncs;
  return {};
}

}  // namespace kyso::db
