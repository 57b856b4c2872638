#include "sheet/relationships.h"

#include <set>

#include "sheet/sheet_error.h"
#include "sheet/xml_events.h"

namespace kyso::sheet {
namespace {

constexpr std::size_t kMaxRelationships = 10'000;
constexpr XmlNamespaces kRelationships{"http://schemas.openxmlformats.org/package/2006/relationships", {}};
constexpr XmlNamespaces kContentTypes{"http://schemas.openxmlformats.org/package/2006/content-types", {}};

// The target against the folder of its source (RFC 3986 section 5.2), never above the package's root.
Result<std::string> resolve(std::string_view source, std::string_view target) {
  target = target.substr(0, target.find('#'));
  std::vector<std::string_view> segments;
  const auto walk = [&](std::string_view path) {
    while (!path.empty()) {
      const std::size_t slash = path.find('/');
      const std::string_view segment = path.substr(0, slash);
      path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
      if (segment.empty() || segment == ".") continue;
      if (segment != "..")
        segments.push_back(segment);
      else if (segments.empty())
        return false;
      else
        segments.pop_back();
    }
    return true;
  };
  const std::size_t folder = source.rfind('/');
  const bool is_inside =
      (target.starts_with('/') || folder == std::string_view::npos || walk(source.substr(0, folder))) && walk(target);
  std::string name;
  for (const auto segment : segments) name += (name.empty() ? "" : "/") + std::string(segment);
  if (!is_inside || !is_part_name(name)) return malformed("relationship to outside the package");
  return name;
}

class RelationshipHandler final : public XmlHandler {
 public:
  RelationshipHandler(std::string_view source, std::vector<Relationship>& found) : m_source(source), m_found(found) {}
  Result<> start(const XmlElement& element) override {
    if (element.name != "Relationship") return {};
    if (m_found.size() >= kMaxRelationships) return over_limit(fmt::format("{} relationships", kMaxRelationships));
    Relationship found{std::string(element.value("Id")), std::string(element.value("Type")), {}, false};
    found.is_external = element.value("TargetMode") == "External";
    const std::string_view target = element.value("Target");
    if (found.id.empty() || !m_ids.insert(found.id).second) return malformed("relationship's id missing or twice");
    found.target =
        found.is_external || target.starts_with('#') ? std::string(target) : KYSO_TRY(resolve(m_source, target));
    m_found.push_back(std::move(found));
    return {};
  }

 private:
  std::string_view m_source;
  std::vector<Relationship>& m_found;
  std::set<std::string> m_ids;
};

class ContentTypeHandler final : public XmlHandler {
 public:
  using Types = std::map<std::string, std::string, std::less<>>;
  ContentTypeHandler(Types& by_name, Types& by_extension) : m_by_name(by_name), m_by_extension(by_extension) {}
  Result<> start(const XmlElement& element) override {
    const bool is_override = element.name == "Override";
    if (!is_override && element.name != "Default") return {};
    std::string_view key = element.value(is_override ? "PartName" : "Extension");
    if (is_override && key.starts_with('/')) key.remove_prefix(1);
    Types& types = is_override ? m_by_name : m_by_extension;
    if (types.size() >= kMaxRelationships) return over_limit(fmt::format("{} content types", kMaxRelationships));
    if (!types.emplace(fold_part_name(key), element.value("ContentType")).second)
      return malformed("content type twice");
    return {};
  }

 private:
  Types& m_by_name;
  Types& m_by_extension;
};

}  // namespace

bool Relationship::is(std::string_view last_segment) const {
  const std::string_view view = type;
  return view.size() > last_segment.size() && view.ends_with(last_segment) &&
         view[view.size() - last_segment.size() - 1] == '/';
}

Result<std::vector<Relationship>> read_relationships(ZipArchive& archive, std::string_view part) {
  const std::size_t slash = part.rfind('/');
  const std::size_t name = slash == std::string_view::npos ? 0 : slash + 1;
  const ZipEntry* entry =
      archive.find(std::string(part.substr(0, name)) + "_rels/" + std::string(part.substr(name)) + ".rels");
  std::vector<Relationship> found;
  if (entry == nullptr) return found;
  auto stream = KYSO_TRY(archive.stream(*entry));
  RelationshipHandler handler(part, found);
  KYSO_TRY(read_xml(stream, kRelationships, handler));
  return found;
}

Result<ContentTypes> ContentTypes::read(ZipArchive& archive) {
  const ZipEntry* entry = archive.find("[Content_Types].xml");
  if (entry == nullptr) return malformed("[Content_Types].xml missing");
  ContentTypes types;
  auto stream = KYSO_TRY(archive.stream(*entry));
  ContentTypeHandler handler(types.m_by_name, types.m_by_extension);
  KYSO_TRY(read_xml(stream, kContentTypes, handler));
  return types;
}

std::string_view ContentTypes::of(std::string_view part) const {
  const std::string name = fold_part_name(part);
  if (const auto found = m_by_name.find(name); found != m_by_name.end()) return found->second;
  const std::size_t dot = name.rfind('.');
  const auto found =
      m_by_extension.find(dot == std::string::npos ? std::string_view() : std::string_view(name).substr(dot + 1));
  return found == m_by_extension.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace kyso::sheet
