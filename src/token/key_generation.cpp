#include "token/key_generation.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "crypto/der.h"
#include "token/key_uri.h"
#include "token/login.h"
#include "token/mechanism.h"
#include "token/objects.h"
#include "token/return_value.h"
#include "token/session_pool.h"
#include "token/slots.h"

namespace kyso::token {
namespace {

namespace der = crypto::der;

struct KindRow {
  NewKey kind;
  std::string_view name;
  CK_ULONG bits;           // RSA
  std::string_view curve;  // EC: its object identifier
};
constexpr std::array<KindRow, 5> kKinds{{{NewKey::rsa_2048, "rsa:2048", 2048, {}},
                                         {NewKey::rsa_3072, "rsa:3072", 3072, {}},
                                         {NewKey::rsa_4096, "rsa:4096", 4096, {}},
                                         {NewKey::ec_p256, "ec:p256", 0, "1.2.840.10045.3.1.7"},
                                         {NewKey::ec_p384, "ec:p384", 0, "1.3.132.0.34"}}};
constexpr std::string_view kRsaEncryption = "1.2.840.113549.1.1.1";
constexpr std::string_view kEcPublicKey = "1.2.840.10045.2.1";
constexpr std::size_t kMaxLabel = 64;
constexpr std::size_t kMaxKeys = 256;

const KindRow& row_of(NewKey kind) {
  return *std::ranges::find(kKinds, kind, &KindRow::kind);
}

// CK_ATTRIBUTEs with the values that they point to.
class Template {
 public:
  Template& add(CK_ATTRIBUTE_TYPE type, Bytes value) {
    m_values.emplace_back(type, std::move(value));
    return *this;
  }
  Template& add(CK_ATTRIBUTE_TYPE type, std::string_view text) { return add(type, to_bytes(text)); }
  Template& add_flag(CK_ATTRIBUTE_TYPE type, bool on) {
    return add(type, Bytes{static_cast<std::uint8_t>(on ? CK_TRUE : CK_FALSE)});
  }
  Template& add_number(CK_ATTRIBUTE_TYPE type, CK_ULONG number) {
    const auto* octets = reinterpret_cast<const std::uint8_t*>(&number);
    return add(type, Bytes(octets, octets + sizeof number));
  }
  std::vector<CK_ATTRIBUTE> raw() {
    std::vector<CK_ATTRIBUTE> out;
    for (auto& [type, value] : m_values) out.push_back({type, value.data(), value.size()});
    return out;
  }

 private:
  std::vector<std::pair<CK_ATTRIBUTE_TYPE, Bytes>> m_values;
};

Result<crypto::PublicKey> rsa_key(ByteView modulus, ByteView exponent) {
  const auto numbers = der::sequence(der::encode_unsigned(modulus), der::encode_unsigned(exponent));
  const auto algorithm = der::sequence(der::encode_oid(kRsaEncryption), der::encode(der::kNull, {}));
  const auto bits = der::concat(Bytes{0}, numbers);
  return crypto::PublicKey::from_spki(der::sequence(algorithm, der::encode(der::kBitString, bits)));
}

Result<crypto::PublicKey> ec_key(ByteView curve, ByteView coordinates) {
  const auto algorithm = der::sequence(der::encode_oid(kEcPublicKey), curve);
  const auto bits = der::concat(Bytes{0, 4}, coordinates);
  return crypto::PublicKey::from_spki(der::sequence(algorithm, der::encode(der::kBitString, bits)));
}

Result<crypto::PublicKey> public_key_of(const Session& session, const TokenKey& key) {
  const auto hidden = [&] { return fail("token.key.public").with("label", key.label); };
  if (key.public_part.empty()) return hidden();
  // What the private object leaves out, the public one tells.
  const auto read = [&](CK_ATTRIBUTE_TYPE type) -> Result<Bytes> {
    auto value = KYSO_TRY(read_attribute(session, key.handle, type));
    if (!value.empty() || key.id.empty()) return value;
    const auto publics = KYSO_TRY(find_objects(session, CKO_PUBLIC_KEY, std::nullopt, key.id, 1));
    if (publics.empty()) return Bytes{};
    return read_attribute(session, publics.front(), type);
  };
  if (key.type == CKK_RSA) {
    const auto exponent = KYSO_TRY(read(CKA_PUBLIC_EXPONENT));
    if (exponent.empty()) return hidden();
    return rsa_key(key.public_part, exponent);
  }
  const auto curve = KYSO_TRY(read(CKA_EC_PARAMS));
  if (key.type != CKK_EC || curve.empty()) return hidden();
  return ec_key(curve, key.public_part);
}

// RFC 5280 section 4.2.1.2, method 1: over the bits alone.
Result<Bytes> id_of(const crypto::PublicKey& key) {
  der::Reader outer(key.spki());
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  KYSO_TRY(fields.expect(der::kSequence));
  const auto bits = KYSO_TRY(fields.expect(der::kBitString)).content;
  return crypto::digest(crypto::DigestAlgorithm::sha1, bits.subspan(std::min<std::size_t>(1, bits.size())));
}

bool is_good_label(std::string_view label) {
  return !label.empty() && label.size() <= kMaxLabel && to_valid_utf8(label) == label &&
         std::ranges::none_of(label, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

struct TokenEditor::State {
  Module::Use module;  // outlives the session
  KeyUri uri;
  SlotToken token;
  std::unique_ptr<PinKeeper> pins;
  std::optional<Session> session;

  template <typename F>
  Result<> call(std::string_view name, F&& f) const {
    return check(name, module->call(std::forward<F>(f)));
  }
  Result<KeyInToken> describe(const TokenKey& key) const {
    auto public_key = KYSO_TRY(public_key_of(*session, key));
    const auto info = describe_token(module->path(), token.raw);
    auto text = fmt::format("pkcs11:token={};object={};id={};type=private?module-path={}", uri_escaped(info.label),
                            uri_escaped(key.label), uri_escaped(as_chars(key.id)), module->path());
    return KeyInToken{key.label, key.id, std::move(public_key), std::move(text)};
  }
  Result<CK_OBJECT_HANDLE> create(Template& content) const {
    auto raw = content.raw();
    CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
    KYSO_TRY(call("C_CreateObject",
                  [&](auto& f) { return f.C_CreateObject(session->handle(), raw.data(), raw.size(), &handle); }));
    return handle;
  }
  Result<> erase(CK_OBJECT_HANDLE handle) const {
    return call("C_DestroyObject", [&](auto& f) { return f.C_DestroyObject(session->handle(), handle); });
  }
  Result<> set_id(CK_OBJECT_HANDLE handle, const Bytes& id) const {
    Template content;
    auto raw = content.add(CKA_ID, id).raw();
    return call("C_SetAttributeValue",
                [&](auto& f) { return f.C_SetAttributeValue(session->handle(), handle, raw.data(), raw.size()); });
  }
  Result<std::pair<CK_OBJECT_HANDLE, CK_OBJECT_HANDLE>> make_pair(const KindRow& row, const std::string& label,
                                                                  KeyUse use) const;
  Result<> check_protection(CK_OBJECT_HANDLE key, KeyUse use) const;
  Result<KeyInToken> finish(CK_OBJECT_HANDLE public_half, CK_OBJECT_HANDLE private_half, const std::string& label,
                            KeyUse use) const;
  Result<> store(const std::string& label, const Bytes& id, const crypto::Certificate& certificate) const;
};

std::string_view name_of(NewKey kind) {
  return row_of(kind).name;
}

std::optional<NewKey> new_key_by_name(std::string_view name) {
  const auto* row = std::ranges::find(kKinds, name, &KindRow::name);
  return row != kKinds.end() ? std::optional(row->kind) : std::nullopt;
}

crypto::Certificate bare_certificate(const crypto::PublicKey& key) {
  const auto algorithm = der::sequence(der::encode_oid("1.2.840.10045.4.3.2"));
  const auto nobody = der::sequence();
  const auto time = der::encode(der::kUtcTime, as_bytes("700101000000Z"));
  const auto tbs =
      der::sequence(der::encode_integer(1), algorithm, nobody, der::sequence(time, time), nobody, key.spki());
  const auto none = der::encode(der::kBitString, Bytes{0});
  return crypto::Certificate::from_der(der::sequence(tbs, algorithm, none)).value();
}

TokenEditor::TokenEditor(std::unique_ptr<State> state) : m_state(std::move(state)) {}
TokenEditor::TokenEditor(TokenEditor&&) noexcept = default;
TokenEditor& TokenEditor::operator=(TokenEditor&&) noexcept = default;
TokenEditor::~TokenEditor() = default;

Result<TokenEditor> TokenEditor::open(const std::string& uri, PinSource pin_source, const Options& options) {
  auto token_uri = KYSO_TRY(KeyUri::parse(uri));
  const auto& path = token_uri.module().empty() ? options.default_module : token_uri.module();
  if (path.empty()) return fail("token.module.unnamed");
  auto module = KYSO_TRY(Module::acquire(path));
  const auto token = KYSO_TRY(find_token(*module, token_uri, std::nullopt));
  auto pins = std::make_unique<PinKeeper>(std::move(pin_source), token_uri.pin_file());
  auto state =
      std::unique_ptr<State>(new State{std::move(module), std::move(token_uri), token, std::move(pins), std::nullopt});
  state->session = KYSO_TRY(Session::open(*state->module, token.slot, SessionKind::read_write));
  CK_SESSION_INFO info{};
  KYSO_TRY(
      state->call("C_GetSessionInfo", [&](auto& f) { return f.C_GetSessionInfo(state->session->handle(), &info); }));
  const bool wants_login = (token.raw.flags & CKF_LOGIN_REQUIRED) != 0 && info.state != CKS_RW_USER_FUNCTIONS;
  if (wants_login) KYSO_TRY(state->pins->login(*state->session, CKU_USER));
  return TokenEditor(std::move(state));
}

Result<std::pair<CK_OBJECT_HANDLE, CK_OBJECT_HANDLE>> TokenEditor::State::make_pair(const KindRow& row,
                                                                                    const std::string& label,
                                                                                    KeyUse use) const {
  const bool decrypts = use == KeyUse::sign_and_decrypt;
  Template open_half;
  open_half.add_flag(CKA_TOKEN, true).add_flag(CKA_PRIVATE, false).add(CKA_LABEL, label);
  open_half.add_flag(CKA_VERIFY, true).add_flag(CKA_ENCRYPT, decrypts).add_flag(CKA_WRAP, false);
  if (row.bits != 0)
    open_half.add_number(CKA_MODULUS_BITS, row.bits).add(CKA_PUBLIC_EXPONENT, Bytes{1, 0, 1});
  else
    open_half.add(CKA_EC_PARAMS, der::encode_oid(row.curve));
  Template secret_half;
  secret_half.add_flag(CKA_TOKEN, true).add_flag(CKA_PRIVATE, true).add(CKA_LABEL, label);
  secret_half.add_flag(CKA_SENSITIVE, true).add_flag(CKA_EXTRACTABLE, false).add_flag(CKA_SIGN, true);
  secret_half.add_flag(CKA_DECRYPT, decrypts).add_flag(CKA_UNWRAP, false).add_flag(CKA_DERIVE, false);

  const CK_MECHANISM_TYPE type = row.bits != 0 ? CKM_RSA_PKCS_KEY_PAIR_GEN : CKM_EC_KEY_PAIR_GEN;
  CK_MECHANISM mechanism{type, nullptr, 0};
  auto open_raw = open_half.raw();
  auto secret_raw = secret_half.raw();
  std::pair<CK_OBJECT_HANDLE, CK_OBJECT_HANDLE> made{CK_INVALID_HANDLE, CK_INVALID_HANDLE};
  const CK_RV rv = module->call([&](auto& f) {
    if (f.C_GenerateKeyPair == nullptr) return CKR_FUNCTION_NOT_SUPPORTED;
    return f.C_GenerateKeyPair(session->handle(), &mechanism, open_raw.data(), open_raw.size(), secret_raw.data(),
                               secret_raw.size(), &made.first, &made.second);
  });
  if (rv == CKR_MECHANISM_INVALID || rv == CKR_KEY_SIZE_RANGE || rv == CKR_FUNCTION_NOT_SUPPORTED ||
      rv == CKR_DOMAIN_PARAMS_INVALID)
    return fail("token.mechanism", "C_GenerateKeyPair: {}", kyso::token::name_of(rv)).with("name", row.name);
  KYSO_TRY(check("C_GenerateKeyPair", rv));
  return made;
}

// A token may ignore what the template says: what counts is what it answers afterwards.
Result<> TokenEditor::State::check_protection(CK_OBJECT_HANDLE key, KeyUse use) const {
  struct Wanted {
    CK_ATTRIBUTE_TYPE type;
    bool value;
    std::string_view name;
  };
  const std::array<Wanted, 8> kWanted{{{CKA_TOKEN, true, "CKA_TOKEN"},
                                       {CKA_PRIVATE, true, "CKA_PRIVATE"},
                                       {CKA_SENSITIVE, true, "CKA_SENSITIVE"},
                                       {CKA_EXTRACTABLE, false, "CKA_EXTRACTABLE"},
                                       {CKA_NEVER_EXTRACTABLE, true, "CKA_NEVER_EXTRACTABLE"},
                                       {CKA_LOCAL, true, "CKA_LOCAL"},
                                       {CKA_DECRYPT, use == KeyUse::sign_and_decrypt, "CKA_DECRYPT"},
                                       {CKA_UNWRAP, false, "CKA_UNWRAP"}}};
  for (const auto& wanted : kWanted)
    if (KYSO_TRY(read_bool(*session, key, wanted.type, !wanted.value)) != wanted.value)
      return fail("token.key.unprotected").with("attribute", wanted.name);
  return {};
}

Result<KeyInToken> TokenEditor::State::finish(CK_OBJECT_HANDLE public_half, CK_OBJECT_HANDLE private_half,
                                              const std::string& label, KeyUse use) const {
  KYSO_TRY(check_protection(private_half, use));
  auto key = KYSO_TRY(find_key(*session, label, std::nullopt, uri.text()));
  if (key.public_part.empty()) {  // without id the public half isn't found: read it where it is
    const auto point = KYSO_TRY(read_attribute(*session, public_half, CKA_EC_POINT));
    der::Reader reader(point);
    const auto wrapped = reader.expect(der::kOctetString);
    const ByteView octets = wrapped && reader.at_end() ? wrapped->content : ByteView(point);
    if (octets.size() > 1) key.public_part = Bytes(octets.begin() + 1, octets.end());
  }
  const auto curve = KYSO_TRY(read_attribute(*session, public_half, CKA_EC_PARAMS));
  const auto exponent = KYSO_TRY(read_attribute(*session, public_half, CKA_PUBLIC_EXPONENT));
  const auto public_key =
      KYSO_TRY(key.type == CKK_RSA ? rsa_key(key.public_part, exponent) : ec_key(curve, key.public_part));
  const auto id = KYSO_TRY(id_of(public_key));
  KYSO_TRY(set_id(public_half, id));
  KYSO_TRY(set_id(private_half, id));
  return describe(KYSO_TRY(find_key(*session, label, id, uri.text())));
}

Result<KeyInToken> TokenEditor::generate(NewKey kind, const std::string& label, KeyUse use) {
  if (use == KeyUse::sign_and_decrypt && row_of(kind).bits == 0)
    return fail("token.mechanism", "a curve encrypts nothing").with("name", row_of(kind).name);
  if (!is_good_label(label)) return fail("token.label").with("label", to_valid_utf8(label));
  const auto same = KYSO_TRY(find_objects(*m_state->session, std::nullopt, label, std::nullopt, 1));
  if (!same.empty()) return fail("token.key.exists").with("label", label);
  const auto [public_half, private_half] = KYSO_TRY(m_state->make_pair(row_of(kind), label, use));
  auto made = m_state->finish(public_half, private_half, label, use);
  if (!made) {  // nothing half-made remains
    static_cast<void>(m_state->erase(private_half));
    static_cast<void>(m_state->erase(public_half));
  }
  return made;
}

Result<KeyInToken> TokenEditor::find(const std::string& label) const {
  const auto name =
      fmt::format("pkcs11:token={};object={}",
                  uri_escaped(describe_token(m_state->module->path(), m_state->token.raw).label), uri_escaped(label));
  return m_state->describe(KYSO_TRY(find_key(*m_state->session, label, std::nullopt, name)));
}

Result<std::vector<KeyInToken>> TokenEditor::keys() const {
  const Session& session = *m_state->session;
  std::vector<KeyInToken> out;
  for (const auto handle : KYSO_TRY(find_objects(session, CKO_PRIVATE_KEY, std::nullopt, std::nullopt, kMaxKeys))) {
    if (!KYSO_TRY(read_bool(session, handle, CKA_SIGN, true))) continue;
    const auto key = KYSO_TRY(read_key(session, handle));
    auto described = m_state->describe(key);
    if (described) out.push_back(*std::move(described));
  }
  return out;
}

Result<> TokenEditor::State::store(const std::string& label, const Bytes& id,
                                   const crypto::Certificate& certificate) const {
  Template content;
  content.add_number(CKA_CLASS, CKO_CERTIFICATE).add_number(CKA_CERTIFICATE_TYPE, CKC_X_509);
  content.add_flag(CKA_TOKEN, true).add_flag(CKA_PRIVATE, false).add(CKA_LABEL, label).add(CKA_ID, id);
  const auto copy = [](ByteView octets) { return Bytes(octets.begin(), octets.end()); };
  content.add(CKA_SUBJECT, copy(certificate.subject_der())).add(CKA_ISSUER, copy(certificate.issuer_der()));
  content.add(CKA_SERIAL_NUMBER, der::encode(der::kInteger, certificate.serial()));
  content.add(CKA_VALUE, copy(certificate.der()));
  KYSO_TRY(create(content));
  return {};
}

Result<> TokenEditor::store_certificate(const KeyInToken& key, const crypto::Certificate& certificate) {
  if (!std::ranges::equal(certificate.public_key().spki(), key.public_key.spki()))
    return fail("token.key.mismatch", "the certificate is another key's").with("token", key.label);
  const auto before = KYSO_TRY(find_objects(*m_state->session, CKO_CERTIFICATE, key.label, key.id, kMaxKeys));
  KYSO_TRY(m_state->store(key.label, key.id, certificate));
  for (const auto handle : before) KYSO_TRY(m_state->erase(handle));
  return {};
}

Result<> TokenEditor::store_issuer(const std::string& label, const crypto::Certificate& certificate) {
  if (!is_good_label(label)) return fail("token.label").with("label", to_valid_utf8(label));
  for (const auto& known : KYSO_TRY(read_certificates(*m_state->session)))
    if (std::ranges::equal(known.certificate.der(), certificate.der())) return {};
  return m_state->store(label, KYSO_TRY(id_of(certificate.public_key())), certificate);
}

Result<> TokenEditor::store_data(const std::string& label, ByteView octets) {
  if (!is_good_label(label)) return fail("token.label").with("label", to_valid_utf8(label));
  const auto before = KYSO_TRY(find_objects(*m_state->session, CKO_DATA, label, std::nullopt, kMaxKeys));
  Template content;
  content.add_number(CKA_CLASS, CKO_DATA).add_flag(CKA_TOKEN, true).add_flag(CKA_PRIVATE, true);
  content.add(CKA_LABEL, label).add(CKA_APPLICATION, "Kyso").add(CKA_VALUE, Bytes(octets.begin(), octets.end()));
  KYSO_TRY(m_state->create(content));
  for (const auto handle : before) KYSO_TRY(m_state->erase(handle));
  return {};
}

Result<std::vector<Bytes>> TokenEditor::find_data(const std::string& label) const {
  std::vector<Bytes> out;
  for (const auto handle : KYSO_TRY(find_objects(*m_state->session, CKO_DATA, label, std::nullopt, kMaxKeys)))
    out.push_back(KYSO_TRY(read_attribute(*m_state->session, handle, CKA_VALUE)));
  return out;
}

Result<> TokenEditor::destroy(const KeyInToken& key) {
  const Session& session = *m_state->session;
  // The private half first: whatever happens then, it can sign no more.
  const auto private_half = KYSO_TRY(find_key(session, key.label, key.id, key.uri));
  KYSO_TRY(m_state->erase(private_half.handle));
  for (const CK_OBJECT_CLASS type : {CKO_PUBLIC_KEY, CKO_CERTIFICATE})
    for (const auto handle : KYSO_TRY(find_objects(session, type, key.label, key.id, kMaxKeys)))
      KYSO_TRY(m_state->erase(handle));
  return {};
}

}  // namespace kyso::token
