#pragma once
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "pdf/file/object_view.h"
#include "verify/facts/facts.h"

namespace kyso::verify {

// StoredData: certificates, CRLs and OCSP responses that stand in the document, each once. Private to the module.
class StoredData {
 public:
  // The item's index; nothing when it is over the limits.
  std::optional<std::size_t> add(StoredItem item);
  std::vector<StoredItem> items;
  bool limit_exceeded = false;

 private:
  std::map<std::pair<StoredItem::Kind, Bytes>, std::size_t> m_by_digest;
  std::size_t m_bytes_left = 40U << 20U;
};

// DssTracker: the /DSS of every revision (ISO 32000-2 section 12.8.4.3). It is shown the revisions oldest first and
// looks again only when one touched what it has read.
class DssTracker {
 public:
  explicit DssTracker(StoredData& data) : m_data(data) {}
  void update(const pdf::ObjectView& view, std::size_t revision, const std::vector<std::uint32_t>& touched);
  std::vector<ValidationRelated> related;

 private:
  void read(const pdf::ObjectView& view);
  void read_related(const pdf::ObjectView& view, const pdf::Object& object);
  std::vector<std::size_t> read_array(const pdf::ObjectView& view, const pdf::Object& array, StoredItem::Kind kind);
  std::optional<std::size_t> read_stream(const pdf::ObjectView& view, pdf::ObjectId id, StoredItem::Kind kind);
  void use(const pdf::Object& object);

  StoredData& m_data;
  std::size_t m_revision = 0;
  std::optional<pdf::ObjectId> m_catalog;
  std::unordered_set<std::uint32_t> m_uses;
  std::unordered_map<std::string, std::optional<std::size_t>> m_by_place;
  std::unordered_map<std::string, std::size_t> m_related;  // by key
  std::unordered_set<std::size_t> m_present;
  std::size_t m_work_left = 5'000'000;
};

}  // namespace kyso::verify
