#include "shared/console.h"

#include "base/text.h"

namespace kyso::app {

int Console::report(const Error& error, std::optional<int> exit_code) const {
  const ErrorText text = describe(error, language);
  const int code = exit_code.value_or(text.exit_code);
  if (json) {
    json::Value object = json::Value::object();
    object.set("error", to_json(error).set("exit_code", code));
    print(json::serialize(object) + "\n");
  } else {
    const std::string line = fmt::format("{}: {}\n  → {}\n  [{}]\n", pick("Lỗi", "Error"), shown(text.message),
                                         shown(text.next_step), error.code);
    std::fputs(line.c_str(), stderr);
  }
  return code;
}

json::Value Console::to_json(const Error& error) const {
  const ErrorText text = describe(error, language);
  json::Value object = json::Value::object();
  object.set("code", error.code).set("message", text.message).set("next_step", text.next_step);
  object.set("exit_code", text.exit_code).set("detail", error.detail);
  json::Value parameters = json::Value::object();
  for (const auto& [name, value] : error.params) parameters.set(name, value);
  object.set("parameters", parameters);
  return object;
}

std::string shown(std::string_view name) {
  std::u32string letters = to_utf32(name);
  for (char32_t& c : letters) {
    const bool is_control = c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
    const bool is_hidden = c == 0xAD || c == 0x61C || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
                           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
    if (is_control || is_hidden) c = 0xFFFD;
  }
  return to_utf8(letters);
}

std::string pad_right(const std::string& text, std::size_t width) {
  const std::size_t letters = to_utf32(to_nfc(text)).size();
  return letters >= width ? text : text + std::string(width - letters, ' ');
}

}  // namespace kyso::app
