#include "base/metrics.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"

namespace kyso::metrics {
namespace {

// Escapes of the text format: backslash, line feed, and within labels the quotation mark.
std::string escaped(std::string_view text, bool in_label) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '\\' || (in_label && c == '"')) out += '\\';
      out += c;
    }
  }
  return out;
}

std::string written(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) out += ',';
    out += fmt::format("{}=\"{}\"", name, escaped(value, true));
  }
  return out;
}

void add_line(std::string& out, const std::string& name, const std::string& labels, std::string_view value) {
  out += name;
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out.append(" ").append(value).append("\n");
}

void add_histogram(std::string& out, const std::string& name, const std::string& labels, const Histogram& histogram) {
  const std::string before = labels.empty() ? "" : labels + ",";
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < histogram.bounds().size(); ++i) {
    total += histogram.count_in(i);
    add_line(out, name + "_bucket", before + fmt::format("le=\"{}\"", histogram.bounds()[i]), fmt::format("{}", total));
  }
  total += histogram.count_in(histogram.bounds().size());
  add_line(out, name + "_bucket", before + "le=\"+Inf\"", fmt::format("{}", total));
  add_line(out, name + "_sum", labels, fmt::format("{}", histogram.sum()));
  add_line(out, name + "_count", labels, fmt::format("{}", total));
}

}  // namespace

Histogram::Histogram(std::vector<double> bounds) : m_bounds(std::move(bounds)), m_counts(m_bounds.size() + 1) {}

void Histogram::observe(double value) {
  const auto bucket = std::ranges::lower_bound(m_bounds, value) - m_bounds.begin();
  m_counts[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  m_sum.fetch_add(value, std::memory_order_relaxed);
}

std::uint64_t Histogram::count() const {
  std::uint64_t total = 0;
  for (const auto& count : m_counts) total += count.load(std::memory_order_relaxed);
  return total;
}

const std::vector<double>& time_bounds() {
  static const std::vector<double> bounds{0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                          0.05,    0.1,    0.25,    0.5,    1,     2.5,    5,     10};
  return bounds;
}

Registry::Series& Registry::series(const std::string& name, const std::string& help, Kind kind, const Labels& labels) {
  const auto [family, is_new] = m_families.try_emplace(name, Family{kind, help, {}});
  if (family->second.kind == kind && family->second.help == help) return family->second.series[written(labels)];
  log::write(log::Level::error, "metrics.contradiction", {{"name", name}});
  return m_orphans.emplace_back();
}

Counter& Registry::counter(const std::string& name, const std::string& help, Labels labels) {
  const std::lock_guard lock(m_mutex);
  auto& counter = series(name, help, Kind::counter, labels).counter;
  if (!counter) counter = std::make_unique<Counter>();
  return *counter;
}

Gauge& Registry::gauge(const std::string& name, const std::string& help, Labels labels) {
  const std::lock_guard lock(m_mutex);
  auto& gauge = series(name, help, Kind::gauge, labels).gauge;
  if (!gauge) gauge = std::make_unique<Gauge>();
  return *gauge;
}

Histogram& Registry::histogram(const std::string& name, const std::string& help, Labels labels,
                               const std::vector<double>& bounds) {
  const std::lock_guard lock(m_mutex);
  auto& histogram = series(name, help, Kind::histogram, labels).histogram;
  if (!histogram) histogram = std::make_unique<Histogram>(bounds);
  return *histogram;
}

void Registry::gauge_from(const std::string& name, const std::string& help, std::function<double()> value,
                          Labels labels) {
  const std::lock_guard lock(m_mutex);
  series(name, help, Kind::computed, labels).computed = std::move(value);
}

std::string Registry::text() const {
  constexpr std::array<std::string_view, 4> kKinds{"counter", "gauge", "histogram", "gauge"};
  const std::lock_guard lock(m_mutex);
  std::string out;
  for (const auto& [name, family] : m_families) {
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, escaped(family.help, false), name,
                       kKinds[static_cast<std::size_t>(family.kind)]);
    for (const auto& [labels, series] : family.series) {
      if (series.counter) add_line(out, name, labels, fmt::format("{}", series.counter->value()));
      if (series.gauge) add_line(out, name, labels, fmt::format("{}", series.gauge->value()));
      if (series.computed) add_line(out, name, labels, fmt::format("{}", series.computed()));
      if (series.histogram) add_histogram(out, name, labels, *series.histogram);
    }
  }
  return out;
}

Registry& registry() {
  static Registry instance;
  return instance;
}

}  // namespace kyso::metrics
