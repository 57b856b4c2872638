#include "pki/certificate_bag.h"

#include "crypto/ber.h"
#include "crypto/der.h"

namespace kyso::pki {
namespace {

namespace der = crypto::der;

constexpr std::size_t kMaxCertificates = 4096;

// SignedData (RFC 5652 section 5.1): only its certificates are of interest.
Result<std::vector<crypto::Certificate>> read_signed_data(ByteView content) {
  der::Reader fields(content);
  KYSO_TRY(fields.expect(der::kInteger));
  KYSO_TRY(fields.expect(der::kSet));
  KYSO_TRY(fields.expect(der::kSequence));
  std::vector<crypto::Certificate> out;
  der::Reader list(KYSO_TRY(fields.expect(der::context(0))).content);
  while (!list.at_end() && out.size() < kMaxCertificates)
    out.push_back(KYSO_TRY(crypto::Certificate::from_der(KYSO_TRY(list.next()).whole)));
  return out;
}

Result<std::vector<crypto::Certificate>> read_pkcs7(ByteView file) {
  constexpr std::string_view kSignedData = "1.2.840.113549.1.7.2";
  const crypto::NormalisedBer input = KYSO_TRY(crypto::normalise_ber(file));
  der::Reader outer(input.der);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  if (KYSO_TRY(der::read_oid(KYSO_TRY(fields.expect(der::kOid)).content)) != kSignedData)
    return fail("crypto.certificate.malformed", "another CMS content");
  der::Reader content(KYSO_TRY(fields.expect(der::context(0))).content);
  return read_signed_data(KYSO_TRY(content.expect(der::kSequence)).content);
}

// What stands between the lines of a PEM block of PKCS#7.
std::optional<Bytes> read_pkcs7_pem(std::string_view text) {
  for (const std::string_view label : {"PKCS7", "CMS", "PKCS #7 SIGNED DATA"}) {
    const std::string begin = fmt::format("-----BEGIN {}-----", label);
    const std::size_t start = text.find(begin);
    const std::size_t end = text.find(fmt::format("-----END {}-----", label));
    if (start == std::string_view::npos || end == std::string_view::npos || end < start) continue;
    std::string body(text.substr(start + begin.size(), end - start - begin.size()));
    std::erase_if(body, [](char c) { return c == '\r' || c == '\n' || c == ' ' || c == '\t'; });
    if (auto decoded = from_base64(body)) return *std::move(decoded);
  }
  return std::nullopt;
}

Result<std::vector<crypto::Certificate>> read_any(ByteView file) {
  const std::string_view text = as_chars(file);
  if (const auto pkcs7 = read_pkcs7_pem(text)) return read_pkcs7(*pkcs7);
  if (text.find("-----BEGIN ") != std::string_view::npos) return crypto::Certificate::from_pem(text);
  auto single = crypto::Certificate::from_der(file);
  if (single) return std::vector{*std::move(single)};
  auto several = read_pkcs7(file);
  if (!several) return single.error();
  return several;
}

}  // namespace

Result<std::vector<ParsedCertificate>> read_certificate_bag(ByteView file) {
  const auto certificates = KYSO_TRY(read_any(file));
  if (certificates.empty()) return fail("crypto.certificate.malformed", "no certificate in the file");
  return std::vector<ParsedCertificate>(certificates.begin(), certificates.end());
}

}  // namespace kyso::pki
