#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

// Types and states of the certification authority.
namespace kyso::authority {

enum class CertificateState : std::uint8_t {
  waiting,  // recorded, perhaps signed: never told as good
  good,
  suspended,  // certificateHold
  revoked,
  void_,  // its intent was given up: never to be signed; told as revoked
};
std::string_view name_of(CertificateState state);
std::optional<CertificateState> certificate_state_by_name(std::string_view name);

enum class RequestState : std::uint8_t {
  waiting,     // for approvals
  authorised,  // approved by all who must; durable, will be carried out even if every process dies now
  done,
  rejected,
  expired,
  failed,  // refused by the vault or by what is on record, see `failure`
};
std::string_view name_of(RequestState state);
std::optional<RequestState> request_state_by_name(std::string_view name);

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

struct RequestRow {
  std::string id, act, issuer;
  RequestState state = RequestState::waiting;
  std::string purpose, requester;
  Bytes payload_sha256;
  std::string jws;
  Instant created{}, expires{}, updated{};
  std::optional<std::string> failure;  // an error code
};

struct ApprovalRow {
  std::string person, decision, jws;
  Instant at{};
};

struct CertificateRow {
  std::string issuer;
  Bytes serial;
  std::string intent, request_id, reference, profile;
  CertificateState state = CertificateState::waiting;
  std::string subject, search;
  Bytes key_sha256;
  Instant not_before{}, not_after{};
  std::size_t shard = 0;
  Instant recorded{};
  Bytes linting;             // the content, signed by a throw-away key
  std::optional<Bytes> der;  // once signed
  std::optional<Bytes> replaces;
  std::string replaces_issuer;  // empty: replaces none
  std::optional<Instant> changed;
  std::optional<int> reason;
  std::optional<Instant> invalid_since;
};

struct StatusChange {
  CertificateState state = CertificateState::revoked;
  Instant at{};
  std::optional<int> reason;
  std::optional<Instant> invalid_since;
};

}  // namespace kyso::authority
