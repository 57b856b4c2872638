#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace kyso::verify {

// ETSI EN 319 102-1 section 5.1.3.
enum class Indication : std::uint8_t { total_passed, indeterminate, total_failed };
enum class SubIndication : std::uint8_t {
  none,
  // TOTAL_FAILED
  format_failure,
  hash_failure,
  sig_crypto_failure,
  revoked,
  expired,
  not_yet_valid,
  // INDETERMINATE
  sig_constraints_failure,
  chain_constraints_failure,
  certificate_chain_general_failure,
  crypto_constraints_failure,
  crypto_constraints_failure_no_poe,
  policy_processing_error,
  signature_policy_not_available,
  timestamp_order_failure,
  no_signing_certificate_found,
  no_certificate_chain_found,
  no_certificate_chain_found_no_poe,
  revoked_no_poe,
  revoked_ca_no_poe,
  out_of_bounds_no_poe,
  out_of_bounds_not_revoked,
  revocation_out_of_bounds_no_poe,
  no_poe,
  try_later,
  signed_data_not_found,
};
std::string_view name_of(Indication indication);         // "TOTAL_PASSED"
std::string_view name_of(SubIndication sub_indication);  // "FORMAT_FAILURE"; empty for none
std::optional<SubIndication> sub_indication_by_name(std::string_view name);
Indication indication_of(SubIndication sub_indication);  // which indication it belongs to

}  // namespace kyso::verify
