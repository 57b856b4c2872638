#include "registry/dossier/model.h"

#include <algorithm>

#include "base/enum_names.h"
#include "base/error_text.h"

namespace kyso::registry {
namespace {

constexpr std::string_view kKindCodes[] = {"01", "02", "03", "04", "05", "06"};
constexpr std::string_view kKindAbbreviations[] = {"CMCTSCN", "CMCTSTC", "CMCTSTB", "GHTDTT", "THCTS", "KPTB"};
constexpr std::string_view kKindTitles[] = {
    "01 - Danh sách đề nghị cấp mới chứng thư số cho cá nhân",
    "02 - Danh sách đề nghị cấp mới chứng thư số cho cơ quan, tổ chức",
    "03 - Danh sách đề nghị cấp mới chứng thư số cho thiết bị, dịch vụ, phần mềm",
    "04 - Đề nghị gia hạn, thay đổi nội dung thông tin chứng thư số",
    "05 - Thu hồi chứng thư số",
    "06 - Khôi phục thiết bị lưu khóa bí mật"};
constexpr std::string_view kKindTitlesEn[] = {"01 - New certificates for persons",
                                              "02 - New certificates for organisations",
                                              "03 - New certificates for devices, services and software",
                                              "04 - Renewal or change of certificates",
                                              "05 - Revocation of certificates",
                                              "06 - Recovery of devices that hold private keys"};
constexpr auto kSteps =
    enum_names<Step>("none", "lines", "keys", "statement", "approval", "issuing", "delivery", "done");
constexpr auto kDevices = enum_names<Device>("token", "pkcs10", "sim_pki", "central");
constexpr auto kPopulations = enum_names<Population>("unchecked", "matches", "differs", "unknown", "waiting");
constexpr auto kLetterRoles = enum_names<LetterRole>("request", "revocation");

std::size_t index_of(DossierKind kind) {
  return static_cast<std::size_t>(kind) - 1;
}

}  // namespace

std::string_view code_of(DossierKind kind) {
  return kKindCodes[index_of(kind)];
}
std::optional<DossierKind> dossier_kind_by_code(std::string_view code) {
  const auto found = std::ranges::find(kKindCodes, code);
  if (found == std::end(kKindCodes)) return std::nullopt;
  return kDossierKinds[static_cast<std::size_t>(found - std::begin(kKindCodes))];
}
std::string_view abbreviation_of(DossierKind kind) {
  return kKindAbbreviations[index_of(kind)];
}
std::string_view vietnamese_title(DossierKind kind) {
  return kKindTitles[index_of(kind)];
}
std::string_view english_title(DossierKind kind) {
  return kKindTitlesEn[index_of(kind)];
}
std::string_view name_of(Step step) {
  return kSteps.of(step);
}
std::optional<Step> step_by_name(std::string_view name) {
  return kSteps.find(name);
}
std::string_view name_of(Device device) {
  return kDevices.of(device);
}
std::optional<Device> device_by_name(std::string_view name) {
  return kDevices.find(name);
}
std::string_view name_of(Population population) {
  return kPopulations.of(population);
}
std::optional<Population> population_by_name(std::string_view name) {
  return kPopulations.find(name);
}
std::string_view name_of(LetterRole role) {
  return kLetterRoles.of(role);
}
std::optional<LetterRole> letter_role_by_name(std::string_view name) {
  return kLetterRoles.find(name);
}

std::optional<Level> level_by_name(std::string_view name) {
  for (const Level level : {Level::info, Level::warn, Level::block})
    if (name_of(level) == name) return level;
  return std::nullopt;
}

std::string DossierFinding::id() const {
  return fmt::format("{}/{}/{}", line, code, field);
}

Error DossierFinding::error(Language language) const {
  // Codes live in the error table: the text there outlives this finding.
  const ErrorRow* row = find_error_row(code);
  Error error(row == nullptr ? std::string_view("base.internal") : row->code);
  for (const auto& [name, value] : params) {
    if (name.ends_with("_en")) continue;
    const auto english = std::ranges::find(params, name + "_en", &std::pair<std::string, std::string>::first);
    const bool has_english = language == Language::english && english != params.end();
    error.params.emplace_back(name, has_english ? english->second : value);
  }
  return error;
}

std::optional<Level> worst_of(const std::vector<DossierFinding>& findings) {
  std::optional<Level> worst;
  for (const DossierFinding& finding : findings)
    if (!worst || *worst < finding.level) worst = finding.level;
  return worst;
}

bool Receiver::is_empty() const {
  return *this == Receiver{};
}

std::string normal_serial(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_digit = c >= '0' && c <= '9';
    if (is_digit || (c >= 'A' && c <= 'F')) {
      out += c;
    } else if (c >= 'a' && c <= 'f') {
      out += static_cast<char>(c - 'a' + 'A');
    } else {
      return {};
    }
  }
  out.erase(0, std::min(out.find_first_not_of('0'), out.size()));
  return out.size() > 40 ? std::string() : out;  // RFC 5280 section 4.1.2.2: 20 bytes
}

}  // namespace kyso::registry
