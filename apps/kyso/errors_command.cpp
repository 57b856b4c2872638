#include <CLI/CLI.hpp>

#include "kyso/commands.h"

namespace kyso::app {
namespace {

int show_errors(const Console& console) {
  json::Value list = json::Value::array();
  for (const ErrorRow& row : error_table()) {
    const bool vietnamese = console.language == Language::vietnamese;
    const auto message = vietnamese ? row.vietnamese : row.english;
    const auto next = vietnamese ? row.vietnamese_next : row.english_next;
    console.say("{:>3}  {:<36} {} {}", "{:>3}  {:<36} {} {}", row.exit_code, row.code, message, next);
    json::Value item = json::Value::object();
    list.push_back(
        item.set("code", row.code).set("exit_code", row.exit_code).set("message", message).set("next_step", next));
  }
  if (console.json) console.print(json::serialize(list, json::Style::indented) + "\n");
  return 0;
}

}  // namespace

void add_errors_command(CLI::App& app, const Console& console, Run& run) {
  app.add_subcommand("errors", console.pick("Liệt kê mọi mã lỗi và mã thoát", "List all error codes and exit codes"))
      ->callback([&console, &run] { run = [&console] { return show_errors(console); }; });
}

}  // namespace kyso::app
