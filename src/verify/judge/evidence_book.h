#pragma once
#include <map>
#include <set>

#include "verify/judge/judge.h"

// Private to the folder: all certificates, lists and answers that one judgement knows, each once, in an order that
// doesn't depend on where they came from.
namespace kyso::verify {

class EvidenceBook {
 public:
  // `embedded`: certificates of the signatures' and time-stamps' CMS.
  EvidenceBook(const DocumentFacts& facts, std::span<const crypto::Certificate> embedded, const Evidence& evidence,
               const pki::TrustStore& trust);

  const pki::CertificatePool& pool() const { return m_pool; }
  const pki::RevocationEvidence& revocation() const { return m_revocation; }
  std::span<const crypto::Certificate> certificates() const { return m_certificates; }
  bool has_certificate_in_file(const pki::ParsedCertificate& certificate) const;
  // The certificate with its extensions read, once for all its copies.
  const pki::ParsedCertificate& parsed(const crypto::Certificate& certificate);

  // Where the list or answer stands in the file.
  struct Place {
    bool is_in_file = false;
    std::optional<std::size_t> revision;   // whose DSS has it
    std::optional<std::size_t> signature;  // in whose CMS it stands
    bool was_dropped = false;
  };
  const Place& place_of(const pki::RevocationAnswer& answer) const;
  // The earliest time at which it is proven to have existed; nullopt: the time of judging.
  std::optional<Instant> proof_of(const pki::RevocationAnswer& answer) const;
  // A document time-stamp proves what stands in revisions up to `revision`; `brought_in`: by which revision each
  // signature came.
  void prove(std::size_t revision, std::span<const std::size_t> brought_in, Instant time);
  std::size_t malformed() const { return m_malformed; }  // items that could not be read

 private:
  struct Item {
    Place place;
    std::optional<Instant> proof;
  };
  void add_certificate(const crypto::Certificate& certificate, bool is_in_file);
  void add_der_certificate(ByteView der, bool is_in_file);

  pki::CertificatePool m_pool;
  pki::RevocationEvidence m_revocation;
  std::vector<Item> m_lists, m_responses;  // beside those of m_revocation
  std::vector<crypto::Certificate> m_certificates;
  std::map<Bytes, pki::ParsedCertificate> m_parsed;  // by SHA-256
  std::set<Bytes> m_in_file;                         // SHA-256
  std::size_t m_malformed = 0;
};

}  // namespace kyso::verify
