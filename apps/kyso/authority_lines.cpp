#include "kyso/authority_lines.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/config.h"
#include "base/file.h"
#include "base/text.h"
#include "json/json.h"
#include "shared/console.h"

namespace kyso::app {
namespace {

using pki::GeneralName;
using Kind = GeneralName::Kind;

constexpr std::size_t kMaxFile = 16U << 20U;
constexpr std::size_t kMaxRequestFile = 256U << 10U;

Error line_error(std::size_t number, std::string_view problem) {
  return fail("kyso.request.line").with("line", number).with("problem", shown(problem));
}

struct TextMember {
  const char* name;
  std::string LineSpec::* member;
};
constexpr std::array<TextMember, 6> kTexts = {{{"reference", &LineSpec::reference},
                                               {"profile", &LineSpec::profile},
                                               {"csr", &LineSpec::csr},
                                               {"not_before", &LineSpec::not_before},
                                               {"not_after", &LineSpec::not_after},
                                               {"replaces", &LineSpec::replaces}}};
struct ListMember {
  const char* name;
  std::vector<std::string> LineSpec::* member;
};
constexpr std::array<ListMember, 2> kLists = {{{"subject", &LineSpec::subject}, {"names", &LineSpec::names}}};

Result<std::vector<LineSpec>> read_toml(const std::string& path) {
  const TomlReader toml = KYSO_TRY(TomlReader::load(path));
  std::vector<LineSpec> lines;
  for (std::size_t i = 0; i < toml.count("certificate"); ++i) {
    LineSpec line;
    const std::string at = fmt::format("certificate[{}].", i);
    for (const auto& [name, member] : kTexts) line.*member = KYSO_TRY(toml.get_string(at + name)).value_or("");
    for (const auto& [name, member] : kLists)
      line.*member = KYSO_TRY(toml.get_strings(at + name)).value_or(std::vector<std::string>());
    lines.push_back(std::move(line));
  }
  KYSO_TRY(toml.refuse_unknown_keys());
  return lines;
}

Result<> read_member(LineSpec& line, const std::string& name, const json::Value& value, std::size_t number) {
  for (const auto& [known, member] : kTexts)
    if (name == known) {
      if (!value.as_string()) return line_error(number, name);
      line.*member = *value.as_string();
      return {};
    }
  for (const auto& [known, member] : kLists)
    if (name == known) {
      if (value.as_array() == nullptr) return line_error(number, name);
      for (const json::Value& item : *value.as_array()) {
        if (!item.as_string()) return line_error(number, name);
        (line.*member).emplace_back(*item.as_string());
      }
      return {};
    }
  return line_error(number, name);
}

Result<std::vector<LineSpec>> read_json(const std::string& path) {
  const Bytes file = KYSO_TRY(read_file(path, kMaxFile));
  const json::Value value = KYSO_TRY(json::parse(as_chars(file)));
  const json::Value* certificates = value.find("certificates");
  if (certificates == nullptr || certificates->as_array() == nullptr)
    return fail("json.member").with("member", "certificates");
  std::vector<LineSpec> lines;
  for (const json::Value& entry : *certificates->as_array()) {
    const std::size_t number = lines.size() + 1;
    if (entry.as_object() == nullptr) return line_error(number, "{…}");
    LineSpec line;
    for (const auto& [name, member] : *entry.as_object()) KYSO_TRY(read_member(line, name, member, number));
    lines.push_back(std::move(line));
  }
  return lines;
}

std::optional<Bytes> read_address(const std::string& text) {
  std::array<std::uint8_t, 16> octets{};
  if (::inet_pton(AF_INET, text.c_str(), octets.data()) == 1) return Bytes(octets.begin(), octets.begin() + 4);
  if (::inet_pton(AF_INET6, text.c_str(), octets.data()) == 1) return Bytes(octets.begin(), octets.end());
  return std::nullopt;
}

Result<GeneralName> read_name(const std::string& text, std::size_t number) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return line_error(number, text);
  const std::string kind = text.substr(0, colon), value = text.substr(colon + 1);
  if (kind == "email") return GeneralName{Kind::rfc822, to_bytes(value)};
  if (kind == "dns") return GeneralName{Kind::dns, to_bytes(value)};
  if (kind == "uri") return GeneralName{Kind::uri, to_bytes(value)};
  const auto address = kind == "ip" ? read_address(value) : std::nullopt;
  if (!address) return line_error(number, text);
  return GeneralName{Kind::ip, *address};
}

Result<std::optional<Instant>> read_instant(const std::string& text) {
  if (text.empty()) return std::optional<Instant>();
  return std::optional(KYSO_TRY(parse_time(text)));
}

}  // namespace

std::optional<std::string> serial_of(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  std::string digits;
  for (const char c : text)
    if (c != ':' && c != ' ') digits += c;
  if (digits.size() % 2 != 0) digits.insert(0, "0");
  const auto bytes = from_hex(digits);
  if (!bytes || bytes->empty() || bytes->size() > 20) return std::nullopt;
  return to_upper(to_hex(*bytes));
}

Result<std::vector<LineSpec>> read_lines(const std::string& path) {
  const std::filesystem::path file(path);
  auto lines = KYSO_TRY(file.extension() == ".json" ? read_json(path) : read_toml(path));
  for (LineSpec& line : lines)
    if (!line.csr.empty()) line.csr = (file.parent_path() / line.csr).string();
  return lines;
}

Result<pki::issue::CertificateRequest> make_line(const LineSpec& spec, std::size_t number) {
  if (spec.profile.empty()) return line_error(number, "profile");
  if (spec.csr.empty()) return line_error(number, "csr");
  pki::issue::CertificateRequest line;
  line.reference = spec.reference.empty() ? std::to_string(number) : to_nfc(spec.reference);
  line.profile = spec.profile;
  const auto csr =
      KYSO_TRY(pki::issue::CertificationRequest::from_bytes(KYSO_TRY(read_file(spec.csr, kMaxRequestFile))));
  line.pkcs10.assign(csr.der().begin(), csr.der().end());
  for (const std::string& attribute : spec.subject) {
    const std::size_t equals = attribute.find('=');
    if (equals == std::string::npos || equals == 0) return line_error(number, attribute);
    line.subject.push_back({attribute.substr(0, equals), to_nfc(attribute.substr(equals + 1))});
  }
  if (spec.subject.empty()) line.subject = csr.subject();
  for (const std::string& name : spec.names) line.alternative_names.push_back(KYSO_TRY(read_name(name, number)));
  if (spec.names.empty()) line.alternative_names = csr.alternative_names();
  line.not_before = KYSO_TRY(read_instant(spec.not_before));
  line.not_after = KYSO_TRY(read_instant(spec.not_after));
  if (!spec.replaces.empty()) {
    line.replaces_serial = serial_of(spec.replaces);
    if (!line.replaces_serial) return line_error(number, spec.replaces);
  }
  return line;
}

}  // namespace kyso::app
