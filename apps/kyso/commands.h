#pragma once
#include <functional>
#include <string>

#include "shared/console.h"

namespace CLI {
class App;
}

// Each command adds its options to the parser and leaves what is to be run in `run`.
namespace kyso::app {

using Run = std::function<int()>;

void add_sign_command(CLI::App& app, const Console& console, Run& run);
void add_prepare_command(CLI::App& app, const Console& console, Run& run);
void add_complete_command(CLI::App& app, const Console& console, Run& run);
void add_inspect_command(CLI::App& app, const Console& console, Run& run);
void add_text_command(CLI::App& app, const Console& console, Run& run);
void add_template_command(CLI::App& app, const Console& console, Run& run);
void add_verify_command(CLI::App& app, const Console& console, Run& run);
void add_facts_command(CLI::App& app, const Console& console, Run& run);
void add_judge_command(CLI::App& app, const Console& console, Run& run);
void add_extract_command(CLI::App& app, const Console& console, Run& run);
void add_extend_command(CLI::App& app, const Console& console, Run& run);
void add_trust_command(CLI::App& app, const Console& console, Run& run);
void add_authority_command(CLI::App& app, const Console& console, Run& run);
void add_desk_command(CLI::App& app, const Console& console, Run& run);
void add_ceremony_command(CLI::App& app, const Console& console, Run& run);
void add_errors_command(CLI::App& app, const Console& console, Run& run);

}  // namespace kyso::app
