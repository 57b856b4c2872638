#pragma once
#include "pki/path_validation.h"
#include "pki/revocation_test_support.h"

// For tests of certification paths: certificates with any names, serial numbers, versions and extensions.
namespace kyso::pki::testing {

inline Bytes attribute(std::string_view oid, const Bytes& value) {
  return der::encode(der::kSet, der::sequence(der::encode_oid(oid), value));
}
// C=VN, then an organisation, then a common name; empty ones are left out.
inline Bytes long_name(std::string_view organisation, std::string_view common_name) {
  Bytes rdns = attribute("2.5.4.6", der::encode(0x13, as_bytes("VN")));
  if (!organisation.empty()) append(rdns, ByteView(attribute("2.5.4.10", text(organisation))));
  if (!common_name.empty()) append(rdns, ByteView(attribute("2.5.4.3", text(common_name))));
  return der::encode(der::kSequence, rdns);
}

inline Bytes basic_constraints(std::optional<int> path_length = std::nullopt) {
  return extension("2.5.29.19", der::sequence(boolean(true), path_length ? der::encode_integer(*path_length) : Bytes()),
                   true);
}
inline Bytes ca(std::optional<int> path_length = std::nullopt) {
  return der::concat(basic_constraints(path_length), key_usage(0x06));
}
inline Bytes extended_key_usage(const std::vector<std::string>& oids, bool is_critical = false) {
  Bytes list;
  for (const std::string& oid : oids) append(list, ByteView(der::encode_oid(oid)));
  return extension("2.5.29.37", der::sequence(list), is_critical);
}
inline Bytes policies(const std::vector<std::string>& oids) {
  Bytes list;
  for (const std::string& oid : oids) append(list, ByteView(der::sequence(der::encode_oid(oid))));
  return extension("2.5.29.32", der::sequence(list));
}
inline Bytes mappings(const std::vector<std::pair<std::string, std::string>>& pairs) {
  Bytes list;
  for (const auto& [issuer, subject] : pairs)
    append(list, ByteView(der::sequence(der::encode_oid(issuer), der::encode_oid(subject))));
  return extension("2.5.29.33", der::sequence(list), true);
}
inline Bytes general_name(int kind, ByteView value) {
  return der::encode(der::context(static_cast<std::uint8_t>(kind), kind == 4 || kind == 0), value);
}
inline Bytes general_name(int kind, std::string_view value) {
  return general_name(kind, as_bytes(value));
}
inline Bytes alternative_names(const std::vector<Bytes>& names) {
  return extension("2.5.29.17", der::sequence(join(names)));
}
inline Bytes subtrees(const std::vector<Bytes>& bases) {
  Bytes out;
  for (const Bytes& base : bases) append(out, ByteView(der::sequence(base)));
  return out;
}
inline Bytes name_constraints(const std::vector<Bytes>& permitted, const std::vector<Bytes>& excluded) {
  return extension("2.5.29.30",
                   der::sequence(permitted.empty() ? Bytes() : der::encode(der::context(0), subtrees(permitted)),
                                 excluded.empty() ? Bytes() : der::encode(der::context(1), subtrees(excluded))),
                   true);
}

struct PathCertificate {
  Bytes subject, issuer;
  Bytes extensions = {};
  Instant from = kNow - kYear;
  Instant until = kNow + kYear;
  Bytes serial = {1};
  int version = 3;
  Bytes outer_algorithm = Key::algorithm();
};
inline ParsedCertificate issue(const PathCertificate& wanted, const Key& key, const Key& issuer_key) {
  const Bytes tbs = der::sequence(
      wanted.version == 1 ? Bytes() : der::encode(der::context(0), der::encode_integer(wanted.version - 1)),
      der::encode(der::kInteger, wanted.serial), Key::algorithm(), wanted.issuer,
      der::sequence(time(wanted.from), time(wanted.until)), wanted.subject, key.spki(),
      wanted.extensions.empty() ? Bytes() : der::encode(der::context(3), der::sequence(wanted.extensions)));
  Bytes content = issuer_key.sign(tbs);
  der::Reader reader(content);
  static_cast<void>(reader.next());
  static_cast<void>(reader.next());
  return ParsedCertificate(must(crypto::Certificate::from_der(
      der::sequence(tbs, wanted.outer_algorithm, Bytes(reader.rest().begin(), reader.rest().end())))));
}
inline ParsedCertificate issue(std::string_view subject, std::string_view issuer, const Bytes& extensions,
                               const Key& key, const Key& issuer_key) {
  return issue({.subject = name(subject), .issuer = name(issuer), .extensions = extensions}, key, issuer_key);
}

// "valid", or the first reason.
inline std::string verdict_of(const PathResult& result) {
  if (result.path) return "valid";
  return result.reasons.empty() ? "nothing" : result.reasons.front().code;
}

}  // namespace kyso::pki::testing
