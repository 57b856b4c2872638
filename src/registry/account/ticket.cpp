#include "registry/account/ticket.h"

#include "crypto/algorithm.h"
#include "crypto/password.h"
#include "jose/base64url.h"

namespace kyso::registry {
namespace {

constexpr std::size_t kNonce = 16, kTime = 8, kMac = 32, kBlock = 64;
constexpr std::size_t kMaxTicket = 2'000;
constexpr std::string_view kKeyName = "portal";

Bytes sha256(ByteView bytes) {
  return crypto::digest(crypto::DigestAlgorithm::sha256, bytes);
}

void append_number(Bytes& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(number >> shift));
}

// Lengths stand before the texts, so that no two different triples are the same bytes.
Bytes mac_of(ByteView key, std::string_view purpose, std::string_view context, std::string_view body) {
  Bytes message;
  for (const std::string_view part : {purpose, context, body}) {
    append_number(message, part.size());
    append(message, part);
  }
  return hmac_sha256(key, message);
}

Instant time_of(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char c : bytes.substr(0, kTime)) number = number << 8U | static_cast<std::uint8_t>(c);
  return Instant(std::chrono::seconds(static_cast<std::int64_t>(number)));
}

Result<std::optional<Bytes>> read_key(db::Transaction& transaction) {
  const auto row = KYSO_TRY(transaction.maybe("SELECT value FROM ticket_key WHERE name = ?", {kKeyName}));
  if (!row) return std::optional<Bytes>();
  return std::optional(KYSO_TRY(row->get<Bytes>(0)));
}

}  // namespace

Bytes hmac_sha256(ByteView key, ByteView message) {
  Bytes padded = key.size() > kBlock ? sha256(key) : Bytes(key.begin(), key.end());
  padded.resize(kBlock);
  Bytes inner, outer;
  for (const std::uint8_t byte : padded) {
    inner.push_back(byte ^ 0x36U);
    outer.push_back(byte ^ 0x5CU);
  }
  append(inner, message);
  append(outer, ByteView(sha256(inner)));
  return sha256(outer);
}

Result<Bytes> Tickets::key() {
  const std::lock_guard lock(m_mutex);
  if (!m_key.empty()) return m_key;
  auto known = KYSO_TRY(m_database.read(read_key));
  if (!known) {
    // Another process may be first: its key counts then.
    const Bytes fresh = crypto::random_bytes(32);
    known = KYSO_TRY(m_database.write([&](db::Transaction& transaction) -> Result<std::optional<Bytes>> {
      KYSO_TRY(transaction.execute("INSERT INTO ticket_key (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
                                   {kKeyName, fresh}));
      return read_key(transaction);
    }));
  }
  m_key = *known;
  return m_key;
}

Result<std::string> Tickets::issue(std::string_view purpose, std::string_view context, std::string_view content,
                                   Instant expires) {
  const Bytes secret = KYSO_TRY(key());
  Bytes body;
  append_number(body, static_cast<std::uint64_t>(expires.time_since_epoch().count()));
  append(body, ByteView(crypto::random_bytes(kNonce)));
  append(body, content);
  append(body, ByteView(mac_of(secret, purpose, context, as_chars(body))));
  return jose::to_base64url(body);
}

Result<Tickets::Ticket> Tickets::check(std::string_view purpose, std::string_view context, std::string_view ticket,
                                       Instant now) {
  const Bytes secret = KYSO_TRY(key());
  if (ticket.size() > kMaxTicket) return fail("registry.ticket.invalid", "length");
  const auto bytes = jose::from_base64url(ticket);
  if (!bytes || bytes->size() < kTime + kNonce + kMac) return fail("registry.ticket.invalid", "form");
  const std::string_view body = std::string_view(*bytes).substr(0, bytes->size() - kMac);
  const Bytes mac = mac_of(secret, purpose, context, body);
  if (!crypto::equal_in_constant_time(as_chars(mac), std::string_view(*bytes).substr(body.size())))
    return fail("registry.ticket.invalid", "mac");
  Ticket out{std::string(body.substr(kTime + kNonce)), time_of(body)};
  if (out.expires <= now) return fail("registry.ticket.invalid", "expired");
  return out;
}

Result<> Tickets::spend(db::Transaction& transaction, std::string_view ticket, Instant expires) {
  const std::int64_t inserted = KYSO_TRY(
      transaction.execute("INSERT INTO spent_ticket (ticket, expires) VALUES (?, ?) ON CONFLICT (ticket) DO NOTHING",
                          {sha256(as_bytes(ticket)), expires}));
  if (inserted == 0) return fail("registry.ticket.used");
  return {};
}

Result<std::string> Tickets::derive(std::string_view purpose, std::string_view text) {
  const Bytes secret = KYSO_TRY(key());
  return jose::to_base64url(mac_of(secret, "derive", purpose, text));
}

}  // namespace kyso::registry
