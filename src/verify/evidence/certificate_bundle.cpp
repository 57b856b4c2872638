#include "verify/evidence/certificate_bundle.h"

#include <algorithm>

#include "crypto/ber.h"
#include "crypto/der.h"

namespace kyso::verify {

namespace der = crypto::der;

namespace {

constexpr std::size_t kMostCertificates = 64;
constexpr std::string_view kSignedData = "1.2.840.113549.1.7.2";

// The certificates of a SignedData, which has no signer here (RFC 5652 section 5.1).
Result<std::vector<crypto::Certificate>> read_signed_certificates(ByteView body) {
  const Bytes whole = KYSO_TRY(crypto::normalise_ber(body)).der;
  der::Reader outer(whole);
  der::Reader content_info(KYSO_TRY(outer.expect(der::kSequence)).content);
  if (KYSO_TRY(der::read_oid(KYSO_TRY(content_info.expect(der::kOid)).content)) != kSignedData)
    return fail("crypto.certificate.malformed", "another kind of CMS");
  der::Reader content(KYSO_TRY(content_info.expect(der::context(0))).content);
  der::Reader signed_data(KYSO_TRY(content.expect(der::kSequence)).content);
  KYSO_TRY(signed_data.expect(der::kInteger));
  KYSO_TRY(signed_data.expect(der::kSet));
  KYSO_TRY(signed_data.expect(der::kSequence));
  std::vector<crypto::Certificate> certificates;
  const auto set = KYSO_TRY(signed_data.maybe(der::context(0)));
  der::Reader members(set ? set->content : ByteView());
  while (!members.at_end() && certificates.size() < kMostCertificates) {
    const auto element = KYSO_TRY(members.next());
    if (auto certificate = crypto::Certificate::from_der(element.whole))
      certificates.push_back(std::move(*certificate));
  }
  return certificates;
}

// The content of the PEM block of a CMS; nothing when there is none.
std::optional<Bytes> unwrap_pem(std::string_view text) {
  for (const std::string_view label : {"PKCS7", "CMS"}) {
    const std::string begin = fmt::format("-----BEGIN {}-----", label), end = fmt::format("-----END {}-----", label);
    const std::size_t from = text.find(begin);
    if (from == std::string_view::npos) continue;
    const std::size_t to = text.find(end, from);
    if (to == std::string_view::npos) continue;
    std::string base64(text.substr(from + begin.size(), to - from - begin.size()));
    std::erase_if(base64, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
    if (auto bytes = from_base64(base64)) return std::move(*bytes);
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<crypto::Certificate>> read_certificate_bundle(ByteView body) {
  if (auto one = crypto::Certificate::from_der(body)) return std::vector<crypto::Certificate>{std::move(*one)};
  if (auto several = crypto::Certificate::from_pem(as_chars(body))) {
    if (several->size() > kMostCertificates) several->erase(several->begin() + kMostCertificates, several->end());
    return several;
  }
  const auto unwrapped = unwrap_pem(as_chars(body));
  auto certificates = read_signed_certificates(unwrapped ? ByteView(*unwrapped) : body);
  if (!certificates) return fail("crypto.certificate.malformed", "{}", certificates.error().code);
  if (certificates->empty()) return fail("crypto.certificate.malformed", "no certificate in it");
  return certificates;
}

}  // namespace kyso::verify
