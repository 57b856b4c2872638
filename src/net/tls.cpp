#include "net/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace kyso::net {
namespace {

std::string openssl_reason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string text = reason == nullptr ? "unknown" : reason;
  ERR_clear_error();
  return text;
}

// A socket BIO that never raises SIGPIPE: OpenSSL's own one writes with write().
int bio_write(BIO* bio, const char* data, int size) {
  const int descriptor = static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
  BIO_clear_retry_flags(bio);
  const ssize_t sent = ::send(descriptor, data, static_cast<std::size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}
int bio_read(BIO* bio, char* data, int size) {
  const int descriptor = static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
  BIO_clear_retry_flags(bio);
  const ssize_t got = ::recv(descriptor, data, static_cast<std::size_t>(size), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_read(bio);
  if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(got);
}
long bio_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR, "kyso socket");
    if (made == nullptr) return made;
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  return method;
}

int select_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned size,
                    void*) {
  static constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kHttp11, sizeof kHttp11, in, size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

// A key with a password must not make a service wait for somebody at a terminal.
int no_password(char*, int, int, void*) {
  return -1;
}

class OpenSslContext final : public TlsContext {
 public:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  Result<> set_up(const TlsFiles& files);
  SSL_CTX* get() const { return m_context.get(); }

 private:
  Result<> set_clients(const TlsFiles& files);
  std::unique_ptr<SSL_CTX, Free> m_context{SSL_CTX_new(TLS_server_method())};
};

Error tls_error(const std::filesystem::path& path) {
  const std::string reason = openssl_reason();
  return fail("net.server_tls", "{}", reason).with("path", path.string()).with("reason", reason);
}

Result<> OpenSslContext::set_up(const TlsFiles& files) {
  SSL_CTX* context = m_context.get();
  if (context == nullptr) return tls_error(files.certificate);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // TLS 1.2: forward secrecy and authenticated encryption only (RFC 9325 section 4.2).
  if (SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL") != 1 ||
      SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") != 1)
    return tls_error(files.certificate);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, select_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(context, no_password);
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) return tls_error(files.certificate);
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1)
    return tls_error(files.key);
  if (!files.client_roots.empty()) return set_clients(files);
  return {};
}

Result<> OpenSslContext::set_clients(const TlsFiles& files) {
  SSL_CTX* context = m_context.get();
  if (SSL_CTX_load_verify_locations(context, files.client_roots.c_str(), nullptr) != 1)
    return tls_error(files.client_roots);
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(files.client_roots.c_str());
  if (names == nullptr) return tls_error(files.client_roots);
  SSL_CTX_set_client_CA_list(context, names);  // takes it over
  int mode = SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE;
  if (files.needs_client_certificate) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context, mode, nullptr);
  constexpr unsigned char kSessions[] = "kyso";
  SSL_CTX_set_session_id_context(context, kSessions, sizeof kSessions - 1);
  return {};
}

class OpenSslSession final : public TlsSession {
 public:
  OpenSslSession(std::shared_ptr<const TlsContext> context, SSL* ssl) : m_context(std::move(context)), m_ssl(ssl) {}
  ~OpenSslSession() override { SSL_free(m_ssl); }

  Io handshake() override {
    ERR_clear_error();
    const int result = SSL_do_handshake(m_ssl);
    return result == 1 ? Io::done : why(result);
  }
  Io read(char* to, std::size_t size, std::size_t& got) override {
    ERR_clear_error();
    const int result = SSL_read_ex(m_ssl, to, size, &got);
    return result == 1 ? Io::done : why(result);
  }
  Io write(ByteView bytes, std::size_t& sent) override {
    ERR_clear_error();
    const int result = SSL_write_ex(m_ssl, bytes.data(), bytes.size(), &sent);
    return result == 1 ? Io::done : why(result);
  }
  void close() override {
    ERR_clear_error();
    if (!m_failed && SSL_is_init_finished(m_ssl) != 0) SSL_shutdown(m_ssl);
    ERR_clear_error();
  }
  Bytes peer_certificate() const override {
    const std::unique_ptr<X509, void (*)(X509*)> certificate(SSL_get1_peer_certificate(m_ssl), X509_free);
    if (!certificate || SSL_get_verify_result(m_ssl) != X509_V_OK) return {};
    unsigned char* der = nullptr;
    const int size = i2d_X509(certificate.get(), &der);
    if (size <= 0) return {};
    Bytes bytes(der, der + size);
    OPENSSL_free(der);
    return bytes;
  }

 private:
  Io why(int result) {
    switch (SSL_get_error(m_ssl, result)) {
      case SSL_ERROR_WANT_READ:
        return Io::wants_read;
      case SSL_ERROR_WANT_WRITE:
        return Io::wants_write;
      case SSL_ERROR_ZERO_RETURN:
        return Io::closed;
      default:
        m_failed = true;
        return Io::failed;
    }
  }
  std::shared_ptr<const TlsContext> m_context;
  SSL* m_ssl;
  bool m_failed = false;
};

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::create(const TlsFiles& files) {
  auto context = std::make_shared<OpenSslContext>();
  KYSO_TRY(context->set_up(files));
  return std::shared_ptr<const TlsContext>(std::move(context));
}

std::unique_ptr<TlsSession> TlsSession::create(std::shared_ptr<const TlsContext> context, int descriptor) {
  const auto& own = static_cast<const OpenSslContext&>(*context);
  const BIO_METHOD* method = socket_method();
  SSL* ssl = method == nullptr ? nullptr : SSL_new(own.get());
  if (ssl == nullptr) return nullptr;
  BIO* bio = BIO_new(method);
  if (bio == nullptr) {
    SSL_free(ssl);
    return nullptr;
  }
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(descriptor)));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl, bio, bio);
  SSL_set_accept_state(ssl);
  return std::make_unique<OpenSslSession>(std::move(context), ssl);
}

}  // namespace kyso::net
