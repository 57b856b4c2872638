#pragma once
#include "pki/lint/rule_table.h"

// Private to the module: which part of EN 319 412 a certificate claims.
namespace kyso::pki::lint {

enum class EtsiSubject : std::uint8_t { none, natural, legal, web };

// By its statements (EN 319 412-5, semantics identifiers of EN 319 412-1) or policies (EN 319 411-1 and -2). Natural
// or legal person: semantics identifier, QcType or policy; else the attributes of the subject tell. Authorities aside.
EtsiSubject etsi_subject(const Case& c);
bool claims_etsi(const Case& c);

inline Verdict for_subject(const Case& c, EtsiSubject wanted, Verdict (*judge)(const Case&, std::string&),
                           std::string& why) {
  return etsi_subject(c) == wanted ? judge(c, why) : Verdict::silent;
}

// Of the subject kinds that EN 319 412-2 and -3 speak of.
inline bool is_person(const Case& c) {
  const EtsiSubject kind = etsi_subject(c);
  return kind == EtsiSubject::natural || kind == EtsiSubject::legal;
}

// QcType: its object identifiers.
std::vector<ByteView> qc_types(const Case& c);

}  // namespace kyso::pki::lint
