#pragma once
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/time.h"

// Types and states of the certification authority.
namespace kyso::authority {

enum class CertificateState : std::uint8_t {
  waiting,    // recorded, perhaps signed: never told as good
  good,
  suspended,  // certificateHold
  revoked,
  void_,      // its intent was given up: never to be signed; told as revoked
};
std::string_view name_of(CertificateState state);
std::optional<CertificateState> certificate_state_by_name(std::string_view name);

// What the responders and the CRL need to know of one certificate.
struct CertificateStatusRow {
  Bytes serial;
  CertificateState state = CertificateState::waiting;
  Instant changed{};          // when it came into this state; revocation time
  std::optional<int> reason;  // CRLReason
  std::optional<Instant> invalid_since;
  Instant not_after{};
  std::size_t shard = 0;
};

}  // namespace kyso::authority
