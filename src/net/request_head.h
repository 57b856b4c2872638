#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The rules for a request's head that the parser does not know (docs/http.md); pure functions, no I/O.
namespace kyso::net {

// Why a request is refused: its status and the code of the error table.
struct Refusal {
  int status = 400;
  std::string_view code = "net.request.malformed";
  std::string_view reason;  // technical English, a literal
};

struct RequestHead {
  std::string method;
  std::string target;  // as received
  bool is_http_11 = true;
  std::vector<std::pair<std::string, std::string>> fields;  // names in lower case
  // Found by check_head():
  std::string raw_path;
  std::string raw_query;
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;
  std::optional<std::uint64_t> content_length;
  bool is_chunked = false;
  bool expects_continue = false;
  bool keeps_alive = true;

  std::string_view field(std::string_view lower_case_name) const;
  bool has_body() const { return is_chunked || content_length.value_or(0) > 0; }
};

// Checks all fields and the target, and fills the second half of the head.
std::optional<Refusal> check_head(RequestHead& head, const std::vector<std::string>& allowed_hosts);

// Who asks: the peer, or, while that is a trusted proxy, the address that it tells as the last one in X-Forwarded-For.
std::string client_address(const RequestHead& head, const std::string& peer, const std::vector<std::string>& trusted);

// Percent-decoding; nullopt for a malformed escape. With `plus_is_blank` as in queries.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_blank = false);
// RFC 9110 section 5.6.2.
bool is_token(std::string_view text);
// Visible ASCII, blanks and tabs; neither first nor last a blank.
bool is_field_value(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
std::string to_lower_ascii(std::string_view text);
// Elements of a comma-separated list, without the blanks around them; quoted commas are not known.
std::vector<std::string_view> list_elements(std::string_view value);

}  // namespace kyso::net
