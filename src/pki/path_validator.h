#pragma once
#include "pki/name_constraints.h"
#include "pki/path_validation.h"
#include "pki/policy_graph.h"
#include "pki/signature_memory.h"

// Private to the module: RFC 5280 section 6.1 over one complete path.
namespace kyso::pki {

// What speaks against a certificate whatever path it stands in (or, severity warning, is only told). `position` in the
// path, for the findings.
enum class PathRole : std::uint8_t { target, issuer, anchor };
std::vector<Finding> check_certificate(const ParsedCertificate& certificate, PathRole role, const PathRequest& request,
                                       std::size_t position);
std::vector<Finding> check_anchor(const TrustAnchor& anchor, const PathRequest& request, std::size_t position);

Finding make_finding(std::string_view code, const ParsedCertificate& certificate, std::size_t position,
                     Severity severity = Severity::failure);
bool is_refused(std::span<const Finding> findings);

// A DSA key that must inherit its parameters: nothing can be verified with it before its own issuer is known.
bool lacks_parameters(const crypto::PublicKey& key);

// What is left for all paths of one search together.
struct PathCosts {
  std::size_t name_comparisons = 0, policies = 0;
};

class PathValidator {
 public:
  PathValidator(const PathRequest& request, SignatureMemory& signatures, PathCosts& costs);
  // `path`: the target first, the certificate of the anchor last. Every check of section 6.1 is made, also after one
  // has failed. Fills in path.policies and path.findings.
  void validate(Path& path);

 private:
  void take_anchor(const TrustAnchor& anchor);
  void process(const ParsedCertificate& certificate, bool is_final);
  void check_signature(const ParsedCertificate& certificate);
  void check_algorithm(const ParsedCertificate& certificate);
  void process_policies(const ParsedCertificate& certificate, bool is_final);
  void prepare_for_next(const ParsedCertificate& certificate);
  void wrap_up(const ParsedCertificate& target, Path& path);
  void refuse(Finding finding);

  const PathRequest& m_request;
  SignatureMemory& m_signatures;
  PathCosts& m_costs;
  std::vector<Finding> m_findings;
  std::size_t m_position = 0;
  // The state variables of section 6.1.2.
  PolicyGraph m_policies;
  NameConstraints m_names;
  std::size_t m_explicit_policy = 0, m_inhibit_any_policy = 0, m_policy_mapping = 0, m_max_path_length = 0;
  std::optional<crypto::PublicKey> m_working_key;
  bool m_key_inherits = false;
};

}  // namespace kyso::pki
