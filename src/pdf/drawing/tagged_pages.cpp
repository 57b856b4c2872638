#include "pdf/drawing/tagged_pages.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "pdf/drawing/content.h"
#include "pdf/drawing/font_face.h"
#include "pdf/drawing/new_file.h"

namespace kyso::pdf {
namespace {

constexpr std::array kStyles{FontStyle::regular, FontStyle::bold, FontStyle::italic, FontStyle::bold_italic};

std::size_t index_of(FontStyle style) {
  return static_cast<std::size_t>(std::ranges::find(kStyles, style) - kStyles.begin());
}

void append_hex(std::string& out, std::uint16_t code) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 12; shift >= 0; shift -= 4) out += kDigits[(code >> shift) & 15];
}

bool is_plain_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

Result<Typeface> Typeface::shipped(FontStyle style) {
  return Typeface(KYSO_TRY(FontFace::shipped(style)));
}

Typeface::Letter& Typeface::letter(char32_t c) const {
  Letter& found = c < kNear ? m_near[c] : m_far[c];
  if (found.width < 0) found.width = m_face->width(c);
  return found;
}

std::u32string Typeface::drawable(std::string_view utf8) const {
  if (is_plain_ascii(utf8)) return {utf8.begin(), utf8.end()};
  const std::string valid = to_valid_utf8(utf8);
  if (auto letters = m_face->drawable(valid)) return *std::move(letters);
  std::u32string out;
  const char32_t instead = m_face->drawable("\xEF\xBF\xBD") ? U'\uFFFD' : U'?';
  for (const char32_t c : to_utf32(to_nfc(valid))) {
    const auto alone = m_face->drawable(to_utf8(std::u32string_view(&c, 1)));
    if (alone) {
      out += *alone;
    } else {
      out += instead;
    }
  }
  return out;
}

double Typeface::width(char32_t c) const {
  return letter(c).width;
}

double Typeface::width(std::u32string_view letters, double size) const {
  std::int64_t sum = 0;
  for (const char32_t c : letters) sum += letter(c).width;
  return static_cast<double>(sum) * size / 1000;
}

std::uint16_t Typeface::code(char32_t c) {
  Letter& found = letter(c);
  if (found.code == 0) {
    if (m_letters.size() >= 0xfffe) return code(U'?');
    m_letters += c;
    found.code = static_cast<std::uint16_t>(m_letters.size());
  }
  return found.code;
}

struct TaggedPages::State {
  struct Page {
    double width = 0, height = 0;
    std::string content;
    std::vector<Element> marked;  // elements in the order of their marked-content identifiers
    Element open = kNothing;
    std::optional<std::pair<std::size_t, double>> font;
  };
  struct Content {  // of an element, in order
    bool is_element = false;
    std::size_t value = 0;  // element, or identifier on the page
    std::size_t page = 0;
  };
  struct Node {
    Element parent = 0;
    std::string role, attributes;
    std::vector<Content> content;
  };
  static constexpr Element kNothing = kArtifact - 1;

  std::vector<Typeface> faces;
  std::vector<Page> pages;
  std::size_t current = 0;
  std::vector<Node> nodes;

  Page& page() { return pages[current]; }
  void close_mark(Page& page) const;
  std::string node_syntax(const Node& node, ObjectId parent, const std::vector<ObjectId>& page_ids,
                          const std::vector<ObjectId>& node_ids) const;
  ObjectId write_structure(NewFile& file, const std::vector<ObjectId>& page_ids) const;
  void write_pages(NewFile& file, ObjectId root, const std::vector<ObjectId>& ids, const Dictionary& fonts);
  Result<Dictionary> write_fonts(NewFile& file) const;
};

TaggedPages::TaggedPages() : m_state(std::make_unique<State>()) {}
TaggedPages::~TaggedPages() = default;
TaggedPages::TaggedPages(TaggedPages&&) noexcept = default;

Result<TaggedPages> TaggedPages::create() {
  TaggedPages pages;
  for (const FontStyle style : kStyles) pages.m_state->faces.push_back(KYSO_TRY(Typeface::shipped(style)));
  pages.m_state->nodes.push_back({0, "Document", {}, {}});
  return pages;
}

Typeface& TaggedPages::typeface(FontStyle style) {
  return m_state->faces[index_of(style)];
}

TaggedPages::Element TaggedPages::element(Element parent, std::string_view role, std::string_view attributes) {
  const Element id = m_state->nodes.size();
  m_state->nodes.push_back({parent, std::string(role), std::string(attributes), {}});
  m_state->nodes[parent].content.push_back({true, id, 0});
  return id;
}

std::size_t TaggedPages::add_page(double width, double height) {
  m_state->pages.push_back({width, height, {}, {}, State::kNothing, std::nullopt});
  return m_state->current = m_state->pages.size() - 1;
}

std::size_t TaggedPages::count() const {
  return m_state->pages.size();
}

std::pair<double, double> TaggedPages::size_of(std::size_t page) const {
  return {m_state->pages[page].width, m_state->pages[page].height};
}

void TaggedPages::use_page(std::size_t page) {
  m_state->current = page;
}

void TaggedPages::State::close_mark(Page& page) const {
  if (page.open != kNothing) page.content += "EMC\n";
  page.open = kNothing;
}

void TaggedPages::belong_to(Element element) {
  State::Page& page = m_state->page();
  if (page.open == element) return;
  m_state->close_mark(page);
  page.open = element;
  if (element == kArtifact) {
    page.content += "/Artifact BMC\n";
    return;
  }
  State::Node& node = m_state->nodes[element];
  page.content += fmt::format("/{} <</MCID {}>> BDC\n", node.role, page.marked.size());
  node.content.push_back({false, page.marked.size(), m_state->current});
  page.marked.push_back(element);
}

void TaggedPages::text(FontStyle style, double size, std::u32string_view letters, double x, double y,
                       double more_blank) {
  if (letters.empty()) return;
  State::Page& page = m_state->page();
  const std::size_t index = index_of(style);
  Typeface& face = m_state->faces[index];
  std::string& out = page.content;
  out += "BT ";
  if (page.font != std::pair(index, size)) {
    out += fmt::format("/F{} {} Tf ", index, number(size));
    page.font = {index, size};
  }
  out += numbers(x, y) + " Td ";
  // The word spacing operator knows only one-byte codes (ISO 32000-2 section 9.3.3).
  const std::string gap = more_blank == 0 ? std::string() : '>' + number(-more_blank * 1000 / size) + '<';
  out += gap.empty() ? "<" : "[<";
  for (const char32_t letter : letters) {
    append_hex(out, face.code(letter));
    if (letter == U' ') out += gap;
  }
  out += gap.empty() ? "> Tj ET\n" : ">] TJ ET\n";
}

void TaggedPages::lines(const std::vector<std::array<double, 4>>& strokes, double line_width) {
  if (strokes.empty()) return;
  belong_to(kArtifact);
  std::string& out = m_state->page().content;
  out += number(line_width) + " w";
  for (const auto& [x0, y0, x1, y1] : strokes) out += ' ' + numbers(x0, y0) + " m " + numbers(x1, y1) + " l";
  out += " S\n";
}

// ISO 32000-2 section 14.7.2, table 355.
std::string TaggedPages::State::node_syntax(const Node& node, ObjectId parent, const std::vector<ObjectId>& page_ids,
                                            const std::vector<ObjectId>& node_ids) const {
  std::string out = fmt::format("<</Type/StructElem/S/{}/P {} 0 R", node.role, parent.number);
  if (!node.attributes.empty()) out += "/A" + node.attributes;
  std::optional<std::size_t> page;  // of the first marked content; the others say theirs where it is another
  for (const Content& content : node.content) {
    if (!content.is_element && !page) page = content.page;
  }
  if (page) out += fmt::format("/Pg {} 0 R", page_ids[*page].number);
  out += "/K[";
  for (std::size_t i = 0; i < node.content.size(); ++i) {
    const Content& content = node.content[i];
    if (i > 0) out += ' ';
    if (content.is_element) {
      out += fmt::format("{} 0 R", node_ids[content.value].number);
    } else if (content.page == *page) {
      out += fmt::format("{}", content.value);
    } else {
      out += fmt::format("<</Type/MCR/Pg {} 0 R/MCID {}>>", page_ids[content.page].number, content.value);
    }
  }
  return out + "]>>";
}

ObjectId TaggedPages::State::write_structure(NewFile& file, const std::vector<ObjectId>& page_ids) const {
  const ObjectId root = file.reserve();
  std::vector<ObjectId> ids(nodes.size());
  for (ObjectId& id : ids) id = file.reserve();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    file.set_syntax(ids[i], node_syntax(nodes[i], i == kDocument ? root : ids[nodes[i].parent], page_ids, ids));
  }
  std::string parents = "<</Nums[";
  for (std::size_t i = 0; i < pages.size(); ++i) {
    std::string of_page = "[";
    for (const Element element : pages[i].marked) of_page += fmt::format("{} 0 R ", ids[element].number);
    const ObjectId id = file.reserve();
    file.set_syntax(id, of_page + ']');
    parents += fmt::format("{} {} 0 R ", i, id.number);
  }
  const ObjectId parent_tree = file.reserve();
  file.set_syntax(parent_tree, parents + "]>>");
  file.set(root, Dictionary{{"Type", Name{"StructTreeRoot"}},
                            {"K", ids[kDocument]},
                            {"ParentTree", parent_tree},
                            {"ParentTreeNextKey", static_cast<std::int64_t>(pages.size())}});
  return root;
}

Result<Dictionary> TaggedPages::State::write_fonts(NewFile& file) const {
  Dictionary fonts;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (faces[i].letters().empty()) continue;
    const FontParts parts = KYSO_TRY(make_font_parts(faces[i].face(), faces[i].letters()));
    const ObjectId id = file.reserve();
    write_font(file, id, faces[i].face(), parts, false);
    fonts.set(fmt::format("F{}", i), id);
  }
  return fonts;
}

void TaggedPages::State::write_pages(NewFile& file, ObjectId root, const std::vector<ObjectId>& ids,
                                     const Dictionary& fonts) {
  const ObjectId resources = file.add(Dictionary{{"Font", fonts}});
  Array kids;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    Page& page = pages[i];
    close_mark(page);
    const ObjectId content = file.add_stream({}, to_bytes(page.content));
    page.content = {};
    file.set(ids[i], Dictionary{{"Type", Name{"Page"}},
                                {"Parent", root},
                                {"MediaBox", Array{Object(0), Object(0), Object(page.width), Object(page.height)}},
                                {"Resources", resources},
                                {"Contents", content},
                                {"StructParents", static_cast<std::int64_t>(i)},
                                {"Tabs", Name{"S"}}});
    kids.emplace_back(ids[i]);
  }
  const auto count = static_cast<std::int64_t>(kids.size());
  file.set(root, Dictionary{{"Type", Name{"Pages"}}, {"Kids", std::move(kids)}, {"Count", count}});
}

Result<Bytes> TaggedPages::finish(const Information& information) {
  State& state = *m_state;
  NewFile file;
  const ObjectId catalog = file.reserve(), info = file.reserve(), root = file.reserve();
  std::vector<ObjectId> page_ids(state.pages.size());
  for (ObjectId& id : page_ids) id = file.reserve();
  const Dictionary fonts = KYSO_TRY(state.write_fonts(file));
  state.write_pages(file, root, page_ids, fonts);
  const ObjectId structure = state.write_structure(file, page_ids);
  file.set(catalog, Dictionary{{"Type", Name{"Catalog"}},
                               {"Pages", root},
                               {"Lang", String{text_string(information.language)}},
                               {"MarkInfo", Dictionary{{"Marked", true}}},
                               {"StructTreeRoot", structure},
                               {"ViewerPreferences", Dictionary{{"DisplayDocTitle", true}}}});
  Dictionary described{{"Title", String{text_string(information.title)}},
                       {"Producer", String{"Kyso"}},
                       {"CreationDate", String{pdf_date(information.made)}},
                       {"ModDate", String{pdf_date(information.made)}}};
  for (const auto& [name, text] : information.entries) described.set(name, String{text_string(text)});
  file.set(info, std::move(described));
  return file.finish(catalog, info);
}

}  // namespace kyso::pdf
