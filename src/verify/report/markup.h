#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Private to the module: writing XML and HTML.
namespace kyso::verify {

// Text for element content and attribute values of XML 1.0 and HTML: markup characters escaped, ill-formed UTF-8 and
// characters that XML 1.0 forbids (section 2.2) as U+FFFD.
std::string escape_markup(std::string_view text);

// Markup: elements with their ends, never unbalanced.
class Markup {
 public:
  using Attributes = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // Opened until the returned guard dies.
  class Element {
   public:
    Element(Markup& markup, std::string_view name) : m_markup(&markup), m_name(name) {}
    Element(const Element&) = delete;
    Element& operator=(const Element&) = delete;
    ~Element() { m_markup->m_out += "</" + m_name + ">"; }

   private:
    Markup* m_markup;
    std::string m_name;
  };
  [[nodiscard]] Element open(std::string_view name, Attributes attributes = {}) {
    start(name, attributes);
    m_out += '>';
    return Element(*this, name);
  }
  // <name>text</name>
  void leaf(std::string_view name, std::string_view content, Attributes attributes = {}) {
    start(name, attributes);
    m_out += '>';
    m_out += escape_markup(content);
    m_out.append("</").append(name).append(">");
  }
  // <name/> in XML; for HTML only void elements.
  void empty(std::string_view name, Attributes attributes = {}) {
    start(name, attributes);
    m_out += "/>";
  }
  void text(std::string_view content) { m_out += escape_markup(content); }
  void raw(std::string_view markup) { m_out += markup; }  // of our own only
  void new_line() { m_out += '\n'; }
  std::string take() { return std::move(m_out); }

 private:
  void start(std::string_view name, Attributes attributes) {
    m_out.append("<").append(name);
    for (const auto& [key, value] : attributes) {
      m_out.append(" ").append(key).append("=\"").append(escape_markup(value)).append("\"");
    }
  }
  std::string m_out;
};

}  // namespace kyso::verify
