#pragma once
#include "pki/issue/issue.h"
#include "vault/ceremony/plan.h"

// Private to the ceremony: what its certificates say, for showing and for signing alike.
namespace kyso::vault::ceremony {

// What the issuer `planned.issuer` writes into certificates, its own certificate being `certificate`.
pki::issue::IssuerSettings issuer_settings(const Plan& plan, const PlannedCertificate& planned,
                                           const crypto::Certificate& certificate);
// `issuer`: nullptr for a root.
Result<pki::issue::Linted> prepare(const PlannedCertificate& planned, const pki::issue::IssuerSettings* issuer,
                                   const Bytes& pkcs10, ByteView serial, Instant now);

// TBSCertList of a list, of `issuer` with this certificate.
Result<Bytes> list_content(const Plan& plan, const PlannedList& planned, const crypto::Certificate& issuer,
                           Instant now);

// A certificate as it would be, made with a key of the same kind that is thrown away.
struct Preview {
  const PlannedCertificate* planned = nullptr;
  crypto::Certificate certificate;    // serial number, key and signature will be others
  std::vector<std::string> warnings;  // of the linter
};
// Builds and lints everything. Errors issue.*.
Result<std::vector<Preview>> preview(const Plan& plan, Instant now);

}  // namespace kyso::vault::ceremony
