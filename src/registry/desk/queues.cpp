#include "registry/desk/queues.h"

#include <array>

#include "registry/desk/store.h"
#include "registry/web/parameters.h"

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
  if (dot == std::string_view::npos) return std::nullopt;
  const auto urgent = whole_number(text.substr(0, dot)), number = whole_number(text.substr(dot + 1));
  if (!urgent || !number) return std::nullopt;
  return std::pair(Instant(std::chrono::seconds(*urgent)), *number);
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
  for (const desk_store::UnderWay& part : KYSO_TRY(desk_store::under_way(
           transaction, {caller.account, now, now + options.soon, now + options.revocation_soon}))) {
    const bool is_running = part.state == DossierState::processing;
    const auto add = [&](std::string_view name) {
      QueueCount& queue = entry(name);
      queue.count += part.count;
      if (!is_running) return;
      queue.overdue += part.overdue;
      queue.soon += part.soon;
    };
    for (const Kind& kind : kQueues)
      if (kind.state == part.state && (!kind.step || kind.step == part.step)) add(kind.name);
    if (is_running && part.is_mine) add("mine");
    if (is_running) {
      entry("overdue").count += part.overdue;
      entry("overdue").overdue += part.overdue;
    }
  }
  return out;
}

}  // namespace kyso::registry
