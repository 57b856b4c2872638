#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "sheet/zip_archive.h"

namespace kyso::sheet {

struct XmlAttribute {
  std::string_view name;  // local
  bool is_qualified = false;
  std::string_view value;
};

struct XmlElement {
  std::string_view name;  // local; empty outside the namespaces that the reader was told
  std::span<const XmlAttribute> attributes;

  std::optional<std::string_view> find(std::string_view attribute, bool is_qualified = false) const;
  std::string_view value(std::string_view attribute) const { return find(attribute).value_or(std::string_view()); }
  bool is_true(std::string_view attribute) const;  // xsd:boolean
};

// XmlHandler: what a part holds, element by element. Views live as long as the call.
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual Result<> start(const XmlElement& element) = 0;
  virtual Result<> text(std::string_view) { return {}; }
  virtual Result<> end(std::string_view) { return {}; }
  bool is_done() const { return m_is_done; }

 protected:
  void set_done() { m_is_done = true; }  // the rest of the part isn't read

 private:
  bool m_is_done = false;
};

// Namespaces of one vocabulary: transitional and strict.
struct XmlNamespaces {
  std::string_view first, second;
};
inline constexpr XmlNamespaces kSpreadsheet{"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                                            "http://purl.oclc.org/ooxml/spreadsheetml/main"};

// Reads a part. No document type, hence no entity and no file or address of another; nesting up to 64 elements.
// sheet.malformed, or whatever the stream or the handler failed with.
Result<> read_xml(ZipArchive::Stream& stream, const XmlNamespaces& namespaces, XmlHandler& handler);

}  // namespace kyso::sheet
