#include "vault/passkey_statement.h"
#include "vault/server/core.h"

namespace kyso::vault {
namespace {

Bytes sha256(ByteView octets) {
  return crypto::digest(crypto::DigestAlgorithm::sha256, octets);
}

// Whose token was opened and by whom, for auditors; neither SO-PIN nor ciphertext.
NewEntry entry_of(const Standing& standing) {
  NewEntry entry{"pin.released", json::Value::object()};
  auto tokens = json::Value::array(), approvers = json::Value::array();
  for (const auto& person : standing.approvers) approvers.push_back(person);
  for (const RecoveryOrder& order : standing.request.recoveries) {
    auto token = json::Value::object();
    token.set("reference", order.reference).set("token_serial", order.token_serial);
    token.set("escrow_sha256", to_hex(sha256(order.escrow))).set("station_sha256", to_hex(sha256(order.station_key)));
    tokens.push_back(std::move(token));
  }
  entry.body.set("request", standing.request.id).set("request_sha256", to_hex(standing.request_sha256));
  entry.body.set("requester", standing.requester).set("approvers", std::move(approvers));
  entry.body.set("tokens", std::move(tokens));
  return entry;
}

}  // namespace

// Sent again because an answer was lost: what was released then can be read by that station alone.
Result<std::optional<std::vector<ReleasedPin>>> Core::released_before(const SignedRequest& signed_request) {
  using Known = std::optional<std::vector<ReleasedPin>>;
  const auto payload = KYSO_TRY(payload_of(signed_request.request, kRequestType));
  const auto request = KYSO_TRY(parse_request(payload));
  const auto used = KYSO_TRY(m_journal.requests({request.id}));
  if (used.empty()) return Known();
  if (used.begin()->second.sha256 != sha256(as_bytes(payload)) || request.act != Act::recover_token)
    return refused(fail("vault.request.used").with("request", request.id));
  return Known(KYSO_TRY(m_journal.released(request.id)));
}

// By the escrow keys of the request's authority, of which a new one may have followed an old one.
Result<EscrowedPin> Core::open_escrow(const Request& request, const RecoveryOrder& order) {
  bool has_key = false;
  for (const auto& slot : m_slots) {
    if (slot->setting().purpose != KeyPurpose::escrow || slot->setting().issuer != request.issuer) continue;
    has_key = true;
    const auto identity = KYSO_TRY(identity_of(*slot));
    KYSO_TRY(identity->uses->count(1));
    const auto plain = identity->key->decrypt(order.escrow);
    if (!plain && plain.error().code != "token.decrypt") return plain.error();
    auto pin = plain ? read_escrowed(*plain) : Result<EscrowedPin>(plain.error());
    if (!pin) continue;
    if (pin->token_serial != order.token_serial)
      return refused(fail("vault.escrow.token").with("reference", order.reference).with("serial", order.token_serial));
    return pin;
  }
  if (!has_key) return refused(fail("vault.escrow.none").with("issuer", request.issuer));
  return refused(fail("vault.escrow.line").with("reference", order.reference));
}

Result<std::vector<ReleasedPin>> Core::release_so_pins(const SignedRequest& signed_request) {
  const auto present = policy();
  if (!present) return fail("vault.policy.none");
  if (auto known = KYSO_TRY(released_before(signed_request))) return *std::move(known);
  auto standing = authorize(*present, signed_request, m_clock.now());
  if (!standing) return refused(std::move(standing).error());
  const Request& request = standing->request;
  if (request.act != Act::recover_token) return refused(fail("vault.request.act").with("act", name_of(request.act)));
  std::vector<ReleasedPin> out;
  for (const RecoveryOrder& order : request.recoveries) {
    const EscrowedPin pin = KYSO_TRY(open_escrow(request, order));
    out.push_back({order.reference, order.token_serial, KYSO_TRY(encrypt_to_station(order.station_key, pin))});
  }
  const NewRequest row{request.id, standing->request_sha256, request.act, request.expires, {}, entry_of(*standing)};
  // Used up before anybody gets it; of two at once, one is told what the other made.
  if (!KYSO_TRY(m_journal.release(row, out))) return m_journal.released(request.id);
  return out;
}

}  // namespace kyso::vault
