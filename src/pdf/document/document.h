#pragma once
#include <memory>

#include "pdf/document/form.h"
#include "pdf/update/incremental_writer.h"

namespace kyso::pdf {

// What a document declares about itself and an update must keep.
struct Conformance {
  int pdfa_part = 0;       // 1 to 4; 0: not PDF/A
  std::string pdfa_level;  // "A", "B", "U", "E", "F" or empty
  bool pdf_ua = false;
  bool has_rgb_output_intent = false;
  bool is_tagged = false;
  bool allows_transparency() const { return pdfa_part != 1; }
  // The longest string that the declared part permits (ISO 19005-1 and -2 section 6.1.12 and 6.1.13): bounds the bytes
  // of a signature's /Contents.
  std::size_t max_string_bytes() const {
    return pdfa_part == 1 ? 65'535 : pdfa_part == 2 || pdfa_part == 3 ? 32'767 : static_cast<std::size_t>(-1);
  }
};

// Document: a file opened for reading and for one update; the newest revision.
class Document {
 public:
  struct Options {
    RevisionGraph::Repair repair = RevisionGraph::Repair::minor;
    Limits limits;
    const Secret* password = nullptr;
  };
  static Result<Document> open(Source source, const Options& options);
  static Result<Document> open(Source source) { return open(std::move(source), Options{}); }

  const RevisionGraph& graph() const { return *m_graph; }
  const ObjectView& view() const { return m_view; }
  const PageTree& pages() const { return m_pages; }
  const Form& form() const { return m_form; }
  const Conformance& conformance() const { return m_conformance; }
  std::string title() const;  // of the Info dictionary or XMP, UTF-8; empty when none
  // The version that rules: of the header, or the catalog's when it is higher. 17 for 1.7.
  int version() const { return m_version; }

 private:
  Document(std::shared_ptr<const RevisionGraph> graph, ObjectView view, PageTree pages, Form form)
      : m_graph(std::move(graph)), m_view(std::move(view)), m_pages(std::move(pages)), m_form(std::move(form)) {}
  std::shared_ptr<const RevisionGraph> m_graph;
  ObjectView m_view;
  PageTree m_pages;
  Form m_form;
  Conformance m_conformance;
  int m_version = 0;
};

}  // namespace kyso::pdf
