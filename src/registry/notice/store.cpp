#include "registry/notice/store.h"

#include "base/error_text.h"
#include "db/job.h"
#include "json/json.h"

namespace kyso::registry::notice_store {
namespace {

std::string_view name_of(Notice::Channel channel) {
  return channel == Notice::Channel::sms ? "sms" : "mail";
}

std::string payload_of(const std::map<std::string, std::string>& values) {
  json::Value out = json::Value::object();
  for (const auto& [name, value] : values) out.set(name, value);
  return json::serialize(out);
}

Result<std::map<std::string, std::string>> values_of(std::string_view payload) {
  std::map<std::string, std::string> out;
  if (payload.empty()) return out;
  const json::Value value = KYSO_TRY(json::parse(payload));
  if (value.as_object() == nullptr) return fail("db.corrupt", "payload of a notice");
  for (const auto& [name, text] : *value.as_object()) out[name] = text.as_string().value_or("");
  return out;
}

// With what fills its sentence: what the mail server answered.
std::string stored(const Error& failure) {
  json::Value params = json::Value::object();
  for (const auto& [name, value] : failure.params) params.set(name, value);
  return json::serialize(json::Value::object().set("code", failure.code).set("params", std::move(params)));
}

// A code alone is what earlier versions wrote.
Error failure_of(const std::string& text) {
  const json::Value value = json::parse(text).value_or(json::Value::object().set("code", text));
  const json::Value *code = value.find("code"), *params = value.find("params");
  const ErrorRow* row = code == nullptr ? nullptr : find_error_row(code->as_string().value_or(""));
  Error out(row == nullptr ? std::string_view("base.internal") : row->code);
  if (params != nullptr && params->as_object() != nullptr)
    for (const auto& [name, one] : *params->as_object()) out.with(name, one.as_string().value_or(""));
  return out;
}

constexpr std::string_view kColumns =
    "id, kind, channel, recipient, language, about, state, attempts, created, next_attempt, failure";

Result<Row> read_row(const db::Row& row) {
  Row out;
  out.id = KYSO_TRY(row.get<std::string>(0));
  out.notice.kind = KYSO_TRY(row.get<std::string>(1));
  out.notice.channel = KYSO_TRY(row.get<std::string>(2)) == "sms" ? Notice::Channel::sms : Notice::Channel::mail;
  out.notice.to = KYSO_TRY(row.get<std::string>(3));
  out.notice.language = KYSO_TRY(row.get<std::string>(4));
  out.notice.about = KYSO_TRY(row.get<std::string>(5));
  out.state = KYSO_TRY(row.get<std::string>(6));
  out.attempts = KYSO_TRY(row.get<std::int64_t>(7));
  out.created = KYSO_TRY(row.get<Instant>(8));
  out.next_attempt = KYSO_TRY(row.get<std::optional<Instant>>(9));
  if (const auto failure = KYSO_TRY(row.get<std::optional<std::string>>(10))) out.failure = failure_of(*failure);
  return out;
}

}  // namespace

Result<> insert(db::Transaction& transaction, const std::string& id, const Notice& notice, Instant now) {
  KYSO_TRY(transaction.execute(
      "INSERT INTO outbox (id, kind, channel, recipient, language, payload, about, state, created, next_attempt) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', ?, ?)",
      {id, notice.kind, name_of(notice.channel), notice.to, notice.language, payload_of(notice.values), notice.about,
       now, now}));
  return {};
}

Result<> schedule(db::Transaction& transaction, const std::string& id, Instant due, Instant now) {
  db::NewJob job;
  job.kind = kJob;
  job.payload = json::serialize(json::Value::object().set("notice", id));
  job.not_before = due;
  job.key = id;
  return db::enqueue(transaction, job, now);
}

Result<std::optional<Row>> find(db::Transaction& transaction, const std::string& id) {
  const auto row =
      KYSO_TRY(transaction.maybe(fmt::format("SELECT {}, payload FROM outbox WHERE id = ?", kColumns), {id}));
  if (!row) return std::optional<Row>();
  Row out = KYSO_TRY(read_row(*row));
  out.notice.values = KYSO_TRY(values_of(KYSO_TRY(row->get<std::string>(11))));
  return std::optional(std::move(out));
}

Result<> mark_sent(db::Transaction& transaction, const std::string& id, std::int64_t attempts, Instant now) {
  KYSO_TRY(
      transaction.execute("UPDATE outbox SET state = 'sent', attempts = ?, payload = '', next_attempt = NULL, "
                          "finished = ?, failure = NULL WHERE id = ?",
                          {attempts, now, id}));
  return {};
}

Result<> mark_failed(db::Transaction& transaction, const std::string& id, std::int64_t attempts, const Error& failure,
                     Instant now) {
  KYSO_TRY(
      transaction.execute("UPDATE outbox SET state = 'failed', attempts = ?, next_attempt = NULL, finished = ?, "
                          "failure = ? WHERE id = ?",
                          {attempts, now, stored(failure), id}));
  return {};
}

Result<> mark_later(db::Transaction& transaction, const std::string& id, std::int64_t attempts, const Error& failure,
                    Instant next) {
  KYSO_TRY(transaction.execute("UPDATE outbox SET attempts = ?, next_attempt = ?, failure = ? WHERE id = ?",
                               {attempts, next, stored(failure), id}));
  return {};
}

Result<bool> revive(db::Transaction& transaction, const std::string& id, Instant now) {
  return KYSO_TRY(
             transaction.execute("UPDATE outbox SET state = 'waiting', next_attempt = ?, finished = NULL, attempts = 0 "
                                 "WHERE id = ? AND state <> 'sent' AND payload <> ''",
                                 {now, id})) == 1;
}

Result<std::vector<Row>> list(db::Transaction& transaction, const Filter& filter) {
  std::string sql = fmt::format("SELECT {} FROM outbox WHERE 1 = 1", kColumns);
  db::Values values;
  if (!filter.state.empty()) {
    sql += " AND state = ?";
    values.emplace_back(filter.state);
  }
  if (filter.after) {
    sql += " AND (created, id) < (?, ?)";
    values.emplace_back(filter.after->first);
    values.emplace_back(filter.after->second);
  }
  sql += " ORDER BY created DESC, id DESC LIMIT ?";
  values.emplace_back(filter.limit);
  std::vector<Row> out;
  for (const db::Row& row : KYSO_TRY(transaction.query(sql, values))) out.push_back(KYSO_TRY(read_row(row)));
  return out;
}

Result<> forget(db::Transaction& transaction, Instant values_before, Instant rows_before) {
  KYSO_TRY(transaction.execute("UPDATE outbox SET payload = '' WHERE finished < ? AND payload <> ''", {values_before}));
  KYSO_TRY(transaction.execute("DELETE FROM outbox WHERE finished < ?", {rows_before}));
  return {};
}

}  // namespace kyso::registry::notice_store
