#pragma once
#include <unordered_map>

#include "pdf/file/file_object.h"
#include "pdf/file/filters.h"
#include "pdf/file/object_stream.h"
#include "pdf/file/security_handler.h"

namespace kyso::pdf {

// The entries of one revision. Small sections are merged into one map, large ones are searched where they are: so fifty
// revisions of a large document do not cost fifty copies of its cross-reference. Private to the module.
class EntryIndex {
 public:
  EntryIndex() = default;
  EntryIndex(const RevisionGraph& graph, const Revision& revision);
  const XrefEntry* find(std::uint32_t number) const;
  void add_newer(const XrefSection& section, std::size_t index);      // of RevisionGraph::sections()
  void override_entry(std::uint32_t number, const XrefEntry& entry);  // newer than every section
  std::uint32_t highest() const { return m_highest; }

 private:
  struct Ranked {
    std::ptrdiff_t rank = 0;  // smaller: newer
    XrefEntry entry;
  };
  std::unordered_map<std::uint32_t, Ranked> m_merged;
  std::vector<std::pair<std::ptrdiff_t, const XrefSection*>> m_large;  // newest first
  std::uint32_t m_highest = 0;
};

struct ObjectView::State {
  struct Known {
    Result<Object> object;
    Extent extent;
  };
  struct Container {
    Bytes data;
    ObjectStreamIndex index;
    WorkBudget budget;
    std::unordered_map<std::uint32_t, std::size_t> positions;  // made when an entry's index is wrong
    std::size_t size() const { return data.size() + 16 * index.objects.size() + 64 * positions.size(); }
  };

  std::shared_ptr<const RevisionGraph> graph;
  std::size_t revision = 0;
  EntryIndex entries;
  Dictionary trailer;
  WorkBudget budget;
  std::uint64_t decoded_left = 0;
  std::unordered_map<std::uint32_t, Known> known;
  std::unordered_map<std::uint32_t, std::shared_ptr<Container>> containers;
  std::size_t containers_size = 0;
  bool has_dropped_containers = false;
  bool has_met_limit = false;
  std::unordered_multimap<std::uint32_t, std::uint32_t> length_users;  // object of an indirect /Length -> stream
  std::unordered_map<std::uint32_t, bool> in_progress;                 // objects being read, against circles
  std::size_t depth = 0;
  std::unique_ptr<SecurityHandler> security;
  std::optional<EncryptionInfo> encryption;

  void merge_trailer();
  bool advance(const State* sibling);
  void forget(std::uint32_t number);  // and all that was read with its help
  Result<> open_encryption(const Secret* password);
  void list_unread_containers();

  const Known& read(std::uint32_t number, const XrefEntry& entry);
  Known read_plain(std::uint32_t number, const XrefEntry& entry);
  Result<Object> read_compressed(std::uint32_t number, const XrefEntry& entry);
  Result<std::shared_ptr<Container>> container(std::uint32_t number);
  std::optional<std::int64_t> length_of(ObjectId id, std::uint32_t stream);

  Result<Object> get(ObjectId id);
  Result<Object> resolve(const Object& object);
  Result<Dictionary> resolved_values(const Dictionary& dictionary, std::size_t depth);
  Object decrypted(const Object& object, ObjectId id) const;

  Result<std::vector<FilterStep>> filters_of(const Dictionary& dictionary, std::optional<std::string>& crypt_filter);
  Result<Bytes> raw(const Stream& stream, const std::optional<std::string>& crypt_filter);
  Result<Bytes> decode(const Stream& stream, std::size_t limit);
  Result<> spend_decoded(std::uint64_t count);
};

}  // namespace kyso::pdf
