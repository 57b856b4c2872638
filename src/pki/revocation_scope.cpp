#include "pki/revocation_scope.h"

#include <algorithm>

namespace kyso::pki {
namespace {

namespace der = crypto::der;

// nameRelativeToCRLIssuer (RFC 5280 section 4.2.1.13): one more RDN below the name of the issuer.
Bytes full_name(ByteView issuer, ByteView relative_name) {
  const auto name = der::Reader(issuer).next();
  if (!name) return {};
  return der::encode(der::kSequence, der::concat(name->content, relative_name));
}

}  // namespace

std::vector<RevocationScope::ComparableName> RevocationScope::comparable(std::span<const GeneralName> names,
                                                                         ByteView relative_name, ByteView issuer) {
  std::vector<ComparableName> out;
  for (const GeneralName& name : names.first(std::min(names.size(), kMaxNames)))
    out.emplace_back(name.kind, name.kind == GeneralName::Kind::directory ? normalise_name(name.value) : name.value);
  if (!relative_name.empty())
    out.emplace_back(GeneralName::Kind::directory, normalise_name(full_name(issuer, relative_name)));
  return out;
}

RevocationScope::Point RevocationScope::make_point(const DistributionPoint& point) const {
  ByteView issuer = m_subject->certificate().issuer_der();
  for (const GeneralName& name : point.crl_issuer)
    if (name.kind == GeneralName::Kind::directory) {
      issuer = name.value;
      break;
    }
  Point out;
  out.names = comparable(point.full_name, point.relative_name, issuer);
  out.crl_issuers = normalised_directory_names(point.crl_issuer);
  // A cRLIssuer that isn't a directory name can't be the issuer of any list.
  if (out.crl_issuers.empty() && !point.crl_issuer.empty()) out.crl_issuers.emplace_back();
  if (point.reasons) out.reasons = *point.reasons;
  return out;
}

RevocationScope::RevocationScope(const ParsedCertificate& subject) : m_subject(&subject) {
  const auto& points = subject.extensions().crl_distribution_points;
  for (const DistributionPoint& point : std::span(points).first(std::min(points.size(), kMaxNames)))
    m_points.push_back(make_point(point));
  // Section 6.3.3, last paragraph: lists of the issuer that no distribution point names are taken as if one with the
  // issuer's name did.
  const ByteView issuer = subject.normalised_issuer();
  Point own;
  own.names.emplace_back(GeneralName::Kind::directory, Bytes(issuer.begin(), issuer.end()));
  m_points.push_back(std::move(own));
}

// (b) (2) (i).
bool RevocationScope::names_meet(const Point& point, const std::vector<ComparableName>& list_names,
                                 bool list_has_name) {
  if (!list_has_name) return true;
  return std::ranges::any_of(list_names, [&point](const ComparableName& name) {
    if (!point.names.empty()) return std::ranges::find(point.names, name) != point.names.end();
    return name.first == GeneralName::Kind::directory &&
           std::ranges::find(point.crl_issuers, name.second) != point.crl_issuers.end();
  });
}

RevocationScope::Verdict RevocationScope::relation_to(const RevocationList::State& list) const {
  Verdict out;
  const IssuingDistributionPoint everything;
  const IssuingDistributionPoint& scope = list.scope ? *list.scope : everything;
  const bool is_own = std::ranges::equal(list.normalised_issuer, m_subject->normalised_issuer());
  std::vector<ComparableName> list_names;
  bool names_are_known = false;
  for (const Point& point : m_points) {
    // (b) (1): another issuer must be named by the certificate, and say itself that it speaks for others.
    const bool is_named = std::ranges::find(point.crl_issuers, list.normalised_issuer) != point.crl_issuers.end();
    if (point.crl_issuers.empty() ? !is_own : !is_named) continue;
    if (out.relation == Relation::stranger) out.relation = Relation::outside;
    if (is_named && !scope.is_indirect) continue;
    if (!std::exchange(names_are_known, true))
      list_names = comparable(scope.full_name, scope.relative_name, list.issuer);
    if (!names_meet(point, list_names, scope.has_name)) continue;
    out.reasons =
        static_cast<ReasonMask>(out.reasons | (point.reasons & scope.only_some_reasons.value_or(kAllReasons)));
  }
  // (b) (2) (ii) to (iv).
  const bool is_ca = m_subject->certificate().is_ca();
  const bool is_left_out = scope.only_attribute_certificates || (scope.only_user_certificates && is_ca) ||
                           (scope.only_ca_certificates && !is_ca);
  if (is_left_out) out.reasons = 0;
  if (out.reasons != 0) out.relation = Relation::covers;
  return out;
}

}  // namespace kyso::pki
