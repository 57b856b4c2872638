#include <fmt/format.h>

#include <cmath>

#include "base/config.h"
#include "base/text.h"
#include "base/toml_key.h"

namespace kyso {
namespace {

std::string quoted_text(std::string_view text) {
  const std::string clean = to_valid_utf8(text);
  std::string out = "\"";
  for (const char c : clean) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out += '"';
}

std::string key_text(std::string_view key) {
  return is_bare_key(key) ? std::string(key) : quoted_text(key);
}

}  // namespace

TomlWriter& TomlWriter::comment(std::string_view any_text) {
  const std::string clean = to_valid_utf8(any_text);
  std::string_view text = clean;
  while (true) {
    const std::size_t end = text.find('\n');
    m_text += "# ";
    for (const char c : text.substr(0, end)) {
      const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
      m_text += is_control ? ' ' : c;
    }
    m_text += '\n';
    if (end == std::string_view::npos) return *this;
    text.remove_prefix(end + 1);
  }
}

TomlWriter& TomlWriter::table(std::string_view name) {
  m_text += fmt::format("{}[{}]\n", m_text.empty() ? "" : "\n", key_text(name));
  return *this;
}

TomlWriter& TomlWriter::table_entry(std::string_view name) {
  m_text += fmt::format("{}[[{}]]\n", m_text.empty() ? "" : "\n", key_text(name));
  return *this;
}

TomlWriter& TomlWriter::line(std::string_view key, std::string_view value) {
  m_text += fmt::format("{} = {}\n", key_text(key), value);
  return *this;
}

TomlWriter& TomlWriter::set(std::string_view key, std::string_view value) {
  return line(key, quoted_text(value));
}
TomlWriter& TomlWriter::set(std::string_view key, std::int64_t value) {
  return line(key, fmt::format("{}", value));
}
TomlWriter& TomlWriter::set(std::string_view key, bool value) {
  return line(key, value ? "true" : "false");
}

TomlWriter& TomlWriter::set(std::string_view key, double value) {
  if (std::isnan(value)) return line(key, "nan");
  if (std::isinf(value)) return line(key, value < 0 ? "-inf" : "inf");
  std::string digits = fmt::format("{}", value);
  if (digits.find_first_of(".e") == std::string::npos) digits += ".0";
  return line(key, digits);
}

TomlWriter& TomlWriter::set(std::string_view key, const std::vector<std::string>& values) {
  std::string text = "[";
  for (const std::string& value : values) text += (text.size() > 1 ? ", " : "") + quoted_text(value);
  return line(key, text + "]");
}

}  // namespace kyso
