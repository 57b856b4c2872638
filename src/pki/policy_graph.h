#pragma once
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "pki/parsed_certificate.h"

// Private to the module: policy processing of RFC 5280 section 6.1 with the graph of RFC 9618 in place of the tree, so
// that its size is bounded by that of the certificates.
namespace kyso::pki {

class PolicyGraph {
 public:
  explicit PolicyGraph(std::size_t node_limit) : m_limit(node_limit) {}

  // Section 6.1.3 (d) and (e). `any_allowed`: anyPolicy in this certificate counts.
  void add_certificate(const CertificateExtensions& extensions, bool any_allowed);
  // Section 6.1.4 (a) and (b); false when a mapping names anyPolicy.
  bool map_policies(const CertificateExtensions& extensions, bool mapping_allowed);
  // valid_policy_tree is NULL.
  bool is_empty() const;
  bool is_over_limit() const { return m_size > m_limit; }
  std::size_t size() const { return m_size; }
  // Section 6.1.5 (g): the user-constrained policy set, sorted, in the terms of the anchor's domain; "2.5.29.32.0"
  // stands for any. `user` empty: any policy.
  std::vector<std::string> user_policies(std::span<const std::string> user) const;

 private:
  // A policy that is valid at one level. Without parents it stands below anyPolicy of the level before.
  struct Node {
    std::set<std::string> parents;
    bool is_mapped = false;
  };
  struct Level {
    std::map<std::string, Node> nodes;
    bool has_any = false;
  };
  Node& node(Level& level, const std::string& policy);
  std::set<std::string> authority_policies() const;

  std::size_t m_limit;
  std::size_t m_size = 0;
  std::vector<Level> m_levels;  // of the certificates so far
  Level m_next{{}, true};       // what the issuers expect of the next certificate
};

}  // namespace kyso::pki
