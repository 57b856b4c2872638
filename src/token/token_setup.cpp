#include "token/token_setup.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "crypto/der.h"
#include "token/key_uri.h"
#include "token/login.h"
#include "token/objects.h"
#include "token/return_value.h"
#include "token/session_pool.h"
#include "token/slots.h"

namespace kyso::token {
namespace {

namespace der = crypto::der;

constexpr std::size_t kMaxSlots = 256;
constexpr std::size_t kMaxKeys = 256;

CK_UTF8CHAR* octets_of(std::string_view text) {
  return reinterpret_cast<CK_UTF8CHAR*>(const_cast<char*>(text.data()));
}

// All tokens, those too that nobody initialised.
Result<std::vector<SlotToken>> all_tokens(Module& module) {
  std::vector<CK_SLOT_ID> slots(kMaxSlots);
  CK_ULONG count = slots.size();
  KYSO_TRY(
      check("C_GetSlotList", module.call([&](auto& f) { return f.C_GetSlotList(CK_TRUE, slots.data(), &count); })));
  slots.resize(std::min<std::size_t>(count, slots.size()));
  std::vector<SlotToken> out;
  for (const CK_SLOT_ID slot : slots)
    if (auto token = read_token(module, slot)) out.push_back(*token);
  return out;
}

bool is_blank(const SlotToken& token) {
  return (token.raw.flags & CKF_TOKEN_INITIALIZED) == 0;
}

Result<SlotToken> token_with_serial(Module& module, const std::string& serial) {
  for (const SlotToken& token : KYSO_TRY(all_tokens(module)))
    if (describe_token(module.path(), token.raw).serial == serial) return token;
  return fail("token.not_found").with("uri", "serial=" + serial);
}

Result<SlotToken> blank_token(Module& module) {
  auto tokens = KYSO_TRY(all_tokens(module));
  std::erase_if(tokens, [](const SlotToken& token) { return !is_blank(token); });
  if (tokens.size() != 1) return fail("token.setup.blank").with("count", tokens.size());
  return tokens.front();
}

// A refused SO-PIN is one as well: most devices die when it is wrong too often.
Result<> conclude(std::string_view call, CK_RV rv, const Module& module, const SlotToken& token) {
  const bool is_refused = rv == CKR_PIN_INCORRECT || rv == CKR_PIN_INVALID || rv == CKR_PIN_LEN_RANGE;
  if (!is_refused && rv != CKR_PIN_LOCKED) return check(call, rv);
  return Error(is_refused ? "token.pin.incorrect" : "token.pin.locked", std::string(call) + ": " + name_of(rv))
      .with("state", "SO")
      .with("token", describe_token(module.path(), token.raw).label);
}

Result<> set_user_pin(Module& module, const SlotToken& token, const Secret& so_pin, const Secret& user_pin) {
  const Session session = KYSO_TRY(Session::open(module, token.slot, SessionKind::read_write));
  KYSO_TRY(conclude("C_Login", module.call([&](auto& f) {
    return f.C_Login(session.handle(), CKU_SO, octets_of(so_pin.reveal()), so_pin.reveal().size());
  }),
                    module, token));
  const CK_RV rv = module.call(
      [&](auto& f) { return f.C_InitPIN(session.handle(), octets_of(user_pin.reveal()), user_pin.reveal().size()); });
  static_cast<void>(module.call([&](auto& f) { return f.C_Logout(session.handle()); }));
  return conclude("C_InitPIN", rv, module, token);
}

// PKCS#11 section 5.5: 32 octets, padded with blanks, no terminator.
Result<std::array<CK_UTF8CHAR, 32>> padded_label(const std::string& label) {
  std::array<CK_UTF8CHAR, 32> out{};
  out.fill(' ');
  const bool is_good = !label.empty() && label.size() <= out.size() && to_valid_utf8(label) == label &&
                       std::ranges::none_of(label, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  if (!is_good) return fail("token.label").with("label", to_valid_utf8(label));
  std::ranges::copy(label, out.begin());
  return out;
}

struct PublicHalf {
  std::string label;
  Bytes id;
};

// The token's own key of this certificate, by the id that keys get here (RFC 5280 section 4.2.1.2) or by the modulus
// or point that the public half shows.
Result<PublicHalf> half_of(const Session& session, const crypto::Certificate& certificate) {
  const ByteView spki = certificate.public_key().spki();
  for (const auto handle : KYSO_TRY(find_objects(session, CKO_PUBLIC_KEY, std::nullopt, std::nullopt, kMaxKeys))) {
    Bytes shown = KYSO_TRY(read_attribute(session, handle, CKA_MODULUS));
    if (shown.empty()) {
      const Bytes point = KYSO_TRY(read_attribute(session, handle, CKA_EC_POINT));
      der::Reader reader(point);
      const auto wrapped = reader.expect(der::kOctetString);
      shown = wrapped ? Bytes(wrapped->content.begin(), wrapped->content.end()) : point;
    }
    if (shown.size() < 32 || std::ranges::search(spki, shown).empty()) continue;
    return PublicHalf{std::string(as_chars(KYSO_TRY(read_attribute(session, handle, CKA_LABEL)))),
                      KYSO_TRY(read_attribute(session, handle, CKA_ID))};
  }
  return fail("token.key.not_found").with("uri", "type=public");
}

CK_RV create_certificate(const Session& session, const PublicHalf& half, const crypto::Certificate& certificate) {
  CK_OBJECT_CLASS object_class = CKO_CERTIFICATE;
  CK_CERTIFICATE_TYPE type = CKC_X_509;
  CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
  const Bytes serial = der::encode(der::kInteger, certificate.serial());
  const auto raw = [](CK_ATTRIBUTE_TYPE attribute, ByteView value) {
    return CK_ATTRIBUTE{attribute, const_cast<std::uint8_t*>(value.data()), value.size()};
  };
  std::vector<CK_ATTRIBUTE> content{{CKA_CLASS, &object_class, sizeof object_class},
                                    {CKA_CERTIFICATE_TYPE, &type, sizeof type},
                                    {CKA_TOKEN, &yes, sizeof yes},
                                    {CKA_PRIVATE, &no, sizeof no},
                                    raw(CKA_LABEL, as_bytes(half.label)),
                                    raw(CKA_ID, half.id),
                                    raw(CKA_SUBJECT, certificate.subject_der()),
                                    raw(CKA_ISSUER, certificate.issuer_der()),
                                    raw(CKA_SERIAL_NUMBER, serial),
                                    raw(CKA_VALUE, certificate.der())};
  CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
  return session.module().call(
      [&](auto& f) { return f.C_CreateObject(session.handle(), content.data(), content.size(), &handle); });
}

}  // namespace

Result<TokenInfo> initialize_token(const std::string& path, const std::optional<std::string>& serial,
                                   const NewToken& token) {
  const auto module = KYSO_TRY(Module::acquire(path));
  auto label = KYSO_TRY(padded_label(token.label));
  const SlotToken found = KYSO_TRY(serial ? token_with_serial(*module, *serial) : blank_token(*module));
  const std::string_view so_pin = token.so_pin.reveal();
  KYSO_TRY(conclude("C_InitToken", module->call([&](auto& f) {
    return f.C_InitToken(found.slot, octets_of(so_pin), so_pin.size(), label.data());
  }),
                    *module, found));
  const SlotToken made = KYSO_TRY(read_token(*module, found.slot));
  KYSO_TRY(set_user_pin(*module, made, token.so_pin, token.user_pin));
  return describe_token(module->path(), KYSO_TRY(read_token(*module, found.slot)).raw);
}

Result<> unlock_token(const std::string& path, const std::string& serial, const Secret& so_pin,
                      const Secret& user_pin) {
  const auto module = KYSO_TRY(Module::acquire(path));
  return set_user_pin(*module, KYSO_TRY(token_with_serial(*module, serial)), so_pin, user_pin);
}

Result<> write_certificate(const std::string& path, const std::string& serial, const crypto::Certificate& certificate,
                           PinSource pin_source) {
  const auto module = KYSO_TRY(Module::acquire(path));
  const SlotToken token = KYSO_TRY(token_with_serial(*module, serial));
  const Session session = KYSO_TRY(Session::open(*module, token.slot, SessionKind::read_write));
  const PublicHalf half = KYSO_TRY(half_of(session, certificate));
  for (const TokenCertificate& known : KYSO_TRY(read_certificates(session)))
    if (std::ranges::equal(known.certificate.der(), certificate.der())) return {};  // written before
  CK_RV rv = create_certificate(session, half, certificate);
  if (rv == CKR_USER_NOT_LOGGED_IN) {
    PinKeeper pins(std::move(pin_source), std::nullopt);
    KYSO_TRY(pins.login(session, CKU_USER));
    rv = create_certificate(session, half, certificate);
  }
  return check("C_CreateObject", rv);
}

}  // namespace kyso::token
