#pragma once
#include "verify/judge/judge_test_support.h"

// For tests: one authority, one person, and when things happen.
namespace kyso::verify::test {

using Kind = EvidenceItem::Kind;

inline const Instant kSigned = at("2025-06-01T17:00:00+07:00");
inline const Instant kNow = at("2025-07-01");

inline const Authority& authority() {
  static const Authority out;
  return out;
}
inline crypto::Certificate person(Instant not_after = at("2030-01-01")) {
  CertificateWish wish;
  wish.not_after = not_after;
  return authority().certify(wish);
}
inline crypto::Certificate without_status() {
  CertificateWish wish;
  wish.names_crl = false;
  return authority().certify(wish);
}
inline Evidence lists(Instant from, std::optional<Instant> until, const std::vector<Authority::Entry>& entries = {},
                      const std::vector<Authority::Entry>& of_root = {}) {
  return evidence({{Kind::crl, authority().crl(from, until, entries)},
                   {Kind::crl, authority().root_crl(at("2025-01-01"), at("2026-01-01"), of_root)}});
}
// Nobody is revoked, as of shortly before the time of judging.
inline Evidence good_lists() {
  return lists(at("2025-06-30"), at("2025-07-08"));
}
inline Verdict judged(const Document& document, const Evidence& known = good_lists(), Instant time = kNow,
                      const char* name = "strict") {
  return judge(document.facts, known, authority().trust(), policy(name), time);
}
inline std::string first(const Document& document, const Evidence& known = good_lists(), Instant time = kNow,
                         const char* name = "strict") {
  return short_of(judged(document, known, time, name).signatures.at(0));
}
inline Document signed_document(const SignatureWish& wish = {}) {
  Document document(authority());
  document.sign(person(), wish);
  return document;
}

}  // namespace kyso::verify::test
