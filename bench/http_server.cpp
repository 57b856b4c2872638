// A server for bench/http_server.py: GET /quick is a cached answer of 1.5 kB, GET /pooled the same by way of a worker.
// Prints its port and serves until standard input ends.  usage: kyso_http_bench [CERTIFICATE KEY]
#include <unistd.h>

#include <cstdio>

#include "net/http_server.h"

int main(int argc, char** argv) {
  using namespace kyso;
  const auto body = std::make_shared<const Bytes>(Bytes(1500, 'x'));
  const auto handler = [body](const net::ServerRequest&) {
    net::ServerResponse response;
    response.content_type = "application/ocsp-response";
    response.body = body;
    return response;
  };
  net::Route quick;
  quick.method = "GET";
  quick.where = "/quick";
  quick.handler = handler;
  quick.is_quick = true;
  net::Route pooled = quick;
  pooled.where = "/pooled";
  pooled.is_quick = false;
  net::ServerOptions options;
  options.access_log = false;
  if (argc == 3) {
    options.tls_certificate = argv[1];
    options.tls_key = argv[2];
  }
  const auto server = net::HttpServer::start(options, {quick, pooled});
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().detail.c_str());
    return 1;
  }
  std::printf("%d\n", (*server)->port());
  std::fflush(stdout);
  char ignored;
  while (::read(STDIN_FILENO, &ignored, 1) > 0) {
  }
  return 0;
}
