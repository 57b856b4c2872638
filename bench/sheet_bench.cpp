#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "sheet/workbook.h"

// Workbooks of the size that an import takes: 18 columns, one of them a date, one a number with leading zeros.
namespace {

using namespace kyso;
using namespace kyso::sheet;
using Value = WorkbookWriter::Value;

Sheet table() {
  Sheet sheet;
  sheet.name = "Danh sách";
  for (int i = 0; i < 18; ++i) {
    Column column;
    column.title = fmt::format("Cột {}", i);
    if (i == 2) column.format = Column::Format::date;
    sheet.columns.push_back(column);
  }
  return sheet;
}

std::vector<Value> line(int i) {
  std::vector<Value> values = {fmt::format("{}", i), fmt::format("Nguyễn Văn A {}", i), Date{1987, 7, 12}};
  while (values.size() < 18)
    values.emplace_back(fmt::format("Sở Thông tin và Truyền thông {}", (i * 7 + values.size()) % 997));
  return values;
}

Bytes workbook(int rows) {
  auto writer = WorkbookWriter::create();
  if (!writer || !writer->begin_sheet(table())) return {};
  for (int i = 0; i < rows; ++i)
    if (!writer->row(line(i))) return {};
  return writer->finish().value_or(Bytes());
}

void write(benchmark::State& state) {
  for (auto _ : state)
    if (workbook(static_cast<int>(state.range(0))).empty()) return state.SkipWithError("not written");
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void read(benchmark::State& state) {
  const Bytes file = workbook(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    std::size_t cells = 0;
    const auto done = read_xlsx(file, {}, [&](Row&& row) -> Result<bool> {
      cells += row.cells.size();
      return true;
    });
    if (!done || cells != static_cast<std::size_t>(state.range(0) + 1) * 18) return state.SkipWithError("not read");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["file_bytes"] = static_cast<double>(file.size());
}

void read_text(benchmark::State& state) {
  std::string text;
  for (int i = 0; i < state.range(0); ++i) {
    for (const Value& value : line(i))
      text += (std::holds_alternative<std::string>(value) ? std::get<std::string>(value) : "12/07/1987") + ",";
    text += "\n";
  }
  for (auto _ : state) {
    std::size_t rows = 0;
    const auto done = read_csv(as_bytes(text), {}, [&](Row&&) -> Result<bool> { return ++rows > 0; });
    if (!done || rows != static_cast<std::size_t>(state.range(0))) return state.SkipWithError("not read");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK(write)->Arg(10'000)->Unit(benchmark::kMillisecond);
BENCHMARK(read)->Arg(40)->Arg(10'000)->Unit(benchmark::kMillisecond);
BENCHMARK(read_text)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
