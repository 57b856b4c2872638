#include "vault/protocol.h"

#include "vault/wire.h"

namespace kyso::vault {
namespace {

using wire::get;
using wire::get_list;
using wire::put;
using wire::Reader;
using wire::Tag;
using wire::Writer;

constexpr std::uint8_t kFirstType = static_cast<std::uint8_t>(MessageType::state);
constexpr std::uint8_t kLastType = static_cast<std::uint8_t>(MessageType::release_so_pins);
constexpr std::uint16_t kAnswerBit = 1;

Error malformed(std::string_view reason) {
  return fail("vault.protocol", "{}", reason).with("reason", reason);
}

void put_call(Writer&, const StateCall&) {}
void put_call(Writer&, const PolicyFilesCall&) {}
void put_call(Writer& out, const PrepareCall& call) {
  put(out, call.requests);
}
void put_call(Writer& out, const SignPreparedCall& call) {
  put(out, call.intents);
}
void put_call(Writer& out, const VoidIntentCall& call) {
  put(out, call.intent);
}
void put_call(Writer& out, const IntentsCall& call) {
  put(out, call.ids);
}
void put_call(Writer& out, const JournalCall& call) {
  out.number(call.after);
  out.number(call.limit);
}
void put_call(Writer& out, const AdoptPolicyCall& call) {
  put(out, call.request);
}
void put_call(Writer& out, const SignCrlCall& call) {
  put(out, call.issuer);
  out.number(call.size);
}
void put_call(Writer& out, const SignOcspCall& call) {
  put(out, call.signer);
  put(out, call.response_data);
}
void put_call(Writer& out, const SignTimeStampsCall& call) {
  put(out, call.signer);
  put(out, call.inputs);
}
void put_call(Writer& out, const SignCheckpointCall& call) {
  put(out, call.text);
}
void put_call(Writer& out, const ReleaseSoPinsCall& call) {
  put(out, call.request);
}

StateCall get_call(Reader&, Tag<StateCall>) {
  return {};
}
PolicyFilesCall get_call(Reader&, Tag<PolicyFilesCall>) {
  return {};
}
PrepareCall get_call(Reader& in, Tag<PrepareCall>) {
  return {get_list<SignedRequest>(in, kMaxItems)};
}
SignPreparedCall get_call(Reader& in, Tag<SignPreparedCall>) {
  return {get_list<std::string>(in, kMaxItems)};
}
VoidIntentCall get_call(Reader& in, Tag<VoidIntentCall>) {
  return {get(in, Tag<std::string>{})};
}
IntentsCall get_call(Reader& in, Tag<IntentsCall>) {
  return {get_list<std::string>(in, kMaxItems)};
}
JournalCall get_call(Reader& in, Tag<JournalCall>) {
  const auto after = in.number<std::int64_t>();
  return {after, in.number<std::uint32_t>()};
}
AdoptPolicyCall get_call(Reader& in, Tag<AdoptPolicyCall>) {
  return {get(in, Tag<SignedRequest>{})};
}
SignCrlCall get_call(Reader& in, Tag<SignCrlCall>) {
  auto issuer = get(in, Tag<std::string>{});
  return {std::move(issuer), in.number<std::uint64_t>()};
}
SignOcspCall get_call(Reader& in, Tag<SignOcspCall>) {
  auto signer = get(in, Tag<std::string>{});
  return {std::move(signer), get_list<Bytes>(in, kMaxItems)};
}
SignTimeStampsCall get_call(Reader& in, Tag<SignTimeStampsCall>) {
  auto signer = get(in, Tag<std::string>{});
  return {std::move(signer), get_list<Vault::TimeStampInput>(in, kMaxItems)};
}
SignCheckpointCall get_call(Reader& in, Tag<SignCheckpointCall>) {
  return {get(in, Tag<std::string>{})};
}
ReleaseSoPinsCall get_call(Reader& in, Tag<ReleaseSoPinsCall>) {
  return {get(in, Tag<SignedRequest>{})};
}

// Tries the kinds of call one after the other until the type fits.
template <std::size_t I = 0>
Call read_call(MessageType type, Reader& in) {
  if constexpr (I < std::variant_size_v<Call>) {
    using C = std::variant_alternative_t<I, Call>;
    if (C::kType == type) return get_call(in, Tag<C>{});
    return read_call<I + 1>(type, in);
  } else {
    throw wire::WireError{"type"};
  }
}

}  // namespace

std::array<std::uint8_t, kHeaderSize> encode_header(const FrameHeader& header) {
  Writer out;
  out.number(header.body_size);
  out.number(header.version);
  out.number(static_cast<std::uint8_t>(header.type));
  out.number(static_cast<std::uint16_t>(header.is_answer ? kAnswerBit : 0));
  out.number(header.id);
  out.number(header.timeout_ms);
  const Bytes octets = out.take();
  std::array<std::uint8_t, kHeaderSize> fixed{};
  std::ranges::copy(octets, fixed.begin());
  return fixed;
}

Result<FrameHeader> decode_header(ByteView octets) {
  if (octets.size() != kHeaderSize) return malformed("header");
  Reader in(octets);
  FrameHeader header;
  header.body_size = in.number<std::uint32_t>();
  header.version = in.number<std::uint8_t>();
  const auto type = in.number<std::uint8_t>();
  const auto bits = in.number<std::uint16_t>();
  header.id = in.number<std::uint64_t>();
  header.timeout_ms = in.number<std::uint32_t>();
  if (header.version != kProtocolVersion) return malformed("version");
  if (type < kFirstType || type > kLastType) return malformed("type");
  if ((bits & ~kAnswerBit) != 0) return malformed("reserved bits");
  if (header.body_size > kMaxBody) return malformed("size");
  header.type = static_cast<MessageType>(type);
  header.is_answer = bits == kAnswerBit;
  return header;
}

MessageType type_of(const Call& call) {
  return std::visit([](const auto& c) { return std::remove_cvref_t<decltype(c)>::kType; }, call);
}

Bytes encode(const Call& call) {
  Writer out;
  std::visit([&](const auto& c) { put_call(out, c); }, call);
  return out.take();
}

Result<Call> decode_call(MessageType type, ByteView body) {
  try {
    Reader in(body);
    auto call = read_call(type, in);
    in.finish();
    return call;
  } catch (const wire::WireError& error) {
    return malformed(error.reason);
  }
}

template <typename C>
Bytes encode_answer(const typename C::Answer& answer) {
  Writer out;
  out.number(std::uint8_t{1});
  put(out, answer);
  return out.take();
}

Bytes encode_failure(const Error& error) {
  Writer out;
  out.number(std::uint8_t{0});
  put(out, error);
  return out.take();
}

template <typename C>
Result<typename C::Answer> decode_answer(ByteView body) {
  try {
    Reader in(body);
    if (!in.flag()) {
      auto error = get(in, Tag<Error>{});
      in.finish();
      return error;
    }
    Result<typename C::Answer> answer(std::in_place, get(in, Tag<typename C::Answer>{}));
    in.finish();
    return answer;
  } catch (const wire::WireError& error) {
    return malformed(error.reason);
  }
}

#define KYSO_VAULT_CALL(C)                           \
  template Bytes encode_answer<C>(const C::Answer&); \
  template Result<C::Answer> decode_answer<C>(ByteView body)
KYSO_VAULT_CALL(StateCall);
KYSO_VAULT_CALL(PolicyFilesCall);
KYSO_VAULT_CALL(PrepareCall);
KYSO_VAULT_CALL(SignPreparedCall);
KYSO_VAULT_CALL(VoidIntentCall);
KYSO_VAULT_CALL(IntentsCall);
KYSO_VAULT_CALL(JournalCall);
KYSO_VAULT_CALL(AdoptPolicyCall);
KYSO_VAULT_CALL(SignCrlCall);
KYSO_VAULT_CALL(SignOcspCall);
KYSO_VAULT_CALL(SignTimeStampsCall);
KYSO_VAULT_CALL(SignCheckpointCall);
KYSO_VAULT_CALL(ReleaseSoPinsCall);
#undef KYSO_VAULT_CALL

}  // namespace kyso::vault
