#include "sheet/workbook_parts.h"

#include <charconv>
#include <map>

#include "sheet/cell_text.h"
#include "sheet/sheet_error.h"
#include "sheet/xml_events.h"

namespace kyso::sheet {

namespace {

// Excel allows 64,000 styles; sheets are limited by memory alone.
constexpr std::size_t kMaxStyles = 65'536, kMaxSheets = 1'000;

std::optional<unsigned> number_of(std::string_view text) {
  unsigned value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

class WorkbookHandler final : public XmlHandler {
 public:
  explicit WorkbookHandler(WorkbookPart& workbook) : m_workbook(workbook) {}
  Result<> start(const XmlElement& element) override {
    if (element.name == "workbookPr" && element.is_true("date1904")) m_workbook.dates = DateSystem::from_1904;
    if (element.name != "sheet") return {};
    if (m_workbook.sheets.size() >= kMaxSheets) return over_limit(fmt::format("{} sheets", kMaxSheets));
    const std::string_view state = element.value("state");
    m_workbook.sheets.push_back({clean_text(decode_escapes(element.value("name"))),
                                 std::string(element.find("id", true).value_or("")),
                                 state == "hidden" || state == "veryHidden"});
    return {};
  }

 private:
  WorkbookPart& m_workbook;
};

class StringsHandler final : public XmlHandler {
 public:
  StringsHandler(std::vector<std::string>& strings, std::size_t max_text) : m_strings(strings), m_buffer(max_text) {}

  Result<> start(const XmlElement& element) override {
    if (element.name == "si")
      m_buffer.clear();
    else if (element.name == "rPh")
      ++m_phonetic;
    else if (element.name == "t")
      m_collects = m_phonetic == 0;
    return {};
  }
  Result<> text(std::string_view piece) override { return m_collects ? m_buffer.add(piece) : Result<>(); }
  Result<> end(std::string_view name) override {
    if (name == "t")
      m_collects = false;
    else if (name == "rPh")
      --m_phonetic;
    else if (name == "si")
      m_strings.push_back(KYSO_TRY(m_buffer.cleaned(true)));
    return {};
  }

 private:
  std::vector<std::string>& m_strings;
  TextBuffer m_buffer;
  int m_phonetic = 0;
  bool m_collects = false;
};

}  // namespace

class StylesHandler final : public XmlHandler {
 public:
  explicit StylesHandler(Styles& styles) : m_styles(styles) {}

  Result<> start(const XmlElement& element) override {
    if (element.name == "numFmt") return add_format(element);
    if (element.name == "cellXfs") m_in_cells = true;
    return element.name == "xf" && m_in_cells ? add_style(element) : Result<>();
  }
  Result<> end(std::string_view name) override {
    if (name == "cellXfs") m_in_cells = false;
    return {};
  }

 private:
  Result<> add_format(const XmlElement& element) {
    const auto id = number_of(element.value("numFmtId"));
    if (m_codes.size() >= kMaxStyles) return over_limit(fmt::format("{} number formats", kMaxStyles));
    if (id) m_codes[*id] = element.value("formatCode");
    return {};
  }
  Result<> add_style(const XmlElement& element) {
    if (m_styles.m_format_of_style.size() >= kMaxStyles) return over_limit(fmt::format("{} cell styles", kMaxStyles));
    const unsigned id = number_of(element.value("numFmtId")).value_or(0);
    const auto [known, is_new] = m_places.emplace(id, m_styles.m_formats.size());
    if (is_new) {
      const auto code = m_codes.find(id);
      m_styles.m_formats.push_back(code == m_codes.end() ? NumberFormat::built_in(id)
                                                         : NumberFormat::parse(code->second));
    }
    m_styles.m_format_of_style.push_back(known->second);
    return {};
  }

  Styles& m_styles;
  std::map<unsigned, std::string> m_codes;
  std::map<unsigned, std::size_t> m_places;
  bool m_in_cells = false;
};

Result<WorkbookPart> read_workbook_part(ZipArchive& archive, const ZipEntry& entry) {
  WorkbookPart workbook;
  auto stream = KYSO_TRY(archive.stream(entry));
  WorkbookHandler handler(workbook);
  KYSO_TRY(read_xml(stream, kSpreadsheet, handler));
  return workbook;
}

Result<Styles> Styles::read(ZipArchive& archive, const ZipEntry& entry) {
  Styles styles;
  auto stream = KYSO_TRY(archive.stream(entry));
  StylesHandler handler(styles);
  KYSO_TRY(read_xml(stream, kSpreadsheet, handler));
  return styles;
}

const NumberFormat& Styles::of(std::size_t style) const {
  return style < m_format_of_style.size() ? m_formats[m_format_of_style[style]] : m_general;
}

Result<std::vector<std::string>> read_shared_strings(ZipArchive& archive, const ZipEntry& entry, std::size_t max_text) {
  std::vector<std::string> strings;
  auto stream = KYSO_TRY(archive.stream(entry));
  StringsHandler handler(strings, max_text);
  KYSO_TRY(read_xml(stream, kSpreadsheet, handler));
  return strings;
}

// Seven bytes for a character are the longest that one can be written with ("_x000D_").
Result<> TextBuffer::add(std::string_view piece) {
  if (m_text.size() + piece.size() > 7 * m_max_text) return fail("sheet.limit.text").with("limit", m_max_text);
  m_text += piece;
  return {};
}

Result<std::string> TextBuffer::cleaned(bool has_escapes) const {
  std::string text = has_escapes ? clean_text(decode_escapes(m_text)) : clean_text(m_text);
  if (text.size() > m_max_text && count_characters(text) > m_max_text)
    return fail("sheet.limit.text").with("limit", m_max_text);
  return text;
}

}  // namespace kyso::sheet
