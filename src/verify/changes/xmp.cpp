#include "verify/changes/xmp.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace kyso::verify {
namespace {

constexpr std::size_t kMostBytes = 4U << 20U, kMostNodes = 100'000, kMostDepth = 32, kMostNames = 256;
constexpr std::string_view kRdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
constexpr std::string_view kBlanks = " \t\r\n";

// A name is its namespace and local part, "uri local"; the local part of one without namespace stands alone.
struct Node {
  std::string name;
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<Node> children;
  std::string text;
  const std::string* attribute(std::string_view wanted) const {
    const auto found = std::ranges::find(attributes, wanted, &std::pair<std::string, std::string>::first);
    return found != attributes.end() ? &found->second : nullptr;
  }
};

std::string in(std::string_view space, std::string_view local) {
  return space.empty() ? std::string(local) : fmt::format("{} {}", space, local);
}
std::string rdf(std::string_view local) {
  return in(kRdf, local);
}
std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  return begin == std::string_view::npos ? std::string_view()
                                         : text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

// XML 1.0 with namespaces, as far as XMP uses it: UTF-8, no document type.
class Parser {
 public:
  explicit Parser(std::string_view text) : m_text(text) {}

  // The document as children of a nameless node.
  std::optional<Node> run() {
    m_open.emplace_back();
    while (!m_text.empty()) {
      const std::size_t next = std::min(m_text.find('<'), m_text.size());
      if (!decode(m_text.substr(0, next), m_open.back().node.text)) return std::nullopt;
      m_text.remove_prefix(next);
      if (!m_text.empty() && !markup()) return std::nullopt;
    }
    if (m_open.size() != 1) return std::nullopt;
    return std::move(m_open.back().node);
  }

 private:
  struct Open {
    Node node;
    std::string written_name;
    std::size_t names = 0;  // prefixes known outside
  };
  using Attributes = std::vector<std::pair<std::string_view, std::string>>;

  bool markup() {
    if (m_text.starts_with("<!--")) return skip_past("-->", 4);
    if (m_text.starts_with("<?")) return skip_past("?>", 2);
    if (m_text.starts_with("<![CDATA[")) {
      const std::size_t end = m_text.find("]]>");
      if (end == std::string_view::npos) return false;
      m_open.back().node.text += m_text.substr(9, end - 9);
      m_text.remove_prefix(end + 3);
      return true;
    }
    if (m_text.starts_with("<!")) return false;
    return m_text.starts_with("</") ? end_tag() : start_tag();
  }

  bool skip_past(std::string_view end, std::size_t from) {
    const std::size_t at = m_text.find(end, from);
    if (at == std::string_view::npos) return false;
    m_text.remove_prefix(at + end.size());
    return true;
  }

  bool end_tag() {
    const std::size_t end = m_text.find('>');
    if (end == std::string_view::npos || m_open.size() < 2) return false;
    if (trimmed(m_text.substr(2, end - 2)) != m_open.back().written_name) return false;
    m_text.remove_prefix(end + 1);
    close();
    return true;
  }

  void close() {
    Open done = std::move(m_open.back());
    m_open.pop_back();
    m_names.resize(done.names);
    m_open.back().node.children.push_back(std::move(done.node));
  }

  bool start_tag() {
    if (++m_nodes > kMostNodes || m_open.size() > kMostDepth) return false;
    m_text.remove_prefix(1);
    Open element;
    element.written_name = name();
    element.names = m_names.size();
    Attributes attributes;
    if (element.written_name.empty() || !read_attributes(attributes)) return false;
    for (const auto& [key, value] : attributes) {
      if (key != "xmlns" && !key.starts_with("xmlns:")) continue;
      if (m_names.size() >= kMostNames) return false;
      m_names.emplace_back(key == "xmlns" ? std::string() : std::string(key.substr(6)), value);
    }
    if (!expand(element.written_name, true, element.node.name)) return false;
    for (auto& [key, value] : attributes) {
      if (key == "xmlns" || key.starts_with("xmlns:")) continue;
      std::string full;
      if (!expand(key, false, full) || element.node.attribute(full) != nullptr) return false;
      element.node.attributes.emplace_back(std::move(full), std::move(value));
    }
    const bool is_empty = m_text.starts_with("/>");
    m_text.remove_prefix(is_empty ? 2 : 1);
    m_open.push_back(std::move(element));
    if (is_empty) close();
    return true;
  }

  // Leaves the text at ">" or "/>".
  bool read_attributes(Attributes& out) {
    while (true) {
      skip_blanks();
      if (m_text.starts_with(">") || m_text.starts_with("/>")) return true;
      const std::string_view key = name();
      skip_blanks();
      if (key.empty() || out.size() >= kMostNames || !m_text.starts_with("=")) return false;
      m_text.remove_prefix(1);
      skip_blanks();
      if (m_text.empty() || (m_text.front() != '"' && m_text.front() != '\'')) return false;
      const std::size_t end = m_text.find(m_text.front(), 1);
      std::string value;
      if (end == std::string_view::npos || !decode(m_text.substr(1, end - 1), value)) return false;
      m_text.remove_prefix(end + 1);
      out.emplace_back(key, std::move(value));
    }
  }

  std::string_view name() {
    const std::size_t end = std::min(m_text.find_first_of(" \t\r\n=/><\"'&"), m_text.size());
    const std::string_view found = m_text.substr(0, end);
    m_text.remove_prefix(end);
    return found;
  }
  void skip_blanks() { m_text.remove_prefix(std::min(m_text.find_first_not_of(kBlanks), m_text.size())); }

  bool expand(std::string_view written, bool is_element, std::string& out) const {
    const std::size_t colon = written.find(':');
    const bool has_prefix = colon != std::string_view::npos;
    if (!has_prefix && !is_element) {
      out = written;
      return true;
    }
    const std::string_view prefix = has_prefix ? written.substr(0, colon) : std::string_view();
    const std::string_view local = has_prefix ? written.substr(colon + 1) : written;
    if (prefix == "xml") {
      out = in("xml", local);
      return true;
    }
    for (std::size_t i = m_names.size(); i-- > 0;) {
      if (m_names[i].first != prefix) continue;
      out = in(m_names[i].second, local);
      return true;
    }
    out = local;
    return !has_prefix;
  }

  static bool decode(std::string_view text, std::string& out) {
    while (true) {
      const std::size_t at = text.find('&');
      out += text.substr(0, at);
      if (at == std::string_view::npos) return true;
      const std::size_t end = text.find(';', at);
      if (end == std::string_view::npos || end - at > 12) return false;
      if (!append_entity(text.substr(at + 1, end - at - 1), out)) return false;
      text.remove_prefix(end + 1);
    }
  }
  static bool append_entity(std::string_view name, std::string& out) {
    constexpr std::array<std::pair<std::string_view, char>, 5> kNamed{
        {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}}};
    for (const auto& [known, character] : kNamed) {
      if (name != known) continue;
      out += character;
      return true;
    }
    if (!name.starts_with('#')) return false;
    const bool is_hex = name.starts_with("#x");
    name.remove_prefix(is_hex ? 2 : 1);
    char32_t value = 0;
    for (const char c : name) {
      const char lower = static_cast<char>(c | 0x20);
      const int digit = c >= '0' && c <= '9' ? c - '0' : is_hex && lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
      if (digit < 0) return false;
      value = value * (is_hex ? 16 : 10) + static_cast<char32_t>(digit);
      if (value > 0x10FFFF) return false;
    }
    if (name.empty() || (value >= 0xD800 && value < 0xE000)) return false;
    append_utf8(out, value);
    return true;
  }

  std::string_view m_text;
  std::size_t m_nodes = 0;
  std::vector<Open> m_open;
  std::vector<std::pair<std::string, std::string>> m_names;  // prefixes, the innermost last
};

// Length and bytes: joined ones can't be taken for others.
std::string packed(std::string_view text) {
  return fmt::format("{}:{}", text.size(), text);
}
bool is_field_name(std::string_view name) {
  return !name.starts_with(kRdf) && !name.starts_with("xml ");
}

void describe(const Node& node, std::string& out) {
  for (const auto& [name, value] : node.attributes) {
    if (is_field_name(name) || name == rdf("resource")) out += (out.empty() ? "" : ", ") + value;
  }
  if (const std::string_view text = trimmed(node.text); !text.empty()) {
    out += out.empty() ? "" : ", ";
    out += text;
  }
  for (const Node& child : node.children) describe(child, out);
}

// The value of a property (ISO 16684-1 section 7): simple, an array, or a structure in any of its three spellings.
std::string canonical_value(const Node& node) {
  std::vector<std::string> fields, items;
  std::string text(trimmed(node.text)), qualifiers;
  const auto add_fields = [&](const Node& from, bool with_children) {
    for (const auto& [name, value] : from.attributes) {
      if (is_field_name(name)) fields.push_back(packed(name) + packed("t" + packed(trimmed(value))));
      if (name == rdf("about") && !value.empty()) qualifiers += packed(name) + packed(value);
    }
    if (!with_children) return;
    for (const Node& child : from.children) fields.push_back(packed(child.name) + packed(canonical_value(child)));
  };
  const std::string* parse_type = node.attribute(rdf("parseType"));
  const bool is_resource = parse_type != nullptr && *parse_type == "Resource";
  add_fields(node, is_resource);
  for (const auto& [name, value] : node.attributes) {
    if (name == rdf("resource")) {
      text += value;
    } else if (!is_field_name(name) && name != rdf("about") && !(name == rdf("parseType") && is_resource)) {
      qualifiers += packed(name) + packed(value);
    }
  }
  for (const Node& child : node.children) {
    if (is_resource) break;
    if (child.name == rdf("Description")) {
      add_fields(child, true);
      text += trimmed(child.text);
      continue;
    }
    std::string item = packed(child.name);
    for (const Node& member : child.children) item += packed(member.name) + packed(canonical_value(member));
    for (const auto& [name, value] : child.attributes) item += packed(name) + packed(value);
    items.push_back(item + packed(trimmed(child.text)));
  }
  std::ranges::sort(fields);
  std::string out = "t" + packed(text);
  if (!qualifiers.empty()) out += "q" + packed(qualifiers);
  for (const std::string& field : fields) out += "f" + packed(field);
  for (const std::string& item : items) out += "i" + packed(item);
  return out;
}

bool is_renewed(std::string_view name) {
  constexpr std::array<std::string_view, 6> kRenewed{
      "http://ns.adobe.com/xap/1.0/ ModifyDate",   "http://ns.adobe.com/xap/1.0/ MetadataDate",
      "http://ns.adobe.com/pdf/1.3/ Producer",     "http://ns.adobe.com/xap/1.0/mm/ InstanceID",
      "http://ns.adobe.com/xap/1.0/mm/ VersionID", "http://ns.adobe.com/xap/1.0/mm/ History"};
  return std::ranges::find(kRenewed, name) != kRenewed.end();
}

void add_property(std::string_view name, std::string canonical, std::string_view text, std::vector<XmpProperty>& out) {
  if (is_renewed(name)) return;
  constexpr std::size_t kMostShown = 1000;
  std::string shown(name.substr(name.rfind(' ') + 1));
  shown += ": ";
  shown += text.substr(0, kMostShown);
  out.push_back({packed(name) + canonical, std::move(shown)});
}

bool add_properties(const Node& description, std::vector<XmpProperty>& out) {
  if (description.name != rdf("Description") || !trimmed(description.text).empty()) return false;
  for (const auto& [name, value] : description.attributes) {
    const bool is_about = name == rdf("about") || name == "about";
    if (is_about && value.empty()) continue;
    add_property(name, "t" + packed(trimmed(value)), value, out);
  }
  for (const Node& property : description.children) {
    std::string text;
    describe(property, text);
    add_property(property.name, canonical_value(property), text, out);
  }
  return true;
}

}  // namespace

std::optional<std::vector<XmpProperty>> read_xmp(std::string_view packet) {
  std::vector<XmpProperty> out;
  if (packet.size() > kMostBytes || !is_valid_utf8(packet)) return std::nullopt;
  if (packet.starts_with("\xEF\xBB\xBF")) packet.remove_prefix(3);
  while (packet.ends_with('\0')) packet.remove_suffix(1);
  if (trimmed(packet).empty()) return out;
  const std::optional<Node> document = Parser(packet).run();
  if (!document || document->children.size() != 1 || !trimmed(document->text).empty()) return std::nullopt;
  const Node* root = &document->children.front();
  if (root->name == in("adobe:ns:meta/", "xmpmeta") || root->name == in("adobe:ns:meta/", "xapmeta")) {
    if (root->children.size() != 1 || !trimmed(root->text).empty()) return std::nullopt;
    root = &root->children.front();
  }
  if (root->name != rdf("RDF") || !trimmed(root->text).empty()) return std::nullopt;
  for (const Node& description : root->children) {
    if (!add_properties(description, out)) return std::nullopt;
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace kyso::verify
