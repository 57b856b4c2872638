#include "pki/lint/etsi_scope.h"

#include <algorithm>

#include "crypto/der.h"

namespace kyso::pki::lint {
namespace {

bool has_qc_type(const Case& c, const Oid& oid) {
  const StatementView* statement = c.statement(oids::kQcType);
  if (statement == nullptr || !statement->info) return false;
  Cursor cursor(statement->info->content);
  Element type;
  while (cursor.next(type))
    if (type.content == oid) return true;
  return false;
}

bool has_web_policy(const Case& c) {
  // EN 319 411-1 section 5.3: EVCP, DVCP, OVCP, IVCP; EN 319 411-2 section 5.3: QEVCP-w, QNCP-w, QNCP-w-gen.
  static constexpr Oid kWeb[] = {oids::kQcpWeb,    oids::kQncpWeb,   oids::kQncpWebGeneric, "0.4.0.2042.1.4",
                                 "0.4.0.2042.1.6", "0.4.0.2042.1.7", "0.4.0.2042.1.8"};
  return std::ranges::any_of(kWeb, [&](const Oid& oid) { return c.has_policy(oid); });
}

}  // namespace

std::vector<ByteView> qc_types(const Case& c) {
  std::vector<ByteView> out;
  const StatementView* statement = c.statement(oids::kQcType);
  if (statement == nullptr || !statement->info) return out;
  Cursor cursor(statement->info->content);
  Element type;
  while (cursor.next(type)) out.push_back(type.content);
  return out;
}

bool claims_etsi(const Case& c) {
  if (!c.semantics.empty() && oids::kSemantics.is_above(c.semantics)) return true;
  return std::ranges::any_of(c.statements, [](const StatementView& s) { return oids::kQcs.is_above(s.oid); }) ||
         std::ranges::any_of(c.policies, [](const PolicyView& policy) {
           return oids::kQcpBranch.is_above(policy.oid) || oids::kNcpBranch.is_above(policy.oid);
         });
}

EtsiSubject etsi_subject(const Case& c) {
  if (c.statements.empty() && c.policies.empty()) return EtsiSubject::none;
  if (c.ca || !claims_etsi(c)) return EtsiSubject::none;
  if (has_web_policy(c) || has_qc_type(c, oids::kQcTypeWeb)) return EtsiSubject::web;
  if (c.semantics == oids::kSemanticsLegal || c.semantics == oids::kSemanticsEidasLegal) return EtsiSubject::legal;
  if (c.semantics == oids::kSemanticsNatural || c.semantics == oids::kSemanticsEidasNatural)
    return EtsiSubject::natural;
  if (c.has_policy(oids::kQcpLegal) || c.has_policy(oids::kQcpLegalQscd)) return EtsiSubject::legal;
  if (c.has_policy(oids::kQcpNatural) || c.has_policy(oids::kQcpNaturalQscd)) return EtsiSubject::natural;
  if (has_qc_type(c, oids::kQcTypeEseal)) return EtsiSubject::legal;
  if (has_qc_type(c, oids::kQcTypeEsign)) return EtsiSubject::natural;
  const bool names_person = c.subject.has(At::given_name) || c.subject.has(At::surname) || c.subject.has(At::pseudonym);
  return !names_person && c.subject.has(At::organization_id) ? EtsiSubject::legal : EtsiSubject::natural;
}

}  // namespace kyso::pki::lint
