#include "registry/desk/queues.h"

#include <array>
#include <charconv>

namespace kyso::registry {
namespace {

// What a queue holds. Queues without a step are cut by state alone.
struct Kind {
  std::string_view name;
  DossierState state;
  std::optional<Step> step;
};
constexpr std::array<Kind, 9> kQueues = {{{"waiting", DossierState::submitted, std::nullopt},
                                          {"processing", DossierState::processing, std::nullopt},
                                          {"lines", DossierState::processing, Step::lines},
                                          {"keys", DossierState::processing, Step::keys},
                                          {"statement", DossierState::processing, Step::statement},
                                          {"approval", DossierState::processing, Step::approval},
                                          {"issued", DossierState::processing, Step::issuing},
                                          {"delivery", DossierState::processing, Step::delivery},
                                          {"returned", DossierState::returned, std::nullopt}}};

}  // namespace

std::optional<dossier_store::QueueFilter> queue_by_name(std::string_view name, const Caller& caller, Instant now) {
  dossier_store::QueueFilter out;
  if (name == "mine" || name == "overdue") {
    out.state = DossierState::processing;
    if (name == "mine") out.handler = caller.account;
    if (name == "overdue") out.due_before = now;
    return out;
  }
  for (const Kind& kind : kQueues)
    if (kind.name == name) {
      out.state = kind.state;
      out.step = kind.step;
      return out;
    }
  return std::nullopt;
}

std::string queue_cursor(const Dossier& dossier) {
  return fmt::format("{}.{}", dossier.urgent.time_since_epoch().count(), dossier.number);
}

std::optional<std::pair<Instant, std::int64_t>> parse_queue_cursor(std::string_view text) {
  const std::size_t dot = text.find('.');
  std::int64_t urgent = 0, number = 0;
  if (dot == std::string_view::npos) return std::nullopt;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), text.data() + dot, urgent);
  const auto second = std::from_chars(text.data() + dot + 1, end, number);
  if (first.ec != std::errc() || first.ptr != text.data() + dot || second.ec != std::errc() || second.ptr != end)
    return std::nullopt;
  return std::pair(Instant(std::chrono::seconds(urgent)), number);
}

Result<std::vector<QueueCount>> count_queues(db::Transaction& transaction, const DeskOptions& options,
                                             const Caller& caller, Instant now) {
  // What is under way is thousands at most; what is finished is not counted here.
  std::vector<QueueCount> out;
  const auto entry = [&](std::string_view name) -> QueueCount& {
    for (QueueCount& known : out)
      if (known.name == name) return known;
    return out.emplace_back(QueueCount{std::string(name), 0, 0, 0});
  };
  for (const std::string_view name : {"waiting", "mine", "processing", "lines", "keys", "statement", "approval",
                                      "issued", "delivery", "returned", "overdue"})
    entry(name);
  const db::Rows rows = KYSO_TRY(transaction.query(
      "SELECT state, step, CASE WHEN handler = ? THEN 1 ELSE 0 END, COUNT(*), "
      "SUM(CASE WHEN due < ? THEN 1 ELSE 0 END), "
      "SUM(CASE WHEN due >= ? AND due < CASE WHEN kind = '05' THEN CAST(? AS BIGINT) ELSE CAST(? AS BIGINT) END THEN 1 "
      "ELSE 0 END) FROM dossier WHERE state IN ('submitted', 'processing', 'returned') GROUP BY 1, 2, 3",
      {caller.account, now, now, now + options.revocation_soon, now + options.soon}));
  for (const db::Row& row : rows) {
    const auto state = dossier_state_by_name(KYSO_TRY(row.get<std::string>(0)));
    const auto step = step_by_name(KYSO_TRY(row.get<std::string>(1)));
    const bool is_mine = KYSO_TRY(row.get<bool>(2));
    const auto count = KYSO_TRY(row.get<std::int64_t>(3));
    const auto overdue = KYSO_TRY(row.get<std::optional<std::int64_t>>(4)).value_or(0);
    const auto soon = KYSO_TRY(row.get<std::optional<std::int64_t>>(5)).value_or(0);
    const auto add = [&](std::string_view name) {
      QueueCount& queue = entry(name);
      queue.count += count;
      if (state != DossierState::processing) return;
      queue.overdue += overdue;
      queue.soon += soon;
    };
    for (const Kind& kind : kQueues)
      if (kind.state == state && (!kind.step || kind.step == step)) add(kind.name);
    if (state == DossierState::processing && is_mine) add("mine");
    if (state == DossierState::processing) {
      entry("overdue").count += overdue;
      entry("overdue").overdue += overdue;
    }
  }
  return out;
}

}  // namespace kyso::registry
