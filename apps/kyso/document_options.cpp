#include "kyso/document_options.h"

#include <CLI/CLI.hpp>

#include "base/file.h"

namespace kyso::app {

void add_reading_options(CLI::App& command, ReadingOptions& options, const Console& console) {
  command.add_option("--password", options.password, console.pick("Mật khẩu văn bản", "Document password"))
      ->type_name("SOURCE");
  command.add_flag("--repair", options.repair,
                   console.pick("Đọc cả tệp hỏng cấu trúc", "Read also when the structure is damaged"));
}

Result<pdf::Document> open_document(const ReadingOptions& options, const Console& console) {
  const auto password = KYSO_TRY(document_password(options.password, console));
  return open_document(options.input, password, options.repair);
}

Result<pdf::Document> open_document(const std::filesystem::path& path, const std::optional<Secret>& password,
                                    bool repair) {
  pdf::Document::Options options;
  options.repair = repair ? pdf::RevisionGraph::Repair::full : pdf::RevisionGraph::Repair::minor;
  options.password = password ? &*password : nullptr;
  return pdf::Document::open(KYSO_TRY(pdf::Source::open(path)), options);
}

Result<> refuse_same_file(const std::filesystem::path& input, const std::filesystem::path& output) {
  if (output.empty()) return fail("kyso.output.missing");
  std::error_code ignored;
  const auto name_of = [&](const std::filesystem::path& path) {  // neither need exist yet
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path, ignored), ignored);
  };
  const auto name = name_of(output);
  const bool same_name = !name.empty() && name == name_of(input);
  if (same_name || is_same_file(input, output)) return fail("kyso.output.is_input").with("path", output.string());
  return {};
}

}  // namespace kyso::app
