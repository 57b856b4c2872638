#include <algorithm>
#include <set>

#include "base/text.h"
#include "verify/facts/certification.h"
#include "verify/facts/cms_data.h"
#include "verify/facts/digest_pass.h"
#include "verify/facts/form_tracker.h"
#include "verify/facts/geometry.h"
#include "verify/facts/ink.h"
#include "verify/facts/object_place.h"
#include "verify/facts/open_graph.h"
#include "verify/facts/stored_data.h"
#include "verify/facts/structure.h"

namespace kyso::verify {

namespace {

using pdf::ObjectView;

constexpr std::size_t kPagesLookedThrough = 5000;  // for fields that only a page leads to
constexpr std::size_t kAnnotationsLookedAt = 100'000;
constexpr std::size_t kFirstViewTries = 16;
constexpr std::size_t kMaxText = 10'000;
// Less than signing allows: a verdict must come within a second, whatever the file.
constexpr std::size_t kMostDecodedStream = 48U << 20U;
constexpr std::size_t kMostDecoded = 96U << 20U;
constexpr std::size_t kMostSections = 12'000;

std::string text_at(const ObjectView& view, const pdf::Dictionary& dictionary, std::string_view key) {
  const auto value = view.resolve(dictionary, key);
  const pdf::String* text = value ? value->as_string() : nullptr;
  return text != nullptr ? to_valid_utf8(pdf::text_of(*text).substr(0, kMaxText)) : std::string();
}

std::string name_at(const ObjectView& view, const pdf::Dictionary& dictionary, std::string_view key) {
  const auto value = view.resolve(dictionary, key);
  const std::string* name = value ? value->as_name() : nullptr;
  return name != nullptr ? to_valid_utf8(name->substr(0, kMaxText)) : std::string();
}

std::string_view name_of(pdf::XrefKind kind) {
  return kind == pdf::XrefKind::table ? "table" : kind == pdf::XrefKind::stream ? "stream" : "hybrid";
}

bool is_returned(const Error& error) {
  return error.code.starts_with("pdf.encrypted.") || error.code == "pdf.file.changed";
}

class Extraction {
 public:
  Extraction(const pdf::Source& source, const ExtractOptions& options)
      : m_source(source), m_options(options), m_limits(options.limits), m_dss(m_stored) {
    m_limits.decoded_stream = std::min(m_limits.decoded_stream, kMostDecodedStream);
    m_limits.decoded_total = std::min(m_limits.decoded_total, kMostDecoded);
    m_limits.xref_sections = std::min(m_limits.xref_sections, kMostSections);
  }

  Result<DocumentFacts> run() {
    m_facts.size = m_source.size();
    if (m_source.size() == 0) return fail("pdf.file.empty");
    OpenedGraph opened = KYSO_TRY(open_graph(m_source, m_limits));
    m_facts.findings = std::move(opened.findings);
    m_graph = opened.graph;
    m_cut_at = opened.cut_at;
    if (m_graph == nullptr) {
      KYSO_TRY(m_source.check_unchanged());
      return std::move(m_facts);
    }
    m_facts.pdf_version = m_graph->header_version();
    describe_revisions();
    m_tracker.emplace(
        *m_graph, [this](const ObjectView& view, SignatureRecord& record, const std::vector<pdf::Dictionary>& widgets) {
          describe(view, record, widgets);
        });
    KYSO_TRY(walk_revisions());
    look_at_newest();
    finish_records();
    KYSO_TRY(digest_signatures(m_source, m_records));
    KYSO_TRY(find_structure());
    collect();
    return std::move(m_facts);
  }

 private:
  void describe_revisions() {
    std::size_t older = m_graph->sections().size();
    for (const pdf::Revision& revision : m_graph->revisions()) {
      RevisionFacts facts;
      facts.end = revision.end;
      facts.startxref_offset = revision.startxref_offset;
      const std::size_t first = revision.sections.front();
      facts.xref = name_of(m_graph->sections()[first].kind);
      std::vector<std::uint32_t>& touched = m_touched.emplace_back();
      for (std::size_t i = first; i < older; ++i) {
        facts.objects += m_graph->sections()[i].entries.size();
        for (const auto& [number, entry] : m_graph->sections()[i].entries) touched.push_back(number);
      }
      older = first;
      m_facts.revisions.push_back(std::move(facts));
    }
  }

  // What a signature says, as of the revision that brought it.
  void describe(const ObjectView& view, SignatureRecord& record, const std::vector<pdf::Dictionary>& widgets) {
    SignatureFacts& facts = record.facts;
    const pdf::Dictionary& dictionary = record.dictionary;
    facts.filter = name_at(view, dictionary, "Filter");
    facts.sub_filter = name_at(view, dictionary, "SubFilter");
    facts.name = text_at(view, dictionary, "Name");
    facts.reason = text_at(view, dictionary, "Reason");
    facts.location = text_at(view, dictionary, "Location");
    facts.claimed_time = text_at(view, dictionary, "M");
    read_certification(view, record);
    for (std::size_t i = 0; i < widgets.size() && facts.ink.empty(); ++i) {
      if (record.widgets[i].rect.area() > 0) facts.ink = m_ink.ink_of(view, widgets[i]);
    }
  }

  Result<> walk_revisions() {
    const std::size_t count = m_graph->revisions().size();
    std::optional<ObjectView> view;
    std::size_t revision = 0;
    for (std::size_t tries = 0; revision < count && !view; ++tries) {
      if (tries == kFirstViewTries) revision = count - 1;
      auto opened = ObjectView::open(m_graph, revision, m_options.password);
      if (!opened && is_returned(opened.error())) return std::move(opened).error();
      if (opened) view = *std::move(opened);
      if (!view) ++revision;
    }
    if (!view) {
      m_facts.findings.push_back(Finding("xref.broken", Severity::failure).with("cause", "pdf.catalog.missing"));
      return {};
    }
    for (;; ++revision) {
      m_tracker->update(*view, revision, m_touched[revision]);
      m_dss.update(*view, revision, m_touched[revision]);
      if (!view->advance()) break;
    }
    m_newest = std::move(view);
    return {};
  }

  void look_at_newest() {
    if (!m_newest) return;
    if (const auto catalog = m_newest->catalog()) {
      const std::string version = name_at(*m_newest, *catalog, "Version");
      if (version.size() == 3 && version > m_facts.pdf_version) m_facts.pdf_version = version;
    }
    if (const auto info = m_newest->dictionary_at(m_newest->trailer(), "Info"); info && *info) {
      m_facts.title = text_at(*m_newest, **info, "Title");
    }
    m_facts.is_encrypted = m_newest->encryption().has_value();
    if (m_facts.is_encrypted) m_facts.findings.emplace_back("file.encrypted", Severity::info);
    auto pages = pdf::PageTree::open(*m_newest);
    if (pages) {
      m_pages = *std::move(pages);
      m_facts.pages = m_pages->count();
      look_through_pages();
    } else if (pages.error().code == "pdf.limit") {
      m_facts.findings.push_back(Finding("resource.limit", Severity::failure).with("limit", "pages"));
    } else {
      Finding finding("page-tree.broken", Severity::failure);
      const auto catalog = m_newest->catalog_id();
      finding.offset = catalog ? place_of_object(*m_newest, catalog->number) : std::nullopt;
      m_facts.findings.push_back(std::move(finding.with("cause", pages.error().code)));
    }
  }

  // Which page shows which widget, and signature fields that /Fields does not name.
  void look_through_pages() {
    if (m_pages->count() > kPagesLookedThrough && !m_tracker->records().empty()) return;
    std::size_t looked = 0;
    std::set<pdf::ObjectId> arrays;
    for (std::size_t i = 0; i < m_pages->count(); ++i) {
      const auto page = m_pages->page(i);
      if (!page) continue;
      if (page->dictionary.has_duplicate_keys()) {
        Finding finding("object.duplicate-key", Severity::warning);
        finding.object = page->id.number;
        finding.offset = place_of_object(*m_newest, page->id.number);
        finding.page = i + 1;
        m_facts.findings.push_back(std::move(finding));
      }
      const pdf::Object& entry = page->dictionary.get("Annots");
      if (const auto id = entry.as_reference(); id && !arrays.insert(*id).second) continue;
      const auto annotations = m_newest->resolve(entry);
      if (!annotations || annotations->as_array() == nullptr) continue;
      for (const pdf::Object& item : *annotations->as_array()) {
        if (++looked > kAnnotationsLookedAt) {
          m_facts.findings.push_back(Finding("resource.limit", Severity::failure).with("limit", "annotations"));
          return;
        }
        look_at_annotation(item, i);
      }
    }
  }

  void look_at_annotation(const pdf::Object& item, std::size_t page) {
    const auto id = item.as_reference();
    if (!id) return;
    const auto value = m_newest->resolve(item);
    const pdf::Dictionary* annotation = value ? value->as_dictionary() : nullptr;
    if (annotation == nullptr || name_at(*m_newest, *annotation, "Subtype") != "Widget") return;
    m_widget_pages.emplace(*id, page);
    const std::string type = name_at(*m_newest, *annotation, "FT");
    if (type == "Sig" || (type.empty() && annotation->has("Parent"))) {
      m_tracker->add_orphan(*m_newest, *id, m_graph->revisions().size() - 1);
    }
  }

  void finish_records() {
    m_records = std::move(m_tracker->records());
    const ObjectView* newest = m_newest ? &*m_newest : nullptr;
    for (SignatureRecord& record : m_records) {
      examine_dictionary(*m_graph, m_source, record);
      examine_cms(record.facts, record.slot);
      place_widgets(record);
    }
    find_overlaps(m_records);
    std::ranges::sort(m_records, {}, [](const SignatureRecord& record) {
      const SignatureFacts& facts = record.facts;
      return std::tuple{facts.revision.value_or(facts.first_revision), facts.offset, facts.object, facts.field};
    });
    compare_certifications(newest, m_records);
    const bool is_certified = std::ranges::any_of(
        m_records, [](const SignatureRecord& record) { return record.facts.certification.has_value(); });
    const auto twice = m_tracker->duplicate_names();
    for (SignatureRecord& record : m_records) find_field_trouble(record, is_certified, twice);
    for (Finding finding : m_tracker->findings()) m_facts.findings.push_back(std::move(finding));
    for (Finding& finding : m_facts.findings) {
      if (finding.code == "object.duplicate-key" && is_certified) finding.severity = Severity::failure;
    }
  }

  void place_widgets(SignatureRecord& record) {
    for (const WidgetPlace& widget : record.widgets) {
      SignatureFacts::Place place;
      place.rect = widget.rect;
      const auto shown = widget.id ? m_widget_pages.find(*widget.id) : m_widget_pages.end();
      if (shown != m_widget_pages.end()) {
        place.page = shown->second;
      } else if (widget.page && m_pages) {
        place.page = m_pages->index_of(*widget.page);
      }
      record.facts.widgets.push_back(place);
    }
  }

  void find_field_trouble(SignatureRecord& record, bool is_certified, const std::unordered_set<std::string>& twice) {
    SignatureFacts& facts = record.facts;
    const auto add = [&](std::string_view code, Severity severity) -> Finding& {
      Finding finding(code, severity);
      finding.at(facts.offset);
      if (facts.object != 0) finding.object = facts.object;
      facts.findings.push_back(std::move(finding));
      return facts.findings.back();
    };
    if (!facts.shared_fields.empty()) {
      add("signature.shared-by-fields", is_certified ? Severity::failure : Severity::warning)
          .with("field", facts.shared_fields.front());
    }
    if (facts.widgets.size() > 1) {
      add("field.many-widgets", Severity::info).with("count", fmt::format("{}", facts.widgets.size()));
    }
    if (twice.contains(facts.field)) add("field.duplicate-name", Severity::failure).with("field", facts.field);
    if (!facts.removed_in || facts.cms.empty()) return;
    Finding removed("signature.removed", Severity::failure);
    removed.at(facts.offset).with("field", facts.field);
    removed.revision = *facts.removed_in + 1;
    m_facts.findings.push_back(std::move(removed));
  }

  Result<> find_structure() {
    StructureInput input{*m_graph, m_source, m_newest ? &*m_newest : nullptr, m_cut_at, std::nullopt, std::nullopt};
    for (const SignatureRecord& record : m_records) {
      if (!record.facts.revision || !record.covered_end) continue;
      const std::uint64_t end = *record.covered_end;
      input.first_signed_end = std::min(end, input.first_signed_end.value_or(end));
      input.last_signed_end = std::max(end, input.last_signed_end.value_or(end));
    }
    StructureFacts structure = KYSO_TRY(examine_structure(input));
    map_notes(*m_graph, input.first_signed_end.value_or(UINT64_MAX), structure.reached, m_facts.findings);
    for (Finding& finding : structure.findings) {
      if (finding.code == "object.duplicate-key" && finding.object) {  // found in the form or the page, too
        std::erase_if(m_facts.findings, [&](const Finding& other) {
          return other.code == finding.code && other.object == finding.object;
        });
      }
      m_facts.findings.push_back(std::move(finding));
    }
    m_facts.leftovers = std::move(structure.leftovers);
    find_twins(structure.hidden_objects);
    return {};
  }

  // A signature dictionary that stands twice in its revision: the cross-reference picks one, a repairing reader
  // another.
  void find_twins(const std::vector<std::pair<std::uint32_t, std::uint64_t>>& hidden) {
    std::unordered_map<std::uint32_t, SignatureRecord*> by_number;
    for (SignatureRecord& record : m_records) {
      if (record.facts.object != 0) by_number.emplace(record.facts.object, &record);
    }
    for (const auto& [number, offset] : hidden) {
      const auto found = by_number.find(number);
      if (found == by_number.end()) continue;
      SignatureFacts& facts = found->second->facts;
      const auto& revisions = m_facts.revisions;
      const std::uint64_t begin = facts.first_revision > 0 ? revisions[facts.first_revision - 1].end : 0;
      if (offset < begin || offset >= revisions[facts.first_revision].end) continue;
      Finding finding("sigdict.redefined", Severity::failure);
      finding.at(offset).object = number;
      facts.findings.push_back(std::move(finding));
    }
  }

  void collect() {
    std::optional<std::size_t> first;
    for (SignatureRecord& record : m_records) {
      collect_from_cms(record.facts, m_facts.signatures.size(), m_stored);
      if (record.facts.revision) first = std::min(first.value_or(*record.facts.revision), *record.facts.revision);
      m_facts.signatures.push_back(std::move(record.facts));
    }
    m_facts.stored = std::move(m_stored.items);
    m_facts.vri = std::move(m_dss.related);
    if (m_stored.limit_exceeded) {
      m_facts.findings.push_back(Finding("resource.limit", Severity::failure).with("limit", "stored"));
    }
    if (!m_options.with_changes || !first || m_graph->revisions().size() < 2) return;
    ChangeReport report = find_changes(m_graph, *first, m_options.password);
    m_facts.changes = std::move(report.changes);
    if (report.limit_exceeded) {
      m_facts.findings.push_back(Finding("resource.limit", Severity::failure).with("limit", report.limit));
    }
  }

  const pdf::Source& m_source;
  const ExtractOptions& m_options;
  pdf::Limits m_limits;
  DocumentFacts m_facts;
  std::shared_ptr<const pdf::RevisionGraph> m_graph;
  std::optional<std::uint64_t> m_cut_at;
  std::vector<std::vector<std::uint32_t>> m_touched;
  std::optional<FormTracker> m_tracker;
  StoredData m_stored;
  DssTracker m_dss;
  InkReader m_ink;
  std::optional<ObjectView> m_newest;
  std::optional<pdf::PageTree> m_pages;
  std::map<pdf::ObjectId, std::size_t> m_widget_pages;
  std::vector<SignatureRecord> m_records;
};

}  // namespace

Result<DocumentFacts> extract_facts(const pdf::Source& source, const ExtractOptions& options) {
  return Extraction(source, options).run();
}

}  // namespace kyso::verify
