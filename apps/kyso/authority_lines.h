#pragma once
#include <string>
#include <vector>

#include "pki/issue/certificate_request.h"

// The lines of a request for certificates, as people write them: by options, or in a TOML or JSON file.
namespace kyso::app {

struct LineSpec {
  std::string reference, profile;
  std::string csr;                   // path of a PKCS#10 file, PEM or DER
  std::vector<std::string> subject;  // "CN=Nguyễn Văn A"; none: as in the PKCS#10
  std::vector<std::string> names;    // "email:nva@example.vn", "dns:…", "ip:…", "uri:…"; none: as in the PKCS#10
  std::string not_before, not_after, replaces;
};

// [[certificate]] of TOML, or {"certificates":[…]} of JSON (a file that ends with .json), with the members of LineSpec;
// "csr" is relative to the file's folder. base.config.*, json.*, kyso.request.line {line} {problem}.
Result<std::vector<LineSpec>> read_lines(const std::string& path);
// Reads and checks the PKCS#10. kyso.request.line {line} {problem}, issue.csr.*, and those of files and times.
Result<pki::issue::CertificateRequest> make_line(const LineSpec& spec, std::size_t number);

// "31:c1 06" and "0x31c106" -> "31C106"; nullopt: no serial number.
std::optional<std::string> serial_of(std::string_view text);

}  // namespace kyso::app
