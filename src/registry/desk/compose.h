#pragma once
#include "registry/desk/model.h"
#include "registry/desk/tokens.h"
#include "registry/organisation/organisations.h"

// From a dossier's approved lines to what officers sign: a pure function of its arguments.
namespace kyso::registry {

// One approved line with everything that decides the certificate.
struct ComposedLine {
  const Line& line;
  const Organisation& organisation;                  // of the subject, as of today
  std::optional<SubscriberCertificate> certificate;  // kinds 04 to 06: the one that it is about
  std::optional<Token> token;                        // kind 06: with its SO-PIN in escrow
  std::optional<Bytes> station_key;                  // kind 06
};

// What hinders a request: lines without decision, without a key, about a certificate that is not on record, devices
// that can't be issued for yet, names beyond the limits of X.520. Empty: compose() will do.
std::vector<DossierFinding> statement_blockers(const Dossier& dossier, const std::vector<Line>& lines,
                                               const std::vector<ComposedLine>& approved);

// The requests of a dossier, one for each act and issuer: "certificate.issue" (01 to 04) by today's issuer;
// "certificate.revoke", "certificate.suspend", "certificate.release" (05) and "token.recover" (06) by the one of the
// certificate. At most vault::kMaxLines lines each. Ids are new. The reference of a line is "{code of the
// dossier}/{number of the line}".
struct ComposedRequest {
  vault::Request request;
  std::map<std::string, std::string> lines;  // reference → line id
};
std::vector<ComposedRequest> compose(const Dossier& dossier, const std::vector<ComposedLine>& approved,
                                     const DeskOptions& options, Instant now);

// "person", "organisation", "device", "service", "software" or "server" (a service with names in DNS).
std::string subject_kind_of(const Dossier& dossier, const ComposedLine& line);
std::string profile_of(const Dossier& dossier, const ComposedLine& line, const DeskOptions& options);
// What was entered counts; else what is on record.
const std::string& first_of(const std::string& entered, const std::string& known);

}  // namespace kyso::registry
