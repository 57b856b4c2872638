#pragma once
#include <array>
#include <variant>

#include "vault/vault.h"

// The language of the vault's socket; docs/vault.md has it as a table.
//
// A frame is a header of 20 octets and a body; all numbers are big-endian. One request at a time travels on a
// connection, and its answer carries the same id.
namespace kyso::vault {

inline constexpr std::uint8_t kProtocolVersion = 1;
inline constexpr std::size_t kMaxBody = 16U << 20U;
inline constexpr std::size_t kMaxItems = 1'024;  // of one call to sign or to look up
inline constexpr std::size_t kMaxJournalPage = 1'000;

enum class MessageType : std::uint8_t {
  state = 1,
  policy_files,
  prepare,
  sign_prepared,
  void_intent,
  intents,
  journal,
  adopt_policy,
  sign_crl,  // with one descriptor beside the first octet
  sign_ocsp,
  sign_time_stamps,
  sign_checkpoint,
  release_so_pins,
};

struct FrameHeader {
  std::uint32_t body_size = 0;
  std::uint8_t version = kProtocolVersion;
  MessageType type = MessageType::state;
  bool is_answer = false;
  std::uint64_t id = 0;
  std::uint32_t timeout_ms = 0;  // requests: how long the asker waits
  friend bool operator==(const FrameHeader&, const FrameHeader&) = default;
};
inline constexpr std::size_t kHeaderSize = 20;
std::array<std::uint8_t, kHeaderSize> encode_header(const FrameHeader& header);
// vault.protocol: another version (told in the detail), an unknown type, reserved bits, a body above kMaxBody.
Result<FrameHeader> decode_header(ByteView octets);

// One struct for each call of Vault; Answer is what the call gives.
struct StateCall {
  static constexpr auto kType = MessageType::state;
  using Answer = Result<Vault::State>;
};
struct PolicyFilesCall {
  static constexpr auto kType = MessageType::policy_files;
  using Answer = Result<std::vector<PolicyFile>>;
};
struct PrepareCall {
  static constexpr auto kType = MessageType::prepare;
  using Answer = std::vector<Result<std::vector<PreparedCertificate>>>;
  std::vector<SignedRequest> requests;
};
struct SignPreparedCall {
  static constexpr auto kType = MessageType::sign_prepared;
  using Answer = std::vector<Result<crypto::Certificate>>;
  std::vector<std::string> intents;
};
struct VoidIntentCall {
  static constexpr auto kType = MessageType::void_intent;
  using Answer = Result<>;
  std::string intent;
};
struct IntentsCall {
  static constexpr auto kType = MessageType::intents;
  using Answer = Result<std::vector<Intent>>;
  std::vector<std::string> ids;
};
struct JournalCall {
  static constexpr auto kType = MessageType::journal;
  using Answer = Result<std::vector<JournalEntry>>;
  std::int64_t after = 0;
  std::uint32_t limit = 0;
};
struct AdoptPolicyCall {
  static constexpr auto kType = MessageType::adopt_policy;
  using Answer = Result<Vault::State>;
  SignedRequest request;
};
struct SignCrlCall {
  static constexpr auto kType = MessageType::sign_crl;
  using Answer = Result<Bytes>;
  std::string issuer;
  std::uint64_t size = 0;
};
struct SignOcspCall {
  static constexpr auto kType = MessageType::sign_ocsp;
  using Answer = Result<std::vector<Bytes>>;
  std::string signer;
  std::vector<Bytes> response_data;
};
struct SignTimeStampsCall {
  static constexpr auto kType = MessageType::sign_time_stamps;
  using Answer = Result<std::vector<Bytes>>;
  std::string signer;
  std::vector<Vault::TimeStampInput> inputs;
};
struct SignCheckpointCall {
  static constexpr auto kType = MessageType::sign_checkpoint;
  using Answer = Result<Bytes>;
  std::string text;
};
struct ReleaseSoPinsCall {
  static constexpr auto kType = MessageType::release_so_pins;
  using Answer = Result<std::vector<ReleasedPin>>;
  SignedRequest request;
};
using Call =
    std::variant<StateCall, PolicyFilesCall, PrepareCall, SignPreparedCall, VoidIntentCall, IntentsCall, JournalCall,
                 AdoptPolicyCall, SignCrlCall, SignOcspCall, SignTimeStampsCall, SignCheckpointCall, ReleaseSoPinsCall>;

MessageType type_of(const Call& call);
// The body of a request.
Bytes encode(const Call& call);
// vault.protocol {reason}: cut off, too many items, octets left over.
Result<Call> decode_call(MessageType type, ByteView body);

// The body of an answer: the value, or why the call as a whole failed.
template <typename C>
Bytes encode_answer(const typename C::Answer& answer);
Bytes encode_failure(const Error& error);
// The error is the call's own, or vault.protocol when the body makes no sense.
template <typename C>
Result<typename C::Answer> decode_answer(ByteView body);

}  // namespace kyso::vault
