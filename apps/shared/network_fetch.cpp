#include "shared/network_fetch.h"

#include <algorithm>

#include "net/http_client.h"

namespace kyso::app {

verify::Fetch network_fetch() {
  return [](const verify::FetchRequest& wanted) -> Result<verify::FetchReply> {
    net::HttpRequest request;
    request.url = wanted.url;
    request.method = wanted.body.empty() ? "GET" : "POST";
    request.content_type = wanted.content_type;
    request.accept = wanted.accept;
    request.body = wanted.body;
    request.timeout = wanted.timeout;
    request.connect_timeout = std::min(request.connect_timeout, wanted.timeout);
    if (wanted.max_size != 0) request.max_response_size = wanted.max_size;
    auto response = KYSO_TRY(net::http_exchange(request));
    const auto expires = response.expires(system_clock().now());
    return verify::FetchReply{response.status, std::move(response.body), expires,
                              std::string(response.header("location"))};
  };
}

}  // namespace kyso::app
