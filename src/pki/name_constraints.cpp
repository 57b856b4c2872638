#include "pki/name_constraints.h"

#include <algorithm>

#include "crypto/der.h"
#include "pki/name_match.h"

namespace kyso::pki {
namespace {

namespace der = crypto::der;

constexpr std::string_view kEmailAddress = "1.2.840.113549.1.9.1";

// The e-mail addresses that stand in a Name.
Result<std::vector<Bytes>> read_addresses(ByteView name_der) {
  std::vector<Bytes> out;
  der::Reader outer(name_der);
  der::Reader rdns(KYSO_TRY(outer.expect(der::kSequence)).content);
  while (!rdns.at_end()) {
    der::Reader members(KYSO_TRY(rdns.expect(der::kSet)).content);
    while (!members.at_end()) {
      der::Reader attribute(KYSO_TRY(members.expect(der::kSequence)).content);
      const std::string type = KYSO_TRY(der::read_oid(KYSO_TRY(attribute.expect(der::kOid)).content));
      const ByteView value = KYSO_TRY(attribute.next()).content;
      if (type == kEmailAddress) out.emplace_back(value.begin(), value.end());
    }
  }
  return out;
}

std::string describe(GeneralName::Kind kind, ByteView value) {
  using Kind = GeneralName::Kind;
  const bool is_text = kind == Kind::rfc822 || kind == Kind::dns || kind == Kind::uri;
  const bool is_printable = std::ranges::all_of(value, [](std::uint8_t c) { return c >= 0x20 && c < 0x7f; });
  const std::string text = is_text && is_printable ? std::string(as_chars(value)) : to_hex(value);
  return text.size() > 200 ? text.substr(0, 200) : text;
}

}  // namespace

std::vector<NameConstraints::Subtree> NameConstraints::prepare(const std::vector<GeneralSubtree>& subtrees) {
  std::vector<Subtree> out;
  out.reserve(subtrees.size());
  for (const GeneralSubtree& subtree : subtrees) {
    const GeneralName::Kind kind = subtree.base.kind;
    if (!spend(subtree.base.value.size())) break;
    out.push_back({kind, subtree.is_supported ? read_base(kind, subtree.base.value) : std::nullopt});
  }
  return out;
}

void NameConstraints::add(const CertificateExtensions& extensions) {
  if (!extensions.permitted.empty()) m_permitted.push_back(prepare(extensions.permitted));
  for (Subtree& subtree : prepare(extensions.excluded)) m_excluded.push_back(std::move(subtree));
}

// Reading a long name costs as much as comparing some short ones.
bool NameConstraints::spend(std::size_t octets) {
  const std::size_t cost = 1 + octets / 64;
  m_is_over_limit = m_is_over_limit || m_left < cost;
  m_left -= std::min(m_left, cost);
  return !m_is_over_limit;
}

std::optional<ComparableName> NameConstraints::read(GeneralName::Kind kind, ByteView value) {
  return spend(value.size()) ? read_name(kind, value) : std::nullopt;
}

// What can't be compared is refused: "must either process the constraint or reject the certificate".
bool NameConstraints::allows(GeneralName::Kind kind, const std::optional<ComparableName>& name) {
  for (const Subtree& subtree : m_excluded) {
    if (!spend()) return false;
    if (subtree.kind == kind && (!subtree.base || !name || is_within(*subtree.base, *name, true))) return false;
  }
  for (const auto& list : m_permitted) {
    bool is_constrained = false;
    bool is_inside = false;
    for (const Subtree& subtree : list) {
      if (!spend()) return false;
      if (subtree.kind != kind) continue;
      if (!subtree.base || !name) return false;
      is_constrained = true;
      is_inside = is_inside || is_within(*subtree.base, *name, false);
    }
    if (is_constrained && !is_inside) return false;
  }
  return true;
}

std::optional<std::string> NameConstraints::find_violation(const ParsedCertificate& certificate) {
  using Kind = GeneralName::Kind;
  if (m_permitted.empty() && m_excluded.empty()) return std::nullopt;
  if (!certificate.normalised_subject().empty() &&
      !allows(Kind::directory, read(Kind::directory, certificate.certificate().subject_der())))
    return certificate.certificate().subject_text();
  bool has_address = false;
  for (const GeneralName& name : certificate.extensions().subject_alternative_names) {
    has_address = has_address || name.kind == Kind::rfc822;
    if (!allows(name.kind, read(name.kind, name.value))) return describe(name.kind, name.value);
  }
  // "The rfc822Name constraint MUST be applied to the attribute of type emailAddress in the subject", where no
  // alternative name says the address.
  if (has_address) return std::nullopt;
  const auto addresses = read_addresses(certificate.certificate().subject_der());
  if (!addresses) return certificate.certificate().subject_text();
  for (const Bytes& address : *addresses)
    if (!allows(Kind::rfc822, read(Kind::rfc822, address))) return describe(Kind::rfc822, address);
  return std::nullopt;
}

}  // namespace kyso::pki
