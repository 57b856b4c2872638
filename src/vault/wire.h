#pragma once
#include <algorithm>
#include <optional>

#include "vault/protocol.h"

// Private to the module: values as octets. Reading throws WireError, which never leaves protocol.cpp.
namespace kyso::vault::wire {

struct WireError {
  const char* reason;
};

class Writer {
 public:
  template <typename T>
  void number(T value) {
    for (std::size_t i = sizeof(T); i-- > 0;)
      m_out.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i)));
  }
  void octets(ByteView value) {
    number(static_cast<std::uint32_t>(value.size()));
    append(m_out, value);
  }
  void reserve(std::size_t size) { m_out.reserve(size); }
  Bytes take() { return std::move(m_out); }

 private:
  Bytes m_out;
};

class Reader {
 public:
  explicit Reader(ByteView bytes) : m_rest(bytes) {}
  template <typename T>
  T number() {
    const ByteView octets = raw(sizeof(T));
    std::uint64_t value = 0;
    for (const auto octet : octets) value = value << 8U | octet;
    return static_cast<T>(value);
  }
  bool flag() {
    const auto value = number<std::uint8_t>();
    if (value > 1) throw WireError{"flag"};
    return value == 1;
  }
  // A member of an enumeration whose last one is `last`.
  template <typename E>
  E member(E last) {
    const auto value = number<std::uint8_t>();
    if (value > static_cast<std::uint8_t>(last)) throw WireError{"enumeration"};
    return static_cast<E>(value);
  }
  ByteView octets() { return raw(number<std::uint32_t>()); }
  // Each item takes an octet at least, so that a short message can't announce a long list.
  std::size_t count(std::size_t limit) {
    const auto value = number<std::uint32_t>();
    if (value > limit || value > m_rest.size()) throw WireError{"count"};
    return value;
  }
  void finish() const {
    if (!m_rest.empty()) throw WireError{"octets left over"};
  }

 private:
  ByteView raw(std::size_t size) {
    if (size > m_rest.size()) throw WireError{"cut off"};
    const ByteView out = m_rest.first(size);
    m_rest = m_rest.subspan(size);
    return out;
  }
  ByteView m_rest;
};

template <typename T>
struct Tag {};

inline constexpr std::size_t kMaxList = 100'000;

void put(Writer& out, const std::string& value);
void put(Writer& out, const Bytes& value);
void put(Writer& out, const Error& value);
void put(Writer& out, const crypto::Certificate& value);
void put(Writer& out, const PolicyFile& value);
void put(Writer& out, const SignedRequest& value);
void put(Writer& out, const PreparedCertificate& value);
void put(Writer& out, const Intent& value);
void put(Writer& out, const JournalEntry& value);
void put(Writer& out, const Signer& value);
void put(Writer& out, const pki::issue::IssuerSettings& value);
void put(Writer& out, const Vault::State& value);
void put(Writer& out, const Vault::TimeStampInput& value);
void put(Writer& out, const ReleasedPin& value);

std::string get(Reader& in, Tag<std::string>);
Bytes get(Reader& in, Tag<Bytes>);
Error get(Reader& in, Tag<Error>);
crypto::Certificate get(Reader& in, Tag<crypto::Certificate>);
PolicyFile get(Reader& in, Tag<PolicyFile>);
SignedRequest get(Reader& in, Tag<SignedRequest>);
PreparedCertificate get(Reader& in, Tag<PreparedCertificate>);
Intent get(Reader& in, Tag<Intent>);
JournalEntry get(Reader& in, Tag<JournalEntry>);
Signer get(Reader& in, Tag<Signer>);
pki::issue::IssuerSettings get(Reader& in, Tag<pki::issue::IssuerSettings>);
Vault::State get(Reader& in, Tag<Vault::State>);
Vault::TimeStampInput get(Reader& in, Tag<Vault::TimeStampInput>);
ReleasedPin get(Reader& in, Tag<ReleasedPin>);

template <typename T>
void put(Writer& out, const std::vector<T>& values);
template <typename T>
void put(Writer& out, const Result<T>& value);
template <typename T>
std::vector<T> get(Reader& in, Tag<std::vector<T>>);
template <typename T>
Result<T> get(Reader& in, Tag<Result<T>>);

template <typename T>
void put(Writer& out, const std::vector<T>& values) {
  out.number(static_cast<std::uint32_t>(values.size()));
  for (const T& value : values) put(out, value);
}

template <typename T>
void put(Writer& out, const Result<T>& value) {
  out.number(static_cast<std::uint8_t>(value ? 1 : 0));
  if (!value)
    put(out, value.error());
  else if constexpr (!std::is_void_v<T>)
    put(out, *value);
}

template <typename T>
std::vector<T> get_list(Reader& in, std::size_t limit) {
  const std::size_t count = in.count(limit);
  std::vector<T> out;
  out.reserve(std::min<std::size_t>(count, 1'024));
  for (std::size_t i = 0; i < count; ++i) out.push_back(get(in, Tag<T>{}));
  return out;
}

template <typename T>
std::vector<T> get(Reader& in, Tag<std::vector<T>>) {
  return get_list<T>(in, kMaxList);
}

template <typename T>
Result<T> get(Reader& in, Tag<Result<T>>) {
  if (!in.flag()) return get(in, Tag<Error>{});
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return get(in, Tag<T>{});
}

}  // namespace kyso::vault::wire
