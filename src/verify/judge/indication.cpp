#include "verify/judge/indication.h"

#include <array>
#include <utility>

namespace kyso::verify {
namespace {

struct Row {
  SubIndication value;
  Indication indication;
  std::string_view name;
};
constexpr std::array kRows{
    Row{SubIndication::none, Indication::total_passed, ""},
    Row{SubIndication::format_failure, Indication::total_failed, "FORMAT_FAILURE"},
    Row{SubIndication::hash_failure, Indication::total_failed, "HASH_FAILURE"},
    Row{SubIndication::sig_crypto_failure, Indication::total_failed, "SIG_CRYPTO_FAILURE"},
    Row{SubIndication::revoked, Indication::total_failed, "REVOKED"},
    Row{SubIndication::expired, Indication::total_failed, "EXPIRED"},
    Row{SubIndication::not_yet_valid, Indication::total_failed, "NOT_YET_VALID"},
    Row{SubIndication::sig_constraints_failure, Indication::indeterminate, "SIG_CONSTRAINTS_FAILURE"},
    Row{SubIndication::chain_constraints_failure, Indication::indeterminate, "CHAIN_CONSTRAINTS_FAILURE"},
    Row{SubIndication::certificate_chain_general_failure, Indication::indeterminate,
        "CERTIFICATE_CHAIN_GENERAL_FAILURE"},
    Row{SubIndication::crypto_constraints_failure, Indication::indeterminate, "CRYPTO_CONSTRAINTS_FAILURE"},
    Row{SubIndication::crypto_constraints_failure_no_poe, Indication::indeterminate,
        "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"},
    Row{SubIndication::policy_processing_error, Indication::indeterminate, "POLICY_PROCESSING_ERROR"},
    Row{SubIndication::signature_policy_not_available, Indication::indeterminate, "SIGNATURE_POLICY_NOT_AVAILABLE"},
    Row{SubIndication::timestamp_order_failure, Indication::indeterminate, "TIMESTAMP_ORDER_FAILURE"},
    Row{SubIndication::no_signing_certificate_found, Indication::indeterminate, "NO_SIGNING_CERTIFICATE_FOUND"},
    Row{SubIndication::no_certificate_chain_found, Indication::indeterminate, "NO_CERTIFICATE_CHAIN_FOUND"},
    Row{SubIndication::no_certificate_chain_found_no_poe, Indication::indeterminate,
        "NO_CERTIFICATE_CHAIN_FOUND_NO_POE"},
    Row{SubIndication::revoked_no_poe, Indication::indeterminate, "REVOKED_NO_POE"},
    Row{SubIndication::revoked_ca_no_poe, Indication::indeterminate, "REVOKED_CA_NO_POE"},
    Row{SubIndication::out_of_bounds_no_poe, Indication::indeterminate, "OUT_OF_BOUNDS_NO_POE"},
    Row{SubIndication::out_of_bounds_not_revoked, Indication::indeterminate, "OUT_OF_BOUNDS_NOT_REVOKED"},
    Row{SubIndication::revocation_out_of_bounds_no_poe, Indication::indeterminate, "REVOCATION_OUT_OF_BOUNDS_NO_POE"},
    Row{SubIndication::no_poe, Indication::indeterminate, "NO_POE"},
    Row{SubIndication::try_later, Indication::indeterminate, "TRY_LATER"},
    Row{SubIndication::signed_data_not_found, Indication::indeterminate, "SIGNED_DATA_NOT_FOUND"},
};

}  // namespace

std::string_view name_of(Indication indication) {
  switch (indication) {
    case Indication::total_passed:
      return "TOTAL_PASSED";
    case Indication::indeterminate:
      return "INDETERMINATE";
    case Indication::total_failed:
      return "TOTAL_FAILED";
  }
  return "";
}

std::string_view name_of(SubIndication sub_indication) {
  for (const Row& row : kRows)
    if (row.value == sub_indication) return row.name;
  return "";
}

std::optional<SubIndication> sub_indication_by_name(std::string_view name) {
  for (const Row& row : kRows)
    if (row.name == name && !name.empty()) return row.value;
  return std::nullopt;
}

Indication indication_of(SubIndication sub_indication) {
  for (const Row& row : kRows)
    if (row.value == sub_indication) return row.indication;
  return Indication::indeterminate;
}

}  // namespace kyso::verify
