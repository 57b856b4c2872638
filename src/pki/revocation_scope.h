#pragma once
#include "pki/crl_state.h"

// Private to the module: which certificates a CRL speaks about (RFC 5280 section 6.3.3 (b) to (e)).
namespace kyso::pki {

// RevocationScope: the distribution points of a certificate, ready for comparing with many CRLs.
class RevocationScope {
 public:
  explicit RevocationScope(const ParsedCertificate& subject);

  enum class Relation : std::uint8_t {
    stranger,  // of another issuer, that no distribution point names
    outside,   // of an issuer that could tell, but this list isn't for the certificate
    covers,
  };
  struct Verdict {
    Relation relation = Relation::stranger;
    ReasonMask reasons = 0;  // for which the list tells the status
  };
  Verdict relation_to(const RevocationList::State& list) const;

 private:
  using ComparableName = std::pair<GeneralName::Kind, Bytes>;
  struct Point {
    std::vector<ComparableName> names;
    std::vector<Bytes> crl_issuers;  // normalised
    ReasonMask reasons = kAllReasons;
  };
  static std::vector<ComparableName> comparable(std::span<const GeneralName> names, ByteView relative_name,
                                                ByteView issuer);
  static bool names_meet(const Point& point, const std::vector<ComparableName>& list_names, bool list_has_name);
  Point make_point(const DistributionPoint& point) const;

  const ParsedCertificate* m_subject;
  std::vector<Point> m_points;  // the last one is that of the issuer itself
};

}  // namespace kyso::pki
