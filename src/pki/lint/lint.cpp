#include "pki/lint/lint.h"

#include <algorithm>

#include "pki/lint/rule_table.h"

namespace kyso::pki::lint {
namespace {

std::vector<Rule> collect_rules() {
  std::vector<Rule> out;
  out.reserve(entries().size());
  for (const Entry& entry : entries()) out.push_back(entry.rule);
  return out;
}

bool is_asked(const Rule& rule, const Options& options) {
  if (rule.weight < options.lightest) return false;
  switch (rule.family) {
    case Family::rfc5280:
      return options.rfc5280;
    case Family::etsi:
      return options.etsi;
    case Family::kyso:
      return options.kyso;
  }
  return false;
}

}  // namespace

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all = [] {
    std::vector<Entry> out;
    for (const auto table :
         {structure_rules(), algorithm_rules(), name_rules(), key_rules(), extension_rules(), usage_rules(),
          alternative_name_rules(), constraint_rules(), location_rules(), issuer_rules(), etsi_name_rules(),
          etsi_statement_rules(), etsi_extension_rules(), own_key_rules(), own_name_rules(), own_profile_rules()})
      out.insert(out.end(), table.begin(), table.end());
    return out;
  }();
  return all;
}

std::span<const Rule> rules() {
  static const std::vector<Rule> all = collect_rules();
  return all;
}

std::vector<Breach> check(ByteView certificate_der, const Options& options) {
  std::vector<Breach> breaches;
  Case examined;
  if (!examined.read(certificate_der)) {
    breaches.push_back({&rules().front(), {}});
    return breaches;
  }
  examined.authority = options.issuer;
  if (options.kyso && examined.key.is_rsa() && !examined.key.is_key_malformed)
    examined.modulus = examine_modulus(examined.key.modulus);
  std::string why;
  const std::vector<Entry>& table = entries();
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Rule& rule = rules()[i];
    if (!is_asked(rule, options)) continue;
    if (rule.since != Instant{} && examined.not_before.instant && *examined.not_before.instant < rule.since) continue;
    why.clear();
    if (table[i].check(examined, why) == Verdict::fails) breaches.push_back({&rule, why});
  }
  return breaches;
}

bool has_errors(std::span<const Breach> breaches) {
  return std::ranges::any_of(breaches, [](const Breach& breach) { return breach.rule->weight == Weight::error; });
}

}  // namespace kyso::pki::lint
