#pragma once
#include <filesystem>
#include <string>

#include "kyso/signing_session.h"

namespace CLI {
class App;
}

namespace kyso::app {

struct BatchOptions {
  std::string list;                     // file of lines IN [TAB OUT] [TAB key=value]…; "-": standard input
  std::filesystem::path output_folder;  // for lines without OUT
  std::string results;                  // JSON lines; default: LIST.results.jsonl
  unsigned jobs = 0;                    // 0: as many as there are cores
};

void add_batch_options(CLI::App& command, BatchOptions& options, const Console& console);

// Signs every file of the list with one opening of the key. Files that the results of an earlier run name as done are
// passed over, so that a run that was stopped goes on. Every file gets one line of result as soon as it is done; a
// failure does not stop the others. Exit code: 0 all done, 90 some failed, or the code of what stopped everything.
int sign_batch(const SigningOptions& signing, const BatchOptions& batch, const Console& console);

}  // namespace kyso::app
