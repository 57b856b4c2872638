#pragma once
#include <array>

#include "pki/crl_state.h"
#include "pki/ocsp_state.h"
#include "pki/path_validator.h"
#include "pki/revocation_scope.h"

// Private to the module: one search for answers about one certificate.
namespace kyso::pki {

// The key of the first certificate; a DSA key that lacks its parameters is completed along the path.
crypto::PublicKey completed_key(std::span<const ParsedCertificate> path);

class RevocationSearch {
 public:
  RevocationSearch(const ParsedCertificate& subject, const ParsedCertificate& issuer,
                   const RevocationEvidence& evidence, const CertificatePool& pool, const TrustStore& trust,
                   const RevocationRequest& request);
  RevocationReport run();

 private:
  using Source = RevocationAnswer::Source;
  // Who signed an answer, and how.
  struct Signer {
    crypto::SignatureScheme scheme;
    crypto::PublicKey key;
    std::optional<Path> path;  // absent: the issuer of the certificate
  };

  // revocation_search.cpp
  void ignore(std::string_view code, Source source, std::size_t index, Severity severity = Severity::warning);
  void ignore(Finding finding, Source source, std::size_t index);
  bool is_from_later(Instant made) const { return made > m_request.time + m_request.clock_tolerance; }
  bool is_budget_spent();  // tells it, so that nobody looks for signers in vain
  bool spend_signature();
  void tell_budget();
  // Within the budget; nullopt also when it is used up.
  std::optional<crypto::SignatureScheme> verify(const SignatureMemo& memo, const SignedBlock& block,
                                                const crypto::PublicKey& key);
  static RevocationAnswer begin_answer(const Signer& signer, Source source, std::size_t index);
  bool is_too_weak(const Signer& signer, Source source, std::size_t index);
  const std::optional<Path>& path_of(const ParsedCertificate& signer, Purpose purpose);
  std::optional<Path> build_path(const ParsedCertificate& signer, Purpose purpose);
  std::span<const ParsedCertificate> path_of_issuer();  // empty when there is none
  bool is_of_same_authority(const Path& path);
  bool is_key_of_issuer(const ParsedCertificate& certificate) const;
  std::vector<ParsedCertificate> known_with_subject(ByteView name, ByteView normalised_name) const;

  // revocation_crl.cpp
  void ask_lists();
  void ask_list(std::size_t index);
  std::optional<Signer> find_list_signer(std::size_t index);
  std::vector<ParsedCertificate> list_signer_candidates(const RevocationList::State& list) const;
  struct Delta {
    std::size_t index;
    const RevocationList::State* list;
  };
  std::optional<Delta> find_delta(const RevocationList::State& complete, const Signer& signer);
  bool is_delta_usable(const RevocationList::State& delta, const RevocationList::State& complete) const;
  void look_up(const RevocationList::State& list, const std::optional<Delta>& delta, RevocationAnswer& answer) const;
  void name_unused_deltas();

  // revocation_ocsp.cpp
  void ask_responses();
  void ask_response(std::size_t index);
  const SingleResponse* find_single(const OcspResponse::State& response);
  bool is_about_subject(const SingleResponse& single);
  bool is_responder(const ParsedCertificate& certificate, const OcspResponse::State& response) const;
  std::optional<Signer> find_responder(std::size_t index);
  std::vector<ParsedCertificate> responder_candidates(const OcspResponse::State& response) const;
  bool is_delegate(const ParsedCertificate& certificate);

  const ParsedCertificate& m_subject;
  const ParsedCertificate& m_issuer;
  const RevocationEvidence& m_evidence;
  const CertificatePool& m_pool;
  const TrustStore& m_trust;
  const RevocationRequest& m_request;
  RevocationReport m_report;
  std::vector<Finding> m_strangers;  // ignored because they are about other certificates
  std::size_t m_signatures_left;
  bool m_budget_was_told = false;
  crypto::PublicKey m_issuer_key;
  RevocationScope m_scope;
  std::vector<bool> m_delta_is_settled;  // used, or named as ignored
  std::map<crypto::DigestAlgorithm, std::array<Bytes, 3>> m_issuer_hashes;
  std::optional<CertificatePool> m_signer_pool;
  std::map<std::pair<Bytes, Purpose>, std::optional<Path>> m_paths;
};

}  // namespace kyso::pki
