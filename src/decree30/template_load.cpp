#include <charconv>

#include "base/config.h"
#include "base/file.h"
#include "base/text.h"
#include "decree30/template_keys.h"

namespace kyso::decree30 {
namespace {

// One setting after the other into a Template; absent keys keep the default.
class Loader {
 public:
  Loader(const TomlReader& toml, Template& out) : m_toml(toml), m_out(out) {}
  Result<> run() {
    KYSO_TRY(head());
    KYSO_TRY(picture());
    KYSO_TRY(text());
    KYSO_TRY(place());
    KYSO_TRY(wording());
    KYSO_TRY(round());
    return m_toml.refuse_unknown_keys();
  }

 private:
  Result<> string(std::string_view key, std::string& value, bool required_text = false) {
    if (const auto found = KYSO_TRY(m_toml.get_string(key))) {
      if (!is_valid_utf8(*found)) return m_toml.invalid(key, "UTF-8");
      value = to_nfc(*found);
      if (required_text && trim(value).empty()) return m_toml.invalid(key, "\"\"");
    }
    return {};
  }
  Result<> flag(std::string_view key, bool& value) {
    if (const auto found = KYSO_TRY(m_toml.get_bool(key))) value = *found;
    return {};
  }
  Result<> number(std::string_view key, double& value, double low, double high) {
    if (const auto found = KYSO_TRY(m_toml.get_double(key))) {
      if (*found < low || *found > high) return m_toml.invalid(key, fmt::format("{} ({}…{})", *found, low, high));
      value = *found;
    }
    return {};
  }
  template <typename E, std::size_t N>
  Result<> word(std::string_view key, const WordTable<E, N>& table, E& value) {
    if (const auto found = KYSO_TRY(m_toml.get_string(key))) {
      const auto known = table.value(*found);
      if (!known) return m_toml.invalid(key, fmt::format("\"{}\" ({})", *found, table.all()));
      value = *known;
    }
    return {};
  }
  // A line with {places}: only those that the role can fill.
  Result<> pattern(std::string_view key, std::string& value, std::initializer_list<std::string_view> places) {
    KYSO_TRY(string(key, value, true));
    for (std::size_t at = value.find('{'); at != std::string::npos; at = value.find('{', at + 1)) {
      const std::size_t end = value.find('}', at);
      const std::string name = end == std::string::npos ? value.substr(at) : value.substr(at + 1, end - at - 1);
      if (std::ranges::find(places, name) == places.end()) return m_toml.invalid(key, fmt::format("{{{}}}", name));
    }
    return {};
  }

  Result<> head() {
    KYSO_TRY(string("name", m_out.name, true));
    m_out.role = Role::plain;
    KYSO_TRY(m_toml.require_string("role"));
    KYSO_TRY(word("role", kRoles, m_out.role));
    return word("show", kShows, m_out.show);
  }
  Result<> picture() {
    std::string file = m_out.image.string();
    KYSO_TRY(string("image.file", file));
    m_out.image = file;
    KYSO_TRY(number("image.width", m_out.width, 5, 2000));
    KYSO_TRY(number("image.height", m_out.height, 5, 2000));
    KYSO_TRY(number("image.gap", m_out.gap, 0, 500));
    KYSO_TRY(number("image.offset", m_out.offset, -1000, 1000));
    KYSO_TRY(number("seal.diameter_mm", m_out.seal_diameter_mm, 10, 100));
    return number("seal.overlap_percent", m_out.seal_overlap_percent, 0, 100);
  }
  Result<> text() {
    KYSO_TRY(flag("text.labels", m_out.show_labels));
    KYSO_TRY(flag("text.name", m_out.show_name));
    KYSO_TRY(flag("text.email", m_out.show_email));
    KYSO_TRY(flag("text.agency", m_out.show_agency));
    KYSO_TRY(flag("text.time", m_out.show_time));
    KYSO_TRY(string("text.label_name", m_out.label_name));
    KYSO_TRY(string("text.label_email", m_out.label_email));
    KYSO_TRY(string("text.label_agency", m_out.label_agency));
    KYSO_TRY(string("text.label_time", m_out.label_time));
    KYSO_TRY(word("text.style", kStyles, m_out.font_style));
    KYSO_TRY(number("text.size", m_out.font_size, 4, 72));
    KYSO_TRY(word("text.time_format", kTimeFormats, m_out.time_format));
    return colour("text.colour");
  }
  Result<> colour(std::string_view key) {
    const auto found = KYSO_TRY(m_toml.get_string(key));
    if (!found) return {};
    unsigned rgb = 0;
    const char* begin = found->data() + 1;
    const char* end = found->data() + found->size();
    if (found->size() != 7 || found->front() != '#') return m_toml.invalid(key, *found + " (#rrggbb)");
    const auto parsed = std::from_chars(begin, end, rgb, 16);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return m_toml.invalid(key, *found + " (#rrggbb)");
    const auto part = [&](unsigned shift) { return static_cast<double>(rgb >> shift & 0xffU) / 255; };
    m_out.text_colour = {part(16), part(8), part(0)};
    return {};
  }
  Result<> place() {
    KYSO_TRY(page());
    KYSO_TRY(word("place.corner", kCorners, m_out.corner));
    KYSO_TRY(number("place.margin", m_out.margin, 0, 500));
    return word("place.initials", kInitialsPlaces, m_out.initials_place);
  }
  // "automatic", "first", "last", or a page number from 1.
  Result<> page() {
    const auto found = KYSO_TRY(m_toml.get_string("place.page"));
    if (!found) return {};
    if (const auto choice = kPages.value(*found); choice && *choice != Template::PageChoice::number) {
      m_out.page = *choice;
      return {};
    }
    std::size_t value = 0;
    const char* end = found->data() + found->size();
    const auto parsed = std::from_chars(found->data(), end, value);
    if (parsed.ec != std::errc{} || parsed.ptr != end || value == 0 || value > 1'000'000)
      return m_toml.invalid("place.page", *found + " (automatic, first, last, 1…)");
    m_out.page = Template::PageChoice::number;
    m_out.page_number = value;
    return {};
  }
  Result<> wording() {
    KYSO_TRY(string("signer.name", m_out.signer_name));
    KYSO_TRY(string("signer.agency", m_out.agency));
    KYSO_TRY(string("signer.reason", m_out.reason));
    KYSO_TRY(string("signer.location", m_out.location));
    KYSO_TRY(word("wording.copy_kind", kCopyKinds, m_out.copy_kind));
    KYSO_TRY(pattern("wording.copy_line", m_out.copy_line, {"kind", "agency", "name", "time"}));
    return pattern("wording.appendix_line", m_out.appendix_line, {"number", "agency", "name", "time"});
  }
  Result<> round() {
    KYSO_TRY(flag("round.prepare", m_out.prepare_round));
    if (const auto level = KYSO_TRY(m_toml.get_int("round.certify"))) {
      if (*level < 1 || *level > 3) return m_toml.invalid("round.certify", fmt::format("{} (1…3)", *level));
      m_out.certify = static_cast<int>(*level);
    }
    KYSO_TRY(field("round.number_field", m_out.number_field));
    KYSO_TRY(field("round.date_field", m_out.date_field));
    KYSO_TRY(field("round.organisation_field", m_out.organisation_field));
    KYSO_TRY(field("round.leader_field", m_out.leader_field));
    KYSO_TRY(field("round.edge_seal_field", m_out.edge_seal_field));
    KYSO_TRY(word("edge_seal.way", kEdgeSeals, m_out.edge_seal));
    if (const auto sheets = KYSO_TRY(m_toml.get_int("edge_seal.sheets"))) {
      // Decree 30/2020/NĐ-CP article 33: at most five sheets to one seal.
      if (*sheets < 2 || *sheets > 5) return m_toml.invalid("edge_seal.sheets", fmt::format("{} (2…5)", *sheets));
      m_out.edge_seal_sheets = static_cast<int>(*sheets);
    }
    return {};
  }
  // A partial field name holds no period (ISO 32000-2 section 12.7.4.2).
  Result<> field(std::string_view key, std::string& value) {
    KYSO_TRY(string(key, value, true));
    return value.find('.') == std::string::npos ? Result<>{} : Result<>(m_toml.invalid(key, value));
  }

  const TomlReader& m_toml;
  Template& m_out;
};

// The words of a configuration file as those of a template.
Error as_template_error(const Error& error, const std::filesystem::path& path) {
  if (error.code.starts_with("base.file.")) return error;
  Error out = fail("decree30.template.invalid", "{}: {}", error.code, error.detail).with("path", path.string());
  std::string key, problem;
  for (const auto& [name, value] : error.params) {
    if (name == "line") out.with("line", value);
    if (name == "key") key = value;
    if (name == "problem") problem = value;
  }
  if (problem.find(key) == std::string::npos) problem = problem.empty() ? key : key + ": " + problem;
  return std::move(out).with("problem", problem);
}

Result<Template> read_template(const TomlReader& toml, const std::filesystem::path& path) {
  Template out;
  out.name = path.stem().string();
  if (const Result<> done = Loader(toml, out).run(); !done) return as_template_error(done.error(), path);
  if (!out.image.empty() && out.image.is_relative()) out.image = path.parent_path() / out.image;
  return out;
}

}  // namespace

Result<Template> parse_template(std::string_view text, const std::filesystem::path& path) {
  const Result<TomlReader> toml = TomlReader::parse(text, path.string());
  return toml ? read_template(*toml, path) : Result<Template>(as_template_error(toml.error(), path));
}

Result<Template> load_template(const std::filesystem::path& path) {
  const Result<TomlReader> toml = TomlReader::load(path);
  return toml ? read_template(*toml, path) : Result<Template>(as_template_error(toml.error(), path));
}

}  // namespace kyso::decree30
