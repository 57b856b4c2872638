#pragma once
#include <map>

#include "pki/path_validator.h"

// Private to the module: finding certification paths (RFC 4158) with backtracking.
namespace kyso::pki {

// Whether the key identifiers agree (RFC 4158 section 3.5.10): 2 = yes, 1 = not known, 0 = no. A hint, which never
// excludes.
int key_id_rank(const ParsedCertificate& subject, const ParsedCertificate& issuer);
// The most promising first: valid at `time` (where it is given), key identifier, the longest validity.
void order_issuers(const ParsedCertificate& subject, std::optional<Instant> time,
                   std::vector<ParsedCertificate>& candidates);

class PathBuilder {
 public:
  PathBuilder(const CertificatePool& pool, const TrustStore& trust, const PathRequest& request);
  PathResult build(const ParsedCertificate& target);

 private:
  // First only links that could be part of a valid path are followed. When there is none, a short second search follows
  // the others too, to tell what is wrong with the path that comes closest.
  enum class Mode : std::uint8_t { searching, explaining };
  // How close an attempt came, from the farthest.
  enum class Reached : std::uint8_t { nowhere, anchor_by_bad_signature, anchor, refused_by_caller };
  struct Attempt {
    Reached reached = Reached::nowhere;
    std::size_t failures = 0;
    std::vector<Finding> findings;
  };

  bool search(Mode mode);
  bool extend();  // true: a path was found
  bool try_anchors();
  bool try_candidates();
  bool try_candidate(const ParsedCertificate& candidate);
  bool finish(const TrustAnchor& anchor);
  void dead_end();
  void consider(Reached reached, std::vector<Finding> findings);
  const std::vector<ParsedCertificate>& candidates_for(const ParsedCertificate& certificate);
  bool is_in_chain(const ParsedCertificate& candidate) const;
  bool may_have_signed(const ParsedCertificate& issuer, const ParsedCertificate& subject);
  bool is_stopped();
  void stop(std::string_view limit);

  const CertificatePool& m_pool;
  const TrustStore& m_trust;
  const PathRequest& m_request;
  SignatureMemory m_signatures;
  PathCosts m_costs;
  Mode m_mode = Mode::searching;
  std::vector<ParsedCertificate> m_chain;  // the target first
  std::size_t m_paths_left = 0, m_refusals_left, m_steps_left = 0;
  std::string m_limit;  // the one that was met
  bool m_depth_was_cut = false;
  std::optional<Path> m_found;
  std::optional<Attempt> m_closest;
  std::map<const std::uint8_t*, std::vector<ParsedCertificate>> m_candidates;
  std::map<const std::uint8_t*, bool> m_usable;  // as issuer, whatever the path
};

}  // namespace kyso::pki
