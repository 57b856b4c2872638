#include "pdf/document/document.h"

#include <algorithm>

#include "pdf/document/xmp.h"

namespace kyso::pdf {

namespace {

constexpr std::string_view kPdfAIdentification = "http://www.aiim.org/pdfa/ns/id/";
constexpr std::string_view kPdfUaIdentification = "http://www.aiim.org/pdfua/ns/id/";
constexpr std::string_view kDublinCore = "http://purl.org/dc/elements/1.1/";

// The document's XMP packet; empty when there is none or it cannot be read: metadata never stop anybody from signing.
std::string metadata_of(const ObjectView& view) {
  auto catalog = view.catalog();
  if (!catalog) return {};
  auto metadata = view.resolve(*catalog, "Metadata");
  if (!metadata || metadata->as_stream() == nullptr) return {};
  auto bytes = view.decode(*metadata->as_stream());
  return bytes ? xmp_as_utf8(as_chars(*bytes)) : std::string();
}

bool has_rgb_intent(const ObjectView& view, const Dictionary& catalog) {
  auto intents = view.resolve(catalog, "OutputIntents");
  if (!intents || intents->as_array() == nullptr) return false;
  return std::ranges::any_of(*intents->as_array(), [&](const Object& item) {
    auto intent = view.resolve(item);
    if (!intent || intent->as_dictionary() == nullptr) return false;
    auto profile = view.resolve(*intent->as_dictionary(), "DestOutputProfile");
    if (!profile || profile->as_stream() == nullptr) return false;
    auto components = view.resolve(*profile->as_dictionary(), "N");
    return components && components->as_integer() == 3;
  });
}

Conformance conformance_of(const ObjectView& view, const Dictionary& catalog) {
  Conformance conformance;
  const std::string metadata = metadata_of(view);
  if (const auto part = xmp_property(metadata, kPdfAIdentification, "part")) {
    if (part->size() == 1 && (*part)[0] >= '1' && (*part)[0] <= '4') conformance.pdfa_part = (*part)[0] - '0';
  }
  if (conformance.pdfa_part > 0) {
    conformance.pdfa_level = xmp_property(metadata, kPdfAIdentification, "conformance").value_or("");
  }
  conformance.pdf_ua = xmp_property(metadata, kPdfUaIdentification, "part").has_value();
  conformance.has_rgb_output_intent = has_rgb_intent(view, catalog);
  auto structure = view.dictionary_at(catalog, "StructTreeRoot");
  conformance.is_tagged = structure && structure->has_value();
  return conformance;
}

int version_number(std::string_view version) {
  if (version.size() < 3 || version[1] != '.' || version[0] < '0' || version[0] > '9') return 0;
  return version[2] >= '0' && version[2] <= '9' ? (version[0] - '0') * 10 + (version[2] - '0') : 0;
}

int version_of(const RevisionGraph& graph, const ObjectView& view, const Dictionary& catalog) {
  const int header = version_number(graph.header_version());
  auto declared = view.resolve(catalog, "Version");
  return declared && declared->as_name() != nullptr ? std::max(header, version_number(*declared->as_name())) : header;
}

}  // namespace

Result<Document> Document::open(Source source, const Options& options) {
  auto graph = std::make_shared<const RevisionGraph>(
      KYSO_TRY(RevisionGraph::open(std::move(source), options.repair, options.limits)));
  ObjectView view = KYSO_TRY(ObjectView::open(graph, std::nullopt, options.password));
  const Dictionary catalog = KYSO_TRY(view.catalog());
  PageTree pages = KYSO_TRY(PageTree::open(view));
  Form form = KYSO_TRY(Form::open(view, pages));
  Document document(std::move(graph), std::move(view), std::move(pages), std::move(form));
  document.m_conformance = conformance_of(document.m_view, catalog);
  document.m_version = version_of(*document.m_graph, document.m_view, catalog);
  return document;
}

std::string Document::title() const {
  auto info = m_view.dictionary_at(m_view.trailer(), "Info");
  if (info && *info) {
    auto title = m_view.resolve(**info, "Title");
    if (title && title->as_string() != nullptr) {
      std::string text = text_of(*title->as_string());
      if (!text.empty()) return text;
    }
  }
  return xmp_property(metadata_of(m_view), kDublinCore, "title").value_or("");
}

}  // namespace kyso::pdf
