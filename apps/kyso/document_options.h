#pragma once
#include <filesystem>
#include <string>

#include "kyso/secrets.h"
#include "pdf/document/document.h"

namespace CLI {
class App;
}

// How a document is opened.
namespace kyso::app {

// For the commands that only read; `password` as for document_password.
struct ReadingOptions {
  std::string input, password;
  bool repair = false;
};

// --password and --repair.
void add_reading_options(CLI::App& command, ReadingOptions& options, const Console& console);
Result<pdf::Document> open_document(const ReadingOptions& options, const Console& console);

Result<pdf::Document> open_document(const std::filesystem::path& path, const std::optional<Secret>& password,
                                    bool repair);

// No output may stand where its input stands. kyso.output.missing, kyso.output.is_input {path}.
Result<> refuse_same_file(const std::filesystem::path& input, const std::filesystem::path& output);

}  // namespace kyso::app
