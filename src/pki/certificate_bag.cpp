#include "pki/certificate_bag.h"

#include "crypto/ber.h"
#include "crypto/der.h"

namespace kyso::pki {
namespace {

namespace der = crypto::der;

// SignedData (RFC 5652 section 5.1): only its certificates are of interest.
Result<std::vector<crypto::Certificate>> read_signed_data(ByteView content, std::size_t most) {
  der::Reader fields(content);
  KYSO_TRY(fields.expect(der::kInteger));
  KYSO_TRY(fields.expect(der::kSet));
  KYSO_TRY(fields.expect(der::kSequence));
  std::vector<crypto::Certificate> out;
  der::Reader list(KYSO_TRY(fields.expect(der::context(0))).content);
  while (!list.at_end() && out.size() < most) {
    const auto element = KYSO_TRY(list.next());
    if (auto certificate = crypto::Certificate::from_der(element.whole)) out.push_back(*std::move(certificate));
  }
  return out;
}

Result<std::vector<crypto::Certificate>> read_pkcs7(ByteView file, std::size_t most) {
  constexpr std::string_view kSignedData = "1.2.840.113549.1.7.2";
  const crypto::NormalisedBer input = KYSO_TRY(crypto::normalise_ber(file));
  der::Reader outer(input.der);
  der::Reader fields(KYSO_TRY(outer.expect(der::kSequence)).content);
  if (KYSO_TRY(der::read_oid(KYSO_TRY(fields.expect(der::kOid)).content)) != kSignedData)
    return fail("crypto.certificate.malformed", "another CMS content");
  der::Reader content(KYSO_TRY(fields.expect(der::context(0))).content);
  return read_signed_data(KYSO_TRY(content.expect(der::kSequence)).content, most);
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

Result<std::vector<crypto::Certificate>> read_any(ByteView file, std::size_t most) {
  const std::string_view text = as_chars(file);
  if (const auto pkcs7 = read_pkcs7_pem(text)) return read_pkcs7(*pkcs7, most);
  if (text.find("-----BEGIN ") != std::string_view::npos) return crypto::Certificate::from_pem(text);
  auto single = crypto::Certificate::from_der(file);
  if (single) return std::vector{*std::move(single)};
  auto several = read_pkcs7(file, most);
  if (!several) return single.error();
  return several;
}

}  // namespace

Result<std::vector<ParsedCertificate>> read_certificate_bag(ByteView file, std::size_t most) {
  auto certificates = read_any(file, most);
  if (!certificates) return fail("crypto.certificate.malformed", "{}", certificates.error().code);
  if (certificates->empty()) return fail("crypto.certificate.malformed", "no certificate in the file");
  const std::size_t count = std::min(most, certificates->size());
  return std::vector<ParsedCertificate>(certificates->begin(),
                                        certificates->begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace kyso::pki
