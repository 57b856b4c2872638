#include "net/tls.h"

#include <doctest/doctest.h>

#include "net/server_test_support.h"

namespace kyso::net {
namespace {

using namespace std::chrono_literals;

// A root, a server certificate and a client certificate, made by openssl.
class Certificates {
 public:
  Certificates() {
    make_root("root");
    issue("server", "root", "subjectAltName=DNS:localhost,IP:127.0.0.1");
    issue("other", "root", "subjectAltName=DNS:localhost,IP:127.0.0.1");
    issue("client", "root", "extendedKeyUsage=clientAuth");
    make_root("stranger-root");
    issue("stranger", "stranger-root", "extendedKeyUsage=clientAuth");
  }
  std::string path(std::string_view name) const { return (m_folder / name).string(); }
  ServerOptions options() const {
    ServerOptions options;
    options.tls_certificate = path("server.pem");
    options.tls_key = path("server.key");
    return options;
  }
  const TestFolder& folder() const { return m_folder; }

 private:
  void make_root(std::string_view name) const {
    output_of(
        fmt::format("cd {0} && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 "
                    "-subj '/CN={1}' -keyout {1}.key -out {1}.pem 2>&1",
                    m_folder.path().string(), name));
  }
  void issue(std::string_view name, std::string_view by, std::string_view extension) const {
    m_folder.write("ext", extension);
    output_of(
        fmt::format("cd {0} && openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN={1}' "
                    "-keyout {1}.key -out {1}.csr 2>&1 && openssl x509 -req -in {1}.csr -CA {2}.pem -CAkey "
                    "{2}.key -CAcreateserial -days 30 -extfile ext -out {1}.pem 2>&1",
                    m_folder.path().string(), name, by));
  }
  TestFolder m_folder;
};

const Certificates& certificates() {
  static const Certificates made;
  return made;
}

std::string curl(const HttpServer& server, std::string_view options = {}) {
  return run_command(fmt::format("curl --noproxy '*' -sS --cacert {} {} https://127.0.0.1:{}/ 2>&1",
                                 certificates().path("root.pem"), options, server.port()))
      .output;
}

CommandResult s_client(const HttpServer& server, std::string_view options) {
  return run_command(
      fmt::format("openssl s_client -connect 127.0.0.1:{} -CAfile {} -verify_return_error {} "
                  "</dev/null 2>&1",
                  server.port(), certificates().path("root.pem"), options));
}

std::vector<Route> routes() {
  return {route("GET", "/",
                [](const ServerRequest& request) {
                  return ServerResponse::text(200, request.client_certificate.empty() ? "nobody" : "somebody");
                }),
          route(
              "POST", "/",
              [](const ServerRequest& request) {
                return ServerResponse::bytes(200, "application/octet-stream", request.body);
              },
              false)};
}

TEST_CASE("TLS 1.2 and 1.3 with modern ciphers only") {
  const auto server = start_server(routes(), certificates().options());
  CHECK(curl(*server) == "nobody");
  CHECK(curl(*server, "--tlsv1.3") == "nobody");
  CHECK(curl(*server, "--tls-max 1.2") == "nobody");
  const auto modern = s_client(*server, "-tls1_2");
  CHECK(modern.output.find("Cipher is ECDHE-ECDSA-AES") != std::string::npos);
  CHECK(s_client(*server, "-tls1_3").output.find("TLSv1.3") != std::string::npos);
  CHECK(s_client(*server, "-alpn h2,http/1.1").output.find("ALPN protocol: http/1.1") != std::string::npos);
  CHECK(s_client(*server, "-tls1_1 -cipher ALL:@SECLEVEL=0").status != 0);
  CHECK(s_client(*server, "-tls1_2 -cipher AES128-SHA:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0").status != 0);
}

TEST_CASE("large bodies over TLS, several requests on a connection") {
  Route upload = routes()[1];
  upload.max_body = 5U << 20U;
  const auto server = start_server({upload}, certificates().options());
  const TestFolder folder;
  const auto file = folder.write("big", std::string(3'000'000, 'x'));
  const std::string one = fmt::format("--cacert {} --data-binary @{} https://127.0.0.1:{}/ -w '%{{num_connects}}'",
                                      certificates().path("root.pem"), file.string(), server->port());
  const std::string output = output_of(fmt::format("curl --noproxy '*' -sS {} --next --noproxy '*' -sS {}", one, one));
  CHECK(output.size() == 6'000'002);
  CHECK(output.ends_with("0"));
}

TEST_CASE("client certificates: optional, needed, not vouched for") {
  const auto with = [](std::string_view name) {
    return fmt::format("--cert {} --key {}", certificates().path(std::string(name) + ".pem"),
                       certificates().path(std::string(name) + ".key"));
  };
  ServerOptions options = certificates().options();
  options.tls_client_roots = certificates().path("root.pem");
  const auto optional = start_server(routes(), options);
  CHECK(curl(*optional) == "nobody");
  CHECK(curl(*optional, with("client")) == "somebody");
  CHECK(curl(*optional, with("client") + " --tls-max 1.2") == "somebody");
  CHECK(curl(*optional, with("stranger")).starts_with("curl: "));
  options.needs_client_certificate = true;
  const auto needed = start_server(routes(), options);
  CHECK(curl(*needed).starts_with("curl: "));
  CHECK(curl(*needed, with("client")) == "somebody");
}

TEST_CASE("another certificate without a restart; a bad one changes nothing") {
  const Certificates& made = certificates();
  const TestFolder folder;
  const auto install = [&](std::string_view name) {
    std::filesystem::copy_file(made.path(std::string(name) + ".pem"), folder / "c.pem",
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::copy_file(made.path(std::string(name) + ".key"), folder / "k.pem",
                               std::filesystem::copy_options::overwrite_existing);
  };
  install("server");
  ServerOptions options;
  options.tls_certificate = folder / "c.pem";
  options.tls_key = folder / "k.pem";
  const auto server = start_server(routes(), options);
  const auto subject = [&] { return s_client(*server, "").output.find("subject=CN = other") != std::string::npos; };
  CHECK_FALSE(subject());
  install("other");
  must(server->reload_tls());
  CHECK(subject());
  folder.write("k.pem", "nonsense");
  CHECK(code_of(server->reload_tls()) == "net.server_tls");
  CHECK(subject());
  CHECK(curl(*server) == "nobody");
}

TEST_CASE("files that cannot be used") {
  const Certificates& made = certificates();
  output_of(fmt::format("openssl pkey -in {} -aes256 -passout pass:matkhau -out {}", made.path("server.key"),
                        made.path("locked.key")));
  const auto code = [&](std::string_view certificate, std::string_view key) {
    return code_of(TlsContext::create({made.path(certificate), made.path(key), {}, false}));
  };
  CHECK(code("server.pem", "server.key") == "ok");
  CHECK(code("none.pem", "server.key") == "net.server_tls");
  CHECK(code("server.pem", "none.key") == "net.server_tls");
  CHECK(code("server.pem", "other.key") == "net.server_tls");
  CHECK(code("server.key", "server.key") == "net.server_tls");
  CHECK(code("server.pem", "locked.key") == "net.server_tls");
}

TEST_CASE("clients that are silent in the handshake, or do not speak TLS") {
  ServerOptions options = certificates().options();
  options.head_timeout = 80ms;
  const auto server = start_server(routes(), options);
  RawClient silent(server->port()), half(server->port()), plain(server->port());
  REQUIRE(half.send("\x16\x03\x01\x02"));
  REQUIRE(plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  CHECK(silent.until_closed().empty());
  half.until_closed();
  plain.until_closed();
  CHECK(curl(*server) == "nobody");
  server->drain(10s);
  CHECK(server->statistics().open_connections == 0);
}

}  // namespace
}  // namespace kyso::net
