#pragma once
#include <map>

#include "verify/evidence/exchange.h"

// Private to the module: asks for what a judgement lacks, one certificate at a time.
namespace kyso::verify {

// What was collected so far; each item once.
class EvidenceBasket {
 public:
  EvidenceBasket(const DocumentFacts& facts, const Evidence& given);
  // False when it is there already.
  bool add(EvidenceItem::Kind kind, ByteView der, const std::string& url, Instant fetched);
  const Evidence& evidence() const { return m_evidence; }
  Evidence take() && { return std::move(m_evidence); }
  // Certificates of the document and of the evidence: signers of answers may be among them.
  const pki::CertificatePool& certificates() const { return m_certificates; }

 private:
  Evidence m_evidence;
  std::set<Bytes> m_known;
  pki::CertificatePool m_certificates;
};

class StatusFetcher {
 public:
  StatusFetcher(Exchange& exchange, EvidenceBasket& basket, const pki::TrustStore& trust, Instant time,
                const CollectorOptions& options)
      : m_exchange(exchange), m_basket(basket), m_trust(trust), m_time(time), m_options(options) {}

  // All true when something new was added.
  // What earlier runs kept. Whether it is good enough is the judge's business, who is asked again then.
  bool use_cached(const MissingEvidence& missing);
  // Over the network.
  bool fetch_issuer(const pki::ParsedCertificate& certificate);
  bool fetch_status(const MissingEvidence::Status& wanted);

 private:
  using Status = MissingEvidence::Status;
  // How far answers go.
  struct Worth {
    bool is_usable = false;      // they are about the certificate, and authentic
    bool is_sufficient = false;  // and say so for a time late enough, for all reasons
    std::optional<Instant> next_update;
  };
  Worth worth_of(const Status& wanted, const pki::RevocationEvidence& evidence) const;

  bool use_cached_issuer(const std::string& url);
  bool use_cached_response(const Status& wanted, const std::string& url);
  bool use_cached_list(const std::string& url);
  bool add_bundle(const std::vector<pki::ParsedCertificate>& bundle, const std::string& url, Instant fetched);

  bool ask_responders(const Status& wanted, bool& added);
  bool ask_responder(const Status& wanted, const std::string& url, bool& added);
  struct OcspAttempt {
    crypto::DigestAlgorithm certificate_id;
    bool with_nonce;
  };
  // nullopt: asking in another way may help.
  std::optional<bool> try_responder(const Status& wanted, const std::string& url, OcspAttempt attempt, bool& added);

  // `anew`: also where a kept list is known.
  bool fetch_lists(const Status& wanted, bool anew, bool& added);
  // The list at the first address that has one.
  std::optional<pki::RevocationList> fetch_list(const std::vector<std::string>& urls, bool anew, bool& added);
  std::optional<pki::RevocationList> download_list(const std::string& url);

  struct KnownList {
    std::optional<pki::RevocationList> list;  // nullopt: there is none at this address
    Instant fetched{};
    bool is_from_cache = false;
  };

  Exchange& m_exchange;
  EvidenceBasket& m_basket;
  const pki::TrustStore& m_trust;
  Instant m_time;
  const CollectorOptions& m_options;
  std::map<std::string, KnownList> m_lists;
  std::set<std::string> m_cached, m_asked;  // addresses of certificates, and responders per certificate
};

}  // namespace kyso::verify
