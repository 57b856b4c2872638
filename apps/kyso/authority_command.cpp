#include <CLI/CLI.hpp>

#include "kyso/authority_commands.h"
#include "kyso/authority_text.h"

namespace kyso::app {

std::string missing_of(const json::Value& standing) {
  std::vector<std::pair<std::string, std::size_t>> missing;
  for (const json::Value& part : items_of(standing, "missing")) {
    const json::Value* count = part.find("count");
    const auto number = count == nullptr ? std::nullopt : count->as_integer();
    missing.emplace_back(text_of(part, "role"), static_cast<std::size_t>(number.value_or(1)));
  }
  return missing_text(missing);
}

int finish_authority(const Result<>& result, const Console& console) {
  return result ? 0 : report_authority(result.error(), console);
}

void add_authority_command(CLI::App& app, const Console& console, Run& run) {
  CLI::App* command =
      app.add_subcommand("authority", console.pick("Cơ quan chứng thực: yêu cầu, duyệt, tra cứu chứng thư",
                                                   "Certification authority: request, approve, look up certificates"));
  command->require_subcommand(1);
  add_authority_request(*command, console, run);
  add_authority_decisions(*command, console, run);
  add_authority_reading(*command, console, run);
  add_authority_policy(*command, console, run);
}

}  // namespace kyso::app
