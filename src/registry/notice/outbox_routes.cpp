#include "audit/audit.h"
#include "base/error_text.h"
#include "registry/notice/delivery.h"
#include "registry/notice/store.h"
#include "registry/notice/time_cursor.h"

namespace kyso::registry {
namespace {

using notice_store::Row;

json::Value entry_of(const Row& row) {
  json::Value out = json::Value::object();
  out.set("id", row.id)
      .set("kind", row.notice.kind)
      .set("to", row.notice.to)
      .set("channel", row.notice.channel == Notice::Channel::sms ? "sms" : "mail")
      .set("state", row.state)
      .set("attempts", row.attempts)
      .set("created", iso8601_vietnam(row.created));
  if (row.next_attempt) out.set("next_attempt", iso8601_vietnam(*row.next_attempt));
  if (row.failure) {
    const ErrorText vietnamese = describe(*row.failure, Language::vietnamese);
    const ErrorText english = describe(*row.failure, Language::english);
    out.set("failure", json::Value::object()
                           .set("code", row.failure->code)
                           .set("message", vietnamese.message)
                           .set("message_en", english.message)
                           .set("next", vietnamese.next_step)
                           .set("next_en", english.next_step));
  }
  return out;
}

Result<net::ServerResponse> list_outbox(db::Database& database, const PortalRequest& request) {
  const PageQuery query = KYSO_TRY(page_query(request.http));
  notice_store::Filter filter;
  filter.state = request.http.parameter("state").value_or("");
  if (!filter.state.empty() && filter.state != "waiting" && filter.state != "sent" && filter.state != "failed")
    return fail("registry.input.parameter").with("name", "state");
  filter.after = KYSO_TRY(read_time_cursor(query.after));
  filter.limit = query.limit + 1;
  auto rows =
      KYSO_TRY(database.read([&](db::Transaction& transaction) { return notice_store::list(transaction, filter); }));
  std::optional<std::string> next;
  if (rows.size() > query.limit) {
    rows.resize(query.limit);
    next = time_cursor(rows.back().created, rows.back().id);
  }
  json::Value items = json::Value::array();
  for (const Row& row : rows) items.push_back(entry_of(row));
  return page(std::move(items), next);
}

Result<net::ServerResponse> retry(db::Database& database, const PortalRequest& request) {
  const std::string id = request.http.parameter("id").value_or("");
  KYSO_TRY(database.write([&](db::Transaction& transaction) -> Result<> {
    const auto row = KYSO_TRY(notice_store::find(transaction, id));
    if (!row) return fail("registry.notice.missing");
    if (!KYSO_TRY(notice_store::revive(transaction, id, request.now))) return fail("registry.notice.gone");
    KYSO_TRY(notice_store::schedule(transaction, id, request.now, request.now));
    json::Value details = json::Value::object();
    details.set("kind", row->notice.kind);
    KYSO_TRY(
        audit::append(transaction, {"notice.retried", request.who().actor(), "notice:" + id, details}, request.now));
    return {};
  }));
  return no_content();
}

}  // namespace

std::vector<PortalRoute> outbox_routes(db::Database& database) {
  return {{"GET", "/api/v1/administration/outbox", Access::of({Role::administrator, Role::auditor}),
           [&database](const PortalRequest& request) { return list_outbox(database, request); }},
          {"POST", "/api/v1/administration/outbox/{id}/retry", Access::of({Role::administrator}),
           [&database](const PortalRequest& request) { return retry(database, request); }}};
}

}  // namespace kyso::registry
