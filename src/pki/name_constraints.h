#pragma once
#include <optional>
#include <string>
#include <vector>

#include "pki/name_match.h"

// Private to the module: name constraints of RFC 5280 section 4.2.1.10 (directory, rfc822, dns, uri, ip).
namespace kyso::pki {

class NameConstraints {
 public:
  // `comparisons`: what is left for this and other paths.
  explicit NameConstraints(std::size_t& comparisons) : m_left(comparisons) {}

  // Section 6.1.4 (g): what this certificate demands of all below it.
  void add(const CertificateExtensions& extensions);
  // Section 6.1.3 (b) and (c). The first name that isn't allowed, for people; nullopt: all are.
  std::optional<std::string> find_violation(const ParsedCertificate& certificate);
  bool is_over_limit() const { return m_is_over_limit; }

 private:
  struct Subtree {
    GeneralName::Kind kind;
    std::optional<ComparableName> base;  // nullopt: can't be applied
  };
  std::vector<Subtree> prepare(const std::vector<GeneralSubtree>& subtrees);
  bool allows(GeneralName::Kind kind, const std::optional<ComparableName>& name);
  std::optional<ComparableName> read(GeneralName::Kind kind, ByteView value);
  bool spend(std::size_t octets = 0);

  std::vector<std::vector<Subtree>> m_permitted;  // one list for each certificate: a name must be in one of each
  std::vector<Subtree> m_excluded;
  std::size_t& m_left;
  bool m_is_over_limit = false;
};

}  // namespace kyso::pki
