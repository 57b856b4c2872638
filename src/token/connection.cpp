#include "token/connection.h"

#include <algorithm>

#include "token/return_value.h"

namespace kyso::token {
namespace {

using crypto::DigestAlgorithm;
using crypto::KeyType;
using crypto::Padding;

constexpr std::size_t kMaxRawSignature = 2048;  // RSA-16384

std::vector<crypto::SignatureScheme> schemes_of(KeyType key) {
  if (key == KeyType::ed25519) return {{key, Padding::none, DigestAlgorithm::sha512}};
  std::vector<crypto::SignatureScheme> schemes;
  for (const auto digest : {DigestAlgorithm::sha256, DigestAlgorithm::sha384, DigestAlgorithm::sha512}) {
    if (key == KeyType::rsa) {
      schemes.push_back({key, Padding::pkcs1_v15, digest});
      schemes.push_back({key, Padding::pss, digest});
    } else {
      schemes.push_back({key, Padding::none, digest});
    }
  }
  return schemes;
}

bool same(const crypto::Certificate& a, const crypto::Certificate& b) {
  return std::ranges::equal(a.der(), b.der());
}

// Seen without login: certificates that bear the URI's label or id, but none of them is the one that we know.
bool shows_other(const KeyUri& uri, const crypto::Certificate& known, std::span<const TokenCertificate> certificates) {
  bool other = false;
  for (const auto& c : certificates) {
    if ((uri.label() && c.label != *uri.label()) || (uri.id() && c.id != *uri.id())) continue;
    if (same(c.certificate, known)) return false;
    other = other || uri.label() || uri.id();
  }
  return other;
}

// People copy the URI of the certificate, and many tokens label key and certificate differently: then its id leads on.
Result<TokenKey> find_key_of(const Session& session, const KeyUri& uri) {
  auto key = find_key(session, uri.label(), uri.id(), uri.text());
  if (key || key.error().code != "token.key.not_found" || !uri.label() || uri.id()) return key;
  const auto certificates = KYSO_TRY(find_objects(session, CKO_CERTIFICATE, uri.label(), std::nullopt, 1));
  if (certificates.empty()) return key;
  const auto id = KYSO_TRY(read_attribute(session, certificates.front(), CKA_ID));
  if (id.empty()) return key;
  return find_key(session, std::nullopt, id, uri.text());
}

Result<crypto::Certificate> choose_certificate(const TokenKey& key, std::span<const TokenCertificate> certificates,
                                               const KeyUri& uri, const std::optional<Expected>& expected) {
  if (expected && expected->is_given) {
    if (may_be_of(key, expected->certificate)) return expected->certificate;
    return fail(expected->token ? "token.key.changed" : "token.key.mismatch", "not the key of the given certificate")
        .with("uri", uri.text())
        .with("token", uri.text());
  }
  auto certificate = certificate_of(key, certificates);
  // A token that was made anew may hold the key alone; the first signature proves that it is the same.
  if (!certificate && expected) return expected->certificate;
  if (!certificate) return fail("token.certificate.not_found").with("uri", uri.text());
  if (expected && !same(*certificate, expected->certificate))
    return fail("token.key.changed", "another certificate").with("uri", uri.text());
  return *std::move(certificate);
}

Result<bool> is_logged_in(const Session& session) {
  CK_SESSION_INFO info{};
  KYSO_TRY(check("C_GetSessionInfo",
                 session.module().call([&](auto& f) { return f.C_GetSessionInfo(session.handle(), &info); })));
  return info.state == CKS_RO_USER_FUNCTIONS || info.state == CKS_RW_USER_FUNCTIONS;
}

}  // namespace

Result<std::shared_ptr<Connection>> Connection::open(Module& module, const KeyUri& uri, PinKeeper& pins,
                                                     std::size_t max_sessions,
                                                     const std::optional<Expected>& expected) {
  const auto token = KYSO_TRY(find_token(module, uri, expected ? expected->token : std::nullopt));
  auto session = KYSO_TRY(Session::open(module, token.slot));
  if (expected && !expected->is_given && shows_other(uri, expected->certificate, KYSO_TRY(read_certificates(session))))
    return fail("token.key.changed", "seen before login").with("uri", uri.text());

  const bool wants_login = (token.raw.flags & CKF_LOGIN_REQUIRED) != 0;
  if (wants_login && !KYSO_TRY(is_logged_in(session))) KYSO_TRY(pins.login(session, CKU_USER));

  auto key = KYSO_TRY(find_key_of(session, uri));
  const auto certificates = KYSO_TRY(read_certificates(session));
  const auto certificate = KYSO_TRY(choose_certificate(key, certificates, uri, expected));
  std::vector<crypto::Certificate> known;
  for (const auto& c : certificates) known.push_back(c.certificate);
  auto issuers = crypto::order_chain(certificate, known);
  Parts parts{token, std::move(key), certificate, std::move(issuers)};
  const bool is_healed = expected && expected->token;
  return std::shared_ptr<Connection>(
      new Connection(module, pins, std::move(session), max_sessions, std::move(parts), is_healed));
}

Connection::Connection(Module& module, PinKeeper& pins, Session first, std::size_t max_sessions, Parts parts,
                       bool healed)
    : m_module(module),
      m_pins(pins),
      m_token(parts.token),
      m_key(std::move(parts.key)),
      m_certificate(std::move(parts.certificate)),
      m_issuers(std::move(parts.issuers)),
      m_healed(healed),
      m_pool(std::move(first), max_sessions) {
  for (const auto scheme : schemes_of(m_certificate.public_key().type()))
    if (const auto mechanism = choose_mechanism(m_module, m_token.slot, scheme))
      m_mechanisms.emplace_back(scheme, *mechanism);
}

bool Connection::supports(crypto::SignatureScheme scheme) const {
  return std::ranges::any_of(m_mechanisms, [&](const auto& row) { return row.first == scheme; });
}

Result<Bytes> Connection::sign(const crypto::SignRequest& request) {
  const auto row = std::ranges::find_if(m_mechanisms, [&](const auto& r) { return r.first == request.scheme; });
  if (row == m_mechanisms.end())
    return fail("token.scheme.unsupported").with("scheme", crypto::name_of(request.scheme));
  auto lease = KYSO_TRY(m_pool.acquire());
  if (lease.session().is_stale()) return device_error("C_SignInit", CKR_CRYPTOKI_NOT_INITIALIZED);
  auto raw = KYSO_TRY(sign_in(lease, row->second, request));
  auto value = KYSO_TRY(signature_value(m_certificate.public_key(), std::move(raw)));
  KYSO_TRY(prove(request, value));
  return value;
}

Result<Secret> Connection::decrypt(ByteView ciphertext) {
  auto lease = KYSO_TRY(m_pool.acquire());
  CK_RSA_PKCS_OAEP_PARAMS parameters{CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, nullptr, 0};
  CK_MECHANISM mechanism{CKM_RSA_PKCS_OAEP, &parameters, sizeof parameters};
  const auto init = [&] {
    return m_module.call([&](auto& f) {
      if (lease.session().is_stale()) return CKR_SESSION_HANDLE_INVALID;
      return f.C_DecryptInit(lease.session().handle(), &mechanism, m_key.handle);
    });
  };
  CK_RV rv = init();
  if (rv == CKR_OPERATION_ACTIVE) {
    KYSO_TRY(lease.renew());
    rv = init();
  }
  const auto refused = [](std::string_view call, CK_RV value) {
    return fail("token.decrypt", "{}: {}", call, kyso::token::name_of(value));
  };
  if (rv == CKR_KEY_FUNCTION_NOT_PERMITTED || rv == CKR_MECHANISM_INVALID || rv == CKR_MECHANISM_PARAM_INVALID ||
      rv == CKR_KEY_TYPE_INCONSISTENT || rv == CKR_ARGUMENTS_BAD)
    return refused("C_DecryptInit", rv);
  KYSO_TRY(check("C_DecryptInit", rv));
  if (m_key.always_authenticate) KYSO_TRY(m_pins.login(lease.session(), CKU_CONTEXT_SPECIFIC));
  std::string plain(kMaxRawSignature, '\0');
  CK_ULONG size = plain.size();
  Bytes input(ciphertext.begin(), ciphertext.end());
  rv = m_module.call([&](auto& f) {
    if (lease.session().is_stale()) return CKR_SESSION_HANDLE_INVALID;
    return f.C_Decrypt(lease.session().handle(), input.data(), input.size(), reinterpret_cast<CK_BYTE*>(plain.data()),
                       &size);
  });
  const Secret whole(std::move(plain));  // wiped whatever comes
  // What was not encrypted for this key is a fault of the content, by whichever name a library calls it, and must not
  // make the device look broken.
  if (rv == CKR_GENERAL_ERROR || rv == CKR_FUNCTION_FAILED || rv == CKR_ENCRYPTED_DATA_INVALID ||
      rv == CKR_ENCRYPTED_DATA_LEN_RANGE || rv == CKR_DATA_INVALID || rv == CKR_DATA_LEN_RANGE ||
      rv == CKR_ARGUMENTS_BAD)
    return refused("C_Decrypt", rv);
  KYSO_TRY(check("C_Decrypt", rv));
  return Secret(std::string(whole.reveal().substr(0, size)));
}

Result<> Connection::ping() {
  const auto lease = KYSO_TRY(m_pool.acquire());
  if (lease.session().is_stale()) return device_error("C_FindObjects", CKR_CRYPTOKI_NOT_INITIALIZED);
  const auto id = m_key.id.empty() ? std::nullopt : std::optional(m_key.id);
  const auto label = m_key.label.empty() ? std::nullopt : std::optional(m_key.label);
  if (KYSO_TRY(find_objects(lease.session(), CKO_PRIVATE_KEY, label, id, 1)).empty())
    return device_error("C_FindObjects", CKR_KEY_HANDLE_INVALID);
  return {};
}

Result<> Connection::begin(SessionPool::Lease& lease, Mechanism mechanism, crypto::SignatureScheme scheme) {
  MechanismCall parameters(mechanism, scheme);
  const auto init = [&] {
    // Looked at again inside the call: a library that starts anew waits for calls to end, and gives its handles afresh.
    return m_module.call([&](auto& f) {
      if (lease.session().is_stale()) return CKR_SESSION_HANDLE_INVALID;
      return f.C_SignInit(lease.session().handle(), parameters.get(), m_key.handle);
    });
  };
  CK_RV rv = init();
  if (rv == CKR_OPERATION_ACTIVE) {
    KYSO_TRY(lease.renew());
    rv = init();
  }
  KYSO_TRY(check("C_SignInit", rv));
  // PKCS#11 section 4.9, CKA_ALWAYS_AUTHENTICATE: the PIN for each use of the key, between C_SignInit and C_Sign.
  if (m_key.always_authenticate) KYSO_TRY(m_pins.login(lease.session(), CKU_CONTEXT_SPECIFIC));
  return {};
}

Result<Bytes> Connection::sign_in(SessionPool::Lease& lease, Mechanism mechanism, const crypto::SignRequest& request) {
  auto input = KYSO_TRY(sign_input(mechanism, request));
  KYSO_TRY(begin(lease, mechanism, request.scheme));
  Bytes raw(kMaxRawSignature);
  CK_ULONG size = raw.size();
  KYSO_TRY(check("C_Sign", m_module.call([&](auto& f) {
    if (lease.session().is_stale()) return CKR_SESSION_HANDLE_INVALID;
    return f.C_Sign(lease.session().handle(), input.data(), input.size(), raw.data(), &size);
  })));
  raw.resize(std::min<std::size_t>(size, raw.size()));
  return raw;
}

// Label and id only claim that the key and the certificate belong together; the first signature shows it.
Result<> Connection::prove(const crypto::SignRequest& request, ByteView value) {
  if (m_proven.load(std::memory_order_relaxed)) return {};
  if (!m_certificate.public_key().verify(request.scheme, request.digest, request.message, value)) {
    return fail(m_healed ? "token.key.changed" : "token.key.mismatch", "the first signature does not verify")
        .with("token", describe_token(m_module.path(), m_token.raw).label);
  }
  m_proven.store(true, std::memory_order_relaxed);
  return {};
}

}  // namespace kyso::token
