#pragma once
#include <set>

#include "db/database.h"
#include "registry/dossier/model.h"

// All SQL of the registry's own record of certificates. Scopes, words and counters follow by themselves.
namespace kyso::registry::certificate_store {

// Sets `number`. `scopes`: the ids of the organisation and those above it. A certificate that is on record already
// stays as it is: false.
Result<bool> insert(db::Transaction& transaction, SubscriberCertificate& certificate,
                    const std::set<std::string>& scopes);
Result<std::optional<SubscriberCertificate>> find(db::Transaction& transaction, std::string_view issuer,
                                                  std::string_view serial);
// Of all issuers: serial numbers are written without them.
Result<std::vector<SubscriberCertificate>> by_serial(db::Transaction& transaction, std::string_view serial);
// Those of many serial numbers at once (checks of a list).
Result<std::vector<SubscriberCertificate>> by_serials(db::Transaction& transaction,
                                                      const std::vector<std::string>& serials);
// Good or suspended ones of these people, at whatever organisation.
Result<std::vector<SubscriberCertificate>> active_of_people(db::Transaction& transaction,
                                                            const std::vector<std::string>& identities, Instant now);
// Writes state, reason, changed, was_renewed, replaced_by with its issuer, is_stale, device_serial, iccid, organisation
// and its chain.
Result<> update(db::Transaction& transaction, const SubscriberCertificate& certificate);
Result<bool> is_visible(db::Transaction& transaction, const SubscriberCertificate& certificate, std::string_view scope);
Result<> set_scopes(db::Transaction& transaction, const SubscriberCertificate& certificate,
                    const std::set<std::string>& scopes);
Result<std::vector<SubscriberCertificate>> of_organisation(db::Transaction& transaction,
                                                           const std::string& organisation, std::int64_t after,
                                                           std::size_t limit);

struct CertificateFilter {
  std::string scope = {};                                               // an organisation's id, or "" for all
  std::string serial = {}, device_serial = {}, iccid = {}, email = {};  // exact
  std::vector<std::string> words = {};                                  // folded; every one begins a word of the name
  std::optional<Device> device = {};
  std::string state = {};  // good, suspended, revoked, expired; empty: any
  bool only_stale = false;
  std::optional<Instant> expires_before = {};  // from now on; soonest first
  Instant now{};
  std::string after = {};  // `next` of the page before
  std::size_t limit = 50;
};
// A page may hold fewer than asked for, or none, and still have a next one: the work of one page is bounded.
struct CertificatePage {
  std::vector<SubscriberCertificate> items;
  std::optional<std::string> next;
};
Result<CertificatePage> search(db::Transaction& transaction, const CertificateFilter& filter);

}  // namespace kyso::registry::certificate_store
