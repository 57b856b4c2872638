#pragma once
#include <memory>
#include <string>
#include <vector>

#include "crypto/key_holder.h"
#include "json/json.h"
#include "kyso/secrets.h"
#include "shared/console.h"
#include "vault/policy.h"

namespace CLI {
class App;
}
namespace kyso::net {
struct HttpRequest;
struct HttpResponse;
}  // namespace kyso::net

// What all commands of officers share: which server, and with which key.
namespace kyso::app {

struct AuthorityOptions {
  std::string server, ca_file, holder;
  PinOptions pin;
  int timeout_seconds = 30;
};
// --server (KYSO_SERVER), --ca-file, --timeout, --holder (KYSO_HOLDER) and those of the PIN.
void add_authority_options(CLI::App& command, AuthorityOptions& options, const Console& console);

// Path segments and query of the interface, percent-encoded (RFC 3986 section 2.1).
std::string url_encoded(std::string_view text);

// The interface of kysod for officers (docs/authority-api.md). The key is opened at the first use.
class AuthorityClient {
 public:
  using Query = std::vector<std::pair<std::string, std::string>>;  // members with an empty value are left out

  // `base`: what stands before all paths.
  AuthorityClient(AuthorityOptions options, const Console& console, std::string base = "/authority/v1/")
      : m_options(std::move(options)), m_console(console), m_base(std::move(base)) {}

  Result<crypto::KeyHolder*> holder();
  // `path` follows the base. kyso.server.missing, kyso.authority.refused {code} {message} {next} with what the
  // server says, kyso.authority.answer {status}; the errors of net and of the holder.
  Result<json::Value> get(const std::string& path, const Query& query = {});
  Result<json::Value> post_statement(const std::string& path, const std::string& jws);
  // With a proof of access; whatever the server answers with 2xx is well.
  Result<> post(const std::string& path, const json::Value& body);
  // The present policy as the server shows it, read and checked.
  Result<vault::Policy> policy();

 private:
  Result<std::string> target_of(const std::string& path, const Query& query) const;
  Result<json::Value> exchange(const std::string& method, const std::string& target, const std::string& body);
  Result<net::HttpResponse> send(net::HttpRequest request, const std::string& target, bool proves_access);

  AuthorityOptions m_options;
  const Console& m_console;
  const std::string m_base;
  std::unique_ptr<crypto::KeyHolder> m_holder;
};

// Says the error; the exit code is that of the error which the server names, if it names one.
int report_authority(const Error& error, const Console& console);
int authority_exit_code(const Error& error);

// Members of answers; what is missing or of another kind is empty.
std::string text_of(const json::Value& object, std::string_view member);
const std::vector<json::Value>& items_of(const json::Value& object, std::string_view member);

}  // namespace kyso::app
