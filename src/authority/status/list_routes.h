#pragma once
#include "authority/status/list_shelf.h"
#include "authority/status/ocsp_service.h"
#include "net/http_server.h"

namespace kyso::authority::status {

// GET /crl/{file}: "CPCA_G1.crl", "CPCA_G1-17.crl", "CPCA_G1-delta.crl", with ETag, Last-Modified and ranges.
// `max_age`: for caches on the way, never beyond nextUpdate.
std::vector<net::Route> list_routes(const ListShelf& shelf, const Clock& clock, std::chrono::seconds max_age);
// A certificate of an authority and those above it up to its root; empty: there is no such authority.
using ChainOf = std::function<std::vector<crypto::Certificate>(std::string_view name)>;
// GET /ca/{file}: "CPCA_G1.crt" (RFC 2585) and "CPCA_G1.p7c" or ".p7b", the chain (RFC 5280 section 4.2.2.1).
std::vector<net::Route> issuer_routes(ChainOf chain_of);

// The only range of a Range field; nullopt: the field is none of ours and is ignored (RFC 9110 section 14.2).
struct ByteRange {
  std::uint64_t first = 0, count = 0;  // count 0: cannot be satisfied
};
std::optional<ByteRange> read_range(std::string_view field, std::uint64_t size);
// certs-only CMS (RFC 5652 section 5).
Bytes certificates_only(std::span<const crypto::Certificate> certificates);

}  // namespace kyso::authority::status
