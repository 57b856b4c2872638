#pragma once
#include <functional>
#include <unordered_map>
#include <unordered_set>

#include "verify/facts/signature_record.h"

namespace kyso::verify {

// FormTracker: the signatures of every revision. It is shown the revisions one after the other, oldest first, and looks
// again only at the fields that a revision touched. Private to the module.
class FormTracker {
 public:
  // Fills what only this revision's view can tell; called once for each new signature.
  using Describe = std::function<void(const pdf::ObjectView& view, SignatureRecord& record,
                                      const std::vector<pdf::Dictionary>& widgets)>;
  FormTracker(const pdf::RevisionGraph& graph, Describe describe) : m_graph(graph), m_describe(std::move(describe)) {}

  // `touched`: numbers that the revision's own sections define or free.
  void update(const pdf::ObjectView& view, std::size_t revision, const std::vector<std::uint32_t>& touched);
  // A signature field that only a page's /Annots leads to; in the newest revision.
  void add_orphan(const pdf::ObjectView& view, pdf::ObjectId widget, std::size_t revision);
  // Names of several fields in the newest revision.
  std::unordered_set<std::string> duplicate_names() const;

  std::vector<SignatureRecord>& records() { return m_records; }
  const std::vector<Finding>& findings() const { return m_findings; }

 private:
  struct Item {  // a member of /Fields
    pdf::Object root;
    std::vector<std::size_t> records;
    std::vector<std::pair<std::string, std::uint32_t>> names;  // with the number of the field's object
    std::unordered_set<std::uint32_t> uses;
    bool is_listed = false;
  };
  struct Inherited {
    std::string name;
    pdf::Object type, value;
    pdf::ObjectId value_holder;  // the object that holds /V
  };
  struct Walk;

  void read_list(const pdf::ObjectView& view);
  void walk_item(const pdf::ObjectView& view, std::uint32_t key, const pdf::Object& root);
  void walk_node(Walk& walk, const pdf::Object& node, const Inherited& from, std::size_t depth);
  void end_field(Walk& walk, const pdf::Object& node, const pdf::Dictionary& dictionary, const Inherited& inherited,
                 const pdf::Object& kids);
  void release(const Item& item);
  std::optional<std::size_t> record_of(Walk& walk, const Inherited& inherited);
  std::optional<std::size_t> known_record(const pdf::ObjectView& view, const std::string& place, std::uint32_t number,
                                          const pdf::Dictionary* value);
  void note_limit(const Walk& walk, std::string_view limit, std::uint32_t number);
  void note_duplicate_keys(const Walk& walk, std::uint32_t number);
  bool spend(std::size_t work);
  void use(Walk& walk, const pdf::Object& object);

  const pdf::RevisionGraph& m_graph;
  Describe m_describe;
  std::size_t m_revision = 0;
  std::vector<SignatureRecord> m_records;
  std::unordered_map<std::uint32_t, Item> m_items;
  std::unordered_map<std::uint32_t, std::unordered_set<std::uint32_t>> m_used_by;
  std::unordered_map<std::string, std::size_t> m_by_place;            // where the dictionary stands
  std::unordered_map<std::uint32_t, std::size_t> m_newest_by_number;  // number of the dictionary, or of its holder
  std::unordered_set<std::uint32_t> m_list_objects, m_with_duplicate_keys;
  std::vector<std::uint32_t> m_direct_items;
  std::optional<pdf::ObjectId> m_catalog;
  std::size_t m_work_left = 20'000'000;
  std::vector<Finding> m_findings;
};

}  // namespace kyso::verify
