#pragma once
#include "authority/status/ocsp_service.h"
#include "net/http_server.h"

namespace kyso::authority::status {

// OCSP over HTTP (RFC 6960 appendix A, RFC 9919): POST /ocsp and /ocsp/{issuer}; GET with the request in base64 behind
// it, in every way of writing that is in use. `service` must outlive the routes.
std::vector<net::Route> ocsp_routes(OcspService& service);

// What stands behind "/ocsp/" in a GET: an issuer's name, perhaps, and the request.
struct OcspTarget {
  std::string issuer;
  Bytes request;
};
// `raw`: as in the request line. pki.ocsp.request when it is no base64.
Result<OcspTarget> read_ocsp_target(std::string_view raw, const ServedIssuers& issuers);

}  // namespace kyso::authority::status
