#pragma once
#include "authority/doctor.h"
#include "authority/service.h"
#include "net/http_server.h"

namespace kyso::authority {

// The HTTP status for an error of this house, by its class (docs/exit-codes.md).
int http_status_of(const Error& error);

// Who sends a request: the person of an officer's access statement (vault/access.h).
using Authenticate = std::function<Result<std::string>(const net::ServerRequest& request)>;

// The HTTP interface for officers: docs/authority-api.md. The authority and what `doctor` looks at must outlive it.
std::vector<net::Route> routes(Authority& authority, Authenticate authenticate, const Doctor& doctor);

}  // namespace kyso::authority
