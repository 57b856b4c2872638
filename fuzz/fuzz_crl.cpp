#include <algorithm>
#include <cstdlib>

#include "crypto/der.h"
#include "pki/crl_state.h"

namespace {

using namespace kyso;
namespace der = crypto::der;

// A certificate of the issuer of the list, with one distribution point; nobody has signed it.
std::optional<pki::ParsedCertificate> certificate_of(ByteView issuer) {
  const Bytes algorithm = der::sequence(der::encode_oid("1.3.101.112"));
  const Bytes time = der::encode(der::kUtcTime, as_bytes("260101000000Z"));
  const Bytes key = der::sequence(algorithm, der::encode(der::kBitString, Bytes(33)));
  const Bytes point = der::sequence(der::encode(
      der::context(0),
      der::encode(der::context(0), der::encode(der::context(6, false), as_bytes("http://example.vn/a.crl")))));
  const Bytes extension =
      der::sequence(der::encode_oid("2.5.29.31"), der::encode(der::kOctetString, der::sequence(point)));
  const Bytes tbs =
      der::sequence(der::encode(der::context(0), der::encode_integer(2)), der::encode_integer(5), algorithm, issuer,
                    der::sequence(time, time), issuer, key, der::encode(der::context(3), der::sequence(extension)));
  const auto read =
      crypto::Certificate::from_der(der::sequence(tbs, algorithm, der::encode(der::kBitString, Bytes(65))));
  if (!read) return std::nullopt;  // the issuer isn't a name
  return pki::ParsedCertificate(*read);
}

}  // namespace

// A CRL from a stranger's document or server.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto list = pki::RevocationList::from_der(ByteView(data, size));
  if (!list) return 0;
  const auto again = pki::RevocationList::from_der(list->der());
  if (!again || again->size() != list->size() || again->this_update() != list->this_update()) std::abort();
  if (list->size() > size) std::abort();
  const auto& state = list->state();
  for (const ByteView serial : {ByteView(data, std::min<std::size_t>(size, 3)), ByteView()})
    static_cast<void>(state.find(serial, state.normalised_issuer));
  const auto subject = certificate_of(list->issuer_der());
  if (!subject) return 0;
  // Not signed by anybody: it may be about the certificate, but never is an answer.
  const pki::RevocationEvidence evidence{.lists = {*list}};
  const auto report = pki::find_revocation(*subject, *subject, evidence, {}, {}, {.time = list->this_update()});
  if (!report.answers.empty() || report.ignored.empty()) std::abort();
  return 0;
}
