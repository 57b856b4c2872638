#include "pki/policy_graph.h"

#include <algorithm>

#include "pki/extension_ids.h"

namespace kyso::pki {

PolicyGraph::Node& PolicyGraph::node(Level& level, const std::string& policy) {
  const auto [place, is_new] = level.nodes.try_emplace(policy);
  if (is_new) ++m_size;
  return place->second;
}

void PolicyGraph::add_certificate(const CertificateExtensions& extensions, bool any_allowed) {
  Level level = std::move(m_next);
  m_next = {};
  if (extensions.policies && extensions.policies->size() > m_limit) m_size = m_limit + 1;
  if (!extensions.policies || is_over_limit()) {
    m_levels.emplace_back();
    return;
  }
  const std::set<std::string> asserted(extensions.policies->begin(), extensions.policies->end());
  const bool issuer_says_any = level.has_any;
  if (!any_allowed || !asserted.contains(std::string(kAnyPolicy))) {
    std::erase_if(level.nodes, [&](const auto& entry) { return !asserted.contains(entry.first); });
    level.has_any = false;
  }
  if (issuer_says_any)
    for (const std::string& policy : asserted)
      if (policy != kAnyPolicy) node(level, policy);
  m_levels.push_back(std::move(level));
}

bool PolicyGraph::map_policies(const CertificateExtensions& extensions, bool mapping_allowed) {
  for (const PolicyMapping& mapping : extensions.policy_mappings)
    if (mapping.issuer_domain == kAnyPolicy || mapping.subject_domain == kAnyPolicy) return false;
  if (extensions.policy_mappings.size() > m_limit) m_size = m_limit + 1;
  Level& level = m_levels.back();
  m_next = {{}, level.has_any};
  for (const PolicyMapping& mapping : extensions.policy_mappings) {
    if (is_over_limit()) break;
    if (!mapping_allowed) {
      level.nodes.erase(mapping.issuer_domain);
      continue;
    }
    if (!level.has_any && !level.nodes.contains(mapping.issuer_domain)) continue;
    node(level, mapping.issuer_domain).is_mapped = true;
    if (node(m_next, mapping.subject_domain).parents.insert(mapping.issuer_domain).second) ++m_size;
  }
  for (const auto& [policy, entry] : level.nodes)
    if (!entry.is_mapped && !is_over_limit()) node(m_next, policy).parents.insert(policy);
  return true;
}

bool PolicyGraph::is_empty() const {
  return !m_levels.empty() && m_levels.back().nodes.empty() && !m_levels.back().has_any;
}

// authorities-constrained policies: those below anyPolicy from which the last certificate is reached.
std::set<std::string> PolicyGraph::authority_policies() const {
  std::set<std::string> out;
  if (m_levels.empty() || m_levels.back().has_any) out.emplace(kAnyPolicy);
  if (m_levels.empty()) return out;
  std::set<std::string> reached;
  for (const auto& [policy, entry] : m_levels.back().nodes) reached.insert(policy);
  for (auto level = m_levels.rbegin(); level != m_levels.rend(); ++level) {
    std::set<std::string> above;
    for (const std::string& policy : reached) {
      const auto entry = level->nodes.find(policy);
      if (entry == level->nodes.end()) continue;
      if (entry->second.parents.empty()) out.insert(policy);
      above.insert(entry->second.parents.begin(), entry->second.parents.end());
    }
    reached = std::move(above);
  }
  return out;
}

std::vector<std::string> PolicyGraph::user_policies(std::span<const std::string> user) const {
  const std::set<std::string> authority = authority_policies();
  const bool user_takes_any = user.empty() || std::ranges::find(user, kAnyPolicy) != user.end();
  if (user_takes_any) return {authority.begin(), authority.end()};
  const std::set<std::string> wanted(user.begin(), user.end());
  if (authority.contains(std::string(kAnyPolicy))) return {wanted.begin(), wanted.end()};
  std::vector<std::string> out;
  std::ranges::set_intersection(authority, wanted, std::back_inserter(out));
  return out;
}

}  // namespace kyso::pki
