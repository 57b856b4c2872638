#pragma once
#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pki/parsed_certificate.h"

// Certificate linting: what a certificate that is about to be signed (or was signed) breaks of the standards. Reads the
// bytes strictly and by itself, so that a mistake of the encoder is not shared by who checks it.
namespace kyso::pki::lint {

enum class Family : std::uint8_t {
  rfc5280,  // RFC 5280 and what updates it (RFC 3279, 4055, 5480, 6818, 8399, 8410, 8398, 9549, 9608 …), RFC 6960
            // §4.2.2.2
  etsi,     // EN 319 412-1 to -5 (for certificates that claim them)
  kyso,     // our own: key quality, national naming conventions, limits of interoperability
};
enum class Weight : std::uint8_t { notice, warning, error };

// One rule. Its id is stable: e_ (error), w_ (warning), n_ (notice) and a name, as linters of the field do.
struct Rule {
  std::string_view id;
  Family family;
  Weight weight;
  std::string_view source;  // the clause: "RFC 5280 4.1.2.2", "EN 319 412-2 NAT-4.2.4-1"
  std::string_view title;   // English, one sentence: what must hold
  Instant since{};          // certificates issued before are not judged by it
};
std::span<const Rule> rules();

struct Breach {
  const Rule* rule = nullptr;
  std::string detail;  // the value that breaks it, short; never a whole identity number
};

struct Options {
  bool rfc5280 = true, etsi = true, kyso = true;
  Weight lightest = Weight::warning;
  // The issuer's certificate where known: for rules about both (key identifiers, names, validity, path length).
  const ParsedCertificate* issuer = nullptr;
};

// What a certificate breaks; the order is that of rules(). Never fails: bytes that are no certificate break
// e_certificate_malformed alone. At most 50 µs for an ordinary certificate.
std::vector<Breach> check(ByteView certificate_der, const Options& options = {});
bool has_errors(std::span<const Breach> breaches);

}  // namespace kyso::pki::lint
