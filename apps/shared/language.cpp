#include "shared/language.h"

#include <cstdlib>

namespace kyso::app {

Language choose_language(int argc, char** argv) {
  std::string_view chosen;
  if (const char* environment = std::getenv("KYSO_LANG")) chosen = environment;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--lang" && i + 1 < argc) chosen = argv[i + 1];
    if (argument.starts_with("--lang=")) chosen = argument.substr(7);
  }
  return chosen.starts_with("en") ? Language::english : Language::vietnamese;
}

}  // namespace kyso::app
