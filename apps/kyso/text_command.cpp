#include <CLI/CLI.hpp>

#include "kyso/commands.h"
#include "kyso/document_options.h"
#include "pdf/text/page_text.h"

namespace kyso::app {
namespace {

struct TextArguments {
  ReadingOptions reading;
  std::string text;
  std::optional<std::size_t> page;
};

// Boxes are given on the page as seen, so that they can be used for --rect.
Result<std::vector<pdf::TextMatch>> find_in(const pdf::Document& document, const TextArguments& arguments) {
  std::vector<pdf::TextMatch> matches;
  const std::size_t first = arguments.page ? *arguments.page - 1 : 0;
  const std::size_t end = arguments.page ? *arguments.page : document.pages().count();
  for (std::size_t index = first; index < end; ++index) {
    const auto page = KYSO_TRY(pdf::read_page_text(document, index));
    const pdf::Matrix as_seen = KYSO_TRY(document.pages().page(index)).user_to_visible();
    const std::size_t before = matches.size();
    if (!arguments.text.empty()) {
      for (auto& match : pdf::find_text(page, index, arguments.text)) matches.push_back(std::move(match));
    } else {
      for (const auto& line : page.lines) matches.push_back({index, line.box(), line.text(), true});
    }
    for (std::size_t i = before; i < matches.size(); ++i) matches[i].box = as_seen.apply(matches[i].box);
  }
  return matches;
}

void show(const std::vector<pdf::TextMatch>& matches, const Console& console) {
  for (const auto& match : matches)
    console.say("trang {:<3} {:7.1f} {:7.1f} {:7.1f} {:7.1f}  {}{}", "page {:<3} {:7.1f} {:7.1f} {:7.1f} {:7.1f}  {}{}",
                match.page + 1, match.box.x0, match.box.y0, match.box.x1, match.box.y1, match.text,
                match.exact ? "" : console.pick("  (không dấu)", "  (without accents)"));
}

json::Value to_json(const std::vector<pdf::TextMatch>& matches) {
  json::Value list = json::Value::array();
  for (const auto& match : matches) {
    json::Value rect = json::Value::array();
    for (const double v : {match.box.x0, match.box.y0, match.box.x1, match.box.y1}) rect.push_back(v);
    json::Value item = json::Value::object();
    list.push_back(
        item.set("page", match.page + 1).set("rect", rect).set("text", match.text).set("exact", match.exact));
  }
  return list;
}

Result<> run_text(const TextArguments& arguments, const Console& console) {
  if (arguments.page && *arguments.page == 0) return fail("kyso.page.invalid");
  const auto document = KYSO_TRY(open_document(arguments.reading, console));
  const auto matches = KYSO_TRY(find_in(document, arguments));
  if (matches.empty() && !arguments.text.empty()) return fail("kyso.text.not_found").with("text", arguments.text);
  if (console.json)
    console.print(json::serialize(to_json(matches), json::Style::indented) + "\n");
  else
    show(matches, console);
  return {};
}

}  // namespace

void add_text_command(CLI::App& app, const Console& console, Run& run) {
  CLI::App* command = app.add_subcommand(
      "text", console.pick("Tìm một dòng chữ nằm ở đâu trong văn bản", "Find where a text stands in the document"));
  auto arguments = std::make_shared<TextArguments>();
  command->add_option("FILE", arguments->reading.input, console.pick("Văn bản", "Document"))->required()->type_name("");
  command
      ->add_option("TEXT", arguments->text,
                   console.pick("Chữ cần tìm; bỏ trống: liệt kê mọi dòng", "Text to find; none: list all lines"))
      ->type_name("");
  command->add_option("--page", arguments->page, console.pick("Chỉ trang này", "This page only"))
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  add_reading_options(*command, arguments->reading, console);
  command->callback([arguments, &console, &run] {
    run = [arguments, &console] {
      const auto result = run_text(*arguments, console);
      return result ? 0 : console.report(result.error());
    };
  });
}

}  // namespace kyso::app
