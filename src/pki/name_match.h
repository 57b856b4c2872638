#pragma once
#include <optional>
#include <string>

#include "pki/parsed_certificate.h"

// Private to the module: whether a name stands below the base of a subtree (RFC 5280 section 4.2.1.10).
namespace kyso::pki {

// A GeneralName, or the base of a subtree, taken apart once for many comparisons.
struct ComparableName {
  GeneralName::Kind kind = GeneralName::Kind::other;
  Bytes octets;                      // directory: normalised; ip: as in the certificate
  std::string host;                  // rfc822, dns, uri: lower case; of a base perhaps with a dot in front
  std::optional<std::string> local;  // rfc822
  bool is_wildcard = false;          // dns: "*." stood in front of the host
};
// nullopt: of a kind that can't be compared, or not in the form of its kind.
std::optional<ComparableName> read_name(GeneralName::Kind kind, ByteView value);
std::optional<ComparableName> read_base(GeneralName::Kind kind, ByteView value);

// Both of the same kind. `is_excluding`: a wildcard matches when any name that it stands for would.
bool is_within(const ComparableName& base, const ComparableName& name, bool is_excluding);

}  // namespace kyso::pki
