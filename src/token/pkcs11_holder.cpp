#include <mutex>

#include "token/connection.h"
#include "token/pkcs11.h"
#include "token/return_value.h"

namespace kyso::token {
namespace {

// A key in a token that may be pulled out and put back while documents wait for its signatures.
class Pkcs11Holder final : public crypto::KeyHolder {
 public:
  Pkcs11Holder(Module::Use module, KeyUri uri, PinSource source, const Options& options)
      : m_module(std::move(module)),
        m_uri(std::move(uri)),
        m_pins(std::move(source), m_uri.pin_file()),
        m_max_sessions(options.max_sessions),
        m_may_restart(options.may_restart_shared_library) {
    if (options.certificate) m_expected = Expected{*options.certificate, std::nullopt, true};
  }

  Result<> open() {
    m_connection = KYSO_TRY(Connection::open(*m_module, m_uri, m_pins, m_max_sessions, m_expected));
    m_expected = Expected{m_connection->certificate(), m_connection->token(), m_expected.has_value()};
    m_issuers = m_connection->issuers();
    m_first = m_connection;
    return {};
  }

  const crypto::Certificate& certificate() const override { return m_expected->certificate; }
  std::span<const crypto::Certificate> issuers() const override { return m_issuers; }
  bool supports(crypto::SignatureScheme scheme) const override { return m_first->supports(scheme); }

  Result<Bytes> sign(const crypto::SignRequest& request) override {
    auto connection = current();
    auto value = connection ? connection->sign(request) : Result<Bytes>(device_error("sign", CKR_TOKEN_NOT_PRESENT));
    if (value || !is_lost(value.error())) return value;
    connection = KYSO_TRY(heal(connection));
    return connection->sign(request);
  }

  Result<Secret> decrypt(ByteView ciphertext) {
    auto connection = current();
    auto value =
        connection ? connection->decrypt(ciphertext) : Result<Secret>(device_error("decrypt", CKR_TOKEN_NOT_PRESENT));
    if (value || !is_lost(value.error())) return value;
    connection = KYSO_TRY(heal(connection));
    return connection->decrypt(ciphertext);
  }

  Result<> ping() {
    auto connection = current();
    if (connection && connection->ping()) return {};
    KYSO_TRY(heal(connection));
    return {};
  }

 private:
  std::shared_ptr<Connection> current() {
    std::lock_guard lock(m_mutex);
    return m_connection;
  }
  void replace(std::shared_ptr<Connection> connection) {
    std::lock_guard lock(m_mutex);
    m_connection = std::move(connection);
  }

  // A new connection in place of a broken one. Of several threads that saw it break one mends it, the others wait.
  Result<std::shared_ptr<Connection>> heal(const std::shared_ptr<Connection>& broken) {
    std::lock_guard lock(m_healing);
    if (auto connection = current(); connection && connection != broken) return connection;
    if (broken) broken->shut();
    replace(nullptr);
    auto fresh = reconnect();
    if (fresh) replace(*fresh);
    return fresh;
  }

  Result<std::shared_ptr<Connection>> reconnect() {
    KYSO_TRY(m_module->revive());
    const auto life = m_module->life();
    auto fresh = Connection::open(*m_module, m_uri, m_pins, m_max_sessions, m_expected);
    if (fresh || !may_be_stale(fresh.error())) return fresh;
    // Some libraries learn of a token that came back only when they start again.
    bool is_afresh = KYSO_TRY(m_module->restart_if_alone());
    if (!is_afresh && m_may_restart) is_afresh = KYSO_TRY(m_module->restart(life)) || life != m_module->life();
    if (!is_afresh) return fresh;
    return Connection::open(*m_module, m_uri, m_pins, m_max_sessions, m_expected);
  }

  static bool may_be_stale(const Error& error) {
    return is_lost(error) || error.code == "token.not_found" || error.code == "token.key.not_found";
  }

  // Destroyed last: everything below calls into it.
  Module::Use m_module;
  const KeyUri m_uri;
  PinKeeper m_pins;
  const std::size_t m_max_sessions;
  const bool m_may_restart;
  std::optional<Expected> m_expected;
  std::vector<crypto::Certificate> m_issuers;
  std::shared_ptr<Connection> m_first;  // answers supports() for good
  std::mutex m_mutex;
  std::mutex m_healing;
  std::shared_ptr<Connection> m_connection;
};

}  // namespace

Result<std::unique_ptr<crypto::KeyHolder>> open_pkcs11(const std::string& uri, PinSource pin_source,
                                                       const Options& options) {
  auto key_uri = KYSO_TRY(KeyUri::parse(uri));
  const auto& path = key_uri.module().empty() ? options.default_module : key_uri.module();
  if (path.empty()) return fail("token.module.unnamed");
  auto module = KYSO_TRY(Module::acquire(path));
  auto holder = std::make_unique<Pkcs11Holder>(std::move(module), std::move(key_uri), std::move(pin_source), options);
  KYSO_TRY(holder->open());
  return holder;
}

Result<Secret> decrypt_oaep(crypto::KeyHolder& holder, ByteView ciphertext) {
  auto* in_token = dynamic_cast<Pkcs11Holder*>(&holder);
  if (in_token == nullptr) return fail("base.internal", "no holder of a key in a token");
  return in_token->decrypt(ciphertext);
}

Result<> check_reachable(crypto::KeyHolder& holder) {
  auto* in_token = dynamic_cast<Pkcs11Holder*>(&holder);
  if (in_token == nullptr) return fail("base.internal", "no holder of a key in a token");
  return in_token->ping();
}

}  // namespace kyso::token
