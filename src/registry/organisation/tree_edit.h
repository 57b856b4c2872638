#pragma once
#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "registry/organisation/tree.h"
#include "registry/organisation/version.h"

namespace kyso::registry {

// TreeEdit: a change of the tree in memory, over what the database holds. Timelines of nodes are loaded when they are
// needed; finish() proves that the tree is one on each day, then writes what differs.
class TreeEdit {
 public:
  TreeEdit(db::Transaction& transaction, std::string kind, std::string instrument, Instant from, const ChangeBy& by);

  // The day from which the next steps count; the first one is the change's own.
  void begin_on(Instant day) { m_from = day_start(day); }
  Instant from() const { return m_from; }

  // `draft` gives everything but id, level and inherited province. The id.
  Result<std::string> add(Version draft, std::string id = {});
  // The last version from the day on: `change` may set everything but level and period.
  Result<> change(const std::string& id, const std::function<Result<>(Version&)>& change);
  Result<> move(const std::string& id, const std::string& parent);
  // It exists up to the day before.
  Result<> end(const std::string& id);
  void link(const std::string& predecessor, const std::string& successor);
  void tell(const std::string& organisation, std::string text, std::string text_en);
  // A new node with a history; levels and inherited provinces are found.
  Result<> plant(const std::string& id, std::vector<Version> versions);
  // Exactly these versions (undoing): none removes the node.
  Result<> restore(const std::string& id, std::vector<Version> versions);

  Result<Version> at(const std::string& id, Instant when);  // registry.organisation.missing
  // Ids of those below, on the first day of the change.
  Result<std::vector<std::string>> children(const std::string& id);
  Result<std::string> child_by_key(const std::string& parent, const std::string& key);  // empty: none

  // Proves, and writes unless it is a preview.
  Result<OrganisationChange> finish();
  Result<> prove();
  Result<> write_nodes();
  // Nodes whose names, or those above them, become others from the day on.
  Result<std::set<std::string>> stale_nodes();
  // Ids of the nodes that differ from the database.
  std::vector<std::string> touched() const;
  const std::string& id() const { return m_id; }

 private:
  struct Node {
    std::vector<Version> before, now;
    bool is_new = false;
  };
  Result<Node*> node(const std::string& id);
  // Splits at a moment, so that a version begins there (if one holds there).
  static void split(Node& node, Instant at);
  void index(const std::string& id, const Node& node);
  Result<std::vector<Version>> child_versions(const std::string& parent, Instant from, Instant to);
  struct Shift {
    int levels = 0;
    std::string old_province, new_province;
    bool is_nothing() const { return levels == 0 && old_province == new_province; }
  };
  Result<> shift_below(const std::string& parent, Instant from, Instant to, const Shift& shift, int depth);
  Result<> prove_node(const std::string& id, const Node& node);
  Result<> prove_parent(const Version& version);
  Result<> prove_children(const std::string& id, const Node& node);
  Result<> prove_sibling_names(const Node& node, const Version& version);

  db::Transaction& m_transaction;
  const std::string m_id, m_kind, m_instrument;
  const Instant m_first;  // the change's own day
  Instant m_from;         // of the present step
  const ChangeBy m_by;
  std::map<std::string, Node> m_nodes;
  // What the nodes in memory may have below them and among their names; the versions decide.
  std::unordered_map<std::string, std::set<std::string>> m_below, m_named;
  std::vector<Link> m_links;
  std::vector<ChangeEffect> m_effects;
};

}  // namespace kyso::registry
